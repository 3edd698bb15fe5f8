#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Sends random bytes over TCP, or receives them; either end prints their number and SHA-256."""

import argparse
import hashlib
import os
import socket
import sys

BLOCK = 64 * 1024


def send(address, count):
    digest = hashlib.sha256()
    with socket.create_connection(address, timeout=10) as sock:
        left = count
        while left > 0:
            block = os.urandom(min(left, BLOCK))
            sock.sendall(block)
            digest.update(block)
            left -= len(block)
        sock.shutdown(socket.SHUT_WR)
        # the receiver closes once it has everything
        sock.recv(1)
    print(count, digest.hexdigest())


def receive(address):
    digest = hashlib.sha256()
    count = 0
    with socket.create_server(address) as server:
        server.settimeout(30)
        print("listening", flush=True)
        sock, _ = server.accept()
        with sock:
            sock.settimeout(10)
            while block := sock.recv(BLOCK):
                digest.update(block)
                count += len(block)
    print(count, digest.hexdigest())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("send", "receive"))
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("bytes", type=int, nargs="?", default=1 << 20)
    args = parser.parse_args()

    address = (args.address, args.port)
    try:
        if args.what == "send":
            send(address, args.bytes)
        else:
            receive(address)
    except OSError as error:
        sys.exit(f"{args.what}: {error}")


if __name__ == "__main__":
    main()
