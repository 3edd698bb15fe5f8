/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, the calls that packets make.
 *
 * Purpose: hand out and take back equal fragments of pages, on any thread, as fast as a private
 * array, without ever failing while enough of them are free.
 *
 * How it works: each thread has a slot with a private cache. Steps 1 and 5 below are all that most
 * calls do. Behind them (frag_pool_slot.c) fragments meet their pages: a page is opened by taking
 * all its free fragments in one operation (steps 2 and 3), and what a cache cannot hold goes back
 * to its pages by runs (step 6), and the pages to their owners (step 7). When nothing free is in
 * reach, other threads' caches are emptied (step 4, frag_pool_reclaim.c).
 *
 * Place in a buffer's life: first and last stop. doc/guides/life_of_a_buffer.rst follows one buffer
 * through the steps by these numbers.
 */

#include <errno.h>
#include <string.h>

#include "frag_pool_private.h"

/* The thread's own slot, entered; NULL when there is anything to consider before that. */
static inline struct frag_slot *
slot_enter(struct frag_pool *fp)
{
	/* relaxed: the entry was written by this thread, or before REG.A */
	struct frag_slot *s = atomic_load_explicit(&fp->slots[pp_self.id], memory_order_relaxed);
	uint64_t look;

	/* relaxed: only this thread makes them equal */
	if (unlikely(atomic_load_explicit(&s->owner, memory_order_relaxed) != pp_self.ident))
		return NULL;
	atomic_store_explicit(&s->inside, 1, memory_order_relaxed);
	pp_light_fence();
	/* CLAIM.A: what the last thief did (CLAIM.R) is seen */
	look = atomic_load_explicit(&s->wanted, memory_order_acquire);
	look |= atomic_load_explicit(&fp->pressure, memory_order_relaxed);
	look |= s->flags;
	if (unlikely(look != 0)) {
		slot_leave(s);
		return NULL;
	}
	return s;
}

static inline void
copy_frags(void **dst, void *const *src, unsigned int n)
{
	unsigned int i;

	for (i = 0; i + 4 <= n; i += 4)
		memcpy(&dst[i], &src[i], 4 * sizeof(*dst));
	for (; i < n; i++)
		dst[i] = src[i];
}

/* No own slot, or not now: strict mode, pressure, a thief, the first call of a thread. */
static __rte_noinline int
get_slow(struct frag_pool *fp, void **frags, unsigned int n)
{
	struct frag_slot *s = slot_acquire(fp);
	int rc = slot_get(fp, s, frags, n);

	slot_release(s);
	return likely(rc == 0) ? 0 : frag_pool_reclaim_get(fp, frags, n);
}

/* The cache has fewer than n: steps 2 and 3, then step 4. */
static __rte_noinline int
get_miss(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n)
{
	int rc = slot_get(fp, s, frags, n);

	slot_leave(s);
	return likely(rc == 0) ? 0 : frag_pool_reclaim_get(fp, frags, n);
}

int
frag_pool_get(struct frag_pool *fp, void **frags, unsigned int n)
{
	struct frag_slot *s = slot_enter(fp);
	uint64_t len;

	if (unlikely(s == NULL))
		return get_slow(fp, frags, n);

	/* Step 1: the newest fragments of the thread's own cache */
	len = slot_ctl(s);
	if (unlikely(len < n))
		return get_miss(fp, s, frags, n);
	len -= n;
	copy_frags(frags, &s->frags[len], n);
	/* counted before it can leave (I3) */
	stat_add(&s->gets, n);
	slot_set_ctl(s, len);
	slot_leave(s);
	return 0;
}

static __rte_noinline int
put_slow(struct frag_pool *fp, void *const *frags, unsigned int n, const void *caller)
{
	struct frag_slot *s = slot_acquire(fp);
	int rc = slot_put(fp, s, frags, n, caller);

	slot_release(s);
	return rc;
}

/* The cache has no room for n: steps 6 and 7. */
static __rte_noinline int
put_overflow(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller)
{
	int rc = slot_put(fp, s, frags, n, caller);

	slot_leave(s);
	return rc;
}

int
frag_pool_put(struct frag_pool *fp, void *const *frags, unsigned int n)
{
	struct frag_slot *s = slot_enter(fp);
	uint64_t len;

	if (unlikely(s == NULL))
		return put_slow(fp, frags, n, __builtin_return_address(0));

	/* Step 5: on top of the thread's own cache, whoever took them */
	len = slot_ctl(s);
	if (unlikely(len + n > s->limit))
		return put_overflow(fp, s, frags, n, __builtin_return_address(0));
	copy_frags(&s->frags[len], frags, n);
	slot_set_ctl(s, len + n);
	/* counted once they are there (I3) */
	slot_count_puts(s, n);
	slot_leave(s);
	return 0;
}

int
frag_pool_get_contig(struct frag_pool *fp, void **first, unsigned int n)
{
	uint32_t nr_frags = fp->chunks.contig;
	struct frag_slot *s;
	int rc;

	if (nr_frags == 0)
		return -ENOTSUP;
	s = slot_acquire(fp);
	rc = slot_get_contig(fp, s, first, n, nr_frags);
	slot_release(s);
	if (rc == 0 || frag_pool_count_high(fp) < (int64_t)n * nr_frags)
		return rc;
	/* whole pages may hide in caches, one fragment of each */
	frag_pool_trim(fp, false);
	s = slot_acquire(fp);
	rc = slot_get_contig(fp, s, first, n, nr_frags);
	slot_release(s);
	return rc;
}

unsigned int
frag_pool_contig_size(const struct frag_pool *fp)
{
	return fp->chunks.contig;
}
