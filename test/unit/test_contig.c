/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Contiguous blocks (issue 2, item 3): rte_mempool_ops_get_info() and
 * rte_mempool_get_contig_blocks(). A block is a page of the pool, whole: objects next to each
 * other, taken together, given back one by one by anybody.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>

#include "test_common.h"

#define AREA_LEN ((size_t)16 << 20)
static char *area;

static int
area_map(void)
{
	const size_t align = (size_t)2 << 20;
	char *p;

	if (area != NULL)
		return 0;
	p = mmap(NULL, AREA_LEN + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	CHECK(p != MAP_FAILED, "no memory");
	area = RTE_PTR_ALIGN_CEIL(p, align);
	return 0;
}

/* A pool of n objects in the area. */
static struct rte_mempool *
make(unsigned int n, unsigned int elt_size, unsigned int flags, const char *config)
{
	struct rte_mempool *mp;

	if (area_map() != 0)
		return NULL;
	mp = test_pool_empty(n, elt_size, flags, config);
	if (mp == NULL || rte_mempool_populate_iova(mp, area, 0, AREA_LEN, NULL, NULL) != (int)n) {
		printf("populate: %s\n", rte_strerror(rte_errno));
		return NULL;
	}
	return mp;
}

static unsigned int
block_size(const struct rte_mempool *mp)
{
	struct rte_mempool_info info = { .contig_block_size = UINT_MAX };

	return rte_mempool_ops_get_info(mp, &info) == 0 ? info.contig_block_size : UINT_MAX;
}

static size_t
stride(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

/* Write a block's objects to a table; each of them must be one of the pool's. */
static int
block_expand(const struct rte_mempool *mp, void *first, unsigned int size, void **objs)
{
	struct rte_mempool_objhdr *hdr;
	unsigned int i;
	rte_iova_t want;

	for (i = 0; i < size; i++) {
		objs[i] = RTE_PTR_ADD(first, i * stride(mp));
		want = rte_mempool_get_header(first)->iova + i * stride(mp);
		hdr = rte_mempool_get_header(objs[i]);
		CHECK(hdr->mp == mp && hdr->iova == want, "%p, object %u of block %p, is none",
				objs[i], i, first);
	}
	return 0;
}

static int
distinct(void **objs, unsigned int n)
{
	void **sorted = malloc(n * sizeof(*sorted));
	unsigned int i;

	CHECK(sorted != NULL, "no memory");
	memcpy(sorted, objs, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), test_compare_pointers);
	for (i = 1; i < n; i++)
		CHECK(sorted[i] != sorted[i - 1], "I1: %p is in two places", sorted[i]);
	free(sorted);
	return 0;
}

struct shape {
	unsigned int n;
	unsigned int elt_size;
	unsigned int flags;
	const char *config;
	unsigned int block; /* expected objects in a block; 0: no blocks */
	bool small_pages;   /* expected where an IOVA page has 4 KB, as with --no-huge */
};

/* 128 bytes with the header, on any machine: not rounded up to cache lines. */
#define ELT_SIZE (128 - sizeof(struct rte_mempool_objhdr))
#define PACKED (RTE_MEMPOOL_F_NO_CACHE_ALIGN)

/* Objects are 128 bytes with headers, but for the last ones. */
static const struct shape shapes[] = {
	/* no page rule: 62 to a page */
	{ 6200, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, NULL, 62, false },
	{ 6230, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, NULL, 62, false },
	{ 6200, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, "page_size=1k", 8, false },
	{ 6200, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, "page_size=128,cache=0", 1,
			false },
	{ 6200, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, "cache=8192", 62, false },
	{ 30, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG, NULL, 30, false },
	/* page rule: 32 objects fill 4 KB to the last byte */
	{ 6400, ELT_SIZE, PACKED, "page_size=4k", 32, false },
	/* 128 objects of 32 bytes in 4 KB, in pages of 43, 43 and 42 */
	{ 6400, 8, RTE_MEMPOOL_F_NO_CACHE_ALIGN, NULL, 43, true },
	/* one object in each 4 KB, two, not next to those of the next: no blocks */
	{ 2000, 2176, 0, NULL, 0, true },
	{ 2000, 1600, 0, NULL, 0, true },
	{ 2000, 1600, 0, "page_size=4k", 2, true },
};

static const unsigned int flag_spread = RTE_MEMPOOL_F_NO_SPREAD;

/* Take all blocks there are, and what they leave singly. */
static int
all_blocks(struct rte_mempool *mp, const struct shape *sh)
{
	unsigned int size = sh->block, blocks = 0, max = mp->size / size, i, rest = 0;
	void **first = calloc(max + 1, sizeof(*first)),
	     **objs = calloc(mp->size + 1, sizeof(*objs));
	void *canary = &blocks;

	CHECK(first != NULL && objs != NULL, "no memory");
	while (blocks < max) {
		/* one at a time and several */
		i = RTE_MIN(1 + test_random_below(5), max - blocks);
		if (rte_mempool_get_contig_blocks(mp, &first[blocks], i) == 0)
			blocks += i;
		else if (i == 1)
			break;
	}
	CHECK(blocks > 0 && blocks * size + 62 * 64 > mp->size, "I2: only %u blocks of %u, in %u",
			blocks, size, mp->size);
	for (i = 0; i < blocks; i++)
		CHECK_OK(block_expand(mp, first[i], size, &objs[i * size]));
	CHECK(test_pool_count(mp) == mp->size - blocks * size, "I3: %u", test_pool_count(mp));

	/* exhausted: nothing is written, nothing is lost */
	first[0] = canary;
	CHECK(rte_mempool_get_contig_blocks(mp, first, 1) == -ENOBUFS && first[0] == canary,
			"I4: one block more than there are");
	CHECK(rte_mempool_get_contig_blocks(mp, first, UINT_MAX) == -ENOBUFS && first[0] == canary,
			"I4: 2^32 - 1 blocks");
	CHECK(test_pool_count(mp) == mp->size - blocks * size, "I3: %u", test_pool_count(mp));
	CHECK_OK(test_pool_check(mp));

	/* what no block could hold comes singly */
	rest = mp->size - blocks * size;
	CHECK(rest == 0 || test_get(mp, &objs[blocks * size], rest) == 0, "I2: %u single ones",
			rest);
	CHECK(test_get(mp, &objs[mp->size], 1) == -ENOBUFS, "more than all");
	CHECK_OK(distinct(objs, mp->size));
	for (i = 0; i < mp->size; i++)
		memset(objs[i], (int)i, mp->elt_size);

	/* back in any order, in pieces of any size */
	test_shuffle(objs, mp->size);
	for (i = 0; i < mp->size; i += rest) {
		rest = RTE_MIN(1 + test_random_below(100), mp->size - i);
		test_put(mp, &objs[i], rest);
	}
	CHECK(test_pool_count(mp) == mp->size, "I3: %u", test_pool_count(mp));
	CHECK_OK(test_pool_check(mp));
	/* and whole again (I7) */
	CHECK(rte_mempool_get_contig_blocks(mp, first, blocks) == 0, "I7: %u blocks, again",
			blocks);
	for (i = 0; i < blocks; i++)
		CHECK_OK(block_expand(mp, first[i], size, &objs[i * size]));
	CHECK_OK(distinct(objs, blocks * size));
	test_put(mp, objs, blocks * size);
	free(first);
	free(objs);
	return 0;
}

static int
test_blocks(void)
{
	struct rte_mempool *mp;
	unsigned int i, size;
	size_t pg_sz;
	void *first[2];

	for (i = 0; i < RTE_DIM(shapes); i++) {
		mp = make(shapes[i].n, shapes[i].elt_size, shapes[i].flags | flag_spread,
				shapes[i].config);
		CHECK(mp != NULL, "pool %u", i);
		CHECK(rte_mempool_get_page_size(mp, &pg_sz) == 0, "page size");
		if (shapes[i].small_pages && pg_sz != 4096) {
			rte_mempool_free(mp);
			continue;
		}
		size = block_size(mp);
		CHECK(size == shapes[i].block, "pool %u: blocks of %u, not %u", i, size,
				shapes[i].block);
		if (size == 0) {
			first[0] = &size;
			CHECK(rte_mempool_get_contig_blocks(mp, first, 1) == -ENOTSUP &&
							first[0] == &size,
					"blocks of a pool that has none");
		} else {
			CHECK(all_blocks(mp, &shapes[i]) == 0, "pool %u", i);
		}
		CHECK(rte_mempool_get_contig_blocks(mp, first, 0) == (size == 0 ? -ENOTSUP : 0),
				"no blocks wanted");
		CHECK_OK(test_pool_drain(mp, mp->size));
		CHECK_OK(test_pool_end(mp));
	}
	return 0;
}

/* Blocks and single objects taken and given back by turns; a model of who has what. */
static int
test_mixed(void)
{
	const unsigned int n = 6200, size = 62, total_rounds = 3000 * test_scale();
	void **held = calloc(n, sizeof(*held)), *first[8];
	struct rte_mempool *mp;
	unsigned int nr = 0, i, k, round;
	struct frag_pool *fp;

	CHECK(held != NULL, "no memory");
	mp = make(n, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG | flag_spread, NULL);
	CHECK(mp != NULL && block_size(mp) == size, "pool");
	fp = page_pool_from_mempool(mp);
	for (round = 0; round < total_rounds; round++) {
		k = 1 + test_random_below(8);
		switch (test_random_below(4)) {
		case 0:
			if (nr + k * size > n || rte_mempool_get_contig_blocks(mp, first, k) != 0)
				break;
			for (i = 0; i < k; i++, nr += size)
				CHECK_OK(block_expand(mp, first[i], size, &held[nr]));
			break;
		case 1:
			k *= 30;
			if (nr + k > n)
				break;
			CHECK(test_get(mp, &held[nr], k) == 0, "I2: %u of %u free", k, n - nr);
			nr += k;
			break;
		default:
			test_shuffle(held, nr);
			k = RTE_MIN(k * 50, nr);
			nr -= k;
			test_put(mp, &held[nr], k);
		}
		CHECK(test_pool_count(mp) == n - nr, "I3: %u of %u", test_pool_count(mp), n - nr);
		if (round % 100 == 0) {
			CHECK_OK(distinct(held, nr));
			CHECK_OK(test_pool_check(mp));
		}
		if (round % 500 == 0)
			frag_pool_trim(fp, round % 1000 == 0);
	}
	test_put(mp, held, nr);
	CHECK_OK(test_pool_drain(mp, n));
	/* all pages are whole, wherever their objects have been */
	CHECK(frag_pool_trim(fp, false) == n / size, "I7: %u whole pages of %u",
			frag_pool_trim(fp, false), n / size);
	free(held);
	return test_pool_end(mp);
}

/* Blocks of what there is, while it becomes more. */
static int
test_growing(void)
{
	struct rte_mempool *mp = test_pool_empty(5000, ELT_SIZE,
			PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG | flag_spread, NULL);
	unsigned int i, size;
	void *first, *objs[62];

	CHECK_OK(area_map());
	CHECK(mp != NULL, "pool");
	/* chunks of 10, 20, ... objects */
	for (i = 1; i <= 12; i++) {
		CHECK(rte_mempool_populate_iova(mp, area + i * 65536, 0, i * 10 * 128, NULL,
				      NULL) == (int)i * 10,
				"populate");
		size = block_size(mp);
		CHECK(rte_mempool_get_contig_blocks(mp, &first, 1) == 0, "block");
		CHECK_OK(block_expand(mp, first, size, objs));
		test_put(mp, objs, size);
		CHECK(size == RTE_MIN(i * 10, 62u), "blocks of %u when the largest chunk has %u",
				size, i * 10);
	}
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	return test_pool_end(mp);
}

/* Chunks with different page rules in one frag_pool: a page may have as many fragments as a block
 * and yet not be one, since there is a gap in each of its IOVA pages.
 */
static int
test_unlike_chunks(void)
{
	const struct frag_pool_params params = { .name = "unlike",
		.size = 100000,
		.frag_size = 2040,
		.socket_id = SOCKET_ID_ANY,
		.flags = test_strict() ? FRAG_POOL_F_STRICT : 0 };
	void *first[2000], **all;
	static const size_t pg_sz[] = { 65536, 32768, 4096, 0 };
	struct frag_pool *fp;
	unsigned int i, j, size, blocks = 0;
	int nr = 0;

	CHECK_OK(area_map());
	fp = frag_pool_create(&params);
	CHECK(fp != NULL, "%s", rte_strerror(rte_errno));
	/* pages of 32 adjacent ones; of 3 * 16 with gaps; of 31 * 2 with gaps; of 62 without */
	for (i = 0; i < RTE_DIM(pg_sz); i++)
		nr += frag_pool_add_chunk(fp, area + i * (2 << 20), i == 3 ? 6 << 20 : 2 << 20,
				pg_sz[i], UINT32_MAX, NULL, NULL);
	size = frag_pool_contig_size(fp);
	CHECK(size == 62, "%u", size);
	while (blocks < RTE_DIM(first) && frag_pool_get_contig(fp, &first[blocks], 1) == 0)
		blocks++;
	CHECK(blocks > 0, "no blocks");
	/* each object of a block is one: putting it back succeeds, and it comes back once */
	all = calloc(nr, sizeof(*all));
	CHECK(all != NULL, "no memory");
	for (i = 0; i < blocks; i++) {
		for (j = 0; j < size; j++)
			all[j] = RTE_PTR_ADD(first[i], j * params.frag_size);
		CHECK(frag_pool_put(fp, all, size) == 0, "block %u at %p", i, first[i]);
	}
	frag_pool_trim(fp, false);
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	CHECK(frag_pool_get(fp, all, nr) == 0, "I2: %d objects", nr);
	CHECK_OK(distinct(all, nr));
	CHECK(frag_pool_check(fp, stdout) == 0, "violations");
	free(all);
	frag_pool_destroy(fp);
	return 0;
}

/* Pages of the largest chunk are blocks, those of others only if they are alike; none is lost. */
static int
test_many_chunks(void)
{
	struct rte_mempool *mp = test_pool_empty(100000, ELT_SIZE, PACKED | flag_spread, NULL);
	void *first[500], *objs[64];
	unsigned int i, size, blocks = 0;
	size_t at = 64;

	CHECK_OK(area_map());
	CHECK(mp != NULL, "pool");
	for (i = 0; i < 300; i++) {
		size_t len = 2000 + test_random_below(30000);

		CHECK(rte_mempool_populate_iova(mp, area + at, at, len, NULL, NULL) > 0, "chunk");
		at += len + test_random_below(300);
	}
	size = block_size(mp);
	CHECK(size > 0, "no blocks");
	for (; blocks < RTE_DIM(first); blocks++)
		if (rte_mempool_get_contig_blocks(mp, &first[blocks], 1) != 0)
			break;
	printf("%u objects in %u chunks: %u blocks of %u\n", mp->populated_size, mp->nb_mem_chunks,
			blocks, size);
	CHECK(blocks > 0, "no blocks");
	CHECK_OK(test_pool_check(mp));
	for (i = 0; i < blocks; i++) {
		CHECK_OK(block_expand(mp, first[i], size, objs));
		test_put(mp, objs, size);
	}
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	return test_pool_end(mp);
}

/* A block hides in other threads' caches: one of its objects in each. Here the lcore's own cache
 * and pages in every list; trimming digs them out.
 */
static int
test_hidden(void)
{
	const unsigned int n = 62 * 20;
	struct rte_mempool *mp = make(n, ELT_SIZE,
			PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG | flag_spread, "cache=1024");
	void *objs[62 * 20], *first[20];
	unsigned int i;

	CHECK(mp != NULL, "pool");
	for (i = 0; i < 50; i++) {
		CHECK(test_get(mp, objs, n) == 0, "all");
		test_shuffle(objs, n);
		test_put(mp, objs, n - 1);
		/* one page lacks one object */
		CHECK(rte_mempool_get_contig_blocks(mp, first, 20) == -ENOBUFS, "20 blocks");
		CHECK(rte_mempool_get_contig_blocks(mp, first, 19) == 0, "I2, I7: 19 blocks");
		CHECK(test_pool_count(mp) == 61, "I3: %u", test_pool_count(mp));
		CHECK_OK(test_pool_check(mp));
		test_put(mp, &objs[n - 1], 1);
		CHECK(rte_mempool_get_contig_blocks(mp, &first[19], 1) == 0, "the last block");
		for (unsigned int b = 0; b < 20; b++)
			CHECK_OK(block_expand(mp, first[b], 62, &objs[b * 62]));
		CHECK_OK(distinct(objs, n));
		test_put(mp, objs, n);
	}
	return test_pool_end(mp);
}

/* Blocks beside single objects, on two threads; each object carries the number of its holder. */
struct traffic {
	struct rte_mempool *mp;
	uint64_t id;
	bool blocks;
	atomic_bool *stop;
	_Atomic(uint64_t) got;
	uint64_t wrong;
};

static unsigned int
traffic_take(struct traffic *t, void **objs, unsigned int n)
{
	unsigned int i;
	void *first;

	if (!t->blocks)
		return test_get(t->mp, objs, n) == 0 ? n : 0;
	if (rte_mempool_get_contig_blocks(t->mp, &first, 1) != 0)
		return 0;
	for (i = 0; i < 62; i++)
		objs[i] = RTE_PTR_ADD(first, i * stride(t->mp));
	return 62;
}

static void *
traffic_run(void *arg)
{
	struct traffic *t = arg;
	unsigned int i, n, seed = (unsigned int)t->id;
	_Atomic(uint64_t) *owner;
	void *objs[128], *tmp;

	while (!atomic_load(t->stop)) {
		seed = seed * 1103515245 + 12345;
		n = traffic_take(t, objs, 1 + (seed >> 16) % RTE_DIM(objs));
		atomic_fetch_add(&t->got, n);
		for (i = 0; i < n; i++) {
			owner = objs[i];
			t->wrong += atomic_exchange(owner, t->id) != 0;
		}
		for (i = 0; i < n; i++) {
			owner = objs[i];
			t->wrong += atomic_exchange(owner, 0) != t->id;
		}
		/* so that what comes back is no run any more */
		for (i = 0; i < n; i++) {
			tmp = objs[i];
			objs[i] = objs[(seed >> 8) % n];
			objs[(seed >> 8) % n] = tmp;
		}
		/* one by one, or together */
		for (i = 0; i < n; i += seed % 3 == 0 ? 1 : n)
			test_put(t->mp, &objs[i], seed % 3 == 0 ? 1 : n);
	}
	return NULL;
}

static int
test_traffic(void)
{
	struct rte_mempool *mp;
	struct traffic t[2] = { { .id = 1, .blocks = true }, { .id = 2 } };
	atomic_bool stop = false;
	pthread_t thread[2];
	unsigned int i;

	CHECK_OK(area_map());
	memset(area, 0, AREA_LEN);
	mp = make(62 * 40, ELT_SIZE, PACKED | RTE_MEMPOOL_F_NO_IOVA_CONTIG | flag_spread,
			"cache=128");
	CHECK(mp != NULL, "pool");
	for (i = 0; i < 2; i++) {
		t[i].mp = mp;
		t[i].stop = &stop;
		CHECK(pthread_create(&thread[i], NULL, traffic_run, &t[i]) == 0, "thread");
	}
	usleep(700000 * test_scale());
	for (i = 0; i < 10000 && (t[0].got == 0 || t[1].got == 0); i++)
		usleep(1000);
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	printf("%" PRIu64 " objects in blocks, %" PRIu64 " singly\n", t[0].got, t[1].got);
	CHECK(t[0].wrong + t[1].wrong == 0, "I1: %" PRIu64 " objects were in two places",
			t[0].wrong + t[1].wrong);
	CHECK(t[0].got > 0 && t[1].got > 0, "no traffic");
	CHECK_OK(test_pool_drain(mp, mp->size));
	return test_pool_end(mp);
}

static const struct test_case cases[] = {
	{ "item 3: blocks are adjacent and disjoint, and all of the pool", test_blocks,
			TEST_BOTH_MODES },
	{ "I1, I3: blocks and single objects by turns", test_mixed, TEST_BOTH_MODES },
	{ "item 3: blocks while chunks are added", test_growing, TEST_BOTH_MODES },
	{ "item 3: chunks with different page rules", test_unlike_chunks, TEST_BOTH_MODES },
	{ "item 3: blocks of a pool of many chunks", test_many_chunks, TEST_BOTH_MODES },
	{ "I7: blocks that hide in caches", test_hidden, TEST_BOTH_MODES },
	{ "I1, I5: blocks beside single objects on two threads", test_traffic, TEST_BOTH_MODES },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_contig", 64, cases, RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
