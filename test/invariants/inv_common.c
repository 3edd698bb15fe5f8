/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_memory.h>

#include "inv_common.h"

double inv_seconds;
const char *inv_plugin;
char inv_what[160];
bool inv_quiet;

static int main_argc;
static char **main_argv;
static uint64_t seed;
char inv_prefix[64];
bool inv_huge;
bool inv_secondary;
static pid_t main_pid;
static atomic_uint failures;
static unsigned int failures_shown = 20;
static unsigned int signals_us;
static atomic_bool signals_armed;
static atomic_uint signals;

static void signal_caught(int sig);

void
inv_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char text[512];
	va_list ap;

	/* the first ones tell; thousands of the same do not */
	if (atomic_fetch_add(&failures, 1) >= failures_shown || inv_quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fflush(stdout);
	fprintf(stderr, "FAILED %s:%d [%s] %s\n", base != NULL ? base + 1 : file, line, inv_what,
			text);
}

unsigned int
inv_failures(void)
{
	return atomic_load(&failures);
}

/* EAL leaves its runtime directory behind. */
static void
remove_runtime_dir(void)
{
	char dir[128], path[512];
	struct dirent *e;
	DIR *d;

	if (getpid() != main_pid || inv_secondary || inv_prefix[0] == '\0')
		return;
	snprintf(dir, sizeof(dir), "/var/run/dpdk/%s", inv_prefix);
	d = opendir(dir);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

void
inv_exit(void)
{
	unsigned int n;

	if (signals_armed) {
		printf("%u signals\n", atomic_load(&signals));
		INV_CHECK(atomic_load(&signals) > 1000, "%u signals", atomic_load(&signals));
	}
	n = inv_failures();
	fflush(stdout);
	if (n > failures_shown)
		fprintf(stderr, "... %u failures in all\n", n);
	if (inv_arg("role") == NULL)
		printf("%s (PP_SEED=%" PRIu64 ")\n", n == 0 ? "ok" : "FAILED", seed);
	fflush(stdout);
	remove_runtime_dir();
	/* not exit(): threads may be in the middle of anything */
	_exit(n == 0 ? 0 : 1);
}

static void
watchdog_bites(int sig)
{
	static const char text[] = "FAILED: no end in sight, ended by the watchdog while: ";
	ssize_t rc;

	(void)sig;
	rc = write(STDERR_FILENO, text, sizeof(text) - 1);
	rc = write(STDERR_FILENO, inv_what, strlen(inv_what));
	rc = write(STDERR_FILENO, "\n", 1);
	(void)rc;
	if (getenv("INV_ABORT") != NULL)
		abort();
	remove_runtime_dir();
	_exit(1);
}

void
inv_watchdog(double seconds)
{
	/* the machine may be busy with other things */
	if (getenv("INV_IMPATIENT") != NULL)
		alarm((unsigned int)(seconds * 2) + 15);
	else
		alarm((unsigned int)(seconds * 4) + 60);
}

uint64_t
inv_seed(void)
{
	return seed;
}

double
inv_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

const char *
inv_arg(const char *name)
{
	int i;

	for (i = 1; i + 1 < main_argc; i++)
		if (strncmp(main_argv[i], "--", 2) == 0 && strcmp(main_argv[i] + 2, name) == 0)
			return main_argv[i + 1];
	return NULL;
}

/* From here on membarrier() is not permitted to this thread, nor to those it makes. */
static void
membarrier_forbid(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = RTE_DIM(filter), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) != 0) {
		printf("membarrier cannot be forbidden here: %s\n", strerror(errno));
		exit(INV_SKIP);
	}
	INV_NEED(syscall(__NR_membarrier, 0, 0, 0) == -1 && errno == EPERM, "it is not forbidden");
}

