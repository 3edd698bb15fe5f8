/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Every way a pool is made (issue 2, item 4). The yardstick is the layout that DPDK makes for its
 * own drivers: whatever is populated, in whatever pieces and order, a pool on ring_mp_mc is made in
 * the same way first, and ours must have the same objects at the same addresses, with the same
 * IOVAs. Then all objects are taken, written, and given back.
 */

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <rte_pause.h>

#include "test_common.h"
#include "test_inject.h"

#define PEER "ring_mp_mc"
#define HUGE_2M (UINT32_C(2) << 20)

/* Ordinary memory for chunks, aligned to 2 MB. */
static char *area;
#define AREA_LEN ((size_t)256 << 20)

static int
area_map(void)
{
	char *p;

	if (area != NULL)
		return 0;
	/* where IOVAs are physical addresses, pages have none before they are touched */
	p = mmap(NULL, AREA_LEN + HUGE_2M, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS |
					(rte_eal_iova_mode() == RTE_IOVA_PA ? MAP_POPULATE :
									      MAP_NORESERVE),
			-1, 0);
	CHECK(p != MAP_FAILED, "no memory");
	area = RTE_PTR_ALIGN_CEIL(p, HUGE_2M);
	return 0;
}

/* What a populate made: its result, and each object with its IOVA in the order of the pool. */
struct made {
	int rc;
	unsigned int chunks;
	unsigned int n;
	void **obj;
	rte_iova_t *iova;
};

static void
made_obj(struct rte_mempool *mp __rte_unused, void *arg, void *obj, unsigned int idx)
{
	struct made *m = arg;

	m->obj[idx] = obj;
	m->iova[idx] = rte_mempool_get_header(obj)->iova;
}

static int
made_take(struct made *m, struct rte_mempool *mp, int rc)
{
	m->rc = rc;
	m->chunks = mp->nb_mem_chunks;
	m->n = mp->populated_size;
	m->obj = calloc(m->n + 1, sizeof(*m->obj));
	m->iova = calloc(m->n + 1, sizeof(*m->iova));
	CHECK(m->obj != NULL && m->iova != NULL, "no memory");
	rte_mempool_obj_iter(mp, made_obj, m);
	return 0;
}

static void
made_free(struct made *m)
{
	free(m->obj);
	free(m->iova);
	memset(m, 0, sizeof(*m));
}

/* Whether the two pools had the same memory, or as much of it, or only as good as it comes. */
enum memory { MEMORY_SAME, MEMORY_AS_MUCH, MEMORY_ANY };

static int
made_same(const struct made *peer, const struct made *ours, enum memory memory)
{
	unsigned int i;

	if (memory == MEMORY_ANY)
		return 0;
	CHECK(ours->rc == peer->rc, "populate returns %d, with " PEER " %d", ours->rc, peer->rc);
	CHECK(ours->n == peer->n, "%u objects, with " PEER " %u", ours->n, peer->n);
	if (memory == MEMORY_AS_MUCH)
		return 0;
	CHECK(ours->chunks == peer->chunks, "%u chunks, with " PEER " %u", ours->chunks,
			peer->chunks);
	for (i = 0; i < ours->n; i++)
		CHECK(ours->obj[i] == peer->obj[i] && ours->iova[i] == peer->iova[i],
				"object %u is %p, IOVA %#" PRIx64 ", with " PEER
				" %p, IOVA %#" PRIx64,
				i, ours->obj[i], ours->iova[i], peer->obj[i], peer->iova[i]);
	return 0;
}

/* A way to populate. */
struct way {
	unsigned int n;
	unsigned int elt_size;
	unsigned int flags;
	char *addr;
	size_t len;
	size_t iova_run; /* see inject_iova_run() */
	enum memory memory;
	int (*populate)(struct rte_mempool *mp, const struct way *w);
};

static int
twin(const struct way *w)
{
	static const char *const ops[] = { PEER, PAGE_POOL_OPS_NAME };
	struct made made[2];
	struct rte_mempool *mp;
	unsigned int i;
	int rc;

	for (i = 0; i < 2; i++) {
		mp = test_pool_on(ops[i], w->n, w->elt_size, 0, w->flags, NULL);
		CHECK(mp != NULL, "no pool");
		inject_iova_run(w->iova_run);
		rc = w->populate(mp, w);
		inject_iova_run(0);
		CHECK_OK(made_take(&made[i], mp, rc));
		if (i == 0 || mp->populated_size == 0) {
			rte_mempool_free(mp);
			continue;
		}
		CHECK_OK(made_same(&made[0], &made[1], w->memory));
		CHECK_OK(test_pool_layout(mp));
		CHECK_OK(test_pool_drain(mp, mp->populated_size));
		CHECK_OK(test_pool_end(mp));
	}
	rc = made_same(&made[0], &made[1], w->memory);
	made_free(&made[0]);
	made_free(&made[1]);
	return rc;
}

static int
way_virt(struct rte_mempool *mp, const struct way *w)
{
	return rte_mempool_populate_virt(mp, w->addr, w->len, (size_t)getpagesize(), NULL, NULL);
}

static int
way_iova(struct rte_mempool *mp, const struct way *w)
{
	return rte_mempool_populate_iova(mp, w->addr, 0x40000000 + ((uintptr_t)w->addr & 0xfff),
			w->len, NULL, NULL);
}

static int
way_iova_unknown(struct rte_mempool *mp, const struct way *w)
{
	return rte_mempool_populate_iova(mp, w->addr, RTE_BAD_IOVA, w->len, NULL, NULL);
}

static int
way_default(struct rte_mempool *mp, const struct way *w __rte_unused)
{
	return rte_mempool_populate_default(mp);
}

static int
way_anon(struct rte_mempool *mp, const struct way *w __rte_unused)
{
	return rte_mempool_populate_anon(mp);
}

static const unsigned int elt_sizes[] = {
	0,
	1,
	7,
	8,
	64,
	100,
	128,
	256,
	2176,
	4032,
	9216,
	65536,
	1000000,
	1 << 20,
};

static size_t
total_size(unsigned int elt_size, unsigned int flags)
{
	return rte_mempool_calc_obj_size(elt_size,
			(flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN) != 0 ?
					flags | RTE_MEMPOOL_F_NO_SPREAD :
					flags,
			NULL);
}

