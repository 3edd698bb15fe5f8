/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1, I2, I3, I6, I7, I8 for batches: free fragments that travel whole from a slot that only frees
 * to the slot that owns their pages.
 *
 * Used: from a producer to a consumer and back nearly everything travels in batches, and few
 * different fragments do; also after a burst that used up all batches, and with many producers.
 *
 * Lying: what lies in batches is counted, the checker is content, and anybody can take it, while
 * its owner sleeps, has exited, or was killed: by gets of 1, 32, more than a cache serves, all, and
 * in runs. A trim empties batches. What another slot's batches hold needs no reclaim.
 *
 * Misuse: foreign pointers among those that a slot that only frees passes on. Those from outside
 * of the pool's memory are never handed out.
 *
 * Forgetting: batches full of memory that vanishes; other memory, also too far apart for batches.
 *
 * The checker: sees what is wrong with batches.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>
#include <rte_malloc.h>

/* to see what lies in batches */
#include <frag_pool_private.h>

#include "inv_common.h"

#define SMALL 1300 /* batches of 30: all caches fill them */
#define BIG 16383  /* batches of 384 */
#define FRAG 64
#define BURST 32
#define LARGE 768 /* two batches in one put */
/* Where fragments are that are not in pages: small, since others look at it. */
#define WHO 7

/* ---- what the threads do */

struct hand {
	struct inv_pool *pool;
	void **frags;
	uint32_t n;
	uint32_t burst;
	uint32_t done; /* before a get failed */
	bool blind;    /* the memory is not there */
};

static void
do_get(void *arg)
{
	struct hand *h = arg;
	uint32_t i, n;

	for (i = 0; i < h->n; i += n) {
		n = RTE_MIN(h->burst, h->n - i);
		if (frag_pool_get(h->pool->fp, &h->frags[i], n) != 0)
			break;
		if (!h->blind)
			inv_own_bulk(&h->frags[i], n, WHO);
	}
	h->done = i;
}

static void
do_put(void *arg)
{
	struct hand *h = arg;
	uint32_t i, n;
	int rc;

	for (i = 0; i < h->n; i += n) {
		n = RTE_MIN(h->burst, h->n - i);
		if (!h->blind)
			inv_disown_bulk(&h->frags[i], n, WHO);
		rc = frag_pool_put(h->pool->fp, &h->frags[i], n);
		INV_CHECK(rc == 0, "put of %u: %d", n, rc);
	}
}

/* As do_put(), with pointers that are none of ours in the table. */
static void
do_put_any(void *arg)
{
	struct hand *h = arg;
	uint32_t i, n;

	for (i = 0; i < h->n; i += n) {
		n = RTE_MIN(h->burst, h->n - i);
		frag_pool_put(h->pool->fp, &h->frags[i], n);
	}
}

/* The thread makes its slot, so that it adopts nobody else's later. */
static void
do_come(void *arg)
{
	struct hand *h = arg;

	frag_pool_get(h->pool->fp, h->frags, 0);
}

static void
take(struct inv_puppet *who, struct hand *h, uint32_t n)
{
	h->n = n;
	inv_puppet_run(who, do_get, h);
	INV_CHECK(h->done == n, "gets of %u ended after %u of %u; count %u", h->burst, h->done, n,
			frag_pool_count(h->pool->fp));
}

static void
give(struct inv_puppet *who, struct hand *h, uint32_t n)
{
	h->n = n;
	inv_puppet_run(who, do_put, h);
}

/* ---- what there is to see at rest */

static uint32_t
in_batches(struct frag_pool *fp)
{
	struct frag_slot *s;
	uint32_t id, b, n = 0;

	SLOT_FOREACH(fp, id, s)
		for (b = (uint32_t)(atomic_load(&s->batches.head) & BATCH_LIST_ID); b != 0;
				b = atomic_load(&batch_of(&fp->batches, b)->next))
			n += batch_of(&fp->batches, b)->nr;
	return n;
}

/* The longest list of any slot. */
static uint32_t
deepest(struct frag_pool *fp)
{
	uint32_t id, n = 0;
	struct frag_slot *s;

	SLOT_FOREACH(fp, id, s)
		n = RTE_MAX(n, batch_list_nr(&s->batches));
	return n;
}

static uint32_t
full_lists(struct frag_pool *fp)
{
	uint32_t id, n = 0;
	struct frag_slot *s;

	SLOT_FOREACH(fp, id, s)
		n += batch_list_nr(&s->batches) != 0;
	return n;
}

static uint32_t
nr_empty(struct frag_pool *fp)
{
	return (uint32_t)__builtin_popcountll(atomic_load(&fp->batches_empty));
}

static struct frag_pool_stats
stats_of(struct inv_pool *p)
{
	struct frag_pool_stats st;

	frag_pool_get_stats(p->fp, &st);
	return st;
}

/* After a trim, everything being back: nothing lies in batches, all pages are whole. */
static void
trimmed(struct inv_pool *p)
{
	uint32_t whole = frag_pool_trim(p->fp, false), empty = nr_empty(p->fp);
	struct frag_pool_stats st = stats_of(p);

	INV_CHECK(in_batches(p->fp) == 0, "%u fragments in batches after a trim",
			in_batches(p->fp));
	INV_CHECK(empty == p->fp->batches.nr, "%u of %u batches are to be had after a trim", empty,
			p->fp->batches.nr);
	INV_CHECK(whole == st.pages, "I7: %u of %u pages are whole", whole, st.pages);
}

static bool
expect_batches(const struct inv_config *cfg)
{
	return cfg->cache != FRAG_POOL_CACHE_NONE;
}

/* ---- used */

#define QUEUE 64
#define ROUNDS 1200
#define WARM_UP 400

struct traffic {
	struct inv_pool *pool;
	struct inv_puppet *consumer;
	bool random;
	uint32_t window;
	struct inv_rng rng;
	void *queue[QUEUE][BURST];
	atomic_uint head, tail; /* bursts put into the queue, and taken out of it */
	atomic_uint freed;
	struct frag_pool_stats before;
	uint8_t seen[BIG];
	uint32_t distinct;
};

