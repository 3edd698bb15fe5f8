#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""What automation knocks at: arguments and exit statuses, pipes, end of input, signals.

usage: doors.py TESTPP TESTPMD PREFIX [EAL's options for testpmd...]

Prints a line for each case and exits with 1 if one failed.
"""

import os
import re
import signal
import subprocess
import sys
import time

SECONDS = 20
EAL = ["-l", "0", "--no-huge", "-m", "200", "--no-pci", "--no-telemetry",
       "--log-level=lib.eal:error", "--vdev=net_null0", "--vdev=net_null1"]
COMMON = ["--no-mlockall", "--total-num-mbufs=2048"]

# Both programs say the same and end alike
SAME = ["--nosuch", "--burst", "--burst=0", "--burst=513", "--nb-cores=0", "--nb-cores=2",
        "--nb-ports=3", "--mbuf-size=65536", "--total-num-mbufs=1024", "--mbcache=513",
        "--max-pkt-len=63", "--port-topology=bogus", "--mp-alloc=bogus", "--rxq=0 --txq=0",
        "--rxq=2000", "--tx-udp=x", "--print-event=bogus", "-i --tx-first", "stray"]
# Tier 3: there, and refused
REFUSED = ["--hairpinq=1", "--flow-isolate-all", "--enable-lro", "--rx-mq-mode=0", "--hot-plug",
           "--latencystats=1", "--num-procs=2", "--enable-rx-timestamp", "--eth-link-speed=1000"]
# Where testpmd goes on with something else
STRICT = ["--forward-mode=bogus", "--burst=-1", "--stats-period=0", "--tx-offloads=zz",
          "--portlist=7", "--rxhdrs=bogus", "--burst=32abc"]


class Doors:
    def __init__(self, testpp, testpmd, prefix, extra):
        self.programs = {"testpp": [testpp], "testpmd": [testpmd] + extra}
        self.prefix = prefix
        self.cores = sorted(os.sched_getaffinity(0))
        self.runs = 0
        self.failed = 0

    def command(self, who, args, lcores=1):
        self.runs += 1
        eal = list(EAL)
        eal[1] = ",".join(f"{i}@{self.cores[i % len(self.cores)]}" for i in range(lcores + 1))
        eal[0] = "--lcores"
        return (self.programs[who] + eal + [f"--file-prefix={self.prefix}{self.runs}", "--"] +
                COMMON + args)

    def run(self, who, args, text=""):
        """Status, both streams."""
        done = subprocess.run(self.command(who, args), input=text.encode(), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
        return done.returncode, done.stdout.decode("utf-8", "replace"), \
            done.stderr.decode("utf-8", "replace")

    def say(self, good, name, why=""):
        print(f"ok       {name}" if good else f"failed   {name}: {why}", flush=True)
        self.failed += not good

    def same(self, line):
        results = []
        for who in ("testpmd", "testpp"):
            status, _, err = self.run(who, line.split())
            cause = [re.sub(r"^\S*testp(md|p)", "testpmd", x) for x in err.splitlines()
                     if x.strip() and not x.startswith(("PAGE_POOL", "MEMPOOL"))]
            results.append((status, cause[:1]))
        self.say(results[0] == results[1] and results[0][0] != 0, f"both: {line}",
                 f"{results[0]} and {results[1]}")

    def refused(self, line, text):
        status, _, err = self.run("testpp", line.split())
        self.say(status == 1 and text in err, f"refused: {line}", f"status {status}: {err[-200:]}")

    def signalled(self, args, number, delay, name):
        with subprocess.Popen(self.command("testpp", args), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            time.sleep(delay)
            process.send_signal(number)
            try:
                # its input stays open: the signal ends it, not the end of input
                out = process.stdout.read().decode("utf-8", "replace")
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                self.say(False, name, "it did not end")
                return ""
        # one that had not begun yet has nothing to say good-bye to
        good = status == 0 and ("Bye..." in out or delay < 0.3)
        self.say(good, name, f"status {status}: {out[-300:]}")
        return out

    def unheard(self):
        """As in: testpp | head -n 1"""
        with subprocess.Popen(self.command("testpp", ["--stats-period=1"]), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            process.stdout.readline()
            process.stdout.close()
            try:
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status = "no end"
        self.say(status == 0, "output that nobody reads", f"status {status}")

    def all(self):
        for line in SAME:
            self.same(line)
        for line in REFUSED:
            self.refused(line, line.split("=", maxsplit=1)[0] + ": not supported by this program")
        for line in STRICT:
            self.refused(line, "")
        status, out, _ = self.run("testpp", ["--help"])
        self.say(status == 0 and "--forward-mode" in out, "--help")
        # as DPDK's devtools/test-null.sh
        status, out, _ = self.run("testpp", ["-ia"], "\n" * 3 + "stop\n")
        self.say(status == 0 and "io packet forwarding - ports=2 -" in out and "Bye..." in out,
                 "a pipe that ends", f"status {status}: {out[-300:]}")
        status, out, _ = self.run("testpp", ["-i"], "no such command\nset burst\n#note\nquit\n")
        self.say(status == 0 and "Command not found" in out and "Bad arguments" in out,
                 "bad commands", f"status {status}: {out[-300:]}")
        status, out, _ = self.run("testpp", [])
        self.say(status == 0 and "Press enter to exit" in out and "Bye..." in out,
                 "no input, no terminal", f"status {status}: {out[-300:]}")
        for delay in (0.02, 0.2, 1.2):
            self.signalled(["-i"], signal.SIGTERM, delay, f"SIGTERM after {delay} s")
        self.signalled(["-ia"], signal.SIGINT, 1.2, "SIGINT while it forwards")
        self.unheard()
        out = self.signalled(["--stats-period=1"], signal.SIGINT, 2.5, "SIGINT and --stats-period")
        self.say(len(re.findall(r"(?m)^ +#+ NIC statistics for port 0 +#+$", out)) >= 2 and
                 re.search(r"Rx-pps: +[1-9]", out) is not None, "reports each second", out[-300:])
        print(f"{self.failed} failed")
        return self.failed


if __name__ == "__main__":
    sys.exit(1 if Doors(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]).all() else 0)
