/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Commands about ports: they come and go, and how they and their queues are configured. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "commands_words.h"
#include "testpp.h"

/* ---- start, stop, ... */

static void
cmd_port_run(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	const char *what = words->w[0];

	if (strcmp(what, "start") == 0)
		ports_start(words->port);
	else if (strcmp(what, "stop") == 0)
		ports_stop(words->port);
	else if (strcmp(what, "close") == 0)
		ports_close(words->port);
	else
		ports_reset(words->port);
}

static void
cmd_port_attach(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	port_attach(words->rest);
}

static void
cmd_port_detach(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	port_detach(words->port);
}

COMMAND(port_run, cmd_port_run, NULL,
		"port start|stop|close|reset <port_id>|all: Start, stop, close or reset ports",
		LITERAL("port"), CHOICE(0, "start#stop#close#reset"), PORT_OR_ALL);
COMMAND(port_attach_inst, cmd_port_attach, NULL,
		"port attach <identifier>: Add a port, by PCI address or name and arguments of a "
		"virtual device",
		LITERAL("port"), LITERAL("attach"), REST);
COMMAND(port_detach_inst, cmd_port_detach, NULL, "port detach <port_id>: Remove a port's device",
		LITERAL("port"), LITERAL("detach"), PORT);

/* ---- all ports: numbers and sizes */

static void
ports_reconfigure(void)
{
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		port_reconfigure(p);
}

/* No device has fewer queues. Tells. */
static bool
queues_fit(uint16_t n, bool rx)
{
	uint16_t port_id, most = ports_max_queues(rx, &port_id);

	if (n <= most)
		return true;
	fprintf(stderr, "Fail: input %s (%u) can't be greater than max_%s_queues (%u) of port %u\n",
			rx ? "rxq" : "txq", n, rx ? "rx" : "tx", most, port_id);
	return false;
}

static void
set_queues(uint16_t n, bool rx)
{
	uint16_t *number = rx ? &cfg.rxq : &cfg.txq;

	if (n == 0 && (rx ? cfg.txq : cfg.rxq) == 0) {
		fprintf(stderr, "Warning: Either rx or tx queues should be non zero\n");
		return;
	}
	if (!queues_fit(n, rx))
		return;
	*number = n;
	ports_reconfigure();
	streams_make();
}

/* All devices take rings of that size; 0 leaves it to them. Tells. */
static bool
descriptors_fit(uint16_t n, bool rx)
{
	const char *name = rx ? "rx" : "tx";
	const struct rte_eth_desc_lim *limit;
	struct rte_eth_dev_info info;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		if (n == 0 || rte_eth_dev_info_get(p, &info) != 0)
			continue;
		limit = rx ? &info.rx_desc_lim : &info.tx_desc_lim;
		if (n > limit->nb_max) {
			fprintf(stderr,
					"Fail: input %sd (%u) can't be greater than max_%sds (%u) "
					"of port %u\n",
					name, n, name, limit->nb_max, p);
			return false;
		}
		if (n < limit->nb_min) {
			fprintf(stderr,
					"Fail: input %sd (%u) can't be less than min_%sds (%u) of "
					"port %u\n",
					name, n, name, limit->nb_min, p);
			return false;
		}
	}
	return true;
}

/* Of all queues: what was set for one of them does not hold any more. */
static void
set_descriptors(uint16_t n, bool rx)
{
	uint16_t p;

	if (!descriptors_fit(n, rx))
		return;
	RTE_ETH_FOREACH_DEV(p)
		memset(rx ? ports[p].rx_desc : ports[p].tx_desc, 0, sizeof(ports[p].rx_desc));
	if (rx)
		cfg.rxd = n;
	else
		cfg.txd = n;
	ports_reconfigure();
}

static void
cmd_config_queues(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r';

	if (!ports_all_stopped())
		return;
	if (words->w[0][2] == 'q')
		set_queues(words->n[0].u16, rx);
	else
		set_descriptors(words->n[0].u16, rx);
}

