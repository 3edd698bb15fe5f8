/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, control path: making and ending pools, slots and chunks; counting and reporting.
 *
 * A pool is one block of DPDK's heap, a slot another, made when a thread first comes by. The
 * counters of a pool are the sums of its slots' counters, each written by one thread at a time, so
 * a count is exact at rest; how close it is while threads run depends on the order of reading:
 * frag_pool_count_low() and frag_pool_count_high() are its two bounds.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_common.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "frag_pool_private.h"
#include "pp_log.h"

/* Pressure begins below an eighth of the pool, at most at this many free fragments. */
#define LOW_WATER_MAX 2048

static uint32_t
clamp(uint32_t x, uint32_t lo, uint32_t hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

static struct frag_slot *
slot_alloc(struct frag_pool *fp, uint32_t id)
{
	/* what a get of `room` can find in the cache, and one page more; slot 0 is never used */
	size_t entries = id == 0 ? 0 : (size_t)fp->room + SLOT_SPARE;
	struct frag_slot *s = rte_zmalloc_socket("page_pool_slot",
			sizeof(*s) + entries * sizeof(s->frags[0]), alignof(struct frag_slot),
			fp->socket_id);

	if (s == NULL)
		return NULL;
	s->id = id;
	s->room = fp->room;
	s->limit = fp->cache_size;
	if ((fp->flags & FRAG_POOL_F_STRICT) != 0)
		s->flags |= SLOT_F_STRICT;
	if (fp->cache_size == 0)
		s->flags |= SLOT_F_NOCACHE;
	if (id >= PP_PARTICIPANTS)
		s->flags |= SLOT_F_SHARED;
	atomic_store_explicit(&s->owner, PP_IDENT_NOBODY, memory_order_relaxed);
	atomic_store_explicit(&s->fast, PP_IDENT_NOBODY, memory_order_relaxed);
	page_cache_init(&s->pages, id, &fp->chunks.provider);
	return s;
}

/* Make the slot of a participant. Only the thread that has the id calls this. A heap that is full
 * is asked again every so often only.
 */
struct frag_slot *
slot_make(struct frag_pool *fp, uint32_t id)
{
	uint32_t nr = atomic_load_explicit(&fp->nr_slots, memory_order_relaxed);
	uint32_t misses = atomic_load_explicit(&fp->slot_misses, memory_order_relaxed);
	struct frag_slot *s = NULL;

	if (misses % 1024 == 0)
		s = slot_alloc(fp, id);
	if (s == NULL) {
		if (atomic_fetch_add_explicit(&fp->slot_misses, 1, memory_order_relaxed) == 0)
			PP_LOG(WARNING,
					"pool %s: no memory for the slot of thread %u, it shares "
					"one",
					fp->name, PP_IDENT_TID(pp_self.ident));
		return NULL;
	}
	atomic_store_explicit(&fp->slot_misses, 0, memory_order_relaxed);
	/* Walks reach it before it is there: a thread that dies between leaves nothing unseen.
	 * relaxed: SLOT.MAKE.R publishes what is in the slot, and this before it
	 */
	while (nr <= id &&
			!atomic_compare_exchange_weak_explicit(&fp->nr_slots, &nr, id + 1,
					memory_order_relaxed, memory_order_relaxed))
		;
	/* SLOT.MAKE.R: the slot is complete */
	atomic_store_explicit(&fp->slots[id], s, memory_order_release);
	return s;
}

#define BATCH_BURST 32

/* A batch is some 42nd of the pool, so that a quarter of it makes ten of them, and at most half
 * of a cache, which is what leaves it at a time; all of them are no more than that quarter.
 */
static int
batches_make(struct frag_pool *fp)
{
	struct frag_batches *all = &fp->batches;
	uint32_t nr;

	all->frags = clamp(fp->size / 42, FRAG_BATCH_FRAGS_MIN, FRAG_BATCH_FRAGS_MAX);
	/* whole bursts: what was together stays together */
	if (all->frags > BATCH_BURST)
		all->frags = RTE_ALIGN_CEIL(all->frags, BATCH_BURST);
	all->frags = clamp(fp->cache_size / 2, FRAG_BATCH_FRAGS_MIN, all->frags);
	nr = RTE_MIN(fp->size / 4 / all->frags, (uint32_t)FRAG_BATCHES_MAX);
	if (nr == 0 || fp->cache_size == 0)
		return 0;
	all->depth = RTE_MAX(nr / 2, 1u);
	all->spare = clamp(nr / 4, 1, 4);
	all->stride = RTE_ALIGN_CEIL(sizeof(struct frag_batch) + all->frags * sizeof(uint32_t),
			2 * RTE_CACHE_LINE_MIN_SIZE);
	all->blocks = rte_zmalloc_socket("page_pool_batches", (size_t)nr * all->stride,
			2 * RTE_CACHE_LINE_MIN_SIZE, fp->socket_id);
	if (all->blocks == NULL)
		return -ENOMEM;
	all->nr = nr;
	return 0;
}

/* Fragments of this extent are the pool's, too. */
static void
frag_pool_know(struct frag_pool *fp, const struct page_extent *ext)
{
	uintptr_t lo = atomic_load_explicit(&fp->lo, memory_order_relaxed), first = ext->lo;
	uintptr_t end = ext->lo + ext->span;
	/* what distances are made of: their lowest bits are at least as high as the lowest here */
	uint64_t parts = ext->frag_size | ext->page_span | ext->group_span |
			(UINT64_C(1) << ext->block_shift);

	if (lo != 0) {
		end = RTE_MAX(end, lo + atomic_load_explicit(&fp->span, memory_order_relaxed));
		first = RTE_MIN(first, lo);
		parts |= (lo - first) | (ext->lo - first) |
				(atomic_load_explicit(&fp->off_grid, memory_order_relaxed) + 1);
	}
	/* Who sees the old `lo` with new others refuses nothing that it should not. KNOW.R: nobody
	 * sees the new one with old others.
	 */
	atomic_store_explicit(&fp->span, end - first, memory_order_relaxed);
	atomic_store_explicit(&fp->off_grid, (parts & -parts) - 1, memory_order_relaxed);
	atomic_store_explicit(&fp->lo, first, memory_order_release);
}

static int
params_check(const struct frag_pool_params *p)
{
	if (p == NULL || p->name == NULL || p->size == 0)
		return -EINVAL;
	if (p->frag_size == 0 || p->frag_size % 8 != 0 || p->frag_offset > p->frag_size)
		return -EINVAL;
	if (p->frag_size > EXTENT_FRAG_SIZE_MAX)
		return -E2BIG;
	if (p->cache_size > FRAG_POOL_CACHE_MAX && p->cache_size != FRAG_POOL_CACHE_NONE)
		return -EINVAL;
	if (p->page_size != 0 && p->page_size < p->frag_size)
		return -EINVAL;
	if ((p->flags & ~(uint32_t)FRAG_POOL_F_ALL) != 0)
		return -EINVAL;
	return 0;
}

/* Runs in EAL's alarm thread, and again until frag_pool_destroy() cancels it. */
static void
idle_trim_alarm(void *arg)
{
	struct frag_pool *fp = arg;

	frag_pool_trim(fp, true);
	if (rte_eal_alarm_set((uint64_t)fp->idle_trim_ms * 1000, idle_trim_alarm, fp) != 0)
		PP_LOG(WARNING, "pool %s: no alarm, idle slots are not trimmed any more", fp->name);
}

struct frag_pool *
frag_pool_create(const struct frag_pool_params *params)
{
	struct pp_registry *reg;
	struct frag_pool *fp;
	struct frag_slot *s;
	uint32_t id;
	int rc;

	rc = params_check(params);
	if (rc != 0) {
		rte_errno = -rc;
		return NULL;
	}
	rte_errno = 0;
	reg = pp_registry_get();
	if (reg == NULL)
		return NULL;
	fp = rte_zmalloc_socket("page_pool", sizeof(*fp), alignof(struct frag_pool),
			params->socket_id);
	if (fp == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	fp->magic = FRAG_POOL_MAGIC;
	/* relaxed: only that it differs from all others */
	fp->serial = PP_SERIAL_NONE +
			(atomic_fetch_add_explicit(&reg->serial, 1, memory_order_relaxed) + 1);
	fp->registry = reg;
	fp->flags = params->flags;
	fp->size = params->size;
	fp->socket_id = params->socket_id;
	strlcpy(fp->name, params->name, sizeof(fp->name));
	if (params->cache_size == FRAG_POOL_CACHE_NONE)
		fp->cache_size = 0;
	else if (params->cache_size != 0)
		fp->cache_size = params->cache_size;
	else
		/* one cache must not hold a pool that several threads share */
		fp->cache_size = clamp(params->size / 8, 32, FRAG_POOL_CACHE_DEFAULT);
	fp->cache_size = RTE_MIN(fp->cache_size, params->size);
	fp->room = RTE_MAX(fp->cache_size, (uint32_t)FRAG_POOL_BURST);
	fp->room = RTE_MIN(fp->room, params->size);
	fp->low_water = clamp(params->size / 8, 1, LOW_WATER_MAX);
	chunk_provider_init(&fp->chunks, params);

	atomic_store_explicit(&fp->nr_slots, 1, memory_order_relaxed);
	fp->nobody = slot_alloc(fp, 0);
	for (id = 0; id < FRAG_POOL_SLOTS; id++)
		atomic_store_explicit(&fp->slots[id], fp->nobody, memory_order_relaxed);
	for (id = PP_PARTICIPANTS; id < FRAG_POOL_SLOTS && fp->nobody != NULL; id++) {
		s = slot_alloc(fp, id);
		if (s == NULL)
			break;
		/* relaxed: the pool is published by who made it (POOL.R, for a mempool) */
		atomic_store_explicit(&fp->slots[id], s, memory_order_relaxed);
	}
	if (id < FRAG_POOL_SLOTS || batches_make(fp) != 0) {
		frag_pool_destroy(fp);
		rte_errno = ENOMEM;
		return NULL;
	}
	frag_pool_reset_batches(fp);
	fp->idle_trim_ms = params->idle_trim_ms;
	if (fp->idle_trim_ms != 0 &&
			rte_eal_alarm_set((uint64_t)fp->idle_trim_ms * 1000, idle_trim_alarm, fp) !=
					0) {
		frag_pool_destroy(fp);
		rte_errno = ENOMEM;
		return NULL;
	}
	return fp;
}

void
frag_pool_destroy(struct frag_pool *fp)
{
	struct frag_slot *s;
	unsigned int count;
	uint32_t id;

	if (fp == NULL)
		return;
	if (fp->idle_trim_ms != 0)
		rte_eal_alarm_cancel(idle_trim_alarm, fp);
	count = frag_pool_count(fp);
	if (count < fp->populated)
		PP_LOG(INFO, "pool %s ends with %u of %u fragments in flight", fp->name,
				fp->populated - count, fp->populated);
	for (id = 0; id < FRAG_POOL_SLOTS; id++) {
		s = slot_of(fp, id);
		if (s != fp->nobody)
			rte_free(s);
	}
	rte_free(fp->nobody);
	rte_free(fp->batches.blocks);
	provider_ops(&fp->chunks.provider)->destroy(&fp->chunks.provider);
	fp->magic = 0;
	fp->serial = 0;
	rte_free(fp);
}

uint32_t
frag_pool_populated(const struct frag_pool *fp)
{
	return atomic_load_explicit(&fp->populated, memory_order_relaxed);
}

int
frag_pool_add_chunk(struct frag_pool *fp, void *va, size_t len, size_t pg_sz, uint32_t max,
		frag_pool_frag_cb_t cb, void *arg)
{
	struct page_extent *made[2];
	unsigned int i;
	int nr;

	if (fp == NULL || va == NULL || (pg_sz & (pg_sz - 1)) != 0)
		return -EINVAL;
	max = RTE_MIN(max, (uint32_t)INT32_MAX);
	/* who died while it added a chunk may have left it half there: audited here */
	frag_pool_reclaim_take(fp);
	frag_pool_reclaim_drop(fp);
	nr = chunk_provider_prepare(&fp->chunks, (uintptr_t)va, len, pg_sz, max, made);
	if (nr <= 0)
		return nr;
	for (i = 0; i < 2 && cb != NULL && made[i] != NULL; i++)
		chunk_provider_walk(made[i], (uintptr_t)va, cb, arg);
	/* audits and checks see all of a chunk or nothing */
	frag_pool_reclaim_take(fp);
	for (i = 0; i < 2 && made[i] != NULL; i++)
		frag_pool_know(fp, made[i]);
	for (i = 0; i < 2 && made[i] != NULL; i++)
		atomic_fetch_add_explicit(&fp->whole, made[i]->nr_pages, memory_order_relaxed);
	/* counted by the high count, then available, then counted by the low one (I2, I3);
	 * relaxed: FRESH.R comes after it
	 */
	atomic_fetch_add_explicit(&fp->populated_high, (uint32_t)nr, memory_order_relaxed);
	chunk_provider_publish(&fp->chunks, made);
	/* ADD.R: who sees it counted can get it */
	atomic_fetch_add_explicit(&fp->populated, (uint32_t)nr, memory_order_release);
	frag_pool_reclaim_drop(fp);
	return nr;
}

static uint64_t
sum_puts(const struct frag_pool *fp)
{
	struct frag_slot *s;
	uint64_t sum = 0;
	uint32_t id;

	SLOT_FOREACH(fp, id, s)
		/* COUNT.A: what led to this put, another thread's get of the same fragment
		 * included, is seen by what is read after it; pairs with COUNT.R
		 */
		sum += atomic_load_explicit(&s->puts, memory_order_acquire);
	return sum;
}

static uint64_t
sum_gets(const struct frag_pool *fp)
{
	struct frag_slot *s;
	uint64_t sum = 0;
	uint32_t id;

	SLOT_FOREACH(fp, id, s)
		/* GETS.A: pairs with GETS.R */
		sum += atomic_load_explicit(&s->gets, memory_order_acquire);
	return sum;
}

static int64_t
count_fixed(const struct frag_pool *fp, const _Atomic(uint32_t) *populated)
{
	/* ADD.A: pairs with ADD.R. The high one needs none: who sees a new fragment taken (GETS.A)
	 * sees it counted.
	 */
	return (int64_t)atomic_load_explicit(populated, memory_order_acquire) +
			atomic_load_explicit(&fp->credit, memory_order_relaxed) -
			(int64_t)atomic_load_explicit(&fp->lost, memory_order_relaxed);
}

int64_t
frag_pool_count_low(const struct frag_pool *fp)
{
	int64_t fixed = count_fixed(fp, &fp->populated);
	uint64_t puts = sum_puts(fp);

	/* puts first: what is put meanwhile is missed, what is taken is not */
	return fixed + (int64_t)(puts - sum_gets(fp));
}

int64_t
frag_pool_count_high(const struct frag_pool *fp)
{
	uint64_t gets = sum_gets(fp);

	/* gets first: the other way round. If even this is below n, fewer than n were free when
	 * the last of the gets had been read.
	 */
	return (int64_t)(sum_puts(fp) - gets) + count_fixed(fp, &fp->populated_high);
}

unsigned int
frag_pool_count(const struct frag_pool *fp)
{
	int64_t count = frag_pool_count_low(fp);
	uint32_t populated = atomic_load_explicit(&fp->populated, memory_order_relaxed);

	/* fragments put twice can make it more than there are, until they are found out */
	return count < 0 ? 0 : (unsigned int)RTE_MIN(count, (int64_t)populated);
}

void
frag_pool_get_stats(const struct frag_pool *fp, struct frag_pool_stats *st)
{
	struct page_pool_provider_info info;
	struct frag_slot *s;
	uint64_t cached;
	int64_t whole;
	uint32_t id;

	memset(st, 0, sizeof(*st));
	provider_ops(&fp->chunks.provider)->info(&fp->chunks.provider, &info);
	st->size = fp->size;
	st->count = frag_pool_count(fp);
	st->populated = atomic_load_explicit(&fp->populated, memory_order_relaxed);
	st->lost = atomic_load_explicit(&fp->lost, memory_order_relaxed);
	st->in_flight = st->populated - RTE_MIN(st->populated, st->count + st->lost);
	st->pages = info.pages;
	st->fresh_pages = info.fresh_pages;
	st->chunks = info.chunks;
	st->frags_per_page = fp->chunks.page_frags;
	st->cache_size = fp->cache_size;
	st->pressure = atomic_load_explicit(&fp->pressure, memory_order_relaxed);
	st->flags = fp->flags;
	st->get_fails = atomic_load_explicit(&fp->get_fails, memory_order_relaxed);
	st->reclaims = atomic_load_explicit(&fp->reclaims, memory_order_relaxed);
	st->detours = atomic_load_explicit(&fp->detours, memory_order_relaxed);
	st->takeovers = atomic_load_explicit(&fp->takeovers, memory_order_relaxed);
	whole = atomic_load_explicit(&fp->whole, memory_order_relaxed);
	st->corrupt = atomic_load_explicit(&fp->chunks.provider.dir.broken, memory_order_relaxed);
	SLOT_FOREACH(fp, id, s) {
		if (id < PP_PARTICIPANTS)
			st->slots++;
		cached = slot_ctl(s);
		st->cached += CTL_LEN(cached) - CTL_POS(cached);
		whole += atomic_load_explicit(&s->whole, memory_order_relaxed);
#define SUM(to, from) st->to += atomic_load_explicit(&s->from, memory_order_relaxed)
		SUM(gets, gets);
		SUM(puts, puts);
		SUM(refused, refused);
		SUM(corrupt, corrupt);
		SUM(alloc_fast, pages.alloc_fast);
		SUM(alloc_refill, pages.alloc_refill);
		SUM(alloc_slow, pages.alloc_slow);
		SUM(alloc_empty, pages.alloc_empty);
		SUM(alloc_steal, alloc_steal);
		SUM(recycle_cached, pages.recycle_cached);
		SUM(recycle_cache_full, pages.recycle_cache_full);
		SUM(recycle_ring, recycle_ring);
		SUM(frag_opened, frag_opened);
		SUM(frag_flushed, frag_flushed);
		SUM(flush_runs, flush_runs);
		SUM(robbed, robbed);
		SUM(batches_sent, batches_sent);
		SUM(batches_taken, batches_taken);
#undef SUM
	}
	st->whole_pages = (uint32_t)RTE_MAX(whole, INT64_C(0));
}

static void
thread_name(uint32_t pid, uint32_t tid, char name[16])
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task/%" PRIu32 "/comm", pid, tid);
	f = fopen(path, "r");
	if (f == NULL)
		return;
	if (fgets(name, 16, f) == NULL)
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	fclose(f);
}

unsigned int
frag_pool_get_slots(const struct frag_pool *fp, struct frag_pool_slot_info *info, unsigned int n)
{
	struct frag_slot *s;
	unsigned int i = 0;
	uint64_t owner, ctl;
	uint32_t id;

	SLOT_FOREACH(fp, id, s) {
		if (i < n) {
			owner = atomic_load_explicit(&s->owner, memory_order_relaxed);
			ctl = slot_ctl(s);
			memset(&info[i], 0, sizeof(info[i]));
			info[i].id = id;
			info[i].cached = CTL_LEN(ctl) - CTL_POS(ctl);
			info[i].gets = atomic_load_explicit(&s->gets, memory_order_relaxed);
			info[i].puts = atomic_load_explicit(&s->puts, memory_order_relaxed);
			if (id < PP_PARTICIPANTS && owner != PP_IDENT_NOBODY) {
				info[i].pid = PP_IDENT_PID(owner);
				info[i].tid = PP_IDENT_TID(owner);
				info[i].alive = pp_ident_alive(owner);
				if (info[i].alive)
					thread_name(info[i].pid, info[i].tid, info[i].thread);
			}
		}
		i++;
	}
	return i;
}

void
frag_pool_dump(const struct frag_pool *fp, FILE *f)
{
	struct frag_pool_slot_info info[FRAG_POOL_SLOTS];
	struct frag_pool_stats st;
	unsigned int i, n;

	frag_pool_get_stats(fp, &st);
	fprintf(f, "page_pool <%s>\n", fp->name);
	fprintf(f, "  mode=%s%s cache=%u frags_per_page=%u frag_size=%zu\n",
			(st.flags & FRAG_POOL_F_STRICT) != 0 ? "strict" : "default",
			(st.flags & FRAG_POOL_F_FENCE) != 0 ? " fence" : "", st.cache_size,
			st.frags_per_page, fp->chunks.frag_size);
	fprintf(f, "  size=%u populated=%u count=%u in_flight=%u lost=%u cached=%u%s\n", st.size,
			st.populated, st.count, st.in_flight, st.lost, st.cached,
			st.pressure != 0 ? " pressure" : "");
	fprintf(f, "  pages=%u whole=%u fresh=%u chunks=%u\n", st.pages, st.whole_pages,
			st.fresh_pages, st.chunks);
#define LINE(name) fprintf(f, "  " #name "=%" PRIu64 "\n", st.name)
	LINE(gets);
	LINE(puts);
	LINE(get_fails);
	LINE(refused);
	LINE(corrupt);
	LINE(alloc_fast);
	LINE(alloc_refill);
	LINE(alloc_slow);
	LINE(alloc_empty);
	LINE(alloc_steal);
	LINE(recycle_cached);
	LINE(recycle_cache_full);
	LINE(recycle_ring);
	LINE(frag_opened);
	LINE(frag_flushed);
	LINE(flush_runs);
	LINE(batches_sent);
	LINE(batches_taken);
	LINE(reclaims);
	LINE(robbed);
	LINE(detours);
	LINE(takeovers);
#undef LINE
	n = frag_pool_get_slots(fp, info, RTE_DIM(info));
	for (i = 0; i < n; i++) {
		if (info[i].pid == 0 && info[i].gets == 0 && info[i].puts == 0)
			continue;
		fprintf(f, "  slot %u: ", info[i].id);
		if (info[i].pid == 0)
			fprintf(f, "shared");
		else
			fprintf(f, "thread %u of process %u %s", info[i].tid, info[i].pid,
					info[i].alive ? info[i].thread : "(gone)");
		fprintf(f, ": gets=%" PRIu64 " puts=%" PRIu64 " cached=%u\n", info[i].gets,
				info[i].puts, info[i].cached);
	}
}
