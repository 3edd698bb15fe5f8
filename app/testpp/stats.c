/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Counters of ports and of forwarding. What the loop counted is in the streams; what the devices
 * counted is read from them, less what they had when forwarding started.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "testpp.h"

#define NS_PER_SECOND 1000000000ULL
#define XSTATS_SHOWN_MAX 64
#define DASHES22 "----------------------"
#define DASHES76 DASHES22 DASHES22 DASHES22 "----------"
#define PLUS15 "+++++++++++++++"
#define PLUS76 PLUS15 PLUS15 PLUS15 PLUS15 PLUS15 "+"
#define HASHES24 "########################"
#define HASHES76 HASHES24 HASHES24 HASHES24 "####"

/* A value and when it was shown. */
struct rate {
	uint64_t value, ns;
};

static struct rte_eth_stats at_start[RTE_MAX_ETHPORTS];
static struct {
	struct rate rx_packets, rx_bytes, tx_packets, tx_bytes;
	struct rate xstats[XSTATS_SHOWN_MAX];
} shown[RTE_MAX_ETHPORTS];

static uint64_t
now_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return 0;
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

/* Growth per second since the previous call; 0 the first time, and when a counter was cleared. */
static uint64_t
rate_since(struct rate *r, uint64_t value, uint64_t ns)
{
	uint64_t result = 0;

	if (r->ns != 0 && ns > r->ns && value > r->value)
		result = (double)(value - r->value) / (ns - r->ns) * NS_PER_SECOND;
	r->value = value;
	r->ns = ns;
	return result;
}

/* Tells, with what the numbers of ports are, if there is no such port. */
static bool
stats_port_valid(uint16_t port_id)
{
	uint16_t p;

	if (port_valid(port_id))
		return true;
	printf("The valid ports array is [");
	RTE_ETH_FOREACH_DEV(p)
		printf(" %u", p);
	printf(" ]\n");
	return false;
}

/* A port of net_vhost that was not configured yet, or whose queues were not all set up then: asked
 * for counters, the driver looks into queues that it has not.
 */
static bool
counters_fault(uint16_t port_id)
{
	const char *driver = ports[port_id].info.driver_name;

	return !ports[port_id].queues_made && driver != NULL && strcmp(driver, "net_vhost") == 0;
}

/* 0 or -errno. */
static int
stats_get(uint16_t port_id, struct rte_eth_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return counters_fault(port_id) ? 0 : rte_eth_stats_get(port_id, stats);
}

/* Zeroes, if the device has no counters: as it tells, there is nothing to subtract. */
static void
device_stats(uint16_t port_id, struct rte_eth_stats *stats)
{
	if (stats_get(port_id, stats) != 0)
		memset(stats, 0, sizeof(*stats));
}

void
fwd_stats_reset(void)
{
	const uint16_t *list;
	unsigned int i, n = forwarding_ports(&list);

	for (i = 0; i < n; i++)
		device_stats(list[i], &at_start[list[i]]);
	for (i = 0; i < nr_streams; i++)
		memset(&streams[i]->count, 0, sizeof(streams[i]->count));
}

void
fwd_stats_sum(uint64_t *packets, uint64_t *cycles)
{
	*packets = *cycles = 0;
	for (unsigned int i = 0; i < nr_streams; i++) {
		const struct stream *s = streams[i];

		*packets += cfg.engine->sends_only ? s->count.tx : s->count.rx;
		*cycles += s->count.busy_cycles;
	}
}

/* How often bursts had which size: none, the two most frequent sizes, all others. */
static void
show_bursts(const char *name, const uint64_t *counts)
{
	unsigned int size[2] = { 0, 0 };
	unsigned int i, n, percent, left = 100;
	uint64_t total = counts[0], listed = counts[0];

	for (i = 1; i <= BURST_MAX; i++) {
		total += counts[i];
		if (counts[i] == 0)
			continue;
		if (size[0] == 0 || counts[i] > counts[size[0]]) {
			size[1] = size[0];
			size[0] = i;
		} else if (size[1] == 0 || counts[i] > counts[size[1]]) {
			size[1] = i;
		}
	}
	if (total == 0)
		return;
	n = (size[0] != 0) + (size[1] != 0);
	if (n == 0) {
		printf("  %s-bursts : %" PRIu64 " [100%% of 0 pkts]\n", name, total);
		return;
	}
	percent = counts[0] * 100 / total;
	left -= percent;
	printf("  %s-bursts : %" PRIu64 " [%u%% of 0 pkts", name, total, percent);
	for (i = 0; i < n; i++) {
		listed += counts[size[i]];
		/* the last one named takes what rounding left */
		percent = listed == total ? left : counts[size[i]] * 100 / total;
		left -= percent;
		printf(" + %u%% of %u pkts", percent, size[i]);
	}
	if (listed != total)
		printf(" + %u%% of other", left);
	printf("]\n");
}

