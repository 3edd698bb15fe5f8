/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Options whose values are lists, masks, addresses, or depend on ports and lcores. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_lcore.h>

#include "options.h"
#include "testpp.h"

#define NUMA_RX 1
#define NUMA_TX 2

static const struct {
	const char *name;
	uint32_t bits;
} events[] = {
	{ "unknown", RTE_BIT32(RTE_ETH_EVENT_UNKNOWN) },
	{ "intr_lsc", RTE_BIT32(RTE_ETH_EVENT_INTR_LSC) },
	{ "queue_state", RTE_BIT32(RTE_ETH_EVENT_QUEUE_STATE) },
	{ "intr_reset", RTE_BIT32(RTE_ETH_EVENT_INTR_RESET) },
	{ "vf_mbox", RTE_BIT32(RTE_ETH_EVENT_VF_MBOX) },
	{ "ipsec", RTE_BIT32(RTE_ETH_EVENT_IPSEC) },
	{ "macsec", RTE_BIT32(RTE_ETH_EVENT_MACSEC) },
	{ "intr_rmv", RTE_BIT32(RTE_ETH_EVENT_INTR_RMV) },
	{ "dev_probed", RTE_BIT32(RTE_ETH_EVENT_NEW) },
	{ "dev_released", RTE_BIT32(RTE_ETH_EVENT_DESTROY) },
	{ "flow_aged", RTE_BIT32(RTE_ETH_EVENT_FLOW_AGED) },
	{ "err_recovering", RTE_BIT32(RTE_ETH_EVENT_ERR_RECOVERING) },
	{ "recovery_success", RTE_BIT32(RTE_ETH_EVENT_RECOVERY_SUCCESS) },
	{ "recovery_failed", RTE_BIT32(RTE_ETH_EVENT_RECOVERY_FAILED) },
	{ "all", UINT32_MAX },
};

/* --txpkts, until all options are read */
static uint32_t tx_segs[SEGS_MAX];
static unsigned int nr_tx_segs;

static void
port_must_be(int64_t port, const char *what)
{
	uint16_t p;

	if (port >= 0 && port < RTE_MAX_ETHPORTS && rte_eth_dev_is_valid_port(port))
		return;
	fprintf(stderr, "Invalid port %" PRId64 "\n", port);
	printf("The valid ports array is [");
	RTE_ETH_FOREACH_DEV(p)
		printf(" %u", p);
	printf(" ]\n");
	options_fail("%s", what);
}

static void
socket_must_be(int64_t socket, const char *what)
{
	unsigned int i;

	for (i = 0; i < rte_socket_count(); i++)
		if (rte_socket_id_by_idx(i) == socket)
			return;
	fprintf(stderr, "Invalid socket id, options are: ");
	for (i = 0; i < rte_socket_count(); i++)
		fprintf(stderr, "%s%d", i > 0 ? "," : "", rte_socket_id_by_idx(i));
	fprintf(stderr, "\n");
	options_fail("%s", what);
}

/* ---- ports and lcores that forward */

void
option_burst(__rte_unused const struct option_def *o, const char *arg)
{
	struct rte_eth_dev_info info;
	int64_t n;

	if (!number_parse(arg, 0, BURST_MAX, &n))
		options_fail("burst must be between1 and %d", BURST_MAX);
	if (n == 0) {
		/* the first port's driver is to say */
		if (cfg.nr_fwd_ports_all > 0 && rte_eth_dev_info_get(cfg.fwd_ports[0], &info) == 0)
			n = info.default_rxportconf.burst_size;
		if (n == 0)
			options_fail("PMD does not recommend a burst size. Provided value must be "
				     "between 1 and %d",
					BURST_MAX);
		if (n > BURST_MAX)
			options_fail("PMD recommended burst size of %" PRId64
				     " exceeds maximum value of %d",
					n, BURST_MAX);
		printf("Using PMD-provided burst value of %" PRId64 "\n", n);
	}
	cfg.burst = n;
}

void
option_nb_cores(__rte_unused const struct option_def *o, const char *arg)
{
	int64_t n;

	if (!number_parse(arg, 1, cfg.nr_fwd_lcores_all, &n))
		options_fail("nb-cores should be > 0 and <= %u", cfg.nr_fwd_lcores_all);
	cfg.nr_fwd_lcores = n;
}

