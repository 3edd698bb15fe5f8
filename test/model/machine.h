/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A machine with weak memory, for the models of this directory. Included into the verifier that
 * spin makes; all of its state is part of spin's.
 *
 * Each location keeps all messages (values) ever written to it. Each thread has a view: the oldest
 * message of each location that it may still read. A relaxed load reads any message that is not
 * older than the thread's view, so a store may stay unseen for as long as nothing orders it - in a
 * store buffer, say, or in an invalidation queue - and stores to different locations become
 * visible in any order. A release hands the writer's view over with the message, an acquire adds
 * it to the reader's. A read-modify-write reads the newest message and hands on what that one
 * carried (release sequences). Fences are C11's; a heavy fence makes each thread execute one.
 *
 * Plain data (caches, blocks, the users' bytes) must not race: whoever touches it must have every
 * earlier access in its view. That is how a missing ordering comes to light.
 *
 * Not modelled: a store that the memory places *before* another thread's store to the same
 * location that happened earlier; a store that overtakes a load before it in its thread's program
 * (load buffering); values out of thin air.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h" /* the constants of the model: locations, steps, sizes */

#define RLX 0
#define ACQ 1
#define REL 2
#define AR 3

#ifndef NT
#define NT 3 /* threads, the ghost's not included */
#endif
#ifndef NM
#define NM 12 /* messages of one location */
#endif

struct machine {
	unsigned char nr[NL]; /* messages there are, from 1; message 0 is the initial one */
	unsigned char val[NL][NM];
	unsigned char with[NL][NM][NL]; /* view that comes with it */
	unsigned char view[NT][NL];
	unsigned char rel[NT][NL]; /* view at the last release fence */
	unsigned char acq[NT][NL]; /* what an acquire fence would add */
	unsigned char sc[NL];
};

static void
view_join(unsigned char *to, const unsigned char *from)
{
	int i;

	for (i = 0; i < NL; i++)
		if (from[i] > to[i])
			to[i] = from[i];
}

static int
m_append(struct machine *m, int t, int loc, int v)
{
	int k = ++m->nr[loc];

	if (k >= NM) {
		printf("model: location %d has more than %d messages\n", loc, NM);
		exit(2);
	}
	m->val[loc][k] = (unsigned char)v;
	m->view[t][loc] = (unsigned char)k;
	return k;
}

/* Read message k, which the model chose from m_oldest() to m_newest(). */
static int
m_read(struct machine *m, int t, int loc, int k, int order)
{
	m->view[t][loc] = (unsigned char)k;
	view_join(m->acq[t], m->with[loc][k]);
	if (order & ACQ)
		view_join(m->view[t], m->with[loc][k]);
	return m->val[loc][k];
}

static void
m_store(struct machine *m, int t, int loc, int v, int order)
{
	int k = m_append(m, t, loc, v);

	memcpy(m->with[loc][k], order & REL ? m->view[t] : m->rel[t], NL);
	m->with[loc][k][loc] = (unsigned char)k;
}

/* Read the newest and write v behind it; returns what was read. */
static int
m_exchange(struct machine *m, int t, int loc, int v, int order)
{
	int last = m->nr[loc], old = m_read(m, t, loc, last, order);

	m_store(m, t, loc, v, order);
	view_join(m->with[loc][m->nr[loc]], m->with[loc][last]);
	return old;
}

static int
m_newest(const struct machine *m, int loc)
{
	return m->val[loc][m->nr[loc]];
}

static void
m_fence(struct machine *m, int t, int order)
{
	if (order & ACQ)
		view_join(m->view[t], m->acq[t]);
	if (order & REL)
		memcpy(m->rel[t], m->view[t], NL);
}

static void
m_fence_sc(struct machine *m, int t)
{
	m_fence(m, t, ACQ);
	view_join(m->view[t], m->sc);
	memcpy(m->sc, m->view[t], NL);
	m_fence(m, t, REL);
}

/* Plain data: one access at a time. A read counts as an access, too: who writes next must have it
 * in view.
 */
static int
m_plain(struct machine *m, int t, int loc)
{
	if (m->view[t][loc] != m->nr[loc])
		return 0;
	m->view[t][loc] = (unsigned char)m_append(m, t, loc, m->val[loc][m->nr[loc]]);
	return 1;
}

static void
m_plain_set(struct machine *m, int loc, int v)
{
	m->val[loc][m->nr[loc]] = (unsigned char)v;
}

/* Plain data that is never written again: read by many. A later write would not be noticed. */
static int
m_published(const struct machine *m, int t, int loc)
{
	return m->view[t][loc] == m->nr[loc];
}

/* The kernel says that a thread is dead: all it did is seen. */
static void
m_saw_dead(struct machine *m, int t, int dead)
{
	view_join(m->view[t], m->view[dead]);
}
