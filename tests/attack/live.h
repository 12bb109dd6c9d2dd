/* SPDX-License-Identifier: GPL-2.0 */
/* Lies told while the guest runs, one at a time. */
#ifndef VQ_ATTACK_LIVE_H
#define VQ_ATTACK_LIVE_H

#include "attack.h"

struct live {
	struct attack *attack;
	unsigned int done;
	struct edit edit;
	/* One lasting lie per buffer. */
	uint16_t seen[RING_MAX];
	unsigned int seen_n;
};

/* Tells one lie and reports it, or returns why not; a->info must be fresh. */
const char *live__try(struct live *live);

#endif
