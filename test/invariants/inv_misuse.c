/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I8 Honest misuse, I4 for puts.
 *
 * Strict mode: each kind of bad pointer is refused at the put with -EINVAL, counted and reported
 * with the pool's name and the caller's address; every good pointer of the same burst is accepted.
 *
 * Default mode: the same pointers come to light when they leave the cache, and those that are put
 * alone at once, if they are not where fragments are; how many double frees
 * are found before the fragment is handed out twice is measured and printed. The checker finds a
 * fragment that was put twice.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>
#include <rte_log.h>

#include "inv_common.h"

enum kind {
	KIND_DOUBLE,       /* put before, by a call of its own */
	KIND_DOUBLE_BURST, /* twice in one burst */
	KIND_NEVER,        /* never handed out */
	KIND_MISALIGNED,
	KIND_MIDDLE, /* into the middle of an object */
	KIND_BEFORE, /* just outside of the chunk */
	KIND_BEHIND,
	KIND_FOREIGN, /* of another pool */
	KIND_STACK,
	KIND_NULL,
	KIND_HIGH,  /* no address at all */
	KIND_STALE, /* of memory that was forgotten */
	KINDS,
};

static const char *const kind_names[KINDS] = {
	"put twice",
	"twice in one burst",
	"never handed out",
	"misaligned",
	"middle of an object",
	"before the chunk",
	"behind the chunk",
	"of another pool",
	"on the stack",
	"NULL",
	"no address",
	"of memory forgotten",
};

#define SIZE 300

/* The caller that the log is to name. */
static __attribute__((noinline)) int
bad_put(struct frag_pool *fp, void **frags, uint32_t n)
{
	int rc = frag_pool_put(fp, frags, n);

	/* no tail call: the return address must be here */
	__asm__ volatile("" ::: "memory");
	return rc;
}

static void *
bad_pointer(enum kind kind, struct inv_pool *p, struct inv_pool *other, void **held, void *put)
{
	static uint64_t on_stack;

	switch (kind) {
	case KIND_DOUBLE:
		return put;
	case KIND_DOUBLE_BURST:
		return held[0];
	case KIND_NEVER:
		/* the last one of a pool of which only a part was taken */
		return inv_frag(p, p->size - 1);
	case KIND_MISALIGNED:
		return (uint8_t *)held[0] + 8;
	case KIND_MIDDLE:
		return (uint8_t *)held[0] + p->frag_size / 2;
	case KIND_BEFORE:
		return p->mem - p->frag_size;
	case KIND_BEHIND:
		return inv_frag(p, p->size);
	case KIND_FOREIGN:
		return inv_frag(other, 3);
	case KIND_STACK:
		return &on_stack;
	case KIND_NULL:
		return NULL;
	case KIND_HIGH:
		return (void *)(uintptr_t)UINT64_C(0xfffffffffffff000);
	default:
		return held[0];
	}
}

/* One bad pointer among good ones. Returns what was logged. */
static void
misuse(const struct inv_config *cfg, enum kind kind, uint32_t at, char *log, size_t log_len)
{
	bool strict = (cfg->flags & FRAG_POOL_F_STRICT) != 0;
	uint32_t n = 20, i, count, good, stale = kind == KIND_STALE;
	struct frag_pool_stats st;
	struct inv_pool pool, other;
	void *held[SIZE], *burst[40], *extra;
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int rc;

	snprintf(inv_what, sizeof(inv_what), "%s, pointer %s at %u of a burst",
			inv_config_name(cfg), kind_names[kind], at);
	inv_pool_make(&pool, cfg, SIZE, 64, 0);
	inv_pool_make(&other, cfg, SIZE, 64, 0);
	rc = frag_pool_get(pool.fp, held, 100);
	INV_CHECK(rc == 0, "get: %d", rc);
	/* whatever is taken first: the last fragment of the pool is not among them */
	for (i = 0; i < 100; i++)
		INV_CHECK(inv_index(&pool, held[i]) != SIZE - 1, "the last is among the first");
	extra = held[99];
	rc = frag_pool_put(pool.fp, &extra, 1);
	INV_CHECK(rc == 0, "put: %d", rc);
	if (stale) {
		frag_pool_forget_chunks(pool.fp);
		/* the same addresses, other objects: none of them is handed out */
		rc = frag_pool_add_chunk(pool.fp, pool.mem, pool.len, 0, SIZE, NULL, NULL);
		INV_CHECK(rc == SIZE, "second chunk: %d", rc);
		rc = frag_pool_get(pool.fp, &held[200], 60);
		INV_CHECK(rc == 0, "get: %d", rc);
		/* held[0..98] are void, those of them that were handed out again are not */
		for (i = 200; i < 260; i++)
			if (held[i] == held[0])
				held[0] = inv_frag(&pool, SIZE - 1);
	}
	good = stale ? 200 : 0;
	for (i = 0; i < n; i++)
		burst[i] = held[good + i];
	memmove(&burst[at + 1], &burst[at], (n - at) * sizeof(*burst));
	burst[at] = bad_pointer(kind, &pool, &other, held, extra);
	f = open_memstream(&text, &len);
	rte_openlog_stream(f);
	rc = bad_put(pool.fp, burst, n + 1);
	if (!strict)
		frag_pool_trim(pool.fp, false);
	fflush(f);
	rte_openlog_stream(NULL);
	frag_pool_get_stats(pool.fp, &st);
	if (strict)
		INV_CHECK(rc == -EINVAL, "put of a bad one: %d", rc);
	INV_CHECK(st.refused == 1, "refused %" PRIu64, st.refused);
	count = frag_pool_count(pool.fp);
	INV_CHECK(count == SIZE - (stale ? 60 : 99) + n,
			"I4: count %u, should be %u: good ones not "
			"accepted?",
			count, SIZE - (stale ? 60 : 99) + n);
	snprintf(log, log_len, "%s", text);
	fclose(f);
	free(text);
	/* the rest goes home, and the pool is sound */
	good = stale ? 40 : 79;
	frag_pool_put(pool.fp, &held[stale ? 220 : 20], good);
	count = frag_pool_count(pool.fp);
	INV_CHECK(count == SIZE, "count %u at the end", count);
	inv_pool_end(&pool);
	inv_pool_end(&other);
}

