/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Streams: which queue is forwarded to which, on which lcore; start and stop of
 * forwarding.
 *
 * A layout is made by the main lcore while nothing forwards: streams in the
 * order in which reports name them, cut into runs of neighbours, one for each
 * lcore. Forwarding lcores read their run and nothing else of it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_debug.h>
#include <rte_launch.h>
#include <rte_malloc.h>

#include "fwd.h"

/* Packets that wait in queues since before the start: two looks at each, some
 * time apart. */
#define FLUSH_ROUNDS 2
#define FLUSH_PAUSE_MS 10
/* For a port that never runs dry. */
#define FLUSH_QUEUE_MS 10

struct worker {
	unsigned int lcore;
	struct stream **first;
	unsigned int nr;
	struct stream **active; /* those of them that are not off */
	unsigned int nr_active;
};

struct stream **streams;
unsigned int nr_streams;
/* Room for workers' lists of active ones: as many again. */
static struct stream **active_streams;

/* As it was made last: what `show config fwd` tells. */
static struct {
	const struct engine *engine;
	unsigned int nr_ports;
	uint16_t ports[RTE_MAX_ETHPORTS];
	unsigned int nr_workers;
	struct worker workers[RTE_MAX_LCORE];
} layout;

static bool running;
/* Forwarding lcores look at it after each round. */
static volatile bool stopping;
/* Bursts to send before forwarding. */
static unsigned int first_bursts;

bool
forwarding(void)
{
	return running;
}

const struct engine *
forwarding_engine(void)
{
	return running ? layout.engine : cfg.engine;
}

unsigned int
forwarding_ports(const uint16_t **list)
{
	*list = running ? layout.ports : cfg.fwd_ports;
	return running ? layout.nr_ports : cfg.nr_fwd_ports;
}

/* ---- layout */

static void
streams_free(void)
{
	for (unsigned int i = 0; i < nr_streams; i++)
		rte_free(streams[i]);
	free(streams);
	free(active_streams);
	streams = active_streams = NULL;
	nr_streams = 0;
	layout.nr_workers = 0;
}

/* Where packets from the i-th of n ports go: an index as well. */
static unsigned int
topology_peer(unsigned int i, unsigned int n)
{
	switch (cfg.topology) {
	case TOPOLOGY_LOOP:
		return i;
	case TOPOLOGY_CHAINED:
		return (i + 1) % n;
	case TOPOLOGY_PAIRED:
	default:
		return (i ^ 1) < n ? (i ^ 1) : i;
	}
}

static void
stream_set(struct stream *s, uint16_t rx_port, uint16_t rx_queue, uint16_t tx_port,
		uint16_t tx_queue)
{
	s->rx_port = rx_port;
	s->rx_queue = rx_queue;
	s->tx_port = tx_port;
	s->tx_queue = tx_queue;
	s->peer = tx_port;
	s->retry = cfg.retry;
}

/* Several queues only where both directions have them, and no more than the
 * smaller number. */
static unsigned int
queues_forwarded(void)
{
	if (cfg.engine == &engine_icmpecho)
		return RTE_MAX(cfg.rxq, 1);
	return cfg.rxq > 1 && cfg.txq > 1 ? RTE_MIN(cfg.rxq, cfg.txq) : 1;
}

/* Queues one after the other, each across all ports; an echo stays on its port,
 * queue by queue. */
static void
streams_fill(unsigned int nr_queues)
{
	const unsigned int n = cfg.nr_fwd_ports;
	unsigned int i = 0;

	if (cfg.engine == &engine_icmpecho) {
		const unsigned int txq = RTE_MAX(cfg.txq, 1);

		for (unsigned int p = 0; p < n; p++)
			for (unsigned int q = 0; q < nr_queues; q++)
				stream_set(streams[i++], cfg.fwd_ports[p], q, cfg.fwd_ports[p],
						q % txq);
		return;
	}
	for (unsigned int q = 0; q < nr_queues; q++)
		for (unsigned int p = 0; p < n; p++)
			stream_set(streams[i++], cfg.fwd_ports[p], q,
					cfg.fwd_ports[topology_peer(p, n)], q);
}

