/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I2 No stranding: a get of n may fail only if at some instant during the call fewer than n
 * fragments were free, wherever they were.
 *
 * Places: each place where free fragments can lie (an owner's cache, the rest of pages it opened,
 * its ring, its direct cache of pages, a slot that threads without an id share) is emptied by
 * another thread while the owner sleeps, spins elsewhere, or has exited; by gets of 1, 32 and all.
 *
 * Rounds: several threads at once want more than half of what is free: in each round at least one
 * succeeds; the others' excuse is that one did.
 *
 * Near exhaustion: the threads' limits add up to the pool's size, so no get may fail; also while
 * another thread trims.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "inv_common.h"

/* Ids before those of the threads that use the pools: participants without a slot of theirs. */
#define BYSTANDERS 3

enum place { PLACE_CACHE, PLACE_STASH, PLACE_RING, PLACE_PAGES, PLACES };
enum state { STATE_SLEEPS, STATE_SPINS, STATE_EXITED, STATES };

static const char *const place_names[PLACES] = { "cache", "stash", "ring", "page cache" };
static const char *const state_names[STATES] = { "sleeps", "spins", "exited" };

struct hand {
	struct inv_pool *pool;
	void **frags;
	uint32_t n;
	int rc;
	atomic_bool spin;
};

static void
do_get(void *arg)
{
	struct hand *h = arg;

	h->rc = frag_pool_get(h->pool->fp, h->frags, h->n);
}

static void
do_put(void *arg)
{
	struct hand *h = arg;

	h->rc = frag_pool_put(h->pool->fp, h->frags, h->n);
}

/* One by one, as a program does that knows no bursts. */
static void
do_put_each(void *arg)
{
	struct hand *h = arg;
	uint32_t i;

	for (i = 0; i < h->n; i++)
		h->rc |= frag_pool_put(h->pool->fp, &h->frags[i], 1);
}

static void
do_spin(void *arg)
{
	struct hand *h = arg;
	volatile uint64_t work = 0;

	while (atomic_load_explicit(&h->spin, memory_order_relaxed))
		work++;
}

struct spinner {
	struct inv_puppet *owner;
	struct hand *hand;
};

static void *
spin_thread(void *arg, unsigned int i)
{
	struct spinner *s = arg;

	(void)i;
	inv_puppet_run(s->owner, do_spin, s->hand);
	return NULL;
}

static void
strand(const struct inv_config *cfg, enum place place, enum state state, uint32_t request)
{
	/* ten pages, and not all of them full */
	uint32_t size = 10 * 62 - 7, total = size, i;
	struct inv_puppet owner, other;
	struct spinner spinner;
	struct inv_threads spin;
	struct hand h;
	struct inv_pool pool;
	void *frags[10 * 62];

	snprintf(inv_what, sizeof(inv_what), "%s, %s of an owner that %s, gets of %u",
			inv_config_name(cfg), place_names[place], state_names[state], request);
	inv_pool_make(&pool, cfg, size, 64, 0);
	inv_puppet_start(&owner);
	inv_puppet_start(&other);
	memset(&h, 0, sizeof(h));
	h.pool = &pool;
	h.frags = frags;
	switch (place) {
	case PLACE_CACHE: /* what others took and it freed */
		h.n = size;
		inv_puppet_run(&other, do_get, &h);
		INV_CHECK(h.rc == 0, "get of all: %d", h.rc);
		inv_puppet_run(&owner, do_put_each, &h);
		break;
	case PLACE_STASH: /* the rest of what it opened */
		h.n = 1;
		inv_puppet_run(&owner, do_get, &h);
		total -= 1;
		break;
	case PLACE_RING: /* its pages, freed by another, whose cache is full and then emptied */
		h.n = size;
		inv_puppet_run(&owner, do_get, &h);
		INV_CHECK(h.rc == 0, "get of all: %d", h.rc);
		inv_puppet_run(&other, do_put, &h);
		break;
	default: /* its own pages, freed by itself */
		h.n = size;
		inv_puppet_run(&owner, do_get, &h);
		INV_CHECK(h.rc == 0, "get of all: %d", h.rc);
		inv_puppet_run(&owner, do_put, &h);
		break;
	}
	INV_CHECK(frag_pool_count(pool.fp) == total, "count %u of %u", frag_pool_count(pool.fp),
			total);
	if (state == STATE_EXITED)
		inv_puppet_end(&owner);
	atomic_store(&h.spin, true);
	if (state == STATE_SPINS) {
		spinner.owner = &owner;
		spinner.hand = &h;
		inv_threads_start(&spin, 1, spin_thread, &spinner);
		while (!owner.busy)
			usleep(10);
	}
	frags[size - 1] = frags[0];
	if (place == PLACE_STASH) {
		void *keep = frags[0];

		inv_take_all(&pool, frags, total, request);
		frags[0] = keep;
		frag_pool_put(pool.fp, frags, 1);
	} else {
		inv_take_all(&pool, frags, total, request);
	}
	atomic_store(&h.spin, false);
	if (state == STATE_SPINS)
		inv_threads_join(&spin);
	if (state != STATE_EXITED)
		inv_puppet_end(&owner);
	inv_puppet_end(&other);
	for (i = 0; i < 2; i++)
		frag_pool_trim(pool.fp, false);
	inv_pool_end(&pool);
}

