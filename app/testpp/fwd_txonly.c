/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* txonly: UDP packets without end, in segments as `txpkts` says. */

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_per_lcore.h>
#include <rte_random.h>
#include <rte_udp.h>

#include "fwd.h"

#define FLOW_PORTS 0xc000 /* from here on: the first of the dynamic ports */

struct headers {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
} __rte_packed __rte_aligned(2);

/* A stream's own: what its packets look like. */
struct maker {
	struct rte_mempool *pool;
	struct headers headers;
	bool multi_flow;
	uint16_t nr_flows; /* 0: as many as addresses differ */
	bool random_segs;  /* as many as by chance */
	uint16_t nr_segs, min_segs;
	uint16_t seg_len[SEGS_MAX];
};

/* Flows are told apart by their sources; each lcore counts its own. */
static RTE_DEFINE_PER_LCORE(uint8_t, flow);

static void
lengths_set(struct headers *h, uint32_t pkt_len)
{
	const uint16_t ip_len = pkt_len - sizeof(h->eth);

	h->ip.total_length = rte_cpu_to_be_16(ip_len);
	h->udp.dgram_len = rte_cpu_to_be_16(ip_len - sizeof(h->ip));
}

static void
headers_make(struct headers *h, const struct stream *s)
{
	memset(h, 0, sizeof(*h));
	h->eth.dst_addr = cfg.peers[s->peer];
	h->eth.src_addr = ports[s->tx_port].mac;
	h->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	h->ip.version_ihl = RTE_IPV4_VHL_DEF;
	h->ip.time_to_live = 64;
	h->ip.next_proto_id = IPPROTO_UDP;
	h->ip.src_addr = rte_cpu_to_be_32(cfg.tx_ip_src);
	h->ip.dst_addr = rte_cpu_to_be_32(cfg.tx_ip_dst);
	h->udp.src_port = rte_cpu_to_be_16(cfg.tx_udp_src);
	h->udp.dst_port = rte_cpu_to_be_16(cfg.tx_udp_dst);
	lengths_set(h, cfg.tx_pkt_len);
	h->ip.hdr_checksum = rte_ipv4_cksum(&h->ip);
}

/* Segments must hold the headers, and buffers the segments. */
static int
port_begin(uint16_t port_id)
{
	const struct rte_mempool *pool = pool_find(ports[port_id].socket_id, 0);
	uint32_t room, len = 0;

	if (pool == NULL) {
		fprintf(stderr, "No mbuf pool for packets of port %u\n", port_id);
		return -ENOENT;
	}
	room = rte_pktmbuf_data_room_size((struct rte_mempool *)(uintptr_t)pool);
	room -= RTE_MIN(room, (uint32_t)RTE_PKTMBUF_HEADROOM);
	for (unsigned int i = 0; i < cfg.nr_tx_segs; i++) {
		len += cfg.tx_seg_len[i];
		if (cfg.tx_seg_len[i] <= room)
			continue;
		fprintf(stderr, "txpkts: segment %u of %u bytes does not fit into mbufs of %u\n", i,
				cfg.tx_seg_len[i], room);
		return -EINVAL;
	}
	/* Such headers are written for each packet, in one piece. */
	if ((cfg.multi_flow || cfg.tx_split == TX_SPLIT_RAND) &&
			cfg.tx_seg_len[0] < sizeof(struct headers)) {
		TESTPP_LOG(ERR,
				"Random segment number or multiple flow is enabled, but "
				"tx_pkt_seg_lengths[0] %u < %zu (needed)\n",
				cfg.tx_seg_len[0], sizeof(struct headers));
		return -EINVAL;
	}
	if (cfg.nr_tx_segs == 0 || len < sizeof(struct headers)) {
		fprintf(stderr, "txpkts: %u bytes do not hold the headers of %zu\n", len,
				sizeof(struct headers));
		return -EINVAL;
	}
	return 0;
}

static int
stream_begin(struct stream *s)
{
	struct maker *k;
	uint32_t len = 0;

	stream_begin_tx(s);
	k = memory_near("txonly", sizeof(*k), ports[s->tx_port].socket_id);
	if (k == NULL) {
		fputs("Not enough memory for txonly\n", stderr);
		return -ENOMEM;
	}
	k->pool = pool_find(ports[s->tx_port].socket_id, 0);
	if (k->pool == NULL) {
		fprintf(stderr, "No mbuf pool for packets of port %u\n", s->tx_port);
		rte_free(k);
		return -ENOENT;
	}
	k->multi_flow = cfg.multi_flow;
	k->nr_flows = cfg.tx_flows;
	k->nr_segs = cfg.nr_tx_segs;
	k->random_segs = cfg.tx_split == TX_SPLIT_RAND && k->nr_segs > 1;
	memcpy(k->seg_len, cfg.tx_seg_len, k->nr_segs * sizeof(k->seg_len[0]));
	while (len < (cfg.verify ? VERIFY_LEN_MIN : sizeof(struct headers)))
		len += k->seg_len[k->min_segs++];
	headers_make(&k->headers, s);
	s->priv = k;
	return 0;
}

