/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* --mbufs: mbufs whose data lies in fragments of pages, beside ordinary ones and those with memory
 * of rte_malloc() attached: cycles for each of a burst that is allocated and freed, and the memory
 * that packets of 64 bytes take. Headers and ordinary mbufs are of the mempool driver that the
 * program would take (--mbuf-pool-ops-name). Round after round, all of them in each.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>

#include <page_pool_mbuf.h>

#include "bench.h"

#define BURST 32
#define BURSTS 2000
#define BURSTS_MALLOC 20
#define MBUFS 8191
#define CACHE 256
#define ORDER 5        /* pages of 128 KB */
#define BLOCKS 10000   /* live ones of rte_malloc(), of mixed sizes */
#define IN_FLIGHT 8000 /* packets whose memory is measured */

struct mbufs {
	struct rte_mempool *ordinary;
	struct rte_mempool *extbuf; /* pinned by DPDK */
	struct rte_mempool *pinned;
	struct rte_mempool *headers;
	struct page_pool *pages;
	struct page_pool *pinned_pages;
	struct page_pool_mbuf_cache owned;
	struct page_pool_mbuf_cache anybodys;
	void *memory; /* of extbuf */
	void *blocks[BLOCKS];
	uint32_t size;       /* of the data */
	bool ours;           /* freed by page_pool_mbuf_free_bulk() */
	unsigned int bursts; /* made by a loop */
	int rc;
};

static inline void
bulk_free(const struct mbufs *b, struct rte_mbuf **m)
{
	if (b->ours)
		page_pool_mbuf_free_bulk(m, BURST);
	else
		rte_pktmbuf_free_bulk(m, BURST);
}

static void
loop_pool(struct mbufs *b, struct rte_mempool *mp)
{
	struct rte_mbuf *m[BURST];

	for (b->bursts = 0; b->bursts < BURSTS && b->rc == 0; b->bursts++) {
		b->rc = rte_pktmbuf_alloc_bulk(mp, m, BURST);
		if (b->rc == 0)
			bulk_free(b, m);
	}
}

static void
loop_ordinary(struct mbufs *b)
{
	loop_pool(b, b->ordinary);
}

static void
loop_extbuf(struct mbufs *b)
{
	loop_pool(b, b->extbuf);
}

static void
loop_pinned(struct mbufs *b)
{
	loop_pool(b, b->pinned);
}

static void
loop_headers(struct mbufs *b)
{
	loop_pool(b, b->headers);
}

static void
loop_attached(struct mbufs *b, struct page_pool_mbuf_cache *mc)
{
	struct rte_mbuf *m[BURST];

	for (b->bursts = 0; b->bursts < BURSTS && b->rc == 0; b->bursts++) {
		b->rc = page_pool_mbuf_alloc_bulk(mc, m, BURST, RTE_PKTMBUF_HEADROOM, b->size);
		if (b->rc == 0)
			bulk_free(b, m);
	}
}

static void
loop_owned(struct mbufs *b)
{
	loop_attached(b, &b->owned);
}

static void
loop_anybodys(struct mbufs *b)
{
	loop_attached(b, &b->anybodys);
}

static void
malloc_free(void *addr, void *opaque)
{
	(void)addr;
	rte_free(opaque);
}

/* As DPDK's vhost library and others do for packets that are larger than an mbuf. */
static int
malloc_attach(struct rte_mbuf *m, uint32_t size)
{
	struct rte_mbuf_ext_shared_info *shinfo;
	uint16_t len = (uint16_t)(RTE_PKTMBUF_HEADROOM + size + sizeof(*shinfo) + 8);
	void *va = rte_malloc(NULL, len, RTE_CACHE_LINE_SIZE);

	if (va == NULL)
		return -ENOMEM;
	shinfo = rte_pktmbuf_ext_shinfo_init_helper(va, &len, malloc_free, va);
	rte_pktmbuf_attach_extbuf(m, va, rte_malloc_virt2iova(va), len, shinfo);
	rte_pktmbuf_reset_headroom(m);
	return 0;
}

static void
loop_malloc(struct mbufs *b)
{
	struct rte_mbuf *m[BURST];
	unsigned int i;

	for (b->bursts = 0; b->bursts < BURSTS_MALLOC && b->rc == 0; b->bursts++) {
		b->rc = rte_pktmbuf_alloc_bulk(b->headers, m, BURST);
		if (b->rc != 0)
			break;
		for (i = 0; i < BURST && b->rc == 0; i++)
			b->rc = malloc_attach(m[i], b->size);
		rte_pktmbuf_free_bulk(m, BURST);
	}
}

static void
nothing_free(void *addr, void *opaque)
{
	(void)addr;
	(void)opaque;
}

