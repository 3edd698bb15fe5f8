#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# That the benchmark does what it says, on a few rows and in no time: its figures mean nothing here.
# Then the scripts that make tables and pictures of them.
# usage: run_bench.sh    with the build directory in BUILD

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../devtools/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
BUILD=${BUILD:?the build directory}
BENCH=$BUILD/app/mempool_bench/dpdk-mempool-bench
TOOLS=$PP_ROOT/devtools
# of all runs together; meson's own limit is above it
LIMIT=50
ROUNDS=2
TIME_MS=1
# the largest pool of all rows, for --misuse
MEMORY_MB=800

OPS=page_pool,ring_mp_mc,ring_sp_sc,stack,floor,ceiling
# each row and the pools that can run it
ONE=(
	"local/1/b32/c0=page_pool,ring_mp_mc,ring_sp_sc,stack,floor"
	"local/1/b1/c256=page_pool,ring_mp_mc,ring_sp_sc,stack,floor"
	"keep512/1/b32/c0=page_pool,ring_mp_mc,ring_sp_sc,stack,floor"
	"nic/1/64B/c0=page_pool,ring_mp_mc,ring_sp_sc,stack,floor"
	"exhaustion/1/b32/c0=page_pool,ring_mp_mc,ring_sp_sc,stack"
	"no-lcore/1/b32/c0=page_pool,ring_mp_mc,stack,floor"
)
TWO=(
	"local/2/b32/c0=page_pool,ring_mp_mc,stack,floor"
	"pipeline/64B/16383/c0=page_pool,ring_mp_mc,ring_sp_sc,stack,ceiling"
	"random/0B/16383/c0=page_pool,ring_mp_mc,ring_sp_sc,stack,ceiling"
)

cpus=()
failed=0
out=
err=

# check NAME COMMAND...: what the benchmark and the command said is shown when it fails
check()
{
	local name=$1 status
	shift

	# not with "||": below it set -e means nothing, not even in a subshell
	set +e
	(
		set -e
		"$@"
	) >"$PP_RUN/check" 2>&1
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		pp_say "ok $name"
		return
	fi
	pp_say "FAILED $name"
	failed=$((failed + 1))
	head -n 20 "$PP_RUN/check" | sed 's/^/    /'
	tail -n 20 "$out" | sed 's/^/    stdout: /'
	head -n 10 "$err" | sed 's/^/    stderr: /'
}

# bench LCORES OPTIONS...: its exit status; output in $out and $err
bench()
{
	local lcores=$1 left=$((LIMIT - SECONDS))
	shift

	pp_eal bench
	PP_EAL[1]=$lcores
	pp_bounded $((left > 1 ? left : 1)) "$BENCH" "${PP_EAL[@]}" --no-telemetry \
		--log-level=lib.eal:error -d "$PP_PLUGIN" -- --quiet --rounds "$ROUNDS" \
		--time-ms "$TIME_MS" "$@" >"$out" 2>"$err"
}

# refused WORD OPTIONS...: it ends with a status other than 0, by itself, and names the word
refused()
{
	local word=$1 status=0
	shift

	bench "0@${cpus[0]}" "$@" || status=$?
	printf '%s\n' "status $status"
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ] || return 1
	grep -qF -- "$word" "$err"
}

# rows_of NAME...: without what follows "=", with commas between them
rows_of()
{
	local list=("${@%%=*}")

	(IFS=, && printf '%s\n' "${list[*]}")
}

check_list()
{
	local row

	bench "0@${cpus[0]}" --list
	[ "$(sort "$out" | uniq -d | wc -l)" -eq 0 ]
	for row in "${ONE[@]}" "${TWO[@]}"; do
		printf '%s\n' "${row%%=*}"
		grep -qxF -- "${row%%=*}" "$out"
	done
	# all kinds, and as many again with another cache
	for row in local/1 local/2 keep512 pipeline random nic after-burst exhaustion no-lcore; do
		printf '%s\n' "$row"
		grep -q "^$row/" "$out"
	done
}

# run_rows JSON LCORES ROW=POOLS...
run_rows()
{
	local json=$1 lcores=$2
	shift 2

	bench "$lcores" --ops "$OPS" --rows "$(rows_of "$@")" --json "$json"
}

check_one()
{
	run_rows "$PP_RUN/one.json" "0@${cpus[0]}" "${ONE[@]}"
	"$HERE/check_json.py" "$PP_RUN/one.json" "$ROUNDS" "${ONE[@]}"
	grep -q '^summary: page_pool' "$out"
}

check_two()
{
	run_rows "$PP_RUN/two.json" "0@${cpus[0]},1@${cpus[1]}" "${ONE[@]}" "${TWO[@]}"
	"$HERE/check_json.py" "$PP_RUN/two.json" "$ROUNDS" "${ONE[@]}" "${TWO[@]}"
}

