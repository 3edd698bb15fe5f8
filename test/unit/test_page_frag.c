/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_frag_cache (issue 5, item 2): each call and each error, offers and what becomes of them, the
 * fallback to small pages, frees by owner and others in every order, the owner's end, and the
 * kernel's own test: two threads and a ring of 512, with prepare checked against probe.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ring.h>

#include <page_frag_cache.h>
#include <page_pool.h>

#include "test_common.h"

#define LARGE 32768u
#define SMALL 4096u

/* ---- pools, with the heap or with a provider for tests */

#define FAKE_PAGES 64

static struct {
	struct netmem_desc desc[FAKE_PAGES];
	struct netmem_desc *free[FAKE_PAGES];
	unsigned int nr_free;
	uint8_t flags;
	uint8_t tag;
} fake;

static int
fake_init(struct page_pool *pool)
{
	unsigned int i;

	(void)pool;
	fake.nr_free = 0;
	for (i = 0; i < FAKE_PAGES; i++)
		fake.free[fake.nr_free++] = &fake.desc[i];
	return 0;
}

static void
fake_destroy(struct page_pool *pool)
{
	(void)pool;
}

static netmem_ref
fake_alloc(struct page_pool *pool)
{
	struct netmem_desc *desc;

	(void)pool;
	if (fake.nr_free == 0)
		return 0;
	desc = fake.free[--fake.nr_free];
	memset(desc, 0, sizeof(*desc));
	/* nobody writes there */
	desc->addr = (void *)(uintptr_t)(UINT64_C(0x700000000000) + LARGE * fake.nr_free);
	desc->nid = -1;
	desc->flags = fake.flags;
	desc->tag = fake.tag;
	return nmdesc_to_netmem(desc);
}

static void
fake_release(struct page_pool *pool, netmem_ref netmem)
{
	(void)pool;
	fake.free[fake.nr_free++] = netmem_to_nmdesc(netmem);
}

static const struct memory_provider_ops fake_ops = {
	.name = "frag_fake",
	.init = fake_init,
	.destroy = fake_destroy,
	.alloc_netmems = fake_alloc,
	.release_netmem = fake_release,
};

/* How the pools are, and whether the caches have an owner: each test takes all three. */
static bool strict, owned;

static struct page_pool *
pool_make(uint32_t order, const char *provider)
{
	struct page_pool_params params = {
		.name = "frags",
		.order = order,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.flags = strict ? PP_FLAG_STRICT : 0,
	};

	return page_pool_create(&params);
}

static int
pool_end(struct page_pool *pool)
{
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

/* A cache on a pool of its own. */
static struct page_frag_cache cache;

static int
cache_make(struct page_pool *small)
{
	struct page_pool *pool = pool_make(3, NULL);

	CHECK(pool != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_frag_cache_init(&cache, pool, small, owned) == 0, "init");
	return 0;
}

static int
cache_end(void)
{
	page_frag_cache_drain(&cache);
	return pool_end(cache.pool);
}

static int
each(int (*run)(void))
{
	int rc;

	strict = false;
	owned = true;
	CHECK_OK(run());
	owned = false;
	CHECK_OK(run());
	strict = owned = true;
	rc = run();
	strict = false;
	return rc;
}

/* In a thread of its own, to its end. */
static void
elsewhere(void *(*fn)(void *arg), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg) == 0)
		pthread_join(thread, NULL);
}

struct frags {
	void **va;
	unsigned int n;
	unsigned int refused;
};

static void *
free_all(void *arg)
{
	struct frags *f = arg;
	unsigned int i;

	for (i = 0; i < f->n; i++)
		f->refused += page_frag_free(f->va[i]) != 0;
	return NULL;
}

static unsigned int
free_elsewhere(void **va, unsigned int n)
{
	struct frags f = { va, n, 0 };

	elsewhere(free_all, &f);
	return f.refused;
}

/* ---- the calls */

static int
run_init(void)
{
	struct page_pool *large = pool_make(3, NULL), *small = pool_make(0, NULL);
	struct page_frag_cache nc;

	CHECK(large != NULL && small != NULL, "pools");
	CHECK(page_frag_cache_init(NULL, large, NULL, owned) == -EINVAL, "no cache");
	CHECK(page_frag_cache_init(&nc, NULL, NULL, owned) == -EINVAL, "no pool");
	CHECK(page_frag_cache_init(&nc, large, large, owned) == -EINVAL, "not smaller");
	CHECK(page_frag_cache_init(&nc, small, large, owned) == -EINVAL, "larger");
	CHECK(page_frag_cache_init(&nc, large, small, owned) == 0, "init");
	CHECK(!page_frag_cache_is_pfmemalloc(&nc), "no page");
	page_frag_cache_drain(&nc);
	page_frag_cache_drain(&nc);
	CHECK(page_pool_inflight(large) == 0 && page_pool_inflight(small) == 0, "pages taken");
	CHECK_OK(pool_end(small));
	return pool_end(large);
}

static int
test_init(void)
{
	return each(run_init);
}

static void
count_refs(const struct page_pool_held *held, void *arg)
{
	*(uint64_t *)arg += held->refs;
}

