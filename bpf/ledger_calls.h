/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of the kernel that the ledger is told of. A program does not run where an
 * interrupt meets it running. So there are three of each: a task, what interrupts it,
 * and what interrupts that can each be in one, and the first of them that does run for
 * a call enters it. The others know the call by a note: on each CPU there are some.
 */
#ifndef BPF_LEDGER_CALLS_H
#define BPF_LEDGER_CALLS_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum ledger_turn { LEDGER_FIRST, LEDGER_SECOND, LEDGER_LAST };

#define LEDGER_CALLS 8 /* more than can interrupt each other: a power of two */

/** struct ledger_call - the note */
struct ledger_call {
	__u64 ctx; /* where its arguments lie: no two that are under way share that */
	__u64 addr; /* which one of them it is about */
	__u32 turn; /* of the last program that ran for it: enum ledger_turn */
	__u32 age; /* the least is the oldest */
};

struct ledger_calls {
	struct ledger_call call[LEDGER_CALLS];
	__u32 recent; /* where a note was made last */
	__u32 age;
};

/** struct ledger_run - a program that runs for a call */
struct ledger_run {
	__u32 first; /* 1: none before it has run, as far as is known */
	__u32 alone; /* 1: there should have been one; it was missed, or ran on another CPU */
	__u64 ctx; /* where the call's arguments lie: a number, which the verifier can be told of */
};

static __always_inline int is_call(const struct ledger_call *c, __u64 ctx, __u64 addr)
{
	return c->ctx == ctx && c->addr == addr;
}

static __always_inline struct ledger_call *ledger_find_call(struct ledger_calls *calls, __u64 ctx,
							    __u64 addr)
{
	struct ledger_call *c = &calls->call[calls->recent & (LEDGER_CALLS - 1)];

	if (is_call(c, ctx, addr))
		return c;
	for (__u32 i = 0; i < LEDGER_CALLS; i++)
		if (is_call(&calls->call[i], ctx, addr))
			return &calls->call[i];
	return 0;
}

/*
 * Room for another: where a call is over. Of some the last program was missed: of those
 * the oldest makes room. What is under way is not the oldest.
 */
static __always_inline __u32 ledger_room(const struct ledger_calls *calls)
{
	__u32 oldest = 0;

	for (__u32 i = 0; i < LEDGER_CALLS; i++) {
		if (calls->call[i].turn == LEDGER_LAST)
			return i;
		if (calls->age - calls->call[i].age > calls->age - calls->call[oldest].age)
			oldest = i;
	}
	return oldest;
}

/*
 * An interrupt can come between any two of these lines. It must not take the note for
 * room, which it is by age or as over, nor a half of it for one of its own.
 */
static __always_inline void ledger_note_call(struct ledger_calls *calls, struct ledger_call *c,
					     __u64 ctx, __u64 addr, __u32 turn)
{
	c->age = ++calls->age;
	barrier();
	c->ctx = 0;
	barrier();
	c->turn = turn;
	c->addr = addr;
	barrier();
	c->ctx = ctx;
}

/*
 * The programs of a call come with rising turns: a note of an earlier call that looks
 * the same, and of which one was missed, is none of this one.
 */
static __always_inline struct ledger_run ledger_run(struct ledger_calls *calls, __u64 ctx,
						    __u64 addr, __u32 turn)
{
	struct ledger_call *c = ledger_find_call(calls, ctx, addr);
	struct ledger_run run = { .first = 1, .alone = !c && turn != LEDGER_FIRST };
	__u32 at;

	if (c && turn != LEDGER_FIRST && c->turn < turn) {
		c->turn = turn;
		run.first = 0;
		return run;
	}
	if (!c) {
		at = ledger_room(calls) & (LEDGER_CALLS - 1);
		c = &calls->call[at];
		calls->recent = at;
	}
	ledger_note_call(calls, c, ctx, addr, turn);
	run.ctx = *(volatile __u64 *)&c->ctx;
	return run;
}

#endif
