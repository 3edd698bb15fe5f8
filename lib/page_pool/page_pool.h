/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_H_
#define _PAGE_POOL_H_

/**
 * @file
 * page_pool: pages for one consumer, recycled.
 *
 * A pool has one *consumer*: the lcore or thread that allocates. Anybody returns. What the consumer
 * itself returns goes to its direct cache, without an atomic operation; what others return goes
 * through the recycle ring; what finds no room goes back to the memory provider. Allocation looks
 * at the direct cache, refills it from the ring, then asks the provider.
 *
 * A page has a count of references, one for each time it will be returned: it is 1 when it is
 * allocated, and a page can be shared (page_pool_fragment_netmem(), page_pool_ref_netmem()) or cut
 * into fragments of any size (page_pool_alloc_frag_netmem()). Whoever returns the last reference
 * recycles the page. With the pool the count is 0, so that a return too many is found whenever the
 * count shows it, also when the page has gone back to the heap: it is refused, counted, reported.
 *
 * Calls marked (consumer) are the consumer's alone, as in the kernel: they are not to run
 * concurrently with each other, whoever makes them. Where it is said that the consumer has stopped,
 * the owner makes no call for the pool, returns included, until the call is over. A pool belongs to
 * the process that made it. Semantics after the kernel's page_pool; where they differ it is said.
 *
 * Ordering: what a thread did to a page before it returned a reference is seen by who gets the page
 * from the pool next.
 *
 * What is not found: a return too many while others still have references to the page, or at the
 * same time as another one. A page whose fragments were returned too often stays out for good when
 * it is given up, since nobody knows who has it.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_errno.h>

#include "memory_provider.h"
#include "netmem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest name of a pool, its end included. */
#define PAGE_POOL_NAMESIZE 32

/** Bytes of a page of order 0. */
#define PAGE_POOL_PAGE_SIZE 4096

/** Largest order: pages of 4 MB. */
#define PAGE_POOL_ORDER_MAX 10

/** Size of the recycle ring when params.pool_size is 0. */
#define PAGE_POOL_SIZE_DEFAULT 1024

/** Largest recycle ring; larger sizes are reduced to this. */
#define PAGE_POOL_SIZE_MAX 16384

/** Most pages of a direct cache: twice what one refill moves. */
#define PAGE_POOL_CACHE_MAX 128

/** No reference can be told from this many: what a page is charged when it is cut. */
#define PAGE_POOL_BIAS_MAX ((uint64_t)INT64_MAX / 2)

/** params.owner: nobody; whoever allocates sees to it that only one does at a time. All returns but
 * page_pool_recycle_direct*() go through the ring.
 */
#define PAGE_POOL_OWNER_NONE 0

/** params.owner: the thread that makes the pool. */
#define PAGE_POOL_OWNER_THREAD 1

/** params.owner: an lcore. */
#define PAGE_POOL_OWNER_LCORE(lcore_id) (2 + (lcore_id))

/** Map pages for the device when they come from the provider, and unmap them when they go back.
 * Memory that EAL maps for all devices by itself (all of its own) is left alone.
 */
#define PP_FLAG_DMA_MAP 0x1

/** Hand what the CPU wrote to a page over to the device before the page is used again. */
#define PP_FLAG_DMA_SYNC_DEV 0x2

/** Know where each fragment begins that was given away by its address (page_pool_alloc_va(),
 * page_frag_alloc()), so that one that is freed twice is refused, and so is any address but that.
 * Takes an eighth of such pages' bytes, and time; caches of fragments have no owner then.
 */
#define PP_FLAG_STRICT 0x4

/** What the device does with pages. */
enum page_pool_dma_dir {
	PAGE_POOL_DMA_NONE,
	PAGE_POOL_DMA_TO_DEVICE,     /**< It reads. */
	PAGE_POOL_DMA_FROM_DEVICE,   /**< It writes. */
	PAGE_POOL_DMA_BIDIRECTIONAL, /**< Both. */
};

struct rte_device;

