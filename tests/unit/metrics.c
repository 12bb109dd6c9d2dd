// SPDX-License-Identifier: GPL-2.0
/* What is exported, and how it is served: to who asks, and to who does not read the answer. */
#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "listen_at.h"
#include "metrics.h"
#include "names.h"
#include "sink_metrics.h"

#define QUEUES 64

/* Every counter differs from every other. */
static void fill(struct queue_view *v, unsigned int i)
{
	__u64 *c = (__u64 *)&v->c, *w = (__u64 *)&v->sweep;

	for (size_t k = 0; k < sizeof(v->c) / sizeof(*c); k++)
		c[k] = 1000000 + i * 1000 + k;
	for (size_t k = 0; k < sizeof(v->sweep) / sizeof(*w); k++)
		w[k] = 5000000 + i * 1000 + k;
	v->latency = (struct vqa_histogram){ .sum = 1500000000, .bucket = { [0] = 2, [86] = 3 } };
	v->depth = (struct vqa_histogram){ .sum = 21, .bucket = { [0] = 2, [7] = 4, [127] = 1 } };
	v->oldest_ns = i ? -1 : 2500000000;
	v->id = (struct vqa_queue_id){ .vdev_index = i / 4,
				       .index = i % 4,
				       .device = 2,
				       .num = 256,
				       .name = "req.\"\\\n\xff" };
}

static struct stats *filled(void)
{
	static struct queue_view views[QUEUES];
	static struct stats s;

	for (unsigned int i = 0; i < QUEUES; i++)
		fill(&views[i], i);
	s = (struct stats){ .queues = views, .n = QUEUES, .n_gone = 3 };
	s.gone.audited = 77;
	for (unsigned int i = 0; i < VQA_LOSS_COUNT; i++)
		s.losses[i] = 7000000 + i;
	s.programs[0] = (struct program_stats){ "vq_used", 81, 82, 83 };
	s.n_programs = 1;
	s.sweeps = 91;
	s.sweep_overruns = 92;
	s.sweep_left_out = 93;
	s.swept_ms = 94;
	s.latency_sample = 113;
	s.thin.sample = 97;
	s.thin.over = 98;
	s.reloads = 99;
	s.reloads_refused = 100;
	s.ledger.kept = true;
	for (unsigned int i = 0; i < VQA_LEDGER_COUNT; i++)
		s.ledger.counts[i] = 8000000 + i;
	s.ledger.pass.live = 95;
	s.ledger.pass.ended = 96;
	s.sinks[0] = (struct sink_counts){ "json:/x", 101, 102, 103, 104 };
	s.n_sinks = 1;
	return &s;
}

static char *print(const struct stats *s)
{
	struct metrics_input in = {
		.stats = s,
		.kernel = "6.12",
		.tier = TIER_PATCHED,
		.scrapes = 111,
		.scrapes_dropped = 112,
	};
	static char *text;
	size_t size;
	FILE *f;

	free(text);
	f = open_memstream(&text, &size);
	metrics__print(f, &in);
	fclose(f);
	return text;
}

static void assert_line(const char *text, const char *line)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text, whole))
		print_error("no such line: %s\n", line);
	assert_non_null(strstr(text, whole));
}

/* Whether a sample has this value. */
static bool has_value(const char *text, __u64 value)
{
	char end[32];

	snprintf(end, sizeof(end), " %llu\n", value);
	return strstr(text, end);
}

static void all_counters(void **state)
{
	struct stats *s = filled();
	const char *text = print(s);
	struct vqa_counters sum;

	(void)state;
	for (unsigned int i = 0; i < QUEUES; i++) {
		const __u64 *c = (__u64 *)&s->queues[i].c;
		const struct vqa_sweep_counters *w = &s->queues[i].sweep;
		const __u64 *violations = s->queues[i].c.violations;

		for (size_t k = 0; k < sizeof(s->queues[i].c) / sizeof(*c); k++)
			if (c + k < violations + VQA_RULE_COUNT ||
			    c + k >= violations + VQA_RULE_MAX)
				assert_true(has_value(text, c[k]));
		assert_true(has_value(text, w->sweeps) && has_value(text, w->descs) &&
			    has_value(text, w->unsettled) && has_value(text, sweep__violations(w)));
	}
	for (unsigned int i = 0; i < VQA_LOSS_COUNT; i++)
		assert_true(has_value(text, s->losses[i]));
	for (unsigned int i = 0; i < VQA_LEDGER_COUNT; i++)
		assert_true(has_value(text, s->ledger.counts[i]));
	for (__u64 i = 81; i <= 112; i++)
		if ((i < 83 || i > 90) && i != 94 && (i < 105 || i > 110))
			assert_true(has_value(text, i));
	stats__total(s, &sum);
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		assert_true(has_value(text, sum.violations[i]));
}

