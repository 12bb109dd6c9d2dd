/* SPDX-License-Identifier: GPL-2.0 */
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "enforce.h"
#include "error.h"
#include "run_config.h"
#include "text.h"

/* Keys that an audit can change as it runs. The others were settled when programs were loaded. */
static const char *const live[] = { "action", "hard",	"allow-panic", "sink",
				    "json",   "sample", "budget",      "stats" };

/* What can be left out at all is a constant to the programs. */
static bool same_kind(const struct run_opts *a, const struct run_opts *b)
{
	return thin__kind(&a->session.thin) == thin__kind(&b->session.thin);
}

static bool is_live(const struct reload *r, const struct run_opts *now, const char *name)
{
	if (!strcmp(name, "sample") || !strcmp(name, "budget"))
		return same_kind(now, r->start);
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		if (!strcmp(live[i], name))
			return true;
	return false;
}

static void append(char *list, size_t size, const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len ? ", " : "", name);
}

/* What is done about a break stands in sections of devices, too. */
static bool differs(const struct run_opts *a, const struct run_opts *b, const char *name)
{
	if (!strcmp(name, "on-break"))
		return !on_break__same(&a->session.on_break, &b->session.on_break);
	return !settings__same(&b->in_force, &a->in_force, name);
}

/* What the files say, and the audit does not do. */
static void tell_restart(const struct reload *r, const struct run_opts *now)
{
	const struct argp_option *option;
	char names[512] = "";

	for (option = run__argp.options; option->name; option++)
		if (differs(r->start, now, option->name) && !is_live(r, now, option->name))
			append(names, sizeof(names), option->name);
	if (*names)
		err__print("reload: changed, but it takes a restart: %s", names);
}

/* What can fail comes first, and is taken back. Return: queues, or -errno. */
static int change(const struct reload *r, const struct run_opts *now, struct audit *audit,
		  struct sinks *sinks, struct thin *thin)
{
	const struct run_opts *before = r->any ? &r->latest : r->start;
	const struct thin_opts thin_before = thin->opts;
	size_t kept = sinks->n;
	int queues, err;

	err = sink_specs__open(&now->sinks, sinks, r->like);
	if (err)
		goto close_new;
	err = thin__change(thin, same_kind(now, r->start) ? &now->session.thin : &thin_before);
	if (err) {
		err__print("counting what programs take: %s", err__str(err));
		goto close_new;
	}
	queues = audit__set_policies(audit, &now->policies);
	if (queues >= 0) {
		sinks__welcome(sinks, kept, &now->policies.all);
		sink_specs__close_others(&now->sinks, sinks);
		return queues;
	}
	err = queues;
	err__print("the policy: %s", err__str(err));
	audit__set_policies(audit, &before->policies);
	thin__change(thin, &thin_before);

close_new:
	while (sinks->n > kept)
		sinks__retire(sinks, sinks->n - 1);
	return err;
}

static int reload(struct reload *r, struct audit *audit, struct sinks *sinks,
		  struct session_opts *session, struct thin *thin)
{
	struct run_opts now;
	int queues = run_config__build(&now, r->start);

	if (queues)
		return queues;
	queues = enforce__can(&now.policies, r->tier) ? change(r, &now, audit, sinks, thin)
						      : -EOPNOTSUPP;
	if (queues < 0) {
		run_config__free(&now);
		return queues;
	}
	session->stats_s = now.session.stats_s;
	session->thin = thin->opts;
	reload__free(r);
	r->latest = now;
	r->any = true;
	return queues;
}

int reload__run(struct reload *r, struct audit *audit, struct sinks *sinks,
		struct session_opts *session, struct thin *thin)
{
	int queues = reload(r, audit, sinks, session, thin);

	if (queues < 0) {
		err__print("reload: refused, for the reason above; nothing has changed");
		return queues;
	}
	tell_restart(r, &r->latest);
	err__print("reloaded: the policy of %d queue%s, %zu sink%s", queues, text__plural(queues),
		   sinks->n, text__plural(sinks->n));
	return 0;
}

void reload__free(struct reload *r)
{
	if (r->any)
		run_config__free(&r->latest);
	r->any = false;
}
