/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The matrix of issue 6: mbufs in fragments, made in each way, sent through the PMDs that work in
 * software, as they are, cloned or chained, received into pinned pools with and without the
 * splitter, and freed in each way. Each byte that goes in comes out; each header and each page is
 * back after each cell, but for what PMDs keep for Rx until the port stops.
 *
 * What the PMD frees is what was sent. In order that each way of making an mbuf meets each way of
 * freeing one, half of the packets are kept, too: by a second reference, or as the original of a
 * clone. They are checked and freed when the PMD has freed its own.
 *
 *   ring         the mbufs themselves come back;
 *   null         nothing comes back, packets of no content do;
 *   pcap         a file, in memory, is written by one port and read by another one;
 *   tap          a packet socket is the other side and sends back what it gets;
 *   af_packet    the same, at the other end of a veth pair.
 *
 * Links are in a network namespace of this process's own, which goes with it, however it ends.
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <memory_providers.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_split.h>

#include "test_common.h"

#define HEADERS 511u
#define RX_MBUFS 255u
#define PACKETS 16u /* of a cell */
#define ROUNDS 4u   /* with other sizes */
#define LEN_MIN 60u
#define LEN_LINK 1514u    /* most that a link takes */
#define LEN_MAX 4000u     /* most that others take here */
#define ETHER_TYPE 0x88b5 /* for experiments */
#define SPLIT_AT 46u
#define PATIENCE 5.0 /* seconds until a packet counts as lost */
#define LIMIT 110    /* seconds until this program is ended */

enum alloc {
	ALLOC_OWNED,
	ALLOC_ANYBODY,
	ALLOC_STRICT,
	ALLOC_BULK,
	ALLOC_SPLIT,
	ALLOC_APPEND,
	ALLOC_COMMIT,
	ALLOC_PINNED,
	ALLOC_PINNED_BULK,
	ALLOC_PINNED_REGION,
	NR_ALLOCS
};

static const char *const alloc_names[] = { "attached, owned", "attached, no owner",
	"attached, strict", "attached, bulk", "attached, split", "attached, append",
	"attached, prepare/commit", "pinned", "pinned, bulk", "pinned, region" };

enum shape { SHAPE_NONE, SHAPE_CLONE, SHAPE_CHAIN, NR_SHAPES };

static const char *const shape_names[] = { "as is", "clone", "chain" };

enum way { WAY_FREE, WAY_BULK, WAY_SEGS, WAY_THREAD, WAY_CUT, NR_WAYS };

static const char *const way_names[] = { "free", "free_bulk", "free_seg", "another thread",
	"adj, trim, linearize" };

enum kind { KIND_NULL, KIND_RING, KIND_PCAP, KIND_TAP, KIND_AF_PACKET, NR_KINDS };

static const char *const kind_names[] = { "null", "ring", "pcap", "tap", "af_packet" };

/* What a packet is to be. */
struct expected {
	uint32_t len;
	uint8_t bytes[LEN_MAX];
};

/* A PMD in use: one port, or one that sends and one that receives. */
struct path {
	enum kind kind;
	bool split;
	uint16_t tx, rx;
	int sock; /* tap, af_packet: the other side */
	int file; /* pcap */
	uint32_t len_max;
	struct page_pool_split *splitter;
	unsigned int rx_home; /* mbufs of the Rx pool that are home between cells */
};

/* Results: cells that went well, or, below 0, why there are none. */
#define ROW_NOT_RUN (-1)
#define ROW_FAILED (-2)
#define ROW_SKIPPED (-3)
static int rows[NR_KINDS][2][NR_ALLOCS];
static const char *skip_reason[NR_KINDS];
static char no_netns[80];
static bool no_multi_segs[NR_KINDS];
/* What net_null loses with each port: the queues' buffers. */
static struct test_memory null_loss;

static struct page_pool_mbuf_cache owned, anybody, strict;
static struct page_pool *large, *small, *strict_large, *strict_small;
static struct page_pool *pin_pages, *region_pages, *rx_pages;
static struct rte_mempool *headers, *clones, *pinned, *pinned_region, *rx_pool, *rx_headers;
static struct page_pool_region *region;
static uint32_t mbuf_flags;

static struct expected expected[PACKETS];
static uint32_t next_number;

/* ---- pools */

static struct page_pool *
pages_make(uint32_t order, uint32_t flags, const char *provider, void *mp_priv)
{
	struct page_pool_params params = {
		.name = "pmds",
		.order = order,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = provider,
		.mp_priv = mp_priv,
		.flags = flags,
	};

	return page_pool_create(&params);
}

static int
pages_end(struct page_pool *pool)
{
	struct page_pool_stats stats;

	page_pool_get_stats(pool, &stats);
	CHECK(stats.refused == 0, "%" PRIu64 " refused", stats.refused);
	CHECK(page_pool_check(pool, stdout) == 0, "check");
	CHECK(page_pool_destroy(pool) == 0, "pages are out");
	return 0;
}

