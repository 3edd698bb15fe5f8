/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TESTPP_PORTS_H_
#define _TESTPP_PORTS_H_

#include "testpp.h"

/* Configures a stopped port and its queues as far as they are new or changed.
 * 0, or -1 after a message. (ports_config.c)
 */
int port_configure(uint16_t port_id);

/* Frees mbufs that a stopped port's device would keep when it is closed. (ports_drain.c) */
void port_drain(uint16_t port_id);
/* What start, stop or close made EAL's interrupt thread do has been done. (ports_settle.c) */
void port_settle(uint16_t port_id);

#endif /* _TESTPP_PORTS_H_ */
