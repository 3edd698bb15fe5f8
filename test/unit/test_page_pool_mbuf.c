/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * mbufs whose data lies in fragments (issue 6, items 1 to 5): each call and each error; DPDK's own
 * functions on such mbufs; chains that grow; pinned pools on each provider; header/payload split in
 * software; look-ups; bad input, after which nothing is missing.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include <memory_providers.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_split.h>

#include "test_common.h"

#define LARGE 32768u
#define SMALL 4096u
#define HEADERS 1023u

/* How the pools are, and whether the caches have an owner: each test takes all three. */
static bool strict, owned;

static struct page_pool_mbuf_cache mc;
static struct rte_mempool *headers;
static struct page_pool *large, *small;

static struct page_pool *
pool_make(uint32_t order, const char *provider, void *mp_priv)
{
	struct page_pool_params params = {
		.name = "mbufs",
		.order = order,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.mp_priv = mp_priv,
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

static struct rte_mempool *
headers_make(unsigned int n, uint16_t priv_size)
{
	return rte_pktmbuf_pool_create("headers", n, 32, priv_size, 0, SOCKET_ID_ANY);
}

static int
cache_begin_flags(uint32_t flags)
{
	headers = headers_make(HEADERS, 0);
	large = pool_make(3, NULL, NULL);
	small = pool_make(0, NULL, NULL);
	CHECK(headers != NULL && large != NULL && small != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, small,
			      flags | (owned ? PAGE_POOL_MBUF_F_OWNED : 0)) == 0,
			"cache");
	return 0;
}

static int
cache_begin(void)
{
	return cache_begin_flags(PAGE_POOL_MBUF_F_NO_IOVA);
}

/* Every header is back, and every page. */
static int
cache_end(void)
{
	page_pool_mbuf_cache_drain(&mc);
	CHECK(rte_mempool_full(headers), "%u headers of %u", rte_mempool_avail_count(headers),
			HEADERS);
	rte_mempool_free(headers);
	CHECK_OK(pool_end(large));
	return pool_end(small);
}

static int
each(int (*run)(void))
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		strict = i == 1;
		owned = i != 2;
		CHECK_OK(run());
	}
	strict = owned = false;
	return 0;
}

/* ---- content: a byte is told by its place in the packet and the packet's number */

static uint8_t
byte_of(uint32_t packet, uint32_t at)
{
	return (uint8_t)(packet * 37 + at * 11 + (at >> 8));
}

static int
fill(struct rte_mbuf *m, uint32_t packet, uint32_t len)
{
	uint8_t *p = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)len);
	uint32_t i;

	CHECK(p != NULL, "no room for %u", len);
	for (i = 0; i < len; i++)
		p[i] = byte_of(packet, i);
	return 0;
}

static int
verify(const struct rte_mbuf *m, uint32_t packet, uint32_t from, uint32_t len)
{
	const char *reason = NULL;
	const struct rte_mbuf *seg;
	uint32_t at = from, i;

	CHECK(rte_mbuf_check(m, 1, &reason) == 0, "%s", reason);
	CHECK(m->pkt_len == len, "%u bytes, not %u", m->pkt_len, len);
	for (seg = m; seg != NULL; seg = seg->next)
		for (i = 0; i < seg->data_len; i++, at++)
			if (*rte_pktmbuf_mtod_offset(seg, uint8_t *, i) != byte_of(packet, at))
				CHECK(false, "byte %u of packet %u", at, packet);
	CHECK(at == from + len, "%u bytes in the segments", at - from);
	return 0;
}

/* ---- item 1 */

static int
run_alloc(void)
{
	static const struct {
		uint32_t headroom, size;
	} sizes[] = { { 0, 1 }, { 0, 64 }, { 128, 64 }, { 128, 1500 }, { 128, 2048 }, { 256, 9018 },
		{ 41, 20000 }, { 0, LARGE - 64 } };
	struct page_frag frag;
	struct rte_mbuf *m;
	unsigned int i;

	CHECK_OK(cache_begin());
	for (i = 0; i < RTE_DIM(sizes); i++) {
		m = page_pool_mbuf_alloc(&mc, sizes[i].headroom, sizes[i].size);
		CHECK(m != NULL, "%u, %u: %s", sizes[i].headroom, sizes[i].size,
				rte_strerror(rte_errno));
		CHECK(rte_pktmbuf_headroom(m) >= sizes[i].headroom, "%u", rte_pktmbuf_headroom(m));
		CHECK(rte_pktmbuf_headroom(m) < sizes[i].headroom + 64, "%u",
				rte_pktmbuf_headroom(m));
		CHECK(rte_pktmbuf_tailroom(m) == sizes[i].size, "%u", rte_pktmbuf_tailroom(m));
		CHECK((uintptr_t)rte_pktmbuf_mtod(m, void *) % PAGE_POOL_MBUF_ALIGN == 0,
				"aligned");
		CHECK(m->nb_segs == 1 && m->next == NULL && m->pkt_len == 0 &&
						m->ol_flags == RTE_MBUF_F_EXTERNAL &&
						m->port == RTE_MBUF_PORT_INVALID,
				"as new");
		CHECK_OK(fill(m, i, sizes[i].size));
		CHECK_OK(verify(m, i, 0, sizes[i].size));
		CHECK(rte_mbuf_iova_get(m) == rte_mem_virt2iova(m->buf_addr) ||
						rte_mbuf_iova_get(m) == RTE_BAD_IOVA ||
						!rte_eal_has_hugepages(),
				"address for devices");
		CHECK(page_pool_mbuf_frag(m, &frag) == 0 && frag.va == m->buf_addr &&
						frag.size == m->buf_len &&
						netmem_pp(frag.netmem) == large,
				"look-up");
		CHECK((char *)netmem_address(frag.netmem) + frag.offset == (char *)frag.va,
				"offset");
		CHECK(page_pool_mbuf_pool(m) == large && page_pool_mbuf_netmem(m) == frag.netmem,
				"look-up");
		rte_pktmbuf_free(m);
	}
	return cache_end();
}

static int
test_alloc(void)
{
	return each(run_alloc);
}

static int
run_bulk(void)
{
	struct rte_mbuf *m[HEADERS + 1];
	struct page_pool_mbuf_stats stats;
	unsigned int i, n;

	CHECK_OK(cache_begin());
	for (n = 0; n <= 256; n += 32) {
		CHECK(page_pool_mbuf_alloc_bulk(&mc, m, n, 128, 64) == 0, "%u", n);
		for (i = 0; i < n; i++)
			CHECK_OK(fill(m[i], i, 64));
		for (i = 0; i < n; i++)
			CHECK_OK(verify(m[i], i, 0, 64));
		rte_pktmbuf_free_bulk(m, n);
	}
	/* headers end in the middle of a bulk */
	n = HEADERS / 2;
	CHECK(page_pool_mbuf_alloc_bulk(&mc, m, n, 0, 8) == 0, "half");
	CHECK(page_pool_mbuf_alloc_bulk(&mc, &m[n], n + 2, 0, 8) == -ENOMEM, "more than half");
	page_pool_mbuf_get_stats(&mc, &stats);
	CHECK(stats.failed == 1 && stats.allocated == 1152 + n, "%" PRIu64 ", %" PRIu64,
			stats.failed, stats.allocated);
	CHECK(page_pool_mbuf_alloc_bulk(&mc, &m[n], HEADERS - n, 0, 8) == 0, "none was lost");
	CHECK(page_pool_mbuf_alloc(&mc, 0, 8) == NULL && rte_errno == ENOMEM, "none is left");
	rte_pktmbuf_free_bulk(m, HEADERS);
	return cache_end();
}

static int
test_bulk(void)
{
	return each(run_bulk);
}

/* Pages end in the middle of a bulk: all or nothing, and what was cut is not lost. */
static int
run_no_memory(void)
{
	struct page_pool_region *region = page_pool_region_create(1, -1, 0);
	struct rte_mbuf *m[HEADERS];
	struct page_pool *pool;
	unsigned int i, n, all = 0;

	CHECK(region != NULL, "region: %s", rte_strerror(rte_errno));
	headers = headers_make(HEADERS, 0);
	pool = pool_make(3, "region", region);
	CHECK(headers != NULL && pool != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, pool, NULL,
			      PAGE_POOL_MBUF_F_NO_IOVA | (owned ? PAGE_POOL_MBUF_F_OWNED : 0)) == 0,
			"cache");
	/* 64 pages of 32 KB, with 8 of these each */
	for (n = 100; page_pool_mbuf_alloc_bulk(&mc, &m[all], n, 0, 4000) == 0; all += n)
		CHECK(all < 600, "more than there is memory for");
	CHECK(all == 500, "%u before memory ended", all);
	/* what the bulk that failed had cut out of its pages is lost until these are back */
	for (i = 0; page_pool_mbuf_alloc_bulk(&mc, &m[all], 1, 0, 4000) == 0; i++)
		all++;
	CHECK(i <= 12, "%u more", i);
	CHECK(rte_mempool_avail_count(headers) == HEADERS - all, "headers of the failed ones");
	rte_pktmbuf_free_bulk(m, all);
	CHECK(page_pool_mbuf_alloc_bulk(&mc, m, 500, 0, 4000) == 0, "all again");
	rte_pktmbuf_free_bulk(m, 500);
	page_pool_mbuf_cache_drain(&mc);
	CHECK(rte_mempool_full(headers), "headers");
	rte_mempool_free(headers);
	CHECK_OK(pool_end(pool));
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

static int
test_no_memory(void)
{
	return each(run_no_memory);
}

