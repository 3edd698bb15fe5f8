/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Faults: full disks. The library writes no files, but logs go to one, reports may, and EAL keeps
 * its own in a run-time directory and in hugetlbfs. Each case is a child in a mount namespace of
 * its own, in which the disk in question is small:
 *
 *   - logs, dumps and the checker's report end in /dev/full: what is refused is refused, counted;
 *   - the run-time directory has no byte left once EAL has started: pools are made, used, freed;
 *   - hugetlbfs has no page left, though the machine has: pools end with -ENOMEM, those that are
 *     there serve on, and when pages come back so do pools.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_log.h>

#include "../exec_self.h"
#include "test_common.h"

#define RUN_DIR "/var/run/dpdk"
#define HUGE_MB 16

/* A mount namespace of its own. */
static int
alone(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		printf("no mount namespace here: %s\n", strerror(errno));
		return TEST_SKIPPED;
	}
	return 0;
}

static int
pool_works(unsigned int n, const char *config)
{
	struct rte_mempool *mp = test_pool(n, 2048, 0, config);

	CHECK(mp != NULL, "a pool of %u: %s", n, rte_strerror(rte_errno));
	CHECK_OK(test_pool_drain(mp, n));
	return test_pool_end(mp);
}

static int
child_log(void)
{
	FILE *full = fopen("/dev/full", "w");
	struct frag_pool_stats before, st;
	struct rte_mempool *mp;
	static char foreign[64];
	void *objs[2];
	unsigned int i;
	int rc;

	CHECK(full != NULL && setvbuf(full, NULL, _IONBF, 0) == 0, "/dev/full");
	CHECK(fputc('x', full) == EOF, "/dev/full takes something");
	CHECK_OK(test_eal_init("test_disks", 128, PP_PLUGIN, NULL) < 0 ? -1 : 0);
	rte_openlog_stream(full);
	CHECK_OK(pool_works(1000, "mode=strict"));
	mp = test_pool(1000, 64, 0, "mode=strict");
	CHECK(mp != NULL, "pool");
	frag_pool_get_stats(page_pool_from_mempool(mp), &before);
	for (i = 0; i < 100; i++) {
		CHECK(test_get(mp, objs, 1) == 0, "get");
		test_put(mp, objs, 1);
		objs[1] = foreign;
		rc = rte_mempool_ops_enqueue_bulk(mp, objs, 2);
		CHECK(rc == -EINVAL, "free already, and foreign: %d", rc);
	}
	frag_pool_get_stats(page_pool_from_mempool(mp), &st);
	CHECK(st.refused - before.refused == 200, "%" PRIu64 " refused",
			st.refused - before.refused);
	frag_pool_dump(page_pool_from_mempool(mp), full);
	CHECK(page_pool_mempool_check(mp, full) == 0, "checker");
	CHECK(test_get(mp, objs, 1) == 0, "get");
	CHECK(rte_mempool_ops_enqueue_bulk(mp, objs, 1) == 0, "put");
	CHECK_OK(test_pool_drain(mp, 1000));
	CHECK_OK(test_pool_end(mp));
	rte_openlog_stream(NULL);
	fclose(full);
	test_eal_end();
	return 0;
}

/* To the last byte. */
static int
fill(const char *dir)
{
	char path[128], bytes[4096] = { 0 };
	size_t len = sizeof(bytes);
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/full", dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0, "%s: %s", path, strerror(errno));
	while (len > 0) {
		n = write(fd, bytes, len);
		if (n <= 0)
			len /= 2;
	}
	CHECK(errno == ENOSPC, "%s", strerror(errno));
	close(fd);
	return 0;
}

static int
child_runtime(void)
{
	unsigned int i;

	CHECK_OK(alone());
	mkdir(RUN_DIR, 0700);
	CHECK(mount("none", RUN_DIR, "tmpfs", 0, "size=8m") == 0, "tmpfs: %s", strerror(errno));
	setenv("PP_TEST_EAL", "--iova-mode=va", 1);
	CHECK_OK(test_eal_init("test_disks", 0, PP_PLUGIN, NULL) < 0 ? TEST_SKIPPED : 0);
	CHECK_OK(fill(RUN_DIR));
	for (i = 0; i < 4; i++) {
		CHECK_OK(pool_works(3000, "mode=default"));
		CHECK_OK(pool_works(3000, "mode=strict"));
	}
	test_eal_end();
	return 0;
}

