/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TESTPP_H_
#define _TESTPP_H_

/*
 * dpdk-testpp: stands in for dpdk-testpmd on page_pool. What the files share; each has one matter:
 *
 *   main.c       start, the three front doors (terminal, pipe, statistics), signals, the end
 *   options.c    the command line; options_lists.c, options_values.c and options_pp.c: its values
 *   pools.c      pools of mbufs; pools_pp.c: those that the library makes; pools_check.c: whether
 *                they are sound, and all mbufs back
 *   ports.c      ports: set-up, start, stop, close, attach, detach, reset; their queues
 *   ports_config.c, rss.c   what ports and queues are set up with; split_pp.c: queues that split
 *   ports_drain.c, ports_settle.c   what devices keep when they are closed, and do meanwhile
 *   streams.c    which queue is forwarded to which, on which lcore; start and stop
 *   stats.c      counters of ports and of forwarding
 *   show.c       reports about ports, queues and the configuration
 *   verbose.c    packets, printed
 *   verify.c     packets, checked byte by byte (--pp-verify); verify_packet.c: what is in them
 *   compare.c    the same forwarding on several mempool ops (--pp-compare)
 *   commands.c   the interactive commands, and files of them; commands_*.c by topic
 *   fwd_*.c      forwarding engines
 *
 * Everything is the main lcore's but where it is said that forwarding lcores read or write it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cmdline_parse.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define BURST_MAX 512
#define BURST_DEFAULT 32
#define SEGS_MAX 255
#define MBUF_SIZES_MAX 8
#define MBCACHE_DEFAULT 250
#define PKT_LEN_DEFAULT 64
#define PKT_LEN_MIN 64
#define DESC_MAX 2048 /* of a queue, where pools are sized without asking ports */
#define RETRIES_DEFAULT 64
#define RETRY_US_DEFAULT 1
#define SPLIT_SEGS_MAX 8
#define MCAST_MAX 64

struct cmdline;
struct page_pool;

/* ---- configuration */

enum topology {
	TOPOLOGY_PAIRED,
	TOPOLOGY_CHAINED,
	TOPOLOGY_LOOP,
};

enum mp_alloc {
	MP_ALLOC_NATIVE,
	MP_ALLOC_ANON,
	MP_ALLOC_XMEM,
	MP_ALLOC_XMEM_HUGE,
	MP_ALLOC_XBUF,
};

enum tx_split {
	TX_SPLIT_OFF,
	TX_SPLIT_ON,
	TX_SPLIT_RAND,
};

/* Thresholds of queues: -1 leaves them to the driver. */
struct thresholds {
	int16_t pthresh, hthresh, wthresh, free_thresh;
	int16_t rs_thresh; /* Tx only */
	int16_t drop_en;   /* Rx only */
};

/* What command line and commands set. Forwarding lcores read it. */
struct config {
	/* front doors */
	bool interactive;
	bool auto_start;
	bool tx_first;
	bool device_start; /* false: --disable-device-start */
	uint32_t stats_period;
	const char *cmdline_files[16];
	unsigned int nr_cmdline_files;
	bool cmdline_files_echo[16]; /* false: --cmdline-file-noecho, and testpmd before 25.11 */
	bool cmdline_echo;           /* --cmdline-file-noecho: false */
	bool mlockall;
	bool display_xstats;
	bool xstats_hide_zero;
	const char *xstats_names; /* --display-xstats: which, separated by commas */
	uint32_t event_mask;      /* bits of enum rte_eth_event_type: events that are printed */
	bool lsc_interrupt;
	bool link_check;
	bool record_cycles;
	bool record_bursts;

