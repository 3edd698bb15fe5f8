#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Tells people what a run of `meson test` came to, from the JSON log that meson keeps.

The last line is for the caller: numbers of tests passed, failed and skipped.
"""

import argparse
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}

# Lines of a stream: behind one that says FAILED, and of its end when there is such a one
AFTER = 14
END = 5


def load(path):
    """One test a line; a run that was cut off may have left half a line at the end."""
    tests = []
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as log:
            for line in log:
                try:
                    tests.append(json.loads(line))
                except json.JSONDecodeError:
                    break
    return tests


def output(test):
    return (test.get("stdout") or "") + (test.get("stderr") or "")


def reason(test):
    """Why a test was skipped: the last thing it said."""
    lines = [line.strip() for line in output(test).splitlines() if line.strip()]
    said = [line for line in lines if "skip" in line.lower()]
    return (said or lines or ["it does not say why"])[-1]


def show(line):
    print(f"        {line}")


def show_excerpt(name, text, tail):
    """What says that something failed, with the lines that follow it, and then the end: whoever
    keeps only a part of what we print keeps its beginning."""
    lines = (text or "").splitlines()
    said = [n for n, line in enumerate(lines) if line.lstrip().startswith(("FAILED", "not ok"))]
    shown = [n for first in said for n in range(first, min(first + AFTER, len(lines)))]
    shown = sorted(set(shown))[:tail]
    if shown:
        print(f"      {name}, what failed")
        for n in shown:
            show(lines[n])
        tail = END
    first = max(len(lines) - tail, shown[-1] + 1 if shown else 0)
    if lines[first:]:
        print(f"      {name}" + (f", without its first {first} lines" if first > 0 else ""))
    for line in lines[first:]:
        show(line)


def show_failure(test, tail):
    print(f"    FAILED {test['name']}: {test['result']} after {test['duration']:.1f} s")
    # apart, since what says which case failed and what DPDK logged meanwhile are two streams
    show_excerpt("stdout", test.get("stdout"), tail)
    show_excerpt("stderr", test.get("stderr"), tail)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tail", type=int, default=25, help="lines shown of each stream")
    parser.add_argument("log", help="meson-logs/*.json")
    args = parser.parse_args()

    tests = load(args.log)
    failed = [t for t in tests if t["result"] not in PASSED | SKIPPED]
    skipped = [t for t in tests if t["result"] in SKIPPED]
    for test in skipped:
        print(f"    skipped {test['name']}: {reason(test)}")
    for test in failed:
        show_failure(test, args.tail)
    print(len(tests) - len(failed) - len(skipped), len(failed), len(skipped))


if __name__ == "__main__":
    sys.exit(main())
