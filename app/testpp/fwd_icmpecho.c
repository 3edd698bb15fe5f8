/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* icmpecho: ARP requests and ICMP echo requests are answered; all else ends
 * here. */

#include <netdb.h>
#include <netinet/in.h>

#include <rte_arp.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include "fwd.h"

/* Text about a packet; lcores do not mix theirs. */
struct text {
	char s[640];
	size_t len;
};

#define ADDR4_FMT "%u.%u.%u.%u"
#define ADDR4(a) \
	((const uint8_t *)&(a))[0], ((const uint8_t *)&(a))[1], ((const uint8_t *)&(a))[2], \
			((const uint8_t *)&(a))[3]

static __rte_format_printf(2, 3) void text_add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(&t->s[t->len], sizeof(t->s) - t->len, format, args);
	va_end(args);
	if (n > 0)
		t->len = RTE_MIN(t->len + n, sizeof(t->s) - 1);
}

static void
mac_add(struct text *t, const char *what, const struct rte_ether_addr *mac)
{
	char s[RTE_ETHER_ADDR_FMT_SIZE];

	rte_ether_format_addr(s, sizeof(s), mac);
	text_add(t, "%s%s", what, s);
}

static void
text_ether(struct text *t, const struct rte_mbuf *m, const struct rte_ether_hdr *eth,
		const struct rte_vlan_hdr *vlan)
{
	rte_be16_t type = eth->ether_type;

	text_add(t, "\nPort %u pkt-len=%u nb-segs=%u\n", m->port, m->pkt_len, m->nb_segs);
	mac_add(t, "  ETH:  src=", &eth->src_addr);
	mac_add(t, " dst=", &eth->dst_addr);
	if (vlan != NULL) {
		text_add(t, " [vlan id=%u]",
				rte_be_to_cpu_16(vlan->vlan_tci) & RTE_ETHER_MAX_VLAN_ID);
		type = vlan->eth_proto;
	}
	text_add(t, " type=0x%04x\n", rte_be_to_cpu_16(type));
}

static const char *
arp_op_name(uint16_t op)
{
	switch (op) {
	case RTE_ARP_OP_REQUEST:
		return "ARP Request";
	case RTE_ARP_OP_REPLY:
		return "ARP Reply";
	case RTE_ARP_OP_REVREQUEST:
		return "Reverse ARP Request";
	case RTE_ARP_OP_REVREPLY:
		return "Reverse ARP Reply";
	case RTE_ARP_OP_INVREQUEST:
		return "Peer Identify Request";
	case RTE_ARP_OP_INVREPLY:
		return "Peer Identify Reply";
	default:
		return "Unknown ARP op";
	}
}

static void
text_arp(struct text *t, const struct rte_arp_hdr *arp)
{
	const uint16_t op = rte_be_to_cpu_16(arp->arp_opcode);

	text_add(t, "  ARP:  hrd=%u proto=0x%04x hln=%u pln=%u op=%u (%s)\n",
			rte_be_to_cpu_16(arp->arp_hardware), rte_be_to_cpu_16(arp->arp_protocol),
			arp->arp_hlen, arp->arp_plen, op, arp_op_name(op));
	/* Of other kinds of addresses nothing is known. */
	if (rte_be_to_cpu_16(arp->arp_hardware) != RTE_ARP_HRD_ETHER ||
			rte_be_to_cpu_16(arp->arp_protocol) != RTE_ETHER_TYPE_IPV4 ||
			arp->arp_hlen != RTE_ETHER_ADDR_LEN || arp->arp_plen != sizeof(rte_be32_t))
		return;
	mac_add(t, "        sha=", &arp->arp_data.arp_sha);
	text_add(t, " sip=" ADDR4_FMT "\n", ADDR4(arp->arp_data.arp_sip));
	mac_add(t, "        tha=", &arp->arp_data.arp_tha);
	text_add(t, " tip=" ADDR4_FMT "\n", ADDR4(arp->arp_data.arp_tip));
}

