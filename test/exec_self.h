/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _EXEC_SELF_H_
#define _EXEC_SELF_H_

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* This program again, with other arguments, argv[0] being its name; returns when that failed.
 * Where another processor is emulated, PP_EMULATOR is what runs its programs: words, with spaces
 * between them.
 */
static inline void
exec_self(const char *const *argv)
{
	const char *emulator = getenv("PP_EMULATOR");
	char *args[32], *words = NULL, *save, path[PATH_MAX];
	unsigned int n = 0, i;
	ssize_t len;

	if (emulator == NULL) {
		execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
		return;
	}
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	words = strdup(emulator);
	if (len < 0 || words == NULL)
		return;
	path[len] = '\0';
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