static int
alignment(unsigned int elt_size, unsigned int flags, unsigned int shift)
{
	static int (*const populate[])(struct rte_mempool *, const struct way *) = {
		way_virt,
		way_iova,
		way_iova_unknown,
		way_virt,
		way_virt,
	};
	static const size_t iova_run[] = { 0, 0, 0, 4096, 32768 };
	static const unsigned int cut[] = { 0, 1, 7, 1001 };
	struct way w = { .elt_size = elt_size, .flags = flags, .addr = area + shift };
	size_t total = total_size(elt_size, flags);
	unsigned int i, j;

	for (i = 0; i < RTE_DIM(populate); i++)
		for (j = 0; j < RTE_DIM(cut); j++) {
			w.populate = populate[i];
			w.iova_run = iova_run[i];
			/* once the memory ends first, once the objects */
			w.len = RTE_MAX(total * 5, (size_t)20000) - cut[j];
			w.n = j % 2 == 0 ? 10000 : 3 + j;
			CHECK(twin(&w) == 0,
					"elements of %u, flags %#x, shift %u, way %u, %zu "
					"bytes",
					elt_size, flags, shift, i, w.len);
		}
	return 0;
}

/* From one object to more than a page of ours, at each alignment, page size rules included. */
static int
test_alignment(void)
{
	static const unsigned int shifts[] = { 0, 1, 8, 63, 64, 100, 2048, 4000, 4095 };
	static const unsigned int flags[] = { 0, RTE_MEMPOOL_F_NO_CACHE_ALIGN,
		RTE_MEMPOOL_F_NO_IOVA_CONTIG };
	unsigned int e, f, s;

	CHECK_OK(area_map());
	for (e = 0; e < RTE_DIM(elt_sizes); e++)
		for (f = 0; f < RTE_DIM(flags); f++)
			for (s = 0; s < RTE_DIM(shifts); s++) {
				/* all sizes at some, some sizes at all */
				if (elt_sizes[e] > 10000 && s % 3 != 0)
					continue;
				CHECK_OK(alignment(elt_sizes[e], flags[f], shifts[s]));
			}
	return 0;
}

/* Memory too short for one object is no error and adds nothing. */
static int
test_too_short(void)
{
	struct way w = { .n = 10, .elt_size = 2176 };
	unsigned int i;

	CHECK_OK(area_map());
	for (i = 1; i < 2176 + 64; i += 13) {
		w.populate = i % 2 == 0 ? way_iova : way_virt;
		w.addr = area + i % 64;
		w.len = i;
		CHECK_OK(twin(&w));
	}
	return 0;
}

/* Pieces of the area, and the order in which they are populated. */
struct mosaic {
	char **addr;
	size_t *len;
	unsigned int *order;
	unsigned int n;
	bool virt;
};

enum order { ASCENDING, DESCENDING, INTERLEAVED, SHUFFLED, ORDERS };

static const struct mosaic *mosaic;

static int
way_mosaic(struct rte_mempool *mp, const struct way *w __rte_unused)
{
	unsigned int i, c;
	int rc, sum = 0;

	for (i = 0; i < mosaic->n && mp->populated_size < mp->size; i++) {
		c = mosaic->order[i];
		if (mosaic->virt)
			rc = rte_mempool_populate_virt(mp, mosaic->addr[c], mosaic->len[c],
					(size_t)getpagesize(), NULL, NULL);
		else
			rc = rte_mempool_populate_iova(mp, mosaic->addr[c], (uint64_t)c << 32,
					mosaic->len[c], NULL, NULL);
		if (rc < 0)
			return rc;
		sum += rc;
	}
	return sum;
}

static void
mosaic_order(struct mosaic *m, enum order order)
{
	unsigned int i, j = 0, tmp;

	for (i = 0; i < m->n; i++)
		m->order[i] = order == DESCENDING ? m->n - 1 - i : i;
	if (order == INTERLEAVED) {
		/* the even ones upwards, then the odd ones between them downwards */
		for (i = 0; i < m->n; i += 2)
			m->order[j++] = i;
		for (i = m->n - m->n % 2; i > 0; i -= 2)
			m->order[j++] = i - 1;
	}
	for (i = m->n - 1; order == SHUFFLED && i > 0; i--) {
		j = test_random_below(i + 1);
		tmp = m->order[i];
		m->order[i] = m->order[j];
		m->order[j] = tmp;
	}
}

static int
mosaic_alloc(struct mosaic *m, unsigned int n)
{
	m->n = n;
	m->addr = calloc(n, sizeof(*m->addr));
	m->len = calloc(n, sizeof(*m->len));
	m->order = calloc(n, sizeof(*m->order));
	CHECK(m->addr != NULL && m->len != NULL && m->order != NULL, "no memory");
	return 0;
}

static void
mosaic_free(struct mosaic *m)
{
	free(m->addr);
	free(m->len);
	free(m->order);
}

/* Cut `total` bytes of the area at random places; every fifth piece is left out. */
static int
mosaic_cut(struct mosaic *m, unsigned int n, size_t total)
{
	size_t at = 4096 + test_random_below(4096), len;
	unsigned int i;

	CHECK_OK(mosaic_alloc(m, n));
	for (i = 0; i < n;) {
		len = 1 + test_random() % (2 * total / n);
		if (test_random_below(5) != 0) {
			m->addr[i] = area + at;
			m->len[i++] = len;
		}
		at += len;
	}
	return 0;
}

static int
test_mosaic(void)
{
	static const unsigned int elts[] = { 8, 64, 300, 2176, 9216 };
	static const unsigned int flags[] = { 0, RTE_MEMPOOL_F_NO_CACHE_ALIGN,
		RTE_MEMPOOL_F_NO_IOVA_CONTIG };
	/* pieces below a page, of some pages, of some 2 MB */
	static const size_t totals[] = { 400 * 1000, 400 * 20000, 40 * (size_t)1500000 };
	static const unsigned int pieces[] = { 400, 400, 40 };
	struct way w = { .n = 60000, .populate = way_mosaic };
	struct mosaic m = { .n = 0 };
	unsigned int i, round;

	CHECK_OK(area_map());
	for (round = 0; round < 24 * test_scale(); round++) {
		i = round % RTE_DIM(totals);
		CHECK_OK(mosaic_cut(&m, pieces[i], totals[i]));
		mosaic_order(&m, (round / 3) % ORDERS);
		m.virt = round % 2 == 0;
		mosaic = &m;
		w.elt_size = elts[test_random_below(RTE_DIM(elts))];
		w.flags = flags[test_random_below(RTE_DIM(flags))];
		w.iova_run = m.virt && round % 4 == 0 ? 16384 : 0;
		CHECK(twin(&w) == 0, "round %u: elements of %u, flags %#x", round, w.elt_size,
				w.flags);
		mosaic_free(&m);
	}
	return 0;
}

