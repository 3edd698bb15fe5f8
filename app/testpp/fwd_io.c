/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* io: packets go on as they are. */

#include "fwd.h"

static bool
io_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);

	if (unlikely(n == 0))
		return false;
	stream_send(s, pkts, n);
	return true;
}

const struct engine engine_io = {
	.name = "io",
	.stream_begin = stream_begin_both,
	.forward = io_forward,
};
