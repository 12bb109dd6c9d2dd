/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit scan: a run that ends after two sweeps. */
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd.h"
#include "look.h"
#include "session.h"

#define SCAN_QUEUES 1024
#define SCAN_RING_KIB 1024
/* What a driver may be about to write counts only once it stood for a second. */
#define SCAN_APART_MS 1200

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static const struct argp argp = {
	.children = children,
	.doc = "Look twice, a second apart, at all that is in flight on every queue. What comes "
	       "back meanwhile is audited as by run.\v"
	       "Exit: 0 clean, 1 divergence seen, 2 usage, 3 cannot run here, 4 records could not "
	       "be written.",
};

static enum vqa_exit scan(const struct look_opts *o, struct audit *audit,
			  const struct audit_opts *ao)
{
	struct session_opts session = { .sweep_ms = SCAN_APART_MS, .sweeps = 2 };
	struct sink_start start = { .policy = ao->policy, .rate = ao->rate };
	struct out out, log;
	struct sink sink = {
		.ops = o->common.json ? &sink_json : &sink_text,
		.out = &out,
		.log = &log,
		.tier = ao->tier,
	};
	struct utsname uts;

	out__init(&out, STDOUT_FILENO, "standard output");
	out__init(&log, STDERR_FILENO, "standard error");
	start.kernel = uname(&uts) ? "?" : uts.release;
	session.sweep_after_ms = look__wait_ms(o, ao->tier, "scanned");
	return session__run(audit, &sink, &start, &session);
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
	policy__init(&ao.policy, false);
	if (!look__open(&audit, &ao, &o))
		code = scan(&o, audit, &ao);
	audit__free(audit);
	return code;
}
