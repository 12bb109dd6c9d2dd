// SPDX-License-Identifier: GPL-2.0
/*
 * Nanoseconds that the audit of a buffer of one descriptor takes, the more queues there are,
 * and the longer they are: 1 to 256 queues, visited in an order at random, and rings of 64 to
 * 32768 descriptors. Loads programs and runs them by BPF_PROG_TEST_RUN; attaches nothing.
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "fake.h"
#include "scale.h"
#include "scale.skel.h"
#include "vq_audit/check.h"

#define BUFFERS 32768 /* of a round, at least: short rings are gone around often */

/** struct size - queues of a length, @num and @queues being powers of two */
static const struct size {
	unsigned int queues, num;
} sizes[] = {
	{ 1, 64 },    { 1, 256 },   { 1, 1024 }, { 1, 4096 },
	{ 1, 16384 }, { 1, 32768 }, { 16, 256 }, { SCALE_QUEUES, 256 },
};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), CELLS = 2 * SIZES };

/** struct cell - a size, of split rings or of packed ones */
static struct cell {
	struct shape shape;
	unsigned int queues;
	struct scale_bpf *skel;
	double ns[BATCH_ROUNDS_MAX]; /* a buffer */
} cells[CELLS];

static struct batch_opts env = { .rounds = 51 };

static int configure(struct cell *c, const struct btf *btf)
{
	int used = fake__offset(btf, "vring_virtqueue", "last_used_idx");
	int split = fake__offset(btf, "vring_virtqueue", "split.avail_idx_shadow");
	int packed = fake__offset(btf, "vring_virtqueue", "packed.next_avail_idx");

	if (used < 0 || split < 0 || packed < 0)
		return -ENOENT;
	c->skel->rodata->scale_last_used = used;
	c->skel->rodata->scale_split_avail = split;
	c->skel->rodata->scale_packed_avail = packed;
	c->skel->rodata->vqa_patched = 1;
	c->skel->rodata->vqa_key = 1;
	c->skel->bss->vqa_armed = 1;
	bpf_map__set_value_size(c->skel->maps.memory, (fake__size(&c->shape) + 7) & ~7UL);
	bpf_map__set_max_entries(c->skel->maps.memory, c->queues);
	bpf_map__set_max_entries(c->skel->maps.queues, SCALE_QUEUES);
	bpf_map__set_max_entries(c->skel->maps.places, SCALE_QUEUES);
	return 0;
}

/* A queue, and the registry's entry for it. */
static int prepare_queue(struct cell *c, const struct btf *btf, __u32 which)
{
	size_t size = bpf_map__value_size(c->skel->maps.memory);
	static struct vqa_queue queue;
	__u8 *memory;
	__u64 at;
	int err;

	c->skel->bss->scale_which = which;
	err = batch__run(c->skel->progs.locate);
	if (err)
		return err;
	at = c->skel->bss->scale_at[which];
	memory = calloc(1, size);
	if (!memory)
		return -ENOMEM;
	fake__register(&queue, at, &c->shape);
	err = fake__lay_out(btf, memory, at, &c->shape) ?:
		      bpf_map__update_elem(c->skel->maps.memory, &which, sizeof(which), memory,
					   size, 0) ?:
		      fake__enter(c->skel->maps.places, c->skel->maps.queues, which, &queue);
	free(memory);
	return err;
}

