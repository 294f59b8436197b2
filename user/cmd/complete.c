// SPDX-License-Identifier: GPL-2.0-only
/* Completions of commands, options and their values, from the tables of all commands. */
#include <string.h>

#include "option_values.h"
#include "options.h"

#define TYPES "mnt uts ipc pid cgroup net time user"

/* Inside single quotes of a shell; `also` stands behind a backslash. */
static void quote(FILE *out, const char *s, const char *also)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", out);
		else if (strchr(also, *s))
			fprintf(out, "\\%c", *s);
		else
			fputc(*s, out);
	}
}

/* "a|b|c" as "a b c" */
static void choice(FILE *out, const char *words)
{
	for (; *words; words++)
		fputc(*words == '|' ? ' ' : *words, out);
}

static bool is_option(const struct option_row *r)
{
	return r->kind > OPTION_KIND_CMD;
}

static bool takes_cmd(const struct command_line *line)
{
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (r->kind == OPTION_KIND_CMD)
			return true;
	return false;
}

/* Actions of a command such as lab: the first word of "step NAME". */
static bool has_actions(const struct command_line *line)
{
	return line->words && !strncmp(line->words_title, "ACTION", 6);
}

static void actions(FILE *out, const struct command_line *line)
{
	for (const struct option_word *w = line->words; w->word; w++)
		fprintf(out, "%s%.*s", w == line->words ? "" : " ", (int)strcspn(w->word, " "),
			w->word);
}

/* ---- bash ---- */

static void bash_value(FILE *out, const struct option_row *r)
{
	const char *words = option_choice(r);

	if (words) {
		fputs("words \"", out);
		choice(out, words);
		fputs("\"", out);
	} else if (r->kind == OPTION_KIND_TYPES) {
		fputs("list \"" TYPES "\"", out);
	} else if (r->kind == OPTION_KIND_FILE) {
		fputs("files", out);
	} else if (r->kind == OPTION_KIND_DIR) {
		fputs("dirs", out);
	} else if (r->kind == OPTION_KIND_PID) {
		fputs("pids", out);
	} else if (!strcmp(r->value, "USER")) {
		fputs("users", out);
	} else {
		fputs("nothing", out);
	}
}

static void bash_values(FILE *out, const struct command_line *line)
{
	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (!is_option(r) || !r->value)
			continue;
		fprintf(out, "\t%s:--%s", line->name, r->name);
		if (r->letter)
			fprintf(out, " | %s:-%c", line->name, r->letter);
		fputs(") _nslens_", out);
		bash_value(out, r);
		fputs("; return ;;\n", out);
	}
}

static void bash_options(FILE *out, const struct command_line *line)
{
	fprintf(out, "\t%s) options=\"", line->name);
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (is_option(r))
			fprintf(out, "--%s%s ", r->name,
				!r->value	   ? ""
				: *r->value == '[' ? "="
						   : "");
	fputs("--help\"", out);
	if (has_actions(line)) {
		fputs(" actions=\"", out);
		actions(out, line);
		fputs("\"", out);
	}
	if (line->complete) {
		fputs(" list='", out);
		quote(out, line->complete, "");
		fputs("'", out);
	}
	fputs(" ;;\n", out);
}

