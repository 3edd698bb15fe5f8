# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Real traffic: two network namespaces whose kernels talk through two tap ports of dpdk-testpp."""

import contextlib
import ctypes
import hashlib
import os
import random
import re
import socket
import subprocess
import threading
import time

from program import Program, check

LINKS = ("ppta", "pptb")
ADDRESSES = ("192.0.2.1", "192.0.2.2")
SECONDS = 20

TCP_CONNECTIONS = 3
TCP_BYTES = 4 << 20  # of each connection, in each direction
UDP_FLOWS = 2
UDP_DATAGRAMS = 300
UDP_WINDOW = 8  # fragments of all of them fit the link's queue
UDP_MAX = 8000

libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def inside(namespace):
    """Sockets that are made here belong to the namespace."""
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
            open(namespace, encoding="ascii") as there:
        check(libc.setns(there.fileno(), 0) == 0, f"setns: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0)


def ip(namespace, *words):
    enter = ["nsenter", f"--net={namespace}"] if namespace else []
    done = subprocess.run(enter + ["ip"] + list(words), check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS)
    check(done.returncode == 0, f"ip {' '.join(words)}: {done.stdout.decode()}")


def unlink(link):
    """It may be gone, or not have come."""
    subprocess.run(["ip", "link", "del", link], check=False, stderr=subprocess.DEVNULL,
                   timeout=SECONDS)


def ping(namespace, address, *options):
    """Until ten are answered: on a loaded machine answers are later than ping waits for them."""
    done = subprocess.run(["nsenter", f"--net={namespace}", "ping", "-n", "-q", "-i", "0.02",
                           "-c", "10", "-w", f"{SECONDS - 5}", *options, address], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    answered = re.search(r"(\d+) received", done.stdout.decode())
    check(answered and int(answered.group(1)) >= 10,
          f"ping {' '.join(options)}: {done.stdout.decode()}")


class Threads:
    """Run at a time; the first one's failure is everybody's."""

    def __init__(self):
        self.threads = []
        self.failures = []

    def add(self, work, *args):
        def run():
            try:
                work(*args)
            except Exception as failure:  # pylint: disable=broad-except
                self.failures.append(failure)
        self.threads.append(threading.Thread(target=run, daemon=True))

    def run(self):
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(SECONDS)
            check(not thread.is_alive(), "traffic does not end")
        if self.failures:
            raise self.failures[0]


# ---- TCP

class Stream:
    """Random bytes one way over a connection, the same at both ends"""

    def __init__(self, seed):
        self.data = random.Random(seed).randbytes(TCP_BYTES)

    def send(self, sock):
        # writes of all sizes, not of whole pages
        rng = random.Random(len(self.data))
        at = 0
        while at < len(self.data):
            piece = self.data[at:at + rng.randrange(1, 100000)]
            sock.sendall(piece)
            at += len(piece)
        sock.shutdown(socket.SHUT_WR)

    def receive(self, sock):
        digest, count = hashlib.sha256(), 0
        while piece := sock.recv(65536):
            digest.update(piece)
            count += len(piece)
        check(count == len(self.data) and digest.digest() == hashlib.sha256(self.data).digest(),
              f"TCP: {count} bytes of {len(self.data)}, SHA-256 {digest.hexdigest()}")


def tcp(namespaces):
    """Connections from both sides, each with bytes in both directions at a time; bytes received"""
    threads = Threads()
    with contextlib.ExitStack() as stack:
        for number in range(2 * TCP_CONNECTIONS):
            here, there = number % 2, 1 - number % 2
            with inside(namespaces[there]):
                server = stack.enter_context(socket.create_server((ADDRESSES[there], 0)))
            with inside(namespaces[here]):
                client = stack.enter_context(
                    socket.create_connection(server.getsockname(), timeout=SECONDS))
            server.settimeout(SECONDS)
            accepted = stack.enter_context(server.accept()[0])
            accepted.settimeout(SECONDS)
            for sender, receiver in ((client, accepted), (accepted, client)):
                stream = Stream(f"{number}{sender is client}")
                threads.add(stream.send, sender)
                threads.add(stream.receive, receiver)
        threads.run()
    return 2 * 2 * TCP_CONNECTIONS * TCP_BYTES


# ---- UDP

def datagram(number):
    """Of all sizes, most of them fragmented on their way"""
    size = 8 + number * (UDP_MAX - 8) // (UDP_DATAGRAMS - 1)
    return number.to_bytes(8, "big") + random.Random(number).randbytes(size - 8)


def udp_answer(sock, answered):
    """Every datagram back to where it is from, until one that is empty"""
    while True:
        data, sender = sock.recvfrom(65536)
        if not data:
            answered.set()
            return
        sock.sendto(data, sender)


def udp_ask(sock, flow, answered):
    """All come back as they were; some may get lost on the way and are sent again."""
    order = list(range(UDP_DATAGRAMS))
    random.Random(flow).shuffle(order)
    waiting, lost = {}, 0
    sock.settimeout(0.3)
    while order or waiting:
        while order and len(waiting) < UDP_WINDOW:
            number = order.pop()
            waiting[number] = datagram(number)
            sock.send(waiting[number])
        try:
            data = sock.recv(65536)
        except socket.timeout:
            lost += len(waiting)
            check(lost < UDP_DATAGRAMS, f"UDP: {lost} lost")
            for data in waiting.values():
                sock.send(data)
            continue
        number = int.from_bytes(data[:8], "big")
        # one that was sent again may come twice
        check(number < UDP_DATAGRAMS and data == waiting.pop(number, datagram(number)),
              f"UDP: datagram {number} of {len(data)} bytes is not what was sent")
    # until nobody is there to hear it: one may get lost, too
    deadline = time.monotonic() + SECONDS
    while not answered.is_set() and time.monotonic() < deadline:
        sock.send(b"")
        answered.wait(0.1)


def udp(namespaces):
    threads = Threads()
    with contextlib.ExitStack() as stack:
        for flow in range(2 * UDP_FLOWS):
            here, there = flow % 2, 1 - flow % 2
            with inside(namespaces[there]):
                server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            with inside(namespaces[here]):
                client = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            server.bind((ADDRESSES[there], 0))
            server.settimeout(SECONDS)
            client.connect(server.getsockname())
            answered = threading.Event()
            threads.add(udp_answer, server, answered)
            threads.add(udp_ask, client, flow, answered)
        threads.run()
    return 2 * 2 * UDP_FLOWS * UDP_DATAGRAMS


# ---- all of it

def go(lab, namespaces, queues, options):
    """Bytes of TCP that have come through"""
    home = f"/proc/{os.getpid()}/ns/net"
    vdevs = [f"net_tap{i},iface={link}" for i, link in enumerate(LINKS)]
    program = Program(lab, vdevs, [f"--rxq={queues}", f"--txq={queues}",
                                   "--total-num-mbufs=8192"] + options)
    try:
        for namespace, link, address in zip(namespaces, LINKS, ADDRESSES):
            ip(None, "link", "set", link, "netns", namespace.split("/")[2])
            ip(namespace, "addr", "add", f"{address}/24", "dev", link)
            ip(namespace, "link", "set", link, "up")
        program.do("set fwd io")
        program.do("start")
        ping(namespaces[0], ADDRESSES[1])
        ping(namespaces[1], ADDRESSES[0], "-s", "8000")
        count = tcp(namespaces)
        udp(namespaces)
        counts = program.counts("stop")
        for one, other in ((0, 1), (1, 0)):
            check(count / 2 / 1500 < counts[one].rx == counts[other].tx,
                  f"bytes came, the ports say {[vars(c) for c in counts.values()]}")
        # the driver finds its links by name to stop them
        for namespace, link in zip(namespaces, LINKS):
            ip(namespace, "link", "set", link, "netns", home.split("/")[2])
        program.end(lab.next_end())
        return count
    finally:
        program.kill()
