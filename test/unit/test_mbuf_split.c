/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Header/payload split at the calls into ethdev (issue 6, item 2): what a port is asked for that
 * can split, and one that cannot; what becomes of each call that fails. Ports are doubles: the
 * program's own definitions of four of ethdev's calls stand before it. Then a port of DPDK's own,
 * in software, with the calls handed on.
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include <page_pool.h>
#include <page_pool_mbuf.h>
#include <page_pool_split.h>

#include "test_common.h"
#include "test_inject.h"

#define PORT 11
#define QUEUE 5
#define DESC 256
#define LENGTH 64u

/* Room for what a double gives away as a callback. */
#define CALLBACK_SIZE 64

static struct {
	bool on; /* false: the calls are handed on */
	struct rte_eth_dev_info info;
	int info_rc, setup_rc, split_rc, add_error, remove_rc;
	unsigned int infos, setups, adds, removes;
	unsigned int bad; /* calls for another port or queue */
	/* the last queue that was set up */
	bool has_conf;
	struct rte_eth_rxconf conf;
	union rte_eth_rxseg seg[2];
	struct rte_mempool *mp;
	uint16_t desc;
	unsigned int socket;
	/* its callback */
	rte_rx_callback_fn fn;
	void *arg;
	void *callback;
} dbl;

