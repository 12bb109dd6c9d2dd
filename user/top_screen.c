/* SPDX-License-Identifier: GPL-2.0 */
#include "top_screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of ncurses without macros for names as common as ours. */
#define NCURSES_NOMACROS
#include <curses.h>

#include "error.h"

#define HELP 1 /* lines below the rows */
#define MIN_HEIGHT (TOP_HEAD + 1 + 1 + HELP)
#define RED 1

static struct {
	SCREEN *screen; /* NULL: the terminal is not ours */
	bool color;
	size_t first; /* of the rows that are shown */
	size_t room; /* for rows, when it was last drawn */
	size_t rows;
} term;

bool top_screen__possible(void)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

	if (!terminal)
		err__cannot_run("\"vq-audit top -b\" prints plain text, \"vq-audit run -j\" JSON",
				"standard input and output are no terminal");
	return terminal;
}

int top_screen__open(bool color)
{
	const char *type = getenv("TERM");

	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen) {
		err__cannot_run("TERM=vt100 suits most; \"vq-audit top -b\" takes no terminal",
				"a terminal of type \"%s\" cannot be used", type ? type : "");
		return -EINVAL;
	}
	atexit(top_screen__close);
	term.color = color && has_colors() && start_color() == OK && use_default_colors() == OK &&
		     init_pair(RED, COLOR_RED, -1) == OK;
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return 0;
}

void top_screen__close(void)
{
	if (!term.screen)
		return;
	wmove(stdscr, LINES - 1, 0); /* where the shell goes on, if there is no other screen */
	wclrtoeol(stdscr);
	wrefresh(stdscr);
	endwin();
	delscreen(term.screen);
	term.screen = NULL;
}

static void put(int y, attr_t attributes, const char *text)
{
	attrset(attributes);
	mvaddnstr(y, 0, text, COLS);
	attrset(A_NORMAL);
}

/* What is wrong has a sign or a word of its own, too: not every terminal has bold. */
static attr_t attributes_of(bool wrong)
{
	if (!wrong)
		return A_NORMAL;
	return A_BOLD | (term.color ? COLOR_PAIR(RED) : 0);
}

static void draw_head(const struct top_view *v, const struct top_how *how)
{
	char line[TOP_LINE];

	for (int i = 0; i < TOP_HEAD; i++) {
		bool wrong = top_text__head(i, v, how, line);

		put(i, attributes_of(wrong), line);
	}
	top_text__titles(how, line);
	mvhline(TOP_HEAD, 0, ' ' | A_REVERSE, COLS);
	put(TOP_HEAD, A_REVERSE, line);
}

/* No further than to where the last row is the last line. */
static void clamp_first(void)
{
	size_t last = term.rows > term.room ? term.rows - term.room : 0;

	if (term.first > last)
		term.first = last;
}

static void draw_rows(const struct top_view *v, const struct top_how *how)
{
	char line[TOP_LINE];

	term.rows = v->n;
	term.room = LINES - TOP_HEAD - 1 - HELP;
	clamp_first();
	for (size_t i = 0; i < term.room && term.first + i < v->n; i++) {
		bool wrong = top_text__row(&v->rows[term.first + i], how, line);

		put(TOP_HEAD + 1 + i, attributes_of(wrong), line);
	}
}

static void draw_help(const struct top_how *how)
{
	char line[TOP_LINE];
	size_t end = term.first + term.room < term.rows ? term.first + term.room : term.rows;
	size_t len = 0;

	if (term.rows > term.room)
		len = snprintf(line, sizeof(line), "%zu-%zu of %zu  ", term.first + 1, end,
			       term.rows);
	top_text__help(how, line + len);
	line[COLS - 1] = 0; /* the last place of a screen scrolls it */
	put(LINES - 1, A_NORMAL, line);
}

void top_screen__draw(const struct top_view *v, struct top_how *how)
{
	char line[TOP_LINE];

	erase();
	how->width = COLS < TOP_LINE ? COLS : TOP_LINE - 1;
	if (COLS < TOP_MIN_WIDTH || LINES < MIN_HEIGHT) {
		snprintf(line, sizeof(line), "%dx%d or more", TOP_MIN_WIDTH, MIN_HEIGHT);
		put(0, A_NORMAL, line);
	} else {
		draw_head(v, how);
		draw_rows(v, how);
		draw_help(how);
	}
	refresh();
}

static enum top_key scroll_to(long first)
{
	term.first = first > 0 ? first : 0;
	clamp_first();
	return TOP_KEY_OTHER;
}

static enum top_key scroll_by_key(int c)
{
	long first = term.first, page = term.room;

	switch (c) {
	case KEY_UP:
	case 'k':
		return scroll_to(first - 1);
	case KEY_DOWN:
	case 'j':
		return scroll_to(first + 1);
	case KEY_PPAGE:
		return scroll_to(first - page);
	case KEY_NPAGE:
		return scroll_to(first + page);
	case KEY_HOME:
		return scroll_to(0);
	case KEY_END:
		return scroll_to(term.rows);
	default: /* KEY_RESIZE among them; any other key does no harm */
		return TOP_KEY_OTHER;
	}
}

enum top_key top_screen__key(void)
{
	int c = wgetch(stdscr);

	switch (c) {
	case ERR:
		return TOP_KEY_NONE;
	case 'q':
		return TOP_KEY_QUIT;
	case 'p':
	case ' ':
		return TOP_KEY_PAUSE;
	case 'n':
		return TOP_KEY_NAME;
	case 'r':
		return TOP_KEY_RATE;
	case 'v':
		return TOP_KEY_VIOLATIONS;
	case 'l':
		return TOP_KEY_LATENCY;
	default:
		return scroll_by_key(c);
	}
}
