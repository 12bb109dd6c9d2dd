/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vq-audit check: what this kernel and this user can do. Loads nothing, but for
 * --posture: what protects the guest's memory from its devices.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "bpflog.h"
#include "cmd.h"
#include "config.h"
#include "config_device.h"
#include "config_show.h"
#include "jsonl.h"
#include "names.h"
#include "posture_run.h"
#include "probe.h"
#include "text.h"
#include "unseen.h"

struct check_opts {
	struct look_opts look;
	bool posture, confidential, config;
	const char *file; /* of --config */
};

#define NOT_GIVEN UINT_MAX /* of --wait, which has a meaning with --posture alone */

enum { KEY_POSTURE = ARGS_KEY_LONG, KEY_CONFIDENTIAL, KEY_CONFIG };

static const struct argp_option options[] = {
	{ "posture", KEY_POSTURE, NULL, 0,
	  "Show of each virtio device what protects the guest's memory from it, and what a hostile "
	  "device could still do",
	  0 },
	{ "confidential", KEY_CONFIDENTIAL, NULL, 0,
	  "With --posture: judge as in a guest whose memory is kept from the hypervisor (TDX, "
	  "SEV), where that cannot be told",
	  0 },
	{ "config", KEY_CONFIG, NULL, 0,
	  "Judge the configuration FILE and FILE.d/*.conf (default " CONFIG_DEFAULT
	  ") instead, and print what would be in force",
	  0 },
	{ 0 },
};

static void check_opts(struct argp_state *state, struct check_opts *o)
{
	if (!o->posture && o->confidential)
		argp_error(state, "--confidential goes with --posture");
	if (!o->posture && o->look.wait_ms != NOT_GIVEN)
		argp_error(state, "--wait goes with --posture");
	if (o->posture && o->config)
		argp_error(state, "--posture and --config: which?");
	if (o->file && !o->config)
		argp_error(state, "unexpected argument \"%s\"; FILE goes with --config", o->file);
	if (o->look.wait_ms == NOT_GIVEN)
		o->look.wait_ms = LOOK_WAIT_MS;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->look;
		return 0;
	case KEY_POSTURE:
		o->posture = true;
		return 0;
	case KEY_CONFIDENTIAL:
		o->confidential = true;
		return 0;
	case KEY_CONFIG:
		o->config = true;
		return 0;
	case ARGP_KEY_ARG:
		return args__file(key, arg, state, &o->file);
	case ARGP_KEY_END:
		check_opts(state, o);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &look__argp }, { 0 } };

static char *help_filter(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_EXTRA ? config_device__help() : (char *)text;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.help_filter = help_filter,
	.children = children,
	.doc = "Show what this kernel offers, which tier is used, and what that tier cannot see. "
	       "Nothing is loaded, but with --posture.\v"
	       "Exit:\n  0  some tier can run here; with --posture, no device is unprotected; with "
	       "--config, there is no error\n"
	       "  1  with --posture: a device of a confidential guest is unprotected\n"
	       "  2  usage; with --config, there are errors\n"
	       "  3  no tier can run here; with --posture, that cannot be looked at\n"
	       "  4  output could not be written\n\n"
	       "A device of which too little is known is \"unknown\", which is neither.",
};

static json_t *tiers_of(unsigned int bits)
{
	json_t *names = json_array();

	for (enum tier t = TIER_NONE + 1; t < TIER_COUNT; t++)
		if (bits & TIER_BIT(t))
			json_array_append_new(names, json_string(tier__name(t)));
	return names;
}

static json_t *probe_record(const struct probe *row, bool have)
{
	json_t *record = json_pack("{s:s, s:s, s:b, s:o}", "type", "capability", "capability",
				   row->name, "present", have, "needed_by", tiers_of(row->needed));

	if (!have)
		json_object_update_new(record, json_pack("{s:s, s:s}", "reason", row->missing,
							 "way_out", row->way_out));
	return record;
}

static void print_json(struct out *o, const struct probes *p, enum tier tier)
{
	const struct unseen *u = NULL;
	const struct probe *row;

	for (size_t i = 0; (row = probe__row(i)); i++)
		jsonl__write(o, probe_record(row, p->have[i]));
	jsonl__write(o, json_pack("{s:s, s:s, s:s}", "type", "tier", "tier", tier__name(tier),
				  "text", tier__text(tier)));
	while ((u = unseen__next(tier, u)))
		jsonl__write(o,
			     json_pack("{s:s, s:s, s:s?, s:s}", "type", "unseen", "rule",
				       unseen__rule_name(u), "where", u->where, "reason", u->why));
}

#define ROW "%-34s %-8s %s\n"
#define INDENT 4

static void print_probe(FILE *f, const struct probe *row, bool have)
{
	char needed_by[64] = "";

	for (enum tier tier = TIER_NONE + 1; tier < TIER_COUNT; tier++)
		if (row->needed & TIER_BIT(tier))
			snprintf(needed_by + strlen(needed_by),
				 sizeof(needed_by) - strlen(needed_by), "%s%s",
				 needed_by[0] ? ", " : "", tier__name(tier));
	fprintf(f, ROW, row->name, have ? "yes" : "no", needed_by[0] ? needed_by : "none");
	if (have)
		return;
	text__wrap(f, fprintf(f, "%*s", INDENT, ""), INDENT, row->missing);
	text__wrap(f, fprintf(f, "%*sway out: ", INDENT, ""), INDENT, row->way_out);
}

static void print_unseen(FILE *f, enum tier tier)
{
	const struct unseen *u = NULL;
	char line[320];

	fprintf(f, "\nUNSEEN BY THIS TIER\n");
	while ((u = unseen__next(tier, u))) {
		snprintf(line, sizeof(line), "%s%s%s", u->where ? u->where : "all of it", ": ",
			 u->why);
		text__wrap(
			f,
			fprintf(f, "%-18s",
				u->rule == UNSEEN_ALL_RULES ? "every rule" : rule__name(u->rule)),
			18, line);
	}
}

static void print_text(struct out *o, const struct probes *p, enum tier tier)
{
	const struct probe *row;
	FILE *f = out__begin(o);

	if (!f)
		return;
	fprintf(f, ROW, "CAPABILITY", "PRESENT", "NEEDED BY TIER");
	for (size_t i = 0; (row = probe__row(i)); i++)
		print_probe(f, row, p->have[i]);
	text__wrap(f, fprintf(f, "\nTIER %s: ", tier__name(tier)) - 1, 0, tier__text(tier));
	if (tier != TIER_NONE)
		print_unseen(f, tier);
	out__end(o);
}

static enum vqa_exit check(const struct look_opts *o)
{
	struct probes probes;
	enum tier tier = TIER_NONE;
	struct out out;

	bpflog__capture(o->common.verbose);
	out__init(&out, STDOUT_FILENO, "standard output");
	if (probes__run(&probes))
		goto cleanup;
	tier = probes__tier(&probes);
	if (o->common.json)
		print_json(&out, &probes, tier);
	else
		print_text(&out, &probes, tier);

cleanup:
	probes__free(&probes);
	return out__exit(&out, tier == TIER_NONE ? VQA_EXIT_CANNOT_RUN : VQA_EXIT_CLEAN);
}

int cmd_check(int argc, char **argv)
{
	struct check_opts o = { .look.wait_ms = NOT_GIVEN };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (o.config)
		return config_show__run(o.file, o.look.common.json);
	return o.posture ? posture__run(&o.look, o.confidential) : check(&o.look);
}
