/* SPDX-License-Identifier: GPL-2.0 */
#include "recover.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include "clock.h"
#include "disk_use.h"
#include "error.h"
#include "rebind.h"

/* modules/vq_audit_recover: empties broken queues that a driver cannot let go of. */
#define DRAIN "%s/module/vq_audit_recover/parameters/drain"

static const char *sysfs_of(const struct recover_opts *o)
{
	return o->sysfs ?: "/sys";
}

static void path_of(const struct recover_opts *o, char path[PATH_MAX], const char *driver,
		    const char *file)
{
	snprintf(path, PATH_MAX, "%s/bus/virtio/%s%s/%s", sysfs_of(o), driver[0] ? "drivers/" : "",
		 driver[0] ? driver : ".", file);
}

int recover__possible(const struct recover_opts *o)
{
	char path[PATH_MAX];

	path_of(o, path, "", "drivers_probe");
	return access(path, W_OK) ? -errno : 0;
}

bool recover__find(const struct recover_opts *o, const char *name, struct recovery *ret)
{
	int err = virtio_dev__find(sysfs_of(o), name, &ret->device);

	if (!err)
		return true;
	snprintf(ret->device.name, sizeof(ret->device.name), "%s", name);
	recovery__printf(ret, RECOVERY_REFUSED,
			 err == -ENODEV ? "it is no virtio device; vq-audit list shows those"
					: "there is no such device; vq-audit list shows them");
	return false;
}

static bool can_drain(const struct recover_opts *o)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), DRAIN, sysfs_of(o));
	return !access(path, F_OK);
}

/*
 * What is being written to a console as its queue breaks is freed twice when the
 * driver lets go; 7.3 is the first kernel here that does not.
 */
