/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I2 No stranding, between processes (I10): what lies in the places of a thread of one process
 * (inv_strand names them) is taken by a thread of another, with gets of 1, 32 and all, while its
 * owner sleeps, spins, has ended, was part of a process that ended, or of one that was killed. A
 * primary robs its secondary and a secondary its primary, also one whose primary is no more.
 *
 * This program only gives orders, by memory that it shares with the two; it is no DPDK program
 * itself, so each of them may die.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_memzone.h>
#include <rte_string_fns.h>

#include "../exec_self.h"
#include "inv_common.h"
#include "inv_huge.h"

/* ten pages, and not all of them full */
#define SIZE (10 * 62 - 7)
#define FRAG 64
/* pools that one death is for: each place and request of some configurations */
#define CASES 60
#define CASE_BYTES RTE_ALIGN_CEIL(SIZE *FRAG, 4096)
#define PAGES_NEEDED 48 /* of 2 MB */

enum place { PLACE_CACHE, PLACE_STASH, PLACE_RING, PLACE_PAGES, PLACES };
enum state { STATE_SLEEPS, STATE_SPINS, STATE_ENDED, STATE_PROCESS_ENDED, STATE_KILLED, STATES };
enum { PRIMARY, SECONDARY, PROCESSES };

static const char *const place_names[PLACES] = { "cache", "stash", "ring", "page cache" };
static const char *const state_names[STATES] = { "sleeps", "spins", "ended",
	"was in a process that ended", "was in a process that was killed" };
static const char *const role_names[PROCESSES] = { "primary", "secondary" };
static const uint32_t requests[] = { 1, 32, SIZE };

enum order {
	ORDER_NONE,
	ORDER_MAKE,
	ORDER_GET,
	ORDER_PUT,
	ORDER_PUT_EACH,
	ORDER_SPIN,
	ORDER_END_THREAD,
	ORDER_TAKE_ALL,
	ORDER_CHECK,
	ORDER_DESTROY,
	ORDER_EXIT,
};

struct mailbox {
	atomic_uint order;
	uint32_t pool;
	uint32_t n;
	uint32_t total;
	bool puppet; /* by a thread beside the main one, whose end is ORDER_END_THREAD */
	struct inv_config cfg;
	atomic_uint started; /* pid, once it waits for orders */
	atomic_uint failures;
	atomic_bool spins, spin;
};

static struct shared {
	struct mailbox box[PROCESSES];
	char prefix[64];
	char what[160];
	struct inv_pool pool[CASES];
	void *frags[CASES][SIZE];
} * sh;

static const char *
arg_of(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i + 1 < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0)
			return argv[i + 1];
	return NULL;
}

/* ---- who obeys */

static struct mailbox *box;
static struct inv_puppet puppet;
static bool puppet_lives;

/* What the library says. An audit would find all, slowly and with the world stopped; but nobody
 * dies inside of a call here, so none is called for.
 */
static unsigned int audits;

static ssize_t
log_write(void *cookie, const char *buf, size_t len)
{
	RTE_SET_USED(cookie);
	if (memmem(buf, len, "audit", 5) != NULL)
		audits++;
	return write(STDERR_FILENO, buf, len);
}

static void
make(uint32_t nr, const struct inv_config *cfg)
{
	struct frag_pool_params params = {
		.name = "robbed",
		.size = SIZE,
		.frag_size = FRAG,
		.cache_size = cfg->cache,
		.flags = cfg->flags,
		.socket_id = SOCKET_ID_ANY,
	};
	const struct rte_memzone *mz = rte_memzone_lookup("inv_frags");
	struct inv_pool *p = &sh->pool[nr];
	int rc;

	p->size = SIZE;
	p->frag_size = FRAG;
	p->page_frags = 62;
	p->len = (size_t)SIZE * FRAG;
	p->mem = (uint8_t *)mz->addr + (size_t)nr * CASE_BYTES;
	memset(p->mem, 0, p->len);
	p->fp = frag_pool_create(&params);
	INV_NEED(p->fp != NULL, "frag_pool_create: %s", rte_strerror(rte_errno));
	rc = frag_pool_add_chunk(p->fp, p->mem, p->len, 0, SIZE, NULL, NULL);
	INV_NEED(rc == SIZE, "chunk: %d", rc);
}

