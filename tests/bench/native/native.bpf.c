// SPDX-License-Identifier: GPL-2.0
/*
 * The handlers of the hot path, as the daemon loads them, over queues that are values of
 * a map: no hook, no driver, no lock. A batch is also gone through without a handler; what
 * that takes is the loop's.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "publish.h"
#include "used.h"
#include "native.h"

char LICENSE[] SEC("license") = "GPL";

/* Offsets of the driver's indices in struct vring_virtqueue. */
const volatile __u32 native_last_used;
const volatile __u32 native_split_avail;
const volatile __u32 native_packed_avail;

#define EVICT (64 << 20) /* more than caches hold */

struct evict {
	__u8 byte[EVICT];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NATIVE_QUEUES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct native_memory)); /* and more */
} memory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct evict);
} others SEC(".maps");

/* The batch under way. */
struct native_batch native;
__u64 native_at[NATIVE_QUEUES]; /* kernel addresses of the memories */

struct walk_state {
	struct native_memory *m;
	__u64 vq;
	__u16 avail;
	__u16 used;
};

static __always_inline void set_avail(struct native_memory *m, __u16 avail)
{
	if (native.packed)
		*(__u16 *)(m->byte + native_packed_avail) = avail;
	else
		*(__u16 *)(m->byte + native_split_avail) = avail;
}

static __always_inline void publish_advances(struct walk_state *s)
{
	if (!native.packed)
		s->avail++;
	else if ((s->avail += native.chain) >= native.num)
		s->avail -= native.num;
	set_avail(s->m, s->avail);
}

static __always_inline void used_advances(struct walk_state *s)
{
	s->used =
		native.packed ? vqa_packed_advance(s->used, native.chain, native.num) : s->used + 1;
	*(__u16 *)(s->m->byte + native_last_used) = s->used;
}

static long empty_publish(__u32 i, void *ctx)
{
	publish_advances(ctx);
	return 0;
}

static long empty_used(__u32 i, void *ctx)
{
	used_advances(ctx);
	return 0;
}

static long publish_step(__u32 i, void *ctx)
{
	struct walk_state *s = ctx;

	publish_begins((void *)s->vq, i * native.chain, i * native.chain, native.chain);
	publish_advances(s);
	return 0;
}

static long used_step(__u32 i, void *ctx)
{
	struct walk_state *s = ctx;

	used((void *)s->vq, i * native.chain, native.len, 0, VQA_POINT_USED);
	used_advances(s);
	return 0;
}

/*
 * What is left if the kernel's own copy is believed: two loads of 16 bytes for each
 * descriptor of a split chain, and a comparison. No record, no account, nobody to tell.
 */
static long limit_step(__u32 i, void *ctx)
{
	struct walk_state *s = ctx;
	struct tables t = read_split_tables((void *)s->vq);
	__u32 at = i * native.chain, left = native.chain;
	__u64 differs = 0;

#pragma nounroll
	for (__u32 k = 0; k < NATIVE_CHAIN_MAX && left; k++, left--) {
		struct vqa_desc seen = read_split_desc(t.ring, at),
				kept = read_shadow(t.shadow, at);

		differs |= (seen.addr ^ kept.addr) | (seen.rest ^ kept.rest);
		at = kept.rest >> 48;
	}
	native.differs |= differs;
	native.walked += native.chain - left;
	used_advances(s);
	return 0;
}

static long evict_step(__u32 i, void *ctx)
{
	struct evict **e = ctx;

	(*e)->byte[(i << 6) & (EVICT - 1)]++;
	return 0;
}

static __always_inline void evict(void)
{
	__u32 zero = 0;
	struct evict *e = bpf_map_lookup_elem(&others, &zero);

	if (e && native.cold)
		bpf_loop(EVICT >> 6, evict_step, &e, 0);
}

/* Nanoseconds of one loop, from warm caches or cold ones. */
#define timed(step, state)                                \
	({                                                \
		__u64 start_;                             \
                                                          \
		evict();                                  \
		start_ = bpf_ktime_get_ns();              \
		bpf_loop(native.buffers, step, state, 0); \
		bpf_ktime_get_ns() - start_;              \
	})

/* The queue of the batch, and where its driver stands; .m is 0 if there is none. */
static __always_inline struct walk_state begin(void)
{
	__u32 which = native.which;
	struct walk_state s = { .m = bpf_map_lookup_elem(&memory, &which) };

	if (!s.m || which >= NATIVE_QUEUES)
		return (struct walk_state){};
	s.vq = native_at[which];
	s.avail = native.packed ? *(__u16 *)(s.m->byte + native_packed_avail)
				: *(__u16 *)(s.m->byte + native_split_avail);
	s.used = *(__u16 *)(s.m->byte + native_last_used);
	return s;
}

/* Once more from there. */
static __always_inline void rewind(const struct walk_state *s)
{
	set_avail(s->m, s->avail);
	*(__u16 *)(s->m->byte + native_last_used) = s->used;
}

SEC("raw_tp/sys_enter")
int batch(struct bpf_raw_tracepoint_args *ctx)
{
	struct walk_state at = begin(), s = at;

	if (!s.m)
		return 1;
	native.empty_publish = timed(empty_publish, &s);
	native.empty_used = timed(empty_used, &s);
	s = at;
	rewind(&s);
	native.publish = timed(publish_step, &s);
	native.used = timed(used_step, &s);
	return 0;
}

/* A program of its own: a loop of this step or that is one that the kernel calls, not in line. */
SEC("raw_tp/sys_enter")
int limit(struct bpf_raw_tracepoint_args *ctx)
{
	struct walk_state at = begin(), s = at;

	if (!s.m)
		return 1;
	native.empty_publish = native.publish = 0;
	native.empty_used = timed(empty_used, &s);
	s = at;
	rewind(&s);
	native.used = timed(limit_step, &s);
	return 0;
}

SEC("raw_tp/sys_enter")
int locate(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 which = native.which;
	void *m = bpf_map_lookup_elem(&memory, &which);

	if (!m || which >= NATIVE_QUEUES)
		return 1;
	native_at[which] = (__u64)m;
	return 0;
}
