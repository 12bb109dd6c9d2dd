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

/* An entry is made, or there is no room. Return: 0 if there is one */
static __always_inline int ledger_insert_new(struct vqa_dma_key *key, const struct vqa_mapping *one)
{
	struct vqa_mapping fresh = *one; /* of its own: what lies in memory is written each time */
	int err = bpf_map_update_elem(&mappings, key, &fresh, BPF_NOEXIST);

	if (err == -E2BIG)
		count_loss(VQA_LOSS_LEDGER_FULL);
	return !err || err == -E2BIG;
}

static __always_inline void ledger_insert(struct vqa_dma_key *key, const struct vqa_mapping *one)
{
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u32 before;

	if (m) {
		mapping_empty_old(m);
	} else {
		if (ledger_insert_new(key, one))
			return;
		m = bpf_map_lookup_elem(&mappings, key); /* another CPU was faster */
	}
	if (!m) {
		ledger_missed_map();
		return;
	}
	before = __sync_fetch_and_add(&m->live, 1);
	if (!vqa_mapping_is(m, key)) {
		__sync_fetch_and_add(&m->live, -1);
		ledger_missed_map();
	} else if (before & VQA_MAPPING_GOING)
		ledger_missed_map();
	else
		vqa_mapping_add(m, vqa_mapping_live(before), one);
}

/* Whether a call may have begun before its device was known. */
static __always_inline int ledger_is_new(struct ledger_device *device)
{
	if (!device->settled)
		device->settled = device->since_ns &&
				  bpf_ktime_get_ns() - device->since_ns >= LEDGER_GRACE_NS;
	return !device->settled;
}

enum ledger_standing { LEDGER_STRANGER, LEDGER_NEW, LEDGER_SETTLED };

/*
 * What the device of a key is to the ledger; the key gets its place. What is asked again and again
 * is at hand: an interrupt can come between any two of these lines, and change it.
 */
static __always_inline __u32 ledger_standing(struct ledger_cpu *cpu, struct vqa_dma_key *key)
{
	__u32 epoch = ledger_epoch;
	struct ledger_device *device;

	if (!vqa_armed)
		return LEDGER_STRANGER;
	key->place = vqa_dma_place(*(volatile __u64 *)&cpu->mark, key->addr);
	barrier();
	if (cpu->dev == key->dev && cpu->epoch == epoch)
		return LEDGER_SETTLED;
	device = ledger_known(key->dev);
	if (!device || !device->mark)
		return LEDGER_STRANGER;
	key->place = vqa_dma_place(device->mark, key->addr);
	if (ledger_is_new(device))
		return LEDGER_NEW;
	cpu->dev = 0;
	barrier();
	cpu->mark = device->mark;
	cpu->epoch = epoch;
	barrier();
	cpu->dev = key->dev;
	return LEDGER_SETTLED;
}

static __always_inline void ledger_enter(struct ledger_cpu *cpu, struct vqa_dma_key *key,
					 __u32 size, __u32 dir, __u32 standing, __u32 call)
{
	struct vqa_mapping fresh = {
		.key = *key,
		.since = bpf_jiffies64(),
		.size = size,
		.live = 1,
		.dir = dir,
		.call = call,
		.made = ++cpu->made,
		.task = bpf_get_current_pid_tgid(),
		.cpu = bpf_get_smp_processor_id(),
	};

	cpu->count[VQA_LEDGER_MAPPED]++;
	if (dir == VQA_DMA_FROM_DEVICE && standing == LEDGER_NEW)
		fresh.live |= VQA_MAPPING_FILLED;
	ledger_insert(key, &fresh);
}

