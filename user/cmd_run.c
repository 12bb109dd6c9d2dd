/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit [run]: audit every virtqueue, in the foreground. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attempts.h"
#include "bpflog.h"
#include "cmd.h"
#include "error.h"
#include "run.h"
#include "run_config.h"

#define MAX_RATE 1000000
#define MAX_QUEUES 16384
#define MIN_MAPPINGS 16
#define MAX_MAPPINGS (1 << 24)
#define MAX_RING_KIB 65536
#define MIN_RING_KIB 4
#define MAX_SWEEP_MS 3600000
#define MAX_SECONDS (10 * 365 * 86400u)

enum {
	KEY_ACTION = ARGS_KEY_LONG,
	KEY_HARD,
	KEY_ALLOW_PANIC,
	KEY_RATE,
	KEY_DURATION,
	KEY_STATS,
	KEY_SWEEP,
	KEY_STALL,
	KEY_LEVEL,
	KEY_MAX_QUEUES,
	KEY_MAX_MAPPINGS,
	KEY_WINDOW,
	KEY_RING_KIB,
	KEY_COLOR,
	KEY_RECORDER,
	KEY_TIMELINE,
	KEY_SAMPLE,
	KEY_BUDGET,
	KEY_LATENCY,
	KEY_SINK,
	KEY_PIN,
	KEY_CONFIG,
	KEY_NO_CONFIG,
	KEY_ON_BREAK,
	KEY_ATTEMPTS,
	KEY_NO_SECCOMP,
};

static const struct argp_option options[] = {
	ARGS_JSON,
	{ "quiet", 'q', NULL, 0, "Print violations, losses and errors alone", 0 },
	ARGS_VERBOSE,
	{ "sink", KEY_SINK, "KIND[:WHERE]", 0,
	  "Where events go; may be repeated, and none of them waits for another. See below", 0 },
	{ "config", KEY_CONFIG, "FILE", 0,
	  "Read options and policies from FILE and FILE.d/*.conf (default " CONFIG_DEFAULT
	  "); what is on the command line goes before them",
	  0 },
	{ "no-config", KEY_NO_CONFIG, NULL, 0, "Read none", 0 },
	{ "color", KEY_COLOR, "WHEN", 0, "auto (default), always or never", 0 },
	{ "action", KEY_ACTION, "RULE=ACTION", 0,
	  "What to do about a violation of RULE, or of all: ignore, log, alert, break, panic. May "
	  "be repeated, or several be given with commas between; the last one wins",
	  1 },
	{ "hard", KEY_HARD, NULL, 0, "Fail closed: critical rules break the queue", 1 },
	{ "on-break", KEY_ON_BREAK, "[DEVICE=]WHAT", 0,
	  "What to do about a device, or about all, once a queue of it is broken: leave (default), "
	  "recover, panic. May be repeated",
	  1 },
	{ "recover-attempts", KEY_ATTEMPTS, "N", 0,
	  "Recover a device at most N times an hour (default 3)", 1 },
	{ "allow-panic", KEY_ALLOW_PANIC, NULL, 0, "Accept panic, as an action and on a break", 1 },
	{ "rate", KEY_RATE, "N", 0,
	  "At most N records a second for each rule and queue (default 10; 0: no limit). Counters "
	  "count all",
	  2 },
	{ "duration", KEY_DURATION, "SECS", 0, "End after SECS (default 0: at SIGINT or SIGTERM)",
	  2 },
	{ "stats", KEY_STATS, "SECS", 0, "Print counters every SECS (default 0: at the end)", 2 },
	{ "sweep-ms", KEY_SWEEP, "MS", 0,
	  "Look every MS milliseconds at what is in flight, too (default 100; 0: never). What is "
	  "changed and undone in between can be missed",
	  2 },
	{ "stall-ms", KEY_STALL, "MS", 0,
	  "A device may have a request for MS milliseconds, and a command for a tenth of that "
	  "(default 30000; 0: as long as it likes)",
	  2 },
	{ "level", KEY_LEVEL, "LEVEL", 0,
	  "What is audited: ring (default), or dma: the DMA mappings of what is on the rings, too",
	  2 },
	{ "window", KEY_WINDOW, "DEVICE=FIRST-LAST", 0,
	  "At level dma: DEVICE may reach from address FIRST to LAST. May be repeated; else what "
	  "the "
	  "kernel or the device says holds",
	  2 },
	{ "sample", KEY_SAMPLE, "N[,all]", 0,
	  "Compare the descriptors of one buffer of N, at random; used elements and what leads the "
	  "driver along a chain are looked at in each, but for \"all\"",
	  2 },
	{ "budget", KEY_BUDGET, "PERCENT", 0,
	  "Raise that N while hooks take more than PERCENT of the CPUs' time (0.01 to 100)", 2 },
	{ "latency-sample", KEY_LATENCY, "N", 0,
	  "Time one buffer of N, at random, for the histograms of latency and depth (default 32; "
	  "0: "
	  "none)",
	  2 },
	{ "pin", KEY_PIN, NULL, 0,
	  "Let the audit go on when this process ends, however it does; take over what a process "
	  "before left. \"vq-audit unpin\" ends it",
	  2 },
	{ "no-seccomp", KEY_NO_SECCOMP, NULL, 0,
	  "Do not give up the system calls that an audit which runs has no need of: to find out "
	  "whether one was missing",
	  3 },
	{ "max-mappings", KEY_MAX_MAPPINGS, "N", 0,
	  "At level dma, keep up to N DMA mappings in mind (default 65536)", 3 },
	{ "max-queues", KEY_MAX_QUEUES, "N", 0, "Audit up to N queues (default 128)", 3 },
	{ "ring-kib", KEY_RING_KIB, "N", 0,
	  "Size of the event buffer, a power of two (default 256)", 3 },
	{ "recorder", KEY_RECORDER, "N", 0,
	  "Keep the last N operations of each queue, for a violation's record: a power of two up "
	  "to "
	  "128 (default 64), or 0",
	  3 },
	{ "timeline", KEY_TIMELINE, NULL, 0,
	  "Show the last operations of the queue under a violation; JSON has all that are kept",
	  2 },
	{ 0 },
};

