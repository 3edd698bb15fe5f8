/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TESTPP_VERIFY_H_
#define _TESTPP_VERIFY_H_

/*
 * Packets whose bytes can all be checked (verify_packet.c), for verify.c. Such a packet is
 *
 *   0   Ethernet, IPv4 and UDP headers, as the engine wrote them, but for type of service
 *       and identification of IP
 *   42  mark: 18 bytes, struct mark in verify_packet.c
 *   60  body: words that follow from the mark, to the end
 *
 * What an engine may change on the way is covered so that the change does not matter: addresses
 * and ports may change sides, VLAN tags may come in behind the MAC addresses. MAC addresses have a
 * checksum of their own, which an engine that writes others makes anew; it is of 16 bits. All
 * other bytes up to the body are under a CRC of 32 bits, or constant.
 *
 * A packet with a wrong byte is to be told from one that is not ours. Any of these makes it ours:
 * the first four bytes of the mark are right; the headers are those of a packet that we make, with
 * our type of service and identification; two words of the body, both in one segment, follow each
 * other as they should. So only a packet passes for somebody else's that was damaged in the
 * headers' constants, in the mark, and, if it is longer than 75 bytes, all over the body. One whose
 * segments have less than its length is wrong, whoever sent it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

#define VERIFY_COPIES_ANY UINT8_MAX

/* What a packet says of itself. */
struct verify_mark {
	uint32_t sender; /* 24 bits */
	uint32_t seq;
	uint8_t copies; /* so many were sent; VERIFY_COPIES_ANY: so many or more */
};

enum verify_result {
	VERIFY_RIGHT,
	VERIFY_FOREIGN,
	VERIFY_WRONG,
};

/* A packet of VERIFY_LEN_MIN bytes or more whose headers are written; it is filled to its end. */
void verify_packet_make(struct rte_mbuf *m, const struct verify_mark *mark);
/* All bytes. The mark is set if it can be read. */
enum verify_result verify_packet_check(const struct rte_mbuf *m, struct verify_mark *mark);
/* The mark alone: false if it is not ours or not right. */
bool verify_packet_read(const struct rte_mbuf *m, struct verify_mark *mark);
/* Its MAC addresses were rewritten by somebody who may. */
void verify_packet_macs(struct rte_mbuf *m);
/* What is wrong with a wrong one, in words. */
void verify_packet_explain(const struct rte_mbuf *m, char *text, size_t size);

#endif /* _TESTPP_VERIFY_H_ */
