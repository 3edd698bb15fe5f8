#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Draws a run of dpdk-mempool-bench: each row a line, our pool and its peers on it, to the right of 1
where we are faster than the best of them.

Needs matplotlib. The same JSON gives the same SVG, byte for byte, with the same matplotlib.
"""

import argparse
import io
import json
import shlex
import sys
import textwrap

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullLocator  # noqa: E402

from bench_report import compared, peers  # noqa: E402

# colour and shape, since some see no difference between the colours
VERDICTS = {
    "first": ("#1a7f37", "o", "faster than the best peer"),
    "level": ("#2f6fd0", "s", "level with it"),
    "behind": ("#d1332e", "v", "behind it"),
    "unclear": ("#8a8a8a", "D", "unclear: rounds too far apart"),
    None: ("#555555", "o", "no verdict"),
}
PEER = "#a0a0a0"

FAMILIES = [
    # first part of a row's name, or first two; what it is called
    ("local/1", "one lcore gets and puts"),
    ("local/2", "two lcores, each gets and puts"),
    ("turns", "two pools, used in turn"),
    ("keep512", "gets 512, then puts 512"),
    ("nic", "behind a NIC's Tx ring"),
    ("pipeline", "one lcore gets, the other puts"),
    ("random", "the same, put in random order"),
    ("after-burst", "pipeline after 90 % were in flight"),
    ("exhaustion", "99 % in flight meanwhile"),
    ("no-lcore", "on a thread that is no lcore"),
]

WIDTH = 14.0
LINE = 0.175  # inches for each row
HEAD = 0.42  # above each strip
TOP, BOTTOM = 1.4, 0.75
LABELS = 1.65  # inches left of a strip, for the rows' names
GAP = 0.5
# peers slower than this part of the best are drawn at the edge
FLOOR = 1 / 20


def family(name):
    for prefix, title in FAMILIES:
        if name == prefix or name.startswith(prefix + "/"):
            return prefix, title
    return name.partition("/")[0], ""


def strips(run):
    """[(prefix, title, rows)] in the order of the run."""
    found = {}
    for row in run["rows"]:
        prefix, title = family(row["row"])
        found.setdefault(prefix, (prefix, title, []))[2].append(row)
    return list(found.values())


def height(strip):
    return HEAD + LINE * len(strip[2])


def columns(all_strips):
    """Two columns, about as high as each other, in the order of the strips."""
    half, left, so_far = sum(map(height, all_strips)) / 2, [], 0
    for strip in all_strips:
        if left and abs(so_far + height(strip) - half) > abs(so_far - half):
            break
        left.append(strip)
        so_far += height(strip)
    return left, all_strips[len(left):]


def peer_ratios(run, row, other):
    best = row["pools"][other]["mobj"]["median"]
    names = peers(run, row) or [other]
    return [row["pools"][n]["mobj"]["median"] / best for n in names]


def limits(run):
    low, high = 0.5, 2.0
    for row in run["rows"]:
        if run["ours"] not in row["pools"]:
            continue
        other, ratio = compared(run, row)
        if other is None:
            continue
        high = max(high, ratio["q3"])
        low = min([low, ratio["q1"]] + [max(r, FLOOR) for r in peer_ratios(run, row, other)])
    return low / 1.15, high * 1.25


def draw_row(axes, run, row, y, low):
    if run["ours"] not in row["pools"]:
        axes.text(1.04, y, "not measured", va="center", fontsize=6.5, color="#888888")
        return
    other, ratio = compared(run, row)
    if other is None:
        axes.text(1.04, y, "no peer", va="center", fontsize=6.5, color="#888888")
        return
    color, marker, _ = VERDICTS[row.get("verdict")]
    for r in peer_ratios(run, row, other):
        axes.plot(max(r, low * 1.02), y, "|", color=PEER, ms=6, mew=1.1, zorder=2)
    axes.plot([1, ratio["median"]], [y, y], color=color, lw=1.0, alpha=0.35, zorder=2.5)
    axes.plot([ratio["q1"], ratio["q3"]], [y, y], color=color, lw=2.2, zorder=3,
              solid_capstyle="butt")
    axes.plot(ratio["median"], y, marker, color=color, ms=5.4, mec="white", mew=0.4, zorder=4)
    axes.text(1.01, y, f"{ratio['median']:.2f}", transform=axes.get_yaxis_transform(), fontsize=6.5,
              va="center", color=color)


def draw_strip(figure, strip, box, run, span):
    prefix, title, rows = strip
    axes = figure.add_axes(box)
    axes.set_xscale("log")
    axes.set_xlim(*span)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_facecolor("#fafafa")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#cccccc")
    ticks = [t for t in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64)
             if span[0] <= t <= span[1]]
    axes.set_xticks(ticks)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda t, _: f"{t:g}" if t >= 1 else f"1/{1 / t:g}"))
    axes.tick_params(axis="x", labelsize=6.5, length=2, color="#cccccc", pad=1)
    axes.grid(axis="x", color="#e2e2e2", lw=0.6)
    axes.set_axisbelow(True)
    axes.axvline(1, color="black", lw=1.6, zorder=1.5)
    axes.set_yticks(range(len(rows)))
    axes.set_yticklabels([row["row"].removeprefix(prefix + "/") for row in rows])
    axes.tick_params(axis="y", labelsize=6.5, length=0, pad=3)
    axes.text(0, 1, f"{prefix}   ", transform=axes.transAxes, fontsize=8.5, weight="bold",
              va="bottom", ha="right")
    axes.text(0, 1, title, transform=axes.transAxes, fontsize=8.5, va="bottom", color="#333333")
    for y, row in enumerate(rows):
        draw_row(axes, run, row, y, span[0])


def command(run):
    """EAL puts the program's name where "--" stood."""
    argv = list(run["command"])
    for i in range(1, len(argv)):
        if argv[i] == argv[0]:
            argv[i] = "--"
    # where things lay on that machine is of no interest (row names have slashes, too)
    argv = [a.rpartition("/")[2] if a.startswith("/") else a for a in argv]
    return " ".join(map(shlex.quote, argv))


