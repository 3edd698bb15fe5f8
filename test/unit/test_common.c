/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * What the unit tests share: EAL, the runner, pools, logs, memory accounts.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>

#include "test_common.h"

#define EAL_ARGS_MAX 48

static const char *const mode_options[] = { "mode=default", "mode=strict" };

static unsigned int mode;
static uint64_t random_seed;
static _Thread_local uint64_t random_state;

uint64_t
test_random(void)
{
	static _Atomic(uint64_t) threads;

	/* each thread has a sequence of its own */
	if (random_state == 0)
		random_state = random_seed + ++threads * UINT64_C(0x9e3779b97f4a7c15);
	/* xorshift64*, by Vigna */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 16;
}

static void
random_start(void)
{
	const char *env = getenv("PP_TEST_SEED");

	random_state = env != NULL ? strtoull(env, NULL, 0) : (uint64_t)time(NULL);
	random_seed = random_state = random_state * 2 + 1;
	printf("PP_TEST_SEED=%" PRIu64 "\n", random_state / 2);
}

void
test_shuffle(void **table, unsigned int n)
{
	unsigned int i, j;
	void *tmp;

	for (i = n; i > 1; i--) {
		j = test_random_below(i);
		tmp = table[i - 1];
		table[i - 1] = table[j];
		table[j] = tmp;
	}
}

unsigned int
test_scale(void)
{
	const char *env = getenv("PP_TEST_SCALE");
	unsigned int n = env == NULL ? 1 : (unsigned int)strtoul(env, NULL, 0);

	return n == 0 ? 1 : n;
}

