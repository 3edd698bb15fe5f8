/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * --pp-verify: packets that are made get bytes that can be checked (verify_packet.c), and those
 * that are received are checked: each byte, and that none comes more often than it can.
 *
 * Who sends numbers its packets: one count for each Tx queue, whose number nobody else has. Who
 * receives keeps, for the last WINDOW numbers of each sender, how many copies are inside: received
 * and not sent on. That cannot be more than were sent once. Where packets are not sent on (rxonly,
 * flowgen) each duplicate is found so. Where they are, a packet may be back as soon as it is gone,
 * and again and again if the ports make a loop: a duplicate is then found if both copies are
 * inside at a time, which is all that can be told from one place.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_random.h>
#include <rte_spinlock.h>

#include "fwd.h"
#include "verify.h"

/* Queues in between may hold that many of a sender's packets back while others overtake. */
#define WINDOW 65536
#define SENDERS_MAX 1024
#define SENDER_BITS 24
#define EXPLAINED_MAX 8

/* A Tx queue of ours. */
struct source {
	uint32_t id; /* 0: none yet */
	uint64_t made;
};

/* Somebody's Tx queue. */
struct sender {
	rte_spinlock_t lock;
	uint32_t id;
	bool seen;
	uint32_t end;    /* behind the highest number that came */
	uint8_t *inside; /* by number, of those before the end */
};

static struct {
	uint64_t checked, wrong, foreign;
} __rte_cache_aligned counts[RTE_MAX_ETHPORTS], cleared[RTE_MAX_ETHPORTS];

static struct source sources[RTE_MAX_ETHPORTS][RTE_MAX_QUEUES_PER_PORT];
static uint32_t first_id, nr_sources;

static struct sender *senders[SENDERS_MAX]; /* by id, or behind; one place is always free */
static unsigned int nr_senders;
static rte_spinlock_t senders_lock = RTE_SPINLOCK_INITIALIZER;

/* What the lcores do next. */
static struct {
	bool makes;     /* what they send is new */
	bool sets_macs; /* what they send has other MAC addresses than before */
} doing;

/* Its packets are what lies in the mbufs by chance. */
static bool port_blind[RTE_MAX_ETHPORTS];
static uint32_t nr_explained;

/* ---- start */

bool
verify_length_valid(const struct engine *e)
{
	/* flowgen's are meant with what the port appends */
	const unsigned int need = VERIFY_LEN_MIN + (e == &engine_flowgen ? RTE_ETHER_CRC_LEN : 0);

	if (cfg.tx_pkt_len >= need)
		return true;
	fprintf(stderr, "--pp-verify: packets of %u bytes cannot be checked, those of %u can\n",
			cfg.tx_pkt_len, need);
	return false;
}

int
verify_begin(const struct engine *e)
{
	struct rte_eth_dev_info info;
	uint16_t p;

	if (!cfg.verify)
		return 0;
	if (e->sends_only && !verify_length_valid(e))
		return -1;
	if (first_id == 0)
		first_id = 1 + rte_rand_max((1 << SENDER_BITS) - 1);
	doing.makes = e->sends_only;
	doing.sets_macs = e->sets_macs;
	RTE_ETH_FOREACH_DEV(p)
		port_blind[p] = rte_eth_dev_info_get(p, &info) == 0 &&
				strcmp(info.driver_name, "net_null") == 0;
	return 0;
}

/* ---- senders */

/* NULL: there are too many. Any lcore. */
static struct sender *
sender_make(unsigned int at, uint32_t id)
{
	struct sender *s;

	rte_spinlock_lock(&senders_lock);
	for (;; at = (at + 1) % SENDERS_MAX) {
		s = senders[at];
		if (s == NULL || s->id == id)
			break;
	}
	if (s == NULL && nr_senders < SENDERS_MAX - 1) {
		s = calloc(1, sizeof(*s));
		if (s != NULL)
			s->inside = malloc(WINDOW);
		if (s == NULL || s->inside == NULL) {
			free(s);
			rte_spinlock_unlock(&senders_lock);
			return NULL;
		}
		rte_spinlock_init(&s->lock);
		s->id = id;
		nr_senders++;
		__atomic_store_n(&senders[at], s, __ATOMIC_RELEASE);
	}
	rte_spinlock_unlock(&senders_lock);
	return s;
}

