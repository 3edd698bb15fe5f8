/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Reports about ports, queues, devices and the configuration, with testpmd's words. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>

#include "testpp.h"

#define STARS21 "*********************"

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

static const char *
enabled(bool is)
{
	return is ? "enabled" : "disabled";
}

/* Tells, with what the numbers of ports are, if there is no such port. */
static bool
show_port_valid(uint16_t port_id)
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

static const char *
mac_text(const struct rte_ether_addr *mac, char text[RTE_ETHER_ADDR_FMT_SIZE])
{
	rte_ether_format_addr(text, RTE_ETHER_ADDR_FMT_SIZE, mac);
	return text;
}

static const char *
port_mac_text(uint16_t port_id, char text[RTE_ETHER_ADDR_FMT_SIZE])
{
	struct rte_ether_addr mac;

	if (rte_eth_macaddr_get(port_id, &mac) != 0)
		memset(&mac, 0, sizeof(mac));
	return mac_text(&mac, text);
}

/* ---- ports */

static void
show_link(const struct rte_eth_link *link)
{
	printf("\nLink status: %s\n", link->link_status ? "up" : "down");
	printf("Link speed: %s\n", rte_eth_link_speed_to_str(link->link_speed));
	printf("Link duplex: %s\n",
			link->link_duplex == RTE_ETH_LINK_FULL_DUPLEX ? "full-duplex" :
									"half-duplex");
	printf("Autoneg status: %s\n", link->link_autoneg == RTE_ETH_LINK_AUTONEG ? "On" : "Off");
}

static void
show_vlan_offload(uint16_t port_id)
{
	int mask = rte_eth_dev_get_vlan_offload(port_id);

	if (mask < 0)
		return;
	printf("VLAN offload: \n");
	printf("  strip %s, filter %s, extend %s, qinq strip %s\n",
			on_off(mask & RTE_ETH_VLAN_STRIP_OFFLOAD),
			on_off(mask & RTE_ETH_VLAN_FILTER_OFFLOAD),
			on_off(mask & RTE_ETH_VLAN_EXTEND_OFFLOAD),
			on_off(mask & RTE_ETH_QINQ_STRIP_OFFLOAD));
}

static void
show_limits(const struct rte_eth_dev_info *info)
{
	if (info->hash_key_size > 0)
		printf("Hash key size in bytes: %u\n", info->hash_key_size);
	if (info->reta_size > 0)
		printf("Redirection table size: %u\n", info->reta_size);
	if (info->flow_type_rss_offloads == 0) {
		printf("No RSS offload flow type is supported.\n");
	} else {
		printf("Supported RSS offload flow types:\n");
		rss_types_print(info->flow_type_rss_offloads);
	}
	printf("Minimum size of RX buffer: %u\n", info->min_rx_bufsize);
	printf("Maximum configurable length of RX packet: %u\n", info->max_rx_pktlen);
	printf("Maximum configurable size of LRO aggregated packet: %u\n", info->max_lro_pkt_size);
	if (info->max_vfs > 0)
		printf("Maximum number of VFs: %u\n", info->max_vfs);
	if (info->max_vmdq_pools > 0)
		printf("Maximum number of VMDq pools: %u\n", info->max_vmdq_pools);
}

static void
show_queue_limits(const char *direction, uint16_t now, uint16_t max,
		const struct rte_eth_desc_lim *desc)
{
	printf("Current number of %s queues: %u\n", direction, now);
	printf("Max possible %s queues: %u\n", direction, max);
	printf("Max possible number of %sDs per queue: %hu\n", direction, desc->nb_max);
	printf("Min possible number of %sDs per queue: %hu\n", direction, desc->nb_min);
	printf("%sDs number alignment: %hu\n", direction, desc->nb_align);
}

