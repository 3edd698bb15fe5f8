/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * csum: checksums of packets are made anew, by us or by the port that sends them. Packets in
 * tunnels have two sets of headers, if `csum parse-tunnel` says that the inner one matters too.
 */

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_geneve.h>
#include <rte_gre.h>
#include <rte_gtp.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_random.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "fwd.h"

#define GENEVE_PORT 6081
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000

#define INNER_CSUM_HW \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
			RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM)

#define RX_CSUM_BITS \
	(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK | \
			RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK | RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD)

/* One set of headers. Lengths of 0: not there, or cut off. */
struct layers {
	uint16_t ethertype;
	uint16_t l2_len, l3_len, l4_len;
	uint8_t l4_proto;
	bool fragment; /* its L4 checksum is about more than is here */
	uint32_t l3_off;
	uint32_t l4_size; /* L4 header and payload, as L3 says */
};

struct packet {
	struct layers in, outer; /* outer: in a tunnel */
	uint64_t tunnel;         /* RTE_MBUF_F_TX_TUNNEL_*, or 0 */
};

/* ---- reading headers */

/* Ethernet, with any tags. Its length. In line, as all is that a packet without tunnel goes
 * through.
 */
static __rte_always_inline uint16_t
read_ether(struct rte_mbuf *m, uint32_t off, uint16_t *ethertype)
{
	const struct rte_ether_hdr *eth = header_at(m, off, sizeof(*eth));
	const struct rte_vlan_hdr *vlan;
	uint16_t len = sizeof(*eth);

	*ethertype = 0;
	if (eth == NULL)
		return 0;
	*ethertype = rte_be_to_cpu_16(eth->ether_type);
	while (unlikely(*ethertype == RTE_ETHER_TYPE_VLAN || *ethertype == RTE_ETHER_TYPE_QINQ)) {
		vlan = header_at(m, off + len, sizeof(*vlan));
		if (vlan == NULL)
			break;
		*ethertype = rte_be_to_cpu_16(vlan->eth_proto);
		len += sizeof(*vlan);
	}
	return len;
}

static void
read_ip4(struct rte_mbuf *m, struct layers *l)
{
	const struct rte_ipv4_hdr *ip = header_at(m, l->l3_off, sizeof(*ip));
	uint32_t size;

	if (ip == NULL || rte_ipv4_hdr_len(ip) < sizeof(*ip) ||
			header_at(m, l->l3_off, rte_ipv4_hdr_len(ip)) == NULL)
		return;
	l->l3_len = rte_ipv4_hdr_len(ip);
	l->l4_proto = ip->next_proto_id;
	l->fragment = (ip->fragment_offset &
				      rte_cpu_to_be_16(RTE_IPV4_HDR_MF_FLAG |
						      RTE_IPV4_HDR_OFFSET_MASK)) != 0;
	size = rte_be_to_cpu_16(ip->total_length);
	l->l4_size = size > l->l3_len ? size - l->l3_len : 0;
}

static void
read_ip6(struct rte_mbuf *m, struct layers *l)
{
	const struct rte_ipv6_hdr *ip = header_at(m, l->l3_off, sizeof(*ip));

	if (ip == NULL)
		return;
	l->l3_len = sizeof(*ip);
	l->l4_proto = ip->proto;
	l->l4_size = rte_be_to_cpu_16(ip->payload_len);
}

/* L3 and L4 behind an L2 header that ends at l->l3_off. */
static inline void
read_layers(struct rte_mbuf *m, struct layers *l)
{
	const struct rte_tcp_hdr *tcp;
	uint32_t off;

	l->l3_len = l->l4_len = 0;
	l->l4_proto = 0;
	l->l4_size = 0;
	l->fragment = false;
	if (l->ethertype == RTE_ETHER_TYPE_IPV4)
		read_ip4(m, l);
	else if (l->ethertype == RTE_ETHER_TYPE_IPV6)
		read_ip6(m, l);
	if (l->l3_len == 0)
		return;
	off = l->l3_off + l->l3_len;
	/* Longer than the packet: there is nothing to sum. */
	if (off + l->l4_size > m->pkt_len)
		l->l4_size = 0;
	if (l->l4_proto == IPPROTO_UDP && header_at(m, off, sizeof(struct rte_udp_hdr)) != NULL) {
		l->l4_len = sizeof(struct rte_udp_hdr);
	} else if (l->l4_proto == IPPROTO_TCP) {
		tcp = header_at(m, off, sizeof(*tcp));
		if (tcp != NULL)
			l->l4_len = (tcp->data_off >> 4) * 4;
	}
}

