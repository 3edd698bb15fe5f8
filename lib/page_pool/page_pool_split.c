/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Header/payload split: a received packet (1), where its header ends (2), and how a queue is set up
 * for it (3).
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_net.h>

#include "page_pool_mbuf_private.h"
#include "page_pool_split.h"

struct page_pool_split {
	struct rte_mempool *headers; /* all: ro */
	struct rte_mempool *payload; /* all: ro */
	uint64_t external;           /* a flag of the payload's mbufs, or 0; all: ro */
	uint32_t length;             /* bytes of a header, 0: as protocols say; all: ro */
	uint32_t proto;              /* RTE_PTYPE_* in front of the payload; all: ro */
	uint32_t room;               /* for a header, in bytes; all: ro */
	uint16_t data_off;           /* all: ro */
	uint16_t port_id, queue_id;  /* control path: rw */
	const struct rte_eth_rxtx_callback *callback; /* control path: rw */
	/* who polls: rw, others: ro */
	struct page_pool_split_stats stats;
};

/* One writer; others read whatever they find. */
static inline void
count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

/* ---- 1: a packet is received */

static uint32_t header_len(const struct rte_mbuf *m, uint32_t proto);

/* Take bytes off a packet's front, and what is empty then. Not all of it. */
static struct rte_mbuf *
strip(struct rte_mbuf *m, uint32_t len, uint16_t *segs)
{
	struct rte_mbuf *next;

	while (len >= m->data_len) {
		next = m->next;
		len -= m->data_len;
		(*segs)--;
		rte_pktmbuf_free_seg(m);
		m = next;
	}
	m->data_off = (uint16_t)(m->data_off + len);
	m->data_len = (uint16_t)(m->data_len - len);
	return m;
}

static struct rte_mbuf *
split_one(struct page_pool_split *s, struct rte_mbuf *m)
{
	uint32_t len = s->proto == 0 ? RTE_MIN(s->length, m->pkt_len) : header_len(m, s->proto);
	uint32_t left = m->pkt_len - len;
	uint16_t segs = m->nb_segs;
	struct rte_mbuf *h;
	const void *from;
	struct rte_mbuf *seg;

	/* PMDs may have forgotten it: page_pool_mbuf_rx_mark() */
	for (seg = m; s->external != 0 && seg != NULL; seg = seg->next)
		if (likely(seg->pool == s->payload))
			seg->ol_flags |= s->external;
	/* one that somebody else has, too, would lose its header there as well */
	if (unlikely(len == 0 || len > s->room || rte_mbuf_refcnt_read(m) != 1)) {
		count(&s->stats.unsplit);
		return m;
	}
	h = rte_pktmbuf_alloc(s->headers);
	if (unlikely(h == NULL)) {
		count(&s->stats.nombuf);
		rte_pktmbuf_free(m);
		return NULL;
	}
	h->data_off = s->data_off;
	from = rte_pktmbuf_read(m, 0, len, rte_pktmbuf_mtod(h, void *));
	if (likely(from != rte_pktmbuf_mtod(h, void *)))
		memcpy(rte_pktmbuf_mtod(h, void *), from, len);
	/* what the device said about the packet */
	h->port = m->port;
	h->vlan_tci = m->vlan_tci;
	h->vlan_tci_outer = m->vlan_tci_outer;
	h->tx_offload = m->tx_offload;
	h->hash = m->hash;
	h->packet_type = m->packet_type;
	h->timesync = m->timesync;
	rte_mbuf_dynfield_copy(h, m);
	h->ol_flags |= m->ol_flags & ~(RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT);
	h->data_len = (uint16_t)len;
	h->pkt_len = m->pkt_len;
	if (unlikely(left == 0)) {
		count(&s->stats.header);
		rte_pktmbuf_free(m);
		return h;
	}
	m = strip(m, len, &segs);
	m->nb_segs = segs;
	m->pkt_len = left;
	h->next = m;
	h->nb_segs = (uint16_t)(segs + 1);
	count(&s->stats.split);
	return h;
}

