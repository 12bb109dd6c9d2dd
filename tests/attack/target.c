// SPDX-License-Identifier: GPL-2.0
/* From what QEMU says and the ring holds to a chain that can carry a lie. */
#include <string.h>

#include "attack.h"

static void mark_chain(struct target *t, const struct chain *c, uint8_t head, uint8_t rest)
{
	unsigned int i;

	t->busy[c->head % RING_MAX] |= head;
	if (head & BUSY_HEAD)
		t->away -= c->n;
	for (i = 1; !t->ring->packed && i < c->n; i++)
		t->busy[c->slot[i]] |= rest;
}

static void mark_split_flight(struct target *t, uint16_t from, uint16_t to)
{
	struct chain c;

	for (; from != to; from++)
		if (!split__walk(t->ring, split__avail(t->ring, from), &c))
			mark_chain(t, &c, BUSY_HEAD, BUSY_CHAIN);
}

/*
 * Going back from the target: completed buffers, consumed or not. As many may be unconsumed as the
 * ring holds beyond what is with the device.
 */
static void mark_split_history(struct target *t, uint16_t last, unsigned int window)
{
	struct chain c;
	uint32_t id;

	while (window-- && last--) {
		id = split__used_id(t->ring, last);
		if (id >= t->ring->num)
			continue;
		if (t->previous_id < 0 && id != t->chain.head && !(t->busy[id] & BUSY_HEAD))
			t->previous_id = id;
		if (!split__walk(t->ring, id, &c))
			mark_chain(t, &c, BUSY_USED, BUSY_USED);
	}
}

/* A lie in descriptors that were published again would meet the device, not the driver. */
static bool is_published_again(const struct target *t)
{
	unsigned int i;

	for (i = 0; i < t->chain.n; i++)
		if (t->busy[t->chain.slot[i]])
			return true;
	return false;
}

static bool same_desc(struct desc a, struct desc b)
{
	return a.addr == b.addr && a.len == b.len && a.flags == b.flags && a.next == b.next;
}

/*
 * Nor are they published yet where the stop met the driver at writing them: then they are no
 * longer what they were while the device had them.
 */
static bool is_written_anew(const struct attack *a, const struct chain *c)
{
	unsigned int i, slot;

	for (i = 0; i < c->n; i++) {
		slot = c->slot[i];
		if (a->with_device[slot] && !same_desc(a->seen[slot], ring__read(&a->ring, slot)))
			return true;
	}
	return false;
}

static const char *split_at_stop(const struct attack *a, struct target *t, uint16_t used_idx)
{
	const struct ring *r = t->ring;
	uint16_t last = used_idx - 1, flight = split__avail_idx(r) - used_idx;
	const char *why;

	if (flight > r->num)
		return "the available index is out of step";
	why = split__walk(r, split__used_id(r, last), &t->chain);
	if (why)
		return why;
	t->used = split__used_elem(r, last);
	t->used_slot = last % r->num;
	t->used_idx = used_idx;
	mark_split_flight(t, used_idx, used_idx + flight);
	if (is_published_again(t))
		return "the driver has already published its descriptors again";
	if (is_written_anew(a, &t->chain))
		return "the driver is writing its descriptors anew";
	mark_chain(t, &t->chain, BUSY_USED, BUSY_CHAIN);
	mark_split_history(t, last, r->num - flight - 1);
	return NULL;
}

static void mark_packed_flight(struct target *t, struct position pos)
{
	unsigned int left = t->ring->num;
	struct chain c;

	while (left && packed__walk(t->ring, pos, &c) && c.n <= left) {
		mark_chain(t, &c, BUSY_HEAD, 0);
		pos = packed__advance(t->ring, pos, c.n);
		left -= c.n;
	}
}

/* Used marks behind the target, until the driver's new descriptors begin. */
static void mark_packed_history(struct target *t, uint16_t first)
{
	const struct ring *r = t->ring;
	unsigned int back;
	struct desc d;

	for (back = 1; back < r->num; back++) {
		d = ring__read(r, first + r->num - back);
		if (!(d.flags & DESC_AVAIL) != !(d.flags & DESC_USED) || d.next >= r->num)
			continue;
		if (t->previous_id < 0 && d.next != t->chain.head && !(t->busy[d.next] & BUSY_HEAD))
			t->previous_id = d.next;
		t->busy[d.next] |= BUSY_USED;
	}
}

static const char *packed_at_stop(const struct memo *memos, struct target *t, uint16_t used_idx)
{
	const struct ring *r = t->ring;
	struct position cursor = packed__used_cursor(r, used_idx);
	int first = packed__last_used(r, cursor);
	unsigned int n;
	const char *why;

	if (first < 0)
		return "the driver has already taken the last used slot again";
	n = (used_idx + r->num - first - 1) % r->num + 1;
	why = packed__used_chain(r, first, n, memos, &t->chain);
	if (why)
		return why;
	t->used = ring__desc(r, first);
	t->used_slot = first;
	t->used_idx = used_idx;
	mark_packed_flight(t, cursor);
	mark_chain(t, &t->chain, BUSY_USED, 0);
	mark_packed_history(t, first);
	return NULL;
}