static int
run_alloc(void)
{
	char *a, *b, *c, *d;
	uint64_t refs;
	unsigned int i;

	CHECK_OK(cache_make(NULL));
	rte_errno = 0;
	CHECK(page_frag_alloc(&cache, 0) == NULL && rte_errno == EINVAL, "nothing");
	CHECK(page_frag_alloc(&cache, LARGE + 1) == NULL && rte_errno == E2BIG, "too much");
	CHECK(page_frag_alloc(&cache, UINT32_MAX) == NULL && rte_errno == E2BIG, "far too much");
	CHECK(page_frag_alloc_align(&cache, 8, 0) == NULL && rte_errno == EINVAL, "align 0");
	CHECK(page_frag_alloc_align(&cache, 8, 24) == NULL && rte_errno == EINVAL, "align 24");
	CHECK(page_frag_alloc_align(&cache, 8, 2 * LARGE) == NULL && rte_errno == E2BIG,
			"align of two pages");
	CHECK(page_pool_inflight(cache.pool) == 0, "an error takes a page");
	a = page_frag_alloc(&cache, 100);
	b = page_frag_alloc(&cache, 1);
	c = page_frag_alloc_align(&cache, 60, 64);
	d = page_frag_alloc_align(&cache, 60, 4096);
	CHECK(a != NULL && (uintptr_t)a % LARGE == 0, "%p", (void *)a);
	CHECK(b == a + 100 && c == a + 128 && d == a + 4096, "offsets");
	CHECK(page_frag_alloc_align(&cache, 8, 0) == NULL && rte_errno == EINVAL, "align 0");
	CHECK(page_frag_alloc_align(&cache, 8, 24) == NULL && rte_errno == EINVAL, "align 24");
	CHECK(page_frag_alloc(&cache, 0) == NULL && rte_errno == EINVAL, "nothing");
	CHECK(page_frag_free(NULL) == 0, "NULL");
	CHECK(page_frag_free(a) == 0 && page_frag_free(b) == 0 &&
					page_frag_free(strict ? c : c + 59) == 0 &&
					page_frag_free(d) == 0,
			"free");
	/* to the last byte, then the same page again, since all is back */
	b = page_frag_alloc(&cache, LARGE - 4096 - 60);
	CHECK(b == a + 4096 + 60, "the rest");
	CHECK(page_frag_free(b) == 0, "free");
	for (i = 0; i < 10; i++) {
		b = page_frag_alloc(&cache, LARGE);
		CHECK(b == a, "round %u: %p instead of %p", i, (void *)b, (void *)a);
		CHECK(page_frag_free(b) == 0, "free");
	}
	CHECK(page_pool_inflight(cache.pool) == 1, "%u pages", page_pool_inflight(cache.pool));
	/* out of room with something out: another page */
	b = page_frag_alloc(&cache, LARGE);
	c = page_frag_alloc(&cache, LARGE);
	CHECK(b == a && c != a && c != NULL, "two pages");
	/* who looks for what is out finds a fragment each, and the cache itself on the second */
	refs = 0;
	CHECK(page_pool_walk_holders(cache.pool, count_refs, &refs) == 2 && refs == 3,
			"%" PRIu64 " references", refs);
	CHECK(page_frag_free(b) == 0 && page_frag_free(c) == 0, "free");
	return cache_end();
}

static int
test_alloc(void)
{
	return each(run_alloc);
}

/* What the count shows. */
static int
run_refused(void)
{
	void *a, *b, *c, *page;
	const char *text;
	char local[64];

	CHECK_OK(cache_make(NULL));
	test_log_start();
	CHECK(page_frag_free(local) == -EINVAL, "the stack");
	CHECK(page_frag_free((void *)(uintptr_t)UINT64_MAX) == -EINVAL, "no address");
	CHECK(page_frag_free((void *)(uintptr_t)64) == -EINVAL, "no address");
	CHECK(page_frag_free_netmem(0) == -EINVAL, "no page");
	a = page_frag_alloc(&cache, 64);
	b = page_frag_alloc(&cache, 64);
	CHECK(page_frag_free(a) == 0 && page_frag_free(b) == 0, "free");
	if (owned || strict)
		CHECK(page_frag_free(a) == -EINVAL, "twice, all of the page are free");
	/* a whole page, gone and back with its pool */
	page = page_frag_alloc(&cache, LARGE);
	CHECK(page != NULL, "page");
	c = page_frag_alloc(&cache, LARGE);
	CHECK(page_frag_free(page) == 0, "free");
	CHECK(page_frag_free(page) == -EINVAL, "twice, by the owner");
	CHECK(free_elsewhere(&page, 1) == 1, "twice, by another");
	CHECK(page_frag_free(c) == 0, "free");
	CHECK(test_log_stop(&text) > 0, "nothing said");
	return cache_end();
}

static void *
alloc_page(void *arg)
{
	void **got = arg;

	rte_errno = 0;
	*got = page_frag_alloc(&cache, LARGE);
	return NULL;
}

/* Another thread's cache: found when a page is needed, and nothing happened. A cache without an
 * owner is anybody's, one at a time.
 */
static int
run_others(void)
{
	void *first, *theirs = &cache;

	CHECK_OK(cache_make(NULL));
	first = page_frag_alloc(&cache, LARGE / 2);
	CHECK(first != NULL, "alloc");
	elsewhere(alloc_page, &theirs);
	/* strict pools have caches without an owner only */
	CHECK((theirs == NULL) == (owned && !strict), "another thread got %p", theirs);
	if (theirs == NULL)
		CHECK(page_frag_alloc(&cache, LARGE / 2) == (char *)first + LARGE / 2, "changed");
	else
		CHECK(page_frag_free(theirs) == 0, "free");
	if (theirs == NULL)
		CHECK(page_frag_free((char *)first + LARGE / 2) == 0, "free");
	CHECK(page_frag_free(first) == 0, "free");
	return cache_end();
}

static int
test_refused(void)
{
	CHECK_OK(each(run_others));
	return each(run_refused);
}

