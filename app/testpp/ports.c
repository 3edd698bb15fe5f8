/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Ports come and go: start, stop, close, reset, attach, detach, their links and
 * their events. How a port and its queues are set up is in ports_config.c.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_debug.h>
#include <rte_dev.h>
#include <rte_errno.h>

#include "ports.h"
#include "pp.h"

#define LINK_CHECK_MS 100
#define LINK_CHECKS_MAX 90

struct port *ports;

static bool watching;
static bool ending; /* links do not matter any more */

/* ---- events */

static const char *const event_names[RTE_ETH_EVENT_MAX] = {
	[RTE_ETH_EVENT_UNKNOWN] = "unknown",
	[RTE_ETH_EVENT_INTR_LSC] = "link state change",
	[RTE_ETH_EVENT_QUEUE_STATE] = "queue state",
	[RTE_ETH_EVENT_INTR_RESET] = "reset",
	[RTE_ETH_EVENT_VF_MBOX] = "VF mbox",
	[RTE_ETH_EVENT_MACSEC] = "MACsec",
	[RTE_ETH_EVENT_INTR_RMV] = "device removal",
	[RTE_ETH_EVENT_NEW] = "device probed",
	[RTE_ETH_EVENT_DESTROY] = "device released",
	[RTE_ETH_EVENT_IPSEC] = "IPsec",
	[RTE_ETH_EVENT_FLOW_AGED] = "flow aged",
	[RTE_ETH_EVENT_RX_AVAIL_THRESH] = "RxQ available descriptors threshold reached",
	[RTE_ETH_EVENT_ERR_RECOVERING] = "error recovering",
	[RTE_ETH_EVENT_RECOVERY_SUCCESS] = "error recovery successful",
	[RTE_ETH_EVENT_RECOVERY_FAILED] = "error recovery failed",
};

/* Main lcore or EAL's interrupt thread. */
static int
on_event(uint16_t port_id, enum rte_eth_event_type type, __rte_unused void *arg,
		__rte_unused void *ret)
{
	if ((unsigned int)type >= RTE_ETH_EVENT_MAX) {
		fprintf(stderr, "\nPort %u: %s called upon invalid event %d\n", port_id, __func__,
				type);
		fflush(stderr);
		return 0;
	}
	if ((cfg.event_mask & RTE_BIT32(type)) != 0) {
		printf("\nPort %u: %s event\n", port_id,
				event_names[type] != NULL ? event_names[type] : "unnamed");
		fflush(stdout);
	}
	if (type == RTE_ETH_EVENT_DESTROY) {
		if (ports != NULL && port_id < RTE_MAX_ETHPORTS) {
			pp_split_port_release(port_id);
			ports[port_id].state = PORT_CLOSED;
		}
		printf("Port %u is closed\n", port_id);
		fflush(stdout);
	}
	return 0;
}

void
ports_watch(void)
{
	unsigned int type;
	int ret;

	for (type = RTE_ETH_EVENT_UNKNOWN; !watching && type < RTE_ETH_EVENT_MAX; type++) {
		ret = rte_eth_dev_callback_register(RTE_ETH_ALL, type, on_event, NULL);
		if (ret == 0)
			continue;
		TESTPP_LOG(ERR, "Failed to register callback for %s event\n",
				event_names[type] != NULL ? event_names[type] : "unnamed");
		rte_exit(EXIT_FAILURE, "Cannot register for ethdev events\n");
	}
	watching = true;
}

/* ---- which ports */

static bool
port_known(uint16_t port_id)
{
	return ports != NULL && port_id < RTE_MAX_ETHPORTS && rte_eth_dev_is_valid_port(port_id) &&
			(ports[port_id].state == PORT_STOPPED ||
					ports[port_id].state == PORT_STARTED);
}

bool
port_valid(uint16_t port_id)
{
	if (port_known(port_id))
		return true;
	fprintf(stderr, "Invalid port %u\n", port_id);
	return false;
}

/* Whether port_id, one or all, is there; after testpmd's words if not. */
static bool
selection_valid(uint16_t port_id)
{
	return port_id == PORT_ALL || port_valid(port_id);
}

static bool
selected(uint16_t port_id, uint16_t p)
{
	return (port_id == PORT_ALL || port_id == p) && port_known(p);
}

static bool
port_forwards(uint16_t port_id)
{
	unsigned int i;

	if (!forwarding())
		return false;
	for (i = 0; i < cfg.nr_fwd_ports; i++)
		if (cfg.fwd_ports[i] == port_id)
			return true;
	return false;
}

/* Tells if so. */
static bool
port_forwards_told(uint16_t port_id)
{
	if (!port_forwards(port_id))
		return false;
	fprintf(stderr, "Please remove port %u from forwarding configuration.\n", port_id);
	return true;
}

