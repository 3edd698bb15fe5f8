/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The mempool-chunk provider, control path and page level: cuts chunks into extents, extents into
 * pages, and keeps the pages that nobody has opened.
 *
 * A page's life here: chunk_provider_prepare() gives it a descriptor with all fragments free;
 * chunk_provider_publish() makes it *fresh*; alloc_page() hands it to a page_cache, whole pages
 * that came back first (they are warm), fresh ones in ascending order after that;
 * release_page() takes it back when all of its fragments have come home. Chunks never leave one
 * by one: DPDK tells a mempool driver nothing when their memory goes, only
 * chunk_provider_forget() drops them all. No memory of a chunk is ever touched.
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "pp_log.h"
#include "provider_mempool.h"

#define RADIX_LEAF ((uintptr_t)1)
#define RADIX_LIMIT \
	((UINT64_C(1) << (RADIX_FRAME_SHIFT + RADIX_BITS * (RADIX_TOP + 1))) - EXTENT_FRAG_SIZE_MAX)

static inline uint32_t
radix_shift(uint32_t level)
{
	return RADIX_FRAME_SHIFT + RADIX_BITS * level;
}

static inline uint32_t
radix_index(uintptr_t addr, uint32_t level)
{
	return (uint32_t)(addr >> radix_shift(level)) & ((1u << RADIX_BITS) - 1);
}

const struct page_extent *
extent_lookup(const struct chunk_provider *cp, uintptr_t addr)
{
	const struct radix_node *node = cp->root;
	const struct extent_ref *ref;
	uint32_t level = RADIX_TOP;
	uintptr_t e;

	if (addr >> radix_shift(RADIX_TOP + 1) != 0 || node == NULL)
		return NULL;
	for (;;) {
		/* EXT.A: pairs with EXT.R of the node or the reference */
		e = atomic_load_explicit(&node->entry[radix_index(addr, level)],
				memory_order_acquire);
		if (e == 0 || (e & RADIX_LEAF) != 0 || level == 0)
			break;
		node = (const struct radix_node *)e;
		level--;
	}
	while (e != 0) {
		ref = (const struct extent_ref *)(e & ~RADIX_LEAF);
		if (addr - ref->ext->lo < ref->ext->span)
			return ref->ext;
		/* EXT.A */
		e = atomic_load_explicit(&ref->next, memory_order_acquire);
	}
	return NULL;
}

/* Part of the addresses lo..last that entry i of a node at `base` covers, and whether that is the
 * whole entry.
 */
static bool
radix_entry_covered(uintptr_t base, uint32_t level, uint32_t i, uintptr_t lo, uintptr_t last,
		uintptr_t *elo, uintptr_t *elast)
{
	uintptr_t first = base + ((uintptr_t)i << radix_shift(level));
	uintptr_t end = first + ((uintptr_t)1 << radix_shift(level)) - 1;

	*elo = RTE_MAX(first, lo);
	*elast = RTE_MIN(end, last);
	return *elo == first && *elast == end;
}

/* Whether the memory of an extent, its last fragment included, overlaps that of one in the tree.
 * lo..last: addresses at which an extent would have to begin or end for that.
 */
static bool
radix_overlap(const struct page_extent *ext, const struct radix_node *node, uint32_t level,
		uintptr_t base, uintptr_t lo, uintptr_t last)
{
	uint32_t i, i_last = radix_index(last, level);
	const struct extent_ref *ref;
	uintptr_t e, elo, elast;

	for (i = radix_index(lo, level); i <= i_last; i++) {
		radix_entry_covered(base, level, i, lo, last, &elo, &elast);
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if (e != 0 && (e & RADIX_LEAF) == 0) {
			if (radix_overlap(ext, (const struct radix_node *)e, level - 1,
					    base + ((uintptr_t)i << radix_shift(level)), elo,
					    elast))
				return true;
			continue;
		}
		for (; e != 0; e = atomic_load_explicit(&ref->next, memory_order_relaxed)) {
			ref = (const struct extent_ref *)(e & ~RADIX_LEAF);
			if (ref->ext->lo < ext->lo + ext->span - 1 + ext->frag_size &&
					ext->lo < ref->ext->lo + ref->ext->span - 1 +
									ext->frag_size)
				return true;
		}
	}
	return false;
}

