/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Faults on purpose: see test_inject.h.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_errno.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_memzone.h>

#include "test_inject.h"

static struct {
	unsigned int callers; /* 0: nothing is injected */
	unsigned int nth;
	bool on;
	unsigned int calls;
	char what[128];
} inject;

static size_t iova_run;

void
inject_start(unsigned int callers, unsigned int nth, bool on)
{
	memset(&inject, 0, sizeof(inject));
	inject.nth = nth;
	inject.on = on;
	inject.callers = callers;
}

unsigned int
inject_stop(const char **what)
{
	inject.callers = 0;
	if (what != NULL)
		*what = inject.what[0] == '\0' ? NULL : inject.what;
	return inject.calls;
}

void
inject_iova_run(size_t run)
{
	iova_run = run;
}

static unsigned int
caller_of(const void *ret)
{
	const char *base;
	Dl_info info;

	if (dladdr(ret, &info) == 0 || info.dli_fname == NULL)
		return 0;
	base = strrchr(info.dli_fname, '/');
	base = base == NULL ? info.dli_fname : base + 1;
	if (strstr(base, "page_pool") != NULL)
		return INJECT_OURS;
	return strncmp(base, "librte_mempool.so", 17) == 0 ? INJECT_MEMPOOL : 0;
}

/* Whether the call that is about to return to `ret` is to fail. */
static bool
fails(const void *ret, const char *call, const char *what)
{
	if (inject.callers == 0 || (caller_of(ret) & inject.callers) == 0)
		return false;
	inject.calls++;
	if (inject.calls != inject.nth && !(inject.on && inject.calls > inject.nth))
		return false;
	if (inject.what[0] == '\0')
		snprintf(inject.what, sizeof(inject.what), "%s(%s)", call,
				what == NULL ? "" : what);
	return true;
}

#define NEXT(name) \
	({ \
		static __typeof__(&name) next_##name; \
		if (next_##name == NULL) \
			next_##name = dlsym(RTLD_NEXT, #name); \
		if (next_##name == NULL) \
			abort(); \
		next_##name; \
	})

/* EAL's heap has locks that ThreadSanitizer does not see: what was freed is another thread's. */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
static char heap_order;
#define HEAP_ACQUIRE() __tsan_acquire(&heap_order)
#define HEAP_RELEASE() __tsan_release(&heap_order)
#else
#define HEAP_ACQUIRE()
#define HEAP_RELEASE()
#endif

static void *
allocated(void *p)
{
	HEAP_ACQUIRE();
	return p;
}

#define FAILS(what) fails(__builtin_return_address(0), __func__, what)

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return FAILS(type) ? NULL : allocated(NEXT(rte_zmalloc_socket)(type, size, align, socket));
}

void *
rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	return FAILS(type) ? NULL : allocated(NEXT(rte_zmalloc)(type, size, align));
}

void *
rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return FAILS(type) ? NULL : allocated(NEXT(rte_malloc_socket)(type, size, align, socket));
}

void *
rte_malloc(const char *type, size_t size, unsigned int align)
{
	return FAILS(type) ? NULL : allocated(NEXT(rte_malloc)(type, size, align));
}

void *
rte_calloc_socket(const char *type, size_t num, size_t size, unsigned int align, int socket)
{
	return FAILS(type) ? NULL :
			     allocated(NEXT(rte_calloc_socket)(type, num, size, align, socket));
}

const struct rte_memzone *
rte_memzone_reserve(const char *name, size_t len, int socket_id, unsigned int flags)
{
	const struct rte_memzone *mz;

	if (FAILS(name)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	mz = NEXT(rte_memzone_reserve)(name, len, socket_id, flags);
	HEAP_ACQUIRE();
	return mz;
}

const struct rte_memzone *
rte_memzone_reserve_aligned(const char *name, size_t len, int socket_id, unsigned int flags,
		unsigned int align)
{
	const struct rte_memzone *mz;

	if (FAILS(name)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	mz = NEXT(rte_memzone_reserve_aligned)(name, len, socket_id, flags, align);
	HEAP_ACQUIRE();
	return mz;
}

void
rte_free(void *p)
{
	HEAP_RELEASE();
	NEXT(rte_free)(p);
}

int
rte_memzone_free(const struct rte_memzone *mz)
{
	HEAP_RELEASE();
	return NEXT(rte_memzone_free)(mz);
}

#ifdef __SANITIZE_THREAD__
/* What was done before an alarm is seen by EAL's thread, and what that does by who meets the heap.
 * There is no way back from a function to this one: no test that cancels alarms runs here.
 */
struct alarm {
	rte_eal_alarm_callback cb;
	void *arg;
};

static void
alarm_rings(void *arg)
{
	struct alarm *a = arg, copy;

	HEAP_ACQUIRE();
	copy = *a;
	free(a);
	copy.cb(copy.arg);
	HEAP_RELEASE();
}

int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback cb, void *arg)
{
	struct alarm *a = FAILS("alarm") ? NULL : malloc(sizeof(*a));
	int rc = -ENOMEM;

	if (a == NULL)
		return rc;
	*a = (struct alarm){ .cb = cb, .arg = arg };
	HEAP_RELEASE();
	rc = NEXT(rte_eal_alarm_set)(us, alarm_rings, a);
	if (rc != 0)
		free(a);
	return rc;
}
#else
int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback cb, void *arg)
{
	return FAILS("alarm") ? -ENOMEM : NEXT(rte_eal_alarm_set)(us, cb, arg);
}
#endif

struct rte_kvargs *
rte_kvargs_parse(const char *args, const char *const valid_keys[])
{
	return FAILS(args) ? NULL : NEXT(rte_kvargs_parse)(args, valid_keys);
}

rte_iova_t
rte_mem_virt2iova(const void *virt)
{
	rte_iova_t iova = NEXT(rte_mem_virt2iova)(virt);

	/* EAL gives back a page of its own that it can find no IOVA for */
	if (iova_run == 0 || iova == RTE_BAD_IOVA || rte_mem_virt2memseg_list(virt) != NULL)
		return iova;
	if (iova / iova_run % 7 == 3)
		return RTE_BAD_IOVA;
	/* twice as far apart as they are long */
	return iova / iova_run * 2 * iova_run + iova % iova_run;
}
