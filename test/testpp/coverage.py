#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""That coverage.tsv is true: each option and command of it is exercised, with each alternative of
its words, and it has all that dpdk-testpp tells of itself.

usage: coverage.py USAGE HELP
    USAGE    what dpdk-testpp prints for --help
    HELP     what it prints for `help all`
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent


def exercised(where):
    """Lines of the scripts, or of another file, as they are typed."""
    if where == "scripts/":
        lines = [x for f in sorted((HERE / "scripts").glob("*.txt"))
                 for x in f.read_text(encoding="utf-8").splitlines()]
        return [" ".join(x.split()) for x in lines]
    text = (HERE / where).read_text(encoding="utf-8")
    # commands are strings of a program there, several of them perhaps in one
    strings = (re.findall(r'"((?:[^"\\]|\\.)*)"', text) + re.findall(r"'([^'\n]*)'", text) +
               re.findall(r"(?m)^\techo (.*)$", text))
    return [x for s in strings for x in s.split("\\n")] + text.splitlines()


def option_exercised(option, lines):
    if len(option) == 2:
        # in a cluster as well
        return any(re.search(rf"(?:^|[\s\"])-\w*{option[1]}\w*(?=$|[\s\"])", x) for x in lines)
    return any(re.search(rf"(?:^|[\s\"]){option}(?=$|[\s=\"])", x) for x in lines)


def word_pattern(word):
    return "|".join(r"\S+" if x.startswith("<") else re.escape(x) for x in word.split("|"))


def variants(syntax):
    """Without what may be left out, and with it."""
    found = re.search(r"\s*\[([^]<]*<[^>]*>|[^]]*)\]$", syntax)
    if found is None:
        return [syntax]
    start = syntax[:found.start()]
    return [start, f"{start} {found[1]}"]


def not_exercised(syntax, lines):
    """Alternatives of a command that no line has."""
    missing = []
    for variant in variants(syntax):
        words = variant.split()
        tried = set()
        for i, word in enumerate(words):
            for choice in word.split("|"):
                line = words[:i] + [choice] + words[i + 1:]
                pattern = " ".join(f"(?:{word_pattern(x)})" for x in line)
                if pattern in tried:
                    continue
                tried.add(pattern)
                if not any(re.fullmatch(pattern, x) for x in lines):
                    missing.append(" ".join(line))
    return missing


def shape(syntax):
    """Words with all alternatives; what a value is called does not matter."""
    return [frozenset("<>" if x.startswith("<") or x[0].isupper() else x for x in w.split("|"))
            for w in syntax.split()]


def listed(syntax, known):
    """Whether an own command is in the list: each of its alternatives, in whatever entries."""
    words = shape(syntax)
    for i, word in enumerate(words):
        for choice in word:
            line = words[:i] + [frozenset([choice])] + words[i + 1:]
            if not any(len(k) == len(line) and
                       all(a & b or "<>" in b for a, b in zip(line, k)) for k in known):
                return False
    return True


def main(usage, help_all):
    failed = []
    entries = []
    for line in (HERE / "coverage.tsv").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            _, what, *where = line.split("\t")
            entries.append((what, where[0] if where else "scripts/"))
    texts = {where: exercised(where) for _, where in entries}
    for what, where in entries:
        if what.startswith("-"):
            if not option_exercised(what, texts[where]):
                failed.append(f"{what}: nothing in {where} exercises it")
            continue
        for syntax in not_exercised(what, texts[where]):
            failed.append(f"{syntax}: nothing in {where} exercises it")

    options = {what for what, _ in entries if what.startswith("-")}
    own = set(re.findall(r"(?m)^ +(--[a-z0-9-]+)", usage))
    failed += [f"{x}: not in coverage.tsv" for x in sorted(own - options)]
    known = [shape(v) for what, _ in entries if not what.startswith("-") for v in variants(what)]
    commands = re.findall(r"(?m)^([a-z][a-z_]*(?: [^:\n]*)?): ", help_all)
    for syntax in commands:
        if not listed(syntax, known):
            failed.append(f"{syntax}: not in coverage.tsv")
    # a help text that could not be read would say that all is well
    if len(own) < 80 or len(commands) < 60:
        failed.append(f"{len(own)} options, {len(commands)} commands: where is the rest?")
    for line in failed:
        print(line)
    print(f"{len(entries)} entries, {len(own)} options and {len(commands)} commands of "
          f"dpdk-testpp: {len(failed)} missing")
    return 1 if failed else 0


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as u, open(sys.argv[2], encoding="utf-8") as h:
        sys.exit(main(u.read(), h.read()))
