/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1 Once: no legal sequence of calls, on any threads, hands a fragment out twice or loses one.
 *
 * More threads than cores take and give in bursts of 1 to 1024, in all orders, pass fragments to
 * each other, take contiguous runs, trim. A model knows where each fragment is: its first word
 * holds the number of the thread that has it, set by compare-and-swap when it was taken, checked
 * and cleared before it is given back. What its last holder wrote must be seen by the next. Each
 * configuration runs once with plenty of fragments and once with more demand than there are.
 *
 * With --plugin also through rte_mempool: without and with its cache, by registered threads.
 * --moves N: goes through all configurations again until so many fragments were moved, however long
 * that takes.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

#include "inv_common.h"

#define THREADS 7
#define HOLD_MAX 3000
#define BURST_MAX 1024

/* Where threads leave fragments for others. */
struct mailbox {
	pthread_mutex_t lock;
	uint32_t n;
	void *frags[4 * BURST_MAX];
};

#define IN_MAIL UINT64_C(0xfffffff0)

struct run {
	struct inv_pool *pool; /* one of the two */
	struct rte_mempool *mp;
	struct frag_pool *fp;
	uint32_t hold; /* fragments a thread has at most */
	uint32_t stream;
	double end;
	struct mailbox mail[THREADS];
	atomic_uint_fast64_t moves;
	atomic_uint_fast64_t fails;
	atomic_uint_fast64_t contigs;
	atomic_uint_fast64_t mailed;
};

static atomic_uint_fast64_t all_moves;

static int
take(struct run *r, void **frags, uint32_t n)
{
	if (r->mp != NULL)
		return rte_mempool_get_bulk(r->mp, frags, n);
	return frag_pool_get(r->fp, frags, n);
}

static void
give(struct run *r, void **frags, uint32_t n)
{
	int rc = 0;

	if (r->mp != NULL)
		rte_mempool_put_bulk(r->mp, frags, n);
	else
		rc = frag_pool_put(r->fp, frags, n);
	INV_CHECK(rc == 0, "put of %u: %d", n, rc);
}

static void
mail_send(struct run *r, struct inv_rng *rng, void **held, uint32_t *nr, uint64_t me)
{
	struct mailbox *m = &r->mail[inv_below(rng, THREADS)];
	uint32_t n = inv_burst(rng, BURST_MAX), i;

	if (n > *nr || pthread_mutex_trylock(&m->lock) != 0)
		return;
	if (m->n + n <= RTE_DIM(m->frags)) {
		for (i = 0; i < n; i++) {
			inv_disown(held[*nr - n + i], me, IN_MAIL);
			m->frags[m->n++] = held[*nr - n + i];
		}
		*nr -= n;
		atomic_fetch_add(&r->mailed, n);
	}
	pthread_mutex_unlock(&m->lock);
}

/* Received fragments are the thread's: it mostly gives them back at once. */
static void
mail_receive(struct run *r, unsigned int i, void **held, uint32_t *nr, uint64_t me)
{
	struct mailbox *m = &r->mail[i];
	_Atomic(uint64_t) *word;
	uint64_t was;
	void *frag;

	if (pthread_mutex_trylock(&m->lock) != 0)
		return;
	while (m->n > 0 && *nr < HOLD_MAX) {
		frag = m->frags[--m->n];
		word = frag;
		was = atomic_exchange(word, INV_FREE);
		INV_CHECK(was == IN_MAIL, "I1: %p in the mail is held by %" PRIu64, frag, was);
		inv_own(frag, me);
		held[(*nr)++] = frag;
	}
	pthread_mutex_unlock(&m->lock);
}

static void
put_some(struct run *r, struct inv_rng *rng, void **held, uint32_t *nr, uint64_t me)
{
	uint32_t n = inv_burst(rng, BURST_MAX);
	void *frags[BURST_MAX];

	if (n > *nr)
		n = *nr;
	if (n == 0)
		return;
	switch (inv_below(rng, 3)) {
	case 0: /* oldest first */
		memcpy(frags, held, n * sizeof(*held));
		memmove(held, held + n, (*nr - n) * sizeof(*held));
		break;
	case 1: /* newest first */
		memcpy(frags, held + *nr - n, n * sizeof(*held));
		break;
	default:
		inv_pick(rng, held, *nr, n);
		memcpy(frags, held + *nr - n, n * sizeof(*held));
		break;
	}
	*nr -= n;
	inv_disown_bulk(frags, n, me);
	give(r, frags, n);
	atomic_fetch_add_explicit(&r->moves, n, memory_order_relaxed);
}

