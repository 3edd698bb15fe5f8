/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1, I8 when the pool's own memory was written to by somebody else: nothing crashes or hangs, the
 * checker reports it, and in strict mode no get hands out what is no fragment, or what somebody
 * has: it is withheld, counted and logged.
 *
 * One thing at a time is written to: a pointer in a cache or a batch, a page's word, its marks, the
 * links and heads of lists. Then everything that can be had is taken, in gets of one or of many, by
 * the thread whose slot it is or another, and each pointer compared with what is known of it.
 *
 * Where nothing is checked by design, that is said too: in default mode a get believes the cache.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_log.h>

#include "frag_pool_private.h"
#include "inv_common.h"

#define SIZE 3000
#define PAGE_FRAGS 20
#define HELD 900 /* by the test, all the time */

enum kind {
	CACHE_NULL,
	CACHE_ELSEWHERE, /* no memory of the pool */
	CACHE_MIDDLE,    /* between two fragments */
	CACHE_TWICE,
	CACHE_HELD, /* somebody has it */
	BATCH_ELSEWHERE,
	BATCH_TWICE,
	BATCH_HELD,
	WORD_HELD,   /* free in its page, and somebody has it */
	WORD_CACHED, /* free in its page, and in a cache */
	WORD_OVER,   /* a fragment that the page does not have */
	WORD_GONE,   /* a free fragment's bit is cleared */
	WORD_QUEUED, /* a page in a list is not marked so */
	NEXT_NONE,   /* a link to a page that is none */
	NEXT_SELF,
	HEAD_NONE,
	WHOLE_SELF, /* a whole page, which contiguous gets look for */
	MARK_SET,   /* strict mode: the mark of a free fragment */
	MARK_CLEAR, /* strict mode: that of one that somebody has */
	KINDS,
};

static const char *const kind_names[KINDS] = {
	[CACHE_NULL] = "NULL in a cache",
	[CACHE_ELSEWHERE] = "a wild pointer in a cache",
	[CACHE_MIDDLE] = "a pointer into a fragment in a cache",
	[CACHE_TWICE] = "a fragment twice in a cache",
	[CACHE_HELD] = "a fragment in use in a cache",
	[BATCH_ELSEWHERE] = "a wild pointer in a batch",
	[BATCH_TWICE] = "a fragment twice in a batch",
	[BATCH_HELD] = "a fragment in use in a batch",
	[WORD_HELD] = "a fragment in use free in its page",
	[WORD_CACHED] = "a cached fragment free in its page",
	[WORD_OVER] = "more fragments than a page has",
	[WORD_GONE] = "a free fragment less in a page",
	[WORD_QUEUED] = "a page in a list without its mark",
	[NEXT_NONE] = "a link to no page",
	[NEXT_SELF] = "a page linked to itself",
	[HEAD_NONE] = "a list of no page",
	[WHOLE_SELF] = "a whole page linked to itself",
	[MARK_SET] = "a free fragment marked as handed out",
	[MARK_CLEAR] = "a fragment in use not marked",
};

struct game {
	struct inv_pool pool;
	struct inv_rng rng;
	struct inv_puppet
			freer; /* puts what the main thread got: batches, and a cache of its own */
	void *held[SIZE];
	uint32_t nr_held;
	void *taken[2 * SIZE];
	uint32_t nr_taken;
	uint32_t burst;
	bool contig; /* blocks first */
};

static struct game game;
static uint8_t seen[SIZE];

static void
put_by_freer(void *arg)
{
	struct game *g = arg;
	uint32_t n;

	while (g->nr_held > HELD) {
		n = RTE_MIN(32u, g->nr_held - HELD);
		g->nr_held -= n;
		INV_NEED(frag_pool_put(g->pool.fp, &g->held[g->nr_held], n) == 0, "put");
	}
}

/* Caches of two threads, batches, pages with some fragments free and whole ones; HELD in use. */
static void
prepare(struct game *g, const struct inv_config *cfg)
{
	uint32_t round;

	inv_pool_make(&g->pool, cfg, SIZE, 64, PAGE_FRAGS);
	g->nr_held = 0;
	for (round = 0; round < 4; round++) {
		while (g->nr_held < SIZE - 200) {
			INV_NEED(frag_pool_get(g->pool.fp, &g->held[g->nr_held], 20) == 0, "get");
			g->nr_held += 20;
		}
		inv_shuffle(&g->rng, g->held, g->nr_held);
		inv_puppet_run(&g->freer, put_by_freer, g);
	}
	INV_NEED(frag_pool_put(g->pool.fp, &g->held[g->nr_held - 100], 100) == 0, "put");
	g->nr_held -= 100;
}

