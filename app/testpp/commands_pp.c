/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * What testpmd does not have: views of the pools, and of queues that split. `show page_pool
 * all|split|NAME`, `clear page_pool`, `page_pool check`.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_string.h>
#include <rte_mempool.h>

#include <frag_pool.h>
#include <page_pool.h>
#include <page_pool_mempool.h>

#include "testpp.h"

#define SLOTS_SHOWN 1024
#define CLEARED_MAX 64

/* Counters of a pool when they were cleared: the pool's own go on. */
struct cleared {
	char name[RTE_MEMPOOL_NAMESIZE];
	struct frag_pool_stats stats;
};

static struct cleared cleared[CLEARED_MAX];
static unsigned int nr_cleared;

static const struct frag_pool_stats none;

static const struct frag_pool_stats *
cleared_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_cleared; i++)
		if (strcmp(cleared[i].name, name) == 0)
			return &cleared[i].stats;
	return &none;
}

static void
show_owners(const struct frag_pool *fp)
{
	static struct frag_pool_slot_info info[SLOTS_SHOWN];
	unsigned int i, n = frag_pool_get_slots(fp, info, SLOTS_SHOWN);

	for (i = 0; i < RTE_MIN(n, (unsigned int)SLOTS_SHOWN); i++) {
		if (info[i].gets == 0 && info[i].puts == 0)
			continue;
		printf("  owner %s%s (pid %u, tid %u): taken %" PRIu64 ", returned %" PRIu64
		       ", difference %" PRId64 ", cached %u\n",
				info[i].thread[0] != '\0' ? info[i].thread : "-",
				info[i].pid == 0 || info[i].alive ? "" : ", gone", info[i].pid,
				info[i].tid, info[i].gets, info[i].puts,
				(int64_t)(info[i].gets - info[i].puts), info[i].cached);
	}
	if (n > SLOTS_SHOWN)
		printf("  and %u more\n", n - SLOTS_SHOWN);
}

/* One pool of the driver. */
static void
show_frag_pool(const struct rte_mempool *mp, const struct frag_pool *fp)
{
	const struct frag_pool_stats *was = cleared_find(mp->name);
	uint32_t cached = rte_mempool_avail_count(mp);
	struct frag_pool_stats s;
	uint64_t page_bytes;

	frag_pool_get_stats(fp, &s);
	/* another pool had the name then */
	if (s.gets < was->gets || s.puts < was->puts)
		was = &none;
	page_bytes = (uint64_t)s.frags_per_page *
			(mp->header_size + mp->elt_size + mp->trailer_size);
	cached = cached > s.count ? cached - s.count : 0;
	printf("\n  ######################## page_pool %s ########################\n", mp->name);
	printf("  mode: %s, frags of a page: %u, frags of a slot's cache: %u\n",
			(s.flags & FRAG_POOL_F_STRICT) != 0 ? "strict" : "default",
			s.frags_per_page, s.cache_size);
	printf("  frags: %u, free: %u, in flight: %u, in mempool caches: %u, lost: %u\n",
			s.populated, s.count, s.in_flight - RTE_MIN(cached, s.in_flight), cached,
			s.lost);
	printf("  pages: %u, fresh: %u, whole: %u, in use: %u, chunks: %u\n", s.pages,
			s.fresh_pages, s.whole_pages, s.pages - s.whole_pages, s.chunks);
	printf("  working set: %u pages, %" PRIu64 " bytes; pressure: %s\n",
			s.pages - s.whole_pages, (s.pages - s.whole_pages) * page_bytes,
			s.pressure != 0 ? "yes" : "no");
#define SINCE(field) (s.field - was->field)
	printf("  gets: %" PRIu64 ", puts: %" PRIu64 ", failed gets: %" PRIu64 ", refused: %" PRIu64
	       ", corrupt: %" PRIu64 "\n",
			SINCE(gets), SINCE(puts), SINCE(get_fails), SINCE(refused), SINCE(corrupt));
	printf("  pages taken: fast %" PRIu64 ", refill %" PRIu64 ", slow %" PRIu64
	       ", empty %" PRIu64 ", elsewhere %" PRIu64 "\n",
			SINCE(alloc_fast), SINCE(alloc_refill), SINCE(alloc_slow),
			SINCE(alloc_empty), SINCE(alloc_steal));
	printf("  pages returned: cached %" PRIu64 ", cache_full %" PRIu64 ", ring %" PRIu64 "\n",
			SINCE(recycle_cached), SINCE(recycle_cache_full), SINCE(recycle_ring));
	printf("  batches: sent %" PRIu64 ", taken %" PRIu64 "; caches searched: %" PRIu64
	       ", robbed: %" PRIu64 "\n",
			SINCE(batches_sent), SINCE(batches_taken), SINCE(reclaims), SINCE(robbed));
#undef SINCE
	show_owners(fp);
}

struct pp_walk {
	const char *name; /* "all", or one */
	unsigned int found;
};

/* Where the data of a pool's mbufs is, if not beside them. */
static void
show_data(struct rte_mempool *mp)
{
	const struct page_pool *pages = pp_pages_of(mp);

	if (pages != NULL)
		printf("  data: frags of %u bytes in page pool %u\n",
				rte_pktmbuf_data_room_size(mp), page_pool_id(pages));
}

