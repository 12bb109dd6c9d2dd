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
	__u64 age; /* the least is the oldest */
};

struct ledger_calls {
	struct ledger_call call[LEDGER_CALLS];
	union {
		__u8 left[LEDGER_CALLS]; /* programs that are still to run for it; 0: it is over */
		__u64 any_left; /* 0: all of them are */
	};
	__u64 age;
	__u32 recent; /* where a note was made last */
	__u32 pad;
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

#define NO_CALL LEDGER_CALLS

/* The note of a call, or NO_CALL. */
static __always_inline __u32 ledger_find_call(const struct ledger_calls *calls, __u64 ctx,
					      __u64 addr)
{
	for (__u32 i = 0; i < LEDGER_CALLS; i++)
		if (is_call(&calls->call[i], ctx, addr))
			return i;
	return NO_CALL;
}

/*
 * Room for another: where a call is over. Of some the last program was missed: of those
 * the oldest makes room. What is under way is not the oldest.
 */
static __always_inline __u32 ledger_room(const struct ledger_calls *calls)
{
	__u32 oldest = 0;

	for (__u32 i = 0; i < LEDGER_CALLS; i++) {
		if (!calls->left[i])
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
static __always_inline void ledger_note_call(struct ledger_calls *calls, __u32 at, __u64 ctx,
					     __u64 addr, __u32 turn)
{
	struct ledger_call *c = &calls->call[at];

	c->age = ++calls->age;
	barrier();
	c->ctx = 0;
	barrier();
	calls->left[at] = LEDGER_LAST - turn;
	c->addr = addr;
	barrier();
	c->ctx = ctx;
	calls->recent = at;
}

/* A program of a call that an earlier one has noted there, and seen to. */
static __always_inline int ledger_seen_to(struct ledger_calls *calls, __u32 at, __u32 turn)
{
	if (turn == LEDGER_FIRST || calls->left[at] <= LEDGER_LAST - turn)
		return 0;
	calls->left[at] = LEDGER_LAST - turn;
	return 1;
}

/* The same, where nothing came between: it is the call that was noted last. */
static __always_inline int ledger_just_seen_to(struct ledger_calls *calls, __u64 ctx, __u64 addr,
					       __u32 turn)
{
	__u32 at = calls->recent & (LEDGER_CALLS - 1);

	return is_call(&calls->call[at], ctx, addr) && ledger_seen_to(calls, at, turn);
}

/*
 * The programs of a call come with rising turns: a note of an earlier call that looks
 * the same, and of which one was missed, is none of this one.
 */
static __always_inline struct ledger_run ledger_run(struct ledger_calls *calls, __u64 ctx,
						    __u64 addr, __u32 turn)
{
	struct ledger_run run = { .first = 1 };
	__u32 at = calls->recent;

	if (turn != LEDGER_FIRST || calls->any_left) {
		at = ledger_find_call(calls, ctx, addr);
		run.alone = at == NO_CALL && turn != LEDGER_FIRST;
		if (at == NO_CALL)
			at = ledger_room(calls);
		else if (ledger_seen_to(calls, at & (LEDGER_CALLS - 1), turn))
			run.first = 0;
	}
	at &= LEDGER_CALLS - 1;
	if (run.first)
		ledger_note_call(calls, at, ctx, addr, turn);
	run.ctx = *(volatile __u64 *)&calls->call[at].ctx;
	return run;
}

#endif
