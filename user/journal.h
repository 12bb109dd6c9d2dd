/* SPDX-License-Identifier: GPL-2.0 */
/* What entries of the journal have: who writes and who reads them take it from here. */
#ifndef VQA_USER_JOURNAL_H
#define VQA_USER_JOURNAL_H

#include <jansson.h>
#include <sys/uio.h>

/*
 * Kinds of entries: X(ID, "type" of the record, MESSAGE_ID, text). The ids are
 * random, made once with `systemd-id128 new`; they never change.
 */
#define JOURNAL_KINDS(X)                                                                          \
	X(START, "start", "ea4e353f65294cadb9194737f0e5c54a", "the audit began")                  \
	X(QUEUE, "queue", "5a46a4cdb7a3408f8ff87ae858d1a4e4", "a queue came, went or was broken") \
	X(VIOLATION, "violation", "abd46016cf3b4487ba6879a1b9913aea", "a rule was violated")      \
	X(RECOVERY, "recovery", "44a11e5384b5450d9aae1ab58b39d5ad",                               \
	  "a broken device was recovered, or not")                                                \
	X(LOST, "lost", "9fc06d712b28452dab25845111e6dc3f", "records or calls were lost")         \
	X(STOP, "stop", "50e7cd4ded74421b839d8cc55ca88d76", "the audit ended")

enum journal_kind {
#define X(id, type, message_id, text) JOURNAL_##id,
	JOURNAL_KINDS(X)
#undef X
		JOURNAL_KIND_COUNT,
};

/** journal__message_id - 32 hexadecimal digits */
const char *journal__message_id(enum journal_kind kind);

/* The field that has the whole record, as -j prints it. */
#define JOURNAL_JSON "VQ_AUDIT_JSON"

#define JOURNAL_FIELDS 96

/** struct journal_entry - fields, to be sent; zero it before, free it with journal__free() */
struct journal_entry {
	struct iovec field[JOURNAL_FIELDS];
	size_t n;
	int err; /* the first failure, or 0 */
};

/** journal__add - a field, "NAME=value" */
void journal__add(struct journal_entry *j, const char *name, const char *value);

/** journal__add_record - what a record says, each member that has a field, and the whole of it */
void journal__add_record(struct journal_entry *j, const json_t *record);

void journal__free(struct journal_entry *j);

#endif
