/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* The table from addresses to pages: its writers. page_va.h has what it is, and its readers. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* ---- where fragments begin */

#define MARK_WORDS ((1u << PAGE_VA_SHIFT) / 64)

typedef _Atomic(uint64_t) page_va_mark_word;
typedef _Atomic(page_va_mark_word *) page_va_mark_entry;

/* allocators of pages: rw, all: ro */
static _Atomic(page_va_mark_entry *) marks_table[1u << PAGE_VA_UPPER_BITS];

/* Marks of 4 KB, NULL: there are none. relaxed, here and below: they were made before the fragment
 * was given away
 */
static page_va_mark_word *
marks_of(uintptr_t va)
{
	page_va_mark_entry *lower;

	if (PAGE_VA_UPPER(va) >> PAGE_VA_UPPER_BITS != 0)
		return NULL;
	lower = atomic_load_explicit(&marks_table[PAGE_VA_UPPER(va)], memory_order_relaxed);
	if (lower == NULL)
		return NULL;
	return atomic_load_explicit(&lower[PAGE_VA_LOWER(va)], memory_order_relaxed);
}

static page_va_mark_word *
marks_make(uintptr_t va)
{
	static rte_spinlock_t lock = RTE_SPINLOCK_INITIALIZER;
	page_va_mark_entry *lower;
	page_va_mark_word *marks;
	void *p;

	if (PAGE_VA_UPPER(va) >> PAGE_VA_UPPER_BITS != 0)
		return NULL;
	rte_spinlock_lock(&lock);
	lower = atomic_load_explicit(&marks_table[PAGE_VA_UPPER(va)], memory_order_relaxed);
	if (lower == NULL) {
		p = mmap(NULL, sizeof(*lower) << PAGE_VA_LOWER_BITS, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		lower = p == MAP_FAILED ? NULL : p;
		atomic_store_explicit(&marks_table[PAGE_VA_UPPER(va)], lower, memory_order_relaxed);
	}
	rte_spinlock_unlock(&lock);
	marks = lower == NULL ? NULL : calloc(MARK_WORDS, sizeof(*marks));
	if (marks != NULL)
		atomic_store_explicit(&lower[PAGE_VA_LOWER(va)], marks, memory_order_relaxed);
	return marks;
}

#define MARK_WORD(va) (((va) & ((1u << PAGE_VA_SHIFT) - 1)) / 64)
#define MARK_BIT(va) (UINT64_C(1) << ((va)&63))

int
page_va_mark(const void *va)
{
	uintptr_t at = (uintptr_t)va;
	page_va_mark_word *marks = marks_of(at);

	if (marks == NULL)
		marks = marks_make(at);
	if (marks == NULL)
		return -ENOMEM;
	atomic_fetch_or_explicit(&marks[MARK_WORD(at)], MARK_BIT(at), memory_order_relaxed);
	return 0;
}

bool
page_va_unmark(const void *va)
{
	uintptr_t at = (uintptr_t)va;
	page_va_mark_word *marks = marks_of(at);

	return marks != NULL &&
			(atomic_fetch_and_explicit(&marks[MARK_WORD(at)], ~MARK_BIT(at),
					 memory_order_relaxed) &
					MARK_BIT(at)) != 0;
}

void
page_va_marks_clear(const void *va, size_t len)
{
	uintptr_t at = (uintptr_t)va, end = at + len;
	page_va_mark_word *marks;
	uint32_t i;

	for (; at < end; at += UINT64_C(1) << PAGE_VA_SHIFT) {
		marks = marks_of(at);
		for (i = 0; marks != NULL && i < MARK_WORDS; i++)
			atomic_store_explicit(&marks[i], 0, memory_order_relaxed);
	}
}

/* ---- memory goes */

void
memory_provider_unmap_va(const void *addr, size_t page_size, uint32_t nr)
{
	uintptr_t va = (uintptr_t)addr;

	entries_set(va, va + nr * page_size, NULL);
	/* the words stay: who frees a second time what was there may be looking at them */
	page_va_marks_clear(addr, nr * page_size);
}
