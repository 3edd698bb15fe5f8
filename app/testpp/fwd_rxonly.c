/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* rxonly: packets end here. */

#include "fwd.h"

/* rte_pktmbuf_free_bulk(), of whose table for pending mbufs a burst from one pool has no need. */
static inline void
packets_free(struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mempool *mp = pkts[0]->pool;
	uint16_t i, free = 0;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (unlikely(m->next != NULL || m->pool != mp)) {
			rte_pktmbuf_free(m);
			continue;
		}
		m = rte_pktmbuf_prefree_seg(m);
		if (likely(m != NULL))
			pkts[free++] = m;
	}
	rte_mempool_put_bulk(mp, (void **)pkts, free);
}

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
