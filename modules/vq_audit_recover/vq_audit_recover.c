// SPDX-License-Identifier: GPL-2.0
/*
 * Takes out of a broken device's queues what its driver cannot take out itself.
 *
 *	echo virtio1 >/sys/module/vq_audit_recover/parameters/drain
 *
 * A driver detaches what is left in its queues when it is unbound. Two do not:
 *
 *  - virtio_blk gives a request no time limit, and nothing completes one once
 *    its queue is broken. As it is unbound, del_gendisk() waits for them, so
 *    that it never lets go of the device, and whoever has read or written waits
 *    with it. Here they end with an I/O error. The driver's own completion is
 *    not called, for it takes the status from where the device was to write it,
 *    and that may say success. What it would have freed, a scatterlist of more
 *    than two entries, is lost to the kernel.
 *  - virtio_console, before 7.3, publishes what is written to hvc as it is, waits
 *    for the device, and frees it, also when the queue broke meanwhile. When it
 *    is unbound it takes that for a buffer with pages, and frees it again. Here
 *    it is forgotten; of what is no such buffer the memory is lost.
 *
 * In this order:
 *
 *  - Every queue of the device is broken. The driver adds nothing to one that
 *    is, and its interrupts find nothing in it. Who is just adding, or waits for
 *    the device with interrupts off, does so within what RCU waits for; who is
 *    in an interrupt handler is waited for by the transport.
 *  - The device is reset: it must not write to memory that is given back.
 *  - virtqueue_detach_unused_buf() unmaps what is left, and hands out the
 *    driver's token: of virtio_blk, what blk-mq keeps behind a request for it.
 *
 * What is left fails all that is asked of it, until it is unbound.
 */
#include <linux/blk-mq.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

/* A driver of nothing: registering it tells which bus is that of virtio. */
static const struct virtio_device_id no_ids[] = { {} };
static struct virtio_driver scout = {
	.driver.name = KBUILD_MODNAME,
	.driver.owner = THIS_MODULE,
	.id_table = no_ids,
};

static bool is_broken(struct virtio_device *vdev)
{
	struct virtqueue *vq;

	virtio_device_for_each_vq(vdev, vq) {
		if (virtqueue_is_broken(vq))
			return true;
	}
	return false;
}

static unsigned int fail_requests_of(struct virtqueue *vq)
{
	struct request_queue *q = NULL;
	unsigned int n = 0;
	void *token;

	while ((token = virtqueue_detach_unused_buf(vq))) {
		struct request *rq = blk_mq_rq_from_pdu(token);

		q = rq->q;
		blk_mq_end_request(rq, BLK_STS_IOERR);
		n++;
	}
	/* It may have stopped for want of descriptors: what waits behind fails by itself. */
	if (q)
		blk_mq_start_stopped_hw_queues(q, true);
	return n;
}

static unsigned int forget_output_of(struct virtqueue *vq)
{
	unsigned int n = 0;

	while (virtqueue_detach_unused_buf(vq))
		n++;
	return n;
}

static unsigned int take_out(struct virtqueue *vq)
{
	if (vq->vdev->id.device == VIRTIO_ID_BLOCK)
		return fail_requests_of(vq);
	return strcmp(vq->name, "output") ? 0 : forget_output_of(vq);
}

/* The driver is bound, and stays so: its device is locked. */
static int drain(struct virtio_device *vdev)
{
	struct virtqueue *vq;
	unsigned int n = 0;

	if (!vdev->dev.driver ||
	    (vdev->id.device != VIRTIO_ID_BLOCK && vdev->id.device != VIRTIO_ID_CONSOLE))
		return -EOPNOTSUPP;
	if (!is_broken(vdev))
		return -EINVAL;

	virtio_break_device(vdev);
	virtio_synchronize_cbs(vdev);
	synchronize_rcu();
	virtio_reset_device(vdev);
	virtio_device_for_each_vq(vdev, vq)
		n += take_out(vq);

	dev_notice(&vdev->dev, "%u buffers taken out of broken queues\n", n);
	return 0;
}

/* Who unbinds it already holds the lock, and may wait for ever. */
static int drain_by_name(const char *name)
{
	struct device *dev;
	int err = -EBUSY;

	dev = bus_find_device_by_name(scout.driver.bus, NULL, name);
	if (!dev)
		return -ENODEV;
	if (device_trylock(dev)) {
		err = drain(dev_to_virtio(dev));
		device_unlock(dev);
	}
	put_device(dev);
	return err;
}

static int set_drain(const char *val, const struct kernel_param *kp)
{
	char name[32];

	strscpy(name, val, sizeof(name));
	return drain_by_name(strim(name));
}

static const struct kernel_param_ops drain_ops = { .set = set_drain };
module_param_cb(drain, &drain_ops, NULL, 0200);
MODULE_PARM_DESC(drain, "a disk or console, say virtio0: empty its broken queues");

static int __init vq_audit_recover_init(void)
{
	int err;

	err = register_virtio_driver(&scout);
	if (!err)
		unregister_virtio_driver(&scout);
	return err;
}
module_init(vq_audit_recover_init);

static void __exit vq_audit_recover_exit(void)
{
}
module_exit(vq_audit_recover_exit);

MODULE_DESCRIPTION("Empties broken virtqueues that their drivers cannot let go of");
MODULE_LICENSE("GPL");
