/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit recover: reset a device whose queue is broken. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "error.h"
#include "exit.h"
#include "json_record.h"
#include "jsonl.h"
#include "look.h"
#include "oneline.h"
#include "recover.h"
#include "stats.h"

#define QUEUES 1024
#define MAX_TIMEOUT_S 3600

enum { KEY_FORCE = ARGS_KEY_LONG + 0x80, KEY_TIMEOUT };

struct options {
	struct look_opts look;
	struct recover_opts how;
	const char *device;
};

static const struct argp_option options[] = {
	{ "force", KEY_FORCE, NULL, 0,
	  "Although it is not broken, or its disk is in use, or the driver may never let go", 0 },
	{ "timeout", KEY_TIMEOUT, "SECS", 0,
	  "How long the driver may take to let go, and again to take the device (default 20)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->look;
		return 0;
	case KEY_FORCE:
		o->how.force = true;
		return 0;
	case KEY_TIMEOUT:
		o->how.timeout_ms = 1000 * args__number(state, "--timeout", arg, 1, MAX_TIMEOUT_S);
		return 0;
	case ARGP_KEY_ARG:
		if (o->device)
			argp_error(state, "one device at a time");
		o->device = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->device)
			argp_error(state, "which device? see \"vq-audit list\"");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "DEVICE",
	.doc = "Reset a device whose queue is broken, by letting its driver go of it and take it "
	       "again. DEVICE is virtioN or a bus id.\vExit:\n  0  its driver drives it again\n"
	       "  2  usage\n  3  it was refused, failed, or hangs\n"
	       "  4  output could not be written",
};

/* Return: 1 if the device has a broken queue, 0 if it has none, -errno if none of it is known */
static int read_broken(struct audit *audit, const struct options *o, const char *device,
		       enum tier tier)
{
	struct stats stats;
	char name[24];
	int ret;

	if (audit__attach(audit))
		return -EIO;
	look__wait(&o->look, tier, "looked at");
	stats__init(&stats);
	ret = stats__read(&stats, audit, STATS_SURVEY) ?: -ENOENT;
	audit__detach(audit);
	for (size_t i = 0; i < stats.n; i++) {
		const struct queue_view *v = &stats.queues[i];

		snprintf(name, sizeof(name), "virtio%u", v->id.vdev_index);
		if (!strcmp(name, device))
			ret = ret == 1 || v->broken || v->survey.broken;
	}
	stats__free(&stats);
	return ret;
}

static int is_broken(const struct options *o, const char *device)
{
	struct audit_opts ao = { .max_queues = QUEUES, .ring_bytes = 4096, .registry_only = true };
	struct audit *audit = NULL;
	int ret;

	policy__silence(&ao.policies.all);
	ret = look__open(&audit, &ao, &o->look) ? -EIO : read_broken(audit, o, device, ao.tier);
	audit__free(audit);
	return ret;
}

/* What works is not to be reset by mistake; a device without a driver does not work. */
static bool needs_it(const struct options *o, struct recovery *r)
{
	int broken;

	/* Who may not write to sysfs is told so by recover__device(). */
	if (o->how.force || !r->device.driver[0] || recover__possible(&o->how))
		return true;
	broken = is_broken(o, r->device.name);
	if (!broken)
		recovery__printf(r, RECOVERY_REFUSED,
				 "no queue of it is broken; --force resets it all the same");
	else if (broken < 0)
		recovery__printf(r, RECOVERY_REFUSED,
				 "whether a queue of it is broken cannot be told here; --force "
				 "resets it all the same");
	return broken > 0;
}

static void tell_plan(const struct options *o, const struct recovery *r)
{
	char plan[256];

	if (!o->look.common.json)
		err__print("%s: %s", r->device.name, recover__plan(&o->how, r, plan, sizeof(plan)));
}

static enum vqa_exit tell(const struct options *o, const struct recovery *r)
{
	char line[ONELINE_SIZE];
	struct out out;
	FILE *f;

	out__init(&out, STDOUT_FILENO, "standard output");
	if (o->look.common.json) {
		jsonl__write(&out, json_record__recovery(r));
	} else if ((f = out__begin(&out))) {
		fprintf(f, "%s\n", oneline__recovery(r, line));
		out__end(&out);
	}
	return out__exit(&out, r->outcome == RECOVERY_DONE ? VQA_EXIT_CLEAN : VQA_EXIT_CANNOT_RUN);
}

int cmd_recover(int argc, char **argv)
{
	struct options o = { .look = LOOK_OPTS_INIT };
	struct recovery r = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (recover__find(&o.how, o.device, &r) && needs_it(&o, &r)) {
		tell_plan(&o, &r);
		recover__device(&o.how, &r);
	}
	return tell(&o, &r);
}
