/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit metrics: what --sink prometheus exports. */
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "jsonl.h"
#include "metrics.h"
#include "text.h"

static const struct argp_option options[] = { ARGS_JSON, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return args__common(key, arg, state, state->input);
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "List the metrics that \"vq-audit run --sink prometheus\" exports: type, labels, "
	       "and what each says.\vExit:\n  0  they are listed\n  2  usage\n"
	       "  4  output could not be written",
};

static void print_text(struct out *o, const struct metric *m)
{
	FILE *f = out__begin(o);

	if (!f)
		return;
	fprintf(f, "%s  %s%s%s\n", m->name, m->type, *m->labels ? "  " : "", m->labels);
	text__wrap(f, fprintf(f, "    "), 4, m->help);
	out__end(o);
}

int cmd_metrics(int argc, char **argv)
{
	const struct metric *m = NULL;
	struct args_common o = { 0 };
	struct out out;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	out__init(&out, STDOUT_FILENO, "standard output");
	while ((m = metrics__next(m)) && !out__gone(&out)) {
		if (o.json)
			jsonl__write(&out, json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "metric",
						     "name", m->name, "kind", m->type, "labels",
						     m->labels, "text", m->help));
		else
			print_text(&out, m);
	}
	return out__exit(&out, VQA_EXIT_CLEAN);
}
