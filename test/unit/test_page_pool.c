/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The library's page_pool (issue 5): each call, each error, the kernel's counters, returns from
 * other threads, a random sequence against a model, and the end with pages in every place.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>
#include <rte_ring.h>

#include <memory_providers.h>
#include <page_pool.h>

#include "test_common.h"

#define PAGE PAGE_POOL_PAGE_SIZE

static struct page_pool *
pool_make(uint32_t order, uint32_t size, uint32_t owner)
{
	struct page_pool_params params = {
		.name = "unit",
		.order = order,
		.pool_size = size,
		.nid = -1,
		.owner = owner,
	};

	return page_pool_create(&params);
}

static struct page_pool_stats
stats_of(const struct page_pool *pool)
{
	struct page_pool_stats st;

	page_pool_get_stats(pool, &st);
	return st;
}

/* All pages are back: sound, and gone without waiting. */
static int
pool_end(struct page_pool *pool)
{
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

/* ---- a provider for tests: a few pages that cannot be read, on any node, and errors */

#define FAKE_PAGES 300

static struct {
	struct netmem_desc desc[FAKE_PAGES];
	unsigned int used;
	unsigned int limit;
	unsigned int released;
	unsigned int pools;
	int init_error;
	int nid;
	uint32_t flags;
	uint64_t tag;
	void *priv;
} fake;

static int
fake_init(struct page_pool *pool)
{
	if (fake.init_error != 0)
		return fake.init_error;
	fake.priv = page_pool_mp_priv(pool);
	fake.pools++;
	fake.used = fake.released = 0;
	return 0;
}

static void
fake_destroy(struct page_pool *pool)
{
	(void)pool;
	__atomic_fetch_sub(&fake.pools, 1, __ATOMIC_RELEASE);
}

static netmem_ref
fake_alloc(struct page_pool *pool)
{
	struct netmem_desc *desc = &fake.desc[fake.used];

	(void)pool;
	if (fake.used == fake.limit)
		return 0;
	fake.used++;
	memset(desc, 0, sizeof(*desc));
	desc->addr = &fake;
	desc->dma_addr = 4096 * fake.used;
	desc->nid = fake.nid;
	desc->flags = fake.flags;
	desc->tag = fake.tag;
	return nmdesc_to_netmem(desc);
}

static void
fake_release(struct page_pool *pool, netmem_ref netmem)
{
	(void)pool;
	(void)netmem;
	fake.released++;
}

static const struct memory_provider_ops fake_ops = {
	.name = "fake",
	.init = fake_init,
	.destroy = fake_destroy,
	.alloc_netmems = fake_alloc,
	.release_netmem = fake_release,
};

static struct page_pool *
fake_pool(unsigned int limit, uint32_t order)
{
	struct page_pool_params params = {
		.order = order,
		.nid = 0,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = "fake",
		.mp_priv = &fake,
	};

	fake.limit = limit;
	return page_pool_create(&params);
}

static int
test_providers(void)
{
	static struct memory_provider_ops bad, many[MEMORY_PROVIDERS_MAX];
	static char names[MEMORY_PROVIDERS_MAX][8];
	char name[MEMORY_PROVIDER_NAMESIZE + 1];
	struct memory_provider_info info;
	struct page_pool *pool;
	unsigned int i;
	int rc = 0;

	CHECK(memory_provider_register(NULL) == -EINVAL, "NULL");
	for (i = 0; i < 5; i++) {
		bad = fake_ops;
		if (i == 0)
			bad.name = NULL;
		else if (i == 1)
			bad.init = NULL;
		else if (i == 2)
			bad.destroy = NULL;
		else if (i == 3)
			bad.alloc_netmems = NULL;
		else
			bad.release_netmem = NULL;
		CHECK(memory_provider_register(&bad) == -EINVAL, "%u", i);
	}
	bad = fake_ops;
	bad.name = "";
	CHECK(memory_provider_register(&bad) == -EINVAL, "no name");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	bad.name = name;
	CHECK(memory_provider_register(&bad) == -EINVAL, "a name too long");
	CHECK(memory_provider_register(&fake_ops) == 0, "fake");
	CHECK(memory_provider_register(&fake_ops) == -EEXIST, "twice");
	CHECK(memory_provider_get("fake") == &fake_ops && memory_provider_get("none") == NULL &&
					memory_provider_get(NULL) == NULL,
			"by name");
	bad.name = "heap";
	CHECK(memory_provider_register(&bad) == -EEXIST, "heap");

	fake.init_error = -EFAULT;
	CHECK(fake_pool(1, 0) == NULL && rte_errno == EFAULT, "init: %d", rte_errno);
	fake.init_error = 0;
	pool = fake_pool(1, 0);
	CHECK(pool != NULL && fake.priv == &fake && page_pool_mp_priv(pool) == &fake, "mp_priv");
	CHECK(page_pool_get_provider_info(pool, &info) == -ENOTSUP, "info");
	CHECK(page_pool_nid(pool) == 0, "nid");
	CHECK_OK(pool_end(pool));
	CHECK(fake.pools == 0, "destroy");

	for (i = 0; i < MEMORY_PROVIDERS_MAX && rc == 0; i++) {
		many[i] = fake_ops;
		snprintf(names[i], sizeof(names[i]), "p%u", i);
		many[i].name = names[i];
		rc = memory_provider_register(&many[i]);
	}
	CHECK(rc == -ENOSPC && i == MEMORY_PROVIDERS_MAX - 4, "%d after %u", rc, i);
	return 0;
}

static int
test_create_errors(void)
{
	/* this program has no librte_gpudev */
	static struct page_pool_gpu gpu = { .len = 1 << 20 };
	static const struct {
		const char *what;
		struct page_pool_params params;
		int error;
	} cases[] = {
		{ "flag", { .flags = 1, .owner = UINT32_MAX }, EINVAL },
		{ "owner", { .owner = PAGE_POOL_OWNER_LCORE(RTE_MAX_LCORE), .provider = "none" },
				EINVAL },
		{ "name", { .name = "12345678901234567890123456789012", .provider = "none" },
				EINVAL },
		{ "provider", { .provider = "none", .order = 99 }, ENOENT },
		{ "order", { .order = PAGE_POOL_ORDER_MAX + 1 }, EINVAL },
		{ "gpu", { .provider = "gpu", .mp_priv = &gpu }, ENOTSUP },
	};
	struct page_pool *pool;
	unsigned int i;

	CHECK(page_pool_create(NULL) == NULL && rte_errno == EINVAL, "NULL");
	for (i = 0; i < RTE_DIM(cases); i++) {
		rte_errno = 0;
		CHECK(page_pool_create(&cases[i].params) == NULL && rte_errno == cases[i].error,
				"%s: %d", cases[i].what, rte_errno);
	}
	CHECK(page_pool_destroy(NULL) == 0, "NULL");
	pool = pool_make(0, PAGE_POOL_SIZE_MAX + 1, PAGE_POOL_OWNER_NONE);
	CHECK(pool != NULL, "a large ring is made smaller");
	CHECK(page_pool_page_size(pool) == PAGE && page_pool_inflight(pool) == 0, "new");
	return pool_end(pool);
}

/* Every order: pages are aligned, apart, writable and known by their addresses. */
static int
test_orders(void)
{
	struct netmem_desc *desc;
	struct page_pool *pool;
	netmem_ref n[40];
	uint32_t order, i, nr;
	size_t size;

	for (order = 0; order <= PAGE_POOL_ORDER_MAX; order++) {
		pool = pool_make(order, 0, PAGE_POOL_OWNER_THREAD);
		CHECK(pool != NULL, "order %u: %d", order, rte_errno);
		size = page_pool_page_size(pool);
		CHECK(size == (size_t)PAGE << order, "%zu", size);
		nr = order > 7 ? 3 : 40;
		for (i = 0; i < nr; i++) {
			n[i] = page_pool_alloc_netmems(pool);
			/* larger than a hugepage, and no two of these follow each other */
			if (n[i] == 0 && size >= RTE_PGSIZE_2M &&
					(rte_eal_iova_mode() == RTE_IOVA_PA ||
							test_piece(3 * size) == TEST_SKIPPED)) {
				printf("order %u: none\n", order);
				nr = i;
				break;
			}
			CHECK(n[i] != 0, "order %u: page %u", order, i);
			desc = netmem_to_nmdesc(n[i]);
			CHECK((uintptr_t)desc->addr % size == 0, "%p", desc->addr);
			CHECK(netmem_address(n[i]) == desc->addr && !netmem_is_net_iov(n[i]),
					"page");
			CHECK(netmem_pp(n[i]) == pool && desc->pp_ref_count == 1, "owner");
			CHECK(page_pool_get_dma_addr_netmem(n[i]) == rte_mem_virt2iova(desc->addr),
					"IO address");
			memset(desc->addr, (int)i, size);
		}
		for (i = 0; i < nr; i++)
			CHECK(*(uint8_t *)netmem_address(n[i]) == i &&
							((uint8_t *)netmem_address(
									n[i]))[size - 1] == i,
					"pages overlap");
		/* of order 0 the others of a bulk are in the direct cache */
		CHECK(page_pool_inflight(pool) == (order == 0 ? 64 : nr), "in flight");
		for (i = 0; i < nr; i++)
			CHECK(page_pool_put_full_netmem(pool, n[i], false) == 0, "put");
		CHECK(stats_of(pool).slow == (order == 0 ? 1 : 0) &&
						stats_of(pool).slow_high_order ==
								(order == 0 ? 0 : nr),
				"slow");
		CHECK_OK(pool_end(pool));
	}
	return 0;
}

/* netmem: conversions say no. */
static int
test_netmem(void)
{
	struct page_pool *pool;
	netmem_ref n;

	fake.tag = NETMEM_NET_IOV;
	pool = fake_pool(2, 0);
	CHECK(pool != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(n != 0 && netmem_is_net_iov(n), "%#zx", (size_t)n);
	CHECK(netmem_address(n) == NULL && netmem_to_page(n) == NULL, "a page");
	CHECK(net_iov_to_netmem(netmem_to_net_iov(n)) == n, "there and back");
	CHECK(netmem_pp(n) == pool && page_pool_get_dma_addr_netmem(n) == 4096, "by mask");
	CHECK(netmem_is_pref_nid(n, 7), "a net_iov is on every node");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "put");
	CHECK(page_pool_alloc_pages(pool) == NULL && rte_errno == EOPNOTSUPP,
			"unreadable memory as a page");
	CHECK(page_pool_alloc_netmems(pool) == n, "the same again, with its tag");
	page_pool_put_full_netmem(pool, n, false);
	CHECK_OK(pool_end(pool));
	fake.tag = 0;
	CHECK(netmem_address(0) == NULL && netmem_to_page(0) == NULL &&
					netmem_to_net_iov(0) == NULL && !netmem_is_net_iov(0),
			"0");
	CHECK(page_to_netmem(NULL) == 0 && net_iov_to_netmem(NULL) == 0, "NULL");
	return 0;
}

/* The counters, step by step, in the kernel's order. */
static int
test_counters(void)
{
	struct page_pool *pool = pool_make(0, 8, PAGE_POOL_OWNER_THREAD);
	struct page_pool_stats st;
	netmem_ref n[256];
	unsigned int i;

	CHECK(pool != NULL, "pool");
	for (i = 0; i < 256; i++)
		n[i] = page_pool_alloc_netmems(pool);
	st = stats_of(pool);
	CHECK(st.slow == 4 && st.empty == 4 && st.fast == 252 && st.refill == 0,
			"slow %" PRIu64 " empty %" PRIu64, st.slow, st.empty);
	/* 64 for each time; the cache is empty now. 128 go to it, 8 to the ring, the others go */
	for (i = 0; i < 256; i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], false) == 0, "put");
	st = stats_of(pool);
	CHECK(st.cached == 128 && st.cache_full == 128 && st.ring == 8 && st.ring_full == 120,
			"%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, st.cached, st.cache_full,
			st.ring, st.ring_full);
	CHECK(page_pool_inflight(pool) == 136, "in flight: %u", page_pool_inflight(pool));
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	/* LIFO, then the ring, then the provider */
	for (i = 0; i < 128; i++)
		CHECK(page_pool_alloc_netmems(pool) == n[127 - i], "%u is not the warmest", i);
	CHECK(stats_of(pool).fast == 252 + 128, "fast");
	for (i = 0; i < 8; i++)
		CHECK(page_pool_alloc_netmems(pool) == n[135 - i], "%u out of the ring", i);
	st = stats_of(pool);
	CHECK(st.refill == 1 && st.fast == 252 + 135 && st.empty == 4 && st.ring == 8,
			"refill %" PRIu64 " fast %" PRIu64, st.refill, st.fast);
	n[199] = page_pool_alloc_netmems(pool);
	CHECK(stats_of(pool).slow == 5 && stats_of(pool).empty == 5, "slow");
	/* the inline way back */
	CHECK(page_pool_recycle_direct_netmem(pool, n[199]) == 0 && stats_of(pool).cached == 129,
			"direct");
	CHECK(page_pool_put_netmem_bulk(n, 136) == 136, "bulk");
	st = stats_of(pool);
	CHECK(st.cached == 129 + 64 && st.ring == 16 && st.ring_full == 184,
			"%" PRIu64 " %" PRIu64 " %" PRIu64, st.cached, st.ring, st.ring_full);
	CHECK(st.refused == 0 && st.released_refcnt == 0 && st.waive == 0, "others");
	return pool_end(pool);
}

