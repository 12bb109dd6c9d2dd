/* SPDX-License-Identifier: GPL-2.0 */
/* What stands above the titles: whose numbers these are, and above all what is missing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "text.h"
#include "top_text.h"

#define LEFT_OUT 6 /* columns kept for "  +99" */

/** struct line - one in the making: what does not fit is counted, never silently cut */
struct line {
	char *text;
	size_t width;
	unsigned int left_out;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *l, const char *fmt, ...)
{
	size_t len = strlen(l->text);
	char item[TOP_LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(item, sizeof(item), fmt, ap);
	va_end(ap);
	if (l->left_out || len + strlen(item) + LEFT_OUT > l->width)
		l->left_out++;
	else
		strcpy(l->text + len, item);
}

static unsigned int add_named(struct line *l, const char *before, const __u64 *counters,
			      unsigned int n, const char *(*name)(unsigned int i))
{
	unsigned int any = 0;

	for (unsigned int i = 0; i < n; i++)
		if (counters[i])
			add(l, "%s%s %llu", any++ ? ", " : before, name(i), counters[i]);
	return any;
}

static bool head_machine(struct line *l, const struct top_view *v, const struct top_how *how)
{
	static const char *const by[] = { "name", "rate", "violations", "p99" }; /* enum top_sort */
	const struct top_sums *s = &v->sums;

	add(l, "vq-audit top  %s%s", how->clock, how->paused ? "  PAUSED" : "");
	add(l, "  %zu device%s, %zu queue%s", s->devices, text__plural(s->devices), s->queues,
	    text__plural(s->queues));
	if (s->ms)
		add(l, ", %llu buffers/s", s->rate);
	add(l, ", by %s", by[how->by]);
	if (s->gone)
		add(l, ", %zu gone", s->gone);
	return false;
}

/* Whose it is: one that was killed does not sweep, and one that is ours ends with us. */
static bool head_audit(struct line *l, const struct top_view *v, const struct top_how *how)
{
	const struct top_sums *s = &v->sums;

	if (how->note[0]) {
		add(l, "%s", how->note);
		return true;
	}
	add(l, "audit  %s", how->is_own ? "begun by top, ends with it" : "pinned");
	add(l, ", %s tier, level %s", tier__name(how->tier), how->is_dma ? "dma" : "ring");
	if (s->ms && s->queues && s->sweeps)
		add(l, ", %llu sweeps/s", (s->sweeps * 1000 + s->ms / 2) / s->ms);
	else if (s->ms && s->queues)
		add(l, ", NO SWEEP meanwhile");
	return false;
}

static bool head_audited(struct line *l, const struct top_view *v)
{
	const struct vqa_counters *c = &v->sums.total;

	add(l, "total  %llu of %llu audited", c->audited, counters__completions(c));
	add_named(l, "; skipped: ", c->skipped, VQA_SKIP_COUNT, skip__name);
	return false;
}

static bool head_found(struct line *l, const struct top_view *v)
{
	const struct vqa_counters *c = &v->sums.total;

	add(l, "found  ");
	if (!add_named(l, "", c->violations, VQA_RULE_COUNT, rule__name))
		add(l, "nothing");
	if (v->sums.broken)
		add(l, "; %zu broken queue%s", v->sums.broken, text__plural(v->sums.broken));
	if (c->ignored)
		add(l, "; %llu of them ignored", c->ignored);
	return counters__violations(c) > c->ignored || v->sums.broken;
}

static bool head_lost(struct line *l, const struct top_view *v)
{
	unsigned int any;

	add(l, "lost   ");
	if (v->sums.unaccounted)
		add(l, "NOT ALL ACCOUNTED FOR on %zu queue%s; ", v->sums.unaccounted,
		    text__plural(v->sums.unaccounted));
	any = add_named(l, "", v->losses, VQA_LOSS_COUNT, loss__name);
	if (v->sums.missed)
		add(l, "%sprograms missed %llu", any++ ? ", " : "", v->sums.missed);
	if (!any && !v->sums.unaccounted)
		add(l, "nothing");
	return any || v->sums.unaccounted;
}

bool top_text__head(unsigned int i, const struct top_view *v, const struct top_how *how,
		    char buf[TOP_LINE])
{
	struct line l = { .text = buf, .width = how->width };
	size_t len;
	bool bad;

	buf[0] = 0;
	switch (i) {
	case 0:
		bad = head_machine(&l, v, how);
		break;
	case 1:
		bad = head_audit(&l, v, how);
		break;
	case 2:
		bad = head_audited(&l, v);
		break;
	case 3:
		bad = head_found(&l, v);
		break;
	default:
		bad = head_lost(&l, v);
	}
	len = strlen(buf);
	if (l.left_out)
		snprintf(buf + len, TOP_LINE - len, "  +%u", l.left_out);
	return bad;
}

void top_text__help(const struct top_how *how, char buf[TOP_LINE])
{
	snprintf(buf, TOP_LINE, "%.*s", (int)how->width - 1,
		 "q quit  sort: n name r rate v violations l latency  p pause  arrows scroll");
}
