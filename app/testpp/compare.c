/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * --pp-compare: the same forwarding on pools of several mempool ops, in turns, so that what else
 * the machine does meets all of them alike. Between two turns ports are stopped, what waits in
 * them is dropped, and queues are set up with the next ops' pools.
 */

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf_pool_ops.h>

#include "testpp.h"

#define OPS_MAX RTE_MEMPOOL_MAX_OPS_IDX
#define WARM_PART 5 /* of the time that is measured */

/* One turn. */
struct sample {
	double rate;   /* packets per second */
	double cycles; /* for a packet; NAN: there was none */
};

struct contender {
	char ops[RTE_MEMPOOL_OPS_NAMESIZE];
	unsigned int set; /* of pools */
	unsigned int nr;  /* of samples */
	struct sample *samples;
};

struct comparison {
	struct contender all[OPS_MAX]; /* the first: the program's own ops */
	unsigned int nr;
	bool started[RTE_MAX_ETHPORTS];
};

/* ---- which ops */

/* Pools are used by the main lcore and by those that forward. */
static bool
one_sided(const char *ops)
{
	static const char *const names[] = { "ring_sp_sc", "ring_sp_mc", "ring_mp_sc" };

	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (strcmp(names[i], ops) == 0)
			return true;
	return false;
}

static bool
contender_add(struct comparison *c, const char *ops, size_t len)
{
	struct contender *new = &c->all[c->nr];

	if (c->nr == OPS_MAX) {
		fprintf(stderr, "page_pool compare: more than %u mempool ops\n", OPS_MAX);
		return false;
	}
	if (len == 0 || len >= sizeof(new->ops)) {
		fprintf(stderr, "page_pool compare: \"%.*s\" are no mempool ops\n", (int)len, ops);
		return false;
	}
	memcpy(new->ops, ops, len);
	new->ops[len] = '\0';
	if (!ops_registered(new->ops)) {
		fprintf(stderr, "page_pool compare: mempool ops %s are not there\n", new->ops);
		return false;
	}
	if (one_sided(new->ops)) {
		fprintf(stderr,
				"page_pool compare: mempool ops %s are for one producer or one "
				"consumer\n",
				new->ops);
		return false;
	}
	for (unsigned int i = 0; i < c->nr; i++) {
		if (strcmp(c->all[i].ops, new->ops) != 0)
			continue;
		fprintf(stderr, "page_pool compare: mempool ops %s twice%s\n", new->ops,
				i == 0 ? ", pools are on them anyway" : "");
		return false;
	}
	c->nr++;
	return true;
}

static bool
contenders_find(struct comparison *c, const char *list)
{
	const char *own = rte_mbuf_best_mempool_ops();

	memset(c, 0, sizeof(*c));
	if (!contender_add(c, own, strlen(own)))
		return false;
	for (;; list++) {
		const size_t len = strcspn(list, ",");

		if (!contender_add(c, list, len))
			return false;
		list += len;
		if (*list == '\0')
			return true;
	}
}

bool
compare_ops_valid(const char *list)
{
	struct comparison c;

	return contenders_find(&c, list);
}

/* ---- turns */

/* What was sent must not be freed all at once to one pool: some may be of an earlier turn's. */
static void
fast_free_off(void)
{
	const uint64_t bit = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		struct compared *was = &ports[p].compared;
		bool any = (ports[p].conf.txmode.offloads & bit) != 0;

		was->fast_free |= any;
		for (unsigned int q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++) {
			const bool on = (ports[p].tx_conf[q].offloads & bit) != 0;

			was->queue_fast_free[q] |= on;
			any |= on;
		}
		if (!any)
			continue;
		was->any_fast_free = true;
		port_offload_set(p, false, bit, false);
		ports[p].reconfig = true;
	}
}

/* As it was before this comparison, and those before it whose pools stayed; true if there is a port
 * that had it.
 */
static bool
fast_free_restore(void)
{
	const uint64_t bit = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	bool any = false;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		struct compared *was = &ports[p].compared;

		if (!was->any_fast_free)
			continue;
		any = true;
		if (was->fast_free)
			ports[p].conf.txmode.offloads |= bit;
		for (unsigned int q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++)
			if (was->queue_fast_free[q])
				ports[p].tx_conf[q].offloads |= bit;
		ports[p].reconfig = true;
		memset(was, 0, sizeof(*was));
	}
	return any;
}

