/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* What is measured. Names: work/what/pool size/bN burst/cN rte_mempool's cache. */

#include <stdarg.h>
#include <string.h>

#include "bench.h"

#define ROWS_MAX 512
#define SMALL 16383
#define LARGE 155455

struct row bench_rows[ROWS_MAX];
unsigned int bench_nr_rows;

static void __rte_format_printf(2, 3) add(struct row row, const char *fmt, ...)
{
	va_list ap;

	if (bench_nr_rows == ROWS_MAX)
		rte_panic("more than %u rows\n", ROWS_MAX);
	va_start(ap, fmt);
	vsnprintf(row.name, sizeof(row.name), fmt, ap);
	va_end(ap);
	bench_rows[bench_nr_rows++] = row;
}

void
rows_make(const uint32_t *caches, unsigned int nr_caches)
{
	static const uint32_t bursts[] = { 1, 4, 8, 32, 256 };
	static const uint32_t sizes[] = { SMALL, LARGE };
	static const uint32_t bytes[] = { 0, 64, 1536 };
	static const uint32_t foreign[] = { 1, 32, 256 };
	static const uint32_t turns[] = { 1, 32 };
	static const uint32_t two[] = { 0, 512 };
	uint32_t c, b, s, l, i;

	bench_nr_rows = 0;
	for (l = 1; l <= 2; l++)
		for (i = 0; i < nr_caches; i++)
			for (b = 0; b < RTE_DIM(bursts); b++)
				add((struct row){ .work = WORK_LOCAL,
						    .lcores = l,
						    .burst = bursts[b],
						    .size = SMALL,
						    .cache = caches[i] },
						"local/%u/b%u/c%u", l, bursts[b], caches[i]);
	for (b = 0; b < RTE_DIM(turns); b++)
		for (i = 0; i < nr_caches; i++)
			add((struct row){ .work = WORK_TURNS,
					    .lcores = 1,
					    .burst = turns[b],
					    .size = SMALL,
					    .cache = caches[i] },
					"turns/1/b%u/c%u", turns[b], caches[i]);
	for (l = 1; l <= 2; l++)
		for (i = 0; i < nr_caches; i++)
			add((struct row){ .work = WORK_KEEP,
					    .lcores = l,
					    .burst = 32,
					    .size = SMALL,
					    .cache = caches[i] },
					"keep512/%u/b32/c%u", l, caches[i]);
	for (s = 0; s < RTE_DIM(sizes); s++)
		for (b = 0; b < RTE_DIM(bytes); b++)
			for (i = 0; i < nr_caches; i++)
				add((struct row){ .work = WORK_PIPELINE,
						    .lcores = 2,
						    .burst = 32,
						    .bytes = bytes[b],
						    .size = sizes[s],
						    .cache = caches[i] },
						"pipeline/%uB/%u/c%u", bytes[b], sizes[s],
						caches[i]);
	for (s = 0; s < RTE_DIM(sizes); s++)
		for (b = 0; b < RTE_DIM(bytes); b++)
			for (i = 0; i < nr_caches; i++)
				add((struct row){ .work = WORK_RANDOM,
						    .lcores = 2,
						    .burst = 32,
						    .bytes = bytes[b],
						    .size = sizes[s],
						    .cache = caches[i] },
						"random/%uB/%u/c%u", bytes[b], sizes[s], caches[i]);
	for (l = 1; l <= 2; l++)
		for (b = 0; b < 2; b++)
			for (i = 0; i < nr_caches; i++)
				add((struct row){ .work = WORK_NIC,
						    .lcores = l,
						    .burst = 32,
						    .bytes = bytes[b],
						    .size = SMALL,
						    .cache = caches[i] },
						"nic/%u/%uB/c%u", l, bytes[b], caches[i]);
	for (b = 0; b < RTE_DIM(bytes); b++)
		for (i = 0; i < nr_caches; i++)
			add((struct row){ .work = WORK_PIPELINE,
					    .before = BEFORE_BURST,
					    .lcores = 2,
					    .burst = 32,
					    .bytes = bytes[b],
					    .size = LARGE,
					    .cache = caches[i] },
					"after-burst/%uB/%u/c%u", bytes[b], LARGE, caches[i]);
	for (l = 1; l <= 2; l++)
		for (c = 0; c < RTE_DIM(two); c++)
			add((struct row){ .work = WORK_LOCAL,
					    .before = BEFORE_FULL,
					    .lcores = l,
					    .burst = 32,
					    .size = SMALL,
					    .cache = two[c] },
					"exhaustion/%u/b32/c%u", l, two[c]);
	/* what one thread puts the other needs at once */
	add((struct row){ .work = WORK_PIPELINE,
			    .before = BEFORE_FULL,
			    .lcores = 2,
			    .burst = 32,
			    .size = SMALL,
			    .cache = 0 },
			"exhaustion/pipeline/b32/c0");
	for (b = 0; b < RTE_DIM(foreign); b++)
		add((struct row){ .work = WORK_LOCAL,
				    .before = BEFORE_FOREIGN,
				    .lcores = 1,
				    .burst = foreign[b],
				    .size = SMALL,
				    .cache = 0 },
				"no-lcore/1/b%u/c0", foreign[b]);
}
