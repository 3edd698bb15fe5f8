/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FRAG_BATCH_H_
#define _FRAG_BATCH_H_

/*
 * Batches: free fragments that travel from the slot that overflows to the slot that needs them as
 * they are, without a visit to their pages.
 *
 * A batch is a block of addresses, filled by one thread, emptied by one thread, and never written
 * in between. Fragments that lie at equal distances, as those of a page do that was handed out in
 * order, are one entry: 256 of them fit into a cache line or two, which is all that moves between
 * the two cores. There are few blocks: what does not fit goes to its pages.
 *
 * Full blocks are in a list of the slot that they are for: a stack, linked by number as those of
 * pages are (page_private.h), whose head also counts them; one that is deep enough is passed over.
 * Empty blocks are bits of a word, and a few of them bits of a word of each slot that uses any, so
 * that the pool's word changes hands once for several blocks.
 */

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "pp_cpu.h"

#define FRAG_BATCH_FRAGS_MAX 256
#define FRAG_BATCH_FRAGS_MIN 4
#define FRAG_BATCHES_MAX 64 /* bits of a word */

/*
 * How the fragments of a batch are written down, the shorter the fewer lines move:
 *   runs   address of the first fragment, how many follow at a frag_size's distance, and whether
 *          upwards or downwards;
 *   near   distance from the first fragment of the pool's memory, in 32 bits.
 * What is neither, because memory lies too far apart or a pointer outside of it, travels by its
 * pages.
 */
enum batch_kind { BATCH_RUNS, BATCH_NEAR };

#define BATCH_NEAR_SHIFT 3 /* objects of a mempool are aligned to 8 bytes */
#define BATCH_NEAR_BITS (32 + BATCH_NEAR_SHIFT)

#define BATCH_ADDR_BITS 48
#define BATCH_ADDR ((UINT64_C(1) << BATCH_ADDR_BITS) - 1)
#define BATCH_DOWN (UINT64_C(1) << 63)
#define BATCH_MORE(entry) ((uint32_t)((entry) >> BATCH_ADDR_BITS) & 0x7fff)

static_assert(FRAG_BATCH_FRAGS_MAX <= 0x7fff, "an entry can describe a whole batch");

struct frag_batch {
	/* Number of the block below in the list, 0: none. who links it: rw, popper: ro */
	_Atomic(uint32_t) next;
	uint16_t id;    /* all: ro */
	uint16_t kind; /* enum batch_kind; filler: rw, emptier: ro, like the rest */
	uint32_t nr;    /* entries */
	uint32_t frags; /* fragments */
	uintptr_t lo;   /* near: what the distances are from */
	uint64_t entry[];
};

static_assert(sizeof(struct frag_batch) == 24, "the first entries share the header's line");

/* Where a pool's fragments lie: address of the first, and distance of the last from it. */
struct frag_range {
	uintptr_t lo;
	uint64_t span;
};

/* Blocks of a pool. */
struct frag_batches {
	uint32_t nr;      /* blocks there are, 0: the pool is too small for any; all: ro */
	uint32_t frags;   /* most fragments of one; all: ro */
	uint32_t depth;    /* most that one slot's list holds; all: ro */
	uint32_t spare;    /* most empty ones that a slot keeps; all: ro */
	uint32_t stride;  /* bytes from block to block; all: ro */
	uint8_t *blocks;  /* all: ro */
	size_t frag_size;  /* distance of neighbours; all: ro */
	/* Where the fragments lie, see struct frag_range. adder of chunks: rw, all: ro */
	_Atomic(uintptr_t) lo;
	_Atomic(uint64_t) span;
};

#define BATCH_LIST_ID UINT64_C(0xfff)
#define BATCH_LIST_NR (UINT64_C(0xfff) << 12)
#define BATCH_LIST_ONE (UINT64_C(1) << 12)
#define BATCH_LIST_TAG (UINT64_C(1) << 24)

static_assert(FRAG_BATCHES_MAX < 0xfff, "a block's number, and their count, fit in a list's head");

/* A stack of blocks; the tag that a pop changes keeps a late swap from succeeding (page_list). */
struct batch_list {
	_Atomic(uint64_t) head; /* anyone: rw */
};

static inline struct frag_batch *
batch_of(const struct frag_batches *all, uint32_t id)
{
	return (struct frag_batch *)(all->blocks + (size_t)(id - 1) * all->stride);
}

