/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Header and payload in buffers of their own, both ways. A sender makes UDP packets of two
 * segments, headers and payload, whose sizes differ by far and whose memory is one pool's
 * (page_pool_mbuf_alloc_split()). A receiver sets its queue up to split behind UDP
 * (page_pool_split_rx_queue_setup()), by the device or in software, and looks at each byte.
 *
 * Port 0 receives what it sends, as net_ring does:
 *
 *	build/examples/hdr_split --vdev net_ring0 -- -n 10000 -s 8000
 *
 * -n PACKETS	how many (1000)
 * -s BYTES	of payload in each (1400)
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
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_split.h>

#define PORT 0
#define MBUFS 1023
#define PAGE_ORDER 5 /* 128 KB */
#define UDP_PORT 9   /* discard */
#define PAYLOAD_MAX 60000u
#define PAYLOAD_ROOM 9216 /* of a receive buffer */
#define PATIENCE_S 2      /* for what is on the wire */

struct headers {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
} __rte_packed __rte_aligned(2);

static uint32_t payload_len = 1400;

/* Sender: two caches, since pages with headers alone come back soon, and a pool for both. */
static struct page_pool *pages;
static struct rte_mempool *bare;
static struct page_pool_mbuf_cache header_cache, payload_cache;
/* Receiver: pinned mbufs of two sizes, a pool of pages for each. */
static struct page_pool *rx_pages[2];
static struct rte_mempool *rx_pool[2];
static struct page_pool_split *split;

static int
memory_make(void)
{
	uint32_t flags = rte_eal_has_hugepages() ? 0 : PAGE_POOL_MBUF_F_NO_IOVA;
	struct page_pool_params params = {
		.name = "hdr_split",
		.order = PAGE_ORDER,
		.nid = SOCKET_ID_ANY,
		.owner = PAGE_POOL_OWNER_THREAD,
	};
	struct page_pool_mbuf_pool_params rx[2] = {
		{ .name = "rx_headers", .data_room_size = RTE_PKTMBUF_HEADROOM + 128 },
		{ .name = "rx_payload", .data_room_size = RTE_PKTMBUF_HEADROOM + PAYLOAD_ROOM },
	};
	unsigned int i;
	int rc;

	pages = page_pool_create(&params);
	bare = rte_pktmbuf_pool_create("bare", 4 * MBUFS, 256, 0, 0, SOCKET_ID_ANY);
	if (pages == NULL || bare == NULL)
		return -rte_errno;
	for (i = 0; i < 2; i++) {
		rx_pages[i] = page_pool_create(&params);
		if (rx_pages[i] == NULL)
			return -rte_errno;
		rx[i].n = MBUFS;
		rx[i].socket_id = SOCKET_ID_ANY;
		rx[i].pool = rx_pages[i];
		rx[i].flags = flags;
		rx_pool[i] = page_pool_mbuf_pool_create(&rx[i]);
		if (rx_pool[i] == NULL)
			return -rte_errno;
	}
	flags |= PAGE_POOL_MBUF_F_OWNED;
	rc = page_pool_mbuf_cache_init(&header_cache, bare, pages, NULL, flags);
	return rc != 0 ? rc : page_pool_mbuf_cache_init(&payload_cache, bare, pages, NULL, flags);
}

static bool
memory_free(void)
{
	bool whole;

	page_pool_mbuf_cache_drain(&header_cache);
	page_pool_mbuf_cache_drain(&payload_cache);
	whole = rte_mempool_full(bare);
	rte_mempool_free(bare);
	whole &= page_pool_destroy(pages) == 0;
	whole &= page_pool_mbuf_pool_free(rx_pool[0]) == 0 && page_pool_destroy(rx_pages[0]) == 0;
	whole &= page_pool_mbuf_pool_free(rx_pool[1]) == 0 && page_pool_destroy(rx_pages[1]) == 0;
	return whole;
}

static int
port_start(void)
{
	const struct rte_eth_conf conf = { .txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS };
	struct rte_eth_rxseg_split segs[2] = {
		{ .mp = rx_pool[0],
				.proto_hdr = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN |
						RTE_PTYPE_L4_UDP },
		{ .mp = rx_pool[1] },
	};

	if (rte_eth_dev_configure(PORT, 1, 1, &conf) != 0 ||
			page_pool_split_rx_queue_setup(PORT, 0, 0, 0, NULL, segs, &split) != 0 ||
			rte_eth_tx_queue_setup(PORT, 0, 0, SOCKET_ID_ANY, NULL) != 0)
		return -EIO;
	return rte_eth_dev_start(PORT);
}

static uint8_t
byte_of(uint32_t packet, uint32_t at)
{
	return (uint8_t)(packet * 37 + at * 11 + (at >> 8));
}