double
test_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
test_compare_pointers(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

bool
test_strict(void)
{
	return mode == 1;
}

/* Files that EAL leaves behind. */
static void
runtime_dir_remove(void)
{
	const char *path = rte_eal_get_runtime_dir();
	struct dirent *e;
	DIR *dir;

	/* where it would be if EAL did not get as far as making it */
	if (path == NULL || strstr(path, "/pp") == NULL)
		return;
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(path);
}

int
test_eal_init(const char *argv0, unsigned int megabytes, const char *plugin, const char *another)
{
	char *args[EAL_ARGS_MAX], memory[32], prefix[32], *words = NULL, *save = NULL, *word;
	const char *env = getenv("PP_TEST_EAL");
	int n = 0, rc;

	snprintf(prefix, sizeof(prefix), "--file-prefix=pp%d", (int)getpid());
	snprintf(memory, sizeof(memory), "%u", megabytes);
	args[n++] = strdup(argv0);
	args[n++] = strdup("--no-pci");
	if (plugin != NULL)
		args[n++] = strdup("--no-telemetry");
	args[n++] = strdup(prefix);
	args[n++] = strdup("-l");
	args[n++] = strdup(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? "0,1" : "0");
	if (env != NULL) {
		words = strdup(env);
		for (word = strtok_r(words, " ", &save); word != NULL && n < EAL_ARGS_MAX - 6;
				word = strtok_r(NULL, " ", &save))
			args[n++] = strdup(word);
		free(words);
	} else {
		args[n++] = strdup("--no-shconf");
		args[n++] = strdup("--no-huge");
		args[n++] = strdup("-m");
		args[n++] = strdup(memory);
	}
	if (plugin != NULL) {
		args[n++] = strdup("-d");
		args[n++] = strdup(plugin);
	}
	if (another != NULL) {
		args[n++] = strdup("-d");
		args[n++] = strdup(another);
	}
	args[n] = NULL;
	/* the strings stay: EAL keeps pointers to some */
	rc = rte_eal_init(n, args);
	if (rc < 0) {
		printf("rte_eal_init: %s\n", rte_strerror(rte_errno));
		runtime_dir_remove();
	} else {
		/* empty without shared files: nothing is left behind, whatever happens */
		rmdir(rte_eal_get_runtime_dir());
	}
	return rc;
}

void
test_eal_end(void)
{
	rte_eal_cleanup();
	runtime_dir_remove();
}

/* What is made once for all pools, by the library and by DPDK, is there when the cases begin. */
static int
warm_up(void)
{
	struct rte_mempool *mp;

	setenv(PAGE_POOL_OPTIONS_ENV, mode_options[0], 1);
	/* as --mbuf-pool-ops-name does; it makes a memzone */
	if (rte_mbuf_set_user_mempool_ops(PAGE_POOL_OPS_NAME) != 0)
		return -1;
	mp = test_pool(64, 64, 0, NULL);
	return mp == NULL ? -1 : test_pool_end(mp);
}

static int
run_case(const struct test_case *c)
{
	struct test_memory before;
	bool once = (c->how & TEST_BOTH_MODES) == 0;
	double start;
	int rc;

	printf("%s%s%s: ...\n", c->name, once ? "" : ", ", once ? "" : mode_options[mode]);
	if (once)
		unsetenv(PAGE_POOL_OPTIONS_ENV);
	else
		setenv(PAGE_POOL_OPTIONS_ENV, mode_options[mode], 1);
	before = test_memory();
	start = test_seconds();
	rc = c->run();
	if (rc == 0 && (c->how & TEST_PMD_LOSES) == 0 && !test_memory_same(&before, "the case"))
		rc = -1;
	printf("%s: %s (%.2f s)\n", c->name,
			rc == 0                            ? "ok" :
					rc == TEST_SKIPPED ? "skipped" :
							     "FAILED",
			test_seconds() - start);
	return rc;
}

int
test_piece(size_t size)
{
	void *piece = rte_malloc(NULL, size, 0);

	if (piece == NULL) {
		printf("no %zu MB in one piece\n", size >> 20);
		return getenv("PP_TEST_EAL") == NULL ? -1 : TEST_SKIPPED;
	}
	rte_free(piece);
	return 0;
}

static int
run_suite(const struct test_suite *suite, const char *plugin, int (*warm)(void), int argc,
		char **argv)
{
	const char *only = getenv("PP_TEST_ONLY");
	unsigned int i, ok = 0, failed = 0, skipped = 0;
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("== %s\n", suite->name);
	random_start();
	if (test_eal_init(argc > 0 ? argv[0] : suite->name, suite->megabytes, plugin, NULL) < 0)
		/* a machine may lack the memory that was asked for by hand */
		return getenv("PP_TEST_EAL") == NULL ? EXIT_FAILURE : TEST_SKIPPED;
	if (warm() != 0)
		return EXIT_FAILURE;
	for (i = 0; i < suite->nr_cases; i++) {
		if (only != NULL && strstr(suite->cases[i].name, only) == NULL)
			continue;
		if ((suite->cases[i].how & TEST_OWN_MEMORY) != 0 && getenv("PP_TEST_EAL") != NULL)
			continue;
		for (mode = 0; mode < RTE_DIM(mode_options); mode++) {
			rc = run_case(&suite->cases[i]);
			if (rc == 0)
				ok++;
			else if (rc == TEST_SKIPPED)
				skipped++;
			else
				failed++;
			if ((suite->cases[i].how & TEST_BOTH_MODES) == 0)
				break;
		}
	}
	printf("== %s: %u ok, %u failed, %u skipped\n", suite->name, ok, failed, skipped);
	test_eal_end();
	return failed != 0 ? EXIT_FAILURE : ok != 0 ? EXIT_SUCCESS : TEST_SKIPPED;
}

int
test_main(const struct test_suite *suite, int argc, char **argv)
{
	return run_suite(suite, PP_PLUGIN, warm_up, argc, argv);
}

int
test_main_inside(const struct test_suite *suite, int (*warm)(void), int argc, char **argv)
{
	return run_suite(suite, NULL, warm, argc, argv);
}

struct rte_mempool *
test_pool_on(const char *ops, unsigned int n, unsigned int elt_size, unsigned int cache_size,
		unsigned int flags, const char *config)
{
	static unsigned int serial;
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;
	/* DPDK takes no const, the driver only reads */
	void *pool_config = (void *)(uintptr_t)config;
	int rc;

	snprintf(name, sizeof(name), "test%u", serial++);
	mp = rte_mempool_create_empty(name, n, elt_size, cache_size, 0, SOCKET_ID_ANY, flags);
	if (mp == NULL) {
		printf("rte_mempool_create_empty: %s\n", rte_strerror(rte_errno));
		return NULL;
	}
	rc = rte_mempool_set_ops_byname(mp, ops, pool_config);
	if (rc != 0) {
		printf("rte_mempool_set_ops_byname(%s): %s\n", ops, rte_strerror(-rc));
		rte_mempool_free(mp);
		return NULL;
	}
	return mp;
}

struct rte_mempool *
test_pool_empty(unsigned int n, unsigned int elt_size, unsigned int flags, const char *config)
{
	return test_pool_on(PAGE_POOL_OPS_NAME, n, elt_size, 0, flags, config);
}

struct rte_mempool *
test_pool(unsigned int n, unsigned int elt_size, unsigned int cache_size, const char *config)
{
	struct rte_mempool *mp = test_pool_on(PAGE_POOL_OPS_NAME, n, elt_size, cache_size, 0,
			config);
	int rc;

	if (mp == NULL)
		return NULL;
	rc = rte_mempool_populate_default(mp);
	if (rc != (int)n) {
		printf("rte_mempool_populate_default: %d: %s\n", rc, rte_strerror(-rc));
		rte_mempool_free(mp);
		return NULL;
	}
	return mp;
}

int
test_pool_check(const struct rte_mempool *mp)
{
	int violations = page_pool_mempool_check(mp, stdout);

	CHECK(violations == 0, "%d violations in %s", violations, mp->name);
	return 0;
}

int
test_pool_end(struct rte_mempool *mp)
{
	CHECK_OK(test_pool_check(mp));
	rte_mempool_free(mp);
	return 0;
}

unsigned int
test_pool_count(const struct rte_mempool *mp)
{
	return rte_mempool_get_ops(mp->ops_index)->get_count(mp);
}

__rte_noinline int
test_get(struct rte_mempool *mp, void **objs, unsigned int n)
{
	return rte_mempool_get_bulk(mp, objs, n);
}

__rte_noinline void
test_put(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	rte_mempool_put_bulk(mp, objs, n);
}

/* Gets of random size until one for a single object fails. */
static unsigned int
take_all(struct rte_mempool *mp, void **table, unsigned int max)
{
	unsigned int have = 0, n;

	while (have < max) {
		n = RTE_MIN(1 + test_random_below(300), max - have);
		if (rte_mempool_ops_dequeue_bulk(mp, &table[have], n) == 0)
			have += n;
		else if (n == 1)
			break;
		else if (rte_mempool_ops_dequeue_bulk(mp, &table[have], 1) == 0)
			have++;
		else
			break;
	}
	return have;
}

static void
give_all(struct rte_mempool *mp, void **table, unsigned int n)
{
	unsigned int i, part;

	for (i = 0; i < n; i += part) {
		part = RTE_MIN(1 + test_random_below(300), n - i);
		rte_mempool_ops_enqueue_bulk(mp, &table[i], part);
	}
}

static int
drain_table(struct rte_mempool *mp, void **table, void **sorted, unsigned int expected)
{
	unsigned int have = take_all(mp, table, expected + 1), i;
	void *canary = &have, *more[2] = { canary, canary };

	CHECK(have == expected, "%u of %u objects came out of %s", have, expected, mp->name);
	CHECK(rte_mempool_ops_dequeue_bulk(mp, more, 2) == -ENOBUFS && more[0] == canary &&
					more[1] == canary,
			"I4: a get from an empty pool");
	CHECK(test_pool_count(mp) == 0, "I3: count of an empty pool is %u", test_pool_count(mp));
	memcpy(sorted, table, expected * sizeof(*table));
	qsort(sorted, expected, sizeof(*sorted), test_compare_pointers);
	for (i = 1; i < expected; i++)
		CHECK(sorted[i] != sorted[i - 1], "I1: %p came twice", sorted[i]);
	for (i = 0; i < expected; i++) {
		CHECK(rte_mempool_from_obj(table[i]) == mp, "%p is of another pool", table[i]);
		memset(table[i], (int)i, RTE_MIN(mp->elt_size, 256u));
	}
	CHECK_OK(test_pool_check(mp));
	test_shuffle(table, expected);
	give_all(mp, table, expected);
	return 0;
}

int
test_pool_drain(struct rte_mempool *mp, unsigned int expected)
{
	void **table = malloc((expected + 1) * sizeof(*table));
	void **sorted = malloc((expected + 1) * sizeof(*sorted));
	int rc = -1;

	if (table != NULL && sorted != NULL)
		rc = drain_table(mp, table, sorted, expected);
	free(table);
	free(sorted);
	CHECK_OK(rc);
	CHECK(test_pool_count(mp) == expected, "I3: count is %u of %u", test_pool_count(mp),
			expected);
	return test_pool_check(mp);
}

/* An object between the edges of its chunk; the chunks of a pool, for lookups. */
struct layout {
	struct rte_mempool *mp;
	size_t pg_sz;
	void **objs;
	unsigned int nr_objs;
	const struct rte_mempool_memhdr **chunks;
	unsigned int nr_chunks;
	const char *wrong;
	const void *where;
};

static void
layout_chunk(struct rte_mempool *mp __rte_unused, void *arg, struct rte_mempool_memhdr *memhdr,
		unsigned int idx)
{
	struct layout *l = arg;

	if (idx < l->nr_chunks)
		l->chunks[idx] = memhdr;
}

static int
compare_chunks(const void *a, const void *b)
{
	const struct rte_mempool_memhdr *x = *(const struct rte_mempool_memhdr *const *)a;
	const struct rte_mempool_memhdr *y = *(const struct rte_mempool_memhdr *const *)b;

	return test_compare_pointers(&x->addr, &y->addr);
}

static const struct rte_mempool_memhdr *
layout_chunk_of(const struct layout *l, uintptr_t addr)
{
	unsigned int lo = 0, hi = l->nr_chunks, mid;

	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if ((uintptr_t)l->chunks[mid]->addr <= addr)
			lo = mid;
		else
			hi = mid;
	}
	return l->chunks[lo];
}

