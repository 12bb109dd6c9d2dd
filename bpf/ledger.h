/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of the DMA mappings of virtio devices (level dma): they come and go,
 * and what the device has must not go.
 *
 * A program does not run where an interrupt meets it running. So there are three
 * of each: a task, what interrupts it, and what interrupts that can each be in one,
 * and the first of them that does run for a call enters it.
 */
#ifndef BPF_LEDGER_H
#define BPF_LEDGER_H

#include "audit.h"

#define LEDGER_PAGE 4096
#define LEDGER_GRACE_NS 1000000000ULL /* in which a call from before it was known may end */

static __always_inline void ledger_missed_map(void)
{
	ledger_missed_map_ns = bpf_ktime_get_ns();
	ledger_count(VQA_LEDGER_MISSED_MAPS);
}

static __always_inline void ledger_insert(const struct vqa_dma_key *key,
					  const struct vqa_mapping *fresh)
{
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u32 before;
	int err; /* 6.1 returns one, and no long */

	if (!m) {
		err = bpf_map_update_elem(&mappings, key, fresh, BPF_NOEXIST);
		if (!err)
			return;
		if (err == -E2BIG) {
			count_loss(VQA_LOSS_LEDGER_FULL);
			return;
		}
		m = bpf_map_lookup_elem(&mappings, key); /* another CPU was faster */
	}
	if (!m) {
		ledger_missed_map();
		return;
	}
	before = __sync_fetch_and_add(&m->live, 1);
	if (!vqa_mapping_is(m, key->addr)) {
		__sync_fetch_and_add(&m->live, -1);
		ledger_missed_map();
	} else if (before & VQA_MAPPING_GOING)
		ledger_missed_map();
	else
		vqa_mapping_add(m, vqa_mapping_live(before), fresh);
}

/* Whether a call may have begun before its device was known. */
static __always_inline int ledger_is_new(struct ledger_device *device)
{
	if (!device->settled)
		device->settled = device->since_ns &&
				  bpf_ktime_get_ns() - device->since_ns >= LEDGER_GRACE_NS;
	return !device->settled;
}

static __always_inline void ledger_enter(struct ledger_device *device, struct ledger_cpu *cpu,
					 const struct vqa_dma_key *key, __u32 size, __u32 dir)
{
	struct vqa_mapping fresh = {
		.addr = key->addr,
		.size = size,
		.live = 1,
		.dir = dir,
		.made = ++cpu->made,
		.task = bpf_get_current_pid_tgid(),
		.cpu = bpf_get_smp_processor_id(),
	};

	ledger_count(VQA_LEDGER_MAPPED);
	if (dir == VQA_DMA_FROM_DEVICE && ledger_is_new(device))
		fresh.live |= VQA_MAPPING_FILLED;
	ledger_insert(key, &fresh);
}

enum ledger_turn { LEDGER_FIRST, LEDGER_SECOND, LEDGER_LAST };

static __always_inline int is_call(const struct ledger_call *c, __u64 ctx, __u64 addr)
{
	return c->ctx == ctx && c->addr == addr;
}

/* The call that a program is run for, if one before it has noted it. */
static __always_inline struct ledger_call *ledger_find_call(struct ledger_calls *calls, __u64 ctx,
							    __u64 addr)
{
	struct ledger_call *c = &calls->call[calls->recent & (LEDGER_CALLS - 1)];

	if (is_call(c, ctx, addr))
		return c;
	for (__u32 i = 0; i < LEDGER_CALLS; i++)
		if (is_call(&calls->call[i], ctx, addr))
			return &calls->call[i];
	return 0;
}

/*
 * Room for another: where one is over. What was not told of its end is left over, and
 * the oldest one makes room: what is under way has begun later.
 */
static __always_inline __u32 ledger_room(const struct ledger_calls *calls)
{
	__u32 oldest = 0;

	for (__u32 i = 0; i < LEDGER_CALLS; i++) {
		if (calls->call[i].turn == LEDGER_LAST)
			return i;
		if (calls->age - calls->call[i].age > calls->age - calls->call[oldest].age)
			oldest = i;
	}
	return oldest;
}

/*
 * Whether a program is the first one to run for a call. The others of the call come
 * after it, each with a later turn: a note of an earlier call that looks the same, of
 * which one was missed, is none of this one.
 */
static __always_inline int ledger_is_first(struct ledger_calls *calls, __u64 ctx, __u64 addr,
					   __u32 turn)
{
	struct ledger_call *c = ledger_find_call(calls, ctx, addr);
	__u32 at;

	if (c && turn != LEDGER_FIRST && c->turn < turn) {
		c->turn = turn;
		return 0;
	}
	if (!c) {
		at = ledger_room(calls) & (LEDGER_CALLS - 1);
		c = &calls->call[at];
		calls->recent = at;
	}
	/* From here on it is no room for what interrupts. */
	c->age = ++calls->age;
	c->turn = turn;
	barrier();
	c->ctx = ctx;
	c->addr = addr;
	return 1;
}

