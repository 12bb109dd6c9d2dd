// SPDX-License-Identifier: GPL-2.0
/* The configuration: what files and the command line come to, and what is said of bad ones. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "run_config.h"

static char dir[] = "/tmp/vq-config.XXXXXX", path[64];
static char said[16384]; /* on stderr, by the last build() */
static struct run_opts opts;

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void drop_in(const char *name, const char *text)
{
	char at[128];

	snprintf(at, sizeof(at), "%s.d", path);
	mkdir(at, 0700);
	snprintf(at, sizeof(at), "%s.d/%s", path, name);
	write_file(at, text);
}

static void remove_drop_ins(void)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -rf %s.d", path);
	assert_int_equal(system(command), 0);
}

/* What they come to, behind these words of a command line. The result is in opts, if it is 0. */
static int build(const char *const *words)
{
	struct run_opts asked = RUN_OPTS_INIT;
	char *argv[16] = { "test" };
	int argc = 1, saved = dup(STDERR_FILENO), err;
	FILE *f = tmpfile();
	size_t n;

	while (words && words[argc - 1]) {
		argv[argc] = (char *)words[argc - 1];
		argc++;
	}
	assert_int_equal(argp_parse(&run__argp, argc, argv, 0, NULL, &asked), 0);
	asked.config_path = path;
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	err = run_config__build(&opts, &asked);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = 0;
	fclose(f);
	windows__free(&asked.windows);
	return err;
}

static int build_text(const char *text)
{
	write_file(path, text);
	return build(NULL);
}

/* Each file of a line: what is wrong there, and a word of what is said. */
static const struct {
	const char *text;
	unsigned int line;
	const char *why;
} bad[] = {
	{ "nothing\n", 1, "neither [SECTION] nor KEY = VALUE" },
	{ "rate = 1\n\n= 3\nx\n", 4, "neither [SECTION] nor" },
	{ "[run\nrate = 1\n", 1, "neither [SECTION] nor" },
	{ "rat = 1\n", 1, "no key \"rat\"" },
	{ "config = /x\n", 1, "no key \"config\"" },
	{ "no-config = yes\n", 1, "no key \"no-config\"" },
	{ "help = yes\n", 1, "no key \"help\"" },
	{ "\n\nrate = many\n", 3, "rate: \"many\" is not a number from 0 to 1000000" },
	{ "rate =\n", 1, "rate: \"\" is not a number" },
	{ "rate = -1\n", 1, "rate: \"-1\" is not a number" },
	{ "recorder = 3\n", 1, "recorder: 3 is not a power of two" },
	{ "level = both\n", 1, "level: \"both\" is none of ring, dma" },
	{ "hard = maybe\n", 1, "hard: \"maybe\" is neither yes nor no" },
	{ "hard =\n", 1, "hard: \"\" is neither" },
	{ "sink = tape\n", 1, "\"tape\" is none of text" },
	{ "sink = exec:here\n", 1, "full path" },
	{ "sink = json:/a\nsink = json:/a\n", 2, "twice" },
	{ "sink = text\njson = yes\n", 2, "standard output is that of text" },
	{ "sample = 0\n", 1, "sample: \"0\" is not N" },
	{ "budget = none\n", 1, "budget: \"none\" is not a number of percent" },
	{ "level = dma\nwindow = virtio9999=0-1\n", 2, "no virtio device \"virtio9999\"" },
	{ "action = next-flip\n", 1, "not of the form RULE=ACTION" },
	{ "action = next-flop=log\n", 1, "no rule is named \"next-flop\"" },
	{ "action = next-flip=shout\n", 1, "no action is named \"shout\"" },
	{ "action = all=log, next-flip=shout\n", 1, "no action is named \"shout\"" },
	{ "action = all=log,\n", 1, "not of the form" },
	{ "action = all=log desc-tamper=log\n", 1, "no action is named" },
	{ "rate = 1\naction = all=panic\n", 2, "needs --allow-panic" },
	{ "[runs]\n", 1, "no section [runs]" },
	{ "[RUN]\nrate = 1\n", 1, "no section [RUN]" },
	{ "\xef\xbb\xbf[runs]\r\n", 1, "no section [runs]" },
	{ "[device]\n", 1, "no section [device]" },
	{ "[device ]\n", 1, "names no device" },
	{ "\n[device virtio9999]\n", 2, "no virtio device \"virtio9999\"" },
	{ "[device virtio9999]\nmissing-ok = yes\n", 1, "name it by its bus id" },
	{ "[device 1:2.3]\nmissing-ok = yes\non-break = shout\n", 3, "none of leave, recover" },
	{ "[queue 1:2.3:0]\nmissing-ok = yes\non-break = recover\n", 3, "[device NAME] has" },
	{ "[device 1:2.3]\nmissing-ok = perhaps\n", 2, "neither yes nor no" },
	{ "[device 1:2.3]\nmissing-ok = yes\nrate = 1\n", 3, "[device 1:2.3] has no key \"rate\"" },
	{ "[device 1:2.3]\nmissing-ok = yes\naction = x=y\n", 3, "no rule is named \"x\"" },
	{ "[queue 1:2.3:]\nmissing-ok = yes\n", 1, "not [queue DEVICE:N]" },
	{ "[queue 1:2.3:70000]\nmissing-ok = yes\n", 1, "not [queue DEVICE:N]" },
	{ "[queue 1:2.3:4x]\nmissing-ok = yes\n", 1, "not [queue DEVICE:N]" },
	{ "[queue virtio0]\n", 1, "not [queue DEVICE:N]" },
	{ "[queue :1]\n", 1, "names no device" },
};

