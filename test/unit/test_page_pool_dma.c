/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool and its device (issue 5): what is mapped, how often, and when; what is synced; and
 * pages that go by their addresses. The device is a double: the program's own definitions of
 * rte_dev_dma_map() and rte_dev_dma_unmap() stand before EAL's.
 */

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_ring.h>
#include <rte_spinlock.h>

#include <page_pool.h>

#include "test_common.h"

#define PAGE PAGE_POOL_PAGE_SIZE

/* ---- the device */

#define MAPS 65536 /* addresses that are remembered, mapped or not */

static uint64_t device;
#define DEV ((struct rte_device *)&device)

struct map {
	uintptr_t addr;
	uint64_t iova;
	size_t len;
	bool on;
};

static struct {
	pthread_mutex_t lock;
	struct map map[MAPS];
	uint64_t now; /* pages mapped */
	uint64_t maps;
	uint64_t unmaps;
	uint64_t bad;               /* calls that have no pair, or not the right one */
	unsigned int fail;          /* so many calls from now, a page is not mapped; 0: none is */
	bool fail_on;               /* nor are those after it */
	bool fail_unmap;            /* says that it does not unmap */
	bool slow;                  /* takes its time to unmap */
	_Atomic(unsigned int) busy; /* threads in here */
	_Atomic(bool) gone;         /* the device: nobody is to call */
	bool heap_is_external;      /* what EAL says of its own memory to the library */
} dbl = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct map *
map_of(const void *addr)
{
	uintptr_t a = (uintptr_t)addr;
	size_t i = (a >> 12) * UINT64_C(0x9e3779b97f4a7c15) >> 48;

	while (dbl.map[i % MAPS].addr != 0 && dbl.map[i % MAPS].addr != a)
		i++;
	dbl.map[i % MAPS].addr = a;
	return &dbl.map[i % MAPS];
}

static void
dbl_bad(const char *what, const void *addr)
{
	if (dbl.bad++ < 10)
		printf("%p: %s\n", addr, what);
}

int
rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	struct map *m;
	int rc = 0;

	pthread_mutex_lock(&dbl.lock);
	dbl.maps++;
	m = map_of(addr);
	if (dev != DEV || dbl.gone)
		dbl_bad("mapped for a device that is not there", addr);
	if (m->on)
		dbl_bad("mapped twice", addr);
	if (dbl.fail == 1 || (dbl.fail == 0 && dbl.fail_on)) {
		dbl.maps--;
		rte_errno = ENOTSUP;
		rc = -1;
	} else {
		m->on = true;
		m->iova = iova;
		m->len = len;
		dbl.now++;
	}
	if (dbl.fail > 0)
		dbl.fail--;
	pthread_mutex_unlock(&dbl.lock);
	return rc;
}

int
rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	struct map *m;

	atomic_fetch_add(&dbl.busy, 1);
	if (dbl.slow)
		usleep((useconds_t)(((uintptr_t)addr >> 12) % 64));
	pthread_mutex_lock(&dbl.lock);
	dbl.unmaps++;
	m = map_of(addr);
	if (dev != DEV || dbl.gone)
		dbl_bad("unmapped from a device that is gone", addr);
	if (!m->on)
		dbl_bad("unmapped twice, or never mapped", addr);
	else if (m->iova != iova || m->len != len)
		dbl_bad("unmapped as something else", addr);
	dbl.now -= m->on;
	m->on = false;
	pthread_mutex_unlock(&dbl.lock);
	atomic_fetch_sub(&dbl.busy, 1);
	rte_errno = EIO;
	return dbl.fail_unmap ? -1 : 0;
}

struct rte_memseg_list *
rte_mem_virt2memseg_list(const void *virt)
{
	static __typeof__(&rte_mem_virt2memseg_list) next;
	static __thread struct rte_memseg_list external;
	struct rte_memseg_list *msl;
	Dl_info lib, caller;

	if (next == NULL)
		next = dlsym(RTLD_NEXT, __func__);
	msl = next(virt);
	if (msl == NULL || !dbl.heap_is_external || dladdr((void *)page_pool_create, &lib) == 0 ||
			dladdr(__builtin_return_address(0), &caller) == 0 ||
			lib.dli_fbase != caller.dli_fbase)
		return msl;
	external.external = 1;
	return &external;
}

static void
dbl_start(bool heap_is_external)
{
	pthread_mutex_lock(&dbl.lock);
	memset(dbl.map, 0, sizeof(dbl.map));
	dbl.now = dbl.maps = dbl.unmaps = dbl.bad = 0;
	dbl.fail = 0;
	dbl.fail_on = dbl.fail_unmap = dbl.slow = false;
	dbl.gone = false;
	dbl.heap_is_external = heap_is_external;
	pthread_mutex_unlock(&dbl.lock);
}

static bool
is_mapped(const void *addr)
{
	bool on;

	pthread_mutex_lock(&dbl.lock);
	on = map_of(addr)->on;
	pthread_mutex_unlock(&dbl.lock);
	return on;
}

/* What the pool has is mapped, and nothing else. */
static int
dbl_check(const struct page_pool *pool)
{
	CHECK(dbl.bad == 0, "%" PRIu64 " bad calls", dbl.bad);
	CHECK(dbl.now == page_pool_inflight(pool) && dbl.maps - dbl.unmaps == dbl.now,
			"%" PRIu64 " mapped, %u in flight", dbl.now, page_pool_inflight(pool));
	return 0;
}

static int
dbl_end(struct page_pool *pool)
{
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK_OK(dbl_check(pool));
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	CHECK(dbl.now == 0 && dbl.bad == 0 && dbl.maps == dbl.unmaps,
			"%" PRIu64 " mapped, %" PRIu64 " bad", dbl.now, dbl.bad);
	return 0;
}

