/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Commands that set what devices do besides queues: modes, flow control, addresses, VLANs. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_log.h>

#include "commands_words.h"
#include "testpp.h"

#define VLAN_IDS 4096

/* ---- promiscuous and all-multicast mode, link */

static void
promisc_set(uint16_t port_id, void *on)
{
	bool enable = *(bool *)on;
	int ret = enable ? rte_eth_promiscuous_enable(port_id) :
			   rte_eth_promiscuous_disable(port_id);

	if (ret != 0)
		fprintf(stderr, "Error during %s promiscuous mode for port %u: %s\n",
				enable ? "enabling" : "disabling", port_id, rte_strerror(-ret));
}

static void
allmulti_set(uint16_t port_id, void *on)
{
	bool enable = *(bool *)on;
	int ret = enable ? rte_eth_allmulticast_enable(port_id) :
			   rte_eth_allmulticast_disable(port_id);

	if (ret != 0)
		fprintf(stderr, "Error during %s all-multicast mode for port %u: %s\n",
				enable ? "enabling" : "disabling", port_id, rte_strerror(-ret));
}

static void
cmd_set_mode(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool on = is_on(words->w[1]);

	for_ports(words->port, words->w[0][0] == 'p' ? promisc_set : allmulti_set, &on);
}

static void
cmd_set_link(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool up = strcmp(words->w[0], "link-up") == 0;
	int ret = up ? rte_eth_dev_set_link_up(words->port) :
		       rte_eth_dev_set_link_down(words->port);

	if (ret < 0)
		fprintf(stderr, "\nSet link %s fail.\n", up ? "up" : "down");
}

COMMAND(set_mode, cmd_set_mode, NULL,
		"set promisc|allmulti <port_id>|all on|off: Promiscuous, all-multicast mode",
		LITERAL("set"), CHOICE(0, "promisc#allmulti"), PORT_OR_ALL, CHOICE(1, "on#off"));
COMMAND(set_link, cmd_set_link, NULL, "set link-up|link-down port <port_id>: Link of a port",
		LITERAL("set"), CHOICE(0, "link-up#link-down"), LITERAL("port"), PORT);

/* ---- flow control */

static uint32_t
fc_mode(uint32_t mode, uint32_t bit, bool on)
{
	return on ? mode | bit : mode & ~bit;
}

static void
flow_ctrl_apply(uint16_t port_id, struct rte_eth_fc_conf *fc)
{
	int ret = rte_eth_dev_flow_ctrl_set(port_id, fc);

	if (ret != 0)
		fprintf(stderr, "bad flow control parameter, return code = %d\n", ret);
}

static void
cmd_set_flow_ctrl(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_eth_fc_conf fc = { 0 };
	uint32_t mode = RTE_ETH_FC_NONE;

	mode = fc_mode(mode, RTE_ETH_FC_RX_PAUSE, is_on(words->w[0]));
	mode = fc_mode(mode, RTE_ETH_FC_TX_PAUSE, is_on(words->w[1]));
	fc.mode = mode;
	fc.high_water = words->n[0].u32;
	fc.low_water = words->n[1].u32;
	fc.pause_time = words->n[2].u16;
	fc.send_xon = words->n[3].u16;
	fc.mac_ctrl_frame_fwd = is_on(words->w[2]);
	fc.autoneg = is_on(words->w[3]);
	flow_ctrl_apply(words->port, &fc);
}

/* One of them; the others stay. */
static void
cmd_set_flow_ctrl_one(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	const char *what = words->w[0];
	struct rte_eth_fc_conf fc = { 0 };
	bool on = is_on(words->w[1]);
	int ret;

	ret = rte_eth_dev_flow_ctrl_get(words->port, &fc);
	if (ret != 0) {
		fprintf(stderr, "cannot get current flow ctrl parameters, return code = %d\n", ret);
		return;
	}
	if (strcmp(what, "rx") == 0)
		fc.mode = fc_mode(fc.mode, RTE_ETH_FC_RX_PAUSE, on);
	else if (strcmp(what, "tx") == 0)
		fc.mode = fc_mode(fc.mode, RTE_ETH_FC_TX_PAUSE, on);
	else if (strcmp(what, "mac_ctrl_frame_fwd") == 0)
		fc.mac_ctrl_frame_fwd = on;
	else if (strcmp(what, "autoneg") == 0)
		fc.autoneg = on;
	else if (strcmp(what, "high_water") == 0)
		fc.high_water = words->n[0].u32;
	else if (strcmp(what, "low_water") == 0)
		fc.low_water = words->n[0].u32;
	else if (strcmp(what, "pause_time") == 0)
		fc.pause_time = words->n[0].u16;
	else
		fc.send_xon = words->n[0].u16;
	flow_ctrl_apply(words->port, &fc);
}

