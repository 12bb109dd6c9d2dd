// SPDX-License-Identifier: GPL-2.0
/*
 * What a buffer's way through virtio_ring costs the driver, in instructions.
 *
 * For lab guests under qemu -icount alone, where the time stamp counter counts
 * instructions; anywhere else the module refuses to load. There is no device:
 * the module makes queues of its own and plays the device's part between the
 * driver's steps, with interrupts off and the clock read around each step.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#define RING_SIZE 8
#define MAX_CHAIN 3
#define BUFFERS 1000 /* the ring wraps a whole number of times */

enum step { ADD, KICK, DEVICE, IRQ, GET, CLOCK, NR_STEPS };

struct bench {
	struct virtqueue *vq;
	bool packed, indirect;
	unsigned int chain;
	struct scatterlist sg[MAX_CHAIN], *sgs[MAX_CHAIN];
	u16 position; /* the device's; in packed rings a slot */
	bool wrap;
	u64 spent[NR_STEPS];
	u8 data[MAX_CHAIN][64];
};

static bool dma;
module_param(dma, bool, 0444);
MODULE_PARM_DESC(dma, "buffers go through the DMA API");

static struct platform_device *parent; /* that they are mapped for */

static struct virtio_device vdev = {
	.dev.init_name = KBUILD_MODNAME,
	.vqs = LIST_HEAD_INIT(vdev.vqs),
	.vqs_list_lock = __SPIN_LOCK_UNLOCKED(vdev.vqs_list_lock),
};

static bool notify(struct virtqueue *vq)
{
	return true;
}

static void callback(struct virtqueue *vq)
{
}

/* The device returns the buffer and asks to be told of the next one. */
static void complete_split(struct bench *b)
{
	const struct vring *vring = virtqueue_get_vring(b->vq);
	u16 at = b->position++;
	u16 head = virtio16_to_cpu(&vdev, vring->avail->ring[at % RING_SIZE]);

	vring->used->ring[at % RING_SIZE].id = cpu_to_virtio32(&vdev, head);
	vring->used->ring[at % RING_SIZE].len = 0;
	vring->used->idx = cpu_to_virtio16(&vdev, b->position);
	vring_avail_event(vring) = cpu_to_virtio16(&vdev, b->position);
}

/* The driver wrote the buffer's id into its first descriptor too: it stays. */
static void complete_packed(struct bench *b)
{
	const u16 used = BIT(VRING_PACKED_DESC_F_AVAIL) | BIT(VRING_PACKED_DESC_F_USED);
	struct vring_packed_desc *desc = phys_to_virt(virtqueue_get_desc_addr(b->vq));

	desc[b->position].len = 0;
	desc[b->position].flags = cpu_to_le16(b->wrap ? used : 0);

	b->position += b->indirect ? 1 : b->chain;
	if (b->position >= RING_SIZE) {
		b->position -= RING_SIZE;
		b->wrap = !b->wrap;
	}
}

static int add_one(struct bench *b)
{
	if (b->chain == 1)
		return virtqueue_add_outbuf(b->vq, b->sg, 1, b, GFP_ATOMIC);
	return virtqueue_add_sgs(b->vq, b->sgs, b->chain - 1, 1, b, GFP_ATOMIC);
}

/* False if the queue does not behave. */
static bool one_buffer(struct bench *b)
{
	u64 at[NR_STEPS + 1];
	unsigned int len;
	enum step step;
	bool sound;

	at[ADD] = get_cycles();
	sound = !add_one(b);
	at[KICK] = get_cycles();
	sound &= virtqueue_kick_prepare(b->vq);
	at[DEVICE] = get_cycles();
	if (b->packed)
		complete_packed(b);
	else
		complete_split(b);
	at[IRQ] = get_cycles();
	sound &= vring_interrupt(0, b->vq) == IRQ_HANDLED;
	at[GET] = get_cycles();
	sound &= virtqueue_get_buf(b->vq, &len) == b;
	at[CLOCK] = get_cycles();
	at[NR_STEPS] = get_cycles();

	for (step = 0; step < NR_STEPS; step++)
		b->spent[step] += at[step + 1] - at[step] - (at[NR_STEPS] - at[CLOCK]);
	return sound;
}

