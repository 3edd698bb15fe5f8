/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_VA_H_
#define _PAGE_VA_H_

/*
 * From an address to the page it lies in: what virt_to_head_page() is to the kernel.
 *
 * One table for all pools of the process, of two levels: the upper has an entry for each 2 GB of
 * address space, the lower one for each 4 KB, the descriptor of the page that these are part of. A
 * lower table is address space of 4 MB, of which the kernel backs what is written: 8 bytes for each
 * 4 KB of a provider's memory. Providers write entries before they give a page away for the first
 * time and clear them before the memory goes. Who has a page looks it up without a lock.
 *
 * A second table of the same kind has a bit for each byte of each 4 KB in which pools with
 * PP_FLAG_STRICT have given fragments away: set while one that begins there is out.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_branch_prediction.h>

#include "netmem.h"

#define PAGE_VA_SHIFT 12 /* of the smallest page */
#define PAGE_VA_LOWER_BITS 19
#define PAGE_VA_UPPER_BITS 17 /* addresses of 48 bits */
#define PAGE_VA_UPPER(va) ((va) >> (PAGE_VA_SHIFT + PAGE_VA_LOWER_BITS))
#define PAGE_VA_LOWER(va) ((va) >> PAGE_VA_SHIFT & ((1u << PAGE_VA_LOWER_BITS) - 1))

typedef _Atomic(struct netmem_desc *) page_va_entry;

/* providers: rw, all: ro */
extern _Atomic(page_va_entry *) page_va_table[1u << PAGE_VA_UPPER_BITS]
		__attribute__((visibility("hidden")));

/* Page that an address lies in, NULL when it is no provider's. The caller has a reference to the
 * page; of any other address the answer may be old.
 */
static inline struct netmem_desc *
page_va_desc(const void *addr)
{
	uintptr_t va = (uintptr_t)addr;
	page_va_entry *lower;

	if (unlikely(PAGE_VA_UPPER(va) >= UINT64_C(1) << PAGE_VA_UPPER_BITS))
		return NULL;
	/* relaxed: both were written before the page was given away, and the caller got it from who
	 * got it
	 */
	lower = atomic_load_explicit(&page_va_table[PAGE_VA_UPPER(va)], memory_order_relaxed);
	if (unlikely(lower == NULL))
		return NULL;
	return atomic_load_explicit(&lower[PAGE_VA_LOWER(va)], memory_order_relaxed);
}

/* Writers: memory_provider_map_va() and _unmap_va(). */

/* A fragment that begins here is given away: 0 or -ENOMEM. The page's only allocator. */
int page_va_mark(const void *va);

/* It is freed; false: none that begins here is out. Any thread. */
bool page_va_unmark(const void *va);

/* No fragment of a page is out. The page's only allocator. */
void page_va_marks_clear(const void *va, size_t len);

#endif /* _PAGE_VA_H_ */
