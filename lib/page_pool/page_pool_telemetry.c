/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Telemetry: what a pool holds and who holds what, from outside of the process. Commands, which
 * exist as soon as the library is loaded:
 *
 *   /page_pool/list          names of the mempools that are on page_pool
 *   /page_pool/info,NAME     counters and occupancy
 *   /page_pool/slots,NAME    what went through each thread's slot
 *   /page_pool/check,NAME    violations of the conservation law, 0 at rest when all is well
 *
 * They run in telemetry's own thread and only read. Mempools are looked up under the lock of
 * DPDK's own list, so that none ends meanwhile.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_mempool.h>
#include <rte_telemetry.h>

#include "page_pool_mempool.h"

/* telemetry takes no arrays longer than this */
#define SLOTS_SHOWN 64

struct walk {
	const char *name; /* the pool to act on; NULL: all */
	struct rte_tel_data *d;
	void (*act)(struct frag_pool *fp, struct rte_tel_data *d);
	int found;
};

static void
walk_mempool(struct rte_mempool *mp, void *arg)
{
	struct frag_pool *fp = page_pool_from_mempool(mp);
	struct walk *w = arg;

	if (fp == NULL || (w->name != NULL && strcmp(w->name, mp->name) != 0))
		return;
	w->found++;
	if (w->act != NULL)
		w->act(fp, w->d);
	else
		rte_tel_data_add_array_string(w->d, mp->name);
}

static int
for_pool(const char *name, struct rte_tel_data *d,
		void (*act)(struct frag_pool *fp, struct rte_tel_data *d))
{
	struct walk w = { .name = name, .d = d, .act = act };

	if (name == NULL || name[0] == '\0')
		return -EINVAL;
	rte_mempool_walk(walk_mempool, &w);
	return w.found != 0 ? 0 : -ENOENT;
}

static int
handle_list(const char *cmd __rte_unused, const char *params __rte_unused, struct rte_tel_data *d)
{
	struct walk w = { .d = d };

	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	rte_mempool_walk(walk_mempool, &w);
	return 0;
}

static void
act_info(struct frag_pool *fp, struct rte_tel_data *d)
{
	struct frag_pool_stats st;

	frag_pool_get_stats(fp, &st);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "mode",
			(st.flags & FRAG_POOL_F_STRICT) != 0 ? "strict" : "default");
#define ADD(name) rte_tel_data_add_dict_u64(d, #name, st.name)
	ADD(size);
	ADD(populated);
	ADD(count);
	ADD(in_flight);
	ADD(lost);
	ADD(cached);
	ADD(pages);
	ADD(whole_pages);
	ADD(fresh_pages);
	ADD(chunks);
	ADD(frags_per_page);
	ADD(cache_size);
	ADD(slots);
	ADD(pressure);
	ADD(gets);
	ADD(puts);
	ADD(get_fails);
	ADD(refused);
	ADD(corrupt);
	ADD(alloc_fast);
	ADD(alloc_refill);
	ADD(alloc_slow);
	ADD(alloc_empty);
	ADD(alloc_steal);
	ADD(recycle_cached);
	ADD(recycle_cache_full);
	ADD(recycle_ring);
	ADD(frag_opened);
	ADD(frag_flushed);
	ADD(flush_runs);
	ADD(batches_sent);
	ADD(batches_taken);
	ADD(reclaims);
	ADD(robbed);
	ADD(detours);
	ADD(takeovers);
#undef ADD
}

static void
act_slots(struct frag_pool *fp, struct rte_tel_data *d)
{
	struct frag_pool_slot_info info[SLOTS_SHOWN];
	char key[32], text[128];
	unsigned int i, n = frag_pool_get_slots(fp, info, RTE_DIM(info));

	rte_tel_data_start_dict(d);
	for (i = 0; i < RTE_MIN(n, (unsigned int)RTE_DIM(info)); i++) {
		if (info[i].pid == 0 && info[i].gets == 0 && info[i].puts == 0)
			continue;
		snprintf(key, sizeof(key), "slot%u", info[i].id);
		snprintf(text, sizeof(text),
				"pid=%u tid=%u %s gets=%" PRIu64 " puts=%" PRIu64 " cached=%u",
				info[i].pid, info[i].tid,
				info[i].pid == 0              ? "shared" :
						info[i].alive ? info[i].thread :
								"gone",
				info[i].gets, info[i].puts, info[i].cached);
		rte_tel_data_add_dict_string(d, key, text);
	}
}

static void
act_check(struct frag_pool *fp, struct rte_tel_data *d)
{
	int violations = frag_pool_check(fp, NULL);

	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_int(d, "violations", violations);
}

static int
handle_info(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_pool(params, d, act_info);
}

static int
handle_slots(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_pool(params, d, act_slots);
}

static int
handle_check(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_pool(params, d, act_check);
}

RTE_INIT(page_pool_telemetry_init)
{
	rte_telemetry_register_cmd("/page_pool/list", handle_list,
			"Returns the names of the mempools on page_pool. Takes no parameters");
	rte_telemetry_register_cmd("/page_pool/info", handle_info,
			"Returns counters and occupancy of a pool. Parameters: mempool name");
	rte_telemetry_register_cmd("/page_pool/slots", handle_slots,
			"Returns who took and gave how much. Parameters: mempool name");
	rte_telemetry_register_cmd("/page_pool/check", handle_check,
			"Walks a pool at rest and returns the number of violations. "
			"Parameters: mempool name");
}