static void
do_get(void *arg)
{
	int rc = frag_pool_get(sh->pool[box->pool].fp, sh->frags[box->pool], box->n);

	RTE_SET_USED(arg);
	INV_CHECK(rc == 0, "get of %u: %d", box->n, rc);
}

static void
do_put(void *arg)
{
	int rc = frag_pool_put(sh->pool[box->pool].fp, sh->frags[box->pool], box->n);

	RTE_SET_USED(arg);
	INV_CHECK(rc == 0, "put of %u: %d", box->n, rc);
}

static void
do_put_each(void *arg)
{
	uint32_t i;

	RTE_SET_USED(arg);
	for (i = 0; i < box->n; i++)
		INV_CHECK(frag_pool_put(sh->pool[box->pool].fp, &sh->frags[box->pool][i], 1) == 0,
				"put");
}

static void
do_spin(void)
{
	volatile uint64_t work = 0;

	atomic_store(&box->spins, true);
	while (atomic_load_explicit(&box->spin, memory_order_relaxed))
		work++;
	atomic_store(&box->spins, false);
}

static void
by(void (*fn)(void *arg))
{
	if (!box->puppet) {
		fn(NULL);
		return;
	}
	if (!puppet_lives)
		inv_puppet_start(&puppet);
	puppet_lives = true;
	inv_puppet_run(&puppet, fn, NULL);
}

static void
obey(void)
{
	struct inv_pool *p = &sh->pool[box->pool];
	void *frags[SIZE];

	switch (atomic_load(&box->order)) {
	case ORDER_MAKE:
		make(box->pool, &box->cfg);
		break;
	case ORDER_GET:
		by(do_get);
		break;
	case ORDER_PUT:
		by(do_put);
		break;
	case ORDER_PUT_EACH:
		by(do_put_each);
		break;
	case ORDER_SPIN:
		do_spin();
		break;
	case ORDER_END_THREAD:
		inv_puppet_end(&puppet);
		puppet_lives = false;
		break;
	case ORDER_TAKE_ALL:
		inv_take_all(p, frags, box->total, box->n);
		break;
	case ORDER_CHECK:
		INV_CHECK(frag_pool_count(p->fp) == box->n, "I3: count %u, not %u",
				frag_pool_count(p->fp), box->n);
		inv_pool_check(p->fp, "at the end");
		INV_CHECK(audits == 0, "%u audits", audits);
		audits = 0;
		break;
	case ORDER_DESTROY:
		frag_pool_destroy(p->fp);
		break;
	default:
		inv_exit();
	}
}

static void
process(int argc, char **argv, unsigned int me)
{
	const struct rte_memzone *mz;
	FILE *log;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED,
			atoi(arg_of(argc, argv, "control")), 0);
	if (sh == MAP_FAILED)
		exit(1);
	box = &sh->box[me];
	inv_huge = true;
	inv_start(argc, argv, "", 300);
	if (me == PRIMARY) {
		mz = rte_memzone_reserve("inv_frags", CASES * CASE_BYTES, SOCKET_ID_ANY, 0);
		INV_NEED(mz != NULL, "memzone: %s", rte_strerror(rte_errno));
		strlcpy(sh->prefix, inv_prefix, sizeof(sh->prefix));
	}
	log = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = log_write });
	INV_NEED(log != NULL && setvbuf(log, NULL, _IOLBF, 0) == 0 && rte_openlog_stream(log) == 0,
			"log");
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_WARNING);
	atomic_store(&box->started, (unsigned int)getpid());
	for (;;) {
		if (atomic_load(&box->order) == ORDER_NONE) {
			usleep(20);
			continue;
		}
		strlcpy(inv_what, sh->what, sizeof(inv_what));
		obey();
		atomic_store(&box->failures, inv_failures());
		atomic_store(&box->order, ORDER_NONE);
	}
}

/* ---- who orders */

static pid_t pids[PROCESSES];
static char control[16];
static const char *membarrier;
static unsigned int failed;

