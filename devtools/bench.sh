#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Builds and measures: all rows on all mempool drivers, memory, double frees, strict mode against
# default mode. Draws a picture and writes a table. The machine should do nothing else meanwhile.
# usage: bench.sh [--quick] [--no-huge] [--build DIR] [--out DIR] [BENCHMARK'S OPTIONS...]
#   --quick        few and short rounds: to see that it runs, not what it costs
#   --no-huge      without hugepages, even where there are some
#   --build DIR    build directory; default: build
#   --out DIR      where results go; default: bench-results in the build directory
# What it does not know goes to the benchmark's run of all rows, as --rows 'local/*' or --rounds 11.

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD=$PP_ROOT/build
OUT=
QUICK=
ARGS=()

# One piece of 420 MB for 155,455 mbufs, and the drivers' own tables
ROWS_MB=512
# 1,000,000 mbufs, and what EAL rounds up
MEMORY_MB=2816
MISUSE_TRIALS=200
# no run of the benchmark takes longer
LIMIT=7200

bench=
cpu=
peer=
failed=0

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0"
}

parse()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--quick) QUICK=yes ;;
		--no-huge) export PP_NO_HUGE=1 ;;
		--build | --out)
			[ $# -ge 2 ] || pp_die "$1 needs a directory"
			if [ "$1" = --build ]; then BUILD=$2; else OUT=$2; fi
			shift
			;;
		-h | --help)
			usage
			exit 0
			;;
		*) ARGS+=("$1") ;;
		esac
		shift
	done
}

build()
{
	local type

	"$PP_ROOT/devtools/build.sh" "$BUILD" >"$PP_RUN/build.log" 2>&1 || {
		tail -n 40 "$PP_RUN/build.log" >&2
		pp_die "it does not build"
	}
	BUILD=$(cd "$BUILD" && pwd -P)
	bench=$BUILD/app/mempool_bench/dpdk-mempool-bench
	type=$(python3 - "$BUILD/meson-info/intro-buildoptions.json" <<'END'
import json, sys
options = {o["name"]: o["value"] for o in json.load(open(sys.argv[1]))}
print(options["buildtype"], options["b_sanitize"])
END
	)
	[ "$type" = "release none" ] ||
		pp_warn "WARNING: this build is \"$type\", not \"release none\": no figure counts"
}

# ---- CPUs

# pp_cpus, those that share a core with the first one last
cpus_apart()
{
	local first="" list one siblings together=()

	while read -r one; do
		if [ -z "$first" ]; then
			first=$one
			list=/sys/devices/system/cpu/cpu$one/topology/thread_siblings_list
			siblings=$(tr ',' ' ' 2>/dev/null <"$list" || true)
			printf '%s\n' "$one"
		elif in_ranges "$one" "$siblings"; then
			together+=("$one")
		else
			printf '%s\n' "$one"
		fi
	done < <(pp_cpus)
	[ "${#together[@]}" -eq 0 ] || printf '%s\n' "${together[@]}"
}

# in_ranges NUMBER "0-3 8"
in_ranges()
{
	local range

	for range in $2; do
		if [ "$1" -ge "${range%-*}" ] && [ "$1" -le "${range#*-}" ]; then
			return 0
		fi
	done
	return 1
}

choose_cpus()
{
	local cpus

	mapfile -t cpus < <(cpus_apart)
	cpu=${cpus[0]}
	peer=${cpus[1]:-}
	if [ -n "$peer" ]; then
		pp_say "cpus: $cpu and $peer"
	else
		pp_say "cpus: only $cpu is allowed; rows that need two lcores are left out"
	fi
}

# ---- running the benchmark

# eal LCORES: fills PP_EAL
eal()
{
	pp_eal bench
	PP_EAL[1]=$1
	PP_EAL+=(--no-telemetry --log-level=lib.eal:error -d "$PP_PLUGIN")
	# no page must be kept by a run that is over
	[ "$PP_MEMORY" != huge ] || PP_EAL+=(--huge-unlink)
}

# run NAME LCORES OPTIONS...: its table is shown and kept; a failure is told and counted
run()
{
	local name=$1 lcores=$2 status=0
	shift 2

	pp_say "== $name"
	eal "$lcores"
	pp_bounded "$LIMIT" "$bench" "${PP_EAL[@]}" -- "$@" >"$OUT/$name.txt" || status=$?
	cat "$OUT/$name.txt"
	if [ "$status" -ne 0 ]; then
		pp_warn "$name: the benchmark ended with status $status"
		failed=$((failed + 1))
	fi
}

