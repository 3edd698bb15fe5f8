/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Options that testpmd does not have: --pp-frag, --pp-split, --pp-provider. */

#include <string.h>

#include <rte_ethdev.h>
#include <rte_ether.h>

#include "options.h"
#include "pp.h"

static const char *const providers[] = { "heap", "region", "unreadable", "gpu" };

void
option_pp_frag(const struct option_def *o, const char *arg)
{
	option_mbuf_size(o, arg);
	cfg.pp_frag = true;
}

/* HDR: a length, or protocols. */
void
option_pp_split(const struct option_def *o, const char *arg)
{
	const char *comma = strchr(arg, ',');
	char header[32];
	int64_t len = 0;

	if (comma == NULL || comma == arg || (size_t)(comma - arg) >= sizeof(header))
		options_fail("pp-split %s invalid - must be HDR,PAYLOAD", arg);
	memcpy(header, arg, comma - arg);
	header[comma - arg] = '\0';
	cfg.pp_hdr_proto = rx_proto_find(header);
	if (cfg.pp_hdr_proto == 0 && !number_parse(header, 1, PP_HEADER_MAX, &len))
		options_fail("pp-split: HDR %s invalid - must be >= 1 and <= %d, or eth, ipv4, "
			     "ipv6, and of the latter -tcp, -udp or -sctp",
				header, PP_HEADER_MAX);
	if (!number_parse(comma + 1, 1, UINT16_MAX, &(int64_t){ 0 }))
		options_fail("pp-split: PAYLOAD %s invalid - must be >= 1 and <= %d", comma + 1,
				UINT16_MAX);
	option_mbuf_size(o, comma + 1);
	cfg.pp_hdr_len = len;
	cfg.pp_frag = true;
	cfg.pp_split = true;
}

void
option_pp_provider(__rte_unused const struct option_def *o, const char *arg)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(providers); i++)
		if (strcmp(arg, providers[i]) == 0) {
			cfg.pp_provider = providers[i];
			cfg.pp_frag = true;
			return;
		}
	options_fail("pp-provider %s invalid - must be: heap, region, unreadable or gpu", arg);
}

/* Payload that the CPU may not read is for devices that split. */
static void
unreadable_check(void)
{
	if (!cfg.pp_split)
		options_fail("--pp-provider=%s: the CPU may not read it; it needs --pp-split",
				cfg.pp_provider);
	/* engines read and write addresses, of packets of all protocols */
	if (cfg.pp_hdr_len < RTE_ETHER_HDR_LEN)
		options_fail("--pp-provider=%s: HDR of --pp-split must be a length >= %d",
				cfg.pp_provider, RTE_ETHER_HDR_LEN);
}

static void
ports_check(void)
{
	struct rte_eth_dev_info info;
	const char *why;
	uint16_t p;

	RTE_ETH_FOREACH_DEV(p) {
		if (rte_eth_dev_info_get(p, &info) != 0)
			continue;
		why = pp_port_refused(&info);
		if (why != NULL)
			options_fail("--pp-provider=%s: port %u (%s): %s", cfg.pp_provider, p,
					info.driver_name, why);
	}
}

void
option_pp_check(void)
{
	const char *why;
	unsigned int i;

	if (!cfg.pp_frag)
		return;
	if (cfg.mp_alloc != MP_ALLOC_NATIVE)
		options_fail("--pp-frag, --pp-split and --pp-provider cannot be used with "
			     "--mp-alloc=%s, which says where mbufs lie",
				mp_alloc_name(cfg.mp_alloc));
	for (i = 0; i < cfg.nr_mbuf_sizes; i++)
		if (cfg.mbuf_size[i] <= RTE_PKTMBUF_HEADROOM)
			options_fail("--%s: %u bytes have no room for data behind the headroom of "
				     "%d",
					cfg.mbuf_size_by != NULL ? cfg.mbuf_size_by : "mbuf-size",
					cfg.mbuf_size[i], RTE_PKTMBUF_HEADROOM);
	if (cfg.pp_split && (cfg.nr_rx_lens | cfg.nr_rx_offs | cfg.nr_rx_protos) != 0)
		options_fail("--pp-split cannot be used with --rxpkts, --rxoffs or --rxhdrs");
	if (cfg.pp_split && cfg.multi_rx_mempool)
		options_fail("--pp-split cannot be used with --multi-rx-mempool");
	if (pp_unreadable())
		unreadable_check();
	why = pp_provider_missing();
	if (why != NULL)
		options_fail("--pp-provider=%s: %s", cfg.pp_provider, why);
	ports_check();
}
