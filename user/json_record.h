/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSON_RECORD_H
#define VQA_USER_JSON_RECORD_H

#include <jansson.h>

#include "recovery.h"
#include "sink.h"

/*
 * What a session has to say, as JSON: what -j prints, and all that goes by it.
 * Each returns a new reference, or NULL.
 */
json_t *json_record__start(const struct sink_start *start);
json_t *json_record__queue(const struct vqa_event *e);
json_t *json_record__violation(const struct vqa_event *e, const struct flight *flight,
			       enum tier tier);
json_t *json_record__recovery(const struct recovery *r);
json_t *json_record__lost(const struct sink_loss *loss);
json_t *json_record__stop(const struct sink_stop *stop);

#endif
