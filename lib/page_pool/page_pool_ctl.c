/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: what is on no page's way. Providers by name, making and ending pools, counters, the
 * checker.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_spinlock.h>

#include "page_pool_private.h"
#include "pp_log.h"
#include "pp_thread.h"

/* ---- providers */

/* A pool remembers a number: it lies in shared memory, where there are no function pointers. */
static struct {
	rte_spinlock_t lock;
	_Atomic(uint32_t)
			nr; /* released after the entry, acquired before it is read (MP.R, MP.A) */
	const struct memory_provider_ops *ops[MEMORY_PROVIDERS_MAX];
} providers = { .lock = RTE_SPINLOCK_INITIALIZER,
	.nr = 4,
	.ops = { &memory_provider_heap, &memory_provider_region, &memory_provider_unreadable,
			&memory_provider_gpu } };

static int
provider_find(const char *name)
{
	/* MP.A */
	uint32_t i, nr = atomic_load_explicit(&providers.nr, memory_order_acquire);

	for (i = 0; i < nr; i++)
		if (strcmp(providers.ops[i]->name, name) == 0)
			return (int)i;
	return -ENOENT;
}

int
memory_provider_register(const struct memory_provider_ops *ops)
{
	uint32_t nr;
	int rc = 0;

	if (ops == NULL || ops->name == NULL || ops->name[0] == '\0' || ops->init == NULL ||
			ops->destroy == NULL || ops->alloc_netmems == NULL ||
			ops->release_netmem == NULL ||
			strnlen(ops->name, MEMORY_PROVIDER_NAMESIZE) == MEMORY_PROVIDER_NAMESIZE)
		return -EINVAL;
	rte_spinlock_lock(&providers.lock);
	nr = atomic_load_explicit(&providers.nr, memory_order_relaxed);
	if (provider_find(ops->name) >= 0) {
		rc = -EEXIST;
	} else if (nr == MEMORY_PROVIDERS_MAX) {
		rc = -ENOSPC;
	} else {
		providers.ops[nr] = ops;
		/* MP.R */
		atomic_store_explicit(&providers.nr, nr + 1, memory_order_release);
	}
	rte_spinlock_unlock(&providers.lock);
	return rc;
}

const struct memory_provider_ops *
memory_provider_get(const char *name)
{
	int i = name == NULL ? -ENOENT : provider_find(name);

	return i < 0 ? NULL : providers.ops[i];
}

const struct memory_provider_ops *
page_pool_mp_ops(const struct page_pool *pool)
{
	return providers.ops[pool->provider];
}

void *
page_pool_mp_priv(const struct page_pool *pool)
{
	return pool->mp_priv;
}

void
page_pool_set_mp_priv(struct page_pool *pool, void *priv)
{
	pool->mp_priv = priv;
}

/* ---- making one */

/* R: 64 pages of 4 KB, fewer of larger ones. */
static uint32_t
refill_max(size_t page_size)
{
	return page_size >= 65536 ? 4 : page_size >= 16384 ? 16 : PAGE_POOL_CACHE_MAX / 2;
}

static int
params_check(const struct page_pool_params *p, int *provider)
{
	int rc = p == NULL ? EINVAL : page_pool_dma_check(p);

	if (rc != 0)
		return rc;
	if (p->owner >= PAGE_POOL_OWNER_LCORE(RTE_MAX_LCORE))
		return EINVAL;
	if (p->name != NULL && strnlen(p->name, PAGE_POOL_NAMESIZE) == PAGE_POOL_NAMESIZE)
		return EINVAL;
	*provider = provider_find(p->provider == NULL ? memory_provider_heap.name : p->provider);
	if (*provider < 0)
		return -*provider;
	if (p->order > PAGE_POOL_ORDER_MAX)
		return EINVAL;
	return (p->flags & PP_FLAG_DMA_MAP) != 0 && providers.ops[*provider]->walk == NULL ?
			ENOTSUP :
			0;
}

