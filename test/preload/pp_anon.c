/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: pools populated from anonymous memory get the ops of --mbuf-pool-ops-name.
 *
 * dpdk-testpmd --mp-alloc=anon makes an empty pool and populates it without setting ops, so the
 * option does not reach it and the pool has the ops of index 0, whichever these are. Only such
 * pools are changed here; pp_allops changes all.
 */

#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "pp_preload.h"

int
rte_mempool_populate_anon(struct rte_mempool *mp)
{
	static __typeof__(&rte_mempool_populate_anon) next;
	int ret;

	if (next == NULL)
		next = pp_next("rte_mempool_populate_anon");

	if ((mp->flags & RTE_MEMPOOL_F_POOL_CREATED) == 0) {
		const char *name = rte_mbuf_best_mempool_ops();

		ret = rte_mempool_set_ops_byname(mp, name, NULL);
		if (ret != 0) {
			fprintf(stderr, "pp_anon: no mempool ops are called %s\n", name);
			rte_errno = -ret;
			return 0; /* as the library: no object added */
		}
	}
	return next(mp);
}
