/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Faults (issue 2, "Bad input and faults"): memory that ends at each allocation in turn, pools that
 * are not ours or of another version, a driver without a place in EAL's table or loaded twice. Each
 * gives DPDK's error and one log line; nothing leaks, nothing half-made remains, and when the cause
 * is gone the same call succeeds.
 *
 * What needs a process of its own is a child: this program again, with the name of the scenario.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "../exec_self.h"
#include "test_common.h"
#include "test_inject.h"

#define AREA_LEN ((size_t)64 << 20)
static char *area;

static int
area_map(void)
{
	const size_t align = (size_t)2 << 20;
	char *p;

	if (area != NULL)
		return 0;
	p = mmap(NULL, AREA_LEN + align, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED, "no memory");
	area = RTE_PTR_ALIGN_CEIL(p, align);
	return 0;
}

/* A scenario in which memory ends. Steps that went well before are not repeated. */
struct sweep {
	const char *name;
	const char *config;
	unsigned int n;
	unsigned int elt_size;
	unsigned int flags;
	/* what is prepared while there is memory */
	int (*prepare)(struct rte_mempool *mp);
	/* the call under test, as it returns */
	int (*call)(struct rte_mempool *mp);
	/* the number of objects it adds when all goes well */
	int (*wanted)(const struct rte_mempool *mp);
};

static int
prepare_nothing(struct rte_mempool *mp __rte_unused)
{
	return 0;
}

static int
wanted_all(const struct rte_mempool *mp)
{
	return (int)mp->size;
}

/* Some chunks are there and in use. */
static int
prepare_chunks(struct rte_mempool *mp)
{
	void *objs[40];
	unsigned int i;

	CHECK_OK(area_map());
	for (i = 0; i < 3; i++)
		CHECK(rte_mempool_populate_iova(mp, area + i * 100000 + 8, i, 50000, NULL, NULL) >
						20,
				"chunk %u", i);
	CHECK(test_get(mp, objs, RTE_DIM(objs)) == 0, "get");
	test_put(mp, objs, RTE_DIM(objs));
	return 0;
}

/* Unaligned, so that it has a head; far away, so that the radix tree gets new nodes. */
#define FAR_OFFSET ((size_t)40 << 20)
#define FAR_LEN 500000

static int
call_far(struct rte_mempool *mp)
{
	return rte_mempool_populate_iova(mp, area + FAR_OFFSET + 1000, 0, FAR_LEN, NULL, NULL);
}

static int
wanted_far(const struct rte_mempool *mp)
{
	size_t total = (size_t)mp->header_size + mp->elt_size + mp->trailer_size, pg_sz = 0, nr;

	/* 1000 is 8-byte aligned, the first object at the next cache line if it must be */
	size_t at = (mp->flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN) != 0 ? 1000 : 1024;
	size_t len = FAR_LEN - (at - 1000);

	if (rte_mempool_get_page_size((struct rte_mempool *)(uintptr_t)mp, &pg_sz) != 0)
		return -1;
	if (pg_sz == 0)
		return (int)(len / total);
	nr = (pg_sz - at % pg_sz) / total;
	len -= pg_sz - at % pg_sz;
	nr += len / pg_sz * (pg_sz / total) + len % pg_sz / total;
	return (int)nr;
}

static const struct sweep sweeps[] = {
	{ "populate_default", NULL, 1000, 100, 0, prepare_nothing, rte_mempool_populate_default,
			wanted_all },
	{ "populate_default, one page to each object", "page_size=256", 300, 100, 0,
			prepare_nothing, rte_mempool_populate_default, wanted_all },
	{ "populate_default with options", "cache=10,mode=default", 1000, 100, 0, prepare_nothing,
			rte_mempool_populate_default, wanted_all },
	{ "populate_default with an alarm", "idle_trim=60000", 1000, 100, 0, prepare_nothing,
			rte_mempool_populate_default, wanted_all },
	{ "populate_iova of a fourth chunk", NULL, 100000, 100, 0, prepare_chunks, call_far,
			wanted_far },
	{ "populate_iova of a fourth chunk, no page rule", NULL, 100000, 100,
			RTE_MEMPOOL_F_NO_IOVA_CONTIG, prepare_chunks, call_far, wanted_far },
	/* a pool whose chunks need far more pages than its size says: the directory grows */
	{ "populate_iova, more pages", NULL, 6000, 40, RTE_MEMPOOL_F_NO_CACHE_ALIGN,
			prepare_nothing, call_far, wanted_far },
};

