/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Looking at page_pools from outside: the list of all of them, telemetry, who holds what, the
 * report of a pool that waits; and tokens, for consumers outside. With the library's inside: it
 * sets the pace of the report and the numbers of pools and tokens.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <page_frag_cache.h>
#include <page_pool.h>
#include <page_pool_token.h>

#include "page_pool_private.h"
#include "test_common.h"
#include "test_inject.h"

static struct page_pool *
pool_make(const char *name, uint32_t order, uint32_t owner)
{
	struct page_pool_params params = {
		.name = name,
		.order = order,
		.nid = -1,
		.owner = owner,
	};

	return page_pool_create(&params);
}

static int
pool_end(struct page_pool *pool)
{
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

static uint64_t
stats_refused(const struct page_pool *pool)
{
	struct page_pool_stats st;

	page_pool_get_stats(pool, &st);
	return st.refused;
}

static int
inside(void)
{
	struct page_pool *pool = pool_make("first", 0, PAGE_POOL_OWNER_THREAD);

	return pool == NULL ? -1 : pool_end(pool);
}

/* ---- the list */

struct ids {
	uint32_t id[8];
	unsigned int n;
	unsigned int ended;
};

static void
ids_add(struct page_pool *pool, void *arg)
{
	struct page_pool_info info;
	struct ids *ids = arg;

	page_pool_get_info(pool, &info);
	ids->ended += info.ended;
	if (ids->n < RTE_DIM(ids->id))
		ids->id[ids->n++] = page_pool_id(pool);
}

static struct ids
ids_now(void)
{
	struct ids ids = { .n = 0 };

	if (page_pool_walk(ids_add, &ids) != ids.n)
		ids.n = UINT32_MAX;
	return ids;
}

/* Until EAL's alarm thread has ended all pools but so many. */
static int
wait_pools(unsigned int n)
{
	double end = test_seconds() + 5;

	while (ids_now().n != n) {
		CHECK(test_seconds() < end, "%u pools are there", ids_now().n);
		usleep(10000);
	}
	return 0;
}

static int
test_list(void)
{
	struct page_pool *pool[3];
	struct ids ids;
	uint32_t offset;
	unsigned int i;
	netmem_ref n;

	CHECK(ids_now().n == 0, "pools");
	for (i = 0; i < 3; i++)
		CHECK((pool[i] = pool_make("same", 0, PAGE_POOL_OWNER_THREAD)) != NULL, "%u", i);
	ids = ids_now();
	CHECK(ids.n == 3 && ids.ended == 0, "%u", ids.n);
	for (i = 0; i < 3; i++)
		CHECK(ids.id[i] == page_pool_id(pool[i]) && ids.id[i] == ids.id[0] + i, "%u: %u", i,
				ids.id[i]);
	/* stays in the list until the last page is back, with all that can be asked */
	n = page_pool_alloc_frag_netmem(pool[1], &offset, 64);
	CHECK(n != 0 && page_pool_destroy(pool[1]) == 1, "one is out");
	ids = ids_now();
	CHECK(ids.n == 3 && ids.ended == 1 && ids.id[1] == ids.id[0] + 1, "%u", ids.n);
	CHECK(page_pool_put_full_netmem(pool[1], n, false) == 0, "put");
	CHECK_OK(wait_pools(2));
	ids = ids_now();
	CHECK(ids.id[0] == page_pool_id(pool[0]) && ids.id[1] == page_pool_id(pool[2]), "others");
	/* not the number of the one that is gone */
	CHECK((pool[1] = pool_make(NULL, 0, 0)) != NULL, "pool");
	CHECK(page_pool_id(pool[1]) == ids.id[1] + 1, "%u", page_pool_id(pool[1]));
	CHECK_OK(pool_end(pool[1]));
	/* around: not 0, not one that is used */
	CHECK_OK(pool_end(pool[0]));
	page_pool_next_id = 1;
	CHECK((pool[0] = pool_make(NULL, 0, 0)) != NULL && page_pool_id(pool[0]) == 1, "1");
	page_pool_next_id = UINT32_MAX;
	CHECK((pool[1] = pool_make(NULL, 0, 0)) != NULL && page_pool_id(pool[1]) == UINT32_MAX,
			"the last number");
	CHECK_OK(pool_end(pool[2]));
	CHECK((pool[2] = pool_make(NULL, 0, 0)) != NULL && page_pool_id(pool[2]) == 2, "%u",
			page_pool_id(pool[2]));
	for (i = 0; i < 3; i++)
		CHECK_OK(pool_end(pool[i]));
	CHECK(ids_now().n == 0, "pools");
	return 0;
}

static char *text;
static size_t text_len;

static FILE *
text_open(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &text_len);
}

