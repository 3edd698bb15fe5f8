/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Coming and going. A thread ends, or is killed, and gives its id back; another one gets the id, makes
 * or adopts the slot and works in it; meanwhile somebody stops the world twice (frag_pool_freeze())
 * and moves things about, in which nobody may be inside a slot.
 */

#define NOTHING 0
#define REG_A 1
#define FREEZE_A 2
#define FREEZE_B 3
#define CLAIM_A 4
#define CLAIM_R 5
#define SLOT_A 6
#define SLOT_R 7
#define FENCE_H 8
#define FROZEN_A 9 /* who adopts a slot after the world was started again sees what was done */
#define FROZEN_R 10

#define IDENT 0 /* of the id's thread, 0: free */
#define SLOT 1  /* whether it was made */
#define WANTED 2
#define INSIDE 3
#define FROZEN 4
#define CACHE 5 /* what is in the slot: plain data */
#define WORLD 6 /* what moves only while the world is stopped, and is read by who is in a slot */
#define NR 7    /* walks go so far */
#define NL 8
#define NT 3

#include "machine.pml"

#define OLD 0
#define NEW 1
#define FREEZER 2

#ifndef DEATHS
#define DEATHS 1
#endif

byte deaths = DEATHS;
bool dead[NT];
byte owner;       /* of the slot: identity; written with the claim, read with it */
bool met;         /* the freezer's walk met the slot */

#define MORTAL(t) if :: deaths > 0 && t == OLD -> deaths--; dead[t] = true; goto died :: true fi

/* One call, of a thread that owns the slot. */
inline call(t)
{
	store(t, INSIDE, 1, RLX);
	MORTAL(t);
	load(t, WANTED, w, ORD(CLAIM_A, ACQ));
	if
	:: w == 0 ->
		plain_read(t, CACHE, x);
		MORTAL(t);
		plain_write(t, CACHE, t + 1);
		plain_read(t, WORLD, x)
	:: else
	fi;
	MORTAL(t);
	if
	:: BREAK != SLOT_R -> fence(t, REL)
	:: else
	fi;
	store(t, INSIDE, 0, RLX)
}

/* claim_take(); of all holders only OLD dies */
inline claim(t)
{
	do
	:: cas(t, WANTED, 0, t + 1, ok, ORD(CLAIM_A, ACQ));
		if
		:: ok -> break
		:: else
		fi
	:: dead[OLD] && t != OLD ->
		saw_dead(t, OLD);
		cas(t, WANTED, OLD + 1, t + 1, ok, ORD(CLAIM_A, ACQ));
		if
		:: ok -> break
		:: else
		fi
	od
}

/* slot_adopt(); `ok`: the slot is this thread's */
inline adopt(t)
{
	MORTAL(t);
	claim(t);
	MORTAL(t);
	if
	:: BREAK != FREEZE_B -> fence_sc(t)
	:: else
	fi;
	load(t, FROZEN, w, ORD(FROZEN_A, ACQ));
	if
	:: w != 0 -> ok = false
	:: else ->
		load(t, INSIDE, w, RLX);
		if
		:: w != 0 ->
			/* its last owner died inside */
			plain_write(t, CACHE, 0);
			store(t, INSIDE, 0, RLX)
		:: else
		fi;
		MORTAL(t);
		owner = t;
		MORTAL(t);
		ok = true
	fi;
	store(t, WANTED, 0, ORD(CLAIM_R, REL))
}

proctype old()
{
	byte w, x;
	bool ok;

	MORTAL(OLD);
	plain_write(OLD, CACHE, 1);
	MORTAL(OLD);
	store(OLD, NR, 1, RLX);
	MORTAL(OLD);
	store(OLD, SLOT, 1, REL);
	adopt(OLD);
	if
	:: ok -> call(OLD)
	:: else
	fi;
	MORTAL(OLD);
	/* thread_end() */
	store(OLD, IDENT, 0, REL);
died:
	skip
}

proctype new()
{
	byte w, x;
	bool ok;

	/* pp_thread_register() */
	do
	:: cas(NEW, IDENT, 0, 2, ok, ORD(REG_A, ACQ));
		if
		:: ok -> break
		:: else
		fi
	:: dead[OLD] ->
		saw_dead(NEW, OLD);
		cas(NEW, IDENT, 1, 2, ok, ACQ);
		break
	od;
	load(NEW, SLOT, x, RLX);
	if
	:: x == 0 ->
		plain_write(NEW, CACHE, 1);
		load(NEW, NR, w, RLX);
		if
		:: w == 0 -> cas(NEW, NR, 0, 1, ok, RLX)
		:: else
		fi;
		store(NEW, SLOT, 1, REL)
	:: else
	fi;
	adopt(NEW);
	if
	:: ok -> call(NEW)
	:: else
	fi;
died:
	skip
}

/* world_stop(), world_start() */
proctype freezer()
{
	byte w, x, times = 2;
	bool ok;

	do
	:: times > 0 ->
		times--;
		store(FREEZER, FROZEN, 1, RLX);
		if
		:: BREAK != FREEZE_A -> fence_sc(FREEZER)
		:: else
		fi;
		load(FREEZER, NR, x, RLX);
		if
		:: x != 0 -> load(FREEZER, SLOT, x, ACQ)
		:: else
		fi;
		met = (x != 0);
		if
		:: met ->
			claim(FREEZER);
			if
			:: BREAK != FENCE_H ->
				fence_sc(FREEZER);
				fence_sc(OLD);
				fence_sc(NEW);
				fence_sc(FREEZER)
			:: else
			fi;
			do
			:: load(FREEZER, INSIDE, w, ORD(SLOT_A, ACQ));
				if
				:: w == 0 -> break
				:: else
				fi
			:: dead[OLD] && owner == OLD ->
				saw_dead(FREEZER, OLD);
				store(FREEZER, INSIDE, 0, RLX);
				break
			od;
			plain_write(FREEZER, CACHE, 9)
		:: else
		fi;
		plain_write(FREEZER, WORLD, times + 1);
		store(FREEZER, FROZEN, 0, ORD(FROZEN_R, REL));
		if
		:: met -> store(FREEZER, WANTED, 0, ORD(CLAIM_R, REL))
		:: else
		fi
	:: else -> break
	od
}

init {
	atomic {
		BEGIN;
		INITIAL(IDENT, 1);
		run old();
		run new();
		run freezer()
	}
}
