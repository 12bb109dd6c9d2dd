/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /metrics for Prometheus. The sink leaves the counters of each second here; the
 * server's own thread makes a page of them when somebody asks.
 */
#include "sink_metrics.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "listen_at.h"
#include "metrics.h"

#define CONNECTION_BYTES 16384 /* for a request, and what is under way of the answer */

struct metrics_sink {
	struct sink sink;
	struct MHD_Daemon *server;
	char *path; /* of a socket, to be removed; or NULL */
	pthread_mutex_t lock; /* for what follows */
	char *kernel; /* NULL: it did not start yet */
	struct stats stats;
	atomic_ullong served, dropped;
};

/* --- the sink ---------------------------------------------------------------- */

static int on_start(struct sink *sink, const struct sink_start *start)
{
	struct metrics_sink *s = (struct metrics_sink *)sink;
	char *kernel = strdup(start->kernel);

	pthread_mutex_lock(&s->lock);
	free(s->kernel);
	s->kernel = kernel;
	pthread_mutex_unlock(&s->lock);
	return kernel ? 0 : -ENOMEM;
}

static int on_tick(struct sink *sink, const struct stats *stats)
{
	struct metrics_sink *s = (struct metrics_sink *)sink;
	struct stats now, before;

	if (stats__copy(&now, stats))
		return -ENOMEM;
	pthread_mutex_lock(&s->lock);
	before = s->stats;
	s->stats = now;
	pthread_mutex_unlock(&s->lock);
	stats__free(&before);
	return 0;
}

static int on_stats(struct sink *sink, const struct stats *stats, bool final)
{
	(void) final;
	return on_tick(sink, stats);
}

/* --- the server -------------------------------------------------------------- */

static struct MHD_Response *text_response(char *text, size_t size, enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(size, text, mode);

	if (r)
		MHD_add_response_header(r, "Content-Type",
					"text/plain; version=0.0.4; charset=utf-8");
	return r;
}

static struct MHD_Response *page(struct metrics_sink *s)
{
	struct metrics_input in = {
		.tier = s->sink.tier,
		.scrapes = s->served,
		.scrapes_dropped = s->dropped,
	};
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	pthread_mutex_lock(&s->lock);
	in.stats = &s->stats;
	in.kernel = s->kernel ?: "?";
	metrics__print(f, &in);
	pthread_mutex_unlock(&s->lock);
	if (ferror(f) | fclose(f)) {
		free(text);
		return NULL;
	}
	return text_response(text, size, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *body,
			      size_t *body_size, void **request)
{
	static char only[] = "vq-audit: /metrics is all there is, to be read with GET\n";
	unsigned int status = MHD_HTTP_OK;
	struct MHD_Response *r = NULL;
	enum MHD_Result result;

	(void)version;
	(void)body;
	if (!*request) { /* whoever answers at once has to close the connection */
		*request = ctx;
		return MHD_YES;
	}
	*body_size = 0;
	if (strcmp(url, "/metrics"))
		status = MHD_HTTP_NOT_FOUND;
	else if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
	if (status == MHD_HTTP_OK)
		r = page(ctx);
	else
		r = text_response(only, strlen(only), MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO; /* closes the connection, which counts as dropped */
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **request,
			 enum MHD_RequestTerminationCode how)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	(void)request;
	if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		((struct metrics_sink *)ctx)->served++;
	else
		((struct metrics_sink *)ctx)->dropped++;
	if (info && info->socket_context)
		*(bool *)info->socket_context = true;
}

/* Whether a connection ever asked for something is in a bool of its own. */
static void on_connection(void *ctx, struct MHD_Connection *c, void **asked,
			  enum MHD_ConnectionNotificationCode what)
{
	(void)c;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*asked = calloc(1, sizeof(bool));
		return;
	}
	if (!*asked || !*(bool *)*asked)
		((struct metrics_sink *)ctx)->dropped++;
	free(*asked);
}

/* Signals are for the session. */
static struct MHD_Daemon *start_server(struct metrics_sink *s, int fd)
{
	struct MHD_Daemon *server;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	server = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, answer, s,
				  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				  SINK_METRICS_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
				  SINK_METRICS_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				  (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED,
				  on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				  MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return server;
}

static void on_close(struct sink *sink)
{
	struct metrics_sink *s = (struct metrics_sink *)sink;

	if (s->server)
		MHD_stop_daemon(s->server); /* and with it the socket */
	if (s->path)
		unlink(s->path);
	stats__free(&s->stats);
	free(s->path);
	free(s->kernel);
	free(s);
}

static const struct sink_ops ops = {
	.start = on_start,
	.stats = on_stats,
	.tick = on_tick,
	.close = on_close,
};

int sink_metrics__new(struct sink **ret, const struct sink *like, const char *where)
{
	struct metrics_sink *s;
	const char *path;
	int fd;

	where = where ?: SINK_METRICS_WHERE;
	fd = listen_at__open(where);
	if (fd < 0)
		return fd;
	path = listen_at__path(where);
	s = calloc(1, sizeof(*s));
	if (!s) {
		close(fd);
		return -ENOMEM;
	}
	s->sink = *like;
	s->sink.ops = &ops;
	pthread_mutex_init(&s->lock, NULL);
	s->path = path ? strdup(path) : NULL;
	s->server = start_server(s, fd);
	if (!s->server) {
		close(fd);
		on_close(&s->sink);
		return -EIO;
	}
	*ret = &s->sink;
	return 0;
}