void complete_bash(FILE *out, const struct command_line *const *lines)
{
	fputs("# bash completion of nslens; made by: nslens completion bash\n"
	      "_nslens_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
	      "_nslens_nothing() { COMPREPLY=(); }\n"
	      "_nslens_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "
	      "\"$cur\"); }\n"
	      "_nslens_dirs() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "
	      "\"$cur\"); }\n"
	      "_nslens_pids() { _nslens_words \"$(cd /proc && echo [0-9]*)\"; }\n"
	      "_nslens_users() { mapfile -t COMPREPLY < <(compgen -u -- \"$cur\"); }\n"
	      "# what is joined by commas: only the last word is completed\n"
	      "_nslens_list() {\n"
	      "\tlocal before=\n"
	      "\t[[ $cur != *,* ]] || before=${cur%,*},\n"
	      "\tcompopt -o nospace\n"
	      "\tmapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${cur##*,}\")\n"
	      "}\n\n"
	      "_nslens() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal cmd=${COMP_WORDS[1]} options='' actions='' list='' i beside=0\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	      "\t\t_nslens_words '",
	      out);
	for (size_t i = 0; lines[i]; i++)
		fprintf(out, "%s ", lines[i]->name);
	fputs("--help --version'\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\t# --name=VALUE comes as three words\n"
	      "\tif [ \"$cur\" = = ]; then cur='';\n"
	      "\telif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
	      "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t--)\n"
	      "\t\t\tif declare -F _command_offset >/dev/null; then _command_offset $((i + 1));\n"
	      "\t\t\telse mapfile -t COMPREPLY < <(compgen -c -- \"$cur\"); fi\n"
	      "\t\t\treturn ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) beside=$((beside + 1)) ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tcase $cmd:$prev in\n",
	      out);
	for (size_t i = 0; lines[i]; i++)
		bash_values(out, lines[i]);
	fputs("\tesac\n"
	      "\tcase $cmd in\n",
	      out);
	for (size_t i = 0; lines[i]; i++)
		bash_options(out, lines[i]);
	fputs("\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\t_nslens_words \"$options\"\n"
	      "\t\t[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace\n"
	      "\telif [ -n \"$actions\" ] && [ $beside = 0 ]; then\n"
	      "\t\t_nslens_words \"$actions\"\n"
	      "\telif [ -n \"$list\" ]; then\n"
	      "\t\tcompopt -o default\n"
	      "\t\t_nslens_words \"$(eval \"$list\" 2>/dev/null)\"\n"
	      "\telse\n"
	      "\t\t_nslens_files\n"
	      "\tfi\n"
	      "}\n"
	      "complete -F _nslens nslens\n",
	      out);
}

/* ---- zsh ---- */

static void zsh_value(FILE *out, const struct option_row *r)
{
	const char *words = option_choice(r);
	char name[24];

	snprintf(name, sizeof(name), "%s", r->value + (*r->value == '['));
	name[strcspn(name, "]")] = '\0';
	fprintf(out, ":%s:", name);
	if (words) {
		fputc('(', out);
		choice(out, words);
		fputc(')', out);
	} else if (r->kind == OPTION_KIND_TYPES) {
		fputs("_values -s , type " TYPES, out);
	} else if (r->kind == OPTION_KIND_FILE) {
		fputs("_files", out);
	} else if (r->kind == OPTION_KIND_DIR) {
		fputs("_files -/", out);
	} else if (r->kind == OPTION_KIND_PID) {
		fputs("_pids", out);
	} else if (!strcmp(r->value, "USER")) {
		fputs("_users", out);
	} else {
		fputc(' ', out);
	}
}

static void zsh_option(FILE *out, const struct option_row *r)
{
	const char *join = !r->value ? "" : *r->value == '[' ? "=-" : "=";

	if (r->letter)
		fprintf(out, "\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", r->letter, r->name, r->letter,
			r->value ? "+" : "", r->name, join);
	else
		fprintf(out, "\t\t'--%s%s[", r->name, join);
	quote(out, r->help, "[]:");
	fputc(']', out);
	if (r->value && *r->value == '[')
		fputc(':', out); /* an optional value has two colons */
	if (r->value)
		zsh_value(out, r);
	fputs("' \\\n", out);
}

static void zsh_command(FILE *out, const struct command_line *line)
{
	fprintf(out, "_nslens_%s() {\n\t_arguments -s -S \\\n", line->name);
	for (const struct option_row *r = line->rows; r && r->name; r++)
		if (is_option(r))
			zsh_option(out, r);
	fputs("\t\t'(- *)'{-h,--help}'[help]'", out);
	if (has_actions(line)) {
		fputs(" \\\n\t\t'1:action:(", out);
		actions(out, line);
		fputs(")'", out);
	}
	if (takes_cmd(line)) {
		fputs(" \\\n\t\t'*::command:_normal'", out);
	} else if (line->complete) {
		fputs(" \\\n\t\t'*: :{compadd -- ${(f)\"$(", out);
		quote(out, line->complete, ":");
		fputs(")\"}; _files}'", out);
	} else {
		fputs(" \\\n\t\t'*:file:_files'", out);
	}
	fputs("\n}\n\n", out);
}