/* References: shared pages, too many returns, other pools' pages. */
static int
test_references(void)
{
	struct page_pool *pool = pool_make(0, 0, PAGE_POOL_OWNER_THREAD), *other;
	netmem_ref n, m[3];

	other = pool_make(0, 0, PAGE_POOL_OWNER_THREAD);
	CHECK(pool != NULL && other != NULL, "pools");
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_fragment_netmem(n, 0) == -EINVAL &&
					page_pool_fragment_netmem(0, 1) == -EINVAL &&
					page_pool_fragment_netmem(n, PAGE_POOL_BIAS_MAX + 1) ==
							-EINVAL,
			"numbers");
	CHECK(page_pool_fragment_netmem(n, 3) == 0 && page_pool_fragment_netmem(n, 3) == -EINVAL,
			"three");
	page_pool_ref_netmem(n);
	CHECK(page_pool_unref_netmem(n, 2) == 2 && page_pool_unref_netmem(n, 3) == -EINVAL &&
					page_pool_unref_netmem(n, 0) == -EINVAL &&
					page_pool_unref_netmem(0, 1) == -EINVAL,
			"unref");
	CHECK(page_pool_put_full_netmem(pool, n, true) == 0 && stats_of(pool).cached == 0, "one");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == 0 && stats_of(pool).cached == 1, "last");
	/* one too many, by each way, and to the wrong pool */
	CHECK(page_pool_put_full_netmem(pool, n, true) == -EINVAL, "twice");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == -EINVAL, "twice, direct");
	CHECK(page_pool_put_netmem_bulk(&n, 1) == 0, "twice, in bulk");
	CHECK(stats_of(pool).refused == 3, "refused");
	CHECK(page_pool_put_full_netmem(pool, 0, false) == -EINVAL &&
					page_pool_recycle_direct_netmem(pool, 0) == -EINVAL,
			"0");
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_put_full_netmem(other, n, false) == -EINVAL &&
					page_pool_recycle_direct_netmem(other, n) == -EINVAL &&
					stats_of(other).refused == 2,
			"another pool's");
	CHECK(page_pool_put_unrefed_netmem(pool, n, UINT32_MAX, true) == -EINVAL,
			"still referenced");
	CHECK(page_pool_unref_netmem(n, 1) == 0 &&
					page_pool_put_unrefed_netmem(pool, n, UINT32_MAX, true) ==
							0,
			"by hand");
	CHECK(page_pool_put_unrefed_netmem(pool, n, UINT32_MAX, true) == -EINVAL &&
					page_pool_put_full_netmem(pool, n, true) == -EINVAL,
			"by hand, twice");
	/* a bulk of several pools, with what is none */
	m[0] = page_pool_alloc_netmems(pool);
	m[1] = 0;
	m[2] = page_pool_alloc_netmems(other);
	CHECK(page_pool_put_netmem_bulk(m, 3) == 2, "mixed");
	CHECK(stats_of(other).cached == 1, "to its own");
	CHECK_OK(pool_end(other));
	return pool_end(pool);
}