void
compare_offload_chosen(uint16_t port_id, uint64_t which, int queue_id)
{
	struct compared *was = &ports[port_id].compared;

	if ((which & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) == 0)
		return;
	if (queue_id >= 0) {
		was->queue_fast_free[queue_id] = false;
		return;
	}
	was->fast_free = false;
	memset(was->queue_fast_free, 0, sizeof(was->queue_fast_free));
}

/* 1: measured, 0: the end is wanted, -1 after a message. */
static int
turn(struct contender *c, const bool *started)
{
	struct sample *s = &c->samples[c->nr];
	uint64_t packets[2], cycles[2], when[2];
	bool ended;

	pools_use(c->set);
	if (ports_restart(started) != 0 || forwarding_begin(cfg.tx_first) != 0)
		return -1;
	ended = commands_wait(-1, cfg.compare_ms / WARM_PART) < 0;
	fwd_stats_sum(&packets[0], &cycles[0]);
	when[0] = rte_rdtsc();
	ended = ended || commands_wait(-1, cfg.compare_ms) < 0;
	fwd_stats_sum(&packets[1], &cycles[1]);
	when[1] = rte_rdtsc();
	forwarding_end();
	if (ended)
		return 0;
	packets[1] -= packets[0];
	s->rate = (double)packets[1] * rte_get_tsc_hz() / (when[1] - when[0]);
	s->cycles = packets[1] != 0 ? (double)(cycles[1] - cycles[0]) / packets[1] : NAN;
	c->nr++;
	return 1;
}

/* A B C A B C ... */
static int
turns(struct comparison *c)
{
	for (uint32_t round = 0; round < cfg.compare_rounds; round++) {
		for (unsigned int i = 0; i < c->nr; i++) {
			const int ret = turn(&c->all[i], c->started);

			if (ret <= 0)
				return ret;
		}
	}
	return 0;
}

/* ---- the report */

struct range {
	double median, min, max;
};

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts them. NANs if there are none. */
static struct range
range_of(double *values, unsigned int n)
{
	if (n == 0)
		return (struct range){ NAN, NAN, NAN };
	qsort(values, n, sizeof(*values), by_value);
	return (struct range){
		.median = (values[(n - 1) / 2] + values[n / 2]) / 2,
		.min = values[0],
		.max = values[n - 1],
	};
}

static void
number_print(int width, int digits, double value, const char *unit)
{
	if (isnan(value))
		printf(" %*s", width + (int)strlen(unit), "-");
	else
		printf(" %*.*f%s", width, digits, value, unit);
}

static void
contender_print(const struct contender *c, const struct contender *first, double *values)
{
	struct range rate, cycles, ratio;
	unsigned int i, n;

	for (i = 0; i < c->nr; i++)
		values[i] = c->samples[i].rate;
	rate = range_of(values, c->nr);
	for (i = n = 0; i < c->nr; i++)
		if (!isnan(c->samples[i].cycles))
			values[n++] = c->samples[i].cycles;
	cycles = range_of(values, n);
	/* in the same round: what disturbs one disturbs its neighbour */
	for (i = n = 0; i < RTE_MIN(c->nr, first->nr); i++)
		if (first->samples[i].rate > 0)
			values[n++] = c->samples[i].rate / first->samples[i].rate;
	ratio = range_of(values, n);

	printf("  %-18s", c->ops);
	number_print(11, 0, rate.median, "");
	number_print(11, 0, rate.min, "");
	number_print(11, 0, rate.max, "");
	number_print(6, 1, rate.median > 0 ? 100 * (rate.max - rate.min) / rate.median : NAN, "%");
	number_print(9, 2, cycles.median, "");
	number_print(9, 2, cycles.min, "");
	number_print(9, 2, cycles.max, "");
	number_print(6, 3, ratio.median, "");
	number_print(6, 3, ratio.min, "");
	number_print(6, 3, ratio.max, "");
	printf("\n");
}

