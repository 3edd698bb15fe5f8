#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Arguments, exit statuses, pipes and signals of dpdk-testpp, beside Debian's dpdk-testpmd.
# usage: run_doors.sh    Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

dt_begin 0 dpdk-testpmd
dt_new_prefix
pp_bounded 200 python3 "$HERE/doors.py" "$BUILD/app/testpp/dpdk-testpp" dpdk-testpmd "$dt_prefix" \
	-d "$PP_PLUGIN"
