/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_CACHE_H_
#define _PAGE_CACHE_H_

/*
 * page_cache: the page_pool of one slot. Direct cache, recycle ring, provider, for pages of equal
 * fragments, which move here whole or in part. (The library's struct page_pool, page_pool.h, has
 * whole pages, each with a count of references.)
 *
 * The consumer is whoever has exclusive access to the slot that it is part of; calls marked
 * (consumer) are its alone. Pages come back from anybody, through the ring. It is called a ring as
 * in the kernel; here it is a stack, since the page returned last is the warmest (I6), and what is
 * in it can be taken by others without the consumer's help (I2).
 */

#include <stdalign.h>
#include <stdint.h>

#include "frag_page.h"
#include "pp_stat.h"
#include "provider.h"

/* Pages the direct cache holds. They are few: the fragments of a page are cached above it. */
#define PAGE_CACHE_SIZE 30

struct page_cache {
	/* consumer: rw, others: ro for statistics; a thief with the slot's claim: rw */
	_Atomic(uint32_t) cache_len;
	uint32_t cache[PAGE_CACHE_SIZE];
	uint32_t id;                         /* number by which pages know their owner; all: ro */
	struct page_pool_provider *provider; /* all: ro */
	_Atomic(uint64_t) alloc_fast;
	_Atomic(uint64_t) alloc_refill;
	_Atomic(uint64_t) alloc_slow;
	_Atomic(uint64_t) alloc_empty;
	_Atomic(uint64_t) recycle_cached;
	_Atomic(uint64_t) recycle_cache_full;
	/* freers: rw, consumer: rw, thieves: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct page_list ring;
};

static_assert(offsetof(struct page_cache, ring) % RTE_CACHE_LINE_MIN_SIZE == 0 &&
				sizeof(struct page_cache) - offsetof(struct page_cache, ring) ==
						RTE_CACHE_LINE_MIN_SIZE,
		"the line that freers write is theirs alone");

/* A word that only the holder of the slot changes, and others look at for a hint. */
#define hint_get(word) atomic_load_explicit(word, memory_order_relaxed)
#define hint_set(word, v) atomic_store_explicit(word, v, memory_order_relaxed)

void page_cache_init(struct page_cache *pool, uint32_t id, struct page_pool_provider *provider);

/* (consumer) A page that came back: the newest return first, then older ones of the direct cache.
 * NULL when there is none.
 */
struct frag_page *page_cache_alloc_returned(struct page_cache *pool);

/* (consumer) A page from the provider, NULL when it has none. */
struct frag_page *page_cache_alloc_slow(struct page_cache *pool);

/* (consumer) Return a page without an atomic operation; a full cache sends it through the ring. */
void page_cache_recycle_direct(struct page_cache *pool, struct frag_page *page);

/* Return pages, chained by `next`, through the ring. Any thread. */
static inline void
page_cache_recycle_ring(struct page_cache *pool, uint32_t first, struct frag_page *last)
{
	page_list_push_chain(&pool->ring, first, last);
}

/* (consumer) Move the direct cache to a list that everybody can take from. */
void page_cache_scrub_cache(struct page_cache *pool, struct page_list *to);

#endif /* _PAGE_CACHE_H_ */
