// SPDX-License-Identifier: GPL-2.0
/* The page of a report: sound whatever a record says, and nothing in it that a record chose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "describe.h"
#include "html.h"
#include "json_record.h"
#include "names.h"
#include "report_page.h"
#include "flight_bytes.h"
#include "html_sound.h"

/* tests/unit/html.c has what becomes of each character. */
#define HOSTILE "<script>'\"&\\\033[1m\xe2\x80\xae"
#define HARMLESS "&lt;script&gt;&#39;&quot;&amp;\\x5c\\x1b[1m\\xe2\\x80\\xae"

/* --- pages ----------------------------------------------------------------- */

/* The page of @size bytes of records, to be freed; the counters are in @r. */
static char *page_of(struct report *r, const char *path, const char *text, size_t size)
{
	FILE *f = fmemopen((void *)text, size, "r");
	struct page p;
	char *page = NULL;
	size_t length = 0;

	assert_non_null(f);
	r->view = &report_html;
	r->page = &p;
	assert_int_equal(page__begin(&p), 0);
	assert_int_equal(report__read(r, f), 0);
	assert_int_equal(page__end(&p, r, path, &page, &length), 0);
	fclose(f);
	assert_int_equal(strlen(page), length);
	assert_sound(page);
	assert_alone(page);
	return page;
}

static void append(char **text, json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT), *longer;

	assert_non_null(line);
	assert_true(asprintf(&longer, "%s%s\n", *text ?: "", line) > 0);
	free(*text);
	free(line);
	json_decref(object);
	*text = longer;
}

static json_t *violation(const struct bytes *b)
{
	/* As a file may have it, and not as the kernel tells it. */
	struct flight f = { .n = b->e.flight };

	memcpy(f.op, b->op, f.n * sizeof(f.op[0]));
	return json_record__violation(&b->e, &f, TIER_PATCHED);
}

/* The page of one event, and whether it was an incident. */
static char *try_event(const struct bytes *b, bool *ret)
{
	struct report r = { 0 };
	char *text = NULL, *page;

	append(&text, violation(b));
	page = page_of(&r, "file", text, strlen(text));
	assert_int_equal(r.incidents + r.corrupt, 1);
	*ret = r.incidents;
	free(text);
	return page;
}

static char *page_of_event(const struct bytes *b)
{
	bool ok;
	char *page = try_event(b, &ok);

	assert_true(ok);
	return page;
}

/* Each rule at each point on both rings has a page, with what the rule says. */
static void every_rule(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VQA_RULE_COUNT * VQA_POINT_COUNT * 4; i++) {
		struct bytes b = filled(N);
		const struct rule_info *rule;
		char *page;

		b.e.rule = i % VQA_RULE_COUNT;
		b.e.point = i / VQA_RULE_COUNT % VQA_POINT_COUNT;
		b.e.queue.packed = i & 1;
		b.e.table = i >> 3 & 1;
		b.e.entries = b.e.table * 40;
		b.e.entry = 33;
		b.e.kind = i % VQA_KIND_COUNT;
		b.e.fields = i & 2   ? VQA_F_WORD
			     : i & 4 ? VQA_F_USED_LEN
			     : i & 8 ? VQA_F_DMA
				     : VQA_F_ADDR | VQA_F_LEN;
		rule = rule__info(b.e.rule);
		page = page_of_event(&b);
		assert_non_null(strstr(page, rule->name));
		assert_non_null(strstr(page, rule->spec));
		assert_non_null(strstr(page, severity__name(rule->severity)));
		assert_non_null(strstr(page, "Holds when"));
		assert_non_null(strstr(page, "<svg class=\"ring\""));
		assert_non_null(strstr(page, "<svg class=\"time\""));
		free(page);
	}
}

/* What differs stands in marks, on both sides, and there is a word for it. */
static void marks(void **state)
{
	struct bytes b = filled(N);
	char *page = page_of_event(&b);

	(void)state;
	assert_non_null(strstr(page, "0x000000000000<mark>2</mark>000"));
	assert_non_null(strstr(page, "0x000000000000<mark>1</mark>000"));
	assert_non_null(strstr(page, "<td>differs</td>"));
	assert_non_null(strstr(page, ">device sees</th>"));
	assert_non_null(strstr(page, ">driver wrote</th>"));
	free(page);
}

