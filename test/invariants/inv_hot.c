/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I6 Hot: the working set is the peak in flight, and after a burst it shrinks back.
 *
 * Either the pool is fresh, or all of it is taken and given back first, in order and in random
 * order, by one thread or by another. Then a steady stream runs, in which no more than W
 * fragments are in flight: in one
 * thread, and from a producer to a consumer. The number of different fragments that it touches is
 * counted: it must be about W and what caches hold, not the pool.
 */

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "inv_common.h"

#define SIZE 20000
#define BURST 32
#define WINDOW 256
#define ROUNDS 4000
#define WARM_UP 1500

struct hot {
	struct inv_pool pool;
	struct inv_rng rng;
	bool random;
	void *frags[SIZE];
	uint8_t seen[SIZE];
	uint32_t distinct;
	/* from producer to consumer */
	void *ring[WINDOW][BURST];
	atomic_uint head, tail;
};

static struct hot h;

static void
see(struct hot *hot, void **frags, uint32_t n)
{
	uint32_t i, k;

	for (i = 0; i < n; i++) {
		k = inv_index(&hot->pool, frags[i]);
		hot->distinct += hot->seen[k] == 0;
		hot->seen[k] = 1;
	}
}

static void
take_all(void *arg)
{
	struct hot *hot = arg;
	uint32_t i;
	int rc;

	for (i = 0; i < SIZE; i += 500) {
		rc = frag_pool_get(hot->pool.fp, &hot->frags[i], 500);
		INV_CHECK(rc == 0, "get: %d", rc);
	}
	if (hot->random)
		inv_shuffle(&hot->rng, hot->frags, SIZE);
}

static void
give_all(void *arg)
{
	struct hot *hot = arg;
	uint32_t i;

	for (i = 0; i < SIZE; i += BURST)
		frag_pool_put(hot->pool.fp, &hot->frags[i], RTE_MIN(BURST, SIZE - i));
}

static void
alone(void *arg)
{
	struct hot *hot = arg;
	void *held[WINDOW];
	uint32_t i, at = 0;
	int rc;

	for (i = 0; i < WINDOW; i += BURST)
		frag_pool_get(hot->pool.fp, &held[i], BURST);
	for (i = 0; i < ROUNDS; i++) {
		/* the oldest go, others come */
		frag_pool_put(hot->pool.fp, &held[at], BURST);
		rc = frag_pool_get(hot->pool.fp, &held[at], BURST);
		INV_CHECK(rc == 0, "get: %d", rc);
		if (i >= WARM_UP)
			see(hot, &held[at], BURST);
		at = (at + BURST) % WINDOW;
	}
	frag_pool_put(hot->pool.fp, held, WINDOW);
}

static void *
consumer(void *arg, unsigned int i)
{
	struct hot *hot = arg;
	uint32_t n;

	(void)i;
	for (n = 0; n < ROUNDS; n++) {
		while (atomic_load_explicit(&hot->head, memory_order_acquire) == n)
			sched_yield();
		frag_pool_put(hot->pool.fp, hot->ring[n % WINDOW], BURST);
		atomic_store_explicit(&hot->tail, n + 1, memory_order_release);
	}
	return NULL;
}

static void
producer(void *arg)
{
	struct hot *hot = arg;
	uint32_t n;
	int rc;

	for (n = 0; n < ROUNDS; n++) {
		/* no more than WINDOW fragments on the way */
		while (n - atomic_load_explicit(&hot->tail, memory_order_acquire) >= WINDOW / BURST)
			sched_yield();
		rc = frag_pool_get(hot->pool.fp, hot->ring[n % WINDOW], BURST);
		INV_CHECK(rc == 0, "get: %d", rc);
		if (n >= WARM_UP)
			see(hot, hot->ring[n % WINDOW], BURST);
		atomic_store_explicit(&hot->head, n + 1, memory_order_release);
	}
}

static void
run(const struct inv_config *cfg, bool burst, bool random, bool pair, bool other_gives)
{
	struct inv_puppet worker, other;
	struct inv_threads threads;
	uint32_t bound;

	memset(&h, 0, sizeof(h));
	h.random = random;
	inv_rng_init(&h.rng, 11);
	snprintf(inv_what, sizeof(inv_what), "%s, %s, %s%s%s", inv_config_name(cfg),
			pair ? "pair" : "alone", burst ? "after a burst" : "fresh pool",
			!burst                 ? "" :
					random ? ", random order" :
						 ", same order",
			!burst                      ? "" :
					other_gives ? ", by another" :
						      ", by itself");
	inv_pool_make(&h.pool, cfg, SIZE, 64, 0);
	inv_puppet_start(&worker);
	inv_puppet_start(&other);
	if (burst) {
		inv_puppet_run(&worker, take_all, &h);
		inv_puppet_run(other_gives ? &other : &worker, give_all, &h);
	}
	if (pair) {
		inv_threads_start(&threads, 1, consumer, &h);
		inv_puppet_run(&worker, producer, &h);
		inv_threads_join(&threads);
	} else {
		inv_puppet_run(&worker, alone, &h);
	}
	/* in flight, and a few pages that are open or on their way; not the caches, whose cold ends
	 * nobody touches
	 */
	bound = WINDOW + BURST + 6 * 62;
	printf("%-76s %5u of %u\n", inv_what, h.distinct, SIZE);
	INV_CHECK(h.distinct <= bound,
			"I6: %u different fragments with at most %u "
			"in flight",
			h.distinct, WINDOW);
	inv_puppet_end(&worker);
	inv_puppet_end(&other);
	inv_pool_end(&h.pool);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	unsigned int i, k;

	inv_start(argc, argv, "I6 hot: the working set is the peak in flight", 5);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		/* every mode, but not every way with each */
		for (k = i < 4 ? 0 : i % 2; k < 8; k += i < 4 ? 1 : 2)
			run(&cfg, true, k & 1, k & 2, k & 4);
		run(&cfg, false, false, false, false);
		run(&cfg, false, false, true, false);
	}
	inv_exit();
}