static int
run_bad(void)
{
	struct rte_mempool *data, *generic, *pinned;
	struct page_pool_mbuf_cache other;
	struct rte_mbuf *m;

	CHECK_OK(cache_begin());
	CHECK(page_pool_mbuf_alloc(&mc, 128, 0) == NULL && rte_errno == EINVAL, "no size");
	CHECK(page_pool_mbuf_alloc(&mc, 128, LARGE) == NULL && rte_errno == E2BIG, "page");
	CHECK(page_pool_mbuf_alloc(&mc, 0, LARGE - 63) == NULL && rte_errno == E2BIG, "page");
	CHECK(page_pool_mbuf_alloc(&mc, 0, 65536) == NULL && rte_errno == E2BIG, "16 bits");
	CHECK(page_pool_mbuf_alloc(&mc, 65536, 1) == NULL && rte_errno == E2BIG, "16 bits");
	CHECK(page_pool_mbuf_alloc(&mc, UINT32_MAX, 1) == NULL && rte_errno == E2BIG, "wraps");
	CHECK(page_pool_mbuf_alloc(&mc, 1, UINT32_MAX) == NULL && rte_errno == E2BIG, "wraps");
	CHECK(page_pool_mbuf_alloc_bulk(&mc, &m, 1, 65535, 65535) == -E2BIG, "both");

	data = rte_pktmbuf_pool_create("data", 63, 0, 0, 64, SOCKET_ID_ANY);
	generic = rte_mempool_create("generic", 63, 256, 0, 0, NULL, NULL, NULL, NULL,
			SOCKET_ID_ANY, 0);
	pinned = headers_make(63, PAGE_POOL_MBUF_PIN_SIZE);
	CHECK(data == NULL || generic == NULL || pinned == NULL, "names differ");
	rte_mempool_free(pinned);
	pinned = rte_pktmbuf_pool_create("pinned", 63, 0, PAGE_POOL_MBUF_PIN_SIZE, 0,
			SOCKET_ID_ANY);
	CHECK(data != NULL && generic != NULL && pinned != NULL, "pools");
	CHECK(page_pool_mbuf_cache_init(NULL, headers, large, NULL, 0) == -EINVAL, "no cache");
	CHECK(page_pool_mbuf_cache_init(&other, NULL, large, NULL, 0) == -EINVAL, "no headers");
	CHECK(page_pool_mbuf_cache_init(&other, headers, NULL, NULL, 0) == -EINVAL, "no pool");
	CHECK(page_pool_mbuf_cache_init(&other, headers, small, large, 0) == -EINVAL, "large one");
	CHECK(page_pool_mbuf_cache_init(&other, headers, large, NULL, 4) == -EINVAL, "flag");
	CHECK(page_pool_mbuf_cache_init(&other, data, large, NULL, 0) == -EINVAL, "a data room");
	CHECK(page_pool_mbuf_cache_init(&other, generic, large, NULL, 0) == -EINVAL, "no mbufs");
	rte_mempool_free(generic);
	generic = rte_mempool_create("generic", 63, 256, 0, 64, NULL, NULL, NULL, NULL,
			SOCKET_ID_ANY, 0);
	CHECK(generic != NULL, "pool");
	CHECK(page_pool_mbuf_cache_init(&other, generic, large, NULL, 0) == -EINVAL,
			"private data, but no mbufs");

	CHECK(page_pool_mbuf_pool_pin(NULL, large, 2176, 0) == -EINVAL, "no headers");
	CHECK(page_pool_mbuf_pool_pin(pinned, NULL, 2176, 0) == -EINVAL, "no pool");
	CHECK(page_pool_mbuf_pool_pin(pinned, large, 2176, 1) == -EINVAL, "flag");
	CHECK(page_pool_mbuf_pool_pin(headers, large, 2176, 0) == -EINVAL, "private area");
	CHECK(page_pool_mbuf_pool_pin(data, large, 2176, 0) == -EINVAL, "a data room");
	CHECK(page_pool_mbuf_pool_pin(generic, large, 2176, 0) == -EINVAL, "no mbufs");
	CHECK(page_pool_mbuf_pool_pin(pinned, large, RTE_PKTMBUF_HEADROOM, 0) == -EINVAL,
			"no room behind the headroom");
	CHECK(page_pool_mbuf_pool_pin(pinned, large, LARGE + 1, 0) == -E2BIG, "page");
	CHECK(page_pool_mbuf_pool_unpin(pinned) == -EINVAL &&
					page_pool_mbuf_pool_free(data) == -EINVAL &&
					page_pool_mbuf_pool_unpin(generic) == -EINVAL,
			"not pinned");
	CHECK(page_pool_mbuf_pool_free(NULL) == 0, "nothing");
	m = rte_pktmbuf_alloc(pinned);
	CHECK(page_pool_mbuf_pool_pin(pinned, large, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == -EBUSY,
			"mbufs are out");
	rte_pktmbuf_free(m);
	CHECK(page_pool_mbuf_pool_pin(pinned, large, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == 0, "pin");
	CHECK(page_pool_mbuf_pool_pin(pinned, large, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == -EINVAL,
			"pinned already");
	CHECK(page_pool_mbuf_cache_init(&other, pinned, large, NULL, 0) == -EINVAL, "pinned");
	m = rte_pktmbuf_alloc(pinned);
	CHECK(page_pool_mbuf_clone(m, pinned) == NULL && rte_errno == EINVAL, "pinned");
	CHECK(page_pool_mbuf_pool_free(pinned) == -EBUSY, "mbufs are out");
	rte_pktmbuf_free(m);
	CHECK(page_pool_mbuf_pool_free(pinned) == 0, "free");
	rte_mempool_free(data);
	rte_mempool_free(generic);
	return cache_end();
}

static int
test_bad(void)
{
	return each(run_bad);
}

/* What DPDK's functions do to any mbuf they do to these. */
static int
run_dpdk(void)
{
	struct rte_mbuf *m, *n, *clone, *copy;
	char buffer[512];

	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 128, 1000);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 1, 500));
	CHECK(rte_pktmbuf_adj(m, 100) != NULL && rte_pktmbuf_trim(m, 100) == 0, "adj, trim");
	CHECK_OK(verify(m, 1, 100, 300));
	CHECK(rte_pktmbuf_prepend(m, 100) != NULL, "prepend");
	CHECK_OK(verify(m, 1, 0, 400));
	CHECK(rte_pktmbuf_prepend(m, 300) == NULL, "no headroom left");
	CHECK(rte_pktmbuf_append(m, 1000) == NULL, "no tailroom left");
	CHECK(memcmp(rte_pktmbuf_read(m, 0, 400, buffer), rte_pktmbuf_mtod(m, char *), 400) == 0,
			"read");

	/* a clone keeps the data when the first one has gone, and the other way round */
	clone = page_pool_mbuf_clone(m, headers);
	CHECK(clone != NULL && !RTE_MBUF_DIRECT(clone), "clone");
	CHECK(page_pool_mbuf_netmem(clone) == page_pool_mbuf_netmem(m), "a clone's page");
	rte_pktmbuf_free(m);
	CHECK_OK(verify(clone, 1, 0, 400));
	m = rte_pktmbuf_clone(clone, headers);
	CHECK(m != NULL, "clone of a clone");
	rte_pktmbuf_free(clone);
	CHECK_OK(verify(m, 1, 0, 400));

	/* two references to the mbuf itself */
	rte_mbuf_refcnt_update(m, 1);
	rte_pktmbuf_free(m);
	CHECK_OK(verify(m, 1, 0, 400));

	/* chain, linearize, copy */
	n = page_pool_mbuf_alloc(&mc, 0, 600);
	CHECK(n != NULL, "alloc");
	CHECK_OK(fill(n, 2, 600));
	copy = rte_pktmbuf_copy(n, headers, 0, 600);
	CHECK(copy == NULL, "headers have no room");
	CHECK(rte_pktmbuf_chain(m, n) == 0 && m->nb_segs == 2, "chain");
	clone = rte_pktmbuf_clone(m, headers);
	CHECK(clone != NULL && clone->nb_segs == 2, "clone of a chain");
	rte_pktmbuf_free(clone);
	CHECK(rte_pktmbuf_linearize(m) == 0 && m->nb_segs == 1 && m->pkt_len == 1000, "linearize");
	CHECK(memcmp(rte_pktmbuf_mtod(m, char *), rte_pktmbuf_read(m, 0, 400, buffer), 400) == 0,
			"read");
	CHECK(rte_pktmbuf_trim(m, 600) == 0, "trim");
	CHECK_OK(verify(m, 1, 0, 400));

	/* a header that is detached is bare again */
	rte_pktmbuf_detach(m);
	CHECK(RTE_MBUF_DIRECT(m) && m->buf_len == 0 && page_pool_mbuf_netmem(m) == 0, "detach");
	m->pkt_len = 0;
	rte_pktmbuf_free(m);
	return cache_end();
}

static int
test_dpdk(void)
{
	return each(run_dpdk);
}

/* DPDK counts references with 16 bits. */
static int
run_many_clones(void)
{
	struct rte_mempool *many = rte_pktmbuf_pool_create("many", 65535, 256, 0, 0, SOCKET_ID_ANY);
	struct rte_mbuf *m, **clones = calloc(UINT16_MAX, sizeof(*clones));
	unsigned int i, n;

	CHECK_OK(cache_begin());
	CHECK(many != NULL && clones != NULL, "memory");
	m = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 3, 100));
	for (n = 0; n < UINT16_MAX; n++) {
		clones[n] = page_pool_mbuf_clone(m, many);
		if (clones[n] == NULL)
			break;
	}
	CHECK(rte_errno == EOVERFLOW && n == UINT16_MAX - RTE_MAX_LCORE - 1u, "%u: %s", n,
			rte_strerror(rte_errno));
	rte_pktmbuf_free(m);
	for (i = 0; i < n; i++) {
		if (i == n - 1)
			CHECK_OK(verify(clones[i], 3, 0, 100));
		rte_pktmbuf_free(clones[i]);
	}
	CHECK(rte_mempool_full(many), "headers");
	rte_mempool_free(many);
	free(clones);
	return cache_end();
}

static int
test_many_clones(void)
{
	return each(run_many_clones);
}

/* A chain of many segments of one buffer takes as many references at once. */
static int
run_clones_of_chain(void)
{
	struct rte_mempool *many = rte_pktmbuf_pool_create("many", 65535, 256, 0, 0, SOCKET_ID_ANY);
	struct rte_mbuf *m, *seg, *last;
	unsigned int i;

	CHECK_OK(cache_begin());
	CHECK(many != NULL, "memory");
	m = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 3, 1));
	for (i = 1, last = m; i < 40000; i++, last = seg) {
		seg = rte_pktmbuf_alloc(many);
		CHECK(seg != NULL, "header");
		rte_pktmbuf_attach(seg, m);
		last->next = seg;
		m->nb_segs++;
		m->pkt_len++;
	}
	CHECK(page_pool_mbuf_clone(m, many) == NULL && rte_errno == EOVERFLOW, "80,000");
	rte_pktmbuf_free(m);
	CHECK(rte_mempool_full(many), "headers");
	rte_mempool_free(many);
	return cache_end();
}

static int
test_clones_of_chain(void)
{
	return each(run_clones_of_chain);
}

/* A slice of a buffer with the buffer's own count, as rte_pktmbuf_attach_extbuf() allows. */
static int
run_slices(void)
{
	struct rte_mbuf *m, *slice;

	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 0, 1000);
	slice = rte_pktmbuf_alloc(headers);
	CHECK(m != NULL && slice != NULL, "alloc");
	CHECK_OK(fill(m, 3, 1000));
	rte_mbuf_ext_refcnt_update(m->shinfo, 1);
	rte_pktmbuf_attach_extbuf(slice, RTE_PTR_ADD(rte_pktmbuf_mtod(m, char *), 512),
			rte_pktmbuf_iova_offset(m, 512), 400, m->shinfo);
	slice->data_len = 400;
	slice->pkt_len = 400;
	CHECK(page_pool_mbuf_pool(slice) == large, "look-up");
	rte_pktmbuf_free(m);
	CHECK_OK(verify(slice, 3, 512, 400));
	rte_pktmbuf_free(slice);
	return cache_end();
}

static int
test_slices(void)
{
	return each(run_slices);
}

/* ---- freed by threads that did not allocate */

static void *
free_all(void *arg)
{
	struct rte_mbuf **m = arg;

	for (; *m != NULL; m++)
		rte_pktmbuf_free(*m);
	return NULL;
}

static int
run_others(void)
{
	struct rte_mbuf *m[HEADERS], *one[3][301];
	pthread_t thread[3];
	unsigned int i, k;

	CHECK_OK(cache_begin());
	for (i = 0; i < 300; i++) {
		m[i] = page_pool_mbuf_alloc(&mc, 128, 64 + i);
		CHECK(m[i] != NULL, "alloc");
		CHECK_OK(fill(m[i], i, 64 + i));
		one[0][i] = m[i];
		one[1][i] = rte_pktmbuf_clone(m[i], headers);
		one[2][i] = rte_pktmbuf_clone(m[i], headers);
		CHECK(one[1][i] != NULL && one[2][i] != NULL, "clone");
	}
	for (k = 0; k < 3; k++) {
		one[k][300] = NULL;
		CHECK(pthread_create(&thread[k], NULL, free_all, one[k]) == 0, "thread");
	}
	for (k = 0; k < 3; k++)
		pthread_join(thread[k], NULL);
	return cache_end();
}

static int
test_others(void)
{
	return each(run_others);
}

/* ---- many freed in one go */

#define MIXED 96

/* An mbuf of a pool is as DPDK makes it. */
static void
as_new(struct rte_mempool *mp, void *arg, void *obj, unsigned int i)
{
	const struct rte_mbuf *m = obj;
	unsigned int *bad = arg;

	(void)i;
	*bad += m->buf_addr != RTE_PTR_ADD(m, sizeof(*m) + rte_pktmbuf_priv_size(mp)) ||
			m->buf_len != rte_pktmbuf_data_room_size(mp) || m->ol_flags != 0 ||
			rte_mbuf_iova_get(m) !=
					rte_mempool_virt2iova(m) + sizeof(*m) +
							rte_pktmbuf_priv_size(mp) ||
			m->next != NULL || m->nb_segs != 1 || rte_mbuf_refcnt_read(m) != 1 ||
			m->data_off != RTE_MIN(RTE_PKTMBUF_HEADROOM, m->buf_len);
}

