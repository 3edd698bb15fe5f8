/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* The operations of machine.h as steps of a model; `t` is the number of the thread. A model
 * defines NL and the locations before it includes this file.
 */

#define RLX 0
#define ACQ 1
#define REL 2
#define AR 3
#define ORD(step, order) (BREAK == step -> RLX : (order))

/* The step that is broken: a value, so that one verifier serves for all. */
#define BREAK broken
byte broken;

c_decl {
	\#include "machine.h"
	struct machine m;
}
c_track "&m" "sizeof(struct machine)"

byte mk; /* which message: scratch, 0 between steps */
byte mo; /* with which order */
byte mv; /* what was read, or is to be written */
byte ml;
byte mt;
bool in_view;

/* Any message that the thread may read. */
inline load(t, loc, x, order)
{
	atomic {
		mt = t; ml = loc; mo = order;
		c_code { now.mk = m.view[now.mt][now.ml]; };
		do
		:: c_expr { now.mk < m.nr[now.ml] } -> mk++
		:: break
		od;
		c_code { now.mv = m_read(&m, now.mt, now.ml, now.mk, now.mo); };
		x = mv; scratch()
	}
}

/* The newest message, as what a failed swap has read. C11 allows an older one, with which the next
 * swap fails again; without end, so that is left out.
 */
inline load_newest(t, loc, x, order)
{
	atomic {
		mt = t; ml = loc; mo = order;
		c_code { now.mv = m_read(&m, now.mt, now.ml, m.nr[now.ml], now.mo); };
		x = mv; scratch()
	}
}

inline scratch()
{
	mk = 0; mo = 0; mv = 0; ml = 0; mt = 0; in_view = 0
}

inline store(t, loc, v, order)
{
	atomic {
		mt = t; ml = loc; mv = v; mo = order;
		c_code { m_store(&m, now.mt, now.ml, now.mv, now.mo); };
		scratch()
	}
}

/* Compare the newest message with `want` and swap. A failure reads anything: a model loads again. */
inline cas(t, loc, want, v, ok, order)
{
	atomic {
		mt = t; ml = loc;
		c_code { now.mk = m_newest(&m, now.ml); };
		if
		:: mk == want -> ok = true; mv = v; mo = order;
			c_code { m_exchange(&m, now.mt, now.ml, now.mv, now.mo); }
		:: else -> ok = false
		fi;
		scratch()
	}
}

inline exchange(t, loc, v, x, order)
{
	atomic {
		mt = t; ml = loc; mv = v; mo = order;
		c_code { now.mv = m_exchange(&m, now.mt, now.ml, now.mv, now.mo); };
		x = mv; scratch()
	}
}

inline fetch_or(t, loc, bits, x, order)
{
	atomic {
		mt = t; ml = loc; mv = bits; mo = order;
		c_code { now.mv = m_exchange(&m, now.mt, now.ml, m_newest(&m, now.ml) | now.mv, now.mo); };
		x = mv; scratch()
	}
}

inline fetch_and(t, loc, bits, x, order)
{
	atomic {
		mt = t; ml = loc; mv = bits; mo = order;
		c_code { now.mv = m_exchange(&m, now.mt, now.ml, m_newest(&m, now.ml) & now.mv, now.mo); };
		x = mv; scratch()
	}
}

inline fence(t, order)
{
	atomic {
		mt = t; mo = order;
		c_code { m_fence(&m, now.mt, now.mo); };
		scratch()
	}
}

inline fence_sc(t)
{
	atomic {
		mt = t;
		c_code { m_fence_sc(&m, now.mt); };
		scratch()
	}
}

/* Plain data: it is an error to race with anybody. */
inline plain_read(t, loc, x)
{
	atomic {
		mt = t; ml = loc;
		c_code { now.in_view = m_plain(&m, now.mt, now.ml); now.mv = m_newest(&m, now.ml); };
		assert(in_view); /* a race */
		x = mv; scratch()
	}
}

inline plain_write(t, loc, v)
{
	atomic {
		mt = t; ml = loc; mv = v;
		c_code { now.in_view = m_plain(&m, now.mt, now.ml); m_plain_set(&m, now.ml, now.mv); };
		assert(in_view); /* a race */
		scratch()
	}
}

inline published_read(t, loc, x)
{
	atomic {
		mt = t; ml = loc;
		c_code { now.in_view = m_published(&m, now.mt, now.ml); now.mv = m_newest(&m, now.ml); };
		assert(in_view); /* not published */
		x = mv; scratch()
	}
}

/* Before any thread runs. */
#define BEGIN c_code { now.broken = getenv("BREAK") == NULL ? 0 : atoi(getenv("BREAK")); }
/* Likewise: a location's value. */
#define INITIAL(loc, v) c_code { m.val[loc][0] = v; }

/* The value of a location, for who judges. */
inline newest(loc, x)
{
	ml = loc;
	c_code { now.mv = m_newest(&m, now.ml); };
	x = mv; scratch()
}

/* The kernel says that the other thread is dead, or it was waited for. */
inline saw_dead(t, other)
{
	atomic {
		mt = t; ml = other;
		c_code { m_saw_dead(&m, now.mt, now.ml); };
		scratch()
	}
}
