/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_MBUF_H_
#define _PAGE_POOL_MBUF_H_

/**
 * @file
 * mbufs whose data lies in fragments of pages. There are two forms, and both are mbufs with an
 * external buffer to everybody else: rte_pktmbuf_free() and all its relatives return them, on any
 * thread, cloned, chained or not.
 *
 * *Attached*: a fragment of the size that is wanted is attached to a bare header when the mbuf is
 * allocated, and leaves it when it is freed (page_pool_mbuf_alloc()). Where packets differ in size
 * it takes the least memory. DPDK's callback for that, a function's address, is known only to the
 * process that allocated: other processes must not free such an mbuf, nor the last clone of one,
 * but hand it back; page_pool_mbuf_netmem() tells.
 *
 * *Pinned*: the mbufs of a pool have their fragments for as long as the pool is there, so that the
 * pool serves Rx queues, rte_pktmbuf_alloc() and all processes (page_pool_mbuf_pool_create()). No
 * callback runs but for a clone that is freed after the mbuf it was made of; other processes must
 * not free such a clone.
 *
 * The attached form's fragment begins with DPDK's shared information, one for each fragment: while
 * there is one reference, DPDK counts without an atomic operation.
 *
 *	attached:  | shared info 24 | headroom ... | data ...    | next fragment
 *	           ^ fragment       ^ buf_addr     ^ a line's begin
 *	pinned:    | headroom | data ...    | next fragment   (the shared info is in the header)
 *	           ^ fragment, a line's begin, and buf_addr
 *
 * DPDK's own limits: buf_len and data_len have 16 bits, and so has the count of references to a
 * buffer, which DPDK's rte_pktmbuf_clone() does not check; page_pool_mbuf_clone() does.
 * rte_pktmbuf_copy() of DPDK 22.11 takes the mark of pinned buffers off its copy, whoever pinned
 * them, and the mbuf is no pinned one ever after: its target is no pinned pool.
 *
 * Calls marked (owner) are those of the one context that allocates, see page_frag_cache.h.
 *
 * Ordering: as of page_frag_cache.h: what was done to a buffer before it was freed is seen by who
 * gets its memory next.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "netmem.h"
#include "page_frag_cache.h"
#include "page_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most bytes of a buffer, headroom included: what DPDK's 16 bits hold. */
#define PAGE_POOL_MBUF_LEN_MAX UINT16_MAX

/** What a fragment has in front of buf_addr in the attached form, in bytes. */
#define PAGE_POOL_MBUF_OVERHEAD sizeof(struct rte_mbuf_ext_shared_info)

/** Data of page_pool_mbuf_alloc() begins at a multiple of this, in bytes. */
#define PAGE_POOL_MBUF_ALIGN RTE_CACHE_LINE_MIN_SIZE

/** Bytes that the pinned form needs at the end of the private area of each header. */
#define PAGE_POOL_MBUF_PIN_SIZE 32

/** The calling thread is the owner: the only one that allocates, and its frees are cheap. */
#define PAGE_POOL_MBUF_F_OWNED 0x1

/** Memory without addresses for devices will do: only the CPU reads and writes the data, as with
 * PMDs in software. The mbufs say RTE_BAD_IOVA then, if they have such a field.
 */
#define PAGE_POOL_MBUF_F_NO_IOVA 0x2

/** What a cache of mbufs has done. */
struct page_pool_mbuf_stats {
	uint64_t allocated; /**< mbufs. */
	uint64_t failed;    /**< Calls that got no headers or fragments, for whatever reason. */
	uint64_t coalesced; /**< Appended pieces that made the last segment longer. */
};

/** What mbufs of the attached form are made of; it is its user's memory. All fields are
 * @internal; owner: rw.
 */
struct page_pool_mbuf_cache {
	struct page_frag_cache frags;            /**< Data. */
	struct rte_mempool *headers;             /**< Bare headers. */
	rte_mbuf_extbuf_free_callback_t free_cb; /**< Frees a fragment. */
	uint32_t flags;                          /**< PAGE_POOL_MBUF_F_*. */
	struct page_pool_mbuf_stats stats;       /**< Counters. */
};

