/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, inside of a slot: where fragments meet their pages.
 *
 * Everything here has exclusive access to the slot it works on (frag_pool_private.h says how), so
 * the slot's own words need no atomic operation; words and lists of pages do, one for each run of
 * fragments and one for each page. Nothing here waits.
 *
 * A thread may die anywhere in here. Then no fragment may be in two places: it leaves the cache
 * (`pos`) before its page's word takes it, and is taken out of the word before it is in the cache.
 * Fragments that were on the way, and pages that were in no list, an audit finds
 * (frag_pool_check.c).
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "frag_pool_private.h"
#include "pp_log.h"

/* Step 3: open a page. Owner and bits change hands here: the bits taken are this slot's, and until
 * it hands them out and they are freed again the page is in no list.
 */
static uint64_t
page_open(struct frag_slot *s, struct frag_page *page)
{
	uint64_t bits;

	/* relaxed: seen by who sees the bits gone, WORD.R below */
	atomic_store_explicit(&page->owner, s->id, memory_order_relaxed);
	/* WORD.A: data written to the fragments before they were freed (WORD.R of each freer) is
	 * seen. WORD.R: the next freer to find QUEUED clear sees the new owner.
	 */
	bits = atomic_fetch_and_explicit(&page->word, PAGE_CLOSED, memory_order_acq_rel);
	bits &= PAGE_FREE;
	if (unlikely((bits & ~page->full) != 0)) {
		stat_add(&s->corrupt, (uint64_t)__builtin_popcountll(bits & ~page->full));
		PP_LOG_LIMITED(CRIT, "page %u at %p: word is corrupt: %#" PRIx64 " of %#" PRIx64,
				page->id, (void *)page->lo, bits, page->full);
		bits &= page->full;
	}
	if (bits == page->full)
		atomic_store_explicit(&s->whole,
				atomic_load_explicit(&s->whole, memory_order_relaxed) - 1,
				memory_order_relaxed);
	return bits;
}

/* Write the addresses of a page's fragments to a table; returns how many. */
static uint32_t
page_frags_expand(const struct frag_page *page, uint64_t bits, void **frags)
{
	uint64_t frag_size = page->ext->frag_size;
	uint32_t n = 0, bit;
	uintptr_t addr;

	if (likely(page->ext->block_shift == 63)) {
		if (bits == page->full) {
			for (addr = page->lo; n < page->nr_frags; n++, addr += frag_size)
				frags[n] = (void *)addr;
			return n;
		}
		for (; bits != 0; bits &= bits - 1) {
			bit = (uint32_t)__builtin_ctzll(bits);
			frags[n++] = (void *)(page->lo + bit * frag_size);
		}
		return n;
	}
	for (; bits != 0; bits &= bits - 1)
		frags[n++] = page_frag_addr(page, (uint32_t)__builtin_ctzll(bits));
	return n;
}

/* Step 2: find a page with free fragments: what came back to this slot, what lies in shared
 * lists, what the provider has, what came back to others. NULL: none of them has any.
 */
static struct frag_page *
slot_next_page(struct frag_pool *fp, struct frag_slot *s)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	struct frag_page *page;
	struct frag_slot *other;
	uint32_t id;

	page = page_cache_alloc_returned(&s->pages);
	if (likely(page != NULL))
		return page;
	page = page_list_empty(&fp->partial) ? NULL : page_list_pop(&fp->partial, dir);
	if (page == NULL && !page_list_empty(&fp->aside))
		page = page_list_pop(&fp->aside, dir);
	if (page == NULL) {
		page = page_cache_alloc_slow(&s->pages);
		if (page != NULL)
			return page;
		SLOT_FOREACH(fp, id, other) {
			if (page_list_empty(&other->pages.ring))
				continue;
			page = page_list_pop(&other->pages.ring, dir);
			if (page != NULL)
				break;
		}
	}
	if (page != NULL)
		stat_add(&s->alloc_steal, 1);
	return page;
}

static void
slot_take_spare(struct frag_pool *fp, struct frag_slot *s)
{
	uint64_t rest = batch_take_empty(&fp->batches_empty, &fp->batches);

	hint_set(&s->spare, rest);
	for (; rest != 0; rest &= rest - 1)
		line_prefetch_write(batch_of(&fp->batches, (uint32_t)__builtin_ctzll(rest) + 1));
}