static const char *
name_make(void)
{
	static char name[RTE_MEMPOOL_NAMESIZE];
	static unsigned int serial;

	/* what a case that failed has left behind does not matter to others */
	snprintf(name, sizeof(name), "pmds%u", serial++);
	return name;
}

static struct rte_mempool *
pinned_make(struct page_pool *pool, uint32_t n, uint16_t room)
{
	struct page_pool_mbuf_pool_params params = {
		.name = name_make(),
		.n = n,
		.cache_size = 32,
		.data_room_size = (uint16_t)(RTE_PKTMBUF_HEADROOM + room),
		.socket_id = SOCKET_ID_ANY,
		.pool = pool,
		.flags = mbuf_flags,
	};

	return page_pool_mbuf_pool_create(&params);
}

static struct rte_mempool *
bare_make(uint16_t room)
{
	return rte_pktmbuf_pool_create(name_make(), HEADERS, 32, 0, room, SOCKET_ID_ANY);
}

static int
pools_begin(uint16_t rx_room)
{
	mbuf_flags = rte_eal_iova_mode() == RTE_IOVA_VA ? 0 : PAGE_POOL_MBUF_F_NO_IOVA;
	region = page_pool_region_create(4 << 20, -1, 0);
	CHECK(region != NULL, "%s", rte_strerror(rte_errno));
	large = pages_make(3, 0, NULL, NULL);
	small = pages_make(0, 0, NULL, NULL);
	strict_large = pages_make(3, PP_FLAG_STRICT, NULL, NULL);
	strict_small = pages_make(0, PP_FLAG_STRICT, NULL, NULL);
	pin_pages = pages_make(3, 0, NULL, NULL);
	rx_pages = pages_make(3, 0, NULL, NULL);
	region_pages = pages_make(3, 0, "region", region);
	CHECK(large != NULL && small != NULL && strict_large != NULL && strict_small != NULL &&
					pin_pages != NULL && rx_pages != NULL &&
					region_pages != NULL,
			"%s", rte_strerror(rte_errno));
	headers = bare_make(0);
	clones = bare_make(0);
	rx_headers = bare_make(RTE_PKTMBUF_HEADROOM + 128);
	pinned = pinned_make(pin_pages, HEADERS, 2048);
	pinned_region = pinned_make(region_pages, HEADERS, 2048);
	rx_pool = pinned_make(rx_pages, RX_MBUFS, rx_room);
	CHECK(headers != NULL && clones != NULL && rx_headers != NULL && pinned != NULL &&
					pinned_region != NULL && rx_pool != NULL,
			"%s", rte_strerror(rte_errno));
	CHECK(page_pool_mbuf_cache_init(&owned, headers, large, small,
			      mbuf_flags | PAGE_POOL_MBUF_F_OWNED) == 0,
			"cache");
	CHECK(page_pool_mbuf_cache_init(&anybody, headers, large, small, mbuf_flags) == 0, "cache");
	CHECK(page_pool_mbuf_cache_init(&strict, headers, strict_large, strict_small,
			      mbuf_flags | PAGE_POOL_MBUF_F_OWNED) == 0,
			"cache");
	return 0;
}

/* Every header is home; what ports keep for Rx is not looked at. */
static int
pools_home(const struct path *p)
{
	struct rte_mempool *all[] = { headers, clones, pinned, pinned_region, rx_headers };
	unsigned int i;

	for (i = 0; i < RTE_DIM(all); i++)
		CHECK(rte_mempool_full(all[i]), "pool %u has %u of %u headers", i,
				rte_mempool_avail_count(all[i]), all[i]->size);
	CHECK(rte_mempool_avail_count(rx_pool) == p->rx_home, "%u of %u Rx mbufs",
			rte_mempool_avail_count(rx_pool), p->rx_home);
	return 0;
}

static void
ignore_held(const struct page_pool_held *held __rte_unused, void *arg __rte_unused)
{
}

/* No page is out but those to which mbufs are pinned. */
static int
pages_home(void)
{
	struct page_pool *all[] = { large, small, strict_large, strict_small };
	unsigned int i;
	int out;

	page_pool_mbuf_cache_drain(&owned);
	page_pool_mbuf_cache_drain(&anybody);
	page_pool_mbuf_cache_drain(&strict);
	for (i = 0; i < RTE_DIM(all); i++) {
		out = page_pool_walk_holders(all[i], ignore_held, NULL);
		CHECK(out == 0, "%d pages of pool %u are out", out, i);
		CHECK(page_pool_check(all[i], stdout) == 0, "check");
	}
	return 0;
}

static int
pools_end(void)
{
	CHECK(rte_mempool_full(rx_pool), "Rx mbufs");
	CHECK(page_pool_mbuf_pool_free(rx_pool) == 0 && page_pool_mbuf_pool_free(pinned) == 0 &&
					page_pool_mbuf_pool_free(pinned_region) == 0,
			"pinned pools");
	rte_mempool_free(headers);
	rte_mempool_free(clones);
	rte_mempool_free(rx_headers);
	CHECK_OK(pages_end(large));
	CHECK_OK(pages_end(small));
	CHECK_OK(pages_end(strict_large));
	CHECK_OK(pages_end(strict_small));
	CHECK_OK(pages_end(pin_pages));
	CHECK_OK(pages_end(rx_pages));
	CHECK_OK(pages_end(region_pages));
	CHECK(page_pool_region_destroy(region) == 0, "region");
	return 0;
}

