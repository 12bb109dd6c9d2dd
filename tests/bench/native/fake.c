// SPDX-License-Identifier: GPL-2.0
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vq_audit/check.h"

#define BUFFER_BYTES 4096
#define STATE_BYTES 48 /* of a struct vring_desc_state_*, at most */
#define INDIRECT_FEATURE 28 /* VIRTIO_RING_F_INDIRECT_DESC */

/* Bits from the beginning of a struct to a member by its plain name, through nameless unions. */
static int find_bits(const struct btf *btf, __u32 id, const char *name, size_t len, __u32 *type)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m = btf_members(t);

	for (unsigned int i = 0; i < btf_vlen(t); i++, m++) {
		const char *have = btf__name_by_offset(btf, m->name_off);
		int bits;

		*type = btf__resolve_type(btf, m->type);
		if (strlen(have) == len && !strncmp(have, name, len))
			return btf_member_bit_offset(t, i);
		if (*have || !btf_is_composite(btf__type_by_id(btf, *type)))
			continue;
		bits = find_bits(btf, *type, name, len, type);
		if (bits >= 0)
			return bits + btf_member_bit_offset(t, i);
	}
	return -ENOENT;
}

static int look_up(const struct btf *btf, const char *type, const char *member)
{
	__u32 id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const char *rest = member;
	int sum = 0, bits;

	while ((int)id > 0 && *rest) {
		size_t len = strcspn(rest, ".");

		bits = find_bits(btf, id, rest, len, &id);
		if (bits < 0)
			break;
		sum += bits / 8;
		rest += len;
		if (!*rest)
			return sum;
		rest++;
	}
	fprintf(stderr, "bench: this kernel's struct %s has no %s\n", type, member);
	return -ENOENT;
}

/* The kernel's types are many, and asked for by name: what was found is kept. */
int fake__offset(const struct btf *btf, const char *type, const char *member)
{
	static struct {
		const char *type, *member;
		int at;
	} found[32];
	unsigned int i;

	for (i = 0; i < sizeof(found) / sizeof(found[0]) && found[i].type; i++)
		if (!strcmp(found[i].type, type) && !strcmp(found[i].member, member))
			return found[i].at;
	if (i == sizeof(found) / sizeof(found[0]))
		return look_up(btf, type, member);
	found[i].type = type;
	found[i].member = member;
	return found[i].at = look_up(btf, type, member);
}

/** struct rooms - where what belongs to a queue lies, in bytes from its beginning */
struct rooms {
	size_t ring, shadow, state, avail, used, tables, end;
	size_t table; /* of one buffer: entries, and the shadow behind them */
};

static struct rooms rooms_of(const struct shape *s)
{
	struct rooms r = { .ring = 0x1000, .table = 2 * s->entries * sizeof(struct vqa_desc) };

	r.shadow = r.ring + s->num * sizeof(struct vqa_desc);
	r.state = r.shadow + s->num * sizeof(struct vqa_desc);
	r.avail = r.state + s->num * STATE_BYTES;
	r.used = r.avail + 8 + s->num * 8;
	r.tables = r.used + 8 + s->num * 8;
	r.end = r.tables + s->num * r.table;
	return r;
}

size_t fake__size(const struct shape *shape)
{
	return rooms_of(shape).end;
}

/** struct layout - what is written where */
struct layout {
	const struct btf *btf;
	__u8 *m;
	struct rooms rooms;
	int state; /* bytes of a struct vring_desc_state_* */
	int err; /* the first */
};

static void put(struct layout *l, const char *member, __u64 value, size_t size)
{
	int at = fake__offset(l->btf, "vring_virtqueue", member);

	if (at < 0)
		l->err = at;
	else
		memcpy(l->m + at, &value, size);
}

static void put_state(struct layout *l, const struct shape *s, unsigned int id, __u64 table)
{
	const char *type = s->packed ? "vring_desc_state_packed" : "vring_desc_state_split";
	int data = fake__offset(l->btf, type, "data");
	int indirect = fake__offset(l->btf, type, "indir_desc");
	int num = s->packed ? fake__offset(l->btf, type, "num") : 0;
	__u8 *state = l->m + l->rooms.state + (size_t)id * l->state;
	__u64 token = 1;
	__u16 n = s->chain;

	if (data < 0 || indirect < 0 || num < 0) {
		l->err = -ENOENT;
		return;
	}
	memcpy(state + data, &token, sizeof(token));
	memcpy(state + indirect, &table, sizeof(table));
	if (s->packed)
		memcpy(state + num, &n, sizeof(n));
}

/* As in memory: the last two fields change places on packed rings. */
static void put_desc(struct layout *l, size_t at, struct vqa_desc d, bool packed)
{
	__u16 flags = d.flags;

	if (packed) {
		d.flags = d.next;
		d.next = flags;
	}
	memcpy(l->m + at, &d, sizeof(d));
}

/* Where descriptor @k of buffer @id is: on a packed ring, in the private copy. */
static unsigned int place_of(const struct shape *s, unsigned int id, unsigned int k)
{
	return s->scattered && k ? id + s->chain - k : id + k;
}

static struct vqa_desc describe(const struct shape *s, unsigned int id, unsigned int k)
{
	struct vqa_desc d = { .addr = (__u64)(id + k) << 12, .len = BUFFER_BYTES };

