/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1, I3 while memory comes and goes: frag_pool_add_chunk() and frag_pool_forget_chunks() under
 * use.
 *
 * Coming: chunks of all sizes are added while threads take and give; in the end all is there.
 *
 * Going: everything is forgotten, and other memory added, again and again, while threads (also ones
 * that have just been born) take and give. What they hold is void then. A get that begins after
 * forget_chunks() returned must not hand out anything older. The memory cannot be accessed, so
 * whoever touches it crashes. In strict mode void fragments are put, and must be refused.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>

#include "inv_common.h"

#define FRAG 64
#define HOLD 100
#define THREADS 4

/* Coming. */
struct coming {
	struct inv_pool pool;
	atomic_bool stop;
};

static void *
coming_thread(void *arg, unsigned int i)
{
	struct coming *c = arg;
	struct inv_rng rng;
	void *held[HOLD];
	uint32_t n, nr = 0;
	int rc;

	inv_rng_init(&rng, 30000 + i);
	while (!atomic_load_explicit(&c->stop, memory_order_relaxed)) {
		n = inv_burst(&rng, HOLD);
		if (nr + n <= HOLD) {
			rc = frag_pool_get(c->pool.fp, &held[nr], n);
			if (rc != 0)
				continue;
			inv_own_bulk(&held[nr], n, i + 1);
			nr += n;
		} else {
			n = RTE_MIN(n, nr);
			nr -= n;
			inv_disown_bulk(&held[nr], n, i + 1);
			rc = frag_pool_put(c->pool.fp, &held[nr], n);
			INV_CHECK(rc == 0, "put: %d", rc);
		}
	}
	inv_disown_bulk(held, nr, i + 1);
	frag_pool_put(c->pool.fp, held, nr);
	return NULL;
}

struct walk {
	const uint8_t *mem;
	uint32_t n;
	const uint8_t *last;
};

static void
walk_frag(void *arg, void *frag, size_t offset)
{
	struct walk *w = arg;

	INV_CHECK((uint8_t *)frag == w->mem + offset &&
					(w->last == NULL || (uint8_t *)frag >= w->last + FRAG),
			"callback with %p, offset %zu", frag, offset);
	w->last = frag;
	w->n++;
}