static void *
free_mixed(void *arg)
{
	page_pool_mbuf_free_bulk(arg, MIXED);
	return NULL;
}

/* All forms in one table, with chains, clones before and after what they are of, and nothing. */
static int
run_free_bulk(void)
{
	struct rte_mempool *data, *pinned;
	struct rte_mbuf *m[MIXED], *kept[MIXED];
	unsigned int i, round, bad = 0;
	pthread_t thread;

	CHECK_OK(cache_begin());
	data = rte_pktmbuf_pool_create("data", 255, 0, 16, 512, SOCKET_ID_ANY);
	pinned = rte_pktmbuf_pool_create("pinned", 255, 0, 32, 0, SOCKET_ID_ANY);
	CHECK(data != NULL && pinned != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_pool_pin(pinned, large, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == 0, "pin");
	for (round = 0; round < 6; round++) {
		for (i = 0; i < MIXED; i++) {
			kept[i] = NULL;
			switch (i % 8) {
			case 0:
			case 1:
				m[i] = page_pool_mbuf_alloc(&mc, 128, 64 + 100 * i);
				break;
			case 2:
				m[i] = rte_pktmbuf_alloc(data);
				break;
			case 3:
				m[i] = rte_pktmbuf_alloc(pinned);
				break;
			case 4:
				m[i] = page_pool_mbuf_alloc_split(&mc, 0, 64, &mc, 40000);
				break;
			case 5: /* the clone is freed here, what it is of later, or the other way */
				kept[i] = page_pool_mbuf_alloc(&mc, 128, 200);
				m[i] = rte_pktmbuf_clone(kept[i], data);
				break;
			case 6:
				kept[i] = rte_pktmbuf_alloc(pinned);
				m[i] = rte_pktmbuf_clone(kept[i], headers);
				break;
			default:
				m[i] = NULL;
				continue;
			}
			CHECK(m[i] != NULL, "%u", i);
		}
		/* two references to the mbuf itself */
		rte_mbuf_refcnt_update(m[0], 1);
		kept[0] = m[0];
		if (round % 2 == 1)
			for (i = 0; i < MIXED; i++)
				RTE_SWAP(m[i], kept[i]);
		if (round < 4) {
			page_pool_mbuf_free_bulk(m, MIXED);
		} else {
			CHECK(pthread_create(&thread, NULL, free_mixed, m) == 0, "thread");
			pthread_join(thread, NULL);
		}
		page_pool_mbuf_free_bulk(kept, MIXED);
		CHECK(rte_mempool_full(data) && rte_mempool_full(pinned) &&
						rte_mempool_full(headers),
				"round %u: some are missing", round);
		rte_mempool_obj_iter(data, as_new, &bad);
		rte_mempool_obj_iter(headers, as_new, &bad);
		CHECK(bad == 0, "round %u: %u are not as new", round, bad);
	}
	/* all of a page, the last ones of it among them, and by somebody else */
	for (round = 0; round < 4; round++) {
		CHECK(page_pool_mbuf_alloc_bulk(&mc, m, MIXED, 0, 1000) == 0, "alloc");
		if (round % 2 == 0) {
			page_pool_mbuf_free_bulk(m, MIXED);
			continue;
		}
		CHECK(pthread_create(&thread, NULL, free_mixed, m) == 0, "thread");
		pthread_join(thread, NULL);
	}
	page_pool_mbuf_free_bulk(NULL, 0);
	rte_mempool_free(data);
	CHECK(page_pool_mbuf_pool_free(pinned) == 0, "free");
	return cache_end();
}

static int
test_free_bulk(void)
{
	return each(run_free_bulk);
}

/* ---- item 2: header and payload */

static int
run_split_alloc(void)
{
	struct page_pool_mbuf_cache hc;
	struct rte_mbuf *m, *seg;
	uint32_t len;

	CHECK_OK(cache_begin());
	CHECK(page_pool_mbuf_cache_init(&hc, headers, large, NULL,
			      PAGE_POOL_MBUF_F_NO_IOVA | (owned ? PAGE_POOL_MBUF_F_OWNED : 0)) == 0,
			"cache");
	for (len = 0; len < 200000; len = len * 3 + 1) {
		m = page_pool_mbuf_alloc_split(&hc, 128, 54, &mc, len);
		CHECK(m != NULL, "%u: %s", len, rte_strerror(rte_errno));
		CHECK(m->data_len == 54 && m->pkt_len == 54 + len && rte_pktmbuf_headroom(m) >= 128,
				"header");
		CHECK(m->nb_segs == 1 + (len + LARGE - 65) / (LARGE - 64), "%u segments",
				m->nb_segs);
		for (seg = m->next; seg != NULL; seg = seg->next)
			CHECK(seg->data_len == LARGE - 64 || seg->next == NULL, "full");
		CHECK(rte_mbuf_check(m, 1, &(const char *){ NULL }) == 0, "sanity");
		rte_pktmbuf_free(m);
	}
	/* all headers but ten are out: no part of a packet stays behind */
	CHECK(page_pool_mbuf_alloc_split(&hc, 0, 14, &mc, HEADERS * (LARGE - 64)) == NULL &&
					rte_errno == ENOMEM,
			"more segments than headers");
	CHECK(page_pool_mbuf_alloc_split(&hc, 128, 0, &mc, 100) == NULL && rte_errno == EINVAL,
			"no header");
	page_pool_mbuf_cache_drain(&hc);
	return cache_end();
}

static int
test_split_alloc(void)
{
	return each(run_split_alloc);
}

/* Large pages are out: payload comes in pieces of small ones. */
static int
test_split_small(void)
{
	struct page_pool_region *region = page_pool_region_create(1, -1, 0);
	struct rte_mbuf *m;
	struct page_pool *pool;

	CHECK(region != NULL, "region");
	headers = headers_make(HEADERS, 0);
	pool = pool_make(10, "region",
			&(struct page_pool_region){ .base = region->base,
					.len = 2 << 20,
					.nid = -1,
					.flags = PAGE_POOL_REGION_F_NO_IOVA });
	CHECK(pool == NULL, "2 MB have no page of 4 MB");
	pool = pool_make(9, "region", region);
	small = pool_make(0, NULL, NULL);
	CHECK(headers != NULL && pool != NULL && small != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, pool, small, PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
	/* 31 pieces of 65,535 fill the page of 2 MB */
	m = page_pool_mbuf_alloc_split(&mc, 0, 64, &mc, 31 * 65495 + 100000);
	CHECK(m != NULL, "%s", rte_strerror(rte_errno));
	CHECK(m->pkt_len == 31 * 65495 + 100000 + 64, "all of it");
	CHECK(rte_pktmbuf_lastseg(m)->buf_len < SMALL, "from a small page");
	rte_pktmbuf_free(m);
	page_pool_mbuf_cache_drain(&mc);
	rte_mempool_free(headers);
	CHECK_OK(pool_end(pool));
	CHECK_OK(pool_end(small));
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* ---- item 3: chains that grow */

static int
run_append(void)
{
	struct page_pool_mbuf_stats stats;
	static uint8_t bytes[200000];
	struct rte_mbuf *m, *other, *clone;
	unsigned int i, len;

	CHECK_OK(cache_begin());
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = byte_of(7, i);
	/* what is behind is the chain's as long as nobody else allocates: one segment grows */
	m = page_pool_mbuf_alloc(&mc, 128, 64);
	CHECK(m != NULL, "alloc");
	for (len = 0; len < 20000; len += 500)
		CHECK(page_pool_mbuf_append(&mc, m, &bytes[len], 500) == 500, "append");
	CHECK_OK(verify(m, 7, 0, len));
	CHECK(m->nb_segs == 1, "%u segments", m->nb_segs);
	page_pool_mbuf_get_stats(&mc, &stats);
	CHECK(stats.coalesced == 40 && stats.allocated == 1, "%" PRIu64, stats.coalesced);
	/* over the page's end there is a new one */
	CHECK(page_pool_mbuf_append(&mc, m, &bytes[len], 30000) == 30000, "append");
	CHECK(m->nb_segs == 2, "%u segments", m->nb_segs);
	/* somebody else allocates in between: a new one */
	other = page_pool_mbuf_alloc(&mc, 0, 8);
	CHECK(other != NULL, "alloc");
	CHECK(page_pool_mbuf_append(&mc, m, &bytes[50000], 100) == 100, "append");
	CHECK(m->nb_segs == 3, "%u segments", m->nb_segs);
	/* what a clone sees does not change: what is behind its buffer is not its own */
	clone = page_pool_mbuf_clone(m, headers);
	CHECK(clone != NULL, "clone");
	CHECK(page_pool_mbuf_append(&mc, m, &bytes[50100], 100) == 100, "append");
	CHECK(m->nb_segs == 3, "%u segments", m->nb_segs);
	CHECK_OK(verify(m, 7, 0, 50200));
	CHECK_OK(verify(clone, 7, 0, 50100));
	CHECK(page_pool_mbuf_append(&mc, clone, &bytes[50100], 300) == 300, "append");
	CHECK(clone->nb_segs == 4, "%u segments", clone->nb_segs);
	/* nor is tailroom written to that a clone has, too */
	CHECK(rte_pktmbuf_trim(m, 10) == 0, "trim");
	rte_pktmbuf_free(other);
	other = page_pool_mbuf_clone(m, headers);
	CHECK(other != NULL, "clone");
	CHECK(page_pool_mbuf_append(&mc, m, &bytes[50190], 10) == 10, "append");
	CHECK(m->nb_segs == 4, "%u segments", m->nb_segs);
	rte_pktmbuf_free(other);
	CHECK_OK(verify(m, 7, 0, 50200));
	CHECK_OK(verify(clone, 7, 0, 50400));
	rte_pktmbuf_free(clone);
	/* more than 65,535 in one page */
	CHECK(page_pool_mbuf_append(&mc, m, &bytes[50200], 149000) == 149000, "append");
	CHECK_OK(verify(m, 7, 0, 199200));
	CHECK(page_pool_mbuf_append(&mc, m, bytes, 0) == -EINVAL, "nothing");
	rte_pktmbuf_free(m);
	return cache_end();
}

static int
test_append(void)
{
	return each(run_append);
}

/* Segments of 65,535 bytes in a page of 2 MB. */
static int
test_append_long(void)
{
	static uint8_t bytes[200000];
	struct rte_mbuf *m;
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = byte_of(8, i);
	headers = headers_make(HEADERS, 0);
	large = pool_make(9, NULL, NULL);
	CHECK(headers != NULL && large != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, NULL, PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
	m = page_pool_mbuf_alloc(&mc, 0, 1);
	CHECK(m != NULL, "%s", rte_strerror(rte_errno));
	for (i = 0; i < 200000; i += 10000)
		CHECK(page_pool_mbuf_append(&mc, m, &bytes[i], 10000) == 10000, "append");
	CHECK_OK(verify(m, 8, 0, 200000));
	CHECK(m->nb_segs == 4 && m->buf_len == 65535, "%u segments", m->nb_segs);
	rte_pktmbuf_free(m);
	page_pool_mbuf_cache_drain(&mc);
	CHECK(rte_mempool_full(headers), "headers");
	rte_mempool_free(headers);
	return pool_end(large);
}

static int
run_offers(void)
{
	struct page_pool_mbuf_room room, old;
	struct rte_mbuf *m, *all[HEADERS];
	unsigned int n;
	uint32_t len;

	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 1, 60));
	CHECK(page_pool_mbuf_prepare(&mc, m, 0, &room) == -EINVAL, "nothing");
	CHECK(page_pool_mbuf_prepare(&mc, m, 65536, &room) == -E2BIG, "16 bits");
	CHECK(page_pool_mbuf_prepare(&mc, m, LARGE, &room) == -E2BIG, "page");
	CHECK(page_pool_mbuf_prepare(&mc, m, 1, &room) == 0, "prepare");
	CHECK(room.va == rte_pktmbuf_mtod_offset(m, void *, 60), "behind the data");
	CHECK(room.size == LARGE - 64 - 60, "to the page's end: %u", room.size);
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 0) == -EINVAL, "nothing");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, room.size + 1) == -EINVAL, "too much");
	old = room;
	memset(room.va, 1, 20);
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 20) == 0 && m->buf_len == 140, "tailroom");
	CHECK(page_pool_mbuf_commit(&mc, m, &old, 20) == -EINVAL, "an old offer");
	CHECK(page_pool_mbuf_prepare(&mc, m, 30, &room) == 0, "prepare");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 30) == 0, "beyond the tailroom");
	CHECK(m->nb_segs == 1 && m->buf_len == 150 && m->pkt_len == 110, "longer");
	/* more than the page has left: a new page, and nothing happens without a commit */
	CHECK(page_pool_mbuf_prepare(&mc, m, LARGE - 100, &room) == 0, "prepare");
	CHECK(m->nb_segs == 1 && m->pkt_len == 110, "nothing happened");
	CHECK(room.va != rte_pktmbuf_mtod_offset(m, void *, 110), "elsewhere");
	old = room;
	CHECK(page_pool_mbuf_commit(&mc, m, &room, LARGE - 100) == 0 && m->nb_segs == 2, "commit");
	CHECK(page_pool_mbuf_commit(&mc, m, &old, 20) == -EINVAL, "an old offer");
	/* no header for a new segment */
	CHECK(page_pool_mbuf_prepare(&mc, m, 2000, &room) == 0 && !room.extend, "prepare");
	n = rte_mempool_avail_count(headers);
	CHECK(rte_mempool_get_bulk(headers, (void **)all, n) == 0, "all headers");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 20) == -ENOMEM, "no header");
	rte_mempool_put_bulk(headers, (void **)all, n);
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 20) == 0, "the offer stands");
	/* DPDK's counts */
	len = m->pkt_len;
	m->pkt_len = UINT32_MAX - 10;
	CHECK(page_pool_mbuf_prepare(&mc, m, 20, &room) == 0, "prepare");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 20) == -EOVERFLOW, "bytes");
	m->pkt_len = len;
	m->nb_segs = RTE_MBUF_MAX_NB_SEGS;
	CHECK(page_pool_mbuf_prepare(&mc, m, LARGE - 30, &room) == 0 && !room.extend, "prepare");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 20) == -EOVERFLOW, "segments");
	m->nb_segs = 3;
	rte_pktmbuf_free(m);
	return cache_end();
}

