// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"
#include "qtest.h"
#include "util.h"

enum { EXIT_DONE = 0, EXIT_NO_TARGET = 1, EXIT_USAGE = 2, EXIT_NO_ATTACH = 3, EXIT_DAMAGE = 4 };
enum {
	OPT_QMP = 256,
	OPT_RAM,
	OPT_TIMEOUT,
	OPT_SEED,
	OPT_LIST,
	OPT_LIVE,
	OPT_WATCH,
	OPT_FOR,
	OPT_PAUSE,
	OPT_REPEAT,
	OPT_POSTED,
	OPT_QTEST,
	OPT_ANY_STATUS,
	OPT_AFTER_RESET
};

#define ATTACH_MS 5000

volatile sig_atomic_t interrupted;

static struct env {
	const char *env_file;
	char *qmp, *ram, *qtest;
	const char *device;
	const struct mutation *mutation;
	unsigned int queue, count, timeout, watch, hold_ms, pause_ms;
	uint32_t seed;
	bool json, list, live, posted, any_status, after_reset;
} env = { .count = 1, .timeout = 10, .seed = 1 };

static const struct argp_option options[] = {
	{ "env", 'e', "FILE", 0, "LAB_DIR/env of a running lab guest: names QMP= and RAM=", 0 },
	{ "qmp", OPT_QMP, "SOCKET", 0, "QMP socket of the guest", 0 },
	{ "ram", OPT_RAM, "FILE", 0, "File that backs the guest's memory (share=on)", 0 },
	{ "qtest", OPT_QTEST, "SOCKET", 0, "QEMU's test socket, for notify-*", 0 },
	{ "device", 'd', "ID", 0, "QEMU device id (blk0, net0 ...); default: the only one", 1 },
	{ "queue", 'q', "N", 0, "Queue number, default 0", 1 },
	{ "mutation", 'm', "NAME", 0, "Which lie, see --list", 1 },
	{ "count", 'n', "K", 0, "How often, default 1", 1 },
	{ "repeat", OPT_REPEAT, NULL, OPTION_ALIAS, NULL, 1 },
	{ "for", OPT_FOR, "MS", 0,
	  "Take the lie back after so long; the report says how long it really stood", 1 },
	{ "pause", OPT_PAUSE, "MS", 0, "Wait so long before the next one", 1 },
	{ "live", OPT_LIVE, NULL, 0,
	  "Without stopping the guest: lie about a buffer in flight, or about none", 1 },
	{ "posted", OPT_POSTED, NULL, 0,
	  "Live, and also about buffers that the device has not read yet (a receive queue at rest)",
	  1 },
	{ "any-status", OPT_ANY_STATUS, NULL, 0,
	  "Also before the driver has set DRIVER_OK, and when it looks like firmware", 1 },
	{ "after-reset", OPT_AFTER_RESET, NULL, 0,
	  "Live: wait until the device was reset, then lie in the rings that it had", 1 },
	{ "timeout", OPT_TIMEOUT, "SECS", 0, "Give up after this long, default 10", 1 },
	{ "seed", OPT_SEED, "N", 0, "Choose slots and values by this number, default 1", 1 },
	{ "watch-overlap", OPT_WATCH, "SECS", 0,
	  "Watch a split ring for published chains that share a descriptor; with a mutation, lie "
	  "live meanwhile",
	  2 },
	{ "json", 'j', NULL, 0, "JSON lines on standard output", 3 },
	{ "list", OPT_LIST, NULL, 0, "List the mutations", 3 },
	{}
};

static const char doc[] =
	"Attack a guest's virtqueue from the hypervisor's side.\v"
	"The guest is stopped, a completion that its driver has not read is falsified, and the "
	"guest goes on. Block requests are completed by the stop itself, so that a hit is certain "
	"as long as some are in flight (throttle the drive). Elsewhere, as on a network queue "
	"under a flood, the last completion is probably unread, not certainly: the report says "
	"\"certain\":false, and trying again is the caller's business.\n\n"
	"Exit status: 0 done, 1 no suitable buffer in time (or no overlap seen), 2 usage, "
	"3 cannot attach, 4 no overlap, but the queue was refused by QEMU or stands still.";

static bool parse_number(const char *text, unsigned int *ret)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 0);
	if (errno || *end || end == text || *text == '-' || v > UINT32_MAX)
		return false;
	*ret = v;
	return true;
}

/* Where the number that belongs to an option goes; NULL when it takes none. */
static unsigned int *number_of(int key)
{
	switch (key) {
	case 'q':
		return &env.queue;
	case 'n':
	case OPT_REPEAT:
		return &env.count;
	case OPT_FOR:
		return &env.hold_ms;
	case OPT_PAUSE:
		return &env.pause_ms;
	case OPT_TIMEOUT:
		return &env.timeout;
	case OPT_SEED:
		return &env.seed;
	case OPT_WATCH:
		return &env.watch;
	default:
		return NULL;
	}
}

