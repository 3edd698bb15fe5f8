/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: fills EAL's table of mempool ops, so that a driver loaded later finds no free slot.
 * PP_SLOTS_LEFT (default 0) of its 16 entries stay free.
 *
 * A driver that the program is linked to or that is loaded with -d registers from a constructor.
 * Ours runs before those of -d and of EAL's plugin directory, which rte_eal_init() loads, and
 * after librte_mempool's own, because we are linked to it. Against drivers that the program is
 * linked to the order is open, which does not matter: what they did not take yet, we do.
 *
 * The ring driver goes first. rte_mempool_create_empty() of many DPDK releases sets a ring and
 * fails without one, so that no program would come as far as asking for another driver.
 */

#include <errno.h>

#include <rte_mempool.h>

#include "pp_preload.h"

static int
filler_alloc(struct rte_mempool *mp __rte_unused)
{
	return -ENOTSUP;
}

static void
filler_free(struct rte_mempool *mp __rte_unused)
{
}

static int
filler_enqueue(struct rte_mempool *mp __rte_unused, void *const *obj __rte_unused,
		unsigned int n __rte_unused)
{
	return -ENOTSUP;
}

static int
filler_dequeue(struct rte_mempool *mp __rte_unused, void **obj __rte_unused,
		unsigned int n __rte_unused)
{
	return -ENOTSUP;
}

static unsigned int
filler_get_count(const struct rte_mempool *mp __rte_unused)
{
	return 0;
}

static void __attribute__((constructor)) fill_slots(void)
{
	struct rte_mempool_ops ops = {
		.alloc = filler_alloc,
		.free = filler_free,
		.enqueue = filler_enqueue,
		.dequeue = filler_dequeue,
		.get_count = filler_get_count,
	};
	const char *env = getenv("PP_SLOTS_LEFT");
	unsigned int left = env == NULL ? 0 : strtoul(env, NULL, 10);
	unsigned int i;

	if (dlopen("librte_mempool_ring.so", RTLD_NOW | RTLD_GLOBAL) == NULL)
		fprintf(stderr, "pp_slots: %s\n", dlerror());

	for (i = 0; rte_mempool_ops_table.num_ops + left < RTE_MEMPOOL_MAX_OPS_IDX; i++) {
		snprintf(ops.name, sizeof(ops.name), "pp_slot_%u", i);
		if (rte_mempool_register_ops(&ops) < 0) {
			fprintf(stderr, "pp_slots: cannot register %s\n", ops.name);
			abort();
		}
	}
}
