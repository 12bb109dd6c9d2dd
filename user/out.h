/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_OUT_H
#define VQA_USER_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

#include "exit.h"

/**
 * struct out - where records go: each is written whole and at once, or counted
 *
 * A failure is named once on stderr, and writing is tried again with each
 * further record: a disk may have room later.
 */
struct out {
	int fd;
	const char *name; /* for messages */
	size_t largest_write; /* bytes at once */
	FILE *record; /* while one is being put together */
	char *text;
	size_t size;
	bool torn; /* the last record was written in part */
	int err; /* the last failure, positive, or 0 */
	__u64 failed; /* records that could not be written */
};

/** out__init - records go to @fd, which stays the caller's */
void out__init(struct out *o, int fd, const char *name);

/** out__begin - start a record; NULL, with the record counted, if memory is short */
FILE *out__begin(struct out *o);

/**
 * out__end - write the record that out__begin() started
 *
 * Return: 0, or -errno, the record then being counted as failed.
 */
int out__end(struct out *o);

/** out__abandon - drop the record that out__begin() started, and count it; returns -@err */
int out__abandon(struct out *o, int err);

/** out__fail - count a record that could not even be put together; returns -@err */
int out__fail(struct out *o, int err);

/** out__gone - whether nobody reads any more */
bool out__gone(const struct out *o);

/** out__exit - @code, or the code for failed output if that would hide a failure */
enum vqa_exit out__exit(const struct out *o, enum vqa_exit code);

#endif
