/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_CLOCK_H
#define VQA_USER_CLOCK_H

/** clock__now_ms, clock__now_ns - CLOCK_MONOTONIC, in milli- and nanoseconds */
long long clock__now_ms(void);
long long clock__now_ns(void);

/** clock__offset_ns - CLOCK_REALTIME - CLOCK_MONOTONIC, in nanoseconds, as they are now */
long long clock__offset_ns(void);

#endif
