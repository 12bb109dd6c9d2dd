/* SPDX-License-Identifier: GPL-2.0 */
#include "message.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum kind { START, QUEUE, VIOLATION, RECOVERY, STATS, TICK, LOST, STOP };

struct message {
	atomic_uint refs;
	enum kind kind;
	size_t size;
	union {
		struct sink_start start;
		struct vqa_event event;
		struct stats *stats; /* large, and of few messages */
		struct sink_loss loss;
		struct sink_stop stop;
	};
	bool final; /* stats */
	struct recovery *recovery; /* large, and rare */
	struct flight *flight; /* NULL: no operations */
	char *text[2]; /* copies of strings that are not ours */
};

static struct message *new_message(enum kind kind)
{
	struct message *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->refs = 1;
	m->kind = kind;
	m->size = sizeof(*m);
	return m;
}

static void free_message(struct message *m)
{
	if ((m->kind == STATS || m->kind == TICK) && m->stats) {
		stats__free(m->stats);
		free(m->stats);
	}
	free(m->recovery);
	free(m->flight);
	free(m->text[0]);
	free(m->text[1]);
	free(m);
}

/* @m, or NULL if a part of it is missing. */
static struct message *whole(struct message *m, bool complete)
{
	if (complete)
		return m;
	free_message(m);
	return NULL;
}

struct message *message__start(const struct sink_start *start)
{
	struct message *m = new_message(START);

	if (!m)
		return NULL;
	m->start = *start;
	m->start.kernel = m->text[0] = strdup(start->kernel);
	return whole(m, m->text[0]);
}

struct message *message__event(const struct vqa_event *e, const struct flight *flight)
{
	struct message *m = new_message(e->type == VQA_EV_VIOLATION ? VIOLATION : QUEUE);

	if (!m)
		return NULL;
	m->event = *e;
	if (!flight->n && !flight->torn)
		return m;
	m->flight = malloc(sizeof(*flight));
	if (m->flight)
		*m->flight = *flight;
	m->size += sizeof(*flight);
	return whole(m, m->flight);
}

struct message *message__recovery(const struct recovery *r)
{
	struct message *m = new_message(RECOVERY);

	if (!m)
		return NULL;
	m->size += sizeof(*r);
	m->recovery = malloc(sizeof(*r));
	if (m->recovery)
		*m->recovery = *r;
	return whole(m, m->recovery);
}

static struct message *with_stats(enum kind kind, const struct stats *stats)
{
	struct message *m = new_message(kind);

	if (!m)
		return NULL;
	m->size += sizeof(*stats) + stats->n * sizeof(*stats->queues);
	m->stats = calloc(1, sizeof(*stats));
	return whole(m, m->stats && !stats__copy(m->stats, stats));
}

struct message *message__stats(const struct stats *stats, bool final)
{
	struct message *m = with_stats(STATS, stats);

	if (m)
		m->final = final;
	return m;
}

struct message *message__tick(const struct stats *stats)
{
	return with_stats(TICK, stats);
}

struct message *message__lost(const struct sink_loss *loss)
{
	struct message *m = new_message(LOST);

	if (!m)
		return NULL;
	m->loss = *loss;
	m->loss.which = m->text[0] = strdup(loss->which);
	m->loss.text = m->text[1] = strdup(loss->text);
	return whole(m, m->text[0] && m->text[1]);
}

struct message *message__stop(const struct sink_stop *stop)
{
	struct message *m = new_message(STOP);

	if (!m)
		return NULL;
	m->stop = *stop;
	m->stop.reason = m->text[0] = strdup(stop->reason);
	return whole(m, m->text[0]);
}

struct message *message__get(struct message *m)
{
	atomic_fetch_add(&m->refs, 1);
	return m;
}

void message__put(struct message *m)
{
	if (m && atomic_fetch_sub(&m->refs, 1) == 1)
		free_message(m);
}

size_t message__size(const struct message *m)
{
	return m->size;
}

bool message__wanted(const struct message *m, const struct sink_ops *ops)
{
	switch (m->kind) {
	case START:
		return ops->start;
	case QUEUE:
		return ops->queue;
	case VIOLATION:
		return ops->violation;
	case RECOVERY:
		return ops->recovery;
	case STATS:
		return ops->stats;
	case TICK:
		return ops->tick;
	case LOST:
		return ops->lost;
	default:
		return ops->stop;
	}
}

int message__deliver(const struct message *m, struct sink *s)
{
	static const struct flight none;

	switch (m->kind) {
	case START:
		return s->ops->start(s, &m->start);
	case QUEUE:
		return s->ops->queue(s, &m->event);
	case VIOLATION:
		return s->ops->violation(s, &m->event, m->flight ?: &none);
	case RECOVERY:
		return s->ops->recovery(s, m->recovery);
	case STATS:
		return s->ops->stats(s, m->stats, m->final);
	case TICK:
		return s->ops->tick(s, m->stats);
	case LOST:
		return s->ops->lost(s, &m->loss);
	default:
		return s->ops->stop(s, &m->stop);
	}
}
