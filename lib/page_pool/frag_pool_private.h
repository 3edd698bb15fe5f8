/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FRAG_POOL_PRIVATE_H_
#define _FRAG_POOL_PRIVATE_H_

/*
 * Layout of a frag_pool, in memory that all processes map at the same address, and what the files
 * frag_pool*.c share.
 *
 * Exclusive access. Everything in a slot but `wanted` and the ring belongs to whoever has
 * *exclusive access* to it:
 *
 *   - its owner, between slot_enter() and slot_leave(): a plain store, a plain load, no atomic
 *     operation. `inside` and `wanted` are a Dekker pair whose owner's half is only a compiler
 *     fence (FENCE.L), since the thief's half is membarrier (FENCE.H);
 *   - a thief, after it claimed `wanted` by compare-and-swap with its identity, fenced, and saw
 *     `inside` clear. An owner that finds its slot claimed takes a slot that all threads share;
 *   - of such a shared slot: who claimed `wanted`.
 *
 * Nobody waits for anything while it has exclusive access, and a thread has it to one slot at a
 * time (a reclaimer claims many, but waits only for owners to leave). So waits are short unless
 * the thread waited for is preempted, and end when it is found dead: its slot is then repaired.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "frag_batch.h"
#include "frag_pool.h"
#include "page_cache.h"
#include "pp_thread.h"
#include "provider_mempool.h"

/* Slots for threads that have none, or whose own is claimed at the moment. */
#define FRAG_POOL_SHARED_SLOTS 8
#define FRAG_POOL_SLOTS (PP_PARTICIPANTS + FRAG_POOL_SHARED_SLOTS)
/* A get of up to this many is served from a slot's cache, whatever its limit. */
#define FRAG_POOL_BURST 1024
/* How many slots a miss looks into for full batches when few are empty. */
#define SLOTS_NEAR 8
/* What a slot that only frees keeps: enough for pages to go back in runs, and half of it, which is
 * the least that is in it when it overflows, for a batch.
 */
#define FRAG_POOL_FREER_LIMIT 256

/* What a cache that is one short of enough takes in addition: a page or a batch. */
#define SLOT_SPARE RTE_MAX(FRAG_POOL_PAGE_FRAGS_MAX, FRAG_BATCH_FRAGS_MAX)

#define SLOT_F_STRICT 0x1 /* every get and put is checked */
#define SLOT_F_FENCE 0x2  /* thieves cannot fence the owner: it fences itself */
#define SLOT_F_SHARED 0x4 /* claimed for each use */
#define SLOT_F_NOCACHE 0x8