static int
run_offers(void)
{
	struct page_frag f, g, before;
	char *a, *b;

	CHECK_OK(cache_make(NULL));
	memset(&f, 0x55, sizeof(f));
	before = f;
	CHECK(page_frag_alloc_probe(&cache, 1, &f) == -ENOSPC, "probe without a page");
	CHECK(page_frag_alloc_probe(&cache, 0, &f) == -EINVAL, "probe of nothing");
	CHECK(page_frag_alloc_prepare(&cache, 0, &f) == -EINVAL, "prepare nothing");
	CHECK(page_frag_alloc_prepare(&cache, LARGE + 1, &f) == -E2BIG, "prepare too much");
	CHECK(page_frag_alloc_prepare_align(&cache, 8, 3, &f) == -EINVAL, "align 3");
	CHECK(page_frag_refill(&cache, 0, &f) == -EINVAL, "nothing");
	CHECK(page_frag_refill(&cache, LARGE + 1, &f) == -E2BIG, "too much");
	CHECK(memcmp(&f, &before, sizeof(f)) == 0, "errors write to the offer");
	memset(&g, 0, sizeof(g));
	CHECK(page_frag_alloc_commit(&cache, &g, 1) == -EINVAL, "commit without a page");

	CHECK(page_frag_alloc_prepare(&cache, 1000, &f) == 0, "prepare");
	CHECK(f.offset == 0 && f.size == LARGE && netmem_address(f.netmem) == f.va, "all of it");
	CHECK(page_frag_alloc_probe(&cache, LARGE, &g) == 0 && memcmp(&f, &g, sizeof(f)) == 0,
			"probe says the same");
	/* nothing is taken by either */
	CHECK(page_frag_alloc_commit_noref(&cache, &f, 10) == -EINVAL, "nothing to lengthen");
	CHECK(page_frag_alloc_commit(&cache, &f, 0) == -EINVAL, "commit of nothing");
	CHECK(page_frag_alloc_commit(&cache, &f, LARGE + 1) == -EINVAL, "more than offered");
	a = f.va;
	CHECK(page_frag_alloc_commit(&cache, &f, 1000) == 1000, "commit");
	CHECK(page_frag_alloc_commit(&cache, &f, 10) == -EINVAL, "an old offer");
	CHECK(page_frag_alloc_probe(&cache, LARGE - 999, &f) == -ENOSPC, "probe of too much");

	/* lengthen it: one reference */
	CHECK(page_frag_alloc_probe(&cache, 1, &f) == 0 && f.offset == 1000, "probe");
	f.size = 400;
	CHECK(page_frag_alloc_commit_noref(&cache, &f, 401) == -EINVAL, "more than offered");
	CHECK(page_frag_alloc_commit_noref(&cache, &f, 400) == 400, "commit_noref");
	CHECK(page_frag_alloc_commit_noref(&cache, &f, 400) == -EINVAL, "an old offer");
	/* aligned: what is skipped is counted, and nothing can be lengthened over it */
	CHECK(page_frag_alloc_prepare_align(&cache, 100, 1024, &f) == 0 && f.offset == 2048 &&
					f.size == LARGE - 2048,
			"align");
	CHECK(page_frag_alloc_commit_noref(&cache, &f, 100) == -EINVAL, "a gap");
	CHECK(page_frag_alloc_commit(&cache, &f, 100) == 2048 + 100 - 1400, "commit");
	b = (char *)netmem_address(f.netmem) + 2048;

	/* undone: the newest only, and only once */
	CHECK(page_frag_alloc_abort(&cache, a, 1400) == -EINVAL, "not the newest");
	CHECK(page_frag_alloc_abort(&cache, b, 99) == -EINVAL, "not its size");
	CHECK(page_frag_alloc_abort(&cache, b, 0) == -EINVAL, "nothing");
	CHECK(page_frag_alloc_abort(&cache, b, 100) == 0, "abort");
	CHECK(page_frag_alloc_abort(&cache, b, 100) == -EINVAL, "twice");
	CHECK(page_frag_alloc(&cache, 10) == b, "its space is used again");
	CHECK(page_frag_alloc_abort_ref(&cache, b, 20) == -EINVAL, "behind what was cut");
	CHECK(page_frag_alloc_abort_ref(&cache, b, 10) == 0, "abort_ref");
	CHECK(page_frag_alloc(&cache, 10) == b + 10, "its space is lost");
	CHECK(page_frag_free(b + 10) == 0 && page_frag_free(a) == 0, "free");
	CHECK(page_frag_alloc_abort_ref(&cache, a, 10) == -EINVAL, "nothing is out");
	/* all is back: as far as the page goes, and then from its beginning */
	CHECK(page_frag_alloc_prepare(&cache, LARGE, &f) == 0 && f.offset == 0 && f.va == a,
			"not the same page");

	/* by page and offset */
	CHECK(page_frag_refill(&cache, 500, &f) == 0 && f.offset == 0 && f.size == 500, "refill");
	CHECK(page_frag_refill_align(&cache, 500, 512, &g) == 0 && g.offset == 512 &&
					g.size == 500 && g.netmem == f.netmem &&
					(char *)g.va == a + 512,
			"refill_align");
	CHECK(page_frag_free_netmem(f.netmem) == 0 && page_frag_free(g.va) == 0, "free");
	return cache_end();
}

static int
test_offers(void)
{
	return each(run_offers);
}

/* ---- pages */