/* A port that is gone is not forwarded to. */
static void
fwd_ports_prune(void)
{
	unsigned int i, nr_all = 0, nr = 0;

	for (i = 0; i < cfg.nr_fwd_ports_all; i++) {
		if (!port_known(cfg.fwd_ports[i]))
			continue;
		if (i < cfg.nr_fwd_ports)
			nr++;
		cfg.fwd_ports[nr_all++] = cfg.fwd_ports[i];
	}
	cfg.nr_fwd_ports_all = nr_all;
	cfg.nr_fwd_ports = nr;
}

static unsigned int
ports_total(void)
{
	unsigned int total = 0;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		total += port_known(p);
	return total;
}

/* Forwarding takes a new port along when it starts next, unless it leaves some out anyway. */
static void
fwd_ports_add(uint16_t port_id)
{
	unsigned int i;

	for (i = 0; i < cfg.nr_fwd_ports_all; i++)
		if (cfg.fwd_ports[i] == port_id)
			return;
	if (cfg.nr_fwd_ports_all == RTE_DIM(cfg.fwd_ports))
		return;
	if (cfg.nr_fwd_ports == cfg.nr_fwd_ports_all)
		cfg.nr_fwd_ports++;
	cfg.fwd_ports[cfg.nr_fwd_ports_all++] = port_id;
}

bool
ports_all_stopped(void)
{
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		if (selected(PORT_ALL, p) && ports[p].state != PORT_STOPPED) {
			fprintf(stderr, "Please stop all ports first\n");
			return false;
		}
	return true;
}

void
ports_init(void)
{
	uint16_t p;

	ports = calloc(RTE_MAX_ETHPORTS, sizeof(*ports));
	if (ports == NULL)
		rte_exit(EXIT_FAILURE, "calloc(%d struct port) failed\n", RTE_MAX_ETHPORTS);
	ports_watch();
	RTE_ETH_FOREACH_DEV(p)
		port_init(p);
}

/* ---- links */

/* Whether a link that matters (NULL: all do) is not up; a stopped port's never will be. */
static bool
link_down(const bool *matters)
{
	struct rte_eth_link link;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		if (!port_known(p) || ports[p].state != PORT_STARTED ||
				(matters != NULL && !matters[p]))
			continue;
		memset(&link, 0, sizeof(link));
		if (rte_eth_link_get_nowait(p, &link) == 0 && link.link_status == RTE_ETH_LINK_DOWN)
			return true;
	}
	return false;
}

static void
links_wait(const bool *matters)
{
	unsigned int i;

	for (i = 0; i < LINK_CHECKS_MAX && !quitting && link_down(matters); i++)
		rte_delay_us_sleep(LINK_CHECK_MS * 1000);
}

void
ports_check_links(void)
{
	char text[RTE_ETH_LINK_MAX_STR_LEN];
	struct rte_eth_link link;
	uint16_t p;
	int ret;

	printf("Checking link statuses...\n");
	fflush(stdout);
	/* nobody tells when a link comes up: look until it does */
	if (!cfg.lsc_interrupt)
		links_wait(NULL);
	/* with interrupts, events tell */
	if (cfg.lsc_interrupt)
		return;
	RTE_ETH_FOREACH_DEV(p) {
		if (!port_known(p))
			continue;
		memset(&link, 0, sizeof(link));
		ret = rte_eth_link_get_nowait(p, &link);
		if (ret < 0) {
			fprintf(stderr, "Port %u link get failed: %s\n", p, rte_strerror(-ret));
			continue;
		}
		rte_eth_link_to_str(text, sizeof(text), &link);
		printf("Port %u %s\n", p, text);
	}
}

/* ---- start, stop, close, reset */

static int
port_start(uint16_t port_id)
{
	struct port *port = &ports[port_id];
	uint16_t q;
	int ret;

	/* types of packets are found by software where they matter */
	if (rte_eth_dev_set_ptypes(port_id, RTE_PTYPE_UNKNOWN, NULL, 0) < 0)
		fprintf(stderr, "Port %u: Failed to disable Ptype parsing\n", port_id);
	ret = rte_eth_dev_start(port_id);
	if (ret != 0) {
		fprintf(stderr, "Fail to start port %u: %s\n", port_id, rte_strerror(-ret));
		return -1;
	}
	port->state = PORT_STARTED;
	port_settle(port_id);
	for (q = 0; q < port->rxq; q++)
		port->rx_stopped[q] = port->rx_conf[q].rx_deferred_start != 0;
	for (q = 0; q < port->txq; q++)
		port->tx_stopped[q] = port->tx_conf[q].tx_deferred_start != 0;
	return 0;
}

