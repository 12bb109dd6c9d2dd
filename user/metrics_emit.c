/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of the run, and how a sample is written. Those of queues: metrics_queue.c. */
#include "metrics_emit.h"

#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "names.h"
#include "text.h"
#include "version.h"

static void put_escaped(FILE *f, const char *utf8, bool quoted)
{
	for (; *utf8; utf8++) {
		if (*utf8 == '\n')
			fputs("\\n", f);
		else if (*utf8 == '\\' || (quoted && *utf8 == '"'))
			fprintf(f, "\\%c", *utf8);
		else
			fputc(*utf8, f);
	}
}

void emit__escaped(FILE *f, const char *text, bool quoted)
{
	char utf8[3 * 512];

	put_escaped(f, text__utf8(utf8, sizeof(utf8), text), quoted);
}

/* Up to the value. */
static void put_labels(const struct emit *e, va_list ap)
{
	const char *label, *before = "{";

	fputs(e->name, e->f);
	while ((label = va_arg(ap, const char *))) {
		fprintf(e->f, "%s%s=\"", before, label);
		emit__escaped(e->f, va_arg(ap, const char *), true);
		fputc('"', e->f);
		before = ",";
	}
	fputs(*before == ',' ? "} " : " ", e->f);
}

void emit__sample(const struct emit *e, __u64 value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_labels(e, ap);
	va_end(ap);
	fprintf(e->f, "%llu\n", value);
}

void emit__real(const struct emit *e, double value, ...)
{
	va_list ap;

	va_start(ap, value);
	put_labels(e, ap);
	va_end(ap);
	fprintf(e->f, "%.9f\n", value);
}

static void seconds(const struct emit *e, double value)
{
	fprintf(e->f, "%s %.3f\n", e->name, value);
}

void emit__build(const struct emit *e, size_t at)
{
	char abi[16];

	(void)at;
	snprintf(abi, sizeof(abi), "%d", VQA_ABI_VERSION);
	emit__sample(e, 1, "version", VQ_AUDIT_VERSION, "abi", abi, NULL);
}

void emit__run(const struct emit *e, size_t at)
{
	(void)at;
	emit__sample(e, 1, "tier", tier__name(e->in->tier), "level",
		     e->in->stats->ledger.kept ? "dma" : "ring", "kernel", e->in->kernel, NULL);
}

void emit__stat(const struct emit *e, size_t at)
{
	emit__sample(e, *(const __u64 *)((const char *)e->in->stats + at), NULL);
}

void emit__stat_size(const struct emit *e, size_t at)
{
	emit__sample(e, *(const size_t *)((const char *)e->in->stats + at), NULL);
}

void emit__input(const struct emit *e, size_t at)
{
	emit__sample(e, *(const __u64 *)((const char *)e->in + at), NULL);
}

void emit__queues(const struct emit *e, size_t at)
{
	(void)at;
	emit__sample(e, e->in->stats->n, NULL);
}

void emit__last_sweep(const struct emit *e, size_t at)
{
	long long ms = e->in->stats->swept_ms;

	(void)at;
	if (ms)
		seconds(e, ms / 1e3 + clock__offset_ns() / 1e9);
}

void emit__recoveries(const struct emit *e, size_t at)
{
	(void)at;
	for (unsigned int i = 0; i < RECOVERY_COUNT; i++)
		emit__sample(e, e->in->stats->recoveries[i], "outcome", recovery__name(i), NULL);
}

void emit__losses(const struct emit *e, size_t at)
{
	(void)at;
	for (unsigned int i = 0; i < VQA_LOSS_COUNT; i++)
		emit__sample(e, e->in->stats->losses[i], "reason", loss__name(i), NULL);
}

void emit__misses(const struct emit *e, size_t at)
{
	const struct stats *s = e->in->stats;

	(void)at;
	for (size_t i = 0; i < s->n_programs; i++)
		emit__sample(e, s->programs[i].recursion_misses, "program", s->programs[i].name,
			     NULL);
}

void emit__runs(const struct emit *e, size_t at)
{
	const struct stats *s = e->in->stats;

	(void)at;
	for (size_t i = 0; i < s->n_programs; i++)
		if (s->programs[i].run_cnt)
			emit__sample(e, s->programs[i].run_cnt, "program", s->programs[i].name,
				     NULL);
}

void emit__mappings(const struct emit *e, size_t at)
{
	const struct ledger *l = &e->in->stats->ledger;

	(void)at;
	if (!l->kept)
		return;
	emit__sample(e, l->pass.live, "state", "live", NULL);
	emit__sample(e, l->pass.ended, "state", "ended", NULL);
}

void emit__ledger(const struct emit *e, size_t at)
{
	const struct ledger *l = &e->in->stats->ledger;

	(void)at;
	for (unsigned int i = 0; l->kept && i < VQA_LEDGER_COUNT; i++)
		emit__sample(e, l->counts[i], "count", ledger__name(i), NULL);
}

void emit__sink_taken(const struct emit *e, size_t at)
{
	const struct stats *s = e->in->stats;

	(void)at;
	for (size_t i = 0; i < s->n_sinks; i++)
		emit__sample(e, s->sinks[i].taken, "sink", s->sinks[i].name, NULL);
}

void emit__sink_lost(const struct emit *e, size_t at)
{
	const struct stats *s = e->in->stats;

	(void)at;
	for (size_t i = 0; i < s->n_sinks; i++) {
		emit__sample(e, s->sinks[i].full, "sink", s->sinks[i].name, "reason", "full", NULL);
		emit__sample(e, s->sinks[i].failed, "sink", s->sinks[i].name, "reason", "failed",
			     NULL);
	}
}

void emit__sink_waiting(const struct emit *e, size_t at)
{
	const struct stats *s = e->in->stats;

	(void)at;
	for (size_t i = 0; i < s->n_sinks; i++)
		emit__sample(e, s->sinks[i].waiting, "sink", s->sinks[i].name, NULL);
}

void emit__cpu(const struct emit *e, size_t at)
{
	struct rusage u;

	(void)at;
	if (!getrusage(RUSAGE_SELF, &u))
		seconds(e, u.ru_utime.tv_sec + u.ru_stime.tv_sec +
				   (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

/* Pages are the second number in there. */
void emit__memory(const struct emit *e, size_t at)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, resident;

	(void)at;
	if (!f)
		return;
	if (fscanf(f, "%lu %lu", &size, &resident) == 2)
		emit__sample(e, resident * sysconf(_SC_PAGESIZE), NULL);
	fclose(f);
}
