/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PP_CPU_H_
#define _PP_CPU_H_

/* What depends on the CPU: caches and vector registers. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_common.h>

/* Get a line for writing before it is read: a core that reads it first must ask for it twice. */
static inline void
line_prefetch_write(const void *p)
{
#ifdef RTE_ARCH_X86
	asm volatile("prefetchw %0" ::"m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

/* Two addresses: what the compiler makes a vector register of, where there are any. */
typedef uint64_t pp_pair __attribute__((vector_size(16)));

static inline pp_pair
pp_load(void *const *frags)
{
	pp_pair pair;

	memcpy(&pair, frags, sizeof(pair));
	return pair;
}

/* Whether both of a comparison's results are true. */
static inline bool
pp_pair_all(pp_pair result)
{
	return (result[0] & result[1]) == UINT64_MAX;
}

/* How many pointers, the first included, follow each other at distance d. */
static inline uint32_t
pp_run(void *const *frags, uint32_t n, uint64_t d)
{
	const pp_pair step = { 2 * d, 2 * d };
	uintptr_t first = (uintptr_t)frags[0];
	pp_pair want = { first, first + d }, want2, want4, want6;
	uint32_t i;

	/* Eight at a time, since most runs are as long as bursts, then two, then one. Compared with
	 * what they should be, not with each other: what was just written is read in one piece, not
	 * across two, for which a core waits until both are in its cache.
	 */
	for (i = 0; i + 8 <= n; i += 8) {
		want2 = want + step;
		want4 = want2 + step;
		want6 = want4 + step;
		if (!pp_pair_all((pp_load(&frags[i]) == want) & (pp_load(&frags[i + 2]) == want2) &
				    (pp_load(&frags[i + 4]) == want4) &
				    (pp_load(&frags[i + 6]) == want6)))
			break;
		want = want6 + step;
	}
	for (; i + 2 <= n && pp_pair_all(pp_load(&frags[i]) == want); i += 2)
		want += step;
	if (i < n && (uintptr_t)frags[i] == first + i * d)
		i++;
	return i;
}

#endif /* _PP_CPU_H_ */
