/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Random operations on mbufs against a model (issue 6). The model knows of each packet its bytes
 * and its segments, and of each buffer where it is and how many segments have it. What is not told
 * by DPDK's or the library's interface is taken from the packet and then kept: where a buffer is,
 * and how an append was cut. All else the model says before it happens.
 *
 * Packets are of bare headers with a fragment, of a pinned pool, and of an ordinary pool, in
 * chains of all of them. Two threads free some of them at any time: until the model waits for them
 * (settle()) it knows of a buffer's references that there are between so many and so many.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <memory_providers.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_split.h>

#include "test_common.h"

#define LARGE 32768u
#define SMALL 4096u
#define PKTS 96u           /* most packets at a time */
#define SEGS 256u          /* of a packet */
#define BYTES (384u << 10) /* of a packet */
#define BUFS 16384u
#define HEADERS 4095u
#define HEADERS_FEW 200u
#define THREADS 2u
#define SPLITS 4u
#define EVERY 32u /* operations from one look at everything to the next */

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define OPERATIONS 6000u
#else
#define OPERATIONS 40000u
#endif

/* A buffer: of one segment, or of several in clones. */
struct buf {
	char *begin, *end;    /* buf_addr, and buf_len behind it */
	struct rte_mbuf *own; /* the mbuf that it belongs to, NULL: a fragment's is none */
	struct rte_mbuf_ext_shared_info *shinfo; /* NULL: it is that mbuf's alone */
	netmem_ref netmem;                       /* 0 where there is no shinfo */
	unsigned int refs;                       /* of packets of the model */
	unsigned int pending;                    /* that other threads drop */
	unsigned int next;                       /* free one */
};

struct seg {
	struct rte_mbuf *m;
	struct buf *buf;
	char *data;
	uint32_t len;
	char *end; /* of the buffer, as this mbuf knows it: a clone's may be shorter */
};

struct packet {
	struct rte_mbuf *m; /* NULL: none */
	struct seg seg[SEGS];
	unsigned int segs;
	uint32_t len;
	bool twice; /* two references to the mbufs themselves: nobody writes to them */
	uint8_t *bytes;
};

static bool strict, owned, few;

static struct packet pkts[PKTS];
static struct buf bufs[BUFS];
static unsigned int buf_free; /* 0: none */

static struct page_pool_mbuf_cache mc[2]; /* both on one pool */
static struct rte_mempool *headers, *pinned, *data, *split_headers;
static struct page_pool *large, *small, *pages;
static struct page_pool_region *region;
static struct page_pool_split *split[SPLITS];
static uint32_t split_len[SPLITS];

static struct {
	pthread_t id;
	struct rte_ring *ring;
	unsigned int sent;
	_Atomic(unsigned int) done;
	_Atomic(bool) end;
	bool on;
} threads[THREADS];

static unsigned int nr_failed, nr_done;

/* ---- a driver of mempools that ThreadSanitizer can see into */

struct locked {
	pthread_mutex_t lock;
	unsigned int n;
	void *objs[];
};

static int
locked_alloc(struct rte_mempool *mp)
{
	struct locked *l = calloc(1, sizeof(*l) + mp->size * sizeof(void *));

	if (l == NULL)
		return -ENOMEM;
	pthread_mutex_init(&l->lock, NULL);
	mp->pool_data = l;
	return 0;
}

static void
locked_free(struct rte_mempool *mp)
{
	free(mp->pool_data);
}

static int
locked_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct locked *l = mp->pool_data;

	pthread_mutex_lock(&l->lock);
	memcpy(&l->objs[l->n], objs, n * sizeof(void *));
	l->n += n;
	pthread_mutex_unlock(&l->lock);
	return 0;
}

