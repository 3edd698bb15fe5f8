/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_MBUF_PRIVATE_H_
#define _PAGE_POOL_MBUF_PRIVATE_H_

/*
 * What the files about mbufs share: page_pool_mbuf.c (attached), page_pool_mbuf_pool.c (pinned)
 * and page_pool_split.c.
 */

#include "page_pool_mbuf.h"

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
