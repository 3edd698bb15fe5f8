/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_frag_cache: the way of a fragment. Allocation from the page being cut is an inline function
 * of page_frag_cache.h; here follow frees, which are counted (1), and the next page (2), for which
 * the last one is retired (3) and retired ones are looked at (4).
 *
 * While a thread counts (frag_owner), the page's own count is PAGE_POOL_BIAS_MAX less what others
 * have freed, and the owner counts what it has given away and what it freed itself. Adding up
 * takes off the bias what was not given away: from then on the count is that of the fragments that
 * are out, and whoever frees the last one recycles the page. Only the owner adds up, so frag_owner
 * can be compared with oneself without an ordering: who reads its own number there has written it.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <rte_errno.h>

#include "page_frag_cache.h"
#include "page_pool_private.h"
#include "page_va.h"
#include "pp_log.h"
#include "pp_thread.h"

/* frag_slot of the page that is being cut. */
#define SLOT_NONE PAGE_FRAG_RETIRED_MAX
/* Of the retired pages one is looked at for each new one, which is enough while as many come as go,
 * and up to so many as long as each is found freed by others, so that their number falls after a
 * burst.
 */
#define RETIRED_LOOK 4

/* A thread's pages that it no longer cuts and of which nobody else had freed anything. */
struct frag_retired {
	/* of all owners; under their lock */
	TAILQ_ENTRY(frag_retired) link;
	uint32_t owner; /* the thread's number; always the same */
	uint32_t tid;   /* always the same */
	/* the rest is the thread's */
	uint32_t nr;
	uint32_t next;                                   /* to be looked at */
	struct netmem_desc *page[PAGE_FRAG_RETIRED_MAX]; /* without gaps */
};

static_assert(SLOT_NONE <= UINT8_MAX, "a place's number fits into a descriptor");

static inline bool
desc_is_mine(const struct netmem_desc *desc)
{
	/* relaxed: who reads its own number there has written it */
	return __atomic_load_n(&desc->frag_owner, __ATOMIC_RELAXED) == pp_self.frag_owner;
}

/* Of a page that no thread owns. */
static inline uint32_t
frag_owner_none(const struct page_pool *pool)
{
	return pool->strict ? FRAG_OWNER_STRICT : FRAG_OWNER_NONE;
}

/* From now on a thread counts, or none does; so many are given away. */
static inline void
desc_set_owner(struct netmem_desc *desc, uint32_t owner, uint32_t given)
{
	/* relaxed: nobody else compares it with more than itself, or looks at the counts but for a
	 * snapshot
	 */
	__atomic_store_n(&desc->frag_owner, owner, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->frag_given, given, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->frag_freed, 0, __ATOMIC_RELAXED);
}

/* Nobody but the owner has freed any, nor taken more references (page_pool_ref_netmem()). */
static inline bool
desc_untouched(const struct netmem_desc *desc)
{
	/* REF.A: what those did who took one and returned it; a hint while something is out */
	return __atomic_load_n(&desc->pp_ref_count, __ATOMIC_ACQUIRE) == PAGE_POOL_BIAS_MAX;
}

/* ---- 1: a fragment is freed */

static void
retired_remove(struct frag_retired *r, struct netmem_desc *desc)
{
	struct netmem_desc *last = r->page[--r->nr];

	r->page[desc->frag_slot] = last;
	last->frag_slot = desc->frag_slot;
}

static void page_add_up(struct netmem_desc *desc);

/* All fragments of a page are back, which the owner knows. */
static void
page_recycle(struct netmem_desc *desc)
{
	desc_set_owner(desc, frag_owner_none(desc->pp), 0);
	page_pool_recycle_whole(desc->pp, desc);
}

static __rte_cold int
free_refused(const void *va, const char *why)
{
	PP_LOG_LIMITED(ERR, "fragment %p: free refused: %s", va, why);
	return -EINVAL;
}

