/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* mac: packets go from our port to the peer. */

#include "fwd.h"

static __rte_always_inline void
packet_address(struct rte_mbuf *m, struct rte_ether_hdr *eth, const struct rte_ether_addr *peer,
		const struct rte_ether_addr *own, const struct tx_fields *fields)
{
	/* in pieces, perhaps */
	if (unlikely(m->data_len < sizeof(*eth)))
		eth = header_at(m, 0, sizeof(*eth));
	if (likely(eth != NULL)) {
		eth->dst_addr = *peer;
		eth->src_addr = *own;
	}
	tx_fields_set(m, fields);
}

static void
mac_rewrite(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const struct rte_ether_addr peer = cfg.peers[s->peer];
	const struct rte_ether_addr own = ports[s->tx_port].mac;
	const struct tx_fields fields = s->tx;
	struct rte_ether_hdr *eth = rte_pktmbuf_mtod(pkts[0], struct rte_ether_hdr *);
	struct rte_mbuf *m = pkts[0];

	/* with prefetch_next() what it has found out of a packet would be found out once more */
	for (uint16_t i = 1; i < n; i++) {
		struct rte_mbuf *next = pkts[i];
		struct rte_ether_hdr *next_eth = rte_pktmbuf_mtod(next, struct rte_ether_hdr *);

		rte_prefetch0(next_eth);
		packet_address(m, eth, &peer, &own, &fields);
		m = next;
		eth = next_eth;
	}
	packet_address(m, eth, &peer, &own, &fields);
}

static bool
mac_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);

	if (unlikely(n == 0))
		return false;
	mac_rewrite(s, pkts, n);
	stream_send(s, pkts, n);
	return true;
}

const struct engine engine_mac = {
	.name = "mac",
	.stream_begin = stream_begin_both,
	.forward = mac_forward,
	.sets_macs = true,
	.rewrite = mac_rewrite,
};