/* What DPDK takes for buffers that cost nothing. */
static void
loop_nothing(struct mbufs *b)
{
	static struct {
		char buf[RTE_PKTMBUF_HEADROOM];
		struct rte_mbuf_ext_shared_info shinfo;
	} __rte_cache_aligned at[BURST];
	struct rte_mbuf *m[BURST];
	unsigned int i;

	for (b->bursts = 0; b->bursts < BURSTS && b->rc == 0; b->bursts++) {
		b->rc = rte_pktmbuf_alloc_bulk(b->headers, m, BURST);
		if (b->rc != 0)
			break;
		for (i = 0; i < BURST; i++) {
			at[i].shinfo.free_cb = nothing_free;
			rte_mbuf_ext_refcnt_set(&at[i].shinfo, 1);
			rte_pktmbuf_attach_extbuf(m[i], at[i].buf, 0, sizeof(at[i].buf),
					&at[i].shinfo);
		}
		rte_pktmbuf_free_bulk(m, BURST);
	}
}

static void
blocks_free(struct mbufs *b)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		rte_free(b->blocks[i]);
	memset(b->blocks, 0, sizeof(b->blocks));
}

/* The same while others have live blocks of all sizes, after as many have come and gone. */
static int
blocks_make(struct mbufs *b)
{
	static const uint32_t sizes[] = { 64, 256, 2048 };
	uint64_t rng = 1;
	unsigned int i, k;

	for (i = 0; i < 3 * BLOCKS; i++) {
		rng = rng * 6364136223846793005u + 1442695040888963407u;
		k = i < BLOCKS ? i : (unsigned int)(rng >> 33) % BLOCKS;
		rte_free(b->blocks[k]);
		b->blocks[k] = rte_malloc(NULL, sizes[(rng >> 20) % RTE_DIM(sizes)], 0);
		if (b->blocks[k] == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* Ratios are to the first one. */
static const struct {
	const char *name;
	void (*loop)(struct mbufs *b);
	uint32_t size;
	bool ours;   /* freed by page_pool_mbuf_free_bulk(), else by rte_pktmbuf_free_bulk() */
	bool blocks; /* beside BLOCKS live ones */
} modes[] = {
	{ "rte_pktmbuf_alloc_bulk", loop_ordinary, 0, false, false },
	{ "the same, our free", loop_ordinary, 0, true, false },
	{ "bare headers", loop_headers, 0, false, false },
	{ "pinned by DPDK, extbuf pool", loop_extbuf, 0, false, false },
	{ "pinned", loop_pinned, 0, false, false },
	{ "pinned, our free", loop_pinned, 0, true, false },
	{ "attached to nothing", loop_nothing, 0, false, false },
	{ "attached, 64 bytes", loop_owned, 64, false, false },
	{ "attached, 64 bytes, our free", loop_owned, 64, true, false },
	{ "attached, 1500 bytes", loop_owned, 1500, false, false },
	{ "attached, 1500 bytes, our free", loop_owned, 1500, true, false },
	{ "attached, 9000 bytes", loop_owned, 9000, false, false },
	{ "attached, 9000 bytes, our free", loop_owned, 9000, true, false },
	{ "no owner, 64 bytes", loop_anybodys, 64, false, false },
	{ "no owner, 64 bytes, our free", loop_anybodys, 64, true, false },
	{ "no owner, 1500 bytes", loop_anybodys, 1500, false, false },
	{ "no owner, 1500 bytes, our free", loop_anybodys, 1500, true, false },
	{ "rte_malloc, 64 bytes", loop_malloc, 64, false, false },
	{ "rte_malloc, 1500 bytes", loop_malloc, 1500, false, false },
	{ "rte_malloc, 9000 bytes", loop_malloc, 9000, false, false },
	{ "attached, 1500 beside 10,000", loop_owned, 1500, false, true },
	{ "rte_malloc, 1500 beside 10,000", loop_malloc, 1500, false, true },
};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static struct page_pool *
pages_of(const char *name)
{
	struct page_pool_params params = {
		.name = name,
		.order = ORDER,
		.nid = (int)rte_socket_id(),
		.owner = PAGE_POOL_OWNER_THREAD,
	};

	return page_pool_create(&params);
}

static struct rte_mempool *
extbuf_make(struct mbufs *b)
{
	struct rte_pktmbuf_extmem ext = { .elt_size = RTE_MBUF_DEFAULT_BUF_SIZE };

	ext.buf_len = (size_t)MBUFS * ext.elt_size;
	b->memory = rte_malloc(NULL, ext.buf_len, RTE_CACHE_LINE_SIZE);
	if (b->memory == NULL)
		return NULL;
	ext.buf_ptr = b->memory;
	ext.buf_iova = rte_malloc_virt2iova(b->memory);
	return rte_pktmbuf_pool_create_extbuf("bench_extbuf", MBUFS, CACHE, 0,
			RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id(), &ext, 1);
}

static int
mbufs_make(struct mbufs *b)
{
	struct page_pool_mbuf_pool_params params = {
		.name = "bench_pinned",
		.n = MBUFS,
		.cache_size = CACHE,
		.data_room_size = RTE_MBUF_DEFAULT_BUF_SIZE,
		.socket_id = (int)rte_socket_id(),
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};
	int rc;

	b->ordinary = rte_pktmbuf_pool_create("bench_ordinary", MBUFS, CACHE, 0,
			RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id());
	b->headers = rte_pktmbuf_pool_create("bench_headers", MBUFS, CACHE, 0, 0,
			(int)rte_socket_id());
	b->extbuf = extbuf_make(b);
	b->pages = pages_of("bench");
	params.pool = b->pinned_pages = pages_of("bench_pinned");
	if (b->ordinary == NULL || b->headers == NULL || b->extbuf == NULL || b->pages == NULL ||
			b->pinned_pages == NULL)
		return rte_errno != 0 ? -rte_errno : -ENOMEM;
	b->pinned = page_pool_mbuf_pool_create(&params);
	if (b->pinned == NULL)
		return -rte_errno;
	rc = page_pool_mbuf_cache_init(&b->owned, b->headers, b->pages, NULL,
			PAGE_POOL_MBUF_F_OWNED | PAGE_POOL_MBUF_F_NO_IOVA);
	if (rc == 0)
		rc = page_pool_mbuf_cache_init(&b->anybodys, b->headers, b->pages, NULL,
				PAGE_POOL_MBUF_F_NO_IOVA);
	return rc;
}

static void
mbufs_end(struct mbufs *b)
{
	blocks_free(b);
	if (b->pages != NULL) {
		page_pool_mbuf_cache_drain(&b->owned);
		page_pool_mbuf_cache_drain(&b->anybodys);
	}
	page_pool_mbuf_pool_free(b->pinned);
	rte_mempool_free(b->ordinary);
	rte_mempool_free(b->extbuf);
	rte_mempool_free(b->headers);
	rte_free(b->memory);
	page_pool_destroy(b->pages);
	page_pool_destroy(b->pinned_pages);
}

/* Bytes that the objects of a mempool take, each with its header. */
static double
object_bytes(const struct rte_mempool *mp)
{
	return (double)mp->header_size + mp->elt_size + mp->trailer_size;
}

/* Packets of 64 bytes in flight, headroom and all. */
static int
memory_measure_mbufs(struct mbufs *b)
{
	static struct rte_mbuf *m[IN_FLIGHT];
	double ordinary, attached;
	int rc;

	page_pool_mbuf_cache_drain(&b->owned);
	page_pool_mbuf_cache_drain(&b->anybodys);
	rc = page_pool_mbuf_alloc_bulk(&b->owned, m, IN_FLIGHT, RTE_PKTMBUF_HEADROOM, 64);
	if (rc != 0)
		return rc;
	ordinary = object_bytes(b->ordinary);
	attached = object_bytes(b->headers) +
			(double)page_pool_inflight(b->pages) *
					(double)(page_pool_page_size(b->pages) +
							sizeof(struct netmem_desc)) /
					IN_FLIGHT;
	rte_pktmbuf_free_bulk(m, IN_FLIGHT);
	printf("\n%-36s %8s %8s\n", "bytes for each packet of 64", "bytes", "ratio");
	printf("%-36s %8.0f\n", "mbufs of 2176", ordinary);
	printf("%-36s %8.0f %8.2f\n", "attached", attached, attached / ordinary);
	return 0;
}

int
mbufs_measure(unsigned int rounds)
{
	static double cycles[RTE_DIM(modes)][BENCH_ROUNDS_MAX];
	const double ghz = (double)rte_get_tsc_hz() / 1e9;
	static struct mbufs b;
	bool blocks = false;
	unsigned int i, r;
	uint64_t start;

	b.rc = mbufs_make(&b);
	for (r = 0; r <= rounds && b.rc == 0; r++)
		for (i = 0; i < RTE_DIM(modes) && b.rc == 0; i++) {
			if (modes[i].blocks != blocks) {
				blocks = !blocks;
				if (blocks)
					b.rc = blocks_make(&b);
				else
					blocks_free(&b);
				if (b.rc != 0)
					break;
			}
			b.size = modes[i].size;
			b.ours = modes[i].ours;
			start = rte_rdtsc_precise();
			modes[i].loop(&b);
			/* the first round is for the caches */
			if (r > 0)
				cycles[i][r - 1] = (double)(rte_rdtsc_precise() - start) /
						(b.bursts * BURST);
		}
	if (b.rc == 0) {
		printf("mempool driver: %s, cache %d, bursts of %d\n", rte_mbuf_best_mempool_ops(),
				CACHE, BURST);
		printf("%-36s %8s %8s %8s %8s %8s\n", "allocated and freed", "cycles", "min", "max",
				"ns", "ratio");
	}
	for (i = 0; i < RTE_DIM(modes) && b.rc == 0; i++) {
		qsort(cycles[i], rounds, sizeof(cycles[i][0]), compare);
		printf("%-36s %8.1f %8.1f %8.1f %8.2f %8.2f\n", modes[i].name,
				cycles[i][rounds / 2], cycles[i][0], cycles[i][rounds - 1],
				cycles[i][rounds / 2] / ghz,
				cycles[i][rounds / 2] / cycles[0][rounds / 2]);
	}
	if (b.rc == 0)
		b.rc = memory_measure_mbufs(&b);
	mbufs_end(&b);
	return b.rc;
}
