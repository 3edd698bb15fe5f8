#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# The same commands for Debian's dpdk-testpmd and for dpdk-testpp: what they print must be the same
# after addresses, counters and the width of their columns are masked.
# usage: run_commands.sh [SCRIPT... | --part I/N]    all of scripts/, those named, or each N-th
# Environment: BUILD; KEEP=DIR keeps outputs and differences.
#
# A line of a script that begins with "!" is not sent:
#   !opt ...      options behind "--"
#   !vdev ...     devices instead of two null ones
#   !lcores ...   for EAL's --lcores
#   !fake N       fake_ethdev.so in front of DPDK's functions
#   !batch        without -i
#   !end RE       the exit status, if not 0
#   !expect RE    not compared: dpdk-testpp alone, and a line of its output matches RE, after the
#                 one that the !expect before it found
#   !never RE     with !expect: no line of it matches
#   !packets      the packets that were written to OUT0 and so on are compared, too
#   !wait         half a second passes
#   !known RE     lines that differ, and say why in a comment; dropped from both
#   !noprompt     packets are printed before the prompt or after it
# Words of it are replaced: PCAP is a file of packets of many kinds, LONG of one with long headers,
# OUT0 to OUT9 are files to write packets to, PEERS has addresses of peers, FILE commands, FILE2
# commands that load FILE.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
RUN_SECONDS=60

passed=0
failed=0
fake=
alone=()

# Whether a program can be typed to, or has ended
ready()
{
	grep -aqE '^testpmd> |^Press enter|exiting with code' "$1"
}

# commands FILE OUTPUT: its lines, no faster than they are answered
commands()
{
	local line

	# nothing is typed before the prompt is there
	pp_wait 15 ready "$2" || true
	while IFS= read -r line; do
		case $line in
		'!wait') sleep 0.5 ;;
		'!'* | '# '*) ;;
		*)
			printf '%s\n' "$line"
			case $line in start* | stop*) sleep 0.05 ;; esac
			;;
		esac
	done <"$1"
	echo quit
}

# run PROGRAM FILE OUTPUT: both streams, in order, and the exit status
run()
{
	local line d status=0 devices=() options=(-i) more=() plugin=() preload=
	local vdevs="net_null0 net_null1" lcores kind='' script=$PP_RUN/script

	sed -E "s#\\b(PCAP|LONG|OUT[0-9]|PEERS|FILE2?)\\b#$PP_RUN/files/\\1#g" "$2" >"$script"
	rm -f "$PP_RUN"/files/OUT*
	lcores=$(dt_lcores 2)
	while read -r line; do
		case $line in
		'!lcores '*) lcores=${line#!lcores } ;;
		'!fake '*) kind=${line#!fake } ;;
		'!vdev'*) vdevs=${line#!vdev} ;;
		'!batch') options=() ;;
		esac
	done <"$script"
	while read -r line; do
		case $line in
		'!opt '*) read -ra more <<<"${line#!opt }" && options+=("${more[@]}") ;;
		esac
	done <"$script"
	for d in $vdevs; do devices+=("--vdev=$d"); done
	[ -z "$kind" ] || preload=$fake
	# the other program has the driver inside
	[ "$1" != dpdk-testpmd ] || plugin=(-d "$PP_PLUGIN")
	dt_new_prefix
	: >"$3"
	# another shell expands it; stdbuf has a preload of its own; prompts are waited for in the
	# output
	# shellcheck disable=SC2016,SC2094
	commands "$script" "$3" | pp_bounded "$RUN_SECONDS" "${alone[@]}" stdbuf -oL \
		env FAKE="$kind" sh -c \
		'[ -z "$0" ] || export LD_PRELOAD="$0:$LD_PRELOAD"; exec "$@"' "$preload" \
		"$1" --lcores "$lcores" --no-huge -m 300 --no-pci --no-telemetry "${devices[@]}" \
		--file-prefix "$dt_prefix" "${plugin[@]}" --mbuf-pool-ops-name=page_pool -- \
		--total-num-mbufs=4096 --no-mlockall "${options[@]}" >"$3" 2>&1 || status=$?
	dt_drop_prefix
	echo "status $status" >>"$3"
	if grep -q '^!packets' "$2"; then
		python3 "$HERE/packets.py" --show "$PP_RUN"/files/OUT* >>"$3"
	fi
}

