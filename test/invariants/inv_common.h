/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _INV_COMMON_H_
#define _INV_COMMON_H_

/*
 * What the tests of the invariants share. Each test is one program that names the invariant it
 * proves, prints its seed (set PP_SEED to repeat a run) and ends with 0, 1, or 77 for "could not
 * be tested here". Nothing waits without a bound: a watchdog ends a program that hangs.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <frag_pool.h>

#define INV_SKIP 77

/* A failed check prints where and why; the program goes on, and ends with 1. */
#define INV_CHECK(cond, fmt, ...) \
	((cond) ? true : (inv_fail(__FILE__, __LINE__, "%s: " fmt, #cond, ##__VA_ARGS__), false))
/* The same for what makes going on pointless. */
#define INV_NEED(cond, fmt, ...) \
	do { \
		if (!INV_CHECK(cond, fmt, ##__VA_ARGS__)) \
			inv_exit(); \
	} while (0)

void inv_fail(const char *file, int line, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/* Count failures, print none. */
extern bool inv_quiet;

/* Failures so far. */
unsigned int inv_failures(void);

/* End the program with what was found. */
void inv_exit(void) __attribute__((noreturn));

/*
 * Start: names the invariant, prints the seed, initializes EAL without hugepages and devices,
 * starts the watchdog. Arguments of the program, all optional:
 *   --seconds N   time for the whole program, N may have a fraction
 *   --plugin PATH load the mempool driver
 *   --membarrier forbidden, or forbidden-later: by seccomp, from the start, or once this process
 *                 uses pools and has told the kernel that it will make that call
 *   --signals US  each thread made by inv_threads_start() gets a signal about so often
 *   anything else is left for the program, see inv_arg()
 */
/* Hugepages, so that secondary processes can attach: set before inv_start(). */
extern bool inv_huge;
/* Whether this process is a secondary: it was given `--prefix P --role secondary`. */
extern bool inv_secondary;
/* EAL's --file-prefix, for secondaries. */
extern char inv_prefix[64];

void inv_start(int argc, char **argv, const char *invariant, double seconds);

/* Value of `--name value`, or NULL. */
const char *inv_arg(const char *name);
/* Time that the program should take. */
extern double inv_seconds;
/* Plugin path, NULL when none was given. */
extern const char *inv_plugin;
/* What the program does just now, for the failure lines. */
extern char inv_what[160];

/* At most so many fragments of a pool are on their way in one step of a call that is no get or put
 * of them: a page, or a batch, which is about a 42nd of the pool.
 */
#define INV_STEP(size) \
	((size) / 42 + 32 < 62 ? 62u : (size) / 42 + 32 > 384 ? 384u : (size) / 42 + 32)

double inv_now(void);
uint64_t inv_seed(void);

/* Give up after so many seconds from now on. */
void inv_watchdog(double seconds);

/* Random numbers: the same seed, the same numbers. */
struct inv_rng {
	uint64_t s;
};

void inv_rng_init(struct inv_rng *rng, uint64_t stream);
uint64_t inv_rand(struct inv_rng *rng);
/* 0 .. n - 1 */
uint32_t inv_below(struct inv_rng *rng, uint32_t n);
/* 1 .. max, small ones more often */
uint32_t inv_burst(struct inv_rng *rng, uint32_t max);
void inv_shuffle(struct inv_rng *rng, void **table, uint32_t n);
/* Move n of the table's nr entries, any of them in any order, to its end. */
void inv_pick(struct inv_rng *rng, void **table, uint32_t nr, uint32_t n);

/* Modes, fences and cache sizes that every test runs with. */
struct inv_config {
	uint32_t flags;
	uint32_t cache;
};

#define INV_CONFIGS 16
struct inv_config inv_config(unsigned int i);
const char *inv_config_name(const struct inv_config *cfg);

/* A pool on memory of the test's own, which forked children share. */
struct inv_pool {
	struct frag_pool *fp;
	uint8_t *mem;
	size_t len;
	uint32_t size;
	uint32_t frag_size;
	uint32_t page_frags;
};

/* page_frags 0: as many as a page can have. */
void inv_pool_make(struct inv_pool *p, const struct inv_config *cfg, uint32_t size,
		uint32_t frag_size, uint32_t page_frags);

/* Proves that everything came back (count, checker), then ends the pool. */
void inv_pool_end(struct inv_pool *p);

/* Runs the checker; violations are printed and counted as one failure. */
void inv_pool_check(struct frag_pool *fp, const char *when);

static inline uint32_t
inv_index(const struct inv_pool *p, const void *frag)
{
	return (uint32_t)(((uintptr_t)frag - (uintptr_t)p->mem) / p->frag_size);
}

static inline void *
inv_frag(const struct inv_pool *p, uint32_t i)
{
	return p->mem + (size_t)i * p->frag_size;
}

/* Memory that forked children share; zeroed. */
void *inv_shared_alloc(size_t len);
void inv_shared_free(void *p, size_t len);

/* Who holds a fragment: the first word of each. */
#define INV_FREE UINT64_C(0)

/* Taken just now: it was free, nobody else got it, and what its last holder wrote is seen. */
void inv_own(void *frag, uint64_t who);
/* About to be given back, or passed on. */
void inv_disown(void *frag, uint64_t who, uint64_t to);

void inv_own_bulk(void **frags, uint32_t n, uint64_t who);
void inv_disown_bulk(void **frags, uint32_t n, uint64_t who);

/* Threads. */
struct inv_threads {
	unsigned int n;
	pthread_t *thread;
	struct inv_thread_arg *arg;
};

struct inv_thread_arg {
	unsigned int i;
	void *(*fn)(void *arg, unsigned int i);
	void *arg;
};

void inv_threads_start(struct inv_threads *t, unsigned int n,
		void *(*fn)(void *arg, unsigned int i), void *arg);
void inv_threads_join(struct inv_threads *t);

/* Run a function in a thread of its own, to its end. */
void inv_in_thread(void *(*fn)(void *arg, unsigned int i), void *arg);

/* A thread that does as it is told: each inv_puppet_run() is one call in it, and it sleeps in
 * between, as the owner of its slot.
 */
struct inv_puppet {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	void (*fn)(void *arg);
	void *arg;
	bool busy;
	bool quit;
};

void inv_puppet_start(struct inv_puppet *p);
void inv_puppet_run(struct inv_puppet *p, void (*fn)(void *arg), void *arg);
void inv_puppet_end(struct inv_puppet *p);

/* Take all that should be free, in requests of n; then nothing may be left; then it goes back.
 * frags: room for them.
 */
void inv_take_all(struct inv_pool *pool, void **frags, uint32_t total, uint32_t n);

/* Between these a thread is interrupted by SIGTRAP at each instruction. */
#define TRAPS_ON() \
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq; " \
			 "lea 128(%%rsp), %%rsp" :: \
					 : "memory", "cc")
#define TRAPS_OFF() \
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); " \
			 "popfq; lea 128(%%rsp), %%rsp" :: \
					 : "memory", "cc")

#endif /* _INV_COMMON_H_ */
