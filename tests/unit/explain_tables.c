// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of `explain`: everything that can be seen has an entry, every entry is
 * whole, and every translation belongs to a text. With --pot: prints the template
 * for translators, as xgettext would.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/explain/lookup.h"
#include "../../user/explain/paths.h"
#include "../../user/explain/shown.h"
#include "../../user/explain/texts.h"
#include "catalogues.h"
#include "view_check.h"

#define MAX_TEXT 420 /* bytes: three or four sentences */

/* ---- the texts ---- */

struct seen_text {
	enum nse_text_kind kind;
	const char *where, *text;
};

struct seen_texts {
	struct seen_text rows[1024];
	size_t n;
};

static void collect(void *ctx, enum nse_text_kind kind, const char *where, const char *text)
{
	struct seen_texts *t = ctx;

	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->rows[i].text, text))
			return;
	if (t->n < sizeof(t->rows) / sizeof(*t->rows))
		t->rows[t->n++] = (struct seen_text){kind, where, text};
}

static void print_quoted(const char *keyword, const char *text)
{
	printf("%s \"", keyword);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	puts("\"");
}

static int print_pot(const struct seen_texts *t)
{
	static const char *const kinds[] = {"label",   "function", "outcome", "errno",
					    "failure", "path",	   "topic"};

	puts("msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: nslens\\n\"\n"
	     "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
	     "\"Content-Transfer-Encoding: 8bit\\n\"\n");
	for (size_t i = 0; i < t->n; i++) {
		printf("#. %s: %s\n", kinds[t->rows[i].kind], t->rows[i].where);
		print_quoted("msgid", t->rows[i].text);
		puts("msgstr \"\"\n");
	}
	return 0;
}

/* An address or an inode would be one machine's, markup would be printed as it is. */
static bool plain_text(const char *text)
{
	const char *hex = strstr(text, "0x");

	if (strstr(text, "ffff") || (hex && strlen(hex) > 10) || strchr(text, '<') ||
	    strchr(text, '`') || strchr(text, '\n') || strchr(text, '\t') || strstr(text, "**") ||
	    strstr(text, "  ") || !isprint((unsigned char)*text))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			return false;
	return true;
}

static void texts_are_plain(struct checks *c, const struct seen_texts *t)
{
	bool all_plain = true, all_short = true, all_end = true;

	for (size_t i = 0; i < t->n; i++) {
		const char *text = t->rows[i].text;
		size_t len = strlen(text);

		if (!plain_text(text)) {
			all_plain = false;
			printf("# not plain: %s\n", text);
		}
		if (len > MAX_TEXT) {
			all_short = false;
			printf("# %zu bytes: %s\n", len, text);
		}
		/* texts of sentences end with a full stop; conditions do not */
		if ((t->rows[i].kind == NSE_TEXT_FUNCTION || t->rows[i].kind == NSE_TEXT_TOPIC ||
		     t->rows[i].kind == NSE_TEXT_OUTCOME || t->rows[i].kind == NSE_TEXT_ERRNO) !=
			    (text[len - 1] == '.') &&
		    t->rows[i].kind != NSE_TEXT_PATH && t->rows[i].kind != NSE_TEXT_LABEL) {
			all_end = false;
			printf("# end of: %s\n", text);
		}
	}
	check(c, "texts have no markup, address or control byte", all_plain, "see above");
	check(c, "no text is too long", all_short, "see above");
	check(c, "sentences end, conditions do not", all_end, "see above");
	check(c, "all texts were seen", t->n > 500 && t->n < 1024, "%zu", t->n);
}

/* ---- entries ---- */

static bool find(const char *name, enum nse_kind kind, struct nse_entry *e)
{
	return nse_lookup(name, e) && e->kind == kind;
}

