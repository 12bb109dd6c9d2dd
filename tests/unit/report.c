// SPDX-License-Identifier: GPL-2.0
/* Files of records: as record writes them, and what report makes of them, whole or not. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "describe.h"
#include "json_event.h"
#include "json_flight.h"
#include "record.h"
#include "report.h"
#include "sink.h"
#include "flight_bytes.h"

/** struct paper - a file in memory that records are written to */
struct paper {
	struct out out;
	char text[65536];
};

static void paper_open(struct paper *p)
{
	char path[] = "/tmp/vq-flight.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	out__init(&p->out, fd, "paper");
}

static const char *paper_read(struct paper *p)
{
	ssize_t n = pread(p->out.fd, p->text, sizeof(p->text) - 1, 0);

	assert_true(n >= 0);
	p->text[n] = 0;
	return p->text;
}

static void write_violation(struct paper *p, const struct bytes *b)
{
	struct sink sink = { .ops = &sink_json, .out = &p->out, .tier = TIER_PATCHED };
	struct flight f;

	decode(b, &f);
	assert_int_equal(sink.ops->violation(&sink, &b->e, &f), 0);
}

/* What report makes of @size bytes; returns what it prints. */
static const char *report(struct report *r, const char *text, size_t size)
{
	static struct paper p;
	FILE *f = fmemopen((void *)text, size, "r");

	assert_non_null(f);
	paper_open(&p);
	r->out = &p.out;
	r->lines = r->incidents = r->corrupt = 0;
	assert_int_equal(report__read(r, f), 0);
	fclose(f);
	paper_read(&p);
	close(p.out.fd);
	return p.text;
}

/* Every rule, at each point, says the same words after it was in a file. */
static void events_and_back(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VQA_RULE_COUNT * VQA_POINT_COUNT * 2; i++) {
		char said[256], says[256];
		struct bytes b = filled(N);
		const char *fault = NULL;
		static struct paper p;
		struct vqa_event e;
		json_t *object;

		b.e.rule = i % VQA_RULE_COUNT;
		b.e.point = i / VQA_RULE_COUNT % VQA_POINT_COUNT;
		b.e.queue.packed = i & 1;
		b.e.fields = i & 2   ? VQA_F_WORD
			     : i & 4 ? VQA_F_USED_LEN
			     : i & 8 ? VQA_F_DMA
				     : VQA_F_ADDR | VQA_F_LEN;
		b.e.kind = i % VQA_KIND_COUNT;
		b.e.writable = describe__writable_known(&b.e) ? 5 : ~0u;
		paper_open(&p);
		write_violation(&p, &b);
		object = json_loads(paper_read(&p), 0, NULL);
		close(p.out.fd);
		assert_non_null(object);
		assert_int_equal(json_event__parse(object, &e, &fault), 0);
		assert_string_equal(describe__what(&e, says, sizeof(says)),
				    describe__what(&b.e, said, sizeof(said)));
		json_decref(object);
	}
}

static void good_file(void **state)
{
	struct bytes b = filled(N);
	static struct paper p;
	struct report r = { .view = &report_text };
	const char *text;

	(void)state;
	paper_open(&p);
	write_violation(&p, &b);
	write_violation(&p, &b);
	paper_read(&p);
	text = report(&r, p.text, strlen(p.text));
	assert_int_equal(r.lines, 2);
	assert_int_equal(r.incidents, 2);
	assert_int_equal(r.corrupt, 0);
	assert_non_null(strstr(text, "incident 2, line 2"));
	assert_non_null(strstr(text, "desc-tamper (critical)"));
	assert_non_null(strstr(text, "0000000000002000"));
	assert_non_null(strstr(text, "> "));
	for (const char *s = text; *s; s = strchrnul(s, '\n'), s += !!*s)
		assert_true(strcspn(s, "\n") <= 100);
	close(p.out.fd);
}

/* Cut anywhere: never an incident that is not whole, and what follows is shown. */
static void cut_lines(void **state)
{
	struct bytes b = filled(N);
	static struct paper p;
	static char two[32768];
	size_t size;

	(void)state;
	paper_open(&p);
	write_violation(&p, &b);
	size = strlen(paper_read(&p));
	for (size_t cut = 1; cut < size; cut += cut < size - 20 ? 37 : 1) {
		struct report r = { .view = &report_text };
		size_t at = 0;

		memcpy(two, p.text, cut);
		report(&r, two, cut);
		assert_int_equal(r.corrupt, 1);
		assert_int_equal(r.incidents, 0);

		at = cut;
		if (two[at - 1] != '\n')
			two[at++] = '\n';
		memcpy(two + at, p.text, size);
		report(&r, two, at + size);
		assert_int_equal(r.lines, 2);
		/* All but the line end was there: that is a line again. */
		assert_int_equal(r.corrupt, cut == size - 1 ? 0 : 1);
		assert_int_equal(r.incidents, cut == size - 1 ? 2 : 1);
	}
	close(p.out.fd);
}