/* 0: as large as the device wants. */
static void
set_burst(unsigned int n)
{
	struct rte_eth_dev_info info;
	uint16_t p = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);

	if (n > BURST_MAX) {
		fprintf(stderr, "burst must be >= 1 && <= %d\n", BURST_MAX);
		return;
	}
	if (n == 0) {
		if (p < RTE_MAX_ETHPORTS && rte_eth_dev_info_get(p, &info) == 0)
			n = info.default_rxportconf.burst_size;
		if (n == 0) {
			fprintf(stderr,
					"PMD does not recommend a burst size.\nUser provided value "
					"must be between 1 and %d\n",
					BURST_MAX);
			return;
		}
		if (n > BURST_MAX) {
			fprintf(stderr,
					"PMD recommends a burst size of %u.\nUser provided value "
					"must be between 1 and %d\n",
					n, BURST_MAX);
			return;
		}
		printf("Using PMD-provided burst value of %u\n", n);
	}
	cfg.burst = n;
	ports_reconfigure();
}

static void
set_max_pkt_len(uint32_t n)
{
	uint16_t p;

	if (n < RTE_ETHER_MIN_LEN) {
		fprintf(stderr, "max-pkt-len can not be less than %d\n", RTE_ETHER_MIN_LEN);
		return;
	}
	RTE_ETH_FOREACH_DEV(p)
		port_max_pkt_len_set(p, n);
	ports_reconfigure();
}

static void
cmd_config_size(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (!ports_all_stopped())
		return;
	if (strcmp(words->w[0], "burst") == 0)
		set_burst(words->n[0].u32);
	else
		set_max_pkt_len(words->n[0].u32);
}

COMMAND(config_queues, cmd_config_queues, NULL,
		"port config all rxq|txq|rxd|txd <value>: Numbers of queues, sizes of their rings",
		LITERAL("port"), LITERAL("config"), LITERAL("all"), CHOICE(0, "rxq#txq#rxd#txd"),
		NUMBER(0, u16));
COMMAND(config_size, cmd_config_size, NULL,
		"port config all burst|max-pkt-len <value>: Packets per burst, largest packet",
		LITERAL("port"), LITERAL("config"), LITERAL("all"), CHOICE(0, "burst#max-pkt-len"),
		NUMBER(0, u32));

/* ---- all ports: thresholds */

static const struct {
	const char *word;
	int16_t *value;
} thresholds[] = {
	{ "rxpt", &cfg.rx_thresh.pthresh },
	{ "rxht", &cfg.rx_thresh.hthresh },
	{ "rxwt", &cfg.rx_thresh.wthresh },
	{ "rxfreet", &cfg.rx_thresh.free_thresh },
	{ "drop-en", &cfg.rx_thresh.drop_en },
	{ "txpt", &cfg.tx_thresh.pthresh },
	{ "txht", &cfg.tx_thresh.hthresh },
	{ "txwt", &cfg.tx_thresh.wthresh },
	{ "txfreet", &cfg.tx_thresh.free_thresh },
	{ "txrst", &cfg.tx_thresh.rs_thresh },
};

static void
threshold_set(const char *what, uint16_t value)
{
	unsigned int i;
	uint16_t p;

	/* cfg has -1 for none */
	if (value > INT16_MAX) {
		fprintf(stderr, "%s must be <= %d\n", what, INT16_MAX);
		return;
	}
	for (i = 0; i < RTE_DIM(thresholds); i++)
		if (strcmp(thresholds[i].word, what) == 0)
			*thresholds[i].value = value;
	RTE_ETH_FOREACH_DEV(p)
		port_thresholds_set(p);
	ports_reconfigure();
}

static void
cmd_config_thresh(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (ports_all_stopped())
		threshold_set(words->w[0], words->n[0].u8);
}

static void
cmd_config_free_thresh(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (ports_all_stopped())
		threshold_set(words->w[0], words->n[0].u16);
}

static void
cmd_config_drop(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (ports_all_stopped())
		threshold_set("drop-en", is_on(words->w[0]));
}

COMMAND(config_thresh, cmd_config_thresh, NULL,
		"port config all txpt|txht|txwt|rxpt|rxht|rxwt <value>: Prefetch, host, writeback "
		"thresholds of queues",
		LITERAL("port"), LITERAL("config"), LITERAL("all"),
		CHOICE(0, "txpt#txht#txwt#rxpt#rxht#rxwt"), NUMBER(0, u8));
COMMAND(config_free_thresh, cmd_config_free_thresh, NULL,
		"port config all txfreet|txrst|rxfreet <value>: Free, RS thresholds of queues",
		LITERAL("port"), LITERAL("config"), LITERAL("all"),
		CHOICE(0, "txfreet#txrst#rxfreet"), NUMBER(0, u16));
