#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Random commands to dpdk-testpp under traffic: without a leak, a crash or a wrong byte.

usage: soak.py [--seconds N] [--seed S] [--build DIR] [--opt=OPTION]... [--env NAME=VALUE]...
               [--slow F] [--keep FILE] [--replay FILE]
  --seconds N    for so long; default 20
  --seed S       what is done by chance follows from it; default: by chance, printed
  --build DIR    build directory; default build/ in the source tree
  --opt=OPTION   one more option behind "--"
  --env N=V      one more variable of its environment
  --slow F       answers may take F times as long
  --keep FILE    all that the program says
  --replay FILE  the commands of a run that failed, again; its name was printed then

Ports: null, ring, pcap, tap, af_packet and a memif pair, in a network namespace of its own. The
kernel sends packets into taps and veths and looks at each byte of what comes back: nothing may be
other than it was sent, and nothing may come twice. After each command the prompt must come in time.
Now and then all ports are closed, and all mbufs must be back, as at the end.
"""

import os
import random
import re
import sys
import tempfile
import time

import drive
from drive import Failed

MODES = ["io", "mac", "macswap", "rxonly", "txonly", "flowgen", "csum", "icmpecho", "5tswap", "noisy"]
RX_OFFLOADS = ["vlan_strip", "ipv4_cksum", "udp_cksum", "scatter", "buffer_split", "timestamp"]
TX_OFFLOADS = ["vlan_insert", "ipv4_cksum", "udp_cksum", "multi_segs", "mbuf_fast_free", "tcp_tso"]
KINDS = ["native", "native", "anon", "xmem", "xbuf"]
CORES = 2


class Device:
    def __init__(self, kind, name, args):
        self.kind, self.name, self.args = kind, name, args


class Soak:
    def __init__(self, options, rundir):
        self.options, self.rundir = options, rundir
        self.rng = random.Random(f"soak {options.seed}")
        self.numbers = {}
        self.ports = {}   # number: Device
        self.forwards = False
        self.forwarded = set()
        self.undo = []    # before ports are configured again
        self.queues = 1
        self.counts = {"starts": 0, "start refused": 0, "emptied": 0, "restored": 0}
        self.log = None
        self.p = None

    # ---- devices

    def device(self, kind):
        """A new name each time: EAL does not give up those of closed ports."""
        n = self.numbers.get(kind, 0)
        self.numbers[kind] = n + 1
        d = self.rundir
        args = {
            "null": f"copy=1,size={self.rng.choice((64, 64, 200, 1500))}",
            "ring": "",
            "pcap": f"rx_pcap={d}/in.pcap",
            "loop": f"rx_pcap={d}/loop.pcap,infinite_rx=1",
            "tap0": "iface=soak0", "tap1": "iface=soak1",
            "veth": f"iface=va0,qpairs={self.queues}",
            "memif0": f"role=server,id=0,socket-abstract=no,socket={d}/memif",
            "memif1": f"role=client,id=0,socket-abstract=no,socket={d}/memif",
        }[kind]
        driver = {"loop": "pcap", "tap0": "tap", "tap1": "tap", "veth": "af_packet",
                  "memif0": "memif", "memif1": "memif"}.get(kind, kind)
        # numbers of a driver's devices must not meet
        digits = {"loop": 1000, "tap1": 1000, "memif1": 1000}.get(kind, 0) + n
        return Device(kind, f"net_{driver}{digits}", args)

    def wanted(self):
        """A file is read by one queue."""
        return ["null", "null", "ring", "ring", "tap0", "tap1", "veth", "memif0", "memif1"] + \
            ["pcap"] * (self.queues == 1)

    def missing(self):
        have = [d.kind for d in self.ports.values()]
        return [k for k in dict.fromkeys(self.wanted())
                for _ in range(self.wanted().count(k) - have.count(k))]

    # ---- doing

    def note(self, line):
        self.log.write(line + "\n")
        self.log.flush()

    def do(self, command, limit=None):
        self.note(command)
        if command.startswith("port attach net_af_packet"):
            # until it binds its socket that gets what is sent on any interface, too
            with self.kernel.lock:
                self.note("# numbers " + " ".join(str(w.seq) for w in self.kernel.wires))
                out = self.p(command, limit)
        else:
            out = self.p(command, limit)
        if self.kernel.wrong:
            raise Failed(self.kernel.wrong)
        return out

    def ip(self, args):
        self.note("!ip " + args)
        drive.ip(*args.split(), check=False)

    def wait(self, seconds):
        self.note(f"!wait {seconds}")
        time.sleep(seconds)

    def attach(self, kind):
        d = self.device(kind)
        command = f"port attach {d.name}" + ("," + d.args if d.args else "")
        if kind == "veth":
            self.stop()
        out = self.do(command)
        if not self.attached(out, d):
            # what closed ones keep would be missing at last
            raise Failed(f"{d.name} cannot be attached: {out}")

    def attached(self, out, device):
        for line in out.splitlines():
            w = line.split()
            if line.startswith("Port ") and "is attached" in line:
                self.ports[int(w[1])] = device
                return True
        return False

    def detach(self, port):
        if "is detached" in self.do(f"port detach {port}"):
            self.ports.pop(port, None)

    def closed(self, out):
        for line in out.splitlines():
            w = line.split()
            if len(w) == 4 and w[0] == "Port" and line.endswith("is closed"):
                self.ports.pop(int(w[1]), None)

    def start(self, command="start"):
        out = self.do(command)
        if "packet forwarding" in out and "packets/burst" in out:
            self.forwards = True
            self.forwarded = {int(p) for p in re.findall(r"P=(\d+)/Q=", out)}
            self.counts["starts"] += 1
        elif "already started" not in out:
            self.counts["start refused"] += 1
            self.why = out[-400:]

    def stop(self):
        self.do("stop")
        self.forwards = False

    def part(self, port):
        """Before a port stops. net_memif takes its rings away from the other end while that is
        polled: who forwards with one end only stops first.
        """
        ends = {p for p, d in self.ports.items() if d.kind in ("memif0", "memif1")}
        hit = ends if not str(port).isdecimal() or int(port) not in self.ports else {int(port)}
        if self.forwards and len(ends & self.forwarded) == 1 and hit & ends:
            self.stop()

    def server_first(self, port):
        """Before a port starts. A memif server takes clients while it is stopped, and forgets what
        it agreed on when its queues are set up: both ends write to one ring then.
        """
        for p, d in self.ports.items():
            if d.kind == "memif0" and port != p:
                self.do(f"port start {p}")

    # ---- now and then: order

    def restore(self):
        """What chance has broken so much that nothing would be forwarded any more."""
        r = self.rng
        self.stop()
        self.do("set verbose 0")
        self.do("port stop all")
        for command in self.undo:
            self.do(command)
        self.undo = []
        for i in ("soak0", "soak1", "va0", "vb0"):
            self.ip(f"link set {i} up")
        self.queues_change(r.choice((self.queues, self.queues, 1, 2)))
        for line in (f"rxq {self.queues}", f"txq {self.queues}", f"rxd {r.choice((0, 64, 256))}",
                     f"txd {r.choice((0, 256, 512))}", f"burst {r.choice((1, 4, 32, 64, 512))}",
                     "max-pkt-len 1518", "rxfreet 0", "txfreet 0", "txrst 0"):
            self.do("port config all " + line)
        for kind in self.missing():
            self.attach(kind)
        for _ in range(4):
            self.server_first("all")
            out = self.do("port start all")
            words = [line.split() for line in out.splitlines() if line.startswith("Fail to ")]
            bad = [int(w[w.index("port") + 1].rstrip(":")) for w in words if "port" in w]
            if not bad:
                break
            # as it is it will not start; the next one of its kind may
            for p in bad:
                self.detach(p)
        self.do("set burst tx delay 1 retry 4")
        self.do("set txpkts " + r.choice(("64", "64,64", "60,500,40", "1400")))
        self.portlist()
        self.mode()
        self.start(r.choice(("start", "start tx_first", f"start tx_first {r.randint(1, 20)}")))
        self.counts["restored"] += 1

    def queues_change(self, n):
        if n == self.queues:
            return
        self.queues = n
        for p, d in list(self.ports.items()):
            if d.kind in ("pcap", "loop", "veth"):
                self.detach(p)

    def portlist(self):
        """In an order in which packets come from the kernel and go there."""
        kinds = {d.kind: p for p, d in self.ports.items()}
        pairs = [("tap0", "veth"), ("tap0", "tap1"), ("memif0", "tap1"), ("memif1", "veth"),
                 ("ring", "tap0"), ("pcap", "tap1"), ("pcap", "null")]
        self.rng.shuffle(pairs)
        order = []
        for a, b in pairs:
            if a in kinds and b in kinds and kinds[a] not in order and kinds[b] not in order:
                order += [kinds[a], kinds[b]]
        rest = [p for p in self.ports if p not in order]
        self.rng.shuffle(rest)
        order += rest[:self.rng.randint(0, len(rest))]
        if order:
            self.do("set portlist " + ",".join(map(str, order)))

    def mode(self):
        self.do("set fwd " + self.rng.choice(MODES + ["io", "mac", "macswap", "noisy"]) +
                self.rng.choice(("", "", " retry")))

    def empty(self):
        """All ports are closed: nothing is in flight then."""
        self.stop()
        self.do("port stop all")
        # half of them by detach, which closes, too
        for p in list(self.ports):
            if self.rng.random() < 0.5:
                self.detach(p)
        self.closed(self.do("port close all"))
        out = self.do("show page_pool all")
        if "in flight: 0," not in out:
            raise Failed("all ports are closed, and mbufs are in flight: " + out)
        self.check()
        self.counts["emptied"] += 1
        self.restore()

    def check(self):
        if ": ok, " not in self.do("page_pool check"):
            raise Failed("page_pool check is not content")

    # ---- by chance: words

    def port(self):
        r = self.rng
        if self.ports and r.random() < 0.9:
            return r.choice(list(self.ports))
        return r.choice((13, 31, 32, 65535, 65536, -1, "x", ""))

    def port_all(self):
        return "all" if self.rng.random() < 0.25 else self.port()

    def queue(self):
        return self.rng.choice((0, 0, 0, 1, 1, 2, 1023, 65535, "q"))

    def number(self, *likely):
        return self.rng.choice(likely + likely + (0, 1, 65535, 65536, -1, 4294967296, "1x"))

    def mac(self, multicast=False):
        r = self.rng
        first = r.choice((0x01, 0x33)) if multicast else 0x02
        if r.random() < 0.1:
            return r.choice(("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "02:00", "zz", ""))
        return f"{first:02x}:00:5e:00:00:{r.randint(0, 9):02x}"

    def on(self):
        return self.rng.choice(("on", "off", "on", "off", "maybe"))

    # ---- by chance: commands

    def ask(self):
        r = self.rng
        what = r.choice((
            lambda: f"show port {r.choice(('info', 'stats', 'summary', 'xstats'))} {self.port_all()}",
            lambda: f"show config {r.choice(('rxtx', 'cores', 'fwd', 'rxoffs', 'rxpkts', 'rxhdrs', 'txpkts', 'txtimes', 'x'))}",
            lambda: f"show {r.choice(('rxq', 'txq'))} info {self.port()} {self.queue()}",
            lambda: f"show device info {r.choice(('all', 'net_null0', 'net_tap0', 'x'))}",
            lambda: f"show port {self.port()} {r.choice(('rx_offload', 'tx_offload'))} "
                    f"{r.choice(('capabilities', 'configuration'))}",
            lambda: f"show port {self.port()} rss-hash{r.choice(('', ' key'))}",
            lambda: f"show port {self.port()} rss reta {self.number(128)} (0x{r.randint(0, 255):x})",
            lambda: f"show port {self.port()} {r.choice(('flow_ctrl', 'macs', 'mcast_macs'))}",
            lambda: r.choice(("dump_mempool", "dump mempool")) + r.choice(("", " mb_pool_0", " x")),
            lambda: f"show page_pool {r.choice(('all', 'mb_pool_0', 'x'))}",
            lambda: "clear page_pool",
            lambda: "show fwd stats all",
            lambda: "clear fwd stats all",
            lambda: f"clear port {r.choice(('stats', 'xstats'))} {self.port_all()}",
            lambda: f"csum show {self.port()}",
            lambda: "help " + r.choice(("", "all", "control", "ports", "x")),
        ))()
        self.do(what)

    def change(self):
        """What may be changed at any time."""
        r = self.rng
        what = r.choice((
            lambda: f"set {r.choice(('promisc', 'allmulti'))} {self.port_all()} {self.on()}",
            lambda: f"set burst {self.number(1, 4, 32, 64, 512, 513)}",
            lambda: f"set burst tx delay {r.randint(0, 5)} retry {r.randint(0, 20)}",
            lambda: "set txpkts " + r.choice(("64", "60", "42", "10,32", "20,22,22", "64,64,64", "1514",
                                              "1000,1000", "5000", "0", "a", "64,", "2048", "30,30")),
            lambda: f"set txsplit {r.choice(('off', 'on', 'rand', 'x'))}",
            lambda: f"set eth-peer {self.port()} {self.mac()}",
            lambda: f"set {r.choice(('flush_rx', 'record-core-cycles', 'record-burst-stats', 'xstats-hide-zero'))} {self.on()}",
            lambda: f"set flow_ctrl rx {self.on()} {self.port()}",
            lambda: f"set flow_ctrl rx {self.on()} tx {self.on()} 1 2 3 4 mac_ctrl_frame_fwd on "
                    f"autoneg off {self.port()}",
            lambda: f"mac_addr {r.choice(('add', 'remove', 'set'))} {self.port()} {self.mac()}",
            lambda: f"mcast_addr {r.choice(('add', 'remove'))} {self.port()} {self.mac(r.random() < 0.9)}",
            lambda: f"vlan set {r.choice(('strip', 'filter', 'extend', 'qinq_strip'))} {self.on()} {self.port()}",
            lambda: f"vlan set stripq {self.on()} {self.port()},{self.queue()}",
            lambda: f"rx_vlan {r.choice(('add', 'rm'))} {r.choice(('all', 1, 5, 4095, 4096))} {self.port()}",
            lambda: f"tx_vlan set {self.port()} {r.choice((1, 5, 4096))}{r.choice(('', ' 7'))}",
            lambda: f"tx_vlan reset {self.port()}",
            lambda: f"csum set {r.choice(('ip', 'udp', 'tcp', 'sctp', 'outer-ip'))} {r.choice(('hw', 'sw'))} {self.port()}",
            lambda: f"csum parse-tunnel {self.on()} {self.port()}",
            lambda: f"csum mac-swap {self.on()} {self.port()}",
            lambda: f"port config mtu {self.port()} {self.number(1500, 1500, 1400, 68, 9000)}",
            lambda: f"port config all rss {r.choice(('all', 'ip', 'udp', 'none', 'default', 'x'))}",
            lambda: f"port config {self.port()} rss reta ({r.randint(0, 200)},{r.randint(0, 2)})",
            lambda: f"port config {self.port()} rss-hash-key ipv4 {'5a' * r.choice((10, 40))}",
            lambda: f"set rxpkts {r.choice(('0', '64,64', 'x'))}",
            lambda: f"set rxoffs {r.choice(('0', '16,16', 'x'))}",
            lambda: f"set rxhdrs {r.choice(('eth', 'eth,ipv4', 'x'))}",
            lambda: f"set log {r.choice(('lib.eal', 'testpmd', 'pmd.net.*'))} {r.randint(1, 7)}",
        ))()
        self.do(what)
        w = what.split()
        if w[:2] == ["vlan", "set"] and w[3] == "on":
            self.undo.append(" ".join(w[:3] + ["off"] + w[4:]))
        elif w[:2] == ["csum", "set"] and w[3] == "hw":
            self.undo.append(" ".join(w[:3] + ["sw"] + w[4:]))
        elif w[:2] == ["tx_vlan", "set"]:
            self.undo.append(f"tx_vlan reset {w[2]}")

    def configure(self):
        """What needs stopped ports; they are, at times."""
        r = self.rng
        what = r.choice((
            lambda: f"port config all {r.choice(('rxq', 'txq'))} {self.number(1, 2, 4)}",
            lambda: f"port config all {r.choice(('rxd', 'txd'))} {self.number(64, 128, 512, 1024)}",
            lambda: f"port config all burst {self.number(1, 32, 64)}",
            lambda: f"port config all max-pkt-len {self.number(1518, 2000, 9000)}",
            lambda: f"port config all {r.choice(('txpt', 'rxht', 'txrst', 'rxfreet'))} {self.number(8, 16)}",
            lambda: f"port config all drop-en {self.on()}",
            lambda: f"port config {self.port()} rx_offload {r.choice(RX_OFFLOADS)} {self.on()}",
            lambda: f"port config {self.port()} tx_offload {r.choice(TX_OFFLOADS)} {self.on()}",
            lambda: f"port {self.port()} rxq {self.queue()} rx_offload {r.choice(RX_OFFLOADS)} {self.on()}",
            lambda: f"port {self.port()} txq {self.queue()} tx_offload {r.choice(TX_OFFLOADS)} {self.on()}",
            lambda: f"port {self.port()} {r.choice(('rxq', 'txq'))} {self.queue()} "
                    f"{r.choice(('start', 'stop', 'setup', 'setup', 'deferred_start on', 'deferred_start off'))}",
            lambda: f"port config {self.port()} {r.choice(('rxq', 'txq'))} {self.queue()} ring_size "
                    f"{self.number(64, 256)}",
        ))()
        self.do(what)
        w = what.split()
        if w[-1] == "on" and "_" in what:
            self.undo.append(" ".join(w[:-1] + ["off"]))

    def live(self):
        """Ports and forwarding begin and end."""
        r = self.rng
        c = r.random()
        if c < 0.15:
            self.stop()
        elif c < 0.35:
            self.start(r.choice(("start", "start", f"start tx_first {r.randint(0, 30)}")))
        elif c < 0.45:
            self.mode()
        elif c < 0.55:
            p = self.port_all()
            self.part(p)
            what = r.choice(('start', 'stop', 'stop', 'reset'))
            if what == "start":
                self.server_first(p)
            self.do(f"port {what} {p}")
        elif c < 0.62:
            p = self.port()
            self.part(p)
            self.closed(self.do(f"port close {p}"))
        elif c < 0.70:
            p = self.port()
            self.part(p)
            self.do(f"port stop {p}")
            self.detach(p)
        elif c < 0.80:
            kinds = self.missing() or ["null", "ring", "loop"]
            if len(self.ports) < 20:
                self.attach(r.choice(kinds))
        elif c < 0.85:
            self.attached(self.do("port attach " + r.choice((
                "", "net_nosuch0", "net_null0,x=1", "0000:ff:1f.7", "net_tap",
                "net_pcap77,rx_pcap=/nonexistent", "net_af_packet88,iface=nosuch"))),
                Device("other", "net_tap", ""))
        elif c < 0.90:
            self.do("set " + r.choice((f"nbport {self.number(1, 2, 4)}", f"nbcore {self.number(1, 2)}",
                                       f"corelist {r.choice(('1', '1,2', '2,1', '0', '1,1'))}",
                                       f"coremask {r.choice(('0x2', '0x6', '0x1', '0'))}",
                                       f"portmask 0x{r.randint(0, 1023):x}",
                                       f"portlist {self.port()},{self.port()}")))
        elif c < 0.95:
            self.portlist()
        else:
            # a burst of any size is printed while others go on
            self.do("set verbose " + str(r.randint(1, 3)))
            self.wait(0.005)
            self.do("set verbose 0")

    def kernel_changes(self):
        r = self.rng
        c = r.random()
        if c < 0.8:
            self.ip(f"link set {r.choice(('soak0', 'soak1', 'va0', 'vb0'))} {r.choice(('up', 'down'))}")
        elif c < 0.9:
            self.ip(f"link del {r.choice(('soak0', 'soak1'))}")
        else:
            self.ip("link del vb0")
            self.ip("link add va0 type veth peer name vb0")
            self.ip("link set va0 up")
            self.ip("link set vb0 up")
        if c >= 0.8:
            # those whose interface has gone are of no use any more
            self.wait(0.05)
            kinds = ("tap0", "tap1") if c < 0.9 else ("veth",)
            self.stop()
            for p, d in list(self.ports.items()):
                if d.kind in kinds:
                    self.do(f"port stop {p}")
                    self.detach(p)
            self.restore()

    def junk(self):
        r = self.rng
        letters = "abcdefghijklmnopqrstuvwxyz0123456789 ,.:-_/#()\"'"
        self.do(r.choice((
            lambda: "".join(r.choice(letters) for _ in range(r.choice((1, 10, 100, 700))))
            if r.random() < 0.7 else "",
            lambda: " ".join(r.choice(("show", "port", "set", "config", "all", "start", "0", "rxq",
                                       "fwd", "stats", "csum")) for _ in range(r.randint(1, 6))),
            lambda: "start x", lambda: "   ", lambda: "# a comment",
            lambda: "flow create 0 ingress", lambda: "load /nonexistent",
        ))())

    def file(self):
        path = os.path.join(self.rundir, "commands")
        lines = self.rng.sample(["show port summary all", "set burst 16", "nonsense", "# note", "",
                                 "show config fwd", "show fwd stats all", "load /nonexistent",
                                 "show port stats all", "quit"], 4)
        with open(path, "w", encoding="ascii") as f:
            f.write("\n".join(lines) + "\n")
        self.do(f"load {path}")

    def step(self):
        weights = ((24, self.ask), (22, self.change), (10, self.configure), (20, self.live),
                   (5, self.junk), (2, self.file), (3, self.check), (2, self.kernel_changes),
                   (6, self.restore), (1, self.empty))
        _, function = self.rng.choices(weights, [w for w, _ in weights])[0]
        function()
        # traffic between them, not only while they are read
        if self.rng.random() < 0.3:
            self.wait(round(self.rng.random() * 0.05, 3))

    # ---- all of it

    def own(self):
        """Mbufs are the library's, which says where they are."""
        return any(o.startswith(("--pp-frag", "--pp-split", "--pp-provider"))
                   for o in self.options.opt)

    def options_of_run(self):
        """EAL's and the program's."""
        r = self.rng
        devices = [self.device(k) for k in self.wanted()]
        cpus = sorted(os.sched_getaffinity(0))
        lcores = ",".join(f"{i}@{cpus[i % len(cpus)]}" for i in range(CORES + 1))
        eal = ["--lcores", lcores, "--no-huge", "-m", "300", "--no-pci", "--no-telemetry",
               "--file-prefix", f"soak{os.getpid()}"]
        eal += [f"--vdev={d.name}" + ("," + d.args if d.args else "") for d in devices]
        args = ["-i", "--no-mlockall", "--pp-check",
                f"--total-num-mbufs={r.choice((3000, 4096, 8192))}",
                f"--mbcache={r.choice((0, 32, 250, 512))}",
                f"--mp-alloc={'native' if self.own() else r.choice(KINDS)}",
                f"--noisy-tx-sw-buffer-size={r.choice((0, 32, 500))}",
                f"--noisy-tx-sw-buffer-flushtime={r.choice((0, 5))}",
                f"--flowgen-clones={r.choice((0, 0, 3))}",
                f"--port-topology={r.choice(('paired', 'paired', 'chained', 'loop'))}",
                f"--nb-cores={r.randint(1, CORES)}"]
        if r.random() < 0.3:
            args.append("--no-flush-rx")
        if r.random() < 0.3:
            args.append("--no-lsc-interrupt")
            args.append("--disable-link-check")
        env = {"PAGE_POOL_OPTIONS": r.choice(("mode=strict", "mode=default", "mode=strict,cache=32"))}
        return eal, args + self.options.opt, env, devices

    def prepare(self):
        drive.quiet_interfaces()
        drive.ip("link", "add", "va0", "type", "veth", "peer", "name", "vb0")
        for i in ("va0", "vb0"):
            drive.ip("link", "set", i, "up")
        # of source 0: as often as the file is read
        drive.pcap_write(f"{self.rundir}/in.pcap",
                         [drive.frame(0, i, 60 + i * 7 % 1450) for i in range(3000)])
        drive.pcap_write(f"{self.rundir}/loop.pcap",
                         [drive.frame(0, i, 60 + i * 7 % 1450) for i in range(30)])

    def begin(self):
        self.prepare()
        eal, args, env, devices = self.options_of_run()
        env.update(v.split("=", 1) for v in self.options.env)
        self.note("#! " + repr((eal, args, env, [(d.kind, d.name, d.args) for d in devices])))
        self.launch(eal, args, env)
        self.ports = dict(enumerate(devices))

    def launch(self, eal, args, env):
        print("options:", " ".join(args), env, flush=True)
        echo = open(self.options.keep, "wb") if self.options.keep else None
        self.p = drive.Testpp(self.options.build, self.rundir, eal, args,
                              30 * self.options.slow, env, echo)
        self.kernel = drive.Kernel([drive.Wire("soak0", 1), drive.Wire("soak1", 2),
                                    drive.Wire("vb0", 3)], self.options.seed)
        self.p.prompt()
        self.kernel.start()

    def run(self):
        self.begin()
        memory = None
        end = time.monotonic() + self.options.seconds
        self.restore()
        while time.monotonic() < end:
            self.step()
            if memory is None and time.monotonic() > end - self.options.seconds * 0.8:
                memory = self.p.memory_kb()
        self.empty()
        grown = self.p.memory_kb() - (memory or self.p.memory_kb())
        self.finish()
        print(f"{self.counts}; memory has grown by {grown} kB")
        # sanitizers keep what is freed, and find leaks themselves
        if grown > 50000 and self.options.slow == 1:
            raise Failed("memory grows")
        if self.counts["starts"] < 3:
            raise Failed(f"nothing was forwarded: {self.why}")

    def finish(self):
        self.note("quit")
        status = self.p.end(limit=60 * self.options.slow)
        self.kernel.end()
        if self.kernel.wrong:
            raise Failed(self.kernel.wrong)
        if status != 0:
            raise Failed(f"exit status {status}")
        counts = self.kernel.counts()
        print(f"{self.p.commands} commands; packets: " +
              ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
        if counts["ours"] == 0 and not self.options.replay:
            raise Failed("none of the packets that the kernel sent came back")

    def replay(self):
        with open(self.options.replay, encoding="utf-8") as f:
            lines = f.read().splitlines()
        eal, args, env, _ = eval(lines[0][3:])
        self.prepare()
        # names in it are below the run's directory then
        was = next(a for a in eal if "in.pcap" in a).split("rx_pcap=")[1].rsplit("/", 1)[0]
        eal = [a.replace(was, self.rundir) for a in eal]
        self.launch(eal, args, env)
        for line in lines[1:]:
            if line.startswith("!ip "):
                self.ip(line[4:])
            elif line.startswith("!wait "):
                self.wait(float(line[6:]))
            elif line == "quit":
                break
            else:
                self.do(line.replace(was, self.rundir))
        self.finish()


def main(options, rundir):
    log = os.path.join(tempfile.gettempdir(), f"pp-soak-{options.seed}.commands")
    print(f"seed {options.seed}", flush=True)
    soak = Soak(options, rundir)
    began = time.monotonic()
    try:
        with open(os.devnull if options.replay else log, "w", encoding="utf-8") as soak.log:
            (soak.replay if options.replay else soak.run)()
    except Failed as e:
        print(f"FAILED after {time.monotonic() - began:.0f} s, seed {options.seed}: {e}")
        if soak.p is not None:
            print(soak.p.tail[-3000:].decode("utf-8", "replace"))
        print(f"commands: {options.replay or log}")
        return 1
    finally:
        if soak.p is not None:
            soak.p.kill()
    if not options.replay:
        os.unlink(log)
    print(f"ok: {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    parser = drive.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randint(1, 10**6))
    parser.add_argument("--opt", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--keep")
    parser.add_argument("--replay")
    arguments = parser.parse_args()
    if arguments.replay and not os.path.exists(arguments.replay):
        parser.error(f"there is no {arguments.replay}")
    sys.exit(drive.alone(main, arguments))
