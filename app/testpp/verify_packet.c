/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Packets whose bytes can all be checked: made, checked, explained. verify.h says what they are. */

#include <assert.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "testpp.h"
#include "verify.h"

/* Of IP: a class that nobody has, and nobody else's number but in one of 65536 packets. */
#define IP_TOS_SENT 0xab
#define IP_ID_SENT 0xa7d3
#define IP_TTL_SENT 64
#define CRC_SEED 0x70702d76
/* From one word of the body to the next. */
#define BODY_STEP UINT64_C(0x9e6c63d0876a9a47)
#define BODY_WORD sizeof(uint64_t)
#define TAG_LEN sizeof(struct rte_vlan_hdr)
#define TAGS_LEN_MAX (2 * TAG_LEN)
#define MACS_LEN (2 * RTE_ETHER_ADDR_LEN)
/* Prime: no change of one byte is a multiple of it. */
#define MACS_MODULUS 65521

static const uint8_t magic[4] = { 0x9d, 0x2b, 0xe4, 0x56 };

struct mark {
	uint8_t magic[sizeof(magic)];
	rte_be32_t crc;
	rte_be16_t macs;
	uint8_t sender[3];
	rte_be32_t seq;
	uint8_t copies;
} __rte_packed;

/* All in front of the body, without tags. */
struct top {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
	struct mark mark;
} __rte_packed __rte_aligned(2);

static_assert(sizeof(struct top) == VERIFY_LEN_MIN, "a packet of the least length has no body");

/* ---- all in front of the body */

/* Up to so many from any segments: how many there are, whatever the packet says. */
static uint32_t
bytes_read(const struct rte_mbuf *m, uint32_t off, void *bytes, uint32_t len)
{
	uint8_t *to = bytes;
	uint32_t got = 0;

	for (; m != NULL && got != len; m = m->next) {
		uint32_t n;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = RTE_MIN(len - got, m->data_len - off);
		memcpy(to + got, rte_pktmbuf_mtod_offset(m, const void *, off), n);
		got += n;
		off = 0;
	}
	return got;
}

/* What its segments have. */
static uint32_t
segments_len(const struct rte_mbuf *m)
{
	uint32_t len = 0;

	for (; m != NULL; m = m->next)
		len += m->data_len;
	return len;
}

/* Of the tags behind the addresses. */
static uint32_t
tags_len(const struct rte_mbuf *m)
{
	uint32_t len = 0;
	rte_be16_t type;

	for (; len < TAGS_LEN_MAX; len += TAG_LEN) {
		if (bytes_read(m, MACS_LEN + len, &type, sizeof(type)) != sizeof(type))
			break;
		if (type != rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) &&
				type != rte_cpu_to_be_16(RTE_ETHER_TYPE_QINQ))
			break;
	}
	return len;
}

/* Without its tags. It ends with zeroes if the packet is shorter. */
static void
top_read(const struct rte_mbuf *m, struct top *top, uint32_t tags)
{
	const uint32_t len = RTE_MIN(m->pkt_len, (uint32_t)sizeof(*top) + tags);

	memset(top, 0, sizeof(*top));
	bytes_read(m, 0, top, RTE_MIN(len, (uint32_t)MACS_LEN));
	if (len > MACS_LEN + tags)
		bytes_read(m, MACS_LEN + tags, (uint8_t *)top + MACS_LEN, len - MACS_LEN - tags);
}

/* In as many segments as there are. */
static void
bytes_write(struct rte_mbuf *m, uint32_t off, const void *bytes, uint32_t len)
{
	const uint8_t *from = bytes;

	for (; m != NULL && len != 0; m = m->next) {
		uint32_t n;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = RTE_MIN(len, m->data_len - off);
		memcpy(rte_pktmbuf_mtod_offset(m, void *, off), from, n);
		from += n;
		len -= n;
		off = 0;
	}
}

