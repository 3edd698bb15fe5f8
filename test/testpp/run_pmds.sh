#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# dpdk-testpp on all PMDs that need no device: null, ring, pcap, af_packet, tap, memif, vhost and
# virtio-user. Packets are counted at each port and compared byte for byte where they come out; two
# network namespaces talk through two tap ports. Programs end in all the ways there are, and no mbuf
# is lost. Says "ok", "failed" or "skipped" with the reason for each.
# usage: run_pmds.sh [PATTERN...]    all, or those whose names match, as "memif*"
# Environment: see ../dpdk/lib.sh; TESTPP_OPTIONS: sets of options for dpdk-testpp with ";" between
# them, all of it runs once with each; default one empty set.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
HUGE_MB=128
LIMIT=280

args=()
enter=()

# Links and what is on them are in networks of their own: one for the ports, two that talk.
networks()
{
	local name

	[ -c /dev/net/tun ] || modprobe -q tun 2>/dev/null || true
	[ -c /dev/net/tun ] || args+=(--no-tap="there is no /dev/net/tun")
	if ! unshare --net true 2>/dev/null; then
		args+=(--no-net="network namespaces may not be made here")
		return
	fi
	for name in mid a b; do
		pp_netns_add "pp-$$-$name"
		# the kernel adds no packets of its own to those that are counted
		# shellcheck disable=SC2016 # for the other shell
		pp_netns_exec "pp-$$-$name" sh -c 'f=/proc/sys/net/ipv6/conf/default/disable_ipv6
			[ ! -e $f ] || echo 1 >$f'
	done
	enter=(nsenter --net="/proc/${pp_netns[pp-$$-mid]}/ns/net")
	"${enter[@]}" ip link add name ppva type veth peer name ppvb 2>/dev/null &&
		"${enter[@]}" ip link del ppva || args+=(--no-veth="there are no veth links")
	args+=(--namespaces "/proc/${pp_netns[pp-$$-a]}/ns/net"
		"/proc/${pp_netns[pp-$$-b]}/ns/net")
}

main()
{
	local options=() o status=0

	dt_begin "$HUGE_MB" dpdk-testpmd
	if [ -n "$dt_no_huge" ]; then
		pp_say "hugepages: $dt_no_huge"
	else
		args+=(--huge-dir "$pp_huge_dir")
	fi
	networks
	IFS=';' read -r -a options <<<"${TESTPP_OPTIONS:-}"
	for o in "${options[@]}"; do args+=(--options="$o"); done
	mkdir "$PP_RUN/pmds"
	dt_new_prefix
	# two programs at a time
	pp_prefixes+=("$dt_prefix-0" "$dt_prefix-1")
	pp_bounded "$LIMIT" "${enter[@]}" python3 "$HERE/pmds.py" \
		--testpp "$BUILD/app/testpp/dpdk-testpp" --plugin "$PP_PLUGIN" \
		--prefix "$dt_prefix" --dir "$PP_RUN/pmds" "${args[@]}" -- "$@" || status=$?
	[ -z "$KEEP" ] || cp "$PP_RUN"/pmds/*.log "$KEEP"
	[ "$status" -ne 124 ] || pp_say "failed: no end within $LIMIT s"
	return "$status"
}

main "$@"