/* What physical mode with 4 KB pages comes to: a chunk for each object; here up to 32 in 4 KB. */
static int
test_one_each(void)
{
	const unsigned int n = 155456;
	struct way w = { .n = n,
		.elt_size = 64,
		.flags = RTE_MEMPOOL_F_NO_SPREAD,
		.populate = way_mosaic };
	struct mosaic m = { .n = 0 };
	enum order order;
	unsigned int i;

	CHECK_OK(area_map());
	CHECK_OK(mosaic_alloc(&m, n));
	mosaic = &m;
	for (order = 0; order < ORDERS; order++) {
		/* each mode does half of the orders, once packed, once apart */
		if ((order % 2 == 0) == test_strict())
			continue;
		for (i = 0; i < n; i++) {
			m.addr[i] = area + 4096 - 128 + (size_t)i * (order < 2 ? 128 : 1152);
			m.len[i] = 128;
		}
		mosaic_order(&m, order);
		CHECK(twin(&w) == 0, "order %d", order);
	}
	mosaic_free(&m);
	return 0;
}

/* One mbuf in each 4 KB, each page a chunk. */
static int
test_page_each(void)
{
	const unsigned int n = 20000;
	struct way w = { .n = n, .elt_size = 2176, .populate = way_mosaic };
	struct mosaic m = { .n = 0 };
	enum order order;
	unsigned int i;

	/* descriptors: 128 bytes for each chunk, half of them in one piece */
	CHECK_OK(test_piece(2 << 20));
	CHECK_OK(area_map());
	CHECK_OK(mosaic_alloc(&m, n));
	for (i = 0; i < n; i++) {
		m.addr[i] = area + (size_t)i * 4096;
		m.len[i] = 4096;
	}
	mosaic = &m;
	for (order = 0; order < ORDERS; order++) {
		mosaic_order(&m, order);
		m.virt = order % 2 == 0;
		CHECK(twin(&w) == 0, "order %d", order);
	}
	mosaic_free(&m);
	return 0;
}

static int
test_default(void)
{
	unsigned int e, f;
	/* anonymous memory in physical mode is as scattered as it happens to be */
	const enum memory anon = rte_eal_iova_mode() == RTE_IOVA_PA ? MEMORY_ANY : MEMORY_AS_MUCH;
	struct way w = { .n = 0 };

	for (e = 0; e < RTE_DIM(elt_sizes); e++)
		for (f = 0; f < 2 * RTE_MEMPOOL_F_NO_IOVA_CONTIG; f++) {
			if ((f & ~RTE_MEMPOOL_VALID_USER_FLAGS) != 0 ||
					(elt_sizes[e] > 10000 && f % 3 != 0))
				continue;
			w.elt_size = elt_sizes[e];
			w.flags = f;
			w.n = elt_sizes[e] > 10000 ? 17 : 300;
			w.memory = MEMORY_AS_MUCH;
			w.populate = way_default;
			CHECK(twin(&w) == 0, "default, elements of %u, flags %#x", w.elt_size, f);
			w.memory = anon;
			w.populate = way_anon;
			CHECK(twin(&w) == 0, "anon, elements of %u, flags %#x", w.elt_size, f);
		}
	return 0;
}

/* Numbers of objects around those of a page, a word, a cache. */
static int
test_numbers(void)
{
	static const unsigned int n[] = { 1, 2, 3, 31, 32, 33, 61, 62, 63, 64, 123, 124, 125, 1023,
		1024, 1025, 1086, 1087, 4095, 5000 };
	static const char *const configs[] = { "", "cache=0", "cache=1", "cache=8192",
		"page_size=1m,cache=64", "page_size=256,fence=full" };
	struct rte_mempool *mp;
	unsigned int i, j;
	void *objs[2];

	for (i = 0; i < RTE_DIM(n); i++)
		for (j = 0; j < RTE_DIM(configs); j++) {
			mp = test_pool(n[i], 8, 0, configs[j]);
			CHECK(mp != NULL, "%u objects, \"%s\"", n[i], configs[j]);
			CHECK_OK(test_pool_drain(mp, n[i]));
			CHECK(test_get(mp, objs, 1) == 0, "get");
			CHECK(test_pool_count(mp) == n[i] - 1, "I3: %u", test_pool_count(mp));
			test_put(mp, objs, 1);
			CHECK_OK(test_pool_drain(mp, n[i]));
			CHECK_OK(test_pool_end(mp));
		}
	return 0;
}

/* 256 MB with header and trailer is the limit; the memory is only there in name. */
static int
test_too_large(void)
{
	const unsigned int limit = (1u << 28) - RTE_MEMPOOL_ALIGN;
	const size_t len = (size_t)13 << 28;
	struct rte_mempool *mp;
	char *addr = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned int shift, lines;
	const char *text;
	int rc;

	CHECK(addr != MAP_FAILED, "no address space");
	for (shift = 0; shift < 2; shift++) {
		mp = test_pool_empty(100, limit,
				RTE_MEMPOOL_F_NO_SPREAD | (shift * RTE_MEMPOOL_F_NO_IOVA_CONTIG),
				NULL);
		CHECK(mp != NULL, "no pool");
		rc = rte_mempool_populate_iova(mp, addr + shift * 1000, RTE_BAD_IOVA,
				len - shift * 1000, NULL, NULL);
		CHECK(rc == 13 - (int)shift, "%d", rc);
		CHECK_OK(test_pool_layout(mp));
		CHECK_OK(test_pool_drain(mp, rc));
		CHECK_OK(test_pool_end(mp));
	}
	mp = test_pool_empty(100, limit + 8, RTE_MEMPOOL_F_NO_SPREAD, NULL);
	CHECK(mp != NULL, "no pool");
	test_log_start();
	rc = rte_mempool_populate_iova(mp, addr, RTE_BAD_IOVA, len, NULL, NULL);
	lines = test_log_stop(&text);
	CHECK(rc == -E2BIG, "%d", rc);
	CHECK(lines == 1 && strstr(text, "too large") != NULL && strstr(text, mp->name) != NULL,
			"%u lines: %s", lines, text);
	rte_mempool_free(mp);
	/* the address space is not enough for this many */
	mp = test_pool_empty(UINT32_MAX, 8, 0, NULL);
	CHECK(mp != NULL, "no pool");
	test_log_start();
	rc = rte_mempool_populate_iova(mp, addr, RTE_BAD_IOVA, 1 << 20, NULL, NULL);
	lines = test_log_stop(&text);
	CHECK(rc == 0 && rte_errno == ENOMEM && lines == 1, "%d, %u lines: %s", rc, lines, text);
	rte_mempool_free(mp);
	munmap(addr, len);
	return 0;
}

