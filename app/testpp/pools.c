/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Pools of mbufs: one per socket and size, in memory of the kind that
 * --mp-alloc names. The mempool ops are the preferred ones in all kinds.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_debug.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "pp.h"

RTE_LOG_REGISTER(testpp_logtype, testpmd, INFO);

#define POOLS_MAX (RTE_MAX_NUMA_NODES * MBUF_SIZES_MAX)

#define HEAP_NAME "extmem"
/* For what a pool needs beside its mbufs: its own structure, caches, lists. */
#define HEAP_EXTRA ((size_t)128 << 20)
#define HEAP_EXTRA_PER_MBUF 64

/* Of page size and a page less: the allocator's own header still fits in a huge page. */
#define XBUF_ZONE_SIZE ((size_t)(RTE_PGSIZE_2M - 4 * 1024))

/* Memory that is not EAL's. */
struct region {
	void *addr;
	size_t len;
	size_t page_size;
	rte_iova_t *iovas; /* of its pages */
	bool registered;
	bool mapped[RTE_MAX_ETHPORTS]; /* for the port's device */
};

struct pool {
	struct rte_mempool *mp;
	unsigned int set;       /* 0: the program's own ops */
	unsigned int socket_id; /* that was asked for; mp->socket_id may be a heap's */
	unsigned int size;      /* index in cfg.mbuf_size */
	struct region region;
	const struct rte_memzone **zones; /* of data */
	unsigned int nr_zones;
};

static struct pool pools[POOLS_MAX];
static unsigned int nr_pools;
static unsigned int set_used, last_set;
static bool heap_made;

const char *
mp_alloc_name(enum mp_alloc kind)
{
	static const char *const names[] = {
		[MP_ALLOC_NATIVE] = "native",
		[MP_ALLOC_ANON] = "anon",
		[MP_ALLOC_XMEM] = "xmem",
		[MP_ALLOC_XMEM_HUGE] = "xmemhuge",
		[MP_ALLOC_XBUF] = "xbuf",
	};

	return (unsigned int)kind < RTE_DIM(names) ? names[kind] : "invalid";
}

