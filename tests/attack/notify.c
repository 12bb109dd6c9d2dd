// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts that stand for nothing. The device's MSI-X table tells which message a queue's vector
 * sends; QEMU's test socket stores it where the device would.
 */
#include <inttypes.h>

#include "attack.h"
#include "qtest.h"
#include "util.h"

/* QEMU's virtio-pci: the table lies at the start of BAR 1. */
enum { MSIX_BAR = 1, ENTRY_SIZE = 16, OFF_LOW = 0, OFF_HIGH = 4, OFF_DATA = 8, OFF_CONTROL = 12 };
#define MASKED 1u

#define STORM_INTERRUPTS 200
#define STORM_STEP_US 1000 /* time to take one, or the next would be merged with it */

struct message {
	uint64_t address;
	uint32_t data;
};

/* Linux gives vector 0 to configuration changes and the following ones to the queues in turn. */
static unsigned int vector_of(const struct attack *a)
{
	return a->vm.queue + 1;
}

static const char *read_message(struct attack *a, struct message *msg)
{
	uint64_t entry = vm__bar(&a->vm, MSIX_BAR);
	uint32_t low, high, control;

	if (!entry)
		return "QEMU does not tell where the device's MSI-X table is";
	entry += vector_of(a) * ENTRY_SIZE;
	if (qtest__readl(a->qtest, entry + OFF_LOW, &low) ||
	    qtest__readl(a->qtest, entry + OFF_HIGH, &high) ||
	    qtest__readl(a->qtest, entry + OFF_DATA, &msg->data) ||
	    qtest__readl(a->qtest, entry + OFF_CONTROL, &control))
		return "QEMU's test socket does not answer";
	msg->address = (uint64_t)high << 32 | low;
	if (!msg->address || (control & MASKED))
		return "the queue's vector is masked";
	return NULL;
}

static const char *notify(struct attack *a, unsigned int times)
{
	struct message msg;
	const char *why;
	unsigned int i;

	if (!a->qtest)
		return NO_QTEST;
	why = read_message(a, &msg);
	if (why)
		return why;
	for (i = 0; i < times && !interrupted; i++) {
		if (qtest__writel(a->qtest, msg.address, msg.data))
			return "QEMU's test socket does not answer";
		if (times > 1)
			sleep_us(STORM_STEP_US);
	}
	report__deed(a, json_pack("{s:i, s:o, s:i, s:i}", "vector", (int)vector_of(a), "address",
				  json_sprintf("%#" PRIx64, msg.address), "data", (int)msg.data,
				  "interrupts", (int)i));
	return NULL;
}

const char *act_notify_once(struct attack *a)
{
	return notify(a, 1);
}

const char *act_notify_storm(struct attack *a)
{
	return notify(a, STORM_INTERRUPTS);
}
