/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* macswap: packets go back to where they say they come from. */

#include "fwd.h"

static void
macswap_rewrite(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const struct tx_fields fields = tx_fields_of(s->tx_port);

	for (uint16_t i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = header_at(pkts[i], 0, sizeof(*eth));
		struct rte_ether_addr dst;

		prefetch_next(pkts, i, n);
		if (likely(eth != NULL)) {
			dst = eth->dst_addr;
			eth->dst_addr = eth->src_addr;
			eth->src_addr = dst;
		}
		tx_fields_set(pkts[i], &fields);
	}
}

static bool
macswap_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);

	if (unlikely(n == 0))
		return false;
	macswap_rewrite(s, pkts, n);
	stream_send(s, pkts, n);
	return true;
}

const struct engine engine_macswap = {
	.name = "macswap",
	.stream_begin = stream_begin_both,
	.forward = macswap_forward,
	.rewrite = macswap_rewrite,
};