/* Make the nodes that addresses lo..last need. Whatever was made stays, empty, when memory runs
 * out on the way. Returns 0, -ENOMEM or -EEXIST.
 */
static int
radix_make(struct chunk_provider *cp, struct radix_node *node, uint32_t level, uintptr_t base,
		uintptr_t lo, uintptr_t last)
{
	uint32_t i, i_last = radix_index(last, level);
	uintptr_t e, elo, elast;
	struct radix_node *child;
	bool covered;
	int rc;

	for (i = radix_index(lo, level); i <= i_last; i++) {
		covered = radix_entry_covered(base, level, i, lo, last, &elo, &elast);
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if ((e & RADIX_LEAF) != 0 && (covered || level > 0))
			return -EEXIST;
		if (level == 0 || (covered && e == 0))
			continue;
		child = (struct radix_node *)e;
		if (child == NULL) {
			child = rte_zmalloc_socket("page_pool_radix", sizeof(*child),
					RTE_CACHE_LINE_SIZE, cp->provider.socket_id);
			if (child == NULL)
				return -ENOMEM;
			/* EXT.R */
			atomic_store_explicit(&node->entry[i], (uintptr_t)child,
					memory_order_release);
		}
		rc = radix_make(cp, child, level - 1, base + ((uintptr_t)i << radix_shift(level)),
				elo, elast);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Enter an extent below nodes that radix_make() made. */
static void
radix_link(struct page_extent *ext, struct radix_node *node, uint32_t level, uintptr_t base,
		uintptr_t lo, uintptr_t last)
{
	uint32_t i, i_last = radix_index(last, level);
	struct extent_ref *ref;
	uintptr_t e, elo, elast;
	bool covered;

	for (i = radix_index(lo, level); i <= i_last; i++) {
		covered = radix_entry_covered(base, level, i, lo, last, &elo, &elast);
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if (level > 0 && e != 0) {
			radix_link(ext, (struct radix_node *)e, level - 1,
					base + ((uintptr_t)i << radix_shift(level)), elo, elast);
			continue;
		}
		/* whole entries share one reference; an edge may have neighbours in its 4 KB */
		ref = covered ? &ext->ref[0] : elo == ext->lo ? &ext->ref[1] : &ext->ref[2];
		if (!covered)
			atomic_store_explicit(&ref->next, e, memory_order_relaxed);
		/* EXT.R: the extent is complete */
		atomic_store_explicit(&node->entry[i], (uintptr_t)ref | RADIX_LEAF,
				memory_order_release);
	}
}

/* Take extents with numbers above `end` out of the tree, where they are in front of older ones; the
 * others are in reach at each instruction. pre: the world is stopped.
 */
static void
radix_unlink(struct radix_node *node, uint32_t level, uint32_t end)
{
	struct extent_ref *ref;
	uintptr_t e;
	uint32_t i;

	for (i = 0; i < RTE_DIM(node->entry); i++) {
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if (e != 0 && (e & RADIX_LEAF) == 0 && level > 0) {
			radix_unlink((struct radix_node *)e, level - 1, end);
			continue;
		}
		while (e != 0) {
			ref = (struct extent_ref *)(e & ~RADIX_LEAF);
			if (ref->ext->first_id <= end)
				break;
			e = atomic_load_explicit(&ref->next, memory_order_relaxed);
			atomic_store_explicit(&node->entry[i], e, memory_order_relaxed);
		}
	}
}

/* Empty the tree; its nodes stay for the chunks to come. pre: the world is stopped. */
static void
radix_clear(struct radix_node *node, uint32_t level)
{
	uintptr_t e;
	uint32_t i;

	for (i = 0; i < RTE_DIM(node->entry); i++) {
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if ((e & RADIX_LEAF) != 0)
			/* relaxed: FROZEN.R and CLAIM.R publish it */
			atomic_store_explicit(&node->entry[i], 0, memory_order_relaxed);
		else if (e != 0 && level > 0)
			radix_clear((struct radix_node *)e, level - 1);
	}
}

static void
radix_free(struct radix_node *node, uint32_t level)
{
	uintptr_t e;
	uint32_t i;

	if (node == NULL)
		return;
	for (i = 0; level > 0 && i < RTE_DIM(node->entry); i++) {
		e = atomic_load_explicit(&node->entry[i], memory_order_relaxed);
		if (e != 0 && (e & RADIX_LEAF) == 0)
			radix_free((struct radix_node *)e, level - 1);
	}
	rte_free(node);
}

int
chunk_provider_init(struct chunk_provider *cp, const struct frag_pool_params *params)
{
	uint32_t pages;

	memset(cp, 0, sizeof(*cp));
	cp->provider.kind = PAGE_POOL_PROVIDER_MEMPOOL;
	cp->provider.socket_id = params->socket_id;
	cp->frag_size = params->frag_size;
	cp->frag_recip = div_recip(cp->frag_size);
	cp->frag_offset = params->frag_offset;
	cp->page_frags = FRAG_POOL_PAGE_FRAGS_MAX;
	if (params->page_size != 0)
		cp->page_frags = RTE_MIN(params->page_size / params->frag_size,
				(size_t)FRAG_POOL_PAGE_FRAGS_MAX);
	/* what one chunk needs, with room for an unaligned head and for pages that are not full
	 * since a group's fragments are spread evenly
	 */
	pages = params->size / cp->page_frags;
	cp->provider.dir.slab0 = pages + pages / 16 + 8;
	return 0;
}

/* Descriptors for numbers up to `need`. */
static int
page_dir_grow(struct page_pool_provider *p, uint64_t need)
{
	struct page_dir *dir = &p->dir;
	uint64_t have = 0, slab_size;
	uint32_t k;

	if (need > PAGE_ID_MAX)
		return -ENOMEM;
	for (k = 0; k < PAGE_DIR_SLABS && have < need; k++) {
		slab_size = k == 0 ? dir->slab0 : UINT64_C(1) << (PAGE_DIR_SLAB1_SHIFT + k - 1);
		if (dir->slab[k] == NULL) {
			dir->slab[k] = rte_zmalloc_socket("page_pool_pages",
					slab_size * sizeof(struct frag_page),
					alignof(struct frag_page), p->socket_id);
			if (dir->slab[k] == NULL)
				return -ENOMEM;
		}
		have += slab_size;
	}
	return have < need ? -ENOMEM : 0;
}

/* Choose the grid for nr fragments from an address on. `k`: fragments in each IOVA page of pg_sz
 * bytes, 0 when these do not matter.
 */
static void
extent_shape(struct page_extent *ext, const struct chunk_provider *cp, uintptr_t lo, uint32_t nr,
		size_t pg_sz, uint32_t k)
{
	uint32_t max = cp->page_frags, blocks, rest;

	memset(ext, 0, sizeof(*ext));
	ext->lo = lo;
	ext->nr_frags = nr;
	ext->frag_size = cp->frag_size;
	if (k == 0) {
		/* one group: pages follow each other without gaps */
		ext->page_frags = max;
		ext->group_frags = nr;
		ext->group_pages = (nr + max - 1) / max;
		ext->group_span = UINT64_C(1) << 62;
	} else if (k > max / 2) {
		/* several pages in each IOVA page, as equal as they can be */
		ext->group_pages = (k + max - 1) / max;
		ext->page_frags = (k + ext->group_pages - 1) / ext->group_pages;
		ext->group_pages = (k + ext->page_frags - 1) / ext->page_frags;
		ext->group_frags = k;
		ext->group_span = pg_sz;
	} else {
		/* several IOVA pages in each page */
		blocks = max / k;
		ext->group_pages = 1;
		ext->group_frags = blocks * k;
		ext->page_frags = ext->group_frags;
		ext->group_span = (uint64_t)blocks * pg_sz;
	}
	if (k == 0 || k > max / 2) {
		ext->page_span = ext->page_frags * ext->frag_size;
		ext->block_frags = ext->page_frags;
		ext->block_shift = 63;
	} else {
		ext->page_span = ext->group_span;
		ext->block_frags = k;
		ext->block_shift = (uint32_t)__builtin_ctzll(pg_sz);
	}
	ext->block_mask = (UINT64_C(1) << ext->block_shift) - 1;
	ext->group_recip = div_recip(ext->group_span);
	ext->page_recip = div_recip(ext->page_span);
	ext->frag_recip = cp->frag_recip;
	rest = nr % ext->group_frags;
	ext->nr_pages = nr / ext->group_frags * ext->group_pages +
			(rest + ext->page_frags - 1) / ext->page_frags;
	ext->ref[0].ext = ext->ref[1].ext = ext->ref[2].ext = ext;
}

/* Where fragment i of an extent lies, from its start. */
static uint64_t
extent_frag_offset(const struct page_extent *ext, uint32_t i)
{
	uint32_t group = i / ext->group_frags, in = i % ext->group_frags;
	uint32_t page = in / ext->page_frags, bit = in % ext->page_frags;
	uint32_t block = bit / ext->block_frags;

	return group * ext->group_span + page * ext->page_span +
			((uint64_t)block << ext->block_shift) +
			(bit % ext->block_frags) * ext->frag_size;
}

static struct page_extent *
extent_make(struct chunk_provider *cp, uintptr_t va, uint32_t nr, size_t pg_sz, uint32_t k)
{
	struct page_extent *ext = rte_zmalloc_socket("page_pool_extent", sizeof(*ext),
			RTE_CACHE_LINE_SIZE, cp->provider.socket_id);

	if (ext == NULL)
		return NULL;
	extent_shape(ext, cp, va + cp->frag_offset, nr, pg_sz, k);
	ext->span = extent_frag_offset(ext, nr - 1) + 1;
	return ext;
}

int
chunk_provider_prepare(struct chunk_provider *cp, uintptr_t va, size_t len, size_t pg_sz,
		uint32_t max, struct page_extent *made[2])
{
	uint64_t head, nr, pages = 0;
	uint32_t total = 0, k = 0;
	int rc = -ENOMEM;
	unsigned int i, n = 0;

	made[0] = made[1] = NULL;
	/* the tree has 48 bits; room for a fragment above keeps sums from wrapping */
	if (va > RADIX_LIMIT || len > RADIX_LIMIT - va)
		return -EINVAL;
	if (pg_sz != 0 && cp->frag_size <= pg_sz)
		k = (uint32_t)RTE_MIN(pg_sz / cp->frag_size, (size_t)UINT32_MAX);
	if (k != 0 && (va & (pg_sz - 1)) != 0) {
		/* up to the first boundary: an extent of its own, since its grid is */
		head = RTE_MIN(pg_sz - (va & (pg_sz - 1)), len);
		nr = RTE_MIN(head / cp->frag_size, (uint64_t)max);
		if (nr > 0) {
			made[n] = extent_make(cp, va, (uint32_t)nr, 0, 0);
			if (made[n++] == NULL)
				goto fail;
		}
		total += (uint32_t)nr;
		va += head;
		len -= head;
	}
	nr = k == 0 ? len / cp->frag_size :
		      len / pg_sz * k + RTE_MIN((len & (pg_sz - 1)) / cp->frag_size, (uint64_t)k);
	nr = RTE_MIN(nr, (uint64_t)(max - total));
	if (nr > 0) {
		made[n] = extent_make(cp, va, (uint32_t)nr, pg_sz, k);
		if (made[n++] == NULL)
			goto fail;
		total += (uint32_t)nr;
	}
	if (total == 0)
		return 0;

	if (cp->root == NULL) {
		cp->root = rte_zmalloc_socket("page_pool_radix", sizeof(*cp->root),
				RTE_CACHE_LINE_SIZE, cp->provider.socket_id);
		if (cp->root == NULL)
			goto fail;
	}
	for (i = 0; i < n; i++) {
		rc = -EEXIST;
		if (radix_overlap(made[i], cp->root, RADIX_TOP, 0,
				    made[i]->lo - RTE_MIN(made[i]->lo, cp->frag_size - 1),
				    made[i]->lo + made[i]->span + cp->frag_size - 2))
			goto fail;
		rc = radix_make(cp, cp->root, RADIX_TOP, 0, made[i]->lo,
				made[i]->lo + made[i]->span - 1);
		if (rc != 0)
			goto fail;
		pages += made[i]->nr_pages;
	}
	rc = page_dir_grow(&cp->provider, page_dir_used(&cp->provider.dir) + pages);
	if (rc != 0)
		goto fail;
	return (int)total;

fail:
	for (i = 0; i < n; i++)
		rte_free(made[i]);
	made[0] = made[1] = NULL;
	return rc;
}

/* Page i of an extent: its first fragment's offset and its number of fragments. */
static uint32_t
extent_page(const struct page_extent *ext, uint32_t i, uint64_t *offset)
{
	uint32_t first = i % ext->group_pages * ext->page_frags;
	uint32_t nr = RTE_MIN(ext->page_frags, ext->group_frags - first);

	first += i / ext->group_pages * ext->group_frags;
	*offset = extent_frag_offset(ext, first);
	return RTE_MIN(nr, ext->nr_frags - first);
}

void
chunk_provider_walk(const struct page_extent *ext, uintptr_t va, frag_pool_frag_cb_t cb, void *arg)
{
	uint32_t i, bit, nr, block, in;
	uintptr_t page, addr;
	uint64_t offset;

	for (i = 0; i < ext->nr_pages; i++) {
		nr = extent_page(ext, i, &offset);
		page = ext->lo + offset;
		for (bit = 0, block = 0, in = 0; bit < nr; bit++, in++) {
			if (in == ext->block_frags) {
				in = 0;
				block++;
			}
			addr = page + ((uint64_t)block << ext->block_shift) + in * ext->frag_size;
			cb(arg, (void *)addr, addr - va);
		}
	}
}

/* Fill in the descriptors of an extent: all fragments free, in the provider's hand. */
static void
extent_make_pages(struct chunk_provider *cp, struct page_extent *ext)
{
	struct frag_page *page;
	uint64_t offset;
	uint32_t i;

	for (i = 0; i < ext->nr_pages; i++) {
		page = page_of(&cp->provider.dir, ext->first_id + i);
		page->nr_frags = extent_page(ext, i, &offset);
		page->full = (UINT64_C(1) << page->nr_frags) - 1;
		page->lo = ext->lo + offset;
		page->ext = ext;
		page->id = ext->first_id + i;
		atomic_store_explicit(&page->out, 0, memory_order_relaxed);
		atomic_store_explicit(&page->next, 0, memory_order_relaxed);
		atomic_store_explicit(&page->owner, 0, memory_order_relaxed);
		/* relaxed: published by FRESH.R */
		atomic_store_explicit(&page->word, page->full | PAGE_QUEUED, memory_order_relaxed);
	}
}

/* Mempool drivers hand out contiguous blocks of as many. */
static uint32_t
extent_contig(const struct page_extent *ext)
{
	return extent_contiguous(ext) ? RTE_MIN(ext->page_frags, ext->nr_frags) : 0;
}

void
chunk_provider_publish(struct chunk_provider *cp, struct page_extent *made[2])
{
	struct page_extent *largest = atomic_load_explicit(&cp->largest, memory_order_relaxed);
	struct page_dir *dir = &cp->provider.dir;
	struct page_extent *ext;
	unsigned int i;

	/* Numbers are given out here and not when the extents were prepared: an audit may have
	 * taken back those of an adder who died. They are the first thing that is written, so that
	 * it knows (chunk_provider_mend()).
	 */
	for (i = 0; i < 2 && made[i] != NULL; i++) {
		made[i]->first_id = page_dir_used(dir) + 1;
		page_dir_set_used(dir, page_dir_used(dir) + made[i]->nr_pages);
	}
	atomic_signal_fence(memory_order_release);
	for (i = 0; i < 2 && made[i] != NULL; i++) {
		ext = made[i];
		extent_make_pages(cp, ext);
		ext->next = cp->extents;
		atomic_signal_fence(memory_order_release);
		cp->extents = ext;
		atomic_signal_fence(memory_order_release);
		radix_link(ext, cp->root, RADIX_TOP, 0, ext->lo, ext->lo + ext->span - 1);
		if (largest == NULL || largest->nr_frags < ext->nr_frags) {
			largest = ext;
			cp->contig = extent_contig(ext);
		}
	}
	/* EXT.R: extents, tree and directory are complete */
	atomic_store_explicit(&cp->largest, largest, memory_order_release);
	/* FRESH.R: descriptors are seen by FRESH.A */
	atomic_store_explicit(&cp->fresh_end, page_dir_used(dir), memory_order_release);
	cp->chunks++;
}

/* Of those with numbers up to `end`: the same that publishing them chose. */
static struct page_extent *
extent_largest(const struct chunk_provider *cp, uint32_t end)
{
	struct page_extent *largest = atomic_load_explicit(&cp->largest, memory_order_relaxed);
	struct page_extent *ext;

	if (largest != NULL && largest->first_id <= end)
		return largest;
	largest = NULL;
	/* of equal ones the first that was added, which is later in the list */
	for (ext = cp->extents; ext != NULL; ext = ext->next)
		if (ext->first_id <= end && (largest == NULL || largest->nr_frags <= ext->nr_frags))
			largest = ext;
	return largest;
}

/* This may die, too, at any instruction, and is done again then: nothing that stays is ever out of
 * reach, since who cleans up after a death looks up fragments meanwhile.
 */
void
chunk_provider_mend(struct chunk_provider *cp)
{
	/* FRESH.A */
	uint32_t end = atomic_load_explicit(&cp->fresh_end, memory_order_acquire);
	struct page_extent *largest;

	/* relaxed, here and below: FROZEN.R and CLAIM.R publish it */
	if (unlikely(atomic_load_explicit(&cp->fresh_next, memory_order_relaxed) > end))
		atomic_store_explicit(&cp->fresh_next, end, memory_order_relaxed);
	if (likely(page_dir_used(&cp->provider.dir) == end))
		return;
	largest = extent_largest(cp, end);
	cp->contig = largest == NULL ? 0 : extent_contig(largest);
	atomic_store_explicit(&cp->largest, largest, memory_order_relaxed);
	if (cp->root != NULL)
		radix_unlink(cp->root, RADIX_TOP, end);
	/* they stay allocated: this may be a get, which does not enter EAL's heap */
	while (cp->extents != NULL && cp->extents->first_id > end)
		cp->extents = cp->extents->next;
	/* last: it says that nothing is left to be done */
	atomic_signal_fence(memory_order_release);
	page_dir_set_used(&cp->provider.dir, end);
}

void
chunk_provider_forget(struct chunk_provider *cp)
{
	struct page_extent *ext = cp->extents, *next;
	uint32_t id;

	/* first: who dies here leaks them, and leaves none that has been freed */
	cp->extents = NULL;
	atomic_signal_fence(memory_order_release);
	/* relaxed, here and below: FROZEN.R and CLAIM.R publish it */
	atomic_store_explicit(&cp->fresh_end, 0, memory_order_relaxed);
	atomic_store_explicit(&cp->fresh_next, 0, memory_order_relaxed);
	page_list_reset(&cp->whole);
	atomic_store_explicit(&cp->largest, NULL, memory_order_relaxed);
	if (cp->root != NULL)
		radix_clear(cp->root, RADIX_TOP);
	for (id = 1; id <= page_dir_used(&cp->provider.dir); id++)
		atomic_store_explicit(&page_of(&cp->provider.dir, id)->word, PAGE_CLOSED,
				memory_order_relaxed);
	page_dir_set_used(&cp->provider.dir, 0);
	cp->chunks = 0;
	cp->contig = 0;
	for (; ext != NULL; ext = next) {
		next = ext->next;
		rte_free(ext);
	}
}

static struct frag_page *
chunk_alloc_page(struct page_pool_provider *p)
{
	struct chunk_provider *cp = container_of(p, struct chunk_provider, provider);
	struct frag_page *page = page_list_pop(&cp->whole, &p->dir);
	uint32_t next, end;

	if (page != NULL)
		return page;
	next = atomic_load_explicit(&cp->fresh_next, memory_order_relaxed);
	do {
		/* FRESH.A: pairs with FRESH.R */
		end = atomic_load_explicit(&cp->fresh_end, memory_order_acquire);
		if (next >= end)
			return NULL;
		/* relaxed: only the number is claimed; FRESH.A ordered the descriptor */
	} while (!atomic_compare_exchange_weak_explicit(&cp->fresh_next, &next, next + 1,
			memory_order_relaxed, memory_order_relaxed));
	return page_of(&p->dir, next + 1);
}

static void
chunk_release_page(struct page_pool_provider *p, struct frag_page *page)
{
	struct chunk_provider *cp = container_of(p, struct chunk_provider, provider);

	page_list_push(&cp->whole, page);
}

static void
chunk_info(const struct page_pool_provider *p, struct page_pool_provider_info *info)
{
	const struct chunk_provider *cp = (const struct chunk_provider *)p;
	uint32_t next = atomic_load_explicit(&cp->fresh_next, memory_order_relaxed);
	/* FRESH.A */
	uint32_t end = atomic_load_explicit(&cp->fresh_end, memory_order_acquire);
	uint64_t id = atomic_load_explicit(&cp->whole.head, memory_order_relaxed) & PAGE_LIST_ID;
	uint32_t listed = 0;

	/* a walk past takers can go astray, never out of bounds: cut it at the number of pages */
	for (; id != 0 && id <= end && listed < end; listed++)
		id = atomic_load_explicit(&page_of(&p->dir, (uint32_t)id)->next,
				memory_order_relaxed);
	info->pages = end;
	info->chunks = cp->chunks;
	info->fresh_pages = end > next ? end - next : 0;
	info->free_pages = info->fresh_pages + listed;
}

static void
chunk_destroy(struct page_pool_provider *p)
{
	struct chunk_provider *cp = container_of(p, struct chunk_provider, provider);
	struct page_extent *ext;
	unsigned int k;

	while ((ext = cp->extents) != NULL) {
		cp->extents = ext->next;
		rte_free(ext);
	}
	radix_free(cp->root, RADIX_TOP);
	for (k = 0; k < PAGE_DIR_SLABS; k++)
		rte_free(p->dir.slab[k]);
}

static const struct page_pool_provider_ops chunk_ops = {
	.name = "mempool",
	.alloc_page = chunk_alloc_page,
	.release_page = chunk_release_page,
	.info = chunk_info,
	.destroy = chunk_destroy,
};

const struct page_pool_provider_ops *const page_pool_provider_table[PAGE_POOL_PROVIDER_KINDS] = {
	[PAGE_POOL_PROVIDER_MEMPOOL] = &chunk_ops,
};
