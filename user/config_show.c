/* SPDX-License-Identifier: GPL-2.0 */
#include "config_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsonl.h"
#include "names.h"
#include "posture_read.h"
#include "run_config.h"
#include "text.h"

#define NAME_COLUMNS 24

/* On a machine without any virtio device, the files are for another one. */
static bool has_devices(void)
{
	struct posture_device *devices = NULL;
	size_t n = 0;

	if (posture_read__devices(&devices, &n))
		return false;
	free(devices);
	return n;
}

/* What a policy stands on. */
static struct policy ground(const struct run_opts *o, const struct policy_of *own)
{
	const struct policy_of *device = NULL;
	struct policy p;

	policy__init(&p, o->hard);
	if (!own)
		return p;
	if (own->key.queue != VQA_POLICY_ANY)
		device = policies__find(&o->policies, own->key.bus, VQA_POLICY_ANY);
	return device ? device->policy : o->policies.all;
}

static enum on_break_action on_break_of(const struct run_opts *o, const struct policy_of *device)
{
	return on_break__of(&o->session.on_break, "", device->key.bus);
}

static void print_policy(FILE *f, const struct run_opts *o, const struct policy_of *own)
{
	const struct policy *p = own ? &own->policy : &o->policies.all;
	struct policy on = ground(o, own);
	char name[POLICY_NAME + VQA_NAME_LEN + 4], *text = NULL;
	size_t size;
	FILE *list = open_memstream(&text, &size);

	if (!list)
		return;
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		if (p->action[i] != on.action[i])
			fprintf(list, " %s=%s", rule__name(i), action__name(p->action[i]));
	if (own && own->key.queue == VQA_POLICY_ANY &&
	    on_break_of(o, own) != o->session.on_break.other)
		fprintf(list, " on-break=%s", on_break__name(on_break_of(o, own)));
	fclose(list);
	snprintf(name, sizeof(name), "%s%s%s%s", own ? own->name : "every queue", own ? " (" : "",
		 own ? own->key.bus : "", own ? ")" : "");
	text__wrap(f, fprintf(f, "%-*s ", NAME_COLUMNS, name), NAME_COLUMNS + 1,
		   *text ? text + 1 : "nothing else");
	free(text);
}

static void print_text(struct out *out, const struct run_opts *o)
{
	FILE *f = out__begin(out);

	if (!f)
		return;
	fprintf(f, "FILES\n");
	for (size_t i = 0; i < o->config.n_files; i++)
		fprintf(f, "%s\n", o->config.files[i]);
	if (!o->config.n_files)
		fprintf(f, "none: there is no %s\n", CONFIG_DEFAULT);
	fprintf(f, "\nOPTIONS%s\n", o->in_force.n ? "" : "\nall by default");
	for (size_t i = 0; i < o->in_force.n; i++) {
		const struct setting *s = &o->in_force.list[i];

		fprintf(f, "%s:%u: %s = %s\n", s->at.file, s->at.line, s->option->name,
			s->value ?: "yes");
	}
	fprintf(f,
		"\nPOLICY (what differs: everywhere, from %s; of a device, from everywhere; of a "
		"queue, from its device)\n",
		o->hard ? "--hard" : "the default");
	print_policy(f, o, NULL);
	for (size_t i = 0; i < o->policies.n; i++)
		print_policy(f, o, &o->policies.own[i]);
	out__end(out);
}

static json_t *actions(const struct policy *p)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		json_object_set_new(object, rule__name(i), json_string(action__name(p->action[i])));
	return object;
}

static void print_json(struct out *out, const struct run_opts *o)
{
	for (size_t i = 0; i < o->in_force.n; i++) {
		const struct setting *s = &o->in_force.list[i];

		jsonl__write(out,
			     json_pack("{s:s, s:s, s:o, s:o, s:i}", "type", "option", "key",
				       s->option->name, "value", jsonl__text(s->value ?: "yes"),
				       "file", jsonl__text(s->at.file), "line", (int)s->at.line));
	}
	jsonl__write(out, json_pack("{s:s, s:n, s:n, s:o, s:s}", "type", "policy", "bus", "queue",
				    "actions", actions(&o->policies.all), "on_break",
				    on_break__name(o->session.on_break.other)));
	for (size_t i = 0; i < o->policies.n; i++) {
		const struct policy_of *own = &o->policies.own[i];
		bool device = own->key.queue == VQA_POLICY_ANY;

		jsonl__write(out, json_pack("{s:s, s:o, s:o, s:o, s:s*}", "type", "policy", "bus",
					    jsonl__name(own->key.bus), "queue",
					    device ? json_null() : json_integer(own->key.queue),
					    "actions", actions(&own->policy), "on_break",
					    device ? on_break__name(on_break_of(o, own)) : NULL));
	}
}

enum vqa_exit config_show__run(const char *path, bool json)
{
	const struct run_opts asked = { .config_path = path, .config.elsewhere = !has_devices() };
	struct run_opts o;
	struct out out;

	if (run_config__build(&o, &asked))
		return VQA_EXIT_USAGE;
	out__init(&out, STDOUT_FILENO, "standard output");
	if (json)
		print_json(&out, &o);
	else
		print_text(&out, &o);
	run_config__free(&o);
	return out__exit(&out, VQA_EXIT_CLEAN);
}
