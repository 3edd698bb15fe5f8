/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* mac: packets go from our port to the peer. */

#include "fwd.h"

static void
mac_rewrite(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const struct rte_ether_addr peer = cfg.peers[s->peer];
	const struct rte_ether_addr own = ports[s->tx_port].mac;
	const struct tx_fields fields = tx_fields_of(s->tx_port);

	for (uint16_t i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = header_at(pkts[i], 0, sizeof(*eth));

		prefetch_next(pkts, i, n);
		if (likely(eth != NULL)) {
			eth->dst_addr = peer;
			eth->src_addr = own;
		}
		tx_fields_set(pkts[i], &fields);
	}
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
