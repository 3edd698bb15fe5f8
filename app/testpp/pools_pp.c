/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Pools of mbufs by the library itself: --pp-frag, --pp-split, --pp-provider. The mbufs of a pool
 * are pinned to frags of a pool of pages, which is made with it, for it, and ends with it. pools.c
 * asks for them where it would make pools of its own.
 *
 * Pages come from hugepages (heap), from memory that we map (region), or from memory that the CPU
 * does not read (unreadable, gpu), which does for the payload of ports that split by themselves.
 */

#include <errno.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#ifdef RTE_LIB_GPUDEV
#include <rte_gpudev.h>
#endif

#include <memory_providers.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>

#include "pp.h"

#define POOLS_MAX (RTE_MAX_NUMA_NODES * MBUF_SIZES_MAX)

/* A page has many frags, and what is left at its end is little: from 64 KB to a hugepage. */
#define ORDER_MIN 4
#define ORDER_MAX 9
#define LEFT_SHARE 32

/* What librte_gpudev's devices have, and registered memory is counted in. */
#define GPU_PAGE_SIZE ((size_t)1 << 16)

struct pp_pool {
	struct rte_mempool *mp;
	struct page_pool *pages;
	struct page_pool_region *region; /* of provider region */
	/* what devices are told of; NULL: EAL does it */
	void *base;
	size_t len;
	bool registered;               /* by us */
	bool mapped[RTE_MAX_ETHPORTS]; /* for the port's device */
};

/* Headers of split packets, by socket: they are in ordinary mbufs. */
struct pp_headers {
	struct rte_mempool *mp;
	unsigned int socket_id;
};

static struct pp_pool pools[POOLS_MAX];
static unsigned int nr_pools;
static struct pp_headers headers[RTE_MAX_NUMA_NODES];
static unsigned int nr_headers;

static bool
provider_is(const char *name)
{
	return strcmp(cfg.pp_provider, name) == 0;
}

bool
pp_unreadable(void)
{
	return provider_is("unreadable") || provider_is("gpu");
}

/* ---- pages */

/* The smallest page of which no more is left over than that. */
static uint32_t
order_for(uint32_t size)
{
	uint32_t order;

	for (order = ORDER_MIN; order < ORDER_MAX; order++) {
		const uint32_t page = PAGE_POOL_PAGE_SIZE << order;

		if (size <= page && page % size <= page / LEFT_SHARE)
			break;
	}
	return order;
}

static int16_t
gpu_find(void)
{
#ifdef RTE_LIB_GPUDEV
	return rte_gpu_find_next(0, RTE_GPU_ID_ANY);
#else
	return -1;
#endif
}

/* Whether devices have addresses for the pages. */
static bool
pages_have_iova(void)
{
	if (provider_is("unreadable"))
		return false;
	return provider_is("heap") || rte_eal_iova_mode() == RTE_IOVA_VA;
}

/* Pages for n frags of a size. NULL: rte_errno. */
static struct page_pool *
pages_make(struct pp_pool *pool, const char *name, unsigned int n, uint32_t size, int socket_id)
{
	const uint32_t order = order_for(size);
	const size_t page = (size_t)PAGE_POOL_PAGE_SIZE << order;
	const uint32_t nr = (n - 1) / (uint32_t)(page / size) + 1;
	struct page_pool_unreadable unreadable = { .nr_pages = nr, .iova = RTE_BAD_IOVA };
	struct page_pool_gpu gpu = { .dev_id = gpu_find(), .len = nr * page };
	struct page_pool_params params = {
		.name = name,
		.order = order,
		.nid = socket_id,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = cfg.pp_provider,
	};

	if (provider_is("region")) {
		pool->region = page_pool_region_create(nr * page, socket_id,
				pages_have_iova() ? PAGE_POOL_REGION_CREATE_F_EXTMEM : 0);
		if (pool->region == NULL)
			return NULL;
		if (pages_have_iova()) {
			pool->base = pool->region->base;
			pool->len = pool->region->len;
		}
		params.mp_priv = pool->region;
	} else if (provider_is("unreadable")) {
		params.mp_priv = &unreadable;
	} else if (provider_is("gpu")) {
		params.mp_priv = &gpu;
	}
	return page_pool_create(&params);
}