static void
show_stream(const struct stream *s)
{
	if (s->count.rx == 0 && s->count.tx == 0 && s->count.tx_dropped == 0)
		return;
	printf("\n  ------- Forward Stats for RX Port=%2d/Queue=%2d -> TX Port=%2d/Queue=%2d "
	       "-------\n",
			s->rx_port, s->rx_queue, s->tx_port, s->tx_queue);
	printf("  RX-packets: %-14" PRIu64 " TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64,
			s->count.rx, s->count.tx, s->count.tx_dropped);
	if (forwarding_engine() == &engine_csum) {
		printf("  RX- bad IP checksum: %-14" PRIu64 "  Rx- bad L4 checksum: %-14" PRIu64
		       " Rx- bad outer L4 checksum: %-14" PRIu64 "\n",
				s->count.bad_ip, s->count.bad_l4, s->count.bad_outer_l4);
		printf(" RX- bad outer IP checksum: %-14" PRIu64, s->count.bad_outer_ip);
	}
	printf("\n");
	if (cfg.record_bursts) {
		show_bursts("RX", s->count.rx_bursts);
		show_bursts("TX", s->count.tx_bursts);
	}
}

/* What streams counted, by port. */
struct port_count {
	uint64_t tx_dropped;
	uint64_t bad_ip, bad_l4, bad_outer_ip, bad_outer_l4;
	const struct stream *rx, *tx; /* the one of them there is */
};

static void
show_fwd_port(uint16_t port_id, const struct rte_eth_stats *stats, const struct port_count *count,
		bool one_stream)
{
	uint64_t tx_dropped = count->tx_dropped + stats->oerrors;

	printf("\n  " DASHES22 " Forward statistics for port %-2d " DASHES22 "\n", port_id);
	printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64 "RX-total: %" PRIu64 "\n",
			stats->ipackets, stats->imissed, stats->ipackets + stats->imissed);
	if (forwarding_engine() == &engine_csum) {
		printf("  Bad-ipcsum: %-14" PRIu64 " Bad-l4csum: %-14" PRIu64
		       "Bad-outer-l4csum: %-14" PRIu64 "\n",
				count->bad_ip, count->bad_l4, count->bad_outer_l4);
		printf("  Bad-outer-ipcsum: %-14" PRIu64 "\n", count->bad_outer_ip);
	}
	if (stats->ierrors + stats->rx_nombuf > 0) {
		printf("  RX-error: %" PRIu64 "\n", stats->ierrors);
		printf("  RX-nombufs: %-14" PRIu64 "\n", stats->rx_nombuf);
	}
	printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 "TX-total: %" PRIu64 "\n",
			stats->opackets, tx_dropped, stats->opackets + tx_dropped);
	if (cfg.record_bursts && one_stream) {
		if (count->rx != NULL)
			show_bursts("RX", count->rx->count.rx_bursts);
		if (count->tx != NULL)
			show_bursts("TX", count->tx->count.tx_bursts);
	}
	printf("  " DASHES76 "\n");
}

static void
show_cycles(uint64_t cycles, uint64_t received, uint64_t sent)
{
	uint64_t packets = forwarding_engine()->sends_only ? sent : received;

	if (packets == 0)
		return;
	printf("\n  CPU cycles/packet=%.2F (total cycles=%" PRIu64 " / total %s packets=%" PRIu64
	       ") at %" PRIu64 " MHz Clock\n",
			(double)cycles / packets, cycles, forwarding_engine()->name, packets,
			rte_get_tsc_hz() / 1000000);
}

