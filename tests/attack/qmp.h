/* SPDX-License-Identifier: GPL-2.0 */
/* One QMP connection. Replies are waited for; events are skipped. */
#ifndef VQ_ATTACK_QMP_H
#define VQ_ATTACK_QMP_H

#include <jansson.h>

struct qmp;

/* Tries for timeout_ms, because QEMU may still be starting. 0 or -errno. */
int qmp__open(struct qmp **ret_qmp, const char *path, unsigned int timeout_ms);
void qmp__free(struct qmp *qmp);

/*
 * Takes the reference to args (may be NULL). Returns what "return" holds, or NULL: then *ret_err
 * is -EREMOTEIO when QEMU refused the command and another -errno when the connection is gone.
 */
json_t *qmp__cmd(struct qmp *qmp, const char *name, json_t *args, int *ret_err);

#endif
