/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel series of kern_patches/, as the running kernel has it. */
#ifndef VQA_USER_SERIES_H
#define VQA_USER_SERIES_H

#include <stdbool.h>

#include "kbtf.h"

/** series__traces - whether the kernel has all the tracepoints of the series */
bool series__traces(const struct kbtf *btf);

/**
 * series__is_known - whether those that it has pass the arguments that the programs read
 *
 * The verifier would refuse them otherwise, in words that name no reason.
 */
bool series__is_known(const struct kbtf *btf);

#endif