static int
test_offers(void)
{
	return each(run_offers);
}

static unsigned int foreign_freed;

static void
foreign_free(void *addr, void *opaque)
{
	(void)addr;
	(void)opaque;
	foreign_freed++;
}

/* Packets cut out of a stream: all places and lengths about the segments' ends. */
static int
run_range(void)
{
	static const uint32_t lens[] = { 100, 1, 300, 50 };
	struct rte_mbuf *m = NULL, *n, *clone;
	uint32_t at, len, all = 0;
	unsigned int i, k;

	CHECK_OK(cache_begin());
	for (i = 0; i < RTE_DIM(lens); i++) {
		n = page_pool_mbuf_alloc(&mc, 0, 400);
		CHECK(n != NULL, "alloc");
		for (k = 0; k < lens[i]; k++, all++)
			*rte_pktmbuf_append(n, 1) = (char)byte_of(9, all);
		CHECK(m == NULL || rte_pktmbuf_chain(m, n) == 0, "chain");
		m = m == NULL ? n : m;
		/* one that has none */
		n = page_pool_mbuf_alloc(&mc, 0, 1);
		CHECK(n != NULL && rte_pktmbuf_chain(m, n) == 0, "chain");
	}
	for (at = 0; at <= all; at += at < 98 || at > 395 ? 1 : 7)
		for (len = 0; len <= all - at + 1; len += len < 110 ? 1 : 13) {
			clone = page_pool_mbuf_clone_range(m, at, len, headers);
			if (len == 0 || len > all - at) {
				CHECK(clone == NULL && rte_errno == EINVAL, "%u at %u", len, at);
				continue;
			}
			CHECK(clone != NULL && clone->nb_segs <= 4, "%u at %u", len, at);
			CHECK_OK(verify(clone, 9, at, len));
			rte_pktmbuf_free(clone);
		}
	CHECK(page_pool_mbuf_clone_range(m, UINT32_MAX, UINT32_MAX, headers) == NULL, "wraps");
	CHECK(page_pool_mbuf_clone_range(m, 1, UINT32_MAX, headers) == NULL, "wraps");
	/* DPDK's count, and headers that end in the middle */
	rte_mbuf_ext_refcnt_set(m->next->next->shinfo, UINT16_MAX - RTE_MAX_LCORE);
	CHECK(page_pool_mbuf_clone_range(m, 0, 101, headers) == NULL && rte_errno == EOVERFLOW,
			"references");
	CHECK(rte_mbuf_ext_refcnt_read(m->shinfo) == 1, "a reference stayed");
	rte_mbuf_ext_refcnt_set(m->next->next->shinfo, 1);
	{
		struct rte_mbuf *some[HEADERS];

		k = rte_mempool_avail_count(headers) - 1;
		CHECK(rte_mempool_get_bulk(headers, (void **)some, k) == 0, "all but one");
		CHECK(page_pool_mbuf_clone_range(m, 0, 101, headers) == NULL && rte_errno == ENOMEM,
				"headers");
		CHECK(rte_mempool_avail_count(headers) == 1, "it is back");
		rte_mempool_put_bulk(headers, (void **)some, k);
	}
	rte_pktmbuf_free(m);
	return cache_end();
}

static int
test_range(void)
{
	return each(run_range);
}

/* A packet that is cut into pieces is one segment when they are together again. */
static int
chain_pieces(struct rte_mbuf *m, bool in_order)
{
	struct rte_mbuf *piece[8];
	unsigned int i;

	CHECK_OK(fill(m, 5, 800));
	for (i = 0; i < 8; i++) {
		piece[i] = rte_pktmbuf_clone(m, headers);
		CHECK(piece[i] != NULL, "clone");
		CHECK(rte_pktmbuf_adj(piece[i], 100 * i) != NULL, "adj");
		CHECK(rte_pktmbuf_trim(piece[i], 700 - 100 * i) == 0, "trim");
	}
	rte_pktmbuf_free(m);
	for (i = 1; i < 8; i++)
		CHECK(page_pool_mbuf_chain(piece[0], piece[in_order ? i : 8 - i]) == 0, "chain");
	CHECK(piece[0]->pkt_len == 800, "%u", piece[0]->pkt_len);
	CHECK(piece[0]->nb_segs == (in_order ? 1 : 8), "%u segments", piece[0]->nb_segs);
	if (in_order)
		CHECK_OK(verify(piece[0], 5, 0, 800));
	rte_pktmbuf_free(piece[0]);
	return 0;
}

static int
run_chain(void)
{
	struct rte_mbuf_ext_shared_info own[2] = {
		{ .free_cb = foreign_free, .refcnt = 1 },
		{ .free_cb = foreign_free, .refcnt = 1 },
	};
	static char memory[64];
	struct rte_mempool *data;
	struct rte_mbuf *m, *n, *tail;
	unsigned int i;

	foreign_freed = 0;
	CHECK_OK(cache_begin());
	data = rte_pktmbuf_pool_create("data", 63, 0, 0, 2048, SOCKET_ID_ANY);
	CHECK(data != NULL, "pool");
	for (i = 0; i < 4; i++) {
		m = i < 2 ? page_pool_mbuf_alloc(&mc, 0, 800) : rte_pktmbuf_alloc(data);
		CHECK(m != NULL, "alloc");
		CHECK_OK(chain_pieces(m, i % 2 == 0));
	}
	/* side by side, but of two buffers: they stay apart */
	m = page_pool_mbuf_alloc(&mc, 0, 40);
	n = page_pool_mbuf_alloc(&mc, 0, 40);
	CHECK(m != NULL && n != NULL, "alloc");
	CHECK_OK(fill(m, 6, 40));
	CHECK_OK(fill(n, 6, 40));
	m->pkt_len = UINT32_MAX;
	CHECK(page_pool_mbuf_chain(m, n) == -EOVERFLOW, "bytes");
	m->pkt_len = 40;
	m->nb_segs = RTE_MBUF_MAX_NB_SEGS;
	CHECK(page_pool_mbuf_chain(m, n) == -EOVERFLOW, "segments");
	m->nb_segs = 1;
	CHECK(page_pool_mbuf_chain(m, n) == 0 && m->nb_segs == 2 && m->pkt_len == 80, "chain");
	rte_pktmbuf_free(m);
	/* a clone, and what its buffer has grown by since */
	m = page_pool_mbuf_alloc(&mc, 0, 64);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 2, 64));
	n = page_pool_mbuf_clone(m, headers);
	CHECK(n != NULL, "clone");
	for (i = 64; i < 200; i++)
		CHECK(page_pool_mbuf_append(&mc, m, &(uint8_t){ byte_of(2, i) }, 1) == 1, "append");
	tail = page_pool_mbuf_clone_range(m, 64, 136, headers);
	CHECK(tail != NULL && m->nb_segs == 1 && n->buf_len < m->buf_len, "grown");
	rte_pktmbuf_free(m);
	CHECK(page_pool_mbuf_chain(n, tail) == 0 && n->nb_segs == 1, "chain");
	CHECK_OK(verify(n, 2, 0, 200));
	rte_pktmbuf_free(n);
	/* the same memory, but a count for each */
	for (i = 0; i < 2; i++) {
		m = rte_pktmbuf_alloc(headers);
		CHECK(m != NULL, "alloc");
		rte_pktmbuf_attach_extbuf(m, memory, (uintptr_t)memory, sizeof(memory), &own[i]);
		m->data_off = (uint16_t)(20 * i);
		m->data_len = 20;
		m->pkt_len = 20;
		n = i == 0 ? m : n;
	}
	CHECK(page_pool_mbuf_chain(n, m) == 0 && n->nb_segs == 2 && foreign_freed == 0, "apart");
	rte_pktmbuf_free(n);
	CHECK(foreign_freed == 2, "both");
	CHECK(rte_mempool_full(data), "data");
	rte_mempool_free(data);
	return cache_end();
}

static int
test_chain(void)
{
	return each(run_chain);
}

/* ---- item 4: pinned */

static struct rte_mempool *
pinned_make(struct page_pool *pool, uint32_t flags)
{
	struct page_pool_mbuf_pool_params params = {
		.name = "pinned",
		.n = 511,
		.cache_size = 32,
		.priv_size = 64,
		.data_room_size = 2176,
		.socket_id = SOCKET_ID_ANY,
		.pool = pool,
		.flags = flags,
	};

	return page_pool_mbuf_pool_create(&params);
}

