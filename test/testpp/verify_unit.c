/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Packets of --pp-verify that no device of DPDK's brings: verify_packet.c alone, without EAL. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "verify.h"

#define LEN 200

static uint8_t bytes[2 * LEN];
static struct rte_mbuf packet;

static void
packet_begin(uint32_t len)
{
	memset(bytes, 0, sizeof(bytes));
	memset(&packet, 0, sizeof(packet));
	packet.buf_addr = bytes;
	packet.nb_segs = 1;
	packet.pkt_len = len;
	packet.data_len = (uint16_t)len;
}

/* As txonly writes them, or somebody else: with UDP, but without its sum. */
static struct rte_ipv4_hdr *
headers_write(uint32_t len)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)bytes;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(eth + 1);

	packet_begin(len);
	eth->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = rte_cpu_to_be_16((uint16_t)(len - sizeof(*eth)));
	ip->time_to_live = 64;
	ip->next_proto_id = 17;
	ip->src_addr = rte_cpu_to_be_32(0xc0000201);
	ip->dst_addr = rte_cpu_to_be_32(0xc0000202);
	return ip;
}

static struct rte_ipv4_hdr *
packet_ours(void)
{
	const struct verify_mark mark = { .sender = 1, .seq = 2, .copies = 1 };
	struct rte_ipv4_hdr *ip = headers_write(LEN);

	verify_packet_make(&packet, &mark);
	return ip;
}

static int
check(const char *name, bool right)
{
	printf("%s %s\n", right ? "ok      " : "failed  ", name);
	return !right;
}

/* Its segments have less than it says, down to nothing, or more. */
static int
short_segments(void)
{
	struct verify_mark mark;
	char text[128];
	bool wrong = true;

	packet_ours();
	if (verify_packet_check(&packet, &mark) != VERIFY_RIGHT)
		return check("a right packet", false);
	for (unsigned int n = 0; n < LEN + 5; n++) {
		if (n == LEN)
			continue;
		packet_ours();
		packet.data_len = (uint16_t)n;
		wrong = wrong && verify_packet_check(&packet, &mark) == VERIFY_WRONG;
		verify_packet_read(&packet, &mark);
		verify_packet_explain(&packet, text, sizeof(text));
		wrong = wrong && strstr(text, "its segments have ") != NULL;
	}
	return check("segments of another length", wrong);
}

/* With each identification there is. */
static int
foreign(void)
{
	struct verify_mark mark;
	bool all = true;

	for (uint32_t id = 0; id <= UINT16_MAX; id++) {
		headers_write(LEN)->packet_id = rte_cpu_to_be_16((uint16_t)id);
		all = all && verify_packet_check(&packet, &mark) == VERIFY_FOREIGN;
	}
	return check("UDP without a sum, of others", all);
}

/* csum leaves 0 for a port that writes the sum. */
static int
sum_by_port(void)
{
	struct verify_mark mark;
	struct rte_ipv4_hdr *ip = packet_ours();
	bool right;

	ip->hdr_checksum = 0;
	right = !verify_packet_read(&packet, &mark);
	packet.ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	right = right && verify_packet_read(&packet, &mark) && mark.sender == 1 && mark.seq == 2;
	return check("a sum that the port writes", right);
}

int
main(void)
{
	int failed = foreign();

	failed += sum_by_port();
	failed += short_segments();
	return failed == 0 ? 0 : 1;
}