/* NULL: nothing is known of it. */
static struct sender *
sender_find(uint32_t id, bool make)
{
	unsigned int at = id % SENDERS_MAX;

	for (;; at = (at + 1) % SENDERS_MAX) {
		struct sender *s = __atomic_load_n(&senders[at], __ATOMIC_ACQUIRE);

		if (s == NULL)
			return make ? sender_make(at, id) : NULL;
		if (s->id == id)
			return s;
	}
}

/* The count of a packet, NULL if it is too old to have one. The sender is locked. */
static uint8_t *
inside_of(struct sender *s, uint32_t seq)
{
	const int32_t ahead = seq - s->end;

	if (!s->seen || ahead >= WINDOW) {
		memset(s->inside, 0, WINDOW);
		s->seen = true;
		s->end = seq + 1;
	} else if (ahead < -WINDOW) {
		return NULL;
	}
	while ((int32_t)(seq - s->end) >= 0)
		s->inside[s->end++ % WINDOW] = 0;
	return &s->inside[seq % WINDOW];
}

/* False: so many of it cannot be here. */
static bool
packet_enters(const struct verify_mark *mark)
{
	struct sender *s = sender_find(mark->sender, true);
	bool possible = true;
	uint8_t *inside;

	if (s == NULL)
		return true;
	rte_spinlock_lock(&s->lock);
	inside = inside_of(s, mark->seq);
	if (inside != NULL && mark->copies != VERIFY_COPIES_ANY) {
		possible = *inside < mark->copies;
		*inside += possible;
	}
	rte_spinlock_unlock(&s->lock);
	return possible;
}

/* It may come again; or it was dropped and will not. */
static void
packet_leaves(const struct verify_mark *mark, bool dropped)
{
	struct sender *s = sender_find(mark->sender, false);
	uint8_t *inside;

	if (s == NULL || mark->copies == VERIFY_COPIES_ANY)
		return;
	rte_spinlock_lock(&s->lock);
	inside = s->seen ? inside_of(s, mark->seq) : NULL;
	if (inside != NULL && dropped && *inside < mark->copies)
		(*inside)++;
	else if (inside != NULL && !dropped && *inside > 0)
		(*inside)--;
	rte_spinlock_unlock(&s->lock);
}

/* ---- received */

/* At the first few only: there may be millions. */
static void
wrong_tell(const struct stream *s, const struct rte_mbuf *m, const struct verify_mark *mark,
		bool duplicate)
{
	const uint32_t nr = __atomic_fetch_add(&nr_explained, 1, __ATOMIC_RELAXED);
	char text[128] = "it came before";

	if (nr >= EXPLAINED_MAX)
		return;
	if (!duplicate)
		verify_packet_explain(m, text, sizeof(text));
	fprintf(stderr,
			"page_pool verify: wrong packet on port %u queue %u: %s; sender 0x%06x, "
			"sequence %u, length %u%s\n",
			s->rx_port, s->rx_queue, text, mark->sender, mark->seq, m->pkt_len,
			nr + 1 == EXPLAINED_MAX ? "; others are counted only" : "");
}

/* What lies there may be one of ours, which is told where it is received next. */
static void
packets_wipe(struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		for (struct rte_mbuf *m = pkts[i]; m != NULL; m = m->next)
			/* net_null says its size, whatever an mbuf has room for */
			memset(rte_pktmbuf_mtod(m, void *), 0,
					RTE_MIN(m->data_len, (uint16_t)(m->buf_len - m->data_off)));
}

void
verify_received(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t wrong = 0, foreign = 0;
	struct verify_mark mark;

	if (port_blind[s->rx_port]) {
		packets_wipe(pkts, n);
		__atomic_fetch_add(&counts[s->rx_port].foreign, n, __ATOMIC_RELAXED);
		return;
	}
	for (uint16_t i = 0; i < n; i++) {
		bool duplicate = false;

		prefetch_next(pkts, i, n);
		switch (verify_packet_check(pkts[i], &mark)) {
		case VERIFY_FOREIGN:
			foreign++;
			continue;
		case VERIFY_RIGHT:
			if (likely(packet_enters(&mark)))
				continue;
			duplicate = true;
			break;
		case VERIFY_WRONG:
			break;
		}
		wrong++;
		wrong_tell(s, pkts[i], &mark, duplicate);
	}
	__atomic_fetch_add(&counts[s->rx_port].checked, n - foreign, __ATOMIC_RELAXED);
	if (unlikely(wrong != 0))
		__atomic_fetch_add(&counts[s->rx_port].wrong, wrong, __ATOMIC_RELAXED);
	if (foreign != 0)
		__atomic_fetch_add(&counts[s->rx_port].foreign, foreign, __ATOMIC_RELAXED);
}

