/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtqueue over a byte buffer, read from outside. Everything here works on memory that the
 * guest may change at the same time, so walks are bounded and indices checked.
 */
#ifndef VQ_ATTACK_RING_H
#define VQ_ATTACK_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "ram.h"

#define RING_MAX 1024 /* QEMU's own limit */

enum {
	DESC_NEXT = 1 << 0,
	DESC_WRITE = 1 << 1,
	DESC_INDIRECT = 1 << 2,
	DESC_AVAIL = 1 << 7, /* packed */
	DESC_USED = 1 << 15, /* packed */
};

enum {
	DESC_SIZE = 16,
	OFF_ADDR = 0,
	OFF_LEN = 8,
	OFF_SPLIT_FLAGS = 12,
	OFF_SPLIT_NEXT = 14,
	OFF_PACKED_ID = 12,
	OFF_PACKED_FLAGS = 14,
};

/* The two other areas: split rings, flags and index before the entries; packed, one event word. */
enum {
	OFF_FLAGS = 0,
	OFF_IDX = 2,
	OFF_RING = 4,
	USED_ELEM = 8,
	OFF_EVENT_OFF_WRAP = 0,
	OFF_EVENT_FLAGS = 2,
	EVENT_SIZE = 4,
};

struct ring {
	const struct ram *ram;
	bool packed;
	uint16_t num;
	uint8_t *desc;
	uint8_t *avail; /* packed: the driver's event suppression */
	uint8_t *used; /* packed: the device's event suppression */
	bool event_idx;
};

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next; /* split: next, packed: buffer id */
};

struct chain {
	uint16_t head; /* split: head index, packed: buffer id */
	uint16_t n;
	uint16_t slot[RING_MAX]; /* of the descriptor table, in the order of the chain */
	bool indirect;
	uint64_t table;
	uint32_t table_n; /* 0: not known */
	bool writable_known;
	uint64_t writable; /* bytes */
};

/* What was seen of a packed buffer before the device overwrote its head. */
struct memo {
	uint16_t n; /* 0: not seen */
	uint16_t first;
	bool indirect;
	uint64_t table;
	uint32_t table_n;
	uint64_t writable;
};

struct desc desc__decode(const uint8_t *p, bool packed);
uint8_t *ring__desc(const struct ring *r, unsigned int slot);
struct desc ring__read(const struct ring *r, unsigned int slot);

/* Adds what a descriptor (or the indirect table behind it) contributes. NULL or what is wrong. */
const char *chain__add(struct chain *c, const struct ring *r, unsigned int slot, struct desc d);

/* split */
uint16_t split__avail_idx(const struct ring *r);
uint16_t split__used_idx(const struct ring *r);
uint16_t split__avail(const struct ring *r, uint16_t seq);
uint8_t *split__avail_entry(const struct ring *r, uint16_t seq);
uint8_t *split__used_elem(const struct ring *r, uint16_t seq);
uint8_t *split__used_event(const struct ring *r);
uint8_t *split__avail_event(const struct ring *r);
uint32_t split__used_id(const struct ring *r, uint16_t seq);
const char *split__walk(const struct ring *r, unsigned int head, struct chain *c);

/* packed */
struct position {
	uint16_t at;
	bool wrap;
};

struct position packed__advance(const struct ring *r, struct position pos, unsigned int n);
/* The device's wrap counter at the position where it will write its next used element. */
struct position packed__used_cursor(const struct ring *r, uint16_t used_idx);
/* How many slots ahead of it have the device's newest used mark, counted to the last of them. */
unsigned int packed__used_ahead(const struct ring *r, struct position cursor);
/* The last used element, which ends just before the cursor: its first slot, or -1 when none. */
int packed__last_used(const struct ring *r, struct position cursor);
/* The available chain that starts at pos; false when there is none. */
bool packed__walk(const struct ring *r, struct position pos, struct chain *c);
/* The chain behind a used element of n slots, as far as it can still be known. */
const char *packed__used_chain(const struct ring *r, unsigned int first, unsigned int n,
			       const struct memo *memos, struct chain *c);
void packed__remember(struct memo *memos, const struct chain *c);

#endif