/* ---- a provider for tests: a region of its own, and hooks */

#define EXT_PAGES 200

struct sync {
	netmem_ref netmem;
	uint32_t offset;
	uint32_t len;
};

static struct {
	rte_spinlock_t lock;
	struct netmem_desc desc[EXT_PAGES];
	struct netmem_desc *free;
	unsigned int nr_free;
	unsigned int place;   /* pages for the direct cache */
	unsigned int no_iova; /* this page has none, counted from 1; 0: all have */
	uint64_t tag;
	uint16_t flags;
	int nid;
	_Atomic(unsigned int) pools;
	struct sync dev[16], cpu[16]; /* the last calls */
	unsigned int nr_dev, nr_cpu;
	bool unknown; /* its addresses */
} ext = { .lock = RTE_SPINLOCK_INITIALIZER };

static alignas(2 * 1024 * 1024) uint8_t region[EXT_PAGES * PAGE];

static int
ext_init(struct page_pool *pool)
{
	unsigned int i;

	(void)pool;
	if (ext.pools++ > 0)
		return 0;
	ext.free = NULL;
	for (i = EXT_PAGES; i-- > 0;) {
		memset(&ext.desc[i], 0, sizeof(ext.desc[i]));
		ext.desc[i].addr = region + i * PAGE;
		ext.desc[i].dma_addr = i + 1 == ext.no_iova ? RTE_BAD_IOVA : (i + 1) * 65536;
		ext.desc[i].tag = ext.tag;
		ext.desc[i].flags = ext.flags;
		ext.desc[i].nid = ext.nid;
		ext.desc[i].next = ext.free;
		ext.free = &ext.desc[i];
	}
	ext.nr_free = EXT_PAGES;
	ext.nr_dev = ext.nr_cpu = 0;
	return ext.unknown ? 0 : memory_provider_map_va(region, PAGE, EXT_PAGES, ext.desc);
}

static void
ext_destroy(struct page_pool *pool)
{
	(void)pool;
	if (--ext.pools == 0 && !ext.unknown)
		memory_provider_unmap_va(region, PAGE, EXT_PAGES);
}

static netmem_ref
ext_pop(void)
{
	struct netmem_desc *desc = ext.free;

	if (desc == NULL)
		return 0;
	ext.free = desc->next;
	ext.nr_free--;
	return nmdesc_to_netmem(desc);
}

/* As the heap, under its lock. */
static netmem_ref
ext_alloc(struct page_pool *pool)
{
	unsigned int more = RTE_MIN(ext.place, page_pool_mp_cache_room(pool));
	netmem_ref netmem, next;

	rte_spinlock_lock(&ext.lock);
	netmem = ext_pop();
	for (; more > 0 && netmem != 0; more--) {
		next = ext_pop();
		if (next == 0)
			break;
		page_pool_mp_place_in_cache(pool, next);
	}
	rte_spinlock_unlock(&ext.lock);
	return netmem;
}

static void
ext_release(struct page_pool *pool, netmem_ref netmem)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	(void)pool;
	rte_spinlock_lock(&ext.lock);
	desc->next = ext.free;
	ext.free = desc;
	ext.nr_free++;
	rte_spinlock_unlock(&ext.lock);
}

static void
ext_walk(struct page_pool *pool, memory_provider_walk_t fn, void *arg)
{
	unsigned int i;

	(void)pool;
	rte_spinlock_lock(&ext.lock);
	for (i = 0; i < EXT_PAGES; i++)
		fn(nmdesc_to_netmem(&ext.desc[i]), arg);
	rte_spinlock_unlock(&ext.lock);
}

static void
ext_for_device(struct page_pool *pool, netmem_ref netmem, uint32_t offset, uint32_t len)
{
	(void)pool;
	ext.dev[ext.nr_dev++ % RTE_DIM(ext.dev)] = (struct sync){ netmem, offset, len };
}

static void
ext_for_cpu(struct page_pool *pool, netmem_ref netmem, uint32_t offset, uint32_t len)
{
	(void)pool;
	ext.cpu[ext.nr_cpu++ % RTE_DIM(ext.cpu)] = (struct sync){ netmem, offset, len };
}

static const struct memory_provider_ops ext_ops = {
	.name = "ext",
	.init = ext_init,
	.destroy = ext_destroy,
	.alloc_netmems = ext_alloc,
	.release_netmem = ext_release,
	.walk = ext_walk,
	.sync_for_device = ext_for_device,
	.sync_for_cpu = ext_for_cpu,
};

/* The same without what is not necessary. */
static const struct memory_provider_ops plain_ops = {
	.name = "plain",
	.init = ext_init,
	.destroy = ext_destroy,
	.alloc_netmems = ext_alloc,
	.release_netmem = ext_release,
};

static int
test_providers(void)
{
	CHECK(memory_provider_register(&ext_ops) == 0, "ext");
	CHECK(memory_provider_register(&plain_ops) == 0, "plain");
	return 0;
}

static struct page_pool *
pool_make(const char *provider, uint32_t order, uint32_t flags)
{
	struct page_pool_params params = {
		.name = "dma",
		.flags = flags,
		.order = order,
		.pool_size = 64,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.dev = DEV,
		.dma_dir = PAGE_POOL_DMA_BIDIRECTIONAL,
		.max_len = 1024,
		.offset = 256,
	};

	return page_pool_create(&params);
}

#define SYNCS (PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV)

static struct page_pool_stats
stats_of(const struct page_pool *pool)
{
	struct page_pool_stats st;

	page_pool_get_stats(pool, &st);
	return st;
}

