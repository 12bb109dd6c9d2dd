/* SPDX-License-Identifier: GPL-2.0 */
/* The lies: which word of shared memory changes, and into what. */
#ifndef VQ_ATTACK_MUTATE_H
#define VQ_ATTACK_MUTATE_H

#include "ring.h"

/* Per id or descriptor, what the driver holds it for when it reads the used element under attack.
 */
enum {
	BUSY_HEAD = 1 << 0, /* published, not completed */
	BUSY_CHAIN = 1 << 1, /* inside such a chain, behind the head (split) */
	BUSY_USED = 1 << 2, /* completed not long ago, perhaps not yet consumed */
};

struct target {
	const struct ring *ring;
	struct chain chain;
	uint32_t random;
	/* The used element, when there is one: its place, and the buffer completed just before. */
	uint8_t *used; /* NULL while the chain is in flight */
	uint16_t used_slot;
	int previous_id; /* -1: none that is not in flight again */
	uint8_t busy[RING_MAX];
	uint16_t away; /* descriptors that are not with the device: unread completions and free */
	bool lags; /* so many that the last completion is most probably among the unread */
	bool certain; /* the driver surely has not consumed the element */
};

struct edit {
	uint8_t *at;
	unsigned int width; /* bytes */
	const char *field;
	uint64_t before, after;
	uint32_t slot;
	const char *kind; /* NULL or what sort of id a used-id lie holds */
};

enum { ON_SPLIT = 1 << 0, ON_PACKED = 1 << 1 };

struct mutation {
	const char *name;
	unsigned int rings;
	bool needs_used; /* lies in a used element, so not for a chain in flight */
	/* Fills the edit but changes nothing. Returns NULL or why this target does not suit. */
	const char *(*plan)(struct target *t, struct edit *e);
	const char *text;
};

extern const struct mutation mutations[];
extern const unsigned int mutations_n;

const struct mutation *mutation__find(const char *name);
void edit__apply(const struct edit *e);

/* Shared by the plans. */
void edit__word(struct edit *e, uint8_t *at, unsigned int width, const char *field, uint64_t after);
uint64_t word__read(const uint8_t *at, unsigned int width);

const char *plan_desc_addr(struct target *t, struct edit *e);
const char *plan_desc_len(struct target *t, struct edit *e);
const char *plan_desc_write(struct target *t, struct edit *e);
const char *plan_desc_next_field(struct target *t, struct edit *e);
const char *plan_desc_id(struct target *t, struct edit *e);
const char *plan_next_set_last(struct target *t, struct edit *e);
const char *plan_next_steer(struct target *t, struct edit *e);
const char *plan_next_clear_first(struct target *t, struct edit *e);
const char *plan_indirect_set(struct target *t, struct edit *e);
const char *plan_table_addr(struct target *t, struct edit *e);
const char *plan_table_len(struct target *t, struct edit *e);
const char *plan_table_flags(struct target *t, struct edit *e);
const char *plan_used_id_range(struct target *t, struct edit *e);
const char *plan_used_id_not_head(struct target *t, struct edit *e);
const char *plan_used_id_replay(struct target *t, struct edit *e);
const char *plan_used_len_over(struct target *t, struct edit *e);

#endif
