/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of the DMA mappings of virtio devices (level dma): they come and go,
 * and what the device has must not go.
 */
#ifndef BPF_LEDGER_H
#define BPF_LEDGER_H

#include "audit.h"
#include "ledger_room.h"

#define LEDGER_PAGE 4096
#define LEDGER_GRACE_NS 1000000000ULL /* in which a call from before it was known may end */

static __always_inline void ledger_missed_map(void)
{
	ledger_missed_map_at = bpf_jiffies64();
	ledger_count(VQA_LEDGER_MISSED_MAPS);
}

/* What was mapped while not all was seen may be long gone: the entry is as if nothing was. */
static __always_inline void mapping_empty_old(struct vqa_mapping *m)
{
	__u32 live = m->live;

	if (vqa_mapping_old(m, traced_from))
		__sync_val_compare_and_swap(&m->live, live, live & ~VQA_MAPPING_COUNT);
}

static __always_inline void ledger_insert(struct vqa_dma_key *key, const struct vqa_mapping *fresh)
{
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u32 before;
	int err; /* 6.1 returns one, and no long */

	if (m) {
		mapping_empty_old(m);
	} else {
		err = bpf_map_update_elem(&mappings, key, fresh, BPF_NOEXIST);
		if (!err) {
			ledger_make_room(key);
			return;
		}
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
					 struct vqa_dma_key *key, __u32 size, __u32 dir, __u32 call)
{
	struct vqa_mapping fresh = {
		.addr = key->addr,
		.since = bpf_jiffies64(),
		.size = size,
		.live = 1,
		.dir = dir,
		.call = call,
		.made = ++cpu->made,
		.task = bpf_get_current_pid_tgid(),
		.cpu = bpf_get_smp_processor_id(),
	};

	ledger_count(VQA_LEDGER_MAPPED);
	if (dir == VQA_DMA_FROM_DEVICE && ledger_is_new(device))
		fresh.live |= VQA_MAPPING_FILLED;
	ledger_insert(key, &fresh);
}

/*
 * Between two programs, a task can be moved to another CPU, where kernels are
 * preemptible. There it is known by the entry alone, if nothing happened to that since.
 */
static __always_inline int ledger_repeats(const struct ledger_run *run, const struct vqa_mapping *m,
					  __u32 call)
{
	if (!run->alone || !m || m->call != call)
		return 0;
	ledger_count(VQA_LEDGER_REPEATS);
	return 1;
}

#define CALL_MAPS 0
#define CALL_UNMAPS 1

/* What is known of a call in an entry: where its arguments lie, and what it does. */
static __always_inline __u32 call_sign(const struct ledger_run *run, __u32 does)
{
	return (__u32)run->ctx | does; /* arguments are words */
}

/* A mapping was made. @ctx: where the call's arguments lie */
static __always_inline int ledger_map(__u64 ctx, __u64 dev, __u64 addr, __u32 size, __u32 dir,
				      __u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_device *device = ledger_device(dev);
	struct ledger_cpu *cpu = ledger_cpu();
	struct ledger_run run;
	__u32 call;

	if (!device || !cpu)
		return 0;
	run = ledger_run(&cpu->maps, ctx, addr, turn);
	if (!run.first)
		return 0;
	call = call_sign(&run, CALL_MAPS);
	if (run.alone && ledger_repeats(&run, bpf_map_lookup_elem(&mappings, &key), call))
		return 0;
	if (addr == DMA_MAPPING_ERROR) {
		ledger_count(VQA_LEDGER_MAP_ERRORS);
		device->map_errors++;
		return 0;
	}
	if ((addr ^ (addr + size - 1)) & ~(__u64)(LEDGER_PAGE - 1))
		device->wide = bpf_jiffies64();
	ledger_enter(device, cpu, &key, size, dir, call);
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

/* What is wrong with it, if anything. @m: as it was before */
static __always_inline void ledger_judge(const struct vqa_mapping *m, struct vqa_map_fault *fault)
{
	__u32 live = vqa_mapping_live(m->live);
	__u64 vq = m->vq;
	struct vqa_queue *q = vq ? queue_find(vq) : 0;

	if (!q || !q->ready)
		return;
	fault->rule = VQA_RULE_DMA_UNMAP_MISMATCH;
	fault->kind = vqa_unmap_fault(m, live, fault->seen.len, fault->seen.flags);
	if (fault->kind && vqa_mapping_doubted(m, live, ledger_missed_map_at, traced_from)) {
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

static __always_inline void ledger_remove(const struct vqa_dma_key *key, __u32 size, __u32 dir,
					  const struct ledger_run *run, __u32 call)
{
	struct vqa_map_fault fault = { .seen = mapping_desc(key->addr, size, dir),
				       .point = VQA_POINT_UNMAP };
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key), before;
	__u32 live;

	if (m)
		before = *m;
	if (!m || before.live & VQA_MAPPING_GOING || vqa_mapping_unknown(&before, traced_from) ||
	    !vqa_mapping_is(&before, key->addr)) {
		ledger_count(VQA_LEDGER_UNKNOWN_UNMAPS);
		return;
	}
	if (ledger_repeats(run, &before, call))
		return;
	m->call = call;
	ledger_count(VQA_LEDGER_UNMAPPED);
	live = vqa_mapping_live(before.live);
	if (live == 1)
		m->since = bpf_jiffies64();
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
	struct ledger_run run;

	if (!cpu || !ledger_device(dev))
		return 0;
	run = ledger_run(&cpu->unmaps, ctx, addr, turn);
	if (run.first)
		ledger_remove(&key, size, dir, &run, call_sign(&run, CALL_UNMAPS));
	return 0;
}

#endif
