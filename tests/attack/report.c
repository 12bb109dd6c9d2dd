// SPDX-License-Identifier: GPL-2.0
/* A line for a person on standard output; with -j that goes to standard error, JSON to output. */
#include <inttypes.h>
#include <stdlib.h>

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
	if (!t->chain.n)
		return "";
	if (!t->used)
		return ", in flight";
	if (t->certain)
		return "";
	return t->lags ? ", most probably unread" : ", perhaps read already";
}

static void print_buffer(FILE *out, const struct chain *c)
{
	if (c->n)
		fprintf(out, "buffer %u, %u descriptor%s%s: ", c->head, c->n, c->n == 1 ? "" : "s",
			c->indirect ? " (indirect)" : "");
}

static void print_edit(FILE *out, const struct attack *a, const struct target *t,
		       const struct edit *e)
{
	fprintf(out, "%s: %s queue %u (%s) ", a->mutation->name, a->device, a->vm.queue,
		ring_kind(a));
	print_buffer(out, &t->chain);
	fprintf(out, "%s ", e->field);
	if (e->slot >= 0)
		fprintf(out, "of slot %d ", e->slot);
	fprintf(out, "%#" PRIx64 " -> %#" PRIx64, e->before, e->after);
	if (e->swap)
		fprintf(out, ", exchanged with slot %d", e->swap_slot);
	fprintf(out, "%s%s%s", e->kind ? ", " : "", e->kind ? e->kind : "", doubt(t));
	if (e->silent)
		fprintf(out, ", %u completed in silence", e->silent);
	if (e->transient)
		fprintf(out, ", for %" PRIu64 " us%s", e->stood_us,
			e->overwritten ? ", then overwritten by the guest" : "");
	fputc('\n', out);
	fflush(out);
}

static void add_buffer(json_t *obj, const struct target *t)
{
	const struct chain *c = &t->chain;
	json_t *buffer;

	buffer = json_pack("{s:i, s:b, s:i}", "head", c->head, "indirect", c->indirect, "chain",
			   c->n);
	json_object_update(obj, buffer);
	json_decref(buffer);
	if (c->writable_known)
		json_object_set_new(obj, "writable", json_integer(c->writable));
	if (t->used) {
		json_object_set_new(obj, "used_slot", json_integer(t->used_slot));
		json_object_set_new(obj, "away", json_integer(t->away));
	}
}

static json_t *edit_json(const struct attack *a, const struct target *t, const struct edit *e)
{
	json_t *obj;

	obj = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:i, s:o, s:o, s:b, s:b}", "type",
			"attack", "mutation", a->mutation->name, "device", a->device, "queue",
			(int)a->vm.queue, "ring", ring_kind(a), "field", e->field, "gpa",
			hex(ram__gpa(&a->ram, e->at)), "width", (int)e->width, "before",
			hex(e->before), "after", hex(e->after), "live", !t->used, "certain",
			t->certain);
	if (e->slot >= 0)
		json_object_set_new(obj, "slot", json_integer(e->slot));
	if (e->swap)
		json_object_set_new(obj, "swap_slot", json_integer(e->swap_slot));
	if (e->kind)
		json_object_set_new(obj, "kind", json_string(e->kind));
	if (t->chain.n)
		add_buffer(obj, t);
	if (e->silent)
		json_object_set_new(obj, "silent", json_integer(e->silent));
	if (e->transient) {
		json_object_set_new(obj, "stood_us", json_integer(e->stood_us));
		json_object_set_new(obj, "overwritten", json_boolean(e->overwritten));
	}
	return obj;
}

void report__edit(const struct attack *a, const struct target *t, const struct edit *e)
{
	print_edit(a->json ? stderr : stdout, a, t, e);
	if (a->json)
		emit(edit_json(a, t, e));
}

void report__deed(const struct attack *a, json_t *details)
{
	char *text = json_dumps(details, JSON_COMPACT);
	json_t *obj = json_pack("{s:s, s:s, s:s, s:i}", "type", "attack", "mutation",
				a->mutation->name, "device", a->device, "queue", (int)a->vm.queue);

	fprintf(a->json ? stderr : stdout, "%s: %s queue %u: %s\n", a->mutation->name, a->device,
		a->vm.queue, text);
	free(text);
	json_object_update(obj, details);
	json_decref(details);
	if (a->json)
		emit(obj);
	else
		json_decref(obj);
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
	switch (rings & ON_BOTH) {
	case ON_SPLIT:
		return "split";
	case ON_PACKED:
		return "packed";
	default:
		return "split,packed";
	}
}

static const char *event_idx_text(unsigned int rings)
{
	if (rings & WITH_EVENT_IDX)
		return "on";
	return rings & WITHOUT_EVENT_IDX ? "off" : "any";
}

static const char *when_text(unsigned int when)
{
	if (!(when & (IN_FLIGHT | AT_REST)))
		return "stop";
	return when & AT_STOP ? "stop,live" : "live";
}

void report__mutations(bool json)
{
	const struct mutation *m;

	if (!json)
		printf("%-18s %-12s  %-9s  %-9s  %-7s  %s\n", "NAME", "RINGS", "EVENT_IDX", "TOLD",
		       "HARM", "WHAT");
	for (m = mutations; m < mutations + mutations_n; m++)
		if (json)
			emit(json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "type", "mutation",
				       "name", m->name, "rings", rings_text(m->rings), "event_idx",
				       event_idx_text(m->rings), "live", m->when != AT_STOP, "harm",
				       harm__name(m->harm), "text", m->text));
		else
			printf("%-18s %-12s  %-9s  %-9s  %-7s  %s\n", m->name, rings_text(m->rings),
			       event_idx_text(m->rings), when_text(m->when), harm__name(m->harm),
			       m->text);
}
