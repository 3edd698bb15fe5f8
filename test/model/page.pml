/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * The word of a page (frag_page.h, W1 to W3). The page has two fragments, both in use; two
 * threads free them and take what they find, and a third one only takes. Lists are steps here that
 * cannot be divided, and order nothing: list.pml has what they do.
 */

#define NOTHING 0
#define WORD_A 1
#define WORD_R 2
#define W_ONE 3  /* bits and QUEUED are set in one operation */
#define W_TWO 4  /* bits are taken and QUEUED is cleared in one operation */
#define W_FIRST 5 /* `owner` is written before the bits are taken */

#define WORD 0
#define OWNER 1
#define DATA1 2 /* the users' bytes */
#define DATA2 3
#define NL 4
#define NT 3
#define NM 16

#define QUEUED 4

#include "machine.pml"

#define NOBODY 3

byte listed;         /* how often the page is in a list */
byte opener = NOBODY; /* who opened it last */
byte have;           /* fragments that users have */
byte ended;

/* Step 6: free fragments. Who saw QUEUED clear puts the page into a list, of the owner it sees. */
inline release(t, bits)
{
	atomic { assert((have & bits) == bits); have = have & ~bits }
	if
	:: BREAK != W_ONE ->
		fetch_or(t, WORD, bits | QUEUED, x, ORD(WORD_A, ACQ) | ORD(WORD_R, REL))
	:: else ->
		fetch_or(t, WORD, bits, x, AR);
		if
		:: (x & QUEUED) == 0 -> fetch_or(t, WORD, QUEUED, y, AR)
		:: else
		fi
	fi;
	assert((x & bits) == 0);
	if
	:: (x & QUEUED) == 0 ->
		atomic { wanted = opener }
		load(t, OWNER, y, RLX);
		/* a newer opener is as good, if only the page is still closed; it is not in a list */
		assert(y == wanted);
		atomic { listed++; assert(listed == 1) }
	:: else
	fi
}

/* Step 3: open the page, if it is in a list. */
inline take(t, bits)
{
	bits = 0;
	if
	:: atomic { listed > 0 -> listed-- };
		if
		:: BREAK != W_FIRST -> store(t, OWNER, t, RLX)
		:: else
		fi;
		if
		:: BREAK != W_TWO ->
			atomic {
				exchange(t, WORD, 0, x, ORD(WORD_A, ACQ) | ORD(WORD_R, REL));
				opener = t
			}
			bits = x & 3
		:: else ->
			load(t, WORD, bits, ACQ);
			bits = bits & 3;
			atomic { fetch_and(t, WORD, 3 - bits, x, AR); opener = t }
		fi;
		if
		:: BREAK == W_FIRST -> store(t, OWNER, t, RLX)
		:: else
		fi;
		atomic { assert((have & bits) == 0); have = have | bits }
	:: atomic { listed == 0 -> skip }
	fi
}

inline use(t, bits)
{
	if
	:: (bits & 1) != 0 -> plain_write(t, DATA1, t)
	:: else
	fi;
	if
	:: (bits & 2) != 0 -> plain_write(t, DATA2, t)
	:: else
	fi
}

proctype user(byte me; byte mine)
{
	byte x, y, wanted, again = 2;

	do
	:: again > 0 ->
		again--;
		if
		:: mine != 0 ->
			use(me, mine);
			release(me, mine)
		:: else
		fi;
		take(me, mine)
	:: else -> break
	od;
	if
	:: mine != 0 ->
		use(me, mine);
		release(me, mine)
	:: else
	fi;
	atomic { ended++ }
}

/* All is free again, and in reach (W3). */
proctype judge()
{
	byte x;

	atomic {
		ended == 3;
		newest(WORD, x);
		assert(x == (QUEUED | 3));
		assert(listed == 1)
	}
}

init {
	atomic {
		BEGIN;
		have = 3;
		INITIAL(OWNER, NOBODY);
		run user(0, 1);
		run user(1, 2);
		run user(2, 0);
		run judge()
	}
}
