/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room for new entries: what ended stays until passes forget it, or until half as many have
 * ended after it as there is room for. So the other half is for what lives.
 */
#ifndef BPF_LEDGER_ROOM_H
#define BPF_LEDGER_ROOM_H

#include "ledger_state.h"

const volatile __u32 vqa_remembered = 1; /* entries: half of --max-mappings */

/* Keys of those that ended, each of them once, one place after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vqa_dma_key);
} ended SEC(".maps");

__u32 ledger_ended; /* how many did */

/* Forgets an entry without a mapping that is known, unless one is just being made. */
static __always_inline void mapping_forget(const struct vqa_dma_key *key, struct vqa_mapping *m)
{
	struct vqa_dma_key copy = *key;
	__u32 live = m->live;

	if ((vqa_mapping_live(live) && !vqa_mapping_old(m, traced_from)) ||
	    live & VQA_MAPPING_GOING)
		return;
	if (__sync_val_compare_and_swap(&m->live, live, VQA_MAPPING_GOING) == live)
		bpf_map_delete_elem(&mappings, &copy);
}

/*
 * An entry ended, and takes the next place. Whose place it was is forgotten, or, if it lives again,
 * takes another once it ends.
 */
verified_once int ledger_make_room(struct vqa_dma_key *key)
{
	__u32 at = __sync_fetch_and_add(&ledger_ended, 1) % vqa_remembered;
	struct vqa_dma_key *place = bpf_map_lookup_elem(&ended, &at), old;
	struct vqa_mapping *m;

	if (!key || !place)
		return 0;
	old = *place;
	*place = *key;
	m = bpf_map_lookup_elem(&mappings, &old);
	if (!m || !vqa_mapping_is(m, &old))
		return 0;
	m->waits = 0;
	if (!m->live)
		mapping_forget(&old, m);
	return 0;
}

#endif