static int
test_info(void)
{
	struct page_pool *pool = pool_make("rx", 1, PAGE_POOL_OWNER_THREAD);
	struct page_pool_info i;
	netmem_ref n[3], many[70];
	FILE *f;

	CHECK(pool != NULL, "pool");
	for (unsigned int k = 0; k < 3; k++)
		n[k] = page_pool_alloc_netmems(pool);
	page_pool_recycle_direct_netmem(pool, n[0]);
	page_pool_disable_direct_recycling(pool);
	page_pool_put_full_netmem(pool, n[1], false);
	page_pool_get_info(pool, &i);
	CHECK(strcmp(i.name, "rx") == 0 && strcmp(i.provider, "heap") == 0, "%s", i.name);
	CHECK(i.id == page_pool_id(pool) && i.order == 1 && i.page_size == 8192 && i.nid == -1,
			"id %u", i.id);
	CHECK(i.inflight == 3 && i.inflight_bytes == 3 * 8192 && i.cached == 1 && i.ring == 1 &&
					i.ring_size == PAGE_POOL_SIZE_DEFAULT,
			"%u in flight, %u cached, %u in the ring", i.inflight, i.cached, i.ring);
	CHECK(i.provider_info.pages > 3 && i.provider_info.free_pages == i.provider_info.pages - 3,
			"%" PRIu64 " pages", i.provider_info.pages);
	CHECK(!i.ended && i.owner == PAGE_POOL_OWNER_NONE && i.owner_tid == 0, "owner");
	page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_THREAD);
	page_pool_get_info(pool, &i);
	CHECK(i.owner == PAGE_POOL_OWNER_THREAD && i.owner_tid == (uint32_t)rte_gettid(),
			"thread %u", i.owner_tid);
	page_pool_enable_direct_recycling(pool, PAGE_POOL_OWNER_LCORE(5));
	page_pool_get_info(pool, &i);
	CHECK(i.owner == PAGE_POOL_OWNER_LCORE(5) && i.owner_tid == 0, "lcore");
	/* taken out of the ring counts as being there */
	n[1] = page_pool_alloc_netmems(pool);
	n[0] = page_pool_alloc_netmems(pool);
	page_pool_get_info(pool, &i);
	CHECK(i.cached == 0 && i.ring == 0 && i.inflight == 3, "%u %u", i.cached, i.ring);
	f = text_open();
	page_pool_dump(pool, f);
	fclose(f);
	printf("%s", text);
	CHECK(strstr(text, "\"rx\": pages of 8192 bytes (order 1), node -1\n") != NULL &&
					strstr(text, "owner: lcore 5\n") != NULL &&
					strstr(text, "in flight: 3 pages, 24576 bytes\n") != NULL &&
					strstr(text, "cached 1 cache_full 0 ring 1") != NULL,
			"dump");
	CHECK(page_pool_put_netmem_bulk(n, 3) == 3, "back");
	/* of 70 in the ring 64 go to the cache, one of them out; the others are taken from it */
	for (unsigned int k = 0; k < RTE_DIM(many); k++)
		many[k] = page_pool_alloc_netmems(pool);
	page_pool_disable_direct_recycling(pool);
	CHECK(page_pool_put_netmem_bulk(many, RTE_DIM(many)) == RTE_DIM(many), "back");
	n[0] = page_pool_alloc_netmems(pool);
	page_pool_get_info(pool, &i);
	CHECK(i.cached == 63 && i.ring == 6 && i.inflight == 70, "%u %u", i.cached, i.ring);
	page_pool_put_full_netmem(pool, n[0], false);
	return pool_end(pool);
}

/* ---- pools come and go while others look */

struct maker {
	pthread_t id;
	unsigned int rounds;
	unsigned int bad;
	unsigned int *stop;
};

static void *
maker_main(void *arg)
{
	struct maker *m = arg;
	struct page_pool *pool;
	unsigned int i;
	netmem_ref n;

	for (i = 0; i < m->rounds; i++) {
		pool = pool_make("thread", 0, PAGE_POOL_OWNER_NONE);
		n = pool == NULL ? 0 : page_pool_alloc_netmems(pool);
		if (n == 0) {
			m->bad++;
			break;
		}
		page_pool_set_holder_netmem(n, i % 3 == 0 ? NULL : "maker");
		/* now and then it waits for its page */
		if (i % 10 == 0) {
			m->bad += page_pool_destroy(pool) != 1;
			page_pool_put_full_netmem(pool, n, false);
		} else {
			page_pool_put_full_netmem(pool, n, false);
			m->bad += page_pool_destroy(pool) != 0;
		}
	}
	return NULL;
}

static void
look(struct page_pool *pool, void *arg)
{
	struct page_pool_info info;
	struct maker *m = arg;

	page_pool_get_info(pool, &info);
	m->bad += strcmp(info.name, "thread") != 0 || info.id == 0 || info.inflight > 64;
	m->bad += page_pool_report_holders(pool, stderr) < 0;
	page_pool_dump(pool, stderr);
	m->rounds++;
}

static void *
looker_main(void *arg)
{
	struct maker *m = arg;

	while (!__atomic_load_n(m->stop, __ATOMIC_RELAXED)) {
		page_pool_walk(look, m);
		sched_yield();
	}
	return NULL;
}

static int
test_list_threads(void)
{
	unsigned int i, stop = 0;
	struct maker m[3] = { { .stop = &stop } };
	FILE *null = fopen("/dev/null", "w"), *err = stderr;

	CHECK(null != NULL, "/dev/null");
	stderr = null;
	page_pool_pace.look_us = 20000;
	CHECK(pthread_create(&m[0].id, NULL, looker_main, &m[0]) == 0, "thread");
	for (i = 1; i < 3; i++) {
		m[i].rounds = 200 * test_scale();
		CHECK(pthread_create(&m[i].id, NULL, maker_main, &m[i]) == 0, "thread");
	}
	for (i = 1; i < 3; i++)
		pthread_join(m[i].id, NULL);
	CHECK_OK(wait_pools(0));
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(m[0].id, NULL);
	stderr = err;
	fclose(null);
	page_pool_pace.look_us = 1000000;
	printf("%u pools seen\n", m[0].rounds);
	CHECK(m[0].bad == 0 && m[1].bad == 0 && m[2].bad == 0 && m[0].rounds > 0, "%u %u %u",
			m[0].bad, m[1].bad, m[2].bad);
	/* the last to go has left the list, and its memory may be on the way */
	usleep(500000);
	return 0;
}

/* ---- labels */

#define FAKE_PAGES 4

static struct {
	struct netmem_desc desc[FAKE_PAGES];
	unsigned int used;
	uint32_t flags;
	struct netmem_desc *free;
} fake;

static int
fake_init(struct page_pool *pool)
{
	(void)pool;
	fake.used = 0;
	fake.free = NULL;
	return 0;
}

static void
fake_destroy(struct page_pool *pool)
{
	(void)pool;
}

static netmem_ref
fake_alloc(struct page_pool *pool)
{
	struct netmem_desc *desc = fake.free;

	(void)pool;
	if (desc != NULL) {
		fake.free = desc->next;
		return nmdesc_to_netmem(desc);
	}
	if (fake.used == FAKE_PAGES)
		return 0;
	desc = &fake.desc[fake.used++];
	memset(desc, 0, sizeof(*desc));
	desc->flags = fake.flags;
	return nmdesc_to_netmem(desc);
}

static void
fake_release(struct page_pool *pool, netmem_ref netmem)
{
	(void)pool;
	netmem_to_nmdesc(netmem)->next = fake.free;
	fake.free = netmem_to_nmdesc(netmem);
}

