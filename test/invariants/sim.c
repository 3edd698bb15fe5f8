/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_log.h>

#include <pp_log.h>
#include <pp_thread.h>

#include "sim.h"

#define STACK (256 * 1024)
#define BUFFER 12

/* A store that others do not see yet. */
struct pending {
	void *addr;
	uint64_t value;
	uint32_t size; /* 0: addr is an argument for seen() */
	void (*seen)(void *arg);
	uint32_t group; /* releases before it: those of lower groups come first */
};

struct thread {
	ucontext_t context;
	void (*fn)(void *arg, unsigned int nr);
	void *arg;
	struct pp_self self;
	uint32_t id;
	uint32_t pid;
	bool registered;
	uintptr_t died_at;
	bool dead, frozen, ended;
	uint64_t accesses;
	uint64_t kill_at, freeze_at;
	struct pending buffer[BUFFER];
	uint32_t pending;
	uint32_t group;
};

_Thread_local struct pp_self pp_self = { .last_serial = PP_SERIAL_NONE };
int page_pool_logtype;

static struct thread threads[SIM_THREADS];
static unsigned int nr_threads;
static char *stacks[SIM_THREADS];
static struct thread *cur;
static ucontext_t machine;
static uint64_t rng;
static enum sim_memory memory;
static uint64_t budget, total, switches, limit;
static uintptr_t pc; /* of the access, in the library's code */

static uint64_t
sim_rand(void)
{
	uint64_t z = rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(((sim_rand() >> 32) * n) >> 32);
}

/* Store buffers. */

static void
drain_one(struct thread *t, uint32_t i)
{
	struct pending p = t->buffer[i];

	t->pending--;
	memmove(&t->buffer[i], &t->buffer[i + 1], (t->pending - i) * sizeof(t->buffer[0]));
	switch (p.size) {
	case 0:
		p.seen(p.addr);
		break;
	case 1:
		*(volatile uint8_t *)p.addr = (uint8_t)p.value;
		break;
	case 4:
		*(volatile uint32_t *)p.addr = (uint32_t)p.value;
		break;
	default:
		*(volatile uint64_t *)p.addr = p.value;
		break;
	}
}

static void
drain(struct thread *t)
{
	while (t->pending > 0)
		drain_one(t, 0);
}

/* Those to one address, and what must come before them. */
static void
drain_addr(struct thread *t, const void *addr)
{
	uint32_t i, last = 0;

	for (i = 0; i < t->pending; i++)
		if (t->buffer[i].addr == addr)
			last = i + 1;
	while (last-- > 0)
		drain_one(t, 0);
}

/* One that may become visible now: the oldest, or, where order is weak, any that no release and no
 * store to the same address holds back.
 */
static void
drain_any(struct thread *t)
{
	uint32_t i = 0, k;

	if (t->pending == 0)
		return;
	if (memory == SIM_WEAK) {
		i = below(t->pending);
		while (t->buffer[i].group != t->buffer[0].group)
			i--;
		for (k = 0; k < i; k++)
			if (t->buffer[k].addr == t->buffer[i].addr)
				i = k;
	}
	drain_one(t, i);
}

/* Switching. */

static void
switch_to(struct thread *next)
{
	struct thread *prev = cur;

	switches++;
	if (prev != NULL)
		prev->self = pp_self;
	cur = next;
	if (next != NULL)
		pp_self = next->self;
	swapcontext(prev != NULL ? &prev->context : &machine,
			next != NULL ? &next->context : &machine);
}

static struct thread *
pick(void)
{
	unsigned int i, n = nr_threads, k = below(n);
	struct thread *t;

	for (i = 0; i < n; i++) {
		t = &threads[(k + i) % n];
		if (!t->dead && !t->frozen && !t->ended)
			return t;
	}
	return NULL;
}

static void
next_thread(void)
{
	struct thread *next = pick();

	/* a few accesses, or a few hundred, or a whole call */
	budget = 1 + below(1u << (1 + below(9)));
	if (next != cur)
		switch_to(next);
}

static void
thread_main(int nr)
{
	struct thread *t = &threads[nr];

	t->fn(t->arg, (unsigned int)nr);
	drain(t);
	t->ended = true;
	t->registered = false;
	next_thread();
}

