#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""dpdk-testpp on the PMDs that one machine has without a device. run_pmds.sh starts it.

Prints a line for each thing that was tried and exits with 1 if one failed.
"""

import argparse
import fnmatch
import os
import sys
import time

sys.dont_write_bytecode = True  # nothing is to appear in the source tree
# pylint: disable=wrong-import-position,import-error
import paths
import traffic
import wire
from paths import END, Path, Side
from program import Lab, Program, check
from testpmd_session import Failure, Null, Ring

JUMBO = (60, 9000)
SMALL = ("--mbuf-size=512",)  # most packets are of several mbufs
PAIR = [((0, 1), (1, 0))]     # the first program's second port to the second's first one
BOTH = (("io", "io"), ("csum", "mac"))


# ---- ports that packets are followed through

def veth(mtu):
    """Two links, each the other's end"""
    def prepare(stack):
        traffic.ip(None, "link", "add", "name", "ppva", "mtu", mtu, "type", "veth",
                   "peer", "name", "ppvb", "mtu", mtu)
        stack.callback(traffic.unlink, "ppva")
        for link in ("ppva", "ppvb"):
            traffic.ip(None, "link", "set", link, "up")
    return prepare


def kernel_paths(no_veth, no_tap):
    """af_packet and tap, where network namespaces are"""
    yield Path("af_packet on veth", [Side([END, "net_af_packet0,iface=ppva"]),
                                     Side(["net_af_packet0,iface=ppvb", END])], PAIR,
               rxonly=True, txpkts="64,300,1000", prepare=veth("1500"),
               lacks=no_veth)
    big = "qpairs=2,blocksz=8192,framesz=8192,framecnt=512"
    yield Path("af_packet on veth, 2 queues, jumbo",
               [Side([END, f"net_af_packet0,iface=ppva,{big}"], ("--mbuf-size=8448",)),
                Side([f"net_af_packet0,iface=ppvb,{big}", END], ("--mbuf-size=8448",))],
               PAIR, queues=2, sizes=(60, 8000), modes=BOTH, ordered=False, prepare=veth("8200"),
               lacks=no_veth)
    # the kernel's end of the tap port is what the other one sends to; it stays up when the port
    # stops, else what is sent next is lost
    def tap(stack):
        stack.callback(traffic.unlink, "ppta")

    small = Side([END, "net_tap0,iface=ppta,persist"], SMALL,
                 ("port config 1 rx_offload scatter on",))
    yield Path("tap to af_packet", [Side(["net_af_packet0,iface=ppta", END]), small],
               [((0, 0), (1, 1))], rxonly=True, txpkts="64,300,1000", prepare=tap,
               lacks=no_tap)
    yield Path("tap to af_packet, 2 queues", [Side(["net_af_packet0,iface=ppta,qpairs=2", END]),
                                              small], [((0, 0), (1, 1))], queues=2, modes=BOTH,
               ordered=False, prepare=tap, lacks=no_tap)


def memif(role, extra=""):
    return f"net_memif0,role={role},socket=DIR/memif.sock,socket-abstract=no{extra}"


def memif_paths():
    # memif of DPDK 22.11 frees things twice when both ends stop at a time
    def path(name, client, server, **more):
        return Path(f"memif{name}", [client, server], PAIR, links_follow=True, **more)

    server, client = [memif("server"), END], [END, memif("client")]
    yield path("", Side(client, SMALL), Side(server, SMALL), sizes=JUMBO, rxonly=True,
               txpkts="64,300,300")
    yield path(", 3 queues, 2 lcores", Side(client, cores=2), Side(server, SMALL, cores=2),
               queues=3, modes=BOTH, last_first=True)
    # and without copies, it closes EAL's files of memory when it connects, which it cannot do
    # again, and keeps the mbufs that are in its rings at the end
    yield path(", zero-copy", Side([END, memif("client", ",zero-copy=yes")], memory="single",
                                   keeps=True), Side(server), modes=BOTH[:1])
    yield path(" to testpmd", Side(client, SMALL), Side(server, who="testpmd"), modes=BOTH)
    # buffers to send to are there when the client has received once: that takes another lcore
    yield Path("memif, server and client in one",
               [Side([END, memif("server"), memif("client").replace("memif0", "memif1"), END],
                     cores=2)], [((0, 1), (0, 2))], modes=(("io",),), links_follow=True)