static const struct memory_provider_ops fake_ops = {
	.name = "no_walk",
	.init = fake_init,
	.destroy = fake_destroy,
	.alloc_netmems = fake_alloc,
	.release_netmem = fake_release,
};

static struct page_pool *
fake_pool(uint32_t flags)
{
	struct page_pool_params params = {
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = "no_walk",
	};

	memory_provider_register(&fake_ops);
	fake.flags = flags;
	return page_pool_create(&params);
}

enum way { WAY_INLINE, WAY_PUT, WAY_BULK, WAY_UNREFED, WAY_FRAG, WAY_LAST };

/* A page with a label goes back by a way, and is there again without it. */
static int
label_goes(struct page_pool *pool, enum way way, const char *where)
{
	netmem_ref n, again[130];
	uint32_t offset = 0;
	unsigned int i, k;

	n = way == WAY_FRAG ? page_pool_alloc_frag_netmem(pool, &offset, PAGE_POOL_PAGE_SIZE) :
			      page_pool_alloc_netmems(pool);
	CHECK(n != 0 && page_pool_get_holder_netmem(n) == NULL, "%s: a new page", where);
	CHECK(page_pool_set_holder_netmem(n, "x") == 0 &&
					page_pool_set_holder_netmem(n, where) == 0,
			"set");
	CHECK(page_pool_get_holder_netmem(n) == where, "%s: no label", where);
	if (way == WAY_INLINE) {
		CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "direct");
	} else if (way == WAY_BULK) {
		CHECK(page_pool_put_netmem_bulk(&n, 1) == 1, "bulk");
	} else if (way == WAY_UNREFED) {
		CHECK(page_pool_unref_netmem(n, 1) == 0, "unref");
		/* in hand */
		CHECK(page_pool_set_holder_netmem(n, "hand") == 0, "in hand");
		CHECK(page_pool_put_unrefed_netmem(pool, n, UINT32_MAX, false) == 0, "put");
	} else {
		CHECK(page_pool_put_full_netmem(pool, n, false) == 0, "put");
	}
	if (way != WAY_FRAG)
		CHECK(page_pool_set_holder_netmem(n, "late") == -EINVAL, "%s: not out", where);
	if (way == WAY_FRAG) {
		again[0] = page_pool_alloc_frag_netmem(pool, &offset, PAGE_POOL_PAGE_SIZE);
		k = 1;
		CHECK(again[0] == n, "used in place");
	} else {
		for (k = 0; k == 0 || (k < RTE_DIM(again) && again[k - 1] != n); k++) {
			again[k] = page_pool_alloc_netmems(pool);
			if (again[k] == 0)
				break;
		}
	}
	CHECK(again[k - 1] == n, "%s: it does not come again", where);
	for (i = 0; i < k; i++)
		CHECK(page_pool_get_holder_netmem(again[i]) == NULL, "%s, way %d: its label stays",
				where, way);
	CHECK(netmem_to_nmdesc(n)->flags == fake.flags, "flags %x", netmem_to_nmdesc(n)->flags);
	CHECK(page_pool_put_netmem_bulk(again, k) == k, "back");
	return 0;
}

static int
test_labels(void)
{
	struct page_pool *pool = pool_make("labels", 0, PAGE_POOL_OWNER_THREAD);
	netmem_ref n;
	int way;

	CHECK(pool != NULL, "pool");
	fake.flags = 0;
	CHECK(page_pool_set_holder_netmem(0, "x") == -EINVAL, "0");
	for (way = 0; way < WAY_LAST; way++)
		CHECK_OK(label_goes(pool, way, "cache"));
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_set_holder_netmem(n, "x") == 0 &&
					page_pool_set_holder_netmem(n, NULL) == 0 &&
					page_pool_get_holder_netmem(n) == NULL,
			"none again");
	/* two holders: the last one's counts, and it stays until the last one returns */
	page_pool_ref_netmem(n);
	page_pool_set_holder_netmem(n, "one");
	page_pool_set_holder_netmem(n, "two");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "one");
	CHECK(strcmp(page_pool_get_holder_netmem(n), "two") == 0, "of two");
	CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "two");
	CHECK(page_pool_alloc_netmems(pool) == n && page_pool_get_holder_netmem(n) == NULL, "gone");
	page_pool_put_full_netmem(pool, n, false);
	CHECK(page_pool_set_holder_netmem(n, "late") == -EINVAL, "not out");
	CHECK_OK(pool_end(pool));
	/* through the ring, of which the whole list is taken */
	pool = pool_make("labels", 0, PAGE_POOL_OWNER_NONE);
	CHECK(pool != NULL, "pool");
	for (way = WAY_PUT; way < WAY_LAST; way++)
		CHECK_OK(label_goes(pool, way, "ring"));
	CHECK_OK(pool_end(pool));
	/* to the provider and back, which keeps its own flags */
	pool = fake_pool(NETMEM_F_PFMEMALLOC);
	CHECK(pool != NULL, "pool");
	for (way = 0; way < WAY_FRAG; way++)
		CHECK_OK(label_goes(pool, way, "provider"));
	n = page_pool_alloc_netmems(pool);
	page_pool_put_full_netmem(pool, n, false);
	CHECK(page_pool_set_holder_netmem(n, "late") == -EINVAL, "the provider's");
	CHECK(page_pool_report_holders(pool, stdout) == -ENOTSUP, "no walk");
	return pool_end(pool);
}

static int
report(struct page_pool *pool)
{
	FILE *f = text_open();
	int n = page_pool_report_holders(pool, f);

	fclose(f);
	printf("%s", text);
	return n;
}