/* Fragments of one page; the page stays when all are back. */
static int
test_frags(void)
{
	struct page_pool *pool = pool_make(0, 0, PAGE_POOL_OWNER_THREAD);
	uint32_t offset = 77, size, i;
	netmem_ref n, first, f[8];

	CHECK(pool != NULL, "pool");
	CHECK(page_pool_alloc_frag_netmem(pool, &offset, 0) == 0 && rte_errno == EINVAL, "0");
	CHECK(page_pool_alloc_frag_netmem(pool, &offset, PAGE + 1) == 0 && rte_errno == E2BIG,
			"too large");
	CHECK(offset == 77, "written on failure");
	first = page_pool_alloc_frag_netmem(pool, &offset, 1);
	CHECK(first != 0 && offset == 0, "%u", offset);
	n = page_pool_alloc_frag_netmem(pool, &offset, 100);
	CHECK(n == first && offset == RTE_CACHE_LINE_SIZE, "lines are not shared: %u", offset);
	CHECK(page_pool_put_full_netmem(pool, n, false) == 0 &&
					page_pool_put_full_netmem(pool, n, false) == 0,
			"both back");
	CHECK(stats_of(pool).cached == 0, "the page is still being cut");
	/* no room left: used again in place, as if it had come back */
	n = page_pool_alloc_frag_netmem(pool, &offset, PAGE);
	CHECK(n == first && offset == 0 && stats_of(pool).cached == 1 && stats_of(pool).fast == 1,
			"in place");
	/* and left to who has it */
	n = page_pool_alloc_frag_netmem(pool, &offset, 64);
	CHECK(n != first && offset == 0, "another page");
	CHECK(page_pool_recycle_direct_netmem(pool, first) == 0 && stats_of(pool).cached == 2,
			"cached");
	page_pool_put_full_netmem(pool, n, false);

	/* by size: whole pages above half of one, the tail goes with the last fragment */
	size = PAGE / 2 + 1;
	n = page_pool_alloc_netmem(pool, &offset, &size);
	CHECK(n == first && offset == 0 && size == PAGE, "whole: %u", size);
	page_pool_put_full_netmem(pool, n, false);
	size = 0;
	CHECK(page_pool_alloc_netmem(pool, &offset, &size) == 0 && rte_errno == EINVAL, "0");
	size = PAGE + 1;
	CHECK(page_pool_alloc_netmem(pool, &offset, &size) == 0 && rte_errno == E2BIG &&
					size == PAGE + 1,
			"too large");
	for (i = 0; i < 2; i++) {
		size = 1500;
		f[i] = page_pool_alloc_netmem(pool, &offset, &size);
		CHECK(f[i] != 0, "%u", i);
		printf("fragment %u: %u bytes at %u\n", i, size, offset);
		/* the page being cut has one line in use already */
		CHECK(offset == (i == 0 ? 64 : 64 + 1536) &&
						size == (i == 0 ? 1536 : PAGE - 64 - 1536),
				"%u bytes at %u", size, offset);
	}
	CHECK(f[0] == f[1], "one page");
	size = 1500;
	f[2] = page_pool_alloc_netmem(pool, &offset, &size);
	CHECK(f[2] != f[0] && offset == 0, "the tail was given away");
	CHECK(page_pool_put_netmem_bulk(f, 3) == 3, "back");
	return pool_end(pool);
}

