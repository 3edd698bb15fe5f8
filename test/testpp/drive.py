# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""dpdk-testpp driven by its prompt, and packets whose content is known, sent and received by the
kernel. For tests that run in a network namespace of their own."""

import argparse
import collections
import os
import random
import re
import resource
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

PROMPT = b"testpmd> "
# What a program that is well never says
BAD = re.compile(rb"AddressSanitizer|LeakSanitizer|runtime error:|PANIC|mbufs are not back|[0-9]+ violations|"
                 rb"cannot be checked|refused:? [1-9]|of 0x[0-9a-f]+ refused|corrupt:? [1-9]|"
                 rb"lost: [1-9]|Segmentation fault|died inside")
MAC_A = bytes.fromhex("0200000000a1")
MAC_B = bytes.fromhex("0200000000a2")
IP_A = bytes([10, 77, 0, 1])
IP_B = bytes([10, 77, 0, 2])
FILLER = random.Random(7).randbytes(8192)
MAGIC = b"soak"
HEAD = struct.Struct(">4sBIH")
ETH_P_ALL = 3
PACKET_OUTGOING = 4


class Failed(Exception):
    """Something is not as it must be."""


# ---- packets

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def payload(source, seq, size):
    """As many bytes, whose content its own head tells."""
    size = max(size, HEAD.size)
    at = seq * 31 % 4096
    return HEAD.pack(MAGIC, source, seq, size) + FILLER[at:at + size - HEAD.size]


def frame(source, seq, length, dst=MAC_B, src=MAC_A):
    """UDP, or now and then a ping, of so many bytes or the fewest that can be."""
    icmp = seq % 16 == 0
    data = payload(source, seq, length - 42)
    if icmp:
        l4 = struct.pack(">BBHHH", 8, 0, 0, source, seq & 0xffff) + data
        l4 = l4[:2] + struct.pack(">H", checksum(l4)) + l4[4:]
    else:
        l4 = struct.pack(">HHHH", 7701, 7702, 8 + len(data), 0) + data
        pseudo = IP_A + IP_B + struct.pack(">HH", 17, len(l4))
        l4 = l4[:6] + struct.pack(">H", checksum(pseudo + l4) or 0xffff) + l4[8:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(l4), seq & 0xffff, 0, 64,
                     1 if icmp else 17, 0, IP_A, IP_B)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return dst + src + b"\x08\0" + ip + l4


def look(data):
    """What a frame is: "ours" with source and number, or the name of who else made it. Raises
    Failed for one that nobody made like this."""
    at = 12
    while data[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    kind = data[at:at + 2]
    ip = data[at + 2:]
    # net_null's, whose addresses may have been set
    if not any(data[at:]):
        return "null", 0, 0
    if kind != b"\x08\0" or len(ip) < 28 or ip[0] != 0x45:
        raise Failed(f"a frame of no kind that was sent: {data[:96].hex()}")
    total = struct.unpack(">H", ip[2:4])[0]
    if total > len(ip):
        raise Failed(f"cut off after {len(ip)} of {total} bytes: {data[:96].hex()}")
    if checksum(ip[:20]) != 0:
        raise Failed(f"checksum of the IP header: {data[:96].hex()}")
    ends = {ip[12:16], ip[16:20]}
    if ends != {IP_A, IP_B}:
        # txonly's and flowgen's, whose payload is what the mbuf had before
        if all(e[0] in (10, 198) for e in ends):
            return "made", 0, 0
        raise Failed(f"addresses that nobody has: {data[:96].hex()}")
    l4 = ip[20:total]
    if ip[9] == 1:
        if l4[0] not in (0, 8) or checksum(l4) != 0:
            raise Failed(f"a wrong ping: {data[:96].hex()}")
    elif ip[9] == 17:
        pseudo = ip[12:20] + struct.pack(">HH", 17, len(l4))
        if l4[6:8] != b"\0\0" and checksum(pseudo + l4) != 0:
            raise Failed(f"checksum of UDP: {data.hex()}")
    else:
        raise Failed(f"neither UDP nor ICMP: {data[:96].hex()}")
    data = l4[8:]
    if len(data) < HEAD.size:
        raise Failed(f"too short: {ip.hex()}")
    magic, source, seq, size = HEAD.unpack_from(data)
    if magic != MAGIC or len(data) != size or data != payload(source, seq, size):
        wrong = next((i for i, (x, y) in enumerate(zip(data, payload(source, seq, size)))
                      if x != y), size)
        raise Failed(f"source {source}, number {seq}: byte {wrong} of {size} is wrong: "
                     f"{data[:64].hex()}")
    return "ours", source, seq


def pcap_write(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for data in frames:
            f.write(struct.pack("<IIII", 1, 1, len(data), len(data)) + data)


def pcap_read(path):
    """The frames of a file that net_pcap writes, whose last one may not be whole yet."""
    with open(path, "rb") as f:
        data = f.read()
    at, frames = 24, []
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        if at + 16 + size > len(data):
            break
        frames.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return frames


# ---- the kernel's side

def ip(*args, check=True):
    """The ip command; whether it did it."""
    done = subprocess.run(["ip", *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False)
    if check and done.returncode != 0:
        raise Failed(f"ip {' '.join(args)}: {done.stderr.decode().strip()}")
    return done.returncode == 0


def quiet_interfaces():
    """In this network namespace the kernel itself says nothing."""
    for default in ("default", "all"):
        with open(f"/proc/sys/net/ipv6/conf/{default}/disable_ipv6", "w", encoding="ascii") as f:
            f.write("1")
    ip("link", "set", "lo", "up")


class Wire:
    """The kernel's end of an interface: sends packets of a source, and looks at what comes."""

    def __init__(self, name, source, once=True):
        self.name, self.source, self.once = name, source, once
        self.seq = 0
        self.sock = None
        self.index = None
        self.counts = collections.Counter()
        self.recent = collections.deque(maxlen=40) # what came last
        self.reopen()

    def reopen(self):
        """Interfaces come and go."""
        try:
            index = socket.if_nametoindex(self.name)
        except OSError:
            index = None
        if index == self.index:
            return
        self.close()
        self.index = index
        if index is None:
            return
        try:
            # with a protocol from the beginning it would get what comes to any interface
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.sock.bind((self.name, ETH_P_ALL))
            self.sock.setblocking(False)
        except OSError:
            self.close()

    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.sock = self.index = None

    def send(self, n, lengths):
        """As many as the kernel takes."""
        for _ in range(n):
            if self.sock is None:
                return
            try:
                self.sock.send(frame(self.source, self.seq, lengths()))
                self.counts["sent"] += 1
            except OSError:
                self.counts["not sent"] += 1
            self.seq += 1

    def receive(self, most, seen):
        """Looks at what waits; seen: those of all wires."""
        for _ in range(most):
            if self.sock is None:
                return
            try:
                data, where = self.sock.recvfrom(65536)
            except BlockingIOError:
                return
            except OSError:
                self.counts["errors"] += 1
                return
            if where[2] == PACKET_OUTGOING:
                continue
            try:
                kind, source, seq = look(data)
            except Failed as e:
                raise Failed(f"{self.name}: {e}") from None
            self.counts[kind] += 1
            if kind == "ours":
                self.counts[f"{source} to {self.name}"] += 1
            if kind != "ours" or source == 0:
                continue
            self.recent.append(f"{source}:{seq}")
            # one mbuf in two places would come out twice
            before = seen.get((source, seq))
            if before is not None:
                raise Failed(f"{self.name}: source {source}, number {seq} came twice, to "
                             f"{before[0]} {time.monotonic() - before[1]:.3f} s ago; what "
                             f"came last is {' '.join(self.recent)}")
            seen[source, seq] = self.name, time.monotonic()