/** Parameters of page_pool_create(); what is 0 is the default. */
struct page_pool_params {
	/** Name for logs and telemetry, need not be unique; NULL: none. */
	const char *name;
	/** PP_FLAG_*. */
	uint32_t flags;
	/** A page has PAGE_POOL_PAGE_SIZE << order bytes. */
	uint32_t order;
	/** Pages that the recycle ring holds; 0: PAGE_POOL_SIZE_DEFAULT. */
	uint32_t pool_size;
	/** NUMA node that pages and pool are to be on, if it has memory; negative: any. */
	int nid;
	/** The consumer: PAGE_POOL_OWNER_*. */
	uint32_t owner;
	/** Name of the memory provider (memory_providers.h); NULL: `heap`, DPDK's hugepages. */
	const char *provider;
	/** For the provider: page_pool_mp_priv(). */
	void *mp_priv;
	/** PP_FLAG_DMA_MAP: the device. It may go when page_pool_destroy() is over. */
	struct rte_device *dev;
	/** PP_FLAG_DMA_MAP: PAGE_POOL_DMA_FROM_DEVICE or PAGE_POOL_DMA_BIDIRECTIONAL. */
	enum page_pool_dma_dir dma_dir;
	/** PP_FLAG_DMA_SYNC_DEV: most bytes of a page that the device writes to, not 0. */
	uint32_t max_len;
	/** PP_FLAG_DMA_SYNC_DEV: where in a page the device begins to write, in bytes. Pools that
	 * are cut into fragments: 0, and max_len is the whole page.
	 */
	uint32_t offset;
};

/** The kernel's counters, and ours. */
struct page_pool_stats {
	uint64_t fast; /**< Allocations from the direct cache. */
	uint64_t slow; /**< Allocations of order 0 that asked the provider, with success. */
	uint64_t slow_high_order; /**< The same of higher orders. */
	uint64_t empty;           /**< Allocations that found the ring empty. */
	uint64_t refill;          /**< Allocations that refilled the direct cache from the ring. */
	uint64_t waive;           /**< Pages in the ring that were on another NUMA node. */
	uint64_t cached;          /**< Pages returned to the direct cache. */
	uint64_t cache_full;      /**< Returns for which the direct cache had no room. */
	uint64_t ring;            /**< Pages returned through the ring. */
	uint64_t ring_full;       /**< Returns for which the ring had no room. */
	uint64_t released_refcnt; /**< Pages not recycled: of an emergency reserve. */
	uint64_t refused;         /**< Returns of what was not handed out, or not by this pool. */
};

/** @internal What the inline functions below see of a pool; its first member. */
struct page_pool_direct {
	uint32_t len;    /**< Pages in the direct cache. consumer: rw, others: ro */
	uint32_t size;   /**< Most of them. all: ro */
	uint64_t fast;   /**< consumer: rw, others: ro */
	uint64_t cached; /**< consumer: rw, others: ro */
	netmem_ref netmem[PAGE_POOL_CACHE_MAX]; /**< consumer: rw */
};

/**
 * Make a pool.
 *
 * Control path, any thread.
 *
 * @param params
 *   Parameters.
 * @return
 *   The pool, or NULL with rte_errno, in this order:
 *   - EINVAL: no parameters, or an unknown flag;
 *   - EINVAL: PP_FLAG_DMA_MAP with another direction, or without a device;
 *   - EINVAL: PP_FLAG_DMA_SYNC_DEV without PP_FLAG_DMA_MAP;
 *   - EINVAL: PP_FLAG_DMA_SYNC_DEV with a max_len of 0, or with bytes beyond the page;
 *   - EINVAL: no such owner, or a name too long;
 *   - ENOENT: no provider of that name;
 *   - EINVAL: order above PAGE_POOL_ORDER_MAX;
 *   - ENOTSUP: PP_FLAG_DMA_MAP, and the provider cannot say what it has (walk);
 *   - ENOMEM: no memory for the pool;
 *   - what a thread's first use of the library fails with, when it is to be the owner;
 *   - what the provider's init() returned.
 */
struct page_pool *page_pool_create(const struct page_pool_params *params);

/**
 * End a pool. Its consumer has stopped; pages may be in flight, and are returned as before. When
 * the last one is back, the pool goes: now, or within a second of it, in EAL's alarm thread.
 * From 60 s on, and each 60 s, a line is logged about pools that still wait, with who holds what
 * (page_pool_set_holder_netmem()).
 *
 * Pages that the pool has mapped are unmapped, those in flight too: when this returns the device is
 * no longer needed.
 *
 * Control path, any thread.
 *
 * @param pool
 *   Pool; NULL: nothing happens. Not to be used any more but for returns of its pages.
 * @return
 *   Pages that are still out; 0: the pool is gone.
 */
