/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FWD_H_
#define _FWD_H_

/* What forwarding engines and streams.c share among themselves. */

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_prefetch.h>

#include "testpp.h"

/* Lengths that engines promise of packets they have rewritten: Ethernet, IPv4. */
#define FWD_L2_LEN (sizeof(struct rte_ether_hdr))
#define FWD_L3_LEN 20

/* Flags of receipt say nothing about sending; those about where the data lies stay. */
static inline void
tx_offload_set(struct rte_mbuf *m, const struct tx_fields *f)
{
	m->ol_flags = (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) | f->flags;
	/* at once: bit by bit each would wait for the one before */
	m->tx_offload = rte_mbuf_tx_offload(FWD_L2_LEN, FWD_L3_LEN, 0, 0, 0, 0, 0);
}

/* The tags too, wanted or not: some drivers send a tag that no flag speaks of. */
static inline void
tx_fields_set(struct rte_mbuf *m, const struct tx_fields *f)
{
	tx_offload_set(m, f);
	m->vlan_tci = f->vlan;
	m->vlan_tci_outer = f->vlan_outer;
}

/* Two stores less for packets without, in engines that leave tags alone in testpmd, too. */
static inline void
tx_fields_set_wanted(struct rte_mbuf *m, const struct tx_fields *f)
{
	tx_offload_set(m, f);
	if (unlikely((f->flags & (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_QINQ)) != 0)) {
		m->vlan_tci = f->vlan;
		m->vlan_tci_outer = f->vlan_outer;
	}
}

/* The next packet's headers, while this one's are rewritten. */
static inline void
prefetch_next(struct rte_mbuf **pkts, uint16_t i, uint16_t n)
{
	if (likely(i + 1 < n))
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i + 1], void *));
}

/* Off the path of packets whose headers lie together, see header_at(). */
bool headers_pull(struct rte_mbuf *m, uint32_t len);

/* So many bytes at an offset, in one piece; NULL: there are not so many, or they cannot be brought
 * together. Headers may lie in several segments. They are moved into the first one, behind what it
 * has: what was found there before stays where it is.
 */
static inline void *
header_at(struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	if (unlikely(off + len > m->data_len) && !headers_pull(m, off + len))
		return NULL;
	return rte_pktmbuf_mtod_offset(m, void *, off);
}

/* The first bytes of a packet, as the vector registers that there are hold them. */
typedef uint8_t head_bytes __attribute__((vector_size(16)));

/* gcc has had clang's name for it since release 12 only */
#ifdef __clang__
#define HEAD_SHUFFLE(head, ...) __builtin_shufflevector(head, head, __VA_ARGS__)
#else
#define HEAD_SHUFFLE(head, ...) __builtin_shuffle(head, (head_bytes){ __VA_ARGS__ })
#endif

/* Both MAC addresses at once, if there are so many bytes: one load, one shuffle, one store. */
static __rte_always_inline void
macs_swap_fast(void *data)
{
	head_bytes head;

	memcpy(&head, data, sizeof(head));
	head = HEAD_SHUFFLE(head, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
	memcpy(data, &head, sizeof(head));
}

static inline void
macs_swap(struct rte_ether_hdr *eth)
{
	const struct rte_ether_addr dst = eth->dst_addr;

	eth->dst_addr = eth->src_addr;
	eth->src_addr = dst;
}

/* Off the path of bursts that nobody looks at, and that a port takes as a whole. */
void packets_came(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
void packets_go(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
uint16_t packets_left(struct stream *s, struct rte_mbuf **pkts, uint16_t n, uint16_t sent);

/* Receive a burst, with all that is counted, checked and printed. In line, as all that every engine
 * does for every burst.
 */
static __rte_always_inline uint16_t
stream_receive(struct stream *s, struct rte_mbuf **pkts)
{
	const uint16_t n = rte_eth_rx_burst(s->rx_port, s->rx_queue, pkts, cfg.burst);

	if (unlikely(cfg.record_bursts))
		s->count.rx_bursts[n]++;
	if (unlikely(n == 0))
		return 0;
	if (unlikely((cfg.verbose & 1) | cfg.verify))
		packets_came(s, pkts, n);
	s->count.rx += n;
	return n;
}

/* Send one, again if cfg.retry; what is left is counted and freed. Number sent. */
static __rte_always_inline uint16_t
stream_send(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent;

	/* Afterwards they are the driver's. */
	if (unlikely((cfg.verbose & 2) | cfg.verify))
		packets_go(s, pkts, n);
	sent = rte_eth_tx_burst(s->tx_port, s->tx_queue, pkts, n);
	if (unlikely(sent < n))
		sent = packets_left(s, pkts, n, sent);
	s->count.tx += sent;
	if (unlikely(cfg.record_bursts))
		s->count.tx_bursts[sent]++;
	return sent;
}

/* Free a burst: rte_pktmbuf_free_bulk(), of whose table for pending mbufs one from one pool has no
 * need.
 */
static inline void
packets_free(struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mempool *mp = pkts[0]->pool;
	uint16_t i, free = 0;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (unlikely(m->next != NULL || m->pool != mp)) {
			rte_pktmbuf_free(m);
			continue;
		}
		m = rte_pktmbuf_prefree_seg(m);
		if (likely(m != NULL))
			pkts[free++] = m;
	}
	rte_mempool_put_bulk(mp, (void **)pkts, free);
}

/* Zeroed memory on a socket or, if it has none left, on any. rte_free() takes it. */
void *memory_near(const char *name, size_t size, int socket_id);

/* For engines whose streams need a queue at both ends, at one. Sets s->off. */
int stream_begin_both(struct stream *s);
int stream_begin_rx(struct stream *s);
int stream_begin_tx(struct stream *s);

#endif /* _FWD_H_ */
