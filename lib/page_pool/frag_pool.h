/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FRAG_POOL_H_
#define _FRAG_POOL_H_

/**
 * @file
 * frag_pool: equal fragments of pages; any thread takes, any thread gives.
 *
 * Memory comes in chunks, a chunk is cut into pages, a page into at most 62 fragments of one
 * size. Each thread that uses a pool owns a *slot* of it: a private cache of fragments, used
 * without lock or atomic operation, and a page_pool, through which the pages it opened come back
 * to it. What a thread frees goes to its own cache; what does not fit leaves from the cold end,
 * one atomic operation for each run of fragments of one page.
 *
 * Call-pair table: X = the two may run at the same time on one pool, - = they may not.
 *
 * |             | get | put | count, stats, dump | trim, check | add_chunk | forget | destroy |
 * |-------------|-----|-----|--------------------|-------------|-----------|--------|---------|
 * | get         |  X  |  X  |         X          |      X      |     X     |   X    |    -    |
 * | put         |  X  |  X  |         X          |      X      |     X     |   X    |    -    |
 * | count, ...  |  X  |  X  |         X          |      X      |     X     |   X    |    -    |
 * | trim, check |  X  |  X  |         X          |      X      |     X     |   X    |    -    |
 * | add_chunk   |  X  |  X  |         X          |      X      |     -     |   -    |    -    |
 *
 * Threads may be lcores, registered or unregistered threads, of any process that maps the pool.
 * One thread does not re-enter a pool (from a signal handler, say) while it is inside of it.
 *
 * Memory ordering: what was written to a fragment before put() is seen by whoever gets that
 * fragment afterwards, on every path a fragment can take.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A pool of equal fragments; its layout is private. */
struct frag_pool;

/** Most fragments a page can have: a page's word has 64 bits, two of them are marks. */
#define FRAG_POOL_PAGE_FRAGS_MAX 62
/** Most fragments that a slot's cache can be told to hold. */
#define FRAG_POOL_CACHE_MAX 8192
/** Value of frag_pool_params.cache_size for slots that cache nothing. */
#define FRAG_POOL_CACHE_NONE UINT32_MAX
/** Fragments a slot's cache holds if nothing else is said. */
#define FRAG_POOL_CACHE_DEFAULT 1024
/** Bytes of a pool's name, the final NUL included. */
#define FRAG_POOL_NAMESIZE 64

/** Check every get and every put against a second word in each page (see frag_pool_put()). */
#define FRAG_POOL_F_STRICT 0x1
/** Never use membarrier(): threads execute a real fence in every get and put instead. */
#define FRAG_POOL_F_FENCE 0x2
/** All the flags there are. */
#define FRAG_POOL_F_ALL (FRAG_POOL_F_STRICT | FRAG_POOL_F_FENCE)

/** What a pool is made of. Zeroed fields take the default. */
struct frag_pool_params {
	const char *name;      /**< Name, for reports; copied, cut to FRAG_POOL_NAMESIZE. */
	uint32_t size;         /**< Most fragments the pool will ever hold, at least 1. */
	size_t frag_size;      /**< Bytes from one fragment to the next, a multiple of 8. */
	size_t frag_offset;    /**< Bytes from a fragment's start to the address handed out. */
	size_t page_size;      /**< Bytes of a page, rounded down to whole fragments;
				 *   0: as many fragments as a page can have.
				 */
	uint32_t cache_size;   /**< Fragments a slot's cache holds. 0: by the pool's size;
				 *   FRAG_POOL_CACHE_NONE: none.
				 */
	uint32_t flags;        /**< FRAG_POOL_F_*. */
	int socket_id;         /**< NUMA socket for the pool's own data, or SOCKET_ID_ANY. */
	uint32_t idle_trim_ms; /**< Empty slots that nobody used for this many milliseconds, from
				 *   an EAL alarm of the process that makes the pool (which then
				 *   is the one to end it); 0: never.
				 */
};

