/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I5 Anyone: any thread may take and give.
 *
 *   - lcores, registered and unregistered threads, at the same time;
 *   - more threads than there are ids, one after the other: ids are used again, and what a thread
 *     that ended left in its slot is there for others;
 *   - more at once than there are ids: those without one share slots;
 *   - after fork(): a child that does nothing but end, in any way, changes nothing for its parent;
 *     one that uses the pool, in memory that it shares, is a thread like any other;
 *   - a thread that uses several pools, in turn, and one after the other in the same memory, gets
 *     each one's fragments; and what is no pool, whatever stands there, is refused.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mempool.h>

#include "page_pool_mempool.h"

#include "inv_common.h"

#define HOLD 200

struct crowd {
	struct inv_pool pool;
	uint32_t calls;
	bool keep; /* leave the cache full */
	pthread_barrier_t barrier;
	atomic_uint failed;
	atomic_uint registered;
};

static void
traffic(struct inv_pool *pool, uint64_t me, uint32_t calls, uint32_t hold)
{
	uint32_t i, n, nr = 0;
	struct inv_rng rng;
	void *held[HOLD];
	int rc;

	inv_rng_init(&rng, 20000 + me);
	for (i = 0; i < calls; i++) {
		n = inv_burst(&rng, hold);
		if (nr + n <= hold) {
			rc = frag_pool_get(pool->fp, &held[nr], n);
			if (rc != 0)
				continue;
			inv_own_bulk(&held[nr], n, me);
			nr += n;
		} else {
			n = RTE_MIN(n, nr);
			inv_shuffle(&rng, held, nr);
			nr -= n;
			inv_disown_bulk(&held[nr], n, me);
			rc = frag_pool_put(pool->fp, &held[nr], n);
			INV_CHECK(rc == 0, "put: %d", rc);
		}
	}
	inv_disown_bulk(held, nr, me);
	frag_pool_put(pool->fp, held, nr);
}

static void *
any_thread(void *arg, unsigned int i)
{
	struct crowd *c = arg;

	if (i % 2 == 0 && rte_thread_register() == 0)
		atomic_fetch_add(&c->registered, 1);
	traffic(&c->pool, i + 1, c->calls, HOLD);
	if (i % 4 == 0 && rte_lcore_id() != LCORE_ID_ANY)
		rte_thread_unregister();
	return NULL;
}

static int
any_lcore(void *arg)
{
	struct crowd *c = arg;

	traffic(&c->pool, 100 + rte_lcore_id(), c->calls, HOLD);
	return 0;
}

static void
all_kinds(const struct inv_config *cfg)
{
	struct inv_threads threads;
	static struct crowd c;

	memset(&c, 0, sizeof(c));
	snprintf(inv_what, sizeof(inv_what), "all kinds of threads, %s", inv_config_name(cfg));
	inv_pool_make(&c.pool, cfg, 1500, 64, 0);
	c.calls = 2000;
	inv_threads_start(&threads, 6, any_thread, &c);
	rte_eal_remote_launch(any_lcore, &c, 1);
	any_lcore(&c);
	rte_eal_mp_wait_lcore();
	inv_threads_join(&threads);
	INV_CHECK(atomic_load(&c.registered) == 3, "%u of 3 threads registered: %s",
			atomic_load(&c.registered), rte_strerror(rte_errno));
	inv_pool_end(&c.pool);
}

static void *
short_life(void *arg, unsigned int i)
{
	struct crowd *c = arg;
	void *frags[50];
	int rc;

	(void)i;
	rc = frag_pool_get(c->pool.fp, frags, 50);
	INV_CHECK(rc == 0, "get of 50, all others gave theirs back: %d", rc);
	if (rc != 0)
		return NULL;
	inv_own_bulk(frags, 50, 9);
	inv_disown_bulk(frags, 50, 9);
	frag_pool_put(c->pool.fp, frags, 50);
	return NULL;
}

static void
one_after_the_other(const struct inv_config *cfg, unsigned int lives)
{
	static struct crowd c;
	struct frag_pool_stats st;
	unsigned int i;

	memset(&c, 0, sizeof(c));
	snprintf(inv_what, sizeof(inv_what), "%u threads one after the other, %s", lives,
			inv_config_name(cfg));
	/* only just enough: what the dead left must be found */
	inv_pool_make(&c.pool, cfg, 80, 64, 0);
	for (i = 0; i < lives; i++)
		inv_in_thread(short_life, &c);
	frag_pool_get_stats(c.pool.fp, &st);
	INV_CHECK(st.slots <= 8, "ids are not used again: %u slots for one thread at a time",
			st.slots);
	inv_pool_end(&c.pool);
}

