/* SPDX-License-Identifier: GPL-2.0 */
/* JSON lines. */
#include "json_record.h"
#include "json_stats.h"
#include "jsonl.h"
#include "sink.h"

static int on_start(struct sink *s, const struct sink_start *start)
{
	return s->quiet ? 0 : jsonl__write(s->out, json_record__start(start));
}

static int on_queue(struct sink *s, const struct vqa_event *e)
{
	return s->quiet ? 0 : jsonl__write(s->out, json_record__queue(e));
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *flight)
{
	return jsonl__write(s->out, json_record__violation(e, flight, s->tier));
}

static int on_recovery(struct sink *s, const struct recovery *r)
{
	return jsonl__write(s->out, json_record__recovery(r));
}

static int on_stats(struct sink *s, const struct stats *stats, bool final)
{
	return s->quiet ? 0 : jsonl__write(s->out, json_stats(stats, final));
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	return jsonl__write(s->out, json_record__lost(loss));
}

static int on_stop(struct sink *s, const struct sink_stop *stop)
{
	return jsonl__write(s->out, json_record__stop(stop));
}

const struct sink_ops sink_json = {
	.start = on_start,
	.queue = on_queue,
	.violation = on_violation,
	.recovery = on_recovery,
	.stats = on_stats,
	.lost = on_lost,
	.stop = on_stop,
};