/* ---- content */

static void
expect(struct expected *e, uint32_t len)
{
	uint32_t number = next_number++, i;

	e->len = len;
	for (i = 0; i < len; i++)
		e->bytes[i] = (uint8_t)(number * 37 + i * 11 + (i >> 8) + (number >> 8));
	/* from and to locally administered addresses */
	e->bytes[0] = e->bytes[6] = 2;
	e->bytes[12] = ETHER_TYPE >> 8;
	e->bytes[13] = ETHER_TYPE & 0xff;
	memcpy(&e->bytes[14], &number, sizeof(number));
}

/* All of an mbuf: from the byte `from` of what was expected, `len` bytes. */
static int
verify(const struct rte_mbuf *m, const struct expected *e, uint32_t from, uint32_t len)
{
	const char *reason = NULL;
	const struct rte_mbuf *seg;
	uint32_t at = from;

	CHECK(rte_mbuf_check(m, 1, &reason) == 0, "%s", reason);
	CHECK(m->pkt_len == len, "%u bytes, not %u", m->pkt_len, len);
	for (seg = m; seg != NULL; at += seg->data_len, seg = seg->next) {
		CHECK(at + seg->data_len <= e->len, "more bytes in the segments than there are");
		CHECK(memcmp(rte_pktmbuf_mtod(seg, void *), &e->bytes[at], seg->data_len) == 0,
				"bytes %u to %u", at, at + seg->data_len);
		/* where devices find it */
		if (rte_eal_iova_mode() == RTE_IOVA_VA)
			CHECK(rte_pktmbuf_iova(seg) == (uintptr_t)rte_pktmbuf_mtod(seg, void *),
					"address for devices");
	}
	CHECK(at == from + len, "%u bytes in the segments", at - from);
	return 0;
}

static void
write_bytes(struct rte_mbuf *m, const uint8_t *bytes)
{
	for (; m != NULL; m = m->next) {
		memcpy(rte_pktmbuf_mtod(m, void *), bytes, m->data_len);
		bytes += m->data_len;
	}
}

/* ---- mbufs are made */

/* What is left of a bulk. */
static struct rte_mbuf *stash[16];
static unsigned int stashed;

static struct rte_mbuf *
from_bulk(enum alloc alloc)
{
	unsigned int n = 1 + test_random_below(RTE_DIM(stash));
	int rc;

	if (stashed == 0) {
		rc = alloc == ALLOC_BULK ? page_pool_mbuf_alloc_bulk(&owned, stash, n, 128, 2048) :
					   rte_pktmbuf_alloc_bulk(pinned, stash, n);
		if (rc != 0)
			return NULL;
		stashed = n;
	}
	return stash[--stashed];
}

/* Bytes in pieces of random size; those that lie side by side become one segment. */
static int
append(enum alloc alloc, struct rte_mbuf *m, const uint8_t *bytes, uint32_t len)
{
	struct page_pool_mbuf_room room;
	uint32_t done, n;

	for (done = 0; done < len; done += n) {
		n = RTE_MIN(len - done, 1 + test_random_below(700));
		if (alloc == ALLOC_APPEND) {
			CHECK(page_pool_mbuf_append(&owned, m, &bytes[done], n) == n, "append");
			continue;
		}
		CHECK(page_pool_mbuf_prepare(&owned, m, n, &room) == 0, "prepare");
		memcpy(room.va, &bytes[done], n);
		CHECK(page_pool_mbuf_commit(&owned, m, &room, n) == 0, "commit");
	}
	return 0;
}

/* Some bytes, and room for `room` of them in the first segment. */
static struct rte_mbuf *
piece_make(enum alloc alloc, const uint8_t *bytes, uint32_t len, uint32_t room)
{
	struct rte_mbuf *m = NULL;

	switch (alloc) {
	case ALLOC_OWNED:
		m = page_pool_mbuf_alloc(&owned, RTE_PKTMBUF_HEADROOM, room);
		break;
	case ALLOC_ANYBODY:
		m = page_pool_mbuf_alloc(&anybody, RTE_PKTMBUF_HEADROOM, room);
		break;
	case ALLOC_STRICT:
		m = page_pool_mbuf_alloc(&strict, RTE_PKTMBUF_HEADROOM, room);
		break;
	case ALLOC_BULK:
	case ALLOC_PINNED_BULK:
		m = from_bulk(alloc);
		break;
	case ALLOC_SPLIT:
		room = RTE_MIN(len, 14 + test_random_below(100));
		m = page_pool_mbuf_alloc_split(&owned, RTE_PKTMBUF_HEADROOM, room, &anybody,
				len - room);
		if (m != NULL)
			write_bytes(m, bytes);
		return m;
	case ALLOC_APPEND:
	case ALLOC_COMMIT:
		m = page_pool_mbuf_alloc(&owned, RTE_PKTMBUF_HEADROOM, 14);
		if (m != NULL && append(alloc, m, bytes, len) != 0)
			return NULL;
		return m;
	case ALLOC_PINNED:
		m = rte_pktmbuf_alloc(pinned);
		break;
	case ALLOC_PINNED_REGION:
		m = rte_pktmbuf_alloc(pinned_region);
		break;
	default:
		break;
	}
	if (m != NULL && rte_pktmbuf_append(m, (uint16_t)len) == NULL)
		return NULL;
	if (m != NULL)
		write_bytes(m, bytes);
	return m;
}