/* ---- tunnels: each tells the type of what is in it, and where; 0: nothing that is known */

static uint16_t
ip_version_type(struct rte_mbuf *m, uint32_t off)
{
	const uint8_t *first = header_at(m, off, 1);

	if (first == NULL)
		return 0;
	return *first >> 4 == 4 ? RTE_ETHER_TYPE_IPV4 : *first >> 4 == 6 ? RTE_ETHER_TYPE_IPV6 : 0;
}

static uint16_t
read_gtp(struct rte_mbuf *m, uint32_t *off)
{
	const struct rte_gtp_hdr *gtp = header_at(m, *off, sizeof(*gtp));
	const struct rte_gtp_hdr_ext_word *word;
	uint8_t next;

	/* Only user data has packets in it. */
	if (gtp == NULL || gtp->msg_type != 0xff)
		return 0;
	*off += sizeof(*gtp);
	if (gtp->e || gtp->s || gtp->pn) {
		word = header_at(m, *off, sizeof(*word));
		if (word == NULL)
			return 0;
		*off += sizeof(*word);
		for (next = gtp->e ? word->next_ext : 0; next != 0;) {
			const uint8_t *ext = header_at(m, *off, 1);

			if (ext == NULL || *ext == 0 || header_at(m, *off, *ext * 4) == NULL)
				return 0;
			next = ext[*ext * 4 - 1];
			*off += *ext * 4;
		}
	}
	return ip_version_type(m, *off);
}

static uint16_t
read_vxlan_gpe(struct rte_mbuf *m, uint32_t *off)
{
	const struct rte_vxlan_gpe_hdr *gpe = header_at(m, *off, sizeof(*gpe));

	if (gpe == NULL)
		return 0;
	*off += sizeof(*gpe);
	switch (gpe->proto) {
	case RTE_VXLAN_GPE_TYPE_IPV4:
		return RTE_ETHER_TYPE_IPV4;
	case RTE_VXLAN_GPE_TYPE_IPV6:
		return RTE_ETHER_TYPE_IPV6;
	case RTE_VXLAN_GPE_TYPE_ETH:
		return RTE_ETHER_TYPE_TEB;
	default:
		return 0;
	}
}

static uint16_t
read_geneve(struct rte_mbuf *m, uint32_t *off)
{
	const struct rte_geneve_hdr *geneve = header_at(m, *off, sizeof(*geneve));

	if (geneve == NULL)
		return 0;
	*off += sizeof(*geneve) + geneve->opt_len * 4;
	return rte_be_to_cpu_16(geneve->proto);
}

static uint16_t
read_udp_tunnel(struct rte_mbuf *m, uint32_t *off, uint64_t *tunnel)
{
	const struct rte_udp_hdr *udp = header_at(m, *off, sizeof(*udp));

	if (udp == NULL)
		return 0;
	*off += sizeof(*udp);
	switch (rte_be_to_cpu_16(udp->dst_port)) {
	case RTE_GTPU_UDP_PORT:
		*tunnel = RTE_MBUF_F_TX_TUNNEL_GTP;
		return read_gtp(m, off);
	case RTE_VXLAN_GPE_DEFAULT_PORT:
		*tunnel = RTE_MBUF_F_TX_TUNNEL_VXLAN_GPE;
		return read_vxlan_gpe(m, off);
	case GENEVE_PORT:
		*tunnel = RTE_MBUF_F_TX_TUNNEL_GENEVE;
		return read_geneve(m, off);
	case RTE_VXLAN_DEFAULT_PORT:
		*tunnel = RTE_MBUF_F_TX_TUNNEL_VXLAN;
		*off += sizeof(struct rte_vxlan_hdr);
		return RTE_ETHER_TYPE_TEB;
	default:
		return 0;
	}
}

