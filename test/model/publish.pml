/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * A chunk is added while a thread works (frag_pool_populate()), and a thread makes its slot while
 * another one walks the slots. The pool has fragments at 4 and 5; those at 1 to 3 are added, below. The
 * maker ends then, and the other thread gets its id.
 */

#define NOTHING 0
#define KNOW_A 1
#define KNOW_R 2
#define KNOW_ORDER 3 /* span and grid are written before `lo` */
#define EXT_A 4
#define EXT_R 5
#define FRESH_A 6
#define FRESH_R 7
#define EXT_FIRST 8 /* extents are published before their pages */
#define SLOT_MAKE_A 9
#define SLOT_MAKE_R 10
#define NR_FIRST 11 /* walks reach a slot before it is there */
#define REG_A 12
#define REG_R 13
#define ADD_A 14
#define ADD_R 15
#define POOL_A 17
#define POOL_R 18
#define HIGH_FIRST 16 /* the high count has fragments before they can be had */

#define LO 0
#define SPAN 1
#define LARGEST 2
#define EXTENT 3 /* what is in the new extent */
#define FRESH_END 4
#define PAGES 5 /* what is in the new descriptors */
#define NR_SLOTS 6
#define SLOT 7
#define SLOT_IS 8 /* what is in the slot */
#define IDENT 9   /* whose id it is */
#define LEFT 10   /* what the id's thread left anywhere, by plain stores */
#define POPULATED 11
#define HIGH 12
#define TOLD 13    /* the maker has told of a call of its */
#define POOL_DATA 14
#define POOL_IS 15 /* what is in the pool */
#define NL 16
#define NT 3
#define NM 6

#include "machine.pml"

#define ADDER 0
#define USER 1
#define MAKER 2

proctype adder()
{
	/* page_pool_alloc() of the driver */
	plain_write(ADDER, POOL_IS, 1);
	if
	:: BREAK != POOL_R -> fence(ADDER, REL)
	:: else
	fi;
	store(ADDER, POOL_DATA, 1, RLX);
	if
	:: BREAK != KNOW_ORDER ->
		store(ADDER, SPAN, 5, RLX);
		store(ADDER, LO, 1, ORD(KNOW_R, REL))
	:: else ->
		store(ADDER, LO, 1, REL);
		store(ADDER, SPAN, 5, RLX)
	fi;
	plain_write(ADDER, PAGES, 1);
	plain_write(ADDER, EXTENT, 1);
	if
	:: BREAK != HIGH_FIRST -> store(ADDER, HIGH, 1, RLX)
	:: else
	fi;
	if
	:: BREAK != EXT_FIRST ->
		store(ADDER, LARGEST, 1, ORD(EXT_R, REL));
		store(ADDER, FRESH_END, 1, ORD(FRESH_R, REL))
	:: else ->
		store(ADDER, FRESH_END, 1, REL);
		store(ADDER, LARGEST, 1, REL)
	fi;
	if
	:: BREAK == HIGH_FIRST -> store(ADDER, HIGH, 1, RLX)
	:: else
	fi;
	store(ADDER, POPULATED, 1, ORD(ADD_R, REL))
}

/* frag_is_foreign() */
inline check(frag)
{
	load(USER, LO, lo, ORD(KNOW_A, ACQ));
	load(USER, SPAN, span, RLX);
	/* below lo, the difference is huge */
	assert(frag >= lo && frag - lo < span)
}

/* frag_run_next() */
inline look_up()
{
	load(USER, LARGEST, x, ORD(EXT_A, ACQ));
	if
	:: x == 1 -> published_read(USER, EXTENT, y)
	:: else
	fi
}

proctype user()
{
	byte lo, span, x, y;
	bool ok;

	/* page_pool_from_mempool() of who found the mempool in a list, and was told nothing */
	load(USER, POOL_DATA, x, RLX);
	if
	:: BREAK != POOL_A -> fence(USER, ACQ)
	:: else
	fi;
	if
	:: x != 0 -> published_read(USER, POOL_IS, y)
	:: else
	fi;
	/* what the low count has can be had */
	load(USER, POPULATED, x, ORD(ADD_A, ACQ));
	if
	:: x == 1 ->
		load(USER, FRESH_END, y, RLX);
		assert(y == 1)
	:: else
	fi;
	check(4);
	look_up();
	load(USER, FRESH_END, x, ORD(FRESH_A, ACQ));
	if
	:: x == 1 ->
		published_read(USER, PAGES, y);
		load(USER, HIGH, y, RLX);
		assert(y == 1);
		/* has a fragment of the new ones, and puts it */
		check(1);
		look_up();
		assert(x == 1)
	:: else
	fi;
	/* SLOT_FOREACH(): who was told of a thread's call meets its slot */
	load(USER, TOLD, y, ACQ);
	load(USER, NR_SLOTS, x, RLX);
	assert(y == 0 || x == 1);
	if
	:: x != 0 ->
		load(USER, SLOT, y, ORD(SLOT_MAKE_A, ACQ));
		if
		:: y != 0 -> published_read(USER, SLOT_IS, lo)
		:: else
		fi
	:: else
	fi;
	/* claim_free_id() */
	cas(USER, IDENT, 0, 2, ok, ORD(REG_A, ACQ));
	if
	:: ok -> plain_read(USER, LEFT, x)
	:: else
	fi
}

/* slot_make(), and a death between its steps */
proctype maker()
{
	byte slot, nr;

	plain_write(MAKER, SLOT_IS, 1);
	if
	:: BREAK != NR_FIRST ->
		store(MAKER, NR_SLOTS, 1, RLX);
		store(MAKER, SLOT, 1, ORD(SLOT_MAKE_R, REL))
	:: else ->
		store(MAKER, SLOT, 1, REL);
		if
		:: skip
		:: goto died
		fi;
		store(MAKER, NR_SLOTS, 1, RLX)
	fi;
	plain_write(MAKER, LEFT, 1);
	store(MAKER, TOLD, 1, REL);
	/* thread_end() */
	store(MAKER, IDENT, 0, ORD(REG_R, REL));
died:
	/* who has a slot that is there can be found */
	atomic {
		newest(SLOT, slot);
		newest(NR_SLOTS, nr);
		assert(slot == 0 || nr == 1)
	}
}

init {
	atomic {
		BEGIN;
		INITIAL(LO, 4);
		INITIAL(SPAN, 2);
		INITIAL(IDENT, 1);
		/* the first slot of all, or one below others */
		if
		:: skip
		:: INITIAL(NR_SLOTS, 1)
		fi;
		run adder();
		run user();
		run maker()
	}
}
