/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _NETMEM_H_
#define _NETMEM_H_

/**
 * @file
 * netmem: the one-word handle of a page.
 *
 * A page is a naturally aligned power of two of bytes that moves between providers, pools and users
 * as one unit. Its descriptor lies away from the memory itself. A handle is the address of the
 * descriptor; bit 0 tells memory that the CPU may read (clear: a page) from memory that it may not
 * (set: a net_iov), as the kernel's netmem_ref does. Both have the same descriptor, so that owner,
 * count and DMA address are reached by masking the bit, without a branch.
 *
 * Handles are plain values: every function here may be called from any thread, takes no lock and
 * implies no memory ordering. A handle is good while its holder has a reference to the page.
 * Semantics after the kernel's include/net/netmem.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Handle of a page; 0 is no page. */
typedef uintptr_t netmem_ref;

struct page_pool;

/** Page that the CPU may read: its address is that of its descriptor. */
struct page_pool_page;

/** Memory that the CPU may not read: its address is that of its descriptor. */
struct net_iov;

/** Bit 0 of a handle: set when the CPU cannot read the memory. */
#define NETMEM_NET_IOV ((netmem_ref)1)

/** Memory of an emergency reserve: goes back to its provider instead of being recycled. */
#define NETMEM_F_PFMEMALLOC 0x1

/** @internal The pool tells its provider before the page is used again: page_pool_put_netmem(). */
#define NETMEM_F_DMA_SYNC 0x2

/** @internal The page has a label, which goes when the page is recycled. */
#define NETMEM_F_LABEL 0x4

/**
 * Descriptor of a page or net_iov: one line. Who may write a field is said at each; programs read
 * them through the functions below.
 */
struct netmem_desc {
	/** References that will come back through the pool's functions, 0 while the page is with
	 * pool or provider. holders: rw, atomically; pool: rw
	 */
	uint64_t pp_ref_count;
	union {
		/** Next in a list of pages. Who has the page in hand: rw */
		struct netmem_desc *next;
		/** @internal The label of a page that is out: twice its address, and 1. That is
		 * odd and a link is even: neither is taken for the other one, whenever one looks.
		 * holders: rw, atomically, with NETMEM_F_LABEL; pool: rw
		 */
		uintptr_t holder;
	};
	/** Pool that owns the page, NULL while it is the provider's. pool: rw, holders: ro */
	struct page_pool *pp;
	/** Address for devices. provider: rw, all: ro */
	rte_iova_t dma_addr;
	/** Address of the memory; of a net_iov's one that nobody may read. provider: rw, all: ro */
	void *addr;
	/** The provider's own. provider: rw */
	void *mp;
	/** Thread that cuts the page and counts in the two below, by a number that no other one
	 * gets; 0: none; 1: none, and the pool is strict. It, or the pool when it gets the page:
	 * rw, all: ro
	 */
	uint32_t frag_owner;
	/** References it has given away, and one while it cuts. It: rw, all: ro */
	uint32_t frag_given;
	/** Of these it has freed so many. Apart, since a processor adds to two words at a time in
	 * the time that it takes to add and subtract in one. It: rw, all: ro
	 */
	uint32_t frag_freed;
	/** Place of the page among those it no longer cuts. It: rw */
	uint8_t frag_slot;
	/** NETMEM_F_*. provider: rw, pool when it gets the page and gives it back: rw, all: ro, but
	 * for NETMEM_F_LABEL. holders: set, atomically; who recycles: clears
	 */
	uint8_t flags;
	/** Whether the pool has mapped the page for its device. pool: rw; 0 with the provider */
	uint8_t dma_state;
	/** NUMA node of the memory, negative: not known. provider: rw, all: ro */
	signed int nid : 7;
	/** NETMEM_NET_IOV or 0: what makes a handle of the address. provider: rw, all: ro */
	unsigned int tag : 1;
} __rte_aligned(RTE_CACHE_LINE_MIN_SIZE);

/**
 * Descriptor behind a handle, of whatever kind.
 *
 * @param netmem
 *   Handle; not 0 if the descriptor is to be used.
 * @return
 *   The descriptor.
 */