static void
get_some(struct run *r, struct inv_rng *rng, void **held, uint32_t *nr, uint64_t me)
{
	uint32_t n = inv_burst(rng, BURST_MAX), i;
	void *frags[BURST_MAX];

	if (*nr + n > r->hold)
		return;
	for (i = 0; i < n; i++)
		frags[i] = r;
	if (take(r, frags, n) != 0) {
		/* rte_mempool's own cache writes to the table before it asks the driver */
		for (i = 0; i < n && (r->mp == NULL || r->mp->cache_size == 0); i++)
			INV_CHECK(frags[i] == r, "I4: a failed get wrote to entry %u of %u", i, n);
		atomic_fetch_add_explicit(&r->fails, 1, memory_order_relaxed);
		return;
	}
	inv_own_bulk(frags, n, me);
	memcpy(held + *nr, frags, n * sizeof(*held));
	*nr += n;
	atomic_fetch_add_explicit(&r->moves, n, memory_order_relaxed);
}

static void
get_contig(struct run *r, struct inv_rng *rng, void **held, uint32_t *nr, uint64_t me)
{
	unsigned int size = frag_pool_contig_size(r->fp), n = 1 + inv_below(rng, 4), i, k;
	void *first[4];

	if (r->mp != NULL || size == 0 || *nr + n * size > r->hold)
		return;
	if (frag_pool_get_contig(r->fp, first, n) != 0)
		return;
	for (i = 0; i < n; i++)
		for (k = 0; k < size; k++) {
			held[*nr] = (uint8_t *)first[i] + (size_t)k * r->pool->frag_size;
			inv_own(held[(*nr)++], me);
		}
	atomic_fetch_add_explicit(&r->contigs, n, memory_order_relaxed);
}

static void *
worker(void *arg, unsigned int i)
{
	struct run *r = arg;
	uint64_t me = i + 1;
	struct inv_rng rng;
	uint32_t nr = 0, n, step = 0;
	void **held = calloc(HOLD_MAX + 62 * 4, sizeof(*held));

	INV_NEED(held != NULL, "no memory");
	if (r->mp != NULL && i % 2 == 0)
		INV_CHECK(rte_thread_register() == 0, "%s", rte_strerror(rte_errno));
	inv_rng_init(&rng, r->stream * 100 + i);
	while (++step % 16 != 0 || inv_now() < r->end) {
		switch (inv_below(&rng, 64)) {
		case 0:
			if (inv_below(&rng, 8) == 0)
				frag_pool_trim(r->fp, inv_below(&rng, 2));
			break;
		case 1:
			get_contig(r, &rng, held, &nr, me);
			break;
		case 2 ... 5:
			mail_send(r, &rng, held, &nr, me);
			break;
		case 6 ... 9:
			mail_receive(r, i, held, &nr, me);
			break;
		case 10 ... 33:
			put_some(r, &rng, held, &nr, me);
			break;
		default:
			get_some(r, &rng, held, &nr, me);
			break;
		}
		if (nr > r->hold * 3 / 4)
			put_some(r, &rng, held, &nr, me);
	}
	while (nr > 0) {
		n = nr < 64 ? nr : 64;
		nr -= n;
		inv_disown_bulk(held + nr, n, me);
		give(r, held + nr, n);
	}
	free(held);
	return NULL;
}

/* What is in the mail goes home. */
static void
empty_mail(struct run *r)
{
	unsigned int i;
	void *frag;

	for (i = 0; i < THREADS; i++)
		while (r->mail[i].n > 0) {
			frag = r->mail[i].frags[--r->mail[i].n];
			atomic_store((_Atomic(uint64_t) *)frag, INV_FREE);
			give(r, &frag, 1);
		}
}

static void
run_threads(struct run *r, double seconds)
{
	struct inv_threads threads;
	struct frag_pool_stats st;
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_mutex_init(&r->mail[i].lock, NULL);
	r->end = inv_now() + seconds;
	inv_threads_start(&threads, THREADS, worker, r);
	inv_threads_join(&threads);
	empty_mail(r);
	frag_pool_get_stats(r->fp, &st);
	INV_CHECK(st.refused == 0 && st.corrupt == 0 && st.lost == 0,
			"refused %" PRIu64 ", corrupt %" PRIu64 ", lost %u", st.refused, st.corrupt,
			st.lost);
	printf("%-60s %9" PRIu64 " moves %7" PRIu64 " fails %7" PRIu64 " reclaims %6" PRIu64
	       " runs\n",
			inv_what, (uint64_t)r->moves, (uint64_t)r->fails, st.reclaims,
			(uint64_t)r->contigs);
	atomic_fetch_add(&all_moves, r->moves);
}

