/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: a lesson, and what its parts share. */
#ifndef NSLENS_CMD_LAB_LESSON_H
#define NSLENS_CMD_LAB_LESSON_H

#include "../view/view.h"
#include "lab.h"

#define LESSON_LINE 400

struct lesson {
	struct lab_session l;
	const struct lab_scenario *s;
	struct nsv *view;
	bool pauses, colour, over;
	bool single; /* pause before every step, also before those that belong to another */
	int width;
	unsigned int asked, answered, right, differs;
	char *drawn;	/* the rows of the last picture */
	bool explained; /* its legend was shown */
	bool keys_told;
	char line[LESSON_LINE];
};

/* ---- lab_show.c: what is printed ---- */

const char *lesson_bold(const struct lesson *t);
const char *lesson_dim(const struct lesson *t);
const char *lesson_plain(const struct lesson *t);
/* Wrapped; `lead` stands before the first line, and is the width of the indent. */
void lesson_paragraph(const struct lesson *t, const char *lead, const char *text);
/* Title, what it teaches, the actors, and how things are at the beginning. */
void lesson_head(struct lesson *t);
/* The picture of the actors. What has not changed is drawn only if it is `asked` for. */
void lesson_draw(struct lesson *t, bool asked);
/* What the actor got, what was destroyed, and what is not as the file says. */
void lesson_result(struct lesson *t, size_t index, const struct lab_report *r);
/* A step that only reads: nothing in the picture can change. */
bool lesson_is_look(enum lab_verb verb);

/* ---- lab_ask.c: what the user is asked ---- */

/* The question of a step, or a pause. False: the lesson is over. */
bool lesson_predict(struct lesson *t, const struct lab_step *step, unsigned int *choice);
/* The answer, after the step. */
void lesson_reveal(struct lesson *t, const struct lab_step *step, unsigned int choice);

/* ---- lab_guest.c ---- */

/* Can --guest work from here? */
bool lab_guest_is_here(void);

#endif