uint32_t page_pool_destroy(struct page_pool *pool);

/**
 * @internal What page_pool_alloc_netmems() and others do when the direct cache is no help.
 *
 * @param pool
 *   Pool.
 * @return
 *   Handle, or 0 with rte_errno = ENOMEM.
 */
netmem_ref page_pool_alloc_netmems_slow(struct page_pool *pool);

/**
 * (consumer) Allocate a page; its count is 1.
 *
 * @param pool
 *   Pool.
 * @return
 *   Its handle, or 0 with rte_errno = ENOMEM: the provider has none, or none that could be mapped
 *   (PP_FLAG_DMA_MAP): its memory is not registered with EAL, has no IO address, or the device's
 *   driver or bus does not do it.
 */
static inline netmem_ref
page_pool_alloc_netmems(struct page_pool *pool)
{
	struct page_pool_direct *d = (struct page_pool_direct *)pool;
	uint32_t len = d->len;
	netmem_ref netmem;

	if (unlikely(len == 0))
		return page_pool_alloc_netmems_slow(pool);
	netmem = d->netmem[len - 1];
	/* one writer; others read them as they are */
	__atomic_store_n(&d->len, len - 1, __ATOMIC_RELAXED);
	__atomic_store_n(&d->fast, d->fast + 1, __ATOMIC_RELAXED);
	/* nobody else has the page */
	__atomic_store_n(&netmem_to_nmdesc(netmem)->pp_ref_count, 1, __ATOMIC_RELAXED);
	return netmem;
}

/**
 * Return a reference; the last one recycles the page.
 *
 * @param pool
 *   Pool of the page.
 * @param netmem
 *   Handle of which the caller has a reference.
 * @param dma_sync_size
 *   PP_FLAG_DMA_SYNC_DEV: bytes, from the pool's offset on, that the CPU may have written to; at
 *   most max_len count. UINT32_MAX: all. With fragments: all, since only the last return counts.
 * @param allow_direct
 *   The caller is the consumer: trusted, as in the kernel. What is put by the pool's owner goes
 *   to the direct cache anyhow.
 * @return
 *   0, or -EINVAL: 0, no page of this pool, or returned too often; nothing happened.
 */
int page_pool_put_netmem(struct page_pool *pool, netmem_ref netmem, uint32_t dma_sync_size,
		bool allow_direct);

/**
 * page_pool_put_netmem() of all bytes.
 *
 * @param pool
 *   Pool.
 * @param netmem
 *   Handle.
 * @param allow_direct
 *   The caller is the consumer; see page_pool_put_netmem().
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_put_full_netmem(struct page_pool *pool, netmem_ref netmem, bool allow_direct)
{
	return page_pool_put_netmem(pool, netmem, UINT32_MAX, allow_direct);
}

/**
 * @internal Whether a page has one reference and no flag, a label's included.
 *
 * @param desc
 *   Descriptor.
 * @return
 *   true if so.
 */
static inline bool
page_pool_plain(const struct netmem_desc *desc)
{
	/* acquire: what the holders of other references did before they returned them; the flags
	 * that they have set, too, and so these are read after
	 */
	uint64_t refs = __atomic_load_n(&desc->pp_ref_count, __ATOMIC_ACQUIRE);

	return ((refs ^ 1) | __atomic_load_n(&desc->flags, __ATOMIC_RELAXED)) == 0;
}

/**
 * (consumer) Return a reference, the last one to the direct cache.
 *
 * @param pool
 *   Pool of the page.
 * @param netmem
 *   Handle of which the caller has a reference.
 * @return
 *   0 or -EINVAL, see page_pool_put_full_netmem().
 */
static inline int
page_pool_recycle_direct_netmem(struct page_pool *pool, netmem_ref netmem)
{
	struct page_pool_direct *d = (struct page_pool_direct *)pool;
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	uint32_t len = d->len;

	/* marked pages, those of pools that sync among them, take the long way */
	if (unlikely(netmem == 0 || desc->pp != pool || len == d->size || !page_pool_plain(desc)))
		return page_pool_put_full_netmem(pool, netmem, true);
	__atomic_store_n(&desc->pp_ref_count, 0, __ATOMIC_RELAXED);
	d->netmem[len] = netmem;
	__atomic_store_n(&d->len, len + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&d->cached, d->cached + 1, __ATOMIC_RELAXED);
	return 0;
}

