/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I10 Many processes, I2 and I5 between them: a primary and secondaries, which DPDK attaches, each
 * with its own address space layout and all with the same lcore ids, use one pool.
 *
 *   - nothing process-local is in it: secondaries get, put, count, trim, check and report;
 *   - what one process left in its caches, and sleeps on, another can take, in both directions;
 *   - both at the same time, with ownership words;
 *   - secondaries are killed in the middle of it: the others go on, and nothing but what the dead
 *     had in hand is missing.
 *
 * Secondary processes need memory that EAL can share: hugepages. Some are reserved and a hugetlbfs
 * is mounted if need be (and undone afterwards); without any the test is skipped.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_memzone.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

#include "../exec_self.h"
#include "inv_common.h"
#include "inv_huge.h"

#define SIZE 2000
#define FRAG 128
#define HOLD 300
#define PAGES_NEEDED 48 /* of 2 MB */

enum order { ORDER_NONE, ORDER_GET, ORDER_PUT, ORDER_LOOK, ORDER_TRAFFIC, ORDER_END };

/* In a memzone. */
struct control {
	struct inv_pool pool;
	struct rte_mempool *mp; /* the driver, if there is a plugin */
	/* from the primary to one secondary that does as it is told */
	atomic_uint order;
	atomic_uint done;
	uint32_t n;
	int rc;
	void *frags[SIZE];
	uint64_t me;
	uint64_t seed;
	atomic_bool stop;
	atomic_uint ready;
	atomic_uint moving;
	atomic_uint_fast64_t calls;
	atomic_uint failures;
	/* what a secondary saw */
	uintptr_t fn;
	uint32_t pid;
	uint32_t lcore;
	uint32_t count;
	int check;
	uint32_t slots;
	uint32_t whole;
};

static struct control *ctl;

static void
traffic(uint64_t me, uint64_t stream, const atomic_bool *stop, atomic_uint *moving)
{
	struct frag_pool *fp = ctl->pool.fp;
	struct inv_rng rng;
	void *held[HOLD];
	uint32_t n, nr = 0, calls = 0;
	int rc;

	rng.s = ctl->seed + stream * UINT64_C(0xd1342543de82ef95);
	while (!atomic_load_explicit(stop, memory_order_relaxed)) {
		n = inv_burst(&rng, HOLD);
		if (inv_below(&rng, 500) == 0) {
			frag_pool_trim(fp, true);
		} else if (nr + n <= HOLD) {
			atomic_store(moving, n);
			rc = frag_pool_get(fp, &held[nr], n);
			if (rc == 0) {
				inv_own_bulk(&held[nr], n, me);
				nr += n;
			}
		} else {
			n = RTE_MIN(n, nr);
			inv_shuffle(&rng, held, nr);
			nr -= n;
			atomic_store(moving, n);
			inv_disown_bulk(&held[nr], n, me);
			rc = frag_pool_put(fp, &held[nr], n);
			INV_CHECK(rc == 0, "put: %d", rc);
		}
		atomic_store(moving, 0);
		atomic_fetch_add_explicit(&ctl->calls, 1, memory_order_relaxed);
		if (++calls == 3)
			atomic_store(&ctl->ready, 1);
	}
	inv_disown_bulk(held, nr, me);
	frag_pool_put(fp, held, nr);
}

static void
secondary(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup("inv_control");
	struct frag_pool_slot_info info[16];
	uint32_t i;

	INV_NEED(mz != NULL, "no memzone");
	ctl = mz->addr;
	ctl->fn = (uintptr_t)frag_pool_get;
	ctl->pid = (uint32_t)getpid();
	ctl->lcore = rte_lcore_id();
	for (;;) {
		switch (atomic_load(&ctl->order)) {
		case ORDER_GET:
			ctl->rc = frag_pool_get(ctl->pool.fp, ctl->frags, ctl->n);
			break;
		case ORDER_PUT:
			ctl->rc = 0;
			for (i = 0; i < ctl->n; i++)
				ctl->rc |= frag_pool_put(ctl->pool.fp, &ctl->frags[i], 1);
			break;
		case ORDER_LOOK:
			ctl->whole = frag_pool_trim(ctl->pool.fp, false);
			ctl->count = frag_pool_count(ctl->pool.fp);
			ctl->check = frag_pool_check(ctl->pool.fp, stderr);
			ctl->slots = frag_pool_get_slots(ctl->pool.fp, info, 16);
			if (ctl->mp != NULL && page_pool_from_mempool(ctl->mp) == NULL)
				ctl->check = -rte_errno;
			break;
		case ORDER_TRAFFIC:
			traffic(ctl->me, ctl->me, &ctl->stop, &ctl->moving);
			break;
		case ORDER_END:
			atomic_store(&ctl->failures, inv_failures());
			inv_exit();
		default:
			usleep(50);
			continue;
		}
		atomic_store(&ctl->order, ORDER_NONE);
		atomic_store(&ctl->done, 1);
	}
}

