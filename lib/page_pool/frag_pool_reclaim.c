/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * frag_pool, whose slot it is: finding a slot to work in, and emptying those of others (step 4).
 *
 * slot_acquire() ends with exclusive access to some slot, the thread's own if at all possible.
 * Reclaim is what a get does when free fragments exist, the slots' counters say so, but none lies
 * where all can take it: one thread at a time (`reclaim`) claims the other slots, makes one heavy
 * fence for all of them, and empties each into shared lists once its owner is outside. It never
 * carries fragments itself, so whoever comes by meanwhile can take them, and it hands the slots
 * back one by one. While the pool is nearly empty (*pressure*) slots cache nothing: then nothing
 * hides, and nothing need be reclaimed.
 *
 * All waiting is in this file. Who waits holds no slot. A wait for a dead thread ends with taking
 * over what it claimed; a slot that was being worked in is repaired then.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "frag_pool_private.h"
#include "pp_log.h"

/* Rounds without anybody's traffic after which a reclaim doubts the counters. */
#define RECLAIM_CALM 64

/* Strict mode: what is in a dead thread's cache it has not handed out, though it may have been
 * about to: marks are set before a fragment leaves the cache. They are cleared before anybody else
 * can get it, who would find it in two places.
 */
static void
slot_unmark(struct frag_pool *fp, struct frag_slot *s)
{
	uint64_t ctl = slot_ctl(s);
	uint32_t i, used;
	struct frag_run run;

	for (i = CTL_POS(ctl); i < CTL_LEN(ctl); i += used) {
		used = frag_run_next(&fp->chunks, &s->frags[i], CTL_LEN(ctl) - i, &run);
		/* relaxed: see frag_pool_strict.c */
		if (run.page != NULL)
			atomic_fetch_and_explicit(&run.page->out, ~run.mask, memory_order_relaxed);
	}
}

/* A slot whose last user died inside of it. pre: exclusive access.
 *
 * What is in its cache is there still. What was between two places may have left or arrived, and
 * guessing wrong would hand it out twice: an audit, in which nothing moves, finds out.
 */
static void
slot_repair(struct frag_pool *fp, struct frag_slot *s, uint64_t dead)
{
	uint64_t ctl = slot_ctl(s);

	PP_LOG(WARNING,
			"pool %s: thread %u of process %u died inside slot %u, which cached %u "
			"fragments",
			fp->name, PP_IDENT_TID(dead), PP_IDENT_PID(dead), s->id,
			CTL_LEN(ctl) - CTL_POS(ctl));
	atomic_fetch_add_explicit(&fp->takeovers, 1, memory_order_relaxed);
	s->orphan = PP_IDENT_NONE;
	/* pages it had marked and not listed yet: the audit lists them */
	s->carry_first = 0;
	s->carry_nr = 0;
	/* perhaps half written */
	s->last_span = 0;
	if ((s->flags & SLOT_F_STRICT) != 0)
		slot_unmark(fp, s);
	slot_empty(fp, s);
	/* relaxed: the claim's release (CLAIM.R) publishes both */
	atomic_store_explicit(&fp->audit_due, 1, memory_order_relaxed);
	atomic_store_explicit(&s->inside, 0, memory_order_relaxed);
}

/* Take a claim. Waits for a live holder; returns the identity of a dead one it was taken from. */
static uint64_t
claim_take(_Atomic(uint64_t) *claim)
{
	uint64_t holder = PP_IDENT_NONE;
	uint32_t step = 0;

	for (;;) {
		/* CLAIM.A: what the last holder did (CLAIM.R) is seen */
		if (atomic_compare_exchange_strong_explicit(claim, &holder, pp_self.ident,
				    memory_order_acquire, memory_order_relaxed))
			return PP_IDENT_NONE;
		if (pp_wait_step(&step) && !pp_ident_alive(holder) &&
				atomic_compare_exchange_strong_explicit(claim, &holder,
						pp_self.ident, memory_order_acquire,
						memory_order_relaxed))
			return holder;
		holder = PP_IDENT_NONE;
	}
}

