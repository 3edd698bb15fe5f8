/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: for who goes by addresses. page_pool_alloc_va() forgets the handle of what it
 * allocates, and page_pool_free_va() finds it again by the address.
 *
 * Pages are naturally aligned, so that the address divided by their size is the page's number: the
 * key of a radix tree of four levels, whose entries at the bottom are descriptors. The consumer
 * alone writes, when it hands out an address whose page is not there yet; everybody reads, without
 * a lock. Nothing is taken out before the pool ends: what the entry of a page that has left the
 * pool leads to is a descriptor that says so, since providers keep descriptors until then, and an
 * entry is replaced when another page comes to lie there. So it works with the memory of all
 * providers, and costs pools that do not use it nothing; those that do, 8 bytes for each page of
 * the addresses they have met.
 */

#include <errno.h>

#include <rte_errno.h>

#include "page_pool_private.h"

#define VA_BITS 48
#define VA_LEVEL_BITS 9
#define VA_LEVELS 4 /* for the smallest pages: 48 - 12 bits */

struct va_node {
	/* child, or descriptor at the bottom. consumer: rw, others: ro */
	_Atomic(uintptr_t) entry[1 << VA_LEVEL_BITS];
};

static_assert(VA_LEVELS * VA_LEVEL_BITS + 12 >= VA_BITS && PAGE_POOL_PAGE_SIZE == 1 << 12,
		"all pages have their entries");

static inline uint32_t
va_index(uint64_t key, uint32_t level)
{
	return (uint32_t)(key >> (VA_LEVEL_BITS * level)) & ((1u << VA_LEVEL_BITS) - 1);
}

static inline uint64_t
va_key(const struct page_pool *pool, const void *va)
{
	return (uintptr_t)va / PAGE_POOL_PAGE_SIZE >> pool->order;
}

/* Entry of a page, NULL: there is none. Addresses that differ in bits above have one in common. */
static inline _Atomic(uintptr_t) *
va_entry(struct page_pool *pool, const void *va)
{
	/* EXT.A: pairs with EXT.R of the node, at each level */
	struct va_node *node = atomic_load_explicit(&pool->va_root, memory_order_acquire);
	uint64_t key = va_key(pool, va);
	uint32_t level;

	for (level = VA_LEVELS - 1; node != NULL && level > 0; level--)
		node = (struct va_node *)atomic_load_explicit(&node->entry[va_index(key, level)],
				memory_order_acquire);
	return node == NULL ? NULL : &node->entry[va_index(key, 0)];
}

static struct va_node *
va_node_make(const struct page_pool *pool)
{
	return pool_zmalloc("page_pool_va", sizeof(struct va_node), RTE_CACHE_LINE_SIZE,
			page_pool_nid(pool));
}

/* (consumer) The same with the nodes that are missing; NULL: no memory. */
static __rte_noinline _Atomic(uintptr_t) *
va_entry_make(struct page_pool *pool, const void *va)
{
	/* relaxed: nobody else writes to the tree */
	struct va_node *node = atomic_load_explicit(&pool->va_root, memory_order_relaxed), *child;
	uint64_t key = va_key(pool, va);
	_Atomic(uintptr_t) *entry;
	uint32_t level;

	if (node == NULL) {
		node = va_node_make(pool);
		if (node == NULL)
			return NULL;
		/* EXT.R */
		atomic_store_explicit(&pool->va_root, node, memory_order_release);
	}
	for (level = VA_LEVELS - 1; level > 0; level--, node = child) {
		entry = &node->entry[va_index(key, level)];
		child = (struct va_node *)atomic_load_explicit(entry, memory_order_relaxed);
		if (child != NULL)
			continue;
		child = va_node_make(pool);
		if (child == NULL)
			return NULL;
		/* EXT.R */
		atomic_store_explicit(entry, (uintptr_t)child, memory_order_release);
	}
	return &node->entry[va_index(key, 0)];
}

/* (consumer) See that a page is found by its address. */
static inline bool
va_known(struct page_pool *pool, const struct netmem_desc *desc)
{
	_Atomic(uintptr_t) *entry = va_entry(pool, desc->addr);

	if (unlikely(entry == NULL)) {
		entry = va_entry_make(pool, desc->addr);
		if (entry == NULL)
			return false;
	}
	/* relaxed: nobody else writes it */
	if (unlikely(atomic_load_explicit(entry, memory_order_relaxed) != (uintptr_t)desc))
		/* EXT.R */
		atomic_store_explicit(entry, (uintptr_t)desc, memory_order_release);
	return true;
}

void *
page_pool_alloc_va(struct page_pool *pool, uint32_t *size)
{
	uint32_t offset = 0, bytes = *size;
	netmem_ref netmem = page_pool_alloc_netmem(pool, &offset, &bytes);
	int error = ENOMEM;
	uint8_t *addr;

	if (unlikely(netmem == 0))
		return NULL;
	addr = netmem_address(netmem);
	if (unlikely(addr == NULL || (uintptr_t)addr >> VA_BITS != 0))
		error = EOPNOTSUPP;
	else if (likely(va_known(pool, netmem_to_nmdesc(netmem)))) {
		*size = bytes;
		return addr + offset;
	}
	page_pool_put_full_netmem(pool, netmem, true);
	rte_errno = error;
	return NULL;
}

int
page_pool_free_va(struct page_pool *pool, void *va, bool allow_direct)
{
	_Atomic(uintptr_t) *entry = va_entry(pool, va);
	const struct netmem_desc *desc = NULL;

	if (likely(entry != NULL))
		/* EXT.A */
		desc = (const struct netmem_desc *)atomic_load_explicit(entry,
				memory_order_acquire);
	/* one with other bits above, or the descriptor was given other memory since */
	if (unlikely(desc == NULL || va_key(pool, desc->addr) != va_key(pool, va)))
		return page_pool_put_refused(pool, 0);
	return page_pool_put_netmem(pool, nmdesc_to_netmem(desc), UINT32_MAX, allow_direct);
}

static void
va_free(struct va_node *node, uint32_t level)
{
	uint32_t i;

	if (node == NULL)
		return;
	for (i = 0; level > 0 && i < RTE_DIM(node->entry); i++)
		va_free((struct va_node *)atomic_load_explicit(&node->entry[i],
					memory_order_relaxed),
				level - 1);
	rte_free(node);
}

void
page_pool_va_free(struct page_pool *pool)
{
	/* relaxed: all of the pool's users are gone */
	va_free(atomic_load_explicit(&pool->va_root, memory_order_relaxed), VA_LEVELS - 1);
}
