#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Whether the scripts exercise all options and commands: see coverage.py.
# usage: run_coverage.sh    Environment: see ../dpdk/lib.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../dpdk/lib.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

# testpp OPTIONS...: without devices of this machine
testpp()
{
	dt_new_prefix
	pp_bounded 30 "$BUILD/app/testpp/dpdk-testpp" --lcores "$(dt_lcores 2)" --no-huge -m 100 \
		--no-pci --no-telemetry --vdev=net_null0 --file-prefix "$dt_prefix" -- \
		--no-mlockall --total-num-mbufs=2048 "$@"
	dt_drop_prefix
}

dt_begin 0 python3
testpp --help 2>"$PP_RUN/log" >"$PP_RUN/usage"
echo 'help all' | testpp -i 2>"$PP_RUN/log" >"$PP_RUN/help"
pp_bounded 30 python3 "$HERE/coverage.py" "$PP_RUN/usage" "$PP_RUN/help"