static const char *
layout_wrong(struct layout *l, void *obj, unsigned int idx)
{
	const struct rte_mempool *mp = l->mp;
	const struct rte_mempool_objhdr *hdr = rte_mempool_get_header(obj);
	uintptr_t start = (uintptr_t)obj - mp->header_size;
	size_t total = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
	uintptr_t last = start + total - 1;
	const struct rte_mempool_memhdr *chunk = layout_chunk_of(l, start);
	uintptr_t first = (uintptr_t)chunk->addr;

	if (idx >= l->nr_objs)
		return "there are more objects than the pool says";
	l->objs[idx] = obj;
	if (start < first || last >= first + chunk->len)
		return "it lies outside of the chunks";
	if (l->pg_sz != 0 && total <= l->pg_sz && start / l->pg_sz != last / l->pg_sz)
		return "it crosses a page boundary";
	if ((uintptr_t)obj %
					((mp->flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN) != 0 ?
									8 :
									RTE_MEMPOOL_ALIGN) !=
			0)
		return "it is not aligned";
	if (hdr->mp != mp)
		return "its header has another mempool";
	if (hdr->iova !=
			(chunk->iova == RTE_BAD_IOVA ? RTE_BAD_IOVA :
						       chunk->iova + ((uintptr_t)obj - first)))
		return "its header has another IOVA";
	return NULL;
}

