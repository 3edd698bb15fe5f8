/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: every mempool of the program gets the ops named by PP_OPS (default "page_pool"),
 * whatever it asks for, and is counted.
 *
 * --mbuf-pool-ops-name reaches packet pools only. Other pools get their ops in three ways:
 * by name (rte_mempool_set_ops_byname()), by flags (rte_mempool_create() picks one of the four
 * rings and sets it by name), or not at all (a pool made by rte_mempool_create_empty() has the
 * ops of index 0). So names are mapped, and each empty pool starts with our ops.
 *
 * Each pool that is populated adds one line to the file PP_COUNT_FILE, if that is set:
 *	OPS CACHE_SIZE PID NAME
 * so a runner can prove that a suite made pools, that all of them were on PP_OPS, and that none
 * had a cache. Lines are written at once, so that those of killed and forked processes count too.
 */

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <rte_mempool.h>

#include "pp_preload.h"

/* populate_default() calls populate_iova() and so on: only the outermost call counts */
static __thread unsigned int populate_depth;

static const char *
wanted_ops(void)
{
	const char *name = getenv("PP_OPS");

	return name == NULL || name[0] == '\0' ? "page_pool" : name;
}

static bool
is_registered(const char *name)
{
	unsigned int i;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

/* One write() for each line: the processes of a suite share the file. */
static void
count_pool(const struct rte_mempool *mp)
{
	const char *path = getenv("PP_COUNT_FILE");
	char line[256];
	int fd, len;

	if (path == NULL || path[0] == '\0')
		return;

	len = snprintf(line, sizeof(line), "%s %u %d %s\n",
			rte_mempool_get_ops(mp->ops_index)->name, mp->cache_size, (int)getpid(),
			mp->name);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, len) != len)
		fprintf(stderr, "pp_allops: cannot write %s\n", path);
	if (fd >= 0)
		close(fd);
}

int
rte_mempool_set_ops_byname(struct rte_mempool *mp, const char *name, void *pool_config)
{
	static __typeof__(&rte_mempool_set_ops_byname) next;

	if (next == NULL)
		next = pp_next("rte_mempool_set_ops_byname");

	/* a name that nobody registered stays an error, as the program may be testing */
	if (strcmp(name, wanted_ops()) == 0 || !is_registered(name))
		return next(mp, name, pool_config);

	/* the configuration was meant for the driver that was asked for */
	return next(mp, wanted_ops(), NULL);
}

struct rte_mempool *
rte_mempool_create_empty(const char *name, unsigned int n, unsigned int elt_size,
		unsigned int cache_size, unsigned int private_data_size, int socket_id,
		unsigned int flags)
{
	static __typeof__(&rte_mempool_create_empty) next;
	struct rte_mempool *mp;

	if (next == NULL)
		next = pp_next("rte_mempool_create_empty");

	mp = next(name, n, elt_size, cache_size, private_data_size, socket_id, flags);
	if (mp != NULL && rte_mempool_set_ops_byname(mp, wanted_ops(), NULL) != 0)
		fprintf(stderr, "pp_allops: no mempool ops are called %s\n", wanted_ops());
	return mp;
}

/*
 * A pool counts once, when its first populate gave it to its driver. Whether that populate went
 * well does not matter here.
 */
#define POPULATE(mp, call) \
	({ \
		bool was_created = ((mp)->flags & RTE_MEMPOOL_F_POOL_CREATED) != 0; \
		int populate_ret; \
\
		populate_depth++; \
		populate_ret = (call); \
		populate_depth--; \
		if (populate_depth == 0 && !was_created && \
				((mp)->flags & RTE_MEMPOOL_F_POOL_CREATED) != 0) \
			count_pool(mp); \
		populate_ret; \
	})

int
rte_mempool_populate_iova(struct rte_mempool *mp, char *vaddr, rte_iova_t iova, size_t len,
		rte_mempool_memchunk_free_cb_t *free_cb, void *opaque)
{
	static __typeof__(&rte_mempool_populate_iova) next;

	if (next == NULL)
		next = pp_next("rte_mempool_populate_iova");
	return POPULATE(mp, next(mp, vaddr, iova, len, free_cb, opaque));
}

int
rte_mempool_populate_virt(struct rte_mempool *mp, char *addr, size_t len, size_t pg_sz,
		rte_mempool_memchunk_free_cb_t *free_cb, void *opaque)
{
	static __typeof__(&rte_mempool_populate_virt) next;

	if (next == NULL)
		next = pp_next("rte_mempool_populate_virt");
	return POPULATE(mp, next(mp, addr, len, pg_sz, free_cb, opaque));
}

int
rte_mempool_populate_default(struct rte_mempool *mp)
{
	static __typeof__(&rte_mempool_populate_default) next;

	if (next == NULL)
		next = pp_next("rte_mempool_populate_default");
	return POPULATE(mp, next(mp));
}

int
rte_mempool_populate_anon(struct rte_mempool *mp)
{
	static __typeof__(&rte_mempool_populate_anon) next;

	if (next == NULL)
		next = pp_next("rte_mempool_populate_anon");
	return POPULATE(mp, next(mp));
}