/* Headers are rte_mempool's, elements the user's: the driver itself writes to neither, nor to what
 * lies between objects (I9).
 */
static int
test_untouched(void)
{
	const size_t len = 600000;
	char *used = calloc(1, len);
	struct rte_mempool_objhdr *hdr;
	struct rte_mempool *mp;
	void *objs[600];
	unsigned int i;
	size_t at;

	CHECK_OK(area_map());
	CHECK(used != NULL, "no memory");
	memset(area, 0xa5, len);
	mp = test_pool_empty(10000, 300, 0, NULL);
	CHECK(mp != NULL, "no pool");
	CHECK(rte_mempool_populate_iova(mp, area + 77, 0, len - 77, NULL, NULL) >
					(int)RTE_DIM(objs),
			"populate");
	for (i = 0; i < 50; i++) {
		CHECK(test_get(mp, objs, RTE_DIM(objs)) == 0, "get");
		test_shuffle(objs, RTE_DIM(objs));
		test_put(mp, objs, RTE_DIM(objs));
	}
	frag_pool_trim(page_pool_from_mempool(mp), false);
	STAILQ_FOREACH(hdr, &mp->elt_list, next)
		memset(&used[(char *)hdr - area], 1, sizeof(*hdr));
	for (at = 0; at < len; at++)
		CHECK(used[at] != 0 || area[at] == (char)0xa5, "byte %zu was written", at);
	free(used);
	return test_pool_end(mp);
}

/* Two threads take and give while a third adds memory. They hold all they can get, so that they
 * wait for every chunk and open its pages at once; whose an object is stands in its first word.
 */
struct traffic {
	struct rte_mempool *mp;
	uint64_t id;
	atomic_bool *stop;
	_Atomic(uint64_t) got;
	uint64_t wrong;
	unsigned int held;
	void *objs[100000];
};

static void
traffic_take(struct traffic *t, unsigned int n)
{
	_Atomic(uint64_t) *owner;
	unsigned int i;

	if (t->held + n > RTE_DIM(t->objs) || test_get(t->mp, &t->objs[t->held], n) != 0)
		return;
	atomic_fetch_add(&t->got, n);
	for (i = 0; i < n; i++) {
		owner = t->objs[t->held++];
		/* the header was written before anyone could take it */
		if (atomic_exchange(owner, t->id) != 0 ||
				rte_mempool_from_obj(t->objs[t->held - 1]) != t->mp)
			t->wrong++;
	}
}

static void
traffic_give(struct traffic *t, unsigned int n)
{
	_Atomic(uint64_t) *owner;
	unsigned int i;

	n = RTE_MIN(n, t->held);
	t->held -= n;
	for (i = 0; i < n; i++) {
		owner = t->objs[t->held + i];
		if (atomic_exchange(owner, 0) != t->id)
			t->wrong++;
	}
	test_put(t->mp, &t->objs[t->held], n);
}

static void *
traffic_run(void *arg)
{
	struct traffic *t = arg;
	unsigned int n, seed = (unsigned int)t->id;

	while (!atomic_load(t->stop)) {
		seed = seed * 1103515245 + 12345;
		n = 1 + (seed >> 16) % 64;
		if (seed >> 28 < 12)
			traffic_take(t, n);
		else if (seed >> 28 < 15)
			traffic_give(t, n);
		else if ((seed >> 20) % 64 == 0)
			traffic_give(t, t->held / 2);
	}
	while (t->held > 0)
		traffic_give(t, 64);
	return NULL;
}

static int
traffic_populate(struct rte_mempool *mp, const struct mosaic *m)
{
	unsigned int i, c, count;
	int rc;

	for (i = 0; i < m->n; i++) {
		c = m->order[i];
		rc = rte_mempool_populate_iova(mp, m->addr[c], (uint64_t)c << 32, m->len[c], NULL,
				NULL);
		CHECK(rc >= 0, "chunk %u: %d", c, rc);
		count = test_pool_count(mp);
		CHECK(count <= mp->populated_size, "I3: %u of %u", count, mp->populated_size);
	}
	return 0;
}

static int
test_traffic(void)
{
	static struct traffic t[2] = { { .id = 1 }, { .id = 2 } };
	atomic_bool stop = false;
	struct mosaic m = { .n = 0 };
	pthread_t thread[2];
	struct rte_mempool *mp;
	unsigned int i, round;
	int rc;

	CHECK_OK(area_map());
	memset(area, 0, 32 << 20);
	for (round = 0; round < 6 * test_scale(); round++) {
		CHECK_OK(mosaic_cut(&m, 3000, round % 2 == 0 ? 6000000 : 24000000));
		mosaic_order(&m, round % ORDERS);
		mp = test_pool_empty(200000, 64, 0, round % 3 == 0 ? "cache=0" : NULL);
		CHECK(mp != NULL, "no pool");
		/* there must be something before the threads come, or the driver's pool is not */
		CHECK(rte_mempool_populate_iova(mp, m.addr[0] - 4096, 0, 4096, NULL, NULL) >= 0,
				"first chunk");
		atomic_store(&stop, false);
		for (i = 0; i < 2; i++) {
			t[i].mp = mp;
			t[i].stop = &stop;
			t[i].got = 0;
			CHECK(pthread_create(&thread[i], NULL, traffic_run, &t[i]) == 0, "thread");
		}
		rc = traffic_populate(mp, &m);
		/* on a busy machine they may not have had their turn yet */
		for (i = 0; i < 10000 && (t[0].got == 0 || t[1].got == 0); i++)
			usleep(1000);
		atomic_store(&stop, true);
		for (i = 0; i < 2; i++)
			pthread_join(thread[i], NULL);
		CHECK_OK(rc);
		CHECK(t[0].wrong + t[1].wrong == 0, "I1: %" PRIu64 " objects were in two places",
				t[0].wrong + t[1].wrong);
		CHECK(t[0].got > 0 && t[1].got > 0, "no traffic");
		CHECK_OK(test_pool_layout(mp));
		CHECK_OK(test_pool_drain(mp, mp->populated_size));
		memset(area, 0, 32 << 20);
		CHECK_OK(test_pool_end(mp));
		mosaic_free(&m);
	}
	return 0;
}