COMMAND(config_drop, cmd_config_drop, NULL,
		"port config all drop-en on|off: Whether queues without buffers drop packets",
		LITERAL("port"), LITERAL("config"), LITERAL("all"), LITERAL("drop-en"),
		CHOICE(0, "on#off"));

/* ---- one port: MTU */

static void
cmd_config_mtu(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	uint16_t port_id = words->port, mtu = words->n[0].u16;
	struct rte_eth_dev_info info;
	uint32_t frame;
	int ret;

	if (!port_valid(port_id))
		return;
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	frame = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
	if (info.max_mtu != UINT16_MAX && info.max_rx_pktlen > info.max_mtu)
		frame = info.max_rx_pktlen - info.max_mtu;
	frame += mtu;
	if (mtu < info.min_mtu) {
		fprintf(stderr, "MTU (%u) < device min MTU (%u) for port_id %u\n", mtu,
				info.min_mtu, port_id);
		return;
	}
	if (mtu > info.max_mtu) {
		fprintf(stderr, "MTU (%u) > device max MTU (%u) for port_id %u\n", mtu,
				info.max_mtu, port_id);
		return;
	}
	if (frame > info.max_rx_pktlen) {
		fprintf(stderr, "Frame size (%u) > device max frame size (%u) for port_id %u\n",
				frame, info.max_rx_pktlen, port_id);
		return;
	}
	/* a port that is yet to be configured gets it then */
	if (!ports[port_id].reconfig)
		ret = rte_eth_dev_set_mtu(port_id, mtu);
	if (ret != 0) {
		fprintf(stderr, "Set MTU failed. diag=%d\n", ret);
		return;
	}
	ports[port_id].conf.rxmode.mtu = mtu;
}

COMMAND(config_mtu, cmd_config_mtu, NULL, "port config mtu <port_id> <value>: MTU of a port",
		LITERAL("port"), LITERAL("config"), LITERAL("mtu"), PORT, NUMBER(0, u16));

/* ---- offloads of a port, of a queue */

#define RX_OFFLOADS \
	"vlan_strip#ipv4_cksum#udp_cksum#tcp_cksum#tcp_lro#qinq_strip#outer_ipv4_cksum#" \
	"macsec_strip#vlan_filter#vlan_extend#scatter#buffer_split#timestamp#security#keep_crc"
#define TX_OFFLOADS \
	"vlan_insert#ipv4_cksum#udp_cksum#tcp_cksum#sctp_cksum#tcp_tso#udp_tso#" \
	"outer_ipv4_cksum#qinq_insert#vxlan_tnl_tso#gre_tnl_tso#ipip_tnl_tso#geneve_tnl_tso#" \
	"macsec_insert#mt_lockfree#multi_segs#mbuf_fast_free#security"

static uint64_t
offload_find(const char *name, bool rx)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (strcasecmp(rx ? rte_eth_dev_rx_offload_name(RTE_BIT64(bit)) :
				    rte_eth_dev_tx_offload_name(RTE_BIT64(bit)),
				    name) == 0)
			return RTE_BIT64(bit);
	return 0;
}

/* The device is there, and stopped. Tells. */
static bool
offload_port_ready(uint16_t port_id, struct rte_eth_dev_info *info)
{
	int ret = rte_eth_dev_info_get(port_id, info);

	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return false;
	}
	if (ports[port_id].state != PORT_STOPPED) {
		fprintf(stderr, "Error: Can't config offload when Port %d is not stopped\n",
				port_id);
		return false;
	}
	return true;
}

static void
offload_switch(uint64_t *offloads, uint64_t which, bool on)
{
	if (on)
		*offloads |= which;
	else
		*offloads &= ~which;
}

/* Drivers that free what they sent all at once do not look where its data is. Tells. */
static bool
fast_free_refused(uint64_t which, bool rx, bool on)
{
	if (!cfg.pp_frag || rx || !on || which != RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)
		return false;
	fprintf(stderr, "mbuf_fast_free: not for mbufs whose data is in frags\n");
	return true;
}

static void
cmd_port_offload(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r', on = is_on(words->w[2]);
	uint64_t which = offload_find(words->w[1], rx);
	struct rte_eth_dev_info info;

	if (which == 0) {
		fprintf(stderr, "Unknown offload name: %s\n", words->w[1]);
		return;
	}
	if (fast_free_refused(which, rx, on) || !offload_port_ready(words->port, &info))
		return;
	port_offload_set(words->port, rx, which, on);
	if (!rx)
		compare_offload_chosen(words->port, which, -1);
	port_reconfigure(words->port);
}

