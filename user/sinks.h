/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINKS_H
#define VQA_USER_SINKS_H

#include <pthread.h>

#include "outlet.h"

/**
 * struct sinks - where a session's events go: each sink by itself
 *
 * None of these waits for a sink, but sinks__flush() and sinks__close(), which
 * give up on one that does not get on.
 */
struct sinks {
	struct outlet *outlets[STATS_SINKS];
	char *spec[STATS_SINKS]; /* what it was opened for, its own; NULL: for nothing of the kind
				  */
	__u64 told[STATS_SINKS]; /* losses of each that the others were told */
	__u64 admitted[STATS_SINKS]; /* and that it was told itself: those while it was busy */
	size_t n;
	bool on_stderr; /* one of them tells people on stderr how it went */
	struct sink_start start; /* for one that comes later */
	pthread_t leaving[STATS_SINKS]; /* threads that close those that are no longer wanted */
	size_t n_leaving;
	__u64 lost; /* by those that left */
};

/**
 * sinks__add - one more
 * @name: what the user calls it
 * @sink: on the heap; its ops->close, if there is one, releases it, unless it is stuck for ever
 *
 * Return: 0, or -errno; @sink was closed then.
 */
int sinks__add(struct sinks *s, const char *name, struct sink *sink,
	       const struct outlet_opts *opts);

/** sinks__welcome - those from @from on are told the start as well, with the policy of now */
void sinks__welcome(struct sinks *s, size_t from, const struct policy *policy);

/** sinks__retire - let go of one: what waits for it is still written, and nobody waits for that */
void sinks__retire(struct sinks *s, size_t i);

void sinks__start(struct sinks *s, const struct sink_start *start);
void sinks__event(struct sinks *s, const struct vqa_event *e, const struct flight *flight);
void sinks__recovery(struct sinks *s, const struct recovery *r);
void sinks__stats(struct sinks *s, const struct stats *stats, bool final);
void sinks__tick(struct sinks *s, const struct stats *stats);
void sinks__lost(struct sinks *s, const struct sink_loss *loss);
void sinks__stop(struct sinks *s, const struct sink_stop *stop);

/** sinks__count - @stats gets what became of all this; new losses are told to all sinks */
void sinks__count(struct sinks *s, struct stats *stats);

/**
 * sinks__flush - wait for the sinks, and for what they write to reach its disk
 * @patient: for those that are fed so, as long as it takes
 */
void sinks__flush(struct sinks *s, bool patient);

/** sinks__gone - whether nobody reads any of them any more */
bool sinks__gone(struct sinks *s);

/**
 * sinks__close - wait for the sinks, and release them
 *
 * Return: what was lost, since the start; each sink's part of it is told on stderr.
 */
__u64 sinks__close(struct sinks *s);

#endif