/** Counters and occupancy of a pool. All but the first group are sums over slots. */
struct frag_pool_stats {
	uint32_t size;           /**< Fragments at most. */
	uint32_t populated;      /**< Fragments there are. */
	uint32_t count;          /**< Fragments free, in whatever place. */
	uint32_t in_flight;      /**< Fragments handed out. */
	uint32_t lost;           /**< Fragments that died with their thread. */
	uint32_t pages;          /**< Pages there are. */
	uint32_t whole_pages;    /**< Pages none of whose fragments is handed out or cached. */
	uint32_t fresh_pages;    /**< Pages never opened since they were added. */
	uint32_t chunks;         /**< Chunks added. */
	uint32_t frags_per_page; /**< Fragments of an ordinary page. */
	uint32_t cache_size;     /**< Fragments a slot's cache holds. */
	uint32_t slots;          /**< Slots made so far. */
	uint32_t cached;         /**< Fragments in slots' caches. */
	uint32_t pressure;       /**< 1 while the pool is nearly empty and nothing is cached. */
	uint32_t flags;          /**< FRAG_POOL_F_* it was made with. */

	uint64_t gets;      /**< Fragments handed out. */
	uint64_t puts;      /**< Fragments accepted back. */
	uint64_t get_fails; /**< Gets that failed. */
	uint64_t refused;   /**< Pointers refused by put: foreign, misaligned or free already. */
	uint64_t corrupt;   /**< Fragments withheld since the pool's own data contradict. */

	uint64_t alloc_fast;     /**< Pages taken from a slot's direct cache. */
	uint64_t alloc_refill;   /**< Pages taken from a recycle ring. */
	uint64_t alloc_slow;     /**< Pages taken from the provider. */
	uint64_t alloc_empty;    /**< Times a recycle ring was found empty. */
	uint64_t alloc_steal;    /**< Pages taken from another slot's ring or the shared list. */
	uint64_t recycle_cached; /**< Pages returned to a direct cache. */
	uint64_t recycle_cache_full; /**< Pages that found the direct cache full. */
	uint64_t recycle_ring;       /**< Pages returned through a recycle ring. */

	uint64_t frag_opened;   /**< Fragments taken out of pages. */
	uint64_t frag_flushed;  /**< Fragments given back to pages. */
	uint64_t flush_runs;    /**< Atomic operations that took. */
	uint64_t reclaims;      /**< Times a get had to look into other slots' caches. */
	uint64_t batches_sent;  /**< Full batches handed over to another slot. */
	uint64_t batches_taken; /**< Batches emptied into a cache. */
	uint64_t robbed;        /**< Times a slot's cache was emptied by another thread. */
	uint64_t detours;       /**< Gets and puts that found their own slot claimed. */
	uint64_t takeovers;     /**< Slots and claims taken over from dead threads. */
};

/** Who a slot belongs to and what went through it. */
struct frag_pool_slot_info {
	uint32_t id;     /**< Number of the slot. */
	uint32_t pid;    /**< Process of its owner, 0: a slot shared by all. */
	uint32_t tid;    /**< Thread of its owner (Linux tid). */
	bool alive;      /**< Whether that thread lives. */
	uint32_t cached; /**< Fragments in its cache. */
	uint64_t gets;   /**< Fragments handed out through it. */
	uint64_t puts;   /**< Fragments accepted back through it. */
	char thread[16]; /**< Name of the thread, empty when it is gone. */
};

/**
 * Callback for each fragment that a chunk adds.
 *
 * @param arg
 *   Argument given to frag_pool_add_chunk().
 * @param frag
 *   Address of the fragment, frag_offset included.
 * @param offset
 *   Bytes from the start of the chunk to @p frag.
 */
typedef void (*frag_pool_frag_cb_t)(void *arg, void *frag, size_t offset);

/**
 * Make an empty pool, in memory that all processes share.
 *
 * Control path: allocates from DPDK's heap.
 *
 * @param params
 *   What to make; not used after the call.
 * @return
 *   The pool, or NULL with rte_errno:
 *   - EINVAL: no name, size 0, frag_size 0 or no multiple of 8, frag_offset above frag_size,
 *     cache_size above FRAG_POOL_CACHE_MAX, page_size below frag_size, unknown flag;
 *   - E2BIG: a fragment of more than 2^28 bytes;
 *   - ENOMEM: no memory, or no alarm; nothing is left behind;
 *   - EPROTO: another version of the library is in use in this DPDK instance.
 */
struct frag_pool *frag_pool_create(const struct frag_pool_params *params);

/**
 * End a pool. Memory of chunks is not touched: it may be gone already. Fragments still in flight
 * are reported in one log line; returning one later is an error nobody can detect.
 *
 * Control path; nobody else may use the pool any more.
 *
 * @param fp
 *   The pool; NULL does nothing.
 */
