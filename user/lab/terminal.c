// SPDX-License-Identifier: GPL-2.0-only
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void follow_size(struct lab_terminal *t)
{
	struct winsize size;

	if (ioctl(t->tty, TIOCGWINSZ, &size) ||
	    (size.ws_row == t->rows && size.ws_col == t->columns))
		return;
	t->rows = size.ws_row;
	t->columns = size.ws_col;
	ioctl(t->master, TIOCSWINSZ, &size);
}

int lab_terminal_open(struct lab_terminal *t, int in, int out)
{
	struct termios raw;
	int err;

	*t = (struct lab_terminal){.tty = in, .in = in, .out = out, .master = -1, .slave = -1};
	if (tcgetattr(in, &t->before))
		return -errno;
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	/* by the master, not by a name: /dev/pts may be another's */
	if (t->master >= 0 && !unlockpt(t->master))
		t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	raw = t->before;
	cfmakeraw(&raw);
	if (t->slave < 0 || tcsetattr(t->slave, TCSANOW, &t->before) ||
	    tcsetattr(in, TCSADRAIN, &raw)) {
		err = -errno;
		lab_terminal_close(t);
		return err;
	}
	t->raw = true;
	follow_size(t);
	return 0;
}

void lab_terminal_given(struct lab_terminal *t)
{
	if (t->slave >= 0)
		close(t->slave);
	t->slave = -1;
}

/* False: there is nothing more to come. */
static bool carry(int from, int to)
{
	char buf[4096];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t done = 0, put; done < n; done += put) {
		put = write(to, buf + done, (size_t)(n - done));
		if (put < 0 && errno == EINTR)
			put = 0;
		else if (put < 0)
			return false;
	}
	return n > 0;
}

void lab_terminal_relay(struct lab_terminal *t, int other, int ms)
{
	struct pollfd fd[] = {{.fd = other, .events = POLLIN},
			      {.fd = t->ended ? -1 : t->master, .events = POLLIN},
			      {.fd = t->in, .events = POLLIN}};

	follow_size(t);
	if (poll(fd, 3, ms) <= 0)
		return;
	/* the master says EIO when the last descriptor of the slave is closed */
	if (fd[1].revents && !carry(t->master, t->out))
		t->ended = true;
	if (fd[2].revents && !carry(t->in, t->master))
		t->in = -1;
}

void lab_terminal_close(struct lab_terminal *t)
{
	if (t->raw)
		tcsetattr(t->tty, TCSADRAIN, &t->before);
	t->raw = false;
	lab_terminal_given(t);
	if (t->master >= 0)
		close(t->master);
	t->master = -1;
}
