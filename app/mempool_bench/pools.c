/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Pools on one and the same memory, one after the other: what the memory's place in the caches
 * does for one driver it does for all. And the floor: a driver that only copies to and from a
 * private array, which is what the calls of rte_mempool cost by themselves.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_string_fns.h>

#include "bench.h"

#define FLOOR_OPS "bench_floor"
#define CEILING "ceiling"
#define FLOOR "floor"

static const struct rte_memzone *arena;

/* ---- the floor */

struct floor_stack {
	uint32_t len;
	uint32_t size;
	void **objs;
} __rte_cache_aligned;

struct floor {
	struct floor_stack lcore[RTE_MAX_LCORE + 1];
};

static unsigned int
floor_id(void)
{
	return RTE_MIN(rte_lcore_id(), (unsigned int)RTE_MAX_LCORE);
}

/* Each lcore has objects of its own: the pool is dealt out in the end of pool_make(). */
static int
floor_alloc(struct rte_mempool *mp)
{
	struct floor *f = rte_zmalloc_socket("floor", sizeof(*f), RTE_CACHE_LINE_SIZE,
			mp->socket_id);
	unsigned int i;

	if (f == NULL)
		return -ENOMEM;
	mp->pool_data = f;
	for (i = 0; i <= RTE_MAX_LCORE; i++) {
		if (i < RTE_MAX_LCORE && !rte_lcore_is_enabled(i))
			continue;
		f->lcore[i].objs = rte_malloc_socket("floor", mp->size * sizeof(void *),
				RTE_CACHE_LINE_SIZE, mp->socket_id);
		if (f->lcore[i].objs == NULL)
			return -ENOMEM;
		f->lcore[i].size = mp->size;
	}
	return 0;
}

static void
floor_free(struct rte_mempool *mp)
{
	struct floor *f = mp->pool_data;
	unsigned int i;

	for (i = 0; f != NULL && i <= RTE_MAX_LCORE; i++)
		rte_free(f->lcore[i].objs);
	rte_free(f);
}

static int
floor_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct floor_stack *s = &((struct floor *)mp->pool_data)->lcore[floor_id()];

	if (unlikely(s->len + n > s->size))
		return -ENOBUFS;
	rte_memcpy(&s->objs[s->len], objs, n * sizeof(void *));
	s->len += n;
	return 0;
}

static int
floor_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct floor_stack *s = &((struct floor *)mp->pool_data)->lcore[floor_id()];

	if (unlikely(s->len < n))
		return -ENOBUFS;
	s->len -= n;
	rte_memcpy(objs, &s->objs[s->len], n * sizeof(void *));
	return 0;
}

static unsigned int
floor_get_count(const struct rte_mempool *mp)
{
	const struct floor *f = mp->pool_data;
	unsigned int i, sum = 0;

	for (i = 0; i <= RTE_MAX_LCORE; i++)
		sum += f->lcore[i].len;
	return sum;
}

static const struct rte_mempool_ops floor_ops = {
	.name = FLOOR_OPS,
	.alloc = floor_alloc,
	.free = floor_free,
	.enqueue = floor_enqueue,
	.dequeue = floor_dequeue,
	.get_count = floor_get_count,
};

/* Half of what the main lcore got while the pool was made goes to threads that are no lcores, half
 * of the rest to the other lcore.
 */
static void
floor_deal(struct rte_mempool *mp)
{
	struct floor *f = mp->pool_data;
	struct floor_stack *from = &f->lcore[floor_id()], *to;
	unsigned int ids[2] = { RTE_MAX_LCORE, bench_peer_lcore }, i, n;

	for (i = 0; i < RTE_DIM(ids) && (i == 0 || ids[i] != ids[0]); i++) {
		to = &f->lcore[ids[i]];
		if (to == from || to->objs == NULL)
			continue;
		n = from->len / 2;
		from->len -= n;
		memcpy(to->objs, &from->objs[from->len], n * sizeof(void *));
		to->len = n;
	}
}

void
pools_init(void)
{
	if (rte_mempool_register_ops(&floor_ops) < 0)
		fprintf(stderr,
				"no place among the mempool drivers for the floor: those rows "
				"will be missing\n");
}

/* ---- the arena */