static int
ext_wait(void)
{
	double end = test_seconds() + 5;

	while (ext.pools > 0 && test_seconds() < end)
		usleep(10000);
	CHECK(ext.pools == 0 && ext.nr_free == EXT_PAGES, "%u pools stay, %u pages are back",
			ext.pools, ext.nr_free);
	return 0;
}

/* ---- mapping */

/* Each error comes before those that a later check would find. */
static int
test_create_errors(void)
{
	static const struct {
		const char *what;
		struct page_pool_params params;
		int error;
	} cases[] = {
		{ "flag", { .flags = 8, .provider = "none" }, EINVAL },
		{ "no direction", { .flags = PP_FLAG_DMA_MAP, .dev = DEV, .provider = "none" },
				EINVAL },
		{ "to the device",
				{ .flags = PP_FLAG_DMA_MAP,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_TO_DEVICE,
						.provider = "none" },
				EINVAL },
		{ "no device",
				{ .flags = PP_FLAG_DMA_MAP,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.provider = "none" },
				EINVAL },
		{ "sync without map",
				{ .flags = PP_FLAG_DMA_SYNC_DEV,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.max_len = 1,
						.provider = "none" },
				EINVAL },
		{ "nothing to sync",
				{ .flags = SYNCS,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.provider = "none" },
				EINVAL },
		{ "beyond the page",
				{ .flags = SYNCS,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.max_len = UINT32_MAX,
						.offset = 2,
						.provider = "none" },
				EINVAL },
		{ "a byte beyond the page",
				{ .flags = SYNCS,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.order = 1,
						.max_len = 2 * PAGE - 64,
						.offset = 65,
						.provider = "none" },
				EINVAL },
		{ "provider",
				{ .flags = SYNCS,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
						.order = 1,
						.max_len = 2 * PAGE - 64,
						.offset = 64,
						.provider = "none" },
				ENOENT },
		{ "order",
				{ .flags = PP_FLAG_DMA_MAP,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_BIDIRECTIONAL,
						.order = UINT32_MAX,
						.provider = "plain" },
				EINVAL },
		{ "a provider that cannot say what it has",
				{ .flags = PP_FLAG_DMA_MAP,
						.dev = DEV,
						.dma_dir = PAGE_POOL_DMA_BIDIRECTIONAL,
						.provider = "plain" },
				ENOTSUP },
	};
	struct page_pool *pool;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		rte_errno = 0;
		CHECK(page_pool_create(&cases[i].params) == NULL && rte_errno == cases[i].error,
				"%s: %d", cases[i].what, rte_errno);
	}
	/* parameters for a device are nothing without flags */
	pool = pool_make("plain", 0, 0);
	CHECK(pool != NULL && page_pool_get_dma_dir(pool) == PAGE_POOL_DMA_BIDIRECTIONAL, "plain");
	CHECK(page_pool_destroy(pool) == 0 && ext.pools == 0, "end");
	return 0;
}

/* EAL's own memory: EAL maps it for all devices, and a device that could not would not matter. */
static int
test_eal_memory(void)
{
	struct page_pool *pool;
	netmem_ref n;

	dbl_start(false);
	dbl.fail_on = true;
	pool = pool_make("heap", 0, PP_FLAG_DMA_MAP);
	CHECK(pool != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(n != 0 && dbl.maps == 0 && dbl.now == 0, "%" PRIu64 " mapped", dbl.now);
	CHECK(page_pool_put_full_netmem(pool, n, false) == 0, "put");
	CHECK(page_pool_destroy(pool) == 0 && dbl.unmaps == 0, "unmapped");
	return 0;
}

/* External memory that EAL knows is mapped by the pool; an EAL heap of it by EAL. */
static int
test_registered(void)
{
	struct page_pool *pool;
	netmem_ref n;

	dbl_start(false);
	CHECK(rte_extmem_register(region, sizeof(region), NULL, 0, PAGE) == 0, "%d", rte_errno);
	pool = pool_make("ext", 0, PP_FLAG_DMA_MAP);
	CHECK(pool != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(n != 0 && is_mapped(netmem_address(n)), "not mapped");
	CHECK(map_of(netmem_address(n))->iova == page_pool_get_dma_addr_netmem(n) &&
					map_of(netmem_address(n))->len == PAGE,
			"mapped as something else");
	CHECK(page_pool_put_full_netmem(pool, n, false) == 0, "put");
	CHECK_OK(dbl_end(pool));
	CHECK(rte_extmem_unregister(region, sizeof(region)) == 0, "%d", rte_errno);
	return ext_wait();
}

/* Once in, once out, whatever happens to a page in between. */
static int
once(uint32_t order, unsigned int nr)
{
	struct page_pool *pool = pool_make("heap", order, PP_FLAG_DMA_MAP);
	static netmem_ref n[3000];
	uint32_t offset, size;
	unsigned int i;

	CHECK(pool != NULL && nr <= RTE_DIM(n), "pool");
	for (i = 0; i < nr; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0 && is_mapped(netmem_address(n[i])), "%u", i);
	}
	CHECK_OK(dbl_check(pool));
	/* cache, ring, provider; chunks of the heap go */
	for (i = 0; i < nr; i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], false) == 0, "put");
	CHECK_OK(dbl_check(pool));
	CHECK(stats_of(pool).ring_full > 0 && stats_of(pool).cached > 0, "not everywhere");
	i = (unsigned int)dbl.maps;
	/* what is with the pool stays mapped */
	n[0] = page_pool_alloc_netmems(pool);
	CHECK(page_pool_recycle_direct_netmem(pool, n[0]) == 0 && dbl.maps == i, "mapped again");
	for (i = 0; i < 40; i++) {
		size = 1 + test_random_below((unsigned int)page_pool_page_size(pool));
		n[i] = i % 2 == 0 ? page_pool_alloc_netmem(pool, &offset, &size) :
				    page_pool_alloc_frag_netmem(pool, &offset, size);
		CHECK(n[i] != 0, "fragment %u", i);
	}
	CHECK_OK(dbl_check(pool));
	/* the cache is released */
	page_pool_update_nid(pool, RTE_MAX_NUMA_NODES - 1);
	CHECK_OK(dbl_check(pool));
	/* one of them is waived when the ring is looked at */
	page_pool_disable_direct_recycling(pool);
	CHECK(page_pool_put_netmem_bulk(n, 40) == 40, "bulk");
	n[0] = page_pool_alloc_netmems(pool);
	CHECK(n[0] != 0 && stats_of(pool).waive > 0, "not waived");
	CHECK_OK(dbl_check(pool));
	netmem_to_nmdesc(n[0])->flags |= NETMEM_F_PFMEMALLOC;
	CHECK(page_pool_put_full_netmem(pool, n[0], false) == 0 &&
					stats_of(pool).released_refcnt == 1 &&
					!is_mapped(netmem_address(n[0])),
			"not recycled, and mapped");
	netmem_to_nmdesc(n[0])->flags = 0;
	CHECK_OK(dbl_check(pool));
	return dbl_end(pool);
}