static int
test_holders(void)
{
	struct page_pool *pool = pool_make("holders", 0, PAGE_POOL_OWNER_THREAD);
	static const char twin[] = "rx-q3";
	static char names[HELD_LABELS + 4][8];
	netmem_ref n[200], f[3];
	uint32_t offset;
	unsigned int i;
	char line[128];

	CHECK(pool != NULL, "pool");
	CHECK(report(pool) == 0, "a new pool");
	for (i = 0; i < 200; i++)
		CHECK((n[i] = page_pool_alloc_netmems(pool)) != 0, "%u", i);
	CHECK(report(pool) == 200, "all are out");
	/* most are with the pool: in the cache, and in the ring */
	for (i = 10; i < 100; i++)
		page_pool_put_full_netmem(pool, n[i], false);
	page_pool_disable_direct_recycling(pool);
	for (; i < 200; i++)
		page_pool_put_full_netmem(pool, n[i], false);
	/* the first one that is met is not of those of which most are out */
	page_pool_set_holder_netmem(n[0], "tx");
	for (i = 1; i < 7; i++)
		page_pool_set_holder_netmem(n[i], i < 4 ? "rx-q3" : twin);
	page_pool_unref_netmem(n[1], 1);
	page_pool_fragment_netmem(n[2], 5);
	CHECK(report(pool) == 10, "ten are out");
	snprintf(line, sizeof(line), "  rx-q3: 6 pages, 10 references:");
	CHECK(strstr(text, line) != NULL &&
					strstr(text, "  tx: 1 pages, 1 references: 0x") != NULL &&
					strstr(text, "  (no label): 3 pages, 3 references: 0x"),
			"%s", line);
	snprintf(line, sizeof(line), "  tx: 1 pages, 1 references: %p\n", netmem_address(n[0]));
	CHECK(strstr(text, line) != NULL, "%s", line);
	CHECK(strstr(text, "rx-q3") < strstr(text, "(no label)") &&
					strstr(text, "(no label)") < strstr(text, "  tx"),
			"most first");
	/* a page being cut: pieces that are out */
	for (i = 0; i < 3; i++)
		f[i] = page_pool_alloc_frag_netmem(pool, &offset, 64);
	page_pool_set_holder_netmem(f[0], "pieces");
	CHECK(report(pool) == 11 && strstr(text, "  pieces: 1 pages, 3 references:") != NULL,
			"cut");
	page_pool_put_full_netmem(pool, f[0], false);
	CHECK(report(pool) == 11 && strstr(text, "  pieces: 1 pages, 2 references:") != NULL,
			"cut");
	page_pool_ref_netmem(f[1]);
	CHECK(report(pool) == 11 && strstr(text, "  pieces: 1 pages, 3 references:") != NULL,
			"cut");
	page_pool_put_full_netmem(pool, f[1], false);
	page_pool_put_netmem_bulk(&f[1], 2);
	CHECK(report(pool) == 10, "nobody has a piece");
	/* more labels than are told apart */
	page_pool_unref_netmem(n[2], 4);
	for (i = 0; i < 10; i++)
		if (i != 1)
			page_pool_put_full_netmem(pool, n[i], false);
	page_pool_put_unrefed_netmem(pool, n[1], UINT32_MAX, false);
	CHECK(report(pool) == 0, "all are back");
	for (i = 0; i < RTE_DIM(names); i++) {
		n[i] = page_pool_alloc_netmems(pool);
		snprintf(names[i], sizeof(names[i]), "l%u", i);
		page_pool_set_holder_netmem(n[i], names[i]);
	}
	CHECK(report(pool) == (int)RTE_DIM(names) &&
					strstr(text, "  (other labels): 4 pages, 4 references:"),
			"others");
	CHECK(page_pool_put_netmem_bulk(n, RTE_DIM(names)) == RTE_DIM(names), "back");
	return pool_end(pool);
}

/* Two threads label the page they share, and return it in any order, while a third one looks. */
struct labeller {
	pthread_t id;
	struct page_pool *pool;
	netmem_ref page; /* to the other thread, 0: taken */
	unsigned int stop;
	unsigned int bad;
};

static void *
labeller_main(void *arg)
{
	struct labeller *l = arg;
	netmem_ref n;

	for (;;) {
		n = __atomic_load_n(&l->page, __ATOMIC_ACQUIRE);
		if (n == 1)
			return NULL;
		if (n == 0) {
			sched_yield();
			continue;
		}
		__atomic_store_n(&l->page, 0, __ATOMIC_RELAXED);
		page_pool_set_holder_netmem(n, "other");
		l->bad += page_pool_put_full_netmem(l->pool, n, false) != 0;
	}
}

static void
known_label(const struct page_pool_held *held, void *arg)
{
	struct labeller *l = arg;

	l->bad += held->label != NULL && strcmp(held->label, "other") != 0 &&
			strcmp(held->label, "consumer") != 0;
}

static void *
watcher_main(void *arg)
{
	struct labeller *l = arg;

	while (!__atomic_load_n(&l->stop, __ATOMIC_RELAXED)) {
		page_pool_walk_holders(l->pool, known_label, l);
		sched_yield();
	}
	return NULL;
}

static int
test_label_threads(void)
{
	struct page_pool *pool = pool_make("threads", 0, PAGE_POOL_OWNER_THREAD);
	struct labeller l = { .pool = pool }, w = { .pool = pool };
	unsigned int i;
	netmem_ref n;

	CHECK(pool != NULL, "pool");
	CHECK(pthread_create(&l.id, NULL, labeller_main, &l) == 0, "thread");
	CHECK(pthread_create(&w.id, NULL, watcher_main, &w) == 0, "thread");
	for (i = 0; i < 50000 * test_scale(); i++) {
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0 && page_pool_get_holder_netmem(n) == NULL, "round %u: %s", i,
				page_pool_get_holder_netmem(n));
		page_pool_ref_netmem(n);
		if (i % 4 == 0)
			page_pool_set_holder_netmem(n, "consumer");
		while (__atomic_load_n(&l.page, __ATOMIC_RELAXED) != 0)
			sched_yield();
		__atomic_store_n(&l.page, n, __ATOMIC_RELEASE);
		CHECK(page_pool_recycle_direct_netmem(pool, n) == 0, "put");
	}
	while (__atomic_load_n(&l.page, __ATOMIC_RELAXED) != 0)
		sched_yield();
	__atomic_store_n(&l.page, 1, __ATOMIC_RELEASE);
	pthread_join(l.id, NULL);
	__atomic_store_n(&w.stop, 1, __ATOMIC_RELAXED);
	pthread_join(w.id, NULL);
	CHECK(l.bad == 0 && w.bad == 0, "%u %u", l.bad, w.bad);
	return pool_end(pool);
}

/* ---- the report of a pool that waits */

