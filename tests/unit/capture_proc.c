// SPDX-License-Identifier: GPL-2.0-only
/* What files below /proc say, hostile text included. */
#include <stdlib.h>
#include <sys/mman.h>

#include "unit.h"

/* pure, and of no use to other tests: compiled here */
#include "../../user/capture/proc_read.c"
#include "../../user/capture/proc_text.c"

#define REST                                                                                       \
	" 1209 1209 29037 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 1316204 3133440 390 "            \
	"18446744073709551615 1 1 0\n"

static void stat_lines(void)
{
	struct proc_stat s;

	CHECK(proc_parse_stat("1216 (cat) R" REST, &s));
	CHECK(!strcmp(s.comm, "cat") && s.state == 'R');
	CHECK_NUM(s.ppid, 1209);
	CHECK_NUM(s.flags, 4194304);
	CHECK_NUM(s.start, 1316204);
	/* brackets, blanks, what looks like the rest of the line */
	CHECK(proc_parse_stat("7 (x) S 1 2 (y) Z) S" REST, &s));
	CHECK(!strcmp(s.comm, "x) S 1 2 (y) Z") && s.state == 'S');
	CHECK(proc_parse_stat("7 ()) (() S" REST, &s) && !strcmp(s.comm, ")) (("));
	CHECK(proc_parse_stat("7 () S" REST, &s) && !s.comm[0]);
	/* escapes, a raw newline (kernels before 4.18) */
	CHECK(proc_parse_stat("7 (a\\nb\\\\n) S" REST, &s) && !strcmp(s.comm, "a\nb\\n"));
	CHECK(proc_parse_stat("7 (a\nb) S" REST, &s) && !strcmp(s.comm, "a\nb"));
	CHECK(proc_parse_stat("7 (a\\) S" REST, &s) && !strcmp(s.comm, "a\\"));
	/* longer than a comm: cut, and padded with NUL */
	CHECK(proc_parse_stat("7 (0123456789abcdefgh) S" REST, &s));
	CHECK(!memcmp(s.comm, "0123456789abcde", NSL_COMM_LEN));
	/* what a worker does is no part of its name */
	CHECK(proc_parse_stat(
		      "7 (kworker/0:1H-kblockd) I 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 0 0 1 "
		      "0 24 0\n",
		      &s) &&
	      !strcmp(s.comm, "kworker/0:1H"));
	CHECK(proc_parse_stat("7 (a:b-c) S" REST, &s) && !strcmp(s.comm, "a:b-c"));
	/* not such a line */
	CHECK(!proc_parse_stat("", &s));
	CHECK(!proc_parse_stat("7 (cat", &s));
	CHECK(!proc_parse_stat("7 )cat( S" REST, &s));
	CHECK(!proc_parse_stat("7 (cat) S 1 2 3", &s));
}

static void status_files(void)
{
	struct proc_status s;

	CHECK(proc_parse_status("Name:\tx\nTgid:\t9\nNStgid:\t900\t9\t1\nNSpid:\t901\t10\t2\n",
				&s));
	CHECK_NUM(s.levels, 3);
	CHECK_NUM(s.ns_pid, 1);
	CHECK_NUM(s.ns_tid, 2);
	/* the kernel escapes the newline of a name */
	CHECK(proc_parse_status("Name:\t\\nNSpid:\t7\nNStgid:\t5\nNSpid:\t6\n", &s));
	CHECK_NUM(s.levels, 1);
	CHECK_NUM(s.ns_tid, 6);
	CHECK(!proc_parse_status("Name:\tx\n", &s));
	CHECK(!proc_parse_status("Name:\tx\nNStgid:\t\nNSpid:\t\n", &s));
}

static bool is_ns(const char *text, __u32 type, __u32 inum)
{
	__u32 t, i;

	return proc_parse_ns(text, &t, &i) && t == type && i == inum;
}

