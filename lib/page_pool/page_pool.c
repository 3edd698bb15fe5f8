/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: the way of a page. Allocation from the direct cache and returns to it are inline
 * functions of page_pool.h; here follow, in the order of a page's life, what is behind them: the
 * ring, the provider, fragments, and the ways back.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "page_pool_private.h"
#include "pp_log.h"
#include "pp_thread.h"

/* ---- allocation */

/* All that is in the ring, to be kept in `taken`. pre: that is empty. */
void
page_pool_ring_take(struct page_pool *pool)
{
	/* RING.A: pairs with RING.R of each page in it */
	uint64_t head = atomic_exchange_explicit(&pool->ring, 0, memory_order_acquire);

	pool->taken = RING_FIRST(head);
	atomic_store_explicit(&pool->taken_len, RING_LEN(head), memory_order_relaxed);
	stat_add(&pool->ring_taken, RING_LEN(head));
}

/* Move up to R pages to the empty direct cache, the warmest on top. One that is on another node
 * goes back to the provider, and ends it: what a move of the pool costs is spread.
 */
static bool
ring_refill(struct page_pool *pool)
{
	struct page_pool_direct *d = &pool->direct;
	struct netmem_desc *desc, *waived = NULL;
	const int nid = pool->nid;
	uint32_t left, n, at;
	int good = -1;

	if (pool->taken == NULL) {
		/* relaxed: a hint; RING.A is in the exchange */
		if (atomic_load_explicit(&pool->ring, memory_order_relaxed) == 0) {
			stat_add(&pool->empty, 1);
			return false;
		}
		page_pool_ring_take(pool);
	}
	left = atomic_load_explicit(&pool->taken_len, memory_order_relaxed);
	/* by number: what was returned twice at the same time may have made a circle of it */
	at = n = RTE_MIN(left, pool->refill_max);
	for (desc = pool->taken; at > 0; desc = desc->next) {
		d->netmem[--at] = nmdesc_to_netmem(desc);
		/* most are as the one before */
		if (likely(nmdesc_place(desc) == good))
			continue;
		good = nmdesc_place(desc);
		if (unlikely(!netmem_is_pref_nid(d->netmem[at], nid))) {
			waived = desc;
			at++;
			left--;
			desc = desc->next;
			break;
		}
	}
	left -= n - at;
	pool->taken = left > 0 ? desc : NULL;
	atomic_store_explicit(&pool->taken_len, left, memory_order_relaxed);
	if (unlikely(waived != NULL)) {
		memmove(d->netmem, &d->netmem[at], (n - at) * sizeof(d->netmem[0]));
		stat_add(&pool->waive, 1);
		page_pool_return_netmem(pool, waived);
	}
	__atomic_store_n(&d->len, n - at, __ATOMIC_RELAXED);
	return n > at;
}

static inline void
link_set(struct netmem_desc *desc, struct netmem_desc *next)
{
	__atomic_store_n(&desc->next, next, __ATOMIC_RELAXED);
}

/* From the provider into the pool, with so many references. */
static void
page_enters(struct page_pool *pool, netmem_ref netmem, uint64_t refs)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	/* atomically, here and where pages are linked: page_pool_walk_holders() may look at it */
	__atomic_store_n(&desc->pp, pool, __ATOMIC_RELAXED);
	link_set(desc, NULL);
	/* relaxed: it does not change before the pool ends */
	if (atomic_load_explicit(&pool->dma_sync, memory_order_relaxed))
		desc->flags |= NETMEM_F_DMA_SYNC;
	__atomic_store_n(&desc->frag_owner, pool->strict ? FRAG_OWNER_STRICT : FRAG_OWNER_NONE,
			__ATOMIC_RELAXED);
	/* not given away by a page_frag_cache, whatever a provider left there */
	__atomic_store_n(&desc->frag_given, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->frag_freed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->pp_ref_count, refs, __ATOMIC_RELAXED);
	/* relaxed: counted before anybody can return it */
	atomic_store_explicit(&pool->hold_cnt,
			atomic_load_explicit(&pool->hold_cnt, memory_order_relaxed) + 1,
			memory_order_relaxed);
}

uint32_t
page_pool_mp_cache_room(const struct page_pool *pool)
{
	return pool->order == 0 ? pool->refill_max - 1 : 0;
}

