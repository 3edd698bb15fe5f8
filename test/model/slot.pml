/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A slot: who may work in it. An owner makes a few calls, a thief empties the cache into a page, and
 * either may die at any step; a second thief comes after them. The cache is plain data.
 *
 * Two fragments, bits 1 and 2, begin in the cache. The owner flushes it and takes what the page
 * has: the two ways in which fragments move.
 */

/* Steps of the code that can be broken (-DBREAK=...) */
#define NOTHING 0
#define CLAIM_A 1
#define CLAIM_R 2
#define SLOT_A 3
#define SLOT_R 4
#define FENCE_H 5
#define FENCE_L 6
#define POS_FIRST 7    /* a fragment leaves the cache before its page has it */
#define WORD_FIRST 8   /* and its page before the cache has it */
#define REPAIR_WAITS 9 /* a thief that took over a dead thief's claim fences and waits again */
#define OWNER_LOOKS 10 /* an owner that finds its slot claimed goes away */

/* Locations */
#define INSIDE 0
#define WANTED 1
#define WORD 2 /* of the page: free fragments */
#define CACHE 3
#define DATA 4 /* of fragment 1: whoever has it writes it */
#define NL 5
#define NT 3

#include "machine.pml"

#define OWNER 0
#define THIEF 1
#define HEIR 2

#ifndef DEATHS
#define DEATHS 1
#endif

byte deaths = DEATHS;
bool dead[NT];
bool done[NT];

/* A thread may die before each step. */
#define MORTAL(t) if :: deaths > 0 && t != HEIR -> deaths--; dead[t] = true; goto died :: true fi

/* Move fragments between cache and page. A bit that is set already was in two places. */
inline to_page(t, bits)
{
	fetch_or(t, WORD, bits, x, AR);
	assert((x & bits) == 0);
}

/* A call of the owner: flush what is in the cache, or take what the page has. */
inline work(t, flush)
{
	plain_read(t, CACHE, c);
	MORTAL(t);
	if
	:: flush && c != 0 ->
		if
		:: BREAK != POS_FIRST ->
			plain_write(t, CACHE, 0);
			MORTAL(t);
			to_page(t, c)
		:: else ->
			to_page(t, c);
			MORTAL(t);
			plain_write(t, CACHE, 0)
		fi
	:: !flush ->
		if
		:: BREAK != WORD_FIRST ->
			exchange(t, WORD, 0, x, AR);
			if
			:: (x & 1) != 0 -> plain_write(t, DATA, t + 1)
			:: else
			fi;
			MORTAL(t);
			assert((x & c) == 0);
			plain_write(t, CACHE, c | x)
		:: else ->
			load(t, WORD, x, ACQ);
			plain_write(t, CACHE, c | x);
			MORTAL(t);
			fetch_and(t, WORD, 3 - x, x, AR)
		fi
	:: else
	fi
}

proctype owner()
{
	byte x, c, w;
	byte calls = 2;

	do
	:: calls > 0 ->
		calls--;
		MORTAL(OWNER);
		if
		:: BREAK != FENCE_L ->
			store(OWNER, INSIDE, 1, RLX);
			MORTAL(OWNER);
			load(OWNER, WANTED, w, ORD(CLAIM_A, ACQ))
		:: else ->
			/* what the compiler could make of it */
			load(OWNER, WANTED, w, ACQ);
			store(OWNER, INSIDE, 1, RLX)
		fi;
		MORTAL(OWNER);
		if
		:: w == 0 || BREAK == OWNER_LOOKS ->
			if
			:: calls == 1 -> work(OWNER, true)
			:: else -> work(OWNER, false)
			fi
		:: else
		fi;
		MORTAL(OWNER);
		if
		:: BREAK != SLOT_R -> fence(OWNER, REL)
		:: else
		fi;
		store(OWNER, INSIDE, 0, RLX)
	:: else -> break
	od;
died:
	done[OWNER] = true
}

/* The heavy fence, as far as it concerns these threads. */
inline heavy(t)
{
	if
	:: BREAK != FENCE_H ->
		fence_sc(t);
		fence_sc(OWNER);
		fence_sc(t)
	:: else
	fi
}

/* Claim the slot, wait until its owner is outside or dead, empty it, let it go. */
inline rob(t)
{
	holder = 0;
	do
	:: cas(t, WANTED, 0, t + 1, ok, ORD(CLAIM_A, ACQ));
		if
		:: ok -> break
		:: else
		fi
	:: dead[THIEF] && t != THIEF ->
		saw_dead(t, THIEF);
		cas(t, WANTED, THIEF + 1, t + 1, ok, ORD(CLAIM_A, ACQ));
		if
		:: ok -> holder = THIEF + 1; break
		:: else
		fi
	od;
	MORTAL(t);
	if
	:: holder != 0 && BREAK == REPAIR_WAITS
	:: else ->
		heavy(t);
		MORTAL(t);
		do
		:: load(t, INSIDE, x, ORD(SLOT_A, ACQ));
			if
			:: x == 0 -> break
			:: else
			fi
		:: dead[OWNER] ->
			saw_dead(t, OWNER);
			break
		od
	fi;
	MORTAL(t);
	plain_read(t, CACHE, c);
	if
	:: c != 0 ->
		MORTAL(t);
		plain_write(t, CACHE, 0);
		MORTAL(t);
		to_page(t, c)
	:: else
	fi;
	MORTAL(t);
	store(t, WANTED, 0, ORD(CLAIM_R, REL))
}

proctype thief()
{
	byte x, c, holder;
	bool ok;

	rob(THIEF);
died:
	done[THIEF] = true
}

/* Comes later, and takes over what the dead left. */
proctype heir()
{
	byte x, c, holder;
	bool ok;

	rob(HEIR);
	/* what is free is in the page now, or the owner took it since */
	exchange(HEIR, WORD, 0, x, AR);
	if
	:: (x & 1) != 0 -> plain_write(HEIR, DATA, 9)
	:: else
	fi;
	(done[OWNER] && done[THIEF]);
	saw_dead(HEIR, OWNER);
	saw_dead(HEIR, THIEF);
	plain_read(HEIR, CACHE, c);
	assert((x & c) == 0);
	exchange(HEIR, WORD, 0, holder, AR);
	assert((x & holder) == 0 && (c & holder) == 0);
	/* nothing is lost unless somebody died */
	assert((x | c | holder) == 3 || dead[OWNER] || dead[THIEF]);
	goto end;
died:
	assert(false);
end:
	done[HEIR] = true
}

init {
	atomic {
		BEGIN;
		INITIAL(CACHE, 3);
		run owner();
		run thief();
		run heir()
	}
}
