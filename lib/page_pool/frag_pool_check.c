/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, the checker: stops a pool, walks it and proves that every fragment is in one place.
 *
 * The laws:
 *   L1  each list holds each page at most once, all lists together hold each page at most once;
 *   L2  a page is in a list if and only if it is marked QUEUED, and has a free fragment then;
 *   L3  a page's free bits are bits of fragments it has;
 *   L4  each pointer in a cache is a fragment of the pool, in no other cache and not free in its
 *       page; in strict mode, not marked as handed out;
 *   L5  no slot is being worked in, and none carries pages;
 *   L6  free in pages + in caches = the counters' count (populated + puts - gets - lost);
 *   L7  the number of whole pages found is the number counted;
 *   L9  each block of a batch is in one list, full or empty; what full ones hold obeys L4;
 *   L8  strict mode: fragments marked as handed out = populated - count - lost.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "frag_pool_private.h"

/* Seconds, while an owner that looked in does not run. */
#define LOOKS_MAX 10000

struct check {
	struct frag_pool *fp;
	FILE *f;
	int violations;
	uint64_t *cached; /* by page: fragments seen in caches */
	uint8_t *listed;  /* by page: seen in a list */
	uint64_t nr_cached;
	uint64_t nr_free;
	uint64_t nr_out;
	uint32_t nr_whole;
	uint64_t blocks; /* batches seen */
};

static void violation(struct check *c, const char *fmt, ...) __rte_format_printf(2, 3);

static void
violation(struct check *c, const char *fmt, ...)
{
	va_list ap;

	c->violations++;
	if (c->f == NULL)
		return;
	fprintf(c->f, "pool %s: ", c->fp->name);
	va_start(ap, fmt);
	vfprintf(c->f, fmt, ap);
	va_end(ap);
	fputc('\n', c->f);
}

/* A page found in a list or in a direct cache (L1). False when its number is none. */
static bool
check_listed(struct check *c, uint32_t id, const char *what, uint32_t slot)
{
	if (id == 0 || id > page_dir_used(&c->fp->chunks.provider.dir)) {
		violation(c, "L1: %s of slot %u holds page %u, which is none", what, slot, id);
		return false;
	}
	if (c->listed[id] != 0) {
		violation(c, "L1: page %u in %s of slot %u is in a list already", id, what, slot);
		return false;
	}
	c->listed[id] = 1;
	return true;
}

static void
check_list(struct check *c, const struct page_list *l, const char *what, uint32_t slot)
{
	uint32_t id = (uint32_t)(atomic_load(&l->head) & PAGE_LIST_ID);

	/* a page that is in a list already ends the walk, so it ends */
	while (id != 0 && check_listed(c, id, what, slot))
		id = atomic_load(&page_of(&c->fp->chunks.provider.dir, id)->next);
}

/* A pointer found in a cache or a batch (L4). */
static void
check_cached(struct check *c, const struct frag_slot *s, const char *where, void *frag)
{
	struct frag_run run;

	c->nr_cached++;
	frag_run_next(&c->fp->chunks, &frag, 1, &run);
	if (run.page == NULL) {
		violation(c, "L4: %s of slot %u holds %p, which is no fragment", where, s->id,
				frag);
		return;
	}
	if ((c->cached[run.page->id] & run.mask) != 0)
		violation(c, "L4: %s of slot %u holds %p, which is in a cache already", where,
				s->id, frag);
	c->cached[run.page->id] |= run.mask;
	if ((atomic_load(&run.page->word) & run.mask) != 0)
		violation(c, "L4: %s of slot %u holds %p, which is free in its page", where, s->id,
				frag);
	if ((atomic_load(&run.page->out) & run.mask) != 0)
		violation(c, "L4: %s of slot %u holds %p, which is handed out", where, s->id, frag);
}

static void
check_block(struct check *c, uint32_t id, uint32_t slot)
{
	if ((c->blocks & (UINT64_C(1) << (id - 1))) != 0)
		violation(c, "L9: batch %u of slot %u is somewhere else already", id, slot);
	c->blocks |= UINT64_C(1) << (id - 1);
}

/* A slot's full batches (L9). */
static void
check_batches(struct check *c, const struct frag_slot *s)
{
	const struct frag_batches *all = &c->fp->batches;
	uint32_t id = (uint32_t)(atomic_load(&s->batches.head) & BATCH_LIST_ID), nr = 0, i, n;
	void *frags[FRAG_BATCH_FRAGS_MAX];
	const struct frag_batch *b;

	for (; id != 0; id = atomic_load(&b->next)) {
		if (id > all->nr || nr++ > all->nr) {
			violation(c, "L9: batch %u of slot %u is none, or in a circle", id, s->id);
			return;
		}
		check_block(c, id, s->id);
		b = batch_of(all, id);
		if (b->nr == 0 || b->nr > all->frags) {
			violation(c, "L9: batch %u of slot %u has %u fragments", id, s->id, b->nr);
			continue;
		}
		n = batch_expand(b, frags);
		for (i = 0; i < n; i++)
			check_cached(c, s, "a batch", frags[i]);
	}
	if (nr != batch_list_nr(&s->batches))
		violation(c, "L9: %u batches in a list of slot %u, %u counted", nr, s->id,
				batch_list_nr(&s->batches));
}

/* Empty ones, of the pool or a slot. */
static void
check_empty(struct check *c, uint64_t blocks, uint32_t slot)
{
	for (; blocks != 0; blocks &= blocks - 1)
		check_block(c, (uint32_t)__builtin_ctzll(blocks) + 1, slot);
}

