/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_VERSION_H
#define VQA_USER_VERSION_H

/* The build sets it from the file VERSION. */
#ifndef VQ_AUDIT_VERSION
#define VQ_AUDIT_VERSION "unknown"
#endif

#endif