/* The owner has freed as many as it gave away. */
static __rte_noinline int
page_local_end(struct netmem_desc *desc)
{
	if (unlikely(desc->frag_slot == SLOT_NONE)) {
		/* the last one was the cache's own */
		__atomic_store_n(&desc->frag_freed, desc->frag_freed - 1, __ATOMIC_RELAXED);
		return free_refused(desc->addr, "all of its page are free");
	}
	/* it is retired, and whoever retires pages has the list */
	retired_remove(pp_self.retired, desc);
	if (likely(desc_untouched(desc)))
		page_recycle(desc);
	else
		page_add_up(desc);
	return 0;
}

/* (owner) Free one. */
static __rte_always_inline int
desc_free_mine(struct netmem_desc *desc)
{
	uint32_t freed = desc->frag_freed + 1;

	/* relaxed: this thread's; page_pool_walk_holders() may look at it */
	__atomic_store_n(&desc->frag_freed, freed, __ATOMIC_RELAXED);
	return likely(freed != desc->frag_given) ? 0 : page_local_end(desc);
}

/* What the fast path below does not know: the last one, or one too many, or of a strict pool.
 * Apart: others have nothing to keep for it.
 */
static __rte_noinline int
desc_free_rest(struct netmem_desc *desc, const void *va)
{
	struct page_pool *pool = desc->pp;

	if (unlikely(pool == NULL))
		return free_refused(desc->addr, "its page is no pool's");
	if (unlikely(pool->strict && va != NULL && !page_va_unmark(va)))
		return free_refused(va, "none that begins there is out");
	return page_pool_put_full_netmem(pool, nmdesc_to_netmem(desc), false);
}

/* Of another thread's page, or of nobody's. The pool is not looked at. */
static inline int
desc_free_other(struct netmem_desc *desc, const void *va)
{
	uint64_t old;

	/* relaxed: it is so while the page is the pool's */
	if (unlikely(__atomic_load_n(&desc->frag_owner, __ATOMIC_RELAXED) == FRAG_OWNER_STRICT))
		return desc_free_rest(desc, va);
	/* page_pool_unref_netmem() of one that is not the last: REF.A */
	old = __atomic_load_n(&desc->pp_ref_count, __ATOMIC_ACQUIRE);
	while (likely((int64_t)old > 1))
		/* REF.R, REF.A */
		if (likely(__atomic_compare_exchange_n(&desc->pp_ref_count, &old, old - 1, true,
				    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)))
			return 0;
	return desc_free_rest(desc, va);
}

static __rte_cold int
free_nothing(const void *va)
{
	return va == NULL ? 0 : free_refused(va, "it lies in no page");
}

int
page_frag_free(void *va)
{
	struct netmem_desc *desc = page_va_desc(va);

	if (unlikely(desc == NULL))
		return free_nothing(va);
	return likely(desc_is_mine(desc)) ? desc_free_mine(desc) : desc_free_other(desc, va);
}

int
page_frag_free_netmem(netmem_ref netmem)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	if (unlikely(netmem == 0))
		return free_refused(NULL, "no page");
	return likely(desc_is_mine(desc)) ? desc_free_mine(desc) : desc_free_other(desc, NULL);
}

/* Free several of one page, with one operation where page_frag_free_netmem() needs one for each. */
int
page_frag_free_many(netmem_ref netmem, uint32_t nr)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	uint64_t old;
	int rc = 0;

	if (likely(desc_is_mine(desc))) {
		/* not the last one of the page, nor one too many */
		if (likely((int32_t)(desc->frag_given - desc->frag_freed - nr) > 0)) {
			__atomic_store_n(&desc->frag_freed, desc->frag_freed + nr,
					__ATOMIC_RELAXED);
			return 0;
		}
	} else {
		/* as desc_free_other() */
		old = __atomic_load_n(&desc->pp_ref_count, __ATOMIC_ACQUIRE);
		while (likely((int64_t)old > (int64_t)nr))
			/* REF.R, REF.A */
			if (likely(__atomic_compare_exchange_n(&desc->pp_ref_count, &old, old - nr,
					    true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)))
				return 0;
	}
	while (nr-- > 0)
		rc = RTE_MIN(rc, page_frag_free_netmem(netmem));
	return rc;
}

