/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit rules: what is checked, and what is done about it by default. */
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "jsonl.h"
#include "names.h"
#include "policy.h"
#include "text.h"

static const struct argp_option options[] = {
	ARGS_JSON,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return args__common(key, arg, state, state->input);
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "List the rules: severity, whose word is doubted, the action by default and with "
	       "--hard, the sections of the virtio specification (1.2 and later), and what holds "
	       "as long as "
	       "the rule is kept.\vExit:\n  0  they are listed\n  2  usage\n"
	       "  4  output could not be written",
};

static const char *default_action(unsigned int rule, bool hard)
{
	return action__name(policy__default_action(rule, hard));
}

static void print_json(struct out *o)
{
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++) {
		const struct rule_info *r = rule__info(i);

		jsonl__write(o,
			     json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "rule",
				       "rule", r->name, "severity", severity__name(r->severity),
				       "blame", blame__name(r->blame), "action",
				       default_action(i, false), "hard_action",
				       default_action(i, true), "spec", r->spec, "text", r->text));
	}
}

static const struct {
	const char *name;
	const char *text;
} actions[] = {
#define X(id, name, text) { name, text },
	VQA_ACTIONS(X)
#undef X
};

#define ROW "%-16s %-9s %-7s %-8s %-7s "

static void print_text(struct out *o)
{
	FILE *f = out__begin(o);

	if (!f)
		return;
	fprintf(f, ROW "%s\n", "RULE", "SEVERITY", "BLAME", "DEFAULT", "--hard", "SPECIFICATION");
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++) {
		const struct rule_info *r = rule__info(i);

		fprintf(f, ROW "%s\n", r->name, severity__name(r->severity), blame__name(r->blame),
			default_action(i, false), default_action(i, true), r->spec);
		text__wrap(f, fprintf(f, "    holds when "), 8, r->text);
	}
	fprintf(f, "\nACTION   WHAT IT DOES\n");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		fprintf(f, "%-8s %s\n", actions[i].name, actions[i].text);
	out__end(o);
}

int cmd_rules(int argc, char **argv)
{
	struct args_common opts = { 0 };
	struct out out;

	argp_parse(&argp, argc, argv, 0, NULL, &opts);
	out__init(&out, STDOUT_FILENO, "standard output");
	if (opts.json)
		print_json(&out);
	else
		print_text(&out);
	return out__exit(&out, VQA_EXIT_CLEAN);
}
