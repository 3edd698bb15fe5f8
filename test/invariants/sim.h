/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _SIM_H_
#define _SIM_H_

/*
 * A machine that runs the library's real code: threads of its own, which it may switch, freeze or
 * kill at each access to memory, and whose stores linger in store buffers.
 *
 * The library's sources are compiled with -fsanitize=thread, which puts a call before each access
 * and makes each atomic operation a call; but these calls come here, and not to ThreadSanitizer.
 * pp_thread.c is replaced too: identities, liveness and the heavy fence are the machine's.
 *
 * Everything happens in one thread of the kernel and follows from the seed alone: a run that
 * failed fails again.
 */

#include <stdbool.h>
#include <stdint.h>

#define SIM_THREADS 12

/* How stores become visible to others. */
enum sim_memory {
	SIM_SC,   /* at once */
	SIM_TSO,  /* later, in order (x86) */
	SIM_WEAK, /* later, in any order but for releases (Arm; loads are not reordered) */
};

/* Begin a run: no threads yet. */
void sim_begin(uint64_t seed, enum sim_memory memory);

/* A thread; id 0: it has no participant id. Returns its number. */
unsigned int sim_thread(void (*fn)(void *arg, unsigned int nr), void *arg, uint32_t id,
		uint32_t pid);

/* Run until all threads that are not frozen or dead have ended; false when that took more than so
 * many accesses.
 */
bool sim_run(uint64_t max_accesses);

/* Whether the last run ended since a thread accessed memory that is not there. */
bool sim_crashed(void);

/* Kill, or freeze, thread nr at its n-th access from now on. */
void sim_kill_at(unsigned int nr, uint64_t n);
void sim_freeze_at(unsigned int nr, uint64_t n);
void sim_thaw(void);

bool sim_dead(unsigned int nr);
bool sim_frozen(unsigned int nr);
bool sim_ended(unsigned int nr);
uint64_t sim_accesses(unsigned int nr);
uint64_t sim_total_accesses(void);
uint64_t sim_switches(void);

/* Where a dead thread would have gone on: an address in the library's code. */
uintptr_t sim_died_at(unsigned int nr);

/* For threads: a plain store; seen() is called with its argument once others see it. */
void sim_mark(void (*seen)(void *arg), void *arg);

/* For threads: the number of the caller; let others run. */
unsigned int sim_self(void);
void sim_yield(void);
/* The thread ends its use of pools in the normal way: its id is free for others. */
void sim_give_back_id(void);

/* End a run. */
void sim_end(void);

#endif /* _SIM_H_ */
