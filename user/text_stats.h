/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TEXT_STATS_H
#define VQA_USER_TEXT_STATS_H

#include <stdio.h>

#include "stats.h"

/** text_stats__print - a line for each queue, and what was lost or skipped */
void text_stats__print(FILE *f, const struct stats *stats, bool final);

#endif