static void *
cut_one(void *arg)
{
	struct page_frag_cache *nc = arg;

	if (page_frag_cache_init(nc, nc->pool, NULL, true) == 0)
		page_frag_free(page_frag_alloc(nc, 64));
	return NULL;
}

static void *
free_frag(void *va)
{
	return (void *)(intptr_t)page_frag_free(va);
}

/* Pages that a cache cuts, and one that it cut, whose fragments are all back: the thread that has
 * to see to it is named.
 */
static int
stall_cut(void)
{
	struct page_pool *pool = pool_make("cut", 0, PAGE_POOL_OWNER_THREAD);
	struct page_frag_cache owned, any, ended = { .pool = pool };
	void *va[3], *rc = NULL;
	pthread_t thread;
	char want[128];
	const char *log;

	CHECK(pool != NULL && page_frag_cache_init(&owned, pool, NULL, true) == 0 &&
					page_frag_cache_init(&any, pool, NULL, false) == 0,
			"pool and caches");
	va[0] = page_frag_alloc(&owned, 4096);
	va[1] = page_frag_alloc(&owned, 4096);
	va[2] = page_frag_alloc(&any, 64);
	CHECK(va[0] != NULL && va[1] != NULL && va[2] != NULL, "fragments");
	CHECK(pthread_create(&thread, NULL, free_frag, va[0]) == 0 &&
					pthread_join(thread, &rc) == 0 && rc == NULL,
			"freed by another thread");
	CHECK(pthread_create(&thread, NULL, cut_one, &ended) == 0 &&
					pthread_join(thread, NULL) == 0 && ended.desc != NULL,
			"a thread that ended");
	test_log_start();
	CHECK(page_pool_destroy(pool) == 4, "out");
	usleep(390000);
	CHECK(test_log_stop(&log) >= 1, "no report");
	printf("%s", log);
	snprintf(want, sizeof(want), "waits for 4 pages of 4096 bytes: 2 (cut by thread %d), ",
			rte_sys_gettid());
	CHECK(strstr(log, want) != NULL && strstr(log, "1 (cut by any thread)") != NULL &&
					strstr(log, "1 (cut by an ended thread)") != NULL,
			"not named: %s", want);
	CHECK(page_frag_free(va[1]) == 0 && page_frag_free(va[2]) == 0, "free");
	page_frag_cache_drain(&any);
	page_frag_cache_drain(&owned);
	page_frag_cache_drain(&ended);
	return wait_pools(0);
}

static int
test_stall(void)
{
	struct page_pool *pool = pool_make("stall", 0, PAGE_POOL_OWNER_THREAD), *silent;
	static const char *const labels[] = { "rx-q3", "rx-q3", NULL, "a", "b", "c", "c", "d" };
	netmem_ref n[RTE_DIM(labels)], k;
	unsigned int i, lines;
	char want[320];
	double start;
	const char *log;
	uint32_t id;

	CHECK(pool != NULL, "pool");
	for (i = 0; i < RTE_DIM(n); i++)
		n[i] = page_pool_alloc_netmems(pool);
	for (i = 3; i < RTE_DIM(n); i++)
		page_pool_put_full_netmem(pool, n[i], false);
	page_pool_set_holder_netmem(n[0], labels[0]);
	page_pool_set_holder_netmem(n[1], labels[1]);
	id = page_pool_id(pool);
	page_pool_pace.look_us = 20000;
	page_pool_pace.report_us = 200000;
	test_log_start();
	start = test_seconds();
	CHECK(page_pool_destroy(pool) == 3, "three are out");
	usleep(100000);
	/* not yet, then at its pace; the machine may be busy */
	lines = test_log_stop(&log);
	CHECK(lines <= (test_seconds() - start) / 0.2, "too early: %s", log);
	test_log_start();
	usleep(750000);
	lines = test_log_stop(&log);
	printf("%s", log);
	CHECK(lines >= 2 && lines <= (test_seconds() - start) / 0.2, "%u lines", lines);
	snprintf(want, sizeof(want),
			"PAGE_POOL: page pool stall (id %u): ended 0 s ago, waits for 3 pages of "
			"4096 bytes: 2 held by rx-q3, 1 (no label), first at 0x",
			id);
	CHECK(strncmp(log, want, strlen(want)) == 0, "the report is another one");
	CHECK(page_pool_put_netmem_bulk(n, 3) == 3, "back");
	CHECK_OK(wait_pools(0));

	/* many labels: the first ones; a provider that cannot tell: no names */
	pool = pool_make("many", 0, PAGE_POOL_OWNER_THREAD);
	silent = fake_pool(0);
	CHECK(pool != NULL && silent != NULL, "pools");
	for (i = 0; i < RTE_DIM(n); i++) {
		n[i] = page_pool_alloc_netmems(pool);
		page_pool_set_holder_netmem(n[i], labels[i]);
	}
	k = page_pool_alloc_netmems(silent);
	test_log_start();
	CHECK(page_pool_destroy(pool) == RTE_DIM(n) && page_pool_destroy(silent) == 1, "out");
	usleep(390000);
	lines = test_log_stop(&log);
	printf("%s", log);
	CHECK(lines >= 2 && strstr(log, ": 2 held by ") != NULL && strstr(log, ", 2 held by ") &&
					strstr(log, ", 2 by others, first at 0x") != NULL &&
					strstr(log, "waits for 1 pages of 4096 bytes\n") != NULL,
			"%u lines", lines);
	page_pool_put_netmem_bulk(&k, 1);
	CHECK(page_pool_put_netmem_bulk(n, RTE_DIM(n)) == RTE_DIM(n), "back");
	CHECK_OK(wait_pools(0));
	CHECK_OK(stall_cut());
	page_pool_pace.look_us = 1000000;
	page_pool_pace.report_us = 60000000;
	return 0;
}

/* ---- telemetry, over its socket */

static char answer[16384];

static int
ask(int fd, const char *command, unsigned int id)
{
	char full[64];
	ssize_t n;

	if (id == 0)
		snprintf(full, sizeof(full), "%s", command);
	else
		snprintf(full, sizeof(full), "%s,%u", command, id);
	CHECK(send(fd, full, strlen(full), 0) == (ssize_t)strlen(full), "send");
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	CHECK(n > 0, "recv");
	answer[n] = '\0';
	printf("%s\n", answer);
	return 0;
}