static void
show_capabilities(const struct rte_eth_dev_info *info)
{
	static const char *const modes[] = { "none", "passive", "proactive" };
	unsigned int bit;

	printf("Device capabilities: 0x%" PRIx64 "(", info->dev_capa);
	for (bit = 0; bit < 64; bit++)
		if ((info->dev_capa & RTE_BIT64(bit)) != 0)
			printf(" %s", rte_eth_dev_capability_name(RTE_BIT64(bit)));
	printf(" )\n");
	if (info->switch_info.name != NULL) {
		printf("Switch name: %s\n", info->switch_info.name);
		printf("Switch domain Id: %u\n", info->switch_info.domain_id);
		printf("Switch Port Id: %u\n", info->switch_info.port_id);
		if (info->switch_info.rx_domain != 0)
			printf("Switch Rx domain: %u\n", info->switch_info.rx_domain);
	}
	printf("Device error handling mode: %s\n",
			info->err_handle_mode < RTE_DIM(modes) ? modes[info->err_handle_mode] :
								 "unknown");
}

void
port_info_show(uint16_t port_id)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE], name[RTE_ETH_NAME_MAX_LEN], firmware[128];
	const struct rte_devargs *devargs;
	struct rte_eth_dev_info info;
	struct rte_eth_link link;
	uint16_t mtu;
	int ret;

	if (!show_port_valid(port_id))
		return;
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	ret = rte_eth_link_get_nowait(port_id, &link);
	if (ret < 0) {
		fprintf(stderr, "Device (port %u) link get failed: %s\n", port_id,
				rte_strerror(-ret));
		memset(&link, 0, sizeof(link));
	}
	if (rte_eth_dev_get_name_by_port(port_id, name) != 0)
		name[0] = '\0';
	if (rte_eth_dev_fw_version_get(port_id, firmware, sizeof(firmware)) != 0)
		snprintf(firmware, sizeof(firmware), "not available");
	devargs = rte_dev_devargs(info.device);

	printf("\n" STARS21 " Infos for port %-2d " STARS21 "\n", port_id);
	printf("MAC address: %s\n", port_mac_text(port_id, mac));
	printf("Device name: %s\n", name);
	printf("Driver name: %s\n", info.driver_name);
	printf("Firmware-version: %s\n", firmware);
	printf("Devargs: %s\n", devargs != NULL && devargs->args != NULL ? devargs->args : "");
	printf("Connect to socket: %d\n", (int)ports[port_id].socket_id);
	printf("memory allocation on the socket: %d",
			cfg.port_numa[port_id] >= 0 ? cfg.port_numa[port_id] :
						      (int)ports[port_id].socket_id);
	show_link(&link);
	if (rte_eth_dev_get_mtu(port_id, &mtu) == 0)
		printf("MTU: %u\n", mtu);
	printf("Promiscuous mode: %s\n", enabled(rte_eth_promiscuous_get(port_id) == 1));
	printf("Allmulticast mode: %s\n", enabled(rte_eth_allmulticast_get(port_id) == 1));
	printf("Maximum number of MAC addresses: %u\n", info.max_mac_addrs);
	printf("Maximum number of MAC addresses of hash filtering: %u\n", info.max_hash_mac_addrs);
	show_vlan_offload(port_id);
	show_limits(&info);
	show_queue_limits("RX", info.nb_rx_queues, info.max_rx_queues, &info.rx_desc_lim);
	show_queue_limits("TX", info.nb_tx_queues, info.max_tx_queues, &info.tx_desc_lim);
	printf("Max segment number per packet: %hu\n", info.tx_desc_lim.nb_seg_max);
	printf("Max segment number per MTU/TSO: %hu\n", info.tx_desc_lim.nb_mtu_seg_max);
	show_capabilities(&info);
}

