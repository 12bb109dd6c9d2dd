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
	struct chain chain; /* of no descriptors when the lie is not about a buffer */
	uint32_t random;
	uint16_t used_idx; /* the device's own: split counts completions, packed is a position */
	uint16_t seq; /* split, in flight: which publication, as avail.idx counts them */
	/* The used element, when there is one: its place, and the buffer completed just before. */
	uint8_t *used; /* NULL while the chain is in flight */
	uint16_t used_slot;
	int previous_id; /* -1: none that is not in flight again */
	uint8_t busy[RING_MAX];
	uint16_t away; /* descriptors that are not with the device: unread completions and free */
	bool lags; /* so many that the last completion is most probably among the unread */
	bool certain; /* the driver surely has not consumed the element */
	unsigned int unread; /* how many elements it surely has not consumed, the last among them */
};

struct edit {
	uint8_t *at;
	unsigned int width; /* bytes */
	const char *field;
	uint64_t before, after;
	int slot; /* -1: the word has no number */
	uint8_t *swap; /* NULL, or a word that held `after` and gets `before` in exchange */
	int swap_slot;
	const char *kind; /* NULL or what sort of id a used-id lie holds */
	/* A transient lie: how long it stood, and whether the guest wrote the word meanwhile. */
	bool transient, overwritten;
	uint64_t stood_us;
	unsigned int silent; /* completions (packed: slots) that came without an interrupt */
};

/* Which rings a lie is for. */
enum {
	ON_SPLIT = 1 << 0,
	ON_PACKED = 1 << 1,
	ON_BOTH = ON_SPLIT | ON_PACKED,
	WITH_EVENT_IDX = 1 << 2,
	WITHOUT_EVENT_IDX = 1 << 3,
};

/* When a lie can be told. */
enum {
	AT_STOP = 1 << 0, /* guest halted, about a completion that its driver has not read */
	IN_FLIGHT = 1 << 1, /* guest running, about a buffer that is with the device */
	AT_REST = 1 << 2, /* guest running, about no buffer: an index, an event word */
};

/* What becomes of the device. */
enum harm {
	HARM_NONE,
	HARM_IF_READ, /* all is well unless the other side reads the word while the lie stands */
	HARM_SLEEP, /* a notification may be lost: someone sleeps until the next one */
	HARM_BROKEN, /* the driver or the device gives the queue up */
};

struct attack;

struct mutation {
	const char *name;
	unsigned int rings, when;
	enum harm harm;
	/* Fills the edit but changes nothing. Returns NULL or why this target does not suit. */
	const char *(*plan)(struct target *t, struct edit *e);
	const char *text;
	/* In place of a plan: a deed that is not one word. Reports itself. */
	const char *(*act)(struct attack *a);
};

extern const struct mutation mutations[];
extern const unsigned int mutations_n;

const struct mutation *mutation__find(const char *name);
const char *harm__name(enum harm harm);
void edit__apply(const struct edit *e);
/* Undoes it, unless the guest has written the word since: a value of its own is not ours. */
void edit__restore(struct edit *e);

/* Shared by the plans. */
void edit__word(struct edit *e, uint8_t *at, unsigned int width, const char *field, uint64_t after);
uint64_t word__read(const uint8_t *at, unsigned int width);

const char *plan_desc_addr(struct target *t, struct edit *e);
const char *plan_desc_len(struct target *t, struct edit *e);
const char *plan_desc_write(struct target *t, struct edit *e);
const char *plan_desc_next_field(struct target *t, struct edit *e);
const char *plan_desc_id(struct target *t, struct edit *e);
const char *plan_head_addr(struct target *t, struct edit *e);
const char *plan_head_len(struct target *t, struct edit *e);
const char *plan_head_write(struct target *t, struct edit *e);
const char *plan_head_id(struct target *t, struct edit *e);
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
const char *plan_used_len_zero(struct target *t, struct edit *e);
const char *plan_used_rewrite(struct target *t, struct edit *e);
const char *plan_used_early(struct target *t, struct edit *e);
const char *plan_used_idx_jump(struct target *t, struct edit *e);
const char *plan_used_idx_back(struct target *t, struct edit *e);
const char *plan_used_flags(struct target *t, struct edit *e);
const char *plan_used_no_notify(struct target *t, struct edit *e);
const char *plan_avail_idx(struct target *t, struct edit *e);
const char *plan_avail_ring(struct target *t, struct edit *e);
const char *plan_avail_flags(struct target *t, struct edit *e);
const char *plan_used_event(struct target *t, struct edit *e);
const char *plan_avail_event(struct target *t, struct edit *e);
const char *plan_driver_event_flags(struct target *t, struct edit *e);
const char *plan_driver_event_off(struct target *t, struct edit *e);
const char *plan_device_event_flags(struct target *t, struct edit *e);
const char *plan_device_event_off(struct target *t, struct edit *e);
/* The driver's word that tells the device not to interrupt. */
const char *plan_hush(struct target *t, struct edit *e);

const char *act_used_silent(struct attack *a);
const char *act_stall(struct attack *a);
const char *act_notify_once(struct attack *a);
const char *act_notify_storm(struct attack *a);

#endif
