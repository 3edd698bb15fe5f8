/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The loops. Each is written once and compiled twice, with and without a clock around every call.
 * The two threads count what they do from when both are warm, each for the time asked for and
 * until it has done something, and go on, uncounted, until both have counted: a thread that has no
 * CPU for a while makes a measurement longer, never empty.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include "bench.h"

/* A measurement that takes so much longer than it should ends as it is. */
#define GIVE_UP_S 5

unsigned int bench_peer_lcore = RTE_MAX_LCORE;
static uint64_t clock_cost;
static double ns_per_cycle;

struct thread {
	/* what it did in the measured time */
	uint64_t objs;
	uint64_t gets;
	uint64_t fails;
	uint64_t cycles;
	uint64_t rng;
	uint32_t head;   /* of the NIC's ring */
	uint32_t filled; /* buffers in the window */
	uint64_t sum;    /* of what it read, so that the reading is not optimized away */
	void *held[BENCH_WINDOW + BENCH_BURST_MAX];
	struct hist hist[LAT_OPS];
	struct hist mean[LAT_OPS];
	uint64_t sum_cycles[LAT_OPS];
} __rte_cache_aligned;

struct job {
	const struct row *row;
	struct rte_mempool *mp;
	struct rte_mempool *other; /* the second pool, of rows with two */
	enum bound bound;
	bool latency;
	struct rte_ring *handover;
	struct rte_ring *back; /* the ceiling's */
	uint64_t warm_end, run_cycles, give_up;
	/* threads that came so far: a relaxed count each, nothing is handed over by it */
	atomic_uint ready, warm, counted;
	atomic_bool producer_done;
	struct thread *thread[2];
};

/* ---- clock */

static inline uint64_t
now(void)
{
	uint64_t t;

	rte_compiler_barrier();
	t = rte_rdtsc();
	rte_compiler_barrier();
	return t;
}

void
work_init(void)
{
	uint64_t t, best = UINT64_MAX;
	unsigned int i;

	ns_per_cycle = 1e9 / (double)rte_get_tsc_hz();
	for (i = 0; i < 10000; i++) {
		t = now();
		best = RTE_MIN(best, now() - t);
	}
	clock_cost = best;
}

static inline void
hist_add(struct hist *h, uint64_t v)
{
	uint32_t shift;

	h->nr++;
	h->max = RTE_MAX(h->max, v);
	shift = v >> HIST_SUB_SHIFT == 0 ? 0 : 63 - HIST_SUB_SHIFT - (uint32_t)__builtin_clzll(v);
	h->bucket[(shift << HIST_SUB_SHIFT) + (v >> shift)]++;
}

static inline void
call_add(struct thread *t, unsigned int op, uint64_t start, uint64_t end)
{
	uint64_t v = end - start;

	v = v > clock_cost ? v - clock_cost : 0;
	hist_add(&t->hist[op], v);
	t->sum_cycles[op] += v;
	if (t->hist[op].nr % BENCH_CALLS == 0) {
		hist_add(&t->mean[op], t->sum_cycles[op] / BENCH_CALLS);
		t->sum_cycles[op] = 0;
	}
}

/* Smallest value that the share p of all values does not pass. */
static double
hist_ns(const struct hist *h, double p)
{
	uint64_t want = (uint64_t)(p * (double)h->nr), seen = 0;
	uint32_t i, shift;

	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen <= want && seen < h->nr)
			continue;
		shift = i >> (HIST_SUB_SHIFT + 1) == 0 ? 0 : (i >> HIST_SUB_SHIFT) - 1;
		return (double)((uint64_t)(i - (shift << HIST_SUB_SHIFT)) << shift) * ns_per_cycle;
	}
	return 0;
}