static void *
crowd_thread(void *arg, unsigned int i)
{
	struct crowd *c = arg;
	void *frag;
	int rc;

	/* everybody has one at the same time */
	rc = frag_pool_get(c->pool.fp, &frag, 1);
	INV_CHECK(rc == 0, "first get: %d", rc);
	inv_own(frag, i + 1);
	pthread_barrier_wait(&c->barrier);
	inv_disown(frag, i + 1, INV_FREE);
	frag_pool_put(c->pool.fp, &frag, 1);
	traffic(&c->pool, i + 1, c->calls, 20);
	pthread_barrier_wait(&c->barrier);
	return NULL;
}

static void
at_once(const struct inv_config *cfg, unsigned int crowd)
{
	struct inv_threads threads;
	static struct crowd c;
	struct frag_pool_slot_info *info = calloc(600, sizeof(*info));
	unsigned int n, i, shared, none, try;
	struct frag_pool_stats st;

	memset(&c, 0, sizeof(c));
	snprintf(inv_what, sizeof(inv_what), "%u threads at once, %s", crowd, inv_config_name(cfg));
	inv_pool_make(&c.pool, cfg, crowd * 3, 64, 0);
	pthread_barrier_init(&c.barrier, NULL, crowd);
	c.calls = 20;
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_ERR);
	inv_threads_start(&threads, crowd, crowd_thread, &c);
	inv_threads_join(&threads);
	frag_pool_get_stats(c.pool.fp, &st);
	/* a thread can be joined a little before the kernel, or an emulator, has ended it */
	for (try = 0; try < 5000; try++) {
		n = frag_pool_get_slots(c.pool.fp, info, 600);
		for (i = 0, shared = 0, none = 0; i < n; i++) {
			shared += info[i].pid == 0 && info[i].gets > 0;
			none += info[i].pid != 0 && info[i].alive;
		}
		if (none == 0)
			break;
		usleep(1000);
	}
	INV_CHECK(st.slots <= 511 && st.slots >= 500, "%u slots for %u threads", st.slots, crowd);
	INV_CHECK(shared > 0, "nobody used a shared slot");
	INV_CHECK(none == 0, "%u owners alive of threads that ended", none);
	inv_pool_end(&c.pool);
	free(info);
}

struct forked {
	struct inv_pool pool;
	atomic_bool stop;
};

static void *
fork_neighbour(void *arg, unsigned int i)
{
	struct forked *f = arg;

	while (!atomic_load(&f->stop))
		traffic(&f->pool, 50 + i, 20, 60);
	return NULL;
}

static void
forks(const struct inv_config *cfg, unsigned int children)
{
	struct inv_threads threads;
	static struct forked f;
	unsigned int i;
	pid_t pid;
	int status;

	memset(&f, 0, sizeof(f));
	snprintf(inv_what, sizeof(inv_what), "fork, %s", inv_config_name(cfg));
	inv_pool_make(&f.pool, cfg, 700, 64, 0);
	inv_threads_start(&threads, 2, fork_neighbour, &f);
	traffic(&f.pool, 40, 50, 60);
	fflush(NULL);
	for (i = 0; i < children; i++) {
		pid = fork();
		if (pid == 0) {
			switch (i % 3) {
			case 0:
				_exit(0);
			case 1:
				/* with everything that exit() calls */
				exit(0);
			default:
				traffic(&f.pool, 60 + i, 200, 60);
				_exit(inv_failures() != 0);
			}
		}
		INV_NEED(pid > 0, "fork: %s", strerror(errno));
		traffic(&f.pool, 41, 50, 60);
		waitpid(pid, &status, 0);
		INV_CHECK(status == 0, "child %u ended with %#x", i % 3, status);
	}
	atomic_store(&f.stop, true);
	inv_threads_join(&threads);
	inv_pool_end(&f.pool);
}

/* Get, and see that all came from this pool. */
static void
get_own(const struct inv_pool *pool, void **frags, uint32_t n)
{
	uint32_t i;

	INV_NEED(frag_pool_get(pool->fp, frags, n) == 0, "%u of %u", n, pool->size);
	for (i = 0; i < n; i++)
		INV_CHECK(inv_index(pool, frags[i]) < pool->size, "%p is another pool's", frags[i]);
}

static void
pools_in_turn(const struct inv_config *cfg)
{
	struct inv_pool pool[3];
	void *frags[3][40];
	unsigned int i, k, round;

	snprintf(inv_what, sizeof(inv_what), "pools in turn, %s", inv_config_name(cfg));
	for (i = 0; i < RTE_DIM(pool); i++)
		inv_pool_make(&pool[i], cfg, 200 + 100 * i, 64, 0);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < RTE_DIM(pool); i++)
			get_own(&pool[i], frags[i], 1 + 2 * round);
		for (i = 0; i < RTE_DIM(pool); i++)
			frag_pool_put(pool[i].fp, frags[i], 1 + 2 * round);
		/* another one, most likely where this one was, and the first that is used now */
		k = round % RTE_DIM(pool);
		inv_pool_end(&pool[k]);
		inv_pool_make(&pool[k], cfg, 200 + 10 * round, 64, 0);
		get_own(&pool[k], frags[k], 1);
		frag_pool_put(pool[k].fp, frags[k], 1);
	}
	for (i = 0; i < RTE_DIM(pool); i++)
		inv_pool_end(&pool[i]);
}

