// SPDX-License-Identifier: GPL-2.0
/* Files that are there whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "replace.h"

/** struct room - a directory of the test's own, in which it is */
struct room {
	char path[32];
};

static int enter(void **state)
{
	static struct room room;

	strcpy(room.path, "/tmp/vq-replace.XXXXXX");
	*state = &room;
	return mkdtemp(room.path) && !chdir(room.path) ? 0 : -1;
}

static int leave(void **state)
{
	struct room *room = *state;
	struct dirent *d;
	DIR *dir = opendir(".");

	while ((d = readdir(dir)))
		unlink(d->d_name);
	closedir(dir);
	return chdir("/") | rmdir(room->path);
}

static unsigned int files(void)
{
	unsigned int n = 0;
	struct dirent *d;
	DIR *dir = opendir(".");

	while ((d = readdir(dir)))
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void assert_holds(const char *path, const char *text)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) >= 0);
	close(fd);
	assert_string_equal(buf, text);
}

static void put(const char *path, const char *text)
{
	assert_int_equal(replace__file(path, text, strlen(text)), 0);
}

static void replaces(void **state)
{
	struct stat st;

	(void)state;
	umask(027);
	put("page", "first");
	assert_holds("page", "first");
	assert_int_equal(stat("page", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	put("page", "2nd");
	assert_holds("page", "2nd");
	assert_int_equal(files(), 1);
}

static void link_stays(void **state)
{
	struct stat st;

	(void)state;
	put("page", "first");
	assert_int_equal(symlink("page", "link"), 0);
	put("link", "2nd");
	assert_holds("page", "2nd");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* A file may grow to 8 bytes: the page that was there stays, and nothing beside it. */
static void full_disk(void **state)
{
	struct rlimit limit, was;

	(void)state;
	put("page", "first");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	limit.rlim_cur = 8;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(replace__file("page", "too long for that", 17), -EFBIG);
	assert_int_equal(replace__file("other", "too long for that", 17), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_holds("page", "first");
	assert_int_equal(files(), 1);
}

/* A device is written to, and is none the less a device. */
static void devices(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(replace__file("/dev/full", "page", 4), -ENOSPC);
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(replace__file("/dev/null", "page", 4), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

static void refuses(void **state)
{
	(void)state;
	assert_int_equal(replace__file(".", "page", 4), -EISDIR);
	assert_int_equal(replace__file("none/page", "page", 4), -ENOENT);
	assert_int_equal(files(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replaces), TEST(link_stays), TEST(full_disk), TEST(devices), TEST(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
