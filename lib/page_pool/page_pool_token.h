/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PAGE_POOL_TOKEN_H_
#define _PAGE_POOL_TOKEN_H_

/**
 * @file
 * Tokens: references to pages for a consumer outside, which has no handles: an application's
 * thread, or whoever speaks for another process. The program tells it a token, and where in the
 * page its data lie; the consumer says which tokens it is done with. What it says is not trusted: a
 * number that is not out is passed over. After the kernel's receive of device memory.
 *
 * A token is one reference of a page, whether it stands for all of the page or for a piece. Numbers
 * follow each other and come again after 2^32 only, so that a range names many, and one that was
 * returned already is known. 0 is no token.
 *
 * A table of tokens is one consumer's. It belongs to one process; its lock is held for as long as
 * it takes to look at some hundred numbers, and not while pages are returned.
 */

#include <stdint.h>

#include "netmem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most tokens of a table. */
#define PAGE_POOL_TOKENS_MAX (1u << 20)

/** Most ranges of one page_pool_tokens_return(). */
#define PAGE_POOL_TOKEN_RANGES_MAX 128

/** Most tokens of one page_pool_tokens_return(). */
#define PAGE_POOL_TOKEN_RETURN_MAX 1024

/** Tokens of one consumer. */
struct page_pool_tokens;

/** Tokens that follow each other; past UINT32_MAX comes 0. */
struct page_pool_token_range {
	uint32_t start; /**< First one. */
	uint32_t count; /**< Number of them. */
};

/**
 * Make a table.
 *
 * Control path, any thread.
 *
 * @param max
 *   Tokens that may be out at a time: 1 to PAGE_POOL_TOKENS_MAX. Takes 33 to 65 bytes for each.
 * @param socket
 *   NUMA node of the table, or SOCKET_ID_ANY.
 * @return
 *   The table, or NULL with rte_errno: EINVAL: max; ENOMEM.
 */
struct page_pool_tokens *page_pool_tokens_create(uint32_t max, int socket);

/**
 * End a table: its consumer is gone. Nobody uses the table any more. What is out is returned.
 *
 * Control path, any thread.
 *
 * @param tokens
 *   Table; NULL: nothing happens.
 * @return
 *   Number of tokens that were out.
 */
uint32_t page_pool_tokens_destroy(struct page_pool_tokens *tokens);

/**
 * Make a token for a page. As in the kernel it is a reference of its own: the caller keeps the one
 * that it has, and returns that when it likes.
 *
 * Any thread, also while others call for the same table.
 *
 * @param tokens
 *   Table.
 * @param netmem
 *   Handle of which the caller has a reference.
 * @param token
 *   Where to put the token. Unchanged on failure.
 * @return
 *   0, -EINVAL: NULL, 0, or a page that nobody has a reference to; -ENOSPC: as many tokens are out
 *   as the table has room for. Nothing happened then.
 */
int page_pool_token_give(struct page_pool_tokens *tokens, netmem_ref netmem, uint32_t *token);

/**
 * Return tokens: their references go back to their pages' pools (page_pool_put_netmem_bulk()).
 * Numbers that are not out are passed over. Looks at the first PAGE_POOL_TOKEN_RETURN_MAX numbers
 * of the ranges, in their order; who has more calls again with those that follow.
 *
 * Any thread, also while others call for the same table. What the consumer did to a page is seen by
 * who gets it from the pool next.
 *
 * @param tokens
 *   Table.
 * @param ranges
 *   Ranges.
 * @param n_ranges
 *   Number of them.
 * @return
 *   Number of tokens returned; -EINVAL: NULL; -E2BIG: more than PAGE_POOL_TOKEN_RANGES_MAX ranges.
 */
int page_pool_tokens_return(struct page_pool_tokens *tokens,
		const struct page_pool_token_range *ranges, unsigned int n_ranges);

/**
 * Tokens that are out. Any thread; exact at rest.
 *
 * @param tokens
 *   Table.
 * @return
 *   Tokens.
 */
uint32_t page_pool_tokens_count(const struct page_pool_tokens *tokens);

#ifdef __cplusplus
}
#endif

#endif /* _PAGE_POOL_TOKEN_H_ */
