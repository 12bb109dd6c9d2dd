/* SPDX-License-Identifier: GPL-2.0 */
/* Lines for logs. */
#include "oneline.h"

#include <stdio.h>
#include <syslog.h>

#include "describe.h"
#include "names.h"
#include "text.h"
#include "text_queue.h"
#include "version.h"

char *oneline__start(const struct sink_start *start, char buf[ONELINE_SIZE])
{
	char kernel[128];

	snprintf(buf, ONELINE_SIZE, "vq-audit %s %s, tier %s, Linux %s", VQ_AUDIT_VERSION,
		 start->taken_over ? "takes over" : "watches", tier__name(start->tier),
		 text__escape(kernel, sizeof(kernel), start->kernel));
	return buf;
}

char *oneline__queue(const struct vqa_event *e, char buf[ONELINE_SIZE])
{
	char label[TEXT_QUEUE_SIZE], traits[TEXT_QUEUE_SIZE];

	text_queue__label(&e->queue, label, sizeof(label));
	if (e->type == VQA_EV_QUEUE)
		snprintf(buf, ONELINE_SIZE, "queue %s: %s", label,
			 text_queue__traits(&e->queue, traits, sizeof(traits)));
	else if (e->type == VQA_EV_QUEUE_GONE)
		snprintf(buf, ONELINE_SIZE, "queue %s: deleted", label);
	else
		snprintf(buf, ONELINE_SIZE,
			 "queue %s: broken by the kernel: its driver gets no more buffers back",
			 label);
	return buf;
}

char *oneline__violation(const struct vqa_event *e, enum tier tier, char buf[ONELINE_SIZE])
{
	char label[TEXT_QUEUE_SIZE], what[256], more[64] = "";

	if (e->suppressed)
		snprintf(more, sizeof(more), "; %u more record%s held back before", e->suppressed,
			 text__plural(e->suppressed));
	snprintf(buf, ONELINE_SIZE, "%s (%s): %s: %s; %s%s%s", rule__name(e->rule),
		 severity__name(rule__info(e->rule)->severity),
		 text_queue__label(&e->queue, label, sizeof(label)),
		 describe__what(e, what, sizeof(what)), describe__done_text(e, tier),
		 e->racy ? "; re-read, which can race" : "", more);
	return buf;
}

char *oneline__recovery(const struct recovery *r, char buf[ONELINE_SIZE])
{
	char device[TEXT_NAME_SIZE], bus[TEXT_NAME_SIZE], text[RECOVERY_TEXT], count[48] = "";

	if (r->attempt)
		snprintf(count, sizeof(count), " (attempt %u of %u)", r->attempt, r->attempts);
	snprintf(buf, ONELINE_SIZE, "recover %s%s%s: %s%s: %s",
		 text__escape(device, sizeof(device), r->device.name), r->device.bus[0] ? " " : "",
		 text__escape(bus, sizeof(bus), r->device.bus), recovery__name(r->outcome), count,
		 text__escape(text, sizeof(text), r->text));
	return buf;
}

char *oneline__lost(const struct sink_loss *loss, char buf[ONELINE_SIZE])
{
	char text[256];

	snprintf(buf, ONELINE_SIZE, "lost %llu: %s (%llu since the start)", loss->count,
		 text__escape(text, sizeof(text), loss->text), loss->total);
	return buf;
}

char *oneline__stop(const struct sink_stop *stop, char buf[ONELINE_SIZE])
{
	snprintf(buf, ONELINE_SIZE, "stop: %s; %llu violation%s%s", stop->reason, stop->violations,
		 text__plural(stop->violations), stop->goes_on ? "; the audit goes on" : "");
	return buf;
}

int oneline__priority_of(const struct recovery *r)
{
	return r->outcome == RECOVERY_DONE ? LOG_NOTICE : LOG_CRIT;
}

int oneline__priority(const struct vqa_event *e)
{
	static const int of_severity[] = {
		[VQA_SEV_LOW] = LOG_NOTICE,
		[VQA_SEV_MEDIUM] = LOG_WARNING,
		[VQA_SEV_HIGH] = LOG_ERR,
		[VQA_SEV_CRITICAL] = LOG_CRIT,
	};

	if (e->type != VQA_EV_VIOLATION)
		return e->type == VQA_EV_BROKEN ? LOG_CRIT : LOG_INFO;
	if (e->action == VQA_ACT_PANIC)
		return LOG_EMERG;
	if (e->action == VQA_ACT_BREAK)
		return LOG_CRIT;
	return e->action == VQA_ACT_ALERT ? of_severity[rule__info(e->rule)->severity] : LOG_NOTICE;
}
