/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TEXT_FLIGHT_H
#define VQA_USER_TEXT_FLIGHT_H

#include <stdbool.h>
#include <stdio.h>

#include "flight.h"

/** struct text_flight - which operations are printed, and how they are to be read */
struct text_flight {
	const struct flight *flight;
	unsigned int last; /* lines; 0: all */
	__u64 time_ns; /* of the violation: times are told before it */
	__u32 id; /* of its buffer, whose operations are marked */
	bool packed;
};

/** text_flight__print - a table of at most TEXT_COLUMNS columns; nothing if there is nothing */
void text_flight__print(FILE *f, const struct text_flight *t);

#endif
