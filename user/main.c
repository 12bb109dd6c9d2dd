/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit: which command to run. */
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "error.h"
#include "exit.h"
#include "version.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *text;
} commands[] = {
	{ "run", cmd_run, "audit every virtqueue, in the foreground (default)" },
	{ "record", cmd_record, "the same, with what led up to each violation kept in a file" },
	{ "report", cmd_report, "show such a file, incident by incident" },
	{ "events", cmd_events, "show violations that are in the journal, or in files of JSON" },
	{ "list", cmd_list, "list the virtqueues, and whether they can be audited" },
	{ "top", cmd_top, "show the queues live: violations, depth, rate, latency" },
	{ "scan", cmd_scan, "look once at all that is in flight; exit 1 if something diverges" },
	{ "dump", cmd_dump, "show a ring as the device sees it beside what the driver wrote" },
	{ "recover", cmd_recover, "reset a device whose queue is broken, through its driver" },
	{ "check", cmd_check,
	  "show what this kernel offers, and what stays unseen; or what protects memory" },
	{ "rules", cmd_rules, "list the rules and the actions" },
	{ "metrics", cmd_metrics, "list the metrics that can be scraped" },
	{ "pin", cmd_pin, "begin an audit, and leave it to a later \"run --pin\"" },
	{ "unpin", cmd_unpin, "end an audit that either left behind" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *argp_program_version = "vq-audit " VQ_AUDIT_VERSION;

static char *command_table(const char *text)
{
	char *table = NULL;
	size_t size;
	FILE *f = open_memstream(&table, &size);

	if (!f)
		return NULL;
	fprintf(f, "Commands:\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].text);
	fprintf(f, "  %-10s %s\n\n%s", "help", "show the help of a command", text);
	fclose(f);
	return table;
}

static char *help_filter(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_POST_DOC ? command_table(text) : (char *)text;
}

static const struct argp argp = {
	.args_doc = "[COMMAND [OPTION...]]",
	.doc = "Watch every virtqueue of a running guest, and prove buffer by buffer that what the "
	       "device sees equals what the driver wrote."
	       "\v\"vq-audit COMMAND --help\" shows the options of a command; without a command, "
	       "options are those of run. -j prints JSON lines everywhere.\n\n" VQA_EXIT_HELP,
	.help_filter = help_filter,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static bool is_one_of(const char *arg, const char *const *list)
{
	while (*list && strcmp(arg, *list))
		list++;
	return *list;
}

static int unknown_command(const char *name)
{
	err__print("there is no command \"%s\"; \"vq-audit --help\" lists the commands", name);
	return VQA_EXIT_USAGE;
}

/* argp takes the name for its messages from argv[0]. */
static int run_command(const struct command *cmd, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "vq-audit %s", cmd->name);
	argv[0] = name;
	return cmd->run(argc, argv);
}

static int show_help(int argc, char **argv)
{
	char *help[] = { "vq-audit", "--help", NULL };
	const struct command *cmd;

	if (argc < 2)
		return argp_parse(&argp, 2, help, 0, NULL, NULL);
	cmd = find_command(argv[1]);
	return cmd ? run_command(cmd, 2, help) : unknown_command(argv[1]);
}

/*
 * A standard descriptor that is closed must not become that of a file that we
 * open and then write events to. A write to one that is open for reading fails.
 */
static void reserve_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static const char *const early[] = { "-j", "--json", "-v", "--verbose", NULL };
	static const char *const global[] = { "-?", "--help", "--usage", "-V", "--version", NULL };
	const struct command *cmd = &commands[0];
	int at = 1;

	argp_err_exit_status = VQA_EXIT_USAGE;
	reserve_standard_fds();
	signal(SIGPIPE, SIG_IGN); /* a failed write is reported where it happens */

	if (argc > 1 && is_one_of(argv[1], global))
		return argp_parse(&argp, argc, argv, 0, NULL, NULL);
	while (at < argc && is_one_of(argv[at], early))
		at++;
	if (at >= argc || argv[at][0] == '-')
		return run_command(cmd, argc, argv);

	if (!strcmp(argv[at], "help"))
		return show_help(argc - at, argv + at);
	cmd = find_command(argv[at]);
	if (!cmd)
		return unknown_command(argv[at]);
	/* "-j list" is "list -j". */
	memmove(argv + 2, argv + 1, (at - 1) * sizeof(*argv));
	return run_command(cmd, argc - 1, argv + 1);
}