/* ---- 4: retired pages */

/* Add up. The page goes back to its pool now, or with the last of its fragments. */
static void
page_add_up(struct netmem_desc *desc)
{
	netmem_ref netmem = nmdesc_to_netmem(desc);
	struct page_pool *pool = desc->pp;
	uint32_t local = desc->frag_given - desc->frag_freed;
	int64_t left;

	desc_set_owner(desc, frag_owner_none(desc->pp), 0);
	left = page_pool_unref_netmem(netmem, PAGE_POOL_BIAS_MAX - local);
	if (unlikely(left < 0))
		free_refused(desc->addr, "more of its page were freed than there are: it is lost");
	else if (left == 0)
		page_pool_put_unrefed_netmem(pool, netmem, UINT32_MAX, false);
}

static void
retired_add_up(struct frag_retired *r, struct netmem_desc *desc)
{
	retired_remove(r, desc);
	page_add_up(desc);
}

/* The next one, if others have freed some of it, or there is no room for another page. */
static inline bool
retired_look(struct frag_retired *r)
{
	struct netmem_desc *desc;

	r->next = r->next + 1 < r->nr ? r->next + 1 : 0;
	desc = r->page[r->next];
	if (likely(desc_untouched(desc)) && likely(r->nr < PAGE_FRAG_RETIRED_MAX))
		return false;
	retired_add_up(r, desc);
	return true;
}

/* All of which others have freed some. */
static void
retired_look_all(struct frag_retired *r)
{
	uint32_t i;

	/* downwards: who takes the place of one that goes was looked at */
	for (i = r->nr; i-- > 0;)
		if (!desc_untouched(r->page[i]))
			retired_add_up(r, r->page[i]);
}

static void
retired_end(struct frag_retired *r)
{
	while (r->nr > 0)
		retired_add_up(r, r->page[r->nr - 1]);
}

/* Threads that own caches, so that reports can name them. */
static struct {
	pthread_spinlock_t lock;
	TAILQ_HEAD(frag_owners, frag_retired) list;
	uint64_t made;
} owners;

static pthread_once_t owners_once = PTHREAD_ONCE_INIT;
static pthread_key_t owners_key;
static int owners_rc;

static void
owners_remove(struct frag_retired *r)
{
	pthread_spin_lock(&owners.lock);
	TAILQ_REMOVE(&owners.list, r, link);
	pthread_spin_unlock(&owners.lock);
	free(r);
}

/* A thread ends: what it counted is added up. pp_self may be forgotten already. */
static void
owner_thread_end(void *arg)
{
	/* after rte_eal_cleanup() there are no pages */
	if (pp_registry_mapped() != NULL)
		retired_end(arg);
	pp_self.retired = NULL;
	pp_self.frag_owner = PP_FRAG_NOBODY;
	owners_remove(arg);
}

static void
owners_init(void)
{
	pthread_spin_init(&owners.lock, PTHREAD_PROCESS_PRIVATE);
	TAILQ_INIT(&owners.list);
}

/* The pages are the parent's, and its threads are not here; one may have held the lock. */
static void
owners_forked(void)
{
	pthread_setspecific(owners_key, NULL);
	owners_init();
}

static void
owners_start(void)
{
	owners_init();
	owners.made = FRAG_OWNER_FIRST;
	owners_rc = pthread_key_create(&owners_key, owner_thread_end);
	if (owners_rc == 0)
		owners_rc = pthread_atfork(NULL, NULL, owners_forked);
}