/* populate_default fails in the middle since memory ends; when there is more, the same pool. */
static int
fail_default(struct rte_mempool *mp)
{
	struct test_memory before = test_memory();
	unsigned int i;
	void *obj;
	int rc;

	for (i = 0; i < 2; i++) {
		rc = rte_mempool_populate_default(mp);
		/* the second is DPDK's when its driver had no memory */
		CHECK(rc == -ENOMEM || rc == -ENOBUFS, "%d", rc);
		CHECK(mp->populated_size == 0 && mp->nb_mem_chunks == 0, "%u objects in %u chunks",
				mp->populated_size, mp->nb_mem_chunks);
		CHECK(test_pool_count(mp) == 0, "I3: count is %u", test_pool_count(mp));
		CHECK(test_get(mp, &obj, 1) == -ENOBUFS, "an object of a pool without memory");
		CHECK(test_memory().memzones == before.memzones, "memzones stay");
	}
	return 0;
}

static int
test_fail_default(void)
{
	const unsigned int n = 20000;
	void *hole, *balloon[4000];
	struct rte_mempool *mp;
	unsigned int k = 0;
	size_t size;
	int rc;

	/* 12 MB are left, and 39 MB wanted */
	CHECK_OK(test_piece(12 << 20));
	hole = rte_malloc(NULL, 12 << 20, 0);
	CHECK(hole != NULL, "no memory");
	mp = test_pool_empty(n, 1900, 0, NULL);
	CHECK(mp != NULL, "no pool");
	for (size = (size_t)1 << 30; size > 32768 && k < RTE_DIM(balloon);)
		if ((balloon[k] = rte_malloc(NULL, size, 0)) != NULL)
			k++;
		else
			size /= 2;
	rte_free(hole);
	rc = fail_default(mp);
	while (k > 0)
		rte_free(balloon[--k]);
	CHECK_OK(rc);
	CHECK(rte_mempool_populate_default(mp) == (int)n, "populate");
	CHECK_OK(test_pool_layout(mp));
	CHECK_OK(test_pool_drain(mp, n));
	return test_pool_end(mp);
}

/* populate_virt fails at its nth chunk: all chunks are taken away, those of earlier calls too,
 * and nobody tells the driver. Others come at the same addresses, moved a little.
 */
static int
fail_virt(unsigned int nth, unsigned int shift)
{
	struct frag_pool_stats st;
	struct rte_mempool *mp;
	struct frag_pool *fp;
	void *objs[40];
	unsigned int i;
	uint64_t expected = 0;
	const char *what;
	int rc;

	mp = test_pool_empty(5000, 200, 0, NULL);
	CHECK(mp != NULL, "no pool");
	/* one chunk before, of which some objects are cached and some in flight */
	rc = rte_mempool_populate_virt(mp, area, 16384, 4096, NULL, NULL);
	CHECK(rc >= 40, "%d", rc);
	fp = page_pool_from_mempool(mp);
	CHECK(test_get(mp, objs, 40) == 0, "get");
	test_put(mp, objs, 20);
	inject_iova_run(4096);
	inject_start(INJECT_MEMPOOL, nth, true);
	rc = rte_mempool_populate_virt(mp, area + 65536, 65536, 4096, NULL, NULL);
	inject_stop(&what);
	inject_iova_run(0);
	CHECK(rc == -ENOMEM && what != NULL, "%d", rc);
	CHECK(mp->populated_size == 0 && mp->nb_mem_chunks == 0, "%u objects, %u chunks",
			mp->populated_size, mp->nb_mem_chunks);
	CHECK(test_pool_count(mp) == 0, "I3: count is %u", test_pool_count(mp));

	/* again, over both; the first page stays free, so what was in flight is foreign now */
	inject_iova_run(8192);
	rc = rte_mempool_populate_virt(mp, area + 16384 + shift, 200000, 4096, NULL, NULL);
	inject_iova_run(0);
	CHECK(rc > 300, "%d", rc);
	CHECK(test_pool_count(mp) == (unsigned int)rc, "I3: count is %u of %d", test_pool_count(mp),
			rc);
	for (i = 20; i < 40; i++)
		if ((char *)objs[i] < area + 16384)
			expected++;
	test_put(mp, &objs[20], (unsigned int)expected);
	frag_pool_trim(fp, false);
	frag_pool_get_stats(fp, &st);
	CHECK(st.refused == expected, "I8: %" PRIu64 " of %" PRIu64 " stale objects refused",
			st.refused, expected);
	CHECK(st.populated == (uint32_t)rc && st.count == (uint32_t)rc && st.in_flight == 0,
			"%u populated, %u free, %u in flight, of %d", st.populated, st.count,
			st.in_flight, rc);
	CHECK_OK(test_pool_layout(mp));
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	return test_pool_end(mp);
}

static int
test_fail_virt(void)
{
	static const unsigned int shifts[] = { 0, 8, 64, 100, 4095, 5000 };
	unsigned int nth, s;

	CHECK_OK(area_map());
	for (nth = 1; nth < 8; nth++)
		for (s = 0; s < RTE_DIM(shifts); s++)
			CHECK(fail_virt(nth, shifts[s]) == 0, "chunk %u, shift %u", nth, shifts[s]);
	return 0;
}

/* The same, many times over in one pool, each time elsewhere. */
static int
test_fail_often(void)
{
	struct rte_mempool *mp = test_pool_empty(5000, 100, 0, NULL);
	struct test_memory before = { 0 };
	unsigned int i;
	int rc;

	CHECK(mp != NULL, "no pool");
	CHECK_OK(area_map());
	for (i = 0; i < 200; i++) {
		inject_iova_run(4096);
		inject_start(INJECT_MEMPOOL, 5, true);
		rc = rte_mempool_populate_virt(mp, area + test_random_below(1 << 20), 100000, 4096,
				NULL, NULL);
		inject_stop(NULL);
		inject_iova_run(0);
		CHECK(rc == -ENOMEM, "%d", rc);
		/* what a pool keeps for later is bounded */
		if (i == 100)
			before = test_memory();
	}
	CHECK(test_memory().bytes < before.bytes + 65536, "%zu bytes in 100 failed populates",
			test_memory().bytes - before.bytes);
	rc = rte_mempool_populate_virt(mp, area + 100, 2000000, 4096, NULL, NULL);
	CHECK(rc == 5000, "%d", rc);
	CHECK_OK(test_pool_drain(mp, 5000));
	return test_pool_end(mp);
}

