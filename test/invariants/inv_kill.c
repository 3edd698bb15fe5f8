/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I5 Anyone: processes are killed at random moments, in the middle of real traffic.
 *
 * Child processes, which share the pool's memory, take and give; one after the other is killed
 * (SIGKILL) and replaced, while two threads of the parent go on. After some deaths: nobody hangs;
 * nothing was handed out twice; the count is what can be taken; the checker is content; and what
 * is missing, besides what the dead had taken, is no more than they were just moving, and one page
 * for each of them.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>

#include "inv_common.h"

#define WORKERS 3
#define SURVIVORS 2
#define KILLS 20 /* in one pool */
#define HOLD 150
#define SIZE 1200

struct record {
	atomic_uint ready;
	atomic_uint moving; /* fragments its call is about */
	atomic_uint_fast64_t calls;
};

struct shared {
	struct record record[WORKERS + KILLS];
	atomic_uint failures;
};

struct arena {
	struct inv_pool pool;
	atomic_bool stop;
	atomic_uint_fast64_t calls;
};

static struct shared *sh;
static struct arena arena;
static uint64_t sum_kills, sum_inside, sum_missing, sum_lost, sum_calls, worst;

static void
traffic(uint64_t me, uint64_t stream, struct record *rec, const atomic_bool *stop)
{
	struct frag_pool *fp = arena.pool.fp;
	struct inv_rng rng;
	void *held[HOLD];
	uint32_t n, nr = 0;
	int rc;

	inv_rng_init(&rng, stream);
	while (!atomic_load_explicit(stop, memory_order_relaxed)) {
		n = inv_burst(&rng, HOLD);
		if (inv_below(&rng, 200) == 0) {
			frag_pool_trim(fp, inv_below(&rng, 2));
		} else if (nr + n <= HOLD) {
			atomic_store(&rec->moving, n);
			rc = frag_pool_get(fp, &held[nr], n);
			if (rc == 0) {
				inv_own_bulk(&held[nr], n, me);
				nr += n;
			}
		} else {
			n = RTE_MIN(n, nr);
			inv_shuffle(&rng, held, nr);
			nr -= n;
			atomic_store(&rec->moving, n);
			inv_disown_bulk(&held[nr], n, me);
			rc = frag_pool_put(fp, &held[nr], n);
			INV_CHECK(rc == 0, "put of %u: %d", n, rc);
		}
		atomic_store(&rec->moving, 0);
		atomic_fetch_add_explicit(&rec->calls, 1, memory_order_relaxed);
		/* its slot is made: from here on it may die */
		if (atomic_load_explicit(&rec->calls, memory_order_relaxed) == 2)
			atomic_store(&rec->ready, 1);
	}
	inv_disown_bulk(held, nr, me);
	frag_pool_put(fp, held, nr);
}

static void *
survivor(void *arg, unsigned int i)
{
	static struct record rec[SURVIVORS];

	(void)arg;
	memset(&rec[i], 0, sizeof(rec[i]));
	traffic(500 + i, 61000 + i, &rec[i], &arena.stop);
	atomic_fetch_add(&arena.calls, rec[i].calls);
	return NULL;
}

static pid_t
spawn(uint32_t nr, uint64_t stream)
{
	static const atomic_bool never;
	pid_t pid;

	memset(&sh->record[nr], 0, sizeof(sh->record[nr]));
	pid = fork();
	if (pid == 0) {
		/* it has no end of its own */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		traffic(nr + 1, stream, &sh->record[nr], &never);
		_exit(0);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	return pid;
}

static void
bury(pid_t pid, uint32_t nr)
{
	int status;

	while (atomic_load(&sh->record[nr].ready) == 0)
		sched_yield();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	INV_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
			"child ended with %#x: "
			"a failure of its own?",
			status);
	sum_kills++;
	sum_inside += atomic_load(&sh->record[nr].moving) != 0;
	sum_calls += sh->record[nr].calls;
}

static uint32_t
take_all(void **frags, uint64_t me)
{
	uint32_t n = 0;

	while (n < SIZE && frag_pool_get(arena.pool.fp, &frags[n], 1) == 0)
		inv_own(frags[n++], me);
	return n;
}