static int
test_once(void)
{
	dbl_start(true);
	CHECK_OK(once(0, 3000));
	CHECK_OK(once(3, 500));
	return once(7, 100);
}

/* Failures at each position of what the provider gives at once: the others are good. */
static int
test_failures(void)
{
	struct page_pool *pool;
	netmem_ref n, m[EXT_PAGES];
	unsigned int i, nth, provider, got;

	for (provider = 0; provider < 2; provider++) {
		dbl_start(true);
		ext.place = 63;
		for (nth = 1; nth <= 65; nth++) {
			pool = pool_make(provider == 0 ? "heap" : "ext", 0, PP_FLAG_DMA_MAP);
			CHECK(pool != NULL, "pool");
			dbl.fail = nth;
			n = page_pool_alloc_netmems(pool);
			dbl.fail = 0;
			CHECK(n != 0 && netmem_to_nmdesc(n)->pp_ref_count == 1 &&
							is_mapped(netmem_address(n)),
					"%u", nth);
			CHECK(page_pool_inflight(pool) == (nth <= 64 ? 63 : 64),
					"the %uth: %u in flight", nth, page_pool_inflight(pool));
			CHECK(stats_of(pool).slow == 1, "slow");
			CHECK_OK(dbl_check(pool));
			CHECK(page_pool_check(pool, stdout) == 0, "check");
			page_pool_recycle_direct_netmem(pool, n);
			CHECK_OK(dbl_end(pool));
		}
		/* from the nth on */
		pool = pool_make(provider == 0 ? "heap" : "ext", 0, PP_FLAG_DMA_MAP);
		CHECK(pool != NULL, "pool");
		dbl.fail_on = true;
		for (i = 0; i < 3; i++) {
			rte_errno = 0;
			CHECK(page_pool_alloc_netmems(pool) == 0 && rte_errno == ENOMEM &&
							page_pool_inflight(pool) == 0,
					"none can be mapped: %d", rte_errno);
		}
		CHECK(stats_of(pool).slow == 0 && stats_of(pool).fast == 0, "counted");
		dbl.fail = 3;
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0 && page_pool_inflight(pool) == 2, "two can be");
		CHECK_OK(dbl_check(pool));
		dbl.fail_on = false;
		dbl.fail = 0;
		page_pool_put_full_netmem(pool, n, false);
		CHECK_OK(dbl_end(pool));
	}
	/* one that was mapped before, and now is not: nothing to unmap */
	pool = pool_make("ext", 0, PP_FLAG_DMA_MAP);
	ext.place = 0;
	CHECK(pool != NULL && (n = page_pool_alloc_netmems(pool)) != 0, "pool");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "put");
	page_pool_update_nid(pool, -1);
	CHECK(dbl.now == 0 && page_pool_inflight(pool) == 0, "%" PRIu64 " mapped", dbl.now);
	dbl.fail = 1;
	n = page_pool_alloc_netmems(pool);
	dbl.fail = 0;
	CHECK(n != 0 && is_mapped(netmem_address(n)) && page_pool_inflight(pool) == 1,
			"the next one");
	CHECK(page_pool_put_full_netmem(pool, n, true) == 0, "put");
	CHECK_OK(dbl_end(pool));
	/* the provider gives what came back last first, and that can never be mapped */
	ext.no_iova = 1;
	pool = pool_make("ext", 0, PP_FLAG_DMA_MAP);
	CHECK(pool != NULL, "pool");
	for (got = 0; (n = page_pool_alloc_netmems(pool)) != 0; got++)
		m[got] = n;
	CHECK(got == EXT_PAGES - 1 && page_pool_inflight(pool) == got, "%u of %u", got, EXT_PAGES);
	CHECK(page_pool_put_netmem_bulk(m, got) == got, "bulk");
	CHECK_OK(dbl_end(pool));
	/* a page without an IO address is none for the device */
	ext.place = 63;
	ext.no_iova = 5;
	pool = pool_make("ext", 0, PP_FLAG_DMA_MAP);
	CHECK(pool != NULL, "pool");
	for (got = 0; (n = page_pool_alloc_netmems(pool)) != 0; got++) {
		CHECK(page_pool_get_dma_addr_netmem(n) != RTE_BAD_IOVA, "no address");
		m[got] = n;
	}
	CHECK(got == EXT_PAGES - 1 && dbl.maps - dbl.unmaps == got, "%u", got);
	CHECK(page_pool_put_netmem_bulk(m, got) == got, "bulk");
	/* what the bus says when it unmaps changes nothing */
	dbl.fail_unmap = true;
	CHECK_OK(dbl_end(pool));
	ext.no_iova = 0;
	/* unreadable memory has been mapped before */
	ext.tag = NETMEM_NET_IOV;
	dbl.fail_on = true;
	pool = pool_make("ext", 0, PP_FLAG_DMA_MAP);
	ext.tag = 0;
	CHECK(pool != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(n != 0 && dbl.now == 0, "a net_iov is mapped");
	CHECK(page_pool_put_full_netmem(pool, n, true) == 0 && page_pool_destroy(pool) == 0, "end");
	CHECK(dbl.bad == 0, "a net_iov is unmapped");
	dbl.fail_on = false;
	return ext_wait();
}

