/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The mempool driver `page_pool`: rte_mempool's callbacks on a frag_pool. An object of the mempool,
 * with its header and trailer, is a fragment. All that is particular to rte_mempool is here: when
 * it populates, what it forgets to tell, which errors it understands.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

RTE_LOG_REGISTER(page_pool_mempool_logtype, mempool.page_pool, NOTICE);

#define DRIVER_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, page_pool_mempool_logtype, "MEMPOOL: page_pool: " fmt "\n", \
			##__VA_ARGS__)

static int
page_pool_dequeue_contig_blocks(struct rte_mempool *mp, void **first_obj_table, unsigned int n)
{
	struct frag_pool *fp = mp->pool_data;
	int rc;

	if (unlikely(frag_pool_validate(fp) != 0))
		return page_pool_mempool_refuse(mp);
	rc = frag_pool_get_contig(fp, first_obj_table, n);
	if (rc != 0)
		rte_errno = -rc;
	return rc;
}

static unsigned int
page_pool_get_count(const struct rte_mempool *mp)
{
	const struct frag_pool *fp = mp->pool_data;

	return frag_pool_validate(fp) == 0 ? frag_pool_count(fp) : 0;
}

static int
page_pool_alloc(struct rte_mempool *mp)
{
	struct frag_pool_params params = {
		.name = mp->name,
		.size = mp->size,
		.frag_size = (size_t)mp->header_size + mp->elt_size + mp->trailer_size,
		.frag_offset = mp->header_size,
		.socket_id = mp->socket_id,
	};
	char source[RTE_MEMPOOL_NAMESIZE + 64];
	struct frag_pool *fp;
	int rc;

	/* the environment first: what the program itself says wins */
	snprintf(source, sizeof(source), "mempool %s is not made, " PAGE_POOL_OPTIONS_ENV,
			mp->name);
	rc = page_pool_parse_options(&params, getenv(PAGE_POOL_OPTIONS_ENV), source);
	if (rc == 0) {
		snprintf(source, sizeof(source), "mempool %s is not made, pool_config", mp->name);
		rc = page_pool_parse_options(&params, mp->pool_config, source);
	}
	if (rc != 0) {
		rte_errno = -rc;
		return rc;
	}
	fp = frag_pool_create(&params);
	if (fp == NULL) {
		rc = -rte_errno;
		DRIVER_LOG(ERR, "mempool %s with %u objects of %zu bytes cannot be made: %s",
				mp->name, mp->size, params.frag_size,
				rc == -E2BIG ? "objects are too large, 256 MB at most" :
						rc == -EPROTO ?
					       "another version of the library is in use here" :
					       rte_strerror(-rc));
		return rc;
	}
	/* POOL.R: who finds the mempool in a list and was told nothing, as telemetry, sees the
	 * whole pool; pairs with POOL.A
	 */
	atomic_thread_fence(memory_order_release);
	mp->pool_data = fp;
	return 0;
}

/* Called with the memory of the chunks gone, and after failures with nothing made. */
static void
page_pool_free(struct rte_mempool *mp)
{
	struct frag_pool *fp = mp->pool_data;

	if (fp == NULL)
		return;
	if (frag_pool_validate(fp) != 0) {
		page_pool_mempool_refuse(mp);
		return;
	}
	frag_pool_destroy(fp);
	mp->pool_data = NULL;
}

/* The default layout is ours: no object crosses a page of the IOMMU, nothing else is lost. */
static ssize_t
page_pool_calc_mem_size(const struct rte_mempool *mp, uint32_t obj_num, uint32_t pg_shift,
		size_t *min_chunk_size, size_t *align)
{
	return rte_mempool_op_calc_mem_size_default(mp, obj_num, pg_shift, min_chunk_size, align);
}

struct populate_ctx {
	struct rte_mempool *mp;
	rte_mempool_populate_obj_cb_t *obj_cb;
	void *obj_cb_arg;
	rte_iova_t iova;
};

static void
populate_obj(void *arg, void *obj, size_t offset)
{
	const struct populate_ctx *ctx = arg;

	ctx->obj_cb(ctx->mp, ctx->obj_cb_arg, obj,
			ctx->iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : ctx->iova + offset);
}

/* 0 is the only failure that rte_mempool handles: it takes a negative number for a chunk. */
static int
page_pool_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova,
		size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	struct populate_ctx ctx = {
		.mp = mp,
		.obj_cb = obj_cb,
		.obj_cb_arg = obj_cb_arg,
		.iova = iova,
	};
	struct frag_pool *fp = mp->pool_data;
	size_t pg_sz;
	int rc;

	if (frag_pool_validate(fp) != 0) {
		page_pool_mempool_refuse(mp);
		return 0;
	}
	rc = rte_mempool_get_page_size(mp, &pg_sz);
	if (rc == 0) {
		/* an earlier populate failed and took all chunks away, which nobody told us */
		if (mp->populated_size < frag_pool_populated(fp))
			frag_pool_forget_chunks(fp);
		rc = frag_pool_add_chunk(fp, vaddr, len, pg_sz, max_objs, populate_obj, &ctx);
	}
	if (rc < 0) {
		DRIVER_LOG(ERR, "mempool %s: chunk of %zu bytes at %p cannot be added: %s",
				mp->name, len, vaddr, rte_strerror(-rc));
		rte_errno = -rc;
		return 0;
	}
	return rc;
}

static int
page_pool_get_info(const struct rte_mempool *mp, struct rte_mempool_info *info)
{
	const struct frag_pool *fp = mp->pool_data;

	if (frag_pool_validate(fp) != 0)
		return page_pool_mempool_refuse(mp);
	info->contig_block_size = frag_pool_contig_size(fp);
	return 0;
}

static const struct rte_mempool_ops ops_page_pool = {
	.name = PAGE_POOL_OPS_NAME,
	.alloc = page_pool_alloc,
	.free = page_pool_free,
	.enqueue = page_pool_mempool_enqueue,
	.dequeue = page_pool_mempool_dequeue,
	.get_count = page_pool_get_count,
	.calc_mem_size = page_pool_calc_mem_size,
	.populate = page_pool_populate,
	.get_info = page_pool_get_info,
	.dequeue_contig_blocks = page_pool_dequeue_contig_blocks,
};

/* EAL's table has 16 places and takes the same name twice: look first, and say what to do when it
 * is full.
 */
RTE_INIT(page_pool_register)
{
	uint32_t i;
	int rc;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, PAGE_POOL_OPS_NAME) == 0) {
			DRIVER_LOG(NOTICE, "loaded twice: the second copy is not used");
			return;
		}
	rc = rte_mempool_register_ops(&ops_page_pool);
	if (rc < 0)
		DRIVER_LOG(ERR, "cannot register mempool ops \"%s\": %s", PAGE_POOL_OPS_NAME,
				rc == -ENOSPC ? "all places are taken; load fewer mempool "
						"drivers, or load this one first with -d" :
						rte_strerror(-rc));
}
