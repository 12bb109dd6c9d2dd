/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSON_FLIGHT_H
#define VQA_USER_JSON_FLIGHT_H

#include <jansson.h>

#include "flight.h"

/** json_flight - the operations as an array, oldest first; a new reference */
json_t *json_flight(const struct flight *f);

/**
 * json_flight__parse - the same, back
 * @array: what json_flight() made, perhaps long ago and edited since
 * @ret_fault: gets a static text that says what is wrong; on failure only
 *
 * Times never decrease in what is accepted. Return: 0 or -EBADMSG.
 */
int json_flight__parse(const json_t *array, struct flight *ret, const char **ret_fault);

#endif
