#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Writes packets of many kinds to a pcap file: packets.py FILE
Writes one in a tunnel of many options, with a wrong sum in it: packets.py --long FILE
Shows which packets there are in such files, each once: packets.py --show FILE..."""

import struct, sys


def checksum(b):
    s = sum(struct.unpack('>%dH' % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


eth = bytes.fromhex('021122334455060708090a0b')


def ip4(proto, payload, frag=0):
    h = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 1, frag, 64, proto, 0,
                    b'\x0a\0\0\1', b'\x0a\0\0\2')
    return h[:10] + struct.pack('>H', checksum(h)) + h[12:] + payload


udp = struct.pack('>HHHH', 1000, 2000, 38, 0) + b'x' * 30
tcp = struct.pack('>HHIIBBHHH', 1000, 80, 1, 1, 0x50, 2, 100, 0, 0) + b'y' * 20
vxlan = struct.pack('>HHHH', 1, 4789, 16 + 14 + 58, 0) + b'\x08\0\0\0\0\0\5\0' + eth + b'\x08\0'
ip6 = struct.pack('>IHBB', 0x60000000, len(udp), 17, 64) + b'\1' * 16 + b'\2' * 16
packets = [eth + b'\x08\0' + ip4(17, udp), eth + b'\x08\0' + ip4(6, tcp),
           eth + b'\x08\x06' + b'\0' * 46,
           eth + b'\x81\0\0\x05\x08\0' + ip4(17, udp), eth + b'\x86\xdd' + ip6 + udp,
           eth + b'\x08\0' + ip4(17, vxlan + ip4(17, udp)),
           eth + b'\x08\0' + ip4(47, b'\0\0\x08\0' + ip4(17, udp)),
           eth + b'\x08\0' + ip4(4, ip4(6, tcp)),
           eth + b'\x08\0' + ip4(1, b'\x08\0\0\0\0\1\0\1' + b'z' * 20),
           eth + b'\x08\0' + ip4(17, udp, 0x2000),
           eth + b'\x88\xa8\0\x06\x81\0\0\5\x08\0' + ip4(132, b'\0\1\0\2' + b'\0' * 20),
           eth + b'\x08\0' + ip4(6, tcp) + b'0' * 3000]


def show(name):
    with open(name, 'rb') as file:
        b = file.read()
    found, at = set(), 24
    while at + 16 <= len(b):
        size, length = struct.unpack_from('<II', b, at + 8)
        found.add(f'{length} {b[at + 16:at + 16 + size].hex()}')
        at += 16 + size
    for line in sorted(found):
        print(name.rpartition('/')[2], line)


if sys.argv[1] == '--show':
    for each in sys.argv[2:]:
        show(each)
    sys.exit()
if sys.argv[1] == '--long':
    inner = ip4(6, tcp)
    inner = inner[:10] + b'\xde\xad' + inner[12:]
    inner = b'\x32\0\x65\x58\0\0\5\0' + b'\0' * 200 + eth + b'\x08\0' + inner
    packets = [eth + b'\x08\0' + ip4(17, struct.pack('>HHHH', 1, 6081, 8 + len(inner), 0) + inner)]
with open(sys.argv[-1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for p in packets:
        f.write(struct.pack('<IIII', 1, 1, len(p), len(p)) + p)
