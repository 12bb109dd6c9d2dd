/* SPDX-License-Identifier: GPL-2.0 */
/* The options of a run, out of the command line and the configuration. */
#ifndef VQA_USER_RUN_CONFIG_H
#define VQA_USER_RUN_CONFIG_H

#include "run.h"

/**
 * run_config__build - all of them anew
 * @asked: with what the command line says, which must outlive @ret
 *
 * Return: 0, *ret then being released by run_config__free(); or -EINVAL after having said on
 * stderr all that is wrong.
 */
int run_config__build(struct run_opts *ret, const struct run_opts *asked);

/** run_config__load - the same in place, once the command line is parsed */
int run_config__load(struct run_opts *o);

/** run_config__free - what run_config__build() made */
void run_config__free(struct run_opts *o);

#endif
