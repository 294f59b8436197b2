// SPDX-License-Identifier: GPL-2.0-only
#include "ladder.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Function name -> where its id is kept, for one pass over the kernel's BTF. */
struct wanted {
	const char *function;
	size_t row;	 /* of hooks[], or */
	uint32_t *kfunc; /* not a hook */
};

static int by_function(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return strcmp(x->function, y->function);
}

static unsigned int arguments_of(const struct btf *btf, const struct btf_type *func)
{
	return btf_vlen(btf__type_by_id(btf, func->type));
}

/* Ids of all functions of the table: one pass, since the names are not sorted. */
static void find_functions(struct ladder *l, const struct btf *btf)
{
	struct wanted wanted[MAX_HOOKS + NSL_KFUNCS] = {0};
	size_t n = 0;

	for (size_t i = 0; i < nhooks; i++)
		if (is_function_hook(&hooks[i]))
			wanted[n++] = (struct wanted){hooks[i].function, i, NULL};
	for (size_t i = 0; i < NSL_KFUNCS; i++)
		wanted[n++] = (struct wanted){kfunc_names[i], 0, &l->kfuncs[i]};
	qsort(wanted, n, sizeof(*wanted), by_function);
	for (uint32_t id = 1, last = btf__type_cnt(btf); id < last; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		struct wanted key = {0}, *found;

		if (!btf_is_func(t))
			continue;
		key.function = btf__name_by_offset(btf, t->name_off);
		found = bsearch(&key, wanted, n, sizeof(*wanted), by_function);
		if (found && found->kfunc) {
			*found->kfunc = id;
			continue;
		}
		/* any of the rows of this function was found: it serves them all */
		for (size_t i = 0; found && i < nhooks; i++)
			if (!strcmp(hooks[i].function, found->function) && !l->choice[i].btf_id &&
			    (!hooks[i].exact || arguments_of(btf, t) == hooks[i].nargs))
				l->choice[i].btf_id = id;
	}
}

#define ENOTSUPP 524 /* the kernel's own; user space has no name for it */

#ifdef __aarch64__
/*
 * arm64 loads these programs since 6.0, and attaches them since 6.4, when ftrace learnt to call
 * them directly. x86-64 could do both from the beginning, and detaching takes time there.
 */
static int try_attach(int program)
{
	int link = bpf_raw_tracepoint_open(NULL, program);
	int err = link < 0 ? errno : 0;

	if (link >= 0)
		close(link);
	return err;
}
#else
static int try_attach(int program)
{
	(void)program;
	return 0;
}
#endif