/** Room for what comes next in a chain, see page_pool_mbuf_prepare(). */
struct page_pool_mbuf_room {
	void *va;      /**< Where it begins. */
	uint32_t size; /**< Bytes. */
	/** @internal Of these in the last segment's buffer; the others are behind it. */
	uint32_t tail;
	bool extend;           /**< @internal The last segment is made longer. */
	struct rte_mbuf *last; /**< @internal The last segment. */
	struct page_frag frag; /**< @internal What the page offers. */
};

/* ---- attached: a buffer's life */

/**
 * Make a cache of mbufs. Control path.
 *
 * @param mc
 *   Cache; it holds no page yet.
 * @param headers
 *   Pool of bare headers: rte_pktmbuf_pool_create() with a data room of 0. It may serve several
 *   caches.
 * @param pool
 *   Pool of pages that the CPU may read; see page_frag_cache_init().
 * @param small
 *   Pool of smaller pages, for when that has none, or NULL.
 * @param flags
 *   PAGE_POOL_MBUF_F_*.
 * @return
 *   0, or -errno:
 *   - EINVAL: an unknown flag; headers is no pool of mbufs, has a data room, or its mbufs are
 *     pinned to buffers;
 *   - what page_frag_cache_init() returns.
 */
int page_pool_mbuf_cache_init(struct page_pool_mbuf_cache *mc, struct rte_mempool *headers,
		struct page_pool *pool, struct page_pool *small, uint32_t flags);

/**
 * (owner) Give up the page being cut, see page_frag_cache_drain().
 *
 * @param mc
 *   Cache; may be used again.
 */
void page_pool_mbuf_cache_drain(struct page_pool_mbuf_cache *mc);

/**
 * (owner) Allocate mbufs, all or none. They are as rte_pktmbuf_alloc() leaves them: one segment, no
 * data.
 *
 * @param mc
 *   Cache.
 * @param mbufs
 *   Table for them. What it holds on failure is not defined.
 * @param n
 *   How many; 0: nothing happens, and the sizes are looked at.
 * @param headroom
 *   Bytes in front of the data at least: the data begins at a line.
 * @param size
 *   Bytes for data, tailroom included.
 * @return
 *   0, or -errno, and nothing is allocated:
 *   - EINVAL: size is 0;
 *   - E2BIG: headroom, rounded up so that the data begins at a line, and size are more than
 *     PAGE_POOL_MBUF_LEN_MAX or than a page can hold;
 *   - ENOMEM: no headers, or no memory;
 *   - EFAULT: memory without an address for devices (PAGE_POOL_MBUF_F_NO_IOVA);
 *   - EOPNOTSUPP: memory that the CPU may not read;
 *   - EPERM: another thread is the owner (found when a page is needed).
 */
int page_pool_mbuf_alloc_bulk(struct page_pool_mbuf_cache *mc, struct rte_mbuf **mbufs,
		unsigned int n, uint32_t headroom, uint32_t size);

/**
 * (owner) Allocate one.
 *
 * @param mc
 *   Cache.
 * @param headroom
 *   See page_pool_mbuf_alloc_bulk().
 * @param size
 *   See page_pool_mbuf_alloc_bulk().
 * @return
 *   The mbuf, or NULL with rte_errno as there.
 */
struct rte_mbuf *page_pool_mbuf_alloc(struct page_pool_mbuf_cache *mc, uint32_t headroom,
		uint32_t size);

/**
 * (owner) Allocate a packet with its header in a segment of its own and its payload in others, each
 * as large as DPDK and the page permit but for the last. data_len and pkt_len are set, as if all of
 * it had been appended.
 *
 * @param hc
 *   Cache of the header's segment.
 * @param headroom
 *   Of that segment, see page_pool_mbuf_alloc_bulk(). Payload has none.
 * @param header
 *   Bytes of the header, not 0.
 * @param dc
 *   Cache of the payload's segments; may be hc, or one on the same pool of pages.
 * @param payload
 *   Bytes of the payload; 0: there is no such segment.
 * @return
 *   The packet, or NULL with rte_errno, as of page_pool_mbuf_alloc_bulk(), and nothing is
 *   allocated. E2BIG also when there would be more segments than DPDK counts.
 */