COMMAND(set_flow_ctrl, cmd_set_flow_ctrl, NULL,
		"set flow_ctrl rx on|off tx on|off <high_water> <low_water> <pause_time> "
		"<send_xon> mac_ctrl_frame_fwd on|off autoneg on|off <port_id>: Flow control",
		LITERAL("set"), LITERAL("flow_ctrl"), LITERAL("rx"), CHOICE(0, "on#off"),
		LITERAL("tx"), CHOICE(1, "on#off"), NUMBER(0, u32), NUMBER(1, u32), NUMBER(2, u16),
		NUMBER(3, u16), LITERAL("mac_ctrl_frame_fwd"), CHOICE(2, "on#off"),
		LITERAL("autoneg"), CHOICE(3, "on#off"), PORT);
COMMAND(set_flow_ctrl_switch, cmd_set_flow_ctrl_one, NULL,
		"set flow_ctrl rx|tx|mac_ctrl_frame_fwd|autoneg on|off <port_id>: Flow control",
		LITERAL("set"), LITERAL("flow_ctrl"), CHOICE(0, "rx#tx#mac_ctrl_frame_fwd#autoneg"),
		CHOICE(1, "on#off"), PORT);
COMMAND(set_flow_ctrl_water, cmd_set_flow_ctrl_one, NULL,
		"set flow_ctrl high_water|low_water <value> <port_id>: Flow control",
		LITERAL("set"), LITERAL("flow_ctrl"), CHOICE(0, "high_water#low_water"),
		NUMBER(0, u32), PORT);
COMMAND(set_flow_ctrl_time, cmd_set_flow_ctrl_one, NULL,
		"set flow_ctrl pause_time|send_xon <value> <port_id>: Flow control", LITERAL("set"),
		LITERAL("flow_ctrl"), CHOICE(0, "pause_time#send_xon"), NUMBER(0, u16), PORT);

/* ---- buffer split */

static void
cmd_set_rx_list(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool lengths = strcmp(words->w[0], "rxpkts") == 0;
	uint32_t list[SPLIT_SEGS_MAX];
	unsigned int n;

	n = list_parse(lengths ? "segment lengths" : "segment offsets", words->w[1], list,
			RTE_DIM(list));
	if (n == 0)
		return;
	if (lengths)
		set_rxpkts(list, n);
	else
		set_rxoffs(list, n);
}

static void
cmd_set_rxhdrs(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	set_rxhdrs(words->w[0]);
}

COMMAND(set_rx_list, cmd_set_rx_list, NULL,
		"set rxpkts|rxoffs <n0[,n1]...>: Lengths, offsets of the segments that packets are "
		"split into on receipt",
		LITERAL("set"), CHOICE(0, "rxpkts#rxoffs"), ANY(1));
COMMAND(set_rxhdrs_inst, cmd_set_rxhdrs, NULL,
		"set rxhdrs <eth[,ipv4]...>: Headers after which packets are split on receipt",
		LITERAL("set"), LITERAL("rxhdrs"), ANY(0));

/* ---- what is shown and logged */

static void
cmd_set_hide_zero(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	cfg.xstats_hide_zero = is_on(words->w[0]);
}

static void
cmd_set_log(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (strcmp(words->w[0], "global") == 0)
		rte_log_set_global_level(words->n[0].u32);
	else if (rte_log_set_level_regexp(words->w[0], words->n[0].u32) < 0)
		fprintf(stderr, "Failed to set log level of %s\n", words->w[0]);
}

COMMAND(set_hide_zero, cmd_set_hide_zero, NULL,
		"set xstats-hide-zero on|off: Whether extended statistics that are 0 are left out",
		LITERAL("set"), LITERAL("xstats-hide-zero"), CHOICE(0, "on#off"));
