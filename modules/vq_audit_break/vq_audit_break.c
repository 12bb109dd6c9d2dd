// SPDX-License-Identifier: GPL-2.0
/*
 * The kfunc bpf_virtqueue_break(), for kernels whose virtio_ring has none.
 *
 * It breaks a queue that a BPF program knows by its address alone: an argument
 * of fentry is no trusted pointer on every kernel. So the address is never
 * followed, but looked for among the queues of the live devices. It may come
 * in any context, NMI included, and so may not wait:
 *
 *  - The devices are in a list that is read under RCU. The bus tells when one
 *    comes, before it can have a queue, and when it has gone, after its last
 *    queue; its memory stays until the notifier has seen a grace period.
 *  - Whoever adds a queue to its device or takes one away does so under
 *    vqs_list_lock, and takes it away before it frees it: a queue that is in
 *    the list while we hold the lock is alive. We only try the lock, as the one
 *    that holds it may be what we interrupted, and hold it with interrupts off,
 *    as they may end where it is waited for.
 *
 * What is broken is one flag of the queue; nothing else is touched.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/virtio.h>

#ifdef CONFIG_PREEMPT_RT
#error "On PREEMPT_RT vqs_list_lock sleeps, and no context may try it"
#endif

#ifndef __bpf_kfunc /* 6.3 */
#define __bpf_kfunc __used noinline
#endif
#ifndef BTF_KFUNCS_START /* 6.9 */
#define BTF_KFUNCS_START BTF_SET8_START
#define BTF_KFUNCS_END BTF_SET8_END
#endif

struct live_device {
	struct list_head list;
	struct device *dev;
};

static LIST_HEAD(live_devices);
static DEFINE_MUTEX(live_devices_mutex); /* of those who change the list */

static int break_queue_of(struct virtio_device *vdev, u64 addr)
{
	struct virtqueue *vq;
	unsigned long flags;
	int err = -ENOENT;

	if (!spin_trylock_irqsave(&vdev->vqs_list_lock, flags))
		return -EBUSY;
	virtio_device_for_each_vq(vdev, vq) {
		if ((unsigned long)vq != addr)
			continue;
		__virtqueue_break(vq);
		err = 0;
		break;
	}
	spin_unlock_irqrestore(&vdev->vqs_list_lock, flags);

	return err;
}

int bpf_virtqueue_break(u64 addr);

/**
 * bpf_virtqueue_break - break a virtqueue
 * @addr: address of the struct virtqueue, as a tracepoint or function has it
 *
 * The address need not be trusted: it is looked for among the live queues.
 *
 * Return: 0, or -ENOENT if there is no such queue. -EBUSY if there may be one,
 * but some device is just getting, losing or breaking queues.
 */
__bpf_kfunc int bpf_virtqueue_break(u64 addr)
{
	struct live_device *live;
	int err = -ENOENT;

	rcu_read_lock();
	list_for_each_entry_rcu(live, &live_devices, list) {
		int ret = break_queue_of(dev_to_virtio(live->dev), addr);

		if (ret == -ENOENT)
			continue;
		err = ret;
		if (!err)
			break;
	}
	rcu_read_unlock();

	return err;
}

BTF_KFUNCS_START(virtqueue_kfunc_ids)
BTF_ID_FLAGS(func, bpf_virtqueue_break)
BTF_KFUNCS_END(virtqueue_kfunc_ids)

static const struct btf_kfunc_id_set virtqueue_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &virtqueue_kfunc_ids,
};

static struct live_device *find_live(struct device *dev)
{
	struct live_device *live;

	list_for_each_entry(live, &live_devices, list) {
		if (live->dev == dev)
			return live;
	}
	return NULL;
}

static void device_came(struct device *dev)
{
	struct live_device *live;

	mutex_lock(&live_devices_mutex);
	if (!find_live(dev)) {
		live = kzalloc(sizeof(*live), GFP_KERNEL);
		if (live) {
			live->dev = dev;
			list_add_tail_rcu(&live->list, &live_devices);
		} else {
			dev_warn(dev, "no memory: no queue of it can be broken\n");
		}
	}
	mutex_unlock(&live_devices_mutex);
}

static void device_went(struct device *dev)
{
	struct live_device *live;

	mutex_lock(&live_devices_mutex);
	live = find_live(dev);
	if (live)
		list_del_rcu(&live->list);
	mutex_unlock(&live_devices_mutex);

	if (live) {
		synchronize_rcu();
		kfree(live);
	}
}

static int device_event(struct notifier_block *nb, unsigned long event, void *dev)
{
	if (event == BUS_NOTIFY_ADD_DEVICE)
		device_came(dev);
	else if (event == BUS_NOTIFY_REMOVED_DEVICE)
		device_went(dev);

	return NOTIFY_OK;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/* A driver of nothing: registering it tells which bus is that of virtio. */
static const struct virtio_device_id no_ids[] = { {} };
static struct virtio_driver scout = {
	.driver.name = KBUILD_MODNAME,
	.driver.owner = THIS_MODULE,
	.id_table = no_ids,
};

static int is_it(struct device *dev, const void *it)
{
	return dev == it;
}

/*
 * A device that is there already. Had it left the bus before it came into the
 * list, nobody would tell: devices leave the bus before the notifier runs.
 */
static int device_was_there(struct device *dev, void *unused)
{
	struct device *on_bus;

	device_came(dev);
	on_bus = bus_find_device(scout.driver.bus, NULL, dev, is_it);
	if (!on_bus)
		device_went(dev);
	put_device(on_bus);

	return 0;
}

static void forget_devices(void)
{
	struct live_device *live, *next;

	bus_unregister_notifier(scout.driver.bus, &device_notifier);
	list_for_each_entry_safe(live, next, &live_devices, list)
		kfree(live);
}

static int __init vq_audit_break_init(void)
{
	int err;

	err = register_virtio_driver(&scout);
	if (err)
		return err;
	unregister_virtio_driver(&scout);

	err = bus_register_notifier(scout.driver.bus, &device_notifier);
	if (err)
		return err;
	bus_for_each_dev(scout.driver.bus, NULL, NULL, device_was_there);

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &virtqueue_kfunc_set);
	err = err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &virtqueue_kfunc_set);
	if (err)
		forget_devices();
	return err;
}
module_init(vq_audit_break_init);

/* The programs that call the kfunc hold the module: none runs any more. */
static void __exit vq_audit_break_exit(void)
{
	forget_devices();
}
module_exit(vq_audit_break_exit);

MODULE_DESCRIPTION("Lets BPF programs break virtqueues");
MODULE_LICENSE("GPL");