static void reclaim_audit(struct frag_pool *fp);

static inline void
claim_drop(_Atomic(uint64_t) *claim)
{
	/* CLAIM.R */
	atomic_store_explicit(claim, PP_IDENT_NONE, memory_order_release);
}

/* Wait until the owner of a claimed slot is outside. pre: claimed, and fenced since. If a thief
 * died with an earlier claim, only now is it certain that nobody else is in there.
 */
static void
slot_wait_outside(struct frag_pool *fp, struct frag_slot *s)
{
	uint64_t owner = atomic_load_explicit(&s->owner, memory_order_relaxed);
	uint32_t step = 0;

	/* SLOT.A: pairs with SLOT.R in slot_leave() */
	while (atomic_load_explicit(&s->inside, memory_order_acquire) != 0)
		if (pp_wait_step(&step) && !pp_ident_alive(owner) &&
				atomic_load_explicit(&s->inside, memory_order_acquire) != 0)
			slot_repair(fp, s, owner);
	if (s->orphan != PP_IDENT_NONE)
		slot_repair(fp, s, s->orphan);
}

/* The thread becomes the owner of the slot that bears its id: made just now, or left by a thread
 * that had the id before. False while the world is stopped.
 */
static bool
slot_adopt(struct frag_pool *fp, struct frag_slot *s)
{
	uint64_t dead = claim_take(&s->wanted);

	/* FREEZE.B: either the freezer's walk meets this slot, or this sees that it is frozen */
	atomic_thread_fence(memory_order_seq_cst);
	/* FROZEN.A: what was done while the world was stopped is seen, though the walk may not have
	 * met this slot
	 */
	if (atomic_load_explicit(&fp->frozen, memory_order_acquire) != 0) {
		if (dead != PP_IDENT_NONE)
			s->orphan = dead;
		claim_drop(&s->wanted);
		return false;
	}
	if (dead == PP_IDENT_NONE)
		dead = s->orphan;
	/* relaxed: its last owner is dead (REG.A) */
	if (dead == PP_IDENT_NONE && atomic_load_explicit(&s->inside, memory_order_relaxed) != 0)
		dead = atomic_load_explicit(&s->owner, memory_order_relaxed);
	if (dead != PP_IDENT_NONE)
		slot_repair(fp, s, dead);
	if (pp_self.fence != 0 || (fp->flags & FRAG_POOL_F_FENCE) != 0)
		s->flags |= SLOT_F_FENCE;
	else
		s->flags &= ~(uint32_t)SLOT_F_FENCE;
	s->limit = fp->cache_size;
	/* relaxed: CLAIM.R below publishes it to thieves; nobody else is this id's thread */
	atomic_store_explicit(&s->owner, pp_self.ident, memory_order_relaxed);
	atomic_store_explicit(&s->fast, s->flags == 0 ? pp_self.ident : PP_IDENT_NOBODY,
			memory_order_relaxed);
	claim_drop(&s->wanted);
	return true;
}

/* The thread's own slot, which it owns when this returns, or NULL when it has none. */
static struct frag_slot *
slot_own(struct frag_pool *fp)
{
	struct frag_slot *s;

	if (unlikely(pp_self.ident == PP_IDENT_NONE))
		pp_thread_register(fp->registry);
	if (unlikely(pp_self.id == 0))
		return NULL;
	s = slot_of(fp, pp_self.id);
	if (unlikely(s == fp->nobody)) {
		s = slot_make(fp, pp_self.id);
		if (s == NULL)
			return NULL;
	}
	if (unlikely(atomic_load_explicit(&s->owner, memory_order_relaxed) != pp_self.ident) &&
			!slot_adopt(fp, s))
		return NULL;
	return s;
}