/* The calls that are named after pages: the same, and no to what the CPU cannot read. */
static int
test_pages(void)
{
	struct page_pool *pool = pool_make(0, 0, PAGE_POOL_OWNER_THREAD);
	uint32_t offset = 77, size = 1500;
	struct page_pool_page *page, *frag;

	CHECK(pool != NULL, "pool");
	page = page_pool_alloc_pages(pool);
	CHECK(page != NULL && page_address(page) != NULL, "page");
	CHECK(page_pool_get_dma_addr(page) == rte_mem_virt2iova(page_address(page)), "IO address");
	CHECK(page_pool_fragment_page(page, 2) == 0, "two");
	page_pool_ref_page(page);
	CHECK(page_pool_unref_page(page, 1) == 2 &&
					page_pool_put_page(pool, page, UINT32_MAX, true) == 0 &&
					page_pool_unref_page(page, 1) == 0 &&
					page_pool_put_unrefed_page(pool, page, UINT32_MAX, true) ==
							0,
			"three ways");
	CHECK(page_pool_put_full_page(pool, page, true) == -EINVAL &&
					page_pool_put_page(pool, page, 0, true) == -EINVAL &&
					page_pool_recycle_direct(pool, page) == -EINVAL,
			"returned too often");
	frag = page_pool_alloc_frag(pool, &offset, 100);
	CHECK(frag == page && offset == 0, "fragment at %u", offset);
	CHECK(page_pool_alloc(pool, &offset, &size) == page && offset == 128 && size == 1536,
			"%u bytes at %u", size, offset);
	CHECK(page_pool_put_full_page(pool, page, true) == 0 &&
					page_pool_recycle_direct(pool, frag) == 0,
			"both back");
	offset = 77;
	size = PAGE + 1;
	CHECK(page_pool_alloc_frag(pool, &offset, 0) == NULL && rte_errno == EINVAL, "0");
	CHECK(page_pool_alloc(pool, &offset, &size) == NULL && rte_errno == E2BIG, "too large");
	CHECK(offset == 77 && size == PAGE + 1, "written on failure");
	CHECK_OK(pool_end(pool));

	fake.tag = NETMEM_NET_IOV;
	pool = fake_pool(2, 0);
	CHECK(pool != NULL, "pool");
	size = 100;
	CHECK(page_pool_alloc_frag(pool, &offset, 100) == NULL && rte_errno == EOPNOTSUPP, "frag");
	CHECK(page_pool_alloc(pool, &offset, &size) == NULL && rte_errno == EOPNOTSUPP, "alloc");
	CHECK(offset == 77 && size == 100, "written on failure");
	fake.tag = 0;
	return pool_end(pool);
}

