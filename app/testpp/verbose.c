/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Packets, printed: what their headers say and what the device said about them. The text of a burst
 * is collected and written at once, so that no prompt and no other burst ends up inside it.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf_dyn.h>
#include <rte_mbuf_ptype.h>
#include <rte_net.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "testpp.h"

#define NAMES_MAX 256
#define FLAGS_MAX 512

/* Devices that have them say when a packet came. Registered at any time, by anyone. */
static bool
timestamp_get(const struct rte_mbuf *m, uint64_t *when)
{
	int flag = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, NULL);
	int field;

	if (flag < 0 || (m->ol_flags & RTE_BIT64(flag)) == 0)
		return false;
	field = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL);
	if (field < 0)
		return false;
	*when = *RTE_MBUF_DYNFIELD(m, field, const uint64_t *);
	return true;
}

/* What was said on receipt stays with a packet that is sent on. */
static void
print_marks(FILE *f, uint16_t queue_id, const struct rte_mbuf *m)
{
	uint64_t when;

	if ((m->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0) {
		fprintf(f, " - RSS hash=0x%x", (unsigned int)m->hash.rss);
		fprintf(f, " - RSS queue=0x%x", queue_id);
	}
	if ((m->ol_flags & RTE_MBUF_F_RX_FDIR) != 0) {
		fprintf(f, " - FDIR matched ");
		if ((m->ol_flags & RTE_MBUF_F_RX_FDIR_ID) != 0)
			fprintf(f, "ID=0x%x", m->hash.fdir.hi);
		else if ((m->ol_flags & RTE_MBUF_F_RX_FDIR_FLX) != 0)
			fprintf(f, "flex bytes=0x%08x %08x", m->hash.fdir.hi, m->hash.fdir.lo);
		else
			fprintf(f, "hash=0x%x ID=0x%x ", m->hash.fdir.hash, m->hash.fdir.id);
	}
	if (timestamp_get(m, &when))
		fprintf(f, " - timestamp %" PRIu64 " ", when);
	if ((m->ol_flags & (RTE_MBUF_F_RX_QINQ_STRIPPED | RTE_MBUF_F_RX_VLAN_STRIPPED)) ==
			(RTE_MBUF_F_RX_QINQ_STRIPPED | RTE_MBUF_F_RX_VLAN_STRIPPED))
		fprintf(f, " - QinQ VLAN tci=0x%x, VLAN tci outer=0x%x", m->vlan_tci,
				m->vlan_tci_outer);
	else if ((m->ol_flags & RTE_MBUF_F_RX_VLAN) != 0)
		fprintf(f, " - VLAN tci=0x%x", m->vlan_tci);
}

static void
print_lengths(FILE *f, uint32_t ptype, const struct rte_net_hdr_lens *lens)
{
	if ((ptype & RTE_PTYPE_L2_MASK) != 0)
		fprintf(f, " - l2_len=%d", lens->l2_len);
	if ((ptype & RTE_PTYPE_L3_MASK) != 0)
		fprintf(f, " - l3_len=%d", lens->l3_len);
	if ((ptype & RTE_PTYPE_L4_MASK) != 0)
		fprintf(f, " - l4_len=%d", lens->l4_len);
	if ((ptype & RTE_PTYPE_TUNNEL_MASK) != 0)
		fprintf(f, " - tunnel_len=%d", lens->tunnel_len);
	if ((ptype & RTE_PTYPE_INNER_L2_MASK) != 0)
		fprintf(f, " - inner_l2_len=%d", lens->inner_l2_len);
	if ((ptype & RTE_PTYPE_INNER_L3_MASK) != 0)
		fprintf(f, " - inner_l3_len=%d", lens->inner_l3_len);
	if ((ptype & RTE_PTYPE_INNER_L4_MASK) != 0)
		fprintf(f, " - inner_l4_len=%d", lens->inner_l4_len);
}

/* A tunnel that the device knows: its VXLAN header, where it should be. */
static void
print_tunnel(FILE *f, const struct rte_mbuf *m, const struct rte_net_hdr_lens *lens)
{
	uint32_t at = lens->l2_len + lens->l3_len;
	const struct rte_vxlan_hdr *vxlan;
	const struct rte_udp_hdr *udp;
	struct rte_vxlan_hdr vxlan_copy;
	struct rte_udp_hdr udp_copy;

	if (!RTE_ETH_IS_TUNNEL_PKT(m->packet_type) ||
			(m->packet_type & RTE_PTYPE_TUNNEL_MASK) != RTE_PTYPE_TUNNEL_GRENAT)
		return;
	udp = rte_pktmbuf_read(m, at, sizeof(*udp), &udp_copy);
	vxlan = rte_pktmbuf_read(m, at + sizeof(*udp), sizeof(*vxlan), &vxlan_copy);
	if (udp == NULL || vxlan == NULL)
		return;
	fprintf(f,
			" - VXLAN packet: packet type =%d, Destination UDP port =%d, VNI = %d, "
			"last_rsvd = %d",
			m->packet_type, rte_be_to_cpu_16(udp->dst_port),
			rte_be_to_cpu_32(vxlan->vx_vni) >> 8,
			(int)(rte_be_to_cpu_32(vxlan->vx_vni) & 0xff));
}

static void
print_packet(FILE *f, uint16_t queue_id, const struct rte_mbuf *m, bool received)
{
	static const struct rte_ether_hdr none;
	char src[RTE_ETHER_ADDR_FMT_SIZE], dst[RTE_ETHER_ADDR_FMT_SIZE];
	char names[NAMES_MAX], flags[FLAGS_MAX];
	struct rte_net_hdr_lens lens = { 0 };
	const struct rte_ether_hdr *eth;
	struct rte_ether_hdr copy;
	uint32_t ptype;

	/* shorter than its header: it has none */
	eth = rte_pktmbuf_read(m, 0, sizeof(*eth), &copy);
	if (eth == NULL)
		eth = &none;
	rte_ether_format_addr(src, sizeof(src), &eth->src_addr);
	rte_ether_format_addr(dst, sizeof(dst), &eth->dst_addr);
	fprintf(f, "  src=%s - dst=%s - pool=%s - type=0x%04x - length=%u - nb_segs=%d", src, dst,
			m->pool->name, rte_be_to_cpu_16(eth->ether_type), m->pkt_len, m->nb_segs);
	print_marks(f, queue_id, m);
	if (m->packet_type != 0) {
		rte_get_ptype_name(m->packet_type, names, sizeof(names));
		fprintf(f, " - hw ptype: %s", names);
	}
	/* it looks behind the headers, too */
	ptype = pp_unreadable() ? 0 : rte_net_get_ptype(m, &lens, RTE_PTYPE_ALL_MASK);
	rte_get_ptype_name(ptype, names, sizeof(names));
	fprintf(f, " - sw ptype: %s", names);
	print_lengths(f, ptype, &lens);
	if (received && !pp_unreadable())
		print_tunnel(f, m, &lens);
	fprintf(f, " - %s queue=0x%x\n", received ? "Receive" : "Send", queue_id);
	if (received)
		rte_get_rx_ol_flag_list(m->ol_flags, flags, sizeof(flags));
	else
		rte_get_tx_ol_flag_list(m->ol_flags, flags, sizeof(flags));
	fprintf(f, "  ol_flags: %s\n", flags);
}

/* All of it, unless nobody reads any more. */
static void
write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		text += n;
		len -= n;
	}
}

void
packets_print(uint16_t port_id, uint16_t queue_id, struct rte_mbuf **pkts, uint16_t n,
		bool received)
{
	char *text = NULL;
	size_t len = 0;
	unsigned int i;
	FILE *f;

	if (n == 0)
		return;
	f = open_memstream(&text, &len);
	if (f == NULL)
		return;
	fprintf(f, "port %u/queue %u: %s %u packets\n", port_id, queue_id,
			received ? "received" : "sent", n);
	for (i = 0; i < n; i++)
		print_packet(f, queue_id, pkts[i], received);
	if (fclose(f) == 0) {
		/* what others printed before comes before */
		flockfile(stdout);
		fflush(stdout);
		write_all(text, len);
		funlockfile(stdout);
	}
	free(text);
}