/* One of the slots that all share: any that is not claimed. */
static struct frag_slot *
slot_acquire_shared(struct frag_pool *fp)
{
	uint32_t i = PP_IDENT_TID(pp_self.ident), tries = 0, step = 0;
	struct frag_slot *s;
	uint64_t holder;

	for (;; i++) {
		s = slot_of(fp, PP_PARTICIPANTS + i % FRAG_POOL_SHARED_SLOTS);
		holder = PP_IDENT_NONE;
		/* CLAIM.A */
		if (atomic_compare_exchange_strong_explicit(&s->wanted, &holder, pp_self.ident,
				    memory_order_acquire, memory_order_relaxed))
			break;
		if (++tries % FRAG_POOL_SHARED_SLOTS != 0)
			continue;
		/* all of them: wait, unless this one's user is dead (CLAIM.A) */
		if (pp_wait_step(&step) && !pp_ident_alive(holder) &&
				atomic_compare_exchange_strong_explicit(&s->wanted, &holder,
						pp_self.ident, memory_order_acquire,
						memory_order_relaxed)) {
			slot_repair(fp, s, holder);
			break;
		}
	}
	/* who repairs this slot wants to know who died in it */
	atomic_store_explicit(&s->owner, pp_self.ident, memory_order_relaxed);
	return s;
}

/* A thief sits in the thread's slot for so long that it might be dead. */
static void
slot_evict_dead_thief(struct frag_pool *fp, struct frag_slot *s)
{
	static _Thread_local uint32_t detours;
	uint64_t holder;

	if (++detours % 256 != 0)
		return;
	holder = atomic_load_explicit(&s->wanted, memory_order_relaxed);
	/* CLAIM.A */
	if (holder == PP_IDENT_NONE || pp_ident_alive(holder) ||
			!atomic_compare_exchange_strong_explicit(&s->wanted, &holder, pp_self.ident,
					memory_order_acquire, memory_order_relaxed))
		return;
	slot_repair(fp, s, holder);
	claim_drop(&s->wanted);
}

/* Audit now, if nobody else is at it. pre: not inside of any slot. */
static void
audit_try(struct frag_pool *fp)
{
	uint64_t none = PP_IDENT_NONE;

	/* CLAIM.A */
	if (!atomic_compare_exchange_strong_explicit(&fp->reclaim, &none, pp_self.ident,
			    memory_order_acquire, memory_order_relaxed))
		return;
	reclaim_audit(fp);
	claim_drop(&fp->reclaim);
}

struct frag_slot *
slot_acquire(struct frag_pool *fp)
{
	struct frag_slot *s = slot_own(fp);

	/* relaxed: a hint; whoever died is found again by who needs to know */
	if (unlikely(atomic_load_explicit(&fp->audit_due, memory_order_relaxed) != 0))
		audit_try(fp);
	if (unlikely(s == NULL))
		return slot_acquire_shared(fp);
	atomic_store_explicit(&s->inside, 1, memory_order_relaxed);
	/* FENCE.L, or all of the fence */
	if ((s->flags & SLOT_F_FENCE) != 0)
		atomic_thread_fence(memory_order_seq_cst);
	else
		pp_light_fence();
	/* CLAIM.A */
	if (likely(atomic_load_explicit(&s->wanted, memory_order_acquire) == PP_IDENT_NONE))
		return s;
	/* claimed: touch nothing of it and go the shared way */
	slot_leave(s);
	atomic_fetch_add_explicit(&fp->detours, 1, memory_order_relaxed);
	slot_evict_dead_thief(fp, s);
	return slot_acquire_shared(fp);
}

void
slot_release(struct frag_slot *s)
{
	if (likely((s->flags & SLOT_F_SHARED) == 0)) {
		slot_leave(s);
		return;
	}
	/* SLOT.R, as in slot_leave(): counters before anything the caller writes next */
	atomic_thread_fence(memory_order_release);
	claim_drop(&s->wanted);
}

