/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TOP_JSON_H
#define VQA_USER_TOP_JSON_H

#include <jansson.h>

#include "top_text.h"

/** top_json__reading - all that is shown, as one object; what is unknown is null. NULL: no memory
 */
json_t *top_json__reading(const struct top_view *v, const struct top_how *how);

#endif
