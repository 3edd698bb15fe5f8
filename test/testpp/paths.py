# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Packets from a file, through the ports of one program or two, into a file: counted at each port,
compared byte for byte at the end, in both directions at a time.
"""

import contextlib
import dataclasses
import os
import struct
import time

import wire
from program import Program, check

END = "END"  # a port that reads packets from files, one for each queue, and writes what it sends
SECONDS = 15

# What is not sent at once is sent again, until the other end has come to it: a second at least
RETRY = "set burst tx delay 200 retry 5000"


@dataclasses.dataclass
class Side:
    """One program: its ports, of which neighbours (0 and 1, 2 and 3) forward to each other."""

    ports: list  # DIR is a directory of their own
    options: tuple = ()
    setup: tuple = ()  # commands before ports start
    memory: str = "any"
    who: str = "testpp"
    cores: int = 1
    keeps: bool = False  # the driver keeps mbufs when its port is closed


@dataclasses.dataclass
class Path:
    """Programs, and which of their ports are connected: (program, port) pairs."""

    name: str
    sides: list  # started from the last one to the first
    wires: list
    queues: int = 1
    count: int = 300
    sizes: tuple = (60, 1514)
    # a mode for each program
    modes: tuple = (("io", "io"), ("mac", "io"), ("io", "macswap"), ("csum", "io"))
    rxonly: bool = False  # the last program only receives
    txpkts: str = ""      # the first program makes packets of such segments
    ordered: bool = True  # packets stay in their queue, in their order
    lacks: str = None     # why it cannot run here
    prepare: object = None
    last_first: bool = False  # it ends before the others do
    # the driver cannot bear that one end stops while the other's stop reaches it
    links_follow: bool = False


class Walk:
    """One end's packets on their way to another end."""

    def __init__(self, path, start):
        peers = {a: b for one, other in path.wires for a, b in ((one, other), (other, one))}
        self.start = start
        self.hops = []
        side, port = start
        while True:
            self.hops.append((side, port ^ 1))
            if path.sides[side].ports[port ^ 1] == END:
                break
            side, port = peers[side, port ^ 1]
        self.end = self.hops[-1]


