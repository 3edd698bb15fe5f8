/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_PRIVATE_H_
#define _PAGE_POOL_PRIVATE_H_

/*
 * page_pool: layout, and what its files share.
 *
 * The recycle ring is, as in frag_pool's slots, a stack: what came back last is the warmest. Pages
 * are linked by `next`; the head has the address of the first and their number. Freers push with a
 * compare-and-swap; the consumer takes all there are in one exchange and keeps what its direct
 * cache cannot hold in a list of its own (`taken`). Nobody pops one of several, so there is no ABA,
 * and a page that goes through the ring costs one atomic operation.
 */

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/queue.h>

#include <rte_malloc.h>
#include <rte_spinlock.h>

#include "page_pool.h"
#include "pp_stat.h"

/* Head of the ring: a descriptor's address / 64 above the number of pages. */
#define RING_LEN_BITS 16
#define RING_LEN(head) ((uint32_t)((head) & ((1u << RING_LEN_BITS) - 1)))
#define RING_FIRST(head) ((struct netmem_desc *)(uintptr_t)((head) >> RING_LEN_BITS << 6))
#define RING_HEAD(desc, len) ((uint64_t)(uintptr_t)(desc) >> 6 << RING_LEN_BITS | (len))

static_assert(PAGE_POOL_SIZE_MAX < 1 << RING_LEN_BITS, "the number of pages has its bits");
static_assert(sizeof(struct netmem_desc) == 64 && alignof(struct netmem_desc) == 64,
		"a descriptor's address ends in six zeros; one line is all that a freer touches");
static_assert(offsetof(struct netmem_desc, pp_ref_count) == 0, "the count is first");

/* No thread's rte_lcore_id(), unlike LCORE_ID_ANY. */
#define LCORE_NONE (LCORE_ID_ANY - 1)

struct page_pool {
	/* First: what the inline functions use. */
	struct page_pool_direct direct;

	/* The rest of the consumer's. consumer: rw, others: ro for statistics */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct netmem_desc
			*taken; /* out of the ring; warmest first */
	_Atomic(uint32_t) taken_len;
	uint32_t frag_users;  /* references given away of the page that is being cut, atomic */
	netmem_ref frag_page; /* 0: none. atomic */
	uint32_t frag_offset; /* where the next fragment begins */
	_Atomic(uint32_t) hold_cnt; /* pages that came from the provider, modulo 2^32 */
	_Atomic(uint64_t) slow;
	_Atomic(uint64_t) slow_high_order;
	_Atomic(uint64_t) empty;
	_Atomic(uint64_t) refill;
	_Atomic(uint64_t) waive;
	_Atomic(uint64_t) cache_full;
	_Atomic(uint64_t) ring_taken;      /* pages that came out of the ring */
	_Atomic(uint64_t) released_direct; /* released_refcnt: the consumer's */

	/* Freers: rw, consumer: rw */
	alignas(2 * RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint64_t) ring;

	/* Freers, rarely: rw, others: ro */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint32_t) release_cnt; /* see hold_cnt */
	_Atomic(uint64_t) ring_full;
	_Atomic(uint64_t) released_refcnt; /* others' */
	_Atomic(uint64_t) refused;

	/* Written by the control path, which the consumer's calls exclude. all: ro */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint32_t) owner_lcore; /* or LCORE_NONE */
	uint32_t refill_max;                                            /* R */
	_Atomic(uint64_t) owner_ident; /* see pp_thread.h; PP_IDENT_NOBODY: none */
	uint32_t ring_size;
	uint32_t order;
	int nid;
	uint32_t provider; /* number in the process's table */
	void *mp_priv;
	char name[PAGE_POOL_NAMESIZE];

	/* Its device (page_pool_dma.c). all: ro */
	struct rte_device *dma_dev;
	enum page_pool_dma_dir dma_dir;
	bool dma_map;
	bool strict;            /* fragments are marked (page_va.h). all: ro */
	_Atomic(bool) dma_sync; /* its pages have NETMEM_F_DMA_SYNC. destroyer: clears it */
	uint32_t dma_offset;
	uint32_t dma_max_len;
	rte_spinlock_t dma_lock; /* pages that are unmapped: who gives one up, destroyer: rw */
	/* The process's list of pools. rw under its lock */
	TAILQ_ENTRY(page_pool) next;
	uint32_t id;

	/* The end. destroyer, then EAL's alarm thread: rw */
	uint32_t stalls;      /* lines logged */
	uint64_t detached_at; /* timer cycles, 0: lives. rw under the list's lock */
};

static_assert(offsetof(struct page_pool, direct) == 0, "the inline functions see it");
static_assert(offsetof(struct page_pool, ring) % (2 * RTE_CACHE_LINE_MIN_SIZE) == 0 &&
				offsetof(struct page_pool, release_cnt) >=
						offsetof(struct page_pool, ring) +
								RTE_CACHE_LINE_MIN_SIZE,
		"what freers write is a line of its own");

/* frag_owner: a thread's number, or no thread's. Of fragments of a strict pool's page that nobody
 * owns each one is looked up when it is freed.
 */
#define FRAG_OWNER_NONE 0
#define FRAG_OWNER_STRICT 1
#define FRAG_OWNER_FIRST 2

/* The thread's id; 0: it has ended, or it is none. Any thread. */
uint32_t page_frag_owner_tid(uint32_t owner);

/* Free so many fragments of a page, of a pool without PP_FLAG_STRICT: 0, or -EINVAL when some were
 * refused. Any thread.
 */
int page_frag_free_many(netmem_ref netmem, uint32_t nr);

/* Functions of a pool's provider. */
const struct memory_provider_ops *page_pool_mp_ops(const struct page_pool *pool);