struct frag_slot {
	/* Line 0: the owner's. */
	/* 1 while its owner works in it. exclusive: rw, thieves: ro */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint32_t) inside;
	uint32_t flags; /* SLOT_F_*; owner: rw when it adopts the slot, exclusive: ro */
	/* Identity of the owner. adopter: rw, others: ro */
	_Atomic(uint64_t) owner;
	/* The same if `flags` is 0, so that the fast path looks at one of them only. adopter: rw,
	 * others: ro
	 */
	_Atomic(uint64_t) fast;
	/* The cache is frags[pos..len): len in the low half, pos, which is 0 but while the cold end
	 * is flushed, in the high one; one word, so that they change at once. exclusive: rw
	 */
	_Atomic(uint64_t) ctl;
	/* Fragments handed out and accepted. exclusive: rw, anyone: ro */
	_Atomic(uint64_t) gets;
	_Atomic(uint64_t) puts;
	uint64_t gets_seen; /* gets at the last overflow; exclusive: rw */
	uint32_t limit;     /* fragments to keep at most; exclusive: rw */
	uint32_t id;        /* its number; all: ro */

	/* Line 1: thieves'. */
	/* Identity of who claims the slot, 0: nobody. thieves: rw, owner: ro */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint64_t) wanted;

	/* Then what only the slow paths use. exclusive: rw, unless said otherwise. */
	/* Pages whose QUEUED this slot set, on their way to the list of one owner: a chain. */
	alignas(RTE_CACHE_LINE_MIN_SIZE) uint32_t carry_first;
	uint32_t carry_last;
	uint32_t carry_owner;
	uint32_t carry_nr;
	uint32_t pressure_ops;   /* operations since pressure was last looked at */
	uint32_t room;           /* largest burst that its cache can serve; all: ro */
	_Atomic(uint64_t) spare; /* bits of empty batches */
	uint32_t look;           /* whose batches it looked at last, when few are empty */
	/* Identity of a thief that died with a claim on it, 0: none. claimer: rw */
	uint64_t orphan;
	struct page_list hoard; /* pages set aside for a large or contiguous get */
	/* Strict mode: the page looked up last, if its fragments lie next to each other. */
	uintptr_t last_lo;
	uint64_t last_span; /* 0: none */
	struct frag_page *last_page;
	uint64_t idle_seen;           /* gets + puts at the last idle trim; reclaimer: rw */
	_Atomic(uint64_t) stuck_seen; /* the same at the last failed get; failing gets: rw */
	_Atomic(uint32_t) stuck;      /* failed gets that found it so again; failing gets: rw */
	_Atomic(int64_t) whole;       /* pages made whole here, less those opened; anyone: ro */
	/* Statistics; anyone: ro */
	_Atomic(uint64_t) refused;
	_Atomic(uint64_t) corrupt;
	_Atomic(uint64_t) alloc_steal;
	_Atomic(uint64_t) recycle_ring;
	_Atomic(uint64_t) frag_opened;
	_Atomic(uint64_t) frag_flushed;
	_Atomic(uint64_t) flush_runs;
	_Atomic(uint64_t) robbed;
	_Atomic(uint64_t) batches_sent;
	_Atomic(uint64_t) batches_taken;

	struct page_cache pages;
	/* Batches for this slot. freers: rw, exclusive: rw, anyone who has nothing else: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct batch_list batches;

	/* The cache, oldest first; `room` entries and SLOT_SPARE more. exclusive: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) void *frags[];
};

static_assert(offsetof(struct frag_slot, wanted) == RTE_CACHE_LINE_MIN_SIZE,
		"what the owner writes in every call is one line, thieves' line is another");
static_assert(offsetof(struct frag_slot, carry_first) == 2 * RTE_CACHE_LINE_MIN_SIZE,
		"thieves' line holds nothing else");

struct frag_pool {
	/* Line 0: looked at by every call, written hardly ever. */
	uint64_t magic;             /* FRAG_POOL_MAGIC; all: ro */
	uint64_t serial;            /* PP_SERIAL_NONE and a number of its own; all: ro */
	_Atomic(uint32_t) pressure; /* 1: cache nothing; slow paths: rw, others: ro */
	uint32_t flags;             /* FRAG_POOL_F_*; all: ro */
	uint32_t size;              /* all: ro */
	uint32_t cache_size;        /* limit of a slot's cache; all: ro */
	uint32_t room;              /* see struct frag_slot; all: ro */
	int socket_id;              /* all: ro */
	/* Where fragments are: the first at `lo`, all less than `span` above, at distances that
	 * have none of the bits off_grid. adder of chunks: rw, all: ro
	 */
	_Atomic(uintptr_t) lo;
	_Atomic(uint64_t) span;
	_Atomic(uint64_t) off_grid;

	/* Slow paths. */
	/* Identity of who may rob slots, or add a chunk, 0: nobody. slow paths: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint64_t) reclaim;
	_Atomic(uint32_t) nr_slots;       /* participants' slots are below this; slot makers: rw */
	_Atomic(uint32_t) populated;      /* fragments there are; control path: rw, others: ro */
	_Atomic(uint32_t) populated_high; /* and those just being added; likewise */
	_Atomic(uint32_t) lost;           /* that died with their thread; auditor: rw, others: ro */
	_Atomic(uint32_t) frozen;         /* 1: the world is stopped; reclaimer: rw, adopters: ro */
	_Atomic(uint32_t) slot_misses;    /* slots that could not be made; slot makers: rw */
	_Atomic(uint32_t) audit_due;      /* 1: a thread died inside a slot; slow paths: rw */
	_Atomic(int64_t) credit;          /* corrects the slots' counters: forgotten memory, deaths;
				      * world stopped: rw, others: ro
				      */
	_Atomic(int64_t) whole;           /* whole pages added or forgotten; control path: rw */
	/* Statistics; slow paths: rw */
	_Atomic(uint64_t) get_fails;
	_Atomic(uint64_t) reclaims;
	_Atomic(uint64_t) detours;
	_Atomic(uint64_t) takeovers;

	/* Pages with free fragments that are in no slot's ring. anyone: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct page_list partial;
	/* The same, already looked at by a trim or a contiguous get. anyone: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct page_list aside;

	/* Bits of the batches that are empty and no slot's spare ones. anyone: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(uint64_t) batches_empty;
	alignas(RTE_CACHE_LINE_MIN_SIZE) struct frag_batches batches;

	struct chunk_provider chunks;
	struct pp_registry *registry;  /* all: ro */
	uint32_t low_water;            /* pressure begins below this; all: ro */
	uint32_t idle_trim_ms;         /* all: ro */
	char name[FRAG_POOL_NAMESIZE]; /* all: ro */
	struct frag_slot
			*nobody; /* stands in for slots not made: its owner is no thread; all: ro */
	/* By participant id, then the shared ones. Entries change once, from nobody. maker: rw */
	alignas(RTE_CACHE_LINE_MIN_SIZE) _Atomic(struct frag_slot *) slots[FRAG_POOL_SLOTS];
};