COMMAND(set_log, cmd_set_log, NULL, "set log global|<type> <level>: Level of logs", LITERAL("set"),
		LITERAL("log"), ANY(0), NUMBER(0, u32));

/* ---- addresses */

static void
cmd_mac_addr(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct words *words = parsed;
	int ret;

	if (strcmp(words->w[0], "add") == 0) {
		ret = rte_eth_dev_mac_addr_add(words->port, &words->mac, 0);
	} else if (strcmp(words->w[0], "remove") == 0) {
		ret = rte_eth_dev_mac_addr_remove(words->port, &words->mac);
	} else {
		ret = rte_eth_dev_default_mac_addr_set(words->port, &words->mac);
		if (ret == 0)
			ports[words->port].mac = words->mac;
	}
	if (ret < 0)
		fprintf(stderr, "mac_addr_cmd error: (%s)\n", strerror(-ret));
}

/* Gives the device the list without or with one; true if it took it. */
static bool
mcast_apply(uint16_t port_id, struct rte_ether_addr *list, unsigned int n)
{
	int ret = rte_eth_dev_set_mc_addr_list(port_id, list, n);

	if (ret == 0)
		return true;
	fprintf(stderr, "rte_eth_dev_set_mc_addr_list(port=%d, nb=%u) failed. diag=%d\n", port_id,
			n, ret);
	return false;
}

static void
cmd_mcast_addr(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct rte_ether_addr list[MCAST_MAX];
	struct words *words = parsed;
	struct port *port;
	unsigned int i, n;

	if (!rte_is_multicast_ether_addr(&words->mac)) {
		char text[RTE_ETHER_ADDR_FMT_SIZE];

		rte_ether_format_addr(text, sizeof(text), &words->mac);
		fprintf(stderr, "Invalid multicast addr %s\n", text);
		return;
	}
	if (!port_valid(words->port))
		return;
	port = &ports[words->port];
	n = port->nr_mcast;
	memcpy(list, port->mcast, sizeof(list));
	for (i = 0; i < n && !rte_is_same_ether_addr(&list[i], &words->mac); i++)
		;
	if (strcmp(words->w[0], "add") == 0) {
		if (i < n) {
			fprintf(stderr, "multicast address already filtered by port\n");
			return;
		}
		if (n == MCAST_MAX) {
			fprintf(stderr, "port %d has %u multicast addresses, it cannot have more\n",
					words->port, n);
			return;
		}
		list[n++] = words->mac;
	} else {
		if (i == n) {
			fprintf(stderr, "multicast address not filtered by port %d\n", words->port);
			return;
		}
		n--;
		memmove(&list[i], &list[i + 1], (n - i) * sizeof(list[0]));
	}
	if (!mcast_apply(words->port, list, n))
		return;
	memcpy(port->mcast, list, sizeof(list));
	port->nr_mcast = n;
}

COMMAND(mac_addr, cmd_mac_addr, NULL,
		"mac_addr add|remove|set <port_id> <mac_addr>: Addresses of a port, its own one",
		LITERAL("mac_addr"), CHOICE(0, "add#remove#set"), PORT, ETHER);
COMMAND(mcast_addr, cmd_mcast_addr, NULL,
		"mcast_addr add|remove <port_id> <mcast_addr>: Multicast addresses of a port",
		LITERAL("mcast_addr"), CHOICE(0, "add#remove"), PORT, ETHER);

/* ---- VLAN on receipt */

static const struct {
	const char *word, *function;
	int mask;
	uint64_t offload;
} vlan_offloads[] = {
	{ "strip", "rx_vlan_strip_set", RTE_ETH_VLAN_STRIP_OFFLOAD, RTE_ETH_RX_OFFLOAD_VLAN_STRIP },
	{ "filter", "rx_vlan_filter_set", RTE_ETH_VLAN_FILTER_OFFLOAD,
			RTE_ETH_RX_OFFLOAD_VLAN_FILTER },
	{ "qinq_strip", "rx_vlan_qinq_strip_set", RTE_ETH_QINQ_STRIP_OFFLOAD,
			RTE_ETH_RX_OFFLOAD_QINQ_STRIP },
	{ "extend", "rx_vlan_extend_set", RTE_ETH_VLAN_EXTEND_OFFLOAD,
			RTE_ETH_RX_OFFLOAD_VLAN_EXTEND },
};

