/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_MESSAGE_H
#define VQA_USER_MESSAGE_H

#include "sink.h"

/**
 * struct message - what a session has to say, once, for any number of sinks
 *
 * Never changes once it is made. Counted references, from any thread.
 */
struct message;

/* Each returns a message with one reference, or NULL; what it says is copied. */
struct message *message__start(const struct sink_start *start);
struct message *message__event(const struct vqa_event *e, const struct flight *flight);
struct message *message__recovery(const struct recovery *r);
struct message *message__stats(const struct stats *stats, bool final);
struct message *message__tick(const struct stats *stats);
struct message *message__lost(const struct sink_loss *loss);
struct message *message__stop(const struct sink_stop *stop);

struct message *message__get(struct message *m);
void message__put(struct message *m);

/** message__size - bytes that it takes */
size_t message__size(const struct message *m);

/** message__wanted - whether a sink with these ops has any use for it */
bool message__wanted(const struct message *m, const struct sink_ops *ops);

/** message__deliver - call the sink's op for it; returns what that returns */
int message__deliver(const struct message *m, struct sink *s);

#endif
