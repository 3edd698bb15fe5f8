/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * mbufs that another process reads. The primary process makes packets of both forms and hands them
 * to a secondary one over an rte_ring:
 *
 *   pinned mbufs: the secondary process frees them itself, nothing of the primary one is called;
 *   attached mbufs: who frees the last reference calls a function of the process that allocated.
 *   page_pool_mbuf_netmem() is 0 in any other process, which sends them back instead.
 *
 * In two terminals; hugepages are what the two have in common:
 *
 *	build/examples/multi_process -l 0 --proc-type=primary -m 64 -- -n 10000
 *	build/examples/multi_process -l 1 --proc-type=secondary
 *
 * -n PACKETS	how many of each form; the primary's (1000)
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>

#define MBUFS 1023
#define LEN 1000
#define RING 2048 /* both pools fit */
#define PAGE_ORDER 3
#define WAIT_S 10 /* for the other process */

static uint32_t packets = 1000;
static uint64_t deadline;

static bool
late(void)
{
	return rte_get_timer_cycles() > deadline;
}

static void
wait_begin(void)
{
	deadline = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
}

/* ---- what is in a packet: its number, then bytes that follow from it */

static void
packet_fill(struct rte_mbuf *m, uint32_t number)
{
	uint8_t *p = (uint8_t *)rte_pktmbuf_append(m, LEN);

	memset(p, (int)(number & 0xff), LEN);
	memcpy(p, &number, sizeof(number));
}

static bool
packet_right(const struct rte_mbuf *m)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t number, i;

	memcpy(&number, p, sizeof(number));
	for (i = sizeof(number); i < LEN && p[i] == (number & 0xff); i++)
		;
	return m->pkt_len == LEN && i == LEN;
}

/* ---- primary: allocates, and frees what comes back */

static struct page_pool *pages;
static struct rte_mempool *pinned, *bare;
static struct page_pool_mbuf_cache mc;
static struct rte_ring *there, *back;

static int
primary_begin(void)
{
	const struct page_pool_params params = {
		.name = "multi_process",
		.order = PAGE_ORDER,
		.nid = SOCKET_ID_ANY,
		.owner = PAGE_POOL_OWNER_THREAD,
	};
	struct page_pool_mbuf_pool_params rx = {
		.name = "pinned",
		.n = MBUFS,
		.cache_size = 32,
		.data_room_size = RTE_MBUF_DEFAULT_BUF_SIZE,
		.socket_id = SOCKET_ID_ANY,
	};

	/* the default provider's memory is DPDK's, which all processes have */
	pages = page_pool_create(&params);
	bare = rte_pktmbuf_pool_create("bare", MBUFS, 32, 0, 0, SOCKET_ID_ANY);
	rx.pool = pages;
	pinned = pages == NULL ? NULL : page_pool_mbuf_pool_create(&rx);
	there = rte_ring_create("there", RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	back = rte_ring_create("back", RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (bare == NULL || pinned == NULL || there == NULL || back == NULL)
		return -rte_errno;
	return page_pool_mbuf_cache_init(&mc, bare, pages, NULL, PAGE_POOL_MBUF_F_OWNED);
}

static uint32_t
take_back(void)
{
	struct rte_mbuf *m;
	uint32_t n = 0;

	for (; rte_ring_dequeue(back, (void **)&m) == 0; n++)
		rte_pktmbuf_free(m);
	return n;
}

/* form: 0 pinned, 1 attached. NULL: the other process has all there are. */
static struct rte_mbuf *
packet_make(unsigned int form)
{
	return form == 0 ? rte_pktmbuf_alloc(pinned) :
			   page_pool_mbuf_alloc(&mc, RTE_PKTMBUF_HEADROOM, LEN);
}

static int
primary_run(void)
{
	uint32_t sent = 0, returned = 0;
	struct rte_mbuf *m;

	wait_begin();
	/* one more that is empty: the end */
	while (sent <= 2 * packets && !late()) {
		returned += take_back();
		m = packet_make(sent % 2);
		if (m == NULL)
			continue;
		if (sent < 2 * packets)
			packet_fill(m, sent);
		/* has room for all that there are */
		if (rte_ring_enqueue(there, m) != 0)
			return -1;
		sent++;
		wait_begin();
	}
	while ((returned < packets || !rte_mempool_full(pinned)) && !late())
		returned += take_back();
	printf("primary: %" PRIu32 " of each form sent, %" PRIu32 " attached ones came back\n",
			sent / 2, returned);
	return sent / 2 == packets && returned == packets ? 0 : -1;
}

/* Whether everything came back. */
static bool
primary_end(void)
{
	bool whole;

	page_pool_mbuf_cache_drain(&mc);
	whole = rte_mempool_full(bare) && rte_ring_empty(there) && rte_ring_empty(back);
	rte_mempool_free(bare);
	rte_ring_free(there);
	rte_ring_free(back);
	whole &= page_pool_mbuf_pool_free(pinned) == 0;
	return page_pool_destroy(pages) == 0 && whole;
}

/* ---- secondary: reads, frees what it may */

static int
secondary_run(void)
{
	uint32_t read = 0, wrong = 0, freed = 0, returned = 0;
	struct rte_mbuf *m;
	bool end = false;

	/* the primary one makes these last */
	wait_begin();
	while ((back = rte_ring_lookup("back")) == NULL && !late())
		usleep(1000);
	there = rte_ring_lookup("there");
	if (back == NULL || there == NULL)
		rte_exit(EXIT_FAILURE, "the primary process has no rings\n");
	for (wait_begin(); !end && !late();) {
		if (rte_ring_dequeue(there, (void **)&m) != 0)
			continue;
		wait_begin();
		end = m->pkt_len == 0;
		if (!end) {
			read++;
			wrong += !packet_right(m);
		}
		if (RTE_MBUF_HAS_PINNED_EXTBUF(m)) {
			rte_pktmbuf_free(m);
			freed++;
		} else if (page_pool_mbuf_netmem(m) != 0 || rte_ring_enqueue(back, m) != 0) {
			rte_exit(EXIT_FAILURE, "taken for ours, or cannot be sent back\n");
		} else {
			returned++;
		}
	}
	printf("secondary: %" PRIu32 " read, %" PRIu32 " wrong; %" PRIu32 " freed, %" PRIu32
	       " sent back\n",
			read, wrong, freed, returned);
	return end && wrong == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	int rc, opt;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "n:")) != -1) {
		if (opt != 'n')
			rte_exit(EXIT_FAILURE, "usage: multi_process ... -- [-n PACKETS]\n");
		packets = (uint32_t)strtoul(optarg, NULL, 0);
	}
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		rc = primary_begin();
		if (rc != 0)
			rte_exit(EXIT_FAILURE, "memory: %s\n", rte_strerror(-rc));
		rc = primary_run();
		if (!primary_end()) {
			fprintf(stderr, "memory is missing\n");
			rc = -1;
		}
	} else {
		rc = secondary_run();
	}
	rte_eal_cleanup();
	return rc == 0 ? 0 : 1;
}