def draw_head(figure, run, inches):
    counts = dict.fromkeys(VERDICTS, 0)
    for row in run["rows"]:
        counts[row.get("verdict")] += 1

    def line(y, text, **kwargs):
        figure.text(0.02, 1 - y / inches, text, va="top", **kwargs)

    line(0.18, f"{run['ours']} and the best other mempool driver, row by row", fontsize=15,
         weight="bold")
    line(0.52, "Objects a second, divided by those of the best peer of the row. Right of the black "
         "line we are faster: 2 is twice as fast.", fontsize=9.5)
    line(0.77, f"{run['rounds']} rounds of {run['run_ms']:g} ms, spread of the rounds "
         f"{100 * run['spread']:.1f} %; round trip between the lcores "
         f"{run['round_trip_before_ns']:.0f} ns before, {run['round_trip_after_ns']:.0f} ns after",
         fontsize=8.5, color="#444444")
    if run["too_noisy"]:
        figure.text(0.98, 1 - 0.18 / inches, "TOO NOISY to be used", va="top", ha="right",
                    fontsize=15, weight="bold", color="#d1332e")
    handles = [
        Line2D([], [], color=c, marker=m, lw=2.2, ms=5, mec="white", mew=0.4,
               label=f"{counts[v]} rows {text}")
        for v, (c, m, text) in VERDICTS.items() if counts[v] or v is not None
    ]
    handles.append(Line2D([], [], color=PEER, marker="|", lw=0, ms=8, mew=1.3,
                          label="a peer (at the left edge: slower still)"))
    figure.legend(handles=handles, loc="upper left", ncol=len(handles), fontsize=8.5,
                  frameon=False, bbox_to_anchor=(0.012, 1 - 0.97 / inches), handlelength=1.6,
                  columnspacing=1.6, borderaxespad=0)


def draw(run):
    both = columns(strips(run))
    inches = TOP + BOTTOM + max(sum(map(height, c)) for c in both)
    figure = plt.figure(figsize=(WIDTH, inches))
    span = limits(run)
    wide = WIDTH / 2 - LABELS - GAP
    for i, column in enumerate(both):
        top = inches - TOP + HEAD
        for strip in column:
            top -= HEAD
            tall = LINE * len(strip[2])
            left = i * WIDTH / 2 + LABELS
            draw_strip(figure, strip, [left / WIDTH, (top - tall) / inches, wide / WIDTH,
                                       tall / inches], run, span)
            top -= tall
    draw_head(figure, run, inches)
    figure.text(0.02, 0.25 / inches, textwrap.fill(
        f"dot: median of the rounds; bar: quartiles.  {command(run)}", 210,
        break_on_hyphens=False), fontsize=6.5, color="#666666", va="bottom",
        family="monospace")
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("json", help="file that --json has written")
    parser.add_argument("-o", "--output", required=True, help="the picture, FILE.svg")
    args = parser.parse_args()
    try:
        with open(args.json, encoding="utf-8") as f:
            run = json.load(f)
    except (OSError, json.JSONDecodeError) as error:
        sys.exit(f"{args.json}: {error}")
    if not run["rows"]:
        sys.exit(f"{args.json}: no rows")
    # text stays text: small files, and words that can be searched
    plt.rcParams.update({"svg.hashsalt": "mempool-bench", "svg.fonttype": "none",
                         "font.family": "sans-serif"})
    svg = io.StringIO()
    draw(run).savefig(svg, format="svg", metadata={"Date": None}, facecolor="white")
    with open(args.output, "w", encoding="utf-8") as f:
        # matplotlib ends the lines of its paths with blanks
        f.writelines(line.rstrip() + "\n" for line in svg.getvalue().splitlines())


if __name__ == "__main__":
    main()
