/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I7 Page-true: after a trim each page none of whose fragments is in flight is whole, without the
 * owners' help.
 *
 * Owners take and give at random, then sleep; some fragments stay in flight, and the pages they
 * belong to are known by their addresses: the others must be whole, exactly. The same while other
 * threads work; and an idle trim leaves those alone that are not idle.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "inv_common.h"

#define OWNERS 5

struct owner {
	struct inv_puppet puppet;
	struct inv_pool *pool;
	struct inv_rng rng;
	void **held;
	uint32_t held_n;
	uint32_t limit;
	uint32_t calls;
};

static void
traffic(void *arg)
{
	struct owner *o = arg;
	uint32_t i, n;

	for (i = 0; i < o->calls; i++) {
		n = inv_burst(&o->rng, o->limit);
		if (inv_below(&o->rng, 2) == 0 && o->held_n + n <= o->limit) {
			if (frag_pool_get(o->pool->fp, &o->held[o->held_n], n) == 0) {
				inv_own_bulk(&o->held[o->held_n], n, 4);
				o->held_n += n;
			}
		} else {
			n = RTE_MIN(n, o->held_n);
			inv_shuffle(&o->rng, o->held, o->held_n);
			o->held_n -= n;
			inv_disown_bulk(&o->held[o->held_n], n, 4);
			frag_pool_put(o->pool->fp, &o->held[o->held_n], n);
		}
	}
}

static void
give(struct owner *o, uint32_t keep)
{
	while (o->held_n > keep) {
		o->held_n--;
		inv_disown(o->held[o->held_n], 4, INV_FREE);
		frag_pool_put(o->pool->fp, &o->held[o->held_n], 1);
	}
}

/* Pages with a fragment in flight. */
static uint32_t
used_pages(struct owner *owner, uint32_t pages)
{
	uint8_t *used = calloc(pages, 1);
	uint32_t i, k, n = 0;

	for (i = 0; i < OWNERS; i++)
		for (k = 0; k < owner[i].held_n; k++)
			used[inv_index(owner[i].pool, owner[i].held[k]) /
					owner[i].pool->page_frags] = 1;
	for (i = 0; i < pages; i++)
		n += used[i];
	free(used);
	return n;
}

/* Whole pages are back with the provider: as many as there are can leave at once. */
static void
leave(struct inv_pool *pool, uint32_t whole)
{
	unsigned int size = frag_pool_contig_size(pool->fp);
	uint32_t i, n = pool->size / size * size == pool->size ? whole : whole - 1;
	void **first = calloc(whole, sizeof(void *)), *frag;
	struct frag_pool_stats st;
	uint64_t robbed;
	int rc;

	if (whole == 0) {
		free(first);
		return;
	}
	/* the last page is a smaller one; whether it is whole is not known here */
	frag_pool_get_stats(pool->fp, &st);
	robbed = st.robbed;
	rc = frag_pool_get_contig(pool->fp, first, n);
	frag_pool_get_stats(pool->fp, &st);
	INV_CHECK(rc == 0, "I7: %u pages are whole, but %u cannot be taken: %d", whole, n, rc);
	INV_CHECK(st.robbed == robbed, "I7: whole pages were hidden after a trim");
	for (i = 0; rc == 0 && i < n * size; i++) {
		frag = (uint8_t *)first[i / size] + (size_t)(i % size) * pool->frag_size;
		frag_pool_put(pool->fp, &frag, 1);
	}
	free(first);
}

static void
owners_asleep(const struct inv_config *cfg, unsigned int nr)
{
	static const uint32_t page_frags[] = { 0, 1, 9, 40 };
	uint32_t size = 2000, i, round, whole, expect;
	struct owner owner[OWNERS];
	struct frag_pool_stats st;
	struct inv_pool pool;

	snprintf(inv_what, sizeof(inv_what), "owners asleep, %s", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, size, 64, page_frags[(nr / 4 + nr) % 4]);
	memset(owner, 0, sizeof(owner));
	for (i = 0; i < OWNERS; i++) {
		inv_puppet_start(&owner[i].puppet);
		owner[i].pool = &pool;
		owner[i].held = calloc(size, sizeof(void *));
		inv_rng_init(&owner[i].rng, 700 + nr * OWNERS + i);
		owner[i].limit = size / 2;
		owner[i].calls = 40;
	}
	for (round = 0; round < 8; round++) {
		for (i = 0; i < OWNERS; i++)
			inv_puppet_run(&owner[i].puppet, traffic, &owner[i]);
		/* what they still hold is put by others */
		for (i = 0; i < OWNERS; i++)
			give(&owner[i], round == 7 ? 0 : inv_below(&owner[i].rng, 30));
		whole = frag_pool_trim(pool.fp, false);
		frag_pool_get_stats(pool.fp, &st);
		expect = st.pages - used_pages(owner, st.pages);
		INV_CHECK(whole == expect && st.whole_pages == expect,
				"I7: %u whole (stats: %u), "
				"but %u of %u pages have nothing in flight",
				whole, st.whole_pages, expect, st.pages);
		INV_CHECK(st.cached == 0, "I7: %u cached after a trim", st.cached);
		leave(&pool, whole);
	}
	for (i = 0; i < OWNERS; i++) {
		inv_puppet_end(&owner[i].puppet);
		free(owner[i].held);
	}
	inv_pool_end(&pool);
}

struct work {
	struct inv_pool pool;
	atomic_bool stop;
	atomic_uint_fast64_t calls;
};

