/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: every mempool is created without rte_mempool's own per-lcore cache.
 *
 * With the cache a driver below is hardly reached (one get in a whole run of l2fwd), and even a
 * broken one passes most suites. Without it every single get and put is the driver's.
 *
 * Caches that a program makes for itself (rte_mempool_cache_create()) are left alone: the
 * program holds the pointer and reads its length.
 */

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "pp_preload.h"

/*
 * A size that the library refuses is passed on, so that it is refused: suites test that. The
 * rule (flush threshold of one and a half sizes within the pool) is rte_mempool_create_empty()'s.
 */
static unsigned int
cache_size_for(unsigned int n, unsigned int cache_size)
{
	if (cache_size > RTE_MEMPOOL_CACHE_MAX_SIZE || cache_size + cache_size / 2 > n)
		return cache_size;
	return 0;
}

struct rte_mempool *
rte_mempool_create_empty(const char *name, unsigned int n, unsigned int elt_size,
		unsigned int cache_size, unsigned int private_data_size, int socket_id,
		unsigned int flags)
{
	static __typeof__(&rte_mempool_create_empty) next;

	if (next == NULL)
		next = pp_next("rte_mempool_create_empty");
	return next(name, n, elt_size, cache_size_for(n, cache_size), private_data_size, socket_id,
			flags);
}

struct rte_mempool *
rte_mempool_create(const char *name, unsigned int n, unsigned int elt_size, unsigned int cache_size,
		unsigned int private_data_size, rte_mempool_ctor_t *mp_init, void *mp_init_arg,
		rte_mempool_obj_cb_t *obj_init, void *obj_init_arg, int socket_id,
		unsigned int flags)
{
	static __typeof__(&rte_mempool_create) next;

	if (next == NULL)
		next = pp_next("rte_mempool_create");
	return next(name, n, elt_size, cache_size_for(n, cache_size), private_data_size, mp_init,
			mp_init_arg, obj_init, obj_init_arg, socket_id, flags);
}

struct rte_mempool *
rte_pktmbuf_pool_create(const char *name, unsigned int n, unsigned int cache_size,
		uint16_t priv_size, uint16_t data_room_size, int socket_id)
{
	static __typeof__(&rte_pktmbuf_pool_create) next;

	if (next == NULL)
		next = pp_next("rte_pktmbuf_pool_create");
	return next(name, n, cache_size_for(n, cache_size), priv_size, data_room_size, socket_id);
}

struct rte_mempool *
rte_pktmbuf_pool_create_by_ops(const char *name, unsigned int n, unsigned int cache_size,
		uint16_t priv_size, uint16_t data_room_size, int socket_id, const char *ops_name)
{
	static __typeof__(&rte_pktmbuf_pool_create_by_ops) next;

	if (next == NULL)
		next = pp_next("rte_pktmbuf_pool_create_by_ops");
	return next(name, n, cache_size_for(n, cache_size), priv_size, data_room_size, socket_id,
			ops_name);
}

struct rte_mempool *
rte_pktmbuf_pool_create_extbuf(const char *name, unsigned int n, unsigned int cache_size,
		uint16_t priv_size, uint16_t data_room_size, int socket_id,
		const struct rte_pktmbuf_extmem *ext_mem, unsigned int ext_num)
{
	static __typeof__(&rte_pktmbuf_pool_create_extbuf) next;

	if (next == NULL)
		next = pp_next("rte_pktmbuf_pool_create_extbuf");
	return next(name, n, cache_size_for(n, cache_size), priv_size, data_room_size, socket_id,
			ext_mem, ext_num);
}