static void
layout_obj(struct rte_mempool *mp __rte_unused, void *arg, void *obj, unsigned int idx)
{
	struct layout *l = arg;

	if (l->wrong == NULL) {
		l->wrong = layout_wrong(l, obj, idx);
		l->where = obj;
	}
}

static int
layout_check(struct layout *l)
{
	struct rte_mempool *mp = l->mp;
	size_t total = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
	unsigned int i, n;

	rte_mempool_mem_iter(mp, layout_chunk, l);
	qsort(l->chunks, l->nr_chunks, sizeof(*l->chunks), compare_chunks);
	n = rte_mempool_obj_iter(mp, layout_obj, l);
	CHECK(l->wrong == NULL, "object %p of %s: %s", l->where, mp->name, l->wrong);
	CHECK(n == l->nr_objs, "%u objects of %u", n, l->nr_objs);
	qsort(l->objs, n, sizeof(*l->objs), test_compare_pointers);
	for (i = 1; i < n; i++)
		CHECK((uintptr_t)l->objs[i] - (uintptr_t)l->objs[i - 1] >= total,
				"objects %p and %p overlap", l->objs[i - 1], l->objs[i]);
	return 0;
}

int
test_pool_layout(struct rte_mempool *mp)
{
	struct layout l = {
		.mp = mp,
		.nr_objs = mp->populated_size,
		.nr_chunks = mp->nb_mem_chunks,
	};
	int rc = -1;

	CHECK(l.nr_chunks > 0, "%s has no chunk", mp->name);
	CHECK(rte_mempool_get_page_size(mp, &l.pg_sz) == 0, "no page size");
	l.objs = malloc(l.nr_objs * sizeof(*l.objs));
	l.chunks = malloc(l.nr_chunks * sizeof(*l.chunks));
	if (l.objs != NULL && l.chunks != NULL)
		rc = layout_check(&l);
	free(l.objs);
	free(l.chunks);
	return rc;
}

