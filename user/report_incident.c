/* SPDX-License-Identifier: GPL-2.0 */
/* An incident as a section of a page. */
#include <stdarg.h>
#include <string.h>

#include "describe.h"
#include "html.h"
#include "names.h"
#include "report_page.h"
#include "text.h"

const char *report__moment(char *buf, size_t size, const struct incident *i)
{
	long long ns = incident__realtime_ns(i) ?: (long long)i->e.time_ns;
	char date[32];

	if (i->start)
		snprintf(buf, size, "%s.%03lld", report__date(date, sizeof(date), ns),
			 ns / 1000000 % 1000);
	else
		snprintf(buf, size, "%lld.%03lld s after boot", ns / 1000000000,
			 ns / 1000000 % 1000);
	return buf;
}

static void __attribute__((format(printf, 3, 4)))
fact(FILE *f, const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	html__element(f, "dt", "%s", name);
	html__element(f, "dd", "%s", text);
}

static const char *blame_text(enum vqa_blame blame)
{
	switch (blame) {
	case VQA_BLAME_DEVICE:
		return "the device";
	case VQA_BLAME_GUEST:
		return "the guest kernel";
	default:
		return "whoever reads and writes in the guest";
	}
}

static void print_head(FILE *f, const struct incident *i)
{
	const struct rule_info *rule = rule__info(i->e.rule);
	char what[256];

	fprintf(f, "<section class=\"incident\" id=\"incident-%lu\" aria-labelledby=\"h-%lu\">\n",
		i->n, i->n);
	fprintf(f, "<h2 id=\"h-%lu\"><span class=\"count\">Incident %lu</span> ", i->n, i->n);
	html__textf(f, "%s", rule->name);
	fprintf(f, " <span class=\"badge %s\">%s</span></h2>\n", severity__name(rule->severity),
		severity__name(rule->severity));
	html__element(f, "p class=\"what\"", "%s", describe__what(&i->e, what, sizeof(what)));
}

static void print_rule(FILE *f, const struct incident *i)
{
	const struct rule_info *rule = rule__info(i->e.rule);

	fputs("<h3>The rule</h3>\n<dl>\n", f);
	fact(f, "Holds when", "%s", rule->text);
	fact(f, "Rests on", "virtio specification %s", rule->spec);
	fact(f, "In doubt", "%s", blame_text(rule->blame));
	fputs("</dl>\n", f);
}

static void print_finding(FILE *f, const struct incident *i)
{
	const struct vqa_event *e = &i->e;
	char when[64];

	fputs("<h3>The finding</h3>\n<dl>\n", f);
	fact(f, "Found", "%s, %s", report__moment(when, sizeof(when), i),
	     e->point != VQA_POINT_SWEEP || describe__is_buffer(e) ? point__text(e->point)
								   : "on a look at the queue");
	fact(f, "Action", "%s: %s", action__name(e->action),
	     describe__done_text(e, incident__tier(i)));
	if (e->chain && !(e->fields & VQA_F_USED_ID)) {
		fputs("<dt>Buffer</dt><dd>", f);
		html__textf(f, "id %u, %u descriptor%s", e->id, e->chain, text__plural(e->chain));
		if (e->entries)
			html__textf(f, ", indirect table of %u", e->entries);
		if (describe__writable_known(e))
			html__textf(f, "; device may write %u byte%s", e->writable,
				    text__plural(e->writable));
		fputs("</dd>\n", f);
	}
	fact(f, "Before it", "%llu completion%s of this queue", e->seq, text__plural(e->seq));
	fact(f, "Record", "line %lu of the file, at %llu ns", i->line, e->time_ns);
	fputs("</dl>\n", f);
}

static void print_queue(FILE *f, const struct incident *i)
{
	const struct vqa_queue_id *q = &i->e.queue;
	char type[16];

	fputs("<h3>Device and queue</h3>\n<dl>\n", f);
	fact(f, "Device", "virtio%u, %s (type %u)", q->vdev_index,
	     device_type__format(q->device, type, sizeof(type)), q->device);
	fputs("<dt>On</dt>", f);
	html__named(f, "dd", NULL, q->bus, NULL);
	fputs("<dt>Queue</dt>", f);
	fprintf(f, "<dd>%u ", q->index);
	html__named(f, "q", NULL, q->name, NULL);
	html__textf(f, ", %s, %u descriptors", q->packed ? "packed" : "split", q->num);
	fputs("</dd>\n", f);
	if (i->queue)
		fact(f, "Memory", "%s, %s; the kernel's own copy: %s",
		     i->queue->dma_api ? "DMA API" : "no DMA API",
		     i->queue->indirect ? "indirect tables" : "no indirect tables",
		     shadow__name(i->queue->shadow));
	fputs("</dl>\n", f);
}

