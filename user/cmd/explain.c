// SPDX-License-Identifier: GPL-2.0-only
/* nslens explain NAME: a function, errno, system call, flag, type or concept. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../view/explain.h"
#include "cmd.h"
#include "explain_recorded.h"
#include "values.h"

static const char help[] =
	"Usage: nslens explain [options] NAME...\n"
	"       nslens explain [options] --list\n"
	"       nslens explain [options] --call N -i FILE\n"
	"Explains a kernel function, errno, system call, flag, namespace type or concept: the "
	"call\n"
	"path with every branch, who refuses and why, and the remedy. Needs no privileges.\n\n"
	"      --kernel V   for Linux V (6.12), or `all`; default: the running one\n"
	"      --lang L     en, ja or zh_CN; default: LANGUAGE, LC_ALL, LC_MESSAGES, LANG\n"
	"      --list       every name\n"
	"      --call N     the path that call number N of a recording took (nslens record;\n"
	"                   nslens trace -i FILE numbers the calls)\n"
	"  -i, --input FILE the recording\n"
	"      --all        with --call: the branches that it did not take, too\n"
	"  -j, --json       one line of JSON for each name\n"
	"      --colour W   auto, always, never\n"
	"      --width N    columns; default: those of the terminal, 0: do not wrap\n"
	"  -h, --help\n\n"
	"Examples: nslens explain copy_net_ns\n"
	"          nslens explain EPERM --kernel 6.12\n"
	"          nslens explain user namespace --lang ja\n\n"
	"Exit status: 0 done, 1 failed, 2 bad usage or no such name.\n";

struct options {
	struct nsv_options view;
	struct nsv_explain explain;
	struct nse_catalogue language;
	int colour;
	bool list, all;
	uint64_t call;	   /* 0: none */
	const char *input; /* a recording, or NULL */
	char *names[32];
	int n;
};

/* "6.12", "6.12.3-x" -> 6012; 0: no version */
static nse_kernel version(const char *text)
{
	unsigned int major, minor;
	int len = 0;

	if (sscanf(text, "%3u.%3u%n", &major, &minor, &len) != 2 || !major ||
	    (text[len] && !strchr(".-+", text[len])))
		return 0;
	return major * 1000 + minor;
}

static nse_kernel running_kernel(void)
{
	struct utsname u;

	return uname(&u) ? 0 : version(u.release);
}

/* The order of gettext: LANGUAGE counts only where the locale is not C. */
static void language_of_environment(struct nse_catalogue *c)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *locale = NULL, *list = getenv("LANGUAGE");

	for (size_t i = 0; i < 3 && !(locale && *locale); i++)
		locale = getenv(names[i]);
	if (!locale || !*locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX"))
		list = NULL;
	if (!list || !*list || !nse_catalogue_open(c, list))
		nse_catalogue_open(c, locale ? locale : "");
}

/* The value of `--name VALUE` or `--name=VALUE`; NULL: it is another option. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t len = strlen(name);

	if (strncmp(argv[*i], name, len))
		return NULL;
	if (argv[*i][len] == '=')
		return argv[*i] + len + 1;
	if (argv[*i][len])
		return NULL;
	return *i + 1 < argc && argv[*i + 1] ? argv[++*i] : "";
}

static int set_language(struct options *o, const char *value)
{
	if (!nse_catalogue_open(&o->language, value))
		return usage_error("explain",
				   "--lang %.40s: no translation; there are en, ja, zh_CN", value);
	o->explain.language_forced = true;
	return -1;
}

static int set_kernel(struct options *o, const char *value)
{
	o->explain.kernel = strcmp(value, "all") ? version(value) : 0;
	if (!o->explain.kernel && strcmp(value, "all"))
		return usage_error("explain", "--kernel %.40s: no kernel version such as 6.12",
				   value);
	return -1;
}

static int set_width(struct options *o, const char *value)
{
	char *end;
	long width = strtol(value, &end, 10);

	if (!*value || *end || width < 0 || width > 10000 || (width && width < 20))
		return usage_error("explain", "--width %.40s: not 0, nor 20 to 10000", value);
	o->view.width = (int)width;
	return -1;
}

static int set_call(struct options *o, const char *value)
{
	char *end;

	errno = 0;
	o->call = strtoull(value, &end, 10);
	if (!o->call || *end || *value == '-' || errno)
		return usage_error("explain", "--call %.40s: not the number of a call", value);
	return -1;
}

static int option(struct options *o, int argc, char **argv, int *i)
{
	const char *value;

	if ((value = value_of("--kernel", argc, argv, i)))
		return set_kernel(o, value);
	if ((value = value_of("--lang", argc, argv, i)))
		return set_language(o, value);
	if ((value = value_of("--width", argc, argv, i)))
		return set_width(o, value);
	if ((value = value_of("--colour", argc, argv, i)) ||
	    (value = value_of("--color", argc, argv, i))) {
		if (value_colour(value, &o->colour))
			return usage_error("explain", "--colour %.40s: auto, always or never",
					   value);
		return -1;
	}
	if ((value = value_of("--call", argc, argv, i)))
		return set_call(o, value);
	if ((value = value_of("--input", argc, argv, i)) ||
	    (value = value_of("-i", argc, argv, i))) {
		o->input = value;
		return *value ? -1 : usage_error("explain", "-i needs a file");
	}
	if (!strcmp(argv[*i], "--all"))
		o->all = true;
	else if (!strcmp(argv[*i], "--list"))
		o->list = true;
	else if (!strcmp(argv[*i], "-j") || !strcmp(argv[*i], "--json"))
		o->view.style = NSV_JSON;
	else
		return usage_error("explain", "no option %.60s", argv[*i]);
	return -1;
}

/* -1 to go on. */
static int parse(struct options *o, int argc, char **argv)
{
	bool only_names = false;

	for (int i = 1; i < argc && argv[i]; i++) {
		int status;

		if (!only_names && (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))) {
			fputs(help, stdout);
			return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
		}
		if (!only_names && !strcmp(argv[i], "--")) {
			only_names = true;
		} else if (only_names || argv[i][0] != '-') {
			if (o->n == 32)
				return usage_error("explain", "more than 32 names");
			o->names[o->n++] = argv[i];
		} else if ((status = option(o, argc, argv, &i)) >= 0) {
			return status;
		}
	}
	if (!o->call != !o->input)
		return usage_error("explain", "--call N and -i FILE need each other");
	if (o->call && (o->n || o->list))
		return usage_error("explain", "--call takes no name");
	if (o->call)
		return -1;
	if (!o->n && !o->list)
		return usage_error("explain", "a name is missing (--list shows them all)");
	if (o->n && o->list)
		return usage_error("explain", "--list takes no name");
	return -1;
}