static void
show_mempool(struct rte_mempool *mp, void *arg)
{
	const struct frag_pool *fp = page_pool_from_mempool(mp);
	struct pp_walk *walk = arg;

	if (fp == NULL || (strcmp(walk->name, "all") != 0 && strcmp(walk->name, mp->name) != 0))
		return;
	walk->found++;
	show_frag_pool(mp, fp);
	show_data(mp);
}

/* One pool of the library's. */
static void
show_page_pool(struct page_pool *pool, void *arg)
{
	struct pp_walk *walk = arg;
	struct page_pool_info info;
	struct rte_mempool *mp;

	page_pool_get_info(pool, &info);
	if (strcmp(walk->name, "all") != 0 && strcmp(walk->name, info.name) != 0)
		return;
	walk->found++;
	printf("\n  ######################## page_pool %s ########################\n", info.name);
	page_pool_dump(pool, stdout);
	page_pool_report_holders(pool, stdout);
	mp = pp_mbufs_of(pool);
	if (mp != NULL)
		printf("  mbufs: %u of mempool %s, with %u bytes each; %u are out\n", mp->size,
				mp->name, rte_pktmbuf_data_room_size(mp),
				rte_mempool_in_use_count(mp));
}

struct cmd_page_pool {
	cmdline_fixed_string_t verb;
	cmdline_fixed_string_t what;
	cmdline_fixed_string_t name;
};

static void
cmd_show_page_pool(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct cmd_page_pool *res = parsed;
	struct pp_walk walk = { .name = res->name };

	if (strcmp(res->name, "split") == 0) {
		pp_split_show();
		return;
	}
	if (strcmp(res->name, "verify") == 0) {
		verify_show();
		return;
	}
	rte_mempool_walk(show_mempool, &walk);
	page_pool_walk(show_page_pool, &walk);
	if (cfg.pp_split && strcmp(res->name, "all") == 0)
		pp_split_show();
	if (walk.found == 0)
		fprintf(stderr, "Cannot find page_pool %s\n", res->name);
}

static void
clear_mempool(struct rte_mempool *mp, void *arg __rte_unused)
{
	const struct frag_pool *fp = page_pool_from_mempool(mp);
	unsigned int i;

	if (fp == NULL)
		return;
	for (i = 0; i < nr_cleared && strcmp(cleared[i].name, mp->name) != 0; i++)
		;
	if (i == CLEARED_MAX) {
		fprintf(stderr, "page_pool %s: not cleared, %d pools are\n", mp->name, CLEARED_MAX);
		return;
	}
	if (i == nr_cleared)
		snprintf(cleared[nr_cleared++].name, sizeof(cleared[0].name), "%s", mp->name);
	frag_pool_get_stats(fp, &cleared[i].stats);
}

static void
cmd_clear_page_pool(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	rte_mempool_walk(clear_mempool, NULL);
	pp_split_clear();
	verify_clear();
	printf("page_pool counters cleared\n");
}

static void
cmd_page_pool_check(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	pools_check();
}

static cmdline_parse_token_string_t token_show = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		verb, "show");
static cmdline_parse_token_string_t token_clear = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		verb, "clear");
static cmdline_parse_token_string_t token_check = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		verb, "check");
static cmdline_parse_token_string_t token_page_pool = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		what, "page_pool");
static cmdline_parse_token_string_t token_name = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		name, NULL);

static cmdline_parse_inst_t show_page_pool_inst = {
	.f = cmd_show_page_pool,
	.help_str = "show page_pool all|split|verify|NAME: counters, occupancy, working set, "
		    "owners; packets that queues have split; packets that were checked",
	.tokens = { (void *)&token_show, (void *)&token_page_pool, (void *)&token_name, NULL },
};

static cmdline_parse_inst_t clear_page_pool_inst = {
	.f = cmd_clear_page_pool,
	.help_str = "clear page_pool: counters of all pools count from 0 again",
	.tokens = { (void *)&token_clear, (void *)&token_page_pool, NULL },
};

static void
cmd_page_pool_compare(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct cmd_page_pool *res = parsed;

	compare_run(res->name);
}

static cmdline_parse_token_string_t token_page_pool_first =
		TOKEN_STRING_INITIALIZER(struct cmd_page_pool, verb, "page_pool");
static cmdline_parse_token_string_t token_compare = TOKEN_STRING_INITIALIZER(struct cmd_page_pool,
		what, "compare");

static cmdline_parse_inst_t page_pool_compare_inst = {
	.f = cmd_page_pool_compare,
	.help_str = "page_pool compare OPS[,OPS]*: forwards on pools of these mempool ops, too",
	.tokens = { (void *)&token_page_pool_first, (void *)&token_compare, (void *)&token_name,
			NULL },
};

static cmdline_parse_inst_t check_page_pool_inst = {
	.f = cmd_page_pool_check,
	.help_str = "page_pool check: walk all pools and prove that each mbuf is in one place",
	.tokens = { (void *)&token_page_pool, (void *)&token_check, NULL },
};

cmdline_parse_inst_t *commands_pp[] = {
	&show_page_pool_inst,
	&clear_page_pool_inst,
	&check_page_pool_inst,
	&page_pool_compare_inst,
	NULL,
};
