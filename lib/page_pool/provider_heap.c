/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The heap: pages from DPDK's hugepages, which go back there when they are idle.
 *
 * Each pool has its own. It takes memory in chunks, as memzones, and carves them; rte_malloc()
 * would waste up to a page for each page that is naturally aligned. A chunk is 2 MB, or an eighth
 * of what the pool has already, up to 32 MB, since EAL has a limited number of memzones; less one
 * page, in whose place is the memzone's own head. Pages come from the chunk of which most is in
 * use, so that others empty; a chunk whose pages are all back goes, but for one that is kept for
 * the next allocation. Descriptors lie beside a chunk and stay until the pool ends: who returns a
 * page too often may do so when its chunk is gone.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/queue.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "page_pool_private.h"
#include "page_va.h"

#define CHUNK_BYTES_MIN (2u << 20)
#define CHUNK_BYTES_MAX (32u << 20)
#define CHUNK_SHARE 8

struct heap_chunk {
	TAILQ_ENTRY(heap_chunk) next;
	TAILQ_ENTRY(heap_chunk) next_all;
	const struct rte_memzone *mz;
	struct netmem_desc *free;
	uint32_t nr_free;
	uint32_t nr;
	struct netmem_desc desc[];
};

TAILQ_HEAD(heap_chunks, heap_chunk);

/* All under its lock. */
struct heap {
	/* unlike rte_spinlock's, its end is no locked operation: a page's return has one less */
	pthread_spinlock_t lock;
	struct heap_chunks avail;   /* chunks with free pages, those without users last */
	struct heap_chunks retired; /* descriptors of chunks that are gone */
	struct heap_chunks all;     /* chunks, by next_all */
	uint32_t whole;             /* chunks without users */
	uint64_t pages;
	uint64_t free_pages;
	uint64_t bytes;
};

static int
heap_init(struct page_pool *pool)
{
	struct heap *h = pool_zmalloc("page_pool_heap", sizeof(*h), RTE_CACHE_LINE_SIZE,
			page_pool_nid(pool));

	if (h == NULL)
		return -ENOMEM;
	pthread_spin_init(&h->lock, PTHREAD_PROCESS_PRIVATE);
	TAILQ_INIT(&h->avail);
	TAILQ_INIT(&h->retired);
	TAILQ_INIT(&h->all);
	page_pool_set_mp_priv(pool, h);
	return 0;
}

/* Memory for nr pages on a node; what EAL cannot align is aligned by hand. */
static const struct rte_memzone *
chunk_memory(size_t page_size, uint32_t nr, int socket, uint8_t **first)
{
	static _Atomic(uint32_t) made;
	const bool by_hand = page_size >= RTE_PGSIZE_2M;
	const struct rte_memzone *mz;
	char name[RTE_MEMZONE_NAMESIZE];
	unsigned int flags = 0, tries = 8;

	/* smaller ones lie in one hugepage */
	if (page_size > RTE_PGSIZE_2M && rte_eal_iova_mode() == RTE_IOVA_PA)
		flags = RTE_MEMZONE_IOVA_CONTIG;
	do {
		/* a process of this id may have left some */
		snprintf(name, sizeof(name), "pp_heap_%x_%x", (unsigned int)getpid(),
				atomic_fetch_add_explicit(&made, 1, memory_order_relaxed));
		mz = rte_memzone_reserve_aligned(name, (nr + by_hand) * page_size, socket, flags,
				by_hand ? RTE_CACHE_LINE_SIZE : (unsigned int)page_size);
	} while (mz == NULL && rte_errno == EEXIST && --tries > 0);
	if (mz != NULL)
		*first = RTE_PTR_ALIGN_CEIL(mz->addr, page_size);
	return mz;
}

