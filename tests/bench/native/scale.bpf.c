// SPDX-License-Identifier: GPL-2.0
/*
 * The handlers of the hot path over many queues, one buffer of one after the other, in an
 * order that nobody can predict, or over a long ring. The same is gone through without a
 * handler.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "publish.h"
#include "used.h"
#include "scale.h"

char LICENSE[] SEC("license") = "GPL";

/* Offsets of the driver's indices in struct vring_virtqueue. */
const volatile __u32 scale_last_used;
const volatile __u32 scale_split_avail;
const volatile __u32 scale_packed_avail;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* and more */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct scale_memory));
} memory SEC(".maps");

struct scale_batch scale; /* under way */
__u32 scale_which; /* locate() that one */
__u32 scale_order[SCALE_QUEUES]; /* in which queues have their turns */
__u64 scale_at[SCALE_QUEUES]; /* kernel addresses of the memories */

/** struct visit - step @i: which queue, and which buffer of it */
struct visit {
	__u32 which;
	__u32 slot;
	struct scale_memory *m;
};

static __always_inline struct visit visit(__u32 i)
{
	struct visit v = { .slot = i >> (scale.shift & 31) };

	v.which = scale_order[i & (scale.queues - 1) & (SCALE_QUEUES - 1)];
	v.m = bpf_map_lookup_elem(&memory, &v.which);
	return v;
}

/* The driver's index, as it is when the buffer is published or found. */
static __always_inline __u16 index_of(__u32 slot)
{
	return scale.packed ? slot | scale.base : slot + scale.base;
}

static __always_inline void stand_at_publish(const struct visit *v)
{
	if (scale.packed)
		*(__u16 *)(v->m->byte + scale_packed_avail) = v->slot;
	else
		*(__u16 *)(v->m->byte + scale_split_avail) = index_of(v->slot);
}

static __always_inline void stand_at_used(const struct visit *v)
{
	*(__u16 *)(v->m->byte + scale_last_used) = index_of(v->slot);
}

static long empty_publish(__u32 i, void *ctx)
{
	struct visit v = visit(i);

	if (v.m)
		stand_at_publish(&v);
	return 0;
}

static long empty_used(__u32 i, void *ctx)
{
	struct visit v = visit(i);

	if (v.m)
		stand_at_used(&v);
	return 0;
}

static long publish_step(__u32 i, void *ctx)
{
	struct visit v = visit(i);

	if (!v.m)
		return 1;
	stand_at_publish(&v);
	publish_begins((void *)scale_at[v.which & (SCALE_QUEUES - 1)], v.slot, v.slot, 1);
	return 0;
}

static long used_step(__u32 i, void *ctx)
{
	struct visit v = visit(i);

	if (!v.m)
		return 1;
	stand_at_used(&v);
	used((void *)scale_at[v.which & (SCALE_QUEUES - 1)], v.slot, 4096, 0, VQA_POINT_USED);
	return 0;
}

SEC("raw_tp/sys_enter")
int batch(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 buffers = scale.queues * scale.num;
	__u64 start = bpf_ktime_get_ns(), between;

	bpf_loop(buffers, empty_publish, NULL, 0);
	bpf_loop(buffers, empty_used, NULL, 0);
	between = bpf_ktime_get_ns();
	bpf_loop(buffers, publish_step, NULL, 0);
	bpf_loop(buffers, used_step, NULL, 0);
	scale.empty = between - start;
	scale.full = bpf_ktime_get_ns() - between;
	return 0;
}

SEC("raw_tp/sys_enter")
int locate(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 which = scale_which;
	void *m = bpf_map_lookup_elem(&memory, &which);

	if (!m || which >= SCALE_QUEUES)
		return 1;
	scale_at[which] = (__u64)m;
	return 0;
}
