/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the three forms of the report, and what they share. */
#ifndef NSLENS_VIEW_REPORT_INTERNAL_H
#define NSLENS_VIEW_REPORT_INTERNAL_H

#include "report.h"
#include "text.h"

#define NSV_REPORT_WORD 256

/* Its clocks, and what the kernel is. */
void nsv_report_take_start(struct nsv *v, const struct nsv_start *start);

void nsv_report_text(struct nsv *v, const struct nsv_report *r);
void nsv_report_markdown(struct nsv *v, const struct nsv_report *r);
void nsv_report_json(struct nsv *v, const struct nsv_report *r);

/* Of the text: a paragraph whose first line begins at column `first`, hostile text made safe; a
 * title above one; all about one start-up. */
#define NSV_REPORT_LABEL 2 /* the column where most begins */
void nsv_report_words(struct nsv *v, int first, int indent, const char *text, unsigned int colour);
void nsv_report_title(struct nsv *v, const char *text);
void nsv_report_one(struct nsv *v, const struct nsv_report *r, const struct nsu_startup *s);

/* "2026-11-22 09:31:33.512", local time. */
const char *nsv_report_clock(const struct nsv_report *r, uint64_t ts, char buf[NSV_WORD]);
/* "created", "the host's", "of start-up 3" …: how the payload has it. */
const char *nsv_report_how(const struct nsv *v, const struct nsu_startup *s,
			   const struct nsu_ns *ns, char buf[NSV_REPORT_WORD]);
/* What a segment of the critical path is. */
const char *nsv_report_segment(const struct nsv *v, const struct nsu_startup *s,
			       const struct nsu_segment *g, char buf[NSV_REPORT_WORD]);
/* A task's name, safe: "runc (4711)". */
const char *nsv_report_who(const struct nsv *v, const struct nsu_startup *s, uint32_t tid,
			   char buf[NSV_REPORT_WORD]);
/* Notes at the end: losses, what is not known; NULL: there is no such one. */
#define NSV_REPORT_NOTES 7
const char *nsv_report_note(const struct nsv_report *r, size_t i, char buf[NSV_REPORT_WORD]);
/* Segments shorter than this are left out of a text, and counted. */
uint64_t nsv_report_speck(const struct nsu_startup *s);
unsigned int nsv_report_percent(uint64_t part, uint64_t whole);

#endif