class Run:
    """A path, set up."""

    def __init__(self, lab, path, stack):
        self.lab = lab
        self.path = path
        self.dir = os.path.join(lab.dir, f"path-{lab.runs}")
        os.mkdir(self.dir)
        if path.prepare:
            path.prepare(stack)
        ends = [(s, p) for s, side in enumerate(path.sides) for p, port in enumerate(side.ports)
                if port == END]
        self.walks = [Walk(path, end) for end in ends]
        self.packets = {end: [wire.make(path.count, *path.sizes, f"{end}{queue}")
                              for queue in range(path.queues)] for end in ends}
        for end, queues in self.packets.items():
            for queue, packets in enumerate(queues):
                wire.write(self.file("in", end, queue), [p.frame() for p in packets])
        self.programs = [None] * len(path.sides)
        for number in reversed(range(len(path.sides))):
            self.programs[number] = self.start(number)
            stack.callback(self.programs[number].kill)
            self.programs[number].do(RETRY)

    def file(self, kind, end, queue):
        return os.path.join(self.dir, f"{kind}-{end[0]}-{end[1]}-{queue}.pcap")

    def start(self, number):
        side = self.path.sides[number]
        queues = range(self.path.queues)
        vdevs = []
        for port, vdev in enumerate(side.ports):
            if vdev == END:
                files = [f"{what}_pcap={self.file(kind, (number, port), queue)}"
                         for kind, what in (("in", "rx"), ("out", "tx")) for queue in queues]
                vdev = f"net_pcap{port}," + ",".join(files)
            vdevs.append(vdev.replace("DIR", self.dir))
        return Program(self.lab, vdevs, (f"--rxq={len(queues)}", f"--txq={len(queues)}",
                                         "--total-num-mbufs=4096") + side.options,
                       side.setup, side.memory, side.who, number, side.cores)

    def restart(self):
        """Ends read their files from the beginning again, and what was sent is forgotten."""
        for number, program in enumerate(self.programs):
            check("Done" in program.do("port stop all"), f"{program.who} does not stop its ports")
            if self.path.links_follow and number == 0:
                self.links_down(number)
        for program in reversed(self.programs):
            text = program.do("port start all")
            check("Fail" not in text and "Done" in text, f"{program.who} starts no port: {text}")

    def links_down(self, gone):
        """At the other ends, when one program's ports have stopped"""
        for ends in self.path.wires:
            for number, port in ends:
                if number != gone:
                    self.programs[number].wait_link(port, "down")
        time.sleep(0.02)

    def links_up(self):
        for ends in self.path.wires:
            for number, port in ends:
                self.programs[number].wait_link(port)

    def begin(self, modes):
        self.links_up()
        for program, mode in zip(self.programs, modes):
            program.do(f"set fwd {mode}")
        for program in reversed(self.programs):
            text = program.do("start")
            check("packet forwarding" in text and "not" not in text.split("NUMA")[0],
                  f"{program.who} does not start: {text}")

    # ---- forwarding

    def expected(self, walk, modes):
        """Frames of each queue at the end"""
        hops = [(modes[number], bytes((2, 0, 0, 0, 0, port)), self.programs[number].macs[port])
                for number, port in walk.hops]
        return [[p.after(hops) for p in packets] for packets in self.packets[walk.start]]

    def written(self, walk):
        """Bytes in the files of the end, but for the headers of these"""
        size = 0
        for queue in range(self.path.queues):
            with contextlib.suppress(FileNotFoundError):
                size += max(0, os.path.getsize(self.file("out", walk.end, queue)) -
                            wire.FILE_HEADER.size)
        return size

    def wait_written(self, walk, expected):
        size = sum(wire.size_of(frames) - wire.FILE_HEADER.size for frames in expected)
        deadline = time.monotonic() + SECONDS
        while self.written(walk) < size:
            if time.monotonic() > deadline:
                counts = [vars(c) for p in self.programs
                          for c in p.counts("show fwd stats all").values()]
                check(False, f"{self.written(walk)} bytes of {size} came to {walk.end}: {counts}")
            time.sleep(0.01)

    def compare(self, walk, expected):
        found = [wire.read(self.file("out", walk.end, queue)) for queue in range(self.path.queues)]
        if not self.path.ordered:
            found = [sorted(frame for frames in found for frame in frames)]
            expected = [sorted(frame for frames in expected for frame in frames)]
        for queue, (have, want) in enumerate(zip(found, expected)):
            check(len(have) == len(want), f"{walk.end}, queue {queue}: {len(have)} packets, "
                  f"not {len(want)}")
            for number, (one, other) in enumerate(zip(have, want)):
                check(one == other, f"{walk.end}, queue {queue}, packet {number} of "
                      f"{len(want)}:\n{one.hex()}\nis not\n{other.hex()}")

    def forward(self, modes):
        self.begin([f"{mode} retry" for mode in modes])
        expected = {walk: self.expected(walk, modes) for walk in self.walks}
        for walk, frames in expected.items():
            self.wait_written(walk, frames)
        counts = [program.counts("stop") for program in self.programs]
        total = self.path.queues * self.path.count
        for walk, frames in expected.items():
            self.compare(walk, frames)
            # where they come in and go out, in each program
            ports = [(walk.start, "rx")] + [(hop, "tx") for hop in walk.hops]
            for (number, port), field in ports:
                count = counts[number][port]
                check(getattr(count, field) == total and count.tx_dropped == 0,
                      f"{total} packets on the way, port {port} of program {number} has counted "
                      f"{vars(count)}")
        return total * len(self.walks)

    # ---- one direction

    def receive_only(self):
        """The last program keeps nothing."""
        last, port = max(end for ends in self.path.wires for end in ends)
        total = self.path.queues * self.path.count
        self.begin(["io retry"] * (len(self.programs) - 1) + ["rxonly"])
        deadline = time.monotonic() + SECONDS
        while (count := self.programs[last].counts("show fwd stats all")[port]).rx < total:
            check(time.monotonic() < deadline, f"rxonly: {vars(count)} of {total}")
            time.sleep(0.01)
        counts = self.programs[last].counts("stop")[port]
        check(counts.rx == total and counts.tx == 0, f"rxonly: {vars(counts)}, sent were {total}")
        for program in self.programs[:-1]:
            program.do("stop")
        return total

    def transmit_only(self):
        """The first program makes packets, in segments; those that go the other way are dropped."""
        walk = next(w for w in self.walks if w.start[0] == 0)
        maker, port = self.programs[0], walk.hops[0][1]
        text = maker.do(f"set txpkts {self.path.txpkts}")
        check("give up" not in text, text)
        self.begin(["txonly"] + ["io"] * (len(self.programs) - 1))
        self.programs[-1].wait_sent(walk.end[1], 100 * self.path.queues)
        sent = maker.counts("stop")[port]
        # until the rings are empty
        size = -1
        while size != self.written(walk):
            size = self.written(walk)
            time.sleep(0.05)
        written = self.programs[-1].counts("stop")[walk.end[1]].tx
        frames = [frame for queue in range(self.path.queues)
                  for frame in wire.read(self.file("out", walk.end, queue))]
        lengths = [int(length) for length in self.path.txpkts.split(",")]
        check(self.path.queues * 100 <= len(frames) == written <= sent.tx,
              f"txonly: {len(frames)} packets in files, {written} written, {vars(sent)}")
        for frame in frames:
            check_made(frame, sum(lengths), port, maker.macs[port])
        return len(frames)

    # ---- the end

    def end(self):
        """One program after the other; every second path's last one forwards when it is ended."""
        if self.path.links_follow and len(self.programs) == 1:
            self.programs[0].do(f"port stop {self.path.wires[0][1][1]}")
            time.sleep(0.1)
        order = list(range(len(self.programs)))
        if self.path.last_first:
            order.reverse()
        for number in order:
            other = number != order[0]
            forwards = self.path.sides[number].keeps or (other and self.lab.ends % 4 == 1)
            self.programs[number].end(self.lab.next_end(), forwards, other)
            if self.path.links_follow and number == order[0]:
                self.links_down(number)


def check_made(frame, length, peer, mac):
    """What txonly makes: Ethernet, IPv4, UDP"""
    check(len(frame) == length, f"txonly: {len(frame)} bytes, not {length}")
    check(frame[:14] == bytes((2, 0, 0, 0, 0, peer)) + mac + b"\x08\0" and
          frame[14] == 0x45 and wire.checksum(frame[14:34]) == 0 and
          struct.unpack(">H", frame[16:18])[0] == length - 14 and frame[23] == 17 and
          frame[26:34] == bytes((198, 18, 0, 1, 198, 18, 0, 2)) and
          struct.unpack(">HHH", frame[34:40]) == (9, 9, length - 34),
          f"txonly: a packet with {frame[:42].hex()}")


def go(lab, path):
    """Number of packets that have come to their end"""
    with contextlib.ExitStack() as stack:
        run = Run(lab, path, stack)
        packets = 0
        for number, modes in enumerate(path.modes):
            if number:
                run.restart()
            packets += run.forward(modes[:len(run.programs)])
        if path.rxonly:
            run.restart()
            packets += run.receive_only()
        if path.txpkts:
            run.restart()
            packets += run.transmit_only()
        run.end()
        return packets
