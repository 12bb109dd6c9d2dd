// SPDX-License-Identifier: GPL-2.0
/* Deeds that are more than one word. */
#include "attack.h"
#include "util.h"

#define POLL_US 1000

unsigned int strike_act(struct attack *a)
{
	unsigned int done = 0;
	const char *why;

	while (done < a->count && !attack__over(a)) {
		why = attack__refresh(a);
		if (!why)
			why = attack__ring_fits(a);
		if (!why)
			why = a->mutation->act(a);
		if (!why && ++done < a->count)
			attack__pause(a);
		if (!why)
			continue;
		tally__add(&a->tally, why);
		if (attack__hopeless(why))
			break;
		sleep_us(POLL_US);
	}
	return done;
}
