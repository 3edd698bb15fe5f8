/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I1, I2, I3, I4, I5, I7 on a simulated machine (sim.h): the library's real code, preempted,
 * frozen and killed at any access to memory, with store buffers.
 *
 * Games of a few threads of one or two processes on a tiny pool; a model knows at each instant
 * where each fragment is.
 *
 *   I1  a fragment handed out was held by nobody.
 *   I2  a get that failed has an excuse: an instant during the call at which fewer than n were
 *       free, not counting what calls that failed had in their hands.
 *   I3  a count is no more than the most that were free at an instant during the call; at rest it
 *       is exact.
 *   I4  a failed get writes nothing; all good fragments are accepted.
 *   I5  games with a thread that is frozen inside of a call: whoever puts, ends. Games with deaths:
 *       everybody ends; nothing is handed out twice; at the end the count is what can be taken, the
 *       checker is content, and what is missing is what the dead held, were taking or giving, and
 *       one page that each had in hand at most.
 *   I7  after the last put and a trim all pages are whole.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "inv_common.h"
#include "sim.h"

#define SIZE_MAX_ 400
#define CALLS_MAX 4000
#define PLAYERS_MAX 5

enum kind { CALL_GET, CALL_PUT, CALL_CONTIG };

/* What happened, for the judgement at the end. */
struct call {
	enum kind kind;
	unsigned int nr;
	uint32_t n;
	uint64_t start, end; /* instants; end 0: it never ended, or others do not see it yet */
	int rc;
};

struct game {
	struct inv_pool pool;
	struct inv_config cfg;
	unsigned int players;
	uint32_t calls_each;
	bool trims, contigs, counts;
	bool sharing; /* limits add up to the pool's size */
	bool deaths, freezes;
	uint32_t limit[PLAYERS_MAX];
	struct inv_rng rng[PLAYERS_MAX];
	uint64_t clock;
	struct call call[CALLS_MAX];
	uint32_t calls;
	uint8_t owner[SIZE_MAX_];
	void *held[SIM_THREADS][SIZE_MAX_];
	uint32_t held_n[SIM_THREADS];
	uint32_t moving[SIM_THREADS];
	int64_t in_flight; /* of gets that all can see, less those begun to be put */
	int64_t free_max;  /* most that were free since a count began */
	uint32_t bad;
	char why[200];
	uint64_t put_started[SIM_THREADS];
	/* games in which memory vanishes: what was held is void then */
	bool forgets;
	bool forgetting;
	/* games in which memory is added: until then it counts as in flight */
	uint32_t grows;
	uint32_t epoch; /* odd: just now */
	size_t base;    /* where the memory of this epoch begins, in pool.mem */
	uint32_t puts_now;
};

/* What deaths must not lead to. */
enum bad {
	BAD_TWICE = 1, /* handed out twice */
	BAD_COUNT = 2, /* the count is not what can be taken */
	BAD_CHECK = 4, /* the checker complains */
	BAD_LOST = 8,  /* more is missing than the dead held */
	BAD_HANG = 16,
	BAD_PUT = 32, /* something good was refused */
	BAD_CRASH = 128,
	BAD_HIGH = 64, /* a count was above the truth */
};

static struct game game;

/* With a death on the way failures are collected by the place of the death. */
static __attribute__((format(printf, 3, 4))) bool
misjudged(int line, enum bad bit, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	game.bad |= bit;
	memcpy(game.why, text, sizeof(game.why));
	if (!game.deaths)
		inv_fail(__FILE__, line, "%s", text);
	return false;
}

#define JUDGE(cond, bit, fmt, ...) ((cond) ? true : misjudged(__LINE__, bit, fmt, ##__VA_ARGS__))

static uint64_t sum_calls, sum_accesses, sum_switches, sum_fails, sum_deaths, sum_lost, sum_worst;
static uint32_t longest_put;
static uint64_t sum_counts, sum_reclaims, sum_takeovers, sum_detours, sum_steals;
static uint64_t sum_batches;

static void
set_in_flight(int64_t change)
{
	game.in_flight += change;
	game.free_max = RTE_MAX(game.free_max, (int64_t)game.pool.size - game.in_flight);
}

