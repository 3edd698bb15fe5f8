#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Random options, lines and keys for dpdk-testpp: see fuzz.py.
# usage: run_fuzz.sh [SECONDS [SEED]]    10 seconds, PP_SEED or any seed
# Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
alone=()
seed=${2:-${PP_SEED:-}}

# what is fuzzed needs no driver from outside
OPS=ring_mp_mc
dt_begin 0 python3
dt_new_prefix
# devices that a random line adds are in a network namespace of their own
! unshare -n true 2>/dev/null || alone=(unshare -n)
# files that a random line writes go with the run
BUILD=$(realpath "$BUILD")
cd "$PP_RUN"
pp_bounded $((${1:-10} + 240)) "${alone[@]}" python3 "$HERE/fuzz.py" \
	"$BUILD/app/testpp/dpdk-testpp" "$dt_prefix" "${1:-10}" ${seed:+"$seed"}