/* The nth allocation of the call fails, `on`: and all that follow. Returns 1 when there are fewer
 * than n.
 */
static int
sweep_step(const struct sweep *sw, unsigned int nth, bool on)
{
	unsigned int lines, populated, count;
	struct test_memory before;
	struct rte_mempool *mp;
	const char *what, *text;
	int rc, wanted;

	mp = test_pool_empty(sw->n, sw->elt_size, sw->flags, sw->config);
	CHECK(mp != NULL, "no pool");
	CHECK_OK(sw->prepare(mp));
	populated = mp->populated_size;
	count = populated == 0 ? 0 : test_pool_count(mp);
	wanted = RTE_MIN(sw->wanted(mp), (int)(mp->size - populated));
	before = test_memory();
	rte_errno = 0;
	test_log_start();
	inject_start(INJECT_OURS, nth, on);
	rc = sw->call(mp);
	inject_stop(&what);
	lines = test_log_stop(&text);
	if (what == NULL) {
		CHECK(rc == wanted && lines == 0, "%d of %d, %u lines: %s", rc, wanted, lines,
				text);
		CHECK_OK(test_pool_end(mp));
		return 1;
	}
	/* DPDK's errors: of the call, or 0 objects with rte_errno, which populate_default turns
	 * into ENOBUFS; a list of options cannot tell a lack of memory from a wrong list
	 */
	CHECK(rc == -ENOMEM || rc == -ENOBUFS || (rc == 0 && rte_errno == ENOMEM) ||
					(rc == -EINVAL && strstr(what, "kvargs") != NULL),
			"%s, %s: %d, %s", sw->name, what, rc, rte_strerror(rte_errno));
	CHECK(lines == 1, "%s, %s: %u lines: %s", sw->name, what, lines, text);
	CHECK(strstr(text, "kvargs") != NULL || strstr(text, mp->name) != NULL ||
					strstr(what, "kvargs") != NULL,
			"%s: the pool is not named in %s", what, text);
	CHECK(mp->populated_size == populated, "%s, %s: %u objects were %u", sw->name, what,
			mp->populated_size, populated);
	if ((mp->flags & RTE_MEMPOOL_F_POOL_CREATED) == 0) {
		CHECK(mp->pool_data == NULL, "%s, %s: half-made", sw->name, what);
		CHECK(test_memory_same(&before, "alloc without memory"), "%s, %s", sw->name, what);
	} else {
		CHECK(test_pool_count(mp) == count, "%s, %s: I3: count %u was %u", sw->name, what,
				test_pool_count(mp), count);
		CHECK_OK(test_pool_check(mp));
		if (populated > 0)
			CHECK_OK(test_pool_drain(mp, populated));
	}
	/* some give up */
	if (on && nth % 2 == 0) {
		rte_mempool_free(mp);
		return 0;
	}
	/* the cause is gone */
	rc = sw->call(mp);
	CHECK(rc == wanted, "%s, %s: the second try adds %d of %d", sw->name, what, rc, wanted);
	CHECK(mp->populated_size == populated + (unsigned int)wanted, "%u", mp->populated_size);
	CHECK_OK(test_pool_layout(mp));
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	return test_pool_end(mp);
}

static int
sweep_all(const struct sweep *sw)
{
	struct test_memory before = { 0 };
	unsigned int nth, on;
	int rc;

	for (on = 0; on < 2; on++)
		for (nth = 1;; nth++) {
			before = test_memory();
			rc = sweep_step(sw, nth, on);
			CHECK(rc >= 0, "%s, allocation %u%s", sw->name, nth, on ? " and on" : "");
			CHECK(test_memory_same(&before, sw->name), "allocation %u", nth);
			if (rc == 1)
				break;
		}
	CHECK(nth > 2, "%s allocates nothing", sw->name);
	printf("%s: %u allocations\n", sw->name, nth - 1);
	return 0;
}