uint16_t
page_pool_split_burst(struct page_pool_split *split, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i, left = 0;
	struct rte_mbuf *m;

	for (i = 0; i < n; i++) {
		if (i + 1 < n)
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + 1], void *));
		m = split_one(split, pkts[i]);
		if (likely(m != NULL))
			pkts[left++] = m;
	}
	return left;
}

/* ---- 2: where a header ends */

/* Whether a layer of a packet is what is wanted; both are of the same bits. */
static bool
layer_is(uint32_t mask, uint32_t is, uint32_t want)
{
	if (is == want)
		return true;
	switch (want) {
	case RTE_PTYPE_L2_ETHER:
		return is == RTE_PTYPE_L2_ETHER_VLAN || is == RTE_PTYPE_L2_ETHER_QINQ;
	case RTE_PTYPE_L3_IPV4_EXT_UNKNOWN:
		return mask == RTE_PTYPE_L3_MASK && RTE_ETH_IS_IPV4_HDR(is);
	case RTE_PTYPE_L3_IPV6_EXT_UNKNOWN:
		return mask == RTE_PTYPE_L3_MASK && RTE_ETH_IS_IPV6_HDR(is);
	case RTE_PTYPE_INNER_L2_ETHER:
		return is == RTE_PTYPE_INNER_L2_ETHER_VLAN || is == RTE_PTYPE_INNER_L2_ETHER_QINQ;
	case RTE_PTYPE_INNER_L3_IPV4_EXT_UNKNOWN:
		return is == RTE_PTYPE_INNER_L3_IPV4 || is == RTE_PTYPE_INNER_L3_IPV4_EXT;
	case RTE_PTYPE_INNER_L3_IPV6_EXT_UNKNOWN:
		return is == RTE_PTYPE_INNER_L3_IPV6 || is == RTE_PTYPE_INNER_L3_IPV6_EXT;
	default:
		return false;
	}
}

/* Bytes up to the end of the last of some protocols, 0: the packet is not made of these. */
static uint32_t
header_len(const struct rte_mbuf *m, uint32_t proto)
{
	struct rte_net_hdr_lens lens;
	uint32_t type, mask, len = 0, end = 0;
	unsigned int i;

	memset(&lens, 0, sizeof(lens));
	type = rte_net_get_ptype(m, &lens, RTE_PTYPE_ALL_MASK);
	const struct {
		uint32_t mask;
		uint32_t len;
	} layers[] = {
		{ RTE_PTYPE_L2_MASK, lens.l2_len },
		{ RTE_PTYPE_L3_MASK, lens.l3_len },
		{ RTE_PTYPE_L4_MASK, lens.l4_len },
		{ RTE_PTYPE_TUNNEL_MASK, lens.tunnel_len },
		{ RTE_PTYPE_INNER_L2_MASK, lens.inner_l2_len },
		{ RTE_PTYPE_INNER_L3_MASK, lens.inner_l3_len },
		{ RTE_PTYPE_INNER_L4_MASK, lens.inner_l4_len },
	};

	for (i = 0; i < RTE_DIM(layers); i++) {
		mask = layers[i].mask;
		len += layers[i].len;
		if ((proto & mask) == 0)
			continue;
		if (!layer_is(mask, type & mask, proto & mask))
			return 0;
		end = len;
	}
	return end <= m->pkt_len ? end : 0;
}

/* ---- 3: a queue's splitter */

/* Bytes of data of a pool's buffers, 0: it has none. */
static uint32_t
pool_room(struct rte_mempool *mp)
{
	if (mp == NULL || mp->private_data_size < sizeof(struct rte_pktmbuf_pool_private))
		return 0;
	return rte_pktmbuf_data_room_size(mp);
}

