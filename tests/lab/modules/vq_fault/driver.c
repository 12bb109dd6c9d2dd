// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of a virtio-rng device that never asks for anything unless it is told to. Bind it in
 * place of virtio_rng; the interrupt only counts, so that completions stay unread until "reap".
 */
#include <linux/module.h>
#include <linux/virtio_ids.h>

#include "vq_fault.h"

#define EARLY_SECONDS 60

static struct fault_dev the_device;
#define F_SWIOTLB 27 /* VIRTIO_F_SWIOTLB, as proposed */

static bool early, offered;
static DECLARE_COMPLETION(go);

void early_bind(void)
{
	reinit_completion(&go);
	early = true;
}

void early_go(void)
{
	complete(&go);
}

void offer_swiotlb(void)
{
	offered = true;
}

static void fault_irq(struct virtqueue *vq)
{
	struct fault_dev *d = vq->vdev->priv;

	atomic_inc(&d->irqs);
}

/* The device has the rings and a buffer, and is told so, but may not touch them yet. */
static void linger(struct fault_dev *d)
{
	early = false;
	if (!buffers_add(d, 0, 1, 64))
		virtqueue_kick(d->vq);
	wait_for_completion_timeout(&go, EARLY_SECONDS * HZ);
}

static int fault_probe(struct virtio_device *vdev)
{
	struct fault_dev *d = &the_device;
	struct virtqueue *vq;

	if (d->vdev)
		return -EBUSY;
	if (offered)
		__virtio_set_bit(vdev, F_SWIOTLB);
	offered = false;
	vq = virtio_find_single_vq(vdev, fault_irq, "fault");
	if (IS_ERR(vq))
		return PTR_ERR(vq);
	*d = (struct fault_dev){ .vdev = vdev, .vq = vq };
	vdev->priv = d;
	if (early)
		linger(d);
	virtio_device_ready(vdev);
	return 0;
}

static void fault_remove(struct virtio_device *vdev)
{
	struct fault_dev *d = vdev->priv;

	words_lock();
	disarm();
	virtio_reset_device(vdev);
	undo_changes();
	odd_queue_del(d);
	buffers_drop(d);
	vdev->config->del_vqs(vdev);
	d->vdev = NULL;
	words_unlock();
}

static const struct virtio_device_id fault_ids[] = {
	{ VIRTIO_ID_RNG, VIRTIO_DEV_ANY_ID },
	{},
};

static struct virtio_driver fault_driver = {
	.driver.name = "vq_fault",
	.id_table = fault_ids,
	.probe = fault_probe,
	.remove = fault_remove,
};

static int __init fault_init(void)
{
	int err = words_init(&the_device);

	if (err)
		return err;
	err = register_virtio_driver(&fault_driver);
	if (err)
		words_exit();
	return err;
}

static void __exit fault_exit(void)
{
	unregister_virtio_driver(&fault_driver);
	words_exit();
}

module_init(fault_init);
module_exit(fault_exit);
MODULE_DESCRIPTION("A virtio driver that is guilty on request (lab only)");
MODULE_LICENSE("GPL");
