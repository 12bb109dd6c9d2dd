/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people, of at most TEXT_COLUMNS columns. Events go out; stats and the end are log. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "describe.h"
#include "names.h"
#include "oneline.h"
#include "sink.h"
#include "text.h"
#include "text_flight.h"
#include "text_queue.h"
#include "text_stats.h"
#include "version.h"

#define INDENT 4

#define RED "\033[1;31m"
#define YELLOW "\033[33m"
#define RESET "\033[0m"

/* "" or an escape sequence. */
static const char *paint(const struct sink *s, const char *sequence)
{
	return s->color ? sequence : "";
}

/* A paragraph with a head that its further lines are indented by. */
static void paragraph(FILE *f, const char *head, const char *text)
{
	int n = fprintf(f, "%s", head);

	text__wrap(f, n, n, text);
}

static int on_start(struct sink *s, const struct sink_start *start)
{
	char line[320];
	FILE *f;

	if (s->quiet)
		return 0;
	f = out__begin(s->out);
	if (!f)
		return -ENOMEM;
	snprintf(line, sizeof(line), "vq-audit %s on Linux %s", VQ_AUDIT_VERSION, start->kernel);
	paragraph(f, "start   ", line);
	snprintf(line, sizeof(line), "%s: %s", tier__name(s->tier), tier__text(s->tier));
	paragraph(f, "tier    ", line);
	paragraph(f, "unseen  ", "\"vq-audit check\" lists what is beyond this tier, and why");
	if (start->taken_over)
		paragraph(f, "pinned  ",
			  "taken over from a process before, with what has been counted since");
	if (s->tier != TIER_PATCHED && policy__find(&start->policy, VQA_ACT_PANIC) >= 0)
		paragraph(f, "panic   ",
			  "by vq-audit itself, after the fact: this kernel cannot in time");
	return out__end(s->out);
}

static const char *queue_word(unsigned int type)
{
	return type == VQA_EV_QUEUE ? "queue" : type == VQA_EV_QUEUE_GONE ? "gone" : "broken";
}

static int on_queue(struct sink *s, const struct vqa_event *e)
{
	char label[TEXT_QUEUE_SIZE], traits[TEXT_QUEUE_SIZE];
	const char *what;
	FILE *f;

	if (s->quiet && e->type != VQA_EV_BROKEN)
		return 0;
	f = out__begin(s->out);
	if (!f)
		return -ENOMEM;
	if (e->type == VQA_EV_BROKEN)
		what = "broken by the kernel: its driver gets no more buffers back";
	else if (e->type == VQA_EV_QUEUE_GONE)
		what = "deleted";
	else
		what = text_queue__traits(&e->queue, traits, sizeof(traits));
	text__wrap(f,
		   fprintf(f, "%-6s  %s  ", queue_word(e->type),
			   text_queue__label(&e->queue, label, sizeof(label))),
		   8, what);
	return out__end(s->out);
}

/* Local time of day of a moment of CLOCK_MONOTONIC. */
static void format_time(const struct sink *s, __u64 time_ns, char *buf, size_t size)
{
	long long ns = (s->clock_ns ?: clock__offset_ns()) + (long long)time_ns;
	struct tm tm;
	time_t t;
	size_t n;

	t = ns / 1000000000LL;
	localtime_r(&t, &tm);
	n = strftime(buf, size, "%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03lld", ns / 1000000 % 1000);
}

static const char *action_word(unsigned int action)
{
	static const char *const words[VQA_ACT_COUNT] = {
		[VQA_ACT_IGNORE] = "IGNORE", [VQA_ACT_LOG] = "LOG",	[VQA_ACT_ALERT] = "ALERT",
		[VQA_ACT_BREAK] = "BREAK",   [VQA_ACT_PANIC] = "PANIC",
	};

	return words[action];
}

/* When, how bad, which rule, which queue: on one line if that fits. */
static void print_head(const struct sink *s, FILE *f, const struct vqa_event *e)
{
	const char *color = e->action > VQA_ACT_LOG ? RED : YELLOW;
	char time[24], rule[64], device[TEXT_QUEUE_SIZE], name[TEXT_NAME_SIZE];
	char queue[TEXT_QUEUE_SIZE + TEXT_NAME_SIZE];
	int column;

	format_time(s, e->time_ns, time, sizeof(time));
	snprintf(rule, sizeof(rule), "%s (%s)", rule__name(e->rule),
		 severity__name(rule__info(e->rule)->severity));
	snprintf(queue, sizeof(queue), "%s  queue %u \"%s\", %s",
		 text_queue__device(&e->queue, device, sizeof(device)), e->queue.index,
		 text__escape(name, sizeof(name), e->queue.name),
		 e->queue.packed ? "packed" : "split");

	fprintf(f, "%s  %s%-5s%s  %s", time, paint(s, color), action_word(e->action),
		paint(s, RESET), rule);
	column = strlen(time) + 2 + 5 + 2 + strlen(rule);
	if (column + 2 + strlen(queue) <= TEXT_COLUMNS)
		fprintf(f, "  %s\n", queue);
	else
		fprintf(f, "\n%*s%s\n", INDENT, "", queue);
}

