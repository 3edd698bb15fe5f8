/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Lists of numbers and of protocols, for options and commands. */

#include <ctype.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "testpp.h"

/* Ethernet, IPv4 and UDP: what txonly and flowgen write. */
#define TX_LEN_MIN \
	(sizeof(struct rte_ether_hdr) + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr))

#define PROTO_IPV4 (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN)
#define PROTO_IPV6 (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN)
#define PROTO_INNER (RTE_PTYPE_TUNNEL_GRENAT | RTE_PTYPE_INNER_L2_ETHER)
#define PROTO_INNER_IPV4 (PROTO_INNER | RTE_PTYPE_INNER_L3_IPV4_EXT_UNKNOWN)
#define PROTO_INNER_IPV6 (PROTO_INNER | RTE_PTYPE_INNER_L3_IPV6_EXT_UNKNOWN)

static const struct {
	const char *name;
	uint32_t proto;
} protos[] = {
	{ "eth", RTE_PTYPE_L2_ETHER },
	{ "ipv4", PROTO_IPV4 },
	{ "ipv6", PROTO_IPV6 },
	{ "ipv4-tcp", PROTO_IPV4 | RTE_PTYPE_L4_TCP },
	{ "ipv6-tcp", PROTO_IPV6 | RTE_PTYPE_L4_TCP },
	{ "ipv4-udp", PROTO_IPV4 | RTE_PTYPE_L4_UDP },
	{ "ipv6-udp", PROTO_IPV6 | RTE_PTYPE_L4_UDP },
	{ "ipv4-sctp", PROTO_IPV4 | RTE_PTYPE_L4_SCTP },
	{ "ipv6-sctp", PROTO_IPV6 | RTE_PTYPE_L4_SCTP },
	{ "grenat", RTE_PTYPE_TUNNEL_GRENAT },
	{ "inner-eth", PROTO_INNER },
	{ "inner-ipv4", PROTO_INNER_IPV4 },
	{ "inner-ipv6", PROTO_INNER_IPV6 },
	{ "inner-ipv4-tcp", PROTO_INNER_IPV4 | RTE_PTYPE_INNER_L4_TCP },
	{ "inner-ipv6-tcp", PROTO_INNER_IPV6 | RTE_PTYPE_INNER_L4_TCP },
	{ "inner-ipv4-udp", PROTO_INNER_IPV4 | RTE_PTYPE_INNER_L4_UDP },
	{ "inner-ipv6-udp", PROTO_INNER_IPV6 | RTE_PTYPE_INNER_L4_UDP },
	{ "inner-ipv4-sctp", PROTO_INNER_IPV4 | RTE_PTYPE_INNER_L4_SCTP },
	{ "inner-ipv6-sctp", PROTO_INNER_IPV6 | RTE_PTYPE_INNER_L4_SCTP },
	{ "payload", 0 },
};

unsigned int
list_parse(const char *what, const char *text, uint32_t *list, unsigned int max)
{
	unsigned int n = 0;
	bool digits = false;
	uint64_t v = 0;
	const char *p;

	for (p = text;; p++) {
		if (isdigit((unsigned char)*p)) {
			v = RTE_MIN(v * 10 + (uint64_t)(*p - '0'), (uint64_t)UINT32_MAX);
			digits = true;
			continue;
		}
		if (*p != ',' && *p != '\0') {
			fprintf(stderr, "character %c is not a decimal digit\n", *p);
			return 0;
		}
		if (!digits) {
			fprintf(stderr, "No valid values in %s\n", text);
			return 0;
		}
		if (n < max)
			list[n] = v;
		n++;
		if (*p == '\0')
			break;
		v = 0;
		digits = false;
	}
	if (n > max) {
		fprintf(stderr, "Number of %s = %u > %u (maximum items)\n", what, n, max);
		return 0;
	}
	return n;
}

