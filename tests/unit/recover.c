// SPDX-License-Identifier: GPL-2.0
/* Which devices are recovered, and how: over a /sys of plain files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "disk_use.h"
#include "fake_sysfs.h"
#include "recover.h"

#define UNBIND(driver) "sys/" VIRTIO "/drivers/" driver "/unbind"
#define BIND(driver) "sys/" VIRTIO "/drivers/" driver "/bind"
#define DISK "sys/" HOME "/block/vda"
#define MODULE "sys/module/vq_audit_recover/parameters/drain"

static struct fake fake;
static struct recover_opts how;

static void use_fake(const char *driver, const char *type)
{
	fake__new(&fake, driver, type);
	how = (struct recover_opts){ .sysfs = fake.sys, .proc = fake.proc, .timeout_ms = 60000 };
}

static int net(void **state)
{
	(void)state;
	use_fake("virtio_net", "0x0001\n");
	return 0;
}

static int disk(void **state)
{
	(void)state;
	use_fake("virtio_blk", "0x0002\n");
	fake__write(&fake, DISK "/dev", "253:0\n");
	fake__write(&fake, DISK "/inflight", "       0        0\n");
	fake__write(&fake, DISK "/vda1/dev", "253:1\n");
	fake__write(&fake, DISK "/queue/dev", "7:7\n");
	return 0;
}

static int remove_fake(void **state)
{
	(void)state;
	fake__free(&fake);
	return 0;
}

static struct recovery recover(const char *name)
{
	struct recovery r = { 0 };

	if (recover__find(&how, name, &r))
		recover__device(&how, &r);
	return r;
}

static void expect(const char *name, enum recovery_outcome outcome, const char *text)
{
	struct recovery r = recover(name);

	if (r.outcome != outcome || !strstr(r.text, text))
		fail_msg("%s: %s: %s; want %s: %s", name, recovery__name(r.outcome), r.text,
			 recovery__name(outcome), text);
}

static void is_found_by_either_name(void **state)
{
	static const char *const names[] = { "virtio1", "0000:00:02.0" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct recovery r = recover(names[i]);

		assert_int_equal(r.outcome, RECOVERY_DONE);
		assert_string_equal(r.device.name, "virtio1");
		assert_string_equal(r.device.bus, "0000:00:02.0");
		assert_string_equal(r.device.driver, "virtio_net");
		assert_int_equal(r.device.type, 1);
		assert_true(r.time_ns > 0);
	}
	assert_string_equal(fake__read(&fake, UNBIND("virtio_net")), "virtio1");
	assert_string_equal(fake__read(&fake, BIND("virtio_net")), "virtio1");
}

static void what_there_is_not(void **state)
{
	(void)state;
	expect("virtio7", RECOVERY_REFUSED, "no such device");
	expect("0000:00:1f.0", RECOVERY_REFUSED, "no virtio device");
	expect("../virtio1", RECOVERY_REFUSED, "no such device");
	expect("", RECOVERY_REFUSED, "no such device");
	assert_string_equal(fake__read(&fake, UNBIND("virtio_net")), "");
}

/* Root may write to any file; so what cannot be written to is not there. */
static void without_privilege(void **state)
{
	char path[512];

	(void)state;
	unlink(fake__path(&fake, "sys/" VIRTIO "/drivers_probe", path));
	expect("virtio1", RECOVERY_REFUSED, "run it as root");
	assert_string_equal(fake__read(&fake, UNBIND("virtio_net")), "");
}

static void a_driver_that_does_not_work(void **state)
{
	(void)state;
	fake__write(&fake, "sys/" HOME "/status", "0x0000008b\n");
	expect("virtio1", RECOVERY_FAILED, "0x8b");
	fake__write(&fake, "sys/" HOME "/status", "0x00000003\n");
	expect("virtio1", RECOVERY_FAILED, "0x03");
	fake__write(&fake, "sys/" HOME "/status", "0x0000004f\n");
	expect("virtio1", RECOVERY_FAILED, "0x4f");
}

static void a_step_that_fails(void **state)
{
	char path[512];

	(void)state;
	unlink(fake__path(&fake, BIND("virtio_net"), path));
	assert_int_equal(mkdir(path, 0700), 0);
	expect("virtio1", RECOVERY_FAILED, "did not take the device again: Is a directory");
	unlink(fake__path(&fake, UNBIND("virtio_net"), path));
	assert_int_equal(mkdir(path, 0700), 0);
	expect("virtio1", RECOVERY_FAILED, "did not let go of the device");
}

static void without_a_driver(void **state)
{
	char path[512];

	(void)state;
	unlink(fake__path(&fake, "sys/" HOME "/driver", path));
	expect("virtio1", RECOVERY_FAILED, "did not take the device again");
	assert_string_equal(fake__read(&fake, "sys/" VIRTIO "/drivers_probe"), "virtio1");
	assert_string_equal(fake__read(&fake, UNBIND("virtio_net")), "");
}

