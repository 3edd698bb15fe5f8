/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _COMMANDS_WORDS_H_
#define _COMMANDS_WORDS_H_

/*
 * What commands are made of. All commands parse into one structure; a command names the words it
 * consists of, in order, and where those that matter are put:
 *
 *   COMMAND(set_burst, cmd_set_burst, NULL, "set burst <n>: ...",
 *           LITERAL("set"), LITERAL("burst"), NUMBER(0, u16));
 */

#include <stdbool.h>
#include <stdint.h>

#include <cmdline_parse.h>
#include <cmdline_parse_etheraddr.h>
#include <cmdline_parse_num.h>
#include <cmdline_parse_string.h>
#include <rte_ether.h>

#define WORDS_MAX 8

struct words {
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} n[WORDS_MAX];
	uint16_t port; /* PORT_ALL: all */
	struct rte_ether_addr mac;
	cmdline_fixed_string_t w[WORDS_MAX];
	cmdline_fixed_string_t literal; /* nobody needs it */
	cmdline_multi_string_t rest;
};

#define WORDS_TOKEN_u8 RTE_UINT8
#define WORDS_TOKEN_u16 RTE_UINT16
#define WORDS_TOKEN_u32 RTE_UINT32
#define WORDS_TOKEN_u64 RTE_UINT64

#define WORDS_STRING(field, text) \
	((cmdline_parse_token_hdr_t *)&( \
			cmdline_parse_token_string_t)TOKEN_STRING_INITIALIZER(struct words, field, \
			text))
/* This word, or one of several: "on#off". */
#define LITERAL(text) WORDS_STRING(literal, text)
/* One of several, kept as w[i]. */
#define CHOICE(i, text) WORDS_STRING(w[i], text)
/* Any, kept as w[i]. */
#define ANY(i) WORDS_STRING(w[i], NULL)
/* The rest of the line, kept as rest. */
#define REST WORDS_STRING(rest, TOKEN_STRING_MULTI)
/* Decimal, 0x... and so on, kept as n[i]; type: u8, u16, u32, u64. */
#define NUMBER(i, type) \
	((cmdline_parse_token_hdr_t *)&( \
			cmdline_parse_token_num_t)TOKEN_NUM_INITIALIZER(struct words, n[i].type, \
			WORDS_TOKEN_##type))
#define ETHER \
	((cmdline_parse_token_hdr_t *)&( \
			cmdline_parse_token_etheraddr_t)TOKEN_ETHERADDR_INITIALIZER(struct words, \
			mac))
/* Number of a port; of a port, or "all". */
#define PORT \
	((cmdline_parse_token_hdr_t *)&( \
			cmdline_parse_token_num_t)TOKEN_NUM_INITIALIZER(struct words, port, \
			RTE_UINT16))
#define PORT_OR_ALL (&port_or_all_token)

extern cmdline_parse_token_hdr_t port_or_all_token;

#define COMMAND(name, function, argument, help, ...) \
	static cmdline_parse_inst_t name = { \
		.f = function, \
		.data = argument, \
		.help_str = help, \
		.tokens = { __VA_ARGS__, NULL }, \
	}

static inline bool
is_on(const char *word)
{
	return word[0] == 'o' && word[1] == 'n' && word[2] == '\0';
}

/* Call for the port that was named, or for all there are. */
void for_ports(uint16_t port_id, void (*call)(uint16_t port_id, void *arg), void *arg);

/* Tells if packets are being forwarded: the setting would not be theirs. */
bool forwarding_stopped(void);
/* Tells if the port is not stopped. */
bool port_stopped(uint16_t port_id);
/* Tells if the port has no such queue. */
bool queue_valid(uint16_t queue_id, bool rx);
/* The port and its queues are set up anew when it starts. */
void port_reconfigure(uint16_t port_id);

#endif /* _COMMANDS_WORDS_H_ */
