/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The library's memory providers besides the heap (issue 5, item 4): regions, unreadable memory,
 * devices. What holds of all is proved of each: exhaustion, other threads, a random sequence
 * against a model, the end with pages in flight. Nobody reads memory that cannot be read: it is
 * mapped without any right, the device's double's too.
 *
 * librte_gpudev has a double here, whose definitions stand before its own. So have madvise() and
 * rte_extmem_register(), which fail when they are told to.
 */

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mempolicy.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_gpudev.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_ring.h>

#include <memory_providers.h>
#include <page_pool.h>

#include "test_common.h"
#include "test_inject.h"

#define PAGE ((size_t)PAGE_POOL_PAGE_SIZE)
#define MB ((size_t)1 << 20)

/* ---- librte_gpudev's double: device 3, whose memory nobody may read */

#define GPU_ID 3
#define GPU_PAGE 65536

int madvise(void *addr, size_t len, int advice);

static struct {
	int info_error;
	int alloc_error;
	int free_error;
	bool silent;  /* no rte_errno */
	size_t shift; /* bytes that what it gives lies behind what was asked for */
	unsigned int allocs;
	unsigned int frees;
	unsigned int wrong; /* what was given back and had not been taken */
	size_t size;
	unsigned int align;
	uint8_t *at;
	void *base;
	size_t len;
} dev;

bool
rte_gpu_is_valid(int16_t dev_id)
{
	return dev_id == GPU_ID;
}

int
rte_gpu_info_get(int16_t dev_id, struct rte_gpu_info *info)
{
	if (dev.info_error != 0)
		return -dev.info_error;
	memset(info, 0, sizeof(*info));
	info->dev_id = dev_id;
	info->page_size = GPU_PAGE;
	info->numa_node = 1;
	return 0;
}

void *
rte_gpu_mem_alloc(int16_t dev_id, size_t size, unsigned int align)
{
	if (dev_id != GPU_ID || dev.at != NULL || dev.alloc_error != 0) {
		if (!dev.silent)
			rte_errno = dev.alloc_error != 0 ? dev.alloc_error : EBUSY;
		return NULL;
	}
	dev.len = size + 2 * (size_t)align;
	dev.base = mmap(NULL, dev.len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			0);
	if (dev.base == MAP_FAILED)
		return NULL;
	dev.size = size;
	dev.align = align;
	dev.allocs++;
	dev.at = (uint8_t *)RTE_PTR_ALIGN_CEIL(dev.base, (size_t)align) + dev.shift;
	return dev.at;
}

int
rte_gpu_mem_free(int16_t dev_id, void *ptr)
{
	if (dev_id != GPU_ID || ptr == NULL || ptr != dev.at) {
		dev.wrong++;
		return -EPERM;
	}
	munmap(dev.base, dev.len);
	dev.at = NULL;
	__atomic_fetch_add(&dev.frees, 1, __ATOMIC_RELEASE);
	return -dev.free_error;
}

/* ---- the kernel's and EAL's doubles */

static int madvise_fails; /* MADV_POPULATE_WRITE; errno */
static int extmem_fails;  /* rte_errno */
static int extmem_stays;  /* rte_errno */

int
madvise(void *addr, size_t len, int advice)
{
	if (madvise_fails != 0 && advice == 23) {
		errno = madvise_fails;
		return -1;
	}
	return (int)syscall(SYS_madvise, addr, len, advice);
}

int
rte_extmem_register(void *va, size_t len, rte_iova_t iova[], unsigned int n, size_t page_sz)
{
	static __typeof__(&rte_extmem_register) next;

	if (extmem_fails != 0) {
		rte_errno = extmem_fails;
		return -1;
	}
	if (next == NULL)
		next = dlsym(RTLD_NEXT, "rte_extmem_register");
	return next(va, len, iova, n, page_sz);
}

int
rte_extmem_unregister(void *va, size_t len)
{
	static __typeof__(&rte_extmem_unregister) next;

	if (extmem_stays != 0) {
		rte_errno = extmem_stays;
		return -1;
	}
	if (next == NULL)
		next = dlsym(RTLD_NEXT, "rte_extmem_unregister");
	return next(va, len);
}

/* ---- pools */

static struct page_pool *
pool_make(const char *provider, void *mp_priv, uint32_t order, uint32_t size)
{
	struct page_pool_params params = {
		.name = provider,
		.order = order,
		.pool_size = size,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.mp_priv = mp_priv,
	};

	/* an old one, which nothing here fails with */
	rte_errno = EXDEV;
	return page_pool_create(&params);
}

/* rte_errno of a pool that cannot be made, 0: it was. */
static int
pool_error(const char *provider, void *mp_priv, uint32_t order)
{
	struct page_pool *pool = pool_make(provider, mp_priv, order, 0);

	if (pool == NULL)
		return rte_errno;
	page_pool_destroy(pool);
	return 0;
}

/* The same when the nth allocation of DPDK's memory fails. */
static int
pool_error_nth(const char *provider, void *mp_priv, unsigned int nth)
{
	int rc;

	inject_start(INJECT_OURS, nth, false);
	rc = pool_error(provider, mp_priv, 0);
	inject_stop(NULL);
	return rc;
}

static struct memory_provider_info
info_of(const struct page_pool *pool)
{
	struct memory_provider_info info = { .pages = UINT64_MAX };

	page_pool_get_provider_info(pool, &info);
	return info;
}

struct walked {
	const struct page_pool *pool;
	uint64_t pages;
	uint64_t out; /* of the pool's */
	uint64_t wrong;
	netmem_ref last;
};

static void
walk_page(netmem_ref netmem, void *arg)
{
	struct walked *w = arg;

	w->pages++;
	w->out += netmem_pp(netmem) == w->pool;
	w->wrong += netmem_pp(netmem) != w->pool && netmem_pp(netmem) != NULL;
	/* each once: in their order */
	w->wrong += netmem <= w->last;
	w->last = netmem;
}

/* What provider and pool say about the pages agrees. */
static int
accounts(struct page_pool *pool, const char *provider, uint64_t pages)
{
	struct memory_provider_info info = info_of(pool);
	struct walked w = { .pool = pool };

	memory_provider_get(provider)->walk(pool, walk_page, &w);
	CHECK(info.pages == pages && w.pages == pages && w.wrong == 0,
			"%" PRIu64 " pages, %" PRIu64 " walked, %" PRIu64 " wrong", info.pages,
			w.pages, w.wrong);
	CHECK(info.free_pages + page_pool_inflight(pool) == pages &&
					w.out == pages - info.free_pages,
			"%" PRIu64 " free, %u in flight, %" PRIu64 " out", info.free_pages,
			page_pool_inflight(pool), w.out);
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	return 0;
}

