/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Issue 6, item 1: mbufs in fragments and other processes. A primary has pools, a secondary, which
 * has the library at other addresses, does with its mbufs what it may:
 *
 *   - pinned ones are anybody's: allocated here and freed there, and the other way round, chained
 *     or not; clones of them, too, unless a clone is the last to be freed: that one goes back;
 *   - attached ones are read, cloned, and given up where that is not the last reference; else they
 *     go back over a ring;
 *   - page_pool_mbuf_netmem() tells: 0 of the primary's, the page of those that are its own;
 *   - nobody but who has pinned a pool unpins it;
 *   - a secondary is killed with mbufs in hand: the pool says that they are out, and serves on.
 *
 * What it must not do would call a function at an address that is the other process's.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_mempool.h>

#include "../exec_self.h"
#include "inv_common.h"
#include "inv_huge.h"

#define N 64 /* in one order */
#define MBUFS 255
#define LEN 300
#define PAGES_NEEDED 48 /* of 2 MB */

enum order {
	ORDER_NONE,
	ORDER_ALLOC,      /* pinned ones, filled */
	ORDER_FREE,       /* what is there; it was filled */
	ORDER_CLONE,      /* clone, free the clone */
	ORDER_CLONE_BACK, /* clone, free what was cloned, send the clone */
	ORDER_SEND,       /* over the ring */
	ORDER_LOOK,       /* whose are they */
	ORDER_OWN,        /* a pool of its own */
	ORDER_UNPIN,
	ORDER_END
};

/* In a memzone. The pools and the ring are DPDK's, at the same addresses everywhere. */
struct control {
	atomic_uint order;
	atomic_uint done;
	struct rte_mempool *pinned;
	struct rte_mempool *headers;
	struct rte_ring *back;
	uint32_t n;
	uint32_t number; /* of the first packet */
	struct rte_mbuf *m[MBUFS];
	/* what a secondary saw */
	uintptr_t fn;
	uint32_t pid;
};

static struct control *ctl;
static pid_t child;

/* Of the primary. */
static struct page_pool *pages;
static struct page_pool_mbuf_cache mc;
static uint32_t next_number;

/* ---- content */

static uint8_t
byte_of(uint32_t number, uint32_t at)
{
	return (uint8_t)(number * 41 + at * 7 + (at >> 8));
}

static void
fill(struct rte_mbuf *m, uint32_t number)
{
	uint32_t at = 0, i;

	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++)
			*rte_pktmbuf_mtod_offset(m, uint8_t *, i) = byte_of(number, at++);
}

static void
verify(const struct rte_mbuf *m, uint32_t number)
{
	const char *reason = NULL;
	uint32_t at = 0, wrong = 0, i;

	INV_CHECK(rte_mbuf_check(m, 1, &reason) == 0, "%s", reason);
	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++)
			wrong += *rte_pktmbuf_mtod_offset(m, uint8_t *, i) != byte_of(number, at++);
	INV_CHECK(wrong == 0 && at >= LEN, "%u of %u bytes of packet %u", wrong, at, number);
}

/* ---- there */

static struct rte_mbuf *
clone_of(struct rte_mbuf *m)
{
	struct rte_mbuf *clone = page_pool_mbuf_clone(m, ctl->headers);

	INV_NEED(clone != NULL, "clone: %s", rte_strerror(rte_errno));
	return clone;
}

static void
look(const struct rte_mbuf *m)
{
	struct page_frag frag;

	for (; m != NULL; m = m->next)
		INV_CHECK(page_pool_mbuf_netmem(m) == 0 && page_pool_mbuf_pool(m) == NULL &&
						page_pool_mbuf_frag(m, &frag) == -ENOENT,
				"the primary's mbuf looks like ours");
}

