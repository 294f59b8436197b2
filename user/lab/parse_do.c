// SPDX-License-Identifier: GPL-2.0-only
/* `do`: ACTOR VERB ARGUMENTS, by the table of forms. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs.h"
#include "yaml.h"

#define MAX_WORDS 24

struct line {
	struct reader *r;
	yaml_node_t *node;
	const char *text;
	struct {
		const char *start;
		size_t n;
		char word[256];
	} w[MAX_WORDS];
	size_t n;
	struct lab_op *op;
	char why[300];	/* of the form that came furthest */
	size_t far, at; /* how far that was; the offset of its wrong word */
};

static bool split(struct line *l)
{
	const char *p = l->text + strspn(l->text, " \t\n");

	while (*p && l->n < MAX_WORDS) {
		size_t n = strcspn(p, " \t\n");

		if (n >= sizeof(l->w[0].word))
			return lab_wrong(l->r, l->node, (size_t)(p - l->text),
					 "do: a word is longer than %zu bytes",
					 sizeof(l->w[0].word) - 1);
		l->w[l->n].start = p;
		l->w[l->n].n = n;
		memcpy(l->w[l->n].word, p, n);
		l->w[l->n].word[n] = 0;
		l->n++;
		p += n;
		p += strspn(p, " \t\n");
	}
	return true;
}

/* The form that comes furthest is told of; one that is just too short, only if no other is. */
__attribute__((format(printf, 4, 5))) static bool refuse_as(struct line *l, size_t i, bool weak,
							    const char *format, ...)
{
	va_list ap;

	if (2 * i + !weak < l->far || (l->far && 2 * i + !weak == l->far))
		return false;
	l->far = 2 * i + !weak;
	l->at = i < l->n ? (size_t)(l->w[i].start - l->text) : strlen(l->text);
	va_start(ap, format);
	vsnprintf(l->why, sizeof(l->why), format, ap);
	va_end(ap);
	return false;
}

#define refuse(l, i, ...) refuse_as(l, i, false, __VA_ARGS__)

static bool number(struct line *l, size_t i, const char *word, int64_t *out)
{
	char *end;

	*out = strtoll(word, &end, 0);
	if (end == word || *end)
		return refuse(l, i, "'%.40s' is no number", word);
	return true;
}

static bool arg_actor(struct line *l, size_t i, const char *word)
{
	char names[160];

	l->op->other = strcmp(word, "self") ? lab_actor_find(l->r->s, word) : l->op->actor;
	if (l->op->other < 0)
		return refuse(l, i, "no actor is called '%.40s' so far; there are %s", word,
			      lab_actor_names(l->r->s, names, sizeof(names)));
	return true;
}

static bool arg_fd(struct line *l, size_t i, const char *word)
{
	l->op->fd = lab_fd_find(l->r->s, word);
	if (l->op->fd < 0)
		return refuse(l, i,
			      "no descriptor is called '%.40s' so far; 'open', 'pidfd' and "
			      "'socket' make one by 'as NAME'",
			      word);
	return true;
}

static bool arg_path(struct line *l, size_t i, const char *word, const char **out)
{
	if (word[0] != '/')
		return refuse(l, i, "'%.60s' is no path that begins with /", word);
	*out = word;
	return true;
}

/* Names that the step makes are entered when the form has won. */
static bool arg_new(struct line *l, size_t i, const char *word)
{
	if (!lab_is_name(word))
		return refuse(l, i,
			      "'%.40s' is no name: letters a-z, digits, - and _, at most %d of "
			      "them, a letter first",
			      word, LAB_NAME_LEN - 1);
	return true;
}

static bool arg_flags(struct line *l, size_t i, const char *word)
{
	char bad[64];

	if (!lab_flags(word, &l->op->flags, bad, sizeof(bad)))
		return refuse(l, i,
			      "'%.60s' is no flag of clone; write them as in NEWUTS|NEWPID, or a "
			      "number",
			      bad);
	return true;
}

static bool arg_nsfile(struct line *l, size_t i, const char *word)
{
	if (lab_type(word) < 0 && strcmp(word, "pid_for_children") != 0 &&
	    strcmp(word, "time_for_children") != 0)
		return refuse(l, i,
			      "'%.40s' is no file of /proc/PID/ns; write mnt, uts, ipc, pid, "
			      "pid_for_children, net, time, time_for_children, cgroup or user",
			      word);
	l->op->text = word;
	return true;
}

