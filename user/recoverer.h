/* SPDX-License-Identifier: GPL-2.0 */
/* Recovers devices whose queues are broken, on a thread of its own. */
#ifndef VQA_USER_RECOVERER_H
#define VQA_USER_RECOVERER_H

#include "recover.h"
#include "stats.h"

#define RECOVERER_ATTEMPTS 3 /* an hour, of each device */

struct recoverer;

struct recoverer_opts {
	unsigned int attempts; /* an hour, of each device; 0: RECOVERER_ATTEMPTS */
	struct recover_opts how;
};

/** recoverer__start - Return: 0 or -errno */
int recoverer__start(struct recoverer **ret, const struct recoverer_opts *opts);

/**
 * recoverer__ask - device virtio@index is to be recovered, for it was broken at @seen_ms
 *
 * Never waits. May be asked again and again for as long as it is broken: it is
 * tried once, and again only if it broke anew.
 */
void recoverer__ask(struct recoverer *r, unsigned int index, long long seen_ms);

/** recoverer__well - the same device has no broken queue */
void recoverer__well(struct recoverer *r, unsigned int index);

/** recoverer__next - an outcome that nobody was told yet; false if there is none */
bool recoverer__next(struct recoverer *r, struct recovery *ret);

/** recoverer__stop - begin nothing more, and wait for what is under way; outcomes stay */
void recoverer__stop(struct recoverer *r);

/** recoverer__free - after recoverer__stop(); NULL is fine */
void recoverer__free(struct recoverer *r);

#endif