/* Runs of neighbours; lcores at the end get what is over. */
static void
workers_fill(void)
{
	/* echoes of several queues that leave through one are one lcore's: it is nobody else's */
	const bool shared = cfg.engine == &engine_icmpecho && cfg.rxq > cfg.txq;
	const unsigned int n = RTE_MIN(shared ? 1 : cfg.nr_fwd_lcores, nr_streams);
	struct stream **next = streams;

	layout.nr_workers = n;
	for (unsigned int i = 0; i < n; i++) {
		struct worker *w = &layout.workers[i];

		w->lcore = cfg.fwd_lcores[i];
		w->first = next;
		w->nr = nr_streams / n + (i >= n - nr_streams % n);
		w->active = &active_streams[next - streams];
		w->nr_active = 0;
		next += w->nr;
	}
}

static void
odd_ports_warn(void)
{
	static bool told;

	if (told || cfg.topology != TOPOLOGY_PAIRED || cfg.nr_fwd_ports % 2 == 0)
		return;
	told = true;
	fputs("\nWarning! port-topology=paired and odd forward ports number, the "
	      "last port will pair "
	      "with itself.\n\n",
			stderr);
}

int
streams_make(void)
{
	const unsigned int nr_queues = queues_forwarded();
	const unsigned int n = nr_queues * cfg.nr_fwd_ports;

	/* It is in use; the next start makes it anew. */
	if (running)
		return 0;
	odd_ports_warn();
	streams_free();
	if (n != 0) {
		streams = calloc(n, sizeof(struct stream *));
		active_streams = calloc(n, sizeof(struct stream *));
		if (streams == NULL || active_streams == NULL) {
			fputs("Not enough memory for forwarding streams\n", stderr);
			streams_free();
			return -1;
		}
	}
	for (nr_streams = 0; nr_streams < n; nr_streams++) {
		/* Near the port that it reads. */
		const uint16_t port_id = cfg.fwd_ports[nr_streams % cfg.nr_fwd_ports];

		streams[nr_streams] = memory_near("stream", sizeof(struct stream),
				ports[port_id].socket_id);
		if (streams[nr_streams] == NULL) {
			fputs("Not enough memory for forwarding streams\n", stderr);
			streams_free();
			return -1;
		}
	}
	if (n != 0)
		streams_fill(nr_queues);
	workers_fill();
	layout.engine = cfg.engine;
	layout.nr_ports = cfg.nr_fwd_ports;
	memcpy(layout.ports, cfg.fwd_ports, sizeof(layout.ports));
	return 0;
}

/* Of a port or lcore that does not know, the first. */
static unsigned int
socket_shown(unsigned int socket_id)
{
	return socket_id == (unsigned int)SOCKET_ID_ANY ? 0 : socket_id;
}

void
show_config_fwd(void)
{
	if (layout.engine == NULL && streams_make() != 0)
		return;
	printf("%s packet forwarding%s - ports=%u - cores=%u - streams=%u - NUMA "
	       "support %s, "
	       "MP allocation mode: %s\n",
			engine_title(layout.engine), cfg.retry ? " with retry" : "",
			layout.nr_ports, layout.nr_workers, nr_streams,
			cfg.numa ? "enabled" : "disabled", mp_alloc_name(cfg.mp_alloc));
	if (cfg.retry)
		printf("TX retry num: %u, delay between TX retries: %uus\n", cfg.retries,
				cfg.retry_us);
	for (unsigned int i = 0; i < layout.nr_workers; i++) {
		const struct worker *w = &layout.workers[i];

		printf("Logical Core %u (socket %u) forwards packets on %u streams:", w->lcore,
				socket_shown(rte_lcore_to_socket_id(w->lcore)), w->nr);
		for (unsigned int j = 0; j < w->nr; j++) {
			const struct stream *s = w->first[j];
			char peer[RTE_ETHER_ADDR_FMT_SIZE];

			rte_ether_format_addr(peer, sizeof(peer), &cfg.peers[s->peer]);
			printf("\n  RX P=%u/Q=%u (socket %u) -> TX P=%u/Q=%u (socket %u) peer=%s",
					s->rx_port, s->rx_queue,
					socket_shown(ports[s->rx_port].socket_id), s->tx_port,
					s->tx_queue, socket_shown(ports[s->tx_port].socket_id),
					peer);
		}
		putchar('\n');
	}
	putchar('\n');
}

/* ---- settings of it */

int
set_fwd_engine(const char *name, bool retry)
{
	const struct engine *e = engine_find(name);

	if (e == NULL) {
		fprintf(stderr, "Invalid %s packet forwarding mode\n", name);
		return -1;
	}
	cfg.engine = e;
	cfg.retry = retry;
	printf("Set %s packet forwarding mode%s\n", name, retry ? " with retry" : "");
	return 0;
}