static uint32_t
top_crc(const struct top *top)
{
	struct {
		rte_be16_t type;
		struct rte_ipv4_hdr ip;
		struct rte_udp_hdr udp;
		uint8_t sender[3];
		rte_be32_t seq;
		uint8_t copies;
	} __rte_packed covered;

	memset(&covered, 0, sizeof(covered));
	covered.type = top->eth.ether_type;
	covered.ip = top->ip;
	covered.udp = top->udp;
	/* whichever side they are on */
	if (top->ip.src_addr > top->ip.dst_addr) {
		covered.ip.src_addr = top->ip.dst_addr;
		covered.ip.dst_addr = top->ip.src_addr;
	}
	if (top->udp.src_port > top->udp.dst_port) {
		covered.udp.src_port = top->udp.dst_port;
		covered.udp.dst_port = top->udp.src_port;
	}
	memcpy(covered.sender, top->mark.sender, sizeof(covered.sender));
	covered.seq = top->mark.seq;
	covered.copies = top->mark.copies;
	return rte_hash_crc(&covered, sizeof(covered), CRC_SEED);
}

/* Of both, whichever is the source. */
static uint16_t
macs_sum(const struct top *top)
{
	const struct rte_ether_addr *pair[] = { &top->eth.dst_addr, &top->eth.src_addr };
	const unsigned int first = memcmp(pair[0], pair[1], sizeof(*pair[0])) > 0;
	uint32_t sum = 1;

	for (unsigned int i = 0; i < RTE_DIM(pair); i++)
		for (unsigned int j = 0; j < RTE_ETHER_ADDR_LEN; j++)
			sum = (sum << 8 | pair[i ^ first]->addr_bytes[j]) % MACS_MODULUS;
	return sum;
}

static bool
magic_right(const struct top *top)
{
	return memcmp(top->mark.magic, magic, sizeof(magic)) == 0;
}

static bool
crc_right(const struct top *top)
{
	return top->mark.crc == rte_cpu_to_be_32(top_crc(top));
}

static bool
macs_right(const struct top *top)
{
	return top->mark.macs == rte_cpu_to_be_16(macs_sum(top));
}

/* What all our packets have in their headers. */
static bool
headers_ours(const struct top *top)
{
	return top->eth.ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) &&
			top->ip.version_ihl == RTE_IPV4_VHL_DEF &&
			top->ip.type_of_service == IP_TOS_SENT &&
			top->ip.packet_id == rte_cpu_to_be_16(IP_ID_SENT) &&
			top->ip.fragment_offset == 0 && top->ip.time_to_live == IP_TTL_SENT &&
			top->ip.next_proto_id == IPPROTO_UDP && top->udp.dgram_cksum == 0;
}

static uint32_t
length_sent(const struct top *top)
{
	return rte_be_to_cpu_16(top->ip.total_length) + sizeof(top->eth);
}

static void
mark_get(const struct top *top, struct verify_mark *mark)
{
	const uint8_t *s = top->mark.sender;

	mark->sender = (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];
	mark->seq = rte_be_to_cpu_32(top->mark.seq);
	mark->copies = top->mark.copies;
}

/* ---- the body */