static void links(void)
{
	__u32 t, i;

	CHECK(is_ns("net:[4026531840]", NSL_NET, 4026531840u));
	CHECK(is_ns("cgroup:[4294967295]", NSL_CGROUP, 0xffffffffu));
	CHECK(is_ns("pid:[1]", NSL_PID, 1));
	static const char *const none[] = {
		"",
		"net",
		"net:",
		"net:[",
		"net:[]",
		"net:[1",
		"net:1]",
		"net:[1]x",
		"net:[-1]",
		"net:[ 1]",
		"net:[1 ]",
		"nets:[1]",
		"socket:[1]",
		"anon_inode:[x]",
		"pid_for_children:[1]",
		":[1]",
		"/net:[1]",
		"net:[0x1]",
		"net:[4294967296]",
		"net:[99999999999]",
	};

	for (size_t n = 0; n < sizeof(none) / sizeof(*none); n++)
		if (proc_parse_ns(none[n], &t, &i))
			unit_fail(__FILE__, __LINE__, "\"%s\" is no namespace", none[n]);
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		CHECK(!strncmp(proc_slot_link[slot], nsm_type_name(nsm_slot_type(slot)),
			       strlen(nsm_type_name(nsm_slot_type(slot)))));
	for (__u32 type = 0; type < NSL_TYPES; type++) {
		CHECK_NUM(proc_type_by_name(nsm_type_name(type)), type);
		CHECK_NUM(proc_type_by_flag(nsm_type_bit(type)), type);
	}
	CHECK_NUM(proc_type_by_flag(0), NSL_TYPE_UNKNOWN);
}

static bool parse_mount(const char *line, struct proc_mount *m)
{
	static char copy[1024];

	snprintf(copy, sizeof(copy), "%s", line);
	return proc_parse_mount(copy, m);
}

static void mounts(void)
{
	struct proc_mount m;

	CHECK(parse_mount("36 35 98:7 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw",
			  &m));
	CHECK_NUM(m.id, 36);
	CHECK_NUM(m.major, 98);
	CHECK_NUM(m.minor, 7);
	CHECK(!strcmp(m.root, "/mnt1") && !strcmp(m.point, "/mnt2") && !strcmp(m.fstype, "ext3"));
	/* no optional fields; blanks, tabs, newlines, backslashes in names */
	CHECK(parse_mount(
		"1 1 0:4 net:[4026532345] /run/a\\040b\\012c\\011d\\134040 rw - nsfs nsfs rw", &m));
	CHECK(!strcmp(m.root, "net:[4026532345]") && !strcmp(m.point, "/run/a b\nc\td\\040"));
	CHECK(!strcmp(m.fstype, "nsfs"));
	/* what is no escape stays, and no NUL cuts a path short */
	CHECK(parse_mount("1 1 0:4 / /a\\000b\\8\\04 rw - proc proc rw", &m) &&
	      !strcmp(m.point, "/a\\000b\\8\\04"));
	/* an empty source leaves two blanks */
	CHECK(parse_mount("1 1 0:4 / /a rw - tmpfs  rw", &m));
	/* a point that looks like the separator */
	CHECK(parse_mount("1 1 0:4 / /a/- rw - proc - rw", &m) && !strcmp(m.point, "/a/-"));
	CHECK(!parse_mount("", &m));
	CHECK(!parse_mount("36 35 98:0 /a /b rw", &m));
	CHECK(!parse_mount("36 35 98:0 /a /b rw -", &m));
	CHECK(!parse_mount("x 35 98:0 /a /b rw - a b c", &m));
	CHECK(!parse_mount("1 35 98 /a /b rw - a b c", &m));
}

static bool point_is(const char *line, const char *want)
{
	char copy[256];
	const char *got;

	snprintf(copy, sizeof(copy), "%s", line);
	got = proc_parse_mount_point(copy);
	return want ? got && !strcmp(got, want) : !got;
}

static void mount_points(void)
{
	CHECK(point_is("proc /a\\040b proc rw 0 0", "/a b"));
	CHECK(point_is("device proc mounted on /a\\040b with fstype proc", "/a b"));
	CHECK(point_is("no device mounted on /x with fstype tmpfs", "/x"));
	CHECK(point_is("device proc mounted at /x", NULL));
	CHECK(point_is("", NULL));
	CHECK(point_is("proc", NULL));
}

static void pidfds(void)
{
	int pid;

	CHECK(proc_parse_pidfd(
		"pos:\t0\nflags:\t02000002\nmnt_id:\t15\nPid:\t123\nNSpid:\t123\t1\n", &pid));
	CHECK_NUM(pid, 123);
	CHECK(proc_parse_pidfd("pos:\t0\nPid:\t-1\n", &pid));
	CHECK_NUM(pid, -1);
	CHECK(!proc_parse_pidfd("pos:\t0\nNSpid:\t5\n", &pid));
}