bool
set_txpkts(const uint32_t *list, unsigned int n)
{
	uint64_t total = 0;
	unsigned int i;

	if (n == 0 || n > SEGS_MAX) {
		fprintf(stderr, "nb segments per TX packets=%u > %d - ignored\n", n, SEGS_MAX);
		return false;
	}
	for (i = 0; i < n; i++) {
		if (list[i] > cfg.mbuf_size[0]) {
			fprintf(stderr, "length[%u]=%u > mbuf_data_size=%u - give up\n", i, list[i],
					cfg.mbuf_size[0]);
			return false;
		}
		total += list[i];
	}
	if (total < TX_LEN_MIN || total > UINT16_MAX) {
		if (total < TX_LEN_MIN)
			fprintf(stderr, "total packet length=%u < %d - give up\n",
					(unsigned int)total, (int)TX_LEN_MIN);
		else
			fprintf(stderr, "total packet length=%u > %d - give up\n",
					(unsigned int)total, (int)UINT16_MAX);
		return false;
	}
	for (i = 0; i < n; i++)
		cfg.tx_seg_len[i] = list[i];
	cfg.nr_tx_segs = n;
	cfg.tx_pkt_len = total;
	return true;
}

/* Options are looked at when all are known. */
static bool
rx_split_taken(void)
{
	if (cfg.pp_split && ports != NULL)
		fprintf(stderr, "--pp-split says how packets are split - ignored\n");
	return cfg.pp_split && ports != NULL;
}

static bool
set_rx_list(const uint32_t *list, unsigned int n, const char *what, const char *word, uint16_t *to,
		unsigned int *nr)
{
	unsigned int i;

	if (rx_split_taken())
		return false;
	if (n > SPLIT_SEGS_MAX) {
		fprintf(stderr, "nb %s per RX packets=%u > %d - ignored\n", what, n,
				SPLIT_SEGS_MAX);
		return false;
	}
	for (i = 0; i < n; i++)
		if (list[i] > UINT16_MAX) {
			fprintf(stderr, "%s[%u]=%u > UINT16_MAX - give up\n", word, i, list[i]);
			return false;
		}
	for (i = 0; i < n; i++)
		to[i] = list[i];
	*nr = n;
	return true;
}

bool
set_rxpkts(const uint32_t *list, unsigned int n)
{
	return set_rx_list(list, n, "segments", "length", cfg.rx_seg_len, &cfg.nr_rx_lens);
}

bool
set_rxoffs(const uint32_t *list, unsigned int n)
{
	return set_rx_list(list, n, "offsets", "offset", cfg.rx_seg_off, &cfg.nr_rx_offs);
}

bool
set_rxhdrs(const char *names)
{
	uint32_t list[SPLIT_SEGS_MAX];
	unsigned int i, n = 0;
	size_t len;

	if (rx_split_taken())
		return false;
	for (;; names += len + 1) {
		len = strcspn(names, ",");
		for (i = 0; i < RTE_DIM(protos); i++)
			if (protos[i].proto != 0 && strlen(protos[i].name) == len &&
					strncmp(protos[i].name, names, len) == 0)
				break;
		if (i == RTE_DIM(protos)) {
			fprintf(stderr, "Unsupported protocol: %.*s\n", (int)len, names);
			return false;
		}
		/* one is for the payload */
		if (n == SPLIT_SEGS_MAX - 1) {
			fprintf(stderr, "Number of rxhdr segments > %d (maximum items)\n",
					SPLIT_SEGS_MAX - 1);
			return false;
		}
		list[n++] = protos[i].proto;
		if (names[len] == '\0')
			break;
	}
	list[n++] = 0;
	memcpy(cfg.rx_seg_proto, list, n * sizeof(*list));
	cfg.nr_rx_protos = n;
	return true;
}

const char *
rx_proto_name(uint32_t proto)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(protos); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	return "unsupported";
}

uint32_t
rx_proto_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(protos); i++)
		if (strcmp(protos[i].name, name) == 0 &&
				(protos[i].proto & RTE_PTYPE_TUNNEL_MASK) == 0)
			return protos[i].proto;
	return 0;
}