static void
port_mac_tell(uint16_t port_id)
{
	struct port *port = &ports[port_id];

	if (rte_eth_macaddr_get(port_id, &port->mac) == 0)
		printf("Port %u: %02X:%02X:%02X:%02X:%02X:%02X\n", port_id,
				RTE_ETHER_ADDR_BYTES(&port->mac));
}

int
ports_start(uint16_t port_id)
{
	bool any = false, started = false, failed = false;
	uint16_t p;

	if (!selection_valid(port_id))
		return -1;
	RTE_ETH_FOREACH_DEV(p) {
		if (!selected(port_id, p))
			continue;
		any = true;
		if (ports[p].state != PORT_STOPPED) {
			fprintf(stderr, "Port %u is now not stopped\n", p);
			continue;
		}
		if (port_configure(p) != 0)
			return -1;
		if (port_start(p) != 0) {
			failed = true;
			continue;
		}
		port_mac_tell(p);
		started = true;
	}
	if (started && cfg.link_check)
		ports_check_links();
	RTE_ETH_FOREACH_DEV(p)
		if (selected(port_id, p) && ports[p].state == PORT_STARTED)
			port_xstats_check(p);
	if (any && !started && !failed)
		fprintf(stderr, "Please stop the ports first\n");
	printf("Done\n");
	return failed ? -1 : 0;
}

void
ports_stop(uint16_t port_id)
{
	bool stopped = false;
	uint16_t p;
	int ret;

	if (!selection_valid(port_id))
		return;
	printf("Stopping ports...\n");
	RTE_ETH_FOREACH_DEV(p) {
		if (!selected(port_id, p) || port_forwards_told(p) ||
				ports[p].state != PORT_STARTED)
			continue;
		/* a pool is not freed without mbufs that a port keeps when it is closed; the next
		 * start would throw them away, too
		 */
		if (cfg.pp_frag && (ending || cfg.flush_rx))
			port_flush(p);
		ret = rte_eth_dev_stop(p);
		if (ret != 0) {
			fprintf(stderr, "EAL: rte_eth_dev_stop failed for port %u: %s\n", p,
					rte_strerror(-ret));
			continue;
		}
		ports[p].state = PORT_STOPPED;
		stopped = true;
		port_settle(p);
	}
	if (stopped && cfg.link_check && !ending)
		ports_check_links();
	printf("Done\n");
}

void
ports_started(bool *started)
{
	uint16_t p;

	memset(started, 0, RTE_MAX_ETHPORTS * sizeof(*started));
	RTE_ETH_FOREACH_DEV(p)
		started[p] = port_known(p) && ports[p].state == PORT_STARTED;
}

/* Some devices keep mbufs of Tx queues, too, until those are set up anew. */
int
ports_restart(const bool *which)
{
	bool up[RTE_MAX_ETHPORTS] = { false };
	struct rte_eth_link link;
	int ret, failed = 0;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		if (!which[p] || !port_known(p))
			continue;
		/* also by whoever starts it later, should that fail here */
		ports[p].reconfig_queues = true;
		if (ports[p].state != PORT_STARTED)
			continue;
		memset(&link, 0, sizeof(link));
		up[p] = rte_eth_link_get_nowait(p, &link) == 0 &&
				link.link_status == RTE_ETH_LINK_UP;
		ret = rte_eth_dev_stop(p);
		if (ret != 0) {
			fprintf(stderr, "EAL: rte_eth_dev_stop failed for port %u: %s\n", p,
					rte_strerror(-ret));
			failed = -1;
			continue;
		}
		ports[p].state = PORT_STOPPED;
		port_settle(p);
	}
	RTE_ETH_FOREACH_DEV(p) {
		if (!which[p] || !port_known(p) || ports[p].state != PORT_STOPPED)
			continue;
		if (port_configure(p) != 0 || port_start(p) != 0)
			failed = -1;
	}
	links_wait(up);
	return failed;
}

void
ports_close(uint16_t port_id)
{
	uint16_t p;

	if (!selection_valid(port_id))
		return;
	printf("Closing ports...\n");
	RTE_ETH_FOREACH_DEV(p) {
		if (!selected(port_id, p) || port_forwards_told(p))
			continue;
		if (ports[p].state == PORT_STOPPED) {
			pp_split_port_release(p);
			pools_port_map(p, false);
			port_drain(p);
		}
		/* a started one is refused, and that is told, by ethdev */
		if (rte_eth_dev_close(p) == 0)
			ports[p].state = PORT_CLOSED;
		else if (ports[p].state == PORT_STOPPED)
			/* with splitters, and memory for its device, when it starts again */
			ports[p].reconfig = true;
		port_settle(p);
	}
	fwd_ports_prune();
	printf("Done\n");
}