/* Nothing to find there, unless its owner is at work just now. */
static bool
slot_looks_empty(const struct frag_slot *s)
{
	return slot_ctl(s) == 0 && hint_get(&s->pages.cache_len) == 0 &&
			page_list_empty(&s->hoard) && batch_list_empty(&s->batches) &&
			hint_get(&s->spare) == 0 &&
			atomic_load_explicit(&s->wanted, memory_order_relaxed) == PP_IDENT_NONE &&
			atomic_load_explicit(&s->inside, memory_order_relaxed) == 0;
}

static inline void
slot_set_add(struct slot_set *set, uint32_t id)
{
	set->bit[id / 64] |= UINT64_C(1) << (id % 64);
}

static inline bool
slot_set_has(const struct slot_set *set, uint32_t id)
{
	return (set->bit[id / 64] & (UINT64_C(1) << (id % 64))) != 0;
}

/* Slots to work on: all, or those that nobody used since the last time. pre: holds `reclaim`. */
static void
slots_choose(struct frag_pool *fp, struct slot_set *chosen, bool idle_only)
{
	struct frag_slot *s;
	uint64_t used;
	uint32_t id;

	memset(chosen, 0, sizeof(*chosen));
	SLOT_FOREACH(fp, id, s) {
		used = atomic_load_explicit(&s->gets, memory_order_relaxed) +
				atomic_load_explicit(&s->puts, memory_order_relaxed);
		if (!idle_only || used == s->idle_seen)
			slot_set_add(chosen, id);
		if (idle_only)
			s->idle_seen = used;
	}
}

/* Claim those of participants' slots that were chosen, and make sure that their owners are
 * outside, or will see the claim.
 */
static void
slots_claim(struct frag_pool *fp, const struct slot_set *chosen, struct slot_set *claimed,
		bool thorough)
{
	bool fence = false, foreign = false;
	struct frag_slot *s;
	uint64_t owner, dead;
	uint32_t id;

	memset(claimed, 0, sizeof(*claimed));
	SLOT_FOREACH(fp, id, s) {
		if (id >= PP_PARTICIPANTS)
			break;
		if (!slot_set_has(chosen, id) || (!thorough && slot_looks_empty(s)))
			continue;
		dead = claim_take(&s->wanted);
		if (dead != PP_IDENT_NONE)
			s->orphan = dead; /* for slot_wait_outside(): its owner may be inside */
		slot_set_add(claimed, id);
		owner = atomic_load_explicit(&s->owner, memory_order_relaxed);
		if (owner == pp_self.ident || (s->flags & SLOT_F_FENCE) != 0)
			continue;
		fence = true;
		if (PP_IDENT_PID(owner) != PP_IDENT_PID(pp_self.ident))
			foreign = true;
	}
	/* FENCE.H, or its half where owners fence themselves */
	if (fence)
		pp_heavy_fence(foreign);
	else
		atomic_thread_fence(memory_order_seq_cst);
}

/* Empty slots into the shared lists. */
static void
slots_empty(struct frag_pool *fp, const struct slot_set *chosen, bool thorough)
{
	struct slot_set claimed;
	struct frag_slot *s;
	uint64_t dead;
	uint32_t id;

	slots_claim(fp, chosen, &claimed, thorough);
	SLOT_FOREACH(fp, id, s) {
		if (id < PP_PARTICIPANTS) {
			if (!slot_set_has(&claimed, id))
				continue;
			slot_wait_outside(fp, s);
		} else {
			if (!slot_set_has(chosen, id) || (!thorough && slot_looks_empty(s)))
				continue;
			dead = claim_take(&s->wanted);
			if (dead != PP_IDENT_NONE)
				slot_repair(fp, s, dead);
		}
		slot_empty(fp, s);
		stat_add(&s->robbed, 1);
		claim_drop(&s->wanted);
	}
}

/* Claim `reclaim`; who died with it may have had a page in hand, or half a chunk added. */
void
frag_pool_reclaim_take(struct frag_pool *fp)
{
	pp_thread_register(fp->registry);
	if (claim_take(&fp->reclaim) != PP_IDENT_NONE) {
		atomic_fetch_add_explicit(&fp->takeovers, 1, memory_order_relaxed);
		atomic_store_explicit(&fp->audit_due, 1, memory_order_relaxed);
		reclaim_audit(fp);
	}
}

