// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "options.h"
#include "signals.h"

/* clang-format off */
static const struct command commands[] = {
	{&trace_line, cmd_trace},
	{&graph_line, cmd_graph},
	{&why_line, cmd_why},
	{&watch_line, cmd_watch},
	{&lab_line, cmd_lab},
	{&explain_line, cmd_explain},
	{&record_line, cmd_record},
	{&report_line, cmd_report},
	{&diff_line, cmd_diff},
	{&export_line, cmd_export},
	{&import_line, cmd_import},
	{&serve_line, cmd_serve},
	{&doctor_line, cmd_doctor},
	{&manual_line, cmd_manual},
	{&completion_line, cmd_completion},
};
/* clang-format on */

const struct command_line *command_at(size_t i)
{
	return i < sizeof(commands) / sizeof(*commands) ? commands[i].line : NULL;
}

static void complain_va(const char *command, const char *format, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, ap);
	fprintf(stderr, "nslens%s%s: ", command ? " " : "", command ? command : "");
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			fprintf(stderr, "\\x%02x", *p);
		else
			fputc(*p, stderr);
	}
	fputc('\n', stderr);
}

void complain(const char *command, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain_va(command, format, ap);
	va_end(ap);
}

int usage_error(const char *command, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain_va(command, format, ap);
	va_end(ap);
	fprintf(stderr, "Try: nslens%s%s --help\n", command ? " " : "", command ? command : "");
	return EXIT_USAGE;
}

static bool output_was_closed;

bool standard_output_closed(void)
{
	return output_was_closed;
}

/* A file that is opened must not become standard output or standard error. */
static void fill_standard_descriptors(void)
{
	int fd;

	output_was_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
}

static void print_help(void)
{
	puts("Usage: nslens COMMAND [options] [-- CMD...]\n"
	     "Shows what Linux does when a process creates, joins or leaves a namespace.\n\n"
	     "Commands:");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		printf("  %-10s %s\n", commands[i].line->name, commands[i].line->summary);
	puts("\nEvery command has --help. Start with:\n"
	     "  sudo nslens trace -- unshare --uts --pid --fork true\n"
	     "  nslens doctor");
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	signals_begin();
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		print_help();
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("nslens " NSLENS_VERSION);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].line->name))
			return commands[i].run(argc - 1, argv + 1);
	return usage_error(NULL, "no command '%.40s'", argv[1]);
}