static uint16_t
read_gre(struct rte_mbuf *m, uint32_t *off)
{
	const struct rte_gre_hdr *gre = header_at(m, *off, sizeof(*gre));
	const uint8_t *bytes = (const void *)gre;
	uint16_t flags;

	if (gre == NULL)
		return 0;
	/* One with a checksum of its own is left alone, or that would be wrong afterwards. */
	flags = bytes[0] << 8 | bytes[1];
	if ((flags & ~(GRE_KEY | GRE_SEQUENCE)) != 0)
		return 0;
	*off += sizeof(*gre) + ((flags & GRE_KEY) != 0) * 4 + ((flags & GRE_SEQUENCE) != 0) * 4;
	return rte_be_to_cpu_16(gre->proto);
}

static void
read_tunnel(struct rte_mbuf *m, struct packet *p)
{
	const uint32_t start = p->in.l3_off + p->in.l3_len;
	struct layers in = { 0 };
	uint64_t tunnel = 0;
	uint32_t off = start;
	uint16_t type = 0;

	if (p->in.l3_len == 0 || p->in.fragment)
		return;
	switch (p->in.l4_proto) {
	case IPPROTO_UDP:
		type = read_udp_tunnel(m, &off, &tunnel);
		break;
	case IPPROTO_GRE:
		tunnel = RTE_MBUF_F_TX_TUNNEL_GRE;
		type = read_gre(m, &off);
		break;
	case IPPROTO_IPIP:
		tunnel = RTE_MBUF_F_TX_TUNNEL_IPIP;
		type = ip_version_type(m, off);
		break;
	default:
		return;
	}
	if (type == RTE_ETHER_TYPE_TEB) {
		const uint16_t len = read_ether(m, off, &type);

		if (len == 0)
			return;
		off += len;
	} else if (type != RTE_ETHER_TYPE_IPV4 && type != RTE_ETHER_TYPE_IPV6) {
		return;
	}
	/* L2 of what is inside begins where the outer L3 ends. */
	in.ethertype = type;
	in.l2_len = off - start;
	in.l3_off = off;
	read_layers(m, &in);
	p->outer = p->in;
	p->in = in;
	p->tunnel = tunnel;
}

static __rte_always_inline void
packet_read(struct rte_mbuf *m, struct packet *p, bool tunnels)
{
	p->tunnel = 0;
	p->in.l2_len = read_ether(m, 0, &p->in.ethertype);
	p->in.l3_off = p->in.l2_len;
	read_layers(m, &p->in);
	if (tunnels)
		read_tunnel(m, p);
}

/* ---- writing checksums */

static uint16_t
pseudo_sum(const struct rte_mbuf *m, const struct layers *l)
{
	void *ip = rte_pktmbuf_mtod_offset(m, void *, l->l3_off);

	return l->ethertype == RTE_ETHER_TYPE_IPV4 ? rte_ipv4_phdr_cksum(ip, 0) :
						     rte_ipv6_phdr_cksum(ip, 0);
}

/* Of UDP and TCP, whose own field is 0 now. Never 0, which would mean none. */
static uint16_t
l4_sum(const struct rte_mbuf *m, const struct layers *l)
{
	uint16_t raw;
	uint32_t sum;

	if (rte_raw_cksum_mbuf(m, l->l3_off + l->l3_len, l->l4_size, &raw) != 0)
		return 0;
	sum = raw + pseudo_sum(m, l);
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	return sum != 0 ? sum : 0xffff;
}

static void
ip4_sum_set(struct rte_ipv4_hdr *ip)
{
	const uint32_t len = rte_ipv4_hdr_len(ip);

	ip->hdr_checksum = 0;
	/* most have no options: a sum of known length takes no loop */
	ip->hdr_checksum = (uint16_t) ~(likely(len == sizeof(*ip)) ?
					rte_raw_cksum(ip, sizeof(*ip)) :
					rte_raw_cksum(ip, len));
}

