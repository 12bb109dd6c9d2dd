/* SPDX-License-Identifier: GPL-2.0 */
/* QEMU's test socket: loads and stores at guest-physical addresses, devices included. */
#ifndef VQ_ATTACK_QTEST_H
#define VQ_ATTACK_QTEST_H

#include <stdint.h>

struct qtest;

/* All return 0 or -errno. */
int qtest__open(struct qtest **ret_qtest, const char *path);
void qtest__free(struct qtest *qtest);
int qtest__readl(struct qtest *qtest, uint64_t gpa, uint32_t *ret);
int qtest__writel(struct qtest *qtest, uint64_t gpa, uint32_t value);

#endif