static int
pool_end(struct page_pool *pool)
{
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

/* ---- the three, alike */

struct kind {
	const char *provider;
	bool readable;
};

static const struct kind kinds[] = {
	{ "region", true },
	{ "unreadable", false },
	{ "gpu", false },
};

/* What the kinds' pools are made of. */
static struct page_pool_region region;
static struct page_pool_unreadable unreadable;
static struct page_pool_gpu gpu;

static struct page_pool *
kind_start(const struct kind *k, uint32_t order, uint32_t pages, uint32_t ring)
{
	const size_t size = PAGE << order;

	if (k == &kinds[0]) {
		region = (struct page_pool_region){ .len = (pages + 1) * size, .nid = -1 };
		region.base = mmap(NULL, region.len, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (region.base == MAP_FAILED)
			return NULL;
		/* one more if it is aligned by chance */
		if ((uintptr_t)region.base % size == 0)
			region.len -= size;
		return pool_make("region", &region, order, ring);
	}
	if (k == &kinds[1]) {
		unreadable.nr_pages = pages;
		unreadable.iova = 0x700000000000;
		return pool_make("unreadable", &unreadable, order, ring);
	}
	gpu.dev_id = GPU_ID;
	gpu.len = pages * size;
	return pool_make("gpu", &gpu, order, ring);
}

/* The pool is gone. */
static int
kind_end(const struct kind *k)
{
	if (k == &kinds[0]) {
		CHECK(!page_pool_region_in_use(&region), "the region is in use");
		CHECK(munmap(region.base, region.len) == 0, "munmap");
	}
	CHECK(dev.allocs == dev.frees && dev.wrong == 0 && dev.at == NULL,
			"%u taken from the device, %u given back, %u wrong", dev.allocs, dev.frees,
			dev.wrong);
	return 0;
}

typedef int (*kind_test)(const struct kind *k, uint32_t order);

static int
each_kind(kind_test test)
{
	unsigned int i, order;

	for (i = 0; i < RTE_DIM(kinds); i++)
		for (order = 0; order <= 3; order += 3) {
			printf("%s, order %u\n", kinds[i].provider, order);
			CHECK_OK(test(&kinds[i], order));
		}
	return 0;
}

static int
page_sound(const struct kind *k, netmem_ref n, uint32_t order)
{
	struct netmem_desc *desc = netmem_to_nmdesc(n);

	CHECK((uintptr_t)desc % 64 == 0 && (uintptr_t)desc->addr % (PAGE << order) == 0, "%p",
			desc->addr);
	CHECK(netmem_is_net_iov(n) == !k->readable, "of the other kind");
	CHECK(netmem_address(n) == (k->readable ? desc->addr : NULL), "address");
	return 0;
}

/* Exhaustion: no page, none broken, and what comes back is given away again, the last one first. */
static int
exhaust(const struct kind *k, uint32_t order)
{
	struct page_pool *pool = kind_start(k, order, 150, 8);
	uint32_t offset = 5, size = 100;
	netmem_ref n[151];
	unsigned int i;

	CHECK(pool != NULL, "pool: %d", rte_errno);
	CHECK_OK(accounts(pool, k->provider, 150));
	for (i = 0; i < 150; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0, "page %u", i);
		CHECK_OK(page_sound(k, n[i], order));
		/* first time: upwards */
		CHECK(i == 0 || n[i] > n[i - 1], "page %u", i);
		if (i == 70 && order == 0)
			CHECK(info_of(pool).free_pages == 150 - 128, "64 at a time");
	}
	for (i = 0; i < 3; i++) {
		rte_errno = 0;
		CHECK(page_pool_alloc_netmems(pool) == 0 && rte_errno == ENOMEM, "%d", rte_errno);
		CHECK(page_pool_alloc_frag_netmem(pool, &offset, 64) == 0 && offset == 5, "frag");
		CHECK(page_pool_alloc_netmem(pool, &offset, &size) == 0 && size == 100, "alloc");
	}
	CHECK_OK(accounts(pool, k->provider, 150));
	/* 128 or 8 to the cache, 8 to the ring, the others to the provider */
	CHECK(page_pool_put_netmem_bulk(n, 150) == 150, "bulk");
	i = page_pool_inflight(pool);
	CHECK(i == (order == 0 ? 136 : 8 + 2 * 16), "%u", i);
	CHECK_OK(accounts(pool, k->provider, 150));
	for (i = 0; i < 150; i++)
		CHECK((n[i] = page_pool_alloc_netmems(pool)) != 0, "%u", i);
	CHECK(page_pool_alloc_netmems(pool) == 0, "one too many");
	/* past cache and ring: the warmest of the provider's comes first */
	page_pool_disable_direct_recycling(pool);
	CHECK(page_pool_put_netmem_bulk(n, 8) == 8, "ring");
	for (i = 8; i < 20; i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], false) == 0, "provider");
	CHECK(info_of(pool).free_pages == 12, "%" PRIu64, info_of(pool).free_pages);
	CHECK_OK(accounts(pool, k->provider, 150));
	for (i = 0; i < 8; i++)
		CHECK(page_pool_alloc_netmems(pool) == n[7 - i], "ring %u", i);
	for (i = 0; i < 12; i++)
		CHECK(page_pool_alloc_netmems(pool) == n[19 - i], "%u is not the warmest", i);
	CHECK(page_pool_put_netmem_bulk(n, 150) == 150, "bulk");
	CHECK_OK(pool_end(pool));
	return kind_end(k);
}

static int
test_exhaust(void)
{
	return each_kind(exhaust);
}

/* ---- other threads */

/* EAL binds the thread that makes others to one CPU, which these would share with it. */
static void
run_anywhere(void)
{
	cpu_set_t all;
	int i;

	CPU_ZERO(&all);
	for (i = 0; i < CPU_SETSIZE; i++)
		CPU_SET(i, &all);
	sched_setaffinity(0, sizeof(all), &all);
}

struct freer {
	struct page_pool *pool;
	struct rte_ring *ring;
	bool readable;
	uint64_t bad;
	uint64_t n;
};

static void *
freer_main(void *arg)
{
	struct freer *f = arg;
	netmem_ref n;
	void *p;

	run_anywhere();
	for (;;) {
		if (rte_ring_dequeue(f->ring, &p) != 0) {
			sched_yield();
			continue;
		}
		n = (netmem_ref)p;
		if (n == 0)
			return NULL;
		if (f->readable) {
			f->bad += *(netmem_ref *)netmem_address(n) != n;
			*(netmem_ref *)netmem_address(n) = 0;
		}
		f->bad += page_pool_put_full_netmem(f->pool, n, false) != 0;
		f->n++;
	}
}

/* The ring is small: most pages go back to the provider, while the consumer asks it. */
static int
threads(const struct kind *k, uint32_t order)
{
	struct page_pool *pool = kind_start(k, order, 400, 4);
	const unsigned int rounds = 200000 * test_scale();
	struct freer f[2] = { { .readable = k->readable }, { .readable = k->readable } };
	pthread_t id[2];
	unsigned int i, j;
	netmem_ref n;

	CHECK(pool != NULL, "pool: %d", rte_errno);
	for (j = 0; j < 2; j++) {
		f[j].pool = pool;
		f[j].ring = rte_ring_create(j == 0 ? "freer0" : "freer1", 128, SOCKET_ID_ANY,
				RING_F_SP_ENQ | RING_F_SC_DEQ);
		CHECK(f[j].ring != NULL, "ring");
		CHECK(pthread_create(&id[j], NULL, freer_main, &f[j]) == 0, "thread");
	}
	for (i = 0; i < rounds; i++) {
		while ((n = page_pool_alloc_netmems(pool)) == 0)
			sched_yield();
		if (k->readable)
			*(netmem_ref *)netmem_address(n) = n;
		while (rte_ring_enqueue(f[i % 2].ring, (void *)n) != 0)
			sched_yield();
	}
	for (j = 0; j < 2; j++) {
		while (rte_ring_enqueue(f[j].ring, NULL) != 0)
			sched_yield();
		pthread_join(id[j], NULL);
		CHECK(f[j].bad == 0 && f[j].n == rounds / 2, "%" PRIu64 " bad of %" PRIu64,
				f[j].bad, f[j].n);
		rte_ring_free(f[j].ring);
	}
	CHECK_OK(accounts(pool, k->provider, 400));
	CHECK_OK(pool_end(pool));
	return kind_end(k);
}

