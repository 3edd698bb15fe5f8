/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PROVIDER_H_
#define _PROVIDER_H_

/*
 * Where a frag_pool's pages come from and where they go back to. (Those of the library's page_pool
 * are in memory_provider.h.)
 *
 * A provider is a struct in shared memory that begins with struct page_pool_provider. Shared memory
 * holds no function pointers, since other processes have the code elsewhere: it holds the number of
 * the provider's kind, and each process has the table of kinds.
 */

#include <stdint.h>

#include "frag_page.h"

enum page_pool_provider_kind {
	PAGE_POOL_PROVIDER_MEMPOOL, /* chunks that rte_mempool populates */
	PAGE_POOL_PROVIDER_KINDS,
};

struct page_pool_provider {
	uint32_t kind;       /* enum page_pool_provider_kind; all: ro */
	int socket_id;       /* where its own data lie; all: ro */
	struct page_dir dir; /* descriptors of its pages */
};

struct page_pool_provider_info {
	uint32_t pages;       /* pages there are */
	uint32_t free_pages;  /* pages with the provider */
	uint32_t fresh_pages; /* of these, never handed out */
	uint32_t chunks;      /* runs of memory they come from */
};

struct page_pool_provider_ops {
	const char *name;
	/* Give a page away, whole, marked QUEUED; NULL: there is none. Any thread, lock-free. */
	struct frag_page *(*alloc_page)(struct page_pool_provider *p);
	/* Take a whole page back. pre: the caller has it in hand. Any thread, lock-free. */
	void (*release_page)(struct page_pool_provider *p, struct frag_page *page);
	/* Occupancy. Any thread; a snapshot. */
	void (*info)(const struct page_pool_provider *p, struct page_pool_provider_info *info);
	/* Free what it holds but for the pages' memory. pre: nobody uses it. Control path. */
	void (*destroy)(struct page_pool_provider *p);
};

extern const struct page_pool_provider_ops
		*const page_pool_provider_table[PAGE_POOL_PROVIDER_KINDS];

static inline const struct page_pool_provider_ops *
provider_ops(const struct page_pool_provider *p)
{
	return page_pool_provider_table[p->kind];
}

#endif /* _PROVIDER_H_ */