#define SAYS(what) CHECK(strstr(answer, what) != NULL, "%s", what)

static int
test_telemetry(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct page_pool *pool, *another;
	struct timeval tv = { .tv_sec = 5 };
	netmem_ref n[2];
	char line[64];
	uint32_t id;
	int fd;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
			rte_eal_get_runtime_dir());
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	CHECK(fd >= 0, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		printf("%s: no telemetry\n", addr.sun_path);
		close(fd);
		return getenv("PP_TEST_EAL") == NULL ? -1 : TEST_SKIPPED;
	}
	CHECK(recv(fd, answer, sizeof(answer), 0) > 0, "hello");
	CHECK_OK(ask(fd, "/page_pool/ids", 0));
	CHECK(strcmp(answer, "{\"/page_pool/ids\":[]}") == 0, "no pools");
	page_pool_next_id = 41;
	pool = pool_make("tele", 2, PAGE_POOL_OWNER_LCORE(1));
	another = pool_make("tele", 0, PAGE_POOL_OWNER_THREAD);
	CHECK(pool != NULL && another != NULL, "pools");
	id = page_pool_id(pool);
	CHECK_OK(ask(fd, "/page_pool/ids", 0));
	SAYS("[41,42]");
	n[0] = page_pool_alloc_netmems(pool);
	n[1] = page_pool_alloc_netmems(pool);
	page_pool_set_holder_netmem(n[0], "rx");
	CHECK_OK(ask(fd, "/page_pool/get", id));
	SAYS("\"id\":41,\"name\":\"tele\",\"inflight\":2,\"inflight_mem\":32768,\"owner\":"
	     "\"lcore 1\"");
	SAYS("\"nid\":-1,\"order\":2,\"page_size\":16384");
	SAYS("\"provider\":\"heap\",\"provider_pages\":");
	CHECK(strstr(answer, "ended") == NULL, "it lives");
	CHECK_OK(ask(fd, "/page_pool/stats_get", id));
	SAYS("\"id\":41,\"alloc_fast\":0,\"alloc_slow\":0,\"alloc_slow_high_order\":2,"
	     "\"alloc_empty\":2,\"alloc_refill\":0,\"alloc_waive\":0,\"recycle_cached\":0,"
	     "\"recycle_cache_full\":0,\"recycle_ring\":0,\"recycle_ring_full\":0,"
	     "\"recycle_released_refcnt\":0,\"refused\":0");
	CHECK_OK(ask(fd, "/page_pool/holders", id));
	SAYS("\"id\":41,\"pages\":2,\"holder0\":\"1 pages, 1 references, first at 0x");
	snprintf(line, sizeof(line), "%p: rx\"", netmem_address(n[0]));
	SAYS(line);
	SAYS(": (no label)\"");
	CHECK_OK(ask(fd, "/page_pool/get", id + 1));
	snprintf(line, sizeof(line), "\"owner\":\"thread %d\"", rte_gettid());
	SAYS(line);
	/* it stays until the last page is back */
	CHECK(page_pool_destroy(pool) == 2, "out");
	CHECK_OK(ask(fd, "/page_pool/get", id));
	SAYS("\"ended_seconds\":0,\"owner\":\"none\"");
	page_pool_put_netmem_bulk(n, 2);
	CHECK_OK(wait_pools(1));
	/* no such one, or no number */
	CHECK_OK(ask(fd, "/page_pool/get", id));
	CHECK(strcmp(answer, "{\"/page_pool/get\":null}") == 0, "gone");
	CHECK_OK(ask(fd, "/page_pool/stats_get", 0));
	SAYS(":null}");
	CHECK_OK(ask(fd, "/page_pool/holders,42x", 0));
	SAYS(":null}");
	CHECK_OK(ask(fd, "/page_pool/get,4294967338", 0));
	SAYS(":null}");
	close(fd);
	return pool_end(another);
}

/* ---- tokens */

static int
give_back(struct page_pool_tokens *t, uint32_t start, uint32_t count)
{
	const struct page_pool_token_range range = { start, count };

	return page_pool_tokens_return(t, &range, 1);
}

