// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qmp.h"
#include "socket.h"
#include "util.h"

struct qmp {
	FILE *in;
	int fd;
	char *line;
	size_t cap;
};

/* One JSON object per line is how QEMU writes. */
static json_t *read_object(struct qmp *qmp, int *ret_err)
{
	json_t *obj;
	ssize_t n;

	errno = 0;
	n = getline(&qmp->line, &qmp->cap, qmp->in);
	if (n < 0) {
		*ret_err = errno == EAGAIN ? -ETIMEDOUT : -ECONNRESET;
		return NULL;
	}
	obj = json_loadb(qmp->line, n, 0, NULL);
	if (!obj)
		*ret_err = -EPROTO;
	return obj;
}

static int send_cmd(struct qmp *qmp, const char *name, json_t *args)
{
	json_t *cmd = json_pack("{s:s, s:o*}", "execute", name, "arguments", args);
	char *text = cmd ? json_dumps(cmd, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text)
		err = socket__send(qmp->fd, text);
	if (!err)
		err = socket__send(qmp->fd, "\n");
	free(text);
	json_decref(cmd);
	return err;
}

json_t *qmp__cmd(struct qmp *qmp, const char *name, json_t *args, int *ret_err)
{
	json_t *obj, *val;

	*ret_err = send_cmd(qmp, name, args);
	if (*ret_err)
		return NULL;
	while ((obj = read_object(qmp, ret_err))) {
		val = json_incref(json_object_get(obj, "return"));
		if (!val && json_object_get(obj, "error"))
			*ret_err = -EREMOTEIO;
		json_decref(obj);
		if (val || *ret_err)
			return val;
	}
	return NULL;
}

/* The greeting, then the end of negotiation. */
static int shake_hands(struct qmp *qmp)
{
	int err = 0;
	json_t *obj;

	obj = read_object(qmp, &err);
	if (!obj)
		return err;
	json_decref(obj);
	obj = qmp__cmd(qmp, "qmp_capabilities", NULL, &err);
	json_decref(obj);
	return err;
}

static int connect_within(const char *path, unsigned int timeout_ms)
{
	uint64_t end = now_us() + timeout_ms * 1000ULL;
	int fd;

	for (;;) {
		fd = socket__connect(path);
		if (fd >= 0 || (fd != -ENOENT && fd != -ECONNREFUSED) || now_us() >= end)
			return fd;
		sleep_us(20000);
	}
}

int qmp__open(struct qmp **ret_qmp, const char *path, unsigned int timeout_ms)
{
	struct qmp *qmp;
	int err;

	qmp = calloc(1, sizeof(*qmp));
	if (!qmp)
		return -ENOMEM;
	qmp->fd = connect_within(path, timeout_ms);
	if (qmp->fd < 0) {
		err = qmp->fd;
		goto fail;
	}
	qmp->in = fdopen(qmp->fd, "r");
	err = qmp->in ? shake_hands(qmp) : -ENOMEM;
	if (err)
		goto fail;
	*ret_qmp = qmp;
	return 0;
fail:
	qmp__free(qmp);
	return err;
}

void qmp__free(struct qmp *qmp)
{
	if (!qmp)
		return;
	if (qmp->in)
		fclose(qmp->in);
	else if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->line);
	free(qmp);
}