struct rte_mbuf *page_pool_mbuf_alloc_split(struct page_pool_mbuf_cache *hc, uint32_t headroom,
		uint32_t header, struct page_pool_mbuf_cache *dc, uint32_t payload);

/**
 * rte_pktmbuf_free_bulk() that knows both forms: fragments of one page are freed with one
 * operation, and DPDK is left out. For any mbufs, ours or not, and for every thread. Where DPDK
 * itself frees, as PMDs do, it takes longer, with the same result.
 *
 * @param mbufs
 *   Packets; each may be a chain, or NULL.
 * @param n
 *   How many.
 */
void page_pool_mbuf_free_bulk(struct rte_mbuf **mbufs, unsigned int n);

/* ---- attached: chains that grow */

/**
 * (owner) See where the next bytes of a chain can be written. That is in the tailroom of its last
 * segment and, when the page goes on right behind that, there: the segment is made longer and no
 * reference is taken. When that has less than is asked for it is a new fragment. Tailroom that
 * others share is not used; what is behind a buffer that they share is, since they do not know of
 * it. Nothing is allocated; page_pool_mbuf_commit() does that. In between no other call
 * of the cache, and nothing is done to the chain.
 *
 * @param mc
 *   Cache.
 * @param m
 *   Chain of at least one segment, of whatever kind, that belongs to the caller.
 * @param size
 *   Bytes needed in one piece, at most PAGE_POOL_MBUF_LEN_MAX.
 * @param room
 *   What is offered: at least so many. Unchanged on failure.
 * @return
 *   0, or -errno as of page_pool_mbuf_alloc_bulk().
 */
int page_pool_mbuf_prepare(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m, uint32_t size,
		struct page_pool_mbuf_room *room);

/**
 * (owner) Append the first bytes of what was offered.
 *
 * @param mc
 *   Cache.
 * @param m
 *   As then.
 * @param room
 *   As page_pool_mbuf_prepare() filled it in last.
 * @param used
 *   Bytes, at most those offered.
 * @return
 *   0, or -errno, and nothing happened: EINVAL: used is 0, or more than was offered, or the offer
 *   is old; EOVERFLOW: DPDK counts no more bytes or segments; ENOMEM.
 */
int page_pool_mbuf_commit(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m,
		const struct page_pool_mbuf_room *room, uint32_t used);

/**
 * (owner) Append a copy of bytes: page_pool_mbuf_prepare() and page_pool_mbuf_commit() until all
 * are in the chain or there is no memory.
 *
 * @param mc
 *   Cache.
 * @param m
 *   See page_pool_mbuf_prepare().
 * @param data
 *   Bytes.
 * @param len
 *   How many, not 0.
 * @return
 *   Bytes appended, fewer than len when there was no memory for more; or, when none was, -errno as
 *   of the two.
 */
int64_t page_pool_mbuf_append(struct page_pool_mbuf_cache *mc, struct rte_mbuf *m, const void *data,
		uint32_t len);

/**
 * rte_pktmbuf_chain() for chains whose pieces may lie side by side: when the tail's first segment
 * and the head's last one are of the same buffer, and the one's data begins where the other's ends,
 * they become one segment. Any thread; both belong to the caller. All forms of mbufs.
 *
 * @param head
 *   Chain.
 * @param tail
 *   Chain; on success part of the other one.
 * @return
 *   0, or -EOVERFLOW: DPDK counts no more bytes or segments; nothing happened.
 */
int page_pool_mbuf_chain(struct rte_mbuf *head, struct rte_mbuf *tail);