/* rte_hash_crc() reads words, which are to be aligned. */
static uint32_t
crc_bytes(const uint8_t *bytes, uint32_t n, uint32_t crc)
{
	for (; n != 0 && (uintptr_t)bytes % sizeof(uint64_t) != 0; n--)
		crc = rte_hash_crc_1byte(*bytes++, crc);
	return rte_hash_crc(bytes, n, crc);
}

/* CRC32c over all segments. */
static uint32_t
sctp_sum(const struct rte_mbuf *m, uint32_t off, uint32_t size)
{
	uint32_t crc = UINT32_MAX;

	for (; m != NULL && size != 0; m = m->next) {
		uint32_t n;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = RTE_MIN(size, m->data_len - off);
		crc = crc_bytes(rte_pktmbuf_mtod_offset(m, const uint8_t *, off), n, crc);
		size -= n;
		off = 0;
	}
	return ~crc;
}

static uint64_t
udp_write(struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	struct rte_udp_hdr *udp = header_at(m, l->l3_off + l->l3_len, sizeof(*udp));

	/* A sender that wants none gets none. */
	if (udp == NULL || udp->dgram_cksum == 0)
		return 0;
	if (hw & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) {
		udp->dgram_cksum = pseudo_sum(m, l);
		return RTE_MBUF_F_TX_UDP_CKSUM;
	}
	udp->dgram_cksum = 0;
	udp->dgram_cksum = l4_sum(m, l);
	return 0;
}

static uint64_t
tcp_write(struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	struct rte_tcp_hdr *tcp = header_at(m, l->l3_off + l->l3_len, sizeof(*tcp));

	if (tcp == NULL)
		return 0;
	if (hw & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) {
		tcp->cksum = pseudo_sum(m, l);
		return RTE_MBUF_F_TX_TCP_CKSUM;
	}
	tcp->cksum = 0;
	tcp->cksum = l4_sum(m, l);
	return 0;
}

static uint64_t
sctp_write(struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	const uint32_t off = l->l3_off + l->l3_len;
	struct rte_sctp_hdr *sctp = header_at(m, off, sizeof(*sctp));

	if (sctp == NULL)
		return 0;
	sctp->cksum = 0;
	if (hw & RTE_ETH_TX_OFFLOAD_SCTP_CKSUM)
		return RTE_MBUF_F_TX_SCTP_CKSUM;
	sctp->cksum = rte_cpu_to_le_32(sctp_sum(m, off, l->l4_size));
	return 0;
}

/* The only headers, or those in a tunnel. Flags for the port. */
static inline uint64_t
inner_write(struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	uint64_t flags = 0;

	if (l->ethertype == RTE_ETHER_TYPE_IPV4)
		flags |= RTE_MBUF_F_TX_IPV4;
	else if (l->ethertype == RTE_ETHER_TYPE_IPV6)
		flags |= RTE_MBUF_F_TX_IPV6;
	if (l->l3_len == 0)
		return flags;
	if (l->ethertype == RTE_ETHER_TYPE_IPV4) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *,
				l->l3_off);

		if (hw & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) {
			ip->hdr_checksum = 0;
			flags |= RTE_MBUF_F_TX_IP_CKSUM;
		} else {
			ip4_sum_set(ip);
		}
	}
	if (l->fragment || l->l4_size == 0)
		return flags;
	switch (l->l4_proto) {
	case IPPROTO_UDP:
		return flags | udp_write(m, l, hw);
	case IPPROTO_TCP:
		return flags | tcp_write(m, l, hw);
	case IPPROTO_SCTP:
		return flags | sctp_write(m, l, hw);
	default:
		return flags;
	}
}

/* The headers around a tunnel; those in it are final. */
static uint64_t
outer_write(const struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	struct rte_udp_hdr *udp;
	uint64_t flags;

	if (l->ethertype == RTE_ETHER_TYPE_IPV4) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *,
				l->l3_off);

		flags = RTE_MBUF_F_TX_OUTER_IPV4;
		if (hw & RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM) {
			ip->hdr_checksum = 0;
			flags |= RTE_MBUF_F_TX_OUTER_IP_CKSUM;
		} else {
			ip4_sum_set(ip);
		}
	} else {
		flags = RTE_MBUF_F_TX_OUTER_IPV6;
	}
	if (l->l4_proto != IPPROTO_UDP || l->l4_size == 0)
		return flags;
	udp = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, l->l3_off + l->l3_len);
	if (hw & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM) {
		udp->dgram_cksum = pseudo_sum(m, l);
		return flags | RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
	}
	if (udp->dgram_cksum != 0) {
		udp->dgram_cksum = 0;
		udp->dgram_cksum = l4_sum(m, l);
	}
	return flags;
}