void
frag_pool_reclaim_drop(struct frag_pool *fp)
{
	claim_drop(&fp->reclaim);
}

/* pre: holds `reclaim`. */
static void
world_stop(struct frag_pool *fp, struct slot_set *claimed)
{
	struct slot_set chosen;
	struct frag_slot *s;
	uint64_t dead;
	uint32_t id;

	/* FREEZE.A: nobody adopts a slot that this walk does not meet (FREEZE.B) */
	atomic_store_explicit(&fp->frozen, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	slots_choose(fp, &chosen, false);
	slots_claim(fp, &chosen, claimed, true);
	SLOT_FOREACH(fp, id, s) {
		if (id < PP_PARTICIPANTS) {
			if (slot_set_has(claimed, id))
				slot_wait_outside(fp, s);
			continue;
		}
		dead = claim_take(&s->wanted);
		if (dead != PP_IDENT_NONE)
			slot_repair(fp, s, dead);
		slot_set_add(claimed, id);
	}
}

static void
world_start(struct frag_pool *fp, const struct slot_set *claimed)
{
	struct frag_slot *s;
	uint32_t id;

	/* FROZEN.R */
	atomic_store_explicit(&fp->frozen, 0, memory_order_release);
	SLOT_FOREACH(fp, id, s)
		if (slot_set_has(claimed, id))
			claim_drop(&s->wanted);
}

/* Set one page right, all slots being empty and all lists forgotten. Returns its free fragments. */
static uint64_t
audit_page(struct frag_pool *fp, struct frag_page *page)
{
	uint64_t word = atomic_load_explicit(&page->word, memory_order_relaxed), bits;

	bits = word & page->full;
	if ((fp->flags & FRAG_POOL_F_STRICT) != 0) {
		/* marked out, but they never left; neither free nor out: they died on the way */
		atomic_fetch_and_explicit(&page->out, ~bits, memory_order_relaxed);
		bits |= page->full & ~atomic_load_explicit(&page->out, memory_order_relaxed);
	}
	word = bits | (word & PAGE_CLOSED) | (bits != 0 ? PAGE_QUEUED : 0);
	/* relaxed: published by the lists (LIST.R) and claims (CLAIM.R) */
	atomic_store_explicit(&page->word, word, memory_order_relaxed);
	if (bits == page->full)
		provider_ops(&fp->chunks.provider)->release_page(&fp->chunks.provider, page);
	else if (bits != 0)
		page_list_push(&fp->partial, page);
	return bits;
}

/* Make the counters say what an audit found. */
static void
audit_counts(struct frag_pool *fp, uint32_t populated, int64_t free_frags, int64_t nr_out)
{
	int64_t missing, lost;

	/* chunks are added by who holds `reclaim`: it may be the one who died */
	atomic_store_explicit(&fp->populated, populated, memory_order_relaxed);
	atomic_store_explicit(&fp->populated_high, populated, memory_order_relaxed);
	if ((fp->flags & FRAG_POOL_F_STRICT) != 0) {
		/* what is neither free nor marked is withheld, or was by an earlier audit */
		lost = (int64_t)populated - free_frags - nr_out;
		atomic_store_explicit(&fp->lost, (uint32_t)RTE_MAX(lost, INT64_C(0)),
				memory_order_relaxed);
	} else {
		/* counted as free and nowhere: lost; there and not counted: put and not counted
		 * yet, or counted as got and never left
		 */
		missing = frag_pool_count_low(fp) - free_frags;
		/* what an earlier audit wrote off may have turned up */
		missing = RTE_MAX(missing,
				-(int64_t)atomic_load_explicit(&fp->lost, memory_order_relaxed));
		atomic_fetch_add_explicit(&fp->lost, (uint32_t)missing, memory_order_relaxed);
	}
	atomic_fetch_sub_explicit(&fp->credit, frag_pool_count_low(fp) - free_frags,
			memory_order_relaxed);
}

/*
 * A thread died somewhere in the pool: find out what became of what it was moving. pre: holds
 * `reclaim`. With the world stopped and all caches emptied, the pages' words say what is free;
 * lists are made anew from them, and the counts are corrected by what is found. In strict mode
 * the marks also tell which fragments died on the way, and they are free again.
 */
static void
reclaim_audit(struct frag_pool *fp)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	struct slot_set claimed;
	struct frag_page *page;
	int64_t free_frags = 0, nr_out = 0, whole = 0;
	uint32_t id, fresh, end, before, lost, populated = 0;
	struct frag_slot *s;
	uint64_t bits;

	if (likely(atomic_load_explicit(&fp->audit_due, memory_order_relaxed) == 0))
		return;
	world_stop(fp, &claimed);
	atomic_store_explicit(&fp->audit_due, 0, memory_order_relaxed);
	SLOT_FOREACH(fp, id, s) {
		slot_empty(fp, s);
		s->last_span = 0;
		page_list_reset(&s->pages.ring);
		page_list_reset(&s->hoard);
		whole -= atomic_load_explicit(&s->whole, memory_order_relaxed);
	}
	frag_pool_reset_batches(fp);
	page_list_reset(&fp->partial);
	page_list_reset(&fp->aside);
	page_list_reset(&fp->chunks.whole);
	chunk_provider_mend(&fp->chunks);
	fresh = atomic_load_explicit(&fp->chunks.fresh_next, memory_order_relaxed);
	end = page_dir_used(dir);
	for (id = 1; id <= end; id++) {
		page = page_of(dir, id);
		bits = id <= fresh ? audit_page(fp, page) : page->full;
		populated += page->nr_frags;
		free_frags += __builtin_popcountll(bits);
		whole += bits == page->full;
		nr_out += __builtin_popcountll(
				atomic_load_explicit(&page->out, memory_order_relaxed));
	}
	atomic_store_explicit(&fp->whole, whole, memory_order_relaxed);
	before = atomic_load_explicit(&fp->lost, memory_order_relaxed);
	audit_counts(fp, populated, free_frags, nr_out);
	world_start(fp, &claimed);
	lost = atomic_load_explicit(&fp->lost, memory_order_relaxed);
	PP_LOG(WARNING, "pool %s: audit after a death: %u fragments lost, %u in all", fp->name,
			lost - RTE_MIN(lost, before), lost);
}

