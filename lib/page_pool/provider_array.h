/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PROVIDER_ARRAY_H_
#define _PROVIDER_ARRAY_H_

/*
 * What the providers of one piece of memory have in common: its pages, their descriptors in one
 * array, those that are free on a stack. The array is the first member of a provider's own data,
 * which mp_priv points to; providers put page_array_alloc() and what follows into their ops.
 */

#include <pthread.h>
#include <stdint.h>

#include "page_pool_private.h"

/* The stack is under the lock, the rest is set before the pool is there. */
struct page_array {
	/* as in provider_heap.c */
	pthread_spinlock_t lock;
	uint32_t nr;
	uint32_t nr_free;
	struct netmem_desc *free; /* what came back last is first */
	struct netmem_desc *desc;
	uint64_t bytes; /* of memory_provider_info */
};

/* Pages aligned to their size that lie wholly in a range, and where the first one begins; none
 * when the range wraps.
 */
uint64_t page_array_fit(const void *base, size_t len, size_t page_size, uint8_t **first);

/* A provider's data: size bytes that begin with the array, then nr descriptors; NULL: no memory.
 * It is given back with rte_free().
 */
void *page_array_make(const struct page_pool *pool, const char *type, size_t size, uint64_t nr);

/* All pages are free, the one at the lowest address first, and have no address for devices. */
void page_array_fill(struct page_array *a, uint8_t *first, size_t page_size, int nid, uint64_t tag);

netmem_ref page_array_alloc(struct page_pool *pool);
void page_array_release(struct page_pool *pool, netmem_ref netmem);
void page_array_info(const struct page_pool *pool, struct memory_provider_info *info);
void page_array_walk(struct page_pool *pool, memory_provider_walk_t fn, void *arg);

#endif /* _PROVIDER_ARRAY_H_ */