class Kernel(threading.Thread):
    """Sends and looks, on all wires, until it is ended. What is wrong is in `wrong`."""

    def __init__(self, wires, seed, burst=8, pause=0.004):
        super().__init__(daemon=True)
        self.wires, self.burst, self.pause = wires, burst, pause
        self.rng = random.Random(seed)
        self.seen = {}
        self.wrong = None
        self.sending = True
        self.over = threading.Event()
        self.lock = threading.Lock()

    def length(self):
        return self.rng.choice((60, 64, 128, 256, 511, 1024, 1400, 1514,
                                self.rng.randint(60, 1514)))

    def run(self):
        while not self.over.wait(self.pause):
            with self.lock:
                try:
                    self.turn()
                except Failed as e:
                    self.wrong = f"{e}; numbers {[w.seq for w in self.wires]}"
                    return

    def turn(self):
        for w in self.wires:
            w.reopen()
            if self.sending:
                w.send(self.burst, self.length)
            w.receive(400, self.seen)

    def end(self):
        self.over.set()
        self.join()

    def counts(self):
        total = collections.Counter()
        for w in self.wires:
            total += w.counts
        return total


# ---- the program

def core_wanted():
    """In a new process."""
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def debugger(what):
    """All threads' stacks, if there is a debugger."""
    if shutil.which("gdb") is None:
        return "(no gdb)"
    done = subprocess.run(["gdb", *what, "-batch", "-ex", "bt 20", "-ex", "thread apply all bt 12"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                          timeout=60)
    return done.stdout.decode("utf-8", "replace")[-8000:]


class Testpp:
    """The program behind two pipes. Each command has one prompt."""

    def __init__(self, build, rundir, eal, args, limit=30, env=None, echo=None):
        self.limit, self.echo, self.rundir = limit, echo, rundir
        self.tail = b""
        self.commands = 0
        log = {**os.environ, "RUNTIME_DIRECTORY": rundir, **(env or {})}
        self.line = [os.path.realpath(os.path.join(build, "app/testpp/dpdk-testpp")), *eal, "--", *args]
        self.process = subprocess.Popen(self.line, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=log, cwd=rundir,
                                        preexec_fn=core_wanted)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.pending = b""

    def more(self, seconds):
        """Some output, or nothing within the time; None at its end."""
        out = self.process.stdout
        if not select.select([out], [], [], seconds)[0]:
            return b""
        data = out.read(1 << 20)
        if data is None:
            return b""
        if data == b"":
            return None
        self.tail = (self.tail + data)[-200000:]
        if self.echo is not None:
            self.echo.write(data)
            self.echo.flush()
        return data

    def prompt(self, limit=None):
        """What it says until the next prompt."""
        end = time.monotonic() + (limit or self.limit)
        while True:
            at = self.pending.find(PROMPT)
            if at >= 0:
                text, self.pending = self.pending[:at], self.pending[at + len(PROMPT):]
                self.judge(text)
                return text
            data = self.more(0.2)
            if data is None:
                raise Failed(self.ended())
            self.pending += data
            if time.monotonic() > end:
                raise Failed(f"no prompt within {limit or self.limit} s\n{self.stacks()}")

    def judge(self, text):
        bad = BAD.search(text)
        if bad:
            at = max(bad.start() - 200, 0)
            raise Failed(f"it says: {text[at:bad.end() + 300].decode('utf-8', 'replace')}")

    def send(self, command):
        self.commands += 1
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self.ended()) from None

    def __call__(self, command, limit=None):
        self.send(command)
        return self.prompt(limit).decode("utf-8", "replace")

    def end(self, command="quit", limit=60):
        """Exit status; what it says is judged. None: it was ended."""
        self.send(command)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            data = self.more(0.2)
            if data is None:
                break
            self.pending += data
        else:
            raise Failed(f"no end within {limit} s\n{self.stacks()}")
        status = self.process.wait(limit)
        self.judge(self.pending)
        return status

    def ended(self):
        """What it died of."""
        status = self.process.wait()
        cores = [f for f in os.listdir(self.rundir) if f.startswith("core")]
        where = debugger([self.line[0], os.path.join(self.rundir, cores[0])]) if cores else ""
        return f"it ended: status {status}\n{where}"

    def stacks(self):
        """Where all threads are."""
        return debugger(["-p", str(self.process.pid)])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def memory_kb(self):
        """What it has of its own, without DPDK's heap and the mbufs."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))


# ---- programs that use this

def parser(doc):
    """Arguments that all of them have."""
    here = os.path.dirname(os.path.realpath(__file__))
    p = argparse.ArgumentParser(usage=doc.split("usage: ", 1)[1])
    p.add_argument("--build", default=os.path.join(here, "../../build"))
    p.add_argument("--slow", type=float, default=1)
    return p


def alone(main, options):
    """main(options, rundir) in a network namespace that ends with us, and a directory that is
    removed. Its result is the exit status."""
    if os.geteuid() != 0:
        print("skipped: EAL's programs need root here")
        return 77
    if "PP_ALONE" not in os.environ:
        os.environ["PP_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    rundir = tempfile.mkdtemp(prefix="pp-", dir="/run" if os.access("/run", os.W_OK) else None)
    try:
        return main(options, rundir)
    finally:
        shutil.rmtree(rundir, ignore_errors=True)
