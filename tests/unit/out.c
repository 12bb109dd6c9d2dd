// SPDX-License-Identifier: GPL-2.0
/* Two that write records to one terminal do not tear each other's. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "out.h"

#define RECORDS 100
#define LETTERS 20000 /* in each record: many times what a pipe takes at once */

/* A raw terminal; returns the end where what is written to *ret_slave comes out. */
static int terminal(int *ret_slave)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios t;

	assert_true(fd >= 0 && !grantpt(fd) && !unlockpt(fd));
	*ret_slave = open(ptsname(fd), O_RDWR | O_NOCTTY);
	assert_true(*ret_slave >= 0 && !tcgetattr(*ret_slave, &t));
	cfmakeraw(&t);
	assert_int_equal(tcsetattr(*ret_slave, TCSANOW, &t), 0);
	return fd;
}

static void write_records(int fd, char letter)
{
	struct out o;

	out__init(&o, fd, "terminal");
	for (int i = 0; i < RECORDS; i++) {
		FILE *f = out__begin(&o);

		for (int k = 0; k < LETTERS; k++)
			fputc(letter, f);
		fputc('\n', f);
		out__end(&o);
	}
	_exit(o.failed ? 1 : 0);
}

static int count_whole(FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	int whole = 0;

	for (int i = 0; i < 2 * RECORDS && getline(&line, &size, f) > 0; i++)
		if (strspn(line, (char[]){ line[0], 0 }) == LETTERS && line[LETTERS] == '\n')
			whole++;
	free(line);
	return whole;
}

static void records_stay_whole(void **state)
{
	int slave, status;
	FILE *f = fdopen(terminal(&slave), "r");

	(void)state;
	assert_non_null(f);
	for (char letter = 'a'; letter <= 'b'; letter++)
		if (!fork())
			write_records(slave, letter);
	assert_int_equal(count_whole(f), 2 * RECORDS);
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	close(slave);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records_stay_whole) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
