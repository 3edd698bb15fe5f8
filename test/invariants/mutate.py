#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
"""Break the library on purpose, one line at a time, and see which test of the invariants notices.

usage: mutate.py WORKTREE [NAME...]

WORKTREE is made with `git worktree add --detach` from this repository (not below a world-writable
directory: EAL loads no plugins from there), with test/invariants as it is here, and removed at the
end. Each mutation is tried with the tests it names, in order, until one fails. Prints one line for
each; ends with 1 when one survived without explanation, or no longer applies.
"""

import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

SIM = ("sim", ["--seconds", "15", "--forgets", "0"])
FORGETS = ("sim", ["--seconds", "30"])
DEATHS = ("sim", ["--seconds", "15", "--deaths", "1"])
ONCE = ("once", ["--seconds", "12"])
STRAND = ("strand", ["--seconds", "6"])
COUNT = ("count", ["--seconds", "4"])
TRIM = ("trim", ["--seconds", "3"])
HOT = ("hot", [])
MISUSE = ("misuse", [])
DEATHS_LONG = ("sim", ["--seconds", "60", "--deaths", "1"])
ANYONE = ("anyone", [])
LAYOUT = ("layout", [])
CHUNKS = ("chunks", ["--seconds", "8"])
DIE = ("die", ["--seconds", "20"])
KILL = ("kill", ["--seconds", "8"])
SCHED = ("sched", ["--seconds", "12"])
PROCS = ("procs", ["--kills", "4"])
BATCH = ("batch", [])
ROBBED = ("robbed", [])
CORRUPT = ("corrupt", ["--seconds", "3"])

