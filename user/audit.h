/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_AUDIT_H
#define VQA_USER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "kbtf.h"
#include "policies.h"
#include "tier.h"
#include "windows.h"
#include "vq_audit/dump.h"
#include "vq_audit/facts.h"
#include "vq_audit/ledger.h"

/** struct audit - the BPF programs of a tier, in the kernel */
struct audit;

struct audit_opts {
	enum tier tier;
	const struct kbtf *btf; /* read during audit__open() only */
	struct policies policies; /* read during audit__open() only */
	__u32 rate; /* records per second, rule and queue; 0: no limit */
	__u32 max_queues;
	__u32 recorder; /* operations kept of each queue: 0, or a power of two */
	__u32 latency; /* one buffer of so many is timed; 0: none */
	__u32 ring_bytes; /* of the event buffer: a power of two, at least a page */
	bool registry_only; /* find queues, audit nothing */
	__u32 stall_ms; /* that a device may have a request; 0: as long as it likes */
	bool progress; /* load what looking at progress takes */
	bool sweep; /* load what sweeping takes */
	bool sweep_optional; /* or go on without, and say so */
	bool dump; /* and what copying a ring takes */
	__u32 max_mappings; /* of the ledger of DMA mappings; 0: keep none */
	unsigned int thins; /* enum vqa_thins */
	bool pin; /* to outlive the process (pins.h), or take over what did; pins__lock() first */
	const struct windows *windows; /* where devices may reach; read during audit__open() */
};

/**
 * audit__open - load the programs; nothing runs yet
 *
 * Return: 0, *ret then being owned by the caller (audit__free()); or -errno,
 * after having said on stderr what is wrong and what to do.
 */
int audit__open(struct audit **ret, const struct audit_opts *opts);

/**
 * audit__view - look at the audit that is pinned, without a part in it: it is read, never written,
 * and ends when its own process or "unpin" says so
 * @btf: read during the call only
 *
 * What sweeps, looks or changes anything is not for such a one. Return: -ENOENT, without a word,
 * if none is pinned; or as audit__open().
 */
int audit__view(struct audit **ret, const struct kbtf *btf);

/** audit__facts - of the audit that is pinned, and viewed: what it was begun with */
const struct vqa_facts *audit__facts(const struct audit *a);

/** audit__still_pinned - whether the one that is viewed is still the one there */
bool audit__still_pinned(const struct audit *a);

/**
 * audit__attach - let the programs run; the one that turns verdicts on comes last
 *
 * On a tier that can, each queue that exists is announced; not again to who takes over. Return as
 * audit__open().
 */
int audit__attach(struct audit *a);

/** audit__is_taken_over - whether it ran before, with another process */
bool audit__is_taken_over(const struct audit *a);

/** audit__goes_on - whether it outlives audit__detach(), for it is pinned still */
bool audit__goes_on(const struct audit *a);

/**
 * audit__detach - stop the programs, in reverse order; the maps stay readable
 *
 * What is pinned goes on.
 */
void audit__detach(struct audit *a);

/** audit__free - detach and release; NULL is fine */
void audit__free(struct audit *a);

/** audit__next_queue - the queue behind @prev (NULL: the first), by address; -ENOENT */
int audit__next_queue(const struct audit *a, const __u64 *prev, __u64 *vq);

/** audit__read_queue - copy a queue's state; -ENOENT if it is gone, or not ready yet */
int audit__read_queue(const struct audit *a, __u64 vq, struct vqa_queue *q);

/** audit__read_gone - what queues counted that were deleted. Return: 0 or -errno */
int audit__read_gone(const struct audit *a, struct vqa_gone *ret);

/* The file descriptor of a map; it belongs to @a. */
int audit__events_fd(const struct audit *a);

/** audit__read_losses - the sums over all CPUs, enum vqa_loss. Return: 0 or -errno */
int audit__read_losses(const struct audit *a, __u64 *ret);

/** audit__read_ledger - the same of level dma, enum vqa_ledger */
int audit__read_ledger(const struct audit *a, __u64 *ret);

/**
 * audit__survey - read the driver's side of a queue
 * @vq: address, as in struct vqa_queue_id
 * @follow: follow the free list and the chains in flight as well
 *
 * Return: 0, -ENOENT if the queue is gone, or -errno.
 */
int audit__survey(const struct audit *a, __u64 vq, bool follow, struct vqa_survey *ret);

/**
 * audit__set_policies - what is done about violations from now on, on queues that there are
 * and those to come
 *
 * Return: the number of queues that there are, or -errno; some may be as before then.
 */
int audit__set_policies(struct audit *a, const struct policies *p);

/**
 * audit__set_windows - before anything runs: where devices may reach
 *
 * Return: 0 or -errno.
 */
int audit__set_windows(const struct audit *a, const struct windows *w);

/**
 * audit__offer - what a device offers by now, unless the operator spoke of it; none of them:
 * nothing
 *
 * Return: 0 or -errno.
 */
int audit__offer(const struct audit *a, const char bus[VQA_NAME_LEN], const struct vqa_windows *w);

/** audit__set_sample - compare one buffer of @n from now on, if the programs thin out at all */
void audit__set_sample(struct audit *a, unsigned int n);

/** audit__can_sweep - whether the sweep's program was loaded */
bool audit__can_sweep(const struct audit *a);

/** audit__sweep - one call of the sweep's program; return as audit__survey() */
int audit__sweep(const struct audit *a, struct vqa_sweep *s);

/** audit__can_look - whether the program that looks at progress was loaded */
bool audit__can_look(const struct audit *a);

/** audit__look - one call of it; return as audit__survey() */
int audit__look(const struct audit *a, struct vqa_sweep *s);

/** audit__has_ledger - whether a ledger of DMA mappings is kept */
bool audit__has_ledger(const struct audit *a);

/** audit__ledger - a pass over it. Return: 0 or -errno */
int audit__ledger(const struct audit *a, struct vqa_ledger_pass *ret);

/** audit__dump - copy a ring; return as audit__survey() */
int audit__dump(const struct audit *a, __u64 vq, struct vqa_dump *ret);

/** audit__program - name and file descriptor of attached program @i; NULL behind the end */
const char *audit__program(const struct audit *a, size_t i, int *ret_fd);

#endif
