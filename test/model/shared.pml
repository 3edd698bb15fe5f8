/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * What one thread at a time may have, without any fence: a slot that threads share, and the right to
 * rob others (`reclaim`). Two threads claim it, work in it and let go; one may die at any step, and
 * whoever finds its claim takes it over and repairs.
 */

#define NOTHING 0
#define CLAIM_A 1
#define CLAIM_R 2
#define SLOT_R 3   /* counters are seen before what the caller writes next */
#define REPAIRED 4 /* who takes over repairs before anything else */

#define WANTED 0
#define CACHE 1 /* what is in the slot, plain data: 1 while it is half done */
#define COUNT 2
#define TOLD 3 /* a user's own flag */
#define NL 4
#define NT 3

#include "machine.pml"

#define READER 2

#ifndef DEATHS
#define DEATHS 1
#endif

byte deaths = DEATHS;
bool dead[NT];

#define MORTAL(t) if :: deaths > 0 -> deaths--; dead[t] = true; goto died :: true fi

/* slot_acquire_shared(), claim_take(); `other` is the only other one */
proctype user(byte me; byte other)
{
	byte x, repair, n, told;
	bool ok;

	do
	:: cas(me, WANTED, 0, me + 1, ok, ORD(CLAIM_A, ACQ));
		if
		:: ok -> break
		:: else
		fi
	:: dead[other] ->
		saw_dead(me, other);
		cas(me, WANTED, other + 1, me + 1, ok, ACQ);
		if
		:: ok ->
			repair = (BREAK != REPAIRED);
			break
		:: else
		fi
	od;
	MORTAL(me);
	plain_read(me, CACHE, x);
	if
	:: repair -> plain_write(me, CACHE, 0)
	:: else -> assert(x == 0) /* half done work of the dead */
	fi;
	MORTAL(me);
	plain_write(me, CACHE, 1);
	MORTAL(me);
	plain_write(me, CACHE, 0);
	load(me, COUNT, n, RLX);
	n++;
	store(me, COUNT, n, RLX);
	if
	:: /* slot_release() */
		if
		:: BREAK != SLOT_R -> fence(me, REL);
			told = 1
		:: BREAK == SLOT_R -> told = 1
		fi
	:: true /* claim_drop() of `reclaim` */
	fi;
	MORTAL(me);
	store(me, WANTED, 0, ORD(CLAIM_R, REL));
	if
	:: told != 0 -> store(me, TOLD, 1, RLX)
	:: else
	fi;
died:
	skip
}

proctype reader()
{
	byte x, n;

	load(READER, TOLD, x, ACQ);
	load(READER, COUNT, n, RLX);
	assert(x == 0 || n != 0)
}

init {
	atomic {
		BEGIN;
		run user(0, 1);
		run user(1, 0);
		run reader()
	}
}
