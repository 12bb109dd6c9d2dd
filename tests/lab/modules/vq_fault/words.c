// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/vq_fault: `do` takes a word (and lists them), `why` says why the last one was
 * refused, `state` shows the ring.
 */
#include <linux/debugfs.h>
#include <linux/uaccess.h>

#include "vq_fault.h"

static struct fault_dev *dev;
static struct dentry *dir;
static DEFINE_MUTEX(lock);

void words_lock(void)
{
	mutex_lock(&lock);
}

void words_unlock(void)
{
	mutex_unlock(&lock);
}

int refuse(struct fault_dev *d, int err, const char *why)
{
	strscpy(d->why, why, sizeof(d->why));
	return err;
}

static const struct word *find_word(const char *name)
{
	const struct word *w;

	for (w = fault_words; w->name; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

static int obey(const char *name)
{
	const struct word *w = find_word(name);

	dev->why[0] = '\0';
	if (!w)
		return refuse(dev, -EINVAL, "no such word: read this file for a list");
	if (!dev->vdev && !w->unbound)
		return refuse(dev, -ENODEV, "no device is bound to vq_fault");
	return w->fn(dev);
}

static ssize_t do_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	char name[32];
	int err;

	if (size >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, buf, size))
		return -EFAULT;
	name[size] = '\0';
	words_lock();
	err = obey(strim(name));
	if (err && !dev->why[0])
		scnprintf(dev->why, sizeof(dev->why), "the virtio core refused it: %d", err);
	words_unlock();
	return err ?: size;
}

static int do_show(struct seq_file *m, void *unused)
{
	const struct word *w;

	for (w = fault_words; w->name; w++)
		seq_printf(m, "%-22s %-22s %s\n", w->name, w->rule ?: "-", w->text);
	return 0;
}

static int do_open(struct inode *inode, struct file *file)
{
	return single_open(file, do_show, NULL);
}

static const struct file_operations do_fops = {
	.owner = THIS_MODULE,
	.open = do_open,
	.read = seq_read,
	.write = do_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int why_show(struct seq_file *m, void *unused)
{
	words_lock();
	seq_printf(m, "%s\n", dev->why);
	words_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(why);

static int state_file_show(struct seq_file *m, void *unused)
{
	words_lock();
	state_show(m, dev);
	words_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state_file);

int words_init(struct fault_dev *d)
{
	dev = d;
	dir = debugfs_create_dir("vq_fault", NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	debugfs_create_file("do", 0600, dir, NULL, &do_fops);
	debugfs_create_file("why", 0400, dir, NULL, &why_fops);
	debugfs_create_file("state", 0400, dir, NULL, &state_file_fops);
	return 0;
}

void words_exit(void)
{
	debugfs_remove(dir);
}
