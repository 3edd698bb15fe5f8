/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A forwarder that knows nothing of page_pool: its packets are in it because EAL was told so. What
 * comes in on a port goes out on its neighbour, or back where there is none.
 *
 *	build/examples/minimal --vdev net_null0 --vdev net_null1 \
 *		-d build/drivers/mempool/page_pool/librte_mempool_page_pool.so \
 *		--mbuf-pool-ops-name=page_pool -- -n 1000000
 *
 * -n PACKETS	ends after so many; 0 (the default): when it is interrupted
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define MBUFS 8191
#define CACHE 256
#define BURST 32

static volatile sig_atomic_t stop;

static void
on_signal(int number __rte_unused)
{
	stop = 1;
}

static int
port_start(uint16_t port, struct rte_mempool *mp)
{
	const struct rte_eth_conf conf = { 0 };
	int rc;

	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, 0, SOCKET_ID_ANY, NULL, mp);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, 0, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	if (rc == 0)
		rc = rte_eth_promiscuous_enable(port);
	return rc == -ENOTSUP ? 0 : rc;
}

/* Queues give their mbufs back when they are closed. */
static int
port_end(uint16_t port)
{
	int rc = rte_eth_dev_stop(port);

	return rc != 0 ? rc : rte_eth_dev_close(port);
}

static uint64_t
forward(uint16_t from, uint16_t to)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t n, sent;

	n = rte_eth_rx_burst(from, 0, pkts, BURST);
	sent = rte_eth_tx_burst(to, 0, pkts, n);
	rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	return sent;
}

static int
run(struct rte_mempool *mp, uint64_t packets)
{
	uint64_t forwarded = 0;
	uint16_t port;
	int rc;

	RTE_ETH_FOREACH_DEV(port) {
		rc = port_start(port, mp);
		if (rc != 0) {
			fprintf(stderr, "port %u: %s\n", port, rte_strerror(-rc));
			return -1;
		}
	}
	while (!stop && (packets == 0 || forwarded < packets))
		RTE_ETH_FOREACH_DEV(port)
			forwarded += forward(port,
					rte_eth_dev_is_valid_port(port ^ 1) ? port ^ 1 : port);
	printf("%" PRIu64 " packets forwarded; pool of %u mbufs, driver %s: %u with it\n",
			forwarded, mp->size, rte_mempool_get_ops(mp->ops_index)->name,
			rte_mempool_avail_count(mp));
	RTE_ETH_FOREACH_DEV(port) {
		rc = port_end(port);
		if (rc != 0) {
			fprintf(stderr, "port %u: %s\n", port, rte_strerror(-rc));
			return -1;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct rte_mempool *mp;
	uint64_t packets = 0;
	unsigned int count;
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "n:")) != -1) {
		if (opt != 'n')
			rte_exit(EXIT_FAILURE, "usage: minimal [EAL options] -- [-n PACKETS]\n");
		packets = strtoull(optarg, NULL, 0);
	}
	if (rte_eth_dev_count_avail() == 0)
		rte_exit(EXIT_FAILURE, "no port: see --vdev and --allow\n");
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	/* the driver is EAL's choice: --mbuf-pool-ops-name */
	mp = rte_pktmbuf_pool_create("packets", MBUFS, CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (mp == NULL)
		rte_exit(EXIT_FAILURE, "pool: %s\n", rte_strerror(rte_errno));
	rc = run(mp, packets);
	count = rte_mempool_avail_count(mp);
	printf("at the end: %u of %u mbufs with the pool\n", count, mp->size);
	if (count != mp->size)
		rc = -1;
	rte_mempool_free(mp);
	rte_eal_cleanup();
	return rc == 0 ? 0 : 1;
}