static void
show_summary_line(uint16_t port_id)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE], name[RTE_ETH_NAME_MAX_LEN];
	struct rte_eth_dev_info info;
	struct rte_eth_link link;
	int ret;

	if (!show_port_valid(port_id))
		return;
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret == 0)
		ret = rte_eth_dev_get_name_by_port(port_id, name);
	if (ret == 0)
		ret = rte_eth_link_get_nowait(port_id, &link);
	if (ret < 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	printf("%-4d %-17s %-12s %-14s %-8s %s\n", port_id, port_mac_text(port_id, mac), name,
			info.driver_name, link.link_status ? "up" : "down",
			rte_eth_link_speed_to_str(link.link_speed));
}

void
port_summary_show(uint16_t port_id)
{
	uint16_t p;

	printf("Number of available ports: %u\n", rte_eth_dev_count_avail());
	printf("Port MAC Address       Name         Driver         Status   Link\n");
	if (port_id != PORT_ALL) {
		show_summary_line(port_id);
		return;
	}
	RTE_ETH_FOREACH_DEV(p)
		show_summary_line(p);
}

/* ---- configuration */

static void
show_rx_queue_config(uint16_t port_id, uint16_t q)
{
	const struct rte_eth_rxconf *conf = &ports[port_id].rx_conf[q];
	uint16_t desc = ports[port_id].rx_desc[q] != 0 ? ports[port_id].rx_desc[q] : cfg.rxd;
	struct rte_eth_rxq_info info;

	if (rte_eth_rx_queue_info_get(port_id, q, &info) == 0) {
		desc = info.nb_desc;
		conf = &info.conf;
	}
	printf("    RX queue: %d\n", q);
	printf("      RX desc=%d - RX free threshold=%d\n", desc, conf->rx_free_thresh);
	printf("      RX threshold registers: pthresh=%d hthresh=%d  wthresh=%d\n",
			conf->rx_thresh.pthresh, conf->rx_thresh.hthresh, conf->rx_thresh.wthresh);
	printf("      RX Offloads=0x%" PRIx64 "\n", conf->offloads);
}

static void
show_tx_queue_config(uint16_t port_id, uint16_t q)
{
	const struct rte_eth_txconf *conf = &ports[port_id].tx_conf[q];
	uint16_t desc = ports[port_id].tx_desc[q] != 0 ? ports[port_id].tx_desc[q] : cfg.txd;
	struct rte_eth_txq_info info;

	if (rte_eth_tx_queue_info_get(port_id, q, &info) == 0) {
		desc = info.nb_desc;
		conf = &info.conf;
	}
	printf("    TX queue: %d\n", q);
	printf("      TX desc=%d - TX free threshold=%d\n", desc, conf->tx_free_thresh);
	printf("      TX threshold registers: pthresh=%d hthresh=%d  wthresh=%d\n",
			conf->tx_thresh.pthresh, conf->tx_thresh.hthresh, conf->tx_thresh.wthresh);
	printf("      TX offloads=0x%" PRIx64 " - TX RS bit threshold=%d\n", conf->offloads,
			conf->tx_rs_thresh);
}

void
show_config_rxtx(void)
{
	uint16_t p;

	printf("  %s packet forwarding%s packets/burst=%d\n", engine_title(cfg.engine),
			cfg.retry ? " with retry" : "", cfg.burst);
	if (cfg.engine->makes_packets)
		printf("  packet len=%u - nb packet segments=%u\n", cfg.tx_pkt_len, cfg.nr_tx_segs);
	printf("  nb forwarding cores=%u - nb forwarding ports=%u\n", cfg.nr_fwd_lcores,
			cfg.nr_fwd_ports);
	RTE_ETH_FOREACH_DEV(p) {
		printf("  port %d: RX queue number: %d Tx queue number: %d\n", p, cfg.rxq, cfg.txq);
		printf("    Rx offloads=0x%" PRIx64 " Tx offloads=0x%" PRIx64 "\n",
				ports[p].conf.rxmode.offloads, ports[p].conf.txmode.offloads);
		/* the first tells for all */
		if (cfg.rxq > 0)
			show_rx_queue_config(p, 0);
		if (cfg.txq > 0)
			show_tx_queue_config(p, 0);
	}
}

