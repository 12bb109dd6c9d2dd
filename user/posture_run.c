/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit check --posture. Audits nothing. */
#include "posture_run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"
#include "posture_show.h"

#define POSTURE_QUEUES 1024

static struct posture_device *find(struct posture_device *devices, size_t n, unsigned int index)
{
	for (size_t i = 0; i < n; i++)
		if (devices[i].index == index)
			return &devices[i];
	return NULL;
}

static void add_queues(struct posture_device *devices, size_t n, const struct stats *stats)
{
	for (size_t i = 0; i < stats->n; i++) {
		const struct queue_view *v = &stats->queues[i];
		struct posture_device *d = find(devices, n, v->id.vdev_index);

		if (d)
			posture_read__queue(&d->facts, v);
	}
	if (stats->survey_err)
		err__print("reading how queues are mapped failed: %s", err__str(stats->survey_err));
	if (stats->losses[VQA_LOSS_QUEUES_FULL])
		err__print("there are more than %u queues; the rest is not looked at",
			   POSTURE_QUEUES);
}

/* Return: 0, or -errno, which was said. */
static int read_queues(const struct look_opts *look, struct stats *stats)
{
	struct audit_opts ao = {
		.max_queues = POSTURE_QUEUES,
		.ring_bytes = 4096,
		.registry_only = true,
	};
	struct audit *audit = NULL;
	int err;

	policy__silence(&ao.policies.all);
	err = look__open(&audit, &ao, look);
	if (!err)
		err = audit__attach(audit);
	if (!err) {
		look__wait(look, ao.tier, "known");
		err = stats__read(stats, audit, STATS_SURVEY);
		if (err)
			err__print("reading the queues failed: %s", err__str(err));
	}
	audit__free(audit);
	return err;
}

/* What sysfs says stands, whatever else can be read. */
static void ask_kernel(const struct look_opts *look, struct posture_device *devices, size_t n)
{
	struct stats stats;

	stats__init(&stats);
	if (read_queues(look, &stats))
		err__print("no queue can be looked at: what follows is from sysfs alone");
	else
		add_queues(devices, n, &stats);
	stats__free(&stats);
}

static void judge(struct posture_report *r, struct posture *judged)
{
	for (size_t i = 0; i < r->n; i++) {
		judged[i] = posture__judge(&r->devices[i].facts, r->confidential);
		r->unprotected += judged[i].verdict == POSTURE_UNPROTECTED;
		r->unknown += judged[i].verdict == POSTURE_UNKNOWN;
	}
	r->judged = judged;
}

static enum vqa_exit show(const struct look_opts *look, const struct posture_report *r)
{
	bool bad = r->confidential && r->unprotected;
	struct out out;

	out__init(&out, STDOUT_FILENO, "standard output");
	if (look->common.json)
		posture_show__json(&out, r);
	else
		posture_show__text(&out, r);
	return out__exit(&out, bad ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN);
}

enum vqa_exit posture__run(const struct look_opts *look, bool confidential)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct posture_device *devices = NULL;
	struct posture *judged = NULL;
	struct posture_report r = { 0 };
	int err = posture_read__devices(&devices, &r.n);

	if (err) {
		err__cannot_run("mount sysfs at /sys; modprobe virtio",
				"reading " POSTURE_SYSFS ": %s", err__str(err));
		return code;
	}
	judged = calloc(r.n + 1, sizeof(*judged));
	if (!judged) {
		err__print("%s", err__str(ENOMEM));
		goto cleanup;
	}
	if (r.n)
		ask_kernel(look, devices, r.n);
	r.devices = devices;
	r.memory = guest_memory__read();
	r.confidential = confidential || guest_memory__confidential(r.memory);
	judge(&r, judged);
	code = show(look, &r);

cleanup:
	free(judged);
	free(devices);
	return code;
}
