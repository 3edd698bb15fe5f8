/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A forwarder that gives packets a new header and leaves their bytes alone: each packet goes out on
 * all other ports, or back where there is none, with an Ethernet header for each of them that lies
 * in a small segment of its own. The payload stays where it was received, in one buffer for all.
 *
 * Packets are received into mbufs that are pinned to fragments (page_pool_mbuf_pool_create()),
 * headers are fragments of the size that is wanted (page_pool_mbuf_alloc()).
 *
 *	build/examples/zc_fwd --vdev net_null0 --vdev net_null1 -- -n 1000000
 *	build/examples/zc_fwd --vdev net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap -- -n 100
 *
 * -n PACKETS	ends after so many were received; 0 (the default): when it is interrupted
 */

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>

#define MBUFS 8191
#define CACHE 256
#define BURST 32
#define PAGE_ORDER 3 /* 32 KB */

static volatile sig_atomic_t stop;
static struct rte_ether_addr addr[RTE_MAX_ETHPORTS];

static struct page_pool *rx_pages, *header_pages;
static struct rte_mempool *rx_pool, *bare;
static struct page_pool_mbuf_cache headers;

static void
on_signal(int number __rte_unused)
{
	stop = 1;
}

/* ---- memory */

static int
memory_make(void)
{
	/* one pool of pages for what a NIC fills, one for what is freed packet by packet */
	struct page_pool_params params = {
		.name = "rx",
		.order = PAGE_ORDER,
		.nid = SOCKET_ID_ANY,
		.owner = PAGE_POOL_OWNER_THREAD,
	};
	/* without hugepages memory has no address for devices, and PMDs in software need none */
	uint32_t flags = rte_eal_has_hugepages() ? 0 : PAGE_POOL_MBUF_F_NO_IOVA;
	struct page_pool_mbuf_pool_params rx = {
		.name = "rx",
		.n = MBUFS,
		.cache_size = CACHE,
		.data_room_size = RTE_MBUF_DEFAULT_BUF_SIZE,
		.socket_id = SOCKET_ID_ANY,
		.flags = flags,
	};

	rx_pages = page_pool_create(&params);
	params.name = "headers";
	header_pages = page_pool_create(&params);
	/* headers of mbufs without data: one for each new header and one for each clone */
	bare = rte_pktmbuf_pool_create("bare", 4 * MBUFS, CACHE, 0, 0, SOCKET_ID_ANY);
	if (rx_pages == NULL || header_pages == NULL || bare == NULL)
		return -rte_errno;
	rx.pool = rx_pages;
	rx_pool = page_pool_mbuf_pool_create(&rx);
	if (rx_pool == NULL)
		return -rte_errno;
	return page_pool_mbuf_cache_init(&headers, bare, header_pages, NULL,
			flags | PAGE_POOL_MBUF_F_OWNED);
}

/* Whether everything came back. */
static bool
memory_free(void)
{
	bool whole;

	page_pool_mbuf_cache_drain(&headers);
	whole = rte_mempool_full(bare);
	rte_mempool_free(bare);
	whole &= page_pool_mbuf_pool_free(rx_pool) == 0;
	whole &= page_pool_destroy(header_pages) == 0;
	whole &= page_pool_destroy(rx_pages) == 0;
	printf("memory is %s\n", whole ? "whole" : "missing");
	return whole;
}

/* ---- packets */

/* A packet that is a new header and then payload, which it takes over; NULL: no memory. */
static struct rte_mbuf *
prepend(struct rte_mbuf *payload, const struct rte_ether_hdr *old, uint16_t port)
{
	struct rte_mbuf *m;
	struct rte_ether_hdr *eth;

	m = page_pool_mbuf_alloc(&headers, RTE_PKTMBUF_HEADROOM, sizeof(*eth));
	if (m == NULL)
		return NULL;
	eth = (struct rte_ether_hdr *)rte_pktmbuf_append(m, sizeof(*eth));
	/* from us, to where it came from */
	eth->dst_addr = old->src_addr;
	eth->src_addr = addr[port];
	eth->ether_type = old->ether_type;
	if (rte_pktmbuf_chain(m, payload) != 0) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	return m;
}

