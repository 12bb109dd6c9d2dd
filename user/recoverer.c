/* SPDX-License-Identifier: GPL-2.0 */
#include "recoverer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "attempts.h"
#include "clock.h"
#include "error.h"

#define PATIENTS 64
#define RETRY_MS 1000

/* struct patient - a device that was broken once */
struct patient {
	unsigned int index; /* N of virtioN */
	struct attempts attempts;
	bool asked; /* it waits for the thread, or is in its hands */
	bool settled; /* nothing more is done about this break */
	long long done_ms; /* of the last attempt */
};

struct recoverer {
	struct recoverer_opts opts;
	pthread_t thread;
	pthread_mutex_t lock; /* for all that follows */
	pthread_cond_t work;
	struct patient patients[PATIENTS];
	size_t n;
	struct recovery outcomes[PATIENTS]; /* nobody was told yet; a ring */
	size_t first, told;
	bool stopping;
};

static struct patient *find(struct recoverer *r, unsigned int index)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->patients[i].index == index)
			return &r->patients[i];
	return NULL;
}

static struct patient *find_or_add(struct recoverer *r, unsigned int index)
{
	struct patient *p = find(r, index);

	if (p)
		return p;
	if (r->n == PATIENTS) {
		err__print("virtio%u is broken, and left so: %u other devices were before it",
			   index, PATIENTS);
		return NULL;
	}
	p = &r->patients[r->n++];
	*p = (struct patient){ .index = index, .done_ms = -1 };
	return p;
}

/* What was seen before the last attempt ended may be what that has mended. */
void recoverer__ask(struct recoverer *r, unsigned int index, long long seen_ms)
{
	struct patient *p;

	pthread_mutex_lock(&r->lock);
	p = find_or_add(r, index);
	if (p && !p->asked && !p->settled && seen_ms > p->done_ms) {
		p->asked = true;
		pthread_cond_signal(&r->work);
	}
	pthread_mutex_unlock(&r->lock);
}

void recoverer__well(struct recoverer *r, unsigned int index)
{
	struct patient *p;

	pthread_mutex_lock(&r->lock);
	p = find(r, index);
	if (p)
		p->settled = false;
	pthread_mutex_unlock(&r->lock);
}

/* A ring that is full loses the oldest: each device has one attempt at a time. */
static void tell(struct recoverer *r, const struct recovery *outcome)
{
	r->outcomes[(r->first + r->told) % PATIENTS] = *outcome;
	if (r->told < PATIENTS)
		r->told++;
	else
		r->first = (r->first + 1) % PATIENTS;
}

bool recoverer__next(struct recoverer *r, struct recovery *ret)
{
	bool any;

	pthread_mutex_lock(&r->lock);
	any = r->told;
	if (any) {
		*ret = r->outcomes[r->first];
		r->first = (r->first + 1) % PATIENTS;
		r->told--;
	}
	pthread_mutex_unlock(&r->lock);
	return any;
}

static struct patient *next_asked(struct recoverer *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->patients[i].asked)
			return &r->patients[i];
	return NULL;
}

static void give_up(const struct recoverer *r, struct recovery *outcome)
{
	recovery__printf(outcome, RECOVERY_GIVEN_UP,
			 "after %u attempt%s within an hour it is left as it is; vq-audit "
			 "recover %s tries once more",
			 r->opts.attempts, r->opts.attempts == 1 ? "" : "s", outcome->device.name);
	outcome->attempt = 0;
}

/* Once, or until it is not a failure or there are no attempts left. Unlocks meanwhile. */
static void treat(struct recoverer *r, struct patient *p)
{
	struct recovery outcome = { .attempts = r->opts.attempts };
	char name[VIRTIO_DEV_NAME];
	struct timespec until;

	snprintf(name, sizeof(name), "virtio%u", p->index);
	outcome.attempt = attempts__take(&p->attempts, r->opts.attempts, clock__now_ms());
	pthread_mutex_unlock(&r->lock);
	if (recover__find(&r->opts.how, name, &outcome)) {
		if (outcome.attempt)
			recover__device(&r->opts.how, &outcome);
		else
			give_up(r, &outcome);
	}
	outcome.time_ns = clock__now_ms() * 1000000LL;
	pthread_mutex_lock(&r->lock);
	tell(r, &outcome);
	p->done_ms = clock__now_ms();
	p->settled = outcome.outcome != RECOVERY_DONE;
	p->asked = outcome.outcome == RECOVERY_FAILED;
	if (!p->asked || r->stopping)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY_MS / 1000;
	pthread_cond_timedwait(&r->work, &r->lock, &until);
}

static void *work(void *arg)
{
	struct recoverer *r = arg;
	struct patient *p;

	pthread_mutex_lock(&r->lock);
	while (!r->stopping) {
		p = next_asked(r);
		if (p)
			treat(r, p);
		else
			pthread_cond_wait(&r->work, &r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int recoverer__start(struct recoverer **ret, const struct recoverer_opts *opts)
{
	struct recoverer *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;
	sigset_t all, before;
	int err;

	if (!r)
		return -ENOMEM;
	r->opts = *opts;
	r->opts.attempts = opts->attempts ?: RECOVERER_ATTEMPTS;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all); /* signals are for the session, which looks at them */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&r->thread, NULL, work, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		free(r);
	else
		*ret = r;
	return -err;
}

void recoverer__stop(struct recoverer *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
}

void recoverer__free(struct recoverer *r)
{
	free(r);
}