	/* pools */
	enum mp_alloc mp_alloc;
	bool no_iova_contig;
	bool pp_check; /* at the end pools are checked, and what is wrong is an error */
	uint16_t mbuf_size[MBUF_SIZES_MAX];
	unsigned int nr_mbuf_sizes;
	const char *mbuf_size_by; /* the option that said so, NULL: none */
	uint32_t total_mbufs;     /* 0: as many as could be needed */
	uint16_t mbcache;
	bool numa;
	int socket_num; /* -1: each port's own */
	int port_numa[RTE_MAX_ETHPORTS], rx_numa[RTE_MAX_ETHPORTS], tx_numa[RTE_MAX_ETHPORTS];

	/* pools of the library's */
	bool pp_frag;            /* mbufs' data lies in frags */
	const char *pp_provider; /* of their pages */
	bool pp_split;           /* Rx queues split, into headers and the mbufs of the first size */
	uint16_t pp_hdr_len;     /* behind so many bytes */
	uint32_t pp_hdr_proto;   /* behind these protocols, 0: by length */

	/* ports and lcores that forward */
	uint16_t fwd_ports[RTE_MAX_ETHPORTS];
	unsigned int nr_fwd_ports_all; /* that could */
	unsigned int nr_fwd_ports;     /* that do: the first ones */
	unsigned int fwd_lcores[RTE_MAX_LCORE];
	unsigned int nr_fwd_lcores_all, nr_fwd_lcores;
	enum topology topology;
	struct rte_ether_addr peers[RTE_MAX_ETHPORTS];

	/* queues */
	uint16_t rxq, txq;
	uint16_t rxd, txd; /* 0: the driver's default */
	uint64_t rx_offloads, tx_offloads;
	struct thresholds rx_thresh, tx_thresh;
	uint64_t rss_hf;      /* 0: no RSS */
	bool rss_always;      /* with one queue, too */
	uint32_t max_pkt_len; /* 0: the driver's default MTU */
	bool flush_rx;
	bool multi_rx_mempool;
	uint16_t rx_seg_len[SPLIT_SEGS_MAX], rx_seg_off[SPLIT_SEGS_MAX];
	uint32_t rx_seg_proto[SPLIT_SEGS_MAX];
	unsigned int nr_rx_lens, nr_rx_offs, nr_rx_protos;

	/* --pp-compare */
	const char *compare_ops; /* separated by commas; NULL: no comparison */
	uint32_t compare_rounds, compare_ms;

	/* forwarding */
	const struct engine *engine;
	bool retry;
	uint32_t retry_us, retries;
	uint16_t burst;
	int verbose; /* 1: received, 2: sent, 3: both */
	bool verify; /* bytes of packets are checked: --pp-verify */
	uint16_t tx_seg_len[SEGS_MAX];
	unsigned int nr_tx_segs;
	uint16_t tx_pkt_len; /* all of them */
	enum tx_split tx_split;
	bool multi_flow;
	uint16_t tx_flows; /* of an lcore, that differ in UDP ports; 0: 256, in addresses */
	uint32_t flowgen_flows, flowgen_clones;
	uint16_t tx_udp_src, tx_udp_dst;
	uint32_t tx_ip_src, tx_ip_dst;     /* these and the UDP ports in host order */
	const struct engine *noisy_engine; /* NULL: io, and reports do not say so */
	uint16_t noisy_buffer;
	uint32_t noisy_flush_ms;
	uint64_t noisy_memory_mb, noisy_writes, noisy_reads, noisy_reads_writes;
};

extern struct config cfg;

/* options.c: what stands behind "--" on the command line. Ends the program with status 1 and a
 * cause on a wrong one, with 0 and a text on --help. The defaults are in cfg before; ports are
 * known.
 */
void options_parse(int argc, char **argv);
/* All of cfg that does not depend on ports. */
void config_defaults(void);
/* The ports and lcores there are: cfg.fwd_ports, cfg.fwd_lcores, cfg.peers, sockets. */
void config_find(void);
/* options_lists.c: what options and commands have in common. They tell what is wrong with testpmd's
 * words on stderr, and change nothing then.
 */
