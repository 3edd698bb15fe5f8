/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FRAG_PAGE_H_
#define _FRAG_PAGE_H_

/*
 * Pages: descriptor, word, directory and lists. Everything here lies in memory that all processes
 * map at the same address.
 *
 * The word of a page. Bit i is set while fragment i is free *in the page* (not handed out, in
 * nobody's cache). QUEUED is set while the page is in a list or in the hands of who unlinked it;
 * CLOSED is set once its memory is gone. The rules:
 *
 *   W1  A freer ORs its fragments' bits and QUEUED in one operation. Whoever saw QUEUED clear, and
 *       nobody else, puts the page into a list.
 *   W2  Only who unlinked a page clears QUEUED, in the same operation that takes the free bits
 *       (fetch_and, keeping CLOSED), and reads `next` before that.
 *   W3  So a page with a free fragment is in a list or in hand, once; nothing scans all pages.
 */

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#define PAGE_QUEUED (UINT64_C(1) << 62)
#define PAGE_CLOSED (UINT64_C(1) << 63)
#define PAGE_MARKS (PAGE_QUEUED | PAGE_CLOSED)
#define PAGE_FREE (~PAGE_MARKS)

struct page_extent;

struct frag_page {
	/* Line 0: what freers write. */
	/* Free fragments and marks. freers: rw, who unlinked it: rw, others: ro */
	alignas(2 * RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint64_t) word;
	/* Strict mode: fragments handed out. getters, putters: rw */
	_Atomic(uint64_t) out;
	/* Next page of the list this one is in, 0: none. who links it: rw, popper: ro */
	_Atomic(uint32_t) next;
	/* Slot that opened it last, a hint where to return it. who opens it: rw, freers: ro */
	_Atomic(uint32_t) owner;

	/* Line 1: written when the chunk is added, only read afterwards. */
	/* Address of fragment 0 as it is handed out. all: ro */
	alignas(RTE_CACHE_LINE_MIN_SIZE) uintptr_t lo;
	/* Bits of the fragments there are. all: ro */
	uint64_t full;
	/* Geometry. all: ro */
	const struct page_extent *ext;
	/* Number of this page in the directory, from 1. all: ro */
	uint32_t id;
	/* Fragments. all: ro */
	uint32_t nr_frags;
};

static_assert(sizeof(struct frag_page) == 2 * RTE_CACHE_LINE_MIN_SIZE,
		"a descriptor is two lines: one that freers write, one that is only read");
static_assert(offsetof(struct frag_page, lo) == RTE_CACHE_LINE_MIN_SIZE,
		"what is only read shares no line with what freers write");

/*
 * Directory: page number to descriptor. Slab 0 is as large as the pool should need; when memory
 * comes in smaller pieces than expected, slabs of 64, 128, 256, ... descriptors follow. Slabs never
 * move or go while the pool lives, so a number read from a list is always safe to look up.
 */
#define PAGE_DIR_SLABS 24
#define PAGE_DIR_SLAB1_SHIFT 6

struct page_dir {
	uint32_t slab0;                         /* descriptors in slab 0; all: ro */
	_Atomic(uint32_t) used;                 /* given out; adder: rw, searchers: ro */
	_Atomic(uint32_t) broken;               /* lists and pages found so; poppers: rw */
	struct frag_page *slab[PAGE_DIR_SLABS]; /* control path: rw, others: ro */
};

static inline struct frag_page *
page_of(const struct page_dir *dir, uint32_t id)
{
	uint32_t i = id - 1, k;

	if (likely(i < dir->slab0))
		return &dir->slab[0][i];
	i = i - dir->slab0 + (1u << PAGE_DIR_SLAB1_SHIFT);
	k = 31 - (uint32_t)__builtin_clz(i);
	return &dir->slab[k - PAGE_DIR_SLAB1_SHIFT + 1][i - (1u << k)];
}

static inline uint32_t
page_dir_used(const struct page_dir *dir)
{
	return atomic_load_explicit(&dir->used, memory_order_relaxed);
}

static inline void
page_dir_set_used(struct page_dir *dir, uint32_t used)
{
	atomic_store_explicit(&dir->used, used, memory_order_relaxed);
}

/* Whether there is memory for a descriptor of that number. */
static inline bool
page_dir_has(const struct page_dir *dir, uint32_t id)
{
	uint32_t i = id - 1, k;

	if (likely(i < dir->slab0))
		return true;
	i = i - dir->slab0 + (1u << PAGE_DIR_SLAB1_SHIFT);
	k = 31 - (uint32_t)__builtin_clz(i) - PAGE_DIR_SLAB1_SHIFT + 1;
	return k < PAGE_DIR_SLABS && dir->slab[k] != NULL;
}