static struct run run;

static void
run_direct(const struct inv_config *cfg, unsigned int stream, bool scarce, double seconds)
{
	static const uint32_t page_frags[] = { 0, 5, 1, 32 };
	uint32_t size = THREADS * HOLD_MAX;
	struct inv_pool pool;

	/* a fifth of what they all would like to have, or enough for everything */
	size = scarce ? size / 5 + stream : size + 4 * THREADS * BURST_MAX;
	memset(&run, 0, sizeof(run));
	inv_pool_make(&pool, cfg, size, 64, page_frags[stream % 4]);
	snprintf(inv_what, sizeof(inv_what), "%s page=%u %s", inv_config_name(cfg), pool.page_frags,
			scarce ? "scarce" : "plenty");
	run.pool = &pool;
	run.fp = pool.fp;
	run.hold = HOLD_MAX;
	run.stream = stream * 2 + scarce;
	run_threads(&run, seconds);
	inv_pool_end(&pool);
}

static void
run_mempool(const struct inv_config *cfg, unsigned int stream, unsigned int mp_cache,
		double seconds)
{
	char options[64], name[32], cache[32] = "";
	struct rte_mempool *mp;
	int rc;

	if (cfg->cache != 0)
		snprintf(cache, sizeof(cache), ",cache=%u",
				cfg->cache == FRAG_POOL_CACHE_NONE ? 0 : cfg->cache);
	snprintf(options, sizeof(options), "mode=%s,fence=%s%s",
			(cfg->flags & FRAG_POOL_F_STRICT) != 0 ? "strict" : "default",
			(cfg->flags & FRAG_POOL_F_FENCE) != 0 ? "full" : "auto", cache);
	snprintf(name, sizeof(name), "once%u", stream);
	snprintf(inv_what, sizeof(inv_what), "mempool cache=%u on %s", mp_cache,
			inv_config_name(cfg));
	memset(&run, 0, sizeof(run));
	mp = rte_mempool_create_empty(name, THREADS * HOLD_MAX / 2, 64, mp_cache, 0, SOCKET_ID_ANY,
			0);
	INV_NEED(mp != NULL, "%s", rte_strerror(rte_errno));
	rc = rte_mempool_set_ops_byname(mp, PAGE_POOL_OPS_NAME, options);
	INV_NEED(rc == 0, "ops: %d", rc);
	rc = rte_mempool_populate_default(mp);
	INV_NEED(rc == (int)mp->size, "populate: %d", rc);
	run.mp = mp;
	run.fp = page_pool_from_mempool(mp);
	INV_NEED(run.fp != NULL, "%s", rte_strerror(rte_errno));
	run.hold = HOLD_MAX;
	run.stream = 1000 + stream;
	run_threads(&run, seconds);
	/* caches of lcores that are gone belong to nobody: count them as in use */
	INV_CHECK(rte_mempool_avail_count(mp) == mp->size, "I3: %u of %u available",
			rte_mempool_avail_count(mp), mp->size);
	rc = page_pool_mempool_check(mp, stderr);
	INV_CHECK(rc == 0, "checker: %d", rc);
	rte_mempool_free(mp);
}

int
main(int argc, char **argv)
{
	static const unsigned int mp_caches[] = { 0, 32, 512 };
	struct inv_config cfg;
	unsigned int i, parts, pass = 0;
	uint64_t moves;
	double part;

	inv_start(argc, argv, "I1 once: a fragment is in one place, on any threads, in any order",
			16);
	parts = INV_CONFIGS * 2 + (inv_plugin != NULL ? 12 : 0);
	part = inv_seconds / parts;
	moves = inv_arg("moves") != NULL ? strtoull(inv_arg("moves"), NULL, 10) : 0;
	do {
		inv_watchdog(inv_seconds);
		/* the first pass is for the configurations, what follows for the moves */
		for (i = 0; i < INV_CONFIGS * 2 && (pass == 0 || all_moves < moves); i++) {
			cfg = inv_config(i / 2);
			run_direct(&cfg, i / 2 + 101 * pass, i % 2 != 0, part);
		}
		for (i = 0; i < 12 && inv_plugin != NULL && (pass == 0 || all_moves < moves); i++) {
			cfg = inv_config((i % 4) + 4 * (i / 3));
			run_mempool(&cfg, i + 101 * pass, mp_caches[i % 3], part);
		}
		pass++;
	} while (all_moves < moves && inv_failures() == 0);
	printf("%" PRIu64 " fragments moved\n", (uint64_t)all_moves);
	inv_exit();
}
