/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of queues. */
#include "metrics_emit.h"

#include <stdio.h>
#include <string.h>

#include "names.h"

struct emit_queue emit__queue(const struct vqa_queue_id *q)
{
	struct emit_queue l;

	snprintf(l.device, sizeof(l.device), "virtio%u", q->vdev_index);
	snprintf(l.queue, sizeof(l.queue), "%u", q->index);
	return l;
}

/* Counters by queue, and after the last one of those that went, so that sums never fall. */
static const struct vqa_counters *next(const struct stats *s, size_t i, struct emit_queue *ret)
{
	if (i < s->n) {
		*ret = emit__queue(&s->queues[i].id);
		return &s->queues[i].c;
	}
	*ret = (struct emit_queue){ "gone", "all" };
	return i == s->n && s->n_gone ? &s->gone : NULL;
}

void emit__counter(const struct emit *e, size_t at)
{
	const struct vqa_counters *c;
	struct emit_queue l;

	for (size_t i = 0; (c = next(e->in->stats, i, &l)); i++)
		emit__sample(e, *(const __u64 *)((const char *)c + at), "device", l.device, "queue",
			     l.queue, NULL);
}

void emit__skips(const struct emit *e, size_t at)
{
	const struct vqa_counters *c;
	struct emit_queue l;

	(void)at;
	for (size_t i = 0; (c = next(e->in->stats, i, &l)); i++)
		for (unsigned int k = 0; k < VQA_SKIP_COUNT; k++)
			emit__sample(e, c->skipped[k], "device", l.device, "queue", l.queue,
				     "reason", skip__name(k), NULL);
}

void emit__violations(const struct emit *e, size_t at)
{
	const struct vqa_counters *c;
	struct emit_queue l;

	(void)at;
	for (size_t i = 0; (c = next(e->in->stats, i, &l)); i++)
		for (unsigned int k = 0; k < VQA_RULE_COUNT; k++)
			if (c->violations[k])
				emit__sample(e, c->violations[k], "rule", rule__name(k), "device",
					     l.device, "queue", l.queue, NULL);
}

void emit__rules(const struct emit *e, size_t at)
{
	struct vqa_counters total;

	(void)at;
	stats__total(e->in->stats, &total);
	for (unsigned int k = 0; k < VQA_RULE_COUNT; k++)
		emit__sample(e, total.violations[k], "rule", rule__name(k), "severity",
			     severity__name(rule__info(k)->severity), "blame",
			     blame__name(rule__info(k)->blame), NULL);
}

/* A sample with the label of a queue. */
static void sample(const struct emit *e, const struct queue_view *v, __u64 value)
{
	struct emit_queue l = emit__queue(&v->id);

	emit__sample(e, value, "device", l.device, "queue", l.queue, NULL);
}

#define FOR_EACH_VIEW(v, e) \
	for (v = (e)->in->stats->queues; v < (e)->in->stats->queues + (e)->in->stats->n; v++)

void emit__sweep(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	FOR_EACH_VIEW(v, e)
		sample(e, v, *(const __u64 *)((const char *)&v->sweep + at));
}

void emit__sweep_violations(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	(void)at;
	FOR_EACH_VIEW(v, e)
		sample(e, v, sweep__violations(&v->sweep));
}

void emit__queue_info(const struct emit *e, size_t at)
{
	const struct queue_view *v;
	char type[16];

	(void)at;
	FOR_EACH_VIEW(v, e) {
		struct emit_queue l = emit__queue(&v->id);

		emit__sample(e, 1, "device", l.device, "queue", l.queue, "name", v->id.name, "type",
			     device_type__format(v->id.device, type, sizeof(type)), "bus",
			     v->id.bus, "ring", v->id.packed ? "packed" : "split", "shadow",
			     shadow__name(v->id.shadow), NULL);
	}
}

void emit__queue_size(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	(void)at;
	FOR_EACH_VIEW(v, e)
		sample(e, v, v->id.num);
}

void emit__queue_generation(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	(void)at;
	FOR_EACH_VIEW(v, e)
		sample(e, v, v->id.generation);
}

void emit__queue_broken(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	(void)at;
	FOR_EACH_VIEW(v, e)
		sample(e, v, v->broken);
}

void emit__queue_coverage(const struct emit *e, size_t at)
{
	const struct queue_view *v;

	(void)at;
	FOR_EACH_VIEW(v, e)
		if (v->coverage != COVERAGE_BUSY)
			sample(e, v, v->coverage == COVERAGE_OK);
}