void
show_config_cores(void)
{
	unsigned int i;

	printf("List of forwarding lcores:");
	for (i = 0; i < cfg.nr_fwd_lcores_all; i++)
		printf(" %2u", cfg.fwd_lcores[i]);
	printf("\n");
}

void
show_config_txpkts(void)
{
	static const char *const split[] = {
		[TX_SPLIT_OFF] = "off",
		[TX_SPLIT_ON] = "on",
		[TX_SPLIT_RAND] = "rand",
	};
	unsigned int i;

	printf("Number of segments: %u\n", cfg.nr_tx_segs);
	printf("Segment sizes: ");
	for (i = 0; i < cfg.nr_tx_segs; i++)
		printf("%s%u", i > 0 ? "," : "", cfg.tx_seg_len[i]);
	printf("\nSplit packet: %s\n", split[cfg.tx_split]);
}

/* ---- queues */

static const char *
queue_state_name(uint8_t state)
{
	switch (state) {
	case RTE_ETH_QUEUE_STATE_STOPPED:
		return "stopped";
	case RTE_ETH_QUEUE_STATE_STARTED:
		return "started";
	case RTE_ETH_QUEUE_STATE_HAIRPIN:
		return "hairpin";
	default:
		return "unknown";
	}
}

static void
queue_info_failed(uint16_t port_id, const char *direction, uint16_t queue_id, int ret)
{
	fprintf(stderr, "Failed to retrieve information for port: %u, %s queue: %u\n", port_id,
			direction, queue_id);
	fprintf(stderr, "error desc: %s(%d)\n", strerror(-ret), ret);
}

static void
show_burst_mode(const struct rte_eth_burst_mode *mode)
{
	printf("Burst mode: %s%s\n", mode->info,
			(mode->flags & RTE_ETH_BURST_FLAG_PER_QUEUE) != 0 ? " (per queue)" : "");
}

void
rxq_info_show(uint16_t port_id, uint16_t queue_id)
{
	struct rte_eth_burst_mode mode;
	struct rte_eth_rxq_info info;
	int ret = rte_eth_rx_queue_info_get(port_id, queue_id, &info);

	if (ret != 0) {
		queue_info_failed(port_id, "RX", queue_id, ret);
		return;
	}
	printf("\n" STARS21 " Infos for port %-2u, RX queue %-2u " STARS21 "\n", port_id, queue_id);
	printf("Mempool: %s\n", info.mp == NULL ? "NULL" : info.mp->name);
	printf("RX prefetch threshold: %d\n", info.conf.rx_thresh.pthresh);
	printf("RX host threshold: %d\n", info.conf.rx_thresh.hthresh);
	printf("RX writeback threshold: %d\n", info.conf.rx_thresh.wthresh);
	printf("RX free threshold: %d\n", info.conf.rx_free_thresh);
	printf("RX drop packets: %s\n", on_off(info.conf.rx_drop_en));
	printf("RX deferred start: %s\n", on_off(info.conf.rx_deferred_start));
	printf("RX scattered packets: %s\n", on_off(info.scattered_rx));
	printf("Rx queue state: %s\n", queue_state_name(info.queue_state));
	if (info.rx_buf_size != 0)
		printf("RX buffer size: %u\n", info.rx_buf_size);
	printf("Number of RXDs: %u\n", info.nb_desc);
	if (rte_eth_rx_burst_mode_get(port_id, queue_id, &mode) == 0)
		show_burst_mode(&mode);
}