/* "A,B,..." of decimal numbers: how many, 0 if wrong. */
unsigned int list_parse(const char *what, const char *text, uint32_t *list, unsigned int max);
/* Segments of packets that are made: all fit a buffer, and 42 bytes of headers fit all. */
bool set_txpkts(const uint32_t *list, unsigned int n);
bool set_rxpkts(const uint32_t *list, unsigned int n);
bool set_rxoffs(const uint32_t *list, unsigned int n);
/* "eth,ipv4-tcp,...": cfg.rx_seg_proto has each one whole (queue set-up takes away what earlier
 * ones have), and 0, the payload, as the last.
 */
bool set_rxhdrs(const char *names);
/* Its name, "payload" for 0. */
const char *rx_proto_name(uint32_t proto);
/* One that is not in a tunnel, by its name; 0: none. */
uint32_t rx_proto_find(const char *name);

/* ---- pools.c */

/* All pools, as cfg says; ends the program when one cannot be made. */
void pools_make(void);
/* Pool for a socket and the i-th of the sizes, of another socket if need be, or NULL. */
struct rte_mempool *pool_find(unsigned int socket_id, unsigned int i);
/* Whether all mbufs are of one pool, with their data beside them. */
bool pools_single(void);
void pools_free(void);
bool ops_registered(const char *name);
/* A set of the same pools on other ops, for --pp-compare: its number, or -1 after a message. */
int pools_add(const char *ops);
/* The set that pool_find() looks in; 0: the first. Queues have theirs since they were set up. */
void pools_use(unsigned int set);
/* All sets but the first end. One whose mbufs are not all back stays, and that is told. True: none
 * did.
 */
bool pools_remove(void);
const char *mp_alloc_name(enum mp_alloc kind);
/* Anonymous memory is told to a port's device, before it starts, or taken back. */
void pools_port_map(uint16_t port_id, bool map);
/* testpmd's log: its name, on stderr, --log-level=testpmd,... (pools.c) */
extern int testpp_logtype;
#define TESTPP_LOG(level, ...) rte_log(RTE_LOG_##level, testpp_logtype, "testpmd: " __VA_ARGS__)

/* ---- pools_pp.c, split_pp.c: pp.h has more */

/* Whether payload is where the CPU cannot read it. */
bool pp_unreadable(void);
/* What a pool of mbufs has its data in, and the other way; NULL: no such. */
const struct page_pool *pp_pages_of(const struct rte_mempool *mp);
struct rte_mempool *pp_mbufs_of(const struct page_pool *pages);
/* Packets that were split, queue by queue. */
void pp_split_show(void);
/* They count from 0 again. */
void pp_split_clear(void);

/* ---- pools_check.c */

/* `page_pool check`: each pool of the driver's is walked and proved sound; packets wait for it. */
void pools_check(void);
/* At the end, when all ports are closed: mbufs that are not back are told on stderr. False if
 * --pp-check makes an error of that.
 */
bool pools_check_end(void);

/* ---- ports.c */

enum port_state {
	PORT_UNKNOWN, /* none of that number */
	PORT_STOPPED,
	PORT_STARTED,
	PORT_CLOSED,
};

/* What a comparison left, until its pools are gone. */
struct compared {
	bool elsewhere;     /* a queue may point at one of them */
	bool any_fast_free; /* it had MBUF_FAST_FREE: these */
	bool fast_free, queue_fast_free[RTE_MAX_QUEUES_PER_PORT];
};

