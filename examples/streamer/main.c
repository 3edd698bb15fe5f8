/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A sender as TCP's: a stream of bytes is written once, into a chain of mbufs that grows
 * (page_pool_mbuf_prepare(), page_pool_mbuf_commit()), and cut into packets that refer to it, each
 * behind a header segment of its own. The chain is freed when all of it is acknowledged: when it
 * came back (-l), or else when it was sent. There are no timers, and one chain is sent at a time.
 *
 *	build/examples/streamer --vdev net_ring0 -- -l <FILE
 *
 * The stream is standard input.
 * -l		port 0 receives what it sends; that is compared with what was sent
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>

#define PORT 0
#define MBUFS 4095
#define PAGE_ORDER 3 /* 32 KB */
#define WRITE 700    /* bytes that an application writes at a time */
#define CHAIN 65536u
#define MSS 1448u
#define PATIENCE_S 2

struct headers {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_tcp_hdr tcp;
} __rte_packed __rte_aligned(2);

static bool loops;
static struct page_pool *pages;
static struct rte_mempool *bare, *rx_pool;
/* Two, or headers would lie where a stream that is still written wants to go on. */
static struct page_pool_mbuf_cache stream, headers;
static uint32_t sent_seq, acked_seq;
static uint64_t in_bytes, in_digest, out_bytes, out_digest, packets, writes;

static uint64_t
digest(uint64_t sum, const uint8_t *bytes, size_t len)
{
	while (len-- > 0)
		sum = (sum ^ *bytes++) * 0x100000001b3;
	return sum;
}

/* Write to a chain until it is long enough, or the stream ends. */
static void
chain_fill(struct rte_mbuf *chain)
{
	struct page_pool_mbuf_room room;
	ssize_t n;

	while (chain->pkt_len < CHAIN) {
		if (page_pool_mbuf_prepare(&stream, chain, WRITE, &room) != 0)
			rte_exit(EXIT_FAILURE, "no memory for the stream\n");
		n = read(STDIN_FILENO, room.va, WRITE);
		if (n == 0)
			return;
		if (n < 0 || page_pool_mbuf_commit(&stream, chain, &room, (uint32_t)n) != 0)
			rte_exit(EXIT_FAILURE, "standard input: %s\n", strerror(errno));
		in_digest = digest(in_digest, room.va, (size_t)n);
		in_bytes += (uint64_t)n;
		writes++;
	}
}

/* A header, and behind it bytes of a chain by reference. */
static struct rte_mbuf *
packet_make(struct rte_mbuf *chain, uint32_t at, uint32_t len)
{
	struct rte_mbuf *m, *payload;
	struct headers *h;

	m = page_pool_mbuf_alloc(&headers, RTE_PKTMBUF_HEADROOM, sizeof(*h));
	if (m == NULL)
		return NULL;
	h = (struct headers *)rte_pktmbuf_append(m, sizeof(*h));
	memset(h, 0, sizeof(*h));
	h->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	h->ip.version_ihl = RTE_IPV4_VHL_DEF;
	h->ip.total_length = rte_cpu_to_be_16((uint16_t)(sizeof(*h) - sizeof(h->eth) + len));
	h->ip.next_proto_id = IPPROTO_TCP;
	h->tcp.sent_seq = rte_cpu_to_be_32(sent_seq);
	h->tcp.data_off = sizeof(h->tcp) / 4 << 4;
	payload = page_pool_mbuf_clone_range(chain, at, len, bare);
	if (payload == NULL || rte_pktmbuf_chain(m, payload) != 0) {
		rte_pktmbuf_free(payload);
		rte_pktmbuf_free(m);
		return NULL;
	}
	return m;
}

/* What comes back in order is acknowledged. */
static void
receive(void)
{
	const struct rte_mbuf *seg;
	struct rte_mbuf *m;

	if (rte_eth_rx_burst(PORT, 0, &m, 1) == 0)
		return;
	if (loops && m->data_len >= sizeof(struct headers) &&
			rte_pktmbuf_mtod(m, struct headers *)->tcp.sent_seq ==
					rte_cpu_to_be_32(acked_seq)) {
		rte_pktmbuf_adj(m, sizeof(struct headers));
		for (seg = m; seg != NULL; seg = seg->next)
			out_digest = digest(out_digest, rte_pktmbuf_mtod(seg, const uint8_t *),
					seg->data_len);
		acked_seq += m->pkt_len;
		out_bytes += m->pkt_len;
	}
	rte_pktmbuf_free(m);
}