static int
child_hugetlb(void)
{
	static char dir[] = "/tmp/test_disks.XXXXXX";
	struct rte_mempool *mp[64], *more;
	char eal[128], options[32];
	unsigned int n = 0, i, round, first = 0;

	CHECK_OK(alone());
	/* in a file system of its own: no directory stays behind */
	CHECK(mount("none", "/tmp", "tmpfs", 0, NULL) == 0 && mkdtemp(dir) != NULL, "tmpfs: %s",
			strerror(errno));
	snprintf(options, sizeof(options), "size=%uM", HUGE_MB);
	CHECK(mount("none", dir, "hugetlbfs", 0, options) == 0, "hugetlbfs: %s", strerror(errno));
	snprintf(eal, sizeof(eal), "--iova-mode=va --huge-dir=%s", dir);
	setenv("PP_TEST_EAL", eal, 1);
	CHECK_OK(test_eal_init("test_disks", 0, PP_PLUGIN, NULL) < 0 ? TEST_SKIPPED : 0);
	for (round = 0; round < 3; round++) {
		/* of about 1.1 MB each */
		for (n = 0; n < RTE_DIM(mp); n++) {
			mp[n] = test_pool(500, 2048, 0, NULL);
			if (mp[n] == NULL)
				break;
		}
		CHECK(n >= 4 && n < RTE_DIM(mp), "%u pools", n);
		CHECK(rte_errno == ENOMEM, "%s", rte_strerror(rte_errno));
		CHECK(round == 0 || n == first, "%u pools, %u in the first round", n, first);
		first = n;
		for (i = 0; i < n; i++)
			CHECK_OK(test_pool_drain(mp[i], 500));
		/* what is given back serves the next one */
		CHECK_OK(test_pool_end(mp[0]));
		more = test_pool(400, 2048, 0, NULL);
		CHECK(more != NULL, "after one has gone: %s", rte_strerror(rte_errno));
		CHECK_OK(test_pool_drain(more, 400));
		CHECK_OK(test_pool_end(more));
		for (i = 1; i < n; i++)
			CHECK_OK(test_pool_end(mp[i]));
	}
	printf("%u pools in %u MB of hugetlbfs\n", n, HUGE_MB);
	test_eal_end();
	return 0;
}

static const struct child {
	const char *name;
	const char *what;
	int (*run)(void);
} children[] = {
	{ "log", "faults: logs and reports on a full disk", child_log },
	{ "runtime", "faults: EAL's run-time directory is full", child_runtime },
	{ "hugetlb", "faults: hugetlbfs is full", child_hugetlb },
};

static int
child_main(const char *name)
{
	unsigned int i;
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < RTE_DIM(children); i++)
		if (strcmp(children[i].name, name) == 0) {
			rc = children[i].run();
			return rc < 0 ? EXIT_FAILURE : rc;
		}
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *args[] = { "test_disks", "--child", NULL, NULL };
	unsigned int i, failed = 0, skipped = 0;
	int status;
	pid_t pid;

	if (argc == 3 && strcmp(argv[1], "--child") == 0)
		return child_main(argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < RTE_DIM(children); i++) {
		args[2] = children[i].name;
		pid = fork();
		if (pid == 0) {
			exec_self(args);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return EXIT_FAILURE;
		if (WIFEXITED(status) && WEXITSTATUS(status) == TEST_SKIPPED)
			skipped++;
		else
			failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		printf("%s: %#x\n", children[i].what, (unsigned int)status);
	}
	printf("== test_disks: %u failed, %u skipped\n", failed, skipped);
	return failed != 0 ? EXIT_FAILURE : skipped != 0 ? TEST_SKIPPED : EXIT_SUCCESS;
}
