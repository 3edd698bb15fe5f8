/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _NETMEM_H_
#define _NETMEM_H_

/**
 * @file
 * netmem: the one-word handle of a page.
 *
 * A page is a run of memory that moves between providers, pools and users as one unit. Its
 * descriptor lies away from the memory itself. A handle is the address of the descriptor; bit 0
 * tells memory that the CPU may read (clear: a page) from memory that it may not (set: a net_iov),
 * as the kernel's netmem_ref does. Descriptors lie in memory that all processes of one DPDK
 * instance map at the same address, so a handle means the same in each of them.
 *
 * Handles are plain values: every function here may be called from any thread, takes no lock and
 * implies no memory ordering. Semantics after the kernel's include/net/netmem.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Handle of a page; 0 is no page. */
typedef uintptr_t netmem_ref;

/** Descriptor of a page; its layout is private. */
struct page_pool_page;

/** Bit 0 of a handle: set when the CPU cannot read the memory. */
#define NETMEM_NET_IOV ((netmem_ref)1)

/**
 * Tell whether a handle means memory that the CPU cannot read.
 *
 * @param netmem
 *   Handle.
 * @return
 *   true for a net_iov, false for a page and for 0.
 */
static inline bool
netmem_is_net_iov(netmem_ref netmem)
{
	return (netmem & NETMEM_NET_IOV) != 0;
}

/**
 * Handle of a page whose descriptor is known.
 *
 * @param page
 *   Descriptor, or NULL.
 * @return
 *   The handle, 0 for NULL.
 */
static inline netmem_ref
page_to_netmem(const struct page_pool_page *page)
{
	return (netmem_ref)page;
}

/**
 * Descriptor behind a handle.
 *
 * @param netmem
 *   Handle.
 * @return
 *   The descriptor, or NULL when the handle is 0 or a net_iov: it says no instead of guessing.
 */
static inline struct page_pool_page *
netmem_to_page(netmem_ref netmem)
{
	return netmem_is_net_iov(netmem) ? NULL : (struct page_pool_page *)netmem;
}

/**
 * Address of the first fragment of a page.
 *
 * @param netmem
 *   Handle.
 * @return
 *   Virtual address, NULL when the handle is 0 or a net_iov.
 */
void *netmem_address(netmem_ref netmem);

/**
 * Number of fragments a page is split into.
 *
 * @param netmem
 *   Handle.
 * @return
 *   Fragments, 0 when the handle is 0 or a net_iov.
 */
unsigned int netmem_nr_frags(netmem_ref netmem);

#ifdef __cplusplus
}
#endif

#endif /* _NETMEM_H_ */
