/* SPDX-License-Identifier: GPL-2.0 */
/* Reading what the programs count. */
#include "stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "clock.h"
#include "histogram.h"
#include "probe.h"

#define JUDGE_TRIES 64
#define JUDGE_WRONG 8 /* readings that do not hold until that is believed */
#define GONE_TRIES 4
#define JUDGE_US 500 /* between the first two of them, then twice as long each time */

_Static_assert(sizeof(struct vqa_counters) % sizeof(__u64) == 0, "counters are all of 64 bits");

void stats__init(struct stats *s)
{
	memset(s, 0, sizeof(*s));
}

void stats__free(struct stats *s)
{
	free(s->queues);
	stats__init(s);
}

int stats__copy(struct stats *ret, const struct stats *s)
{
	*ret = *s;
	ret->queues = NULL;
	if (!s->n)
		return 0;
	ret->queues = malloc(s->n * sizeof(*s->queues));
	if (!ret->queues)
		return -ENOMEM;
	memcpy(ret->queues, s->queues, s->n * sizeof(*s->queues));
	return 0;
}

static void add_counters(struct vqa_counters *sum, const struct vqa_counters *c)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)c;

	for (size_t i = 0; i < sizeof(*c) / sizeof(__u64); i++)
		to[i] += from[i];
}

static __u64 sum_of(const __u64 *counters, size_t n)
{
	__u64 sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += counters[i];
	return sum;
}

__u64 counters__skipped(const struct vqa_counters *c)
{
	return sum_of(c->skipped, VQA_SKIP_COUNT);
}

__u64 counters__completions(const struct vqa_counters *c)
{
	return c->audited + counters__skipped(c);
}

__u64 counters__violations(const struct vqa_counters *c)
{
	return sum_of(c->violations, VQA_RULE_COUNT);
}

__u64 sink_counts__lost(const struct sink_counts *c)
{
	return c->full + c->failed;
}

__u64 stats__sinks_lost(const struct stats *s)
{
	__u64 lost = 0;

	for (size_t i = 0; i < s->n_sinks; i++)
		lost += sink_counts__lost(&s->sinks[i]);
	return lost;
}

__u64 sweep__violations(const struct vqa_sweep_counters *c)
{
	return sum_of(c->violations, VQA_RULE_COUNT);
}

void stats__total(const struct stats *s, struct vqa_counters *ret)
{
	*ret = s->gone;
	for (size_t i = 0; i < s->n; i++)
		add_counters(ret, &s->queues[i].c);
}

/* Who found a violation is told by its record. */
static void add_sweep(struct vqa_counters *c, const struct vqa_sweep_counters *sweep)
{
	for (size_t i = 0; i < VQA_RULE_MAX; i++)
		c->violations[i] += sweep->violations[i];
	c->ignored += sweep->ignored;
	c->suppressed += sweep->suppressed;
}

/* What the next hook to run will count. */
static void add_tail(struct vqa_counters *c, const struct coverage_tail *tail)
{
	c->skipped[VQA_SKIP_MISSED] += tail->completions;
	c->positions += tail->steps;
}

/** struct reading - a reading in the making */
struct reading {
	const struct audit *audit;
	const struct stats *before;
	enum stats_depth depth;
	bool misses; /* programs were missed, so the last completion may have been */
	struct queue_view *views;
	size_t n, room;
	struct vqa_gone gone; /* queues that are not among them */
	int survey_err;
	struct vqa_queue *q, *again; /* too large for the stack */
};

static int survey(struct reading *r, __u64 key, bool follow, struct vqa_survey *ret)
{
	int err = audit__survey(r->audit, key, follow, ret);

	if (err && err != -ENOENT) /* else it went since its key was read */
		r->survey_err = err;
	return err;
}

/* Whether no hook that accounts for completions ran between two readings of a queue. */
static bool same_account(const struct vqa_queue *a, const struct vqa_queue *b)
{
	return a->id.generation == b->id.generation && a->base_used == b->base_used &&
	       a->c.positions == b->c.positions;
}

/*
 * Judge coverage by a survey between two equal readings. A hook runs before the
 * driver moves its index, so what does not hold is looked at again.
 */
static enum coverage judge(struct reading *r, struct queue_view *v)
{
	struct vqa_survey *now = &v->survey;
	struct vqa_queue *q = r->q;
	__u64 key = q->id.vq;
	int wrong = 0;

	v->tail = (struct coverage_tail){ 0 };
	for (int i = 0; i < JUDGE_TRIES && wrong < JUDGE_WRONG; i++) {
		if (audit__read_queue(r->audit, key, q) || survey(r, key, false, now) ||
		    audit__read_queue(r->audit, key, r->again))
			return COVERAGE_BUSY;
		if (!same_account(q, r->again))
			continue;
		if (coverage__holds(&q->id, q->base_used, now->last_used, q->c.positions))
			return COVERAGE_OK;
		usleep(JUDGE_US << wrong++);
	}
	if (r->misses && wrong == JUDGE_WRONG && coverage__tail(q, now->last_used, &v->tail))
		return COVERAGE_OK;
	return wrong ? COVERAGE_WRONG : COVERAGE_BUSY;
}

/*
 * Judge the free list. A driver that is at work can make a whole one look
 * damaged for a moment, so damage is looked at again.
 */
static enum free_list follow(struct reading *r, struct vqa_survey *ret_survey)
{
	int wrong = 0;