static void segments(void)
{
	struct proc_shm s;

	CHECK(proc_parse_shm_map("7f2a1000-7f2a2000 rw-s 00000000 00:01 32769                     "
				 " /SYSV0000002a (deleted)",
				 &s));
	CHECK_NUM(s.id, 32769);
	CHECK_NUM(s.key, 0x2a);
	CHECK_NUM(s.start, 0x7f2a1000);
	CHECK_NUM(s.end, 0x7f2a2000);
	CHECK(!proc_parse_shm_map("7f2a1000-7f2a2000 rw-p 00000000 08:01 1 /usr/SYSV0000002a", &s));
	CHECK(!proc_parse_shm_map("7f2a1000-7f2a2000 rw-p 00000000 00:00 0", &s));
	CHECK(proc_parse_shm(
		"         -1          2   600                  4096   10   11      3 0 "
		"0 0 0 1 2 3 4 5",
		&s));
	CHECK_NUM(s.key, 0xffffffffu);
	CHECK_NUM(s.id, 2);
	CHECK_NUM(s.attached, 3);
	CHECK(!proc_parse_shm(
		"       key      shmid perms                  size  cpid  lpid nattch", &s));
}

static bool cgroup_is(const char *text, const char *controllers, const char *path)
{
	char copy[512], *c, *p;

	snprintf(copy, sizeof(copy), "%s", text);
	if (!proc_parse_cgroup(copy, &c, &p))
		return !path;
	return path && !strcmp(c, controllers) && !strcmp(p, path);
}

static void cgroups(void)
{
	CHECK(cgroup_is("0::/user.slice/a:b\n", "", "/user.slice/a:b"));
	CHECK(cgroup_is("3:cpu,cpuacct:/x\n1:name=systemd:/y\n0::/z\n", "", "/z"));
	CHECK(cgroup_is("3:cpu,cpuacct:/x\n1:name=systemd:/y\n0::/\n", "name=systemd", "/y"));
	CHECK(cgroup_is("3:cpu,cpuacct:/x\n1:name=systemd:/\n", "cpu,cpuacct", "/x"));
	CHECK(cgroup_is("3:cpu:/\n0::/\n", "", "/"));
	CHECK(cgroup_is("", "", NULL));
	CHECK(cgroup_is("garbage\n:\n::\n", "", NULL));
}

static void lines(void)
{
	char text[] = "a\n\nb", *rest = text;

	CHECK(!strcmp(proc_next_line(&rest), "a"));
	CHECK(!strcmp(proc_next_line(&rest), ""));
	CHECK(!strcmp(proc_next_line(&rest), "b"));
	CHECK(!proc_next_line(&rest));
	rest = NULL;
	CHECK(!proc_next_line(&rest));
}

/* Of a file of `size` bytes: how much is read; -errno where it is not. */
static long long read_whole(off_t size)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	long long result = -EBADF;
	char *text;

	if (fd < 0 || ftruncate(fd, size) || pwrite(fd, "begin", 5, 0) != 5 ||
	    pwrite(fd, "end", 3, size - 3) != 3)
		return result;
	errno = 0;
	text = proc_pread_all(fd);
	result = text ? size : -errno;
	/* all of it, and ended */
	if (text && (memcmp(text, "begin", 5) || memcmp(text + size - 3, "end", 4)))
		result = -EIO;
	free(text);
	close(fd);
	return result;
}

static void long_files(void)
{
	const off_t longest = (64 << 20) - 1;

	CHECK_NUM(read_whole(8), 8);
	CHECK_NUM(read_whole(16383), 16383);
	CHECK_NUM(read_whole(16384), 16384);
	/* 50,000 mounts of 600 bytes */
	CHECK_NUM(read_whole(30000000), 30000000);
	CHECK_NUM(read_whole(longest - 1), longest - 1);
	/* who makes them longer would have us take all memory */
	CHECK_NUM(read_whole(longest + 1), -EFBIG);
	CHECK_NUM(read_whole(200 << 20), -EFBIG);
}

int main(void)
{
	RUN(stat_lines);
	RUN(status_files);
	RUN(links);
	RUN(mounts);
	RUN(mount_points);
	RUN(pidfds);
	RUN(segments);
	RUN(cgroups);
	RUN(lines);
	RUN(long_files);
	return unit_end();
}
