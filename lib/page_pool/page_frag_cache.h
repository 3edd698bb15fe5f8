/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_FRAG_CACHE_H_
#define _PAGE_FRAG_CACHE_H_

/**
 * @file
 * page_frag_cache: fragments of any size, cut one behind the other out of a page.
 *
 * A cache cuts one page at a time, from a page_pool of large pages, or, when that has none, from
 * one of small pages. Fragments are freed by anybody, by their address or by page; a page whose
 * fragments are all back goes to its pool, or is cut again at once.
 *
 * The count of a page is split. What the cache's owner gives away and frees is a plain number; what
 * others free is the page's reference count, one atomic operation each. The two are added up, and
 * the page's count is ordinary from then on, when the owner moves to the next page and others have
 * freed some, or later, when the owner notices that they did: it looks at one of its pages each
 * time it needs a new one, at a few as long as it finds such. A cache without an owner adds up at
 * once.
 *
 * Calls marked (owner) are those of the one context that allocates: the owner, or, of a cache
 * without one, whoever sees to it that only one calls at a time. Requests of more than the pools'
 * largest page are refused; any other is served while a page that is large enough can be had. After
 * the kernel's page_frag_cache, with the calls proposed for it in 2024; differences are noted.
 *
 * Ordering: what was done to a fragment before it was freed is seen by who gets its page next.
 *
 * What is not found: a fragment freed twice while others of its page are out, as long as the count
 * does not show it, but of pools with PP_FLAG_STRICT always.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "netmem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most pages of an owner that wait for being added up: see page_frag_cache_drain(). */
#define PAGE_FRAG_RETIRED_MAX 255

/** A cache; it is its user's memory. All fields are @internal; owner: rw. */
struct page_frag_cache {
	struct netmem_desc *desc; /**< Page that is being cut, NULL: none. */
	char *va;                 /**< Its address. */
	uint32_t offset;          /**< Where the next fragment begins. */
	uint32_t size;            /**< Bytes of the page; 0: none. */
	uint32_t va_size;         /**< The same, 0 of memory that the CPU may not read. */
	bool pfmemalloc;          /**< It is of an emergency reserve. */
	bool strict;              /**< The pools have PP_FLAG_STRICT. */
	bool by_va;               /**< page_frag_free() finds the page. */
	uint32_t aborted;         /**< Offset after the last abort. */
	uint32_t owner;           /**< Thread's number, as netmem_desc::frag_owner; 0: none. */
	struct page_pool *pool;   /**< Of large pages. */
	struct page_pool *small;  /**< Of small ones, or NULL. */
};

/** A piece of a page: what was allocated, or is offered. */
struct page_frag {
	netmem_ref netmem; /**< Its page. */
	void *va;          /**< Its address; NULL: the CPU may not read it. */
	uint32_t offset;   /**< Where it begins in the page, in bytes. */
	uint32_t size;     /**< Bytes. */
};

/**
 * Make a cache. Control path.
 *
 * @param nc
 *   Cache; it holds no page yet.
 * @param pool
 *   Pool of large pages, 32 KB as a rule. The cache is one of its consumer's users.
 * @param small
 *   Pool for when that has none, of smaller pages, or NULL.
 * @param owned
 *   The calling thread is the owner: the only one that allocates, and its frees are cheap. false:
 *   there is none, nor is there one of pools with PP_FLAG_STRICT.
 * @return
 *   0, -EINVAL: no pool, the small pages are not smaller, or only one of the pools is strict;
 *   -EAGAIN: 2^32 threads have been owners; or what a thread's first use of the library fails with.
 */
int page_frag_cache_init(struct page_frag_cache *nc, struct page_pool *pool,
		struct page_pool *small, bool owned);