static int
locked_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct locked *l = mp->pool_data;
	int rc = -ENOBUFS;

	pthread_mutex_lock(&l->lock);
	if (n <= l->n) {
		l->n -= n;
		memcpy(objs, &l->objs[l->n], n * sizeof(void *));
		rc = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static unsigned int
locked_count(const struct rte_mempool *mp)
{
	const struct locked *l = mp->pool_data;

	return l->n;
}

static const struct rte_mempool_ops locked_ops = {
	.name = "test_locked",
	.alloc = locked_alloc,
	.free = locked_free,
	.enqueue = locked_enqueue,
	.dequeue = locked_dequeue,
	.get_count = locked_count,
};

RTE_MEMPOOL_REGISTER_OPS(locked_ops);

#ifdef __SANITIZE_THREAD__
#define OPS "test_locked"
#else
#define OPS NULL /* the program's: this project's driver */
#endif

/* ---- buffers */

static struct buf *
buf_make(struct rte_mbuf *m)
{
	struct buf *b = &bufs[buf_free];

	if (buf_free == 0)
		return NULL;
	buf_free = b->next;
	memset(b, 0, sizeof(*b));
	b->begin = m->buf_addr;
	b->end = b->begin + m->buf_len;
	if (RTE_MBUF_HAS_EXTBUF(m)) {
		b->shinfo = m->shinfo;
		b->netmem = page_pool_mbuf_netmem(m);
	}
	if (m->pool != headers)
		b->own = m;
	b->refs = 1;
	return b;
}

static void
buf_unused(struct buf *b)
{
	if (b->refs == 0 && b->pending == 0) {
		b->next = buf_free;
		buf_free = (unsigned int)(b - bufs);
	}
}

static void
buf_drop(struct buf *b, bool pending, unsigned int n)
{
	b->refs -= n;
	if (pending)
		b->pending += n;
	buf_unused(b);
}

/* Segments of a direct mbuf count their mbuf's references, others those of the shared info. */
static unsigned int
buf_count(const struct buf *b)
{
	return b->shinfo != NULL ? rte_mbuf_ext_refcnt_read(b->shinfo) :
				   rte_mbuf_refcnt_read(b->own);
}

static void
bufs_begin(void)
{
	unsigned int i;

	memset(bufs, 0, sizeof(bufs));
	for (i = 1; i < BUFS; i++)
		bufs[i].next = i + 1 < BUFS ? i + 1 : 0;
	buf_free = 1;
}

/* ---- packets */

static struct packet *
packet_free_slot(void)
{
	unsigned int i, from = test_random_below(PKTS);

	for (i = 0; i < PKTS; i++)
		if (pkts[(from + i) % PKTS].m == NULL)
			return &pkts[(from + i) % PKTS];
	return NULL;
}

/* One that is there, whose mbufs have one reference each if that is what is wanted. */
static struct packet *
packet_any(bool once)
{
	unsigned int i, from = test_random_below(PKTS);
	struct packet *p;

	for (i = 0; i < PKTS; i++) {
		p = &pkts[(from + i) % PKTS];
		if (p->m != NULL && (!once || !p->twice))
			return p;
	}
	return NULL;
}

static bool
packet_has_room(const struct packet *p, uint32_t bytes, unsigned int segs)
{
	return p->len + bytes <= BYTES && p->segs + segs <= SEGS;
}

/* A segment whose buffer the model has not seen. */
static int
packet_add(struct packet *p, struct rte_mbuf *m)
{
	struct seg *s = &p->seg[p->segs];

	CHECK(p->segs < SEGS, "segments");
	s->m = m;
	s->buf = buf_make(m);
	CHECK(s->buf != NULL, "buffers");
	s->data = rte_pktmbuf_mtod(m, char *);
	s->len = m->data_len;
	s->end = s->buf->end;
	p->segs++;
	return 0;
}

/* Segments of a packet that somebody else cut, from one on. */
static int
packet_take(struct packet *p, struct rte_mbuf *from)
{
	for (; from != NULL; from = from->next)
		CHECK_OK(packet_add(p, from));
	return 0;
}

static int
packet_begin(struct packet *p, struct rte_mbuf *m)
{
	p->m = m;
	p->segs = 0;
	p->len = m->pkt_len;
	p->twice = false;
	return packet_take(p, m);
}

static void
seg_drop(const struct packet *p, const struct seg *s, bool pending, bool both)
{
	bool direct = s->buf->shinfo == NULL && s->buf->own == s->m;

	/* a direct mbuf's own references are its buffer's */
	if (p->twice && !direct && !both)
		return;
	buf_drop(s->buf, pending, direct && p->twice && both ? 2 : 1);
}

/* The packet is freed by somebody, or one reference to each of its mbufs. */
static void
packet_drop(struct packet *p, bool pending, bool both)
{
	unsigned int i;

	for (i = 0; i < p->segs; i++)
		seg_drop(p, &p->seg[i], pending, both);
	if (p->twice && !both)
		p->twice = false;
	else
		p->m = NULL;
}

/* Take segments out of the middle of the model's table. */
static void
segs_remove(struct packet *p, unsigned int from, unsigned int n)
{
	unsigned int i;

	for (i = from; i < from + n; i++)
		buf_drop(p->seg[i].buf, false, 1);
	memmove(&p->seg[from], &p->seg[from + n], (p->segs - from - n) * sizeof(p->seg[0]));
	p->segs -= n;
}

/* Nobody else has the segment's buffer. */
static bool
seg_is_alone(const struct packet *p, const struct seg *s)
{
	return !p->twice && s->buf->refs == 1 && s->buf->pending == 0;
}

static void
random_bytes(void *where, uint32_t n)
{
	uint8_t *p = where;
	uint64_t word = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (i % 6 == 0)
			word = test_random();
		p[i] = (uint8_t)(word >> i % 6 * 8);
	}
}

static uint32_t
random_len(uint32_t most)
{
	uint32_t n = test_random_below(most) + 1;

	/* small ones more often */
	return test_random_below(4) == 0 ? n : 1 + test_random_below(RTE_MIN(n, 1500u));
}

/* ---- what must hold */

static int
seg_check(const struct packet *p, const struct seg *s)
{
	const struct buf *b = s->buf;
	struct rte_mbuf *m = s->m;
	struct page_frag frag;
	struct page_pool *pool;
	rte_iova_t iova;

	CHECK(rte_pktmbuf_mtod(m, char *) == s->data && m->data_len == s->len, "%u bytes, not %u",
			m->data_len, s->len);
	CHECK(m->buf_addr == b->begin && b->begin + m->buf_len == s->end && s->end <= b->end,
			"buffer");
	CHECK(s->data >= b->begin && s->data + s->len <= b->end, "data out of its buffer");
	CHECK(!RTE_MBUF_HAS_EXTBUF(m) == (b->shinfo == NULL), "kind");
	CHECK(b->shinfo == NULL || m->shinfo == b->shinfo, "shared info");
	if (s->m != b->own || b->shinfo != NULL)
		CHECK(rte_mbuf_refcnt_read(m) == 1 + p->twice, "%u", rte_mbuf_refcnt_read(m));
	CHECK(page_pool_mbuf_netmem(m) == b->netmem, "page");
	if (b->netmem == 0) {
		CHECK(page_pool_mbuf_pool(m) == NULL && page_pool_mbuf_frag(m, &frag) == -ENOENT,
				"page of another's buffer");
		return 0;
	}
	pool = page_pool_mbuf_pool(m);
	CHECK(b->own != NULL ? pool == pages : pool == large || (pool == small && pool != NULL),
			"pool");
	CHECK(page_pool_mbuf_frag(m, &frag) == 0 && frag.netmem == b->netmem, "look-up");
	CHECK(frag.va == m->buf_addr && frag.size == m->buf_len, "look-up");
	CHECK((char *)netmem_address(b->netmem) + frag.offset == (char *)frag.va, "offset");
	iova = page_pool_get_dma_addr_netmem(b->netmem);
	CHECK(rte_mbuf_iova_get(m) == (iova == RTE_BAD_IOVA ? iova : iova + frag.offset),
			"address for devices");
	CHECK(frag.offset + frag.size <= page_pool_page_size(pool), "it ends behind its page");
	return 0;
}

