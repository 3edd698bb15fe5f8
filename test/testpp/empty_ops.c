/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Mempool ops test_empty: pools have all their mbufs, and nobody gets one. Whoever forwards
 * packets all the same has them from another pool.
 */

#include <errno.h>

#include <rte_mempool.h>

static int
empty_alloc(struct rte_mempool *mp __rte_unused)
{
	return 0;
}

static void
empty_free(struct rte_mempool *mp __rte_unused)
{
}

static int
empty_enqueue(struct rte_mempool *mp __rte_unused, void *const *objs __rte_unused,
		unsigned int n __rte_unused)
{
	return 0;
}

static int
empty_dequeue(struct rte_mempool *mp __rte_unused, void **objs __rte_unused,
		unsigned int n __rte_unused)
{
	return -ENOBUFS;
}

static unsigned int
empty_count(const struct rte_mempool *mp)
{
	return mp->populated_size;
}

static const struct rte_mempool_ops ops_empty = {
	.name = "test_empty",
	.alloc = empty_alloc,
	.free = empty_free,
	.enqueue = empty_enqueue,
	.dequeue = empty_dequeue,
	.get_count = empty_count,
};

RTE_MEMPOOL_REGISTER_OPS(ops_empty);
