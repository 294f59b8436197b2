/* SPDX-License-Identifier: GPL-2.0-only */
/* One file a subcommand: reads options, wires a source to a view. */
#ifndef NSLENS_CMD_H
#define NSLENS_CMD_H

#include <stdbool.h>
#include <stddef.h>

/* Exit status (DESIGN section 6; README). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,   /* failed, or a difference was found */
	EXIT_USAGE = 2,	   /* bad usage or bad input */
	EXIT_NSLENS = 125, /* with -- CMD: nslens itself failed */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

struct command_line; /* options.h */

struct command {
	const struct command_line *line;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

int cmd_trace(int argc, char **argv);
int cmd_graph(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_lab(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_manual(int argc, char **argv);
int cmd_completion(int argc, char **argv);

extern const struct command_line trace_line, graph_line, watch_line, why_line, lab_line,
	explain_line, record_line, report_line, diff_line, export_line, import_line, serve_line,
	doctor_line, manual_line, completion_line;

/* Every command, in the order of --help. NULL: there are no more. */
const struct command_line *command_at(size_t i);

/* Was standard output closed when nslens was started? It leads to /dev/null now. */
bool standard_output_closed(void);

/*
 * "nslens COMMAND: TEXT" on standard error (COMMAND may be NULL). Names of files,
 * options and commands in it are hostile text: control bytes are escaped.
 */
__attribute__((format(printf, 2, 3))) void complain(const char *command, const char *format, ...);

/* "nslens trace: TEXT", and where help is; returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const char *command, const char *format, ...);

#endif
