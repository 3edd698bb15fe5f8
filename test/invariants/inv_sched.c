/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1, I2, I3 under a scheduler of our own: preemption between any two instructions.
 *
 * Some processes share a tiny pool, so that nearly every call meets pages, lists and other slots.
 * Each runs its calls under the processor's trap flag; one has the turn, and after a random number
 * of instructions passes it on to a random other. The kernel would preempt a thread inside of a
 * call once in millions of calls; here each call is preempted many times. (Stores are seen in
 * order here: the traps see to that. What weaker orders do is the model's business.)
 *
 *   I1  ownership words, as in inv_once;
 *   I2  each process may hold so many that all together hold the pool at most: no get may fail;
 *   I3  each process always holds one at least: a count above size - processes is above the truth.
 *
 * Only on x86-64.
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <linux/futex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>

#include "inv_common.h"

#ifdef __x86_64__

#define PLAYERS 3
#define CALLS 60
#define SIZE_MAX_ 400

struct game {
	struct inv_pool pool;
	struct inv_config cfg;
	uint32_t limit[PLAYERS];
	bool trims;
	/* written by who has the turn */
	atomic_uint turn;
	uint32_t budget;
	struct inv_rng rng;
	uint64_t steps;
	uint64_t switches;
	uint64_t calls;
	atomic_uint done; /* bits */
	atomic_uint failures;
	uint32_t last[PLAYERS]; /* what each does */
};

static struct game *game;
static unsigned int me;

static void
wait_for_turn(void)
{
	uint32_t turn;

	while ((turn = atomic_load(&game->turn)) != me)
		syscall(SYS_futex, &game->turn, FUTEX_WAIT, turn, NULL, NULL, 0);
}

/* Somebody who is not done goes on; it may be the caller. */
static void
pass_turn(void)
{
	uint32_t next = inv_below(&game->rng, PLAYERS), i;

	for (i = 0; i < PLAYERS && (atomic_load(&game->done) & (1u << next)) != 0; i++)
		next = (next + 1) % PLAYERS;
	/* a few instructions, or a few hundred, or nearly a whole call */
	game->budget = 1 + inv_below(&game->rng, 1u << (1 + inv_below(&game->rng, 10)));
	if (next == me)
		return;
	game->switches++;
	atomic_store(&game->turn, next);
	syscall(SYS_futex, &game->turn, FUTEX_WAKE, PLAYERS, NULL, NULL, 0);
}

static void
trapped(int sig)
{
	(void)sig;
	game->steps++;
	if (--game->budget > 0)
		return;
	pass_turn();
	wait_for_turn();
}

static void
player(unsigned int nr, uint32_t stream)
{
	uint32_t n, held_n = 0, call, size = game->pool.size, limit = game->limit[nr], count;
	struct sigaction sa = { .sa_handler = trapped };
	struct frag_pool *fp = game->pool.fp;
	void *held[SIZE_MAX_];
	struct inv_rng rng;
	int rc;

	me = nr;
	inv_quiet = false;
	sigaction(SIGTRAP, &sa, NULL);
	inv_rng_init(&rng, stream * PLAYERS + nr);
	wait_for_turn();
	for (call = 0; call < CALLS; call++) {
		game->calls++;
		n = inv_burst(&rng, limit);
		switch (held_n == 0 ? 10 : inv_below(&rng, 16)) {
		case 0:
			if (!game->trims)
				break;
			game->last[nr] = 1;
			TRAPS_ON();
			frag_pool_trim(fp, inv_below(&rng, 2));
			TRAPS_OFF();
			break;
		case 1:
		case 2:
			game->last[nr] = 2;
			TRAPS_ON();
			count = frag_pool_count(fp);
			TRAPS_OFF();
			/* whoever is inside of its first get holds nothing yet */
			if ((atomic_load(&game->done) & 0xff00u << 0) == 0xff00u)
				INV_CHECK(count <= size - PLAYERS,
						"I3: count %u, at most %u are "
						"free",
						count, size - PLAYERS);
			break;
		case 3 ... 8:
			if (held_n < 2)
				break;
			n = 1 + n % (held_n - 1);
			if (inv_below(&rng, 2) == 0)
				inv_shuffle(&rng, held, held_n);
			inv_disown_bulk(&held[held_n - n], n, nr + 1);
			held_n -= n;
			game->last[nr] = 3;
			TRAPS_ON();
			rc = frag_pool_put(fp, &held[held_n], n);
			TRAPS_OFF();
			INV_CHECK(rc == 0, "put of %u: %d", n, rc);
			break;
		default:
			if (held_n + n > limit)
				n = limit - held_n;
			if (n == 0)
				break;
			game->last[nr] = 4;
			TRAPS_ON();
			rc = frag_pool_get(fp, &held[held_n], n);
			TRAPS_OFF();
			if (!INV_CHECK(rc == 0,
					    "I2: get of %u, holding %u of at most %u (all hold "
					    "%u at most): %d",
					    n, held_n, limit, size, rc))
				break;
			inv_own_bulk(&held[held_n], n, nr + 1);
			held_n += n;
			/* bit 8 + nr: holds one from now on */
			atomic_fetch_or(&game->done, 0x100u << nr);
			if ((atomic_load(&game->done) & 0xff00u) == 0x100u * ((1u << PLAYERS) - 1))
				atomic_fetch_or(&game->done, 0xff00u);
			break;
		}
	}
	/* the first to end ends the rule that everybody holds one */
	atomic_fetch_and(&game->done, ~0xff00u);
	atomic_fetch_or(&game->done, 0x10000u);
	inv_disown_bulk(held, held_n, nr + 1);
	game->last[nr] = 5;
	TRAPS_ON();
	rc = frag_pool_put(fp, held, held_n);
	TRAPS_OFF();
	INV_CHECK(rc == 0, "last put: %d", rc);
	atomic_fetch_add(&game->failures, inv_failures());
	atomic_fetch_or(&game->done, 1u << nr);
	pass_turn();
	_exit(0);
}

static uint64_t steps, switches, calls;

static void
play(uint32_t nr)
{
	static const uint32_t page_frags[] = { 0, 1, 2, 3, 7 };
	struct inv_rng rng;
	double patience;
	pid_t pid[PLAYERS];
	unsigned int i, left;
	int status;
	uint32_t size, pf;

	memset(game, 0, sizeof(*game));
	inv_rng_init(&rng, 40000 + nr);
	game->cfg = inv_config(inv_below(&rng, INV_CONFIGS));
	pf = page_frags[inv_below(&rng, 5)];
	size = PLAYERS * 2 + inv_below(&rng, pf == 0 ? 150 : 40);
	game->trims = inv_below(&rng, 2);
	snprintf(inv_what, sizeof(inv_what), "game %u: %u fragments, %u per page, %s%s", nr, size,
			pf == 0 ? 62 : pf, inv_config_name(&game->cfg),
			game->trims ? ", trims" : "");
	inv_pool_make(&game->pool, &game->cfg, size, 64, pf);
	for (i = 0; i < size; i++)
		game->limit[i % PLAYERS]++;
	game->budget = 1;
	game->rng = rng;
	atomic_store(&game->turn, PLAYERS);
	fflush(NULL);
	for (i = 0; i < PLAYERS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			player(i, 50000 + nr);
		INV_NEED(pid[i] > 0, "fork: %s", strerror(errno));
	}
	me = PLAYERS;
	pass_turn();
	patience = inv_now() + 30;
	for (left = PLAYERS; left > 0;) {
		for (i = 0; i < PLAYERS; i++) {
			if (pid[i] == 0 || waitpid(pid[i], &status, WNOHANG) == 0)
				continue;
			INV_CHECK(status == 0, "process %u ended with %#x", i, status);
			pid[i] = 0;
			left--;
		}
		if (left > 0 &&
				!INV_CHECK(inv_now() < patience,
						"no end in sight: turn %u, doing %u "
						"%u %u",
						atomic_load(&game->turn), game->last[0],
						game->last[1], game->last[2]))
			inv_exit();
		usleep(100);
	}
	INV_CHECK(atomic_load(&game->failures) == 0, "%u failures in the processes",
			atomic_load(&game->failures));
	steps += game->steps;
	switches += game->switches;
	calls += game->calls;
	inv_pool_end(&game->pool);
}

int
main(int argc, char **argv)
{
	const char *only;
	uint32_t nr;
	double end;

	inv_start(argc, argv, "I1, I2, I3: preempted between any two instructions", 8);
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_ERR);
	game = inv_shared_alloc(sizeof(*game));
	only = inv_arg("game");
	if (only != NULL) {
		play((uint32_t)atoi(only));
	} else {
		end = inv_now() + inv_seconds;
		for (nr = 0; inv_now() < end && inv_failures() == 0; nr++)
			play(nr);
		printf("%u games, ", nr);
	}
	printf("%" PRIu64 " calls, %" PRIu64 " instructions, %" PRIu64 " preemptions\n", calls,
			steps, switches);
	inv_exit();
}

#else

int
main(void)
{
	printf("inv_sched: I1: no trap flag known for this processor\n");
	return INV_SKIP;
}

#endif
