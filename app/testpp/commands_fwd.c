/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Commands about forwarding: start and stop, mode, bursts, who forwards, packets that are made. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "commands_words.h"
#include "testpp.h"

/* ---- start, stop */

static void
cmd_start(void *parsed __rte_unused, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	forwarding_start(0);
}

static void
cmd_start_tx_first(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	forwarding_start(1);
}

static void
cmd_start_tx_first_n(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	forwarding_start(words->n[0].u32);
}

static void
cmd_stop(void *parsed __rte_unused, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	forwarding_stop();
}

COMMAND(start, cmd_start, NULL, "start: Start packet forwarding", LITERAL("start"));
COMMAND(start_tx_first, cmd_start_tx_first, NULL,
		"start tx_first: Start packet forwarding, after 1 burst of packets",
		LITERAL("start"), LITERAL("tx_first"));
COMMAND(start_tx_first_n, cmd_start_tx_first_n, NULL,
		"start tx_first <num>: Start packet forwarding, after <num> bursts of packets",
		LITERAL("start"), LITERAL("tx_first"), NUMBER(0, u32));
COMMAND(stop, cmd_stop, NULL, "stop: Stop packet forwarding", LITERAL("stop"));

/* ---- mode */

static void
cmd_set_fwd(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	set_fwd_engine(words->w[0], false);
}

static void
cmd_set_fwd_retry(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	set_fwd_engine(words->w[0], true);
}

#define MODES "io#mac#macswap#rxonly#txonly#flowgen#csum#icmpecho#5tswap#noisy"

COMMAND(set_fwd, cmd_set_fwd, NULL,
		"set fwd io|mac|macswap|rxonly|txonly|flowgen|csum|icmpecho|5tswap|noisy: "
		"Set packet forwarding mode",
		LITERAL("set"), LITERAL("fwd"), CHOICE(0, MODES));
COMMAND(set_fwd_retry, cmd_set_fwd_retry, NULL,
		"set fwd <mode> retry: Set packet forwarding mode, what is not sent is sent again",
		LITERAL("set"), LITERAL("fwd"), CHOICE(0, MODES), LITERAL("retry"));

/* ---- bursts */

static void
cmd_set_burst(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int n = words->n[0].u16;

	if (n > BURST_MAX) {
		fprintf(stderr, "nb pkt per burst: %u > %d (maximum packet per burst)  ignored\n",
				n, BURST_MAX);
		return;
	}
	/* testpmd takes it, and then nothing is forwarded */
	if (n == 0) {
		fprintf(stderr, "nb pkt per burst: 0 < 1 (minimum packet per burst)  ignored\n");
		return;
	}
	cfg.burst = n;
	printf("Number of packets per burst set to %u\n", n);
}

static void
cmd_set_burst_retry(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	cfg.retry_us = words->n[0].u32;
	cfg.retries = words->n[1].u32;
}

COMMAND(set_burst, cmd_set_burst, NULL, "set burst <n>: Number of packets per burst",
		LITERAL("set"), LITERAL("burst"), NUMBER(0, u16));
COMMAND(set_burst_retry, cmd_set_burst_retry, NULL,
		"set burst tx delay <usec> retry <num>: When packets are sent again, and how often",
		LITERAL("set"), LITERAL("burst"), LITERAL("tx"), LITERAL("delay"), NUMBER(0, u32),
		LITERAL("retry"), NUMBER(1, u32));

/* ---- ports and lcores that forward */

static void
cmd_set_nbport(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (forwarding_stopped())
		set_nb_ports(words->n[0].u16);
}

static void
cmd_set_nbcore(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (forwarding_stopped())
		set_nb_cores(words->n[0].u16);
}

static void
cmd_set_portlist(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	uint32_t list[RTE_MAX_ETHPORTS];
	unsigned int n;

	if (!forwarding_stopped())
		return;
	n = list_parse("port", words->w[0], list, RTE_DIM(list));
	if (n > 0)
		set_fwd_ports(list, n);
}

