/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: the device. Pages are mapped when they come from the provider and unmapped when they
 * go back there, so that neither costs anything while they are recycled.
 *
 * What is mapped. EAL maps all memory of its heaps for all devices that need it, in hugepages, as
 * long as it has it. To map a part of it once more is at best nothing: VFIO's answer to the second
 * mapping is that there is one, and EAL takes that for success; to unmap the part would then unmap
 * the hugepage. Buses without an IOMMU of ours, and devices without a bus driver, say ENOTSUP. So
 * only memory is mapped that EAL does not map itself: external memory that is none of its heaps.
 * That has to be registered with EAL first, which rte_dev_dma_map() checks; who owns the memory
 * does it, a region at a time, since EAL has few memseg lists and each registration takes one.
 * A net_iov's memory was mapped when it was bound to the device.
 *
 * When the pool ends, pages that are out are unmapped where they are, and the device can go. Each
 * page says whether it has to be unmapped; the pool's lock settles who does it. Under the lock,
 * since whoever comes second must not go on before the first is done: the destroyer to take the
 * device away, a late return to give the memory up.
 */

#include <errno.h>
#include <inttypes.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "page_pool_private.h"
#include "pp_log.h"

/* netmem_desc.dma_state: who has the page in hand sets the first two; under the lock otherwise. */
enum {
	DMA_NOT_OURS, /* with the provider, or not to be mapped by us */
	DMA_MAPPED,
	DMA_UNMAPPED, /* since the pool ended */
};

int
page_pool_dma_check(const struct page_pool_params *p)
{
	if ((p->flags & ~(uint32_t)(PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV | PP_FLAG_STRICT)) != 0)
		return EINVAL;
	if ((p->flags & PP_FLAG_DMA_MAP) != 0 &&
			(p->dev == NULL ||
					(p->dma_dir != PAGE_POOL_DMA_FROM_DEVICE &&
							p->dma_dir != PAGE_POOL_DMA_BIDIRECTIONAL)))
		return EINVAL;
	if ((p->flags & PP_FLAG_DMA_SYNC_DEV) == 0)
		return 0;
	if ((p->flags & PP_FLAG_DMA_MAP) == 0)
		return EINVAL;
	/* an order that is too large has its own error */
	if (p->max_len == 0 ||
			(uint64_t)p->offset + p->max_len >
					(uint64_t)PAGE_POOL_PAGE_SIZE << RTE_MIN(p->order,
							PAGE_POOL_ORDER_MAX + 1u))
		return EINVAL;
	return 0;
}

void
page_pool_dma_init(struct page_pool *pool, const struct page_pool_params *p)
{
	rte_spinlock_init(&pool->dma_lock);
	pool->dma_dir = p->dma_dir;
	pool->dma_offset = p->offset;
	pool->dma_max_len = p->max_len;
	pool->dma_map = (p->flags & PP_FLAG_DMA_MAP) != 0;
	pool->dma_dev = pool->dma_map ? p->dev : NULL;
	/* coherent memory is not even marked: its pages take the shortest way */
	atomic_store_explicit(&pool->dma_sync,
			(p->flags & PP_FLAG_DMA_SYNC_DEV) != 0 &&
					page_pool_mp_ops(pool)->sync_for_device != NULL,
			memory_order_relaxed);
}

/* ---- mapping */

/* Whether EAL maps the memory itself. */
static bool
eal_maps(const void *addr)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);

	return msl != NULL && (!msl->external || msl->heap);
}

static bool
dma_map_page(struct page_pool *pool, netmem_ref netmem)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	int error = EFAULT;

	if (netmem_is_net_iov(netmem) || eal_maps(desc->addr))
		return true;
	if (likely(desc->dma_addr != RTE_BAD_IOVA)) {
		if (likely(rte_dev_dma_map(pool->dma_dev, desc->addr, desc->dma_addr,
					   page_pool_page_size(pool)) == 0)) {
			desc->dma_state = DMA_MAPPED;
			return true;
		}
		error = rte_errno;
	}
	PP_LOG_LIMITED(ERR, "page pool %s: page at %p, IO address %#" PRIx64 ": not mapped: %s",
			pool->name, desc->addr, desc->dma_addr, rte_strerror(error));
	return false;
}

static void
dma_failed(netmem_ref netmem, struct netmem_desc **failed, uint32_t *nr_failed)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	__atomic_store_n(&desc->pp_ref_count, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->next, *failed, __ATOMIC_RELAXED);
	*failed = desc;
	(*nr_failed)++;
}