/* Make the thread an owner. */
static int
owners_add(void)
{
	struct frag_retired *r;

	pthread_once(&owners_once, owners_start);
	if (owners_rc != 0)
		return -owners_rc;
	r = calloc(1, sizeof(*r));
	if (r == NULL || pthread_setspecific(owners_key, r) != 0) {
		free(r);
		return -ENOMEM;
	}
	r->tid = PP_IDENT_TID(pp_self.ident);
	pthread_spin_lock(&owners.lock);
	/* a page that was not drained keeps its owner's number: none is given twice */
	if (owners.made < PP_FRAG_NOBODY) {
		r->owner = (uint32_t)owners.made++;
		TAILQ_INSERT_TAIL(&owners.list, r, link);
	}
	pthread_spin_unlock(&owners.lock);
	if (r->owner == FRAG_OWNER_NONE) {
		pthread_setspecific(owners_key, NULL);
		free(r);
		return -EAGAIN;
	}
	pp_self.retired = r;
	pp_self.frag_owner = r->owner;
	return 0;
}

uint32_t
page_frag_owner_tid(uint32_t owner)
{
	const struct frag_retired *r;
	uint32_t tid = 0;

	if (owner < FRAG_OWNER_FIRST)
		return 0;
	pthread_once(&owners_once, owners_start);
	pthread_spin_lock(&owners.lock);
	TAILQ_FOREACH(r, &owners.list, link)
		if (r->owner == owner)
			tid = r->tid;
	pthread_spin_unlock(&owners.lock);
	return tid;
}

/* ---- 3: the page that was being cut */

/* The calling thread's retired pages, if it owns a cache. */
static inline struct frag_retired *
cache_retired(const struct page_frag_cache *nc)
{
	return nc->owner == pp_self.frag_owner ? pp_self.retired : NULL;
}

/* r: see cache_retired(). True: all of its fragments are back, and it is the cache's still. */
static inline bool
page_retire(struct netmem_desc *desc, struct frag_retired *r)
{
	uint32_t local = page_frag_count(desc, -1) - desc->frag_freed;

	if (likely(desc_untouched(desc))) {
		if (local == 0)
			return true;
		if (likely(r != NULL && r->nr < PAGE_FRAG_RETIRED_MAX)) {
			desc->frag_slot = (uint8_t)r->nr;
			r->page[r->nr++] = desc;
			return false;
		}
	}
	page_add_up(desc);
	return false;
}

static void
cache_forget_page(struct page_frag_cache *nc)
{
	nc->desc = NULL;
	nc->va = NULL;
	nc->offset = nc->size = nc->va_size = 0;
	nc->pfmemalloc = nc->by_va = false;
}

/* ---- 2: a page to cut */

static inline void
page_open(struct page_frag_cache *nc, netmem_ref netmem, const struct page_pool *pool)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	/* relaxed: nobody else has it, and who gets a fragment gets this with it */
	__atomic_store_n(&desc->pp_ref_count, PAGE_POOL_BIAS_MAX, __ATOMIC_RELAXED);
	desc_set_owner(desc, nc->owner != FRAG_OWNER_NONE ? nc->owner : frag_owner_none(pool), 1);
	desc->frag_slot = SLOT_NONE;
	nc->desc = desc;
	nc->va = netmem_address(netmem);
	nc->offset = 0;
	nc->size = (uint32_t)pool_page_size(pool);
	nc->aborted = UINT32_MAX;
	/* what page_frag_free() would not find is allocated by page only */
	nc->by_va = nc->va != NULL && page_va_desc(nc->va) == desc;
	/* strict mode has no inline path */
	nc->va_size = nc->by_va && !nc->strict ? nc->size : 0;
	nc->pfmemalloc = netmem_is_pfmemalloc(netmem);
	if (unlikely(nc->strict && nc->by_va))
		page_va_marks_clear(nc->va, nc->size);
}