/* Several threads give to the provider at the same time, and only to it. */
struct returner {
	netmem_ref n[200];
	unsigned int nr;
	unsigned int done;
	pthread_barrier_t *barrier;
};

static void *
returner_main(void *arg)
{
	struct returner *r = arg;
	unsigned int i;

	run_anywhere();
	for (;;) {
		pthread_barrier_wait(r->barrier);
		if (r->nr == 0)
			return NULL;
		r->done = 0;
		for (i = 0; i < r->nr; i++)
			r->done += page_pool_put_full_netmem(netmem_pp(r->n[i]), r->n[i], false) ==
					0;
		pthread_barrier_wait(r->barrier);
	}
}

static int
tides(const struct kind *k, uint32_t order)
{
	struct page_pool *pool = kind_start(k, order, 400, 1);
	const unsigned int rounds = 2000 * test_scale();
	static struct returner r[2];
	pthread_barrier_t barrier;
	unsigned int i, j, round;
	pthread_t id[2];

	CHECK(pool != NULL, "pool: %d", rte_errno);
	pthread_barrier_init(&barrier, NULL, 3);
	for (j = 0; j < 2; j++) {
		r[j].barrier = &barrier;
		CHECK(pthread_create(&id[j], NULL, returner_main, &r[j]) == 0, "thread");
	}
	for (round = 0; round <= rounds; round++) {
		for (j = 0; j < 2; j++) {
			r[j].nr = round == rounds ? 0 : 200;
			for (i = 0; i < r[j].nr; i++)
				CHECK((r[j].n[i] = page_pool_alloc_netmems(pool)) != 0,
						"round %u: page %u", round, i);
		}
		pthread_barrier_wait(&barrier);
		if (round == rounds)
			break;
		pthread_barrier_wait(&barrier);
		CHECK(r[0].done == 200 && r[1].done == 200, "put: %u %u", r[0].done, r[1].done);
		if (round % 100 == 0)
			CHECK_OK(accounts(pool, k->provider, 400));
	}
	for (j = 0; j < 2; j++)
		pthread_join(id[j], NULL);
	pthread_barrier_destroy(&barrier);
	CHECK(info_of(pool).free_pages >= 399, "%" PRIu64, info_of(pool).free_pages);
	CHECK_OK(pool_end(pool));
	return kind_end(k);
}

static int
test_threads(void)
{
	CHECK_OK(each_kind(threads));
	return each_kind(tides);
}

/* ---- a random sequence against a model */

#define PAGES 300
#define HELD 600

/* What is out: each piece of a page of the region has a byte of its own. */
static struct piece {
	netmem_ref netmem;
	uint32_t offset;
	uint32_t size;
	uint8_t mark;
} held[HELD];

static bool
filled(const void *p, uint8_t mark, size_t size)
{
	const uint8_t *b = p;

	/* each byte is like the one after it */
	return size == 0 || (b[0] == mark && memcmp(b, b + 1, size - 1) == 0);
}

static bool
piece_sound(const struct kind *k, const struct piece *p)
{
	return !k->readable ||
			filled((uint8_t *)netmem_address(p->netmem) + p->offset, p->mark, p->size);
}

/* No two pieces share a byte. */
static bool
piece_apart(const struct piece *p, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (held[i].netmem == p->netmem && held[i].offset < p->offset + p->size &&
				p->offset < held[i].offset + held[i].size)
			return false;
	return true;
}

static bool
piece_alloc(const struct kind *k, struct page_pool *pool, struct piece *p)
{
	const uint32_t page_size = (uint32_t)page_pool_page_size(pool);
	unsigned int what = test_random_below(3);

	p->offset = 0;
	p->size = 1 + test_random_below(page_size / (what == 1 ? 1 : 4));
	if (what == 0) {
		p->netmem = page_pool_alloc_netmems(pool);
		p->size = page_size;
	} else if (what == 1) {
		p->netmem = page_pool_alloc_netmem(pool, &p->offset, &p->size);
	} else {
		p->netmem = page_pool_alloc_frag_netmem(pool, &p->offset, p->size);
	}
	if (p->netmem == 0)
		return false;
	p->mark = (uint8_t)test_random_below(256);
	if (k->readable)
		memset((uint8_t *)netmem_address(p->netmem) + p->offset, p->mark, p->size);
	return true;
}

static int
piece_put(struct page_pool *pool, struct piece *p)
{
	switch (test_random_below(4)) {
	case 0:
		return page_pool_put_netmem_bulk(&p->netmem, 1) == 1 ? 0 : -1;
	case 1:
		return page_pool_recycle_direct_netmem(pool, p->netmem);
	case 2:
		page_pool_ref_netmem(p->netmem);
		if (page_pool_unref_netmem(p->netmem, 1) <= 0)
			return -1;
		return page_pool_put_full_netmem(pool, p->netmem, true);
	default:
		return page_pool_put_full_netmem(pool, p->netmem, false);
	}
}

static int
sequence(const struct kind *k, uint32_t order)
{
	struct page_pool *pool = kind_start(k, order, PAGES, 16);
	const unsigned int rounds = 40000 * test_scale();
	unsigned int i, n = 0, full = 0, round;
	bool direct = true, more = true;

	CHECK(pool != NULL, "pool: %d", rte_errno);
	for (round = 0; round < rounds; round++) {
		/* tides, so that it is empty and full now and then */
		if (round % 2000 == 0)
			more = !more;
		if (round % 500 == 0) {
			direct = !direct;
			if (direct)
				page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_THREAD);
			else
				page_pool_disable_direct_recycling(pool);
			/* the direct cache goes back to the provider */
			if (test_random_below(4) == 0)
				page_pool_update_nid(pool, -1);
		}
		if (n < HELD && test_random_below(8) < (more ? 5u : 3u)) {
			if (!piece_alloc(k, pool, &held[n])) {
				CHECK(rte_errno == ENOMEM, "%d", rte_errno);
				CHECK(info_of(pool).free_pages == 0, "there are free pages");
				full++;
				continue;
			}
			CHECK(piece_apart(&held[n], n), "round %u: it is taken", round);
			n++;
		} else if (n > 0) {
			i = test_random_below(n);
			CHECK(piece_sound(k, &held[i]), "round %u: overwritten", round);
			CHECK(piece_put(pool, &held[i]) == 0, "round %u", round);
			held[i] = held[--n];
		}
		if (round % 997 == 0)
			CHECK_OK(accounts(pool, k->provider, PAGES));
	}
	printf("%u times there was none\n", full);
	for (i = 0; i < n; i++) {
		CHECK(piece_sound(k, &held[i]), "overwritten");
		CHECK(piece_put(pool, &held[i]) == 0, "put");
	}
	CHECK_OK(accounts(pool, k->provider, PAGES));
	CHECK_OK(pool_end(pool));
	return kind_end(k);
}