/* Most bytes that one piece can hold. */
static uint32_t
piece_max(enum alloc alloc)
{
	return alloc >= ALLOC_PINNED || alloc == ALLOC_BULK ? 2048 : LEN_MAX;
}

static struct rte_mbuf *
packet_make(enum alloc alloc, enum shape shape, const struct expected *e)
{
	uint32_t pieces = shape == SHAPE_CHAIN ? 2 + test_random_below(3) : 1, at = 0, n, i;
	struct rte_mbuf *m = NULL, *piece;

	pieces = RTE_MAX(pieces, (e->len + piece_max(alloc) - 1) / piece_max(alloc));
	for (i = pieces; i > 0; i--, at += n) {
		n = i == 1 ? e->len - at : (e->len - at) / i;
		/* sometimes all would have room in the first segment */
		piece = piece_make(alloc, &e->bytes[at], n, (test_random() & 1) != 0 ? n : e->len);
		if (piece == NULL)
			return NULL;
		if (m != NULL && page_pool_mbuf_chain(m, piece) != 0)
			return NULL;
		m = m == NULL ? piece : m;
	}
	return m;
}

/* The pools that our mbufs come from, and the count of their references. */
static int
provenance(enum alloc alloc, struct rte_mbuf *m, uint16_t references)
{
	const struct page_pool *pages = alloc == ALLOC_PINNED_REGION ? region_pages :
			alloc == ALLOC_STRICT                        ? strict_large :
			alloc >= ALLOC_PINNED                        ? pin_pages :
								       large;

	for (; m != NULL; m = m->next) {
		CHECK(page_pool_mbuf_pool(m) == pages, "another pool's");
		CHECK(rte_mbuf_ext_refcnt_read(m->shinfo) == references, "%u references",
				rte_mbuf_ext_refcnt_read(m->shinfo));
	}
	return 0;
}

/* ---- and freed */

static void
free_segs(struct rte_mbuf *m)
{
	struct rte_mbuf *next;

	for (; m != NULL; m = next) {
		next = m->next;
		rte_pktmbuf_free_seg(m);
	}
}

/* The other thread: no lcore. */
struct load {
	struct rte_mbuf **mbufs;
	unsigned int n;
};

static void *
free_there(void *arg)
{
	const struct load *load = arg;
	unsigned int i;

	for (i = 0; i < load->n; i++)
		if (i % 3 == 0)
			free_segs(load->mbufs[i]);
		else
			rte_pktmbuf_free(load->mbufs[i]);
	return NULL;
}

static int
cut(struct rte_mbuf *m, const struct expected *e)
{
	/* a segment may be empty: what was asked for in one piece was more than its tailroom */
	uint32_t front = test_random_below(m->data_len + 1u), behind, len = m->pkt_len - front;
	bool fits;
	int rc;

	CHECK(rte_pktmbuf_adj(m, (uint16_t)front) != NULL, "adj");
	behind = test_random_below(rte_pktmbuf_lastseg(m)->data_len + 1u);
	CHECK(rte_pktmbuf_trim(m, (uint16_t)behind) == 0, "trim");
	len -= behind;
	if (e != NULL)
		CHECK_OK(verify(m, e, front, len));
	fits = m->nb_segs == 1 || len - m->data_len <= rte_pktmbuf_tailroom(m);
	rc = rte_pktmbuf_linearize(m);
	CHECK((rc == 0) == fits, "linearize: %d", rc);
	if (e != NULL)
		CHECK_OK(verify(m, e, front, len));
	return 0;
}

/* e: what they hold, or NULL: nothing that matters. */
static int
drop(enum way way, struct rte_mbuf **m, const struct expected *const *e, unsigned int n)
{
	struct load load = { .mbufs = m, .n = n };
	pthread_t thread;
	unsigned int i;

	switch (way) {
	case WAY_BULK:
		rte_pktmbuf_free_bulk(m, n);
		return 0;
	case WAY_THREAD:
		CHECK(pthread_create(&thread, NULL, free_there, &load) == 0, "thread");
		pthread_join(thread, NULL);
		return 0;
	default:
		break;
	}
	for (i = 0; i < n; i++) {
		if (way == WAY_SEGS) {
			free_segs(m[i]);
			continue;
		}
		if (way == WAY_CUT)
			CHECK_OK(cut(m[i], e != NULL ? e[i] : NULL));
		rte_pktmbuf_free(m[i]);
	}
	return 0;
}