/* Descriptors for nr pages, used ones if there are any. */
static struct heap_chunk *
chunk_descs(struct heap *h, uint32_t nr, int nid)
{
	struct heap_chunk *c;

	pthread_spin_lock(&h->lock);
	TAILQ_FOREACH(c, &h->retired, next)
		if (c->nr == nr) {
			TAILQ_REMOVE(&h->retired, c, next);
			break;
		}
	pthread_spin_unlock(&h->lock);
	if (c != NULL)
		return c;
	c = pool_zmalloc("page_pool_chunk", sizeof(*c) + nr * sizeof(c->desc[0]),
			RTE_CACHE_LINE_SIZE, nid);
	if (c == NULL)
		return NULL;
	c->nr = nr;
	pthread_spin_lock(&h->lock);
	h->bytes += sizeof(*c) + nr * sizeof(c->desc[0]);
	pthread_spin_unlock(&h->lock);
	return c;
}

static struct heap_chunk *
chunk_make(const struct page_pool *pool, struct heap *h, int nid)
{
	const size_t page_size = page_pool_page_size(pool);
	int socket = nid < 0 ? SOCKET_ID_ANY : nid;
	const struct rte_memzone *mz = NULL;
	struct netmem_desc *desc;
	struct heap_chunk *c;
	uint8_t *first = NULL;
	uint32_t i, nr;
	size_t bytes;

	pthread_spin_lock(&h->lock);
	bytes = h->pages * page_size / CHUNK_SHARE;
	pthread_spin_unlock(&h->lock);
	bytes = RTE_ALIGN_CEIL(RTE_MIN(bytes, (size_t)CHUNK_BYTES_MAX), CHUNK_BYTES_MIN);
	bytes = RTE_MAX(bytes, (size_t)CHUNK_BYTES_MIN);
	/* what there is may be in smaller pieces */
	for (nr = RTE_MAX((uint32_t)(bytes / page_size), 2u) - 1; nr > 0; nr /= 2) {
		mz = chunk_memory(page_size, nr, socket, &first);
		if (mz != NULL)
			break;
	}
	if (mz == NULL)
		return NULL;
	c = chunk_descs(h, nr, nid);
	if (c == NULL) {
		rte_memzone_free(mz);
		return NULL;
	}
	if (memory_provider_map_va(first, page_size, nr, c->desc) != 0) {
		rte_memzone_free(mz);
		pthread_spin_lock(&h->lock);
		TAILQ_INSERT_HEAD(&h->retired, c, next);
		pthread_spin_unlock(&h->lock);
		return NULL;
	}
	c->mz = mz;
	c->nr_free = nr;
	c->free = NULL;
	for (i = nr; i-- > 0;) {
		desc = &c->desc[i];
		desc->addr = first + i * page_size;
		desc->dma_addr = rte_mem_virt2iova(desc->addr);
		desc->nid = nmdesc_nid(mz->socket_id);
		desc->flags = 0;
		desc->mp = c;
		desc->next = c->free;
		c->free = desc;
	}
	return c;
}

/* A chunk with free pages on a node. pre: holds the lock. */
static struct heap_chunk *
heap_find(struct heap *h, int nid)
{
	struct heap_chunk *c;

	TAILQ_FOREACH(c, &h->avail, next)
		if (nid < 0 || c->mz->socket_id == nid)
			return c;
	return NULL;
}

/* pre: holds the lock; the chunk has a free page. */
static struct netmem_desc *
heap_pop(struct heap *h, struct heap_chunk *c)
{
	struct netmem_desc *desc = c->free;

	c->free = desc->next;
	h->whole -= c->nr_free == c->nr;
	h->free_pages--;
	if (--c->nr_free == 0)
		TAILQ_REMOVE(&h->avail, c, next);
	return desc;
}

