/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_cache: a page of equal fragments on its way between provider, direct cache, recycle ring
 * and consumer.
 *
 * Allocation: the ring first, since what came back last is warm in the owner's and perhaps in the
 * freer's cache (the kernel looks at its direct cache first; after a burst, when the cache holds
 * pages that nobody touched for long, that was five times slower); then the direct cache; then the
 * provider. Return: the consumer itself to the direct cache, anybody else to the ring.
 *
 * Pages move here whole or in part: a page with one free fragment is already back (W1), so that no
 * free fragment is ever outside a list. What the bits mean is frag_pool's business.
 */

#include <string.h>

#include "page_cache.h"
#include "pp_log.h"

void
page_cache_init(struct page_cache *pool, uint32_t id, struct page_pool_provider *provider)
{
	memset(pool, 0, sizeof(*pool));
	pool->id = id;
	pool->provider = provider;
}

struct frag_page *
page_cache_alloc_returned(struct page_cache *pool)
{
	struct frag_page *page;
	uint32_t len;

	if (!page_list_empty(&pool->ring)) {
		page = page_list_pop(&pool->ring, &pool->provider->dir);
		if (likely(page != NULL)) {
			stat_add(&pool->alloc_refill, 1);
			return page;
		}
	}
	len = hint_get(&pool->cache_len);
	if (len > 0) {
		page = page_of(&pool->provider->dir, pool->cache[len - 1]);
		hint_set(&pool->cache_len, len - 1);
		stat_add(&pool->alloc_fast, 1);
		return page;
	}
	stat_add(&pool->alloc_empty, 1);
	return NULL;
}

struct frag_page *
page_cache_alloc_slow(struct page_cache *pool)
{
	struct frag_page *page = provider_ops(pool->provider)->alloc_page(pool->provider);

	if (page != NULL)
		stat_add(&pool->alloc_slow, 1);
	return page;
}

void
page_cache_recycle_direct(struct page_cache *pool, struct frag_page *page)
{
	uint32_t len = hint_get(&pool->cache_len);

	if (likely(len < PAGE_CACHE_SIZE)) {
		pool->cache[len] = page->id;
		/* a thread that dies between the two has not listed the page yet */
		atomic_signal_fence(memory_order_seq_cst);
		hint_set(&pool->cache_len, len + 1);
		stat_add(&pool->recycle_cached, 1);
		return;
	}
	stat_add(&pool->recycle_cache_full, 1);
	page_list_push(&pool->ring, page);
}

void
page_cache_scrub_cache(struct page_cache *pool, struct page_list *to)
{
	uint32_t len;

	while ((len = hint_get(&pool->cache_len)) > 0) {
		/* gone from the cache before others can have it */
		hint_set(&pool->cache_len, len - 1);
		page_list_push(to, page_of(&pool->provider->dir, pool->cache[len - 1]));
	}
}

void
page_list_broken(struct page_list *l, struct page_dir *dir, uint64_t head)
{
	/* relaxed: nothing is handed over; who was faster has seen the same */
	if (!atomic_compare_exchange_strong_explicit(&l->head, &head,
			    (head & ~PAGE_LIST_ID) + PAGE_LIST_TAG, memory_order_relaxed,
			    memory_order_relaxed))
		return;
	atomic_fetch_add_explicit(&dir->broken, 1, memory_order_relaxed);
	PP_LOG_LIMITED(CRIT, "a list of pages is corrupt at page %u: what it held is lost",
			(uint32_t)(head & PAGE_LIST_ID));
}

void
page_list_odd(struct page_dir *dir, const struct frag_page *page)
{
	atomic_fetch_add_explicit(&dir->broken, 1, memory_order_relaxed);
	PP_LOG_LIMITED(CRIT, "page %u at %p was in a list without being marked so: it is lost",
			page->id, (void *)page->lo);
}
