/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * mbufs of the attached form: a fragment of a page and a bare header. They are put together (1) and
 * taken apart (2), by DPDK, which calls one of two functions, or many in one go. Then chains that
 * grow (3), and the way from an mbuf to its page (4).
 *
 * The shared information lies in front of the buffer, in the fragment: one for each, since DPDK
 * leaves out the atomic operation while a count is 1, and in front, since a buffer can then grow at
 * its end (page_frag_alloc_commit_noref()). Its line is the headroom's.
 */

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "page_pool_mbuf.h"
#include "page_pool_mbuf_private.h"
#include "page_pool_private.h"
#include "page_va.h"

/* References that others may take while one looks at the count. */
#define CLONES_MARGIN RTE_MAX_LCORE

/* Where the data of streams begins: in the middle of a page, behind the shared information. */
#define STREAM_ALIGN 8

static_assert(PAGE_POOL_MBUF_OVERHEAD == 24 && PAGE_POOL_MBUF_OVERHEAD % STREAM_ALIGN == 0,
		"the header's picture of a fragment");

/* One writer, the owner; others read whatever they find. */
static inline void
count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* ---- 1: a header and a fragment become an mbuf */

/* What all mbufs of a bulk have in common. */
struct mbuf_shape {
	uint32_t total;      /* bytes of the fragment */
	uint16_t buf_len;    /* of these DPDK knows */
	struct rte_mbuf new; /* data_off, refcnt, nb_segs and port */
	struct mbuf_shared shared;
};

static_assert(offsetof(struct rte_mbuf, port) + 2 - offsetof(struct rte_mbuf, data_off) == 8,
		"four fields are one store");

static inline void
shape_init(const struct page_pool_mbuf_cache *mc, struct mbuf_shape *shape, uint32_t total,
		uint32_t lead)
{
	shape->total = total;
	shape->buf_len = (uint16_t)(total - PAGE_POOL_MBUF_OVERHEAD);
	shape->new.data_off = (uint16_t)(lead - PAGE_POOL_MBUF_OVERHEAD);
	shape->new.refcnt = 1;
	shape->new.nb_segs = 1;
	shape->new.port = RTE_MBUF_PORT_INVALID;
	mbuf_shared_init(&shape->shared, mc->free_cb, NULL);
}

/* What is in front of the data in a fragment, and the whole of it. */
static inline int
shape_of(const struct page_pool_mbuf_cache *mc, struct mbuf_shape *shape, uint32_t headroom,
		uint32_t size)
{
	uint32_t lead;

	if (unlikely(size == 0))
		return -EINVAL;
	if (unlikely(headroom > PAGE_POOL_MBUF_LEN_MAX || size > PAGE_POOL_MBUF_LEN_MAX))
		return -E2BIG;
	lead = RTE_ALIGN_CEIL(headroom + (uint32_t)PAGE_POOL_MBUF_OVERHEAD,
			(uint32_t)PAGE_POOL_MBUF_ALIGN);
	if (unlikely(lead + size - PAGE_POOL_MBUF_OVERHEAD > PAGE_POOL_MBUF_LEN_MAX))
		return -E2BIG;
	shape_init(mc, shape, lead + size, lead);
	return 0;
}

/* Address for devices of the page that is being cut. */
static inline int
page_iova(const struct page_pool_mbuf_cache *mc, rte_iova_t *iova)
{
	*iova = mc->frags.desc->dma_addr;
	return likely(mbuf_reached(mc->frags.desc)) || (mc->flags & PAGE_POOL_MBUF_F_NO_IOVA) != 0 ?
			0 :
			-EFAULT;
}

/* Make an mbuf of a header as its pool has it and of a fragment at va. That is
 * rte_pktmbuf_reset() and rte_pktmbuf_attach_extbuf(), but each field is written once, and none
 * that the pool's headers have right: next.
 */