static struct traffic t;
static void *frags[BIG + 100];

static void
produce(void *arg)
{
	uint32_t n, i, k;
	void **burst;
	int rc;

	(void)arg;
	for (n = 0; n < ROUNDS; n++) {
		while (n - atomic_load_explicit(&t.tail, memory_order_acquire) >= QUEUE ||
				(n + 1) * BURST - atomic_load(&t.freed) > t.window)
			sched_yield();
		burst = t.queue[n % QUEUE];
		rc = frag_pool_get(t.pool->fp, burst, BURST);
		INV_NEED(rc == 0, "get: %d", rc);
		inv_own_bulk(burst, BURST, WHO);
		if (n == WARM_UP)
			t.before = stats_of(t.pool);
		for (i = 0; i < BURST && n >= WARM_UP; i++) {
			k = inv_index(t.pool, burst[i]);
			t.distinct += t.seen[k] == 0;
			t.seen[k] = 1;
		}
		atomic_store_explicit(&t.head, n + 1, memory_order_release);
	}
}

static void
consume(void *arg)
{
	struct hand h = { .pool = t.pool, .burst = BURST };
	uint32_t n, pile = t.random ? t.window / 2 : BURST;
	void *held[BIG / 4];

	(void)arg;
	h.frags = held;
	for (n = 0; n < ROUNDS; n++) {
		while (atomic_load_explicit(&t.head, memory_order_acquire) == n)
			sched_yield();
		memcpy(&held[h.n], t.queue[n % QUEUE], sizeof(t.queue[0]));
		atomic_store_explicit(&t.tail, n + 1, memory_order_release);
		h.n += BURST;
		if (h.n < pile && n + 1 < ROUNDS)
			continue;
		if (t.random)
			inv_shuffle(&t.rng, held, h.n);
		do_put(&h);
		atomic_fetch_add(&t.freed, h.n);
		h.n = 0;
	}
}

static void *
consumer(void *arg, unsigned int i)
{
	(void)arg;
	(void)i;
	inv_puppet_run(t.consumer, consume, NULL);
	return NULL;
}

/* A steady stream from one thread to the other and, freed, back. */
static void
steady(struct inv_pool *pool, const struct inv_config *cfg, struct inv_puppet *from,
		struct inv_puppet *to, bool random)
{
	const uint32_t batch = pool->fp->batches.frags;
	const uint32_t moved = (ROUNDS - WARM_UP) * BURST;
	struct inv_threads threads;
	struct frag_pool_stats st;
	uint32_t bound, flushed;

	memset(&t, 0, sizeof(t));
	t.pool = pool;
	t.consumer = to;
	t.random = random;
	t.window = RTE_MAX(4u * BURST, 2 * batch);
	inv_rng_init(&t.rng, 40);
	inv_threads_start(&threads, 1, consumer, NULL);
	inv_puppet_run(from, produce, NULL);
	inv_threads_join(&threads);
	st = stats_of(pool);
	flushed = (uint32_t)(st.frag_flushed - t.before.frag_flushed);
	st.batches_sent -= t.before.batches_sent;
	st.batches_taken -= t.before.batches_taken;
	printf("%-62s %5" PRIu64 " batches, %5u flushed, %4u different of %u\n", inv_what,
			st.batches_sent, flushed, t.distinct, pool->size);
	if (!expect_batches(cfg)) {
		INV_CHECK(st.batches_sent == 0 && st.batches_taken == 0,
				"a pool that caches nothing sends batches");
		return;
	}
	INV_CHECK(st.batches_sent > moved / batch / 2 && st.batches_taken > moved / batch / 2,
			"%" PRIu64 " batches of up to %u sent, %" PRIu64
			" taken, of %u fragments moved",
			st.batches_sent, batch, st.batches_taken, moved);
	INV_CHECK(flushed <= moved / 8, "%u of %u fragments went to their pages", flushed, moved);
	bound = t.window + 2 * pool->fp->cache_size + 4 * batch + 6 * 62;
	INV_CHECK(t.distinct <= RTE_MIN(bound, pool->size * 3 / 4),
			"I6: %u different fragments with at most %u in flight", t.distinct,
			t.window);
}