static int
test_token_errors(void)
{
	static struct page_pool_token_range many[PAGE_POOL_TOKEN_RANGES_MAX + 1];
	struct page_pool *pool = pool_make("tokens", 0, PAGE_POOL_OWNER_THREAD);
	struct page_pool_tokens *t;
	uint32_t token = 77, first;
	unsigned int i;
	netmem_ref n;

	CHECK(pool != NULL, "pool");
	rte_errno = 0;
	CHECK(page_pool_tokens_create(0, SOCKET_ID_ANY) == NULL && rte_errno == EINVAL, "0");
	rte_errno = 0;
	CHECK(page_pool_tokens_create(PAGE_POOL_TOKENS_MAX + 1, SOCKET_ID_ANY) == NULL &&
					rte_errno == EINVAL,
			"too many");
	rte_errno = 0;
	inject_start(INJECT_OURS, 1, true);
	t = page_pool_tokens_create(10, SOCKET_ID_ANY);
	CHECK(inject_stop(NULL) == 1 && t == NULL && rte_errno == ENOMEM, "no memory");
	t = page_pool_tokens_create(2, SOCKET_ID_ANY);
	CHECK(t != NULL && page_pool_tokens_count(t) == 0, "table");
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_token_give(NULL, n, &token) == -EINVAL &&
					page_pool_token_give(t, 0, &token) == -EINVAL &&
					page_pool_token_give(t, n, NULL) == -EINVAL && token == 77,
			"NULL");
	/* a reference of its own for each */
	CHECK(page_pool_token_give(t, n, &first) == 0 && first != 0, "give");
	CHECK(page_pool_token_give(t, n, &token) == 0 && token == first + 1, "they follow");
	CHECK(page_pool_tokens_count(t) == 2 && netmem_to_nmdesc(n)->pp_ref_count == 3, "count");
	token = 77;
	CHECK(page_pool_token_give(t, n, &token) == -ENOSPC && token == 77 &&
					netmem_to_nmdesc(n)->pp_ref_count == 3,
			"full");
	CHECK(page_pool_tokens_return(NULL, many, 1) == -EINVAL &&
					page_pool_tokens_return(t, NULL, 1) == -EINVAL &&
					page_pool_tokens_return(t, NULL, 0) == 0,
			"NULL");
	many[0].start = first;
	many[0].count = 1;
	CHECK(page_pool_tokens_return(t, many, RTE_DIM(many)) == -E2BIG, "ranges");
	CHECK(page_pool_tokens_count(t) == 2, "nothing happened");
	CHECK(page_pool_tokens_return(t, many, RTE_DIM(many) - 1) == 1, "return");
	/* unknown ones: returned, not given yet, none, in its place at another time */
	CHECK(give_back(t, first, 1) == 0 && give_back(t, first + 2, 1) == 0 &&
					give_back(t, 0, 1) == 0 &&
					give_back(t, first + 1 + t->mask + 1, 1) == 0,
			"unknown");
	CHECK(netmem_to_nmdesc(n)->pp_ref_count == 2 && page_pool_tokens_count(t) == 1, "count");
	CHECK(give_back(t, first, 5) == 1 && give_back(t, first, 5) == 0, "the second one");
	/* not a number that was used, however often */
	for (i = 0; i < 1000; i++) {
		CHECK(page_pool_token_give(t, n, &token) == 0 && token == first + 2 + i, "%u: %u",
				i, token);
		CHECK(give_back(t, first, 2 + i) == 0, "stale");
		CHECK(give_back(t, token, 1) == 1, "return");
	}
	/* what is not out cannot be given */
	CHECK(page_pool_unref_netmem(n, 1) == 0 && page_pool_token_give(t, n, &token) == -EINVAL,
			"in hand");
	page_pool_put_unrefed_netmem(pool, n, UINT32_MAX, true);
	CHECK(page_pool_token_give(t, n, &token) == -EINVAL, "not out");
	CHECK(stats_refused(pool) == 0, "refused");
	CHECK(page_pool_tokens_destroy(t) == 0 && page_pool_tokens_destroy(NULL) == 0, "destroy");
	return pool_end(pool);
}