static int
run_fallback(void)
{
	struct page_pool *large, *small = pool_make(0, NULL);
	void *va[FAKE_PAGES], *little, *more;
	struct page_frag f;
	unsigned int i;

	CHECK(small != NULL, "pool");
	fake.flags = 0;
	fake.tag = 0;
	large = pool_make(3, "frag_fake");
	CHECK(large != NULL, "pool");
	CHECK(page_frag_cache_init(&cache, large, small, owned) == 0, "init");
	for (i = 0; i < FAKE_PAGES; i++) {
		CHECK(page_frag_refill(&cache, LARGE, &f) == 0, "page %u", i);
		va[i] = (void *)f.netmem;
	}
	CHECK(page_pool_inflight(small) == 0, "too early");
	/* a rule, not chance: what fits into a small page can be had, more cannot */
	rte_errno = 0;
	CHECK(page_frag_alloc(&cache, SMALL + 1) == NULL && rte_errno == ENOMEM, "no large page");
	CHECK(page_frag_refill(&cache, LARGE, &f) == -ENOMEM, "no large page");
	little = page_frag_alloc(&cache, SMALL);
	CHECK(little != NULL && page_pool_inflight(small) != 0, "fallback");
	more = page_frag_alloc(&cache, 100);
	CHECK(more != NULL, "the next small page");
	/* one comes back; the small page, which is whole, is no use */
	CHECK(page_frag_free_netmem((netmem_ref)va[0]) == 0, "free");
	CHECK(page_frag_free(more) == 0 && page_frag_free(little) == 0, "free");
	CHECK(page_frag_refill(&cache, SMALL + 1, &f) == 0 && f.size == SMALL + 1 &&
					cache.size == LARGE,
			"large again");
	CHECK(page_frag_free_netmem(f.netmem) == 0, "free");
	for (i = 1; i < FAKE_PAGES; i++)
		CHECK(page_frag_free_netmem((netmem_ref)va[i]) == 0, "free");
	page_frag_cache_drain(&cache);
	CHECK_OK(pool_end(large));
	return pool_end(small);
}

static int
test_fallback(void)
{
	return each(run_fallback);
}

/* Of an emergency reserve: said so, and not cut a second time. */
static int
run_pfmemalloc(void)
{
	struct page_pool_stats st;
	struct page_pool *pool;
	struct page_frag f;
	netmem_ref first;

	fake.flags = NETMEM_F_PFMEMALLOC;
	fake.tag = 0;
	pool = pool_make(3, "frag_fake");
	CHECK(pool != NULL, "pool");
	CHECK(page_frag_cache_init(&cache, pool, NULL, owned) == 0, "init");
	CHECK(page_frag_refill(&cache, LARGE, &f) == 0, "refill");
	CHECK(page_frag_cache_is_pfmemalloc(&cache), "not said");
	first = f.netmem;
	CHECK(page_frag_free_netmem(f.netmem) == 0, "free");
	fake.flags = 0;
	CHECK(page_frag_refill(&cache, LARGE, &f) == 0, "refill");
	CHECK(!page_frag_cache_is_pfmemalloc(&cache), "said of an ordinary one");
	page_pool_get_stats(pool, &st);
	CHECK(st.released_refcnt == 1, "%" PRIu64 " released", st.released_refcnt);
	CHECK(page_frag_free_netmem(f.netmem) == 0, "free");
	CHECK(first != 0, "no page");
	page_frag_cache_drain(&cache);
	CHECK(!page_frag_cache_is_pfmemalloc(&cache), "after a drain");
	return pool_end(pool);
}

static int
test_pfmemalloc(void)
{
	return each(run_pfmemalloc);
}

static int
run_unreadable(void)
{
	struct page_pool *pool;
	struct page_frag f, g;

	fake.flags = 0;
	fake.tag = NETMEM_NET_IOV;
	pool = pool_make(3, "frag_fake");
	CHECK(pool != NULL, "pool");
	CHECK(page_frag_cache_init(&cache, pool, NULL, owned) == 0, "init");
	rte_errno = 0;
	CHECK(page_frag_alloc(&cache, 64) == NULL && rte_errno == EOPNOTSUPP, "an address");
	CHECK(page_frag_refill(&cache, 64, &f) == 0 && f.va == NULL && f.offset == 0 &&
					netmem_is_net_iov(f.netmem),
			"refill");
	CHECK(page_frag_alloc(&cache, 64) == NULL && rte_errno == EOPNOTSUPP, "an address");
	CHECK(page_frag_alloc_prepare_align(&cache, 64, 64, &g) == 0 && g.va == NULL &&
					g.offset == 64 && g.netmem == f.netmem,
			"prepare");
	CHECK(page_frag_alloc_commit(&cache, &g, 100) == 100, "commit");
	CHECK(page_frag_free_netmem(f.netmem) == 0 && page_frag_free_netmem(g.netmem) == 0, "free");
	page_frag_cache_drain(&cache);
	fake.tag = 0;
	return pool_end(pool);
}

static int
test_unreadable(void)
{
	return each(run_unreadable);
}

/* ---- who frees */

/* Each fragment of a few pages by the owner or by another thread, in every mixture: pages come back
 * when the last one does, and no earlier.
 */
static int
run_mixtures(void)
{
	void *va[4][8], *away[32];
	unsigned int mix, i, k, n;

	for (mix = 0; mix < 256; mix++) {
		CHECK_OK(cache_make(NULL));
		for (i = 0; i < 4; i++)
			for (k = 0; k < 8; k++) {
				va[i][k] = page_frag_alloc(&cache, LARGE / 8);
				CHECK(va[i][k] != NULL, "alloc");
			}
		for (i = 0, n = 0; i < 4; i++)
			for (k = 0; k < 8; k++)
				if ((mix >> k & 1) != 0)
					away[n++] = va[i][k];
		/* of the first two pages before, of the others after the owner's */
		CHECK(free_elsewhere(away, n / 2) == 0, "refused");
		for (i = 0; i < 4; i++)
			for (k = 0; k < 8; k++)
				if ((mix >> k & 1) == 0)
					CHECK(page_frag_free(va[i][k]) == 0, "refused");
		CHECK(free_elsewhere(&away[n / 2], n - n / 2) == 0, "refused");
		CHECK_OK(cache_end());
	}
	return 0;
}

static int
test_mixtures(void)
{
	return each(run_mixtures);
}

/* All are freed by others, and only by them: an owner that goes on does not take ever more pages;
 * one that stops keeps no more than is written down, until it drains.
 */