/* This process is known to the kernel, and this thread to a pool: as after some time of use. */
static void
pools_used(void)
{
	struct frag_pool_params params = { .name = "first",
		.size = 64,
		.frag_size = 64,
		.socket_id = SOCKET_ID_ANY };
	struct frag_pool *fp = frag_pool_create(&params);
	static _Alignas(4096) char area[4096];
	void *frag;

	INV_NEED(fp != NULL, "%s", rte_strerror(rte_errno));
	INV_NEED(frag_pool_add_chunk(fp, area, sizeof(area), 0, UINT32_MAX, NULL, NULL) == 64,
			"chunk");
	INV_NEED(frag_pool_get(fp, &frag, 1) == 0 && frag_pool_put(fp, &frag, 1) == 0, "use");
	frag_pool_destroy(fp);
}

void
inv_start(int argc, char **argv, const char *invariant, double seconds)
{
	const char *base = strrchr(argv[0], '/'), *s;
	char *eal[24];
	struct timespec ts;
	char lcores[64];
	cpu_set_t cpus;
	int n = 0, cpu = 0, rc;
	bool later;

	main_argc = argc;
	main_argv = argv;
	main_pid = getpid();
	base = base != NULL ? base + 1 : argv[0];
	s = inv_arg("seconds");
	inv_seconds = s != NULL ? atof(s) : seconds;
	inv_plugin = inv_arg("plugin");
	clock_gettime(CLOCK_REALTIME, &ts);
	seed = (uint64_t)ts.tv_nsec ^ ((uint64_t)ts.tv_sec << 20) ^ (uint64_t)main_pid;
	s = getenv("PP_SEED");
	if (s != NULL)
		seed = strtoull(s, NULL, 0);
	s = getenv("INV_SHOW");
	if (s != NULL)
		failures_shown = (unsigned int)atoi(s);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (inv_arg("role") == NULL)
		printf("%s: %s\nPP_SEED=%" PRIu64 "\n", base, invariant, seed);
	signal(SIGALRM, watchdog_bites);
	inv_watchdog(inv_seconds);

	s = inv_arg("membarrier");
	later = s != NULL && strcmp(s, "forbidden-later") == 0;
	if (s != NULL && strcmp(s, "forbidden") == 0)
		membarrier_forbid();
	else
		INV_NEED(s == NULL || later, "--membarrier %s", s);
	s = inv_arg("signals");
	signals_us = s != NULL ? (unsigned int)atoi(s) : 0;
	if (signals_us != 0)
		sigaction(SIGUSR2, &(struct sigaction){ .sa_handler = signal_caught }, NULL);
	s = inv_arg("role");
	inv_secondary = s != NULL && strcmp(s, "secondary") == 0;
	if (inv_secondary)
		snprintf(inv_prefix, sizeof(inv_prefix), "%s", inv_arg("prefix"));
	else
		snprintf(inv_prefix, sizeof(inv_prefix), "%.40s-%d", base, (int)main_pid);
	eal[n++] = argv[0];
	if (inv_huge || inv_secondary) {
		eal[n++] = strdup("--proc-type");
		eal[n++] = strdup(inv_secondary ? "secondary" : "primary");
		/*
		 * EAL's own base lies in AddressSanitizer's shadow; left to the kernel, the
		 * primary's memory would lie where some of the secondaries have their libraries.
		 */
		eal[n++] = strdup("--base-virtaddr=0x200000000000");
		if (!inv_secondary) {
			eal[n++] = strdup("-m");
			eal[n++] = strdup("64");
		}
	} else {
		eal[n++] = strdup("--no-huge");
		eal[n++] = strdup("-m");
		eal[n++] = strdup("512");
	}
	eal[n++] = strdup("--no-pci");
	eal[n++] = strdup("--no-telemetry");
	eal[n++] = strdup("--log-level=lib.eal:error");
	/* two lcores, on any CPU we may use; EAL pins this thread to it, which is undone below */
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &cpus))
		cpu++;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d,1@%d", cpu, cpu);
	eal[n++] = strdup(lcores);
	eal[n++] = strdup("--file-prefix");
	eal[n++] = strdup(inv_prefix);
	if (inv_plugin != NULL) {
		eal[n++] = strdup("-d");
		eal[n++] = strdup(inv_plugin);
	}
	eal[n] = NULL;
	rc = rte_eal_init(n, eal);
	INV_NEED(rc >= 0, "EAL: %s", rte_strerror(rte_errno));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (later) {
		pools_used();
		membarrier_forbid();
	}
}

