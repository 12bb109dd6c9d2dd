/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers in little room. TOP_UNKNOWN is a hyphen; each returns @buf. */
#ifndef VQA_USER_TOP_NUMBER_H
#define VQA_USER_TOP_NUMBER_H

#include <stddef.h>
#include <linux/types.h>

#define TOP_UNKNOWN (~0ULL)
#define TOP_NUMBER 24 /* room for any of them */

/** top_number__count - in at most @width columns, 4 or more: 98304, or 98k */
const char *top_number__count(__u64 n, unsigned int width, char buf[TOP_NUMBER]);

/** top_number__time - in five columns: 830ns, 1.2ms, 47s, 3h */
const char *top_number__time(__u64 ns, char buf[TOP_NUMBER]);

/** top_number__share - in six columns: 100% if that is all of it, and less if it is not */
const char *top_number__share(__u64 part, __u64 whole, char buf[TOP_NUMBER]);

#endif