void
page_pool_mp_place_in_cache(struct page_pool *pool, netmem_ref netmem)
{
	struct page_pool_direct *d = &pool->direct;

	page_enters(pool, netmem, 0);
	d->netmem[d->len] = netmem;
	__atomic_store_n(&d->len, d->len + 1, __ATOMIC_RELAXED);
}

netmem_ref
page_pool_alloc_netmems_slow(struct page_pool *pool)
{
	struct page_pool_direct *d = &pool->direct;
	struct netmem_desc *failed = NULL, *desc;
	uint32_t nr_failed = 0;
	netmem_ref netmem = 0;

	if (d->size > 0 && ring_refill(pool)) {
		netmem = d->netmem[d->len - 1];
		__atomic_store_n(&d->len, d->len - 1, __ATOMIC_RELAXED);
		stat_add(&pool->refill, 1);
		__atomic_store_n(&netmem_to_nmdesc(netmem)->pp_ref_count, 1, __ATOMIC_RELAXED);
		return netmem;
	}
	while (d->size > 0 && nr_failed < PAGE_POOL_DMA_TRIES) {
		netmem = page_pool_mp_ops(pool)->alloc_netmems(pool);
		if (unlikely(netmem == 0))
			break;
		page_enters(pool, netmem, 1);
		if (likely(!pool->dma_map))
			break;
		netmem = page_pool_dma_map_new(pool, netmem, &failed, &nr_failed);
		if (likely(netmem != 0))
			break;
	}
	/* not before: the provider would give the same ones again */
	while (unlikely(failed != NULL)) {
		desc = failed;
		failed = desc->next;
		page_pool_return_netmem(pool, desc);
	}
	if (unlikely(netmem == 0)) {
		rte_errno = ENOMEM;
		return 0;
	}
	stat_add(pool->order == 0 ? &pool->slow : &pool->slow_high_order, 1);
	return netmem;
}

/* ---- references */

/* Give up nr references: how many are left, or -EINVAL and nothing happened. */
static inline int64_t
desc_unref(struct netmem_desc *desc, uint64_t nr)
{
	/* REF.A: what other holders did before REF.R */
	uint64_t old = __atomic_load_n(&desc->pp_ref_count, __ATOMIC_ACQUIRE);

	for (;;) {
		/* the caller has all there are: nobody else changes it */
		if (likely(old == nr)) {
			__atomic_store_n(&desc->pp_ref_count, 0, __ATOMIC_RELAXED);
			return 0;
		}
		if (unlikely((int64_t)old < (int64_t)nr))
			return -EINVAL;
		/* REF.R, REF.A */
		if (__atomic_compare_exchange_n(&desc->pp_ref_count, &old, old - nr, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return (int64_t)(old - nr);
	}
}

int64_t
page_pool_unref_netmem(netmem_ref netmem, uint64_t nr)
{
	int64_t left;

	if (netmem == 0 || nr == 0 || nr > INT64_MAX)
		return -EINVAL;
	left = desc_unref(netmem_to_nmdesc(netmem), nr);
	/* relaxed: it is the caller's */
	if (left == 0)
		__atomic_store_n(&netmem_to_nmdesc(netmem)->pp_ref_count, REF_IN_HAND,
				__ATOMIC_RELAXED);
	return left;
}

int
page_pool_fragment_netmem(netmem_ref netmem, uint64_t nr)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);

	if (netmem == 0 || nr == 0 || nr > PAGE_POOL_BIAS_MAX ||
			__atomic_load_n(&desc->pp_ref_count, __ATOMIC_RELAXED) != 1)
		return -EINVAL;
	__atomic_store_n(&desc->pp_ref_count, nr, __ATOMIC_RELAXED);
	return 0;
}

/* ---- the ways back */

/* A put from the owner's own context is direct. */
static inline bool
pool_is_local(const struct page_pool *pool)
{
	/* relaxed: it is who calls that matters, and they know what they are; what stands for no
	 * owner is nobody's
	 */
	return atomic_load_explicit(&pool->owner_ident, memory_order_relaxed) == pp_self.ident ||
			atomic_load_explicit(&pool->owner_lcore, memory_order_relaxed) ==
			rte_lcore_id();
}