static void
hist_merge(struct hist *to, const struct hist *from)
{
	uint32_t i;

	to->nr += from->nr;
	to->max = RTE_MAX(to->max, from->max);
	for (i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

/* ---- one call each */

static __rte_always_inline int
do_get(struct rte_mempool *mp, struct thread *t, void **objs, unsigned int n, const bool latency)
{
	uint64_t start = latency ? now() : 0;
	int rc = rte_mempool_get_bulk(mp, objs, n);

	/* how fast a get fails is no merit */
	if (latency && rc == 0)
		call_add(t, LAT_GET, start, now());
	return rc;
}

static __rte_always_inline void
do_put(struct rte_mempool *mp, struct thread *t, void *const *objs, unsigned int n,
		const bool latency)
{
	uint64_t start = latency ? now() : 0;

	rte_mempool_put_bulk(mp, objs, n);
	if (latency)
		call_add(t, LAT_PUT, start, now());
}

/* A line at a time, as packet data are. */
static __rte_always_inline void
data_write(void *const *objs, unsigned int n, uint32_t bytes)
{
	unsigned int i;

	for (i = 0; i < n && bytes != 0; i++)
		memset((char *)objs[i] + BENCH_DATA_OFF, (int)i, bytes);
}

static __rte_always_inline void
data_read(struct thread *t, void *const *objs, unsigned int n, uint32_t bytes)
{
	unsigned int i, j;

	for (i = 0; i < n && bytes != 0; i++)
		for (j = 0; j < bytes; j += 64)
			t->sum += *(volatile uint64_t *)((char *)objs[i] + BENCH_DATA_OFF + j);
}

static inline uint32_t
random_below(struct thread *t, uint32_t n)
{
	t->rng ^= t->rng << 13;
	t->rng ^= t->rng >> 7;
	t->rng ^= t->rng << 17;
	return (uint32_t)(((t->rng & UINT32_MAX) * n) >> 32);
}

/* ---- the loops: each does about `calls` turns and returns the buffers it passed on */

static __rte_always_inline uint64_t
loop_local(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	unsigned int n = job->row->burst, i;
	void *objs[BENCH_BURST_MAX];
	uint64_t done = 0;

	for (i = 0; i < calls; i++) {
		t->gets++;
		if (unlikely(do_get(job->mp, t, objs, n, latency) != 0)) {
			t->fails++;
			continue;
		}
		do_put(job->mp, t, objs, n, latency);
		done += n;
	}
	return done;
}

static __rte_always_inline uint64_t
loop_turns(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	void *objs[BENCH_BURST_MAX], *others[BENCH_BURST_MAX];
	unsigned int n = job->row->burst, i;
	uint64_t done = 0;

	for (i = 0; i < calls; i += 2) {
		t->gets += 2;
		if (unlikely(do_get(job->mp, t, objs, n, latency) != 0)) {
			t->fails++;
			continue;
		}
		if (likely(do_get(job->other, t, others, n, latency) == 0)) {
			do_put(job->other, t, others, n, latency);
			done += n;
		} else {
			t->fails++;
		}
		do_put(job->mp, t, objs, n, latency);
		done += n;
	}
	return done;
}

static __rte_always_inline uint64_t
loop_keep(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	unsigned int n = job->row->burst, i, k, nr;
	void *objs[512];
	uint64_t done = 0;

	for (i = 0; i < calls; i += 512 / n) {
		for (nr = 0, k = 0; k < 512 / n; k++) {
			t->gets++;
			if (unlikely(do_get(job->mp, t, &objs[nr], n, latency) != 0))
				t->fails++;
			else
				nr += n;
		}
		for (k = 0; k < nr; k += n)
			do_put(job->mp, t, &objs[k], n, latency);
		done += nr;
	}
	return done;
}

static __rte_always_inline uint64_t
loop_nic(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	unsigned int n = job->row->burst, i;
	uint64_t done = 0;
	void **slot;

	for (i = 0; i < calls; i++) {
		/* the oldest of the ring were sent: their place is for the next */
		slot = &t->held[t->head % BENCH_TX_RING];
		if (slot[0] != NULL)
			do_put(job->mp, t, slot, n, latency);
		t->gets++;
		if (unlikely(do_get(job->mp, t, slot, n, latency) != 0)) {
			t->fails++;
			slot[0] = NULL;
		} else {
			data_write(slot, n, job->row->bytes);
			done += n;
		}
		t->head += n;
	}
	return done;
}

static __rte_always_inline uint64_t
loop_produce(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	unsigned int n = job->row->burst, i;
	void *objs[BENCH_BURST_MAX];
	uint64_t done = 0;

	for (i = 0; i < calls; i++) {
		if (rte_ring_free_count(job->handover) < n) {
			rte_pause();
			continue;
		}
		t->gets++;
		if (job->bound == BOUND_CEILING) {
			if (rte_ring_dequeue_bulk(job->back, objs, n, NULL) == 0)
				continue;
		} else if (unlikely(do_get(job->mp, t, objs, n, latency) != 0)) {
			t->fails++;
			rte_pause();
			continue;
		}
		data_write(objs, n, job->row->bytes);
		rte_ring_enqueue_bulk(job->handover, objs, n, NULL);
		done += n;
	}
	return done;
}

static __rte_always_inline uint64_t
loop_consume(struct job *job, struct thread *t, unsigned int calls, const bool latency)
{
	unsigned int n = job->row->burst, i, k, w;
	bool random = job->row->work == WORK_RANDOM;
	void *objs[BENCH_BURST_MAX], *tmp;
	uint64_t done = 0;

	for (i = 0; i < calls; i++) {
		if (rte_ring_dequeue_bulk(job->handover, objs, n, NULL) == 0) {
			rte_pause();
			continue;
		}
		data_read(t, objs, n, job->row->bytes);
		done += n;
		if (unlikely(random && t->filled < BENCH_WINDOW)) {
			memcpy(&t->held[t->filled], objs, n * sizeof(objs[0]));
			t->filled += n;
			continue;
		}
		for (k = 0; random && k < n; k++) {
			w = random_below(t, BENCH_WINDOW);
			tmp = t->held[w];
			t->held[w] = objs[k];
			objs[k] = tmp;
		}
		if (job->bound == BOUND_CEILING)
			rte_ring_enqueue_bulk(job->back, objs, n, NULL);
		else
			do_put(job->mp, t, objs, n, latency);
	}
	return done;
}

static __rte_always_inline uint64_t
loop(struct job *job, unsigned int role, unsigned int calls, const bool latency)
{
	struct thread *t = job->thread[role];

	switch (job->row->work) {
	case WORK_LOCAL:
		return loop_local(job, t, calls, latency);
	case WORK_TURNS:
		return loop_turns(job, t, calls, latency);
	case WORK_KEEP:
		return loop_keep(job, t, calls, latency);
	case WORK_NIC:
		return loop_nic(job, t, calls, latency);
	case WORK_PIPELINE:
	case WORK_RANDOM:
		if (role == 0)
			return loop_produce(job, t, calls, latency);
		return loop_consume(job, t, calls, latency);
	}
	return 0;
}

static __rte_noinline uint64_t
loop_throughput(struct job *job, unsigned int role, unsigned int calls)
{
	return loop(job, role, calls, false);
}

static __rte_noinline uint64_t
loop_latency(struct job *job, unsigned int role, unsigned int calls)
{
	return loop(job, role, calls, true);
}

/* ---- threads */

/* What a thread still holds goes back. */
static void
drain(struct job *job, unsigned int role)
{
	struct thread *t = job->thread[role];
	bool consumer = role == 1 || job->row->lcores == 1, done;
	void *obj;
	unsigned int i;

	if (job->handover != NULL && role == 0)
		/* RELEASE: the consumer that sees it sees the last burst */
		atomic_store_explicit(&job->producer_done, true, memory_order_release);
	while (job->handover != NULL && consumer) {
		done = atomic_load_explicit(&job->producer_done, memory_order_acquire);
		while (rte_ring_dequeue(job->handover, &obj) == 0)
			rte_mempool_put(job->mp, obj);
		if (done)
			break;
	}
	for (i = 0; i < BENCH_TX_RING && job->row->work == WORK_NIC; i += job->row->burst)
		if (t->held[i] != NULL)
			rte_mempool_put_bulk(job->mp, &t->held[i], job->row->burst);
	for (i = 0; i < BENCH_WINDOW && job->row->work == WORK_RANDOM; i++)
		if (t->held[i] != NULL)
			rte_mempool_put(job->mp, t->held[i]);
}

/* Adds one once `mine` is true, and tells whether all threads have. */
static bool
all_reached(const struct job *job, atomic_uint *count, bool *mine, bool reached)
{
	if (reached && !*mine) {
		*mine = true;
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
	}
	return atomic_load_explicit(count, memory_order_relaxed) == job->row->lcores;
}

static void
hist_clear(struct thread *t)
{
	memset(t->hist, 0, sizeof(t->hist));
	memset(t->mean, 0, sizeof(t->mean));
	memset(t->sum_cycles, 0, sizeof(t->sum_cycles));
}

static void
work_thread(struct job *job, unsigned int role)
{
	/* the clock is read every so often: cheap beside what it surrounds */
	unsigned int calls = RTE_MAX(2048 / job->row->burst, 16u);
	uint64_t (*run)(struct job *, unsigned int, unsigned int) = job->latency ? loop_latency :
										   loop_throughput;
	struct thread *t = job->thread[role];
	bool window = job->row->work == WORK_RANDOM && role == 1;
	bool warm = false, counted = false;
	uint64_t start, end, gets, fails;

	memset(t->held, 0, sizeof(t->held));
	hist_clear(t);
	t->gets = 0;
	t->fails = 0;
	t->rng = 88172645463325252u + role;
	t->head = 0;
	t->filled = 0;
	atomic_fetch_add_explicit(&job->ready, 1, memory_order_relaxed);
	while (atomic_load_explicit(&job->ready, memory_order_relaxed) < job->row->lcores)
		rte_pause();
	/* the window of random frees is full before anything is measured */
	while (now() < job->give_up &&
			!all_reached(job, &job->warm, &warm,
					now() >= job->warm_end &&
							(!window || t->filled == BENCH_WINDOW)))
		run(job, role, calls);
	hist_clear(t);
	t->gets = 0;
	t->fails = 0;
	t->objs = 0;
	start = now();
	do {
		t->objs += run(job, role, calls);
		end = now();
		/* a get that failed is something, too */
	} while ((end - start < job->run_cycles || (t->objs == 0 && t->fails == 0)) &&
			end < job->give_up);
	t->cycles = end - start;
	gets = t->gets;
	fails = t->fails;
	while (now() < job->give_up && !all_reached(job, &job->counted, &counted, true))
		loop_throughput(job, role, calls);
	t->gets = gets;
	t->fails = fails;
	drain(job, role);
}

static int
work_lcore(void *arg)
{
	work_thread(arg, 1);
	return 0;
}

static void *
work_foreign(void *arg)
{
	work_thread(arg, 0);
	return NULL;
}

/* A thread that EAL knows nothing of, on this lcore's CPU. */
static int
run_foreign(struct job *job)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, work_foreign, job);

	if (rc != 0)
		return -rc;
	pthread_join(thread, NULL);
	return 0;
}