void frag_pool_destroy(struct frag_pool *fp);

/**
 * Add memory. Fragments become free once all of them were passed to the callback; other threads
 * may take and give meanwhile. All memory is allocated before the first callback.
 *
 * Control path; calls for one pool, and frag_pool_forget_chunks(), exclude each other.
 *
 * @param fp
 *   The pool.
 * @param va
 *   First byte; the first fragment starts here.
 * @param len
 *   Bytes.
 * @param pg_sz
 *   No fragment crosses a multiple of this many bytes, unless it is larger than that itself;
 *   a power of two, or 0 for no such rule. (rte_mempool_get_page_size() gives it.)
 * @param max
 *   Add no more than this many fragments.
 * @param cb
 *   Called for each fragment in ascending order, or NULL.
 * @param arg
 *   First argument of the callback.
 * @return
 *   Fragments added, 0 when not even one fits, or (nothing was added then, no callback called):
 *   - -EINVAL: NULL, pg_sz no power of two, or addresses of more than 48 bits;
 *   - -EEXIST: the memory overlaps a chunk of this pool;
 *   - -ENOMEM: no memory for descriptors.
 */
int frag_pool_add_chunk(struct frag_pool *fp, void *va, size_t len, size_t pg_sz, uint32_t max,
		frag_pool_frag_cb_t cb, void *arg);

/**
 * Forget all memory, without touching it: it vanished (a failed populate does that). The pool is
 * empty and usable afterwards. Fragments that were in flight are void: a put refuses them (in the
 * default mode, until memory is added, only those that come alone; nobody should put any).
 *
 * Control path. Other threads may call any function; what they hold is void.
 *
 * @param fp
 *   The pool.
 */
void frag_pool_forget_chunks(struct frag_pool *fp);

/**
 * Take fragments.
 *
 * Any thread. The hit path makes no atomic operation, system call, lock or allocation. The first
 * call of a thread registers it and allocates its slot. A call that finds neither its own cache
 * nor the shared places sufficient empties other slots' caches; it then makes system calls, and
 * may wait (yielding) for a live thread that is inside a call, never for a dead one.
 *
 * @param fp
 *   The pool.
 * @param frags
 *   Receives the addresses; untouched when the call fails.
 * @param n
 *   Number of fragments; 0 succeeds.
 * @return
 *   0, or -ENOBUFS: at some instant during the call fewer than n fragments were free.
 */
int frag_pool_get(struct frag_pool *fp, void **frags, unsigned int n);

/**
 * Give fragments back, in any order, taken by whomever.
 *
 * Any thread. In the default mode a pointer is checked when it meets its page, that is when it
 * leaves the cache; the hit path looks only at one that comes alone, whether it is between the
 * first fragment and the last, at a multiple of what all their distances are multiples of. With
 * FRAG_POOL_F_STRICT every pointer is checked here. Every good pointer of a mixed burst is
 * accepted; a bad one is dropped, counted in frag_pool_stats.refused and reported with the caller's
 * address in a rate-limited log line.
 *
 * @param fp
 *   The pool.
 * @param frags
 *   Addresses, as handed out.
 * @param n
 *   Number of fragments.
 * @return
 *   0, or -EINVAL: at least one pointer of this call was refused (the others were accepted).
 */
int frag_pool_put(struct frag_pool *fp, void *const *frags, unsigned int n);

/**
 * Take whole pages: runs of frag_pool_contig_size() fragments, adjacent in memory. They are given
 * back as fragments, by frag_pool_put().
 *
 * Any thread; may fail although the fragments are free, in pages that are not whole.
 *
 * @param fp
 *   The pool.
 * @param first
 *   Receives the address of the first fragment of each run; untouched when the call fails.
 * @param n
 *   Number of runs.
 * @return
 *   0, -ENOBUFS, or -ENOTSUP when the fragments of this pool's pages are not adjacent.
 */
int frag_pool_get_contig(struct frag_pool *fp, void **first, unsigned int n);

/**
 * Fragments in a run of frag_pool_get_contig().
 *
 * @param fp
 *   The pool.
 * @return
 *   Fragments; 0 when there are no such runs.
 */
unsigned int frag_pool_contig_size(const struct frag_pool *fp);