/* Push a chain of pages; false: there is no room for all of them. */
static inline bool
ring_push(struct page_pool *pool, struct netmem_desc *first, struct netmem_desc *last, uint32_t n)
{
	/* relaxed: the list below is the consumer's again through RING.A */
	uint64_t head = atomic_load_explicit(&pool->ring, memory_order_relaxed);
	uint32_t taken = atomic_load_explicit(&pool->taken_len, memory_order_relaxed);

	do {
		if (unlikely(RING_LEN(head) + taken + n > pool->ring_size))
			return false;
		link_set(last, RING_FIRST(head));
		/* RING.R: what was done to the pages and their descriptors. The last access to the
		 * pool: from here on another thread may end it.
		 */
	} while (!atomic_compare_exchange_weak_explicit(&pool->ring, &head,
			RING_HEAD(first, RING_LEN(head) + n), memory_order_release,
			memory_order_relaxed));
	return true;
}

void
page_pool_return_netmem(struct page_pool *pool, struct netmem_desc *desc)
{
	if (unlikely(pool->dma_map))
		page_pool_dma_unmap(pool, desc);
	desc->flags &= (uint8_t)~NETMEM_F_DMA_SYNC;
	/* relaxed: who walks the provider's pages may look at it */
	__atomic_store_n(&desc->pp, NULL, __ATOMIC_RELAXED);
	page_pool_mp_ops(pool)->release_netmem(pool, nmdesc_to_netmem(desc));
	/* END.R: the last access to the pool, pairs with END.A */
	atomic_fetch_add_explicit(&pool->release_cnt, 1, memory_order_release);
}

/* There is no room in the ring either. Apart, as all that is rare: see recycle_marked(). */
static __rte_noinline int
recycle_not(struct page_pool *pool, struct netmem_desc *desc)
{
	atomic_fetch_add_explicit(&pool->ring_full, 1, memory_order_relaxed);
	page_pool_return_netmem(pool, desc);
	return 0;
}

/* A page without references, in the caller's hands, that does not fit elsewhere. */
static inline int
recycle_ring(struct page_pool *pool, struct netmem_desc *desc)
{
	return likely(ring_push(pool, desc, desc, 1)) ? 0 : recycle_not(pool, desc);
}

static inline bool
recycle_cache(struct page_pool *pool, struct netmem_desc *desc)
{
	struct page_pool_direct *d = &pool->direct;

	if (unlikely(d->len >= d->size)) {
		stat_add(&pool->cache_full, 1);
		return false;
	}
	d->netmem[d->len] = nmdesc_to_netmem(desc);
	__atomic_store_n(&d->len, d->len + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&d->cached, d->cached + 1, __ATOMIC_RELAXED);
	return true;
}

/* A page without references has no label. */
static inline void
label_clear(struct netmem_desc *desc)
{
	/* relaxed: it is the caller's */
	__atomic_store_n(&desc->holder, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->flags, desc->flags & (uint8_t)~NETMEM_F_LABEL, __ATOMIC_RELAXED);
}

static inline int
recycle_unmarked(struct page_pool *pool, struct netmem_desc *desc, bool direct)
{
	return direct && recycle_cache(pool, desc) ? 0 : recycle_ring(pool, desc);
}

/* A page with a mark is given up, or synced first. Apart, and with the put's result, so that others
 * have nothing to keep for it.
 */
static __rte_noinline int
recycle_marked(struct page_pool *pool, struct netmem_desc *desc, uint32_t dma_sync_size,
		bool direct)
{
	if ((desc->flags & NETMEM_F_LABEL) != 0)
		label_clear(desc);
	if ((desc->flags & NETMEM_F_PFMEMALLOC) != 0) {
		/* the consumer's own need no atomic operation */
		if (direct)
			stat_add(&pool->released_direct, 1);
		else
			atomic_fetch_add_explicit(&pool->released_refcnt, 1, memory_order_relaxed);
		page_pool_return_netmem(pool, desc);
		return 0;
	}
	page_pool_dma_sync_for_device(pool, desc, dma_sync_size);
	return recycle_unmarked(pool, desc, direct);
}

/* 0 */
static inline int
recycle(struct page_pool *pool, struct netmem_desc *desc, uint32_t dma_sync_size, bool direct)
{
	if (unlikely(desc->flags != 0))
		return recycle_marked(pool, desc, dma_sync_size, direct);
	return recycle_unmarked(pool, desc, direct);
}