void complete_zsh(FILE *out, const struct command_line *const *lines)
{
	fputs("#compdef nslens\n# made by: nslens completion zsh\n\n", out);
	for (size_t i = 0; lines[i]; i++)
		zsh_command(out, lines[i]);
	fputs("_nslens() {\n"
	      "\tlocal -a commands=(\n",
	      out);
	for (size_t i = 0; lines[i]; i++) {
		fprintf(out, "\t\t'%s:", lines[i]->name);
		quote(out, lines[i]->summary, ":");
		fputs("'\n", out);
	}
	fputs("\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe command commands\n"
	      "\t\t_arguments '--help[help]' '--version[the version]'\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\t(( $+functions[_nslens_$words[1]] )) && _nslens_$words[1]\n"
	      "}\n\n"
	      "if [[ $funcstack[1] == _nslens ]]; then _nslens \"$@\"; else compdef _nslens "
	      "nslens; fi\n",
	      out);
}

/* ---- fish ---- */

static void fish_value(FILE *out, const struct option_row *r)
{
	const char *words = option_choice(r);

	if (words) {
		fputs(" -x -a '", out);
		choice(out, words);
		fputs("'", out);
	} else if (r->kind == OPTION_KIND_TYPES) {
		fputs(" -x -a '" TYPES "'", out);
	} else if (r->kind == OPTION_KIND_FILE) {
		fputs(" -r -F", out);
	} else if (r->kind == OPTION_KIND_DIR) {
		fputs(" -x -a '(__fish_complete_directories)'", out);
	} else if (r->kind == OPTION_KIND_PID) {
		fputs(" -x -a '(__fish_complete_pids)'", out);
	} else if (!strcmp(r->value, "USER")) {
		fputs(" -x -a '(__fish_complete_users)'", out);
	} else if (*r->value != '[') {
		fputs(" -x", out);
	}
}

static void fish_command(FILE *out, const struct command_line *line)
{
	const char *n = line->name;

	fprintf(out, "\ncomplete -c nslens -n __fish_use_subcommand -f -a %s -d '", n);
	quote(out, line->summary, "");
	fputs("'\n", out);
	for (const struct option_row *r = line->rows; r && r->name; r++) {
		if (!is_option(r))
			continue;
		fprintf(out, "complete -c nslens -n '__fish_seen_subcommand_from %s' -l %s", n,
			r->name);
		if (r->letter)
			fprintf(out, " -s %c", r->letter);
		fputs(" -d '", out);
		quote(out, r->help, "");
		fputs("'", out);
		if (r->value)
			fish_value(out, r);
		fputc('\n', out);
	}
	fprintf(out,
		"complete -c nslens -n '__fish_seen_subcommand_from %s' -s h -l help -d help\n", n);
	if (has_actions(line)) {
		fprintf(out, "complete -c nslens -n '__fish_seen_subcommand_from %s' -f -a '", n);
		actions(out, line);
		fputs("'\n", out);
	}
	if (line->complete) {
		fprintf(out, "complete -c nslens -n '__fish_seen_subcommand_from %s' -a '(", n);
		quote(out, line->complete, "");
		fputs(")'\n", out);
	} else if (takes_cmd(line)) {
		fprintf(out,
			"complete -c nslens -n '__fish_seen_subcommand_from %s' "
			"-a '(__fish_complete_subcommand)'\n",
			n);
	}
}

void complete_fish(FILE *out, const struct command_line *const *lines)
{
	fputs("# fish completion of nslens; made by: nslens completion fish\n"
	      "complete -c nslens -n __fish_use_subcommand -l help -d help\n"
	      "complete -c nslens -n __fish_use_subcommand -l version -d 'the version'\n",
	      out);
	for (size_t i = 0; lines[i]; i++)
		fish_command(out, lines[i]);
}