#define NEXT(name) \
	({ \
		static __typeof__(&name) next_##name; \
		if (next_##name == NULL) \
			next_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
		if (next_##name == NULL) \
			abort(); \
		next_##name; \
	})

int
rte_eth_dev_info_get(uint16_t port_id, struct rte_eth_dev_info *info)
{
	if (!dbl.on)
		return NEXT(rte_eth_dev_info_get)(port_id, info);
	dbl.infos++;
	dbl.bad += port_id != PORT;
	/* as ethdev leaves it: not defined, or all 0 */
	memset(info, dbl.info_rc != 0 ? 0xff : 0, sizeof(*info));
	if (dbl.info_rc == 0)
		*info = dbl.info;
	return dbl.info_rc;
}

int
rte_eth_rx_queue_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	if (!dbl.on)
		return NEXT(rte_eth_rx_queue_setup)(port_id, queue_id, nb_desc, socket_id, conf,
				mp);
	dbl.setups++;
	dbl.bad += port_id != PORT || queue_id != QUEUE || dbl.infos == 0;
	dbl.desc = nb_desc;
	dbl.socket = socket_id;
	dbl.mp = mp;
	dbl.has_conf = conf != NULL;
	if (conf != NULL)
		dbl.conf = *conf;
	if (conf != NULL && conf->rx_nseg == 2)
		memcpy(dbl.seg, conf->rx_seg, sizeof(dbl.seg));
	return conf != NULL && conf->rx_nseg != 0 && dbl.split_rc != 0 ? dbl.split_rc :
									 dbl.setup_rc;
}

const struct rte_eth_rxtx_callback *
rte_eth_add_rx_callback(uint16_t port_id, uint16_t queue_id, rte_rx_callback_fn fn, void *arg)
{
	if (!dbl.on)
		return NEXT(rte_eth_add_rx_callback)(port_id, queue_id, fn, arg);
	dbl.adds++;
	dbl.bad += port_id != PORT || queue_id != QUEUE || dbl.setups == 0 || dbl.callback != NULL;
	if (dbl.add_error != 0) {
		rte_errno = dbl.add_error;
		return NULL;
	}
	dbl.fn = fn;
	dbl.arg = arg;
	/* who removes it frees it */
	dbl.callback = rte_zmalloc("callback", CALLBACK_SIZE, 0);
	return dbl.callback;
}

int
rte_eth_remove_rx_callback(uint16_t port_id, uint16_t queue_id,
		const struct rte_eth_rxtx_callback *callback)
{
	if (!dbl.on)
		return NEXT(rte_eth_remove_rx_callback)(port_id, queue_id, callback);
	dbl.removes++;
	dbl.bad += port_id != PORT || queue_id != QUEUE || callback != dbl.callback;
	if (dbl.remove_rc == 0)
		dbl.callback = NULL;
	return dbl.remove_rc;
}

/* ---- what the cases share */

static struct page_pool *pages;
static struct rte_mempool *header, *payload, *bare;
static struct rte_eth_rxseg_split segs[2];

static int
begin(void)
{
	struct page_pool_params params = {
		.name = "split",
		.order = 3,
		.nid = -1,
		.owner = PAGE_POOL_OWNER_THREAD,
	};
	struct page_pool_mbuf_pool_params pinned = {
		.name = "payload",
		.n = 127,
		.data_room_size = 2176,
		.socket_id = SOCKET_ID_ANY,
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};

	pages = pinned.pool = page_pool_create(&params);
	CHECK(pages != NULL, "%s", rte_strerror(rte_errno));
	payload = page_pool_mbuf_pool_create(&pinned);
	header = rte_pktmbuf_pool_create("header", 127, 0, 0, RTE_PKTMBUF_HEADROOM + 128,
			SOCKET_ID_ANY);
	bare = rte_pktmbuf_pool_create("bare", 63, 0, 0, 0, SOCKET_ID_ANY);
	CHECK(payload != NULL && header != NULL && bare != NULL, "%s", rte_strerror(rte_errno));
	memset(segs, 0, sizeof(segs));
	segs[0].mp = header;
	segs[0].length = LENGTH;
	segs[0].offset = 2;
	segs[1].mp = payload;
	return 0;
}

static int
end(void)
{
	CHECK(rte_mempool_full(header) && rte_mempool_full(payload), "mbufs are out");
	rte_mempool_free(header);
	rte_mempool_free(bare);
	CHECK(page_pool_mbuf_pool_free(payload) == 0, "payload");
	CHECK(page_pool_check(pages, stdout) == 0 && page_pool_destroy(pages) == 0, "pages");
	return 0;
}

/* A port of which nothing was asked yet. */
static void
port_begin(uint64_t offloads, bool multi_pools, uint16_t max_nseg)
{
	memset(&dbl, 0, sizeof(dbl));
	dbl.on = true;
	dbl.socket = 99;
	dbl.info.rx_offload_capa = offloads | RTE_ETH_RX_OFFLOAD_CHECKSUM;
	dbl.info.rx_seg_capa.multi_pools = multi_pools;
	dbl.info.rx_seg_capa.offset_allowed = 1;
	dbl.info.rx_seg_capa.max_nseg = max_nseg;
	dbl.info.default_rxconf.rx_free_thresh = 23;
	dbl.info.default_rxconf.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
}

static int
setup(const struct rte_eth_rxconf *conf, struct page_pool_split **split)
{
	return page_pool_split_rx_queue_setup(PORT, QUEUE, DESC, 0, conf, segs, split);
}

static const struct rte_eth_rxconf conf_given = {
	.rx_free_thresh = 17,
	.rx_drop_en = 1,
	.rx_deferred_start = 1,
	.offloads = RTE_ETH_RX_OFFLOAD_KEEP_CRC,
};

/* What the queue was set up with, but for the split. */
static int
conf_check(bool given, uint64_t more)
{
	CHECK(dbl.bad == 0 && dbl.infos == 1 && dbl.setups == 1u + (dbl.split_rc != 0),
			"calls: %u, %u, %u", dbl.bad, dbl.infos, dbl.setups);
	CHECK(dbl.desc == DESC && dbl.socket == 0 && dbl.has_conf, "parameters");
	CHECK(dbl.conf.rx_free_thresh == (given ? 17 : 23) && dbl.conf.rx_drop_en == given &&
					dbl.conf.rx_deferred_start == given,
			"the caller's, or the device's");
	CHECK(dbl.conf.offloads ==
					((given ? RTE_ETH_RX_OFFLOAD_KEEP_CRC :
						  RTE_ETH_RX_OFFLOAD_SCATTER) |
							more),
			"%" PRIx64, dbl.conf.offloads);
	return 0;
}

/* Packets of a length, their bytes told by their number. */
static int
packets_make(struct rte_mbuf **m, unsigned int n, uint16_t len)
{
	unsigned int i, k;
	char *p;

	CHECK(rte_pktmbuf_alloc_bulk(payload, m, n) == 0, "alloc");
	for (i = 0; i < n; i++) {
		p = rte_pktmbuf_append(m[i], len);
		CHECK(p != NULL, "append");
		for (k = 0; k < len; k++)
			p[k] = (char)(i * 7 + k);
	}
	return 0;
}

/* They come as a device that splits would bring them. */
static int
packets_check(struct rte_mbuf **m, unsigned int n, uint16_t len)
{
	unsigned int i, k;
	const char *p;
	char copy[2048];

	for (i = 0; i < n; i++) {
		CHECK(m[i]->pool == header && m[i]->data_len == RTE_MIN(len, LENGTH), "header");
		CHECK(rte_pktmbuf_headroom(m[i]) == RTE_PKTMBUF_HEADROOM + 2, "offset");
		CHECK(m[i]->pkt_len == len && m[i]->nb_segs == 1 + (len > LENGTH), "%u in %u",
				m[i]->pkt_len, m[i]->nb_segs);
		CHECK((m[i]->next != NULL) == (len > LENGTH), "payload");
		CHECK(m[i]->next == NULL || m[i]->next->pool == payload, "payload");
		CHECK(rte_mbuf_check(m[i], 1, &p) == 0, "%s", p);
		p = rte_pktmbuf_read(m[i], 0, len, copy);
		for (k = 0; k < len; k++)
			CHECK(p[k] == (char)(i * 7 + k), "byte %u of packet %u", k, i);
	}
	rte_pktmbuf_free_bulk(m, n);
	return 0;
}

/* ---- in software */

static int
software(bool given)
{
	struct rte_eth_rxconf conf = conf_given;
	struct page_pool_split_stats stats;
	struct page_pool_split *split;
	struct rte_mbuf *m[16];

	CHECK(setup(given ? &conf : NULL, &split) == 0 && split != NULL, "setup");
	CHECK_OK(conf_check(given, 0));
	CHECK(dbl.mp == payload && dbl.conf.rx_nseg == 0 && dbl.conf.rx_seg == NULL, "one pool");
	CHECK(dbl.adds == 1 && dbl.fn != NULL, "a callback");
	CHECK(memcmp(&conf, &conf_given, sizeof(conf)) == 0, "the caller's");
	CHECK_OK(packets_make(m, 16, 1000));
	CHECK(dbl.fn(PORT, QUEUE, m, 16, 16, dbl.arg) == 16, "packets");
	CHECK_OK(packets_check(m, 16, 1000));
	CHECK_OK(packets_make(m, 3, LENGTH));
	CHECK(dbl.fn(PORT, QUEUE, m, 3, 16, dbl.arg) == 3, "packets");
	CHECK_OK(packets_check(m, 3, LENGTH));
	CHECK(dbl.fn(PORT, QUEUE, m, 0, 16, dbl.arg) == 0, "none");
	page_pool_split_get_stats(split, &stats);
	CHECK(stats.split == 16 && stats.header == 3 && stats.unsplit == 0 && stats.nombuf == 0,
			"%" PRIu64 ", %" PRIu64, stats.split, stats.header);
	/* it is there until ethdev lets it go */
	dbl.remove_rc = -EINVAL;
	CHECK(page_pool_split_rx_queue_release(split) == -EINVAL, "the device's error");
	CHECK_OK(packets_make(m, 1, 100));
	CHECK(dbl.fn(PORT, QUEUE, m, 1, 1, dbl.arg) == 1, "packets");
	CHECK_OK(packets_check(m, 1, 100));
	dbl.remove_rc = 0;
	CHECK(page_pool_split_rx_queue_release(split) == 0 && dbl.removes == 2, "release");
	CHECK(dbl.bad == 0 && dbl.callback == NULL, "calls");
	return 0;
}

/* ---- a port that splits */

static int
test_device(void)
{
	struct rte_eth_rxconf conf = conf_given;
	struct page_pool_split *split;
	unsigned int i;

	CHECK_OK(begin());
	/* it cannot split in this way, or not at an offset: in software */
	for (i = 0; i < 4; i++) {
		port_begin(RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, true, 2);
		dbl.split_rc = i < 2 ? -ENOTSUP : 0;
		dbl.info.rx_seg_capa.offset_allowed = i < 2;
		CHECK_OK(software(i % 2 == 1));
	}
	for (i = 0; i < 4; i++) {
		bool given = i % 2 == 1;

		port_begin(RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, true, i < 2 ? 2 : 8);
		split = (void *)&conf;
		CHECK(setup(given ? &conf : NULL, &split) == 0, "setup");
		CHECK(split == NULL && dbl.adds == 0, "in software");
		CHECK_OK(conf_check(given, RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT));
		CHECK(dbl.mp == NULL && dbl.conf.rx_nseg == 2, "two pools");
		CHECK(memcmp(&dbl.seg[0].split, &segs[0], sizeof(segs[0])) == 0 &&
						memcmp(&dbl.seg[1].split, &segs[1],
								sizeof(segs[1])) == 0,
				"the pieces");
		CHECK(memcmp(&conf, &conf_given, sizeof(conf)) == 0, "the caller's");
		CHECK(page_pool_split_rx_queue_release(split) == 0 && dbl.removes == 0, "release");
	}
	/* what it answers is the caller's */
	dbl.setup_rc = -EIO;
	split = (void *)&conf;
	CHECK(setup(NULL, &split) == -EIO && split == NULL, "the device's error");
	CHECK(dbl.adds == 0, "it is the device or the software");
	return end();
}

/* ---- and ports that do not split */

static int
test_software(void)
{
	static const struct {
		uint64_t offloads;
		bool multi_pools;
		uint16_t max_nseg;
	} ports[] = {
		{ 0, false, 0 },
		{ 0, true, 2 },
		{ RTE_ETH_RX_OFFLOAD_SCATTER, true, 2 },
		{ RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, false, 2 },
		{ RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, true, 1 },
		{ RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, true, 0 },
	};
	unsigned int i;

	CHECK_OK(begin());
	for (i = 0; i < 2 * RTE_DIM(ports); i++) {
		port_begin(ports[i / 2].offloads, ports[i / 2].multi_pools, ports[i / 2].max_nseg);
		CHECK_OK(software(i % 2 == 1));
	}
	CHECK(page_pool_split_rx_queue_release(NULL) == 0 && dbl.removes == 2, "none");
	return end();
}

/* ---- calls that fail */

/* No splitter, and what was called. That nothing is left behind the runner looks at. */
static int
fails_with(int error, unsigned int setups, unsigned int adds)
{
	struct page_pool_split *split = (void *)&dbl;
	int rc = setup(NULL, &split);

	CHECK(rc == -error, "%s, not %s", rte_strerror(-rc), rte_strerror(error));
	CHECK(split == NULL, "a splitter");
	CHECK(dbl.bad == 0 && dbl.setups == setups && dbl.adds == adds && dbl.removes == 0,
			"calls: %u, %u, %u", dbl.setups, dbl.adds, dbl.removes);
	return 0;
}

static int
test_fails(void)
{
	const char *what;

	CHECK_OK(begin());
	port_begin(RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT, true, 2);
	dbl.info_rc = -ENODEV;
	CHECK_OK(fails_with(ENODEV, 0, 0));
	port_begin(0, false, 0);
	dbl.info_rc = -EIO;
	CHECK_OK(fails_with(EIO, 0, 0));
	port_begin(0, false, 0);
	dbl.setup_rc = -EBUSY;
	CHECK_OK(fails_with(EBUSY, 1, 0));
	port_begin(0, false, 0);
	dbl.add_error = ENOTSUP;
	CHECK_OK(fails_with(ENOTSUP, 1, 1));
	port_begin(0, false, 0);
	inject_start(INJECT_OURS, 1, true);
	CHECK_OK(fails_with(ENOMEM, 0, 0));
	CHECK(inject_stop(&what) == 1 && what != NULL, "nothing was injected");
	/* pieces that cannot be, before the device hears of them */
	port_begin(0, false, 0);
	segs[1].length = 1;
	CHECK_OK(fails_with(ENOTSUP, 0, 0));
	segs[1].length = 0;
	segs[0].mp = bare;
	CHECK_OK(fails_with(EINVAL, 0, 0));
	segs[0].mp = header;
	segs[0].length = 200;
	CHECK_OK(fails_with(EINVAL, 0, 0));
	return end();
}

/* ---- a port of DPDK's, on which what is sent is received */

#define REAL "net_ring_pp"

static int
real_traffic(uint16_t port)
{
	struct page_pool_split *split;
	struct rte_mbuf *m[32];

	CHECK(page_pool_split_rx_queue_setup(port, 0, 64, SOCKET_ID_ANY, NULL, segs, &split) == 0 &&
					split != NULL,
			"setup");
	CHECK(rte_eth_tx_queue_setup(port, 0, 64, SOCKET_ID_ANY, NULL) == 0, "tx");
	CHECK(rte_eth_dev_start(port) == 0, "start");
	CHECK_OK(packets_make(m, 32, 1500));
	CHECK(rte_eth_tx_burst(port, 0, m, 32) == 32, "sent");
	CHECK(rte_eth_rx_burst(port, 0, m, 32) == 32, "received");
	CHECK_OK(packets_check(m, 32, 1500));
	CHECK(rte_eth_dev_stop(port) == 0, "stop");
	CHECK(page_pool_split_rx_queue_release(split) == 0, "release");
	/* it does not split any more */
	CHECK(rte_eth_dev_start(port) == 0, "start");
	CHECK_OK(packets_make(m, 4, 200));
	CHECK(rte_eth_tx_burst(port, 0, m, 4) == 4, "sent");
	CHECK(rte_eth_rx_burst(port, 0, m, 32) == 4, "received");
	CHECK(m[0]->pool == payload && m[0]->nb_segs == 1 && m[0]->data_len == 200, "as sent");
	rte_pktmbuf_free_bulk(m, 4);
	CHECK(rte_eth_dev_stop(port) == 0, "stop");
	return 0;
}

static bool real;

static int
test_real(void)
{
	uint16_t port;

	dbl.on = false;
	if (!real)
		return TEST_SKIPPED;
	CHECK_OK(begin());
	CHECK(rte_eth_dev_get_port_by_name(REAL, &port) == 0, "port");
	CHECK_OK(real_traffic(port));
	CHECK(page_pool_split_rx_queue_setup(port + 1, 0, 64, 0, NULL, segs,
			      &(struct page_pool_split *){ NULL }) == -ENODEV,
			"no such port");
	return end();
}

/* ---- where headers end: tunnels, tags, and lengths that lie */

/* Layers by letters: Ethernet, QinQ's outer tag, VLAN, IPv4, IPv6, GRE, TCP, UDP, payload. */
static uint16_t
ether_type(char next)
{
	return next == 'q'          ? 0x88a8 :
			next == 'v' ? 0x8100 :
			next == '4' ? 0x0800 :
			next == '6' ? 0x86dd :
			next == 'e' ? 0x6558 :
				      0xffff;
}

static uint8_t
ip_proto(char next)
{
	return next == 't' ? 6 : next == 'u' ? 17 : next == 'g' ? 47 : next == '4' ? 4 : 41;
}

static struct rte_mbuf *
packet_make(const char *layers)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(payload);
	uint16_t type;
	uint8_t *p;

	for (; m != NULL && *layers != '\0'; layers++) {
		static const struct {
			char name;
			uint16_t len;
		} lens[] = { { 'e', 14 }, { 'q', 4 }, { 'v', 4 }, { '4', 20 }, { '6', 40 },
			{ 'g', 4 }, { 't', 20 }, { 'u', 8 }, { 'p', 100 } };
		unsigned int i = 0;

		while (lens[i].name != *layers)
			i++;
		p = (uint8_t *)rte_pktmbuf_append(m, lens[i].len);
		memset(p, 0, lens[i].len);
		type = ether_type(layers[1]);
		switch (*layers) {
		case 'e':
			p[12] = (uint8_t)(type >> 8);
			p[13] = (uint8_t)type;
			break;
		case 'q':
		case 'v':
		case 'g':
			p[2] = (uint8_t)(type >> 8);
			p[3] = (uint8_t)type;
			break;
		case '4':
			p[0] = 0x45;
			p[9] = ip_proto(layers[1]);
			break;
		case '6':
			p[0] = 0x60;
			p[6] = ip_proto(layers[1]);
			break;
		case 't':
			p[12] = 0x50;
			break;
		default:
			break;
		}
	}
	return m;
}