/* A mapping was made. @ctx: where the call's arguments lie */
static __always_inline int ledger_map(__u64 ctx, __u64 dev, __u64 addr, __u32 size, __u32 dir,
				      __u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_device *device = ledger_device(dev);
	struct ledger_cpu *cpu = ledger_cpu();

	if (!device || !cpu || !ledger_is_first(&cpu->maps, ctx, addr, turn))
		return 0;
	if (addr == DMA_MAPPING_ERROR) {
		ledger_count(VQA_LEDGER_MAP_ERRORS);
		device->map_errors++;
		return 0;
	}
	if ((addr ^ (addr + size - 1)) & ~(__u64)(LEDGER_PAGE - 1))
		device->wide_ns = bpf_ktime_get_ns();
	ledger_enter(device, cpu, &key, size, dir);
	return 0;
}

static __always_inline int mapping_has_serial(const struct vqa_queue *q,
					      const struct vqa_mapping *m)
{
	return q->serial[m->head & (VQA_RING_MAX - 1)] == m->serial;
}

/* Whether the driver has anything in flight under the id. */
static __always_inline int head_is_taken(struct vqa_queue *q, __u32 id)
{
	struct vring_virtqueue *v = queue_vring(q);

	return !!(q->id.packed ? read_packed_head(v, id) : read_split_head(v, id)).data;
}

/* The device has the buffer of a mapping, by the driver's account and by the record. */
static __always_inline int mapping_in_flight(struct vqa_queue *q, const struct vqa_mapping *m)
{
	const struct vqa_head *head = &q->head[m->head & (VQA_RING_MAX - 1)];

	return head->state == VQA_HEAD_IN_FLIGHT && head->epoch == q->epoch &&
	       mapping_has_serial(q, m) && head_is_taken(q, m->head);
}

/* The buffer came back: its id is free, or another one has it, of which nothing was missed. */
static __always_inline int mapping_is_back(struct vqa_queue *q, const struct vqa_mapping *m)
{
	return !mapping_has_serial(q, m) || !head_is_taken(q, m->head);
}

verified_once int report_mapping(struct vqa_queue *q, struct vqa_map_fault *fault)
{
	struct finding f = { .fields = VQA_F_DMA, .placed = 1 };

	if (!q || !fault)
		return 0;
	f.rule = fault->rule;
	f.kind = fault->kind;
	f.id = fault->head;
	f.point = fault->point;
	f.d.seen = fault->seen;
	f.d.want = fault->want;
	report_rule(q, &f, f.point);
	return 0;
}

static __always_inline struct vqa_desc mapping_desc(__u64 addr, __u32 size, __u32 dir)
{
	struct vqa_desc d = { .addr = addr, .len = size, .flags = dir };

	return d;
}

/* Whether what looks like memory that is not mapped any more may be mapped, unknown to the ledger.
 */
static __always_inline int mapping_doubted(const struct vqa_mapping *m, __u32 live)
{
	return !live && ledger_missed_map_ns && ledger_missed_map_ns >= m->ended_ns;
}

/* What is wrong with it, if anything. @m: as it was before */
static __always_inline void ledger_judge(const struct vqa_mapping *m, struct vqa_map_fault *fault)
{
	__u32 live = vqa_mapping_live(m->live);
	__u64 vq = m->vq;
	struct vqa_queue *q = vq ? bpf_map_lookup_elem(&queues, &vq) : 0;

	if (!q || !q->ready)
		return;
	fault->rule = VQA_RULE_DMA_UNMAP_MISMATCH;
	fault->kind = vqa_unmap_fault(m, live, fault->seen.len, fault->seen.flags);
	if (fault->kind && mapping_doubted(m, live)) {
		ledger_count(VQA_LEDGER_DOUBTS);
		return;
	}
	if (!fault->kind && live == 1 && mapping_in_flight(q, m)) {
		fault->rule = VQA_RULE_DMA_EARLY_UNMAP;
		fault->kind = VQA_KIND_MAP_IN_FLIGHT;
	}
	fault->head = m->head;
	fault->want = mapping_desc(fault->seen.addr, m->size, m->dir);
	if (fault->kind)
		report_mapping(q, fault);
}

static __always_inline void ledger_remove(const struct vqa_dma_key *key, __u32 size, __u32 dir)
{
	struct vqa_map_fault fault = { .seen = mapping_desc(key->addr, size, dir),
				       .point = VQA_POINT_UNMAP };
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key), before;
	__u32 live;

	if (m)
		before = *m;
	if (!m || before.live & VQA_MAPPING_GOING || vqa_mapping_unknown(&before) ||
	    !vqa_mapping_is(&before, key->addr)) {
		ledger_count(VQA_LEDGER_UNKNOWN_UNMAPS);
		return;
	}
	ledger_count(VQA_LEDGER_UNMAPPED);
	live = vqa_mapping_live(before.live);
	if (live == 1)
		m->ended_ns = bpf_ktime_get_ns();
	if (live)
		__sync_fetch_and_add(&m->live, -1);
	if (live == 1)
		__sync_fetch_and_and(&m->live, ~VQA_MAPPING_FILLED);
	ledger_judge(&before, &fault);
}

/* A mapping is being undone. */
static __always_inline int ledger_unmap(__u64 ctx, __u64 dev, __u64 addr, __u32 size, __u32 dir,
					__u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_cpu *cpu = ledger_cpu();

	if (cpu && ledger_device(dev) && ledger_is_first(&cpu->unmaps, ctx, addr, turn))
		ledger_remove(&key, size, dir);
	return 0;
}

#endif
