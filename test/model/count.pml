/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The counts (frag_pool_ctl.c): two threads with a slot each free and take fragments of a page, of
 * which one is free at any time, while somebody counts. The low count is never above 2, nor above
 * what a thread that was told of a get can know, whoever puts what was got (I3); the high count is
 * never below 1 (I2).
 */

#define NOTHING 0
#define COUNT_A 1
#define COUNT_R 2
#define GETS_A 3
#define GETS_R 4
#define SLOT_R 5    /* counters are seen before what the caller writes next */
#define LOW_ORDER 6 /* puts are read first */
#define HIGH_ORDER 7 /* gets are read first */
#define COUNT_FIRST 8 /* puts are counted before anybody can get what was put */

#define WORD 0 /* free fragments */
#define GETS0 1
#define PUTS0 2
#define GETS1 3
#define PUTS1 4
#define TOLD 5 /* a user's own flag: it has got a fragment, and keeps it */
#define HAND 6 /* another one: it has got a fragment, which the other thread puts */
#define NL 7
#define NT 3
#define NM 8

#include "machine.pml"

#define COUNTER 2

/* slot_count_gets(), by thread t, which has counted `gets` */
inline get(t, bits, own)
{
	/* the fragment that it takes: only when another one stays */
	atomic {
		newest(WORD, x);
		got = (x == 3);
		if
		:: got -> fetch_and(t, WORD, 3 - bits, x, AR)
		:: else
		fi
	}
	if
	:: got ->
		if
		:: BREAK != GETS_R -> fence(t, REL)
		:: else
		fi;
		own++;
		store(t, GETS0 + 2 * t, own, RLX)
	:: else
	fi
}

inline put(t, bits, own)
{
	own++;
	if
	:: BREAK != COUNT_FIRST ->
		store(t, PUTS0 + 2 * t, own, ORD(COUNT_R, REL));
		fetch_or(t, WORD, bits, x, AR)
	:: else ->
		fetch_or(t, WORD, bits, x, AR);
		store(t, PUTS0 + 2 * t, own, REL)
	fi
}

/* Has fragment 1, and puts it. */
proctype zero()
{
	byte x, puts, gets = 1;
	bool got;

	put(0, 1, puts);
	get(0, 1, gets);
	if
	:: got ->
		if
		:: BREAK != SLOT_R -> fence(0, REL)
		:: else
		fi;
		if
		:: store(0, TOLD, 1, RLX)
		:: store(0, HAND, 1, RLX)
		fi
	:: else
	fi
}

proctype one()
{
	byte x, puts, gets;
	bool got;

	get(1, 2, gets);
	if
	:: got -> put(1, 2, puts)
	:: else
	fi;
	load(1, HAND, x, ACQ);
	if
	:: x != 0 -> put(1, 1, puts)
	:: else
	fi
}

#define LOADS(a, b, order) load(COUNTER, a, x, order); load(COUNTER, b, y, order)

proctype counter()
{
	byte x, y, told;
	short puts, gets;

	if
	:: true -> /* low */
		load(COUNTER, TOLD, told, ACQ);
		if
		:: BREAK != LOW_ORDER ->
			LOADS(PUTS0, PUTS1, ORD(COUNT_A, ACQ));
			puts = x + y;
			LOADS(GETS0, GETS1, ORD(GETS_A, ACQ));
			gets = x + y
		:: else ->
			LOADS(GETS0, GETS1, ACQ);
			gets = x + y;
			LOADS(PUTS0, PUTS1, ACQ);
			puts = x + y
		fi;
		assert(2 + puts - gets <= 2);
		assert(told == 0 || 2 + puts - gets <= 1)
	:: true -> /* high */
		if
		:: BREAK != HIGH_ORDER ->
			LOADS(GETS0, GETS1, ORD(GETS_A, ACQ));
			gets = x + y;
			LOADS(PUTS0, PUTS1, ORD(COUNT_A, ACQ));
			puts = x + y
		:: else ->
			LOADS(PUTS0, PUTS1, ACQ);
			puts = x + y;
			LOADS(GETS0, GETS1, ACQ);
			gets = x + y
		fi;
		assert(2 + puts - gets >= 1)
	fi
}

init {
	atomic {
		BEGIN;
		INITIAL(WORD, 2);
		INITIAL(GETS0, 1);
		run zero();
		run one();
		run counter()
	}
}