def virtio_paths(huge):
    """vhost is the server of a socket that virtio-user connects to. Rings hold all packets: neither
    program waits for the other to receive, while that waits for it."""
    def sides(queues=1, user="", vhost="", size=512):
        return (Side([END, f"net_virtio_user0,path=DIR/vhost.sock,queues={queues},"
                      f"queue_size={size}{user}"],
                     memory="nohuge"),
                Side([f"net_vhost0,iface=DIR/vhost.sock,queues={queues}{vhost}", END],
                     memory="nohuge"))

    for ring in (0, 1):
        kind = f"virtio-user and vhost, {('split', 'packed')[ring]} ring"
        user, vhost = sides(1, f",packed_vq={ring}")
        yield Path(kind, [user, vhost], PAIR, rxonly=True, txpkts="64,300,1000")
        user, vhost = sides(1, f",packed_vq={ring},mrg_rxbuf=0,in_order=1")
        yield Path(f"{kind}, one buffer for a packet", [user, vhost], PAIR, modes=BOTH,
                   last_first=True)
        user, vhost = sides(2, f",packed_vq={ring},mrg_rxbuf=1", size=1024)
        user.setup = ("port config 1 rx_offload scatter on", "port config mtu 1 9000")
        # each packet takes up to 24 mbufs, which stay in the ring until their place is wanted
        user.options = vhost.options = SMALL + ("--rxd=1024", "--txd=1024",
                                                "--total-num-mbufs=16384")
        yield Path(f"{kind}, several buffers for a packet, 2 queues", [user, vhost], PAIR,
                   queues=2, sizes=JUMBO, modes=BOTH, count=60)
    # who listens and who connects, the other way round
    user, vhost = sides(1, ",server=1", ",client=1")
    yield Path("virtio-user listens to vhost", [user, vhost], PAIR, modes=BOTH)
    user, vhost = sides()
    vhost.who = "testpmd"
    yield Path("virtio-user to testpmd's vhost", [user, vhost], PAIR, modes=BOTH)
    user, vhost = sides(1, ",packed_vq=1")
    user.who = "testpmd"
    yield Path("testpmd's virtio-user to vhost", [user, vhost], PAIR, modes=BOTH)
    for memory, name, lacks in (
            ("single", "--single-file-segments", None),
            ("huge", "hugepages in a file each", None if huge else "there are no hugepages")):
        user, vhost = sides()
        user.memory = vhost.memory = memory
        yield Path(f"virtio-user and vhost, {name}", [user, vhost], PAIR, modes=BOTH, lacks=lacks)


def file_paths():
    """Ports that need nobody else: files, and rings that come back to where they begin"""
    yield Path("pcap, 3 queues, 2 lcores", [Side([END, END], SMALL, cores=2)], [], queues=3,
               sizes=JUMBO, modes=(("io",), ("mac",), ("macswap",), ("csum",)), rxonly=False)
    yield Path("ring, 3 queues, 2 lcores", [Side([END, "net_ring0"], SMALL, cores=2)],
               [((0, 1), (0, 1))], queues=3, sizes=JUMBO,
               modes=(("io",), ("mac",), ("macswap",), ("csum",)))


# ---- what has no packets to follow

def count(lab, kind, driver, modes):
    """Two ports of a kind, what they count, and that they stop and start"""
    program = Program(lab, [f"net_{kind}0", f"net_{kind}1"], ["--total-num-mbufs=8192"])
    try:
        program.do("set txpkts 64,300,1000")
        packets = 0
        for mode in modes:
            packets += driver(program).run(mode)
            program.do("port stop all")
            check("Fail" not in program.do("port start all"), "a port does not start again")
        program.end(lab.next_end())
        return packets
    finally:
        program.kill()


def run_null_content(lab):
    """Packets of a null port are zeros, all of them."""
    out = os.path.join(lab.dir, "null.pcap")
    program = Program(lab, ["net_null0,size=300,copy=1", f"net_pcap0,tx_pcap={out}"],
                      ["--total-num-mbufs=4096"])
    try:
        return flood(lab, program, out, lambda number, frame: frame == b"\0" * 300)
    finally:
        program.kill()


