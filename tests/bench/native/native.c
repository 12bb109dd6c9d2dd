// SPDX-License-Identifier: GPL-2.0
/*
 * Nanoseconds that the handlers of level ring take of a buffer on this machine, beyond a loop
 * without them: all shapes in turn, many times over, so that whatever else the machine does
 * meets all of them alike. Loads programs and runs them by BPF_PROG_TEST_RUN; attaches nothing.
 */
#include <argp.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "fake.h"
#include "native.h"
#include "native.skel.h"

#define NUM 256 /* descriptors in a ring */

#define CHAIN(ring, n)                                     \
	{                                                  \
		.packed = (ring), .chain = (n), .num = NUM \
	}
#define SCATTERED(ring, n)                                                    \
	{                                                                     \
		.packed = (ring), .chain = (n), .num = NUM, .scattered = true \
	}
#define TABLE(ring, n)                                                   \
	{                                                                \
		.packed = (ring), .chain = 1, .entries = (n), .num = NUM \
	}

enum { SPLIT, PACKED };

static const struct shape shapes[] = {
	CHAIN(SPLIT, 1),      CHAIN(SPLIT, 3),	     CHAIN(SPLIT, 16),	CHAIN(SPLIT, 64),
	SCATTERED(SPLIT, 3),  SCATTERED(SPLIT, 16),  TABLE(SPLIT, 3),	TABLE(SPLIT, 16),
	CHAIN(PACKED, 1),     CHAIN(PACKED, 3),	     CHAIN(PACKED, 16), CHAIN(PACKED, 64),
	SCATTERED(PACKED, 3), SCATTERED(PACKED, 16), TABLE(PACKED, 3),	TABLE(PACKED, 16),
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

_Static_assert(SHAPES <= NATIVE_QUEUES, "each has a queue");

/** struct variant - a way to load the programs */
static const struct variant {
	const char *name;
	bool direct, cold, limit;
	unsigned int recorder, latency;
} variants[] = {
	{ "direct", .direct = true },
	{ "recorder", .direct = true, .recorder = 64 },
	{ "latency", .direct = true, .latency = VQA_LATENCY_DEFAULT },
	{ "timed", .direct = true, .latency = 1 },
	{ "probe", .direct = false },
	{ "cold", .direct = true, .cold = true },
	{ "limit", .direct = true, .limit = true },
};

enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

/** struct figure - nanoseconds a buffer, of each round */
struct figure {
	double publish[BATCH_ROUNDS_MAX], used[BATCH_ROUNDS_MAX], both[BATCH_ROUNDS_MAX];
};

static struct figure figures[VARIANTS][SHAPES];
static struct native_bpf *skels[VARIANTS];

static struct batch_opts env = { .rounds = 101 };

/* What the largest of them takes. */
static size_t memory_size(void)
{
	size_t most = 0;

	for (unsigned int i = 0; i < SHAPES; i++)
		if (fake__size(&shapes[i]) > most)
			most = fake__size(&shapes[i]);
	return (most + 7) & ~7UL;
}

/* A queue of that shape, and the registry's entry for it. */
static int prepare_queue(struct native_bpf *skel, const struct btf *btf, __u32 which)
{
	size_t size = bpf_map__value_size(skel->maps.memory);
	static struct vqa_queue queue;
	__u8 *memory;
	__u64 at;
	int err;

	skel->bss->native.which = which;
	err = batch__run(skel->progs.locate);
	if (err)
		return err;
	at = skel->bss->native_at[which];
	memory = calloc(1, size);
	if (!memory)
		return -ENOMEM;
	fake__register(&queue, at, &shapes[which]);
	err = fake__lay_out(btf, memory, at, &shapes[which])
		      ?: bpf_map__update_elem(skel->maps.memory, &which, sizeof(which), memory,
					      size, 0);
	free(memory);
	return err ?: fake__enter(skel->maps.places, skel->maps.queues, which, &queue);
}

static int set_offsets(struct native_bpf *skel, const struct btf *btf)
{
	int used = fake__offset(btf, "vring_virtqueue", "last_used_idx");
	int split = fake__offset(btf, "vring_virtqueue", "split.avail_idx_shadow");
	int packed = fake__offset(btf, "vring_virtqueue", "packed.next_avail_idx");

	if (used < 0 || split < 0 || packed < 0)
		return -ENOENT;
	skel->rodata->native_last_used = used;
	skel->rodata->native_split_avail = split;
	skel->rodata->native_packed_avail = packed;
	return 0;
}

/* As object__open() */
static struct native_bpf *open_object(bool direct)
{
	struct native_bpf *skel = calloc(1, sizeof(*skel));
	int err;

	if (!skel)
		return NULL;
	err = native_bpf__create_skeleton(skel);
	if (!err && !direct)
		skel->skeleton->data = (void *)native__probe_bytes(&skel->skeleton->data_sz);
	err = err ?: bpf_object__open_skeleton(skel->skeleton, NULL);
	if (!err)
		return skel;
	native_bpf__destroy(skel);
	errno = -err;
	return NULL;
}

static struct native_bpf *prepare(const struct variant *v, const struct btf *btf)
{
	struct native_bpf *skel = open_object(v->direct);
	int err = skel ? set_offsets(skel, btf) : -errno;

	if (!err) {
		skel->rodata->vqa_patched = 1;
		skel->rodata->vqa_recorder = v->recorder;
		skel->rodata->vqa_latency = v->latency;
		skel->rodata->vqa_key = 1;
		skel->bss->vqa_armed = 1;
		bpf_map__set_value_size(skel->maps.memory, memory_size());
		err = native_bpf__load(skel);
	}
	for (__u32 i = 0; !err && i < SHAPES; i++)
		err = prepare_queue(skel, btf, i);
	if (!err)
		return skel;
	fprintf(stderr, "bench: %s: %s\n", v->name, strerror(-err));
	native_bpf__destroy(skel);
	return NULL;
}

static int measure(struct native_bpf *skel, const struct variant *v, __u32 which, struct figure *f,
		   unsigned int round)
{
	const struct shape *s = &shapes[which];
	const struct bpf_program *prog = v->limit ? skel->progs.limit : skel->progs.batch;
	struct native_batch *b = &skel->bss->native;
	double n = fake__num(s) / s->chain;
	int err;

	b->which = which;
	b->packed = s->packed;
	b->num = fake__num(s);
	b->chain = s->chain;
	b->len = 4096;
	b->cold = v->cold;
	b->buffers = n;
	b->differs = b->walked = 0;
	/* Caches are warm once the same was done before: the driver has just written it all. */
	err = (v->cold ? 0 : batch__run(prog)) ?: batch__run(prog);
	if (!err && v->limit && (b->differs || b->walked != 2 * n * s->chain))
		err = -EINVAL;
	if (err)
		return err;
	f->publish[round] = ((double)b->publish - b->empty_publish) / n;
	f->used[round] = ((double)b->used - b->empty_used) / n;
	f->both[round] = f->publish[round] + f->used[round];
	return 0;
}

/* A figure of buffers that were skipped, or found at fault, would be of something else. */
static int audited_all(struct native_bpf *skel, __u32 which, const struct variant *v)
{
	static struct vqa_queue q;
	__u64 want = (__u64)(fake__num(&shapes[which]) / shapes[which].chain) * env.rounds *
		     (v->cold ? 1 : 2);
	__u64 violations = 0, timed = 0;

	if (bpf_map__lookup_elem(skel->maps.queues, &which, sizeof(which), &q, sizeof(q), 0))
		return -errno;
	for (unsigned int i = 0; i < VQA_RULE_MAX; i++)
		violations += q.c.violations[i];
	for (unsigned int i = 0; i < VQA_BUCKETS; i++)
		timed += q.latency.bucket[i];
	if (q.c.audited == want && !violations && (v->latency != 1 || timed == want))
		return 0;
	fprintf(stderr,
		"bench: %s, shape %u: %llu of %llu buffers audited, %llu timed, %llu violations\n",
		v->name, which, (unsigned long long)q.c.audited, (unsigned long long)want,
		(unsigned long long)timed, (unsigned long long)violations);
	return -EINVAL;
}

static void shape_name(char *name, size_t size, const struct shape *s)
{
	const char *ring = s->packed ? "packed" : "split";

	if (s->entries)
		snprintf(name, size, "%s, table of %u", ring, s->entries);
	else
		snprintf(name, size, "%s, %s of %u", ring, s->scattered ? "scattered" : "chain",
			 s->chain);
}

static void show(FILE *json, const struct variant *v, const struct shape *s, struct figure *f)
{
	char name[64];
	double publish = batch__quantile(f->publish, env.rounds, 50),
	       used = batch__quantile(f->used, env.rounds, 50);
	double both = batch__quantile(f->both, env.rounds, 50);
	double low = batch__quantile(f->both, env.rounds, 25),
	       high = batch__quantile(f->both, env.rounds, 75);
	json_t *line;

	shape_name(name, sizeof(name), s);
	printf("%-20s %-10s %9.1f %9.1f %9.1f   %.1f to %.1f\n", name, v->name, publish, used, both,
	       low, high);
	if (!json)
		return;
	line = json_pack("{s:s, s:b, s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f}", "variant", v->name,
			 "scattered", s->scattered, "ring", s->packed ? "packed" : "split", "chain",
			 (int)s->chain, "entries", (int)s->entries, "publish_ns", publish,
			 "used_ns", used, "both_ns", both, "quarter_ns", low, "three_quarters_ns",
			 high);
	json_dumpf(line, json, JSON_COMPACT);
	fputc('\n', json);
	json_decref(line);
}

/* The limit is that of split chains. */
static bool is_measured(unsigned int i)
{
	const struct shape *s = &shapes[i / VARIANTS];

	return !variants[i % VARIANTS].limit || (!s->packed && !s->entries);
}

static int measure_all(void)
{
	int err = 0;

	for (unsigned int round = 0; !err && round < env.rounds; round++)
		for (unsigned int i = 0; !err && i < SHAPES * VARIANTS; i++)
			if (is_measured(i))
				err = measure(skels[i % VARIANTS], &variants[i % VARIANTS],
					      i / VARIANTS, &figures[i % VARIANTS][i / VARIANTS],
					      round);
	for (unsigned int i = 0; !err && i < SHAPES * VARIANTS; i++)
		if (!variants[i % VARIANTS].limit)
			err = audited_all(skels[i % VARIANTS], i / VARIANTS,
					  &variants[i % VARIANTS]);
	return err;
}

static int report(void)
{
	FILE *json = env.json ? fopen(env.json, "we") : NULL;

	if (env.json && !json) {
		fprintf(stderr, "bench: %s: %s\n", env.json, strerror(errno));
		return 1;
	}
	printf("ns a buffer (median of %u)       publish      used      both   half of them\n",
	       env.rounds);
	for (unsigned int i = 0; i < SHAPES * VARIANTS; i++) {
		if (!is_measured(i))
			continue;
		show(json, &variants[i % VARIANTS], &shapes[i / VARIANTS],
		     &figures[i % VARIANTS][i / VARIANTS]);
	}
	return json && fclose(json) ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { batch__options,
					  batch__parse,
					  NULL,
					  "What the audit of a buffer costs on this machine.",
					  NULL,
					  NULL,
					  NULL };
	struct btf *btf;
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &env);
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		fprintf(stderr, "bench: this kernel has no BTF: %s\n", strerror(errno));
		return 3;
	}
	for (unsigned int i = 0; i < VARIANTS; i++) {
		skels[i] = prepare(&variants[i], btf);
		if (!skels[i])
			return 3;
	}
	err = measure_all();
	if (err)
		fprintf(stderr, "bench: %s\n", strerror(-err));
	else
		err = report();
	for (unsigned int i = 0; i < VARIANTS; i++)
		native_bpf__destroy(skels[i]);
	btf__free(btf);
	return err ? 1 : 0;
}
