# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Packets whose every byte is known, files of them, and what forwarding makes of them."""

import os
import random
import struct

FILE_HEADER = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
# times in microseconds or in nanoseconds
MAGICS = (0xa1b2c3d4, 0xa1b23c4d)


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def headers(number, size):
    """IPv4's of size bytes with TCP or UDP, that, and where its checksum is. Flows differ, for
    queues to choose by."""
    tcp = number % 2 == 0
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, number, 0, 64, 6 if tcp else 17, 0,
                     bytes((192, 0, 2, 1 + number % 50)), bytes((198, 51, 100, 1 + number % 60)))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    ports = struct.pack(">HH", 1024 + number % 1000, 2048 + number % 777)
    if tcp:
        return ip, ports + struct.pack(">IIBBHHH", number, 1, 0x50, 0x10, 1000, 0, 0), 16
    return ip, ports + struct.pack(">HH", size - 20, 0), 6


class Packet:
    """An Ethernet frame: its addresses, and what follows them with right checksums or wrong ones."""

    def __init__(self, number, size, rng):
        self.dst = bytes((2, 0x11, 0, 0, number >> 8 & 255, number & 255))
        self.src = bytes((2, 0x22, 0, 0, number >> 8 & 255, number & 255))
        ip, body, at = headers(number, size - 14)
        body += rng.randbytes(size - 34 - len(body))
        pseudo = ip[12:20] + struct.pack(">BBH", 0, ip[9], len(body))
        # 0 would be no checksum at all for UDP
        total = struct.pack(">H", checksum(pseudo + body) or 0xffff)
        self.right = b"\x08\0" + ip + body[:at] + total + body[at + 2:]
        self.sent = self.right
        if number % 3 == 0:
            wrong = bytearray(self.right)
            wrong[2 + 10] ^= 0x55
            wrong[2 + 20 + at] ^= 0x55
            self.sent = bytes(wrong)

    def frame(self):
        return self.dst + self.src + self.sent

    def after(self, hops):
        """What comes out of engines in a row: (mode, address of the peer, of the port)."""
        dst, src, rest = self.dst, self.src, self.sent
        for mode, peer, own in hops:
            if mode in ("mac", "csum"):
                dst, src = peer, own
            elif mode == "macswap":
                dst, src = src, dst
            if mode == "csum":
                rest = self.right
        return dst + src + rest


def make(count, smallest, largest, seed):
    """Packets of all sizes between the two, those at the ends among them, in no order."""
    rng = random.Random(seed)
    sizes = [smallest + i * (largest - smallest) // max(count - 1, 1) for i in range(count)]
    rng.shuffle(sizes)
    return [Packet(number, size, rng) for number, size in enumerate(sizes)]


def write(path, frames):
    with open(path, "wb") as file:
        file.write(FILE_HEADER.pack(MAGICS[0], 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            file.write(RECORD.pack(1, 1, len(frame), len(frame)) + frame)


def size_of(frames):
    """Of the file that holds them"""
    return FILE_HEADER.size + sum(RECORD.size + len(frame) for frame in frames)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if not data:
        return []  # no packet yet: the driver has not flushed the header
    if len(data) < FILE_HEADER.size or FILE_HEADER.unpack_from(data)[0] not in MAGICS:
        raise ValueError(f"{os.path.basename(path)} is no file of packets")
    frames, at = [], FILE_HEADER.size
    while at < len(data):
        length = RECORD.unpack_from(data, at)[2]
        at += RECORD.size
        frames.append(data[at:at + length])
        at += length
    return frames