/**
 * Return references of pages of any pools of this process. Each is returned as
 * page_pool_put_full_netmem() does; what is refused is passed over.
 *
 * @param netmems
 *   Handles; the table is not changed (the kernel's destroys it).
 * @param n
 *   Number of them.
 * @return
 *   Number of references returned.
 */
unsigned int page_pool_put_netmem_bulk(const netmem_ref *netmems, unsigned int n);

/**
 * (consumer) Allocate a fragment of a page that is shared with other fragments.
 *
 * Sizes may differ from call to call. The fragment is one reference, returned by
 * page_pool_put_full_netmem() or page_pool_recycle_direct_netmem().
 *
 * @param pool
 *   Pool.
 * @param offset
 *   Where it begins in the page, in bytes: a multiple of a cache line. Unchanged on failure.
 * @param size
 *   Bytes.
 * @return
 *   Handle of the page, or 0 with rte_errno: EINVAL: size is 0; E2BIG: it is larger than a page;
 *   ENOMEM.
 */
netmem_ref page_pool_alloc_frag_netmem(struct page_pool *pool, uint32_t *offset, uint32_t size);

/**
 * (consumer) Allocate a whole page or a fragment, whichever suits the size: a page when two of them
 * would not fit into one. A page's last fragment gets what is left of it.
 *
 * @param pool
 *   Pool.
 * @param offset
 *   Where it begins in the page, in bytes. Unchanged on failure.
 * @param size
 *   In: bytes wanted. Out: bytes that are the caller's, at least as many. Unchanged on failure.
 * @return
 *   See page_pool_alloc_frag_netmem().
 */
netmem_ref page_pool_alloc_netmem(struct page_pool *pool, uint32_t *offset, uint32_t *size);

/**
 * Set the count of a page to the number of references that will be returned. The caller has the
 * only one.
 *
 * @param netmem
 *   Handle.
 * @param nr
 *   References.
 * @return
 *   0, or -EINVAL: nr is 0 or above PAGE_POOL_BIAS_MAX, or there is not exactly one reference.
 */
int page_pool_fragment_netmem(netmem_ref netmem, uint64_t nr);

/**
 * Take one more reference. The caller has one.
 *
 * @param netmem
 *   Handle.
 */
static inline void
page_pool_ref_netmem(netmem_ref netmem)
{
	/* relaxed: the caller's own reference keeps the page */
	__atomic_fetch_add(&netmem_to_nmdesc(netmem)->pp_ref_count, 1, __ATOMIC_RELAXED);
}

/**
 * Give references up without returning the page. Who gives up the last ones has the page, and
 * returns it with page_pool_put_unrefed_netmem().
 *
 * @param netmem
 *   Handle of which the caller has nr references.
 * @param nr
 *   References, not 0.
 * @return
 *   References that are left, or -EINVAL: there were fewer than nr; nothing happened.
 */
int64_t page_pool_unref_netmem(netmem_ref netmem, uint64_t nr);

/**
 * Return a page of which the caller gave up the last reference (page_pool_unref_netmem()).
 *
 * @param pool
 *   Pool of the page.
 * @param netmem
 *   Handle.
 * @param dma_sync_size
 *   See page_pool_put_netmem().
 * @param allow_direct
 *   See page_pool_put_netmem().
 * @return
 *   0, or -EINVAL: no page of this pool, or there are references to it.
 */
int page_pool_put_unrefed_netmem(struct page_pool *pool, netmem_ref netmem, uint32_t dma_sync_size,
		bool allow_direct);

/**
 * Make bytes that the device wrote to a page the CPU's, before it reads them. A holder's call;
 * also for pools without flags, as in the kernel.
 *
 * @param pool
 *   Pool of the page.
 * @param netmem
 *   Handle of which the caller has a reference.
 * @param offset
 *   Where they begin, in bytes after the pool's offset.
 * @param size
 *   Bytes; they do not go beyond the page.
 */
void page_pool_dma_sync_netmem_for_cpu(struct page_pool *pool, netmem_ref netmem, uint32_t offset,
		uint32_t size);

