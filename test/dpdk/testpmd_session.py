#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Drives one dpdk-testpmd through forwarding modes and checks what comes of it.

run_testpmd.sh starts it, once for each line of its matrix. In every mode packets are counted at
both ends, and whenever the ports hold no packets any more each pool must be whole: all objects in
its driver or in rte_mempool's caches, the driver's own count agreeing and its checker content.

Prints the number of packets forwarded, or what went wrong and exits with 1.
"""

import argparse
import os
import re
import select
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is to appear in the source tree
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../devtools"))
from telemetry import ask  # pylint: disable=wrong-import-position,import-error

FORWARD_SECONDS = 0.25
COMMAND_SECONDS = 20
START_SECONDS = 40

# Packets that a mode must at least have moved for its counts to mean something
ENOUGH = 1000


class Failure(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Failure(message)


class Testpmd:
    """An interactive testpmd on pipes."""

    def __init__(self, command, preload, log):
        self.log = open(log, "wb")
        self.output = b""
        self.marks = 0
        environment = dict(os.environ)
        if preload:
            environment["LD_PRELOAD"] = preload  # stdbuf adds its own
        # by line, since we wait for what it says
        self.process = subprocess.Popen(["stdbuf", "-oL"] + command, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def read(self, deadline):
        """One more piece of output; fails when there is none."""
        wait = deadline - time.monotonic()
        check(wait > 0 and select.select([self.process.stdout], [], [], wait)[0],
              "testpmd does not answer")
        piece = os.read(self.process.stdout.fileno(), 65536)
        self.log.write(piece)
        self.log.flush()
        self.output += piece
        return piece

    def do(self, command, seconds=COMMAND_SECONDS):
        """What testpmd says to a command. A comment after it is echoed when it has ended."""
        self.marks += 1
        mark = f"#end-{self.marks}"
        try:
            self.process.stdin.write(f"{command}\n{mark}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words are still to be read
        deadline = time.monotonic() + seconds
        while mark.encode() not in self.output:
            if not self.read(deadline):
                status = self.process.wait()
                raise Failure(f"testpmd ended with {status} at \"{command}\"")
        text, self.output = self.output.split(mark.encode(), 1)
        return text.decode(errors="replace")

    def quit(self):
        self.process.stdin.write(b"quit\n")
        self.process.stdin.close()
        deadline = time.monotonic() + COMMAND_SECONDS
        while self.read(deadline):
            pass
        status = self.process.wait()
        check(status == 0, f"testpmd ended with {status}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Counts:
    """Packets of one port."""

    def __init__(self, text):
        for name, field in (("rx", "RX-packets"), ("tx", "TX-packets"), ("rx_bytes", "RX-bytes"),
                            ("tx_bytes", "TX-bytes"), ("tx_dropped", "TX-dropped"),
                            ("rx_nombuf", "RX-nombufs?")):
            found = re.search(field + r":\s+(\d+)", text)
            setattr(self, name, int(found.group(1)) if found else 0)


def per_port(text, heading):
    """Two ports' Counts out of a report"""
    parts = re.split(heading + r" for port \d+", text)
    check(len(parts) == 3, f"no {heading} of two ports in: {text}")
    return [Counts(part) for part in parts[1:]]


class Null:
    """Ports that bring packets without end and take all: what one port receives, the other sends."""

    link = ["port stop all"]
    forget = True  # the counts of one run in the next

    def __init__(self, testpmd):
        self.testpmd = testpmd

    def ports(self):
        return per_port(self.testpmd.do("show port stats all"), "NIC statistics")

    def forward(self, mode, start="start", done=lambda port: max(port.rx, port.tx) > ENOUGH):
        """Forwards for a while, on a loaded machine until both ports are done."""
        self.testpmd.do(f"set fwd {mode}")
        self.testpmd.do(start)
        time.sleep(FORWARD_SECONDS)
        deadline = time.monotonic() + 5
        while not all(done(port) for port in self.ports()) and time.monotonic() < deadline:
            time.sleep(0.05)
        # the sum over both ports comes last
        text = self.testpmd.do("stop").split("+++++++++")[0]
        self.testpmd.do("clear port stats all" if self.forget else "")
        return per_port(text, "Forward statistics")

    def run(self, mode):
        a, b = self.forward(mode)
        if mode == "rxonly":
            check(min(a.rx, b.rx) > ENOUGH and a.tx == b.tx == 0,
                  f"received {a.rx} and {b.rx}, sent {a.tx} and {b.tx}")
        elif mode == "txonly":
            check(min(a.tx, b.tx) > ENOUGH and a.rx == b.rx == 0,
                  f"sent {a.tx} and {b.tx}, received {a.rx} and {b.rx}")
        else:
            check(min(a.rx, b.rx) > ENOUGH, f"received {a.rx} and {b.rx} only")
            for one, other in ((a, b), (b, a)):
                check(one.rx == other.tx + other.tx_dropped,
                      f"received {one.rx}, sent {other.tx} + {other.tx_dropped} dropped")
        return max(a.rx, a.tx) + max(b.rx, b.tx)