static int
run_away(void)
{
	unsigned int i, round;
	void *va[64];

	CHECK_OK(cache_make(NULL));
	for (round = 0; round < 300; round++) {
		for (i = 0; i < RTE_DIM(va); i++) {
			va[i] = page_frag_alloc(&cache, LARGE / 4);
			CHECK(va[i] != NULL, "alloc");
		}
		CHECK(free_elsewhere(va, RTE_DIM(va)) == 0, "refused");
	}
	/* 16 pages are out at a time, the pool keeps 32; up to four are looked at for each new */
	CHECK(page_pool_inflight(cache.pool) < 100, "%u pages", page_pool_inflight(cache.pool));
	return cache_end();
}

static int
test_away(void)
{
	return each(run_away);
}

/* Of a few pages, no more than there are, others free some, in every mixture, when the owner has
 * cut all: it gets as many again, and none is passed over.
 */
#define CUT 6

struct cut {
	netmem_ref page[CUT];
	unsigned int mask;
	unsigned int refused;
};

static void *
free_cut(void *arg)
{
	struct cut *c = arg;
	unsigned int i;

	for (i = 0; i < CUT; i++)
		if ((c->mask & 1u << i) != 0)
			c->refused += (page_frag_free_netmem(c->page[i]) != 0) +
					(page_frag_free_netmem(c->page[i]) != 0);
	return NULL;
}

static int
run_all_cut(void)
{
	struct page_frag f, again[CUT];
	struct cut c = { .mask = 0 };
	struct page_pool *pool;
	unsigned int i, nr;

	for (c.mask = 0; c.mask < 1u << CUT; c.mask++) {
		pool = pool_make(3, "frag_fake");
		CHECK(pool != NULL && page_frag_cache_init(&cache, pool, NULL, owned) == 0, "init");
		fake.nr_free = CUT;
		for (i = 0; i < 2 * CUT; i++) {
			CHECK(page_frag_refill(&cache, LARGE / 2, &f) == 0, "fragment %u", i);
			c.page[i / 2] = f.netmem;
		}
		elsewhere(free_cut, &c);
		for (nr = 0; nr < CUT && page_frag_refill(&cache, LARGE, &again[nr]) == 0;)
			nr++;
		CHECK(nr == (unsigned int)__builtin_popcount(c.mask), "%u pages, mask %#x", nr,
				c.mask);
		while (nr > 0)
			CHECK(page_frag_free_netmem(again[--nr].netmem) == 0, "free");
		c.mask ^= (1u << CUT) - 1;
		elsewhere(free_cut, &c);
		c.mask ^= (1u << CUT) - 1;
		CHECK(c.refused == 0, "refused");
		page_frag_cache_drain(&cache);
		CHECK_OK(pool_end(pool));
	}
	CHECK(page_frag_free_netmem(c.page[0]) == -EINVAL, "a page that is with the provider");
	return 0;
}

static int
test_all_cut(void)
{
	return each(run_all_cut);
}

/* The owner ends, its fragments do not. */
struct ending {
	struct page_frag_cache nc;
	struct page_pool *pool;
	void *va[40];
	int rc;
};

static void *
end_owner(void *arg)
{
	struct ending *e = arg;
	unsigned int i;

	e->rc = page_frag_cache_init(&e->nc, e->pool, NULL, true);
	for (i = 0; i < RTE_DIM(e->va) && e->rc == 0; i++) {
		e->va[i] = page_frag_alloc(&e->nc, LARGE / 3);
		e->rc = e->va[i] == NULL ? -ENOMEM : 0;
	}
	/* some by itself */
	for (i = 0; i < RTE_DIM(e->va) && e->rc == 0; i += 5)
		e->rc = page_frag_free(e->va[i]);
	return NULL;
}

static int
test_owner_ends(void)
{
	static struct ending e;
	unsigned int i;

	e.pool = pool_make(3, NULL);
	CHECK(e.pool != NULL, "pool");
	elsewhere(end_owner, &e);
	CHECK(e.rc == 0, "%d", e.rc);
	for (i = 0; i < RTE_DIM(e.va); i++)
		if (i % 5 != 0)
			CHECK(page_frag_free(e.va[i]) == 0, "refused");
	page_frag_cache_drain(&e.nc);
	return pool_end(e.pool);
}

/* Another thread gets the number of one that has ended, and is not taken for it. */
struct reborn {
	struct page_frag_cache nc;
	struct page_frag frag[2];
	struct page_pool *pool;
	pid_t tid;
	int rc;
};

static void *
reborn_first(void *arg)
{
	struct reborn *r = arg;

	r->tid = rte_sys_gettid();
	r->rc = page_frag_cache_init(&r->nc, r->pool, NULL, true);
	if (r->rc == 0)
		r->rc = page_frag_refill(&r->nc, 64, &r->frag[0]);
	if (r->rc == 0)
		r->rc = page_frag_refill(&r->nc, 64, &r->frag[1]);
	return NULL;
}

static void *
reborn_second(void *arg)
{
	struct reborn *r = arg;
	struct netmem_desc *desc = netmem_to_nmdesc(r->frag[0].netmem);
	struct page_frag_cache nc;

	if (rte_sys_gettid() != r->tid)
		return NULL;
	r->tid = 0;
	r->rc = page_frag_cache_init(&nc, r->pool, NULL, true);
	if (r->rc == 0)
		r->rc = page_frag_free_netmem(r->frag[0].netmem);
	if (r->rc == 0 && (desc->frag_freed != 0 || desc->frag_given != 3))
		r->rc = -EBUSY;
	return NULL;
}

static int
test_reborn(void)
{
	struct reborn r = { .rc = -1 };
	double start = test_seconds();
	unsigned int tries;

	r.pool = pool_make(3, NULL);
	CHECK(r.pool != NULL, "pool");
	elsewhere(reborn_first, &r);
	CHECK(r.rc == 0 && r.tid != 0, "%d", r.rc);
	/* all ids once, where there are few and threads are made fast */
	for (tries = 0; tries < 50000 && r.tid != 0 && test_seconds() - start < 4; tries++)
		elsewhere(reborn_second, &r);
	if (r.tid != 0) {
		printf("no id came again\n");
		page_frag_free_netmem(r.frag[0].netmem);
	}
	CHECK(r.rc == 0, "taken for the thread that has ended: %d", r.rc);
	CHECK(page_frag_free_netmem(r.frag[1].netmem) == 0, "free");
	page_frag_cache_drain(&r.nc);
	return pool_end(r.pool);
}