/* A sum of ours around fields that the port is yet to write would be wrong. */
static bool
outer_sum_is_ours(const struct rte_mbuf *m, const struct layers *l, uint64_t hw)
{
	const struct rte_udp_hdr *udp;

	if (l->l4_proto != IPPROTO_UDP || (hw & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM) != 0)
		return false;
	udp = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, l->l3_off + l->l3_len);
	return udp->dgram_cksum != 0;
}

/* Where the port is to find headers; 0: nowhere. */
struct tx_lengths {
	uint64_t l2, outer_l2, outer_l3;
};

/* Whether the port has to know of the headers around a tunnel. */
static bool
outer_is_told(const struct layers *l, uint64_t hw)
{
	if (l->ethertype != RTE_ETHER_TYPE_IPV4 || (hw & RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM) != 0)
		return true;
	return l->l4_proto == IPPROTO_UDP && l->l4_size != 0 &&
			(hw & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM) != 0;
}

/* False: mbufs have not bits enough to say it. */
static inline bool
tx_lengths_find(const struct packet *p, uint64_t hw, struct tx_lengths *l)
{
	memset(l, 0, sizeof(*l));
	l->l2 = p->in.l2_len;
	if (p->tunnel != 0 && outer_is_told(&p->outer, hw)) {
		l->outer_l2 = p->outer.l2_len;
		l->outer_l3 = p->outer.l3_len;
	} else if (p->tunnel != 0) {
		/* To the port all that is around is one long L2. */
		l->l2 = p->in.l3_off;
	}
	return l->l2 < 1 << RTE_MBUF_L2_LEN_BITS && l->outer_l2 < 1 << RTE_MBUF_OUTL2_LEN_BITS &&
			l->outer_l3 < 1 << RTE_MBUF_OUTL3_LEN_BITS;
}

static __rte_always_inline void
packet_write(struct rte_mbuf *m, const struct packet *p, uint64_t hw)
{
	struct tx_lengths l;
	const bool told = tx_lengths_find(p, hw, &l);
	uint64_t flags;

	/* What the port cannot be told is up to us. */
	if (unlikely(!told))
		hw = 0;
	if (p->tunnel != 0 && outer_sum_is_ours(m, &p->outer, hw))
		flags = inner_write(m, &p->in, 0);
	else
		flags = inner_write(m, &p->in, hw);
	if (p->tunnel != 0)
		flags |= outer_write(m, &p->outer, hw) | p->tunnel;
	m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	m->tx_offload = 0;
	if (unlikely(!told))
		return;
	m->ol_flags |= flags;
	/* At once: one length after the other would wait for the one before. */
	m->tx_offload = rte_mbuf_tx_offload(l.l2, p->in.l3_len, p->in.l4_len, 0, l.outer_l3,
			l.outer_l2, 0);
}

/* ---- `set txsplit`: packets leave as copies, in segments as `txpkts` says */