static int unknown(const char *name)
{
	struct nse_entry near[5];
	size_t n = nse_suggest(name, near, 5);
	char text[512] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i ? ", " : "; did you mean ", near[i].name);
	complain("explain", "nothing is known by the name '%.60s'%s%s", name, text, n ? "?" : "");
	fprintf(stderr, "All names: nslens explain --list\n");
	return EXIT_USAGE;
}

/* Words are one name where that is known ("user namespace"), else each is. */
static int explain_names(struct nsv *v, const struct options *o)
{
	struct nse_entry e;
	char all[512] = "";
	int status = EXIT_DONE;

	for (int i = 0; i < o->n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "",
			 o->names[i]);
	if (o->n > 1 && nse_lookup(all, &e)) {
		nsv_explain(v, &o->explain, &e);
		return EXIT_DONE;
	}
	for (int i = 0; i < o->n; i++) {
		if (!nse_lookup(o->names[i], &e)) {
			status = unknown(o->n > 1 && i == 0 && !nse_lookup(o->names[1], &e)
						 ? all
						 : o->names[i]);
			break;
		}
		if (i && o->view.style != NSV_JSON)
			putchar('\n');
		nsv_explain(v, &o->explain, &e);
	}
	return status;
}

static int list(struct nsv *v, const struct options *o)
{
	struct nse_entry e;

	for (size_t i = 0; nse_entry_at(i, &e); i++)
		nsv_explain_listed(v, &o->explain, &e);
	return EXIT_DONE;
}

int cmd_explain(int argc, char **argv)
{
	struct options o = {.view = {.style = NSV_STORY, .width = -1}, .colour = -1};
	struct nsl_error e = {""};
	struct nsv *v;
	int status, err;

	o.explain.kernel = running_kernel();
	o.explain.language = &o.language;
	language_of_environment(&o.language);
	status = parse(&o, argc, argv);
	if (status >= 0)
		return status;
	if (o.explain.kernel > NSE_NEWEST)
		complain("explain",
			 "Linux %u.%u: what is known here ends with %u.%u, so later "
			 "changes are missing",
			 o.explain.kernel / 1000, o.explain.kernel % 1000, NSE_NEWEST / 1000,
			 NSE_NEWEST % 1000);
	o.view.colour = wants_colour(stdout, o.colour);
	if (o.view.width < 0)
		o.view.width = terminal_width(stdout);
	v = nsv_new(stdout, &o.view);
	if (!v) {
		complain("explain", "out of memory");
		return EXIT_FAILED;
	}
	if (o.call)
		status = explain_recorded(o.input, o.call, o.all, v, &o.explain, &e) ? EXIT_FAILED
										     : EXIT_DONE;
	else
		status = o.list ? list(v, &o) : explain_names(v, &o);
	if (e.text[0])
		complain("explain", "%s", e.text);
	err = nsv_flush(v);
	nsv_free(v);
	if (err) {
		complain("explain", "cannot write: %s", strerror(err));
		return EXIT_FAILED;
	}
	return status;
}