/* Of neighbouring packets they have nothing to do with each other (splitmix64). */
static uint64_t
body_seed(const struct top *top)
{
	struct verify_mark mark;
	uint64_t x;

	mark_get(top, &mark);
	x = (uint64_t)mark.sender << 40 | (uint64_t)mark.seq << 8 | mark.copies;
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* As it lies in memory. */
static inline uint64_t
body_word(uint64_t seed, uint32_t pos)
{
	return rte_cpu_to_le_64(seed + (pos / BODY_WORD + 1) * BODY_STEP);
}

static inline uint8_t
body_byte(uint64_t seed, uint32_t pos)
{
	const uint64_t word = body_word(seed, pos);
	uint8_t bytes[BODY_WORD];

	memcpy(bytes, &word, sizeof(bytes));
	return bytes[pos % BODY_WORD];
}

static void
run_fill(uint8_t *p, uint32_t n, uint64_t seed, uint32_t pos)
{
	for (; n != 0 && pos % BODY_WORD != 0; n--)
		*p++ = body_byte(seed, pos++);
	for (; n >= BODY_WORD; n -= BODY_WORD, p += BODY_WORD, pos += BODY_WORD) {
		const uint64_t word = body_word(seed, pos);

		memcpy(p, &word, sizeof(word));
	}
	for (; n != 0; n--)
		*p++ = body_byte(seed, pos++);
}

/* How many are right before one that is not. */
static uint32_t
run_check(const uint8_t *p, uint32_t n, uint64_t seed, uint32_t pos)
{
	uint32_t i = 0;

	for (; i < n && (pos + i) % BODY_WORD != 0; i++)
		if (p[i] != body_byte(seed, pos + i))
			return i;
	for (; n - i >= BODY_WORD; i += BODY_WORD) {
		uint64_t word;

		memcpy(&word, p + i, sizeof(word));
		if (word != body_word(seed, pos + i))
			break;
	}
	for (; i < n; i++)
		if (p[i] != body_byte(seed, pos + i))
			return i;
	return n;
}

static void
body_fill(struct rte_mbuf *m, uint32_t off, uint64_t seed)
{
	uint32_t pos = 0;

	for (; m != NULL; m = m->next) {
		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		run_fill(rte_pktmbuf_mtod_offset(m, uint8_t *, off), m->data_len - off, seed, pos);
		pos += m->data_len - off;
		off = 0;
	}
}

/* How many of its bytes are right before one that is not, or that is not there. */
static uint32_t
body_check(const struct rte_mbuf *m, uint32_t off, uint64_t seed)
{
	uint32_t pos = 0;

	for (; m != NULL; m = m->next) {
		uint32_t n, right;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = m->data_len - off;
		right = run_check(rte_pktmbuf_mtod_offset(m, const uint8_t *, off), n, seed, pos);
		pos += right;
		if (right != n)
			break;
		off = 0;
	}
	return pos;
}

/* Two words that follow each other, anywhere. */
static bool
body_ours(const struct rte_mbuf *m)
{
	for (; m != NULL; m = m->next) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
		uint64_t a, b;

		for (uint32_t i = 0; i + 2 * BODY_WORD <= m->data_len; i++) {
			memcpy(&a, p + i, sizeof(a));
			memcpy(&b, p + i + BODY_WORD, sizeof(b));
			if (rte_le_to_cpu_64(b) - rte_le_to_cpu_64(a) == BODY_STEP)
				return true;
		}
	}
	return false;
}

/* ---- whole packets */

void
verify_packet_make(struct rte_mbuf *m, const struct verify_mark *mark)
{
	struct top top;

	top_read(m, &top, 0);
	top.ip.type_of_service = IP_TOS_SENT;
	top.ip.packet_id = rte_cpu_to_be_16(IP_ID_SENT);
	top.ip.hdr_checksum = 0;
	top.ip.hdr_checksum = rte_ipv4_cksum(&top.ip);
	memcpy(top.mark.magic, magic, sizeof(magic));
	top.mark.sender[0] = mark->sender >> 16;
	top.mark.sender[1] = mark->sender >> 8;
	top.mark.sender[2] = mark->sender;
	top.mark.seq = rte_cpu_to_be_32(mark->seq);
	top.mark.copies = mark->copies;
	top.mark.macs = rte_cpu_to_be_16(macs_sum(&top));
	top.mark.crc = rte_cpu_to_be_32(top_crc(&top));
	bytes_write(m, 0, &top, sizeof(top));
	body_fill(m, sizeof(top), body_seed(&top));
}

/* Each of these is enough. */
static bool
top_ours(const struct top *top)
{
	return magic_right(top) || headers_ours(top);
}

static bool
packet_ours(const struct rte_mbuf *m, const struct top *top, uint32_t tags)
{
	struct top plain;

	/* something between here and there has made it so */
	if (segments_len(m) < m->pkt_len)
		return true;
	if (top_ours(top) || body_ours(m))
		return true;
	/* one wrong byte makes a tag of a type */
	top_read(m, &plain, 0);
	return tags != 0 && top_ours(&plain);
}

enum verify_result
verify_packet_check(const struct rte_mbuf *m, struct verify_mark *mark)
{
	const uint32_t tags = tags_len(m), start = sizeof(struct top) + tags;
	struct top top;

	top_read(m, &top, tags);
	mark_get(&top, mark);
	if (likely(crc_right(&top) && magic_right(&top) && macs_right(&top) &&
			    m->pkt_len == length_sent(&top) + tags &&
			    m->pkt_len == start + body_check(m, start, body_seed(&top)) &&
			    m->pkt_len == segments_len(m)))
		return VERIFY_RIGHT;
	return packet_ours(m, &top, tags) ? VERIFY_WRONG : VERIFY_FOREIGN;
}