/* ---- ports */

static int
port_add(const char *name, const char *args, uint16_t *port)
{
	int rc = rte_eal_hotplug_add("vdev", name, args);

	CHECK(rc == 0, "%s,%s: %s", name, args, rte_strerror(-rc));
	CHECK(rte_eth_dev_get_port_by_name(name, port) == 0, "%s has no port", name);
	return 0;
}

static int
port_remove(uint16_t port)
{
	struct rte_eth_dev_info info;

	CHECK(rte_eth_dev_info_get(port, &info) == 0, "info");
	CHECK(rte_eth_dev_close(port) == 0, "close");
	CHECK(rte_dev_remove(info.device) == 0, "remove");
	return 0;
}

/* Set a port up and start it. */
static int
port_start(struct path *p, uint16_t port, bool receives)
{
	struct rte_eth_rxseg_split segs[2] = { { .mp = rx_headers, .length = SPLIT_AT },
		{ .mp = rx_pool } };
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int rc;

	memset(&conf, 0, sizeof(conf));
	CHECK(rte_eth_dev_info_get(port, &info) == 0, "info");
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	CHECK(rte_eth_dev_configure(port, 1, 1, &conf) == 0, "configure");
	if (receives && p->split)
		rc = page_pool_split_rx_queue_setup(port, 0, 16, SOCKET_ID_ANY, NULL, segs,
				&p->splitter);
	else
		rc = rte_eth_rx_queue_setup(port, 0, 16, SOCKET_ID_ANY, NULL, rx_pool);
	CHECK(rc == 0, "Rx queue: %s", rte_strerror(-rc));
	CHECK(!receives || !p->split || p->splitter != NULL, "the device splits");
	CHECK(rte_eth_tx_queue_setup(port, 0, 64, SOCKET_ID_ANY, NULL) == 0, "Tx queue");
	CHECK(rte_eth_dev_start(port) == 0, "start");
	no_multi_segs[p->kind] = (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) == 0;
	return 0;
}

/* The other side of a link. */
static int
socket_open(const char *link)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	addr.sll_ifindex = (int)if_nametoindex(link);
	CHECK(fd >= 0 && addr.sll_ifindex != 0, "%s: %s", link, strerror(errno));
	CHECK(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0, "%s", strerror(errno));
	return fd;
}

static int
path_open(struct path *p)
{
	char args[128];

	p->sock = p->file = -1;
	p->len_max = LEN_MAX;
	switch (p->kind) {
	case KIND_NULL:
		CHECK_OK(port_add("net_null0", "size=100", &p->tx));
		break;
	case KIND_RING:
		CHECK_OK(port_add("net_ring0", "", &p->tx));
		break;
	case KIND_PCAP:
		p->file = memfd_create("pmds", 0);
		CHECK(p->file >= 0, "memfd: %s", strerror(errno));
		snprintf(args, sizeof(args), "tx_pcap=/proc/self/fd/%d", p->file);
		CHECK_OK(port_add("net_pcap0", args, &p->tx));
		CHECK_OK(port_start(p, p->tx, false));
		CHECK(rte_eth_dev_stop(p->tx) == 0, "stop");
		snprintf(args, sizeof(args), "rx_pcap=/proc/self/fd/%d", p->file);
		CHECK_OK(port_add("net_pcap1", args, &p->rx));
		CHECK_OK(port_start(p, p->rx, true));
		CHECK(rte_eth_dev_stop(p->rx) == 0, "stop");
		p->rx_home = rte_mempool_avail_count(rx_pool);
		return 0;
	case KIND_TAP:
		p->len_max = LEN_LINK;
		CHECK_OK(port_add("net_tap0", "iface=ppt", &p->tx));
		break;
	case KIND_AF_PACKET:
		p->len_max = LEN_LINK;
		CHECK(system("ip link add ppa type veth peer name ppb && ip link set ppa up && "
			     "ip link set ppb up") == 0,
				"ip link");
		CHECK_OK(port_add("net_af_packet0",
				"iface=ppa,blocksz=4096,framesz=2048,framecnt=64", &p->tx));
		break;
	default:
		return -1;
	}
	p->rx = p->tx;
	CHECK_OK(port_start(p, p->tx, true));
	if (p->kind == KIND_TAP || p->kind == KIND_AF_PACKET) {
		p->sock = socket_open(p->kind == KIND_TAP ? "ppt" : "ppb");
		CHECK(p->sock >= 0, "socket");
	}
	p->rx_home = rte_mempool_avail_count(rx_pool);
	return 0;
}

/* The PMD makes more rings than it has queues, and leaves them behind. */
static void
rings_free(void)
{
	char name[RTE_RING_NAMESIZE];
	unsigned int i;

	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "ETH_RXTX%u_net_ring0", i);
		rte_ring_free(rte_ring_lookup(name));
	}
}

