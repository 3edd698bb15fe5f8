/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * mbufs of the pinned form: pools of headers each of which has a fragment of a page for as long as
 * it is pinned. DPDK allocates and frees them without us (rte_pktmbuf_alloc(), PMDs); what is here
 * is on no packet's way, but for clones that outlive the mbuf they were made of (1), and for PMDs
 * that do not know external buffers (2).
 *
 * A header's private area ends with its pin. rte_pktmbuf_pool_create_extbuf() does much the same,
 * but keeps no place for what a page is to be given back by.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>

#include "page_pool_mbuf_private.h"
#include "page_pool_private.h"

/* At the end of the private area of a header. */
struct pin {
	/* DPDK counts clones in it */
	struct mbuf_shared shared;
	/* the page; of this process. Who pins: rw, others of the process: ro */
	netmem_ref netmem;
};

static_assert(sizeof(struct pin) == PAGE_POOL_MBUF_PIN_SIZE, "what the public header says");
static_assert(sizeof(struct pin) % RTE_MBUF_PRIV_ALIGN == 0, "private areas stay aligned");

/* Of a pass over the headers of a pool. */
struct pin_pass {
	struct page_pool *pool;
	uint32_t size;
	uint32_t flags;
	int rc;
};

static struct pin *
mbuf_pin(struct rte_mempool *mp, struct rte_mbuf *m)
{
	return RTE_PTR_ADD(m, sizeof(*m) + rte_pktmbuf_priv_size(mp) - sizeof(struct pin));
}

/* ---- 1: the last reference to a pinned buffer is a clone's */

/* What rte_pktmbuf_prefree_seg() does where the mbuf itself is the last one. */
void
page_pool_mbuf_pinned_free(void *addr __rte_unused, void *opaque)
{
	struct rte_mbuf *m = opaque;

	mbuf_refs_acquire();
	rte_mbuf_ext_refcnt_set(m->shinfo, 1);
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	m->next = NULL;
	m->nb_segs = 1;
	/* it is 0 when the mbuf had several references of its own; DPDK's callback leaves that */
	rte_mbuf_refcnt_set(m, 1);
	rte_mbuf_raw_free(m);
}

netmem_ref
page_pool_mbuf_pinned_netmem(const struct rte_mbuf_ext_shared_info *shinfo)
{
	return shinfo->free_cb != page_pool_mbuf_pinned_free ? 0 :
							       ((const struct pin *)shinfo)->netmem;
}

/* ---- 2: a PMD has received into pinned buffers */

uint16_t
page_pool_mbuf_rx_mark(uint16_t port_id __rte_unused, uint16_t queue_id __rte_unused,
		struct rte_mbuf **pkts, uint16_t n, uint16_t max __rte_unused,
		void *arg __rte_unused)
{
	struct rte_mempool *mp = NULL;
	uint64_t external = 0;
	struct rte_mbuf *m;
	uint16_t i;

	for (i = 0; i < n; i++)
		for (m = pkts[i]; m != NULL; m = m->next) {
			if (unlikely(m->pool != mp)) {
				mp = m->pool;
				external = page_pool_mbuf_external(mp);
			}
			m->ol_flags |= external;
		}
	return n;
}

/* ---- pinning */

static void
pin_clear(struct rte_mempool *mp, void *arg __rte_unused, void *obj, unsigned int i __rte_unused)
{
	mbuf_pin(mp, obj)->netmem = 0;
}

/* Give a header a buffer, unless another one got none. */
static void
pin_one(struct rte_mempool *mp, void *arg, void *obj, unsigned int i __rte_unused)
{
	struct pin_pass *pass = arg;
	struct rte_mbuf *m = obj;
	struct pin *pin = mbuf_pin(mp, m);
	const struct netmem_desc *desc;
	uint32_t offset = 0;

	if (pass->rc != 0)
		return;
	pin->netmem = page_pool_alloc_frag_netmem(pass->pool, &offset, pass->size);
	if (pin->netmem == 0) {
		pass->rc = -rte_errno;
		return;
	}
	page_pool_set_holder_netmem(pin->netmem, "pinned mbufs");
	desc = netmem_to_nmdesc(pin->netmem);
	if (!mbuf_reached(desc) && (pass->flags & PAGE_POOL_MBUF_F_NO_IOVA) == 0) {
		pass->rc = -EFAULT;
		return;
	}
	mbuf_shared_init(&pin->shared, page_pool_mbuf_pinned_free, m);
	rte_pktmbuf_attach_extbuf(m, RTE_PTR_ADD(desc->addr, offset),
			desc->dma_addr == RTE_BAD_IOVA ? RTE_BAD_IOVA : desc->dma_addr + offset,
			(uint16_t)pass->size, &pin->shared.info);
	rte_pktmbuf_reset_headroom(m);
}

