#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Runs DPDK's own suites (suites.tsv) in an unmodified dpdk-test with every pool of theirs on
# page_pool: with and without hugepages, with the program's caches and with all caches forced to 0.
# usage: run_suites.sh [-b] [-c CONFIG,...] [-t SECONDS] [SUITE...]
#   -b           measure instead: runs all configurations on ring_mp_mc and prints table rows
#   -c CONFIG    only these of huge, huge0, nohuge, nohuge0
#   -t SECONDS   what has not begun by then fails; default 900
# What ring_mp_mc cannot do here either counts as skipped, with its reason. Environment: see lib.sh.
# Exit status: 0 none failed, 1 some failed, 77 nothing could run.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

CONFIGS=(huge huge0 nohuge nohuge0)
MEASURE=
LIMIT=900

# what the suites need, found by trying
HUGE_MB=2048

passed=0
failed=0
skipped=0

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0"
	exit "$1"
}

wanted()
{
	[[ ,$dt_runs_in, == *,$1,* ]]
}

# run_row LOG: one suite in all configurations; a line of the table, then what went wrong.
run_row()
{
	local log=$1 config cell line pools=- notes=()

	printf -v line '%-34s' "$dt_name"
	for config in "${CONFIGS[@]}"; do
		cell=-
		if wanted "$config"; then
			if [ "$SECONDS" -ge "$LIMIT" ]; then
				dt_result=failed dt_why="out of time" dt_secs=-
				: >"$log"
			else
				dt_compare "$config" "$log"
				[ "$dt_result" = skipped ] || pools=$dt_pools
			fi
			cell="$dt_result $dt_secs"
			case $dt_result in
			ok) passed=$((passed + 1)) ;;
			skipped)
				skipped=$((skipped + 1))
				notes+=("    skipped, $config: $dt_why")
				;;
			failed)
				failed=$((failed + 1))
				notes+=("    FAILED $dt_name, $config: $dt_why")
				[ ! -s "$log" ] ||
					notes+=("$(dt_log "$log" "${dt_name//\//-}-$config")")
				;;
			esac
		fi
		printf -v line '%s %-12s' "$line" "$cell"
	done
	pp_say "$line $pools"
	[ "${#notes[@]}" -eq 0 ] || printf '%s\n' "${notes[@]}"
}

# measure_row LOG: one suite in all configurations on ring_mp_mc; a row for suites.tsv. Times are
# the longest, pools and cases the fewest.
measure_row()
{
	local log=$1 config runs='' secs=0 pools='' cases='' cached=no

	dt_want_pools=1 dt_want_cases=0
	for config in "${CONFIGS[@]}"; do
		dt_autotest "$config" ring_mp_mc "$log"
		if [ "$dt_result" = failed ]; then
			pp_say "# $dt_name $config: $dt_why ($dt_secs s)"
			continue
		fi
		! awk '$2 != 0 { found = 1 } END { exit !found }' "$PP_RUN/count" || cached=yes
		runs+=,$config
		[ "${dt_secs%.*}" -lt "${secs%.*}" ] || secs=$dt_secs
		[ -n "$pools" ] && [ "$pools" -le "$dt_pools" ] || pools=$dt_pools
		[ -n "$cases" ] && [ "$cases" -le "$dt_cases" ] || cases=$dt_cases
	done
	runs=${runs#,}
	printf '%s\t' "$dt_name" "${runs:--}" "$dt_nr_lcores" "${pools:--}" "${cases:--}" "$secs" \
		"$dt_traits" "$dt_args"
	printf '%s\n' "${dt_note} [cached=$cached]"
}

main()
{
	local suite suites log option

	while getopts bc:t:h option; do
		case $option in
		b) MEASURE=yes ;;
		c) IFS=, read -r -a CONFIGS <<<"$OPTARG" ;;
		t) LIMIT=$OPTARG ;;
		h) usage 0 ;;
		*) usage 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	suites=("$@")
	[ $# -gt 0 ] || mapfile -t suites < <(awk -F '\t' '!/^#/ && $2 != "-" { print $1 }' \
		"$DT_DIR/suites.tsv")

	if [[ " ${CONFIGS[*]}" == *" huge"* ]]; then
		dt_begin "$HUGE_MB" dpdk-test
	else
		dt_begin 0 dpdk-test
	fi
	log=$PP_RUN/log
	if [ -n "$MEASURE" ]; then
		for suite in "${suites[@]}"; do
			dt_suite "$suite"
			measure_row "$log"
		done
		return 0
	fi

	pp_say "dpdk-test on $OPS, seconds for each run; all pools counted"
	printf '%-34s %-12s %-12s %-12s %-12s %s\n' suite "${CONFIGS[@]}" pools
	for suite in "${suites[@]}"; do
		dt_suite "$suite"
		run_row "$log"
	done
	[ "$skipped" -eq 0 ] || pp_say "$skipped skipped, for the reasons given"
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
}

main "$@"
