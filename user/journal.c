/* SPDX-License-Identifier: GPL-2.0 */
/* Fields of the journal from a JSON record. */
#include "journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which member of a record is which field. docs/sinks.md says what they mean. */
static const struct {
	const char *field, *key;
} fields[] = {
	{ "VQ_AUDIT_TYPE", "type" },
	{ "VQ_AUDIT_RULE", "rule" },
	{ "VQ_AUDIT_SEVERITY", "severity" },
	{ "VQ_AUDIT_BLAME", "blame" },
	{ "VQ_AUDIT_ACTION", "action" },
	{ "VQ_AUDIT_DONE", "done" },
	{ "VQ_AUDIT_AT", "at" },
	{ "VQ_AUDIT_KIND", "kind" },
	{ "VQ_AUDIT_DEVICE", "virtio" },
	{ "VQ_AUDIT_BUS", "bus" },
	{ "VQ_AUDIT_DEVICE_TYPE", "device" },
	{ "VQ_AUDIT_QUEUE", "queue" },
	{ "VQ_AUDIT_QUEUE_NAME", "queue_name" },
	{ "VQ_AUDIT_RING", "ring" },
	{ "VQ_AUDIT_SIZE", "num" },
	{ "VQ_AUDIT_HEAD", "id" },
	{ "VQ_AUDIT_INDEX", "slot" },
	{ "VQ_AUDIT_ENTRY", "entry" },
	{ "VQ_AUDIT_DIFFERS", "fields" },
	{ "VQ_AUDIT_ALSO", "also" },
	{ "VQ_AUDIT_EXPECTED", "want" },
	{ "VQ_AUDIT_FOUND", "seen" },
	{ "VQ_AUDIT_CHAIN", "chain" },
	{ "VQ_AUDIT_ENTRIES", "entries" },
	{ "VQ_AUDIT_USED_LEN", "used_len" },
	{ "VQ_AUDIT_WRITABLE", "writable" },
	{ "VQ_AUDIT_LAST_USED", "last_used" },
	{ "VQ_AUDIT_SEQ", "seq" },
	{ "VQ_AUDIT_SUPPRESSED", "suppressed" },
	{ "VQ_AUDIT_RACY", "racy" },
	{ "VQ_AUDIT_QUIRK", "quirk" },
	{ "VQ_AUDIT_TIME_NS", "time_ns" },
	{ "VQ_AUDIT_EVENT", "event" },
	{ "VQ_AUDIT_GENERATION", "generation" },
	{ "VQ_AUDIT_OUTCOME", "outcome" },
	{ "VQ_AUDIT_DRIVER", "driver" },
	{ "VQ_AUDIT_ATTEMPT", "attempt" },
	{ "VQ_AUDIT_ATTEMPTS", "attempts" },
	{ "VQ_AUDIT_WHICH", "which" },
	{ "VQ_AUDIT_COUNT", "count" },
	{ "VQ_AUDIT_TOTAL", "total" },
	{ "VQ_AUDIT_VERSION", "version" },
	{ "VQ_AUDIT_TIER", "tier" },
	{ "VQ_AUDIT_KERNEL", "kernel" },
	{ "VQ_AUDIT_TAKEN_OVER", "taken_over" },
	{ "VQ_AUDIT_REASON", "reason" },
	{ "VQ_AUDIT_VIOLATIONS", "violations" },
	{ "VQ_AUDIT_EXIT", "exit" },
	{ "VQ_AUDIT_GOES_ON", "goes_on" },
};

const char *journal__message_id(enum journal_kind kind)
{
	static const char *const ids[] = {
#define X(id, type, message_id, text) [JOURNAL_##id] = message_id,
		JOURNAL_KINDS(X)
#undef X
	};

	return ids[kind];
}

void journal__add(struct journal_entry *j, const char *name, const char *value)
{
	char *text;
	int n;

	if (j->n == JOURNAL_FIELDS || (n = asprintf(&text, "%s=%s", name, value)) < 0) {
		j->err = j->err ?: j->n == JOURNAL_FIELDS ? -E2BIG : -ENOMEM;
		return;
	}
	j->field[j->n++] = (struct iovec){ .iov_base = text, .iov_len = n };
}

static void add_dump(struct journal_entry *j, const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);

	if (text)
		journal__add(j, name, text);
	else
		j->err = j->err ?: -ENOMEM;
	free(text);
}

/* Strings as they are, an object as JSON, and a list as a field for each of its members. */
static void add_value(struct journal_entry *j, const char *name, const json_t *value)
{
	if (json_is_null(value))
		return;
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			add_value(j, name, json_array_get(value, i));
		return;
	}
	if (json_is_string(value))
		journal__add(j, name, json_string_value(value));
	else
		add_dump(j, name, value);
}

void journal__add_record(struct journal_entry *j, const json_t *record)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const json_t *value = json_object_get(record, fields[i].key);

		if (value)
			add_value(j, fields[i].field, value);
	}
	add_dump(j, JOURNAL_JSON, record);
}

void journal__free(struct journal_entry *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->field[i].iov_base);
	*j = (struct journal_entry){ 0 };
}
