#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Random options, lines and keys for dpdk-testpp: it refuses them or does as they say, and ends as
it should. Best with a build for AddressSanitizer.

usage: fuzz.py TESTPP PREFIX SECONDS [SEED]

Prints the seed. What was sent last is printed when something fails.
"""

import itertools
import os
import pathlib
import pty
import random
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).parent
EAL = ["--no-huge", "-m", "200", "--no-pci", "--no-telemetry", "--log-level=lib.eal:error",
       "--vdev=net_null0", "--vdev=net_null1"]
COMMON = ["--no-mlockall", "--total-num-mbufs=2048"]
# A program that hangs; sanitizers and other work on the same CPUs are slow
HANGS = 30
WORDS = ["0", "1", "2", "9", "31", "32", "64", "255", "256", "512", "65535", "65536", "4294967295",
         "18446744073709551615", "18446744073709551616", "-1", "0x1", "0xffffffffffffffff", "1.5",
         "", "on", "off", "all", "bogus", "net_null0", "net_null7", "mb_pool_0", "1,2,3", "0-1",
         ",", "(0,0)", "(0,1,0)", "00:11:22:33:44:55", "ff:ff:ff:ff:ff:ff:ff", "eth,ipv4",
         "io", "csum", "%s%n%d", "'", '"', "\\", "#", "\x01", "\x7f", "\xff", "\xc3\xa4", "=", "-"]
# What would take minutes, or gigabytes of output
SLOW = re.compile(rb"tx_first +\S*\d{4}|verbose|tx +delay|record|set +log|page_pool_debug")
KEYS = [b"\t", b"\t\t", b"\x01", b"\x02", b"\x03", b"\x05", b"\x06", b"\x08", b"\x0b", b"\x0c",
        b"\x0e", b"\x10", b"\x14", b"\x15", b"\x17", b"\x19", b"\x7f", b"\x1b[A", b"\x1b[B",
        b"\x1b[C", b"\x1b[D", b"\x1b[3~", b"\x1bb", b"\x1bf", b"\x1bd", b"\x1b", b"?", b"\n", b"\r",
        b"\x00", b"\xff", b"\x1b[99999999m"]


class Failure(Exception):
    pass


class Fuzz:
    def __init__(self, testpp, prefix, rng):
        self.testpp = testpp
        self.prefix = prefix
        self.rng = rng
        self.runs = itertools.count()
        self.cores = sorted(os.sched_getaffinity(0))
        self.dir = tempfile.TemporaryDirectory()
        usage = subprocess.run(self.command(["--help"]), check=True, timeout=HANGS,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        self.options = re.findall(r"(?m)^ +--([a-z0-9-]+)(=?)", usage)
        if len(self.options) < 80:
            raise Failure("--help has no options")
        self.lines = self.known_lines()

    def known_lines(self):
        """Commands that mean something."""
        lines = (HERE / "refused.txt").read_text(encoding="utf-8").splitlines()
        for f in sorted((HERE / "scripts").glob("*.txt")):
            lines += f.read_text(encoding="utf-8").splitlines()
        return [x.encode() for x in lines
                if x and x[0] not in "!#" and not x.startswith("load")]

    def command(self, args):
        lcores = ",".join(f"{i}@{self.cores[i % len(self.cores)]}" for i in range(2))
        return ([self.testpp, "--lcores", lcores] + EAL +
                [f"--file-prefix={self.prefix}{next(self.runs)}", "--"] + COMMON + args)

    def judge(self, what, status, out, allowed):
        if status not in allowed or b"Sanitizer" in out or b"runtime error" in out:
            raise Failure(f"status {status}\n{out[-4000:].decode('utf-8', 'replace')}\n{what}")

    # ---- the command line

    def option(self):
        name, value = self.rng.choice(self.options)
        if self.rng.random() < 0.1:
            name = self.mutated(name.encode()).decode("latin-1").replace("\0", "")
        if self.rng.random() < (0.9 if value else 0.1):
            word = ",".join(self.rng.choice(WORDS) for _ in range(self.rng.choice([1, 1, 1, 2, 9])))
            return f"--{name}={word}"
        return f"--{name}"

    def options_once(self):
        args = [self.option() for _ in range(self.rng.choice([1, 1, 2, 4]))]
        # reads no input, or takes all memory there is
        args = [x for x in args if not re.match(r"--(st|to|noisy-lkup-m|mlocka|mb)", x)]
        done = subprocess.run(self.command(args), input=b"\n", check=False, timeout=HANGS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.judge(args, done.returncode, done.stdout, (0, 1))

    # ---- commands

    def mutated(self, line):
        line = bytearray(line)
        for _ in range(self.rng.choice([1, 1, 2, 5])):
            at = self.rng.randrange(len(line) + 1)
            kind = self.rng.randrange(5)
            if kind == 0:
                line.insert(at, self.rng.randrange(256))
            elif kind == 1:
                del line[at:at + self.rng.choice([1, 2, 10])]
            elif kind == 2 and at < len(line):
                line[at] ^= 1 << self.rng.randrange(8)
            elif kind == 3:
                line[at:at] = line[:at]
            else:
                line[at:at] = bytes(self.rng.choice(b"a 0") for _ in range(1)) * \
                    self.rng.choice([10, 127, 128, 511, 512, 513, 2000])
        return bytes(line)

    def line(self):
        line = self.rng.choice(self.lines)
        kind = self.rng.random()
        if kind < 0.4:
            words = line.split()
            for _ in range(self.rng.choice([1, 1, 2])):
                words[self.rng.randrange(len(words))] = \
                    self.rng.choice(WORDS).encode("utf-8", "replace")
            line = b" ".join(words)
        elif kind < 0.7:
            line = self.mutated(line)
        elif kind < 0.75:
            line = self.rng.randbytes(self.rng.choice([1, 20, 600]))
        if SLOW.search(line) or re.search(rb"\b(quit|load)\b", line):
            return b"stop"
        return line.replace(b"\x04", b"")

    def commands_once(self):
        """A pipe, and a file of commands that is not one."""
        name = os.path.join(self.dir.name, "commands")
        with open(name, "wb") as f:
            f.write(b"\n".join(self.line() for _ in range(300)))
        lines = [self.line() for _ in range(1500)]
        lines.insert(self.rng.randrange(1500), f"load {name}".encode())
        text = b"\n".join(lines) + b"\n"
        done = subprocess.run(self.command(["-i"]), input=text, check=False, timeout=4 * HANGS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.judge("\n".join(repr(x) for x in lines), done.returncode, done.stdout, (0,))
        if b"Bye..." not in done.stdout:
            raise Failure(f"no Bye: {done.stdout[-500:]}")

    # ---- a terminal

    def keys(self):
        """A line, with keys in between."""
        line = bytearray(self.line().replace(b"\n", b"").replace(b"\r", b"")[:700])
        if self.rng.random() < 0.5:
            # completion at each position
            line = bytearray(b"\t".join(bytes([c]) for c in line[:120]))
        for _ in range(self.rng.choice([0, 1, 5])):
            at = self.rng.randrange(len(line) + 1)
            line[at:at] = self.rng.choice(KEYS)
        # ^D where there is something on the line deletes, where there is not it ends
        if self.rng.random() < 0.3:
            line[0:0] = b"x\x04"
        if SLOW.search(line) or b"quit" in line or b"load" in line:
            return b"\t"
        # ^S stops the terminal, not the program
        return bytes(line).replace(b"\x13", b"")

    def terminal_once(self):
        master, slave = pty.openpty()
        before = termios.tcgetattr(slave)
        out, sent = bytearray(), []
        with subprocess.Popen(self.command(["-i"]), stdin=slave, stdout=slave, stderr=slave,
                              start_new_session=True) as process:
            try:
                self.wait_for(master, out, b"testpmd> ", process)
                for _ in range(60):
                    # what stays on the line is dropped, and must not be typed into the end
                    keys = self.keys() + self.rng.choice([b"\n", b"\x03", b""])
                    sent.append(keys)
                    self.send(master, out, keys)
                # ^C drops the line; ^D on an empty one ends
                how = self.rng.choice([b"\x03quit\n", b"\x03\x04"])
                sent.append(how)
                self.wait_for(master, out, b"Bye...", process, how)
                status = process.wait(HANGS)
                after = termios.tcgetattr(slave)
            except (Failure, subprocess.TimeoutExpired) as e:
                raise Failure(f"{e}\n{out[-3000:].decode('utf-8', 'replace')}\n" +
                              "\n".join(repr(x) for x in sent)) from e
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                os.close(master)
                os.close(slave)
        self.judge(sent, status, bytes(out), (0,))
        if before != after:
            raise Failure(f"the terminal is not as it was: {before} {after}")

    @staticmethod
    def drain(master, out, seconds):
        """Until there is no more for a while."""
        while select.select([master], [], [], seconds)[0]:
            out += os.read(master, 65536)

    def send(self, master, out, data):
        """No faster than it is read: a terminal that is full drops what is typed."""
        for i in range(0, len(data), 200):
            os.write(master, data[i:i + 200])
            self.drain(master, out, 0.01)

    def wait_for(self, master, out, text, process, keys=b""):
        """What is typed may be lost, where much is still to be read, and is typed again."""
        end = time.monotonic() + HANGS
        while text not in out:
            self.send(master, out, keys)
            self.drain(master, out, 1 if keys else 0.1)
            if process.poll() is not None and text not in out:
                self.drain(master, out, 0.1)
                raise Failure(f"it ended with {process.returncode} before {text}")
            if time.monotonic() > end:
                raise Failure(f"no {text}")


def main(testpp, prefix, seconds, seed=None):
    seed = int(seed) if seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    end = time.monotonic() + float(seconds)
    counts = {}
    fuzz = None
    try:
        fuzz = Fuzz(testpp, prefix, random.Random(seed))
        for kind in itertools.cycle((fuzz.options_once, fuzz.commands_once, fuzz.options_once,
                                     fuzz.terminal_once)):
            kind()
            counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
            if time.monotonic() > end and len(counts) == 3:
                break
    except (Failure, subprocess.TimeoutExpired) as e:
        what = getattr(e, "output", None)
        print(f"failed   {e}\n{(what or b'')[-2000:].decode('utf-8', 'replace')}\nseed {seed}")
        return 1
    print("ok       " + ", ".join(f"{k} {v}" for k, v in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