static void
stream_end(struct stream *s)
{
	rte_free(s->priv);
	s->priv = NULL;
}

static void
headers_copy(struct rte_mbuf *m, const struct headers *h)
{
	const uint8_t *from = (const uint8_t *)h;
	size_t left = sizeof(*h);

	for (; left != 0; m = m->next) {
		const size_t n = RTE_MIN(left, m->data_len);

		memcpy(rte_pktmbuf_mtod(m, void *), from, n);
		from += n;
		left -= n;
	}
}

/* More segments behind the first. False: there are none to be had. */
static bool
segments_add(struct rte_mbuf *m, const struct maker *k, uint16_t n)
{
	struct rte_mbuf *segs[SEGS_MAX];
	struct rte_mbuf *last = m;
	uint32_t len = m->data_len;

	if (unlikely(rte_mempool_get_bulk(k->pool, (void **)segs, n - 1) != 0))
		return false;
	for (uint16_t i = 1; i < n; i++) {
		struct rte_mbuf *seg = segs[i - 1];

		rte_pktmbuf_reset_headroom(seg);
		seg->data_len = k->seg_len[i];
		len += seg->data_len;
		last->next = seg;
		last = seg;
	}
	last->next = NULL;
	m->nb_segs = n;
	m->pkt_len = len;
	return true;
}

/* Sources that receivers spread over their queues: ports, or addresses near the destination. */
static inline void
flow_set(struct headers *h, uint16_t nr_flows)
{
	uint8_t *next = &RTE_PER_LCORE(flow);
	const unsigned int lcore = rte_lcore_id();

	if (nr_flows != 0) {
		*next = (*next + 1) % nr_flows;
		h->udp.src_port = rte_cpu_to_be_16(FLOW_PORTS + (*next << 8) + (lcore & 0xff));
	} else {
		h->ip.src_addr = rte_cpu_to_be_32(
				(cfg.tx_ip_dst | (uint32_t)(*next)++ << 8) + lcore);
	}
}

static inline bool
packet_make(struct rte_mbuf *m, const struct maker *k, const struct tx_fields *fields)
{
	uint16_t n = k->nr_segs;

	if (k->random_segs)
		n = k->min_segs + rte_rand_max(n - k->min_segs + 1);
	rte_pktmbuf_reset_headroom(m);
	m->data_len = k->seg_len[0];
	m->pkt_len = m->data_len;
	tx_fields_set(m, fields);
	if (n > 1 && !segments_add(m, k, n))
		return false;
	if (unlikely(k->multi_flow || k->random_segs)) {
		struct headers h = k->headers;

		lengths_set(&h, m->pkt_len);
		if (k->multi_flow)
			flow_set(&h, k->nr_flows);
		h.ip.hdr_checksum = 0;
		h.ip.hdr_checksum = rte_ipv4_cksum(&h.ip);
		headers_copy(m, &h);
	} else if (likely(m->data_len >= sizeof(k->headers))) {
		memcpy(rte_pktmbuf_mtod(m, void *), &k->headers, sizeof(k->headers));
	} else {
		headers_copy(m, &k->headers);
	}
	return true;
}

/* A burst's mbufs at once, or as many as there are. */
static uint16_t
packets_make(struct rte_mbuf **pkts, uint16_t n, const struct maker *k,
		const struct tx_fields *fields)
{
	uint16_t i;

	if (likely(rte_mempool_get_bulk(k->pool, (void **)pkts, n) == 0)) {
		for (i = 0; i < n; i++) {
			if (unlikely(!packet_make(pkts[i], k, fields))) {
				rte_mempool_put_bulk(k->pool, (void **)&pkts[i], n - i);
				break;
			}
		}
		return i;
	}
	for (i = 0; i < n; i++) {
		pkts[i] = rte_mbuf_raw_alloc(k->pool);
		if (pkts[i] == NULL)
			break;
		if (unlikely(!packet_make(pkts[i], k, fields))) {
			rte_mbuf_raw_free(pkts[i]);
			break;
		}
	}
	return i;
}

static bool
txonly_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const struct tx_fields fields = s->tx;
	const uint16_t n = packets_make(pkts, cfg.burst, s->priv, &fields);

	if (unlikely(n == 0))
		return false;
	stream_send(s, pkts, n);
	return true;
}

const struct engine engine_txonly = {
	.name = "txonly",
	.port_begin = port_begin,
	.stream_begin = stream_begin,
	.forward = txonly_forward,
	.stream_end = stream_end,
	.makes_packets = true,
	.sends_only = true,
	.needs_payload = true,
};
