// SPDX-License-Identifier: GPL-2.0
/* Violations that were written down, and what becomes of them when they are read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "events.h"
#include "json_record.h"
#include "time_arg.h"
#include "flight_bytes.h"

#define DAY 1800000000LL /* seconds since the epoch, when the clock of the records began */

static const struct flight none;

/* One of a rule on a queue, @at seconds after DAY. */
static json_t *violation(unsigned int rule, unsigned int device, unsigned int queue, int at)
{
	struct vqa_event e = filled(N).e;

	e.rule = rule;
	e.queue.vdev_index = device;
	e.queue.index = queue;
	e.time_ns = at * 1000000000LL;
	snprintf(e.queue.bus, sizeof(e.queue.bus), "0000:00:0%u.0", device);
	return json_record__violation(&e, &none, TIER_PATCHED);
}

/** struct read - what was made of a file */
struct read {
	struct events v;
	struct out out;
	char said[65536];
	char *complaints;
};

static void setup(struct read *r)
{
	free(r->complaints);
	memset(r, 0, sizeof(*r));
	r->v.filter.queue = -1;
	r->v.out = &r->out;
}

static void read_text(struct read *r, const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r"), *before = stderr;
	char path[] = "/tmp/vq-events.XXXXXX";
	int fd = mkstemp(path);
	size_t size;
	ssize_t n;

	unlink(path);
	out__init(&r->out, fd, "paper");
	free(r->complaints);
	stderr = open_memstream(&r->complaints, &size);
	assert_int_equal(events__read_file(&r->v, "FILE", f), 0);
	fclose(stderr);
	stderr = before;
	fclose(f);
	n = pread(fd, r->said, sizeof(r->said) - 1, 0);
	r->said[n] = 0;
	close(fd);
}

static void append(char *text, json_t *record)
{
	char *line = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);

	strcat(strcat(text, line), "\n");
	free(line);
	json_decref(record);
}

/* A start and four violations; DAY + 10 to DAY + 40. */
static const char *file(void)
{
	static char text[16384];

	*text = 0;
	append(text,
	       json_pack("{s:s, s:I, s:I}", "type", "start", "time_ns", (json_int_t)5000000000LL,
			 "realtime_ns", (json_int_t)(DAY + 5) * 1000000000LL));
	append(text, violation(VQA_RULE_NEXT_FLIP, 0, 0, 10));
	append(text, violation(VQA_RULE_STALL, 0, 1, 20));
	append(text, json_pack("{s:s}", "type", "stats"));
	append(text, violation(VQA_RULE_STALL, 1, 0, 30));
	append(text, violation(VQA_RULE_NEXT_FLIP, 12, 0, 40));
	return text;
}

static unsigned long shown(struct read *r, const char *text)
{
	r->v.shown = r->v.others = r->v.corrupt = r->v.undated = 0;
	read_text(r, text);
	return r->v.shown;
}

static void filters(void **state)
{
	struct read *r = calloc(1, sizeof(*r));

	(void)state;
	setup(r);
	assert_int_equal(shown(r, file()), 4);
	assert_int_equal(r->v.corrupt + r->v.undated + r->v.others, 0);
	r->v.filter.by_rule = r->v.filter.rule[VQA_RULE_STALL] = true;
	assert_int_equal(shown(r, file()), 2);
	assert_int_equal(r->v.others, 2);
	r->v.filter.queue = 1;
	assert_int_equal(shown(r, file()), 1);
	assert_non_null(strstr(r->said, "queue 1"));
	setup(r);
	r->v.filter.device = "virtio1";
	assert_int_equal(shown(r, file()), 1);
	r->v.filter.device = "0000:00:00.0";
	assert_int_equal(shown(r, file()), 2);
	setup(r);
	r->v.filter.since_s = DAY + 20;
	assert_int_equal(shown(r, file()), 3);
	r->v.filter.until_s = DAY + 40;
	assert_int_equal(shown(r, file()), 2);
	free(r->complaints);
	free(r);
}

