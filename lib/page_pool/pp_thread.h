/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PP_THREAD_H_
#define _PP_THREAD_H_

/*
 * Threads: who am I, is that one alive, and a fence that others pay for.
 *
 * A thread that uses any pool gets an *identity* (its tid, pid and start time in one word, unique
 * on the machine) and a *participant id*, a small number that is its own among all threads of all
 * processes of one DPDK instance; a pool's slot for the thread is slots[id]. Ids live in a table
 * shared by the processes and outlive pools, so a thread that ends has nothing to clean up in them.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Participants at a time; threads beyond that use the slots that a pool shares. */
#define PP_PARTICIPANTS 512
/* No thread has these identities. */
#define PP_IDENT_NONE 0
#define PP_IDENT_NOBODY UINT64_MAX

/* Identity: tid in bits 42..63, pid in bits 20..41, start time (clock ticks) modulo 2^20. */
#define PP_IDENT_TID(ident) ((uint32_t)((ident) >> 42))
#define PP_IDENT_PID(ident) ((uint32_t)((ident) >> 20) & 0x3fffff)
#define PP_IDENT_START(ident) ((uint32_t)(ident)&0xfffff)

struct pp_registry {
	uint64_t magic;
	_Atomic(uint64_t) serial; /* of the newest pool; makers of pools: rw */
	/* Identity of each id's thread, 0: free. Entry 0 is never given away.
	 * Written by the thread that claims or gives back, read by anyone.
	 */
	_Atomic(uint64_t) ident[PP_PARTICIPANTS];
};

/* What the calling thread is; PP_SELF_NOBODY until pp_thread_register(). */
struct pp_self {
	uint64_t ident; /* 0: not known yet */
	uint32_t id;    /* participant id, 0: has none */
	uint16_t fence; /* 1: thieves cannot fence this process, so it fences itself */
	uint16_t busy;  /* 1: last_* are being changed; a signal handler leaves them alone */
	/* The pool that the thread used last, by a number that no other pool has or had, and the
	 * thread's own slot in it, if the fast path may use it (frag_pool_fast.h), or strict mode.
	 */
	uint64_t last_serial;
	struct frag_slot *last_slot;
	struct frag_retired *retired; /* pages that it cut (page_frag_cache.c), NULL: none */
	uint32_t frag_owner;          /* its number as an owner of such, PP_FRAG_NOBODY: is none */
};

/* Before the first pool's number. The high 16 bits of all of them are such that hardly any other
 * word, and least of all 0, looks like one.
 */
#define PP_SERIAL_NONE (UINT64_C(0x5053) << 48)
/* Turned over in last_serial if that pool is in strict mode, which the fast path does not know. */
#define PP_SERIAL_STRICT (UINT64_C(1) << 47)
/* No page says that. */
#define PP_FRAG_NOBODY UINT32_MAX
#define PP_SELF_INIT \
	{ \
		.last_serial = PP_SERIAL_NONE, .frag_owner = PP_FRAG_NOBODY \
	}
#define PP_SELF_NOBODY ((struct pp_self)PP_SELF_INIT)

extern _Thread_local struct pp_self pp_self __attribute__((visibility("hidden")));

/* The table shared by all processes, made on first use; NULL with rte_errno. Control path. */
struct pp_registry *pp_registry_get(void);

/* The same as it was found last; NULL: never, or rte_eal_cleanup() has unmapped EAL's memory. A
 * system call.
 */
struct pp_registry *pp_registry_mapped(void);

/* Give the calling thread an identity and, while the table has room, an id. Makes system calls.
 * Calling it again does nothing.
 */
void pp_thread_register(struct pp_registry *reg);

/* Whether the thread lives. Makes system calls. */
bool pp_ident_alive(uint64_t ident);

/*
 * Heavy half of the asymmetric fence (FENCE.H): when it returns, every thread of this process
 * (and of all registered ones, if `foreign`) has executed a full fence since the call began. Its
 * light half is pp_light_fence() in slot_enter().
 */
void pp_heavy_fence(bool foreign);

/* Light half (FENCE.L): orders nothing but the compiler; the thief's heavy half does the rest. */
static inline void
pp_light_fence(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

/* One step of waiting for another thread: spins, then yields; every so often returns true to tell
 * the caller to look whether that thread still lives.
 */
bool pp_wait_step(uint32_t *step);

#endif /* _PP_THREAD_H_ */