/* splitmix64 */
uint64_t
inv_rand(struct inv_rng *rng)
{
	uint64_t z = rng->s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
inv_rng_init(struct inv_rng *rng, uint64_t stream)
{
	rng->s = seed + stream * UINT64_C(0xd1342543de82ef95);
	inv_rand(rng);
}

uint32_t
inv_below(struct inv_rng *rng, uint32_t n)
{
	return (uint32_t)(((inv_rand(rng) >> 32) * n) >> 32);
}

uint32_t
inv_burst(struct inv_rng *rng, uint32_t max)
{
	static const uint32_t usual[] = { 1, 2, 4, 8, 16, 31, 32, 33, 62, 63, 64, 128, 512, 1024 };
	uint32_t n;

	switch (inv_below(rng, 4)) {
	case 0:
		n = 1;
		break;
	case 1:
		n = usual[inv_below(rng, sizeof(usual) / sizeof(usual[0]))];
		break;
	case 2:
		n = 1 + inv_below(rng, 64);
		break;
	default:
		n = 1 + inv_below(rng, max);
		break;
	}
	return n > max ? max : n;
}

void
inv_shuffle(struct inv_rng *rng, void **table, uint32_t n)
{
	uint32_t i, j;
	void *t;

	for (i = n; i > 1; i--) {
		j = inv_below(rng, i);
		t = table[i - 1];
		table[i - 1] = table[j];
		table[j] = t;
	}
}

void
inv_pick(struct inv_rng *rng, void **table, uint32_t nr, uint32_t n)
{
	uint32_t i, j;
	void *t;

	for (i = nr; i > nr - n; i--) {
		j = inv_below(rng, i);
		t = table[i - 1];
		table[i - 1] = table[j];
		table[j] = t;
	}
}

struct inv_config
inv_config(unsigned int i)
{
	static const uint32_t caches[] = { 0, FRAG_POOL_CACHE_NONE, 1, 32 };
	struct inv_config cfg;

	cfg.cache = caches[i % 4];
	cfg.flags = ((i / 4) % 2 != 0 ? FRAG_POOL_F_STRICT : 0) |
			((i / 8) % 2 != 0 ? FRAG_POOL_F_FENCE : 0);
	return cfg;
}

const char *
inv_config_name(const struct inv_config *cfg)
{
	static _Thread_local char name[64];
	char cache[16];

	if (cfg->cache == 0)
		snprintf(cache, sizeof(cache), "default");
	else
		snprintf(cache, sizeof(cache), "%" PRIu32,
				cfg->cache == FRAG_POOL_CACHE_NONE ? 0 : cfg->cache);
	snprintf(name, sizeof(name), "mode=%s fence=%s cache=%s",
			(cfg->flags & FRAG_POOL_F_STRICT) != 0 ? "strict" : "default",
			(cfg->flags & FRAG_POOL_F_FENCE) != 0 ? "full" : "auto", cache);
	return name;
}

void *
inv_shared_alloc(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	INV_NEED(p != MAP_FAILED, "mmap of %zu: %s", len, strerror(errno));
	return p;
}

void
inv_shared_free(void *p, size_t len)
{
	munmap(p, len);
}

void
inv_pool_make(struct inv_pool *p, const struct inv_config *cfg, uint32_t size, uint32_t frag_size,
		uint32_t page_frags)
{
	struct frag_pool_params params = {
		.name = "invariants",
		.size = size,
		.frag_size = frag_size,
		.page_size = (size_t)page_frags * frag_size,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = -1,
	};
	int rc;

	memset(p, 0, sizeof(*p));
	p->size = size;
	p->frag_size = frag_size;
	p->page_frags = page_frags == 0 ? FRAG_POOL_PAGE_FRAGS_MAX : page_frags;
	p->len = (size_t)size * frag_size;
	p->mem = inv_shared_alloc(p->len);
	p->fp = frag_pool_create(&params);
	INV_NEED(p->fp != NULL, "frag_pool_create: %s", rte_strerror(rte_errno));
	rc = frag_pool_add_chunk(p->fp, p->mem, p->len, 0, size, NULL, NULL);
	INV_NEED(rc == (int)size, "frag_pool_add_chunk: %d of %u", rc, size);
}

void
inv_pool_check(struct frag_pool *fp, const char *when)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc = frag_pool_check(fp, f);

	fclose(f);
	if (len > 400)
		text[400] = '\0';
	INV_CHECK(rc == 0, "%s: %d violations: %s", when, rc, text);
	free(text);
}

