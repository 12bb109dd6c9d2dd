/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_OUTLET_H
#define VQA_USER_OUTLET_H

#include "message.h"

#define OUTLET_THREADS 8
#define OUTLET_QUEUE 1024 /* messages */
#define OUTLET_BYTES (4 << 20) /* of them, beyond the first */

/** struct outlet_opts - how a sink is fed */
struct outlet_opts {
	unsigned int threads; /* that call its ops at the same time; 0: one */
	unsigned int queue; /* messages that wait, at most; 0: OUTLET_QUEUE */
	bool patient; /* the end waits for it until a signal; it gives up by itself then */
};

/**
 * struct outlet - a sink behind a bounded queue, with threads of its own
 *
 * Whoever has something for it never waits: what does not fit is counted.
 */
struct outlet;

/**
 * outlet__open - start feeding @sink
 * @sink: its ops are called by the outlet's threads alone; what they use must
 *	outlive an outlet__close() that says so
 *
 * Return: 0 or -errno.
 */
int outlet__open(struct outlet **ret, const char *name, struct sink *sink,
		 const struct outlet_opts *opts);

/** outlet__offer - @m waits for the sink, or is counted as lost; NULL is one that could not be made
 */
void outlet__offer(struct outlet *o, struct message *m);

/** outlet__try - the same, but what does not fit is not counted; returns whether it waits now */
bool outlet__try(struct outlet *o, struct message *m);

/**
 * outlet__flush - wait until the sink has all, for as long as it gets on
 * @patient: and if its opts say so, for as long as it takes
 *
 * Return: whether it has.
 */
bool outlet__flush(struct outlet *o, bool patient);

/**
 * outlet__close - end the threads, and release the outlet; what it has by now goes nowhere
 *
 * Return: 0, or -ETIMEDOUT if the sink does not return. What it uses, and the
 * outlet, must then stay for as long as the process does.
 */
int outlet__close(struct outlet *o);

/** outlet__counts - what became of what it was offered */
void outlet__counts(struct outlet *o, struct sink_counts *ret);

/** outlet__gone - whether nobody reads what the sink writes any more */
bool outlet__gone(struct outlet *o);

struct sink *outlet__sink(const struct outlet *o);

#endif