/* Memory twice in one pool is refused, however the chunks overlap (frag_pool_add_chunk()). */
static int
test_overlap(void)
{
	const struct frag_pool_params params = { .name = "overlap",
		.size = 100000,
		.frag_size = 64,
		.socket_id = SOCKET_ID_ANY };
	const unsigned int words = 3 * 65536 / 8;
	struct frag_pool *fp = NULL;
	char *used = calloc(1, words);
	unsigned int i, at, n, refused = 0, expected = 0;
	bool overlap;
	int rc;

	CHECK_OK(area_map());
	CHECK(used != NULL, "no memory");
	for (i = 0; i < 40000; i++) {
		if (i % 200 == 0) {
			CHECK(fp == NULL || frag_pool_check(fp, stdout) == 0, "violations");
			frag_pool_destroy(fp);
			fp = frag_pool_create(&params);
			CHECK(fp != NULL, "%s", rte_strerror(rte_errno));
			memset(used, 0, words);
			expected = 0;
		}
		n = 1 + test_random_below(i % 3 == 0 ? 200 : 6);
		/* half of them on one grid, so that many fit between others */
		at = test_random_below(words - n * 8);
		if (i % 2 == 0)
			at -= at % 8;
		overlap = memchr(&used[at], 1, n * 8) != NULL;
		rc = frag_pool_add_chunk(fp, area + at * 8, n * 64, 0, UINT32_MAX, NULL, NULL);
		CHECK(rc == (overlap ? -EEXIST : (int)n), "%u fragments at byte %u, %s: %d", n,
				at * 8, overlap ? "which overlap others" : "new", rc);
		refused += overlap;
		expected += overlap ? 0 : n;
		if (!overlap)
			memset(&used[at], 1, n * 8);
		CHECK(frag_pool_count(fp) == expected, "%u of %u", frag_pool_count(fp), expected);
	}
	CHECK(refused > 100, "only %u overlaps were tried", refused);
	frag_pool_destroy(fp);
	free(used);
	return 0;
}

/* The errors of frag_pool_add_chunk(), without a trace in the pool. */
static int
test_add_chunk_errors(void)
{
	const struct frag_pool_params params = { .name = "errors",
		.size = 1000,
		.frag_size = 64,
		.socket_id = SOCKET_ID_ANY };
	struct frag_pool *fp = frag_pool_create(&params);

	CHECK_OK(area_map());
	CHECK(fp != NULL, "%s", rte_strerror(rte_errno));
	CHECK(frag_pool_add_chunk(NULL, area, 64, 0, 1, NULL, NULL) == -EINVAL, "no pool");
	CHECK(frag_pool_add_chunk(fp, NULL, 64, 0, 1, NULL, NULL) == -EINVAL, "no memory");
	CHECK(frag_pool_add_chunk(fp, area, 64, 3, 1, NULL, NULL) == -EINVAL, "pg_sz");
	CHECK(frag_pool_add_chunk(fp, area, 63, 0, 1, NULL, NULL) == 0, "too short");
	CHECK(frag_pool_add_chunk(fp, area, 640, 0, 0, NULL, NULL) == 0, "none wanted");
	CHECK(frag_pool_add_chunk(fp, (void *)((uintptr_t)1 << 50), 640, 0, 10, NULL, NULL) < 0,
			"an address that is none");
	CHECK(frag_pool_add_chunk(fp, (void *)(UINTPTR_MAX - 639), 640, 0, 10, NULL, NULL) < 0,
			"the end of the address space");
	CHECK(frag_pool_populated(fp) == 0 && frag_pool_check(fp, stdout) == 0, "traces");
	CHECK(frag_pool_add_chunk(fp, area, 640, 0, UINT32_MAX, NULL, NULL) == 10, "10");
	CHECK(frag_pool_add_chunk(fp, area + 640, 640, 64, UINT32_MAX, NULL, NULL) == 10, "10");
	CHECK(frag_pool_add_chunk(fp, area + 1290, 640, 32, UINT32_MAX, NULL, NULL) == 10, "10");
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	frag_pool_destroy(fp);
	frag_pool_destroy(NULL);
	return 0;
}

/* Names of full length, which differ in the last letter only. */
static int
test_names(void)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp[10];
	unsigned int i;

	memset(name, 'n', sizeof(name));
	name[RTE_MEMPOOL_NAMESIZE - 1] = '\0';
	for (i = 0; i < RTE_DIM(mp); i++) {
		name[RTE_MEMPOOL_NAMESIZE - 2] = (char)('0' + i);
		mp[i] = rte_mempool_create_empty(name, 100, 8, 0, 0, SOCKET_ID_ANY, 0);
		CHECK(mp[i] != NULL, "%s: %s", name, rte_strerror(rte_errno));
		CHECK(rte_mempool_set_ops_byname(mp[i], PAGE_POOL_OPS_NAME, NULL) == 0, "ops");
		CHECK(rte_mempool_populate_default(mp[i]) == 100, "populate of %s", name);
	}
	for (i = 0; i < RTE_DIM(mp); i++) {
		CHECK_OK(test_pool_drain(mp[i], 100));
		CHECK_OK(test_pool_end(mp[i]));
	}
	return 0;
}

#define POOLS 500

static int
test_many(void)
{
	struct rte_mempool *mp[POOLS];
	void *order[POOLS], *obj[POOLS];
	unsigned int i;

	for (i = 0; i < POOLS; i++) {
		mp[i] = test_pool(64 + i % 100, 8, 0, NULL);
		CHECK(mp[i] != NULL, "pool %u", i);
		CHECK(test_get(mp[i], &obj[i], 1) == 0, "get");
	}
	for (i = 0; i < POOLS; i++)
		CHECK(test_pool_count(mp[i]) == 63 + i % 100, "I3: %u", test_pool_count(mp[i]));
	for (i = 0; i < POOLS; i++) {
		order[i] = mp[i];
		test_put(mp[i], &obj[i], 1);
	}
	test_shuffle(order, POOLS);
	for (i = 0; i < POOLS; i++) {
		struct rte_mempool *one = order[i];

		CHECK_OK(test_pool_drain(one, one->size));
		CHECK_OK(test_pool_end(one));
	}
	return 0;
}

/* Made and freed in a loop without a byte leaked, with all, some or no objects in flight. */
static int
test_loop(void)
{
	static const char *const configs[] = { "", "cache=0", "fence=full", "page_size=1k" };
	struct test_memory before = { 0 };
	struct rte_mempool *mp;
	size_t libc_bytes = 0;
	void *objs[300];
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		if (i == 1)
			before = test_memory();
		if (i == 100)
			libc_bytes = mallinfo2().uordblks;
		mp = test_pool(300, 100, i % 3 * 16, configs[i % RTE_DIM(configs)]);
		CHECK(mp != NULL, "round %u", i);
		CHECK(test_get(mp, objs, 300) == 0, "get");
		test_put(mp, objs, i % 301);
		CHECK(rte_mempool_in_use_count(mp) == 300 - i % 301, "I3: %u",
				rte_mempool_in_use_count(mp));
		CHECK_OK(test_pool_end(mp));
		CHECK(i == 0 || test_memory_same(&before, "the loop"), "round %u", i);
	}
	CHECK(mallinfo2().uordblks == libc_bytes, "%zd bytes of libc's heap in 900 rounds",
			(ssize_t)(mallinfo2().uordblks - libc_bytes));
	return 0;
}

