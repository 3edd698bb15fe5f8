/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Commands that report: ports, queues, devices, the configuration, pools. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "commands_words.h"
#include "testpp.h"

/* ---- ports: show port WHAT N|all, clear port WHAT N|all */

static const struct {
	const char *name;
	void (*call)(uint16_t port_id);
} port_reports[] = {
	{ "info", port_info_show },
	{ "stats", port_stats_show },
	{ "xstats", port_xstats_show },
	{ NULL, NULL },
}, port_clears[] = {
	{ "stats", port_stats_clear },
	{ "xstats", port_xstats_clear },
	{ NULL, NULL },
};

static void
report_call(uint16_t port_id, void *call)
{
	(*(void (**)(uint16_t))call)(port_id);
}

static void
cmd_show_port(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int i;

	if (strcmp(words->w[0], "summary") == 0) {
		port_summary_show(words->port);
		return;
	}
	for (i = 0; port_reports[i].name != NULL; i++) {
		void (*call)(uint16_t) = port_reports[i].call;

		if (strcmp(port_reports[i].name, words->w[0]) == 0)
			for_ports(words->port, report_call, &call);
	}
}

static void
cmd_clear_port(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int i;

	for (i = 0; port_clears[i].name != NULL; i++) {
		void (*call)(uint16_t) = port_clears[i].call;

		if (strcmp(port_clears[i].name, words->w[0]) == 0)
			for_ports(words->port, report_call, &call);
	}
}

COMMAND(show_port, cmd_show_port, NULL,
		"show port info|stats|summary|xstats <port_id>|all: Reports about ports",
		LITERAL("show"), LITERAL("port"), CHOICE(0, "info#stats#summary#xstats"),
		PORT_OR_ALL);
COMMAND(clear_port, cmd_clear_port, NULL,
		"clear port stats|xstats <port_id>|all: Counters of ports count from 0 again",
		LITERAL("clear"), LITERAL("port"), CHOICE(0, "stats#xstats"), PORT_OR_ALL);

/* ---- show config WHAT */

static void
show_list(const char *what, const char *title, unsigned int n, const uint16_t *list)
{
	unsigned int i;

	printf("Number of %s: %u\n", what, n);
	if (n == 0)
		return;
	printf("%s: ", title);
	for (i = 0; i < n; i++)
		printf("%s%u", i > 0 ? "," : "", list[i]);
	printf("\n");
}

static void
show_config_rxpkts(void)
{
	show_list("segments", "Segment sizes", cfg.nr_rx_lens, cfg.rx_seg_len);
}

static void
show_config_rxoffs(void)
{
	show_list("offsets", "Segment offsets", cfg.nr_rx_offs, cfg.rx_seg_off);
}

static void
show_config_rxhdrs(void)
{
	unsigned int i;

	printf("Number of segments: %u\n", cfg.nr_rx_protos);
	if (cfg.nr_rx_protos == 0)
		return;
	printf("Packet segs: ");
	for (i = 0; i < cfg.nr_rx_protos; i++)
		printf("%s%s", i > 0 ? ", " : "", rx_proto_name(cfg.rx_seg_proto[i]));
	printf("\n");
}

/* Packets are not scheduled: there are no gaps. */
static void
show_config_txtimes(void)
{
	printf("Interburst gap: 0\n");
	printf("Intraburst gap: 0\n");
}

static const struct {
	const char *name;
	void (*show)(void);
} configs[] = {
	{ "rxtx", show_config_rxtx },
	{ "cores", show_config_cores },
	{ "fwd", show_config_fwd },
	{ "rxoffs", show_config_rxoffs },
	{ "rxpkts", show_config_rxpkts },
	{ "rxhdrs", show_config_rxhdrs },
	{ "txpkts", show_config_txpkts },
	{ "txtimes", show_config_txtimes },
};

static void
cmd_show_config(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int i;

	for (i = 0; i < RTE_DIM(configs); i++)
		if (strcmp(configs[i].name, words->w[0]) == 0)
			configs[i].show();
}