/* Past the last number; a range that goes over it; 0 is none. */
static int
test_token_wrap(void)
{
	struct page_pool *pool = pool_make("tokens", 0, PAGE_POOL_OWNER_THREAD);
	struct page_pool_tokens *t = page_pool_tokens_create(100, SOCKET_ID_ANY);
	uint32_t token[100], i;
	netmem_ref n;

	CHECK(pool != NULL && t != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	CHECK(page_pool_token_give(t, n, &token[0]) == 0 && token[0] == 1, "%u", token[0]);
	CHECK(page_pool_token_give(t, n, &token[1]) == 0, "2");
	t->next = UINT32_MAX - 2;
	for (i = 2; i < 100; i++)
		CHECK(page_pool_token_give(t, n, &token[i]) == 0, "%u", i);
	/* places of 1 and 2 are taken */
	CHECK(token[4] == UINT32_MAX && token[5] == 3, "%u %u", token[4], token[5]);
	CHECK(page_pool_token_give(t, n, &i) == -ENOSPC, "full");
	CHECK(give_back(t, UINT32_MAX - 2, 7) == 6, "a range past the last number");
	CHECK(page_pool_tokens_count(t) == 94, "%u", page_pool_tokens_count(t));
	page_pool_put_full_netmem(pool, n, false);
	CHECK(page_pool_destroy(pool) == 1, "out");
	CHECK(page_pool_tokens_destroy(t) == 94, "the consumer goes away");
	return wait_pools(0);
}

/* As many as one call looks at, those that are unknown included. */
static int
test_token_limits(void)
{
	struct page_pool *pool = pool_make("tokens", 0, PAGE_POOL_OWNER_THREAD);
	struct page_pool_tokens *t = page_pool_tokens_create(5000, SOCKET_ID_ANY);
	struct page_pool_token_range r[3];
	uint32_t i, first = 0, token;
	netmem_ref n;

	CHECK(pool != NULL && t != NULL, "pool");
	n = page_pool_alloc_netmems(pool);
	for (i = 0; i < 5000; i++) {
		CHECK(page_pool_token_give(t, n, &token) == 0, "%u", i);
		first = i == 0 ? token : first;
		CHECK(token == first + i, "they follow: %u", token);
	}
	CHECK(give_back(t, first, UINT32_MAX) == 1024, "a call");
	CHECK(give_back(t, first, UINT32_MAX) == 0, "the same ones");
	CHECK(give_back(t, first + 1024, 1025) == 1024, "those that follow");
	r[0] = (struct page_pool_token_range){ first + 1024, 1000 };
	r[1] = (struct page_pool_token_range){ 0, 0 };
	r[2] = (struct page_pool_token_range){ first + 2048, 1000 };
	CHECK(page_pool_tokens_return(t, r, 3) == 24, "unknown ones count");
	CHECK(page_pool_tokens_count(t) == 5000 - 2072, "%u", page_pool_tokens_count(t));
	CHECK(netmem_to_nmdesc(n)->pp_ref_count == 1 + 5000 - 2072, "references");
	CHECK(page_pool_tokens_destroy(t) == 5000 - 2072, "the rest");
	CHECK(netmem_to_nmdesc(n)->pp_ref_count == 1, "references");
	page_pool_put_full_netmem(pool, n, false);
	return pool_end(pool);
}

#define MODEL_MAX 300
#define MODEL_PAGES 40

/* Random gives of whole pages and pieces, and returns of random ranges, against a list. */
static int
test_token_model(void)
{
	struct page_pool *pool[2];
	struct page_pool_tokens *t = page_pool_tokens_create(MODEL_MAX, SOCKET_ID_ANY);
	struct page_pool_token_range r[8];
	static struct {
		uint32_t token;
		unsigned int page;
	} out[MODEL_MAX];
	unsigned int i, k, m, page, nr, ours = 0, nr_out = 0, round, gives = 0;
	netmem_ref n[MODEL_PAGES];
	uint64_t refs[MODEL_PAGES];
	uint32_t token, last = 0, offset;
	int rc;

	CHECK(t != NULL, "table");
	for (i = 0; i < 2; i++)
		CHECK((pool[i] = pool_make("model", 0, PAGE_POOL_OWNER_THREAD)) != NULL, "pool");
	for (i = 0; i < MODEL_PAGES; i++) {
		n[i] = i % 4 == 0 ? page_pool_alloc_frag_netmem(pool[i % 2], &offset, 4096) :
				    page_pool_alloc_netmems(pool[i % 2]);
		CHECK(n[i] != 0, "page");
		refs[i] = 0;
	}
	for (round = 0; round < 50000 * test_scale(); round++) {
		if (test_random_below(3) > 0) {
			page = test_random_below(MODEL_PAGES);
			rc = page_pool_token_give(t, n[page], &token);
			CHECK(rc == (nr_out == MODEL_MAX ? -ENOSPC : 0), "round %u: %d", round, rc);
			if (rc != 0)
				continue;
			CHECK(token > last, "round %u: %u after %u", round, token, last);
			last = token;
			refs[page]++;
			out[nr_out].token = token;
			out[nr_out++].page = page;
			gives++;
		} else {
			nr = test_random_below(RTE_DIM(r)) + 1;
			ours = 0;
			for (i = 0; i < nr; i++) {
				r[i].start = last - test_random_below(2 * MODEL_MAX);
				r[i].count = test_random_below(8);
				for (k = 0; k < r[i].count; k++)
					for (m = 0; m < nr_out; m++)
						if (out[m].token == r[i].start + k) {
							refs[out[m].page]--;
							out[m] = out[--nr_out];
							ours++;
							break;
						}
			}
			rc = page_pool_tokens_return(t, r, nr);
			CHECK(rc == (int)ours, "round %u: %d, not %u", round, rc, ours);
		}
		CHECK(page_pool_tokens_count(t) == nr_out, "round %u", round);
	}
	for (i = 0; i < MODEL_PAGES; i++)
		if (i % 4 != 0)
			CHECK(netmem_to_nmdesc(n[i])->pp_ref_count == refs[i] + 1, "page %u", i);
	printf("%u given, %u are out\n", gives, nr_out);
	CHECK(page_pool_tokens_destroy(t) == nr_out, "the consumer goes away");
	CHECK(page_pool_put_netmem_bulk(n, MODEL_PAGES) == MODEL_PAGES, "back");
	CHECK(stats_refused(pool[0]) == 0 && stats_refused(pool[1]) == 0, "refused");
	CHECK_OK(pool_end(pool[0]));
	return pool_end(pool[1]);
}

/* One thread gives, another one returns, each token once or twice. */
struct consumer {
	pthread_t id;
	struct page_pool_tokens *t;
	uint32_t given; /* tokens below that were given */
	uint32_t done;
	uint64_t returned;
	unsigned int bad;
};

static void *
consumer_main(void *arg)
{
	struct consumer *c = arg;
	uint32_t at = 1, given;
	int rc;

	for (;;) {
		given = __atomic_load_n(&c->given, __ATOMIC_ACQUIRE);
		if (given == 0)
			return NULL;
		if (given == at) {
			sched_yield();
			continue;
		}
		/* numbers are passed over where places are taken */
		rc = give_back(c->t, at > 10 ? at - 10 : at, given - (at > 10 ? at - 10 : at));
		if (rc < 0)
			c->bad++;
		else
			c->returned += (unsigned int)rc;
		at = given;
	}
}

static int
test_token_threads(void)
{
	struct page_pool *pool = pool_make("threads", 0, PAGE_POOL_OWNER_THREAD);
	struct consumer c = { .t = page_pool_tokens_create(500, SOCKET_ID_ANY), .given = 1 };
	const unsigned int rounds = 200000 * test_scale();
	unsigned int i, full = 0;
	uint32_t token, out;
	netmem_ref n;

	CHECK(pool != NULL && c.t != NULL, "pool");
	CHECK(pthread_create(&c.id, NULL, consumer_main, &c) == 0, "thread");
	for (i = 0; i < rounds; i++) {
		n = page_pool_alloc_netmems(pool);
		CHECK(n != 0, "no page");
		memset(netmem_address(n), (int)i, 64);
		while (page_pool_token_give(c.t, n, &token) != 0) {
			full++;
			sched_yield();
		}
		__atomic_store_n(&c.given, token + 1, __ATOMIC_RELEASE);
		CHECK(page_pool_put_full_netmem(pool, n, true) == 0, "put");
	}
	__atomic_store_n(&c.given, 0, __ATOMIC_RELEASE);
	pthread_join(c.id, NULL);
	out = page_pool_tokens_count(c.t);
	printf("%u given, %" PRIu64 " returned, %u at the end, %u times full\n", rounds, c.returned,
			out, full);
	CHECK(c.bad == 0 && c.returned + out == rounds, "lost");
	CHECK(page_pool_tokens_destroy(c.t) == out, "the consumer goes away");
	CHECK(stats_refused(pool) == 0, "refused");
	return pool_end(pool);
}

static const struct test_case cases[] = {
	{ "the list of pools", test_list, TEST_ONCE },
	{ "what is said of a pool", test_info, TEST_ONCE },
	{ "pools come and go while others look", test_list_threads, TEST_ONCE },
	{ "telemetry", test_telemetry, TEST_ONCE },
	{ "labels, by each way of a page", test_labels, TEST_ONCE },
	{ "who holds what", test_holders, TEST_ONCE },
	{ "labels of several threads", test_label_threads, TEST_ONCE },
	{ "the report of a pool that waits", test_stall, TEST_ONCE },
	{ "tokens: errors", test_token_errors, TEST_ONCE },
	{ "tokens: past the last number", test_token_wrap, TEST_ONCE },
	{ "tokens: as many as a call takes", test_token_limits, TEST_ONCE },
	{ "tokens: a random sequence", test_token_model, TEST_ONCE },
	{ "tokens: other threads", test_token_threads, TEST_ONCE },
};

static const struct test_suite suite = {
	.name = "test_page_pool_info",
	.megabytes = 256,
	.cases = cases,
	.nr_cases = RTE_DIM(cases),
};

int
main(int argc, char **argv)
{
	return test_main_inside(&suite, inside, argc, argv);
}
