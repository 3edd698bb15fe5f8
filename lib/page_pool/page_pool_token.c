/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Tokens. The table has twice as many places as tokens may be out, a power of two; a token's low
 * bits are the number of its place. The next token is the next number whose place is free: places
 * that are taken are passed over, and so no two tokens that are out are the same, however many
 * were given. At least half of the places being free, a lap around the table passes over no more
 * places than it gives tokens.
 */

#include <errno.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "page_pool_private.h"
#include "page_pool_token.h"

/* references on their way back between two looks at the table */
#define BATCH 64
#define WORD_BITS 64

struct page_pool_tokens *
page_pool_tokens_create(uint32_t max, int socket)
{
	uint32_t places = RTE_MAX(rte_align32pow2(2 * max), (uint32_t)WORD_BITS);
	struct page_pool_tokens *t;

	if (max == 0 || max > PAGE_POOL_TOKENS_MAX) {
		rte_errno = EINVAL;
		return NULL;
	}
	t = rte_zmalloc_socket("page_pool_tokens",
			sizeof(*t) + places * sizeof(t->place[0]) + places / 8, RTE_CACHE_LINE_SIZE,
			socket);
	if (t == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	rte_spinlock_init(&t->lock);
	t->max = max;
	t->mask = places - 1;
	t->next = 1;
	t->used = (uint64_t *)&t->place[places];
	return t;
}

/* Whether a place is taken. pre: holds the lock. */
static bool
place_used(const struct page_pool_tokens *t, uint32_t at)
{
	return (t->used[at / WORD_BITS] >> at % WORD_BITS & 1) != 0;
}

/* The next number whose place is free. pre: holds the lock; there is one. */
static uint32_t
token_next(const struct page_pool_tokens *t)
{
	uint32_t token = t->next, bit;
	uint64_t free;

	for (;;) {
		/* 0 is no token */
		token += token == 0;
		bit = token % WORD_BITS;
		free = ~t->used[(token & t->mask) / WORD_BITS] >> bit;
		if (free != 0)
			return token + (uint32_t)__builtin_ctzll(free);
		token += WORD_BITS - bit;
	}
}

int
page_pool_token_give(struct page_pool_tokens *t, netmem_ref netmem, uint32_t *token)
{
	struct netmem_desc *desc = netmem_to_nmdesc(netmem);
	uint32_t at;
	int rc = -ENOSPC;

	/* below 0: it is in somebody's hand */
	if (t == NULL || netmem == 0 || token == NULL ||
			(int64_t)__atomic_load_n(&desc->pp_ref_count, __ATOMIC_RELAXED) <= 0)
		return -EINVAL;
	rte_spinlock_lock(&t->lock);
	if (likely(t->out < t->max)) {
		page_pool_ref_netmem(netmem);
		*token = token_next(t);
		t->next = *token + 1;
		at = *token & t->mask;
		t->used[at / WORD_BITS] |= UINT64_C(1) << at % WORD_BITS;
		t->place[at].netmem = netmem;
		t->place[at].token = *token;
		__atomic_store_n(&t->out, t->out + 1, __ATOMIC_RELAXED);
		rc = 0;
	}
	rte_spinlock_unlock(&t->lock);
	return rc;
}

/* The reference of a token, which is out no more; 0: it was not. pre: holds the lock. */
static netmem_ref
token_take(struct page_pool_tokens *t, uint32_t token)
{
	uint32_t at = token & t->mask;

	if (!place_used(t, at) || t->place[at].token != token)
		return 0;
	t->used[at / WORD_BITS] &= ~(UINT64_C(1) << at % WORD_BITS);
	__atomic_store_n(&t->out, t->out - 1, __ATOMIC_RELAXED);
	return t->place[at].netmem;
}

int
page_pool_tokens_return(struct page_pool_tokens *t, const struct page_pool_token_range *ranges,
		unsigned int n_ranges)
{
	unsigned int n, looked = 0, returned = 0, i = 0;
	netmem_ref batch[BATCH];
	uint32_t k = 0;

	if (t == NULL || (ranges == NULL && n_ranges > 0))
		return -EINVAL;
	if (n_ranges > PAGE_POOL_TOKEN_RANGES_MAX)
		return -E2BIG;
	while (i < n_ranges && looked < PAGE_POOL_TOKEN_RETURN_MAX) {
		n = 0;
		rte_spinlock_lock(&t->lock);
		while (i < n_ranges && looked < PAGE_POOL_TOKEN_RETURN_MAX && n < BATCH) {
			if (k == ranges[i].count) {
				i++;
				k = 0;
				continue;
			}
			batch[n] = token_take(t, ranges[i].start + k++);
			n += batch[n] != 0;
			looked++;
		}
		rte_spinlock_unlock(&t->lock);
		page_pool_put_netmem_bulk(batch, n);
		returned += n;
	}
	return (int)returned;
}

uint32_t
page_pool_tokens_count(const struct page_pool_tokens *t)
{
	/* relaxed: written under the lock, read as it is */
	return __atomic_load_n(&t->out, __ATOMIC_RELAXED);
}

uint32_t
page_pool_tokens_destroy(struct page_pool_tokens *t)
{
	uint32_t at, returned = 0;
	netmem_ref batch[BATCH];
	unsigned int n = 0;

	if (t == NULL)
		return 0;
	/* the lock: what those who used the table have done */
	rte_spinlock_lock(&t->lock);
	for (at = 0; at <= t->mask; at++) {
		if (place_used(t, at))
			batch[n++] = t->place[at].netmem;
		if (n == BATCH || (n > 0 && at == t->mask)) {
			page_pool_put_netmem_bulk(batch, n);
			returned += n;
			n = 0;
		}
	}
	rte_spinlock_unlock(&t->lock);
	rte_free(t);
	return returned;
}