/* Nodes: pages elsewhere are waived, one for each refill that meets one. */
static int
test_nodes(void)
{
	struct page_pool *pool;
	netmem_ref n[6], got;
	unsigned int i;

	fake.nid = 0;
	pool = fake_pool(100, 0);
	CHECK(pool != NULL, "pool");
	for (i = 0; i < 6; i++)
		n[i] = page_pool_alloc_netmems(pool);
	page_pool_disable_direct_recycling(pool);
	for (i = 0; i < 5; i++)
		page_pool_put_full_netmem(pool, n[i], false);
	CHECK(stats_of(pool).ring == 5, "ring");
	CHECK(page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_NONE) == -EINVAL &&
					page_pool_enable_direct_recycling(NULL, 1) == -EINVAL &&
					page_pool_enable_direct_recycling(pool,
							PAGE_POOL_OWNER_LCORE(RTE_MAX_LCORE)) ==
							-EINVAL,
			"no owner");
	CHECK(page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_LCORE(rte_lcore_id())) == 0,
			"an lcore");
	page_pool_put_full_netmem(pool, n[5], false);
	CHECK(stats_of(pool).cached == 1, "direct again");
	page_pool_update_nid(pool, 1);
	CHECK(page_pool_nid(pool) == 1 && fake.released == 1 && page_pool_inflight(pool) == 5,
			"the cache is released: %u", fake.released);
	/* each allocation waives one, and asks the provider */
	fake.nid = 1;
	for (i = 0; i < 5; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0 && stats_of(pool).waive == i + 1 && stats_of(pool).refill == 0,
				"waive %" PRIu64, stats_of(pool).waive);
	}
	CHECK(fake.released == 6 && page_pool_inflight(pool) == 5, "waived: %u", fake.released);
	CHECK(page_pool_put_netmem_bulk(n, 5) == 5, "back");
	fake.nid = 0;
	/* of an emergency reserve: not recycled */
	fake.flags = NETMEM_F_PFMEMALLOC;
	for (i = 0; i < 5; i++)
		n[i] = page_pool_alloc_netmems(pool);
	n[5] = page_pool_alloc_netmems(pool);
	fake.flags = 0;
	CHECK(netmem_is_pfmemalloc(n[5]) && !netmem_is_pfmemalloc(n[0]), "the mark");
	CHECK(page_pool_recycle_direct_netmem(pool, n[5]) == 0 &&
					stats_of(pool).released_refcnt == 1,
			"not recycled");
	CHECK(page_pool_put_netmem_bulk(n, 5) == 5, "back");
	/* the third of a refill is waived: those before it come, then those behind it */
	fake.nid = 1;
	for (i = 0; i < 6; i++)
		n[i] = page_pool_alloc_netmems(pool);
	page_pool_disable_direct_recycling(pool);
	netmem_to_nmdesc(n[2])->nid = 0;
	for (i = 6; i-- > 0;)
		page_pool_put_full_netmem(pool, n[i], false);
	for (i = 0; i < 5; i++) {
		got = page_pool_alloc_netmems(pool);
		CHECK(got == n[i < 2 ? i : i + 1] && stats_of(pool).waive == 6, "page %u", i);
	}
	n[2] = page_pool_alloc_netmems(pool);
	CHECK(page_pool_put_netmem_bulk(n, 6) == 6, "back");
	fake.nid = 0;
	CHECK_OK(pool_end(pool));
	CHECK(fake.released == fake.used && fake.pools == 0, "%u of %u", fake.released, fake.used);
	return 0;
}