/**
 * rte_pktmbuf_clone() that refuses what DPDK cannot count, and knows pinned mbufs that have lost
 * their flag (page_pool_mbuf_rx_mark()). All forms of mbufs. Any thread.
 *
 * @param m
 *   Chain.
 * @param headers
 *   Pool of the clone's headers.
 * @return
 *   The clone, or NULL with rte_errno: EOVERFLOW: with all segments counted a buffer could come to
 *   65,535 references but for RTE_MAX_LCORE, which others may take at the same time; EINVAL: the
 *   headers are pinned to buffers; ENOMEM: no headers.
 */
struct rte_mbuf *page_pool_mbuf_clone(struct rte_mbuf *m, struct rte_mempool *headers);

/**
 * Clone some of a chain's bytes, as who cuts a stream into packets does. Any thread.
 *
 * @param m
 *   Chain.
 * @param offset
 *   Where they begin, in bytes.
 * @param len
 *   How many, not 0.
 * @param headers
 *   Pool of the clone's headers.
 * @return
 *   The clone, of the segments that have some of these bytes; or NULL with rte_errno as of
 *   page_pool_mbuf_clone(), EINVAL also when the chain has not these bytes.
 */
struct rte_mbuf *page_pool_mbuf_clone_range(struct rte_mbuf *m, uint32_t offset, uint32_t len,
		struct rte_mempool *headers);

/* ---- pinned */

/** Parameters of page_pool_mbuf_pool_create(); what is 0 is the default. */
struct page_pool_mbuf_pool_params {
	/** Name of the mempool. */
	const char *name;
	/** mbufs. */
	uint32_t n;
	/** Size of rte_mempool's cache. */
	uint32_t cache_size;
	/** Bytes that the program wants behind each header, a multiple of RTE_MBUF_PRIV_ALIGN. */
	uint16_t priv_size;
	/** Bytes of each buffer, RTE_PKTMBUF_HEADROOM included. */
	uint16_t data_room_size;
	/** NUMA node of the headers, or SOCKET_ID_ANY. */
	int socket_id;
	/** Mempool driver of the headers; NULL: the program's (--mbuf-pool-ops-name). */
	const char *ops_name;
	/** Where the data lies, whatever its provider. */
	struct page_pool *pool;
	/** PAGE_POOL_MBUF_F_NO_IOVA or 0. */
	uint32_t flags;
};

/**
 * Make a pool of mbufs that are pinned to fragments of pages, for Rx queues and everybody else who
 * takes a mempool. Headers are in DPDK's memory.
 *
 * Control path; (consumer) of the pool of pages, see page_pool.h. Primary process.
 *
 * @param params
 *   Parameters.
 * @return
 *   The mempool, to be freed with page_pool_mbuf_pool_free(); or NULL with rte_errno, and nothing
 *   is left behind:
 *   - EINVAL, E2BIG, EFAULT, ENOMEM: see page_pool_mbuf_pool_pin();
 *   - what rte_pktmbuf_pool_create_by_ops() fails with.
 */
struct rte_mempool *page_pool_mbuf_pool_create(const struct page_pool_mbuf_pool_params *params);

/**
 * Free a pool that page_pool_mbuf_pool_create() made, and give its fragments back. Control path;
 * the process that made it. Nobody uses it meanwhile.
 *
 * @param mp
 *   Pool; NULL: nothing happens. Gone when this returns 0.
 * @return
 *   0; or -EBUSY: mbufs of it are out, -EINVAL: its mbufs are not pinned by this process; nothing
 *   happened.
 */
int page_pool_mbuf_pool_free(struct rte_mempool *mp);

/**
 * Pin the mbufs of a pool of bare headers, made and populated in whatever way: it is a pool of
 * mbufs with buffers from then on. See page_pool_mbuf_pool_create() for who may.
 *
 * @param mp
 *   Pool made by rte_pktmbuf_pool_create() or its relatives, with a data room of 0. The last
 *   PAGE_POOL_MBUF_PIN_SIZE bytes of each private area are the library's from now on.
 * @param pool
 *   Where the data lies. It outlives the pinning.
 * @param data_room_size
 *   Bytes of each buffer, RTE_PKTMBUF_HEADROOM included.
 * @param flags
 *   PAGE_POOL_MBUF_F_NO_IOVA or 0.
 * @return
 *   0, or -errno, and the pool is as it was, but for those bytes:
 *   - EINVAL: no pool; an unknown flag; no pool of mbufs, or one with a data room, or with a
 *   private
 *     area that is too small, or one that is pinned already; or no room for data behind the
 *     headroom;
 *   - E2BIG: a buffer is larger than a page;
 *   - EBUSY: mbufs of it are out;
 *   - EFAULT: memory without an address for devices (PAGE_POOL_MBUF_F_NO_IOVA);
 *   - ENOMEM: the pool of pages has not enough.
 */
