/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _EXEC_SELF_H_
#define _EXEC_SELF_H_

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where another processor is emulated, what runs its programs: words, with spaces between them, and
 * then the program. NULL elsewhere.
 */
static inline const char *
self_emulator(void)
{
	return getenv("PP_EMULATOR");
}

/* This program's file: 0 or -errno. To an emulated one, /proc/self/exe is its loader. */
static inline int
self_path(char path[PATH_MAX])
{
	const char *link = self_emulator() != NULL ? program_invocation_name : "/proc/self/exe";

	return realpath(link, path) != NULL ? 0 : -errno;
}

/* This program again, with other arguments, argv[0] being its name; returns when that failed. */
static inline void
exec_self(const char *const *argv)
{
	char *args[32], *words = NULL, *save, path[PATH_MAX];
	const char *emulator = self_emulator();
	unsigned int n = 0, i;

	if (emulator == NULL) {
		execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
		return;
	}
	words = strdup(emulator);
	if (words == NULL || self_path(path) != 0)
		return;
	for (args[n] = strtok_r(words, " ", &save); args[n] != NULL && n < 8;)
		args[++n] = strtok_r(NULL, " ", &save);
	args[n++] = path;
	for (i = 1; argv[i] != NULL && n < 31; i++)
		args[n++] = (char *)(uintptr_t)argv[i];
	args[n] = NULL;
	execvp(args[0], args);
	free(words);
}

#endif /* _EXEC_SELF_H_ */
