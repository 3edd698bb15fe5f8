#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Forwarding rates of dpdk-testpp and of dpdk-testpmd, in turns, with the same pool and options.

testpp_rates.sh calls it. Each run is a process of its own, since neither program can take the
other's place in one; which of the two begins changes with each round. Prints for each case both
medians of the rate (packets that were received, or sent where none are, in a second) and of the
cycles of a packet, their ratios (above 1: dpdk-testpp is faster), the ratio of the fastest rounds'
rates, which is what is left where others take the machine away at times, and how far the rounds are
apart: half of the distance of the quartiles, in per cent of the median, the larger one.
"""

import argparse
import json
import os
import re
import select
import statistics
import subprocess
import sys
import time

MODES = ["io", "mac", "macswap", "rxonly", "txonly", "flowgen", "csum", "icmpecho", "5tswap",
         "noisy"]
DEVICES = {"null": ["net_null0", "net_null1"], "ring": ["net_ring0", "net_ring1"]}
# What makes nothing of a packet leaves a ring empty
NOT_ON_RINGS = ["rxonly", "txonly", "flowgen", "icmpecho"]
PROMPT = b"testpmd> "
SECONDS = 30


class Session:
    """One of the programs, at its prompt."""

    def __init__(self, command):
        # what is printed must come before the prompt, which is written past stdio
        command = ["stdbuf", "-oL"] + command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0)
        self.text = b""
        self.answer(None)

    def answer(self, line):
        if line is not None:
            self.process.stdin.write(line.encode() + b"\n")
        begin, limit = len(self.text), time.monotonic() + SECONDS
        while PROMPT not in self.text[begin:]:
            data = self.read(limit)
            if not data:
                self.process.kill()
                sys.exit("no prompt:\n" + self.text.decode(errors="replace")[-2000:])
            self.text += data
        return self.text[begin:].decode(errors="replace")

    def read(self, limit):
        """What there is; nothing at its end, or when time is over."""
        source = self.process.stdout.fileno()
        if not select.select([source], [], [], max(0, limit - time.monotonic()))[0]:
            return b""
        return os.read(source, 65536)

    def end(self):
        self.process.stdin.write(b"quit\n")
        self.process.stdin.close()
        limit = time.monotonic() + SECONDS
        while self.read(limit):
            continue
        if time.monotonic() > limit:
            self.process.kill()
        return self.process.wait(SECONDS)


def number(pattern, text):
    found = re.findall(pattern, text)
    return float(found[-1]) if found else 0.0


def run(command, device, mode, seconds):
    session = Session(command)
    session.answer("start tx_first" if device == "ring" else "start")
    time.sleep(seconds / 4)
    session.answer("clear fwd stats all")
    begin = time.monotonic()
    time.sleep(seconds)
    span = time.monotonic() - begin
    text = session.answer("stop")
    if session.end() != 0:
        sys.exit("status of " + " ".join(command))
    total = text[text.rfind("Accumulated forward statistics"):]
    way = "TX" if mode in ("txonly", "flowgen") else "RX"
    return {"rate": number(way + r"-packets: (\d+)", total) / span,
            "cycles": number(r"CPU cycles/packet=([\d.]+)", text)}


def spread(values):
    if len(values) < 3:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4)
    return 50 * (high - low) / middle if middle > 0 else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--testpp", required=True)
    parser.add_argument("--testpmd", required=True)
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--eal", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a measurement")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--devices", default="null,ring")
    parser.add_argument("--ops", default="page_pool", help="of the pools, separated by commas")
    parser.add_argument("--json", help="a file for all of the figures")
    parser.add_argument("options", nargs="*", help="for both programs, after --")
    args = parser.parse_args()

    cases = [(o, d, m) for o in args.ops.split(",") for d in args.devices.split(",")
             for m in args.modes.split(",") if d != "ring" or m not in NOT_ON_RINGS]
    programs = {"testpp": [args.testpp], "testpmd": [args.testpmd, "-d", args.plugin]}
    results, runs = [], 0
    print(f"{'pool':<12} {'ports':<5} {'mode':<9} {'testpp':>9} {'testpmd':>9} {'ratio':>6}"
          f" {'cycles':>8} {'cycles':>8} {'ratio':>6} {'best':>6} {'spread':>6}", flush=True)
    for ops, device, mode in cases:
        got = {"testpp": [], "testpmd": []}
        for i in range(args.rounds):
            for who in sorted(got, reverse=i % 2 == 1):
                runs += 1
                command = programs[who] + args.eal + [f"--file-prefix={args.prefix}{runs}"]
                command += [f"--vdev={v}" for v in DEVICES[device]]
                command += [f"--mbuf-pool-ops-name={ops}", "--", "-i", "--no-mlockall",
                            f"--forward-mode={mode}"] + args.options
                # testpmd counts no cycles there, and reads no clock
                command += ["--record-core-cycles"] if mode != "noisy" else []
                got[who].append(run(command, device, mode, args.seconds))
        rate = {w: statistics.median(r["rate"] for r in got[w]) for w in got}
        cycles = {w: statistics.median(r["cycles"] for r in got[w]) for w in got}
        best = {w: max(r["rate"] for r in got[w]) for w in got}
        apart = max(spread([r["rate"] for r in got[w]]) for w in got)
        if min(rate.values()) == 0:
            sys.exit(f"{ops} {device} {mode}: nothing was forwarded")
        by_cycles = cycles["testpmd"] / cycles["testpp"] if min(cycles.values()) > 0 else 0
        print(f"{ops:<12} {device:<5} {mode:<9} {rate['testpp'] / 1e6:9.2f}"
              f" {rate['testpmd'] / 1e6:9.2f} {rate['testpp'] / rate['testpmd']:6.2f}"
              f" {cycles['testpp']:8.2f} {cycles['testpmd']:8.2f} {by_cycles:6.2f}"
              f" {best['testpp'] / best['testpmd']:6.2f} {apart:5.1f}%", flush=True)
        results.append({"ops": ops, "device": device, "mode": mode, "runs": got})
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump(results, out, indent=1)


main()
