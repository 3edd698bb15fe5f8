/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * net_memif shakes hands with its peer, and parts, in EAL's interrupt thread, without a lock. If
 * both are ports of this program, stopping one makes that thread take the other's connection down
 * while we do; memory is freed twice then. Nobody can wait for that thread: it is given time.
 */

#include <string.h>

#include <rte_cycles.h>

#include "ports.h"

#define STEP_MS 10
#define CONNECT_MS 100
#define PART_MS 50

void
port_settle(uint16_t port_id)
{
	const char *driver = ports[port_id].info.driver_name;
	bool connects = ports[port_id].state == PORT_STARTED;
	struct rte_eth_link link;
	unsigned int ms;

	if (driver == NULL || strcmp(driver, "net_memif") != 0)
		return;
	for (ms = 0; ms < (connects ? CONNECT_MS : PART_MS); ms += STEP_MS) {
		rte_delay_us_sleep(STEP_MS * 1000);
		/* then both ends know of each other; who has no peer gets one later */
		if (connects && rte_eth_link_get_nowait(port_id, &link) == 0 &&
				link.link_status == RTE_ETH_LINK_UP)
			break;
	}
}