# mask FILE KNOWN NOPROMPT: without what is EAL's, chance (addresses, counts), and the layout of numbers
mask()
{
	local more=()

	[ -z "$2" ] || more+=(-e "\\#$2#d")
	[ -z "$3" ] || more+=(-e 's/^testpmd> //' -e 's/bursts : N.*/bursts : N/')
	sed -E -e 's/\r//g' -e '/^EAL: /d' -e '/^TELEMETRY: /d' -e '/^PAGE_POOL: /d' -e '/^mlockall/d' \
		-e "/Sending 'stop_req' request to secondary/,+1d" -e '/unable to un-register/,+1d' \
		-e "s#$PP_RUN/files/##g" \
		-e 's/[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}/MAC/g' \
		-e 's/^(testpmd|testpp): create a new mbuf pool/testpmd: create a new mbuf pool/' \
		-e 's/(packets|bytes|total|dropped|missed|pps|bps)([:_a-z]*) *[0-9]+ */\1\2 N /g' \
		-e 's/bursts : [0-9]*/bursts : N/' -e 's/^([rt]x_[a-z0-9_]*): [0-9]*/\1: N/' \
		-e 's/0x[0-9a-f]{7,}/ADDRESS/g' -e 's/ops_index=.*/ops_index=N/' \
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

# expect FILE: a script on dpdk-testpp alone
expect()
{
	local name re at=0 line missing=

	name=$(basename "$1" .txt)
	run "$BUILD/app/testpp/dpdk-testpp" "$1" "$PP_RUN/raw"
	mask "$PP_RUN/raw" "" "" >"$PP_RUN/testpp"
	while read -r re; do
		line=$(tail -n +$((at + 1)) "$PP_RUN/testpp" | grep -nEm 1 -e "$re" | cut -d : -f 1) ||
			true
		if [ -z "$line" ]; then
			missing=$re
			break
		fi
		at=$((at + line))
	done < <(sed -n 's/^!expect //p' "$1")
	grep -q "^status $(end_of "$1")\$" "$PP_RUN/testpp" || missing="status $(end_of "$1")"
	while read -r re; do
		! grep -qE -e "$re" "$PP_RUN/testpp" || missing="end to \"$re\""
	done < <(sed -n 's/^!never //p' "$1")
	if [ -z "$missing" ]; then
		passed=$((passed + 1))
		pp_say "ok       $name: $(wc -l <"$PP_RUN/testpp") lines, alone"
	else
		failed=$((failed + 1))
		pp_say "failed   $name: no \"$missing\" after line $at"
		dt_log "$PP_RUN/testpp" "testpp-$name" 40
	fi
}

# end_of FILE: its exit status
end_of()
{
	sed -n -e 's/^!end //p' -e '$s/.*/0/p' "$1" | head -n 1
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
		grep -q "^status $(end_of "$1")\$" "$PP_RUN/testpp"
}

# What words of scripts stand for
files_make()
{
	local files=$PP_RUN/files

	mkdir "$files"
	python3 "$HERE/packets.py" "$files/PCAP"
	python3 "$HERE/packets.py" --long "$files/LONG"
	# testpmd takes no line that has an end
	printf '00:11:22:33:44:50' >"$files/PEERS"
	printf '%s\n' 'set verbose 0' '#a comment' 'bogus' 'set burst 7' >"$files/FILE"
	printf '%s\n' 'show config txpkts' "load $files/FILE" 'set burst x' 'set nbport 1' \
		>"$files/FILE2"
}

main()
{
	local scripts=("$@") s

	dt_begin 0 dpdk-testpmd
	fake=$(cd "$BUILD" && pwd -P)/test/testpp/fake_ethdev.so
	[ -e "$fake" ] || pp_die "$fake is missing: run ninja"
	# tap devices are in a network namespace of their own, which ends with the program
	! unshare -n true 2>/dev/null || alone=(unshare -n)
	files_make
	if [ "${1:-}" = --part ]; then
		mapfile -t scripts < <(cd "$HERE/scripts" && printf '%s\n' *.txt |
			awk -v part="$2" 'split(part, p, "/") && NR % p[2] == p[1] % p[2]')
		[ ${#scripts[@]} -gt 0 ] || pp_die "there is no part $2"
	fi
	[ ${#scripts[@]} -gt 0 ] || mapfile -t scripts < <(cd "$HERE/scripts" && printf '%s\n' *.txt)
	for s in "${scripts[@]}"; do
		s=$HERE/scripts/${s%.txt}.txt
		if grep -q '^!expect' "$s"; then
			expect "$s"
		else
			compare "$s"
		fi
	done
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

main "$@"