	for (int i = 0; i < JUDGE_TRIES && wrong < JUDGE_WRONG; i++) {
		enum free_list seen;

		if (survey(r, r->q->id.vq, true, ret_survey) || !ret_survey->followed)
			return FREE_LIST_UNKNOWN;
		seen = free_list__judge(r->q->id.num, ret_survey);
		if (seen == FREE_LIST_WHOLE)
			return seen;
		if (seen == FREE_LIST_DAMAGED)
			usleep(JUDGE_US << wrong++);
	}
	return wrong == JUDGE_WRONG ? FREE_LIST_DAMAGED : FREE_LIST_UNKNOWN;
}

static struct queue_view *find_view(const struct stats *s, const struct vqa_queue_id *id)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct vqa_queue_id *it = &s->queues[i].id;

		if (it->vq == id->vq && it->vdev_index == id->vdev_index && it->index == id->index)
			return &s->queues[i];
	}
	return NULL;
}

static int by_device(const void *a, const void *b)
{
	const struct vqa_queue_id *x = &((const struct queue_view *)a)->id;
	const struct vqa_queue_id *y = &((const struct queue_view *)b)->id;

	if (x->vdev_index != y->vdev_index)
		return x->vdev_index < y->vdev_index ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Whether no hook has accounted for the tail of the reading before. */
static bool tail_stands(const struct vqa_queue *q, const struct queue_view *before)
{
	return q->id.generation == before->id.generation &&
	       q->c.positions == before->c.positions - before->tail.steps;
}

static struct queue_view *new_view(struct reading *r)
{
	struct queue_view *v;

	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 16;

		v = realloc(r->views, room * sizeof(*v));
		if (!v)
			return NULL;
		r->views = v;
		r->room = room;
	}
	v = &r->views[r->n++];
	memset(v, 0, sizeof(*v));
	return v;
}

/* The walk over the keys starts again when its last key is deleted. */
static bool has_key(const struct reading *r, __u64 key)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->views[i].id.vq == key)
			return true;
	return false;
}

static int add_view(struct reading *r, __u64 key)
{
	const struct queue_view *before;
	struct queue_view *v;

	if (has_key(r, key))
		return 0;
	/* A queue that went since its key was read, or is just being registered. */
	if (audit__read_queue(r->audit, key, r->q))
		return 0;
	v = new_view(r);
	if (!v)
		return -ENOMEM;
	before = find_view(r->before, &r->q->id);
	v->coverage = before ? before->coverage : COVERAGE_BUSY;
	if (before && tail_stands(r->q, before))
		v->tail = before->tail;
	if (r->depth == STATS_JUDGE)
		v->coverage = judge(r, v);
	else if (r->depth == STATS_SURVEY)
		v->free_list = follow(r, &v->survey);
	v->id = r->q->id;
	v->c = r->q->c;
	v->sweep = r->q->swept.c;
	v->windows = r->q->windows;
	v->latency = r->q->latency;
	v->depth = r->q->depth;
	v->read_ns = clock__now_ns();
	v->oldest_ns = oldest__ns(r->q, v->read_ns);
	add_tail(&v->c, &v->tail);
	add_sweep(&v->c, &v->sweep);
	v->broken = r->q->broken;
	return 0;
}

static int read_queues(struct reading *r)
{
	__u64 key, *prev = NULL;
	int err = 0;

	while (!err && !audit__next_queue(r->audit, prev, &key)) {
		err = add_view(r, key);
		prev = &key;
	}
	return err;
}

/* A queue that goes meanwhile would be among both: those that went are the same before and after.
 */
static int read_all(struct reading *r)
{
	struct vqa_gone after;
	int err;

	for (int i = 0; i < GONE_TRIES; i++) {
		r->n = 0;
		err = audit__read_gone(r->audit, &r->gone) ?: read_queues(r) ?:
		      audit__read_gone(r->audit, &after);
		if (err || after.queues == r->gone.queues)
			return err;
	}
	return 0; /* fewer than there are, until the next reading */
}

/* Replace the reading before by the new one. */
static void adopt(struct stats *s, struct reading *r)
{
	free(s->queues);
	s->queues = r->views;
	s->n = r->n;
	s->gone = r->gone.c;
	s->n_gone = r->gone.queues;
	s->survey_err = r->survey_err;
	if (s->n)
		qsort(s->queues, s->n, sizeof(*s->queues), by_device);
	r->views = NULL;
}

static int read_losses(struct stats *s, const struct audit *a)
{
	int err = audit__read_losses(a, s->losses);

	if (!probe__functions_traced())
		s->untraced++;
	s->losses[VQA_LOSS_UNTRACED] += s->untraced; /* the programs count that it began */
	return err;
}

/* Return: how often any of them was missed */
static __u64 read_programs(struct stats *s, const struct audit *a)
{
	const char *name;
	__u64 misses = 0;
	int fd;

	s->n_programs = 0;
	for (size_t i = 0; i < STATS_PROGRAMS && (name = audit__program(a, i, &fd)); i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			continue;
		misses += info.recursion_misses;
		s->programs[s->n_programs++] = (struct program_stats){
			.name = name,
			.recursion_misses = info.recursion_misses,
			.run_cnt = info.run_cnt,
			.run_ns = info.run_time_ns,
		};
	}
	return misses;
}

int stats__read(struct stats *s, const struct audit *a, enum stats_depth depth)
{
	struct reading r = { .audit = a, .before = s, .depth = depth };
	int err = -ENOMEM;

	r.q = malloc(sizeof(*r.q));
	r.again = malloc(sizeof(*r.again));
	if (!r.q || !r.again)
		goto cleanup;
	r.misses = read_programs(s, a);
	err = read_all(&r);
	if (err)
		goto cleanup;
	adopt(s, &r);
	err = read_losses(s, a) ?: ledger__read(&s->ledger, a);

cleanup:
	free(r.views);
	free(r.q);
	free(r.again);
	return err;
}
