/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, misuse: what is refused and how it is reported, and strict mode, which checks each
 * fragment at each get and put.
 *
 * The marks: bit i of a page's second word (`out`) is set while fragment i is handed out. A get
 * sets it before the fragment leaves the cache, a put clears it before the fragment is in it, one
 * operation for each run. The marks say where fragments are and order no data, so they are
 * relaxed: of two threads that put the same fragment one finds its mark cleared, whatever else they
 * see.
 */

#include <inttypes.h>
#include <string.h>

#include "frag_pool_fast.h"
#include "pp_log.h"

/* A run at the start of a table. If it is one of neighbours in the page looked up last, as where
 * fragments follow each other or the same ones come and go, that takes three divisions less than
 * frag_run_next() needs.
 */
static __rte_always_inline uint32_t
strict_run_next(const struct chunk_provider *cp, struct frag_slot *s, void *const *frags,
		uint32_t n, struct frag_run *run)
{
	uint64_t off = (uintptr_t)frags[0] - s->last_lo, step;
	uint32_t bit, i;

	if (likely(off < s->last_span)) {
		run->page = s->last_page;
		bit = (uint32_t)div_by(off, cp->frag_recip);
		run->mask = UINT64_C(1) << bit;
		if (likely(bit * cp->frag_size == off)) {
			if (n == 1)
				return 1;
			step = (uintptr_t)frags[1] - (uintptr_t)frags[0];
			if (step == cp->frag_size) {
				i = pp_run(frags, RTE_MIN(n, run->page->nr_frags - bit), step);
				run->mask = (UINT64_MAX >> (64 - i)) << bit;
				return i;
			}
			if (step == -cp->frag_size) {
				i = pp_run(frags, RTE_MIN(n, bit + 1), step);
				run->mask = (UINT64_MAX >> (64 - i)) << (bit + 1 - i);
				return i;
			}
		}
	}
	i = frag_run_next(cp, frags, n, run);
	if (likely(run->page != NULL && run->page->ext->block_shift == 63)) {
		s->last_page = run->page;
		s->last_lo = run->page->lo;
		s->last_span = run->page->nr_frags * cp->frag_size;
	}
	return i;
}

/* Some fragments of a run, s->frags[i..i+used), are handed out already: each of them is in two
 * places. They are withheld, what was marked for this get is unmarked, and the caller starts over.
 */
static __rte_cold void
mark_out_undo(struct frag_pool *fp, struct frag_slot *s, uint32_t n, uint32_t i, uint32_t used,
		uint64_t twice)
{
	uint32_t len = CTL_LEN(slot_ctl(s)), first = len - n, keep = i, bit;
	struct frag_run run;

	stat_add(&s->corrupt, (uint64_t)__builtin_popcountll(twice));
	PP_LOG_LIMITED(CRIT, "pool %s: %p is in the cache and elsewhere: withheld", fp->name,
			s->frags[i]);
	for (bit = i; bit < i + used; bit++) {
		frag_run_next(&fp->chunks, &s->frags[bit], 1, &run);
		if (run.page != NULL && (run.mask & twice) == 0) {
			atomic_fetch_and_explicit(&run.page->out, ~run.mask, memory_order_relaxed);
			s->frags[keep++] = s->frags[bit];
		}
	}
	memmove(&s->frags[keep], &s->frags[i + used], (len - i - used) * sizeof(s->frags[0]));
	/* neither free nor handed out */
	atomic_fetch_add_explicit(&fp->lost, i + used - keep, memory_order_relaxed);
	slot_set_ctl(s, len - (i + used - keep));
	for (bit = first; bit < i; bit++) {
		frag_run_next(&fp->chunks, &s->frags[bit], 1, &run);
		if (run.page != NULL)
			atomic_fetch_and_explicit(&run.page->out, ~run.mask, memory_order_relaxed);
	}
}

static __rte_always_inline bool
mark_out(struct frag_pool *fp, struct frag_slot *s, uint32_t n)
{
	uint32_t len = CTL_LEN(slot_ctl(s)), i, used;
	struct frag_run run;
	uint64_t twice;

	for (i = len - n; i < len; i += used) {
		used = strict_run_next(&fp->chunks, s, &s->frags[i], n == 1 ? 1 : len - i, &run);
		twice = 1;
		if (likely(run.page != NULL)) {
			line_prefetch_write(run.page);
			twice = run.mask &
					atomic_fetch_or_explicit(&run.page->out, run.mask,
							memory_order_relaxed);
		}
		if (unlikely(twice != 0)) {
			mark_out_undo(fp, s, n, i, used, twice);
			return false;
		}
	}
	return true;
}

/* Mark fragments, the newest n of the cache, as handed out. False when one of them is in two
 * places: none is marked then, and the cache is smaller.
 */
