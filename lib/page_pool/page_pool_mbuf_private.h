/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_MBUF_PRIVATE_H_
#define _PAGE_POOL_MBUF_PRIVATE_H_

/*
 * What the files about mbufs share: page_pool_mbuf.c (attached), page_pool_mbuf_pool.c (pinned)
 * and page_pool_split.c.
 */

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>

#include "page_pool_mbuf.h"

/* Whether mbufs have a field for the address that devices use (RTE_IOVA_AS_PA before DPDK 23.03).
 * Without it that is the virtual one.
 */
#if defined(RTE_IOVA_IN_MBUF)
#define MBUF_HAS_IOVA RTE_IOVA_IN_MBUF
#elif defined(RTE_IOVA_AS_PA)
#define MBUF_HAS_IOVA RTE_IOVA_AS_PA
#else
#define MBUF_HAS_IOVA 0
#endif

/* What all of ours have as shared information. */
struct mbuf_shared {
	union {
		/* holders count in it, atomically; the rest is the allocator's: rw, others: ro */
		struct rte_mbuf_ext_shared_info info;
		struct {
			uint8_t dpdk[20];
			/* of the process that allocated. allocator: rw, others: ro */
			uint32_t process;
		};
	};
};

static_assert(sizeof(struct mbuf_shared) == sizeof(struct rte_mbuf_ext_shared_info),
		"our number lies in padding");
static_assert(offsetof(struct rte_mbuf_ext_shared_info,
			      refcnt) + sizeof(((struct rte_mbuf_ext_shared_info *)0)->refcnt) <=
				20,
		"our number lies behind DPDK's fields");

/* Number of this process, 0: it has allocated none. */
extern uint32_t page_pool_mbuf_process;

/* Let the process have a number. Control path, before its first allocation. */
void page_pool_mbuf_process_init(void);

static inline void
mbuf_shared_init(struct mbuf_shared *shared, rte_mbuf_extbuf_free_callback_t free_cb, void *opaque)
{
	shared->info.free_cb = free_cb;
	shared->info.fcb_opaque = opaque;
	rte_mbuf_ext_refcnt_set(&shared->info, 1);
	shared->process = page_pool_mbuf_process;
}

/* Whether this process has allocated it; one of ours. */
static inline bool
mbuf_shared_is_ours(const struct rte_mbuf_ext_shared_info *shinfo)
{
	return ((const struct mbuf_shared *)shinfo)->process == page_pool_mbuf_process;
}

/* A count was found to be 1: what others did who gave references up is seen, and done. */
static inline void
mbuf_refs_acquire(void)
{
	/* As REF.A, of DPDK's counts: rte_mbuf_refcnt_update() and rte_mbuf_ext_refcnt_update(),
	 * with which they did that, release; the look at the count (rte_mbuf_refcnt_read()) has no
	 * ordering of its own.
	 */
	atomic_thread_fence(memory_order_acquire);
}

/* Whether devices reach a page by what mbufs say. */
static inline bool
mbuf_reached(const struct netmem_desc *desc)
{
	return MBUF_HAS_IOVA ? desc->dma_addr != RTE_BAD_IOVA :
			       desc->dma_addr == (uintptr_t)desc->addr;
}

/* First mbuf of a pool, NULL: it has none. */
struct rte_mbuf *page_pool_mbuf_first(const struct rte_mempool *mp);

/* Whether a mempool has mbufs without buffers. */
bool page_pool_mbuf_bare(struct rte_mempool *mp);

/* DPDK's callback for pinned buffers; its argument is the mbuf. */
void page_pool_mbuf_pinned_free(void *addr, void *opaque);

/* The flag that all mbufs of a pool have: RTE_MBUF_F_EXTERNAL if they are pinned to buffers, or 0.
 * */
static inline uint64_t
page_pool_mbuf_external(struct rte_mempool *mp)
{
	return (rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0 ?
			RTE_MBUF_F_EXTERNAL :
			0;
}

/* Page of a pinned buffer, 0: the shared information is not that of one, or not this process's. */
netmem_ref page_pool_mbuf_pinned_netmem(const struct rte_mbuf_ext_shared_info *shinfo);

/* Whether a pool's mbufs are pinned to memory that the CPU may not read. */
bool page_pool_mbuf_pool_unreadable(struct rte_mempool *mp);

#endif /* _PAGE_POOL_MBUF_PRIVATE_H_ */
