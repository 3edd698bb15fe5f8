/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The library's page_pool (page_pool.h): two threads return a page of which each has a reference,
 * one of them another page, too, through the ring or, when that is full, to the provider; the third
 * one takes what comes through the ring, and ends the pool once all pages are back. Before, a
 * provider is registered by one and found by another.
 */

#define NOTHING 0
#define REF_A 1
#define REF_R 2
#define RING_A 3
#define RING_R 4
#define END_A 5
#define END_R 6
#define MP_A 7
#define MP_R 8

#define RING 0 /* number of the first page */
#define NEXT1 1
#define NEXT2 2
#define REFS 3     /* references of page 1: 1: the first one's, 2: the second one's */
#define PART1 4    /* what each has written to page 1, and the first one to page 2 */
#define PART2 5
#define PAGE2 6
#define RELEASED 7 /* pages that are back with the provider: 1, 2 */
#define USED1 8    /* what each has last looked at in the pool */
#define USED2 9
#define NR 10
#define ENTRY 11
#define NL 12
#define NT 3

#include "machine.pml"

#define FIRST 0
#define SECOND 1
#define ENDER 2

/* Who has a page in hand writes to all of it. */
inline touch(t, id)
{
	if
	:: id == 1 ->
		plain_write(t, PART1, 2);
		plain_write(t, PART2, 2)
	:: else -> plain_write(t, PAGE2, 2)
	fi
}

/* page_pool_return_netmem() */
inline release(t, id)
{
	touch(t, id);
	fetch_or(t, RELEASED, id, x, ORD(END_R, REL))
}

/* recycle_ring(); there is room or not */
inline recycle(t, id)
{
	plain_write(t, USED1 + t, 1);
	if
	:: load(t, RING, h, RLX);
		do
		:: store(t, NEXT1 + id - 1, h, RLX);
			cas(t, RING, h, id, ok, ORD(RING_R, REL));
			if
			:: ok -> break
			:: else -> load_newest(t, RING, h, RLX)
			fi
		od
	:: release(t, id)
	fi
}

/* page_pool_put_full_netmem() of page 1 */
inline put(t, mine)
{
	load(t, REFS, x, ORD(REF_A, ACQ));
	if
	:: x == mine -> store(t, REFS, 0, RLX)
	:: else ->
		fetch_and(t, REFS, 3 - mine, x,
			(BREAK == REF_A -> REL : (BREAK == REF_R -> ACQ : AR)))
	fi;
	if
	:: x == mine -> recycle(t, 1)
	:: else
	fi
}

proctype first()
{
	byte h, x;
	bool ok;

	/* memory_provider_register() */
	plain_write(FIRST, ENTRY, 1);
	store(FIRST, NR, 1, ORD(MP_R, REL));
	plain_write(FIRST, PAGE2, 1);
	recycle(FIRST, 2);
	plain_write(FIRST, PART1, 1);
	put(FIRST, 1)
}

proctype second()
{
	byte h, x;
	bool ok;

	/* provider_find() */
	load(SECOND, NR, x, ORD(MP_A, ACQ));
	if
	:: x == 1 -> plain_read(SECOND, ENTRY, x)
	:: else
	fi;
	plain_write(SECOND, PART2, 1);
	put(SECOND, 2)
}

/* pool_ended(), twice */
proctype ender()
{
	byte h, x, next, passes;

	do
	:: passes == 2 -> break
	:: else ->
		passes++;
		load(ENDER, RING, h, RLX);
		if
		:: h != 0 -> exchange(ENDER, RING, 0, h, ORD(RING_A, ACQ))
		:: else
		fi;
		do
		:: h == 0 -> break
		:: else ->
			load(ENDER, NEXT1 + h - 1, next, RLX);
			release(ENDER, h);
			h = next
		od;
		load(ENDER, RELEASED, x, ORD(END_A, ACQ));
		if
		:: x == 3 ->
			plain_write(ENDER, USED1, 2);
			plain_write(ENDER, USED2, 2);
			break
		:: else
		fi
	od
}

init {
	atomic {
		BEGIN;
		INITIAL(REFS, 3);
		run first();
		run second();
		run ender()
	}
}