static int
pinned_works(struct rte_mempool *mp, struct page_pool *pool, bool readable)
{
	struct rte_mbuf *m[511], *clone, *second;
	struct page_frag frag;
	unsigned int i;

	headers = headers_make(HEADERS, 0);
	CHECK(headers != NULL, "headers");
	CHECK(rte_pktmbuf_data_room_size(mp) == 2176 && mp->size == 511, "as other pools");
	CHECK(rte_pktmbuf_alloc_bulk(mp, m, 511) == 0, "all");
	for (i = 0; i < 511; i++) {
		CHECK(rte_pktmbuf_headroom(m[i]) == RTE_PKTMBUF_HEADROOM &&
						rte_pktmbuf_tailroom(m[i]) == 2048,
				"room");
		CHECK(page_pool_mbuf_pool(m[i]) == pool, "pool");
		CHECK(page_pool_mbuf_frag(m[i], &frag) == 0 && frag.size == 2176 &&
						(frag.va != NULL) == readable,
				"look-up");
		/* the program's part of the private area */
		memset(rte_mbuf_to_priv(m[i]), 0xaa, 64);
		if (readable) {
			CHECK_OK(fill(m[i], i, 2048));
		} else {
			CHECK(rte_pktmbuf_append(m[i], 2048) != NULL, "append");
		}
	}
	for (i = 0; i < 511 && readable; i++)
		CHECK_OK(verify(m[i], i, 0, 2048));
	CHECK(page_pool_mbuf_pool_free(mp) == -EBUSY, "mbufs are out");
	/* clones that are freed first, and clones that are freed last */
	clone = page_pool_mbuf_clone(m[0], headers);
	CHECK(clone != NULL, "clone");
	CHECK(page_pool_mbuf_netmem(clone) == page_pool_mbuf_netmem(m[0]), "a clone's page");
	rte_pktmbuf_free(clone);
	clone = rte_pktmbuf_clone(m[1], headers);
	CHECK(clone != NULL, "clone");
	rte_mbuf_refcnt_update(m[2], 1);
	second = rte_pktmbuf_clone(m[2], headers);
	CHECK(second != NULL, "clone");
	rte_pktmbuf_free(m[2]);
	/* the others, in all ways */
	CHECK(rte_pktmbuf_chain(m[3], m[4]) == 0 && rte_pktmbuf_chain(m[3], m[5]) == 0, "chain");
	rte_pktmbuf_free(m[3]);
	rte_pktmbuf_free_seg(m[6]);
	rte_pktmbuf_free(m[0]);
	rte_pktmbuf_free(m[1]);
	rte_pktmbuf_free(m[2]);
	rte_pktmbuf_free_bulk(&m[7], 504);
	CHECK(rte_mempool_avail_count(mp) == 509, "two are clones': %u",
			rte_mempool_avail_count(mp));
	if (readable)
		CHECK_OK(verify(clone, 1, 0, 2048));
	rte_pktmbuf_free(clone);
	rte_pktmbuf_free(second);
	CHECK(rte_mempool_full(mp), "all are back");
	/* each is as new, and there once */
	CHECK(rte_pktmbuf_alloc_bulk(mp, m, 511) == 0, "all");
	for (i = 0; i < 511; i++) {
		CHECK(rte_mbuf_refcnt_read(m[i]) == 1 && m[i]->nb_segs == 1 && m[i]->next == NULL &&
						rte_mbuf_ext_refcnt_read(m[i]->shinfo) == 1,
				"as new");
		m[i]->hash.usr = i;
	}
	for (i = 0; i < 511; i++)
		CHECK(m[i]->hash.usr == i, "twice");
	rte_pktmbuf_free_bulk(m, 511);
	rte_mempool_free(headers);
	return 0;
}

/* The program's part of a private area is as pinned_works() left it. */
static void
priv_kept(struct rte_mempool *mp, void *arg, void *obj, unsigned int i)
{
	const uint8_t *priv = rte_mbuf_to_priv(obj);
	unsigned int *bad = arg;

	(void)mp;
	(void)i;
	*bad += priv[0] != 0xaa || memcmp(priv, priv + 1, 63) != 0;
}