/* The device can go when the pool does, wherever the pages are. */
static int
end_in_flight(const char *provider)
{
	struct page_pool *pool;
	netmem_ref n[150], frag[3];
	uint32_t offset;
	unsigned int i;

	dbl_start(true);
	pool = pool_make(provider, 0, SYNCS);
	CHECK(pool != NULL, "pool");
	for (i = 0; i < 150; i++)
		CHECK((n[i] = page_pool_alloc_netmems(pool)) != 0, "%u", i);
	for (i = 0; i < 3; i++)
		CHECK((frag[i] = page_pool_alloc_frag_netmem(pool, &offset, 2000)) != 0, "%u", i);
	page_pool_disable_direct_recycling(pool);
	CHECK(page_pool_put_netmem_bulk(n, 50) == 50, "ring");
	page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_THREAD);
	CHECK(page_pool_put_netmem_bulk(&n[50], 20) == 20, "cache");
	CHECK_OK(dbl_check(pool));
	i = page_pool_destroy(pool);
	dbl.gone = true;
	CHECK(i == 82, "%u pages are out", i);
	CHECK(dbl.now == 0 && dbl.bad == 0 && dbl.maps == dbl.unmaps,
			"%" PRIu64 " still mapped, %" PRIu64 " bad", dbl.now, dbl.bad);
	i = ext.nr_dev;
	/* late returns, each way */
	CHECK(page_pool_put_netmem_bulk(frag, 3) == 3, "fragments");
	CHECK(page_pool_recycle_direct_netmem(pool, n[70]) == 0, "direct");
	CHECK(page_pool_put_full_netmem(pool, n[71], false) == 0, "put");
	CHECK(page_pool_put_netmem_bulk(&n[72], 78) == 78, "bulk");
	CHECK(dbl.bad == 0 && ext.nr_dev == i, "%" PRIu64 " bad, synced", dbl.bad);
	return 0;
}

static int
test_end(void)
{
	const struct test_memory before = test_memory();
	double end;

	ext.place = 63;
	CHECK_OK(end_in_flight("ext"));
	CHECK_OK(ext_wait());
	CHECK(dbl.bad == 0, "%" PRIu64 " bad", dbl.bad);
	CHECK_OK(end_in_flight("heap"));
	end = test_seconds() + 5;
	while (test_memory().bytes != before.bytes && test_seconds() < end)
		usleep(10000);
	CHECK(test_memory_same(&before, "pools"), "memory stays");
	CHECK(dbl.bad == 0, "%" PRIu64 " bad", dbl.bad);
	return 0;
}

/* The last returns and the end at the same time: who is first unmaps, the other waits for it. */
#define RACE_POOLS 60
#define RACE_PAGES 100

struct racer {
	struct page_pool *pool;
	netmem_ref n[RACE_PAGES];
	_Atomic(unsigned int) *go;
	unsigned int part;
	uint64_t bad;
};

static void *
racer_main(void *arg)
{
	struct racer *r = arg;
	unsigned int i;

	while (atomic_load(r->go) == 0)
		;
	/* most find no room in the ring */
	for (i = r->part; i < RACE_PAGES; i += 2)
		r->bad += page_pool_put_full_netmem(r->pool, r->n[i], false) != 0;
	return NULL;
}

static int
race(const char *provider, unsigned int round)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP,
		.pool_size = 1,
		.nid = -1,
		.provider = provider,
		.dev = DEV,
		.dma_dir = PAGE_POOL_DMA_FROM_DEVICE,
	};
	_Atomic(unsigned int) go = 0;
	struct racer r[2];
	pthread_t id[2];
	unsigned int i, k;

	r[0].pool = page_pool_create(&params);
	CHECK(r[0].pool != NULL, "pool");
	for (i = 0; i < RACE_PAGES; i++)
		CHECK((r[0].n[i] = page_pool_alloc_netmems(r[0].pool)) != 0, "%u", i);
	r[0].bad = 0;
	r[0].go = &go;
	for (k = 0; k < 2; k++) {
		if (k > 0)
			r[k] = r[0];
		r[k].part = k;
		CHECK(pthread_create(&id[k], NULL, racer_main, &r[k]) == 0, "thread");
	}
	/* sometimes before, sometimes after */
	atomic_store(&go, 1);
	if (round % 3 > 0)
		usleep(round % 3 * 300);
	page_pool_destroy(r[0].pool);
	/* nobody is on the way to the device */
	dbl.gone = true;
	CHECK(atomic_load(&dbl.busy) == 0 && dbl.now == 0, "%u on the way, %" PRIu64 " mapped",
			dbl.busy, dbl.now);
	for (k = 0; k < 2; k++) {
		pthread_join(id[k], NULL);
		CHECK(r[k].bad == 0, "%" PRIu64 " returns refused", r[k].bad);
	}
	CHECK(dbl.now == 0 && dbl.bad == 0 && dbl.maps == dbl.unmaps,
			"%" PRIu64 " mapped, %" PRIu64 " bad", dbl.now, dbl.bad);
	dbl.gone = false;
	return 0;
}

