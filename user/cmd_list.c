/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit list: the queues of this machine. Audits nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "error.h"
#include "jsonl.h"
#include "look.h"
#include "names.h"
#include "stats.h"
#include "text.h"
#include "unseen.h"

#define LIST_QUEUES 1024

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static const struct argp argp = {
	.children = children,
	.doc = "List the virtqueues of this machine, and whether they can be audited."
	       "\vExit:\n  0  they are listed\n  2  usage\n  3  cannot run here\n"
	       "  4  output could not be written",
};

static const char *audited(enum tier tier, const struct vqa_queue_id *q, char *buf, size_t size)
{
	bool partly;
	const char *why = unseen__of_queue(tier, q, &partly);

	if (!why)
		return "yes";
	snprintf(buf, size, "%s: %s", partly ? "partly" : "no", why);
	return buf;
}

static json_t *surveyed(const struct queue_view *v, __u32 value)
{
	return v->survey.found ? json_integer(value) : json_null();
}

static __u32 not_free(const struct queue_view *v)
{
	/* A damaged free list can make the driver count beyond the ring. */
	return v->survey.num_free < v->id.num ? v->id.num - v->survey.num_free : 0;
}

static json_t *free_list(const struct queue_view *v)
{
	const struct vqa_survey *s = &v->survey;

	if (v->free_list == FREE_LIST_UNKNOWN)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I}", "whole", v->free_list == FREE_LIST_WHOLE, "free",
			 (json_int_t)s->free, "chained", (json_int_t)s->chained, "overlaps",
			 (json_int_t)s->overlaps);
}

static void print_json(struct out *o, const struct stats *stats, enum tier tier)
{
	for (size_t i = 0; i < stats->n; i++) {
		const struct queue_view *v = &stats->queues[i];
		json_t *record = json_pack("{s:s, s:s}", "type", "queue", "event", "listed");
		bool partly;
		const char *why = unseen__of_queue(tier, &v->id, &partly);

		jsonl__identity(record, &v->id);
		json_object_update_new(
			record,
			json_pack("{s:I, s:o, s:o, s:o, s:b, s:b, s:s, s:I, s:b, s:b, s:s?}", "num",
				  (json_int_t)v->id.num, "in_flight", surveyed(v, not_free(v)),
				  "num_free", surveyed(v, v->survey.num_free), "free_list",
				  free_list(v), "dma_api", v->id.dma_api, "indirect",
				  v->id.indirect, "shadow", shadow__name(v->id.shadow),
				  "generation", (json_int_t)v->id.generation, "broken",
				  v->broken || v->survey.broken, "auditable", !why || partly,
				  "unseen", why));
		jsonl__write(o, record);
	}
}

#define ROW "%-9s %-8s %-14s %5s %-14s %-6s %5s %7s %-3s %-8s %-6s %s\n"

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

static void print_damage(FILE *f, const struct queue_view *v)
{
	const struct vqa_survey *s = &v->survey;

	fprintf(f,
		"    free list not whole: num_free says %u of %u; %u are on it, %u in chains in "
		"flight, %u links lead to a descriptor met before\n",
		s->num_free, v->id.num, s->free, s->chained, s->overlaps);
}

static void print_row(FILE *f, const struct queue_view *v, enum tier tier)
{
	char virtio[24], type[16], bus[TEXT_NAME_SIZE], queue[16], name[TEXT_NAME_SIZE];
	char num[16], in_flight[16] = "?", why[64];
	const struct vqa_queue_id *q = &v->id;

	snprintf(virtio, sizeof(virtio), "virtio%u", q->vdev_index);
	snprintf(queue, sizeof(queue), "%u", q->index);
	snprintf(num, sizeof(num), "%u", q->num);
	if (v->survey.found)
		snprintf(in_flight, sizeof(in_flight), "%u", not_free(v));
	fprintf(f, ROW, virtio, device_type__format(q->device, type, sizeof(type)),
		text__escape(bus, sizeof(bus), q->bus), queue,
		text__escape(name, sizeof(name), q->name), q->packed ? "packed" : "split", num,
		in_flight, yes_no(q->dma_api), yes_no(q->indirect), shadow__name(q->shadow),
		audited(tier, q, why, sizeof(why)));
	if (v->free_list == FREE_LIST_DAMAGED)
		print_damage(f, v);
}

static void print_text(struct out *o, const struct stats *stats, enum tier tier)
{
	FILE *f = out__begin(o);

	if (!f)
		return;
	fprintf(f, ROW, "VIRTIO", "TYPE", "BUS", "QUEUE", "NAME", "RING", "NUM", "FLIGHT", "DMA",
		"INDIRECT", "SHADOW", "AUDITED");
	for (size_t i = 0; i < stats->n; i++)
		print_row(f, &stats->queues[i], tier);
	out__end(o);
}

static enum vqa_exit print(const struct look_opts *o, const struct stats *stats, enum tier tier)
{
	struct out out;

	out__init(&out, STDOUT_FILENO, "standard output");
	if (o->common.json)
		print_json(&out, stats, tier);
	else
		print_text(&out, stats, tier);
	if (stats->survey_err)
		err__print("reading the driver's indices failed: %s", err__str(stats->survey_err));
	if (stats->losses[VQA_LOSS_QUEUES_FULL])
		err__print("there are more than %u queues; the rest is not listed", LIST_QUEUES);
	return out__exit(&out, VQA_EXIT_CLEAN);
}

static enum vqa_exit list(const struct look_opts *o, struct audit *audit, enum tier tier)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct stats stats;
	int err;

	if (audit__attach(audit))
		return code;
	look__wait(o, tier, "listed");
	stats__init(&stats);
	err = stats__read(&stats, audit, STATS_SURVEY);
	audit__detach(audit);
	if (err)
		err__print("reading the queues failed: %s", err__str(err));
	else
		code = print(o, &stats, tier);
	stats__free(&stats);
	return code;
}

int cmd_list(int argc, char **argv)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct look_opts o = LOOK_OPTS_INIT;
	struct audit_opts ao = {
		.max_queues = LIST_QUEUES,
		.ring_bytes = 4096,
		.registry_only = true,
	};
	struct audit *audit = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	policy__silence(&ao.policies.all);
	if (!look__open(&audit, &ao, &o))
		code = list(&o, audit, ao.tier);
	audit__free(audit);
	return code;
}
