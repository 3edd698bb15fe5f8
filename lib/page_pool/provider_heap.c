/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The heap: pages from DPDK's hugepages, which go back there when they are idle.
 *
 * Each pool has its own. It takes memory in chunks of about 2 MB, as memzones, and carves them;
 * rte_malloc() would waste up to a page for each page that is naturally aligned. A chunk has its
 * descriptors beside it. Pages come from the chunk of which most is in use, so that others empty;
 * a chunk whose pages are all back goes, but for one that is kept for the next allocation.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/queue.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <rte_spinlock.h>

#include "page_pool_private.h"

#define CHUNK_BYTES (2u << 20)

struct heap_chunk {
	TAILQ_ENTRY(heap_chunk) next;
	const struct rte_memzone *mz;
	struct netmem_desc *free;
	uint32_t nr_free;
	uint32_t nr;
	struct netmem_desc desc[];
};

TAILQ_HEAD(heap_chunks, heap_chunk);

struct heap {
	rte_spinlock_t lock;
	struct heap_chunks avail; /* chunks with free pages, those without users last */
	uint32_t whole;           /* chunks without users: 0 or 1 */
	uint64_t pages;
	uint64_t free_pages;
	uint64_t bytes;
};

static int
heap_init(struct page_pool *pool)
{
	int nid = page_pool_nid(pool);
	struct heap *h = rte_zmalloc_socket("page_pool_heap", sizeof(*h), RTE_CACHE_LINE_SIZE,
			nid < 0 ? SOCKET_ID_ANY : nid);

	if (h == NULL)
		return -ENOMEM;
	rte_spinlock_init(&h->lock);
	TAILQ_INIT(&h->avail);
	page_pool_set_mp_priv(pool, h);
	return 0;
}

/* Pages of a chunk: with the memzone's own head and alignment it is 2 MB. */
static uint32_t
chunk_pages(size_t page_size)
{
	return page_size > CHUNK_BYTES / 32 ? RTE_MAX(CHUNK_BYTES / (uint32_t)page_size, 1u) :
					      CHUNK_BYTES / (uint32_t)page_size - 1;
}

static struct heap_chunk *
chunk_make(const struct page_pool *pool)
{
	static _Atomic(uint32_t) made;
	const size_t page_size = page_pool_page_size(pool);
	uint32_t i, nr = chunk_pages(page_size);
	int nid = page_pool_nid(pool), socket = nid < 0 ? SOCKET_ID_ANY : nid;
	char name[RTE_MEMZONE_NAMESIZE];
	struct netmem_desc *desc;
	struct heap_chunk *c;

	c = rte_zmalloc_socket("page_pool_chunk", sizeof(*c) + nr * sizeof(c->desc[0]),
			RTE_CACHE_LINE_SIZE, socket);
	if (c == NULL)
		return NULL;
	snprintf(name, sizeof(name), "pp_heap_%x_%x", (unsigned int)getpid(),
			atomic_fetch_add_explicit(&made, 1, memory_order_relaxed));
	c->mz = rte_memzone_reserve_aligned(name, nr * page_size, socket, 0,
			(unsigned int)page_size);
	if (c->mz == NULL) {
		rte_free(c);
		return NULL;
	}
	c->nr = c->nr_free = nr;
	for (i = nr; i-- > 0;) {
		desc = &c->desc[i];
		desc->addr = (uint8_t *)c->mz->addr + i * page_size;
		/* a page is naturally aligned, so it lies in one hugepage, or in several that
		 * follow each other where IO addresses are virtual ones
		 */
		desc->dma_addr = rte_mem_virt2iova(desc->addr);
		desc->nid = c->mz->socket_id;
		desc->mp = c;
		desc->next = c->free;
		c->free = desc;
	}
	return c;
}

static size_t
chunk_bytes(const struct heap_chunk *c)
{
	return c->mz->len + sizeof(*c) + c->nr * sizeof(c->desc[0]);
}

static void
chunk_free(struct heap_chunk *c)
{
	rte_memzone_free(c->mz);
	rte_free(c);
}

/* pre: holds the lock; there is a page. */
static struct netmem_desc *
heap_pop(struct heap *h)
{
	struct heap_chunk *c = TAILQ_FIRST(&h->avail);
	struct netmem_desc *desc = c->free;

	c->free = desc->next;
	h->whole -= c->nr_free == c->nr;
	h->free_pages--;
	if (--c->nr_free == 0)
		TAILQ_REMOVE(&h->avail, c, next);
	return desc;
}

static netmem_ref
heap_alloc(struct page_pool *pool)
{
	uint32_t more = page_pool_mp_cache_room(pool);
	struct heap *h = page_pool_mp_priv(pool);
	struct netmem_desc *desc;
	struct heap_chunk *c;

	rte_spinlock_lock(&h->lock);
	if (unlikely(TAILQ_EMPTY(&h->avail))) {
		/* others may return pages while EAL looks for memory */
		rte_spinlock_unlock(&h->lock);
		c = chunk_make(pool);
		if (c == NULL)
			return 0;
		rte_spinlock_lock(&h->lock);
		TAILQ_INSERT_TAIL(&h->avail, c, next);
		h->whole++;
		h->pages += c->nr;
		h->free_pages += c->nr;
		h->bytes += chunk_bytes(c);
	}
	desc = heap_pop(h);
	/* as many as one lock is good for */
	for (; more > 0 && !TAILQ_EMPTY(&h->avail); more--)
		page_pool_mp_place_in_cache(pool, nmdesc_to_netmem(heap_pop(h)));
	rte_spinlock_unlock(&h->lock);
	return nmdesc_to_netmem(desc);
}

static void
heap_release(struct page_pool *pool, netmem_ref netmem)
{
	struct heap *h = page_pool_mp_priv(pool);
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	struct heap_chunk *c = desc->mp, *gone = NULL;

	rte_spinlock_lock(&h->lock);
	desc->next = c->free;
	c->free = desc;
	h->free_pages++;
	/* the first to come back makes it the one of which most is in use */
	if (c->nr_free++ == 0)
		TAILQ_INSERT_HEAD(&h->avail, c, next);
	if (c->nr_free == c->nr) {
		TAILQ_REMOVE(&h->avail, c, next);
		if (h->whole == 0) {
			h->whole++;
			TAILQ_INSERT_TAIL(&h->avail, c, next);
		} else {
			h->pages -= c->nr;
			h->free_pages -= c->nr;
			h->bytes -= chunk_bytes(c);
			gone = c;
		}
	}
	rte_spinlock_unlock(&h->lock);
	if (unlikely(gone != NULL))
		chunk_free(gone);
}

static void
heap_destroy(struct page_pool *pool)
{
	struct heap *h = page_pool_mp_priv(pool);
	struct heap_chunk *c;

	while ((c = TAILQ_FIRST(&h->avail)) != NULL) {
		TAILQ_REMOVE(&h->avail, c, next);
		chunk_free(c);
	}
	rte_free(h);
}

static void
heap_info(const struct page_pool *pool, struct memory_provider_info *info)
{
	struct heap *h = page_pool_mp_priv(pool);

	rte_spinlock_lock(&h->lock);
	info->pages = h->pages;
	info->free_pages = h->free_pages;
	info->bytes = h->bytes + sizeof(*h);
	rte_spinlock_unlock(&h->lock);
}

const struct memory_provider_ops memory_provider_heap = {
	.name = "heap",
	.init = heap_init,
	.destroy = heap_destroy,
	.alloc_netmems = heap_alloc,
	.release_netmem = heap_release,
	.info = heap_info,
};