static int
test_sequence(void)
{
	return each_kind(sequence);
}

/* ---- the end */

static bool
mapped(void *base)
{
	unsigned char in;

	return mincore(base, PAGE, &in) == 0;
}

/* Pages in flight keep the memory; the last one, which another thread returns, ends it. */
static void *
put_later(void *arg)
{
	netmem_ref n = (netmem_ref)arg;

	return page_pool_put_full_netmem(netmem_pp(n), n, false) == 0 ? NULL : arg;
}

static int
in_flight(const struct kind *k, uint32_t order)
{
	struct page_pool *pool = kind_start(k, order, 100, 8);
	unsigned int frees = dev.frees;
	netmem_ref n[20], frag;
	pthread_t thread;
	uint32_t offset;
	void *rc, *addr;
	unsigned int i;
	double end;

	CHECK(pool != NULL, "pool: %d", rte_errno);
	for (i = 0; i < 20; i++)
		n[i] = page_pool_alloc_netmems(pool);
	frag = page_pool_alloc_frag_netmem(pool, &offset, 100);
	CHECK(frag != 0, "fragment");
	addr = netmem_to_nmdesc(n[0])->addr;
	CHECK(page_pool_destroy(pool) == 21, "in flight");
	CHECK_OK(accounts(pool, k->provider, 100));
	CHECK(page_pool_put_full_netmem(pool, frag, true) == 0, "fragment");
	for (i = 1; i < 20; i++)
		CHECK(page_pool_put_full_netmem(pool, n[i], i % 2) == 0, "put");
	usleep(1200000);
	CHECK(page_pool_inflight(pool) == 1 && mapped(addr), "one is out");
	if (k == &kinds[0]) {
		CHECK(page_pool_region_in_use(&region), "the region is not in use");
		CHECK(pool_error("region", &region, order) == EBUSY, "a second pool");
		memset(addr, 1, PAGE << order);
	}
	CHECK(dev.frees == frees, "the device's memory is gone");
	CHECK(pthread_create(&thread, NULL, put_later, (void *)n[0]) == 0, "thread");
	pthread_join(thread, &rc);
	CHECK(rc == NULL, "the last one");
	end = test_seconds() + 5;
	while ((k == &kinds[0] ? page_pool_region_in_use(&region) :
					       k == &kinds[1] ?
				 mapped(addr) :
				 __atomic_load_n(&dev.frees, __ATOMIC_ACQUIRE) == frees) &&
			test_seconds() < end)
		usleep(10000);
	CHECK(test_seconds() < end, "the pool stays");
	/* the pool itself is freed just after */
	usleep(50000);
	return kind_end(k);
}

static int
test_in_flight(void)
{
	return each_kind(in_flight);
}

/* Without memory for the pool, or for descriptors: nothing is left behind. */
static int
test_no_memory(void)
{
	struct page_pool *pool;
	unsigned int i, nth;

	for (i = 0; i < RTE_DIM(kinds); i++) {
		pool = kind_start(&kinds[i], 0, 10, 0);
		CHECK(pool != NULL, "%s: %d", kinds[i].provider, rte_errno);
		CHECK_OK(pool_end(pool));
		for (nth = 1; nth <= 2; nth++)
			CHECK(pool_error_nth(kinds[i].provider,
					      i == 0                 ? (void *)&region :
							      i == 1 ? (void *)&unreadable :
								       (void *)&gpu,
					      nth) == ENOMEM,
					"%s: %u: %d", kinds[i].provider, nth, rte_errno);
		CHECK_OK(kind_end(&kinds[i]));
	}
	return 0;
}

/* ---- regions */

static int
test_region_errors(void)
{
	static rte_iova_t iova[1];
	static uint8_t mem[5 * 4096] __rte_aligned(4096);
	static const struct {
		const char *what;
		struct page_pool_region region;
	} bad[] = {
		{ "no base", { .len = 8192 } },
		{ "no length", { .base = mem } },
		{ "too short", { .base = mem, .len = 4095 } },
		{ "not a whole page", { .base = mem + 1, .len = 8190 } },
		{ "one too short at the end", { .base = mem + 4096, .len = 4095 } },
		{ "it wraps", { .base = mem, .len = SIZE_MAX - 4096 } },
		{ "it wraps to 0", { .base = (void *)(UINTPTR_MAX - 8191), .len = 8192 } },
		{ "so does its alignment", { .base = (void *)(UINTPTR_MAX - 100), .len = 50 } },
		{ "flag", { .base = mem, .len = 8192, .flags = 2 } },
		{ "IO pages", { .base = mem, .len = 8192, .iova_addrs = iova } },
		{ "IO pages",
				{ .base = mem,
						.len = 8192,
						.iova_addrs = iova,
						.iova_page_size = 2048 } },
		{ "IO pages",
				{ .base = mem,
						.len = 8192,
						.iova_addrs = iova,
						.iova_page_size = 12288 } },
		{ "IO pages",
				{ .base = mem + 64,
						.len = 8192,
						.iova_addrs = iova,
						.iova_page_size = 4096 } },
	};
	struct page_pool_region r;
	unsigned int i;

	CHECK(pool_error("region", NULL, 0) == EINVAL, "NULL");
	for (i = 0; i < RTE_DIM(bad); i++) {
		r = bad[i].region;
		CHECK(pool_error("region", &r, 0) == EINVAL, "%s: %d", bad[i].what, rte_errno);
		CHECK(!page_pool_region_in_use(&r), "%s", bad[i].what);
	}
	r = (struct page_pool_region){ .base = mem, .len = 4096 };
	CHECK(pool_error("region", &r, 0) == 0 && pool_error("region", &r, 1) == EINVAL, "a page");
	r = (struct page_pool_region){ .base = mem + 1, .len = 8191 };
	CHECK(pool_error("region", &r, 0) == 0, "a page, not at the beginning");
	/* a base that is aligned to such a size */
	r = (struct page_pool_region){ .len = 8192, .iova_addrs = iova, .iova_page_size = 12288 };
	r.base = mem + (3 - (uintptr_t)mem / 4096 % 3) % 3 * 4096;
	CHECK((uintptr_t)r.base % 12288 == 0 && pool_error("region", &r, 0) == EINVAL, "IO pages");
	/* more than pools can count */
	r = (struct page_pool_region){ .base = (void *)PAGE, .len = (size_t)1 << 46 };
	CHECK(pool_error("region", &r, 0) == ENOMEM, "%d", rte_errno);
	return 0;
}

