/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I5 Anyone: a thread may die at any instruction of any call, and stops nobody.
 *
 * Random scenarios; in each a child process, which shares the pool's memory, makes one call under
 * the processor's trap flag. A first run notes after which instructions the shared memory had
 * changed: these are the places where a death makes a difference. Then, for each of them, the
 * scenario is played again and the child killed there (SIGKILL). What must hold afterwards:
 *
 *   D1  the others go on: everything they ask for ends, without the dead;
 *   D2  nothing is handed out twice (I1);
 *   D3  count = what can be taken, exactly (I3), and the checker is content;
 *   D4  what is missing is no more than what the dead held: what it had taken, what it was just
 *       taking or giving, and one page that it had in its hands;
 *   D5  a chunk that it was adding is there or not, and another one can be added.
 *
 * Only on x86-64 with memory that a child shares (EAL's --no-huge memory is a shared memfd).
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>

/* to know when memory of the pool has changed */
#include <frag_pool_private.h>

#include "inv_common.h"

#ifdef __x86_64__

#define FRAGS_MAX 6000
#define CHILD UINT64_C(7)
#define PARENT UINT64_C(8)
#define KILLS_MAX 20000
#define PROFILE_SECONDS 6

#define FIRST 50 /* fragments of a chunk beside those that are added later */

enum op { OP_GET, OP_PUT, OP_TRIM, OP_CONTIG, OP_REPEAT, OP_ADD, OPS };

static const char *const op_names[OPS] = { "get", "put", "trim", "contig", "get+put", "add" };

/* What is wrong after a death. */
#define BAD_HANG 0x001  /* D1 */
#define BAD_TWICE 0x002 /* D2 */
#define BAD_COUNT 0x004 /* D3 */
#define BAD_CHECK 0x008 /* D3 */
#define BAD_LOST 0x010  /* D4 */
#define BAD_CRASH 0x020
#define BAD_ADD 0x040 /* D5 */

/* What the processes share, besides the pool. */
struct shared {
	uint32_t held_n; /* fragments the child has for certain */
	void *held[FRAGS_MAX];
	uint32_t moving_n; /* fragments that its call is about */
	void *moving[FRAGS_MAX];
	int rc;
	uint32_t steps;    /* instructions of the call, or changes */
	uint32_t points_n; /* instructions after which shared memory had changed */
	uint32_t points[KILLS_MAX];
	uintptr_t died_at; /* instruction that was not executed any more */
	/* the outcome */
	uint32_t bad;
	uint32_t missing;
	uint32_t lost;
	char text[1000];
};

static struct shared *sh;

/* What the trap handler does. */
static uint32_t step, kill_at;
static bool profile;
/* Places are changes of the pool's memory by their number, not instructions: an adder allocates
 * memory, and how long EAL takes for that depends on what the dead before it have left.
 */
static bool by_change;
static double profile_end;
static uint8_t *copy;

struct range {
	const void *p;
	size_t len;
};

#define RANGES (FRAG_POOL_SLOTS + PAGE_DIR_SLABS + 100)
static struct range ranges[RANGES];
static unsigned int ranges_n;
static size_t ranges_len;

static void
range_add(const void *p, size_t len)
{
	INV_NEED(ranges_n < RTE_DIM(ranges), "too much memory to look at");
	ranges[ranges_n].p = p;
	ranges[ranges_n++].len = len;
	ranges_len += len;
}

/* Nodes of the tree of chunks. */
static void
find_nodes(const struct radix_node *node, uint32_t level)
{
	uintptr_t e;
	uint32_t i;

	range_add(node, sizeof(*node));
	for (i = 0; level > 0 && i < RTE_DIM(node->entry); i++) {
		e = atomic_load(&node->entry[i]);
		if (e != 0 && (e & 1) == 0)
			find_nodes((const struct radix_node *)e, level - 1);
	}
}

/* The pool's own memory, but for what only control paths write. */
static void
find_ranges(const struct frag_pool *fp, enum op op)
{
	const struct page_dir *dir = &fp->chunks.provider.dir;
	const struct frag_slot *s;
	uint32_t id;

	ranges_n = 0;
	ranges_len = 0;
	range_add(fp, offsetof(struct frag_pool, slots));
	for (id = 0; id < FRAG_POOL_SLOTS; id++) {
		s = atomic_load(&fp->slots[id]);
		if (s != NULL && s != fp->nobody)
			range_add(s, sizeof(*s) + (s->room + SLOT_SPARE) * sizeof(s->frags[0]));
	}
	if (op == OP_ADD)
		find_nodes(fp->chunks.root, RADIX_TOP);
	INV_NEED(page_dir_used(dir) <= dir->slab0, "more than one slab of pages");
	range_add(dir->slab[0], page_dir_used(dir) * sizeof(struct frag_page));
}

/* Whether shared memory is another than at the last call. */
static bool
changed(void)
{
	uint8_t *c = copy;
	bool any = false;
	unsigned int i;

	for (i = 0; i < ranges_n; i++) {
		if (memcmp(c, ranges[i].p, ranges[i].len) != 0) {
			any = true;
			memcpy(c, ranges[i].p, ranges[i].len);
		}
		c += ranges[i].len;
	}
	return any;
}

static void
trapped(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	(void)sig;
	(void)info;
	if (!by_change || changed())
		step++;
	else
		return;
	if (profile && by_change) {
		if (sh->points_n < KILLS_MAX)
			sh->points[sh->points_n++] = step;
	} else if (profile) {
		/* comparing takes longer than a trap: a long call is looked at from its start */
		if (step % 64 == 0 && inv_now() > profile_end)
			profile = false;
		else if (changed() && sh->points_n < KILLS_MAX)
			sh->points[sh->points_n++] = step;
	} else if (step == kill_at) {
		sh->died_at = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
		kill(getpid(), SIGKILL);
	}
}

struct scenario {
	unsigned int nr;
	struct inv_config cfg;
	uint32_t size;
	uint32_t page_frags;
	enum op op;
};

struct stage {
	struct inv_pool pool;
	struct inv_puppet other;
	struct inv_rng rng;
	void *held[FRAGS_MAX]; /* the parent's */
	uint32_t held_n;
	void *extra[2];   /* memory for chunks that the child and the parent add */
	uint32_t extra_n; /* fragments of each */
};

struct request {
	struct frag_pool *fp;
	void **frags;
	uint32_t n;
	int rc;
};

static void
other_get(void *arg)
{
	struct request *r = arg;

	r->rc = frag_pool_get(r->fp, r->frags, r->n);
}

static void
other_put(void *arg)
{
	struct request *r = arg;

	r->rc = frag_pool_put(r->fp, r->frags, r->n);
}

/* Traffic of two threads of the parent, so that fragments lie in all kinds of places. */
static void
prelude(struct stage *st)
{
	struct request r = { .fp = st->pool.fp };
	uint32_t i, n, turns = 3 + inv_below(&st->rng, 12);
	bool other;

	for (i = 0; i < turns; i++) {
		other = inv_below(&st->rng, 2);
		n = inv_burst(&st->rng, st->pool.size);
		if (inv_below(&st->rng, 2) == 0) {
			r.frags = &st->held[st->held_n];
			r.n = n;
			if (other)
				inv_puppet_run(&st->other, other_get, &r);
			else
				other_get(&r);
			if (r.rc != 0)
				continue;
			inv_own_bulk(r.frags, n, PARENT);
			st->held_n += n;
		} else {
			n = RTE_MIN(n, st->held_n);
			if (inv_below(&st->rng, 2) == 0)
				inv_shuffle(&st->rng, st->held, st->held_n);
			r.frags = &st->held[st->held_n - n];
			r.n = n;
			inv_disown_bulk(r.frags, n, PARENT);
			st->held_n -= n;
			if (other)
				inv_puppet_run(&st->other, other_put, &r);
			else
				other_put(&r);
		}
	}
	if (inv_below(&st->rng, 8) == 0)
		frag_pool_trim(st->pool.fp, false);
	/* what the child will have to give */
	n = inv_below(&st->rng, st->held_n + 1);
	sh->held_n = 0;
	for (i = 0; i < n; i++) {
		inv_disown(st->held[st->held_n - 1], PARENT, CHILD);
		((uint64_t *)st->held[st->held_n - 1])[1] = CHILD << 32;
		((uint64_t *)st->held[st->held_n - 1])[2] = 0;
		sh->held[sh->held_n++] = st->held[--st->held_n];
	}
}

static void
child_get(struct frag_pool *fp, uint32_t n)
{
	sh->moving_n = n;
	if (frag_pool_get(fp, sh->moving, n) == 0) {
		inv_own_bulk(sh->moving, n, CHILD);
		memcpy(&sh->held[sh->held_n], sh->moving, n * sizeof(void *));
		sh->held_n += n;
	}
	sh->moving_n = 0;
}

static void
child_put(struct frag_pool *fp, uint32_t n, bool traps)
{
	if (n > sh->held_n)
		n = sh->held_n;
	memcpy(sh->moving, &sh->held[sh->held_n - n], n * sizeof(void *));
	sh->moving_n = n;
	sh->held_n -= n;
	inv_disown_bulk(sh->moving, n, CHILD);
	if (traps)
		TRAPS_ON();
	sh->rc = frag_pool_put(fp, sh->moving, n);
	TRAPS_OFF();
	sh->moving_n = 0;
}

/* Memory for more chunks, and a small one beside it: the tree has its nodes already, which are
 * looked at, and a 4 KB page at each end is another's, too.
 */
static void
extras_make(struct stage *st)
{
	const size_t frag_size = st->pool.frag_size;
	uint8_t *mem;

	/* also larger than all there is: contiguous gets go by the largest chunk */
	st->extra_n = inv_below(&st->rng, 2) == 0 ? 196 : st->pool.size + 100;
	mem = inv_shared_alloc((FIRST + 2 * st->extra_n) * frag_size);
	INV_NEED(frag_pool_add_chunk(st->pool.fp, mem, FIRST * frag_size, 0, FIRST, NULL, NULL) ==
					FIRST,
			"no chunk");
	st->pool.size += FIRST;
	st->extra[0] = mem + FIRST * frag_size;
	st->extra[1] = mem + (FIRST + st->extra_n) * frag_size;
}

static int
add_extra(struct stage *st, unsigned int i)
{
	return frag_pool_add_chunk(st->pool.fp, st->extra[i], st->extra_n * st->pool.frag_size, 0,
			st->extra_n, NULL, NULL);
}

static void
child(struct stage *st, const struct scenario *sc)
{
	struct frag_pool *fp = st->pool.fp;
	struct sigaction sa = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
	unsigned int size = frag_pool_contig_size(fp), n, i;
	struct inv_rng *rng = &st->rng;
	void *first[2];

	sigaction(SIGTRAP, &sa, NULL);
	alarm(0);
	/* own traffic, which also makes the slot */
	child_get(fp, 0);
	if (inv_below(rng, 4) != 0)
		child_get(fp, 1 + inv_below(rng, 40));
	if (inv_below(rng, 4) == 0)
		child_put(fp, inv_burst(rng, 100), false);
	if (inv_below(rng, 4) == 0)
		child_get(fp, inv_burst(rng, 300));
	n = inv_burst(rng, st->pool.size);
	if (profile || by_change) {
		find_ranges(fp, sc->op);
		copy = malloc(ranges_len);
		changed();
	}
	switch (sc->op) {
	case OP_GET:
	case OP_REPEAT:
		if (inv_below(rng, 4) == 0)
			n = RTE_MAX(1u, frag_pool_count(fp));
		sh->moving_n = n;
		TRAPS_ON();
		sh->rc = frag_pool_get(fp, sh->moving, n);
		TRAPS_OFF();
		if (sh->rc == 0) {
			inv_own_bulk(sh->moving, n, CHILD);
			memcpy(&sh->held[sh->held_n], sh->moving, n * sizeof(void *));
			sh->held_n += n;
		}
		sh->moving_n = 0;
		if (sc->op == OP_REPEAT)
			child_put(fp, n, true);
		break;
	case OP_PUT:
		child_put(fp, n, true);
		break;
	case OP_TRIM:
		TRAPS_ON();
		frag_pool_trim(fp, n % 2);
		TRAPS_OFF();
		break;
	case OP_ADD:
		TRAPS_ON();
		sh->rc = add_extra(st, 0);
		TRAPS_OFF();
		break;
	default:
		if (size == 0)
			break;
		sh->moving_n = 2 * size;
		TRAPS_ON();
		sh->rc = frag_pool_get_contig(fp, first, 2);
		TRAPS_OFF();
		if (sh->rc == 0)
			for (i = 0; i < 2 * size; i++) {
				sh->held[sh->held_n] = (uint8_t *)first[i / size] +
						(size_t)(i % size) * st->pool.frag_size;
				inv_own(sh->held[sh->held_n++], CHILD);
			}
		sh->moving_n = 0;
		break;
	}
	sh->steps = step;
	_exit(0);
}

/* The innermost function of the pool's at an address, with its line where the build has them. */
static const char *
where(uintptr_t addr)
{
	static char text[128];
	char cmd[512], line[512], file[300];
	unsigned long lo, hi, off;
	FILE *f = fopen("/proc/self/maps", "r"), *p;

	snprintf(text, sizeof(text), "%#lx", (unsigned long)addr);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %299s", &lo, &hi, &off, file) != 4 ||
				addr < lo || addr >= hi)
			continue;
		snprintf(cmd, sizeof(cmd), "addr2line -sfie %s %#lx 2>/dev/null | paste -sd' '",
				file, (unsigned long)addr - lo + off);
		p = popen(cmd, "r");
		if (p != NULL) {
			if (fgets(line, sizeof(line), p) != NULL)
				snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"),
						line);
			pclose(p);
		}
		break;
	}
	if (f != NULL)
		fclose(f);
	return text;
}

