// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostile: tasks whose names try to break terminals, JSON and HTML. Each makes
 * one unshare(CLONE_NEWUTS). One JSON line a task: its pid, its name in hex (as
 * the kernel gives it back) and the result.
 */
#include "sys.h"

#include <sys/prctl.h>

bool sys_ia32;

/* At most 15 bytes each: the kernel cuts the rest. */
static const char *const names[] = {
	"\x1b[2J\x1b[31mred",	/* clears the screen, colours */
	"\x1b]0;title\x07",	/* sets the window title */
	"\x1b[999;999H\x1b[6n", /* asks the terminal to answer */
	"\x9b"
	"2Jc1",			 /* one-byte CSI, also invalid UTF-8 */
	"a\"b\\c'd`e",		 /* quotes, backslash */
	"\",\"pid\":1,\"x\":\"", /* closes a JSON string */
	"line1\nline2\r",	 /* forges a line */
	"tab\tbell\x07"
	"bs\b\b",		       /* control characters */
	"\xff\xfe\xc0\xaf\xf8",	       /* never UTF-8 */
	"cut\xe2\x82",		       /* a character cut short */
	"\xed\xa0\x80sur",	       /* a surrogate */
	"\xe2\x80\xaertl\xe2\x80\xac", /* turns the direction of writing */
	"<script>alert(1",	       /* HTML */
	"</title><img x",
	"%s%n%x$(id)", /* formats, shells */
	"a) S 1 (b",   /* the stat file's own brackets */
	" ",
	"",
};

static void one(const char *name)
{
	char line[256], got[17] = "";
	long ret;
	int n;

	if (prctl(PR_SET_NAME, name) < 0 || prctl(PR_GET_NAME, got) < 0) {
		perror("hostile: prctl");
		_exit(1);
	}
	ret = sys_unshare(NEWUTS);
	n = snprintf(line, sizeof(line), "{\"pid\":%d,\"comm_hex\":\"", getpid());
	for (const char *p = got; *p; p++)
		n += snprintf(line + n, sizeof(line) - n, "%02x", (unsigned char)*p);
	n += snprintf(line + n, sizeof(line) - n,
		      "\",\"syscall\":\"unshare\",\"flags\":[\"CLONE_NEWUTS\"],\"ret\":%d,",
		      ret < 0 ? -1 : 0);
	if (ret < 0) {
		char ebuf[16];

		n += snprintf(line + n, sizeof(line) - n, "\"errno\":\"%s\"}\n",
			      sys_errno_name((int)-ret, ebuf));
	} else {
		n += snprintf(line + n, sizeof(line) - n, "\"errno\":null}\n");
	}
	_exit(write(STDOUT_FILENO, line, (size_t)n) != n || ret < 0);
}

int main(void)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pid_t pid = fork();

		if (pid == 0)
			one(names[i]);
		if (pid < 0 || sys_reap(pid) != 0)
			failed = 1;
	}
	return failed;
}