static int
test_sweeps(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(sweeps); i++)
		CHECK_OK(sweep_all(&sweeps[i]));
	return 0;
}

/* populate_virt in pieces: DPDK leaves out the piece whose driver had no memory. */
static int
virt_step(unsigned int nth)
{
	struct rte_mempool *mp = test_pool_empty(100000, 300, 0, NULL);
	unsigned int lines, i, all;
	const char *what, *text;
	int rc, more = 0;

	CHECK(mp != NULL, "no pool");
	CHECK_OK(area_map());
	/* makes the pool, so that only populate is under test */
	CHECK(rte_mempool_populate_iova(mp, area, 0, 4096, NULL, NULL) > 0, "first chunk");
	inject_iova_run(8192);
	test_log_start();
	inject_start(INJECT_OURS, nth, false);
	rc = rte_mempool_populate_virt(mp, area + 65536, 65536, 4096, NULL, NULL);
	inject_stop(&what);
	lines = test_log_stop(&text);
	inject_iova_run(0);
	all = 16 * (4096 / (mp->header_size + mp->elt_size + mp->trailer_size));
	if (what == NULL) {
		CHECK(rc == (int)all && lines == 0, "%d of %u, %u lines", rc, all, lines);
		CHECK_OK(test_pool_end(mp));
		return 1;
	}
	CHECK(rc < (int)all && lines == 1, "%s: %d of %u, %u lines: %s", what, rc, all, lines,
			text);
	CHECK_OK(test_pool_layout(mp));
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	/* the piece that is missing, and only that, can still be added */
	test_log_start();
	for (i = 0; i < 16; i++)
		more += rte_mempool_populate_iova(mp, area + 65536 + i * 4096, 0, 4096, NULL, NULL);
	test_log_stop(&text);
	CHECK(rc + more == (int)all, "%s: %d and %d more of %u", what, rc, more, all);
	CHECK_OK(test_pool_layout(mp));
	CHECK_OK(test_pool_drain(mp, mp->populated_size));
	return test_pool_end(mp);
}

static int
test_virt(void)
{
	unsigned int nth;
	int rc;

	for (nth = 1;; nth++) {
		rc = virt_step(nth);
		CHECK(rc >= 0, "allocation %u", nth);
		if (rc == 1)
			break;
	}
	CHECK(nth > 8, "only %u allocations", nth);
	return 0;
}

/* First use of a pool by a thread, without memory for its slot: it shares one. */
struct first_use {
	struct rte_mempool *mp;
	bool hungry;
	unsigned int lines;
	int rc;
};

static int
first_use_rounds(struct rte_mempool *mp)
{
	void *objs[100];
	unsigned int i;

	for (i = 0; i < 500; i++) {
		CHECK(test_get(mp, objs, RTE_DIM(objs)) == 0, "I2: round %u", i);
		test_put(mp, objs, RTE_DIM(objs));
		CHECK(test_pool_count(mp) == mp->size, "I3: %u", test_pool_count(mp));
	}
	return 0;
}

static void *
first_use_run(void *arg)
{
	struct first_use *f = arg;
	const char *text;

	if (f->hungry)
		inject_start(INJECT_OURS, 1, true);
	test_log_start();
	f->rc = first_use_rounds(f->mp);
	f->lines = test_log_stop(&text);
	inject_stop(NULL);
	if (f->rc == 0 && f->hungry) {
		if (f->lines > 0)
			printf("%.*s\n", (int)strcspn(text, "\n"), text);
		/* in the same thread, once there is memory */
		f->rc = first_use_rounds(f->mp);
	}
	return NULL;
}