static void
check_cache(struct check *c, const struct frag_slot *s)
{
	uint64_t ctl = slot_ctl(s);
	uint32_t i;

	if (CTL_POS(ctl) != 0 || CTL_LEN(ctl) > s->room + SLOT_SPARE) {
		violation(c, "L5: slot %u: cache is from %u to %u", s->id, CTL_POS(ctl),
				CTL_LEN(ctl));
		return;
	}
	for (i = 0; i < CTL_LEN(ctl); i++)
		check_cached(c, s, "the cache", s->frags[i]);
}

/* An owner that comes by looks in, finds its slot claimed, and is out again when it next runs. */
static bool
check_inside(const struct frag_slot *s)
{
	uint32_t step = 0, looks = 0;

	while (atomic_load(&s->inside) != 0)
		if (pp_wait_step(&step) &&
				(!pp_ident_alive(atomic_load(&s->owner)) || ++looks == LOOKS_MAX))
			/* it may have left just before it died */
			return atomic_load(&s->inside) != 0;
	return false;
}

static void
check_slot(struct check *c, const struct frag_slot *s)
{
	bool inside = check_inside(s);
	uint32_t i;

	if (inside || s->carry_first != 0)
		violation(c, "L5: slot %u: inside %u, carries page %u", s->id, inside,
				s->carry_first);
	for (i = 0; i < hint_get(&s->pages.cache_len); i++)
		check_listed(c, s->pages.cache[i], "the direct cache", s->id);
	check_list(c, &s->pages.ring, "the ring", s->id);
	check_list(c, &s->hoard, "the hoard", s->id);
	check_cache(c, s);
	check_batches(c, s);
	check_empty(c, hint_get(&s->spare), s->id);
}

static void
check_page(struct check *c, const struct frag_page *page)
{
	uint64_t word = atomic_load(&page->word), bits = word & PAGE_FREE;
	bool queued = (word & PAGE_QUEUED) != 0;

	if (queued != (c->listed[page->id] != 0))
		violation(c, "L2: page %u is %smarked QUEUED and %sin a list", page->id,
				queued ? "" : "not ", c->listed[page->id] != 0 ? "" : "not ");
	if (queued && bits == 0)
		violation(c, "L2: page %u is in a list without a free fragment", page->id);
	if (!queued && bits != 0)
		violation(c, "L2: page %u has free fragments %#" PRIx64 " and is in no list",
				page->id, bits);
	if ((bits & ~page->full) != 0 || (word & PAGE_CLOSED) != 0)
		violation(c, "L3: page %u: word %#" PRIx64 ", fragments %#" PRIx64, page->id, word,
				page->full);
	c->nr_free += (uint64_t)__builtin_popcountll(bits & page->full);
	c->nr_out += (uint64_t)__builtin_popcountll(atomic_load(&page->out));
	if (bits == page->full)
		c->nr_whole++;
}

/* Walk lists and caches. Returns 0 or -ENOMEM. */
static int
walk_places(struct check *c)
{
	struct frag_pool *fp = c->fp;
	struct chunk_provider *cp = &fp->chunks;
	struct frag_slot *s;
	uint32_t id;

	c->cached = calloc((size_t)page_dir_used(&cp->provider.dir) + 1, sizeof(*c->cached));
	c->listed = calloc((size_t)page_dir_used(&cp->provider.dir) + 1, sizeof(*c->listed));
	if (c->cached == NULL || c->listed == NULL) {
		free(c->cached);
		free(c->listed);
		return -ENOMEM;
	}
	for (id = atomic_load(&cp->fresh_next) + 1; id <= atomic_load(&cp->fresh_end); id++)
		check_listed(c, id, "the fresh pages", 0);
	check_list(c, &cp->whole, "the whole pages", 0);
	check_list(c, &fp->partial, "the partial pages", 0);
	check_list(c, &fp->aside, "the pages set aside", 0);
	SLOT_FOREACH(fp, id, s)
		check_slot(c, s);
	check_empty(c, atomic_load(&fp->batches_empty), 0);
	if ((uint32_t)__builtin_popcountll(c->blocks) != fp->batches.nr)
		violation(c, "L9: batches found: %#" PRIx64 ", there are %u", c->blocks,
				fp->batches.nr);
	return 0;
}

int
frag_pool_check(struct frag_pool *fp, FILE *f)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	struct check c = { .fp = fp, .f = f };
	struct frag_pool_stats st;
	struct slot_set claimed;
	int64_t count;
	uint32_t id;

	frag_pool_freeze(fp, &claimed);
	if (walk_places(&c) != 0) {
		frag_pool_thaw(fp, &claimed);
		return -ENOMEM;
	}
	for (id = 1; id <= page_dir_used(dir); id++)
		check_page(&c, page_of(dir, id));

	count = frag_pool_count_low(fp);
	if (count != (int64_t)(c.nr_free + c.nr_cached))
		violation(&c,
				"L6: count is %" PRId64 ", found %" PRIu64 " in pages + %" PRIu64
				" in caches",
				count, c.nr_free, c.nr_cached);
	frag_pool_get_stats(fp, &st);
	if (st.whole_pages != c.nr_whole)
		violation(&c, "L7: %u whole pages counted, %u found", st.whole_pages, c.nr_whole);
	if ((fp->flags & FRAG_POOL_F_STRICT) != 0 && c.nr_out != st.in_flight)
		violation(&c, "L8: %" PRIu64 " fragments marked out, %u in flight", c.nr_out,
				st.in_flight);
	frag_pool_thaw(fp, &claimed);
	free(c.cached);
	free(c.listed);
	return c.violations;
}
