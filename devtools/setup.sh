#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Installs what the build, the demo and the tests need and this machine lacks, with apt-get.
# usage: setup.sh [demo|test|all]    what for; default all

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# to build, and to run the demo. dpdk-dev is where Debian keeps dpdk-testpmd and dpdk-test.
demo_packages=(gcc libc6-dev meson ninja-build pkg-config dpdk-dev libdpdk-dev libjansson-dev python3 iproute2
	iputils-ping util-linux)

# Static links: libdpdk-dev brings most of what `pkg-config --static --libs libdpdk` names. That
# libpcap's .pc file leads to libsystemd over libdbus is written in no Depends.
static_packages=(libsystemd-dev)

# the other compilers and languages of the tests, the checkers of check.sh, the model checker, what
# builds and runs programs for arm64
test_packages=(clang g++ shellcheck clang-format cppcheck codespell doxygen spin gcc-aarch64-linux-gnu
	qemu-user mmdebstrap)

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Elsewhere than on Debian we cannot install, only say what is missing.
check_tools()
{
	local tool missing=()

	for tool in gcc meson ninja pkg-config python3 ip ping dpdk-testpmd; do
		pp_have "$tool" || missing+=("$tool")
	done
	[ "${#missing[@]}" -eq 0 ] || pp_die "no apt-get here; please install: ${missing[*]}"
	pkg-config --exists 'libdpdk >= 22.11' || pp_die "please install libdpdk 22.11 or newer"
}

install_missing()
{
	local missing=("$@")

	pp_need_root
	export DEBIAN_FRONTEND=noninteractive
	pp_say "setup: installing ${missing[*]}"
	# lists may be absent, as in container images, or too old to name files that still exist
	apt-get update -q </dev/null
	apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null
}

main()
{
	local package packages=("${demo_packages[@]}") missing=()

	case ${1:-all} in
	demo) ;;
	test | all) packages+=("${static_packages[@]}" "${test_packages[@]}") ;;
	*) pp_die "usage: ${0##*/} [demo|test|all]" ;;
	esac
	if ! pp_have apt-get || ! pp_have dpkg-query; then
		check_tools
		return 0
	fi
	for package in "${packages[@]}"; do
		installed "$package" || missing+=("$package")
	done
	if [ "${#missing[@]}" -eq 0 ]; then
		pp_say "setup: nothing is missing"
		return 0
	fi
	install_missing "${missing[@]}"
}

main "$@"
