/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_CONFIG_SHOW_H
#define VQA_USER_CONFIG_SHOW_H

#include <stdbool.h>

#include "exit.h"

/**
 * config_show__run - judge the configuration, and print what would be in force
 * @path: as for --config; NULL: the default
 *
 * Starts nothing, and needs no privilege.
 */
enum vqa_exit config_show__run(const char *path, bool json);

#endif