static int
test_race(void)
{
	const struct test_memory before = test_memory();
	unsigned int round;
	double end;

	dbl_start(true);
	dbl.slow = true;
	for (round = 0; round < RACE_POOLS * test_scale(); round++)
		CHECK_OK(race("heap", round));
	end = test_seconds() + 10;
	while (test_memory().bytes != before.bytes && test_seconds() < end)
		usleep(10000);
	dbl.slow = false;
	CHECK(test_memory_same(&before, "pools"), "memory stays");
	return 0;
}

/* ---- syncing */

#define SYNCED(what, off, bytes) \
	do { \
		CHECK(ext.nr_dev == ++synced, what ": %u calls, not %u", ext.nr_dev, synced); \
		last = &ext.dev[(synced - 1) % RTE_DIM(ext.dev)]; \
		CHECK(last->netmem == n && last->offset == (off) && last->len == (bytes), \
				what ": %u at %u", last->len, last->offset); \
	} while (0)

static int
test_sync(void)
{
	unsigned int synced = 0, i;
	const struct sync *last;
	struct page_pool *pool, *keeps;
	netmem_ref n, m[3];
	uint32_t offset;

	dbl_start(true);
	ext.place = 0;
	pool = pool_make("ext", 0, SYNCS);
	/* the provider does not begin anew for the pools to come */
	keeps = pool_make("ext", 0, 0);
	CHECK(pool != NULL && keeps != NULL &&
					page_pool_get_dma_dir(pool) == PAGE_POOL_DMA_BIDIRECTIONAL,
			"pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(n != 0 && ext.nr_dev == 0, "synced when allocated");
	CHECK(page_pool_get_dma_addr(netmem_to_page(n)) == page_pool_get_dma_addr_netmem(n),
			"IO address");
	CHECK(page_pool_put_netmem(pool, n, 100, true) == 0, "put");
	SYNCED("a part", 256, 100);
	CHECK(page_pool_alloc_netmems(pool) == n, "the same");
	CHECK(page_pool_put_netmem(pool, n, 1025, true) == 0, "put");
	SYNCED("more than there is", 256, 1024);
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_put_netmem(pool, n, 0, true) == 0 &&
					ext.nr_dev == synced,
			"nothing");
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_recycle_direct_netmem(pool, n) == 0,
			"direct");
	SYNCED("direct", 256, 1024);
	CHECK(stats_of(pool).cached == 4, "cached");
	/* the last reference counts */
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_fragment_netmem(n, 2) == 0, "two");
	CHECK(page_pool_put_full_netmem(pool, n, false) == 0 && ext.nr_dev == synced, "the first");
	CHECK(page_pool_put_page(pool, netmem_to_page(n), 7, false) == 0, "put");
	SYNCED("the second", 256, 7);
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_unref_netmem(n, 1) == 0 &&
					page_pool_put_unrefed_page(pool, netmem_to_page(n), 9,
							false) == 0,
			"unrefed");
	SYNCED("unrefed", 256, 9);
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_put_netmem_bulk(&n, 1) == 1, "bulk");
	SYNCED("bulk", 256, 1024);
	/* through the ring */
	page_pool_disable_direct_recycling(pool);
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_put_netmem(pool, n, 64, false) == 0,
			"ring");
	SYNCED("ring", 256, 64);
	CHECK(stats_of(pool).ring == 1, "ring");
	/* a page that is being cut is used again in place */
	CHECK(page_pool_alloc_frag_netmem(pool, &offset, PAGE) == n &&
					page_pool_put_full_netmem(pool, n, true) == 0 &&
					ext.nr_dev == synced,
			"still being cut");
	CHECK(page_pool_alloc_frag_netmem(pool, &offset, PAGE) == n, "in place");
	SYNCED("in place", 256, 1024);
	/* not when it is given up: refused ones, of an emergency reserve, of another node */
	m[0] = page_pool_alloc_netmems(pool);
	m[1] = page_pool_alloc_netmems(pool);
	netmem_to_nmdesc(m[0])->flags |= NETMEM_F_PFMEMALLOC;
	CHECK(page_pool_put_full_netmem(pool, m[0], true) == 0 &&
					page_pool_put_full_netmem(pool, m[0], true) == -EINVAL &&
					ext.nr_dev == synced,
			"given up");
	netmem_to_nmdesc(m[0])->flags = 0;
	CHECK(page_pool_put_netmem(pool, m[1], 0, true) == 0, "put");
	page_pool_nid_changed(pool, -1);
	CHECK(page_pool_inflight(pool) == 2, "nothing has changed");
	page_pool_nid_changed(pool, 1);
	CHECK(page_pool_nid(pool) == 1 && page_pool_inflight(pool) == 1 && ext.nr_dev == synced,
			"another node");
	/* for the CPU: as told, after the pool's offset */
	page_pool_dma_sync_for_cpu(pool, netmem_to_page(n), 100, 200);
	page_pool_dma_sync_netmem_for_cpu(pool, n, 0, 0);
	CHECK(ext.nr_cpu == 1 && ext.cpu[0].netmem == n && ext.cpu[0].offset == 356 &&
					ext.cpu[0].len == 200,
			"%u at %u", ext.cpu[0].len, ext.cpu[0].offset);
	/* the page being cut goes to the ring at the end, and is synced once more */
	CHECK(page_pool_put_full_netmem(pool, n, true) == 0 && ext.nr_dev == synced, "cut");
	CHECK(page_pool_destroy(pool) == 0, "end");
	SYNCED("the end", 256, 1024);
	/* no mark is left: the next pool maps only, and others have no hook */
	for (i = 0; i < 2; i++) {
		pool = i == 0 ? pool_make("ext", 0, PP_FLAG_DMA_MAP) : pool_make("heap", 0, SYNCS);
		CHECK(pool != NULL, "pool");
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0 && netmem_to_nmdesc(n)->flags == 0, "marked");
		page_pool_dma_sync_netmem_for_cpu(pool, n, 0, 100);
		CHECK(page_pool_recycle_direct_netmem(pool, n) == 0 && ext.nr_dev == synced &&
						ext.nr_cpu == 2,
				"synced");
		CHECK_OK(dbl_end(pool));
	}
	CHECK(page_pool_destroy(keeps) == 0, "end");
	return ext_wait();
}

