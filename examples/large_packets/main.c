/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Packets that are larger than an mbuf, two ways. DPDK's vhost library and OVS take rte_malloc()
 * for each and attach it as an external buffer, with the shared information at its end
 * (malloc_alloc()). The same with fragments of pages is page_alloc(): one call. Then what a packet
 * costs both ways, allocated and freed, in turn, alone and beside live blocks of mixed sizes.
 *
 *	build/examples/large_packets -- -b 10000 -r 15
 *
 * -b BLOCKS	how many are live in the second half (10000)
 * -s BYTES	of the largest of these; the smallest has 64 (2048)
 * -r ROUNDS	of which the medians are told (15)
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include <page_frag_cache.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>

#define MBUFS 1023
#define BURST 32
#define LOOPS 8 /* of a burst, in each round */
#define ROUNDS_MAX 1000
#define PAGE_ORDER 6 /* 256 KB */

static struct page_pool *pages;
static struct rte_mempool *bare;
static struct page_pool_mbuf_cache mc;

/* ---- before: rte_malloc() for each packet */

static void
malloc_free(void *addr __rte_unused, void *opaque)
{
	rte_free(opaque);
}

static struct rte_mbuf *
malloc_alloc(uint32_t size)
{
	uint32_t total = RTE_PKTMBUF_HEADROOM + size + sizeof(struct rte_mbuf_ext_shared_info) +
			sizeof(uintptr_t);
	struct rte_mbuf_ext_shared_info *shinfo;
	struct rte_mbuf *m;
	uint16_t len;
	void *buf;

	if (total > UINT16_MAX)
		return NULL;
	m = rte_pktmbuf_alloc(bare);
	buf = m == NULL ? NULL : rte_malloc("large packet", total, RTE_CACHE_LINE_SIZE);
	len = (uint16_t)total;
	/* takes its part off the end */
	shinfo = buf == NULL ? NULL :
			       rte_pktmbuf_ext_shinfo_init_helper(buf, &len, malloc_free, buf);
	if (shinfo == NULL) {
		rte_free(buf);
		rte_pktmbuf_free(m);
		return NULL;
	}
	rte_pktmbuf_attach_extbuf(m, buf, rte_malloc_virt2iova(buf), len, shinfo);
	rte_pktmbuf_reset_headroom(m);
	return m;
}

/* ---- after: a fragment for each packet */

static struct rte_mbuf *
page_alloc(uint32_t size)
{
	return page_pool_mbuf_alloc(&mc, RTE_PKTMBUF_HEADROOM, size);
}

/* Both have room for the data, and DPDK finds no fault with them. */
static bool
works(struct rte_mbuf *m, uint32_t size)
{
	const char *reason;
	bool right = m != NULL && rte_pktmbuf_headroom(m) >= RTE_PKTMBUF_HEADROOM &&
			rte_pktmbuf_append(m, (uint16_t)size) != NULL &&
			rte_mbuf_check(m, 1, &reason) == 0;

	rte_pktmbuf_free(m);
	return right;
}

/* ---- what it costs */

