#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# dpdk-testpp --pp-compare and the command: who is measured, on whose pools, and bad input.
# usage: run_compare.sh    Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

RUN_SECONDS=60
NULLS="net_null0 net_null1"
RINGS="net_ring0 net_ring1"
QUICK="--pp-compare-rounds=3 --pp-compare-time=100"

passed=0
failed=0
status=0
out=

# testpp DEVICES "EAL'S OPTIONS" "OPTIONS": the command line, in command
testpp()
{
	local d devices=() eal=() options=()

	for d in $1; do devices+=("--vdev=$d"); done
	read -ra eal <<<"$2"
	read -ra options <<<"$3"
	dt_new_prefix
	command=("$BUILD/app/testpp/dpdk-testpp" --lcores "$(dt_lcores 2)" --no-huge -m 500 --no-pci
		--no-telemetry "${devices[@]}" "${eal[@]}" --file-prefix "$dt_prefix" --
		--total-num-mbufs=4096 --no-mlockall "${options[@]}")
}

# session DEVICES "EAL'S OPTIONS" "OPTIONS" COMMAND...: one run, its status and output
session()
{
	testpp "$1" "$2" "$3"
	shift 3
	status=0
	: >"$out"
	if [ $# -eq 0 ]; then
		pp_bounded "$RUN_SECONDS" "${command[@]}" </dev/null >"$out" 2>&1 || status=$?
	else
		# shellcheck disable=SC2094 # it reads what there is meanwhile
		dt_converse "$out" "$@" | pp_bounded "$RUN_SECONDS" "${alone[@]}" "${command[@]}" \
			>"$out" 2>&1 || status=$?
	fi
	dt_drop_prefix
}

# judge NAME STATUS PATTERN...: of the last session, lines that are there; with a ! in front, not
judge()
{
	local name=$1 want=$2 why='' p

	shift 2
	[ "$status" -eq "$want" ] || why="status $status"
	for p in "$@"; do
		if [ "${p#!}" != "$p" ]; then
			! grep -Eaq -- "${p#!}" "$out" || why="\"${p#!}\" is there"
		else
			grep -Eaq -- "$p" "$out" || why="\"$p\" is missing"
		fi
	done
	if [ -z "$why" ]; then
		passed=$((passed + 1))
		pp_say "ok       $name"
	else
		failed=$((failed + 1))
		pp_say "failed   $name: $why"
		dt_log "$out" "compare-${name// /-}" 30
	fi
}

# Lines of the report; the first three numbers are packets/s: median, least and most. A turn may be
# without any where others have the CPU.
some()
{
	printf '^  %s +[1-9][0-9]* +[0-9]+ +[1-9][0-9]* +[0-9.]+%%( +[0-9.]+){6}$' "$1"
}

none()
{
	printf '^  %s( +0){3} ' "$1"
}

measured()
{
	local e kind

	session "$NULLS" "" "--pp-compare=ring_mp_mc,stack $QUICK"
	judge "three ops" 0 "$(some page_pool)" "$(some ring_mp_mc)" "$(some stack)" '^Bye' \
		'^  page_pool .* 1\.000  1\.000  1\.000$' \
		'^  io, 2 ports, 1 lcores, 3 rounds, 100 ms for each after 20 ms of warm-up$'
	session "$NULLS" "--mbuf-pool-ops-name=stack" "--pp-compare=page_pool $QUICK"
	judge "page_pool beside others" 0 "$(some stack)" "$(some page_pool)" 'round to stack$'
	# whoever allocates does so from the pool of the turn
	for e in io rxonly txonly flowgen; do
		session "$NULLS" "-d $empty" "--forward-mode=$e --pp-compare=test_empty,stack $QUICK"
		judge "$e, each on its pools" 0 "$(some page_pool)" "$(none test_empty)" "$(some stack)"
	done
	session "$RINGS" "" "--tx-first --pp-compare=ring_mp_mc $QUICK"
	judge "packets of rings" 0 "$(some page_pool)" "$(some ring_mp_mc)" '!not back'
	session "$RINGS" "" "--forward-mode=txonly --pp-compare=ring_mp_mc $QUICK"
	judge "full rings" 0 '!not back'
	session "$RINGS" "" "--pp-compare=stack $QUICK"
	judge "no packets" 0 "$(none page_pool)" "$(none stack)" 'no packets were forwarded'
	for kind in anon xmem xbuf; do
		session "$NULLS" "" "--mp-alloc=$kind --mbuf-size=2176,3000 --pp-compare=stack $QUICK"
		judge "pools in $kind" 0 "$(some page_pool)" "$(some stack)"
	done
}

commands()
{
	session "$RINGS" "" "-i $QUICK" 'page_pool compare stack,lf_stack' 'start tx_first' \
		'page_pool compare stack' "$forwarded" stop 'page_pool compare nosuch'
	judge "the command" 0 "$(none page_pool)" "$(none lf_stack)" 'Please stop forwarding first' \
		'mempool ops nosuch are not there' 'RX-packets: [1-9]' '!not back' '!--tx-first'
	session "$RINGS" "--mbuf-pool-ops-name=stack" "-i $QUICK" 'page_pool compare page_pool' \
		'show page_pool all' 'page_pool compare page_pool'
	judge "its pools end with it" 0 'Cannot find page_pool all' '<mb_pool_0_c2>' '!not back'
	session "$NULLS" "" "-i --pp-verify" 'page_pool compare stack'
	judge "not of packets that are checked" 0 'packets are checked \(--pp-verify\)' '!rounds'
}

# A turn cannot begin: ports are as they were before
failing()
{
	local alone=()

	if ! unshare -n true 2>/dev/null; then
		pp_say "skipped  a tap without mbufs: no network namespaces"
		return
	fi
	alone=(unshare -n)
	session "net_tap0 net_null0" "-d $empty" "-i $QUICK" \
		'page_pool compare ring_mp_mc,test_empty' start "$forwarded" stop
	judge "a tap without mbufs" 0 'Fail to configure port 0 rx queues' 'RX-packets: [1-9]' \
		'!Not all ports were started' '!not back'
}

# MBUF_FAST_FREE of ports and queues is off meanwhile, and then as it was; the fake device tells
fast_free()
{
	local alone=(env FAKE=16 LD_PRELOAD="$BUILD/test/testpp/fake_ethdev.so")
	local both="0:10000 1:10000" off="(0:0 1:0 )" last

	last="0:0 1:10000 $off+\\| ${off}0:0 1:10000 $"

	session net_null0 "" "-i $QUICK --rxq=2 --txq=2" 'page_pool compare stack' \
		'port stop 0' 'port 0 txq 1 tx_offload mbuf_fast_free off' 'port start 0' \
		'page_pool compare stack' \
		'port stop 0' 'port config 0 tx_offload mbuf_fast_free off' \
		'port 0 txq 1 tx_offload mbuf_fast_free on' 'port start 0' 'page_pool compare stack'
	# one line: each queue's set-up and its offloads, and a | where the report is
	awk '/^told: txq/ { printf "%s%s ", $4, $NF } /rounds,/ { printf "| " }' "$out" >"$out.fast"
	cp "$out.fast" "$out"
	judge "MBUF_FAST_FREE" 0 "^$both $off+\\| $off$both 0:10000 1:0 $off+\\| ${off}0:10000 1:0 $last"

	# its queues do not come back from the first one's pools; after the second one they have it again
	alone=(env FAKE=48 LD_PRELOAD="$BUILD/test/testpp/fake_ethdev.so")
	session net_null0 "" "-i $QUICK --rxq=2 --txq=2" 'page_pool compare stack' \
		'port start 0' 'page_pool compare stack'
	judge "its pools stay" 0 'not all ports are started again' 'its pools stay until the end' '!not back'
	awk '/^told: txq/ { printf "%s%s ", $4, $NF } /rounds,/ { printf "| " }' "$out" >"$out.fast"
	cp "$out.fast" "$out"
	judge "MBUF_FAST_FREE of one whose pools stay" 0 "^$both $off+\\| $off$both $"

	# unless it was told not to meanwhile
	session net_null0 "" "-i $QUICK --rxq=2 --txq=2" 'page_pool compare stack' \
		'port 0 txq 1 tx_offload mbuf_fast_free off' 'port start 0' 'page_pool compare stack'
	awk '/^told: txq/ { print $4 $NF }' "$out" | tail -n 2 >"$out.fast"
	cp "$out.fast" "$out"
	judge "a queue told not to" 0 '^0:10000$' '^1:0$'
}

interrupted()
{
	local pid

	testpp "$NULLS" "" "--pp-compare=stack --pp-compare-time=1000"
	pp_spawn "$out" "${command[@]}"
	pid=$PP_LAST_PID
	pp_wait 10 grep -q 'mb_pool_0_c1' "$out" || true
	sleep 2.2
	status=0
	pp_stop "$pid" || status=$?
	dt_drop_prefix
	judge "a signal" 0 'ended after [1-4] of 10 measurements' "$(some page_pool)" '^Bye'
}

# refused "OPTIONS" PATTERN: before any port is touched
refused()
{
	session "$NULLS" "" "$1"
	judge "refused: $1" 1 "$2" '!Configuring Port'
}

refusals()
{
	refused "--pp-compare=nosuch" 'mempool ops nosuch are not there'
	refused "--pp-compare=page_pool" 'mempool ops page_pool twice'
	refused "--pp-compare=stack,lf_stack,stack" 'mempool ops stack twice'
	refused "--pp-compare=stack," '"" are no mempool ops'
	refused "--pp-compare=ring_sp_sc" 'for one producer or one consumer'
	refused "--pp-compare=ring_mp_sc" 'for one producer or one consumer'
	refused "--pp-compare" 'option.*requires an argument'
	refused "--pp-compare=stack --pp-compare-rounds=0" 'pp-compare-rounds must be'
	refused "--pp-compare=stack --pp-compare-time=9" 'pp-compare-time must be'
	refused "--pp-compare-time=100" 'need --pp-compare or -i$'
	refused "--pp-compare=stack -i" 'cannot be used with -i'
	refused "--pp-compare=stack --stats-period=1" 'cannot be used with --stats-period'
	refused "--pp-compare=stack --pp-verify" 'cannot be used with --pp-verify'
	refused "--pp-compare=stack --pp-frag=2048" 'cannot be used with --pp-frag'
	session "$NULLS" "" "--pp-compare=stack --disable-device-start"
	judge "ports that are not started" 1 'Not all ports were started'
	session "$NULLS" "" "--pp-compare=stack,ring_mp_mc --total-num-mbufs=100000"
	judge "no memory for all pools" 1 'Creation of mbuf pool for socket 0 failed' \
		'no pools on mempool ops'
}

main()
{
	local command=() alone=() empty s
	local forwarded='until RX-packets: [1-9]: show fwd stats all'

	dt_begin 0 python3
	out=$PP_RUN/out
	# EAL loads nothing from below a world-writable directory
	empty=$PP_RUN/empty_ops.so
	cp "$BUILD/test/testpp/empty_ops.so" "$empty"
	[ $# -gt 0 ] || set -- measured commands failing fast_free interrupted refusals
	for s in "$@"; do
		"$s"
	done
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

main "$@"