/* Each byte of each page is the page's own, and none beside them is touched. */
static int
region_bytes(uint8_t *mem, size_t len, uint32_t order, size_t head, size_t tail)
{
	struct page_pool_region r = { .base = mem + head, .len = len - head - tail, .nid = -1 };
	const size_t size = PAGE << order;
	uint8_t *begin = RTE_PTR_ALIGN_CEIL(mem + head, size), *end = mem + len - tail;
	struct page_pool *pool;
	netmem_ref n[256];
	unsigned int i, nr;

	nr = (unsigned int)((size_t)(end - begin) / size);
	memset(mem, 0x5a, len);
	pool = pool_make("region", &r, order, 0);
	CHECK(pool != NULL && nr > 2 && nr < RTE_DIM(n), "pool: %d", rte_errno);
	for (i = 0; i < nr; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0, "%u of %u", i, nr);
		CHECK(filled(netmem_address(n[i]), 0x5a, size), "the provider wrote to it");
		memset(netmem_address(n[i]), (int)i, size);
		CHECK(netmem_address(n[i]) == begin + i * size, "%u", i);
		CHECK(netmem_to_nmdesc(n[i])->nid == -1 && netmem_to_nmdesc(n[i])->flags == 0,
				"descriptor");
	}
	CHECK(page_pool_alloc_netmems(pool) == 0, "more than fit");
	for (i = 0; i < nr; i++)
		CHECK(filled(netmem_address(n[i]), (uint8_t)i, size), "%u is overwritten", i);
	CHECK(filled(mem, 0x5a, (size_t)(begin - mem)), "before the first page");
	end = begin + nr * size;
	CHECK(filled(end, 0x5a, (size_t)(mem + len - end)), "after the last page");
	CHECK(page_pool_put_netmem_bulk(n, nr) == nr, "back");
	CHECK(info_of(pool).bytes >= r.len + nr * 64, "bytes");
	CHECK_OK(pool_end(pool));
	for (i = 0; i < nr; i++)
		CHECK(filled(begin + i * size, (uint8_t)i, size), "written at the end");
	return 0;
}

static int
test_region_bytes(void)
{
	const size_t len = 50 * PAGE;
	int fd = memfd_create("region", 0);
	unsigned int i;
	uint8_t *mem;

	CHECK(fd >= 0 && ftruncate(fd, (off_t)len) == 0, "memfd");
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(mem != MAP_FAILED, "mmap");
	close(fd);
	CHECK_OK(region_bytes(mem, len, 0, 0, 0));
	CHECK_OK(region_bytes(mem, len, 3, 0, 0));
	CHECK_OK(region_bytes(mem, len, 0, 1, 1));
	CHECK_OK(region_bytes(mem, len, 0, PAGE - 1, PAGE - 1));
	for (i = 0; i < 20 * test_scale(); i++)
		CHECK_OK(region_bytes(mem, len, i % 2 == 0 ? 0 : 3, test_random_below(3 * PAGE),
				test_random_below(3 * PAGE)));
	munmap(mem, len);
	return 0;
}

/* The range is one pool's at a time, whoever describes it. */
static int
test_region_busy(void)
{
	const size_t len = 16 * PAGE;
	uint8_t *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct page_pool_region r = { .base = mem + 4 * PAGE, .len = 4 * PAGE }, other = r;
	struct page_pool *pool, *after;

	CHECK(mem != MAP_FAILED, "mmap");
	CHECK(!page_pool_region_in_use(&r), "new");
	pool = pool_make("region", &r, 0, 0);
	CHECK(pool != NULL && page_pool_region_in_use(&r), "pool");
	CHECK(pool_error("region", &r, 0) == EBUSY, "the same");
	CHECK(pool_error("region", &other, 0) == EBUSY, "a copy");
	other.len = 8 * PAGE;
	other.base = mem;
	CHECK(pool_error("region", &other, 0) == EBUSY && page_pool_region_in_use(&other),
			"its end");
	other.base = mem + 7 * PAGE;
	CHECK(pool_error("region", &other, 0) == EBUSY && page_pool_region_in_use(&other),
			"its beginning");
	other.base = mem + 8 * PAGE;
	CHECK(!page_pool_region_in_use(&other), "beside it");
	after = pool_make("region", &other, 0, 0);
	CHECK(after != NULL, "beside it: %d", rte_errno);
	other.base = mem;
	other.len = 4 * PAGE;
	CHECK(!page_pool_region_in_use(&other) && pool_error("region", &other, 0) == 0, "before");
	CHECK_OK(pool_end(pool));
	CHECK(!page_pool_region_in_use(&r) && pool_error("region", &r, 0) == 0, "free again");
	CHECK_OK(pool_end(after));
	munmap(mem, len);
	return 0;
}

/* dma_addr of each page of a pool. */
static int
region_iova(struct page_pool_region *r, uint32_t order, const rte_iova_t *expected, unsigned int nr)
{
	struct page_pool *pool = pool_make("region", r, order, 0);
	netmem_ref n[64];
	unsigned int i;

	CHECK(pool != NULL && nr <= RTE_DIM(n), "pool: %d", rte_errno);
	for (i = 0; i < nr; i++) {
		n[i] = page_pool_alloc_netmems(pool);
		CHECK(n[i] != 0, "%u", i);
		CHECK(page_pool_get_dma_addr_netmem(n[i]) == expected[i],
				"page %u: %#" PRIx64 " instead of %#" PRIx64, i,
				page_pool_get_dma_addr_netmem(n[i]), expected[i]);
	}
	CHECK(page_pool_put_netmem_bulk(n, nr) == nr, "back");
	return pool_end(pool);
}

static int
test_region_iova(void)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	const size_t len = 16 * PAGE;
	struct page_pool_region r = { .len = len, .nid = 1 };
	rte_iova_t table[16], expected[16];
	uint8_t *mem;
	int i;

	/* aligned to four pages */
	mem = mmap(NULL, 2 * len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mem != MAP_FAILED, "mmap");
	r.base = RTE_PTR_ALIGN_CEIL(mem, len);
	memset(r.base, 1, len);

	for (i = 0; i < 16; i++)
		expected[i] = va ? (uintptr_t)r.base + (size_t)i * PAGE :
				   rte_mem_virt2iova((uint8_t *)r.base + (size_t)i * PAGE);
	CHECK_OK(region_iova(&r, 0, expected, 16));
	r.flags = PAGE_POOL_REGION_F_NO_IOVA;
	for (i = 0; i < 16; i++)
		expected[i] = RTE_BAD_IOVA;
	CHECK_OK(region_iova(&r, 0, expected, 16));
	r.flags = 0;

	/* a table of 4 KB: scattered, with a hole */
	r.iova_addrs = table;
	r.iova_page_size = PAGE;
	for (i = 0; i < 16; i++)
		expected[i] = table[i] = i == 5 ? RTE_BAD_IOVA : 0x10000000u + 0x3000u * (15 - i);
	CHECK_OK(region_iova(&r, 0, expected, 16));
	/* larger pages are in one piece or have none: the second has a hole, the third is
	 * scattered
	 */
	for (i = 0; i < 16; i++)
		table[i] = 0x20000000u + 0x1000u * (unsigned int)i;
	table[5] = RTE_BAD_IOVA;
	table[11] += 0x1000;
	expected[0] = table[0];
	expected[1] = expected[2] = RTE_BAD_IOVA;
	expected[3] = table[12];
	CHECK_OK(region_iova(&r, 2, expected, 4));
	/* a table of 16 KB */
	r.iova_page_size = 4 * PAGE;
	for (i = 0; i < 4; i++)
		table[i] = 0x30000000u + 0x10000u * (unsigned int)i;
	table[2] = RTE_BAD_IOVA;
	for (i = 0; i < 16; i++)
		expected[i] = i / 4 == 2 ? RTE_BAD_IOVA : table[i / 4] + (size_t)(i % 4) * PAGE;
	CHECK_OK(region_iova(&r, 0, expected, 16));
	/* what was registered */
	r.iova_addrs = NULL;
	for (i = 0; i < 4; i++)
		table[i] = 0x50000000u + 0x100000u * (unsigned int)(4 - i);
	CHECK(rte_extmem_register(r.base, len, table, 4, 4 * PAGE) == 0, "register: %d", rte_errno);
	for (i = 0; i < 16; i++)
		expected[i] = table[i / 4] + (size_t)(i % 4) * PAGE;
	CHECK_OK(region_iova(&r, 0, expected, 16));
	CHECK(rte_extmem_unregister(r.base, len) == 0, "unregister");
	munmap(mem, 2 * len);
	return 0;
}