/* Bytes that hold a pool of any of the drivers: bucket leaves the most unused. */
static size_t
arena_bytes(uint32_t size)
{
	struct rte_mempool_objsz sz;

	rte_mempool_calc_obj_size(BENCH_ELT_SIZE, 0, &sz);
	return ((size_t)size + size / 8 + 64) * sz.total_size;
}

int
arena_init(uint32_t max_size)
{
	size_t len = arena_bytes(max_size);

	arena = rte_memzone_reserve_aligned("bench_arena", len, SOCKET_ID_ANY,
			RTE_MEMZONE_SIZE_HINT_ONLY, RTE_PGSIZE_2M);
	if (arena == NULL)
		return -rte_errno;
	memset(arena->addr, 0, len);
	return 0;
}

/* ---- variants */

int
variant_parse(struct variant *v, const char *name)
{
	const char *colon = strchr(name, ':');
	char *p;

	memset(v, 0, sizeof(*v));
	if (strlcpy(v->name, name, sizeof(v->name)) >= sizeof(v->name))
		return -ENAMETOOLONG;
	if (colon != NULL) {
		strlcpy(v->config, colon + 1, sizeof(v->config));
		/* commas separate the drivers already */
		for (p = v->config; *p != '\0'; p++)
			if (*p == '+')
				*p = ',';
	}
	snprintf(v->ops, sizeof(v->ops), "%.*s",
			(int)(colon != NULL ? (size_t)(colon - name) : strlen(name)), name);
	if (strcmp(v->ops, FLOOR) == 0) {
		v->bound = BOUND_FLOOR;
		strlcpy(v->ops, FLOOR_OPS, sizeof(v->ops));
	} else if (strcmp(v->ops, CEILING) == 0) {
		v->bound = BOUND_CEILING;
		strlcpy(v->ops, "ring_mp_mc", sizeof(v->ops));
	}
	v->single = strcmp(v->ops, "ring_sp_sc") == 0;
	return 0;
}

const char *
variant_unfit(const struct variant *v, const struct row *row)
{
	bool pipeline = row->work == WORK_PIPELINE || row->work == WORK_RANDOM;

	if (row->lcores > 1 && bench_peer_lcore == RTE_MAX_LCORE)
		return "needs two lcores";
	if (v->bound == BOUND_FLOOR && (pipeline || row->before == BEFORE_FULL))
		return "the floor has no way from one lcore to the other";
	if (v->bound == BOUND_CEILING && (!pipeline || row->before != BEFORE_NOTHING))
		return "the ceiling is for pipelines";
	if (v->single && row->lcores > 1 && (!pipeline || row->before == BEFORE_FULL))
		return "one thread may get, one put";
	if (v->single && row->before == BEFORE_FOREIGN)
		return "one thread may get, one put";
	/* it has an array by lcore id, and looks up LCORE_ID_ANY in it */
	if (strcmp(v->ops, "bucket") == 0 && row->before == BEFORE_FOREIGN)
		return "crashes on threads that are no lcores";
	return NULL;
}

struct rte_mempool *
pool_make(const struct variant *v, uint32_t size, uint32_t cache, unsigned int part,
		unsigned int parts)
{
	size_t len = parts == 1 ? arena->len : RTE_ALIGN_FLOOR(arena->len / parts, RTE_PGSIZE_2M);
	char *lo = (char *)arena->addr + part * len;
	static unsigned int nr;
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;
	int rc;

	snprintf(name, sizeof(name), "bench_%u", nr++);
	/* without hugepages no object would cross a page of 4 KB, and the arena be too small */
	mp = rte_mempool_create_empty(name, size, BENCH_ELT_SIZE, cache, 0, SOCKET_ID_ANY,
			rte_eal_has_hugepages() ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (mp == NULL)
		return NULL;
	rc = rte_mempool_set_ops_byname(mp, v->ops,
			v->config[0] != '\0' ? (void *)(uintptr_t)v->config : NULL);
	if (rc == 0) {
		/* what is left over of the arena is as large as the neediest driver's waste */
		rc = rte_mempool_populate_iova(mp, lo, RTE_BAD_IOVA, len, NULL, NULL);
		if (rc >= 0)
			rc = mp->populated_size < size ? -ENOSPC : 0;
	}
	if (rc != 0) {
		rte_mempool_free(mp);
		rte_errno = -rc;
		return NULL;
	}
	if (v->bound == BOUND_FLOOR)
		floor_deal(mp);
	return mp;
}