/* The order is one of chance, and the same in each run. */
static void shuffle(__u32 *order, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int j = random() % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static int prepare(struct cell *c, const struct btf *btf)
{
	struct scale_batch *b;
	int err;

	c->skel = scale_bpf__open();
	err = c->skel ? configure(c, btf) : -errno;
	err = err ?: scale_bpf__load(c->skel);
	for (__u32 i = 0; !err && i < c->queues; i++)
		err = prepare_queue(c, btf, i);
	if (err) {
		fprintf(stderr, "scale: %u queues of %u: %s\n", c->queues, c->shape.num,
			strerror(-err));
		return err;
	}
	shuffle(c->skel->bss->scale_order, c->queues);
	b = &c->skel->bss->scale;
	b->packed = c->shape.packed;
	b->num = c->shape.num;
	b->queues = c->queues;
	b->shift = __builtin_ctz(c->queues);
	b->base = c->shape.packed ? 1 << VQA_WRAP_BIT : 0;
	return 0;
}

static int prepare_all(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err = 0;

	if (!btf) {
		fprintf(stderr, "scale: this kernel has no BTF: %s\n", strerror(errno));
		return -ENOENT;
	}
	for (unsigned int i = 0; !err && i < CELLS; i++) {
		const struct size *s = &sizes[i / 2];

		cells[i].queues = s->queues;
		cells[i].shape = (struct shape){ .packed = i % 2, .chain = 1, .num = s->num };
		err = prepare(&cells[i], btf);
	}
	btf__free(btf);
	return err;
}

static unsigned int laps(const struct cell *c)
{
	unsigned int lap = c->queues * c->shape.num;

	return lap < BUFFERS ? BUFFERS / lap : 1;
}

static int measure(struct cell *c, unsigned int round)
{
	struct scale_batch *b = &c->skel->bss->scale;
	double ns = 0;

	for (unsigned int lap = 0; lap < laps(c); lap++) {
		int err = batch__run(c->skel->progs.batch);

		if (err)
			return err;
		ns += (double)b->full - b->empty;
		if (c->shape.packed)
			b->base ^= 1 << VQA_WRAP_BIT;
		else
			b->base += c->shape.num;
	}
	c->ns[round] = ns / ((double)laps(c) * c->queues * c->shape.num);
	return 0;
}

/* Whether rings of that length are audited; longer ones are counted skips. */
static bool is_audited(const struct cell *c)
{
	return c->shape.num <= VQA_RING_MAX;
}

/* A figure of buffers that were skipped otherwise, or found at fault, would be of something else.
 */
static int accounted_all(struct cell *c)
{
	__u64 want = (__u64)c->shape.num * laps(c) * env.rounds;
	static struct vqa_queue q;

	for (unsigned int i = 0; i < c->queues; i++) {
		__u64 violations = 0, got;

		if (bpf_map__lookup_elem(c->skel->maps.queues, &i, sizeof(i), &q, sizeof(q), 0))
			return -errno;
		for (unsigned int rule = 0; rule < VQA_RULE_MAX; rule++)
			violations += q.c.violations[rule];
		got = is_audited(c) ? q.c.audited : q.c.skipped[VQA_SKIP_RING_TOO_LARGE];
		if (got == want && !violations)
			continue;
		fprintf(stderr,
			"scale: queue %u of %u, %u long: %llu of %llu buffers, %llu violations\n",
			i, c->queues, c->shape.num, (unsigned long long)got,
			(unsigned long long)want, (unsigned long long)violations);
		return -EINVAL;
	}
	return 0;
}

static int measure_all(void)
{
	int err = 0;

	for (unsigned int round = 0; !err && round < env.rounds; round++)
		for (unsigned int i = 0; !err && i < CELLS; i++)
			err = measure(&cells[i], round);
	for (unsigned int i = 0; !err && i < CELLS; i++)
		err = accounted_all(&cells[i]);
	return err;
}

static void show(FILE *json, struct cell *c)
{
	double ns = batch__quantile(c->ns, env.rounds, 50);
	json_t *line = json_pack("{s:s, s:i, s:i, s:b, s:f, s:f, s:f}", "ring",
				 c->shape.packed ? "packed" : "split", "queues", (int)c->queues,
				 "num", (int)c->shape.num, "audited", is_audited(c), "ns", ns,
				 "quarter_ns", batch__quantile(c->ns, env.rounds, 25),
				 "three_quarters_ns", batch__quantile(c->ns, env.rounds, 75));

	printf("%-7s %4u queues of %5u %9.1f ns a buffer%s\n", c->shape.packed ? "packed" : "split",
	       c->queues, c->shape.num, ns, is_audited(c) ? "" : ", not audited");
	if (json) {
		json_dumpf(line, json, JSON_COMPACT);
		fputc('\n', json);
	}
	json_decref(line);
}

static int report(void)
{
	FILE *json = env.json ? fopen(env.json, "we") : NULL;

	if (env.json && !json) {
		fprintf(stderr, "scale: %s: %s\n", env.json, strerror(errno));
		return 1;
	}
	for (unsigned int i = 0; i < CELLS; i++)
		show(json, &cells[i]);
	return json && fclose(json) ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		batch__options,
		batch__parse,
		NULL,
		"What the audit of a buffer costs, by queues and their length.",
		NULL,
		NULL,
		NULL
	};
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &env);
	if (prepare_all())
		return 3;
	err = measure_all();
	if (err)
		fprintf(stderr, "scale: %s\n", strerror(-err));
	else
		err = report();
	for (unsigned int i = 0; i < CELLS; i++)
		scale_bpf__destroy(cells[i].skel);
	return err ? 1 : 0;
}
