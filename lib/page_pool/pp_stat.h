/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PP_STAT_H_
#define _PP_STAT_H_

/* Counters. */

#include <stdatomic.h>
#include <stdint.h>

/* Count something that only one thread counts, the holder of the slot or the consumer of the pool,
 * and anybody reads.
 */
static inline void
stat_add(_Atomic(uint64_t) *counter, uint64_t n)
{
	/* relaxed, no read-modify-write: one writer; readers want any recent value */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			memory_order_relaxed);
}

#endif /* _PP_STAT_H_ */
