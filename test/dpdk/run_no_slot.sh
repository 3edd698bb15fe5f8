#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# EAL has 16 places for mempool ops. Where all are taken page_pool must say so in one line and do no
# other harm; with one place left it must work. Environment: see lib.sh.
# usage: run_no_slot.sh

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

RUN_SECONDS=40

passed=0
failed=0

# testpmd SLOTS OPS: starts testpmd, which ends as soon as it waits for commands. Its status; what it
# says is in log.
testpmd()
{
	local status=0

	dt_new_prefix
	pp_bounded "$RUN_SECONDS" env LD_PRELOAD="$dt_shims/pp_slots.so" \
		PP_SLOTS_LEFT="$1" dpdk-testpmd -d "$PP_PLUGIN" --lcores "$(dt_lcores 2)" \
		--no-pci --file-prefix "$dt_prefix" --no-huge -m 128 --vdev net_null0 \
		--mbuf-pool-ops-name="$2" -- -i --total-num-mbufs=2048 --no-mlockall \
		>"$PP_RUN/log" 2>&1 </dev/null || status=$?
	dt_drop_prefix
	return "$status"
}

# expect WHAT STATUS LINES: the result of the last run and how many lines the driver wrote
expect()
{
	local lines

	lines=$(grep -c 'page_pool: cannot register .*all places' "$PP_RUN/log") || true
	if [ "$2" -eq "$status" ] && [ "$3" -eq "$lines" ]; then
		passed=$((passed + 1))
		pp_say "ok       $1"
	else
		failed=$((failed + 1))
		pp_say "failed   $1: status $status, not $2; $lines lines of the driver, not $3"
		dt_log "$PP_RUN/log" "no-slot-$passed-$failed" 20
	fi
}

main()
{
	local status

	dt_begin 0 dpdk-testpmd
	status=0
	testpmd 1 page_pool || status=$?
	expect "one place left: page_pool works" 0 0
	status=0
	testpmd 0 page_pool || status=$?
	expect "no place left: page_pool says so, its pool cannot be made" 1 1
	status=0
	testpmd 0 ring_mp_mc || status=$?
	expect "no place left: page_pool says so, others work" 0 1
	pp_say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

main "$@"