/* A slot with something in its cache, or in its batches. */
static struct frag_slot *
some_slot(struct game *g, bool batches)
{
	struct frag_slot *s, *found = NULL;
	uint32_t id;

	SLOT_FOREACH(g->pool.fp, id, s)
		if ((batches ? !batch_list_empty(&s->batches) : CTL_LEN(slot_ctl(s)) > 2) &&
				(found == NULL || inv_below(&g->rng, 2) == 0))
			found = s;
	return found;
}

/* A page in the shared list, with another one behind it if `two`, or else in any list. */
static struct frag_page *
some_page(struct game *g, bool two)
{
	struct frag_pool *fp = g->pool.fp;
	struct page_dir *dir = &fp->chunks.provider.dir;
	struct frag_page *page, *found = NULL;
	uint32_t id;

	id = (uint32_t)(atomic_load(&fp->partial.head) & PAGE_LIST_ID);
	for (; two && id != 0; id = atomic_load(&page->next)) {
		page = page_of(dir, id);
		if (atomic_load(&page->next) != 0 && (found == NULL || inv_below(&g->rng, 4) == 0))
			found = page;
	}
	for (id = 1; !two && id <= atomic_load(&fp->chunks.fresh_next); id++) {
		page = page_of(dir, id);
		if ((atomic_load(&page->word) & PAGE_QUEUED) != 0 &&
				(found == NULL || inv_below(&g->rng, 4) == 0))
			found = page;
	}
	return found;
}

static bool
corrupt_cache(struct game *g, enum kind kind)
{
	struct frag_slot *s = some_slot(g, false);
	uint32_t i, j;

	if (s == NULL)
		return false;
	i = inv_below(&g->rng, CTL_LEN(slot_ctl(s)));
	j = (i + 1 + inv_below(&g->rng, CTL_LEN(slot_ctl(s)) - 1)) % CTL_LEN(slot_ctl(s));
	switch (kind) {
	case CACHE_NULL:
		s->frags[i] = NULL;
		break;
	case CACHE_ELSEWHERE:
		s->frags[i] = &game;
		break;
	case CACHE_MIDDLE:
		s->frags[i] = RTE_PTR_ADD(s->frags[i], 8);
		break;
	case CACHE_TWICE:
		s->frags[i] = s->frags[j];
		break;
	default:
		s->frags[i] = g->held[inv_below(&g->rng, g->nr_held)];
	}
	return true;
}

static bool
corrupt_batch(struct game *g, enum kind kind)
{
	struct frag_slot *s = some_slot(g, true);
	struct frag_batch *b;
	uint32_t i;

	if (s == NULL)
		return false;
	b = batch_of(&g->pool.fp->batches,
			(uint32_t)(atomic_load(&s->batches.head) & BATCH_LIST_ID));
	i = inv_below(&g->rng, b->nr - 1);
	if (kind == BATCH_ELSEWHERE)
		b->near[i] = UINT32_MAX - 8;
	else if (kind == BATCH_TWICE)
		b->near[i] = b->near[i + 1];
	else
		b->near[i] = (uint32_t)(((uintptr_t)g->held[0] - b->lo) >> BATCH_NEAR_SHIFT);
	return true;
}

static struct frag_run
run_of(struct game *g, void *frag)
{
	struct frag_run run;

	frag_run_next(&g->pool.fp->chunks, &frag, 1, &run);
	INV_NEED(run.page != NULL, "%p", frag);
	return run;
}

