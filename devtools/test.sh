#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Sets up, builds in every way that is supported, and runs all tests and checks. The last line says
# "N passed, N failed" and nothing else: tests of meson, builds and checks, one each.
# usage: test.sh [--no-huge] [--skip-setup] [STAGE...]    all stages, or those named
#   --no-huge      without hugepages, even where there are some
#   --skip-setup   installs nothing

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# clang comes before the long suites, so that what does not compile is known soon
STAGES=(setup checks build-gcc fast build-clang clang-fast build-asan asan-fast asan-stress
	build-tsan tsan-fast model stress process bench dpdk install arm64)

# The whole run. A stage gets what the others have left, so that a hanging test cannot keep a
# machine busy for longer.
BUDGET=1740
# What all DPDK programs that run at a time may use of hugepages
MEMORY_MB=1024

BUILDS=$PP_ROOT/build-test
SETUP=yes

passed=0
failed=0
skipped=0
complete=
started=
times=()
declare -A broken=()

# ---- results

count()
{
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + ${3:-0}))
}

# one STATUS NAME: counts something that is one test by itself
one()
{
	if [ "$1" -eq 0 ]; then
		pp_say "ok $2"
		count 1 0
	else
		pp_say "FAILED $2"
		count 0 1
	fi
}

# The last line, whatever happens. Something has gone wrong that nobody counted when the run ends
# before its time.
pp_at_end()
{
	if [ -z "$complete" ] && [ "$1" -ne 0 ]; then
		failed=$((failed + 1))
	fi
	[ -z "$started" ] || printf '%s\n' "$passed passed, $failed failed"
}

left()
{
	local seconds=$((BUDGET - SECONDS))

	printf '%s\n' $((seconds > 1 ? seconds : 1))
}

# bounded LOG COMMAND...: output to the log, no longer than what is left of the time
bounded()
{
	local log=$1 status=0
	shift

	mkdir -p "${log%/*}"
	pp_bounded "$(left)" "$@" >"$log" 2>&1 || status=$?
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		pp_say "    ended: the ${BUDGET} s for the whole run are over"
	fi
	return "$status"
}

tail_of()
{
	tail -n "$2" "$1" | sed 's/^/        /'
	pp_say "    log: ${1#"$PP_ROOT"/}"
}

# ---- builds

# build NAME MESON ARGUMENTS...
build()
{
	local name=$1 status=0 log=$BUILDS/logs/build-$1.log
	shift

	bounded "$log" "$PP_ROOT/devtools/build.sh" "$BUILDS/$name" -Dwerror=true "$@" || status=$?
	if [ "$status" -ne 0 ]; then
		tail_of "$log" 40
		broken[$name]=yes
	fi
	one "$status" "build $name: $*"
}

stage_build_gcc()
{
	CC=gcc build gcc -Dbuildtype=release
}

stage_build_clang()
{
	# with the assertions that gcc's build has not: no third build is needed for them
	CC=clang build clang -Dbuildtype=debug
}

stage_build_asan()
{
	# lundef: a library cannot be linked with the sanitizers' symbols missing otherwise
	CC=gcc build asan -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
		-Db_lundef=false
}

stage_build_tsan()
{
	# DPDK's locks and rings of inline functions in C11's terms, which it understands
	CC=gcc build tsan -Dbuildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false \
		-Dfull_fence=true -Dc_args='-DRTE_FORCE_INTRINSICS -DRTE_USE_C11_MEM_MODEL'
}

# ---- suites of meson tests

# suite BUILD SUITE: runs it and counts its tests
suite()
{
	local dir=$BUILDS/$1 log=$BUILDS/logs/$1-$2.log json report counts status=0 extra=0

	# what an earlier run built would be another program's tests
	if [ -n "${broken[$1]:-}" ] || [ ! -f "$dir/build.ninja" ]; then
		one 1 "suite $2 ($1): there is no build"
		return
	fi
	json=$dir/meson-logs/$2.json
	rm -f "$json"
	bounded "$log" meson test -C "$dir" --suite "$2" --logbase "$2" || status=$?
	report=$(python3 "$PP_ROOT/devtools/suite_report.py" "$json")
	counts=$(tail -n 1 <<<"$report")
	head -n -1 <<<"$report"
	# shellcheck disable=SC2086 # three numbers
	set -- "$1" "$2" $counts
	if [ $(($3 + $4 + $5)) -eq 0 ]; then
		pp_say "    no test has run"
		tail_of "$log" 10
		extra=1
	elif [ "$status" -ne 0 ] && [ "$4" -eq 0 ]; then
		pp_say "    meson ended with status $status"
		tail_of "$log" 10
		extra=1
	elif [ "$4" -ne 0 ]; then
		pp_say "    log: ${dir#"$PP_ROOT"/}/meson-logs/$2.txt"
	fi
	pp_say "suite $2 ($1): $3 passed, $(($4 + extra)) failed, $5 skipped"
	count "$3" $(($4 + extra)) "$5"
}