/**
 * Number of free fragments: exact at rest, never above the truth while threads run.
 *
 * Any thread; no lock. Looks at each slot's counters.
 *
 * @param fp
 *   The pool.
 * @return
 *   Fragments.
 */
unsigned int frag_pool_count(const struct frag_pool *fp);

/**
 * Empty the slots' caches, so that every page without users is whole and back with the provider.
 * Needs no help of the slots' owners. Makes system calls and may wait for a live thread that is
 * inside a call.
 *
 * Any thread that is not inside a call of the pool itself.
 *
 * @param fp
 *   The pool.
 * @param idle_only
 *   Leave slots alone that were used since the last call with this argument set.
 * @return
 *   Number of whole pages afterwards.
 */
unsigned int frag_pool_trim(struct frag_pool *fp, bool idle_only);

/**
 * Walk the whole pool and prove the conservation law: each fragment is in exactly one place; each
 * page with a free fragment is in exactly one list; free + in flight + lost = populated.
 *
 * Any thread that is not inside a call of the pool itself. Others that use the pool meanwhile
 * wait until the walk is over (some ten nanoseconds for each page): not for production traffic.
 *
 * @param fp
 *   The pool.
 * @param f
 *   Each violation is written here, one line each; NULL for none.
 * @return
 *   Number of violations, 0 when all is well, -ENOMEM without memory for the walk.
 */
int frag_pool_check(struct frag_pool *fp, FILE *f);

/**
 * Read counters and occupancy. Any thread; no lock; a snapshot that is exact at rest.
 *
 * @param fp
 *   The pool.
 * @param stats
 *   Overwritten.
 */
void frag_pool_get_stats(const struct frag_pool *fp, struct frag_pool_stats *stats);

/**
 * Describe the slots of a pool: who took and gave how much. Any thread; makes system calls.
 *
 * @param fp
 *   The pool.
 * @param info
 *   Receives up to n entries; may be NULL when n is 0.
 * @param n
 *   Room in info.
 * @return
 *   Number of slots there are.
 */
unsigned int frag_pool_get_slots(const struct frag_pool *fp, struct frag_pool_slot_info *info,
		unsigned int n);

/**
 * Print counters, occupancy and slots. Any thread; makes system calls.
 *
 * @param fp
 *   The pool.
 * @param f
 *   Where to.
 */
void frag_pool_dump(const struct frag_pool *fp, FILE *f);

/**
 * Fragments that chunks have added and that were not forgotten.
 *
 * Any thread; no lock.
 *
 * @param fp
 *   The pool.
 * @return
 *   Fragments.
 */
uint32_t frag_pool_populated(const struct frag_pool *fp);

/** First word of every pool: a name and the version of the layout. */
#define FRAG_POOL_MAGIC (FRAG_POOL_MAGIC_NAME | FRAG_POOL_LAYOUT)
/** @internal The name. */
#define FRAG_POOL_MAGIC_NAME UINT64_C(0x4741524650500000)
/** @internal Its bits. */
#define FRAG_POOL_MAGIC_MASK UINT64_C(0xffffffffffff0000)
/** @internal No pool is in the first page of memory. */
#define FRAG_POOL_LOWEST 4096
/** @internal A change of any struct in the private headers changes this. */
#define FRAG_POOL_LAYOUT UINT64_C(4)

/**
 * Tell whether memory is a pool of this library's layout, for code that is reached with pools it
 * does not know. Reads the first 8 bytes of the memory. Any thread, data path included.
 *
 * @param fp
 *   Address, or NULL.
 * @return
 *   0, -EINVAL: no pool of ours, or -EPROTO: ours, of another version's layout.
 */
static inline int
frag_pool_validate(const struct frag_pool *fp)
{
	uint64_t magic;

	/* what stands for a pool can be another driver's number: no pool is in the first page */
	if ((uintptr_t)fp < FRAG_POOL_LOWEST)
		return -EINVAL;
	memcpy(&magic, fp, sizeof(magic));
	if (magic == FRAG_POOL_MAGIC)
		return 0;
	return (magic & FRAG_POOL_MAGIC_MASK) == FRAG_POOL_MAGIC_NAME ? -EPROTO : -EINVAL;
}

#ifdef __cplusplus
}
#endif

#endif /* _FRAG_POOL_H_ */