bool
ops_registered(const char *name)
{
	unsigned int i;

	for (i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

static const char *
ops_log(void)
{
	const char *ops = rte_mbuf_best_mempool_ops();

	TESTPP_LOG(INFO, "preferred mempool ops selected: %s\n", ops);
	return ops;
}

/* Physical addresses do not change any more after this: pages are there and locked. */
static int
region_iovas(struct region *r)
{
	size_t i, n = r->len / r->page_size;

	r->iovas = malloc(n * sizeof(*r->iovas));
	if (r->iovas == NULL) {
		TESTPP_LOG(ERR, "Cannot allocate memory for iova addresses\n");
		return -1;
	}
	for (i = 0; i < n; i++) {
		void *page = RTE_PTR_ADD(r->addr, i * r->page_size);

		r->iovas[i] = rte_eal_iova_mode() == RTE_IOVA_VA ? (uintptr_t)page :
								   rte_mem_virt2iova(page);
		if (r->iovas[i] == RTE_BAD_IOVA) {
			TESTPP_LOG(ERR, "Cannot find the iova address of %p\n", page);
			free(r->iovas);
			r->iovas = NULL;
			return -1;
		}
	}
	return 0;
}

/* ---- anon */

/* Devices may need to be told of memory that is not EAL's. */
static void
anon_register(struct pool *pool)
{
	struct region *r = &pool->region;
	const struct rte_mempool_memhdr *hdr;
	uintptr_t start = UINTPTR_MAX, end = 0;

	/* however many chunks there are, they lie in one mapping */
	STAILQ_FOREACH(hdr, &pool->mp->mem_list, next) {
		start = RTE_MIN(start, (uintptr_t)hdr->addr);
		end = RTE_MAX(end, (uintptr_t)hdr->addr + hdr->len);
	}
	if (start >= end)
		return;
	r->page_size = sysconf(_SC_PAGESIZE);
	r->addr = (void *)RTE_ALIGN_FLOOR(start, r->page_size);
	r->len = RTE_ALIGN_CEIL(end, r->page_size) - (uintptr_t)r->addr;
	if (region_iovas(r) != 0)
		return;
	if (rte_extmem_register(r->addr, r->len, r->iovas, r->len / r->page_size, r->page_size) !=
			0) {
		TESTPP_LOG(DEBUG, "unable to register addr %p: %s\n", r->addr,
				rte_strerror(rte_errno));
		return;
	}
	r->registered = true;
}

static void
anon_unregister(struct pool *pool)
{
	struct region *r = &pool->region;

	if (r->registered && rte_extmem_unregister(r->addr, r->len) != 0)
		TESTPP_LOG(DEBUG, "unable to un-register addr %p: %s\n", r->addr,
				rte_strerror(rte_errno));
	r->registered = false;
	free(r->iovas);
	r->iovas = NULL;
}

/* Whole, or page by page where the addresses for devices do not follow each other. */
static int
region_dma(const struct region *r, struct rte_device *dev, bool map)
{
	size_t done, step, len = r->len;
	int ret = 0;

	step = rte_eal_iova_mode() == RTE_IOVA_VA ? len : r->page_size;
	for (done = 0; done < len; done += step) {
		void *addr = RTE_PTR_ADD(r->addr, done);
		rte_iova_t iova = r->iovas[done / r->page_size];

		ret = map ? rte_dev_dma_map(dev, addr, iova, step) :
			    rte_dev_dma_unmap(dev, addr, iova, step);
		if (ret == 0)
			continue;
		if (map)
			while (done != 0) {
				done -= step;
				rte_dev_dma_unmap(dev, RTE_PTR_ADD(r->addr, done),
						r->iovas[done / r->page_size], step);
			}
		return -1;
	}
	return 0;
}

static void
region_port_map(struct region *r, uint16_t port_id, struct rte_device *dev, bool map)
{
	if (!r->registered || r->mapped[port_id] == map)
		return;
	if (region_dma(r, dev, map) == 0) {
		r->mapped[port_id] = map;
		return;
	}
	/* a device of software reads memory by itself */
	if (rte_errno == ENOTSUP)
		return;
	TESTPP_LOG(ERR, "unable to DMA %smap addr %p for device %s: %s\n", map ? "" : "un", r->addr,
			rte_dev_name(dev), rte_strerror(rte_errno));
}

void
pools_port_map(uint16_t port_id, bool map)
{
	struct rte_eth_dev_info info;
	unsigned int i;

	if ((cfg.mp_alloc != MP_ALLOC_ANON && !cfg.pp_frag) || port_id >= RTE_MAX_ETHPORTS)
		return;
	if (rte_eth_dev_info_get(port_id, &info) != 0 || info.device == NULL) {
		TESTPP_LOG(ERR,
				"unable to get device info for port %u, mempool %smapping will "
				"not be performed\n",
				port_id, map ? "" : "un");
		return;
	}
	pp_port_map(port_id, info.device, map);
	for (i = 0; i < nr_pools; i++)
		region_port_map(&pools[i].region, port_id, info.device, map);
}

/* It goes before its ports do. */
static void
region_unmap(struct region *r)
{
	struct rte_eth_dev_info info;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		if (r->mapped[p] && rte_eth_dev_info_get(p, &info) == 0)
			region_port_map(r, p, info.device, false);
}

static struct rte_mempool *
anon_create(struct pool *pool, const char *name, unsigned int n, uint16_t room)
{
	struct rte_pktmbuf_pool_private priv = { .mbuf_data_room_size = room };
	unsigned int flags = cfg.no_iova_contig ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0;
	struct rte_mempool *mp;
	int ret;

	mp = rte_mempool_create_empty(name, n, sizeof(struct rte_mbuf) + room, cfg.mbcache,
			sizeof(priv), pool->socket_id, flags);
	if (mp == NULL)
		return NULL;
	ret = rte_mempool_set_ops_byname(mp, ops_log(), NULL);
	if (ret != 0) {
		rte_mempool_free(mp);
		rte_errno = -ret;
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, &priv);
	rte_errno = 0;
	if (rte_mempool_populate_anon(mp) != (int)n) {
		ret = rte_errno != 0 ? rte_errno : ENOMEM;
		rte_mempool_free(mp);
		rte_errno = ret;
		return NULL;
	}
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	pool->mp = mp;
	anon_register(pool);
	return mp;
}

/* ---- xmem and xmemhuge */

static size_t
xmem_mbuf_size(uint16_t room)
{
	return rte_mempool_calc_obj_size(sizeof(struct rte_mbuf) + room, 0, NULL);
}

static size_t
xmem_length(unsigned int n, uint16_t room, size_t page_size)
{
	size_t pages, mbuf_size = xmem_mbuf_size(room);

	if (mbuf_size <= page_size)
		pages = (n + page_size / mbuf_size - 1) / (page_size / mbuf_size);
	else
		pages = n * ((mbuf_size + page_size - 1) / page_size);
	return RTE_ALIGN_CEIL(pages * page_size +
					RTE_MAX(HEAP_EXTRA, (size_t)n * HEAP_EXTRA_PER_MBUF),
			page_size);
}

static int
xmem_map(struct region *r, unsigned int n, uint16_t room, bool huge)
{
	static const size_t huge_sizes[] = { RTE_PGSIZE_2M, RTE_PGSIZE_16M, RTE_PGSIZE_512M,
		RTE_PGSIZE_1G, RTE_PGSIZE_16G };
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
	unsigned int i;

	if (!huge && rte_eal_iova_mode() != RTE_IOVA_VA &&
			xmem_mbuf_size(room) > (size_t)sysconf(_SC_PAGESIZE)) {
		TESTPP_LOG(ERR, "Object size is bigger than page size\n");
		TESTPP_LOG(ERR, "Cannot calculate memory size\n");
		return -1;
	}
	/* a device that has physical addresses needs pages that stay */
	if (rte_eal_iova_mode() != RTE_IOVA_VA)
		flags |= MAP_LOCKED;
	for (i = 0; i < (huge ? RTE_DIM(huge_sizes) : 1); i++) {
		int size_flag = 0;

		r->page_size = huge ? huge_sizes[i] : (size_t)sysconf(_SC_PAGESIZE);
		if (huge)
			size_flag = MAP_HUGETLB |
					(int)((unsigned int)__builtin_ctzll(r->page_size)
							<< 26 /* MAP_HUGE_SHIFT */);
		r->len = xmem_length(n, room, r->page_size);
		r->addr = mmap(NULL, r->len, PROT_READ | PROT_WRITE, flags | size_flag, -1, 0);
		if (r->addr != MAP_FAILED)
			break;
		r->addr = NULL;
	}
	if (r->addr == NULL) {
		TESTPP_LOG(ERR, "Cannot create memory area\n");
		return -1;
	}
	if (region_iovas(r) != 0) {
		munmap(r->addr, r->len);
		r->addr = NULL;
		return -1;
	}
	return 0;
}

static int
xmem_add(struct pool *pool, unsigned int n, uint16_t room)
{
	struct region *r = &pool->region;

	if (!heap_made) {
		if (rte_malloc_heap_create(HEAP_NAME) != 0) {
			TESTPP_LOG(ERR, "Cannot create heap\n");
			return -1;
		}
		heap_made = true;
	}
	if (xmem_map(r, n, room, cfg.mp_alloc == MP_ALLOC_XMEM_HUGE) != 0)
		return -1;
	if (rte_malloc_heap_memory_add(HEAP_NAME, r->addr, r->len, r->iovas, r->len / r->page_size,
			    r->page_size) != 0) {
		TESTPP_LOG(ERR, "Cannot add memory to heap\n");
		munmap(r->addr, r->len);
		free(r->iovas);
		r->addr = NULL;
		r->iovas = NULL;
		return -1;
	}
	r->registered = true;
	TESTPP_LOG(INFO, "Allocated %zuMB of external memory\n", r->len >> 20);
	return 0;
}

static void
xmem_remove(struct pool *pool)
{
	struct region *r = &pool->region;

	free(r->iovas);
	r->iovas = NULL;
	if (!r->registered)
		return;
	/* something of it is still in use: leave it to the end of the process */
	if (rte_malloc_heap_memory_remove(HEAP_NAME, r->addr, r->len) != 0) {
		TESTPP_LOG(DEBUG, "external memory is still in use: %s\n", rte_strerror(rte_errno));
		return;
	}
	r->registered = false;
	munmap(r->addr, r->len);
}

static struct rte_mempool *
xmem_create(struct pool *pool, const char *name, unsigned int n, uint16_t room)
{
	int socket_id;

	if (xmem_add(pool, n, room) != 0) {
		fprintf(stderr, "Could not create external memory\n");
		return NULL;
	}
	socket_id = rte_malloc_heap_get_socket(HEAP_NAME);
	if (socket_id < 0) {
		fprintf(stderr, "Could not get external memory socket ID\n");
		return NULL;
	}
	ops_log();
	return rte_pktmbuf_pool_create(name, n, cfg.mbcache, 0, room, socket_id);
}

/* ---- xbuf */

static void
xbuf_zones_free(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_zones; i++)
		rte_memzone_free(pool->zones[i]);
	free(pool->zones);
	pool->zones = NULL;
	pool->nr_zones = 0;
}

static struct rte_pktmbuf_extmem *
xbuf_zones(struct pool *pool, const char *name, unsigned int n, uint16_t room)
{
	uint16_t size = RTE_ALIGN_CEIL((unsigned int)room, RTE_CACHE_LINE_SIZE) > UINT16_MAX ?
			0 :
			RTE_ALIGN_CEIL(room, RTE_CACHE_LINE_SIZE);
	struct rte_pktmbuf_extmem *mem;
	char zone_name[RTE_MEMZONE_NAMESIZE];
	unsigned int i, nr, per_zone;

	if (size == 0)
		return NULL;
	per_zone = XBUF_ZONE_SIZE / size;
	nr = (n + per_zone - 1) / per_zone;
	mem = calloc(nr, sizeof(*mem));
	pool->zones = calloc(nr, sizeof(*pool->zones));
	if (mem == NULL || pool->zones == NULL) {
		TESTPP_LOG(ERR, "Cannot allocate memory for external buffer descriptors\n");
		free(mem);
		xbuf_zones_free(pool);
		return NULL;
	}
	for (i = 0; i < nr; i++) {
		const struct rte_memzone *mz = NULL;

		if (snprintf(zone_name, sizeof(zone_name), "MP_%s_xb_%u", name, i) <
				(int)sizeof(zone_name))
			mz = rte_memzone_reserve_aligned(zone_name, XBUF_ZONE_SIZE, pool->socket_id,
					RTE_MEMZONE_IOVA_CONTIG | RTE_MEMZONE_1GB |
							RTE_MEMZONE_SIZE_HINT_ONLY,
					XBUF_ZONE_SIZE > RTE_PGSIZE_4K ? RTE_PGSIZE_4K :
									 RTE_CACHE_LINE_SIZE);
		if (mz == NULL) {
			free(mem);
			xbuf_zones_free(pool);
			return NULL;
		}
		pool->zones[pool->nr_zones++] = mz;
		mem[i].buf_ptr = mz->addr;
		mem[i].buf_iova = mz->iova;
		mem[i].buf_len = XBUF_ZONE_SIZE;
		mem[i].elt_size = size;
	}
	return mem;
}

static struct rte_mempool *
xbuf_create(struct pool *pool, const char *name, unsigned int n, uint16_t room)
{
	struct rte_pktmbuf_extmem *mem = xbuf_zones(pool, name, n, room);
	struct rte_mempool *mp;

	if (mem == NULL) {
		fprintf(stderr, "Can't create pinned data buffers\n");
		return NULL;
	}
	ops_log();
	mp = rte_pktmbuf_pool_create_extbuf(name, n, cfg.mbcache, 0, room, pool->socket_id, mem,
			pool->nr_zones);
	free(mem);
	return mp;
}

/* ---- all kinds */

/* Why there is none; 0: there is. */
static int
pool_error(const struct rte_mempool *mp)
{
	if (mp != NULL)
		return 0;
	/* a last piece of memory that no mbuf fits in: memory is out all the same */
	return rte_errno == 0 || rte_errno == ENOBUFS ? ENOMEM : rte_errno;
}

static void
pool_must_be(int error, unsigned int socket_id)
{
	if (error != 0)
		rte_exit(EXIT_FAILURE, "Creation of mbuf pool for socket %u failed: %s\n",
				socket_id, rte_strerror(error));
}

/* 0, or why not. */
static int
pool_make(unsigned int set, unsigned int socket_id, unsigned int size, unsigned int n)
{
	struct pool *pool = &pools[nr_pools];
	uint16_t room = cfg.mbuf_size[size];
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp = NULL;
	size_t len;

	if (size == 0)
		len = snprintf(name, sizeof(name), "mb_pool_%u", socket_id);
	else
		len = snprintf(name, sizeof(name), "mb_pool_%u_%u", socket_id, size);
	if (set != 0)
		snprintf(name + len, sizeof(name) - len, "_c%u", set);
	pool->set = set;
	pool->socket_id = socket_id;
	pool->size = size;
	nr_pools++;
	TESTPP_LOG(INFO, "create a new mbuf pool <%s>: n=%u, size=%u, socket=%u\n", name, n, room,
			socket_id);
	rte_errno = 0;
	switch (cfg.mp_alloc) {
	case MP_ALLOC_NATIVE:
		ops_log();
		if (cfg.pp_frag)
			mp = pp_pool_make(name, n, room, socket_id);
		else
			mp = rte_pktmbuf_pool_create(name, n, cfg.mbcache, 0, room, socket_id);
		break;
	case MP_ALLOC_ANON:
		mp = anon_create(pool, name, n, room);
		break;
	case MP_ALLOC_XMEM:
	case MP_ALLOC_XMEM_HUGE:
		mp = xmem_create(pool, name, n, room);
		break;
	case MP_ALLOC_XBUF:
		mp = xbuf_create(pool, name, n, room);
		break;
	}
	pool->mp = mp;
	return pool_error(mp);
}

/* Of split packets' headers, beside those of the payload. */
static void
headers_make(unsigned int socket_id, unsigned int n)
{
	const uint16_t room = pp_headers_room();
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "mb_headers_%u", socket_id);
	TESTPP_LOG(INFO, "create a new mbuf pool <%s>: n=%u, size=%u, socket=%u\n", name, n, room,
			socket_id);
	rte_errno = 0;
	pool_must_be(pool_error(pp_headers_make(name, n, room, socket_id)), socket_id);
}