/* ---- sent */

/* Clones are one mbuf several times, one after the other. */
static void
packets_make(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct source *from = &sources[s->tx_port][s->tx_queue];
	uint16_t i, copies;

	if (from->id == 0)
		from->id = first_id + __atomic_fetch_add(&nr_sources, 1, __ATOMIC_RELAXED);
	for (i = 0; i < n; i += copies) {
		struct verify_mark mark = {
			.sender = from->id % (1 << SENDER_BITS),
			.seq = (uint32_t)from->made++,
		};

		for (copies = 1; i + copies < n && pkts[i + copies] == pkts[i];)
			copies++;
		mark.copies = RTE_MIN(copies, VERIFY_COPIES_ANY);
		verify_packet_make(pkts[i], &mark);
	}
}

void
verify_sending(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct verify_mark mark;

	if (doing.makes) {
		packets_make(s, pkts, n);
		return;
	}
	if (port_blind[s->rx_port])
		return;
	for (uint16_t i = 0; i < n; i++) {
		if (!verify_packet_read(pkts[i], &mark))
			continue;
		if (doing.sets_macs)
			verify_packet_macs(pkts[i]);
		/* before it is sent: it may be back at once, on another lcore */
		packet_leaves(&mark, false);
	}
}

void
verify_dropped(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct verify_mark mark;

	if (doing.makes || port_blind[s->rx_port])
		return;
	for (uint16_t i = 0; i < n; i++)
		if (verify_packet_read(pkts[i], &mark))
			packet_leaves(&mark, true);
}

/* ---- reports */

static uint64_t
packets_made(void)
{
	uint64_t made = 0;

	for (unsigned int p = 0; p < RTE_MAX_ETHPORTS; p++)
		for (unsigned int q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++)
			made += sources[p][q].made;
	return made;
}

void
verify_show(void)
{
	uint16_t p;

	if (!cfg.verify) {
		printf("page_pool verify is off: --pp-verify switches it on\n");
		return;
	}
	printf("\n  ######################## page_pool verify ########################\n");
	RTE_ETH_FOREACH_DEV(p)
		printf("  port %u: checked %" PRIu64 ", wrong %" PRIu64 ", foreign %" PRIu64 "\n",
				p, counts[p].checked - cleared[p].checked,
				counts[p].wrong - cleared[p].wrong,
				counts[p].foreign - cleared[p].foreign);
}

/* What came before may come again: a file may be played once more. */
void
verify_clear(void)
{
	memcpy(cleared, counts, sizeof(cleared));
	for (unsigned int i = 0; i < SENDERS_MAX; i++) {
		struct sender *s = __atomic_load_n(&senders[i], __ATOMIC_ACQUIRE);

		if (s == NULL)
			continue;
		rte_spinlock_lock(&s->lock);
		s->seen = false;
		rte_spinlock_unlock(&s->lock);
	}
}

static void
senders_free(void)
{
	for (unsigned int i = 0; i < SENDERS_MAX; i++) {
		if (senders[i] != NULL)
			free(senders[i]->inside);
		free(senders[i]);
		senders[i] = NULL;
	}
}

int
verify_end(void)
{
	uint64_t checked = 0, wrong = 0, foreign = 0;

	if (!cfg.verify)
		return 0;
	senders_free();
	for (unsigned int p = 0; p < RTE_MAX_ETHPORTS; p++) {
		checked += counts[p].checked;
		wrong += counts[p].wrong;
		foreign += counts[p].foreign;
	}
	if (checked == 0)
		printf("page_pool verify: nothing was checked; foreign %" PRIu64 ", made %" PRIu64
		       "\n",
				foreign, packets_made());
	else
		printf("page_pool verify: checked %" PRIu64 ", wrong %" PRIu64 ", foreign %" PRIu64
		       ", made %" PRIu64 "\n",
				checked, wrong, foreign, packets_made());
	return wrong == 0 ? 0 : -1;
}