static void
pages_end(struct pp_pool *pool)
{
	if (pool->registered && rte_extmem_unregister(pool->base, pool->len) != 0)
		TESTPP_LOG(DEBUG, "unable to un-register addr %p: %s\n", pool->base,
				rte_strerror(rte_errno));
	page_pool_destroy(pool->pages);
	if (page_pool_region_destroy(pool->region) != 0)
		TESTPP_LOG(WARNING, "memory of a page_pool stays mapped: %s\n",
				rte_strerror(rte_errno));
	memset(pool, 0, sizeof(*pool));
}

/* ---- pools of mbufs */

static void
range_grow(__rte_unused struct rte_mempool *mp, void *arg, void *obj, __rte_unused unsigned int i)
{
	struct pp_pool *pool = arg;
	const struct rte_mbuf *m = obj;
	uint8_t *first = m->buf_addr, *end = first + m->buf_len;

	if (pool->base == NULL) {
		pool->base = first;
		pool->len = m->buf_len;
		return;
	}
	end = RTE_MAX(end, (uint8_t *)pool->base + pool->len);
	pool->base = RTE_MIN(first, (uint8_t *)pool->base);
	pool->len = RTE_PTR_DIFF(end, pool->base);
}

/* The library has a device's memory to itself: where it lies, mbufs say. */
static int
gpu_register(struct pp_pool *pool)
{
	uint8_t *end;

	rte_mempool_obj_iter(pool->mp, range_grow, pool);
	end = RTE_PTR_ALIGN_CEIL((uint8_t *)pool->base + pool->len, GPU_PAGE_SIZE);
	pool->base = RTE_PTR_ALIGN_FLOOR(pool->base, GPU_PAGE_SIZE);
	pool->len = RTE_PTR_DIFF(end, pool->base);
	if (rte_extmem_register(pool->base, pool->len, NULL, 0, GPU_PAGE_SIZE) != 0)
		return -1;
	pool->registered = true;
	return 0;
}

struct rte_mempool *
pp_pool_make(const char *name, unsigned int n, uint16_t room, unsigned int socket_id)
{
	struct pp_pool *pool = &pools[nr_pools];
	struct page_pool_mbuf_pool_params params = {
		.name = name,
		.n = n,
		.cache_size = cfg.mbcache,
		.data_room_size = room,
		.socket_id = (int)socket_id,
		.flags = pages_have_iova() ? 0 : PAGE_POOL_MBUF_F_NO_IOVA,
	};

	pool->pages = pages_make(pool, name, n, RTE_ALIGN_CEIL((uint32_t)room, RTE_CACHE_LINE_SIZE),
			(int)socket_id);
	if (pool->pages == NULL)
		return NULL;
	params.pool = pool->pages;
	pool->mp = page_pool_mbuf_pool_create(&params);
	if (pool->mp == NULL)
		return NULL;
	nr_pools++;
	if (provider_is("gpu") && gpu_register(pool) != 0)
		return NULL;
	return pool->mp;
}

struct rte_mempool *
pp_headers_make(const char *name, unsigned int n, uint16_t room, unsigned int socket_id)
{
	struct pp_headers *h = &headers[nr_headers];

	h->mp = rte_pktmbuf_pool_create(name, n, cfg.mbcache, 0, room, (int)socket_id);
	h->socket_id = socket_id;
	nr_headers += h->mp != NULL;
	return h->mp;
}

uint16_t
pp_headers_room(void)
{
	return RTE_PKTMBUF_HEADROOM + RTE_MAX(cfg.pp_hdr_len, PP_HEADERS_MIN);
}

