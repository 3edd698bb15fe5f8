/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PROVIDER_MEMPOOL_H_
#define _PROVIDER_MEMPOOL_H_

/*
 * The mempool-chunk provider: pages lie in the chunks with which an rte_mempool is populated.
 *
 * A chunk becomes one or two *extents*, each a regular grid, so that arithmetic finds the page of
 * an address, and no line of the fragment or of its descriptor is read for it. Extents are found
 * by a radix tree on the address, the largest one without it.
 *
 *   extent = groups, each group_span bytes apart, each of group_pages pages;
 *   page   = page_frags fragments (the last of a group or extent may have fewer), page_span bytes
 *            after the page before;
 *   a fragment lies frag_size bytes after the one before, or, where several IOVA pages make one
 *   page of ours, block_frags of them in each block of 2^block_shift bytes.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frag_pool.h"
#include "frag_page.h"
#include "pp_cpu.h"
#include "provider.h"

/* Links an extent into a leaf of the radix tree; several small ones can share 4 KB. */
struct extent_ref {
	const struct page_extent *ext;
	_Atomic(uintptr_t) next; /* struct extent_ref tagged as a leaf; adder: rw, others: ro */
};

struct page_extent {
	/* All of it: written before it is published (EXT.R), only read afterwards. */
	uintptr_t lo;         /* address of the first fragment as handed out */
	uint64_t span;        /* the last fragment's address - lo + 1 */
	uint64_t group_recip; /* reciprocals: see div_by() */
	uint64_t group_span;
	uint64_t page_recip;
	uint64_t page_span;
	uint64_t frag_recip;
	uint64_t frag_size;
	uint64_t block_mask;
	uint32_t block_shift;
	uint32_t block_frags;
	uint32_t group_frags;
	uint32_t group_pages;
	uint32_t page_frags;
	uint32_t nr_frags;
	uint32_t nr_pages;
	uint32_t first_id;
	struct extent_ref ref[3]; /* body, first and last 4 KB */
	struct page_extent *next; /* list of all extents; control path: rw */
};

#define RADIX_BITS 9
#define RADIX_FRAME_SHIFT 12
#define RADIX_TOP 3 /* levels 0..3: 48 bits of address */

struct radix_node {
	/* 0, a child, or a struct extent_ref with bit 0 set. adder: rw, others: ro */
	_Atomic(uintptr_t) entry[1 << RADIX_BITS];
};

struct chunk_provider {
	struct page_pool_provider provider;
	size_t frag_size;    /* all: ro */
	uint64_t frag_recip; /* its reciprocal, see div_by(); all: ro */
	size_t frag_offset;  /* all: ro */
	uint32_t page_frags; /* most fragments of a page; all: ro */
	uint32_t contig;     /* fragments of a contiguous page; control path: rw, others: ro */
	uint32_t chunks;     /* control path: rw, others: ro */
	struct page_extent *extents;           /* control path: rw */
	_Atomic(struct page_extent *) largest; /* control path: rw, others: ro */
	struct radix_node *root;               /* control path: rw, others: ro after `largest` */
	/* Pages never handed out: numbers fresh_next + 1 .. fresh_end. takers: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint32_t) fresh_next;
	_Atomic(uint32_t) fresh_end; /* control path: rw, takers: ro */
	/* Whole pages that came back. takers, releasers: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct page_list whole;
};

static_assert(offsetof(struct chunk_provider, provider) == 0, "a provider begins with its head");

int chunk_provider_init(struct chunk_provider *cp, const struct frag_pool_params *params);

/* Make room for the fragments of a chunk: all that can fail. The pages are not published yet.
 * Returns their number, which may be 0, or -errno.
 */
int chunk_provider_prepare(struct chunk_provider *cp, uintptr_t va, size_t len, size_t pg_sz,
		uint32_t max, struct page_extent *made[2]);

/* Call cb for each fragment of a prepared extent, in order. */
void chunk_provider_walk(const struct page_extent *ext, uintptr_t va, frag_pool_frag_cb_t cb,
		void *arg);

/* Make the pages of prepared extents known and available. */
void chunk_provider_publish(struct chunk_provider *cp, struct page_extent *made[2]);

/* Who died while it added a chunk has added none of it. pre: nobody is inside any slot. */
void chunk_provider_mend(struct chunk_provider *cp);

/* Forget all chunks. pre: nobody is inside any slot. */
void chunk_provider_forget(struct chunk_provider *cp);

/* Extent that holds a fragment's address, or NULL. */
const struct page_extent *extent_lookup(const struct chunk_provider *cp, uintptr_t addr);

/*
 * x / d as (x * recip) >> 64, with recip = 2^64 / d rounded up: one multiplication instead of a
 * division. The quotient is x / d + x * e / (d * 2^64) with e < d, so at most 1 too large, and
 * exact while x < 2^64 / d.
 */
static inline uint64_t
div_recip(uint64_t d)
{
	return UINT64_MAX / d + 1;
}

static inline uint64_t
div_by(uint64_t x, uint64_t recip)
{
	return (uint64_t)(((unsigned __int128)x * recip) >> 64);
}

/* Quotient, and x becomes the remainder; right for all x. */
static inline uint64_t
div_rem(uint64_t *x, uint64_t recip, uint64_t d)
{
	uint64_t q = div_by(*x, recip), r = *x - q * d;

	if (unlikely(r >= d)) {
		q--;
		r += d;
	}
	*x = r;
	return q;
}

/* A fragment's offset in its page divided by this much is exact: x < 62 * d < 2^64 / d. */
#define EXTENT_FRAG_SIZE_MAX (UINT64_C(1) << 28)

/* A run: fragments, adjacent in a table, of one page. */
struct frag_run {
	struct frag_page *page; /* NULL: the table's first pointer is none of ours */
	uint64_t mask;          /* the fragments */
	uint64_t full;          /* all fragments of the page */
};

/* Fragment of a page by the distance of its address from the page's first; UINT32_MAX: none. */
static inline uint32_t
extent_frag_of(const struct page_extent *ext, uint64_t off)
{
	uint64_t in = off & ext->block_mask;
	uint32_t f = (uint32_t)div_by(in, ext->frag_recip);

	if (unlikely(f * ext->frag_size != in || f >= ext->block_frags))
		return UINT32_MAX;
	return (uint32_t)(off >> ext->block_shift) * ext->block_frags + f;
}

/*
 * Find the longest run at the start of a table. A pointer that is bad, or twice in it, ends the
 * run; as the first of the next one it comes up again. Reads no descriptor.
 *
 * Returns how many pointers the run takes, at least 1.
 */
static inline unsigned int
frag_run_next(const struct chunk_provider *cp, void *const *frags, unsigned int n,
		struct frag_run *run)
{
	uintptr_t addr = (uintptr_t)frags[0];
	/* EXT.A: pairs with EXT.R, the extent is complete */
	const struct page_extent *ext = atomic_load_explicit(&cp->largest, memory_order_acquire);
	uint64_t off, group, first, frags_before, step;
	uint32_t bit, nr, page;
	unsigned int i;