static void
cmd_set_corelist(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	uint32_t list[RTE_MAX_LCORE];
	unsigned int n;

	if (!forwarding_stopped())
		return;
	n = list_parse("core", words->w[0], list, RTE_DIM(list));
	if (n > 0)
		set_fwd_lcores(list, n);
}

/* Bits for which there is no port do not matter. */
static void
cmd_set_portmask(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int ids[RTE_MAX_ETHPORTS], n = 0;
	uint16_t p;

	if (!forwarding_stopped())
		return;
	RTE_ETH_FOREACH_DEV(p)
		if (p < 64 && (words->n[0].u64 & RTE_BIT64(p)) != 0)
			ids[n++] = p;
	if (words->n[0].u64 == 0)
		fprintf(stderr, "Invalid NULL mask of ports\n");
	else if (n == 0)
		fprintf(stderr, "No port of the mask\n");
	else
		set_fwd_ports(ids, n);
}

static void
cmd_set_coremask(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	unsigned int list[64], i, n = 0;

	if (!forwarding_stopped())
		return;
	for (i = 0; i < RTE_DIM(list); i++)
		if ((words->n[0].u64 & RTE_BIT64(i)) != 0)
			list[n++] = i;
	if (n == 0)
		fprintf(stderr, "Invalid NULL mask of cores\n");
	else
		set_fwd_lcores(list, n);
}

COMMAND(set_nbport, cmd_set_nbport, NULL, "set nbport <n>: Number of forwarding ports",
		LITERAL("set"), LITERAL("nbport"), NUMBER(0, u16));
COMMAND(set_nbcore, cmd_set_nbcore, NULL, "set nbcore <n>: Number of forwarding cores",
		LITERAL("set"), LITERAL("nbcore"), NUMBER(0, u16));
COMMAND(set_portlist, cmd_set_portlist, NULL,
		"set portlist <port0[,port1]...>: Ports that forward, in this order",
		LITERAL("set"), LITERAL("portlist"), ANY(0));
COMMAND(set_corelist, cmd_set_corelist, NULL,
		"set corelist <core0[,core1]...>: Cores that forward, in this order",
		LITERAL("set"), LITERAL("corelist"), ANY(0));
COMMAND(set_portmask, cmd_set_portmask, NULL, "set portmask <mask>: Ports that forward",
		LITERAL("set"), LITERAL("portmask"), NUMBER(0, u64));
COMMAND(set_coremask, cmd_set_coremask, NULL, "set coremask <mask>: Cores that forward",
		LITERAL("set"), LITERAL("coremask"), NUMBER(0, u64));

/* ---- packets that are made, and how they are sent */

static void
cmd_set_txpkts(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	uint32_t list[SEGS_MAX];
	unsigned int n = list_parse("segment lengths", words->w[0], list, RTE_DIM(list));

	if (n > 0)
		set_txpkts(list, n);
}

static void
cmd_set_txsplit(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (strcmp(words->w[0], "off") == 0)
		cfg.tx_split = TX_SPLIT_OFF;
	else if (strcmp(words->w[0], "on") == 0)
		cfg.tx_split = TX_SPLIT_ON;
	else if (strcmp(words->w[0], "rand") == 0)
		cfg.tx_split = TX_SPLIT_RAND;
	else
		fprintf(stderr, "unknown value: \"%s\"\n", words->w[0]);
}

static void
cmd_set_eth_peer(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_ether_addr mac;

	if (!forwarding_stopped())
		return;
	if (words->port >= RTE_MAX_ETHPORTS || !rte_eth_dev_is_valid_port(words->port)) {
		fprintf(stderr, "Error: Invalid port number %d\n", words->port);
		return;
	}
	if (rte_ether_unformat_addr(words->w[0], &mac) != 0) {
		fprintf(stderr, "Error: Invalid ethernet address: %s\n", words->w[0]);
		return;
	}
	cfg.peers[words->port] = mac;
}

COMMAND(set_txpkts_inst, cmd_set_txpkts, NULL,
		"set txpkts <len0[,len1]...>: Lengths of the segments of packets that are made",
		LITERAL("set"), LITERAL("txpkts"), ANY(0));
