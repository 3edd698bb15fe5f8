/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _EXEC_SELF_H_
#define _EXEC_SELF_H_

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* This program again, with other arguments, argv[0] being its name; returns when that failed.
 * Where another processor is emulated, PP_EMULATOR is what runs its programs: words, with spaces
 * between them, and then the path this one was started with (for /proc/self/exe, it is the loader).
 */
static inline void
exec_self(const char *const *argv)
{
	const char *emulator = getenv("PP_EMULATOR");
	char *args[32], *words = NULL, *save;
	unsigned int n = 0, i;

	if (emulator == NULL) {
		execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
		return;
	}
	words = strdup(emulator);
	if (words == NULL)
		return;
	for (args[n] = strtok_r(words, " ", &save); args[n] != NULL && n < 8;)
		args[++n] = strtok_r(NULL, " ", &save);
	args[n++] = program_invocation_name;
	for (i = 1; argv[i] != NULL && n < 31; i++)
		args[n++] = (char *)(uintptr_t)argv[i];
	args[n] = NULL;
	execvp(args[0], args);
	free(words);
}

#endif /* _EXEC_SELF_H_ */