void
frag_pool_freeze(struct frag_pool *fp, struct slot_set *claimed)
{
	frag_pool_reclaim_take(fp);
	world_stop(fp, claimed);
	/* stopping finds who died */
	while (atomic_load_explicit(&fp->audit_due, memory_order_relaxed) != 0) {
		world_start(fp, claimed);
		reclaim_audit(fp);
		world_stop(fp, claimed);
	}
}

void
frag_pool_thaw(struct frag_pool *fp, const struct slot_set *claimed)
{
	world_start(fp, claimed);
	claim_drop(&fp->reclaim);
}

/* Sum of all traffic, to see whether anybody does anything. */
static uint64_t
frag_pool_traffic(const struct frag_pool *fp)
{
	struct frag_slot *s;
	uint64_t sum = 0;
	uint32_t id;

	SLOT_FOREACH(fp, id, s)
		sum += atomic_load_explicit(&s->gets, memory_order_relaxed) +
				atomic_load_explicit(&s->puts, memory_order_relaxed);
	return sum;
}

/*
 * pre: this thread holds `reclaim`.
 *
 * Ends with success, or once fewer than n were free. It goes on as long as others take what it digs
 * up, since then they succeed. When nobody does anything, and thorough searches still find fewer
 * than the counters say, a death went unnoticed: an audit corrects them.
 */
