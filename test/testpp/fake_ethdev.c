/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: devices that can do all that testpmd's commands ask for. Ports in software do little of
 * it, so that both programs would only say "not supported"; this says yes, and prints what it was
 * told to do. FAKE, a number, chooses what they answer: 1, another kind of queues; 2, queues with
 * several pools; 4, port 1 does not start; 8, queues of port 1 cannot be set up; 16,
 * MBUF_FAST_FREE; 32, queues cannot go back to the first pool, twice.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>

static int
mode(void)
{
	return atoi(getenv("FAKE"));
}

int
rte_eth_rx_queue_info_get(uint16_t p, uint16_t q, struct rte_eth_rxq_info *i)
{
	int m = mode();

	memset(i, 0, sizeof(*i));
	i->mp = m & 1 ? NULL : rte_mempool_lookup("mb_pool_0");
	i->conf.rx_thresh.pthresh = 11;
	i->conf.rx_thresh.hthresh = 12;
	i->conf.rx_thresh.wthresh = 13;
	i->conf.rx_free_thresh = 14;
	i->conf.rx_drop_en = m & 1;
	i->conf.rx_deferred_start = !(m & 1);
	i->conf.offloads = 0x2001;
	i->scattered_rx = m & 1;
	i->nb_desc = 515;
	i->queue_state = (m & 1) + q;
	i->rx_buf_size = m & 1 ? 0 : 2048;
	return 0;
}

int
rte_eth_tx_queue_info_get(uint16_t p, uint16_t q, struct rte_eth_txq_info *i)
{
	int m = mode();

	memset(i, 0, sizeof(*i));
	i->conf.tx_thresh.pthresh = 21;
	i->conf.tx_thresh.hthresh = 22;
	i->conf.tx_thresh.wthresh = 23;
	i->conf.tx_free_thresh = 24;
	i->conf.tx_rs_thresh = 25;
	i->conf.tx_deferred_start = m & 1;
	i->conf.offloads = 0x8000;
	i->nb_desc = 516;
	i->queue_state = (m & 1) + q;
	return 0;
}

int
rte_eth_rx_burst_mode_get(uint16_t p, uint16_t q, struct rte_eth_burst_mode *m)
{
	m->flags = RTE_ETH_BURST_FLAG_PER_QUEUE;
	strcpy(m->info, "Scalar Fake");
	return 0;
}

int
rte_eth_tx_burst_mode_get(uint16_t p, uint16_t q, struct rte_eth_burst_mode *m)
{
	m->flags = 0;
	strcpy(m->info, "Vector Fake");
	return 0;
}

int
rte_eth_dev_info_get(uint16_t p, struct rte_eth_dev_info *i)
{
	int (*real)(uint16_t, struct rte_eth_dev_info *) = dlsym(RTLD_NEXT, "rte_eth_dev_info_get");
	int ret = real(p, i);

	if (ret != 0)
		return ret;
	i->hash_key_size = 40;
	i->rx_queue_offload_capa = 0x2001;
	i->rx_offload_capa = 0x3fffff;
	i->tx_queue_offload_capa = 0x8000;
	i->tx_offload_capa = 0xfeffff;
	/* MBUF_FAST_FREE */
	if (mode() & 16) {
		i->tx_queue_offload_capa |= 0x10000;
		i->tx_offload_capa |= 0x10000;
	}
	i->max_vfs = 3;
	i->max_vmdq_pools = 4;
	i->switch_info.name = "sw0";
	i->switch_info.domain_id = 5;
	i->switch_info.port_id = 6;
	i->switch_info.rx_domain = 7;
	i->dev_capa = 0x1f;
	i->speed_capa = 0x1ffff;
	i->err_handle_mode = (mode() & 1) + 1;
	i->flow_type_rss_offloads |= RTE_BIT64(60) | RTE_BIT64(40);
	if (mode() & 2) {
		i->max_rx_mempools = 4;
		i->rx_seg_capa.max_nseg = 8;
		i->rx_seg_capa.multi_pools = 1;
		i->rx_seg_capa.offset_allowed = 1;
	}
	return 0;
}

