/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * From a mempool to the pool behind it, for programs, tests and telemetry.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mempool.h>

#include "page_pool.h"

struct frag_pool *
page_pool_from_mempool(const struct rte_mempool *mp)
{
	struct frag_pool *fp;
	int rc;

	if (mp == NULL || (mp->flags & RTE_MEMPOOL_F_POOL_CREATED) == 0) {
		rte_errno = EINVAL;
		return NULL;
	}
	fp = mp->pool_data;
	/* pool_data of other drivers can be a number: nothing below the first page is a pool */
	if ((uintptr_t)fp < 4096 || (uintptr_t)fp % RTE_CACHE_LINE_MIN_SIZE != 0)
		rc = -EINVAL;
	else
		rc = frag_pool_validate(fp);
	if (rc == 0 &&
			(mp->ops_index < 0 || mp->ops_index >= RTE_MEMPOOL_MAX_OPS_IDX ||
					strcmp(rte_mempool_get_ops(mp->ops_index)->name,
							PAGE_POOL_OPS_NAME) != 0))
		rc = -ENOEXEC;
	if (rc != 0) {
		rte_errno = -rc;
		return NULL;
	}
	return fp;
}

int
page_pool_check(const struct rte_mempool *mp, FILE *f)
{
	struct frag_pool *fp = page_pool_from_mempool(mp);

	return fp == NULL ? -rte_errno : frag_pool_check(fp, f);
}