/*
 * List: a stack of pages, linked by number, that any thread pushes to and any thread pops from.
 * A pop changes the tag above the number, so a head that was popped and came back is told from
 * one that stayed (ABA); a push need not. 2^36 pops would have to pass while one thread sits
 * between its load and its compare-and-swap. Descriptors never go away, so reading `next` of a
 * page that another thread just popped is safe, and the swap then fails.
 */
#define PAGE_ID_BITS 28
#define PAGE_ID_MAX ((UINT32_C(1) << PAGE_ID_BITS) - 1)
#define PAGE_LIST_ID ((UINT64_C(1) << PAGE_ID_BITS) - 1)
#define PAGE_LIST_TAG (UINT64_C(1) << PAGE_ID_BITS)

struct page_list {
	_Atomic(uint64_t) head; /* anyone: rw */
};

static inline bool
page_list_empty(const struct page_list *l)
{
	/* relaxed: a hint; who acts on it pops with acquire, or counts */
	return (atomic_load_explicit(&l->head, memory_order_relaxed) & PAGE_LIST_ID) == 0;
}

/* Push a chain of pages, linked by `next` from first to last. */
static inline void
page_list_push_chain(struct page_list *l, uint32_t first, struct frag_page *last)
{
	/* relaxed: only the number in it is used, as a link that the poppers follow */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed);
	uint64_t new;

	do {
		atomic_store_explicit(&last->next, (uint32_t)(old & PAGE_LIST_ID),
				memory_order_relaxed);
		new = (old & ~PAGE_LIST_ID) | first;
		/* LIST.R: links and words of the chain are seen by LIST.A */
	} while (!atomic_compare_exchange_weak_explicit(&l->head, &old, new, memory_order_release,
			memory_order_relaxed));
}

static inline void
page_list_push(struct page_list *l, struct frag_page *page)
{
	page_list_push_chain(l, page->id, page);
}

/* page_cache.c: what somebody else wrote to. Reports and counts it; a list is made empty, since it
 * leads nowhere: frag_pool_check() misses what it held until an audit has found it.
 */
void page_list_broken(struct page_list *l, struct page_dir *dir, uint64_t head);
void page_list_odd(struct page_dir *dir, const struct frag_page *page);

/* Pages not marked QUEUED that a pop passes over before it takes the list for a circle. */
#define PAGE_LIST_ODD_MAX 8

/* Pop a page; NULL when the list is empty. The caller has the page in hand (W2). */
static inline struct frag_page *
page_list_pop(struct page_list *l, struct page_dir *dir)
{
	/* LIST.A: pairs with LIST.R of the page at the head */
	uint64_t old = atomic_load_explicit(&l->head, memory_order_acquire);
	struct frag_page *page;
	uint32_t odd = 0;
	uint64_t new;

	for (;;) {
		if ((old & PAGE_LIST_ID) == 0)
			return NULL;
		if (unlikely(!page_dir_has(dir, (uint32_t)(old & PAGE_LIST_ID)) ||
				    odd > PAGE_LIST_ODD_MAX)) {
			page_list_broken(l, dir, old);
			return NULL;
		}
		page = page_of(dir, (uint32_t)(old & PAGE_LIST_ID));
		/* relaxed: ordered by LIST.A; a stale link makes the swap fail */
		new = ((old & ~PAGE_LIST_ID) + PAGE_LIST_TAG) |
				(atomic_load_explicit(&page->next, memory_order_relaxed) &
						PAGE_LIST_ID);
		if (!atomic_compare_exchange_weak_explicit(&l->head, &old, new,
				    memory_order_acquire, memory_order_acquire))
			continue;
		/* relaxed: W3, it has been there since before LIST.R. Without it the page is none
		 * that anybody put here, or was met already.
		 */
		if (likely((atomic_load_explicit(&page->word, memory_order_relaxed) &
					   PAGE_QUEUED) != 0))
			return page;
		page_list_odd(dir, page);
		odd++;
		/* LIST.A */
		old = atomic_load_explicit(&l->head, memory_order_acquire);
	}
}

/* Forget what is in a list. pre: the world is stopped. */
static inline void
page_list_reset(struct page_list *l)
{
	uint64_t old = atomic_load_explicit(&l->head, memory_order_relaxed);

	/* relaxed: the world is stopped, FROZEN.R and CLAIM.R publish it */
	while (!atomic_compare_exchange_weak_explicit(&l->head, &old,
			(old & ~PAGE_LIST_ID) + PAGE_LIST_TAG, memory_order_relaxed,
			memory_order_relaxed))
		;
}

#endif /* _FRAG_PAGE_H_ */
