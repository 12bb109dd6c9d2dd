/* SPDX-License-Identifier: GPL-2.0 */
/* A copy of one ring on behalf of user space. It takes no lock: it may be torn. */
#ifndef BPF_DUMP_H
#define BPF_DUMP_H

#include "vq_audit/dump.h"
#include "words.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vqa_dump);
} dumped SEC(".maps");

/** struct dump - a copy under way */
struct dump {
	struct vqa_queue *q;
	struct vring_virtqueue *v;
	struct vqa_dump *to;
	struct tables t;
	__u32 at;
};

static long dump_step(__u32 i, void *ctx)
{
	struct dump *d = ctx;
	__u32 at = d->at++;
	struct vqa_dump_row *row = &d->to->row[at & (VQA_RING_MAX - 1)];

	if (at >= d->q->id.num)
		return 1;
	if (d->q->id.packed) {
		row->seen = read_packed_desc(d->t.ring, at);
		row->want = d->q->slot[at & (VQA_RING_MAX - 1)];
		row->known = row->want.flags ? 1 : 0;
		row->head = read_packed_head(d->v, at).data ? 1 : 0;
	} else {
		row->seen = read_split_desc(d->t.ring, at);
		row->want = read_shadow(d->t.shadow, at);
		row->known = d->q->id.shadow == VQA_SHADOW_WHOLE;
		row->head = read_split_head(d->v, at).data ? 1 : 0;
	}
	return 0;
}

static __always_inline int dump_queue(struct vqa_sweep *io)
{
	struct dump d = {};
	__u32 zero = 0;
	__u64 key = io->vq;

	d.to = bpf_map_lookup_elem(&dumped, &zero);
	d.q = queue_find(key);
	io->found = 0;
	if (!d.to || !d.q || !d.q->ready)
		return 0;
	d.v = queue_vring(d.q);
	io->found = 1;
	read_words(d.q, &d.to->words, key);
	d.to->num_free = vring_read(d.v, vq.num_free);
	d.t = read_tables(d.v, d.q->id.packed);
	d.at = vqa_zero;
	walk(dump_step, &d, VQA_RING_MAX);
	return 0;
}

#endif
