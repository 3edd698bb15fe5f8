#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Tables for people, in reStructuredText, from the JSON files of dpdk-mempool-bench.

For each file: every row with the best peer, the ratio and what was aimed at; then the rows in which
a get or put takes longer than with the best peer, by more than the rounds differ.
"""

import argparse
import fnmatch
import json
import sys

BOUNDS = ("floor", "ceiling")

# What is aimed at, the first pattern that fits: ("level",), ("ratio", to the best peer) or
# ("self", to the same pool before, or without what the row is about). None: nothing.
TARGETS = [
    ("local/1/b1/c0", ("level",)),
    ("local/1/b32/c0", ("ratio", 2.0)),
    ("local/1/b256/c0", ("ratio", 2.0)),
    ("local/2/b1/c0", ("ratio", 12.0)),
    ("local/2/b32/c0", ("ratio", 9.0)),
    ("local/*/c0", None),
    ("local/*", ("level",)),
    ("pipeline/0B/*", ("ratio", 0.9)),
    ("pipeline/*", ("level",)),
    ("random/*", ("level",)),
    ("nic/*", ("level",)),
    ("after-burst/*", ("self", 0.95)),
    ("exhaustion/*", ("self", 0.5)),
    ("no-lcore/*", ("self", 0.9)),
]

PERCENTILES = ("p50", "p99", "p99.9")
CALLS = (("get", "get_mean_ns"), ("put", "put_mean_ns"))


def ops(name):
    """The driver of a pool that may be followed by its configuration."""
    return name.partition(":")[0]


def target(name):
    for pattern, aim in TARGETS:
        if fnmatch.fnmatchcase(name, pattern):
            return aim
    return None


def peers(run, row):
    """Names of the pools of other drivers; the bounds are none."""
    return [
        n for n in row["pools"] if n not in BOUNDS and ops(n) != ops(run["ours"])
    ]


def compared(run, row):
    """Name of the pool that ours is compared with, and the summary of ratios.

    Without a peer, one other configuration of the same driver will do.
    """
    if "best_peer" in row:
        return row["best_peer"], row["ratio"]
    other = [n for n in row["pools"] if n not in BOUNDS and n != run["ours"]]
    if len(other) == 1 and "ours_to_this" in row["pools"][other[0]]:
        return other[0], row["pools"][other[0]]["ours_to_this"]
    return None, None


def reached(row, mine, aim):
    """None: not measured."""
    if aim[0] == "level":
        return row["verdict"] in ("first", "level") if "verdict" in row else None
    summary = row.get("ratio") if aim[0] == "ratio" else mine.get("self")
    return summary["median"] >= aim[1] if summary else None


def aim_text(aim):
    if aim is None:
        return "--"
    if aim[0] == "level":
        return "level"
    return f"{aim[1]:g}" + (" of itself" if aim[0] == "self" else "")


def table(head, lines):
    """A simple table. No cell of its first column may be empty."""
    width = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    rule = "  ".join("=" * w for w in width)

    def text(line):
        return "  ".join(c.ljust(w) for c, w in zip(line, width)).rstrip()

    return "\n".join([rule, text(head), rule] + [text(line) for line in lines] + [rule])


def throughput(run):
    anyone = any(peers(run, row) for row in run["rows"])
    head = ["row", run["ours"] + " Mobj/s", "best peer" if anyone else "compared with",
            "its Mobj/s", "ratio", "of itself", "verdict", "target", "reached"]
    lines, met, missed, verdicts = [], 0, 0, {}
    for row in run["rows"]:
        mine = row["pools"].get(run["ours"])
        aim = target(row["row"])
        if mine is None:
            lines.append([row["row"], "--", "--", "--", "--", "--", "not measured",
                          aim_text(aim), "no" if aim else "--"])
            missed += aim is not None
            continue
        other, ratio = compared(run, row)
        # targets are for comparisons with other drivers
        aim = aim if peers(run, row) else None
        ok = reached(row, mine, aim) if aim else None
        met += aim is not None and ok is True
        missed += aim is not None and ok is not True
        if "verdict" in row:
            verdicts[row["verdict"]] = verdicts.get(row["verdict"], 0) + 1
        lines.append([
            row["row"],
            f"{mine['mobj']['median']:.1f}",
            other or "--",
            f"{row['pools'][other]['mobj']['median']:.1f}" if other else "--",
            f"{ratio['median']:.2f}" if ratio else "--",
            f"{mine['self']['median']:.2f}" if "self" in mine else "--",
            row.get("verdict", "--"),
            aim_text(aim),
            {True: "yes", False: "**no**", None: "**no figure**" if aim else "--"}[ok],
        ])
    summary = ", ".join(f"{verdicts.get(v, 0)} {v}" for v in ("first", "level", "behind", "unclear"))
    print(table(head, lines))
    print(f"\n{len(run['rows'])} rows: {summary}. Targets: {met} reached, {missed} missed.\n")


def latency(run):
    lines, verdicts = [], {}
    for row in run["rows"]:
        for call, key in CALLS:
            ratios = row.get("latency", {}).get(call, {})
            cells = []
            for percentile in PERCENTILES:
                ratio = ratios.get(percentile)
                cells.append("")
                if ratio is None:
                    continue
                verdicts[ratio["verdict"]] = verdicts.get(ratio["verdict"], 0) + 1
                if ratio["verdict"] == "above":
                    mine, best = (row["pools"][p][key][percentile]
                                  for p in (run["ours"], row["best_peer"]))
                    cells[-1] = f"{mine:.0f}, {best:.0f}: {ratio['median']:.2f}"
            if any(cells):
                lines.append([row["row"], row["best_peer"], call] + [c or "--" for c in cells])
    if not verdicts:
        return
    summary = ", ".join(f"{verdicts.get(v, 0)} {v}" for v in ("below", "level", "above"))
    print(f"Time of a call, means of 32 calls in a row, against the best peer of the row: {summary}. "
          "Those above, in nanoseconds, ours first, and the median of the rounds' ratios:\n")
    if lines:
        print(table(["row", "best peer", "call"] + list(PERCENTILES), lines))
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("json", nargs="+", help="files that --json has written")
    args = parser.parse_args()
    for path in args.json:
        try:
            with open(path, encoding="utf-8") as f:
                run = json.load(f)
        except (OSError, json.JSONDecodeError) as error:
            sys.exit(f"{path}: {error}")
        print(f"``{run['ours']}``: {run['rounds']} rounds of {run['run_ms']:g} ms; spread of the "
              f"rounds {100 * run['spread']:.1f} %; round trip between the lcores "
              f"{run['round_trip_before_ns']:.0f} ns before and "
              f"{run['round_trip_after_ns']:.0f} ns after.\n")
        if run["too_noisy"]:
            print("**This run was too noisy to be used.**\n")
        throughput(run)
        latency(run)


if __name__ == "__main__":
    main()