void
option_nb_ports(__rte_unused const struct option_def *o, const char *arg)
{
	int64_t n;

	if (!number_parse(arg, 1, cfg.nr_fwd_ports_all, &n))
		options_fail("Invalid port %s", arg);
	cfg.nr_fwd_ports = n;
}

/* Bit i of a hexadecimal number of any length; -1 where it ends. */
static int
mask_bit(const char *digits, size_t len, unsigned int i)
{
	char c;

	if (i / 4 >= len)
		return -1;
	c = digits[len - 1 - i / 4];
	return ((isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10) >>
			       (i % 4)) &
			1;
}

/* The digits of a mask of what, which is not 0, or NULL. */
static const char *
mask_digits(const char *what, const char *arg, size_t *len)
{
	if (arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X'))
		arg += 2;
	*len = strlen(arg);
	if (*len == 0 || strspn(arg, "0123456789abcdefABCDEF") != *len)
		return NULL;
	if (strspn(arg, "0") != *len)
		return arg;
	fprintf(stderr, "Invalid NULL mask of %s\n", what);
	return NULL;
}

void
option_coremask(__rte_unused const struct option_def *o, const char *arg)
{
	unsigned int list[RTE_MAX_LCORE];
	unsigned int i, n = 0;
	const char *digits;
	size_t len;
	int bit;

	digits = mask_digits("cores", arg, &len);
	if (digits == NULL)
		options_fail("Invalid fwd core mask");
	for (i = 0; (bit = mask_bit(digits, len, i)) >= 0; i++) {
		if (bit == 0)
			continue;
		if (!lcore_can_forward(i))
			options_fail("coremask is not valid");
		list[n++] = i;
	}
	fwd_lcores_use(list, n);
}

void
option_portmask(__rte_unused const struct option_def *o, const char *arg)
{
	unsigned int list[RTE_MAX_ETHPORTS], i, n = 0;
	const char *digits;
	size_t len;
	int bit;

	digits = mask_digits("ports", arg, &len);
	if (digits == NULL)
		options_fail("Invalid fwd port mask");
	for (i = 0; (bit = mask_bit(digits, len, i)) >= 0; i++) {
		if (bit == 0)
			continue;
		port_must_be(i, "Invalid fwd port mask");
		list[n++] = i;
	}
	fwd_ports_use(list, n);
}

/* "0,2-4": true for a number or range, and what follows it. */
static bool
range_parse(const char **text, unsigned long *first, unsigned long *last)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*first = *last = strtoul(*text, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		*last = strtoul(end + 1, &end, 10);
	if (errno != 0 || (*end != ',' && *end != '\0') || *first > *last)
		return false;
	*text = end;
	return true;
}

void
option_portlist(__rte_unused const struct option_def *o, const char *arg)
{
	unsigned int list[RTE_MAX_ETHPORTS], n = 0;
	bool used[RTE_MAX_ETHPORTS] = { false };
	unsigned long first, last;

	for (;; arg++) {
		if (!range_parse(&arg, &first, &last))
			options_fail("Invalid fwd port list");
		for (; first <= last; first++) {
			port_must_be(RTE_MIN(first, (unsigned long)UINT16_MAX),
					"Invalid fwd port list");
			if (!used[first])
				list[n++] = first;
			used[first] = true;
		}
		if (*arg == '\0')
			break;
	}
	fwd_ports_use(list, n);
}

/* --rxq, --txq: what each port can, and we have room for. */
void
option_queues(const struct option_def *o, const char *arg)
{
	bool rx = o->to == &cfg.rxq;
	uint16_t least, most = ports_max_queues(rx, &least);
	int64_t v;

	if (!number_parse(arg, 0, most, &v)) {
		if (number_parse(arg, 0, INT32_MAX, &v))
			fprintf(stderr,
					"Fail: input %s (%s) can't be greater than max_%s_queues "
					"(%u) of port %u\n",
					o->name, arg, rx ? "rx" : "tx", most, least);
		options_fail("%s %s invalid - must be >= 0 && <= %u", o->name, arg, most);
	}
	*(uint16_t *)o->to = v;
}

/* ---- sockets */

void
option_socket_num(__rte_unused const struct option_def *o, const char *arg)
{
	int64_t n;

	if (!number_parse(arg, 0, INT32_MAX, &n))
		options_fail("Invalid socket id");
	socket_must_be(n, "Invalid socket id");
	cfg.socket_num = n;
}

/* One "(a,b[,c])", with the comma before the next: how many numbers, 0 if wrong. */
static unsigned int
tuple_parse(const char **text, int64_t *numbers, unsigned int max)
{
	const char *s = *text;
	unsigned int n = 0;
	unsigned long number;
	char *end;

	if (*s++ != '(')
		return 0;
	for (;; s++) {
		if (n == max || !isdigit((unsigned char)*s))
			return 0;
		errno = 0;
		number = strtoul(s, &end, 10);
		if (errno != 0 || number > UINT16_MAX)
			return 0;
		numbers[n++] = (int64_t)number;
		s = end;
		if (*s == ')')
			break;
		if (*s != ',')
			return 0;
	}
	s++;
	if (*s == ',' && s[1] == '(')
		s++;
	else if (*s != '\0')
		return 0;
	*text = s;
	return n;
}

void
option_port_numa(__rte_unused const struct option_def *o, const char *arg)
{
	static const char what[] = "invalid port-numa configuration";
	int64_t v[2];

	do {
		if (tuple_parse(&arg, v, 2) != 2)
			options_fail("%s", what);
		port_must_be(v[0], what);
		socket_must_be(v[1], what);
		cfg.port_numa[v[0]] = v[1];
	} while (*arg != '\0');
}

void
option_ring_numa(__rte_unused const struct option_def *o, const char *arg)
{
	static const char what[] = "invalid ring-numa configuration";
	int64_t v[3];

	do {
		if (tuple_parse(&arg, v, 3) != 3)
			options_fail("%s", what);
		port_must_be(v[0], what);
		socket_must_be(v[2], what);
		if (v[1] < NUMA_RX || v[1] > (NUMA_RX | NUMA_TX)) {
			fprintf(stderr,
					"Invalid ring-flag=%" PRId64 " config for port =%" PRId64
					"\n",
					v[1], v[0]);
			options_fail("%s", what);
		}
		if ((v[1] & NUMA_RX) != 0)
			cfg.rx_numa[v[0]] = v[2];
		if ((v[1] & NUMA_TX) != 0)
			cfg.tx_numa[v[0]] = v[2];
	} while (*arg != '\0');
}

/* ---- sizes and segments */

void
option_mbuf_size(const struct option_def *o, const char *arg)
{
	uint32_t list[MBUF_SIZES_MAX];
	unsigned int i, n;

	if (cfg.mbuf_size_by != NULL && strcmp(cfg.mbuf_size_by, o->name) != 0)
		options_fail("--%s and --%s cannot be used together: both say the size of mbufs",
				cfg.mbuf_size_by, o->name);
	n = list_parse(o->name, arg, list, RTE_DIM(list));
	if (n == 0)
		options_fail("bad %s", o->name);
	for (i = 0; i < n; i++)
		if (list[i] == 0 || list[i] > UINT16_MAX)
			options_fail("%s should be > 0 and < 65536", o->name);
	cfg.mbuf_size_by = o->name;
	for (i = 0; i < n; i++)
		cfg.mbuf_size[i] = list[i];
	cfg.nr_mbuf_sizes = n;
}

void
option_txpkts(__rte_unused const struct option_def *o, const char *arg)
{
	nr_tx_segs = list_parse("txpkt segments", arg, tx_segs, RTE_DIM(tx_segs));
	if (nr_tx_segs == 0)
		options_fail("bad txpkts");
}

void
option_txpkts_apply(void)
{
	if (nr_tx_segs != 0 && !set_txpkts(tx_segs, nr_tx_segs))
		options_fail("bad txpkts");
}

void
option_rxpkts(__rte_unused const struct option_def *o, const char *arg)
{
	uint32_t list[SPLIT_SEGS_MAX];
	unsigned int n = list_parse("rxpkt segments", arg, list, RTE_DIM(list));

	if (n == 0 || !set_rxpkts(list, n))
		options_fail("bad rxpkts");
}

void
option_rxoffs(__rte_unused const struct option_def *o, const char *arg)
{
	uint32_t list[SPLIT_SEGS_MAX];
	unsigned int n = list_parse("rxpkt offsets", arg, list, RTE_DIM(list));

	if (n == 0 || !set_rxoffs(list, n))
		options_fail("bad rxoffs");
}

void
option_rxhdrs(__rte_unused const struct option_def *o, const char *arg)
{
	if (!set_rxhdrs(arg))
		options_fail("bad rxhdrs");
}

/* ---- addresses */

void
option_eth_peer(__rte_unused const struct option_def *o, const char *arg)
{
	const char *comma = strchr(arg, ',');
	char port[16];
	int64_t n;

	if (comma == NULL || comma == arg || (size_t)(comma - arg) >= sizeof(port))
		options_fail("Invalid eth-peer: %s", arg);
	memcpy(port, arg, comma - arg);
	port[comma - arg] = '\0';
	if (!number_parse(port, 0, INT32_MAX, &n))
		options_fail("Invalid eth-peer: %s", arg);
	if (n >= RTE_MAX_ETHPORTS)
		options_fail("eth-peer: port %" PRId64 " >= RTE_MAX_ETHPORTS(%d)", n,
				RTE_MAX_ETHPORTS);
	if (rte_ether_unformat_addr(comma + 1, &cfg.peers[n]) != 0)
		options_fail("Invalid ethernet address: %s", comma + 1);
}

/* A file: an address a line, the first is port 0's. */
void
option_eth_peers(__rte_unused const struct option_def *o, const char *arg)
{
	unsigned int port = 0, nr = 0;
	struct rte_ether_addr addr;
	char line[128];
	FILE *f;

	f = fopen(arg, "re");
	if (f == NULL) {
		fprintf(stderr, "Failed to open eth config file\n: %s\n", strerror(errno));
		options_fail("eth-peers-configfile: cannot open %s", arg);
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		nr++;
		line[strcspn(line, " \t\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (port == RTE_MAX_ETHPORTS)
			options_fail("%s:%u: more than %d addresses", arg, nr, RTE_MAX_ETHPORTS);
		if (rte_ether_unformat_addr(line, &addr) != 0)
			options_fail("%s:%u: Bad MAC address format", arg, nr);
		cfg.peers[port++] = addr;
	}
	if (ferror(f))
		options_fail("eth-peers-configfile: cannot read %s", arg);
	fclose(f);
}

void
option_tx_ip(__rte_unused const struct option_def *o, const char *arg)
{
	const char *comma = strchr(arg, ',');
	struct in_addr src, dst;
	char first[INET_ADDRSTRLEN];

	if (comma == NULL)
		options_fail("Invalid tx-ip: %s", arg);
	if ((size_t)(comma - arg) >= sizeof(first))
		options_fail("Invalid source IP address: %s", arg);
	memcpy(first, arg, comma - arg);
	first[comma - arg] = '\0';
	if (inet_pton(AF_INET, first, &src) != 1)
		options_fail("Invalid source IP address: %s", first);
	if (inet_pton(AF_INET, comma + 1, &dst) != 1)
		options_fail("Invalid destination IP address: %s", comma + 1);
	cfg.tx_ip_src = ntohl(src.s_addr);
	cfg.tx_ip_dst = ntohl(dst.s_addr);
}

void
option_tx_udp(__rte_unused const struct option_def *o, const char *arg)
{
	const char *comma = strchr(arg, ',');
	int64_t src, dst;
	char first[16];
	size_t len = comma != NULL ? (size_t)(comma - arg) : strlen(arg);

	memcpy(first, arg, RTE_MIN(len, sizeof(first) - 1));
	first[RTE_MIN(len, sizeof(first) - 1)] = '\0';
	if (len >= sizeof(first) || !number_parse(first, 0, UINT16_MAX, &src))
		options_fail("Invalid UDP port: %s", arg);
	dst = src;
	if (comma != NULL && !number_parse(comma + 1, 0, UINT16_MAX, &dst))
		options_fail("Invalid destination UDP port: %s", comma + 1);
	cfg.tx_udp_src = src;
	cfg.tx_udp_dst = dst;
}

/* ---- events */

void
option_event(const struct option_def *o, const char *arg)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(events); i++)
		if (strcmp(arg, events[i].name) == 0)
			break;
	if (i == RTE_DIM(events)) {
		fprintf(stderr, "Invalid event: %s\n", arg);
		options_fail("invalid %s argument", o->name);
	}
	if (o->bits != 0)
		cfg.event_mask |= events[i].bits;
	else
		cfg.event_mask &= ~events[i].bits;
}