/* What a call did has become visible to all. */
static void
call_seen(void *arg)
{
	struct call *c = arg;

	c->end = ++game.clock;
	if (c->kind != CALL_PUT && c->rc == 0)
		set_in_flight(c->n);
}

static struct call *
call_begin(enum kind kind, unsigned int nr, uint32_t n)
{
	struct call *c = &game.call[game.calls++];

	INV_NEED(game.calls < CALLS_MAX, "too many calls");
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	c->nr = nr;
	c->n = n;
	c->start = ++game.clock;
	game.moving[nr] = n;
	return c;
}

static void
call_end(struct call *c, int rc)
{
	c->rc = rc;
	game.moving[c->nr] = 0;
	/* nobody can expect a failed call to have done anything */
	if (rc != 0 && c->kind != CALL_PUT)
		c->end = ++game.clock;
	else
		sim_mark(call_seen, c);
}

static uint32_t
frag_index(const void *frag)
{
	return (uint32_t)(((uintptr_t)frag - (uintptr_t)game.pool.mem - game.base) /
			game.pool.frag_size);
}

/* Of this epoch? If not, it is void. */
static bool
current(const void *frag)
{
	uintptr_t off = (uintptr_t)frag - (uintptr_t)game.pool.mem - game.base;

	return off < (size_t)game.pool.size * game.pool.frag_size;
}

static bool
taken(unsigned int nr, void *frag)
{
	uintptr_t off = (uintptr_t)frag - (uintptr_t)game.pool.mem - game.base;
	uint32_t i = (uint32_t)(off / game.pool.frag_size);

	if (!INV_CHECK(off < (size_t)game.pool.size * game.pool.frag_size &&
					    off % game.pool.frag_size == 0,
			    "I1: %p is no fragment", frag))
		return false;
	if (!JUDGE(game.owner[i] == 0, BAD_TWICE,
			    "I1: fragment %u handed out to thread %u is held by %u%s", i, nr,
			    game.owner[i] - 1, sim_dead(game.owner[i] - 1) ? ", dead" : ""))
		return false;
	game.owner[i] = (uint8_t)(nr + 1);
	game.held[nr][game.held_n[nr]++] = frag;
	return true;
}

static int
do_get(unsigned int nr, uint32_t n)
{
	void *frags[SIZE_MAX_ + 64];
	struct call *c = call_begin(CALL_GET, nr, n);
	uint32_t i, epoch = game.epoch;
	int rc;

	for (i = 0; i < n + 1; i++)
		frags[i] = &game;
	rc = frag_pool_get(game.pool.fp, frags, n);
	call_end(c, rc);
	INV_CHECK(frags[n] == &game, "I4: a get of %u wrote more", n);
	if (rc != 0) {
		sum_fails++;
		for (i = 0; i < n; i++)
			INV_CHECK(frags[i] == &game, "I4: a failed get of %u wrote entry %u", n, i);
		return rc;
	}
	for (i = 0; i < n; i++)
		if (epoch == game.epoch || current(frags[i]))
			taken(nr, frags[i]);
	return 0;
}

static void
do_put(unsigned int nr, uint32_t n)
{
	void *frags[SIZE_MAX_];
	struct call *c;
	uint32_t i, epoch = game.epoch;
	int rc;

	/* strict pools refuse what is void; others are not told of it while they forget */
	if (game.forgetting && (game.cfg.flags & FRAG_POOL_F_STRICT) == 0) {
		sim_yield();
		return;
	}
	game.puts_now++;
	game.held_n[nr] -= n;
	memcpy(frags, &game.held[nr][game.held_n[nr]], n * sizeof(*frags));
	for (i = 0; i < n; i++)
		game.owner[frag_index(frags[i])] = 0;
	set_in_flight(-(int64_t)n);
	c = call_begin(CALL_PUT, nr, n);
	game.put_started[nr] = sim_accesses(nr);
	rc = frag_pool_put(game.pool.fp, frags, n);
	i = (uint32_t)(sim_accesses(nr) - game.put_started[nr]);
	game.put_started[nr] = 0;
	/* without a frozen thread nobody waits for long */
	if (!game.freezes && !game.deaths)
		longest_put = RTE_MAX(longest_put, i);
	call_end(c, rc);
	game.puts_now--;
	JUDGE(rc == 0 || epoch != game.epoch || epoch % 2 != 0, BAD_PUT,
			"I4: put of %u good ones: %d", n, rc);
}

