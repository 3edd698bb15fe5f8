#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""
Files of packets for a forwarder that gives them new Ethernet headers.

usage: pcap.py make FILE           packets of many sizes; prints how many
       pcap.py compare FILE FILE   what was sent and what came out
"""

import random
import struct
import sys

GLOBAL = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
ETHERNET = 14


def make(name):
    rng = random.Random(1)
    # one segment each, and chains of several
    sizes = list(range(60, 1515)) + [2048, 2049, 4000, 9000]
    with open(name, "wb") as f:
        f.write(GLOBAL)
        for size in sizes:
            f.write(struct.pack("<IIII", 0, 0, size, size))
            f.write(rng.randbytes(size))
    print(len(sizes))


def packets(name):
    with open(name, "rb") as f:
        f.read(len(GLOBAL))
        while head := f.read(16):
            yield f.read(struct.unpack("<IIII", head)[2])


def compare(before, after):
    before, after = list(packets(before)), list(packets(after))
    if len(before) != len(after):
        sys.exit(f"{len(before)} packets, {len(after)} came out")
    for i, (was, now) in enumerate(zip(before, after)):
        if now[ETHERNET:] != was[ETHERNET:]:
            sys.exit(f"packet {i}: another payload")
        if now[:6] != was[6:12] or now[6:12] == was[6:12] or now[12:14] != was[12:14]:
            sys.exit(f"packet {i}: header {now[:ETHERNET].hex()}")


if len(sys.argv) == 3 and sys.argv[1] == "make":
    make(sys.argv[2])
elif len(sys.argv) == 4 and sys.argv[1] == "compare":
    compare(sys.argv[2], sys.argv[3])
else:
    sys.exit(__doc__)