int page_pool_mbuf_pool_pin(struct rte_mempool *mp, struct page_pool *pool, uint16_t data_room_size,
		uint32_t flags);

/**
 * Undo page_pool_mbuf_pool_pin(): the headers are bare again, with what the program has in their
 * private areas. See page_pool_mbuf_pool_free() for
 * who may, and for errors.
 *
 * @param mp
 *   Pool.
 * @return
 *   0, -EBUSY or -EINVAL, see there.
 */
int page_pool_mbuf_pool_unpin(struct rte_mempool *mp);

/**
 * Say of received mbufs of pinned pools that their buffers are external: a callback for
 * rte_eth_add_rx_callback(), or to be called behind rte_eth_rx_burst(). Many PMDs write all of an
 * mbuf's flags when they receive, RTE_MBUF_F_EXTERNAL among them. Without that flag such mbufs are
 * freed and sent as before, also after they were freed and allocated again, but
 * rte_pktmbuf_clone() takes them for what they are not; page_pool_mbuf_clone() does not. Other
 * mbufs are left as they are. Who has the mbufs.
 *
 * @param port_id
 *   Not used.
 * @param queue_id
 *   Not used.
 * @param pkts
 *   Packets as received.
 * @param n
 *   How many.
 * @param max
 *   Not used.
 * @param arg
 *   Not used.
 * @return
 *   n.
 */
uint16_t page_pool_mbuf_rx_mark(uint16_t port_id, uint16_t queue_id, struct rte_mbuf **pkts,
		uint16_t n, uint16_t max, void *arg);

/* ---- from an mbuf to what lies below it */

/**
 * Page in which a segment's buffer lies. Any thread, any mbuf.
 *
 * @param m
 *   Segment, or NULL. A clone is in the page of its buffer.
 * @return
 *   Handle; the caller has it for as long as it has the mbuf. 0: it is not in a page of this
 *   process. It has no such buffer, or another process allocated it, which is then the only one
 *   that may free the last reference; pinned mbufs without clones (RTE_MBUF_HAS_PINNED_EXTBUF())
 *   anybody may free.
 */
netmem_ref page_pool_mbuf_netmem(const struct rte_mbuf *m);

/**
 * Buffer of a segment as a piece of its page. Any thread, any mbuf.
 *
 * @param m
 *   Segment, or NULL.
 * @param frag
 *   The buffer: from buf_addr on, buf_len bytes. Unchanged on failure.
 * @return
 *   0, or -ENOENT: page_pool_mbuf_netmem() would return 0.
 */
int page_pool_mbuf_frag(const struct rte_mbuf *m, struct page_frag *frag);

/**
 * Pool of pages of a segment's buffer. Any thread, any mbuf.
 *
 * @param m
 *   Segment, or NULL.
 * @return
 *   Pool, or NULL: page_pool_mbuf_netmem() would return 0.
 */
static inline struct page_pool *
page_pool_mbuf_pool(const struct rte_mbuf *m)
{
	netmem_ref netmem = page_pool_mbuf_netmem(m);

	return netmem == 0 ? NULL : netmem_pp(netmem);
}

/**
 * Counters of a cache: a snapshot. (owner)
 *
 * @param mc
 *   Cache.
 * @param stats
 *   Where to put them.
 */
void page_pool_mbuf_get_stats(const struct page_pool_mbuf_cache *mc,
		struct page_pool_mbuf_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_POOL_MBUF_H_ */