static void lines(void **state)
{
	const char *text = print(filled());

	(void)state;
	assert_line(text, "vq_audit_violations_total{rule=\"next-flip\",device=\"virtio2\","
			  "queue=\"1\"} 1009012");
	assert_line(text, "vq_audit_buffers_audited_total{device=\"gone\",queue=\"all\"} 77");
	assert_line(text, "vq_audit_sink_lost_total{sink=\"json:/x\",reason=\"full\"} 102");
	assert_line(text, "# TYPE vq_audit_queues gauge");
	assert_line(text, "vq_audit_queues 64");
	assert_line(text, "vq_audit_latency_sample_buffers 113");
	assert_non_null(strstr(text, "name=\"req.\\\"\\\\\\n\xef\xbf\xbd\""));
}

/* What is summed up to each power of four; what is beyond the last one is in +Inf alone. */
static void histograms(void **state)
{
	struct stats *s = filled();
	const char *text = print(s);

	(void)state;
#define QUEUE "{device=\"virtio1\",queue=\"2\""
	assert_line(text, "# TYPE vq_audit_latency_seconds histogram");
	assert_line(text, "vq_audit_latency_seconds_bucket" QUEUE ",le=\"4.096e-06\"} 2");
	assert_line(text, "vq_audit_latency_seconds_bucket" QUEUE ",le=\"0.067108864\"} 2");
	assert_line(text, "vq_audit_latency_seconds_bucket" QUEUE ",le=\"0.268435456\"} 5");
	assert_line(text, "vq_audit_latency_seconds_bucket" QUEUE ",le=\"4.294967296\"} 5");
	assert_line(text, "vq_audit_latency_seconds_bucket" QUEUE ",le=\"+Inf\"} 5");
	assert_line(text, "vq_audit_latency_seconds_sum" QUEUE "} 1.500000000");
	assert_line(text, "vq_audit_latency_seconds_count" QUEUE "} 5");
	assert_line(text, "vq_audit_depth_buffers_bucket" QUEUE ",le=\"1\"} 2");
	assert_line(text, "vq_audit_depth_buffers_bucket" QUEUE ",le=\"4\"} 2");
	assert_line(text, "vq_audit_depth_buffers_bucket" QUEUE ",le=\"16\"} 6");
	assert_line(text, "vq_audit_depth_buffers_bucket" QUEUE ",le=\"256\"} 6");
	assert_line(text, "vq_audit_depth_buffers_bucket" QUEUE ",le=\"+Inf\"} 7");
	assert_line(text, "vq_audit_depth_buffers_sum" QUEUE "} 21.000000000");
	assert_line(text, "vq_audit_oldest_seconds" QUEUE "} 0.000000000");
	assert_line(text, "vq_audit_oldest_seconds{device=\"virtio0\",queue=\"0\"} 2.500000000");
#undef QUEUE
	memset(&s->queues[6].latency, 0, sizeof(s->queues[6].latency));
	memset(&s->queues[6].depth, 0, sizeof(s->queues[6].depth));
	text = print(s);
	assert_null(strstr(text, "vq_audit_latency_seconds_count{device=\"virtio1\",queue=\"2\"}"));
	assert_null(strstr(text, "vq_audit_depth_buffers_sum{device=\"virtio1\",queue=\"2\"}"));
}

/* The grammar of the text format, as far as we use it. */
static void each_line_is_one(void **state)
{
	static const char grammar[] =
		"^(# (HELP|TYPE) [a-z_]+ .+|"
		"[a-z_]+(\\{([a-z_]+=\"([^\"\\]|\\\\[\\n\"])*\",?)+\\})? [0-9]+(\\.[0-9]+)?)$";
	char *text = strdup(print(filled())), *save, *line;
	regex_t re;

	(void)state;
	assert_int_equal(regcomp(&re, grammar, REG_EXTENDED | REG_NOSUB), 0);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (regexec(&re, line, 0, NULL, 0))
			print_error("%s\n", line);
		assert_int_equal(regexec(&re, line, 0, NULL, 0), 0);
	}
	regfree(&re);
	free(text);
}

/* Prometheus' own opinion, of names and types as well. */
static void promtool(void **state)
{
	FILE *f;

	(void)state;
	if (system("tests/lab/prometheus promtool --version >/dev/null")) {
		print_message("# SKIP promtool: there is none, the reason is above\n");
		skip();
	}
	f = popen("tests/lab/prometheus promtool check metrics", "w");
	fputs(print(filled()), f);
	assert_int_equal(pclose(f), 0);
}

