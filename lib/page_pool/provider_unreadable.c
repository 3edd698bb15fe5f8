/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Provider `unreadable`: pages that are addresses only, mapped without any right. Each pool has
 * address space of its own, until its last page is back.
 */

#include <errno.h>
#include <sys/mman.h>

#include <rte_malloc.h>

#include "memory_providers.h"
#include "provider_array.h"

struct unreadable {
	struct page_array pages; /* first */
	void *base;
	size_t len;
};

static int
unreadable_init(struct page_pool *pool)
{
	const struct page_pool_unreadable *p = page_pool_mp_priv(pool);
	const size_t page_size = page_pool_page_size(pool);
	struct unreadable *u;
	uint8_t *first = NULL;
	size_t bytes;
	uint32_t i;

	if (p == NULL || p->nr_pages == 0)
		return -EINVAL;
	/* at most 2^32 pages of 2^22 bytes */
	bytes = p->nr_pages * page_size;
	if (p->iova != RTE_BAD_IOVA && p->iova > RTE_BAD_IOVA - bytes)
		return -EINVAL;
	u = page_array_make(pool, "page_pool_unreadable", sizeof(*u), p->nr_pages);
	if (u == NULL)
		return -ENOMEM;
	/* one more, since they are aligned */
	u->len = bytes + page_size;
	u->base = mmap(NULL, u->len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (u->base == MAP_FAILED) {
		rte_free(u);
		return -ENOMEM;
	}
	page_array_fit(u->base, u->len, page_size, &first);
	page_array_fill(&u->pages, first, page_size, -1, NETMEM_NET_IOV);
	if (p->iova != RTE_BAD_IOVA)
		for (i = 0; i < p->nr_pages; i++)
			u->pages.desc[i].dma_addr = p->iova + i * page_size;
	page_pool_set_mp_priv(pool, u);
	return 0;
}

static void
unreadable_destroy(struct page_pool *pool)
{
	struct unreadable *u = page_pool_mp_priv(pool);

	munmap(u->base, u->len);
	rte_free(u);
}

const struct memory_provider_ops memory_provider_unreadable = {
	.name = "unreadable",
	.init = unreadable_init,
	.destroy = unreadable_destroy,
	.alloc_netmems = page_array_alloc,
	.release_netmem = page_array_release,
	.info = page_array_info,
	.walk = page_array_walk,
};