/* What the whole device must know of a mapping: it failed, or is of several pages. */
static __always_inline void ledger_tell_device(__u64 dev, __u32 failed)
{
	struct ledger_device *device = ledger_known(dev);

	if (device && failed)
		device->map_errors++;
	else if (device)
		device->wide = bpf_jiffies64();
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

/* A mapping was made, as far as the programs before this one know. @ctx: see ledger_map() */
static __always_inline int ledger_map_call(struct ledger_cpu *cpu, __u64 ctx,
					   struct vqa_dma_key *key, __u32 size, __u32 dir,
					   __u32 turn)
{
	struct ledger_run run;
	__u32 standing = ledger_standing(cpu, key), call;

	if (standing == LEDGER_STRANGER)
		return 0;
	run = ledger_run(&cpu->maps, ctx, key->addr, turn);
	if (!run.first)
		return 0;
	call = call_sign(&run, CALL_MAPS);
	if (run.alone && ledger_repeats(&run, bpf_map_lookup_elem(&mappings, key), call))
		return 0;
	if (key->addr == DMA_MAPPING_ERROR) {
		ledger_count(VQA_LEDGER_MAP_ERRORS);
		ledger_tell_device(key->dev, 1);
		return 0;
	}
	if ((key->addr ^ (key->addr + size - 1)) & ~(__u64)(LEDGER_PAGE - 1))
		ledger_tell_device(key->dev, 0);
	ledger_enter(cpu, key, size, dir, standing, call);
	return 0;
}

/** struct ledger_late - a call, for the programs that seldom have anything to do */
struct ledger_late {
	__u64 ctx;
	struct vqa_dma_key key;
	__u32 size;
	__u32 dir;
	__u64 turn; /* enum ledger_turn */
};

/* By reference: what a hook is given is no number. */
verified_once int ledger_map_late(struct ledger_late *c)
{
	struct ledger_cpu *cpu = ledger_cpu();
	struct vqa_dma_key key;

	if (!c || !cpu)
		return 0;
	key = c->key;
	return ledger_map_call(cpu, c->ctx, &key, c->size, c->dir, c->turn);
}

/* A mapping was made. @ctx: where the call's arguments lie */
static __always_inline int ledger_map(__u64 ctx, __u64 dev, __u64 addr, __u32 size, __u32 dir,
				      __u32 turn)
{
	struct ledger_cpu *cpu = ledger_cpu();
	struct ledger_late late;

	if (!cpu || ledger_just_seen_to(&cpu->maps, ctx, addr, turn))
		return 0;
	late = (struct ledger_late){ ctx, { .addr = addr, .dev = dev }, size, dir, turn };
	if (turn != LEDGER_FIRST)
		return ledger_map_late(&late);
	return ledger_map_call(cpu, ctx, &late.key, size, dir, turn);
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

verified_once int report_unmap(struct vqa_queue *q, const struct vqa_mapping *m,
			       const struct vqa_dma_key *key, struct vqa_desc *seen, __u32 kind)
{
	struct vqa_map_fault fault = { .kind = kind, .point = VQA_POINT_UNMAP };

	if (!q || !m || !key || !seen)
		return 0;
	fault.rule = kind == VQA_KIND_MAP_IN_FLIGHT ? VQA_RULE_DMA_EARLY_UNMAP
						    : VQA_RULE_DMA_UNMAP_MISMATCH;
	fault.head = m->head;
	fault.seen = *seen;
	fault.want = mapping_desc(key->addr, m->size, m->dir);
	return report_mapping(q, &fault);
}

/* What is wrong with an unmapping, if anything. @live: mappings in the entry, still */
static __always_inline void ledger_judge(const struct vqa_dma_key *key, const struct vqa_mapping *m,
					 __u32 live, __u32 size, __u32 dir)
{
	struct vqa_desc seen = mapping_desc(key->addr, size, dir);
	__u64 vq = m->vq;
	struct vqa_queue *q = vq ? queue_find(vq) : 0;
	__u32 kind;

	if (!q || !q->ready)
		return;
	kind = vqa_unmap_fault(m, live, size, dir);
	if (kind && vqa_mapping_doubted(m, live, ledger_missed_map_at, traced_from)) {
		ledger_count(VQA_LEDGER_DOUBTS);
		return;
	}
	if (!kind && live == 1 && mapping_in_flight(q, m))
		kind = VQA_KIND_MAP_IN_FLIGHT;
	if (kind)
		report_unmap(q, m, key, &seen, kind);
}

/* The last mapping in an entry goes. */
static __always_inline void mapping_ends(struct vqa_dma_key *key, struct vqa_mapping *m)
{
	__u32 waits = m->waits;

	m->waits = 1;
	m->since = bpf_jiffies64();
	__sync_fetch_and_add(&m->live, -1);
	__sync_fetch_and_and(&m->live, ~VQA_MAPPING_FILLED);
	if (!waits)
		ledger_make_room(key);
}

static __always_inline void ledger_remove(struct ledger_cpu *cpu, struct vqa_dma_key *key,
					  __u32 size, __u32 dir, const struct ledger_run *run,
					  __u32 call)
{
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u32 live;

	if (!m || m->live & VQA_MAPPING_GOING || vqa_mapping_unknown(m, traced_from) ||
	    !vqa_mapping_is(m, key)) {
		ledger_count(VQA_LEDGER_UNKNOWN_UNMAPS);
		return;
	}
	if (ledger_repeats(run, m, call))
		return;
	m->call = call;
	cpu->count[VQA_LEDGER_UNMAPPED]++;
	live = vqa_mapping_live(m->live);
	ledger_judge(key, m, live, size, dir);
	if (live == 1)
		mapping_ends(key, m);
	else if (live)
		__sync_fetch_and_add(&m->live, -1);
}

static __always_inline int ledger_unmap_call(struct ledger_cpu *cpu, __u64 ctx,
					     struct vqa_dma_key *key, __u32 size, __u32 dir,
					     __u32 turn)
{
	struct ledger_run run;

	if (ledger_standing(cpu, key) == LEDGER_STRANGER)
		return 0;
	run = ledger_run(&cpu->unmaps, ctx, key->addr, turn);
	if (run.first)
		ledger_remove(cpu, key, size, dir, &run, call_sign(&run, CALL_UNMAPS));
	return 0;
}

verified_once int ledger_unmap_late(struct ledger_late *c)
{
	struct ledger_cpu *cpu = ledger_cpu();
	struct vqa_dma_key key;

	if (!c || !cpu)
		return 0;
	key = c->key;
	return ledger_unmap_call(cpu, c->ctx, &key, c->size, c->dir, c->turn);
}

/* A mapping is being undone. */
static __always_inline int ledger_unmap(__u64 ctx, __u64 dev, __u64 addr, __u32 size, __u32 dir,
					__u32 turn)
{
	struct ledger_cpu *cpu = ledger_cpu();
	struct ledger_late late;

	if (!cpu || ledger_just_seen_to(&cpu->unmaps, ctx, addr, turn))
		return 0;
	late = (struct ledger_late){ ctx, { .addr = addr, .dev = dev }, size, dir, turn };
	if (turn != LEDGER_FIRST)
		return ledger_unmap_late(&late);
	return ledger_unmap_call(cpu, ctx, &late.key, size, dir, turn);
}

#endif
