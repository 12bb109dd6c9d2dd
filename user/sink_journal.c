/* SPDX-License-Identifier: GPL-2.0 */
/* systemd's journal, by libsystemd. */
#include "sink_journal.h"

#include <errno.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "clock.h"
#include "journal.h"
#include "json_record.h"
#include "oneline.h"

#define SOCKET "/run/systemd/journal/socket"

/*
 * Without a socket libsystemd returns success and drops the entry, which is no
 * success here.
 */
static int send_entry(const struct journal_entry *j)
{
	if (j->err)
		return j->err;
	if (access(SOCKET, W_OK))
		return -errno;
	return sd_journal_sendv(j->field, j->n);
}

/* The reference to @record is taken over. */
static int tell(enum journal_kind kind, int priority, const char *message, json_t *record)
{
	char digit[] = { '0' + priority, 0 };
	struct journal_entry j = { 0 };
	int err;

	if (!record)
		return -ENOMEM;
	journal__add(&j, "MESSAGE", message);
	journal__add(&j, "MESSAGE_ID", journal__message_id(kind));
	journal__add(&j, "PRIORITY", digit);
	journal__add(&j, "SYSLOG_IDENTIFIER", "vq-audit");
	journal__add_record(&j, record);
	err = send_entry(&j);
	journal__free(&j);
	json_decref(record);
	return err;
}

static int on_start(struct sink *s, const struct sink_start *start)
{
	char line[ONELINE_SIZE];

	(void)s;
	return tell(JOURNAL_START, LOG_INFO, oneline__start(start, line),
		    json_record__start(start));
}

static int on_queue(struct sink *s, const struct vqa_event *e)
{
	char line[ONELINE_SIZE];

	if (s->quiet && e->type != VQA_EV_BROKEN)
		return 0;
	return tell(JOURNAL_QUEUE, oneline__priority(e), oneline__queue(e, line),
		    json_record__queue(e));
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *flight)
{
	json_t *record = json_record__violation(e, flight, s->tier);
	char line[ONELINE_SIZE];

	json_object_set_new(record, "realtime_ns",
			    json_integer((json_int_t)e->time_ns + clock__offset_ns()));
	return tell(JOURNAL_VIOLATION, oneline__priority(e), oneline__violation(e, s->tier, line),
		    record);
}

static int on_recovery(struct sink *s, const struct recovery *r)
{
	char line[ONELINE_SIZE];

	(void)s;
	return tell(JOURNAL_RECOVERY, oneline__priority_of(r), oneline__recovery(r, line),
		    json_record__recovery(r));
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	char line[ONELINE_SIZE];

	(void)s;
	return tell(JOURNAL_LOST, LOG_WARNING, oneline__lost(loss, line), json_record__lost(loss));
}

static int on_stop(struct sink *s, const struct sink_stop *stop)
{
	char line[ONELINE_SIZE];

	(void)s;
	return tell(JOURNAL_STOP, LOG_INFO, oneline__stop(stop, line), json_record__stop(stop));
}

static void on_close(struct sink *s)
{
	free(s);
}

static const struct sink_ops ops = {
	.start = on_start,
	.queue = on_queue,
	.violation = on_violation,
	.recovery = on_recovery,
	.lost = on_lost,
	.stop = on_stop,
	.close = on_close,
};

int sink_journal__new(struct sink **ret, const struct sink *like)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = *like;
	s->ops = &ops;
	*ret = s;
	return 0;
}