static void
check_log(enum kind kind, const char *log)
{
	const char *s = strstr(log, "called from ");
	unsigned long caller = 0;

	if (s == NULL || sscanf(s, "called from %lx", &caller) != 1)
		caller = 0;
	INV_CHECK(strstr(log, "invariants") != NULL, "%s: the pool is not named in: %s",
			kind_names[kind], log);
	INV_CHECK(caller > (uintptr_t)bad_put && caller < (uintptr_t)bad_put + 256,
			"%s: the caller is not named (%#lx is not in %p) in: %s", kind_names[kind],
			caller, (void *)(uintptr_t)bad_put, log);
}

/* Alone, most of them are refused at once in any mode; so are all where there is no memory yet. */
static void
alone(const struct inv_config *cfg)
{
	static const enum kind kinds[] = { KIND_MISALIGNED, KIND_MIDDLE, KIND_BEFORE, KIND_BEHIND,
		KIND_FOREIGN, KIND_STACK, KIND_NULL, KIND_HIGH };
	/* none, then higher, lower, between, and off the grid of the others */
	static const size_t chunks[] = { 32768, 49152, 4096, 40960, 16384 + 8 };
	struct frag_pool_params params = {
		.name = "alone",
		.size = 100,
		.frag_size = 64,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	struct inv_pool pool = { .size = 20, .frag_size = 64 }, other;
	unsigned int i, k, added, total = 0;
	struct frag_pool_stats st;
	uint64_t refused = 0;
	void *held[100], *bad;
	uint8_t *mem;
	int rc;

	snprintf(inv_what, sizeof(inv_what), "alone, %s", inv_config_name(cfg));
	inv_pool_make(&other, cfg, SIZE, 64, 0);
	pool.fp = frag_pool_create(&params);
	INV_NEED(pool.fp != NULL, "no pool");
	mem = inv_shared_alloc(65536);
	for (added = 0; added <= RTE_DIM(chunks); added++) {
		for (k = 0; k < RTE_DIM(kinds); k++) {
			if (total == 0 && kinds[k] < KIND_BEFORE)
				continue;
			/* once there is a chunk at 8, that is as good as any */
			if (added == RTE_DIM(chunks) && kinds[k] <= KIND_MIDDLE &&
					(cfg->flags & FRAG_POOL_F_STRICT) == 0)
				continue;
			/* in the last chunk added, or around all that there are */
			pool.mem = mem + chunks[added == 0 ? 0 : added - 1];
			if (kinds[k] == KIND_BEFORE)
				pool.mem = mem + (added < 3 ? 32768 : 4096);
			else if (kinds[k] == KIND_BEHIND)
				pool.mem = mem + (added < 2 ? 32768 : 49152);
			held[0] = pool.mem;
			bad = bad_pointer(kinds[k], &pool, &other, held, NULL);
			rc = frag_pool_put(pool.fp, &bad, 1);
			refused++;
			frag_pool_get_stats(pool.fp, &st);
			INV_CHECK(rc == -EINVAL && st.refused == refused,
					"%u chunks, pointer %s: %d, %" PRIu64
					" refused, not %" PRIu64,
					added, kind_names[kinds[k]], rc, st.refused, refused);
		}
		/* good ones are not */
		for (i = 0; i < total; i++) {
			INV_CHECK(frag_pool_get(pool.fp, &held[i], 1) == 0, "get");
			if ((cfg->flags & FRAG_POOL_F_STRICT) == 0)
				continue;
			/* between this one, which is out, and the next */
			bad = (uint8_t *)held[i] + 8;
			rc = frag_pool_put(pool.fp, &bad, 1);
			refused++;
			INV_CHECK(rc == -EINVAL, "%u chunks: %p, not aligned: %d", added, bad, rc);
		}
		for (i = 0; i < total; i++) {
			rc = frag_pool_put(pool.fp, &held[i], 1);
			INV_CHECK(rc == 0, "%u chunks: %p refused", added, held[i]);
		}
		if (added == RTE_DIM(chunks))
			break;
		rc = frag_pool_add_chunk(pool.fp, mem + chunks[added], 20 * 64, 0, 20, NULL, NULL);
		INV_NEED(rc == 20, "chunk: %d", rc);
		total += 20;
	}
	frag_pool_forget_chunks(pool.fp);
	rc = frag_pool_put(pool.fp, &held[0], 1);
	INV_CHECK(rc == -EINVAL, "put of memory forgotten: %d", rc);
	inv_pool_check(pool.fp, "at the end");
	frag_pool_destroy(pool.fp);
	inv_shared_free(mem, 65536);
	inv_pool_end(&other);
}

/* Random bursts of good and bad ones, strict. */
static void
mixed(const struct inv_config *cfg, unsigned int stream)
{
	uint32_t size = 700, i, k, n, held_n = 0, bad, sum_bad = 0;
	void *held[700], *burst[1400];
	struct frag_pool_stats st;
	struct inv_pool pool;
	struct inv_rng rng;
	int rc;

	inv_rng_init(&rng, 800 + stream);
	snprintf(inv_what, sizeof(inv_what), "mixed bursts, %s", inv_config_name(cfg));
	inv_pool_make(&pool, cfg, size, 64, 0);
	for (i = 0; i < 200; i++) {
		n = inv_below(&rng, size - held_n + 1);
		rc = frag_pool_get(pool.fp, &held[held_n], n);
		INV_CHECK(rc == 0, "get of %u: %d", n, rc);
		inv_own_bulk(&held[held_n], n, 3);
		held_n += n;
		inv_shuffle(&rng, held, held_n);
		n = inv_below(&rng, held_n + 1);
		held_n -= n;
		memcpy(burst, &held[held_n], n * sizeof(*held));
		inv_disown_bulk(burst, n, 3);
		bad = inv_below(&rng, 20);
		for (k = 0; k < bad; k++) {
			switch (inv_below(&rng, 4)) {
			case 0: /* one of the burst, again */
				burst[n + k] = n > 0 ? burst[inv_below(&rng, n)] : NULL;
				break;
			case 1:
				burst[n + k] = pool.mem +
						inv_below(&rng, (uint32_t)pool.len) / 8 * 8 + 4;
				break;
			case 2:
				burst[n + k] = pool.mem + pool.len + inv_below(&rng, 4096);
				break;
			default:
				burst[n + k] = (uint8_t *)inv_frag(&pool, inv_below(&rng, size)) +
						32;
				break;
			}
		}
		inv_shuffle(&rng, burst, n + bad);
		rc = frag_pool_put(pool.fp, burst, n + bad);
		sum_bad += bad;
		INV_CHECK(rc == (bad > 0 ? -EINVAL : 0), "put of %u good and %u bad: %d", n, bad,
				rc);
		INV_CHECK(frag_pool_count(pool.fp) == size - held_n, "I4: count %u, in flight %u",
				frag_pool_count(pool.fp), held_n);
		frag_pool_get_stats(pool.fp, &st);
		INV_CHECK(st.refused == sum_bad, "refused %" PRIu64 " of %u bad ones", st.refused,
				sum_bad);
	}
	inv_disown_bulk(held, held_n, 3);
	frag_pool_put(pool.fp, held, held_n);
	inv_pool_end(&pool);
}

/* Default mode: a fragment is put twice in the middle of traffic: found, or handed out twice? */
static void
double_frees(const struct inv_config *cfg, uint32_t between, uint32_t trials)
{
	uint32_t t, i, n, found = 0, checker = 0, harm = 0, held_n, x;
	struct frag_pool_stats st;
	struct inv_pool pool;
	struct inv_rng rng;
	void *held[2000], *twice;

	snprintf(inv_what, sizeof(inv_what), "double frees, %s", inv_config_name(cfg));
	inv_rng_init(&rng, 900 + between);
	for (t = 0; t < trials; t++) {
		bool was_out = false;

		inv_pool_make(&pool, cfg, 2000, 64, 0);
		held_n = 200 + inv_below(&rng, 600);
		frag_pool_get(pool.fp, held, held_n);
		x = inv_below(&rng, held_n);
		twice = held[x];
		held[x] = held[--held_n];
		frag_pool_put(pool.fp, &twice, 1);
		for (i = 0; i < 2 * between; i++) {
			/* the second put comes half way */
			if (i == between && !was_out)
				frag_pool_put(pool.fp, &twice, 1);
			n = 1 + inv_below(&rng, 64);
			if (inv_below(&rng, 2) == 0 && held_n + n < 1900) {
				if (frag_pool_get(pool.fp, &held[held_n], n) != 0)
					continue;
				/* legally handed out again: no double free any more */
				for (x = held_n; x < held_n + n; x++)
					was_out |= held[x] == twice && i < between;
				held_n += n;
			} else {
				n = RTE_MIN(n, held_n);
				held_n -= n;
				inv_shuffle(&rng, held, held_n + n);
				/* keep it, so that it can be seen twice */
				frag_pool_put(pool.fp, &held[held_n], n);
			}
		}
		if (between == 0)
			frag_pool_put(pool.fp, &twice, 1);
		if (was_out) {
			t--;
		} else {
			frag_pool_get_stats(pool.fp, &st);
			if (st.refused > 0)
				found++;
			else if (frag_pool_check(pool.fp, NULL) > 0)
				checker++;
			else
				harm++;
		}
		frag_pool_destroy(pool.fp);
		inv_shared_free(pool.mem, pool.len);
	}
	printf("%-44s %3u calls later: %3u%% found at once or by then, %3u%% by the checker, %3u%% "
	       "not\n",
			inv_what, between, found * 100 / trials, checker * 100 / trials,
			harm * 100 / trials);
	/* right after the second put nothing can hide it from the checker */
	if (between == 0)
		INV_CHECK(harm == 0,
				"%u of %u double frees are neither refused nor found by the "
				"checker",
				harm, trials);
}

/* Logs cannot be flooded. */
static void
log_rate(void)
{
	struct inv_config cfg = { .flags = FRAG_POOL_F_STRICT };
	struct inv_pool pool;
	char *text = NULL, *s;
	size_t len = 0;
	void *bad = &cfg;
	uint32_t i, lines = 0;
	FILE *f;

	snprintf(inv_what, sizeof(inv_what), "rate of the log");
	inv_pool_make(&pool, &cfg, SIZE, 64, 0);
	f = open_memstream(&text, &len);
	rte_openlog_stream(f);
	for (i = 0; i < 10000; i++)
		frag_pool_put(pool.fp, &bad, 1);
	fflush(f);
	rte_openlog_stream(NULL);
	for (s = text; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	INV_CHECK(lines < 100, "%u lines for 10000 bad ones", lines);
	fclose(f);
	free(text);
	inv_pool_end(&pool);
}

int
main(int argc, char **argv)
{
	struct timespec second = { .tv_sec = 1, .tv_nsec = 100000000 };
	static const uint32_t betweens[] = { 0, 5, 50 };
	struct inv_config cfg;
	unsigned int i, kind, b;
	char log[4096];

	inv_start(argc, argv, "I8 honest misuse, I4: good ones of a mixed burst are accepted", 5);
	/* the log first: it is rate-limited */
	cfg = inv_config(4);
	for (kind = 0; kind < KINDS; kind++) {
		misuse(&cfg, kind, 7, log, sizeof(log));
		check_log(kind, log);
		if (kind % 4 == 3)
			nanosleep(&second, NULL);
	}
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		for (kind = 0; kind < KINDS; kind++) {
			/* in default mode these are still in the cache, and legal to be there */
			if ((cfg.flags & FRAG_POOL_F_STRICT) == 0 &&
					(kind == KIND_NEVER || kind == KIND_STALE))
				continue;
			misuse(&cfg, kind, 0, log, sizeof(log));
			misuse(&cfg, kind, 20, log, sizeof(log));
		}
	}
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_EMERG);
	for (i = 0; i < INV_CONFIGS; i++) {
		cfg = inv_config(i);
		if ((cfg.flags & FRAG_POOL_F_STRICT) != 0)
			mixed(&cfg, i);
		alone(&cfg);
	}
	for (i = 0; i < 4; i++) {
		cfg = inv_config(i);
		for (b = 0; b < RTE_DIM(betweens); b++)
			double_frees(&cfg, betweens[b], 60);
	}
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_NOTICE);
	log_rate();
	inv_exit();
}
