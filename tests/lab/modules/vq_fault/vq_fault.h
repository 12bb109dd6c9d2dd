/* SPDX-License-Identifier: GPL-2.0 */
/* A virtio driver that is guilty on request: see README.md. */
#ifndef VQ_FAULT_H
#define VQ_FAULT_H

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/version.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "private.h" /* the core's own structures, as this kernel's BTF has them */

#define to_vvq(_vq) container_of_const(_vq, struct vring_virtqueue, vq)

struct fault_dev {
	struct virtio_device *vdev;
	struct virtqueue *vq;
	struct virtqueue *odd; /* of the word queue-size */
	void *odd_pages;
	atomic_t irqs;
	char why[160]; /* of the last word that failed */
};

/* --- buffers.c --- */

/* A buffer of so many parts, readable before writable, of so many bytes each; not kicked. */
int buffers_add(struct fault_dev *d, unsigned int out, unsigned int in, u32 bytes);
/* The mapping of the third and last part fails. */
int buffers_add_unmappable(struct fault_dev *d);
/* Its memory is mapped in that direction, or, if it is not mapped, was. */
int buffers_add_mapped(struct fault_dev *d, enum dma_data_direction dir, bool mapped);
/* And another one in its memory. */
int buffers_add_over(struct fault_dev *d);
/* Its memory is published where it lies. */
int buffers_add_at_home(struct fault_dev *d);
/* Of a buffer of one part, by the driver's token, on a bus without an IOMMU. */
dma_addr_t buffer_addr(struct fault_dev *d, void *token);
void buffer_remap(struct fault_dev *d, void *token);
/* Publishes a buffer and takes it back. */
int buffers_pass(struct virtqueue *vq);
unsigned int buffers_reap(struct fault_dev *d);
void buffers_drop(struct fault_dev *d);

#define NEEDS_PREMAPPED "the core of 6.1 maps every buffer by itself"

static inline bool takes_premapped(void)
{
	return LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0);
}

/* --- publish.c --- */

/* Called while the core publishes or detaches a buffer, before any program looks at it. */
typedef void (*at_publish)(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num);
typedef void (*at_detach)(struct vring_virtqueue *vq, u32 id);

/* -EOPNOTSUPP: this kernel has no such tracepoint. */
int publish_arm(struct virtqueue *vq, at_publish fn);
int detach_arm(struct virtqueue *vq, at_detach fn);
void disarm(void);

/* What is changed in the core's memory, and changed back before the core could stumble over it. */
void change16(u16 *at, u16 to);
void change32(u32 *at, u32 to);
void change_bool(bool *at, bool to);
void undo_changes(void);

/* --- faults.c --- */

struct word {
	const char *name;
	const char *rule; /* that it violates, NULL: none */
	int (*fn)(struct fault_dev *d);
	const char *text;
	bool unbound; /* needs no device */
};

extern const struct word fault_words[];

/* Says why a word cannot be done here, and returns err. */
int refuse(struct fault_dev *d, int err, const char *why);

/* --- the rest --- */

int words_init(struct fault_dev *d);
void words_exit(void);
/* Words are done one at a time, and not while the device goes. */
void words_lock(void);
void words_unlock(void);
/* The queue that the word queue-size made, if it did. */
void odd_queue_del(struct fault_dev *d);
void state_show(struct seq_file *m, struct fault_dev *d);

/* driver.c: a bind that stops before DRIVER_OK, until it may go on. */
void early_bind(void);
void early_go(void);
void offer_swiotlb(void);

/* What the core notes of that is named otherwise in each version. */
static inline bool ring_is_packed(const struct virtqueue *vq)
{
	return virtio_has_feature(vq->vdev, VIRTIO_F_RING_PACKED);
}

static inline bool is_indirect(const struct virtqueue *vq)
{
	return virtio_has_feature(vq->vdev, VIRTIO_RING_F_INDIRECT_DESC);
}

#endif