/* A cell is drawn as one that differs where the record says so, and nowhere else. */
static void marked_cell(void **state)
{
	struct bytes b = filled(N);
	const char *hatch;
	char *page;

	(void)state;
	b.e.slot = 200;
	page = page_of_event(&b);
	hatch = strstr(page, "class=\"hatch\"");
	assert_non_null(hatch);
	assert_null(strstr(hatch + 1, "class=\"hatch\""));
	assert_memory_equal(strstr(hatch, "class=\"number\"") + 14, " x=", 3);
	assert_memory_equal(strchr(strstr(hatch, "class=\"number\""), '>'), ">200</text>", 11);
	free(page);

	b.e.fields = VQA_F_WORD;
	b.e.rule = VQA_RULE_AVAIL_TAMPER;
	page = page_of_event(&b);
	assert_null(strstr(page, "class=\"hatch\""));
	free(page);
}

/* The chain leads on as the driver wrote it, and as the device sees it. */
static void joined(void **state)
{
	struct bytes b = filled(N);
	char *page;

	(void)state;
	b.e.id = b.e.slot = 3;
	b.e.fields = VQA_F_NEXT;
	b.e.seen.flags = b.e.want.flags = 1;
	b.e.want.next = 5;
	b.e.seen.next = 9;
	page = page_of_event(&b);
	assert_non_null(strstr(page, "<path class=\"wrote\""));
	assert_non_null(strstr(page, "<path class=\"sees\""));
	free(page);

	b.e.seen.flags = 0;
	page = page_of_event(&b);
	assert_null(strstr(page, "<path class=\"sees\""));
	assert_non_null(strstr(page, "differs: ends here"));
	free(page);
}

/* --- what others chose ------------------------------------------------------- */

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (const char *s = text; (s = strstr(s, what)); s++)
		n++;
	return n;
}

static json_t *hostile_start(void)
{
	return json_pack("{s:s, s:i, s:I, s:s, s:s, s:s}", "type", "start", "time_ns", 1,
			 "realtime_ns", (json_int_t)1700000000000000000, "version", HOSTILE, "tier",
			 HOSTILE, "kernel", HOSTILE);
}

static void hostile_words(void **state)
{
	struct bytes b = filled(N);
	struct report r = { 0 };
	char *text = NULL, *page;
	json_t *v;

	(void)state;
	snprintf(b.e.queue.bus, sizeof(b.e.queue.bus), "%s", HOSTILE);
	snprintf(b.e.queue.name, sizeof(b.e.queue.name), "%s", HOSTILE);
	append(&text, hostile_start());
	append(&text, violation(&b));
	b.e.type = VQA_EV_BROKEN;
	append(&text, json_record__queue(&b.e));
	append(&text, json_pack("{s:s, s:s, s:s, s:i, s:i}", "type", "lost", "which", HOSTILE,
				"text", HOSTILE, "count", 1, "total", 1));
	append(&text, json_pack("{s:s, s:s}", "type", "stop", "reason", HOSTILE));
	append(&text, json_pack("{s:s}", HOSTILE, "no type"));
	v = violation((b.e.type = VQA_EV_VIOLATION, &b));
	json_object_set_new(v, "rule", json_string(HOSTILE));
	append(&text, v);
	page = page_of(&r, HOSTILE, text, strlen(text));
	assert_int_equal(r.lines, 7);
	assert_int_equal(r.corrupt, 2);
	/* The path twice; three words of the start, twice; bus and name; broken, lost, stop. */
	assert_int_equal(count(page, HARMLESS), 2 + 6 + 2 + 3);
	free(page);
	free(text);
}

/* --- records that are not whole, or lie ----------------------------------------- */

/* Numbers that lie at an edge, and others. */
static __u32 draw(__u64 *seed)
{
	static const __u32 edges[] = { 0, 1, 2, 7, 8, 255, 256, 32767, 32768, 65535, 1 << 20, ~0u };

	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 60 < 12 ? edges[*seed >> 60] : *seed >> 40;
}

