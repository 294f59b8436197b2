// SPDX-License-Identifier: GPL-2.0-only
/* nslens doctor: what this machine permits, what is lost, and how to get it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../capture/ladder.h"
#include "../capture/machine.h"
#include "../view/buf.h"
#include "../view/json.h"
#include "cmd.h"
#include "facts.h"
#include "options.h"

struct doctor_options {
	const char *btf;
	bool json;
};

#define T struct doctor_options

static const struct option_row rows[] = {
	OPTION_ROW_BTF(T, btf),
	{"json", 'j', NULL, "one JSON object", OPTION_FLAG(T, json)},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "tracing is possible"}, {"1", "it is not"}, {"2", "bad usage"}, {0}};

const struct command_line doctor_line = {
	.name = "doctor",
	.summary = "what this machine permits, and what is lost by what it does not",
	.usage = "[options]",
	.about = "Tells what this machine permits, by which mechanism each fact is learnt, what is "
		 "lost by it, and how to get it. Needs no root to say that root is missing.",
	.rows = rows,
	.status = status_words,
	.see = "trace",
};

/* One thing that was looked at. */
struct finding {
	const char *what;
	char value[160];
	bool good;
	const char *remedy; /* where it is not good */
};

#define MAX_FINDINGS 16

static struct finding *add(struct finding *list, size_t *n, const char *what, bool good,
			   const char *remedy)
{
	struct finding *f = &list[(*n)++];

	*f = (struct finding){.what = what, .good = good, .remedy = good ? NULL : remedy};
	return f;
}

static size_t examine(const struct machine *m, const struct ladder *l, struct finding *list)
{
	struct finding *f;
	size_t n = 0;

	f = add(list, &n, "kernel", m->kernel >= 5010, "nslens needs Linux 5.10 or later");
	snprintf(f->value, sizeof(f->value), "%s", m->release);
	f = add(list, &n, "privileges",
		m->root || (m->cap_bpf && m->cap_perfmon) || m->cap_sys_admin,
		"run nslens as root (sudo nslens …)");
	snprintf(f->value, sizeof(f->value), "%s%s%s%s%s", m->root ? "root" : "not root",
		 m->cap_sys_admin ? ", CAP_SYS_ADMIN" : "", m->cap_bpf ? ", CAP_BPF" : "",
		 m->cap_perfmon ? ", CAP_PERFMON" : "",
		 m->cap_sys_resource ? "" : ", without CAP_SYS_RESOURCE");
	f = add(list, &n, "BPF programs", !m->bpf_errno,
		m->root ? "something outside forbids bpf(2): a container, a seccomp filter, "
			  "lockdown"
			: "run nslens as root (sudo nslens …)");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->bpf_errno ? strerror(m->bpf_errno) : "permitted");
	f = add(list, &n, "BTF", m->btf || m->btf_file[0],
		"use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or give its types: --btf");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->btf		  ? "/sys/kernel/btf/vmlinux"
		 : m->btf_file[0] ? m->btf_file
				  : "missing: /sys/kernel/btf/vmlinux");
	f = add(list, &n, "fentry/fexit", l && !l->no_fentry[0],
		l ? "another kernel (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS) or place: a virtual "
		    "machine may forbid it"
		  : "first what stands above");
	snprintf(f->value, sizeof(f->value), "%s",
		 !l		   ? "not tried"
		 : l->no_fentry[0] ? l->no_fentry
				   : "permitted");
	f = add(list, &n, "kprobes", m->kprobe_pmu >= 0,
		"a kernel with CONFIG_KPROBES and CONFIG_KPROBE_EVENTS");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->kprobe_pmu >= 0 ? "present" : "none in this kernel");
	f = add(list, &n, "lockdown",
		!strcmp(m->lockdown, "none") || !strcmp(m->lockdown, "unknown"),
		"integrity permits tracing; confidentiality forbids it: boot without it");
	snprintf(f->value, sizeof(f->value), "%s", m->lockdown);
	f = add(list, &n, "JIT", m->jit != 0,
		"sysctl net.core.bpf_jit_enable=1: without it fentry is refused");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->jit > 0    ? "on"
		 : m->jit == 0 ? "off"
			       : "unknown (always on in most kernels)");
	f = add(list, &n, "preemption", true, NULL);
	snprintf(f->value, sizeof(f->value), "%s",
		 !l ? "not tried"
		 : ladder_has_kfuncs(l)
			 ? "programs ask not to be preempted"
			 : "programs cannot ask not to be (before 6.14); what is left out is told");
	f = add(list, &n, "unprivileged BPF", true, NULL);
	snprintf(f->value, sizeof(f->value), "%s",
		 m->unprivileged_bpf < 0 ? "unknown"
		 : m->unprivileged_bpf	 ? "disabled (as is right)"
					 : "enabled");
	f = add(list, &n, "perf_event_paranoid", true, NULL);
	if (m->perf_paranoid == INT_MIN)
		snprintf(f->value, sizeof(f->value), "unknown");
	else
		snprintf(f->value, sizeof(f->value),
			 "%d (kprobes need it only without CAP_PERFMON)", m->perf_paranoid);
	f = add(list, &n, "pid namespace", m->init_pid_ns,
		"nslens runs inside a pid namespace: pids are shown as the host sees them; run it "
		"on the "
		"host for names that match ps");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->init_pid_ns ? "initial" : "not the initial one");
	f = add(list, &n, "user namespace", m->init_user_ns,
		"BPF tracing needs privileges in the initial user namespace: run nslens on the "
		"host");
	snprintf(f->value, sizeof(f->value), "%s",
		 m->init_user_ns ? "initial" : "not the initial one");
	return n;
}

