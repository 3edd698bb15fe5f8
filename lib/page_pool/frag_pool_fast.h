/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _FRAG_POOL_FAST_H_
#define _FRAG_POOL_FAST_H_

/*
 * frag_pool, the calls that packets make, as they are compiled into each of their entries:
 * frag_pool_get() and frag_pool_put(), and rte_mempool's callbacks, which would pay for a second
 * call otherwise.
 *
 * Purpose: hand out and take back equal fragments of pages, on any thread, as fast as a private
 * array, without ever failing while enough of them are free.
 *
 * How it works: each thread has a slot with a private cache. Steps 1 and 5 below are all that most
 * calls do. Behind them (frag_pool_slot.c) fragments meet their pages: a page is opened by taking
 * all its free fragments in one operation (steps 2 and 3), and what a cache cannot hold travels to
 * the slots that need it, whole batches at a time, or goes back to its pages by runs (step 6), and
 * the pages to their owners (step 7). When nothing free is in reach, other threads' caches are
 * emptied (step 4, frag_pool_reclaim.c).
 *
 * Place in a buffer's life: first and last stop. doc/guides/life_of_a_buffer.rst follows one buffer
 * through the steps by these numbers.
 */

#include <string.h>

#include "frag_pool_private.h"

/* If a pool is the one that the thread used last, its slot in it, known to be its own and fit for
 * the fast path; else NULL. That answers all there is to ask of memory that may be no pool at all:
 * nothing else has the serial number, that of a pool that is gone is not given again, and a slot
 * stays its owner's while that lives. One load of the pool instead of three in a row.
 */
static __rte_always_inline struct frag_slot *
slot_last(const struct frag_pool *fp)
{
	struct frag_slot *s = pp_self.last_slot;

	/* before the number, which a signal handler that uses another pool changes with it */
	atomic_signal_fence(memory_order_seq_cst);
	/* what stands for a pool can be another driver's number: no pool is in the first page */
	return (uintptr_t)fp >= FRAG_POOL_LOWEST && fp->serial == pp_self.last_serial ? s : NULL;
}

/* The same of a pool in strict mode, which the fast path does not find. */
static __rte_always_inline struct frag_slot *
slot_last_strict(const struct frag_pool *fp)
{
	struct frag_slot *s = pp_self.last_slot;

	atomic_signal_fence(memory_order_seq_cst);
	return (uintptr_t)fp >= FRAG_POOL_LOWEST &&
					(fp->serial ^ PP_SERIAL_STRICT) == pp_self.last_serial ?
			s :
			NULL;
}

/* The thread's slot, or what stands for one: not yet entered. */
static inline struct frag_slot *
slot_mine(const struct frag_pool *fp)
{
	/* relaxed: the entry was written by this thread, or before REG.A */
	return atomic_load_explicit(&fp->slots[pp_self.id], memory_order_relaxed);
}

/* The same of another pool, which is the last one from now on. NULL: not the fast path's, be it
 * that the slot is not made yet or shared, or strict: then slot_last_strict() finds it from now on.
 */
static inline struct frag_slot *
slot_set_last(struct frag_pool *fp)
{
	struct frag_slot *s = slot_mine(fp), *fast = s;
	uint64_t serial = fp->serial;

	/* relaxed: only this thread makes them equal */
	if (atomic_load_explicit(&s->fast, memory_order_relaxed) != pp_self.ident) {
		if (atomic_load_explicit(&s->owner, memory_order_relaxed) != pp_self.ident ||
				s->flags != SLOT_F_STRICT)
			return NULL;
		serial ^= PP_SERIAL_STRICT;
		fast = NULL;
	}
	if (pp_self.busy != 0)
		return fast;
	/* at no moment is there a number with another pool's slot */
	pp_self.busy = 1;
	atomic_signal_fence(memory_order_seq_cst);
	pp_self.last_serial = PP_SERIAL_NONE;
	atomic_signal_fence(memory_order_seq_cst);
	pp_self.last_slot = s;
	atomic_signal_fence(memory_order_seq_cst);
	pp_self.last_serial = serial;
	atomic_signal_fence(memory_order_seq_cst);
	pp_self.busy = 0;
	return fast;
}

/* Enter it; true if there is anything to consider before that: it is claimed, or, for a put, the
 * pool is under pressure, so that nothing may stay in caches.
 */
static __rte_always_inline bool
slot_enter(struct frag_pool *fp, struct frag_slot *s, const bool put)
{
	uint64_t look;

	atomic_store_explicit(&s->inside, 1, memory_order_relaxed);
	pp_light_fence();
	/* CLAIM.A: what the last thief did (CLAIM.R) is seen */
	look = atomic_load_explicit(&s->wanted, memory_order_acquire);
	if (put)
		look |= atomic_load_explicit(&fp->pressure, memory_order_relaxed);
	if (likely(look == 0))
		return false;
	slot_leave(s);
	return true;
}

/* Bursts of more than this many are copied by memcpy(), which knows the widest registers of the
 * machine, and in a function of its own, so that the fast path of small ones saves no register.
 */
#define FRAG_FEW 16

static __rte_always_inline void
copy_few(void **dst, void *const *src, unsigned int n)
{
	unsigned int i;

	/* not unrolled: it would be longer than all the rest */
#pragma GCC unroll 1
	for (i = 0; i + 2 <= n; i += 2)
		memcpy(&dst[i], &src[i], 2 * sizeof(*dst));
	if (i < n)
		dst[i] = src[i];
}

/* s: slot_last(fp) */
static __rte_always_inline int
frag_get(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n)
{
	uint64_t len;

	if (unlikely(slot_enter(fp, s, false)))
		return frag_get_slow(fp, frags, n);

	/* Step 1: the newest fragments of the thread's own cache */
	len = slot_ctl(s);
	if (unlikely(len < n))
		return frag_get_miss(fp, s, frags, n);
	len -= n;
	if (likely(n == 1))
		frags[0] = s->frags[len];
	else if (likely(n <= FRAG_FEW))
		copy_few(frags, &s->frags[len], n);
	else
		return frag_get_many(s, frags, n, len);
	/* counted before it can leave (I3) */
	stat_add(&s->gets, n);
	slot_set_ctl(s, len);
	slot_leave(s);
	return 0;
}

/* s: slot_last(fp) */
static __rte_always_inline int
frag_put(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller)
{
	uint64_t len;

	if (unlikely(slot_enter(fp, s, true)))
		return frag_put_slow(fp, frags, n, caller);

	/* Step 5: on top of the thread's own cache, whoever took them */
	len = slot_ctl(s);
	if (unlikely(len + n > s->limit || (n == 1 && frag_is_foreign(fp, frags[0]))))
		return frag_put_overflow(fp, s, frags, n, caller);
	if (likely(n == 1))
		s->frags[len] = frags[0];
	else if (likely(n <= FRAG_FEW))
		copy_few(&s->frags[len], frags, n);
	else
		return frag_put_many(s, frags, n, len);
	slot_set_ctl(s, len + n);
	/* counted once they are there (I3) */
	slot_count_puts(s, n);
	slot_leave(s);
	return 0;
}

#endif /* _FRAG_POOL_FAST_H_ */