static int
job_run(struct job *job, const struct timing *timing, bool foreign, double *mobj, double *fails)
{
	double hz = (double)rte_get_tsc_hz(), rate = 0;
	uint64_t gets = 0, failed = 0;
	unsigned int i;
	int rc = 0;

	atomic_store(&job->ready, 0);
	atomic_store(&job->warm, 0);
	atomic_store(&job->counted, 0);
	atomic_store(&job->producer_done, false);
	/* some time for the other thread to start */
	job->warm_end = rte_rdtsc() + (uint64_t)((timing->warm_ms + 0.1) * hz / 1e3);
	job->run_cycles = (uint64_t)(timing->run_ms * hz / 1e3);
	/* where nothing moves any more, the figures show it */
	job->give_up = job->warm_end + 2 * job->run_cycles + GIVE_UP_S * rte_get_tsc_hz();
	if (job->row->lcores > 1)
		rte_eal_remote_launch(work_lcore, job, bench_peer_lcore);
	if (foreign)
		rc = run_foreign(job);
	else
		work_thread(job, 0);
	if (job->row->lcores > 1)
		rte_eal_wait_lcore(bench_peer_lcore);
	if (rc != 0)
		return rc;
	/* of a pipeline the consumer's rate */
	for (i = job->handover != NULL ? 1 : 0; i < job->row->lcores; i++)
		rate += (double)job->thread[i]->objs * hz / (double)job->thread[i]->cycles / 1e6;
	for (i = 0; i < (job->handover != NULL ? 1 : job->row->lcores); i++) {
		gets += job->thread[i]->gets;
		failed += job->thread[i]->fails;
	}
	*mobj = rate;
	*fails = gets != 0 ? (double)failed / (double)gets : 0;
	return 0;
}

