/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I3 Exact count: at rest the count is size - in flight, after each step of random sequences that
 * several threads take in turn. While threads run it is never above the truth: pairs of threads
 * pass fragments on and always have a known number in flight at least, so that readers know what no
 * count may exceed.
 *
 * I4 All or nothing: a get that fails leaves the caller's table as it was, for each n from 1 to
 * more than all; a contiguous get, too.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>

#include "inv_common.h"

#define PUPPETS 4

struct step {
	struct frag_pool *fp;
	void **frags;
	uint32_t n;
	int rc;
};

static void
step_get(void *arg)
{
	struct step *s = arg;

	s->rc = frag_pool_get(s->fp, s->frags, s->n);
}

static void
step_put(void *arg)
{
	struct step *s = arg;

	s->rc = frag_pool_put(s->fp, s->frags, s->n);
}

static void
step_trim(void *arg)
{
	struct step *s = arg;

	frag_pool_trim(s->fp, s->n % 2);
}

static void
at_rest(const struct inv_config *cfg, unsigned int nr, struct inv_puppet *puppet)
{
	static const uint32_t page_frags[] = { 0, 1, 7, 31 };
	uint32_t size = 300 + 400 * (nr % 4), held = 0, i, k, count;
	struct frag_pool_stats st;
	struct inv_pool pool;
	struct inv_rng rng;
	void **frags = calloc(size, sizeof(*frags));
	struct step s;

	inv_rng_init(&rng, 300 + nr);
	inv_pool_make(&pool, cfg, size, 64, page_frags[(nr / 4) % 4]);
	snprintf(inv_what, sizeof(inv_what), "at rest, %s, %u per page", inv_config_name(cfg),
			pool.page_frags);
	for (i = 0; i < 1500; i++) {
		k = inv_below(&rng, PUPPETS);
		s.fp = pool.fp;
		s.n = inv_burst(&rng, size);
		switch (inv_below(&rng, 10)) {
		case 0:
			inv_puppet_run(&puppet[k], step_trim, &s);
			break;
		case 1 ... 5:
			/* mostly one that can succeed */
			if (inv_below(&rng, 8) != 0)
				s.n = RTE_MIN(s.n, size - held);
			s.frags = &frags[held];
			if (held + s.n > size)
				s.frags = calloc(s.n, sizeof(void *));
			inv_puppet_run(&puppet[k], step_get, &s);
			INV_CHECK((s.rc == 0) == (held + s.n <= size),
					"get of %u with %u of %u in "
					"flight: %d",
					s.n, held, size, s.rc);
			if (held + s.n > size) {
				free(s.frags);
				break;
			}
			if (s.rc == 0) {
				inv_own_bulk(s.frags, s.n, 5);
				held += s.n;
			}
			break;
		default:
			s.n = RTE_MIN(s.n, held);
			if (inv_below(&rng, 2) == 0)
				inv_shuffle(&rng, frags, held);
			held -= s.n;
			s.frags = &frags[held];
			inv_disown_bulk(s.frags, s.n, 5);
			inv_puppet_run(&puppet[k], step_put, &s);
			INV_CHECK(s.rc == 0, "put of %u: %d", s.n, s.rc);
			break;
		}
		count = frag_pool_count(pool.fp);
		INV_CHECK(count == size - held, "I3: count %u, in flight %u of %u", count, held,
				size);
		frag_pool_get_stats(pool.fp, &st);
		INV_CHECK(st.count == count && st.in_flight == held && st.lost == 0 &&
						st.gets - st.puts == held,
				"I3: stats: count %u, in flight %u, lost %u, gets "
				"%" PRIu64 ", puts %" PRIu64,
				st.count, st.in_flight, st.lost, st.gets, st.puts);
	}
	inv_disown_bulk(frags, held, 5);
	frag_pool_put(pool.fp, frags, held);
	inv_pool_end(&pool);
	free(frags);
}