static inline bool
batch_list_empty(const struct batch_list *l)
{
	/* relaxed: a hint */
	return (atomic_load_explicit(&l->head, memory_order_relaxed) & BATCH_LIST_ID) == 0;
}

static inline uint32_t
batch_list_nr(const struct batch_list *l)
{
	/* relaxed: a hint */
	return (uint32_t)((atomic_load_explicit(&l->head, memory_order_relaxed) & BATCH_LIST_NR) /
			BATCH_LIST_ONE);
}

/* Push a chain of nr blocks, linked by `next` from first to last. */
static inline void
batch_list_push(struct batch_list *l, const struct frag_batch *first, struct frag_batch *last,
		uint32_t nr)
{
	/* relaxed: only the number in it is used, as a link that the poppers follow */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed), new;

	do {
		atomic_store_explicit(&last->next, (uint32_t)(old & BATCH_LIST_ID),
				memory_order_relaxed);
		new = ((old & ~BATCH_LIST_ID) + nr * BATCH_LIST_ONE) | first->id;
		/* BATCH.R: what is in the block, and the users' data in its fragments, is seen by
		 * BATCH.A; an empty one has been read
		 */
	} while (!atomic_compare_exchange_weak_explicit(&l->head, &old, new, memory_order_release,
			memory_order_relaxed));
}

static inline struct frag_batch *
batch_list_pop(struct batch_list *l, const struct frag_batches *all)
{
	/* BATCH.A: pairs with BATCH.R of the block at the head */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_acquire), new;
	struct frag_batch *b;

	do {
		if ((old & BATCH_LIST_ID) == 0)
			return NULL;
		b = batch_of(all, (uint32_t)(old & BATCH_LIST_ID));
		/* relaxed: ordered by BATCH.A; a stale link makes the swap fail */
		new = ((old & ~BATCH_LIST_ID) + BATCH_LIST_TAG - BATCH_LIST_ONE) |
				atomic_load_explicit(&b->next, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(&l->head, &old, new, memory_order_acquire,
			memory_order_acquire));
	return b;
}

/* Take up to n empty blocks; returns their bits. */
static inline uint64_t
batch_take_empty(_Atomic(uint64_t) *empty, uint32_t n)
{
	uint64_t old, rest, take;
	uint32_t i;

	line_prefetch_write(empty);
	old = atomic_load_explicit(empty, memory_order_relaxed);
	do {
		/* lowest first: those that went round last time */
		for (i = 0, rest = old; i < n && rest != 0; i++)
			rest &= rest - 1;
		take = old & ~rest;
		if (take == 0)
			return 0;
		/* EMPTY.A: who emptied them is done reading (EMPTY.R) */
	} while (!atomic_compare_exchange_weak_explicit(empty, &old, rest, memory_order_acquire,
			memory_order_relaxed));
	return take;
}

static inline void
batch_give_empty(_Atomic(uint64_t) *empty, uint64_t blocks)
{
	/* EMPTY.R */
	atomic_fetch_or_explicit(empty, blocks, memory_order_release);
}

/* Forget what is in a list. */
static inline void
batch_list_reset(struct batch_list *l)
{
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed);

	while (!atomic_compare_exchange_weak_explicit(&l->head, &old,
			(old & ~(BATCH_LIST_ID | BATCH_LIST_NR)) + BATCH_LIST_TAG,
			memory_order_acq_rel, memory_order_relaxed))
		;
}

/* Whether an array looks as if its fragments follow each other in runs of bursts: looking for short
 * ones costs more than it saves.
 */
#define BATCH_LONG 16

static inline bool
batch_in_order(void *const *frags, uint32_t n, uint64_t frag_size)
{
	uint32_t i, quarter = n / 4, runs = 0;
	uint64_t d;

	if (quarter < BATCH_LONG)
		return true;
	for (i = 0; i < 4 * quarter; i += quarter) {
		d = (uintptr_t)frags[i + BATCH_LONG - 1] - (uintptr_t)frags[i];
		runs += d == (BATCH_LONG - 1) * frag_size || d == -((BATCH_LONG - 1) * frag_size);
	}
	return runs >= 3;
}