const char *target__at_stop(const struct attack *a, const struct vq_info *now, struct target *t)
{
	memset(t, 0, sizeof(*t));
	t->ring = &a->ring;
	t->previous_id = -1;
	t->away = a->ring.num;
	if (a->ring.packed)
		return packed_at_stop(a->memos, t, now->used_idx);
	return split_at_stop(a, t, now->used_idx);
}

static void remember_split(struct attack *a, uint16_t from, uint16_t to)
{
	struct chain c;
	unsigned int i;

	memset(a->with_device, 0, sizeof(a->with_device));
	if ((uint16_t)(to - from) > a->ring.num)
		return;
	for (; from != to; from++) {
		if (split__walk(&a->ring, split__avail(&a->ring, from), &c))
			continue;
		for (i = 0; i < c.n; i++) {
			a->with_device[c.slot[i]] = true;
			a->seen[c.slot[i]] = ring__read(&a->ring, c.slot[i]);
		}
	}
}

void target__remember(struct attack *a, const struct vq_info *now)
{
	struct position pos;
	unsigned int left = a->ring.num;
	struct chain c;

	if (!a->ring.packed) {
		remember_split(a, now->used_idx, split__avail_idx(&a->ring));
		return;
	}
	memset(a->memos, 0, sizeof(a->memos));
	pos = packed__used_cursor(&a->ring, now->used_idx);
	a->cursor = pos;
	while (left && packed__walk(&a->ring, pos, &c) && c.n <= left) {
		packed__remember(a->memos, &c);
		pos = packed__advance(&a->ring, pos, c.n);
		left -= c.n;
	}
}

unsigned int target__flight(const struct attack *a)
{
	const struct ring *r = &a->ring;
	struct position pos;
	unsigned int n = 0;
	struct chain c;

	if (!r->packed)
		return (uint16_t)(split__avail_idx(r) - a->info.used_idx);
	pos = packed__used_cursor(r, a->info.used_idx);
	while (n < r->num && packed__walk(r, pos, &c)) {
		pos = packed__advance(r, pos, c.n);
		n += c.n;
	}
	return n;
}

unsigned int target__progress(const struct attack *a)
{
	if (!a->ring.packed)
		return (uint16_t)(split__used_idx(&a->ring) - a->info.used_idx);
	return packed__used_ahead(&a->ring, a->cursor);
}

unsigned int target__buffers(const struct attack *a)
{
	struct position pos = a->cursor;
	unsigned int left = a->info.inuse, n = 0;
	struct chain c;

	if (!a->ring.packed)
		return left;
	for (; left && packed__walk(&a->ring, pos, &c) && c.n <= left; n++) {
		pos = packed__advance(&a->ring, pos, c.n);
		left -= c.n;
	}
	return n || !a->info.inuse
		       ? n
		       : 1; /* heads may be overwritten: not what it says, but there are some */
}

static bool split_in_flight(const struct attack *a, struct target *t,
			    bool (*fn)(struct target *, uint16_t, void *), void *arg)
{
	const struct ring *r = &a->ring;
	uint16_t end = a->posted ? split__avail_idx(r) : a->info.last_avail;

	t->seq = split__used_idx(r);
	if ((uint16_t)(end - t->seq) > r->num)
		return false;
	mark_split_flight(t, t->seq, end);
	for (; t->seq != end; t->seq++)
		if (!split__walk(r, split__avail(r, t->seq), &t->chain) && fn(t, t->seq, arg))
			return true;
	return false;
}

/* The key of a packed buffer is its position: good enough to tell buffers apart for a while. */
static bool packed_in_flight(const struct attack *a, struct target *t,
			     bool (*fn)(struct target *, uint16_t, void *), void *arg)
{
	const struct ring *r = &a->ring;
	struct position pos = packed__used_cursor(r, a->info.used_idx);
	unsigned int left = a->posted ? r->num : a->info.inuse;

	while (left && packed__walk(r, pos, &t->chain) && t->chain.n <= left) {
		if (fn(t, pos.at | pos.wrap << 15, arg))
			return true;
		pos = packed__advance(r, pos, t->chain.n);
		left -= t->chain.n;
	}
	return false;
}

void target__at_rest(const struct attack *a, struct target *t)
{
	memset(t, 0, sizeof(*t));
	t->ring = &a->ring;
	t->used_idx = a->info.used_idx;
}

bool target__in_flight(const struct attack *a, struct target *t,
		       bool (*fn)(struct target *, uint16_t, void *), void *arg)
{
	target__at_rest(a, t);
	return a->ring.packed ? packed_in_flight(a, t, fn, arg) : split_in_flight(a, t, fn, arg);
}