static int
run_pinned(const char *provider, void *mp_priv, bool readable)
{
	struct page_pool_stats stats;
	struct page_pool *pool;
	struct rte_mempool *mp;
	unsigned int bad;

	pool = pool_make(5, provider, mp_priv);
	CHECK(pool != NULL, "%s", rte_strerror(rte_errno));
	mp = pinned_make(pool, PAGE_POOL_MBUF_F_NO_IOVA);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	CHECK_OK(pinned_works(mp, pool, readable));
	CHECK(page_pool_mbuf_pool_unpin(mp) == 0, "unpin");
	bad = 0;
	rte_mempool_obj_iter(mp, priv_kept, &bad);
	CHECK(bad == 0, "%u private areas were written to", bad);
	CHECK(page_pool_mbuf_pool_unpin(mp) == -EINVAL, "unpinned already");
	CHECK(rte_pktmbuf_data_room_size(mp) == 0 && rte_pktmbuf_priv_flags(mp) == 0, "bare");
	CHECK(page_pool_mbuf_pool_pin(mp, pool, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == 0, "again");
	CHECK_OK(pinned_works(mp, pool, readable));
	CHECK(page_pool_mbuf_pool_free(mp) == 0, "free");
	page_pool_get_stats(pool, &stats);
	CHECK(stats.refused == 0, "%" PRIu64 " refused", stats.refused);
	return pool_end(pool);
}

static int
test_pinned(void)
{
	struct page_pool_unreadable unreadable = { .nr_pages = 16, .iova = UINT64_C(1) << 40 };
	struct page_pool_region *region = page_pool_region_create(4 << 20, -1, 0);
	unsigned int i;

	CHECK(region != NULL, "region");
	for (i = 0; i < 2; i++) {
		strict = i == 1;
		CHECK_OK(run_pinned(NULL, NULL, true));
		CHECK_OK(run_pinned("region", region, true));
		CHECK_OK(run_pinned("unreadable", &unreadable, false));
	}
	strict = false;
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* A PMD that writes all flags. */
static int
test_mark(void)
{
	struct rte_mempool *data, *mp;
	struct rte_mbuf *m[4], *clone;
	struct page_pool *pool;

	headers = headers_make(63, 0);
	data = rte_pktmbuf_pool_create("data", 63, 0, 0, 512, SOCKET_ID_ANY);
	pool = pool_make(5, NULL, NULL);
	CHECK(headers != NULL && data != NULL && pool != NULL, "pools");
	mp = pinned_make(pool, PAGE_POOL_MBUF_F_NO_IOVA);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	CHECK(rte_pktmbuf_alloc_bulk(mp, m, 3) == 0, "alloc");
	m[3] = rte_pktmbuf_alloc(data);
	CHECK(m[3] != NULL, "alloc");
	CHECK_OK(fill(m[0], 4, 500));
	m[0]->ol_flags = RTE_MBUF_F_RX_RSS_HASH;
	m[1]->ol_flags = 0;
	m[2]->ol_flags = 0;
	CHECK(rte_pktmbuf_chain(m[1], m[2]) == 0, "chain");
	m[2] = m[3];
	CHECK(page_pool_mbuf_netmem(m[0]) == 0, "lost");
	CHECK(page_pool_mbuf_rx_mark(0, 0, m, 3, 32, NULL) == 3, "all");
	CHECK(m[0]->ol_flags == (RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_EXTERNAL), "found");
	CHECK(m[1]->ol_flags == RTE_MBUF_F_EXTERNAL && m[1]->next->ol_flags == RTE_MBUF_F_EXTERNAL,
			"a chain");
	CHECK(m[2]->ol_flags == 0, "an ordinary one");
	CHECK(page_pool_mbuf_pool(m[0]) == pool, "look-up");
	clone = rte_pktmbuf_clone(m[0], headers);
	CHECK(clone != NULL, "clone");
	rte_pktmbuf_free(m[0]);
	CHECK_OK(verify(clone, 4, 0, 500));
	rte_pktmbuf_free(clone);
	/* also when it was lost before the mbuf was allocated */
	m[0] = rte_pktmbuf_alloc(mp);
	CHECK(m[0] != NULL, "alloc");
	m[0]->ol_flags = 0;
	CHECK_OK(fill(m[0], 4, 500));
	clone = page_pool_mbuf_clone(m[0], headers);
	CHECK(clone != NULL && page_pool_mbuf_pool(clone) == pool, "clone");
	rte_pktmbuf_free(m[0]);
	CHECK_OK(verify(clone, 4, 0, 500));
	rte_pktmbuf_free(clone);
	/* those that never got it back are freed all the same */
	m[1]->ol_flags = 0;
	rte_pktmbuf_free_bulk(&m[1], 2);
	CHECK(rte_mempool_full(headers) && rte_mempool_full(data), "all are back");
	CHECK(page_pool_mbuf_pool_free(mp) == 0, "free");
	rte_mempool_free(headers);
	rte_mempool_free(data);
	return pool_end(pool);
}

/* Pages end, or have no address for devices, while mbufs are pinned: nothing stays behind. */
static int
test_pinned_bad(void)
{
	struct page_pool_unreadable few = { .nr_pages = 3, .iova = 1 << 30 };
	struct page_pool_unreadable none = { .nr_pages = 64, .iova = RTE_BAD_IOVA };
	struct page_pool_mbuf_pool_params params = { .name = "x", .n = 63, .data_room_size = 2176 };
	struct page_pool *pool;
	struct rte_mempool *mp;
	struct rte_mbuf *m;

	pool = pool_make(3, "unreadable", &few);
	CHECK(pool != NULL, "%s", rte_strerror(rte_errno));
	CHECK(pinned_make(pool, 0) == NULL && rte_errno == ENOMEM, "%s", rte_strerror(rte_errno));
	CHECK_OK(pool_end(pool));
	pool = pool_make(3, "unreadable", &none);
	CHECK(pool != NULL, "%s", rte_strerror(rte_errno));
	CHECK(pinned_make(pool, 0) == NULL && rte_errno == EFAULT, "%s", rte_strerror(rte_errno));
	mp = pinned_make(pool, PAGE_POOL_MBUF_F_NO_IOVA);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	m = rte_pktmbuf_alloc(mp);
	CHECK(m != NULL && rte_mbuf_iova_get(m) == RTE_BAD_IOVA, "no address");
	/* nobody writes to its tailroom */
	headers = headers_make(63, 0);
	large = pool_make(3, NULL, NULL);
	CHECK(headers != NULL && large != NULL, "pools");
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, NULL, PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
	CHECK(page_pool_mbuf_append(&mc, m, "x", 1) == 1 && m->nb_segs == 2, "a new segment");
	rte_pktmbuf_free(m);
	page_pool_mbuf_cache_drain(&mc);
	rte_mempool_free(headers);
	CHECK_OK(pool_end(large));
	CHECK(page_pool_mbuf_pool_free(mp) == 0, "free");
	/* the attached form needs memory that the CPU may read */
	headers = headers_make(63, 0);
	CHECK(page_pool_mbuf_cache_init(&mc, headers, pool, NULL, 0) == 0, "cache");
	CHECK(page_pool_mbuf_alloc(&mc, 0, 64) == NULL && rte_errno == EOPNOTSUPP, "unreadable");
	page_pool_mbuf_cache_drain(&mc);
	CHECK(rte_mempool_full(headers), "headers");
	rte_mempool_free(headers);
	CHECK_OK(pool_end(pool));

	CHECK(page_pool_mbuf_pool_create(NULL) == NULL && rte_errno == EINVAL, "nothing");
	CHECK(page_pool_mbuf_pool_create(&params) == NULL && rte_errno == EINVAL, "no pool");
	params.priv_size = UINT16_MAX - 7;
	CHECK(page_pool_mbuf_pool_create(&params) == NULL && rte_errno == EINVAL, "priv_size");
	return 0;
}

/* Memory that devices do not reach is refused unless it is said that none is to reach it. */
static int
test_no_iova(void)
{
	struct page_pool_region *region = page_pool_region_create(4 << 20, -1, 0), no;
	struct page_pool_mbuf_room room;
	struct rte_mbuf *m[32];

	CHECK(region != NULL, "region");
	no = *region;
	no.flags |= PAGE_POOL_REGION_F_NO_IOVA;
	headers = headers_make(HEADERS, 0);
	large = pool_make(3, "region", &no);
	small = pool_make(0, NULL, NULL);
	CHECK(headers != NULL && large != NULL && small != NULL, "pools");
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, NULL, PAGE_POOL_MBUF_F_OWNED) == 0,
			"cache");
	CHECK(page_pool_mbuf_alloc_bulk(&mc, m, 32, 128, 64) == -EFAULT, "refused");
	m[0] = rte_pktmbuf_alloc(headers);
	CHECK(m[0] != NULL && page_pool_mbuf_append(&mc, m[0], "x", 1) == -EFAULT, "refused");
	CHECK(page_pool_mbuf_prepare(&mc, m[0], 1, &room) == -EFAULT, "refused");
	rte_pktmbuf_free(m[0]);
	CHECK(pinned_make(large, 0) == NULL && rte_errno == EFAULT, "refused");
	page_pool_mbuf_cache_drain(&mc);
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, NULL, PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
	CHECK(page_pool_mbuf_alloc_bulk(&mc, m, 32, 128, 64) == 0, "wanted so");
	CHECK(rte_mbuf_iova_get(m[31]) == RTE_BAD_IOVA, "no address");
	rte_pktmbuf_free_bulk(m, 32);
	CHECK_OK(cache_end());
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* ---- item 5: look-ups of mbufs that are not ours */

static int
test_lookups(void)
{
	struct rte_mbuf_ext_shared_info shinfo = { .free_cb = foreign_free, .refcnt = 1 };
	struct rte_mempool *data = rte_pktmbuf_pool_create("data", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_pktmbuf_extmem ext = { .elt_size = 2176 };
	struct rte_mbuf *m, *clone;
	struct rte_mempool *extbuf;
	struct page_frag frag;
	static char buf[64];

	CHECK(page_pool_mbuf_netmem(NULL) == 0 && page_pool_mbuf_pool(NULL) == NULL &&
					page_pool_mbuf_frag(NULL, &frag) == -ENOENT,
			"no mbuf");
	m = rte_pktmbuf_alloc(data);
	CHECK(m != NULL && page_pool_mbuf_netmem(m) == 0 && page_pool_mbuf_pool(m) == NULL &&
					page_pool_mbuf_frag(m, &frag) == -ENOENT,
			"a direct one");
	clone = rte_pktmbuf_clone(m, data);
	CHECK(clone != NULL && page_pool_mbuf_netmem(clone) == 0, "a clone of one");
	rte_pktmbuf_free(clone);
	rte_pktmbuf_attach_extbuf(m, buf, (uintptr_t)buf, sizeof(buf), &shinfo);
	CHECK(page_pool_mbuf_netmem(m) == 0 && page_pool_mbuf_pool(m) == NULL, "another buffer");
	rte_pktmbuf_free(m);
	/* DPDK's own pinned buffers */
	ext.buf_len = 63 * 2176;
	ext.buf_ptr = calloc(1, ext.buf_len);
	ext.buf_iova = RTE_BAD_IOVA;
	extbuf = rte_pktmbuf_pool_create_extbuf("extbuf", 63, 0, 64, 2176, SOCKET_ID_ANY, &ext, 1);
	CHECK(extbuf != NULL, "%s", rte_strerror(rte_errno));
	m = rte_pktmbuf_alloc(extbuf);
	CHECK(m != NULL && page_pool_mbuf_netmem(m) == 0, "pinned by DPDK");
	rte_pktmbuf_free(m);
	CHECK(page_pool_mbuf_pool_unpin(extbuf) == -EINVAL, "pinned by DPDK");
	rte_mempool_free(extbuf);
	free(ext.buf_ptr);
	rte_mempool_free(data);
	return 0;
}

/* ---- item 2: the splitter in software */

static struct rte_mempool *hdr_pool, *pay_pool;

static int
split_begin(void)
{
	hdr_pool = rte_pktmbuf_pool_create("hdr", 127, 0, 0, RTE_PKTMBUF_HEADROOM + 128,
			SOCKET_ID_ANY);
	large = pool_make(3, NULL, NULL);
	CHECK(hdr_pool != NULL && large != NULL, "pools");
	pay_pool = pinned_make(large, PAGE_POOL_MBUF_F_NO_IOVA);
	CHECK(pay_pool != NULL, "%s", rte_strerror(rte_errno));
	return 0;
}

static int
split_end(void)
{
	CHECK(rte_mempool_full(hdr_pool), "headers");
	rte_mempool_free(hdr_pool);
	CHECK(page_pool_mbuf_pool_free(pay_pool) == 0, "payload");
	return pool_end(large);
}

static int
test_split_length(void)
{
	struct rte_eth_rxseg_split segs[2] = { { 0 }, { 0 } };
	struct page_pool_split_stats stats;
	struct page_pool_split *split;
	struct rte_mbuf *m, *n, *pkts[4];
	unsigned int len;

	CHECK_OK(split_begin());
	segs[0].mp = hdr_pool;
	segs[0].length = 64;
	segs[0].offset = 10;
	segs[1].mp = pay_pool;
	split = page_pool_split_create(segs, SOCKET_ID_ANY);
	CHECK(split != NULL, "%s", rte_strerror(rte_errno));
	for (len = 1; len < 2000; len = len * 3 / 2 + 1) {
		m = rte_pktmbuf_alloc(pay_pool);
		CHECK(m != NULL, "alloc");
		CHECK_OK(fill(m, len, len));
		m->port = 3;
		m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		m->hash.rss = 77;
		m->packet_type = RTE_PTYPE_L2_ETHER;
		m->vlan_tci = 5;
		m->dynfield1[3] = 99;
		if (len % 2 == 0) /* as many PMDs do */
			m->ol_flags = RTE_MBUF_F_RX_RSS_HASH;
		n = m;
		CHECK(page_pool_split_burst(split, &m, 1) == 1, "one");
		CHECK_OK(verify(m, len, 0, len));
		CHECK(m->nb_segs == (len <= 64 ? 1 : 2) && m->data_len == RTE_MIN(len, 64u),
				"parts");
		CHECK(m->pool == hdr_pool && (len <= 64 || m->next == n), "nothing was copied");
		CHECK(rte_pktmbuf_headroom(m) == RTE_PKTMBUF_HEADROOM + 10, "offset");
		CHECK(m->port == 3 && m->ol_flags == RTE_MBUF_F_RX_RSS_HASH && m->hash.rss == 77 &&
						m->packet_type == RTE_PTYPE_L2_ETHER &&
						m->vlan_tci == 5 && m->dynfield1[3] == 99,
				"what the device said");
		CHECK(len <= 64 || page_pool_mbuf_pool(n) == large, "payload");
		rte_pktmbuf_free(m);
	}
	/* packets of several segments, one of them shorter than the header */
	for (len = 0; len < 4; len++) {
		static const uint16_t part[4][3] = { { 20, 20, 20 }, { 20, 44, 20 }, { 64, 1, 1 },
			{ 63, 1, 100 } };
		uint32_t at = 0, i, k;

		for (m = NULL, i = 0; i < 3; i++) {
			n = rte_pktmbuf_alloc(pay_pool);
			CHECK(n != NULL, "alloc");
			for (k = 0; k < part[len][i]; k++, at++)
				*rte_pktmbuf_append(n, 1) = (char)byte_of(len, at);
			CHECK(m == NULL || rte_pktmbuf_chain(m, n) == 0, "chain");
			m = m == NULL ? n : m;
		}
		CHECK(page_pool_split_burst(split, &m, 1) == 1, "one");
		CHECK_OK(verify(m, len, 0, at));
		CHECK(m->data_len == RTE_MIN(at, 64u), "header");
		rte_pktmbuf_free(m);
	}
	/* no header is left: dropped, as a device would, and the others stay in order */
	CHECK(rte_pktmbuf_alloc_bulk(pay_pool, pkts, 4) == 0, "alloc");
	for (len = 0; len < 4; len++)
		CHECK_OK(fill(pkts[len], len, 200));
	{
		struct rte_mbuf *all[127];

		CHECK(rte_pktmbuf_alloc_bulk(hdr_pool, all, 125) == 0, "all but two");
		CHECK(page_pool_split_burst(split, pkts, 4) == 2, "two");
		CHECK_OK(verify(pkts[0], 0, 0, 200));
		CHECK_OK(verify(pkts[1], 1, 0, 200));
		rte_pktmbuf_free_bulk(pkts, 2);
		rte_pktmbuf_free_bulk(all, 125);
	}
	page_pool_split_get_stats(split, &stats);
	/* lengths up to 61 and the first packet of three; those from 92 to 1,597, three, and two */
	CHECK(stats.nombuf == 2 && stats.unsplit == 0 && stats.header == 9 + 1 &&
					stats.split == 8 + 3 + 2,
			"%" PRIu64 " split, %" PRIu64 " header", stats.split, stats.header);
	page_pool_split_free(split);
	page_pool_split_free(NULL);
	return split_end();
}

/* Ethernet, VLAN, IPv4 with options, TCP or UDP. */
static struct rte_mbuf *
packet_make(bool vlan, unsigned int options, uint8_t proto)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pay_pool);
	struct rte_ether_hdr *eth = (void *)rte_pktmbuf_append(m, sizeof(*eth));
	struct rte_ipv4_hdr *ip;
	uint8_t *l4;

	memset(eth, 0, sizeof(*eth));
	eth->ether_type = rte_cpu_to_be_16(vlan ? RTE_ETHER_TYPE_VLAN : RTE_ETHER_TYPE_IPV4);
	if (vlan) {
		struct rte_vlan_hdr *tag = (void *)rte_pktmbuf_append(m, sizeof(*tag));

		tag->vlan_tci = 1;
		tag->eth_proto = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	}
	ip = (void *)rte_pktmbuf_append(m, (uint16_t)(sizeof(*ip) + 4 * options));
	memset(ip, 0, sizeof(*ip) + 4 * options);
	ip->version_ihl = (uint8_t)(0x45 + options);
	ip->next_proto_id = proto;
	ip->total_length = rte_cpu_to_be_16((uint16_t)(20 + 4 * options + 120));
	l4 = (uint8_t *)rte_pktmbuf_append(m, 120);
	memset(l4, 0, 120);
	l4[12] = 0x80; /* TCP: 32 bytes */
	return m;
}

static int
test_split_protocols(void)
{
	static const struct {
		uint32_t proto_hdr;
		bool vlan;
		uint8_t options, proto;
		uint16_t header; /* 0: unsplit */
	} rows[] = {
		{ RTE_PTYPE_L2_ETHER, false, 0, IPPROTO_TCP, 14 },
		{ RTE_PTYPE_L2_ETHER, true, 0, IPPROTO_TCP, 18 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4, false, 0, IPPROTO_TCP, 34 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4, false, 2, IPPROTO_TCP, 0 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, false, 2, IPPROTO_TCP, 42 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN, false, 0, IPPROTO_TCP, 0 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP, true, 2,
				IPPROTO_TCP, 18 + 28 + 32 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP, false, 0,
				IPPROTO_UDP, 0 },
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP, false, 0, IPPROTO_UDP,
				42 },
		/* more than the header's buffer has room for */
		{ RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP, true, 10,
				IPPROTO_TCP, 18 + 60 + 32 },
	};
	struct rte_eth_rxseg_split segs[2] = { { 0 }, { 0 } };
	struct page_pool_split *split;
	struct rte_mbuf *m, *was;
	unsigned int i;
	uint32_t len;

	CHECK_OK(split_begin());
	segs[0].mp = hdr_pool;
	segs[1].mp = pay_pool;
	for (i = 0; i < RTE_DIM(rows); i++) {
		segs[0].proto_hdr = rows[i].proto_hdr;
		split = page_pool_split_create(segs, SOCKET_ID_ANY);
		CHECK(split != NULL, "%s", rte_strerror(rte_errno));
		was = m = packet_make(rows[i].vlan, rows[i].options, rows[i].proto);
		len = m->pkt_len;
		CHECK(page_pool_split_burst(split, &m, 1) == 1 && m->pkt_len == len, "one");
		if (rows[i].header == 0)
			CHECK(m == was && m->nb_segs == 1, "row %u is unsplit", i);
		else
			CHECK(m->data_len == rows[i].header && m->nb_segs == 2,
					"row %u: %u, not %u", i, m->data_len, rows[i].header);
		rte_pktmbuf_free(m);
		page_pool_split_free(split);
	}
	/* the header's buffer has room for 80 only */
	segs[0].offset = 48;
	split = page_pool_split_create(segs, SOCKET_ID_ANY);
	CHECK(split != NULL, "%s", rte_strerror(rte_errno));
	m = was = packet_make(true, 10, IPPROTO_TCP);
	CHECK(page_pool_split_burst(split, &m, 1) == 1 && m == was && m->nb_segs == 1, "no room");
	rte_pktmbuf_free(m);
	page_pool_split_free(split);
	return split_end();
}