/* ---- by addresses */

#define ADDRS 1500

static struct {
	uint8_t *va;
	uint32_t size;
	uint8_t mark;
} held[ADDRS];

static bool
held_sound(unsigned int i)
{
	uint32_t k;

	for (k = 0; k < held[i].size; k++)
		if (held[i].va[k] != held[i].mark)
			return false;
	return true;
}

static int
va_sequence(const char *provider, uint32_t order, unsigned int most)
{
	unsigned int round, i, n = 0, page_size;
	struct page_pool *pool;

	pool = pool_make(provider, order, PP_FLAG_DMA_MAP);
	CHECK(pool != NULL, "pool");
	page_size = (unsigned int)page_pool_page_size(pool);
	for (round = 0; round < 30000 * test_scale(); round++) {
		if (test_random_below(100) < (round / 3000 % 2 == 0 ? 60u : 40u) && n < most) {
			held[n].size = 1 +
					test_random_below(page_size / (1u << test_random_below(7)));
			i = held[n].size;
			held[n].va = page_pool_alloc_va(pool, &held[n].size);
			CHECK(held[n].va != NULL && held[n].size >= i, "%u: %d", i, rte_errno);
			held[n].mark = (uint8_t)test_random();
			memset(held[n].va, held[n].mark, held[n].size);
			n++;
		} else if (n > 0) {
			i = test_random_below(n);
			CHECK(held_sound(i), "round %u: somebody else wrote to it", round);
			CHECK(page_pool_free_va(pool, held[i].va, test_random_below(2)) == 0,
					"round %u", round);
			held[i] = held[--n];
		}
		if (round % 3000 == 0)
			CHECK(page_pool_check(pool, stdout) == 0, "round %u", round);
	}
	for (i = 0; i < n; i++) {
		CHECK(held_sound(i), "somebody else wrote to it");
		CHECK(page_pool_free_va(pool, held[i].va, true) == 0, "%u", i);
	}
	CHECK(stats_of(pool).refused == 0, "refused");
	return dbl_end(pool);
}

static int
test_va_sequence(void)
{
	dbl_start(true);
	ext.place = 63;
	CHECK_OK(va_sequence("heap", 0, ADDRS));
	CHECK_OK(va_sequence("heap", 3, ADDRS));
	CHECK_OK(va_sequence("heap", 6, 400));
	CHECK_OK(va_sequence("ext", 0, 100));
	return ext_wait();
}

static int
test_va_errors(void)
{
	struct page_pool *pool = pool_make("heap", 0, 0), *other = pool_make("heap", 0, 0);
	uint32_t size = 0, i, n;
	static void *va[5000];
	uint8_t *p, *q;
	netmem_ref page;

	CHECK(pool != NULL && other != NULL, "pools");
	CHECK(page_pool_free_va(pool, &pool, true) == -EINVAL && stats_of(pool).refused == 1,
			"before the first");
	CHECK(page_pool_alloc_va(pool, &size) == NULL && rte_errno == EINVAL && size == 0, "0");
	size = PAGE + 1;
	CHECK(page_pool_alloc_va(pool, &size) == NULL && rte_errno == E2BIG && size == PAGE + 1,
			"too large");
	size = PAGE;
	p = page_pool_alloc_va(pool, &size);
	q = page_pool_alloc_va(other, &size);
	CHECK(p != NULL && q != NULL, "two");
	CHECK(page_pool_free_va(pool, q, true) == -EINVAL &&
					page_pool_free_va(other, p, false) == -EINVAL,
			"the other pool's");
	CHECK(page_pool_free_va(pool, NULL, true) == -EINVAL &&
					page_pool_free_va(pool, &size, true) == -EINVAL &&
					page_pool_free_va(pool, (void *)UINTPTR_MAX, true) ==
							-EINVAL &&
					page_pool_free_va(pool, p + PAGE, true) == -EINVAL &&
					page_pool_free_va(pool, p - 1, true) == -EINVAL &&
					page_pool_free_va(pool, p + (UINT64_C(1) << 48), true) ==
							-EINVAL,
			"nobody's");
	CHECK(stats_of(pool).refused == 8, "refused: %" PRIu64, stats_of(pool).refused);
	CHECK(page_pool_free_va(pool, p, true) == 0 && page_pool_free_va(pool, p, true) == -EINVAL,
			"twice");
	CHECK(page_pool_free_va(other, q, true) == 0, "put");
	CHECK(page_pool_destroy(other) == 0, "pages are out");
	/* memory comes and goes: what was known is refused when it is gone, and known again */
	for (n = 0; n < 3; n++) {
		for (i = 0; i < RTE_DIM(va); i++) {
			size = PAGE;
			CHECK((va[i] = page_pool_alloc_va(pool, &size)) != NULL, "%u", i);
		}
		for (i = 0; i < RTE_DIM(va); i++)
			CHECK(page_pool_free_va(pool, va[i], false) == 0, "%u", i);
		for (i = 0; i < RTE_DIM(va); i++)
			CHECK(page_pool_free_va(pool, va[i], false) == -EINVAL, "%u twice", i);
	}
	/* handles and addresses are of one kind */
	size = PAGE;
	p = page_pool_alloc_va(pool, &size);
	page = page_pool_alloc_netmems(pool);
	CHECK(p != NULL && page != 0, "page");
	CHECK(page_pool_free_va(pool, p + 5, true) == 0, "within the page");
	CHECK(page_pool_put_full_netmem(pool, page, true) == 0, "put");
	CHECK(page_pool_check(pool, stdout) == 0 && page_pool_destroy(pool) == 0, "end");
	/* a provider that makes no addresses known */
	ext.place = 0;
	ext.unknown = true;
	pool = pool_make("ext", 0, 0);
	CHECK(pool != NULL, "pool");
	for (size = PAGE; size >= 100; size /= 8)
		CHECK(page_pool_alloc_va(pool, &size) == NULL && rte_errno == EOPNOTSUPP, "%u: %d",
				size, rte_errno);
	CHECK(page_pool_free_va(pool, region, true) == -EINVAL, "put");
	CHECK(page_pool_check(pool, stdout) == 0 && page_pool_destroy(pool) == 0, "end");
	ext.unknown = false;
	/* memory that cannot be read has no address */
	ext.tag = NETMEM_NET_IOV;
	pool = pool_make("ext", 0, 0);
	ext.tag = 0;
	CHECK(pool != NULL, "pool");
	for (size = 100; size <= PAGE; size = PAGE) {
		n = size;
		CHECK(page_pool_alloc_va(pool, &size) == NULL && rte_errno == EOPNOTSUPP &&
						size == n,
				"a net_iov: %d", rte_errno);
		if (size == PAGE)
			break;
	}
	CHECK(page_pool_check(pool, stdout) == 0 && page_pool_destroy(pool) == 0, "end");
	return ext_wait();
}

