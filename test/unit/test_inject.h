/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TEST_INJECT_H_
#define _TEST_INJECT_H_

/*
 * Faults on purpose. The program's own definitions of DPDK's allocating calls (and of the call
 * that tells an IOVA) stand before EAL's, for all shared objects alike; they hand the call on
 * unless it is the one that is to fail.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whose calls count; flags. */
#define INJECT_OURS 0x1    /* libpage_pool and the driver */
#define INJECT_MEMPOOL 0x2 /* librte_mempool */

/* Make the nth of the calls from now on fail, counted from 1; with `on` all after it too. */
void inject_start(unsigned int callers, unsigned int nth, bool on);
/* Back to normal. Returns how many calls there were; `what` receives the name of the call that
 * failed and of the memory, NULL when none did.
 */
unsigned int inject_stop(const char **what);

/* Every `run` bytes of ordinary memory (a power of two of at least 4096), a gap in the IOVAs, as
 * on a machine whose memory is scattered, and here and there no IOVA at all; 0: back to normal.
 */
void inject_iova_run(size_t run);

#endif /* _TEST_INJECT_H_ */
