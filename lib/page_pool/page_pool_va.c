/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: for who goes by addresses. page_pool_alloc_va() forgets the handle of what it
 * allocates, and page_pool_free_va() finds it again by the address (page_va.h).
 */

#include <errno.h>

#include <rte_errno.h>

#include "page_pool_private.h"
#include "page_va.h"

/* The first fragment of a page, and a page itself, find none marked: those that went back by the
 * page's handle have left their marks.
 */
static bool
va_mark(const struct page_pool *pool, uint8_t *addr, uint32_t offset)
{
	if (offset == 0)
		page_va_marks_clear(addr, page_pool_page_size(pool));
	return page_va_mark(addr + offset) == 0;
}

void *
page_pool_alloc_va(struct page_pool *pool, uint32_t *size)
{
	uint32_t offset = 0, bytes = *size;
	netmem_ref netmem = page_pool_alloc_netmem(pool, &offset, &bytes);
	int error = EOPNOTSUPP;
	uint8_t *addr;

	if (unlikely(netmem == 0))
		return NULL;
	addr = netmem_address(netmem);
	if (likely(addr != NULL && page_va_desc(addr) == netmem_to_nmdesc(netmem))) {
		if (likely(!pool->strict || va_mark(pool, addr, offset))) {
			*size = bytes;
			return addr + offset;
		}
		error = ENOMEM;
	}
	page_pool_put_full_netmem(pool, netmem, true);
	rte_errno = error;
	return NULL;
}

int
page_pool_free_va(struct page_pool *pool, void *va, bool allow_direct)
{
	const struct netmem_desc *desc = page_va_desc(va);

	if (unlikely(desc != NULL && desc->pp == pool && pool->strict && !page_va_unmark(va)))
		return page_pool_put_refused(pool, nmdesc_to_netmem(desc));
	/* what is NULL is refused there, with a page of another pool */
	return page_pool_put_full_netmem(pool, desc == NULL ? 0 : nmdesc_to_netmem(desc),
			allow_direct);
}
