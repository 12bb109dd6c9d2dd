// SPDX-License-Identifier: GPL-2.0
/* The journal's fields, and the syslog daemon's lines. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>

#include "journal.h"
#include "json_record.h"
#include "names.h"
#include "oneline.h"
#include "sink_syslog.h"
#include "flight_bytes.h"

static const struct flight none;

static struct vqa_event event(void)
{
	struct bytes b = filled(N);

	b.e.rule = VQA_RULE_NEXT_FLIP;
	b.e.fields = VQA_F_NEXT_FLAG | VQA_F_LEN;
	b.e.slot = 11;
	return b.e;
}

/* How many fields are exactly @text. */
static unsigned int count(const struct journal_entry *j, const char *text)
{
	unsigned int n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += j->field[i].iov_len == strlen(text) &&
		     !memcmp(j->field[i].iov_base, text, strlen(text));
	return n;
}

static void journal_fields(void **state)
{
	struct vqa_event e = event();
	json_t *record = json_record__violation(&e, &none, TIER_PATCHED);
	struct journal_entry j = { 0 };

	(void)state;
	journal__add_record(&j, record);
	assert_int_equal(j.err, 0);
	assert_int_equal(count(&j, "VQ_AUDIT_RULE=next-flip"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_DEVICE=virtio0"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_QUEUE=0"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_HEAD=7"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_INDEX=11"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_DIFFERS=len"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_DIFFERS=next_flag"), 1);
	assert_int_equal(count(&j, "VQ_AUDIT_FOUND={\"addr\":\"0x0000000000002000\",\"len\":16,"
				   "\"flags\":0,\"next\":0}"),
			 1);
	assert_int_equal(count(&j, "VQ_AUDIT_EXPECTED={\"addr\":\"0x0000000000001000\",\"len\":16,"
				   "\"flags\":0,\"next\":0}"),
			 1);
	journal__free(&j);
	json_decref(record);
}

/* Whatever a record says but for its text, time of day and operations has a field. */
static void journal_has_all(void **state)
{
	struct vqa_event e = event();
	struct sink_start start = { .kernel = "6.12", .tier = TIER_STOCK };
	struct sink_loss loss = { .which = "events", .text = "x", .count = 1, .total = 2 };
	struct sink_stop stop = { .reason = "SIGTERM" };
	struct recovery recovery = { .text = "x" };
	json_t *records[] = { json_record__violation(&e, &none, TIER_STOCK),
			      json_record__queue(&e),
			      json_record__start(&start),
			      json_record__lost(&loss),
			      json_record__stop(&stop),
			      json_record__recovery(&recovery) };
	static const char *const without[] = { "text",	  "realtime_ns", "device_id", "table",
					       "dma_api", "indirect",	 "shadow",    "abi",
					       "unseen",  "actions",	 "rate",      "used_id",
					       "flight",  "flight_torn" };

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		const char *key;
		json_t *value;

		json_object_foreach(records[i], key, value) {
			json_t *one = json_pack("{s:O}", key, value);
			struct journal_entry j = { 0 };
			size_t k = 0;

			while (k < sizeof(without) / sizeof(without[0]) && strcmp(without[k], key))
				k++;
			journal__add_record(&j, one);
			/* Its own, and the whole. */
			if (k == sizeof(without) / sizeof(without[0]) && !json_is_null(value) &&
			    !(json_is_array(value) && !json_array_size(value)))
				assert_true(j.n >= 2);
			else
				assert_int_equal(j.n, 1);
			journal__free(&j);
			json_decref(one);
		}
		json_decref(records[i]);
	}
}

static void priorities(void **state)
{
	struct vqa_event e = event();

	(void)state;
	assert_int_equal(oneline__priority(&e), LOG_CRIT);
	e.action = VQA_ACT_LOG;
	assert_int_equal(oneline__priority(&e), LOG_NOTICE);
	e.action = VQA_ACT_PANIC;
	assert_int_equal(oneline__priority(&e), LOG_EMERG);
	e.type = VQA_EV_QUEUE;
	assert_int_equal(oneline__priority(&e), LOG_INFO);
}

/* Names that a hypervisor chose do not end a line, nor begin another one. */
static void lines_stay_lines(void **state)
{
	struct vqa_event e = event();
	char line[ONELINE_SIZE];

	(void)state;
	memset(e.queue.name, '\n', VQA_NAME_LEN - 1);
	memset(e.queue.bus, '\033', VQA_NAME_LEN - 1);
	for (unsigned int rule = 0; rule < VQA_RULE_COUNT; rule++) {
		e.rule = rule;
		oneline__violation(&e, TIER_PATCHED, line);
		assert_null(strpbrk(line, "\n\033"));
		assert_non_null(strstr(line, rule__name(rule)));
	}
}

