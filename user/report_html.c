/* SPDX-License-Identifier: GPL-2.0 */
/* A report as a page of HTML that needs nothing beside it: no network, no script. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "describe.h"
#include "html.h"
#include "names.h"
#include "report_page.h"
#include "text.h"
#include "text_queue.h"
#include "version.h"

enum { CONTENTS, INCIDENTS, COURSE, UNREAD, PARTS };

static FILE **part(struct page *p, unsigned int i)
{
	FILE **parts[PARTS] = { &p->contents, &p->incidents, &p->course, &p->unread };

	return parts[i];
}

int page__begin(struct page *p)
{
	*p = (struct page){ 0 };
	for (unsigned int i = 0; i < PARTS; i++) {
		*part(p, i) = open_memstream(&p->text[i], &p->size[i]);
		if (!*part(p, i))
			return -ENOMEM;
	}
	return 0;
}

/* --- the lines of the file, as they come --------------------------------------- */

static void on_incident(struct report *r, const struct incident *i)
{
	FILE *f = r->page->contents;
	char when[64], what[256];

	fprintf(f, "<tr><td class=\"n\"><a href=\"#incident-%lu\">%lu</a></td>", i->n, i->n);
	html__element(f, "td class=\"when\"", "%s", report__moment(when, sizeof(when), i));
	html__element(f, "td", "%s", severity__name(rule__info(i->e.rule)->severity));
	html__element(f, "td", "%s", rule__name(i->e.rule));
	fprintf(f, "<td>virtio%u %u ", i->e.queue.vdev_index, i->e.queue.index);
	html__named(f, "q", NULL, i->e.queue.name, NULL);
	fputs("</td>", f);
	html__element(f, "td", "%s", describe__what(&i->e, what, sizeof(what)));
	fputs("</tr>\n", f);
	report_incident(r->page->incidents, i);
}

/* The beginning of a row of the course of the audit; its last cell is left open. */
static FILE *course(struct report *r, const char *what)
{
	FILE *f = r->page->course;

	r->page->course_lines++;
	fprintf(f, "<tr><td class=\"n\">%lu</td><th scope=\"row\">%s</th><td>", r->lines, what);
	return f;
}

static void on_start(struct report *r, const struct report_start *s)
{
	char date[32];
	FILE *f = course(r, "start");

	html__textf(f, "%s, vq-audit ", report__date(date, sizeof(date), s->realtime_ns));
	html__name(f, s->version);
	html__text(f, " on Linux ");
	html__name(f, s->kernel);
	html__text(f, ", tier ");
	html__name(f, s->tier_name);
	fputs("</td></tr>\n", f);
}

static void on_broken(struct report *r, const struct vqa_event *e)
{
	FILE *f = course(r, "broken");

	html__textf(f, "virtio%u, queue %u ", e->queue.vdev_index, e->queue.index);
	html__named(f, "q", NULL, e->queue.name, NULL);
	html__text(f, ": the kernel broke it, its driver gets no more buffers back");
	fputs("</td></tr>\n", f);
}

static void on_lost(struct report *r, const struct sink_loss *loss)
{
	FILE *f = course(r, "lost");

	html__textf(f, "%llu: ", loss->count);
	html__name(f, loss->text);
	html__textf(f, " (%llu since the start)", loss->total);
	fputs("</td></tr>\n", f);
}

static void on_stop(struct report *r, const char *reason)
{
	FILE *f = course(r, "stop");

	html__name(f, reason);
	fputs("</td></tr>\n", f);
}

static void on_corrupt(struct report *r, const char *reason)
{
	FILE *f = r->page->unread;

	fprintf(f, "<tr><td class=\"n\">%lu</td>", r->lines);
	html__element(f, "td", "%s", reason);
	fputs("</tr>\n", f);
}

const struct report_view report_html = {
	.start = on_start,
	.incident = on_incident,
	.broken = on_broken,
	.lost = on_lost,
	.stop = on_stop,
	.corrupt = on_corrupt,
};

/* --- the page -------------------------------------------------------------------- */

static void print_head(FILE *f, const char *path)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n",
	      f);
	html__named(f, "title", "vq-audit: incidents of ", path, NULL);
	fprintf(f, "\n<style>\n%s</style>\n</head>\n<body>\n", report_css);
}

static void print_summary(FILE *f, const struct report *r, const char *path)
{
	char made[64] = "?";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(made, sizeof(made), "%Y-%m-%d %H:%M:%S %z", &tm);
	fputs("<header>\n<h1>vq-audit incident report</h1>\n"
	      "<dl class=\"summary\">\n<dt>File</dt>",
	      f);
	html__named(f, "dd", NULL, path, NULL);
	html__element(f, "dt", "%s", "Made");
	html__element(f, "dd", "%s, by vq-audit %s", made, VQ_AUDIT_VERSION);
	html__element(f, "dt", "%s", "Incidents");
	if (r->only)
		html__element(f, "dd", "%lu of %lu, the others are left out", r->only,
			      r->incidents);
	else
		html__element(f, "dd", "%lu", r->incidents);
	html__element(f, "dt", "%s", "Lines");
	html__element(f, "dd", "%lu, of which %lu could not be read", r->lines, r->corrupt);
	fputs("</dl>\n</header>\n", f);
}

static void print_table(FILE *f, const char *title, const char *class, const char *columns,
			const struct page *p, unsigned int part)
{
	if (!p->size[part])
		return;
	fprintf(f,
		"<section>\n<h2>%s</h2>\n<table class=\"%s\">\n<thead><tr>%s</tr></thead>\n"
		"<tbody>\n",
		title, class, columns);
	fwrite(p->text[part], 1, p->size[part], f);
	fputs("</tbody>\n</table>\n</section>\n", f);
}

#define COLUMN(name) "<th scope=\"col\">" name "</th>"

static void print_body(FILE *f, const struct page *p, const struct report *r)
{
	fputs("<main>\n", f);
	if (r->incidents > 1 && !r->only)
		print_table(f, "Incidents", "contents",
			    COLUMN("no.") COLUMN("when") COLUMN("severity") COLUMN("rule")
				    COLUMN("queue") COLUMN("what diverges"),
			    p, CONTENTS);
	print_table(f, "Lines that could not be read", "unread", COLUMN("line") COLUMN("reason"), p,
		    UNREAD);
	if (!r->only)
		print_table(f, "Course of the audit", "course",
			    COLUMN("line") COLUMN("event") COLUMN("what"), p, COURSE);
	fwrite(p->text[INCIDENTS], 1, p->size[INCIDENTS], f);
	fputs("</main>\n<footer>An alert says what diverged, never why: the cause may be a bug of "
	      "the device, a bug of the driver, or a missing barrier.</footer>\n</body>\n"
	      "</html>\n",
	      f);
}

/* What was not told for want of memory is no page. */
static int close_parts(struct page *p)
{
	int err = 0;

	for (unsigned int i = 0; i < PARTS; i++) {
		FILE **f = part(p, i);

		if (*f && (ferror(*f) | fclose(*f)))
			err = -ENOMEM;
		*f = NULL;
	}
	return err;
}

int page__end(struct page *p, const struct report *r, const char *path, char **ret,
	      size_t *ret_size)
{
	int err = close_parts(p);
	FILE *f = err ? NULL : open_memstream(ret, ret_size);

	if (f) {
		print_head(f, path);
		print_summary(f, r, path);
		print_body(f, p, r);
	}
	if (!f || ferror(f) | fclose(f))
		err = -ENOMEM;
	for (unsigned int i = 0; i < PARTS; i++)
		free(p->text[i]);
	return err;
}
