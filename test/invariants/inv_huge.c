/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inv_huge.h"

#define NR_HUGEPAGES "/proc/sys/vm/nr_hugepages"

/* Hugepages; what to undo in the end. */
static char mounted[64];
static long nr_before = -1;
static int lock = -1;

static long
meminfo(const char *key)
{
	char line[128], fmt[64];
	long value = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	snprintf(fmt, sizeof(fmt), "%s: %%ld", key);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, fmt, &value) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return value;
}

static void
set_nr_hugepages(long nr)
{
	FILE *f = fopen(NR_HUGEPAGES, "w");

	if (f == NULL)
		return;
	fprintf(f, "%ld\n", nr);
	fclose(f);
}

static bool
hugetlbfs_mounted(void)
{
	char line[512];
	bool found = false;
	FILE *f = fopen("/proc/mounts", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		found |= strstr(line, " hugetlbfs ") != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

bool
inv_huge_get(long pages)
{
	long avail;

	/* One test at a time: another's end would take away pages and the mount that this one
	 * counts on. No longer than its holder lives.
	 */
	lock = open(NR_HUGEPAGES, O_RDONLY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) != 0)
		return false;
	avail = meminfo("HugePages_Free");
	if (avail < pages) {
		nr_before = meminfo("HugePages_Total");
		set_nr_hugepages(nr_before + pages - avail);
	}
	if (meminfo("HugePages_Free") < pages)
		return false;
	if (hugetlbfs_mounted())
		return true;
	snprintf(mounted, sizeof(mounted), "/tmp/inv_huge.XXXXXX");
	if (mkdtemp(mounted) == NULL || mount("none", mounted, "hugetlbfs", 0, NULL) != 0) {
		rmdir(mounted);
		mounted[0] = '\0';
		return false;
	}
	return true;
}

static void
remove_files(const char *dir, const char *prefix)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
}

void
inv_huge_remove_files(const char *program, pid_t pid)
{
	char line[512], dir[256], prefix[64];
	FILE *f = fopen("/proc/mounts", "r");

	snprintf(prefix, sizeof(prefix), "%s-%dmap_", program, (int)pid);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%*s %255s hugetlbfs", dir) == 1 &&
				strstr(line, " hugetlbfs ") != NULL)
			remove_files(dir, prefix);
	if (f != NULL)
		fclose(f);
}

void
inv_huge_give_back(void)
{
	if (mounted[0] != '\0') {
		umount2(mounted, MNT_DETACH);
		rmdir(mounted);
	}
	if (nr_before >= 0)
		set_nr_hugepages(nr_before);
	/* children that live on have it, too */
	if (lock >= 0)
		flock(lock, LOCK_UN);
}