static_assert(offsetof(struct frag_pool, magic) == 0, "frag_pool_validate() reads the first word");
static_assert(offsetof(struct frag_pool, serial) == 8, "slot_last() reads no more than 16 bytes");
static_assert(offsetof(struct frag_pool, reclaim) == RTE_CACHE_LINE_MIN_SIZE,
		"what the hit path reads of a pool is one line");

/* Assertions: cheap ones are always on (they refuse and count); these are for debug builds. */
#ifdef NDEBUG
#define PP_ASSERT(cond) ((void)sizeof(!(cond)))
#else
#define PP_ASSERT(cond) assert(cond)
#endif

#define CTL_LEN(ctl) ((uint32_t)(ctl))
#define CTL_POS(ctl) ((uint32_t)((ctl) >> 32))
#define CTL_MAKE(pos, len) (((uint64_t)(pos) << 32) | (len))

static inline uint64_t
slot_ctl(const struct frag_slot *s)
{
	return atomic_load_explicit(&s->ctl, memory_order_relaxed);
}

static inline void
slot_set_ctl(struct frag_slot *s, uint64_t ctl)
{
	/* what it describes is written before it: the thread can die between any two stores */
	atomic_signal_fence(memory_order_seq_cst);
	/* relaxed: others read it as a hint; SLOT.R publishes the cache it describes */
	atomic_store_explicit(&s->ctl, ctl, memory_order_relaxed);
}

/* Count fragments accepted back; a negative number takes back what was counted too early. */
static inline void
slot_count_puts(struct frag_slot *s, int64_t n)
{
	/* COUNT.R: who sees this count sees every get that happened before it (COUNT.A): that of
	 * the same fragments by another thread, too (I3)
	 */
	atomic_store_explicit(&s->puts,
			atomic_load_explicit(&s->puts, memory_order_relaxed) + (uint64_t)n,
			memory_order_release);
}

/* Whether a pointer cannot be a fragment of the pool: too far away, or where none begins. */
static __rte_always_inline bool
frag_is_foreign(const struct frag_pool *fp, const void *frag)
{
	/* KNOW.A: pairs with KNOW.R, the others are not older than `lo` */
	uint64_t off = (uintptr_t)frag - atomic_load_explicit(&fp->lo, memory_order_acquire);

	return off >= atomic_load_explicit(&fp->span, memory_order_relaxed) ||
			(off & atomic_load_explicit(&fp->off_grid, memory_order_relaxed)) != 0;
}

/* Count fragments handed out, by a get of the slow path. */
static inline void
slot_count_gets(struct frag_slot *s, uint64_t n)
{
	/* GETS.R: who reads this count reads no older count of the put by which they came, LIST.A
	 * or BATCH.A: the high count is never too low (I2). On the fast path they came by a call
	 * of this thread, and slot_leave() did the same since.
	 */
	atomic_thread_fence(memory_order_release);
	stat_add(&s->gets, n);
}

static inline struct frag_slot *
slot_of(const struct frag_pool *fp, uint32_t id)
{
	/* SLOT.MAKE.A: pairs with SLOT.MAKE.R, the slot is complete */
	return atomic_load_explicit(&fp->slots[id], memory_order_acquire);
}

/* ThreadSanitizer does not know fences: in its build the store says the same once more. */
#ifdef PP_FULL_FENCE
#define SLOT_LEAVE_ORDER memory_order_release
#else
#define SLOT_LEAVE_ORDER memory_order_relaxed
#endif

/* Leave a slot entered by its owner. */
static inline void
slot_leave(struct frag_slot *s)
{
	/* SLOT.R: what was done in the slot is seen by the thief that sees `inside` clear (SLOT.A);
	 * a fence, and not a releasing store, so that the counters are also seen before anything
	 * that the caller writes after the call (I3).
	 */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&s->inside, 0, SLOT_LEAVE_ORDER);
}

/* frag_pool.c: around the fast path */