static struct rte_mbuf *
packet_split(struct rte_mbuf *m, struct rte_mempool *pool)
{
	const int room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
	uint16_t nr_segs = cfg.nr_tx_segs;
	struct rte_mbuf *copy = NULL, **next = &copy, *seg;
	uint32_t off = 0;
	uint16_t n = 0;

	if (room <= 0 || m->pkt_len == 0)
		return m;
	if (cfg.tx_split == TX_SPLIT_RAND)
		nr_segs = 1 + rte_rand_max(nr_segs);
	/* What is left over goes into the last, and more like it if it is too much for one. */
	for (; off < m->pkt_len; n++) {
		uint32_t len = m->pkt_len - off;
		const void *from;

		seg = rte_pktmbuf_alloc(pool);
		if (seg == NULL) {
			rte_pktmbuf_free(copy);
			return m;
		}
		if (n + 1 < nr_segs)
			len = RTE_MIN(len, cfg.tx_seg_len[n]);
		len = RTE_MIN(len, (uint32_t)room);
		from = rte_pktmbuf_read(m, off, len, rte_pktmbuf_mtod(seg, void *));
		if (from != rte_pktmbuf_mtod(seg, void *))
			memcpy(rte_pktmbuf_mtod(seg, void *), from, len);
		seg->data_len = len;
		off += len;
		*next = seg;
		next = &seg->next;
	}
	copy->nb_segs = n;
	copy->pkt_len = m->pkt_len;
	copy->port = m->port;
	copy->ol_flags |= m->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	copy->tx_offload = m->tx_offload;
	copy->vlan_tci = m->vlan_tci;
	copy->vlan_tci_outer = m->vlan_tci_outer;
	rte_pktmbuf_free(m);
	return copy;
}

/* ---- most packets */

/* UDP or TCP in IPv4 without options or fragments, all headers in the first segment. */
struct plain {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	union {
		struct rte_udp_hdr udp;
		struct rte_tcp_hdr tcp;
	};
} __rte_packed __rte_aligned(2);

static __rte_noinline uint16_t
plain_sum(const struct rte_mbuf *m, const struct plain *h)
{
	const struct layers l = {
		.ethertype = RTE_ETHER_TYPE_IPV4,
		.l3_off = sizeof(h->eth),
		.l3_len = sizeof(h->ip),
		.l4_size = rte_be_to_cpu_16(h->ip.total_length) - sizeof(h->ip),
	};

	return l4_sum(m, &l);
}

/* All that packet_read() and packet_write() do for such a packet, in half of the instructions, if
 * software sums it and tunnels are not looked for; false: it is none.
 */
static __rte_always_inline bool
plain_write(struct rte_mbuf *m)
{
	struct plain *h = rte_pktmbuf_mtod(m, struct plain *);
	uint32_t size, l4_len;

	if (unlikely(m->data_len < sizeof(*h) ||
			    h->eth.ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) ||
			    h->ip.version_ihl != RTE_IPV4_VHL_DEF ||
			    (h->ip.fragment_offset &
					    rte_cpu_to_be_16(RTE_IPV4_HDR_MF_FLAG |
							    RTE_IPV4_HDR_OFFSET_MASK)) != 0))
		return false;
	size = rte_be_to_cpu_16(h->ip.total_length);
	if (unlikely(size <= sizeof(h->ip) || sizeof(h->eth) + size > m->pkt_len))
		return false;
	if (h->ip.next_proto_id == IPPROTO_UDP) {
		l4_len = sizeof(h->udp);
		if (h->udp.dgram_cksum != 0) {
			h->udp.dgram_cksum = 0;
			h->udp.dgram_cksum = plain_sum(m, h);
		}
	} else if (h->ip.next_proto_id == IPPROTO_TCP) {
		l4_len = (h->tcp.data_off >> 4) * 4;
		h->tcp.cksum = 0;
		h->tcp.cksum = plain_sum(m, h);
	} else {
		return false;
	}
	h->ip.hdr_checksum = 0;
	h->ip.hdr_checksum = (uint16_t)~rte_raw_cksum(&h->ip, sizeof(h->ip));
	m->ol_flags = (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) |
			RTE_MBUF_F_TX_IPV4;
	m->tx_offload = rte_mbuf_tx_offload(sizeof(h->eth), sizeof(h->ip), l4_len, 0, 0, 0, 0);
	return true;
}

/* ---- the engine */