# Rows for two lcores on one: left out, and the table says why
check_alone()
{
	run_rows "$PP_RUN/alone.json" "0@${cpus[0]}" "${ONE[0]}" "${TWO[@]}"
	"$HERE/check_json.py" "$PP_RUN/alone.json" "$ROUNDS" "${ONE[0]}" "${TWO[@]%%=*}"
	grep -q 'two lcores' "$out" "$err"
}

check_configured()
{
	bench "0@${cpus[0]}" --ops page_pool:mode=strict+cache=64,page_pool \
		--ours page_pool:mode=strict+cache=64 --rows "${ONE[0]%%=*}" \
		--json "$PP_RUN/strict.json"
	"$HERE/check_json.py" "$PP_RUN/strict.json" "$ROUNDS" \
		"${ONE[0]%%=*}=page_pool:mode=strict+cache=64,page_pool"
}

# The largest pools need not fit, the small ones do.
check_memory()
{
	bench "(0-1)@${cpus[0]}" --memory --ops page_pool,ring_mp_mc
	head -n 3 "$out" | grep -qE '^ +page_pool +[0-9.]+ bytes +[0-9.]+ ms$'
	head -n 4 "$out" | grep -qE '^ +ring_mp_mc +[0-9.]+ bytes +[0-9.]+ ms$'
}

check_pages()
{
	bench "0@${cpus[0]}" --pages
	[ "$(grep -cE '^[a-z][a-z0-9_ ,]* +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+$' "$out")" -eq 20 ]
	[ "$(grep -cE '^(page_frag.*, freed elsewhere|pointers handed over) +needs two lcores$' "$out")" -eq 4 ]
	[ "$(grep -cE '^IMIX and jumbo, [a-z ]+ +[0-9.]+ +[0-9.]+ +[0-9.]+$' "$out")" -eq 2 ]
}

# Of the ratios only the first one's is known.
check_mbufs()
{
	bench "0@${cpus[0]}" --mbufs
	[ "$(grep -cE '^[a-z][a-zA-Z0-9_ ,]* +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+$' "$out")" -eq 22 ]
	grep -qE '^rte_pktmbuf_alloc_bulk .* 1\.00$' "$out"
	grep -qE '^attached +[0-9]+ +0\.[0-9]+$' "$out"
}

check_misuse()
{
	bench "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" --ops page_pool --misuse 2
	grep -qE '^ +local/1/b32/c0 +[0-9]+ of 2 found' "$out"
	grep -qE '^ +pipeline/0B/16383/c0 +[0-9]+ of 2 found' "$out"
}

check_report()
{
	python3 "$TOOLS/bench_report.py" "$1" >"$PP_RUN/report.rst"
	cat "$PP_RUN/report.rst"
	grep -qE '^local/1/b32/c0 +[0-9.]+ +(ring_mp_mc|ring_sp_sc|stack) +[0-9.]+ +[0-9.]+ ' \
		"$PP_RUN/report.rst"
	grep -qE '^exhaustion/1/b32/c0 .* 0\.5 of itself +(yes|\*\*no\*\*)$' "$PP_RUN/report.rst"
	grep -q '^[0-9]* rows: .* Targets: ' "$PP_RUN/report.rst"
}

check_plot()
{
	local i

	for i in 1 2; do
		python3 "$TOOLS/bench_plot.py" "$1" -o "$PP_RUN/$i.svg"
	done
	cmp "$PP_RUN/1.svg" "$PP_RUN/2.svg"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$PP_RUN/1.svg"
	grep -q exhaustion "$PP_RUN/1.svg"
}

main()
{
	local json

	export PP_NO_HUGE=1
	pp_begin
	out=$PP_RUN/out
	err=$PP_RUN/err
	mapfile -t cpus < <(pp_cpus)
	pp_memory "$MEMORY_MB"
	pp_plugin "$BUILD"

	check list check_list
	check one-lcore check_one
	json=$PP_RUN/one.json
	if [ "${#cpus[@]}" -gt 1 ]; then
		check two-lcores check_two
		json=$PP_RUN/two.json
	else
		pp_say "skipped two-lcores (there is one CPU)"
	fi
	check two-on-one check_alone
	check configured check_configured
	check memory check_memory
	check pages check_pages
	check mbufs check_mbufs
	check misuse check_misuse
	check wrong-option refused nonsense --nonsense
	check wrong-argument refused --rounds --rounds many
	check wrong-row refused no/such/row --rows no/such/row
	check wrong-row-of-two refused no/such/row --rows local/1/b32/c0,no/such/row
	check wrong-ops refused no_such_ops --ops page_pool,no_such_ops
	check wrong-ours refused ring_mp_mc --ops page_pool --ours ring_mp_mc
	check wrong-file refused /no/such/file --rows local/1/b32/c0 --ops page_pool \
		--json /no/such/file
	check report check_report "$json"
	if python3 -c 'import matplotlib' 2>/dev/null; then
		check plot check_plot "$json"
	else
		pp_say "skipped plot (python3-matplotlib is not installed)"
	fi
	[ "$failed" -eq 0 ]
}

main "$@"
