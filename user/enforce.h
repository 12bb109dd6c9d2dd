/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_ENFORCE_H
#define VQA_USER_ENFORCE_H

#include "policies.h"
#include "tier.h"

/** enforce__can - whether @tier can do what the policies ask for; says on stderr why not */
bool enforce__can(const struct policies *p, enum tier tier);

#endif
