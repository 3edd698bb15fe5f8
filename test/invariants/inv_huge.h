/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _INV_HUGE_H_
#define _INV_HUGE_H_

/*
 * Hugepages, which is all that EAL shares with secondary processes: reserved, and a hugetlbfs
 * mounted, if need be, by a process that is not EAL's own and undoes both afterwards.
 */

#include <stdbool.h>
#include <sys/types.h>

/* So many pages of 2 MB, once no other test has any. False: there are none to be had. */
bool inv_huge_get(long pages);

/* Undo it. */
void inv_huge_give_back(void);

/* EAL leaves its files behind, and a program that is no more cannot remove them: those of a primary
 * with the prefix that inv_start() gives, PROGRAM-PID.
 */
void inv_huge_remove_files(const char *program, pid_t pid);

#endif /* _INV_HUGE_H_ */