static inline struct netmem_desc *
netmem_to_nmdesc(netmem_ref netmem)
{
	return (struct netmem_desc *)(netmem & ~NETMEM_NET_IOV);
}

/**
 * Handle of a descriptor.
 *
 * @param desc
 *   Descriptor that a provider has filled in.
 * @return
 *   The handle.
 */
static inline netmem_ref
nmdesc_to_netmem(const struct netmem_desc *desc)
{
	return (netmem_ref)desc | (netmem_ref)desc->tag;
}

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
 * Handle of a page.
 *
 * @param page
 *   Page, or NULL.
 * @return
 *   The handle, 0 for NULL.
 */
static inline netmem_ref
page_to_netmem(const struct page_pool_page *page)
{
	return (netmem_ref)page;
}

/**
 * Page of a handle.
 *
 * @param netmem
 *   Handle.
 * @return
 *   The page, or NULL when the handle is 0 or a net_iov: it says no instead of guessing.
 */
static inline struct page_pool_page *
netmem_to_page(netmem_ref netmem)
{
	return netmem_is_net_iov(netmem) ? NULL : (struct page_pool_page *)netmem;
}

/**
 * Handle of a net_iov.
 *
 * @param niov
 *   Net_iov, or NULL.
 * @return
 *   The handle, 0 for NULL.
 */
static inline netmem_ref
net_iov_to_netmem(const struct net_iov *niov)
{
	return niov == NULL ? 0 : (netmem_ref)niov | NETMEM_NET_IOV;
}

/**
 * Net_iov of a handle.
 *
 * @param netmem
 *   Handle.
 * @return
 *   The net_iov, or NULL when the handle is 0 or a page.
 */
static inline struct net_iov *
netmem_to_net_iov(netmem_ref netmem)
{
	return netmem_is_net_iov(netmem) ? (struct net_iov *)(netmem & ~NETMEM_NET_IOV) : NULL;
}

/**
 * Address at which the CPU can read and write a page.
 *
 * @param netmem
 *   Handle.
 * @return
 *   Virtual address, NULL when the handle is 0 or a net_iov.
 */
static inline void *
netmem_address(netmem_ref netmem)
{
	return netmem == 0 || netmem_is_net_iov(netmem) ? NULL : netmem_to_nmdesc(netmem)->addr;
}

/**
 * Pool that owns a page.
 *
 * @param netmem
 *   Handle, not 0.
 * @return
 *   The pool, NULL when it is with its provider.
 */
static inline struct page_pool *
netmem_pp(netmem_ref netmem)
{
	return netmem_to_nmdesc(netmem)->pp;
}

/**
 * Address of a page for devices.
 *
 * @param netmem
 *   Handle, not 0.
 * @return
 *   IO address, RTE_BAD_IOVA when the memory has none.
 */
static inline rte_iova_t
page_pool_get_dma_addr_netmem(netmem_ref netmem)
{
	return netmem_to_nmdesc(netmem)->dma_addr;
}

/**
 * Tell whether a page is of an emergency reserve.
 *
 * @param netmem
 *   Handle, not 0.
 * @return
 *   true when it will not be recycled.
 */
static inline bool
netmem_is_pfmemalloc(netmem_ref netmem)
{
	/* relaxed: this flag stays; another one is the holders' */
	return (__atomic_load_n(&netmem_to_nmdesc(netmem)->flags, __ATOMIC_RELAXED) &
			       NETMEM_F_PFMEMALLOC) != 0;
}

/**
 * Tell whether a page is on a NUMA node.
 *
 * @param netmem
 *   Handle, not 0.
 * @param nid
 *   NUMA node; negative: any.
 * @return
 *   true when it is, when either is not known, and for every net_iov.
 */
static inline bool
netmem_is_pref_nid(netmem_ref netmem, int nid)
{
	int on = netmem_to_nmdesc(netmem)->nid;

	return nid < 0 || on < 0 || on == nid || netmem_is_net_iov(netmem);
}

#ifdef __cplusplus
}
#endif

#endif /* _NETMEM_H_ */