static void
coming(const struct inv_config *cfg, unsigned int nr)
{
	static const size_t pg_sizes[] = { 0, 4096, 512, 2 << 20 };
	struct frag_pool_params params = {
		.name = "chunks",
		.size = 20000,
		.frag_size = FRAG,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	uint32_t total = 0, len, chunks = 0;
	struct inv_threads threads;
	static struct coming c;
	struct inv_rng rng;
	struct walk walk;
	uint8_t *mem, *end;
	size_t mem_len = (size_t)64 << 20;
	int rc;

	memset(&c, 0, sizeof(c));
	snprintf(inv_what, sizeof(inv_what), "coming, %s", inv_config_name(cfg));
	inv_rng_init(&rng, 31000 + nr);
	c.pool.fp = frag_pool_create(&params);
	INV_NEED(c.pool.fp != NULL, "no pool");
	mem = inv_shared_alloc(mem_len);
	end = mem + mem_len;
	walk.mem = mem;
	inv_threads_start(&threads, THREADS, coming_thread, &c);
	while (total < params.size && walk.mem < end) {
		/* with gaps, anywhere */
		walk.mem += (uint64_t)inv_below(&rng, 1000) * 8;
		len = inv_below(&rng, 3) == 0 ? FRAG * (1 + inv_below(&rng, 2000)) :
						FRAG + inv_below(&rng, 5000);
		if (walk.mem + len > end)
			break;
		walk.n = 0;
		walk.last = NULL;
		rc = frag_pool_add_chunk(c.pool.fp, (void *)(uintptr_t)walk.mem, len,
				pg_sizes[inv_below(&rng, 4)], params.size - total, walk_frag,
				&walk);
		INV_CHECK(rc >= 0 && (uint32_t)rc == walk.n, "chunk of %u: %d, %u callbacks", len,
				rc, walk.n);
		total += (uint32_t)RTE_MAX(rc, 0);
		chunks++;
		walk.mem += RTE_ALIGN_CEIL(len, 8);
		if (chunks % 16 == 0)
			sched_yield();
	}
	atomic_store(&c.stop, true);
	inv_threads_join(&threads);
	INV_CHECK(frag_pool_populated(c.pool.fp) == total && frag_pool_count(c.pool.fp) == total,
			"I3: %u of %u there, count %u", frag_pool_populated(c.pool.fp), total,
			frag_pool_count(c.pool.fp));
	inv_pool_check(c.pool.fp, "at the end");
	frag_pool_destroy(c.pool.fp);
	inv_shared_free(mem, mem_len);
}

/* Going. */
#define SIZE 600
#define REGION (SIZE * FRAG + 4096)
#define REGIONS 20000
#define TABLES 16
#define OWNER(region, thread) ((uint64_t)(region) << 32 | (thread))
#define OWNER_REGION(owner) ((uint32_t)((owner) >> 32))
#define OWNER_THREAD(owner) ((uint32_t)(owner))

struct going {
	struct frag_pool *fp;
	bool strict;
	uint8_t *mem;       /* address space, nothing more */
	atomic_uint region; /* memory of this region, and no older one, is the pool's */
	atomic_bool stop;
	pthread_rwlock_t putting; /* default mode: nobody puts what is about to be void */
	/* region and holder: a thread that sleeps between a get and its mark may be that late */
	_Atomic(uint64_t) owner[TABLES][SIZE];
	atomic_uint_fast64_t gets, void_puts;
	uint32_t born;
};

static struct going g;

static void
go_get(uint32_t me, struct inv_rng *rng, void **held, uint32_t *nr)
{
	uint32_t n = inv_burst(rng, HOLD), i, region = atomic_load(&g.region), r, k;
	uintptr_t off;
	uint64_t was;

	if (*nr + n > HOLD || frag_pool_get(g.fp, &held[*nr], n) != 0)
		return;
	atomic_fetch_add_explicit(&g.gets, 1, memory_order_relaxed);
	for (i = *nr; i < *nr + n; i++) {
		off = (uintptr_t)held[i] - (uintptr_t)g.mem;
		r = (uint32_t)(off / REGION);
		k = (uint32_t)(off % REGION / FRAG);
		if (!INV_CHECK(off < (uintptr_t)REGION * REGIONS && k < SIZE &&
						    off % REGION % FRAG == 0,
				    "I1: %p is no fragment", held[i]))
			continue;
		INV_CHECK(r >= region,
				"I1: fragment of region %u handed out by a get that began in "
				"region %u",
				r, region);
		was = atomic_load(&g.owner[r % TABLES][k]);
		while (OWNER_REGION(was) < r || (OWNER_REGION(was) == r && OWNER_THREAD(was) == 0))
			if (atomic_compare_exchange_weak(&g.owner[r % TABLES][k], &was,
					    OWNER(r, me)))
				break;
		INV_CHECK(OWNER_REGION(was) != r || OWNER_THREAD(was) == 0,
				"I1: fragment %u of region %u handed out to %u is held by %u", k, r,
				me, OWNER_THREAD(was));
	}
	*nr += n;
}

static void
go_put(uint32_t me, struct inv_rng *rng, void **held, uint32_t *nr)
{
	uint32_t n = RTE_MIN(inv_burst(rng, HOLD), *nr), i, r, k, good = 0;
	void *frags[HOLD];
	uintptr_t off;
	uint64_t was;
	int rc;

	if (!g.strict)
		pthread_rwlock_rdlock(&g.putting);
	for (i = 0; i < n; i++) {
		off = (uintptr_t)held[--*nr] - (uintptr_t)g.mem;
		r = (uint32_t)(off / REGION);
		k = (uint32_t)(off % REGION / FRAG);
		if (!g.strict && r != atomic_load(&g.region))
			continue;
		was = OWNER(r, me);
		atomic_compare_exchange_strong(&g.owner[r % TABLES][k], &was, OWNER(r, 0));
		frags[good++] = held[*nr];
	}
	rc = frag_pool_put(g.fp, frags, good);
	if (rc != 0)
		atomic_fetch_add_explicit(&g.void_puts, 1, memory_order_relaxed);
	if (!g.strict)
		pthread_rwlock_unlock(&g.putting);
}

static void
go(uint32_t me, uint32_t calls)
{
	struct inv_rng rng;
	void *held[HOLD];
	uint32_t nr = 0, i;

	inv_rng_init(&rng, 32000 + me);
	for (i = 0; i < calls && !atomic_load(&g.stop); i++)
		if (inv_below(&rng, 2) == 0)
			go_get(me, &rng, held, &nr);
		else
			go_put(me, &rng, held, &nr);
	while (nr > 0)
		go_put(me, &rng, held, &nr);
}

static void *
going_thread(void *arg, unsigned int i)
{
	(void)arg;
	while (!atomic_load(&g.stop))
		go(i + 1, 1000000);
	return NULL;
}

/* A newborn: its first calls make and adopt its slot. */
static void *
newborn(void *arg, unsigned int i)
{
	(void)arg;
	go(1000 + g.born * 8 + i, 30);
	return NULL;
}

static void *
midwife(void *arg, unsigned int i)
{
	struct inv_threads threads;

	(void)arg;
	(void)i;
	while (!atomic_load(&g.stop)) {
		g.born++;
		inv_threads_start(&threads, 3, newborn, NULL);
		inv_threads_join(&threads);
	}
	return NULL;
}

static void
going(const struct inv_config *cfg, unsigned int nr, double seconds)
{
	struct frag_pool_params params = {
		.name = "going",
		.size = SIZE,
		.frag_size = FRAG,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	struct inv_threads threads, births;
	struct frag_pool_stats st;
	uint32_t region = 0, count;
	struct inv_rng rng;
	double end;
	int rc;

	memset(&g, 0, sizeof(g));
	snprintf(inv_what, sizeof(inv_what), "going, %s", inv_config_name(cfg));
	inv_rng_init(&rng, 33000 + nr);
	pthread_rwlock_init(&g.putting, NULL);
	g.strict = (cfg->flags & FRAG_POOL_F_STRICT) != 0;
	g.fp = frag_pool_create(&params);
	INV_NEED(g.fp != NULL, "no pool");
	g.mem = mmap(NULL, (size_t)REGION * REGIONS, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	INV_NEED(g.mem != MAP_FAILED, "mmap: %s", strerror(errno));
	inv_threads_start(&threads, THREADS, going_thread, NULL);
	inv_threads_start(&births, 1, midwife, NULL);
	end = inv_now() + seconds;
	for (region = 0; inv_now() < end && region + 1 < REGIONS; region++) {
		if (region > 0) {
			if (!g.strict)
				pthread_rwlock_wrlock(&g.putting);
			frag_pool_forget_chunks(g.fp);
			atomic_store(&g.region, region);
			if (!g.strict)
				pthread_rwlock_unlock(&g.putting);
		}
		rc = frag_pool_add_chunk(g.fp, g.mem + (size_t)region * REGION, SIZE * FRAG, 0,
				SIZE, NULL, NULL);
		INV_CHECK(rc == SIZE, "chunk: %d", rc);
		usleep(inv_below(&rng, 1500));
	}
	atomic_store(&g.stop, true);
	inv_threads_join(&threads);
	inv_threads_join(&births);
	count = frag_pool_count(g.fp);
	INV_CHECK(count == SIZE, "I3: count %u of %u", count, SIZE);
	frag_pool_get_stats(g.fp, &st);
	INV_CHECK(st.corrupt == 0 && st.lost == 0,
			"I1: void fragments were found in caches: %" PRIu64 " withheld, %u lost",
			st.corrupt, st.lost);
	inv_pool_check(g.fp, "at the end");
	printf("%-46s %5u times forgotten, %8" PRIu64 " gets, %6" PRIu64 " void puts, %5u births\n",
			inv_what, region - 1, (uint64_t)g.gets, (uint64_t)g.void_puts, 3 * g.born);
	frag_pool_destroy(g.fp);
	munmap(g.mem, (size_t)REGION * REGIONS);
}

int
main(int argc, char **argv)
{
	struct inv_config cfg;
	unsigned int i;

	inv_start(argc, argv, "I1, I3 while memory comes and goes", 5);
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_CRIT);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		coming(&cfg, i);
		going(&cfg, i, inv_seconds / INV_CONFIGS);
	}
	inv_exit();
}
