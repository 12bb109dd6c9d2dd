/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit scan: a run that ends after two sweeps. */
#include <sys/utsname.h>

#include "cmd.h"
#include "look.h"
#include "session.h"
#include "sink_spec.h"

#define SCAN_QUEUES 1024
#define SCAN_RING_KIB 1024
/* What a driver may be about to write counts only once it stood for a second. */
#define SCAN_APART_MS 1200

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static const struct argp argp = {
	.children = children,
	.doc = "Look twice, a second apart, at all that is in flight on every queue. What comes "
	       "back meanwhile is audited as by run.\v" VQA_EXIT_HELP,
};

static enum vqa_exit scan(const struct look_opts *o, struct audit *audit,
			  const struct audit_opts *ao)
{
	struct session_opts session = { .sweep_ms = SCAN_APART_MS, .sweeps = 2 };
	struct sink_start start = { .policy = ao->policies.all,
				    .rate = ao->rate,
				    .tier = ao->tier };
	const struct sink like = { .tier = ao->tier };
	struct sink_specs specs = { .spec = { "json" }, .n = o->common.json };
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct sinks sinks = { 0 };
	struct utsname uts;

	start.kernel = uname(&uts) ? "?" : uts.release;
	session.sweep_after_ms = look__wait_ms(o, ao->tier, "scanned");
	if (!sink_specs__open(&specs, &sinks, &like))
		code = session__run(audit, &sinks, &start, &session);
	return sinks__close(&sinks) && code == VQA_EXIT_CLEAN ? VQA_EXIT_OUTPUT : code;
}

int cmd_scan(int argc, char **argv)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct look_opts o = LOOK_OPTS_INIT;
	struct audit_opts ao = {
		.max_queues = SCAN_QUEUES,
		.ring_bytes = SCAN_RING_KIB * 1024,
		.sweep = true,
	};
	struct audit *audit = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	policy__init(&ao.policies.all, false);
	if (!look__open(&audit, &ao, &o))
		code = scan(&o, audit, &ao);
	audit__free(audit);
	return code;
}
