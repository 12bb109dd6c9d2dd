/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TEXT_H
#define VQA_USER_TEXT_H

#include <stdio.h>

#include "vq_audit/abi.h"

#define TEXT_COLUMNS 100

/* Room for a name of the ABI, each byte escaped as \xNN, and the NUL. */
#define TEXT_NAME_SIZE (4 * VQA_NAME_LEN)

/* Room for a name of the ABI, each byte replaced by U+FFFD, and the NUL. */
#define TEXT_UTF8_SIZE (3 * VQA_NAME_LEN)

/**
 * text__escape - make a string that others chose safe to print on a terminal
 *
 * Bytes outside printable ASCII, the backslash and the double quote become
 * \xNN. What does not fit in @size is left out at a character's boundary.
 *
 * Return: @dst.
 */
char *text__escape(char *dst, size_t size, const char *src);

/**
 * text__utf8 - copy, with U+FFFD for each byte that is not valid UTF-8
 *
 * jansson refuses invalid UTF-8, and a record must not be lost over a name.
 *
 * Return: @dst.
 */
char *text__utf8(char *dst, size_t size, const char *src);

/**
 * text__flags - descriptor flags as text, in columns that line up
 * @flags: VRING_DESC_F_*, on packed rings with AVAIL and USED
 * @columns: the flags that get a column; one that is not in @flags shows as
 *	dashes, so that two lines with the same columns can be compared by eye.
 *	Bits without a name show together, in hexadecimal.
 *
 * Return: @dst; "0" if there are no columns.
 */
char *text__flags(char *dst, size_t size, __u16 flags, __u16 columns);

/**
 * text__flag_name - the name of the lowest flag in @flags, or NULL if it has none
 */
const char *text__flag_name(__u16 flags);

/**
 * text__mark_diff - a line with ^ under each character in which two strings differ
 * @dst: as long as the longer string; needs a byte more than that
 *
 * Return: the number of marks.
 */
unsigned int text__mark_diff(char *dst, size_t size, const char *a, const char *b);

/**
 * text__wrap - print a paragraph of at most TEXT_COLUMNS columns
 * @column: where the cursor is
 * @indent: spaces before each further line
 *
 * Ends the last line. Breaks at spaces only.
 */
void text__wrap(FILE *f, unsigned int column, unsigned int indent, const char *text);

/** text__plural - "s" unless @n is 1 */
const char *text__plural(unsigned long long n);

#endif
