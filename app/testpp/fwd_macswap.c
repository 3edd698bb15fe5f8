/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* macswap: packets go back to where they say they come from. */

#include "fwd.h"

/* Packets that are shorter than a register, or in pieces. */
static __rte_cold __rte_noinline void
macs_swap_slow(struct rte_mbuf *m)
{
	struct rte_ether_hdr *eth = header_at(m, 0, sizeof(*eth));

	if (eth != NULL)
		macs_swap(eth);
}

static __rte_always_inline void
packet_swap(struct rte_mbuf *m, void *data, const struct tx_fields *fields)
{
	if (likely(m->data_len >= sizeof(head_bytes)))
		macs_swap_fast(data);
	else
		macs_swap_slow(m);
	tx_fields_set_wanted(m, fields);
}

static __rte_always_inline void
macswap_rewrite(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const struct tx_fields fields = s->tx;
	void *data = rte_pktmbuf_mtod(pkts[0], void *);
	struct rte_mbuf *m = pkts[0];

	/* with prefetch_next() what it has found out of a packet would be found out once more */
	for (uint16_t i = 1; i < n; i++) {
		struct rte_mbuf *next = pkts[i];
		void *next_data = rte_pktmbuf_mtod(next, void *);

		rte_prefetch0(next_data);
		packet_swap(m, data, &fields);
		m = next;
		data = next_data;
	}
	packet_swap(m, data, &fields);
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