static void
slot_give_spare(struct frag_pool *fp, struct frag_slot *s)
{
	uint64_t spare = hint_get(&s->spare);

	hint_set(&s->spare, 0);
	batch_give_empty(&fp->batches_empty, spare);
}

static __rte_cold void
slot_batch_broken(struct frag_pool *fp, struct frag_slot *s)
{
	stat_add(&s->corrupt, 1);
	PP_LOG_LIMITED(CRIT, "pool %s: a list of batches is corrupt: what it held is lost",
			fp->name);
}

/* Add a batch's fragments to the cache. */
static bool
slot_take_batch(struct frag_pool *fp, struct frag_slot *s, struct batch_list *from)
{
	uint32_t len = CTL_LEN(slot_ctl(s));
	struct frag_batch *b;
	bool broken = false;
	uint64_t spare;

	if (batch_list_empty(from))
		return false;
	line_prefetch_write(from);
	b = batch_list_pop(from, &fp->batches, &broken);
	if (unlikely(b == NULL || b->nr > fp->batches.frags)) {
		/* the block is lost with what it held: who wrote to it may do so again */
		if (b != NULL || broken)
			slot_batch_broken(fp, s);
		return b != NULL;
	}
	slot_set_ctl(s, len + batch_expand(b, &s->frags[len]));
	spare = hint_get(&s->spare) | UINT64_C(1) << (b->id - 1);
	hint_set(&s->spare, spare);
	/* relaxed: a hint */
	if ((uint32_t)__builtin_popcountll(spare) >
			batch_may_keep(&fp->batches,
					atomic_load_explicit(&fp->batches_empty,
							memory_order_relaxed)))
		slot_give_spare(fp, s);
	stat_add(&s->batches_taken, 1);
	return true;
}

/* Others' batches, when nothing else is left. */
static bool
slot_take_others_batch(struct frag_pool *fp, struct frag_slot *s)
{
	struct frag_slot *other;
	uint32_t id;

	SLOT_FOREACH(fp, id, other)
		if (slot_take_batch(fp, s, &other->batches)) {
			stat_add(&s->alloc_steal, 1);
			return true;
		}
	return false;
}

/* The same, of a few slots at a time: what is there is sought for the sake of others. */
static bool
slot_take_near_batch(struct frag_pool *fp, struct frag_slot *s)
{
	unsigned int i;

	for (i = 0; i < SLOTS_NEAR; i++) {
		s->look = slot_next_id(fp, s->look);
		if (s->look >= FRAG_POOL_SLOTS)
			s->look = slot_next_id(fp, 0);
		if (slot_take_batch(fp, s, &slot_of(fp, s->look)->batches)) {
			stat_add(&s->alloc_steal, 1);
			return true;
		}
	}
	return false;
}

/* Add a batch's or a page's fragments to the cache. pre: no more than s->room are in it */
static bool
slot_refill(struct frag_pool *fp, struct frag_slot *s)
{
	uint32_t len = CTL_LEN(slot_ctl(s)), nr;
	struct frag_page *page;

	if (slot_take_batch(fp, s, &s->batches))
		return true;
	/* None came: perhaps since few blocks are empty. Then this slot's spare ones are of use to
	 * others, and what lies in others' lists, whose threads may be idle for long, to this one.
	 * relaxed: a hint
	 */
	if (fp->batches.nr != 0 &&
			batch_may_keep(&fp->batches,
					atomic_load_explicit(&fp->batches_empty,
							memory_order_relaxed)) == 0) {
		if (hint_get(&s->spare) != 0)
			slot_give_spare(fp, s);
		if (slot_take_near_batch(fp, s))
			return true;
	}
	page = slot_next_page(fp, s);
	if (page == NULL)
		return slot_take_others_batch(fp, s);
	nr = page_frags_expand(page, page_open(s, page), &s->frags[len]);
	stat_add(&s->frag_opened, nr);
	slot_set_ctl(s, len + nr);
	return true;
}

/* After a get or put that must leave nothing behind: under pressure, in a shared slot, or when the
 * pool was told to cache nothing.
 */
