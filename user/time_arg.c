/* SPDX-License-Identifier: GPL-2.0 */
#include "time_arg.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FARTHEST (100LL * 366 * 86400)

/* "-90", "-15m", "-2h", "-3d" */
static long long ago(const char *text, long long now)
{
	static const struct {
		char unit;
		long long seconds;
	} units[] = { { 0, 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	n = strtoll(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit && (!*end || !end[1]) && n <= FARTHEST / units[i].seconds)
			return now - n * units[i].seconds;
	return -EINVAL;
}

static long long since_epoch(const char *text)
{
	long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoll(text, &end, 10);
	return *end || errno || n > FARTHEST * 10 ? -EINVAL : n;
}

long long time_arg__parse(const char *text, long long now)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
					     "%H:%M:%S", "%H:%M" };
	time_t today = now;

	if (*text == '-')
		return ago(text + 1, now);
	if (*text == '@')
		return since_epoch(text + 1);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm;
		const char *end;
		time_t t;

		localtime_r(&today, &tm);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		end = strptime(text, forms[i], &tm);
		if (!end || *end)
			continue;
		t = mktime(&tm);
		return t < 0 ? -EINVAL : t;
	}
	return -EINVAL;
}