static inline void
mbuf_attach(const struct page_pool_mbuf_cache *mc, struct rte_mbuf *m, char *va, rte_iova_t iova,
		const struct mbuf_shape *shape)
{
	struct mbuf_shared *shared = (struct mbuf_shared *)va;

	if (likely(iova != RTE_BAD_IOVA))
		iova += (uintptr_t)va - (uintptr_t)mc->frags.va + PAGE_POOL_MBUF_OVERHEAD;
	*shared = shape->shared;
	/* a strict pool's fragment is known by where it begins, others by their page */
	shared->info.fcb_opaque = unlikely(mc->frags.strict) ?
			va :
			(void *)nmdesc_to_netmem(mc->frags.desc);

	m->buf_addr = va + PAGE_POOL_MBUF_OVERHEAD;
	rte_mbuf_iova_set(m, iova);
	memcpy(&m->data_off, &shape->new.data_off, 8);
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	m->packet_type = 0;
	m->pkt_len = 0;
	m->data_len = 0;
	m->vlan_tci = 0;
	m->vlan_tci_outer = 0;
	m->buf_len = shape->buf_len;
	m->tx_offload = 0;
	m->shinfo = &shared->info;
}

/* Cut fragments out of one page, as many as it has room for. Their number, 0 with rte_errno; va:
 * where they begin, a stride apart.
 */
static inline unsigned int
frags_cut(struct page_frag_cache *nc, uint32_t total, uint32_t stride, unsigned int n, char **va)
{
	uint32_t at = RTE_ALIGN_CEIL(nc->offset, (uint32_t)PAGE_POOL_MBUF_ALIGN);
	uint64_t room;

	/* the first of a page, and all of strict pools; pages are aligned to more than a line */
	if (unlikely((uint64_t)at + total > nc->va_size)) {
		*va = page_frag_alloc_align(nc, total, PAGE_POOL_MBUF_ALIGN);
		return *va != NULL;
	}
	room = nc->va_size - at - total;
	if (unlikely(room < (uint64_t)(n - 1) * stride))
		n = (unsigned int)(room / stride) + 1;
	*va = nc->va + at;
	nc->offset = at + (n - 1) * stride + total;
	page_frag_count(nc->desc, (int)n);
	return n;
}

/* Neither these mbufs nor the other headers are the caller's after all. */
static __rte_cold int
bulk_undo(struct page_pool_mbuf_cache *mc, struct rte_mbuf **mbufs, unsigned int n,
		unsigned int attached, int rc)
{
	unsigned int i;

	for (i = 0; i < attached; i++)
		rte_pktmbuf_detach(mbufs[i]);
	rte_mempool_put_bulk(mc->headers, (void **)mbufs, n);
	count(&mc->stats.failed, 1);
	return rc;
}

int
page_pool_mbuf_alloc_bulk(struct page_pool_mbuf_cache *mc, struct rte_mbuf **mbufs, unsigned int n,
		uint32_t headroom, uint32_t size)
{
	uint32_t stride;
	struct mbuf_shape shape;
	unsigned int i, end;
	rte_iova_t iova;
	char *va;
	int rc;

	rc = shape_of(mc, &shape, headroom, size);
	if (unlikely(rc != 0 || n == 0))
		return rc;
	if (unlikely(rte_mempool_get_bulk(mc->headers, (void **)mbufs, n) != 0)) {
		count(&mc->stats.failed, 1);
		return -ENOMEM;
	}
	stride = RTE_ALIGN_CEIL(shape.total, (uint32_t)PAGE_POOL_MBUF_ALIGN);
	for (i = 0; i < n;) {
		end = i + frags_cut(&mc->frags, shape.total, stride, n - i, &va);
		if (unlikely(end == i))
			return bulk_undo(mc, mbufs, n, i, -rte_errno);
		rc = page_iova(mc, &iova);
		for (; i < end; i++, va += stride)
			mbuf_attach(mc, mbufs[i], va, iova, &shape);
		if (unlikely(rc != 0))
			return bulk_undo(mc, mbufs, n, i, rc);
	}
	count(&mc->stats.allocated, n);
	return 0;
}