stage_fast()
{
	suite gcc fast
}

stage_stress()
{
	suite gcc stress
}

stage_model()
{
	suite gcc model
}

stage_process()
{
	suite gcc process
}

stage_bench()
{
	suite gcc bench
}

stage_dpdk()
{
	suite gcc dpdk
}

stage_clang_fast()
{
	suite clang fast
}

sanitized()
{
	# EAL keeps what it allocates until the process ends; what the library takes of DPDK's heap
	# the tests count themselves
	local -x ASAN_OPTIONS=detect_leaks=0:halt_on_error=1:abort_on_error=1:print_summary=1
	local -x UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_summary=1:print_stacktrace=1

	suite asan "$1"
}

stage_asan_fast()
{
	sanitized fast
}

stage_asan_stress()
{
	sanitized stress
}

stage_tsan_fast()
{
	local -x TSAN_OPTIONS="halt_on_error=1 suppressions='$PP_ROOT/test/unit/tsan.supp'"

	suite tsan fast
}

# ---- checks: scripts that say "ok NAME", "FAILED NAME" or "skipped NAME" for each thing looked at

# checks NAME COMMAND...
checks()
{
	local name=$1 log=$BUILDS/logs/$1.log status=0 nr_ok nr_failed nr_skipped
	shift

	bounded "$log" "$@" || status=$?
	nr_ok=$(grep -c '^ok ' "$log" || true)
	nr_failed=$(grep -c '^FAILED ' "$log" || true)
	nr_skipped=$(grep -c '^skipped ' "$log" || true)
	if [ "$nr_failed" -eq 0 ] && [ "$status" -ne 0 ]; then
		nr_failed=1
	fi
	# what is not ok explains itself, before or after the line that says so
	grep -v '^ok ' "$log" | head -n 100 | cut -c 1-200 | sed 's/^/    /' || true
	[ "$nr_failed" -eq 0 ] || pp_say "    log: ${log#"$PP_ROOT"/}"
	pp_say "$name: $nr_ok passed, $nr_failed failed, $nr_skipped skipped"
	count "$nr_ok" "$nr_failed" "$nr_skipped"
}

stage_checks()
{
	checks checks "$PP_ROOT/devtools/check.sh"
}

stage_install()
{
	local script=$PP_ROOT/test/install/check.sh

	if [ ! -x "$script" ]; then
		pp_say "    there is no ${script#"$PP_ROOT"/}"
		return
	fi
	checks install "$script" "$BUILDS/gcc"
}

stage_arm64()
{
	checks arm64 "$PP_ROOT/test/arm64/run_arm64.sh" "$BUILDS/arm64"
}

# ---- all of it

stage_setup()
{
	local status=0 log=$BUILDS/logs/setup.log

	if [ -z "$SETUP" ]; then
		pp_say "    left out, as asked"
		return
	fi
	bounded "$log" "$PP_ROOT/devtools/setup.sh" test || status=$?
	[ "$status" -eq 0 ] || tail_of "$log" 20
	one "$status" setup
	[ "$status" -eq 0 ] || pp_die "nothing can be tested without the set-up"
}

stage()
{
	local start=$SECONDS

	pp_say "== $1"
	"stage_${1//-/_}"
	times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$1")")
}

parse()
{
	local name

	while [ $# -gt 0 ]; do
		case $1 in
		--no-huge) export PP_NO_HUGE=1 ;;
		--skip-setup) SETUP= ;;
		-*) pp_die "unknown option $1; there are --no-huge and --skip-setup" ;;
		*) break ;;
		esac
		shift
	done
	for name in "$@"; do
		declare -F "stage_${name//-/_}" >/dev/null ||
			pp_die "there is no stage $name; there are ${STAGES[*]}"
	done
	[ $# -eq 0 ] || STAGES=("$@")
}

main()
{
	local name

	parse "$@"
	pp_need_root
	pp_begin
	started=yes
	for name in "${STAGES[@]}"; do
		# python3 is what looks at the memory, so it comes after the set-up
		if [ "$name" != setup ] && [ -z "$PP_MEMORY" ]; then
			pp_memory "$MEMORY_MB"
		fi
		stage "$name"
	done
	pp_say "== times"
	printf '%s\n' "${times[@]}"
	pp_say "$(printf '%5d s  %s' "$SECONDS" "all; $skipped skipped")"
	complete=yes
	[ "$failed" -eq 0 ]
}

main "$@"
