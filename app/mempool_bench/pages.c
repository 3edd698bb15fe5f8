/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* --pages: the library's page_pool on one lcore, in cycles of the time stamp counter, as the
 * kernel's bench_page_pool does it; beside it what the machine takes for an atomic increment, a
 * lock and its own clock. Round after round, all of them in each.
 */

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_spinlock.h>

#include <page_pool.h>
#include "bench.h"

#define LOOPS 100000
#define RING_PAGES 512
#define FRAGS_AHEAD 16 /* fragments in use when one more is allocated */

struct pages {
	struct page_pool *direct;
	struct page_pool *ring;
	struct page_pool *provider;
	struct page_pool *frags;
	uint32_t frag_size;
};

static uint64_t sink;

static void
loop_clock(struct pages *p)
{
	unsigned int i;

	(void)p;
	for (i = 0; i < LOOPS; i++)
		sink += rte_rdtsc();
}

static void
loop_atomic(struct pages *p)
{
	unsigned int i;

	(void)p;
	for (i = 0; i < LOOPS; i++)
		__atomic_fetch_add(&sink, 1, __ATOMIC_SEQ_CST);
}

static void
loop_lock(struct pages *p)
{
	rte_spinlock_t lock = RTE_SPINLOCK_INITIALIZER;
	unsigned int i;

	(void)p;
	for (i = 0; i < LOOPS; i++) {
		rte_spinlock_lock(&lock);
		rte_spinlock_unlock(&lock);
	}
}

static void
loop_direct(struct pages *p)
{
	unsigned int i;

	for (i = 0; i < LOOPS; i++) {
		netmem_ref n = page_pool_alloc_netmems(p->direct);

		/* somebody else's code runs between the two */
		__asm__ volatile("" ::: "memory");
		page_pool_recycle_direct_netmem(p->direct, n);
		__asm__ volatile("" ::: "memory");
	}
}

static void
loop_put(struct page_pool *pool)
{
	unsigned int i;

	for (i = 0; i < LOOPS; i++)
		page_pool_put_full_netmem(pool, page_pool_alloc_netmems(pool), false);
}

static void
loop_ring(struct pages *p)
{
	loop_put(p->ring);
}

/* As the kernel's benchmark does it: pages that cannot be recycled. */
static void
loop_provider(struct pages *p)
{
	netmem_ref n;
	unsigned int i;

	for (i = 0; i < LOOPS; i++) {
		n = page_pool_alloc_netmems(p->provider);
		netmem_to_nmdesc(n)->flags |= NETMEM_F_PFMEMALLOC;
		page_pool_put_full_netmem(p->provider, n, false);
	}
}

static void
loop_frag(struct pages *p)
{
	netmem_ref n[FRAGS_AHEAD] = { 0 };
	uint32_t offset;
	unsigned int i;

	for (i = 0; i < LOOPS; i++) {
		if (n[i % FRAGS_AHEAD] != 0)
			page_pool_put_full_netmem(p->frags, n[i % FRAGS_AHEAD], true);
		n[i % FRAGS_AHEAD] = page_pool_alloc_frag_netmem(p->frags, &offset, p->frag_size);
	}
	for (i = 0; i < FRAGS_AHEAD; i++)
		page_pool_put_full_netmem(p->frags, n[i], true);
}

static const struct {
	const char *name;
	void (*loop)(struct pages *p);
	uint32_t frag_size;
} modes[] = {
	{ "clock", loop_clock, 0 },
	{ "atomic increment", loop_atomic, 0 },
	{ "lock and unlock", loop_lock, 0 },
	{ "page, direct cache", loop_direct, 0 },
	{ "page, through the ring", loop_ring, 0 },
	{ "page, from and to the provider", loop_provider, 0 },
	{ "fragment of 64 bytes", loop_frag, 64 },
	{ "fragment of 256 bytes", loop_frag, 256 },
	{ "fragment of 2048 bytes", loop_frag, 2048 },
};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static struct page_pool *
page_pool_of(uint32_t owner, uint32_t order)
{
	struct page_pool_params params = {
		.name = "bench",
		.order = order,
		.nid = (int)rte_socket_id(),
		.owner = owner,
	};

	return page_pool_create(&params);
}

/* Each loop finds pages where it is about to take them from. */
static int
pages_make(struct pages *p)
{
	netmem_ref n[RING_PAGES];
	unsigned int i;

	p->direct = page_pool_of(PAGE_POOL_OWNER_THREAD, 0);
	p->ring = page_pool_of(PAGE_POOL_OWNER_NONE, 0);
	p->provider = page_pool_of(PAGE_POOL_OWNER_NONE, 0);
	p->frags = page_pool_of(PAGE_POOL_OWNER_THREAD, 3);
	if (p->direct == NULL || p->ring == NULL || p->provider == NULL || p->frags == NULL)
		return -rte_errno;
	for (i = 0; i < RING_PAGES; i++)
		if ((n[i] = page_pool_alloc_netmems(p->ring)) == 0)
			return -ENOMEM;
	page_pool_put_netmem_bulk(n, RING_PAGES);
	return 0;
}

static void
pages_end(struct pages *p)
{
	page_pool_destroy(p->direct);
	page_pool_destroy(p->ring);
	page_pool_destroy(p->provider);
	page_pool_destroy(p->frags);
}

int
pages_measure(unsigned int rounds)
{
	static double cycles[RTE_DIM(modes)][BENCH_ROUNDS_MAX];
	const double ghz = (double)rte_get_tsc_hz() / 1e9;
	struct pages p = { NULL, NULL, NULL, NULL, 0 };
	unsigned int i, r;
	uint64_t start;
	int rc = pages_make(&p);

	for (r = 0; r <= rounds && rc == 0; r++)
		for (i = 0; i < RTE_DIM(modes); i++) {
			p.frag_size = modes[i].frag_size;
			start = rte_rdtsc_precise();
			modes[i].loop(&p);
			/* the first round is for the caches */
			if (r > 0)
				cycles[i][r - 1] = (double)(rte_rdtsc_precise() - start) / LOOPS;
		}
	if (rc == 0)
		printf("%-32s %8s %8s %8s %8s\n", "once, or allocated and returned", "cycles",
				"min", "max", "ns");
	for (i = 0; i < RTE_DIM(modes) && rc == 0; i++) {
		qsort(cycles[i], rounds, sizeof(cycles[i][0]), compare);
		printf("%-32s %8.1f %8.1f %8.1f %8.2f\n", modes[i].name, cycles[i][rounds / 2],
				cycles[i][0], cycles[i][rounds - 1], cycles[i][rounds / 2] / ghz);
	}
	pages_end(&p);
	return rc;
}