struct rte_mbuf *
page_pool_mbuf_alloc(struct page_pool_mbuf_cache *mc, uint32_t headroom, uint32_t size)
{
	struct rte_mbuf *m;
	int rc = page_pool_mbuf_alloc_bulk(mc, &m, 1, headroom, size);

	if (unlikely(rc != 0)) {
		rte_errno = -rc;
		return NULL;
	}
	return m;
}

/* Bytes of payload that one segment can have in pages of a pool. */
static uint32_t
segment_max(const struct page_pool *pool)
{
	return RTE_MIN((uint32_t)pool_page_size(pool) - PAGE_POOL_MBUF_ALIGN,
			(uint32_t)(PAGE_POOL_MBUF_LEN_MAX + PAGE_POOL_MBUF_OVERHEAD -
					PAGE_POOL_MBUF_ALIGN));
}

struct rte_mbuf *
page_pool_mbuf_alloc_split(struct page_pool_mbuf_cache *hc, uint32_t headroom, uint32_t header,
		struct page_pool_mbuf_cache *dc, uint32_t payload)
{
	uint32_t most = segment_max(dc->frags.pool), size;
	const struct page_pool *small = dc->frags.small;
	struct rte_mbuf *m, *last, *seg;

	m = page_pool_mbuf_alloc(hc, headroom, header);
	if (unlikely(m == NULL))
		return NULL;
	m->data_len = (uint16_t)header;
	m->pkt_len = header;
	for (last = m; payload > 0; last = seg) {
		size = RTE_MIN(payload, most);
		seg = page_pool_mbuf_alloc(dc, 0, size);
		if (unlikely(seg == NULL && rte_errno == ENOMEM && small != NULL)) {
			/* the small pages may have what the large ones have not */
			most = segment_max(small);
			small = NULL;
			seg = last;
			continue;
		}
		if (unlikely(seg == NULL || m->nb_segs == RTE_MBUF_MAX_NB_SEGS ||
				    payload > UINT32_MAX - header)) {
			int error = seg == NULL ? rte_errno : E2BIG;

			rte_pktmbuf_free(seg);
			rte_pktmbuf_free(m);
			rte_errno = error;
			return NULL;
		}
		seg->data_len = (uint16_t)size;
		last->next = seg;
		m->nb_segs++;
		m->pkt_len += size;
		payload -= size;
	}
	return m;
}

/* ---- 2: the last reference to a buffer is freed by one of DPDK's functions */

/* The page was remembered; the address is not needed. */
static void
frag_free(void *addr __rte_unused, void *opaque)
{
	mbuf_refs_acquire();
	page_frag_free_netmem((netmem_ref)opaque);
}

/* Pools with PP_FLAG_STRICT know fragments by where they begin. */
static void
frag_free_strict(void *addr __rte_unused, void *opaque)
{
	mbuf_refs_acquire();
	page_frag_free(opaque);
}

/* ---- 2: many are freed in one go */

/* Headers to be given back to one pool. */
#define PENDING 64

struct free_bulk {
	netmem_ref netmem;      /* page of fragments to be freed */
	uint32_t frags;         /* how many */
	unsigned int nr;        /* headers in the table */
	uint32_t header;        /* bytes of one, private area included */
	uint16_t data_room;     /* of the pool's mbufs */
	struct rte_mempool *mp; /* their pool */
	struct rte_mbuf **pending;
};

static inline void
free_frags(struct free_bulk *f)
{
	if (f->frags == 1)
		page_frag_free_netmem(f->netmem);
	else if (likely(f->frags > 1))
		page_frag_free_many(f->netmem, f->frags);
}

static inline void
free_headers(struct free_bulk *f)
{
	if (likely(f->nr > 0))
		rte_mempool_put_bulk(f->mp, (void **)f->pending, f->nr);
}

/* A header goes to its pool. */
static inline void
free_header(struct free_bulk *f, struct rte_mbuf *m)
{
	if (unlikely(f->nr == PENDING)) {
		free_headers(f);
		f->nr = 0;
	}
	f->pending[f->nr++] = m;
}

