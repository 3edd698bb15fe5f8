/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: pools of mbufs that a program pins to memory of its own, with
 * rte_pktmbuf_pool_create_extbuf(), are pinned to fragments of a page_pool instead
 * (page_pool_mbuf_pool_create()). Each prints a line to standard error, "pp_pinned: NAME", so that
 * a runner can prove that there was one.
 *
 * The program frees such a pool like any other, and the fragments stay until it ends: DPDK's
 * mbuf_autotest leaves two mbufs of its pool out, so that it could not be unpinned.
 */

#include <rte_errno.h>
#include <rte_mempool.h>

#include <page_pool_mbuf.h>

#include "pp_preload.h"

struct rte_mempool *
rte_pktmbuf_pool_create_extbuf(const char *name, unsigned int n, unsigned int cache_size,
		uint16_t priv_size, uint16_t data_room_size, int socket_id,
		const struct rte_pktmbuf_extmem *ext_mem, unsigned int ext_num)
{
	struct page_pool_params pages = { .name = name, .order = 5, .nid = -1 };
	struct page_pool_mbuf_pool_params params = {
		.name = name,
		.n = n,
		.cache_size = cache_size,
		.priv_size = priv_size,
		.data_room_size = data_room_size,
		.socket_id = socket_id,
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};
	struct rte_mempool *mp;

	/* the program's memory stays unused */
	(void)ext_mem;
	(void)ext_num;
	params.pool = page_pool_create(&pages);
	if (params.pool == NULL)
		return NULL;
	mp = page_pool_mbuf_pool_create(&params);
	if (mp == NULL)
		page_pool_destroy(params.pool);
	else
		fprintf(stderr, "pp_pinned: %s\n", name);
	return mp;
}