/* Pairs: one takes and passes on, the other gives back, but only while enough are on the way. */
#define PAIRS 3
#define BATCH 16
#define DEPTH 8 /* batches always in flight */
#define RING 64

struct pair {
	void *batch[RING][BATCH];
	alignas(64) atomic_uint head;
	alignas(64) atomic_uint tail;
};

struct flow {
	struct inv_pool pool;
	struct pair pair[PAIRS];
	atomic_uint ready;
	atomic_bool stop;  /* readers first */
	atomic_bool drain; /* then takers */
	atomic_bool over;  /* then givers */
	atomic_uint_fast64_t counts;
	atomic_uint_fast64_t moved;
	atomic_uint highest;
};

static void *
flow_thread(void *arg, unsigned int i)
{
	struct flow *f = arg;
	struct pair *p = &f->pair[i / 2];
	uint32_t head, tail;
	bool over;

	if (i % 2 == 0) {
		while (!atomic_load_explicit(&f->drain, memory_order_relaxed)) {
			head = atomic_load_explicit(&p->head, memory_order_relaxed);
			tail = atomic_load_explicit(&p->tail, memory_order_acquire);
			if (head - tail == RING ||
					frag_pool_get(f->pool.fp, p->batch[head % RING], BATCH) !=
							0) {
				sched_yield();
				continue;
			}
			atomic_store_explicit(&p->head, head + 1, memory_order_release);
			if (head + 1 == DEPTH)
				atomic_fetch_add(&f->ready, 1);
		}
		return NULL;
	}
	for (;;) {
		over = atomic_load(&f->over);
		tail = atomic_load_explicit(&p->tail, memory_order_relaxed);
		head = atomic_load_explicit(&p->head, memory_order_acquire);
		if (head - tail <= (over ? 0 : DEPTH)) {
			if (over)
				return NULL;
			sched_yield();
			continue;
		}
		frag_pool_put(f->pool.fp, p->batch[tail % RING], BATCH);
		atomic_store_explicit(&p->tail, tail + 1, memory_order_release);
		atomic_fetch_add_explicit(&f->moved, BATCH, memory_order_relaxed);
	}
}

static void *
reader_thread(void *arg, unsigned int i)
{
	const uint32_t known = PAIRS * DEPTH * BATCH;
	struct flow *f = arg;
	struct frag_pool_stats st;
	uint32_t count;
	uint64_t n = 0;

	while (atomic_load(&f->ready) < PAIRS)
		sched_yield();
	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		if (i == 0) {
			count = frag_pool_count(f->pool.fp);
		} else {
			frag_pool_get_stats(f->pool.fp, &st);
			count = st.count;
		}
		INV_CHECK(count <= f->pool.size - known,
				"I3: count %u, but %u of %u are in flight "
				"at least",
				count, known, f->pool.size);
		if (count > atomic_load_explicit(&f->highest, memory_order_relaxed))
			atomic_store(&f->highest, count);
		n++;
	}
	atomic_fetch_add(&f->counts, n);
	return NULL;
}

static void
while_running(const struct inv_config *cfg, double seconds)
{
	struct inv_threads flows, readers;
	struct timespec ts = { .tv_nsec = 1000000 };
	static struct flow f;
	unsigned int i;
	double end;

	memset(&f, 0, sizeof(f));
	snprintf(inv_what, sizeof(inv_what), "while running, %s", inv_config_name(cfg));
	inv_pool_make(&f.pool, cfg, 3000, 64, 0);
	inv_threads_start(&flows, 2 * PAIRS, flow_thread, &f);
	inv_threads_start(&readers, 2, reader_thread, &f);
	end = inv_now() + seconds;
	while (inv_now() < end)
		nanosleep(&ts, NULL);
	atomic_store(&f.stop, true);
	inv_threads_join(&readers);
	atomic_store(&f.drain, true);
	for (i = 0; i < 2 * PAIRS; i += 2)
		pthread_join(flows.thread[i], NULL);
	/* the rings are emptied */
	atomic_store(&f.over, true);
	for (i = 1; i < 2 * PAIRS; i += 2)
		pthread_join(flows.thread[i], NULL);
	flows.n = 0;
	inv_threads_join(&flows);
	printf("%-50s %8" PRIu64 " counts, highest %u of %u, %" PRIu64 " moved\n", inv_what,
			(uint64_t)f.counts, f.highest, f.pool.size - PAIRS * DEPTH * BATCH,
			(uint64_t)f.moved);
	inv_pool_end(&f.pool);
}