void
set_nb_cores(unsigned int n)
{
	if (running) {
		fputs("Please stop forwarding first\n", stderr);
		return;
	}
	if (n == 0) {
		fputs("nb fwd cores 0: at least one is needed - ignored\n", stderr);
		return;
	}
	if (n > cfg.nr_fwd_lcores_all) {
		fprintf(stderr,
				"nb fwd cores %u > %u "
				"(max. number of configured lcores) - ignored\n",
				n, cfg.nr_fwd_lcores_all);
		return;
	}
	cfg.nr_fwd_lcores = n;
	printf("Number of forwarding cores set to %u\n", n);
	streams_make();
}

void
set_nb_ports(unsigned int n)
{
	if (n > cfg.nr_fwd_ports_all) {
		fprintf(stderr, "nb fwd ports %u > %u (number of configured ports) - ignored\n", n,
				cfg.nr_fwd_ports_all);
		return;
	}
	cfg.nr_fwd_ports = n;
	printf("Number of forwarding ports set to %u\n", n);
	streams_make();
}

bool
lcore_can_forward(unsigned int lcore)
{
	if (lcore >= RTE_MAX_LCORE || !rte_lcore_is_enabled(lcore)) {
		fprintf(stderr, "lcore %u not enabled\n", lcore);
		return false;
	}
	if (lcore != rte_get_main_lcore())
		return true;
	fprintf(stderr,
			"lcore %u cannot be masked on for running packet forwarding, which is the "
			"main lcore and reserved for command line parsing only\n",
			lcore);
	return false;
}

static bool
port_can_forward(unsigned int port_id)
{
	return port_valid(RTE_MIN(port_id, (unsigned int)UINT16_MAX));
}

/* Each can forward, and none is there twice. Tells if not. */
static bool
fwd_list_right(const char *what, const unsigned int *list, unsigned int n, unsigned int max,
		bool (*right)(unsigned int))
{
	if (running) {
		fputs("Please stop forwarding first\n", stderr);
		return false;
	}
	if (n == 0 || n > max) {
		fprintf(stderr, "%u forwarding %ss: 1 to %u are possible\n", n, what, max);
		return false;
	}
	for (unsigned int i = 0; i < n; i++) {
		if (!right(list[i]))
			return false;
		for (unsigned int j = 0; j < i; j++) {
			if (list[j] != list[i])
				continue;
			fprintf(stderr, "duplicated %s %u at index %u and %u\n", what, list[i], j,
					i);
			return false;
		}
	}
	return true;
}

/* How many there are, and all of them forward; tells if it was another number. */
static void
fwd_number_use(const char *what, unsigned int n, unsigned int *all, unsigned int *nr)
{
	*all = n;
	if (*nr != n)
		printf("previous number of forwarding %ss %u - changed to number of configured "
		       "%ss %u\n",
				what, *nr, what, n);
	*nr = n;
}

void
fwd_ports_use(const unsigned int *list, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		cfg.fwd_ports[i] = list[i];
	fwd_number_use("port", n, &cfg.nr_fwd_ports_all, &cfg.nr_fwd_ports);
}

void
fwd_lcores_use(const unsigned int *list, unsigned int n)
{
	memmove(cfg.fwd_lcores, list, n * sizeof(*list));
	fwd_number_use("core", n, &cfg.nr_fwd_lcores_all, &cfg.nr_fwd_lcores);
}

bool
set_fwd_ports(const unsigned int *list, unsigned int n)
{
	if (!fwd_list_right("port", list, n, RTE_MAX_ETHPORTS, port_can_forward))
		return false;
	fwd_ports_use(list, n);
	streams_make();
	return true;
}

bool
set_fwd_lcores(const unsigned int *list, unsigned int n)
{
	if (!fwd_list_right("core", list, n, RTE_MAX_LCORE, lcore_can_forward))
		return false;
	fwd_lcores_use(list, n);
	streams_make();
	return true;
}

/* ---- forwarding lcores */

static int
lcore_send_first(void *arg)
{
	const struct worker *w = arg;

	for (unsigned int i = 0; i < first_bursts && !quitting; i++)
		for (unsigned int j = 0; j < w->nr_active; j++)
			engine_txonly.forward(w->active[j]);
	return 0;
}