__rte_cold int
page_pool_put_refused(struct page_pool *pool, netmem_ref netmem)
{
	struct page_pool *owner = netmem == 0 ? NULL : netmem_pp(netmem);

	atomic_fetch_add_explicit(&pool->refused, 1, memory_order_relaxed);
	PP_LOG_LIMITED(ERR, "page pool %s: return of page %#zx refused: %s", pool->name,
			(size_t)netmem,
			netmem == 0                   ? "no page" :
					owner != pool ? "not of this pool" :
							"returned too often");
	return -EINVAL;
}

int
page_pool_put_netmem(struct page_pool *pool, netmem_ref netmem, uint32_t dma_sync_size,
		bool allow_direct)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	int64_t left;

	if (unlikely(netmem == 0 || desc->pp != pool))
		return page_pool_put_refused(pool, netmem);
	left = desc_unref(desc, 1);
	if (unlikely(left < 0))
		return page_pool_put_refused(pool, netmem);
	if (left > 0)
		return 0;
	return recycle(pool, desc, dma_sync_size, allow_direct || pool_is_local(pool));
}

void
page_pool_recycle_whole(struct page_pool *pool, struct netmem_desc *desc)
{
	/* relaxed: it is the caller's */
	__atomic_store_n(&desc->pp_ref_count, 0, __ATOMIC_RELAXED);
	recycle(pool, desc, UINT32_MAX, pool_is_local(pool));
}

int
page_pool_put_unrefed_netmem(struct page_pool *pool, netmem_ref netmem, uint32_t dma_sync_size,
		bool allow_direct)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	uint64_t in_hand = REF_IN_HAND;

	/* relaxed: it is the caller's; a swap, since another one may believe the same */
	if (unlikely(netmem == 0 || desc->pp != pool ||
			    !__atomic_compare_exchange_n(&desc->pp_ref_count, &in_hand, 0, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED)))
		return page_pool_put_refused(pool, netmem);
	return recycle(pool, desc, dma_sync_size, allow_direct || pool_is_local(pool));
}

/* Pages of one pool on their way to its ring, which one operation takes there. */
struct put_chain {
	struct page_pool *pool;
	struct netmem_desc *first;
	struct netmem_desc *last;
	uint32_t n;
	bool direct;
};

static void
chain_end(struct put_chain *c)
{
	struct netmem_desc *desc = c->first, *next;
	uint32_t n = c->n;

	c->n = 0;
	if (n == 0 || ring_push(c->pool, desc, c->last, n))
		return;
	/* as many as there is room for */
	for (; n > 0; n--, desc = next) {
		next = desc->next;
		recycle_ring(c->pool, desc);
	}
}

unsigned int
page_pool_put_netmem_bulk(const netmem_ref *netmems, unsigned int n)
{
	struct put_chain c = { .pool = NULL };
	struct netmem_desc *desc;
	unsigned int i, done = 0;
	int64_t left;

	for (i = 0; i < n; i++) {
		desc = netmem_to_nmdesc(netmems[i]);
		if (unlikely(netmems[i] == 0 || desc->pp == NULL))
			continue;
		if (desc->pp != c.pool) {
			chain_end(&c);
			c.pool = desc->pp;
			c.direct = pool_is_local(c.pool);
		}
		left = desc_unref(desc, 1);
		if (unlikely(left < 0)) {
			page_pool_put_refused(c.pool, netmems[i]);
			continue;
		}
		done++;
		if (left > 0)
			continue;
		if (unlikely(desc->flags != 0)) {
			recycle_marked(c.pool, desc, UINT32_MAX, c.direct);
			continue;
		}
		if (c.direct && recycle_cache(c.pool, desc))
			continue;
		link_set(desc, c.n > 0 ? c.first : NULL);
		c.first = desc;
		if (c.n++ == 0)
			c.last = desc;
	}
	chain_end(&c);
	return done;
}

/* ---- fragments */

/* One writer; page_pool_walk_holders() reads it, and frag_users, as they are. */
static inline void
frag_page_set(struct page_pool *pool, netmem_ref netmem)
{
	__atomic_store_n(&pool->frag_page, netmem, __ATOMIC_RELAXED);
}

