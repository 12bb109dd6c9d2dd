/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Room for new entries: what ended stays until passes forget it, or until half as many have
 * ended after it as there is room for. So the other half is for what lives.
 */
#ifndef BPF_LEDGER_ROOM_H
#define BPF_LEDGER_ROOM_H

#include "ledger_state.h"

const volatile __u32 vqa_remembered = 1; /* entries: half of --max-mappings */

/* Places of those that ended, each of them once, one place after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ended SEC(".maps");

__u32 ledger_ended; /* how many did */

/* Forgets an entry without a mapping that is known, unless one is just being made. */
static __always_inline void mapping_forget(__u64 place, struct vqa_mapping *m)
{
	__u32 live = m->live;

	if ((vqa_mapping_live(live) && !vqa_mapping_old(m, traced_from)) ||
	    live & VQA_MAPPING_GOING)
		return;
	if (__sync_val_compare_and_swap(&m->live, live, VQA_MAPPING_GOING) == live)
		bpf_map_delete_elem(&mappings, &place);
}

/*
 * An entry ended, and takes the next place. Whose place it was is forgotten, or, if it lives again,
 * takes another once it ends.
 */
verified_once int ledger_make_room(struct vqa_dma_key *key)
{
	__u32 at = __sync_fetch_and_add(&ledger_ended, 1) % vqa_remembered;
	__u64 *turn = bpf_map_lookup_elem(&ended, &at), old;
	struct vqa_mapping *m;

	if (!key || !turn)
		return 0;
	old = *turn;
	*turn = key->place;
	m = bpf_map_lookup_elem(&mappings, &old);
	if (!m || m->key.place != old)
		return 0;
	m->waits = 0;
	if (!m->live)
		mapping_forget(old, m);
	return 0;
}

#endif