static void
do_contig(unsigned int nr, uint32_t room)
{
	unsigned int size = frag_pool_contig_size(game.pool.fp), i;
	uint32_t epoch = game.epoch;
	struct call *c;
	void *first[2];
	int rc;

	/* runs of another epoch may have another size */
	if (size == 0 || room < 2 * size || game.forgets)
		return;
	c = call_begin(CALL_CONTIG, nr, 2 * size);
	rc = frag_pool_get_contig(game.pool.fp, first, 2);
	call_end(c, rc);
	if (rc != 0)
		return;
	for (i = 0; i < 2 * size && epoch == game.epoch; i++)
		taken(nr, (uint8_t *)first[i / size] + (size_t)(i % size) * game.pool.frag_size);
}

/* The rest of the memory comes. */
static void
do_grow(void)
{
	uint32_t n = game.grows;
	struct call *c;
	int rc;

	game.grows = 0;
	set_in_flight(-(int64_t)n);
	c = call_begin(CALL_PUT, 0, n);
	rc = frag_pool_add_chunk(game.pool.fp,
			game.pool.mem + (size_t)(game.pool.size - n) * game.pool.frag_size,
			(size_t)n * game.pool.frag_size, 0, n, NULL, NULL);
	call_end(c, rc == (int)n ? 0 : -1);
	INV_CHECK(rc == (int)n, "chunk of %u: %d", n, rc);
}

/* All memory vanishes, then other memory comes, perhaps at the same place. */
static void
do_forget(struct inv_rng *rng)
{
	uint32_t i, n, added = 0;
	int rc;

	game.forgetting = true;
	/* see do_put() */
	while ((game.cfg.flags & FRAG_POOL_F_STRICT) == 0 && game.puts_now > 0)
		sim_yield();
	game.epoch++;
	frag_pool_forget_chunks(game.pool.fp);
	game.epoch++;
	memset(game.owner, 0, sizeof(game.owner));
	memset(game.held_n, 0, sizeof(game.held_n));
	game.in_flight = 0;
	/* nobody touches it, so any address will do; another, to tell what is void from what is
	 * not
	 */
	game.base += game.pool.len + inv_below(rng, 3) * 64;
	INV_CHECK(frag_pool_populated(game.pool.fp) == 0, "forgotten, but %u there",
			frag_pool_populated(game.pool.fp));
	while (added < game.pool.size) {
		n = inv_below(rng, 2) == 0 ? game.pool.size : 1 + inv_below(rng, game.pool.size);
		n = RTE_MIN(n, game.pool.size - added);
		rc = frag_pool_add_chunk(game.pool.fp,
				game.pool.mem + game.base + (size_t)added * game.pool.frag_size,
				(size_t)n * game.pool.frag_size, 0, n, NULL, NULL);
		if (!INV_CHECK(rc == (int)n, "chunk of %u: %d", n, rc))
			break;
		added += n;
	}
	for (i = 0; i < 3; i++)
		sim_yield();
	game.forgetting = false;
}

static void
do_count(void)
{
	uint32_t count;

	sum_counts++;
	/* one reader at a time, so that it knows the most since it began */
	game.free_max = game.pool.size - game.in_flight;
	count = frag_pool_count(game.pool.fp);
	JUDGE((int64_t)count <= game.free_max, BAD_HIGH,
			"I3: count is %u, no more than %" PRId64 " were free", count,
			game.free_max);
}

