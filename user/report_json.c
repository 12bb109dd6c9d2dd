/* SPDX-License-Identifier: GPL-2.0 */
/* A report for programs: the lines themselves, and what stands for one that is no record. */
#include "jsonl.h"
#include "report.h"

static void on_line(struct report *r, json_t *object)
{
	jsonl__write(r->out, json_incref(object));
}

static void on_corrupt(struct report *r, const char *reason)
{
	jsonl__write(r->out, json_pack("{s:s, s:I, s:s}", "type", "corrupt", "line",
				       (json_int_t)r->lines, "reason", reason));
}

const struct report_view report_json = { .line = on_line, .corrupt = on_corrupt };
