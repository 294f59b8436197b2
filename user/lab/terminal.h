/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's terminal for a shell inside of the stage: a pseudo terminal stands
 * between, so that nothing in there ever holds the real one.
 */
#ifndef NSLENS_LAB_TERMINAL_H
#define NSLENS_LAB_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct lab_terminal {
	int tty;     /* the user's; not closed */
	int in, out; /* of it; -1: nothing more comes */
	int master;  /* ours of the pseudo terminal; -1: not open */
	int slave;   /* the shell's: to be passed on, then lab_terminal_given() */
	struct termios before;
	bool raw, ended; /* ended: nobody has the slave any more */
	unsigned short rows, columns;
};

/*
 * Opens a pseudo terminal like the user's, which becomes raw: every key is the
 * shell's. 0, or a negative errno with nothing changed.
 */
int lab_terminal_open(struct lab_terminal *t, int in, int out);
/* The shell has got its end. */
void lab_terminal_given(struct lab_terminal *t);
/* Carries over what there is, waiting up to `ms` for it or for `other` to be readable. */
void lab_terminal_relay(struct lab_terminal *t, int other, int ms);
/* The user's terminal is as before. May be called twice. */
void lab_terminal_close(struct lab_terminal *t);

#endif