static void
used(const struct inv_config *cfg, uint32_t size, bool random)
{
	struct inv_puppet from, to;
	struct inv_pool pool;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, used in %s order", inv_config_name(cfg), size,
			random ? "random" : "that");
	inv_pool_make(&pool, cfg, size, FRAG, 0);
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	steady(&pool, cfg, &from, &to, random);
	INV_CHECK(frag_pool_count(pool.fp) == size, "I3: count %u of %u", frag_pool_count(pool.fp),
			size);
	inv_pool_check(pool.fp, "after traffic");
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Everything is taken by one and freed by the other: more than all batches hold. */
static void
burst(const struct inv_config *cfg, uint32_t size, uint32_t puts, bool random)
{
	struct hand h = { .frags = frags, .burst = BURST };
	struct inv_puppet from, to;
	struct inv_pool pool;
	struct inv_rng rng;
	uint32_t depth;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, after a burst in %s order",
			inv_config_name(cfg), size, random ? "random" : "that");
	inv_rng_init(&rng, 41);
	inv_pool_make(&pool, cfg, size, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	take(&from, &h, size);
	if (random)
		inv_shuffle(&rng, frags, size);
	h.burst = puts;
	give(&to, &h, size);
	depth = pool.fp->batches.depth;
	INV_CHECK(deepest(pool.fp) <= depth, "%u batches for one slot, %u are enough",
			deepest(pool.fp), depth);
	/* a slot that gets now and then keeps half of its cache: all batches are used then, too */
	INV_CHECK(!expect_batches(cfg) || deepest(pool.fp) == depth,
			"%u batches of %u after all was freed", deepest(pool.fp), depth);
	INV_CHECK(frag_pool_count(pool.fp) == size, "I3: count %u of %u", frag_pool_count(pool.fp),
			size);
	inv_pool_check(pool.fp, "after a burst");
	steady(&pool, cfg, &from, &to, random);
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Many take, one frees: batches must not get stuck with those who took them. */
#define MANY 9

static void
many(const struct inv_config *cfg, uint32_t size)
{
	struct hand h[MANY + 1] = { 0 };
	uint32_t i, k, share = size / 16, round;
	struct inv_puppet from[MANY], to;
	uint64_t before = 0, sent;
	struct inv_pool pool;
	struct inv_rng rng;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, many takers", inv_config_name(cfg), size);
	inv_rng_init(&rng, 42);
	inv_pool_make(&pool, cfg, size, FRAG, 0);
	for (i = 0; i < MANY; i++) {
		inv_puppet_start(&from[i]);
		h[i].pool = &pool;
		h[i].frags = &frags[i * share];
		h[i].burst = BURST;
	}
	h[MANY] = h[0];
	inv_puppet_start(&to);
	for (round = 0; round < 60; round++) {
		if (round == 40)
			before = stats_of(&pool).batches_sent;
		for (i = 0; i < MANY; i++)
			take(&from[i], &h[i], share);
		/* from one for a while, then from another */
		for (i = inv_below(&rng, MANY), k = 0; k < MANY; k++, i = (i + 1) % MANY) {
			h[MANY].frags = h[i].frags;
			give(&to, &h[MANY], share);
		}
	}
	sent = stats_of(&pool).batches_sent - before;
	printf("%-62s %5" PRIu64 " batches\n", inv_what, sent);
	INV_CHECK(sent > 20, "%" PRIu64 " batches in the last 20 rounds of %u fragments", sent,
			MANY * share);
	for (i = 0; i < MANY; i++)
		inv_puppet_end(&from[i]);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Blocks that lie with threads that do nothing any more are not out of the world. */
#define WIDE 100000
#define PARKED 14000 /* fills a list */
#define FREERS 24

/* One takes n, the other gives them back, so many times. */
static struct frag_pool_stats
rounds_of(struct inv_puppet *from, struct inv_puppet *to, struct hand *h, uint32_t n,
		uint32_t burst, uint32_t rounds)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		h->burst = BURST;
		take(from, h, n);
		h->burst = burst;
		give(to, h, n);
	}
	return stats_of(h->pool);
}

static void
flows(struct inv_pool *pool, const char *when)
{
	struct hand h = { .pool = pool, .frags = frags };
	struct frag_pool_stats before, st;
	struct inv_puppet from, to;
	uint32_t n = 2000, rounds = 60;

	inv_puppet_start(&from);
	inv_puppet_start(&to);
	before = rounds_of(&from, &to, &h, n, BURST, rounds);
	st = rounds_of(&from, &to, &h, n, BURST, rounds);
	st.batches_sent -= before.batches_sent;
	st.frag_flushed -= before.frag_flushed;
	printf("%-62s %5" PRIu64 " batches, %5" PRIu64 " flushed, %s\n", inv_what, st.batches_sent,
			st.frag_flushed, when);
	INV_CHECK(st.batches_sent >= rounds * n / pool->fp->batches.frags / 2 &&
					st.frag_flushed <= rounds * n / 8,
			"%s, %" PRIu64 " batches sent, %" PRIu64 " of %u fragments flushed", when,
			st.batches_sent, st.frag_flushed, rounds * n);
	inv_puppet_end(&from);
	inv_puppet_end(&to);
}