static int
test_split_bad(void)
{
	struct page_pool_unreadable pages = { .nr_pages = 64, .iova = 1 << 30 };
	struct rte_eth_rxseg_split good[2] = { { .length = 64 }, { 0 } }, segs[2];
	struct page_pool_split *split;
	struct rte_mempool *dark;
	struct page_pool *pool;

	CHECK_OK(split_begin());
	headers = headers_make(63, 0);
	pool = pool_make(3, "unreadable", &pages);
	CHECK(pool != NULL, "pool");
	CHECK(page_pool_mbuf_pool_free(pay_pool) == 0, "one of that name");
	dark = pinned_make(pool, 0);
	CHECK(dark != NULL, "%s", rte_strerror(rte_errno));
	good[0].mp = hdr_pool;
	good[1].mp = hdr_pool;
#define BAD(change, error, why) \
	do { \
		memcpy(segs, good, sizeof(segs)); \
		change; \
		CHECK(page_pool_split_create(segs, SOCKET_ID_ANY) == NULL && rte_errno == (error), \
				why ": %s", rte_strerror(rte_errno)); \
	} while (0)
	BAD(segs[0].mp = NULL, EINVAL, "no headers");
	BAD(segs[1].mp = NULL, EINVAL, "no payload");
	BAD(segs[0].mp = headers, EINVAL, "no data room");
	BAD(segs[1].mp = headers, EINVAL, "no data room");
	BAD(segs[0].proto_hdr = RTE_PTYPE_L2_ETHER, EINVAL, "both");
	BAD(segs[0].length = 129, EINVAL, "too long");
	BAD(segs[0].offset = 65, EINVAL, "too long with the offset");
	BAD(segs[0].offset = UINT16_MAX, EINVAL, "offset");
	BAD(segs[1].length = 1, ENOTSUP, "a length of the payload");
	BAD(segs[1].offset = 1, ENOTSUP, "an offset of the payload");
	BAD(segs[1].proto_hdr = 1, ENOTSUP, "protocols in the payload");
	BAD(segs[1].mp = dark, ENOTSUP, "payload that nobody may read");
	BAD(segs[0].mp = dark, ENOTSUP, "headers that nobody may read");
	/* no length: all that there is room for */
	good[0].length = 0;
	split = page_pool_split_create(good, SOCKET_ID_ANY);
	CHECK(split != NULL, "no length");
	page_pool_split_free(split);
	CHECK(page_pool_mbuf_pool_free(dark) == 0, "free");
	CHECK_OK(pool_end(pool));
	rte_mempool_free(headers);
	pay_pool = NULL;
	return split_end();
}

/* ---- limits, one more and one less */

static int
long_begin(struct page_pool_region *region, uint32_t order, unsigned int n)
{
	headers = rte_pktmbuf_pool_create("long", n, 0, 0, 0, SOCKET_ID_ANY);
	large = pool_make(order, region == NULL ? NULL : "region", region);
	small = NULL;
	CHECK(headers != NULL && large != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, large, NULL,
			      PAGE_POOL_MBUF_F_NO_IOVA | PAGE_POOL_MBUF_F_OWNED) == 0,
			"cache");
	return 0;
}

static int
long_end(void)
{
	page_pool_mbuf_cache_drain(&mc);
	CHECK(rte_mempool_full(headers), "headers");
	rte_mempool_free(headers);
	return pool_end(large);
}

/* As many bytes as DPDK counts in a segment, in pages that have more. */
static int
test_limit_bytes(void)
{
	struct page_pool_mbuf_stats before, after;
	struct page_pool_mbuf_room room;
	struct rte_mbuf *m, *other;

	CHECK_OK(long_begin(NULL, 9, 63));
	CHECK(page_pool_mbuf_alloc(&mc, 0, 65496) == NULL && rte_errno == E2BIG, "65,536");
	m = page_pool_mbuf_alloc(&mc, 0, 65495);
	CHECK(m != NULL && m->buf_len == 65535, "65,535");
	/* nothing is behind it, and a new one is no longer than DPDK counts */
	CHECK_OK(fill(m, 1, 65495));
	CHECK(page_pool_mbuf_prepare(&mc, m, 1, &room) == 0 && !room.extend, "prepare");
	CHECK(room.size == 65535, "%u", room.size);
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 65535) == 0, "commit");
	CHECK(m->next->buf_len == 65535 && m->pkt_len == 65495 + 65535, "lengths");
	/* the last byte that DPDK counts in a packet */
	other = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(other != NULL, "alloc");
	other->pkt_len = UINT32_MAX - 20;
	CHECK(page_pool_mbuf_prepare(&mc, other, 20, &room) == 0, "prepare");
	CHECK(page_pool_mbuf_commit(&mc, other, &room, 21) == -EOVERFLOW, "one more");
	CHECK(page_pool_mbuf_commit(&mc, other, &room, 20) == 0, "the last one");
	CHECK(other->pkt_len == UINT32_MAX, "%u", other->pkt_len);
	other->pkt_len = other->data_len;
	/* what was asked wrongly is no lack of memory */
	page_pool_mbuf_get_stats(&mc, &before);
	CHECK(page_pool_mbuf_alloc_split(&mc, 0, 54, &mc, UINT32_MAX - 53) == NULL &&
					rte_errno == E2BIG,
			"bytes of a packet: %s", rte_strerror(rte_errno));
	rte_pktmbuf_free(m);
	rte_pktmbuf_free(other);
	CHECK_OK(long_end());
	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 0, 8);
	CHECK(m != NULL, "alloc");
	page_pool_mbuf_get_stats(&mc, &before);
	CHECK(page_pool_mbuf_prepare(&mc, m, LARGE, &room) == -E2BIG, "page");
	page_pool_mbuf_get_stats(&mc, &after);
	CHECK(before.failed == after.failed, "no lack of memory");
	rte_pktmbuf_free(m);
	return cache_end();
}

/* As many segments as DPDK counts. */
static int
test_limit_segments(void)
{
	struct page_pool_region *region = page_pool_region_create(260 << 20, -1, 0);
	const uint32_t most = SMALL - PAGE_POOL_MBUF_ALIGN;
	struct rte_mbuf *m, *last;

	CHECK(region != NULL, "region");
	CHECK_OK(long_begin(region, 0, 65600));
	CHECK(page_pool_mbuf_alloc_split(&mc, 0, 54, &mc, 65534 * most + 1) == NULL &&
					rte_errno == E2BIG,
			"one more: %s", rte_strerror(rte_errno));
	CHECK(rte_mempool_full(headers), "headers");
	m = page_pool_mbuf_alloc_split(&mc, 0, 54, &mc, 65534 * most);
	CHECK(m != NULL && m->nb_segs == RTE_MBUF_MAX_NB_SEGS, "%s", rte_strerror(rte_errno));
	/* a piece that becomes part of the last segment is none more */
	last = rte_pktmbuf_lastseg(m);
	last->pkt_len = last->data_len;
	last = page_pool_mbuf_clone(last, headers);
	CHECK(last != NULL && rte_pktmbuf_adj(last, 100) != NULL, "a piece");
	CHECK(rte_pktmbuf_trim(m, (uint16_t)(most - 100)) == 0, "trim");
	CHECK(page_pool_mbuf_chain(m, last) == 0 && m->nb_segs == RTE_MBUF_MAX_NB_SEGS, "chain");
	CHECK(m->pkt_len == 54 + 65534 * most, "%u", m->pkt_len);
	rte_pktmbuf_free(m);
	CHECK_OK(long_end());
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* References that cannot be counted, of a clone's buffer and of another than the first segment. */
static int
test_limit_references(void)
{
	struct rte_mempool *data = rte_pktmbuf_pool_create("data", 63, 0, 0, 2048, SOCKET_ID_ANY);
	struct rte_mbuf *m, *n, *clone;

	CHECK_OK(cache_begin());
	CHECK(data != NULL, "pool");
	m = rte_pktmbuf_alloc(data);
	n = page_pool_mbuf_alloc(&mc, 0, 10);
	CHECK(m != NULL && n != NULL, "alloc");
	clone = page_pool_mbuf_clone(m, headers);
	CHECK(clone != NULL, "clone");
	rte_mbuf_refcnt_set(m, UINT16_MAX - RTE_MAX_LCORE);
	CHECK(page_pool_mbuf_clone(clone, headers) == NULL && rte_errno == EOVERFLOW, "a clone's");
	rte_mbuf_refcnt_set(m, 2);
	rte_pktmbuf_free(clone);
	CHECK(rte_pktmbuf_chain(m, n) == 0, "chain");
	rte_mbuf_ext_refcnt_set(n->shinfo, UINT16_MAX - RTE_MAX_LCORE);
	CHECK(page_pool_mbuf_clone(m, headers) == NULL && rte_errno == EOVERFLOW, "the second's");
	rte_mbuf_ext_refcnt_set(n->shinfo, 1);
	rte_pktmbuf_free(m);
	CHECK(rte_mempool_full(data), "data");
	rte_mempool_free(data);
	return cache_end();
}

/* Offers: exactly what there is, and what came in between. */
static int
run_offers_edges(void)
{
	struct page_pool_mbuf_room room, all;
	struct rte_mbuf *m, *other;
	unsigned int left;

	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(m != NULL, "alloc");
	CHECK_OK(fill(m, 1, 60));
	CHECK(page_pool_mbuf_prepare(&mc, m, 1, &all) == 0 && all.extend, "prepare");
	CHECK(page_pool_mbuf_prepare(&mc, m, all.size, &room) == 0, "prepare");
	CHECK(room.extend && room.va == all.va && room.size == all.size, "all that there is");
	/* somebody else sees the segment */
	other = page_pool_mbuf_clone(m, headers);
	CHECK(other != NULL, "clone");
	CHECK(page_pool_mbuf_commit(&mc, m, &all, 10) == -EINVAL, "a clone in between");
	rte_pktmbuf_free(other);
	/* and with somebody else's reference to the mbuf */
	rte_mbuf_refcnt_update(m, 1);
	CHECK(page_pool_mbuf_commit(&mc, m, &all, 10) == -EINVAL, "a reference in between");
	CHECK(page_pool_mbuf_prepare(&mc, m, 1, &room) == 0 && !room.extend, "a new one");
	rte_mbuf_refcnt_update(m, -1);
	/* a fragment that somebody else has got: no header is lost */
	left = rte_mempool_avail_count(headers);
	other = page_pool_mbuf_alloc(&mc, 0, 8);
	CHECK(other != NULL, "alloc");
	CHECK(page_pool_mbuf_commit(&mc, m, &room, 1) == -EINVAL, "an old offer");
	CHECK(rte_mempool_avail_count(headers) == left - 1, "a header");
	CHECK(page_pool_mbuf_commit(&mc, m, &all, 50) == -EINVAL, "an old offer");
	CHECK(m->nb_segs == 1 && m->pkt_len == 60 && m->buf_len == 140, "nothing happened");
	rte_pktmbuf_free(other);
	rte_pktmbuf_free(m);
	return cache_end();
}

static int
test_offers_edges(void)
{
	return each(run_offers_edges);
}

/* A segment that ends where its page does is not made longer by the next page. */
static int
test_offers_pages(void)
{
	struct page_pool_region *region = page_pool_region_create(2 << 20, -1, 0);
	struct page_pool_mbuf_room room;
	struct rte_mbuf *m[60];
	unsigned int i, behind = 0;

	CHECK(region != NULL, "region");
	CHECK_OK(long_begin(region, 3, 127));
	for (i = 0; i < RTE_DIM(m); i++) {
		m[i] = page_pool_mbuf_alloc(&mc, 0, LARGE - 64);
		CHECK(m[i] != NULL, "alloc");
		CHECK_OK(fill(m[i], i, LARGE - 64));
		/* the first call takes the page, the second one finds it */
		CHECK(page_pool_mbuf_prepare(&mc, m[i], 1, &room) == 0 && !room.extend, "page");
		CHECK(page_pool_mbuf_prepare(&mc, m[i], 1, &room) == 0 && !room.extend, "page");
		behind += (char *)room.frag.va == (char *)m[i]->buf_addr + m[i]->buf_len;
	}
	CHECK(behind > 0, "no page was behind another one");
	rte_pktmbuf_free_bulk(m, RTE_DIM(m));
	CHECK_OK(long_end());
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* Memory that the CPU may not read is offered to nobody. */
static int
test_offers_unreadable(void)
{
	struct page_pool_unreadable unreadable = { .nr_pages = 16, .iova = UINT64_C(1) << 40 };
	struct page_pool *pool = pool_make(3, "unreadable", &unreadable);
	struct page_pool_mbuf_room room;
	struct rte_mbuf *m;

	headers = headers_make(63, 0);
	CHECK(pool != NULL && headers != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&mc, headers, pool, NULL, 0) == 0, "cache");
	m = rte_pktmbuf_alloc(headers);
	CHECK(m != NULL, "alloc");
	CHECK(page_pool_mbuf_prepare(&mc, m, 1, &room) == -EOPNOTSUPP, "unreadable");
	CHECK(page_pool_mbuf_append(&mc, m, "x", 1) == -EOPNOTSUPP, "unreadable");
	rte_pktmbuf_free(m);
	page_pool_mbuf_cache_drain(&mc);
	rte_mempool_free(headers);
	return pool_end(pool);
}

/* A fragment that is freed twice while others of its page are out: strict pools find it. */
static int
test_strict_twice(void)
{
	struct rte_mbuf *m, *other;
	const char *text;

	strict = true;
	CHECK_OK(cache_begin());
	m = page_pool_mbuf_alloc(&mc, 0, 100);
	other = page_pool_mbuf_alloc(&mc, 0, 100);
	CHECK(m != NULL && other != NULL, "alloc");
	CHECK_OK(fill(other, 1, 100));
	m->shinfo->free_cb(m->buf_addr, m->shinfo->fcb_opaque);
	test_log_start();
	rte_pktmbuf_free(m);
	CHECK(test_log_stop(&text) == 1 && strstr(text, "refused") != NULL, "%s", text);
	page_pool_mbuf_cache_drain(&mc);
	CHECK_OK(verify(other, 1, 0, 100));
	rte_pktmbuf_free(other);
	strict = false;
	return cache_end();
}

/* Pools that look like headers but for one thing. */
static int
test_bare_edges(void)
{
	struct page_pool_mbuf_cache other;
	struct rte_pktmbuf_pool_private *priv;
	struct rte_mempool *shorter;

	CHECK_OK(cache_begin());
	priv = rte_mempool_get_priv(headers);
	priv->flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;
	CHECK(page_pool_mbuf_cache_init(&other, headers, large, NULL, 0) == -EINVAL, "a flag");
	priv->flags = 0;
	shorter = rte_mempool_create("shorter", 63, 64, 0, sizeof(*priv), NULL, NULL, NULL, NULL,
			SOCKET_ID_ANY, 0);
	CHECK(shorter != NULL, "pool");
	memset(rte_mempool_get_priv(shorter), 0, sizeof(*priv));
	CHECK(page_pool_mbuf_cache_init(&other, shorter, large, NULL, 0) == -EINVAL,
			"objects that are no mbufs");
	rte_mempool_free(shorter);
	return cache_end();
}

/* A pinned mbuf is as new for who takes it raw, whatever it was when its clone was freed. */
static int
pinned_raw(struct rte_mempool *mp)
{
	struct rte_mbuf *m[511], *clone;
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		CHECK(rte_mempool_get_bulk(mp, (void **)m, 511) == 0, "all");
		for (i = 0; i < 511; i++)
			CHECK(rte_mbuf_refcnt_read(m[i]) == 1 && m[i]->next == NULL &&
							m[i]->nb_segs == 1 &&
							m[i]->ol_flags == RTE_MBUF_F_EXTERNAL &&
							rte_mbuf_ext_refcnt_read(m[i]->shinfo) == 1,
					"as new");
		for (i = 0; i < 511 && round == 0; i++)
			CHECK(m[i]->data_off == RTE_PKTMBUF_HEADROOM, "headroom");
		rte_mempool_put_bulk(mp, (void **)m, 511);
		CHECK(rte_pktmbuf_alloc_bulk(mp, m, 2) == 0, "alloc");
		m[0]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		CHECK(rte_pktmbuf_chain(m[0], m[1]) == 0, "chain");
		clone = page_pool_mbuf_clone(m[0], headers);
		CHECK(clone != NULL, "clone");
		rte_pktmbuf_free(m[0]);
		/* as two threads leave it that free a reference each */
		rte_mbuf_refcnt_set(m[0], 0);
		rte_pktmbuf_free(clone);
	}
	return 0;
}