/**
 * (owner) Give up the page being cut, and, if the cache has an owner, add up the counts of its
 * other pages. Until then, or until it allocates again, up to PAGE_FRAG_RETIRED_MAX pages may be
 * kept from their pool although others have freed all of their fragments. When the owner ends the
 * latter is done for it, and anybody may drain the cache; pools are destroyed after it was joined.
 *
 * @param nc
 *   Cache; may be used again.
 */
void page_frag_cache_drain(struct page_frag_cache *nc);

/**
 * (owner) Tell whether the page being cut is of an emergency reserve.
 *
 * @param nc
 *   Cache.
 * @return
 *   true when it is.
 */
static inline bool
page_frag_cache_is_pfmemalloc(const struct page_frag_cache *nc)
{
	return nc->pfmemalloc;
}

/**
 * @internal page_frag_alloc_align() when the page has no room, or there is none.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes.
 * @param align
 *   Power of two.
 * @return
 *   Address, or NULL with rte_errno.
 */
void *page_frag_alloc_slow(struct page_frag_cache *nc, uint32_t size, uint32_t align);

/**
 * @internal Count fragments of the page being cut that are given away, by its only writer.
 *
 * @param desc
 *   Descriptor of the page.
 * @param more
 *   How many; negative: taken back.
 * @return
 *   How many there are then.
 */
static inline uint32_t
page_frag_count(struct netmem_desc *desc, int more)
{
	/* Others may look at it (page_pool_walk_holders()) and find this value or the one before.
	 * Not an atomic store: compilers make three instructions of it then instead of one, and a
	 * fragment's allocation and free took 15.6 cycles instead of 11.5.
	 */
	return desc->frag_given += (uint32_t)more;
}

/**
 * (owner) Allocate a fragment.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes.
 * @param align
 *   Its address is a multiple of this, a power of two of at most the page's size.
 * @return
 *   Address, or NULL with rte_errno: EINVAL: size is 0, or align no power of two; E2BIG: more than
 *   a page; EOPNOTSUPP: memory that the CPU may not read, or whose provider does not make its
 *   addresses known; EPERM: another thread is the owner (found when a page is needed); ENOMEM.
 */
static inline void *
page_frag_alloc_align(struct page_frag_cache *nc, uint32_t size, uint32_t align)
{
	uint64_t va = (uintptr_t)nc->va;
	/* of the address: no page is aligned to more than its size */
	uint64_t at = ((va + nc->offset + align - 1) & ~((uint64_t)align - 1)) - va;

	if (unlikely(size == 0 || at + size > nc->va_size || !rte_is_power_of_2(align)))
		return page_frag_alloc_slow(nc, size, align);
	nc->offset = (uint32_t)(at + size);
	page_frag_count(nc->desc, 1);
	return nc->va + at;
}

/**
 * (owner) Allocate a fragment at the next free byte: page_frag_alloc_align() with 1.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes.
 * @return
 *   See page_frag_alloc_align().
 */
static inline void *
page_frag_alloc(struct page_frag_cache *nc, uint32_t size)
{
	return page_frag_alloc_align(nc, size, 1);
}

/**
 * (owner) Allocate a fragment by page and offset, of any memory.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes.
 * @param align
 *   As of page_frag_alloc_align(); of the offset.
 * @param frag
 *   The fragment. Unchanged on failure.
 * @return
 *   0, or what page_frag_alloc_align() sets rte_errno to, negative.
 */
int page_frag_refill_align(struct page_frag_cache *nc, uint32_t size, uint32_t align,
		struct page_frag *frag);

/**
 * (owner) page_frag_refill_align() with 1.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes.
 * @param frag
 *   The fragment. Unchanged on failure.
 * @return
 *   See page_frag_refill_align().
 */
static inline int
page_frag_refill(struct page_frag_cache *nc, uint32_t size, struct page_frag *frag)
{
	return page_frag_refill_align(nc, size, 1, frag);
}

/**
 * (owner) See what the next fragment could be: at least so many bytes, and all that the page has.
 * Nothing is allocated; page_frag_alloc_commit() does that. In between no other call of the cache.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes needed.
 * @param align
 *   As of page_frag_refill_align().
 * @param frag
 *   What is offered. Unchanged on failure.
 * @return
 *   See page_frag_refill_align().
 */