static void
cmd_queue_offload(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r', on = is_on(words->w[2]);
	uint64_t which = offload_find(words->w[1], rx);
	uint16_t queue_id = words->n[0].u16, n;
	struct rte_eth_dev_info info;
	struct port *port;

	if (which == 0) {
		fprintf(stderr, "Unknown offload name: %s\n", words->w[1]);
		return;
	}
	if (fast_free_refused(which, rx, on) || !offload_port_ready(words->port, &info))
		return;
	n = rx ? info.nb_rx_queues : info.nb_tx_queues;
	if (queue_id >= n) {
		fprintf(stderr, "Error: input queue_id should be 0 ... %d\n", n - 1);
		return;
	}
	port = &ports[words->port];
	offload_switch(rx ? &port->rx_conf[queue_id].offloads : &port->tx_conf[queue_id].offloads,
			which, on);
	if (!rx)
		compare_offload_chosen(words->port, which, queue_id);
	port_reconfigure(words->port);
}

COMMAND(port_rx_offload, cmd_port_offload, NULL,
		"port config <port_id> rx_offload <name> on|off: An offload of all Rx queues",
		LITERAL("port"), LITERAL("config"), PORT, CHOICE(0, "rx_offload"),
		CHOICE(1, RX_OFFLOADS), CHOICE(2, "on#off"));
COMMAND(port_tx_offload, cmd_port_offload, NULL,
		"port config <port_id> tx_offload <name> on|off: An offload of all Tx queues",
		LITERAL("port"), LITERAL("config"), PORT, CHOICE(0, "tx_offload"),
		CHOICE(1, TX_OFFLOADS), CHOICE(2, "on#off"));
COMMAND(queue_rx_offload, cmd_queue_offload, NULL,
		"port <port_id> rxq <queue_id> rx_offload <name> on|off: Offload of one Rx queue",
		LITERAL("port"), PORT, LITERAL("rxq"), NUMBER(0, u16), CHOICE(0, "rx_offload"),
		CHOICE(1, RX_OFFLOADS), CHOICE(2, "on#off"));
COMMAND(queue_tx_offload, cmd_queue_offload, NULL,
		"port <port_id> txq <queue_id> tx_offload <name> on|off: Offload of one Tx queue",
		LITERAL("port"), PORT, LITERAL("txq"), NUMBER(0, u16), CHOICE(0, "tx_offload"),
		CHOICE(1, TX_OFFLOADS), CHOICE(2, "on#off"));

/* ---- queues, one by one */

static void
cmd_queue_start_stop(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	uint16_t port_id = words->port, queue_id = words->n[0].u16;
	bool rx = words->w[0][0] == 'r', start = strcmp(words->w[1], "start") == 0;
	int ret;

	if (!forwarding_stopped() || !port_valid(port_id))
		return;
	if (ports[port_id].state != PORT_STARTED) {
		fprintf(stderr, "Please start port %u first\n", port_id);
		return;
	}
	if (!queue_valid(queue_id, rx))
		return;
	if (rx)
		ret = start ? rte_eth_dev_rx_queue_start(port_id, queue_id) :
			      rte_eth_dev_rx_queue_stop(port_id, queue_id);
	else
		ret = start ? rte_eth_dev_tx_queue_start(port_id, queue_id) :
			      rte_eth_dev_tx_queue_stop(port_id, queue_id);
	if (ret == -ENOTSUP) {
		fprintf(stderr, "Function not supported in PMD\n");
		return;
	}
	if (ret != 0) {
		fprintf(stderr, "Failed to %s %s queue %u of port %u: %s\n",
				start ? "start" : "stop", rx ? "RX" : "TX", queue_id, port_id,
				rte_strerror(-ret));
		return;
	}
	(rx ? ports[port_id].rx_stopped : ports[port_id].tx_stopped)[queue_id] = !start;
}

static void
cmd_queue_deferred(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r', on = is_on(words->w[1]);
	uint16_t queue_id = words->n[0].u16;
	struct port *port;

	if (!port_valid(words->port) || !port_stopped(words->port) || !queue_valid(queue_id, rx))
		return;
	port = &ports[words->port];
	if (rx)
		port->rx_conf[queue_id].rx_deferred_start = on;
	else
		port->tx_conf[queue_id].tx_deferred_start = on;
	port->reconfig_queues = true;
}