class Ring(Null):
    """Ports that each receive what they send: all that is sent must come back."""

    forget = False

    def run(self, mode):
        if mode == "txonly":
            self.forward(mode, done=lambda port: port.tx > 0)
        elif mode == "rxonly":
            self.forward(mode, "start tx_first 8", lambda port: port.rx == port.tx > 0)
        else:
            self.forward(mode, "start tx_first 8")
        # receiving at the end empties the rings
        self.forward("rxonly", done=lambda port: port.rx == port.tx)
        ports = self.ports()
        self.testpmd.do("clear port stats all")
        for port, counts in enumerate(ports):
            # 8 bursts of 32 are let in
            check(counts.tx >= 256 and (mode in ("rxonly", "txonly") or counts.tx > ENOUGH),
                  f"port {port} sent {counts.tx} only")
            check(counts.rx == counts.tx,
                  f"port {port} sent {counts.tx} and received {counts.rx} of them")
        return sum(counts.rx for counts in ports)


class Tap:
    """Ports on links of the kernel, whose other end is ours: frames are made, followed, checked."""

    # a stopped tap port keeps the mbufs it would receive into, a closed one gives them back
    link = ["port stop all", "port close all"]

    FRAMES = 600
    AT_A_TIME = 50  # fewer than any queue on the way holds
    SIZES = (60, 64, 65, 128, 300, 777, 1024, 1513, 1514)

    def __init__(self, testpmd, names):
        self.testpmd = testpmd
        self.names = names
        self.sockets = []
        self.magic = b""
        self.next_id = 0
        for name in names:
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            sock.bind((name, 0))
            sock.settimeout(5)
            self.sockets.append(sock)

    def frame(self):
        """An UDP packet, its payload a pattern that starts at its number."""
        number, self.next_id = self.next_id, self.next_id + 1
        size = self.SIZES[number % len(self.SIZES)] - 42
        payload = self.magic + number.to_bytes(4, "big")
        payload += bytes((number + i) & 255 for i in range(size - len(payload)))
        udp = b"\x13\x88\x13\x89" + (size + 8).to_bytes(2, "big") + b"\0\0"
        ip = b"\x45\0" + (size + 28).to_bytes(2, "big") + b"\0\0\0\0\x40\x11"
        addresses = bytes((192, 0, 2, 1, 192, 0, 2, 2))
        total = sum(int.from_bytes((ip + b"\0\0" + addresses)[i:i + 2], "big")
                    for i in range(0, 20, 2))
        total = (total & 0xffff) + (total >> 16)
        ip += (0xffff ^ ((total & 0xffff) + (total >> 16))).to_bytes(2, "big") + addresses
        ethernet = bytes.fromhex("020000000002") + bytes.fromhex("020000000001") + b"\x08\0"
        return payload, ethernet + ip + udp + payload

    def receive(self, port, wanted):
        """Takes frames until all wanted payloads are there, each once and unchanged."""
        while wanted:
            try:
                data, address = self.sockets[port].recvfrom(65536)
            except socket.timeout:
                raise Failure(f"{len(wanted)} frames did not come out of port {port}") from None
            if address[2] == socket.PACKET_OUTGOING or self.magic not in data:
                continue
            payload = data[data.index(self.magic):]
            check(payload in wanted, f"port {port} sent a frame that nobody made, or twice")
            wanted.remove(payload)

    def send(self, port, count):
        payloads = set()
        for _ in range(count):
            payload, frame = self.frame()
            payloads.add(payload)
            self.sockets[port].send(frame)
        return payloads

    def drain(self):
        """Empties the sockets, which what testpmd made has filled."""
        for sock in self.sockets:
            sock.setblocking(False)
            try:
                while True:
                    sock.recv(65536)
            except BlockingIOError:
                pass
            sock.settimeout(5)

    def kernel(self):
        """The kernel's counts of both links: received (what the port sent), sent; with bytes."""
        counts = {}
        with open("/proc/self/net/dev", encoding="ascii") as dev:
            for line in dev:
                name, _, values = line.partition(":")
                counts[name.strip()] = [int(v) for v in values.split()]
        return [counts[name] for name in self.names]

    def agree(self, least=0, seconds=5):
        """Both ends of both links must come to the same counts, of at least so many packets."""
        deadline = time.monotonic() + seconds
        while True:
            ports = per_port(self.testpmd.do("show port stats all"), "NIC statistics")
            ours = [[p.tx, p.tx_bytes, p.rx, p.rx_bytes] for p in ports]
            kernel = [[k[1], k[0], k[9], k[8]] for k in self.kernel()]
            packets = sum(p.rx + p.tx for p in ports)
            if ours == kernel and packets >= least:
                return packets
            check(time.monotonic() < deadline, f"not {least} packets, or not the same: sent and "
                  f"received by ports, packets and bytes: {ours}, kernel: {kernel}")
            time.sleep(0.05)

    def run(self, mode):
        before = packets = self.agree()
        # Packets that testpmd makes hold what was in their mbufs before, and a late one may still
        # come: nothing of an earlier mode may pass for ours.
        self.drain()
        self.magic = os.urandom(8)
        self.testpmd.do(f"set fwd {mode}")
        self.testpmd.do("start")
        if mode == "txonly":
            time.sleep(FORWARD_SECONDS)
            packets += ENOUGH
        else:
            for _ in range(0, self.FRAMES, self.AT_A_TIME):
                made = [self.send(port, self.AT_A_TIME) for port in (0, 1)]
                packets += 2 * self.AT_A_TIME
                if mode == "rxonly":
                    self.agree(packets)
                else:
                    packets += 2 * self.AT_A_TIME
                    self.receive(1, made[0])
                    self.receive(0, made[1])
        self.testpmd.do("stop")
        return self.agree(packets) - before


