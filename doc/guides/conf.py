# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors

project = 'page_pool for DPDK'
copyright = '2026 page_pool for DPDK contributors'
extensions = []
html_theme = 'alabaster'