static void everything_has_an_entry(struct checks *c)
{
	struct nse_entry e;
	char name[128];

	for (int f = 1; f < NSL_FNS; f++) {
		snprintf(name, sizeof(name), "function %s", nsm_fn_name((enum nsl_fn)f));
		check(c, name,
		      find(nsm_fn_name((enum nsl_fn)f), NSE_FUNCTION, &e) &&
			      e.fn->step == (enum nsl_fn)f && *nse_entry_text(&e) && *e.fn->file &&
			      nse_outcomes((enum nsl_fn)f),
		      "no entry, text, file or outcome");
	}
	for (int s = 1; s < NSL_SYSCALLS; s++) {
		snprintf(name, sizeof(name), "system call %s",
			 nsm_syscall_name((enum nsl_syscall)s));
		check(c, name,
		      find(nsm_syscall_name((enum nsl_syscall)s), NSE_SYSCALL, &e) &&
			      e.topic->syscall == (enum nsl_syscall)s &&
			      nse_path_of((enum nsl_syscall)s),
		      "no entry or path");
	}
	for (int t = 0; t < NSL_TYPES; t++) {
		snprintf(name, sizeof(name), "type %s", nsm_type_name((enum nsl_type)t));
		check(c, name,
		      find(nsm_type_name((enum nsl_type)t), NSE_TYPE, &e) &&
			      e.topic->type == (enum nsl_type)t,
		      "no entry");
		check(c, nsm_type_flag((enum nsl_type)t),
		      find(nsm_type_flag((enum nsl_type)t), NSE_FLAG, &e) &&
			      e.topic->value == nsm_type_bit((enum nsl_type)t),
		      "no entry, or another bit");
	}
}

/* KERNEL-FACTS A and B: what calls return, and where. */
static void every_errno_has_a_place(struct checks *c)
{
	static const struct {
		const char *err, *fn;
	} facts[] = {
		{"EPERM", "copy_namespaces"},
		{"EPERM", "unshare_nsproxy_namespaces"},
		{"EPERM", "create_user_ns"},
		{"EPERM", "copy_cgroup_ns"},
		{"EPERM", "mntns_install"},
		{"EPERM", "utsns_install"},
		{"EPERM", "ipcns_install"},
		{"EPERM", "pidns_install"},
		{"EPERM", "cgroupns_install"},
		{"EPERM", "netns_install"},
		{"EPERM", "timens_install"},
		{"EPERM", "userns_install"},
		{"EPERM", "validate_nsset"},
		{"EPERM", "alloc_pid"},
		{"EINVAL", "copy_process"},
		{"EINVAL", "clone3_args_valid"},
		{"EINVAL", "kernel_clone"},
		{"EINVAL", "copy_namespaces"},
		{"EINVAL", "copy_pid_ns"},
		{"EINVAL", "check_unshare_flags"},
		{"EINVAL", "setns"},
		{"EINVAL", "check_setns_flags"},
		{"EINVAL", "mntns_install"},
		{"EINVAL", "userns_install"},
		{"EINVAL", "pidns_install"},
		{"EINVAL", "alloc_pid"},
		{"ENOSPC", "create_user_ns"},
		{"ENOSPC", "copy_mnt_ns"},
		{"ENOSPC", "copy_utsname"},
		{"ENOSPC", "copy_ipcs"},
		{"ENOSPC", "copy_pid_ns"},
		{"ENOSPC", "copy_cgroup_ns"},
		{"ENOSPC", "copy_net_ns"},
		{"ENOSPC", "copy_time_ns"},
		{"ENOMEM", "alloc_pid"},
		{"ENOMEM", "create_new_namespaces"},
		{"ENOMEM", "prepare_nsset"},
		{"ENOMEM", "copy_process"},
		{"ENOMEM", "exec_task_namespaces"},
		{"EUSERS", "timens_install"},
		{"ESRCH", "validate_nsset"},
		{"EBADF", "setns"},
		{"EBADF", "cgroup_css_set_fork"},
		{"EEXIST", "alloc_pid"},
		{"EAGAIN", "copy_process"},
		{"EAGAIN", "set_cred_ucounts"},
		{"EINTR", "copy_net_ns"},
		{"EINTR", "copy_process"},
		{"E2BIG", "copy_clone_args_from_user"},
		{"EFAULT", "copy_clone_args_from_user"},
		{"EFAULT", "copy_process"},
		{"EMFILE", "copy_process"},
		{"EMFILE", "unshare_fd"},
		{"ENFILE", "copy_process"},
		{"EACCES", "create_user_ns"},
		{"EBUSY", "cgroup_css_set_fork"},
		{"EOPNOTSUPP", "cgroup_css_set_fork"},
		{"ENODEV", "cgroup_css_set_fork"},
		{"ENOENT", "mntns_install"},
		{"ERESTARTNOINTR", "copy_process"},
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		static struct nse_reason reasons[NSE_MAX_REASONS];
		bool found = false;
		struct nse_entry e;
		char name[128];
		size_t n;

		snprintf(name, sizeof(name), "%s from %s", facts[i].err, facts[i].fn);
		n = find(facts[i].err, NSE_ERRNO, &e) ? nse_reasons(&e, 0, reasons, NSE_MAX_REASONS)
						      : 0;
		for (size_t k = 0; k < n; k++)
			found |= nse_place_names(reasons[k].place, facts[i].fn);
		check(c, name, found && n < NSE_MAX_REASONS, "no such row");
	}
}

