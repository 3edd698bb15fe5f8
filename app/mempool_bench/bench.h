/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _BENCH_H_
#define _BENCH_H_

/*
 * The mempool benchmark: the same work on several mempool drivers, in turn, in one run.
 *
 *   rows.c    what is measured: a table of rows
 *   work.c    the loops, and the two threads that run them
 *   pools.c   how the pools are made, and the bounds: floor and ceiling
 *   single.c  what is measured once: round trip, memory, creation, detection of double frees
 *   pages.c   the library's page_pool
 *   mbufs.c   mbufs in fragments of its pages
 *   report.c  medians, ratios, verdicts, table and JSON
 *   main.c    arguments and schedule
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_mempool.h>

/* The pool that ratios are for, unless --ours says otherwise. */
#define BENCH_OURS "page_pool"
/* A packet buffer: an mbuf and 2176 bytes of data room. */
#define BENCH_ELT_SIZE (128 + 2176)
/* Where its data begin: behind the mbuf and the headroom. */
#define BENCH_DATA_OFF (128 + 128)
#define BENCH_BURST_MAX 256
#define BENCH_HANDOVER 1024 /* entries of the ring between two lcores */
#define BENCH_WINDOW 8192   /* buffers that random-order frees choose from */
#define BENCH_TX_RING 1024  /* buffers in a NIC's Tx ring */
/* A call in so many that does the work for the others is slow, and the others are fast: what they
 * cost together is told by means.
 */
#define BENCH_CALLS 32
#define BENCH_ROUNDS_MAX 101
#define BENCH_VARIANTS_MAX 24

/* ---- what is measured */

enum work {
	WORK_LOCAL,    /* get and put a burst */
	WORK_TURNS,    /* get a burst of each of two pools, put both */
	WORK_KEEP,     /* get bursts until 512 are held, then put them */
	WORK_PIPELINE, /* one thread gets, the other puts, in order */
	WORK_RANDOM,   /* the same, put in random order out of a window */
	WORK_NIC,      /* get, send; the Tx ring puts them 1,024 later */
};

/* What is done before, and what the row is compared with in the same pool. */
enum before {
	BEFORE_NOTHING,
	BEFORE_BURST,   /* 90 % of the pool in flight once; compared with before that */
	BEFORE_FULL,    /* 99 % in flight meanwhile; compared with 50 % */
	BEFORE_FOREIGN, /* on threads that are no lcores; compared with lcores */
};

struct row {
	char name[48];
	enum work work;
	enum before before;
	uint32_t lcores;
	uint32_t burst;
	uint32_t bytes; /* of each buffer, written by one and read by the other */
	uint32_t size;  /* of the pool */
	uint32_t cache; /* rte_mempool's */
};

extern struct row bench_rows[];
extern unsigned int bench_nr_rows;

void rows_make(const uint32_t *caches, unsigned int nr_caches);

/* ---- on which pools */

enum bound { BOUND_NONE, BOUND_FLOOR, BOUND_CEILING };

struct variant {
	char name[64]; /* as given: ops, and what follows the colon */
	char ops[RTE_MEMPOOL_OPS_NAMESIZE];
	char config[64]; /* for the driver, NULL string if empty */
	enum bound bound;
	bool single; /* one thread gets, one puts: legal where the row says so */
};

/* Register the driver that does nothing. */
void pools_init(void);

/* Memory for the largest pool, touched once: all pools lie in it, one at a time. 0 or -errno. */
int arena_init(uint32_t max_size);

/* 0 or -errno; name: what --ops lists. */
int variant_parse(struct variant *v, const char *name);

/* Whether this row can be run with it, or why not. */
const char *variant_unfit(const struct variant *v, const struct row *row);

/* A pool in the arena, or in the given one of so many parts of it; NULL with rte_errno. */
struct rte_mempool *pool_make(const struct variant *v, uint32_t size, uint32_t cache,
		unsigned int part, unsigned int parts);

/* Pools that a row needs at a time. */
static inline unsigned int
row_pools(const struct row *row)
{
	return row->work == WORK_TURNS ? 2 : 1;
}

/* ---- the loops */

/* Percentiles need no more than 3 % of precision: 32 steps for each power of two. */
#define HIST_SUB_SHIFT 5
#define HIST_BUCKETS ((64 - HIST_SUB_SHIFT + 1) << HIST_SUB_SHIFT)

struct hist {
	uint64_t nr;
	uint64_t max;
	uint32_t bucket[HIST_BUCKETS];
};

enum { LAT_P50, LAT_P99, LAT_P999, LAT_MAX, LAT_NR };
enum { LAT_GET, LAT_PUT, LAT_OPS };

struct sample {
	double mobj;                  /* million objects a second, all threads */
	double ref;                   /* the same before, 0: nothing to compare with */
	double fails;                 /* share of gets that failed */
	double lat[LAT_OPS][LAT_NR];  /* nanoseconds of a call */
	double mean[LAT_OPS][LAT_NR]; /* and of the mean of BENCH_CALLS calls in a row */
};

struct timing {
	double warm_ms;
	double run_ms;
};

/* Run one row on its row_pools() pools. 0 or -errno. */
int work_measure(const struct row *row, const struct variant *v, struct rte_mempool *const *pools,
		const struct timing *timing, struct sample *sample);

/* Lcore that takes part beside the main one; RTE_MAX_LCORE: there is none. */
extern unsigned int bench_peer_lcore;

/* Cost of reading the clock, subtracted from latencies. */
void work_init(void);

/* ---- single figures */

/* Nanoseconds for a line to go to the other lcore and back; 0 without a second lcore. */
double round_trip_ns(void);

/* Share of the time that a hypervisor gave to others since the last call; < 0: unknown. */
double stolen_share(void);

struct memory {
	double bytes; /* for each object, all included */
	double create_ms;
};

/* A pool as users make it, on DPDK's heap; used once by the calling lcore. */
int memory_measure(const struct variant *v, uint32_t size, uint32_t data_room, uint32_t cache,
		struct memory *mem);

/* --pages: prints a table of medians of so many rounds. */
int pages_measure(unsigned int rounds);

/* --mbufs: the same for mbufs in fragments. */
int mbufs_measure(unsigned int rounds);

struct misuse {
	uint32_t trials;
	uint32_t found;
	uint64_t delay_p50; /* gets and puts until it was found, of those found */
	uint64_t delay_max;
};

/* Double frees into a page_pool: how many come to light, and when. */
int misuse_measure(const struct variant *v, const struct row *row, uint32_t trials,
		struct misuse *result);

/* ---- report */

struct cell {
	unsigned int nr;
	struct sample sample[BENCH_ROUNDS_MAX];
	int error;
	const char *unfit;
};

struct report_info {
	const struct variant *variants;
	unsigned int nr_variants;
	unsigned int ours; /* index */
	unsigned int rounds;
	double run_ms;
	double rtt_before, rtt_after;
	double stolen;
	char **argv; /* the command, for the record */
	int argc;
};

/* cells[row][variant]; rows without samples are left out. */
void report_table(FILE *f, const struct report_info *info, struct cell *const *cells);
int report_json(const char *path, const struct report_info *info, struct cell *const *cells);

/* Also as text and, if path is not NULL, as JSON. */
struct report_memory {
	const struct variant *variant;
	uint32_t size;
	uint32_t data_room;
	uint32_t lcores;
	struct memory memory;
};

#endif /* _BENCH_H_ */
