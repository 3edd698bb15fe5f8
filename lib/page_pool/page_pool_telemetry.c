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
 * and for the library's own pools, whose names need not be unique, after the kernel's netlink
 * operations page-pool-get and page-pool-stats-get:
 *
 *   /page_pool/ids           numbers of the process's pools
 *   /page_pool/get,ID        what a pool is and where its pages are
 *   /page_pool/stats_get,ID  its counters
 *   /page_pool/holders,ID    who holds its pages that are out
 *
 * They run in telemetry's own thread and only read. Mempools are looked up under the lock of
 * DPDK's own list, pools under ours, so that none ends meanwhile.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_mempool.h>
#include <rte_telemetry.h>

#include "page_pool_mempool.h"
#include "page_pool_private.h"

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

/* ---- the library's own pools */

struct own_walk {
	uint32_t id; /* the pool to act on */
	struct rte_tel_data *d;
	void (*act)(struct page_pool *pool, struct rte_tel_data *d);
	int rc;
};

static void
walk_own(struct page_pool *pool, void *arg)
{
	struct own_walk *w = arg;

	if (page_pool_id(pool) != w->id)
		return;
	w->act(pool, w->d);
	w->rc = 0;
}

static int
for_own(const char *id, struct rte_tel_data *d,
		void (*act)(struct page_pool *pool, struct rte_tel_data *d))
{
	struct own_walk w = { .d = d, .act = act, .rc = -ENOENT };
	unsigned long long n;
	char *end;

	if (id == NULL || id[0] < '0' || id[0] > '9')
		return -EINVAL;
	n = strtoull(id, &end, 10);
	if (*end != '\0')
		return -EINVAL;
	if (n > UINT32_MAX)
		return -ENOENT;
	w.id = (uint32_t)n;
	page_pool_walk(walk_own, &w);
	return w.rc;
}

static void
walk_ids(struct page_pool *pool, void *arg)
{
	/* what the array has no room for is not shown */
	rte_tel_data_add_array_u64(arg, page_pool_id(pool));
}

static int
handle_ids(const char *cmd __rte_unused, const char *params __rte_unused, struct rte_tel_data *d)
{
	rte_tel_data_start_array(d, RTE_TEL_U64_VAL);
	page_pool_walk(walk_ids, d);
	return 0;
}

static void
own_get(struct page_pool *pool, struct rte_tel_data *d)
{
	struct page_pool_info i;
	char owner[32] = "none";

	page_pool_get_info(pool, &i);
	if (i.owner >= PAGE_POOL_OWNER_LCORE(0))
		snprintf(owner, sizeof(owner), "lcore %u", i.owner - PAGE_POOL_OWNER_LCORE(0));
	else if (i.owner == PAGE_POOL_OWNER_THREAD)
		snprintf(owner, sizeof(owner), "thread %u", i.owner_tid);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "id", i.id);
	rte_tel_data_add_dict_string(d, "name", i.name);
	rte_tel_data_add_dict_u64(d, "inflight", i.inflight);
	rte_tel_data_add_dict_u64(d, "inflight_mem", i.inflight_bytes);
	/* as in the kernel, once the pool was ended only */
	if (i.ended)
		rte_tel_data_add_dict_u64(d, "ended_seconds", i.ended_seconds);
	rte_tel_data_add_dict_string(d, "owner", owner);
	rte_tel_data_add_dict_int(d, "nid", i.nid);
	rte_tel_data_add_dict_u64(d, "order", i.order);
	rte_tel_data_add_dict_u64(d, "page_size", i.page_size);
	rte_tel_data_add_dict_u64(d, "cached", i.cached);
	rte_tel_data_add_dict_u64(d, "ring", i.ring);
	rte_tel_data_add_dict_u64(d, "ring_size", i.ring_size);
	rte_tel_data_add_dict_string(d, "provider", i.provider);
	rte_tel_data_add_dict_u64(d, "provider_pages", i.provider_info.pages);
	rte_tel_data_add_dict_u64(d, "provider_free_pages", i.provider_info.free_pages);
	rte_tel_data_add_dict_u64(d, "provider_bytes", i.provider_info.bytes);
}

static void
own_stats_get(struct page_pool *pool, struct rte_tel_data *d)
{
	struct page_pool_stats st;

	page_pool_get_stats(pool, &st);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "id", page_pool_id(pool));
#define ADD(what, name) rte_tel_data_add_dict_u64(d, #what "_" #name, st.name)
	ADD(alloc, fast);
	ADD(alloc, slow);
	ADD(alloc, slow_high_order);
	ADD(alloc, empty);
	ADD(alloc, refill);
	ADD(alloc, waive);
	ADD(recycle, cached);
	ADD(recycle, cache_full);
	ADD(recycle, ring);
	ADD(recycle, ring_full);
	ADD(recycle, released_refcnt);
#undef ADD
	rte_tel_data_add_dict_u64(d, "refused", st.refused);
}

static void
add_held(struct rte_tel_data *d, const char *key, const char *label, const struct held_by *by)
{
	char text[RTE_TEL_MAX_STRING_LEN];

	snprintf(text, sizeof(text),
			"%" PRIu64 " pages, %" PRIu64 " references, first at %p: %.48s", by->pages,
			by->refs, by->first[0], label);
	rte_tel_data_add_dict_string(d, key, text);
}

static void
own_holders(struct page_pool *pool, struct rte_tel_data *d)
{
	struct held_sum sum;
	int n = page_pool_sum_holders(pool, &sum);
	char key[32], name[HELD_NAMESIZE];
	uint32_t i;

	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "id", page_pool_id(pool));
	/* negative: the provider cannot tell */
	rte_tel_data_add_dict_int(d, "pages", n);
	for (i = 0; i < sum.nr; i++) {
		snprintf(key, sizeof(key), "holder%u", i);
		add_held(d, key, page_pool_held_name(&sum.by[i], name), &sum.by[i]);
	}
	if (sum.others.pages > 0)
		add_held(d, "others", "(other labels)", &sum.others);
}

static int
handle_get(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_own(params, d, own_get);
}

static int
handle_stats_get(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_own(params, d, own_stats_get);
}

static int
handle_holders(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	return for_own(params, d, own_holders);
}

RTE_INIT(page_pool_telemetry_init)
{
	rte_telemetry_register_cmd("/page_pool/ids", handle_ids,
			"Returns the numbers of the library's pools. Takes no parameters");
	rte_telemetry_register_cmd("/page_pool/get", handle_get,
			"Returns what a pool of the library is and has. Parameters: its number");
	rte_telemetry_register_cmd("/page_pool/stats_get", handle_stats_get,
			"Returns the counters of a pool of the library. Parameters: its number");
	rte_telemetry_register_cmd("/page_pool/holders", handle_holders,
			"Returns who holds pages of a pool of the library. Parameters: its number");
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