/* ---- one measurement */

struct fill {
	struct rte_mempool *mp;
	void **objs;
	uint32_t nr, want;
};

static int
fill_get(void *arg)
{
	struct fill *f = arg;

	while (f->nr < f->want && rte_mempool_get(f->mp, &f->objs[f->nr]) == 0)
		f->nr++;
	return 0;
}

static int
fill_put(void *arg)
{
	struct fill *f = arg;
	uint32_t i, n;

	for (i = 0; i < f->nr; i += n) {
		n = RTE_MIN(f->nr - i, 32u);
		rte_mempool_put_bulk(f->mp, &f->objs[i], n);
	}
	f->nr = 0;
	return 0;
}

static int
on_peer(lcore_function_t *fn, void *arg)
{
	rte_eal_remote_launch(fn, arg, bench_peer_lcore);
	return rte_eal_wait_lcore(bench_peer_lcore);
}

/* 90 % in flight: taken by the lcore that gets, put by the one that puts. */
static int
burst(struct job *job)
{
	struct fill f = { .mp = job->mp, .want = job->row->size / 10 * 9 };
	int rc = 0;

	f.objs = rte_malloc(NULL, f.want * sizeof(void *), 0);
	if (f.objs == NULL)
		return -ENOMEM;
	fill_get(&f);
	if (f.nr < f.want)
		rc = -ENOBUFS;
	on_peer(fill_put, &f);
	rte_free(f.objs);
	return rc;
}