static void
start(unsigned int who)
{
	const char *args[] = { "inv_robbed", "--role", role_names[who], "--control", control,
		"--prefix", sh->prefix, membarrier == NULL ? NULL : "--membarrier", membarrier,
		NULL };
	int status;

	memset(&sh->box[who], 0, sizeof(sh->box[who]));
	fflush(NULL);
	pids[who] = fork();
	if (pids[who] == 0) {
		exec_self(args);
		_exit(1);
	}
	if (pids[who] < 0)
		exit(1);
	while (atomic_load(&sh->box[who].started) == 0) {
		if (waitpid(pids[who], &status, WNOHANG) != 0) {
			fprintf(stderr, "FAILED the %s ended at once, with %#x\n", role_names[who],
					status);
			exit(WIFEXITED(status) && WEXITSTATUS(status) == INV_SKIP ? INV_SKIP : 1);
		}
		usleep(1000);
	}
}

static void
tell(unsigned int who, enum order order, uint32_t pool, uint32_t n)
{
	sh->box[who].pool = pool;
	sh->box[who].n = n;
	atomic_store(&sh->box[who].order, order);
}

static void
ask(unsigned int who, enum order order, uint32_t pool, uint32_t n)
{
	int status;

	tell(who, order, pool, n);
	while (atomic_load(&sh->box[who].order) != ORDER_NONE) {
		if (waitpid(pids[who], &status, WNOHANG) == pids[who]) {
			fprintf(stderr, "FAILED [%s] the %s ended with %#x\n", sh->what,
					role_names[who], status);
			exit(1);
		}
		usleep(20);
	}
	failed += atomic_exchange(&sh->box[who].failures, 0) != 0;
}

/* Until its end; by its own hand, or ours. */
static void
stop(unsigned int who, bool killed)
{
	int status;

	if (killed)
		kill(pids[who], SIGKILL);
	else
		tell(who, ORDER_EXIT, 0, 0);
	waitpid(pids[who], &status, 0);
	if (killed ? !WIFSIGNALED(status) : failed == 0 && status != 0) {
		fprintf(stderr, "FAILED the %s ended with %#x\n", role_names[who], status);
		failed++;
	}
}

/* The owner's fragments come to lie in one of its places. Returns how many are free then. */
static uint32_t
fill(enum place place, unsigned int owner, unsigned int other, uint32_t pool)
{
	if (place == PLACE_STASH) { /* the rest of what it opened */
		ask(owner, ORDER_GET, pool, 1);
		return SIZE - 1;
	}
	if (place == PLACE_CACHE) { /* what others took and it freed */
		ask(other, ORDER_GET, pool, SIZE);
		ask(owner, ORDER_PUT_EACH, pool, SIZE);
		return SIZE;
	}
	ask(owner, ORDER_GET, pool, SIZE);
	/* its own pages, freed by another, or by itself */
	ask(place == PLACE_RING ? other : owner, ORDER_PUT, pool, SIZE);
	return SIZE;
}

static void
say(const struct inv_config *cfg, enum place place, enum state state, unsigned int owner,
		uint32_t request)
{
	snprintf(sh->what, sizeof(sh->what), "%s, %s of a %s's thread that %s, gets of %u",
			inv_config_name(cfg), place_names[place], role_names[owner],
			state_names[state], request);
}

/* Both processes live on. */
static void
robbed_alive(const struct inv_config *cfg, enum place place, enum state state, unsigned int owner,
		uint32_t request)
{
	unsigned int thief = PROCESSES - 1 - owner;
	struct mailbox *o = &sh->box[owner];

	say(cfg, place, state, owner, request);
	sh->box[PRIMARY].cfg = *cfg;
	ask(PRIMARY, ORDER_MAKE, 0, 0);
	o->puppet = state == STATE_ENDED;
	sh->box[thief].total = fill(place, owner, thief, 0);
	if (state == STATE_ENDED)
		ask(owner, ORDER_END_THREAD, 0, 0);
	if (state == STATE_SPINS) {
		atomic_store(&o->spin, true);
		tell(owner, ORDER_SPIN, 0, 0);
		while (!atomic_load(&o->spins))
			usleep(10);
	}
	ask(thief, ORDER_TAKE_ALL, 0, request);
	if (state == STATE_SPINS) {
		atomic_store(&o->spin, false);
		while (atomic_load(&o->order) != ORDER_NONE)
			usleep(10);
	}
	o->puppet = false;
	if (place == PLACE_STASH)
		ask(thief, ORDER_PUT, 0, 1);
	ask(thief, ORDER_CHECK, 0, SIZE);
	ask(PRIMARY, ORDER_DESTROY, 0, 0);
}

