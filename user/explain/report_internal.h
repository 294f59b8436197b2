/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the report's sentences share with each other and with nobody else. */
#ifndef NSLENS_EXPLAIN_REPORT_INTERNAL_H
#define NSLENS_EXPLAIN_REPORT_INTERNAL_H

#include "report.h"
#include "text.h"

unsigned int report_percent(uint64_t part, uint64_t whole);
/* NULL: it is no task of the start. */
const struct nsu_task *report_task(const struct nsu_startup *s, uint32_t tid);
const char *report_comm(const struct nsu_startup *s, uint32_t tid);
/* "runc (4711)" */
void report_who(struct nse_text *t, const struct nsu_startup *s, uint32_t tid);
/* Why a stage took its time; no full stop, may be empty. report_stages.c */
const char *report_cause(const struct nsu_startup *s, size_t stage, char *buf, size_t size);

#endif
