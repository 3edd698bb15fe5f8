/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Preload: devices that tell how many callbacks their Rx queues have, that send packets of several
 * segments, and that could free what they sent all at once. With FAKE_SPLIT they say that they
 * split packets into two pools, too, and tell into which; they receive into the pool of the
 * payload, whole. And one GPU, whose memory nobody may touch.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <rte_ethdev.h>
#include <rte_gpudev.h>

#define REAL(name) ((__typeof__(name) *)(uintptr_t)dlsym(RTLD_NEXT, #name))

static int nr_callbacks;

int
rte_eth_dev_info_get(uint16_t port_id, struct rte_eth_dev_info *info)
{
	int ret = REAL(rte_eth_dev_info_get)(port_id, info);

	if (ret != 0)
		return ret;
	info->tx_offload_capa |= RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	if (getenv("FAKE_SPLIT") == NULL)
		return 0;
	info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT;
	info->rx_queue_offload_capa |= RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT;
	info->rx_seg_capa.multi_pools = 1;
	info->rx_seg_capa.max_nseg = 2;
	return 0;
}

int
rte_eth_rx_queue_setup(uint16_t port_id, uint16_t queue_id, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	struct rte_eth_rxconf whole = *conf;

	if (conf->rx_nseg == 2) {
		printf("told: port %u queue %u: %u bytes to %s, the rest to %s\n", port_id,
				queue_id, conf->rx_seg[0].split.length,
				conf->rx_seg[0].split.mp->name, conf->rx_seg[1].split.mp->name);
		mp = conf->rx_seg[1].split.mp;
		whole.offloads &= ~RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT;
		whole.rx_seg = NULL;
		whole.rx_nseg = 0;
	}
	return REAL(rte_eth_rx_queue_setup)(port_id, queue_id, nb_desc, socket_id, &whole, mp);
}

const struct rte_eth_rxtx_callback *
rte_eth_add_rx_callback(uint16_t port_id, uint16_t queue_id, rte_rx_callback_fn fn, void *arg)
{
	printf("told: %d callbacks\n", ++nr_callbacks);
	return REAL(rte_eth_add_rx_callback)(port_id, queue_id, fn, arg);
}

int
rte_eth_remove_rx_callback(uint16_t port_id, uint16_t queue_id,
		const struct rte_eth_rxtx_callback *callback)
{
	int ret = REAL(rte_eth_remove_rx_callback)(port_id, queue_id, callback);

	nr_callbacks -= ret == 0;
	printf("told: %d callbacks\n", nr_callbacks);
	return ret;
}

/* ---- the GPU, of librte_gpudev */

int16_t
rte_gpu_find_next(int16_t dev_id, int16_t parent)
{
	return getenv("FAKE_SPLIT") != NULL && dev_id == 0 && parent == RTE_GPU_ID_ANY ? 0 : -1;
}

bool
rte_gpu_is_valid(int16_t dev_id)
{
	return dev_id == 0;
}

int
rte_gpu_info_get(int16_t dev_id, struct rte_gpu_info *info)
{
	*info = (struct rte_gpu_info){ .dev_id = dev_id, .name = "fake", .page_size = 65536 };
	return 0;
}

void *
rte_gpu_mem_alloc(int16_t dev_id, size_t size, unsigned int align)
{
	void *addr = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	printf("told: gpu %d: %zu bytes, aligned to %u\n", dev_id, size, align);
	return addr == MAP_FAILED ? NULL : RTE_PTR_ALIGN_CEIL(addr, align);
}

int
rte_gpu_mem_free(int16_t dev_id, void *addr)
{
	printf("told: gpu %d: free %d\n", dev_id, addr != NULL);
	return 0;
}