/* Send packets on a port, each with a new header; the payload is the clones'. */
static uint16_t
send_to(uint16_t port, struct rte_mbuf **pkts, const struct rte_ether_hdr *old, uint16_t n)
{
	struct rte_mbuf *out[BURST], *clone;
	uint16_t i, sent, ready = 0;

	for (i = 0; i < n; i++) {
		clone = page_pool_mbuf_clone(pkts[i], bare);
		if (clone == NULL)
			break;
		out[ready] = prepend(clone, &old[i], port);
		if (out[ready] == NULL) {
			rte_pktmbuf_free(clone);
			break;
		}
		ready++;
	}
	sent = rte_eth_tx_burst(port, 0, out, ready);
	rte_pktmbuf_free_bulk(&out[sent], ready - sent);
	return sent;
}

/* Receive packets and send them on all ports but this one, which will do if it is the only one. */
static uint16_t
forward(uint16_t from, uint64_t *sent)
{
	struct rte_ether_hdr old[BURST];
	struct rte_mbuf *pkts[BURST];
	uint16_t i, n, port, left = 0;

	n = rte_eth_rx_burst(from, 0, pkts, BURST);
	for (i = 0; i < n; i++) {
		if (pkts[i]->data_len <= sizeof(old[0])) {
			rte_pktmbuf_free(pkts[i]);
			continue;
		}
		/* what is taken off the front stays in memory as it is */
		old[left] = *rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *);
		rte_pktmbuf_adj(pkts[i], sizeof(old[0]));
		pkts[left++] = pkts[i];
	}
	RTE_ETH_FOREACH_DEV(port)
		if (port != from || rte_eth_dev_count_avail() == 1)
			*sent += send_to(port, pkts, old, left);
	rte_pktmbuf_free_bulk(pkts, left);
	return n;
}

/* ---- ports */

static void
port_start(uint16_t port)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;

	/* A header and its payload are two segments. net_null, which looks at none, does not say
	 * that it can send them.
	 */
	if (rte_eth_dev_info_get(port, &info) == 0)
		conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	if (conf.txmode.offloads == 0)
		fprintf(stderr, "port %u may send the first segment only\n", port);
	if (rte_eth_dev_configure(port, 1, 1, &conf) != 0 ||
			rte_eth_rx_queue_setup(port, 0, 0, SOCKET_ID_ANY, NULL, rx_pool) != 0 ||
			rte_eth_tx_queue_setup(port, 0, 0, SOCKET_ID_ANY, NULL) != 0 ||
			rte_eth_macaddr_get(port, &addr[port]) != 0 || rte_eth_dev_start(port) != 0)
		rte_exit(EXIT_FAILURE, "port %u does not start\n", port);
}

/* Queues give back what they have. */
static void
port_end(uint16_t port)
{
	if (rte_eth_dev_stop(port) != 0 || rte_eth_dev_close(port) != 0)
		rte_exit(EXIT_FAILURE, "port %u does not end\n", port);
}

int
main(int argc, char **argv)
{
	uint64_t packets = 0, received = 0, sent = 0;
	uint16_t port;
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "n:")) != -1) {
		if (opt != 'n')
			rte_exit(EXIT_FAILURE, "usage: zc_fwd [EAL options] -- [-n PACKETS]\n");
		packets = strtoull(optarg, NULL, 0);
	}
	if (rte_eth_dev_count_avail() == 0)
		rte_exit(EXIT_FAILURE, "no port: see --vdev and --allow\n");
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	rc = memory_make();
	if (rc != 0)
		rte_exit(EXIT_FAILURE, "memory: %s\n", rte_strerror(-rc));
	RTE_ETH_FOREACH_DEV(port)
		port_start(port);
	while (!stop && (packets == 0 || received < packets))
		RTE_ETH_FOREACH_DEV(port)
			received += forward(port, &sent);
	RTE_ETH_FOREACH_DEV(port)
		port_end(port);
	printf("%" PRIu64 " packets received, %" PRIu64 " sent with headers of their own\n",
			received, sent);
	rc = memory_free() ? 0 : 1;
	rte_eal_cleanup();
	return rc;
}
