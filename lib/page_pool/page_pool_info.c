/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * page_pool: looking at pools from outside of their consumers. The list of all pools of the
 * process, what each is, and who holds its pages.
 *
 * The list's lock is taken by who makes or ends a pool and by who looks at all of them, so that
 * none ends meanwhile; a provider's lock may be taken below it. No page's way leads here.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "page_pool_private.h"
#include "pp_log.h"
#include "pp_thread.h"

/* labels that the report of a pool that waits names */
#define STALL_LABELS 4

struct page_pool_pace page_pool_pace = { .look_us = 1000000, .report_us = 60000000 };

/* ---- the list */

/* A mutex: who writes a report to a slow file holds it for long. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
TAILQ_HEAD(page_pools, page_pool);
static struct page_pools list = TAILQ_HEAD_INITIALIZER(list);
uint32_t page_pool_next_id = 1;

/* pre: holds the lock */
static bool
id_used(uint32_t id)
{
	const struct page_pool *pool;

	TAILQ_FOREACH(pool, &list, next)
		if (pool->id == id)
			return true;
	return false;
}

void
page_pool_list_add(struct page_pool *pool)
{
	pthread_mutex_lock(&list_lock);
	while (page_pool_next_id == 0 || id_used(page_pool_next_id))
		page_pool_next_id++;
	pool->id = page_pool_next_id++;
	TAILQ_INSERT_TAIL(&list, pool, next);
	pthread_mutex_unlock(&list_lock);
}

void
page_pool_list_remove(struct page_pool *pool)
{
	pthread_mutex_lock(&list_lock);
	TAILQ_REMOVE(&list, pool, next);
	pthread_mutex_unlock(&list_lock);
}

void
page_pool_list_detach(struct page_pool *pool)
{
	pthread_mutex_lock(&list_lock);
	pool->detached_at = rte_get_timer_cycles();
	pthread_mutex_unlock(&list_lock);
}

uint32_t
page_pool_id(const struct page_pool *pool)
{
	return pool->id;
}

unsigned int
page_pool_walk(page_pool_walk_t fn, void *arg)
{
	struct page_pool *pool;
	unsigned int n = 0;

	pthread_mutex_lock(&list_lock);
	TAILQ_FOREACH(pool, &list, next) {
		fn(pool, arg);
		n++;
	}
	pthread_mutex_unlock(&list_lock);
	return n;
}

/* ---- one pool */

static uint64_t
detached_us(const struct page_pool *pool)
{
	return (uint64_t)((double)(rte_get_timer_cycles() - pool->detached_at) * 1e6 /
			(double)rte_get_timer_hz());
}

void
page_pool_get_info(const struct page_pool *pool, struct page_pool_info *info)
{
	/* relaxed, here and below: others' numbers, as they are */
	uint32_t lcore = atomic_load_explicit(&pool->owner_lcore, memory_order_relaxed);
	uint64_t ident = atomic_load_explicit(&pool->owner_ident, memory_order_relaxed);

	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", pool->name);
	snprintf(info->provider, sizeof(info->provider), "%s", page_pool_mp_ops(pool)->name);
	page_pool_get_provider_info(pool, &info->provider_info);
	info->id = pool->id;
	info->order = pool->order;
	info->page_size = page_pool_page_size(pool);
	info->inflight = page_pool_inflight(pool);
	info->inflight_bytes = (uint64_t)info->inflight * info->page_size;
	info->cached = __atomic_load_n(&pool->direct.len, __ATOMIC_RELAXED);
	info->ring = RING_LEN(atomic_load_explicit(&pool->ring, memory_order_relaxed)) +
			atomic_load_explicit(&pool->taken_len, memory_order_relaxed);
	info->ring_size = pool->ring_size;
	info->nid = __atomic_load_n(&pool->nid, __ATOMIC_RELAXED);
	if (lcore != LCORE_NONE) {
		info->owner = PAGE_POOL_OWNER_LCORE(lcore);
	} else if (ident != PP_IDENT_NOBODY) {
		info->owner = PAGE_POOL_OWNER_THREAD;
		info->owner_tid = PP_IDENT_TID(ident);
	}
	info->ended = pool->detached_at != 0;
	if (info->ended)
		info->ended_seconds = detached_us(pool) / 1000000;
}

