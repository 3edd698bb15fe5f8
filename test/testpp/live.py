#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Ports come and go while the pool has mbufs in flight: nothing is lost, nothing is freed too early.

usage: live.py [--build DIR] [--slow F] [SCENARIO...]
  --build DIR    build directory; default build/ in the source tree
  --slow F       answers may take F times as long

Each scenario is a run of dpdk-testpp in a network namespace that ends with this program, on a pool in
strict mode, with --pp-check: an mbuf that is not back at the end, or was freed twice, fails it. What
comes out of ports is looked at byte by byte. Prints a line for each and exits with 1 if one failed.
"""

import os
import re
import signal
import sys
import time

import drive
from drive import Failed

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


class Run:
    """The program with its devices, and wires of the interfaces that are named."""

    number = 0

    def __init__(self, place, devices, *options, wires=(), eal=(), sending=True,
                 wait=True):
        Run.number += 1
        cpus = sorted(os.sched_getaffinity(0))
        args = ["--lcores", f"0@{cpus[0]},1@{cpus[-1]}", "--no-huge", "-m", "200", "--no-pci",
                "--no-telemetry", "--file-prefix", f"live{os.getpid()}-{Run.number}", *eal]
        args += [f"--vdev={d}" for d in devices]
        options = ["-i", "--no-mlockall", "--pp-check", "--total-num-mbufs=4096", "--mbcache=0",
                   *options]
        self.p = drive.Testpp(place.build, place.rundir, args, options,
                              20 * place.slow, {"PAGE_POOL_OPTIONS": "mode=strict"})
        self.slow = place.slow
        place.processes.append(self.p)
        if wait:
            self.p.prompt()
        self.kernel = drive.Kernel([drive.Wire(name, n + 1) for n, name in enumerate(wires)], 1,
                                   burst=4)
        self.kernel.sending = sending
        self.kernel.start()

    def __call__(self, command, *said):
        """What it says, which has all that is named."""
        out = self.p(command)
        for text in said:
            if text not in out:
                raise Failed(f"{command}: no {text!r} in: {out}")
        if self.kernel.wrong:
            raise Failed(self.kernel.wrong)
        return out

    def until(self, true, why, seconds=5):
        end = time.monotonic() + seconds * self.slow
        while not true():
            if time.monotonic() > end:
                raise Failed(why())
            if self.kernel.wrong:
                raise Failed(self.kernel.wrong)
            time.sleep(0.01)

    def arrive(self, name, more=50):
        """So many more of our packets come out of an interface."""
        wire = next(w for w in self.kernel.wires if w.name == name)
        goal = wire.counts["ours"] + more
        self.until(lambda: wire.counts["ours"] >= goal,
                   lambda: f"{goal - wire.counts['ours']} of {more} packets do not come out of {name}")

    def in_flight(self):
        out = self("show page_pool mb_pool_0")
        return int(re.search(r"in flight: (\d+)", out).group(1))

    def none_in_flight(self):
        n = self.in_flight()
        if n != 0:
            raise Failed(f"all ports are closed, {n} mbufs are in flight")

    def end(self):
        self("page_pool check", ": ok, ")
        status = self.p.end()
        self.kernel.end()
        if self.kernel.wrong:
            raise Failed(self.kernel.wrong)
        if status != 0:
            raise Failed(f"exit status {status}")


def veth(name):
    drive.ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b")
    for end in "ab":
        drive.ip("link", "set", name + end, "up")


# ---- packets that wait in ports

@scenario
def ring_closed(place):
    """Packets in the rings of a port that is closed, detached, or there at the end."""
    run = Run(place, ["net_ring0", "net_ring1", "net_null0"], "--rxq=2", "--txq=2")
    run("set portlist 0,1")
    run("start tx_first 8")
    run("stop")
    if run.in_flight() < 500:
        raise Failed("no packets wait in the rings")
    # with fewer queues some of them cannot be received any more
    run("port stop all", "Done")
    run("port config all rxq 1")
    run("port config all txq 1")
    run("port start all", "Done")
    run("port stop 0", "Done")
    run("port close 0", "Port 0 is closed")
    run("port stop 1", "Done")
    run("port detach 1", "Device is detached")
    run.none_in_flight()
    # the name again: nothing comes out that went in before
    run("port attach net_ring1", "is attached")
    run("port start 0", "Done")
    run("set portlist 0")
    run("set fwd rxonly")
    run("start")
    run("show port stats 0", "RX-packets: 0 ")
    run("stop")
    run("set fwd io")
    run("start tx_first 2")
    run("stop")
    run.end()


@scenario
def ring_shared(place):
    """A ring that two ports have: one sends, the other receives; that one is closed."""
    frames = [drive.frame(1, n, 60 + n * 13 % 1400) for n in range(400)]
    drive.pcap_write(f"{place.rundir}/in.pcap", frames)
    run = Run(place, [f"net_pcap0,rx_pcap={place.rundir}/in.pcap",
                      "net_ring0,nodeaction=r:0:CREATE", "net_ring1,nodeaction=r:0:ATTACH",
                      f"net_pcap1,tx_pcap={place.rundir}/out.pcap"], "--no-flush-rx", "--burst=8",
              "--port-topology=chained")
    run("start")
    out = f"{place.rundir}/out.pcap"
    run.until(lambda: len(drive.pcap_read(out)) >= len(frames),
              lambda: f"{len(drive.pcap_read(out))} packets came out, of {len(frames)}")
    run("stop")
    run("port stop all")
    # what one port receives it sends to the other: into the same ring
    if sorted(drive.pcap_read(out)) != sorted(frames):
        raise Failed("other packets came out")
    run("port start all")
    run("set portlist 1")
    run("start tx_first 4")
    run("port stop 2", "Done")
    run("port close 2", "Port 2 is closed")
    if run.in_flight() < 4 * 8:
        raise Failed("the packets of the port that forwards were taken")
    run("stop")
    run.end()


@scenario
def noisy_held(place):
    """Packets are kept back by noisy while other ports go; all come out at the end of it."""
    run = Run(place, ["net_tap0,iface=live0", "net_tap1,iface=live1", "net_null0,copy=1",
                      "net_ring0"], "--noisy-tx-sw-buffer-size=900",
              "--noisy-tx-sw-buffer-flushtime=0", wires=("live0", "live1"), sending=False)
    run("set portlist 0,1")
    run("set fwd noisy")
    run("start")
    time.sleep(0.1)
    before = run.in_flight()
    with run.kernel.lock:
        for wire in run.kernel.wires:
            wire.send(300, run.kernel.length)
    run.until(lambda: run.in_flight() >= before + 600, lambda: "packets are not kept back")
    run("port stop 0", "Please remove port 0 from forwarding configuration.")
    run("port close 1", "Please remove port 1 from forwarding configuration.")
    run("port detach 0")
    run("port stop 2")
    run("port detach 2", "Device is detached")
    run("port stop 3")
    run("port close 3", "Port 3 is closed")
    run("port attach net_null5,copy=1", "is attached")
    run("page_pool check", ": ok, ")
    if run.kernel.counts()["ours"] != 0:
        raise Failed("packets came out before the end")
    run("stop")
    run.until(lambda: run.kernel.counts()["ours"] == 600,
              lambda: f"{run.kernel.counts()['ours']} of 600 packets came out")
    run.end()


@scenario
def queues_changed(place):
    """Numbers of queues and sizes of rings change while packets wait in them."""
    veth("lq")
    run = Run(place, ["net_tap0,iface=live0", "net_af_packet0,iface=lqa,qpairs=2", "net_ring0",
                      "net_ring1"], wires=("live0", "lqb"))
    for n, size in ((2, 64), (1, 512), (2, 128), (1, 0)):
        run("port stop all", "Done")
        run(f"port config all rxq {n}")
        run(f"port config all txq {n}")
        run(f"port config all rxd {size}")
        run("port start all", "Done")
        run("start tx_first 4", "packets/burst")
        run.arrive("live0")
        run.arrive("lqb")
        run("port 0 rxq 0 setup", "Failed to setup RX queue")
        run("stop")
        run("port 0 rxq 0 stop")
        run("start")
        run("stop")
        run("port 0 rxq 0 start")
        run("port stop 0", "Done")
        run("port 0 rxq 0 setup")
        run("port 0 txq 0 setup")
        run("port start 0", "Done")
        run("start")
        run.arrive("live0")
        run.arrive("lqb")
        run("stop")
    run.end()


@scenario
def setup_failed(place):
    """A queue whose set-up fails for want of mbufs, or of an offload, harms nobody."""
    run = Run(place, ["net_ring0", "net_tap0,iface=live0"], "--total-num-mbufs=1100", "--rxd=256",
              "--rxq=2", "--txq=2", "--port-topology=loop")
    run("set portlist 0")
    run("set fwd txonly")
    run("start")
    run("port stop 1", "Done")
    # the other port takes what the queue gives up for a moment, sooner or later
    run.until(lambda: "Failed to setup RX queue" in run("port 1 rxq 0 setup"),
              lambda: "the queue could be set up each time", 10)
    run("stop")
    run("port start 1")
    run("set portlist 1")
    run("set fwd io")
    run("start")
    run("stop")
    run("port stop all")
    run("port 0 rxq 1 rx_offload timestamp on")
    run("port start 0", "Fail to configure port 0 rx queues")
    run("port close all", "Done")
    run.none_in_flight()
    run.end()


# ---- interfaces and processes that go

@scenario
def interface_gone(place):
    """The kernel's interfaces of tap and af_packet ports are removed under traffic."""
    veth("lg")
    run = Run(place, ["net_tap0,iface=live0", "net_af_packet0,iface=lga", "net_tap1,iface=live1",
                      "net_tap2,iface=live2"], "--port-topology=chained",
              wires=("live0", "lgb", "live1", "live2"))
    run("start", "packets/burst")
    for name in ("lgb", "live1", "live2", "live0"):
        run.arrive(name)
    drive.ip("link", "del", "live0")
    run.arrive("live1")
    drive.ip("link", "del", "lgb")
    run.arrive("live2")
    run("show port info all")
    run("show port stats all")
    run("stop", "Done.")
    for port in (0, 1):
        run(f"port stop {port}", "Done")
        run(f"port detach {port}", "Device is detached")
    veth("lg")
    run("port attach net_tap3,iface=live0", "is attached")
    with run.kernel.lock:
        run("port attach net_af_packet1,iface=lga", "is attached")
    run("port start all", "Done")
    run("set portlist 0,1")
    run("start", "packets/burst")
    run.arrive("live0")
    run.arrive("lgb")
    run("stop")
    run.end()