struct page_pool_split *
page_pool_split_create(const struct rte_eth_rxseg_split segs[2], int socket_id)
{
	const struct rte_eth_rxseg_split *header = &segs[0], *payload = &segs[1];
	uint32_t before = RTE_PKTMBUF_HEADROOM + (uint32_t)header->offset;
	uint32_t room = pool_room(header->mp);
	struct page_pool_split *s;

	if (room <= before || pool_room(payload->mp) == 0 ||
			(header->length != 0 && header->proto_hdr != 0) ||
			header->length > room - before) {
		rte_errno = EINVAL;
		return NULL;
	}
	if (payload->length != 0 || payload->offset != 0 || payload->proto_hdr != 0 ||
			page_pool_mbuf_pool_unreadable(header->mp) ||
			page_pool_mbuf_pool_unreadable(payload->mp)) {
		rte_errno = ENOTSUP;
		return NULL;
	}
	s = rte_zmalloc_socket("page_pool_split", sizeof(*s), RTE_CACHE_LINE_SIZE, socket_id);
	if (s == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	s->headers = header->mp;
	s->payload = payload->mp;
	s->external = page_pool_mbuf_external(payload->mp);
	s->room = room - before;
	s->length = header->length != 0 ? header->length : s->room;
	s->proto = header->proto_hdr;
	s->data_off = (uint16_t)before;
	return s;
}

void
page_pool_split_free(struct page_pool_split *split)
{
	rte_free(split);
}

void
page_pool_split_get_stats(const struct page_pool_split *split, struct page_pool_split_stats *stats)
{
	stats->split = __atomic_load_n(&split->stats.split, __ATOMIC_RELAXED);
	stats->header = __atomic_load_n(&split->stats.header, __ATOMIC_RELAXED);
	stats->unsplit = __atomic_load_n(&split->stats.unsplit, __ATOMIC_RELAXED);
	stats->nombuf = __atomic_load_n(&split->stats.nombuf, __ATOMIC_RELAXED);
}

static uint16_t
split_callback(uint16_t port_id __rte_unused, uint16_t queue_id __rte_unused,
		struct rte_mbuf **pkts, uint16_t n, uint16_t max __rte_unused, void *arg)
{
	return page_pool_split_burst(arg, pkts, n);
}

/* Whether a device may be able to split so. */
static bool
device_splits(const struct rte_eth_dev_info *info, const struct rte_eth_rxseg_split *segs)
{
	return (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT) != 0 &&
			info->rx_seg_capa.multi_pools && info->rx_seg_capa.max_nseg >= 2 &&
			(segs[0].offset == 0 || info->rx_seg_capa.offset_allowed);
}

int
page_pool_split_rx_queue_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf,
		const struct rte_eth_rxseg_split segs[2], struct page_pool_split **split)
{
	union rte_eth_rxseg rx_seg[2] = { { .split = segs[0] }, { .split = segs[1] } };
	struct rte_eth_dev_info info;
	struct rte_eth_rxconf rxconf, hw;
	struct page_pool_split *s;
	int rc;

	*split = NULL;
	rc = rte_eth_dev_info_get(port_id, &info);
	if (rc != 0)
		return rc;
	rxconf = conf != NULL ? *conf : info.default_rxconf;
	if (device_splits(&info, segs)) {
		hw = rxconf;
		hw.offloads |= RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT;
		hw.rx_seg = rx_seg;
		hw.rx_nseg = RTE_DIM(rx_seg);
		rc = rte_eth_rx_queue_setup(port_id, queue_id, nb_desc, socket_id, &hw, NULL);
		/* not in this way: behind these protocols, say */
		if (rc != -ENOTSUP)
			return rc;
	}
	s = page_pool_split_create(segs, (int)socket_id);
	if (s == NULL)
		return -rte_errno;
	rc = rte_eth_rx_queue_setup(port_id, queue_id, nb_desc, socket_id, &rxconf, segs[1].mp);
	if (rc == 0) {
		s->port_id = port_id;
		s->queue_id = queue_id;
		s->callback = rte_eth_add_rx_callback(port_id, queue_id, split_callback, s);
		rc = s->callback != NULL ? 0 : -rte_errno;
	}
	if (rc != 0) {
		page_pool_split_free(s);
		return rc;
	}
	*split = s;
	return 0;
}

int
page_pool_split_rx_queue_release(struct page_pool_split *split)
{
	int rc;

	if (split == NULL)
		return 0;
	rc = rte_eth_remove_rx_callback(split->port_id, split->queue_id, split->callback);
	if (rc != 0)
		return rc;
	/* as rte_eth_remove_rx_callback() says */
	rte_free((void *)(uintptr_t)split->callback);
	page_pool_split_free(split);
	return 0;
}
