#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Called by `ninja install`: makes links to our plugin in DPDK's plugin directory, so that no -d is
# needed. Links, never copies: EAL loads every file there, a link only once with what it points to.
# usage: install-plugin-links.sh OUR_DIR DPDK_DIR NAME ABI

set -eu

from=$1
to=${DESTDIR:-}$2
name=$3
abi=$4

[ "$from" != "$2" ] || exit 0
mkdir -p "$to"
for file in "$name" "$name.${abi%%.*}" "$name.$abi"; do
	# a relative link would point astray in a staged DESTDIR tree that is moved as a whole
	ln -sfn "$from/$name.$abi" "$to/$file"
done
echo "Installing links to $from/$name.$abi in $to"
