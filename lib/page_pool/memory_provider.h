/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _MEMORY_PROVIDER_H_
#define _MEMORY_PROVIDER_H_

/**
 * @file
 * Memory providers: where the pages of a page_pool come from and where they go back to.
 *
 * A provider has the memory and its descriptors (struct netmem_desc), one line each, which it fills
 * in before it gives a page away for the first time: dma_addr, addr, nid, flags and tag; dma_state
 * is 0. Descriptors stay until its pool ends, also those of memory that is gone: that is how a page
 * that is returned too often is found. It serves one pool, or several if it sees to that itself.
 * Pools count what they hold; a provider need not.
 *
 * Memory for devices. What EAL has allocated, or was given as one of its heaps, EAL itself maps for
 * all devices. Memory from elsewhere is registered with EAL by its provider, or by who gave it to
 * that (rte_extmem_register()), a region at a time: pools map its pages one by one
 * (PP_FLAG_DMA_MAP), but do not register them, since EAL has room for few regions.
 *
 * Providers are made known by name with memory_provider_register(); `heap` and those of
 * memory_providers.h always are. A pool's provider is chosen in its parameters (page_pool.h). After
 * the kernel's memory_provider_ops.
 */

#include <stdint.h>

#include "netmem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most providers of a process. */
#define MEMORY_PROVIDERS_MAX 16

/** Longest name of a provider, its end included. */
#define MEMORY_PROVIDER_NAMESIZE 32

/** What a provider says about itself. */
struct memory_provider_info {
	uint64_t pages;      /**< Pages it has memory for at the moment. */
	uint64_t free_pages; /**< Of these, with the provider. */
	uint64_t bytes;      /**< Memory it has taken for them, descriptors included. */
};

/** Function that a provider calls for each page; arg: as given. */
typedef void (*memory_provider_walk_t)(netmem_ref netmem, void *arg);

/** A provider's functions. Static: pools remember their number, and call them until they end. */
struct memory_provider_ops {
	/** Name, unique in the process. */
	const char *name;
	/**
	 * A pool is made. Control path: may allocate and block.
	 * It sets its own data with page_pool_set_mp_priv() if it needs any.
	 * Returns 0 or -errno, with which making the pool then fails.
	 */
	int (*init)(struct page_pool *pool);
	/** The pool ends; all pages are back. Control path. */
	void (*destroy)(struct page_pool *pool);
	/**
	 * Give one page of page_pool_page_size() bytes away, or 0. Only the pool's consumer calls
	 * it, and not concurrently. A slow path: may lock and allocate. It may place more pages in
	 * the direct cache, which is empty: page_pool_mp_place_in_cache().
	 */
	netmem_ref (*alloc_netmems)(struct page_pool *pool);
	/** Take a page back. Any thread. A slow path: may lock. */
	void (*release_netmem)(struct page_pool *pool, netmem_ref netmem);
	/** Occupancy: a snapshot. Any thread. NULL: not known. */
	void (*info)(const struct page_pool *pool, struct memory_provider_info *info);
	/**
	 * Call a function for each page the provider has memory for, those that are with it
	 * included. Any thread; the function releases none and does not take long, since the
	 * provider may hold a lock. While the function has a page, its memory stays, and no other
	 * pool gets it. NULL: it cannot; a pool that maps (PP_FLAG_DMA_MAP) is refused then.
	 */
	void (*walk)(struct page_pool *pool, memory_provider_walk_t fn, void *arg);
	/**
	 * Bytes offset to offset + len of a page become the device's: write back what the CPU
	 * wrote. Called for pools with PP_FLAG_DMA_SYNC_DEV before a page is used again, not when
	 * it is given up. Any thread; returns that are under way when page_pool_destroy() is
	 * called may call it until they end. NULL: devices see what the CPU does, as on all
	 * platforms of DPDK.
	 */
	void (*sync_for_device)(struct page_pool *pool, netmem_ref netmem, uint32_t offset,
			uint32_t len);
	/**
	 * The same bytes become the CPU's: drop what its caches had of them. Called by
	 * page_pool_dma_sync_for_cpu(). NULL: as above.
	 */
	void (*sync_for_cpu)(struct page_pool *pool, netmem_ref netmem, uint32_t offset,
			uint32_t len);
};

/**
 * Make a provider known.
 *
 * Control path, any thread.
 *
 * @param ops
 *   Its functions; they and the name stay valid until the process ends.
 * @return
 *   0, -EINVAL: one of the first four functions or the name is missing, or the name is too long;
 *   -EEXIST: there is one of that name; -ENOSPC: there are MEMORY_PROVIDERS_MAX.
 */
int memory_provider_register(const struct memory_provider_ops *ops);

/**
 * Functions of a provider, to look at its pages, or for a provider that is built on another one.
 *
 * Any thread.
 *
 * @param name
 *   Its name.
 * @return
 *   Its functions, NULL: there is none of that name.
 */
const struct memory_provider_ops *memory_provider_get(const char *name);

/**
 * How many pages a provider may place in the direct cache. To be called from alloc_netmems() only.
 *
 * @param pool
 *   Pool.
 * @return
 *   Pages: one less than a refill moves, 0 for pages of higher order.
 */
uint32_t page_pool_mp_cache_room(const struct page_pool *pool);

/**
 * Place a page in the direct cache; allocations to come find it there. To be called from
 * alloc_netmems() only, at most page_pool_mp_cache_room() times.
 *
 * @param pool
 *   Pool.
 * @param netmem
 *   Handle of a page that leaves the provider.
 */
void page_pool_mp_place_in_cache(struct page_pool *pool, netmem_ref netmem);

/**
 * Make addresses of pages known, so that page_pool_free_va() and page_frag_free() find them. For
 * memory that the CPU may read; to be called before its pages are given away for the first time.
 * Control path, any thread.
 *
 * @param va
 *   Address of the first page, which is aligned to its size; at most 48 bits.
 * @param page_size
 *   Bytes of a page: a power of two, PAGE_POOL_PAGE_SIZE at least.
 * @param nr
 *   Pages.
 * @param desc
 *   Their descriptors, one behind the other.
 * @return
 *   0 or -ENOMEM, and none is known.
 */
int memory_provider_map_va(const void *va, size_t page_size, uint32_t nr, struct netmem_desc *desc);

/**
 * Undo memory_provider_map_va(), before the memory or its descriptors go. Control path, any thread.
 *
 * @param va
 *   As then.
 * @param page_size
 *   As then.
 * @param nr
 *   As then.
 */
void memory_provider_unmap_va(const void *va, size_t page_size, uint32_t nr);

/**
 * A provider's own data of a pool. Any thread.
 *
 * @param pool
 *   Pool.
 * @return
 *   What page_pool_set_mp_priv() was told last, or else mp_priv of the pool's parameters.
 */
void *page_pool_mp_priv(const struct page_pool *pool);

/**
 * Set a provider's own data of a pool. To be called from init() only.
 *
 * @param pool
 *   Pool.
 * @param priv
 *   Data.
 */
void page_pool_set_mp_priv(struct page_pool *pool, void *priv);

#ifdef __cplusplus
}
#endif

#endif /* _MEMORY_PROVIDER_H_ */