/* All that follow are of this pool. */
static inline void
free_from(struct free_bulk *f, struct rte_mempool *mp)
{
	if (likely(f->mp == mp))
		return;
	free_headers(f);
	f->nr = 0;
	f->mp = mp;
	f->header = (uint32_t)sizeof(struct rte_mbuf) + rte_pktmbuf_priv_size(mp);
	f->data_room = rte_pktmbuf_data_room_size(mp);
}

/* rte_pktmbuf_detach() of an mbuf whose fragment is freed, and what rte_pktmbuf_prefree_seg() does
 * then.
 */
static inline void
mbuf_bare(const struct free_bulk *f, struct rte_mbuf *m)
{
	m->buf_addr = (char *)m + f->header;
	rte_mbuf_iova_set(m, rte_mempool_virt2iova(m) + f->header);
	m->data_off = RTE_MIN(f->data_room, (uint16_t)RTE_PKTMBUF_HEADROOM);
	m->nb_segs = 1;
	m->ol_flags = 0;
	m->data_len = 0;
	m->buf_len = f->data_room;
	m->next = NULL;
}

static inline void
free_segment(struct free_bulk *f, struct rte_mbuf *m)
{
	struct rte_mbuf_ext_shared_info *shinfo;

	if (likely(RTE_MBUF_HAS_EXTBUF(m) && rte_mbuf_refcnt_read(m) == 1)) {
		shinfo = m->shinfo;
		if (unlikely(rte_mbuf_ext_refcnt_read(shinfo) != 1)) {
			/* others have the buffer */
		} else if (likely(shinfo->free_cb == frag_free)) {
			mbuf_refs_acquire();
			if (f->netmem != (netmem_ref)shinfo->fcb_opaque) {
				free_frags(f);
				f->netmem = (netmem_ref)shinfo->fcb_opaque;
				f->frags = 0;
			}
			f->frags++;
			free_from(f, m->pool);
			mbuf_bare(f, m);
			free_header(f, m);
			return;
		} else if (shinfo->free_cb == page_pool_mbuf_pinned_free &&
				shinfo->fcb_opaque == m) {
			m->ol_flags = RTE_MBUF_F_EXTERNAL;
			m->nb_segs = 1;
			m->next = NULL;
			free_from(f, m->pool);
			free_header(f, m);
			return;
		}
	}
	m = rte_pktmbuf_prefree_seg(m);
	if (likely(m != NULL)) {
		free_from(f, m->pool);
		free_header(f, m);
	}
}

void
page_pool_mbuf_free_bulk(struct rte_mbuf **mbufs, unsigned int n)
{
	struct rte_mbuf *m, *next, *pending[PENDING];
	struct free_bulk f = { .pending = pending };
	unsigned int i;

	for (i = 0; i < n; i++)
		for (m = mbufs[i]; m != NULL; m = next) {
			next = m->next;
			free_segment(&f, m);
		}
	free_frags(&f);
	free_headers(&f);
}

/* ---- 3: chains that grow */

/* Nobody else reads a segment's buffer, and the CPU may write to it. */
static inline bool
segment_is_mine(struct rte_mbuf *m)
{
	if (rte_mbuf_refcnt_read(m) != 1)
		return false;
	if (!RTE_MBUF_DIRECT(m) &&
			!(RTE_MBUF_HAS_EXTBUF(m) && rte_mbuf_ext_refcnt_read(m->shinfo) == 1 &&
					!netmem_is_net_iov(page_pool_mbuf_netmem(m))))
		return false;
	mbuf_refs_acquire();
	return true;
}

/* The segment's fragment is the newest one of the page that is being cut. */
static inline bool
segment_is_newest(const struct page_pool_mbuf_cache *mc, const struct rte_mbuf *m)
{
	const struct page_frag_cache *nc = &mc->frags;

	return nc->desc != NULL && page_pool_mbuf_netmem(m) == nmdesc_to_netmem(nc->desc) &&
			(char *)m->buf_addr + m->buf_len == nc->va + nc->offset &&
			nc->offset != nc->aborted;
}

/* Where the data of a segment ends. */
static inline char *
segment_end(const struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod_offset(m, char *, m->data_len);
}