static void
life(uint32_t nr, const struct inv_config *cfg)
{
	uint32_t i, k, moving = 0, held = 0, count, taken, missing;
	struct inv_threads threads;
	struct frag_pool_stats st;
	static void *frags[SIZE];
	uint32_t worker[WORKERS];
	pid_t pid[WORKERS];
	struct inv_rng rng;

	inv_rng_init(&rng, 62000 + nr);
	snprintf(inv_what, sizeof(inv_what), "life %u, %s", nr, inv_config_name(cfg));
	memset(&arena, 0, sizeof(arena));
	inv_pool_make(&arena.pool, cfg, SIZE, 64, nr % 3 == 2 ? 7 : 0);
	fflush(NULL);
	/* children first, so that none inherits a thread in the middle of something */
	for (i = 0; i < WORKERS; i++) {
		worker[i] = i;
		pid[i] = spawn(i, 63000 + nr * 100 + i);
	}
	inv_threads_start(&threads, SURVIVORS, survivor, NULL);
	for (k = WORKERS; k < WORKERS + KILLS - WORKERS; k++) {
		inv_watchdog(5);
		i = inv_below(&rng, WORKERS);
		/* in the first calls, or when it has been at it for a while */
		if (inv_below(&rng, 2) == 0)
			usleep(inv_below(&rng, 3000));
		bury(pid[i], worker[i]);
		moving += atomic_load(&sh->record[worker[i]].moving);
		worker[i] = k;
		pid[i] = spawn(k, 63000 + nr * 100 + k);
	}
	for (i = 0; i < WORKERS; i++) {
		bury(pid[i], worker[i]);
		moving += atomic_load(&sh->record[worker[i]].moving);
	}
	atomic_store(&arena.stop, true);
	inv_threads_join(&threads);
	inv_watchdog(10);
	/* what the dead had, their words tell */
	for (i = 0; i < SIZE; i++)
		held += *(uint64_t *)inv_frag(&arena.pool, i) != INV_FREE;
	taken = take_all(frags, 600);
	INV_CHECK(frag_pool_count(arena.pool.fp) == 0, "I3: count is %u when nothing can be taken",
			frag_pool_count(arena.pool.fp));
	inv_disown_bulk(frags, taken, 600);
	frag_pool_put(arena.pool.fp, frags, taken);
	frag_pool_trim(arena.pool.fp, false);
	count = frag_pool_count(arena.pool.fp);
	inv_pool_check(arena.pool.fp, "after the deaths");
	taken = take_all(frags, 600);
	INV_CHECK(taken == count, "I3: count is %u, but %u could be taken", count, taken);
	frag_pool_get_stats(arena.pool.fp, &st);
	missing = SIZE - taken - held;
	INV_CHECK(st.corrupt == 0, "%" PRIu64 " corrupt after deaths", st.corrupt);
	INV_CHECK(taken + held <= SIZE, "I1: %u taken, but the dead hold %u", taken, held);
	INV_CHECK(missing <= moving + INV_STEP(SIZE) * KILLS &&
					st.lost <= moving + INV_STEP(SIZE) * KILLS,
			"I5: %u are missing, %u counted as lost; the dead were moving %u", missing,
			st.lost, moving);
	sum_missing += missing;
	sum_lost += st.lost;
	worst = RTE_MAX(worst, missing);
	inv_disown_bulk(frags, taken, 600);
	frag_pool_put(arena.pool.fp, frags, taken);
	/* the dead's go home, too: anybody may give them back */
	for (i = 0; i < SIZE; i++) {
		frags[0] = inv_frag(&arena.pool, i);
		if (*(uint64_t *)frags[0] == INV_FREE)
			continue;
		*(uint64_t *)frags[0] = INV_FREE;
		INV_CHECK(frag_pool_put(arena.pool.fp, frags, 1) == 0,
				"put of what a dead one "
				"had taken");
	}
	frag_pool_trim(arena.pool.fp, false);
	inv_pool_check(arena.pool.fp, "after the dead's came home");
	INV_CHECK(frag_pool_count(arena.pool.fp) + missing == SIZE,
			"I3: count is %u of %u, %u "
			"missing",
			frag_pool_count(arena.pool.fp), SIZE, missing);
	INV_CHECK(atomic_load(&arena.calls) > 0, "the survivors did nothing");
	sum_calls += arena.calls;
	frag_pool_destroy(arena.pool.fp);
	inv_shared_free(arena.pool.mem, arena.pool.len);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	uint32_t nr;
	double end;

	inv_start(argc, argv, "I5 anyone: killed at random moments, others go on", 10);
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_CRIT);
	sh = inv_shared_alloc(sizeof(*sh));
	end = inv_now() + inv_seconds;
	for (nr = 0; inv_now() < end && inv_failures() == 0; nr++) {
		cfg = inv_config(nr % INV_CONFIGS);
		life(nr, &cfg);
	}
	printf("%u pools, %" PRIu64 " kills, %" PRIu64 " of them inside of a call; %" PRIu64
	       " calls; %" PRIu64 " missing, %" PRIu64 " of them counted as lost, at most %" PRIu64
	       " in one pool\n",
			nr, sum_kills, sum_inside, sum_calls, sum_missing, sum_lost, worst);
	inv_exit();
}