/* The same work with this share of the pool in flight; who works also holds. */
static int
run_filled(struct job *job, const struct timing *timing, double share, double *mobj, double *fails)
{
	uint32_t lcores = job->row->lcores, i;
	struct fill f[2] = { { 0 }, { 0 } };
	int rc = 0;

	for (i = 0; i < lcores; i++) {
		f[i].mp = job->mp;
		f[i].want = (uint32_t)(job->row->size * share) / lcores;
		f[i].objs = rte_malloc(NULL, f[i].want * sizeof(void *), 0);
		if (f[i].objs == NULL)
			rc = -ENOMEM;
	}
	if (rc == 0) {
		fill_get(&f[0]);
		if (lcores > 1)
			on_peer(fill_get, &f[1]);
		/* rte_mempool's cache of the first keeps some from the second */
		for (i = 0; i < lcores; i++)
			if (f[i].nr + job->row->cache * 3 / 2 < f[i].want)
				rc = -ENOBUFS;
		if (rc == 0)
			rc = job_run(job, timing, false, mobj, fails);
		fill_put(&f[0]);
		if (lcores > 1)
			on_peer(fill_put, &f[1]);
	}
	for (i = 0; i < lcores; i++)
		rte_free(f[i].objs);
	return rc;
}

static int
run_once(struct job *job, const struct timing *timing, struct sample *s)
{
	double fails;
	int rc = 0;

	switch (job->row->before) {
	case BEFORE_NOTHING:
		break;
	case BEFORE_BURST:
		if (!job->latency) {
			rc = job_run(job, timing, false, &s->ref, &fails);
			if (rc == 0)
				rc = burst(job);
		}
		break;
	case BEFORE_FULL:
		if (!job->latency)
			rc = run_filled(job, timing, 0.5, &s->ref, &fails);
		if (rc == 0)
			rc = run_filled(job, timing, 0.99, &s->mobj, &s->fails);
		return rc;
	case BEFORE_FOREIGN:
		if (!job->latency)
			rc = job_run(job, timing, false, &s->ref, &fails);
		if (rc == 0)
			rc = job_run(job, timing, true, &s->mobj, &s->fails);
		return rc;
	}
	if (rc != 0)
		return rc;
	return job_run(job, timing, false, &s->mobj, &s->fails);
}