void
page_pool_dump(const struct page_pool *pool, FILE *f)
{
	struct page_pool_info i;
	struct page_pool_stats st;

	page_pool_get_info(pool, &i);
	page_pool_get_stats(pool, &st);
	fprintf(f, "page pool %u, \"%s\": pages of %zu bytes (order %u), node %d\n", i.id, i.name,
			i.page_size, i.order, i.nid);
	if (i.ended)
		fprintf(f, "  ended %" PRIu64 " s ago, waits for its pages\n", i.ended_seconds);
	if (i.owner >= PAGE_POOL_OWNER_LCORE(0))
		fprintf(f, "  owner: lcore %u\n", i.owner - PAGE_POOL_OWNER_LCORE(0));
	else if (i.owner == PAGE_POOL_OWNER_THREAD)
		fprintf(f, "  owner: thread %u\n", i.owner_tid);
	else
		fprintf(f, "  owner: none\n");
	fprintf(f, "  in flight: %u pages, %" PRIu64 " bytes\n", i.inflight, i.inflight_bytes);
	fprintf(f, "    in the direct cache %u, in the ring %u of %u\n", i.cached, i.ring,
			i.ring_size);
	fprintf(f, "  provider %s: %" PRIu64 " pages, %" PRIu64 " free, %" PRIu64 " bytes\n",
			i.provider, i.provider_info.pages, i.provider_info.free_pages,
			i.provider_info.bytes);
	fprintf(f,
			"  alloc: fast %" PRIu64 " slow %" PRIu64 " slow_high_order %" PRIu64
			" empty %" PRIu64 " refill %" PRIu64 " waive %" PRIu64 "\n",
			st.fast, st.slow, st.slow_high_order, st.empty, st.refill, st.waive);
	fprintf(f,
			"  recycle: cached %" PRIu64 " cache_full %" PRIu64 " ring %" PRIu64
			" ring_full %" PRIu64 " released_refcnt %" PRIu64 "\n",
			st.cached, st.cache_full, st.ring, st.ring_full, st.released_refcnt);
	fprintf(f, "  refused: %" PRIu64 "\n", st.refused);
}

/* ---- who holds what */

int
page_pool_set_holder_netmem(netmem_ref netmem, const char *label)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	uintptr_t holder = (uintptr_t)label << 1 | 1;

	/* what lies in the ring is linked by the same word */
	if (netmem == 0 || __atomic_load_n(&desc->pp, __ATOMIC_RELAXED) == NULL ||
			__atomic_load_n(&desc->pp_ref_count, __ATOMIC_RELAXED) == 0)
		return -EINVAL;
	/* relaxed, both: who gives up the last reference sees it through REF.A and clears it */
	__atomic_fetch_or(&desc->flags, NETMEM_F_LABEL, __ATOMIC_RELAXED);
	__atomic_store_n(&desc->holder, label == NULL ? 0 : holder, __ATOMIC_RELAXED);
	return 0;
}

const char *
page_pool_get_holder_netmem(netmem_ref netmem)
{
	/* relaxed: the text is older than all threads that can be asked */
	uintptr_t holder = __atomic_load_n(&netmem_to_nmdesc(netmem)->holder, __ATOMIC_RELAXED);

	return (holder & 1) != 0 ? (const char *)(holder >> 1) : NULL;
}

struct holders {
	const struct page_pool *pool;
	page_pool_holder_t fn;
	void *arg;
	uint64_t pages;
};

static void
holders_page(netmem_ref netmem, void *arg)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	struct page_pool_held held = { .netmem = netmem };
	struct holders *h = arg;
	uint32_t given, freed, owner;
	uint64_t kept;
	int64_t refs;

	/* relaxed, all: holders and consumer go on, it is a snapshot */
	if (__atomic_load_n(&desc->pp, __ATOMIC_RELAXED) != h->pool)
		return;
	held.refs = __atomic_load_n(&desc->pp_ref_count, __ATOMIC_RELAXED);
	if (held.refs == REF_IN_HAND) {
		held.refs = 1;
	} else if (__atomic_load_n(&h->pool->frag_page, __ATOMIC_RELAXED) == netmem) {
		kept = PAGE_POOL_BIAS_MAX - __atomic_load_n(&h->pool->frag_users, __ATOMIC_RELAXED);
		held.refs = held.refs > kept ? held.refs - kept : 0;
	} else if (held.refs > PAGE_POOL_BIAS_MAX / 2) {
		given = __atomic_load_n(&desc->frag_given, __ATOMIC_RELAXED);
		freed = __atomic_load_n(&desc->frag_freed, __ATOMIC_RELAXED);
		/* a page_frag_cache's: it counts what it gave away, and itself while it cuts */
		held.cut = given > 0;
		owner = __atomic_load_n(&desc->frag_owner, __ATOMIC_RELAXED);
		held.cutter_tid = page_frag_owner_tid(owner);
		held.cutter_ended = owner >= FRAG_OWNER_FIRST && held.cutter_tid == 0;
		/* what others have taken more than they have freed, or less; of the owner's two
		 * counts one may be newer
		 */
		refs = (int32_t)(given - freed) + (int64_t)(held.refs - PAGE_POOL_BIAS_MAX);
		if (held.cut)
			held.refs = refs > 0 ? (uint64_t)refs : 0;
	}
	if (held.refs == 0 && !held.cut)
		return;
	held.label = page_pool_get_holder_netmem(netmem);
	h->pages++;
	h->fn(&held, h->arg);
}