void
txq_info_show(uint16_t port_id, uint16_t queue_id)
{
	struct rte_eth_burst_mode mode;
	struct rte_eth_txq_info info;
	int ret = rte_eth_tx_queue_info_get(port_id, queue_id, &info);

	if (ret != 0) {
		queue_info_failed(port_id, "TX", queue_id, ret);
		return;
	}
	printf("\n" STARS21 " Infos for port %-2u, TX queue %-2u " STARS21 "\n", port_id, queue_id);
	printf("TX prefetch threshold: %d\n", info.conf.tx_thresh.pthresh);
	printf("TX host threshold: %d\n", info.conf.tx_thresh.hthresh);
	printf("TX writeback threshold: %d\n", info.conf.tx_thresh.wthresh);
	printf("TX RS threshold: %d\n", info.conf.tx_rs_thresh);
	printf("TX free threshold: %d\n", info.conf.tx_free_thresh);
	printf("TX deferred start: %s\n", on_off(info.conf.tx_deferred_start));
	printf("Number of TXDs: %u\n", info.nb_desc);
	printf("Tx queue state: %s\n", queue_state_name(info.queue_state));
	if (rte_eth_tx_burst_mode_get(port_id, queue_id, &mode) == 0)
		show_burst_mode(&mode);
}

/* ---- devices */

static void
show_speeds(uint32_t capa)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} speeds[] = {
		{ RTE_ETH_LINK_SPEED_FIXED, "Disable autonegotiate (fixed speed)" },
		{ RTE_ETH_LINK_SPEED_10M_HD, "10 Mbps half-duplex" },
		{ RTE_ETH_LINK_SPEED_10M, "10 Mbps full-duplex" },
		{ RTE_ETH_LINK_SPEED_100M_HD, "100 Mbps half-duplex" },
		{ RTE_ETH_LINK_SPEED_100M, "100 Mbps full-duplex" },
		{ RTE_ETH_LINK_SPEED_1G, "1 Gbps" },
		{ RTE_ETH_LINK_SPEED_2_5G, "2.5 Gbps" },
		{ RTE_ETH_LINK_SPEED_5G, "5 Gbps" },
		{ RTE_ETH_LINK_SPEED_10G, "10 Gbps" },
		{ RTE_ETH_LINK_SPEED_20G, "20 Gbps" },
		{ RTE_ETH_LINK_SPEED_25G, "25 Gbps" },
		{ RTE_ETH_LINK_SPEED_40G, "40 Gbps" },
		{ RTE_ETH_LINK_SPEED_50G, "50 Gbps" },
		{ RTE_ETH_LINK_SPEED_56G, "56 Gbps" },
		{ RTE_ETH_LINK_SPEED_100G, "100 Gbps" },
		{ RTE_ETH_LINK_SPEED_200G, "200 Gbps" },
	};
	unsigned int i;

	printf("\n\tDevice speed capability:");
	if (capa == RTE_ETH_LINK_SPEED_AUTONEG)
		printf(" Autonegotiate (all speeds)");
	for (i = 0; i < RTE_DIM(speeds); i++)
		if ((capa & speeds[i].flag) != 0)
			printf(" %s  ", speeds[i].name);
	printf("\n");
}

static void
show_device(const struct rte_device *dev)
{
	const struct rte_devargs *devargs = rte_dev_devargs(dev);
	char mac[RTE_ETHER_ADDR_FMT_SIZE], name[RTE_ETH_NAME_MAX_LEN];
	const char *bus_info = rte_dev_bus_info(dev);
	struct rte_eth_dev_info info;
	uint16_t p;

	printf("\n" STARS21 " Infos for device %s " STARS21 "\n", rte_dev_name(dev));
	printf("Bus name: %s\n", rte_bus_name(rte_dev_bus(dev)));
	printf("Bus information: %s\n", bus_info != NULL ? bus_info : "");
	printf("Driver name: %s\n", rte_driver_name(rte_dev_driver(dev)));
	printf("Devargs: %s\n", devargs != NULL && devargs->args != NULL ? devargs->args : "");
	printf("Connect to socket: %d\n", rte_dev_numa_node(dev));
	RTE_ETH_FOREACH_DEV(p) {
		if (rte_eth_dev_info_get(p, &info) != 0 || info.device != dev ||
				rte_eth_dev_get_name_by_port(p, name) != 0)
			continue;
		printf("\n\tPort id: %-2d", p);
		printf("\n\tMAC address: %s", port_mac_text(p, mac));
		printf("\n\tDevice name: %s", name);
		show_speeds(info.speed_capa);
	}
}