static inline bool
slot_keeps_nothing(const struct frag_pool *fp, const struct frag_slot *s)
{
	return atomic_load_explicit(&fp->pressure, memory_order_relaxed) != 0 ||
			(s->flags & (SLOT_F_SHARED | SLOT_F_NOCACHE)) != 0;
}

static void
slot_keep_nothing(struct frag_pool *fp, struct frag_slot *s)
{
	uint32_t len = CTL_LEN(slot_ctl(s));

	if (len > 0 && (s->flags & SLOT_F_NOCACHE) != 0)
		slot_flush(fp, s, len, SLOT_WAY_OWNER, NULL);
	else if (len > 0)
		/* batches are in reach of all */
		slot_spill(fp, s, len, FRAG_BATCH_FEW, SLOT_WAY_SHARED, NULL);
	if (++s->pressure_ops % 64 == 0)
		frag_pool_leave_pressure(fp);
}

int
slot_get(struct frag_pool *fp, struct frag_slot *s, void **frags, uint32_t n)
{
	uint32_t len;

	if (n > s->room)
		return -ENOBUFS;   /* slot_get_large() is for these */
	s->limit = fp->cache_size; /* see slot_overflow() */
again:
	while ((len = CTL_LEN(slot_ctl(s))) < n)
		if (!slot_refill(fp, s))
			return -ENOBUFS;
	if ((s->flags & SLOT_F_STRICT) != 0 && !slot_mark_out(fp, s, n))
		goto again;
	len -= n;
	memcpy(frags, &s->frags[len], n * sizeof(*frags));
	slot_count_gets(s, n);
	slot_set_ctl(s, len);
	if (slot_keeps_nothing(fp, s))
		slot_keep_nothing(fp, s);
	return 0;
}

/* Pages set aside hold less than their words said: somebody else wrote to them. What the get has so
 * far goes back.
 */
static __rte_cold int
slot_get_large_undo(struct frag_pool *fp, struct frag_slot *s, void **frags, uint32_t i, uint32_t n)
{
	stat_add(&s->gets, (uint64_t)i - n);
	if (i > 0)
		slot_put(fp, s, frags, i, NULL);
	return -ENOBUFS;
}

/*
 * A get of more than the cache can serve. Pages are set aside, still QUEUED, until they hold
 * enough; only then are they opened, into the caller's table. Free bits of a page in hand can only
 * grow, so nothing can fail after the count.
 */
int
slot_get_large(struct frag_pool *fp, struct frag_slot *s, void **frags, uint32_t n)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	bool strict = (s->flags & SLOT_F_STRICT) != 0;
	struct frag_page *page;
	uint64_t have, bits;
	uint32_t len, i, nr;

	/* strict mode: what is in the cache and free in its page, too, is found on its way there */
	if (strict)
		slot_flush(fp, s, CTL_LEN(slot_ctl(s)), SLOT_WAY_SHARED, NULL);
	len = CTL_LEN(slot_ctl(s));
	have = len;
	while (have < n) {
		page = slot_next_page(fp, s);
		if (page == NULL)
			return -ENOBUFS; /* the hoard stays, in reach of reclaim */
		if (strict)
			page_withhold(fp, s, page);
		/* relaxed: a count that can only grow; WORD.A comes with the opening */
		have += (uint64_t)__builtin_popcountll(page->full &
				atomic_load_explicit(&page->word, memory_order_relaxed));
		page_list_push(&s->hoard, page);
	}

	slot_count_gets(s, n);
	slot_set_ctl(s, 0);
	memcpy(frags, s->frags, len * sizeof(*frags));
	for (i = len; i < n; i += nr) {
		page = page_list_pop(&s->hoard, dir);
		if (unlikely(page == NULL))
			return slot_get_large_undo(fp, s, frags, i, n);
		bits = page_open(s, page);
		nr = (uint32_t)__builtin_popcountll(bits);
		stat_add(&s->frag_opened, nr);
		if (nr <= n - i) {
			page_frags_expand(page, bits, &frags[i]);
			if (strict)
				atomic_fetch_or_explicit(&page->out, bits, memory_order_relaxed);
			continue;
		}
		/* the last page: the rest stays in the cache */
		page_frags_expand(page, bits, s->frags);
		slot_set_ctl(s, nr);
		if (strict)
			slot_mark_out(fp, s, n - i);
		memcpy(&frags[i], &s->frags[nr - (n - i)], (n - i) * sizeof(*frags));
		slot_set_ctl(s, nr - (n - i));
	}
	while ((page = page_list_pop(&s->hoard, dir)) != NULL)
		page_cache_recycle_direct(&s->pages, page);
	if (slot_keeps_nothing(fp, s))
		slot_keep_nothing(fp, s);
	return 0;
}