static bool console_is_safe(const struct recover_opts *o)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (!o->release && uname(&uts))
		return false;
	if (sscanf(o->release ?: uts.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 7 || (major == 7 && minor >= 3);
}

/* Whether the driver cannot let go by itself. */
static bool needs_drain(const struct recover_opts *o, const struct virtio_dev *d,
			const struct disk_use *use)
{
	if (!d->driver[0])
		return false;
	return use->in_flight || (d->type == VIRTIO_ID_CONSOLE && !console_is_safe(o));
}

static bool drains(const struct recover_opts *o, const struct virtio_dev *d,
		   const struct disk_use *use)
{
	return needs_drain(o, d, use) && can_drain(o);
}

/* Return: false, @r then saying why not and what to do */
static bool may_recover(const struct recover_opts *o, const struct disk_use *use,
			struct recovery *r)
{
	int err = recover__possible(o);

	if (err) {
		recovery__printf(r, RECOVERY_REFUSED,
				 err == -EROFS
					 ? "%s is mounted read-only here: let it be writable, in a "
					   "service by ProtectKernelTunables=no (%s)"
					 : "%s cannot be written to: run it as root (%s)",
				 sysfs_of(o), err__str(err));
		return false;
	}
	if (o->force)
		return true;
	if (use->by[0]) {
		recovery__printf(r, RECOVERY_REFUSED,
				 "it is the disk %s, and %s: give that up first, or reboot; "
				 "--force takes the disk away from under it",
				 use->disk, use->by);
		return false;
	}
	if (!needs_drain(o, &r->device, use) || can_drain(o))
		return true;
	if (use->in_flight)
		recovery__printf(
			r, RECOVERY_REFUSED,
			"it is the disk %s, and %lu of its requests wait for a queue that is "
			"broken: "
			"the driver would wait for them for ever before it lets go. Load "
			"vq_audit_recover (modules/), which fails them; else nothing but a reboot "
			"helps",
			use->disk, use->in_flight);
	else
		recovery__printf(
			r, RECOVERY_REFUSED,
			"it is a console, and on kernels before 7.3 what is just being written to "
			"it would be freed twice. Load vq_audit_recover (modules/), which takes "
			"that out first; --force if nobody writes");
	return false;
}

static const char *whose(const struct virtio_dev *d)
{
	return d->driver[0] ? d->driver : "its driver";
}

const char *recover__plan(const struct recover_opts *o, const struct recovery *r, char *buf,
			  size_t size)
{
	const struct virtio_dev *d = &r->device;
	struct disk_use use;

	disk_use__read(sysfs_of(o), o->proc ?: "/proc", d, &use);
	snprintf(buf, size,
		 "%s%s%s lets go of %s and takes it again: all that it was set up for is gone",
		 drains(o, d, &use) ? "what waits in its queues is given up; " : "",
		 d->driver[0] ? "" : "it has no driver; ", whose(d), d->name);
	return buf;
}

static void tell_failure(const char *aim, const struct rebind_result *res, struct recovery *r)
{
	if (res->err == -ETIMEDOUT)
		recovery__printf(r, RECOVERY_HUNG,
				 "%s does not %s: it waits%s%s, and nothing but a reboot helps",
				 whose(&r->device), aim, res->where[0] ? " in " : "", res->where);
	else
		recovery__printf(r, RECOVERY_FAILED, "%s did not %s: %s", whose(&r->device), aim,
				 err__str(res->err));
}

/* A driver that found fault with the device is bound as well, or not bound and no error. */
static void tell_success(const struct recover_opts *o, bool drained, struct recovery *r)
{
	int status = virtio_dev__status(sysfs_of(o), &r->device);
	struct virtio_dev now;

	if (virtio_dev__find(sysfs_of(o), r->device.name, &now) || !now.driver[0])
		recovery__printf(r, RECOVERY_FAILED, "%s did not take the device again",
				 whose(&r->device));
	else if (status < 0 || !(status & VIRTIO_CONFIG_S_DRIVER_OK) ||
		 status & (VIRTIO_CONFIG_S_NEEDS_RESET | VIRTIO_CONFIG_S_FAILED))
		recovery__printf(r, RECOVERY_FAILED,
				 "%s has the device again, and it does not work: its status is "
				 "0x%02x",
				 now.driver, status < 0 ? 0 : status);
	else
		recovery__printf(r, RECOVERY_DONE,
				 "%s let go of the device and drives it again%s%s", now.driver,
				 drained ? "; what waited for it has failed" : "",
				 r->device.type == VIRTIO_ID_NET
					 ? "; addresses and routes are to be set up again"
					 : "");
}

/* A device without a driver, which one that failed before may be, has nobody to let go of it. */
static void rebind(const struct recover_opts *o, bool draining, struct recovery *r)
{
	char drain[PATH_MAX], unbind[PATH_MAX], bind[PATH_MAX];
	const struct virtio_dev *d = &r->device;
	struct rebind_step steps[3];
	struct rebind_result res;
	size_t n = 0;
	int err;

	snprintf(drain, sizeof(drain), DRAIN, sysfs_of(o));
	path_of(o, unbind, d->driver, "unbind");
	path_of(o, bind, d->driver, d->driver[0] ? "bind" : "drivers_probe");
	if (draining)
		steps[n++] = (struct rebind_step){ drain, d->name, "give up what waits" };
	if (d->driver[0])
		steps[n++] = (struct rebind_step){ unbind, d->name, "let go of the device" };
	steps[n++] = (struct rebind_step){ bind, d->name, "take the device again" };

	err = rebind__run(steps, n, o->timeout_ms ?: RECOVER_TIMEOUT_S * 1000, &res);
	if (err)
		recovery__printf(r, RECOVERY_FAILED, "no process to do it: %s", err__str(err));
	else if (res.step < n)
		tell_failure(steps[res.step].aim, &res, r);
	else
		tell_success(o, draining, r);
}

void recover__device(const struct recover_opts *o, struct recovery *r)
{
	struct disk_use use;

	disk_use__read(sysfs_of(o), o->proc ?: "/proc", &r->device, &use);
	if (may_recover(o, &use, r))
		rebind(o, drains(o, &r->device, &use), r);
	r->time_ns = clock__now_ms() * 1000000LL;
}
