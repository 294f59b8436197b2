// SPDX-License-Identifier: GPL-2.0-only
#define NCURSES_WIDECHAR 1
#include "watch_term.h"

#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "text.h"
#include "watch.h"

static struct {
	SCREEN *screen;
	struct termios before; /* of standard input, for nsw_term_rescue() */
	bool known;	       /* `before` is filled */
	bool colour;
	attr_t look[NSV_COLOURS];
	short pair[NSV_COLOURS];
} term;

/* ---- can it be used? ------------------------------------------------------------------------ */

const char *nsw_term_check(void)
{
	static char text[320];
	const char *name = getenv("TERM");
	int err = 0;

	if (!isatty(STDOUT_FILENO))
		return "standard output is not a terminal: watch draws on one. For a file or a "
		       "pipe use nslens graph (the graph) or nslens trace (the calls)";
	if (!isatty(STDIN_FILENO))
		return "standard input is not a terminal: watch reads keys from it. Without keys "
		       "use nslens graph --follow or nslens trace";
	if (!name || !*name)
		return "TERM is not set: nobody knows how this terminal is driven. Set it (for "
		       "example TERM=xterm-256color), or use nslens graph or nslens trace";
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK) {
		snprintf(text, sizeof(text),
			 "TERM=%.60s: %s. Set TERM to what the terminal is (xterm, linux, vt100), "
			 "or use nslens graph or nslens trace",
			 name,
			 err < 0 ? "this machine has no terminfo (package ncurses-base)"
				 : "terminfo does not know it, or it is no screen");
		return text;
	}
	if (!cursor_address || !clear_screen) {
		snprintf(text, sizeof(text),
			 "TERM=%.60s cannot move its cursor, so nothing can be drawn on it. Use "
			 "nslens graph or nslens trace",
			 name);
		return text;
	}
	term.known = !tcgetattr(STDIN_FILENO, &term.before);
	return NULL;
}

/*
 * The C library must know UTF-8, not only the terminal. Where the user's locale is
 * not installed C.UTF-8 often is; without either, text is ASCII.
 */
bool nsw_term_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (!value || !*value)
			continue;
		if (!setlocale(LC_CTYPE, "") &&
		    (strcasestr(value, "utf-8") || strcasestr(value, "utf8")))
			setlocale(LC_CTYPE, "C.UTF-8");
		break;
	}
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* ---- colours -------------------------------------------------------------------------------- */

/* The 256-colour neighbours of the palette, and what is nearest among eight. */
static const struct {
	short many, few;
} palette[NSV_COLOURS] = {
	[NSL_MNT] = {36, COLOR_GREEN}, [NSL_UTS] = {178, COLOR_YELLOW},
	[NSL_IPC] = {74, COLOR_CYAN},  [NSL_PID] = {166, COLOR_RED},
	[NSL_NET] = {32, COLOR_BLUE},  [NSL_CGROUP] = {175, COLOR_MAGENTA},
	[NSL_TIME] = {245, -1},	       [NSL_USER] = {227, COLOR_YELLOW},
	[NSV_PLAIN] = {-1, -1},	       [NSV_DIM] = {245, -1},
	[NSV_BOLD] = {-1, -1},	       [NSV_RED] = {203, COLOR_RED},
};

static void choose_looks(bool colour)
{
	memset(term.look, 0, sizeof(term.look));
	memset(term.pair, 0, sizeof(term.pair));
	term.look[NSV_BOLD] = A_BOLD;
	term.look[NSV_DIM] = A_DIM;
	term.look[NSV_RED] = A_BOLD;
	term.colour = colour && has_colors() && start_color() == OK;
	if (!term.colour)
		return;
	use_default_colors();
	for (int i = 0; i < NSV_COLOURS; i++) {
		short number = COLORS >= 256 ? palette[i].many : palette[i].few;

		if (number < 0 || number >= COLORS || i + 1 >= COLOR_PAIRS)
			continue;
		if (init_pair((short)(i + 1), number, -1) == OK)
			term.pair[i] = (short)(i + 1);
	}
	if (term.pair[NSV_DIM])
		term.look[NSV_DIM] = 0;
}

