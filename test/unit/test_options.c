/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Options (issue 2, item 3): every key, every value that is right and many that are wrong, where
 * they come from and who wins. A wrong option is one log line that names it, at the first
 * populate, whichever that is; nothing is made, nothing leaks, and what comes after works.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "test_common.h"

/* 128 bytes with their header, on any machine: not rounded up to cache lines, not spread over
 * memory channels. 32 in 4 KB, 62 at most in a page of ours.
 */
#define FRAG_SIZE 128
#define ELT_SIZE (FRAG_SIZE - sizeof(struct rte_mempool_objhdr))
#define FLAGS (RTE_MEMPOOL_F_NO_SPREAD | RTE_MEMPOOL_F_NO_CACHE_ALIGN)

struct good {
	const char *env;
	const char *config;
	uint32_t n;
	uint32_t cache_size;
	uint32_t frags_per_page;
	uint32_t flags;
};

static const struct good good_options[] = {
	/* nothing said: an eighth of the pool, from 32 to 1024, and no more than the pool */
	{ NULL, NULL, 20, 20, 62, 0 },
	{ NULL, NULL, 200, 32, 62, 0 },
	{ NULL, NULL, 4096, 512, 62, 0 },
	{ NULL, NULL, 20000, 1024, 62, 0 },
	{ "", "", 4096, 512, 62, 0 },
	/* every key, each way */
	{ NULL, "cache=0", 4096, 0, 62, 0 },
	{ "cache=0", NULL, 4096, 0, 62, 0 },
	{ NULL, "cache=1", 4096, 1, 62, 0 },
	{ NULL, "cache=32", 4096, 32, 62, 0 },
	{ NULL, "cache=1k", 4096, 1024, 62, 0 },
	{ NULL, "cache=8192", 20000, 8192, 62, 0 },
	{ NULL, "cache=8192", 4096, 4096, 62, 0 },
	{ NULL, "page_size=128", 4096, 512, 1, 0 },
	{ NULL, "page_size=255", 4096, 512, 1, 0 },
	{ NULL, "page_size=4096", 4096, 512, 32, 0 },
	{ NULL, "page_size=4k", 4096, 512, 32, 0 },
	{ NULL, "page_size=4K", 4096, 512, 32, 0 },
	{ "page_size=0x1000", NULL, 4096, 512, 32, 0 },
	{ NULL, "page_size=1m", 4096, 512, 62, 0 },
	{ NULL, "page_size=1M", 4096, 512, 62, 0 },
	{ NULL, "mode=default", 4096, 512, 62, 0 },
	{ NULL, "mode=strict", 4096, 512, 62, FRAG_POOL_F_STRICT },
	{ "mode=strict", NULL, 4096, 512, 62, FRAG_POOL_F_STRICT },
	{ NULL, "fence=auto", 4096, 512, 62, 0 },
	{ NULL, "fence=full", 4096, 512, 62, FRAG_POOL_F_FENCE },
	{ NULL, "idle_trim=0", 4096, 512, 62, 0 },
	{ NULL, "idle_trim=1", 4096, 512, 62, 0 },
	{ NULL, "idle_trim=3600000", 4096, 512, 62, 0 },
	/* several, in any order */
	{ NULL, "cache=7,mode=strict,page_size=256,fence=full", 4096, 7, 2,
			FRAG_POOL_F_STRICT | FRAG_POOL_F_FENCE },
	{ "fence=full,page_size=256,mode=strict,cache=7", NULL, 4096, 7, 2,
			FRAG_POOL_F_STRICT | FRAG_POOL_F_FENCE },
	/* what pool_config says wins, key by key; the environment says the rest */
	{ "cache=64", "cache=16", 4096, 16, 62, 0 },
	{ "cache=64", "cache=0", 4096, 0, 62, 0 },
	{ "cache=0", "cache=64", 4096, 64, 62, 0 },
	{ "cache=64,mode=strict", "cache=16", 4096, 16, 62, FRAG_POOL_F_STRICT },
	{ "mode=strict", "mode=default", 4096, 512, 62, 0 },
	{ "mode=default", "mode=strict", 4096, 512, 62, FRAG_POOL_F_STRICT },
	{ "fence=full,page_size=4k", "fence=auto,cache=16", 4096, 16, 32, 0 },
	{ "page_size=256", "page_size=4k", 4096, 512, 32, 0 },
};