# name, file, old, new, tests, and why it may survive them
MUTATIONS = [
    ("freers do not set QUEUED", "frag_pool_slot.c",
     "run->mask | PAGE_QUEUED, memory_order_acq_rel", "run->mask, memory_order_acq_rel",
     [SIM, ONCE, STRAND, SCHED]),
    ("everybody who frees links the page", "frag_pool_slot.c",
     "if ((old & PAGE_QUEUED) == 0)\n\t\tslot_return_page", "slot_return_page",
     [SIM, ONCE, SCHED]),
    ("opening a page leaves QUEUED", "frag_pool_slot.c",
     "atomic_fetch_and_explicit(&page->word, PAGE_CLOSED,", "atomic_fetch_and_explicit("
     "&page->word, PAGE_MARKS,", [SIM, ONCE, STRAND]),
    ("opening exchanges the word in two steps", "frag_pool_slot.c",
     "bits = atomic_fetch_and_explicit(&page->word, PAGE_CLOSED, memory_order_acq_rel);",
     "bits = atomic_load_explicit(&page->word, memory_order_acquire);\n"
     "\tatomic_store_explicit(&page->word, bits & PAGE_CLOSED, memory_order_release);",
     [SIM, ONCE, SCHED]),
    ("the carry is not pushed", "frag_pool_slot.c",
     "if (s->carry_first != 0)\n\t\tslot_carry_end(fp, s);\n\tmemcpy",
     "s->carry_first = 0;\n\tmemcpy", [SIM, ONCE, STRAND]),
    ("the carry of another owner is dropped", "frag_pool_slot.c",
     "if (s->carry_first != 0 && s->carry_owner != owner)\n\t\tslot_carry_end(fp, s);",
     "if (s->carry_first != 0 && s->carry_owner != owner)\n\t\ts->carry_first = 0;",
     [SIM, ONCE]),
    ("no heavy fence", "frag_pool_reclaim.c",
     "\tif (fence)\n\t\tpp_heavy_fence(foreign);\n\telse\n\t\tatomic_thread_fence("
     "memory_order_seq_cst);", "\t(void)fence;\n\t(void)foreign;", [SIM, ONCE, STRAND]),
    ("the fence reaches only the own process", "frag_pool_reclaim.c",
     "pp_heavy_fence(foreign)", "pp_heavy_fence(false)", [SIM, PROCS]),
    ("owners that fence themselves do not", "frag_pool_reclaim.c",
     "if ((s->flags & SLOT_F_FENCE) != 0)\n\t\tatomic_thread_fence(memory_order_seq_cst);",
     "if (0)\n\t\tatomic_thread_fence(memory_order_seq_cst);", [SIM, ONCE],
     "thieves fence for all processes where they may, and wait where they may not"),
    ("thieves do not wait for the owner", "frag_pool_reclaim.c",
     "while (atomic_load_explicit(&s->inside, memory_order_acquire) != 0)",
     "while (0)", [SIM, ONCE, SCHED]),
    ("owners do not look at the claim", "frag_pool_fast.h",
     "look = atomic_load_explicit(&s->wanted, memory_order_acquire);",
     "look = 0;", [SIM, ONCE, SCHED]),
    ("slow paths do not look at the claim", "frag_pool_reclaim.c",
     "if (likely(atomic_load_explicit(&s->wanted, memory_order_acquire) == PP_IDENT_NONE))",
     "if (1)", [SIM, ONCE, SCHED]),
    ("a claim is not given back", "frag_pool_reclaim.c",
     "stat_add(&s->robbed, 1);\n\t\tclaim_drop(&s->wanted);", "stat_add(&s->robbed, 1);",
     [SIM, STRAND]),
    ("leaving releases nothing", "frag_pool_private.h",
     "atomic_thread_fence(memory_order_release);\n\tatomic_store_explicit(&s->inside, 0",
     "atomic_store_explicit(&s->inside, 0", [SIM, COUNT]),
    ("a push releases nothing", "frag_page.h",
     "&old, new, memory_order_release,", "&old, new, memory_order_relaxed,", [SIM, ONCE]),
    ("a pop leaves the tag (ABA)", "frag_page.h",
     "new = ((old & ~PAGE_LIST_ID) + PAGE_LIST_TAG) |", "new = (old & ~PAGE_LIST_ID) |",
     [BATCH, SIM, SCHED, ONCE]),
    ("reclaim passes over the direct cache of pages", "frag_pool_slot.c",
     "page_cache_scrub_cache(&s->pages, &fp->partial);", "", [SIM, STRAND]),
    ("reclaim passes over the cache", "frag_pool_slot.c",
     "do {\n\t\tslot_flush(fp, s, CTL_LEN(slot_ctl(s)), SLOT_WAY_SHARED, NULL);\n\t} while ("
     "batches-- > 0 && slot_take_batch(fp, s, &s->batches));", "", [SIM, STRAND]),
    ("reclaim passes over shared slots", "frag_pool_reclaim.c",
     "\t\t} else {\n\t\t\tif (!slot_set_has(chosen, id) ||",
     "\t\t} else {\n\t\t\tif (1 || !slot_set_has(chosen, id) ||", [SIM, STRAND]),
    ("reclaim passes over one slot", "frag_pool_reclaim.c",
     "if (!slot_set_has(chosen, id) || (!thorough && slot_looks_empty(s)))\n\t\t\tcontinue;\n"
     "\t\tdead", "if (id == 4 || !slot_set_has(chosen, id) || (!thorough && "
     "slot_looks_empty(s)))\n\t\t\tcontinue;\n\t\tdead", [SIM, STRAND]),
    ("reclaim passes over other processes", "frag_pool_reclaim.c",
     "\t\tdead = claim_take(&s->wanted);\n\t\tif (dead != PP_IDENT_NONE)\n\t\t\ts->orphan",
     "\t\tif (PP_IDENT_PID(s->owner) != PP_IDENT_PID(pp_self.ident))\n\t\t\tcontinue;\n"
     "\t\tdead = claim_take(&s->wanted);\n\t\tif (dead != PP_IDENT_NONE)\n\t\t\ts->orphan",
     [ROBBED]),
    ("no reclaim at all", "frag_pool_reclaim.c",
     "if (frag_pool_count_high(fp) < (int64_t)n && !somebody_died(fp)) {", "if (1) {",
     [SIM, STRAND]),
    ("other slots' rings are not looked at", "frag_pool_slot.c",
     "if (page_list_empty(&other->pages.ring))\n\t\t\t\tcontinue;", "continue;",
     [SIM, STRAND], "a reclaim finds what lies there, later: a question of time"),
    ("a get is counted after it left", "frag_pool.c",
     "\tstat_add(&s->gets, n);\n\tslot_set_ctl(s, len);\n\tslot_leave(s);",
     "\tslot_set_ctl(s, len);\n\tslot_leave(s);\n\tstat_add(&s->gets, n);", [SIM, DEATHS, COUNT],
     "until the get returns both are true; only a death between the two, outside, would tell"),
    ("a get of the slow path is not counted", "frag_pool_slot.c",
     "memcpy(frags, &s->frags[len], n * sizeof(*frags));\n\tslot_count_gets(s, n);",
     "memcpy(frags, &s->frags[len], n * sizeof(*frags));", [SIM, COUNT]),
    ("a put is counted before it is there", "frag_pool_fast.h",
     "slot_set_ctl(s, len + n);\n\t/* counted once they are there (I3) */\n"
     "\tslot_count_puts(s, n);", "slot_count_puts(s, n);\n\tslot_set_ctl(s, len + n);",
     [DEATHS, DIE, SIM],
     "until the put returns both are true, and a death inside of it is looked into"),
    ("gets are summed before puts", "frag_pool_ctl.c",
     "return fixed + (int64_t)(puts - sum_gets(fp));",
     "uint64_t gets = sum_gets(fp);\n\tputs = sum_puts(fp);\n"
     "\treturn fixed + (int64_t)(puts - gets);", [SIM, COUNT]),
    ("puts are summed before gets, for fails", "frag_pool_ctl.c",
     "return (int64_t)(sum_puts(fp) - gets) +",
     "uint64_t puts = sum_puts(fp);\n\tgets = sum_gets(fp);\n"
     "\treturn (int64_t)(puts - gets) +", [SIM, STRAND]),
    ("a failed get writes the table", "frag_pool_slot.c",
     "if (!slot_refill(fp, s))\n\t\t\treturn -ENOBUFS;",
     "if (!slot_refill(fp, s)) {\n\t\t\tmemcpy(frags, s->frags, len * sizeof(*frags));\n"
     "\t\t\treturn -ENOBUFS;\n\t\t}", [SIM, COUNT]),
    ("the refused are not dropped", "frag_pool_strict.c",
     "if ((one.mask & bad) == 0)\n", "if (one.mask != 0)\n", [MISUSE]),
    ("the good ones of a run are dropped with the bad", "frag_pool_strict.c",
     "if ((one.mask & bad) == 0)\n", "if (0)\n", [MISUSE]),
    ("strict: a get does not mark", "frag_pool_strict.c",
     "twice = run.mask &\n\t\t\t\t\tatomic_fetch_or_explicit(&run.page->out, run.mask,\n"
     "\t\t\t\t\t\t\tmemory_order_relaxed);",
     "twice = 0;", [SIM, MISUSE, ONCE]),
    ("strict: what is in two places is handed out", "frag_pool_strict.c",
     "\tif (unlikely(!slot_mark_out(fp, s, n)))\n"
     "\t\treturn frag_get_miss(fp, s, frags, n);\n\tlen -= n;\n",
     "\tslot_mark_out(fp, s, n);\n\tlen -= n;\n", [CORRUPT, SIM, MISUSE, ONCE, DIE]),
    ("strict: what is in two places is handed out alone", "frag_pool_strict.c",
     "UINT64_C(1) << bit) == 0);", "UINT64_C(1) << bit) != 1);", [CORRUPT, SIM, MISUSE, ONCE]),
    ("strict: a get of one does not mark", "frag_pool_strict.c",
     "(atomic_fetch_or_explicit(&page->out, UINT64_C(1) << bit,",
     "(atomic_fetch_or_explicit(&page->out, UINT64_C(0) << bit,", [SIM, MISUSE, ONCE]),
    ("strict: one that is not handed out is taken back", "frag_pool_strict.c",
     "UINT64_C(1) << bit) != 0);", "UINT64_C(1) << bit) != 1);", [MISUSE, SIM]),
    ("strict: one is taken back between two fragments", "frag_pool_strict.c",
     "return likely(*bit * cp->frag_size == off) ? s->last_page : NULL;", "return s->last_page;",
     [MISUSE]),
    ("strict: another pool's slot", "frag_pool_fast.h",
     "(fp->serial ^ PP_SERIAL_STRICT) == pp_self.last_serial ?",
     "(pp_self.last_serial & PP_SERIAL_STRICT) != 0 ?", [SIM, MISUSE, ONCE]),
    ("strict: the page looked up last outlives its memory", "frag_pool_reclaim.c",
     "\t\thint_set(&s->pages.cache_len, 0);\n\t\ts->last_span = 0;", "\t\thint_set(&s->pages.cache_len, 0);",
     [CHUNKS, FORGETS]),
    ("strict: a run downwards is one longer", "frag_pool_strict.c",
     "RTE_MIN(n, bit + 1)", "RTE_MIN(n, bit + 2)", [LAYOUT, MISUSE, ONCE, SIM]),
    ("strict: the page looked up last has any address", "frag_pool_strict.c",
     "if (likely(bit * cp->frag_size == off)) {", "{", [MISUSE]),
    ("a fenced owner takes the strict way", "frag_pool_fast.h",
     "s->flags != SLOT_F_STRICT)", "(s->flags & SLOT_F_STRICT) == 0)", [ONCE, SIM, COUNT]),
    ("strict: claims are passed over", "frag_pool_strict.c",
     "if (likely((atomic_load_explicit(&s->wanted, memory_order_acquire) |",
     "if (likely((0 |", [SIM, STRAND, ONCE]),
    ("a foreign pointer that comes alone is kept", "frag_pool_fast.h",
     " || (n == 1 && frag_is_foreign(fp, frags[0]))", "", [MISUSE]),
    ("a foreign pointer is as good as any", "frag_pool_private.h",
     "return off >= atomic_load_explicit(&fp->span, memory_order_relaxed) ||\n\t\t\t", "return ",
     [MISUSE]),
    ("all chunks are on the grid of the last", "frag_pool_ctl.c",
     "parts |= (lo - first) | (ext->lo - first) |", "parts |=", [MISUSE]),
    ("all chunks are on the grid of objects", "frag_pool_ctl.c",
     "(parts & -parts) - 1, memory_order_relaxed);",
     "(ext->frag_size & -ext->frag_size) - 1, memory_order_relaxed);", [MISUSE]),
    ("default: a double free is not uncounted", "frag_pool_slot.c",
     "if (unlikely(bad != 0))\n\t\t\tslot_count_puts(s, -(int64_t)bad);", "", [MISUSE]),
    ("misaligned pointers pass", "provider_mempool.h",
     "f * ext->frag_size != in || ", "", [MISUSE]),
    ("the log does not name the caller", "frag_pool.c",
     "frag_put_slow(fp, frags, n, caller);", "frag_put_slow(fp, frags, n, NULL);", [MISUSE]),
    ("the oldest are handed out first", "frag_pool_slot.c",
     "memcpy(frags, &s->frags[len], n * sizeof(*frags));",
     "memcpy(frags, s->frags, n * sizeof(*frags));\n\tmemmove(s->frags, &s->frags[n], len * sizeof(void *));",
     [HOT]),
    ("the provider comes before what came back", "frag_pool_slot.c",
     "page = page_cache_alloc_returned(&s->pages);\n\tif (likely(page != NULL))\n"
     "\t\treturn page;\n",
     "page = page_cache_alloc_slow(&s->pages);\n\tif (page == NULL)\n"
     "\t\tpage = page_cache_alloc_returned(&s->pages);\n\tif (likely(page != NULL))\n"
     "\t\treturn page;\n", [HOT]),
    ("trim does not sort the rings", "frag_pool_reclaim.c",
     "list_sort(fp, &s->pages.ring, &fp->aside);", ";", [TRIM, SIM]),
    ("an idle trim takes from all", "frag_pool_reclaim.c",
     "if (!idle_only || used == s->idle_seen)", "if (1)", [TRIM]),
    ("whole pages are counted late", "frag_pool_slot.c",
     "if (bits == page->full)\n\t\tatomic_store_explicit(&s->whole,", "if (0)\n"
     "\t\tatomic_store_explicit(&s->whole,", [TRIM, SIM]),
    ("a dead thief keeps its claim", "frag_pool_reclaim.c",
     "if (pp_wait_step(&step) && !pp_ident_alive(holder) &&\n\t\t\t\t"
     "atomic_compare_exchange_strong_explicit(claim,",
     "if (pp_wait_step(&step) && 0 &&\n\t\t\t\tatomic_compare_exchange_strong_explicit(claim,",
     [DEATHS, DIE, KILL]),
    ("a dead owner is waited for", "frag_pool_reclaim.c",
     "if (pp_wait_step(&step) && !pp_ident_alive(owner) &&",
     "if (pp_wait_step(&step) && 0 && !pp_ident_alive(owner) &&", [DEATHS, DIE, KILL]),
    ("no audit", "frag_pool_reclaim.c",
     "atomic_store_explicit(&fp->audit_due, 1, memory_order_relaxed);\n"
     "\tatomic_store_explicit(&s->inside, 0", "atomic_store_explicit(&s->inside, 0",
     [DEATHS, DIE, KILL]),
    ("an audit does not relist", "frag_pool_reclaim.c",
     "else if (bits != 0)\n\t\tpage_list_push(&fp->partial, page);\n\treturn bits;",
     "return bits;", [DEATHS, DIE, KILL]),
    ("an audit corrects no count", "frag_pool_reclaim.c",
     "missing = frag_pool_count_low(fp) - free_frags;", "missing = 0;", [DEATHS, DIE, KILL]),
    ("a thief repairs a slot with its owner inside", "frag_pool_reclaim.c",
     "s->orphan = dead; /* for slot_wait_outside(): its owner may be inside */",
     "slot_repair(fp, s, dead);", [DEATHS_LONG]),
    ("slots can be made while the world is stopped", "frag_pool_reclaim.c",
     "if (atomic_load_explicit(&fp->frozen, memory_order_acquire) != 0) {", "if (0) {",
     [FORGETS, DEATHS, CHUNKS]),
    ("the cache shrinks after its page has them", "frag_pool_slot.c",
     "slot_set_ctl(s, CTL_MAKE(pos + used, len));\n", "", [DEATHS, DIE]),
    ("waiters for a reclaim take pages meanwhile", "frag_pool_reclaim.c",
     "\t\t/* Somebody is digging:",
     "\t\tif (n <= fp->room) {\n\t\t\tstruct frag_slot *s = slot_acquire(fp);\n"
     "\t\t\tint ok = slot_get(fp, s, frags, n);\n\n\t\t\tslot_release(s);\n"
     "\t\t\tif (ok == 0)\n\t\t\t\treturn 0;\n\t\t}\n\t\t/* Somebody is digging:",
     [STRAND, SIM],
     "threads then rob each other for as long as luck has it, not for ever: a question of time"),
    ("slots are not emptied when memory is forgotten", "frag_pool_reclaim.c",
     "\t\tslot_set_ctl(s, 0);\n\t\thint_set(&s->pages.cache_len, 0);", "\t\thint_set(&s->pages.cache_len, 0);",
     [FORGETS, CHUNKS]),
    ("forgetting owes no credit", "frag_pool_reclaim.c",
     "atomic_store_explicit(&fp->credit, (int64_t)(gets - puts), memory_order_relaxed);", "",
     [FORGETS, CHUNKS]),
    ("chunks are available before their fragments are known", "provider_mempool.c",
     "atomic_store_explicit(&page->word, page->full | PAGE_QUEUED, memory_order_relaxed);",
     "atomic_store_explicit(&page->word, page->full, memory_order_relaxed);", [SIM, CHUNKS]),
    ("a thread that ends keeps its id", "pp_thread.c",
     "REG.A */\n\t\tatomic_compare_exchange_strong_explicit(&reg->ident[id], &ident, PP",
     "REG.A */\n\t\tif (0) atomic_compare_exchange_strong_explicit(&reg->ident[id], &ident, PP", [ANYONE]),
    ("a forked child is its parent", "pp_thread.c",
     "process_forked(void)\n{\n\tpp_self = PP_SELF_NOBODY;",
     "process_forked(void)\n{", [ANYONE, DIE, KILL]),
    ("all pools have one number", "frag_pool_ctl.c",
     "atomic_fetch_add_explicit(&reg->serial, 1,", "atomic_fetch_add_explicit(&reg->serial, 0,", [ANYONE]),
    ("a thread's first pool may be anything", "pp_thread.h",
     ".last_serial = PP_SERIAL_NONE, .frag_owner", ".frag_owner", [ANYONE],
     "the slot beside it is NULL, which says the same"),
    ("every slot is fit for the fast path", "frag_pool_fast.h",
     "if (atomic_load_explicit(&s->fast, memory_order_relaxed) != pp_self.ident) {",
     "if (0) {", [ANYONE, MISUSE]),
    ("numbers of other drivers are looked into", "frag_pool_fast.h",
     "return (uintptr_t)fp >= FRAG_POOL_LOWEST && fp->serial", "return fp->serial", [ANYONE]),
    ("no registration with membarrier", "pp_thread.c",
     "return MEMBARRIER_USED && membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0 &&",
     "return 1 ||", [PROCS, STRAND]),
    ("descriptors begin with what is only read", "frag_page.h",
     "alignas(RTE_CACHE_LINE_MIN_SIZE) uintptr_t lo;", "uintptr_t lo;", [LAYOUT]),
    ("strict: what a dead thread had marked stays marked", "frag_pool_reclaim.c",
     "atomic_fetch_and_explicit(&page->out, ~bits, memory_order_relaxed);", "", [DEATHS, DIE],
     "the repair of its slot has unmarked them"),
    ("strict: the repair of a slot unmarks nothing", "frag_pool_reclaim.c",
     "\tif ((s->flags & SLOT_F_STRICT) != 0)\n\t\tslot_unmark(fp, s);\n", "",
     [DIE, DEATHS, KILL]),
    ("slots are known before walks reach them", "frag_pool_ctl.c",
     "while (nr <= id &&", "while (0 && nr <= id &&", [SIM, STRAND]),
    ("batches: full ones are still in the cache when sent", "frag_pool_slot.c",
     "slot_set_ctl(s, CTL_MAKE(pos, len));\n", "", [BATCH]),
    ("batches: they leave the cache after others have them", "frag_pool_slot.c",
     "slot_set_ctl(s, CTL_MAKE(pos, len));\n\t\tatomic_signal_fence(memory_order_seq_cst);\n"
     "\t\tslot_send_batch(s, to, b);\n\t\tif",
     "slot_send_batch(s, to, b);\n\t\tslot_set_ctl(s, CTL_MAKE(pos, len));\n\t\tif", [DEATHS]),
    ("batches: a pop leaves the tag (ABA)", "frag_batch.h",
     "new = ((old & ~BATCH_LIST_ID) + BATCH_LIST_TAG - BATCH_LIST_ONE) |",
     "new = ((old & ~BATCH_LIST_ID) - BATCH_LIST_ONE) |", [BATCH]),
    ("batches: a reset leaves the tag (ABA)", "frag_batch.h",
     "(old & ~(BATCH_LIST_ID | BATCH_LIST_NR)) + BATCH_LIST_TAG,",
     "old & ~(BATCH_LIST_ID | BATCH_LIST_NR),", [BATCH]),
    ("batches: a push releases nothing", "frag_batch.h",
     "&old, new, memory_order_release,\n\t\t\tmemory_order_relaxed));\n}\n\n/* A list that",
     "&old, new, memory_order_relaxed,\n\t\t\tmemory_order_relaxed));\n}\n\n/* A list that",
     [SIM]),
    ("batches: a push does not count", "frag_batch.h", "+ BATCH_LIST_ONE) | b->id", ") | b->id",
     [BATCH]),
    ("batches: two take the same empty ones", "frag_batch.h",
     "} while (!atomic_compare_exchange_weak_explicit(empty, &old, rest, memory_order_acquire,\n"
     "\t\t\tmemory_order_relaxed));\n\treturn take;",
     "} while (0);\n\tatomic_store_explicit(empty, rest, memory_order_relaxed);\n"
     "\treturn take;", [SIM]),
    ("batches: empty before they are read", "frag_pool_slot.c",
     "\tslot_set_ctl(s, len + batch_expand(b, &s->frags[len]));\n"
     "\tspare = hint_get(&s->spare) | UINT64_C(1) << (b->id - 1);\n"
     "\thint_set(&s->spare, spare);\n\t/* relaxed: a hint */\n",
     "\tspare = hint_get(&s->spare);\n"
     "\tbatch_give_empty(&fp->batches_empty, UINT64_C(1) << (b->id - 1));\n"
     "\tslot_set_ctl(s, len + batch_expand(b, &s->frags[len]));\n", [SIM]),
    ("batches: an emptied one is nobody's", "frag_pool_slot.c",
     "\thint_set(&s->spare, spare);\n\t/* relaxed: a hint */\n", "", [BATCH]),
    ("batches: a filled one stays spare", "frag_pool_slot.c",
     "\thint_set(&s->spare, spare & (spare - 1));\n", "", [BATCH]),
    ("batches: spares are never given back", "frag_pool_slot.c",
     "if ((uint32_t)__builtin_popcountll(spare) >\n\t\t\tbatch_may_keep", "if (0 > batch_may_keep", [BATCH]),
    ("batches: idle freers keep them all", "frag_batch.h",
     "return (uint32_t)__builtin_popcountll(empty) > all->nr / 4 ? all->spare : 0;",
     "return empty == 0 ? 0 : all->spare;", [BATCH]),
    ("batches: idle takers keep them all", "frag_pool_slot.c",
     "if (slot_take_near_batch(fp, s))\n\t\t\treturn true;\n", "", [BATCH]),
    ("batches: an idle trim passes over spares", "frag_pool_reclaim.c", "hint_get(&s->spare) == 0 &&", "",
     [BATCH]),
    ("batches: larger than a cache", "frag_pool_ctl.c",
     "all->frags = clamp(fp->cache_size / 2, FRAG_BATCH_FRAGS_MIN, all->frags);\n", "", [BATCH]),
    ("batches: puts of some sizes make none", "frag_pool_slot.c",
     "least = RTE_MIN(least, (uint32_t)FRAG_POOL_FREER_LIMIT / 2);", ";", [BATCH]),
    ("who died adding a chunk has added it", "frag_pool_reclaim.c",
     "\tchunk_provider_mend(&fp->chunks);\n", "", [DIE]),
    ("another one adds before it is known what a dead adder has added", "frag_pool_reclaim.c",
     "memory_order_relaxed);\n\t\treclaim_audit(fp);\n\t}\n}", "memory_order_relaxed);\n\t}\n}", [DIE]),
    ("a dead adder's extents stay in the tree", "provider_mempool.c",
     "\t\tradix_unlink(cp->root, RADIX_TOP, end);\n", "\t\t;\n", [DIE]),
    ("a dead adder's extent stays the largest", "provider_mempool.c",
     "if (largest != NULL && largest->first_id <= end)", "if (largest != NULL)", [DIE]),
    ("who mends says so before", "provider_mempool.c",
     "\tlargest = extent_largest(cp, end);\n\tcp->contig",
     "\tlargest = extent_largest(cp, end);\n\tpage_dir_set_used(&cp->provider.dir, end);\n\tcp->contig",
     [DIE]),
    ("an adder does not look for a dead one first", "frag_pool_ctl.c",
     "\tfrag_pool_reclaim_take(fp);\n\tfrag_pool_reclaim_drop(fp);\n\tnr =", "\tnr =", [DIE]),
    ("strict and fenced puts count as overflows", "frag_pool_slot.c",
     "if (len + n <= s->limit)\n\t\treturn;\n\tif (gets", "if (gets", [BATCH]),
    ("batches: reclaim and trim leave spares", "frag_pool_slot.c",
     "if (hint_get(&s->spare) != 0)\n\t\tslot_give_spare(fp, s);\n\tpage_cache_scrub", "page_cache_scrub",
     [BATCH]),
    ("batches: reclaim and trim pass over full ones", "frag_pool_slot.c",
     "} while (batches-- > 0 && slot_take_batch(fp, s, &s->batches));", "} while (0);", [BATCH]),
    ("batches: a slot with nothing else looks empty", "frag_pool_reclaim.c",
     "batch_list_empty(&s->batches) &&", "1 &&", [BATCH]),
    ("batches: others' are not looked at", "frag_pool_slot.c",
     "\tif (page == NULL)\n\t\treturn slot_take_others_batch(fp, s);",
     "\tif (page == NULL)\n\t\treturn false;", [BATCH]),
    ("batches: own ones are not looked at", "frag_pool_slot.c",
     "if (slot_take_batch(fp, s, &s->batches))\n\t\treturn true;\n", "", [BATCH]),
    ("batches: forgetting leaves full ones", "frag_pool_slot.c",
     "batch_list_reset(&s->batches);\n", "", [BATCH]),
    ("batches: forgetting leaves spares", "frag_pool_slot.c",
     "batch_list_reset(&s->batches);\n\t\thint_set(&s->spare, 0);", "batch_list_reset(&s->batches);",
     [BATCH]),
    ("batches: forgetting leaves all", "frag_pool_reclaim.c",
     "\t}\n\tfrag_pool_reset_batches(fp);\n\tpage_list_reset(&fp->partial);\n"
     "\tpage_list_reset(&fp->aside);\n\tchunk_provider_forget",
     "\t}\n\tpage_list_reset(&fp->partial);\n\tpage_list_reset(&fp->aside);\n"
     "\tchunk_provider_forget", [BATCH]),
    ("batches: an audit loses those of the dead", "frag_pool_reclaim.c",
     "\tfrag_pool_reset_batches(fp);\n\tpage_list_reset(&fp->partial);\n"
     "\tpage_list_reset(&fp->aside);\n\tpage_list_reset",
     "\tpage_list_reset(&fp->partial);\n\tpage_list_reset(&fp->aside);\n\tpage_list_reset",
     [DEATHS]),
    ("batches: forgetting remembers where memory was", "frag_pool_reclaim.c",
     "atomic_store_explicit(&fp->lo, 0, memory_order_relaxed);", "", [BATCH]),
    ("batches: only the first chunk is known", "frag_pool_ctl.c",
     "end = RTE_MAX(end, lo + atomic_load_explicit(&fp->span, memory_order_relaxed));\n"
     "\t\tfirst = RTE_MIN(first, lo);", "return;", [BATCH, MISUSE]),
    ("batches: lower chunks are not known", "frag_pool_ctl.c",
     "first = RTE_MIN(first, lo);", "first = lo;", [BATCH]),
    ("batches: lists grow without end", "frag_pool_slot.c",
     "batch_list_nr(&(*to)->batches) >= fp->batches.depth", "0", [BATCH]),
    ("batches: they carry what is behind the memory", "frag_batch.h",
     "&& most <= (span - 1) >> BATCH_NEAR_SHIFT", "&& (most | span | 1) != 0", [BATCH]),
    ("batches: they carry what is too far away", "frag_batch.h",
     "all >> BATCH_NEAR_BITS == 0 &&", "", [BATCH]),
    ("batches: they carry odd addresses", "frag_batch.h",
     "(all & (off_grid | ((1u << BATCH_NEAR_SHIFT) - 1))) == 0 &&", "(off_grid | 1) != 0 &&", [BATCH]),
    ("batches: a bad one is no obstacle", "frag_pool_slot.c",
     "if (unlikely(!batch_fill(b, frags, n, lo,\n"
     "\t\t\t    atomic_load_explicit(&fp->span, memory_order_relaxed),\n"
     "\t\t\t    atomic_load_explicit(&fp->off_grid, memory_order_relaxed))))\n\t\treturn NULL;",
     "batch_fill(b, frags, n, lo, 0, 0);", [BATCH]),
    ("batches: the last one tells nothing", "frag_pool_slot.c",
     "if (unlikely(*to == NULL))\n\t\treturn NULL;", "if (unlikely(*to == NULL))\n\t\t*to = s;",
     [BATCH], "batch_fill() refuses what has a bad last one, too"),
    ("batches: what a large put sent is not counted", "frag_pool_slot.c",
     "slot_count_puts(s, m);\n\t\tslot_send", "slot_send", [BATCH]),
    ("batches: what a large put sent stays in its table", "frag_pool_slot.c",
     "slot_send_batch(s, to, b);\n\t\tfrags += m;", "slot_send_batch(s, to, b);",
     [BATCH]),
    ("batches: none are sent", "frag_pool_slot.c",
     "while (k - pos >= least && fp->batches.nr > 0) {", "while (0) {", [BATCH]),
    ("batches: pools that cache nothing have some", "frag_pool_ctl.c",
     "if (nr == 0 || fp->cache_size == 0)", "if (nr == 0)", [BATCH]),
    ("batches: a cache has no room for one", "frag_pool_private.h",
     "#define SLOT_SPARE RTE_MAX(FRAG_POOL_PAGE_FRAGS_MAX, FRAG_BATCH_FRAGS_MAX)",
     "#define SLOT_SPARE FRAG_POOL_PAGE_FRAGS_MAX", [BATCH]),
    ("batches: the rest that stays is moved wrongly", "frag_pool_slot.c",
     "if (way == SLOT_WAY_OWNER && k - pos < least && len - pos <= pos)",
     "if (way == SLOT_WAY_OWNER && k - pos < least)", [BATCH]),
    ("batches: the checker counts no batches", "frag_pool_check.c",
     "\tif (nr != batch_list_nr(&s->batches))\n", "\tif (0)\n", [BATCH]),
    ("batches: the checker misses no batch", "frag_pool_check.c",
     "if ((uint32_t)__builtin_popcountll(c->blocks) != fp->batches.nr)", "if (0)", [BATCH]),
    ("batches: the checker looks into none", "frag_pool_check.c",
     "check_cached(c, s, \"a batch\", frags[i]);", "(void)frags;", [BATCH]),
    ("batches: the checker lets blocks be in two places", "frag_pool_check.c",
     "if ((c->blocks & (UINT64_C(1) << (id - 1))) != 0)", "if (0)", [BATCH]),
    ("broken: a page's number is believed", "frag_page.h",
     "if (unlikely(!page_dir_has(dir, (uint32_t)(old & PAGE_LIST_ID)) ||\n"
     "\t\t\t\t    odd > PAGE_LIST_ODD_MAX)) {", "if (odd > PAGE_LIST_ODD_MAX) {", [CORRUPT]),
    ("broken: a circle of pages is gone through for ever", "frag_page.h",
     "\t\todd++;\n", "", [CORRUPT]),
    ("broken: a page that is not marked is taken", "frag_page.h",
     "if (likely((atomic_load_explicit(&page->word, memory_order_relaxed) &\n"
     "\t\t\t\t\t   PAGE_QUEUED) != 0))\n", "", [CORRUPT]),
    ("broken: bits beyond the page's are opened", "frag_pool_slot.c",
     "\t\tbits &= page->full;\n", "", [CORRUPT]),
    ("broken: a free fragment that is handed out is not withheld", "frag_pool_strict.c",
     "atomic_fetch_and_explicit(&page->word, ~twice, memory_order_relaxed);", "", [CORRUPT]),
    ("broken: a hoard of blocks that runs dry is followed", "frag_pool_slot.c",
     "if (unlikely(page == NULL))\n\t\t\treturn slot_get_contig_undo(fp, s, first, i, n, nr_frags);\n",
     "(void)slot_get_contig_undo;\n", [CORRUPT]),
    ("broken: a hoard that runs dry is followed", "frag_pool_slot.c",
     "if (unlikely(page == NULL))\n\t\t\treturn slot_get_large_undo(fp, s, frags, i, n);\n",
     "(void)slot_get_large_undo;\n", [CORRUPT]),
    ("broken: it is not counted", "page_cache.c",
     "atomic_fetch_add_explicit(&dir->broken, 1, memory_order_relaxed);\n\tPP_LOG_LIMITED(CRIT, \"a list",
     "PP_LOG_LIMITED(CRIT, \"a list", [CORRUPT]),
    ("batches: the checker lets any length be", "frag_pool_check.c",
     "if (b->nr == 0 || b->nr > all->frags) {", "if (0) {", [BATCH]),
]


