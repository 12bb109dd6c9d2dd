/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit scan: a run that ends after two sweeps. */
#include <sys/utsname.h>
#include <unistd.h>

#include "args.h"
#include "bpflog.h"
#include "cmd.h"
#include "error.h"
#include "probe.h"
#include "session.h"

#define MAX_WAIT_MS 600000
#define SCAN_QUEUES 1024
#define SCAN_RING_KIB 1024
/* What a driver may be about to write counts only once it stood for a second. */
#define SCAN_APART_MS 1200

struct scan_opts {
	struct args_common common;
	unsigned int wait_ms;
};

enum { KEY_WAIT = ARGS_KEY_LONG };

static const struct argp_option options[] = {
	ARGS_JSON,
	ARGS_VERBOSE,
	{ "wait", KEY_WAIT, "MS", 0,
	  "On a stock kernel, where queues appear when they are used, wait this long (default "
	  "1000)",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct scan_opts *o = state->input;

	if (key != KEY_WAIT)
		return args__common(key, arg, state, &o->common);
	o->wait_ms = args__number(state, "--wait", arg, 0, MAX_WAIT_MS);
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Look twice, a second apart, at all that is in flight on every queue. What comes "
	       "back meanwhile is audited as by run.\v"
	       "Exit: 0 clean, 1 divergence seen, 2 usage, 3 cannot run here, 4 records could not "
	       "be written.",
};

static enum vqa_exit scan(const struct scan_opts *o, struct audit *audit,
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
	if (ao->tier == TIER_STOCK) {
		err__print("stock kernel: only queues that are used within %u ms are scanned",
			   o->wait_ms);
		session.sweep_after_ms = o->wait_ms;
	}
	return session__run(audit, &sink, &start, &session);
}

int cmd_scan(int argc, char **argv)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct scan_opts o = { .wait_ms = 1000 };
	struct audit_opts ao = {
		.max_queues = SCAN_QUEUES,
		.ring_bytes = SCAN_RING_KIB * 1024,
		.sweep = true,
	};
	struct audit *audit = NULL;
	struct probes probes;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	bpflog__capture(o.common.verbose);
	policy__init(&ao.policy, false);
	if (probes__run(&probes))
		goto cleanup;
	ao.tier = probes__tier(&probes);
	ao.btf = &probes.env.btf;
	if (ao.tier == TIER_NONE)
		probes__explain_none(&probes);
	else if (!audit__open(&audit, &ao))
		code = scan(&o, audit, &ao);

cleanup:
	audit__free(audit);
	probes__free(&probes);
	return code;
}