static int
packet_check(const struct packet *p)
{
	const char *reason = NULL;
	const struct rte_mbuf *m = p->m;
	uint32_t at = 0;
	unsigned int i;

	CHECK(rte_mbuf_check(m, 1, &reason) == 0, "%s", reason);
	CHECK(m->pkt_len == p->len && m->nb_segs == p->segs, "%u bytes in %u, not %u in %u",
			m->pkt_len, m->nb_segs, p->len, p->segs);
	for (i = 0; i < p->segs; i++, m = m->next) {
		CHECK(m == p->seg[i].m, "segment %u is another one", i);
		CHECK_OK(seg_check(p, &p->seg[i]));
		CHECK(memcmp(p->seg[i].data, p->bytes + at, p->seg[i].len) == 0,
				"bytes of segment %u of %u", i, p->segs);
		at += p->seg[i].len;
	}
	CHECK(m == NULL && at == p->len, "segments");
	return 0;
}

static int
compare_bufs(const void *a, const void *b)
{
	const struct buf *x = *(const struct buf *const *)a, *y = *(const struct buf *const *)b;

	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* References, and that each byte is of one buffer only. */
static int
bufs_check(void)
{
	static const struct buf *sorted[BUFS];
	const struct buf *b;
	unsigned int i, n = 0, count;

	for (i = 1; i < BUFS; i++) {
		b = &bufs[i];
		if (b->refs == 0)
			continue;
		count = buf_count(b);
		CHECK(count >= b->refs && count <= b->refs + b->pending, "%u references of %u, %u",
				count, b->refs, b->pending);
		sorted[n++] = b;
	}
	qsort(sorted, n, sizeof(sorted[0]), compare_bufs);
	for (i = 1; i < n; i++) {
		/* what DPDK shares of a fragment lies in front of it */
		count = sorted[i]->own == NULL ? PAGE_POOL_MBUF_OVERHEAD : 0;
		CHECK(sorted[i - 1]->end + count <= sorted[i]->begin, "two buffers in one place");
	}
	return 0;
}

/* mbufs that are out of a pool: those that have its buffers, and clones' headers. */
static unsigned int
pool_out(const struct rte_mempool *mp)
{
	unsigned int i, k, n = 0;

	for (i = 1; i < BUFS; i++)
		n += bufs[i].refs > 0 && bufs[i].own != NULL && bufs[i].own->pool == mp;
	for (i = 0; i < PKTS; i++)
		for (k = 0; pkts[i].m != NULL && k < pkts[i].segs; k++)
			n += pkts[i].seg[k].m->pool == mp &&
					pkts[i].seg[k].buf->own != pkts[i].seg[k].m;
	return n;
}

/* What was given to the other threads is freed. */
static void
settle(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		while (threads[i].done != threads[i].sent)
			sched_yield();
	for (i = 1; i < BUFS; i++)
		if (bufs[i].pending > 0) {
			bufs[i].pending = 0;
			buf_unused(&bufs[i]);
		}
}

static int
check_all(void)
{
	struct rte_mempool *const all[] = { headers, pinned, data, split_headers };
	unsigned int i;

	for (i = 0; i < PKTS; i++)
		if (pkts[i].m != NULL)
			CHECK_OK(packet_check(&pkts[i]));
	CHECK_OK(bufs_check());
	/* most often the other threads are at work */
	if (test_random_below(4) != 0)
		return 0;
	settle();
	CHECK_OK(bufs_check());
	for (i = 0; i < RTE_DIM(all); i++)
		CHECK(rte_mempool_in_use_count(all[i]) == pool_out(all[i]),
				"%s: %u are out, not %u", all[i]->name,
				rte_mempool_in_use_count(all[i]), pool_out(all[i]));
	return 0;
}

/* A call failed for want of something: only where there is little. */
static int
failed(int error)
{
	CHECK(error == ENOMEM, "%s", rte_strerror(error));
	CHECK(few || rte_mempool_avail_count(headers) < HEADERS / 4 ||
					rte_mempool_avail_count(data) < HEADERS / 4 ||
					rte_mempool_avail_count(pinned) < 64,
			"there is enough");
	nr_failed++;
	return 0;
}

/* ---- operations */

static struct page_pool_mbuf_cache *
any_cache(void)
{
	return &mc[test_random_below(RTE_DIM(mc))];
}

/* Bytes behind the data, of a buffer that nobody else has, as rte_pktmbuf_append() does. */
static int
grow_tail(struct packet *p, uint32_t n)
{
	struct seg *s = &p->seg[p->segs - 1];
	char *where = rte_pktmbuf_append(p->m, (uint16_t)n);

	CHECK(where == s->data + s->len, "append");
	random_bytes(where, n);
	memcpy(p->bytes + p->len, where, n);
	s->len += n;
	p->len += n;
	return 0;
}

static int
op_alloc(void)
{
	struct packet *p = packet_free_slot();
	uint32_t headroom = test_random_below(300), size = random_len(LARGE - 400);
	unsigned int kind = test_random_below(4);
	struct rte_mbuf *m;

	if (p == NULL)
		return 0;
	m = kind == 0             ? rte_pktmbuf_alloc(pinned) :
			kind == 1 ? rte_pktmbuf_alloc(data) :
				    page_pool_mbuf_alloc(any_cache(), headroom, size);
	if (m == NULL)
		return failed(rte_errno);
	if (kind > 1)
		CHECK(rte_pktmbuf_headroom(m) >= headroom && rte_pktmbuf_tailroom(m) == size,
				"room");
	CHECK_OK(packet_begin(p, m));
	size = RTE_MIN(size, rte_pktmbuf_tailroom(m));
	return grow_tail(p, test_random_below(2) ? size : test_random_below(size) + 1);
}

static int
op_alloc_bulk(void)
{
	unsigned int i, n = test_random_below(17);
	uint32_t size = random_len(4000);
	struct rte_mbuf *m[16];
	struct packet *p;
	int rc;

	rc = page_pool_mbuf_alloc_bulk(any_cache(), m, n, 64, size);
	if (rc != 0)
		return failed(-rc);
	for (i = 0; i < n; i++) {
		p = packet_free_slot();
		if (p == NULL) {
			rte_pktmbuf_free_bulk(&m[i], n - i);
			break;
		}
		CHECK_OK(packet_begin(p, m[i]));
		CHECK_OK(grow_tail(p, size));
	}
	return 0;
}

static int
op_alloc_split(void)
{
	uint32_t header = 1 + test_random_below(200), payload = test_random_below(100000);
	struct packet *p = packet_free_slot();
	struct rte_mbuf *m;
	unsigned int i;
	uint32_t at = 0;

	if (p == NULL)
		return 0;
	m = page_pool_mbuf_alloc_split(any_cache(), 128, header, any_cache(), payload);
	if (m == NULL)
		return failed(rte_errno);
	CHECK(m->pkt_len == header + payload && m->data_len == header, "lengths");
	CHECK_OK(packet_begin(p, m));
	CHECK(few || p->segs == 1 + (payload + LARGE - 65) / (LARGE - 64), "%u segments", p->segs);
	random_bytes(p->bytes, p->len);
	for (i = 0; i < p->segs; at += p->seg[i++].len)
		memcpy(p->seg[i].data, p->bytes + at, p->seg[i].len);
	return 0;
}

/* The last segment became longer, or there are some behind it: what the packet says. */
static int
appended(struct packet *p, uint32_t n)
{
	struct seg *s = &p->seg[p->segs - 1];

	/* tailroom is that of all who have the buffer; what is behind it may be had by anybody */
	CHECK(s->m->data_len == s->len || s->buf->refs == 1 || s->data + s->len == s->end,
			"a buffer that others have");
	s->len = s->m->data_len;
	if (s->end != (char *)s->m->buf_addr + s->m->buf_len) {
		CHECK(s->end == s->buf->end, "somebody else's");
		CHECK((char *)s->m->buf_addr + s->m->buf_len > s->end, "shorter");
		s->end = s->buf->end = (char *)s->m->buf_addr + s->m->buf_len;
	}
	p->len += n;
	return packet_take(p, s->m->next);
}

static int
op_append(void)
{
	struct packet *p = packet_any(true);
	uint32_t n = random_len(40000);
	int64_t rc;

	if (p == NULL || !packet_has_room(p, n, 16))
		return 0;
	random_bytes(p->bytes + p->len, n);
	rc = page_pool_mbuf_append(any_cache(), p->m, p->bytes + p->len, n);
	if (rc < 0)
		return failed((int)-rc);
	if (rc < n)
		CHECK_OK(failed(ENOMEM));
	CHECK(rc > 0 && rc <= n, "%" PRId64, rc);
	return appended(p, (uint32_t)rc);
}

/* Offers, which are ours to write to, and of which nothing, a part, or all is taken. */
static int
op_offer(void)
{
	struct packet *p = packet_any(true);
	struct page_pool_mbuf_cache *c = any_cache();
	struct page_pool_mbuf_room room;
	uint32_t n = random_len(20000), used, before;
	int rc;

	if (p == NULL || !packet_has_room(p, LARGE, 1))
		return 0;
	rc = page_pool_mbuf_prepare(c, p->m, n, &room);
	if (rc != 0)
		return failed(-rc);
	CHECK(room.size >= n, "%u of %u", room.size, n);
	/* it is nobody's but ours */
	random_bytes(room.va, RTE_MIN(room.size, 64u));
	random_bytes(RTE_PTR_ADD(room.va, room.size - RTE_MIN(room.size, 64u)),
			RTE_MIN(room.size, 64u));
	if (test_random_below(4) == 0)
		return 0;
	if (test_random_below(8) == 0)
		CHECK(page_pool_mbuf_commit(c, p->m, &room, room.size + 1) == -EINVAL, "more");
	used = test_random_below(2) ? n : test_random_below(room.size) + 1;
	used = RTE_MIN(used, LARGE);
	random_bytes(p->bytes + p->len, used);
	memcpy(room.va, p->bytes + p->len, used);
	before = p->segs;
	rc = page_pool_mbuf_commit(c, p->m, &room, used);
	if (rc != 0)
		return failed(-rc);
	CHECK_OK(appended(p, used));
	CHECK(p->segs - before <= 1, "segments");
	if (test_random_below(8) == 0)
		CHECK(page_pool_mbuf_commit(c, p->m, &room, 1) == -EINVAL, "an old offer");
	return 0;
}

static int
op_dpdk_append(void)
{
	struct packet *p = packet_any(true);
	uint32_t room;

	if (p == NULL || !seg_is_alone(p, &p->seg[p->segs - 1]))
		return 0;
	room = rte_pktmbuf_tailroom(p->seg[p->segs - 1].m);
	if (room == 0 || !packet_has_room(p, room, 0))
		return 0;
	return grow_tail(p, test_random_below(room) + 1);
}

static int
op_dpdk_prepend(void)
{
	struct packet *p = packet_any(true);
	struct seg *s;
	uint32_t n;
	char *where;

	if (p == NULL || !seg_is_alone(p, &p->seg[0]))
		return 0;
	s = &p->seg[0];
	n = rte_pktmbuf_headroom(p->m);
	if (n == 0 || !packet_has_room(p, n, 0))
		return 0;
	n = test_random_below(n) + 1;
	where = rte_pktmbuf_prepend(p->m, (uint16_t)n);
	CHECK(where == s->data - n, "prepend");
	random_bytes(where, n);
	memmove(p->bytes + n, p->bytes, p->len);
	memcpy(p->bytes, where, n);
	s->data = where;
	s->len += n;
	p->len += n;
	return 0;
}

static int
op_dpdk_adj(void)
{
	struct packet *p = packet_any(true);
	struct seg *s;
	uint32_t n;

	if (p == NULL)
		return 0;
	s = &p->seg[0];
	n = test_random_below(s->len + 1);
	CHECK(rte_pktmbuf_adj(p->m, (uint16_t)n) == s->data + n, "adj");
	s->data += n;
	s->len -= n;
	p->len -= n;
	memmove(p->bytes, p->bytes + n, p->len);
	return 0;
}

static int
op_dpdk_trim(void)
{
	struct packet *p = packet_any(true);
	struct seg *s;
	uint32_t n;

	if (p == NULL)
		return 0;
	s = &p->seg[p->segs - 1];
	n = test_random_below(s->len + 1);
	CHECK(rte_pktmbuf_trim(p->m, (uint16_t)n) == 0, "trim");
	s->len -= n;
	p->len -= n;
	return 0;
}

static int
op_clone(void)
{
	struct packet *p = packet_any(false), *c = packet_free_slot();
	struct rte_mempool *mp = test_random_below(4) == 0 ? data : headers;
	struct rte_mbuf *m;
	unsigned int i;

	if (p == NULL || c == NULL)
		return 0;
	m = test_random_below(2) ? page_pool_mbuf_clone(p->m, mp) : rte_pktmbuf_clone(p->m, mp);
	if (m == NULL)
		return failed(ENOMEM);
	memcpy(c->seg, p->seg, p->segs * sizeof(p->seg[0]));
	memcpy(c->bytes, p->bytes, p->len);
	c->m = m;
	c->segs = p->segs;
	c->len = p->len;
	c->twice = false;
	CHECK(m->nb_segs == p->segs, "segments");
	for (i = 0; i < c->segs; i++, m = m->next) {
		c->seg[i].m = m;
		c->seg[i].buf->refs++;
	}
	return packet_check(c);
}

/* A part of a clone: pieces of one buffer that op_chain() may find side by side. */
static int
op_cut(void)
{
	struct packet *p = packet_any(true), *c = packet_free_slot();
	struct rte_mbuf *m;
	uint32_t n;

	if (p == NULL || c == NULL || p->segs != 1 || p->len < 2)
		return 0;
	m = page_pool_mbuf_clone(p->m, headers);
	if (m == NULL)
		return failed(rte_errno);
	n = 1 + test_random_below(p->len - 1);
	CHECK(rte_pktmbuf_adj(m, (uint16_t)n) != NULL, "adj");
	CHECK(rte_pktmbuf_trim(p->m, (uint16_t)(p->len - n)) == 0, "trim");
	c->m = m;
	c->segs = 1;
	c->len = p->len - n;
	c->twice = false;
	c->seg[0] = (struct seg){ m, p->seg[0].buf, p->seg[0].data + n, c->len, p->seg[0].end };
	memcpy(c->bytes, p->bytes + n, c->len);
	p->seg[0].buf->refs++;
	p->seg[0].len = p->len = n;
	/* most often they are put together again, or the other way round */
	if (test_random_below(3) == 0)
		return 0;
	if (test_random_below(3) == 0) {
		CHECK(page_pool_mbuf_chain(c->m, p->m) == 0, "chain");
		c->seg[c->segs++] = p->seg[0];
		memcpy(c->bytes + c->len, p->bytes, p->len);
		c->len += p->len;
		p->m = NULL;
		return packet_check(c);
	}
	CHECK(page_pool_mbuf_chain(p->m, c->m) == 0, "chain");
	buf_drop(c->seg[0].buf, false, 1);
	memcpy(p->bytes + p->len, c->bytes, c->len);
	p->seg[0].len += c->len;
	p->len += c->len;
	c->m = NULL;
	return packet_check(p);
}

static int
op_copy(void)
{
	struct packet *p = packet_any(false), *c = packet_free_slot();
	uint32_t from, len, at = 0;
	struct rte_mbuf *m;
	unsigned int i;

	if (p == NULL || c == NULL || p->len == 0)
		return 0;
	from = test_random_below(p->len);
	len = 1 + test_random_below(p->len - from);
	m = rte_pktmbuf_copy(p->m, data, from, len);
	if (m == NULL)
		return failed(ENOMEM);
	CHECK_OK(packet_begin(c, m));
	CHECK(c->len == len, "%u bytes, not %u", c->len, len);
	memcpy(c->bytes, p->bytes + from, len);
	for (i = 0; i < c->segs; at += c->seg[i++].len)
		CHECK(c->seg[i].buf->own == c->seg[i].m, "a buffer of its own");
	return at == len ? 0 : -1;
}

static int
op_chain(void)
{
	struct packet *p = packet_any(true), *t = packet_any(true);
	bool ours = test_random_below(2), merge;
	struct seg *last;

	if (p == NULL || p == t || !packet_has_room(p, t->len, t->segs))
		return 0;
	last = &p->seg[p->segs - 1];
	merge = ours && last->buf == t->seg[0].buf && last->data + last->len == t->seg[0].data &&
			last->len + t->seg[0].len <= UINT16_MAX;
	CHECK((ours ? page_pool_mbuf_chain(p->m, t->m) : rte_pktmbuf_chain(p->m, t->m)) == 0,
			"chain");
	if (merge) {
		last->len += t->seg[0].len;
		last->end = RTE_MAX(last->end, last->data + last->len);
		segs_remove(t, 0, 1);
	}
	memcpy(&p->seg[p->segs], t->seg, t->segs * sizeof(t->seg[0]));
	memcpy(p->bytes + p->len, t->bytes, t->len);
	p->segs += t->segs;
	p->len += t->len;
	t->m = NULL;
	return packet_check(p);
}

static int
op_linearize(void)
{
	struct packet *p = packet_any(true);
	bool room;

	if (p == NULL || !seg_is_alone(p, &p->seg[0]))
		return 0;
	room = p->segs == 1 || p->len - p->seg[0].len <= rte_pktmbuf_tailroom(p->m);
	CHECK((rte_pktmbuf_linearize(p->m) == 0) == room, "linearize");
	if (room) {
		segs_remove(p, 1, p->segs - 1);
		p->seg[0].len = p->len;
	}
	return packet_check(p);
}

/* The first segment, or the last one, is taken off and freed by itself. */
static int
op_free_seg(void)
{
	struct packet *p = packet_any(true);
	unsigned int i;
	struct seg *s;

	if (p == NULL || p->segs < 2)
		return 0;
	if (test_random_below(2)) {
		s = &p->seg[0];
		p->m = s->m->next;
		p->m->nb_segs = (uint16_t)(p->segs - 1);
		p->m->pkt_len = p->len - s->len;
		s->m->next = NULL;
		s->m->nb_segs = 1;
		memmove(p->bytes, p->bytes + s->len, p->len - s->len);
		i = 0;
	} else {
		i = p->segs - 1;
		s = &p->seg[i];
		p->seg[i - 1].m->next = NULL;
		p->m->nb_segs--;
		p->m->pkt_len -= s->len;
	}
	p->len -= s->len;
	rte_pktmbuf_free_seg(s->m);
	segs_remove(p, i, 1);
	return packet_check(p);
}

static int
op_share(void)
{
	struct packet *p = packet_any(true);
	unsigned int i;

	if (p == NULL)
		return 0;
	for (i = 0; i < p->segs; i++) {
		rte_mbuf_refcnt_update(p->seg[i].m, 1);
		if (p->seg[i].buf->shinfo == NULL && p->seg[i].buf->own == p->seg[i].m)
			p->seg[i].buf->refs++;
	}
	p->twice = true;
	return 0;
}

static int
op_free(void)
{
	struct packet *p = packet_any(false);
	struct rte_mbuf *m;

	if (p == NULL)
		return 0;
	m = p->m;
	/* a header that is detached is bare, or has its own buffer again */
	if (test_random_below(4) == 0 && p->segs == 1 && !p->twice && p->seg[0].buf->own != m)
		rte_pktmbuf_detach(m);
	packet_drop(p, false, false);
	rte_pktmbuf_free(m);
	return 0;
}

static int
op_free_bulk(void)
{
	struct rte_mbuf *m[8];
	struct packet *p;
	unsigned int i;

	for (i = 0; i < RTE_DIM(m); i++) {
		p = packet_any(false);
		if (p == NULL)
			break;
		m[i] = p->m;
		packet_drop(p, false, false);
	}
	rte_pktmbuf_free_bulk(m, i);
	return 0;
}

static void
send_to(unsigned int thread, struct rte_mbuf *m)
{
	while (rte_ring_sp_enqueue(threads[thread].ring, m) != 0)
		sched_yield();
	threads[thread].sent++;
}

/* DPDK orders those who drop references to one mbuf or buffer by control dependencies, which
 * ThreadSanitizer takes for nothing. What is left to it are the fragments of one page.
 */
static bool
others_can_free(const struct packet *p)
{
#ifdef __SANITIZE_THREAD__
	unsigned int i;

	for (i = 0; i < p->segs; i++)
		if (!seg_is_alone(p, &p->seg[i]))
			return false;
	return !p->twice;
#else
	/* the model could not tell what is left from what is dropped: both or none */
	return !p->twice || test_random_below(2) == 0;
#endif
}

static int
op_free_others(void)
{
	struct packet *p = packet_any(false);
	unsigned int thread = test_random_below(THREADS);
	struct rte_mbuf *m;
	bool both;

	if (p == NULL || !others_can_free(p))
		return 0;
	m = p->m;
	both = p->twice;
	packet_drop(p, true, both);
	send_to(thread, m);
	if (both)
		send_to((thread + 1) % THREADS, m);
	return 0;
}

static int
op_drain(void)
{
	page_pool_mbuf_cache_drain(any_cache());
	return 0;
}

/* The first segment that has bytes behind a header, and how many of its bytes are in that. */
static unsigned int
seg_behind(const struct packet *p, uint32_t len, uint32_t *off)
{
	unsigned int i;

	if (len == p->len)
		return p->segs;
	for (i = 0; len >= p->seg[i].len; i++)
		len -= p->seg[i].len;
	*off = len;
	return i;
}

/* What a splitter did to a packet. */
static int
was_split(struct packet *p, uint32_t len, struct rte_mbuf *m)
{
	struct seg head;
	uint32_t off = 0;
	unsigned int i = seg_behind(p, len, &off);

	CHECK(m->pool == split_headers && m->data_len == len && m->pkt_len == p->len, "header");
	head = (struct seg){ m, buf_make(m), rte_pktmbuf_mtod(m, char *), len, NULL };
	CHECK(head.buf != NULL, "buffers");
	head.end = head.buf->end;
	if (i == 0) {
		CHECK(p->segs < SEGS, "segments");
		memmove(&p->seg[1], &p->seg[0], p->segs * sizeof(p->seg[0]));
		p->segs++;
	} else {
		segs_remove(p, 0, i - 1);
		buf_drop(p->seg[0].buf, false, 1);
	}
	p->seg[0] = head;
	p->m = m;
	if (p->segs > 1) {
		p->seg[1].data += off;
		p->seg[1].len -= off;
		/* who takes the header off has a packet */
		CHECK(p->seg[1].m->pkt_len == p->len - len && p->seg[1].m->nb_segs == p->segs - 1,
				"the payload by itself");
	}
	return packet_check(p);
}

/* Headers end in a burst, and there is one again when a packet was all header or is dropped. What
 * the packets behind still have is nobody's header: a shared one may have the same bytes.
 */
static bool
is_split_of(struct packet *const *pkt, unsigned int n, uint32_t len, const struct rte_mbuf *m)
{
	const struct packet *p = pkt[0];
	uint32_t off;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (m == pkt[i]->m)
			return false;
	i = seg_behind(p, len, &off);
	return m->pkt_len == p->len && m->next == (i < p->segs ? p->seg[i].m : NULL) &&
			memcmp(rte_pktmbuf_mtod(m, char *), p->bytes, len) == 0;
}

/* As a shared one may be, or not, if it is nobody else's any more by the time that it is looked at.
 * An mbuf that was dropped may be the next one's header.
 */
static bool
is_unsplit(const struct packet *p, const struct rte_mbuf *m)
{
	return m == p->m && m->pkt_len == p->len && m->data_len == p->seg[0].len &&
			m->next == (p->segs > 1 ? p->seg[1].m : NULL) &&
			rte_pktmbuf_mtod(m, char *) == p->seg[0].data &&
			memcmp(p->seg[0].data, p->bytes, p->seg[0].len) == 0;
}

static int
op_split(void)
{
	unsigned int which = test_random_below(SPLITS), i, n = 0, left, k = 0;
	struct page_pool_split_stats before, after;
	struct packet *p[8];
	struct rte_mbuf *m[8];
	bool shared[8];
	uint32_t len;

	for (i = 0; i < RTE_DIM(p); i++) {
		p[n] = packet_any(true);
		for (k = 0; k < n && p[k] != p[n]; k++)
			;
		if (p[n] != NULL && k == n && p[n]->segs < SEGS)
			n++;
	}
	for (i = 0; i < n; i++) {
		m[i] = p[i]->m;
		shared[i] = rte_mbuf_refcnt_read(m[i]) != 1;
	}
	page_pool_split_get_stats(split[which], &before);
	left = page_pool_split_burst(split[which], m, (uint16_t)n);
	page_pool_split_get_stats(split[which], &after);
	CHECK(left + after.nombuf - before.nombuf == n, "packets");
	if (left < n)
		CHECK_OK(failed(ENOMEM));
	for (i = 0, k = 0; i < n; i++) {
		len = RTE_MIN(split_len[which], p[i]->len);
		if (len == 0 || (shared[i] && k < left && is_unsplit(p[i], m[k]))) {
			CHECK(k < left && m[k] == p[i]->m, "unsplit");
			k++;
		} else if (k < left && is_split_of(&p[i], n - i, len, m[k])) {
			CHECK_OK(was_split(p[i], len, m[k]));
			k++;
		} else {
			packet_drop(p[i], false, false);
		}
	}
	CHECK(k == left, "%u of %u", k, left);
	return 0;
}

static const struct {
	int (*run)(void);
	unsigned int weight;
	const char *name;
} operations[] = {
	{ op_alloc, 10, "alloc" },
	{ op_alloc_bulk, 2, "alloc_bulk" },
	{ op_alloc_split, 4, "alloc_split" },
	{ op_append, 8, "append" },
	{ op_offer, 8, "offer" },
	{ op_dpdk_append, 5, "rte_pktmbuf_append" },
	{ op_dpdk_prepend, 5, "rte_pktmbuf_prepend" },
	{ op_dpdk_adj, 5, "rte_pktmbuf_adj" },
	{ op_dpdk_trim, 5, "rte_pktmbuf_trim" },
	{ op_clone, 10, "clone" },
	{ op_cut, 6, "cut" },
	{ op_copy, 3, "copy" },
	{ op_chain, 8, "chain" },
	{ op_linearize, 3, "linearize" },
	{ op_free_seg, 5, "free_seg" },
	{ op_share, 3, "share" },
	{ op_free, 8, "free" },
	{ op_free_bulk, 1, "free_bulk" },
	{ op_free_others, 10, "free by others" },
	{ op_drain, 1, "drain" },
	{ op_split, 3, "split" },
};

static int
operation(void)
{
	unsigned int i, all = 0, at;

	for (i = 0; i < RTE_DIM(operations); i++)
		all += operations[i].weight;
	at = test_random_below(all);
	for (i = 0; at >= operations[i].weight; i++)
		at -= operations[i].weight;
	nr_done++;
	if (operations[i].run() == 0)
		return 0;
	printf("operation %u: %s\n", nr_done, operations[i].name);
	return -1;
}

/* ---- threads that free */

static void *
free_loop(void *arg)
{
	unsigned int self = (unsigned int)(uintptr_t)arg, n;
	struct rte_mbuf *m[8];

	for (;;) {
		n = rte_ring_sc_dequeue_burst(threads[self].ring, (void **)m, RTE_DIM(m), NULL);
		if (n == 0) {
			if (threads[self].end)
				return NULL;
			sched_yield();
			continue;
		}
		if (n % 2 == 0) {
			rte_pktmbuf_free_bulk(m, n);
			threads[self].done += n;
			continue;
		}
		for (; n > 0; n--) {
			rte_pktmbuf_free(m[n - 1]);
			threads[self].done++;
		}
	}
}

static int
threads_begin(void)
{
	char name[32];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		snprintf(name, sizeof(name), "free%u", i);
		threads[i].ring = rte_ring_create(name, 64, SOCKET_ID_ANY,
				RING_F_SP_ENQ | RING_F_SC_DEQ);
		CHECK(threads[i].ring != NULL, "ring");
		threads[i].sent = 0;
		threads[i].done = 0;
		threads[i].end = false;
		CHECK(pthread_create(&threads[i].id, NULL, free_loop, (void *)(uintptr_t)i) == 0,
				"thread");
		threads[i].on = true;
	}
	return 0;
}