def peer_killed(place, mine, peers, eal=(), alone=True, polled=True):
    """Another process has the other end, and is killed under traffic; a second one takes over. Not
    alone: it does not begin before it has a peer. Not polled: forwarding stops before, here."""
    run = Run(place, ["net_tap0,iface=live0", mine], wires=("live0",), eal=eal, wait=alone)
    for _ in range(2):
        peer = Run(place, [peers], "--port-topology=loop", eal=eal)
        peer("start", "packets/burst")
        if not alone:
            run.p.prompt()
            alone = True
        run("set fwd macswap")
        run("start")
        run.arrive("live0", 200)
        if not polled:
            run("stop", "Done.")
        peer.p.process.send_signal(signal.SIGKILL)
        peer.p.process.wait()
        peer.kernel.end()
        time.sleep(0.2)
        run("show port stats all")
        run("page_pool check", ": ok, ")
    if polled:
        run("stop", "Done.")
    run("port stop 1")
    run("port close 1", "Port 1 is closed")
    run.end()


@scenario
def memif_killed(place):
    """The client of a memif port, whose driver unmaps the rings even while it is polled."""
    peer_killed(place, f"net_memif0,role=server,socket-abstract=no,socket={place.rundir}/memif",
                f"net_memif0,role=client,socket-abstract=no,socket={place.rundir}/memif",
                polled=False)


