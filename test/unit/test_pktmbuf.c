/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Packet buffers (issue 2, item 4): every call that makes a pool of mbufs, what programs do with
 * mbufs, and pools that end with all, some or none of them in flight. Packets carry a pattern
 * that tells which buffer and which use of it wrote it, so that a buffer in two places shows.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>

#include "test_common.h"

#define NB_MBUF 2000
#define DATA_ROOM 2048

static const unsigned int cache_sizes[] = { 0, 1, 32, 256, 512 };

/* The ways to make a pool of mbufs. */
struct way {
	const char *name;
	struct rte_mempool *(*make)(const char *name, unsigned int n, unsigned int cache_size,
			uint16_t priv_size, uint16_t data_room);
	void (*end)(void);
};

static struct rte_mempool *
make_create(const char *name, unsigned int n, unsigned int cache_size, uint16_t priv_size,
		uint16_t data_room)
{
	/* the ops are those of --mbuf-pool-ops-name, which test_main() has set */
	return rte_pktmbuf_pool_create(name, n, cache_size, priv_size, data_room, SOCKET_ID_ANY);
}

static struct rte_mempool *
make_by_ops(const char *name, unsigned int n, unsigned int cache_size, uint16_t priv_size,
		uint16_t data_room)
{
	return rte_pktmbuf_pool_create_by_ops(name, n, cache_size, priv_size, data_room,
			SOCKET_ID_ANY, PAGE_POOL_OPS_NAME);
}

static const struct rte_memzone *ext_zone[3];

static struct rte_mempool *
make_extbuf(const char *name, unsigned int n, unsigned int cache_size, uint16_t priv_size,
		uint16_t data_room)
{
	struct rte_pktmbuf_extmem ext[RTE_DIM(ext_zone)];
	char zone[RTE_MEMZONE_NAMESIZE];
	unsigned int i;

	for (i = 0; i < RTE_DIM(ext); i++) {
		snprintf(zone, sizeof(zone), "ext_%u", i);
		/* in thirds, with something that is left over at each end */
		ext_zone[i] = rte_memzone_reserve(zone, ((size_t)n / 3 + 1) * data_room + 100,
				SOCKET_ID_ANY, 0);
		if (ext_zone[i] == NULL)
			return NULL;
		ext[i].buf_ptr = ext_zone[i]->addr;
		ext[i].buf_iova = ext_zone[i]->iova;
		ext[i].buf_len = ext_zone[i]->len;
		ext[i].elt_size = data_room;
	}
	return rte_pktmbuf_pool_create_extbuf(name, n, cache_size, priv_size, data_room,
			SOCKET_ID_ANY, ext, RTE_DIM(ext));
}

static void
end_extbuf(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ext_zone); i++)
		rte_memzone_free(ext_zone[i]);
}

/* Memory that DPDK did not know before (rte_extmem_register()). */
#define EXTMEM_LEN ((size_t)8 << 20)
static void *extmem;

static struct rte_mempool *
make_extmem(const char *name, unsigned int n, unsigned int cache_size, uint16_t priv_size,
		uint16_t data_room)
{
	struct rte_pktmbuf_extmem ext;

	extmem = mmap(NULL, EXTMEM_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (extmem == MAP_FAILED ||
			rte_extmem_register(extmem, EXTMEM_LEN, NULL, 0, (size_t)getpagesize()) !=
					0)
		return NULL;
	ext.buf_ptr = extmem;
	ext.buf_iova = RTE_BAD_IOVA;
	ext.buf_len = EXTMEM_LEN;
	ext.elt_size = data_room;
	return rte_pktmbuf_pool_create_extbuf(name, n, cache_size, priv_size, data_room,
			SOCKET_ID_ANY, &ext, 1);
}

static void
end_extmem(void)
{
	rte_extmem_unregister(extmem, EXTMEM_LEN);
	munmap(extmem, EXTMEM_LEN);
}

static void
end_nothing(void)
{
}

static const struct way ways[] = {
	{ "rte_pktmbuf_pool_create", make_create, end_nothing },
	{ "rte_pktmbuf_pool_create_by_ops", make_by_ops, end_nothing },
	{ "rte_pktmbuf_pool_create_extbuf, memzones", make_extbuf, end_extbuf },
	{ "rte_pktmbuf_pool_create_extbuf, rte_extmem", make_extmem, end_extmem },
};

static struct rte_mempool *
make(const struct way *w, unsigned int cache_size)
{
	static unsigned int serial;
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), "mb_%u", serial++);
	mp = w->make(name, NB_MBUF, cache_size, 16, DATA_ROOM + RTE_PKTMBUF_HEADROOM);
	if (mp == NULL)
		printf("%s: %s\n", w->name, rte_strerror(rte_errno));
	return mp;
}

