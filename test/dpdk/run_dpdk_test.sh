#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Runs suites of an unmodified dpdk-test with every pool of theirs on page_pool.
# usage: run_dpdk_test.sh [-c CONFIG] SUITE...
#   -c CONFIG   huge, huge0, nohuge or nohuge0: memory, and 0 for all caches forced to 0;
#               default huge. nohuge0 reaches the driver most
# A suite is a command of dpdk-test, or a row of suites.tsv that says how to run it. Each ends with
# one line: result, suite, configuration, pools made, seconds. Environment: see lib.sh.
# Exit status: 0 all passed, 1 one failed, 77 none failed and one could not run here.

set -euo pipefail
# shellcheck source=test/dpdk/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

CONFIG=huge

# what the suites need, found by trying
HUGE_MB=2048

main()
{
	local suite log failed=0 skipped=0

	while getopts c:h option; do
		case $option in
		c) CONFIG=$OPTARG ;;
		*)
			sed -n '/^# usage:/,/^$/s/^# \{0,1\}//p' "$0"
			exit 1
			;;
		esac
	done
	shift $((OPTIND - 1))
	[[ $CONFIG =~ ^(no)?huge0?$ ]] || pp_die "no configuration is called $CONFIG"
	[ $# -gt 0 ] || pp_die "which suite?"

	dt_begin "$([[ $CONFIG == no* ]] && echo 0 || echo "$HUGE_MB")" dpdk-test
	for suite; do
		dt_suite "$suite"
		log=$PP_RUN/log
		dt_compare "$CONFIG" "$log"
		pp_say "$dt_result $suite $CONFIG $OPS pools=$dt_pools $dt_secs s${dt_why:+: $dt_why}"
		case $dt_result in
		failed)
			failed=1
			dt_log "$log" "${suite//\//-}-$CONFIG" 30
			;;
		skipped) skipped=1 ;;
		esac
	done
	[ "$failed" -eq 0 ] || exit 1
	[ "$skipped" -eq 0 ] || exit 77
}

main "$@"
