// SPDX-License-Identifier: GPL-2.0
/* What a hostile device can do that has completed a buffer, and not told so yet. */
#include <string.h>

#include "blk.h"

static void desc_addr(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e)
{
	(void)num;
	desc[e->id].addr ^= 0x1000;
}

static void desc_len(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e)
{
	(void)num;
	desc[e->id].len += 4096;
}

static void next_clear(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e)
{
	(void)num;
	desc[e->id].flags ^= VRING_DESC_F_NEXT;
}

static void used_len(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e)
{
	(void)desc;
	(void)num;
	e->len = 1U << 30;
}

static void used_id(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e)
{
	(void)desc;
	e->id = num + 7;
}

static const struct lie lies[] = {
	{ "desc-addr", "another address in the descriptor", desc_addr },
	{ "desc-len", "more bytes in the descriptor", desc_len },
	{ "next-clear", "a chain of one descriptor", next_clear },
	{ "used-len", "more bytes written than there is room for", used_len },
	{ "used-id", "a buffer that cannot exist", used_id },
};

#define LIES (sizeof(lies) / sizeof(lies[0]))

const struct lie *lie__each(const struct lie *prev)
{
	const struct lie *next = prev ? prev + 1 : lies;

	return next < lies + LIES ? next : NULL;
}

const struct lie *lie__find(const char *name)
{
	const struct lie *l = NULL;

	while ((l = lie__each(l)) && strcmp(l->name, name))
		;
	return l;
}