/* Flush this lcore's cache of rte_mempool, so that what the driver counts is what there is. */
static void
flush(struct rte_mempool *mp)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, rte_lcore_id());

	if (cache != NULL)
		rte_mempool_cache_flush(cache, mp);
}

static int
full(struct rte_mempool *mp)
{
	CHECK(rte_mempool_full(mp), "I3: %u of %u are there", rte_mempool_avail_count(mp),
			mp->size);
	flush(mp);
	CHECK(test_pool_count(mp) == mp->size, "I3: count is %u", test_pool_count(mp));
	return test_pool_check(mp);
}

/* Write to all of a buffer, so that nothing of it can be anybody else's. */
static void
fill(struct rte_mbuf *m, uint32_t tag)
{
	uint32_t *p = (uint32_t *)((char *)m->buf_addr + RTE_PKTMBUF_HEADROOM);
	unsigned int i, n = (m->buf_len - RTE_PKTMBUF_HEADROOM) / sizeof(*p);

	for (i = 0; i < n; i++)
		p[i] = tag + i;
	m->data_len = (uint16_t)(n * sizeof(*p));
	m->pkt_len = m->data_len;
	memset(rte_mbuf_to_priv(m), (int)tag, 16);
}

static int
filled(const struct rte_mbuf *m, uint32_t tag)
{
	const uint32_t *p = rte_pktmbuf_mtod(m, const uint32_t *);
	unsigned int i, n = m->data_len / sizeof(*p);

	for (i = 0; i < n; i++)
		CHECK(p[i] == tag + i, "I1: word %u of packet %u is %u", i, tag, p[i]);
	return 0;
}

/* Take all, fill all, look at all, free in another order. */
static int
use(struct rte_mempool *mp)
{
	static struct rte_mbuf *m[NB_MBUF];
	struct rte_mbuf *one;
	const char *reason;
	unsigned int i, n;

	for (i = 0; i < NB_MBUF / 2; i++) {
		m[i] = rte_pktmbuf_alloc(mp);
		CHECK(m[i] != NULL, "I2: mbuf %u of %u", i, NB_MBUF);
	}
	for (; i < NB_MBUF; i += n) {
		n = RTE_MIN(1 + test_random_below(100), NB_MBUF - i);
		/* rte_mempool's cache asks for more than that, then for just that */
		CHECK(rte_pktmbuf_alloc_bulk(mp, &m[i], n) == 0, "I2: %u mbufs after %u", n, i);
	}
	CHECK(rte_pktmbuf_alloc(mp) == NULL, "one more than there are");
	CHECK(rte_mempool_empty(mp), "%u are left", rte_mempool_avail_count(mp));
	for (i = 0; i < NB_MBUF; i++) {
		CHECK(rte_mbuf_check(m[i], 1, &reason) == 0, "mbuf %u: %s", i, reason);
		CHECK(m[i]->pool == mp && m[i]->buf_len == DATA_ROOM + RTE_PKTMBUF_HEADROOM &&
						rte_mbuf_refcnt_read(m[i]) == 1 &&
						m[i]->nb_segs == 1 && m[i]->next == NULL,
				"mbuf %u is not as made", i);
		fill(m[i], i * 1000);
	}
	for (i = 0; i < NB_MBUF; i++)
		CHECK_OK(filled(m[i], i * 1000));
	test_shuffle((void **)m, NB_MBUF);
	/* singly and in bulk */
	for (i = 0; i < NB_MBUF / 2; i++)
		rte_pktmbuf_free(m[i]);
	rte_pktmbuf_free_bulk(&m[i], NB_MBUF - i);
	CHECK_OK(full(mp));

	/* a working set far below the pool, for long: the same buffers again and again */
	for (i = 0; i < 20000; i++) {
		one = rte_pktmbuf_alloc(mp);
		CHECK(one != NULL, "I2: mbuf");
		rte_pktmbuf_free(one);
	}
	return full(mp);
}