/* References beside those of fragments: the page stays until they are back, in whatever order. */
static int
run_more_refs(void)
{
	unsigned int order, i;
	struct page_frag f;
	uint8_t *p;
	void *rest;

	for (order = 0; order < 4; order++) {
		CHECK_OK(cache_make(NULL));
		CHECK(page_frag_refill(&cache, 64, &f) == 0, "refill");
		p = f.va;
		memset(p, 0x5a, 64);
		page_pool_ref_netmem(f.netmem);
		/* retired or not when the owner's fragment goes */
		rest = order % 2 == 0 ? NULL : page_frag_alloc(&cache, LARGE);
		CHECK(page_frag_free(f.va) == 0, "free");
		for (i = 0; order >= 2 && i < 8; i++) {
			void *va = page_frag_alloc(&cache, LARGE);

			CHECK(va != NULL, "alloc");
			memset(va, 0xff, LARGE);
			CHECK(page_frag_free(va) == 0, "free");
		}
		CHECK(page_frag_free(rest) == 0, "free");
		CHECK(p[0] == 0x5a && p[63] == 0x5a, "order %u: somebody else has the page", order);
		CHECK(page_pool_put_full_netmem(cache.pool, f.netmem, false) == 0, "put");
		CHECK_OK(cache_end());
	}
	/* the reference comes back first, and aborts see that there is one */
	CHECK_OK(cache_make(NULL));
	CHECK(page_frag_refill(&cache, 64, &f) == 0, "refill");
	page_pool_ref_netmem(f.netmem);
	CHECK(page_frag_alloc_abort(&cache, f.va, 64) == 0, "abort");
	CHECK(page_pool_put_full_netmem(cache.pool, f.netmem, false) == 0, "put");
	return cache_end();
}

static int
test_more_refs(void)
{
	return each(run_more_refs);
}

/* Small pages are aligned to their size only, and an aborted fragment may have left a gap. */
static int
run_aligned(void)
{
	struct page_pool *small = pool_make(0, NULL), *large;
	struct page_frag f;
	unsigned int i;
	char *a;

	CHECK(small != NULL, "pool");
	fake.flags = fake.tag = 0;
	large = pool_make(3, "frag_fake");
	CHECK(large != NULL && page_frag_cache_init(&cache, large, small, owned) == 0, "cache");
	for (i = 0; i < FAKE_PAGES; i++)
		CHECK(page_frag_refill(&cache, LARGE, &f) == 0, "page");
	a = page_frag_alloc_align(&cache, 64, SMALL);
	CHECK(a != NULL && (uintptr_t)a % SMALL == 0, "%p", (void *)a);
	rte_errno = 0;
	CHECK(page_frag_alloc_align(&cache, 64, 2 * SMALL) == NULL && rte_errno == ENOMEM,
			"more than small pages have");
	CHECK(page_frag_free(a) == 0, "free");
	CHECK(page_frag_alloc_align(&cache, 64, 2 * SMALL) == NULL && rte_errno == ENOMEM,
			"in place");
	for (i = 0; i < FAKE_PAGES; i++)
		CHECK(page_frag_free_netmem(nmdesc_to_netmem(&fake.desc[i])) == 0, "free");
	page_frag_cache_drain(&cache);
	CHECK_OK(pool_end(large));
	CHECK_OK(pool_end(small));
	CHECK_OK(cache_make(NULL));
	a = page_frag_alloc(&cache, 100);
	CHECK(page_frag_alloc_align(&cache, 10, 128) == a + 128, "align");
	CHECK(page_frag_alloc_abort(&cache, a + 128, 10) == 0, "abort");
	CHECK(page_frag_alloc_probe(&cache, 10, &f) == 0 &&
					page_frag_alloc_commit_noref(&cache, &f, 10) == -EINVAL,
			"lengthened over a gap");
	CHECK(page_frag_free(a) == 0, "free");
	return cache_end();
}

static int
test_aligned(void)
{
	return each(run_aligned);
}

/* A forked child that ends its thread leaves its parent's pages alone. */
static int
test_fork(void)
{
	struct netmem_desc *desc;
	struct page_frag f;
	void *va[20];
	unsigned int i;
	uint32_t owner;
	int status;
	pid_t pid;

	owned = true;
	CHECK_OK(cache_make(NULL));
	CHECK(page_frag_refill(&cache, LARGE / 2, &f) == 0, "refill");
	desc = netmem_to_nmdesc(f.netmem);
	for (i = 0; i < RTE_DIM(va); i++)
		CHECK((va[i] = page_frag_alloc(&cache, LARGE / 2)) != NULL, "alloc");
	owner = desc->frag_owner;
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0, "fork");
	if (pid == 0)
		pthread_exit(NULL);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "the child: %#x", status);
	CHECK(owner != 0 && desc->frag_owner == owner && desc->frag_given - desc->frag_freed == 2 &&
					page_frag_free(f.va) == 0,
			"the child added up");
	for (i = 0; i < RTE_DIM(va); i++)
		CHECK(page_frag_free(va[i]) == 0, "free");
	return cache_end();
}

