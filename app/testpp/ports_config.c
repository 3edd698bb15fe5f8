/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A port's configuration and its queues: from cfg and from what the device says
 * of itself.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "ports.h"
#include "pp.h"

#define TX_CKSUMS \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
			RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
			RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM)

static int
info_get(uint16_t port_id)
{
	int ret = rte_eth_dev_info_get(port_id, &ports[port_id].info);

	if (ret != 0)
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
	return ret;
}

uint16_t
ports_max_queues(bool rx, uint16_t *port_id)
{
	uint16_t p, n, most = RTE_MAX_QUEUES_PER_PORT;
	struct rte_eth_dev_info info;

	*port_id = 0;
	RTE_ETH_FOREACH_DEV(p) {
		if (rte_eth_dev_info_get(p, &info) != 0)
			continue;
		n = rx ? info.max_rx_queues : info.max_tx_queues;
		if (n < most) {
			most = n;
			*port_id = p;
		}
	}
	return most;
}

void
port_socket_warn(uint16_t port_id)
{
	static bool warned;

	if (warned || !cfg.numa || cfg.socket_num >= 0 || cfg.port_numa[port_id] >= 0 ||
			rte_eth_dev_socket_id(port_id) >= 0)
		return;
	warned = true;
	fprintf(stderr,
			"Warning: NUMA should be configured manually by using --port-numa-config "
			"and --ring-numa-config parameters along with --numa.\n");
}

static unsigned int
port_socket(uint16_t port_id)
{
	int socket_id;

	if (cfg.socket_num >= 0)
		return cfg.socket_num;
	if (!cfg.numa)
		return 0;
	socket_id = cfg.port_numa[port_id];
	if (socket_id < 0)
		socket_id = rte_eth_dev_socket_id(port_id);
	if (socket_id < 0 || socket_id >= RTE_MAX_NUMA_NODES)
		socket_id = rte_lcore_to_socket_id(rte_get_main_lcore());
	return socket_id;
}

static void
thresholds_set(struct rte_eth_thresh *thresh, const struct thresholds *t)
{
	if (t->pthresh >= 0)
		thresh->pthresh = t->pthresh;
	if (t->hthresh >= 0)
		thresh->hthresh = t->hthresh;
	if (t->wthresh >= 0)
		thresh->wthresh = t->wthresh;
}

void
port_thresholds_set(uint16_t port_id)
{
	struct port *port = &ports[port_id];
	unsigned int q;

	for (q = 0; q < RTE_DIM(port->rx_conf); q++) {
		struct rte_eth_rxconf *rx = &port->rx_conf[q];
		struct rte_eth_txconf *tx = &port->tx_conf[q];

		thresholds_set(&rx->rx_thresh, &cfg.rx_thresh);
		if (cfg.rx_thresh.free_thresh >= 0)
			rx->rx_free_thresh = cfg.rx_thresh.free_thresh;
		if (cfg.rx_thresh.drop_en >= 0)
			rx->rx_drop_en = cfg.rx_thresh.drop_en;
		thresholds_set(&tx->tx_thresh, &cfg.tx_thresh);
		if (cfg.tx_thresh.free_thresh >= 0)
			tx->tx_free_thresh = cfg.tx_thresh.free_thresh;
		if (cfg.tx_thresh.rs_thresh >= 0)
			tx->tx_rs_thresh = cfg.tx_thresh.rs_thresh;
	}
}

/* What the driver likes, but for what cfg says. */
static void
queues_default(uint16_t port_id)
{
	struct port *port = &ports[port_id];
	unsigned int q;

	for (q = 0; q < RTE_DIM(port->rx_conf); q++) {
		port->rx_conf[q] = port->info.default_rxconf;
		port->rx_conf[q].offloads = port->conf.rxmode.offloads;
		port->tx_conf[q] = port->info.default_txconf;
		port->tx_conf[q].offloads = port->conf.txmode.offloads;
	}
	port_thresholds_set(port_id);
}

/* A driver may free what it sent all at once if all mbufs are of one pool and nobody else's. */
static bool
fast_free_right(uint16_t port_id)
{
	if ((ports[port_id].info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) == 0)
		return false;
	return pools_single() && cfg.flowgen_clones == 0;
}

static void
offload_switch(uint64_t *offloads, uint64_t which, bool on)
{
	if (on)
		*offloads |= which;
	else
		*offloads &= ~which;
}

void
port_offload_set(uint16_t port_id, bool rx, uint64_t which, bool on)
{
	struct port *port = &ports[port_id];
	unsigned int q;

	offload_switch(rx ? &port->conf.rxmode.offloads : &port->conf.txmode.offloads, which, on);
	for (q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++)
		offload_switch(rx ? &port->rx_conf[q].offloads : &port->tx_conf[q].offloads, which,
				on);
}