static bool many_buffers(struct bench *b)
{
	int left = BUFFERS;
	unsigned long flags;

	memset(b->spent, 0, sizeof(b->spent));
	local_irq_save(flags);
	while (left && one_buffer(b))
		left--;
	local_irq_restore(flags);
	return !left;
}

#define COST(name) " " name "=%llu.%03llu"
#define PER_BUFFER(step) b->spent[step] / BUFFERS, b->spent[step] % BUFFERS
static int measure(struct bench *b, bool packed, bool indirect, unsigned int chain)
{
	int i, err = 0;

	*b = (struct bench){ .packed = packed, .indirect = indirect, .chain = chain, .wrap = true };
	for (i = 0; i < MAX_CHAIN; i++) {
		sg_init_one(&b->sg[i], b->data[i], sizeof(b->data[i]));
		b->sgs[i] = &b->sg[i];
	}
	vdev.features = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_RING_F_EVENT_IDX) |
			(u64)dma << VIRTIO_F_ACCESS_PLATFORM | (u64)packed << VIRTIO_F_RING_PACKED |
			(u64)indirect << VIRTIO_RING_F_INDIRECT_DESC;
	b->vq = vring_create_virtqueue(0, RING_SIZE, PAGE_SIZE, &vdev, true, false, false, notify,
				       callback, "ringcost");
	if (!b->vq)
		return -ENOMEM;
	if (dma)
		ssleep(2); /* to the ledger a device is new for a second */
	/* The first time is to warm up. */
	if (many_buffers(b) && many_buffers(b))
		pr_info("%s chain=%u %s" COST("add") COST("kick") COST("irq") COST("get") "\n",
			packed ? "packed" : "split", chain, indirect ? "indirect" : "direct",
			PER_BUFFER(ADD), PER_BUFFER(KICK), PER_BUFFER(IRQ), PER_BUFFER(GET));
	else
		err = -EIO;
	vring_del_virtqueue(b->vq);
	return err;
}

/* A loop of two instructions a round; inlined, its clock would be elsewhere each time. */
static noinline u64 ticks_of_loop(unsigned long rounds)
{
	unsigned long flags;
	u64 ticks;

	local_irq_save(flags);
	ticks = get_cycles();
	asm volatile("1: dec %0; jnz 1b" : "+r"(rounds) : : "cc");
	ticks = get_cycles() - ticks;
	local_irq_restore(flags);
	return ticks;
}

static int parent_init(void)
{
	parent = platform_device_register_simple(KBUILD_MODNAME, -1, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	vdev.dev.parent = &parent->dev;
	return dma_coerce_mask_and_coherent(&parent->dev, DMA_BIT_MASK(64));
}

static int __init ringcost_init(void)
{
	struct bench *b;
	int packed, err;

	if (ticks_of_loop(11000) - ticks_of_loop(1000) != 2 * 10000) {
		pr_err("the clock does not count instructions: run qemu with -icount shift=0\n");
		return -EOPNOTSUPP;
	}
	err = parent_init();
	if (err)
		return err;
	b = kmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		err = -ENOMEM;
	for (packed = 0; !err && packed <= 1; packed++) {
		err = measure(b, packed, false, 1);
		err = err ?: measure(b, packed, false, MAX_CHAIN);
		err = err ?: measure(b, packed, true, MAX_CHAIN);
	}
	kfree(b);
	if (err)
		platform_device_unregister(parent);
	return err;
}
module_init(ringcost_init);

static void __exit ringcost_exit(void)
{
	platform_device_unregister(parent);
}
module_exit(ringcost_exit);

MODULE_DESCRIPTION("Instructions spent in virtio_ring per buffer, under qemu -icount");
MODULE_LICENSE("GPL");