/* Pages of this process, for headers that all share. */
static void
own(void)
{
	struct page_pool_params params = { .name = "there",
		.order = 3,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD };
	struct page_pool *pool = page_pool_create(&params);
	struct page_pool_mbuf_cache cache;
	struct rte_mbuf *m[N], *clone;
	uint32_t i;

	INV_NEED(pool != NULL, "%s", rte_strerror(rte_errno));
	INV_NEED(page_pool_mbuf_cache_init(&cache, ctl->headers, pool, NULL,
				 PAGE_POOL_MBUF_F_OWNED | PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
	INV_NEED(page_pool_mbuf_alloc_bulk(&cache, m, N, 128, LEN) == 0, "alloc");
	for (i = 0; i < N; i++) {
		INV_NEED(rte_pktmbuf_append(m[i], LEN) != NULL, "append");
		fill(m[i], i);
	}
	for (i = 0; i < N; i++) {
		verify(m[i], i);
		INV_CHECK(page_pool_mbuf_netmem(m[i]) != 0 && page_pool_mbuf_pool(m[i]) == pool,
				"our own mbuf");
		clone = clone_of(m[i]);
		INV_CHECK(page_pool_mbuf_pool(clone) == pool, "a clone of it");
		rte_pktmbuf_free(m[i]);
		verify(clone, i);
		rte_pktmbuf_free(clone);
	}
	page_pool_mbuf_cache_drain(&cache);
	INV_CHECK(page_pool_check(pool, stderr) == 0, "check");
	INV_CHECK(page_pool_destroy(pool) == 0, "pages are out");
}

static void
send_back(struct rte_mbuf *m)
{
	INV_CHECK(rte_ring_enqueue(ctl->back, m) == 0, "ring");
}

static void
obey(enum order order)
{
	struct rte_mbuf *clone;
	uint32_t i;

	if (order == ORDER_OWN) {
		own();
		return;
	}
	if (order == ORDER_UNPIN) {
		INV_CHECK(page_pool_mbuf_pool_unpin(ctl->pinned) == -EINVAL &&
						page_pool_mbuf_pool_free(ctl->pinned) == -EINVAL,
				"unpinned by another process");
		return;
	}
	for (i = 0; i < ctl->n; i++) {
		if (order == ORDER_ALLOC) {
			ctl->m[i] = rte_pktmbuf_alloc(ctl->pinned);
			INV_NEED(ctl->m[i] != NULL, "none after %u", i);
			look(ctl->m[i]);
			INV_NEED(rte_pktmbuf_append(ctl->m[i], LEN) != NULL, "append");
			fill(ctl->m[i], ctl->number + i);
			continue;
		}
		verify(ctl->m[i], ctl->number + i);
		switch (order) {
		case ORDER_FREE:
			rte_pktmbuf_free(ctl->m[i]);
			break;
		case ORDER_CLONE:
			clone = clone_of(ctl->m[i]);
			look(clone);
			verify(clone, ctl->number + i);
			rte_pktmbuf_free(clone);
			break;
		case ORDER_CLONE_BACK:
			clone = clone_of(ctl->m[i]);
			rte_pktmbuf_free(ctl->m[i]);
			send_back(clone);
			break;
		case ORDER_SEND:
			send_back(ctl->m[i]);
			break;
		case ORDER_LOOK:
			look(ctl->m[i]);
			break;
		default:
			break;
		}
	}
}

static void
secondary(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup("inv_control");
	enum order order;

	INV_NEED(mz != NULL, "no memzone");
	ctl = mz->addr;
	ctl->fn = (uintptr_t)page_pool_mbuf_netmem;
	ctl->pid = (uint32_t)getpid();
	for (;;) {
		order = atomic_load(&ctl->order);
		if (order == ORDER_END)
			inv_exit();
		if (order == ORDER_NONE) {
			usleep(20);
			continue;
		}
		obey(order);
		atomic_store(&ctl->order, ORDER_NONE);
		atomic_store(&ctl->done, 1);
	}
}

/* ---- here */

static void
child_lives(void)
{
	int status;

	INV_NEED(waitpid(child, &status, WNOHANG) == 0, "the secondary ended with %#x", status);
}

static void
start_secondary(void)
{
	const char *args[] = { "inv_mbufs", "--role", "secondary", "--prefix", inv_prefix,
		inv_plugin == NULL ? NULL : "--plugin", inv_plugin, NULL };
	struct rlimit stack;

	ctl->pid = 0;
	atomic_store(&ctl->order, ORDER_NONE);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* libraries lie below the room for the stack: elsewhere even without ASLR */
		if (getrlimit(RLIMIT_STACK, &stack) == 0) {
			stack.rlim_cur = RTE_MIN(stack.rlim_max, (rlim_t)700 << 20);
			setrlimit(RLIMIT_STACK, &stack);
		}
		exec_self(args);
		_exit(1);
	}
	INV_NEED(child > 0, "fork: %s", strerror(errno));
	while (*(volatile uint32_t *)&ctl->pid == 0) {
		child_lives();
		usleep(1000);
	}
	INV_NEED(ctl->fn != (uintptr_t)page_pool_mbuf_netmem,
			"the library is at the same address in both processes");
}

static void
ask(enum order order)
{
	atomic_store(&ctl->done, 0);
	atomic_store(&ctl->order, order);
	while (atomic_load(&ctl->done) == 0) {
		child_lives();
		usleep(20);
	}
}

static struct page_pool *
pages_make(void)
{
	struct page_pool_params params = { .name = "here",
		.order = 3,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD };
	struct page_pool *pool = page_pool_create(&params);

	INV_NEED(pool != NULL, "%s", rte_strerror(rte_errno));
	return pool;
}

static void
pools_begin(const char *ops)
{
	struct page_pool_mbuf_pool_params params = {
		.name = "inv_pinned",
		.n = MBUFS,
		.cache_size = 32,
		.data_room_size = RTE_PKTMBUF_HEADROOM + LEN,
		.socket_id = SOCKET_ID_ANY,
		.ops_name = ops,
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};

	pages = params.pool = pages_make();
	ctl->pinned = page_pool_mbuf_pool_create(&params);
	ctl->headers = rte_pktmbuf_pool_create_by_ops("inv_headers", MBUFS, 32, 0, 0, SOCKET_ID_ANY,
			ops);
	INV_NEED(ctl->pinned != NULL && ctl->headers != NULL, "%s", rte_strerror(rte_errno));
	INV_NEED(page_pool_mbuf_cache_init(&mc, ctl->headers, pages, NULL,
				 PAGE_POOL_MBUF_F_OWNED | PAGE_POOL_MBUF_F_NO_IOVA) == 0,
			"cache");
}

static void
all_home(const char *after)
{
	INV_CHECK(rte_mempool_full(ctl->pinned), "after %s: %u pinned", after,
			rte_mempool_avail_count(ctl->pinned));
	INV_CHECK(rte_mempool_full(ctl->headers), "after %s: %u headers", after,
			rte_mempool_avail_count(ctl->headers));
	INV_CHECK(rte_ring_empty(ctl->back), "after %s: the ring", after);
}

static void
pools_end(void)
{
	struct page_pool_stats stats;
	int rc;

	all_home("the end");
	rc = page_pool_mbuf_pool_free(ctl->pinned);
	INV_NEED(rc == 0, "pinned pool: %d", rc);
	rte_mempool_free(ctl->headers);
	page_pool_mbuf_cache_drain(&mc);
	page_pool_get_stats(pages, &stats);
	INV_CHECK(stats.refused == 0, "%" PRIu64 " refused", stats.refused);
	INV_CHECK(page_pool_check(pages, stderr) == 0, "check");
	rc = page_pool_destroy(pages);
	INV_CHECK(rc == 0, "destroy: %d", rc);
}

/* What an mbuf is made of: chains of three, or not. */
enum form { PINNED, PINNED_CHAIN, ATTACHED, ATTACHED_CHAIN, NR_FORMS };

static const char *const form_names[] = { "pinned", "pinned, chained", "attached",
	"attached, chained" };

static struct rte_mbuf *
packet_make(enum form form)
{
	uint32_t segs = form == PINNED_CHAIN || form == ATTACHED_CHAIN ? 3 : 1;
	struct rte_mbuf *m = NULL, *seg;

	for (; segs > 0; segs--) {
		seg = form <= PINNED_CHAIN ? rte_pktmbuf_alloc(ctl->pinned) :
					     page_pool_mbuf_alloc(&mc, 128, LEN);
		INV_NEED(seg != NULL && rte_pktmbuf_append(seg, LEN) != NULL, "alloc: %s",
				rte_strerror(rte_errno));
		INV_CHECK(page_pool_mbuf_netmem(seg) != 0 && page_pool_mbuf_pool(seg) == pages,
				"the primary's own");
		INV_NEED(m == NULL || page_pool_mbuf_chain(m, seg) == 0, "chain");
		m = m == NULL ? seg : m;
	}
	return m;
}

static void
packets_make(enum form form, uint32_t n)
{
	uint32_t i;

	ctl->n = n;
	ctl->number = next_number;
	next_number += n;
	for (i = 0; i < n; i++) {
		ctl->m[i] = packet_make(form);
		fill(ctl->m[i], ctl->number + i);
	}
}

/* Those that come back are as they were, and are freed here. */
static void
take_back(void)
{
	struct rte_mbuf *m;
	void *obj;
	uint32_t i;

	for (i = 0; i < ctl->n; i++) {
		INV_NEED(rte_ring_dequeue(ctl->back, &obj) == 0, "%u of %u came back", i, ctl->n);
		m = obj;
		verify(m, ctl->number + i);
		INV_CHECK(page_pool_mbuf_pool(m) == pages, "the primary's again");
		rte_pktmbuf_free(m);
	}
}

/* Pinned mbufs are allocated and freed by all. */
static void
pinned_anywhere(void)
{
	static const uint32_t sizes[] = { 1, 31, MBUFS };
	uint32_t i, k;

	for (k = 0; k < RTE_DIM(sizes); k++) {
		ctl->n = sizes[k];
		ctl->number = next_number += MBUFS;
		ask(ORDER_ALLOC);
		for (i = 0; i < ctl->n; i++) {
			verify(ctl->m[i], ctl->number + i);
			INV_CHECK(page_pool_mbuf_pool(ctl->m[i]) == pages, "whoever took it");
			rte_pktmbuf_free(ctl->m[i]);
		}
		all_home("allocated there, freed here");
		ask(ORDER_ALLOC);
		ask(ORDER_FREE);
		all_home("allocated and freed there");
		packets_make(PINNED, sizes[k]);
		ask(ORDER_FREE);
		all_home("allocated here, freed there");
	}
	packets_make(PINNED_CHAIN, N);
	ask(ORDER_FREE);
	all_home("chains");
}

/* What is the same of all forms: others look, clone, and send back. */
static void
any_form(enum form form)
{
	struct rte_mbuf *m, *clone, *kept;
	uint32_t i, n = N / 4;

	packets_make(form, n);
	ask(ORDER_LOOK);
	ask(ORDER_CLONE);
	ask(ORDER_SEND);
	take_back();
	all_home("sent back");
	/* the last reference is a clone's, and goes back */
	packets_make(form, n);
	ask(ORDER_CLONE_BACK);
	take_back();
	all_home("a clone sent back");
	/* a clone there, the original here, and the other way round */
	for (i = 0; i < 2 * n; i++) {
		ctl->n = 1;
		ctl->number = next_number++;
		m = packet_make(form);
		fill(m, ctl->number);
		clone = clone_of(m);
		ctl->m[0] = i % 2 == 0 ? m : clone;
		kept = i % 2 == 0 ? clone : m;
		ask(ORDER_LOOK);
		ask(ORDER_FREE);
		verify(kept, ctl->number);
		rte_pktmbuf_free(kept);
		all_home("not the last reference");
	}
}

/* A secondary ends with mbufs in hand. */
static void
dies(enum form form)
{
	struct rte_mbuf *m, *lost[N];
	uint32_t i, n = form == PINNED ? N : N / 4, first;
	int status, rc;

	if (form == PINNED) {
		ctl->n = n;
		ctl->number = next_number += N;
		ask(ORDER_ALLOC);
	} else {
		packets_make(form, n);
		ask(ORDER_LOOK);
	}
	first = ctl->number;
	memcpy(lost, ctl->m, n * sizeof(*lost));
	kill(child, SIGKILL);
	INV_NEED(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "%#x", status);
	if (form <= PINNED_CHAIN) {
		rc = page_pool_mbuf_pool_free(ctl->pinned);
		INV_NEED(rc == -EBUSY, "the dead have mbufs: %d", rc);
		rc = page_pool_mbuf_pool_unpin(ctl->pinned);
		INV_NEED(rc == -EBUSY, "the dead have mbufs: %d", rc);
	}
	/* those that are left serve on, here and for the next one */
	m = packet_make(form);
	fill(m, 1);
	verify(m, 1);
	rte_pktmbuf_free(m);
	start_secondary();
	ctl->n = n;
	ctl->number = next_number += N;
	ask(ORDER_ALLOC);
	ask(ORDER_FREE);
	/* who knows what the dead had may free it */
	for (i = 0; i < n; i++) {
		verify(lost[i], first + i);
		rte_pktmbuf_free(lost[i]);
	}
	all_home("the dead one's are freed");
}

static void
all(const char *ops)
{
	enum form form;

	pools_begin(ops);
	pinned_anywhere();
	for (form = 0; form < NR_FORMS; form++) {
		snprintf(inv_what, sizeof(inv_what), "%s, %s", ops, form_names[form]);
		inv_watchdog(20);
		any_form(form);
	}
	ask(ORDER_OWN);
	all_home("those of the secondary");
	ask(ORDER_UNPIN);
	all_home("no unpinning");
	for (form = 0; form < NR_FORMS; form++) {
		snprintf(inv_what, sizeof(inv_what), "%s, %s, killed", ops, form_names[form]);
		inv_watchdog(20);
		dies(form);
	}
	pools_end();
}

/* The work, in a process of its own, so that its memory is free when all is given back. */
static void
primary(int argc, char **argv)
{
	const struct rte_memzone *mz;
	int status;

	inv_huge = true;
	inv_start(argc, argv, "mbufs and other processes", 20);
	mz = rte_memzone_reserve("inv_control", sizeof(*ctl), SOCKET_ID_ANY, 0);
	INV_NEED(mz != NULL, "memzone: %s", rte_strerror(rte_errno));
	ctl = mz->addr;
	memset(ctl, 0, sizeof(*ctl));
	ctl->back = rte_ring_create("inv_back", 512, SOCKET_ID_ANY, 0);
	INV_NEED(ctl->back != NULL, "ring: %s", rte_strerror(rte_errno));
	start_secondary();
	printf("the library is at %#lx here and at %#lx there\n",
			(unsigned long)(uintptr_t)page_pool_mbuf_netmem, (unsigned long)ctl->fn);
	all("ring_mp_mc");
	if (inv_plugin != NULL)
		all(PAGE_POOL_OPS_NAME);
	atomic_store(&ctl->order, ORDER_END);
	INV_CHECK(waitpid(child, &status, 0) == child && status == 0,
			"the secondary ended with %#x", status);
	inv_exit();
}

int
main(int argc, char **argv)
{
	int status = 0, i;
	pid_t pid;

	for (i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--role") == 0) {
			inv_start(argc, argv, "", 60);
			secondary();
		}
	if (!inv_huge_get(PAGES_NEEDED)) {
		inv_huge_give_back();
		printf("inv_mbufs: no hugepages, and EAL shares no other memory with "
		       "secondaries\n");
		return INV_SKIP;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		primary(argc, argv);
	waitpid(pid, &status, 0);
	inv_huge_remove_files("inv_mbufs", pid);
	inv_huge_give_back();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