static int
test_first_use(void)
{
	struct first_use f = { .mp = test_pool(1000, 100, 0, NULL), .hungry = true };
	struct frag_pool_stats before, after;
	struct frag_pool *fp;
	pthread_t thread;

	CHECK(f.mp != NULL, "no pool");
	fp = page_pool_from_mempool(f.mp);
	CHECK_OK(first_use_rounds(f.mp));
	frag_pool_get_stats(fp, &before);
	CHECK(pthread_create(&thread, NULL, first_use_run, &f) == 0, "thread");
	pthread_join(thread, NULL);
	CHECK_OK(f.rc);
	frag_pool_get_stats(fp, &after);
	CHECK(after.slots == before.slots + 1, "%u slots, %u before: none when there was memory",
			after.slots, before.slots);
	CHECK(after.count == 1000 && after.in_flight == 0 && after.lost == 0, "I3: %u",
			after.count);
	/* one line, unless there were many before */
	CHECK(f.lines == 1 || (test_strict() && f.lines == 0), "%u log lines, not one", f.lines);
	CHECK_OK(test_pool_drain(f.mp, 1000));
	return test_pool_end(f.mp);
}

/* page_pool_from_mempool(): each error where it belongs, and check says the same. */
static int
from_error(const struct rte_mempool *mp, int error)
{
	struct frag_pool *fp;
	int rc;

	rte_errno = 0;
	fp = page_pool_from_mempool(mp);
	CHECK(fp == NULL && rte_errno == error, "%p, %s", (void *)fp, rte_strerror(rte_errno));
	rc = page_pool_mempool_check(mp, NULL);
	CHECK(rc == -error, "page_pool_mempool_check: %d", rc);
	return 0;
}

static int
test_from_mempool(void)
{
	static const int32_t wrong_ops[] = { -1, RTE_MEMPOOL_MAX_OPS_IDX, INT32_MAX, INT32_MIN,
		RTE_MEMPOOL_MAX_OPS_IDX - 1 };
	struct rte_mempool *ours = test_pool(100, 100, 0, NULL);
	struct rte_mempool *empty = test_pool_empty(100, 100, 0, NULL);
	struct rte_mempool *ring = test_pool_on("ring_mp_mc", 100, 100, 0, 0, NULL);
	int32_t index;
	unsigned int i;
	void *data;

	CHECK(ours != NULL && empty != NULL && ring != NULL, "pools");
	CHECK(rte_mempool_populate_default(ring) == 100, "ring");
	index = ours->ops_index;
	CHECK_OK(from_error(NULL, EINVAL));
	CHECK_OK(from_error(empty, EINVAL));
	CHECK_OK(from_error(ring, EINVAL));
	/* as in a secondary that loaded its drivers in another order */
	for (i = 0; i < RTE_DIM(wrong_ops); i++) {
		ours->ops_index = wrong_ops[i];
		CHECK(from_error(ours, ENOEXEC) == 0, "ops_index %d", wrong_ops[i]);
	}
	ours->ops_index = ring->ops_index;
	CHECK_OK(from_error(ours, ENOEXEC));
	ring->ops_index = index;
	CHECK_OK(from_error(ring, EINVAL));
	ring->ops_index = ours->ops_index;
	ours->ops_index = index;
	/* other drivers keep numbers in pool_data */
	data = ring->pool_data;
	for (i = 0; i < 8192; i += 1 + i / 3) {
		ring->pool_data = (void *)(uintptr_t)RTE_MIN(i, 4095u);
		CHECK(from_error(ring, EINVAL) == 0, "pool_data %u", i);
	}
	ring->pool_data = data;
	/* another version */
	for (i = 0; i < 16; i++) {
		*(uint64_t *)ours->pool_data ^= UINT64_C(1) << i;
		CHECK(from_error(ours, EPROTO) == 0, "bit %u", i);
		*(uint64_t *)ours->pool_data ^= UINT64_C(1) << i;
	}
	for (; i < 64; i++) {
		*(uint64_t *)ours->pool_data ^= UINT64_C(1) << i;
		CHECK(from_error(ours, EINVAL) == 0, "bit %u", i);
		*(uint64_t *)ours->pool_data ^= UINT64_C(1) << i;
	}
	CHECK(page_pool_from_mempool(ours) != NULL, "ours");
	rte_mempool_free(ring);
	rte_mempool_free(empty);
	CHECK_OK(test_pool_drain(ours, 100));
	return test_pool_end(ours);
}

