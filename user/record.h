/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_RECORD_H
#define VQA_USER_RECORD_H

#include <stdbool.h>

#include "sink.h"

/**
 * struct record - a file of violations, written beside what other sinks show
 *
 * JSON lines: the start, each violation with the operations before it, queues
 * that broke, losses, the end.
 */
struct record {
	struct out out;
	struct sink sink;
	struct sink_ops ops;
	const char *path;
	bool created;
	bool begun; /* there is, or should be, something in it */
};

/**
 * record__open - make sure of the file, and leave what is in it alone for now
 * @force: an existing file is fine, and will be overwritten
 *
 * Return: 0, or -errno after having said on stderr what is wrong.
 */
int record__open(struct record *r, const char *path, bool force);

/** record__begin - empty the file; returns the sink that feeds it, a part of @r */
struct sink *record__begin(struct record *r, enum tier tier);

/**
 * record__close - the file reaches its disk; one that was made for nothing is removed
 *
 * Return: @code, or the code for failed output if that would hide a failure.
 */
enum vqa_exit record__close(struct record *r, enum vqa_exit code);

#endif