static bool any_function(const char *place)
{
	for (size_t i = 0; i < nse_kfn_count; i++)
		if (nse_place_names(place, nse_kfns[i].name))
			return true;
	return !strcmp(place, "the system call table") || !strcmp(place, "the system call") ||
	       !strcmp(place, "execve");
}

/* Rows of failures, nodes and topics speak of functions and errnos that have entries. */
static void tables_agree(struct checks *c)
{
	static struct nse_place rows[NSE_WALK_MAX];
	struct nse_entry e, other;
	char one[NSE_NAME_LEN];

	for (size_t i = 0; i < nse_by_call_count; i++) {
		const struct nse_row *row = &nse_by_call[i];

		if (!any_function(row->place) ||
		    (row->err && !find(nsm_errno_name(row->err), NSE_ERRNO, &e)))
			check(c, row->check, false, "place %s or its errno has no entry",
			      row->place);
	}
	for (size_t i = 0; i < nse_by_step_count; i++)
		if (nse_by_step[i].err && !find(nsm_errno_name(nse_by_step[i].err), NSE_ERRNO, &e))
			check(c, nse_by_step[i].check, false, "its errno has no entry");
	for (size_t p = 0; p < nse_path_count; p++) {
		size_t n = nse_path_walk(nse_paths[p], 0, rows, NSE_WALK_MAX);

		check(c, nse_paths[p]->name, n > 3 && n < NSE_WALK_MAX, "%zu rows", n);
		for (size_t i = 0; i < n; i++) {
			const struct nse_node *node = rows[i].node;

			if (!rows[i].fn && node->kind != NSE_IF && node->kind != NSE_DO)
				check(c, nse_paths[p]->name, false, "row %zu: %s is no function", i,
				      node->fn ? node->fn : "?");
			if ((node->kind == NSE_FAIL) != (node->errs[0] != 0) ||
			    (node->kind == NSE_FAIL && !node->when) ||
			    (node->kind == NSE_IF && (!node->when || !node->what)) ||
			    (node->kind == NSE_DO && !node->what))
				check(c, nse_paths[p]->name, false, "row %zu has holes", i);
			if (i && rows[i].depth > rows[i - 1].depth + 1)
				check(c, nse_paths[p]->name, false, "row %zu lies too deep", i);
			for (size_t k = 0; k < NSE_ERRS && node->errs[k]; k++)
				if (!find(nsm_errno_name(node->errs[k]), NSE_ERRNO, &e))
					check(c, nse_paths[p]->name, false, "row %zu: errno %d", i,
					      node->errs[k]);
		}
	}
	for (size_t i = 0; nse_entry_at(i, &e); i++) {
		if (!nse_lookup(e.name, &other) ||
		    (other.topic != e.topic && strcmp(e.name, "setns")))
			check(c, e.name, false, "another entry has its name");
		if (!e.topic)
			continue;
		if (!e.topic->fns && e.kind != NSE_ERRNO)
			check(c, e.name, false, "it cites no function");
		for (const char *p = e.topic->fns; (p = nse_next_name(p, ' ', one));)
			if (!nse_kfn_find(one, strlen(one)))
				check(c, e.name, false, "%s is no function", one);
		for (const char *p = e.topic->see; (p = nse_next_name(p, ',', one));)
			if (!nse_lookup(one, &other))
				check(c, e.name, false, "see also %s: no such entry", one);
		for (const char *p = e.topic->aliases; (p = nse_next_name(p, ',', one));)
			if (!nse_lookup(one, &other) || other.topic != e.topic)
				check(c, e.name, false, "its alias %s is another's", one);
	}
	check(c, "tables agree", true, " ");
}

