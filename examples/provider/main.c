/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A memory provider of one's own: pages of a file, which others can read while packets are in them.
 * The provider has the memory and a descriptor for each page; a page_pool takes pages from it and
 * gives them back, and mbufs are cut out of these. What the mbufs hold is then read from the file.
 *
 *	build/examples/provider -- -n 10000
 *	build/examples/provider -- -n 10000 -f /dev/hugepages/packets
 *
 * -n PACKETS	how many (10000)
 * -f FILE	a new one, removed at the end; without it: one that has no name (memfd)
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include <memory_provider.h>
#include <page_pool.h>
#include <page_pool_mbuf.h>

#define FILE_BYTES (8u << 20)
#define PAGE_ORDER 3 /* 32 KB */
#define MBUFS 1023
#define BURST 256

/* ---- the provider; it serves one pool */

struct file {
	pthread_mutex_t lock;
	void *room;    /* address space; our pages are somewhere in it */
	uint8_t *base; /* the first page: aligned to its size, as all of them */
	uint32_t nr;
	struct netmem_desc *free; /* linked by next, which is ours while a page is with us */
	struct netmem_desc *desc;
};

/* Map the file at a multiple of its pages' size, and of 2 MB, which a hugetlbfs wants. */
static bool
file_map(struct file *f, int fd)
{
	f->room = mmap(NULL, 2 * FILE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->room == MAP_FAILED)
		return false;
	f->base = RTE_PTR_ALIGN_CEIL(f->room, FILE_BYTES);
	/* MAP_POPULATE: memory that is not there is missed now */
	return mmap(f->base, FILE_BYTES, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) != MAP_FAILED;
}

static void
file_free(struct file *f)
{
	munmap(f->room, 2 * FILE_BYTES);
	free(f->desc);
	free(f);
}

static int
file_init(struct page_pool *pool)
{
	const int *fd = page_pool_mp_priv(pool);
	const size_t page_size = page_pool_page_size(pool);
	struct file *f = calloc(1, sizeof(*f));
	struct netmem_desc *d;
	uint32_t i;

	if (f == NULL)
		return -ENOMEM;
	f->nr = (uint32_t)(FILE_BYTES / page_size);
	f->desc = aligned_alloc(alignof(struct netmem_desc), f->nr * sizeof(*f->desc));
	if (f->desc == NULL || !file_map(f, *fd) ||
			memory_provider_map_va(f->base, page_size, f->nr, f->desc) != 0) {
		file_free(f);
		return -ENOMEM;
	}
	memset(f->desc, 0, f->nr * sizeof(*f->desc));
	for (i = f->nr; i-- > 0;) {
		d = &f->desc[i];
		d->addr = f->base + i * page_size;
		/* a provider for devices registers the memory with EAL: rte_extmem_register() */
		d->dma_addr = RTE_BAD_IOVA;
		d->nid = -1;
		d->next = f->free;
		f->free = d;
	}
	pthread_mutex_init(&f->lock, NULL);
	page_pool_set_mp_priv(pool, f);
	return 0;
}

/* All pages are back. */
static void
file_destroy(struct page_pool *pool)
{
	struct file *f = page_pool_mp_priv(pool);

	memory_provider_unmap_va(f->base, page_pool_page_size(pool), f->nr);
	pthread_mutex_destroy(&f->lock);
	file_free(f);
}

static netmem_ref
file_alloc(struct page_pool *pool)
{
	struct file *f = page_pool_mp_priv(pool);
	struct netmem_desc *d;

	pthread_mutex_lock(&f->lock);
	d = f->free;
	if (d != NULL)
		f->free = d->next;
	pthread_mutex_unlock(&f->lock);
	return d == NULL ? 0 : nmdesc_to_netmem(d);
}

static void
file_release(struct page_pool *pool, netmem_ref netmem)
{
	struct file *f = page_pool_mp_priv(pool);
	struct netmem_desc *d = netmem_to_nmdesc(netmem);

	pthread_mutex_lock(&f->lock);
	d->next = f->free;
	f->free = d;
	pthread_mutex_unlock(&f->lock);
}

