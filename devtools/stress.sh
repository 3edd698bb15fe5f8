#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Runs the tests of the invariants for as long as one likes, each with a new seed in every round, and
# ends with the first that fails. Prints the seed with which to repeat it.
# usage: stress.sh [--minutes N] [--each SECONDS] [--build DIR] [TEST...]
#   --minutes N      for all; default 60. The round that has begun is finished
#   --each SECONDS   for one test in one round; default 60
#   --build DIR      build directory; default build, made if there is none
#   TEST             once, sim, strand, count, anyone, trim, misuse, chunks, batch, corrupt, die, kill,
#                    procs; default all
# Builds with sanitizers are worth it, too: see build-asan and build-tsan in test.sh.

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TESTS=(once sim strand count anyone trim misuse chunks batch corrupt die kill procs)
BUILD=$PP_ROOT/build
MINUTES=60
EACH=60

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

parse()
{
	local chosen=()

	while [ $# -gt 0 ]; do
		case $1 in
		--minutes | --each | --build)
			[ $# -ge 2 ] || pp_die "$1 needs a value"
			case $1 in
			--minutes) MINUTES=$2 ;;
			--each) EACH=$2 ;;
			--build) BUILD=$2 ;;
			esac
			shift
			;;
		-h | --help)
			usage
			exit 0
			;;
		-*) pp_die "unknown option $1" ;;
		*)
			[[ " ${TESTS[*]} " == *" $1 "* ]] || pp_die "no test is called $1"
			chosen+=("$1")
			;;
		esac
		shift
	done
	[[ $MINUTES =~ ^[1-9][0-9]*$ && $EACH =~ ^[1-9][0-9]*$ ]] ||
		pp_die "minutes and seconds are whole numbers above 0"
	[ "${#chosen[@]}" -eq 0 ] || TESTS=("${chosen[@]}")
}

# run TEST LOG: 0 passed, 77 not here, else failed
run()
{
	local args=(--seconds "$EACH")

	case $1 in
	once) args+=(--plugin "$PP_PLUGIN") ;;
	# some five secondaries a second can be started and killed
	procs) args+=(--plugin "$PP_PLUGIN" --kills $((EACH * 4))) ;;
	sim) args+=(--deaths $((RANDOM % 3 / 2))) ;;
	esac
	# each bounds itself well below this
	pp_bounded $((EACH * 5 + 120)) "$BUILD/test/invariants/inv_$1" "${args[@]}" >"$2" 2>&1
}

main()
{
	local test log status round=0 began=$SECONDS

	parse "$@"
	[ -f "$BUILD/build.ninja" ] || "$PP_ROOT/devtools/build.sh" "$BUILD"
	ninja -C "$BUILD" >/dev/null
	pp_begin
	pp_plugin "$BUILD"
	log=$PP_RUN/log
	while [ $((SECONDS - began)) -lt $((MINUTES * 60)) ]; do
		round=$((round + 1))
		for test in "${TESTS[@]}"; do
			status=0
			run "$test" "$log" || status=$?
			case $status in
			0) pp_say "ok $round $test: $(grep -a '^ok ' "$log" | tail -n 1)" ;;
			77) pp_say "skipped $round $test: $(tail -n 1 "$log")" ;;
			*)
				pp_say "FAILED $round $test, status $status: $(grep -am 1 PP_SEED "$log" ||
					true)"
				tail -n 40 "$log" | sed 's/^/    /'
				exit 1
				;;
			esac
		done
	done
	pp_say "$round rounds in $(((SECONDS - began) / 60)) minutes"
}

main "$@"