/* What a packet has beside the payload that the MTU counts. */
static uint32_t
overhead(const struct rte_eth_dev_info *info)
{
	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		return info->max_rx_pktlen - info->max_mtu;
	return RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
}

/* 0: none that would hold anything. */
static uint16_t
mtu_of(const struct port *port, uint32_t len)
{
	uint32_t more = overhead(&port->info);

	return len > more ? RTE_MIN(len - more, (uint32_t)UINT16_MAX) : 0;
}

void
port_max_pkt_len_set(uint16_t port_id, uint32_t len)
{
	struct port *port = &ports[port_id];
	uint16_t mtu = mtu_of(port, len);

	/* before the first configuration there is nothing to set: that will have it */
	if (port->configured && rte_eth_dev_set_mtu(port_id, mtu) != 0) {
		fprintf(stderr, "Failed to set MTU to %u for port %u\n", mtu, port_id);
		return;
	}
	port->conf.rxmode.mtu = mtu;
}

void
port_init(uint16_t port_id)
{
	struct port *port = &ports[port_id];

	memset(port, 0, sizeof(*port));
	port_stats_forget(port_id);
	pp_split_forget(port_id);
	/* unknown it stays, and nothing is done with it */
	if (info_get(port_id) != 0)
		return;
	port->state = PORT_STOPPED;
	port->reconfig = true;
	port->reconfig_queues = true;
	port->socket_id = port_socket(port_id);
	port->rxq = cfg.rxq;
	port->txq = cfg.txq;
	port->conf.rxmode.offloads = cfg.rx_offloads | pp_split_offloads(&port->info);
	port->conf.txmode.offloads = cfg.tx_offloads;
	/* split packets have two segments */
	if (cfg.pp_split)
		port->conf.txmode.offloads |= port->info.tx_offload_capa &
				RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	/* wanted by default, not demanded */
	if (!fast_free_right(port_id))
		port->conf.txmode.offloads &= ~RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	if (cfg.max_pkt_len != 0)
		port->conf.rxmode.mtu = mtu_of(port, cfg.max_pkt_len);
	port->csum_hw = cfg.tx_offloads & TX_CKSUMS;
	if (rte_eth_macaddr_get(port_id, &port->mac) != 0)
		memset(&port->mac, 0, sizeof(port->mac));
	queues_default(port_id);
}

