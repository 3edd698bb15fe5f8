#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Damages packets of dpdk-testpp --pp-verify in a pcap file.

usage: verify.py IN OUT HOW [NUMBER]    prints how many packets are in OUT

HOW: flip NUMBER   the first packet, the byte at that offset is another one
     flips         as many packets as there are wrong values of all bytes of one
     cuts          one for each shorter length, down to half of the headers
     others        longer, exchanged bodies, parts overwritten
     twice         all, and the first once more
     pair          the same, one right behind the other
     same          all as they are
     tagged        without, with one and with two VLAN tags, which is all right
"""

import struct
import sys

BODY = 60


def read(name):
    with open(name, "rb") as f:
        data = f.read()
    at, packets = 24, []
    while at < len(data):
        size, = struct.unpack_from("<I", data, at + 8)
        packets.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return data[:24], packets


def flips(packets):
    for i in range(len(packets[0]) * 255):
        packet = bytearray(packets[i % len(packets)])
        packet[i // 255] ^= 1 + i % 255
        yield bytes(packet)


def others(packets):
    for p, other in zip(packets, packets[1:]):
        yield p + b"\0"
        yield bytes(42) + p[42:]
        yield p[:42] + bytes(len(p) - 42)
        # all behind the type is shifted by a tag that is not there
        yield p[:12] + b"\x81\0" + p[14:]
        yield p[:BODY] + other[BODY:]
        if len(p) > BODY + 32:
            yield bytes(BODY) + p[BODY:]
            yield p[:BODY] + p[BODY + 8:BODY + 16] + p[BODY:BODY + 8] + p[BODY + 16:]


def tagged(packets):
    tags = (b"", b"\x81\0\0\5", b"\x88\xa8\0\6\x81\0\0\5")
    for i, p in enumerate(packets):
        yield p[:12] + tags[i % len(tags)] + p[12:]


HOW = {
    "flips": flips,
    "cuts": lambda packets: [packets[0][:n] for n in range(24, len(packets[0]))],
    "others": others,
    "same": lambda packets: packets,
    "twice": lambda packets: packets + packets[:1],
    "pair": lambda packets: packets[:1] + packets,
    "tagged": tagged,
}


def flip(packet, at):
    packet = bytearray(packet)
    packet[at] ^= 0x40
    return bytes(packet)


def main():
    header, packets = read(sys.argv[1])
    if sys.argv[3] == "flip":
        result = [flip(packets[0], int(sys.argv[4]))]
    else:
        result = list(HOW[sys.argv[3]](packets))
    with open(sys.argv[2], "wb") as f:
        f.write(header)
        for packet in result:
            f.write(struct.pack("<IIII", 1, 1, len(packet), len(packet)) + packet)
    print(len(result))


if __name__ == "__main__":
    main()
