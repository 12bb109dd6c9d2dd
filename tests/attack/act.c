// SPDX-License-Identifier: GPL-2.0
/* Deeds that are more than one word. */
#include "attack.h"
#include "util.h"

#define POLL_US 500
#define SILENCE_US 5000000 /* how long to wait for a completion */

static const char *ready(struct attack *a)
{
	const char *why = attack__refresh(a);

	return why ? why : attack__ring_fits(a);
}

static const char *something_in_flight(const struct attack *a)
{
	return a->info.inuse || a->posted ? NULL : "nothing is in flight";
}

/* --- a completion without an interrupt ------------------------------------------------------ */

/*
 * The device asks the driver's word whether to interrupt. It is told no until it has completed
 * something, and then the word is what the driver wrote again.
 */
const char *act_used_silent(struct attack *a)
{
	struct edit e = {};
	struct target t;
	uint64_t told;
	const char *why = ready(a);

	if (!why)
		why = something_in_flight(a);
	target__at_rest(a, &t);
	if (!why)
		why = plan_hush(&t, &e);
	if (why)
		return why;
	target__remember(a, &a->info);
	told = now_us();
	edit__apply(&e);
	while (!target__progress(a) && !attack__over(a) && now_us() - told < SILENCE_US)
		sleep_us(POLL_US);
	e.silent = target__progress(a);
	if (a->hold_us)
		sleep_us(a->hold_us);
	e.stood_us = now_us() - told;
	edit__restore(&e);
	e.transient = true;
	if (!e.silent)
		return "nothing was completed meanwhile";
	report__edit(a, &t, &e);
	return NULL;
}

/* --- a device that does nothing ------------------------------------------------------------- */

static const char *const limits[] = { "bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr" };
enum { LIMITS = sizeof(limits) / sizeof(limits[0]), BPS = 0 };

/* The drive's name is that of tests/lab: blk0-back is what blk0 works on. */
static json_t *drive_of(struct attack *a)
{
	json_t *drives = vm__ask(&a->vm, "query-block", NULL), *drive, *found = NULL;
	json_t *name = json_sprintf("%s-back", a->device);
	size_t i;

	json_array_foreach(drives, i, drive)
		if (json_equal(json_object_get(drive, "device"), name))
			found = json_incref(json_object_get(drive, "inserted"));
	json_decref(drives);
	json_decref(name);
	return found;
}

static void throttle(struct attack *a, const json_int_t *value)
{
	json_t *args = json_object();
	unsigned int i;

	json_object_set_new(args, "device", json_sprintf("%s-back", a->device));
	for (i = 0; i < LIMITS; i++)
		json_object_set_new(args, limits[i], json_integer(value[i]));
	json_decref(vm__ask(&a->vm, "block_set_io_throttle", args));
}

static const char *enough_in_flight(struct attack *a)
{
	target__remember(a, &a->info);
	return target__buffers(a) < 2 ? "a single request in flight would slip through" : NULL;
}

static bool read_limits(struct attack *a, json_int_t *value)
{
	json_t *drive = drive_of(a);
	bool found = drive;
	unsigned int i;

	for (i = 0; i < LIMITS; i++)
		value[i] = json_integer_value(json_object_get(drive, limits[i]));
	json_decref(drive);
	return found;
}

/* A byte per second: one request passes, as a limit begins anew, and the next waits for an hour. */
const char *act_stall(struct attack *a)
{
	json_int_t before[LIMITS], crawl[LIMITS] = { [BPS] = 1 };
	unsigned int completed, stalled = 0;
	const char *why = ready(a);
	uint64_t told = now_us();

	if (!read_limits(a, before))
		return NO_DRIVE;
	if (!why)
		why = enough_in_flight(a);
	if (why)
		return why;
	throttle(a, crawl);
	if (a->hold_us)
		sleep_us(a->hold_us);
	completed = target__progress(a);
	if (!attack__refresh(a)) {
		target__remember(a, &a->info);
		stalled = target__buffers(a);
	}
	if (a->hold_us)
		throttle(a, before);
	report__deed(a, json_pack("{s:i, s:i, s:I}", "stalled", (int)stalled, "completed",
				  (int)completed, "stood_us",
				  (json_int_t)(a->hold_us ? now_us() - told : 0)));
	return NULL;
}

unsigned int strike_act(struct attack *a)
{
	unsigned int done = 0;
	const char *why;

	while (done < a->count && !attack__over(a)) {
		why = a->mutation->act(a);
		if (!why && ++done < a->count)
			attack__pause(a);
		if (!why)
			continue;
		tally__add(&a->tally, why);
		if (attack__hopeless(why))
			break;
		sleep_us(POLL_US);
	}
	return done;
}
