/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_SPLIT_H_
#define _PAGE_POOL_SPLIT_H_

/**
 * @file
 * Header/payload split on any port: a packet's header comes in a buffer of one pool, and its
 * payload in one of another.
 *
 * A device that splits (RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT) is told to. For all others there is a
 * splitter in software: the device receives into the payload's pool, and the header is copied into
 * a buffer of its own when the packet is received. The payload stays where it is. Either way
 * packets look the same to the program, and the configuration is ethdev's.
 *
 * A splitter is used by the one thread that polls its queue.
 */

#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A splitter in software. */
struct page_pool_split;

/** What a splitter has done, in packets. */
struct page_pool_split_stats {
	/** Got two parts. */
	uint64_t split;
	/** Were all header: there is no payload. */
	uint64_t header;
	/** Left as they were: of no such protocols, without room for their header, or shared. */
	uint64_t unsplit;
	/** Dropped, since there was no buffer for the header, as a device does. */
	uint64_t nombuf;
};

/**
 * Make a splitter. Control path.
 *
 * @param segs
 *   Two, as for ethdev. The first one: pool of headers, length of the header in bytes or
 *   (proto_hdr) the protocols behind which to split, offset in the buffer behind
 *   RTE_PKTMBUF_HEADROOM. Without length and proto_hdr the length is all that a buffer has room
 *   for. RTE_PTYPE_L2_ETHER is Ethernet with VLAN tags, too; *_EXT_UNKNOWN is IP with and without
 *   options. The second one: pool of the payload; all else is 0.
 * @param socket_id
 *   NUMA node for it, or SOCKET_ID_ANY.
 * @return
 *   The splitter, or NULL with rte_errno:
 *   - EINVAL: a pool is missing or is none of mbufs, both length and proto_hdr are given, or the
 *     header's buffers have no room for that;
 *   - ENOTSUP: the second one has a length, offset or proto_hdr; or one of them is of memory
 *     that the CPU may not read;
 *   - ENOMEM.
 */
struct page_pool_split *page_pool_split_create(const struct rte_eth_rxseg_split segs[2],
		int socket_id);

/**
 * Free a splitter that no queue uses any more. Control path.
 *
 * @param split
 *   Splitter; NULL: nothing happens.
 */
void page_pool_split_free(struct page_pool_split *split);

/**
 * Split packets.
 *
 * @param split
 *   Splitter.
 * @param pkts
 *   Packets that belong to the caller. In: as received; out: split, unless somebody else has a
 *   reference to the mbuf, too.
 * @param n
 *   How many.
 * @return
 *   How many are left: those for which there was no buffer are freed (nombuf).
 */
uint16_t page_pool_split_burst(struct page_pool_split *split, struct rte_mbuf **pkts, uint16_t n);

/**
 * Counters: a snapshot. Any thread.
 *
 * @param split
 *   Splitter.
 * @param stats
 *   Where to put them.
 */
void page_pool_split_get_stats(const struct page_pool_split *split,
		struct page_pool_split_stats *stats);

/**
 * rte_eth_rx_queue_setup() with header/payload split: by the device, if it can split into two
 * pools, else in software, as a callback of the queue. Control path; the port is configured and
 * stopped.
 *
 * @param port_id
 *   Port.
 * @param queue_id
 *   Queue.
 * @param nb_desc
 *   Descriptors of the queue.
 * @param socket_id
 *   NUMA node.
 * @param conf
 *   Of the queue, NULL: the device's default. A device that splits on all of its queues or on none
 *   wants RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT in rte_eth_dev_configure().
 * @param segs
 *   See page_pool_split_create().
 * @param split
 *   Out: the splitter in software, or NULL: the device splits.
 * @return
 *   0, or -errno, and there is no splitter: what page_pool_split_create(),
 *   rte_eth_rx_queue_setup() and rte_eth_add_rx_callback() fail with.
 */
int page_pool_split_rx_queue_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf,
		const struct rte_eth_rxseg_split segs[2], struct page_pool_split **split);

/**
 * Undo page_pool_split_rx_queue_setup() in software: the queue does not split any more. Control
 * path; the port is stopped, not closed.
 *
 * @param split
 *   Its splitter, gone when this returns 0; NULL: nothing happens.
 * @return
 *   0, or what rte_eth_remove_rx_callback() fails with, and nothing happened.
 */
int page_pool_split_rx_queue_release(struct page_pool_split *split);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_POOL_SPLIT_H_ */
