#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Configures a build directory, or configures it again, and builds.
# usage: build.sh [BUILDDIR [MESON ARGUMENTS...]]    default: build, buildtype release

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

configure()
{
	local dir=$1 type=(--buildtype=release)
	shift

	# meson takes it only once
	case " $* " in
	*" --buildtype"* | *" -Dbuildtype="*) type=() ;;
	esac

	if [ ! -f "$dir/build.ninja" ]; then
		# what an interrupted set-up left has no build.ninja and would be half believed
		rm -rf "$dir/meson-private" "$dir/meson-info"
		meson setup "${type[@]}" "$@" "$dir" "$PP_ROOT"
	elif [ $# -gt 0 ]; then
		meson setup --reconfigure "$@" "$dir" "$PP_ROOT"
	fi
}

main()
{
	local dir=$PP_ROOT/build

	if [ $# -gt 0 ]; then
		dir=$1
		shift
	fi
	configure "$dir" "$@"
	ninja -C "$dir"
}

main "$@"