struct rte_mempool *
pp_headers_find(unsigned int socket_id)
{
	unsigned int i;

	for (i = 0; i < nr_headers; i++)
		if (headers[i].socket_id == socket_id)
			return headers[i].mp;
	return nr_headers > 0 ? headers[0].mp : NULL;
}

/* Mbufs first, then what they lie in. */
static void
pool_free(struct pp_pool *pool)
{
	unsigned int out = rte_mempool_in_use_count(pool->mp);

	/* a ring that was freed with packets in it, say: whoever knew of them is gone */
	if (page_pool_mbuf_pool_free(pool->mp) != 0) {
		TESTPP_LOG(WARNING,
				"%u mbufs of pool %s did not come back; their memory goes with the "
				"program\n",
				out, pool->mp->name);
		return;
	}
	pages_end(pool);
}

void
pp_pools_free(void)
{
	unsigned int i;

	for (i = 0; i < nr_pools; i++)
		pool_free(&pools[i]);
	nr_pools = 0;
	for (i = 0; i < nr_headers; i++)
		rte_mempool_free(headers[i].mp);
	nr_headers = 0;
}

/* ---- devices */

/* Whether a device is a virtual one: its driver, which is software, goes by virtual addresses. */
static bool
device_is_virtual(const struct rte_device *dev)
{
	return dev != NULL && strcmp(rte_bus_name(rte_dev_bus(dev)), "vdev") == 0;
}

/* Whether another process reads and writes mbufs in place: in EAL's memory, no other. */
static bool
device_shares_memory(const struct rte_eth_dev_info *info)
{
	const struct rte_devargs *devargs = info->device == NULL ? NULL :
								   rte_dev_devargs(info->device);

	return strcmp(info->driver_name, "net_virtio_user") == 0 ||
			(strcmp(info->driver_name, "net_memif") == 0 && devargs != NULL &&
					devargs->args != NULL &&
					strstr(devargs->args, "zero-copy=yes") != NULL);
}

const char *
pp_port_refused(const struct rte_eth_dev_info *info)
{
	if (pp_unreadable() && !pp_device_splits(info))
		return "the device does not split packets itself";
	if (provider_is("region") && device_shares_memory(info))
		return "the process at its other end would not see that memory";
	if (!pages_have_iova() && !device_is_virtual(info->device))
		return "the memory has no addresses for devices";
	return NULL;
}

const char *
pp_provider_missing(void)
{
	return provider_is("gpu") && gpu_find() < 0 ? "there is no such device" : NULL;
}

void
pp_port_map(uint16_t port_id, struct rte_device *dev, bool map)
{
	unsigned int i;

	for (i = 0; i < nr_pools; i++) {
		struct pp_pool *p = &pools[i];
		/* IOVA mode VA */
		const rte_iova_t iova = (uintptr_t)p->base;

		if (p->base == NULL || p->mapped[port_id] == map)
			continue;
		if ((map ? rte_dev_dma_map(dev, p->base, iova, p->len) :
			   rte_dev_dma_unmap(dev, p->base, iova, p->len)) == 0)
			p->mapped[port_id] = map;
		else if (rte_errno != ENOTSUP) /* a device of software reads memory by itself */
			TESTPP_LOG(ERR, "unable to DMA %smap addr %p for device %s: %s\n",
					map ? "" : "un", p->base, rte_dev_name(dev),
					rte_strerror(rte_errno));
	}
}

/* ---- views */

const struct page_pool *
pp_pages_of(const struct rte_mempool *mp)
{
	unsigned int i;

	for (i = 0; i < nr_pools; i++)
		if (pools[i].mp == mp)
			return pools[i].pages;
	return NULL;
}

struct rte_mempool *
pp_mbufs_of(const struct page_pool *pages)
{
	unsigned int i;

	for (i = 0; i < nr_pools; i++)
		if (pools[i].pages == pages)
			return pools[i].mp;
	return NULL;
}