static inline bool
page_is_whole(const struct frag_page *page)
{
	/* relaxed: in hand, the bits can only grow */
	return (atomic_load_explicit(&page->word, memory_order_relaxed) & PAGE_FREE) == page->full;
}

/* As slot_get_large_undo(), of i blocks out of n. */
static __rte_cold int
slot_get_contig_undo(struct frag_pool *fp, struct frag_slot *s, void **first, uint32_t i,
		uint32_t n, uint32_t nr_frags)
{
	void *frags[FRAG_POOL_PAGE_FRAGS_MAX];
	struct frag_run run;

	stat_add(&s->gets, (uint64_t)i * nr_frags - (uint64_t)n * nr_frags);
	while (i-- > 0) {
		frag_run_next(&fp->chunks, &first[i], 1, &run);
		page_frags_expand(run.page, run.page->full, frags);
		slot_put(fp, s, frags, nr_frags, NULL);
	}
	return -ENOBUFS;
}

/* Whole pages of nr_frags each: from the provider, then from what lies in lists. What a large get
 * that failed has left in the hoard goes to the shared list first.
 */
int
slot_get_contig(struct frag_pool *fp, struct frag_slot *s, void **first, uint32_t n,
		uint32_t nr_frags)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	uint32_t have = 0, seen = 0, i;
	struct frag_page *page;
	uint64_t bits;

	while ((page = page_list_pop(&s->hoard, dir)) != NULL)
		page_list_push(&fp->partial, page);
	while (have < n && seen++ < 2 * page_dir_used(dir)) {
		page = page_cache_alloc_slow(&s->pages);
		if (page == NULL)
			page = page_cache_alloc_returned(&s->pages);
		if (page == NULL)
			page = page_list_pop(&fp->partial, dir);
		if (page == NULL)
			break;
		if ((s->flags & SLOT_F_STRICT) != 0)
			page_withhold(fp, s, page);
		if (page->nr_frags == nr_frags && extent_contiguous(page->ext) &&
				page_is_whole(page)) {
			page_list_push(&s->hoard, page);
			have++;
		} else {
			page_list_push(&fp->aside, page);
		}
	}
	/* what was passed over is looked at again next time */
	for (i = 0; i < page_dir_used(dir) && (page = page_list_pop(&fp->aside, dir)) != NULL; i++)
		page_list_push(&fp->partial, page);
	if (have < n) {
		while ((page = page_list_pop(&s->hoard, dir)) != NULL)
			provider_ops(s->pages.provider)->release_page(s->pages.provider, page);
		return -ENOBUFS;
	}
	slot_count_gets(s, (uint64_t)n * nr_frags);
	for (i = 0; i < n; i++) {
		page = page_list_pop(&s->hoard, dir);
		if (unlikely(page == NULL))
			return slot_get_contig_undo(fp, s, first, i, n, nr_frags);
		bits = page_open(s, page);
		stat_add(&s->frag_opened, nr_frags);
		if ((s->flags & SLOT_F_STRICT) != 0)
			atomic_fetch_or_explicit(&page->out, bits, memory_order_relaxed);
		first[i] = (void *)page->lo;
	}
	return 0;
}

/* Step 7: pages go back. Those of one owner travel together, one operation for all of them. */
static void
slot_carry_end(struct frag_pool *fp, struct frag_slot *s)
{
	struct frag_page *last = page_of(&fp->chunks.provider.dir, s->carry_last);
	struct frag_slot *owner = slot_of(fp, s->carry_owner);
	uint32_t first = s->carry_first;

	stat_add(&s->recycle_ring, s->carry_nr);
	s->carry_first = 0;
	s->carry_nr = 0;
	if (s->carry_owner == 0 || owner == fp->nobody)
		page_list_push_chain(&fp->partial, first, last);
	else
		page_cache_recycle_ring(&owner->pages, first, last);
}