/* A handler may use any pool but the one that it interrupts. */
static struct inv_pool signalled;
static atomic_uint signals_seen;

static void
signal_uses_pool(int sig)
{
	void *frag;

	RTE_SET_USED(sig);
	if (frag_pool_get(signalled.fp, &frag, 1) == 0) {
		INV_CHECK(inv_index(&signalled, frag) < signalled.size, "%p is another pool's",
				frag);
		frag_pool_put(signalled.fp, &frag, 1);
	}
	atomic_fetch_add(&signals_seen, 1);
}

struct signaller {
	pthread_t to;
	atomic_bool stop;
};

static void *
signal_often(void *arg, unsigned int i)
{
	struct signaller *s = arg;

	RTE_SET_USED(i);
	while (!atomic_load(&s->stop))
		pthread_kill(s->to, SIGUSR1);
	return NULL;
}

static void
signal_handlers(const struct inv_config *cfg, double seconds)
{
	double end = inv_now() + seconds;
	struct inv_threads threads;
	struct inv_pool pool[2];
	struct signaller s;
	void *frags[2][8];
	unsigned int i;

	snprintf(inv_what, sizeof(inv_what), "signal handlers, %s", inv_config_name(cfg));
	inv_pool_make(&signalled, cfg, 100, 64, 0);
	for (i = 0; i < 2; i++)
		inv_pool_make(&pool[i], cfg, 200, 64, 0);
	/* each slot is made before a handler meets its pool */
	signal_uses_pool(0);
	s.to = pthread_self();
	atomic_init(&s.stop, false);
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = signal_uses_pool }, NULL);
	inv_threads_start(&threads, 1, signal_often, &s);
	while (inv_now() < end) {
		for (i = 0; i < 2; i++)
			get_own(&pool[i], frags[i], 8);
		for (i = 0; i < 2; i++)
			frag_pool_put(pool[i].fp, frags[i], 8);
	}
	atomic_store(&s.stop, true);
	inv_threads_join(&threads);
	signal(SIGUSR1, SIG_IGN);
	for (i = 0; i < 2; i++)
		inv_pool_end(&pool[i]);
	inv_pool_end(&signalled);
}

/* In a thread that has used no pool yet, and in one that has. */
static void *
no_pools(void *arg, unsigned int i)
{
	static const uint8_t fill[] = { 0x00, 0x53, 0xff };
	alignas(RTE_CACHE_LINE_MIN_SIZE) uint8_t memory[4 * RTE_CACHE_LINE_MIN_SIZE];
	struct rte_mempool mp = { .name = "no pool" };
	void *frag = NULL;

	RTE_SET_USED(i);
	if (arg != NULL) {
		get_own(arg, &frag, 1);
		frag_pool_put(((struct inv_pool *)arg)->fp, &frag, 1);
	}
	for (i = 0; i < RTE_DIM(fill); i++) {
		memset(memory, fill[i], sizeof(memory));
		mp.pool_data = memory;
		INV_CHECK(page_pool_mempool_dequeue(&mp, &frag, 1) == -EINVAL, "%#x", fill[i]);
		INV_CHECK(page_pool_mempool_enqueue(&mp, &frag, 1) == -EINVAL, "%#x", fill[i]);
		mp.pool_data = (void *)(uintptr_t)fill[i];
		INV_CHECK(page_pool_mempool_dequeue(&mp, &frag, 1) == -EINVAL, "%#x", fill[i]);
		INV_CHECK(page_pool_mempool_enqueue(&mp, &frag, 1) == -EINVAL, "%#x", fill[i]);
	}
	return NULL;
}

static void
nobodys_pools(const struct inv_config *cfg)
{
	struct inv_pool pool;

	snprintf(inv_what, sizeof(inv_what), "what is no pool, %s", inv_config_name(cfg));
	inv_in_thread(no_pools, NULL);
	inv_pool_make(&pool, cfg, 200, 64, 0);
	inv_in_thread(no_pools, &pool);
	inv_pool_end(&pool);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	unsigned int i;

	inv_start(argc, argv, "I5 anyone: lcores, threads of all kinds, ids used again, fork", 10);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		all_kinds(&cfg);
		one_after_the_other(&cfg, i == 0 ? 1200 : 60);
		forks(&cfg, 6);
		pools_in_turn(&cfg);
		nobodys_pools(&cfg);
		signal_handlers(&cfg, 0.05);
	}
	for (i = 0; i < INV_CONFIGS; i += 5) {
		cfg = inv_config(i);
		at_once(&cfg, 540);
	}
	printf("%u signals\n", atomic_load(&signals_seen));
	inv_exit();
}