static void *
worker(void *arg, unsigned int i)
{
	struct work *w = arg;
	struct inv_rng rng;
	void *held[40];
	uint32_t n = 0, k;
	uint64_t calls = 0;
	int rc;

	inv_rng_init(&rng, 750 + i);
	while (!atomic_load_explicit(&w->stop, memory_order_relaxed)) {
		k = 1 + inv_below(&rng, 20);
		if (n + k <= 40) {
			rc = frag_pool_get(w->pool.fp, &held[n], k);
			INV_CHECK(rc == 0, "I2: get of %u: %d", k, rc);
			inv_own_bulk(&held[n], k, i + 1);
			n += k;
		} else {
			k = RTE_MIN(k, n);
			n -= k;
			inv_disown_bulk(&held[n], k, i + 1);
			frag_pool_put(w->pool.fp, &held[n], k);
		}
		calls++;
	}
	inv_disown_bulk(held, n, i + 1);
	frag_pool_put(w->pool.fp, held, n);
	atomic_fetch_add(&w->calls, calls);
	return NULL;
}

#define WORKERS 3

static void
while_working(const struct inv_config *cfg, double seconds)
{
	uint32_t trims = 0, whole, least = UINT32_MAX, i;
	struct inv_threads threads;
	struct owner owner;
	struct frag_pool_stats st;
	static struct work w;
	double end;

	snprintf(inv_what, sizeof(inv_what), "while others work, %s", inv_config_name(cfg));
	memset(&w, 0, sizeof(w));
	memset(&owner, 0, sizeof(owner));
	/* pages of 4: most are not touched by the few that work */
	inv_pool_make(&w.pool, cfg, 8000, 64, 4);
	inv_puppet_start(&owner.puppet);
	owner.pool = &w.pool;
	owner.held = calloc(8000, sizeof(void *));
	inv_rng_init(&owner.rng, 760);
	owner.limit = 3000;
	owner.calls = 60;
	inv_threads_start(&threads, WORKERS, worker, &w);
	end = inv_now() + seconds;
	while (inv_now() < end) {
		/* one who fills his cache with many pages and sleeps */
		inv_puppet_run(&owner.puppet, traffic, &owner);
		give(&owner, 0);
		for (i = 0; i < 3; i++) {
			whole = frag_pool_trim(w.pool.fp, false);
			least = RTE_MIN(least, whole);
			trims++;
		}
		/* what workers hold, and what they cached since, is all that can be in use */
		frag_pool_get_stats(w.pool.fp, &st);
		INV_CHECK(whole + WORKERS * (40 + st.cache_size + 4 * 4) >= 2000,
				"I7: only %u of 2000 pages whole, 40 in flight for each of %u",
				whole, WORKERS);
	}
	atomic_store(&w.stop, true);
	inv_threads_join(&threads);
	whole = frag_pool_trim(w.pool.fp, false);
	INV_CHECK(whole == 2000, "I7: %u of 2000 pages whole at the end", whole);
	printf("%-50s %6u trims, %8" PRIu64 " calls, at least %u whole\n", inv_what, trims,
			(uint64_t)w.calls, least);
	inv_puppet_end(&owner.puppet);
	free(owner.held);
	inv_pool_end(&w.pool);
}

/* Slots that cache anything. */
static uint32_t
caches(struct frag_pool *fp)
{
	struct frag_pool_slot_info info[16];
	unsigned int n = frag_pool_get_slots(fp, info, 16), i, k = 0;

	for (i = 0; i < n && i < 16; i++)
		k += info[i].cached > 0;
	return k;
}

static void
idle_only(const struct inv_config *cfg)
{
	struct owner a, b;
	struct inv_pool pool;
	uint32_t before;

	if (cfg->cache == FRAG_POOL_CACHE_NONE || cfg->cache == 1)
		return;
	snprintf(inv_what, sizeof(inv_what), "idle trim, %s", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, 8000, 64, 0);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	inv_puppet_start(&a.puppet);
	inv_puppet_start(&b.puppet);
	a.pool = b.pool = &pool;
	a.held = calloc(100, sizeof(void *));
	b.held = calloc(100, sizeof(void *));
	inv_rng_init(&a.rng, 1);
	b.rng = a.rng;
	a.limit = b.limit = 10;
	a.calls = b.calls = 21;
	inv_puppet_run(&a.puppet, traffic, &a);
	inv_puppet_run(&b.puppet, traffic, &b);
	before = caches(pool.fp);
	INV_CHECK(before == 2, "%u slots cache anything, should be 2", before);
	frag_pool_trim(pool.fp, true);
	INV_CHECK(caches(pool.fp) == 2, "both were used since there was a trim");
	inv_puppet_run(&b.puppet, traffic, &b);
	frag_pool_trim(pool.fp, true);
	INV_CHECK(caches(pool.fp) == 1, "I7: only one was idle, %u caches are left",
			caches(pool.fp));
	frag_pool_trim(pool.fp, true);
	INV_CHECK(caches(pool.fp) == 0, "I7: nobody did anything, %u caches are left",
			caches(pool.fp));
	give(&a, 0);
	give(&b, 0);
	inv_puppet_end(&a.puppet);
	inv_puppet_end(&b.puppet);
	free(a.held);
	free(b.held);
	inv_pool_end(&pool);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	unsigned int i;

	inv_start(argc, argv, "I7 page-true: after a trim pages without users are whole", 4);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		owners_asleep(&cfg, i);
		idle_only(&cfg);
		while_working(&cfg, inv_seconds / INV_CONFIGS);
	}
	inv_exit();
}
