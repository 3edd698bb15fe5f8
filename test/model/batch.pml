/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Batches (frag_batch.h): two freers fill blocks, of which there are two, and send them to a slot,
 * whose owner and a thief take them, read them and give the blocks back. What is in a block is plain
 * data, and so are the bytes of the fragments.
 */

#define NOTHING 0
#define BATCH_A 1
#define BATCH_R 2
#define EMPTY_A 3
#define EMPTY_R 4
#define BATCH_TAG 5 /* a pop changes the tag */
#define POS_FIRST 6 /* fragments leave the cache before the block is in a list */

#define HEAD 0 /* tag * 4 + number */
#define EMPTY 1
#define NEXT1 2
#define NEXT2 3
#define BLOCK1 4
#define BLOCK2 5
#define DATA1 6
#define DATA2 7
#define DATA3 8
#define NL 9
#define NT 5

#include "machine.pml"

#define JUDGE 4

byte ended;
byte have = 14;  /* fragments in caches, a bit each */
byte sent;       /* fragments in blocks */

/* batch_list_push() */
inline push(t, id)
{
	load(t, HEAD, h, RLX);
	do
	:: store(t, NEXT1 + id - 1, h & 3, RLX);
		cas(t, HEAD, h, (h & 252) | id, ok, ORD(BATCH_R, REL));
		if
		:: ok -> break
		:: else -> load_newest(t, HEAD, h, RLX)
		fi
	od
}

/* batch_list_pop() */
inline pop(t, id)
{
	id = 0;
	load(t, HEAD, h, ORD(BATCH_A, ACQ));
	do
	:: (h & 3) == 0 -> break
	:: else ->
		load(t, NEXT1 + (h & 3) - 1, x, RLX);
		if
		:: BREAK != BATCH_TAG -> x = x | ((h & 252) + 4)
		:: else -> x = x | (h & 252)
		fi;
		cas(t, HEAD, h, x, ok, ORD(BATCH_A, ACQ));
		if
		:: ok ->
			id = h & 3;
			break
		:: else -> load_newest(t, HEAD, h, ORD(BATCH_A, ACQ))
		fi
	od
}

/* slot_spill() of one fragment. No block: it stays. */
inline send(t, frag)
{
	plain_write(t, DATA1 + frag - 1, t + 1);
	load(t, EMPTY, x, RLX);
	do
	:: x == 0 -> break
	:: x != 0 ->
		id = 1 + (x & 1 -> 0 : 1);
		cas(t, EMPTY, x, x & (3 - id), ok, ORD(EMPTY_A, ACQ));
		if
		:: ok ->
			plain_write(t, BLOCK1 + id - 1, frag);
			if
			:: BREAK != POS_FIRST ->
				atomic { have = have & ~(1 << frag) };
				atomic { sent = sent | (1 << frag) }
				push(t, id)
			:: else ->
				atomic { sent = sent | (1 << frag) }
				push(t, id);
				atomic { have = have & ~(1 << frag) }
			fi;
			break
		:: else -> load_newest(t, EMPTY, x, RLX)
		fi
	od
}

/* slot_take_batch() */
inline receive(t)
{
	pop(t, id);
	if
	:: id != 0 ->
		plain_read(t, BLOCK1 + id - 1, frag);
		atomic {
			assert((have & (1 << frag)) == 0 && (sent & (1 << frag)) != 0);
			sent = sent & ~(1 << frag);
			have = have | (1 << frag)
		}
		plain_write(t, DATA1 + frag - 1, t + 1);
		fetch_or(t, EMPTY, id, x, ORD(EMPTY_R, REL));
		assert((x & id) == 0)
	:: else
	fi
}

proctype freer(byte me; byte first; byte second)
{
	byte h, x, id;
	bool ok;

	send(me, first);
	if
	:: second != 0 -> send(me, second)
	:: else
	fi;
	atomic { ended++ }
}

proctype taker(byte me; byte times)
{
	byte h, x, id, frag;
	bool ok;

	do
	:: times > 0 ->
		times--;
		receive(me)
	:: else -> break
	od;
	atomic { ended++ }
}

/* Every block is in one place, and so is every fragment. */
proctype judge()
{
	byte h, x, seen, frag;

	atomic {
		ended == 4;
		saw_dead(JUDGE, 0);
		saw_dead(JUDGE, 1);
		saw_dead(JUDGE, 2);
		saw_dead(JUDGE, 3);
		load(JUDGE, EMPTY, seen, RLX);
		load(JUDGE, HEAD, h, RLX);
		h = h & 3;
		do
		:: h == 0 -> break
		:: else ->
			assert((seen & h) == 0);
			seen = seen | h;
			plain_read(JUDGE, BLOCK1 + h - 1, frag);
			assert((sent & (1 << frag)) != 0 && (have & (1 << frag)) == 0);
			sent = sent & ~(1 << frag);
			load(JUDGE, NEXT1 + h - 1, x, RLX);
			h = x
		od;
		assert(seen == 3 && sent == 0)
	}
}

init {
	atomic {
		BEGIN;
		INITIAL(EMPTY, 3);
		run freer(0, 1, 3);
		run freer(1, 2, 0);
		run taker(2, 2);
		run taker(3, 1);
		run judge()
	}
}