static void
strand_all(void)
{
	static const uint32_t requests[] = { 1, 32, UINT32_MAX };
	unsigned int c, place, state, r;
	struct inv_config cfg;

	for (c = 0; c < INV_CONFIGS; c++) {
		cfg = inv_config(c);
		for (place = 0; place < PLACES; place++)
			for (state = 0; state < STATES; state++)
				for (r = 0; r < RTE_DIM(requests); r++)
					strand(&cfg, place, state, requests[r]);
	}
	printf("%u places, owners and requests in %u configurations\n", PLACES * STATES * 3,
			INV_CONFIGS);
}

/* Threads that all want more than half. */
#define RIVALS 4

struct rounds {
	struct inv_pool pool;
	pthread_barrier_t barrier;
	double end;
	atomic_bool stop;
	uint32_t want[RIVALS];
	atomic_uint won;
	atomic_uint rounds;
	double slowest;
};

static void *
rival(void *arg, unsigned int i)
{
	struct rounds *r = arg;
	void **frags = calloc(r->pool.size, sizeof(*frags));
	struct inv_rng rng;
	double start;
	int rc;

	inv_rng_init(&rng, 500 + i);
	for (;;) {
		/* more than half, whatever the cache sizes are; sometimes all */
		r->want[i] = r->pool.size / 2 + 1 + inv_below(&rng, r->pool.size / 2);
		if (i == 0) {
			atomic_store(&r->won, 0);
			atomic_store(&r->stop, inv_now() >= r->end);
		}
		pthread_barrier_wait(&r->barrier);
		if (atomic_load(&r->stop))
			break;
		start = inv_now();
		rc = frag_pool_get(r->pool.fp, frags, r->want[i]);
		if (rc == 0) {
			inv_own_bulk(frags, r->want[i], i + 1);
			atomic_fetch_add(&r->won, 1);
		}
		start = inv_now() - start;
		pthread_barrier_wait(&r->barrier);
		if (i == 0) {
			INV_CHECK(atomic_load(&r->won) == 1, "%u of %u threads got more than half",
					atomic_load(&r->won), RIVALS);
			atomic_fetch_add(&r->rounds, 1);
			if (start > r->slowest)
				r->slowest = start;
		}
		if (rc == 0) {
			inv_disown_bulk(frags, r->want[i], i + 1);
			frag_pool_put(r->pool.fp, frags, r->want[i]);
		}
		/* spread what is free over all caches */
		pthread_barrier_wait(&r->barrier);
		rc = frag_pool_get(r->pool.fp, frags, r->pool.size / RIVALS);
		INV_CHECK(rc == 0, "get of a quarter by each of four: %d", rc);
		pthread_barrier_wait(&r->barrier);
		if (rc == 0)
			frag_pool_put(r->pool.fp, frags, r->pool.size / RIVALS);
		pthread_barrier_wait(&r->barrier);
	}
	free(frags);
	return NULL;
}