struct port {
	enum port_state state;
	bool configured;      /* once at least */
	bool reconfig;        /* rte_eth_dev_configure() before it starts */
	bool reconfig_queues; /* the queues' set-up */
	bool queues_made;     /* since it was configured last */
	unsigned int socket_id;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	struct rte_ether_addr mac;
	uint16_t rxq, txq; /* configured */
	struct rte_eth_rxconf rx_conf[RTE_MAX_QUEUES_PER_PORT];
	struct rte_eth_txconf tx_conf[RTE_MAX_QUEUES_PER_PORT];
	uint16_t rx_desc[RTE_MAX_QUEUES_PER_PORT], tx_desc[RTE_MAX_QUEUES_PER_PORT]; /* 0: cfg's */
	bool rx_stopped[RTE_MAX_QUEUES_PER_PORT], tx_stopped[RTE_MAX_QUEUES_PER_PORT];
	bool csum_parse_tunnel;
	uint64_t csum_hw;    /* RTE_ETH_TX_OFFLOAD_*_CKSUM that `csum set` gave to the hardware */
	bool csum_keep_macs; /* `csum mac-swap off`: csum leaves the addresses */
	uint16_t tx_vlan, tx_vlan_outer;        /* 0: none; engines that make packets insert it */
	struct rte_ether_addr mcast[MCAST_MAX]; /* `mcast_addr add` */
	unsigned int nr_mcast;
	struct compared compared; /* compare.c's */
};

extern struct port *ports; /* RTE_MAX_ETHPORTS */

/* Whether there is such a port. Tells, with testpmd's words, if not. */
bool port_valid(uint16_t port_id);
/* cfg's values for a port that was found or attached; before its first start. */
void port_init(uint16_t port_id);
/* Tells, once, of a device that does not say where it is: its socket may be a far one. */
void port_socket_warn(uint16_t port_id);
void ports_init(void);
/* RTE_PORT_ALL (UINT16_MAX): all. 0, or -1 after a message. All print what testpmd prints. */
#define PORT_ALL UINT16_MAX
int ports_start(uint16_t port_id);
void ports_stop(uint16_t port_id);
/* Which are started: RTE_MAX_ETHPORTS of them. */
void ports_started(bool *started);
/* These are started, once more if they are, with queues set up anew; without a word if all is well.
 * 0, or -1 if not all are, after a message. Queues of those will be set up anew, too.
 */
int ports_restart(const bool *which);
void ports_close(uint16_t port_id);
void ports_reset(uint16_t port_id);
void port_attach(const char *devargs);
void port_detach(uint16_t port_id);
/* All must be stopped for a new configuration. Tells if not. */
bool ports_all_stopped(void);
/* As many queues as all devices, and we, have; and which device has so few, or 0. */
uint16_t ports_max_queues(bool rx, uint16_t *port_id);
/* cfg's thresholds for all queues of a port. */
void port_thresholds_set(uint16_t port_id);
/* The longest packet of a port, as its MTU: now, or with its first configuration. */
void port_max_pkt_len_set(uint16_t port_id, uint32_t len);
/* One queue of a configured port, as its rx_conf, tx_conf and descriptors say. 0 or -errno. */
int port_rxq_setup(uint16_t port_id, uint16_t queue_id);
int port_txq_setup(uint16_t port_id, uint16_t queue_id);
/* Offloads of a port and of all its queues, from its next configuration on. */
void port_offload_set(uint16_t port_id, bool rx, uint64_t which, bool on);
void ports_check_links(void);
void ports_end(void);
/* Events of ports are printed from here on: right after rte_eal_init(). ports_init() does it too.
 * */
void ports_watch(void);
/* ---- engines (fwd_*.c) */

/* What packets to a port get: flags of the offloads that the user wants of it, and tags. */
struct tx_fields {
	uint64_t flags;
	uint16_t vlan, vlan_outer;
};

/* A queue whose packets go to another one. Its lcore's, while that forwards. */
struct stream {
	/* on a line of its own: forwarding reads this */
	uint16_t rx_port, rx_queue, tx_port, tx_queue;
	uint16_t peer; /* of cfg.peers: the port that is sent to */
	bool retry;
	bool off;            /* a queue is stopped, or the engine has nothing to do */
	struct tx_fields tx; /* of the start: they change while the port is stopped */
	struct {
		uint64_t rx, tx, tx_dropped;
		uint64_t bad_ip, bad_l4, bad_outer_ip, bad_outer_l4;
		uint64_t busy_cycles;
		uint64_t rx_bursts[BURST_MAX + 1], tx_bursts[BURST_MAX + 1]; /* cfg.record_bursts */
	} count;
	void *priv; /* the engine's */
} __rte_cache_aligned;

