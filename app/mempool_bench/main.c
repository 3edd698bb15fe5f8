/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Arguments and schedule: rounds outermost, so that all pools of a row meet the same weather. */

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_string_fns.h>

#include <page_pool_mempool.h>
#include "bench.h"

#define MEMORY_CASES_MAX 8

static struct {
	char ops[1024];
	char rows[1024];
	char caches[128];
	const char *ours;
	const char *json;
	unsigned int rounds;
	double run_ms;
	bool list;
	bool memory;
	bool pages;
	bool mbufs;
	uint32_t misuse;
	bool quiet;
} opt = {
	.ops = BENCH_OURS ",ring_mp_mc,ring_sp_sc,ring_mt_rts,ring_mt_hts,stack,lf_stack,bucket,"
			  "floor,ceiling",
	.rows = "*",
	.caches = "0,256,512",
	.ours = BENCH_OURS,
	.rounds = 5,
	.run_ms = 30,
};

static volatile sig_atomic_t interrupted;

static void
interrupt(__rte_unused int sig)
{
	interrupted = 1;
}

static void
usage(const char *program)
{
	printf("usage: %s [EAL options] -- [options]\n"
	       "  --ops LIST      drivers, as OPS or OPS:CONFIG with '+' for commas in CONFIG;\n"
	       "                  floor and ceiling are the bounds; %s\n"
	       "  --ours NAME     the one of them that ratios are for; %s\n"
	       "  --rows LIST     rows, with * and ?; all\n"
	       "  --caches LIST   sizes of rte_mempool's cache; %s\n"
	       "  --rounds N      %u\n"
	       "  --time-ms T     of each measurement; %g\n"
	       "  --json FILE     results for other programs\n"
	       "  --list          print the rows' names\n"
	       "  --memory        bytes for each object and time to make a pool, instead of rows\n"
	       "  --pages         cycles for a page of the library's page_pool, instead of rows\n"
	       "  --mbufs         cycles and memory of mbufs in fragments, instead of rows\n"
	       "  --misuse N      double frees found by the pool, N trials, instead of rows\n"
	       "  --quiet         no progress line\n"
	       "Two lcores are used, those of the rows that need two; further ones only with "
	       "--memory.\n",
			program, opt.ops, opt.ours, opt.caches, opt.rounds, opt.run_ms);
}

