/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * What devices keep when they are closed. Drivers that fill rings of descriptors empty them then;
 * net_ring does not: packets in its rings would be nobody's any more, or come out of the next
 * device with that name.
 */

#include <string.h>

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_ring.h>

#include "ports.h"

#define NODE_ACTION "nodeaction="

/* All of its rings: packets may wait in those of queues that the port had before, or only sends to.
 * They are looked up, since a stopped port gives nothing, and since who made a ring that two
 * devices have may have freed it.
 */
static void
rings_drain(const char *name, size_t len, unsigned int nr)
{
	struct rte_mbuf *pkts[BURST_DEFAULT];
	char ring_name[RTE_RING_NAMESIZE];
	unsigned int i, n;

	for (i = 0; i < nr; i++) {
		struct rte_ring *r;

		snprintf(ring_name, sizeof(ring_name), "ETH_RXTX%u_%.*s", i, (int)len, name);
		r = rte_ring_lookup(ring_name);
		if (r == NULL)
			continue;
		while ((n = rte_ring_dequeue_burst(r, (void **)pkts, RTE_DIM(pkts), NULL)) != 0)
			rte_pktmbuf_free_bulk(pkts, n);
	}
}

/* A close of it frees the rings of the Rx queues that the port has, and fails to see that one of
 * them could not be set up. With as many as there are rings no name and no memory is lost.
 */
static void
queues_complete(uint16_t port_id, uint16_t nr_rx, uint16_t nr_tx)
{
	const struct rte_eth_conf conf = { .rxmode.mq_mode = RTE_ETH_MQ_RX_NONE };
	const unsigned int socket_id = ports[port_id].socket_id;
	uint16_t q;

	if (rte_eth_dev_configure(port_id, nr_rx, nr_tx, &conf) != 0)
		return;
	for (q = 0; q < nr_rx; q++)
		rte_eth_rx_queue_setup(port_id, q, 0, socket_id, NULL, pool_find(socket_id, 0));
}

void
port_drain(uint16_t port_id)
{
	const struct rte_devargs *devargs;
	struct rte_eth_dev_info info;
	const char *node;

	if (rte_eth_dev_info_get(port_id, &info) != 0 || info.device == NULL ||
			info.driver_name == NULL || strcmp(info.driver_name, "net_ring") != 0)
		return;
	devargs = rte_dev_devargs(info.device);
	node = devargs != NULL && devargs->args != NULL ? strstr(devargs->args, NODE_ACTION) : NULL;
	if (node == NULL) {
		queues_complete(port_id, info.max_rx_queues, info.max_tx_queues);
		rings_drain(rte_dev_name(info.device), strlen(rte_dev_name(info.device)),
				info.max_rx_queues);
		return;
	}
	/* rings that have names of their own may be another port's, too: it receives them */
	queues_complete(port_id, info.nb_rx_queues, info.nb_tx_queues);
	for (; node != NULL && !forwarding(); node = strstr(node, NODE_ACTION)) {
		node += strlen(NODE_ACTION);
		rings_drain(node, strcspn(node, ":"), info.max_rx_queues);
	}
}