void
ports_reset(uint16_t port_id)
{
	uint16_t p;
	int ret;

	if (!selection_valid(port_id))
		return;
	RTE_ETH_FOREACH_DEV(p)
		if (selected(port_id, p) && ports[p].state != PORT_STOPPED) {
			fprintf(stderr, "Can not reset port(s), please stop port(s) first.\n");
			return;
		}
	printf("Resetting ports...\n");
	RTE_ETH_FOREACH_DEV(p) {
		if (!selected(port_id, p))
			continue;
		pp_split_port_release(p);
		ret = rte_eth_dev_reset(p);
		if (ret != 0) {
			fprintf(stderr, "Failed to reset port %u. diag=%d\n", p, ret);
			continue;
		}
		ports[p].reconfig = true;
		ports[p].reconfig_queues = true;
	}
	printf("Done\n");
}

/* ---- attach and detach */

static void
port_attached(uint16_t port_id)
{
	int ret;

	port_socket_warn(port_id);
	port_init(port_id);
	if (!port_known(port_id))
		return;
	ret = rte_eth_promiscuous_enable(port_id);
	if (ret != 0)
		fprintf(stderr, "Error during enabling promiscuous mode for port %u: %s - ignore\n",
				port_id, rte_strerror(-ret));
	fwd_ports_add(port_id);
	printf("Port %u is attached. Now total ports is %u\n", port_id, ports_total());
	printf("Done\n");
}

void
port_attach(const char *devargs)
{
	bool found = false;
	uint16_t p;

	printf("Attaching a new port...\n");
	if (devargs == NULL || devargs[0] == '\0') {
		fprintf(stderr, "Invalid parameters are specified\n");
		return;
	}
	if (ports == NULL || rte_dev_probe(devargs) < 0) {
		TESTPP_LOG(ERR, "Failed to attach port %s\n", devargs);
		return;
	}
	/* one device may have several ports */
	RTE_ETH_FOREACH_DEV(p)
		if (!port_known(p)) {
			found = true;
			port_attached(p);
		}
	/* it was there already: testpmd leaves that to EAL's log */
	if (!found)
		TESTPP_LOG(ERR, "Failed to attach port %s\n", devargs);
}

/* A device goes with all its ports: no other one may still run. */
static bool
siblings_stopped(const struct rte_device *dev)
{
	struct rte_eth_dev_info info;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p)
		if (port_known(p) && ports[p].state == PORT_STARTED &&
				rte_eth_dev_info_get(p, &info) == 0 && info.device == dev) {
			fprintf(stderr, "Port %u not stopped\n", p);
			return false;
		}
	return true;
}

void
port_detach(uint16_t port_id)
{
	struct rte_eth_dev_info info, sibling;
	uint16_t p;

	/* a wrong number is told by ethdev, and nothing else is, as in testpmd */
	if (ports == NULL || rte_eth_dev_info_get(port_id, &info) != 0)
		return;
	if (ports[port_id].state == PORT_STARTED) {
		fprintf(stderr, "Port not stopped\n");
		return;
	}
	fprintf(stderr, "Port was not closed\n");
	printf("Removing a device...\n");
	if (info.device == NULL) {
		fprintf(stderr, "Device already removed\n");
		return;
	}
	if (!siblings_stopped(info.device))
		return;
	RTE_ETH_FOREACH_DEV(p)
		if (port_known(p) && rte_eth_dev_info_get(p, &sibling) == 0 &&
				sibling.device == info.device) {
			pp_split_port_release(p);
			pools_port_map(p, false);
			port_drain(p);
		}
	if (rte_dev_remove(info.device) < 0) {
		TESTPP_LOG(ERR, "Failed to detach device %s\n", rte_dev_name(info.device));
		RTE_ETH_FOREACH_DEV(p)
			if (port_known(p) && rte_eth_dev_info_get(p, &sibling) == 0 &&
					sibling.device == info.device)
				ports[p].reconfig = true;
		return;
	}
	fwd_ports_prune();
	printf("Device is detached\n");
	printf("Now total ports is %u\n", ports_total());
	printf("Done\n");
}

/* ---- the rest */

void
ports_end(void)
{
	uint16_t p;

	if (ports == NULL)
		return;
	ending = true;
	RTE_ETH_FOREACH_DEV(p)
		if (port_known(p)) {
			printf("\nStopping port %u...\n", p);
			ports_stop(p);
		}
	RTE_ETH_FOREACH_DEV(p)
		if (port_known(p)) {
			printf("\nShutting down port %u...\n", p);
			ports_close(p);
		}
	free(ports);
	ports = NULL;
	ending = false;
}