void
inv_pool_end(struct inv_pool *p)
{
	unsigned int count = frag_pool_count(p->fp);

	INV_CHECK(count == p->size, "at rest %u of %u are free", count, p->size);
	inv_pool_check(p->fp, "at the end");
	frag_pool_destroy(p->fp);
	inv_shared_free(p->mem, p->len);
	p->fp = NULL;
}

/* Word 0: holder. Words 1 and 2: what the last holder left, and its complement. */
void
inv_own(void *frag, uint64_t who)
{
	_Atomic(uint64_t) *word = frag;
	uint64_t *data = (uint64_t *)frag + 1;
	uint64_t was = INV_FREE;

	/* relaxed: it is the pool that must order the data */
	if (!atomic_compare_exchange_strong_explicit(word, &was, who, memory_order_relaxed,
			    memory_order_relaxed))
		INV_CHECK(was == INV_FREE, "I1: %p handed out to %" PRIu64 " is held by %" PRIu64,
				frag, who, was);
	INV_CHECK(data[0] == ~data[1] || (data[0] == 0 && data[1] == 0),
			"I1: %p: data of the last holder are not seen: %#" PRIx64 " %#" PRIx64,
			frag, data[0], data[1]);
	data[0] = who << 32 | (data[0] & 0xffffffff);
	data[1] = 0;
}

void
inv_disown(void *frag, uint64_t who, uint64_t to)
{
	_Atomic(uint64_t) *word = frag;
	uint64_t *data = (uint64_t *)frag + 1;
	uint64_t was;

	INV_CHECK(data[0] >> 32 == (who & 0xffffffff) && data[1] == 0,
			"I1: %p held by %" PRIu64 " was written to by another: %#" PRIx64
			" %#" PRIx64,
			frag, who, data[0], data[1]);
	data[0]++;
	data[1] = ~data[0];
	was = atomic_exchange_explicit(word, to, memory_order_relaxed);
	INV_CHECK(was == who, "I1: %p is held by %" PRIu64 ", not by %" PRIu64, frag, was, who);
}

void
inv_own_bulk(void **frags, uint32_t n, uint64_t who)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		inv_own(frags[i], who);
}

void
inv_disown_bulk(void **frags, uint32_t n, uint64_t who)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		inv_disown(frags[i], who, INV_FREE);
}

/* In the middle of whatever the thread does; now and then it stays there for a while. */
static void
signal_caught(int sig)
{
	struct timespec stay = { .tv_nsec = 300000 };
	int saved = errno;

	(void)sig;
	if (atomic_fetch_add(&signals, 1) % 16 == 0)
		nanosleep(&stay, NULL);
	errno = saved;
}

