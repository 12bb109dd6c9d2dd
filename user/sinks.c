/* SPDX-License-Identifier: GPL-2.0 */
/* From a session to its sinks. */
#include "sinks.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "text.h"

static void close_sink(struct sink *sink)
{
	if (sink->ops->close)
		sink->ops->close(sink);
}

int sinks__add(struct sinks *s, const char *name, struct sink *sink, const struct outlet_opts *opts)
{
	int err = s->n < STATS_SINKS ? 0 : -ENOSPC;

	if (!err) {
		s->spec[s->n] = NULL;
		s->told[s->n] = s->admitted[s->n] = 0;
	}
	if (!err)
		err = outlet__open(&s->outlets[s->n], name, sink, opts);
	if (err)
		close_sink(sink);
	else
		s->n++;
	return err;
}

/* The reference is taken over. */
static void offer(struct sinks *s, struct message *m)
{
	for (size_t i = 0; i < s->n; i++)
		outlet__offer(s->outlets[i], m);
	message__put(m);
}

void sinks__start(struct sinks *s, const struct sink_start *start)
{
	s->start = *start;
	offer(s, message__start(start));
}

void sinks__welcome(struct sinks *s, size_t from, const struct policy *policy)
{
	struct message *m;

	s->start.policy = *policy;
	m = message__start(&s->start);
	for (size_t i = from; i < s->n; i++)
		outlet__offer(s->outlets[i], m);
	message__put(m);
}

void sinks__event(struct sinks *s, const struct vqa_event *e, const struct flight *flight)
{
	offer(s, message__event(e, flight));
}

void sinks__recovery(struct sinks *s, const struct recovery *r)
{
	offer(s, message__recovery(r));
}

void sinks__stats(struct sinks *s, const struct stats *stats, bool final)
{
	offer(s, message__stats(stats, final));
}

void sinks__tick(struct sinks *s, const struct stats *stats)
{
	for (size_t i = 0; i < s->n; i++)
		if (outlet__sink(s->outlets[i])->ops->tick) {
			offer(s, message__tick(stats));
			return;
		}
}

void sinks__lost(struct sinks *s, const struct sink_loss *loss)
{
	offer(s, message__lost(loss));
}

void sinks__stop(struct sinks *s, const struct sink_stop *stop)
{
	offer(s, message__stop(stop));
}

static struct message *loss_of(const struct sink_counts *c, __u64 count, __u64 total)
{
	char which[SINK_NAME + 8], text[2 * SINK_NAME];
	struct sink_loss loss = { .which = which, .text = text, .count = count, .total = total };

	snprintf(which, sizeof(which), "sink:%s", c->name);
	snprintf(text, sizeof(text), "records that did not get to the sink %s", c->name);
	return message__lost(&loss);
}

static void tell_others(struct sinks *s, size_t i, const struct sink_counts *c)
{
	__u64 lost = sink_counts__lost(c);
	struct message *m;

	if (lost == s->told[i])
		return;
	m = loss_of(c, lost - s->told[i], lost);
	s->told[i] = lost;
	for (size_t k = 0; k < s->n; k++)
		if (k != i)
			outlet__offer(s->outlets[k], m);
	message__put(m);
}

/* A sink that was busy has a gap, and is to say so as soon as it has time. */
static void tell_itself(struct sinks *s, size_t i, const struct sink_counts *c)
{
	struct message *m;

	if (c->full == s->admitted[i])
		return;
	m = loss_of(c, c->full - s->admitted[i], c->full);
	if (m && outlet__try(s->outlets[i], m))
		s->admitted[i] = c->full;
	message__put(m);
}

void sinks__count(struct sinks *s, struct stats *stats)
{
	stats->n_sinks = s->n;
	for (size_t i = 0; i < s->n; i++)
		outlet__counts(s->outlets[i], &stats->sinks[i]);
	for (size_t i = 0; i < s->n; i++)
		tell_others(s, i, &stats->sinks[i]);
	for (size_t i = 0; i < s->n; i++)
		tell_itself(s, i, &stats->sinks[i]);
}

void sinks__flush(struct sinks *s, bool patient)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sink *sink = outlet__sink(s->outlets[i]);

		if (outlet__flush(s->outlets[i], patient) && sink->out)
			fsync(sink->out->fd); /* a pipe has no disk: nothing to be told */
	}
}

bool sinks__gone(struct sinks *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!outlet__gone(s->outlets[i]))
			return false;
	return s->n;
}

/* What waits by now will not get there. */
static __u64 tell_end(struct outlet *o)
{
	struct sink_counts c;
	__u64 lost;

	outlet__counts(o, &c);
	lost = sink_counts__lost(&c) + c.waiting;
	if (lost)
		err__print("%llu record%s of %llu did not get to the sink %s: "
			   "%llu found it busy, %llu failed, %llu were left at the end",
			   lost, text__plural(lost), lost + c.taken, c.name, c.full, c.failed,
			   c.waiting);
	return lost;
}

/* What waits gets there, if the sink gets on. Return: what was lost, since the start. */
static __u64 close_outlet(struct outlet *o, char *spec, bool patient)
{
	struct sink *sink = outlet__sink(o);
	__u64 lost;

	outlet__flush(o, patient);
	lost = tell_end(o);
	if (outlet__close(o))
		return lost; /* what it uses stays */
	close_sink(sink);
	free(spec);
	return lost;
}

/** struct leaving - a sink that is no longer wanted */
struct leaving {
	struct outlet *outlet;
	char *spec;
};

static void *leave(void *arg)
{
	struct leaving l = *(struct leaving *)arg;

	free(arg);
	return (void *)(uintptr_t)close_outlet(l.outlet, l.spec, false);
}

/* A thread of its own has the time. Signals are for the session. */
static int start_leaving(struct sinks *s, struct leaving *l)
{
	sigset_t all, before;
	int err;

	if (!l || s->n_leaving == STATS_SINKS)
		return -ENOMEM;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&s->leaving[s->n_leaving], NULL, leave, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	s->n_leaving += !err;
	return -err;
}

static void remove_at(struct sinks *s, size_t i)
{
	size_t behind = --s->n - i;

	memmove(&s->outlets[i], &s->outlets[i + 1], behind * sizeof(s->outlets[0]));
	memmove(&s->spec[i], &s->spec[i + 1], behind * sizeof(s->spec[0]));
	memmove(&s->told[i], &s->told[i + 1], behind * sizeof(s->told[0]));
	memmove(&s->admitted[i], &s->admitted[i + 1], behind * sizeof(s->admitted[0]));
}

void sinks__retire(struct sinks *s, size_t i)
{
	struct leaving *l = malloc(sizeof(*l));

	if (l)
		*l = (struct leaving){ s->outlets[i], s->spec[i] };
	if (start_leaving(s, l)) {
		free(l);
		s->lost += close_outlet(s->outlets[i], s->spec[i], false);
	}
	remove_at(s, i);
}

__u64 sinks__close(struct sinks *s)
{
	__u64 lost = s->lost;
	void *left;

	for (size_t i = 0; i < s->n; i++)
		lost += close_outlet(s->outlets[i], s->spec[i], true);
	for (size_t i = 0; i < s->n_leaving; i++)
		if (!pthread_join(s->leaving[i], &left))
			lost += (uintptr_t)left;
	s->n = s->n_leaving = 0;
	return lost;
}