static pid_t
start_secondary(void)
{
	const char *args[] = { "inv_procs", "--role", "secondary", "--prefix", inv_prefix,
		inv_plugin == NULL ? NULL : "--plugin", inv_plugin, NULL };
	pid_t pid;

	ctl->pid = 0;
	atomic_store(&ctl->order, ORDER_NONE);
	atomic_store(&ctl->ready, 0);
	atomic_store(&ctl->moving, 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		exec_self(args);
		_exit(1);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	while (*(volatile uint32_t *)&ctl->pid == 0) {
		int status;

		INV_NEED(waitpid(pid, &status, WNOHANG) == 0, "the secondary ended with %#x",
				status);
		usleep(1000);
	}
	return pid;
}

static void
tell(enum order order)
{
	atomic_store(&ctl->done, 0);
	atomic_store(&ctl->order, order);
}

static void
ask(enum order order)
{
	tell(order);
	while (atomic_load(&ctl->done) == 0)
		usleep(20);
}

static void
make_pool(const struct inv_config *cfg)
{
	struct frag_pool_params params = {
		.name = "procs",
		.size = SIZE,
		.frag_size = FRAG,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	struct inv_pool *p = &ctl->pool;
	int rc;

	p->size = SIZE;
	p->frag_size = FRAG;
	p->page_frags = 62;
	p->len = (size_t)SIZE * FRAG;
	memset(p->mem, 0, p->len);
	p->fp = frag_pool_create(&params);
	INV_NEED(p->fp != NULL, "frag_pool_create: %s", rte_strerror(rte_errno));
	rc = frag_pool_add_chunk(p->fp, p->mem, p->len, 0, SIZE, NULL, NULL);
	INV_NEED(rc == SIZE, "chunk: %d", rc);
}

static void
end_pool(void)
{
	struct inv_pool *p = &ctl->pool;

	INV_CHECK(frag_pool_count(p->fp) == SIZE, "I3: count %u of %u", frag_pool_count(p->fp),
			SIZE);
	inv_pool_check(p->fp, "at the end");
	frag_pool_destroy(p->fp);
	p->fp = NULL;
}

/* I2: the primary's fragments, in the primary's caches, taken by the secondary; and back. */
static void
strand(const struct inv_config *cfg, uint32_t request)
{
	struct inv_pool *p = &ctl->pool;
	static void *frags[SIZE];
	uint32_t i, have, n;
	int rc;

	snprintf(inv_what, sizeof(inv_what), "%s, gets of %u", inv_config_name(cfg), request);
	make_pool(cfg);
	/* the primary has all, in its caches and pages */
	rc = frag_pool_get(p->fp, frags, SIZE);
	INV_CHECK(rc == 0, "get of all: %d", rc);
	for (i = 0; i < SIZE; i++)
		frag_pool_put(p->fp, &frags[i], 1);
	/* and sleeps, that is, does nothing with the pool */
	for (have = 0; have < SIZE; have += n) {
		n = RTE_MIN(request, SIZE - have);
		ctl->n = n;
		ask(ORDER_GET);
		if (!INV_CHECK(ctl->rc == 0,
				    "I2: the secondary's get of %u with %u of %u taken: %d", n,
				    have, SIZE, ctl->rc))
			return;
		inv_own_bulk(ctl->frags, n, 2);
		memcpy(&frags[have], ctl->frags, n * sizeof(void *));
	}
	rc = frag_pool_get(p->fp, ctl->frags, 1);
	INV_CHECK(rc == -ENOBUFS && frag_pool_count(p->fp) == 0,
			"more than there are: %d, count %u", rc, frag_pool_count(p->fp));
	/* the other way round */
	inv_disown_bulk(frags, SIZE, 2);
	memcpy(ctl->frags, frags, sizeof(frags));
	ctl->n = SIZE;
	ask(ORDER_PUT);
	INV_CHECK(ctl->rc == 0, "the secondary's put: %d", ctl->rc);
	for (have = 0; have < SIZE; have += n) {
		n = RTE_MIN(request, SIZE - have);
		rc = frag_pool_get(p->fp, &frags[have], n);
		if (!INV_CHECK(rc == 0, "I2: the primary's get of %u with %u of %u taken: %d", n,
				    have, SIZE, rc))
			return;
		inv_own_bulk(&frags[have], n, 1);
	}
	inv_disown_bulk(frags, SIZE, 1);
	frag_pool_put(p->fp, frags, SIZE);
	/* I10 */
	ask(ORDER_LOOK);
	INV_CHECK(ctl->count == SIZE && ctl->check == 0 && ctl->slots >= 2 &&
					ctl->whole == (SIZE + 61) / 62,
			"I10: the secondary sees count %u, check %d, %u slots, "
			"%u whole pages",
			ctl->count, ctl->check, ctl->slots, ctl->whole);
	end_pool();
}

struct primary {
	atomic_bool stop;
};

static void *
primary_thread(void *arg, unsigned int i)
{
	struct primary *pr = arg;
	atomic_uint moving;

	traffic(10 + i, 10 + i, &pr->stop, &moving);
	return NULL;
}

static void
together(const struct inv_config *cfg, double seconds)
{
	struct inv_threads threads;
	struct primary pr;
	double end;

	snprintf(inv_what, sizeof(inv_what), "together, %s", inv_config_name(cfg));
	make_pool(cfg);
	atomic_init(&pr.stop, false);
	atomic_store(&ctl->stop, false);
	atomic_store(&ctl->calls, 0);
	ctl->me = 5;
	tell(ORDER_TRAFFIC);
	inv_threads_start(&threads, 2, primary_thread, &pr);
	end = inv_now() + seconds;
	while (inv_now() < end)
		usleep(1000);
	atomic_store(&ctl->stop, true);
	atomic_store(&pr.stop, true);
	inv_threads_join(&threads);
	while (atomic_load(&ctl->done) == 0)
		usleep(100);
	printf("%-50s %8" PRIu64 " calls\n", inv_what, (uint64_t)ctl->calls);
	end_pool();
}

/* A secondary dies in the middle of traffic. */
static uint32_t
kill_one(uint32_t nr)
{
	uint32_t i, held = 0, taken = 0, moving, missing, count;
	struct inv_config cfg = inv_config(nr % INV_CONFIGS);
	struct inv_threads threads;
	static void *frags[SIZE];
	struct frag_pool_stats st;
	struct primary pr;
	struct inv_rng rng;
	int status;
	pid_t pid;

	inv_rng_init(&rng, 90 + nr);
	snprintf(inv_what, sizeof(inv_what), "secondary killed, %s", inv_config_name(&cfg));
	make_pool(&cfg);
	atomic_init(&pr.stop, false);
	atomic_store(&ctl->stop, false);
	pid = start_secondary();
	ctl->me = 5;
	tell(ORDER_TRAFFIC);
	inv_threads_start(&threads, 2, primary_thread, &pr);
	while (atomic_load(&ctl->ready) == 0)
		sched_yield();
	usleep(inv_below(&rng, 5000));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	INV_CHECK(WIFSIGNALED(status), "the secondary ended with %#x", status);
	moving = atomic_load(&ctl->moving);
	/* the others go on */
	usleep(2000);
	atomic_store(&pr.stop, true);
	inv_threads_join(&threads);
	for (i = 0; i < SIZE; i++)
		held += *(uint64_t *)inv_frag(&ctl->pool, i) != INV_FREE;
	while (taken < SIZE && frag_pool_get(ctl->pool.fp, &frags[taken], 1) == 0)
		inv_own(frags[taken++], 1);
	inv_disown_bulk(frags, taken, 1);
	frag_pool_put(ctl->pool.fp, frags, taken);
	frag_pool_trim(ctl->pool.fp, false);
	count = frag_pool_count(ctl->pool.fp);
	frag_pool_get_stats(ctl->pool.fp, &st);
	missing = SIZE - taken - held;
	INV_CHECK(st.corrupt == 0, "%" PRIu64 " corrupt after a death", st.corrupt);
	INV_CHECK(taken + held <= SIZE && missing <= moving + INV_STEP(SIZE) && count == taken &&
					st.lost <= moving + INV_STEP(SIZE),
			"I5: count %u, %u taken, the dead held %u and was moving %u: "
			"%u missing, %u lost",
			count, taken, held, moving, missing, st.lost);
	inv_pool_check(ctl->pool.fp, "after a death");
	frag_pool_destroy(ctl->pool.fp);
	return moving != 0;
}

/* Through rte_mempool, with its caches: the same lcore ids in both processes. */
static void
through_mempool(void)
{
	int rc;

	if (inv_plugin == NULL)
		return;
	snprintf(inv_what, sizeof(inv_what), "through rte_mempool");
	ctl->mp = rte_mempool_create_empty("procs", 3000, 64, 0, 0, SOCKET_ID_ANY, 0);
	INV_NEED(ctl->mp != NULL, "%s", rte_strerror(rte_errno));
	rc = rte_mempool_set_ops_byname(ctl->mp, PAGE_POOL_OPS_NAME, NULL);
	INV_NEED(rc == 0, "%d", rc);
	rc = rte_mempool_populate_default(ctl->mp);
	INV_NEED(rc == 3000, "%d", rc);
}

/* The work, in a process of its own, so that its memory is free when all is given back. */
static void
primary(int argc, char **argv)
{
	static const uint32_t requests[] = { 1, 32, SIZE };
	const struct rte_memzone *mz, *frags;
	uint32_t i, k, kills, inside = 0;
	struct inv_config cfg;
	const char *s;
	int status;
	pid_t pid;

	inv_huge = true;
	inv_start(argc, argv, "I10 many processes; I2, I5 between them", 20);
	mz = rte_memzone_reserve("inv_control", sizeof(*ctl), SOCKET_ID_ANY, 0);
	frags = rte_memzone_reserve("inv_frags", (size_t)SIZE * FRAG, SOCKET_ID_ANY, 0);
	INV_NEED(mz != NULL && frags != NULL, "memzones: %s", rte_strerror(rte_errno));
	ctl = mz->addr;
	memset(ctl, 0, sizeof(*ctl));
	ctl->pool.mem = frags->addr;
	ctl->seed = inv_seed();
	s = inv_arg("kills");
	kills = s != NULL ? (uint32_t)atoi(s) : 12;
	through_mempool();
	pid = start_secondary();
	printf("the library is at %#lx here and at %#lx there; lcore %u here, %u there\n",
			(unsigned long)(uintptr_t)frag_pool_get, (unsigned long)ctl->fn,
			rte_lcore_id(), ctl->lcore);
	INV_CHECK(ctl->lcore == rte_lcore_id(), "other lcore ids");
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		inv_watchdog(20);
		for (k = 0; k < RTE_DIM(requests); k++)
			strand(&cfg, requests[k]);
		together(&cfg, 0.4);
	}
	tell(ORDER_END);
	waitpid(pid, &status, 0);
	INV_CHECK(status == 0 && atomic_load(&ctl->failures) == 0, "the secondary ended with %#x",
			status);
	if (ctl->mp != NULL) {
		INV_CHECK(page_pool_mempool_check(ctl->mp, stderr) == 0, "checker");
		rte_mempool_free(ctl->mp);
		ctl->mp = NULL;
	}
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_ERR);
	for (i = 0; i < kills && inv_failures() == 0; i++) {
		inv_watchdog(20);
		inside += kill_one(i);
	}
	printf("%u secondaries killed, %u of them inside of a call\n", i, inside);
	inv_exit();
}

int
main(int argc, char **argv)
{
	int status = 0, i;
	pid_t pid;

	for (i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--role") == 0) {
			inv_start(argc, argv, "", 60);
			secondary();
		}
	if (!inv_huge_get(PAGES_NEEDED)) {
		inv_huge_give_back();
		printf("inv_procs: I10: no hugepages, and EAL shares no other memory with "
		       "secondaries\n");
		return INV_SKIP;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		primary(argc, argv);
	waitpid(pid, &status, 0);
	inv_huge_remove_files("inv_procs", pid);
	inv_huge_give_back();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