static const struct memory_provider_ops file_ops = {
	.name = "file",
	.init = file_init,
	.destroy = file_destroy,
	.alloc_netmems = file_alloc,
	.release_netmem = file_release,
	/* the other functions are for telemetry and for devices */
};

/* ---- its use */

/* Where a segment's data lies in the file: pages follow each other there as in memory. */
static off_t
file_offset(const struct file *f, const struct rte_mbuf *m)
{
	return (off_t)RTE_PTR_DIFF(rte_pktmbuf_mtod(m, uint8_t *), f->base);
}

/* Packets of all sizes; each is read from the file. Returns how many were right. */
static uint32_t
burst(struct page_pool_mbuf_cache *mc, const struct file *f, int fd, uint32_t first, uint32_t n)
{
	uint8_t read_back[2048];
	struct rte_mbuf *m[BURST];
	uint32_t i, len, right = 0;

	for (i = 0; i < n; i++) {
		len = 64 + (first + i) * 7 % (sizeof(read_back) - 64);
		m[i] = page_pool_mbuf_alloc(mc, RTE_PKTMBUF_HEADROOM, len);
		if (m[i] == NULL)
			break;
		memset(rte_pktmbuf_append(m[i], (uint16_t)len), (int)(first + i) & 0xff, len);
	}
	n = i;
	for (i = 0; i < n; i++) {
		len = m[i]->pkt_len;
		right += pread(fd, read_back, len, file_offset(f, m[i])) == (ssize_t)len &&
				memcmp(read_back, rte_pktmbuf_mtod(m[i], void *), len) == 0 &&
				read_back[len - 1] == ((first + i) & 0xff);
	}
	rte_pktmbuf_free_bulk(m, n);
	return right;
}

int
main(int argc, char **argv)
{
	struct page_pool_params params = {
		.name = "file",
		.order = PAGE_ORDER,
		.nid = SOCKET_ID_ANY,
		.owner = PAGE_POOL_OWNER_THREAD,
		.provider = "file",
	};
	uint32_t packets = 10000, right = 0, i;
	struct page_pool_mbuf_cache mc;
	const char *name = NULL;
	struct rte_mempool *bare;
	struct page_pool *pool;
	int rc, opt, fd;
	bool whole;

	rc = rte_eal_init(argc, argv);
	if (rc < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	while ((opt = getopt(argc - rc, argv + rc, "n:f:")) != -1) {
		if (opt == 'n')
			packets = (uint32_t)strtoul(optarg, NULL, 0);
		else if (opt == 'f')
			name = optarg;
		else
			rte_exit(EXIT_FAILURE, "usage: provider ... -- [-n PACKETS] [-f FILE]\n");
	}
	fd = name == NULL ? memfd_create("packets", 0) :
			    open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, FILE_BYTES) != 0)
		rte_exit(EXIT_FAILURE, "file: %s\n", strerror(errno));
	params.mp_priv = &fd;
	rc = memory_provider_register(&file_ops);
	if (rc != 0)
		rte_exit(EXIT_FAILURE, "provider: %s\n", rte_strerror(-rc));
	pool = page_pool_create(&params);
	bare = rte_pktmbuf_pool_create("bare", MBUFS, 32, 0, 0, SOCKET_ID_ANY);
	if (pool == NULL || bare == NULL)
		rte_exit(EXIT_FAILURE, "pools: %s\n", rte_strerror(rte_errno));
	rc = page_pool_mbuf_cache_init(&mc, bare, pool, NULL,
			PAGE_POOL_MBUF_F_NO_IOVA | PAGE_POOL_MBUF_F_OWNED);
	if (rc != 0)
		rte_exit(EXIT_FAILURE, "cache: %s\n", rte_strerror(-rc));
	for (i = 0; i < packets; i += BURST)
		right += burst(&mc, page_pool_mp_priv(pool), fd, i,
				RTE_MIN((uint32_t)BURST, packets - i));
	printf("%" PRIu32 " of %" PRIu32 " packets were read from the file\n", right, packets);
	page_pool_mbuf_cache_drain(&mc);
	whole = rte_mempool_full(bare) && page_pool_destroy(pool) == 0;
	rte_mempool_free(bare);
	if (name != NULL)
		unlink(name);
	rte_eal_cleanup();
	return right == packets && whole ? 0 : 1;
}