static void
latencies(const struct job *job, struct sample *s)
{
	static const double share[] = { 0.5, 0.99, 0.999 };
	static struct hist h, mean;
	unsigned int op, i;

	for (op = 0; op < LAT_OPS; op++) {
		memset(&h, 0, sizeof(h));
		memset(&mean, 0, sizeof(mean));
		for (i = 0; i < job->row->lcores; i++) {
			hist_merge(&h, &job->thread[i]->hist[op]);
			hist_merge(&mean, &job->thread[i]->mean[op]);
		}
		for (i = 0; i < RTE_DIM(share); i++) {
			s->lat[op][i] = hist_ns(&h, share[i]);
			s->mean[op][i] = hist_ns(&mean, share[i]);
		}
		s->lat[op][LAT_MAX] = (double)h.max * ns_per_cycle;
		s->mean[op][LAT_MAX] = (double)mean.max * ns_per_cycle;
	}
}

static struct rte_ring *
ring_make(const char *name, unsigned int n)
{
	return rte_ring_create(name, n, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

/* The ceiling's buffers: as many as are on their way, and no more. */
static int
ceiling_stock(struct job *job)
{
	uint32_t n = 2 * BENCH_HANDOVER, i;
	void *obj;

	if (job->row->work == WORK_RANDOM)
		n += BENCH_WINDOW;
	for (i = 0; i < n; i++)
		if (rte_mempool_get(job->mp, &obj) != 0 || rte_ring_enqueue(job->back, obj) != 0)
			return -ENOBUFS;
	return 0;
}

int
work_measure(const struct row *row, const struct variant *v, struct rte_mempool *const *pools,
		const struct timing *timing, struct sample *s)
{
	struct timing lat = { timing->warm_ms / 4, timing->run_ms / 2 };
	static struct thread threads[2];
	struct job job = {
		.row = row,
		.mp = pools[0],
		.other = pools[1],
		.bound = v->bound,
		.thread = { &threads[0], &threads[1] },
	};
	int rc = 0;

	memset(s, 0, sizeof(*s));
	if (row->work == WORK_PIPELINE || row->work == WORK_RANDOM) {
		job.handover = ring_make("bench_handover", BENCH_HANDOVER);
		if (job.handover == NULL)
			return -rte_errno;
	}
	if (v->bound == BOUND_CEILING) {
		job.back = ring_make("bench_back", 16 * BENCH_HANDOVER);
		rc = job.back == NULL ? -rte_errno : ceiling_stock(&job);
	}
	if (rc == 0)
		rc = run_once(&job, timing, s);
	/* the ceiling's buffers are in nobody's pool any more after its drain */
	if (rc == 0 && v->bound != BOUND_CEILING) {
		struct sample once = *s;

		job.latency = true;
		rc = run_once(&job, &lat, &once);
		latencies(&job, s);
	}
	rte_ring_free(job.handover);
	rte_ring_free(job.back);
	return rc;
}