/* Other threads give addresses back, right ones and wrong ones, while the consumer adds more. */
struct freer {
	struct page_pool *pool;
	struct rte_ring *ring;
	uint64_t bad;
	uint64_t n;
};

static void *
freer_main(void *arg)
{
	struct freer *f = arg;
	uint64_t *va;
	void *p;

	for (;;) {
		if (rte_ring_dequeue(f->ring, &p) != 0) {
			/* the memory of nobody, near and far */
			f->bad += page_pool_free_va(f->pool,
						  region + test_random_below(sizeof(region)),
						  false) != -EINVAL;
			sched_yield();
			continue;
		}
		if (p == NULL)
			return NULL;
		va = p;
		f->bad += va[0] != (uintptr_t)va;
		va[0] = 0;
		f->bad += page_pool_free_va(f->pool, va, false) != 0;
		f->n++;
	}
}

static int
test_va_threads(void)
{
	struct page_pool *pool = pool_make("heap", 0, 0);
	const unsigned int rounds = 200000 * test_scale();
	struct freer f[2];
	pthread_t id[2];
	unsigned int i, k;
	uint32_t size;
	uint64_t *va;

	CHECK(pool != NULL, "pool");
	for (k = 0; k < 2; k++) {
		f[k] = (struct freer){ .pool = pool };
		f[k].ring = rte_ring_create(k == 0 ? "va0" : "va1", 4096, SOCKET_ID_ANY,
				RING_F_SP_ENQ | RING_F_SC_DEQ);
		CHECK(f[k].ring != NULL, "ring");
		CHECK(pthread_create(&id[k], NULL, freer_main, &f[k]) == 0, "thread");
	}
	for (i = 0; i < rounds; i++) {
		size = 64u << test_random_below(7);
		va = page_pool_alloc_va(pool, &size);
		CHECK(va != NULL, "%d", rte_errno);
		va[0] = (uintptr_t)va;
		while (rte_ring_enqueue(f[i % 2].ring, va) != 0)
			sched_yield();
	}
	for (k = 0; k < 2; k++) {
		while (rte_ring_enqueue(f[k].ring, NULL) != 0)
			sched_yield();
		pthread_join(id[k], NULL);
		CHECK(f[k].bad == 0 && f[k].n == rounds / 2, "%" PRIu64 " bad of %" PRIu64,
				f[k].bad, f[k].n);
		rte_ring_free(f[k].ring);
	}
	CHECK(page_pool_check(pool, stdout) == 0 && page_pool_destroy(pool) == 0, "end");
	return 0;
}

static const struct test_case cases[] = {
	{ "providers", test_providers, TEST_ONCE },
	{ "errors of page_pool_create()", test_create_errors, TEST_ONCE },
	{ "DMA: EAL's memory is EAL's to map", test_eal_memory, TEST_ONCE },
	{ "DMA: registered memory", test_registered, TEST_ONCE },
	{ "DMA: mapped once, unmapped once", test_once, TEST_ONCE },
	{ "DMA: what cannot be mapped", test_failures, TEST_ONCE },
	{ "DMA: the end, with pages in flight", test_end, TEST_ONCE },
	{ "DMA: the end and late returns at the same time", test_race, TEST_ONCE },
	{ "sync", test_sync, TEST_ONCE },
	{ "addresses: a random sequence", test_va_sequence, TEST_ONCE },
	{ "addresses: errors", test_va_errors, TEST_ONCE },
	{ "addresses: other threads", test_va_threads, TEST_ONCE },
};

static const struct test_suite suite = {
	.name = "test_page_pool_dma",
	.megabytes = 256,
	.cases = cases,
	.nr_cases = RTE_DIM(cases),
};

int
main(int argc, char **argv)
{
	return test_main(&suite, argc, argv);
}
