/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Provider `gpu`: memory of a device, through librte_gpudev. Each pool has one allocation, until
 * its last page is back.
 *
 * Programs without such devices do not load librte_gpudev, nor need they have it: the library's
 * references to it are weak. DPDK may have been built without it, too.
 */

#include <errno.h>
#include <pthread.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#ifdef RTE_LIB_GPUDEV
#pragma weak rte_gpu_is_valid
#pragma weak rte_gpu_info_get
#pragma weak rte_gpu_mem_alloc
#pragma weak rte_gpu_mem_free
#include <rte_gpudev.h>
#endif

#include "memory_providers.h"
#include "pp_log.h"
#include "provider_array.h"

struct gpu {
	struct page_array pages; /* first */
	void *base;
	int16_t dev_id;
};

#ifdef RTE_LIB_GPUDEV

/* librte_gpudev is not thread-safe, and pools may end in another thread. */
static pthread_mutex_t gpu_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool
gpu_known(void)
{
	return rte_gpu_is_valid != NULL && rte_gpu_info_get != NULL && rte_gpu_mem_alloc != NULL &&
			rte_gpu_mem_free != NULL;
}

/* Memory of a device, and its node: 0 or -errno. pre: holds the mutex. */
static int
gpu_memory(const struct page_pool_gpu *p, size_t page_size, void **base, int *nid)
{
	struct rte_gpu_info info;
	size_t align = page_size;
	int rc;

	if (!rte_gpu_is_valid(p->dev_id))
		return -ENODEV;
	rc = rte_gpu_info_get(p->dev_id, &info);
	if (rc != 0)
		return rc;
	if (rte_is_power_of_2(info.page_size) && info.page_size <= 1u << 31)
		align = RTE_MAX(align, info.page_size);
	rte_errno = 0;
	*base = rte_gpu_mem_alloc(p->dev_id, p->len, (unsigned int)align);
	*nid = info.numa_node;
	return *base != NULL ? 0 : rte_errno != 0 ? -rte_errno : -ENOMEM;
}

static void
gpu_memory_free(int16_t dev_id, void *base)
{
	int rc;

	pthread_mutex_lock(&gpu_mutex);
	rc = rte_gpu_mem_free(dev_id, base);
	pthread_mutex_unlock(&gpu_mutex);
	if (rc != 0)
		PP_LOG(ERR, "device %d keeps memory at %p: %s", dev_id, base, rte_strerror(-rc));
}

static int
gpu_init(struct page_pool *pool)
{
	const struct page_pool_gpu *p = page_pool_mp_priv(pool);
	const size_t page_size = page_pool_page_size(pool);
	uint8_t *first = NULL;
	void *base = NULL;
	struct gpu *g;
	int rc, nid;
	uint64_t nr;
	uint32_t i;

	if (p == NULL || p->len < page_size)
		return -EINVAL;
	if (!gpu_known())
		return -ENOTSUP;
	pthread_mutex_lock(&gpu_mutex);
	rc = gpu_memory(p, page_size, &base, &nid);
	pthread_mutex_unlock(&gpu_mutex);
	if (rc != 0)
		return rc;
	/* drivers align as they are told: all of it is pages */
	nr = page_array_fit(base, p->len, page_size, &first);
	g = nr == 0 ? NULL : page_array_make(pool, "page_pool_gpu", sizeof(*g), nr);
	if (g == NULL) {
		gpu_memory_free(p->dev_id, base);
		return nr == 0 ? -EINVAL : -ENOMEM;
	}
	g->base = base;
	g->dev_id = p->dev_id;
	g->pages.bytes += p->len;
	page_array_fill(&g->pages, first, page_size, nid, NETMEM_NET_IOV);
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		for (i = 0; i < g->pages.nr; i++)
			g->pages.desc[i].dma_addr = (uintptr_t)g->pages.desc[i].addr;
	page_pool_set_mp_priv(pool, g);
	return 0;
}

static void
gpu_destroy(struct page_pool *pool)
{
	struct gpu *g = page_pool_mp_priv(pool);

	gpu_memory_free(g->dev_id, g->base);
	rte_free(g);
}

#else

static int
gpu_init(struct page_pool *pool)
{
	const struct page_pool_gpu *p = page_pool_mp_priv(pool);

	return p == NULL || p->len < page_pool_page_size(pool) ? -EINVAL : -ENOTSUP;
}

static void
gpu_destroy(struct page_pool *pool)
{
	(void)pool;
}

#endif

const struct memory_provider_ops memory_provider_gpu = {
	.name = "gpu",
	.init = gpu_init,
	.destroy = gpu_destroy,
	.alloc_netmems = page_array_alloc,
	.release_netmem = page_array_release,
	.info = page_array_info,
	.walk = page_array_walk,
};