static void
vlan_offload_set(uint16_t port_id, unsigned int which, bool on)
{
	int mask, ret;

	if (!port_valid(port_id))
		return;
	mask = rte_eth_dev_get_vlan_offload(port_id);
	if (mask < 0)
		mask = 0;
	if (on)
		mask |= vlan_offloads[which].mask;
	else
		mask &= ~vlan_offloads[which].mask;
	ret = rte_eth_dev_set_vlan_offload(port_id, mask);
	if (ret < 0) {
		fprintf(stderr, "%s(port_pi=%d, on=%d) failed diag=%d\n",
				vlan_offloads[which].function, port_id, on, ret);
		return;
	}
	/* as testpmd: queues get it from the port, but must not keep it */
	if (on)
		ports[port_id].conf.rxmode.offloads |= vlan_offloads[which].offload;
	else
		port_offload_set(port_id, true, vlan_offloads[which].offload, false);
}

static void
vlan_strip_queue(uint16_t port_id, uint16_t queue_id, bool on)
{
	int ret;

	if (!port_valid(port_id))
		return;
	ret = rte_eth_dev_set_vlan_strip_on_queue(port_id, queue_id, on);
	if (ret < 0)
		fprintf(stderr,
				"rx_vlan_strip_set_on_queue(port_pi=%d, queue_id=%d, on=%d) failed "
				"diag=%d\n",
				port_id, queue_id, on, ret);
}

/* A number of 16 bits up to the character that ends it; NULL if it is none. */
static const char *
id_parse(const char *text, char end, uint16_t *id)
{
	unsigned long value;
	char *next;

	errno = 0;
	value = strtoul(text, &next, 0);
	if (errno != 0 || next == text || *next != end || value > UINT16_MAX || *text == '-')
		return NULL;
	*id = value;
	return next;
}

static void
cmd_vlan_set(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool on = is_on(words->w[1]);
	uint16_t port_id, queue_id;
	unsigned int i;

	if (strcmp(words->w[0], "stripq") == 0) {
		const char *next = id_parse(words->w[2], ',', &port_id);

		if (next == NULL || id_parse(next + 1, '\0', &queue_id) == NULL)
			fprintf(stderr, "must specify (port,queue_id)\n");
		else
			vlan_strip_queue(port_id, queue_id, on);
		return;
	}
	if (id_parse(words->w[2], '\0', &port_id) == NULL) {
		fprintf(stderr, "Invalid port %s\n", words->w[2]);
		return;
	}
	for (i = 0; i < RTE_DIM(vlan_offloads); i++)
		if (strcmp(vlan_offloads[i].word, words->w[0]) == 0)
			vlan_offload_set(port_id, i, on);
}

static bool
vlan_id_valid(uint16_t vlan_id)
{
	if (vlan_id < VLAN_IDS)
		return true;
	fprintf(stderr, "Invalid vlan_id %d (must be < 4096)\n", vlan_id);
	return false;
}

/* 0, or -1 after a message. */
static int
vlan_filter(uint16_t port_id, uint16_t vlan_id, bool on)
{
	int ret;

	if (!port_valid(port_id) || !vlan_id_valid(vlan_id))
		return -1;
	ret = rte_eth_dev_vlan_filter(port_id, vlan_id, on);
	if (ret == 0)
		return 0;
	fprintf(stderr, "rte_eth_dev_vlan_filter(port_pi=%d, vlan_id=%d, on=%d) failed diag=%d\n",
			port_id, vlan_id, on, ret);
	return -1;
}

static void
cmd_rx_vlan(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	vlan_filter(words->port, words->n[0].u16, strcmp(words->w[0], "add") == 0);
}

static void
cmd_rx_vlan_all(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool on = strcmp(words->w[0], "add") == 0;
	unsigned int id;

	for (id = 0; id < VLAN_IDS; id++)
		if (vlan_filter(words->port, id, on) != 0)
			break;
}

