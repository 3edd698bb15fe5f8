/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _TESTPP_PP_H_
#define _TESTPP_PP_H_

/* What --pp-frag, --pp-split and --pp-provider share among themselves and with pools and ports. */

#include "testpp.h"

/* Room for headers of split packets at least: what engines read of more headers is moved there. */
#define PP_HEADERS_MIN 256
/* Longest header of --pp-split. */
#define PP_HEADER_MAX 32768

/* ---- pools_pp.c */

/* Mbufs that are pinned to frags, with pages of their own. NULL: rte_errno. */
struct rte_mempool *pp_pool_make(const char *name, unsigned int n, uint16_t room,
		unsigned int socket_id);
/* Mbufs for headers of split packets; pp_headers_room() bytes each. NULL: rte_errno. */
struct rte_mempool *pp_headers_make(const char *name, unsigned int n, uint16_t room,
		unsigned int socket_id);
uint16_t pp_headers_room(void);
/* Of a socket, or of another one. */
struct rte_mempool *pp_headers_find(unsigned int socket_id);
/* All of them, once ports are closed. */
void pp_pools_free(void);
/* Why a device cannot do with the memory of --pp-provider, NULL: it can. */
const char *pp_port_refused(const struct rte_eth_dev_info *info);
/* Why there is no memory of that kind, NULL: there may be. */
const char *pp_provider_missing(void);
/* Tell a port's device of memory that is not EAL's, or take it back. */
void pp_port_map(uint16_t port_id, struct rte_device *dev, bool map);

/* ---- split_pp.c */

/* Whether a device says that it splits into two pools. */
bool pp_device_splits(const struct rte_eth_dev_info *info);
/* What it wants for that in a port's configuration. */
uint64_t pp_split_offloads(const struct rte_eth_dev_info *info);
/* One Rx queue that splits, into a pool of payload. 0 or -errno. */
int pp_split_rxq_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf,
		struct rte_mempool *payload);
/* Before the queues of a stopped port change or go: none of them splits until it is set up again,
 * which is seen to.
 */
void pp_split_port_release(uint16_t port_id);
/* Who splits a port's packets, unless that was said. */
void pp_split_tell(uint16_t port_id);
/* Another device has the number. */
void pp_split_forget(uint16_t port_id);

#endif /* _TESTPP_PP_H_ */