int page_frag_alloc_prepare_align(struct page_frag_cache *nc, uint32_t size, uint32_t align,
		struct page_frag *frag);

/**
 * (owner) page_frag_alloc_prepare_align() with 1.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes needed.
 * @param frag
 *   What is offered. Unchanged on failure.
 * @return
 *   See page_frag_refill_align().
 */
static inline int
page_frag_alloc_prepare(struct page_frag_cache *nc, uint32_t size, struct page_frag *frag)
{
	return page_frag_alloc_prepare_align(nc, size, 1, frag);
}

/**
 * (owner) The same, of the page that is being cut only.
 *
 * @param nc
 *   Cache.
 * @param size
 *   Bytes needed.
 * @param frag
 *   What is offered. Unchanged on failure.
 * @return
 *   0, -EINVAL: size is 0, or -ENOSPC: there is no page, or less is left of it.
 */
int page_frag_alloc_probe(struct page_frag_cache *nc, uint32_t size, struct page_frag *frag);

/**
 * (owner) Allocate the first bytes of what was offered.
 *
 * @param nc
 *   Cache.
 * @param frag
 *   As page_frag_alloc_prepare() or page_frag_alloc_probe() filled it in last.
 * @param used
 *   Bytes, at most those offered. (The kernel takes these without the offer.)
 * @return
 *   Bytes that the page is shorter now, what aligning skipped included, or -EINVAL: used is 0, more
 *   than was offered, or the offer is old; or -ENOMEM (PP_FLAG_STRICT); nothing happened.
 */
int64_t page_frag_alloc_commit(struct page_frag_cache *nc, const struct page_frag *frag,
		uint32_t used);

/**
 * (owner) Lengthen the newest fragment by the first bytes of what was offered right behind it.
 *
 * @param nc
 *   Cache.
 * @param frag
 *   See page_frag_alloc_commit().
 * @param used
 *   See page_frag_alloc_commit().
 * @return
 *   See page_frag_alloc_commit(); also -EINVAL: no fragment ends where the offer begins, or one
 *   was aborted there.
 */
int64_t page_frag_alloc_commit_noref(struct page_frag_cache *nc, const struct page_frag *frag,
		uint32_t used);

/**
 * (owner) Undo the newest allocation, which nobody else has seen: reference and space.
 *
 * @param nc
 *   Cache.
 * @param va
 *   Address of the fragment.
 * @param size
 *   Its bytes.
 * @return
 *   0, or -EINVAL: it is not what was allocated last; nothing happened, and it can be freed.
 */
int page_frag_alloc_abort(struct page_frag_cache *nc, const void *va, uint32_t size);

/**
 * (owner) Free a fragment of the page being cut, without an atomic operation, whoever owns the
 * cache: for one that was taken to be handed out and then was not. Its space is lost.
 *
 * @param nc
 *   Cache.
 * @param va
 *   Address of the fragment.
 * @param size
 *   Its bytes.
 * @return
 *   0, or -EINVAL: it does not lie in what was cut from this page; nothing happened.
 */
int page_frag_alloc_abort_ref(struct page_frag_cache *nc, const void *va, uint32_t size);

/**
 * Free a fragment. Any thread.
 *
 * @param va
 *   Any address in the fragment, of a pool with PP_FLAG_STRICT the first; NULL: nothing happens.
 * @return
 *   0, or -EINVAL: it lies in no page, or more fragments of its page were freed than there are;
 *   nothing happened.
 */
int page_frag_free(void *va);

/**
 * Free a fragment of a page. Any thread.
 *
 * @param netmem
 *   Handle of the page.
 * @return
 *   See page_frag_free().
 */
int page_frag_free_netmem(netmem_ref netmem);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_FRAG_CACHE_H_ */
