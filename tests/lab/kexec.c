// SPDX-License-Identifier: GPL-2.0
/* kexec KERNEL INITRD: go on as that kernel, with the command line of this one. */
#include <err.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", name);
	return fd;
}

int main(int argc, char **argv)
{
	char cmdline[4096];
	FILE *f = fopen("/proc/cmdline", "re");

	if (argc != 3)
		errx(2, "usage: kexec KERNEL INITRD");
	if (!f || !fgets(cmdline, sizeof(cmdline), f))
		err(1, "/proc/cmdline");
	cmdline[strcspn(cmdline, "\n")] = '\0';
	if (syscall(SYS_kexec_file_load, file(argv[1]), file(argv[2]), strlen(cmdline) + 1, cmdline,
		    0UL))
		err(1, "kexec_file_load");
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	err(1, "reboot");
}