/* Take one by one whatever there is. */
static uint32_t
take_all(struct stage *st)
{
	unsigned int before = inv_failures();
	uint32_t n = 0;

	while (st->held_n < FRAGS_MAX &&
			frag_pool_get(st->pool.fp, &st->held[st->held_n], 1) == 0) {
		inv_own(st->held[st->held_n++], PARENT);
		n++;
	}
	if (inv_failures() != before)
		sh->bad |= BAD_TWICE;
	return n;
}

/* After an adder's death: D5. It may have added its chunk or not. */
static void
add_another(struct stage *st)
{
	unsigned int i, which = inv_below(&st->rng, 2);
	int rc, nr = (int)st->extra_n;

	for (i = 0; i < 2; i++, which ^= 1) {
		rc = add_extra(st, which);
		if (rc != nr && (which == 1 || rc != -EEXIST))
			sh->bad |= BAD_ADD;
	}
	st->pool.size += 2 * st->extra_n;
	if (frag_pool_populated(st->pool.fp) != st->pool.size || add_extra(st, 0) != -EEXIST ||
			add_extra(st, 1) != -EEXIST)
		sh->bad |= BAD_ADD;
}

/* The one who finds out what the dead one did is killed, too, if it is not done before. */
static void
second_death(struct stage *st)
{
	struct sigaction sa = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
	pid_t pid;
	/* anywhere, or while it mends what chunks there are */
	bool mending = inv_below(&st->rng, 3) != 0;

	step = 0;
	kill_at = 1 + inv_below(&st->rng, mending ? 8 : 60);
	profile = false;
	by_change = true;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigaction(SIGTRAP, &sa, NULL);
		if (mending) {
			range_add(&st->pool.fp->chunks, sizeof(st->pool.fp->chunks));
			find_nodes(st->pool.fp->chunks.root, RADIX_TOP);
		} else {
			find_ranges(st->pool.fp, OP_ADD);
		}
		copy = malloc(ranges_len);
		changed();
		TRAPS_ON();
		frag_pool_trim(st->pool.fp, false);
		TRAPS_OFF();
		_exit(0);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	waitpid(pid, NULL, 0);
}

