/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* rxonly: packets end here. */

#include "fwd.h"

static bool
rxonly_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);

	if (unlikely(n == 0))
		return false;
	packets_free(pkts, n);
	return true;
}

const struct engine engine_rxonly = {
	.name = "rxonly",
	.stream_begin = stream_begin_rx,
	.forward = rxonly_forward,
};
