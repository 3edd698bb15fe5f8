#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Whether the benchmark's JSON has all that was asked for.

usage: check_json.py FILE ROUNDS ROW=POOL,POOL... ROW...    a row without pools must have none
"""

import json
import math
import sys

BOUNDS = ("floor", "ceiling")


def wrong(row, pools, rounds):
    """What is wrong with this row, one line each."""
    name = row["row"]
    for pool in pools:
        cell = row["pools"].get(pool)
        if cell is None:
            yield f"{name}: nothing of {pool}"
            continue
        if len(cell["samples"]) != rounds:
            yield f"{name}: {len(cell['samples'])} samples of {pool}, not {rounds}"
        if not all(s > 0 and math.isfinite(s) for s in cell["samples"]):
            yield f"{name}: {pool} did nothing: {cell['samples']}"
        mobj = cell["mobj"]
        if not mobj["min"] <= mobj["q1"] <= mobj["median"] <= mobj["q3"] <= mobj["max"]:
            yield f"{name}: quartiles of {pool} are not in order: {mobj}"
        for key in ("get_ns", "put_ns", "get_mean_ns", "put_mean_ns"):
            values = [cell[key][p] for p in ("p50", "p99", "p99.9", "max")]
            # a short run may make fewer calls than a mean takes
            nothing = values[3] <= 0 and "mean" not in key
            if pool not in BOUNDS and (values != sorted(values) or nothing):
                yield f"{name}: {key} of {pool}: {values}"
    for pool in set(row["pools"]) - set(pools):
        yield f"{name}: {pool} was not expected"
    # without another driver there is nobody to be compared with
    if len({p.partition(":")[0] for p in pools} - set(BOUNDS)) > 1:
        if "verdict" not in row or "ratio" not in row or "best_peer" not in row:
            yield f"{name}: no verdict"


def main():
    path, rounds, expected = sys.argv[1], int(sys.argv[2]), {}
    for argument in sys.argv[3:]:
        name, _, pools = argument.partition("=")
        expected[name] = pools.split(",") if pools else []
    with open(path, encoding="utf-8") as f:
        run = json.load(f)
    found = {row["row"]: row for row in run["rows"]}
    lines = [f"row {name} is missing" for name in sorted(set(expected) - set(found))]
    lines += [f"row {name} was not asked for" for name in sorted(set(found) - set(expected))]
    if run["rounds"] != rounds:
        lines.append(f"{run['rounds']} rounds, not {rounds}")
    for name in set(expected) & set(found):
        lines += wrong(found[name], expected[name], rounds)
    if lines:
        sys.exit("\n".join(lines))


if __name__ == "__main__":
    main()