static bool
corrupt_page(struct game *g, enum kind kind)
{
	struct frag_page *page = some_page(g, kind >= WORD_QUEUED);
	struct frag_slot *s = some_slot(g, false);
	struct frag_run run;

	switch (kind) {
	case WORD_HELD:
		run = run_of(g, g->held[inv_below(&g->rng, g->nr_held)]);
		/* in a list, or nobody will ever look at it */
		if ((atomic_load(&run.page->word) & PAGE_QUEUED) == 0)
			return false;
		atomic_fetch_or(&run.page->word, run.mask);
		return true;
	case WORD_CACHED:
		if (s == NULL)
			return false;
		run = run_of(g, s->frags[inv_below(&g->rng, CTL_LEN(slot_ctl(s)))]);
		if ((atomic_load(&run.page->word) & PAGE_QUEUED) == 0)
			return false;
		atomic_fetch_or(&run.page->word, run.mask);
		return true;
	default:
		break;
	}
	if (page == NULL)
		return false;
	switch (kind) {
	case WORD_OVER:
		atomic_fetch_or(&page->word, UINT64_C(3) << page->nr_frags);
		break;
	case WORD_GONE:
		atomic_fetch_and(&page->word,
				~(atomic_load(&page->word) & page->full &
						-(atomic_load(&page->word) & page->full)));
		break;
	case WORD_QUEUED:
		atomic_fetch_and(&page->word, ~PAGE_QUEUED);
		break;
	case NEXT_NONE:
		atomic_store(&page->next, PAGE_ID_MAX - inv_below(&g->rng, 1000));
		break;
	default:
		atomic_store(&page->next, page->id);
	}
	return true;
}

/* False where the pool is in no state that could be corrupted so. */
static bool
corrupt(struct game *g, enum kind kind)
{
	struct frag_pool *fp = g->pool.fp;
	struct frag_slot *s = some_slot(g, false);
	struct frag_page *page;
	struct frag_run run;

	if (kind <= CACHE_HELD)
		return corrupt_cache(g, kind);
	if (kind <= BATCH_HELD)
		return corrupt_batch(g, kind);
	if (kind <= NEXT_SELF)
		return corrupt_page(g, kind);
	switch (kind) {
	case HEAD_NONE:
		if (page_list_empty(&fp->partial))
			return false;
		atomic_fetch_or(&fp->partial.head, PAGE_LIST_ID);
		return true;
	case WHOLE_SELF:
		INV_NEED(frag_pool_put(fp, g->held, g->nr_held) == 0, "put");
		g->nr_held = 0;
		frag_pool_trim(fp, false);
		page = page_of(&fp->chunks.provider.dir,
				(uint32_t)(atomic_load(&fp->chunks.whole.head) & PAGE_LIST_ID));
		atomic_store(&page->next, page->id);
		return true;
	case MARK_SET:
		if (s == NULL || (fp->flags & FRAG_POOL_F_STRICT) == 0)
			return false;
		run = run_of(g, s->frags[inv_below(&g->rng, CTL_LEN(slot_ctl(s)))]);
		atomic_fetch_or(&run.page->out, run.mask);
		return true;
	default:
		if ((fp->flags & FRAG_POOL_F_STRICT) == 0)
			return false;
		run = run_of(g, g->held[inv_below(&g->rng, g->nr_held)]);
		atomic_fetch_and(&run.page->out, ~run.mask);
		return true;
	}
}

/* Everything there is, and no longer than there can be. */
static void
take_all(void *arg)
{
	struct game *g = arg;
	uint32_t burst = g->burst, n = 1 + burst / 50, i, k;
	void *first[SIZE / PAGE_FRAGS];

	while (g->contig && frag_pool_get_contig(g->pool.fp, first, n) == 0 &&
			g->nr_taken + n * PAGE_FRAGS <= RTE_DIM(g->taken))
		for (i = 0; i < n; i++)
			for (k = 0; k < PAGE_FRAGS; k++)
				g->taken[g->nr_taken++] = RTE_PTR_ADD(first[i],
						k * g->pool.frag_size);
	while (burst > 0 && g->nr_taken + burst <= RTE_DIM(g->taken)) {
		if (frag_pool_get(g->pool.fp, &g->taken[g->nr_taken], burst) == 0)
			g->nr_taken += burst;
		else
			burst /= 2;
	}
}

/* How many of what was taken nobody should have got. */
static uint32_t
wrong(struct game *g)
{
	uintptr_t off;
	uint32_t i, bad = 0;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < g->nr_held; i++)
		seen[inv_index(&g->pool, g->held[i])] = 1;
	for (i = 0; i < g->nr_taken; i++) {
		off = (uintptr_t)g->taken[i] - (uintptr_t)g->pool.mem;
		if (off >= g->pool.len || off % g->pool.frag_size != 0 ||
				off / g->pool.frag_size >= SIZE ||
				seen[off / g->pool.frag_size] != 0)
			bad++;
		else
			seen[off / g->pool.frag_size] = 1;
	}
	return bad;
}