static struct rte_mbuf *
packet_make(uint32_t number)
{
	struct rte_mbuf *m, *seg;
	struct headers *h;
	uint32_t at = 0, i;

	m = page_pool_mbuf_alloc_split(&header_cache, RTE_PKTMBUF_HEADROOM, sizeof(*h),
			&payload_cache, payload_len);
	if (m == NULL)
		return NULL;
	h = rte_pktmbuf_mtod(m, struct headers *);
	memset(h, 0, sizeof(*h));
	memset(&h->eth.dst_addr, 0xff, sizeof(h->eth.dst_addr));
	h->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	h->ip.version_ihl = RTE_IPV4_VHL_DEF;
	h->ip.total_length = rte_cpu_to_be_16((uint16_t)(m->pkt_len - sizeof(h->eth)));
	h->ip.packet_id = rte_cpu_to_be_16((uint16_t)number);
	h->ip.next_proto_id = IPPROTO_UDP;
	h->ip.time_to_live = 64;
	h->ip.hdr_checksum = rte_ipv4_cksum(&h->ip);
	h->udp.dst_port = rte_cpu_to_be_16(UDP_PORT);
	h->udp.dgram_len = rte_cpu_to_be_16((uint16_t)(sizeof(h->udp) + payload_len));
	for (seg = m->next; seg != NULL; seg = seg->next)
		for (i = 0; i < seg->data_len; i++, at++)
			*rte_pktmbuf_mtod_offset(seg, uint8_t *, i) = byte_of(number, at);
	return m;
}

/* The header in a buffer of the first pool, and nothing else; behind it the payload. */
static bool
packet_verify(const struct rte_mbuf *m)
{
	const struct headers *h = rte_pktmbuf_mtod(m, const struct headers *);
	const struct rte_mbuf *seg;
	uint32_t at = 0, i;

	if (m->data_len != sizeof(*h) || m->pkt_len != sizeof(*h) + payload_len ||
			page_pool_mbuf_pool(m) != rx_pages[0] || rte_ipv4_cksum(&h->ip) != 0)
		return false;
	for (seg = m->next; seg != NULL; seg = seg->next)
		for (i = 0; i < seg->data_len; i++, at++)
			if (*rte_pktmbuf_mtod_offset(seg, uint8_t *, i) !=
					byte_of(rte_be_to_cpu_16(h->ip.packet_id), at))
				return false;
	return at == payload_len;
}

static int
run(uint32_t packets)
{
	uint64_t end = rte_get_timer_cycles() + PATIENCE_S * rte_get_timer_hz();
	uint32_t sent = 0, received = 0, wrong = 0;
	struct rte_mbuf *m;

	while (received < packets && rte_get_timer_cycles() < end) {
		m = sent < packets ? packet_make(sent) : NULL;
		if (m != NULL && rte_eth_tx_burst(PORT, 0, &m, 1) == 1)
			sent++;
		else
			rte_pktmbuf_free(m);
		if (rte_eth_rx_burst(PORT, 0, &m, 1) == 0)
			continue;
		end = rte_get_timer_cycles() + PATIENCE_S * rte_get_timer_hz();
		wrong += !packet_verify(m);
		rte_pktmbuf_free(m);
		received++;
	}
	printf("%" PRIu32 " packets sent, %" PRIu32 " received, %" PRIu32 " wrong\n", sent,
			received, wrong);
	return received == packets && wrong == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct page_pool_split_stats stats = { 0 };
	uint32_t packets = 1000;
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "n:s:")) != -1) {
		if (opt == 'n')
			packets = (uint32_t)strtoul(optarg, NULL, 0);
		else if (opt == 's')
			payload_len = (uint32_t)strtoul(optarg, NULL, 0);
		else
			rte_exit(EXIT_FAILURE, "usage: hdr_split ... -- [-n PACKETS] [-s BYTES]\n");
	}
	if (rte_eth_dev_count_avail() == 0 || payload_len > PAYLOAD_MAX)
		rte_exit(EXIT_FAILURE, "no port (see --vdev), or payload above %u\n", PAYLOAD_MAX);
	rc = memory_make();
	if (rc == 0)
		rc = port_start();
	if (rc != 0)
		rte_exit(EXIT_FAILURE, "memory or port: %s\n", rte_strerror(-rc));
	rc = run(packets);
	if (split != NULL)
		page_pool_split_get_stats(split, &stats);
	printf("%" PRIu64 " split in software\n", stats.split);
	if (rte_eth_dev_stop(PORT) != 0 || page_pool_split_rx_queue_release(split) != 0 ||
			rte_eth_dev_close(PORT) != 0 || !memory_free())
		rc = fprintf(stderr, "the port does not end, or memory is missing\n");
	rte_eal_cleanup();
	return rc == 0 ? 0 : 1;
}