static const char *function_of(const struct ladder *l, const char *fact)
{
	const char *name = "";

	for (size_t i = 0; i < nhooks; i++) {
		if (strcmp(hooks[i].fact, fact))
			continue;
		if (!l->functions && (hooks[i].role == ROLE_CALL || hooks[i].role == ROLE_COMPAT ||
				      hooks[i].role == ROLE_SYSCALL_TRACEPOINT))
			return "sys_enter, sys_exit";
		if (!*name || l->choice[i].mechanism != MECH_NONE)
			name = hooks[i].function;
	}
	return name;
}

static const char *why_of(const struct ladder *l, const char *fact)
{
	for (size_t i = 0; i < nhooks; i++)
		if (!strcmp(hooks[i].fact, fact) && l->choice[i].why[0])
			return l->choice[i].why;
	return "";
}

/* What is not known, and of which functions: facts that lose the same share a line. */
static void print_unseen(const struct ladder *l, const struct nsv_fact *facts, size_t n)
{
	const char *title = "\nWhat is not seen";

	for (size_t i = 0; i < n; i++) {
		bool told = false;
		int column;

		for (size_t j = 0; j < i && facts[i].lost; j++)
			told |= facts[j].lost && !strcmp(facts[j].lost, facts[i].lost);
		if (!facts[i].lost || told)
			continue;
		if (title)
			puts(title);
		title = NULL;
		printf("  %s", facts[i].lost);
		/* where nothing at all can be hooked, the reason stands above, once */
		if (!l->no_fentry[0] && *why_of(l, facts[i].fact))
			printf(" (%s)", why_of(l, facts[i].fact));
		printf(":\n     ");
		column = 5;
		for (size_t j = i; j < n; j++) {
			int len = (int)strlen(facts[j].fact) + 1;

			if (!facts[j].lost || strcmp(facts[j].lost, facts[i].lost))
				continue;
			if (column + len > 78) {
				printf("\n     ");
				column = 5;
			}
			printf(" %s", facts[j].fact);
			column += len;
		}
		putchar('\n');
	}
}