static void
parked(const struct inv_config *cfg)
{
	static void *wide[2 * PARKED];
	struct hand h = { .frags = wide, .burst = BURST };
	struct inv_puppet idle[FREERS], to;
	struct inv_pool pool;
	uint32_t i;

	snprintf(inv_what, sizeof(inv_what), "%s, parked", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, WIDE, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&to);
	for (i = 0; i < 2; i++) {
		inv_puppet_start(&idle[i]);
		take(&idle[i], &h, PARKED);
		give(&to, &h, PARKED);
	}
	INV_CHECK(nr_empty(pool.fp) == 0, "%u batches are empty", nr_empty(pool.fp));
	flows(&pool, "all batches are two idle threads'");
	inv_puppet_end(&idle[0]);
	inv_puppet_end(&idle[1]);
	trimmed(&pool);

	for (i = 0; i < FREERS; i++) {
		inv_puppet_start(&idle[i]);
		take(&to, &h, 50 * BURST);
		give(&idle[i], &h, 50 * BURST);
	}
	flows(&pool, "many have freed");
	for (i = 0; i < FREERS; i++)
		inv_puppet_end(&idle[i]);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Puts of any size make batches, and what stays in a cache is no more than it may hold. */
static void
sizes(const struct inv_config *cfg, uint32_t cache)
{
	struct inv_config small = *cfg;
	struct hand h = { .frags = frags };
	struct frag_pool_stats before, st;
	struct inv_puppet from, to;
	uint32_t n, id, most, window;
	struct inv_pool pool;
	struct frag_slot *s;

	small.cache = cache;
	snprintf(inv_what, sizeof(inv_what), "%s, sizes of puts", inv_config_name(&small));
	inv_pool_make(&pool, &small, BIG, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	most = RTE_MAX(pool.fp->cache_size, (uint32_t)FRAG_POOL_PAGE_FRAGS_MAX);
	most = RTE_MAX(most, pool.fp->batches.frags);
	/* what the list of one slot holds, if batches are half full */
	window = pool.fp->batches.depth * pool.fp->batches.frags * 3 / 8;
	for (n = 1; n <= RTE_MIN(window, 600u); n += n < 16 ? 1 : 7) {
		before = rounds_of(&from, &to, &h, window, n, 6);
		st = rounds_of(&from, &to, &h, window, n, 6);
		SLOT_FOREACH(pool.fp, id, s)
			INV_CHECK(CTL_LEN(slot_ctl(s)) <= most,
					"puts of %u: %u in the cache of slot %u", n,
					CTL_LEN(slot_ctl(s)), id);
		INV_CHECK(st.frag_flushed - before.frag_flushed <= 6 * window / 3,
				"puts of %u: %" PRIu64 " of %u flushed", n,
				st.frag_flushed - before.frag_flushed, 6 * window);
	}
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* One put of what two threads had taken: each gets its own back. */
static void
two_owners(const struct inv_config *cfg)
{
	struct hand h = { .frags = frags, .burst = BURST };
	struct inv_puppet a, b, to;
	struct inv_pool pool;

	snprintf(inv_what, sizeof(inv_what), "%s, one put for two", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, BIG, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&a);
	inv_puppet_start(&b);
	inv_puppet_start(&to);
	/* after this it knows that it only frees */
	take(&a, &h, 2 * FRAG_POOL_CACHE_DEFAULT);
	give(&to, &h, 2 * FRAG_POOL_CACHE_DEFAULT);
	trimmed(&pool);
	take(&a, &h, 384);
	h.frags = frags + 384;
	take(&b, &h, 384);
	h.frags = frags;
	h.burst = LARGE;
	give(&to, &h, LARGE);
	INV_CHECK(in_batches(pool.fp) == LARGE && full_lists(pool.fp) == 2 && deepest(pool.fp) == 1,
			"%u fragments in batches of %u slots, the most is %u", in_batches(pool.fp),
			full_lists(pool.fp), deepest(pool.fp));
	inv_pool_check(pool.fp, "after one put");
	inv_puppet_end(&a);
	inv_puppet_end(&b);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Slots that have nothing but batches, and do nothing: an idle trim is for these. */
static void
idle(const struct inv_config *cfg)
{
	struct hand h = { .frags = frags, .burst = BURST };
	struct inv_puppet from, to;
	struct inv_pool pool;

	snprintf(inv_what, sizeof(inv_what), "%s, idle", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, BIG, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	take(&from, &h, BIG);
	give(&to, &h, BIG);
	INV_CHECK(in_batches(pool.fp) > 0, "nothing lies in batches");
	frag_pool_trim(pool.fp, true);
	frag_pool_trim(pool.fp, true);
	INV_CHECK(in_batches(pool.fp) == 0, "%u fragments in batches after an idle trim",
			in_batches(pool.fp));
	/* and one that has only empty ones */
	h.burst = LARGE;
	take(&from, &h, 6 * LARGE);
	give(&to, &h, 2 * LARGE);
	frag_pool_trim(pool.fp, false);
	h.frags = frags + 2 * LARGE;
	give(&to, &h, LARGE / 2);
	frag_pool_trim(pool.fp, true);
	frag_pool_trim(pool.fp, true);
	INV_CHECK(nr_empty(pool.fp) == pool.fp->batches.nr,
			"%u of %u batches are to be had after an idle trim", nr_empty(pool.fp),
			pool.fp->batches.nr);
	h.frags = frags + 2 * LARGE + LARGE / 2;
	give(&to, &h, 3 * LARGE + LARGE / 2);
	h.frags = frags;
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* A cache that is one short of enough, but nearly full, takes a whole batch. */
static void
room(const struct inv_config *cfg)
{
	struct hand h = { .frags = frags, .burst = BURST };
	struct inv_puppet from, to;
	struct frag_slot *s;
	struct inv_pool pool;
	uint32_t id, need;
	size_t size;

	snprintf(inv_what, sizeof(inv_what), "%s, room", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, BIG, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	take(&from, &h, BIG);
	give(&from, &h, 31 * BURST);
	h.frags = frags + 31 * BURST;
	give(&to, &h, 4 * LARGE);
	h.frags = frags;
	h.burst = FRAG_POOL_BURST;
	take(&from, &h, FRAG_POOL_BURST);
	INV_CHECK(stats_of(&pool).batches_taken == 1, "%" PRIu64 " batches taken",
			stats_of(&pool).batches_taken);
	SLOT_FOREACH(pool.fp, id, s) {
		need = s->room +
				RTE_MAX(pool.fp->batches.frags, (uint32_t)FRAG_POOL_PAGE_FRAGS_MAX);
		INV_CHECK(rte_malloc_validate(s, &size) == 0 &&
						size >= sizeof(*s) + need * sizeof(s->frags[0]),
				"slot %u has %zu bytes, too few for %u in its cache", id, size,
				need);
	}
	inv_pool_check(pool.fp, "with a full cache");
	/* what was taken now lies where something was that is free */
	give(&from, &h, FRAG_POOL_BURST);
	h.burst = BURST;
	h.frags = frags + 31 * BURST + 4 * LARGE;
	give(&to, &h, BIG - 31 * BURST - 4 * LARGE);
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* Pools that have none. */
static void
none(uint32_t size, uint32_t cache)
{
	struct inv_config cfg = { .cache = cache };
	struct hand h = { .frags = frags, .burst = BURST };
	struct frag_pool_stats st;
	struct inv_puppet from, to;
	struct inv_pool pool;
	int i;

	snprintf(inv_what, sizeof(inv_what), "%s, %u: no batches", inv_config_name(&cfg), size);
	inv_pool_make(&pool, &cfg, size, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&from);
	inv_puppet_start(&to);
	for (i = 0; i < 5; i++) {
		take(&from, &h, size);
		give(&to, &h, size);
	}
	st = stats_of(&pool);
	INV_CHECK(pool.fp->batches.nr == 0 && st.batches_sent == 0 && st.batches_taken == 0,
			"%u batches, %" PRIu64 " sent", pool.fp->batches.nr, st.batches_sent);
	inv_puppet_end(&from);
	inv_puppet_end(&to);
	inv_pool_end(&pool);
}

/* ---- lying */

enum state { STATE_SLEEPS, STATE_EXITED, STATE_KILLED, STATES };
enum request { REQ_ONE, REQ_BURST, REQ_LARGE, REQ_ALL, REQ_RUNS, REQ_TRIM_RUNS, REQUESTS };

static const char *const state_names[STATES] = { "sleeps", "exited", "was killed" };
static const char *const request_names[REQUESTS] = { "1", "32", "more than a burst", "all", "runs",
	"runs, trimmed" };

struct shared {
	atomic_bool taken, go_on;
	void *frags[BIG];
};

static struct shared *sh;

/* The owner is a process of its own, which is killed when its fragments are freed. */
static pid_t
owner_process(struct inv_pool *pool)
{
	struct hand h = { .pool = pool, .frags = sh->frags, .n = pool->size, .burst = BURST };
	double end = inv_now() + 60;
	pid_t pid;

	atomic_store(&sh->taken, false);
	pid = fork();
	if (pid == 0) {
		do_get(&h);
		atomic_store(&sh->taken, true);
		while (inv_now() < end)
			usleep(100000);
		_exit(1);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	while (!atomic_load(&sh->taken) && inv_now() < end)
		usleep(50);
	INV_NEED(atomic_load(&sh->taken), "the process does not come to its end");
	return pid;
}

/* Whole pages, then the rest. */
static void
take_runs(struct inv_puppet *who, struct hand *h)
{
	unsigned int size = frag_pool_contig_size(h->pool->fp), runs = h->pool->size / size, i;
	void *first[BIG / 62 + 1];
	int rc;

	rc = frag_pool_get_contig(h->pool->fp, first, runs);
	if (!INV_CHECK(rc == 0, "get of %u runs of %u: %d", runs, size, rc))
		return;
	for (i = 0; i < runs * size; i++) {
		frags[i] = (uint8_t *)first[i / size] + (size_t)(i % size) * FRAG;
		inv_own(frags[i], WHO);
	}
	h->frags = frags + runs * size;
	take(who, h, h->pool->size - runs * size);
	h->frags = frags;
}

static void
lying(const struct inv_config *cfg, uint32_t size, enum state state, enum request request)
{
	static const uint32_t bursts[REQUESTS] = { 1, 32, FRAG_POOL_BURST + 60, UINT32_MAX, 32,
		32 };
	struct hand h = { .frags = frags, .burst = BURST };
	struct inv_puppet owner, freer, taker;
	struct frag_pool_stats st;
	struct inv_pool pool;
	void *one = NULL;
	pid_t pid = 0;
	uint64_t reclaims;
	uint32_t near;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, batches of an owner that %s, gets of %s",
			inv_config_name(cfg), size, state_names[state], request_names[request]);
	inv_pool_make(&pool, cfg, size, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&owner);
	inv_puppet_start(&freer);
	inv_puppet_start(&taker);
	inv_puppet_run(&freer, do_come, &h);
	inv_puppet_run(&taker, do_come, &h);
	if (state == STATE_KILLED) {
		pid = owner_process(&pool);
		memcpy(frags, sh->frags, size * sizeof(*frags));
	} else {
		take(&owner, &h, size);
	}
	give(&freer, &h, size);
	if (state == STATE_KILLED) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	} else if (state == STATE_EXITED) {
		inv_puppet_end(&owner);
	}
	INV_CHECK(in_batches(pool.fp) > 0 || !expect_batches(cfg), "nothing lies in batches");
	INV_CHECK(frag_pool_count(pool.fp) == size, "I3: count %u of %u", frag_pool_count(pool.fp),
			size);
	inv_pool_check(pool.fp, "with full batches");

	st = stats_of(&pool);
	reclaims = st.reclaims;
	h.burst = bursts[request];
	if (request == REQ_RUNS) {
		take_runs(&taker, &h);
	} else if (request == REQ_TRIM_RUNS) {
		trimmed(&pool);
		take_runs(&taker, &h);
	} else {
		/* but for what is in caches it is in everybody's reach */
		near = (size - st.cached) / BURST * BURST;
		if (h.burst <= BURST) {
			take(&taker, &h, near);
			INV_CHECK(stats_of(&pool).reclaims == reclaims,
					"%u that lie in batches and pages took a reclaim", near);
			h.frags += near;
			take(&taker, &h, size - near);
			h.frags = frags;
		} else {
			take(&taker, &h, size);
		}
	}
	INV_CHECK(frag_pool_get(pool.fp, &one, 1) == -ENOBUFS && one == NULL,
			"more than there are");
	INV_CHECK(frag_pool_count(pool.fp) == 0, "I3: count %u of 0", frag_pool_count(pool.fp));
	inv_pool_check(pool.fp, "with all taken");
	h.burst = BURST;
	give(&freer, &h, size);
	inv_puppet_end(&freer);
	inv_puppet_end(&taker);
	if (state != STATE_EXITED)
		inv_puppet_end(&owner);
	trimmed(&pool);
	inv_pool_end(&pool);
}

/* ---- misuse */

enum kind {
	KIND_NULL,
	KIND_HEAP,
	KIND_HIGH,
	KIND_TOP,
	KIND_BEFORE,
	KIND_BEHIND,
	KIND_FAR, /* a fragment's address, but for the bits above those that batches store */
	KIND_OTHER,
	KIND_ODD,        /* the rest are in the pool's memory, and no fragments */
	KIND_MISALIGNED, /* a batch takes it; its page does not */
	KINDS
};

static const char *const kind_names[KINDS] = { "NULL", "heap", "no address", "the last one",
	"before the memory", "behind the memory", "32 GB away", "of another pool", "odd",
	"misaligned" };

static void *
bad_pointer(enum kind kind, struct inv_pool *pool, struct inv_pool *other, uint32_t i)
{
	static uint64_t *heap;

	if (heap == NULL)
		heap = malloc(64);
	switch (kind) {
	case KIND_NULL:
		return NULL;
	case KIND_HEAP:
		return heap;
	case KIND_HIGH:
		return (void *)(uintptr_t)(UINT64_C(0xffff800000001000) + i * FRAG);
	case KIND_TOP:
		return (void *)(UINTPTR_MAX - 7);
	case KIND_BEFORE:
		return pool->mem - FRAG;
	case KIND_BEHIND:
		return pool->mem + pool->len;
	case KIND_FAR:
		return (void *)((uintptr_t)inv_frag(pool, i) + (UINT64_C(1) << BATCH_NEAR_BITS));
	case KIND_OTHER:
		return inv_frag(other, i);
	case KIND_ODD:
		return (uint8_t *)inv_frag(pool, i) + 1;
	default:
		return (uint8_t *)inv_frag(pool, i) + 8;
	}
}

/* Every burst but some has bad ones among the good; more good ones before and after. */
static void
misuse(const struct inv_config *cfg, uint32_t size, enum kind kind, uint32_t puts, bool trim)
{
	/* a table of all of the pool's and the bad ones */
	static void *mixed[2 * BIG];
	struct hand h = { .frags = frags, .burst = BURST };
	uint32_t i, n = 0, bad = 0, part = RTE_MIN(LARGE, size / 5);
	struct inv_puppet owner, freer, taker;
	struct inv_pool pool, other;
	struct frag_pool_stats st;
	struct inv_rng rng;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, pointer: %s, puts of %u, %s",
			inv_config_name(cfg), size, kind_names[kind], puts,
			trim ? "trimmed" : "taken");
	inv_rng_init(&rng, 43);
	inv_pool_make(&pool, cfg, size, FRAG, 0);
	inv_pool_make(&other, cfg, 300, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&owner);
	inv_puppet_start(&freer);
	inv_puppet_start(&taker);
	take(&owner, &h, size);
	inv_disown_bulk(frags, size, WHO);
	for (i = 0; i < size; i++) {
		/* in some parts many, also as the first and the last of bursts, in some none */
		if ((i / part) % 3 != 0 && inv_below(&rng, 24) == 0) {
			mixed[n++] = bad_pointer(kind, &pool, &other, i % 300);
			bad++;
		}
		mixed[n++] = frags[i];
	}
	h.frags = mixed;
	h.burst = puts;
	h.n = n;
	inv_puppet_run(&freer, do_put_any, &h);
	/* in between it is too many: what is in caches nobody has looked at */
	if (trim) {
		frag_pool_trim(pool.fp, false);
		inv_pool_check(pool.fp, "after the trim");
	}
	h.frags = frags;
	h.burst = BURST;
	/* with a few less the takers find what is wrong */
	h.n = size;
	inv_puppet_run(&taker, do_get, &h);
	i = RTE_MIN(h.done, size);
	if (i < size) {
		/* the last ones one by one: bad ones are no excuse */
		h.frags = frags + i;
		h.burst = 1;
		take(&taker, &h, size - i);
		h.frags = frags;
		h.burst = BURST;
	}
	st = stats_of(&pool);
	INV_CHECK(st.refused == bad, "I8: %" PRIu64 " refused of %u bad ones", st.refused, bad);
	INV_CHECK(frag_pool_count(pool.fp) == 0, "I3: count %u of 0", frag_pool_count(pool.fp));
	give(&freer, &h, size);
	inv_puppet_end(&owner);
	inv_puppet_end(&freer);
	inv_puppet_end(&taker);
	INV_CHECK(frag_pool_count(pool.fp) == size, "I3: count %u of %u", frag_pool_count(pool.fp),
			size);
	trimmed(&pool);
	inv_pool_end(&pool);
	inv_pool_end(&other);
}

/* ---- forgetting: addresses only, the memory cannot be accessed */

#define SPACE ((UINT64_C(1) << BATCH_NEAR_BITS) + (UINT64_C(1) << 33))
#define SPOTS 8

struct chunk {
	uint64_t at; /* distance from the begin of the space */
	uint32_t n;
};

/* Memory that comes after another has been forgotten. */
static const struct {
	const char *name;
	struct chunk chunk[4];
	bool apart;
} layouts[] = {
	{ "higher", { { UINT64_C(1) << 32, 3 } }, false },
	{ "lower", { { 0, 3 } }, false },
	{ "the same", { { UINT64_C(1) << 31, 3 } }, false },
	{ "three, in no order", { { UINT64_C(3) << 30, 1 }, { UINT64_C(1) << 30, 1 }, { 4096, 1 } },
			false },
	{ "higher than batches reach", { { (UINT64_C(1) << BATCH_NEAR_BITS) + 64, 3 } }, false },
	{ "two, apart by what batches store", { { 0, 2 }, { UINT64_C(1) << BATCH_NEAR_BITS, 1 } },
			true },
	{ "two, apart, the lower one last",
			{ { (UINT64_C(1) << BATCH_NEAR_BITS) + (UINT64_C(1) << 32), 1 },
					{ UINT64_C(1) << 32, 2 } },
			true },
};

/* Third parts of the pool's size. */
static uint32_t
chunk_frags(uint32_t size, uint32_t n)
{
	return n == 3 ? size : size / 3 * n;
}

static uint32_t
add_layout(struct frag_pool *fp, unsigned int l, uint8_t *space, uint32_t size)
{
	uint32_t sum = 0, n, i;
	int rc;

	for (i = 0; i < 4 && layouts[l].chunk[i].n != 0; i++) {
		n = chunk_frags(size, layouts[l].chunk[i].n);
		rc = frag_pool_add_chunk(fp, space + layouts[l].chunk[i].at, (size_t)n * FRAG, 0, n,
				NULL, NULL);
		INV_CHECK(rc == (int)n, "chunk of %u: %d", n, rc);
		sum += n;
	}
	return sum;
}

/* Each of the layout's addresses, once. */
static void
all_there(void **table, uint32_t n, unsigned int l, uint8_t *space, uint32_t size)
{
	static uint8_t seen[4][BIG];
	uint32_t i, c, k = 0, chunk;
	uint64_t off;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < n; i++) {
		for (c = 0; c < 4 && (chunk = layouts[l].chunk[c].n) != 0; c++) {
			off = (uint64_t)((uint8_t *)table[i] - space) - layouts[l].chunk[c].at;
			k = (uint32_t)(off / FRAG);
			if (off % FRAG == 0 && off / FRAG < chunk_frags(size, chunk))
				break;
		}
		if (!INV_CHECK(c < 4 && layouts[l].chunk[c].n != 0,
				    "I1: %p is no fragment of the pool", table[i]))
			continue;
		INV_CHECK(seen[c][k]++ == 0, "I1: %p handed out twice", table[i]);
	}
}

static void
forgetting(const struct inv_config *cfg, uint32_t size, unsigned int before, unsigned int after,
		uint8_t *space)
{
	struct frag_pool_params params = {
		.name = "forgetting",
		.size = size,
		.frag_size = FRAG,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	struct inv_pool pool = { .size = size, .frag_size = FRAG };
	struct hand h = { .frags = frags, .burst = BURST, .blind = true };
	struct inv_puppet owner, freer;
	unsigned int l, layout[2] = { before, after }, turn;
	struct frag_pool_stats st;
	struct inv_rng rng;
	uint32_t n;

	snprintf(inv_what, sizeof(inv_what), "%s, %u, memory is %s, then %s", inv_config_name(cfg),
			size, layouts[before].name, layouts[after].name);
	inv_rng_init(&rng, 44);
	pool.fp = frag_pool_create(&params);
	INV_NEED(pool.fp != NULL, "no pool");
	h.pool = &pool;
	inv_puppet_start(&owner);
	inv_puppet_start(&freer);
	for (turn = 0; turn < 2; turn++) {
		l = layout[turn];
		n = add_layout(pool.fp, l, space, size);
		st = stats_of(&pool);
		INV_CHECK(st.count == n && st.in_flight == 0, "I3: count %u of %u", st.count, n);
		take(&owner, &h, n);
		all_there(frags, n, l, space, size);
		if (turn != 0)
			inv_shuffle(&rng, frags, n);
		give(&freer, &h, n);
		INV_CHECK(in_batches(pool.fp) > 0 || !expect_batches(cfg) ||
						(layouts[l].apart && turn != 0),
				"nothing lies in batches");
		inv_pool_check(pool.fp, "with full batches");
		/* what was in batches, too; some is in flight when the memory vanishes */
		take(&owner, &h, n);
		all_there(frags, n, l, space, size);
		if (turn != 0) {
			give(&freer, &h, n);
			break;
		}
		h.burst = LARGE;
		give(&freer, &h, n - n / 8);
		h.burst = BURST;
		frag_pool_forget_chunks(pool.fp);
		INV_CHECK(frag_pool_count(pool.fp) == 0 && in_batches(pool.fp) == 0 &&
						nr_empty(pool.fp) == pool.fp->batches.nr,
				"forgotten: count %u, %u in batches, %u of %u batches to be had",
				frag_pool_count(pool.fp), in_batches(pool.fp), nr_empty(pool.fp),
				pool.fp->batches.nr);
		inv_pool_check(pool.fp, "with all forgotten");
	}
	INV_CHECK(frag_pool_count(pool.fp) == n, "I3: count %u of %u", frag_pool_count(pool.fp), n);
	inv_puppet_end(&owner);
	inv_puppet_end(&freer);
	trimmed(&pool);
	inv_pool_check(pool.fp, "at the end");
	st = stats_of(&pool);
	INV_CHECK(st.refused == 0 && st.corrupt == 0 && st.lost == 0,
			"refused %" PRIu64 " corrupt %" PRIu64 " lost %u", st.refused, st.corrupt,
			st.lost);
	frag_pool_destroy(pool.fp);
}

/* ---- the checker */

static void
must_see(struct frag_pool *fp, const char *law, const char *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc = frag_pool_check(fp, f);

	fclose(f);
	INV_CHECK(rc > 0 && strstr(text, law) != NULL, "the checker does not see %s: %d, %.100s",
			what, rc, text);
	free(text);
}

static void
checker(const struct inv_config *cfg)
{
	struct hand h = { .frags = frags, .burst = BURST };
	struct frag_slot *s, *to = NULL;
	struct inv_puppet owner, freer;
	struct frag_batch *b;
	struct inv_pool pool;
	uint64_t head, empty;
	uint32_t id, keep;

	snprintf(inv_what, sizeof(inv_what), "%s, the checker", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, BIG, FRAG, 0);
	h.pool = &pool;
	inv_puppet_start(&owner);
	inv_puppet_start(&freer);
	take(&owner, &h, BIG);
	give(&freer, &h, BIG);
	SLOT_FOREACH(pool.fp, id, s)
		if (batch_list_nr(&s->batches) > 1)
			to = s;
	INV_NEED(to != NULL, "no batches");
	head = atomic_load(&to->batches.head);
	empty = atomic_load(&pool.fp->batches_empty);
	b = batch_of(&pool.fp->batches, (uint32_t)(head & BATCH_LIST_ID));
	INV_NEED(empty != 0 && b->nr > 1, "no empty batch");

	atomic_store(&pool.fp->batches_empty, empty & (empty - 1));
	must_see(pool.fp, "L9", "a batch that is nowhere");
	atomic_store(&pool.fp->batches_empty, empty | UINT64_C(1) << (b->id - 1));
	must_see(pool.fp, "L9", "a batch that is full and empty");
	atomic_store(&pool.fp->batches_empty, empty);
	to->spare |= empty & -empty;
	must_see(pool.fp, "L9", "a batch that is empty in two places");
	to->spare &= ~(empty & -empty);
	atomic_store(&to->batches.head, head + BATCH_LIST_ONE);
	must_see(pool.fp, "L9", "a list that is shorter than its count");
	atomic_store(&to->batches.head, head);
	keep = atomic_load(&b->next);
	atomic_store(&b->next, b->id);
	must_see(pool.fp, "L9", "a circle");
	atomic_store(&b->next, pool.fp->batches.nr + 1);
	must_see(pool.fp, "L9", "a batch that is none");
	atomic_store(&b->next, keep);
	keep = b->nr;
	b->nr = 0;
	must_see(pool.fp, "L9", "a batch of none");
	b->nr = (uint16_t)(pool.fp->batches.frags + 1);
	must_see(pool.fp, "L9", "a batch of too many");
	b->nr = (uint16_t)keep;
	keep = b->near[0];
	b->near[0] = b->near[1];
	must_see(pool.fp, "L4", "a fragment twice in a batch");
	b->near[0] = keep + 1;
	must_see(pool.fp, "L4", "a batch with what is no fragment");
	b->near[0] = keep;
	inv_pool_check(pool.fp, "unharmed");
	inv_puppet_end(&owner);
	inv_puppet_end(&freer);
	inv_pool_end(&pool);
}

/* A list that looks as it did, though another's pop was in between, must not look so to who is
 * about to pop: its swap has to fail.
 */
static void
lists(void)
{
	uint8_t blocks[2 * 64] __rte_aligned(64) = { 0 };
	struct frag_batches all = { .nr = 2, .frags = 4, .stride = 64, .blocks = blocks };
	struct frag_batch *a = batch_of(&all, 1), *b = batch_of(&all, 2);
	struct inv_config cfg = inv_config(0);
	struct page_list pages = { 0 };
	struct page_dir *dir;
	struct batch_list l = { 0 };
	bool broken = false;
	struct inv_pool pool;
	uint64_t head;

	snprintf(inv_what, sizeof(inv_what), "lists");
	a->id = 1;
	b->id = 2;
	batch_list_push(&l, b);
	batch_list_push(&l, a);
	INV_CHECK(batch_list_nr(&l) == 2, "%u of 2", batch_list_nr(&l));
	head = atomic_load(&l.head);
	INV_CHECK(batch_list_pop(&l, &all, &broken) == a, "not the first");
	batch_list_push(&l, a);
	INV_CHECK(atomic_load(&l.head) != head, "a pop and a push leave no trace");
	INV_CHECK(batch_list_pop(&l, &all, &broken) == a &&
					batch_list_pop(&l, &all, &broken) == b &&
					batch_list_pop(&l, &all, &broken) == NULL &&
					batch_list_empty(&l),
			"not what was pushed");
	batch_list_push(&l, a);
	head = atomic_load(&l.head);
	batch_list_reset(&l);
	INV_CHECK(batch_list_empty(&l) && batch_list_nr(&l) == 0, "not empty after a reset");
	batch_list_push(&l, a);
	INV_CHECK(atomic_load(&l.head) != head, "a reset leaves no trace");
	INV_CHECK(!broken, "a list that nobody wrote to is called broken");

	/* of pages likewise; of these nobody has seen any */
	inv_pool_make(&pool, &cfg, SMALL, FRAG, 0);
	dir = &pool.fp->chunks.provider.dir;
	page_list_push(&pages, page_of(dir, 2));
	page_list_push(&pages, page_of(dir, 1));
	head = atomic_load(&pages.head);
	INV_CHECK(page_list_pop(&pages, dir) == page_of(dir, 1), "not the first");
	page_list_push(&pages, page_of(dir, 1));
	INV_CHECK(atomic_load(&pages.head) != head, "a pop and a push of pages leave no trace");
	inv_pool_end(&pool);
}

/* ---- */

static void
with_config(const struct inv_config *cfg, unsigned int i, uint32_t size, uint8_t *space)
{
	bool strict = (cfg->flags & FRAG_POOL_F_STRICT) != 0;
	unsigned int k, l;

	used(cfg, size, false);
	used(cfg, size, true);
	burst(cfg, size, BURST, i % 2 == 0);
	burst(cfg, size, LARGE, i % 2 != 0);
	for (k = 0; k < STATES; k++)
		for (l = 0; l < REQUESTS; l++)
			lying(cfg, size, k, l);
	for (k = 0; k < KINDS && !strict; k++)
		for (l = 0; l < 4; l++)
			/* what is aligned, and in the memory, a batch may carry */
			if (k != KIND_MISALIGNED || l / 2 != 0)
				misuse(cfg, size, k, l % 2 != 0 ? LARGE : BURST, l / 2 != 0);
	for (k = 0; k < RTE_DIM(layouts) && space != NULL; k++)
		forgetting(cfg, size, k, (k + 1 + i) % RTE_DIM(layouts), space);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	unsigned int i;
	uint8_t *space;
	double start;

	inv_start(argc, argv, "I1, I2, I3, I6, I7, I8 for batches", 5);
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_EMERG);
	start = inv_now();
	sh = inv_shared_alloc(sizeof(*sh));
	space = mmap(NULL, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED) {
		printf("no address space of %" PRIu64 " GB: nothing is forgotten\n",
				(uint64_t)SPACE >> 30);
		space = NULL;
	}
	lists();
	none(15, 0);
	none(1, 0);
	none(SMALL, FRAG_POOL_CACHE_NONE);
	none(BIG, FRAG_POOL_CACHE_NONE);
	do {
		for (i = 0; i < INV_CONFIGS; i++) {
			cfg = inv_config(i);
			with_config(&cfg, i, SMALL, space);
			if (cfg.cache != 0)
				continue;
			with_config(&cfg, i, BIG, space);
			many(&cfg, BIG);
			many(&cfg, SMALL);
			checker(&cfg);
			idle(&cfg);
			room(&cfg);
			parked(&cfg);
			sizes(&cfg, 0);
			sizes(&cfg, 8);
			sizes(&cfg, 100);
			if ((cfg.flags & FRAG_POOL_F_STRICT) == 0)
				two_owners(&cfg);
		}
		/* again, if there is time for it */
	} while ((inv_now() - start) * 2 < inv_seconds && inv_failures() == 0);
	inv_exit();
}