/* Strict pools: whatever else of the page is out. */
static int
test_strict_pools(void)
{
	struct page_pool *other = pool_make(0, NULL), *large;
	void *a, *b, *va;
	struct page_frag f;
	const char *text;
	uint32_t size;

	strict = true;
	large = pool_make(3, NULL);
	CHECK(other != NULL && large != NULL, "pools");
	CHECK(page_frag_cache_init(&cache, large, other, true) == -EINVAL, "one is not strict");
	CHECK_OK(pool_end(large));
	CHECK_OK(pool_end(other));
	CHECK_OK(cache_make(NULL));
	test_log_start();
	a = page_frag_alloc(&cache, 100);
	b = page_frag_alloc(&cache, 100);
	CHECK(page_frag_free((char *)a + 1) == -EINVAL, "within it");
	CHECK(page_frag_free(a) == 0 && page_frag_free(a) == -EINVAL, "twice");
	CHECK(free_elsewhere(&a, 1) == 1, "twice, by another");
	CHECK(page_frag_alloc_abort_ref(&cache, a, 100) == -EINVAL, "twice, by abort_ref");
	CHECK(page_frag_alloc_abort(&cache, (char *)b + 50, 50) == -EINVAL, "half of it");
	CHECK(page_frag_alloc_prepare(&cache, 10, &f) == 0 &&
					page_frag_alloc_commit(&cache, &f, 10) == 10,
			"commit");
	CHECK(page_frag_free(f.va) == 0 && page_frag_free(f.va) == -EINVAL, "of a commit");
	/* gone by its page: the mark stays until the page is cut again */
	CHECK(page_frag_free_netmem(f.netmem) == 0, "by its page");
	CHECK(page_frag_alloc(&cache, LARGE) != NULL, "page");
	CHECK(page_frag_free(b) == -EINVAL, "of another round");
	CHECK(page_frag_free(cache.va) == 0, "free");
	test_log_stop(&text); /* the last line was a moment ago */
	CHECK_OK(cache_end());
	/* page_pool_alloc_va() */
	other = pool_make(0, NULL);
	size = 100;
	a = page_pool_alloc_va(other, &size);
	b = page_pool_alloc_va(other, &size);
	size = 4096;
	va = page_pool_alloc_va(other, &size);
	CHECK(a != NULL && b != NULL && va != NULL, "alloc_va");
	test_log_start();
	CHECK(page_pool_free_va(other, (char *)a + 4, true) == -EINVAL, "within it");
	CHECK(page_pool_free_va(other, a, true) == 0 &&
					page_pool_free_va(other, a, true) == -EINVAL,
			"twice");
	CHECK(page_pool_free_va(other, va, false) == 0 &&
					page_pool_free_va(other, va, false) == -EINVAL,
			"twice");
	CHECK(page_pool_free_va(other, b, true) == 0, "free");
	test_log_stop(&text); /* the last line was a moment ago */
	CHECK_OK(pool_end(other));
	strict = false;
	return 0;
}

/* What was a page is none when its memory has gone back, and when its pool has ended. */
static int
test_gone(void)
{
	void *va[200];
	const char *text;
	unsigned int i;

	owned = true;
	CHECK_OK(cache_make(NULL));
	for (i = 0; i < RTE_DIM(va); i++) {
		va[i] = page_frag_alloc(&cache, LARGE);
		CHECK(va[i] != NULL, "alloc");
	}
	for (i = 0; i < RTE_DIM(va); i++)
		CHECK(page_frag_free(va[i]) == 0, "free");
	CHECK_OK(cache_end());
	for (i = 0; i < RTE_DIM(va); i++) {
		test_log_start();
		CHECK(page_frag_free(va[i]) == -EINVAL, "of a pool that has ended");
		CHECK(test_log_stop(&text) == 0 || strstr(text, "in no page") != NULL, "%s", text);
	}
	return 0;
}

/* ---- against a model: each fragment is filled with its number, and looked at when it is freed */

#define LIVE 300

struct live {
	uint8_t *va;
	uint32_t size;
	uint8_t fill;
};

static int
live_free(struct live *l, bool away)
{
	void *va = l->va;
	uint32_t i;

	for (i = 0; i < l->size; i++)
		CHECK(l->va[i] == l->fill, "byte %u of %u was written to", i, l->size);
	/* any address in it */
	if (!strict)
		va = l->va + test_random_below(l->size);
	if (away)
		CHECK(free_elsewhere(&va, 1) == 0, "refused");
	else
		CHECK(page_frag_free(va) == 0, "refused");
	l->va = NULL;
	return 0;
}

static uint32_t
any_size(void)
{
	switch (test_random_below(4)) {
	case 0:
		return 1 + test_random_below(64);
	case 1:
		return 1 + test_random_below(2048);
	case 2:
		return 1 + test_random_below(LARGE);
	default:
		return 64u << test_random_below(6);
	}
}

