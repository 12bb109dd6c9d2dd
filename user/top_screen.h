/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal of "top". */
#ifndef VQA_USER_TOP_SCREEN_H
#define VQA_USER_TOP_SCREEN_H

#include "top_text.h"

enum top_key {
	TOP_KEY_NONE,
	TOP_KEY_QUIT,
	TOP_KEY_PAUSE,
	TOP_KEY_NAME,
	TOP_KEY_RATE,
	TOP_KEY_VIOLATIONS,
	TOP_KEY_LATENCY,
	TOP_KEY_OTHER, /* it scrolled, or the terminal has another size: draw again */
};

/** top_screen__possible - whether there is a terminal; says so if there is none */
bool top_screen__possible(void);

/**
 * top_screen__open - take the terminal; until top_screen__close(), which a second time does nothing
 *
 * Return: 0; or -errno after having said what is wrong.
 */
int top_screen__open(bool color);
void top_screen__close(void);

/** top_screen__draw - all of it, as large as the terminal is now */
void top_screen__draw(const struct top_view *v, struct top_how *how);

/** top_screen__key - the next key that was pressed, TOP_KEY_NONE if there is none */
enum top_key top_screen__key(void);

#endif
