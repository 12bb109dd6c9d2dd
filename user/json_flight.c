/* SPDX-License-Identifier: GPL-2.0 */
/* The operations before a violation, to JSON and back. */
#include "json_flight.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

static json_t *notify(const struct vqa_op *o)
{
	return o->flags & VQA_OP_MAYBE ? json_null() : json_boolean(o->flags & VQA_OP_NOTIFY);
}

static json_t *operation(const struct vqa_op *o)
{
	json_t *object =
		json_pack("{s:s, s:I, s:o, s:i, s:I, s:i, s:i}", "op", op__name(o->op), "time_ns",
			  (json_int_t)o->time_ns, "id",
			  o->id == VQA_OP_NO_ID ? json_null() : json_integer(o->id), "num", o->num,
			  "len", (json_int_t)o->len, "avail", o->avail, "used", o->used);

	if (o->op == VQA_OP_KICK)
		json_object_set_new(object, "notify", notify(o));
	return object;
}

json_t *json_flight(const struct flight *f)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < f->n; i++)
		json_array_append_new(array, operation(&f->op[i]));
	return array;
}

/* A whole number from 0 to @max. */
static bool number(const json_t *object, const char *key, json_int_t max, json_int_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return false;
	*ret = json_integer_value(value);
	return *ret >= 0 && *ret <= max;
}

static bool parse_numbers(const json_t *object, struct vqa_op *o)
{
	json_int_t time, num, len, avail, used;

	if (!number(object, "time_ns", INT64_MAX, &time) || !number(object, "len", ~0u, &len) ||
	    !number(object, "num", 0xffff, &num) || !number(object, "avail", 0xffff, &avail) ||
	    !number(object, "used", 0xffff, &used))
		return false;
	o->time_ns = time;
	o->len = len;
	o->num = num;
	o->avail = avail;
	o->used = used;
	return true;
}

static bool parse_id(const json_t *object, struct vqa_op *o)
{
	json_int_t id = VQA_OP_NO_ID;

	if (!json_is_null(json_object_get(object, "id")) && !number(object, "id", ~0u, &id))
		return false;
	o->id = id;
	return true;
}

static void parse_notify(const json_t *object, struct vqa_op *o)
{
	const json_t *value = json_object_get(object, "notify");

	if (o->op == VQA_OP_KICK)
		o->flags =
			json_is_boolean(value) ? json_is_true(value) * VQA_OP_NOTIFY : VQA_OP_MAYBE;
}

static const char *parse_operation(const json_t *object, struct vqa_op *o)
{
	const char *name = json_string_value(json_object_get(object, "op"));
	int op = name ? op__find(name) : -ENOENT;

	*o = (struct vqa_op){ 0 };
	if (op < 0)
		return "an operation of \"flight\" has no known \"op\"";
	o->op = op;
	if (!parse_id(object, o) || !parse_numbers(object, o))
		return "a number of an operation of \"flight\" is missing or out of range";
	parse_notify(object, o);
	return NULL;
}

int json_flight__parse(const json_t *array, struct flight *ret, const char **ret_fault)
{
	const char *fault = NULL;
	size_t n = json_array_size(array);

	ret->n = ret->torn = 0;
	if (!json_is_array(array))
		fault = "\"flight\" is no array";
	else if (n > VQA_FLIGHT_MAX)
		fault = "\"flight\" has more operations than a recorder";
	for (; !fault && ret->n < n; ret->n++)
		fault = parse_operation(json_array_get(array, ret->n), &ret->op[ret->n]);
	*ret_fault = fault;
	return fault ? -EBADMSG : 0;
}