int frag_get_other(struct frag_pool *fp, void **frags, unsigned int n);
int frag_put_other(struct frag_pool *fp, void *const *frags, unsigned int n, const void *caller);
int frag_get_many(struct frag_slot *s, void **frags, unsigned int n, uint64_t len);
int frag_put_many(struct frag_slot *s, void *const *frags, unsigned int n, uint64_t len);
int frag_get_slow(struct frag_pool *fp, void **frags, unsigned int n);
int frag_get_miss(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n);
int frag_put_slow(struct frag_pool *fp, void *const *frags, unsigned int n, const void *caller);
int frag_put_overflow(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller);

/* frag_pool_strict.c: misuse */

int frag_get_strict(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n);
int frag_put_strict(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller);
bool slot_mark_out(struct frag_pool *fp, struct frag_slot *s, uint32_t n);
uint32_t slot_mark_in(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n,
		void **to, const void *caller);
void page_withhold(struct frag_pool *fp, struct frag_slot *s, struct frag_page *page);
void slot_refuse(struct frag_pool *fp, struct frag_slot *s, const void *frag,
		const struct frag_page *page, const char *why, const void *caller);
void slot_refuse_mask(struct frag_pool *fp, struct frag_slot *s, const struct frag_page *page,
		uint64_t mask, const char *why, const void *caller);

/* frag_pool_slot.c: what is done inside of a slot, with exclusive access */

/* How pages that a flush completes travel: back to their owner, or to where anyone finds them. */
enum slot_way { SLOT_WAY_OWNER, SLOT_WAY_SHARED };

void slot_flush(struct frag_pool *fp, struct frag_slot *s, uint32_t k, enum slot_way way,
		const void *caller);
void slot_spill(struct frag_pool *fp, struct frag_slot *s, uint32_t k, uint32_t least,
		enum slot_way way, const void *caller);
void slot_empty(struct frag_pool *fp, struct frag_slot *s);
void frag_pool_reset_batches(struct frag_pool *fp);
int slot_get(struct frag_pool *fp, struct frag_slot *s, void **frags, uint32_t n);
int slot_get_large(struct frag_pool *fp, struct frag_slot *s, void **frags, uint32_t n);
int slot_get_contig(struct frag_pool *fp, struct frag_slot *s, void **first, uint32_t n,
		uint32_t nr_frags);
int slot_put(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n,
		const void *caller);

/* frag_pool_reclaim.c: whose slot, and how to get into others' */

struct frag_slot *slot_acquire(struct frag_pool *fp);
void slot_release(struct frag_slot *s);
int frag_pool_reclaim_get(struct frag_pool *fp, void **frags, uint32_t n);
void frag_pool_leave_pressure(struct frag_pool *fp);

/* Claim what one thread at a time may do: robbing, trimming, stopping the world, adding chunks.
 * Waits for a live holder. The calling thread is in no slot.
 */
void frag_pool_reclaim_take(struct frag_pool *fp);
void frag_pool_reclaim_drop(struct frag_pool *fp);

/* A set of slots, by number. */
struct slot_set {
	uint64_t bit[FRAG_POOL_SLOTS / 64 + 1];
};

/* Exclusive access to all slots at once: nothing moves. Whoever comes by waits until it is over, so
 * this is for what is rare. The calling thread is in no slot and holds no claim.
 */
void frag_pool_freeze(struct frag_pool *fp, struct slot_set *claimed);
void frag_pool_thaw(struct frag_pool *fp, const struct slot_set *claimed);

/* frag_pool_ctl.c */

struct frag_slot *slot_make(struct frag_pool *fp, uint32_t id);

/* Free fragments, never above the truth (I3) and never below it (I2), while threads run. */
int64_t frag_pool_count_low(const struct frag_pool *fp);
int64_t frag_pool_count_high(const struct frag_pool *fp);

/* Slots' numbers, in order: participants' made so far, then the shared ones. */
static inline uint32_t
slot_next_id(const struct frag_pool *fp, uint32_t id)
{
	id++;
	/* relaxed: slot_of() has SLOT.MAKE.A, who was told of a thread's call sees its number, and
	 * who stops the world has FREEZE.A
	 */
	if (id < PP_PARTICIPANTS && id >= atomic_load_explicit(&fp->nr_slots, memory_order_relaxed))
		id = PP_PARTICIPANTS;
	return id;
}

/* For each slot that was made. */
#define SLOT_FOREACH(fp, id, s) \
	for ((id) = slot_next_id(fp, 0); (id) < FRAG_POOL_SLOTS; (id) = slot_next_id(fp, id)) \
		if (((s) = slot_of(fp, id)) == (fp)->nobody) \
			continue; \
		else

#endif /* _FRAG_POOL_PRIVATE_H_ */
