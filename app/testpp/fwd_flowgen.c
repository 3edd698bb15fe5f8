/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* flowgen: UDP packets to one address after the other; what comes in ends here.
 */

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_per_lcore.h>
#include <rte_udp.h>

#include "fwd.h"

#define FLOW_ADDR_SRC RTE_IPV4(10, 254, 0, 0)
#define FLOW_ADDR_DST RTE_IPV4(10, 253, 0, 0)
#define FLOW_PORT_SRC 1000
#define FLOW_PORT_DST 1001

static const struct rte_ether_addr flow_mac_src = { { 0x00, 0x01, 0x02, 0x03, 0x04, 0x00 } };
static const struct rte_ether_addr flow_mac_dst = { { 0x00, 0x01, 0x02, 0x03, 0x04, 0x01 } };

struct headers {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
} __rte_packed __rte_aligned(2);

/* A stream's own. */
struct generator {
	struct rte_mempool *pool;
	uint16_t pkt_len;
	uint32_t sum; /* of the IP header but for its destination */
	struct headers headers;
};

/* The next one. Streams of an lcore share its flows. */
static RTE_DEFINE_PER_LCORE(uint32_t, next_flow);

/* The length is meant as on the wire, with what the port appends. */
static int
packet_len(void)
{
	return RTE_MAX(cfg.tx_pkt_len - RTE_ETHER_CRC_LEN, (int)sizeof(struct headers));
}

static int
port_begin(uint16_t port_id)
{
	struct rte_mempool *pool = pool_find(ports[port_id].socket_id, 0);

	if (pool == NULL) {
		fprintf(stderr, "No mbuf pool for packets of port %u\n", port_id);
		return -ENOENT;
	}
	if (packet_len() + RTE_PKTMBUF_HEADROOM > rte_pktmbuf_data_room_size(pool)) {
		fprintf(stderr, "flowgen: %u bytes do not fit into one mbuf\n", cfg.tx_pkt_len);
		return -EINVAL;
	}
	printf("  number of flows for port %u: %u\n", port_id, cfg.flowgen_flows);
	return 0;
}

static int
stream_begin(struct stream *s)
{
	struct generator *g;
	struct headers *h;

	stream_begin_both(s);
	g = memory_near("flowgen", sizeof(*g), ports[s->tx_port].socket_id);
	if (g == NULL) {
		fputs("Not enough memory for flowgen\n", stderr);
		return -ENOMEM;
	}
	g->pool = pool_find(ports[s->tx_port].socket_id, 0);
	if (g->pool == NULL) {
		fprintf(stderr, "No mbuf pool for packets of port %u\n", s->tx_port);
		rte_free(g);
		return -ENOENT;
	}
	g->pkt_len = packet_len();
	h = &g->headers;
	h->eth.dst_addr = flow_mac_dst;
	h->eth.src_addr = flow_mac_src;
	h->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	h->ip.version_ihl = RTE_IPV4_VHL_DEF;
	h->ip.total_length = rte_cpu_to_be_16(g->pkt_len - sizeof(h->eth));
	h->ip.time_to_live = 64;
	h->ip.next_proto_id = IPPROTO_UDP;
	h->ip.src_addr = rte_cpu_to_be_32(FLOW_ADDR_SRC);
	h->udp.src_port = rte_cpu_to_be_16(FLOW_PORT_SRC);
	h->udp.dst_port = rte_cpu_to_be_16(FLOW_PORT_DST);
	h->udp.dgram_len = rte_cpu_to_be_16(g->pkt_len - sizeof(h->eth) - sizeof(h->ip));
	g->sum = rte_raw_cksum(&h->ip, sizeof(h->ip));
	s->priv = g;
	return 0;
}

static void
stream_end(struct stream *s)
{
	rte_free(s->priv);
	s->priv = NULL;
}

static void
packet_make(struct rte_mbuf *m, const struct generator *g, uint32_t flow,
		const struct tx_fields *fields)
{
	struct headers *h = rte_pktmbuf_mtod(m, struct headers *);
	rte_be32_t dst = rte_cpu_to_be_32(FLOW_ADDR_DST + flow);
	uint32_t sum = g->sum + (dst & 0xffff) + (dst >> 16);

	m->data_len = g->pkt_len;
	m->pkt_len = g->pkt_len;
	tx_fields_set(m, fields);
	memcpy(h, &g->headers, sizeof(*h));
	h->ip.dst_addr = dst;
	h->ip.hdr_checksum = (uint16_t)~__rte_raw_cksum_reduce(sum);
}

static inline uint32_t
flow_after(uint32_t flow)
{
	return flow + 1 < cfg.flowgen_flows ? flow + 1 : 0;
}

static bool
flowgen_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const struct generator *g = s->priv;
	const struct tx_fields fields = s->tx;
	const uint32_t nr_clones = cfg.flowgen_clones;
	const uint16_t burst = cfg.burst;
	uint32_t flow = RTE_PER_LCORE(next_flow);
	uint32_t clones = 0;
	uint16_t n, sent;

	n = stream_receive(s, pkts);
	if (n != 0)
		rte_pktmbuf_free_bulk(pkts, n);

	/* A clone is the packet before it once more, and stands for a flow of the
   * list. */
	for (n = 0; n < burst; n++) {
		if (n != 0 && clones < nr_clones) {
			clones++;
			pkts[n] = pkts[n - 1];
			rte_mbuf_refcnt_update(pkts[n], 1);
		} else {
			pkts[n] = rte_mbuf_raw_alloc(g->pool);
			if (pkts[n] == NULL)
				break;
			rte_pktmbuf_reset_headroom(pkts[n]);
			clones = 0;
			packet_make(pkts[n], g, flow, &fields);
		}
		flow = flow_after(flow);
	}
	if (unlikely(n == 0))
		return false;
	sent = stream_send(s, pkts, n);
	/* Flows that were not sent come again. */
	if (unlikely(sent < n))
		flow = (flow + cfg.flowgen_flows - (n - sent) % cfg.flowgen_flows) %
				cfg.flowgen_flows;
	RTE_PER_LCORE(next_flow) = flow;
	return true;
}

const struct engine engine_flowgen = {
	.name = "flowgen",
	.port_begin = port_begin,
	.stream_begin = stream_begin,
	.forward = flowgen_forward,
	.stream_end = stream_end,
	.makes_packets = true,
	.sends_only = true,
	.needs_payload = true,
};
