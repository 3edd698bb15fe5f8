/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _MEMORY_PROVIDERS_H_
#define _MEMORY_PROVIDERS_H_

/**
 * @file
 * The library's memory providers besides the heap, and their parameters.
 *
 * ==========  =================================================  ===========================
 * provider    memory                                             mp_priv of the parameters
 * ==========  =================================================  ===========================
 * heap        DPDK's hugepages                                   not used
 * region      an address range of the caller's                   struct page_pool_region
 * unreadable  address space only: nobody may read it             struct page_pool_unreadable
 * gpu         memory of a device of librte_gpudev                struct page_pool_gpu
 * ==========  =================================================  ===========================
 *
 * page_pool_create() reads the parameters and keeps no pointer to them. All three have a fixed
 * number of pages: when all are out, allocation fails with ENOMEM until one is back. A page lies
 * wholly in the memory and is aligned to its size; what is left at the ends is not used. Each page
 * costs a descriptor of 64 bytes in DPDK's memory. What is given back last is given away first.
 *
 * Memory of a region is made and unmapped by who owns it; the other two make theirs with the pool
 * and give it back when the pool ends, which is when its last page is back (page_pool_destroy()).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#ifdef __cplusplus
extern "C" {
#endif

/** page_pool_region.flags: no addresses for devices; each page's is RTE_BAD_IOVA. */
#define PAGE_POOL_REGION_F_NO_IOVA 0x1

/**
 * Provider `region`: an address range that the caller owns and the CPU may read and write, such as
 * anonymous memory, a memfd, or memory registered with rte_extmem_register().
 *
 * The range stays mapped until no pool uses it any more: page_pool_region_in_use(). It serves one
 * pool at a time. The provider neither reads nor writes it, nor does it map it for devices:
 * rte_dev_dma_map() is the caller's. What a pool's last user wrote is there for the next one.
 *
 * init(), and so page_pool_create(), fails with:
 * - EINVAL: no parameters, an unknown flag, no base, a range that wraps or has no room for a page,
 *   or a size of IO pages that is not a power of two of at least PAGE_POOL_PAGE_SIZE, or to which
 *   the base is not aligned;
 * - ENOMEM: no memory for descriptors;
 * - EBUSY: a pool uses some of the range.
 */
struct page_pool_region {
	/** Where it begins. */
	void *base;
	/** Its length in bytes. */
	size_t len;
	/**
	 * Addresses for devices, one for each iova_page_size bytes of the range. NULL: what
	 * rte_extmem_register() was told, if it was told any, else rte_mem_virt2iova(). In IOVA
	 * mode PA that needs memory that is present and does not move. A page that is not in one
	 * piece for devices has RTE_BAD_IOVA.
	 */
	const rte_iova_t *iova_addrs;
	/** Bytes for each entry of iova_addrs; not used without it. */
	size_t iova_page_size;
	/** NUMA node of the memory, negative: not known. */
	int nid;
	/** PAGE_POOL_REGION_F_*. */
	uint32_t flags;
};

/** page_pool_region_create(): register it with rte_extmem_register(), in pages of 2 MB. */
#define PAGE_POOL_REGION_CREATE_F_EXTMEM 0x1

/**
 * Make a region on a machine without hugepages of DPDK's: anonymous memory, aligned to the largest
 * page of a pool, for which transparent hugepages are asked and which is present when this returns.
 *
 * The kernel may move such memory. In IOVA mode PA it therefore has no addresses for devices
 * (PAGE_POOL_REGION_F_NO_IOVA); in IOVA mode VA they are the virtual ones.
 *
 * Control path, any thread; takes as long as the kernel needs to clear the memory.
 *
 * @param len
 *   Bytes, rounded up to 2 MB.
 * @param nid
 *   NUMA node from which the memory is preferred; negative: any. When the kernel takes no such
 *   wish, the region's node is not known.
 * @param flags
 *   PAGE_POOL_REGION_CREATE_F_*.
 * @return
 *   The region, to be given to page_pool_create() as mp_priv; or NULL with rte_errno, and nothing
 *   is left behind:
 *   - EINVAL: len is 0 or wraps when it is rounded up, an unknown flag, or nid is
 *     RTE_MAX_NUMA_NODES or more;
 *   - ENOTSUP: to be registered in IOVA mode PA;
 *   - ENOMEM: no memory;
 *   - what rte_extmem_register() fails with.
 */
struct page_pool_region *page_pool_region_create(size_t len, int nid, unsigned int flags);

/**
 * Unmap a region that page_pool_region_create() made. No pool is made on it meanwhile.
 *
 * Control path, any thread.
 *
 * @param region
 *   Region; NULL: nothing happens. Gone when this returns 0.
 * @return
 *   0; or, and nothing happened, -EBUSY: a pool uses it, be it one that waits for its last page;
 *   what rte_extmem_unregister() fails with.
 */
int page_pool_region_destroy(struct page_pool_region *region);

/**
 * Tell whether a pool uses some of an address range. A pool that was destroyed does until its last
 * page is back and the pool is gone. What users of its pages did before is seen by who is told no.
 *
 * Any thread.
 *
 * @param region
 *   Region, of which base and len are read.
 * @return
 *   true when the range must stay mapped.
 */
bool page_pool_region_in_use(const struct page_pool_region *region);

/**
 * Provider `unreadable`: pages that nobody may read or write by their virtual addresses. For memory
 * that only devices reach, known by its IO addresses, and for tests: who touches a page dies.
 *
 * The handles are net_iovs: netmem_address() is NULL. The descriptor's addr is an address of the
 * pool's own, mapped without any right. Only address space is taken; what a provider says about
 * its bytes is the descriptors.
 *
 * init() fails with:
 * - EINVAL: no parameters, no pages, or more bytes or IO addresses than there are;
 * - ENOMEM: no address space, or no memory for descriptors.
 */
struct page_pool_unreadable {
	/** Pages. */
	uint32_t nr_pages;
	/** Address of the first page for devices, where the others follow; RTE_BAD_IOVA: none. */
	rte_iova_t iova;
};

/**
 * Provider `gpu`: memory of a device, one allocation of rte_gpu_mem_alloc(), aligned to a pool's
 * pages and to the device's.
 *
 * The handles are net_iovs. The descriptor's addr is the device's address, which the CPU does not
 * read; in IOVA mode VA the address for DMA is the same, in IOVA mode PA there is none
 * (RTE_BAD_IOVA). Who has a NIC write to it registers and maps the memory for the NIC.
 *
 * librte_gpudev is not thread-safe. The provider calls it in page_pool_create() and when the pool
 * ends, which may be in EAL's alarm thread; pools' own calls exclude each other, those of the
 * program are the caller's to keep apart.
 *
 * init() fails with:
 * - EINVAL: no parameters, or no room for a page;
 * - ENOTSUP: the program has no librte_gpudev, with which it is linked;
 * - ENODEV: no such device;
 * - what rte_gpu_info_get() and rte_gpu_mem_alloc() fail with, such as ENOTSUP, E2BIG, ENOMEM and
 *   EPERM;
 * - ENOMEM: no memory for descriptors.
 */
struct page_pool_gpu {
	/** Device. */
	int16_t dev_id;
	/** Bytes of it to take. */
	size_t len;
};

#ifdef __cplusplus
}
#endif

#endif /* _MEMORY_PROVIDERS_H_ */