static void print_rows(const struct sink *s, FILE *f, const struct vqa_event *e)
{
	struct desc_rows rows;

	describe__rows(e, &rows);
	if (!rows.title[0])
		return;
	fprintf(f, "%*s%s\n", INDENT, "", rows.title);
	fprintf(f, "%*s%s\n", INDENT, "", rows.seen);
	fprintf(f, "%*s%s\n", INDENT, "", rows.want);
	if (rows.marks[0])
		fprintf(f, "%*s%s%s%s\n", INDENT, "", paint(s, RED), rows.marks, paint(s, RESET));
}

static void print_also(FILE *f, __u32 also)
{
	const char *before = "";

	fprintf(f, "    note: other descriptors of this buffer violate ");
	for (unsigned int i = 0; i < VQA_RULES_MASKED; i++) {
		if (!(also & 1u << i))
			continue;
		fprintf(f, "%s%s", before, rule__name(i));
		before = ", ";
	}
	fputc('\n', f);
}

static void print_notes(FILE *f, const struct vqa_event *e)
{
	if (e->also)
		print_also(f, e->also);
	if (e->racy)
		paragraph(f, "    note: ", DESCRIBE_RACY);
	if (e->quirk)
		paragraph(f, "    note: ", describe__quirk(e->rule));
	if (e->suppressed)
		fprintf(f, "    (%u more record%s held back by the rate limit before this one)\n",
			e->suppressed, text__plural(e->suppressed));
}

static void print_timeline(const struct sink *s, FILE *f, const struct vqa_event *e,
			   const struct flight *flight)
{
	struct text_flight t = {
		.flight = flight,
		.last = s->timeline,
		.time_ns = e->time_ns,
		.id = describe__is_buffer(e) ? e->id : VQA_OP_NO_ID,
		.packed = e->queue.packed,
	};

	if (s->timeline)
		text_flight__print(f, &t);
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *flight)
{
	FILE *f = out__begin(s->out);
	char what[256];

	if (!f)
		return -ENOMEM;
	print_head(s, f, e);
	paragraph(f, "    ", describe__what(e, what, sizeof(what)));
	print_rows(s, f, e);
	print_notes(f, e);
	print_timeline(s, f, e, flight);
	paragraph(f, "    done: ", describe__done_text(e, s->tier));
	return out__end(s->out);
}

/* The last column that a line may have is the text's business: a line of a log has none. */
static int on_recovery(struct sink *s, const struct recovery *r)
{
	bool done = r->outcome == RECOVERY_DONE;
	char line[ONELINE_SIZE];
	FILE *f = out__begin(s->out);
	int n;

	if (!f)
		return -ENOMEM;
	oneline__recovery(r, line);
	n = strcspn(line, " ");
	fprintf(f, "%s%.*s%s ", paint(s, done ? YELLOW : RED), n, line, paint(s, RESET));
	text__wrap(f, n + 1, n + 1, line + n + 1);
	return out__end(s->out);
}

static int on_stats(struct sink *s, const struct stats *stats, bool final)
{
	FILE *f;

	if (s->quiet)
		return 0;
	f = out__begin(s->log);
	if (!f)
		return -ENOMEM;
	text_stats__print(f, stats, final);
	return out__end(s->log);
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	FILE *f = out__begin(s->log);

	if (!f)
		return -ENOMEM;
	fprintf(f, "%slost%s    %llu: %s (%llu since the start)\n", paint(s, RED), paint(s, RESET),
		loss->count, loss->text, loss->total);
	return out__end(s->log);
}

static int on_stop(struct sink *s, const struct sink_stop *stop)
{
	FILE *f;

	if (s->quiet && !s->out->failed)
		return 0;
	f = out__begin(s->log);
	if (!f)
		return -ENOMEM;
	fprintf(f, "stop    %s; %llu violation%s\n", stop->reason, stop->violations,
		text__plural(stop->violations));
	if (stop->goes_on)
		fprintf(f, "stop    the audit goes on, pinned; \"vq-audit unpin\" ends it\n");
	if (s->out->failed)
		fprintf(f, "stop    %llu record%s could not be written\n", s->out->failed,
			text__plural(s->out->failed));
	return out__end(s->log);
}

const struct sink_ops sink_text = {
	.start = on_start,
	.queue = on_queue,
	.violation = on_violation,
	.recovery = on_recovery,
	.stats = on_stats,
	.lost = on_lost,
	.stop = on_stop,
};
