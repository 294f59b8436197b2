// SPDX-License-Identifier: GPL-2.0-only
/*
 * attached [SECONDS]: waits until no BPF program is loaded any more, at most
 * SECONDS (0: looks once). Prints {"programs":N,"seconds":S}; exit status 1 when
 * some are left. Programs that were there from the start (systemd's, say) are not
 * told apart: for guests.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned int count(void)
{
	union bpf_attr attr;
	unsigned int n = 0, id = 0;

	for (;;) {
		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
		if (syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof(attr)))
			return n;
		id = attr.next_id;
		n++;
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double limit = argc > 1 ? atof(argv[1]) : 0, start = now();
	unsigned int n;

	while ((n = count()) && now() - start < limit)
		usleep(20000);
	printf("{\"programs\":%u,\"seconds\":%.2f}\n", n, now() - start);
	return n != 0;
}