/* Each access comes by here before it happens. */
static void
point(void)
{
	struct thread *t = cur;

	if (t == NULL)
		return;
	t->accesses++;
	total++;
	if (unlikely(total > limit))
		switch_to(NULL); /* for good */
	if (memory != SIM_SC && (sim_rand() & 7) == 0)
		drain_any(&threads[below(nr_threads)]);
	if (unlikely(t->accesses == t->kill_at)) {
		/* the stores it made are on their way */
		drain(t);
		t->dead = true;
		t->died_at = pc;
		next_thread();
	}
	if (unlikely(t->accesses == t->freeze_at)) {
		t->frozen = true;
		next_thread();
	}
	if (--budget == 0)
		next_thread();
}

/* Calls of the instrumented code, as compilers make them. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#define PC() (pc = (uintptr_t)__builtin_return_address(0))

#define ORDER_RELEASE(mo) \
	((mo) == __ATOMIC_RELEASE || (mo) == __ATOMIC_ACQ_REL || (mo) == __ATOMIC_SEQ_CST)

static uint64_t
load(const volatile void *addr, uint32_t size)
{
	uint32_t i;

	point();
	if (cur != NULL)
		for (i = cur->pending; i > 0; i--)
			if (cur->buffer[i - 1].addr == (void *)(uintptr_t)addr)
				return cur->buffer[i - 1].value;
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)addr;
	case 4:
		return *(const volatile uint32_t *)addr;
	default:
		return *(const volatile uint64_t *)addr;
	}
}

static void
store(volatile void *addr, uint64_t value, uint32_t size, int mo)
{
	struct thread *t = cur;

	point();
	if (t != NULL && memory != SIM_SC && mo != __ATOMIC_SEQ_CST) {
		if (t->pending == BUFFER)
			drain_one(t, 0);
		if (ORDER_RELEASE(mo))
			t->group++;
		t->buffer[t->pending].addr = (void *)(uintptr_t)addr;
		t->buffer[t->pending].value = value;
		t->buffer[t->pending].size = size;
		t->buffer[t->pending++].group = t->group;
		return;
	}
	if (t != NULL)
		drain(t);
	switch (size) {
	case 1:
		*(volatile uint8_t *)addr = (uint8_t)value;
		break;
	case 4:
		*(volatile uint32_t *)addr = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)addr = value;
		break;
	}
}

static bool crashed;

/* On a stack of its own; the thread's is left as it is. */
static void
segv(int sig)
{
	if (cur == NULL) {
		signal(sig, SIG_DFL);
		return;
	}
	crashed = true;
	cur = NULL;
	setcontext(&machine);
}

bool
sim_crashed(void)
{
	return crashed;
}

/* Before a read-modify-write. */
static void
rmw(volatile void *addr, int mo)
{
	point();
	if (cur == NULL)
		return;
	if (memory == SIM_WEAK && !ORDER_RELEASE(mo))
		drain_addr(cur, (const void *)(uintptr_t)addr);
	else
		drain(cur);
}

#define ATOMICS(bits) \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *p, int mo) \
	{ \
		(void)mo; \
		PC(); \
		return (uint##bits##_t)load(p, bits / 8); \
	} \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *p, uint##bits##_t v, int mo) \
	{ \
		PC(); \
		store(p, v, bits / 8, mo); \
	} \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *p, \
			uint##bits##_t *e, uint##bits##_t v, int mo, int fmo) \
	{ \
		(void)fmo; \
		PC(); \
		rmw(p, mo); \
		if (*p == *e) { \
			*p = v; \
			return 1; \
		} \
		*e = *p; \
		return 0; \
	} \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile uint##bits##_t *p, \
			uint##bits##_t *e, uint##bits##_t v, int mo, int fmo) \
	{ \
		(void)fmo; \
		PC(); \
		rmw(p, mo); \
		if (*p == *e && (cur == NULL || below(16) != 0)) { \
			*p = v; \
			return 1; \
		} \
		*e = *p; \
		return 0; \
	} \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile uint##bits##_t *p, \
			uint##bits##_t e, uint##bits##_t v, int mo, int fmo) /* clang's */ \
	{ \
		uint##bits##_t old; \
		(void)fmo; \
		PC(); \
		rmw(p, mo); \
		old = *p; \
		if (old == e) \
			*p = v; \
		return old; \
	} \
	RMW(bits, exchange, v) \
	RMW(bits, fetch_add, old + v) \
	RMW(bits, fetch_sub, old - v) \
	RMW(bits, fetch_or, (old | v)) \
	RMW(bits, fetch_and, (old & (v))) \
	RMW(bits, fetch_xor, (old ^ v))

#define RMW(bits, name, new) \
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *p, uint##bits##_t v, \
			int mo) \
	{ \
		uint##bits##_t old; \
		PC(); \
		rmw(p, mo); \
		old = *p; \
		*p = new; \
		return old; \
	}