static int
reclaim_get(struct frag_pool *fp, void **frags, uint32_t n)
{
	bool large = n > fp->room;
	uint64_t traffic = 0, now;
	uint32_t round, calm = 0;
	struct slot_set all;
	struct frag_slot *s;
	int rc;

	for (round = 0;; round++) {
		if (!large || round > 0) {
			slots_choose(fp, &all, false);
			slots_empty(fp, &all, round > 0);
		}
		/* emptying finds who died */
		reclaim_audit(fp);
		s = slot_acquire(fp);
		rc = large ? slot_get_large(fp, s, frags, n) : slot_get(fp, s, frags, n);
		slot_release(s);
		if (rc == 0 || frag_pool_count_high(fp) < (int64_t)n)
			return rc;
		now = frag_pool_traffic(fp);
		calm = now == traffic ? calm + 1 : 0;
		traffic = now;
		if (calm == RECLAIM_CALM)
			atomic_store_explicit(&fp->audit_due, 1, memory_order_relaxed);
		if (calm > RECLAIM_CALM) {
			if (frag_pool_count_low(fp) < (int64_t)n)
				return rc;
			calm = 0;
		}
		sched_yield();
	}
}

static void
pressure_look(struct frag_pool *fp)
{
	int64_t count = frag_pool_count_low(fp);

	if (count < (int64_t)fp->low_water)
		atomic_store_explicit(&fp->pressure, 1, memory_order_relaxed);
}

void
frag_pool_leave_pressure(struct frag_pool *fp)
{
	/* twice the mark: entering and leaving must not alternate */
	if (atomic_load_explicit(&fp->pressure, memory_order_relaxed) != 0 &&
			frag_pool_count_low(fp) > (int64_t)RTE_MIN(2 * fp->low_water, fp->size - 1))
		atomic_store_explicit(&fp->pressure, 0, memory_order_relaxed);
}

/* A thread that died in the middle of a get may have counted fragments that it never took. So
 * before a get fails: is anybody inside of a slot, and was at the last fails, with no traffic
 * since? Only then is it worth a system call.
 */
static bool
somebody_died(struct frag_pool *fp)
{
	struct frag_slot *s;
	uint64_t used, who;
	uint32_t id;

	SLOT_FOREACH(fp, id, s) {
		who = atomic_load_explicit(&s->wanted, memory_order_relaxed);
		if (id < PP_PARTICIPANTS) {
			if (atomic_load_explicit(&s->inside, memory_order_relaxed) == 0)
				continue;
			who = atomic_load_explicit(&s->owner, memory_order_relaxed);
		} else if (who == PP_IDENT_NONE) {
			continue;
		}
		used = atomic_load_explicit(&s->gets, memory_order_relaxed) +
				atomic_load_explicit(&s->puts, memory_order_relaxed);
		if (atomic_exchange_explicit(&s->stuck_seen, used, memory_order_relaxed) != used)
			continue;
		/* relaxed: only a brake on the system call */
		if (atomic_fetch_add_explicit(&s->stuck, 1, memory_order_relaxed) % 16 == 15 &&
				!pp_ident_alive(who))
			return true;
	}
	return false;
}

/* Step 4: nothing in reach. Know the count first: when fewer than n are free, fail at once. */
int
frag_pool_reclaim_get(struct frag_pool *fp, void **frags, uint32_t n)
{
	uint64_t holder;
	uint32_t step = 0;
	bool mine;
	int rc;

	for (;;) {
		if (frag_pool_count_high(fp) < (int64_t)n && !somebody_died(fp)) {
			atomic_fetch_add_explicit(&fp->get_fails, 1, memory_order_relaxed);
			return -ENOBUFS;
		}
		holder = PP_IDENT_NONE;
		/* CLAIM.A */
		mine = atomic_compare_exchange_strong_explicit(&fp->reclaim, &holder, pp_self.ident,
				memory_order_acquire, memory_order_relaxed);
		if (!mine && pp_wait_step(&step) && !pp_ident_alive(holder)) {
			mine = atomic_compare_exchange_strong_explicit(&fp->reclaim, &holder,
					pp_self.ident, memory_order_acquire, memory_order_relaxed);
			if (mine)
				atomic_store_explicit(&fp->audit_due, 1, memory_order_relaxed);
		}
		if (mine)
			break;
		/* Somebody is digging: wait, and take nothing meanwhile. Threads that each hold a
		 * part of what another needs would rob each other forever.
		 */
	}
	atomic_fetch_add_explicit(&fp->reclaims, 1, memory_order_relaxed);
	rc = reclaim_get(fp, frags, n);
	pressure_look(fp);
	claim_drop(&fp->reclaim);
	if (rc != 0)
		atomic_fetch_add_explicit(&fp->get_fails, 1, memory_order_relaxed);
	return rc;
}