void
fwd_stats_show(void)
{
	struct port_count count[RTE_MAX_ETHPORTS] = { 0 };
	const uint16_t *list;
	unsigned int i, n = forwarding_ports(&list);
	bool one_stream = nr_streams <= n;
	uint64_t rx = 0, rx_dropped = 0, tx = 0, tx_dropped = 0, nombuf = 0, cycles = 0;
	struct rte_eth_stats stats;

	for (i = 0; i < nr_streams; i++) {
		const struct stream *s = streams[i];

		if (!one_stream)
			show_stream(s);
		count[s->rx_port].rx = s;
		count[s->tx_port].tx = s;
		count[s->tx_port].tx_dropped += s->count.tx_dropped;
		count[s->rx_port].bad_ip += s->count.bad_ip;
		count[s->rx_port].bad_l4 += s->count.bad_l4;
		count[s->rx_port].bad_outer_ip += s->count.bad_outer_ip;
		count[s->rx_port].bad_outer_l4 += s->count.bad_outer_l4;
		cycles += s->count.busy_cycles;
	}

	for (i = 0; i < n; i++) {
		uint16_t p = list[i];
		const struct rte_eth_stats *was = &at_start[p];

		device_stats(p, &stats);
		/* the device's were cleared since */
#define SINCE(field) stats.field -= RTE_MIN(was->field, stats.field)
		SINCE(ipackets);
		SINCE(opackets);
		SINCE(imissed);
		SINCE(ierrors);
		SINCE(oerrors);
		SINCE(rx_nombuf);
#undef SINCE
		show_fwd_port(p, &stats, &count[p], one_stream);
		rx += stats.ipackets;
		rx_dropped += stats.imissed;
		tx += stats.opackets;
		tx_dropped += count[p].tx_dropped + stats.oerrors;
		nombuf += stats.rx_nombuf;
	}

	printf("\n  " PLUS15 " Accumulated forward statistics for all ports" PLUS15 "\n");
	printf("  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64 "RX-total: %" PRIu64 "\n", rx,
			rx_dropped, rx + rx_dropped);
	printf("  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 "TX-total: %" PRIu64 "\n", tx,
			tx_dropped, tx + tx_dropped);
	if (nombuf > 0)
		printf("  RX-nombufs: %-14" PRIu64 "\n", nombuf);
	printf("  " PLUS76 "\n");
	if (cfg.record_cycles)
		show_cycles(cycles, rx, tx);
}

/* One of the counters that --display-xstats names. Devices without it have no line. */
static void
show_chosen_xstat(uint16_t port_id, const char *name, unsigned int i)
{
	uint64_t id, value;

	if (!counters_fault(port_id) && rte_eth_xstats_get_id_by_name(port_id, name, &id) == 0 &&
			rte_eth_xstats_get_by_id(port_id, &id, &value, 1) == 1)
		printf("  %-24s %12" PRIu64 " %15" PRIu64 "\n", name, value,
				rate_since(&shown[port_id].xstats[i], value, now_ns()));
}

static void
check_chosen_xstat(uint16_t port_id, const char *name, unsigned int i)
{
	uint64_t id;

	if (rte_eth_xstats_get_id_by_name(port_id, name, &id) != 0)
		fprintf(stderr, "No xstat '%s' on port %u - skip it %u\n", name, port_id, i);
}

static void
for_chosen_xstats(uint16_t port_id,
		void (*call)(uint16_t port_id, const char *name, unsigned int i))
{
	char *names, *name, *next = NULL;
	unsigned int i;

	names = cfg.xstats_names != NULL ? strdup(cfg.xstats_names) : NULL;
	if (names == NULL)
		return;
	name = strtok_r(names, ",", &next);
	for (i = 0; name != NULL && i < XSTATS_SHOWN_MAX; i++) {
		call(port_id, name, i);
		name = strtok_r(NULL, ",", &next);
	}
	free(names);
}

void
port_xstats_check(uint16_t port_id)
{
	for_chosen_xstats(port_id, check_chosen_xstat);
}