/* A place where a path fails with an errno has a row that tells the remedy. */
static void paths_and_failures(struct checks *c)
{
	static struct nse_place rows[NSE_WALK_MAX];
	static struct nse_reason reasons[NSE_MAX_REASONS];

	for (size_t p = 0; p < nse_path_count; p++) {
		size_t n = nse_path_walk(nse_paths[p], 0, rows, NSE_WALK_MAX);

		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < NSE_ERRS && rows[i].node->errs[k]; k++) {
				struct nse_entry e;
				bool found = false;
				size_t m;

				find(nsm_errno_name(rows[i].node->errs[k]), NSE_ERRNO, &e);
				m = nse_reasons(&e, 0, reasons, NSE_MAX_REASONS);
				for (size_t r = 0; r < m; r++)
					found |=
						nse_place_names(reasons[r].place, rows[i].fn->name);
				if (!found)
					check(c, nse_paths[p]->name, false,
					      "%s in %s has no row: %s", e.name, rows[i].fn->name,
					      rows[i].node->when);
			}
		}
	}
	check(c, "every place of a failure has a row", true, " ");
}

/* Every branch can be seen in a scenario, or it is said why not. */
static void branches_are_shown(struct checks *c)
{
	static struct nse_place rows[NSE_WALK_MAX];

	for (size_t p = 0; p < nse_path_count; p++) {
		size_t n = nse_path_walk(nse_paths[p], 0, rows, NSE_WALK_MAX), lacking = 0;
		const char *first = "";

		for (size_t i = 0; i < n; i++) {
			enum nse_node_kind kind = rows[i].node->kind;

			if ((kind != NSE_FAIL && kind != NSE_IF && kind != NSE_UNDO) ||
			    nse_shown_in(&rows[i]))
				continue;
			lacking++;
			first = rows[i].node->when ? rows[i].node->when : rows[i].node->what;
		}
		check(c, "branches are shown, or it is said why not", !lacking, "%s: %zu, as %s",
		      nse_paths[p]->name, lacking, first);
	}
}

static void names(struct checks *c)
{
	static const struct {
		const char *typed, *name;
		enum nse_kind kind;
	} rows[] = {
		{"COPY_NET_NS()", "copy_net_ns", NSE_FUNCTION},
		{"__x64_sys_setns", "setns", NSE_SYSCALL},
		{"eperm", "EPERM", NSE_ERRNO},
		{"1", "EPERM", NSE_ERRNO},
		{"0x20000", "CLONE_NEWNS", NSE_FLAG},
		{"newuser", "CLONE_NEWUSER", NSE_FLAG},
		{"user namespace", "user", NSE_TYPE},
		{"netns", "net", NSE_TYPE},
		{"Pid-For-Children", "pid_for_children", NSE_CONCEPT},
		{"ucounts", "limit", NSE_CONCEPT},
		{"cleanup_net", "cleanup_net", NSE_FUNCTION},
	};
	struct nse_entry e, near[5];
	size_t concepts = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(c, rows[i].typed,
		      nse_lookup(rows[i].typed, &e) && !strcmp(e.name, rows[i].name) &&
			      e.kind == rows[i].kind,
		      "found %s", e.name);
	check(c, "no such name",
	      !nse_lookup("frobnicate", &e) && !nse_lookup("", &e) && !nse_lookup(" ", &e),
	      "found %s", e.name);
	check(c, "near copy_nte_ns",
	      nse_suggest("copy_nte_ns", near, 5) >= 1 && !strcmp(near[0].name, "copy_net_ns"),
	      "%s", near[0].name);
	check(c, "near pendng",
	      nse_suggest("pendng", near, 5) >= 1 && strstr(near[0].name, "pending"), "nothing");
	check(c, "nothing is near nonsense", !nse_suggest("qqqqqqqqqqqq", near, 5), "%s",
	      near[0].name);
	for (size_t i = 0; nse_entry_at(i, &e); i++)
		concepts += e.kind == NSE_CONCEPT;
	check(c, "concepts", concepts >= 30, "%zu", concepts);
}

/* ---- translations ---- */

