#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# What dpdk-testpp does with the library itself: --pp-frag, --pp-split, --pp-provider. Packets of a
# file go through each engine, with each of the options, and come out as with ordinary mbufs; ports
# come and go; what is wrong is refused.
# usage: run_own.sh [CASE]    all, or one: a function of own.py's    Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

dt_begin 0 python3
fake=$(cd "$BUILD" && pwd -P)/test/testpp/fake_split.so
[ -e "$fake" ] || pp_die "$fake is missing: run ninja"
dt_new_prefix
python3 "$HERE/packets.py" "$PP_RUN/kinds.pcap"
pp_bounded 280 python3 "$HERE/own.py" "$BUILD/app/testpp/dpdk-testpp" "$dt_prefix" \
	"$PP_RUN/kinds.pcap" "$PP_RUN" "$fake" "$@"
