/* SPDX-License-Identifier: GPL-2.0 */
/* Violations from systemd's journal. */
#include "events.h"

#include <string.h>

#include <systemd/sd-journal.h>

#include "journal.h"
#include "text.h"

static void corrupt(struct events *v, sd_journal *j, const char *fault)
{
	char *cursor = NULL, where[512], reason[256];

	if (sd_journal_get_cursor(j, &cursor) < 0)
		cursor = NULL;
	snprintf(where, sizeof(where), "journal entry %s", cursor ?: "?");
	free(cursor);
	events__corrupt(v, where, text__escape(reason, sizeof(reason), fault));
}

static void show_entry(struct events *v, sd_journal *j)
{
	const size_t name = strlen(JOURNAL_JSON) + 1; /* and its = */
	const char *fault = "it has no " JOURNAL_JSON;
	json_error_t err;
	json_t *record;
	const void *data;
	size_t size;

	if (sd_journal_get_data(j, JOURNAL_JSON, &data, &size) < 0 || size < name) {
		corrupt(v, j, fault);
		return;
	}
	record = json_loadb((const char *)data + name, size - name, JSON_REJECT_DUPLICATES, &err);
	fault = record ? events__show(v, record, 0) : err.text;
	if (fault)
		corrupt(v, j, fault);
	json_decref(record);
}

/* MESSAGE_ID of violations, and of no other kind. */
static int select_violations(sd_journal *j)
{
	char match[64];

	snprintf(match, sizeof(match), "MESSAGE_ID=%s", journal__message_id(JOURNAL_VIOLATION));
	return sd_journal_add_match(j, match, 0);
}

/* From its beginning, or from where --since can begin: what is written later happened before. */
static int seek(const struct events *v, sd_journal *j)
{
	if (v->filter.since_s)
		return sd_journal_seek_realtime_usec(j, v->filter.since_s * 1000000ULL);
	return sd_journal_seek_head(j);
}

int events__read_journal(struct events *v, const char *directory)
{
	sd_journal *j;
	int err;

	err = directory ? sd_journal_open_directory(&j, directory, 0)
			: sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY);
	if (err < 0)
		return err;
	sd_journal_set_data_threshold(j, 0); /* a record is not to be cut short */
	err = select_violations(j);
	if (err >= 0)
		err = seek(v, j);
	while (err >= 0 && (err = sd_journal_next(j)) > 0 && !out__gone(v->out))
		show_entry(v, j);
	sd_journal_close(j);
	return err < 0 ? err : 0;
}