static void
player(void *arg, unsigned int nr)
{
	struct inv_rng *rng = &game.rng[nr];
	uint32_t call, n, limit = game.limit[nr];

	(void)arg;
	for (call = 0; call < game.calls_each; call++) {
		n = inv_burst(rng, limit);
		switch (inv_below(rng, 20)) {
		case 0:
			if (game.trims)
				frag_pool_trim(game.pool.fp, inv_below(rng, 2));
			break;
		case 1:
			if (game.contigs)
				do_contig(nr, limit - game.held_n[nr]);
			break;
		case 2:
			if (game.grows > 0 && nr == 0)
				do_grow();
			if (game.forgets && nr == 0 && inv_below(rng, 4) == 0)
				do_forget(rng);
			break;
		case 3:
			/* again and again: the moments in which it could be wrong are short */
			for (n = 0; game.counts && nr == 0 && n < 10; n++)
				do_count();
			break;
		case 4 ... 10:
			if (game.held_n[nr] == 0)
				break;
			n = RTE_MIN(n, game.held_n[nr]);
			if (inv_below(rng, 2) == 0)
				inv_shuffle(rng, game.held[nr], game.held_n[nr]);
			do_put(nr, n);
			break;
		default:
			n = RTE_MIN(n, limit - game.held_n[nr]);
			if (n > 0)
				do_get(nr, n);
			break;
		}
		if (inv_failures() != 0 || game.bad != 0)
			break;
	}
	if (game.grows > 0 && nr == 0)
		do_grow();
	while (game.forgetting)
		sim_yield();
	while (game.held_n[nr] > 0)
		do_put(nr, RTE_MIN(game.held_n[nr], 1 + inv_below(rng, 64)));
	if (inv_below(rng, 2) == 0)
		sim_give_back_id();
}

/* One who comes when all is over. */
struct verdict {
	uint32_t taken_first;
	uint32_t count;
	uint32_t taken;
	uint32_t whole;
};

static struct verdict verdict;

static void
take_one_by_one(unsigned int nr)
{
	void *frag;

	while (frag_pool_get(game.pool.fp, &frag, 1) == 0)
		if (!taken(nr, frag))
			break;
}

static void
put_all(unsigned int nr)
{
	uint32_t i;

	for (i = 0; i < game.held_n[nr]; i++)
		game.owner[frag_index(game.held[nr][i])] = 0;
	frag_pool_put(game.pool.fp, game.held[nr], game.held_n[nr]);
	game.held_n[nr] = 0;
}

static void
judge(void *arg, unsigned int nr)
{
	struct verdict *v = arg;

	take_one_by_one(nr);
	v->taken_first = game.held_n[nr];
	JUDGE(frag_pool_count(game.pool.fp) == 0, BAD_COUNT,
			"I3: count is %u when nothing can be taken", frag_pool_count(game.pool.fp));
	put_all(nr);
	v->whole = frag_pool_trim(game.pool.fp, false);
	v->count = frag_pool_count(game.pool.fp);
	take_one_by_one(nr);
	v->taken = game.held_n[nr];
	put_all(nr);
	frag_pool_trim(game.pool.fp, false);
}

/* I2: was there an instant at which too few were free? */
static void
judge_fails(void)
{
	const struct call *f, *g;
	uint64_t t;
	uint32_t i, k;
	int64_t busy, most;

	for (i = 0; i < game.calls; i++) {
		f = &game.call[i];
		if (f->kind != CALL_GET || f->end == 0 || f->rc == 0)
			continue;
		most = 0;
		for (t = f->start; t <= f->end; t++) {
			busy = 0;
			for (k = 0; k < game.calls; k++) {
				g = &game.call[k];
				if (g->kind == CALL_PUT) {
					if (g->end != 0 && g->end <= t)
						busy -= g->n;
				} else if (g->start <= t && (g->rc == 0 || g->end == 0)) {
					busy += g->n;
				}
			}
			most = RTE_MAX(most, busy);
		}
		INV_CHECK((int64_t)game.pool.size - most < (int64_t)f->n,
				"I2: thread %u's get of %u failed, but %" PRId64
				" were free all the time",
				f->nr, f->n, (int64_t)game.pool.size - most);
	}
}

static void
check_after_death(void)
{
	char *text = NULL, *c;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (frag_pool_check(game.pool.fp, f) != 0) {
		fflush(f);
		for (c = text; *c != '\0'; c++)
			if (*c == '\n')
				*c = ';';
		game.bad |= BAD_CHECK;
		snprintf(game.why, sizeof(game.why), "%.190s", text);
	}
	fclose(f);
	free(text);
}

/* Failures by the place of the death. */
struct place {
	uintptr_t pc;
	uint32_t bad;
	uint32_t times;
	uint32_t game;
	char why[200];
};

