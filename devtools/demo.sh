#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Builds page_pool and shows it at work below Debian's unmodified dpdk-testpmd: two null ports, then
# two tap ports with real traffic between two network namespaces.
# usage: demo.sh [--ops NAME] [--no-huge] [--skip-setup]
#   --ops NAME     another mempool driver of DPDK, to compare; nothing is built then
#   --no-huge      without hugepages, even where there are some
#   --skip-setup   installs nothing

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

OPS=page_pool
SETUP=yes

NR_MBUFS=32768
# mbufs of both programs' pools, which do not run at the same time, and what EAL takes itself
MEMORY_MB=256
NULL_SECONDS=3
TRANSFER_BYTES=$((32 * 1024 * 1024))
PORT=5001

# the program that runs now
testpmd_name=
testpmd_pid=
testpmd_log=
testpmd_input=

null_packets=0
tap_packets=0
pool_report=

usage()
{
	sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0"
}

parse()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--ops)
			[ $# -ge 2 ] || pp_die "--ops needs a name"
			OPS=$2
			shift
			;;
		--ops=*) OPS=${1#*=} ;;
		--no-huge) export PP_NO_HUGE=1 ;;
		--skip-setup) SETUP= ;;
		-h | --help)
			usage
			exit 0
			;;
		*) pp_die "unknown option $1; there are --ops NAME, --no-huge and --skip-setup" ;;
		esac
		shift
	done
}

prepare()
{
	[ -z "$SETUP" ] || "$PP_ROOT/devtools/setup.sh" demo
	pp_have dpdk-testpmd || pp_die "dpdk-testpmd is missing: run without --skip-setup"
	if [ "$OPS" = page_pool ]; then
		"$PP_ROOT/devtools/build.sh"
		pp_plugin "$PP_ROOT/build"
	fi
	pp_memory "$MEMORY_MB"
}

# ---- testpmd

testpmd_fails()
{
	pp_warn "---- the end of what testpmd ($testpmd_name) said"
	tail -n 30 "$testpmd_log" >&2
	pp_die "$*"
}

# True also when it has ended, so that nobody waits in vain
testpmd_forwards_or_is_gone()
{
	grep -qs '^Press enter to exit' "$testpmd_log" || pp_is_gone "$testpmd_pid"
}

# testpmd_start NAME EAL ARGUMENTS... [-- ARGUMENTS...]: forwards when this returns.
testpmd_start()
{
	local plugin=() eal=()

	testpmd_name=$1
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		eal+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	testpmd_log=$PP_RUN/$testpmd_name.log
	[ -z "$PP_PLUGIN" ] || plugin=(-d "$PP_PLUGIN")
	# it forwards until somebody presses enter, so its input must neither end nor be a terminal
	mkfifo "$PP_RUN/$testpmd_name.in"
	exec {testpmd_input}<>"$PP_RUN/$testpmd_name.in"
	pp_eal "$testpmd_name"
	# by line, since we wait for what it says
	PP_INPUT=$PP_RUN/$testpmd_name.in pp_spawn "$testpmd_log" stdbuf -oL dpdk-testpmd \
		"${PP_EAL[@]}" "${plugin[@]}" --mbuf-pool-ops-name="$OPS" "${eal[@]}" -- \
		--total-num-mbufs="$NR_MBUFS" --no-mlockall --no-lsc-interrupt "$@"
	testpmd_pid=$PP_LAST_PID
	pp_wait 30 testpmd_forwards_or_is_gone || testpmd_fails "testpmd does not start"
	pp_is_child "$testpmd_pid" || testpmd_fails "testpmd has ended"
	grep -q "preferred mempool ops selected: $OPS\$" "$testpmd_log" ||
		testpmd_fails "testpmd's mbufs are not in $OPS"
}

# Ends it as a user would and checks that it ends well.
testpmd_stop()
{
	local status=0

	echo >&"$testpmd_input"
	pp_wait 20 pp_is_gone "$testpmd_pid" || testpmd_fails "testpmd does not end"
	pp_reap "$testpmd_pid" || status=$?
	exec {testpmd_input}>&-
	[ "$status" -eq 0 ] || testpmd_fails "testpmd ended with status $status"
}

# Packets that testpmd sent, all ports, from the statistics at its end
testpmd_forwarded()
{
	awk '/Accumulated forward statistics/ { all = 1 }
		all && $1 == "TX-packets:" { print $2; exit }' "$testpmd_log"
}

