/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Lists of pages (frag_page.h): two threads pop, two push, all at once. What is linked twice, or
 * not at all, comes to light when all is done; what is not handed over with a page, as a race.
 */

#define NOTHING 0
#define LIST_A 1
#define LIST_R 2
#define LIST_TAG 3 /* a pop changes the tag */

#define HEAD 0 /* tag * 4 + number */
#define NEXT1 1
#define NEXT2 2
#define NEXT3 3
#define HAND1 4 /* what only who has the page in hand touches */
#define HAND2 5
#define HAND3 6
#define NL 7
#define NT 4

#include "machine.pml"

#define ONE 0
#define TWO 1
#define PUSHER 2
#define JUDGE 3

byte ended;

/* page_list_push_chain() */
inline push(t, id)
{
	plain_read(t, HAND1 + id - 1, x);
	load(t, HEAD, h, RLX);
	do
	:: store(t, NEXT1 + id - 1, h & 3, RLX);
		cas(t, HEAD, h, (h & 252) | id, ok, ORD(LIST_R, REL));
		if
		:: ok -> break
		:: else -> load_newest(t, HEAD, h, RLX)
		fi
	od
}

/* page_list_pop(); 0: none */
inline pop(t, id)
{
	id = 0;
	load(t, HEAD, h, ORD(LIST_A, ACQ));
	do
	:: (h & 3) == 0 -> break
	:: else ->
		load(t, NEXT1 + (h & 3) - 1, x, RLX);
		if
		:: BREAK != LIST_TAG -> x = x | ((h & 252) + 4)
		:: else -> x = x | (h & 252)
		fi;
		cas(t, HEAD, h, x, ok, ORD(LIST_A, ACQ));
		if
		:: ok ->
			id = h & 3;
			break
		:: else -> load_newest(t, HEAD, h, ORD(LIST_A, ACQ))
		fi
	od;
	if
	:: id != 0 -> plain_write(t, HAND1 + id - 1, t)
	:: else
	fi
}

proctype one()
{
	byte h, x, id;
	bool ok;

	pop(ONE, id);
	if
	:: id != 0 -> push(ONE, id)
	:: else
	fi;
	atomic { ended++ }
}

/* Takes two and gives the first one back: what a slow popper takes for no change at all. */
proctype two()
{
	byte h, x, id, kept;
	bool ok;

	pop(TWO, id);
	pop(TWO, kept);
	if
	:: id != 0 -> push(TWO, id)
	:: else
	fi;
	if
	:: kept != 0 -> push(TWO, kept)
	:: else
	fi;
	atomic { ended++ }
}

proctype pusher()
{
	byte h, x;
	bool ok;

	push(PUSHER, 3);
	atomic { ended++ }
}

/* All three pages are in the list, once. */
proctype judge()
{
	byte h, x, seen, k;

	atomic {
		ended == 3;
		saw_dead(JUDGE, ONE);
		saw_dead(JUDGE, TWO);
		saw_dead(JUDGE, PUSHER);
		load(JUDGE, HEAD, h, RLX);
		h = h & 3;
		do
		:: h == 0 -> break
		:: else ->
			assert((seen & (1 << h)) == 0);
			seen = seen | (1 << h);
			load(JUDGE, NEXT1 + h - 1, x, RLX);
			h = x
		od;
		assert(seen == 14)
	}
}

init {
	atomic {
		BEGIN;
		INITIAL(HEAD, 1);
		INITIAL(NEXT1, 2);
		run one();
		run two();
		run pusher();
		run judge()
	}
}
