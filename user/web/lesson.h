/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lesson, led from one page: what that page may ask for, and the fixed form in which it
 * goes back from the server, which is nobody, to the source, which plays the lesson and
 * believes nothing of it.
 *
 * The first page with the teacher's key leads. Others watch, until it has gone or one of
 * them takes over; a student's page never leads.
 */
#ifndef NSLENS_WEB_LESSON_H
#define NSLENS_WEB_LESSON_H

#include <stdbool.h>
#include <stdint.h>

#define WEB_LESSON_NAME 64

enum web_lesson_what {
	WEB_LESSON_NEXT,   /* to the next question */
	WEB_LESSON_ANSWER, /* `choice`, from 1; 0: just do it */
	WEB_LESSON_START,  /* scenario `name` */
	WEB_LESSON_AGAIN,  /* the same from its beginning */
	WEB_LESSON_LEAVE,  /* back to the list */
	WEB_LESSON_WATCHED,
	WEB_LESSON_ALONE, /* no page is open any more */
	WEB_LESSON_WHATS,
};

struct web_lesson_command {
	uint32_t what, choice;
	uint32_t turn; /* that the page stood at: what comes late means nothing */
	char name[WEB_LESSON_NAME];
};

/*
 * "do=answer&choice=2&turn=7&viewer=3". False: it is malformed. `lead`: do=lead, the page
 * wants to lead; there is no command then.
 */
bool web_lesson_parse(const char *body, struct web_lesson_command *c, uint64_t *viewer, bool *lead);

/* Of the source, about what the server has sent: is it of the form at all? */
bool web_lesson_valid(const struct web_lesson_command *c);

#endif
