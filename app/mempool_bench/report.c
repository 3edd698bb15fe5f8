/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * What the samples say. Ratios are formed within a round, where both sides met the same machine,
 * and their median is taken. A row is *level* when that is within 3 %, or within the spread of the
 * ratios (from the first to the third quartile) if it is larger; beyond that it is *first* or
 * *behind*. Where the quartiles lie far apart, on both sides of 1, it is *unclear*.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bench.h"

#define LEVEL 0.03
#define UNCLEAR 0.15
/* What makes a run too noisy to be used. */
#define NOISY_SPREAD 0.10
#define NOISY_STOLEN 0.02
#define NOISY_RTT 1.5

struct summary {
	double min, q1, median, q3, max;
};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static struct summary
summarize(double *v, unsigned int n)
{
	struct summary s = { 0 };

	if (n == 0)
		return s;
	qsort(v, n, sizeof(*v), compare);
	s.min = v[0];
	s.q1 = v[(n - 1) / 4];
	s.median = n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	s.q3 = v[n - 1 - (n - 1) / 4];
	s.max = v[n - 1];
	return s;
}

static const char *const lat_name[] = { "p50", "p99", "p99.9", "max" };

enum field { FIELD_MOBJ, FIELD_REF, FIELD_SELF, FIELD_FAILS, FIELD_LAT, FIELD_MEAN };

static double
sample_get(const struct sample *s, enum field field, unsigned int op, unsigned int i)
{
	switch (field) {
	case FIELD_MOBJ:
		return s->mobj;
	case FIELD_REF:
		return s->ref;
	case FIELD_SELF:
		return s->ref > 0 ? s->mobj / s->ref : 0;
	case FIELD_FAILS:
		return s->fails;
	case FIELD_LAT:
		return s->lat[op][i];
	case FIELD_MEAN:
		break;
	}
	return s->mean[op][i];
}

static struct summary
cell_summary(const struct cell *c, enum field field, unsigned int op, unsigned int i)
{
	double v[BENCH_ROUNDS_MAX];
	unsigned int k;

	for (k = 0; k < c->nr; k++)
		v[k] = sample_get(&c->sample[k], field, op, i);
	return summarize(v, c->nr);
}

static struct summary
ratio_summary(const struct cell *a, const struct cell *b)
{
	double v[BENCH_ROUNDS_MAX];
	unsigned int k, n = RTE_MIN(a->nr, b->nr);

	for (k = 0; k < n; k++)
		/* no infinity against a peer that got nothing done in a round */
		v[k] = a->sample[k].mobj / RTE_MAX(b->sample[k].mobj, 1e-3);
	return summarize(v, n);
}

/* How long our calls take against another's: a percentile of means of BENCH_CALLS calls. */
static struct summary
latency_ratio(const struct cell *a, const struct cell *b, unsigned int op, unsigned int i)
{
	double v[BENCH_ROUNDS_MAX], theirs;
	unsigned int k, n = 0;

	for (k = 0; k < RTE_MIN(a->nr, b->nr); k++) {
		theirs = b->sample[k].mean[op][i];
		if (a->sample[k].mean[op][i] > 0 && theirs > 0)
			v[n++] = a->sample[k].mean[op][i] / theirs;
	}
	return summarize(v, n);
}

static bool
is_peer(const struct report_info *info, unsigned int i)
{
	const struct variant *v = &info->variants[i];

	return v->bound == BOUND_NONE && strcmp(v->ops, info->variants[info->ours].ops) != 0;
}

/* The fastest peer of a row; nr_variants: there is none. */
static unsigned int
best_peer(const struct report_info *info, const struct cell *row)
{
	unsigned int i, best = info->nr_variants;
	double most = 0, m;

	for (i = 0; i < info->nr_variants; i++) {
		if (!is_peer(info, i) || row[i].nr == 0)
			continue;
		m = cell_summary(&row[i], FIELD_MOBJ, 0, 0).median;
		if (m > most) {
			most = m;
			best = i;
		}
	}
	return best;
}