/* --- a syslog daemon -------------------------------------------------------- */

struct daemon {
	char dir[32], path[64];
	int fd, client;
	bool stream;
};

static void daemon_listen(struct daemon *d)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, d->path);
	unlink(d->path);
	d->client = -1;
	d->fd = socket(AF_UNIX, d->stream ? SOCK_STREAM : SOCK_DGRAM, 0);
	assert_int_equal(bind(d->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	if (d->stream)
		assert_int_equal(listen(d->fd, 4), 0);
}

static void daemon_start(struct daemon *d)
{
	strcpy(d->dir, "/tmp/vq-syslog.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->path, sizeof(d->path), "%s/log", d->dir);
	daemon_listen(d);
}

static void daemon_end(struct daemon *d)
{
	close(d->fd);
	unlink(d->path);
	rmdir(d->dir);
}

static void assert_said(struct daemon *d, const char *words)
{
	char line[2048];
	ssize_t n;

	if (d->stream && d->client < 0)
		d->client = accept(d->fd, NULL, NULL);
	n = recv(d->stream ? d->client : d->fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	line[n] = 0;
	assert_int_equal(strncmp(line, "<26>", 4), 0); /* daemon.crit */
	assert_non_null(strstr(line, "vq-audit["));
	assert_non_null(strstr(line, words));
	assert_true(!d->stream || !line[n - 1]);
}

static struct sink *to_daemon(const struct daemon *d)
{
	const struct sink like = { .tier = TIER_PATCHED };
	struct sink *sink;

	assert_int_equal(sink_syslog__new(&sink, &like, d->path), 0);
	return sink;
}

static void syslog_lines(bool stream)
{
	struct daemon d = { .stream = stream };
	struct vqa_event e = event();
	struct sink *sink;

	daemon_start(&d);
	sink = to_daemon(&d);
	assert_int_equal(sink->ops->violation(sink, &e, &none), 0);
	assert_said(&d, "next-flip (critical): virtio0");
	sink->ops->close(sink);
	daemon_end(&d);
}

static void syslog_datagrams(void **state)
{
	(void)state;
	syslog_lines(false);
}

static void syslog_stream(void **state)
{
	(void)state;
	syslog_lines(true);
}

/* It dies: an error each time. It is there again: so are the lines. */
static void syslog_comes_back(void **state)
{
	struct vqa_event e = event();
	struct daemon d = { 0 };
	struct sink *sink;

	(void)state;
	daemon_start(&d);
	sink = to_daemon(&d);
	assert_int_equal(sink->ops->violation(sink, &e, &none), 0);
	close(d.fd);
	assert_int_equal(sink->ops->violation(sink, &e, &none), -ECONNREFUSED);
	unlink(d.path);
	assert_int_equal(sink->ops->violation(sink, &e, &none), -ENOENT);
	daemon_listen(&d);
	assert_int_equal(sink->ops->violation(sink, &e, &none), 0);
	assert_said(&d, "next-flip");
	/* Another one in its place, unnoticed: nothing is lost. */
	close(d.fd);
	daemon_listen(&d);
	assert_int_equal(sink->ops->violation(sink, &e, &none), 0);
	assert_said(&d, "next-flip");
	sink->ops->close(sink);
	daemon_end(&d);
}

/* It does not read: an error once its socket is full, and no waiting for ever. */
static void syslog_does_not_read(void **state)
{
	struct vqa_event e = event();
	struct daemon d = { 0 };
	struct sink *sink;
	int err = 0, sent = 0;

	(void)state;
	daemon_start(&d);
	sink = to_daemon(&d);
	while (!err && sent < 100000) {
		err = sink->ops->violation(sink, &e, &none);
		sent += !err;
	}
	assert_int_equal(err, -EAGAIN);
	for (int i = 0; i < sent; i++)
		assert_said(&d, "next-flip");
	assert_int_equal(sink->ops->violation(sink, &e, &none), 0);
	sink->ops->close(sink);
	daemon_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journal_fields),    cmocka_unit_test(journal_has_all),
		cmocka_unit_test(priorities),	     cmocka_unit_test(lines_stay_lines),
		cmocka_unit_test(syslog_datagrams),  cmocka_unit_test(syslog_stream),
		cmocka_unit_test(syslog_comes_back), cmocka_unit_test(syslog_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
