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
 * in between. There are few blocks: what does not fit goes to its pages.
 *
 * Full blocks are in a list of the slot that they are for: a stack, linked by number as those of
 * pages are (frag_page.h), whose head also counts them; one that is deep enough is passed over.
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

/* As many as an rte_mempool's cache of 256 puts at once; more are no faster, and colder. */
#define FRAG_BATCH_FRAGS_MAX 384
#define FRAG_BATCH_FRAGS_MIN 4
#define FRAG_BATCH_FEW 16   /* when nothing may stay in caches, as few make one */
#define FRAG_BATCHES_MAX 64 /* bits of a word */

/* A fragment is its distance from the first one of the pool's memory, in units of 8 bytes, to which
 * objects of a mempool are aligned: half as many lines move as for addresses. (Runs of neighbours
 * as one entry were fewer still, but finding them cost more than that saved.)
 */
#define BATCH_NEAR_SHIFT 3
#define BATCH_NEAR_BITS (32 + BATCH_NEAR_SHIFT)

struct frag_batch {
	/* Number of the block below in the list, 0: none. who links it: rw, popper: ro */
	_Atomic(uint32_t) next;
	uint16_t id;  /* all: ro */
	uint16_t nr;  /* fragments; filler: rw, emptier: ro, like the rest */
	uintptr_t lo; /* what their distances are from */
	uint32_t near[];
};

static_assert(sizeof(struct frag_batch) == 16, "the first entries share the header's line");

/* Blocks of a pool. */
struct frag_batches {
	uint32_t nr;     /* blocks there are, 0: the pool is too small for any; all: ro */
	uint32_t frags;  /* most fragments of one; all: ro */
	uint32_t depth;  /* most that one slot's list holds; all: ro */
	uint32_t spare;  /* most empty ones that a slot keeps; all: ro */
	uint32_t stride; /* bytes from block to block; all: ro */
	uint8_t *blocks; /* all: ro */
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

static inline void
batch_list_push(struct batch_list *l, struct frag_batch *b)
{
	/* relaxed: only the number in it is used, as a link that the poppers follow */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed), new;

	do {
		atomic_store_explicit(&b->next, (uint32_t)(old & BATCH_LIST_ID),
				memory_order_relaxed);
		new = ((old & ~BATCH_LIST_ID) + BATCH_LIST_ONE) | b->id;
		/* BATCH.R: what is in the block, and the users' data in its fragments, is seen by
		 * BATCH.A; an empty one has been read
		 */
	} while (!atomic_compare_exchange_weak_explicit(&l->head, &old, new, memory_order_release,
			memory_order_relaxed));
}

/* A list that somebody else wrote to: it is empty now. */
static __rte_cold void
batch_list_cut(struct batch_list *l, uint64_t head)
{
	/* relaxed: nothing is handed over; who was faster has seen the same */
	atomic_compare_exchange_strong_explicit(&l->head, &head,
			(head & ~(BATCH_LIST_ID | BATCH_LIST_NR)) + BATCH_LIST_TAG,
			memory_order_relaxed, memory_order_relaxed);
}

/* Pop a block; NULL when there is none. A list whose links and number do not agree is cut, and
 * `broken` set.
 */
static inline struct frag_batch *
batch_list_pop(struct batch_list *l, const struct frag_batches *all, bool *broken)
{
	/* BATCH.A: pairs with BATCH.R of the block at the head */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_acquire), new;
	struct frag_batch *b;

	do {
		if ((old & BATCH_LIST_ID) == 0)
			return NULL;
		if (unlikely((old & BATCH_LIST_ID) > all->nr || (old & BATCH_LIST_NR) == 0)) {
			batch_list_cut(l, old);
			*broken = true;
			return NULL;
		}
		b = batch_of(all, (uint32_t)(old & BATCH_LIST_ID));
		/* relaxed: ordered by BATCH.A; a stale link makes the swap fail */
		new = ((old & ~BATCH_LIST_ID) + BATCH_LIST_TAG - BATCH_LIST_ONE) |
				(atomic_load_explicit(&b->next, memory_order_relaxed) &
						BATCH_LIST_ID);
	} while (!atomic_compare_exchange_weak_explicit(&l->head, &old, new, memory_order_acquire,
			memory_order_acquire));
	return b;
}

/* How many empty blocks a slot may keep: none while few are left for all, since a thread that does
 * nothing any more gives none back.
 */
static inline uint32_t
batch_may_keep(const struct frag_batches *all, uint64_t empty)
{
	return (uint32_t)__builtin_popcountll(empty) > all->nr / 4 ? all->spare : 0;
}

/* Take an empty block, and as many more as a slot may keep; returns their bits. */
static inline uint64_t
batch_take_empty(_Atomic(uint64_t) *empty, const struct frag_batches *all)
{
	uint64_t old, rest, take;
	uint32_t i, n;

	line_prefetch_write(empty);
	old = atomic_load_explicit(empty, memory_order_relaxed);
	do {
		n = RTE_MAX(batch_may_keep(all, old), 1u);
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

/* Forget what is in a list. pre: the world is stopped. */
static inline void
batch_list_reset(struct batch_list *l)
{
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed);

	/* relaxed: the world is stopped, FROZEN.R and CLAIM.R publish it */
	while (!atomic_compare_exchange_weak_explicit(&l->head, &old,
			(old & ~(BATCH_LIST_ID | BATCH_LIST_NR)) + BATCH_LIST_TAG,
			memory_order_relaxed, memory_order_relaxed))
		;
}

/* Fill a block. pre: n is no more than blocks->frags. False when the pointers cannot all be
 * fragments of the pool, which their pages would tell better, or lie too far apart: all less than
 * `span` above lo, at distances without the bits off_grid. No branch for each: compilers make
 * vector operations of this.
 */
static inline bool
batch_fill(struct frag_batch *b, void *const *frags, uint32_t n, uintptr_t lo, uint64_t span,
		uint64_t off_grid)
{
	uint64_t off, all = 0;
	uint32_t i, most = 0;

	b->nr = (uint16_t)n;
	b->lo = lo;
	for (i = 0; i < n; i++) {
		off = (uintptr_t)frags[i] - lo;
		all |= off;
		b->near[i] = (uint32_t)(off >> BATCH_NEAR_SHIFT);
		most = RTE_MAX(most, b->near[i]);
	}
	return (all & (off_grid | ((1u << BATCH_NEAR_SHIFT) - 1))) == 0 &&
			all >> BATCH_NEAR_BITS == 0 && most <= (span - 1) >> BATCH_NEAR_SHIFT;
}

/* Write a block's fragments to a table, in the order in which they came; returns how many. */
static inline uint32_t
batch_expand(const struct frag_batch *b, void **frags)
{
	uint32_t i, n = b->nr;
	uintptr_t lo = b->lo;

	for (i = 0; i < n; i++)
		frags[i] = (void *)(lo + ((uintptr_t)b->near[i] << BATCH_NEAR_SHIFT));
	return n;
}

#endif /* _FRAG_BATCH_H_ */
