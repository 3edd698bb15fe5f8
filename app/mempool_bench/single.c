/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* What is measured once in a run, and not in rounds. */

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include <page_pool_mempool.h>

#include "bench.h"

/* ---- round trip */

#define ROUND_TRIPS 200000

static struct {
	atomic_uint ping __rte_cache_aligned;
	atomic_uint pong __rte_cache_aligned;
} line;

static int
echo(__rte_unused void *arg)
{
	unsigned int i;

	for (i = 1; i <= ROUND_TRIPS; i++) {
		while (atomic_load_explicit(&line.ping, memory_order_acquire) != i)
			;
		atomic_store_explicit(&line.pong, i, memory_order_release);
	}
	return 0;
}

static int
compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
round_trip_ns(void)
{
	double t[ROUND_TRIPS / 1000];
	unsigned int i, k = 0;
	uint64_t start;

	if (bench_peer_lcore == RTE_MAX_LCORE)
		return 0;
	atomic_store(&line.ping, 0);
	atomic_store(&line.pong, 0);
	rte_eal_remote_launch(echo, NULL, bench_peer_lcore);
	start = rte_rdtsc();
	for (i = 1; i <= ROUND_TRIPS; i++) {
		atomic_store_explicit(&line.ping, i, memory_order_release);
		while (atomic_load_explicit(&line.pong, memory_order_acquire) != i)
			;
		if (i % 1000 == 0) {
			t[k++] = (double)(rte_rdtsc() - start) / 1000 * 1e9 /
					(double)rte_get_tsc_hz();
			start = rte_rdtsc();
		}
	}
	rte_eal_wait_lcore(bench_peer_lcore);
	qsort(t, k, sizeof(t[0]), compare_double);
	return t[k / 2];
}

double
stolen_share(void)
{
	static unsigned long long seen_all, seen_stolen;
	unsigned long long v[8] = { 0 }, all = 0;
	double share = -1;
	unsigned int i;
	FILE *f = fopen("/proc/stat", "r");

	if (f == NULL)
		return -1;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
			    &v[4], &v[5], &v[6], &v[7]) == 8) {
		for (i = 0; i < RTE_DIM(v); i++)
			all += v[i];
		if (all > seen_all)
			share = (double)(v[7] - seen_stolen) / (double)(all - seen_all);
		seen_all = all;
		seen_stolen = v[7];
	}
	fclose(f);
	return share;
}

/* ---- memory and creation */

static size_t
heap_used(void)
{
	struct rte_malloc_socket_stats st;
	unsigned int i;
	size_t used = 0;

	for (i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats((int)i, &st) == 0)
			used += st.heap_allocsz_bytes;
	return used;
}

static void
touch(struct rte_mempool *mp)
{
	void *objs[32];

	if (rte_mempool_get_bulk(mp, objs, RTE_DIM(objs)) == 0)
		rte_mempool_put_bulk(mp, objs, RTE_DIM(objs));
}

int
memory_measure(const struct variant *v, uint32_t size, uint32_t data_room, uint32_t cache,
		struct memory *mem)
{
	size_t before = heap_used();
	struct rte_mempool *mp;
	uint64_t start;

	start = rte_rdtsc();
	if (data_room != 0)
		mp = rte_pktmbuf_pool_create_by_ops("bench_memory", size, cache, 0,
				(uint16_t)data_room, SOCKET_ID_ANY, v->ops);
	else {
		mp = rte_mempool_create_empty("bench_memory", size, 64, cache, 0, SOCKET_ID_ANY, 0);
		if (mp != NULL &&
				(rte_mempool_set_ops_byname(mp, v->ops, NULL) != 0 ||
						rte_mempool_populate_default(mp) < 0)) {
			rte_mempool_free(mp);
			mp = NULL;
		}
	}
	if (mp == NULL)
		return -rte_errno;
	mem->create_ms = (double)(rte_rdtsc() - start) * 1e3 / (double)rte_get_tsc_hz();
	touch(mp);
	mem->bytes = (double)(heap_used() - before) / size;
	rte_mempool_free(mp);
	return 0;
}