void
device_info_show(const char *name)
{
	static const char *const buses[] = { "bus=pci", "bus=vdev", "bus=auxiliary" };
	struct rte_dev_iterator it;
	struct rte_devargs devargs;
	struct rte_device *dev;
	unsigned int i;

	if (name != NULL) {
		memset(&devargs, 0, sizeof(devargs));
		if (rte_devargs_parsef(&devargs, "%s", name) != 0) {
			fprintf(stderr, "cannot parse identifier\n");
			return;
		}
	}
	for (i = 0; i < RTE_DIM(buses); i++) {
		RTE_DEV_FOREACH(dev, buses[i], &it)
		{
			if (!rte_dev_is_probed(dev))
				continue;
			if (name == NULL ||
					(strcmp(rte_dev_name(dev), devargs.name) == 0 &&
							rte_dev_bus(dev) == devargs.bus))
				show_device(dev);
		}
	}
	if (name != NULL)
		rte_devargs_reset(&devargs);
}

/* ---- offloads */

static void
print_offloads(uint64_t offloads, const char *(*name)(uint64_t))
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if ((offloads & RTE_BIT64(bit)) != 0)
			printf(" %s", name(RTE_BIT64(bit)));
	printf("\n");
}

static void
show_offload_capabilities(uint16_t port_id, bool rx)
{
	const char *(*name)(uint64_t) = rx ? rte_eth_dev_rx_offload_name :
					     rte_eth_dev_tx_offload_name;
	struct rte_eth_dev_info info;
	uint64_t all, queue;
	int ret = rte_eth_dev_info_get(port_id, &info);

	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	all = rx ? info.rx_offload_capa : info.tx_offload_capa;
	queue = rx ? info.rx_queue_offload_capa : info.tx_queue_offload_capa;
	printf("%s Offloading Capabilities of port %d :\n", rx ? "Rx" : "Tx", port_id);
	printf("  Per Queue :");
	print_offloads(queue, name);
	printf("  Per Port  :");
	print_offloads(all & ~queue, name);
	printf("\n");
}

static void
show_offload_configuration(uint16_t port_id, bool rx)
{
	const char *(*name)(uint64_t) = rx ? rte_eth_dev_rx_offload_name :
					     rte_eth_dev_tx_offload_name;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	uint16_t q, n;
	int ret = rte_eth_dev_conf_get(port_id, &conf);

	if (ret != 0) {
		fprintf(stderr, "Error during getting device configuration (port %u): %s\n",
				port_id, rte_strerror(-ret));
		return;
	}
	ret = rte_eth_dev_info_get(port_id, &info);
	if (ret != 0) {
		fprintf(stderr, "Error during getting device (port %u) info: %s\n", port_id,
				rte_strerror(-ret));
		return;
	}
	printf("%s Offloading Configuration of port %d :\n", rx ? "Rx" : "Tx", port_id);
	printf("  Port :");
	print_offloads(rx ? conf.rxmode.offloads : conf.txmode.offloads, name);
	n = rx ? info.nb_rx_queues : info.nb_tx_queues;
	for (q = 0; q < n; q++) {
		printf("  Queue[%2d] :", q);
		print_offloads(rx ? ports[port_id].rx_conf[q].offloads :
				    ports[port_id].tx_conf[q].offloads,
				name);
	}
	printf("\n");
}

void
rx_offloads_show(uint16_t port_id, bool configured)
{
	if (configured)
		show_offload_configuration(port_id, true);
	else
		show_offload_capabilities(port_id, true);
}

void
tx_offloads_show(uint16_t port_id, bool configured)
{
	if (configured)
		show_offload_configuration(port_id, false);
	else
		show_offload_capabilities(port_id, false);
}
