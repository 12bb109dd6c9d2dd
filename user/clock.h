/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_CLOCK_H
#define VQA_USER_CLOCK_H

/** clock__now_ms - CLOCK_MONOTONIC, in milliseconds */
long long clock__now_ms(void);

/** clock__offset_ns - CLOCK_REALTIME - CLOCK_MONOTONIC, in nanoseconds, as they are now */
long long clock__offset_ns(void);

#endif