/* Who shares the buffer shares its tailroom, and does not know what is behind it. */
static inline bool
segment_may_grow(struct rte_mbuf *m, uint32_t tail)
{
	return segment_is_mine(m) || (tail == 0 && rte_mbuf_refcnt_read(m) == 1);
}

/* What can be had by making the last segment longer. */
static bool
room_extend(struct page_pool_mbuf_cache *mc, struct rte_mbuf *last, uint32_t size,
		struct page_pool_mbuf_room *room)
{
	uint32_t tail = rte_pktmbuf_tailroom(last), more = 0;
	struct page_frag frag = { 0 };

	if (!segment_may_grow(last, tail))
		return false;
	if (segment_is_newest(mc, last) && page_frag_alloc_probe(&mc->frags, 1, &frag) == 0)
		more = RTE_MIN(frag.size, (uint32_t)PAGE_POOL_MBUF_LEN_MAX - last->buf_len);
	if (tail + more < size)
		return false;
	room->va = segment_end(last);
	room->size = tail + more;
	room->tail = tail;
	room->extend = true;
	room->last = last;
	room->frag = frag;
	return true;
}

int
page_pool_mbuf_prepare(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m, uint32_t size,
		struct page_pool_mbuf_room *room)
{
	struct rte_mbuf *last = rte_pktmbuf_lastseg(m);
	struct page_frag frag;
	rte_iova_t iova;
	int rc;

	if (unlikely(size == 0))
		return -EINVAL;
	if (unlikely(size > PAGE_POOL_MBUF_LEN_MAX))
		return -E2BIG;
	if (room_extend(mc, last, size, room))
		return 0;
	rc = page_frag_alloc_prepare_align(&mc->frags, size + PAGE_POOL_MBUF_OVERHEAD, STREAM_ALIGN,
			&frag);
	if (likely(rc == 0))
		rc = likely(mc->frags.by_va) ? page_iova(mc, &iova) : -EOPNOTSUPP;
	if (unlikely(rc != 0)) {
		/* what is asked wrongly is no lack of memory */
		count(&mc->stats.failed, rc != -E2BIG);
		return rc;
	}
	room->va = (char *)frag.va + PAGE_POOL_MBUF_OVERHEAD;
	room->size = RTE_MIN(frag.size - (uint32_t)PAGE_POOL_MBUF_OVERHEAD,
			(uint32_t)PAGE_POOL_MBUF_LEN_MAX);
	room->tail = 0;
	room->extend = false;
	room->last = last;
	room->frag = frag;
	return 0;
}

/* The last segment becomes longer, by what is behind its buffer if need be. */
static int
commit_extend(struct page_pool_mbuf_cache *mc, const struct page_pool_mbuf_room *room,
		uint32_t used)
{
	struct rte_mbuf *last = room->last;
	uint32_t behind = used > room->tail ? used - room->tail : 0;

	if (unlikely(room->va != segment_end(last) || room->tail != rte_pktmbuf_tailroom(last) ||
			    !segment_may_grow(last, room->tail)))
		return -EINVAL;
	if (behind > 0) {
		if (unlikely(!segment_is_newest(mc, last) ||
				    page_frag_alloc_commit_noref(&mc->frags, &room->frag, behind) <
						    0))
			return -EINVAL;
		last->buf_len = (uint16_t)(last->buf_len + behind);
		count(&mc->stats.coalesced, 1);
	}
	last->data_len = (uint16_t)(last->data_len + used);
	return 0;
}