/**
 * What the device does with a pool's pages. Any thread.
 *
 * @param pool
 *   Pool.
 * @return
 *   dma_dir of its parameters.
 */
enum page_pool_dma_dir page_pool_get_dma_dir(const struct page_pool *pool);

/**
 * (consumer) page_pool_alloc_netmem() for who goes by addresses.
 *
 * @param pool
 *   Pool.
 * @param size
 *   In: bytes wanted. Out: bytes that are the caller's, at least as many. Unchanged on failure.
 * @return
 *   Address at which the CPU reads and writes them, returned by page_pool_free_va(); or NULL with
 *   rte_errno: EINVAL: size is 0; E2BIG: it is larger than a page; EOPNOTSUPP: the pool has memory
 *   that the CPU may not read, or its provider does not make addresses known
 *   (memory_provider_map_va()); ENOMEM.
 */
void *page_pool_alloc_va(struct page_pool *pool, uint32_t *size);

/**
 * Return what page_pool_alloc_va() gave. Any thread; takes no lock to find the page.
 *
 * @param pool
 *   Pool.
 * @param va
 *   Any address in it; PP_FLAG_STRICT: the one that was given.
 * @param allow_direct
 *   See page_pool_put_netmem().
 * @return
 *   0, or -EINVAL: in no page of this pool, or returned too often; nothing happened.
 */
int page_pool_free_va(struct page_pool *pool, void *va, bool allow_direct);

/**
 * (consumer) page_pool_alloc_netmems() for a page that the CPU may read; NULL with rte_errno =
 * ENOMEM, or EOPNOTSUPP: the pool has memory that it may not.
 *
 * @param pool
 *   Pool.
 * @return
 *   The page, or NULL.
 */
static inline struct page_pool_page *
page_pool_alloc_pages(struct page_pool *pool)
{
	netmem_ref netmem = page_pool_alloc_netmems(pool);

	if (unlikely(netmem_is_net_iov(netmem))) {
		page_pool_recycle_direct_netmem(pool, netmem);
		rte_errno = EOPNOTSUPP;
		return NULL;
	}
	return netmem_to_page(netmem);
}

/**
 * (consumer) page_pool_alloc_frag_netmem() for a page that the CPU may read; NULL with rte_errno,
 * EOPNOTSUPP: the pool has memory that it may not.
 *
 * @param pool
 *   Pool.
 * @param offset
 *   See there.
 * @param size
 *   See there.
 * @return
 *   The page, or NULL.
 */
static inline struct page_pool_page *
page_pool_alloc_frag(struct page_pool *pool, uint32_t *offset, uint32_t size)
{
	uint32_t at = 0;
	netmem_ref netmem = page_pool_alloc_frag_netmem(pool, &at, size);

	if (unlikely(netmem_is_net_iov(netmem))) {
		page_pool_recycle_direct_netmem(pool, netmem);
		rte_errno = EOPNOTSUPP;
		return NULL;
	}
	if (likely(netmem != 0))
		*offset = at;
	return netmem_to_page(netmem);
}

/**
 * (consumer) page_pool_alloc_netmem() for a page that the CPU may read; NULL with rte_errno,
 * EOPNOTSUPP: the pool has memory that it may not.
 *
 * @param pool
 *   Pool.
 * @param offset
 *   See there.
 * @param size
 *   See there.
 * @return
 *   The page, or NULL.
 */
static inline struct page_pool_page *
page_pool_alloc(struct page_pool *pool, uint32_t *offset, uint32_t *size)
{
	uint32_t at = 0, bytes = *size;
	netmem_ref netmem = page_pool_alloc_netmem(pool, &at, &bytes);

	if (unlikely(netmem_is_net_iov(netmem))) {
		page_pool_recycle_direct_netmem(pool, netmem);
		rte_errno = EOPNOTSUPP;
		return NULL;
	}
	if (likely(netmem != 0)) {
		*offset = at;
		*size = bytes;
	}
	return netmem_to_page(netmem);
}