static void corrupt_lines(void **state)
{
	static const struct {
		const char *line, *reason;
	} cases[] = {
		{ "\n", "no JSON" },
		{ "nonsense\n", "no JSON" },
		{ "[1]\n", "no \"type\"" },
		{ "{}\n", "no \"type\"" },
		{ "{\"type\":7}\n", "no \"type\"" },
		{ "{\"type\":\"song\"}\n", "not known" },
		{ "{\"type\":\"violation\"}\n", "missing" },
		{ "{\"type\":\"start\",\"type\":\"stop\"}\n", "duplicate" },
		{ "{\"type\":\"start\"}\n", "without a time" },
		{ "{\"type\":\"\xff\"}\n", "no JSON" },
		{ "{\"type\":\"\033[31m\"}\n", "no JSON" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report r = { .view = &report_text };
		const char *text = report(&r, cases[i].line, strlen(cases[i].line));

		assert_int_equal(r.corrupt, 1);
		assert_non_null(strstr(text, "corrupt line 1: "));
		assert_true(strstr(text, cases[i].reason) || strstr(text, "\\x22type\\x22"));
		assert_null(strchr(text, '\033'));
	}
}

/* One member after the other is taken away, or replaced by what it cannot be. */
static void corrupt_members(void **state)
{
	struct bytes b = filled(N);
	static struct paper p;
	json_t *whole, *value;
	const char *key;

	(void)state;
	paper_open(&p);
	write_violation(&p, &b);
	whole = json_loads(paper_read(&p), 0, NULL);
	close(p.out.fd);
	json_object_foreach(whole, key, value) {
		json_t *copy = json_deep_copy(whole);
		const char *fault = NULL;
		struct flight f;
		struct vqa_event e;

		json_object_set_new(copy, key, json_real(0.5));
		if (!strcmp(key, "flight"))
			assert_int_equal(json_flight__parse(json_object_get(copy, key), &f, &fault),
					 -EBADMSG);
		else if (json_event__parse(copy, &e, &fault))
			assert_non_null(fault);
		else /* what is said for people and other programs, and not read back */
			assert_true(!strcmp(key, "severity") || !strcmp(key, "blame") ||
				    !strcmp(key, "done") || !strcmp(key, "device") ||
				    !strcmp(key, "text"));
		json_decref(copy);
	}
	json_decref(whole);
}

/* --- record ---------------------------------------------------------------- */

static void record_file(void **state)
{
	char dir[] = "/tmp/vq-flight.XXXXXX", path[64];
	struct record r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(record__open(&r, path, false), 0);
	record__close(&r, VQA_EXIT_CLEAN);
	assert_int_not_equal(access(path, F_OK), 0); /* made for nothing */

	close(open(path, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(record__open(&r, path, false), -EEXIST);
	assert_int_equal(record__open(&r, path, true), 0);
	record__close(&r, VQA_EXIT_CLEAN);
	assert_int_equal(access(path, F_OK), 0); /* it was there before */
	assert_int_equal(record__open(&r, dir, true), -EISDIR);
	unlink(path);
	rmdir(dir);
}

/* A full disk is told by the exit code, unless there is more to tell. */
static void record_full_disk(void **state)
{
	struct sink_stop stop = { .reason = "duration" };
	struct record r;
	struct sink *sink;

	(void)state;
	assert_int_equal(record__open(&r, "/dev/full", true), 0);
	sink = record__begin(&r, TIER_PATCHED);
	assert_int_equal(sink->ops->stop(sink, &stop), -ENOSPC);
	assert_int_equal(r.out.failed, 1);
	assert_int_equal(record__close(&r, VQA_EXIT_CLEAN), VQA_EXIT_OUTPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_and_back),  cmocka_unit_test(good_file),
		cmocka_unit_test(cut_lines),	    cmocka_unit_test(corrupt_lines),
		cmocka_unit_test(corrupt_members),  cmocka_unit_test(record_file),
		cmocka_unit_test(record_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
