#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Builds all for arm64 with Debian's cross compiler, against Debian's DPDK for arm64, and runs tests
# below qemu-user: that it is right where a cache line has 128 bytes, there is no membarrier() and
# no x86 instruction. That it is right on weak memory this cannot show, since the emulator's loads
# and stores are those of the machine below: see the models (test/model).
# usage: run_arm64.sh [--long] DIR    DIR keeps Debian's packages and the build; it need not exist
#   --long    each test for longer, and those that take minutes below an emulator

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../devtools/lib.sh"

TRIPLET=aarch64-linux-gnu
EMULATOR=qemu-aarch64
PLUGIN=drivers/mempool/page_pool/librte_mempool_page_pool.so
# of one test
LIMIT=300
SECONDS_EACH=1.5

# Not: die and sched, which step through x86 instructions.
INVARIANTS=(layout count trim misuse chunks hot strand once sim kill)
UNITS=(options contig pktmbuf faults page_pool_mbuf mbuf_model)

dir=
failed=0

# Debian's packages, unpacked, never installed: nothing of the machine's own changes. Named once it
# is whole.
make_root()
{
	local suite=$1 root=$2

	[ ! -d "$root" ] || return 0
	rm -rf "$root.new"
	mmdebstrap --quiet --variant=extract --mode=root --architectures=arm64 \
		--include=libdpdk-dev,libjansson-dev,libc6-dev "$suite" "$root.new" || return 1
	mv "$root.new" "$root"
}

# what meson asks for a machine that is not the one it runs on
write_cross()
{
	local root=$1

	cat <<-END
		[binaries]
		c = '$TRIPLET-gcc'
		ar = '$TRIPLET-ar'
		strip = '$TRIPLET-strip'
		pkgconfig = 'pkg-config'
		exe_wrapper = ['$EMULATOR', '-L', '$root']
		[properties]
		sys_root = '$root'
		pkg_config_libdir = '$root/usr/lib/$TRIPLET/pkgconfig:$root/usr/share/pkgconfig'
		[built-in options]
		c_args = ['--sysroot=$root']
		# EAL's own plugins would be sought where the machine has its own: this one is needed
		c_link_args = ['--sysroot=$root',
		        '-Wl,--push-state,--no-as-needed,-lrte_mempool_ring,--pop-state']
		[host_machine]
		system = 'linux'
		cpu_family = 'aarch64'
		cpu = 'armv8-a'
		endian = 'little'
	END
}

build()
{
	local root=$1 build=$2

	write_cross "$root" >"$build.ini.new"
	if [ ! -f "$build/build.ninja" ] || ! cmp -s "$build.ini.new" "$build.ini"; then
		# what an interrupted set-up left, meson would half believe
		rm -rf "$build"
		mv "$build.ini.new" "$build.ini"
		meson setup "$build" "$PP_ROOT" --cross-file "$build.ini" -Dwerror=true \
			-Dbuildtype=debugoptimized || return 1
	fi
	ninja -C "$build"
}

# check NAME COMMAND...: "ok", "FAILED" or "skipped", as the command's status says (77: skipped)
check()
{
	local name=$1 status=0 log=$dir/$1.log start=$SECONDS
	shift

	pp_bounded "$LIMIT" "$@" >"$log" 2>&1 || status=$?
	case $status in
	0) pp_say "ok $name ($((SECONDS - start)) s)" ;;
	77) pp_say "skipped $name: $(tail -n 1 "$log")" ;;
	*)
		failed=$((failed + 1))
		pp_say "FAILED $name: status $status"
		grep -E 'FAILED|not ok|\.c:[0-9]+: ' "$log" | head -n 20 | sed 's/^/    /' || true
		tail -n 10 "$log" | sed 's/^/    /'
		;;
	esac
}

main()
{
	local name build lib root run suite

	if [ "${1:-}" = --long ]; then
		SECONDS_EACH=20
		LIMIT=1200
		INVARIANTS+=(anyone batch procs)
		UNITS+=(populate)
		shift
	fi
	[ $# -eq 1 ] || pp_die "usage: ${0##*/} [--long] DIR"
	mkdir -p "$1"
	dir=$(cd "$1" && pwd -P)
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && printf '%s' "$ID-${VERSION_CODENAME:-}") || suite=unknown
	root=$dir/root-$suite
	build=$dir/build-$suite
	pp_begin
	for name in mmdebstrap "$TRIPLET-gcc" "$EMULATOR"; do
		if ! pp_have "$name"; then
			pp_say "skipped arm64: there is no $name"
			return 0
		fi
	done
	if [ "${suite%%-*}" != debian ] || ! make_root "${suite#*-}" "$root" >"$dir/root.log" 2>&1; then
		pp_say "skipped arm64: Debian's packages for it cannot be had"
		[ ! -f "$dir/root.log" ] || tail -n 5 "$dir/root.log" | sed 's/^/    /'
		return 0
	fi
	if ! build "$root" "$build" >"$dir/build.log" 2>&1; then
		pp_say "FAILED build"
		tail -n 30 "$dir/build.log" | sed 's/^/    /'
		return 1
	fi
	pp_say "ok build"
	# The loader by its name, and -L /: below any other -L, the emulator takes a lock for each
	# path a program opens, and a child forked meanwhile waits for it for ever.
	lib=$root/usr/lib/$TRIPLET:$root/lib/$TRIPLET
	run=("$EMULATOR" -L / "$root/lib/ld-linux-aarch64.so.1" --library-path "$lib")
	# programs that start themselves again need it
	export PP_EMULATOR="${run[*]}"
	for name in "${UNITS[@]}"; do
		check "test_$name" "${run[@]}" "$build/test/unit/test_$name"
	done
	for name in "${INVARIANTS[@]}"; do
		check "inv_$name" "${run[@]}" "$build/test/invariants/inv_$name" \
			--seconds "$SECONDS_EACH" --plugin "$build/$PLUGIN"
	done
	[ "$failed" -eq 0 ]
}

main "$@"
