/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TIME_ARG_H
#define VQA_USER_TIME_ARG_H

#define TIME_ARG_FORMS \
	"\"YYYY-MM-DD[ HH:MM[:SS]]\", HH:MM[:SS] of today, @SECONDS of the epoch, or -N[smhd] ago"

/**
 * time_arg__parse - a moment, as people write it, in local time
 * @now: seconds since the epoch
 *
 * Return: seconds since the epoch, or -EINVAL.
 */
long long time_arg__parse(const char *text, long long now);

#endif
