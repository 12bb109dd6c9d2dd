/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSON_STATS_H
#define VQA_USER_JSON_STATS_H

#include <jansson.h>

#include "stats.h"

/**
 * json_stats - a "stats" record
 * @final: true for the last one of a run
 *
 * Return: a new reference, or NULL if memory is short.
 */
json_t *json_stats(const struct stats *stats, bool final);

#endif
