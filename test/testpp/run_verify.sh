#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# dpdk-testpp --pp-verify: packets through rings, memif between two processes, taps and files are
# right; damaged ones, each byte in turn, are found, and nothing that is somebody else's is wrong.
# usage: run_verify.sh    Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
RUN_SECONDS=60
RINGS="net_ring0 net_ring1"

passed=0
failed=0
status=0
# what the last line of a run says
checked=0
wrong=0
foreign=0
made=0
# damaged packets
n=0

# testpp DEVICES OPTIONS...: the command line, in command
testpp()
{
	local d devices=()

	for d in $1; do devices+=("--vdev=$d"); done
	shift
	dt_new_prefix
	command=("$BUILD/app/testpp/dpdk-testpp" --lcores "$(dt_lcores 3)" --no-huge -m 300 --no-pci
		--no-telemetry "${devices[@]}" --file-prefix "$dt_prefix" -- --pp-verify
		--total-num-mbufs=8192 --no-mlockall "$@")
}

# totals LOG: sets what its last line says
totals()
{
	local line

	line=$(grep -a '^page_pool verify: .*, made' "$1" | tail -n 1) || true
	checked=$(sed -n 's/.*: checked \([0-9]*\),.*/\1/p' <<<"$line")
	wrong=$(sed -n 's/.* wrong \([0-9]*\),.*/\1/p' <<<"$line")
	foreign=$(sed -n 's/.* foreign \([0-9]*\),.*/\1/p' <<<"$line")
	made=$(sed -n 's/.* made \([0-9]*\)$/\1/p' <<<"$line")
	[[ $line == *"nothing was checked"* ]] && checked=0 wrong=0
	[ -n "$checked" ] && [ -n "$wrong" ] && [ -n "$foreign" ] && [ -n "$made" ] ||
		checked=-1 wrong=-1 foreign=-1 made=-1
}

# session DEVICES "OPTIONS" COMMAND...: one run, its status and totals; its output is in out. Each
# command when the one before is carried out (dt_converse).
session()
{
	local options=()

	read -ra options <<<"$2"
	testpp "$1" -i "${options[@]}"
	shift 2
	status=0
	: >"$PP_RUN/out"
	# shellcheck disable=SC2094 # it reads what there is meanwhile
	dt_converse "$PP_RUN/out" "$@" | pp_bounded "$RUN_SECONDS" "${alone[@]}" "${command[@]}" \
		>"$PP_RUN/out" 2>&1 || status=$?
	dt_drop_prefix
	totals "$PP_RUN/out"
}

