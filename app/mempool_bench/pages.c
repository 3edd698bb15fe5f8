/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* --pages: the library's page_pool on one lcore, in cycles of the time stamp counter, as the
 * kernel's bench_page_pool does it; beside it what the machine takes for an atomic increment, a
 * lock and its own clock. Round after round, all of them in each.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_spinlock.h>

#include <page_frag_cache.h>
#include <page_pool.h>

#include "bench.h"

#define LOOPS 100000
#define RING_PAGES 64 /* in the kernel's benchmark */
#define RING_PAGES_MANY 512
#define FRAGS_AHEAD 16  /* fragments in use when one more is allocated */
#define FRAGS_AWAY 4096 /* that another lcore frees at a time */
#define BLOCKS 10000    /* live ones, of mixed sizes */
#define MALLOC_LOOPS 200

struct pages {
	struct page_pool *direct;
	struct page_pool *ring;
	struct page_pool *ring_many;
	struct page_pool *provider;
	struct page_pool *frags;
	struct page_pool *large; /* cut by the caches */
	struct page_frag_cache cache;
	struct page_frag_cache crowded;  /* beside BLOCKS live ones */
	struct page_frag_cache anybodys; /* without an owner: each free is as another thread's */
	void *blocks[BLOCKS];
	void *mallocs[BLOCKS];
	void *away[FRAGS_AWAY];
	uint32_t frag_size;
	unsigned int loops; /* set by a loop that makes fewer */
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

static void
loop_ring_many(struct pages *p)
{
	loop_put(p->ring_many);
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

static void
loop_page_frag_of(struct page_frag_cache *nc, uint32_t size)
{
	void *va[FRAGS_AHEAD] = { NULL };
	unsigned int i;

	for (i = 0; i < LOOPS; i++) {
		page_frag_free(va[i % FRAGS_AHEAD]);
		va[i % FRAGS_AHEAD] = page_frag_alloc(nc, size);
	}
	for (i = 0; i < FRAGS_AHEAD; i++)
		page_frag_free(va[i]);
}

static void
loop_page_frag(struct pages *p)
{
	loop_page_frag_of(&p->cache, p->frag_size);
}

static void
loop_crowded(struct pages *p)
{
	loop_page_frag_of(&p->crowded, p->frag_size);
}

static void
loop_anybodys(struct pages *p)
{
	loop_page_frag_of(&p->anybodys, p->frag_size);
}

/* What is measured with loop_away() beside fragments: pointers that one lcore writes and another
 * reads.
 */
static int
read_away(void *arg)
{
	struct pages *p = arg;
	unsigned int i;

	for (i = 0; i < FRAGS_AWAY; i++)
		sink += (uintptr_t)p->away[i];
	return 0;
}

static void
loop_hand_over(struct pages *p)
{
	unsigned int i, n;

	for (n = 0; n < LOOPS; n += FRAGS_AWAY) {
		for (i = 0; i < FRAGS_AWAY; i++)
			p->away[i] = (char *)p + n + i;
		rte_eal_remote_launch(read_away, p, bench_peer_lcore);
		rte_eal_wait_lcore(bench_peer_lcore);
	}
	p->loops = n;
}

static int
free_away(void *arg)
{
	struct pages *p = arg;
	unsigned int i;

	for (i = 0; i < FRAGS_AWAY; i++)
		page_frag_free(p->away[i]);
	return 0;
}

/* The time of both, which work one after the other, and of the hand-over. */
static void
loop_away(struct pages *p)
{
	unsigned int i, n;

	for (n = 0; n < LOOPS; n += FRAGS_AWAY) {
		for (i = 0; i < FRAGS_AWAY; i++)
			p->away[i] = page_frag_alloc(&p->cache, p->frag_size);
		rte_eal_remote_launch(free_away, p, bench_peer_lcore);
		rte_eal_wait_lcore(bench_peer_lcore);
	}
	p->loops = n;
}

static void
loop_malloc(struct pages *p)
{
	void *va[FRAGS_AHEAD] = { NULL };
	unsigned int i;

	p->loops = MALLOC_LOOPS;
	for (i = 0; i < MALLOC_LOOPS; i++) {
		rte_free(va[i % FRAGS_AHEAD]);
		va[i % FRAGS_AHEAD] = rte_malloc(NULL, p->frag_size, 0);
	}
	for (i = 0; i < FRAGS_AHEAD; i++)
		rte_free(va[i]);
}

/* Live blocks of all sizes, after as many of them have come and gone. */
static int
blocks_make(struct pages *p)
{
	static const uint32_t sizes[] = { 64, 256, 2048 };
	uint64_t rng = 1;
	unsigned int i, k;

	for (i = 0; i < 3 * BLOCKS; i++) {
		rng = rng * 6364136223846793005u + 1442695040888963407u;
		k = i < BLOCKS ? i : (unsigned int)(rng >> 33) % BLOCKS;
		page_frag_free(p->blocks[k]);
		p->blocks[k] = page_frag_alloc(&p->crowded, sizes[(rng >> 20) % RTE_DIM(sizes)]);
		rte_free(p->mallocs[k]);
		p->mallocs[k] = rte_malloc(NULL, sizes[(rng >> 20) % RTE_DIM(sizes)], 0);
		if (p->blocks[k] == NULL || p->mallocs[k] == NULL)
			return -ENOMEM;
	}
	return 0;
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
	{ "page, through the ring, of 512", loop_ring_many, 0 },
	{ "page, from and to the provider", loop_provider, 0 },
	{ "fragment of a page_pool, 64 bytes", loop_frag, 64 },
	{ "fragment of a page_pool, 256", loop_frag, 256 },
	{ "fragment of a page_pool, 2048", loop_frag, 2048 },
	{ "page_frag of 64 bytes", loop_page_frag, 64 },
	{ "page_frag of 256", loop_page_frag, 256 },
	{ "page_frag of 2048", loop_page_frag, 2048 },
	{ "page_frag of 64, no owner", loop_anybodys, 64 },
	{ "page_frag of 256, no owner", loop_anybodys, 256 },
	{ "page_frag of 2048, no owner", loop_anybodys, 2048 },
	{ "pointers handed over", loop_hand_over, 0 },
	{ "page_frag of 64, freed elsewhere", loop_away, 64 },
	{ "page_frag of 256, freed elsewhere", loop_away, 256 },
	{ "page_frag of 2048, freed elsewhere", loop_away, 2048 },
	{ "page_frag of 64 beside 10,000", loop_crowded, 64 },
	{ "page_frag of 256 beside 10,000", loop_crowded, 256 },
	{ "page_frag of 2048 beside 10,000", loop_crowded, 2048 },
	{ "rte_malloc of 256 beside 10,000", loop_malloc, 256 },
};

static bool
needs_peer(void (*loop)(struct pages *p))
{
	return loop == loop_away || loop == loop_hand_over;
}

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

/* So many pages in the ring. */
static int
ring_fill(struct page_pool *pool, unsigned int nr)
{
	netmem_ref n[RING_PAGES_MANY];
	unsigned int i;

	for (i = 0; i < nr; i++)
		if ((n[i] = page_pool_alloc_netmems(pool)) == 0)
			break;
	page_pool_put_netmem_bulk(n, i);
	return i == nr ? 0 : -ENOMEM;
}

/* Each loop finds pages where it is about to take them from. */
static int
pages_make(struct pages *p)
{
	int rc;

	p->direct = page_pool_of(PAGE_POOL_OWNER_THREAD, 0);
	p->ring = page_pool_of(PAGE_POOL_OWNER_NONE, 0);
	p->ring_many = page_pool_of(PAGE_POOL_OWNER_NONE, 0);
	p->provider = page_pool_of(PAGE_POOL_OWNER_THREAD, 0);
	p->frags = page_pool_of(PAGE_POOL_OWNER_THREAD, 3);
	p->large = page_pool_of(PAGE_POOL_OWNER_THREAD, 3);
	if (p->direct == NULL || p->ring == NULL || p->ring_many == NULL || p->provider == NULL ||
			p->frags == NULL || p->large == NULL)
		return -rte_errno;
	rc = page_frag_cache_init(&p->cache, p->large, NULL, true);
	if (rc == 0)
		rc = page_frag_cache_init(&p->crowded, p->large, NULL, true);
	if (rc == 0)
		rc = page_frag_cache_init(&p->anybodys, p->large, NULL, false);
	if (rc == 0)
		rc = blocks_make(p);
	if (rc == 0)
		rc = ring_fill(p->ring, RING_PAGES);
	if (rc == 0)
		rc = ring_fill(p->ring_many, RING_PAGES_MANY);
	return rc;
}

static void
pages_end(struct pages *p)
{
	unsigned int i;

	page_pool_destroy(p->direct);
	page_pool_destroy(p->ring);
	page_pool_destroy(p->ring_many);
	page_pool_destroy(p->provider);
	page_pool_destroy(p->frags);
	for (i = 0; i < BLOCKS; i++) {
		page_frag_free(p->blocks[i]);
		rte_free(p->mallocs[i]);
	}
	if (p->large != NULL) {
		page_frag_cache_drain(&p->cache);
		page_frag_cache_drain(&p->crowded);
		page_frag_cache_drain(&p->anybodys);
	}
	page_pool_destroy(p->large);
}

/* ---- memory: packets of all sizes in one pool of pages */

#define WINDOW 16384
#define PACKETS (8 * WINDOW)
#define MBUF_ROOM 2048
#define MEMORY_CACHES 3
#define MEMORY_ORDER 2

/* IMIX, 7 of 64 to 4 of 594 and 1 of 1518 bytes, and of each 100 packets a jumbo frame. */
static uint32_t
packet_size(uint64_t *rng)
{
	static const uint16_t imix[] = { 64, 64, 64, 64, 64, 64, 64, 594, 594, 594, 594, 1518 };

	*rng = *rng * 6364136223846793005u + 1442695040888963407u;
	if ((*rng >> 33) % 100 == 0)
		return 9018;
	return imix[(*rng >> 40) % RTE_DIM(imix)];
}

struct in_flight {
	uint8_t *va;
	uint32_t size;
};

struct in_use {
	double pool;  /* pages it holds, and descriptors */
	double heap;  /* and all that its heap has of DPDK */
	double mbufs; /* of MBUF_ROOM, chained if need be */
};

/* A window of packets, the oldest or any of which goes when another one comes. The most memory in
 * use, for each byte in flight then.
 */
static int
memory_run(bool in_order, struct in_use *use)
{
	static struct in_flight window[WINDOW];
	struct memory_provider_info info;
	uint64_t rng = 1, bytes = 0, segs = 0;
	struct rte_mempool_objsz sz;
	double used;
	/* by size, so that few small ones keep the space of large ones, and none a jumbo's */
	struct page_frag_cache nc[MEMORY_CACHES];
	struct page_pool *pool = page_pool_of(PAGE_POOL_OWNER_THREAD, MEMORY_ORDER);
	struct in_flight *w;
	unsigned int i;
	int rc;

	memset(window, 0, sizeof(window));
	memset(use, 0, sizeof(*use));
	rte_mempool_calc_obj_size(sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM + MBUF_ROOM, 0,
			&sz);
	rc = pool == NULL ? -rte_errno : 0;
	for (i = 0; i < MEMORY_CACHES && rc == 0; i++)
		rc = page_frag_cache_init(&nc[i], pool, NULL, true);
	for (i = 0; i < PACKETS && rc == 0; i++) {
		w = &window[i % WINDOW];
		if (!in_order && i >= WINDOW)
			w = &window[(rng >> 20) % WINDOW];
		if (w->va != NULL) {
			bytes -= w->size;
			segs -= (w->size - RTE_PKTMBUF_HEADROOM + MBUF_ROOM - 1) / MBUF_ROOM;
			page_frag_free(w->va);
		}
		w->size = RTE_PKTMBUF_HEADROOM + packet_size(&rng);
		w->va = page_frag_alloc_align(&nc[(w->size > 256) + (w->size > 1024)], w->size,
				RTE_CACHE_LINE_SIZE);
		if (w->va == NULL) {
			rc = -rte_errno;
			break;
		}
		bytes += w->size;
		segs += (w->size - RTE_PKTMBUF_HEADROOM + MBUF_ROOM - 1) / MBUF_ROOM;
		if (i < 2 * WINDOW || i % 64 != 0)
			continue;
		used = (double)page_pool_inflight(pool) *
				(double)(page_pool_page_size(pool) + sizeof(struct netmem_desc));
		page_pool_get_provider_info(pool, &info);
		use->pool = RTE_MAX(use->pool, used / (double)bytes);
		use->heap = RTE_MAX(use->heap, (double)info.bytes / (double)bytes);
		used = (double)(segs * sz.total_size);
		use->mbufs = RTE_MAX(use->mbufs, used / (double)bytes);
	}
	for (i = 0; i < WINDOW; i++)
		page_frag_free(window[i].va);
	for (i = 0; i < MEMORY_CACHES && rc == 0; i++)
		page_frag_cache_drain(&nc[i]);
	page_pool_destroy(pool);
	return rc;
}

static int
memory_measure_pages(void)
{
	struct in_use use;
	int rc, k;

	printf("\n%-36s %8s %8s %8s\n", "bytes in use for each in flight", "pool", "its heap",
			"mbufs");
	for (k = 0; k < 2; k++) {
		rc = memory_run(k == 0, &use);
		if (rc != 0)
			return rc;
		printf("%-36s %8.2f %8.2f %8.2f\n",
				k == 0 ? "IMIX and jumbo, in order" : "IMIX and jumbo, at random",
				use.pool, use.heap, use.mbufs);
	}
	return 0;
}

int
pages_measure(unsigned int rounds)
{
	static double cycles[RTE_DIM(modes)][BENCH_ROUNDS_MAX];
	const double ghz = (double)rte_get_tsc_hz() / 1e9;
	static struct pages p;
	unsigned int i, r;
	uint64_t start;
	int rc = pages_make(&p);

	for (r = 0; r <= rounds && rc == 0; r++)
		for (i = 0; i < RTE_DIM(modes); i++) {
			if (needs_peer(modes[i].loop) && bench_peer_lcore == RTE_MAX_LCORE)
				continue;
			p.frag_size = modes[i].frag_size;
			p.loops = LOOPS;
			start = rte_rdtsc_precise();
			modes[i].loop(&p);
			/* the first round is for the caches */
			if (r > 0)
				cycles[i][r - 1] = (double)(rte_rdtsc_precise() - start) / p.loops;
		}
	if (rc == 0)
		printf("%-36s %8s %8s %8s %8s\n", "once, or allocated and returned", "cycles",
				"min", "max", "ns");
	for (i = 0; i < RTE_DIM(modes) && rc == 0; i++) {
		if (needs_peer(modes[i].loop) && bench_peer_lcore == RTE_MAX_LCORE) {
			printf("%-36s needs two lcores\n", modes[i].name);
			continue;
		}
		qsort(cycles[i], rounds, sizeof(cycles[i][0]), compare);
		printf("%-36s %8.1f %8.1f %8.1f %8.2f\n", modes[i].name, cycles[i][rounds / 2],
				cycles[i][0], cycles[i][rounds - 1], cycles[i][rounds / 2] / ghz);
	}
	pages_end(&p);
	return rc == 0 ? memory_measure_pages() : rc;
}
