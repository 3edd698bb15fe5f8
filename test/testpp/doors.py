#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""What automation knocks at: arguments and exit statuses, pipes, end of input, signals.

usage: doors.py TESTPP TESTPMD PREFIX [EAL's options for testpmd...]

Prints a line for each case and exits with 1 if one failed.
"""

import concurrent.futures
import itertools
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

SECONDS = 20
EAL = ["-l", "0", "--no-huge", "-m", "200", "--no-pci", "--no-telemetry",
       "--log-level=lib.eal:error", "--vdev=net_null0", "--vdev=net_null1"]
COMMON = ["--no-mlockall", "--total-num-mbufs=2048"]

# Both programs say the same and end alike
SAME = ["--nosuch", "--burst", "--burst=0", "--burst=513", "--nb-cores=0", "--nb-cores=2",
        "--nb-ports=3", "--nb-ports=0", "--mbuf-size=65536", "--mbuf-size=0", "--mbuf-size=x",
        "--mbuf-size=1,2,3,4,5,6,7,8,9", "--total-num-mbufs=1024", "--mbcache=513",
        "--mbcache=-1", "--max-pkt-len=63", "--port-topology=bogus", "--mp-alloc=bogus",
        "--rxq=0 --txq=0", "--rxq=2000", "--txq=2000", "--rxq=-1", "--rxd=0", "--txd=0",
        "--txpkts=x", "--rxpkts=x", "--rxoffs=x", "--tx-udp=x", "--tx-udp=1,70000",
        "--tx-ip=1.2.3.4", "--tx-ip=x,1.2.3.4", "--tx-ip=1.2.3.4,y", "--print-event=bogus",
        "--mask-event=bogus", "--eth-peer=0", "--eth-peer=64,00:11:22:33:44:55",
        "--eth-peer=0,bogus", "--eth-peers-configfile=/nonexistent", "--portmask=zz",
        "--flowgen-clones=-1", "--coremask=0x0", "--coremask=zz", "--coremask=0x1",
        "--coremask=0x100", "--socket-num=7", "--port-numa-config=(9,0)",
        "--ring-numa-config=(0,9,0)", "--flowgen-flows=0", "--stats-period=x", "--rxpt=-1",
        "--rxht=-1", "--rxwt=-1", "--rxfreet=-1", "--txpt=-1", "--txht=-1", "--txwt=-1",
        "--txfreet=-1", "--txrst=-1", "--noisy-tx-sw-buffer-size=-1",
        "--noisy-tx-sw-buffer-flushtime=-1", "--noisy-lkup-memory=-1",
        "--noisy-lkup-num-writes=-1", "--noisy-lkup-num-reads=-1",
        "--noisy-lkup-num-reads-writes=-1", "--numa=1", "--interactive=1", "--rxd", "-z",
        "-i --tx-first", "stray"]
# Tier 3: there, and refused
REFUSED = ["--hairpinq=1", "--hairpin-mode=0", "--hairpin-map=0:0:0", "--flow-isolate-all",
           "--disable-flow-flush", "--enable-lro", "--max-lro-pkt-size=2000", "--enable-hw-vlan",
           "--enable-hw-vlan-filter", "--enable-hw-vlan-extend", "--enable-hw-qinq-strip",
           "--disable-crc-strip", "--enable-rx-timestamp", "--rx-mq-mode=0", "--rxq-share",
           "--rxq-share=2", "--latencystats=1", "--bitrate-stats=1", "--hot-plug",
           "--no-rmv-interrupt", "--vxlan-gpe-port=4790", "--geneve-parsed-port=6081",
           "--eth-link-speed=1000", "--num-procs=2", "--proc-id=0", "--rss-level-inner",
           "--rss-level-outer"]
# Where testpmd goes on with something else, or is too old to know it, and the cause
STRICT = [("--forward-mode=bogus", "Invalid bogus packet forwarding mode"),
          ("--forward-mode=shared-rxq", "Invalid shared-rxq packet forwarding mode"),
          ("--burst=-1", "burst must be between1 and 512"),
          ("--burst=32abc", "burst must be between1 and 512"),
          ("--rxpkts=70000", "bad rxpkts"), ("--portmask=0x0", "Invalid fwd port mask"),
          ("--portmask=0x8", "Invalid fwd port mask"),
          ("--port-numa-config=bogus", "invalid port-numa configuration"),
          ("--port-numa-config=(0,7)", "invalid port-numa configuration"),
          ("--ring-numa-config=bogus", "invalid ring-numa configuration"),
          ("--ring-numa-config=(0,1,7)", "invalid ring-numa configuration"),
          ("--display-xstats=,", "display-xstats"), ("--display-xstats=a,,b", "display-xstats"),
          ("--stats-period=-1", "Invalid stats-period value"),
          ("--stats-period=0", "Invalid stats-period value"), ("--tx-offloads=zz", "tx-offloads"),
          ("--rx-offloads=0x", "rx-offloads"), ("--portlist=7", "Invalid fwd port list"),
          ("--portlist=1-0", "Invalid fwd port list"), ("--rxhdrs=bogus", "bad rxhdrs"),
          ("--txpkts=4000", "bad txpkts"), ("--txpkts=9", "bad txpkts"), ("--rxq=65536", "rxq"),
          ("--rxpt=256", "rxpt"), ("--txrst=40000", "txrst"), ("--txonly-flows=0", "txonly-flows"),
          ("--txonly-flows=65", "txonly-flows"), ("--noisy-forward-mode=csum", "noisy-forward-mode"),
          ("--noisy-forward-mode=bogus", "noisy-forward-mode"),
          ("--enable-rss --disable-rss",
           "Invalid option combination, disable-rss and enable-rss"),
          ("--disable-rss --enable-rss",
           "Invalid option combination, disable-rss and enable-rss")]


class Doors:
    def __init__(self, testpp, testpmd, prefix, extra):
        self.programs = {"testpp": [testpp], "testpmd": [testpmd] + extra}
        self.prefix = prefix
        self.cores = sorted(os.sched_getaffinity(0))
        self.runs = itertools.count()
        self.failed = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(2)

    def command(self, who, args, lcores=1):
        eal = list(EAL)
        eal[1] = ",".join(f"{i}@{self.cores[i % len(self.cores)]}" for i in range(lcores + 1))
        eal[0] = "--lcores"
        return (self.programs[who] + eal + [f"--file-prefix={self.prefix}{next(self.runs)}", "--"] +
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
        both = ("testpmd", "testpp")
        for status, _, err in self.pool.map(lambda who: self.run(who, line.split()), both):
            cause = [re.sub(r"^\S*testp(md|p)", "testpmd", x) for x in err.splitlines()
                     if x.strip() and not x.startswith(("PAGE_POOL", "MEMPOOL"))]
            results.append((status, cause[:1]))
        self.say(results[0] == results[1] and results[0][0] != 0, f"both: {line}",
                 f"{results[0]} and {results[1]}")

    def refused(self, cases):
        """Cases of a line and the cause that is told; nothing was begun then."""
        results = self.pool.map(lambda case: self.run("testpp", case[0].split()), cases)
        for (line, text), (status, out, err) in zip(cases, results):
            self.say(status == 1 and f"Cause: {text}" in err.replace("Cause: --", "Cause: ") and
                     "Configuring Port" not in out,
                     f"refused: {line}", f"status {status}: {err[-200:]}")

    def refused_commands(self):
        """Each is answered with why not, and nothing comes of it."""
        text = (pathlib.Path(__file__).parent / "refused.txt").read_text(encoding="utf-8")
        lines = [x for x in text.splitlines() if x and not x.startswith("#")]
        status, out, err = self.run("testpp", ["-i"], "\n".join(lines) + "\nshow port summary 0\n")
        answers = out.split("testpmd> ")[1:]
        for line, answer in zip(lines, answers):
            echo, _, rest = answer.replace("\r", "").partition("\n")
            if echo != line or rest.strip() not in ("Command not found", "Bad arguments"):
                self.say(False, f"command refused: {line}", answer)
        self.say(status == 0 and len(answers) == len(lines) + 2 and "Number of available ports: 2" in out, f"{len(lines)} commands refused",
                 f"status {status}, {len(answers)} answers: {out[-300:]}")

    def expected(self, name, args, text, *patterns):
        """Alone: what it prints has all these, in this order."""
        status, out, err = self.run("testpp", args, text)
        both = out + err
        self.say(status == 0 and re.search("(?s)" + ".*".join(patterns), both) is not None, name,
                 f"status {status}: {both[-400:]}")

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

    def unheard(self, name, reader, writer):
        """As in: testpp | head -n 1"""
        with open(reader, "rb") as out, \
                subprocess.Popen(self.command("testpp", ["--stats-period=1"]),
                                 stdin=subprocess.PIPE, stdout=writer,
                                 stderr=subprocess.DEVNULL) as process:
            os.close(writer)
            out.readline()
            out.close()
            try:
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status = "no end"
        self.say(status == 0, f"a {name} that nobody reads", f"status {status}")

    def files(self):
        """Commands and peers are read from files, of each of them."""
        with tempfile.TemporaryDirectory() as name:
            one, two, peers = (os.path.join(name, x) for x in ("one", "two", "peers"))
            for path, text in ((one, "set burst 5\n"), (two, "set burst 6\nshow config rxtx"),
                               (peers, "# two\n00:11:22:33:44:50\n\n00:11:22:33:44:51\n")):
                pathlib.Path(path).write_text(text, encoding="utf-8")
            self.expected("several files of commands", ["-i", f"--cmdline-file-noecho={one}",
                                                        f"--cmdline-file={two}"], "",
                          "from \\S*one\n", "from \\S*two\n", "Port 0: ", "burst set to 5\n",
                          "burst set to 6\n", "packets/burst=6\n", "Read CLI commands from \\S*two")
            self.expected("a file of peers", ["--interactive", "--eth-peers-configfile", peers],
                          "show config fwd\n", "peer=00:11:22:33:44:51", "peer=00:11:22:33:44:50")
            self.refused([("--cmdline-file=x " * 17, "cmdline-file")])

    def all(self):
        for line in SAME:
            self.same(line)
        self.refused([(x, x.strip("-").split("=", maxsplit=1)[0] +
                       ": not supported by this program") for x in REFUSED])
        self.refused(STRICT)
        self.refused_commands()
        for option in ("--help", "-h"):
            status, out, _ = self.run("testpp", [option])
            self.say(status == 0 and "--forward-mode" in out, option)
        self.files()
        self.expected("a prefix of an option", ["--interact", "--port-top", "loop"],
                      "show config fwd\n", "Interactive-mode", "RX P=0/Q=0 .* -> TX P=0/Q=0")
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
        self.unheard("pipe", *os.pipe())
        self.unheard("socket", *(x.detach() for x in socket.socketpair()))
        out = self.signalled(["--stats-period=1"], signal.SIGINT, 2.5, "SIGINT and --stats-period")
        self.say(len(re.findall(r"(?m)^ +#+ NIC statistics for port 0 +#+$", out)) >= 2 and
                 re.search(r"Rx-pps: +[1-9]", out) is not None, "reports each second", out[-300:])
        print(f"{self.failed} failed")
        return self.failed


if __name__ == "__main__":
    sys.exit(1 if Doors(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]).all() else 0)
