/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * --pp-split: each Rx queue has its packets' headers in one pool and their payload in another.
 * Where the device does not do that, a splitter of the library's does, a callback of the queue. It
 * has to go before its queue does, and comes back with it.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <page_pool_split.h>

#include "pp.h"

struct split_queue {
	struct page_pool_split *split; /* NULL: none in software */
	bool device;                   /* the device splits */
	struct page_pool_split_stats cleared;
};

static struct split_queue queues[RTE_MAX_ETHPORTS][RTE_MAX_QUEUES_PER_PORT];
/* What pp_split_tell() said of a port. */
static enum told { TOLD_NOTHING, TOLD_SOFTWARE, TOLD_DEVICE } told[RTE_MAX_ETHPORTS];

bool
pp_device_splits(const struct rte_eth_dev_info *info)
{
	return (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT) != 0 &&
			info->rx_seg_capa.multi_pools && info->rx_seg_capa.max_nseg >= 2;
}

uint64_t
pp_split_offloads(const struct rte_eth_dev_info *info)
{
	/* queues that may differ in this are told one by one */
	return cfg.pp_split && pp_device_splits(info) ?
			RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT & ~info->rx_queue_offload_capa :
			0;
}

/* ---- a queue's splitter */

/* False: ethdev does not know the queue any more, and nobody polls it. */
static bool
release(struct page_pool_split *split)
{
	int ret = page_pool_split_rx_queue_release(split);

	if (ret != 0)
		TESTPP_LOG(DEBUG, "a splitter stays: %s\n", rte_strerror(-ret));
	return ret == 0;
}

int
pp_split_rxq_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc, unsigned int socket_id,
		const struct rte_eth_rxconf *conf, struct rte_mempool *payload)
{
	struct split_queue *q = &queues[port_id][queue_id];
	struct rte_eth_rxseg_split segs[2] = { 0 };
	struct page_pool_split *split;
	int ret;

	/* a lcore may be in the splitter */
	if (forwarding())
		return -EBUSY;
	segs[0].mp = pp_headers_find(socket_id);
	segs[0].length = cfg.pp_hdr_len;
	segs[0].proto_hdr = cfg.pp_hdr_proto;
	segs[1].mp = payload;
	ret = page_pool_split_rx_queue_setup(port_id, queue_id, nb_desc, socket_id, conf, segs,
			&split);
	/* its splitter is as it was */
	if (ret != 0)
		return ret;
	release(q->split);
	memset(q, 0, sizeof(*q));
	q->split = split;
	q->device = split == NULL;
	return 0;
}

void
pp_split_port_release(uint16_t port_id)
{
	unsigned int i;

	for (i = 0; i < RTE_MAX_QUEUES_PER_PORT; i++) {
		struct split_queue *q = &queues[port_id][i];

		q->device = false;
		if (q->split == NULL || !release(q->split))
			continue;
		memset(q, 0, sizeof(*q));
		if (ports != NULL)
			ports[port_id].reconfig_queues = true;
	}
}

/* ---- what users see */

void
pp_split_forget(uint16_t port_id)
{
	told[port_id] = TOLD_NOTHING;
}

void
pp_split_tell(uint16_t port_id)
{
	const enum told tell = queues[port_id][0].device ? TOLD_DEVICE : TOLD_SOFTWARE;

	if (!cfg.pp_split || ports[port_id].rxq == 0 || told[port_id] == tell)
		return;
	told[port_id] = tell;
	if (cfg.pp_hdr_proto != 0)
		printf("page_pool: port %u: headers up to %s", port_id,
				rx_proto_name(cfg.pp_hdr_proto));
	else
		printf("page_pool: port %u: headers of %u bytes", port_id, cfg.pp_hdr_len);
	printf(" are split off %s\n", tell == TOLD_DEVICE ? "by the device" : "in software");
}

static void
show_queue(uint16_t port_id, unsigned int queue_id)
{
	const struct split_queue *q = &queues[port_id][queue_id];
	struct page_pool_split_stats s;

	if (q->device)
		printf("  port %u queue %u: by the device\n", port_id, queue_id);
	if (q->split == NULL)
		return;
	page_pool_split_get_stats(q->split, &s);
	printf("  port %u queue %u: in software: split %" PRIu64 ", header only %" PRIu64
	       ", left whole %" PRIu64 ", dropped for lack of an mbuf %" PRIu64 "\n",
			port_id, queue_id, s.split - q->cleared.split, s.header - q->cleared.header,
			s.unsplit - q->cleared.unsplit, s.nombuf - q->cleared.nombuf);
}

void
pp_split_show(void)
{
	unsigned int i;
	uint16_t p;

	printf("\n  ######################## page_pool split ########################\n");
	RTE_ETH_FOREACH_DEV(p)
		for (i = 0; i < RTE_MAX_QUEUES_PER_PORT; i++)
			show_queue(p, i);
}

void
pp_split_clear(void)
{
	unsigned int p, i;

	for (p = 0; p < RTE_MAX_ETHPORTS; p++)
		for (i = 0; i < RTE_MAX_QUEUES_PER_PORT; i++)
			if (queues[p][i].split != NULL)
				page_pool_split_get_stats(queues[p][i].split,
						&queues[p][i].cleared);
}