static void set_style(unsigned int style)
{
	unsigned int colour = style & NSW_STYLE;
	attr_t look = colour < NSV_COLOURS ? term.look[colour] : 0;
	short pair = colour < NSV_COLOURS ? term.pair[colour] : 0;

	if (style & NSW_STRONG)
		look |= A_BOLD;
	if (style & NSW_UNDERLINE)
		look |= A_UNDERLINE;
	if (style & NSW_REVERSE) {
		look = (look | A_REVERSE) & ~A_DIM;
		/* a chosen row is one bar, not a row of coloured patches */
		if (colour != NSV_RED)
			pair = 0;
	}
	attr_set(look, pair, NULL);
}

/* ---- screen --------------------------------------------------------------------------------- */

bool nsw_term_open(bool colour)
{
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen)
		return false;
	choose_looks(colour);
	cbreak(); /* Ctrl-C and Ctrl-Z stay signals: they work even if nobody reads keys */
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	leaveok(stdscr, TRUE);
	return true;
}

void nsw_term_close(void)
{
	if (!term.screen)
		return;
	attr_set(A_NORMAL, 0, NULL);
	curs_set(1);
	endwin();
	delscreen(term.screen);
	term.screen = NULL;
}

void nsw_term_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
}

void nsw_term_show(const struct nsw_canvas *c, bool redraw)
{
	if (redraw)
		clearok(stdscr, TRUE);
	for (int row = 0; row < c->rows; row++) {
		const struct nsw_cell *cells = &c->cells[(size_t)row * (size_t)c->cols];

		for (int col = 0; col < c->cols; col++) {
			wchar_t wide = (wchar_t)cells[col].point;

			if (!wide)
				continue;
			set_style(cells[col].style);
			/* what this terminal's locale cannot show must not shift the rest */
			if (wide > 0x7f && wcwidth(wide) < 1)
				wide = L'?';
			mvaddnwstr(row, col, &wide, 1);
		}
	}
	refresh();
}

static int named(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return NSW_KEY_UP;
	case KEY_DOWN:
		return NSW_KEY_DOWN;
	case KEY_LEFT:
		return NSW_KEY_LEFT;
	case KEY_RIGHT:
		return NSW_KEY_RIGHT;
	case KEY_PPAGE:
		return NSW_KEY_PAGE_UP;
	case KEY_NPAGE:
		return NSW_KEY_PAGE_DOWN;
	case KEY_HOME:
		return NSW_KEY_HOME;
	case KEY_END:
		return NSW_KEY_END;
	case KEY_ENTER:
		return NSW_KEY_ENTER;
	case KEY_BTAB:
		return NSW_KEY_TAB;
	case KEY_BACKSPACE:
		return NSW_KEY_BACKSPACE;
	case KEY_RESIZE:
		return NSW_KEY_REDRAW;
	default:
		return NSW_KEY_NONE;
	}
}

int nsw_term_key(void)
{
	for (;;) {
		wint_t key;
		int kind = get_wch(&key), name;

		if (kind == ERR)
			return NSW_KEY_NONE;
		if (kind == KEY_CODE_YES) {
			name = named(key);
			if (name != NSW_KEY_NONE)
				return name;
			continue;
		}
		switch (key) {
		case '\r':
		case '\n':
			return NSW_KEY_ENTER;
		case '\t':
			return NSW_KEY_TAB;
		case 0x1b:
			return NSW_KEY_ESCAPE;
		case 0x08:
		case 0x7f:
			return NSW_KEY_BACKSPACE;
		case 0x0c:
			return NSW_KEY_REDRAW;
		default:
			return (int)key;
		}
	}
}

/* ---- rescue --------------------------------------------------------------------------------- */

static int put_byte(int byte)
{
	char c = (char)byte;

	return write(STDOUT_FILENO, &c, 1) == 1 ? byte : EOF;
}

static void put_string(const char *capability)
{
	if (capability)
		tputs(capability, 1, put_byte);
}

void nsw_term_rescue(void)
{
	put_string(exit_attribute_mode);
	put_string(orig_pair);
	put_string(keypad_local);
	put_string(cursor_normal);
	put_string(exit_ca_mode);
	if (term.known)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &term.before);
}