static int
path_close(struct path *p)
{
	if (p->sock >= 0)
		close(p->sock);
	if (p->kind != KIND_PCAP)
		CHECK(rte_eth_dev_stop(p->rx) == 0, "stop");
	CHECK(page_pool_split_rx_queue_release(p->splitter) == 0, "splitter");
	p->splitter = NULL;
	CHECK_OK(port_remove(p->tx));
	if (p->rx != p->tx)
		CHECK_OK(port_remove(p->rx));
	if (p->file >= 0)
		close(p->file);
	if (p->kind == KIND_RING)
		rings_free();
	if (p->kind == KIND_AF_PACKET)
		CHECK(system("ip link del ppa") == 0, "ip link");
	return 0;
}

/* ---- a cell */

static int
send_all(const struct path *p, struct rte_mbuf **m)
{
	double end = test_seconds() + PATIENCE;
	unsigned int sent = 0;

	if (p->kind == KIND_PCAP)
		CHECK(rte_eth_dev_start(p->tx) == 0, "start");
	while (sent < PACKETS) {
		sent += rte_eth_tx_burst(p->tx, 0, &m[sent], (uint16_t)(PACKETS - sent));
		CHECK(test_seconds() < end, "%u of %u sent", sent, PACKETS);
	}
	if (p->kind == KIND_PCAP) {
		/* the file is whole */
		CHECK(rte_eth_dev_stop(p->tx) == 0, "stop");
		CHECK(rte_eth_dev_start(p->rx) == 0, "start");
	}
	return 0;
}

/* The kernel's side of a link: what comes is what was sent, and goes back. */
static int
echo(const struct path *p)
{
	double end = test_seconds() + PATIENCE;
	struct pollfd pollfd = { .fd = p->sock, .events = POLLIN };
	struct sockaddr_ll from;
	uint8_t frame[LEN_LINK + 100];
	unsigned int got = 0;
	socklen_t len;
	ssize_t n;

	while (got < PACKETS) {
		CHECK(test_seconds() < end, "%u of %u at the other side", got, PACKETS);
		len = sizeof(from);
		n = recvfrom(p->sock, frame, sizeof(frame), 0, (struct sockaddr *)&from, &len);
		if (n < 0) {
			/* a signal, of the tap's, ends it early */
			poll(&pollfd, 1, 100);
			continue;
		}
		/* what this side sent, or the kernel */
		if (from.sll_pkttype == PACKET_OUTGOING || ntohs(from.sll_protocol) != ETHER_TYPE)
			continue;
		CHECK((size_t)n == expected[got].len, "%zd bytes, not %u", n, expected[got].len);
		CHECK(memcmp(frame, expected[got].bytes, (size_t)n) == 0,
				"packet %u at the other "
				"side",
				got);
		CHECK(send(p->sock, frame, (size_t)n, 0) == n, "%s", strerror(errno));
		got++;
	}
	return 0;
}

static bool
is_ours(const struct rte_mbuf *m)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(m, const uint8_t *);

	return m->data_len >= 14 && bytes[12] == ETHER_TYPE >> 8 &&
			bytes[13] == (ETHER_TYPE & 0xff);
}

static int
receive_all(const struct path *p, struct rte_mbuf **m)
{
	double end = test_seconds() + PATIENCE;
	unsigned int got = 0, i, n;

	while (got < PACKETS) {
		CHECK(test_seconds() < end, "%u of %u received", got, PACKETS);
		n = rte_eth_rx_burst(p->rx, 0, &m[got], (uint16_t)(PACKETS - got));
		for (i = got; n > 0; n--, i++) {
			if (p->sock < 0 || is_ours(m[i]))
				m[got++] = m[i];
			else
				rte_pktmbuf_free(m[i]);
		}
	}
	return 0;
}

/* Who made what was received. */
static int
received_right(const struct path *p, const struct rte_mbuf *m, const struct rte_mbuf *sent)
{
	const struct rte_mbuf *seg;

	if (p->split) {
		CHECK(m->pool == rx_headers && m->data_len == SPLIT_AT && m->nb_segs > 1,
				"%u bytes, %u segments", m->data_len, m->nb_segs);
		m = m->next;
	} else if (p->kind == KIND_RING) {
		CHECK(m == sent, "another mbuf");
	}
	for (seg = m; p->kind != KIND_RING && seg != NULL; seg = seg->next)
		CHECK(seg->pool == rx_pool && page_pool_mbuf_pool(seg) == rx_pages,
				"not of the Rx pool");
	return 0;
}

