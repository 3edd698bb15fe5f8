/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A program as a user would link it, shared or static: lists the mempool ops it has, makes a packet
 * pool on page_pool and passes bursts through a ring port. Exit status 0 when all came through and
 * the pool is whole afterwards.
 */

#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

#define BURST 32
#define BURSTS 1000
#define MBUFS 2047

static int
port_start(uint16_t port, struct rte_mempool *mp)
{
	struct rte_eth_conf conf;

	memset(&conf, 0, sizeof(conf));
	if (rte_eth_dev_configure(port, 1, 1, &conf) != 0 ||
			rte_eth_rx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL, mp) != 0 ||
			rte_eth_tx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL) != 0)
		return -1;
	return rte_eth_dev_start(port);
}

/* Number of packets that came out of the port as they went in. */
static unsigned int
pass_traffic(uint16_t port, struct rte_mempool *mp)
{
	struct rte_mbuf *tx[BURST], *rx[BURST];
	unsigned int round, i, n, good = 0;

	for (round = 0; round < BURSTS; round++) {
		if (rte_pktmbuf_alloc_bulk(mp, tx, BURST) != 0)
			break;
		for (i = 0; i < BURST; i++) {
			memset(rte_pktmbuf_append(tx[i], 60), (int)(round + i), 60);
		}
		n = rte_eth_tx_burst(port, 0, tx, BURST);
		rte_pktmbuf_free_bulk(&tx[n], BURST - n);
		n = rte_eth_rx_burst(port, 0, rx, BURST);
		for (i = 0; i < n; i++)
			if (*rte_pktmbuf_mtod_offset(rx[i], uint8_t *, 59) == (uint8_t)(round + i))
				good++;
		rte_pktmbuf_free_bulk(rx, n);
	}
	return good;
}

int
main(int argc, char **argv)
{
	struct rte_mempool *mp;
	unsigned int i, good;
	bool found = false;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	printf("mempool ops:");
	for (i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		printf(" %s", rte_mempool_ops_table.ops[i].name);
		found |= strcmp(rte_mempool_ops_table.ops[i].name, PAGE_POOL_OPS_NAME) == 0;
	}
	printf("\n");
	mp = rte_pktmbuf_pool_create_by_ops("traffic", MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY, PAGE_POOL_OPS_NAME);
	if (!found || mp == NULL || rte_eth_dev_count_avail() == 0 || port_start(0, mp) != 0) {
		printf("no ops, pool or port\n");
		return 1;
	}
	good = pass_traffic(0, mp);
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	printf("%u of %u packets came through, %u of %u mbufs are free, %d violations\n", good,
			BURST * BURSTS, rte_mempool_avail_count(mp), MBUFS,
			page_pool_mempool_check(mp, stdout));
	if (good != BURST * BURSTS || rte_mempool_avail_count(mp) != MBUFS ||
			page_pool_mempool_check(mp, NULL) != 0)
		return 1;
	rte_mempool_free(mp);
	rte_eal_cleanup();
	return 0;
}