bool
verify_packet_read(const struct rte_mbuf *m, struct verify_mark *mark)
{
	struct top top;

	top_read(m, &top, tags_len(m));
	/* the port that sends it writes the sum */
	if ((m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0) {
		top.ip.hdr_checksum = 0;
		top.ip.hdr_checksum = rte_ipv4_cksum(&top.ip);
	}
	mark_get(&top, mark);
	return magic_right(&top) && crc_right(&top);
}

void
verify_packet_macs(struct rte_mbuf *m)
{
	const uint32_t tags = tags_len(m);
	struct top top;

	top_read(m, &top, tags);
	top.mark.macs = rte_cpu_to_be_16(macs_sum(&top));
	bytes_write(m, offsetof(struct top, mark.macs) + tags, &top.mark.macs,
			sizeof(top.mark.macs));
}

/* ---- what is wrong */

/* Of a byte in front of the body, in a packet with tags. */
static unsigned int
offset_of(unsigned int off, uint32_t tags)
{
	return off + (off < MACS_LEN ? 0 : tags);
}

/* The one byte whose change makes the CRC right: its offset and what it should be. */
static bool
byte_find(const struct top *top, unsigned int *off, uint8_t *should)
{
	struct top t = *top;
	uint8_t *bytes = (uint8_t *)&t;

	for (*off = MACS_LEN; *off < sizeof(t); (*off)++) {
		const uint8_t was = bytes[*off];

		for (unsigned int v = 0; v <= UINT8_MAX; v++) {
			bytes[*off] = v;
			if (crc_right(&t)) {
				*should = v;
				return true;
			}
		}
		bytes[*off] = was;
	}
	return false;
}

/* Where the CRC says nothing. */
static bool
magic_explain(const struct top *top, uint32_t tags, char *text, size_t size)
{
	for (unsigned int i = 0; i < sizeof(magic); i++) {
		if (top->mark.magic[i] == magic[i])
			continue;
		snprintf(text, size, "offset %u: expected 0x%02x, got 0x%02x",
				offset_of(offsetof(struct top, mark.magic) + i, tags), magic[i],
				top->mark.magic[i]);
		return true;
	}
	return false;
}

static void
body_explain(const struct rte_mbuf *m, const struct top *top, uint32_t tags, char *text,
		size_t size)
{
	const uint32_t off = sizeof(*top) + tags;
	const uint64_t seed = body_seed(top);
	const uint32_t right = body_check(m, off, seed);
	uint8_t got = 0;

	bytes_read(m, off + right, &got, sizeof(got));
	snprintf(text, size, "offset %u: expected 0x%02x, got 0x%02x", off + right,
			body_byte(seed, right), got);
}

static void
crc_explain(const struct top *top, uint32_t tags, char *text, size_t size)
{
	uint8_t should;
	unsigned int off;

	if (byte_find(top, &off, &should))
		snprintf(text, size, "offset %u: expected 0x%02x, got 0x%02x", offset_of(off, tags),
				should, ((const uint8_t *)top)[off]);
	else
		snprintf(text, size, "offsets %u to %u: expected a CRC of 0x%08x, got 0x%08x",
				offset_of(MACS_LEN, tags), offset_of(sizeof(*top) - 1, tags),
				rte_be_to_cpu_32(top->mark.crc), top_crc(top));
}

void
verify_packet_explain(const struct rte_mbuf *m, char *text, size_t size)
{
	uint32_t tags = tags_len(m);
	struct top top;

	top_read(m, &top, tags);
	if (tags != 0 && !top_ours(&top)) {
		tags = 0;
		top_read(m, &top, tags);
	}
	if (segments_len(m) != m->pkt_len)
		snprintf(text, size, "length: expected %u, its segments have %u", m->pkt_len,
				segments_len(m));
	else if (m->pkt_len < sizeof(top) + tags)
		snprintf(text, size, "length: expected %u or more, got %u",
				(unsigned int)sizeof(top) + tags, m->pkt_len);
	else if (!crc_right(&top))
		crc_explain(&top, tags, text, size);
	else if (magic_explain(&top, tags, text, size))
		return;
	else if (m->pkt_len != length_sent(&top) + tags)
		snprintf(text, size, "length: expected %u, got %u", length_sent(&top) + tags,
				m->pkt_len);
	else if (!macs_right(&top))
		snprintf(text, size, "offsets 0 to 11: expected a checksum of 0x%04x, got 0x%04x",
				rte_be_to_cpu_16(top.mark.macs), macs_sum(&top));
	else
		body_explain(m, &top, tags, text, size);
}
