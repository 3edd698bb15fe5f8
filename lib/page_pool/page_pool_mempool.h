/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_MEMPOOL_H_
#define _PAGE_POOL_MEMPOOL_H_

/**
 * @file
 * page_pool and rte_mempool: looking behind a mempool whose ops are `page_pool`.
 *
 * A program selects the driver (`--mbuf-pool-ops-name=page_pool`, or
 * rte_mempool_set_ops_byname()) and needs nothing of this; with it, it can ask a pool what it
 * holds, trim it and prove it sound.
 *
 * Options. The driver reads them from the environment variable PAGE_POOL_OPTIONS and from the
 * pool_config argument of rte_mempool_set_ops_byname(), which is NULL or points to a
 * NUL-terminated string that stays valid until the first populate. Both are lists
 * `key=value,key=value`; what pool_config says wins over the environment, what neither says is
 * the default. A key may stand once in each. An unknown key, a key that stands twice or a wrong
 * value makes the first populate fail with -EINVAL and one log line that names it.
 *
 * | key         | values          | default     | meaning                                        |
 * |-------------|-----------------|-------------|------------------------------------------------|
 * | `cache`     | 0..8192         | by the size | fragments each thread's cache holds            |
 * | `page_size` | bytes, k or m   | 62 frags    | bytes of a page, rounded to whole fragments    |
 * | `mode`      | default, strict | default     | what is checked at each get and put            |
 * | `fence`     | auto, full      | auto        | full: never use membarrier()                   |
 * | `idle_trim` | milliseconds    | 0, never    | empty the caches of threads idle for that long |
 */

#include <stdio.h>

#include <rte_mempool.h>

#include "frag_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Name of the mempool ops. */
#define PAGE_POOL_OPS_NAME "page_pool"

/** Environment variable with options for all pools of a process. */
#define PAGE_POOL_OPTIONS_ENV "PAGE_POOL_OPTIONS"

/**
 * The pool behind a mempool, and the check that a secondary process should make before it uses a
 * mempool it looked up: whether this process would run the right code on it. Numbers of mempool
 * ops are per process; a secondary that loaded its drivers in another order runs another driver's
 * code on the pool, and nothing in DPDK notices.
 *
 * Any thread; no lock, no system call.
 *
 * @param mp
 *   Mempool, populated at least in part.
 * @return
 *   The pool, or NULL with rte_errno:
 *   - EINVAL: NULL, or not (yet) a pool of this driver;
 *   - EPROTO: made by a version of this library with another layout;
 *   - ENOEXEC: it is our pool, but in this process its ops_index means another driver: load the
 *     same drivers in the same order in all processes.
 */
struct frag_pool *page_pool_from_mempool(const struct rte_mempool *mp);

/**
 * Walk the pool behind a mempool and prove the conservation law (see frag_pool_check()).
 *
 * Any thread that is not inside a call of the mempool itself; others wait until the walk is over.
 * Objects in rte_mempool's own caches are in flight for this check.
 *
 * @param mp
 *   Mempool.
 * @param f
 *   Violations are written here; NULL for none.
 * @return
 *   Number of violations, or -EINVAL, -EPROTO, -ENOEXEC (see page_pool_from_mempool()), -ENOMEM.
 */
int page_pool_mempool_check(const struct rte_mempool *mp, FILE *f);

/**
 * @internal Callback `dequeue` of the mempool driver: frag_pool_get().
 *
 * @param mp
 *   Mempool.
 * @param obj_table
 *   Table for the objects.
 * @param n
 *   Number of them.
 * @return
 *   0 or -errno.
 */
int page_pool_mempool_dequeue(struct rte_mempool *mp, void **obj_table, unsigned int n);

/**
 * @internal Callback `enqueue` of the mempool driver: frag_pool_put().
 *
 * @param mp
 *   Mempool.
 * @param obj_table
 *   Objects.
 * @param n
 *   Number of them.
 * @return
 *   0 or -errno.
 */
int page_pool_mempool_enqueue(struct rte_mempool *mp, void *const *obj_table, unsigned int n);

/**
 * @internal What all callbacks of the driver do with a pool that is not ours: one log line.
 *
 * @param mp
 *   Mempool.
 * @return
 *   -EINVAL or -EPROTO.
 */
int page_pool_mempool_refuse(const struct rte_mempool *mp);

/**
 * Set parameters from an option list.
 *
 * Control path: allocates.
 *
 * @param params
 *   Fields that the list names are overwritten.
 * @param options
 *   `key=value,...`; NULL or empty changes nothing.
 * @param source
 *   Where the list comes from, for the log.
 * @return
 *   0, -ENOMEM, or -EINVAL after one log line that names what is wrong.
 */
int page_pool_parse_options(struct frag_pool_params *params, const char *options,
		const char *source);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_POOL_MEMPOOL_H_ */