static int
run_random(void)
{
	static struct live live[LIVE];
	struct page_frag f;
	struct live *l, *newest = NULL;
	uint32_t size, used;
	unsigned int i, turn;
	int64_t rc;

	CHECK_OK(cache_make(NULL));
	memset(live, 0, sizeof(live));
	for (turn = 0; turn < 20000 * test_scale(); turn++) {
		l = &live[test_random_below(LIVE)];
		if (l->va != NULL) {
			newest = newest == l ? NULL : newest;
			CHECK_OK(live_free(l, test_random_below(64) == 0));
			continue;
		}
		size = any_size();
		l->fill = (uint8_t)turn;
		switch (test_random_below(6)) {
		case 0:
			l->va = page_frag_alloc_align(&cache, size, 1u << test_random_below(8));
			used = size;
			break;
		case 1:
			CHECK(page_frag_refill(&cache, size, &f) == 0, "refill");
			l->va = f.va;
			used = f.size;
			break;
		case 2:
			CHECK(page_frag_alloc_prepare(&cache, size, &f) == 0 && f.size >= size,
					"prepare");
			used = 1 + test_random_below(f.size);
			l->va = f.va;
			CHECK(page_frag_alloc_commit(&cache, &f, used) == used, "commit");
			break;
		case 3:
			/* and the newest is longer */
			if (newest == NULL || page_frag_alloc_probe(&cache, 1, &f) != 0 ||
					(uint8_t *)f.va != newest->va + newest->size)
				continue;
			used = 1 + test_random_below(f.size);
			rc = page_frag_alloc_commit_noref(&cache, &f, used);
			CHECK(rc == used, "commit_noref: %" PRId64, rc);
			memset(f.va, newest->fill, used);
			newest->size += used;
			continue;
		case 4:
			l->va = page_frag_alloc(&cache, size);
			CHECK(l->va != NULL, "alloc");
			CHECK(page_frag_alloc_abort(&cache, l->va, size) == 0, "abort");
			l->va = NULL;
			newest = NULL;
			continue;
		default:
			l->va = page_frag_alloc(&cache, size);
			used = size;
			break;
		}
		CHECK(l->va != NULL, "alloc of %u: %s", size, rte_strerror(rte_errno));
		l->size = used;
		memset(l->va, l->fill, used);
		newest = l;
		if (test_random_below(2000) == 0)
			page_frag_cache_drain(&cache);
	}
	for (i = 0; i < LIVE; i++)
		if (live[i].va != NULL)
			CHECK_OK(live_free(&live[i], i % 2 == 0));
	return cache_end();
}

static int
test_sequence(void)
{
	return each(run_random);
}

/* ---- the kernel's test: one thread allocates, another frees, over a ring of 512 */

#define TRANSFERS 200000

struct transfer {
	struct rte_ring *ring;
	atomic_uint refused;
};

static void *
transfer_free(void *arg)
{
	struct transfer *t = arg;
	unsigned int n = 0;
	uint32_t *va;

	while (n < TRANSFERS * test_scale()) {
		if (rte_ring_dequeue(t->ring, (void **)&va) != 0) {
			sched_yield();
			continue;
		}
		/* each says what is in it */
		t->refused += va[0] != n || va[va[1] / 4 - 1] != (va[1] == 8 ? 8 : n);
		t->refused += page_frag_free(va) != 0;
		n++;
	}
	return NULL;
}

static int
run_transfer(void)
{
	struct page_frag f, g;
	struct transfer t;
	pthread_t thread;
	uint32_t size, n;
	uint32_t *va;
	int rc;

	CHECK_OK(cache_make(NULL));
	atomic_init(&t.refused, 0);
	t.ring = rte_ring_create("frags", 512, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	CHECK(t.ring != NULL, "ring");
	CHECK(pthread_create(&thread, NULL, transfer_free, &t) == 0, "thread");
	for (n = 0; n < TRANSFERS * test_scale(); n++) {
		size = 8 + 4 * test_random_below(600);
		/* what probe offers, prepare offers, too */
		rc = page_frag_alloc_probe(&cache, size, &g);
		CHECK(page_frag_alloc_prepare(&cache, size, &f) == 0, "prepare");
		if (rc == 0)
			CHECK(memcmp(&f, &g, sizeof(f)) == 0, "prepare and probe differ");
		else
			CHECK(rc == -ENOSPC && f.offset == 0, "probe saw no room: %d, %u", rc,
					f.offset);
		CHECK(page_frag_alloc_probe(&cache, size, &g) == 0 &&
						memcmp(&f, &g, sizeof(f)) == 0,
				"probe after it");
		CHECK(page_frag_alloc_commit(&cache, &f, size) == size, "commit");
		va = f.va;
		va[size / 4 - 1] = n;
		va[0] = n;
		va[1] = size;
		while (rte_ring_enqueue(t.ring, va) != 0)
			sched_yield();
	}
	pthread_join(thread, NULL);
	CHECK(t.refused == 0, "%u refused or damaged", t.refused);
	CHECK(page_pool_inflight(cache.pool) < 600, "%u pages", page_pool_inflight(cache.pool));
	rte_ring_free(t.ring);
	return cache_end();
}

static int
test_transfer(void)
{
	return each(run_transfer);
}

static const struct test_case cases[] = {
	{ "item 2: init, drain", test_init, TEST_ONCE },
	{ "item 2: alloc, align, free, in place again", test_alloc, TEST_ONCE },
	{ "item 2: frees too many, and of what is none", test_refused, TEST_ONCE },
	{ "item 2: prepare, probe, commit, noref, abort", test_offers, TEST_ONCE },
	{ "item 2: from large pages to small ones", test_fallback, TEST_ONCE },
	{ "item 2: emergency reserve", test_pfmemalloc, TEST_ONCE },
	{ "item 2: unreadable memory", test_unreadable, TEST_ONCE },
	{ "item 2: freed by owner and others, in every mixture", test_mixtures, TEST_ONCE },
	{ "item 2: freed by others only", test_away, TEST_ONCE },
	{ "item 2: as many pages again as others have freed", test_all_cut, TEST_ONCE },
	{ "item 2: a thread with the id of one that has ended", test_reborn, TEST_ONCE },
	{ "item 2: the owner ends before its fragments", test_owner_ends, TEST_ONCE },
	{ "item 2: references beside those of fragments", test_more_refs, TEST_ONCE },
	{ "item 2: what alignment takes", test_aligned, TEST_ONCE },
	{ "item 2: a forked child that ends", test_fork, TEST_ONCE },
	{ "bad input: strict pools find every double free", test_strict_pools, TEST_ONCE },
	{ "item 2: pages that are gone", test_gone, TEST_ONCE },
	{ "item 5: a random sequence against a model", test_sequence, TEST_ONCE },
	{ "item 5: two threads and a ring of 512", test_transfer, TEST_ONCE },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_page_frag", 256, cases, RTE_DIM(cases) };

	if (memory_provider_register(&fake_ops) != 0)
		return EXIT_FAILURE;
	return test_main(&suite, argc, argv);
}