/**
 * page_pool_put_netmem() of a page.
 *
 * @param pool
 *   Pool.
 * @param page
 *   Page.
 * @param dma_sync_size
 *   Bytes that the CPU may have written; UINT32_MAX: all.
 * @param allow_direct
 *   The caller is the consumer; see page_pool_put_netmem().
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_put_page(struct page_pool *pool, struct page_pool_page *page, uint32_t dma_sync_size,
		bool allow_direct)
{
	return page_pool_put_netmem(pool, page_to_netmem(page), dma_sync_size, allow_direct);
}

/**
 * page_pool_put_full_netmem() of a page.
 *
 * @param pool
 *   Pool.
 * @param page
 *   Page.
 * @param allow_direct
 *   The caller is the consumer; see page_pool_put_netmem().
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_put_full_page(struct page_pool *pool, struct page_pool_page *page, bool allow_direct)
{
	return page_pool_put_full_netmem(pool, page_to_netmem(page), allow_direct);
}

/**
 * (consumer) page_pool_recycle_direct_netmem() of a page.
 *
 * @param pool
 *   Pool.
 * @param page
 *   Page.
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_recycle_direct(struct page_pool *pool, struct page_pool_page *page)
{
	return page_pool_recycle_direct_netmem(pool, page_to_netmem(page));
}

/**
 * page_pool_fragment_netmem() of a page.
 *
 * @param page
 *   Page.
 * @param nr
 *   References.
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_fragment_page(struct page_pool_page *page, uint64_t nr)
{
	return page_pool_fragment_netmem(page_to_netmem(page), nr);
}

/**
 * page_pool_ref_netmem() of a page.
 *
 * @param page
 *   Page.
 */
static inline void
page_pool_ref_page(struct page_pool_page *page)
{
	page_pool_ref_netmem(page_to_netmem(page));
}

/**
 * page_pool_unref_netmem() of a page.
 *
 * @param page
 *   Page.
 * @param nr
 *   References.
 * @return
 *   References that are left, or -EINVAL, see there.
 */
static inline int64_t
page_pool_unref_page(struct page_pool_page *page, uint64_t nr)
{
	return page_pool_unref_netmem(page_to_netmem(page), nr);
}

/**
 * page_pool_put_unrefed_netmem() of a page.
 *
 * @param pool
 *   Pool.
 * @param page
 *   Page.
 * @param dma_sync_size
 *   Bytes that the CPU may have written; UINT32_MAX: all.
 * @param allow_direct
 *   The caller is the consumer; see page_pool_put_netmem().
 * @return
 *   0 or -EINVAL, see there.
 */
static inline int
page_pool_put_unrefed_page(struct page_pool *pool, struct page_pool_page *page,
		uint32_t dma_sync_size, bool allow_direct)
{
	return page_pool_put_unrefed_netmem(pool, page_to_netmem(page), dma_sync_size,
			allow_direct);
}

/**
 * page_pool_dma_sync_netmem_for_cpu() of a page.
 *
 * @param pool
 *   Pool.
 * @param page
 *   Page.
 * @param offset
 *   See there.
 * @param size
 *   See there.
 */
static inline void
page_pool_dma_sync_for_cpu(struct page_pool *pool, const struct page_pool_page *page,
		uint32_t offset, uint32_t size)
{
	page_pool_dma_sync_netmem_for_cpu(pool, page_to_netmem(page), offset, size);
}

/**
 * page_pool_get_dma_addr_netmem() of a page, not NULL.
 *
 * @param page
 *   Page.
 * @return
 *   IO address, RTE_BAD_IOVA when the memory has none.
 */
static inline rte_iova_t
page_pool_get_dma_addr(const struct page_pool_page *page)
{
	return page_pool_get_dma_addr_netmem(page_to_netmem(page));
}

/**
 * Address at which the CPU reads and writes a page.
 *
 * @param page
 *   Page.
 * @return
 *   Its address.
 */
static inline void *
page_address(const struct page_pool_page *page)
{
	return netmem_address(page_to_netmem(page));
}

/**
 * Let a pool have another consumer. The old one has stopped; control path.
 *
 * @param pool
 *   Pool.
 * @param owner
 *   PAGE_POOL_OWNER_THREAD or PAGE_POOL_OWNER_LCORE().
 * @return
 *   0, -EINVAL: neither of these; or what a thread's first use of the library fails with, and the
 *   pool has no owner then.
 */
int page_pool_enable_direct_recycling(struct page_pool *pool, uint32_t owner);

/**
 * Send what is put from now on through the ring, whoever puts it: the pool's consumer goes. Control
 * path.
 *
 * @param pool
 *   Pool.
 */