static void
cmd_queue_setup(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r';
	uint16_t queue_id = words->n[0].u16;
	int ret;

	if (!port_valid(words->port))
		return;
	if (!queue_valid(queue_id, rx)) {
		fprintf(stderr, "Invalid %s queue\n", rx ? "rx" : "tx");
		return;
	}
	/* ethdev would look where the queues are going to be */
	if (!ports[words->port].configured) {
		fprintf(stderr, "Port %u is not configured yet\n", words->port);
		return;
	}
	ret = rx ? port_rxq_setup(words->port, queue_id) : port_txq_setup(words->port, queue_id);
	if (ret == 0)
		return;
	fprintf(stderr, "Failed to setup %s queue\n", rx ? "RX" : "TX");
	/* the driver may have given up what the queue had: the port must not start with that */
	if (ports[words->port].state == PORT_STOPPED) {
		ports[words->port].reconfig_queues = true;
		ports[words->port].queues_made = false;
	}
}

static void
cmd_queue_size(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool rx = words->w[0][0] == 'r';
	uint16_t queue_id = words->n[0].u16, n = words->n[1].u16;

	if (!port_valid(words->port) || !queue_valid(queue_id, rx) || !descriptors_fit(n, rx))
		return;
	(rx ? ports[words->port].rx_desc : ports[words->port].tx_desc)[queue_id] = n;
	ports[words->port].reconfig_queues = true;
}

COMMAND(queue_start_stop, cmd_queue_start_stop, NULL,
		"port <port_id> rxq|txq <queue_id> start|stop: Start, stop a queue of a port",
		LITERAL("port"), PORT, CHOICE(0, "rxq#txq"), NUMBER(0, u16),
		CHOICE(1, "start#stop"));
COMMAND(queue_deferred, cmd_queue_deferred, NULL,
		"port <port_id> rxq|txq <queue_id> deferred_start on|off: Whether a queue starts "
		"with its port",
		LITERAL("port"), PORT, CHOICE(0, "rxq#txq"), NUMBER(0, u16),
		LITERAL("deferred_start"), CHOICE(1, "on#off"));
COMMAND(queue_setup, cmd_queue_setup, NULL,
		"port <port_id> rxq|txq <queue_id> setup: Set a queue up again", LITERAL("port"),
		PORT, CHOICE(0, "rxq#txq"), NUMBER(0, u16), LITERAL("setup"));
COMMAND(queue_size, cmd_queue_size, NULL,
		"port config <port_id> rxq|txq <queue_id> ring_size <value>: Size of its ring",
		LITERAL("port"), LITERAL("config"), PORT, CHOICE(0, "rxq#txq"), NUMBER(0, u16),
		LITERAL("ring_size"), NUMBER(1, u16));

/* ---- receive side scaling */

/* False after a message. */
static bool
rss_apply(uint16_t port_id, uint64_t types, bool everything)
{
	struct rte_eth_rss_conf conf = { .rss_key = NULL };
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return false;
	}
	conf.rss_hf = everything ? info.flow_type_rss_offloads :
				   types & info.flow_type_rss_offloads;
	if (!everything && conf.rss_hf != types)
		printf("Port %u modified RSS hash function based on hardware support,"
		       "requested:%#" PRIx64 " configured:%#" PRIx64 "\n",
				port_id, types, conf.rss_hf);
	ret = rte_eth_dev_rss_hash_update(port_id, &conf);
	if (ret >= 0)
		return true;
	fprintf(stderr,
			"Configuration of RSS hash at ethernet port %d failed with error (%d): "
			"%s.\n",
			port_id, -ret, strerror(-ret));
	return false;
}

static void
cmd_config_rss(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool everything = strcmp(words->w[0], "default") == 0, done = true;
	uint64_t types = 0;
	uint16_t p;

	if (!everything && !rss_types_parse(words->w[0], &types))
		return;
	RTE_ETH_FOREACH_DEV(p)
		done = rss_apply(p, types, everything) && done;
	if (!done || everything)
		return;
	cfg.rss_hf = types;
	printf("rss_hf %#" PRIx64 "\n", types);
}

#define RETA_GROUPS (RTE_ETH_RSS_RETA_SIZE_512 / RTE_ETH_RETA_GROUP_SIZE)