static unsigned int count_lines(const char *text)
{
	unsigned int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Devices x queues x rules that fired, and no more: a quiet queue has a fixed number. */
static void bounded(void **state)
{
	struct stats *s = filled();
	unsigned int quiet, fired;

	(void)state;
	for (unsigned int i = 0; i < QUEUES; i++)
		memset(s->queues[i].c.violations, 0, sizeof(s->queues[i].c.violations));
	quiet = count_lines(print(s));
	s->queues[0].c.violations[VQA_RULE_STALL] = 1;
	s->queues[1].c.violations[VQA_RULE_STALL] = 1;
	fired = count_lines(print(s));
	assert_int_equal(fired, quiet + 2);
	s->n--;
	/* 16 families of a line each, one for each reason of a skip, and two histograms */
	assert_int_equal(fired - count_lines(print(s)), 16 + VQA_SKIP_COUNT + 14 + 8);
}

/* --- the server -------------------------------------------------------------- */

struct served {
	char dir[32], where[64];
	struct sink *sink;
};

static void serve(struct served *s)
{
	const struct sink like = { .tier = TIER_PATCHED };
	struct sink_start start = { .kernel = "6.12" };

	strcpy(s->dir, "/tmp/vq-metrics.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->where, sizeof(s->where), "unix:%s/socket", s->dir);
	assert_int_equal(sink_metrics__new(&s->sink, &like, s->where), 0);
	assert_int_equal(s->sink->ops->start(s->sink, &start), 0);
	assert_int_equal(s->sink->ops->tick(s->sink, filled()), 0);
}

static void end(struct served *s)
{
	s->sink->ops->close(s->sink);
	assert_int_equal(access(listen_at__path(s->where), F_OK), -1);
	rmdir(s->dir);
}

static int ask(const struct served *s, const char *request)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, listen_at__path(s->where));
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

static char *hear(int fd)
{
	static char answer[1 << 20];
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, answer + n, sizeof(answer) - 1 - n)) > 0)
		n += got;
	answer[n] = 0;
	close(fd);
	return answer;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void is_served(void **state)
{
	struct served s;
	struct stat st;
	char *answer;

	(void)state;
	serve(&s);
	assert_int_equal(stat(listen_at__path(s.where), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	answer = hear(ask(&s, GET("/metrics")));
	assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
	assert_non_null(strstr(answer, "version=0.0.4"));
	assert_line(answer, "vq_audit_queues 64");
	/* Prometheus keeps its connection. */
	answer = hear(ask(&s, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" GET("/metrics")));
	assert_non_null(strstr(answer + 1, "HTTP/1.1 200"));
	assert_int_equal(strncmp(hear(ask(&s, GET("/"))), "HTTP/1.1 404", 12), 0);
	assert_int_equal(strncmp(hear(ask(&s, "POST /metrics HTTP/1.1\r\nHost: x\r\n"
					      "Content-Length: 0\r\nConnection: close\r\n\r\n")),
				 "HTTP/1.1 405", 12),
			 0);
	end(&s);
}

static unsigned long dropped(const struct served *s)
{
	static const char name[] = "\nvq_audit_scrapes_dropped_total ";

	return strtoul(strstr(hear(ask(s, GET("/metrics"))), name) + strlen(name), NULL, 10);
}

/* Who asks and does not read, and who does not even ask: others are served, and they counted. */
static void stopped_readers(void **state)
{
	static char again[500 * sizeof(GET(""))];
	struct served s;
	int fd[4];

	(void)state;
	serve(&s);
	for (int i = 0; i < 500; i++)
		strcat(again, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int i = 0; i < 4; i++)
		fd[i] = ask(&s, i ? again : "G");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(s.sink->ops->tick(s.sink, filled()), 0);
		assert_line(hear(ask(&s, GET("/metrics"))), "vq_audit_queues 64");
	}
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	while (dropped(&s) < 4)
		;
	assert_int_equal(dropped(&s), 4);
	end(&s);
}

/* A socket that a killed daemon left is replaced; one that is in use is not. */
static void stale_socket(void **state)
{
	const struct sink like = { .tier = TIER_PATCHED };
	struct served s;
	struct sink *other;
	int fd;

	(void)state;
	serve(&s);
	assert_int_equal(sink_metrics__new(&other, &like, s.where), -EADDRINUSE);
	end(&s);
	assert_non_null(mkdtemp(strcpy(s.dir, "/tmp/vq-metrics.XXXXXX")));
	snprintf(s.where, sizeof(s.where), "unix:%s/socket", s.dir);
	fd = listen_at__open(s.where);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sink_metrics__new(&s.sink, &like, s.where), 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_counters),	   cmocka_unit_test(lines),
		cmocka_unit_test(histograms),	   cmocka_unit_test(each_line_is_one),
		cmocka_unit_test(bounded),	   cmocka_unit_test(is_served),
		cmocka_unit_test(stopped_readers), cmocka_unit_test(stale_socket),
		cmocka_unit_test(promtool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