/* ---- double frees */

/*
 * Traffic on two lcores, or on one, played by one thread at a time so that a trial can be told
 * exactly: when the second free happened, and after how many gets and puts the pool noticed.
 */
#define MISUSE_CALLS 20000 /* of traffic after a double free */

struct stage {
	struct rte_mempool *mp;
	const struct row *row;
	void *fifo[BENCH_TX_RING];
	uint32_t head, nr;
	void *objs[BENCH_BURST_MAX];
	uint64_t rng;
	uint32_t pick;
	bool twice; /* put one of the next burst twice */
};

static int
stage_put(void *arg)
{
	struct stage *s = arg;
	uint32_t n = s->row->burst;

	rte_mempool_put_bulk(s->mp, s->objs, n);
	if (s->twice)
		rte_mempool_put(s->mp, s->objs[s->pick]);
	s->twice = false;
	return 0;
}

/* One get and one put. */
static int
stage_turn(struct stage *s)
{
	uint32_t n = s->row->burst, i;

	s->rng = s->rng * 6364136223846793005u + 1442695040888963407u;
	s->pick = (uint32_t)(s->rng >> 33) % n;
	if (rte_mempool_get_bulk(s->mp, s->objs, n) != 0)
		return -ENOBUFS;
	if (s->row->work == WORK_LOCAL)
		return stage_put(s);
	/* behind a NIC, or in a pipeline: what was sent before goes back */
	for (i = 0; i < n; i++) {
		void *obj = s->fifo[(s->head + i) % BENCH_TX_RING];

		s->fifo[(s->head + i) % BENCH_TX_RING] = s->objs[i];
		s->objs[i] = obj;
	}
	s->head += n;
	if (s->nr < BENCH_TX_RING) {
		s->nr += n;
		return 0;
	}
	if (s->row->lcores < 2)
		return stage_put(s);
	rte_eal_remote_launch(stage_put, s, bench_peer_lcore);
	return rte_eal_wait_lcore(bench_peer_lcore);
}

static uint64_t
complaints(const struct rte_mempool *mp)
{
	struct frag_pool_stats st;

	frag_pool_get_stats(page_pool_from_mempool(mp), &st);
	return st.refused + st.corrupt;
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int
misuse_measure(const struct variant *v, const struct row *row, uint32_t trials,
		struct misuse *result)
{
	static struct stage s;
	uint64_t *delay = calloc(trials, sizeof(*delay));
	struct rte_mempool *mp = NULL;
	uint32_t i, turn;
	int rc = 0;

	memset(result, 0, sizeof(*result));
	if (delay == NULL)
		return -ENOMEM;
	for (i = 0; i < trials; i++) {
		mp = pool_make(v, row->size, row->cache, 0, 1);
		if (mp == NULL || page_pool_from_mempool(mp) == NULL) {
			rc = -rte_errno;
			break;
		}
		memset(&s, 0, sizeof(s));
		s.mp = mp;
		s.row = row;
		s.rng = i;
		for (turn = 0; turn < 200 + i % 61 && rc == 0; turn++)
			rc = stage_turn(&s);
		s.twice = true;
		for (turn = 0; turn < MISUSE_CALLS / 2 && rc == 0 && complaints(mp) == 0; turn++)
			rc = stage_turn(&s);
		if (rc != 0)
			break;
		result->trials++;
		if (turn < MISUSE_CALLS / 2)
			delay[result->found++] = 2 * (uint64_t)turn;
		rte_mempool_free(mp);
		mp = NULL;
	}
	rte_mempool_free(mp);
	qsort(delay, result->found, sizeof(*delay), compare_u64);
	if (result->found > 0) {
		result->delay_p50 = delay[result->found / 2];
		result->delay_max = delay[result->found - 1];
	}
	free(delay);
	return rc;
}