static int
owner_set(struct page_pool *pool, uint32_t owner)
{
	struct pp_registry *reg;

	atomic_store_explicit(&pool->owner_lcore, LCORE_NONE, memory_order_relaxed);
	atomic_store_explicit(&pool->owner_ident, PP_IDENT_NOBODY, memory_order_relaxed);
	if (owner >= PAGE_POOL_OWNER_LCORE(0)) {
		atomic_store_explicit(&pool->owner_lcore, owner - PAGE_POOL_OWNER_LCORE(0),
				memory_order_relaxed);
	} else if (owner == PAGE_POOL_OWNER_THREAD) {
		reg = pp_registry_get();
		if (reg == NULL)
			return rte_errno;
		pp_thread_register(reg);
		atomic_store_explicit(&pool->owner_ident, pp_self.ident, memory_order_relaxed);
	}
	return 0;
}

struct page_pool *
page_pool_create(const struct page_pool_params *params)
{
	struct page_pool *pool;
	int rc, provider = 0;

	rc = params_check(params, &provider);
	if (rc != 0) {
		rte_errno = rc;
		return NULL;
	}
	pool = pool_zmalloc("page_pool", sizeof(*pool), alignof(struct page_pool), params->nid);
	if (pool == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	rc = owner_set(pool, params->owner);
	if (rc != 0) {
		rte_free(pool);
		rte_errno = rc;
		return NULL;
	}
	snprintf(pool->name, sizeof(pool->name), "%s", params->name == NULL ? "" : params->name);
	pool->order = params->order;
	pool->nid = params->nid;
	pool->provider = (uint32_t)provider;
	pool->mp_priv = params->mp_priv;
	pool->ring_size = params->pool_size == 0 ? PAGE_POOL_SIZE_DEFAULT : params->pool_size;
	if (pool->ring_size > PAGE_POOL_SIZE_MAX) {
		PP_LOG(NOTICE, "page pool %s: a ring of %u pages instead of %u", pool->name,
				PAGE_POOL_SIZE_MAX, pool->ring_size);
		pool->ring_size = PAGE_POOL_SIZE_MAX;
	}
	pool->refill_max = refill_max(page_pool_page_size(pool));
	pool->direct.size = 2 * pool->refill_max;
	page_pool_dma_init(pool, params);
	pool->strict = (params->flags & PP_FLAG_STRICT) != 0;
	rc = page_pool_mp_ops(pool)->init(pool);
	if (rc != 0) {
		PP_LOG(ERR, "page pool %s: provider %s: %s", pool->name,
				page_pool_mp_ops(pool)->name, rte_strerror(-rc));
		rte_free(pool);
		rte_errno = -rc;
		return NULL;
	}
	page_pool_list_add(pool);
	return pool;
}

/* ---- its consumer */

int
page_pool_enable_direct_recycling(struct page_pool *pool, uint32_t owner)
{
	if (pool == NULL || owner == PAGE_POOL_OWNER_NONE ||
			owner >= PAGE_POOL_OWNER_LCORE(RTE_MAX_LCORE))
		return -EINVAL;
	return -owner_set(pool, owner);
}

void
page_pool_disable_direct_recycling(struct page_pool *pool)
{
	owner_set(pool, PAGE_POOL_OWNER_NONE);
}

void
page_pool_cache_drain(struct page_pool *pool)
{
	struct page_pool_direct *d = &pool->direct;

	while (d->len > 0) {
		__atomic_store_n(&d->len, d->len - 1, __ATOMIC_RELAXED);
		page_pool_return_netmem(pool, netmem_to_nmdesc(d->netmem[d->len]));
	}
}

void
page_pool_ring_drain(struct page_pool *pool)
{
	uint32_t left = atomic_load_explicit(&pool->taken_len, memory_order_relaxed);
	struct netmem_desc *desc;

	for (;;) {
		while (left > 0) {
			desc = pool->taken;
			pool->taken = --left > 0 ? desc->next : NULL;
			page_pool_return_netmem(pool, desc);
		}
		atomic_store_explicit(&pool->taken_len, 0, memory_order_relaxed);
		/* relaxed: RING.A is in the exchange */
		if (atomic_load_explicit(&pool->ring, memory_order_relaxed) == 0)
			return;
		page_pool_ring_take(pool);
		left = atomic_load_explicit(&pool->taken_len, memory_order_relaxed);
	}
}

void
page_pool_update_nid(struct page_pool *pool, int nid)
{
	__atomic_store_n(&pool->nid, nid, __ATOMIC_RELAXED);
	page_pool_cache_drain(pool);
}

/* ---- its end */

static bool
pool_ended(struct page_pool *pool)
{
	page_pool_ring_drain(pool);
	if (page_pool_inflight(pool) != 0)
		return false;
	page_pool_list_remove(pool);
	page_pool_mp_ops(pool)->destroy(pool);
	rte_free(pool);
	return true;
}

static void
pool_end_alarm(void *arg)
{
	struct page_pool *pool = arg;

	if (pool_ended(pool))
		return;
	page_pool_log_stall(pool);
	if (rte_eal_alarm_set(page_pool_pace.look_us, pool_end_alarm, pool) != 0)
		PP_LOG(ERR, "page pool %s: no alarm: %u pages are never released", pool->name,
				page_pool_inflight(pool));
}

uint32_t
page_pool_destroy(struct page_pool *pool)
{
	uint32_t inflight;

	if (pool == NULL)
		return 0;
	page_pool_disable_direct_recycling(pool);
	page_pool_frag_drain(pool);
	page_pool_cache_drain(pool);
	/* what is still said to be direct goes through the ring */
	pool->direct.size = 0;
	page_pool_ring_drain(pool);
	page_pool_dma_end(pool);
	/* whoever returns a page from here on may make the last access to the pool at any time;
	 * only one thread ends it
	 */
	page_pool_list_detach(pool);
	inflight = page_pool_inflight(pool);
	if (pool_ended(pool))
		return 0;
	if (rte_eal_alarm_set(page_pool_pace.look_us, pool_end_alarm, pool) != 0)
		PP_LOG(ERR, "page pool %s: no alarm: %u pages are never released", pool->name,
				inflight);
	return inflight;
}

/* ---- looking at it */

size_t
page_pool_page_size(const struct page_pool *pool)
{
	return pool_page_size(pool);
}

int
page_pool_nid(const struct page_pool *pool)
{
	return pool->nid;
}

uint32_t
page_pool_inflight(const struct page_pool *pool)
{
	/* END.A: pairs with END.R; released ones first: none is counted that was never held */
	uint32_t released = atomic_load_explicit(&pool->release_cnt, memory_order_acquire);

	return atomic_load_explicit(&pool->hold_cnt, memory_order_relaxed) - released;
}

int
page_pool_get_provider_info(const struct page_pool *pool, struct memory_provider_info *info)
{
	if (page_pool_mp_ops(pool)->info == NULL)
		return -ENOTSUP;
	page_pool_mp_ops(pool)->info(pool, info);
	return 0;
}

void
page_pool_get_stats(const struct page_pool *pool, struct page_pool_stats *st)
{
	const struct page_pool_direct *d = &pool->direct;

	st->fast = __atomic_load_n(&d->fast, __ATOMIC_RELAXED);
	st->cached = __atomic_load_n(&d->cached, __ATOMIC_RELAXED);
	st->slow = atomic_load_explicit(&pool->slow, memory_order_relaxed);
	st->slow_high_order = atomic_load_explicit(&pool->slow_high_order, memory_order_relaxed);
	st->empty = atomic_load_explicit(&pool->empty, memory_order_relaxed);
	st->refill = atomic_load_explicit(&pool->refill, memory_order_relaxed);
	st->waive = atomic_load_explicit(&pool->waive, memory_order_relaxed);
	st->cache_full = atomic_load_explicit(&pool->cache_full, memory_order_relaxed);
	st->ring = atomic_load_explicit(&pool->ring_taken, memory_order_relaxed) +
			RING_LEN(atomic_load_explicit(&pool->ring, memory_order_relaxed));
	st->ring_full = atomic_load_explicit(&pool->ring_full, memory_order_relaxed);
	st->released_refcnt = atomic_load_explicit(&pool->released_refcnt, memory_order_relaxed) +
			atomic_load_explicit(&pool->released_direct, memory_order_relaxed);
	st->refused = atomic_load_explicit(&pool->refused, memory_order_relaxed);
}

struct check {
	const struct page_pool *pool;
	FILE *f;
	struct netmem_desc **seen;
	uint32_t n;
	uint32_t room;
	int bad;
};

static void __rte_format_printf(2, 3) check_bad(struct check *c, const char *format, ...)
{
	va_list ap;

	c->bad++;
	if (c->f == NULL)
		return;
	fprintf(c->f, "page pool %s: ", c->pool->name);
	va_start(ap, format);
	vfprintf(c->f, format, ap);
	va_end(ap);
	fputc('\n', c->f);
}

static bool
check_page(struct check *c, struct netmem_desc *desc, const char *where)
{
	if (c->n == c->room) {
		check_bad(c, "more than %u pages", c->room);
		return false;
	}
	if (desc->pp != c->pool)
		check_bad(c, "page %p in the %s is not the pool's", (void *)desc, where);
	if (__atomic_load_n(&desc->pp_ref_count, __ATOMIC_RELAXED) != 0)
		check_bad(c, "page %p in the %s has references", (void *)desc, where);
	c->seen[c->n++] = desc;
	return true;
}

static int
compare(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

int
page_pool_check(struct page_pool *pool, FILE *f)
{
	struct check c = { .pool = pool, .f = f };
	struct netmem_desc *desc;
	uint32_t i, taken = 0;

	/* RING.A */
	uint64_t head = atomic_load_explicit(&pool->ring, memory_order_acquire);

	c.room = PAGE_POOL_CACHE_MAX + 2 * PAGE_POOL_SIZE_MAX;
	c.seen = calloc(c.room, sizeof(c.seen[0]));
	if (c.seen == NULL)
		return -ENOMEM;
	if (pool->direct.len > pool->direct.size)
		check_bad(&c, "%u pages in the direct cache, of %u", pool->direct.len,
				pool->direct.size);
	for (i = 0; i < RTE_MIN(pool->direct.len, (uint32_t)PAGE_POOL_CACHE_MAX); i++)
		check_page(&c, netmem_to_nmdesc(pool->direct.netmem[i]), "direct cache");
	for (desc = RING_FIRST(head), i = 0; desc != NULL; desc = desc->next, i++)
		if (!check_page(&c, desc, "ring"))
			break;
	if (i != RING_LEN(head))
		check_bad(&c, "%u pages in the ring, which says %u", i, RING_LEN(head));
	for (desc = pool->taken; desc != NULL; desc = desc->next, taken++)
		if (!check_page(&c, desc, "list of those taken"))
			break;
	if (taken != atomic_load_explicit(&pool->taken_len, memory_order_relaxed))
		check_bad(&c, "%u pages taken from the ring, not %u", taken, pool->taken_len);
	qsort(c.seen, c.n, sizeof(c.seen[0]), compare);
	for (i = 1; i < c.n; i++)
		if (c.seen[i] == c.seen[i - 1])
			check_bad(&c, "page %p is there twice", (void *)c.seen[i]);
	if (c.n + (pool->frag_page != 0) > page_pool_inflight(pool))
		check_bad(&c, "%u pages, %u in flight", c.n, page_pool_inflight(pool));
	free(c.seen);
	return c.bad;
}
