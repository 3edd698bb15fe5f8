/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Provider `region`: pages of an address range that the caller owns.
 *
 * A pool remembers its range in a list of the process, under a lock: so that no other pool takes
 * some of it, whoever describes it, and so that its owner can ask whether it may be unmapped. The
 * range leaves the list when the pool's last page is back.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/mempolicy.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_spinlock.h>

#include "memory_providers.h"
#include "provider_array.h"

/* What transparent hugepages and rte_extmem_register() are asked for. */
#define HUGE_BYTES ((size_t)RTE_PGSIZE_2M)

/* Largest page of a pool. */
#define PAGE_SIZE_MAX ((size_t)PAGE_POOL_PAGE_SIZE << PAGE_POOL_ORDER_MAX)

/* since Linux 5.14 */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

struct region {
	struct page_array pages; /* first */
	TAILQ_ENTRY(region) next;
	uintptr_t begin;
	uintptr_t end;
};

TAILQ_HEAD(region_list, region);

/* Ranges that pools use. */
static struct {
	rte_spinlock_t lock;
	struct region_list used;
} regions = { .lock = RTE_SPINLOCK_INITIALIZER, .used = TAILQ_HEAD_INITIALIZER(regions.used) };

/* pre: holds the lock. */
static bool
range_used(uintptr_t begin, uintptr_t end)
{
	struct region *r;

	TAILQ_FOREACH(r, &regions.used, next)
		if (begin < r->end && r->begin < end)
			return true;
	return false;
}

static bool
region_claim(struct region *r)
{
	bool used;

	rte_spinlock_lock(&regions.lock);
	used = range_used(r->begin, r->end);
	if (!used)
		TAILQ_INSERT_HEAD(&regions.used, r, next);
	rte_spinlock_unlock(&regions.lock);
	return !used;
}

static int
region_check(const struct page_pool_region *p)
{
	if (p == NULL || p->base == NULL || (p->flags & ~PAGE_POOL_REGION_F_NO_IOVA) != 0)
		return -EINVAL;
	if (p->iova_addrs == NULL)
		return 0;
	if (!rte_is_power_of_2(p->iova_page_size) || p->iova_page_size < PAGE_POOL_PAGE_SIZE ||
			(uintptr_t)p->base % p->iova_page_size != 0)
		return -EINVAL;
	return 0;
}

/* Address for devices of PAGE_POOL_PAGE_SIZE bytes of the region. */
static rte_iova_t
region_iova(const struct page_pool_region *p, const uint8_t *addr)
{
	const struct rte_memseg *ms;
	size_t offset, entry;

	if (p->iova_addrs != NULL) {
		offset = RTE_PTR_DIFF(addr, p->base);
		entry = offset / p->iova_page_size;
		return p->iova_addrs[entry] == RTE_BAD_IOVA ?
				RTE_BAD_IOVA :
				p->iova_addrs[entry] + offset % p->iova_page_size;
	}
	ms = rte_mem_virt2memseg(addr, NULL);
	if (ms != NULL && ms->iova != RTE_BAD_IOVA)
		return ms->iova + RTE_PTR_DIFF(addr, ms->addr);
	return rte_mem_virt2iova(addr);
}

/* The same of a page, which devices see as one piece or not at all. */
static rte_iova_t
page_iova(const struct page_pool_region *p, const uint8_t *addr, size_t page_size)
{
	rte_iova_t iova = region_iova(p, addr);
	size_t offset;

	for (offset = PAGE_POOL_PAGE_SIZE; offset < page_size && iova != RTE_BAD_IOVA;
			offset += PAGE_POOL_PAGE_SIZE)
		if (region_iova(p, addr + offset) != iova + offset)
			return RTE_BAD_IOVA;
	return iova;
}

static void
region_release(struct region *r)
{
	rte_spinlock_lock(&regions.lock);
	TAILQ_REMOVE(&regions.used, r, next);
	rte_spinlock_unlock(&regions.lock);
	rte_free(r);
}

static int
region_init(struct page_pool *pool)
{
	const struct page_pool_region *p = page_pool_mp_priv(pool);
	const size_t page_size = page_pool_page_size(pool);
	uint8_t *first = NULL;
	struct region *r;
	uint64_t nr;
	uint32_t i;
	int rc;

	rc = region_check(p);
	if (rc != 0)
		return rc;
	nr = page_array_fit(p->base, p->len, page_size, &first);
	if (nr == 0)
		return -EINVAL;
	r = page_array_make(pool, "page_pool_region", sizeof(*r), nr);
	if (r == NULL)
		return -ENOMEM;
	r->pages.bytes += p->len;
	r->begin = (uintptr_t)p->base;
	r->end = r->begin + p->len;
	if (!region_claim(r)) {
		rte_free(r);
		return -EBUSY;
	}
	page_array_fill(&r->pages, first, page_size, p->nid, 0);
	if ((p->flags & PAGE_POOL_REGION_F_NO_IOVA) == 0)
		for (i = 0; i < r->pages.nr; i++)
			r->pages.desc[i].dma_addr = page_iova(p, r->pages.desc[i].addr, page_size);
	if (memory_provider_map_va(first, page_size, r->pages.nr, r->pages.desc) != 0) {
		region_release(r);
		return -ENOMEM;
	}
	page_pool_set_mp_priv(pool, r);
	return 0;
}