static void bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char begin[128];
		const char *line;

		assert_int_equal(build_text(bad[i].text), -EINVAL);
		snprintf(begin, sizeof(begin), "vq-audit: %s:%u: ", path, bad[i].line);
		line = strstr(said, begin);
		if (!line || !strstr(line, bad[i].why))
			fail_msg("of '%s' is said: %s", bad[i].text, said);
	}
}

/* A panic of one device needs the same permission. */
static void panic_of_a_device(void **state)
{
	(void)state;
	assert_int_equal(build_text("[device 1:2.3]\nmissing-ok = yes\naction = all=panic\n"),
			 -EINVAL);
	assert_non_null(strstr(said, "1:2.3: desc-tamper=panic needs --allow-panic"));
	assert_int_equal(build_text("allow-panic = yes\n[device 1:2.3]\nmissing-ok = yes\n"
				    "action = all=panic\n"),
			 0);
	run_config__free(&opts);
}

static enum on_break_action broken(const char *name, const char *bus)
{
	return on_break__of(&opts.session.on_break, name, bus);
}

/* What is done about a break: of a device, before what holds for all, whoever says that. */
static void breaks(void **state)
{
	static const char *const words[] = { "--on-break", "1:2.3=leave", "--on-break",
					     "virtio7=leave", NULL };
	static const char text[] = "on-break = recover\n[device 1:2.3]\nmissing-ok = yes\n"
				   "on-break = panic\n";

	(void)state;
	assert_int_equal(build_text(text), -EINVAL);
	assert_non_null(strstr(said, "on-break: panic needs --allow-panic"));
	drop_in("1.conf", "allow-panic = yes\n");
	assert_int_equal(build_text(text), 0);
	assert_int_equal(broken("virtio7", "1:2.3"), ON_BREAK_PANIC);
	assert_int_equal(broken("virtio8", "1:2.4"), ON_BREAK_RECOVER);
	run_config__free(&opts);

	assert_int_equal(build(words), 0);
	assert_int_equal(broken("virtio7", "1:2.3"), ON_BREAK_PANIC);
	assert_int_equal(broken("virtio7", "1:2.4"), ON_BREAK_LEAVE);
	assert_int_equal(broken("virtio8", "1:2.4"),
			 ON_BREAK_LEAVE); /* not even what files say of all */
	run_config__free(&opts);
	remove_drop_ins();
}