/* Children */

/* Our ops, all of them, with a pool they should refuse. */
static int
refuse_all(struct rte_mempool *mp, const struct rte_mempool_ops *ops, int error, const char *says)
{
	struct rte_mempool_info info = { .contig_block_size = 12345 };
	void *canary = &info, *objs[4] = { canary, canary, canary, canary };
	struct test_memory before = test_memory();
	unsigned int lines, i;
	const char *text;
	int rc;

	test_log_start();
	rc = ops->dequeue(mp, objs, 4);
	CHECK(rc == error, "dequeue: %d", rc);
	rc = ops->enqueue(mp, objs, 4);
	CHECK(rc == error, "enqueue: %d", rc);
	CHECK(ops->get_count(mp) == 0, "get_count: %u", ops->get_count(mp));
	rc = ops->get_info(mp, &info);
	CHECK(rc == error && info.contig_block_size == 12345, "get_info: %d, %u", rc,
			info.contig_block_size);
	rc = ops->dequeue_contig_blocks(mp, objs, 1);
	CHECK(rc == error, "dequeue_contig_blocks: %d", rc);
	rc = ops->populate(mp, 10, mp, RTE_BAD_IOVA, 4096, NULL, NULL);
	CHECK(rc == 0, "populate: %d", rc);
	ops->free(mp);
	for (i = 0; i < 4; i++)
		CHECK(objs[i] == canary, "I4: the table was written");
	lines = test_log_stop(&text);
	CHECK(lines == 1 && strstr(text, mp->name) != NULL && strstr(text, says) != NULL,
			"%u lines: %s", lines, text);
	CHECK(test_memory_same(&before, "refusing"), "%s", says);
	return 0;
}

static const struct rte_mempool_ops *
our_ops(void)
{
	unsigned int i;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, PAGE_POOL_OPS_NAME) == 0)
			return &rte_mempool_ops_table.ops[i];
	return NULL;
}

/* A ring pool, through an ops_index that means us. */
static int
child_foreign(void)
{
	struct rte_mempool *ring = test_pool_on("ring_mp_mc", 100, 100, 0, 0, NULL);
	int32_t index;
	void *obj;

	CHECK(ring != NULL && rte_mempool_populate_default(ring) == 100, "ring");
	index = ring->ops_index;
	ring->ops_index = (int32_t)(our_ops() - rte_mempool_ops_table.ops);
	CHECK_OK(refuse_all(ring, our_ops(), -EINVAL, "no page_pool"));
	CHECK(rte_mempool_get(ring, &obj) == -EINVAL && rte_mempool_avail_count(ring) == 0,
			"through rte_mempool");
	ring->ops_index = index;
	CHECK(rte_mempool_full(ring), "the pool was harmed");
	rte_mempool_free(ring);
	return 0;
}

/* Pools of drivers that keep a number where others keep a pointer (pool_id), and none at all. */
static int
child_number(void)
{
	static const uintptr_t numbers[] = { 1, 2, 42, 63, 64, 4032, 4095 };
	struct rte_mempool *ring = test_pool_on("ring_mp_mc", 100, 100, 0, 0, NULL);
	void *data, *objs[2] = { NULL, NULL };
	unsigned int i;

	CHECK(ring != NULL && rte_mempool_populate_default(ring) == 100, "ring");
	data = ring->pool_data;
	ring->pool_data = NULL;
	CHECK(our_ops()->dequeue(ring, objs, 2) == -EINVAL, "no pool");
	CHECK(our_ops()->enqueue(ring, objs, 2) == -EINVAL, "no pool");
	for (i = 0; i < RTE_DIM(numbers); i++) {
		ring->pool_data = (void *)numbers[i];
		CHECK(our_ops()->dequeue(ring, objs, 2) == -EINVAL, "pool %u", i);
		CHECK(our_ops()->enqueue(ring, objs, 2) == -EINVAL, "pool %u", i);
		CHECK(our_ops()->get_count(ring) == 0, "pool %u", i);
		our_ops()->free(ring);
	}
	ring->pool_data = data;
	rte_mempool_free(ring);
	return 0;
}