def run_pcap_infinite(lab):
    """A port that keeps a file's packets and sends copies of them, again and again"""
    packets = [p.frame() for p in wire.make(100, 60, 1514, "infinite")]
    source, out = (os.path.join(lab.dir, f"infinite-{name}.pcap") for name in ("in", "out"))
    wire.write(source, packets)
    program = Program(lab, [f"net_pcap0,rx_pcap={source},infinite_rx=1",
                            f"net_pcap1,tx_pcap={out}"], ["--total-num-mbufs=4096"])
    try:
        return flood(lab, program, out,
                     lambda number, frame: frame == packets[number % len(packets)])
    finally:
        program.kill()


def flood(lab, program, out, right):
    """From a port that has packets without end into a file"""
    program.do("set fwd io")
    program.do("start")
    program.wait_sent(1, 1000)
    counts = program.counts("stop")
    frames = wire.read(out)
    check(1000 <= len(frames) == counts[1].tx and counts[0].rx == counts[1].tx,
          f"{len(frames)} in the file: {[vars(c) for c in counts.values()]}")
    for number, frame in enumerate(frames):
        check(right(number, frame), f"packet {number}: {frame.hex()}")
    # into an empty file: the next end may forward on
    program.do("port stop all")
    program.do("port start all")
    program.end(lab.next_end(), forwards=True)
    return len(frames)


# ---- all of it

def show_logs(lab, runs):
    """The ends of what the programs have said since then"""
    for number in range(runs + 1, lab.runs + 1):
        for who in ("testpp", "testpmd"):
            path = os.path.join(lab.dir, f"{who}-{number}.log")
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as log:
                    for line in log.read().splitlines()[-15:]:
                        print(f"    {who} {number} | {line}")


def tests(lab, args):
    """(name, what it needs, function) of each; the function returns what it has moved"""
    def paths_of(found):
        return [(path.name, path.lacks, lambda path=path: f"{paths.go(lab, path)} packets")
                for path in found]

    for kind, driver, modes in (("null", Null, ("io", "macswap", "csum", "rxonly", "txonly")),
                                ("ring", Ring, ("rxonly", "txonly"))):
        yield (f"{kind}, counts", None,
               lambda args=(kind, driver, modes): f"{count(lab, *args)} packets")
    yield "null, content", None, lambda: f"{run_null_content(lab)} packets"
    yield "pcap, infinite", None, lambda: f"{run_pcap_infinite(lab)} packets"
    yield from paths_of(file_paths())
    yield from paths_of(memif_paths())
    yield from paths_of(virtio_paths(args.huge_dir))
    yield from paths_of(kernel_paths(args.no_net or args.no_veth, args.no_net or args.no_tap))
    for name, queues, options in (
            ("", 1, []), (", 2 queues", 2, []),
            (", mbufs of 384 bytes", 1, ["--mbuf-size=512", "--enable-scatter"])):
        yield (f"ping, UDP and TCP over two taps{name}", args.no_net or args.no_tap,
               lambda queues=queues, options=options:
               f"{traffic.go(lab, args.namespaces, queues, options)} bytes of TCP")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--testpp", required=True)
    parser.add_argument("--plugin", required=True, help="the driver, for testpmd")
    parser.add_argument("--prefix", required=True, help="of EAL's files")
    parser.add_argument("--dir", required=True, help="for files and sockets")
    parser.add_argument("--huge-dir", default="", help="where hugepages are mounted, if any are")
    parser.add_argument("--no-net", help="why there are no network namespaces")
    parser.add_argument("--no-tap", help="why there are no tap devices")
    parser.add_argument("--no-veth", help="why there are no veth links")
    parser.add_argument("--namespaces", nargs=2, metavar="FILE", help="of two, for traffic")
    parser.add_argument("--options", action="append", help="added to dpdk-testpp's, a run for each")
    parser.add_argument("patterns", nargs="*", help="only what matches one")
    args = parser.parse_args()

    lab = Lab(args)
    counts = {"ok": 0, "failed": 0, "skipped": 0}
    for options in args.options or [""]:
        lab.options = options.split()
        for name, lacks, function in tests(lab, args):
            if args.patterns and not any(fnmatch.fnmatch(name, p) for p in args.patterns):
                continue
            start, result, logs = time.monotonic(), "ok", lab.runs
            try:
                result, text = ("skipped", lacks) if lacks else ("ok", function())
            except (Failure, OSError, ValueError) as failure:
                result, text = "failed", f"{failure}"
            counts[result] += 1
            print(f"{result:8} {' '.join([name] + lab.options)}: {text}, "
                  f"{time.monotonic() - start:.1f} s", flush=True)
            if result == "failed":
                show_logs(lab, logs)
    print(f"{counts['ok']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