	run->page = NULL;
	run->mask = 0;
	if (unlikely(ext == NULL))
		return 1;
	if (unlikely(addr - ext->lo >= ext->span)) {
		ext = extent_lookup(cp, addr);
		if (ext == NULL)
			return 1;
	}
	off = addr - ext->lo;
	group = div_rem(&off, ext->group_recip, ext->group_span);
	page = (uint32_t)div_rem(&off, ext->page_recip, ext->page_span);
	frags_before = (uint64_t)page * ext->page_frags;
	if (unlikely(frags_before >= ext->group_frags))
		return 1;
	nr = RTE_MIN(ext->page_frags, ext->group_frags - (uint32_t)frags_before);
	frags_before += group * ext->group_frags;
	if (unlikely(frags_before >= ext->nr_frags))
		return 1;
	nr = RTE_MIN(nr, ext->nr_frags - (uint32_t)frags_before);
	bit = extent_frag_of(ext, off);
	if (unlikely(bit >= nr))
		return 1;

	run->page = page_of(&cp->provider.dir,
			ext->first_id + (uint32_t)group * ext->group_pages + page);
	run->full = (UINT64_C(1) << nr) - 1;
	run->mask = UINT64_C(1) << bit;
	i = 1;
	if (n > 1 && ext->block_shift == 63) {
		/* mostly they follow each other, upwards or downwards */
		step = (uintptr_t)frags[1] - addr;
		if (step == ext->frag_size) {
			i = pp_run(frags, RTE_MIN(n, nr - bit), step);
			run->mask = (UINT64_MAX >> (64 - i)) << bit;
		} else if (step == -ext->frag_size) {
			i = pp_run(frags, RTE_MIN(n, bit + 1), step);
			run->mask = (UINT64_MAX >> (64 - i)) << (bit + 1 - i);
		}
	}
	first = addr - off;
	for (; i < n; i++) {
		off = (uintptr_t)frags[i] - first;
		if (off >= ext->page_span)
			break;
		bit = extent_frag_of(ext, off);
		if (unlikely(bit >= nr || (run->mask & (UINT64_C(1) << bit)) != 0))
			break;
		run->mask |= UINT64_C(1) << bit;
	}
	return i;
}

/* Whether the fragments of an extent's pages lie next to each other. */
static inline bool
extent_contiguous(const struct page_extent *ext)
{
	return ext->block_shift == 63 ||
			ext->block_frags * ext->frag_size == UINT64_C(1) << ext->block_shift;
}

/* Address of a fragment of a page. */
static inline void *
page_frag_addr(const struct frag_page *page, uint32_t bit)
{
	const struct page_extent *ext = page->ext;
	uint32_t block = bit / ext->block_frags;

	return (void *)(page->lo + ((uint64_t)block << (ext->block_shift & 63)) +
			(bit - block * ext->block_frags) * ext->frag_size);
}

#endif /* _PROVIDER_MEMPOOL_H_ */