COMMAND(set_txsplit, cmd_set_txsplit, NULL,
		"set txsplit off|on|rand: Segments of packets that are made: one, all, at random",
		LITERAL("set"), LITERAL("txsplit"), ANY(0));
COMMAND(set_eth_peer, cmd_set_eth_peer, NULL,
		"set eth-peer <port_id> <peer_addr>: Peer of a port, for mac and txonly",
		LITERAL("set"), LITERAL("eth-peer"), PORT, ANY(0));

/* ---- what is recorded and printed */

static void
cmd_set_verbose(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	int was = cfg.verbose;

	cfg.verbose = words->n[0].u16;
	printf("Change verbose level from %u to %u\n", (unsigned int)was,
			(unsigned int)cfg.verbose);
}

static void
cmd_set_switch(void *parsed, struct cmdline *cl __rte_unused, void *setting)
{
	const struct words *words = parsed;
	bool *what = setting;

	*what = is_on(words->w[0]);
}

COMMAND(set_verbose, cmd_set_verbose, NULL,
		"set verbose <level>: Print packets: 1 received, 2 sent, 3 both", LITERAL("set"),
		LITERAL("verbose"), NUMBER(0, u16));
COMMAND(set_flush_rx, cmd_set_switch, &cfg.flush_rx,
		"set flush_rx on|off: Whether what waits in Rx queues is dropped on start",
		LITERAL("set"), LITERAL("flush_rx"), CHOICE(0, "on#off"));
COMMAND(set_record_cycles, cmd_set_switch, &cfg.record_cycles,
		"set record-core-cycles on|off: Measure CPU cycles per packet", LITERAL("set"),
		LITERAL("record-core-cycles"), CHOICE(0, "on#off"));
COMMAND(set_record_bursts, cmd_set_switch, &cfg.record_bursts,
		"set record-burst-stats on|off: Count the sizes of Rx and Tx bursts",
		LITERAL("set"), LITERAL("record-burst-stats"), CHOICE(0, "on#off"));

/* ---- csum: who computes checksums */

static const struct {
	const char *word, *name, *missing;
	uint64_t offload;
} checksums[] = {
	{ "ip", "IP", "IP", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM },
	{ "udp", "UDP", "UDP", RTE_ETH_TX_OFFLOAD_UDP_CKSUM },
	{ "tcp", "TCP", "TCP", RTE_ETH_TX_OFFLOAD_TCP_CKSUM },
	{ "sctp", "SCTP", "SCTP", RTE_ETH_TX_OFFLOAD_SCTP_CKSUM },
	{ "outer-ip", "Outer-Ip", "Outer IP", RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM },
	{ "outer-udp", "Outer-Udp", "Outer UDP", RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM },
};

static void
csum_show(uint16_t port_id)
{
	unsigned int i;

	printf("Parse tunnel is %s\n", ports[port_id].csum_parse_tunnel ? "on" : "off");
	for (i = 0; i < RTE_DIM(checksums); i++)
		printf("%s checksum offload is %s\n", checksums[i].name,
				(ports[port_id].csum_hw & checksums[i].offload) != 0 ? "hw" : "sw");
}

/* Tells twice, as testpmd does, if there is no such port, and if it runs. */
static bool
csum_port_ready(uint16_t port_id)
{
	if (!port_valid(port_id)) {
		fprintf(stderr, "invalid port %d\n", port_id);
		return false;
	}
	return port_stopped(port_id);
}