netmem_ref
page_pool_dma_map_new(struct page_pool *pool, netmem_ref netmem, struct netmem_desc **failed,
		uint32_t *nr_failed)
{
	struct page_pool_direct *d = &pool->direct;
	uint32_t i, n = 0, len = d->len;
	netmem_ref next;

	if (unlikely(!dma_map_page(pool, netmem))) {
		dma_failed(netmem, failed, nr_failed);
		netmem = 0;
	}
	for (i = 0; i < len; i++) {
		next = d->netmem[i];
		if (likely(dma_map_page(pool, next)))
			d->netmem[n++] = next;
		else
			dma_failed(next, failed, nr_failed);
	}
	if (unlikely(netmem == 0 && n > 0)) {
		netmem = d->netmem[--n];
		__atomic_store_n(&netmem_to_nmdesc(netmem)->pp_ref_count, 1, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&d->len, n, __ATOMIC_RELAXED);
	return netmem;
}

/* pre: holds the lock. */
static void
dma_unmap_page(struct page_pool *pool, struct netmem_desc *desc)
{
	if (rte_dev_dma_unmap(pool->dma_dev, desc->addr, desc->dma_addr,
			    page_pool_page_size(pool)) != 0)
		PP_LOG_LIMITED(ERR,
				"page pool %s: page at %p, IO address %#" PRIx64
				": not unmapped: %s",
				pool->name, desc->addr, desc->dma_addr, rte_strerror(rte_errno));
}

void
page_pool_dma_unmap(struct page_pool *pool, struct netmem_desc *desc)
{
	/* relaxed: that it is not ours does not change while the page is the pool's */
	if (__atomic_load_n(&desc->dma_state, __ATOMIC_RELAXED) == DMA_NOT_OURS)
		return;
	rte_spinlock_lock(&pool->dma_lock);
	if (desc->dma_state == DMA_MAPPED)
		dma_unmap_page(pool, desc);
	__atomic_store_n(&desc->dma_state, DMA_NOT_OURS, __ATOMIC_RELAXED);
	rte_spinlock_unlock(&pool->dma_lock);
}

/* A page of the provider's, in whatever hands. */
static void
dma_end_page(netmem_ref netmem, void *arg)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	struct page_pool *pool = arg;

	/* the lock first: what a late return has unmapped is done when this is over */
	rte_spinlock_lock(&pool->dma_lock);
	/* relaxed: while the provider shows it to us no other pool gets it; see walk */
	if (__atomic_load_n(&desc->pp, __ATOMIC_RELAXED) == pool && desc->dma_state == DMA_MAPPED) {
		dma_unmap_page(pool, desc);
		__atomic_store_n(&desc->dma_state, DMA_UNMAPPED, __ATOMIC_RELAXED);
	}
	rte_spinlock_unlock(&pool->dma_lock);
}

void
page_pool_dma_end(struct page_pool *pool)
{
	/* relaxed: who has seen it before may be in the hook still, as the hook is told */
	atomic_store_explicit(&pool->dma_sync, false, memory_order_relaxed);
	if (pool->dma_map && page_pool_inflight(pool) > 0)
		page_pool_mp_ops(pool)->walk(pool, dma_end_page, pool);
}

/* ---- who may read and write */

void
page_pool_dma_sync_for_device(struct page_pool *pool, struct netmem_desc *desc, uint32_t size)
{
	size = RTE_MIN(size, pool->dma_max_len);
	/* relaxed: see page_pool_dma_end() */
	if (size > 0 && atomic_load_explicit(&pool->dma_sync, memory_order_relaxed))
		page_pool_mp_ops(pool)->sync_for_device(pool, nmdesc_to_netmem(desc),
				pool->dma_offset, size);
}

void
page_pool_dma_sync_netmem_for_cpu(struct page_pool *pool, netmem_ref netmem, uint32_t offset,
		uint32_t size)
{
	const struct memory_provider_ops *ops = page_pool_mp_ops(pool);

	if (ops->sync_for_cpu != NULL && size > 0)
		ops->sync_for_cpu(pool, netmem, pool->dma_offset + offset, size);
}

enum page_pool_dma_dir
page_pool_get_dma_dir(const struct page_pool *pool)
{
	return pool->dma_dir;
}