class Pools:
    """What testpmd and the driver say of the packet pools."""

    def __init__(self, testpmd, path, ops, number, no_cache):
        self.testpmd = testpmd
        self.path = path
        self.ops = ops
        self.number = number
        self.no_cache = no_cache

    def telemetry(self, sock, command):
        value = ask(sock, command, 16384)
        check(value is not None, f"telemetry refuses {command}")
        return value

    def one_whole(self, sock, name):
        text = self.testpmd.do(f"dump_mempool {name}")
        dump = dict(re.findall(r"^ *([a-z_]+)[=:] ?<?([\w-]+)>?\r?$", text, re.MULTILINE))
        size, common = int(dump["size"]), int(dump["common_pool_count"])
        cached = int(dump.get("total_cache_count", 0))
        check(dump["ops_name"] == self.ops, f"{name} is on {dump['ops_name']}")
        check(int(dump["populated_size"]) == size, f"{name} is not fully populated")
        check(not self.no_cache or int(dump["cache_size"]) == 0, f"{name} has a cache")
        check(common + cached == size,
              f"{name} is not whole: {common} in the driver + {cached} in caches of {size}")
        if self.ops != "page_pool":
            return
        info = self.telemetry(sock, f"/page_pool/info,{name}")
        check(info["size"] == size and info["count"] == common
              and info["in_flight"] == size - common, f"{name}: {common} of {size} in "
              f"the driver, which says: {info}")
        check(info["refused"] == 0, f"{name}: the driver refused {info['refused']} objects")
        result = self.telemetry(sock, f"/page_pool/check,{name}")
        check(result["violations"] == 0, f"{name}: the checker says: {result}")

    def whole(self):
        """All pools are whole; to be called when no port holds packets."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.settimeout(COMMAND_SECONDS)
            sock.connect(self.path)
            sock.recv(1024)
            names = [n for n in self.telemetry(sock, "/mempool/list") if n.startswith("mb_pool_")]
            check(len(names) == self.number, f"pools: {names}, not {self.number}")
            if self.ops == "page_pool":
                listed = self.telemetry(sock, "/page_pool/list")
                check(set(names) <= set(listed), f"page_pool lists {listed}, not {names}")
            for name in names:
                self.one_whole(sock, name)


def run(args, testpmd):
    packets = 0
    testpmd.do("", START_SECONDS)
    for command in args.do:
        testpmd.do(command.replace("_", " "))
    pools = Pools(testpmd, args.socket, args.ops, args.pools, args.no_cache)
    if args.kind == "tap":
        driver = Tap(testpmd, args.links.split(","))
    else:
        driver = {"null": Null, "ring": Ring}[args.kind](testpmd)
    restart = driver.link == ["port stop all"]
    modes = args.modes.split(",")
    for number, mode in enumerate(modes):
        try:
            packets += driver.run(mode)
            if restart or number == len(modes) - 1:
                for command in driver.link:
                    testpmd.do(command)
                pools.whole()
            if restart and number < len(modes) - 1:
                text = testpmd.do("port start all")
                check("Fail" not in text, f"a port does not start: {text}")
        except Failure as failure:
            raise Failure(f"{mode}: {failure}") from None
    testpmd.quit()
    return packets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("null", "ring", "tap"), required=True)
    parser.add_argument("--modes", required=True, help="forwarding modes, with commas")
    parser.add_argument("--links", help="the kernel's names of the two tap ports")
    parser.add_argument("--ops", required=True, help="ops that all packet pools must have")
    parser.add_argument("--pools", type=int, default=1, help="how many packet pools there must be")
    parser.add_argument("--no-cache", action="store_true", help="they must have no cache")
    parser.add_argument("--preload", help="shared object to preload into testpmd")
    parser.add_argument("--do", action="append", default=[], help="testpmd command to begin with, _ for blanks")
    parser.add_argument("--socket", required=True, help="path of dpdk_telemetry.v2")
    parser.add_argument("--log", required=True, help="file for what testpmd says")
    parser.add_argument("command", nargs="+", help="testpmd and its arguments, after --")
    args = parser.parse_args()

    testpmd = Testpmd(args.command, args.preload, args.log)
    try:
        print(run(args, testpmd))
    except (Failure, OSError) as failure:
        sys.exit(str(failure))
    finally:
        testpmd.kill()


if __name__ == "__main__":
    main()
