// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BTF_DIRECTORY "/usr/lib/nslens/btf"

/* Fixed inode numbers of the initial namespaces (include/linux/proc_ns.h). */
#define INIT_USER_INUM 0xEFFFFFFDu
#define INIT_PID_INUM  0xEFFFFFFCu

static bool read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok;

	if (!f)
		return false;
	ok = fgets(buf, (int)size, f) != NULL;
	fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = 0;
	return ok;
}

static int read_number(const char *path, int missing)
{
	char buf[32];

	return read_text(path, buf, sizeof(buf)) ? atoi(buf) : missing;
}

static bool is_inode(const char *path, unsigned int inum)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == inum;
}

static void read_capabilities(struct machine *m)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	uint64_t effective = 0;

	if (!syscall(SYS_capget, &header, data))
		effective = data[0].effective | (uint64_t)data[1].effective << 32;
	m->cap_sys_admin = effective >> CAP_SYS_ADMIN & 1;
	m->cap_sys_resource = effective >> CAP_SYS_RESOURCE & 1;
	m->cap_perfmon = effective >> CAP_PERFMON & 1;
	m->cap_bpf = effective >> CAP_BPF & 1;
}

/* "none [integrity] confidentiality": the one in brackets holds. */
static void read_lockdown(struct machine *m)
{
	char buf[128], *from, *to;

	snprintf(m->lockdown, sizeof(m->lockdown), "unknown");
	if (!read_text("/sys/kernel/security/lockdown", buf, sizeof(buf)))
		return;
	from = strchr(buf, '[');
	to = from ? strchr(from, ']') : NULL;
	if (to)
		snprintf(m->lockdown, sizeof(m->lockdown), "%.*s", (int)(to - from - 1), from + 1);
}

static int try_smallest_program(void)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "nslens_probe", "GPL", insns, 2, NULL);

	if (fd < 0)
		return errno ? errno : -fd;
	close(fd);
	return 0;
}

void machine_read(struct machine *m)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	memset(m, 0, sizeof(*m));
	if (!uname(&u)) {
		snprintf(m->release, sizeof(m->release), "%s", u.release);
		if (sscanf(u.release, "%u.%u", &major, &minor) == 2)
			m->kernel = major * 1000 + minor;
	}
	if (!read_text("/proc/sys/kernel/random/boot_id", m->boot_id, sizeof(m->boot_id)))
		m->boot_id[0] = 0;
	m->root = geteuid() == 0;
	read_capabilities(m);
	read_lockdown(m);
	m->btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	m->kprobe_pmu = read_number("/sys/bus/event_source/devices/kprobe/type", -1);
	m->unprivileged_bpf = read_number("/proc/sys/kernel/unprivileged_bpf_disabled", -1);
	m->perf_paranoid = read_number("/proc/sys/kernel/perf_event_paranoid", INT_MIN);
	m->jit = read_number("/proc/sys/net/core/bpf_jit_enable", -1);
	m->init_pid_ns = is_inode("/proc/self/ns/pid", INIT_PID_INUM);
	m->init_user_ns = is_inode("/proc/self/ns/user", INIT_USER_INUM);
	m->bpf_errno = try_smallest_program();
}

static int use_btf(struct machine *m, const char *path, struct nsl_error *e)
{
	struct btf *btf;
	struct stat st;
	int n;

	if (!path) {
		if (m->btf)
			return 0;
		n = snprintf(m->btf_file, sizeof(m->btf_file), BTF_DIRECTORY "/%s.btf", m->release);
		if (n >= (int)sizeof(m->btf_file) || access(m->btf_file, R_OK))
			m->btf_file[0] = '\0';
		return 0;
	}
	if (stat(path, &st))
		return nsl_error_set(e, "--btf %s: %s", path, strerror(errno));
	n = snprintf(m->btf_file, sizeof(m->btf_file), S_ISDIR(st.st_mode) ? "%s/%s.btf" : "%s",
		     path, m->release);
	if (n >= (int)sizeof(m->btf_file))
		return nsl_error_set(e, "--btf %s: the name is too long", path);
	if (access(m->btf_file, R_OK))
		return nsl_error_set(e, "--btf %s: %s: %s", path, m->btf_file, strerror(errno));
	libbpf_set_print(NULL);
	btf = btf__parse(m->btf_file, NULL);
	if (!btf)
		return nsl_error_set(e, "--btf %s: %s holds no types (BTF) of a kernel", path,
				     m->btf_file);
	btf__free(btf);
	m->btf = false;
	return 0;
}

bool machine_permits(struct machine *m, const char *btf, struct nsl_error *e)
{
	if (use_btf(m, btf, e))
		return false;
	if (m->bpf_errno == EPERM && !m->root)
		nsl_error_set(e,
			      "the kernel refuses BPF programs to this user: run nslens as root, "
			      "e.g. sudo nslens …");
	else if (m->bpf_errno == EPERM)
		nsl_error_set(
			e,
			"the kernel refuses BPF programs although nslens is root: %s (lockdown "
			"is %s; see nslens doctor)",
			m->cap_sys_admin || m->cap_bpf ? "something outside forbids it"
						       : "CAP_BPF and CAP_SYS_ADMIN are missing",
			m->lockdown);
	else if (m->bpf_errno)
		nsl_error_set(
			e,
			"the kernel cannot load a BPF program: %s; nslens needs Linux 5.10 or "
			"later with CONFIG_BPF_SYSCALL",
			strerror(m->bpf_errno));
	else if (!m->btf && !m->btf_file[0])
		nsl_error_set(e,
			      "no /sys/kernel/btf/vmlinux: this kernel was built without "
			      "CONFIG_DEBUG_INFO_BTF; give its types with --btf FILE (pahole -J "
			      "makes one from its debug symbols), or put them at " BTF_DIRECTORY
			      "/%s.btf",
			      m->release);
	else
		return true;
	return false;
}