/* What of the configuration follows cfg each time. */
static void
conf_update(uint16_t port_id)
{
	struct port *port = &ports[port_id];
	struct rte_eth_conf *conf = &port->conf;

	/* hashing makes sense with queues to choose from only */
	conf->rx_adv_conf.rss_conf.rss_key = NULL;
	conf->rx_adv_conf.rss_conf.rss_hf = cfg.rxq > 1 || cfg.rss_always ?
			cfg.rss_hf & port->info.flow_type_rss_offloads :
			0;
	conf->rxmode.mq_mode = conf->rx_adv_conf.rss_conf.rss_hf != 0 ? RTE_ETH_MQ_RX_RSS :
									RTE_ETH_MQ_RX_NONE;
	conf->txmode.mq_mode = RTE_ETH_MQ_TX_NONE;
	conf->intr_conf.lsc = cfg.lsc_interrupt && port->info.dev_flags != NULL &&
			(*port->info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
}

int
port_txq_setup(uint16_t port_id, uint16_t queue_id)
{
	struct port *port = &ports[port_id];
	unsigned int socket_id = port->socket_id;

	if (cfg.numa && cfg.tx_numa[port_id] >= 0)
		socket_id = cfg.tx_numa[port_id];
	return rte_eth_tx_queue_setup(port_id, queue_id,
			port->tx_desc[queue_id] != 0 ? port->tx_desc[queue_id] : cfg.txd, socket_id,
			&port->tx_conf[queue_id]);
}

/* By length, by protocols, or neither: the last buffer takes all that is left. */
static unsigned int
split_segs(union rte_eth_rxseg *segs, unsigned int socket_id)
{
	unsigned int i, pool, n = RTE_MAX(cfg.nr_rx_lens, cfg.nr_rx_protos);
	uint32_t proto, before = 0;
	uint16_t len;

	/* what comes after the last header is a part of its own */
	if (cfg.nr_rx_protos != 0 && n == cfg.nr_rx_protos && n < SPLIT_SEGS_MAX &&
			cfg.rx_seg_proto[n - 1] != 0)
		n++;
	for (i = 0; i < n; i++) {
		struct rte_eth_rxseg_split *s = &segs[i].split;

		memset(s, 0, sizeof(*s));
		pool = RTE_MIN(i, cfg.nr_mbuf_sizes - 1);
		s->mp = pool_find(socket_id, pool);
		s->offset = i < cfg.nr_rx_offs ? cfg.rx_seg_off[i] : 0;
		/* by length or by header, but not both */
		len = i < cfg.nr_rx_lens ? cfg.rx_seg_len[i] : 0;
		proto = i < cfg.nr_rx_protos && len == 0 ? cfg.rx_seg_proto[i] : 0;
		if (proto == 0)
			s->length = len != 0 ? len : cfg.mbuf_size[pool];
		/* ours are whole sequences of headers, ethdev's what a segment adds */
		s->proto_hdr = proto & ~before;
		before |= proto;
	}
	return n;
}

int
port_rxq_setup(uint16_t port_id, uint16_t queue_id)
{
	struct port *port = &ports[port_id];
	struct rte_mempool *mps[MBUF_SIZES_MAX], *mp;
	unsigned int socket_id = port->socket_id;
	union rte_eth_rxseg segs[SPLIT_SEGS_MAX + 1];
	struct rte_eth_rxconf conf = port->rx_conf[queue_id];
	const uint16_t nb_desc = port->rx_desc[queue_id] != 0 ? port->rx_desc[queue_id] : cfg.rxd;
	unsigned int i, n = 0;

	if (cfg.numa && cfg.rx_numa[port_id] >= 0)
		socket_id = cfg.rx_numa[port_id];
	mp = pool_find(socket_id, 0);
	if (mp == NULL) {
		fprintf(stderr,
				"Failed to setup RX queue: "
				"No mempool allocation on the socket %u\n",
				socket_id);
		return -EINVAL;
	}
	if (cfg.pp_split)
		return pp_split_rxq_setup(port_id, queue_id, nb_desc, socket_id, &conf, mp);
	if ((conf.offloads & RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT) != 0)
		n = split_segs(segs, socket_id);
	if (n > 1) {
		conf.rx_seg = segs;
		conf.rx_nseg = n;
		mp = NULL;
	} else if (cfg.multi_rx_mempool) {
		if (cfg.nr_mbuf_sizes < 2) {
			fprintf(stderr, "Invalid number of mempools %u\n", cfg.nr_mbuf_sizes);
			return -EINVAL;
		}
		if (port->info.max_rx_mempools < cfg.nr_mbuf_sizes) {
			fprintf(stderr,
					"Port %u doesn't support requested multi-rx-mempool "
					"configuration.\n",
					port_id);
			return -EINVAL;
		}
		for (i = 0; i < cfg.nr_mbuf_sizes; i++)
			mps[i] = pool_find(socket_id, i);
		conf.rx_mempools = mps;
		conf.rx_nmempool = cfg.nr_mbuf_sizes;
		mp = NULL;
	}
	return rte_eth_rx_queue_setup(port_id, queue_id, nb_desc, socket_id, &conf, mp);
}

static int
queues_setup(uint16_t port_id)
{
	struct port *port = &ports[port_id];
	uint16_t q;

	for (q = 0; q < port->txq; q++)
		if (port_txq_setup(port_id, q) != 0) {
			fprintf(stderr, "Fail to configure port %u tx queues\n", port_id);
			return -1;
		}
	for (q = 0; q < port->rxq; q++)
		if (port_rxq_setup(port_id, q) != 0) {
			fprintf(stderr, "Fail to configure port %u rx queues\n", port_id);
			return -1;
		}
	return 0;
}

/* One that was attached, whose memory it cannot be. Tells. */
static bool
device_refused(uint16_t port_id)
{
	const char *why = cfg.pp_frag ? pp_port_refused(&ports[port_id].info) : NULL;

	if (why != NULL)
		fprintf(stderr, "--pp-provider=%s: port %u (%s): %s\n", cfg.pp_provider, port_id,
				ports[port_id].info.driver_name, why);
	return why != NULL;
}

int
port_configure(uint16_t port_id)
{
	struct port *port = &ports[port_id];

	if (port->reconfig) {
		printf("Configuring Port %u (socket %u)\n", port_id, port->socket_id);
		if (device_refused(port_id))
			return -1;
		pools_port_map(port_id, true);
		conf_update(port_id);
		pp_split_port_release(port_id);
		port->queues_made = false;
		if (rte_eth_dev_configure(port_id, cfg.rxq, cfg.txq, &port->conf) != 0) {
			fprintf(stderr, "Fail to configure port %u\n", port_id);
			return -1;
		}
		if (info_get(port_id) != 0)
			return -1;
		port->rxq = cfg.rxq;
		port->txq = cfg.txq;
		port->configured = true;
		port->reconfig = false;
		port->reconfig_queues = true;
	}
	if (port->reconfig_queues) {
		port->queues_made = queues_setup(port_id) == 0;
		if (!port->queues_made)
			return -1;
		pp_split_tell(port_id);
		port->reconfig_queues = false;
	}
	return 0;
}