/* After the death: D1 to D5. */
static void
aftermath(struct stage *st, const struct scenario *sc)
{
	struct request r = { .fp = st->pool.fp };
	uint32_t again, count;
	struct frag_pool_stats stats;
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	if (sc->op == OP_ADD) {
		inv_rng_init(&st->rng, 8000 + sc->nr + 1000 * kill_at);
		if (inv_below(&st->rng, 2) == 0)
			second_death(st);
		add_another(st);
	}
	/* D1: another thread works on, then all that is free is taken */
	r.frags = &st->held[st->held_n];
	r.n = 1;
	inv_puppet_run(&st->other, other_get, &r);
	if (r.rc == 0)
		inv_own(st->held[st->held_n++], PARENT);
	take_all(st);
	if (frag_pool_count(st->pool.fp) != 0)
		sh->bad |= BAD_COUNT;
	inv_disown_bulk(st->held, st->held_n, PARENT);
	frag_pool_put(st->pool.fp, st->held, st->held_n);
	st->held_n = 0;
	frag_pool_trim(st->pool.fp, false);
	count = frag_pool_count(st->pool.fp);
	f = open_memstream(&text, &len);
	if (frag_pool_check(st->pool.fp, f) != 0)
		sh->bad |= BAD_CHECK;
	fclose(f);
	snprintf(sh->text, sizeof(sh->text), "%s", text);
	free(text);
	again = take_all(st);
	if (again != count)
		sh->bad |= BAD_COUNT;
	sh->missing = st->pool.size - RTE_MIN(again, st->pool.size);
	frag_pool_get_stats(st->pool.fp, &stats);
	sh->lost = stats.lost;
	if (sh->missing > sh->held_n + sh->moving_n + INV_STEP(st->pool.size))
		sh->bad |= BAD_LOST;
	/* what the dead neither held nor asked for was on its way inside: it is said to be lost */
	if (sh->missing > sh->held_n + sh->moving_n + sh->lost)
		sh->bad |= BAD_LOST;
	inv_disown_bulk(st->held, st->held_n, PARENT);
	frag_pool_put(st->pool.fp, st->held, st->held_n);
	if (inv_failures() != 0)
		sh->bad |= BAD_TWICE;
}