/* Seconds to make and to free a pool. */
static int
creation(const char *ops, unsigned int n, unsigned int elt_size, unsigned int flags, double *made,
		double *freed)
{
	struct rte_mempool *mp;
	double start = test_seconds();

	mp = test_pool_on(ops, n, elt_size, 0, flags, NULL);
	CHECK(mp != NULL, "no pool");
	CHECK(rte_mempool_populate_default(mp) == (int)n, "populate");
	*made = RTE_MIN(*made, test_seconds() - start);
	start = test_seconds();
	rte_mempool_free(mp);
	*freed = RTE_MIN(*freed, test_seconds() - start);
	return 0;
}

static int
test_millions(void)
{
	static const struct {
		unsigned int n;
		unsigned int elt_size;
		unsigned int flags;
	} pools[] = {
		{ 1000000, 64, 0 },
		{ 4000000, 8, RTE_MEMPOOL_F_NO_CACHE_ALIGN },
	};
	static const char *const ops[] = { PEER, PAGE_POOL_OPS_NAME };
	double made[2], freed[2];
	unsigned int i, j;
	struct rte_mempool *mp;

	/* the peer's ring for 4 million; the largest piece of ours is smaller */
	CHECK_OK(test_piece((4 << 20) * sizeof(void *) + (1 << 20)));
	for (i = 0; i < RTE_DIM(pools); i++) {
		made[0] = made[1] = freed[0] = freed[1] = 1e9;
		for (j = 0; j < 6; j++)
			CHECK_OK(creation(ops[j % 2], pools[i].n, pools[i].elt_size, pools[i].flags,
					&made[j % 2], &freed[j % 2]));
		printf("%u elements of %u bytes: made in %.0f ms, with " PEER
		       " %.0f; freed in %.0f "
		       "ms, with " PEER " %.0f\n",
				pools[i].n, pools[i].elt_size, made[1] * 1e3, made[0] * 1e3,
				freed[1] * 1e3, freed[0] * 1e3);
	}
	mp = test_pool_on(PAGE_POOL_OPS_NAME, 4000000, 8, 0, RTE_MEMPOOL_F_NO_CACHE_ALIGN, NULL);
	CHECK(mp != NULL && rte_mempool_populate_default(mp) == 4000000, "populate");
	CHECK_OK(test_pool_drain(mp, 4000000));
	return test_pool_end(mp);
}

/* frag_pool_forget_chunks() beside threads that take and give: what they hold is void, nothing
 * else is harmed.
 */
struct forget {
	struct frag_pool *fp;
	atomic_bool *stop;
	unsigned int seed;
	uint64_t got;
};

static void *
forget_run(void *arg)
{
	struct forget *t = arg;
	void *objs[100];
	unsigned int n;

	while (!atomic_load(t->stop)) {
		t->seed = t->seed * 1103515245 + 12345;
		n = 1 + (t->seed >> 16) % RTE_DIM(objs);
		if (frag_pool_get(t->fp, objs, n) == 0) {
			t->got += n;
			frag_pool_put(t->fp, objs, n);
		}
	}
	return NULL;
}