static int
lcore_forward(void *arg)
{
	const struct worker *w = arg;
	struct stream *const *active = w->active;
	const unsigned int n = w->nr_active;
	bool (*const forward)(struct stream *) = layout.engine->forward;

	if (!cfg.record_cycles) {
		while (!stopping)
			for (unsigned int i = 0; i < n; i++)
				forward(active[i]);
		return 0;
	}
	while (!stopping) {
		for (unsigned int i = 0; i < n; i++) {
			const uint64_t start = rte_rdtsc();

			if (forward(active[i]))
				active[i]->count.busy_cycles += rte_rdtsc() - start;
		}
	}
	return 0;
}

/* 0 if all began. Those that did are left to the caller to wait for. */
static int
workers_launch(lcore_function_t *run)
{
	int failed = 0;

	for (unsigned int i = 0; i < layout.nr_workers; i++) {
		struct worker *w = &layout.workers[i];
		int diag;

		w->nr_active = 0;
		for (unsigned int j = 0; j < w->nr; j++)
			if (!w->first[j]->off)
				w->active[w->nr_active++] = w->first[j];
		diag = rte_eal_remote_launch(run, w, w->lcore);
		if (diag != 0) {
			fprintf(stderr, "launch lcore %u failed - diag=%d\n", w->lcore, diag);
			failed = diag;
		}
	}
	return failed;
}

static void
workers_wait(void)
{
	for (unsigned int i = 0; i < layout.nr_workers; i++)
		rte_eal_wait_lcore(layout.workers[i].lcore);
}

/* ---- start */

static void
engine_end(const struct engine *e, unsigned int nr_begun_ports, unsigned int nr_begun_streams)
{
	if (e->stream_end != NULL)
		for (unsigned int i = 0; i < nr_begun_streams; i++)
			e->stream_end(streams[i]);
	if (e->port_end != NULL)
		for (unsigned int i = 0; i < nr_begun_ports; i++)
			e->port_end(layout.ports[i]);
}

/* Ports first, then streams. On failure what had begun has ended. */
static int
engine_begin(const struct engine *e)
{
	unsigned int p, i;

	for (p = 0; p < layout.nr_ports; p++) {
		if (e->port_begin != NULL && e->port_begin(layout.ports[p]) != 0) {
			engine_end(e, p, 0);
			return -1;
		}
	}
	for (i = 0; i < nr_streams; i++) {
		streams[i]->off = false;
		streams[i]->tx = tx_fields_of(streams[i]->tx_port);
		if (e->stream_begin != NULL && e->stream_begin(streams[i]) != 0) {
			engine_end(e, p, i);
			return -1;
		}
	}
	return 0;
}

static void
queue_flush(uint16_t port_id, uint16_t queue_id)
{
	const uint64_t end = rte_get_timer_cycles() + rte_get_timer_hz() * FLUSH_QUEUE_MS / 1000;
	struct rte_mbuf *pkts[BURST_DEFAULT];
	uint16_t n;

	do {
		n = rte_eth_rx_burst(port_id, queue_id, pkts, RTE_DIM(pkts));
		rte_pktmbuf_free_bulk(pkts, n);
	} while (n != 0 && rte_get_timer_cycles() < end);
}

void
port_flush(uint16_t port_id)
{
	const struct port *p = &ports[port_id];

	for (uint16_t q = 0; q < p->rxq; q++)
		if (!p->rx_stopped[q])
			queue_flush(port_id, q);
}

static void
queues_flush(void)
{
	for (unsigned int round = 0; round < FLUSH_ROUNDS; round++) {
		for (unsigned int i = 0; i < layout.nr_ports; i++)
			port_flush(layout.ports[i]);
		rte_delay_ms(FLUSH_PAUSE_MS);
	}
}

/* A burst or more from each stream, by the engine that makes packets. */
static int
first_send(unsigned int bursts)
{
	void **priv = calloc(nr_streams + 1, sizeof(*priv));
	bool *off = calloc(nr_streams + 1, sizeof(*off));
	int ret = -1;

	if (priv == NULL || off == NULL) {
		fputs("Not enough memory for the first packets\n", stderr);
		goto out;
	}
	for (unsigned int i = 0; i < nr_streams; i++) {
		priv[i] = streams[i]->priv;
		off[i] = streams[i]->off;
		streams[i]->priv = NULL;
	}
	ret = engine_begin(&engine_txonly);
	if (ret == 0) {
		verify_begin(&engine_txonly);
		first_bursts = bursts;
		ret = workers_launch(lcore_send_first);
		workers_wait();
		engine_end(&engine_txonly, layout.nr_ports, nr_streams);
		verify_begin(layout.engine);
	}
	for (unsigned int i = 0; i < nr_streams; i++) {
		streams[i]->priv = priv[i];
		streams[i]->off = off[i];
	}
out:
	free(priv);
	free(off);
	return ret;
}