/* Cycles for each packet, allocated and freed in bursts as a thread that forwards does. */
static double
measure(struct rte_mbuf *(*alloc)(uint32_t), uint32_t size)
{
	uint64_t start = rte_rdtsc_precise();
	struct rte_mbuf *m[BURST];
	unsigned int loop, i;

	for (loop = 0; loop < LOOPS; loop++) {
		for (i = 0; i < BURST; i++) {
			m[i] = alloc(size);
			if (m[i] == NULL)
				rte_exit(EXIT_FAILURE, "no memory for %u bytes\n", size);
		}
		rte_pktmbuf_free_bulk(m, BURST);
	}
	return (double)(rte_rdtsc_precise() - start) / (LOOPS * BURST);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
compare_both(unsigned int blocks, unsigned int rounds)
{
	static const uint32_t sizes[] = { 2048, 9018, 16384, 32768, 65000 };
	static double before[ROUNDS_MAX], after[ROUNDS_MAX];
	const double ns = 1e9 / (double)rte_get_tsc_hz();
	const unsigned int mid = rounds / 2;
	unsigned int i, r;

	for (i = 0; i < RTE_DIM(sizes); i++) {
		if (!works(malloc_alloc(sizes[i]), sizes[i]) ||
				!works(page_alloc(sizes[i]), sizes[i]))
			rte_exit(EXIT_FAILURE, "no packet of %u bytes\n", sizes[i]);
		for (r = 0; r < rounds; r++) {
			before[r] = measure(malloc_alloc, sizes[i]);
			after[r] = measure(page_alloc, sizes[i]);
		}
		qsort(before, rounds, sizeof(before[0]), compare);
		qsort(after, rounds, sizeof(after[0]), compare);
		printf("%6u %6u  %9.1f %9.1f  %9.1f %9.1f  %8.1f\n", blocks, sizes[i],
				before[mid] * ns, before[mid], after[mid] * ns, after[mid],
				before[mid] / after[mid]);
	}
}

/* ---- live blocks, of both kinds alike */

static struct {
	unsigned int n;
	struct page_frag_cache frags;
	void **malloced;
	void **fragments;
} live;

static void
blocks_free(void)
{
	unsigned int i;

	for (i = 0; i < live.n; i++) {
		rte_free(live.malloced[i]);
		page_frag_free(live.fragments[i]);
	}
	page_frag_cache_drain(&live.frags);
	free(live.malloced);
	free(live.fragments);
}

/* Three times as many as stay, so that there are holes between them. */
static void
blocks_make(unsigned int n, uint32_t largest)
{
	uint32_t random = 1, size;
	unsigned int i, k;

	live.malloced = calloc(n, sizeof(void *));
	live.fragments = calloc(n, sizeof(void *));
	if (live.malloced == NULL || live.fragments == NULL)
		rte_exit(EXIT_FAILURE, "no memory for tables\n");
	live.n = n;
	for (i = 0; i < 3 * n; i++) {
		random = random * 1664525 + 1013904223;
		k = i < n ? i : (random >> 8) % n;
		size = 64 + (random >> 12) % (largest - 63);
		rte_free(live.malloced[k]);
		page_frag_free(live.fragments[k]);
		live.malloced[k] = rte_malloc(NULL, size, 0);
		live.fragments[k] = page_frag_alloc(&live.frags, size);
		if (live.malloced[k] == NULL || live.fragments[k] == NULL)
			rte_exit(EXIT_FAILURE, "no memory for %u blocks\n", n);
	}
}

int
main(int argc, char **argv)
{
	uint32_t flags = PAGE_POOL_MBUF_F_OWNED;
	unsigned int blocks = 10000, rounds = 15;
	uint32_t largest = 2048;
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "b:s:r:")) != -1) {
		if (opt == 'b')
			blocks = (unsigned int)strtoul(optarg, NULL, 0);
		else if (opt == 's')
			largest = (uint32_t)strtoul(optarg, NULL, 0);
		else if (opt == 'r')
			rounds = (unsigned int)strtoul(optarg, NULL, 0);
		else
			rounds = 0;
	}
	if (rounds == 0 || rounds > ROUNDS_MAX || largest < 64)
		rte_exit(EXIT_FAILURE,
				"usage: large_packets ... -- [-b BLOCKS] [-s BYTES] [-r ROUNDS]\n");
	flags |= rte_eal_has_hugepages() ? 0 : PAGE_POOL_MBUF_F_NO_IOVA;
	pages = page_pool_create(&(struct page_pool_params){ .order = PAGE_ORDER,
			.nid = SOCKET_ID_ANY,
			.owner = PAGE_POOL_OWNER_THREAD });
	bare = rte_pktmbuf_pool_create("bare", MBUFS, 256, 0, 0, SOCKET_ID_ANY);
	if (pages == NULL || bare == NULL ||
			page_pool_mbuf_cache_init(&mc, bare, pages, NULL, flags) != 0 ||
			page_frag_cache_init(&live.frags, pages, NULL, true) != 0)
		rte_exit(EXIT_FAILURE, "memory: %s\n", rte_strerror(rte_errno));
	printf("blocks  bytes   rte_malloc: ns    cycles    page: ns    cycles     ratio\n");
	compare_both(0, rounds);
	if (blocks > 0) {
		blocks_make(blocks, largest);
		compare_both(blocks, rounds);
	}
	blocks_free();
	page_pool_mbuf_cache_drain(&mc);
	if (!rte_mempool_full(bare) || page_pool_destroy(pages) != 0)
		rte_exit(EXIT_FAILURE, "memory is missing\n");
	rte_mempool_free(bare);
	rte_eal_cleanup();
	return 0;
}
