# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""A dpdk-testpp, or a dpdk-testpmd to compare it with, that runs and ends as it should."""

import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../dpdk"))
# pylint: disable=wrong-import-position,import-error
from testpmd_session import COMMAND_SECONDS, START_SECONDS, Counts, Testpmd, check

# How programs end, each in its turn; an odd number, so that of two programs each comes to all
ENDS = ("quit", "SIGTERM", "end of input", "SIGINT", "end of input")

# What nobody may say, counters that are 0 aside, and lines where the words mean no harm
BAD = re.compile(r"error|fail|cannot|unable|invalid|leak|lost|corrupt|refused|panic|too many|bad "
                 r"|warning|not supported|mismatch", re.IGNORECASE)
ZERO = re.compile(r"[A-Za-z][\w -]*: *0\b")
HARMLESS = re.compile(r"error handling mode|NUMA should be configured|multiq qdisc"
                      r"|vhost\.sock\) failed to connect: No such file"
                      r"|enabling promiscuous mode for port \d: Operation not supported")
# Said by a driver whose other end has gone
ALONE = re.compile(r"(vhost|virtio)_user_\w+\(\)")


class Lab:
    """What all programs share: where they are, memory, CPUs, the set of options that is tried."""

    def __init__(self, args):
        self.programs = {"testpp": [args.testpp],
                         "testpmd": ["dpdk-testpmd", "-d", args.plugin,
                                     "--mbuf-pool-ops-name=page_pool"]}
        self.prefix = args.prefix
        self.dir = args.dir
        self.huge_dir = args.huge_dir
        self.cpus = sorted(os.sched_getaffinity(0))
        self.options = []
        self.runs = 0
        self.ends = 0

    def memory(self, kind):
        single = ["--single-file-segments"] if kind == "single" else []
        if kind == "nohuge" or not self.huge_dir:
            return ["--no-huge", "-m", "256"] + single
        return ["--huge-dir", self.huge_dir] + single

    def lcores(self, place, number):
        """Programs that run at a time forward on different CPUs."""
        cpus = [self.cpus[(i + place) % len(self.cpus)] for i in range(number + 1)]
        return ",".join(f"{i}@{cpu}" for i, cpu in enumerate(cpus))

    def next_end(self):
        self.ends += 1
        return ENDS[(self.ends - 1) % len(ENDS)]


class Program(Testpmd):
    """Interactive, on pipes, its ports started. The caller kills it, whatever happens."""

    def __init__(self, lab, vdevs, options=(), setup=(), memory="any", who="testpp", place=0,
                 cores=1):
        lab.runs += 1
        self.who = who
        self.nr_ports = len(vdevs)
        self.log_path = os.path.join(lab.dir, f"{who}-{lab.runs}.log")
        super().__init__(
            lab.programs[who] +
            ["--lcores", lab.lcores(place, cores), "--no-pci", "--no-telemetry",
             f"--file-prefix={lab.prefix}-{place}"] + lab.memory(memory) +
            [f"--vdev={vdev}" for vdev in vdevs] +
            ["--", "-i", "--no-mlockall", "--no-lsc-interrupt", "--disable-link-check",
             "--disable-device-start", "--no-flush-rx", f"--nb-cores={cores}"] + list(options) +
            (lab.options if who == "testpp" else []), None, self.log_path)
        self.do("", START_SECONDS)
        for command in setup:
            check(self.do(command).count("\n") <= 2, f"{who} does not like {command}")
        text = self.do("port start all")
        self.macs = {int(port): bytes.fromhex(mac.replace(":", "")) for port, mac in
                     re.findall(r"^Port (\d+): ([0-9A-F:]{17})\r?$", text, re.MULTILINE)}
        check(len(self.macs) == self.nr_ports, f"ports {sorted(self.macs)} of {vdevs} started")

    def wait_link(self, port, state="up"):
        deadline = time.monotonic() + 10
        while f"Link status: {state}" not in self.do(f"show port info {port}"):
            check(time.monotonic() < deadline, f"{self.who}: link of port {port} is not {state}")
            time.sleep(0.02)

    def counts(self, command):
        """Counts of each port out of the report of stop, or of show fwd stats all"""
        parts = re.split(r"Forward statistics for port (\d+)",
                         self.do(command).split("+++++++++")[0])
        check(len(parts) > 2, f"{self.who}: no statistics: {parts}")
        return {int(port): Counts(text) for port, text in zip(parts[1::2], parts[2::2])}

    def wait_sent(self, port, packets):
        deadline = time.monotonic() + 10
        while (sent := self.counts("show fwd stats all")[port].tx) < packets:
            check(time.monotonic() < deadline, f"{self.who}: port {port} sent only {sent}")
            time.sleep(0.01)

    def pools_whole(self):
        """No mbuf is in flight; to be called when no port is open."""
        if self.who != "testpp":
            return
        text = self.do("show page_pool all")
        pools = re.findall(r"frags: (\d+), free: (\d+), in flight: (\d+), in mempool caches: "
                           r"(\d+), lost: (\d+)", text)
        check(pools, f"no page_pool is shown: {text}")
        for pool in pools:
            frags, free, in_flight, cached, lost = (int(n) for n in pool)
            check(in_flight == lost == 0 and free + cached == frags,
                  f"a pool is not whole: {text}")

    def end(self, how, forwards=False, alone=False):
        """Forwarding has stopped. Ports are closed and the pools looked at before, or it forwards
        again when it is ended. Alone: the program at the other end is gone."""
        if not forwards:
            self.do("port stop all")
            self.do("port close all")
            self.pools_whole()
        else:
            self.do("start")
        if how == "quit":
            self.process.stdin.write(b"quit\n")
            self.process.stdin.flush()
        elif how == "end of input":
            self.process.stdin.close()
        else:
            self.process.send_signal(getattr(signal, how))
        deadline = time.monotonic() + COMMAND_SECONDS
        while self.read(deadline):
            pass
        status = self.process.wait()
        check(status == 0, f"{self.who} ended by {how} with {status}")
        check(b"Bye..." in self.output, f"{self.who} ended by {how} without a word")
        self.log_clean(alone)

    def log_clean(self, alone):
        self.log.flush()
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            for line in log:
                check(HARMLESS.search(line) or not BAD.search(ZERO.sub("", line)) or
                      (alone and ALONE.search(line)),
                      f"{self.who} says: {line.rstrip()}")