static void
rounds(const struct inv_config *cfg, uint32_t size, double seconds)
{
	struct inv_threads threads;
	static struct rounds r;

	memset(&r, 0, sizeof(r));
	snprintf(inv_what, sizeof(inv_what), "%s, rivals for %u fragments", inv_config_name(cfg),
			size);
	inv_pool_make(&r.pool, cfg, size, 64, 0);
	pthread_barrier_init(&r.barrier, NULL, RIVALS);
	r.end = inv_now() + seconds;
	inv_threads_start(&threads, RIVALS, rival, &r);
	inv_threads_join(&threads);
	printf("%-60s %6u rounds, slowest get %.1f ms\n", inv_what, atomic_load(&r.rounds),
			r.slowest * 1e3);
	inv_pool_end(&r.pool);
}

/* Demand equals supply. */
#define SHARERS 6

struct sharing {
	struct inv_pool pool;
	double end;
	uint32_t limit[SHARERS];
	bool trim;
	atomic_uint_fast64_t gets;
	atomic_uint_fast64_t fails;
};

static void *
sharer(void *arg, unsigned int i)
{
	struct sharing *s = arg;
	void **held = calloc(s->limit[i] + 1, sizeof(*held));
	uint32_t nr = 0, n, step = 0;
	struct inv_rng rng;
	int rc;

	inv_rng_init(&rng, 600 + i);
	while (++step % 16 != 0 || inv_now() < s->end) {
		n = inv_burst(&rng, s->limit[i]);
		if (nr + n <= s->limit[i]) {
			rc = frag_pool_get(s->pool.fp, held + nr, n);
			if (!INV_CHECK(rc == 0,
					    "get of %u, holding %u of at most %u: %d (count is "
					    "%u now)",
					    n, nr, s->limit[i], rc, frag_pool_count(s->pool.fp))) {
				atomic_fetch_add(&s->fails, 1);
				continue;
			}
			atomic_fetch_add_explicit(&s->gets, 1, memory_order_relaxed);
			inv_own_bulk(held + nr, n, i + 1);
			nr += n;
		} else {
			n = RTE_MIN(n, nr);
			if (inv_below(&rng, 2) == 0)
				inv_shuffle(&rng, held, nr);
			inv_disown_bulk(held + nr - n, n, i + 1);
			rc = frag_pool_put(s->pool.fp, held + nr - n, n);
			INV_CHECK(rc == 0, "put of %u: %d", n, rc);
			nr -= n;
		}
	}
	inv_disown_bulk(held, nr, i + 1);
	frag_pool_put(s->pool.fp, held, nr);
	free(held);
	return NULL;
}

static void *
trimmer(void *arg, unsigned int i)
{
	struct sharing *s = arg;

	while (inv_now() < s->end) {
		frag_pool_trim(s->pool.fp, i % 2 != 0);
		usleep(100);
	}
	return NULL;
}

static void
sharing(const struct inv_config *cfg, uint32_t size, bool trim, double seconds)
{
	struct inv_threads threads, trimmers;
	struct frag_pool_stats st;
	static struct sharing s;
	uint32_t i;

	memset(&s, 0, sizeof(s));
	snprintf(inv_what, sizeof(inv_what), "%s, %u shared by %u%s", inv_config_name(cfg), size,
			SHARERS, trim ? " and trimmed" : "");
	inv_pool_make(&s.pool, cfg, size, 64, 0);
	for (i = 0; i < size; i++)
		s.limit[i % SHARERS]++;
	s.end = inv_now() + seconds;
	inv_threads_start(&threads, SHARERS, sharer, &s);
	if (trim)
		inv_threads_start(&trimmers, 1, trimmer, &s);
	inv_threads_join(&threads);
	if (trim)
		inv_threads_join(&trimmers);
	frag_pool_get_stats(s.pool.fp, &st);
	printf("%-60s %8" PRIu64 " gets %7" PRIu64 " reclaims\n", inv_what, (uint64_t)s.gets,
			st.reclaims);
	inv_pool_end(&s.pool);
}

/* Threads without an id: their slots are shared by all, and nothing may stay behind in them. */
#define CROWD 511

struct crowd {
	pthread_barrier_t barrier;
	struct inv_pool first;
	struct inv_pool *pool;
};

static void *
crowd_member(void *arg, unsigned int i)
{
	struct crowd *c = arg;
	void *frag;

	(void)i;
	/* becomes a participant, and stays one */
	if (frag_pool_get(c->first.fp, &frag, 1) == 0)
		frag_pool_put(c->first.fp, &frag, 1);
	pthread_barrier_wait(&c->barrier);
	pthread_barrier_wait(&c->barrier);
	return NULL;
}