static size_t lines_said(void)
{
	size_t n = 0;

	for (const char *p = said; (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

/* All of them at once, in the order of files and lines. */
static void all_errors(void **state)
{
	const char *a, *b, *c, *d;

	(void)state;
	drop_in("20.conf", "rate = y\njunk\nmore = 1\n[junk\n");
	drop_in("10.conf", "\n\nbogus = 1\n");
	drop_in("README", "not a file of ours\n");
	assert_int_equal(build_text("[device virtio9999]\nrate = 1\n[run]\nrate = x\n[gone]\n"),
			 -EINVAL);
	a = strstr(said, ".conf:1: there is no virtio device");
	b = strstr(said, ".conf:2: [device virtio9999] has no key");
	c = strstr(said, "10.conf:3: there is no key \"bogus\"");
	d = strstr(said, "20.conf:1: rate: \"y\"");
	assert_true(a && b && c && d && a < b && b < c && c < d);
	assert_non_null(strstr(said, ".conf:4: rate: \"x\""));
	assert_non_null(strstr(said, ".conf:5: there is no section [gone]"));
	assert_non_null(strstr(said, "20.conf:2: this is neither"));
	assert_non_null(strstr(said, "20.conf:3: there is no key \"more\""));
	assert_non_null(strstr(said, "20.conf:4: this is neither"));
	assert_int_equal(lines_said(), 9);
	remove_drop_ins();
}

static void a_file_that_is_not_there(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(build(NULL), -EINVAL);
	assert_non_null(strstr(said, ".conf: No such file"));
}

static void long_lines(void **state)
{
	char text[8192] = "rate = 7\nsink = json:/";
	size_t len = strlen(text);

	(void)state;
	memset(text + len, 'x', 6000);
	strcpy(text + len + 6000, "\nrite = 8\n");
	assert_int_equal(build_text(text), -EINVAL);
	assert_non_null(strstr(said, ".conf:2: the line is longer than"));
	assert_non_null(strstr(said, ".conf:3: there is no key \"rite\""));
	assert_int_equal(lines_said(), 2);
}

/* The last file has the last word, and the command line goes before all of them. */
static void precedence(void **state)
{
	static const char *const words[] = { "--rate",	"50",	    "--sink",
					     "json:/c", "--action", "desc-tamper=log",
					     NULL };

	(void)state;
	drop_in("20.conf", "rate = 3\nstats = 30\nhard = no\nsink=json:/b\n");
	drop_in("10.conf", "rate = 2\nstats = 20\nsweep-ms = 20\nhard = on\n");
	write_file(path,
		   "; comment\n# comment\nrate = 1\n  stats: 10\n[run]\nmax-queues = 10 ; so\n"
		   "sink = json:/a\nrecorder = 8\naction = desc-tamper=ignore,next-flip=log\n");
	assert_int_equal(build(NULL), 0);
	assert_int_equal(opts.rate, 3);
	assert_int_equal(opts.session.stats_s, 30);
	assert_int_equal(opts.session.sweep_ms, 20);
	assert_int_equal(opts.max_queues, 10);
	assert_int_equal(opts.recorder, 8);
	assert_false(opts.hard);
	assert_int_equal(opts.sinks.n, 2);
	assert_int_equal(opts.policies.all.action[VQA_RULE_DESC_TAMPER], VQA_ACT_IGNORE);
	assert_int_equal(opts.policies.all.action[VQA_RULE_NEXT_FLIP], VQA_ACT_LOG);
	run_config__free(&opts);

	assert_int_equal(build(words), 0);
	assert_int_equal(opts.rate, 50);
	assert_int_equal(opts.session.stats_s, 30);
	assert_int_equal(opts.sinks.n, 1);
	assert_string_equal(opts.sinks.spec[0], "json:/c");
	assert_int_equal(opts.policies.all.action[VQA_RULE_DESC_TAMPER], VQA_ACT_LOG);
	assert_int_equal(opts.policies.all.action[VQA_RULE_NEXT_FLIP], VQA_ACT_LOG);
	run_config__free(&opts);
	remove_drop_ins();
}

static void hard_is_a_ground(void **state)
{
	(void)state;
	assert_int_equal(build_text("action = desc-tamper=log\nhard = yes\n"), 0);
	assert_int_equal(opts.policies.all.action[VQA_RULE_DESC_TAMPER], VQA_ACT_LOG);
	assert_int_equal(opts.policies.all.action[VQA_RULE_NEXT_FLIP], VQA_ACT_BREAK);
	run_config__free(&opts);
}

static int action_of(const char *bus, __u32 queue, enum vqa_rule rule)
{
	const struct policy_of *own = policies__find(&opts.policies, bus, queue);

	return own ? own->policy.action[rule] : -1;
}

/* A queue's policy stands on its device's, and that on everyone's, wherever they are written. */
static void devices(void **state)
{
	(void)state;
	drop_in("1.conf", "[device 1:2.3]\naction = used-len-over=log\nmissing-ok = yes\n");
	assert_int_equal(build_text("action = all=alert\n"
				    "[queue 1:2.3:4]\nmissing-ok = yes\naction = next-flip=log\n"
				    "[device 1:2.3]\nmissing-ok = yes\n"
				    "action = desc-tamper=ignore\naction = next-flip=break\n"
				    "[run]\nrate = 4\n"),
			 0);
	assert_int_equal(opts.policies.n, 2);
	assert_int_equal(opts.rate, 4);
	assert_int_equal(action_of("1:2.3", VQA_POLICY_ANY, VQA_RULE_DESC_TAMPER), VQA_ACT_IGNORE);
	assert_int_equal(action_of("1:2.3", VQA_POLICY_ANY, VQA_RULE_NEXT_FLIP), VQA_ACT_BREAK);
	assert_int_equal(action_of("1:2.3", VQA_POLICY_ANY, VQA_RULE_USED_LEN_OVER), VQA_ACT_LOG);
	assert_int_equal(action_of("1:2.3", VQA_POLICY_ANY, VQA_RULE_USED_ID_RANGE), VQA_ACT_ALERT);
	assert_int_equal(action_of("1:2.3", 4, VQA_RULE_DESC_TAMPER), VQA_ACT_IGNORE);
	assert_int_equal(action_of("1:2.3", 4, VQA_RULE_NEXT_FLIP), VQA_ACT_LOG);
	assert_int_equal(action_of("1:2.3", 4, VQA_RULE_USED_LEN_OVER), VQA_ACT_LOG);
	assert_int_equal(action_of("1:2.3", 5, VQA_RULE_NEXT_FLIP), -1);
	assert_int_equal(opts.policies.all.action[VQA_RULE_NEXT_FLIP], VQA_ACT_ALERT);
	run_config__free(&opts);
	remove_drop_ins();
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/vq-audit.conf", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove_drop_ins();
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),	    cmocka_unit_test(panic_of_a_device),
		cmocka_unit_test(all_errors),	    cmocka_unit_test(a_file_that_is_not_there),
		cmocka_unit_test(long_lines),	    cmocka_unit_test(precedence),
		cmocka_unit_test(hard_is_a_ground), cmocka_unit_test(devices),
		cmocka_unit_test(breaks),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