static void print_run(FILE *f, const struct incident *i)
{
	char date[32];

	fputs("<h3>The audit</h3>\n<dl>\n", f);
	if (i->start) {
		fputs("<dt>Kernel</dt>", f);
		html__named(f, "dd", "Linux ", i->start->kernel, NULL);
		fputs("<dt>By</dt>", f);
		html__named(f, "dd", "vq-audit ", i->start->version, NULL);
		fputs("<dt>Tier</dt>", f);
		html__named(f, "dd", NULL, i->start->tier_name, NULL);
		fact(f, "Since", "%s", report__date(date, sizeof(date), i->start->realtime_ns));
	} else {
		fact(f, "Unknown",
		     "no start stands before it in the file: neither kernel nor "
		     "time of day are known");
	}
	fputs("</dl>\n", f);
}

static void print_also(FILE *f, __u32 also)
{
	const char *before = "";

	fputs("<li>Other descriptors of this buffer violate ", f);
	for (unsigned int k = 0; k < VQA_RULES_MASKED; k++) {
		if (!(also & 1u << k))
			continue;
		html__textf(f, "%s%s", before, rule__name(k));
		before = ", ";
	}
	fputs("</li>\n", f);
}

static void print_notes(FILE *f, const struct vqa_event *e)
{
	if (!e->also && !e->racy && !e->quirk && !e->suppressed)
		return;
	fputs("<ul class=\"notes\">\n", f);
	if (e->also)
		print_also(f, e->also);
	if (e->racy)
		html__element(f, "li", "%s", DESCRIBE_RACY);
	if (e->quirk)
		html__element(f, "li", "%s", describe__quirk(e->rule));
	if (e->suppressed)
		html__element(f, "li",
			      "%u more record%s held back by the rate limit before this one",
			      e->suppressed, text__plural(e->suppressed));
	fputs("</ul>\n", f);
}

/* What differs stands between marks: seen without colour as well. */
static void print_word(FILE *f, const char *word, const char *marks)
{
	size_t marked = strlen(marks);
	bool on = false;

	fputs("<td><code>", f);
	for (size_t k = 0; word[k]; k++) {
		bool differs = k < marked && marks[k] == '^';

		if (differs != on)
			fputs(differs ? "<mark>" : "</mark>", f);
		on = differs;
		html__text(f, (char[]){ word[k], 0 });
	}
	fputs(on ? "</mark></code></td>" : "</code></td>", f);
}

static void print_side(FILE *f, const struct desc_cells *cells, bool seen)
{
	fputs("<tr>", f);
	html__element(f, "th scope=\"row\"", "%s", seen ? cells->seen_label : cells->want_label);
	for (unsigned int k = 0; k < cells->n; k++) {
		const struct desc_cell *c = &cells->cell[k];

		print_word(f, seen ? c->seen : c->want, c->marks);
	}
	fputs("</tr>\n", f);
}

/* In words as well, for who cannot see marks. */
static void print_differs(FILE *f, const struct desc_cells *cells)
{
	fputs("<tr class=\"differs\"><td></td>", f);
	for (unsigned int k = 0; k < cells->n; k++)
		fputs(cells->cell[k].marks[0] ? "<td>differs</td>" : "<td></td>", f);
	fputs("</tr>\n", f);
}

static void print_divergence(FILE *f, const struct vqa_event *e)
{
	struct desc_cells cells;

	describe__cells(e, &cells);
	if (!cells.n)
		return;
	fputs("<h3>What diverges</h3>\n<table class=\"sides\">\n"
	      "<caption class=\"unseen\">",
	      f);
	html__textf(f, "%s, and %s", cells.seen_label, cells.want_label);
	fputs("</caption>\n<thead><tr><td></td>", f);
	for (unsigned int k = 0; k < cells.n; k++)
		html__element(f, "th scope=\"col\"", "%s", cells.cell[k].title);
	fputs("</tr></thead>\n<tbody>\n", f);
	print_side(f, &cells, true);
	print_side(f, &cells, false);
	print_differs(f, &cells);
	fputs("</tbody>\n</table>\n", f);
}

void report_incident(FILE *f, const struct incident *i)
{
	print_head(f, i);
	print_divergence(f, &i->e);
	print_notes(f, &i->e);
	fputs("<div class=\"facts\">\n<div>\n", f);
	print_finding(f, i);
	print_rule(f, i);
	fputs("</div>\n<div>\n", f);
	print_queue(f, i);
	print_run(f, i);
	fputs("</div>\n</div>\n<h3>The ring</h3>\n", f);
	report_ring(f, i);
	fputs("<h3>What led up to it</h3>\n", f);
	report_time(f, i);
	fputs("</section>\n", f);
}
