#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Installs a build and uses it as a user does: unmodified testpmd without -d, a program linked
# against the shared library, one linked statically. Everything happens in a mount namespace with an
# overlay on /usr, so the machine stays as it is.
# usage: check.sh BUILDDIR

set -euo pipefail

build=$(realpath "${1:?usage: check.sh BUILDDIR}")
here=$(dirname "$(realpath "$0")")

if [ "${PP_INSTALL_INSIDE:-}" = "" ]; then
	work=$(mktemp -d "$build/install-check.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	rc=0
	PP_INSTALL_INSIDE=$work unshare --mount --propagation private "$0" "$build" || rc=$?
	exit "$rc"
fi

work=$PP_INSTALL_INSIDE
failed=0

result() {
	if [ "$2" = 0 ]; then echo "ok      $1"; else echo "FAILED  $1"; failed=1; fi
}

# check NAME COMMAND...: the output is shown when it fails
check() {
	local name=$1 rc=0
	shift
	"$@" >"$work/log" 2>&1 || rc=$?
	[ "$rc" = 0 ] || tail -n 40 "$work/log" | cut -c1-400
	result "$name" "$rc"
}

# upper and work directory on a tmpfs: overlayfs does not take every file system for them
mount -t tmpfs tmpfs "$work"
chmod 755 "$work"
mkdir "$work/upper" "$work/ovl" "$work/out"
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$work/upper,workdir=$work/ovl" /usr

check "ninja install" ninja -C "$build" install
prefix=$(meson introspect --buildoptions "$build" |
	python3 -c 'import json,sys; o={x["name"]: x["value"] for x in json.load(sys.stdin)}
print(o["prefix"], o["prefix"]+"/"+o["libdir"])')
libdir=${prefix#* }
pmds=$(cc -E -dM -include rte_build_config.h -x c /dev/null \
	-I"/usr/include/$(cc -print-multiarch)/dpdk" |
	sed -n 's/^#define RTE_EAL_PMD_PATH "\(.*\)"/\1/p')
export PKG_CONFIG_PATH=$libdir/pkgconfig

links_only() {
	local f n=0
	for f in "$pmds"/librte_mempool_page_pool.so*; do
		[ -L "$f" ] && [ -f "$f" ] || return 1
		n=$((n + 1))
	done
	[ "$n" = 3 ]
}
check "plugin directory of DPDK holds links, not copies" links_only

plugin_finds_library() {
	# no LD_LIBRARY_PATH, no ldconfig; to a file, since ldd fails when grep -q stops reading
	env -u LD_LIBRARY_PATH ldd "$(realpath "$pmds/librte_mempool_page_pool.so")" \
		>"$work/ldd" && cat "$work/ldd" && grep -q "libpage_pool.so.0 => /" "$work/ldd"
}
check "plugin finds libpage_pool by itself" plugin_finds_library

testpmd_without_d() {
	local out=$work/testpmd.out
	printf 'start\n' >"$work/cmd"
	{ sleep 3; echo stop; echo quit; } |
		timeout 60 dpdk-testpmd --no-huge -m 512 --no-pci -l 0,1 --no-telemetry \
			--file-prefix="pp-inst-$$" --mbuf-pool-ops-name=page_pool \
			--vdev=net_null0 --vdev=net_null1 -- -i --auto-start \
			--total-num-mbufs=8192 >"$out" 2>&1 || { cat "$out"; return 1; }
	cat "$out"
	grep -q "preferred mempool ops selected: page_pool" "$out" &&
		! grep -q "loaded twice" "$out" &&
		grep -A3 "Accumulated" "$out" | grep -Eq "RX-packets: [1-9]"
}
check "testpmd without -d forwards on page_pool" testpmd_without_d

# `set -e` does not reach into what `check` calls: the steps are chained
# shellcheck disable=SC2046 # word splitting is what pkg-config's output is for
shared_program() {
	cc -O2 -Wall -o "$work/out/shared" "$here/traffic.c" \
		$(pkg-config --cflags --libs libpage_pool libdpdk) -Wl,-rpath,"$libdir" &&
	ldd "$work/out/shared" >"$work/ldd" && grep libpage_pool.so.0 "$work/ldd" &&
	# the driver comes as a plugin, by the links
	"$work/out/shared" --no-huge -m 256 --no-pci -l 0 --no-telemetry --no-shconf \
		--vdev=net_ring0
}
check "program linked with the shared library passes traffic" shared_program

no_dynamic_dpdk() {
	ldd "$1" >"$work/ldd" && ! grep -E "librte_|libpage_pool" "$work/ldd"
}

# shellcheck disable=SC2046
static_program() {
	cc -O2 -Wall -o "$work/out/static" "$here/traffic.c" \
		$(pkg-config --static --cflags --libs libpage_pool libdpdk) &&
	no_dynamic_dpdk "$work/out/static" &&
	"$work/out/static" --no-huge -m 256 --no-pci -l 0 --no-telemetry --no-shconf \
		--vdev=net_ring0 >"$work/static.out" &&
	grep "^mempool ops:.* page_pool" "$work/static.out"
}
check "program linked statically lists page_pool and passes traffic" static_program

exit "$failed"
