#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Runs each program of examples/ as its guide does, in less time: its exit status, and what it says.
# usage: run_examples.sh    with the build directory in BUILD

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../devtools/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
BUILD=$(cd "${BUILD:?the build directory}" && pwd -P)
# of each program, in seconds
LIMIT=30
# the largest of all
MEMORY_MB=320
LINES_MAX=249

failed=0
out=

# check NAME COMMAND...: what the program said is shown when it fails
check()
{
	local name=$1 status
	shift

	# not with "||": below it set -e means nothing, not even in a subshell
	set +e
	(
		set -e
		"$@"
	) >"$PP_RUN/check" 2>&1
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		pp_say "ok $name"
		return
	fi
	pp_say "FAILED $name"
	failed=$((failed + 1))
	tail -n 20 "$PP_RUN/check" | sed 's/^/    /'
	tail -n 20 "$out" | sed 's/^/    output: /'
}

# example NAME EAL ARGUMENTS... [-- ARGUMENTS...]: its exit status; output in $out, input from
# PP_INPUT if that is set
example()
{
	local name=$1
	shift

	pp_eal "$name"
	# what we would remove at the end nobody tells us from below check
	[ "$PP_MEMORY" != huge ] || PP_EAL+=(--huge-unlink)
	pp_spawn "$out" timeout -k 5 "$LIMIT" "$BUILD/examples/$name" "${PP_EAL[@]}" \
		--no-telemetry --log-level=lib.eal:error "$@"
	pp_reap "$PP_LAST_PID"
}

# says REGULAR EXPRESSION: a whole line of the output
says()
{
	printf 'wanted: %s\n' "$1"
	grep -qxE -- "$1" "$out"
}

# Short enough to be read at a sitting
check_lines()
{
	local file lines programs=0

	for file in "$PP_ROOT"/examples/*/main.c; do
		lines=$(wc -l <"$file")
		printf '%s: %s lines\n' "${file#"$PP_ROOT"/}" "$lines"
		[ "$lines" -le "$LINES_MAX" ]
		programs=$((programs + 1))
		[ -x "$BUILD/examples/$(basename "$(dirname "$file")")" ]
	done
	[ "$programs" -eq 7 ]
}

check_minimal()
{
	example minimal --vdev net_null0 --vdev net_null1 -d "$PP_PLUGIN" \
		--mbuf-pool-ops-name=page_pool -- -n 100000
	says '[0-9]{6,} packets forwarded; pool of 8191 mbufs, driver page_pool: [0-9]+ with it'
	says 'at the end: 8191 of 8191 mbufs with the pool'
}

# One port: a file goes to another one, and what is in it is looked at
check_zc_fwd()
{
	local packets

	packets=$(python3 "$HERE/pcap.py" make "$PP_RUN/in.pcap")
	example zc_fwd --vdev "net_pcap0,rx_pcap=$PP_RUN/in.pcap,tx_pcap=$PP_RUN/out.pcap" \
		-- -n "$packets"
	says "$packets packets received, $packets sent with headers of their own"
	says 'memory is whole'
	python3 "$HERE/pcap.py" compare "$PP_RUN/in.pcap" "$PP_RUN/out.pcap"
}

check_zc_fwd_null()
{
	example zc_fwd --vdev net_null0 --vdev net_null1 --vdev net_null2 -- -n 100000
	says '1[0-9]{5} packets received, [2-3][0-9]{5} sent with headers of their own'
	says 'memory is whole'
}

check_hdr_split()
{
	example hdr_split --vdev net_ring0 -- -n 2000 -s "$1"
	says '2000 packets sent, 2000 received, 0 wrong'
	says '2000 split in software'
}

# Pieces of 700 bytes, but for the last one; some are coalesced in each segment
check_streamer()
{
	local bytes=3000000 coalesced

	head -c "$bytes" /dev/urandom >"$PP_RUN/stream"
	PP_INPUT=$PP_RUN/stream example streamer --vdev net_ring0 -- -l
	says "$bytes bytes in 4286 writes, [0-9]+ coalesced; [0-9]+ packets, $bytes bytes came back"
	coalesced=$(sed -nE 's/.* ([0-9]+) coalesced;.*/\1/p' "$out")
	[ "$coalesced" -gt 4000 ] && [ "$coalesced" -lt 4286 ]
}