static void hostile_numbers(void **state)
{
	unsigned int drawn = 0;
	__u64 seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		struct bytes b = filled(N);
		bool ok;
		struct vqa_event *e = &b.e;

		e->rule = draw(&seed) % VQA_RULE_COUNT;
		e->kind = draw(&seed) % VQA_KIND_COUNT;
		e->point = draw(&seed) % VQA_POINT_COUNT;
		e->fields = draw(&seed) & ((1 << VQA_FIELD_COUNT) - 1);
		if (i & 1)
			e->fields &= DESCRIBE_DESC_FIELDS;
		e->queue.num = draw(&seed);
		e->queue.packed = draw(&seed) & 1;
		e->id = draw(&seed);
		e->slot = draw(&seed);
		e->chain = draw(&seed);
		e->table = draw(&seed) & 1;
		e->entries = draw(&seed);
		e->entry = draw(&seed);
		e->last_used = draw(&seed);
		e->seen = (struct vqa_desc){ .addr = draw(&seed), .rest = draw(&seed) };
		e->want = (struct vqa_desc){ .addr = draw(&seed), .rest = draw(&seed) };
		e->seen.next = draw(&seed);
		e->want.flags = draw(&seed);
		e->also = draw(&seed) & ((1 << VQA_RULES_MASKED) - 1);
		for (unsigned int k = 0; k < N; k++)
			put(&b, k,
			    (struct vqa_op){
				    .op = 1 + draw(&seed) % (VQA_OP_COUNT - 1),
				    .id = draw(&seed),
				    .num = draw(&seed),
				    .avail = draw(&seed),
				    .used = draw(&seed),
			    });
		if (e->fields & VQA_F_DMA) /* as much as can be written */
			e->seen.flags = e->want.flags = 0;
		free(try_event(&b, &ok));
		drawn += ok;
	}
	assert_true(drawn > 500);
}

static void no_ring(void **state)
{
	static const __u32 sizes[] = { 0, 32769, ~0u };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes b = filled(N);
		char *page;

		b.e.queue.num = sizes[i];
		page = page_of_event(&b);
		assert_null(strstr(page, "<svg class=\"ring\""));
		assert_non_null(strstr(page, "cannot be drawn"));
		free(page);
	}
}

static void no_operations(void **state)
{
	struct bytes b = filled(0);
	char *page;

	(void)state;
	b.e.flight = 0;
	page = page_of_event(&b);
	assert_null(strstr(page, "<svg class=\"time\""));
	assert_non_null(strstr(page, "no operations with it"));
	free(page);
}

/* Cut anywhere: a whole page, which says what it could not read. */
static void cut_lines(void **state)
{
	struct bytes b = filled(N);
	char *text = NULL, *page;

	(void)state;
	append(&text, violation(&b));
	for (size_t cut = 1; cut < strlen(text); cut += 97) {
		struct report r = { 0 };

		page = page_of(&r, "file", text, cut);
		assert_int_equal(r.corrupt, 1);
		assert_non_null(strstr(page, "Lines that could not be read"));
		assert_non_null(strstr(page, "1, of which 1 could not be read"));
		assert_null(strstr(page, "id=\"incident-1\""));
		free(page);
	}
	free(text);
}

static void one_of_many(void **state)
{
	struct bytes b = filled(N);
	struct report all = { 0 }, one = { .only = 2 };
	char *text = NULL, *page;

	(void)state;
	append(&text, hostile_start());
	for (unsigned int i = 0; i < 3; i++)
		append(&text, violation(&b));
	page = page_of(&all, "file", text, strlen(text));
	assert_int_equal(count(page, "<section class=\"incident\""), 3);
	assert_non_null(strstr(page, "<a href=\"#incident-3\">3</a>"));
	free(page);
	page = page_of(&one, "file", text, strlen(text));
	assert_int_equal(count(page, "<section class=\"incident\""), 1);
	assert_non_null(strstr(page, "id=\"incident-2\""));
	assert_non_null(strstr(page, "2 of 3"));
	assert_non_null(strstr(page, "2023-11-")); /* the start counts none the less */
	free(page);
	free(text);
}

/* What the file tells of a queue belongs to its incidents. */
static void traits(void **state)
{
	struct bytes b = filled(N);
	struct report r = { 0 };
	char *text = NULL, *page;

	(void)state;
	b.e.queue.shadow = VQA_SHADOW_PART;
	b.e.queue.dma_api = 1;
	b.e.type = VQA_EV_QUEUE;
	append(&text, json_record__queue(&b.e));
	b.e.type = VQA_EV_VIOLATION;
	append(&text, violation(&b));
	page = page_of(&r, "file", text, strlen(text));
	assert_non_null(
		strstr(page, "DMA API, no indirect tables; the kernel&#39;s own copy: part"));
	free(page);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule),	 cmocka_unit_test(marks),
		cmocka_unit_test(marked_cell),	 cmocka_unit_test(joined),
		cmocka_unit_test(hostile_words), cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(no_ring),	 cmocka_unit_test(no_operations),
		cmocka_unit_test(cut_lines),	 cmocka_unit_test(one_of_many),
		cmocka_unit_test(traits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
