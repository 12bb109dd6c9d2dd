// SPDX-License-Identifier: GPL-2.0
/* A line for a person on standard output; with -j that goes to standard error, JSON to output. */
#include <inttypes.h>

#include "attack.h"

static const char *ring_kind(const struct attack *a)
{
	return a->ring.packed ? "packed" : "split";
}

static json_t *hex(uint64_t v)
{
	return json_sprintf("%#" PRIx64, v);
}

static void emit(json_t *obj)
{
	json_dumpf(obj, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(obj);
}

static const char *doubt(const struct target *t)
{
	if (!t->used)
		return ", in flight";
	if (t->certain)
		return "";
	return t->lags ? ", most probably unread" : ", perhaps read already";
}

static void print_edit(FILE *out, const struct attack *a, const struct target *t,
		       const struct edit *e)
{
	fprintf(out,
		"%s: %s queue %u (%s) buffer %u, %u descriptor%s%s: %s of slot %u %#" PRIx64
		" -> %#" PRIx64 "%s%s%s\n",
		a->mutation->name, a->device, a->vm.queue, ring_kind(a), t->chain.head, t->chain.n,
		t->chain.n == 1 ? "" : "s", t->chain.indirect ? " (indirect)" : "", e->field,
		e->slot, e->before, e->after, e->kind ? ", " : "", e->kind ? e->kind : "",
		doubt(t));
	fflush(out);
}

static json_t *edit_json(const struct attack *a, const struct target *t, const struct edit *e)
{
	const struct chain *c = &t->chain;
	json_t *obj;

	obj = json_pack("{s:s, s:s, s:s, s:i, s:s, s:i, s:i, s:s, s:o, s:o, s:b, s:i}", "type",
			"attack", "mutation", a->mutation->name, "device", a->device, "queue",
			(int)a->vm.queue, "ring", ring_kind(a), "head", c->head, "slot",
			(int)e->slot, "field", e->field, "before", hex(e->before), "after",
			hex(e->after), "indirect", c->indirect, "chain", c->n);
	if (e->kind)
		json_object_set_new(obj, "kind", json_string(e->kind));
	if (c->writable_known)
		json_object_set_new(obj, "writable", json_integer(c->writable));
	if (t->used)
		json_object_set_new(obj, "used_slot", json_integer(t->used_slot));
	if (t->used)
		json_object_set_new(obj, "away", json_integer(t->away));
	json_object_set_new(obj, "live", json_boolean(!t->used));
	json_object_set_new(obj, "certain", json_boolean(t->certain));
	return obj;
}

void report__edit(const struct attack *a, const struct target *t, const struct edit *e)
{
	print_edit(a->json ? stderr : stdout, a, t, e);
	if (a->json)
		emit(edit_json(a, t, e));
}

void report__overlap(const struct attack *a, unsigned int head, unsigned int other,
		     unsigned int slot)
{
	fprintf(a->json ? stderr : stdout,
		"overlap: %s queue %u: chains %u and %u, both published, share descriptor %u\n",
		a->device, a->vm.queue, head, other, slot);
	if (a->json)
		emit(json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}", "type", "overlap", "device",
			       a->device, "queue", (int)a->vm.queue, "head", (int)head, "other",
			       (int)other, "slot", (int)slot));
}

void report__damage(const struct attack *a, const char *type)
{
	fprintf(a->json ? stderr : stdout, "%s: %s queue %u\n", type, a->device, a->vm.queue);
	if (a->json)
		emit(json_pack("{s:s, s:s, s:i}", "type", type, "device", a->device, "queue",
			       (int)a->vm.queue));
}

static const char *rings_text(unsigned int rings)
{
	if (rings == ON_SPLIT)
		return "split";
	return rings == ON_PACKED ? "packed" : "split,packed";
}

void report__mutations(bool json)
{
	const struct mutation *m;

	for (m = mutations; m < mutations + mutations_n; m++)
		if (json)
			emit(json_pack("{s:s, s:s, s:s, s:b, s:s}", "type", "mutation", "name",
				       m->name, "rings", rings_text(m->rings), "live",
				       !m->needs_used, "text", m->text));
		else
			printf("%-18s %-13s %s\n", m->name, rings_text(m->rings), m->text);
}
