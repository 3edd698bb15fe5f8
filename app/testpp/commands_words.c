/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* A kind of word that librte_cmdline does not have, and what commands ask first. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "commands_words.h"
#include "testpp.h"

#define ALL "all"

static int
port_or_all_parse(cmdline_parse_token_hdr_t *token __rte_unused, const char *text, void *result,
		unsigned int size)
{
	static cmdline_parse_token_num_t number = { .num_data.type = RTE_UINT16 };
	uint16_t port_id = PORT_ALL;
	size_t len = strcspn(text, " \t\r\n#");

	if (result != NULL && size < sizeof(port_id))
		return -1;
	if (len != strlen(ALL) || strncmp(text, ALL, len) != 0) {
		int ret = cmdline_parse_num(&number.hdr, text, &port_id, sizeof(port_id));

		if (ret < 0)
			return ret;
		/* it is not a number for "all" */
		if (port_id == PORT_ALL)
			return -1;
		len = ret;
	}
	if (result != NULL)
		memcpy(result, &port_id, sizeof(port_id));
	return len;
}

static int
port_or_all_complete_nb(cmdline_parse_token_hdr_t *token __rte_unused)
{
	return 1;
}

static int
port_or_all_complete(cmdline_parse_token_hdr_t *token __rte_unused, int i, char *text,
		unsigned int size)
{
	if (i != 0 || size < sizeof(ALL))
		return -1;
	memcpy(text, ALL, sizeof(ALL));
	return 0;
}

static int
port_or_all_help(cmdline_parse_token_hdr_t *token __rte_unused, char *text, unsigned int size)
{
	snprintf(text, size, "<port_id>|" ALL);
	return 0;
}

static struct cmdline_token_ops port_or_all_ops = {
	.parse = port_or_all_parse,
	.complete_get_nb = port_or_all_complete_nb,
	.complete_get_elt = port_or_all_complete,
	.get_help = port_or_all_help,
};

cmdline_parse_token_hdr_t port_or_all_token = {
	.ops = &port_or_all_ops,
	.offset = offsetof(struct words, port),
};

void
for_ports(uint16_t port_id, void (*call)(uint16_t port_id, void *arg), void *arg)
{
	uint16_t p;

	if (port_id != PORT_ALL) {
		call(port_id, arg);
		return;
	}
	RTE_ETH_FOREACH_DEV(p)
		call(p, arg);
}

bool
forwarding_stopped(void)
{
	if (!forwarding())
		return true;
	fprintf(stderr, "Please stop forwarding first\n");
	return false;
}

bool
port_stopped(uint16_t port_id)
{
	if (ports[port_id].state == PORT_STOPPED)
		return true;
	fprintf(stderr, "Please stop port %d first\n", port_id);
	return false;
}

bool
queue_valid(uint16_t queue_id, bool rx)
{
	uint16_t n = rx ? cfg.rxq : cfg.txq;

	if (queue_id < n)
		return true;
	fprintf(stderr, "Invalid %s queue %d (must be < nb_%s=%d)\n", rx ? "RX" : "TX", queue_id,
			rx ? "rxq" : "txq", n);
	return false;
}

void
port_reconfigure(uint16_t port_id)
{
	ports[port_id].reconfig = true;
	ports[port_id].reconfig_queues = true;
}
