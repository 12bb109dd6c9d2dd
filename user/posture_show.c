/* SPDX-License-Identifier: GPL-2.0 */
/* What protects the guest's memory from its devices, in words and as JSON. */
#include "posture_show.h"

#include <string.h>

#include "jsonl.h"
#include "names.h"
#include "text.h"

#define INDENT 4
#define NAME_ESCAPED (4 * POSTURE_NAME)
#define NAME_UTF8 (3 * POSTURE_NAME)

/* --- text ------------------------------------------------------------------- */

static const char *in_words(enum fact f)
{
	return f == FACT_UNKNOWN ? "unknown" : f == FACT_YES ? "yes" : "no";
}

static void print_facts(FILE *f, const struct posture_device *d, const struct posture *p)
{
	const struct posture_facts *facts = &d->facts;
	char line[TEXT_COLUMNS * 4];

	snprintf(line, sizeof(line),
		 "protected by: %s; ACCESS_PLATFORM %s, DMA API %s, IOMMU %s, "
		 "force_bounce %s, restricted pool %s, indirect tables %s",
		 posture__protection_name(p->protection), facts->access_platform ? "yes" : "no",
		 in_words(facts->dma_api), posture__iommu_name(facts->iommu),
		 in_words(facts->bounce), in_words(facts->restricted),
		 posture__tables_name(p->tables));
	text__wrap(f, fprintf(f, "%*s", INDENT, ""), INDENT, line);
}

/* What any device can do that has a driver is said once. */
#define OF_ALL (POSTURE_BIT(POSTURE_EXPOSURE_RINGS) | POSTURE_BIT(POSTURE_EXPOSURE_CONFIG))

static void print_exposures(FILE *f, unsigned int bits)
{
	for (enum posture_exposure e = 0; e < POSTURE_EXPOSURE_COUNT; e++)
		if (bits & POSTURE_BIT(e))
			text__wrap(f, fprintf(f, "%*s- ", INDENT, ""), INDENT + 2,
				   posture__exposure_text(e));
}

static void print_device(FILE *f, const struct posture_device *d, const struct posture *p)
{
	char type[16], bus[NAME_ESCAPED], driver[NAME_ESCAPED];

	fprintf(f, "\nvirtio%u  %s  %s  %s: %s\n", d->index,
		device_type__format(d->type, type, sizeof(type)),
		text__escape(bus, sizeof(bus), d->bus),
		d->driver[0] ? text__escape(driver, sizeof(driver), d->driver) : "no driver",
		posture__verdict_name(p->verdict));
	print_facts(f, d, p);
	print_exposures(f, p->exposures & ~OF_ALL);
}

static void print_head(FILE *f, const struct posture_report *r)
{
	char line[TEXT_COLUMNS * 4];

	snprintf(line, sizeof(line),
		 "memory encryption: %s; judged as in a guest that %s trust its hypervisor",
		 guest_memory__name(r->memory), r->confidential ? "does not" : "has to");
	text__wrap(f, 0, 0, line);
	snprintf(line, sizeof(line), "%zu device%s: %zu unprotected, %zu not known", r->n,
		 text__plural(r->n), r->unprotected, r->unknown);
	text__wrap(f, 0, 0, line);
}

void posture_show__text(struct out *o, const struct posture_report *r)
{
	FILE *f = out__begin(o);

	if (!f)
		return;
	print_head(f, r);
	for (size_t i = 0; i < r->n; i++)
		print_device(f, &r->devices[i], &r->judged[i]);
	fprintf(f, "\nany device that has a driver, whatever protects memory:\n");
	print_exposures(f, OF_ALL);
	out__end(o);
}

/* --- JSON ------------------------------------------------------------------- */

static json_t *json_name(const char *name)
{
	char utf8[NAME_UTF8];

	return name[0] ? json_string(text__utf8(utf8, sizeof(utf8), name)) : json_null();
}

static json_t *json_fact(enum fact f)
{
	return f == FACT_UNKNOWN ? json_null() : json_boolean(f == FACT_YES);
}

/* What is unknown is null, as facts are. */
static json_t *json_known(const char *name)
{
	return strcmp(name, "unknown") ? json_string(name) : json_null();
}

static json_t *json_exposures(unsigned int bits)
{
	json_t *array = json_array();

	for (enum posture_exposure e = 0; e < POSTURE_EXPOSURE_COUNT; e++)
		if (bits & POSTURE_BIT(e))
			json_array_append_new(array, json_pack("{s:s, s:s}", "exposure",
							       posture__exposure_name(e), "text",
							       posture__exposure_text(e)));
	return array;
}

static json_t *json_facts(const struct posture_device *d)
{
	const struct posture_facts *f = &d->facts;
	char virtio[24], type[16];

	snprintf(virtio, sizeof(virtio), "virtio%u", d->index);
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o}",
			 "type", "posture", "virtio", virtio, "bus", json_name(d->bus), "device",
			 device_type__format(d->type, type, sizeof(type)), "device_id",
			 (json_int_t)d->type, "transport", json_name(d->transport), "driver",
			 json_name(d->driver), "access_platform", f->access_platform, "indirect",
			 f->indirect, "iommu", json_known(posture__iommu_name(f->iommu)), "dma_api",
			 json_fact(f->dma_api), "own_operations", json_fact(f->own_ops),
			 "force_bounce", json_fact(f->bounce), "restricted_pool",
			 json_fact(f->restricted));
}

static json_t *json_device(const struct posture_device *d, const struct posture *p)
{
	json_t *record = json_facts(d);

	json_object_update_new(record,
			       json_pack("{s:o, s:o, s:s, s:o}", "tables",
					 json_known(posture__tables_name(p->tables)), "protection",
					 json_known(posture__protection_name(p->protection)),
					 "verdict", posture__verdict_name(p->verdict), "exposures",
					 json_exposures(p->exposures)));
	return record;
}

void posture_show__json(struct out *o, const struct posture_report *r)
{
	jsonl__write(o, json_pack("{s:s, s:o, s:b, s:I, s:I, s:I}", "type", "guest", "memory",
				  json_known(guest_memory__name(r->memory)), "confidential",
				  r->confidential, "devices", (json_int_t)r->n, "unprotected",
				  (json_int_t)r->unprotected, "unknown", (json_int_t)r->unknown));
	for (size_t i = 0; i < r->n; i++)
		jsonl__write(o, json_device(&r->devices[i], &r->judged[i]));
}