/* Descriptors cost 1.6 % of pages of 4 KB, and nothing else costs much. */
static int
test_region_waste(void)
{
	struct page_pool_region *r = page_pool_region_create(8 * MB, -1, 0);
	const struct test_memory before = test_memory();
	struct memory_provider_info info;
	struct page_pool *pool;
	size_t own;

	CHECK(r != NULL, "region: %d", rte_errno);
	pool = pool_make("region", r, 0, 0);
	CHECK(pool != NULL, "pool: %d", rte_errno);
	info = info_of(pool);
	own = test_memory().bytes - before.bytes;
	printf("%" PRIu64 " pages: %" PRIu64 " bytes, %.4f for each byte; pool and descriptors: "
	       "%zu\n",
			info.pages, info.bytes, (double)info.bytes / (double)(info.pages * PAGE),
			own);
	CHECK(info.pages == 8 * MB / PAGE, "%" PRIu64, info.pages);
	CHECK(info.bytes * 100 <= info.pages * PAGE * 102, "more than 2 %%");
	CHECK((own + 8 * MB) * 100 <= info.pages * PAGE * 102, "more than 2 %%: %zu", own);
	CHECK_OK(pool_end(pool));
	CHECK(page_pool_region_destroy(r) == 0, "destroy");
	return 0;
}

/* Address space of the process, in pages. */
static long
address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = -1;

	if (f != NULL && fscanf(f, "%ld", &pages) != 1)
		pages = -1;
	if (f != NULL)
		fclose(f);
	return pages;
}

static int
test_region_create(void)
{
	const unsigned int extmem = PAGE_POOL_REGION_CREATE_F_EXTMEM;
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	static const int populate[] = { 0, EINVAL };
	static const unsigned long node_0 = 1;
	struct page_pool_region *r, *other;
	struct page_pool *pool;
	unsigned int i;
	netmem_ref n;
	long before;
	void *base;

	for (i = 0; i < 2; i++) {
		madvise_fails = populate[i];
		r = page_pool_region_create(3 * MB, -1, 0);
		madvise_fails = 0;
		CHECK(r != NULL && r->len == 4 * MB && (uintptr_t)r->base % (4 * MB) == 0, "%d",
				rte_errno);
		CHECK(r->nid == -1 && r->flags == (va ? 0 : PAGE_POOL_REGION_F_NO_IOVA), "%u",
				r->flags);
		base = r->base;
		CHECK(filled(base, 0, r->len), "not empty");
		pool = pool_make("region", r, PAGE_POOL_ORDER_MAX, 0);
		CHECK(pool != NULL && info_of(pool).pages == 1, "the largest page: %d", rte_errno);
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0 && netmem_address(n) == base, "page");
		CHECK(page_pool_get_dma_addr_netmem(n) == (va ? (uintptr_t)base : RTE_BAD_IOVA),
				"IO address");
		CHECK(page_pool_region_destroy(r) == -EBUSY && mapped(base), "in use");
		CHECK(page_pool_put_full_netmem(pool, n, true) == 0, "put");
		CHECK(page_pool_region_destroy(r) == -EBUSY && mapped(base), "in use");
		CHECK_OK(pool_end(pool));
		CHECK(page_pool_region_destroy(r) == 0 && !mapped(base), "destroy");
	}
	CHECK(page_pool_region_destroy(NULL) == 0, "NULL");
	/* what is cut off to align it goes */
	before = address_space();
	for (i = 0; i < 64; i++) {
		r = page_pool_region_create(2 * MB, -1, 0);
		other = page_pool_region_create(2 * MB, -1, 0);
		CHECK(r != NULL && other != NULL, "%u: %d", i, rte_errno);
		/* one of two that follow each other would not be */
		CHECK((uintptr_t)r->base % (4 * MB) == 0 && (uintptr_t)other->base % (4 * MB) == 0,
				"%p %p", r->base, other->base);
		CHECK(page_pool_region_destroy(r) == 0 && page_pool_region_destroy(other) == 0,
				"destroy");
	}
	CHECK(address_space() - before < (long)(64 * MB / PAGE), "address space is lost");
	r = page_pool_region_create(1, 0, 0);
	CHECK(r != NULL && r->len == 2 * MB, "node: %d", rte_errno);
	/* does the kernel take such a wish here? */
	i = syscall(SYS_mbind, r->base, r->len, MPOL_PREFERRED, &node_0, 8 * sizeof(node_0), 0u) ==
			0;
	printf("the kernel takes %s wish for a node\n", i != 0 ? "a" : "no");
	CHECK(r->nid == (i != 0 ? 0 : -1), "node %d", r->nid);
	CHECK(page_pool_region_destroy(r) == 0, "destroy");
	r = page_pool_region_create(1, RTE_MAX_NUMA_NODES - 1, 0);
	CHECK(r != NULL && r->nid == -1, "a node that is not there: %d", r == NULL ? 0 : r->nid);
	CHECK(page_pool_region_destroy(r) == 0, "destroy");
	if (!va) {
		CHECK(page_pool_region_create(1, -1, extmem) == NULL && rte_errno == ENOTSUP, "PA");
		return 0;
	}
	r = page_pool_region_create(4 * MB, -1, extmem);
	CHECK(r != NULL, "registered: %d", rte_errno);
	base = r->base;
	CHECK(rte_mem_virt2memseg((uint8_t *)base + 3 * MB, NULL) != NULL, "not registered");
	pool = pool_make("region", r, 0, 0);
	CHECK(pool != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_get_dma_addr_netmem(n) == (uintptr_t)base, "IO address");
	CHECK(page_pool_put_full_netmem(pool, n, true) == 0, "put");
	CHECK_OK(pool_end(pool));
	extmem_stays = EBUSY;
	CHECK(page_pool_region_destroy(r) == -EBUSY && mapped(base), "EAL does not let it go");
	extmem_stays = 0;
	CHECK(page_pool_region_destroy(r) == 0 && !mapped(base), "destroy");
	CHECK(rte_mem_virt2memseg(base, NULL) == NULL, "still registered");
	return 0;
}

