/* SPDX-License-Identifier: GPL-2.0 */
/* What a look at progress found, in words. */
#include "describe_progress.h"

#include <stdio.h>

#include "names.h"
#include "text.h"

static void describe_stall(const struct vqa_event *e, char *buf, size_t size)
{
	char parts[48] = "";

	if (e->chain)
		snprintf(parts, sizeof(parts), " (%u descriptor%s)", e->chain,
			 text__plural(e->chain));
	snprintf(buf, size,
		 "buffer %u%s: the device has had it for %llu ms or more; this queue allows %llu",
		 e->id, parts, e->seen.addr, e->want.addr);
}

static void describe_quiet(const struct vqa_event *e, char *buf, size_t size)
{
	const char *when = e->rule == VQA_RULE_AFTER_RESET ? "although it was reset"
							   : "before the driver has set DRIVER_OK";

	snprintf(buf, size, "%s %s", kind__text(e->kind), when);
}

bool describe_progress(const struct vqa_event *e, char *buf, size_t size)
{
	unsigned long long seen = e->seen.addr, want = e->want.addr;

	switch (e->rule) {
	case VQA_RULE_STALL:
		describe_stall(e, buf, size);
		return true;
	case VQA_RULE_KICK_MISSING:
		snprintf(buf, size, "%s: available index %llu; the device waits for %llu",
			 kind__text(e->kind), seen, want);
		return true;
	case VQA_RULE_NOTIFY_MISSING:
		snprintf(buf, size, "no interrupt came for what the device used: %llu unread",
			 seen);
		return true;
	case VQA_RULE_NOTIFY_STORM:
		snprintf(buf, size,
			 "%llu interrupts a second for which nothing was used; more than %llu",
			 seen, want);
		return true;
	case VQA_RULE_QUEUE_SIZE:
		snprintf(buf, size, "%s: %llu", kind__text(e->kind), seen);
		return true;
	case VQA_RULE_BEFORE_DRIVER_OK:
	case VQA_RULE_AFTER_RESET:
		describe_quiet(e, buf, size);
		return true;
	default:
		return false;
	}
}