/* Nobody reads the FIFO, so that who opens it waits. */
static void a_driver_that_does_not_let_go(void **state)
{
	char path[512];

	(void)state;
	unlink(fake__path(&fake, UNBIND("virtio_net"), path));
	assert_int_equal(mkfifo(path, 0600), 0);
	how.timeout_ms = 200;
	expect("virtio1", RECOVERY_HUNG, "virtio_net does not let go of the device: it waits");
	expect("virtio1", RECOVERY_HUNG, "nothing but a reboot helps");
	assert_string_equal(fake__read(&fake, BIND("virtio_net")), "");
}

static int console(void **state)
{
	(void)state;
	use_fake("virtio_console", "0x0003\n");
	return 0;
}

static const struct {
	const char *release;
	bool safe;
} kernels[] = {
	{ "6.1.192", false },	{ "6.12.117-lab", false }, { "7.2.9", false }, { "7.3.4", true },
	{ "7.10.0-rc1", true }, { "8.0", true },	   { "what", false },
};

static void a_console_that_may_be_written_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		how.release = kernels[i].release;
		if (kernels[i].safe)
			expect("virtio1", RECOVERY_DONE, "virtio_console let go");
		else
			expect("virtio1", RECOVERY_REFUSED, "freed twice");
	}
	how.release = "6.12.117";
	fake__write(&fake, MODULE, "");
	expect("virtio1", RECOVERY_DONE, "what waited for it has failed");
	assert_string_equal(fake__read(&fake, MODULE), "virtio1");
}

/* --- disks -------------------------------------------------------------------- */

static void is_left(const char *text)
{
	expect("virtio1", RECOVERY_REFUSED, text);
	expect("virtio1", RECOVERY_REFUSED, "--force");
	assert_string_equal(fake__read(&fake, UNBIND("virtio_blk")), "");
}

static void a_disk_that_nobody_needs(void **state)
{
	(void)state;
	fake__write(&fake, "proc/self/mountinfo",
		    "21 1 253:16 / / rw shared:1 - ext4 /dev/vdb rw\n"
		    "22 1 7:7 / /other rw - ext4 /dev/loop7 rw\n");
	fake__write(&fake, "proc/swaps", "Filename\n/dev/vdb2 partition 1 0 -2\n");
	expect("virtio1", RECOVERY_DONE, "virtio_blk let go");
}

static const struct {
	const char *file, *line, *text;
} uses[] = {
	{ "proc/self/mountinfo", "21 1 253:0 / / rw shared:1 - ext4 /dev/root rw\n",
	  "vda is mounted at /:" },
	{ "proc/self/mountinfo", "21 1 253:1 /sub /srv rw - xfs /dev/disk/by-id/x rw\n",
	  "vda1 is mounted at /srv:" },
	{ "proc/self/mountinfo", "21 1 0:44 / /data rw - btrfs /dev/vda1 rw\n",
	  "vda1 is mounted at /data:" },
	{ "proc/swaps", "/dev/vda1 partition 1000 0 -2\n", "vda1 is a swap:" },
	{ DISK "/vda1/holders/dm-0", "", "vda1 is part of dm-0:" },
	{ DISK "/holders/md0", "", "vda is part of md0:" },
};

static void a_disk_in_use(void **state)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		fake__write(&fake, uses[i].file, uses[i].line);
		is_left(uses[i].text);
		how.force = true;
		expect("virtio1", RECOVERY_DONE, "virtio_blk let go");
		remove_fake(state);
		disk(state);
	}
}

static void requests_that_wait_for_ever(void **state)
{
	(void)state;
	fake__write(&fake, DISK "/inflight", "       3        1\n");
	expect("virtio1", RECOVERY_REFUSED, "4 of its requests wait");
	expect("virtio1", RECOVERY_REFUSED, "nothing but a reboot helps");
	assert_string_equal(fake__read(&fake, UNBIND("virtio_blk")), "");

	fake__write(&fake, MODULE, "");
	expect("virtio1", RECOVERY_DONE, "what waited for it has failed");
	assert_string_equal(fake__read(&fake, MODULE), "virtio1");
}

static void nothing_is_failed_that_does_not_wait(void **state)
{
	(void)state;
	fake__write(&fake, MODULE, "");
	expect("virtio1", RECOVERY_DONE, "drives it again");
	assert_string_equal(fake__read(&fake, MODULE), "");
}

#define ON(test, device) cmocka_unit_test_setup_teardown(test, device, remove_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(is_found_by_either_name, net),
		ON(what_there_is_not, net),
		ON(without_privilege, net),
		ON(a_driver_that_does_not_work, net),
		ON(a_step_that_fails, net),
		ON(without_a_driver, net),
		ON(a_driver_that_does_not_let_go, net),
		ON(a_console_that_may_be_written_to, console),
		ON(a_disk_that_nobody_needs, disk),
		ON(a_disk_in_use, disk),
		ON(requests_that_wait_for_ever, disk),
		ON(nothing_is_failed_that_does_not_wait, disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
