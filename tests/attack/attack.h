/* SPDX-License-Identifier: GPL-2.0 */
/* One attack: a queue, a lie, and how often to tell it. */
#ifndef VQ_ATTACK_ATTACK_H
#define VQ_ATTACK_ATTACK_H

#include <signal.h>
#include <stdio.h>

#include "mutate.h"
#include "vm.h"

/* Why targets did not suit, and how often. The reasons are string literals. */
struct tally {
	const char *why[24];
	unsigned int times[24];
};

struct attack {
	struct vm vm;
	struct ram ram;
	struct qtest *qtest; /* NULL: QEMU has no test socket */
	struct ring ring;
	struct vq_info info; /* of the last refresh */
	struct position cursor; /* packed: of the next used element, at the last look */
	struct memo memos[RING_MAX];
	struct desc seen[RING_MAX]; /* split: what was with the device at the last look */
	bool with_device[RING_MAX];
	struct tally tally;
	const struct mutation *mutation;
	const char *device;
	unsigned int count;
	uint64_t hold_us; /* 0: a lie stands for ever */
	uint64_t pause_us; /* between two lies */
	bool after_reset; /* lie when the device was reset, in the rings that it had */
	bool was_reset;
	bool posted; /* also about buffers that the device has not read yet */
	uint64_t started, deadline; /* now_us() */
	uint32_t random;
	unsigned int dam_us;
	/* Of the last look before a stop: */
	uint64_t asked;
	bool quiet; /* nothing had been completed for a while */
	unsigned int held; /* buffers that QEMU has read and not completed */
	bool json;
};

/* SIGINT and SIGTERM: a guest must not be left stopped. */
extern volatile sig_atomic_t interrupted;

bool attack__over(const struct attack *a);
/* Asks QEMU again; follows rings that have moved. NULL or why the queue cannot be attacked now. */
const char *attack__refresh(struct attack *a);

const char *attack__ring_fits(const struct attack *a);
extern const char NO_QTEST[], NO_DRIVE[];
/* Whether that is a reason that no waiting will change. */
bool attack__hopeless(const char *why);

void tally__add(struct tally *t, const char *why);
void tally__print(const struct tally *t, FILE *out);

/* The target behind the last completion of a stopped guest. NULL or why there is none. */
const char *target__at_stop(const struct attack *a, const struct vq_info *now, struct target *t);
/*
 * Keeps what will be overwritten, of every buffer that is with the device now: on packed rings by
 * the device, on split ones by a driver that publishes the descriptors again.
 */
void target__remember(struct attack *a, const struct vq_info *now);
/*
 * How far the used index can advance with what is with the device, and how far it has advanced,
 * since a->info was taken: in buffers on split rings, in descriptors on packed ones.
 */
unsigned int target__flight(const struct attack *a);
unsigned int target__progress(const struct attack *a);
/* How many buffers QEMU has read and not completed. */
unsigned int target__buffers(const struct attack *a);
/* Of no buffer: what the plan for an index or an event word needs. */
void target__at_rest(const struct attack *a, struct target *t);
/* Calls fn for each buffer with the device (that QEMU has read, if not a->posted) until it returns
 * true.
 */
bool target__in_flight(const struct attack *a, struct target *t,
		       bool (*fn)(struct target *t, uint16_t key, void *arg), void *arg);

/* Both return how many lies were told. */
unsigned int strike(struct attack *a);
unsigned int strike_live(struct attack *a);
unsigned int strike_act(struct attack *a);
/* A lie that was told stands for as long as asked for; a transient one is taken back then. */
void attack__hold(struct attack *a, struct edit *e);
/* Between two lies. */
void attack__pause(struct attack *a);
/*
 * Watches for published chains that share a descriptor, and tells so many lies live meanwhile.
 * After a lie, a queue that QEMU refuses or that stands still is damage, too.
 */
enum watched { WATCH_NOTHING, WATCH_OVERLAP, WATCH_DAMAGE };
enum watched watch_overlap(struct attack *a, unsigned int lies);

void report__edit(const struct attack *a, const struct target *t, const struct edit *e);
/* Takes the reference to what is to be said beyond the mutation and the queue. */
void report__deed(const struct attack *a, json_t *details);
void report__overlap(const struct attack *a, unsigned int head, unsigned int other,
		     unsigned int slot);
void report__damage(const struct attack *a, const char *type);
void report__mutations(bool json);

#endif