/* Take back the references of the page being cut that were not given away. The page stays when all
 * fragments are back; else it is left to those who have them, or returned.
 */
static bool
frag_keep(struct page_pool *pool)
{
	netmem_ref netmem = pool->frag_page;
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	int64_t left = desc_unref(desc, PAGE_POOL_BIAS_MAX - pool->frag_users);

	frag_page_set(pool, 0);
	if (unlikely(left < 0))
		page_pool_put_refused(pool, netmem);
	if (left != 0)
		return false;
	if (unlikely((desc->flags & NETMEM_F_LABEL) != 0))
		label_clear(desc);
	/* as in the kernel, not counted as one that was not recycled */
	if (unlikely((desc->flags & NETMEM_F_PFMEMALLOC) != 0)) {
		page_pool_return_netmem(pool, desc);
		return false;
	}
	frag_page_set(pool, netmem);
	return true;
}

void
page_pool_frag_drain(struct page_pool *pool)
{
	netmem_ref netmem = pool->frag_page;

	if (netmem == 0 || !frag_keep(pool))
		return;
	frag_page_set(pool, 0);
	recycle(pool, netmem_to_nmdesc(netmem), UINT32_MAX, false);
}

/* See that there is a page to cut with room for so many bytes. */
static bool
frag_refill(struct page_pool *pool, uint32_t size)
{
	struct page_pool_direct *d = &pool->direct;

	if (pool->frag_page != 0) {
		if (likely(pool->frag_offset + size <= pool_page_size(pool)))
			return true;
		if (frag_keep(pool)) {
			page_pool_dma_sync_for_device(pool, netmem_to_nmdesc(pool->frag_page),
					UINT32_MAX);
			/* as if it had been returned and allocated */
			__atomic_store_n(&d->cached, d->cached + 1, __ATOMIC_RELAXED);
			__atomic_store_n(&d->fast, d->fast + 1, __ATOMIC_RELAXED);
		}
	}
	if (pool->frag_page == 0) {
		frag_page_set(pool, page_pool_alloc_netmems(pool));
		if (unlikely(pool->frag_page == 0))
			return false;
	}
	/* relaxed: nobody else has it */
	__atomic_store_n(&netmem_to_nmdesc(pool->frag_page)->pp_ref_count, PAGE_POOL_BIAS_MAX,
			__ATOMIC_RELAXED);
	__atomic_store_n(&pool->frag_users, 0, __ATOMIC_RELAXED);
	pool->frag_offset = 0;
	return true;
}

static int
frag_size_check(const struct page_pool *pool, uint32_t size)
{
	return size == 0 ? EINVAL : size > pool_page_size(pool) ? E2BIG : 0;
}

netmem_ref
page_pool_alloc_frag_netmem(struct page_pool *pool, uint32_t *offset, uint32_t size)
{
	int rc = frag_size_check(pool, size);

	if (unlikely(rc != 0)) {
		rte_errno = rc;
		return 0;
	}
	/* no line is shared by two fragments */
	size = RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE);
	if (unlikely(!frag_refill(pool, size)))
		return 0;
	*offset = pool->frag_offset;
	pool->frag_offset += size;
	__atomic_store_n(&pool->frag_users, pool->frag_users + 1, __ATOMIC_RELAXED);
	return pool->frag_page;
}

netmem_ref
page_pool_alloc_netmem(struct page_pool *pool, uint32_t *offset, uint32_t *size)
{
	uint32_t page_size = (uint32_t)pool_page_size(pool), at = 0;
	int rc = frag_size_check(pool, *size);
	netmem_ref netmem;

	if (unlikely(rc != 0)) {
		rte_errno = rc;
		return 0;
	}
	if (*size > page_size / 2) {
		netmem = page_pool_alloc_netmems(pool);
		if (likely(netmem != 0)) {
			*offset = 0;
			*size = page_size;
		}
		return netmem;
	}
	netmem = page_pool_alloc_frag_netmem(pool, &at, *size);
	if (unlikely(netmem == 0))
		return 0;
	/* what is left is too little for another one of the size: it comes with this one */
	if (pool->frag_offset + *size > page_size)
		pool->frag_offset = page_size;
	*offset = at;
	*size = pool->frag_offset - at;
	return netmem;
}