/* Whole pages to the provider, others to `to`. */
static void
list_sort(struct frag_pool *fp, struct page_list *from, struct page_list *to)
{
	struct page_dir *dir = &fp->chunks.provider.dir;
	struct page_pool_provider *p = &fp->chunks.provider;
	struct frag_page *page;
	uint32_t i;

	/* others keep returning pages: as many turns as there are pages are enough */
	for (i = 0; i < page_dir_used(dir) && (page = page_list_pop(from, dir)) != NULL; i++) {
		/* relaxed: in hand, the bits can only grow */
		if ((atomic_load_explicit(&page->word, memory_order_relaxed) & PAGE_FREE) ==
				page->full)
			provider_ops(p)->release_page(p, page);
		else
			page_list_push(to, page);
	}
}

unsigned int
frag_pool_trim(struct frag_pool *fp, bool idle_only)
{
	struct frag_pool_stats stats;
	struct slot_set chosen;
	struct frag_slot *s;
	uint32_t id;

	frag_pool_reclaim_take(fp);
	slots_choose(fp, &chosen, idle_only);
	slots_empty(fp, &chosen, !idle_only);
	reclaim_audit(fp);
	/* the ring of a busy slot is warm: an idle trim leaves it alone */
	SLOT_FOREACH(fp, id, s)
		if (slot_set_has(&chosen, id))
			list_sort(fp, &s->pages.ring, &fp->aside);
	list_sort(fp, &fp->partial, &fp->aside);
	list_sort(fp, &fp->aside, &fp->partial);
	claim_drop(&fp->reclaim);
	frag_pool_get_stats(fp, &stats);
	return stats.whole_pages;
}

void
frag_pool_forget_chunks(struct frag_pool *fp)
{
	uint64_t gets = 0, puts = 0;
	struct slot_set claimed;
	struct frag_slot *s;
	uint32_t id;

	frag_pool_reclaim_take(fp);
	world_stop(fp, &claimed);
	SLOT_FOREACH(fp, id, s) {
		/* a slot made meanwhile is not adopted yet and has nothing */
		if (!slot_set_has(&claimed, id))
			continue;
		slot_set_ctl(s, 0);
		hint_set(&s->pages.cache_len, 0);
		s->last_span = 0;
		page_list_reset(&s->hoard);
		page_list_reset(&s->pages.ring);
		atomic_store_explicit(&s->whole, 0, memory_order_relaxed);
		gets += atomic_load_explicit(&s->gets, memory_order_relaxed);
		puts += atomic_load_explicit(&s->puts, memory_order_relaxed);
	}
	frag_pool_reset_batches(fp);
	page_list_reset(&fp->partial);
	page_list_reset(&fp->aside);
	chunk_provider_forget(&fp->chunks);
	atomic_store_explicit(&fp->span, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->lo, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->populated, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->populated_high, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->lost, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->whole, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->credit, (int64_t)(gets - puts), memory_order_relaxed);
	atomic_store_explicit(&fp->pressure, 0, memory_order_relaxed);
	atomic_store_explicit(&fp->audit_due, 0, memory_order_relaxed);
	world_start(fp, &claimed);
	claim_drop(&fp->reclaim);
}
