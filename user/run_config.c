/* SPDX-License-Identifier: GPL-2.0 */
#include "run_config.h"

#include <errno.h>
#include <string.h>

#include "config_device.h"
#include "error.h"
#include "names.h"

/** struct listener - what an option's parser has to say of a line goes there */
struct listener {
	struct args_listener listener;
	struct config *c; /* NULL: it was said */
	struct config_place at;
	size_t told;
};

/* Files know the option as a key, without hyphens. One complaint about a line is enough. */
static void tell(struct args_listener *listener, const char *what)
{
	struct listener *l = (struct listener *)listener;

	if (!l->c || l->told++)
		return;
	config__error(l->c, l->at, "%s", what + (l->at.file ? strspn(what, "-") : 0));
}

/* Have the table's own parser set it; @c: gets complaints, or NULL. */
static void set(struct run_opts *o, const struct setting *s, struct config *c)
{
	struct listener l = { .listener.tell = tell, .c = c, .at = s->at };
	struct argp_state state = { .input = o, .hook = &l };

	if (run__set(s->option->key, (char *)s->value, &state) && !l.told && c)
		config__error(c, s->at, "%s: %s", s->option->name, err__str(ENOMEM));
}

static bool is_run(const struct config_section *s)
{
	return !*s->name || !strcmp(s->name, "run");
}

static void check_sections(struct config *c)
{
	for (size_t i = 0; i < c->n_sections; i++)
		if (!is_run(&c->sections[i]) && !config_device__is(&c->sections[i]))
			config__error(
				c, c->sections[i].at,
				"there is no section [%s]; there are [run], [device NAME] and "
				"[queue DEVICE:N]",
				c->sections[i].name);
}

/* Whether what the command line says of an option is all that counts. */
static bool overrules(const struct settings *given, const struct argp_option *option)
{
	if (!strcmp(option->name, "sink") && settings__find(given, "json"))
		return true;
	return strcmp(option->name, "action") && settings__find(given, option->name);
}

/* An option that takes no value is one that is or is not: returns 1, 0, or -1 after an error. */
static int check_flag(struct config *c, const struct config_line *l)
{
	int yes = config__bool(l->value);

	if (yes < 0)
		config__error(c, l->at, "%s: \"%s\" is neither yes nor no", l->key, l->value);
	return yes;
}

/* Its option, if it is good; what the parsers object to is told. */
static bool check_line(struct run_opts *o, const struct config_line *l, struct setting *ret,
		       struct run_opts *scratch, bool *ret_unset)
{
	struct config *c = &o->config;
	size_t before = c->n_errors;
	int yes = 1;

	*ret = (struct setting){ .at = l->at, .value = l->value };
	ret->option = settings__option(run__argp.options, l->key);
	if (!ret->option || !strcmp(l->key, "config") || !strcmp(l->key, "no-config")) {
		config__error(c, l->at,
			      "there is no key \"%s\"; keys of [run] are the long options of "
			      "\"vq-audit run\", but for --config: \"vq-audit run --help\"",
			      l->key);
		return false;
	}
	if (!ret->option->arg) {
		ret->value = NULL;
		yes = check_flag(c, l);
	}
	if (yes > 0)
		set(scratch, ret, c);
	*ret_unset = !yes;
	return c->n_errors == before;
}

static int put(struct settings *s, const struct setting *setting)
{
	if (!settings__adds_up(setting->option))
		settings__drop(s, setting->option->name);
	return settings__append(s, setting);
}

/* What the files say, but for what the command line goes before. */
static int collect(struct run_opts *o)
{
	struct run_opts scratch = RUN_OPTS_INIT;
	int err = 0;

	for (size_t i = 0; i < o->config.n_lines && !err; i++) {
		const struct config_line *l = &o->config.lines[i];
		struct setting s;
		bool unset;

		if (!is_run(&o->config.sections[l->section]) ||
		    !check_line(o, l, &s, &scratch, &unset) || overrules(&o->given, s.option))
			continue;
		if (unset)
			settings__drop(&o->in_force, s.option->name);
		else
			err = put(&o->in_force, &s);
	}
	windows__free(&scratch.windows);
	on_break__free(&scratch.session.on_break);
	for (size_t i = 0; i < o->given.n && !err; i++)
		err = put(&o->in_force, &o->given.list[i]);
	return err;
}

/* Where it was said last, for an error about what several say together. */
static struct config_place place_of(const struct run_opts *o, const char *name)
{
	const struct setting *s = settings__find(&o->in_force, name);

	return s ? s->at : (struct config_place){ 0 };
}

/* --hard is the ground on which --action stands, wherever it is; they passed their check. */
static void make_policies(struct run_opts *o)
{
	const char *whose;
	char why[1024];
	int rule;

	policy__init(&o->policies.all, o->hard);
	for (size_t i = 0; i < o->in_force.n; i++)
		if (!strcmp(o->in_force.list[i].option->name, "action"))
			policy__parse(&o->policies.all, o->in_force.list[i].value, why,
				      sizeof(why));
	config_device__apply(&o->config, &o->policies, &o->session.on_break);
	rule = policies__with(&o->policies, VQA_ACT_PANIC, &whose);
	if (rule >= 0 && !o->allow_panic)
		config__error(
			&o->config, whose ? (struct config_place){ 0 } : place_of(o, "action"),
			"%s%s%s=panic needs --allow-panic beside it, or allow-panic = yes: the "
			"whole machine goes down",
			whose ?: "", whose ? ": " : "", rule__name(rule));
}

static void finish(struct run_opts *o)
{
	char why[512];

	if (o->windows.n && !o->dma)
		config__error(&o->config, place_of(o, "window"),
			      "--window takes --level dma beside it");
	if (o->common.json && sink_specs__add(&o->sinks, "json", why, sizeof(why)))
		config__error(&o->config, place_of(o, "json"), "%s", why);
	make_policies(o);
	if (on_break__asks(&o->session.on_break, ON_BREAK_PANIC) && !o->allow_panic)
		config__error(
			&o->config, place_of(o, "on-break"),
			"on-break: panic needs --allow-panic beside it, or allow-panic = yes: "
			"the whole machine goes down");
}

int run_config__build(struct run_opts *ret, const struct run_opts *asked)
{
	const struct run_opts init = RUN_OPTS_INIT;
	int err;

	*ret = init;
	ret->given = asked->given;
	ret->config_path = asked->config_path;
	ret->no_config = asked->no_config;
	ret->record = asked->record;
	ret->config.elsewhere = asked->config.elsewhere;
	if (!asked->no_config)
		config__read(&ret->config, asked->config_path ?: CONFIG_DEFAULT,
			     asked->config_path);
	check_sections(&ret->config);
	err = collect(ret);
	for (size_t i = 0; i < ret->in_force.n; i++)
		set(ret, &ret->in_force.list[i], NULL);
	finish(ret);
	if (err)
		config__error(&ret->config, (struct config_place){ 0 }, "%s", err__str(err));
	if (!config__failed(&ret->config))
		return 0;
	run_config__free(ret);
	return -EINVAL;
}

int run_config__load(struct run_opts *o)
{
	struct run_opts built;
	int err = run_config__build(&built, o);

	windows__free(&o->windows); /* of the command line alone, and in the new ones again */
	on_break__free(&o->session.on_break);
	if (!err)
		*o = built;
	return err;
}

void run_config__free(struct run_opts *o)
{
	settings__free(&o->in_force);
	policies__free(&o->policies);
	windows__free(&o->windows);
	on_break__free(&o->session.on_break);
	config__free(&o->config);
}
