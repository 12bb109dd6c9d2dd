/* SPDX-License-Identifier: GPL-2.0 */
/* What must be the same for a daemon to take an audit over from another one. */
#ifndef VQA_USER_FACTS_H
#define VQA_USER_FACTS_H

#include "audit.h"
#include "vq_audit/facts.h"

struct bpf_object;

/** facts__of - those of an audit with @opts by the programs of @obj, opened only. 0 or -errno */
int facts__of(struct vqa_facts *ret, const struct bpf_object *obj, const struct audit_opts *opts);

/**
 * facts__prepare - find an audit to take over, or make room for one; before loading
 * @ret: its facts, or those that it is to have
 * @taken_over: which of the two
 *
 * Return: 0; or -errno after having said what is wrong.
 */
int facts__prepare(struct vqa_facts *ret, struct bpf_object *obj, const struct audit_opts *opts,
		   bool *taken_over);

/** facts__leave - all of it hangs: from here on it does without us. 0 or -errno, as above */
int facts__leave(struct vqa_facts *facts, int map_fd);

/**
 * facts__same - whether who would have @wanted can take over from @there
 *
 * Return: 0; or -EPROTO (another version's layout) or -EEXIST (other options), after having said
 * each difference and the way out.
 */
int facts__same(const struct vqa_facts *there, const struct vqa_facts *wanted);

#endif