static int
cell(struct path *p, enum alloc alloc, enum shape shape, enum way way)
{
	const struct expected *kept_e[PACKETS], *all_e[PACKETS];
	struct rte_mbuf *m[PACKETS], *sent[PACKETS], *kept[PACKETS], *seg;
	unsigned int i, nr_kept = 0;

	for (i = 0; i < PACKETS; i++) {
		all_e[i] = &expected[i];
		expect(&expected[i], LEN_MIN + test_random_below(p->len_max - LEN_MIN + 1));
		m[i] = packet_make(alloc, shape, &expected[i]);
		CHECK(m[i] != NULL, "%s", rte_strerror(rte_errno));
		CHECK(shape != SHAPE_CHAIN || m[i]->nb_segs > 1, "no chain");
		CHECK_OK(verify(m[i], &expected[i], 0, expected[i].len));
		CHECK_OK(provenance(alloc, m[i], 1));
		sent[i] = m[i];
		if (shape == SHAPE_CLONE) {
			sent[i] = page_pool_mbuf_clone(m[i], clones);
			CHECK(sent[i] != NULL, "%s", rte_strerror(rte_errno));
			CHECK_OK(provenance(alloc, sent[i], 2));
			if (i % 2 == 0) {
				/* the clone is freed last */
				CHECK_OK(drop(way, &m[i], &all_e[i], 1));
				CHECK_OK(provenance(alloc, sent[i], 1));
				continue;
			}
		} else if (i % 2 == 0 || p->kind == KIND_RING) {
			continue;
		} else {
			for (seg = m[i]; seg != NULL; seg = seg->next)
				rte_mbuf_refcnt_update(seg, 1);
		}
		kept[nr_kept] = m[i];
		kept_e[nr_kept++] = all_e[i];
	}
	memcpy(m, sent, sizeof(m));
	CHECK_OK(send_all(p, m));
	if (p->sock >= 0)
		CHECK_OK(echo(p));
	CHECK_OK(receive_all(p, m));
	for (i = 0; i < PACKETS; i++) {
		CHECK_OK(received_right(p, m[i], sent[i]));
		if (p->kind != KIND_NULL)
			CHECK_OK(verify(m[i], &expected[i], 0, expected[i].len));
	}
	CHECK_OK(drop(way, m, p->kind == KIND_NULL ? NULL : all_e, PACKETS));
	/* nobody else has these any more */
	for (i = 0; i < nr_kept; i++) {
		CHECK_OK(verify(kept[i], kept_e[i], 0, kept_e[i]->len));
		CHECK_OK(provenance(alloc, kept[i], 1));
		for (seg = kept[i]; seg != NULL; seg = seg->next)
			CHECK(rte_mbuf_refcnt_read(seg) == 1, "the PMD has it yet");
	}
	CHECK_OK(drop(way, kept, kept_e, nr_kept));
	if (p->kind == KIND_PCAP)
		CHECK(rte_eth_dev_stop(p->rx) == 0, "stop");
	rte_pktmbuf_free_bulk(stash, stashed);
	stashed = 0;
	return pools_home(p);
}

static int
row(struct path *p, enum alloc alloc)
{
	int *result = &rows[p->kind][p->split][alloc], cells = 0;
	unsigned int i, round;

	*result = ROW_FAILED;
	for (i = 0; i < NR_SHAPES * NR_WAYS; i++, cells++)
		for (round = 0; round < ROUNDS * test_scale(); round++)
			if (cell(p, alloc, i / NR_WAYS, i % NR_WAYS) != 0) {
				printf("%s%s: %s, %s, %s\n", kind_names[p->kind],
						p->split ? " split" : "", alloc_names[alloc],
						shape_names[i / NR_WAYS], way_names[i % NR_WAYS]);
				return -1;
			}
	CHECK_OK(pages_home());
	*result = cells;
	return 0;
}

static int
run_path(enum kind kind, bool split)
{
	/* received in several segments where the PMD can */
	bool chains = kind == KIND_TAP || kind == KIND_PCAP;
	struct path p = { .kind = kind, .split = split };
	struct rte_eth_stats stats;
	enum alloc alloc;

	CHECK_OK(pools_begin(chains ? 512 : 2048));
	CHECK_OK(path_open(&p));
	for (alloc = 0; alloc < NR_ALLOCS; alloc++)
		CHECK_OK(row(&p, alloc));
	/* pcap forgets them when it stops */
	if (kind != KIND_PCAP) {
		CHECK(rte_eth_stats_get(p.tx, &stats) == 0, "stats");
		CHECK(stats.opackets ==
								NR_ALLOCS * NR_SHAPES * NR_WAYS *
										PACKETS * ROUNDS *
										test_scale() &&
						stats.oerrors == 0,
				"%" PRIu64 " sent, %" PRIu64 " not", stats.opackets, stats.oerrors);
	}
	CHECK_OK(path_close(&p));
	return pools_end();
}

/* What EAL, PMDs and the library make once is there when the cases begin. */
static int
warm_up(void)
{
	static bool done;
	unsigned int i;

	if (done)
		return 0;
	done = true;
	rte_log_set_level_pattern("pmd.net.tap", RTE_LOG_CRIT);
	for (i = 0; i <= NR_KINDS; i++) {
		struct test_memory before = test_memory(), after;
		/* the last one is again the first one, of which nothing should stay behind */
		enum kind kind = i % NR_KINDS;
		struct path p = { .kind = kind };

		if (skip_reason[kind] != NULL)
			continue;
		CHECK_OK(pools_begin(2048));
		CHECK_OK(path_open(&p));
		CHECK_OK(path_close(&p));
		CHECK_OK(pools_end());
		after = test_memory();
		null_loss.bytes = after.bytes - before.bytes;
		null_loss.blocks = after.blocks - before.blocks;
	}
	printf("the null PMD loses %zu bytes in %u blocks with each port\n", null_loss.bytes,
			null_loss.blocks);
	return 0;
}