struct engine {
	const char *name;
	/* Start: 0, or -errno after a message. NULL: nothing to do. Main lcore. */
	int (*port_begin)(uint16_t port_id);
	int (*stream_begin)(struct stream *s);
	/* One round. True: there was something to do. Forwarding lcore. */
	bool (*forward)(struct stream *s);
	/* What it does to packets in between; NULL: --noisy-forward-mode may not name it. */
	void (*rewrite)(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
	/* Stop. Main lcore. */
	void (*stream_end)(struct stream *s);
	void (*port_end)(uint16_t port_id);
	bool makes_packets; /* reports say packet length and segments */
	bool sends_only;    /* txonly, flowgen: streams of ports, no packets are asked for */
	bool needs_payload; /* reads or writes what is behind headers */
	bool sets_macs;     /* packets leave with other MAC addresses than those they came with */
};

/* By name, or NULL. The list ends with NULL. */
extern const struct engine *const engines[];
extern const struct engine engine_io, engine_mac, engine_macswap, engine_rxonly, engine_txonly,
		engine_flowgen, engine_csum, engine_icmpecho, engine_5tswap, engine_noisy;
const struct engine *engine_find(const char *name);
/* As reports call it: "noisy-mac". */
const char *engine_title(const struct engine *e);

struct tx_fields tx_fields_of(uint16_t port_id);

/* ---- streams.c */

extern struct stream **streams;
extern unsigned int nr_streams;

/* All queues of all ports that forward, as topology and engine say. -1 after a message. */
int streams_make(void);
/* Somebody waits for the lcores to come back. Any lcore. */
bool forwarding_ends(void);
bool forwarding(void);
/* What waits in a started port's queues is thrown away. Nothing forwards. */
void port_flush(uint16_t port_id);
/* The one that forwards; cfg.engine, which may be another one by now, while none does. */
const struct engine *forwarding_engine(void);
/* Its ports, likewise: one may have been attached meanwhile. */
unsigned int forwarding_ports(const uint16_t **list);
/* Start, after so many bursts of txonly; stop, with the report. They print what testpmd prints. */
void forwarding_start(unsigned int tx_first);
void forwarding_stop(void);
/* The same without a word, for --pp-compare: 0, or -1 after a message. At the end what waits in
 * Rx queues is dropped.
 */
int forwarding_begin(unsigned int tx_first);
void forwarding_end(void);
/* `show config fwd`. */
void show_config_fwd(void);
int set_fwd_engine(const char *name, bool retry);
void set_nb_cores(unsigned int n);
void set_nb_ports(unsigned int n);
/* Lists or masks of ports and lcores that forward; false after a message. */
bool set_fwd_ports(const unsigned int *list, unsigned int n);
bool set_fwd_lcores(const unsigned int *list, unsigned int n);
/* Lists that are right; they tell if the number changed. From the next streams_make() on. */
void fwd_ports_use(const unsigned int *list, unsigned int n);
void fwd_lcores_use(const unsigned int *list, unsigned int n);
/* Tells if not: the lcore is none of ours, or the main one. */
bool lcore_can_forward(unsigned int lcore);

/* ---- stats.c */

void fwd_stats_reset(void);
/* The report of stop and of `show fwd stats all`. */
void fwd_stats_show(void);
/* What lcores have forwarded since the start, and, with cfg.record_cycles, in how many cycles. */
void fwd_stats_sum(uint64_t *packets, uint64_t *cycles);
void port_stats_show(uint16_t port_id);
/* Another device has the number. */
void port_stats_forget(uint16_t port_id);
void port_stats_clear(uint16_t port_id);
void port_xstats_show(uint16_t port_id);
void port_xstats_clear(uint16_t port_id);
/* Tells which counters of --display-xstats the port does not have. */
void port_xstats_check(uint16_t port_id);
/* --stats-period: one report. */
void stats_period_show(void);

/* ---- show.c */

void port_info_show(uint16_t port_id);
void port_summary_show(uint16_t port_id); /* PORT_ALL: all */
void show_config_rxtx(void);
void show_config_cores(void);
void show_config_txpkts(void);
void rxq_info_show(uint16_t port_id, uint16_t queue_id);
void txq_info_show(uint16_t port_id, uint16_t queue_id);
void device_info_show(const char *name); /* NULL: all */
void rx_offloads_show(uint16_t port_id, bool configured);
void tx_offloads_show(uint16_t port_id, bool configured);

/* ---- rss.c: false after a message */

/* One type by its name, 0 if none; names of all of them, in lines. */
uint64_t rss_type_find(const char *name);
void rss_types_print(uint64_t types);
/* What `port config all rss WORD` means. */
bool rss_types_parse(const char *word, uint64_t *types);
/* "(hash,queue)[,(hash,queue)]...", of so many entries. */
bool rss_reta_parse(const char *text, struct rte_eth_rss_reta_entry64 *reta, unsigned int size);
/* Hexadecimal, of so many bytes. */
bool rss_key_parse(const char *text, uint8_t *key, unsigned int size);

/* ---- verbose.c */

/* Print a burst, all of it in one write. Any lcore. */
void packets_print(uint16_t port_id, uint16_t queue_id, struct rte_mbuf **pkts, uint16_t n,
		bool received);

/* ---- verify.c: nothing without --pp-verify */

/* Headers and what tells packets apart. */
#define VERIFY_LEN_MIN 60

/* Whether the packets that an engine makes have room for that. Tells if not. */
bool verify_length_valid(const struct engine *e);
/* Before forwarding lcores do what this engine does: 0, or -1 after a message. */
int verify_begin(const struct engine *e);
/* A burst was received; is about to be sent; was not, and will be dropped. Forwarding lcore. */
void verify_received(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
void verify_sending(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
void verify_dropped(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
/* `show page_pool verify`, `clear page_pool`. */
void verify_show(void);
void verify_clear(void);
/* The last word: 0, or -1 if there was a wrong byte. */
int verify_end(void);

/* ---- compare.c */

/* Whether these ops, separated by commas, can be compared with the program's. Tells if not. */
bool compare_ops_valid(const char *list);
/* The comparison, and its report: 0, or -1 after a message. Packets must not be forwarded. */
int compare_run(const char *list);
/* The user has said what a Tx queue, or all of a port (-1), does: what a comparison took from it is
 * not given back.
 */
void compare_offload_chosen(uint16_t port_id, uint64_t which, int queue_id);

/* ---- commands.c */

/* Read commands from the terminal until it ends, `quit`, or commands_end(). */
void commands_run(void);
/* Commands of a file. 0, or -1 after a message. */
int commands_file(const char *name);
/* From a signal handler: the reader returns. */
void commands_end(void);
/* Before signals may come: what commands_end() and commands_wait() need. 0, or -1 after a message.
 * */
int commands_init(void);
/* Wait for input (-1: for none). 1: some, 0: time is over (ms; -1: never), -1: the end is wanted.
 * */
int commands_wait(int fd, int ms);
void commands_free(void);
/* Commands by topic, each list ends with NULL; commands.c puts them together. commands_*.c */
extern cmdline_parse_inst_t *commands_port[];
extern cmdline_parse_inst_t *commands_set[];
extern cmdline_parse_inst_t *commands_show[];
extern cmdline_parse_inst_t *commands_fwd[];
extern cmdline_parse_inst_t *commands_pp[]; /* what testpmd does not have */

/* ---- main.c */

/* Somebody wants the program to end. Any thread. */
extern volatile bool quitting;

#endif /* _TESTPP_H_ */