static void
cmd_csum_set(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;
	struct rte_eth_dev_info info;
	struct port *port;
	unsigned int i;
	uint16_t q;
	int ret;

	if (!csum_port_ready(words->port))
		return;
	port = &ports[words->port];
	for (i = 0; strcmp(checksums[i].word, words->w[0]) != 0; i++)
		if (i == RTE_DIM(checksums) - 1)
			return;
	ret = rte_eth_dev_info_get(words->port, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", words->port,
				strerror(-ret));
		return;
	}
	if (strcmp(words->w[1], "hw") != 0) {
		port->csum_hw &= ~checksums[i].offload;
		port->conf.txmode.offloads &= ~checksums[i].offload;
	} else if ((info.tx_offload_capa & checksums[i].offload) == 0) {
		fprintf(stderr, "%s checksum offload is not supported by port %u\n",
				checksums[i].missing, words->port);
	} else {
		port->csum_hw |= checksums[i].offload;
		port->conf.txmode.offloads |= checksums[i].offload;
	}
	for (q = 0; q < RTE_DIM(port->tx_conf); q++)
		port->tx_conf[q].offloads = port->conf.txmode.offloads;
	csum_show(words->port);
	port_reconfigure(words->port);
}

static void
cmd_csum_show(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (csum_port_ready(words->port))
		csum_show(words->port);
}

static void
cmd_csum_tunnel(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (!port_valid(words->port))
		return;
	ports[words->port].csum_parse_tunnel = is_on(words->w[0]);
	csum_show(words->port);
}

static void
cmd_csum_mac_swap(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	const struct words *words = parsed;

	if (port_valid(words->port))
		ports[words->port].csum_keep_macs = !is_on(words->w[0]);
}

COMMAND(csum_set, cmd_csum_set, NULL,
		"csum set ip|tcp|udp|sctp|outer-ip|outer-udp hw|sw <port_id>: Who computes "
		"checksums that csum forwarding sends",
		LITERAL("csum"), LITERAL("set"), CHOICE(0, "ip#tcp#udp#sctp#outer-ip#outer-udp"),
		CHOICE(1, "hw#sw"), PORT);
COMMAND(csum_show_inst, cmd_csum_show, NULL,
		"csum show <port_id>: Checksums that csum forwarding sends", LITERAL("csum"),
		LITERAL("show"), PORT);
COMMAND(csum_tunnel, cmd_csum_tunnel, NULL,
		"csum parse-tunnel on|off <tx_port_id>: Whether csum forwarding looks into tunnels",
		LITERAL("csum"), LITERAL("parse-tunnel"), CHOICE(0, "on#off"), PORT);
COMMAND(csum_mac_swap, cmd_csum_mac_swap, NULL,
		"csum mac-swap on|off <port_id>: Whether csum forwarding sets MAC addresses",
		LITERAL("csum"), LITERAL("mac-swap"), CHOICE(0, "on#off"), PORT);

/* ---- statistics of forwarding */

static void
cmd_show_fwd_stats(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	fwd_stats_show();
}

static void
cmd_clear_fwd_stats(void *parsed __rte_unused, struct cmdline *cl __rte_unused,
		void *data __rte_unused)
{
	fwd_stats_reset();
}

COMMAND(show_fwd_stats, cmd_show_fwd_stats, NULL, "show fwd stats all: Statistics of forwarding",
		LITERAL("show"), LITERAL("fwd"), LITERAL("stats"), LITERAL("all"));
COMMAND(clear_fwd_stats, cmd_clear_fwd_stats, NULL,
		"clear fwd stats all: Statistics of forwarding count from 0 again",
		LITERAL("clear"), LITERAL("fwd"), LITERAL("stats"), LITERAL("all"));

cmdline_parse_inst_t *commands_fwd[] = {
	&start,
	&start_tx_first,
	&start_tx_first_n,
	&stop,
	&set_fwd,
	&set_fwd_retry,
	&set_burst,
	&set_burst_retry,
	&set_nbport,
	&set_nbcore,
	&set_portlist,
	&set_corelist,
	&set_portmask,
	&set_coremask,
	&set_txpkts_inst,
	&set_txsplit,
	&set_eth_peer,
	&set_verbose,
	&set_flush_rx,
	&set_record_cycles,
	&set_record_bursts,
	&csum_set,
	&csum_show_inst,
	&csum_tunnel,
	&csum_mac_swap,
	&show_fwd_stats,
	&clear_fwd_stats,
	NULL,
};