static void
threads_end(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		if (!threads[i].on)
			continue;
		threads[i].on = false;
		threads[i].end = true;
		pthread_join(threads[i].id, NULL);
		rte_ring_free(threads[i].ring);
	}
}

/* ---- all of it */

static struct page_pool *
pool_make(const char *name, uint32_t order, const char *provider, void *mp_priv)
{
	struct page_pool_params params = {
		.name = name,
		.order = order,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.mp_priv = mp_priv,
		.flags = strict ? PP_FLAG_STRICT : 0,
	};

	return page_pool_create(&params);
}

static int
pools_begin(void)
{
	struct page_pool_mbuf_pool_params params = {
		.name = "pinned",
		.n = few ? 31 : 511,
		.cache_size = 8,
		.data_room_size = 2176,
		.socket_id = SOCKET_ID_ANY,
		.ops_name = OPS,
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};
	unsigned int n = few ? HEADERS_FEW : HEADERS;

	region = page_pool_region_create(2 << 20, -1, 0);
	CHECK(region != NULL, "region");
	large = few ? pool_make("large", 3, "region", region) : pool_make("large", 3, NULL, NULL);
	/* the one has small pages, the other has none */
	small = few && !owned ? NULL : pool_make("small", 0, NULL, NULL);
	params.pool = pages = pool_make("pages", 5, NULL, NULL);
	CHECK(large != NULL && pages != NULL, "%s", rte_strerror(rte_errno));
	headers = rte_pktmbuf_pool_create_by_ops("headers", n, 32, 0, 0, SOCKET_ID_ANY,
			OPS != NULL ? OPS : PAGE_POOL_OPS_NAME);
	data = rte_pktmbuf_pool_create_by_ops("data", n, 32, 0, RTE_PKTMBUF_HEADROOM + 2048,
			SOCKET_ID_ANY, OPS != NULL ? OPS : PAGE_POOL_OPS_NAME);
	split_headers = rte_pktmbuf_pool_create_by_ops("split", few ? 31 : n, 0, 0,
			RTE_PKTMBUF_HEADROOM + 128, SOCKET_ID_ANY,
			OPS != NULL ? OPS : PAGE_POOL_OPS_NAME);
	pinned = page_pool_mbuf_pool_create(&params);
	CHECK(headers != NULL && data != NULL && split_headers != NULL && pinned != NULL, "%s",
			rte_strerror(rte_errno));
	return 0;
}