/* What fails is undone: no address space, and no memory of DPDK's, is lost. */
static int
test_region_create_errors(void)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	struct page_pool_unreadable u = { .nr_pages = 16 };
	struct rlimit limit, none = { .rlim_cur = 1 };
	int error, mmap_error;
	long before;

	CHECK(page_pool_region_create(0, -1, 0) == NULL && rte_errno == EINVAL, "0");
	CHECK(page_pool_region_create(SIZE_MAX, -1, 0) == NULL && rte_errno == EINVAL, "wraps");
	CHECK(page_pool_region_create(1, -1, 2) == NULL && rte_errno == EINVAL, "flag");
	CHECK(page_pool_region_create(1, RTE_MAX_NUMA_NODES, 0) == NULL && rte_errno == EINVAL,
			"node");
	rte_errno = 0;
	CHECK(page_pool_region_create((size_t)1 << 56, -1, 0) == NULL && rte_errno == ENOMEM,
			"larger than the address space: %d", rte_errno);
	inject_start(INJECT_OURS, 1, false);
	rte_errno = 0;
	CHECK(page_pool_region_create(1, -1, 0) == NULL && rte_errno == ENOMEM, "%d", rte_errno);
	inject_stop(NULL);
	before = address_space();
	madvise_fails = ENOMEM;
	rte_errno = 0;
	CHECK(page_pool_region_create(64 * MB, -1, 0) == NULL && rte_errno == ENOMEM, "populate");
	madvise_fails = 0;
	if (va) {
		extmem_fails = ENOSPC;
		CHECK(page_pool_region_create(64 * MB, -1, PAGE_POOL_REGION_CREATE_F_EXTMEM) ==
								NULL &&
						rte_errno == ENOSPC,
				"register: %d", rte_errno);
		extmem_fails = 0;
	}
	CHECK(address_space() - before < (long)(64 * MB / PAGE), "it stays mapped");
	/* no address space */
	CHECK(getrlimit(RLIMIT_AS, &limit) == 0, "limit");
	none.rlim_max = limit.rlim_max;
	CHECK(setrlimit(RLIMIT_AS, &none) == 0, "limit");
	error = page_pool_region_create(64 * MB, -1, 0) == NULL ? rte_errno : 0;
	mmap_error = pool_error("unreadable", &u, 0);
	setrlimit(RLIMIT_AS, &limit);
	CHECK(error == ENOMEM && mmap_error == ENOMEM, "%d %d", error, mmap_error);
	return 0;
}

/* ---- unreadable memory */

static int
test_unreadable_errors(void)
{
	struct page_pool_unreadable u = { .nr_pages = 0 };

	CHECK(pool_error("unreadable", NULL, 0) == EINVAL, "NULL");
	CHECK(pool_error("unreadable", &u, 0) == EINVAL, "no pages");
	u.nr_pages = 2;
	u.iova = RTE_BAD_IOVA - 2 * PAGE + 1;
	CHECK(pool_error("unreadable", &u, 0) == EINVAL, "IO addresses wrap");
	u.iova = RTE_BAD_IOVA - 2 * PAGE;
	CHECK(pool_error("unreadable", &u, 0) == 0, "the last ones");
	u.nr_pages = UINT32_MAX;
	u.iova = 0;
	CHECK(pool_error("unreadable", &u, 0) == ENOMEM, "descriptors: %d", rte_errno);
	return 0;
}

/* Who reads (or writes) an address dies of it. */
static int
dies(uint8_t *addr, bool write)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* sanitizers would explain it */
		signal(SIGSEGV, SIG_DFL);
		setrlimit(RLIMIT_CORE, &no_core);
		if (write)
			*(volatile uint8_t *)addr = 1;
		else
			(void)*(volatile uint8_t *)addr;
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "status %#x", status);
	return 0;
}

static int
test_unreadable(void)
{
	static const uint32_t orders[] = { 0, 3, PAGE_POOL_ORDER_MAX };
	struct page_pool_unreadable u = { .nr_pages = 20, .iova = 0x123456000 };
	struct page_pool *pool;
	struct netmem_desc *desc;
	uint8_t *last = NULL;
	netmem_ref n[20];
	unsigned int i, k;
	size_t size;

	for (k = 0; k < RTE_DIM(orders); k++) {
		size = PAGE << orders[k];
		u.iova = k == 2 ? RTE_BAD_IOVA : 0x123456000;
		pool = pool_make("unreadable", &u, orders[k], 0);
		CHECK(pool != NULL, "order %u: %d", orders[k], rte_errno);
		CHECK(info_of(pool).pages == 20 && info_of(pool).bytes < 20 * 64 + 256,
				"address space is no memory: %" PRIu64, info_of(pool).bytes);
		CHECK(page_pool_alloc_pages(pool) == NULL && rte_errno == EOPNOTSUPP, "a page");
		for (i = 0; i < 20; i++) {
			n[i] = page_pool_alloc_netmems(pool);
			CHECK(n[i] != 0, "%u", i);
			CHECK_OK(page_sound(&kinds[1], n[i], orders[k]));
			desc = netmem_to_nmdesc(n[i]);
			CHECK(netmem_to_net_iov(n[i]) != NULL && netmem_to_page(n[i]) == NULL,
					"conversions");
			CHECK(i == 0 || desc->addr == last + size, "page %u at %p", i, desc->addr);
			last = desc->addr;
			CHECK(desc->dma_addr == (k == 2 ? RTE_BAD_IOVA : 0x123456000 + i * size),
					"page %u: %#" PRIx64, i, desc->dma_addr);
		}
		CHECK(page_pool_alloc_netmems(pool) == 0, "more than there are");
		for (i = 0; i < 20; i += 19) {
			desc = netmem_to_nmdesc(n[i]);
			CHECK_OK(dies(desc->addr, false));
			CHECK_OK(dies((uint8_t *)desc->addr + size - 1, true));
		}
		/* every way back */
		for (i = 0; i < 5; i++)
			CHECK(page_pool_put_full_netmem(pool, n[i], false) == 0, "put");
		for (; i < 10; i++)
			CHECK(page_pool_recycle_direct_netmem(pool, n[i]) == 0, "direct");
		for (; i < 15; i++)
			CHECK(page_pool_unref_netmem(n[i], 1) == 0 &&
							page_pool_put_unrefed_netmem(pool, n[i],
									UINT32_MAX, false) == 0,
					"by hand");
		CHECK(page_pool_put_netmem_bulk(&n[15], 5) == 5, "bulk");
		CHECK_OK(accounts(pool, "unreadable", 20));
		desc = netmem_to_nmdesc(n[0]);
		CHECK(mapped(desc->addr), "mapped");
		CHECK_OK(pool_end(pool));
	}
	return 0;
}