static FILE *log_stream;
static char *log_text;
static size_t log_size;

void
test_log_start(void)
{
	free(log_text);
	log_text = NULL;
	log_stream = open_memstream(&log_text, &log_size);
	rte_openlog_stream(log_stream);
}

unsigned int
test_log_stop(const char **text)
{
	unsigned int lines = 0;
	const char *line;

	rte_openlog_stream(NULL);
	fclose(log_stream);
	for (line = log_text; line != NULL && *line != '\0'; line++) {
		if (strncmp(line, "PAGE_POOL: ", 11) == 0 ||
				strncmp(line, "MEMPOOL: page_pool: ", 20) == 0)
			lines++;
		line = strchr(line, '\n');
		if (line == NULL)
			break;
	}
	*text = log_text;
	return lines;
}

static void
count_memzone(const struct rte_memzone *mz __rte_unused, void *arg)
{
	unsigned int *n = arg;

	(*n)++;
}

struct test_memory
test_memory(void)
{
	struct rte_malloc_socket_stats stats;
	struct test_memory m = { 0 };
	int i;

	for (i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats(i, &stats) == 0) {
			m.bytes += stats.heap_allocsz_bytes;
			m.blocks += stats.alloc_count;
		}
	rte_memzone_walk(count_memzone, &m.memzones);
	return m;
}

bool
test_memory_same(const struct test_memory *before, const char *what)
{
	struct test_memory now = test_memory();

	if (memcmp(&now, before, sizeof(now)) == 0)
		return true;
	printf("%s leaves %zd bytes in %d blocks and %d memzones behind\n", what,
			(ssize_t)(now.bytes - before->bytes), (int)(now.blocks - before->blocks),
			(int)(now.memzones - before->memzones));
	return false;
}