extern const struct memory_provider_ops memory_provider_heap;
extern const struct memory_provider_ops memory_provider_region;
extern const struct memory_provider_ops memory_provider_unreadable;
extern const struct memory_provider_ops memory_provider_gpu;

/* A node as descriptors have it: those of external heaps do not fit, and are not known. */
static inline int
nmdesc_nid(int nid)
{
	return nid >= 0 && nid < 64 ? nid : -1;
}

/* page_pool_page_size() where packets pass. */
static inline size_t
pool_page_size(const struct page_pool *pool)
{
	return (size_t)PAGE_POOL_PAGE_SIZE << pool->order;
}

/* Node and tag of a page, to be compared with another one's. */
static inline int
nmdesc_place(const struct netmem_desc *desc)
{
	return ((const uint8_t *)desc)[offsetof(struct netmem_desc, dma_state) + 1];
}

static_assert(offsetof(struct netmem_desc, dma_state) + 2 == sizeof(struct netmem_desc),
		"node and tag are the last byte");

/* Zeroed memory for a pool's own data, on its node if there is any. */
static inline void *
pool_zmalloc(const char *type, size_t size, size_t align, int nid)
{
	void *p = nid < 0 ? NULL : rte_zmalloc_socket(type, size, (unsigned int)align, nid);

	return p != NULL ? p : rte_zmalloc_socket(type, size, (unsigned int)align, SOCKET_ID_ANY);
}

/* Recycle a page of which the caller has all references. Any thread; the pool may be gone after. */
void page_pool_recycle_whole(struct page_pool *pool, struct netmem_desc *desc);

/* Give a page back to the provider. Any thread that has it in hand; the pool may be gone after. */
void page_pool_return_netmem(struct page_pool *pool, struct netmem_desc *desc);

/* Check the parameters for a device: an error or 0. Then take them over. */
int page_pool_dma_check(const struct page_pool_params *params);
void page_pool_dma_init(struct page_pool *pool, const struct page_pool_params *params);

/* (consumer) Map pages that have just come from the provider: that of a handle, and those in the
 * direct cache. Those that cannot be mapped come before `failed`. Returns the first that is left,
 * or 0.
 */
netmem_ref page_pool_dma_map_new(struct page_pool *pool, netmem_ref netmem,
		struct netmem_desc **failed, uint32_t *nr_failed);

/* So many pages that cannot be mapped are passed over in one allocation: of a provider that grows
 * there is no end to them.
 */
#define PAGE_POOL_DMA_TRIES 256

/* Unmap a page that is given up, if the pool mapped it. */
void page_pool_dma_unmap(struct page_pool *pool, struct netmem_desc *desc);

/* The pool ends: unmap what is still out, and sync no more. */
void page_pool_dma_end(struct page_pool *pool);

/* A page is used again of which the CPU may have written so many bytes. */
void page_pool_dma_sync_for_device(struct page_pool *pool, struct netmem_desc *desc, uint32_t size);

/* Refuse a return: count and report it. -EINVAL. */
int page_pool_put_refused(struct page_pool *pool, netmem_ref netmem);
/* ---- page_pool_info.c */

/* Count of a page of which somebody gave up the last reference and has it in hand. */
#define REF_IN_HAND (UINT64_C(1) << 63)

/* Number of the next pool, if no other one has it. Under the list's lock; tests set it. */
extern uint32_t page_pool_next_id;

/* How often a pool that waits for its pages is looked at, and reported. Tests set it. */
struct page_pool_pace {
	uint64_t look_us;
	uint64_t report_us;
};
extern struct page_pool_pace page_pool_pace;

void page_pool_list_add(struct page_pool *pool);
void page_pool_list_remove(struct page_pool *pool);
void page_pool_list_detach(struct page_pool *pool);

/* What is said of pages with one label. */
#define HELD_LABELS 16
#define HELD_FIRST 3

struct held_by {
	const char *label;   /* NULL: none */
	bool cut;            /* by a page_frag_cache; of those without a label */
	bool cutter_ended;   /* its owner has */
	uint32_t cutter_tid; /* its owner, 0: none */
	uint64_t pages;
	uint64_t refs;
	uint32_t nr; /* addresses */
	const void *first[HELD_FIRST];
};

/* The labels that were met first; all others are counted in `others`. */
struct held_sum {
	uint32_t nr;
	struct held_by by[HELD_LABELS];
	struct held_by others;
};

/* Who that is: its label, or words in brackets, for which there is room in `name`. */
#define HELD_NAMESIZE 32
const char *page_pool_held_name(const struct held_by *by, char name[HELD_NAMESIZE]);

/* page_pool_walk_holders(), by label, of which most is held first. */
int page_pool_sum_holders(struct page_pool *pool, struct held_sum *sum);

/* The report of a pool that waits for its pages. */
void page_pool_log_stall(struct page_pool *pool);

/* ---- page_pool_token.c */

struct token_place {
	netmem_ref netmem;
	uint32_t token;
};

/* All under its lock, but for what is always the same. */
struct page_pool_tokens {
	rte_spinlock_t lock;
	uint32_t max;  /* always the same */
	uint32_t mask; /* places - 1; always the same */
	uint32_t next; /* where to look for the next token */
	uint32_t out;  /* read without the lock, too */
	uint64_t *used;
	struct token_place place[];
};

/* ---- page_pool.c */

/* (consumer) Take what is in the ring over to `taken`. */
void page_pool_ring_take(struct page_pool *pool);

/* (consumer) Give back the page that is being cut, what is in the cache and in the ring. */
void page_pool_frag_drain(struct page_pool *pool);
void page_pool_cache_drain(struct page_pool *pool);
void page_pool_ring_drain(struct page_pool *pool);

#endif /* _PAGE_POOL_PRIVATE_H_ */