/* A page that this slot has marked QUEUED must get into a list. */
static void
slot_return_page(struct frag_pool *fp, struct frag_slot *s, struct frag_page *page,
		enum slot_way way)
{
	uint32_t owner = 0;

	if (likely(way == SLOT_WAY_OWNER)) {
		/* relaxed: WORD.A of the operation that set QUEUED orders it */
		owner = atomic_load_explicit(&page->owner, memory_order_relaxed);
		if (owner == s->id) {
			page_cache_recycle_direct(&s->pages, page);
			return;
		}
	}
	if (s->carry_first != 0 && s->carry_owner != owner)
		slot_carry_end(fp, s);
	atomic_store_explicit(&page->next, s->carry_first, memory_order_relaxed);
	if (s->carry_first == 0) {
		s->carry_last = page->id;
		s->carry_owner = owner;
	}
	s->carry_nr++;
	s->carry_first = page->id;
}

/* Step 6: free a run of fragments of one page. Returns those that were free already. */
static uint64_t
page_free_run(struct frag_pool *fp, struct frag_slot *s, const struct frag_run *run,
		enum slot_way way)
{
	struct frag_page *page = run->page;
	uint64_t old;

	line_prefetch_write(page);

	/* WORD.R: the users' data in the fragments is seen by the next getter (WORD.A). WORD.A: if
	 * QUEUED was clear, `owner` is that of who cleared it.
	 */
	old = atomic_fetch_or_explicit(&page->word, run->mask | PAGE_QUEUED, memory_order_acq_rel);
	if ((old & PAGE_QUEUED) == 0)
		slot_return_page(fp, s, page, way);
	stat_add(&s->flush_runs, 1);
	if (((old | run->mask) & PAGE_FREE) == run->full && (old & PAGE_FREE) != run->full)
		atomic_store_explicit(&s->whole,
				atomic_load_explicit(&s->whole, memory_order_relaxed) + 1,
				memory_order_relaxed);
	return old & run->mask;
}

/* Flush the oldest k fragments of the cache to their pages. A bad pointer, and a fragment that is
 * free already, comes to light here: it was counted as put and is uncounted.
 * pre: no more than k remain, since they are moved down without a moment at which they would be
 * twice in the cache.
 */
void
slot_flush(struct frag_pool *fp, struct frag_slot *s, uint32_t k, enum slot_way way,
		const void *caller)
{
	uint64_t ctl = slot_ctl(s), twice;
	uint32_t pos = CTL_POS(ctl), len = CTL_LEN(ctl), used, bad;
	struct frag_run run;

	PP_ASSERT(k <= len && len - k <= k);
	while (pos < k) {
		used = frag_run_next(&fp->chunks, &s->frags[pos], k - pos, &run);
		slot_set_ctl(s, CTL_MAKE(pos + used, len));
		/* gone from the cache before the page has them */
		atomic_signal_fence(memory_order_seq_cst);
		bad = 0;
		if (likely(run.page != NULL)) {
			twice = page_free_run(fp, s, &run, way);
			if (unlikely(twice != 0)) {
				bad = (uint32_t)__builtin_popcountll(twice);
				slot_refuse_mask(fp, s, run.page, twice, "it is free already",
						caller);
			}
		} else {
			bad = 1;
			slot_refuse(fp, s, s->frags[pos], NULL, "it is no fragment of this pool",
					caller);
		}
		stat_add(&s->frag_flushed, used - bad);
		if (unlikely(bad != 0))
			slot_count_puts(s, -(int64_t)bad);
		pos += used;
	}
	if (s->carry_first != 0)
		slot_carry_end(fp, s);
	memcpy(s->frags, &s->frags[k], (len - k) * sizeof(s->frags[0]));
	atomic_signal_fence(memory_order_seq_cst);
	slot_set_ctl(s, len - k);
}