COMMAND(show_config, cmd_show_config, NULL,
		"show config rxtx|cores|fwd|rxoffs|rxpkts|rxhdrs|txpkts|txtimes: The configuration",
		LITERAL("show"), LITERAL("config"),
		CHOICE(0, "rxtx#cores#fwd#rxoffs#rxpkts#rxhdrs#txpkts#txtimes"));

/* ---- queues, devices, offloads */

static void
cmd_show_queue(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (strcmp(words->w[0], "rxq") == 0)
		rxq_info_show(words->port, words->n[0].u16);
	else
		txq_info_show(words->port, words->n[0].u16);
}

static void
cmd_show_device(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	device_info_show(strcmp(words->w[0], "all") == 0 ? NULL : words->w[0]);
}

static void
cmd_show_offload(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	bool configured = strcmp(words->w[1], "configuration") == 0;

	if (strcmp(words->w[0], "rx_offload") == 0)
		rx_offloads_show(words->port, configured);
	else
		tx_offloads_show(words->port, configured);
}

COMMAND(show_queue, cmd_show_queue, NULL,
		"show rxq|txq info <port_id> <queue_id>: How a queue is configured",
		LITERAL("show"), CHOICE(0, "rxq#txq"), LITERAL("info"), PORT, NUMBER(0, u16));
COMMAND(show_device, cmd_show_device, NULL, "show device info <identifier>|all: Devices",
		LITERAL("show"), LITERAL("device"), LITERAL("info"), ANY(0));
COMMAND(show_offload, cmd_show_offload, NULL,
		"show port <port_id> rx_offload|tx_offload capabilities|configuration: Offloads",
		LITERAL("show"), LITERAL("port"), PORT, CHOICE(0, "rx_offload#tx_offload"),
		CHOICE(1, "capabilities#configuration"));

/* ---- receive side scaling */

static void
show_rss_hash(uint16_t port_id, bool with_key)
{
	uint8_t key[UINT8_MAX + 1];
	struct rte_eth_rss_conf conf = { .rss_key = NULL };
	struct rte_eth_dev_info info;
	unsigned int i;
	int ret;

	if (!port_valid(port_id))
		return;
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				strerror(-ret));
		return;
	}
	if (info.hash_key_size == 0) {
		fprintf(stderr, "dev_info did not provide a valid hash key size\n");
		return;
	}
	memset(key, 0, sizeof(key));
	conf.rss_key = with_key ? key : NULL;
	conf.rss_key_len = info.hash_key_size;
	ret = rte_eth_dev_rss_hash_conf_get(port_id, &conf);
	if (ret != 0) {
		if (ret == -ENODEV)
			fprintf(stderr, "port index out of range\n");
		else if (ret == -ENOTSUP)
			fprintf(stderr, "operation not supported by device\n");
		else
			fprintf(stderr, "operation failed - diag=%d\n", ret);
		return;
	}
	if (conf.rss_hf == 0) {
		printf("RSS disabled\n");
		return;
	}
	printf("RSS functions:\n");
	rss_types_print(conf.rss_hf);
	if (!with_key)
		return;
	printf("RSS key:\n");
	for (i = 0; i < info.hash_key_size; i++)
		printf("%02X", key[i]);
	printf("\n");
}

static void
cmd_show_rss_hash(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	show_rss_hash(words->port, false);
}

static void
cmd_show_rss_key(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	show_rss_hash(words->port, true);
}