/* I4 */
static void
tables(const struct inv_config *cfg, struct inv_puppet *puppet)
{
	const uint32_t size = 200;
	uint32_t n, i, frees[] = { 0, 1, 61, 62, 63, 130, 200 }, c;
	void *held[200], *table[220];
	void *canary = &table[7];
	struct inv_pool pool;
	struct step s;
	int rc;

	snprintf(inv_what, sizeof(inv_what), "tables, %s", inv_config_name(cfg));
	for (c = 0; c < RTE_DIM(frees); c++) {
		inv_pool_make(&pool, cfg, size, 64, 0);
		/* leave some free, in another thread's cache where it has one */
		s.fp = pool.fp;
		s.frags = held;
		s.n = size;
		step_get(&s);
		INV_CHECK(s.rc == 0, "get of all: %d", s.rc);
		s.frags = &held[size - frees[c]];
		s.n = frees[c];
		inv_puppet_run(&puppet[c % PUPPETS], step_put, &s);
		for (n = 1; n <= size + 1; n++) {
			for (i = 0; i < RTE_DIM(table); i++)
				table[i] = canary;
			rc = frag_pool_get(pool.fp, table, n);
			INV_CHECK(rc == (n <= frees[c] ? 0 : -ENOBUFS), "I4: get of %u of %u: %d",
					n, frees[c], rc);
			for (i = rc == 0 ? n : 0; i < RTE_DIM(table); i++)
				if (!INV_CHECK(table[i] == canary,
						    "I4: get of %u of %u: %d, wrote "
						    "entry %u",
						    n, frees[c], rc, i))
					break;
			if (rc == 0)
				frag_pool_put(pool.fp, table, n);
		}
		for (n = 1; n <= 5; n++) {
			for (i = 0; i < RTE_DIM(table); i++)
				table[i] = canary;
			rc = frag_pool_get_contig(pool.fp, table, n);
			/* 200 are three pages of 62 and one of 14 */
			INV_CHECK(rc == -ENOBUFS || (rc == 0 && n <= frees[c] / 62),
					"I4: %u runs of %u: %d", n, frees[c], rc);
			for (i = rc == 0 ? n : 0; i < RTE_DIM(table); i++)
				if (!INV_CHECK(table[i] == canary,
						    "I4: %u runs of %u: %d, wrote "
						    "entry %u",
						    n, frees[c], rc, i))
					break;
			for (i = 0; i < n * 62 && rc == 0; i++) {
				void *frag = (uint8_t *)table[i / 62] + (i % 62) * 64;

				frag_pool_put(pool.fp, &frag, 1);
			}
		}
		frag_pool_put(pool.fp, held, size - frees[c]);
		inv_pool_end(&pool);
	}
}

int
main(int argc, char **argv)
{
	struct inv_puppet puppet[PUPPETS];
	struct inv_config cfg;
	unsigned int i;

	inv_start(argc, argv, "I3 exact count, I4 all or nothing", 5);
	for (i = 0; i < PUPPETS; i++)
		inv_puppet_start(&puppet[i]);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		at_rest(&cfg, i, puppet);
		tables(&cfg, puppet);
	}
	printf("at rest: %u steps; tables: done\n", INV_CONFIGS * 1500);
	for (i = 0; i < PUPPETS; i++)
		inv_puppet_end(&puppet[i]);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		while_running(&cfg, inv_seconds / INV_CONFIGS);
	}
	inv_exit();
}