def build(tree):
    return subprocess.run(["ninja", "-C", os.path.join(tree, "build-mutate")],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def run(tree, test):
    name, args = test
    base = os.path.join(tree, "build-mutate")
    plugin = os.path.join(base, "drivers/mempool/page_pool/librte_mempool_page_pool.so")
    env = dict(os.environ, INV_IMPATIENT="1")
    try:
        done = subprocess.run([os.path.join(base, "test/invariants/inv_" + name), "--plugin",
                               plugin] + args, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=180, check=False, env=env)
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode in (0, 77):
        return None
    for line in done.stdout.splitlines():
        if line.startswith("FAILED"):
            return line.split("] ", 1)[-1][:110]
    return "ended with %d" % done.returncode


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    tree, only = os.path.abspath(sys.argv[1]), sys.argv[2:]
    git = ["git", "-C", ROOT]
    subprocess.run(git + ["worktree", "add", "--detach", tree, "HEAD"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bad = 0
    try:
        for part in ("lib", "drivers", "test/invariants"):
            shutil.rmtree(os.path.join(tree, part), ignore_errors=True)
            shutil.copytree(os.path.join(ROOT, part), os.path.join(tree, part))
        with open(os.path.join(tree, "test/meson.build"), "w", encoding="utf-8") as f:
            f.write("subdir('invariants')\n")
        subprocess.run(["meson", "setup", os.path.join(tree, "build-mutate"), tree,
                        "-Dbuildtype=debugoptimized", "-Db_ndebug=false"], check=True,
                       stdout=subprocess.DEVNULL)
        if not build(tree):
            sys.exit("the tree does not build unbroken")
        used = []
        for mutation in MUTATIONS:
            used += [t for t in mutation[4] if t not in used]
        for test in used if not only else []:
            why = run(tree, test)
            if why is not None:
                sys.exit("unbroken, and yet %s fails: %s" % (test[0], why))
        for mutation in MUTATIONS:
            name, file, old, new, tests = mutation[:5]
            explained = mutation[5] if len(mutation) > 5 else None
            if only and not any(o in name for o in only):
                continue
            path = os.path.join(tree, "lib/page_pool", file)
            with open(path, encoding="utf-8") as f:
                text = f.read()
            start = time.time()
            if text.count(old) != 1:
                print("GONE      %-52s found %d times in %s" % (name, text.count(old), file),
                      flush=True)
                bad += 1
                continue
            with open(path, "w", encoding="utf-8") as f:
                f.write(text.replace(old, new))
            result = "SURVIVED  %-52s %s" % (name, " ".join(t[0] for t in tests))
            if not build(tree):
                result = "compiler  %-52s" % name
            else:
                for test in tests:
                    why = run(tree, test)
                    if why is not None:
                        what = test[0] + (" --deaths" if "--deaths" in test[1] else "")
                        result = "caught    %-52s %s: %s" % (name, what, why)
                        break
                else:
                    if explained:
                        result = "explained %-52s %s" % (name, explained)
                    else:
                        bad += 1
            print("%s (%d s)" % (result, time.time() - start), flush=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    finally:
        subprocess.run(git + ["worktree", "remove", "--force", tree], check=False)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
