// SPDX-License-Identifier: GPL-2.0-only
/* The terminal of watch, at a pseudo terminal: what is written to it, what keys become, what is
 * left. */
#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "../../user/view/text.h"
#include "../../user/view/watch.h"
#include "../../user/view/watch_term.h"
#include "unit.h"

#define ROWS 6
#define COLS 40

/* ncurses keeps every terminal that was ever asked for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static int master = -1, own_in, own_out;
static char written[16384];

/* Standard input and output become a terminal of ROWS lines; `master` is its other end. */
static void terminal(const char *name)
{
	struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
	int slave;

	fflush(stdout);
	own_in = dup(STDIN_FILENO);
	own_out = dup(STDOUT_FILENO);
	if (openpty(&master, &slave, NULL, NULL, &size))
		abort();
	fcntl(master, F_SETFL, O_NONBLOCK);
	dup2(slave, STDIN_FILENO);
	dup2(slave, STDOUT_FILENO);
	close(slave);
	setenv("TERM", name, 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
}

static void no_terminal(void)
{
	fflush(stdout);
	dup2(own_in, STDIN_FILENO);
	dup2(own_out, STDOUT_FILENO);
	close(own_in);
	close(own_out);
	close(master);
}

/* All that was written to the terminal since. */
static const char *output(void)
{
	size_t len = 0;
	ssize_t n;

	fflush(stdout);
	while ((n = read(master, written + len, sizeof(written) - 1 - len)) > 0)
		len += (size_t)n;
	written[len] = '\0';
	return written;
}

static void type(const char *text)
{
	if (write(master, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

static struct termios settings(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		abort();
	return t;
}

/* Checks print to standard output: they wait until it is ours again. */
static bool same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

static void draws_and_gives_back(void)
{
	struct nsw_canvas c = {.utf8 = true};
	struct termios before, within, after;
	char first[16384], second[16384], last[16384];
	const char *why;
	int rows, cols;
	bool utf8, opened;

	setenv("LC_ALL", "C.UTF-8", 1);
	terminal("xterm-256color");
	before = settings();
	why = nsw_term_check();
	utf8 = nsw_term_utf8();
	opened = nsw_term_open(true);
	nsw_term_size(&rows, &cols);
	nsw_canvas_begin(&c, ROWS, COLS);
	nsw_put(&c, 1, 2, COLS, NSL_MNT, "rails ├─●");
	nsw_put(&c, 2, 2, COLS, NSV_RED | NSW_STRONG, "failed");
	nsw_put(&c, 3, 2, COLS, NSV_PLAIN | NSW_REVERSE, "chosen");
	nsw_put(&c, 4, 2, COLS, NSV_DIM | NSW_UNDERLINE, "under");
	nsw_term_show(&c, false);
	strcpy(first, output());
	within = settings();
	nsw_put(&c, 1, 2, COLS, NSL_MNT, "other");
	nsw_term_show(&c, false);
	strcpy(second, output());
	nsw_term_show(&c, true);
	strcpy(last, output());
	nsw_term_close();
	output();
	after = settings();
	no_terminal();
	nsw_canvas_free(&c);

	CHECK(!why && utf8 && opened);
	CHECK_NUM(rows, ROWS);
	CHECK_NUM(cols, COLS);
	CHECK(strstr(first, "\x1b[?1049h") != NULL); /* another screen than the shell's */
	CHECK(strstr(first, "rails ├─●") && strstr(first, "failed") && strstr(first, "chosen"));
	CHECK(strstr(first, "38;5;36m") != NULL); /* the colour of mount namespaces */
	CHECK(strstr(first, "7mchosen") && strstr(first, "4m\x1b[38;5;245munder"));
	CHECK(strstr(second, "other") && !strstr(second, "failed")); /* what changed, no more */
	CHECK(strstr(last, "failed") != NULL);			     /* all of it, when asked */
	CHECK(!(within.c_lflag & (ECHO | ICANON)) && within.c_lflag & ISIG);
	CHECK(same(&before, &after));
	CHECK(strstr(written, "\x1b[?1049l") != NULL);
}

static void knows_keys(void)
{
	static const struct {
		const char *typed;
		int key;
	} keys[] = {
		{"q", 'q'},
		{"\r", NSW_KEY_ENTER},
		{"\t", NSW_KEY_TAB},
		{"\x7f", NSW_KEY_BACKSPACE},
		{"\x08", NSW_KEY_BACKSPACE},
		{"\x0c", NSW_KEY_REDRAW},
		{"\x1bOA", NSW_KEY_UP},
		{"\x1bOB", NSW_KEY_DOWN},
		{"\x1bOC", NSW_KEY_RIGHT},
		{"\x1bOD", NSW_KEY_LEFT},
		{"\x1b[5~", NSW_KEY_PAGE_UP},
		{"\x1b[6~", NSW_KEY_PAGE_DOWN},
		{"\x1bOH", NSW_KEY_HOME},
		{"\x1bOF", NSW_KEY_END},
		{"\x1bOM", NSW_KEY_ENTER},
		{"\x1b[Z", NSW_KEY_TAB},
		{"\x1b[24~x", 'x'}, /* F12 means nothing here, and what follows is not eaten */
		{"\xc3\xa4", 0xe4},
		{"\x1b", NSW_KEY_ESCAPE},
	};
	int got[sizeof(keys) / sizeof(*keys)], none;

	setenv("LC_ALL", "C.UTF-8", 1);
	terminal("xterm");
	nsw_term_check();
	nsw_term_utf8();
	nsw_term_open(false);
	none = nsw_term_key();
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		type(keys[i].typed);
		got[i] = nsw_term_key();
	}
	nsw_term_close();
	no_terminal();

	CHECK_NUM(none, NSW_KEY_NONE);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (got[i] != keys[i].key)
			unit_fail(__FILE__, __LINE__, "key %zu is %#x, not %#x", i, got[i],
				  keys[i].key);
}

/* Eight colours, none at all, and a locale that cannot show what is drawn. */
static void poorer_terminals(void)
{
	static const struct {
		const char *term, *locale;
		bool colour;
		const char *want, *not ;
	} all[] = {
		{"xterm", "C.UTF-8", true, "\x1b[32m", "38;5;"},
		{"xterm", "C.UTF-8", false, "rails", "\x1b[32m"},
		{"vt100", "C.UTF-8", true, "rails", "\x1b[32m"},
		{"xterm", "C", true, "rails ?", "●"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct nsw_canvas c = {.utf8 = true};
		bool utf8;

		setlocale(LC_CTYPE, "C");
		setenv("LC_ALL", all[i].locale, 1);
		terminal(all[i].term);
		nsw_term_check();
		utf8 = nsw_term_utf8();
		setlocale(LC_CTYPE, all[i].locale);
		nsw_term_open(all[i].colour);
		nsw_canvas_begin(&c, ROWS, COLS);
		nsw_put(&c, 1, 2, COLS, NSL_MNT, "rails ●");
		nsw_term_show(&c, false);
		output();
		nsw_term_close();
		no_terminal();
		nsw_canvas_free(&c);
		CHECK(strstr(written, all[i].want) != NULL);
		CHECK(!strstr(written, all[i].not ));
		CHECK_NUM(utf8, strcmp(all[i].locale, "C") != 0);
	}
}

static void says_what_is_missing(void)
{
	static const struct {
		const char *term, *said;
	} all[] = {
		{"", "TERM is not set"},
		{"no-such-terminal", "TERM=no-such-terminal: terminfo does not know it"},
		{"dumb", "TERM=dumb cannot move its cursor"},
	};
	char said[400];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const char *why;

		terminal(all[i].term);
		why = nsw_term_check();
		snprintf(said, sizeof(said), "%s", why ? why : "");
		no_terminal();
		CHECK(strstr(said, all[i].said) != NULL);
		CHECK(strstr(said, "nslens graph") != NULL);
	}
}

static void needs_both_ends(void)
{
	int file = open("/dev/null", O_RDWR), keep;
	const char *in, *out;

	terminal("xterm");
	keep = dup(STDIN_FILENO);
	dup2(file, STDIN_FILENO);
	in = nsw_term_check();
	dup2(keep, STDIN_FILENO);
	dup2(file, STDOUT_FILENO);
	out = nsw_term_check();
	no_terminal();
	close(keep);
	close(file);
	CHECK(in && strstr(in, "standard input is not a terminal"));
	CHECK(out && strstr(out, "standard output is not a terminal"));
}

/* The process that drew is gone: another puts the terminal right, without ncurses' own state. */
static void rescues(void)
{
	struct termios before, after;

	terminal("xterm-256color");
	before = settings();
	nsw_term_check();
	nsw_term_open(true);
	output();
	nsw_term_rescue();
	after = settings();
	output();
	nsw_term_close();
	no_terminal();
	CHECK(strstr(written, "\x1b[?1049l") && strstr(written, "\x1b[?25h"));
	CHECK(same(&before, &after));
}

int main(void)
{
	RUN(needs_both_ends);
	RUN(says_what_is_missing);
	RUN(draws_and_gives_back);
	RUN(knows_keys);
	RUN(poorer_terminals);
	RUN(rescues);
	return unit_end();
}