/* Play a scenario, with the child killed after so many instructions; 0: note where it could be.
 * In a process of its own: what is tested here may hang.
 */
static void
trial(const struct scenario *sc, uint32_t at)
{
	static struct stage st;
	int status;
	pid_t pid;

	inv_rng_init(&st.rng, 7000 + sc->nr);
	inv_pool_make(&st.pool, &sc->cfg, sc->size, 64, sc->page_frags);
	extras_make(&st);
	inv_puppet_start(&st.other);
	prelude(&st);
	kill_at = at;
	profile = at == 0;
	by_change = sc->op == OP_ADD;
	step = 0;
	profile_end = inv_now() + PROFILE_SECONDS;
	if (profile)
		sh->points_n = 0;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child(&st, sc);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	waitpid(pid, &status, 0);
	if (profile && !WIFEXITED(status))
		sh->bad |= BAD_CRASH;
	aftermath(&st, sc);
	inv_puppet_end(&st.other);
	frag_pool_destroy(st.pool.fp);
	_exit(0);
}

static void
play(const struct scenario *sc, uint32_t at)
{
	double patience = inv_now() + (at == 0 ? 90 : 20);
	int status = 0;
	pid_t pid;

	/* longer than the patience above */
	inv_watchdog(at == 0 ? 20 : 0);
	sh->bad = 0;
	sh->missing = sh->lost = 0;
	sh->died_at = 0;
	sh->text[0] = '\0';
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* it may hang when this process is ended */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		inv_quiet = true;
		trial(sc, at);
	}
	INV_NEED(pid > 0, "fork: %s", strerror(errno));
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (inv_now() > patience) {
			sh->bad |= BAD_HANG;
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			status = 0;
			break;
		}
		usleep(200);
	}
	if (status != 0)
		sh->bad |= BAD_CRASH;
}

