/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Identity and liveness of threads, the table of participants, the heavy fence.
 *
 * Nothing here is on a packet's way: a thread comes by once, when it first uses a pool; the rest
 * serves reclaim. The table is a memzone that the first pool makes and nobody frees. State of the
 * process (the key whose destructor gives a thread's id back, the registration with membarrier)
 * is made on first use, so that secondaries, which nobody tells about pools, have it too. A forked
 * child inherits the thread-local identity of its parent: a fork handler takes it away.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_memzone.h>
#include <rte_pause.h>

#include "pp_log.h"
#include "pp_thread.h"

#define PP_REGISTRY_NAME "page_pool_registry"
#define PP_REGISTRY_MAGIC UINT64_C(0x3230304752505050) /* "PPPRG002" */

static_assert(sizeof(struct pp_self) == 48, "own TLS is kept well under a plugin's 64 bytes");

_Thread_local struct pp_self pp_self = PP_SELF_INIT;

static pthread_once_t process_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static bool thread_key_made;
static bool process_fence; /* membarrier is missing or forbidden here */
/* table of this process, for the key's destructor; all threads write the same */
static _Atomic(struct pp_registry *) thread_reg;

#ifdef PP_FULL_FENCE
#define MEMBARRIER_USED false
#else
#define MEMBARRIER_USED true
#endif

static int
membarrier(int cmd)
{
	return (int)syscall(__NR_membarrier, cmd, 0, 0);
}

static bool
membarrier_register(void)
{
	return MEMBARRIER_USED && membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0 &&
			membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

struct pp_registry *
pp_registry_mapped(void)
{
	struct pp_registry *reg = atomic_load_explicit(&thread_reg, memory_order_relaxed);
	void *base = RTE_PTR_ALIGN_FLOOR(reg, 4096);
	unsigned char vec[2];

	return reg == NULL || (mincore(base, 4096, vec) != 0 && errno == ENOMEM) ? NULL : reg;
}

/* A thread ends: give its id back. Its slots stay as they are; the next owner of the id, or a
 * thief, finds what is in them. The table may be gone already (rte_eal_cleanup() unmaps it).
 */
static void
thread_end(void *arg)
{
	uint64_t ident = pp_self.ident;
	struct frag_retired *retired = pp_self.retired;
	uint32_t frag_owner = pp_self.frag_owner;
	uint32_t id = (uint32_t)(uintptr_t)arg;
	struct pp_registry *reg = pp_registry_mapped();

	if (reg == NULL)
		return;
	if (reg->magic == PP_REGISTRY_MAGIC && ident != PP_IDENT_NONE) {
		/* REG.R: what this thread left in its slots is seen by REG.A */
		atomic_compare_exchange_strong_explicit(&reg->ident[id], &ident, PP_IDENT_NONE,
				memory_order_release, memory_order_relaxed);
	}
	pp_self = PP_SELF_NOBODY;
	/* page_frag_cache.c sees to that */
	pp_self.retired = retired;
	pp_self.frag_owner = frag_owner;
}

static void
process_forked(void)
{
	pp_self = PP_SELF_NOBODY;
	if (thread_key_made)
		pthread_setspecific(thread_key, NULL);
	process_fence = !membarrier_register();
}

static void
process_init(void)
{
	thread_key_made = pthread_key_create(&thread_key, thread_end) == 0;
	process_fence = !membarrier_register();
	pthread_atfork(NULL, NULL, process_forked);
}

/* Start time of a thread, in clock ticks since boot: with it a reused tid is told from the one
 * that had it before. Returns 0, or -errno; -ESRCH also for a thread that is no more but a zombie.
 */
static int
thread_start_time(uint32_t pid, uint32_t tid, uint64_t *start)
{
	char path[64], buf[512], *p;
	ssize_t len;
	int fd, field, err;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task/%" PRIu32 "/stat", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, sizeof(buf) - 1);
	err = errno;
	close(fd);
	if (len <= 0)
		return len == 0 ? -ESRCH : -err;
	buf[len] = '\0';
	/* the name, field 2, may hold anything, blanks and brackets too */
	p = strrchr(buf, ')');
	if (p == NULL || p[1] == '\0')
		return -EIO;
	p += 2;
	if (*p == 'Z' || *p == 'X')
		return -ESRCH;
	for (field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (p == NULL)
			return -EIO;
		p++;
	}
	*start = strtoull(p, NULL, 10);
	return 0;
}

bool
pp_ident_alive(uint64_t ident)
{
	uint32_t pid = PP_IDENT_PID(ident), tid = PP_IDENT_TID(ident);
	uint64_t start;
	int rc;

	if (ident == PP_IDENT_NONE || ident == PP_IDENT_NOBODY)
		return false;
	if (ident == pp_self.ident)
		return true;
	rc = thread_start_time(pid, tid, &start);
	if (rc == 0)
		return PP_IDENT_START(ident) == 0 || (start & 0xfffff) == PP_IDENT_START(ident);
	if (rc == -ESRCH)
		return false;
	/* no /proc, or not ours to read: the signal check knows, but for reused numbers */
	return syscall(__NR_tgkill, pid, tid, 0) == 0 || errno != ESRCH;
}

static uint64_t
ident_make(void)
{
	uint32_t pid = (uint32_t)getpid(), tid = (uint32_t)syscall(__NR_gettid);
	uint64_t start = 0;

	if (thread_start_time(pid, tid, &start) != 0)
		start = 0;
	return ((uint64_t)tid << 42) | ((uint64_t)pid << 20) | (start & 0xfffff);
}

static const struct rte_memzone *
registry_memzone(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup(PP_REGISTRY_NAME);
	struct pp_registry *reg;

	if (mz == NULL) {
		mz = rte_memzone_reserve(PP_REGISTRY_NAME, sizeof(*reg), SOCKET_ID_ANY, 0);
		if (mz == NULL)
			return NULL;
		reg = mz->addr;
		memset(reg, 0, sizeof(*reg));
		reg->magic = PP_REGISTRY_MAGIC;
	}
	return mz;
}

struct pp_registry *
pp_registry_get(void)
{
	const struct rte_memzone *mz;
	struct pp_registry *reg;

	/* of all processes, only one makes it: a lock that memzones do not take themselves */
	rte_mcfg_tailq_write_lock();
	mz = registry_memzone();
	rte_mcfg_tailq_write_unlock();
	if (mz == NULL) {
		if (rte_errno == 0)
			rte_errno = ENOMEM;
		return NULL;
	}
	reg = mz->addr;
	if (mz->len < sizeof(*reg) || reg->magic != PP_REGISTRY_MAGIC) {
		rte_errno = EPROTO;
		return NULL;
	}
	return reg;
}

static uint32_t
claim_free_id(struct pp_registry *reg, uint64_t ident)
{
	uint64_t none;
	uint32_t id;

	for (id = 1; id < PP_PARTICIPANTS; id++) {
		none = PP_IDENT_NONE;
		if (atomic_load_explicit(&reg->ident[id], memory_order_relaxed) == none &&
				/* REG.A: sees what the id's last thread left (REG.R) */
				atomic_compare_exchange_strong_explicit(&reg->ident[id], &none,
						ident, memory_order_acquire, memory_order_relaxed))
			return id;
	}
	return 0;
}

/* Ids of threads that were killed, or whose process is gone. */
static void
free_dead_ids(struct pp_registry *reg)
{
	uint64_t ident;
	uint32_t id;

	for (id = 1; id < PP_PARTICIPANTS; id++) {
		ident = atomic_load_explicit(&reg->ident[id], memory_order_relaxed);
		/* REG.A of what the dead did, REG.R for who gets the id */
		if (ident != PP_IDENT_NONE && !pp_ident_alive(ident))
			atomic_compare_exchange_strong_explicit(&reg->ident[id], &ident,
					PP_IDENT_NONE, memory_order_acq_rel, memory_order_relaxed);
	}
}

void
pp_thread_register(struct pp_registry *reg)
{
	static atomic_bool process_swept;

	if (pp_self.ident != PP_IDENT_NONE)
		return;
	pthread_once(&process_once, process_init);
	pp_self.ident = ident_make();
	pp_self.fence = process_fence;
	/* without the key nobody would give the id back when the thread ends */
	if (!thread_key_made)
		return;
	atomic_store_explicit(&thread_reg, reg, memory_order_relaxed);
	/* processes that ended leave their ids behind: clean up once in each new one */
	if (!atomic_exchange_explicit(&process_swept, true, memory_order_relaxed))
		free_dead_ids(reg);
	pp_self.id = claim_free_id(reg, pp_self.ident);
	if (pp_self.id == 0) {
		free_dead_ids(reg);
		pp_self.id = claim_free_id(reg, pp_self.ident);
	}
	if (pp_self.id == 0) {
		PP_LOG_LIMITED(WARNING, "more than %u threads use pools: thread %u shares a slot",
				PP_PARTICIPANTS - 1, PP_IDENT_TID(pp_self.ident));
		return;
	}
	if (pthread_setspecific(thread_key, (void *)(uintptr_t)pp_self.id) != 0) {
		/* REG.R: what REG.A saw is passed on */
		atomic_store_explicit(&reg->ident[pp_self.id], PP_IDENT_NONE, memory_order_release);
		pp_self.id = 0;
	}
}

void
pp_heavy_fence(bool foreign)
{
	struct timespec drained;

	/* FENCE.H, this thread's own */
	atomic_thread_fence(memory_order_seq_cst);
	if (!MEMBARRIER_USED)
		return;
	if (!process_fence &&
			membarrier(foreign ? MEMBARRIER_CMD_GLOBAL_EXPEDITED :
					     MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
		return;
	/* An owner relies on a call that this process may not make. A store leaves its buffer
	 * within far less than this, and an owner that stored before looks at the claim after.
	 */
	clock_gettime(CLOCK_MONOTONIC, &drained);
	drained.tv_nsec += 10 * 1000 * 1000;
	if (drained.tv_nsec >= 1000 * 1000 * 1000) {
		drained.tv_nsec -= 1000 * 1000 * 1000;
		drained.tv_sec++;
	}
	/* until then, not for so long: what is left after a signal is rounded up each time */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &drained, NULL) == EINTR)
		;
}

bool
pp_wait_step(uint32_t *step)
{
	if (++*step % 64 != 0) {
		rte_pause();
		return false;
	}
	sched_yield();
	return *step % 1024 == 0;
}

bool
pp_log_allowed(void)
{
	static atomic_uint budget = 16;
	static _Atomic(time_t) last;
	struct timespec now;
	time_t then = atomic_load_explicit(&last, memory_order_relaxed);
	unsigned int left;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec != then && atomic_compare_exchange_strong(&last, &then, now.tv_sec) &&
			atomic_load_explicit(&budget, memory_order_relaxed) < 4)
		atomic_store_explicit(&budget, 4, memory_order_relaxed);
	left = atomic_load_explicit(&budget, memory_order_relaxed);
	while (left > 0)
		if (atomic_compare_exchange_weak(&budget, &left, left - 1))
			return true;
	return false;
}

RTE_LOG_REGISTER(page_pool_logtype, lib.page_pool, NOTICE);