/* Write n addresses, step apart. */
static inline void
batch_write_run(void **frags, uint64_t addr, uint64_t step, uint32_t n)
{
	pp_pair now = { addr, addr + step }, next = { 2 * step, 2 * step };
	uint32_t i;

	for (i = 0; i + 2 <= n; i += 2) {
		memcpy(&frags[i], &now, sizeof(now));
		now += next;
	}
	if (i < n)
		frags[i] = (void *)(uintptr_t)now[0];
}

/* Runs of neighbours. Returns the entries that took; 0: not all are in the pool's range. */
static inline uint32_t
batch_fill_runs(uint64_t *entry, void *const *frags, uint32_t n, uint64_t frag_size,
		const struct frag_range *range)
{
	uint32_t i, run, nr = 0;
	uint64_t d, e;

	for (i = 0; i < n; i += run) {
		e = (uintptr_t)frags[i];
		run = 1;
		d = i + 1 < n ? (uintptr_t)frags[i + 1] - (uintptr_t)frags[i] : 0;
		if (d == frag_size || d == -frag_size) {
			run = pp_run(&frags[i], n - i, d);
			e |= (uint64_t)(run - 1) << BATCH_ADDR_BITS;
			if (d != frag_size)
				e |= BATCH_DOWN;
		}
		if (unlikely((uintptr_t)frags[i] - range->lo > range->span ||
				    (uintptr_t)frags[i + run - 1] - range->lo > range->span))
			return 0;
		entry[nr++] = e;
	}
	return nr;
}

/* Distances from the range's start, in units of 8 bytes. False if one of them lies outside of it, or
 * has no such distance. No branch for each: compilers make vector operations of this.
 */
static inline bool
batch_fill_near(uint32_t *near, void *const *frags, uint32_t n, const struct frag_range *range)
{
	uint32_t i, most = 0;
	uint64_t off, all = 0;

	for (i = 0; i < n; i++) {
		off = (uintptr_t)frags[i] - range->lo;
		all |= off;
		near[i] = (uint32_t)(off >> BATCH_NEAR_SHIFT);
		most = RTE_MAX(most, near[i]);
	}
	return (all & ((1u << BATCH_NEAR_SHIFT) - 1)) == 0 && all >> BATCH_NEAR_BITS == 0 &&
			most <= range->span >> BATCH_NEAR_SHIFT;
}

/* Fill a block. pre: n is no more than all->frags. False when the pointers cannot all be fragments
 * of the pool, which their pages would tell better, or lie too far apart.
 */
static inline bool
batch_fill(const struct frag_batches *all, struct frag_batch *b, void *const *frags, uint32_t n)
{
	/* relaxed: while a chunk is added they may not fit together; then the check is only too
	 * strict or too lax
	 */
	const struct frag_range range = {
		.lo = atomic_load_explicit(&all->lo, memory_order_relaxed),
		.span = atomic_load_explicit(&all->span, memory_order_relaxed),
	};

	b->frags = n;
	b->nr = n;
	if (batch_in_order(frags, n, all->frag_size)) {
		b->kind = BATCH_RUNS;
		b->nr = batch_fill_runs(b->entry, frags, n, all->frag_size, &range);
		return b->nr != 0;
	}
	b->kind = BATCH_NEAR;
	b->lo = range.lo;
	return batch_fill_near((uint32_t *)b->entry, frags, n, &range);
}

/* Write a block's fragments to a table, in the order in which they came; returns how many. */
static inline uint32_t
batch_expand(const struct frag_batches *all, const struct frag_batch *b, void **frags)
{
	const uint32_t *near = (const uint32_t *)b->entry;
	uintptr_t lo = b->lo;
	uint32_t i, run, n = 0;
	uint64_t step;

	if (b->kind == BATCH_NEAR) {
		for (i = 0; i < b->nr; i++)
			frags[i] = (void *)(lo + ((uintptr_t)near[i] << BATCH_NEAR_SHIFT));
		return b->nr;
	}
	for (i = 0; i < b->nr; i++) {
		step = (b->entry[i] & BATCH_DOWN) != 0 ? -all->frag_size : all->frag_size;
		run = BATCH_MORE(b->entry[i]) + 1;
		batch_write_run(&frags[n], b->entry[i] & BATCH_ADDR, step, run);
		n += run;
	}
	return n;
}

#endif /* _FRAG_BATCH_H_ */