static void
socket_add(bool *wanted, int socket_id)
{
	if (socket_id >= 0 && socket_id < RTE_MAX_NUMA_NODES)
		wanted[socket_id] = true;
}

/* Where lcores are that forward, and where the user put queues. */
static void
sockets_find(bool *wanted)
{
	unsigned int i;

	if (cfg.socket_num >= 0)
		socket_add(wanted, cfg.socket_num);
	else if (!cfg.numa)
		socket_add(wanted, 0);
	else
		RTE_LCORE_FOREACH(i)
			socket_add(wanted, rte_lcore_to_socket_id(i));
	if (!cfg.numa)
		return;
	RTE_ETH_FOREACH_DEV(i) {
		if (cfg.socket_num < 0)
			socket_add(wanted,
					cfg.port_numa[i] >= 0 ? cfg.port_numa[i] :
								rte_eth_dev_socket_id(i));
		socket_add(wanted, cfg.rx_numa[i]);
	}
}

void
pools_make(void)
{
	bool wanted[RTE_MAX_NUMA_NODES] = { false };
	uint32_t n = cfg.total_mbufs;
	unsigned int socket_id, size;
	uint16_t p;

	/* enough for full queues, caches of all lcores and a burst, of as many ports as can be */
	if (n == 0)
		n = (DESC_MAX + (rte_lcore_count() - 1) * cfg.mbcache + DESC_MAX + BURST_MAX) *
				RTE_MAX_ETHPORTS;
	RTE_ETH_FOREACH_DEV(p)
		port_socket_warn(p);
	sockets_find(wanted);
	for (socket_id = 0; socket_id < RTE_DIM(wanted); socket_id++) {
		for (size = 0; wanted[socket_id] && size < cfg.nr_mbuf_sizes; size++)
			pool_must_be(pool_make(0, socket_id, size, n), socket_id);
		if (wanted[socket_id] && cfg.pp_split)
			headers_make(socket_id, n);
	}
}