/* By number, as programs that read these reports know them. */
static const char *const ip_proto_names[UINT8_MAX + 1] = {
	[0] = "IP6HOPOPTS",
	[1] = "ICMP",
	[2] = "IGMP",
	[3] = "GGP",
	[4] = "IPv4",
	[6] = "TCP",
	[7] = "ST",
	[8] = "EGP",
	[9] = "PIGP",
	[10] = "RCC_MON",
	[11] = "NVPII",
	[12] = "PUP",
	[13] = "ARGUS",
	[14] = "EMCON",
	[15] = "XNET",
	[16] = "CHAOS",
	[17] = "UDP",
	[18] = "MUX",
	[19] = "DCN_MEAS",
	[20] = "HMP",
	[21] = "PRM",
	[22] = "XNS_IDP",
	[23] = "TRUNK1",
	[24] = "TRUNK2",
	[25] = "LEAF1",
	[26] = "LEAF2",
	[27] = "RDP",
	[28] = "IRTP",
	[29] = "TP4",
	[30] = "BLT",
	[31] = "NSP",
	[32] = "INP",
	[33] = "SEP",
	[34] = "3PC",
	[35] = "IDPR",
	[36] = "XTP",
	[37] = "DDP",
	[38] = "CMTP",
	[39] = "TPXX",
	[40] = "ILTP",
	[41] = "IPv6_HDR",
	[42] = "SDRP",
	[43] = "IPv6_RTG",
	[44] = "IPv6_FRAG",
	[45] = "IDRP",
	[46] = "RSVP",
	[47] = "GRE",
	[48] = "MHRP",
	[49] = "BHA",
	[50] = "ESP",
	[51] = "AH",
	[52] = "INLSP",
	[53] = "SWIPE",
	[54] = "NHRP",
	[58] = "ICMPv6",
	[59] = "IPv6NONEXT",
	[60] = "Ipv6DSTOPTS",
	[61] = "AHIP",
	[62] = "CFTP",
	[63] = "HELLO",
	[64] = "SATEXPAK",
	[65] = "KRYPTOLAN",
	[66] = "RVD",
	[67] = "IPPC",
	[68] = "ADFS",
	[69] = "SATMON",
	[70] = "VISA",
	[71] = "IPCV",
	[72] = "CPNX",
	[73] = "CPHB",
	[74] = "WSN",
	[75] = "PVP",
	[76] = "BRSATMON",
	[77] = "ND",
	[78] = "WBMON",
	[79] = "WBEXPAK",
	[80] = "EON",
	[81] = "VMTP",
	[82] = "SVMTP",
	[83] = "VINES",
	[84] = "TTP",
	[85] = "IGP",
	[86] = "DGP",
	[87] = "TCF",
	[88] = "IGRP",
	[89] = "OSPFIGP",
	[90] = "SRPC",
	[91] = "LARP",
	[92] = "MTP",
	[93] = "AX25",
	[94] = "4IN4",
	[95] = "MICP",
	[96] = "SCCSP",
	[97] = "ETHERIP",
	[98] = "ENCAP",
	[99] = "AES",
	[100] = "GMTP",
	[101] = "IPCOMP",
	[104] = "PIM",
	[132] = "SCTP",
	[255] = "RAW",
};

static const char *
ip_proto_name(uint8_t proto)
{
	return ip_proto_names[proto] != NULL ? ip_proto_names[proto] : "UNASSIGNED";
}

static void
text_ip(struct text *t, const struct rte_ipv4_hdr *ip, const struct rte_icmp_hdr *icmp)
{
	text_add(t, "  IPV4: src=" ADDR4_FMT " dst=" ADDR4_FMT " proto=%u (%s)\n",
			ADDR4(ip->src_addr), ADDR4(ip->dst_addr), ip->next_proto_id,
			ip_proto_name(ip->next_proto_id));
	if (icmp != NULL)
		text_add(t, "  ICMP: echo request seq id=%u\n",
				rte_be_to_cpu_16(icmp->icmp_seq_nb));
}

static void
ether_reply(struct rte_ether_hdr *eth, const struct rte_ether_addr *from)
{
	eth->dst_addr = eth->src_addr;
	eth->src_addr = *from;
}

static bool
arp_answer(const struct stream *s, struct rte_ether_hdr *eth, struct rte_arp_hdr *arp)
{
	struct rte_arp_ipv4 *a = &arp->arp_data;
	const struct rte_ether_addr *own = &ports[s->tx_port].mac;
	rte_be32_t ip;

	if (arp->arp_hardware != rte_cpu_to_be_16(RTE_ARP_HRD_ETHER) ||
			arp->arp_protocol != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) ||
			arp->arp_hlen != RTE_ETHER_ADDR_LEN ||
			arp->arp_plen != sizeof(rte_be32_t) ||
			arp->arp_opcode != rte_cpu_to_be_16(RTE_ARP_OP_REQUEST))
		return false;
	/* We are whoever is asked for. */
	ether_reply(eth, own);
	arp->arp_opcode = rte_cpu_to_be_16(RTE_ARP_OP_REPLY);
	a->arp_tha = a->arp_sha;
	a->arp_sha = *own;
	ip = a->arp_sip;
	a->arp_sip = a->arp_tip;
	a->arp_tip = ip;
	return true;
}