static void
shared_slots(const struct inv_config *cfg)
{
	struct inv_puppet a, b;
	struct inv_threads threads;
	static struct crowd c;
	struct inv_pool pool;
	void *frags[200], *keep[3];
	struct hand h;
	uint32_t i;

	snprintf(inv_what, sizeof(inv_what), "%s, shared slots", inv_config_name(cfg));
	memset(&c, 0, sizeof(c));
	inv_pool_make(&c.first, cfg, 2000, 64, 0);
	inv_pool_make(&pool, cfg, 200, 64, 0);
	pthread_barrier_init(&c.barrier, NULL, CROWD + 1);
	inv_threads_start(&threads, CROWD, crowd_member, &c);
	pthread_barrier_wait(&c.barrier);
	inv_puppet_start(&a);
	inv_puppet_start(&b);
	memset(&h, 0, sizeof(h));
	h.pool = &pool;
	/* each takes a few: the rest of the page must not stay where one found it */
	for (i = 0; i < 3; i++) {
		h.frags = &keep[i];
		h.n = 1;
		inv_puppet_run(i % 2 != 0 ? &a : &b, do_get, &h);
		INV_CHECK(h.rc == 0, "get of 1: %d", h.rc);
	}
	h.frags = frags;
	h.n = 197;
	inv_puppet_run(&b, do_get, &h);
	INV_CHECK(h.rc == 0, "get of all 197: %d", h.rc);
	if (h.rc == 0)
		inv_puppet_run(&a, do_put, &h);
	/* a get that fails must leave everything in reach as well */
	h.frags = frags;
	h.n = 198;
	inv_puppet_run(&a, do_get, &h);
	INV_CHECK(h.rc == -ENOBUFS, "get of 198 of 197: %d", h.rc);
	h.n = 100;
	inv_puppet_run(&b, do_get, &h);
	INV_CHECK(h.rc == 0, "get of 100: %d", h.rc);
	h.frags = frags + 100;
	h.n = 97;
	inv_puppet_run(&a, do_get, &h);
	INV_CHECK(h.rc == 0, "get of the other 97: %d", h.rc);
	h.frags = frags;
	h.n = 197;
	inv_puppet_run(&b, do_put, &h);
	h.frags = keep;
	h.n = 3;
	inv_puppet_run(&a, do_put, &h);
	pthread_barrier_wait(&c.barrier);
	inv_threads_join(&threads);
	inv_puppet_end(&a);
	inv_puppet_end(&b);
	inv_pool_end(&pool);
	inv_pool_end(&c.first);
}

static void
nothing(void *arg)
{
	struct hand h = { .pool = arg };
	void *frag;

	if (frag_pool_get(h.pool->fp, &frag, 1) == 0)
		frag_pool_put(h.pool->fp, &frag, 1);
}

int
main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 97, 640, 5000 };
	struct inv_puppet bystander[BYSTANDERS];
	struct inv_config cfg;
	struct inv_pool other;
	unsigned int i;
	double part;

	inv_start(argc, argv, "I2 no stranding: a get fails only when fewer were free", 10);
	cfg = inv_config(0);
	snprintf(inv_what, sizeof(inv_what), "setting up");
	inv_pool_make(&other, &cfg, 100, 64, 0);
	for (i = 0; i < BYSTANDERS; i++) {
		inv_puppet_start(&bystander[i]);
		inv_puppet_run(&bystander[i], nothing, &other);
	}
	strand_all();
	part = inv_seconds / (INV_CONFIGS * 4);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		rounds(&cfg, sizes[i % 3], part);
		rounds(&cfg, sizes[(i + 1) % 3], part);
		sharing(&cfg, sizes[i % 2], false, part);
		sharing(&cfg, sizes[i % 2], true, part);
	}
	for (i = 0; i < INV_CONFIGS; i += 3) {
		cfg = inv_config(i);
		shared_slots(&cfg);
	}
	for (i = 0; i < BYSTANDERS; i++)
		inv_puppet_end(&bystander[i]);
	inv_pool_end(&other);
	inv_exit();
}
