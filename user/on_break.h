/* SPDX-License-Identifier: GPL-2.0 */
/* What is done once a queue is broken, device by device. */
#ifndef VQA_USER_ON_BREAK_H
#define VQA_USER_ON_BREAK_H

#include <stdbool.h>
#include <stddef.h>

/* X(ID, what users type) */
#define ON_BREAKS(X)          \
	X(LEAVE, "leave")     \
	X(RECOVER, "recover") \
	X(PANIC, "panic")

enum on_break_action {
#define X(id, word) ON_BREAK_##id,
	ON_BREAKS(X)
#undef X
		ON_BREAK_COUNT,
};

struct on_break_row;

/** struct on_break - a word for each device; zeroed: leave, for all */
struct on_break {
	enum on_break_action other; /* of devices that no row names */
	struct on_break_row *rows;
	size_t n;
};

/** on_break__word - the action that a word means, or -EINVAL */
int on_break__word(const char *word);
const char *on_break__name(enum on_break_action action);

/**
 * on_break__set - what is done about @device: its name, or its parent's; NULL: any other
 *
 * The last word about a device counts. Return: 0 or -ENOMEM.
 */
int on_break__set(struct on_break *o, const char *device, enum on_break_action action);

/**
 * on_break__parse - apply "WHAT" or "DEVICE=WHAT"
 * @why: gets a message for the user on -EINVAL
 *
 * Return: 0, -EINVAL or -ENOMEM; @o is unchanged then.
 */
int on_break__parse(struct on_break *o, const char *text, char *why, size_t size);

/** on_break__of - what is done about a device, by its parent's name, or else by its own */
enum on_break_action on_break__of(const struct on_break *o, const char *name, const char *bus);

/** on_break__asks - whether anything is ever done so */
bool on_break__asks(const struct on_break *o, enum on_break_action action);

/** on_break__same - whether both say the same about each device that either names */
bool on_break__same(const struct on_break *a, const struct on_break *b);

void on_break__free(struct on_break *o);

#endif