COMMAND(vlan_set, cmd_vlan_set, NULL,
		"vlan set strip|filter|qinq_strip|extend|stripq on|off <port_id[,queue_id]>: VLAN "
		"offloads on receipt; of a queue with stripq",
		LITERAL("vlan"), LITERAL("set"), CHOICE(0, "strip#filter#qinq_strip#extend#stripq"),
		CHOICE(1, "on#off"), ANY(2));
COMMAND(rx_vlan, cmd_rx_vlan, NULL, "rx_vlan add|rm <vlan_id> <port_id>: VLANs that a port lets in",
		LITERAL("rx_vlan"), CHOICE(0, "add#rm"), NUMBER(0, u16), PORT);
COMMAND(rx_vlan_all, cmd_rx_vlan_all, NULL,
		"rx_vlan add|rm all <port_id>: All VLANs are let in, or none", LITERAL("rx_vlan"),
		CHOICE(0, "add#rm"), LITERAL("all"), PORT);

/* ---- VLAN on sending */

static void
tx_vlan_reset(uint16_t port_id)
{
	struct port *port = &ports[port_id];

	port_offload_set(port_id, false,
			RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_QINQ_INSERT, false);
	port->tx_vlan = 0;
	port->tx_vlan_outer = 0;
}

static void
tx_vlan_set(uint16_t port_id, uint16_t vlan_id, const uint16_t *outer)
{
	struct port *port;
	struct rte_eth_dev_info info;
	uint64_t need = RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
	int ret;

	if (!port_valid(port_id) || !port_stopped(port_id) || !vlan_id_valid(vlan_id) ||
			(outer != NULL && !vlan_id_valid(*outer)))
		return;
	port = &ports[port_id];
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				strerror(-ret));
		return;
	}
	if (outer != NULL && (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_QINQ_INSERT) == 0) {
		fprintf(stderr, "Error: qinq insert not supported by port %d\n", port_id);
		return;
	}
	if (outer == NULL && (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_VLAN_INSERT) == 0) {
		fprintf(stderr, "Error: vlan insert is not supported by port %d\n", port_id);
		return;
	}
	tx_vlan_reset(port_id);
	if (outer != NULL)
		need |= RTE_ETH_TX_OFFLOAD_QINQ_INSERT;
	port->conf.txmode.offloads |= need;
	port->tx_vlan = vlan_id;
	if (outer != NULL)
		port->tx_vlan_outer = *outer;
	port_reconfigure(port_id);
}

static void
cmd_tx_vlan(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	tx_vlan_set(words->port, words->n[0].u16, NULL);
}

static void
cmd_tx_qinq(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	tx_vlan_set(words->port, words->n[0].u16, &words->n[1].u16);
}

static void
cmd_tx_vlan_reset(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (!port_valid(words->port) || !port_stopped(words->port))
		return;
	tx_vlan_reset(words->port);
	port_reconfigure(words->port);
}

COMMAND(tx_vlan, cmd_tx_vlan, NULL,
		"tx_vlan set <port_id> <vlan_id>: The device inserts a VLAN tag into packets sent",
		LITERAL("tx_vlan"), LITERAL("set"), PORT, NUMBER(0, u16));
COMMAND(tx_qinq, cmd_tx_qinq, NULL,
		"tx_vlan set <port_id> <vlan_id> <outer_vlan_id>: The device inserts two VLAN tags",
		LITERAL("tx_vlan"), LITERAL("set"), PORT, NUMBER(0, u16), NUMBER(1, u16));
COMMAND(tx_vlan_reset_inst, cmd_tx_vlan_reset, NULL,
		"tx_vlan reset <port_id>: The device inserts no VLAN tags", LITERAL("tx_vlan"),
		LITERAL("reset"), PORT);

cmdline_parse_inst_t *commands_set[] = {
	&set_mode,
	&set_link,
	&set_flow_ctrl,
	&set_flow_ctrl_switch,
	&set_flow_ctrl_water,
	&set_flow_ctrl_time,
	&set_rx_list,
	&set_rxhdrs_inst,
	&set_hide_zero,
	&set_log,
	&mac_addr,
	&mcast_addr,
	&vlan_set,
	&rx_vlan,
	&rx_vlan_all,
	&tx_vlan,
	&tx_qinq,
	&tx_vlan_reset_inst,
	NULL,
};