/* The chain gets one segment more. */
static int
commit_new(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m,
		const struct page_pool_mbuf_room *room, uint32_t used)
{
	uint32_t total = used + (uint32_t)PAGE_POOL_MBUF_OVERHEAD;
	struct mbuf_shape shape;
	struct rte_mbuf *seg;
	int64_t rc;

	if (unlikely(room->last->next != NULL))
		return -EINVAL;
	if (unlikely(m->nb_segs == RTE_MBUF_MAX_NB_SEGS))
		return -EOVERFLOW;
	if (unlikely(rte_mempool_get(mc->headers, (void **)&seg) != 0)) {
		count(&mc->stats.failed, 1);
		return -ENOMEM;
	}
	rc = page_frag_alloc_commit(&mc->frags, &room->frag, total);
	if (unlikely(rc < 0)) {
		rte_mempool_put(mc->headers, seg);
		count(&mc->stats.failed, 1);
		return (int)rc;
	}
	shape_init(mc, &shape, total, PAGE_POOL_MBUF_OVERHEAD);
	/* prepare looked at the address for devices */
	mbuf_attach(mc, seg, room->frag.va, mc->frags.desc->dma_addr, &shape);
	seg->data_len = (uint16_t)used;
	room->last->next = seg;
	m->nb_segs++;
	count(&mc->stats.allocated, 1);
	return 0;
}

int
page_pool_mbuf_commit(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m,
		const struct page_pool_mbuf_room *room, uint32_t used)
{
	int rc;

	if (unlikely(used == 0 || used > room->size))
		return -EINVAL;
	if (unlikely(used > UINT32_MAX - m->pkt_len))
		return -EOVERFLOW;
	rc = room->extend ? commit_extend(mc, room, used) : commit_new(mc, m, room, used);
	if (likely(rc == 0))
		m->pkt_len += used;
	return rc;
}

int64_t
page_pool_mbuf_append(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m, const void *data,
		uint32_t len)
{
	struct page_pool_mbuf_room room;
	uint32_t done, piece;
	int rc = -EINVAL;

	for (done = 0; done < len; done += piece) {
		rc = page_pool_mbuf_prepare(mc, m, 1, &room);
		if (unlikely(rc != 0))
			break;
		piece = RTE_MIN(room.size, len - done);
		memcpy(room.va, RTE_PTR_ADD(data, done), piece);
		rc = page_pool_mbuf_commit(mc, m, &room, piece);
		if (unlikely(rc != 0))
			break;
	}
	return done > 0 ? (int64_t)done : rc;
}

/* One reference to the buffer of either is one to the other's. */
static inline bool
segment_same_buffer(const struct rte_mbuf *a, const struct rte_mbuf *b)
{
	if (RTE_MBUF_HAS_EXTBUF(a) || RTE_MBUF_HAS_EXTBUF(b))
		return RTE_MBUF_HAS_EXTBUF(a) && RTE_MBUF_HAS_EXTBUF(b) && a->shinfo == b->shinfo;
	return a->buf_addr == b->buf_addr;
}

int
page_pool_mbuf_chain(struct rte_mbuf *head, struct rte_mbuf *tail)
{
	struct rte_mbuf *last = rte_pktmbuf_lastseg(head), *next = tail;
	uint32_t segs = (uint32_t)head->nb_segs + tail->nb_segs, len = tail->pkt_len;
	/* side by side in one buffer */
	bool merge = segment_same_buffer(last, tail) &&
			segment_end(last) == rte_pktmbuf_mtod(tail, char *) &&
			(uint32_t)last->data_off + last->data_len + tail->data_len <=
					PAGE_POOL_MBUF_LEN_MAX;

	if (unlikely(segs - merge > RTE_MBUF_MAX_NB_SEGS || len > UINT32_MAX - head->pkt_len))
		return -EOVERFLOW;
	if (merge) {
		last->data_len = (uint16_t)(last->data_len + tail->data_len);
		/* the tail's may have grown since the other one was cloned */
		last->buf_len = RTE_MAX(last->buf_len, (uint16_t)(last->data_off + last->data_len));
		next = tail->next;
		/* the other segment's reference is enough */
		tail->next = NULL;
		tail->nb_segs = 1;
		rte_pktmbuf_free_seg(tail);
	}
	last->next = next;
	head->nb_segs = (uint16_t)(segs - merge);
	head->pkt_len += len;
	return 0;
}

/* References to a segment's buffer. */
static uint16_t
segment_refs(struct rte_mbuf *m)
{
	if (RTE_MBUF_HAS_EXTBUF(m))
		return rte_mbuf_ext_refcnt_read(m->shinfo);
	return rte_mbuf_refcnt_read(RTE_MBUF_CLONED(m) ? rte_mbuf_from_indirect(m) : m);
}