/* "(0x...,0x...)": a mask for each group of 64 entries; false after a message. */
static bool
reta_masks_parse(const char *text, struct rte_eth_rss_reta_entry64 *reta, unsigned int groups)
{
	const char *p = text, *end = strchr(text, ')');
	unsigned int i;
	char *next;

	if (text[0] != '(' || end == NULL)
		return false;
	for (i = 0; i < groups; i++) {
		errno = 0;
		reta[i].mask = strtoull(p + 1, &next, 0);
		if (errno != 0 || next == p + 1 || (*next != ',' && *next != ')')) {
			fprintf(stderr,
					"The bits of masks do not match the number of reta "
					"entries: %u\n",
					groups);
			return false;
		}
		p = next;
		if (*p == ')' && i + 1 < groups) {
			fprintf(stderr,
					"The bits of masks do not match the number of reta "
					"entries: %u\n",
					groups);
			return false;
		}
	}
	return true;
}

static void
cmd_show_reta(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct rte_eth_rss_reta_entry64 reta[RTE_ETH_RSS_RETA_SIZE_512 / RTE_ETH_RETA_GROUP_SIZE];
	const struct words *words = parsed;
	unsigned int i, size = words->n[0].u16, max;
	struct rte_eth_dev_info info;
	int ret;

	ret = rte_eth_dev_info_get(words->port, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", words->port,
				strerror(-ret));
		return;
	}
	max = RTE_MIN(info.reta_size, (uint16_t)RTE_ETH_RSS_RETA_SIZE_512);
	if (size == 0 || size > max) {
		fprintf(stderr, "Invalid redirection table size: %u (1-%u)\n", size, max);
		return;
	}
	memset(reta, 0, sizeof(reta));
	if (!reta_masks_parse(words->w[0], reta,
			    (size + RTE_ETH_RETA_GROUP_SIZE - 1) / RTE_ETH_RETA_GROUP_SIZE)) {
		fprintf(stderr, "Invalid string: %s for reta masks\n", words->w[0]);
		return;
	}
	ret = rte_eth_dev_rss_reta_query(words->port, reta, size);
	if (ret != 0) {
		fprintf(stderr, "Failed to get RSS RETA info, return code = %d\n", ret);
		return;
	}
	for (i = 0; i < size; i++) {
		unsigned int at = i % RTE_ETH_RETA_GROUP_SIZE;

		if ((reta[i / RTE_ETH_RETA_GROUP_SIZE].mask & RTE_BIT64(at)) != 0)
			printf("RSS RETA configuration: hash index=%u, queue=%u\n", i,
					reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[at]);
	}
}

COMMAND(show_rss_hash_inst, cmd_show_rss_hash, NULL,
		"show port <port_id> rss-hash: Functions of RSS", LITERAL("show"), LITERAL("port"),
		PORT, LITERAL("rss-hash"));
COMMAND(show_rss_key, cmd_show_rss_key, NULL,
		"show port <port_id> rss-hash key: Functions and key of RSS", LITERAL("show"),
		LITERAL("port"), PORT, LITERAL("rss-hash"), LITERAL("key"));
COMMAND(show_reta, cmd_show_reta, NULL,
		"show port <port_id> rss reta <size> <mask0[,mask1]...>: Redirection table",
		LITERAL("show"), LITERAL("port"), PORT, LITERAL("rss"), LITERAL("reta"),
		NUMBER(0, u16), ANY(0));

/* ---- flow control, addresses */

static void
cmd_show_flow_ctrl(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_eth_fc_conf fc = { 0 };
	bool rx, tx;
	int ret;

	ret = rte_eth_dev_flow_ctrl_get(words->port, &fc);
	if (ret != 0) {
		fprintf(stderr, "Failed to get current flow ctrl information: err = %d\n", ret);
		return;
	}
	rx = fc.mode == RTE_ETH_FC_RX_PAUSE || fc.mode == RTE_ETH_FC_FULL;
	tx = fc.mode == RTE_ETH_FC_TX_PAUSE || fc.mode == RTE_ETH_FC_FULL;
	printf("\n********************* Flow control infos for port %-2d "
	       "*********************\n",
			words->port);
	printf("FC mode:\n");
	printf("   Rx pause: %s\n", rx ? "on" : "off");
	printf("   Tx pause: %s\n", tx ? "on" : "off");
	printf("Autoneg: %s\n", fc.autoneg ? "on" : "off");
	printf("Pause time: 0x%x\n", fc.pause_time);
	printf("High waterline: 0x%x\n", fc.high_water);
	printf("Low waterline: 0x%x\n", fc.low_water);
	printf("Send XON: %s\n", fc.send_xon ? "on" : "off");
	printf("Forward MAC control frames: %s\n", fc.mac_ctrl_frame_fwd ? "on" : "off");
	printf("\n***********************************   End  ********************************\n");
}

