/* SPDX-License-Identifier: GPL-2.0 */
/* A sink that writes violations to a file, and passes on everything to another one. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "error.h"

static struct record *record_of(struct sink *s)
{
	return (struct record *)((char *)s - offsetof(struct record, sink));
}

static int on_start(struct sink *s, const struct sink_start *start)
{
	struct record *r = record_of(s);

	r->shown->ops->start(r->shown, start);
	return r->file.ops->start(&r->file, start);
}

static int on_queue(struct sink *s, const struct vqa_event *e)
{
	struct record *r = record_of(s);

	r->shown->ops->queue(r->shown, e);
	return e->type == VQA_EV_BROKEN ? r->file.ops->queue(&r->file, e) : 0;
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *flight)
{
	struct record *r = record_of(s);

	r->shown->ops->violation(r->shown, e, flight);
	return r->file.ops->violation(&r->file, e, flight);
}

static int on_stats(struct sink *s, const struct stats *stats, bool final)
{
	struct record *r = record_of(s);

	return r->shown->ops->stats(r->shown, stats, final);
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	struct record *r = record_of(s);

	r->shown->ops->lost(r->shown, loss);
	return r->file.ops->lost(&r->file, loss);
}

static int on_stop(struct sink *s, const struct sink_stop *stop)
{
	struct record *r = record_of(s);

	r->shown->ops->stop(r->shown, stop);
	return r->file.ops->stop(&r->file, stop);
}

static const struct sink_ops sink_record = {
	.start = on_start,
	.queue = on_queue,
	.violation = on_violation,
	.stats = on_stats,
	.lost = on_lost,
	.stop = on_stop,
};

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

struct sink *record__begin(struct record *r, struct sink *shown)
{
	r->begun = true;
	/* What is no regular file has nothing to be rid of. */
	if (ftruncate(r->out.fd, 0) && errno != EINVAL)
		out__fail(&r->out, errno);
	r->shown = shown;
	r->file = (struct sink){ .ops = &sink_json, .out = &r->out, .tier = shown->tier };
	r->sink = *shown;
	r->sink.ops = &sink_record;
	r->sink.out = &r->out;
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
