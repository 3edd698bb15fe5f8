/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* What all forwarding engines do: receive, send, count. */

#include <string.h>

#include <rte_cycles.h>
#include <rte_malloc.h>

#include "fwd.h"

/* In the order in which the usage text names them. */
const struct engine *const engines[] = {
	&engine_io,
	&engine_mac,
	&engine_macswap,
	&engine_flowgen,
	&engine_rxonly,
	&engine_txonly,
	&engine_csum,
	&engine_icmpecho,
	&engine_noisy,
	&engine_5tswap,
	NULL,
};

const struct engine *
engine_find(const char *name)
{
	for (unsigned int i = 0; engines[i] != NULL; i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

const char *
engine_title(const struct engine *e)
{
	static char title[32];

	if (e != &engine_noisy || cfg.noisy_engine == NULL)
		return e->name;
	snprintf(title, sizeof(title), "%s-%s", e->name, cfg.noisy_engine->name);
	return title;
}

void *
memory_near(const char *name, size_t size, int socket_id)
{
	void *memory = rte_zmalloc_socket(name, size, RTE_CACHE_LINE_SIZE, socket_id);

	return memory != NULL ? memory : rte_zmalloc(name, size, RTE_CACHE_LINE_SIZE);
}

struct tx_fields
tx_fields_of(uint16_t port_id)
{
	const struct port *port = &ports[port_id];
	const uint64_t offloads = port->conf.txmode.offloads;
	struct tx_fields f = { .vlan = port->tx_vlan, .vlan_outer = port->tx_vlan_outer };

	if (offloads & RTE_ETH_TX_OFFLOAD_VLAN_INSERT)
		f.flags |= RTE_MBUF_F_TX_VLAN;
	if (offloads & RTE_ETH_TX_OFFLOAD_QINQ_INSERT)
		f.flags |= RTE_MBUF_F_TX_QINQ;
	if (offloads & RTE_ETH_TX_OFFLOAD_MACSEC_INSERT)
		f.flags |= RTE_MBUF_F_TX_MACSEC;
	return f;
}

/* Whether bytes behind the first segment may be moved into it: nobody else has any of it. */
static bool
segments_own(const struct rte_mbuf *m, uint32_t more)
{
	if (RTE_MBUF_CLONED(m) || rte_mbuf_refcnt_read(m) != 1 ||
			(RTE_MBUF_HAS_EXTBUF(m) && rte_mbuf_ext_refcnt_read(m->shinfo) != 1))
		return false;
	for (m = m->next; m != NULL && rte_mbuf_refcnt_read(m) == 1; m = m->next) {
		if (m->data_len >= more)
			return true;
		more -= m->data_len;
	}
	return false;
}

/* The first len bytes of a packet into its first segment. Segments that are empty then go. */
__rte_noinline bool
headers_pull(struct rte_mbuf *m, uint32_t len)
{
	uint32_t n, more = len - m->data_len;
	struct rte_mbuf *next;

	if (len > m->pkt_len || more > rte_pktmbuf_tailroom(m) || pp_unreadable() ||
			!segments_own(m, more))
		return false;
	while (more != 0) {
		next = m->next;
		n = RTE_MIN(more, (uint32_t)next->data_len);
		memcpy(rte_pktmbuf_mtod_offset(m, void *, m->data_len),
				rte_pktmbuf_mtod(next, void *), n);
		m->data_len = (uint16_t)(m->data_len + n);
		next->data_off = (uint16_t)(next->data_off + n);
		next->data_len = (uint16_t)(next->data_len - n);
		more -= n;
		if (next->data_len == 0) {
			m->next = next->next;
			m->nb_segs--;
			rte_pktmbuf_free_seg(next);
		}
	}
	return true;
}

static bool
rx_queue_off(const struct stream *s)
{
	const struct port *p = &ports[s->rx_port];

	return s->rx_queue >= p->rxq || p->rx_stopped[s->rx_queue];
}

static bool
tx_queue_off(const struct stream *s)
{
	const struct port *p = &ports[s->tx_port];

	return s->tx_queue >= p->txq || p->tx_stopped[s->tx_queue];
}

int
stream_begin_both(struct stream *s)
{
	s->off = rx_queue_off(s) || tx_queue_off(s);
	return 0;
}

int
stream_begin_rx(struct stream *s)
{
	s->off = rx_queue_off(s);
	return 0;
}

int
stream_begin_tx(struct stream *s)
{
	s->off = tx_queue_off(s);
	return 0;
}

/* ---- what stream_receive() and stream_send() seldom do */

__rte_noinline void
packets_came(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	if (cfg.verbose & 1)
		packets_print(s->rx_port, s->rx_queue, pkts, n, true);
	if (cfg.verify)
		verify_received(s, pkts, n);
}

__rte_noinline void
packets_go(const struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	if (cfg.verify)
		verify_sending(s, pkts, n);
	if (cfg.verbose & 2)
		packets_print(s->tx_port, s->tx_queue, pkts, n, false);
}

/* The port has taken fewer than all. Number that it has taken in the end. */
__rte_noinline uint16_t
packets_left(struct stream *s, struct rte_mbuf **pkts, uint16_t n, uint16_t sent)
{
	const uint32_t retries = s->retry ? cfg.retries : 0;

	for (uint32_t i = 0; i < retries && sent < n && !forwarding_ends(); i++) {
		rte_delay_us(cfg.retry_us);
		sent += rte_eth_tx_burst(s->tx_port, s->tx_queue, &pkts[sent], n - sent);
	}
	if (sent < n) {
		s->count.tx_dropped += n - sent;
		if (cfg.verify)
			verify_dropped(s, &pkts[sent], n - sent);
		rte_pktmbuf_free_bulk(&pkts[sent], n - sent);
	}
	return sent;
}