bool
slot_mark_out(struct frag_pool *fp, struct frag_slot *s, uint32_t n)
{
	/* compiled twice: nothing of a run is left for one */
	return n == 1 ? mark_out(fp, s, 1) : mark_out(fp, s, n);
}

/* Some pointers of a run are not handed out: pass on the others. Returns how many. */
static __rte_cold uint32_t
mark_in_rest(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t used,
		const struct frag_page *page, uint64_t bad, void **to, const void *caller)
{
	struct frag_run one;
	uint32_t j, good = 0;

	if (page == NULL) {
		slot_refuse(fp, s, frags[0], NULL, "it is no fragment of this pool", caller);
		return 0;
	}
	slot_refuse_mask(fp, s, page, bad, "it is not handed out", caller);
	for (j = 0; j < used; j++) {
		frag_run_next(&fp->chunks, &frags[j], 1, &one);
		if ((one.mask & bad) == 0)
			to[good++] = frags[j];
	}
	return good;
}

static __rte_always_inline uint32_t
mark_in(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n, void **to,
		const void *caller)
{
	uint32_t i, used, good = 0;
	struct frag_run run;
	uint64_t bad;

	for (i = 0; i < n; i += used) {
		used = strict_run_next(&fp->chunks, s, &frags[i], n - i, &run);
		bad = 1;
		if (likely(run.page != NULL)) {
			line_prefetch_write(run.page);
			bad = run.mask &
					~atomic_fetch_and_explicit(&run.page->out, ~run.mask,
							memory_order_relaxed);
		}
		if (unlikely(bad != 0)) {
			good += mark_in_rest(fp, s, &frags[i], used, run.page, bad, &to[good],
					caller);
			continue;
		}
		if (likely(used <= FRAG_FEW))
			copy_few(&to[good], &frags[i], used);
		else
			memcpy(&to[good], &frags[i], used * sizeof(*to));
		good += used;
	}
	return good;
}

/* Pass on the pointers that are handed out, unmarked, refuse the others. Returns how many are
 * good; they are written to `to`.
 */
uint32_t
slot_mark_in(struct frag_pool *fp, struct frag_slot *s, void *const *frags, uint32_t n, void **to,
		const void *caller)
{
	return n == 1 ? mark_in(fp, s, frags, 1, to, caller) : mark_in(fp, s, frags, n, to, caller);
}

/* Enter the thread's own slot; true if there is anything to consider before that. */
static __rte_always_inline bool
slot_enter_strict(struct frag_pool *fp, struct frag_slot *s)
{
	atomic_store_explicit(&s->inside, 1, memory_order_relaxed);
	pp_light_fence();
	/* CLAIM.A, as in slot_enter() */
	if (likely((atomic_load_explicit(&s->wanted, memory_order_acquire) |
				   atomic_load_explicit(&fp->pressure, memory_order_relaxed) |
				   atomic_load_explicit(&fp->audit_due, memory_order_relaxed)) ==
			    0))
		return false;
	slot_leave(s);
	return true;
}

/* The page of one fragment, if it is the one looked up last, and its bit; or NULL. */
static __rte_always_inline struct frag_page *
strict_page_last(const struct chunk_provider *cp, const struct frag_slot *s, const void *frag,
		uint32_t *bit)
{
	uint64_t off = (uintptr_t)frag - s->last_lo;

	if (unlikely(off >= s->last_span))
		return NULL;
	*bit = (uint32_t)div_by(off, cp->frag_recip);
	return likely(*bit * cp->frag_size == off) ? s->last_page : NULL;
}

/* Step 1 of one fragment, whose page is the last one. The mark is as it was if that fails. */
static __rte_always_inline bool
mark_out_one(struct frag_pool *fp, struct frag_slot *s, const void *frag)
{
	uint32_t bit;
	struct frag_page *page = strict_page_last(&fp->chunks, s, frag, &bit);

	return likely(page != NULL) &&
			likely((atomic_fetch_or_explicit(&page->out, UINT64_C(1) << bit,
						memory_order_relaxed) &
					       UINT64_C(1) << bit) == 0);
}

/* Step 5, likewise. */
static __rte_always_inline bool
mark_in_one(struct frag_pool *fp, struct frag_slot *s, const void *frag)
{
	uint32_t bit;
	struct frag_page *page = strict_page_last(&fp->chunks, s, frag, &bit);

	return likely(page != NULL) &&
			likely((atomic_fetch_and_explicit(&page->out, ~(UINT64_C(1) << bit),
						memory_order_relaxed) &
					       UINT64_C(1) << bit) != 0);
}

/* More than one fragment, or one of another page than the last one; inside of the slot, which this
 * leaves.
 */