# A port that sends nothing back: what is sent is done with. Then it waits for what does not come.
check_streamer_null()
{
	local status=0

	PP_INPUT=$PP_RUN/stream example streamer --vdev net_null0
	says '3000000 bytes in 4286 writes, [0-9]+ coalesced; [0-9]+ packets, 0 bytes came back'
	PP_INPUT=$PP_RUN/stream example streamer --vdev net_null0 -- -l || status=$?
	[ "$status" -eq 1 ]
	grep -q 'not all was sent and came back' "$out"
}

# check_multi_process LCORES LCORES [COMMAND...]: of the last pp_eal; the command starts both.
# They share the mempools' caches of each lcore.
check_multi_process()
{
	local primary same=("${@:3}")

	# -m: memory that EAL does not give back at the end; it would ask the secondary process, which
	# has ended, and wait 5 s for an answer
	# below are the sanitizers' own mappings, and EAL's must be the same in both
	PP_EAL+=(--base-virtaddr 0x200000000000)
	PP_EAL[1]=$1
	pp_spawn "$PP_RUN/primary" "${same[@]}" "$BUILD/examples/multi_process" "${PP_EAL[@]}" \
		--no-telemetry --log-level=lib.eal:error --proc-type=primary -m 64 -- -n 20000
	primary=$PP_LAST_PID
	pp_wait 10 test -e "$PP_RUN/dpdk/${PP_EAL[4]}/config"
	PP_EAL[1]=$2
	pp_bounded "$LIMIT" "${same[@]}" "$BUILD/examples/multi_process" "${PP_EAL[@]}" --no-telemetry \
		--log-level=lib.eal:error --proc-type=secondary >"$out" 2>&1
	says 'secondary: 40000 read, 0 wrong; 20001 freed, 20000 sent back'
	cat "$PP_RUN/primary"
	pp_reap "$primary"
	cp "$PP_RUN/primary" "$out"
	says 'primary: 20000 of each form sent, 20000 attached ones came back'
}

check_provider()
{
	example provider -- -n 20000
	says '20000 of 20000 packets were read from the file'
	example provider -- -n 2000 -f "$PP_RUN/packets"
	says '2000 of 2000 packets were read from the file'
	[ ! -e "$PP_RUN/packets" ]
}

# Five sizes alone and five beside blocks; what it measures here means nothing
check_large_packets()
{
	example large_packets -- -b 1000 -r 3
	[ "$(grep -cE '^ +(0|1000) +[0-9]+( +[0-9]+\.[0-9]){5}$' "$out")" -eq 10 ]
}

main()
{
	local cpus lcores

	pp_begin
	out=$PP_RUN/out
	: >"$out"
	pp_memory "$MEMORY_MB"
	pp_plugin "$BUILD"
	mapfile -t cpus < <(pp_cpus)

	check lines check_lines
	check minimal check_minimal
	check zc_fwd check_zc_fwd
	check zc_fwd-null check_zc_fwd_null
	check hdr_split check_hdr_split 1400
	check hdr_split-large check_hdr_split 60000
	check streamer check_streamer
	check streamer-null check_streamer_null
	if [ "$PP_MEMORY" = huge ]; then
		pp_eal multi
		lcores=("0@${cpus[0]}" "1@${cpus[1]:-${cpus[0]}}")
		check multi_process check_multi_process "${lcores[@]}"
		# functions have the same addresses in both then
		pp_eal multi-aslr
		check multi_process-aslr check_multi_process "${lcores[@]}" setarch -R
	else
		pp_say "skipped multi_process (processes share hugepages only)"
	fi
	check provider check_provider
	check large_packets check_large_packets
	[ "$failed" -eq 0 ]
}

main "$@"