static uint32_t number(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void no_translation_is_lost(struct checks *c, const char *lang, const unsigned char *mo,
				   const struct seen_texts *t)
{
	bool all = true;

	for (uint32_t i = 0; i < number(mo + 8); i++) {
		const char *id = (const char *)mo + number(mo + number(mo + 12) + 8 * i + 4);
		bool found = !*id; /* the header */

		for (size_t k = 0; k < t->n && !found; k++)
			found = !strcmp(t->rows[k].text, id);
		if (!found)
			printf("# %s: no such text any more: %s\n", lang, id);
		all &= found;
	}
	check(c, lang, all, "a translation of a text that is gone (run: make po)");
}

/* What must stay as it is: names with an underscore, numbers, flags. */
static bool keeps_names(const char *from, const char *to)
{
	for (const char *p = from; *p;) {
		size_t len = 0;
		bool name = false;
		char word[128];

		while (isalnum((unsigned char)p[len]) || p[len] == '_') {
			name |= p[len] == '_' || (len && isdigit((unsigned char)p[0]));
			len++;
		}
		if (name && len && len < sizeof(word)) {
			memcpy(word, p, len);
			word[len] = '\0';
			if (!strstr(to, word)) {
				printf("# %s is missing in: %s\n", word, to);
				return false;
			}
		}
		p += len ? len : 1;
	}
	return true;
}

static void translated(struct checks *c, const char *lang, const struct seen_texts *t)
{
	size_t done[NSE_TEXT_KINDS] = {0}, all[NSE_TEXT_KINDS] = {0};
	struct nse_catalogue cat;
	bool names_kept = true;
	char name[64];

	if (!check(c, lang, nse_catalogue_open(&cat, lang) && cat.mo, "no catalogue"))
		return;
	for (size_t i = 0; i < t->n; i++) {
		const char *to = nse_translate(&cat, t->rows[i].text);

		all[t->rows[i].kind]++;
		done[t->rows[i].kind] += to != t->rows[i].text;
		if (to == t->rows[i].text && t->rows[i].kind < NSE_TEXT_PATH)
			printf("# %s lacks: %s\n", lang, to);
		names_kept &= keeps_names(t->rows[i].text, to);
	}
	for (int k = 0; k < NSE_TEXT_KINDS; k++)
		printf("# %s: kind %d: %zu of %zu\n", lang, k, done[k], all[k]);
	snprintf(name, sizeof(name), "%s: functions, outcomes, errnos, failures", lang);
	check(c, name,
	      done[NSE_TEXT_LABEL] == all[NSE_TEXT_LABEL] &&
		      done[NSE_TEXT_FUNCTION] == all[NSE_TEXT_FUNCTION] &&
		      done[NSE_TEXT_OUTCOME] == all[NSE_TEXT_OUTCOME] &&
		      done[NSE_TEXT_ERRNO] == all[NSE_TEXT_ERRNO] &&
		      done[NSE_TEXT_FAILURE] == all[NSE_TEXT_FAILURE],
	      "some are not translated");
	snprintf(name, sizeof(name), "%s: names and versions are kept", lang);
	check(c, name, names_kept, "see above");
}

static void languages(struct checks *c)
{
	static const struct {
		const char *typed, *lang;
		bool there;
	} rows[] = {
		{"ja_JP.UTF-8", "ja", true}, {"zh_CN:en", "zh_CN", true}, {"fr:ja", "ja", true},
		{"zh_TW", "en", false},	     {"C.UTF-8", "en", true},	  {"", "en", false},
	};
	struct nse_catalogue cat;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool there = nse_catalogue_open(&cat, rows[i].typed);

		check(c, *rows[i].typed ? rows[i].typed : "no language",
		      there == rows[i].there && !strcmp(cat.lang, rows[i].lang), "%s", cat.lang);
	}
	check(c, "English stays", !strcmp(nse_translate(&cat, "errno"), "errno"), "changed");
}

int main(int argc, char **argv)
{
	static struct seen_texts texts;
	struct checks c = {0};

	nse_each_text(collect, &texts);
	if (argc > 1 && !strcmp(argv[1], "--pot"))
		return print_pot(&texts);
	texts_are_plain(&c, &texts);
	everything_has_an_entry(&c);
	every_errno_has_a_place(&c);
	tables_agree(&c);
	paths_and_failures(&c);
	branches_are_shown(&c);
	names(&c);
	languages(&c);
	no_translation_is_lost(&c, "ja: no text is gone", nse_mo_ja, &texts);
	no_translation_is_lost(&c, "zh_CN: no text is gone", nse_mo_zh_CN, &texts);
	translated(&c, "ja", &texts);
	translated(&c, "zh_CN", &texts);
	return finish(&c);
}