void
port_stats_show(uint16_t port_id)
{
	struct rte_eth_stats stats;
	uint64_t ns = now_ns();
	int ret;

	if (!stats_port_valid(port_id))
		return;
	ret = stats_get(port_id, &stats);
	if (ret != 0) {
		fprintf(stderr, "Error: failed to get stats (port %u): %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	printf("\n  " HASHES24 " NIC statistics for port %-2d " HASHES24 "\n", port_id);
	printf("  RX-packets: %-10" PRIu64 " RX-missed: %-10" PRIu64 " RX-bytes:  %" PRIu64 "\n",
			stats.ipackets, stats.imissed, stats.ibytes);
	printf("  RX-errors: %" PRIu64 "\n", stats.ierrors);
	printf("  RX-nombuf:  %-10" PRIu64 "\n", stats.rx_nombuf);
	printf("  TX-packets: %-10" PRIu64 " TX-errors: %-10" PRIu64 " TX-bytes:  %" PRIu64 "\n",
			stats.opackets, stats.oerrors, stats.obytes);
	printf("\n  Throughput (since last show)\n");
	printf("  Rx-pps: %12" PRIu64, rate_since(&shown[port_id].rx_packets, stats.ipackets, ns));
	printf("          Rx-bps: %12" PRIu64 "\n",
			rate_since(&shown[port_id].rx_bytes, stats.ibytes, ns) * 8);
	printf("  Tx-pps: %12" PRIu64, rate_since(&shown[port_id].tx_packets, stats.opackets, ns));
	printf("          Tx-bps: %12" PRIu64 "\n",
			rate_since(&shown[port_id].tx_bytes, stats.obytes, ns) * 8);
	if (cfg.display_xstats) {
		printf("\n                               Value            "
		       "Rate (since last show)\n");
		for_chosen_xstats(port_id, show_chosen_xstat);
	}
	printf("  " HASHES76 "\n");
}

void
port_stats_forget(uint16_t port_id)
{
	memset(&at_start[port_id], 0, sizeof(at_start[port_id]));
	memset(&shown[port_id], 0, sizeof(shown[port_id]));
}

void
port_stats_clear(uint16_t port_id)
{
	int ret;

	if (!stats_port_valid(port_id))
		return;
	ret = counters_fault(port_id) ? 0 : rte_eth_stats_reset(port_id);
	if (ret != 0) {
		fprintf(stderr, "Error: failed to reset stats (port %u): %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	/* what forwarding subtracts is gone, too */
	device_stats(port_id, &at_start[port_id]);
	printf("\n  NIC statistics for port %d cleared\n", port_id);
}

void
port_xstats_show(uint16_t port_id)
{
	struct rte_eth_xstat_name *names = NULL;
	struct rte_eth_xstat *values = NULL;
	int i, n, got;

	if (!stats_port_valid(port_id))
		return;
	printf("###### NIC extended statistics for port %-2d\n", port_id);
	if (counters_fault(port_id))
		return;
	n = rte_eth_xstats_get_names(port_id, NULL, 0);
	if (n < 0) {
		fprintf(stderr, "Error: Cannot get count of xstats\n");
		return;
	}
	if (n == 0)
		return;
	names = calloc(n, sizeof(*names));
	values = calloc(n, sizeof(*values));
	if (names == NULL || values == NULL) {
		fprintf(stderr, "Cannot allocate memory for xstats\n");
		goto out;
	}
	got = rte_eth_xstats_get_names(port_id, names, n);
	if (got < 0 || got > n) {
		fprintf(stderr, "Error: Cannot get xstats lookup\n");
		goto out;
	}
	n = got;
	got = rte_eth_xstats_get(port_id, values, n);
	if (got < 0 || got > n) {
		fprintf(stderr, "Error: Unable to get xstats\n");
		goto out;
	}
	for (i = 0; i < got; i++) {
		if (cfg.xstats_hide_zero && values[i].value == 0)
			continue;
		printf("%s: %" PRIu64 "\n", names[i].name, values[i].value);
	}
out:
	free(values);
	free(names);
}

void
port_xstats_clear(uint16_t port_id)
{
	int ret;

	if (!stats_port_valid(port_id))
		return;
	ret = counters_fault(port_id) ? 0 : rte_eth_xstats_reset(port_id);
	if (ret != 0) {
		fprintf(stderr, "Error: failed to reset xstats (port %u): %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	device_stats(port_id, &at_start[port_id]);
}

void
stats_period_show(void)
{
	unsigned int i;

	/* terminal: erase, to the upper left corner */
	printf("\033[2J\033[1;1H\nPort statistics ====================================");
	for (i = 0; i < cfg.nr_fwd_ports; i++)
		port_stats_show(cfg.fwd_ports[i]);
	fflush(stdout);
}