/* Each pool has its own. */
static int
test_unreadable_two(void)
{
	struct page_pool_unreadable u = { .nr_pages = 4 };
	struct page_pool *a = pool_make("unreadable", &u, 0, 0), *b;
	netmem_ref n, m;
	void *addr;

	b = pool_make("unreadable", &u, 0, 0);
	CHECK(a != NULL && b != NULL, "pools: %d", rte_errno);
	n = page_pool_alloc_netmems(a);
	m = page_pool_alloc_netmems(b);
	CHECK(netmem_to_nmdesc(n)->addr != netmem_to_nmdesc(m)->addr, "shared");
	CHECK(page_pool_put_full_netmem(b, n, false) == -EINVAL, "another pool's");
	addr = netmem_to_nmdesc(n)->addr;
	CHECK(page_pool_put_netmem_bulk(&n, 1) == 1 && page_pool_put_netmem_bulk(&m, 1) == 1,
			"put");
	CHECK_OK(pool_end(a));
	CHECK(!mapped(addr), "the address space stays");
	return pool_end(b);
}

/* ---- devices */

static int
test_gpu_errors(void)
{
	struct page_pool_gpu p = { .dev_id = GPU_ID, .len = 4095 };
	const char *text;

	memset(&dev, 0, sizeof(dev));
	CHECK(pool_error("gpu", NULL, 0) == EINVAL && pool_error("gpu", &p, 0) == EINVAL, "room");
	p.len = 8 * PAGE - 1;
	CHECK(pool_error("gpu", &p, 3) == EINVAL, "room for larger pages");
	p.dev_id = 2;
	CHECK(pool_error("gpu", &p, 0) == ENODEV, "device");
	p.dev_id = -1;
	CHECK(pool_error("gpu", &p, 0) == ENODEV, "device");
	p.dev_id = GPU_ID;
	dev.info_error = EPERM;
	CHECK(pool_error("gpu", &p, 0) == EPERM && dev.allocs == 0, "info");
	dev.info_error = 0;
	dev.alloc_error = E2BIG;
	CHECK(pool_error("gpu", &p, 0) == E2BIG, "memory");
	dev.silent = true;
	CHECK(pool_error("gpu", &p, 0) == ENOMEM, "memory, without a reason");
	dev.alloc_error = 0;
	dev.silent = false;
	CHECK(dev.allocs == 0 && dev.frees == 0 && dev.wrong == 0, "%u", dev.allocs);
	/* descriptors: what was taken goes back */
	CHECK(pool_error_nth("gpu", &p, 2) == ENOMEM, "descriptors");
	CHECK(dev.allocs == 1 && dev.frees == 1 && dev.wrong == 0, "%u", dev.frees);
	/* a driver that does not align: what fits, if any does */
	dev.shift = 64;
	p.len = 3 * PAGE;
	CHECK(pool_error("gpu", &p, 0) == 0, "two of three: %d", rte_errno);
	p.len = PAGE;
	CHECK(pool_error("gpu", &p, 0) == EINVAL, "none of one");
	dev.shift = 0;
	CHECK(dev.allocs == 3 && dev.frees == 3 && dev.wrong == 0, "%u", dev.frees);
	/* memory that the device keeps is a line in the log, and no more */
	dev.free_error = EPERM;
	test_log_start();
	CHECK(pool_error("gpu", &p, 0) == 0, "%d", rte_errno);
	CHECK(test_log_stop(&text) == 1 && strstr(text, "keeps memory") != NULL, "%s", text);
	memset(&dev, 0, sizeof(dev));
	return 0;
}

static int
test_gpu(void)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	struct page_pool_gpu p = { .dev_id = GPU_ID };
	struct page_pool *pool;
	struct netmem_desc *desc;
	unsigned int i, order;
	netmem_ref n[33];
	size_t size;

	for (order = 0; order <= PAGE_POOL_ORDER_MAX; order += 5) {
		memset(&dev, 0, sizeof(dev));
		size = PAGE << order;
		/* the tail is not used */
		p.len = 33 * size - 1;
		pool = pool_make("gpu", &p, order, 0);
		CHECK(pool != NULL, "order %u: %d", order, rte_errno);
		CHECK(dev.allocs == 1 && dev.size == p.len &&
						dev.align == RTE_MAX(size, (size_t)GPU_PAGE),
				"%zu bytes, aligned to %u", dev.size, dev.align);
		CHECK(info_of(pool).pages == 32 && info_of(pool).bytes > p.len + 32 * 64 &&
						info_of(pool).bytes < p.len + 32 * 64 + 256,
				"%" PRIu64, info_of(pool).bytes);
		for (i = 0; i < 32; i++) {
			n[i] = page_pool_alloc_netmems(pool);
			CHECK(n[i] != 0, "%u", i);
			CHECK_OK(page_sound(&kinds[2], n[i], order));
			desc = netmem_to_nmdesc(n[i]);
			CHECK(desc->addr == dev.at + i * size && desc->nid == 1, "page %u", i);
			CHECK(desc->dma_addr == (va ? (uintptr_t)desc->addr : RTE_BAD_IOVA),
					"page %u", i);
		}
		CHECK(page_pool_alloc_netmems(pool) == 0 && rte_errno == ENOMEM, "more");
		CHECK(page_pool_put_netmem_bulk(n, 32) == 32, "back");
		CHECK(dev.frees == 0, "given back too early");
		CHECK_OK(pool_end(pool));
		CHECK(dev.allocs == 1 && dev.frees == 1 && dev.wrong == 0, "%u", dev.frees);
	}
	memset(&dev, 0, sizeof(dev));
	return 0;
}

static const struct test_case cases[] = {
	{ "item 4: regions: errors", test_region_errors, TEST_ONCE },
	{ "item 4: regions: each byte", test_region_bytes, TEST_ONCE },
	{ "item 4: regions: one pool at a time", test_region_busy, TEST_ONCE },
	{ "item 4: regions: addresses for devices", test_region_iova, TEST_ONCE },
	{ "item 4: regions: waste", test_region_waste, TEST_ONCE },
	{ "item 4: regions of our own", test_region_create, TEST_ONCE },
	{ "item 4: regions of our own: errors", test_region_create_errors, TEST_ONCE },
	{ "item 4: unreadable memory: errors", test_unreadable_errors, TEST_ONCE },
	{ "item 4: unreadable memory: nobody reads it", test_unreadable, TEST_ONCE },
	{ "item 4: unreadable memory: two pools", test_unreadable_two, TEST_ONCE },
	{ "item 4: devices: errors", test_gpu_errors, TEST_ONCE },
	{ "item 4: devices", test_gpu, TEST_ONCE },
	{ "item 4: each: exhaustion", test_exhaust, TEST_ONCE },
	{ "item 4: each: other threads", test_threads, TEST_ONCE },
	{ "item 4: each: a random sequence", test_sequence, TEST_ONCE },
	{ "item 4: each: the end, with pages in flight", test_in_flight, TEST_ONCE },
	{ "item 4: each: without memory", test_no_memory, TEST_ONCE },
};

static const struct test_suite suite = {
	.name = "test_providers",
	.megabytes = 256,
	.cases = cases,
	.nr_cases = RTE_DIM(cases),
};

int
main(int argc, char **argv)
{
	return test_main(&suite, argc, argv);
}