# What other people need to know to judge the figures
machine()
{
	local list=/sys/devices/system/cpu/cpu$cpu

	pp_say "date: $(date -u +%F)"
	pp_say "tree: $(git -C "$PP_ROOT" -c safe.directory="$PP_ROOT" describe --always --dirty \
		2>/dev/null || echo "no git")"
	pp_say "DPDK: $(pkg-config --modversion libdpdk)"
	pp_say "kernel: $(uname -r)"
	pp_say "CPU:$(sed -n 's/^model name[^:]*://p' /proc/cpuinfo | head -n 1)"
	pp_say "governor: $(cat "$list/cpufreq/scaling_governor" 2>/dev/null || echo unknown)"
	pp_say "siblings of CPU $cpu: $(cat "$list/topology/thread_siblings_list" 2>/dev/null)"
	pp_say "load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
}

rows()
{
	local two=0@$cpu${peer:+,1@$peer} short=() trials=$MISUSE_TRIALS

	if [ -n "$QUICK" ]; then
		short=(--rounds 2 --time-ms 3)
		trials=10
	fi
	pp_memory "$ROWS_MB"
	run rows "$two" "${short[@]}" --json "$OUT/rows.json" "${ARGS[@]}"
	run misuse "$two" --misuse "$trials"
	run strict "$two" "${short[@]}" --json "$OUT/strict.json" \
		--ops page_pool:mode=strict,page_pool --ours page_pool:mode=strict \
		--rows 'local/*,keep512/*,pipeline/*'
	pp_memory_release
}

memory()
{
	local lcores rounds=3

	# the first round is not like the others: it finds memory that nobody has touched
	[ -z "$QUICK" ] || rounds=2
	pp_memory "$MEMORY_MB"
	if [ "$PP_MEMORY" != huge ] && [ -z "${PP_NO_HUGE:-}" ]; then
		pp_say "memory: again, with less; the pool of 1,000,000 mbufs will not fit"
		pp_memory "$ROWS_MB"
	fi
	# lcores that share CPUs: they only have to use the pool once each
	for lcores in 1 2 128; do
		run "memory-$lcores" "(0-$((lcores - 1)))@($cpu${peer:+,$peer})" \
			--memory --rounds "$rounds"
	done
	pp_memory_release
}

# ---- what people look at

# the python3 that has matplotlib; it may be Debian's, below another one
plotter()
{
	local python

	for python in python3 /usr/bin/python3; do
		if "$python" -c 'import matplotlib' 2>/dev/null; then
			printf '%s\n' "$python"
			return 0
		fi
	done
	return 1
}

report()
{
	local python

	[ -s "$OUT/rows.json" ] || return 0
	python3 "$PP_ROOT/devtools/bench_report.py" "$OUT/rows.json" >"$OUT/report.rst"
	[ ! -s "$OUT/strict.json" ] ||
		python3 "$PP_ROOT/devtools/bench_report.py" "$OUT/strict.json" >"$OUT/strict.rst"
	pp_say "table: $OUT/report.rst"
	if python=$(plotter); then
		"$python" "$PP_ROOT/devtools/bench_plot.py" "$OUT/rows.json" -o "$OUT/benchmark.svg"
		pp_say "picture: $OUT/benchmark.svg"
	else
		pp_say "picture: none, install python3-matplotlib (apt-get install python3-matplotlib)"
	fi
}

main()
{
	parse "$@"
	pp_begin
	build
	OUT=${OUT:-$BUILD/bench-results}
	mkdir -p "$OUT"
	OUT=$(cd "$OUT" && pwd -P)
	# what an earlier run left would be taken for ours
	rm -f "$OUT"/{rows,strict}.json "$OUT"/{rows,strict,misuse,machine}.txt \
		"$OUT"/memory-*.txt "$OUT"/{report,strict}.rst "$OUT/benchmark.svg"
	choose_cpus
	machine | tee "$OUT/machine.txt"
	pp_plugin "$BUILD"
	rows
	memory
	report
	pp_say "results: $OUT"
	[ "$failed" -eq 0 ]
}

main "$@"