static void
region_destroy(struct page_pool *pool)
{
	struct region *r = page_pool_mp_priv(pool);

	memory_provider_unmap_va(r->pages.desc[0].addr, page_pool_page_size(pool), r->pages.nr);
	region_release(r);
}

const struct memory_provider_ops memory_provider_region = {
	.name = "region",
	.init = region_init,
	.destroy = region_destroy,
	.alloc_netmems = page_array_alloc,
	.release_netmem = page_array_release,
	.info = page_array_info,
	.walk = page_array_walk,
};

/* ---- a region of our own */

struct region_made {
	struct page_pool_region region; /* first */
	bool registered;
};

/* Address space of len bytes, aligned to PAGE_SIZE_MAX, without memory; NULL: there is none. */
static void *
range_map(size_t len)
{
	const size_t room = len + PAGE_SIZE_MAX;
	uint8_t *base, *at;

	base = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	at = RTE_PTR_ALIGN_CEIL(base, PAGE_SIZE_MAX);
	if (at != base)
		munmap(base, RTE_PTR_DIFF(at, base));
	if (at + len != base + room)
		munmap(at + len, RTE_PTR_DIFF(base + room, at + len));
	return at;
}

/* Wish for a node's memory: whether the kernel takes it. */
static bool
range_prefer(void *base, size_t len, int nid)
{
	unsigned long nodes[RTE_MAX_NUMA_NODES / (8 * sizeof(unsigned long)) + 1] = { 0 };

	nodes[(size_t)nid / (8 * sizeof(nodes[0]))] |= 1ul << (size_t)nid % (8 * sizeof(nodes[0]));
	return syscall(SYS_mbind, base, len, MPOL_PREFERRED, nodes, 8 * sizeof(nodes), 0u) == 0;
}

static int
range_populate(uint8_t *base, size_t len)
{
	const size_t step = (size_t)sysconf(_SC_PAGESIZE);
	size_t at;

	/* a wish: kernels without transparent hugepages refuse it */
	madvise(base, len, MADV_HUGEPAGE);
	if (madvise(base, len, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL)
		return -ENOMEM;
	for (at = 0; at < len; at += step)
		((volatile uint8_t *)base)[at] = 0;
	return 0;
}

/* IOVA mode VA. */
static int
range_register(uint8_t *base, size_t len)
{
	const size_t nr = len / HUGE_BYTES;
	rte_iova_t *iova = calloc(nr, sizeof(*iova));
	size_t i;
	int rc;

	if (iova == NULL)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		iova[i] = (uintptr_t)(base + i * HUGE_BYTES);
	rc = rte_extmem_register(base, len, iova, (unsigned int)nr, HUGE_BYTES);
	free(iova);
	return rc == 0 ? 0 : -rte_errno;
}

struct page_pool_region *
page_pool_region_create(size_t len, int nid, unsigned int flags)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	const bool extmem = (flags & PAGE_POOL_REGION_CREATE_F_EXTMEM) != 0;
	struct region_made *made;
	struct page_pool_region *region;
	int rc;

	if (len == 0 || len > SIZE_MAX - HUGE_BYTES - PAGE_SIZE_MAX || nid >= RTE_MAX_NUMA_NODES ||
			(flags & ~PAGE_POOL_REGION_CREATE_F_EXTMEM) != 0) {
		rte_errno = EINVAL;
		return NULL;
	}
	if (extmem && !va) {
		rte_errno = ENOTSUP;
		return NULL;
	}
	made = pool_zmalloc("page_pool_region", sizeof(*made), RTE_CACHE_LINE_SIZE, nid);
	if (made == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	region = &made->region;
	region->len = RTE_ALIGN_CEIL(len, HUGE_BYTES);
	region->flags = va ? 0 : PAGE_POOL_REGION_F_NO_IOVA;
	region->base = range_map(region->len);
	if (region->base == NULL) {
		rte_free(made);
		rte_errno = ENOMEM;
		return NULL;
	}
	region->nid = nid >= 0 && range_prefer(region->base, region->len, nid) ? nid : -1;
	rc = range_populate(region->base, region->len);
	if (rc == 0 && extmem)
		rc = range_register(region->base, region->len);
	if (rc != 0) {
		munmap(region->base, region->len);
		rte_free(made);
		rte_errno = -rc;
		return NULL;
	}
	made->registered = extmem;
	return region;
}

bool
page_pool_region_in_use(const struct page_pool_region *region)
{
	uintptr_t begin = (uintptr_t)region->base;
	bool used;

	rte_spinlock_lock(&regions.lock);
	used = range_used(begin, begin + region->len);
	rte_spinlock_unlock(&regions.lock);
	return used;
}

int
page_pool_region_destroy(struct page_pool_region *region)
{
	struct region_made *made = (struct region_made *)region;

	if (region == NULL)
		return 0;
	if (page_pool_region_in_use(region))
		return -EBUSY;
	if (made->registered && rte_extmem_unregister(region->base, region->len) != 0)
		return -rte_errno;
	munmap(region->base, region->len);
	rte_free(made);
	return 0;
}