ATOMICS(8)
ATOMICS(32)
ATOMICS(64)

void
__tsan_atomic_thread_fence(int mo)
{
	PC();
	point();
	if (cur == NULL)
		return;
	if (mo == __ATOMIC_SEQ_CST)
		drain(cur);
	else if (ORDER_RELEASE(mo))
		cur->group++;
}

void
__tsan_atomic_signal_fence(int mo)
{
	(void)mo;
}

/* Plain accesses: places to be preempted. Their stores are seen at once, that is, before what is in
 * the buffer; on x86 they are not.
 */
static void
plain_write(void)
{
	point();
	if (cur != NULL && memory == SIM_TSO)
		drain(cur);
}

#define PLAIN(size) \
	void __tsan_read##size(void *p) \
	{ \
		(void)p; \
		PC(); \
		point(); \
	} \
	void __tsan_write##size(void *p) \
	{ \
		(void)p; \
		PC(); \
		plain_write(); \
	} \
	void __tsan_unaligned_read##size(void *p) \
	{ \
		(void)p; \
		PC(); \
		point(); \
	} \
	void __tsan_unaligned_write##size(void *p) \
	{ \
		(void)p; \
		PC(); \
		plain_write(); \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void
__tsan_read_range(void *p, unsigned long n)
{
	(void)p;
	(void)n;
	PC();
	point();
}
void
__tsan_write_range(void *p, unsigned long n)
{
	(void)p;
	(void)n;
	PC();
	plain_write();
}
/* newer compilers call these for memcpy() and the like */
void *
__tsan_memcpy(void *to, const void *from, size_t n)
{
	PC();
	plain_write();
	return memcpy(to, from, n);
}
void *
__tsan_memmove(void *to, const void *from, size_t n)
{
	PC();
	plain_write();
	return memmove(to, from, n);
}
void *
__tsan_memset(void *to, int c, size_t n)
{
	PC();
	plain_write();
	return memset(to, c, n);
}
void
__tsan_func_entry(void *p)
{
	(void)p;
}
void
__tsan_func_exit(void)
{
}
void
__tsan_init(void)
{
}

/* In place of pp_thread.c. */

struct pp_registry *
pp_registry_get(void)
{
	static struct pp_registry reg;

	return &reg;
}

static uint64_t
ident_of(unsigned int nr)
{
	return ((uint64_t)(nr + 100) << 42) | ((uint64_t)threads[nr].pid << 20) | 1;
}

void
pp_thread_register(struct pp_registry *reg)
{
	unsigned int i;

	(void)reg;
	if (pp_self.ident != PP_IDENT_NONE)
		return;
	if (cur == NULL) {
		/* the machine itself is a thread as well, when no other runs */
		pp_self.ident = (UINT64_C(99) << 42) | (UINT64_C(1) << 20) | 1;
		pp_self.id = 0;
		return;
	}
	pp_self.ident = ident_of((unsigned int)(cur - threads));
	pp_self.id = cur->id;
	/* an id is somebody else's as long as that one lives */
	for (i = 0; i < nr_threads; i++)
		if (&threads[i] != cur && threads[i].registered && !threads[i].dead &&
				threads[i].id == cur->id)
			pp_self.id = 0;
	cur->registered = pp_self.id != 0;
}

void
sim_give_back_id(void)
{
	drain(cur);
	cur->registered = false;
	pp_self = PP_SELF_NOBODY;
}

bool
pp_ident_alive(uint64_t ident)
{
	unsigned int i;

	for (i = 0; i < nr_threads; i++)
		if (ident_of(i) == ident)
			return !threads[i].dead && !threads[i].ended;
	return cur == NULL && ident == pp_self.ident;
}

void
pp_heavy_fence(bool foreign)
{
	unsigned int i;

	point();
	for (i = 0; i < nr_threads; i++)
		if (cur == NULL || &threads[i] == cur || foreign || threads[i].pid == cur->pid)
			drain(&threads[i]);
}

void
sim_yield(void)
{
	if (cur == NULL)
		return;
	point();
	next_thread();
}

bool
pp_wait_step(uint32_t *step)
{
	sim_yield();
	return ++*step % 8 == 0;
}

int
sched_yield(void)
{
	sim_yield();
	return 0;
}

bool
pp_log_allowed(void)
{
	return getenv("SIM_LOG") != NULL;
}

/* The library's lines come by the thousand here, and rte_log() wants more stack than there is. */
int
rte_log(uint32_t level, uint32_t logtype, const char *format, ...)
{
	va_list ap;

	(void)level;
	(void)logtype;
	if (getenv("SIM_LOG") == NULL)
		return 0;
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	return 0;
}

/* Runs. */

void
sim_begin(uint64_t seed, enum sim_memory mem)
{
	static char alt[64 * 1024];
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };
	struct sigaction sa = { .sa_handler = segv, .sa_flags = SA_ONSTACK | SA_NODEFER };

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	crashed = false;
	nr_threads = 0;
	memset(threads, 0, sizeof(threads));
	rng = seed;
	memory = mem;
	total = switches = 0;
	limit = UINT64_MAX;
	pp_self = PP_SELF_NOBODY;
}

