/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, the calls of a program that uses the library, and what surrounds the steps that most
 * calls consist of (frag_pool_fast.h): whose slot, and what to do when it has too few fragments or
 * too many.
 */

#include <errno.h>

#include "frag_pool_fast.h"

int
frag_pool_get(struct frag_pool *fp, void **frags, unsigned int n)
{
	struct frag_slot *s = slot_last(fp);

	return likely(s != NULL) ? frag_get(fp, s, frags, n) : frag_get_other(fp, frags, n);
}

int
frag_pool_put(struct frag_pool *fp, void *const *frags, unsigned int n)
{
	const void *caller = __builtin_return_address(0);
	struct frag_slot *s = slot_last(fp);

	return likely(s != NULL) ? frag_put(fp, s, frags, n, caller) :
				   frag_put_other(fp, frags, n, caller);
}

/* The thread used another pool last, or this one is in strict mode. */
int
frag_get_other(struct frag_pool *fp, void **frags, unsigned int n)
{
	struct frag_slot *s = slot_last_strict(fp);

	if (s != NULL)
		return frag_get_strict(fp, s, frags, n);
	s = slot_set_last(fp);
	if (s != NULL)
		return frag_get(fp, s, frags, n);
	/* remembered by now, unless the slow path has to make the slot */
	s = slot_last_strict(fp);
	return s != NULL ? frag_get_strict(fp, s, frags, n) : frag_get_slow(fp, frags, n);
}

int
frag_put_other(struct frag_pool *fp, void *const *frags, unsigned int n, const void *caller)
{
	struct frag_slot *s = slot_last_strict(fp);

	if (s != NULL)
		return frag_put_strict(fp, s, frags, n, caller);
	s = slot_set_last(fp);
	if (s != NULL)
		return frag_put(fp, s, frags, n, caller);
	s = slot_last_strict(fp);
	return s != NULL ? frag_put_strict(fp, s, frags, n, caller) :
			   frag_put_slow(fp, frags, n, caller);
}

/* The rest of a get or put of more than FRAG_FEW; len: of the cache afterwards, or before. */
int
frag_get_many(struct frag_slot *s, void **frags, unsigned int n, uint64_t len)
{
	memcpy(frags, &s->frags[len], n * sizeof(*frags));
	stat_add(&s->gets, n);
	slot_set_ctl(s, len);
	slot_leave(s);
	return 0;
}

int
frag_put_many(struct frag_slot *s, void *const *frags, unsigned int n, uint64_t len)
{
	memcpy(&s->frags[len], frags, n * sizeof(*frags));
	slot_set_ctl(s, len + n);
	slot_count_puts(s, n);
	slot_leave(s);
	return 0;
}

/* Not the fast path: pressure, a thief, no own slot, the first call of a thread. */
int
frag_get_slow(struct frag_pool *fp, void **frags, unsigned int n)
{
	struct frag_slot *s = slot_acquire(fp);
	int rc;

	rc = slot_get(fp, s, frags, n);
	slot_release(s);
	return likely(rc == 0) ? 0 : frag_pool_reclaim_get(fp, frags, n);
}

/* The cache has fewer than n: steps 2 and 3, then step 4. */
int
frag_get_miss(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n)
{
	int rc = slot_get(fp, s, frags, n);

	slot_leave(s);
	return likely(rc == 0) ? 0 : frag_pool_reclaim_get(fp, frags, n);
}

int
frag_put_slow(struct frag_pool *fp, void *const *frags, unsigned int n, const void *caller)
{
	struct frag_slot *s = slot_acquire(fp);
	int rc;

	rc = slot_put(fp, s, frags, n, caller);
	slot_release(s);
	return rc;
}

/* The cache has no room for n: steps 6 and 7; or the only one is foreign. */
int
frag_put_overflow(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller)
{
	int rc = slot_put(fp, s, frags, n, caller);

	slot_leave(s);
	return rc;
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
