/* SPDX-License-Identifier: GPL-2.0 */
/* A bounded queue, and threads that empty it into a sink. */
#include "outlet.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"

#define STUCK_MS 2000 /* without getting on: nobody waits for such a sink */
#define FLUSH_MS 10000 /* nor longer than that at all */
#define LOOK_MS 50

struct outlet {
	struct sink *sink;
	struct outlet_opts opts;
	pthread_mutex_t lock; /* for all that follows */
	pthread_cond_t work, progress;
	struct message *queue[OUTLET_QUEUE]; /* a ring; the oldest one at @first */
	unsigned int first, n;
	size_t bytes;
	unsigned int busy; /* threads in the sink */
	bool closing, gone;
	struct sink_counts counts;
	unsigned int n_threads;
	pthread_t threads[OUTLET_THREADS];
};

static struct message *take(struct outlet *o)
{
	struct message *m = o->queue[o->first];

	o->first = (o->first + 1) % OUTLET_QUEUE;
	o->n--;
	o->bytes -= message__size(m);
	return m;
}

/* With the lock held, but for the sink's own time. */
static void feed(struct outlet *o, struct message *m)
{
	int err;

	o->busy++;
	pthread_mutex_unlock(&o->lock);
	err = message__deliver(m, o->sink);
	message__put(m);
	pthread_mutex_lock(&o->lock);
	o->busy--;
	if (err)
		o->counts.failed++;
	else
		o->counts.taken++;
	o->gone = o->sink->out && out__gone(o->sink->out);
	pthread_cond_broadcast(&o->progress);
}

static void *work(void *arg)
{
	struct outlet *o = arg;

	pthread_mutex_lock(&o->lock);
	for (;;) {
		while (!o->n && !o->closing)
			pthread_cond_wait(&o->work, &o->lock);
		if (!o->n)
			break;
		feed(o, take(o));
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* Signals are for the session, which looks at them. */
static int start_threads(struct outlet *o)
{
	sigset_t all, before;
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!err && o->n_threads < o->opts.threads) {
		err = pthread_create(&o->threads[o->n_threads], NULL, work, o);
		o->n_threads += !err;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int outlet__open(struct outlet **ret, const char *name, struct sink *sink,
		 const struct outlet_opts *opts)
{
	struct outlet *o = calloc(1, sizeof(*o));
	pthread_condattr_t attr;
	int err;

	if (!o)
		return -ENOMEM;
	o->sink = sink;
	o->opts = *opts;
	o->opts.threads = opts->threads ?: 1;
	o->opts.queue = opts->queue ?: OUTLET_QUEUE;
	snprintf(o->counts.name, sizeof(o->counts.name), "%s", name);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->work, NULL);
	pthread_cond_init(&o->progress, &attr);
	pthread_condattr_destroy(&attr);
	err = start_threads(o);
	if (err)
		outlet__close(o);
	else
		*ret = o;
	return err;
}

static bool has_room(const struct outlet *o, const struct message *m)
{
	return !o->n ||
	       (o->n < o->opts.queue && o->bytes + message__size(m) <= (size_t)OUTLET_BYTES);
}

/* With the lock held. */
static bool accept(struct outlet *o, struct message *m)
{
	if (!m || !has_room(o, m))
		return false;
	o->queue[(o->first + o->n++) % OUTLET_QUEUE] = message__get(m);
	o->bytes += message__size(m);
	pthread_cond_signal(&o->work);
	return true;
}

void outlet__offer(struct outlet *o, struct message *m)
{
	if (m && !message__wanted(m, o->sink->ops))
		return;
	pthread_mutex_lock(&o->lock);
	if (!accept(o, m))
		o->counts.full++;
	pthread_mutex_unlock(&o->lock);
}

bool outlet__try(struct outlet *o, struct message *m)
{
	bool accepted;

	pthread_mutex_lock(&o->lock);
	accepted = message__wanted(m, o->sink->ops) && accept(o, m);
	pthread_mutex_unlock(&o->lock);
	return accepted;
}

/* Wait a little for something to happen; with the lock held. */
static void wait_a_little(struct outlet *o)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += LOOK_MS * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&o->progress, &o->lock, &t);
}

static __u64 done(const struct outlet *o)
{
	return o->counts.taken + o->counts.failed;
}

/* Whether nothing waits, and no thread is in the sink; with the lock held. */
static bool settle(struct outlet *o, bool patient)
{
	long long begun = clock__now_ms(), moved = begun;
	__u64 before = done(o);

	while (o->n || o->busy) {
		long long now = clock__now_ms();

		if (before != done(o))
			moved = now;
		before = done(o);
		if (!patient && (now - moved >= STUCK_MS || now - begun >= FLUSH_MS))
			return false;
		wait_a_little(o);
	}
	return true;
}

bool outlet__flush(struct outlet *o, bool patient)
{
	bool settled;

	pthread_mutex_lock(&o->lock);
	settled = settle(o, patient && o->opts.patient);
	pthread_mutex_unlock(&o->lock);
	return settled;
}

/* What the sink never took; with the lock held. */
static void give_up(struct outlet *o)
{
	o->counts.full += o->n;
	while (o->n)
		message__put(take(o));
}

int outlet__close(struct outlet *o)
{
	bool stuck;

	pthread_mutex_lock(&o->lock);
	if ((o->n || o->busy) && o->sink->ops->interrupt) {
		o->sink->ops->interrupt(o->sink);
		settle(o, false);
	}
	give_up(o);
	o->closing = true;
	pthread_cond_broadcast(&o->work);
	stuck = o->busy;
	pthread_mutex_unlock(&o->lock);
	for (unsigned int i = 0; i < o->n_threads; i++) {
		if (stuck)
			pthread_detach(o->threads[i]);
		else
			pthread_join(o->threads[i], NULL);
	}
	if (stuck)
		return -ETIMEDOUT;
	pthread_cond_destroy(&o->work);
	pthread_cond_destroy(&o->progress);
	pthread_mutex_destroy(&o->lock);
	free(o);
	return 0;
}

void outlet__counts(struct outlet *o, struct sink_counts *ret)
{
	pthread_mutex_lock(&o->lock);
	*ret = o->counts;
	ret->waiting = o->n + o->busy;
	pthread_mutex_unlock(&o->lock);
}

bool outlet__gone(struct outlet *o)
{
	bool gone;

	pthread_mutex_lock(&o->lock);
	gone = o->gone;
	pthread_mutex_unlock(&o->lock);
	return gone;
}

struct sink *outlet__sink(const struct outlet *o)
{
	return o->sink;
}