/* A new page of so many bytes at least. */
static int
cache_refill(struct page_frag_cache *nc, uint32_t size)
{
	struct frag_retired *r = cache_retired(nc);
	struct netmem_desc *desc = nc->desc;
	struct page_pool *pool = nc->pool;
	netmem_ref netmem;
	uint32_t i;

	if (unlikely(r == NULL && nc->owner != FRAG_OWNER_NONE))
		return -EPERM;
	if (desc != NULL && page_retire(desc, r)) {
		/* what has a mark goes the way of all pages */
		if (likely(desc->flags == 0 && size <= nc->size)) {
			page_open(nc, nmdesc_to_netmem(desc), desc->pp);
			return 0;
		}
		page_recycle(desc);
	}
	if (r != NULL)
		for (i = 0; i < RETIRED_LOOK && r->nr > 0 && unlikely(retired_look(r)); i++)
			;
	netmem = page_pool_alloc_netmems(pool);
	if (unlikely(netmem == 0 && r != NULL && r->nr > 0)) {
		/* perhaps all are here, freed by others */
		retired_look_all(r);
		netmem = page_pool_alloc_netmems(pool);
	}
	if (unlikely(netmem == 0)) {
		pool = nc->small;
		if (pool != NULL && size <= pool_page_size(pool))
			netmem = page_pool_alloc_netmems(pool);
		if (netmem == 0) {
			cache_forget_page(nc);
			return -ENOMEM;
		}
	}
	page_open(nc, netmem, pool);
	return 0;
}

/* See that so many bytes can be had; at: where they begin. */
static int
cache_offer(struct page_frag_cache *nc, uint32_t size, uint32_t align, uint32_t *at)
{
	uint64_t offset;
	int rc;

	if (size == 0 || !rte_is_power_of_2(align))
		return -EINVAL;
	if (size > pool_page_size(nc->pool) || align > pool_page_size(nc->pool))
		return -E2BIG;
	offset = RTE_ALIGN_CEIL((uint64_t)nc->offset, (uint64_t)align);
	/* pages are aligned to their size */
	if (offset + size > nc->size || align > nc->size) {
		rc = cache_refill(nc, RTE_MAX(size, align));
		if (rc != 0)
			return rc;
		offset = 0;
	}
	*at = (uint32_t)offset;
	return 0;
}

/* Strict mode: a fragment begins here. */
static inline int
cache_mark(const struct page_frag_cache *nc, uint32_t at)
{
	return likely(!nc->strict) || !nc->by_va ? 0 : page_va_mark(nc->va + at);
}

void *
page_frag_alloc_slow(struct page_frag_cache *nc, uint32_t size, uint32_t align)
{
	uint32_t at;
	int rc = cache_offer(nc, size, align, &at);

	if (rc == 0)
		rc = nc->by_va ? cache_mark(nc, at) : -EOPNOTSUPP;
	if (unlikely(rc != 0)) {
		rte_errno = -rc;
		return NULL;
	}
	nc->offset = at + size;
	page_frag_count(nc->desc, 1);
	return nc->va + at;
}

static void
cache_describe(const struct page_frag_cache *nc, uint32_t at, uint32_t size, struct page_frag *frag)
{
	frag->netmem = nmdesc_to_netmem(nc->desc);
	frag->va = nc->va == NULL ? NULL : nc->va + at;
	frag->offset = at;
	frag->size = size;
}

int
page_frag_refill_align(struct page_frag_cache *nc, uint32_t size, uint32_t align,
		struct page_frag *frag)
{
	uint32_t at;
	int rc = cache_offer(nc, size, align, &at);

	if (likely(rc == 0))
		rc = cache_mark(nc, at);
	if (unlikely(rc != 0))
		return rc;
	cache_describe(nc, at, size, frag);
	nc->offset = at + size;
	page_frag_count(nc->desc, 1);
	return 0;
}

/* ---- an offer, and what becomes of it */

int
page_frag_alloc_prepare_align(struct page_frag_cache *nc, uint32_t size, uint32_t align,
		struct page_frag *frag)
{
	uint32_t at;
	int rc = cache_offer(nc, size, align, &at);

	if (likely(rc == 0))
		cache_describe(nc, at, nc->size - at, frag);
	return rc;
}

int
page_frag_alloc_probe(struct page_frag_cache *nc, uint32_t size, struct page_frag *frag)
{
	if (size == 0)
		return -EINVAL;
	if (nc->size - nc->offset < size)
		return -ENOSPC;
	cache_describe(nc, nc->offset, nc->size - nc->offset, frag);
	return 0;
}

