/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that writes violations to a file. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "error.h"

/* What it is like belongs to its violations; that it goes does not. */
static int on_queue(struct sink *s, const struct vqa_event *e)
{
	return e->type != VQA_EV_QUEUE_GONE ? sink_json.queue(s, e) : 0;
}

int record__open(struct record *r, const char *path, bool force)
{
	int fd, err;

	*r = (struct record){ .path = path };
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	r->created = fd >= 0;
	if (fd < 0 && errno == EEXIST && force)
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		err__print(err == -EEXIST ? "%s: exists already; --force overwrites it" : "%s: %s",
			   path, err__str(err));
		return err;
	}
	out__init(&r->out, fd, path);
	return 0;
}

struct sink *record__begin(struct record *r, enum tier tier)
{
	r->begun = true;
	/* What is no regular file has nothing to be rid of. */
	if (ftruncate(r->out.fd, 0) && errno != EINVAL)
		out__fail(&r->out, errno);
	r->ops = sink_json;
	r->ops.queue = on_queue;
	r->ops.stats = NULL;
	r->sink = (struct sink){ .ops = &r->ops, .out = &r->out, .tier = tier };
	return &r->sink;
}

enum vqa_exit record__close(struct record *r, enum vqa_exit code)
{
	if (r->begun && fsync(r->out.fd) && errno != EINVAL && errno != EROFS)
		out__fail(&r->out, errno);
	if (!r->begun && r->created)
		unlink(r->path);
	close(r->out.fd);
	return out__exit(&r->out, code);
}
