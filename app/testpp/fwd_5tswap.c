/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* 5tswap: Ethernet and IP addresses, TCP and UDP ports of packets are swapped.
 */

#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "fwd.h"

static void
ports_swap(struct rte_mbuf *m, uint32_t off)
{
	/* TCP and UDP begin with the same two. */
	struct rte_udp_hdr *udp = header_at(m, off, 2 * sizeof(rte_be16_t));
	rte_be16_t port;

	if (udp == NULL)
		return;
	port = udp->src_port;
	udp->src_port = udp->dst_port;
	udp->dst_port = port;
}

static void
ip4_swap(struct rte_mbuf *m, uint32_t off)
{
	struct rte_ipv4_hdr *ip = header_at(m, off, sizeof(*ip));
	rte_be32_t addr;

	if (ip == NULL)
		return;
	addr = ip->src_addr;
	ip->src_addr = ip->dst_addr;
	ip->dst_addr = addr;
	/* Fragments but the first have no ports. */
	if ((ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) != 0)
		return;
	if (ip->next_proto_id == IPPROTO_TCP || ip->next_proto_id == IPPROTO_UDP)
		ports_swap(m, off + rte_ipv4_hdr_len(ip));
}

static void
ip6_swap(struct rte_mbuf *m, uint32_t off)
{
	struct rte_ipv6_hdr *ip = header_at(m, off, sizeof(*ip));
	uint8_t addr[sizeof(ip->src_addr)];

	if (ip == NULL)
		return;
	memcpy(addr, ip->src_addr, sizeof(addr));
	memcpy(ip->src_addr, ip->dst_addr, sizeof(addr));
	memcpy(ip->dst_addr, addr, sizeof(addr));
	if (ip->proto == IPPROTO_TCP || ip->proto == IPPROTO_UDP)
		ports_swap(m, off + sizeof(*ip));
}

static void
packet_swap(struct rte_mbuf *m)
{
	struct rte_ether_hdr *eth = header_at(m, 0, sizeof(*eth));
	uint32_t off = sizeof(*eth);
	const struct rte_vlan_hdr *vlan;
	rte_be16_t type;

	if (eth == NULL)
		return;
	type = eth->ether_type;
	if (likely(m->data_len >= sizeof(head_bytes)))
		macs_swap_fast(eth);
	else
		macs_swap(eth);
	while (unlikely(type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) ||
			type == rte_cpu_to_be_16(RTE_ETHER_TYPE_QINQ))) {
		vlan = header_at(m, off, sizeof(*vlan));
		if (vlan == NULL)
			break;
		type = vlan->eth_proto;
		off += sizeof(*vlan);
	}
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4))
		ip4_swap(m, off);
	else if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6))
		ip6_swap(m, off);
}

/* Checksums stay right: swapping does not change sums. */
static void
swap_rewrite(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const struct tx_fields fields = s->tx;

	for (uint16_t i = 0; i < n; i++) {
		prefetch_next(pkts, i, n);
		packet_swap(pkts[i]);
		tx_fields_set_wanted(pkts[i], &fields);
	}
}

static bool
swap_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);

	if (unlikely(n == 0))
		return false;
	swap_rewrite(s, pkts, n);
	stream_send(s, pkts, n);
	return true;
}

const struct engine engine_5tswap = {
	.name = "5tswap",
	.stream_begin = stream_begin_both,
	.forward = swap_forward,
	.rewrite = swap_rewrite,
};
