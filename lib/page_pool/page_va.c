/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* The table from addresses to pages: its writers. page_va.h has what it is, and its readers. */

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

#include <rte_spinlock.h>

#include "memory_provider.h"
#include "page_va.h"

_Atomic(page_va_entry *) page_va_table[1u << PAGE_VA_UPPER_BITS];

/* A lower table; it stays. */
static page_va_entry *
lower_make(uintptr_t upper)
{
	static rte_spinlock_t lock = RTE_SPINLOCK_INITIALIZER;
	page_va_entry *lower;
	void *p;

	rte_spinlock_lock(&lock);
	lower = atomic_load_explicit(&page_va_table[upper], memory_order_relaxed);
	if (lower == NULL) {
		p = mmap(NULL, sizeof(*lower) << PAGE_VA_LOWER_BITS, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		lower = p == MAP_FAILED ? NULL : p;
		/* relaxed: the kernel zeroed it, and entries are handed over with their pages */
		atomic_store_explicit(&page_va_table[upper], lower, memory_order_relaxed);
	}
	rte_spinlock_unlock(&lock);
	return lower;
}

/* Set the entries from one address to another. false: there is no table for some of them. */
static bool
entries_set(uintptr_t from, uintptr_t to, struct netmem_desc *desc)
{
	page_va_entry *lower;

	for (; from < to; from += UINT64_C(1) << PAGE_VA_SHIFT) {
		lower = atomic_load_explicit(&page_va_table[PAGE_VA_UPPER(from)],
				memory_order_relaxed);
		if (lower == NULL && desc != NULL)
			lower = lower_make(PAGE_VA_UPPER(from));
		if (lower == NULL)
			return false;
		atomic_store_explicit(&lower[PAGE_VA_LOWER(from)], desc, memory_order_relaxed);
	}
	return true;
}

int
memory_provider_map_va(const void *addr, size_t page_size, uint32_t nr, struct netmem_desc *desc)
{
	uintptr_t va = (uintptr_t)addr;
	uint32_t i;

	if (PAGE_VA_UPPER(va + nr * page_size - 1) >> PAGE_VA_UPPER_BITS != 0)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		if (!entries_set(va + i * page_size, va + (i + 1) * page_size, &desc[i])) {
			memory_provider_unmap_va(addr, page_size, i + 1);
			return -ENOMEM;
		}
	return 0;
}

void
memory_provider_unmap_va(const void *addr, size_t page_size, uint32_t nr)
{
	uintptr_t va = (uintptr_t)addr;

	entries_set(va, va + nr * page_size, NULL);
}