/* A pool of ours, made by another version. */
static int
child_version(void)
{
	struct rte_mempool *mp = test_pool(100, 100, 0, NULL);
	uint64_t *magic;

	CHECK(mp != NULL, "pool");
	magic = mp->pool_data;
	(*magic)++;
	CHECK_OK(refuse_all(mp, our_ops(), -EPROTO, "another version"));
	(*magic)--;
	CHECK_OK(test_pool_drain(mp, 100));
	return test_pool_end(mp);
}

/* The table of participants is a memzone of another version. */
static int
child_registry(void)
{
	const struct rte_memzone *mz = rte_memzone_reserve("page_pool_registry", 65536,
			SOCKET_ID_ANY, 0);
	struct rte_mempool *mp = test_pool_empty(100, 100, 0, NULL);
	unsigned int lines;
	const char *text;
	int rc;

	CHECK(mz != NULL && mp != NULL, "no memory");
	memset(mz->addr, 0x77, mz->len);
	test_log_start();
	rc = rte_mempool_populate_default(mp);
	lines = test_log_stop(&text);
	CHECK(rc == -EPROTO, "%d", rc);
	CHECK(lines == 1 && strstr(text, "version") != NULL, "%u lines: %s", lines, text);
	rte_memzone_free(mz);
	rc = rte_mempool_populate_default(mp);
	CHECK(rc == 100, "%d", rc);
	CHECK_OK(test_pool_drain(mp, 100));
	return test_pool_end(mp);
}

/* The first pool of a process, which makes what all pools share, without memory. */
static int
child_first(void)
{
	unsetenv(PAGE_POOL_OPTIONS_ENV);
	CHECK(rte_memzone_lookup("page_pool_registry") == NULL, "made too early");
	CHECK_OK(sweep_step(&sweeps[0], 1, true));
	CHECK(rte_memzone_lookup("page_pool_registry") != NULL, "not made");
	return sweep_all(&sweeps[0]);
}

/* Two threads make the first pools of a process at the same time. */
struct first_two {
	struct rte_mempool *mp;
	atomic_uint *ready;
	int rc;
};

static void *
first_two_run(void *arg)
{
	struct first_two *f = arg;

	atomic_fetch_add(f->ready, 1);
	while (atomic_load(f->ready) < 2)
		;
	f->rc = rte_mempool_populate_default(f->mp);
	if (f->rc == (int)f->mp->size)
		f->rc = first_use_rounds(f->mp);
	/* a thread that ends gives its number back */
	atomic_fetch_add(f->ready, 1);
	while (atomic_load(f->ready) < 4)
		sched_yield();
	return NULL;
}

static int
child_first_two(void)
{
	struct frag_pool_slot_info slot[2];
	struct first_two f[2];
	atomic_uint ready = 0;
	pthread_t thread[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		f[i].mp = test_pool_empty(1000, 100, 0, NULL);
		f[i].ready = &ready;
		CHECK(f[i].mp != NULL, "no pool");
	}
	for (i = 0; i < 2; i++)
		CHECK(pthread_create(&thread[i], NULL, first_two_run, &f[i]) == 0, "thread");
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < 2; i++) {
		CHECK(f[i].rc == 0, "pool %u: %d", i, f[i].rc);
		CHECK(frag_pool_get_slots(page_pool_from_mempool(f[i].mp), &slot[i], 1) > 0,
				"no slot");
	}
	CHECK(slot[0].id != slot[1].id, "two threads have the number %u", slot[0].id);
	for (i = 0; i < 2; i++) {
		CHECK_OK(test_pool_drain(f[i].mp, 1000));
		CHECK_OK(test_pool_end(f[i].mp));
	}
	return 0;
}

static int
dummy_alloc(struct rte_mempool *mp __rte_unused)
{
	return -ENOTSUP;
}

static int
dummy_enqueue(struct rte_mempool *mp __rte_unused, void *const *objs __rte_unused,
		unsigned int n __rte_unused)
{
	return -ENOTSUP;
}