static unsigned int power_of_two(struct argp_state *state, const char *name, unsigned int n)
{
	if (n & (n - 1))
		args__error(state, "%s: %u is not a power of two", name, n);
	return n;
}

static enum color color(struct argp_state *state, const char *when)
{
	static const char *const words[] = { "auto", "always", "never", NULL };

	return args__word(state, "--color", when, words); /* as in enum color */
}

static bool is_dma(struct argp_state *state, const char *level)
{
	static const char *const words[] = { "ring", "dma", NULL };

	return args__word(state, "--level", level, words);
}

static error_t add_window(struct argp_state *state, struct run_opts *o, const char *text)
{
	char why[256];
	int err = windows__parse(&o->windows, text, why, sizeof(why));

	if (err == -EINVAL)
		args__error(state, "--window: %s", why);
	return -err;
}

static void set_thin(int key, char *text, struct argp_state *state, struct thin_opts *o)
{
	char why[128];

	if (key == KEY_SAMPLE && thin__parse_sample(o, text, why, sizeof(why)))
		args__error(state, "--sample: %s", why);
	if (key == KEY_BUDGET && thin__parse_budget(o, text, why, sizeof(why)))
		args__error(state, "--budget: %s", why);
}

static error_t add_sink(struct argp_state *state, struct run_opts *o, const char *spec)
{
	char why[512];

	if (sink_specs__add(&o->sinks, spec, why, sizeof(why)))
		args__error(state, "--sink: %s", why);
	return 0;
}

static error_t add_on_break(struct argp_state *state, struct run_opts *o, const char *text)
{
	char why[256];
	int err = on_break__parse(&o->session.on_break, text, why, sizeof(why));

	if (err == -EINVAL)
		args__error(state, "--on-break: %s", why);
	return -err;
}

/* Only whether it is one: it is applied once all is known on which it stands. */
static error_t check_action(struct argp_state *state, const char *text)
{
	struct policy scratch = { 0 };
	char why[1024];

	if (policy__parse(&scratch, text, why, sizeof(why)))
		args__error(state, "--action: %s", why);
	return 0;
}