static void
packet_tell(const struct rte_mbuf *m, const struct packet *p, uint64_t rx_flags, uint64_t hw)
{
	char rx[256], tx[256], lens[128] = "", outer[128] = "";
	int n;

	rte_get_rx_ol_flag_list(rx_flags, rx, sizeof(rx));
	rte_get_tx_ol_flag_list(m->ol_flags, tx, sizeof(tx));
	if (p->tunnel != 0)
		snprintf(outer, sizeof(outer),
				"rx: outer_l2_len=%u outer_ethertype=%x outer_l3_len=%u\n",
				p->outer.l2_len, p->outer.ethertype, p->outer.l3_len);
	n = 0;
	if (hw & INNER_CSUM_HW)
		n = snprintf(lens, sizeof(lens), "tx: m->l2_len=%u m->l3_len=%u m->l4_len=%u\n",
				m->l2_len, m->l3_len, m->l4_len);
	if (p->tunnel != 0 &&
			((hw & RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM) ||
					(hw & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM) ||
					(m->ol_flags & RTE_MBUF_F_TX_OUTER_IPV6)))
		snprintf(&lens[n], sizeof(lens) - n, "tx: m->outer_l2_len=%u m->outer_l3_len=%u\n",
				m->outer_l2_len, m->outer_l3_len);
	printf("-----------------\nport=%u, mbuf=%p, pkt_len=%u, nb_segs=%u:\n"
	       "rx: l2_len=%u ethertype=%x l3_len=%u l4_proto=%u l4_len=%u flags=%s\n"
	       "%s%stx: flags=%s\n",
			m->port, (const void *)m, m->pkt_len, m->nb_segs, p->in.l2_len,
			p->in.ethertype, p->in.l3_len, p->in.l4_proto, p->in.l4_len, rx, outer,
			lens, tx);
}

static inline void
bad_count(struct stream *s, uint64_t rx_flags)
{
	if (likely((rx_flags & RX_CSUM_BITS) == 0))
		return;
	s->count.bad_ip += (rx_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD;
	s->count.bad_l4 += (rx_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD;
	s->count.bad_outer_l4 += (rx_flags & RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK) ==
			RTE_MBUF_F_RX_OUTER_L4_CKSUM_BAD;
	s->count.bad_outer_ip += (rx_flags & RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD) != 0;
}

/* What the port will not take is dropped. */
static void
packets_prepare_send(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	const uint16_t ready = rte_eth_tx_prepare(s->tx_port, s->tx_queue, pkts, n);

	if (unlikely(ready != n)) {
		fprintf(stderr, "Preparing packet burst to transmit failed: %s\n",
				rte_strerror(rte_errno));
		s->count.tx_dropped += n - ready;
		rte_pktmbuf_free_bulk(&pkts[ready], n - ready);
	}
	if (ready != 0)
		stream_send(s, pkts, ready);
}

static bool
csum_forward(struct stream *s)
{
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);
	const struct port *port = &ports[s->tx_port];
	const struct rte_ether_addr peer = cfg.peers[s->peer];
	const struct rte_ether_addr own = port->mac;
	/* read once: a command may change it meanwhile */
	const int verbose = __atomic_load_n(&cfg.verbose, __ATOMIC_RELAXED);
	/* what is printed is what the long way finds */
	const bool plain = port->csum_hw == 0 && !port->csum_parse_tunnel && verbose == 0;
	struct rte_mempool *split = NULL;
	struct packet p;

	if (unlikely(n == 0))
		return false;
	if (cfg.tx_split != TX_SPLIT_OFF && cfg.nr_tx_segs != 0)
		split = pool_find(port->socket_id, 0);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		struct rte_ether_hdr *eth = header_at(m, 0, sizeof(*eth));
		const uint64_t rx_flags = m->ol_flags;

		prefetch_next(pkts, i, n);
		bad_count(s, rx_flags);
		if (!port->csum_keep_macs && likely(eth != NULL)) {
			eth->dst_addr = peer;
			eth->src_addr = own;
		}
		if (!plain || !plain_write(m)) {
			packet_read(m, &p, port->csum_parse_tunnel);
			packet_write(m, &p, port->csum_hw);
		}
		if (unlikely(split != NULL))
			m = pkts[i] = packet_split(m, split);
		if (unlikely(verbose > 0))
			packet_tell(m, &p, rx_flags, port->csum_hw);
	}
	packets_prepare_send(s, pkts, n);
	return true;
}

const struct engine engine_csum = {
	.name = "csum",
	.stream_begin = stream_begin_both,
	.forward = csum_forward,
	.needs_payload = true,
	.sets_macs = true,
};