/* Exhaustion: no page, and none broken. */
static int
test_exhausted(void)
{
	struct page_pool *pool = fake_pool(10, 0);
	uint32_t offset = 5, size = 100;
	netmem_ref n[10];
	unsigned int i;

	CHECK(pool != NULL, "pool");
	for (i = 0; i < 10; i++)
		n[i] = page_pool_alloc_netmems(pool);
	for (i = 0; i < 3; i++) {
		rte_errno = 0;
		CHECK(page_pool_alloc_netmems(pool) == 0 && rte_errno == ENOMEM, "%d", rte_errno);
		CHECK(page_pool_alloc_frag_netmem(pool, &offset, 64) == 0 && offset == 5, "frag");
		CHECK(page_pool_alloc_netmem(pool, &offset, &size) == 0 && size == 100, "alloc");
	}
	CHECK(page_pool_put_full_netmem(pool, n[0], false) == 0, "put");
	CHECK(page_pool_alloc_netmems(pool) == n[0], "usable");
	CHECK(page_pool_put_netmem_bulk(n, 10) == 10, "back");
	return pool_end(pool);
}

/* The heap grows and shrinks, and wastes little. */
static int
test_heap(void)
{
	const struct test_memory before = test_memory();
	struct page_pool *pool = pool_make(0, 64, PAGE_POOL_OWNER_THREAD);
	struct memory_provider_info info;
	static netmem_ref n[5000];
	unsigned int i;

	CHECK(pool != NULL, "pool");
	for (i = 0; i < RTE_DIM(n); i++)
		CHECK((n[i] = page_pool_alloc_netmems(pool)) != 0, "%u", i);
	CHECK(page_pool_get_provider_info(pool, &info) == 0, "info");
	printf("%u pages: %" PRIu64 " bytes taken, %.4f for each byte\n", i, info.bytes,
			(double)info.bytes / ((double)info.pages * PAGE));
	CHECK(info.pages - info.free_pages - RTE_DIM(n) < 64, "%" PRIu64 " pages, %" PRIu64 " free",
			info.pages, info.free_pages);
	CHECK(info.bytes * 100 <= info.pages * PAGE * 102, "more than 2 %%");
	CHECK(page_pool_put_netmem_bulk(n, RTE_DIM(n)) == RTE_DIM(n), "back");
	/* once more, now that most of the memory is gone */
	for (i = 0; i < RTE_DIM(n); i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], false) == -EINVAL, "%u twice", i);
	page_pool_get_provider_info(pool, &info);
	CHECK(info.pages - info.free_pages == 192 && info.pages < 5 * 511,
			"%" PRIu64 " pages stay, %" PRIu64 " free", info.pages, info.free_pages);
	CHECK_OK(pool_end(pool));
	CHECK(test_memory_same(&before, "the heap"), "memory stays");
	return 0;
}

/* A node without memory: pages are elsewhere, and waived when they come through the ring. */
static int
test_heap_node(void)
{
	struct page_pool_params params = { .nid = RTE_MAX_NUMA_NODES - 1 };
	struct page_pool *pool = page_pool_create(&params);
	netmem_ref n[64];
	unsigned int i;

	CHECK(pool != NULL, "no pool: %d", rte_errno);
	/* as many as one lock is good for: the direct cache is empty then */
	for (i = 0; i < 64; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0 && !netmem_is_pref_nid(n[i], params.nid), "a page elsewhere");
	}
	CHECK(stats_of(pool).slow == 1, "slow: %" PRIu64, stats_of(pool).slow);
	CHECK(page_pool_put_netmem_bulk(n, 64) == 64 && stats_of(pool).ring == 64, "ring");
	CHECK((n[0] = page_pool_alloc_netmems(pool)) != 0, "no page");
	CHECK(stats_of(pool).waive == 1 && stats_of(pool).refill == 0 && stats_of(pool).slow == 2,
			"waived: %" PRIu64, stats_of(pool).waive);
	CHECK(page_pool_put_full_netmem(pool, n[0], false) == 0, "put");
	return pool_end(pool);
}

/* One chunk without users is kept, each time. */
static int
test_heap_keeps(void)
{
	struct page_pool *pool = pool_make(7, 1, PAGE_POOL_OWNER_NONE);
	struct memory_provider_info info;
	unsigned int i, round;
	netmem_ref n[4];

	CHECK(pool != NULL, "pool");
	for (round = 0; round < 3; round++) {
		/* three in a chunk; the ring keeps the first one that comes back */
		for (i = 0; i < 4; i++)
			CHECK((n[i] = page_pool_alloc_netmems(pool)) != 0, "%u", i);
		CHECK(page_pool_put_netmem_bulk(n, 4) == 4, "back");
		page_pool_get_provider_info(pool, &info);
		CHECK(info.pages == 6 && info.free_pages == 5,
				"round %u: %" PRIu64 " pages, %" PRIu64 " free", round, info.pages,
				info.free_pages);
	}
	return pool_end(pool);
}

/* ---- other threads */

struct freer {
	struct page_pool *pool;
	struct rte_ring *ring;
	uint64_t bad;
	uint64_t n;
	bool direct;
};