static error_t parse_number(int key, char *arg, struct argp_state *state)
{
	struct run_opts *o = state->input;

	switch (key) {
	case KEY_RATE:
		o->rate = args__number(state, "--rate", arg, 0, MAX_RATE);
		return 0;
	case KEY_DURATION:
		o->session.duration_s = args__number(state, "--duration", arg, 0, MAX_SECONDS);
		return 0;
	case KEY_STATS:
		o->session.stats_s = args__number(state, "--stats", arg, 0, MAX_SECONDS);
		return 0;
	case KEY_SWEEP:
		o->session.sweep_ms = args__number(state, "--sweep-ms", arg, 0, MAX_SWEEP_MS);
		return 0;
	case KEY_STALL:
		o->stall_ms = args__number(state, "--stall-ms", arg, 0, MAX_SWEEP_MS);
		return 0;
	case KEY_MAX_QUEUES:
		o->max_queues = args__number(state, "--max-queues", arg, 1, MAX_QUEUES);
		return 0;
	case KEY_MAX_MAPPINGS:
		o->max_mappings =
			args__number(state, "--max-mappings", arg, MIN_MAPPINGS, MAX_MAPPINGS);
		return 0;
	case KEY_ATTEMPTS:
		o->session.recover_attempts =
			args__number(state, "--recover-attempts", arg, 1, ATTEMPTS_MAX);
		return 0;
	case KEY_LATENCY:
		o->latency = args__number(state, "--latency-sample", arg, 0, VQA_LATENCY_MAX);
		return 0;
	case KEY_RING_KIB:
		o->ring_kib = power_of_two(
			state, "--ring-kib",
			args__number(state, "--ring-kib", arg, MIN_RING_KIB, MAX_RING_KIB));
		return 0;
	case KEY_RECORDER:
		o->recorder =
			power_of_two(state, "--recorder",
				     args__number(state, "--recorder", arg, 0, VQA_FLIGHT_MAX));
		return 0;
	default:
		return args__common(key, arg, state, &o->common);
	}
}

error_t run__set(int key, char *arg, struct argp_state *state)
{
	struct run_opts *o = state->input;

	switch (key) {
	case 'q':
		o->quiet = true;
		return 0;
	case KEY_COLOR:
		o->color = color(state, arg);
		return 0;
	case KEY_LEVEL:
		o->dma = is_dma(state, arg);
		return 0;
	case KEY_ACTION:
		return check_action(state, arg);
	case KEY_ON_BREAK:
		return add_on_break(state, o, arg);
	case KEY_SINK:
		return add_sink(state, o, arg);
	case KEY_WINDOW:
		return add_window(state, o, arg);
	case KEY_SAMPLE:
	case KEY_BUDGET:
		set_thin(key, arg, state, &o->session.thin);
		return 0;
	case KEY_PIN:
		o->pin = true;
		return 0;
	case KEY_TIMELINE:
		o->timeline = true;
		return 0;
	case KEY_NO_SECCOMP:
		o->no_seccomp = true;
		return 0;
	case KEY_HARD:
		o->hard = true;
		return 0;
	case KEY_ALLOW_PANIC:
		o->allow_panic = true;
		return 0;
	case KEY_CONFIG:
		o->config_path = arg;
		return 0;
	case KEY_NO_CONFIG:
		o->no_config = true;
		return 0;
	default:
		return parse_number(key, arg, state);
	}
}

/* On the command line: what is given there is given again when files have changed. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	const struct argp_option *option = settings__option_of(options, key);
	struct run_opts *o = state->input;
	struct setting given = { .option = option, .value = arg };
	error_t err = run__set(key, arg, state);

	if (!err && option && settings__append(&o->given, &given))
		err = ENOMEM;
	if (o->config_path && o->no_config)
		args__error(state, "--config and --no-config: which?");
	return err;
}

static char *help_filter(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_EXTRA ? sink_specs__help() : (char *)text;
}

/* Without a text: who includes it has its own. */
const struct argp run__argp = { .options = options, .parser = parse, .help_filter = help_filter };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.help_filter = help_filter,
	.doc = "Audit every virtqueue of this machine: compare what the device sees with what the "
	       "driver wrote, buffer by buffer."
	       "\vEvents go to standard output, all else to standard error. \"vq-audit rules\" "
	       "lists rules and actions.\n\n" VQA_EXIT_HELP,
};

int cmd_run(int argc, char **argv)
{
	struct run_opts o = RUN_OPTS_INIT;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (run_config__load(&o))
		return VQA_EXIT_USAGE;
	bpflog__capture(o.common.verbose);
	return run__audit(&o);
}
