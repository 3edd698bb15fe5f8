#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Forwarding rates of dpdk-testpp beside Debian's dpdk-testpmd, both on the same pool: see
# testpp_rates.py. The machine should do nothing else meanwhile.
# usage: testpp_rates.sh [--rounds N] [--seconds S] [--modes A,B] [--devices null,ring] [--ops A,B]
#        [--json FILE] [-- OPTIONS FOR BOTH PROGRAMS]
# Environment: BUILD, PP_NO_HUGE.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../test/dpdk/lib.sh"

HUGE_MB=512

dt_begin "$HUGE_MB" dpdk-testpmd
eal=(--no-pci --no-telemetry --lcores "$(dt_lcores 2)" --log-level=lib.eal:error)
if [ -n "$dt_no_huge" ]; then
	pp_say "without hugepages: $dt_no_huge"
	eal+=(--no-huge -m "$HUGE_MB")
else
	eal+=(--huge-dir "$pp_huge_dir" -m "$HUGE_MB" --in-memory)
fi
dt_new_prefix
python3 "$PP_ROOT/devtools/testpp_rates.py" --testpp "$BUILD/app/testpp/dpdk-testpp" \
	--testpmd "$(command -v dpdk-testpmd)" --plugin "$PP_PLUGIN" --prefix "$dt_prefix" \
	"${eal[@]/#/--eal=}" "$@"