/* Whether DPDK can count so many more references to a segment's buffer. */
static bool
segment_can_be_cloned(struct rte_mbuf *m, uint32_t more)
{
	/* a pinned one whose flag a PMD has overwritten: page_pool_mbuf_rx_mark(). Others only read
	 * it: they may clone it at the same time.
	 */
	if (unlikely(RTE_MBUF_DIRECT(m) && page_pool_mbuf_external(m->pool) != 0))
		m->ol_flags |= RTE_MBUF_F_EXTERNAL;
	if (likely(segment_refs(m) + more <= UINT16_MAX - CLONES_MARGIN))
		return true;
	rte_errno = EOVERFLOW;
	return false;
}

struct rte_mbuf *
page_pool_mbuf_clone(struct rte_mbuf *m, struct rte_mempool *headers)
{
	struct rte_mbuf *seg, *clone;

	if (unlikely(page_pool_mbuf_external(headers) != 0)) {
		rte_errno = EINVAL;
		return NULL;
	}
	/* all segments may be of one buffer */
	for (seg = m; seg != NULL; seg = seg->next)
		if (unlikely(!segment_can_be_cloned(seg, m->nb_segs)))
			return NULL;
	clone = rte_pktmbuf_clone(m, headers);
	if (unlikely(clone == NULL))
		rte_errno = ENOMEM;
	return clone;
}