void page_pool_disable_direct_recycling(struct page_pool *pool);

/**
 * What a pool's provider says about itself. Any thread.
 *
 * @param pool
 *   Pool.
 * @param info
 *   Where to put it.
 * @return
 *   0, or -ENOTSUP: it says nothing.
 */
int page_pool_get_provider_info(const struct page_pool *pool, struct memory_provider_info *info);

/**
 * (consumer) Move the pool to another NUMA node: its direct cache is released, and pages in the
 * ring that are elsewhere will be, one for each refill that meets one.
 *
 * @param pool
 *   Pool.
 * @param nid
 *   NUMA node; negative: any.
 */
void page_pool_update_nid(struct page_pool *pool, int nid);

/**
 * Bytes of each page of a pool. Any thread.
 *
 * @param pool
 *   Pool.
 * @return
 *   Bytes.
 */
size_t page_pool_page_size(const struct page_pool *pool);

/**
 * NUMA node a pool wants its pages on. (consumer), and the provider when it is called.
 *
 * @param pool
 *   Pool.
 * @return
 *   Node, negative: any.
 */
int page_pool_nid(const struct page_pool *pool);

/**
 * (consumer) page_pool_update_nid() if the pool is elsewhere: cheap enough for each poll.
 *
 * @param pool
 *   Pool.
 * @param nid
 *   NUMA node; negative: any.
 */
static inline void
page_pool_nid_changed(struct page_pool *pool, int nid)
{
	if (unlikely(page_pool_nid(pool) != nid))
		page_pool_update_nid(pool, nid);
}

/**
 * Pages that a pool has from its provider: handed out, in its direct cache, in its ring, or being
 * cut. Any thread; exact at rest.
 *
 * @param pool
 *   Pool.
 * @return
 *   Pages.
 */
uint32_t page_pool_inflight(const struct page_pool *pool);

/**
 * Counters. Any thread; exact at rest.
 *
 * Successful allocations of pages, those for fragments included, are fast + refill + slow +
 * slow_high_order; a cut page whose fragments are all back is used again in place, and counted as
 * cached and fast, as in the kernel.
 *
 * @param pool
 *   Pool.
 * @param stats
 *   Where to put them.
 */
void page_pool_get_stats(const struct page_pool *pool, struct page_pool_stats *stats);

/** What page_pool_get_info() says about a pool. */
struct page_pool_info {
	char name[PAGE_POOL_NAMESIZE];             /**< Of its parameters; may be empty. */
	char provider[MEMORY_PROVIDER_NAMESIZE];   /**< Name of its provider. */
	struct memory_provider_info provider_info; /**< All 0 when it says nothing. */
	uint64_t inflight_bytes;                   /**< Memory of the pages in flight. */
	uint64_t ended_seconds;                    /**< Since page_pool_destroy(), when `ended`. */
	size_t page_size;                          /**< Bytes of a page. */
	uint32_t id;                               /**< page_pool_id(). */
	uint32_t order;                            /**< Of its parameters. */
	uint32_t inflight;                         /**< page_pool_inflight(). */
	uint32_t cached;                           /**< Of these, in the direct cache. */
	uint32_t ring;      /**< Of these, in the recycle ring or taken out of it. */
	uint32_t ring_size; /**< Most of these. */
	int32_t nid;        /**< NUMA node; negative: any. */
	uint32_t owner;     /**< PAGE_POOL_OWNER_*. */
	uint32_t owner_tid; /**< The thread's id when that is PAGE_POOL_OWNER_THREAD, or 0. */
	bool ended;         /**< page_pool_destroy() was called, pages are out. */
};

/** Function that page_pool_walk() calls for each pool; arg: as given. */
typedef void (*page_pool_walk_t)(struct page_pool *pool, void *arg);

/**
 * Number of a pool, for logs and telemetry: unique among the pools of the process, from 1 on, not
 * used again soon. Any thread.
 *
 * @param pool
 *   Pool.
 * @return
 *   Its number.
 */
uint32_t page_pool_id(const struct page_pool *pool);