# judge NAME EXPRESSION [PATTERN]: of the last session; arithmetic, and a line of its output
judge()
{
	if (($2)) && { [ $# -lt 3 ] || grep -Eaq -- "$3" "$PP_RUN/out"; }; then
		passed=$((passed + 1))
		pp_say "ok       $1: checked $checked, wrong $wrong, foreign $foreign"
	else
		failed=$((failed + 1))
		pp_say "failed   $1: not $2 ${3:-}: status $status, checked $checked, wrong $wrong," \
			"foreign $foreign, made $made, of $n"
		dt_log "$PP_RUN/out" "verify-${1// /-}" 20
	fi
}

RIGHT='status == 0 && checked > 0 && wrong == 0'
ALL_RIGHT="$RIGHT && foreign == 0"
PART_RIGHT='checked > 0 && wrong == 0 && foreign == 0'
ALL_WRONG='status == 1 && checked == n && wrong == n && foreign == 0'

# part K: what the session's K-th part says, which a "clear page_pool" ends
part()
{
	read -r checked wrong foreign < <(awk -v k="$1" '
		/page_pool counters cleared/ { if (++part == k) exit }
		/# page_pool verify #/ { c = w = f = 0 }
		/^  port .: checked/ { c += $4; w += $6; f += $8 }
		END { print c + 0, w + 0, f + 0 }' "$PP_RUN/out")
}

# In one process: rings whose Tx is their Rx
rings()
{
	local e lens k engines="io mac macswap 5tswap csum noisy" lines=()

	for e in $engines; do
		lines+=("set fwd $e" 'start tx_first 4' "$seen" stop 'clear page_pool')
	done
	# the first segments hold parts of headers and mark
	for lens in 64 20,22,9,19,1400; do
		session "$RINGS" "--txpkts=$lens" "${lines[@]}"
		judge "segments $lens" "$ALL_RIGHT"
		k=0
		for e in $engines; do
			part $((++k))
			judge "$e, segments $lens" "$ALL_RIGHT"
		done
	done
	session "$RINGS" "--forward-mode=csum --txpkts=60,40,100" 'set txsplit rand' \
		'start tx_first 4' "$seen" stop
	judge "csum, copies in segments" "$ALL_RIGHT"
	session "$RINGS" "--rxq=2 --txq=2 --nb-cores=2" 'start tx_first 4' "$seen" stop
	judge "two queues, two lcores" "$ALL_RIGHT"
	for lens in frag=700 split=20,600 split=eth,600 split=ipv4-udp,2000; do
		session "$RINGS" "--forward-mode=macswap --txpkts=42,9,200 --pp-$lens" \
			'start tx_first 4' "$seen" stop 'set fwd csum' 'start tx_first 4' "$seen" stop
		judge "pp-$lens" "$ALL_RIGHT"
	done
	session "$RINGS" "--forward-mode=flowgen --flowgen-clones=7 --txpkts=300" start "$seen" \
		stop
	judge "clones" "$ALL_RIGHT"
	session "$RINGS" "--forward-mode=txonly --txpkts=50,10,30 --txonly-multi-flow" \
		'set txsplit rand' start "$sent" stop 'set fwd rxonly' 'set flush_rx off' start \
		"$seen" stop
	judge "txonly, then rxonly" "$ALL_RIGHT"
	session "$RINGS" "" 'start tx_first' "$seen" stop 'show page_pool verify' \
		'clear page_pool' 'show page_pool verify'
	judge "show" "$ALL_RIGHT" 'port 1: checked [1-9][0-9]*, wrong 0, foreign 0'
	judge "clear" "$ALL_RIGHT" 'port 1: checked 0, wrong 0, foreign 0'
}

# What is not ours
foreigners()
{
	session "net_null0 net_null1" "--forward-mode=flowgen" start "$alien" stop 'set fwd io' \
		start "$alien" stop
	judge "null ports" "status == 0 && checked == 0 && foreign > 0 && made > 0" "nothing was checked"
	# what lies in a null port's mbufs has been a packet of the ring's
	session "net_null0 net_ring0" "--forward-mode=mac" 'start tx_first 4' "$alien" stop
	judge "a null port beside a ring" "status == 0 && wrong == 0 && foreign > 0 && made > 0"
	python3 "$HERE/packets.py" "$PP_RUN/foreign.pcap"
	session "net_pcap0,rx_pcap=$PP_RUN/foreign.pcap" \
		"--forward-mode=rxonly --no-flush-rx --mbuf-size=8192" start \
		'until foreign 12$: show page_pool verify' stop
	judge "packets of others" "status == 0 && checked == 0 && foreign == 12"
	session "net_null0" "--txpkts=40,19" start
	judge "packets that are too short" "status == 1" "packets of 59 bytes cannot be checked"
	session "net_null0" "--txpkts=63 --forward-mode=flowgen" start
	judge "and flowgen's" "status == 1" "packets of 63 bytes cannot be checked"
	session "net_null0" "" 'set txpkts 59' 'set fwd txonly' start
	judge "and later" "status == 0 && made == 0" "packets of 59 bytes cannot be checked"
}

# damaged NAME HOW...: packets of the file, damaged, are the next port's; their number is in numbers
damaged()
{
	local port=${#numbers[@]}

	numbers+=("$(python3 "$HERE/verify.py" "$PP_RUN/sent.pcap" "$PP_RUN/$1.pcap" "${@:2}")")
	vdevs+=" net_pcap$port,rx_pcap=$PP_RUN/$1.pcap"
	lines+=("set portlist $port" start "until checked ${numbers[port]},: show page_pool verify"
		stop 'clear page_pool')
}

# played NAME PORT EXPRESSION [PATTERN]: that part of the session
played()
{
	n=${numbers[$2]}
	part $(($2 + 1))
	judge "$1" "${@:3}"
}

files()
{
	local len off vdevs numbers lines

	for len in 64 123; do
		rm -f "$PP_RUN/sent.pcap"
		session "net_pcap0,tx_pcap=$PP_RUN/sent.pcap" "--forward-mode=rxonly --txpkts=$len" \
			'start tx_first 8' stop
		judge "file of $len bytes, written" \
			"status == 0 && made == 256 && checked == 0"
		vdevs='' numbers=() lines=()
		damaged same same
		damaged tagged tagged
		damaged flips flips
		damaged cuts cuts
		damaged others others
		damaged twice twice
		# forwarded packets may come again, but not while they are here
		lines+=('set fwd io')
		damaged pair pair
		session "$vdevs" "--forward-mode=rxonly --no-flush-rx" "${lines[@]}"
		played "read" 0 "$PART_RIGHT && checked == 256"
		played "tagged" 1 "$PART_RIGHT && checked == 256"
		played "each wrong value of each byte" 2 "$ALL_WRONG && n == $((len * 255))"
		played "shorter" 3 "$ALL_WRONG"
		played "longer, exchanged, overwritten" 4 "$ALL_WRONG"
		played "one comes twice" 5 "status == 1 && checked == 257 && wrong == 1"
		played "one comes twice, and both are here" 6 \
			"status == 1 && checked == 257 && wrong == 1"
	done
	vdevs='' numbers=() lines=()
	damaged same same
	session "$vdevs" "--forward-mode=rxonly --no-flush-rx --mbuf-size=173" "${lines[@]}"
	judge "received in segments of 45" "$ALL_RIGHT && checked == 256"
	vdevs='' numbers=() lines=()
	damaged twice twice
	session "$vdevs" "--forward-mode=rxonly --no-flush-rx" "${lines[@]}"
	judge "one comes twice, as it is told" "status == 1 && checked == 257 && wrong == 1" \
		"it came before; .* sequence 0,"
	# of 123 bytes; the addresses have a checksum, which does not tell which byte it was
	vdevs='' numbers=() lines=()
	for off in 0 12 26 42 47 53 60 122; do
		damaged "byte$off" flip $off
	done
	session "$vdevs" "--forward-mode=rxonly --no-flush-rx" "${lines[@]}"
	n=8
	for off in 0 12 26 42 47 53 60 122; do
		judge "byte $off" "$ALL_WRONG" "queue 0: offsets? ($off|0 to 11): expected .*0x"
	done
}

# memif ENGINE SENDER CONDITION UNTIL: the engine in one process, the sender in another, of which the
# condition must be true, too; it sends until then
memif()
{
	local server socket=$PP_RUN/memif

	rm -f "$socket"
	testpp "net_memif0,role=server,socket-abstract=no,socket=$socket" --stats-period=1 \
		--forward-mode="$1"
	pp_spawn "$PP_RUN/server" "${command[@]}"
	server=$PP_LAST_PID
	pp_wait 10 test -S "$socket" || true
	session "net_memif0,role=client,socket-abstract=no,socket=$socket" \
		"--forward-mode=$2 --txpkts=200,59" \
		'until Link status: up: show port info 0' start "$4" stop start "$4" stop
	judge "memif, $2 here, $1 there" "status == 0 && made > 0 && wrong == 0 && $3"
	status=0
	pp_stop "$server" || status=$?
	cp "$PP_RUN/server" "$PP_RUN/out"
	totals "$PP_RUN/out"
	judge "memif, $1 here, $2 there" "$RIGHT"
}

processes()
{
	memif rxonly txonly "checked == 0" "$sent"
	memif mac flowgen "checked > 0" "$seen"
	memif 5tswap flowgen "checked > 0" "$seen"
}

# The kernel carries packets from one tap device to the other, and says things of its own
taps()
{
	if [ ${#alone[@]} -eq 0 ] || ! pp_have ip; then
		pp_say "skipped  taps: no network namespaces"
		return
	fi
	# in the program's namespace, when its devices are there
	cat >"$PP_RUN/bridge" <<-'END'
		(
		exec </dev/null
		for i in 1 2 3 4 5 6 7 8 9 10; do
			ip link show vt0 && ip link show vt1 && break
			sleep 0.1
		done
		ip link add name vtb type bridge
		for i in vt0 vt1 vtb; do
			[ $i = vtb ] || ip link set $i master vtb
			ip link set $i up
		done
		) &
		exec "$@"
	END
	alone+=(sh "$PP_RUN/bridge")
	# the bridge forwards when it is there; csum leaves sums of IP to the kernel
	session "net_tap0,iface=vt0 net_tap1,iface=vt1" "--forward-mode=flowgen --txpkts=700" \
		start "until checked [1-9][0-9]{2,},: show page_pool verify" stop 'clear page_pool' \
		'set fwd io' 'start tx_first' "$seen" stop 'clear page_pool' \
		'port stop all' 'csum set ip hw 0' 'csum set ip hw 1' 'port start all' \
		'set fwd csum' 'start tx_first' "until checked [1-9][0-9]{2,},: show page_pool verify" \
		stop
	judge "taps on a bridge" "$RIGHT && checked > 100"
	part 2
	judge "taps on a bridge, io" "$RIGHT"
	part 3
	judge "taps on a bridge, csum" "$RIGHT"
}

main()
{
	local alone=() command=() s
	local seen='until checked [1-9]: show page_pool verify'
	local alien='until foreign [1-9]: show page_pool verify'
	local sent='until TX-packets: [1-9]: show fwd stats all'

	dt_begin 0 python3
	# tap devices are in a network namespace of their own, which ends with the program
	! unshare -n true 2>/dev/null || alone=(unshare -n)
	[ $# -gt 0 ] || set -- rings foreigners files processes taps
	for s in "$@"; do
		"$s"
	done
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

main "$@"