/* Failures by place. */
struct place {
	uintptr_t died_at;
	uint32_t bad;
	uint32_t times;
	uint32_t missing;
	char what[320];
	char text[300];
};

#define PLACES_MAX 1000
static struct place places[PLACES_MAX];
static unsigned int places_n;

static void
note(uint32_t at)
{
	unsigned int i;

	for (i = 0; i < places_n; i++)
		if (places[i].died_at == sh->died_at && places[i].bad == sh->bad)
			break;
	if (i == PLACES_MAX)
		return;
	if (i == places_n) {
		places_n++;
		places[i].died_at = sh->died_at;
		places[i].bad = sh->bad;
		snprintf(places[i].what, sizeof(places[i].what),
				"%s, step %u: held %u, "
				"moving %u, missing %u, lost %u",
				inv_what, at, sh->held_n, sh->moving_n, sh->missing, sh->lost);
		snprintf(places[i].text, sizeof(places[i].text), "%.250s", sh->text);
	}
	places[i].times++;
	places[i].missing = RTE_MAX(places[i].missing, sh->missing);
}

static void
report(void)
{
	unsigned int i;

	for (i = 0; i < places_n; i++)
		INV_CHECK(places[i].bad == 0, "%s%s%s%s%s%s%s %u times, killed in %s (%s)\n%s",
				(places[i].bad & BAD_HANG) != 0 ? "D1:hang " : "",
				(places[i].bad & BAD_TWICE) != 0 ? "D2:twice " : "",
				(places[i].bad & BAD_COUNT) != 0 ? "D3:count " : "",
				(places[i].bad & BAD_CHECK) != 0 ? "D3:check " : "",
				(places[i].bad & BAD_LOST) != 0 ? "D4:lost " : "",
				(places[i].bad & BAD_ADD) != 0 ? "D5:add " : "",
				(places[i].bad & BAD_CRASH) != 0 ? "crash " : "", places[i].times,
				where(places[i].died_at), places[i].what, places[i].text);
}

