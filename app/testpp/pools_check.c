/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Whether pools are sound, and at the end of the program, when all ports are closed, whether all
 * mbufs are back. `page_pool check`, --pp-check.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>

#include <page_pool_mempool.h>

#include "testpp.h"

/* ---- sound? */

struct check {
	unsigned int nr;
	bool failed;
	bool quiet; /* about what is right */
};

/* A verdict, and what was found before it. */
static void
verdict(struct check *c, const char *name, int violations, const char *fine)
{
	c->nr++;
	if (violations == 0) {
		if (!c->quiet)
			printf("page_pool %s: ok, %s\n", name, fine);
		return;
	}
	c->failed = true;
	if (violations < 0)
		fprintf(stderr, "page_pool %s: cannot be checked: %s\n", name,
				strerror(-violations));
	else
		fprintf(stderr, "page_pool %s: %d violations\n", name, violations);
}

static void
check_mempool(struct rte_mempool *mp, void *arg)
{
	const struct frag_pool *fp = page_pool_from_mempool(mp);
	struct frag_pool_stats s;
	char fine[128];

	if (fp == NULL)
		return;
	frag_pool_get_stats(fp, &s);
	snprintf(fine, sizeof(fine), "%u frags, %u out, refused %" PRIu64 ", corrupt %" PRIu64,
			s.populated, s.in_flight, s.refused, s.corrupt);
	/* the pool stands still meanwhile; forwarding goes on afterwards */
	verdict(arg, mp->name, page_pool_mempool_check(mp, stderr), fine);
}

static bool
pools_sound(bool quiet)
{
	struct check c = { .quiet = quiet };

	rte_mempool_walk(check_mempool, &c);
	if (c.nr == 0 && !quiet)
		printf("No pool is in page_pool\n");
	return !c.failed;
}

void
pools_check(void)
{
	pools_sound(false);
}

/* ---- all back? */

/* Those that are not, by the port that received them last. */
struct missing {
	void **rest; /* sorted: those that are there */
	unsigned int nr_rest;
	unsigned int by_port[RTE_MAX_ETHPORTS], by_none;
};

static int
pointer_order(const void *a, const void *b)
{
	const void *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

static void
missing_count(struct rte_mempool *mp __rte_unused, void *arg, void *obj,
		unsigned int i __rte_unused)
{
	const struct rte_mbuf *m = obj;
	struct missing *x = arg;

	if (bsearch(&obj, x->rest, x->nr_rest, sizeof(obj), pointer_order) != NULL)
		return;
	if (m->port < RTE_MAX_ETHPORTS)
		x->by_port[m->port]++;
	else
		x->by_none++;
}

/* Takes all there are, to see which ones are missing, and puts them back. */
static void
missing_tell(struct rte_mempool *mp)
{
	struct missing *x = calloc(1, sizeof(*x));
	unsigned int lcore, p;

	if (x == NULL)
		return;
	x->rest = calloc(mp->populated_size, sizeof(*x->rest));
	if (x->rest == NULL)
		goto out;
	/* what lcores keep in their caches is there, too, and they have ended */
	for (lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, lcore);

		if (cache != NULL && lcore != rte_lcore_id())
			rte_mempool_cache_flush(cache, mp);
	}
	while (x->nr_rest < mp->populated_size && rte_mempool_get(mp, &x->rest[x->nr_rest]) == 0)
		x->nr_rest++;
	qsort(x->rest, x->nr_rest, sizeof(*x->rest), pointer_order);
	rte_mempool_obj_iter(mp, missing_count, x);
	for (p = 0; p < RTE_DIM(x->by_port); p++)
		if (x->by_port[p] != 0)
			fprintf(stderr, ", %u received by port %u", x->by_port[p], p);
	if (x->by_none != 0)
		fprintf(stderr, ", %u by none", x->by_none);
	rte_mempool_put_bulk(mp, x->rest, x->nr_rest);
out:
	free(x->rest);
	free(x);
}

static void
back_mempool(struct rte_mempool *mp, void *arg)
{
	/* not rte_mempool_in_use_count(), for which what was never populated is in use */
	unsigned int out = mp->populated_size - rte_mempool_avail_count(mp);
	bool *all = arg;

	if (out == 0)
		return;
	*all = false;
	fprintf(stderr, "%s: %u of %u mbufs are not back", mp->name, out, mp->populated_size);
	if (mp->elt_size >= sizeof(struct rte_mbuf))
		missing_tell(mp);
	fputc('\n', stderr);
}

bool
pools_check_end(void)
{
	bool all = true;

	rte_mempool_walk(back_mempool, &all);
	if (!cfg.pp_check)
		return true;
	return pools_sound(true) && all;
}