/* Without marks a fragment in use cannot be told from one that came back; another one is lost in
 * its stead, so that the numbers are right.
 */
static bool
unmarked(enum kind kind)
{
	return kind == CACHE_HELD || kind == BATCH_HELD;
}

struct result {
	uint32_t tried, unreported, handed_out, counted;
};

static void
play(struct game *g, const struct inv_config *cfg, enum kind kind, struct result *r)
{
	bool strict = (cfg->flags & FRAG_POOL_F_STRICT) != 0;
	struct frag_pool_stats st;
	uint32_t bad;

	prepare(g, cfg);
	if (!corrupt(g, kind)) {
		frag_pool_destroy(g->pool.fp);
		return;
	}
	r->tried++;
	if (frag_pool_check(g->pool.fp, NULL) <= 0)
		r->unreported++;
	g->nr_taken = 0;
	g->burst = (uint32_t[]){ 1, 7, 64, 700, 1100, 1500, 2000 }[inv_below(&g->rng, 7)];
	g->contig = inv_below(&g->rng, 4) == 0;
	if (kind == WHOLE_SELF) {
		g->burst = 64;
		g->contig = true;
	}
	if (inv_below(&g->rng, 2) == 0)
		take_all(g);
	else
		inv_puppet_run(&g->freer, take_all, g);
	bad = wrong(g);
	r->handed_out += bad;
	INV_CHECK(!strict || bad == 0, "%u pointers that nobody should have got, of %u", bad,
			g->nr_taken);
	/* nothing hangs or crashes afterwards either */
	frag_pool_put(g->pool.fp, g->taken, g->nr_taken);
	frag_pool_put(g->pool.fp, g->held, g->nr_held);
	frag_pool_trim(g->pool.fp, false);
	frag_pool_check(g->pool.fp, NULL);
	frag_pool_get_stats(g->pool.fp, &st);
	r->counted += st.corrupt + st.refused > 0;
	frag_pool_destroy(g->pool.fp);
}

int
main(int argc, char **argv)
{
	static const uint32_t caches[] = { 0, 32, FRAG_POOL_CACHE_NONE };
	struct result r[2][KINDS] = { 0 };
	struct inv_config cfg;
	unsigned int i, strict;
	enum kind kind;
	double end;

	inv_start(argc, argv, "I1, I8 corrupt: memory of the pool that somebody else wrote to", 5);
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_EMERG);
	inv_rng_init(&game.rng, 1);
	inv_puppet_start(&game.freer);
	end = inv_now() + inv_seconds;
	for (i = 0; i < 3 || inv_now() < end; i++)
		for (strict = 0; strict < 2; strict++)
			for (kind = 0; kind < KINDS; kind++) {
				cfg.flags = strict ? FRAG_POOL_F_STRICT : 0;
				cfg.cache = caches[i % RTE_DIM(caches)];
				snprintf(inv_what, sizeof(inv_what), "%s, %s", kind_names[kind],
						inv_config_name(&cfg));
				play(&game, &cfg, kind, &r[strict][kind]);
			}
	for (strict = 0; strict < 2; strict++)
		for (kind = 0; kind < KINDS; kind++) {
			snprintf(inv_what, sizeof(inv_what), "%s, mode=%s", kind_names[kind],
					strict ? "strict" : "default");
			printf("%-55s %5u times, %5u counted, %4u handed out\n", inv_what,
					r[strict][kind].tried, r[strict][kind].counted,
					r[strict][kind].handed_out);
			INV_CHECK(r[strict][kind].tried > 0 || (!strict && kind >= MARK_SET),
					"never tried");
			INV_CHECK(r[strict][kind].unreported == 0 || (!strict && unmarked(kind)),
					"%u not found by the checker", r[strict][kind].unreported);
			INV_CHECK(r[strict][kind].counted == r[strict][kind].tried || !strict ||
							kind == WORD_GONE,
					"%u not counted",
					r[strict][kind].tried - r[strict][kind].counted);
		}
	inv_puppet_end(&game.freer);
	inv_exit();
	return 0;
}