/* What is in a page says who may have it. */
static void *
freer_main(void *arg)
{
	struct freer *f = arg;
	netmem_ref n;
	void *p;

	for (;;) {
		if (rte_ring_dequeue(f->ring, &p) != 0) {
			sched_yield();
			continue;
		}
		n = (netmem_ref)p;
		if (n == 0)
			return NULL;
		f->bad += *(netmem_ref *)netmem_address(n) != n;
		*(netmem_ref *)netmem_address(n) = 0;
		f->bad += page_pool_put_full_netmem(f->pool, n, false) != 0;
		f->n++;
	}
}

static int
threads(uint32_t owner, unsigned int nr)
{
	struct page_pool *pool = pool_make(0, 300, owner);
	struct page_pool_stats st;
	struct freer f[2];
	pthread_t id[2];
	const unsigned int rounds = 200000 * test_scale();
	unsigned int i, k;
	netmem_ref n;

	CHECK(pool != NULL && nr <= RTE_DIM(f), "pool");
	for (k = 0; k < nr; k++) {
		memset(&f[k], 0, sizeof(f[k]));
		f[k].pool = pool;
		f[k].ring = rte_ring_create(k == 0 ? "freer0" : "freer1", 512, SOCKET_ID_ANY,
				RING_F_SP_ENQ | RING_F_SC_DEQ);
		CHECK(f[k].ring != NULL, "ring");
		CHECK(pthread_create(&id[k], NULL, freer_main, &f[k]) == 0, "thread");
	}
	for (i = 0; i < rounds; i++) {
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0, "no page");
		*(netmem_ref *)netmem_address(n) = n;
		while (rte_ring_enqueue(f[i % nr].ring, (void *)n) != 0)
			sched_yield();
	}
	for (k = 0; k < nr; k++) {
		while (rte_ring_enqueue(f[k].ring, NULL) != 0)
			sched_yield();
		pthread_join(id[k], NULL);
		CHECK(f[k].bad == 0 && f[k].n == rounds / nr, "%" PRIu64 " bad of %" PRIu64,
				f[k].bad, f[k].n);
		rte_ring_free(f[k].ring);
	}
	st = stats_of(pool);
	CHECK(st.ring + st.ring_full == rounds && st.cached == 0, "%" PRIu64 " + %" PRIu64, st.ring,
			st.ring_full);
	CHECK(st.fast + st.refill + st.slow == rounds, "%" PRIu64 " + %" PRIu64 " + %" PRIu64,
			st.fast, st.refill, st.slow);
	printf("%u freers: fast %" PRIu64 " refill %" PRIu64 " slow %" PRIu64 " ring_full %" PRIu64
	       "\n",
			nr, st.fast, st.refill, st.slow, st.ring_full);
	return pool_end(pool);
}

static int
test_threads(void)
{
	CHECK_OK(threads(PAGE_POOL_OWNER_THREAD, 1));
	CHECK_OK(threads(PAGE_POOL_OWNER_LCORE(rte_lcore_id()), 2));
	return threads(PAGE_POOL_OWNER_NONE, 2);
}

/* ---- a random sequence */

#define HELD 2000

static struct {
	netmem_ref netmem;
	uint32_t offset;
	uint32_t size;
} held[HELD];

/* Each byte of what is held says whose it is, in both lines at the ends. */
static uint8_t *
held_at(unsigned int i)
{
	return (uint8_t *)netmem_address(held[i].netmem) + held[i].offset;
}

static bool
held_sound(unsigned int i, uint8_t mark)
{
	return held_at(i)[0] == mark && held_at(i)[held[i].size - 1] == mark;
}

static int
test_sequence(void)
{
	struct page_pool *pool;
	static uint8_t mark[HELD];
	uint64_t page_allocs = 0, refs = 0;
	unsigned int i, k, n = 0, round, what;
	struct page_pool_stats st;
	uint32_t order = test_random_below(4);
	size_t page_size;

	pool = pool_make(order, 100, PAGE_POOL_OWNER_THREAD);
	CHECK(pool != NULL, "pool");
	page_size = page_pool_page_size(pool);
	for (round = 0; round < 200000 * test_scale(); round++) {
		what = test_random_below(8);
		if (what < 4 && n < HELD) {
			held[n].size = 1 +
					test_random_below((unsigned int)page_size /
							(what == 0 ? 1 : 8));
			held[n].offset = 0;
			if (what == 0) {
				held[n].netmem = page_pool_alloc_netmems(pool);
				held[n].size = (uint32_t)page_size;
				page_allocs++;
			} else if (what == 1) {
				held[n].netmem = page_pool_alloc_netmem(pool, &held[n].offset,
						&held[n].size);
			} else {
				held[n].netmem = page_pool_alloc_frag_netmem(pool, &held[n].offset,
						held[n].size);
			}
			CHECK(held[n].netmem != 0 && held[n].offset + held[n].size <= page_size,
					"%u at %u", held[n].size, held[n].offset);
			mark[n] = (uint8_t)test_random_below(256);
			memset(held_at(n), mark[n], held[n].size);
			n++;
		} else if (n > 0) {
			i = test_random_below(n);
			CHECK(held_sound(i, mark[i]), "round %u: somebody else wrote to it", round);
			if (what == 7) {
				page_pool_ref_netmem(held[i].netmem);
				CHECK(page_pool_unref_netmem(held[i].netmem, 1) > 0, "unref");
				refs++;
				continue;
			}
			if (what == 6)
				CHECK(page_pool_put_netmem_bulk(&held[i].netmem, 1) == 1, "bulk");
			else if (what == 5)
				CHECK(page_pool_recycle_direct_netmem(pool, held[i].netmem) == 0,
						"direct");
			else
				CHECK(page_pool_put_full_netmem(pool, held[i].netmem, false) == 0,
						"put");
			held[i] = held[--n];
			mark[i] = mark[n];
		}
		if (round % 5000 == 0)
			CHECK(page_pool_check(pool, stdout) == 0, "round %u", round);
	}
	for (k = 0; k < n; k++) {
		CHECK(held_sound(k, mark[k]), "somebody else wrote to it");
		CHECK(page_pool_put_full_netmem(pool, held[k].netmem, false) == 0, "put");
	}
	st = stats_of(pool);
	CHECK(st.refused == 0 &&
					st.fast + st.refill + st.slow + st.slow_high_order >=
							page_allocs &&
					refs > 0,
			"%" PRIu64 " refused", st.refused);
	return pool_end(pool);
}