static void
set_env(const char *options)
{
	if (options == NULL)
		unsetenv(PAGE_POOL_OPTIONS_ENV);
	else
		setenv(PAGE_POOL_OPTIONS_ENV, options, 1);
}

static struct rte_mempool *
pool_empty(unsigned int n, const char *config)
{
	return test_pool_empty(n, ELT_SIZE, FLAGS, config);
}

static int
good_option(const struct good *g)
{
	struct frag_pool_stats st;
	struct rte_mempool *mp;

	set_env(g->env);
	mp = pool_empty(g->n, g->config);
	CHECK(mp != NULL && rte_mempool_populate_default(mp) == (int)g->n, "%s=%s, pool_config=%s",
			PAGE_POOL_OPTIONS_ENV, g->env, g->config);
	frag_pool_get_stats(page_pool_from_mempool(mp), &st);
	CHECK(st.cache_size == g->cache_size && st.frags_per_page == g->frags_per_page &&
					st.flags == g->flags,
			"%s=%s, pool_config=%s: cache %u, not %u; %u fragments in a "
			"page, not %u; flags %u, not %u",
			PAGE_POOL_OPTIONS_ENV, g->env, g->config, st.cache_size, g->cache_size,
			st.frags_per_page, g->frags_per_page, st.flags, g->flags);
	CHECK_OK(test_pool_drain(mp, g->n));
	return test_pool_end(mp);
}

static int
test_good(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(good_options); i++)
		CHECK_OK(good_option(&good_options[i]));
	return 0;
}

struct bad {
	const char *options;
	const char *named; /* what the log line must say */
};

static const struct bad bad_options[] = {
	/* unknown keys */
	{ "cahce=1", "cahce" },
	{ "Cache=1", "Cache" },
	{ "caches=1", "caches" },
	{ "mode =strict", "mode " },
	{ " mode=strict", " mode" },
	{ "strict", "strict" },
	{ "mode=strict,size=1", "size" },
	{ "size=1,mode=strict", "size" },
	{ "=1", "" },
	{ "=", "" },
	/* known keys, wrong values */
	{ "cache", "cache" },
	{ "cache=", "cache" },
	{ "cache=-1", "cache" },
	{ "cache=8193", "cache" },
	{ "cache=9k", "cache" },
	{ "cache=4294967296", "cache" },
	{ "cache=4294967297", "cache" },
	{ "cache=99999999999999999999999", "cache" },
	{ "cache=x", "cache" },
	{ "cache=1x", "cache" },
	{ "cache=1kk", "cache" },
	{ "cache=1km", "cache" },
	{ "cache= 1", "cache" },
	{ "cache=1 ", "cache" },
	{ "cache=+1", "cache" },
	{ "cache=1.5", "cache" },
	{ "cache=0x", "cache" },
	{ "cache=1;mode=strict", "cache" },
	{ "cache=1 mode=strict", "mode" },
	{ "mode", "mode" },
	{ "mode=", "mode" },
	{ "mode=Strict", "mode" },
	{ "mode=strictest", "mode" },
	{ "mode=1", "mode" },
	{ "fence", "fence" },
	{ "fence=", "fence" },
	{ "fence=none", "fence" },
	{ "fence=FULL", "fence" },
	{ "page_size", "page_size" },
	{ "page_size=", "page_size" },
	{ "page_size=0", "page_size" },
	{ "page_size=1", "page_size" },
	{ "page_size=64", "page_size" }, /* the element, but not with its header */
	{ "page_size=127", "page_size" },
	{ "page_size=4g", "page_size" },
	{ "page_size=-4096", "page_size" },
	{ "page_size=2199023255552", "page_size" },
	{ "page_size=18446744073709551615", "page_size" },
	{ "page_size=18446744073709551615k", "page_size" },
	{ "page_size=17592186044416m", "page_size" }, /* 2^64 */
	{ "page_size=17592186044417m", "page_size" }, /* 2^64 and 1 MB */
	{ "cache=18014398509481985k", "cache" },      /* 2^64 and 1 KB */
	{ "page_size=4096,cache=9999", "cache" },
	{ "idle_trim", "idle_trim" },
	{ "idle_trim=", "idle_trim" },
	{ "idle_trim=-1", "idle_trim" },
	{ "idle_trim=1s", "idle_trim" },
	{ "idle_trim=4294967296", "idle_trim" },
	/* twice, even with the same value */
	{ "cache=1,cache=1", "cache" },
	{ "mode=strict,mode=default", "mode" },
	{ "cache=1,mode=strict,cache=2", "cache" },
	{ "page_size=4k,fence=full,page_size=4k", "page_size" },
	{ "fence=full,fence=full", "fence" },
	{ "idle_trim=1,idle_trim=1", "idle_trim" },
	/* more than any list should have */
	{ "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,"
	  "w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1,G=1,H=1",
			"a" },
};