static void
comparison_print(const struct comparison *c, double *values)
{
	unsigned int i, nr = 0;
	bool any = false;

	for (i = 0; i < c->nr; i++) {
		nr += c->all[i].nr;
		for (unsigned int j = 0; j < c->all[i].nr; j++)
			any |= c->all[i].samples[j].rate > 0;
	}
	printf("\n  ######################## page_pool compare ########################\n");
	printf("  %s, %u ports, %u lcores, %u rounds, %u ms for each after %u ms of warm-up\n",
			cfg.engine->name, cfg.nr_fwd_ports, RTE_MIN(cfg.nr_fwd_lcores, nr_streams),
			cfg.compare_rounds, cfg.compare_ms, cfg.compare_ms / WARM_PART);
	if (nr != c->nr * cfg.compare_rounds)
		printf("  ended after %u of %u measurements\n", nr, c->nr * cfg.compare_rounds);
	if (nr != 0 && !any && !cfg.interactive && !cfg.engine->sends_only)
		printf("  no packets were forwarded: do the ports need --tx-first?\n");
	printf("  %-18s %11s %11s %11s %7s %9s %9s %9s %6s %6s %6s\n", "ops", "packets/s", "min",
			"max", "spread", "cycles/p", "min", "max", "ratio", "min", "max");
	for (i = 0; i < c->nr; i++)
		contender_print(&c->all[i], &c->all[0], values);
	printf("  medians, least and most; spread: most - least, in parts of the median; ratio: of "
	       "packets/s in the same round to %s\n",
			c->all[0].ops);
}

/* ---- all of it */

static int
samples_make(struct comparison *c, double **values)
{
	*values = calloc(cfg.compare_rounds, sizeof(**values));
	c->all[0].samples = calloc((size_t)c->nr * cfg.compare_rounds, sizeof(struct sample));
	if (*values == NULL || c->all[0].samples == NULL) {
		fprintf(stderr, "Not enough memory for a comparison\n");
		free(*values);
		free(c->all[0].samples);
		return -1;
	}
	for (unsigned int i = 1; i < c->nr; i++)
		c->all[i].samples = c->all[0].samples + (size_t)i * cfg.compare_rounds;
	return 0;
}

static int
pools_make_all(struct comparison *c)
{
	uint16_t p;

	for (unsigned int i = 1; i < c->nr; i++) {
		const int set = pools_add(c->all[i].ops);

		if (set < 0) {
			fprintf(stderr, "page_pool compare: no pools on mempool ops %s\n",
					c->all[i].ops);
			return -1;
		}
		c->all[i].set = set;
	}
	RTE_ETH_FOREACH_DEV(p)
		pools_port_map(p, true);
	return 0;
}

/* No queue points at a pool that goes. One that did, here or in a comparison before, was set up. */
static bool
queues_are_own(const bool *started)
{
	bool own = true;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		bool *elsewhere = &ports[p].compared.elsewhere;

		*elsewhere = (*elsewhere || started[p]) && ports[p].configured &&
				ports[p].reconfig_queues;
		own &= !*elsewhere;
	}
	return own;
}

/* Ports are on their own pools again, and the others can go. While they cannot, mbufs of theirs
 * may come.
 */
static int
pools_restore(const bool *started)
{
	int ret;

	pools_use(0);
	ret = ports_restart(started);
	if (ret != 0)
		fprintf(stderr, "page_pool compare: not all ports are started again\n");
	if (!queues_are_own(started)) {
		fprintf(stderr, "page_pool compare: its pools stay until the end\n");
		return ret;
	}
	if (pools_remove() && fast_free_restore() && ports_restart(started) != 0)
		return -1;
	return ret;
}

int
compare_run(const char *list)
{
	const bool record_cycles = cfg.record_cycles;
	struct comparison c;
	double *values;
	int ret;

	if (forwarding()) {
		fprintf(stderr, "Please stop forwarding first\n");
		return -1;
	}
	if (cfg.verify) {
		fprintf(stderr, "page_pool compare: packets are checked (--pp-verify)\n");
		return -1;
	}
	if (cfg.pp_frag) {
		fprintf(stderr, "page_pool compare: mbufs are the library's (--pp-frag)\n");
		return -1;
	}
	if (!contenders_find(&c, list) || samples_make(&c, &values) != 0)
		return -1;
	cfg.record_cycles = true;
	ports_started(c.started);
	fast_free_off();
	ret = pools_make_all(&c);
	if (ret == 0) {
		ret = turns(&c);
		if (ret == 0)
			comparison_print(&c, values);
	}
	if (pools_restore(c.started) != 0)
		ret = -1;
	cfg.record_cycles = record_cycles;
	free(c.all[0].samples);
	free(values);
	return ret;
}
