/* SPDX-License-Identifier: GPL-2.0 */
/* An audit as the options say, from the probes to the last word of the sinks. */
#include "run.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "enforce.h"
#include "error.h"
#include "jsonl.h"
#include "pins.h"
#include "probe.h"
#include "reload.h"
#include "run_config.h"
#include "sweep.h"

#define TIMELINE 6 /* operations under a violation, with --timeline */

static bool use_color(enum color when)
{
	return when == COLOR_ALWAYS || (when == COLOR_AUTO && isatty(STDOUT_FILENO));
}

static struct sink sink_like(const struct run_opts *o, enum tier tier)
{
	return (struct sink){
		.tier = tier,
		.quiet = o->quiet,
		.color = use_color(o->color),
		.timeline = o->timeline ? TIMELINE : 0,
	};
}

static int open_sinks(const struct run_opts *o, struct sinks *sinks, const struct sink *like,
		      enum tier tier)
{
	int err = sink_specs__open(&o->sinks, sinks, like);

	if (!err && o->record) {
		err = sinks__add(sinks, o->record->path, record__begin(o->record, tier),
				 &(struct outlet_opts){ 0 });
		if (err)
			err__print("%s: %s", o->record->path, err__str(err));
	}
	return err;
}

static enum vqa_exit run_session(struct run_opts *o, struct audit *audit, enum tier tier)
{
	struct sink_start start = { .policy = o->policies.all, .rate = o->rate, .tier = tier };
	struct sink like = sink_like(o, tier);
	struct reload reload = { .start = o, .tier = tier, .like = &like };
	struct session_opts session = o->session;
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	struct sinks sinks = { 0 };
	struct utsname uts;
	__u64 lost;

	start.taken_over = audit__is_taken_over(audit);
	start.kernel = uname(&uts) ? "?" : uts.release;
	session.look_ms = progress__period(o->stall_ms);
	session.latency = o->latency;
	session.reload = &reload;
	session.seal = !o->no_seccomp;
	if (!open_sinks(o, &sinks, &like, tier))
		code = session__run(audit, &sinks, &start, &session);
	lost = sinks__close(&sinks);
	reload__free(&reload);
	return lost && code == VQA_EXIT_CLEAN ? VQA_EXIT_OUTPUT : code;
}

static struct audit_opts audit_opts(const struct run_opts *o)
{
	return (struct audit_opts){
		.policies = o->policies,
		.rate = o->rate,
		.max_queues = o->max_queues,
		.ring_bytes = o->ring_kib * 1024,
		.recorder = o->recorder,
		.latency = o->latency,
		.stall_ms = o->stall_ms,
		.max_mappings = o->dma ? o->max_mappings : 0,
		.progress = true,
		.sweep = o->session.sweep_ms,
		.sweep_optional = o->session.sweep_ms,
		.thins = thin__kind(&o->session.thin),
		.pin = o->pin,
		.windows = &o->windows,
	};
}

/*
 * Load what this kernel can run. Return: an audit to be freed, and its tier; or NULL after having
 * said why.
 */
static struct audit *open_audit(struct run_opts *o, enum tier *ret_tier)
{
	struct audit_opts ao = audit_opts(o);
	struct audit *audit = NULL;
	struct probes probes;

	if (o->pin && pins__lock())
		return NULL;
	if (probes__run(&probes))
		goto cleanup;
	ao.tier = probes__tier(&probes);
	ao.btf = &probes.env.btf;
	if (ao.tier == TIER_NONE) {
		probes__explain_none(&probes);
		goto cleanup;
	}
	if (!enforce__can(&o->policies, ao.tier))
		goto cleanup;
	if (o->dma && windows__offered(&o->windows)) {
		err__print("%s", err__str(-ENOMEM));
		goto cleanup;
	}
	if (!audit__open(&audit, &ao))
		*ret_tier = ao.tier;

cleanup:
	probes__free(&probes); /* type information: megabytes, for loading alone */
	return audit;
}

static enum vqa_exit run(struct run_opts *o)
{
	enum vqa_exit code;
	struct audit *audit;
	enum tier tier = TIER_NONE;

	audit = open_audit(o, &tier);
	if (!audit)
		return VQA_EXIT_CANNOT_RUN;
	malloc_trim(0); /* libbpf had the kernel's types in memory, too */
	code = run_session(o, audit, tier);
	audit__free(audit);
	return code;
}

static enum vqa_exit release(struct run_opts *o, enum vqa_exit code)
{
	run_config__free(o);
	settings__free(&o->given);
	return code;
}

enum vqa_exit run__audit(struct run_opts *o)
{
	return release(o, run(o));
}

static void tell_pinned(const struct run_opts *o, const struct audit *audit, enum tier tier)
{
	bool there = audit__is_taken_over(audit);
	struct out out;

	out__init(&out, STDOUT_FILENO, "standard output");
	if (o->common.json)
		jsonl__write(&out, json_pack("{s:s, s:s, s:b}", "type", "pin", "tier",
					     tier__name(tier), "taken_over", there));
	else if (there)
		printf("the audit that is pinned goes on\n");
	else
		printf("the audit has begun, and is pinned; %s kernel\n", tier__name(tier));
}

enum vqa_exit run__pin(struct run_opts *o)
{
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	enum tier tier = TIER_NONE;
	struct audit *audit;

	o->pin = true;
	o->session.sweep_ms = 0; /* the next daemon loads what only daemons run */
	audit = open_audit(o, &tier);
	if (audit)
		audit__set_sample(audit, o->session.thin.sample ?: 1);
	if (audit && !audit__attach(audit)) {
		tell_pinned(o, audit, tier);
		code = VQA_EXIT_CLEAN;
	}
	audit__free(audit);
	return release(o, code);
}