int
rte_eth_dev_configure(uint16_t p, uint16_t rxq, uint16_t txq, const struct rte_eth_conf *c)
{
	int (*real)(uint16_t, uint16_t, uint16_t, const struct rte_eth_conf *) = dlsym(RTLD_NEXT,
			"rte_eth_dev_configure");

	printf("told: configure %u: %u %u, mq %x %x, mtu %u, offloads %lx %lx, rss %lx, lsc %d\n",
			p, rxq, txq, c->rxmode.mq_mode, c->txmode.mq_mode, c->rxmode.mtu,
			(unsigned long)c->rxmode.offloads, (unsigned long)c->txmode.offloads,
			(unsigned long)c->rx_adv_conf.rss_conf.rss_hf, c->intr_conf.lsc);
	return real(p, rxq, txq, c);
}

static void
show_thresh(const struct rte_eth_thresh *t, uint64_t offloads)
{
	printf(" %u %u %u, offloads %lx", t->pthresh, t->hthresh, t->wthresh,
			(unsigned long)offloads);
}

int
rte_eth_rx_queue_setup(uint16_t p, uint16_t q, uint16_t n, unsigned int socket,
		const struct rte_eth_rxconf *c, struct rte_mempool *mp)
{
	int (*real)(uint16_t, uint16_t, uint16_t, unsigned int, const struct rte_eth_rxconf *,
			struct rte_mempool *) = dlsym(RTLD_NEXT, "rte_eth_rx_queue_setup");
	static bool elsewhere;
	static int refused;
	struct rte_eth_rxconf one = *c;
	int i;

	printf("told: rxq %u %u: %u, socket %u, free %u, drop %u, deferred %u,", p, q, n, socket,
			c->rx_free_thresh, c->rx_drop_en, c->rx_deferred_start);
	show_thresh(&c->rx_thresh, c->offloads);
	if (mp != NULL)
		printf(", %s", mp->name);
	for (i = 0; i < c->rx_nseg; i++)
		printf(", %s %u %u %x", c->rx_seg[i].split.mp->name, c->rx_seg[i].split.length,
				c->rx_seg[i].split.offset, c->rx_seg[i].split.proto_hdr);
	for (i = 0; i < c->rx_nmempool; i++)
		printf(", %s", c->rx_mempools[i]->name);
	printf("\n");
	if ((mode() & 8) && p == 1)
		return -5;
	if (mp != NULL) {
		if ((mode() & 32) && elsewhere && strcmp(mp->name, "mb_pool_0") == 0 &&
				refused++ < 2)
			return -5;
		elsewhere = strcmp(mp->name, "mb_pool_0") != 0;
	}
	/* the device that is there has one pool */
	one.rx_nseg = 0;
	one.rx_nmempool = 0;
	one.offloads &= ~RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT;
	return real(p, q, n, socket, &one, mp != NULL ? mp : rte_mempool_lookup("mb_pool_0"));
}

int
rte_eth_tx_queue_setup(uint16_t p, uint16_t q, uint16_t n, unsigned int socket,
		const struct rte_eth_txconf *c)
{
	int (*real)(uint16_t, uint16_t, uint16_t, unsigned int,
			const struct rte_eth_txconf *) = dlsym(RTLD_NEXT, "rte_eth_tx_queue_setup");

	printf("told: txq %u %u: %u, socket %u, free %u, rs %u, deferred %u,", p, q, n, socket,
			c->tx_free_thresh, c->tx_rs_thresh, c->tx_deferred_start);
	show_thresh(&c->tx_thresh, c->offloads);
	printf("\n");
	return real(p, q, n, socket, c);
}

int
rte_eth_dev_start(uint16_t p)
{
	int (*real)(uint16_t) = dlsym(RTLD_NEXT, "rte_eth_dev_start");

	return (mode() & 4) && p == 1 ? -5 : real(p);
}