static int
parse_args(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ops", required_argument, NULL, 'o' },
		{ "ours", required_argument, NULL, 'u' },
		{ "rows", required_argument, NULL, 'r' },
		{ "caches", required_argument, NULL, 'c' },
		{ "rounds", required_argument, NULL, 'n' },
		{ "time-ms", required_argument, NULL, 't' },
		{ "json", required_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ "memory", no_argument, NULL, 'm' },
		{ "pages", no_argument, NULL, 'p' },
		{ "mbufs", no_argument, NULL, 'b' },
		{ "misuse", required_argument, NULL, 'd' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool bad = false;
	char *end = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			bad |= strlcpy(opt.ops, optarg, sizeof(opt.ops)) >= sizeof(opt.ops);
			break;
		case 'u':
			opt.ours = optarg;
			break;
		case 'r':
			bad |= strlcpy(opt.rows, optarg, sizeof(opt.rows)) >= sizeof(opt.rows);
			break;
		case 'c':
			bad |= strlcpy(opt.caches, optarg, sizeof(opt.caches)) >=
					sizeof(opt.caches);
			break;
		case 'n':
			opt.rounds = (unsigned int)strtoul(optarg, &end, 10);
			bad |= *end != '\0' || opt.rounds == 0 || opt.rounds > BENCH_ROUNDS_MAX;
			break;
		case 't':
			opt.run_ms = strtod(optarg, &end);
			bad |= *end != '\0' || !(opt.run_ms > 0) || opt.run_ms > 60000;
			break;
		case 'j':
			opt.json = optarg;
			break;
		case 'l':
			opt.list = true;
			break;
		case 'm':
			opt.memory = true;
			break;
		case 'p':
			opt.pages = true;
			break;
		case 'b':
			opt.mbufs = true;
			break;
		case 'd':
			opt.misuse = (uint32_t)strtoul(optarg, &end, 10);
			bad |= *end != '\0' || opt.misuse == 0 || opt.misuse > 1000000;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'h':
			usage(argv[0]);
			exit(0);
		default:
			return -EINVAL;
		}
		if (bad) {
			fprintf(stderr, "--%s: %s is not possible\n",
					c == 'n'                 ? "rounds" :
							c == 't' ? "time-ms" :
							c == 'd' ? "misuse" :
								   "ops, --rows or --caches",
					optarg);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "what is \"%s\"?\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}

static bool
row_chosen(const struct row *row)
{
	char list[sizeof(opt.rows)], *save = NULL, *p;

	strlcpy(list, opt.rows, sizeof(list));
	for (p = strtok_r(list, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save))
		if (fnmatch(p, row->name, 0) == 0)
			return true;
	return false;
}

/* Each of --rows must name one. */
static int
rows_known(void)
{
	char list[sizeof(opt.rows)], *save = NULL, *p;
	unsigned int i;

	strlcpy(list, opt.rows, sizeof(list));
	for (p = strtok_r(list, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < bench_nr_rows; i++)
			if (fnmatch(p, bench_rows[i].name, 0) == 0)
				break;
		if (i == bench_nr_rows) {
			fprintf(stderr, "--rows: no row is called %s; --list prints their names\n",
					p);
			return -EINVAL;
		}
	}
	return 0;
}

static struct variant variants[BENCH_VARIANTS_MAX];
static unsigned int nr_variants, ours;

static bool
ops_known(const char *name)
{
	unsigned int i;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

static int
parse_variants(void)
{
	char list[sizeof(opt.ops)], *save = NULL, *p;
	bool found = false;

	strlcpy(list, opt.ops, sizeof(list));
	for (p = strtok_r(list, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
		if (nr_variants == RTE_DIM(variants) ||
				variant_parse(&variants[nr_variants], p) != 0) {
			fprintf(stderr, "--ops: too many, or %s is too long\n", p);
			return -EINVAL;
		}
		if (!ops_known(variants[nr_variants].ops)) {
			fprintf(stderr, "--ops: there is no mempool driver \"%s\"%s\n", p,
					strcmp(p, BENCH_OURS) == 0 ? ": load it with -d" : "");
			return -EINVAL;
		}
		if (strcmp(p, opt.ours) == 0) {
			ours = nr_variants;
			found = true;
		}
		nr_variants++;
	}
	if (!found) {
		fprintf(stderr, "--ours: %s is not among --ops\n", opt.ours);
		return -EINVAL;
	}
	return 0;
}

static unsigned int
parse_caches(uint32_t *caches, unsigned int max)
{
	char list[sizeof(opt.caches)], *save = NULL, *p, *end;
	unsigned int n = 0;

	strlcpy(list, opt.caches, sizeof(list));
	for (p = strtok_r(list, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
		if (n == max)
			return 0;
		caches[n++] = (uint32_t)strtoul(p, &end, 10);
		if (*end != '\0' || caches[n - 1] > RTE_MEMPOOL_CACHE_MAX_SIZE)
			return 0;
	}
	return n;
}

/* ---- rows */

static void
progress(unsigned int done, unsigned int all, const char *what)
{
	if (opt.quiet)
		return;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%3u %% %s", 100 * done / all, what);
	else if (done * 10 / all != (done - 1) * 10 / all)
		fprintf(stderr, "%3u %% %s\n", 100 * done / all, what);
	if (isatty(STDERR_FILENO) && done == all)
		fprintf(stderr, "\r\033[K");
}

static void
measure(const struct row *row, const struct variant *v, struct cell *cell)
{
	struct timing timing = { .warm_ms = opt.run_ms / 4, .run_ms = opt.run_ms };
	struct rte_mempool *pools[2] = { NULL, NULL };
	unsigned int i, parts = row_pools(row);
	int rc = 0;

	cell->unfit = variant_unfit(v, row);
	if (cell->unfit != NULL || cell->error != 0)
		return;
	for (i = 0; i < parts && rc == 0; i++) {
		pools[i] = pool_make(v, row->size, row->cache, i, parts);
		rc = pools[i] == NULL ? -rte_errno : 0;
	}
	if (rc == 0)
		rc = work_measure(row, v, pools, &timing, &cell->sample[cell->nr]);
	if (rc == 0)
		cell->nr++;
	else
		cell->error = rc;
	rte_mempool_free(pools[0]);
	rte_mempool_free(pools[1]);
}

static int
run_rows(int argc, char **argv)
{
	struct report_info info = {
		.variants = variants,
		.nr_variants = nr_variants,
		.ours = ours,
		.rounds = opt.rounds,
		.run_ms = opt.run_ms,
		.argc = argc,
		.argv = argv,
	};
	unsigned int r, v, k, round, chosen = 0, done = 0;
	struct cell **cells = calloc(bench_nr_rows, sizeof(*cells));
	char what[128];
	int rc = 0;

	for (r = 0; cells != NULL && r < bench_nr_rows; r++) {
		if (!row_chosen(&bench_rows[r]))
			continue;
		cells[r] = calloc(nr_variants, sizeof(*cells[r]));
		if (cells[r] == NULL) {
			rc = -ENOMEM;
			goto out;
		}
		chosen++;
	}
	if (chosen == 0) {
		fprintf(stderr, "--rows: no row is called that; --list prints their names\n");
		rc = -EINVAL;
		goto out;
	}
	/* what was measured until then is worth a table; the other modes just end */
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	info.rtt_before = round_trip_ns();
	stolen_share();
	for (round = 0; round < opt.rounds && !interrupted; round++) {
		for (r = 0; r < bench_nr_rows && !interrupted; r++) {
			if (cells[r] == NULL)
				continue;
			snprintf(what, sizeof(what), "round %u of %u, %s", round + 1, opt.rounds,
					bench_rows[r].name);
			progress(++done, chosen * opt.rounds, what);
			/* each round begins with another one: who comes after whom may matter */
			for (v = 0; v < nr_variants && !interrupted; v++) {
				k = (v + round) % nr_variants;
				measure(&bench_rows[r], &variants[k], &cells[r][k]);
			}
		}
	}
	info.stolen = stolen_share();
	info.rtt_after = round_trip_ns();
	report_table(stdout, &info, cells);
	if (opt.json != NULL) {
		rc = report_json(opt.json, &info, cells);
		if (rc != 0)
			fprintf(stderr, "%s cannot be written\n", opt.json);
	}
	if (rc == 0 && interrupted)
		rc = -EINTR;
	/* ours could be run nowhere: there is nothing in the tables */
	for (r = 0, chosen = 0; r < bench_nr_rows; r++)
		if (cells[r] != NULL)
			chosen += cells[r][ours].nr;
	if (rc == 0 && chosen == 0)
		rc = -ENODATA;
out:
	for (r = 0; cells != NULL && r < bench_nr_rows; r++)
		free(cells[r]);
	free(cells);
	return rc;
}

/* ---- memory, creation */

static const struct {
	uint32_t size;
	uint32_t data_room; /* 0: plain elements of 64 bytes */
	uint32_t cache;
} memory_cases[] = {
	{ 16383, 2176, 256 },
	{ 155455, 2176, 256 },
	{ 16383, 0, 256 },
	{ 155455, 0, 256 },
	{ 1000000, 2176, 256 },
};

static int
run_memory(void)
{
	unsigned int i, v, round;
	struct memory mem;
	double best;
	int rc;

	printf("%u lcores, of which the main one used the pool; bytes for each object all "
	       "included, milliseconds to make the pool (best of %u)\n",
			rte_lcore_count(), opt.rounds);
	for (i = 0; i < RTE_DIM(memory_cases); i++) {
		printf("%u objects, %s\n", memory_cases[i].size,
				memory_cases[i].data_room != 0 ? "mbufs of 2176 bytes" :
								 "64 bytes each");
		for (v = 0; v < nr_variants; v++) {
			if (variants[v].bound != BOUND_NONE)
				continue;
			/* the first round meets memory that nobody has touched */
			for (round = 0, best = 1e9, rc = 0; round <= opt.rounds && rc == 0;
					round++) {
				rc = memory_measure(&variants[v], memory_cases[i].size,
						memory_cases[i].data_room, memory_cases[i].cache,
						&mem);
				if (round > 0)
					best = RTE_MIN(best, mem.create_ms);
			}
			if (rc != 0)
				printf("  %-28s %s\n", variants[v].name, strerror(-rc));
			else
				printf("  %-28s %10.1f bytes %10.2f ms\n", variants[v].name,
						mem.bytes, best);
		}
	}
	return 0;
}

/* ---- double frees */

static int
run_misuse(void)
{
	static const char *const names[] = { "local/1/b32/c0", "local/1/b32/c512", "nic/1/0B/c0",
		"nic/1/0B/c512", "pipeline/0B/16383/c0", "pipeline/0B/16383/c512" };
	struct misuse m;
	unsigned int i, r, v;
	int rc;

	for (v = 0; v < nr_variants; v++) {
		if (strcmp(variants[v].ops, BENCH_OURS) != 0)
			continue;
		printf("double frees into %s, found within 20000 gets and puts\n",
				variants[v].name);
		for (i = 0; i < RTE_DIM(names); i++)
			for (r = 0; r < bench_nr_rows; r++) {
				if (strcmp(bench_rows[r].name, names[i]) != 0)
					continue;
				rc = misuse_measure(&variants[v], &bench_rows[r], opt.misuse, &m);
				if (rc != 0) {
					printf("  %-28s %s\n", names[i], strerror(-rc));
					continue;
				}
				printf("  %-28s %u of %u found", names[i], m.found, m.trials);
				if (m.found > 0)
					printf(", after %" PRIu64 " calls (median), %" PRIu64
					       " (most)",
							m.delay_p50, m.delay_max);
				printf("\n");
			}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned int i, nr_caches;
	uint32_t caches[8];
	int rc, n;

	/* before plugins are loaded: the last places may be taken by them */
	pools_init();
	n = rte_eal_init(argc, argv);
	if (n < 0) {
		fprintf(stderr, "EAL: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	rc = parse_args(argc - n, argv + n);
	nr_caches = parse_caches(caches, RTE_DIM(caches));
	if (rc == 0 && nr_caches == 0) {
		fprintf(stderr, "--caches: up to %zu sizes up to %u\n", RTE_DIM(caches),
				RTE_MEMPOOL_CACHE_MAX_SIZE);
		rc = -EINVAL;
	}
	if (rc == 0)
		rows_make(caches, nr_caches);
	if (rc == 0 && opt.list) {
		for (i = 0; i < bench_nr_rows; i++)
			printf("%s\n", bench_rows[i].name);
		rte_eal_cleanup();
		return 0;
	}
	if (rc == 0)
		rc = rows_known();
	if (rc == 0)
		rc = parse_variants();
	if (rc != 0) {
		usage(argv[0]);
		rte_eal_cleanup();
		return 2;
	}
	bench_peer_lcore = rte_get_next_lcore(-1, 1, 0);
	work_init();
	if (opt.pages) {
		rc = pages_measure(opt.rounds);
		if (rc != 0)
			fprintf(stderr, "--pages: %s\n", strerror(-rc));
	} else if (opt.mbufs) {
		rc = mbufs_measure(opt.rounds);
		if (rc != 0)
			fprintf(stderr, "--mbufs: %s\n", strerror(-rc));
	} else if (opt.memory) {
		rc = run_memory();
	} else {
		uint32_t max_size = 0;

		for (i = 0; i < bench_nr_rows; i++)
			if (opt.misuse != 0 ? bench_rows[i].size < 20000 :
					      row_chosen(&bench_rows[i]))
				max_size = RTE_MAX(max_size,
						bench_rows[i].size * row_pools(&bench_rows[i]));
		rc = arena_init(max_size);
		if (rc != 0)
			fprintf(stderr,
					"no memory for %u mbufs in one piece: reserve hugepages, "
					"or choose rows with smaller pools\n",
					max_size);
		else if (opt.misuse != 0)
			rc = run_misuse();
		else
			rc = run_rows(argc, argv);
	}
	/* a disk that is full: what is missing in a table must not look like an empty one */
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == 0) {
		fprintf(stderr, "the output cannot be written\n");
		rc = -EIO;
	}
	rte_eal_cleanup();
	return rc == 0 ? 0 : 1;
}