# Prints what its pool says of itself while it runs.
testpmd_pool()
{
	local pool

	pool=$(pp_telemetry "$testpmd_name" /mempool/list |
		python3 -c 'import json, sys
print(next(n for n in json.load(sys.stdin) if n.startswith("mb_pool_")))')
	if [ "$OPS" = page_pool ]; then
		pp_say "/page_pool/list: $(pp_telemetry "$testpmd_name" /page_pool/list)"
		pp_say "/page_pool/info,$pool:"
		pp_telemetry "$testpmd_name" --pretty "/page_pool/info,$pool"
	else
		pp_say "/mempool/info,$pool:"
		pp_telemetry "$testpmd_name" --pretty "/mempool/info,$pool"
	fi
}

# ---- null ports

null_ports()
{
	pp_say "== null ports: testpmd forwards between two net_null ports for $NULL_SECONDS s"
	testpmd_start null --vdev net_null0 --vdev net_null1
	sleep "$NULL_SECONDS"
	testpmd_stop
	null_packets=$(testpmd_forwarded)
	[ "${null_packets:-0}" -gt 0 ] || testpmd_fails "no packet was forwarded"
	pp_say "$null_packets packets forwarded"
}

# ---- tap ports

ping_through()
{
	local answer

	# answers may be late while both ends resolve each other's address
	answer=$(pp_netns_exec "$1" ping -n -q -c 10 -i 0.1 -W 2 "$2") || true
	pp_say "ping: $(grep 'packets transmitted' <<<"$answer")"
	grep -q '[1-9][0-9]* received' <<<"$answer" || testpmd_fails "ping does not get through"
}

is_listening()
{
	grep -qs listening "$1"
}

# transfer FROM TO ADDRESS: TCP, with the same checksum at both ends
transfer()
{
	local log=$PP_RUN/receive.log receiver sent received start=$EPOCHREALTIME stop
	local tool=$PP_ROOT/devtools/transfer.py

	pp_netns_spawn "$2" "$log" python3 "$tool" receive "$3" "$PORT"
	receiver=$PP_LAST_PID
	pp_wait 10 is_listening "$log" || testpmd_fails "nobody listens: $(cat "$log")"
	sent=$(pp_netns_exec "$1" timeout -k 1 20 python3 "$tool" send "$3" "$PORT" \
		"$TRANSFER_BYTES") || testpmd_fails "the transfer does not get through"
	stop=$EPOCHREALTIME
	pp_reap "$receiver" || testpmd_fails "the receiver failed: $(cat "$log")"
	received=$(tail -n 1 "$log")
	[ "$sent" = "$received" ] || testpmd_fails "sent $sent, received $received"
	# microseconds, both, since the separator depends on the locale
	pp_say "tcp: $TRANSFER_BYTES bytes in $(((${stop/[.,]/} - ${start/[.,]/}) / 1000)) ms," \
		"SHA-256 equal at both ends: ${sent#* }"
}

tap_ports()
{
	local a=pp-$$-a b=pp-$$-b link_a=ppa$$ link_b=ppb$$ network=192.0.2

	# rte_mempool's own caches would keep nearly everything away from the driver at this rate
	pp_say "== tap ports: two network namespaces, testpmd between them, without mbuf caches"
	[ -c /dev/net/tun ] || modprobe -q tun || true
	[ -c /dev/net/tun ] || pp_die "there is no /dev/net/tun; tap ports need it"
	pp_netns_add "$a"
	pp_netns_add "$b"
	testpmd_start tap --vdev "net_tap0,iface=$link_a" --vdev "net_tap1,iface=$link_b" \
		-- --mbcache=0
	# the links go where testpmd cannot see them, its end of them does not mind
	pp_netns_take "$a" "$link_a" "$network.1/24"
	pp_netns_take "$b" "$link_b" "$network.2/24"
	ping_through "$a" "$network.2"
	transfer "$a" "$b" "$network.2"
	pool_report=$(testpmd_pool) || testpmd_fails "telemetry does not answer"
	testpmd_stop
	tap_packets=$(testpmd_forwarded)
	[ "${tap_packets:-0}" -gt 0 ] || testpmd_fails "no packet was forwarded"
	pp_say "$tap_packets packets forwarded"
}

main()
{
	parse "$@"
	pp_need_root
	pp_begin
	prepare
	null_ports
	tap_ports
	pp_say "== what the pool counted while the tap ports were up"
	pp_say "$pool_report"
	pp_say "== packets forwarded with mempool driver $OPS: $null_packets (null ports)," \
		"$tap_packets (tap ports)"
}

main "$@"