/* The owner's process dies, with something in its places of many pools. */
static void
robbed_dead(enum state state, unsigned int owner)
{
	struct inv_config cfg[CASES / PLACES / RTE_DIM(requests)];
	unsigned int thief = PROCESSES - 1 - owner, i, place, r;
	uint32_t total[CASES], nr;

	start(PRIMARY);
	start(SECONDARY);
	for (i = 0, nr = 0; i < RTE_DIM(cfg); i++)
		for (place = 0; place < PLACES; place++)
			for (r = 0; r < RTE_DIM(requests); r++, nr++) {
				cfg[i] = inv_config(i * INV_CONFIGS / RTE_DIM(cfg));
				sh->box[PRIMARY].cfg = cfg[i];
				ask(PRIMARY, ORDER_MAKE, nr, 0);
				total[nr] = fill(place, owner, thief, nr);
			}
	stop(owner, state == STATE_KILLED);
	for (i = 0, nr = 0; i < RTE_DIM(cfg); i++)
		for (place = 0; place < PLACES; place++)
			for (r = 0; r < RTE_DIM(requests); r++, nr++) {
				say(&cfg[i], place, state, owner, requests[r]);
				sh->box[thief].total = total[nr];
				ask(thief, ORDER_TAKE_ALL, nr, requests[r]);
				ask(thief, ORDER_CHECK, nr, total[nr]);
			}
	stop(thief, false);
	inv_huge_remove_files("inv_robbed", pids[PRIMARY]);
}

int
main(int argc, char **argv)
{
	unsigned int c, place, state, owner, r, i, cases = 0;
	struct inv_config cfg;
	const char *s;
	int fd;

	s = arg_of(argc, argv, "role");
	for (i = 0; s != NULL && i < PROCESSES; i++)
		if (strcmp(s, role_names[i]) == 0)
			process(argc, argv, i);
	membarrier = arg_of(argc, argv, "membarrier");
	atexit(inv_huge_give_back);
	if (!inv_huge_get(PAGES_NEEDED)) {
		printf("inv_robbed: I2: no hugepages, and EAL shares no other memory with "
		       "secondaries\n");
		return INV_SKIP;
	}
	printf("inv_robbed: I2 no stranding, between processes\n");
	fd = memfd_create("control", 0);
	if (fd < 0 || ftruncate(fd, sizeof(*sh)) != 0)
		return 1;
	snprintf(control, sizeof(control), "%d", fd);
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (sh == MAP_FAILED)
		return 1;
	start(PRIMARY);
	start(SECONDARY);
	for (c = 0; c < INV_CONFIGS; c++) {
		cfg = inv_config(c);
		for (place = 0; place < PLACES; place++)
			for (state = 0; state < STATE_PROCESS_ENDED; state++)
				for (owner = 0; owner < PROCESSES; owner++)
					for (r = 0; r < RTE_DIM(requests); r++, cases++)
						robbed_alive(&cfg, place, state, owner,
								requests[r]);
	}
	stop(SECONDARY, false);
	stop(PRIMARY, false);
	inv_huge_remove_files("inv_robbed", pids[PRIMARY]);
	for (state = STATE_PROCESS_ENDED; state < STATES && failed == 0; state++)
		for (owner = 0; owner < PROCESSES; owner++, cases += CASES)
			robbed_dead(state, owner);
	printf("%u places, owners, requests and configurations\n", cases);
	printf("%s\n", failed == 0 ? "ok" : "FAILED");
	return failed == 0 ? 0 : 1;
}