static void *
thread_main(void *arg)
{
	struct inv_thread_arg *a = arg;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
	struct itimerspec every = { 0 };
	timer_t timer;
	void *result;

	if (signals_us == 0)
		return a->fn(a->arg, a->i);
	event._sigev_un._tid = (pid_t)syscall(__NR_gettid);
	INV_NEED(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "%s", strerror(errno));
	/* at intervals that do not fall into step with each other */
	every.it_interval.tv_nsec = (signals_us + a->i * 7) * 1000 + 77;
	every.it_value = every.it_interval;
	INV_NEED(timer_settime(timer, 0, &every, NULL) == 0, "%s", strerror(errno));
	atomic_store(&signals_armed, true);
	result = a->fn(a->arg, a->i);
	timer_delete(timer);
	return result;
}

void
inv_threads_start(struct inv_threads *t, unsigned int n, void *(*fn)(void *arg, unsigned int i),
		void *arg)
{
	pthread_attr_t attr;
	unsigned int i;
	int rc;

	t->n = n;
	t->thread = calloc(n, sizeof(*t->thread));
	t->arg = calloc(n, sizeof(*t->arg));
	INV_NEED(t->thread != NULL && t->arg != NULL, "no memory");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	for (i = 0; i < n; i++) {
		t->arg[i].i = i;
		t->arg[i].fn = fn;
		t->arg[i].arg = arg;
		rc = pthread_create(&t->thread[i], &attr, thread_main, &t->arg[i]);
		INV_NEED(rc == 0, "pthread_create: %s", strerror(rc));
	}
	pthread_attr_destroy(&attr);
}

void
inv_threads_join(struct inv_threads *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		pthread_join(t->thread[i], NULL);
	free(t->thread);
	free(t->arg);
}

void
inv_in_thread(void *(*fn)(void *arg, unsigned int i), void *arg)
{
	struct inv_threads t;

	inv_threads_start(&t, 1, fn, arg);
	inv_threads_join(&t);
}

static void *
puppet_main(void *arg)
{
	struct inv_puppet *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		if (p->busy) {
			p->fn(p->arg);
			p->busy = false;
			pthread_cond_broadcast(&p->cond);
		}
		if (!p->quit)
			pthread_cond_wait(&p->cond, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void
inv_puppet_start(struct inv_puppet *p)
{
	int rc;

	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->cond, NULL);
	rc = pthread_create(&p->thread, NULL, puppet_main, p);
	INV_NEED(rc == 0, "pthread_create: %s", strerror(rc));
}

void
inv_puppet_run(struct inv_puppet *p, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&p->lock);
	p->fn = fn;
	p->arg = arg;
	p->busy = true;
	pthread_cond_broadcast(&p->cond);
	while (p->busy)
		pthread_cond_wait(&p->cond, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void
inv_puppet_end(struct inv_puppet *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->cond);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
}

void
inv_take_all(struct inv_pool *pool, void **frags, uint32_t total, uint32_t n)
{
	uint32_t have = 0, want;
	void *one = pool;
	int rc;

	INV_CHECK(frag_pool_count(pool->fp) == total, "I3: count %u of %u",
			frag_pool_count(pool->fp), total);
	while (have < total) {
		want = RTE_MIN(n, total - have);
		rc = frag_pool_get(pool->fp, &frags[have], want);
		if (!INV_CHECK(rc == 0, "I2: get of %u with %u of %u taken: %d", want, have, total,
				    rc))
			return;
		inv_own_bulk(&frags[have], want, 99);
		have += want;
	}
	rc = frag_pool_get(pool->fp, &one, 1);
	INV_CHECK(rc == -ENOBUFS && one == pool, "more than there are: %d", rc);
	INV_CHECK(frag_pool_count(pool->fp) == 0, "count %u", frag_pool_count(pool->fp));
	inv_disown_bulk(frags, total, 99);
	frag_pool_put(pool->fp, frags, total);
}