static int
test_use(void)
{
	struct rte_mempool *mp;
	unsigned int i, c;

	for (i = 0; i < RTE_DIM(ways); i++)
		for (c = 0; c < RTE_DIM(cache_sizes); c++) {
			mp = make(&ways[i], cache_sizes[c]);
			CHECK(mp != NULL, "%s, cache %u", ways[i].name, cache_sizes[c]);
			CHECK(page_pool_from_mempool(mp) != NULL, "%s is not on page_pool",
					ways[i].name);
			CHECK(use(mp) == 0, "%s, cache %u", ways[i].name, cache_sizes[c]);
			CHECK_OK(test_pool_end(mp));
			ways[i].end();
		}
	return 0;
}

/* Clones: the original must not come back before the last of them is gone. */
static int
clones(struct rte_mempool *mp)
{
	struct rte_mbuf *m, *clone[50], *deep;
	unsigned int i;

	m = rte_pktmbuf_alloc(mp);
	CHECK(m != NULL, "mbuf");
	fill(m, 77);
	for (i = 0; i < RTE_DIM(clone); i++) {
		clone[i] = rte_pktmbuf_clone(m, mp);
		CHECK(clone[i] != NULL && clone[i]->pkt_len == m->pkt_len, "clone %u", i);
		CHECK(rte_pktmbuf_mtod(clone[i], void *) == rte_pktmbuf_mtod(m, void *), "data");
	}
	deep = rte_pktmbuf_copy(clone[7], mp, 0, UINT32_MAX);
	CHECK(deep != NULL && deep->pkt_len == m->pkt_len, "copy");
	CHECK(rte_mempool_in_use_count(mp) == RTE_DIM(clone) + 2, "I3: %u in use",
			rte_mempool_in_use_count(mp));
	rte_pktmbuf_free(m);
	CHECK(rte_mempool_in_use_count(mp) == RTE_DIM(clone) + 2, "I3: %u in use",
			rte_mempool_in_use_count(mp));
	test_shuffle((void **)clone, RTE_DIM(clone));
	for (i = 0; i < RTE_DIM(clone); i++) {
		CHECK_OK(filled(clone[i], 77));
		rte_pktmbuf_free(clone[i]);
	}
	CHECK(rte_mempool_in_use_count(mp) == 1, "I3: %u in use", rte_mempool_in_use_count(mp));
	CHECK_OK(filled(deep, 77));
	rte_pktmbuf_free(deep);
	return full(mp);
}

/* Chains: one packet of many segments, cut, joined and freed at once. */
static int
chains(struct rte_mempool *mp)
{
	struct rte_mbuf *head, *m, *copy;
	unsigned int i, round, n;

	for (round = 0; round < 20; round++) {
		head = rte_pktmbuf_alloc(mp);
		CHECK(head != NULL, "mbuf");
		fill(head, 0);
		n = 2 + test_random_below(200);
		for (i = 1; i < n; i++) {
			m = rte_pktmbuf_alloc(mp);
			CHECK(m != NULL, "mbuf");
			fill(m, i * 1000);
			CHECK(rte_pktmbuf_chain(head, m) == 0, "segment %u", i);
		}
		CHECK(head->nb_segs == n && rte_mempool_in_use_count(mp) == n, "%u segments, %u",
				head->nb_segs, rte_mempool_in_use_count(mp));
		for (m = head, i = 0; m != NULL; m = m->next, i++)
			CHECK_OK(filled(m, i * 1000));
		copy = rte_pktmbuf_clone(head, mp);
		CHECK(copy != NULL && copy->nb_segs == n, "clone of a chain");
		rte_pktmbuf_free(head);
		for (m = copy, i = 0; m != NULL; m = m->next, i++)
			CHECK_OK(filled(m, i * 1000));
		rte_pktmbuf_free(copy);
		CHECK_OK(full(mp));
	}
	return 0;
}

static int
test_clones_chains(void)
{
	struct rte_mempool *mp;
	unsigned int i, c;

	for (i = 0; i < RTE_DIM(ways); i++)
		for (c = 0; c < RTE_DIM(cache_sizes); c += 2) {
			mp = make(&ways[i], cache_sizes[c]);
			CHECK(mp != NULL, "%s, cache %u", ways[i].name, cache_sizes[c]);
			/* pinned external buffers cannot be cloned into their own pool */
			if (ways[i].make == make_create || ways[i].make == make_by_ops) {
				CHECK(clones(mp) == 0, "%s", ways[i].name);
				CHECK(chains(mp) == 0, "%s", ways[i].name);
			}
			CHECK_OK(full(mp));
			CHECK_OK(test_pool_end(mp));
			ways[i].end();
		}
	return 0;
}

