/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * I9 Off-page metadata. That what freers write and what owners write are different lines is
 * asserted at compile time in the private headers. Here: no descriptor, slot or other memory of the
 * pool shares a line with a fragment, descriptors of neighbours share no line, and the descriptors
 * of pages do not all fall into the same cache sets.
 */

#include <inttypes.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

/* what is asked here is private */
#include <frag_pool_private.h>

#include "inv_common.h"

static bool
disjoint(const void *a, size_t a_len, const void *b, size_t b_len)
{
	uintptr_t a_first = (uintptr_t)a / 64, a_last = ((uintptr_t)a + a_len - 1) / 64;
	uintptr_t b_first = (uintptr_t)b / 64, b_last = ((uintptr_t)b + b_len - 1) / 64;

	return a_last < b_first || b_last < a_first;
}

int
main(int argc, char **argv)
{
	const struct frag_page *page, *prev = NULL;
	uint32_t id, sets[64] = { 0 }, most = 0, size = 62 * 200;
	struct frag_pool_params params = {
		.name = "layout",
		.size = size,
		.frag_size = 2176,
		.cache_size = 0,
		.socket_id = -1,
	};
	const struct page_dir *dir;
	const struct frag_slot *s;
	struct frag_pool *fp;
	uint32_t used;
	size_t len;
	uint8_t *mem;
	void *frag;
	int rc;

	inv_start(argc, argv, "I9 off-page metadata", 1);
	snprintf(inv_what, sizeof(inv_what), "layout");
	len = (size_t)size * params.frag_size;
	/* from the same heap as the pool itself: neighbours, if there can be any */
	mem = rte_malloc(NULL, len, 0);
	INV_NEED(mem != NULL, "no memory");
	fp = frag_pool_create(&params);
	INV_NEED(fp != NULL, "no pool");
	rc = frag_pool_add_chunk(fp, mem, len, 0, size, NULL, NULL);
	INV_CHECK(rc == (int)size, "chunk: %d", rc);
	rc = frag_pool_get(fp, &frag, 1);
	INV_CHECK(rc == 0, "get: %d", rc);
	dir = &fp->chunks.provider.dir;
	INV_CHECK(disjoint(fp, sizeof(*fp), mem, len), "the pool shares a line with fragments");
	for (id = 1; id < FRAG_POOL_SLOTS; id++) {
		s = atomic_load(&fp->slots[id]);
		if (s != NULL && s->room != 0)
			INV_CHECK(disjoint(s, sizeof(*s) + s->room * sizeof(void *), mem, len) &&
							(uintptr_t)s % 64 == 0,
					"slot %u shares a line", id);
	}
	for (id = 1; id <= page_dir_used(dir); id++) {
		page = page_of(dir, id);
		INV_CHECK(disjoint(page, sizeof(*page), mem, len),
				"page %u: its descriptor shares "
				"a line with fragments",
				id);
		INV_CHECK((uintptr_t)page % 64 == 0 &&
						(prev == NULL ||
								disjoint(page, sizeof(*page), prev,
										sizeof(*prev))),
				"page %u: its "
				"descriptor shares a line with its neighbour's",
				id);
		INV_CHECK(disjoint(&page->word, sizeof(page->word), &page->lo, sizeof(page->lo)),
				"page %u: what freers write shares a line with what is only read",
				id);
		/* sets of a first-level cache of 64 sets */
		most = RTE_MAX(most, ++sets[(uintptr_t)page / 64 % 64]);
		INV_CHECK(page->lo == (uintptr_t)mem + (size_t)(id - 1) * 62 * params.frag_size &&
						page->nr_frags == 62,
				"page %u is at %#zx and has %u", id, (size_t)page->lo,
				page->nr_frags);
		prev = page;
	}
	used = page_dir_used(dir);
	INV_CHECK(most <= used / 32 + 2, "%u of %u descriptors in one cache set", most, used);
	printf("%u descriptors, at most %u of them in one of 64 cache sets\n", used, most);
	rc = frag_pool_put(fp, &frag, 1);
	INV_CHECK(rc == 0, "put: %d", rc);
	inv_pool_check(fp, "at the end");
	frag_pool_destroy(fp);
	rte_free(mem);
	inv_exit();
}
