/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TEST_COMMON_H_
#define _TEST_COMMON_H_

/*
 * What the unit tests share. A test is one program: it starts EAL with the driver as a plugin,
 * runs its cases and exits with 0 (all went well), 1 (one did not) or 77 (nothing could be tried).
 *
 * The runner itself proves two things about every case: DPDK's heaps and memzones are the same
 * after it as before it, to the byte, and no violation of the conservation law was reported by
 * test_pool_end(), through which every pool goes.
 *
 * Environment, for trials by hand:
 *	PP_TEST_ONLY=text   only cases whose name contains the text
 *	PP_TEST_SEED=n      seed of the random numbers (printed at the start)
 *	PP_TEST_EAL=args    replace "--no-huge -m N" by these, for example "--iova-mode=pa"
 *	PP_TEST_SCALE=n     repeat what is random n times as often
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

#define TEST_SKIPPED 77

/* Both return from the case, leaving behind what it made: the first failure is what counts. */
#define CHECK(cond, fmt, ...) \
	do { \
		if (!(cond)) { \
			printf("%s:%d: not %s: " fmt "\n", __FILE__, __LINE__, #cond, \
					##__VA_ARGS__); \
			return -1; \
		} \
	} while (0)
#define CHECK_OK(call) \
	do { \
		int check_rc = (call); \
		if (check_rc != 0) { \
			if (check_rc != TEST_SKIPPED) \
				printf("%s:%d: from here\n", __FILE__, __LINE__); \
			return check_rc; \
		} \
	} while (0)

/* How often a case runs, and with which PAGE_POOL_OPTIONS. */
#define TEST_ONCE 0       /* the case sets its options, or does not care */
#define TEST_BOTH_MODES 1 /* mode=default, then mode=strict */
#define TEST_OWN_MEMORY 2 /* not EAL's: not run again for each kind of memory EAL can have */
#define TEST_PMD_LOSES 4  /* a PMD loses memory: the case accounts for it by itself */

struct test_case {
	const char *name; /* begins with what it proves: an invariant, or an item of issue 2 */
	int (*run)(void); /* 0, -1, or TEST_SKIPPED */
	unsigned int how; /* TEST_* */
};

struct test_suite {
	const char *name;
	unsigned int megabytes; /* memory for EAL */
	const struct test_case *cases;
	unsigned int nr_cases;
};

int test_main(const struct test_suite *suite, int argc, char **argv);

/* The same for a program that has the library inside: it runs without the driver and with
 * telemetry, and calls `warm_up` for what the library makes once for all pools.
 */
int test_main_inside(const struct test_suite *suite, int (*warm_up)(void), int argc, char **argv);

/* Start EAL with up to two plugins, NULL: none; without any, with telemetry. Returns what
 * rte_eal_init() returns.
 */
int test_eal_init(const char *argv0, unsigned int megabytes, const char *plugin,
		const char *another);
void test_eal_end(void);

/* Whether EAL has so many bytes in one piece: 0, -1, or TEST_SKIPPED. Hugepages that lie apart in
 * physical memory are apart in virtual memory, too, with --legacy-mem; peers need such pieces
 * like we do.
 */
int test_piece(size_t size);

/* The mode that TEST_BOTH_MODES is at. */
bool test_strict(void);

/* Pools on page_pool, each with a name of its own. NULL after a line that says why. */
struct rte_mempool *test_pool_empty(unsigned int n, unsigned int elt_size, unsigned int flags,
		const char *config);
struct rte_mempool *test_pool(unsigned int n, unsigned int elt_size, unsigned int cache_size,
		const char *config);
struct rte_mempool *test_pool_on(const char *ops, unsigned int n, unsigned int elt_size,
		unsigned int cache_size, unsigned int flags, const char *config);
/* Check the conservation law, then free the pool. 0 when there is no violation. */
int test_pool_end(struct rte_mempool *mp);
int test_pool_check(const struct rte_mempool *mp);
/* Free objects by the driver's count, without those in rte_mempool's caches. */
unsigned int test_pool_count(const struct rte_mempool *mp);

/* rte_mempool_get_bulk() and rte_mempool_put_bulk(), whose inlined copy loops make compilers warn
 * about small tables.
 */
int test_get(struct rte_mempool *mp, void **objs, unsigned int n);
void test_put(struct rte_mempool *mp, void *const *objs, unsigned int n);

/* Take everything by gets of random size, prove that each object came once and that there are
 * `expected`, write to all of it, give it back in random order, prove that the pool is full again.
 */
int test_pool_drain(struct rte_mempool *mp, unsigned int expected);

/* Prove that objects lie in their chunks, apart from each other, with the right headers, and
 * cross no page where rte_mempool_get_page_size() says so (issue 2, item 4).
 */
int test_pool_layout(struct rte_mempool *mp);

/* The driver's and the library's log lines between start and stop. */
void test_log_start(void);
unsigned int test_log_stop(const char **text);

/* DPDK's memory: what is allocated on all heaps, and the number of memzones. */
struct test_memory {
	size_t bytes;
	unsigned int blocks;
	unsigned int memzones;
};
struct test_memory test_memory(void);
bool test_memory_same(const struct test_memory *before, const char *what);

uint64_t test_random(void);
static inline unsigned int
test_random_below(unsigned int n)
{
	return (unsigned int)(test_random() % n);
}
void test_shuffle(void **table, unsigned int n);
unsigned int test_scale(void);
double test_seconds(void);

int test_compare_pointers(const void *a, const void *b);

#endif /* _TEST_COMMON_H_ */