enum from { FROM_ENV, FROM_CONFIG, FROM_BOTH, FROM_KINDS };

/* Every way to populate a pool first; each returns -errno. */
static int
first_default(struct rte_mempool *mp)
{
	return rte_mempool_populate_default(mp);
}

static char memory[64 * 1024] __rte_cache_aligned;

static int
first_virt(struct rte_mempool *mp)
{
	return rte_mempool_populate_virt(mp, memory, sizeof(memory), 4096, NULL, NULL);
}

static int
first_iova(struct rte_mempool *mp)
{
	return rte_mempool_populate_iova(mp, memory, RTE_BAD_IOVA, sizeof(memory), NULL, NULL);
}

static int
first_anon(struct rte_mempool *mp)
{
	rte_errno = 0;
	return rte_mempool_populate_anon(mp) != 0 ? 0 : -rte_errno;
}

static int (*const first_populate[])(struct rte_mempool *mp) = {
	first_default,
	first_virt,
	first_iova,
	first_anon,
};

/* An option that is wrong where the pool is made, then right in the same pool. */
static int
bad_option(const struct bad *b, enum from from, unsigned int kind)
{
	struct test_memory before;
	struct rte_mempool *mp;
	unsigned int lines;
	const char *text;
	int rc;

	set_env(from == FROM_CONFIG ? "cache=64" : b->options);
	mp = pool_empty(100,
			from == FROM_CONFIG               ? b->options :
					from == FROM_BOTH ? "cache=64" :
							    NULL);
	CHECK(mp != NULL, "no pool");
	before = test_memory();
	test_log_start();
	rc = first_populate[kind](mp);
	lines = test_log_stop(&text);
	CHECK(rc == -EINVAL, "populate %u with \"%s\" (from %d) returns %d", kind, b->options, from,
			rc);
	CHECK(strstr(text, b->named) != NULL &&
					strstr(text,
							from == FROM_CONFIG ?
									"pool_config" :
									PAGE_POOL_OPTIONS_ENV) !=
							NULL,
			"\"%s\": \"%s\" and the source are not named in %s", b->options, b->named,
			text);
	CHECK(lines == 1, "\"%s\" makes %u log lines, not one:\n%s", b->options, lines, text);
	CHECK(mp->pool_data == NULL && (mp->flags & RTE_MEMPOOL_F_POOL_CREATED) == 0 &&
					mp->populated_size == 0,
			"something is half-made");
	CHECK(test_memory_same(&before, "a wrong option"), "%s", b->options);
	rte_errno = 0;
	CHECK(page_pool_from_mempool(mp) == NULL && rte_errno == EINVAL, "%d", rte_errno);
	CHECK(page_pool_mempool_check(mp, NULL) == -EINVAL, "check of a pool never made");

	/* the same mempool, put right */
	set_env(NULL);
	CHECK(rte_mempool_set_ops_byname(mp, PAGE_POOL_OPS_NAME, NULL) == 0, "too late");
	rc = rte_mempool_populate_default(mp);
	CHECK(rc == 100, "populate after \"%s\" returns %d", b->options, rc);
	CHECK_OK(test_pool_drain(mp, 100));
	return test_pool_end(mp);
}

