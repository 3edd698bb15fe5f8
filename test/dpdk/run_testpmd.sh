#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Runs an unmodified dpdk-testpmd with its packet pools on page_pool: forwarding modes on net_null,
# net_ring and net_tap ports, several segments and pools, every way testpmd and EAL get memory.
# What is checked is in testpmd_session.py: packets counted at both ends, and each pool whole when
# the ports are stopped.
# usage: run_testpmd.sh [-t SECONDS] [PATTERN...]
#   -t SECONDS   what has not begun by then fails; default 600
#   PATTERN      only the lines of the matrix that match, as "tap*" or "*nohuge*"
# What ring_mp_mc cannot do here either counts as skipped, with its reason. Environment: see lib.sh.
# Exit status: 0 none failed, 1 some failed, 77 nothing could run.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LIMIT=600
PATTERNS=()

HUGE_MB=512
NO_HUGE_MB=256
NR_MBUFS=8192
# of one run: a few seconds, on a loaded machine more
RUN_SECONDS=90

ALL_MODES=io,mac,rxonly,txonly,5tswap,csum
TAP_LINKS=ppa,ppb

passed=0
failed=0
skipped=0

netns=
tp_status=
tp_secs=

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0"
	exit "$1"
}

selected()
{
	local pattern

	[ "${#PATTERNS[@]}" -gt 0 ] || return 0
	for pattern in "${PATTERNS[@]}"; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# Tap links and the frames on them live in a network of their own, where the kernel adds no
# packets to ours and no service of this machine sees them.
enter_netns()
{
	if [ -z "$netns" ]; then
		pp_netns_add "pp-$$-tap"
		netns=pp-$$-tap
		# shellcheck disable=SC2016 # for the other shell
		pp_netns_exec "$netns" sh -c 'f=/proc/sys/net/ipv6/conf/default/disable_ipv6
			[ ! -e $f ] || echo 1 >$f'
	fi
}

# one_run OPS MEMORY KIND MODES LCORES SESSION EAL TESTPMD: the last three are lists of words. Leaves
# the packets in out, the reason in err, what testpmd said in log, all below $PP_RUN.
one_run()
{
	local ops=$1 memory=$2 kind=$3 modes=$4 lcores=$5 start status=0
	local session eal testpmd enter=() plugin=()

	read -r -a session <<<"$6"
	read -r -a eal <<<"$7"
	read -r -a testpmd <<<"$8"
	dt_new_prefix
	eal+=(--lcores "$(dt_lcores "$lcores")" --no-pci --file-prefix "$dt_prefix"
		--mbuf-pool-ops-name="$ops")
	if [ "$memory" = huge ]; then
		eal+=(--huge-dir "$pp_huge_dir")
	else
		eal+=(--no-huge -m "$NO_HUGE_MB")
	fi
	if [ "$kind" = tap ]; then
		enter=(nsenter --net="/proc/${pp_netns[$netns]}/ns/net")
		session+=(--links "$TAP_LINKS")
		eal+=(--vdev "net_tap0,iface=${TAP_LINKS%,*}" --vdev "net_tap1,iface=${TAP_LINKS#*,}")
	else
		eal+=(--vdev "net_${kind}0" --vdev "net_${kind}1")
	fi
	if [ "$ops" = page_pool ] && [ -n "$PP_PLUGIN" ]; then
		plugin=(-d "$PP_PLUGIN")
	fi
	# where the option for the ops does not reach
	[[ $8 != *--mp-alloc=anon* ]] || session+=(--preload "$dt_shims/pp_anon.so")

	start=$EPOCHREALTIME
	# Link checks would wait 9 s for a stopped port. The flush of what was received before
	# forwarding starts would take packets that we count.
	pp_bounded "$RUN_SECONDS" "${enter[@]}" python3 "$DT_DIR/testpmd_session.py" \
		--kind "$kind" --modes "$modes" --ops "$ops" --log "$PP_RUN/log" \
		--socket "$PP_RUN/dpdk/$dt_prefix/dpdk_telemetry.v2" "${session[@]}" -- \
		dpdk-testpmd "${plugin[@]}" "${eal[@]}" -- -i \
		--total-num-mbufs="$NR_MBUFS" --no-mlockall --no-lsc-interrupt \
		--disable-link-check --no-flush-rx "${testpmd[@]}" \
		>"$PP_RUN/out" 2>"$PP_RUN/err" </dev/null || status=$?
	tp_secs=$(dt_seconds "$start" "$EPOCHREALTIME")
	dt_drop_prefix
	[ "$status" -ne 124 ] || echo "no end within $RUN_SECONDS s" >>"$PP_RUN/err"
	tp_status=$status
}

# Why the last run failed: what the session found, and EAL's reason when testpmd did not start
reason()
{
	local why

	why=$(head -c 400 "$PP_RUN/err" | tr '\n' ' ')
	if [[ $why == *"testpmd ended with"* ]]; then
		why+="($(grep -aE '^(EAL|MEMPOOL|MBUF|testpmd|  Cause)?:? .*(annot|ailed|FATAL|Cause|not |nvalid)' \
			"$PP_RUN/log" | head -n 1 || true))"
	fi
	printf '%s\n' "$why"
}

# line NAME MEMORY KIND MODES LCORES SESSION EAL TESTPMD: one line of the matrix
line()
{
	local name=$1 result why='' packets=0
	shift

	selected "$name" || return 0
	: >"$PP_RUN/log"
	tp_secs=0.0
	if [ "$1" = huge ] && [ -n "$dt_no_huge" ]; then
		result=skipped why="no hugepages: $dt_no_huge"
	elif [ "$2" = tap ] && [ ! -c /dev/net/tun ]; then
		result=skipped why="there is no /dev/net/tun"
	elif [ "$SECONDS" -ge "$LIMIT" ]; then
		result=failed why="out of time"
	else
		[ "$2" != tap ] || enter_netns
		one_run "$OPS" "$@"
		if [ "$tp_status" -eq 0 ]; then
			result=ok packets=$(<"$PP_RUN/out")
		else
			result=failed why=$(reason)
			mv "$PP_RUN/log" "$PP_RUN/failed.log"
			if [ "$OPS" != ring_mp_mc ]; then
				: >"$PP_RUN/log"
				one_run ring_mp_mc "$@"
				[ "$tp_status" -eq 0 ] || result=skipped \
					why="ring_mp_mc fails here too: $(reason)"
			fi
		fi
	fi
	printf '%-8s %-42s %10s packets %6s s%s\n' "$result" "$name" "$packets" "$tp_secs" \
		"${why:+ - $why}"
	case $result in
	ok) passed=$((passed + 1)) ;;
	skipped) skipped=$((skipped + 1)) ;;
	failed)
		failed=$((failed + 1))
		[ ! -s "$PP_RUN/failed.log" ] ||
			dt_log "$PP_RUN/failed.log" "testpmd-${name//[^a-z0-9-]/-}" 20
		;;
	esac
	rm -f "$PP_RUN/failed.log"
}