static int
dummy_dequeue(struct rte_mempool *mp __rte_unused, void **objs __rte_unused,
		unsigned int n __rte_unused)
{
	return -ENOTSUP;
}

static unsigned int
dummy_count(const struct rte_mempool *mp __rte_unused)
{
	return 0;
}

static int
fill_table(unsigned int left)
{
	struct rte_mempool_ops ops = { .alloc = dummy_alloc,
		.enqueue = dummy_enqueue,
		.dequeue = dummy_dequeue,
		.get_count = dummy_count };
	unsigned int i;

	for (i = rte_mempool_ops_table.num_ops; i < RTE_MEMPOOL_MAX_OPS_IDX - left; i++) {
		/* every mempool begins with these ops */
		if (i == 0)
			snprintf(ops.name, sizeof(ops.name), "ring_mp_mc");
		else
			snprintf(ops.name, sizeof(ops.name), "dummy_%u", i);
		CHECK(rte_mempool_register_ops(&ops) >= 0, "%s", ops.name);
	}
	return 0;
}

static unsigned int
ops_called_ours(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		n += strcmp(rte_mempool_ops_table.ops[i].name, PAGE_POOL_OPS_NAME) == 0;
	return n;
}

/* EAL's table of ops is full when the plugin comes. */
static int
child_table_full(void)
{
	unsigned int lines;
	const char *text;

	CHECK_OK(fill_table(0));
	test_log_start();
	CHECK(test_eal_init("full", 64, PP_PLUGIN, NULL) >= 0, "EAL");
	lines = test_log_stop(&text);
	CHECK(lines == 1 && strstr(text, "all places") != NULL && strstr(text, "-d") != NULL,
			"%u lines: %s", lines, text);
	CHECK(ops_called_ours() == 0, "registered all the same");
	CHECK(test_pool_on(PAGE_POOL_OPS_NAME, 100, 100, 0, 0, NULL) == NULL, "a pool");
	test_eal_end();
	return 0;
}

/* It has one place: that is enough. */
static int
child_table_one(void)
{
	struct rte_mempool *mp;
	unsigned int lines;
	const char *text;

	CHECK_OK(fill_table(1));
	test_log_start();
	CHECK(test_eal_init("one", 64, PP_PLUGIN, NULL) >= 0, "EAL");
	lines = test_log_stop(&text);
	CHECK(lines == 0 && ops_called_ours() == 1, "%u lines: %s", lines, text);
	mp = test_pool(100, 100, 0, NULL);
	CHECK(mp != NULL, "no pool");
	CHECK_OK(test_pool_drain(mp, 100));
	CHECK_OK(test_pool_end(mp));
	test_eal_end();
	return 0;
}

/* Where the test lies: no other place is sure to be one that EAL takes plugins from. */
static int
beside_us(char *path, size_t len, const char *name)
{
	char exe[PATH_MAX];

	CHECK_OK(self_path(exe));
	*strrchr(exe, '/') = '\0';
	CHECK((size_t)snprintf(path, len, "%s/%s.%d", exe, name, (int)getpid()) < len, "path");
	return 0;
}

static int
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n = -1;

	CHECK(in >= 0 && out >= 0, "%s to %s: %s", from, to, strerror(errno));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		CHECK(write(out, buf, (size_t)n) == n, "%s: %s", to, strerror(errno));
	CHECK(n == 0, "%s: %s", from, strerror(errno));
	close(in);
	close(out);
	return 0;
}

static int
twice(const char *second, unsigned int expected_lines)
{
	struct rte_mempool *mp;
	unsigned int lines;
	const char *text;

	test_log_start();
	CHECK(test_eal_init("twice", 64, PP_PLUGIN, second) >= 0, "EAL");
	lines = test_log_stop(&text);
	CHECK(lines == expected_lines, "%u lines, not %u: %s", lines, expected_lines, text);
	CHECK(lines == 0 || strstr(text, "twice") != NULL, "%s", text);
	CHECK(ops_called_ours() == 1, "%u ops are called " PAGE_POOL_OPS_NAME, ops_called_ours());
	mp = test_pool(100, 100, 0, NULL);
	CHECK(mp != NULL, "no pool");
	CHECK_OK(test_pool_drain(mp, 100));
	CHECK_OK(test_pool_end(mp));
	test_eal_end();
	return 0;
}