	d.flags = VQA_DESC_F_WRITE | (s->packed ? VQA_DESC_F_AVAIL : 0);
	if (k + 1 < s->chain)
		d.flags |= VQA_DESC_F_NEXT;
	d.next = place_of(s, id, k + 1);
	if (!s->entries)
		return d;
	d.flags = VQA_DESC_F_INDIRECT | (s->packed ? VQA_DESC_F_AVAIL : 0);
	d.len = s->entries * sizeof(d);
	return d;
}

/* The entries, and behind them the copy that our series keeps. */
static __u64 put_table(struct layout *l, const struct shape *s, unsigned int id, __u64 at)
{
	size_t table = l->rooms.tables + id * l->rooms.table;

	for (unsigned int i = 0; i < s->entries; i++) {
		struct vqa_desc d = { .addr = (__u64)i << 12,
				      .len = BUFFER_BYTES,
				      .flags = VQA_DESC_F_WRITE,
				      .next = i + 1 };

		if (i + 1 < s->entries && !s->packed)
			d.flags |= VQA_DESC_F_NEXT;
		put_desc(l, table + sizeof(d) * (s->entries + i), d, false);
		put_desc(l, table + sizeof(d) * i, d, s->packed);
	}
	return s->entries ? at + table : 0;
}

static void put_buffer(struct layout *l, const struct shape *s, unsigned int id, __u64 at)
{
	for (unsigned int k = 0; k < s->chain; k++) {
		struct vqa_desc d = describe(s, id, k);
		unsigned int place = place_of(s, id, k);

		put_desc(l, l->rooms.shadow + sizeof(d) * place, d, false);
		if (s->packed) {
			d.next = id;
			place = id + k;
		}
		if (s->packed && !k)
			d.flags &= ~VQA_DESC_F_AVAIL; /* written last */
		put_desc(l, l->rooms.ring + sizeof(d) * place, d, s->packed);
	}
	put_state(l, s, id, put_table(l, s, id, at));
}

static void put_split(struct layout *l, __u64 at, unsigned int num)
{
	put(l, "split.vring.num", num, 4);
	put(l, "split.vring.desc", at + l->rooms.ring, 8);
	put(l, "split.vring.avail", at + l->rooms.avail, 8);
	put(l, "split.vring.used", at + l->rooms.used, 8);
	put(l, "split.desc_state", at + l->rooms.state, 8);
	put(l, "split.desc_extra", at + l->rooms.shadow, 8);
}

static void put_packed(struct layout *l, __u64 at, unsigned int num)
{
	put(l, "packed.vring.num", num, 4);
	put(l, "packed.vring.desc", at + l->rooms.ring, 8);
	put(l, "packed.vring.driver", at + l->rooms.avail, 8);
	put(l, "packed.vring.device", at + l->rooms.used, 8);
	put(l, "packed.avail_wrap_counter", 1, 1);
	put(l, "packed.desc_state", at + l->rooms.state, 8);
	put(l, "packed.desc_extra", at + l->rooms.shadow, 8);
	put(l, "last_used_idx", 1 << VQA_WRAP_BIT, 2);
}

int fake__lay_out(const struct btf *btf, __u8 *m, __u64 at, const struct shape *shape)
{
	struct layout l = { .btf = btf, .m = m, .rooms = rooms_of(shape) };
	const char *state = shape->packed ? "vring_desc_state_packed" : "vring_desc_state_split";
	unsigned int id;

	memset(m, 0, l.rooms.end);
	l.state = btf__resolve_size(btf, btf__find_by_name_kind(btf, state, BTF_KIND_STRUCT));
	if (l.state < 0 || l.state > STATE_BYTES)
		return -ENOENT;
	put(&l, "packed_ring", shape->packed, 1);
	put(&l, "indirect", shape->entries != 0, 1);
	put(&l, "vq.num_free", shape->num, 4);
	if (shape->packed)
		put_packed(&l, at, fake__num(shape));
	else
		put_split(&l, at, fake__num(shape));
	for (id = 0; id + shape->chain <= shape->num; id += shape->chain)
		put_buffer(&l, shape, id, at);
	return l.err;
}

void fake__register(struct vqa_queue *q, __u64 at, const struct shape *shape)
{
	struct rooms rooms = rooms_of(shape);

	memset(q, 0, sizeof(*q));
	q->id.vq = at;
	q->id.device = 2;
	q->id.num = fake__num(shape);
	q->id.packed = shape->packed;
	q->id.indirect = shape->entries != 0;
	q->id.shadow = VQA_SHADOW_WHOLE;
	q->features = 1ULL << INDIRECT_FEATURE;
	q->next_used = q->base_used = shape->packed ? 1 << VQA_WRAP_BIT : 0;
	q->tables.ring = at + rooms.ring;
	q->tables.shadow = at + rooms.shadow;
	q->tables.state = at + rooms.state;
	q->life = 2;
	q->random = at;
	q->untimed = 1;
	q->ready = 1;
}

int fake__enter(const struct bpf_map *places, const struct bpf_map *queues, __u32 which,
		const struct vqa_queue *q)
{
	__u64 vq = q->id.vq;
	int err = bpf_map__update_elem(places, &vq, sizeof(vq), &which, sizeof(which), 0);

	return err ?: bpf_map__update_elem(queues, &which, sizeof(which), q, sizeof(*q), 0);
}

unsigned int fake__num(const struct shape *shape)
{
	return shape->packed ? shape->num / shape->chain * shape->chain : shape->num;
}