int
rte_eth_dev_flow_ctrl_get(uint16_t p, struct rte_eth_fc_conf *f)
{
	memset(f, 0, sizeof(*f));
	f->mode = RTE_ETH_FC_RX_PAUSE;
	f->high_water = 31;
	f->low_water = 32;
	f->pause_time = 33;
	f->send_xon = 1;
	f->autoneg = 1;
	return 0;
}

int
rte_eth_dev_flow_ctrl_set(uint16_t p, struct rte_eth_fc_conf *f)
{
	printf("told: flow control %u: %d %x %x %x %x %d %d\n", p, f->mode, f->high_water,
			f->low_water, f->pause_time, f->send_xon, f->mac_ctrl_frame_fwd,
			f->autoneg);
	return 0;
}

int
rte_eth_dev_rss_hash_conf_get(uint16_t p, struct rte_eth_rss_conf *c)
{
	int i;

	c->rss_hf = (UINT64_C(3) << 2) | (1 << 15);
	if (c->rss_key != NULL)
		for (i = 0; i < c->rss_key_len; i++)
			c->rss_key[i] = i * 7;
	return 0;
}

int
rte_eth_dev_rss_hash_update(uint16_t p, struct rte_eth_rss_conf *c)
{
	printf("told: rss %u: %lx, %u %x\n", p, (unsigned long)c->rss_hf,
			c->rss_key != NULL ? c->rss_key_len : 0,
			c->rss_key != NULL ? c->rss_key[1] : 0);
	return 0;
}

int
rte_eth_dev_rss_reta_update(uint16_t p, struct rte_eth_rss_reta_entry64 *c, uint16_t n)
{
	printf("told: reta %u, %u: %lx %lx %u %u\n", p, n, (unsigned long)c[0].mask,
			(unsigned long)c[1].mask, c[0].mask & 32 ? c[0].reta[5] : 0,
			c[1].mask >> 63 ? c[1].reta[63] : 0);
	return 0;
}

int
rte_eth_dev_get_vlan_offload(uint16_t p)
{
	return 0xf;
}

int
rte_eth_dev_set_vlan_offload(uint16_t p, int m)
{
	printf("told: vlan offload %u: %x\n", p, m);
	return 0;
}

int
rte_eth_dev_vlan_filter(uint16_t p, uint16_t v, int on)
{
	printf("told: vlan %u: %u %d\n", p, v, on);
	return (mode() & 1) == 0 || v < 3 ? 0 : -5;
}

int
rte_eth_dev_fw_version_get(uint16_t p, char *s, size_t n)
{
	snprintf(s, n, "fw 1.2");
	return 0;
}

int
rte_eth_dev_rx_queue_start(uint16_t p, uint16_t q)
{
	printf("told: start rxq %u %u\n", p, q);
	return 0;
}

int
rte_eth_dev_rx_queue_stop(uint16_t p, uint16_t q)
{
	printf("told: stop rxq %u %u\n", p, q);
	return 0;
}

int
rte_eth_dev_tx_queue_start(uint16_t p, uint16_t q)
{
	printf("told: start txq %u %u\n", p, q);
	return 0;
}

int
rte_eth_dev_tx_queue_stop(uint16_t p, uint16_t q)
{
	printf("told: stop txq %u %u\n", p, q);
	return 0;
}

int
rte_eth_dev_set_mc_addr_list(uint16_t p, struct rte_ether_addr *a, uint32_t n)
{
	printf("told: multicast %u: %u\n", p, n);
	return 0;
}

int
rte_eth_dev_set_mtu(uint16_t p, uint16_t m)
{
	printf("told: mtu %u: %u\n", p, m);
	return 0;
}

int
rte_eth_dev_mac_addr_add(uint16_t p, struct rte_ether_addr *a, uint32_t pool)
{
	printf("told: address %u, pool %u\n", p, pool);
	return 0;
}
