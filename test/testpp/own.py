#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""What dpdk-testpp does with the library itself: --pp-frag, --pp-split, --pp-provider.

usage: own.py TESTPP PREFIX PACKETS DIR FAKE_SPLIT [CASE]

PACKETS is a file of packets of many kinds; DIR is for files. FAKE_SPLIT is a library that stands in
front of devices, see fake_split.c. Prints a line for each case and exits with 1 if one failed.
"""

import os
import random
import re
import select
import struct
import subprocess
import sys
import time

from drive import pcap_read, pcap_write

SECONDS = 30
PROMPT = b"testpmd> "
EAL = ["--no-huge", "-m", "320", "--no-pci", "--no-telemetry", "--log-level=lib.eal:error"]
COMMON = ["--no-mlockall", "--total-num-mbufs=2048"]

# Each with the commands that set it up
ENGINES = [["set fwd io"], ["set fwd mac"], ["set fwd macswap"], ["set fwd 5tswap"],
           ["set fwd icmpecho"], ["set fwd noisy"],
           ["csum parse-tunnel on 0", "set fwd csum"],
           ["set txpkts 60,10,200", "set txsplit on", "set fwd csum"]]

# Options for the library; the header's length is below, within, and above what engines read
LIBRARY = ["--pp-frag=2176", "--pp-frag=65535", "--pp-frag=256", "--pp-frag=2048,512",
           "--pp-provider=region", "--pp-provider=heap --mbuf-size=300",
           "--pp-frag=4000 --pp-provider=region", "--pp-split=1,2048", "--pp-split=13,2048",
           "--pp-split=20,300 --pp-provider=region", "--pp-split=64,2048",
           "--pp-split=300,9000", "--pp-split=eth,2048", "--pp-split=ipv4-udp,2048",
           "--pp-split=ipv4,65535 --pp-provider=region"]

# Refused, with a line that has this
BAD = [("--pp-frag=", "bad pp-frag"), ("--pp-frag=0", "pp-frag should be > 0 and < 65536"),
       ("--pp-frag=65536", "pp-frag should be > 0 and < 65536"),
       ("--pp-frag=128", "--pp-frag: 128 bytes have no room"),
       ("--pp-frag=2048,x", "character x is not a decimal digit"),
       ("--pp-frag=1000,2000,3000,4000,5000,6000,7000,8000,9000", "Number of pp-frag = 9 > 8"),
       ("--pp-frag=2048 --mbuf-size=2048", "--pp-frag and --mbuf-size cannot be used together"),
       ("--pp-frag=2048 --txpkts=4000", "length[0]=4000 > mbuf_data_size=2048"),
       ("--pp-split=64", "pp-split 64 invalid - must be HDR,PAYLOAD"),
       ("--pp-split=,2048", "invalid - must be HDR,PAYLOAD"),
       ("--pp-split=0,2048", "HDR 0 invalid"), ("--pp-split=32769,2048", "HDR 32769 invalid"),
       ("--pp-split=inner-ipv4,2048", "HDR inner-ipv4 invalid"),
       ("--pp-split=64,", "PAYLOAD  invalid"), ("--pp-split=64,65536", "PAYLOAD 65536 invalid"),
       ("--pp-split=64,2048,2048", "PAYLOAD 2048,2048 invalid"),
       ("--pp-split=64,100", "--pp-split: 100 bytes have no room"),
       ("--pp-split=64,2048 --pp-frag=2048", "--pp-split and --pp-frag cannot be used together"),
       ("--mbuf-size=2048 --pp-split=64,2048", "--mbuf-size and --pp-split cannot be used"),
       ("--pp-split=64,2048 --rxpkts=64,64", "--pp-split cannot be used with --rxpkts"),
       ("--rxhdrs=eth --pp-split=64,2048", "--pp-split cannot be used with --rxpkts"),
       ("--rxoffs=0,0 --pp-split=64,2048", "--pp-split cannot be used with --rxpkts"),
       ("--pp-split=64,2048 --multi-rx-mempool", "cannot be used with --multi-rx-mempool"),
       ("--pp-frag=2048 --mp-alloc=anon", "cannot be used with --mp-alloc=anon"),
       ("--mp-alloc=xbuf --pp-provider=heap", "cannot be used with --mp-alloc=xbuf"),
       ("--pp-provider=bogus", "must be: heap, region, unreadable or gpu"),
       ("--pp-provider=unreadable", "it needs --pp-split"),
       ("--pp-provider=gpu --pp-frag=2048", "it needs --pp-split"),
       ("--pp-provider=unreadable --pp-split=13,2048", "must be a length >= 14"),
       ("--pp-provider=unreadable --pp-split=eth,2048", "must be a length >= 14"),
       ("--pp-provider=unreadable --pp-split=64,2048",
        "port 0 (net_null): the device does not split packets itself"),
       ("--pp-provider=gpu --pp-split=64,2048", "there is no such device"),
       ("--pp-frag=65535 --total-num-mbufs=100000", "failed: Cannot allocate memory")]


class Session:
    """One run of the program, at its prompt."""

    def __init__(self, command, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=env)
        self.text = ""
        self.start = self.wait()

    def wait(self):
        """All up to the next prompt, or the end."""
        got, end = b"", time.monotonic() + SECONDS
        fd = self.process.stdout.fileno()
        # packets may be printed behind it
        while PROMPT not in got:
            if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
                got += b"\nno prompt in time\n"
                break
            more = os.read(fd, 65536)
            if not more:
                break
            got += more
        text = got.decode("utf-8", "replace").replace("\r", "")
        self.text += text
        return text

    def do(self, *commands):
        out = ""
        for c in commands:
            try:
                self.process.stdin.write((c + "\n").encode())
                self.process.stdin.flush()
            except BrokenPipeError:
                break
            out = self.wait()
        return out

    def until(self, command, pattern):
        """A command again and again until its output has a pattern."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            out = self.do(command)
            if re.search(pattern, out):
                return out
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        return None

    def quit(self):
        """The exit status."""
        self.do("quit")
        try:
            rest, _ = self.process.communicate(timeout=SECONDS)
            self.text += rest.decode("utf-8", "replace")
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.communicate()
        return self.process.returncode