static const char *
verdict(const struct summary *ratio)
{
	double spread = ratio->q3 - ratio->q1, slack = RTE_MAX(LEVEL, spread);

	if (ratio->median >= 1 + slack)
		return "first";
	/* so wide that level would say nothing */
	if (spread > UNCLEAR && ratio->q1 < 1)
		return "unclear";
	return ratio->median >= 1 - slack ? "level" : "behind";
}

/* Latencies: *above* and *below* are beyond what level means for rates, and a nanosecond, which is
 * less than two steps of the clock.
 */
static const char *
latency_verdict(const struct summary *ratio, double theirs_ns)
{
	double slack = RTE_MAX(LEVEL, ratio->q3 - ratio->q1) + 1 / RTE_MAX(theirs_ns, 1.0);

	if (ratio->median > 1 + slack)
		return "above";
	return ratio->median < 1 - slack ? "below" : "level";
}

/* Median over all cells of the width of the middle half of the rounds. */
static double
run_spread(const struct report_info *info, struct cell *const *cells)
{
	double *v = calloc((size_t)bench_nr_rows * info->nr_variants, sizeof(*v)), result;
	unsigned int r, i, n = 0;
	struct summary s;

	for (r = 0; v != NULL && r < bench_nr_rows; r++)
		for (i = 0; cells[r] != NULL && i < info->nr_variants; i++) {
			if (cells[r][i].nr == 0)
				continue;
			s = cell_summary(&cells[r][i], FIELD_MOBJ, 0, 0);
			if (s.median > 0)
				v[n++] = (s.q3 - s.q1) / s.median;
		}
	result = v == NULL ? 0 : summarize(v, n).median;
	free(v);
	return result;
}

static const char *
noise(const struct report_info *info, double spread)
{
	double drift = info->rtt_before > 0 ? info->rtt_after / info->rtt_before : 1;

	if (drift > NOISY_RTT || drift < 1 / NOISY_RTT)
		return "the round trip between the lcores has changed";
	if (info->stolen > NOISY_STOLEN)
		return "the hypervisor gave a part of the time to others";
	if (spread > NOISY_SPREAD)
		return "the rounds differ from each other";
	return NULL;
}

static void
table_row(FILE *f, const struct report_info *info, const struct row *row, const struct cell *c)
{
	const char *ours = info->variants[info->ours].name;
	struct summary s, self, ratio;
	unsigned int i, op, k;

	fprintf(f, "\n%s\n", row->name);
	fprintf(f, "  %-28s %9s %9s %9s %8s %7s %7s  %-31s %s\n", "", "Mobj/s", "min", "max",
			"ours/x", row->before != BEFORE_NOTHING ? "self" : "", "fails",
			"get ns 50/99/99.9/max", "put ns 50/99/99.9/max");
	for (i = 0; i < info->nr_variants; i++) {
		if (c[i].nr == 0) {
			if (c[i].error != 0 || c[i].unfit != NULL)
				fprintf(f, "  %-28s %s\n", info->variants[i].name,
						c[i].unfit != NULL ? c[i].unfit :
								     strerror(-c[i].error));
			continue;
		}
		s = cell_summary(&c[i], FIELD_MOBJ, 0, 0);
		fprintf(f, "  %-28s %9.2f %9.2f %9.2f", info->variants[i].name, s.median, s.min,
				s.max);
		if (i == info->ours || c[info->ours].nr == 0) {
			fprintf(f, " %8s", "");
		} else {
			ratio = ratio_summary(&c[info->ours], &c[i]);
			fprintf(f, " %8.2f", ratio.median);
		}
		self = cell_summary(&c[i], FIELD_SELF, 0, 0);
		if (self.median > 0)
			fprintf(f, " %7.2f", self.median);
		else
			fprintf(f, " %7s", "");
		s = cell_summary(&c[i], FIELD_FAILS, 0, 0);
		if (s.median > 0)
			fprintf(f, " %6.2f%%", 100 * s.median);
		else
			fprintf(f, " %7s", "");
		for (op = 0; op < LAT_OPS; op++) {
			char text[64];
			int len = 0;

			for (k = 0; k < LAT_NR; k++)
				len += snprintf(&text[len], sizeof(text) - (size_t)len, "%s%.0f",
						k > 0 ? "/" : "",
						cell_summary(&c[i], FIELD_LAT, op, k).median);
			fprintf(f, "  %-30s", info->variants[i].bound == BOUND_CEILING ? "" : text);
		}
		fprintf(f, "\n");
	}
	i = best_peer(info, c);
	if (i == info->nr_variants || c[info->ours].nr == 0)
		return;
	ratio = ratio_summary(&c[info->ours], &c[i]);
	fprintf(f, "  %s is %s: %.2f of the best peer, %s (quartiles %.2f to %.2f)\n", ours,
			verdict(&ratio), ratio.median, info->variants[i].name, ratio.q1, ratio.q3);
}