/* A chunk to take pages from: on the pool's node, a new one there, or any. Takes the lock. */
static struct heap_chunk *
heap_chunk_get(const struct page_pool *pool, struct heap *h)
{
	int nid = page_pool_nid(pool);
	struct heap_chunk *c;

	pthread_spin_lock(&h->lock);
	c = heap_find(h, nid);
	if (likely(c != NULL))
		return c;
	/* others may return pages while EAL looks for memory */
	pthread_spin_unlock(&h->lock);
	c = chunk_make(pool, h, nid);
	if (c == NULL && nid >= 0) {
		pthread_spin_lock(&h->lock);
		c = heap_find(h, -1);
		if (c != NULL)
			return c;
		pthread_spin_unlock(&h->lock);
		c = chunk_make(pool, h, -1);
	}
	pthread_spin_lock(&h->lock);
	if (c == NULL)
		return heap_find(h, -1);
	TAILQ_INSERT_TAIL(&h->avail, c, next);
	TAILQ_INSERT_TAIL(&h->all, c, next_all);
	h->whole++;
	h->pages += c->nr;
	h->free_pages += c->nr;
	h->bytes += c->mz->len;
	return c;
}

static netmem_ref
heap_alloc(struct page_pool *pool)
{
	uint32_t more = page_pool_mp_cache_room(pool);
	struct heap *h = page_pool_mp_priv(pool);
	struct heap_chunk *c = heap_chunk_get(pool, h);
	struct netmem_desc *desc = NULL;

	if (likely(c != NULL)) {
		desc = heap_pop(h, c);
		/* as many as one lock is good for */
		for (; more > 0 && c->nr_free > 0; more--)
			page_pool_mp_place_in_cache(pool, nmdesc_to_netmem(heap_pop(h, c)));
	}
	pthread_spin_unlock(&h->lock);
	return desc == NULL ? 0 : nmdesc_to_netmem(desc);
}

static void
heap_release(struct page_pool *pool, netmem_ref netmem)
{
	struct heap *h = page_pool_mp_priv(pool);
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	const struct rte_memzone *gone = NULL;
	struct heap_chunk *c = desc->mp;

	pthread_spin_lock(&h->lock);
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
			h->bytes -= c->mz->len;
			gone = c->mz;
			memory_provider_unmap_va(c->desc[0].addr, page_pool_page_size(pool), c->nr);
			TAILQ_REMOVE(&h->all, c, next_all);
			TAILQ_INSERT_HEAD(&h->retired, c, next);
		}
	}
	pthread_spin_unlock(&h->lock);
	if (unlikely(gone != NULL))
		rte_memzone_free(gone);
}

static void
heap_destroy(struct page_pool *pool)
{
	struct heap *h = page_pool_mp_priv(pool);
	struct heap_chunk *c;

	while ((c = TAILQ_FIRST(&h->avail)) != NULL) {
		TAILQ_REMOVE(&h->avail, c, next);
		memory_provider_unmap_va(c->desc[0].addr, page_pool_page_size(pool), c->nr);
		rte_memzone_free(c->mz);
		rte_free(c);
	}
	while ((c = TAILQ_FIRST(&h->retired)) != NULL) {
		TAILQ_REMOVE(&h->retired, c, next);
		rte_free(c);
	}
	rte_free(h);
}

static void
heap_info(const struct page_pool *pool, struct memory_provider_info *info)
{
	struct heap *h = page_pool_mp_priv(pool);

	pthread_spin_lock(&h->lock);
	info->pages = h->pages;
	info->free_pages = h->free_pages;
	info->bytes = h->bytes + sizeof(*h);
	pthread_spin_unlock(&h->lock);
}

static void
heap_walk(struct page_pool *pool, memory_provider_walk_t fn, void *arg)
{
	struct heap *h = page_pool_mp_priv(pool);
	struct heap_chunk *c;
	uint32_t i;

	pthread_spin_lock(&h->lock);
	TAILQ_FOREACH(c, &h->all, next_all)
		for (i = 0; i < c->nr; i++)
			fn(nmdesc_to_netmem(&c->desc[i]), arg);
	pthread_spin_unlock(&h->lock);
}

const struct memory_provider_ops memory_provider_heap = {
	.name = "heap",
	.init = heap_init,
	.destroy = heap_destroy,
	.alloc_netmems = heap_alloc,
	.release_netmem = heap_release,
	.info = heap_info,
	.walk = heap_walk,
};