class Own:
    def __init__(self, testpp, prefix, kinds, directory, fake):
        self.testpp = testpp
        self.prefix = prefix
        self.dir = directory
        self.fake = fake
        self.cores = sorted(os.sched_getaffinity(0))
        self.runs = self.passed = self.failed = 0
        rng = random.Random(1)
        self.packets = pcap_read(kinds)
        self.packets += [rng.randbytes(n) for n in range(1, 100)]
        self.packets += [rng.randbytes(n) for n in range(100, 1515, 19)]
        # several mbufs in most sizes; with their own the driver of pcap files reads no more
        self.packets += [rng.randbytes(n) for n in (1800, 2049, 4000)]
        self.file("in.pcap")
        pcap_write(self.file("in.pcap"), self.packets)

    def file(self, name):
        return os.path.join(self.dir, name)

    def command(self, devices, options, lcores=1):
        self.runs += 1
        where = ",".join(f"{i}@{self.cores[i % len(self.cores)]}" for i in range(lcores + 1))
        return ([self.testpp, "--lcores", where] + EAL + [f"--vdev={d}" for d in devices] +
                [f"--file-prefix={self.prefix}{self.runs}", "--"] + COMMON + options)

    def session(self, devices, options, lcores=1, env=None):
        return Session(self.command(devices, ["-i"] + options.split(), lcores), env)

    def say(self, good, name, why=""):
        print(f"ok       {name}" if good else f"failed   {name}: {why}", flush=True)
        self.passed += bool(good)
        self.failed += not good
        return good

    def ended(self, s, name):
        """It ended well, and nothing stayed behind."""
        status = s.quit()
        # DPDK's CRC reads words wherever they lie
        lost = [x for x in s.text.splitlines() if re.search(
            r"did not come back|stays|Sanitizer|runtime error|no prompt in time", x) and
            "rte_hash_crc.h" not in x]
        return self.say(status == 0 and not lost and "Bye..." in s.text, name,
                        f"status {status} {lost[:3]} {s.text[-400:]}")

    # ---- packets in, packets out

    def forward(self, options, devices=1):
        """What comes out of a file of packets, by engine."""
        names = [f"net_pcap{i},rx_pcap={self.file('in.pcap')},tx_pcap={self.file(f'out{i}.pcap')}"
                 for i in range(devices)]
        s = self.session(names, options + " --no-flush-rx")
        out = []
        for commands in ENGINES:
            s.do(*commands)
            s.do("clear port stats all", "start")
            s.until("show port stats 0", rf"RX-packets: {len(self.packets)} ")
            s.do("stop", "show port stats all", "port stop all")
            out.append(pcap_read(self.file("out0.pcap")))
            s.do("set txsplit off", "port start all")
        return s, out

    def contents(self):
        s, want = self.forward("")
        self.say(want[0] == self.packets and all(len(w) == len(self.packets) for i, w in
                                                 enumerate(want) if i != 4) and len(want[4]) > 0 and
                 len({str(w) for w in want}) == 6, "the reference: ordinary mbufs",
                 f"{[len(w) for w in want]} of {len(self.packets)}; {s.text[-300:]}")
        self.ended(s, "the reference ends")
        for options in LIBRARY:
            s, got = self.forward(options)
            for commands, w, g in zip(ENGINES, want, got):
                name = "; ".join(commands)
                differ = [i for i, (a, b) in enumerate(zip(w, g)) if a != b]
                if w != g:
                    self.say(False, f"{options}: {name}",
                             f"{len(w)} packets, {len(g)}; differ: {differ[:8]} {s.text[-300:]}")
            if got == want:
                self.say(True, f"{options}: {len(ENGINES)} times the same packets")
            self.ended(s, f"{options} ends")

    # ---- what is said

    def bad(self):
        for options, cause in BAD:
            done = subprocess.run(self.command(["net_null0"], options.split()), check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=SECONDS)
            text = done.stdout.decode("utf-8", "replace")
            self.say(done.returncode == 1 and cause in text and "Configuring Port" not in text,
                     f"refused: {options}", f"status {done.returncode}: {text[-300:]}")

    def counters(self):
        s = self.session([f"net_pcap0,rx_pcap={self.file('in.pcap')},tx_pcap=/dev/null"],
                         "--pp-split=64,2048 --no-flush-rx")
        s.do("set verbose 1")
        said = re.findall(r"page_pool: port 0: headers of 64 bytes are split off in software",
                          s.start)
        whole = sum(len(p) <= 64 for p in self.packets)
        s.do("start")
        line = (rf"port 0 queue 0: in software: split {len(self.packets) - whole}, header only "
                rf"{whole}, left whole 0, dropped for lack of an mbuf 0\n")
        good = s.until("show page_pool split", line) is not None
        all_pools = s.do("show page_pool all")
        good = good and re.search(line, all_pools) is not None
        s.do("stop", "set verbose 0", "clear page_pool")
        segs = re.findall(r"length=(\d+) - nb_segs=(\d+)", s.text)
        self.say(len(segs) == len(self.packets) and
                 all((int(n) <= 64) == (segments == "1") for n, segments in segs),
                 "headers and payload, segments of their own", f"{segs[:20]}")
        cleared = s.do("show page_pool split")
        self.say(good and len(said) == 1, "who splits, and how much", s.text[-600:])
        self.say("split 0, header only 0," in cleared, "counted from 0 again", cleared)
        self.say("data: frags of 2048 bytes in page pool 1" in all_pools and
                 re.search(r"pinned mbufs: \d+ pages, 2048 references", all_pools) is not None and
                 "mbufs: 2048 of mempool mb_pool_0, with 2048 bytes each" in all_pools and
                 "provider heap" in all_pools and "page_pool mb_headers_0" in all_pools,
                 "pools and mempools shown", all_pools)
        # once only, whatever is set up again
        s.do("port stop all", "port config 0 rxq 0 ring_size 512", "port start all")
        self.say("split off" not in s.text.split("port stop all")[1], "said once")
        self.say("ignored" in s.do("set rxpkts 10,20") and "ignored" in s.do("set rxhdrs eth"),
                 "set rxpkts, set rxhdrs: ignored", s.text[-300:])
        self.ended(s, "counters end")
        s = self.session([f"net_pcap0,rx_pcap={self.file('in.pcap')},tx_pcap=/dev/null"],
                         "--pp-split=13,2048 --no-flush-rx --forward-mode=macswap")
        s.do("set verbose 2", "start")
        s.until("show port stats 0", rf"RX-packets: {len(self.packets)} ")
        s.do("stop")
        segs = re.findall(r"length=(\d+) - nb_segs=(\d+)", s.text)
        self.say(len(segs) == len(self.packets) and
                 all((int(n) <= 14) == (segments == "1") for n, segments in segs),
                 "a segment whose last byte is moved goes", f"{segs[:20]}")
        self.ended(s, "segments end")

    # ---- ports come and go

    def splits(self, s, queues, why):
        """Each of the queues splits each packet."""
        s.do("set fwd rxonly", "start", "stop", "clear page_pool", "start")
        time.sleep(0.05)
        stopped = s.do("stop")
        got = sum(map(int, re.findall(r"Forward statistics for port \d+ +-+\n  RX-packets: (\d+)",
                                      stopped)))
        out = s.do("show page_pool split")
        found = re.findall(r"port (\d+) queue (\d+): in software: split (\d+), header only (\d+)",
                           out)
        split = sum(int(n) for _, _, n, _ in found)
        callbacks = int(re.findall(r"told: (\d+) callbacks", s.text)[-1])
        # what was in the queues when forwarding began was thrown away, and counts, too
        self.say([(int(p), int(q)) for p, q, n, h in found if int(n) > 0 and int(h) == 0] == queues
                 and len(found) == len(queues) == callbacks and split >= got > 0, why,
                 f"{queues}: {found} {got} {callbacks} callbacks {stopped[-600:]}")

    def lives(self):
        both = [(0, 0), (0, 1), (1, 0), (1, 1)]
        s = self.session(["net_null0", "net_null1"], "--pp-split=20,2048 --rxq=2 --txq=2", 2,
                         self.faked())
        self.splits(s, both, "two ports, two queues")
        s.do("port stop all", "port start all")
        self.splits(s, both, "stopped, started")
        s.do("port stop all", "port config all rxd 256", "port start all")
        self.splits(s, both, "configured again")
        s.do("port stop all", "port 0 rxq 0 setup", "port 0 rxq 0 setup", "port 0 rxq 1 setup",
             "port start all")
        self.splits(s, both, "queues set up again")
        s.do("port stop all", "port config 0 rxq 1 ring_size 512", "port start all")
        self.splits(s, both, "a ring of another size")
        # refused, while it runs; and nothing has changed
        refused = s.do("port 0 rxq 0 setup")
        s.do("start")
        refused += s.do("port 1 rxq 1 setup")
        s.do("stop")
        self.say(refused.count("Failed to setup RX queue") == 2, "not set up while it runs",
                 refused)
        self.splits(s, both, "as before")
        s.do("port stop all", "port config all rxq 1", "port config all txq 1", "port start all")
        self.splits(s, [(0, 0), (1, 0)], "fewer queues")
        s.do("port stop all", "port config all rxq 2", "port config all txq 2", "port start all")
        self.splits(s, both, "more queues")
        s.do("port stop all", "port reset all", "port start all")
        self.splits(s, both, "reset, which null ports do not do")
        s.do("port stop 1", "port close 1")
        self.splits(s, both[:2], "one closed")
        s.do("port attach net_null7", "port start all")
        self.splits(s, both, "another one in its place")
        s.do("port stop 1", "port detach 1")
        self.splits(s, both[:2], "detached")
        for i in range(3):
            s.do(f"port attach net_null1{i}", "port start 1", "port stop 1",
                 "port close 1" if i % 2 == 0 else "port detach 1")
        s.do("port attach net_null20", "port start 1")
        self.splits(s, both, "attached again and again")
        s.do("port stop all", "port close all")
        left = re.findall(r"told: (\d+) callbacks", s.text)[-1]
        self.say(left == "0", "all closed: no callback is left", left)
        self.ended(s, "all closed; end")
        s = self.session(["net_null0", "net_null1"], "--pp-split=20,2048 --disable-device-start")
        self.ended(s, "never started; end")

    def offloads(self):
        """Split packets have two segments, and no driver may free frags on its own."""
        for options, want in (("", "MBUF_FAST_FREE"), ("--pp-frag=2048", ""),
                              ("--pp-split=64,2048", "MULTI_SEGS")):
            s = self.session(["net_null0"], options, env=self.faked())
            out = s.do("show port 0 tx_offload configuration")
            got = re.search(r"Port :(.*)", out)
            self.say(got is not None and got[1].strip() == want,
                     f"{options or 'ordinary mbufs'}: offloads for sending: {want or 'none'}", out)
            s.do("port stop 0")
            out = s.do("port config 0 tx_offload mbuf_fast_free on")
            self.say(("not for mbufs whose data is in frags" in out) == (options != ""),
                     f"{options or 'ordinary mbufs'}: mbuf_fast_free by command", out)
            self.ended(s, f"{options or 'ordinary mbufs'}: offloads end")

    def makers(self):
        """Engines that make packets; rings keep what they are given."""
        engines = [["set fwd txonly"], ["set txpkts 20,30,100", "set fwd txonly"],
                   ["set txpkts 60,30,100", "set txsplit rand", "set fwd txonly"],
                   ["set fwd io"], ["set fwd macswap"], ["set fwd 5tswap"], ["set fwd csum"],
                   ["set txsplit off", "set fwd flowgen"], ["set fwd noisy"],
                   ["set fwd icmpecho"]]
        for options in ("--pp-frag=2176", "--pp-split=40,2048 --txpkts=60,200", "--pp-frag=700,300",
                        "--pp-split=10,1000 --pp-provider=region"):
            s = self.session(["net_ring0", "net_ring1"], options + " --flowgen-clones=4", 2)
            idle = []
            for commands in engines:
                # full rings take no more
                s.do("set fwd rxonly", "start", "stop")
                first = "" if "txonly" in commands[-1] else " tx_first 2"
                s.do(*commands, "start" + first)
                time.sleep(0.05)
                # what icmpecho gets are no requests
                if not re.search(r"[RT]X-packets: [1-9]", s.do("stop")):
                    idle.append(commands[-1])
            s.do("set fwd io", "start tx_first 2", "stop")
            shown = s.do("show page_pool all")
            self.say(not idle and "refused: 0" in shown and
                     not re.search(r"refused: [1-9]|corrupt: [1-9]", shown),
                     f"{options}: makers", f"{idle} {shown}")
            if "split" in options:
                s.do("port stop all", "port close all")
            self.ended(s, f"{options}: rings full of packets, end")

    def first_packets(self):
        """What txonly makes, in segments, reaches the file."""
        texts = []
        for options in ("", "--pp-frag=2176", "--pp-split=14,600", "--pp-frag=400"):
            s = self.session([f"net_pcap0,rx_pcap={self.file('none.pcap')},"
                              f"tx_pcap={self.file('out0.pcap')}"], options)
            s.do("set txpkts 14,30,200", "start tx_first 3", "stop", "port stop all")
            texts.append([(len(p), p[:42]) for p in pcap_read(self.file("out0.pcap"))])
            self.ended(s, f"{options or 'ordinary mbufs'}: txonly, end")
        good = [n == 244 and p[12:16] == b"\x08\0\x45\0" and p[16:18] == b"\0\xe6" and
                sum(struct.unpack(">10H", p[14:34])) % 0xffff == 0 and
                p[34:] == b"\0\x09\0\x09\0\xd2\0\0" for n, p in texts[0]]
        self.say(len(texts[0]) == 96 and all(good) and all(t == texts[0] for t in texts),
                 "txonly: the same headers and lengths",
                 f"{[len(t) for t in texts]} {texts[0][:1]}")

    def odd_packets(self):
        """One mbuf that a ring has several times, and packets without a byte."""
        s = self.session(["net_ring0", f"net_pcap0,rx_pcap={self.file('none.pcap')},"
                          f"tx_pcap={self.file('out0.pcap')}"],
                         "--no-flush-rx --flowgen-clones=3 --txpkts=200 --pp-split=14,2048")
        s.do("set fwd flowgen", "start", "stop")
        # flowgen's own to the file are not what is looked at
        before = len(pcap_read(self.file("out0.pcap")))
        s.do("set fwd io", "start")
        time.sleep(0.1)
        s.do("stop", "port stop all")
        packets = pcap_read(self.file("out0.pcap"))[before:]
        self.say(len(packets) > 0 and all(len(p) == 196 and p[12:14] == b"\x08\0" for p in packets),
                 "clones that go through a splitter", f"{len(packets)} {sorted(map(len, packets))[:2]}")
        self.ended(s, "clones that go through a splitter, end")
        full = bytes(range(200))
        pcap_write(self.file("empty.pcap"), [full, b"", full])
        for options in ("", "--pp-frag=2176", "--pp-split=14,600"):
            s = self.session([f"net_pcap0,rx_pcap={self.file('empty.pcap')},"
                              f"tx_pcap={self.file('out0.pcap')}"], options + " --no-flush-rx")
            s.do("set txpkts 60,10,200", "set txsplit on", "set fwd csum", "start")
            time.sleep(0.1)
            s.do("stop", "port stop all")
            sizes = sorted(map(len, pcap_read(self.file("out0.pcap"))))
            self.say(sizes == [0, 200, 200], f"{options or 'ordinary mbufs'}: a packet of nothing",
                     f"{sizes}")
            self.ended(s, f"{options or 'ordinary mbufs'}: a packet of nothing, end")

    def lcores(self):
        """Two lcores hand mbufs to each other."""
        s = self.session(["net_null0", "net_null1", "net_null2", "net_null3"],
                         "--pp-split=20,2048 --nb-cores=2 --burst=64", 2)
        s.do("start")
        time.sleep(0.5)
        s.do("stop")
        out = s.do("show page_pool all")
        self.say(re.search(r"mbufs: 2048 of mempool mb_pool_0.*; 0 are out", out) is not None,
                 "two lcores: all mbufs are back", out)
        self.ended(s, "two lcores end")

    # ---- devices that are not what they say

    def faked(self, **more):
        env = dict(os.environ, **more)
        env["LD_PRELOAD"] = self.fake + ":" + env.get("LD_PRELOAD", "")
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return env

    def devices(self):
        env = self.faked(FAKE_SPLIT="1")
        s = self.session(["net_null0"], "--pp-split=64,2048", env=env)
        self.say("page_pool: port 0: headers of 64 bytes are split off by the device" in s.start and
                 "told: port 0 queue 0: 64 bytes to mb_headers_0, the rest to mb_pool_0" in s.start,
                 "a device that splits", s.start)
        out = s.do("show page_pool split")
        self.say("port 0 queue 0: by the device" in out, "the device, in show page_pool split", out)
        self.ended(s, "a device that splits ends")
        s = self.session(["net_null0"], "--pp-split=64,2048 --pp-provider=unreadable", env=env)
        s.do("start")
        time.sleep(0.05)
        s.do("stop", "set fwd csum")
        refused = s.do("start")
        out = s.do("show page_pool all")
        self.say("payload is not the CPU's, cannot use csum fwd mode" in refused and
                 "provider unreadable" in out and re.search(r"RX-packets: [1-9]", s.text) is not
                 None, "payload that is not the CPU's", s.text[-1000:])
        self.ended(s, "payload that is not the CPU's ends")
        s = self.session(["net_null0"], "--pp-split=64,2048 --pp-provider=gpu", env=env)
        s.do("start")
        time.sleep(0.05)
        s.do("stop")
        out = s.do("show page_pool all")
        # 2048 of 2048 bytes
        self.say("told: gpu 0: 4194304 bytes, aligned to 65536" in s.start and
                 "provider gpu: 64 pages" in out and re.search(r"RX-packets: [1-9]", s.text) is not
                 None, "payload of a GPU", s.text[-1000:])
        self.ended(s, "payload of a GPU ends")
        self.say("told: gpu 0: free 1" in s.text, "a GPU's memory is given back", s.text[-200:])
        done = subprocess.run(self.command(["net_null0"], [
            "--pp-split=64,2048", "--pp-provider=unreadable", "--forward-mode=txonly"]),
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS, env=env)
        self.say(done.returncode == 1 and b"cannot use txonly fwd mode" in done.stdout,
                 "txonly refused", done.stdout[-300:])

    def run(self, cases):
        pcap_write(self.file("none.pcap"), [])
        for c in cases or ["bad", "counters", "lives", "devices", "offloads", "first_packets",
                           "odd_packets", "makers", "lcores", "contents"]:
            getattr(self, c)()
        print(f"{self.passed} passed, {self.failed} failed")
        return self.failed


if __name__ == "__main__":
    sys.exit(1 if Own(*sys.argv[1:6]).run(sys.argv[6:]) else 0)