static bool
is_multicast(rte_be32_t addr)
{
	return (rte_be_to_cpu_32(addr) >> 28) == 0xe;
}

static void
icmp_answer(struct rte_ether_hdr *eth, struct rte_ipv4_hdr *ip, struct rte_icmp_hdr *icmp)
{
	const struct rte_ether_addr own = eth->dst_addr;
	const rte_be32_t src = ip->src_addr;
	uint32_t sum;

	ether_reply(eth, &own);
	if (is_multicast(ip->dst_addr)) {
		/* No host has that address: answer as a neighbour of who asks. */
		uint32_t a = rte_be_to_cpu_32(src);

		a = (a & 3) == 1 ? (a & ~3u) | 2 : (a & ~3u) | 1;
		ip->src_addr = rte_cpu_to_be_32(a);
		ip->dst_addr = src;
		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~rte_raw_cksum(ip, rte_ipv4_hdr_len(ip));
	} else {
		ip->src_addr = ip->dst_addr;
		ip->dst_addr = src;
	}
	/* The type is a high byte of the sum. */
	icmp->icmp_type = RTE_IP_ICMP_ECHO_REPLY;
	sum = rte_be_to_cpu_16(icmp->icmp_cksum) + (RTE_IP_ICMP_ECHO_REQUEST << 8);
	icmp->icmp_cksum = rte_cpu_to_be_16((sum & 0xffff) + (sum >> 16));
}

/* The echo request in a packet, or NULL. */
static struct rte_icmp_hdr *
icmp_request(struct rte_mbuf *m, const struct rte_ipv4_hdr *ip, uint32_t off)
{
	struct rte_icmp_hdr *icmp;

	off += rte_ipv4_hdr_len(ip);
	if (ip->next_proto_id != IPPROTO_ICMP || rte_ipv4_hdr_len(ip) < sizeof(*ip) ||
			(ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) != 0)
		return NULL;
	icmp = header_at(m, off, sizeof(*icmp));
	return icmp != NULL && icmp->icmp_type == RTE_IP_ICMP_ECHO_REQUEST && icmp->icmp_code == 0 ?
			icmp :
			NULL;
}

/* True: the packet has become the answer. */
static bool
packet_answer(const struct stream *s, struct rte_mbuf *m, struct text *t)
{
	struct rte_ether_hdr *eth = header_at(m, 0, sizeof(*eth));
	struct rte_vlan_hdr *vlan = NULL;
	uint32_t off = sizeof(*eth);
	rte_be16_t type;

	if (eth == NULL)
		return false;
	type = eth->ether_type;
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN))
		vlan = header_at(m, off, sizeof(*vlan));
	if (vlan != NULL) {
		type = vlan->eth_proto;
		off += sizeof(*vlan);
	}
	if (t != NULL)
		text_ether(t, m, eth, vlan);
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP)) {
		struct rte_arp_hdr *arp = header_at(m, off, sizeof(*arp));

		if (arp == NULL)
			return false;
		if (t != NULL)
			text_arp(t, arp);
		return arp_answer(s, eth, arp);
	}
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) {
		struct rte_ipv4_hdr *ip = header_at(m, off, sizeof(*ip));
		struct rte_icmp_hdr *icmp;

		if (ip == NULL)
			return false;
		icmp = icmp_request(m, ip, off);
		if (t != NULL)
			text_ip(t, ip, icmp);
		if (icmp != NULL)
			icmp_answer(eth, ip, icmp);
		return icmp != NULL;
	}
	return false;
}

static bool
icmpecho_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX], *others[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);
	uint16_t answers = 0, rest = 0;
	struct text text;

	if (unlikely(n == 0))
		return false;
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		bool answered;

		text.len = 0;
		prefetch_next(pkts, i, n);
		answered = packet_answer(s, m, unlikely(cfg.verbose > 0) ? &text : NULL);
		if (text.len != 0)
			fwrite(text.s, 1, text.len, stdout);
		if (answered)
			pkts[answers++] = m;
		else
			others[rest++] = m;
	}
	if (rest != 0)
		packets_free(others, rest);
	if (answers != 0)
		stream_send(s, pkts, answers);
	return true;
}

const struct engine engine_icmpecho = {
	.name = "icmpecho",
	.stream_begin = stream_begin_both,
	.forward = icmpecho_forward,
};
