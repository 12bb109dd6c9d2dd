/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_ONELINE_H
#define VQA_USER_ONELINE_H

#include "recovery.h"
#include "sink.h"

#define ONELINE_SIZE 1024

/*
 * What a session has to say, each as one line of plain ASCII without its end,
 * for logs whose records are lines. Each returns @buf.
 */
char *oneline__start(const struct sink_start *start, char buf[ONELINE_SIZE]);
char *oneline__queue(const struct vqa_event *e, char buf[ONELINE_SIZE]);
char *oneline__violation(const struct vqa_event *e, enum tier tier, char buf[ONELINE_SIZE]);
char *oneline__recovery(const struct recovery *r, char buf[ONELINE_SIZE]);
char *oneline__lost(const struct sink_loss *loss, char buf[ONELINE_SIZE]);
char *oneline__stop(const struct sink_stop *stop, char buf[ONELINE_SIZE]);

/** oneline__priority_of - that of an outcome */
int oneline__priority_of(const struct recovery *r);

/** oneline__priority - that of an event: LOG_EMERG to LOG_DEBUG of <syslog.h> */
int oneline__priority(const struct vqa_event *e);

#endif