# All modes on all ports, in both memories, with testpmd's caches and without
lines_of_modes()
{
	local kind memory

	for kind in null ring tap; do
		for memory in huge nohuge; do
			line "$kind $memory" $memory $kind $ALL_MODES 2 "" "" ""
			line "$kind $memory, no cache" $memory $kind $ALL_MODES 2 --no-cache "" \
				--mbcache=0
		done
	done
	# two forwarding lcores: mbufs of one are freed by the other
	line "ring huge, two lcores" huge ring io,csum 3 "" "" --nb-cores=2
	line "ring nohuge, two lcores, no cache" nohuge ring io,csum 3 --no-cache "" \
		"--nb-cores=2 --mbcache=0"
}

# Several pools, packets of several segments. The commands of a session hold blanks, which the
# lists of words here cannot: underscores stand for them.
lines_of_segments()
{
	local memory

	for memory in huge nohuge; do
		line "ring $memory, 3 pools, txpkts" $memory ring txonly,io,csum 2 \
			"--pools 3 --do set_txpkts_64,300,1000" "" --mbuf-size=2176,1024,512
		line "null $memory, 2 pools, txsplit rand, no cache" $memory null txonly,io 2 \
			"--pools 2 --no-cache --do set_txpkts_64,64,64,500 --do set_txsplit_rand" \
			"" "--mbuf-size=1152,2176 --mbcache=0"
		line "tap $memory, 2 pools, scattered" $memory tap $ALL_MODES 2 \
			"--pools 2 --do set_txpkts_64,300,300" "" \
			"--mbuf-size=512,2176 --enable-scatter"
		line "tap $memory, 8 pools, scattered, no cache" $memory tap io,txonly,rxonly 2 \
			"--pools 8 --no-cache --do set_txpkts_64,100,100" "" \
			"--mbuf-size=384,512,640,768,1024,1152,2176,9216 --enable-scatter --mbcache=0"
	done
}

# What lies below the pools: chunks, their number, size and addresses
lines_of_memory()
{
	local kind memory

	for memory in huge nohuge; do
		for kind in anon xmem xmemhuge xbuf; do
			line "ring $memory, mp-alloc=$kind" $memory ring io,txonly,csum 2 "" "" \
				--mp-alloc=$kind
			line "null $memory, mp-alloc=$kind, no cache" $memory null io,rxonly 2 \
				--no-cache "" "--mp-alloc=$kind --mbcache=0"
		done
		line "ring $memory, mp-alloc=anon, no-iova-contig" $memory ring io,txonly 2 "" "" \
			"--mp-alloc=anon --no-iova-contig"
		line "ring $memory, iova-mode=pa" $memory ring io,txonly 2 "" --iova-mode=pa ""
		line "ring $memory, iova-mode=va" $memory ring io,txonly 2 "" --iova-mode=va ""
	done
	# --no-huge includes --legacy-mem, which excludes --in-memory
	line "ring huge, in-memory" huge ring io,txonly 2 "" --in-memory ""
	line "tap huge, in-memory, single-file-segments" huge tap io,txonly 2 "" \
		"--in-memory --single-file-segments" ""
	line "ring huge, single-file-segments" huge ring io,txonly 2 "" --single-file-segments ""
	line "ring huge, legacy-mem" huge ring io,txonly 2 "" "--legacy-mem -m 256" ""
	line "tap huge, legacy-mem, iova-mode=va, no cache" huge tap io,txonly 2 --no-cache \
		"--legacy-mem -m 256 --iova-mode=va" --mbcache=0
	line "ring huge, legacy-mem, iova-mode=pa, no cache" huge ring io,txonly 2 --no-cache \
		"--legacy-mem -m 256 --iova-mode=pa" --mbcache=0
}

main()
{
	local option

	while getopts t:h option; do
		case $option in
		t) LIMIT=$OPTARG ;;
		h) usage 0 ;;
		*) usage 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	PATTERNS=("$@")

	dt_begin "$HUGE_MB" dpdk-testpmd
	[ -c /dev/net/tun ] || modprobe -q tun || true
	pp_say "dpdk-testpmd on $OPS; packets counted at both ends, pools whole after each mode"
	lines_of_modes
	lines_of_segments
	lines_of_memory
	[ "$skipped" -eq 0 ] || pp_say "$skipped skipped, for the reasons given"
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
}

main "$@"
