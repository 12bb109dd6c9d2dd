// SPDX-License-Identifier: GPL-2.0
/*
 * Stop, lie, continue. QMP "stop" halts the vCPUs first and drains block I/O afterwards, so what
 * the drain completes cannot have been consumed: the lie is in place before the driver looks.
 *
 * Nothing drains a network queue. There the guest is stopped for a while first: frames dam up in
 * the socket, and once it runs again QEMU delivers them faster than the driver reads. A second
 * stop in the middle of that finds completions that were not read, most probably.
 */
#include "attack.h"
#include "util.h"

#define SETTLE_US 5000 /* a completion is consumed well within this, even under TCG */
#define SETTLE_MAX_US 30000
#define DAM_US 40000 /* the first time; twice as long whenever that was not enough */
#define DAM_MAX_US 400000
#define BURST_US 5000
#define BURST_POLL_US 50
#define RETRY_US 3000

/*
 * Linux's virtio_net gives buffers back when 32 descriptors are free, after reading 64 at most. So
 * with more than 96 of 256 descriptors not with the device, the last completion is unread.
 */
static bool driver_lags(const struct target *t)
{
	return t->away * 8u > t->ring->num * 3u;
}

/*
 * Nothing had been completed for a while, and of at least two buffers the drain has brought back
 * one for sure: a drive that is throttled does not complete both within so short a time (and so
 * all but one of any more). A drive that is not, or a host that stalls, makes no promise.
 */
static bool drained(const struct attack *a)
{
	return a->quiet && a->held >= 2 && now_us() - a->asked < SETTLE_MAX_US;
}

static bool patience_is_over(const struct attack *a)
{
	return now_us() >= a->started + (a->deadline - a->started) / 2;
}

/*
 * Worth a stop: buffers with QEMU and no completion of late (the drain will bring fresh ones), or
 * completions arriving right now.
 */
static const char *await_work(struct attack *a)
{
	struct vq_info now = a->info;
	const char *why;

	sleep_us(SETTLE_US);
	a->asked = now_us();
	why = vm__queue(&a->vm, &now);
	if (why)
		return why;
	a->quiet = now.used_idx == a->info.used_idx;
	if (a->quiet && !now.inuse)
		return "nothing is in flight and nothing completes";
	a->info = now;
	target__remember(a, &now);
	a->held = target__buffers(a);
	if (a->held == 1 && !patience_is_over(a))
		return "a single buffer is in flight, its completion may be read before the stop";
	return NULL;
}

/* Runs the guest until half of what the device holds is completed: a burst, not yet read. */
static void dam_up(struct attack *a)
{
	unsigned int flight;
	uint64_t end;

	vm__stop(&a->vm);
	sleep_us(a->dam_us);
	if (vm__queue(&a->vm, &a->info))
		return;
	target__remember(a, &a->info);
	flight = target__flight(a);
	vm__cont(&a->vm);
	end = now_us() + BURST_US;
	while (target__progress(a) * 2 < flight && now_us() < end)
		sleep_us(BURST_POLL_US);
}

static const char *find_target(struct attack *a, struct target *t)
{
	struct vq_info now = a->info;
	const char *why;

	why = vm__queue(&a->vm, &now);
	if (why)
		return why;
	if (now.desc != a->info.desc)
		return "the rings have moved";
	if (now.used_idx == a->info.used_idx)
		return "the stop completed nothing";
	why = target__at_stop(a, &now, t);
	target__remember(a, &now);
	if (why)
		return why;
	t->certain = drained(a);
	t->unread = t->certain && !now.inuse ? a->held - 1 : t->certain;
	t->lags = driver_lags(t);
	if (!a->held && !t->lags && !patience_is_over(a))
		return "the driver keeps up, it may have read the last completion";
	return NULL;
}

static const char *lie(struct attack *a, struct target *t, struct edit *e)
{
	const char *why = find_target(a, t);

	if (why)
		return why;
	t->random = next_random(&a->random);
	why = a->mutation->plan(t, e);
	if (!why)
		edit__apply(e);
	return why;
}

static const char *try_once(struct attack *a, struct target *t, struct edit *e)
{
	const char *why;

	why = attack__refresh(a);
	if (!why)
		why = attack__ring_fits(a);
	if (!why)
		why = await_work(a);
	if (why)
		return why;
	if (!a->held)
		dam_up(a);
	vm__stop(&a->vm);
	why = lie(a, t, e);
	vm__cont(&a->vm);
	return why;
}

unsigned int strike(struct attack *a)
{
	unsigned int done = 0;
	struct target t;
	const char *why;

	a->dam_us = DAM_US;
	while (done < a->count && !attack__over(a)) {
		struct edit e = {};

		why = try_once(a, &t, &e);
		if (!why) {
			attack__hold(a, &e);
			report__edit(a, &t, &e);
			if (++done < a->count)
				attack__pause(a);
			continue;
		}
		tally__add(&a->tally, why);
		if (attack__hopeless(why))
			break;
		if (a->dam_us < DAM_MAX_US)
			a->dam_us *= 2;
		sleep_us(RETRY_US);
	}
	return done;
}