/* A bare header again; the program's part of the private area stays as it is. */
static void
unpin_one(struct rte_mempool *mp, void *arg __rte_unused, void *obj, unsigned int i __rte_unused)
{
	uint32_t size = (uint32_t)sizeof(struct rte_mbuf) + rte_pktmbuf_priv_size(mp);
	netmem_ref netmem = mbuf_pin(mp, obj)->netmem;
	struct rte_mbuf *m = obj;

	if (netmem == 0)
		return;
	page_pool_put_full_netmem(netmem_pp(netmem), netmem, false);
	memset(mbuf_pin(mp, m), 0, sizeof(struct pin));
	m->buf_addr = RTE_PTR_ADD(m, size);
	rte_mbuf_iova_set(m, rte_mempool_virt2iova(m) + size);
	m->buf_len = 0;
	m->data_off = 0;
	m->data_len = 0;
	m->ol_flags = 0;
	m->shinfo = NULL;
}

/* What the pool says about its mbufs. */
static void
pool_say(struct rte_mempool *mp, uint16_t data_room_size, uint32_t flags)
{
	struct rte_pktmbuf_pool_private *priv = rte_mempool_get_priv(mp);

	priv->mbuf_data_room_size = data_room_size;
	priv->flags = flags;
}

int
page_pool_mbuf_pool_pin(struct rte_mempool *mp, struct page_pool *pool, uint16_t data_room_size,
		uint32_t flags)
{
	struct pin_pass pass = { .pool = pool, .size = data_room_size, .flags = flags };

	if (pool == NULL || (flags & ~PAGE_POOL_MBUF_F_NO_IOVA) != 0 || !page_pool_mbuf_bare(mp) ||
			rte_pktmbuf_priv_size(mp) < sizeof(struct pin) ||
			data_room_size <= RTE_PKTMBUF_HEADROOM)
		return -EINVAL;
	if (data_room_size > page_pool_page_size(pool))
		return -E2BIG;
	if (!rte_mempool_full(mp))
		return -EBUSY;
	page_pool_mbuf_process_init();
	rte_mempool_obj_iter(mp, pin_clear, NULL);
	rte_mempool_obj_iter(mp, pin_one, &pass);
	if (pass.rc != 0) {
		rte_mempool_obj_iter(mp, unpin_one, NULL);
		return pass.rc;
	}
	pool_say(mp, data_room_size, RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF);
	return 0;
}

/* A pin of a pool that this process has pinned, or NULL. */
static const struct pin *
pool_pinned(struct rte_mempool *mp)
{
	const struct pin *pin;

	if (mp == NULL || mp->private_data_size < sizeof(struct rte_pktmbuf_pool_private) ||
			rte_pktmbuf_priv_flags(mp) != RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF ||
			rte_pktmbuf_priv_size(mp) < sizeof(*pin) ||
			page_pool_mbuf_first(mp) == NULL)
		return NULL;
	pin = mbuf_pin(mp, page_pool_mbuf_first(mp));
	/* rte_pktmbuf_pool_create_extbuf() makes such pools, too */
	return page_pool_mbuf_pinned_netmem(&pin->shared.info) == 0 ? NULL : pin;
}

int
page_pool_mbuf_pool_unpin(struct rte_mempool *mp)
{
	if (pool_pinned(mp) == NULL)
		return -EINVAL;
	if (!rte_mempool_full(mp))
		return -EBUSY;
	pool_say(mp, 0, 0);
	rte_mempool_obj_iter(mp, unpin_one, NULL);
	return 0;
}

bool
page_pool_mbuf_pool_unreadable(struct rte_mempool *mp)
{
	const struct pin *pin = pool_pinned(mp);

	return pin != NULL && netmem_is_net_iov(pin->netmem);
}

struct rte_mempool *
page_pool_mbuf_pool_create(const struct page_pool_mbuf_pool_params *params)
{
	struct rte_mempool *mp;
	int rc;

	if (params == NULL || params->priv_size > UINT16_MAX - sizeof(struct pin)) {
		rte_errno = EINVAL;
		return NULL;
	}
	mp = rte_pktmbuf_pool_create_by_ops(params->name, params->n, params->cache_size,
			(uint16_t)(params->priv_size + sizeof(struct pin)), 0, params->socket_id,
			params->ops_name != NULL ? params->ops_name : rte_mbuf_best_mempool_ops());
	if (mp == NULL)
		return NULL;
	rc = page_pool_mbuf_pool_pin(mp, params->pool, params->data_room_size, params->flags);
	if (rc != 0) {
		rte_mempool_free(mp);
		rte_errno = -rc;
		return NULL;
	}
	return mp;
}

int
page_pool_mbuf_pool_free(struct rte_mempool *mp)
{
	int rc = mp == NULL ? 0 : page_pool_mbuf_pool_unpin(mp);

	if (rc == 0)
		rte_mempool_free(mp);
	return rc;
}