static int
test_bad(void)
{
	unsigned int i, kind;

	for (i = 0; i < RTE_DIM(bad_options); i++)
		for (kind = 0; kind < FROM_KINDS; kind++)
			CHECK_OK(bad_option(&bad_options[i], kind, i % RTE_DIM(first_populate)));
	/* one of them at every kind of first populate */
	for (i = 0; i < RTE_DIM(first_populate); i++)
		for (kind = 0; kind < FROM_KINDS; kind++)
			CHECK_OK(bad_option(&bad_options[0], kind, i));
	return 0;
}

/* The calls that make a pool in one go give DPDK's error. */
static int
test_bad_in_one_go(void)
{
	struct test_memory before = test_memory();
	struct rte_mempool *mp;
	unsigned int lines;
	const char *text;

	set_env("mode=lax");
	rte_errno = 0;
	test_log_start();
	mp = rte_pktmbuf_pool_create_by_ops("bad", 100, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY, PAGE_POOL_OPS_NAME);
	lines = test_log_stop(&text);
	CHECK(mp == NULL && rte_errno == EINVAL, "%p, %s", mp, rte_strerror(rte_errno));
	CHECK(strstr(text, "mode") != NULL && strstr(text, "lax") != NULL && lines == 1,
			"%u lines: %s", lines, text);
	CHECK(test_memory_same(&before, "a wrong option"), "rte_pktmbuf_pool_create_by_ops");
	set_env(NULL);
	mp = rte_pktmbuf_pool_create_by_ops("bad", 100, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY, PAGE_POOL_OPS_NAME);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	CHECK_OK(test_pool_drain(mp, 100));
	return test_pool_end(mp);
}

/* A freed pool with a wrong option, never populated right: free must cope. */
static int
test_bad_then_free(void)
{
	struct rte_mempool *mp = pool_empty(100, "cache=none");
	unsigned int lines, i;
	const char *text;

	CHECK(mp != NULL, "no pool");
	for (i = 0; i < 3; i++) {
		test_log_start();
		CHECK(rte_mempool_populate_default(mp) == -EINVAL, "try %u", i);
		lines = test_log_stop(&text);
		CHECK(lines == 1, "%u lines: %s", lines, text);
	}
	rte_mempool_free(mp);
	return 0;
}

/* The parser itself: a list is taken whole or not at all. */
static int
test_parser(void)
{
	struct frag_pool_params params, before;
	const char *text;
	unsigned int i;

	memset(&params, 0, sizeof(params));
	params.frag_size = FRAG_SIZE;
	before = params;
	CHECK(page_pool_parse_options(&params, NULL, "test") == 0, "NULL");
	CHECK(page_pool_parse_options(&params, "", "test") == 0, "empty");
	CHECK(memcmp(&params, &before, sizeof(params)) == 0, "an empty list changes something");
	for (i = 0; i < RTE_DIM(bad_options); i++) {
		test_log_start();
		CHECK(page_pool_parse_options(&params, bad_options[i].options, "here") == -EINVAL,
				"%s", bad_options[i].options);
		CHECK(test_log_stop(&text) == 1 && strstr(text, "here") != NULL, "%s", text);
		CHECK(memcmp(&params, &before, sizeof(params)) == 0, "\"%s\" is half taken",
				bad_options[i].options);
	}
	CHECK(page_pool_parse_options(&params, "cache=0", "test") == 0 &&
					params.cache_size == FRAG_POOL_CACHE_NONE,
			"%u", params.cache_size);
	CHECK(page_pool_parse_options(&params, "cache=8192,page_size=128,mode=strict", "test") == 0,
			"right options");
	CHECK(params.cache_size == FRAG_POOL_CACHE_MAX && params.page_size == FRAG_SIZE &&
					params.flags == FRAG_POOL_F_STRICT,
			"cache %u page %zu flags %u", params.cache_size, params.page_size,
			params.flags);
	return 0;
}