void
report_table(FILE *f, const struct report_info *info, struct cell *const *cells)
{
	static const char *const words[] = { "first", "level", "behind", "unclear" };
	unsigned int r, i, k, nr[RTE_DIM(words)] = { 0 };
	double spread = run_spread(info, cells);
	const char *word, *why = noise(info, spread);
	struct summary ratio;

	for (r = 0; r < bench_nr_rows; r++)
		if (cells[r] != NULL)
			table_row(f, info, &bench_rows[r], cells[r]);

	fprintf(f, "\nsummary: %s against the best peer of each row\n",
			info->variants[info->ours].name);
	for (r = 0; r < bench_nr_rows; r++) {
		if (cells[r] == NULL || cells[r][info->ours].nr == 0)
			continue;
		i = best_peer(info, cells[r]);
		if (i == info->nr_variants)
			continue;
		ratio = ratio_summary(&cells[r][info->ours], &cells[r][i]);
		word = verdict(&ratio);
		for (k = 0; k < RTE_DIM(words); k++)
			nr[k] += strcmp(word, words[k]) == 0;
		fprintf(f, "  %-7s %6.2f  %-32s %s\n", word, ratio.median, bench_rows[r].name,
				info->variants[i].name);
	}
	for (k = 0; k < RTE_DIM(words); k++)
		fprintf(f, "%s%u %s", k > 0 ? ", " : "rows: ", nr[k], words[k]);
	fprintf(f, "\n");
	fprintf(f, "%u rounds of %g ms; spread of the rounds (median of all) %.1f %%; round trip ",
			info->rounds, info->run_ms, 100 * spread);
	fprintf(f, "between the lcores %.0f ns before, %.0f ns after; time stolen %.2f %%\n",
			info->rtt_before, info->rtt_after, 100 * RTE_MAX(info->stolen, 0.0));
	if (why != NULL)
		fprintf(f, "TOO NOISY to be used: %s\n", why);
}

static json_t *
json_summary(const struct summary *s)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f}", "min", s->min, "q1", s->q1, "median",
			s->median, "q3", s->q3, "max", s->max);
}

static json_t *
json_cell(const struct cell *c, const struct cell *ours)
{
	static const char *const op_name[][2] = { { "get_ns", "get_mean_ns" },
		{ "put_ns", "put_mean_ns" } };
	static const enum field fields[] = { FIELD_LAT, FIELD_MEAN };
	struct summary s = cell_summary(c, FIELD_MOBJ, 0, 0);
	json_t *cell = json_object(), *list = json_array(), *lat;
	unsigned int i, k, op;

	for (i = 0; i < c->nr; i++)
		json_array_append_new(list, json_real(c->sample[i].mobj));
	json_object_set_new(cell, "mobj", json_summary(&s));
	json_object_set_new(cell, "samples", list);
	s = cell_summary(c, FIELD_SELF, 0, 0);
	if (s.median > 0)
		json_object_set_new(cell, "self", json_summary(&s));
	s = cell_summary(c, FIELD_FAILS, 0, 0);
	json_object_set_new(cell, "fails", json_real(s.median));
	if (ours->nr > 0 && ours != c) {
		s = ratio_summary(ours, c);
		json_object_set_new(cell, "ours_to_this", json_summary(&s));
	}
	for (op = 0; op < LAT_OPS; op++) {
		for (k = 0; k < RTE_DIM(fields); k++) {
			lat = json_object();
			for (i = 0; i < LAT_NR; i++) {
				s = cell_summary(c, fields[k], op, i);
				json_object_set_new(lat, lat_name[i], json_real(s.median));
			}
			json_object_set_new(cell, op_name[op][k], lat);
		}
	}
	return cell;
}