/**
 * Look at all pools of the process in the order in which they were made, those included for which
 * page_pool_destroy() was called and which wait for their pages. None is made and none ends
 * meanwhile: calls of page_pool_create() and page_pool_destroy() wait.
 *
 * Control path, any thread.
 *
 * @param fn
 *   Called for each pool. It may look at the pool by page_pool_id(), page_pool_get_info(),
 *   page_pool_get_stats(), page_pool_dump(), page_pool_walk_holders() and
 *   page_pool_report_holders(); not create or destroy one, nor walk.
 * @param arg
 *   For the function.
 * @return
 *   Number of pools.
 */
unsigned int page_pool_walk(page_pool_walk_t fn, void *arg);

/**
 * What a pool is and where its pages are: a snapshot, exact at rest.
 *
 * Control path, any thread, while the pool cannot end: before page_pool_destroy(), or out of
 * page_pool_walk().
 *
 * @param pool
 *   Pool.
 * @param info
 *   Where to put it.
 */
void page_pool_get_info(const struct page_pool *pool, struct page_pool_info *info);

/**
 * Write page_pool_get_info() and the counters, for humans. See page_pool_get_info() for who may.
 *
 * @param pool
 *   Pool.
 * @param f
 *   Where to write it.
 */
void page_pool_dump(const struct page_pool *pool, FILE *f);

/**
 * Say who holds a page. The label is the page's, not the reference's: the last one counts. It goes
 * when the page is recycled. A page with a label costs an atomic operation more, and goes back to
 * the direct cache by a call instead of inline; others pay nothing.
 *
 * Any thread that has a reference to the page, or has it in hand (page_pool_unref_netmem()).
 *
 * @param netmem
 *   Handle.
 * @param label
 *   Text; stays as it is until the process ends (a string literal, say). NULL: no label.
 * @return
 *   0, or -EINVAL: 0, or a page that is not out, and nothing happened.
 */
int page_pool_set_holder_netmem(netmem_ref netmem, const char *label);

/**
 * Label of a page. Who may: see page_pool_set_holder_netmem().
 *
 * @param netmem
 *   Handle, not 0.
 * @return
 *   What page_pool_set_holder_netmem() was told last since the page was allocated, or NULL.
 */
const char *page_pool_get_holder_netmem(netmem_ref netmem);

/** A page that is out. */
struct page_pool_held {
	netmem_ref netmem; /**< Its handle, for looking: the callee has no reference. */
	const char *label; /**< page_pool_get_holder_netmem(). */
	/** References that were not returned yet; of a page being cut, those given away. */
	uint64_t refs;
	bool cut;          /**< A page_frag_cache keeps it: refs may be 0. */
	bool cutter_ended; /**< The thread that owned the cache has ended: anybody may drain it. */
	uint32_t cutter_tid; /**< Thread that owns the cache, 0: none does. */
};

/** Function that page_pool_walk_holders() calls for each page that is out; arg: as given. */
typedef void (*page_pool_holder_t)(const struct page_pool_held *held, void *arg);

/**
 * Look at the pages of a pool that are out: somebody has references to them, or a page_frag_cache
 * keeps them. Pages in the direct cache and in the ring are not, nor is one that the pool itself
 * cuts and of which nobody has a piece. A snapshot, exact at rest.
 *
 * Control path: takes time for each page the provider has. Who may: see page_pool_get_info().
 *
 * @param pool
 *   Pool.
 * @param fn
 *   Called for each page, under a lock of the provider's: not to allocate, return or wait.
 * @param arg
 *   For the function.
 * @return
 *   Number of pages, or -ENOTSUP: the provider cannot walk its pages.
 */
int page_pool_walk_holders(struct page_pool *pool, page_pool_holder_t fn, void *arg);

/**
 * Write who holds the pages that are out: a line for each label with the number of pages and
 * references, and the addresses of the first pages. See page_pool_walk_holders() for who may.
 *
 * @param pool
 *   Pool.
 * @param f
 *   Where to write it.
 * @return
 *   See page_pool_walk_holders().
 */
int page_pool_report_holders(struct page_pool *pool, FILE *f);

/**
 * Prove what must hold of pages with the pool: each is this pool's, has no references, and is there
 * once; and no more of them than page_pool_inflight().
 *
 * (consumer) Nobody returns pages meanwhile.
 *
 * @param pool
 *   Pool.
 * @param f
 *   Violations are written here; NULL for none.
 * @return
 *   Number of violations, or -ENOMEM.
 */
int page_pool_check(struct page_pool *pool, FILE *f);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_POOL_H_ */