unsigned int
sim_thread(void (*fn)(void *arg, unsigned int nr), void *arg, uint32_t id, uint32_t pid)
{
	unsigned int nr = nr_threads++;
	struct thread *t = &threads[nr];

	if (nr == SIM_THREADS)
		abort();
	if (stacks[nr] == NULL)
		stacks[nr] = malloc(STACK);
	if (stacks[nr] == NULL)
		abort();
	t->fn = fn;
	t->arg = arg;
	t->id = id;
	t->pid = pid;
	getcontext(&t->context);
	t->context.uc_stack.ss_sp = stacks[nr];
	t->context.uc_stack.ss_size = STACK;
	t->context.uc_link = NULL;
	makecontext(&t->context, (void (*)(void))(void *)thread_main, 1, (int)nr);
	return nr;
}

bool
sim_run(uint64_t max_accesses)
{
	struct pp_self self = pp_self;

	limit = total + max_accesses;
	cur = NULL;
	next_thread();
	/* back here: nobody is left, or the limit was reached */
	cur = NULL;
	pp_self = self;
	return !crashed && total <= limit;
}

void
sim_kill_at(unsigned int nr, uint64_t n)
{
	threads[nr].kill_at = threads[nr].accesses + n;
}

void
sim_freeze_at(unsigned int nr, uint64_t n)
{
	threads[nr].freeze_at = threads[nr].accesses + n;
}

void
sim_thaw(void)
{
	unsigned int i;

	for (i = 0; i < nr_threads; i++)
		threads[i].frozen = false;
}

bool
sim_dead(unsigned int nr)
{
	return threads[nr].dead;
}

bool
sim_frozen(unsigned int nr)
{
	return threads[nr].frozen;
}

bool
sim_ended(unsigned int nr)
{
	return threads[nr].ended;
}

uint64_t
sim_accesses(unsigned int nr)
{
	return threads[nr].accesses;
}

uint64_t
sim_total_accesses(void)
{
	return total;
}

uint64_t
sim_switches(void)
{
	return switches;
}

uintptr_t
sim_died_at(unsigned int nr)
{
	return threads[nr].died_at;
}

void
sim_mark(void (*seen)(void *arg), void *arg)
{
	if (cur == NULL || memory == SIM_SC) {
		seen(arg);
		return;
	}
	if (cur->pending == BUFFER)
		drain_one(cur, 0);
	cur->buffer[cur->pending].addr = arg;
	cur->buffer[cur->pending].seen = seen;
	cur->buffer[cur->pending].size = 0;
	cur->buffer[cur->pending++].group = cur->group;
}

unsigned int
sim_self(void)
{
	return (unsigned int)(cur - threads);
}

void
sim_end(void)
{
	unsigned int i;

	for (i = 0; i < nr_threads; i++)
		drain(&threads[i]);
	nr_threads = 0;
	pp_self = PP_SELF_NOBODY;
}