static bool arg(struct line *l, size_t i, const char *kind)
{
	const char *word = l->w[i].word;
	int v;

	if (!strcmp(kind, "FLAGS"))
		return arg_flags(l, i, word);
	if (!strcmp(kind, "ACTOR"))
		return arg_actor(l, i, word);
	if (!strcmp(kind, "FD"))
		return arg_fd(l, i, word);
	if (!strcmp(kind, "NEW") || !strcmp(kind, "NEWFD"))
		return arg_new(l, i, word);
	if (!strcmp(kind, "PATH"))
		return arg_path(l, i, word, &l->op->text);
	if (!strcmp(kind, "PATH2"))
		return arg_path(l, i, word, &l->op->text2);
	if (!strcmp(kind, "NSFILE"))
		return arg_nsfile(l, i, word);
	if (!strcmp(kind, "NUMBER"))
		return number(l, i, word, &l->op->number);
	if (!strcmp(kind, "WORD")) {
		l->op->text = word;
		return true;
	}
	if (!strcmp(kind, "TYPE")) {
		if (lab_type(word) < 0)
			return refuse(l, i, "'%.40s' is no type of namespace", word);
		l->op->text = word;
		return true;
	}
	if (!strcmp(kind, "SIGNAL")) {
		l->op->number = v = lab_signal(word);
		return v >= 0 || refuse(l, i, "no signal is called '%.40s'", word);
	}
	if (!strcmp(kind, "CAPABILITY")) {
		l->op->text = word;
		l->op->number = v = lab_capability(word);
		return v >= 0 || !strcmp(word, "all") ||
		       refuse(l, i, "no capability is called '%.40s'; write it as in sys_admin",
			      word);
	}
	return false;
}

/* "cgroup=4"; of a word without a value behind it, any number is right */
static bool assignment(struct line *l, size_t i, const char *kind)
{
	static const struct {
		const char *word;
		enum lab_clone3 what;
	} words[] = {{"cgroup=", LAB_C3_CGROUP},    {"size=", LAB_C3_SIZE},
		     {"signal=", LAB_C3_SIGNAL},    {"set_tid=taken", LAB_C3_TAKEN},
		     {"set_tid=many", LAB_C3_MANY}, {"args=unreadable", LAB_C3_UNREADABLE}};
	const char *word = l->w[i].word, *value = strchr(word, '=');
	size_t n = strcspn(kind, "=") + 1;

	if (!value || strncmp(word, kind, n) != 0)
		return refuse(l, i, "'%.40s' cannot stand here", word);
	value++;
	for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
		if (!strncmp(words[k].word, kind, n) &&
		    (!words[k].word[n] || !strcmp(words[k].word, word)))
			l->op->clone3 = words[k].what;
	if (!l->op->clone3)
		return refuse(l, i, "'%.40s': write set_tid=taken, set_tid=many or args=unreadable",
			      word);
	return !strstr(kind, "=NUMBER") || number(l, i, value, &l->op->number);
}

static const char *made_name(const struct line *l, const char *kind, const struct lab_form *f)
{
	/* the word that stands where `kind` stands in the form */
	const char *p = f->form;
	size_t i = 1;

	while (*p) {
		size_t n = strcspn(p, " ");

		if (strlen(kind) == n && !strncmp(p, kind, n))
			return l->w[i].word;
		p += n;
		p += strspn(p, " ");
		i++;
	}
	return NULL;
}