#define PLACES_MAX 500
static struct place places[PLACES_MAX];
static unsigned int places_n;
static uint64_t bad_games;

static void
note(uint32_t nr)
{
	uintptr_t pc = 0;
	unsigned int i;

	for (i = 0; i < game.players; i++)
		if (sim_dead(i))
			pc = sim_died_at(i);
	bad_games++;
	for (i = 0; i < places_n; i++)
		if (places[i].pc == pc && places[i].bad == game.bad)
			break;
	if (i == PLACES_MAX)
		return;
	if (i == places_n) {
		places_n++;
		places[i].pc = pc;
		places[i].bad = game.bad;
		places[i].game = nr;
		memcpy(places[i].why, game.why, sizeof(places[i].why));
	}
	places[i].times++;
}

/* Function and line, as far as the build has them. */
static void
where(uintptr_t pc, char *text, size_t len)
{
	extern const char __executable_start;
	char cmd[300], line[300];
	FILE *f;

	snprintf(text, len, "%#lx", (unsigned long)pc);
	snprintf(cmd, sizeof(cmd), "addr2line -sfie /proc/%d/exe %#lx 2>/dev/null | paste -sd' '",
			(int)getpid(), (unsigned long)(pc - (uintptr_t)&__executable_start - 1));
	f = popen(cmd, "r");
	if (f == NULL)
		return;
	if (fgets(line, sizeof(line), f) != NULL)
		snprintf(text, len, "%.*s", (int)strcspn(line, "\n"), line);
	pclose(f);
}

static void
report_deaths(void)
{
	char text[300];
	unsigned int i;

	for (i = 0; i < places_n; i++) {
		where(places[i].pc, text, sizeof(text));
		inv_fail("deaths", (int)places[i].game,
				"%s%s%s%s%s%s%s%s%u games, killed in %s: %s",
				(places[i].bad & BAD_TWICE) != 0 ? "twice, " : "",
				(places[i].bad & BAD_COUNT) != 0 ? "count, " : "",
				(places[i].bad & BAD_CHECK) != 0 ? "check, " : "",
				(places[i].bad & BAD_LOST) != 0 ? "lost, " : "",
				(places[i].bad & BAD_HANG) != 0 ? "hang, " : "",
				(places[i].bad & BAD_PUT) != 0 ? "put, " : "",
				(places[i].bad & BAD_HIGH) != 0 ? "count too high, " : "",
				(places[i].bad & BAD_CRASH) != 0 ? "crash, " : "", places[i].times,
				text, places[i].why);
	}
}

static void
make_pool(uint32_t size, uint32_t page_frags, uint32_t grows)
{
	struct inv_pool *p = &game.pool;
	struct call *c;

	inv_pool_make(p, &game.cfg, size, 64, page_frags);
	if (grows == 0)
		return;
	frag_pool_forget_chunks(p->fp);
	INV_CHECK(frag_pool_add_chunk(p->fp, p->mem, (size_t)(size - grows) * 64, 0, size - grows,
				  NULL, NULL) == (int)(size - grows),
			"chunk of %u", size - grows);
	game.grows = grows;
	game.in_flight = grows;
	c = call_begin(CALL_CONTIG, 0, grows);
	c->end = ++game.clock;
	game.moving[0] = 0;
}

/* Twice as many accesses as the longest put takes where nobody is frozen. */
#define PUT_WAITS 40000

static bool
waits_in_put(uint32_t nr, uint32_t frozen)
{
	return nr != frozen && !sim_ended(nr) && game.put_started[nr] != 0 &&
			sim_accesses(nr) - game.put_started[nr] >= PUT_WAITS;
}