static int
child_copy(void)
{
	char path[PATH_MAX];
	int rc;

	CHECK_OK(beside_us(path, sizeof(path), "copy.so"));
	CHECK_OK(copy_file(PP_PLUGIN, path));
	rc = twice(path, 1);
	unlink(path);
	return rc;
}

static int
child_link(void)
{
	char path[PATH_MAX];
	int rc;

	CHECK_OK(beside_us(path, sizeof(path), "link.so"));
	CHECK(symlink(PP_PLUGIN, path) == 0, "%s: %s", path, strerror(errno));
	rc = twice(path, 0);
	unlink(path);
	return rc;
}

static const struct child {
	const char *name;
	int (*run)(void);
	bool eal; /* started before */
} children[] = {
	{ "foreign", child_foreign, true },
	{ "number", child_number, true },
	{ "version", child_version, true },
	{ "registry", child_registry, true },
	{ "first", child_first, true },
	{ "first_two", child_first_two, true },
	{ "table_full", child_table_full, false },
	{ "table_one", child_table_one, false },
	{ "copy", child_copy, false },
	{ "link", child_link, false },
};

static int
child_main(const char *name)
{
	unsigned int i;
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < RTE_DIM(children); i++) {
		if (strcmp(children[i].name, name) != 0)
			continue;
		if (children[i].eal && test_eal_init(name, 128, PP_PLUGIN, NULL) < 0)
			return EXIT_FAILURE;
		rc = children[i].run();
		if (children[i].eal)
			test_eal_end();
		return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	return EXIT_FAILURE;
}

static int
spawn(const char *name)
{
	const char *args[] = { "test_faults", "--child", name, NULL };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0, "fork");
	if (pid == 0) {
		exec_self(args);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid, "waitpid");
	CHECK(!WIFSIGNALED(status), "%s: killed by signal %d", name, WTERMSIG(status));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: exit status %d", name,
			WEXITSTATUS(status));
	return 0;
}

#define SPAWN(name) \
	static int test_##name(void) \
	{ \
		return spawn(#name); \
	}

SPAWN(foreign)
SPAWN(number)
SPAWN(version)
SPAWN(registry)
SPAWN(first)
SPAWN(first_two)
SPAWN(table_full)
SPAWN(table_one)
SPAWN(copy)
SPAWN(link)

static const struct test_case cases[] = {
	{ "faults: no memory at each allocation of alloc and populate", test_sweeps,
			TEST_BOTH_MODES },
	{ "faults: no memory in the first pool of a process", test_first, TEST_ONCE },
	{ "faults: no memory in the middle of populate_virt", test_virt, TEST_BOTH_MODES },
	{ "faults: no memory for a thread's slot", test_first_use, TEST_BOTH_MODES },
	{ "faults: page_pool_from_mempool() tells what is wrong", test_from_mempool, TEST_ONCE },
	{ "faults: another driver's pool reached through our ops", test_foreign, TEST_ONCE },
	{ "faults: a number for a pool reached through our ops", test_number, TEST_ONCE },
	{ "faults: a pool of another version's layout", test_version, TEST_ONCE },
	{ "faults: a registry of another version", test_registry, TEST_ONCE },
	{ "I5: two threads make the first pools of a process", test_first_two, TEST_BOTH_MODES },
	{ "faults: no free place for our ops", test_table_full, TEST_ONCE },
	{ "faults: one free place for our ops", test_table_one, TEST_ONCE },
	{ "faults: the plugin loaded twice, a copy", test_copy, TEST_ONCE },
	{ "faults: the plugin loaded twice, a link", test_link, TEST_ONCE },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_faults", 256, cases, RTE_DIM(cases) };

	if (argc == 3 && strcmp(argv[1], "--child") == 0)
		return child_main(argv[2]);
	return test_main(&suite, argc, argv);
}