static bool fits(struct line *l, const struct lab_form *f)
{
	const char *p = f->form;
	int actor = l->op->actor;
	size_t i = 1;

	*l->op = (struct lab_op){.verb = f->verb,
				 .actor = actor,
				 .other = -1,
				 .new_actor = -1,
				 .fd = -1,
				 .flags = f->flags,
				 .number = f->verb == LAB_KILL ? SIGKILL : 0,
				 .text = f->text};
	while (*p) {
		size_t n = strcspn(p, " ");
		char kind[24];

		snprintf(kind, sizeof(kind), "%.*s", (int)n, p);
		p += n;
		p += strspn(p, " ");
		if (i >= l->n)
			return refuse(l, i, "something is missing: %s %s", f->form, "");
		if (!strcmp(kind, "TEXT")) {
			if (l->op->text)
				l->op->text2 = l->w[i].start;
			else
				l->op->text = l->w[i].start;
			return true;
		}
		if (strchr(kind, '=') ? !assignment(l, i, kind)
		    : kind[0] >= 'A' && kind[0] <= 'Z'
			    ? !arg(l, i, kind)
			    : strcmp(kind, l->w[i].word) &&
				      !refuse(l, i, "'%.40s' cannot stand here", l->w[i].word))
			return false;
		i++;
	}
	return i == l->n || refuse_as(l, i, true, "'%.40s' is one word too many", l->w[i].word);
}

static bool keep(struct line *l, const char **text)
{
	if (*text && !(*text = lab_strdup(l->r, *text, strlen(*text))))
		return false;
	return true;
}

/* Enters what the step makes. */
static bool enter(struct line *l, const struct lab_form *f)
{
	struct lab_scenario *s = l->r->s;
	const char *name = made_name(l, "NEW", f);

	if (name) {
		if (lab_actor_find(s, name) >= 0)
			return lab_wrong(l->r, l->node, 0,
					 "do: an actor is called '%s' already; take another name",
					 name);
		if (s->nactors == LAB_MAX_ACTORS)
			return lab_wrong(l->r, l->node, 0, "do: more than %d actors",
					 LAB_MAX_ACTORS);
		l->op->new_actor = (int)s->nactors;
		s->actor[s->nactors] = (struct lab_actor){.thread_of = -1, .child = true};
		strcpy(s->actor[s->nactors++].name, name);
	}
	name = made_name(l, "NEWFD", f);
	if (name && (l->op->fd = lab_fd_find(s, name)) < 0) {
		if (s->nfds == LAB_MAX_FDS)
			return lab_wrong(l->r, l->node, 0, "do: more than %d descriptors",
					 LAB_MAX_FDS);
		l->op->fd = (int)s->nfds;
		strcpy(s->fd[s->nfds++], name);
	}
	return keep(l, &l->op->text) && keep(l, &l->op->text2);
}

static bool no_such_verb(struct line *l)
{
	char known[400] = "";
	const char *last = "";
	size_t n = 0;

	for (size_t i = 0; i < lab_nforms && n < sizeof(known); i++) {
		const char *verb = lab_verb_name(lab_forms[i].verb);

		if (strcmp(verb, last) != 0)
			n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n ? " " : "",
					      verb);
		last = verb;
	}
	return lab_wrong(l->r, l->node, (size_t)(l->w[1].start - l->text),
			 "do: no verb is called '%.40s'; there are %s", l->w[1].word, known);
}

bool lab_parse_do(struct reader *r, yaml_node_t *node, struct lab_step *step)
{
	struct line l = {.r = r, .node = node, .op = &step->op};
	char names[160];
	const char *form = NULL;

	l.text = lab_scalar(r, node, "do");
	if (!l.text || !split(&l) || !(step->words = lab_strdup(r, l.text, strlen(l.text))))
		return false;
	if (l.n < 2)
		return lab_wrong(r, node, 0, "do: write ACTOR VERB ..., as in: a unshare NEWUTS");
	step->op.actor = lab_actor_find(r->s, l.w[0].word);
	if (step->op.actor < 0)
		return lab_wrong(r, node, 0, "do: no actor is called '%.40s' so far; there are %s",
				 l.w[0].word, lab_actor_names(r->s, names, sizeof(names)));
	for (size_t i = 0; i < lab_nforms; i++) {
		size_t n = strcspn(lab_forms[i].form, " "), far = l.far;

		if (n != l.w[1].n || strncmp(lab_forms[i].form, l.w[1].word, n) != 0)
			continue;
		if (!form)
			form = lab_forms[i].form;
		if (fits(&l, &lab_forms[i]))
			return enter(&l, &lab_forms[i]);
		if (l.far > far)
			form = lab_forms[i].form;
	}
	if (!form)
		return no_such_verb(&l);
	return lab_wrong(r, node, l.at, "do: %s; the form is: ACTOR %s", l.why, form);
}