static void
play(uint32_t nr, bool deaths)
{
	static const uint32_t page_frags[] = { 0, 1, 2, 3, 7, 20 };
	static const char *const memories[] = { "SC", "TSO", "weak" };
	uint32_t pf, i, size, missing, held = 0, dead = 0, freeze = UINT32_MAX, grows = 0;
	struct frag_pool_stats st;
	enum sim_memory memory;
	struct inv_rng rng;
	unsigned int judge_nr;
	bool ended;

	memset(&game, 0, sizeof(game));
	inv_rng_init(&rng, 100000 + nr);
	game.cfg = inv_config(inv_below(&rng, INV_CONFIGS));
	memory = inv_below(&rng, 3);
	game.players = 2 + inv_below(&rng, PLAYERS_MAX - 1);
	game.calls_each = 10 + inv_below(&rng, 60);
	pf = page_frags[inv_below(&rng, RTE_DIM(page_frags))];
	size = game.players + inv_below(&rng, pf == 0 ? 300 : pf == 20 ? 200 : 50);
	game.trims = inv_below(&rng, 2);
	game.contigs = inv_below(&rng, 2);
	game.counts = inv_below(&rng, 2);
	game.sharing = inv_below(&rng, 2);
	game.deaths = deaths && inv_below(&rng, 4) != 0;
	game.forgets = !game.deaths && inv_below(&rng, 4) == 0;
	if (inv_arg("forgets") != NULL && atoi(inv_arg("forgets")) == 0)
		game.forgets = false;
	if (game.forgets)
		game.counts = false;
	game.freezes = !game.deaths && !game.forgets && inv_below(&rng, 4) == 0;
	/* who dies while it adds a chunk leaves it half known */
	if (!game.forgets && !game.freezes && !game.deaths && inv_below(&rng, 4) == 0)
		grows = 1 + inv_below(&rng, size - 1);
	/* a contiguous block's size is read before it is taken, and a chunk can change it */
	if (grows > 0)
		game.contigs = false;
	snprintf(inv_what, sizeof(inv_what),
			"game %u: %u threads, %u fragments, %u per page, %s, "
			"%s%s%s%s%s%s%s",
			nr, game.players, size, pf == 0 ? 62 : pf, inv_config_name(&game.cfg),
			memories[memory], game.sharing ? ", sharing" : "",
			game.trims ? ", trims" : "", grows > 0 ? ", grows" : "",
			game.forgets ? ", forgets" : "", game.deaths ? ", deaths" : "",
			game.freezes ? ", freezes" : "");
	sim_begin(inv_rand(&rng), memory);
	make_pool(size, pf, grows);
	for (i = 0; i < size; i++)
		game.limit[i % game.players]++;
	for (i = 0; i < game.players; i++) {
		/* or each would like most of it */
		if (!game.sharing)
			game.limit[i] = RTE_MAX(1u, size * 3 / 4);
		game.rng[i] = rng;
		game.rng[i].s += i * UINT64_C(0x123456789abcdef);
		inv_rand(&game.rng[i]);
		/* ids with gaps, some have none, sometimes two want the same */
		sim_thread(player, NULL,
				inv_below(&rng, 6) == 0 ? 0 : i / (1 + inv_below(&rng, 2)) * 3 + 1,
				1 + inv_below(&rng, 2));
	}
	/* mostly one, so that it is known which one did it */
	if (game.deaths)
		for (i = 0; i < 1 + (inv_below(&rng, 8) == 0); i++)
			sim_kill_at(inv_below(&rng, game.players),
					1 + inv_below(&rng, 1u << (5 + inv_below(&rng, 10))));
	if (game.freezes) {
		freeze = inv_below(&rng, game.players);
		sim_freeze_at(freeze, 1 + inv_below(&rng, 1u << (5 + inv_below(&rng, 10))));
	}
	ended = sim_run(game.freezes ? 600000 : 5000000);
	if (game.freezes) {
		/* who does not end waits for the frozen one, which gets may, and puts must not */
		for (i = 0; i < game.players && !ended; i++)
			INV_CHECK(!waits_in_put(i, freeze),
					"I5: thread %u waits in a put for "
					"thread %u, which is frozen",
					i, freeze);
		sim_thaw();
		ended = sim_run(5000000);
	}
	JUDGE(ended, sim_crashed() ? BAD_CRASH : BAD_HANG, "%s",
			sim_crashed() ? "crash" : "no end in sight");
	if (!ended || inv_failures() != 0)
		goto out;
	for (i = 0; i < game.players; i++) {
		if (!sim_dead(i))
			continue;
		dead++;
		held += game.held_n[i] + game.moving[i];
	}
	sum_deaths += dead;
	judge_nr = sim_thread(judge, &verdict, 50, 1);
	ended = sim_run(5000000);
	JUDGE(ended && sim_ended(judge_nr), sim_crashed() ? BAD_CRASH : BAD_HANG,
			"%s when all "
			"others are gone",
			sim_crashed() ? "crash" : "no end in sight");
	if (!ended)
		goto out;
	if (dead == 0 && !game.forgets)
		judge_fails();
	frag_pool_get_stats(game.pool.fp, &st);
	missing = size - RTE_MIN(size, verdict.taken) - game.grows;
	JUDGE(verdict.taken == verdict.count, BAD_COUNT,
			"I3: count is %u at rest, but %u could be taken", verdict.count,
			verdict.taken);
	if (dead == 0) {
		INV_CHECK(verdict.taken_first == size && verdict.taken == size,
				"I1: %u, then %u of %u could be taken", verdict.taken_first,
				verdict.taken, size);
		INV_CHECK(verdict.whole == st.pages, "I7: %u of %u pages whole", verdict.whole,
				st.pages);
		INV_CHECK((st.refused == 0 || game.forgets) && st.corrupt == 0 && st.lost == 0 &&
						st.takeovers == 0,
				"refused %" PRIu64 " corrupt %" PRIu64
				" lost %u takeovers %" PRIu64,
				st.refused, st.corrupt, st.lost, st.takeovers);
	} else {
		INV_CHECK(st.corrupt == 0, "%" PRIu64 " corrupt after deaths", st.corrupt);
		JUDGE(missing <= held + INV_STEP(size) * dead, BAD_LOST,
				"I5: %u are missing, %u are counted as lost; "
				"%u dead held %u",
				missing, st.lost, dead, held);
		sum_lost += st.lost;
		if (missing > held && missing - held > sum_worst)
			sum_worst = missing - held;
	}
	if (game.deaths)
		check_after_death();
	else
		inv_pool_check(game.pool.fp, "at the end");
	sum_reclaims += st.reclaims;
	sum_takeovers += st.takeovers;
	sum_detours += st.detours;
	sum_steals += st.alloc_steal;
	sum_batches += st.batches_sent;
out:
	sum_calls += game.calls;
	sum_accesses += sim_total_accesses();
	sum_switches += sim_switches();
	if (game.deaths && game.bad != 0)
		note(nr);
	sim_end();
	if (inv_failures() != 0)
		return;
	frag_pool_destroy(game.pool.fp);
	inv_shared_free(game.pool.mem, game.pool.len);
}