struct rte_mempool *
pool_find(unsigned int socket_id, unsigned int i)
{
	struct rte_mempool *other = NULL;
	unsigned int p;

	for (p = 0; p < nr_pools; p++) {
		if (pools[p].set != set_used || pools[p].size != i)
			continue;
		if (pools[p].socket_id == socket_id)
			return pools[p].mp;
		if (other == NULL)
			other = pools[p].mp;
	}
	return other;
}

bool
pools_single(void)
{
	return nr_pools == 1 && !cfg.pp_frag;
}

static void
pool_free(struct pool *pool)
{
	if (cfg.mp_alloc == MP_ALLOC_ANON)
		anon_unregister(pool);
	/* those of the library's are not ours */
	if (!cfg.pp_frag)
		rte_mempool_free(pool->mp);
	pool->mp = NULL;
	xbuf_zones_free(pool);
}

/* ---- the same pools on other ops */

static int
set_make(unsigned int set)
{
	const unsigned int nr = nr_pools;
	int ret;

	for (unsigned int i = 0; i < nr; i++) {
		if (pools[i].set != 0)
			continue;
		if (nr_pools == RTE_DIM(pools)) {
			fprintf(stderr, "More than %zu pools of mbufs\n", RTE_DIM(pools));
			return -1;
		}
		ret = pool_make(set, pools[i].socket_id, pools[i].size, pools[i].mp->size);
		if (ret != 0) {
			fprintf(stderr, "Creation of mbuf pool for socket %u failed: %s\n",
					pools[i].socket_id, rte_strerror(ret));
			return -1;
		}
	}
	return 0;
}