/* Until all is sent and acknowledged. */
static void
chain_send(struct rte_mbuf *chain)
{
	uint64_t late = rte_get_timer_cycles() + PATIENCE_S * rte_get_timer_hz();
	uint32_t at = 0, len;
	struct rte_mbuf *m;

	while (at < chain->pkt_len || acked_seq != sent_seq) {
		if (rte_get_timer_cycles() > late)
			rte_exit(EXIT_FAILURE, "not all was sent and came back\n");
		len = RTE_MIN(MSS, chain->pkt_len - at);
		m = len == 0 ? NULL : packet_make(chain, at, len);
		if (m != NULL && rte_eth_tx_burst(PORT, 0, &m, 1) == 1) {
			at += len;
			sent_seq += len;
			packets++;
		} else { /* no memory, or no room in the queue: again */
			rte_pktmbuf_free(m);
		}
		receive();
		if (!loops)
			acked_seq = sent_seq;
	}
}

static void
begin(void)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	uint32_t flags = PAGE_POOL_MBUF_F_OWNED;

	flags |= rte_eal_has_hugepages() ? 0 : PAGE_POOL_MBUF_F_NO_IOVA;
	pages = page_pool_create(&(struct page_pool_params){ .order = PAGE_ORDER,
			.nid = SOCKET_ID_ANY,
			.owner = PAGE_POOL_OWNER_THREAD });
	bare = rte_pktmbuf_pool_create("bare", MBUFS, 256, 0, 0, SOCKET_ID_ANY);
	rx_pool = rte_pktmbuf_pool_create("rx", MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (pages == NULL || bare == NULL || rx_pool == NULL ||
			page_pool_mbuf_cache_init(&stream, bare, pages, NULL, flags) != 0 ||
			page_pool_mbuf_cache_init(&headers, bare, pages, NULL, flags) != 0)
		rte_exit(EXIT_FAILURE, "memory: %s\n", rte_strerror(rte_errno));
	/* net_null, which looks at no segment, does not say that it can send several */
	if (rte_eth_dev_info_get(PORT, &info) == 0)
		conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	if (rte_eth_dev_configure(PORT, 1, 1, &conf) != 0 ||
			rte_eth_rx_queue_setup(PORT, 0, 0, SOCKET_ID_ANY, NULL, rx_pool) != 0 ||
			rte_eth_tx_queue_setup(PORT, 0, 0, SOCKET_ID_ANY, NULL) != 0 ||
			rte_eth_dev_start(PORT) != 0)
		rte_exit(EXIT_FAILURE, "port %u does not start\n", PORT);
}

/* Whether everything came back. */
static bool
end(void)
{
	bool whole = rte_eth_dev_stop(PORT) == 0 && rte_eth_dev_close(PORT) == 0;

	page_pool_mbuf_cache_drain(&stream);
	page_pool_mbuf_cache_drain(&headers);
	whole &= rte_mempool_full(bare) && rte_mempool_full(rx_pool);
	rte_mempool_free(bare);
	rte_mempool_free(rx_pool);
	return page_pool_destroy(pages) == 0 && whole;
}

int
main(int argc, char **argv)
{
	struct page_pool_mbuf_stats stats;
	bool same, more = true;
	struct rte_mbuf *chain;
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "l")) != -1) {
		if (opt != 'l')
			rte_exit(EXIT_FAILURE, "usage: streamer [EAL options] -- [-l] <FILE\n");
		loops = true;
	}
	for (begin(); more; rte_pktmbuf_free(chain)) {
		chain = page_pool_mbuf_alloc(&stream, 0, WRITE);
		if (chain == NULL)
			rte_exit(EXIT_FAILURE, "memory: %s\n", rte_strerror(rte_errno));
		chain_fill(chain);
		chain_send(chain);
		more = chain->pkt_len > 0;
	}
	page_pool_mbuf_get_stats(&stream, &stats);
	same = !loops || (out_bytes == in_bytes && out_digest == in_digest);
	printf("%" PRIu64 " bytes in %" PRIu64 " writes, %" PRIu64 " coalesced; %" PRIu64
	       " packets, %" PRIu64 " bytes came back%s\n",
			in_bytes, writes, stats.coalesced, packets, out_bytes,
			same ? "" : ": NOT the same");
	rc = end() && same ? 0 : 1;
	rte_eal_cleanup();
	return rc;
}
