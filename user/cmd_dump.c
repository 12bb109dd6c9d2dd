/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit dump: one ring, as the device sees it beside what the driver wrote. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "error.h"
#include "look.h"
#include "ring_dump.h"
#include "stats.h"
#include "sweep.h"

#define DUMP_QUEUES 1024

struct dump_opts {
	struct look_opts look;
	unsigned int queue;
	char device[VQA_NAME_LEN];
	bool given;
};

/* DEVICE:QUEUE, where a bus id has colons of its own. */
static void parse_place(struct argp_state *state, struct dump_opts *o, const char *arg)
{
	const char *colon = strrchr(arg, ':');

	if (!colon || colon == arg || (size_t)(colon - arg) >= sizeof(o->device)) {
		argp_error(state, "\"%s\" is not DEVICE:QUEUE, say virtio0:0 or 0000:00:02.0:1",
			   arg);
		return;
	}
	memcpy(o->device, arg, colon - arg);
	o->queue = args__number(state, "QUEUE", colon + 1, 0, 65535);
	o->given = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct dump_opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->look;
		return 0;
	case ARGP_KEY_ARG:
		if (o->given)
			argp_error(state, "one queue at a time");
		parse_place(state, o, arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->given)
			argp_error(state, "which queue? DEVICE:QUEUE, see \"vq-audit list\"");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "DEVICE:QUEUE",
	.doc = "Show a ring as the device sees it beside what the driver wrote, with * before what "
	       "differs while it is in flight. DEVICE is virtioN or a bus id, QUEUE an index.\v"
	       "Exit:\n  0  no difference\n  1  there is one\n  2  usage\n"
	       "  3  cannot run here, or no such queue\n  4  output could not be written",
};

static void explain_unknown(const struct dump_opts *o, const struct stats *stats, bool device)
{
	if (device)
		err__print("%s has no queue %u that is known; there are:", o->device, o->queue);
	else
		err__print("no device \"%s\" is known; there are:", o->device);
	for (size_t i = 0; i < stats->n; i++) {
		const struct vqa_queue_id *q = &stats->queues[i].id;

		err__print("  virtio%u:%u, which is %s:%u", q->vdev_index, q->index, q->bus,
			   q->index);
	}
}

static const struct vqa_queue_id *find(const struct dump_opts *o, const struct stats *stats)
{
	bool device = false;

	for (size_t i = 0; i < stats->n; i++) {
		const struct vqa_queue_id *q = &stats->queues[i].id;
		char name[24];

		snprintf(name, sizeof(name), "virtio%u", q->vdev_index);
		if (strcmp(name, o->device) && strcmp(q->bus, o->device))
			continue;
		device = true;
		if (q->index == o->queue)
			return q;
	}
	explain_unknown(o, stats, device);
	return NULL;
}

static enum vqa_exit print(const struct dump_opts *o, const struct vqa_queue_id *q,
			   const struct vqa_dump *d)
{
	struct out out;
	bool differs;

	out__init(&out, STDOUT_FILENO, "standard output");
	differs = ring_dump__print(&out, q, d, o->look.common.json);
	return out__exit(&out, differs ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN);
}

static enum vqa_exit dump(const struct dump_opts *o, struct audit *audit, enum tier tier)
{
	struct vqa_dump *d = calloc(1, sizeof(*d));
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	const struct vqa_queue_id *q;
	struct stats stats;
	__u64 left_out = 0;
	int err;

	stats__init(&stats);
	if (!d || audit__attach(audit))
		goto cleanup;
	look__wait(&o->look, tier, "known");
	err = sweep__all(audit, &left_out) ?: stats__read(&stats, audit, STATS_COUNTERS);
	if (err) {
		err__print("reading the queues failed: %s", err__str(err));
		goto cleanup;
	}
	q = find(o, &stats);
	if (!q)
		goto cleanup;
	err = q->num > VQA_RING_MAX ? -E2BIG : audit__dump(audit, q->vq, d);
	if (err)
		err__print("reading the ring failed: %s", err__str(err));
	else
		code = print(o, q, d);

cleanup:
	audit__detach(audit);
	stats__free(&stats);
	free(d);
	return code;
}

int cmd_dump(int argc, char **argv)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct dump_opts o = { .look = LOOK_OPTS_INIT };
	struct audit_opts ao = {
		.max_queues = DUMP_QUEUES,
		.ring_bytes = 4096,
		.sweep = true,
		.dump = true,
	};
	struct audit *audit = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	policy__silence(&ao.policies.all);
	if (!look__open(&audit, &ao, &o.look))
		code = dump(&o, audit, ao.tier);
	audit__free(audit);
	return code;
}