static __rte_noinline int
get_strict_many(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n)
{
	uint64_t len = slot_ctl(s);

	if (unlikely(!slot_mark_out(fp, s, n)))
		return frag_get_miss(fp, s, frags, n);
	len -= n;
	/* not by frag_get_many(), whose memcpy() makes few a tenth slower */
	if (likely(n <= FRAG_FEW))
		copy_few(frags, &s->frags[len], n);
	else
		memcpy(frags, &s->frags[len], n * sizeof(*frags));
	stat_add(&s->gets, n);
	slot_set_ctl(s, len);
	slot_leave(s);
	return 0;
}

static __rte_noinline int
put_strict_many(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller)
{
	uint64_t len = slot_ctl(s);
	uint32_t good = slot_mark_in(fp, s, frags, n, &s->frags[len], caller);

	slot_set_ctl(s, len + good);
	slot_count_puts(s, good);
	slot_leave(s);
	return likely(good == n) ? 0 : -EINVAL;
}

/* Strict mode's steps 1 and 5. s: slot_last_strict(fp) */
int
frag_get_strict(struct frag_pool *fp, struct frag_slot *s, void **frags, unsigned int n)
{
	uint64_t len;

	if (unlikely(slot_enter_strict(fp, s)))
		return frag_get_slow(fp, frags, n);
	len = slot_ctl(s);
	if (unlikely(len < n))
		return frag_get_miss(fp, s, frags, n);
	len--;
	if (n != 1 || unlikely(!mark_out_one(fp, s, s->frags[len])))
		return get_strict_many(fp, s, frags, n);
	frags[0] = s->frags[len];
	stat_add(&s->gets, 1);
	slot_set_ctl(s, len);
	slot_leave(s);
	return 0;
}

int
frag_put_strict(struct frag_pool *fp, struct frag_slot *s, void *const *frags, unsigned int n,
		const void *caller)
{
	uint64_t len;

	if (unlikely(slot_enter_strict(fp, s)))
		return frag_put_slow(fp, frags, n, caller);
	len = slot_ctl(s);
	if (unlikely(len + n > s->limit))
		return frag_put_overflow(fp, s, frags, n, caller);
	if (n != 1 || unlikely(!mark_in_one(fp, s, frags[0])))
		return put_strict_many(fp, s, frags, n, caller);
	s->frags[len] = frags[0];
	slot_set_ctl(s, len + 1);
	slot_count_puts(s, 1);
	slot_leave(s);
	return 0;
}

/* Strict mode, page in hand: a fragment that is free in it and marked as handed out is in two
 * places. It is withheld. Legal frees clear the mark first, so what turns up later is sound.
 */
void
page_withhold(struct frag_pool *fp, struct frag_slot *s, struct frag_page *page)
{
	uint64_t twice = atomic_load_explicit(&page->word, memory_order_relaxed) & PAGE_FREE &
			atomic_load_explicit(&page->out, memory_order_relaxed);

	if (likely(twice == 0))
		return;
	atomic_fetch_and_explicit(&page->word, ~twice, memory_order_relaxed);
	stat_add(&s->corrupt, (uint64_t)__builtin_popcountll(twice));
	atomic_fetch_add_explicit(&fp->lost, (uint32_t)__builtin_popcountll(twice),
			memory_order_relaxed);
	PP_LOG_LIMITED(CRIT,
			"pool %s: page %u at %p: fragments %#" PRIx64
			" are free and handed out: withheld",
			fp->name, page->id, (void *)page->lo, twice);
}

void
slot_refuse(struct frag_pool *fp, struct frag_slot *s, const void *frag,
		const struct frag_page *page, const char *why, const void *caller)
{
	stat_add(&s->refused, 1);
	if (page == NULL)
		PP_LOG_LIMITED(ERR,
				"pool %s: put of %p refused, %s; thread %u of process %u, "
				"called from %p",
				fp->name, frag, why, PP_IDENT_TID(pp_self.ident),
				PP_IDENT_PID(pp_self.ident), caller);
	else
		PP_LOG_LIMITED(ERR,
				"pool %s: put of %p refused, %s; page %u at %p, frag %zu; "
				"thread %u of process %u, called from %p",
				fp->name, frag, why, page->id, (void *)page->lo,
				((uintptr_t)frag - page->lo) / page->ext->frag_size,
				PP_IDENT_TID(pp_self.ident), PP_IDENT_PID(pp_self.ident), caller);
}

/* Report each fragment of a mask. */
void
slot_refuse_mask(struct frag_pool *fp, struct frag_slot *s, const struct frag_page *page,
		uint64_t mask, const char *why, const void *caller)
{
	for (; mask != 0; mask &= mask - 1)
		slot_refuse(fp, s, page_frag_addr(page, (uint32_t)__builtin_ctzll(mask)), page, why,
				caller);
}