static void
cmd_config_reta(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct rte_eth_rss_reta_entry64 reta[RETA_GROUPS];
	const struct words *words = parsed;
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(words->port, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", words->port,
				rte_strerror(-ret));
		return;
	}
	if (info.reta_size == 0) {
		fprintf(stderr, "Redirection table size is 0 which is invalid for RSS\n");
		return;
	}
	printf("The reta size of port %d is %u\n", words->port, info.reta_size);
	if (info.reta_size > RTE_ETH_RSS_RETA_SIZE_512) {
		fprintf(stderr,
				"Currently do not support more than %u entries of "
				"redirection table\n",
				RTE_ETH_RSS_RETA_SIZE_512);
		return;
	}
	memset(reta, 0, sizeof(reta));
	if (!rss_reta_parse(words->w[0], reta, info.reta_size)) {
		fprintf(stderr, "Invalid RSS Redirection Table config entered\n");
		return;
	}
	ret = rte_eth_dev_rss_reta_update(words->port, reta, info.reta_size);
	if (ret != 0)
		fprintf(stderr, "Bad redirection table parameter, return code = %d\n", ret);
}

static void
cmd_config_rss_key(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_eth_rss_conf conf = { .rss_key = NULL };
	uint8_t key[UINT8_MAX + 1];
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(words->port, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", words->port,
				rte_strerror(-ret));
		return;
	}
	if (info.hash_key_size == 0) {
		fprintf(stderr, "dev_info did not provide a valid hash key size\n");
		return;
	}
	if (!rss_key_parse(words->w[1], key, info.hash_key_size))
		return;
	ret = rte_eth_dev_rss_hash_conf_get(words->port, &conf);
	if (ret == 0) {
		conf.rss_key = key;
		conf.rss_key_len = info.hash_key_size;
		conf.rss_hf = rss_type_find(words->w[0]);
		ret = rte_eth_dev_rss_hash_update(words->port, &conf);
	}
	if (ret == 0)
		return;
	if (ret == -ENODEV)
		fprintf(stderr, "port index out of range\n");
	else if (ret == -ENOTSUP)
		fprintf(stderr, "operation not supported by device\n");
	else
		fprintf(stderr, "operation failed - diag=%d\n", ret);
}

COMMAND(config_rss, cmd_config_rss, NULL,
		"port config all rss all|default|level-default|level-outer|level-inner|ip|tcp|udp|"
		"sctp|tunnel|vlan|none|<type>|<flowtype_id>: What RSS hashes",
		LITERAL("port"), LITERAL("config"), LITERAL("all"), LITERAL("rss"), ANY(0));
COMMAND(config_reta, cmd_config_reta, NULL,
		"port config <port_id> rss reta <(hash,queue)[,(hash,queue)]...>: Its table",
		LITERAL("port"), LITERAL("config"), PORT, LITERAL("rss"), LITERAL("reta"), ANY(0));
COMMAND(config_rss_key, cmd_config_rss_key, NULL,
		"port config <port_id> rss-hash-key <type> <key>: Key of RSS, in hexadecimal",
		LITERAL("port"), LITERAL("config"), PORT, LITERAL("rss-hash-key"),
		CHOICE(0,
				"ipv4#ipv4-frag#ipv4-tcp#ipv4-udp#ipv4-sctp#ipv4-other#"
				"ipv6#ipv6-frag#ipv6-tcp#ipv6-udp#ipv6-sctp#ipv6-other#"
				"l2-payload#ipv6-ex#ipv6-tcp-ex#ipv6-udp-ex#l3-src-only#"
				"l3-dst-only#l4-src-only#l4-dst-only#l2-src-only#"
				"l2-dst-only#s-vlan#c-vlan#l2tpv3#esp#ah#pfcp#pppoe#gtpu#"
				"ecpri#mpls#l2tpv2"),
		ANY(1));

cmdline_parse_inst_t *commands_port[] = {
	&port_run,
	&port_attach_inst,
	&port_detach_inst,
	&config_queues,
	&config_size,
	&config_thresh,
	&config_free_thresh,
	&config_drop,
	&config_mtu,
	&port_rx_offload,
	&port_tx_offload,
	&queue_rx_offload,
	&queue_tx_offload,
	&queue_start_stop,
	&queue_deferred,
	&queue_setup,
	&queue_size,
	&config_rss,
	&config_reta,
	&config_rss_key,
	NULL,
};