/* One more header for the buffer of a segment. */
static struct rte_mbuf *
segment_clone(struct rte_mbuf *m, struct rte_mempool *headers)
{
	struct rte_mbuf *clone;

	if (unlikely(!segment_can_be_cloned(m, 1)))
		return NULL;
	clone = rte_pktmbuf_alloc(headers);
	if (unlikely(clone == NULL)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	rte_pktmbuf_attach(clone, m);
	return clone;
}

struct rte_mbuf *
page_pool_mbuf_clone_range(struct rte_mbuf *m, uint32_t offset, uint32_t len,
		struct rte_mempool *headers)
{
	struct rte_mbuf *clone = NULL, **end = &clone, *piece;
	uint32_t n;

	if (unlikely(len == 0 || offset > m->pkt_len || len > m->pkt_len - offset ||
			    page_pool_mbuf_external(headers) != 0)) {
		rte_errno = EINVAL;
		return NULL;
	}
	for (; offset >= m->data_len; m = m->next)
		offset -= m->data_len;
	for (; len > 0; m = m->next, offset = 0) {
		n = RTE_MIN(len, m->data_len - offset);
		if (unlikely(n == 0))
			continue;
		piece = segment_clone(m, headers);
		if (unlikely(piece == NULL)) {
			rte_pktmbuf_free(clone);
			return NULL;
		}
		piece->data_off = (uint16_t)(piece->data_off + offset);
		piece->data_len = (uint16_t)n;
		piece->pkt_len = n;
		*end = piece;
		end = &piece->next;
		if (clone != piece) {
			clone->nb_segs++;
			clone->pkt_len += n;
		}
		len -= n;
	}
	return clone;
}

/* ---- 4: from an mbuf to its page */

netmem_ref
page_pool_mbuf_netmem(const struct rte_mbuf *m)
{
	const struct rte_mbuf_ext_shared_info *shinfo;
	const struct netmem_desc *desc;

	if (m == NULL || !RTE_MBUF_HAS_EXTBUF(m))
		return 0;
	shinfo = m->shinfo;
	/* who frees it tells what it is, and the number whose it is: other processes may have the
	 * library at the same address
	 */
	if (likely(shinfo->free_cb == frag_free))
		return mbuf_shared_is_ours(shinfo) ? (netmem_ref)shinfo->fcb_opaque : 0;
	if (shinfo->free_cb == frag_free_strict) {
		desc = mbuf_shared_is_ours(shinfo) ? page_va_desc(shinfo->fcb_opaque) : NULL;
		return desc == NULL ? 0 : nmdesc_to_netmem(desc);
	}
	return page_pool_mbuf_pinned_netmem(shinfo);
}

int
page_pool_mbuf_frag(const struct rte_mbuf *m, struct page_frag *frag)
{
	netmem_ref netmem = page_pool_mbuf_netmem(m);

	if (netmem == 0)
		return -ENOENT;
	frag->netmem = netmem;
	frag->va = netmem_is_net_iov(netmem) ? NULL : m->buf_addr;
	frag->offset = (uint32_t)RTE_PTR_DIFF(m->buf_addr, netmem_to_nmdesc(netmem)->addr);
	frag->size = m->buf_len;
	return 0;
}

/* ---- on no buffer's way */

uint32_t page_pool_mbuf_process;

/* A child's mbufs are not its parent's. */
static void
process_forked(void)
{
	page_pool_mbuf_process = 0;
}

static void
process_once(void)
{
	pthread_atfork(NULL, NULL, process_forked);
}

void
page_pool_mbuf_process_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint32_t number = 0;

	pthread_once(&once, process_once);
	if (__atomic_load_n(&page_pool_mbuf_process, __ATOMIC_RELAXED) != 0)
		return;
	/* pids of different namespaces may be the same; relaxed: whichever thread is first */
	number = ((uint32_t)rte_rdtsc() * 2654435761u ^ (uint32_t)getpid()) | 1;
	__atomic_compare_exchange_n(&page_pool_mbuf_process, &(uint32_t){ 0 }, number, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

struct rte_mbuf *
page_pool_mbuf_first(const struct rte_mempool *mp)
{
	/* the first object behind its header, as rte_mempool_obj_iter() finds it */
	const struct rte_mempool_objhdr *hdr = STAILQ_FIRST(&mp->elt_list);

	return hdr == NULL ? NULL : RTE_PTR_ADD(hdr, sizeof(*hdr));
}

bool
page_pool_mbuf_bare(struct rte_mempool *mp)
{
	const struct rte_pktmbuf_pool_private *priv;
	const struct rte_mbuf *m;

	if (mp == NULL || mp->private_data_size < sizeof(*priv))
		return false;
	priv = rte_mempool_get_priv(mp);
	m = page_pool_mbuf_first(mp);
	return mp->elt_size >= sizeof(struct rte_mbuf) + priv->mbuf_priv_size &&
			priv->mbuf_data_room_size == 0 && priv->flags == 0 && m != NULL &&
			m->pool == mp;
}

int
page_pool_mbuf_cache_init(struct page_pool_mbuf_cache *mc, struct rte_mempool *headers,
		struct page_pool *pool, struct page_pool *small, uint32_t flags)
{
	int rc;

	if (mc == NULL || (flags & ~(PAGE_POOL_MBUF_F_OWNED | PAGE_POOL_MBUF_F_NO_IOVA)) != 0 ||
			!page_pool_mbuf_bare(headers))
		return -EINVAL;
	page_pool_mbuf_process_init();
	rc = page_frag_cache_init(&mc->frags, pool, small, (flags & PAGE_POOL_MBUF_F_OWNED) != 0);
	if (rc != 0)
		return rc;
	mc->headers = headers;
	mc->free_cb = mc->frags.strict ? frag_free_strict : frag_free;
	mc->flags = flags;
	memset(&mc->stats, 0, sizeof(mc->stats));
	return 0;
}

void
page_pool_mbuf_cache_drain(struct page_pool_mbuf_cache *mc)
{
	page_frag_cache_drain(&mc->frags);
}

void
page_pool_mbuf_get_stats(const struct page_pool_mbuf_cache *mc, struct page_pool_mbuf_stats *stats)
{
	stats->allocated = __atomic_load_n(&mc->stats.allocated, __ATOMIC_RELAXED);
	stats->failed = __atomic_load_n(&mc->stats.failed, __ATOMIC_RELAXED);
	stats->coalesced = __atomic_load_n(&mc->stats.coalesced, __ATOMIC_RELAXED);
}