static int
test_layers(void)
{
	const uint32_t gre = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_TUNNEL_GRE;
	const uint32_t nvgre = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_TUNNEL_NVGRE;
	const uint32_t in4 = RTE_PTYPE_INNER_L3_IPV4_EXT_UNKNOWN;
	const uint32_t in6 = RTE_PTYPE_INNER_L3_IPV6_EXT_UNKNOWN;
	const struct {
		const char *layers;
		uint32_t proto_hdr;
		uint32_t header; /* 0: unsplit */
	} rows[] = {
		{ "eqv4tp", RTE_PTYPE_L2_ETHER, 22 },
		{ "ev4tp", RTE_PTYPE_L2_ETHER, 18 },
		{ "e6up", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN, 54 },
		{ "e6up", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_UDP, 62 },
		{ "e4up", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN, 0 },
		{ "e6up", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, 0 },
		{ "e4ge4tp", nvgre, 38 },
		{ "e4ge4tp", gre, 0 },
		{ "e4ge4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER, 52 },
		{ "e4gev4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER, 56 },
		{ "e4geqv4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER, 60 },
		{ "e4ge4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER | in4, 72 },
		{ "e4ge4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER | in6, 0 },
		{ "e4ge4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER | in4 | RTE_PTYPE_INNER_L4_TCP, 92 },
		{ "e4ge4tp", nvgre | RTE_PTYPE_INNER_L2_ETHER | in4 | RTE_PTYPE_INNER_L4_UDP, 0 },
		{ "e4g6up", gre | in6, 78 },
		{ "e4g6up", gre | in4, 0 },
		{ "e4g6up", gre | in6 | RTE_PTYPE_INNER_L4_UDP, 86 },
	};
	struct page_pool_split *split;
	struct rte_mbuf *m, *was;
	unsigned int i;

	CHECK_OK(begin());
	segs[0].length = 0;
	for (i = 0; i < RTE_DIM(rows); i++) {
		segs[0].proto_hdr = rows[i].proto_hdr;
		split = page_pool_split_create(segs, SOCKET_ID_ANY);
		CHECK(split != NULL, "%s", rte_strerror(rte_errno));
		was = m = packet_make(rows[i].layers);
		CHECK(m != NULL, "alloc");
		CHECK(page_pool_split_burst(split, &m, 1) == 1, "one");
		if (rows[i].header == 0)
			CHECK(m == was && m->nb_segs == 1, "row %u is split at %u", i, m->data_len);
		else
			CHECK(m->data_len == rows[i].header && m->nb_segs == 2,
					"row %u: %u, not %u", i, m->data_len, rows[i].header);
		rte_pktmbuf_free(m);
		page_pool_split_free(split);
	}
	/* an IPv4 header that is longer than its packet */
	segs[0].proto_hdr = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN;
	split = page_pool_split_create(segs, SOCKET_ID_ANY);
	CHECK(split != NULL, "%s", rte_strerror(rte_errno));
	was = m = packet_make("e4");
	CHECK(m != NULL, "alloc");
	*rte_pktmbuf_mtod_offset(m, uint8_t *, 14) = 0x4f;
	CHECK(page_pool_split_burst(split, &m, 1) == 1 && m == was && m->pkt_len == 34, "too long");
	rte_pktmbuf_free(m);
	page_pool_split_free(split);
	return end();
}

/* ---- what is said of a packet, and of a splitter, at its limits */

static int
test_fields(void)
{
	struct page_pool_mbuf_pool_params pinned = {
		.name = "pinned header",
		.n = 15,
		.data_room_size = RTE_PKTMBUF_HEADROOM + 130,
		.socket_id = SOCKET_ID_ANY,
		.flags = PAGE_POOL_MBUF_F_NO_IOVA,
	};
	struct page_pool_split *split;
	struct rte_mempool *mp;
	struct rte_mbuf *m;
	const char *reason;

	CHECK_OK(begin());
	/* headers in pages, too; no length: all that there is room for */
	pinned.pool = pages;
	mp = page_pool_mbuf_pool_create(&pinned);
	CHECK(mp != NULL, "%s", rte_strerror(rte_errno));
	segs[0].mp = mp;
	segs[0].length = 0;
	split = page_pool_split_create(segs, SOCKET_ID_ANY);
	CHECK(split != NULL, "%s", rte_strerror(rte_errno));
	CHECK_OK(packets_make(&m, 1, 300));
	m->port = 7;
	m->vlan_tci = 1;
	m->vlan_tci_outer = 2;
	m->tx_offload = 3;
	m->hash.rss = 4;
	m->packet_type = RTE_PTYPE_L2_ETHER;
	m->dynfield1[0] = 5;
	m->dynfield1[RTE_DIM(m->dynfield1) - 1] = 6;
	m->ol_flags |= RTE_MBUF_F_RX_VLAN;
	CHECK(page_pool_split_burst(split, &m, 1) == 1, "one");
	CHECK(m->pool == mp && m->data_len == 128 && m->nb_segs == 2, "%u", m->data_len);
	CHECK(m->ol_flags == (RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_RX_VLAN), "flags");
	CHECK(m->port == 7 && m->vlan_tci == 1 && m->vlan_tci_outer == 2 && m->tx_offload == 3 &&
					m->hash.rss == 4 && m->packet_type == RTE_PTYPE_L2_ETHER &&
					m->dynfield1[0] == 5 &&
					m->dynfield1[RTE_DIM(m->dynfield1) - 1] == 6,
			"what the device said");
	CHECK(rte_mbuf_check(m, 1, &reason) == 0, "%s", reason);
	CHECK(page_pool_mbuf_pool(m) == pages && page_pool_mbuf_pool(m->next) == pages, "pages");
	rte_pktmbuf_free(m);
	page_pool_split_free(split);
	CHECK(page_pool_mbuf_pool_free(mp) == 0, "headers are out");
	/* no byte is left behind the offset */
	segs[0].mp = header;
	segs[0].offset = 128;
	CHECK(page_pool_split_create(segs, SOCKET_ID_ANY) == NULL && rte_errno == EINVAL, "room");
	segs[0].offset = 127;
	segs[0].length = 1;
	split = page_pool_split_create(segs, SOCKET_ID_ANY);
	CHECK(split != NULL, "one byte");
	CHECK_OK(packets_make(&m, 1, 10));
	CHECK(page_pool_split_burst(split, &m, 1) == 1 && m->data_len == 1, "one byte");
	rte_pktmbuf_free(m);
	page_pool_split_free(split);
	return end();
}

static const struct test_case cases[] = {
	{ "item 2: a port that splits", test_device, TEST_ONCE },
	{ "item 2: ports that do not", test_software, TEST_ONCE },
	{ "item 2: each call fails", test_fails, TEST_ONCE },
	{ "item 2: a port in software", test_real, TEST_ONCE },
	{ "item 2: tunnels, tags, and a length that lies", test_layers, TEST_ONCE },
	{ "item 2: fields, and limits", test_fields, TEST_ONCE },
};

/* What the library and ethdev make once. The port stays: its driver leaves memory behind. */
static int
warm_up(void)
{
	struct rte_eth_conf conf;
	uint16_t port;

	memset(&conf, 0, sizeof(conf));
	real = rte_eal_hotplug_add("vdev", REAL, "") == 0 &&
			rte_eth_dev_get_port_by_name(REAL, &port) == 0 &&
			rte_eth_dev_configure(port, 1, 1, &conf) == 0;
	CHECK_OK(begin());
	return end();
}

int
main(int argc, char **argv)
{
	static const struct test_suite suite = { "test_mbuf_split", 256, cases, RTE_DIM(cases) };

	return test_main_inside(&suite, warm_up, argc, argv);
}