/* Clones of packets in one pool, in mbufs of another one, both on page_pool. */
static int
two_pools(const struct way *w)
{
	struct rte_mempool *direct = make(w, 32), *indirect = make(&ways[1], 32);
	struct rte_mbuf *m[100], *clone[100];
	unsigned int i;

	CHECK(direct != NULL && indirect != NULL, "pools");
	for (i = 0; i < 100; i++) {
		m[i] = rte_pktmbuf_alloc(direct);
		CHECK(m[i] != NULL, "mbuf");
		fill(m[i], i);
		clone[i] = rte_pktmbuf_clone(m[i], indirect);
		CHECK(clone[i] != NULL, "clone");
		rte_pktmbuf_free(m[i]);
	}
	CHECK(rte_mempool_in_use_count(direct) == 100, "%u", rte_mempool_in_use_count(direct));
	CHECK(rte_mempool_in_use_count(indirect) == 100, "%u", rte_mempool_in_use_count(indirect));
	for (i = 0; i < 100; i++)
		CHECK_OK(filled(clone[i], i));
	rte_pktmbuf_free_bulk(clone, 100);
	CHECK_OK(full(direct));
	CHECK_OK(full(indirect));
	CHECK_OK(test_pool_end(direct));
	w->end();
	return test_pool_end(indirect);
}

static int
test_two_pools(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ways); i++)
		CHECK(two_pools(&ways[i]) == 0, "%s", ways[i].name);
	return 0;
}

/* Packets of several pools mixed in one bulk free. */
static int
test_mixed_bulk(void)
{
	struct rte_mempool *mp[3];
	struct rte_mbuf *m[600];
	unsigned int i, round;

	for (i = 0; i < RTE_DIM(mp); i++) {
		mp[i] = make(&ways[i % 2], cache_sizes[i]);
		CHECK(mp[i] != NULL, "pool");
	}
	for (round = 0; round < 50; round++) {
		for (i = 0; i < RTE_DIM(m); i++) {
			m[i] = rte_pktmbuf_alloc(mp[test_random_below(RTE_DIM(mp))]);
			CHECK(m[i] != NULL, "mbuf");
		}
		rte_pktmbuf_free_bulk(m, RTE_DIM(m));
	}
	for (i = 0; i < RTE_DIM(mp); i++) {
		CHECK_OK(full(mp[i]));
		CHECK_OK(test_pool_end(mp[i]));
	}
	return 0;
}

/* A pool ends while packets are in flight: its memory goes, nothing else may. */
static int
test_in_flight(void)
{
	static const unsigned int flights[] = { 0, 1, 33, NB_MBUF / 2, NB_MBUF - 1, NB_MBUF };
	static struct rte_mbuf *m[NB_MBUF];
	struct test_memory before;
	struct rte_mempool *mp, *bystander = make(&ways[0], 0);
	unsigned int i, c, f;

	CHECK(bystander != NULL, "pool");
	for (i = 0; i < RTE_DIM(ways); i++)
		for (c = 0; c < RTE_DIM(cache_sizes); c += 2)
			for (f = 0; f < RTE_DIM(flights); f++) {
				before = test_memory();
				mp = make(&ways[i], cache_sizes[c]);
				CHECK(mp != NULL, "%s", ways[i].name);
				CHECK(rte_pktmbuf_alloc_bulk(mp, m, NB_MBUF) == 0, "all");
				rte_pktmbuf_free_bulk(m, NB_MBUF - flights[f]);
				CHECK(rte_mempool_in_use_count(mp) == flights[f], "I3: %u of %u",
						rte_mempool_in_use_count(mp), flights[f]);
				CHECK_OK(test_pool_end(mp));
				ways[i].end();
				CHECK(test_memory_same(&before, "the pool"), "%s, %u in flight",
						ways[i].name, flights[f]);
			}
	CHECK_OK(use(bystander));
	return test_pool_end(bystander);
}

static const struct test_case cases[] = {
	{ "item 4: pools of mbufs made every way, all taken, written and freed", test_use,
			TEST_BOTH_MODES },
	{ "item 4: clones and chains", test_clones_chains, TEST_BOTH_MODES },
	{ "item 4: clones in another pool", test_two_pools, TEST_BOTH_MODES },
	{ "item 4: packets of several pools freed together", test_mixed_bulk, TEST_BOTH_MODES },
	{ "item 4: pools that end with all, some or no packets in flight", test_in_flight,
			TEST_BOTH_MODES },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_pktmbuf", 128, cases, RTE_DIM(cases) };

	return test_main(&suite, argc, argv);
}