/* What is said directly to frag_pool_create(): each wrong parameter has its error. */
static int
test_params(void)
{
	static const struct {
		struct frag_pool_params params;
		int error;
	} wrong[] = {
		{ { .size = 10, .frag_size = 64 }, EINVAL },
		{ { .name = "x", .frag_size = 64 }, EINVAL },
		{ { .name = "x", .size = 10 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 4 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 65 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 64, .frag_offset = 72 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 64, .page_size = 63 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 64, .cache_size = 8193 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = 64, .flags = 0x80 }, EINVAL },
		{ { .name = "x", .size = 10, .frag_size = (1 << 28) + 8 }, E2BIG },
	};
	struct frag_pool *fp;
	unsigned int i;

	for (i = 0; i < RTE_DIM(wrong); i++) {
		rte_errno = 0;
		fp = frag_pool_create(&wrong[i].params);
		CHECK(fp == NULL && rte_errno == wrong[i].error, "%u: %p, %s", i, (void *)fp,
				rte_strerror(rte_errno));
	}
	CHECK(frag_pool_create(NULL) == NULL && rte_errno == EINVAL, "NULL");
	return 0;
}

/* idle_trim works in an alarm's thread while the pool is used, checked at rest, and freed. */
static int
idle_trim_pool(void)
{
	struct rte_mempool *mp = test_pool(4096, ELT_SIZE, 0, "idle_trim=1");
	struct frag_pool_stats st;
	struct frag_pool *fp;
	void *objs[100];
	unsigned int i;

	CHECK(mp != NULL, "no pool");
	fp = page_pool_from_mempool(mp);
	for (i = 0; i < 2000; i++) {
		CHECK(test_get(mp, objs, RTE_DIM(objs)) == 0, "get");
		test_put(mp, objs, RTE_DIM(objs));
		if (i % 100 == 0)
			usleep(200);
	}
	CHECK(rte_mempool_avail_count(mp) == 4096, "I3: %u", rte_mempool_avail_count(mp));
	/* nobody uses it any more: within a while all of it is whole pages */
	for (i = 0; i < 5000; i++) {
		frag_pool_get_stats(fp, &st);
		if (st.cached == 0 && st.whole_pages == st.pages)
			break;
		usleep(1000);
	}
	CHECK(st.cached == 0 && st.whole_pages == st.pages, "%u cached, %u of %u pages whole",
			st.cached, st.whole_pages, st.pages);
	return test_pool_end(mp);
}

static int
test_idle_trim(void)
{
	unsigned int i, lines;
	const char *text;

	/* an alarm that outlives its pool complains */
	test_log_start();
	for (i = 0; i < 20; i++)
		CHECK_OK(idle_trim_pool());
	usleep(5000);
	lines = test_log_stop(&text);
	CHECK(lines == 0, "%u lines: %s", lines, text);
	return 0;
}

/* The check needs a pool at rest, and idle_trim's own alarm must not be what disturbs it. */
static int
idle_trim_check(void)
{
	struct rte_mempool *mp = test_pool(4096, ELT_SIZE, 0, "idle_trim=1");
	double end = test_seconds() + 0.5 * test_scale();
	void *objs[100];

	CHECK(mp != NULL, "no pool");
	while (test_seconds() < end) {
		CHECK(test_get(mp, objs, RTE_DIM(objs)) == 0, "get");
		test_put(mp, objs, RTE_DIM(objs));
		CHECK_OK(test_pool_check(mp));
	}
	return test_pool_end(mp);
}

/* EAL's threads share the CPU of the main lcore when there are no others; go elsewhere. */
static int
test_idle_trim_check(void)
{
	cpu_set_t before, other;
	int rc;

	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	CPU_ZERO(&other);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &other);
	pthread_setaffinity_np(pthread_self(), sizeof(other), &other);
	rc = idle_trim_check();
	pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
	return rc;
}

static const struct test_case cases[] = {
	{ "item 3: every right option does what it says, pool_config wins", test_good, TEST_ONCE },
	{ "item 3: a wrong option is one line that names it, at the first populate", test_bad,
			TEST_ONCE },
	{ "item 3: a wrong option fails the calls that make a pool in one go", test_bad_in_one_go,
			TEST_ONCE },
	{ "item 3: a pool that was never made is freed", test_bad_then_free, TEST_ONCE },
	{ "item 3: an option list is taken whole or not at all", test_parser, TEST_ONCE },
	{ "item 3: wrong parameters of frag_pool_create()", test_params, TEST_ONCE },
	{ "I7: idle_trim beside traffic", test_idle_trim, TEST_BOTH_MODES },
	{ "I7: page_pool_mempool_check() with idle_trim", test_idle_trim_check, TEST_BOTH_MODES },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_options", 128, cases, RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