/* Slot that a fragment should go to: the owner of its page; NULL when there is none. */
static struct frag_slot *
frag_owner(struct frag_pool *fp, void *const *frag)
{
	struct frag_slot *owner;
	struct frag_run run;

	frag_run_next(&fp->chunks, frag, 1, &run);
	if (unlikely(run.page == NULL))
		return NULL;
	/* relaxed: a hint */
	owner = slot_of(fp, atomic_load_explicit(&run.page->owner, memory_order_relaxed));
	return owner == fp->nobody ? NULL : owner;
}

/* Put the first fragments of an array into a batch for the slot that needs them. NULL when no block
 * is empty, or that slot has enough already.
 */
static struct frag_batch *
slot_fill_batch(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n,
		struct frag_slot **to)
{
	struct frag_batch *b;
	uint64_t spare;
	uintptr_t lo;

	*to = frag_owner(fp, &frags[n - 1]);
	if (unlikely(*to == NULL))
		return NULL;
	line_prefetch_write(&(*to)->batches);
	if (batch_list_nr(&(*to)->batches) >= fp->batches.depth)
		return NULL;
	if (hint_get(&s->spare) == 0)
		slot_take_spare(fp, s);
	spare = hint_get(&s->spare);
	if (spare == 0)
		return NULL;
	b = batch_of(&fp->batches, (uint32_t)__builtin_ctzll(spare) + 1);
	/* KNOW.A */
	lo = atomic_load_explicit(&fp->lo, memory_order_acquire);
	if (unlikely(!batch_fill(b, frags, n, lo,
			    atomic_load_explicit(&fp->span, memory_order_relaxed),
			    atomic_load_explicit(&fp->off_grid, memory_order_relaxed))))
		return NULL;
	hint_set(&s->spare, spare & (spare - 1));
	return b;
}

static void
slot_send_batch(struct frag_slot *s, struct frag_slot *to, struct frag_batch *b)
{
	batch_list_push(&to->batches, b);
	stat_add(&s->batches_sent, 1);
}

/* What is less than this travels by its pages. */
static inline uint32_t
batch_least(const struct frag_pool *fp)
{
	return fp->batches.nr == 0 ? UINT32_MAX : fp->batches.frags / 2;
}

/* Make room: the oldest k fragments of the cache leave, as batches of at least so many if possible,
 * to their pages otherwise. On the way to owners a rest that makes no batch can as well stay.
 * pre: no more than k remain.
 */
void
slot_spill(struct frag_pool *fp, struct frag_slot *s, uint32_t k, uint32_t least, enum slot_way way,
		const void *caller)
{
	uint32_t len = CTL_LEN(slot_ctl(s)), pos = 0, n;
	struct frag_batch *b;
	struct frag_slot *to;

	while (k - pos >= least && fp->batches.nr > 0) {
		n = RTE_MIN(k - pos, fp->batches.frags);
		b = slot_fill_batch(fp, s, &s->frags[pos], n, &to);
		if (b == NULL)
			break;
		pos += n;
		/* gone from the cache before others can have them */
		slot_set_ctl(s, CTL_MAKE(pos, len));
		atomic_signal_fence(memory_order_seq_cst);
		slot_send_batch(s, to, b);
		if (way == SLOT_WAY_OWNER && k - pos < least && len - pos <= pos)
			k = pos;
	}
	slot_flush(fp, s, k, way, caller);
}

/* All batches are empty. pre: nobody is inside any slot. */
void
frag_pool_reset_batches(struct frag_pool *fp)
{
	struct frag_slot *s;
	uint64_t all = 0;
	uint32_t id;

	SLOT_FOREACH(fp, id, s) {
		batch_list_reset(&s->batches);
		hint_set(&s->spare, 0);
	}
	for (id = 1; id <= fp->batches.nr; id++) {
		batch_of(&fp->batches, id)->id = (uint16_t)id;
		all |= UINT64_C(1) << (id - 1);
	}
	/* EMPTY.R */
	atomic_store_explicit(&fp->batches_empty, all, memory_order_release);
}

