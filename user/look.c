/* SPDX-License-Identifier: GPL-2.0 */
#include "look.h"

#include <errno.h>
#include <time.h>

#include "bpflog.h"
#include "error.h"
#include "probe.h"

#define MAX_WAIT_MS 600000

enum { KEY_WAIT = ARGS_KEY_LONG };

static const struct argp_option options[] = {
	ARGS_JSON,
	ARGS_VERBOSE,
	{ "wait", KEY_WAIT, "MS", 0,
	  "Where queues appear when they are used, which is on all but patched kernels, wait this "
	  "long (default 1000)",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct look_opts *o = state->input;

	if (key != KEY_WAIT)
		return args__common(key, arg, state, &o->common);
	o->wait_ms = args__number(state, "--wait", arg, 0, MAX_WAIT_MS);
	return 0;
}

const struct argp look__argp = { .options = options, .parser = parse };

int look__open(struct audit **ret, struct audit_opts *opts, const struct look_opts *look)
{
	struct probes probes;
	int err;

	bpflog__capture(look->common.verbose);
	err = probes__run(&probes);
	if (err)
		goto cleanup;
	opts->tier = probes__tier(&probes);
	opts->btf = &probes.env.btf;
	if (opts->tier == TIER_NONE) {
		probes__explain_none(&probes);
		err = -EOPNOTSUPP;
		goto cleanup;
	}
	err = audit__open(ret, opts);

cleanup:
	probes__free(&probes);
	opts->btf = NULL;
	return err;
}

unsigned int look__wait_ms(const struct look_opts *look, enum tier tier, const char *what)
{
	if (tier == TIER_PATCHED)
		return 0;
	err__print("%s kernel: only queues that are used within %u ms are %s", tier__name(tier),
		   look->wait_ms, what);
	return look->wait_ms;
}

void look__wait(const struct look_opts *look, enum tier tier, const char *what)
{
	unsigned int ms = look__wait_ms(look, tier, what);
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}
