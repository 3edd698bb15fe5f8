#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Asks a running DPDK program over its telemetry socket and prints the answers as JSON.

dpdk-telemetry.py does so too, but neither fails when the program does not know a command nor
picks a field.
"""

import argparse
import json
import socket
import sys


def ask(sock, command, limit):
    """The value that the program returns; None when it refuses the command."""
    sock.send(command.encode())
    answer = json.loads(sock.recv(limit).decode())
    return next(iter(answer.values()), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--field", help="print this field of each answer only")
    parser.add_argument("--pretty", action="store_true", help="over many lines")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds, for each answer")
    parser.add_argument("socket", help="path of dpdk_telemetry.v2")
    parser.add_argument("command", nargs="+", help="for example /mempool/info,mb_pool_0")
    args = parser.parse_args()

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.settimeout(args.timeout)
        try:
            sock.connect(args.socket)
            limit = json.loads(sock.recv(1024).decode())["max_output_len"]
            for command in args.command:
                value = ask(sock, command, limit)
                if value is None:
                    sys.exit(f"{command}: refused")
                if args.field is not None:
                    value = value[args.field]
                if isinstance(value, str):
                    print(value)
                else:
                    print(json.dumps(value, indent=2 if args.pretty else None))
        except OSError as error:
            sys.exit(f"{args.socket}: {error}")
        except KeyError as error:
            sys.exit(f"no field {error}")


if __name__ == "__main__":
    main()
