#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Verifies the models of this directory with spin: as they are, exhaustively, and then with each of
# their steps broken, one at a time, which must be found. Steps are the #defines that come before
# a model's locations; those that are orderings bear the names that the library's comments have for
# them (WORD_A is WORD.A), and every such name must be a step of some model.
# usage: run_models.sh [-d] [-k] [MODEL...]
#   -d     deeper: one death more. Takes hours and a lot of memory
#   -k     keep the verifiers and what they said, in the directory shown
# Exit status: 0 all as it should be, 1 not, 77 spin is missing.

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../devtools/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
MODELS=(slot shared page list batch count publish ring world)
CC=${CC:-cc}
DEEP=
KEEP=
# of a verifier at work
MEMORY_MB=${MEMORY_MB:-6000}
DEPTH=1000000

work=

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

# constants FILE...: what C has to know of a model
constants()
{
	sed -nE 's|^#define ([A-Z_0-9]+) ([0-9]+)( .*)?$|#define \1 \2|p' "$@"
}

# steps MODEL: "NAME NUMBER" of all that can be broken
steps()
{
	sed -n '/^#define NOTHING 0/,/^$/p' "$HERE/$1.pml" |
		sed -nE 's|^#define ([A-Z_0-9]+) ([0-9]+)( .*)?$|\1 \2|p' | grep -v '^NOTHING '
}

# build MODEL: makes its verifier; says why not
build()
{
	local dir=$work/$1 defines=() status=0

	mkdir "$dir"
	cd "$dir"
	constants "$HERE/machine.pml" "$HERE/$1.pml" >model.h
	if [ -n "$DEEP" ] && grep -q '^#define DEATHS ' model.h; then
		defines+=(-DDEATHS=2)
		# longer stories have more messages
		printf '#define NM 20\n' >>model.h
	fi
	{
		cpp -P -w -I"$HERE" "${defines[@]}" "$HERE/$1.pml" >model.pml &&
			spin -a model.pml &&
			"$CC" -O2 -w -I"$HERE" -I. -DSAFETY -DCOLLAPSE -DNOFAIR -DVECTORSZ=8192 \
				-DMEMLIM="$MEMORY_MB" -o pan pan.c
	} >build.log 2>&1 || status=$?
	[ "$status" -eq 0 ] && return
	pp_say "FAILED $1: there is no verifier"
	sed 's/^/    /' build.log
}

# verify MODEL NUMBER: runs the model with that step broken (0: none); "sound: N states", or what
# was found
verify()
{
	local dir=$work/$1/$2 status=0

	[ -x "$work/$1/pan" ] || return 2
	mkdir "$dir"
	cd "$dir"
	BREAK=$2 ../pan -m"$DEPTH" >pan.log 2>&1 || status=$?
	if [ "$status" -ne 0 ] || ! grep -q 'errors: [01]$' pan.log; then
		tail -n 5 pan.log
		return 2
	fi
	if grep -q 'errors: 0$' pan.log; then
		# what is left out is not verified
		if grep -E 'not completed|too small|out of memory|MEMLIM' pan.log; then
			return 2
		fi
		sed -nE 's/^ *([0-9.e+]+) states, stored.*/sound: \1 states/p' pan.log
		return 0
	fi
	sed -nE 's/^pan:[0-9]+: (.*) \(at depth.*/\1/p' pan.log | head -n 1
	return 1
}

# one MODEL NAME NUMBER: a line of the result
one()
{
	local said status=0

	said=$(verify "$1" "$3") || status=$?
	case $status.$3 in
	0.0 | 1.[1-9]*) pp_say "ok $1, $2: $said" ;;
	0.*) pp_say "FAILED $1, $2 broken: nothing is found" ;;
	1.0) pp_say "FAILED $1: $said" ;;
	*)
		pp_say "FAILED $1, $2: it could not be verified"
		printf '%s\n' "$said" | sed 's/^/    /'
		;;
	esac
}

# Orderings named in the library and in the models are the same.
names()
{
	local name status=0

	grep -rohE '\b[A-Z]+(\.[A-Z]+)*\.(R|A|B|H|L)\b' "$PP_ROOT"/{lib,drivers} --include='*.[ch]' |
		tr . _ | sort -u >"$work/code"
	for name in "${MODELS[@]}"; do
		steps "$name"
	done | sed -nE 's/^([A-Z_]+_(R|A|B|H|L)) .*/\1/p' | sort -u >"$work/models"
	for name in $(comm -23 "$work/code" "$work/models"); do
		pp_say "FAILED names: ${name//_/.} of the library is a step of no model"
		status=1
	done
	for name in $(comm -13 "$work/code" "$work/models"); do
		pp_say "FAILED names: the library has no ${name//_/.}"
		status=1
	done
	# an ordering without a name nearby is in no model
	awk 'FNR == 1 { seen = -99 }
		/[A-Z]+(\.[A-Z]+)*\.(R|A|B|H|L)([^A-Za-z]|$)/ { seen = FNR }
		/memory_order_(acquire|release|acq_rel|seq_cst)/ && !/atomic_signal_fence/ &&
				FNR - seen > 12 { printf "FAILED names: none for %s:%d\n", FILENAME, FNR }
		' "$PP_ROOT"/lib/page_pool/*.[ch] >"$work/unnamed"
	if [ -s "$work/unnamed" ]; then
		cat "$work/unnamed"
		status=1
	fi
	[ "$status" -ne 0 ] || pp_say "ok names: $(wc -l <"$work/code") orderings of the library"
}

main()
{
	local option model name number jobs=() chosen

	while getopts dkh option; do
		case $option in
		d) DEEP=yes ;;
		k) KEEP=yes ;;
		h)
			usage
			exit 0
			;;
		*)
			usage
			exit 1
			;;
		esac
	done
	shift $((OPTIND - 1))
	chosen=("$@")
	[ $# -gt 0 ] || chosen=("${MODELS[@]}")
	if ! pp_have spin; then
		pp_say "skipped: spin is missing"
		exit 77
	fi
	pp_begin
	work=$PP_RUN/models
	[ -z "$KEEP" ] || work=$(mktemp -d "$PP_ROOT/build-models.XXXXXX")
	mkdir -p "$work"

	for model in "${chosen[@]}"; do
		jobs+=("$model" unbroken 0)
		while read -r name number; do
			jobs+=("$model" "$name" "$number")
		done < <(steps "$model")
	done
	export -f build one verify constants pp_say
	export HERE CC DEEP MEMORY_MB DEPTH work
	{
		[ $# -gt 0 ] || names
		printf '%s\n' "${chosen[@]}" | xargs -n 1 -P "$(nproc)" bash -c 'build "$@"' build
		printf '%s\n' "${jobs[@]}" | xargs -n 3 -P "$(nproc)" bash -c 'one "$@"' one
	} | tee "$work/result"
	[ -z "$KEEP" ] || pp_say "kept: $work"
	! grep -q '^FAILED' "$work/result"
}

main "$@"