/* ---- the end */

/* Pages in every place: cache, ring, taken from the ring, being cut, cut and held, whole and held,
 * shared, given to another thread.
 */
static int
test_destroy(void)
{
	struct page_pool *pool = fake_pool(FAKE_PAGES, 0);
	netmem_ref n[220], frag[3];
	uint32_t offset;
	unsigned int i;
	double end;

	CHECK(pool != NULL, "pool");
	for (i = 0; i < 220; i++)
		n[i] = page_pool_alloc_netmems(pool);
	page_pool_disable_direct_recycling(pool);
	for (i = 0; i < 200; i++)
		page_pool_put_full_netmem(pool, n[i], false);
	page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_THREAD);
	/* 64 of 200 to the cache, the others are `taken` */
	n[0] = page_pool_alloc_netmems(pool);
	CHECK(stats_of(pool).refill == 1, "refill");
	page_pool_put_full_netmem(pool, n[0], false);
	for (i = 0; i < 3; i++)
		frag[i] = page_pool_alloc_frag_netmem(pool, &offset, 2000);
	page_pool_fragment_netmem(n[219], 2);
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	/* 20 whole ones, two cut */
	i = page_pool_destroy(pool);
	CHECK(i == 22 && fake.pools == 1, "%u pages are out", i);
	CHECK(fake.released == 198, "%u released", fake.released);
	/* all ways back still work; none is direct */
	for (i = 200; i < 210; i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], i % 2) == 0, "put");
	CHECK(page_pool_recycle_direct_netmem(pool, n[210]) == 0, "direct");
	CHECK(page_pool_put_netmem_bulk(&n[211], 8) == 8, "bulk");
	CHECK(page_pool_put_netmem_bulk(frag, 3) == 3, "fragments");
	CHECK(page_pool_put_full_netmem(pool, n[219], false) == 0, "one of two");
	usleep(1200000);
	CHECK(fake.pools == 1 && page_pool_inflight(pool) == 1 && fake.released == 219,
			"one is out: %u", page_pool_inflight(pool));
	CHECK(page_pool_put_full_netmem(pool, n[219], false) == 0, "the last one");
	end = test_seconds() + 5;
	while (__atomic_load_n(&fake.pools, __ATOMIC_ACQUIRE) != 0 && test_seconds() < end)
		usleep(10000);
	CHECK(fake.pools == 0 && fake.released == 220, "the pool stays: %u of %u", fake.released,
			fake.used);
	return 0;
}

static const struct test_case cases[] = {
	{ "item 4: providers by name", test_providers, TEST_ONCE },
	{ "errors of page_pool_create()", test_create_errors, TEST_ONCE },
	{ "item 1: pages of every order", test_orders, TEST_ONCE },
	{ "item 3: netmem", test_netmem, TEST_ONCE },
	{ "item 1: the kernel's counters", test_counters, TEST_ONCE },
	{ "item 1: references", test_references, TEST_ONCE },
	{ "item 1: fragments", test_frags, TEST_ONCE },
	{ "item 1: pages by name", test_pages, TEST_ONCE },
	{ "item 1: nodes, consumers, emergency reserves", test_nodes, TEST_ONCE },
	{ "exhaustion", test_exhausted, TEST_ONCE },
	{ "item 4: the heap", test_heap, TEST_ONCE },
	{ "item 4: the heap, on a node without memory", test_heap_node, TEST_ONCE },
	{ "item 4: the heap keeps one chunk", test_heap_keeps, TEST_ONCE },
	{ "item 5: other threads", test_threads, TEST_ONCE },
	{ "item 5: a random sequence", test_sequence, TEST_ONCE },
	{ "item 1: the end, with pages in every place", test_destroy, TEST_ONCE },
};

static const struct test_suite suite = {
	.name = "test_page_pool",
	.megabytes = 256,
	.cases = cases,
	.nr_cases = RTE_DIM(cases),
};

int
main(int argc, char **argv)
{
	return test_main(&suite, argc, argv);
}
