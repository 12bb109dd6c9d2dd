// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qtest.h"
#include "socket.h"

struct qtest {
	FILE *in;
	int fd;
};

int qtest__open(struct qtest **ret_qtest, const char *path)
{
	struct qtest *qtest = calloc(1, sizeof(*qtest));
	int err;

	if (!qtest)
		return -ENOMEM;
	qtest->fd = socket__connect(path);
	err = qtest->fd < 0 ? qtest->fd : 0;
	if (!err) {
		qtest->in = fdopen(qtest->fd, "r");
		err = qtest->in ? 0 : -ENOMEM;
	}
	if (err) {
		qtest__free(qtest);
		return err;
	}
	*ret_qtest = qtest;
	return 0;
}

void qtest__free(struct qtest *qtest)
{
	if (!qtest)
		return;
	if (qtest->in)
		fclose(qtest->in);
	else if (qtest->fd >= 0)
		close(qtest->fd);
	free(qtest);
}

/* A line there, a line back: "OK" and perhaps a value. Lines about interrupts are not for us. */
static int converse(struct qtest *qtest, const char *command, uint32_t *ret)
{
	char line[128];
	uint64_t value = 0;
	int err = socket__send(qtest->fd, command);

	if (err)
		return err;
	do {
		if (!fgets(line, sizeof(line), qtest->in))
			return -ECONNRESET;
	} while (!strncmp(line, "IRQ", 3));
	if (strncmp(line, "OK", 2))
		return -EREMOTEIO;
	if (ret && sscanf(line, "OK %" SCNi64, (int64_t *)&value) != 1)
		return -EPROTO;
	if (ret)
		*ret = value;
	return 0;
}

int qtest__readl(struct qtest *qtest, uint64_t gpa, uint32_t *ret)
{
	char command[64];

	snprintf(command, sizeof(command), "readl %#" PRIx64 "\n", gpa);
	return converse(qtest, command, ret);
}

int qtest__writel(struct qtest *qtest, uint64_t gpa, uint32_t value)
{
	char command[64];

	snprintf(command, sizeof(command), "writel %#" PRIx64 " %#" PRIx32 "\n", gpa, value);
	return converse(qtest, command, NULL);
}