static int
model_begin(void)
{
	struct rte_eth_rxseg_split segs[2] = { { 0 }, { 0 } };
	uint32_t flags = PAGE_POOL_MBUF_F_NO_IOVA | (owned ? PAGE_POOL_MBUF_F_OWNED : 0);
	unsigned int i;

	CHECK_OK(pools_begin());
	for (i = 0; i < RTE_DIM(mc); i++)
		CHECK(page_pool_mbuf_cache_init(&mc[i], headers, large, small, flags) == 0,
				"cache");
	for (i = 0; i < SPLITS; i++) {
		split_len[i] = i == 0 ? 128 : 1 + test_random_below(127);
		segs[0].mp = split_headers;
		segs[0].length = (uint16_t)split_len[i];
		segs[1].mp = pinned;
		split[i] = page_pool_split_create(segs, SOCKET_ID_ANY);
		CHECK(split[i] != NULL, "%s", rte_strerror(rte_errno));
	}
	for (i = 0; i < PKTS; i++) {
		pkts[i].bytes = malloc(BYTES + LARGE);
		CHECK(pkts[i].bytes != NULL, "memory");
	}
	bufs_begin();
	nr_failed = nr_done = 0;
	return threads_begin();
}

static int
pool_end(struct page_pool *pool)
{
	if (pool == NULL)
		return 0;
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

/* Everything is freed, and nothing is missing. */
static int
model_end(void)
{
	unsigned int i;

	for (i = 0; i < PKTS; i++)
		while (pkts[i].m != NULL) {
			struct rte_mbuf *m = pkts[i].m;

			packet_drop(&pkts[i], false, false);
			rte_pktmbuf_free(m);
		}
	settle();
	threads_end();
	for (i = 1; i < BUFS; i++)
		CHECK(bufs[i].refs == 0, "the model has a buffer");
	for (i = 0; i < PKTS; i++)
		free(pkts[i].bytes);
	for (i = 0; i < RTE_DIM(mc); i++)
		page_pool_mbuf_cache_drain(&mc[i]);
	for (i = 0; i < SPLITS; i++)
		page_pool_split_free(split[i]);
	CHECK(rte_mempool_full(headers) && rte_mempool_full(data) &&
					rte_mempool_full(split_headers),
			"headers");
	CHECK(page_pool_mbuf_pool_free(pinned) == 0, "pinned mbufs are out");
	rte_mempool_free(headers);
	rte_mempool_free(data);
	rte_mempool_free(split_headers);
	CHECK_OK(pool_end(large));
	CHECK_OK(pool_end(small));
	CHECK_OK(pool_end(pages));
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

static int
model_run(void)
{
	unsigned int i, n = OPERATIONS * test_scale();

	CHECK_OK(model_begin());
	for (i = 0; i < n; i++) {
		CHECK_OK(operation());
		if (i % EVERY == 0)
			CHECK_OK(check_all());
	}
	CHECK_OK(check_all());
	CHECK_OK(model_end());
	printf("%u operations, %u failed\n", nr_done, nr_failed);
	return 0;
}

static int
each(void)
{
	unsigned int i;
	int rc;

	for (i = 0; i < 3; i++) {
		strict = i == 1;
		owned = i != 2;
		rc = model_run();
		/* after a failure, they do not go on below the next case */
		threads_end();
		CHECK_OK(rc);
	}
	return 0;
}

static int
test_enough(void)
{
	few = false;
	return each();
}

static int
test_few(void)
{
	few = true;
	return each();
}

static const struct test_case cases[] = {
	{ "issue 6: random operations, memory enough", test_enough, TEST_ONCE },
	{ "issue 6: random operations, memory and headers end", test_few, TEST_ONCE },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_mbuf_model", 448, cases, RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
