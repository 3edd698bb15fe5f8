/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Pages of one piece of memory, for the providers region, unreadable and gpu.
 *
 * The memory itself is never touched here: it may not be readable, and free pages are linked by
 * their descriptors. Those lie in DPDK's memory, one line each, and stay until the pool ends, so
 * that a return too many meets a descriptor whatever it is that the page is made of.
 */

#include <rte_malloc.h>

#include "provider_array.h"

uint64_t
page_array_fit(const void *base, size_t len, size_t page_size, uint8_t **first)
{
	uintptr_t begin = (uintptr_t)base, end = begin + len, at;

	at = RTE_ALIGN_CEIL(begin, (uintptr_t)page_size);
	*first = (uint8_t *)at;
	/* at < begin: it wrapped; so did end, when it is below both */
	return at < begin || at >= end ? 0 : (end - at) / page_size;
}

void *
page_array_make(const struct page_pool *pool, const char *type, size_t size, uint64_t nr)
{
	const size_t head = RTE_ALIGN_CEIL(size, sizeof(struct netmem_desc));
	struct page_array *a;

	/* pools count with 32 bits */
	if (nr > UINT32_MAX)
		return NULL;
	a = pool_zmalloc(type, head + nr * sizeof(a->desc[0]), alignof(struct netmem_desc),
			page_pool_nid(pool));
	if (a == NULL)
		return NULL;
	pthread_spin_init(&a->lock, PTHREAD_PROCESS_PRIVATE);
	a->nr = (uint32_t)nr;
	a->desc = RTE_PTR_ADD(a, head);
	a->bytes = head + nr * sizeof(a->desc[0]);
	return a;
}

void
page_array_fill(struct page_array *a, uint8_t *first, size_t page_size, int nid, uint64_t tag)
{
	struct netmem_desc *desc;
	uint32_t i;

	for (i = a->nr; i-- > 0;) {
		desc = &a->desc[i];
		desc->addr = first + i * page_size;
		desc->dma_addr = RTE_BAD_IOVA;
		desc->nid = nmdesc_nid(nid);
		desc->tag = tag;
		desc->next = a->free;
		a->free = desc;
	}
	a->nr_free = a->nr;
}

netmem_ref
page_array_alloc(struct page_pool *pool)
{
	struct page_array *a = page_pool_mp_priv(pool);
	struct netmem_desc *desc[PAGE_POOL_CACHE_MAX];
	uint32_t i, n;

	n = RTE_MIN(page_pool_mp_cache_room(pool) + 1, (uint32_t)RTE_DIM(desc));
	pthread_spin_lock(&a->lock);
	n = RTE_MIN(n, a->nr_free);
	for (i = 0; i < n; i++) {
		desc[i] = a->free;
		a->free = desc[i]->next;
	}
	a->nr_free -= n;
	pthread_spin_unlock(&a->lock);
	if (n == 0)
		return 0;
	/* the cache gives first what was placed last */
	for (i = n; --i > 0;)
		page_pool_mp_place_in_cache(pool, nmdesc_to_netmem(desc[i]));
	return nmdesc_to_netmem(desc[0]);
}

void
page_array_release(struct page_pool *pool, netmem_ref netmem)
{
	struct page_array *a = page_pool_mp_priv(pool);
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	pthread_spin_lock(&a->lock);
	desc->next = a->free;
	a->free = desc;
	a->nr_free++;
	pthread_spin_unlock(&a->lock);
}

void
page_array_info(const struct page_pool *pool, struct memory_provider_info *info)
{
	struct page_array *a = page_pool_mp_priv(pool);

	pthread_spin_lock(&a->lock);
	info->pages = a->nr;
	info->free_pages = a->nr_free;
	info->bytes = a->bytes;
	pthread_spin_unlock(&a->lock);
}

void
page_array_walk(struct page_pool *pool, memory_provider_walk_t fn, void *arg)
{
	struct page_array *a = page_pool_mp_priv(pool);
	uint32_t i;

	pthread_spin_lock(&a->lock);
	for (i = 0; i < a->nr; i++)
		fn(nmdesc_to_netmem(&a->desc[i]), arg);
	pthread_spin_unlock(&a->lock);
}
