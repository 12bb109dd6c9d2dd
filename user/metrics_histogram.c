/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples of histograms. Of a queue's buckets Prometheus is given the sums up to each power of
 * four, since each is a series; who wants a quantile as exact as it is known asks JSON.
 */
#include <stdio.h>

#include "histogram.h"
#include "metrics_emit.h"

#define NS 1e9

/** struct scale - the ends of the buckets that are exported: powers of two, the first to the last
 */
struct scale {
	__u32 unit;
	unsigned int first, last, step;
	double one; /* values that make one of what is exported */
};

static const struct scale latency = { VQA_LATENCY_UNIT, 12, 32, 2, NS }; /* 4 us to 4.3 s */
static const struct scale depth = { VQA_DEPTH_UNIT, 0, 8, 2, 1 };

/** struct emit_as - the samples of a family have names of their own */
struct emit_as {
	struct emit e;
	char name[64];
};

static void begin(struct emit_as *as, const struct emit *e, const char *suffix)
{
	snprintf(as->name, sizeof(as->name), "%s_%s", e->name, suffix);
	as->e = *e;
	as->e.name = as->name;
}

static void buckets(const struct emit *e, const struct emit_queue *q, const struct scale *s,
		    const struct vqa_histogram *h)
{
	struct emit_as as;
	char le[32];

	begin(&as, e, "bucket");
	for (unsigned int log = s->first; log <= s->last; log += s->step) {
		snprintf(le, sizeof(le), "%.10g", (1ULL << log) / s->one);
		emit__sample(&as.e, histogram__up_to(h, s->unit, 1ULL << log), "device", q->device,
			     "queue", q->queue, "le", le, NULL);
	}
	emit__sample(&as.e, histogram__count(h), "device", q->device, "queue", q->queue, "le",
		     "+Inf", NULL);
}

/* None where nothing was counted: most of a guest's queues are hardly used. */
static void histograms(const struct emit *e, size_t at, const struct scale *s)
{
	const struct stats *stats = e->in->stats;

	for (size_t i = 0; i < stats->n; i++) {
		const struct queue_view *v = &stats->queues[i];
		const struct vqa_histogram *h =
			(const struct vqa_histogram *)((const char *)v + at);
		struct emit_queue q = emit__queue(&v->id);
		struct emit_as as;

		if (!histogram__count(h))
			continue;
		buckets(e, &q, s, h);
		begin(&as, e, "sum");
		emit__real(&as.e, h->sum / s->one, "device", q.device, "queue", q.queue, NULL);
		begin(&as, e, "count");
		emit__sample(&as.e, histogram__count(h), "device", q.device, "queue", q.queue,
			     NULL);
	}
}

void emit__latency(const struct emit *e, size_t at)
{
	histograms(e, at, &latency);
}

void emit__depth(const struct emit *e, size_t at)
{
	histograms(e, at, &depth);
}

void emit__oldest(const struct emit *e, size_t at)
{
	const struct stats *stats = e->in->stats;

	(void)at;
	for (size_t i = 0; i < stats->n; i++) {
		struct emit_queue q = emit__queue(&stats->queues[i].id);
		__s64 ns = stats->queues[i].oldest_ns;

		emit__real(e, ns > 0 ? ns / NS : 0, "device", q.device, "queue", q.queue, NULL);
	}
}
