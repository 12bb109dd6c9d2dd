/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_POSTURE_RUN_H
#define VQA_USER_POSTURE_RUN_H

#include "exit.h"
#include "look.h"

/**
 * posture__run - find, judge and show what protects the guest's memory from each device
 * @confidential: judge as in a guest that is protected from its hypervisor, seen or not
 *
 * Return: VQA_EXIT_DIVERGENCE if such a guest has a device that nothing limits.
 */
enum vqa_exit posture__run(const struct look_opts *look, bool confidential);

#endif