/* Loads `return 0` with a read of every argument in `args`; 0 or an errno. */
static int try_tracing(enum bpf_attach_type type, uint32_t btf_id, unsigned int args, bool attach)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type,
		    .attach_btf_id = btf_id);
	struct bpf_insn insns[16];
	size_t n = 0;
	int fd, err;

	for (int i = 0; i < 8; i++)
		if (args & ARG(i))
			insns[n++] = (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW,
						       .dst_reg = BPF_REG_0,
						       .src_reg = BPF_REG_1,
						       .off = (int16_t)(8 * i)};
	insns[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
	insns[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nslens_probe", "GPL", insns, n, &opts);
	if (fd < 0)
		return errno ? errno : -fd;
	err = attach ? try_attach(fd) : 0;
	close(fd);
	return err;
}

static int try_hook(const struct hook *h, uint32_t btf_id, bool attach)
{
	int err = 0;

	if (h->entry)
		err = try_tracing(BPF_TRACE_FENTRY, btf_id, h->entry_args, attach);
	if (!err && h->exit)
		err = try_tracing(BPF_TRACE_FEXIT, btf_id, h->exit_args, attach && !h->entry);
	return err;
}

static char *read_kallsyms(void)
{
	size_t size = 0, room = 1 << 20;
	char *text = malloc(room);
	FILE *f = fopen("/proc/kallsyms", "re");

	while (f && text) {
		size_t got = fread(text + size, 1, room - size - 1, f);
		char *more;

		size += got;
		if (!got)
			break;
		if (room - size > 1)
			continue;
		more = realloc(text, room *= 2);
		if (!more)
			break;
		text = more;
	}
	if (f)
		fclose(f);
	if (text)
		text[size] = 0;
	return text;
}

bool ladder_find_symbol(const char *kallsyms, const char *function, char *name, size_t size)
{
	size_t len = strlen(function);
	bool found = false;

	/* "address type name[\t[module]]" */
	for (const char *line = kallsyms; line && *line; line = strchr(line, '\n')) {
		const char *symbol;
		size_t n;

		line += *line == '\n';
		symbol = strchr(line, ' ');
		symbol = symbol ? strchr(symbol + 1, ' ') : NULL;
		if (!symbol)
			break;
		symbol++;
		if (strncmp(symbol, function, len))
			continue;
		n = strcspn(symbol, " \t\n");
		if (n >= size)
			continue;
		if (n == len) {
			snprintf(name, size, "%s", function);
			return true;
		}
		if (!found && (!strncmp(symbol + len, ".isra.", 6) ||
			       !strncmp(symbol + len, ".constprop.", 11))) {
			snprintf(name, size, "%.*s", (int)n, symbol);
			found = true;
		}
	}
	return found;
}

/* fentry/fexit for every row that takes it. */
static void climb_fentry(struct ladder *l, bool thorough)
{
	bool tried = false;
	int refused = 0;

	l->climbed_fentry = true;
	for (size_t i = 0; i < nhooks; i++) {
		struct choice *c = &l->choice[i];
		int err;

		if (!is_function_hook(&hooks[i]))
			continue;
		if (!c->btf_id) {
			snprintf(c->why, sizeof(c->why), "no such function in this kernel's BTF");
			continue;
		}
		err = refused;
		if (!refused && (thorough || !tried))
			err = try_hook(&hooks[i], c->btf_id, !tried);
		tried = true;
		if (!err) {
			c->mechanism = MECH_FENTRY;
			continue;
		}
		snprintf(c->why, sizeof(c->why), "fentry refused: %s",
			 err == ENOTSUPP ? "not in this kernel" : strerror(err));
		if (err == EPERM || err == ENOTSUPP) {
			/* not about this function: the machine permits none */
			refused = err;
			snprintf(l->no_fentry, sizeof(l->no_fentry), "%s",
				 err == EPERM
					 ? "loading fentry programs is refused: Operation not "
					   "permitted"
					 : "this kernel cannot attach them (arm64: since 6.4)");
		}
	}
}

bool ladder_has_kfuncs(const struct ladder *l)
{
	for (size_t i = 0; i < NSL_KFUNCS; i++)
		if (!l->kfuncs[i])
			return false;
	return true;
}

/* Nothing yet, and no alternative row of the same fact has anything either. */
static bool lacks_hook(const struct ladder *l, size_t row)
{
	if (!is_function_hook(&hooks[row]) || hooks[row].role == ROLE_DEATH_NESTED ||
	    (hooks[row].newer && !l->no_fentry[0] && l->climbed_fentry))
		return false;
	for (size_t i = 0; i < nhooks; i++)
		if (!strcmp(hooks[i].fact, hooks[row].fact) && l->choice[i].mechanism != MECH_NONE)
			return false;
	return true;
}

/* kprobes for the rows that have nothing yet. */
static void climb_kprobe(struct ladder *l, const struct machine *m)
{
	char *kallsyms = NULL;

	if (m->kprobe_pmu < 0)
		return;
	for (size_t i = 0; i < nhooks; i++) {
		struct choice *c = &l->choice[i];

		if (!lacks_hook(l, i))
			continue;
		/* reading them all takes a while, and is seldom needed */
		if (!kallsyms)
			kallsyms = read_kallsyms();
		if (!kallsyms)
			break;
		if (!ladder_find_symbol(kallsyms, hooks[i].function, c->suffixed,
					sizeof(c->suffixed))) {
			snprintf(c->why, sizeof(c->why), "no such function in this kernel");
			continue;
		}
		c->mechanism = MECH_KPROBE;
		c->symbol = c->suffixed;
		c->untrusted = strcmp(c->suffixed, hooks[i].function) != 0;
	}
	free(kallsyms);
}

/* Alternatives: only the first row of a fact that is there is used. */
static void drop_alternatives(struct ladder *l)
{
	for (size_t i = 0; i < nhooks; i++)
		for (size_t j = 0; j < i; j++)
			if (is_function_hook(&hooks[i]) && !strcmp(hooks[i].fact, hooks[j].fact) &&
			    l->choice[j].mechanism != MECH_NONE)
				l->choice[i].mechanism = MECH_NONE;
}

static void use_tracepoints(struct ladder *l)
{
	for (size_t i = 0; i < nhooks; i++) {
		struct choice *c = &l->choice[i];

		c->mechanism = is_function_hook(&hooks[i]) ? MECH_NONE : MECH_TRACEPOINT;
	}
	l->functions = false;
}

int ladder_climb(struct ladder *l, const struct machine *m, enum hooks_mode mode, bool thorough,
		 struct nsl_error *e)
{
	struct btf *btf;

	memset(l, 0, sizeof(*l));
	if (m->btf) {
		btf = btf__load_vmlinux_btf();
		if (!btf)
			return nsl_error_set(
				e,
				"cannot read /sys/kernel/btf/vmlinux: %s; nslens needs a "
				"kernel built with CONFIG_DEBUG_INFO_BTF (see nslens doctor)",
				strerror(errno));
		find_functions(l, btf);
		btf__free(btf);
	}
	if (mode == HOOKS_TRACEPOINT) {
		use_tracepoints(l);
		return 0;
	}
	if (mode != HOOKS_KPROBE && m->btf)
		climb_fentry(l, thorough);
	if (!m->btf)
		snprintf(l->no_fentry, sizeof(l->no_fentry), "this kernel has no BTF of its own");
	if (mode != HOOKS_FENTRY)
		climb_kprobe(l, m);
	drop_alternatives(l);

	l->functions = true;
	for (size_t i = 0; i < nhooks; i++) {
		if (hooks[i].role == ROLE_TASK || hooks[i].role == ROLE_MILESTONE_TRACEPOINT)
			l->choice[i].mechanism = MECH_TRACEPOINT;
		if (hooks[i].role == ROLE_CALL && l->choice[i].mechanism == MECH_NONE)
			l->functions = false;
	}
	if (l->functions)
		return 0;
	if (mode == HOOKS_FENTRY)
		return nsl_error_set(
			e, "--hooks=fentry: %s; use --hooks=auto (see nslens doctor)",
			l->no_fentry[0]
				? l->no_fentry
				: "a system call cannot be hooked by fentry on this kernel");
	if (mode == HOOKS_KPROBE)
		return nsl_error_set(e, "--hooks=kprobe: %s; use --hooks=auto (see nslens doctor)",
				     m->kprobe_pmu < 0
					     ? "this kernel has no kprobes"
					     : "a system call cannot be probed on this kernel");
	use_tracepoints(l);
	return 0;
}
