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

#define TEXT_FLIGHT_CELL 32

/** struct text_flight_row - an operation in words; "-" stands for what there is none of */
struct text_flight_row {
	char time[TEXT_FLIGHT_CELL], id[TEXT_FLIGHT_CELL], num[TEXT_FLIGHT_CELL];
	char len[TEXT_FLIGHT_CELL], avail[TEXT_FLIGHT_CELL], used[TEXT_FLIGHT_CELL];
	const char *note;
};

/** text_flight__row - @to_ns: from when times are told, in ms */
void text_flight__row(struct text_flight_row *row, const struct vqa_op *o, __u64 to_ns,
		      bool packed);

/** text_flight__print - a table of at most TEXT_COLUMNS columns; nothing if there is nothing */
void text_flight__print(FILE *f, const struct text_flight *t);

#endif