static bool
queues_suffice(bool send)
{
	const bool rx = cfg.engine != &engine_txonly;
	const bool tx = cfg.engine != &engine_rxonly;
	const char *what = NULL;

	if (rx && tx && (cfg.rxq == 0 || cfg.txq == 0))
		what = "Either rxq or txq are 0";
	else if (rx && cfg.rxq == 0)
		what = "rxq are 0";
	else if ((tx || send) && cfg.txq == 0)
		what = "txq are 0";
	if (what == NULL)
		return true;
	/* Without a terminal nobody could mend it. */
	if (!cfg.interactive)
		rte_exit(EXIT_FAILURE, "%s, cannot use %s fwd mode\n", what, cfg.engine->name);
	fprintf(stderr, "%s, cannot use %s fwd mode\n", what, cfg.engine->name);
	return false;
}

/* Payload that the CPU cannot read is for engines that leave it alone. */
static bool
payload_readable(unsigned int tx_first)
{
	if (!pp_unreadable() || (!cfg.engine->needs_payload && tx_first == 0))
		return true;
	if (!cfg.interactive)
		rte_exit(EXIT_FAILURE,
				"--pp-provider=%s: payload is not the CPU's, cannot use %s "
				"fwd mode\n",
				cfg.pp_provider, tx_first != 0 ? "txonly" : cfg.engine->name);
	fprintf(stderr, "--pp-provider=%s: payload is not the CPU's, cannot use %s fwd mode\n",
			cfg.pp_provider, tx_first != 0 ? "txonly" : cfg.engine->name);
	return false;
}

static bool
ports_all_started(void)
{
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		if (ports[p].state != PORT_STARTED)
			return false;
	return true;
}

/* With what testpmd prints, or without. 0, or -1 after a message. */
static int
forwarding_launch(unsigned int tx_first, bool report)
{
	if (!queues_suffice(tx_first != 0) || !payload_readable(tx_first))
		return -1;
	if (!ports_all_started()) {
		fputs("Not all ports were started\n", stderr);
		return -1;
	}
	if (running) {
		fputs("Packet forwarding already started\n", stderr);
		return -1;
	}
	if (streams_make() != 0)
		return -1;
	if (cfg.flush_rx && cfg.engine != &engine_txonly)
		queues_flush();
	if (report)
		show_config_fwd();
	if ((tx_first != 0 && verify_begin(&engine_txonly) != 0) ||
			verify_begin(layout.engine) != 0 || engine_begin(layout.engine) != 0) {
		fputs("Packet forwarding is not ready\n", stderr);
		return -1;
	}
	if (report)
		show_config_rxtx();
	fwd_stats_reset();
	stopping = false;
	running = true;
	if ((tx_first != 0 && first_send(tx_first) != 0) || workers_launch(lcore_forward) != 0) {
		stopping = true;
		workers_wait();
		engine_end(layout.engine, layout.nr_ports, nr_streams);
		running = false;
		return -1;
	}
	return 0;
}

void
forwarding_start(unsigned int tx_first)
{
	forwarding_launch(tx_first, true);
}

int
forwarding_begin(unsigned int tx_first)
{
	return forwarding_launch(tx_first, false);
}

void
forwarding_end(void)
{
	stopping = true;
	workers_wait();
	engine_end(layout.engine, layout.nr_ports, nr_streams);
	running = false;
	queues_flush();
}

bool
forwarding_ends(void)
{
	return stopping || quitting;
}

void
forwarding_stop(void)
{
	if (!running) {
		fputs("Packet forwarding not started\n", stderr);
		return;
	}
	printf("Telling cores to stop...");
	stopping = true;
	printf("\nWaiting for lcores to finish...\n");
	workers_wait();
	/* Engines that hold packets send them now; they count. */
	engine_end(layout.engine, layout.nr_ports, nr_streams);
	fwd_stats_show();
	printf("\nDone.\n");
	running = false;
}