int
page_pool_walk_holders(struct page_pool *pool, page_pool_holder_t fn, void *arg)
{
	struct holders h = { .pool = pool, .fn = fn, .arg = arg };

	if (page_pool_mp_ops(pool)->walk == NULL)
		return -ENOTSUP;
	page_pool_mp_ops(pool)->walk(pool, holders_page, &h);
	return (int)RTE_MIN(h.pages, (uint64_t)INT_MAX);
}

/* Without a label it is who cuts the page that is told apart. */
static bool
held_same(const struct held_by *by, const struct page_pool_held *held)
{
	if (by->label == NULL || held->label == NULL)
		return by->label == held->label && by->cut == held->cut &&
				by->cutter_tid == held->cutter_tid &&
				by->cutter_ended == held->cutter_ended;
	return strcmp(by->label, held->label) == 0;
}

static void
sum_page(const struct page_pool_held *held, void *arg)
{
	struct held_sum *sum = arg;
	struct held_by *by = &sum->others;
	uint32_t i;

	for (i = 0; i < sum->nr && !held_same(&sum->by[i], held); i++)
		;
	if (i < HELD_LABELS) {
		by = &sum->by[i];
		sum->nr = RTE_MAX(sum->nr, i + 1);
		by->label = held->label;
		by->cut = held->cut;
		by->cutter_tid = held->cutter_tid;
		by->cutter_ended = held->cutter_ended;
	}
	by->pages++;
	by->refs += held->refs;
	if (by->nr < HELD_FIRST)
		by->first[by->nr++] = netmem_to_nmdesc(held->netmem)->addr;
}

static int
compare_pages(const void *a, const void *b)
{
	const struct held_by *x = a, *y = b;

	return x->pages > y->pages ? -1 : x->pages < y->pages;
}

int
page_pool_sum_holders(struct page_pool *pool, struct held_sum *sum)
{
	int n;

	memset(sum, 0, sizeof(*sum));
	n = page_pool_walk_holders(pool, sum_page, sum);
	qsort(sum->by, sum->nr, sizeof(sum->by[0]), compare_pages);
	return n;
}

const char *
page_pool_held_name(const struct held_by *by, char name[HELD_NAMESIZE])
{
	if (by->label != NULL)
		return by->label;
	if (!by->cut)
		return "(no label)";
	if (by->cutter_tid == 0)
		return by->cutter_ended ? "(cut by an ended thread)" : "(cut by any thread)";
	snprintf(name, HELD_NAMESIZE, "(cut by thread %u)", by->cutter_tid);
	return name;
}

static void
report_by(FILE *f, const char *label, const struct held_by *by)
{
	uint32_t i;

	fprintf(f, "  %s: %" PRIu64 " pages, %" PRIu64 " references:", label, by->pages, by->refs);
	for (i = 0; i < by->nr; i++)
		fprintf(f, " %p", by->first[i]);
	fprintf(f, "%s\n", by->pages > by->nr ? " ..." : "");
}

int
page_pool_report_holders(struct page_pool *pool, FILE *f)
{
	struct held_sum sum;
	int n = page_pool_sum_holders(pool, &sum);
	char name[HELD_NAMESIZE];
	uint32_t i;

	if (n < 0)
		return n;
	fprintf(f, "page pool %u, \"%s\": %d pages are out\n", pool->id, pool->name, n);
	for (i = 0; i < sum.nr; i++)
		report_by(f, page_pool_held_name(&sum.by[i], name), &sum.by[i]);
	if (sum.others.pages > 0)
		report_by(f, "(other labels)", &sum.others);
	return n;
}

/* ---- pools that wait */

/* Text to the end of what there is, cut where there is no more room. */
static void __rte_format_printf(3, 4) text_add(char *text, size_t size, const char *format, ...)
{
	size_t at = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + at, size - at, format, ap);
	va_end(ap);
}

void
page_pool_log_stall(struct page_pool *pool)
{
	uint64_t us = detached_us(pool), more;
	char who[320] = "", name[HELD_NAMESIZE];
	struct held_sum sum;
	uint32_t i;

	if (us < (pool->stalls + UINT64_C(1)) * page_pool_pace.report_us)
		return;
	pool->stalls++;
	if (page_pool_sum_holders(pool, &sum) > 0) {
		more = sum.others.pages;
		for (i = 0; i < sum.nr; i++) {
			if (i >= STALL_LABELS) {
				more += sum.by[i].pages;
				continue;
			}
			text_add(who, sizeof(who), "%s %" PRIu64 "%s %.40s", i == 0 ? ":" : ",",
					sum.by[i].pages, sum.by[i].label == NULL ? "" : " held by",
					page_pool_held_name(&sum.by[i], name));
		}
		if (more > 0)
			text_add(who, sizeof(who), ", %" PRIu64 " by others", more);
		text_add(who, sizeof(who), ", first at %p", sum.by[0].first[0]);
	}
	PP_LOG(WARNING,
			"page pool %s (id %u): ended %" PRIu64
			" s ago, waits for %u pages of %zu bytes%s",
			pool->name, pool->id, us / 1000000, page_pool_inflight(pool),
			page_pool_page_size(pool), who);
}