static void
print_macs(const char *what, const struct rte_ether_addr *list, unsigned int n)
{
	char text[RTE_ETHER_ADDR_FMT_SIZE];
	unsigned int i, used = 0;

	for (i = 0; i < n; i++)
		used += !rte_is_zero_ether_addr(&list[i]);
	printf("Number of %s address added: %u\n", what, used);
	for (i = 0; i < n; i++) {
		if (rte_is_zero_ether_addr(&list[i]))
			continue;
		rte_ether_format_addr(text, sizeof(text), &list[i]);
		printf("  %s\n", text);
	}
}

static void
cmd_show_macs(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_ether_addr *list;
	struct rte_eth_dev_info info;
	int ret;

	if (!port_valid(words->port))
		return;
	if (strcmp(words->w[0], "mcast_macs") == 0) {
		print_macs("Multicast MAC", ports[words->port].mcast, ports[words->port].nr_mcast);
		return;
	}
	ret = rte_eth_dev_info_get(words->port, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", words->port,
				strerror(-ret));
		return;
	}
	list = calloc(info.max_mac_addrs + 1, sizeof(*list));
	if (list == NULL) {
		fprintf(stderr, "Cannot allocate memory for addresses\n");
		return;
	}
	ret = rte_eth_macaddrs_get(words->port, list, info.max_mac_addrs);
	if (ret < 0)
		fprintf(stderr, "Error: %s\n", strerror(-ret));
	else
		print_macs("MAC", list, ret);
	free(list);
}

COMMAND(show_flow_ctrl, cmd_show_flow_ctrl, NULL, "show port <port_id> flow_ctrl: Flow control",
		LITERAL("show"), LITERAL("port"), PORT, LITERAL("flow_ctrl"));
COMMAND(show_macs, cmd_show_macs, NULL,
		"show port <port_id> macs|mcast_macs: Addresses that were added", LITERAL("show"),
		LITERAL("port"), PORT, CHOICE(0, "macs#mcast_macs"));

/* ---- pools */

static void
cmd_dump_mempools(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	rte_mempool_list_dump(stdout);
}

static void
cmd_dump_mempool(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_mempool *mp = rte_mempool_lookup(words->w[0]);

	if (mp == NULL) {
		printf("Cannot find mempool\n");
		return;
	}
	rte_mempool_dump(stdout, mp);
}

COMMAND(dump_mempools, cmd_dump_mempools, NULL, "dump_mempool: All mempools",
		LITERAL("dump_mempool"));
COMMAND(dump_mempool, cmd_dump_mempool, NULL, "dump_mempool <name>: One mempool",
		LITERAL("dump_mempool"), ANY(0));
/* as since 25.11 */
COMMAND(dump_mempools_new, cmd_dump_mempools, NULL, "dump mempool: All mempools", LITERAL("dump"),
		LITERAL("mempool"));
COMMAND(dump_mempool_new, cmd_dump_mempool, NULL, "dump mempool <name>: One mempool",
		LITERAL("dump"), LITERAL("mempool"), ANY(0));

cmdline_parse_inst_t *commands_show[] = {
	&show_port,
	&clear_port,
	&show_config,
	&show_queue,
	&show_device,
	&show_offload,
	&show_rss_hash_inst,
	&show_rss_key,
	&show_reta,
	&show_flow_ctrl,
	&show_macs,
	&dump_mempools,
	&dump_mempool,
	&dump_mempools_new,
	&dump_mempool_new,
	NULL,
};
