/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Receive side scaling, in words: types, redirection tables, keys. */

#include <stdlib.h>
#include <string.h>

#include "testpp.h"

#define RSS_LINE_MAX 64

static const struct {
	uint8_t bit;
	const char *name;
} rss_names[] = {
	{ 2, "ipv4" },
	{ 3, "ipv4-frag" },
	{ 4, "ipv4-tcp" },
	{ 5, "ipv4-udp" },
	{ 6, "ipv4-sctp" },
	{ 7, "ipv4-other" },
	{ 8, "ipv6" },
	{ 9, "ipv6-frag" },
	{ 10, "ipv6-tcp" },
	{ 11, "ipv6-udp" },
	{ 12, "ipv6-sctp" },
	{ 13, "ipv6-other" },
	{ 14, "l2-payload" },
	{ 15, "ipv6-ex" },
	{ 16, "ipv6-tcp-ex" },
	{ 17, "ipv6-udp-ex" },
	{ 18, "port" },
	{ 19, "vxlan" },
	{ 20, "geneve" },
	{ 21, "nvgre" },
	{ 23, "gtpu" },
	{ 24, "eth" },
	{ 25, "s-vlan" },
	{ 26, "c-vlan" },
	{ 27, "esp" },
	{ 28, "ah" },
	{ 29, "l2tpv3" },
	{ 30, "pfcp" },
	{ 31, "pppoe" },
	{ 32, "ecpri" },
	{ 33, "mpls" },
	{ 34, "ipv4-chksum" },
	{ 35, "l4-chksum" },
	{ 36, "l2tpv2" },
	{ 52, "l3-pre96" },
	{ 53, "l3-pre64" },
	{ 54, "l3-pre56" },
	{ 55, "l3-pre48" },
	{ 56, "l3-pre40" },
	{ 57, "l3-pre32" },
	{ 58, "l2-dst-only" },
	{ 59, "l2-src-only" },
	{ 60, "l4-dst-only" },
	{ 61, "l4-src-only" },
	{ 62, "l3-dst-only" },
	{ 63, "l3-src-only" },
};

static const char *
rss_bit_name(unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rss_names); i++)
		if (rss_names[i].bit == bit)
			return rss_names[i].name;
	return NULL;
}

uint64_t
rss_type_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rss_names); i++)
		if (strcmp(rss_names[i].name, name) == 0)
			return RTE_BIT64(rss_names[i].bit);
	return 0;
}

void
rss_types_print(uint64_t types)
{
	char other[sizeof("user-defined-63")];
	unsigned int bit, length = 0;
	const char *name;

	for (bit = 0; bit < 64; bit++) {
		if ((types & RTE_BIT64(bit)) == 0)
			continue;
		name = rss_bit_name(bit);
		if (name == NULL) {
			snprintf(other, sizeof(other), "user-defined-%u", bit);
			name = other;
		}
		if (length > 0 && length + 2 + strlen(name) > RSS_LINE_MAX) {
			printf("\n");
			length = 0;
		}
		printf("  %s", name);
		length += 2 + strlen(name);
	}
	printf("\n");
}

static const struct {
	const char *name;
	uint64_t types;
} rss_groups[] = {
	{ "all",
			RTE_ETH_RSS_ETH | RTE_ETH_RSS_VLAN | RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP |
					RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP |
					RTE_ETH_RSS_L2_PAYLOAD | RTE_ETH_RSS_L2TPV3 |
					RTE_ETH_RSS_ESP | RTE_ETH_RSS_AH | RTE_ETH_RSS_PFCP |
					RTE_ETH_RSS_GTPU | RTE_ETH_RSS_ECPRI | RTE_ETH_RSS_MPLS |
					RTE_ETH_RSS_L2TPV2 },
	{ "ip", RTE_ETH_RSS_IP },
	{ "udp", RTE_ETH_RSS_UDP },
	{ "tcp", RTE_ETH_RSS_TCP },
	{ "sctp", RTE_ETH_RSS_SCTP },
	{ "tunnel", RTE_ETH_RSS_TUNNEL },
	{ "vlan", RTE_ETH_RSS_VLAN },
	{ "none", 0 },
};

static const struct {
	const char *name;
	uint64_t level;
} rss_levels[] = {
	{ "level-default", RTE_ETH_RSS_LEVEL_PMD_DEFAULT },
	{ "level-outer", RTE_ETH_RSS_LEVEL_OUTERMOST },
	{ "level-inner", RTE_ETH_RSS_LEVEL_INNERMOST },
};

bool
rss_types_parse(const char *word, uint64_t *types)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rss_groups); i++)
		if (strcmp(rss_groups[i].name, word) == 0) {
			*types = rss_groups[i].types;
			return true;
		}
	/* the types stay */
	for (i = 0; i < RTE_DIM(rss_levels); i++)
		if (strcmp(rss_levels[i].name, word) == 0) {
			*types = (cfg.rss_hf & ~RTE_ETH_RSS_LEVEL_MASK) | rss_levels[i].level;
			return true;
		}
	*types = rss_type_find(word);
	if (*types != 0)
		return true;
	if (word[0] >= '0' && word[0] <= '9') {
		char *end;
		unsigned long bit = strtoul(word, &end, 10);

		if (*end == '\0' && bit > 0 && bit < 64) {
			*types = RTE_BIT64(bit);
			return true;
		}
		fprintf(stderr, "flowtype_id should be greater than 0 and less than 64.\n");
		return false;
	}
	fprintf(stderr, "Unknown parameter\n");
	return false;
}

bool
rss_reta_parse(const char *text, struct rte_eth_rss_reta_entry64 *reta, unsigned int size)
{
	unsigned int hash, queue;
	int used;

	for (;;) {
		used = 0;
		if (sscanf(text, "(%u,%u)%n", &hash, &queue, &used) != 2 || used == 0 ||
				queue > UINT16_MAX)
			return false;
		if (hash >= size) {
			fprintf(stderr, "Invalid RETA hash index=%u\n", hash);
			return false;
		}
		reta[hash / RTE_ETH_RETA_GROUP_SIZE].mask |= RTE_BIT64(
				hash % RTE_ETH_RETA_GROUP_SIZE);
		reta[hash / RTE_ETH_RETA_GROUP_SIZE].reta[hash % RTE_ETH_RETA_GROUP_SIZE] = queue;
		text += used;
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

/* -1 if it is none. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
rss_key_parse(const char *text, uint8_t *key, unsigned int size)
{
	unsigned int i, digits = strlen(text);

	if (digits != size * 2) {
		fprintf(stderr,
				"key length: %u invalid - key must be a string of %u hexa-decimal "
				"numbers\n",
				digits, size * 2);
		return false;
	}
	memset(key, 0, size);
	for (i = 0; i < digits; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0) {
			fprintf(stderr,
					"invalid key: character %c at position %u is not a valid "
					"hexa digit\n",
					text[i], i);
			return false;
		}
		key[i / 2] = key[i / 2] << 4 | digit;
	}
	return true;
}