/* Buffers side by side in a page are two. */
static int
pinned_side_by_side(struct rte_mempool *mp)
{
	struct rte_mbuf *m[511];
	unsigned int i, k, n = 0;

	CHECK(rte_pktmbuf_alloc_bulk(mp, m, 511) == 0, "all");
	for (i = 0; i < 511; i++)
		for (k = 0; k < 511; k++) {
			if (m[i]->nb_segs + m[k]->nb_segs != 2 || m[i]->data_len + m[k]->data_len ||
					(char *)m[i]->buf_addr + 2176 != (char *)m[k]->buf_addr)
				continue;
			CHECK(rte_pktmbuf_append(m[i], 2048) != NULL &&
							rte_pktmbuf_prepend(m[k], 128) != NULL,
					"all of both");
			n++;
			CHECK(page_pool_mbuf_chain(m[i], m[k]) == 0 && m[i]->nb_segs == 2, "chain");
			CHECK(page_pool_mbuf_netmem(m[i]) == page_pool_mbuf_netmem(m[k]), "page");
			m[i]->next = NULL;
			m[i]->nb_segs = 1;
			m[i]->pkt_len = m[i]->data_len;
			break;
		}
	CHECK(n > 0, "no two are side by side");
	rte_pktmbuf_free_bulk(m, 511);
	return 0;
}

static void
label_check(const struct page_pool_held *held, void *arg)
{
	*(bool *)arg &= held->label != NULL && strcmp(held->label, "pinned mbufs") == 0;
}

static void
dirty(struct rte_mempool *mp, void *arg __rte_unused, void *obj, unsigned int i __rte_unused)
{
	memset(RTE_PTR_ADD(obj, sizeof(struct rte_mbuf)), 0xff, rte_pktmbuf_priv_size(mp));
}

static int
test_pinned_edges(void)
{
	struct page_pool_unreadable three = { .nr_pages = 3, .iova = 1 << 30 };
	struct page_pool_mbuf_pool_params params = { .name = "x", .n = 15 };
	struct page_pool *pool = pool_make(5, NULL, NULL);
	struct page_pool *none = pool_make(3, "unreadable", &three);
	struct rte_mempool *mp;
	struct rte_mbuf *m;
	bool labelled = true;

	headers = headers_make(63, 0);
	CHECK(pool != NULL && none != NULL && headers != NULL, "pools");
	mp = pinned_make(pool, PAGE_POOL_MBUF_F_NO_IOVA);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	CHECK(page_pool_walk_holders(pool, label_check, &labelled) > 0 && labelled, "label");
	CHECK_OK(pinned_raw(mp));
	CHECK_OK(pinned_side_by_side(mp));
	/* bare again */
	CHECK(page_pool_mbuf_pool_unpin(mp) == 0, "unpin");
	m = rte_pktmbuf_alloc(mp);
	CHECK(m != NULL && RTE_MBUF_DIRECT(m) && m->buf_len == 0, "bare");
	rte_pktmbuf_free(m);
	/* what a program left in the private area says nothing when pages end */
	rte_mempool_obj_iter(mp, dirty, NULL);
	CHECK(page_pool_mbuf_pool_pin(mp, none, 2176, PAGE_POOL_MBUF_F_NO_IOVA) == -ENOMEM, "few");
	CHECK(page_pool_mbuf_pool_free(mp) == -EINVAL, "not pinned");
	rte_mempool_free(mp);
	/* a buffer of a whole page, and the driver that was asked for */
	params.pool = none;
	params.n = 3;
	params.data_room_size = LARGE;
	params.socket_id = SOCKET_ID_ANY;
	params.ops_name = "ring_sp_sc";
	mp = page_pool_mbuf_pool_create(&params);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	CHECK(strcmp(rte_mempool_get_ops(mp->ops_index)->name, "ring_sp_sc") == 0, "driver");
	CHECK(page_pool_mbuf_pool_free(mp) == 0, "free");
	rte_mempool_free(headers);
	CHECK_OK(pool_end(none));
	return pool_end(pool);
}

static const struct test_case cases[] = {
	{ "item 1: alloc, sizes, headroom", test_alloc, TEST_ONCE },
	{ "item 1: bulk, all or nothing for want of headers", test_bulk, TEST_ONCE },
	{ "bad input: memory ends in the middle of a bulk", test_no_memory, TEST_ONCE },
	{ "bad input: each parameter", test_bad, TEST_ONCE },
	{ "item 1: DPDK's functions", test_dpdk, TEST_ONCE },
	{ "item 1: as many clones as DPDK counts", test_many_clones, TEST_ONCE },
	{ "item 1: a clone of many segments of one buffer", test_clones_of_chain, TEST_ONCE },
	{ "item 1: slices of a buffer", test_slices, TEST_ONCE },
	{ "item 1: freed by three threads at once", test_others, TEST_ONCE },
	{ "item 1: all forms freed in one go", test_free_bulk, TEST_ONCE },
	{ "item 2: header and payload, two sizes in one pool", test_split_alloc, TEST_ONCE },
	{ "item 2: payload from small pages", test_split_small, TEST_ONCE },
	{ "item 3: append, coalesced or not", test_append, TEST_ONCE },
	{ "item 3: append beyond 65,535 bytes", test_append_long, TEST_ONCE },
	{ "item 3: offers, and what becomes of them", test_offers, TEST_ONCE },
	{ "item 3: packets cut out of a stream", test_range, TEST_ONCE },
	{ "item 3: pieces of one buffer", test_chain, TEST_ONCE },
	{ "item 4: pinned, on each provider", test_pinned, TEST_ONCE },
	{ "item 5: marks that a PMD has lost", test_mark, TEST_ONCE },
	{ "bad input: pages end, or have no address, while pinning", test_pinned_bad, TEST_ONCE },
	{ "bad input: no address for devices", test_no_iova, TEST_ONCE },
	{ "item 5: mbufs that are not ours", test_lookups, TEST_ONCE },
	{ "item 2: split at a length", test_split_length, TEST_ONCE },
	{ "item 2: split behind protocols", test_split_protocols, TEST_ONCE },
	{ "item 2: splitters that cannot be", test_split_bad, TEST_ONCE },
	{ "limits: bytes", test_limit_bytes, TEST_ONCE },
	{ "limits: segments", test_limit_segments, TEST_ONCE },
	{ "limits: references", test_limit_references, TEST_ONCE },
	{ "limits: offers", test_offers_edges, TEST_ONCE },
	{ "limits: offers at the end of a page", test_offers_pages, TEST_ONCE },
	{ "limits: offers of memory that nobody reads", test_offers_unreadable, TEST_ONCE },
	{ "limits: freed twice", test_strict_twice, TEST_ONCE },
	{ "limits: pools that are nearly headers", test_bare_edges, TEST_ONCE },
	{ "limits: pinned", test_pinned_edges, TEST_ONCE },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_page_pool_mbuf", 448, cases,
		RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