int
main(int argc, char **argv)
{
	const char *s;
	uint32_t nr, games;
	bool deaths;
	double end;

	inv_start(argc, argv,
			"I1 to I5, I7: preempted, frozen, killed at any access, with store "
			"buffers",
			10);
	s = inv_arg("deaths");
	deaths = s != NULL && atoi(s) != 0;
	s = inv_arg("game");
	if (s != NULL) {
		games = 1;
		play((uint32_t)atoi(s), deaths);
	} else {
		end = inv_now() + inv_seconds;
		for (nr = 0; inv_now() < end && inv_failures() == 0; nr++)
			play(nr, deaths);
		games = nr;
	}
	printf("%u games, %" PRIu64 " calls, %" PRIu64 " accesses, %" PRIu64 " switches; %" PRIu64
	       " failed gets, %" PRIu64 " counts, %" PRIu64 " reclaims, %" PRIu64
	       " detours, %" PRIu64 " steals, %" PRIu64
	       " batches; the longest put took %u accesses\n",
			games, sum_calls, sum_accesses, sum_switches, sum_fails, sum_counts,
			sum_reclaims, sum_detours, sum_steals, sum_batches, longest_put);
	if (deaths)
		printf("%" PRIu64 " games ended badly; %" PRIu64 " deaths, %" PRIu64
		       " takeovers, %" PRIu64 " lost, at worst %" PRIu64 " more than was held\n",
				bad_games, sum_deaths, sum_takeovers, sum_lost, sum_worst);
	report_deaths();
	inv_what[0] = '\0';
	INV_CHECK(sum_batches > games || games < 100, "%" PRIu64 " batches in %u games",
			sum_batches, games);
	inv_exit();
}