int
pools_add(const char *ops)
{
	char own[RTE_MEMPOOL_OPS_NAMESIZE];
	int ret;

	snprintf(own, sizeof(own), "%s", rte_mbuf_best_mempool_ops());
	ret = rte_mbuf_set_user_mempool_ops(ops);
	if (ret != 0) {
		fprintf(stderr, "Cannot choose mempool ops %s: %s\n", ops, rte_strerror(-ret));
		return -1;
	}
	ret = set_make(++last_set);
	/* its room is there */
	rte_mbuf_set_user_mempool_ops(own);
	return ret == 0 ? (int)last_set : -1;
}

void
pools_use(unsigned int set)
{
	set_used = set;
}

bool
pools_remove(void)
{
	bool all = true;
	unsigned int i;

	/* the last one takes the place of one that goes */
	for (i = nr_pools; i-- != 0;) {
		struct pool *pool = &pools[i];

		if (pool->set == 0)
			continue;
		if (pool->mp != NULL && !rte_mempool_full(pool->mp)) {
			fprintf(stderr, "%s: %u mbufs are not back, it stays until the end\n",
					pool->mp->name, rte_mempool_in_use_count(pool->mp));
			all = false;
			continue;
		}
		region_unmap(&pool->region);
		pool_free(pool);
		xmem_remove(pool);
		if (pool->region.registered)
			continue;
		*pool = pools[--nr_pools];
		memset(&pools[nr_pools], 0, sizeof(pools[0]));
	}
	return all;
}

void
pools_free(void)
{
	unsigned int i;

	for (i = 0; i < nr_pools; i++)
		pool_free(&pools[i]);
	pp_pools_free();
	/* not before: one pool may have taken from what was added for another */
	if (heap_made) {
		for (i = 0; i < nr_pools; i++)
			xmem_remove(&pools[i]);
		if (rte_malloc_heap_destroy(HEAP_NAME) != 0)
			TESTPP_LOG(DEBUG, "Cannot destroy heap: %s\n", rte_strerror(rte_errno));
		heap_made = false;
	}
	memset(pools, 0, sizeof(pools));
	nr_pools = 0;
}
