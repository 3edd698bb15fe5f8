/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * rte_mempool's way to the pool behind a mempool: the two callbacks that packets are on, and what
 * programs, tests and telemetry ask. The rest of the driver is in drivers/mempool/page_pool.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mempool.h>

#include "frag_pool_fast.h"
#include "page_pool_mempool.h"
#include "pp_log.h"

/* Reached with a pool that is not ours, through an ops_index that means another driver where the
 * pool was made (see page_pool_from_mempool()).
 */
__rte_cold int
page_pool_mempool_refuse(const struct rte_mempool *mp)
{
	static unsigned int told;
	int rc = frag_pool_validate(mp->pool_data);

	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) == 0)
		PP_LOG(ERR,
				"mempool %s is %s: load the same drivers, of the same version, in "
				"the same order in all processes",
				mp->name,
				rc == -EPROTO ? "of another version of page_pool" : "no page_pool");
	return rc != 0 ? rc : -EINVAL;
}

/* In strict mode, or not the pool that the thread used last: is it one at all? */
static __rte_noinline int
mempool_dequeue_other(struct rte_mempool *mp, void **obj_table, unsigned int n)
{
	struct frag_slot *s = slot_last_strict(mp->pool_data);

	if (s != NULL)
		return frag_get_strict(mp->pool_data, s, obj_table, n);
	if (unlikely(frag_pool_validate(mp->pool_data) != 0))
		return page_pool_mempool_refuse(mp);
	return frag_get_other(mp->pool_data, obj_table, n);
}

static __rte_noinline int
mempool_enqueue_other(struct rte_mempool *mp, void *const *obj_table, unsigned int n,
		const void *caller)
{
	struct frag_slot *s = slot_last_strict(mp->pool_data);

	if (s != NULL)
		return frag_put_strict(mp->pool_data, s, obj_table, n, caller);
	if (unlikely(frag_pool_validate(mp->pool_data) != 0))
		return page_pool_mempool_refuse(mp);
	return frag_put_other(mp->pool_data, obj_table, n, caller);
}

int
page_pool_mempool_dequeue(struct rte_mempool *mp, void **obj_table, unsigned int n)
{
	struct frag_pool *fp = mp->pool_data;
	struct frag_slot *s = slot_last(fp);

	if (unlikely(s == NULL))
		return mempool_dequeue_other(mp, obj_table, n);
	return frag_get(fp, s, obj_table, n);
}

int
page_pool_mempool_enqueue(struct rte_mempool *mp, void *const *obj_table, unsigned int n)
{
	struct frag_pool *fp = mp->pool_data;
	struct frag_slot *s = slot_last(fp);

	if (unlikely(s == NULL))
		return mempool_enqueue_other(mp, obj_table, n, __builtin_return_address(0));
	return frag_put(fp, s, obj_table, n, __builtin_return_address(0));
}

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
	/* POOL.A: pairs with POOL.R */
	atomic_thread_fence(memory_order_acquire);
	/* pool_data of other drivers can be a number: nothing below the first page is a pool */
	if ((uintptr_t)fp < FRAG_POOL_LOWEST || (uintptr_t)fp % RTE_CACHE_LINE_MIN_SIZE != 0)
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
page_pool_mempool_check(const struct rte_mempool *mp, FILE *f)
{
	struct frag_pool *fp = page_pool_from_mempool(mp);

	return fp == NULL ? -rte_errno : frag_pool_check(fp, f);
}