int
main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 196, 400, 1500 };
	static const uint32_t page_frags[] = { 0, 0, 5 };
	uint32_t i, stride, deaths = 0, with_loss = 0, worst = 0, bad = 0;
	struct inv_rng rng, pick;
	struct scenario sc;
	const char *only;
	double end;

	inv_start(argc, argv, "I5 anyone: a thread may die at any instruction", 20);
	only = inv_arg("scenario");
	sh = inv_shared_alloc(sizeof(*sh));
	rte_log_set_level_pattern("lib.page_pool", RTE_LOG_ERR);
	end = inv_now() + inv_seconds;
	inv_rng_init(&pick, 1);
	for (sc.nr = 0; inv_now() < end; sc.nr++) {
		inv_rng_init(&rng, 6000 + sc.nr);
		sc.cfg = inv_config(inv_below(&rng, INV_CONFIGS));
		i = inv_below(&rng, 3);
		sc.size = sizes[i];
		sc.page_frags = page_frags[i];
		/* adding has few places to die at */
		sc.op = sc.nr % 2 == 0 ? OP_ADD : (enum op)inv_below(&rng, OP_ADD);
		if (only != NULL && (unsigned int)atoi(only) != sc.nr)
			continue;
		snprintf(inv_what, sizeof(inv_what), "scenario %u: %s of %u, %s", sc.nr,
				op_names[sc.op], sc.size, inv_config_name(&sc.cfg));
		play(&sc, 0);
		if (!INV_CHECK(sh->bad == 0, "without a death: %#x", sh->bad))
			continue;
		/* all places, or some of those of a long call */
		stride = 1 + sh->points_n / 400;
		for (i = inv_below(&pick, stride); i < sh->points_n && inv_now() < end;
				i += 1 + inv_below(&pick, 2 * stride - 1)) {
			if (inv_arg("at") != NULL &&
					(unsigned int)atoi(inv_arg("at")) != sh->points[i])
				continue;
			play(&sc, sh->points[i]);
			deaths++;
			with_loss += sh->missing > sh->held_n;
			if (sh->missing > sh->held_n + sh->moving_n)
				worst = RTE_MAX(worst, sh->missing - sh->held_n - sh->moving_n);
			if (sh->bad != 0) {
				bad++;
				note(sh->points[i]);
			}
		}
		if (only != NULL || inv_arg("verbose") != NULL)
			printf("%s: %u steps, %u places\n", inv_what, sh->steps, sh->points_n);
		if (only != NULL)
			break;
	}
	printf("%u scenarios, %u deaths, %u with loss, at worst of %u more than was held; %u with "
	       "consequences they must not have\n",
			sc.nr, deaths, with_loss, worst, bad);
	report();
	inv_exit();
}

#else

int
main(void)
{
	printf("inv_die: I5: no trap flag known for this processor\n");
	return INV_SKIP;
}

#endif