static void print_text(const struct finding *list, size_t n, const struct ladder *l,
		       const struct nsl_error *refused)
{
	struct nsv_fact facts[MAX_HOOKS];
	size_t nfacts;

	puts("This machine");
	for (size_t i = 0; i < n; i++) {
		printf("  %-4s %-20s %s\n", list[i].good ? "ok" : "--", list[i].what,
		       list[i].value);
		if (list[i].remedy)
			printf("       %-20s -> %s\n", "", list[i].remedy);
	}
	if (refused->text[0]) {
		printf("\nTracing is not possible: %s\n", refused->text);
		return;
	}
	nfacts = facts_of_ladder(l, true, facts, MAX_HOOKS);
	puts("\nHow each fact is learnt");
	for (size_t i = 0; i < nfacts; i++)
		if (!facts[i].lost)
			printf("  %-28s %-11s %s\n", facts[i].fact, facts[i].mechanism,
			       function_of(l, facts[i].fact));
	print_unseen(l, facts, nfacts);
	if (l->functions)
		puts("\nTracing is possible, with every step inside a call.");
	else
		puts("\nTracing is possible by tracepoints alone: every call with its result and "
		     "what it\n"
		     "changed is seen; the kernel functions inside it, and the end of namespaces, "
		     "are not.\n"
		     "sys_enter and sys_exit cost every system call of the machine a little while "
		     "tracing.");
}

static void print_json(const struct machine *m, const struct finding *list, size_t n,
		       const struct ladder *l, const struct nsl_error *refused)
{
	struct nsv_fact facts[MAX_HOOKS];
	size_t nfacts = l ? facts_of_ladder(l, true, facts, MAX_HOOKS) : 0;
	struct nsv_buf buf = {0};
	struct nsv_json j = {.buf = &buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "doctor");
	nsv_json_str(&j, "schema", "nslens/1");
	nsv_json_str(&j, "version", NSLENS_VERSION);
	nsv_json_str(&j, "kernel", m->release);
	nsv_json_bool(&j, "possible", l != NULL);
	nsv_json_bool(&j, "steps", l && l->functions);
	nsv_json_str(&j, "refused", refused->text[0] ? refused->text : NULL);
	nsv_json_open(&j, "machine", '[');
	for (size_t i = 0; i < n; i++) {
		nsv_json_open(&j, NULL, '{');
		nsv_json_str(&j, "what", list[i].what);
		nsv_json_str(&j, "value", list[i].value);
		nsv_json_bool(&j, "good", list[i].good);
		nsv_json_str(&j, "remedy", list[i].remedy);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, ']');
	nsv_json_open(&j, "hooks", '[');
	for (size_t i = 0; i < nfacts; i++) {
		nsv_json_open(&j, NULL, '{');
		nsv_json_str(&j, "fact", facts[i].fact);
		nsv_json_str(&j, "mechanism", facts[i].mechanism);
		nsv_json_str(&j, "function", function_of(l, facts[i].fact));
		nsv_json_str(&j, "lost", facts[i].lost);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, ']');
	nsv_json_close(&j, '}');
	printf("%.*s\n", (int)buf.len, buf.data);
	free(buf.data);
}

int cmd_doctor(int argc, char **argv)
{
	struct nsl_error refused = {""};
	struct finding list[MAX_FINDINGS];
	static struct ladder ladder;
	struct ladder *l = NULL;
	struct machine m;
	struct doctor_options o = {0};
	struct option_rest rest;
	int status;
	size_t n;

	status = options_parse(&doctor_line, &o, &rest, argc, argv);
	if (status >= 0)
		return status;
	machine_read(&m);
	if (machine_permits(&m, o.btf, &refused) &&
	    !ladder_climb(&ladder, &m, HOOKS_AUTO, true, &refused))
		l = &ladder;
	n = examine(&m, l, list);
	if (o.json)
		print_json(&m, list, n, l, &refused);
	else
		print_text(list, n, l, &refused);
	if (fflush(stdout))
		return EXIT_FAILED;
	return l ? EXIT_DONE : EXIT_FAILED;
}
