/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PP_PRELOAD_H_
#define _PP_PRELOAD_H_

/*
 * What the preloaded shims share. Each of them stands between a program that was not written
 * for page_pool (dpdk-test, dpdk-testpmd) and DPDK's libraries, and changes one thing. They may
 * be preloaded together: each hands the call on to the next definition of the same name, which
 * is the next shim's or the library's.
 *
 * Our definitions carry no symbol version. The dynamic linker takes them for any version, so
 * they also stand before the versioned ones (DPDK_23, EXPERIMENTAL) that programs ask for.
 *
 * Inside a library, a call from one exported function to another goes through its procedure
 * linkage table and so reaches us as well, unless it was linked with -Bsymbolic or inlined.
 * Nothing here relies on that in silence: pp_allops counts the pools it did not reach.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* The next definition of a function after the caller's own; a program without one is not ours. */
static inline void *
pp_next(const char *name)
{
	void *sym = dlsym(RTLD_NEXT, name);

	if (sym == NULL) {
		fprintf(stderr, "preload: no %s behind this one: %s\n", name, dlerror());
		abort();
	}
	return sym;
}

#endif /* _PP_PRELOAD_H_ */