/* Our latencies against those of the row's best peer. */
static json_t *
json_latency(const struct cell *ours, const struct cell *peer)
{
	static const char *const op_name[] = { "get", "put" };
	json_t *row = json_object(), *call, *value;
	struct summary ratio, theirs;
	unsigned int op, i;

	for (op = 0; op < LAT_OPS; op++) {
		call = json_object();
		for (i = 0; i < LAT_MAX; i++) {
			ratio = latency_ratio(ours, peer, op, i);
			/* none in any round */
			if (ratio.median <= 0)
				continue;
			theirs = cell_summary(peer, FIELD_MEAN, op, i);
			value = json_summary(&ratio);
			json_object_set_new(value, "verdict",
					json_string(latency_verdict(&ratio, theirs.median)));
			json_object_set_new(call, lat_name[i], value);
		}
		json_object_set_new(row, op_name[op], call);
	}
	return row;
}

static const char *
why_not(const struct cell *c)
{
	return c->unfit != NULL ? c->unfit : strerror(-c->error);
}

int
report_json(const char *path, const struct report_info *info, struct cell *const *cells)
{
	json_t *root, *rows = json_array(), *row, *list, *left_out, *argv = json_array();
	double spread = run_spread(info, cells);
	const char *why = noise(info, spread), *name;
	struct summary ratio;
	unsigned int r, i;
	int rc;

	for (i = 0; i < (unsigned int)info->argc; i++)
		json_array_append_new(argv, json_string(info->argv[i]));
	root = json_pack("{s:o, s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:b}", "command", argv, "ours",
			info->variants[info->ours].name, "rounds", (int)info->rounds, "run_ms",
			info->run_ms, "round_trip_before_ns", info->rtt_before,
			"round_trip_after_ns", info->rtt_after, "stolen", info->stolen, "spread",
			spread, "too_noisy", why != NULL);
	for (r = 0; r < bench_nr_rows; r++) {
		if (cells[r] == NULL)
			continue;
		list = json_object();
		left_out = json_object();
		for (i = 0; i < info->nr_variants; i++) {
			const struct cell *c = &cells[r][i];

			name = info->variants[i].name;
			if (c->nr > 0)
				json_object_set_new(list, name,
						json_cell(c, &cells[r][info->ours]));
			else
				json_object_set_new(left_out, name, json_string(why_not(c)));
		}
		row = json_pack("{s:s, s:o, s:o}", "row", bench_rows[r].name, "pools", list,
				"left_out", left_out);
		i = best_peer(info, cells[r]);
		if (i < info->nr_variants && cells[r][info->ours].nr > 0) {
			ratio = ratio_summary(&cells[r][info->ours], &cells[r][i]);
			json_object_set_new(row, "best_peer", json_string(info->variants[i].name));
			json_object_set_new(row, "ratio", json_summary(&ratio));
			json_object_set_new(row, "verdict", json_string(verdict(&ratio)));
			json_object_set_new(row, "latency",
					json_latency(&cells[r][info->ours], &cells[r][i]));
		}
		json_array_append_new(rows, row);
	}
	json_object_set_new(root, "rows", rows);
	rc = json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(root);
	return rc == 0 ? 0 : -EIO;
}
