/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* The command line: testpmd's options, with its words where one is wrong. */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "options.h"
#include "testpp.h"

/* Since 25.11, testpmd shows the commands of --cmdline-file. */
#define FILES_ECHO (RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0))

/* Since 23.11, reports say what noisy does to packets. */
#define NOISY_NAMED (RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0))

static const char *program;
/* 0: not given */
static uint32_t compare_rounds, compare_ms;

/* ---- values */

void
options_fail(const char *format, ...)
{
	char cause[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(cause, sizeof(cause), format, ap);
	va_end(ap);
	rte_exit(EXIT_FAILURE, "%s\n", cause);
}

bool
number_parse(const char *arg, int64_t min, int64_t max, int64_t *value)
{
	const char *digits = arg + (*arg == '-');
	int64_t v;

	if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return false;
	errno = 0;
	v = strtoll(arg, NULL, 10);
	if (errno != 0 || v < min || v > max)
		return false;
	*value = v;
	return true;
}

bool
hex_parse(const char *arg, uint64_t *value)
{
	char *end;

	if (strspn(arg, "0123456789abcdefABCDEFxX") != strlen(arg))
		return false;
	errno = 0;
	*value = strtoull(arg, &end, 16);
	return errno == 0 && end != arg && *end == '\0';
}

static void
option_number(const struct option_def *o, const char *arg)
{
	int64_t v;

	if (!number_parse(arg, o->min, o->max, &v)) {
		if (o->cause != NULL && !number_parse(arg, o->max, INT64_MAX, &v))
			options_fail("%s", o->cause);
		options_fail("%s must be >= %" PRId64 " and <= %" PRId64, o->name, o->min, o->max);
	}
	switch (o->size) {
	case 1:
		*(int8_t *)o->to = v;
		break;
	case 2:
		*(int16_t *)o->to = v;
		break;
	case 4:
		*(int32_t *)o->to = v;
		break;
	default:
		*(int64_t *)o->to = v;
		break;
	}
}

static void
option_set(const struct option_def *o, __rte_unused const char *arg)
{
	*(bool *)o->to = true;
}

static void
option_clear(const struct option_def *o, __rte_unused const char *arg)
{
	*(bool *)o->to = false;
}

/* Bits of offloads that one option stands for. */
static void
option_offload(const struct option_def *o, __rte_unused const char *arg)
{
	*(uint64_t *)o->to |= o->bits;
}

static void
option_hex(const struct option_def *o, const char *arg)
{
	uint64_t v;

	if (!hex_parse(arg, &v))
		options_fail("%s %s invalid - must be a hexadecimal bitmask", o->name, arg);
	*(uint64_t *)o->to = v;
}

static void
option_rss(const struct option_def *o, __rte_unused const char *arg)
{
	cfg.rss_hf = o->bits;
}

static void
option_disable_rss(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	if (cfg.rss_always)
		options_fail("Invalid option combination, disable-rss and enable-rss");
	cfg.rss_hf = 0;
}

static void
option_enable_rss(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	if (cfg.rss_hf == 0)
		options_fail("Invalid option combination, disable-rss and enable-rss");
	cfg.rss_always = true;
}

static void
option_drop_en(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	cfg.rx_thresh.drop_en = 1;
}

/* ---- values that have words of their own */

static void usage(void);

static void
option_help(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	usage();
	rte_eal_cleanup();
	exit(EXIT_SUCCESS);
}

static void
option_interactive(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	printf("Interactive-mode selected\n");
	cfg.interactive = true;
}

static void
option_auto_start(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	printf("Auto-start selected\n");
	cfg.auto_start = true;
}

static void
option_tx_first(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	printf("Ports to start sending a burst of packets first\n");
	cfg.tx_first = true;
}

/* With bits: commands are shown. */
static void
option_cmdline_file(const struct option_def *o, const char *arg)
{
	if (cfg.nr_cmdline_files == RTE_DIM(cfg.cmdline_files))
		options_fail("%s: more than %zu files", o->name, RTE_DIM(cfg.cmdline_files));
	printf("CLI commands to be read from %s\n", arg);
	cfg.cmdline_files_echo[cfg.nr_cmdline_files] = o->bits != 0;
	cfg.cmdline_files[cfg.nr_cmdline_files++] = arg;
}

static void
option_rxd(__rte_unused const struct option_def *o, const char *arg)
{
	int64_t v;

	if (!number_parse(arg, 1, UINT16_MAX, &v))
		options_fail("rxd(%s) invalid - must be > 0%s", arg,
				number_parse(arg, UINT16_MAX, INT64_MAX, &v) ? " and <= 65535" :
									       "");
	cfg.rxd = v;
}

static void
option_max_pkt_len(__rte_unused const struct option_def *o, const char *arg)
{
	int64_t v;

	if (!number_parse(arg, PKT_LEN_MIN, INT32_MAX, &v))
		options_fail("Invalid max-pkt-len=%s - should be > %d", arg, PKT_LEN_MIN);
	cfg.max_pkt_len = v;
}

static void
option_topology(__rte_unused const struct option_def *o, const char *arg)
{
	if (strcmp(arg, "paired") == 0)
		cfg.topology = TOPOLOGY_PAIRED;
	else if (strcmp(arg, "chained") == 0)
		cfg.topology = TOPOLOGY_CHAINED;
	else if (strcmp(arg, "loop") == 0)
		cfg.topology = TOPOLOGY_LOOP;
	else
		options_fail("port-topology %s invalid - must be: paired, chained or loop", arg);
}

static void
option_forward_mode(__rte_unused const struct option_def *o, const char *arg)
{
	if (engine_find(arg) == NULL)
		options_fail("Invalid %s packet forwarding mode", arg);
	set_fwd_engine(arg, false);
}

static void
option_noisy_mode(const struct option_def *o, const char *arg)
{
	const struct engine *e = engine_find(arg);

	if (e == NULL || (e != &engine_io && e->rewrite == NULL))
		options_fail("%s %s invalid, must be a valid %s value", o->name, arg, o->name);
	cfg.noisy_engine = e;
}

static void
option_mp_alloc(__rte_unused const struct option_def *o, const char *arg)
{
	static const enum mp_alloc kinds[] = { MP_ALLOC_NATIVE, MP_ALLOC_ANON, MP_ALLOC_XMEM,
		MP_ALLOC_XMEM_HUGE, MP_ALLOC_XBUF };
	static const char *const names[] = { "native", "anon", "xmem", "xmemhuge", "xbuf" };
	unsigned int i;

	for (i = 0; i < RTE_DIM(kinds); i++)
		if (strcmp(arg, names[i]) == 0) {
			cfg.mp_alloc = kinds[i];
			return;
		}
	options_fail("mp-alloc %s invalid - must be: native, anon, xmem, xmemhuge or xbuf", arg);
}

static void
option_mp_anon(__rte_unused const struct option_def *o, __rte_unused const char *arg)
{
	cfg.mp_alloc = MP_ALLOC_ANON;
}

static void
option_xstats(__rte_unused const struct option_def *o, const char *arg)
{
	if (arg[0] == '\0' || arg[0] == ',' || strstr(arg, ",,") != NULL ||
			arg[strlen(arg) - 1] == ',')
		options_fail("display-xstats %s invalid - must be names separated by commas", arg);
	cfg.display_xstats = true;
	cfg.xstats_names = arg;
}

static void
option_compare(__rte_unused const struct option_def *o, const char *arg)
{
	if (!compare_ops_valid(arg))
		options_fail("bad pp-compare");
	cfg.compare_ops = arg;
}

/* Tier 3: what is known, and not here, is not "unrecognized". */
static void
option_refuse(const struct option_def *o, __rte_unused const char *arg)
{
	options_fail("--%s: not supported by this program", o->name);
}

/* ---- all of them */

#define OPTION(n, v, a, p) .name = n, .value = v, .about = a, .parse = p
#define NUMBER(field, least, most) .to = &(field), .size = sizeof(field), .min = least, .max = most

static const struct option_def options_all[] = {
	{ OPTION("interactive", NULL, "run in interactive mode.", option_interactive) },
	{ OPTION("cmdline-file", "=FILE",
			  "run the commands of a file first; may be given several times.",
			  option_cmdline_file),
			.bits = FILES_ECHO },
	{ OPTION("cmdline-file-noecho", "=FILE", "the same, and the commands are not shown.",
			option_cmdline_file) },
	{ OPTION("auto-start", NULL,
			"start forwarding at once in interactive mode; always otherwise.",
			option_auto_start) },
	{ OPTION("help", NULL, "show this text and end.", option_help) },
	{ OPTION("tx-first", NULL,
			"send a burst first, when forwarding starts; not in interactive mode.",
			option_tx_first) },
	{ OPTION("stats-period", "=N", "show statistics every N seconds; not in interactive mode.",
			  option_number),
			NUMBER(cfg.stats_period, 1, INT32_MAX / 1000),
			.cause = "Invalid stats-period value" },
	{ OPTION("display-xstats", "=NAME[,NAME]*",
			"extended statistics that are shown with the others.", option_xstats) },
	{ OPTION("nb-cores", "=N", "number of cores that forward.", option_nb_cores) },
	{ OPTION("nb-ports", "=N", "number of ports that forward.", option_nb_ports) },
	{ OPTION("coremask", "=MASK",
			"hexadecimal bitmask of the cores that forward, without the main one.",
			option_coremask) },
	{ OPTION("portmask", "=MASK", "hexadecimal bitmask of the ports that forward.",
			option_portmask) },
	{ OPTION("portlist", "=N[-N][,N[-N]]*", "ports that forward.", option_portlist) },
	{ OPTION("numa", NULL, "memory of ports is on their sockets (default).", option_set),
			.to = &cfg.numa },
	{ OPTION("no-numa", NULL, "one pool, wherever ports are.", option_clear), .to = &cfg.numa },
	{ OPTION("port-numa-config", "=(port,socket)[,(port,socket)]*",
			"socket of the pool that a port receives into.", option_port_numa) },
	{ OPTION("ring-numa-config", "=(port,flag,socket)[,(port,flag,socket)]*",
			"socket of a port's rings; flag: 1 Rx, 2 Tx, 3 both.", option_ring_numa) },
	{ OPTION("socket-num", "=N", "socket of all memory.", option_socket_num) },
	{ OPTION("mbuf-size", "=N[,N]*",
			"data room of mbufs; a pool for each of the sizes, up to 8.",
			option_mbuf_size) },
	{ OPTION("total-num-mbufs", "=N", "number of mbufs of a pool.", option_number),
			NUMBER(cfg.total_mbufs, 1025, INT32_MAX),
			.cause = "total-num-mbufs should be > 1024" },
	{ OPTION("max-pkt-len", "=N", "length of the longest packet.", option_max_pkt_len) },
	{ OPTION("eth-peers-configfile", "=FILE", "MAC addresses of the ports' peers, one a line.",
			option_eth_peers) },
	{ OPTION("eth-peer", "=X,M:M:M:M:M:M", "MAC address of the peer of port X.",
			option_eth_peer) },
	{ OPTION("enable-scatter", NULL, "receive packets into several mbufs.", option_offload),
			.to = &cfg.rx_offloads, .bits = RTE_ETH_RX_OFFLOAD_SCATTER },
	{ OPTION("enable-rx-cksum", NULL, "hardware checks checksums.", option_offload),
			.to = &cfg.rx_offloads, .bits = RTE_ETH_RX_OFFLOAD_CHECKSUM },
	{ OPTION("enable-hw-vlan-strip", NULL, "hardware takes VLAN tags off.", option_offload),
			.to = &cfg.rx_offloads, .bits = RTE_ETH_RX_OFFLOAD_VLAN_STRIP },
	{ OPTION("enable-drop-en", NULL, "a queue without descriptors drops packets.",
			option_drop_en) },
	{ OPTION("disable-rss", NULL, "no RSS.", option_disable_rss) },
	{ OPTION("enable-rss", NULL, "RSS of a port with one queue, too.", option_enable_rss) },
	{ OPTION("port-topology", "=paired|chained|loop",
			"which port sends what another one received.", option_topology) },
	{ OPTION("forward-mode", "=MODE",
			"io|mac|macswap|flowgen|rxonly|txonly|csum|icmpecho|noisy|5tswap.",
			option_forward_mode) },
	{ OPTION("rss-ip", NULL, "RSS by IPv4 and IPv6 only.", option_rss),
			.bits = RTE_ETH_RSS_IP },
	{ OPTION("rss-udp", NULL, "RSS by UDP too.", option_rss), .bits = RTE_ETH_RSS_UDP },
	{ OPTION("rxq", "=N", "number of Rx queues of a port.", option_queues), .to = &cfg.rxq },
	{ OPTION("rxd", "=N", "number of descriptors of an Rx queue.", option_rxd) },
	{ OPTION("txq", "=N", "number of Tx queues of a port.", option_queues), .to = &cfg.txq },
	{ OPTION("txd", "=N", "number of descriptors of a Tx queue.", option_number),
			NUMBER(cfg.txd, 1, UINT16_MAX), .cause = "txd must be in > 0" },
	{ OPTION("burst", "=N", "number of packets of a burst; 0: the driver knows.",
			option_burst) },
	{ OPTION("flowgen-clones", "=N", "flowgen sends a packet so many times more.",
			  option_number),
			NUMBER(cfg.flowgen_clones, 0, INT32_MAX),
			.cause = "clones must be >= 0 and <= current burst" },
	{ OPTION("flowgen-flows", "=N", "number of flows of flowgen.", option_number),
			NUMBER(cfg.flowgen_flows, 1, INT32_MAX), .cause = "flows must be >= 1" },
	{ OPTION("mbcache", "=N", "mbufs that an lcore's cache of a pool holds.", option_number),
			NUMBER(cfg.mbcache, 0, RTE_MEMPOOL_CACHE_MAX_SIZE),
			.cause = "mbcache must be >= 0 and <= " RTE_STR(
					RTE_MEMPOOL_CACHE_MAX_SIZE) },
	{ OPTION("rxpt", "=N", "prefetch threshold of Rx rings.", option_number),
			NUMBER(cfg.rx_thresh.pthresh, 0, UINT8_MAX), .cause = "rxpt must be >= 0" },
	{ OPTION("rxht", "=N", "host threshold of Rx rings.", option_number),
			NUMBER(cfg.rx_thresh.hthresh, 0, UINT8_MAX), .cause = "rxht must be >= 0" },
	{ OPTION("rxwt", "=N", "write-back threshold of Rx rings.", option_number),
			NUMBER(cfg.rx_thresh.wthresh, 0, UINT8_MAX), .cause = "rxwt must be >= 0" },
	{ OPTION("rxfreet", "=N", "free threshold of Rx rings.", option_number),
			NUMBER(cfg.rx_thresh.free_thresh, 0, INT16_MAX),
			.cause = "rxfreet must be >= 0" },
	{ OPTION("txpt", "=N", "prefetch threshold of Tx rings.", option_number),
			NUMBER(cfg.tx_thresh.pthresh, 0, UINT8_MAX), .cause = "txpt must be >= 0" },
	{ OPTION("txht", "=N", "host threshold of Tx rings.", option_number),
			NUMBER(cfg.tx_thresh.hthresh, 0, UINT8_MAX), .cause = "txht must be >= 0" },
	{ OPTION("txwt", "=N", "write-back threshold of Tx rings.", option_number),
			NUMBER(cfg.tx_thresh.wthresh, 0, UINT8_MAX), .cause = "txwt must be >= 0" },
	{ OPTION("txfreet", "=N", "free threshold of Tx rings.", option_number),
			NUMBER(cfg.tx_thresh.free_thresh, 0, INT16_MAX),
			.cause = "txfreet must be >= 0" },
	{ OPTION("txrst", "=N", "RS bit threshold of Tx rings.", option_number),
			NUMBER(cfg.tx_thresh.rs_thresh, 0, INT16_MAX),
			.cause = "txrst must be >= 0" },
	{ OPTION("no-flush-rx", NULL, "forward what is in Rx queues already; for the pcap driver.",
			  option_clear),
			.to = &cfg.flush_rx },
	{ OPTION("rxoffs", "=X[,Y]*", "where in its mbuf a part of a split packet begins.",
			option_rxoffs) },
	{ OPTION("rxpkts", "=X[,Y]*", "lengths of the parts of split packets.", option_rxpkts) },
	{ OPTION("rxhdrs", "=eth[,ipv4]*", "protocols that packets are split behind.",
			option_rxhdrs) },
	{ OPTION("txpkts", "=X[,Y]*", "lengths of the segments of packets that are made.",
			option_txpkts) },
	{ OPTION("multi-rx-mempool", NULL, "an Rx queue uses pools of all sizes.", option_set),
			.to = &cfg.multi_rx_mempool },
	{ OPTION("txonly-multi-flow", NULL, "txonly sends packets of many flows.", option_set),
			.to = &cfg.multi_flow },
	{ OPTION("txonly-flows", "=N",
			  "so many flows of an lcore, with --txonly-multi-flow, which then differ "
			  "in UDP ports.",
			  option_number),
			NUMBER(cfg.tx_flows, 1, 64),
			.cause = "txonly-flows must be >= 1 and <= 64" },
	{ OPTION("tx-ip", "=SRC,DST", "IP addresses of packets that are made.", option_tx_ip) },
	{ OPTION("tx-udp", "=SRC[,DST]", "UDP ports of packets that are made.", option_tx_udp) },
	{ OPTION("disable-link-check", NULL, "do not wait for links when ports start.",
			  option_clear),
			.to = &cfg.link_check },
	{ OPTION("disable-device-start", NULL, "do not start ports.", option_clear),
			.to = &cfg.device_start },
	{ OPTION("no-lsc-interrupt", NULL, "no interrupt when a link changes.", option_clear),
			.to = &cfg.lsc_interrupt },
	{ OPTION("print-event", "=EVENT",
			  "tell that it happened: unknown|intr_lsc|queue_state|intr_reset|vf_mbox|"
			  "ipsec|macsec|intr_rmv|dev_probed|dev_released|flow_aged|err_recovering|"
			  "recovery_success|recovery_failed|all.",
			  option_event),
			.bits = 1 },
	{ OPTION("mask-event", "=EVENT", "do not tell that it happened.", option_event) },
	{ OPTION("tx-offloads", "=0xXXXXXXXX", "hexadecimal bitmask of the offloads of Tx queues.",
			  option_hex),
			.to = &cfg.tx_offloads },
	{ OPTION("rx-offloads", "=0xXXXXXXXX", "hexadecimal bitmask of the offloads of Rx queues.",
			  option_hex),
			.to = &cfg.rx_offloads },
	{ OPTION("mlockall", NULL, "lock all memory (default).", option_set), .to = &cfg.mlockall },
	{ OPTION("no-mlockall", NULL, "do not lock all memory.", option_clear),
			.to = &cfg.mlockall },
	{ OPTION("mp-alloc", "=native|anon|xmem|xmemhuge|xbuf",
			"memory of pools: DPDK's own, anonymous, external in pages of 4 KiB, "
			"external in hugepages, data in external buffers.",
			option_mp_alloc) },
	{ OPTION("mp-anon", NULL, "the same as --mp-alloc=anon.", option_mp_anon) },
	{ OPTION("no-iova-contig", NULL,
			  "memory need not be contiguous; with --mp-alloc=anon only.", option_set),
			.to = &cfg.no_iova_contig },
	{ OPTION("pp-frag", "=N[,N]*",
			"as --mbuf-size, and data of mbufs lies in frags of a page_pool.",
			option_pp_frag) },
	{ OPTION("pp-split", "=HDR,PAYLOAD",
			"received packets are split behind HDR bytes, or protocols as --rxhdrs has "
			"them; the rest is in frags of PAYLOAD bytes.",
			option_pp_split) },
	{ OPTION("pp-provider", "=heap|region|unreadable|gpu",
			"memory of such frags: hugepages, anonymous, not the CPU's, a GPU's.",
			option_pp_provider) },
	{ OPTION("noisy-forward-mode", "=io|mac|macswap|5tswap", "noisy: what is done to packets.",
			option_noisy_mode) },
	{ OPTION("noisy-tx-sw-buffer-size", "=N", "noisy: packets that are kept back.",
			  option_number),
			NUMBER(cfg.noisy_buffer, 0, UINT16_MAX),
			.cause = "noisy-tx-sw-buffer-size must be >= 0" },
	{ OPTION("noisy-tx-sw-buffer-flushtime", "=N", "noisy: for so many ms at most.",
			  option_number),
			NUMBER(cfg.noisy_flush_ms, 0, INT32_MAX),
			.cause = "noisy-tx-sw-buffer-flushtime must be >= 0" },
	{ OPTION("noisy-lkup-memory", "=N", "noisy: MB of memory that is read and written.",
			  option_number),
			NUMBER(cfg.noisy_memory_mb, 0, INT32_MAX),
			.cause = "noisy-lkup-memory must be >= 0" },
	{ OPTION("noisy-lkup-num-writes", "=N", "noisy: random writes for a packet.",
			  option_number),
			NUMBER(cfg.noisy_writes, 0, INT32_MAX),
			.cause = "noisy-lkup-num-writes must be >= 0" },
	{ OPTION("noisy-lkup-num-reads", "=N", "noisy: random reads for a packet.", option_number),
			NUMBER(cfg.noisy_reads, 0, INT32_MAX),
			.cause = "noisy-lkup-num-reads must be >= 0" },
	{ OPTION("noisy-lkup-num-reads-writes", "=N",
			  "noisy: random reads and writes for a packet.", option_number),
			NUMBER(cfg.noisy_reads_writes, 0, INT32_MAX),
			.cause = "noisy-lkup-num-reads-writes must be >= 0" },
	{ OPTION("record-core-cycles", NULL, "count CPU cycles of packets.", option_set),
			.to = &cfg.record_cycles },
	{ OPTION("record-burst-stats", NULL, "count lengths of bursts.", option_set),
			.to = &cfg.record_bursts },

	/* not testpmd's */
	{ OPTION("pp-verify", NULL,
			  "check each byte of packets that are made where they are received, here "
			  "or by another such program; a wrong one is exit status 1.",
			  option_set),
			.to = &cfg.verify },
	{ OPTION("pp-compare", "=OPS[,OPS]*",
			"forward on pools of these mempool ops, too, in turns, and compare.",
			option_compare) },
	{ OPTION("pp-compare-rounds", "=N", "each has so many turns.", option_number),
			NUMBER(compare_rounds, 1, 1000) },
	{ OPTION("pp-compare-time", "=N", "of so many ms, after a fifth of that to warm up.",
			  option_number),
			NUMBER(compare_ms, 10, 3600 * 1000) },
	{ OPTION("pp-check", NULL,
			  "check the pools at the end; mbufs that are not back are an error.",
			  option_set),
			.to = &cfg.pp_check },

	/* testpmd's, not here */
	{ OPTION("num-procs", "=N", NULL, option_refuse) },
	{ OPTION("proc-id", "=N", NULL, option_refuse) },
	{ OPTION("max-lro-pkt-size", "=N", NULL, option_refuse) },
	{ OPTION("disable-crc-strip", NULL, NULL, option_refuse) },
	{ OPTION("enable-lro", NULL, NULL, option_refuse) },
	{ OPTION("enable-rx-timestamp", NULL, NULL, option_refuse) },
	{ OPTION("enable-hw-vlan", NULL, NULL, option_refuse) },
	{ OPTION("enable-hw-vlan-filter", NULL, NULL, option_refuse) },
	{ OPTION("enable-hw-vlan-extend", NULL, NULL, option_refuse) },
	{ OPTION("enable-hw-qinq-strip", NULL, NULL, option_refuse) },
	{ OPTION("rss-level-inner", NULL, NULL, option_refuse) },
	{ OPTION("rss-level-outer", NULL, NULL, option_refuse) },
	{ OPTION("rx-mq-mode", "=MASK", NULL, option_refuse) },
	{ OPTION("rxq-share", "[=X]", NULL, option_refuse) },
	{ OPTION("hairpinq", "=N", NULL, option_refuse) },
	{ OPTION("hairpin-mode", "=MASK", NULL, option_refuse) },
	{ OPTION("hairpin-map", "=MAP", NULL, option_refuse) },
	{ OPTION("eth-link-speed", "=N", NULL, option_refuse) },
	{ OPTION("no-rmv-interrupt", NULL, NULL, option_refuse) },
	{ OPTION("bitrate-stats", "=N", NULL, option_refuse) },
	{ OPTION("latencystats", "=N", NULL, option_refuse) },
	{ OPTION("flow-isolate-all", NULL, NULL, option_refuse) },
	{ OPTION("disable-flow-flush", NULL, NULL, option_refuse) },
	{ OPTION("hot-plug", NULL, NULL, option_refuse) },
	{ OPTION("vxlan-gpe-port", "=N", NULL, option_refuse) },
	{ OPTION("geneve-parsed-port", "=N", NULL, option_refuse) },
};

static void
usage(void)
{
	unsigned int i;

	printf("\nUsage: %s [EAL options] -- [testpmd options]\n\n", program);
	for (i = 0; i < RTE_DIM(options_all); i++) {
		const struct option_def *o = &options_all[i];

		if (o->about != NULL)
			printf("  --%s%s: %s\n", o->name, o->value != NULL ? o->value : "",
					o->about);
	}
	fflush(stdout);
}

static void
options_compare_apply(void)
{
	if (cfg.compare_ops == NULL && !cfg.interactive && (compare_rounds != 0 || compare_ms != 0))
		options_fail("--pp-compare-rounds and --pp-compare-time need --pp-compare or -i");
	if (cfg.compare_ops != NULL && cfg.pp_frag)
		options_fail("--pp-compare cannot be used with --pp-frag, --pp-split or "
			     "--pp-provider");
	if (compare_rounds != 0)
		cfg.compare_rounds = compare_rounds;
	if (compare_ms != 0)
		cfg.compare_ms = compare_ms;
}

static void
options_check(void)
{
	if (cfg.rxq == 0 && cfg.txq == 0)
		options_fail("Either rx or tx queues should be non-zero");
	option_txpkts_apply();
	option_pp_check();
	options_compare_apply();
	if (cfg.verify && pp_unreadable())
		options_fail("--pp-verify cannot be used with --pp-provider=%s", cfg.pp_provider);
	if (cfg.verify && !verify_length_valid(cfg.engine))
		options_fail("bad txpkts");
	if (cfg.no_iova_contig && cfg.mp_alloc != MP_ALLOC_ANON) {
		fprintf(stderr,
				"testpmd: cannot use no-iova-contig without mp-alloc=anon. mempool "
				"no-iova-contig is ignored\n");
		cfg.no_iova_contig = false;
	}
}

void
options_parse(int argc, char **argv)
{
	static struct option longs[RTE_DIM(options_all) + 1];
	const struct option_def *o;
	unsigned int i;
	int opt;

	program = argv[0];
	for (i = 0; i < RTE_DIM(options_all); i++) {
		o = &options_all[i];
		longs[i].name = o->name;
		longs[i].has_arg = o->value == NULL ? no_argument :
				o->value[0] == '='  ? required_argument :
						      optional_argument;
		/* all differ: a prefix of several is none of them */
		longs[i].val = UINT8_MAX + 1 + i;
	}
	optind = 0;
	while ((opt = getopt_long(argc, argv, "hia", longs, NULL)) != -1) {
		if (opt == '?') {
			fprintf(stderr, "Invalid option: %s\n", argv[RTE_MAX(optind - 1, 1)]);
			usage();
			options_fail("Command line is incomplete or incorrect");
		}
		for (i = 0; longs[i].val != opt; i++)
			if (longs[i].has_arg == no_argument && longs[i].name[0] == opt)
				break;
		options_all[i].parse(&options_all[i], optarg);
	}
	if (optind < argc) {
		fprintf(stderr, "Invalid parameter: %s\n", argv[optind]);
		usage();
		options_fail("Command line is incorrect");
	}
	options_check();
}

/* ---- defaults */

void
config_defaults(void)
{
	static const struct thresholds drivers = { -1, -1, -1, -1, -1, -1 };
	unsigned int i;

	memset(&cfg, 0, sizeof(cfg));
	cfg.device_start = true;
	cfg.cmdline_echo = FILES_ECHO;
	cfg.mlockall = true;
	cfg.event_mask = RTE_BIT32(RTE_ETH_EVENT_UNKNOWN) | RTE_BIT32(RTE_ETH_EVENT_INTR_LSC) |
			RTE_BIT32(RTE_ETH_EVENT_QUEUE_STATE) | RTE_BIT32(RTE_ETH_EVENT_INTR_RESET) |
			RTE_BIT32(RTE_ETH_EVENT_IPSEC) | RTE_BIT32(RTE_ETH_EVENT_MACSEC) |
			RTE_BIT32(RTE_ETH_EVENT_INTR_RMV) | RTE_BIT32(RTE_ETH_EVENT_FLOW_AGED) |
			RTE_BIT32(RTE_ETH_EVENT_ERR_RECOVERING) |
			RTE_BIT32(RTE_ETH_EVENT_RECOVERY_SUCCESS) |
			RTE_BIT32(RTE_ETH_EVENT_RECOVERY_FAILED);
	cfg.lsc_interrupt = true;
	cfg.link_check = true;

	cfg.mbuf_size[0] = RTE_MBUF_DEFAULT_BUF_SIZE;
	cfg.nr_mbuf_sizes = 1;
	cfg.mbcache = MBCACHE_DEFAULT;
	cfg.pp_provider = "heap";
	cfg.numa = true;
	cfg.socket_num = -1;
	for (i = 0; i < RTE_MAX_ETHPORTS; i++) {
		cfg.port_numa[i] = cfg.rx_numa[i] = cfg.tx_numa[i] = -1;
		cfg.peers[i].addr_bytes[0] = 0x02;
		cfg.peers[i].addr_bytes[5] = i;
	}

	cfg.rxq = cfg.txq = 1;
	cfg.tx_offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE; /* where a port has it */
	cfg.rx_thresh = drivers;
	cfg.tx_thresh = drivers;
	cfg.rss_hf = RTE_ETH_RSS_IP;
	cfg.flush_rx = true;

	cfg.compare_rounds = 5;
	cfg.compare_ms = 500;

	cfg.engine = &engine_io;
	cfg.noisy_engine = NOISY_NAMED ? &engine_io : NULL;
	cfg.retry_us = RETRY_US_DEFAULT;
	cfg.retries = RETRIES_DEFAULT;
	cfg.burst = BURST_DEFAULT;
	cfg.tx_seg_len[0] = cfg.tx_pkt_len = PKT_LEN_DEFAULT;
	cfg.nr_tx_segs = 1;
	cfg.flowgen_flows = 1024;
	cfg.tx_udp_src = cfg.tx_udp_dst = 9;      /* discard */
	cfg.tx_ip_src = RTE_IPV4(198U, 18, 0, 1); /* for benchmarks, RFC 2544 */
	cfg.tx_ip_dst = RTE_IPV4(198U, 18, 0, 2);
}

void
config_find(void)
{
	unsigned int lcore;
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port)
		cfg.fwd_ports[cfg.nr_fwd_ports_all++] = port;
	cfg.nr_fwd_ports = cfg.nr_fwd_ports_all;
	if (cfg.nr_fwd_ports == 0)
		fprintf(stderr, "testpmd: No probed ethernet devices\n");

	RTE_LCORE_FOREACH_WORKER(lcore)
		cfg.fwd_lcores[cfg.nr_fwd_lcores_all++] = lcore;
	if (cfg.nr_fwd_lcores_all == 0)
		options_fail("No cores defined for forwarding\nCheck the core mask argument");
	cfg.nr_fwd_lcores = 1;
}