@scenario
def vhost_killed(place):
    """The virtio-user end of a vhost port."""
    peer_killed(place, f"net_vhost0,iface={place.rundir}/vhost,client=0",
                f"net_virtio_user0,path={place.rundir}/vhost", ("--single-file-segments",))


@scenario
def virtio_killed(place):
    """The vhost end of a virtio-user port, which is the socket's server."""
    peer_killed(place, f"net_virtio_user0,path={place.rundir}/virtio,server=1",
                f"net_vhost0,iface={place.rundir}/virtio,client=1", ("--single-file-segments",),
                alone=False)


# ---- all of it

class Place:
    """Where scenarios run."""

    def __init__(self, build, slow, rundir):
        self.build, self.slow, self.rundir, self.processes = build, slow, rundir, []

    def run(self, function):
        began = time.monotonic()
        try:
            function(self)
        except Failed as e:
            print(f"failed   {function.__name__}: {e}", flush=True)
            for p in self.processes:
                print("    " + p.tail[-1500:].decode("utf-8", "replace").replace("\n", "\n    "))
            return False
        finally:
            for p in self.processes:
                p.kill()
            self.processes = []
        print(f"ok       {function.__name__}: {function.__doc__} ({time.monotonic() - began:.1f} s)",
              flush=True)
        return True


def main(options, rundir):
    drive.quiet_interfaces()
    place = Place(options.build, options.slow, rundir)
    chosen = [s for s in SCENARIOS if not options.names or s.__name__ in options.names]
    failed = sum(not place.run(s) for s in chosen)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    parser = drive.parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="SCENARIO")
    sys.exit(drive.alone(main, parser.parse_args()))
