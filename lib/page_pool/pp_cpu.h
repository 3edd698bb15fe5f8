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

/* Distances of two pointers from those before them. */
static inline pp_pair
pp_step(void *const *frags)
{
	pp_pair now, before;

	memcpy(&now, frags, sizeof(now));
	memcpy(&before, frags - 1, sizeof(before));
	return now - before;
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
	const pp_pair want = { d, d };
	uint32_t i;

	/* eight at a time, since most runs are as long as bursts, then two, then one */
	for (i = 1; i + 8 <= n; i += 8)
		if (!pp_pair_all((pp_step(&frags[i]) == want) & (pp_step(&frags[i + 2]) == want) &
				    (pp_step(&frags[i + 4]) == want) &
				    (pp_step(&frags[i + 6]) == want)))
			break;
	while (i + 2 <= n && pp_pair_all(pp_step(&frags[i]) == want))
		i += 2;
	if (i < n && (uintptr_t)frags[i] - (uintptr_t)frags[i - 1] == d)
		i++;
	return i;
}

#endif /* _PP_CPU_H_ */