/* The null PMD loses some memory, which is known; nothing else is lost. */
static int
run_kind(enum kind kind)
{
	struct test_memory before;
	unsigned int i;

	if (skip_reason[kind] != NULL) {
		printf("%s: skipped: %s\n", kind_names[kind], skip_reason[kind]);
		for (i = 0; i < NR_ALLOCS; i++)
			rows[kind][0][i] = rows[kind][1][i] = ROW_SKIPPED;
		return TEST_SKIPPED;
	}
	CHECK_OK(warm_up());
	before = test_memory();
	CHECK_OK(run_path(kind, false));
	CHECK_OK(run_path(kind, true));
	if (kind == KIND_NULL) {
		before.bytes += 2 * null_loss.bytes;
		before.blocks += 2 * null_loss.blocks;
	}
	CHECK(test_memory_same(&before, kind_names[kind]), "memory");
	return 0;
}

static int
test_null(void)
{
	return run_kind(KIND_NULL);
}

static int
test_ring(void)
{
	return run_kind(KIND_RING);
}

static int
test_pcap(void)
{
	return run_kind(KIND_PCAP);
}

static int
test_tap(void)
{
	return run_kind(KIND_TAP);
}

static int
test_af_packet(void)
{
	return run_kind(KIND_AF_PACKET);
}

/* ---- before and after */

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		printf("%s: %s\n", path, strerror(errno));
	close(fd);
}

/* A network of our own, where the kernel adds no packets to ours. */
static void
network_begin(void)
{
	if (unshare(CLONE_NEWNET) != 0) {
		snprintf(no_netns, sizeof(no_netns), "no network namespace: %s", strerror(errno));
		skip_reason[KIND_TAP] = skip_reason[KIND_AF_PACKET] = no_netns;
		return;
	}
	write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	if (access("/dev/net/tun", R_OK | W_OK) != 0)
		skip_reason[KIND_TAP] = "there is no /dev/net/tun";
	if (system("ip link add ppx type veth peer name ppy && ip link del ppx") != 0)
		skip_reason[KIND_AF_PACKET] = "no veth pair can be made";
}

static void
print_table(void)
{
	unsigned int kind, split, alloc;
	char entry[16];

	printf("cells that went well, of %u: {%u shapes} x {%u ways to free}, %u packets each; "
	       "s: split\n%-26s",
			NR_SHAPES * NR_WAYS, NR_SHAPES, NR_WAYS, PACKETS * ROUNDS * test_scale(),
			"");
	for (kind = 0; kind < NR_KINDS; kind++)
		printf("%10s  s", kind_names[kind]);
	for (alloc = 0; alloc < NR_ALLOCS; alloc++) {
		printf("\n%-26s", alloc_names[alloc]);
		for (kind = 0; kind < NR_KINDS; kind++)
			for (split = 0; split < 2; split++) {
				snprintf(entry, sizeof(entry), "%d", rows[kind][split][alloc]);
				printf(split == 0 ? "%10s" : "%3s",
						rows[kind][split][alloc] == ROW_NOT_RUN ? "-" :
								rows[kind][split][alloc] ==
										ROW_FAILED ?
											  "F" :
								rows[kind][split][alloc] ==
										ROW_SKIPPED ?
											  "S" :
											  entry);
			}
	}
	printf("\n-: not run, F: failed, S: skipped\n");
	for (kind = 0; kind < NR_KINDS; kind++)
		if (skip_reason[kind] != NULL)
			printf("%s: %s\n", kind_names[kind], skip_reason[kind]);
		else if (no_multi_segs[kind])
			printf("%s does not say that it takes several segments, and does\n",
					kind_names[kind]);
}

static const struct test_case cases[] = {
	{ "item 1, 4: null", test_null, TEST_PMD_LOSES },
	{ "item 1, 4: ring", test_ring, TEST_PMD_LOSES },
	{ "item 1, 4: pcap", test_pcap, TEST_PMD_LOSES },
	{ "item 1, 4: tap", test_tap, TEST_PMD_LOSES },
	{ "item 1, 4: af_packet", test_af_packet, TEST_PMD_LOSES },
};

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_mbuf_pmds", 256, cases, RTE_DIM(cases) };
	unsigned int kind, alloc;
	int rc;

	for (kind = 0; kind < NR_KINDS; kind++)
		for (alloc = 0; alloc < NR_ALLOCS; alloc++)
			rows[kind][0][alloc] = rows[kind][1][alloc] = ROW_NOT_RUN;
	/* ends us, whatever waits */
	alarm(LIMIT);
	network_begin();
	rc = test_main(&suite, argc, argv);
	print_table();
	return rc;
}