/* Whether an offer stands, and so much of it was used. */
static inline bool
offer_stands(const struct page_frag_cache *nc, const struct page_frag *frag, uint32_t used)
{
	return nc->desc != NULL && frag->netmem == nmdesc_to_netmem(nc->desc) && used != 0 &&
			used <= frag->size && frag->offset >= nc->offset &&
			(uint64_t)frag->offset + used <= nc->size;
}

int64_t
page_frag_alloc_commit(struct page_frag_cache *nc, const struct page_frag *frag, uint32_t used)
{
	uint32_t before = nc->offset;

	if (unlikely(!offer_stands(nc, frag, used)))
		return -EINVAL;
	if (unlikely(cache_mark(nc, frag->offset) != 0))
		return -ENOMEM;
	nc->offset = frag->offset + used;
	page_frag_count(nc->desc, 1);
	return (int64_t)nc->offset - before;
}

int64_t
page_frag_alloc_commit_noref(struct page_frag_cache *nc, const struct page_frag *frag,
		uint32_t used)
{
	/* behind what was aborted there may be a gap */
	if (unlikely(!offer_stands(nc, frag, used) || frag->offset != nc->offset ||
			    nc->offset == 0 || nc->offset == nc->aborted))
		return -EINVAL;
	nc->offset += used;
	return used;
}

/* Whether a fragment can be taken back: it lies in what was cut, and some of that is out. */
static inline bool
abort_fits(const struct page_frag_cache *nc, const void *va, uint32_t size)
{
	uint64_t at = (uintptr_t)va - (uintptr_t)nc->va;
	int64_t away;

	if (nc->va == NULL || size == 0 || at >= nc->offset || at + size > nc->offset)
		return false;
	/* relaxed: a snapshot; less than 0: others have taken more than they have freed */
	away = (int64_t)(PAGE_POOL_BIAS_MAX -
			__atomic_load_n(&nc->desc->pp_ref_count, __ATOMIC_RELAXED));
	return (int64_t)nc->desc->frag_given - nc->desc->frag_freed > 1 + away;
}

int
page_frag_alloc_abort(struct page_frag_cache *nc, const void *va, uint32_t size)
{
	if (unlikely(!abort_fits(nc, va, size) || (const char *)va + size != nc->va + nc->offset))
		return -EINVAL;
	if (unlikely(nc->strict && !page_va_unmark(va)))
		return -EINVAL;
	nc->offset -= size;
	nc->aborted = nc->offset;
	page_frag_count(nc->desc, -1);
	return 0;
}

int
page_frag_alloc_abort_ref(struct page_frag_cache *nc, const void *va, uint32_t size)
{
	if (unlikely(!abort_fits(nc, va, size) || (nc->strict && !page_va_unmark(va))))
		return -EINVAL;
	page_frag_count(nc->desc, -1);
	return 0;
}

/* ---- on no fragment's way */

int
page_frag_cache_init(struct page_frag_cache *nc, struct page_pool *pool, struct page_pool *small,
		bool owned)
{
	struct pp_registry *reg;
	int rc;

	if (nc == NULL || pool == NULL ||
			(small != NULL &&
					(pool_page_size(small) >= pool_page_size(pool) ||
							small->strict != pool->strict)))
		return -EINVAL;
	memset(nc, 0, sizeof(*nc));
	nc->pool = pool;
	nc->small = small;
	nc->strict = pool->strict;
	if (!owned || nc->strict)
		return 0;
	reg = pp_registry_get();
	if (reg == NULL)
		return -rte_errno;
	pp_thread_register(reg);
	if (pp_self.retired == NULL) {
		rc = owners_add();
		if (rc != 0)
			return rc;
	}
	nc->owner = pp_self.frag_owner;
	return 0;
}

void
page_frag_cache_drain(struct page_frag_cache *nc)
{
	struct frag_retired *r = cache_retired(nc);
	struct netmem_desc *desc = nc->desc;

	if (desc != NULL) {
		cache_forget_page(nc);
		if (page_retire(desc, r))
			page_recycle(desc);
	}
	if (r != NULL)
		retired_end(r);
}