/* Without a start, the record's own time of day counts; without that, it is shown and counted. */
static void times(void **state)
{
	struct read *r = calloc(1, sizeof(*r));
	static char text[8192];
	json_t *record = violation(VQA_RULE_STALL, 0, 0, 10);

	(void)state;
	append(text, violation(VQA_RULE_STALL, 0, 0, 10));
	json_object_set_new(record, "realtime_ns", json_integer((DAY + 10) * 1000000000LL));
	append(text, record);
	setup(r);
	r->v.filter.since_s = DAY;
	assert_int_equal(shown(r, text), 2);
	assert_int_equal(r->v.undated, 1);
	r->v.filter.since_s = DAY + 11;
	assert_int_equal(shown(r, text), 1);
	free(r->complaints);
	free(r);
}

static void json_as_it_was(void **state)
{
	struct read *r = calloc(1, sizeof(*r));
	const char *text = file();

	(void)state;
	setup(r);
	r->v.json = true;
	shown(r, text);
	for (char *line = strtok(r->said, "\n"); line; line = strtok(NULL, "\n"))
		assert_non_null(strstr(text, line));
	free(r->complaints);
	free(r);
}

/* Each line is cut once, at each of some places: it is named, and the others are shown. */
static void cut_lines(void **state)
{
	static char text[32768], good[16384];
	struct read *r = calloc(1, sizeof(*r));

	(void)state;
	setup(r);
	strcpy(good, file());
	for (unsigned int cut_line = 1; cut_line <= 6; cut_line++) {
		for (unsigned int cut = 1; cut < 10; cut += 2) {
			unsigned int line = 0;
			char where[16];

			*text = 0;
			for (char *s = good; *s; s = strchr(s, '\n') + 1) {
				size_t size = strchr(s, '\n') + 1 - s;

				if (++line != cut_line)
					strncat(text, s, size);
				else
					strcat(strncat(text, s, size * cut / 11 + 1), "\n");
			}
			shown(r, text);
			assert_int_equal(r->v.corrupt, 1);
			assert_int_equal(r->v.shown, cut_line == 1 || cut_line == 4 ? 4 : 3);
			snprintf(where, sizeof(where), "FILE:%u: ", cut_line);
			assert_non_null(strstr(r->complaints, where));
		}
	}
	good[strlen(good) - 30] = 0;
	assert_int_equal(shown(r, good), 3);
	assert_non_null(strstr(r->complaints, "FILE:6: cut off"));
	free(r->complaints);
	free(r);
}

static void moments(void **state)
{
	struct tm tm = {
		.tm_year = 126, .tm_mon = 10, .tm_mday = 22, .tm_hour = 6, .tm_isdst = -1
	};
	const long long now = mktime(&tm);
	static const char *const bad[] = { "",		 "yesterday", "-",   "-x",
					   "-5y",	 "@",	      "@x",  "-5mm",
					   "2026-13-01", "25:00",     "@-1", "06:00 x" };

	(void)state;
	assert_int_equal(time_arg__parse("2026-11-22 06:00:00", now), now);
	assert_int_equal(time_arg__parse("2026-11-22 06:00", now), now);
	assert_int_equal(time_arg__parse("2026-11-22", now), now - 6 * 3600);
	assert_int_equal(time_arg__parse("06:00", now), now);
	assert_int_equal(time_arg__parse("06:00:07", now), now + 7);
	assert_int_equal(time_arg__parse("-90", now), now - 90);
	assert_int_equal(time_arg__parse("-15m", now), now - 900);
	assert_int_equal(time_arg__parse("-2h", now), now - 7200);
	assert_int_equal(time_arg__parse("-1d", now), now - 86400);
	assert_int_equal(time_arg__parse("@123", now), 123);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(time_arg__parse(bad[i], now), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),	  cmocka_unit_test(times),
		cmocka_unit_test(json_as_it_was), cmocka_unit_test(cut_lines),
		cmocka_unit_test(moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