static error_t parse_text(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'e':
		env.env_file = arg;
		break;
	case OPT_QMP:
		env.qmp = arg;
		break;
	case OPT_RAM:
		env.ram = arg;
		break;
	case OPT_QTEST:
		env.qtest = arg;
		break;
	case OPT_AFTER_RESET:
		env.live = env.after_reset = true;
		break;
	case OPT_ANY_STATUS:
		env.any_status = true;
		break;
	case 'd':
		env.device = arg;
		break;
	case 'm':
		env.mutation = mutation__find(arg);
		if (!env.mutation)
			argp_error(state, "no mutation is called %s, see --list", arg);
		break;
	case 'j':
		env.json = true;
		break;
	case OPT_LIVE:
		env.live = true;
		break;
	case OPT_POSTED:
		env.live = env.posted = true;
		break;
	case OPT_LIST:
		env.list = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void check_usage(struct argp_state *state)
{
	if (env.list)
		return;
	if (!env.mutation && !env.watch)
		argp_error(state, "say --mutation, --watch-overlap or --list");
	if (!env.env_file && !(env.qmp && env.ram))
		argp_error(state, "say --env, or --qmp and --ram");
	if ((env.live || env.watch) && env.mutation && env.mutation->when == AT_STOP)
		argp_error(state, "%s lies in a used element, which a live buffer has not",
			   env.mutation->name);
	if (env.watch && env.hold_ms)
		argp_error(state, "--watch-overlap cannot look while a lie stands for --for");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	unsigned int *number = number_of(key);

	if (number) {
		if (!parse_number(arg, number))
			argp_error(state, "%s is not a number", arg);
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "what is %s?", arg);
	if (key == ARGP_KEY_END) {
		check_usage(state);
		return 0;
	}
	return parse_text(key, arg, state);
}

/* A shell assignment's value; quotes around it are the only quoting understood. */
static char *assigned(char *line, const char *name)
{
	size_t len = strlen(name);
	char *value = line + len;

	if (strncmp(line, name, len))
		return NULL;
	value[strcspn(value, "\n")] = '\0';
	len = strlen(value);
	if (len >= 2 && (*value == '\'' || *value == '"') && value[len - 1] == *value) {
		value[len - 1] = '\0';
		value++;
	}
	return strdup(value);
}

static int read_env(const char *path)
{
	char line[4096], *value;
	FILE *in = fopen(path, "re");

	if (!in)
		return -errno;
	while (fgets(line, sizeof(line), in)) {
		if (!env.qmp && (value = assigned(line, "QMP=")))
			env.qmp = value;
		if (!env.ram && (value = assigned(line, "RAM=")))
			env.ram = value;
		if (!env.qtest && (value = assigned(line, "QTEST=")))
			env.qtest = value;
	}
	fclose(in);
	return env.qmp && env.ram ? 0 : -ENODATA;
}

static int complain(const char *what, int err)
{
	fprintf(stderr, "vq-attack: %s: %s\n", what, strerror(-err));
	return err;
}

static int attach(struct attack *a)
{
	int err;

	if (env.env_file) {
		err = read_env(env.env_file);
		if (err)
			return complain(env.env_file, err);
	}
	err = ram__open(&a->ram, env.ram);
	if (err)
		return complain(env.ram, err);
	err = qmp__open(&a->vm.qmp, env.qmp, ATTACH_MS);
	if (err)
		return complain(env.qmp, err);
	err = env.qtest ? qtest__open(&a->qtest, env.qtest) : 0;
	if (err)
		return complain(env.qtest, err);
	err = vm__find(&a->vm, env.device);
	if (err)
		return complain(env.device ? env.device : "which device?", err);
	return 0;
}

static void explain(const struct attack *a, const char *what)
{
	fprintf(stderr, "vq-attack: %s on %s queue %u%s\n", what, a->device, a->vm.queue,
		interrupted ? ": interrupted" : "");
	if (a->vm.err)
		complain("QEMU is gone", a->vm.err);
	tally__print(&a->tally, stderr);
}

static int run_attack(struct attack *a)
{
	unsigned int done;

	a->started = now_us();
	a->deadline = a->started + env.timeout * 1000000ULL;
	if (a->mutation->act)
		done = strike_act(a);
	else if (env.live || !(a->mutation->when & AT_STOP))
		done = strike_live(a);
	else
		done = strike(a);
	if (done >= a->count)
		return EXIT_DONE;
	fprintf(stderr, "vq-attack: %s told %u of %u times\n", a->mutation->name, done, a->count);
	explain(a, "no suitable chain");
	return EXIT_NO_TARGET;
}

static int run_watch(struct attack *a)
{
	a->deadline = now_us() + env.watch * 1000000ULL;
	switch (watch_overlap(a, env.mutation ? a->count : 0)) {
	case WATCH_OVERLAP:
		return EXIT_DONE;
	case WATCH_DAMAGE:
		return EXIT_DAMAGE;
	default:
		explain(a, "no overlap seen");
		return EXIT_NO_TARGET;
	}
}

static int run(struct attack *a)
{
	if (attach(a))
		return EXIT_NO_ATTACH;
	return env.watch ? run_watch(a) : run_attack(a);
}

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, NULL, doc, NULL, NULL, NULL };
	static struct attack a;
	int ret;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (env.list) {
		report__mutations(env.json);
		return EXIT_DONE;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	a.mutation = env.mutation;
	a.device = env.device ? env.device : "device";
	a.vm.queue = env.queue;
	a.vm.any_status = env.any_status;
	a.count = env.count;
	a.hold_us = env.hold_ms * 1000ULL;
	a.pause_us = env.pause_ms * 1000ULL;
	a.posted = env.posted;
	a.after_reset = env.after_reset;
	a.random = (env.seed + 1) * 0x9e3779b9; /* neighbouring seeds should differ at once */
	a.json = env.json;
	ret = run(&a);
	qmp__free(a.vm.qmp);
	qtest__free(a.qtest);
	ram__close(&a.ram);
	free(a.vm.path);
	return ret;
}