/* Everything a slot holds, to where anyone finds it. */
void
slot_empty(struct frag_pool *fp, struct frag_slot *s)
{
	/* not those that freers send meanwhile, who could go on for long */
	uint32_t batches = batch_list_nr(&s->batches);
	struct frag_page *page;

	do {
		slot_flush(fp, s, CTL_LEN(slot_ctl(s)), SLOT_WAY_SHARED, NULL);
	} while (batches-- > 0 && slot_take_batch(fp, s, &s->batches));
	if (hint_get(&s->spare) != 0)
		slot_give_spare(fp, s);
	page_cache_scrub_cache(&s->pages, &fp->partial);
	while ((page = page_list_pop(&s->hoard, &fp->chunks.provider.dir)) != NULL)
		page_list_push(&fp->partial, page);
}

/* Make room for n more, from the cold end. A slot that has not handed out anything since its last
 * overflow only frees: what it keeps would just pin pages, so it learns to keep almost nothing,
 * and forgets that when it gets again.
 */
static void
slot_overflow(struct frag_pool *fp, struct frag_slot *s, uint32_t n, const void *caller)
{
	uint32_t len = CTL_LEN(slot_ctl(s)), k, least = batch_least(fp);
	uint64_t gets = atomic_load_explicit(&s->gets, memory_order_relaxed);

	/* fenced puts come here each time */
	if (len + n <= s->limit)
		return;
	if (gets == s->gets_seen)
		s->limit = RTE_MIN(fp->cache_size, (uint32_t)FRAG_POOL_FREER_LIMIT);
	else
		s->limit = fp->cache_size;
	s->gets_seen = gets;
	if (len + n <= s->limit || len == 0)
		return;
	if (s->limit < fp->cache_size || n >= s->limit)
		k = len;
	else
		k = RTE_MAX((len + 1) / 2, len + n - s->limit);
	if (s->limit < fp->cache_size)
		least = RTE_MIN(least, (uint32_t)FRAG_POOL_FREER_LIMIT / 2);
	slot_spill(fp, s, k, least, SLOT_WAY_OWNER, caller);
}

int
slot_put(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n,
		const void *caller)
{
	uint64_t refused = atomic_load_explicit(&s->refused, memory_order_relaxed);
	bool keep = !slot_keeps_nothing(fp, s);
	struct frag_batch *b;
	struct frag_slot *to;
	uint32_t len, m, good;

	if (keep)
		slot_overflow(fp, s, n, caller);
	/* a slot that only frees passes large bursts on as they come */
	while (keep && s->limit < fp->cache_size && n >= batch_least(fp) &&
			(s->flags & SLOT_F_STRICT) == 0) {
		m = RTE_MIN(n, fp->batches.frags);
		b = slot_fill_batch(fp, s, frags, m, &to);
		if (b == NULL)
			break;
		/* before anybody can get them, and count that: the high count is never too low */
		slot_count_puts(s, m);
		slot_send_batch(s, to, b);
		frags += m;
		n -= m;
	}
	while (n > 0) {
		len = CTL_LEN(slot_ctl(s));
		m = len < s->room ? RTE_MIN(n, s->room - len) : 0;
		if (m == 0) {
			if (keep)
				slot_spill(fp, s, len, batch_least(fp), SLOT_WAY_OWNER, caller);
			else
				slot_flush(fp, s, len, SLOT_WAY_OWNER, caller);
			continue;
		}
		if ((s->flags & SLOT_F_STRICT) != 0) {
			good = slot_mark_in(fp, s, frags, m, &s->frags[len], caller);
		} else if (unlikely(m == 1 && frag_is_foreign(fp, frags[0]))) {
			/* a rule for all would cost large bursts as much as copying them does */
			slot_refuse(fp, s, frags[0], NULL, "it is no fragment of this pool",
					caller);
			good = 0;
		} else {
			memcpy(&s->frags[len], frags, m * sizeof(*frags));
			good = m;
		}
		slot_set_ctl(s, len + good);
		slot_count_puts(s, good);
		frags += m;
		n -= m;
	}
	if (!keep)
		slot_keep_nothing(fp, s);
	else if (CTL_LEN(slot_ctl(s)) > s->limit)
		slot_spill(fp, s, CTL_LEN(slot_ctl(s)), batch_least(fp), SLOT_WAY_OWNER, caller);
	return atomic_load_explicit(&s->refused, memory_order_relaxed) == refused ? 0 : -EINVAL;
}
