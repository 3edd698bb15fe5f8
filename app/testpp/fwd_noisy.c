/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * noisy: packets wait in a queue, and memory is read and written at random for
 * each, as functions that share a machine do.
 */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "fwd.h"

/* A stream's own. */
struct noise {
	/* the queue: a ring of cfg.noisy_buffer */
	struct rte_mbuf **queue;
	uint32_t size, first, nr;
	uint64_t flush_cycles, sent_at; /* 0: they wait until others push them out */
	/* the memory, in words */
	uint64_t *memory;
	uint64_t nr_words;
	uint64_t writes, reads, reads_writes; /* for a packet */
	void (*rewrite)(const struct stream *s, struct rte_mbuf **pkts, uint16_t n);
};

static void stream_end(struct stream *s);

static int
stream_begin(struct stream *s)
{
	const int socket = ports[s->rx_port].socket_id;
	struct noise *z;

	stream_begin_both(s);
	z = memory_near("noisy", sizeof(*z), socket);
	if (z == NULL)
		goto no_memory;
	s->priv = z;
	z->rewrite = cfg.noisy_engine != NULL ? cfg.noisy_engine->rewrite : NULL;
	z->size = cfg.noisy_buffer;
	if (z->size != 0) {
		z->queue = memory_near("noisy", z->size * sizeof(struct rte_mbuf *), socket);
		if (z->queue == NULL)
			goto no_memory;
	}
	z->flush_cycles = rte_get_tsc_hz() * cfg.noisy_flush_ms / MS_PER_S;
	z->sent_at = rte_rdtsc();
	z->writes = cfg.noisy_writes;
	z->reads = cfg.noisy_reads;
	z->reads_writes = cfg.noisy_reads_writes;
	if (z->writes + z->reads + z->reads_writes == 0)
		return 0;
	if (cfg.noisy_memory_mb == 0) {
		fputs("--noisy-lkup-memory must be > 0 for reads and writes\n", stderr);
		stream_end(s);
		return -EINVAL;
	}
	z->nr_words = (cfg.noisy_memory_mb << 20) / sizeof(*z->memory);
	z->memory = memory_near("noisy", cfg.noisy_memory_mb << 20, socket);
	if (z->memory != NULL)
		return 0;
no_memory:
	fprintf(stderr, "Not enough memory for noisy, port %u queue %u\n", s->rx_port, s->rx_queue);
	stream_end(s);
	return -ENOMEM;
}

/* The oldest n packets. */
static void
queue_send(struct stream *s, uint32_t n)
{
	struct noise *z = s->priv;

	while (n != 0) {
		/* As far as they lie side by side. */
		const uint32_t run = RTE_MIN(RTE_MIN(n, z->size - z->first), (uint32_t)BURST_MAX);

		stream_send(s, &z->queue[z->first], run);
		z->first = (z->first + run) % z->size;
		z->nr -= run;
		n -= run;
	}
}

static void
queue_put(struct noise *z, struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t at = (z->first + z->nr) % z->size;

	z->nr += n;
	for (uint32_t i = 0; i < n; i++) {
		z->queue[at] = pkts[i];
		if (++at == z->size)
			at = 0;
	}
}

static void
stream_end(struct stream *s)
{
	struct noise *z = s->priv;

	if (z == NULL)
		return;
	if (z->queue != NULL)
		queue_send(s, z->nr);
	rte_free(z->queue);
	rte_free(z->memory);
	rte_free(z);
	s->priv = NULL;
}

static void
memory_disturb(struct noise *z, uint32_t nr_pkts)
{
	volatile uint64_t *const memory = z->memory;
	uint64_t i;

	for (; nr_pkts != 0; nr_pkts--) {
		for (i = 0; i < z->writes; i++)
			memory[rte_rand_max(z->nr_words)] = rte_rand();
		for (i = 0; i < z->reads; i++)
			(void)memory[rte_rand_max(z->nr_words)];
		for (i = 0; i < z->reads_writes; i++) {
			(void)memory[rte_rand_max(z->nr_words)];
			memory[rte_rand_max(z->nr_words)] = rte_rand();
		}
	}
}

static bool
noisy_forward(struct stream *s)
{
	struct noise *const z = s->priv;
	struct rte_mbuf *pkts[BURST_MAX];
	const uint16_t n = stream_receive(s, pkts);
	uint32_t over, old;
	uint64_t now;

	if (n != 0 && z->rewrite != NULL)
		z->rewrite(s, pkts, n);
	if (n != 0 && z->memory != NULL)
		memory_disturb(z, n);
	if (z->size == 0) {
		if (n != 0)
			stream_send(s, pkts, n);
		return n != 0;
	}
	/* Packets that the queue has no room for push the oldest out. */
	if (n != 0) {
		over = z->nr + n > z->size ? z->nr + n - z->size : 0;
		old = RTE_MIN(over, z->nr);
		if (over != 0) {
			queue_send(s, old);
			if (over > old)
				stream_send(s, pkts, over - old);
			z->sent_at = rte_rdtsc();
		}
		queue_put(z, &pkts[over - old], n - (over - old));
	}
	if (z->flush_cycles == 0 || z->nr == 0)
		return n != 0;
	now = rte_rdtsc();
	if (now - z->sent_at < z->flush_cycles)
		return n != 0;
	queue_send(s, z->nr);
	z->sent_at = now;
	return true;
}

const struct engine engine_noisy = {
	.name = "noisy",
	.stream_begin = stream_begin,
	.forward = noisy_forward,
	.stream_end = stream_end,
};
