#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# The same commands for Debian's dpdk-testpmd and for dpdk-testpp: what they print must be the same
# after addresses, counters and the width of their columns are masked.
# usage: run_commands.sh [SCRIPT...]    all of scripts/, or those named
# Environment: BUILD; KEEP=DIR keeps outputs and differences.
#
# A line of a script that begins with "!" is not sent:
#   !opt ...      options behind "--"
#   !vdev ...     devices instead of two null ones; PCAP is a file of packets of many kinds
#   !lcores ...   for EAL's --lcores
#   !fake N       fake_ethdev.so in front of DPDK's functions
#   !wait         half a second passes
#   !known RE     lines that differ, and say why in a comment; dropped from both
#   !noprompt     packets are printed before the prompt or after it

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
RUN_SECONDS=60

passed=0
failed=0
fake=
alone=()

# commands FILE: its lines, no faster than they are answered
commands()
{
	local line

	# nothing is typed before the prompt is there
	sleep 0.7
	while IFS= read -r line; do
		case $line in
		'!wait') sleep 0.5 ;;
		'!'* | '# '*) ;;
		*)
			printf '%s\n' "${line//PCAP/$PP_RUN/in.pcap}"
			case $line in start* | stop*) sleep 0.05 ;; esac
			;;
		esac
	done <"$1"
	echo quit
}

# run PROGRAM FILE OUTPUT: both streams, in order, and the exit status
run()
{
	local line d status=0 devices=() options=() more=() plugin=() preload=
	local vdevs="net_null0 net_null1" lcores kind=

	lcores=$(dt_lcores 2)
	while read -r line; do
		case $line in
		'!lcores '*) lcores=${line#!lcores } ;;
		'!fake '*) kind=${line#!fake } ;;
		'!vdev '*) vdevs=${line#!vdev } ;;
		'!opt '*) read -ra more <<<"${line#!opt }" && options+=("${more[@]}") ;;
		esac
	done <"$2"
	for d in $vdevs; do devices+=("--vdev=${d//PCAP/$PP_RUN/in.pcap}"); done
	[ -z "$kind" ] || preload=$fake
	# the other program has the driver inside
	[ "$1" != dpdk-testpmd ] || plugin=(-d "$PP_PLUGIN")
	dt_new_prefix
	# shellcheck disable=SC2016 # another shell expands it; stdbuf has a preload of its own
	commands "$2" | pp_bounded "$RUN_SECONDS" "${alone[@]}" stdbuf -oL env FAKE="$kind" sh -c \
		'[ -z "$0" ] || export LD_PRELOAD="$0:$LD_PRELOAD"; exec "$@"' "$preload" \
		"$1" --lcores "$lcores" --no-huge -m 300 --no-pci --no-telemetry "${devices[@]}" \
		--file-prefix "$dt_prefix" "${plugin[@]}" --mbuf-pool-ops-name=page_pool -- -i \
		--total-num-mbufs=4096 --no-mlockall "${options[@]}" >"$3" 2>&1 || status=$?
	dt_drop_prefix
	echo "status $status" >>"$3"
}

# mask FILE KNOWN NOPROMPT: without what is EAL's, chance (addresses, counts), and the layout of numbers
mask()
{
	local more=()

	[ -z "$2" ] || more+=(-e "\\#$2#d")
	[ -z "$3" ] || more+=(-e 's/^testpmd> //' -e 's/bursts : N.*/bursts : N/')
	sed -E -e 's/\r//g' -e '/^EAL: /d' -e '/^TELEMETRY: /d' -e '/^PAGE_POOL: /d' -e '/^mlockall/d' \
		-e "/Sending 'stop_req' request to secondary/,+1d" \
		-e 's/[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}/MAC/g' \
		-e 's/^(testpmd|testpp): create a new mbuf pool/testpmd: create a new mbuf pool/' \
		-e 's/(packets|bytes|total|dropped|missed|pps|bps)([:_a-z]*) *[0-9]+ */\1\2 N /g' \
		-e 's/bursts : [0-9]*/bursts : N/' -e 's/^([rt]x_[a-z0-9_]*): [0-9]*/\1: N/' \
		-e 's/CPU cycles.*packet=.*/CPU cycles/' -e 's/cycles=[0-9]*/cycles=N/g' \
		"${more[@]}" -e 's/ *$//' "$1"
}

# compare FILE: a script on both
compare()
{
	local name known noprompt who tries=1

	name=$(basename "$1" .txt)
	known=$(sed -n 's/^!known //p' "$1" | paste -sd'|')
	noprompt=$(grep '^!noprompt' "$1" || true)
	# testpmd's prompt and packets are written by two threads, at times one into the other's line
	[ -z "$noprompt" ] || tries=5
	until compare_once "$1"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
	done
	if [ "$tries" -gt 0 ]; then
		passed=$((passed + 1))
		pp_say "ok       $name: $(wc -l <"$PP_RUN/testpp") lines"
	else
		failed=$((failed + 1))
		pp_say "failed   $name"
		dt_log "$PP_RUN/diff" "testpp-$name" 40
	fi
}

# compare_once FILE: of compare(), whose variables it reads
compare_once()
{
	for who in dpdk-testpmd "$BUILD/app/testpp/dpdk-testpp"; do
		run "$who" "$1" "$PP_RUN/raw"
		[ -z "$KEEP" ] || cp "$PP_RUN/raw" "$KEEP/$name.${who##*-}.raw"
		mask "$PP_RUN/raw" "$known" "$noprompt" >"$PP_RUN/${who##*-}"
	done
	diff -u "$PP_RUN/testpmd" "$PP_RUN/testpp" >"$PP_RUN/diff" &&
		grep -q '^status 0$' "$PP_RUN/testpp"
}

main()
{
	local scripts=("$@") s

	dt_begin 0 dpdk-testpmd
	fake=$(cd "$BUILD" && pwd -P)/test/testpp/fake_ethdev.so
	[ -e "$fake" ] || pp_die "$fake is missing: run ninja"
	# tap devices are in a network namespace of their own, which ends with the program
	! unshare -n true 2>/dev/null || alone=(unshare -n)
	python3 "$HERE/packets.py" "$PP_RUN/in.pcap"
	[ ${#scripts[@]} -gt 0 ] || mapfile -t scripts < <(cd "$HERE/scripts" && printf '%s\n' *.txt)
	for s in "${scripts[@]}"; do
		compare "$HERE/scripts/${s%.txt}.txt"
	done
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

main "$@"