static int
test_forget(void)
{
	struct frag_pool_params params = { .name = "forget",
		.size = 20000,
		.frag_size = 64,
		.socket_id = SOCKET_ID_ANY,
		.flags = test_strict() ? FRAG_POOL_F_STRICT : 0 };
	struct forget t[2] = { { .seed = 1 }, { .seed = 2 } };
	atomic_bool stop = false;
	struct frag_pool *fp;
	pthread_t thread[2];
	unsigned int i, j;
	void *objs[1000];
	double end = test_seconds() + 1.0 * test_scale();

	CHECK_OK(area_map());
	fp = frag_pool_create(&params);
	CHECK(fp != NULL, "%s", rte_strerror(rte_errno));
	for (i = 0; i < 2; i++) {
		t[i].fp = fp;
		t[i].stop = &stop;
		CHECK(pthread_create(&thread[i], NULL, forget_run, &t[i]) == 0, "thread");
	}
	while (test_seconds() < end) {
		for (j = 0; j < 5; j++)
			CHECK(frag_pool_add_chunk(fp, area + j * 300000 + test_random_below(1000),
					      200000, 0, UINT32_MAX, NULL, NULL) > 3000,
					"chunk %u", j);
		frag_pool_forget_chunks(fp);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	printf("%" PRIu64 " and %" PRIu64 " objects\n", t[0].got, t[1].got);
	frag_pool_forget_chunks(fp);
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	CHECK(frag_pool_count(fp) == 0 && frag_pool_get(fp, objs, 1) == -ENOBUFS, "not empty");
	CHECK(frag_pool_add_chunk(fp, area, 64000, 0, UINT32_MAX, NULL, NULL) == 1000, "chunk");
	CHECK(frag_pool_count(fp) == 1000, "%u", frag_pool_count(fp));
	CHECK(frag_pool_get(fp, objs, 1000) == 0, "get");
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	CHECK(frag_pool_put(fp, objs, 1000) == 0, "put");
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	frag_pool_destroy(fp);
	return 0;
}

/* The same, when the threads come to the pool for the first time: their slots are made while the
 * chunks are forgotten.
 */
struct newcomer {
	_Atomic(struct frag_pool *) fp; /* the pool to use, NULL: wait */
	atomic_uint busy;
	atomic_bool *stop;
};

static void *
newcomer_run(void *arg)
{
	struct newcomer *t = arg;
	struct frag_pool *fp;
	void *objs[20];

	while (!atomic_load(t->stop)) {
		fp = atomic_load(&t->fp);
		if (fp == NULL)
			continue;
		atomic_store(&t->busy, 1);
		/* what the main thread waits for must not be missed */
		while (atomic_load(&t->fp) == fp)
			if (frag_pool_get(fp, objs, RTE_DIM(objs)) == 0)
				frag_pool_put(fp, objs, RTE_DIM(objs));
		atomic_store(&t->busy, 0);
	}
	return NULL;
}

static int
newcomers_round(struct newcomer t[2], unsigned int round)
{
	const struct frag_pool_params params = { .name = "newcomers",
		.size = 2000,
		.frag_size = 64,
		.socket_id = SOCKET_ID_ANY,
		.flags = test_strict() ? FRAG_POOL_F_STRICT : 0 };
	struct frag_pool *fp = frag_pool_create(&params);
	struct frag_pool_stats st;
	void *objs[1000];
	unsigned int i, spin;

	CHECK(fp != NULL, "%s", rte_strerror(rte_errno));
	CHECK(frag_pool_add_chunk(fp, area, 64000, 0, UINT32_MAX, NULL, NULL) == 1000, "chunk");
	for (i = 0; i < 2; i++)
		atomic_store(&t[i].fp, fp);
	for (spin = test_random_below(2000); spin > 0; spin--)
		rte_pause();
	frag_pool_forget_chunks(fp);
	for (i = 0; i < 2; i++) {
		atomic_store(&t[i].fp, NULL);
		while (atomic_load(&t[i].busy) != 0)
			sched_yield();
	}
	/* what they held and put afterwards is looked at when it leaves their caches (I8) */
	frag_pool_trim(fp, false);
	CHECK(frag_pool_check(fp, stdout) == 0, "violations in round %u", round);
	CHECK(frag_pool_count(fp) == 0, "I3: %u objects without memory", frag_pool_count(fp));
	CHECK(frag_pool_add_chunk(fp, area, 64000, 0, UINT32_MAX, NULL, NULL) == 1000, "chunk");
	CHECK(frag_pool_count(fp) == 1000, "I3: %u of 1000", frag_pool_count(fp));
	CHECK(frag_pool_get(fp, objs, 1000) == 0, "I2: get");
	CHECK(frag_pool_check(fp, stdout) == 0, "violations in round %u", round);
	CHECK(frag_pool_put(fp, objs, 1000) == 0, "put");
	frag_pool_get_stats(fp, &st);
	CHECK(frag_pool_check(fp, stdout) == 0 && st.count == 1000, "violations in round %u",
			round);
	frag_pool_destroy(fp);
	return 0;
}

static int
test_newcomers(void)
{
	struct newcomer t[2] = { { .fp = NULL } };
	atomic_bool stop = false;
	pthread_t thread[2];
	unsigned int i;
	int rc = 0;

	CHECK_OK(area_map());
	for (i = 0; i < 2; i++) {
		t[i].stop = &stop;
		CHECK(pthread_create(&thread[i], NULL, newcomer_run, &t[i]) == 0, "thread");
	}
	for (i = 0; i < 1500 * test_scale() && rc == 0; i++)
		rc = newcomers_round(t, i);
	atomic_store(&stop, true);
	atomic_store(&t[0].fp, NULL);
	atomic_store(&t[1].fp, NULL);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return rc;
}

/* All of EAL's memory in pools, hugepages where it has them: who comes too late is told so, and
 * nobody else notices.
 */
static int
test_exhausted(void)
{
	struct rte_mempool *mp[256];
	unsigned int n, i;
	int rc = 0;

	for (n = 0; n < RTE_DIM(mp); n++) {
		mp[n] = test_pool_empty(5000, 2048, 0, NULL);
		if (mp[n] == NULL)
			break;
		rc = rte_mempool_populate_default(mp[n]);
		if (rc < 0)
			break;
		CHECK(rc == 5000, "%d", rc);
	}
	CHECK(n > 4, "%u pools", n);
	if (n == RTE_DIM(mp)) {
		for (i = 0; i < n; i++)
			CHECK_OK(test_pool_end(mp[i]));
		return TEST_SKIPPED;
	}
	if (mp[n] != NULL) {
		CHECK(rc == -ENOMEM || rc == -ENOBUFS, "pool %u: %d", n, rc);
		rte_mempool_free(mp[n]);
	} else {
		CHECK(rte_errno == ENOMEM, "pool %u: %s", n, rte_strerror(rte_errno));
	}
	for (i = 0; i < n; i++)
		CHECK_OK(test_pool_drain(mp[i], 5000));
	/* in place of one that ends there is room for another */
	CHECK_OK(test_pool_end(mp[n / 2]));
	mp[n / 2] = test_pool_empty(5000, 2048, 0, NULL);
	CHECK(mp[n / 2] != NULL && rte_mempool_populate_default(mp[n / 2]) == 5000, "again");
	CHECK_OK(test_pool_drain(mp[n / 2], 5000));
	for (i = 0; i < n; i++)
		CHECK_OK(test_pool_end(mp[i]));
	return 0;
}

static const struct test_case cases[] = {
	{ "item 4: same objects as DPDK's default layout, at any alignment", test_alignment,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
	{ "item 4: memory too short for an object", test_too_short,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
	{ "item 4: populate_default and _anon, all element sizes, all flags", test_default,
			TEST_BOTH_MODES },
	{ "item 4: pieces of any size in any order", test_mosaic,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
	{ "item 4: 155,456 chunks of one object", test_one_each,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
	{ "item 4: a chunk for each page", test_page_each, TEST_BOTH_MODES },
	{ "I1, I3: numbers of objects around every size", test_numbers, TEST_BOTH_MODES },
	{ "faults: an element too large, more elements than memory", test_too_large,
			TEST_BOTH_MODES },
	{ "I9: the driver does not touch the objects' memory", test_untouched, TEST_BOTH_MODES },
	{ "I1, I3: populate while others take and give", test_traffic, TEST_BOTH_MODES },
	{ "item 4: populate_default fails halfway, then does not", test_fail_default,
			TEST_BOTH_MODES },
	{ "item 4: populate_virt fails halfway, others come to its addresses", test_fail_virt,
			TEST_BOTH_MODES },
	{ "item 4: many failed populates of one pool", test_fail_often, TEST_BOTH_MODES },
	{ "I1: memory that overlaps a chunk is refused", test_overlap, TEST_ONCE },
	{ "item 4: errors of frag_pool_add_chunk()", test_add_chunk_errors, TEST_ONCE },
	{ "item 4: names of full length", test_names, TEST_ONCE },
	{ "item 4: 500 pools at once", test_many, TEST_BOTH_MODES },
	{ "item 4: 1000 pools made and freed without a byte leaked", test_loop, TEST_BOTH_MODES },
	{ "item 4: 1 and 4 million elements", test_millions, TEST_ONCE },
	{ "faults: all memory is in pools", test_exhausted, TEST_BOTH_MODES },
	{ "I5: forget_chunks while others take and give", test_forget,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
	{ "I1, I5: forget_chunks while others come for the first time", test_newcomers,
			TEST_BOTH_MODES | TEST_OWN_MEMORY },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_populate", 1024, cases, RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
