/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _OPTIONS_H_
#define _OPTIONS_H_

/*
 * The command line's own: options.c has the table and plain values, options_values.c and
 * options_pp.c the others.
 */

#include <stdbool.h>
#include <stdint.h>

struct option_def {
	const char *name;
	const char *value; /* as the usage text shows it; NULL: takes none */
	const char *about; /* NULL: same as the one above, not shown */
	void (*parse)(const struct option_def *o, const char *arg);
	void *to;
	uint8_t size;      /* of *to, for numbers */
	int64_t min, max;  /* for numbers */
	uint64_t bits;     /* for flags */
	const char *cause; /* if a number is wrong; NULL: one is made up */
};

/* Decimal, all of it, and in range. */
bool number_parse(const char *arg, int64_t min, int64_t max, int64_t *value);
bool hex_parse(const char *arg, uint64_t *value);
void options_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void option_burst(const struct option_def *o, const char *arg);
void option_nb_cores(const struct option_def *o, const char *arg);
void option_nb_ports(const struct option_def *o, const char *arg);
void option_coremask(const struct option_def *o, const char *arg);
void option_portmask(const struct option_def *o, const char *arg);
void option_portlist(const struct option_def *o, const char *arg);
void option_queues(const struct option_def *o, const char *arg);
void option_socket_num(const struct option_def *o, const char *arg);
void option_port_numa(const struct option_def *o, const char *arg);
void option_ring_numa(const struct option_def *o, const char *arg);
void option_mbuf_size(const struct option_def *o, const char *arg);
void option_txpkts(const struct option_def *o, const char *arg);
void option_rxpkts(const struct option_def *o, const char *arg);
void option_rxoffs(const struct option_def *o, const char *arg);
void option_rxhdrs(const struct option_def *o, const char *arg);
void option_pp_frag(const struct option_def *o, const char *arg);
void option_pp_split(const struct option_def *o, const char *arg);
void option_pp_provider(const struct option_def *o, const char *arg);
void option_eth_peer(const struct option_def *o, const char *arg);
void option_eth_peers(const struct option_def *o, const char *arg);
void option_tx_ip(const struct option_def *o, const char *arg);
void option_tx_udp(const struct option_def *o, const char *arg);
void option_event(const struct option_def *o, const char *arg);
/* Once all are read: --txpkts is checked with any --mbuf-size. */
void option_txpkts_apply(void);
/* Once all are read: what --pp-frag, --pp-split and --pp-provider can be used with. */
void option_pp_check(void);

#endif /* _OPTIONS_H_ */
