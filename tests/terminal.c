// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal with a program in it, and somebody who types: `terminal PROGRAM [ARGUMENT...]` does what standard input says:
 *
 *	wait TEXT		until the program has printed TEXT
 *	type TEXT		\n, \r and \003 are keys
 *	size ROWS COLUMNS	of the window
 *	signal NUMBER		to the program
 *	rest MS MOST		do nothing, and fail if the program uses more than MOST ms of processor time meanwhile
 *	connect PATH		to a Unix socket (or open a file), as a client beside the terminal; tries for a while
 *	say TEXT		to that
 *	hear TEXT		until that has said TEXT
 *	flood BYTES		take no less than so many bytes from it
 *	deaf			leave what comes from it, until it is to be heard again
 *	hangup			close it
 *
 * At last it waits for the program's end, and prints how it ended, and whether the terminal is as it was. What the program
 * printed goes to standard output, too. Exit status: 0 all was done, 1 it was not, 2 usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE	(300 * 1000)	/* ms, on a machine that others keep busy */

/* What has come from somebody, and was not waited for yet. */
struct ear {
	int fd;
	char heard[1 << 16];
	size_t length;
	unsigned long bytes;		/* in all, since the last flood */
};

static struct ear screen = { .fd = -1 }, client = { .fd = -1 };
static bool deaf;
static pid_t pid;

static void __attribute__((noreturn)) fail(const char *what, const char *detail)
{
	printf("\nterminal: %s %s\n", what, detail);
	if (pid > 0)
		kill(pid, SIGKILL);
	exit(1);
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Take what has come to @ear; false at its end. */
static bool listen_to(struct ear *ear)
{
	char bytes[4096];
	const ssize_t got = read(ear->fd, bytes, sizeof(bytes));

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	ear->bytes += got;
	if (ear == &screen)
		fwrite(bytes, 1, got, stdout);
	for (ssize_t i = 0; i < got; i++) {
		if (!bytes[i])
			continue;
		if (ear->length == sizeof(ear->heard) - 1) {
			ear->length /= 2;
			memmove(ear->heard, ear->heard + sizeof(ear->heard) - 1 - ear->length, ear->length);
		}
		ear->heard[ear->length++] = bytes[i];
	}
	ear->heard[ear->length] = '\0';
	return true;
}

/* Listen to both for up to @ms; false if @whom has ended. */
static bool hear(const struct ear *whom, long ms)
{
	struct pollfd ears[] = {
		{ .fd = screen.fd, .events = POLLIN }, { .fd = deaf ? -1 : client.fd, .events = POLLIN }
	};
	bool alive = true;

	poll(ears, 2, ms);
	if (ears[0].revents && !listen_to(&screen))
		alive = whom != &screen;
	if (ears[1].revents && !listen_to(&client))
		alive = alive && whom != &client;
	return alive;
}

/* Wait until @ear has heard @text; what comes after it stays. */
static void wait_for(struct ear *ear, const char *text)
{
	const long end = now() + PATIENCE;
	char *found;

	while (!(found = strstr(ear->heard, text))) {
		const long left = end - now();

		if (left <= 0 || !hear(ear, left))
			fail("did not come:", text);
	}
	ear->length -= found + strlen(text) - ear->heard;
	memmove(ear->heard, found + strlen(text), ear->length + 1);
}

/* Write @text, with its escapes made keys. */
static void say(int fd, const char *text)
{
	while (*text) {
		char c = *text++;

		if (c == '\\' && *text) {
			const char e = *text++;

			c = e == 'n' ? '\n' : e == 'r' ? '\r' : e == '0' ? 3 : e;
			if (e == '0')
				text += 2;
		}
		if (write(fd, &c, 1) != 1)
			fail("cannot write:", strerror(errno));
	}
}

static void connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const long end = now() + PATIENCE;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	client.length = 0;
	client.heard[0] = '\0';
	client.bytes = 0;
	do {
		client.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(client.fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return;
		close(client.fd);
		client.fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (client.fd >= 0)
			return;
		hear(&screen, 50);
	} while (now() < end);
	fail("cannot connect to", path);
}

/* Return the processor time that the program has used, in ms. */
static long spent(void)
{
	unsigned long user, system;
	char path[64], stat[1024], *at;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file || !fgets(stat, sizeof(stat), file))
		fail("no", path);
	fclose(file);
	at = strrchr(stat, ')');
	if (!at || sscanf(at + 1, " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &system) != 2)
		fail("cannot read", stat);
	return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Rest for @ms, in which the program uses no more than @most. */
static void rest_for(long ms, long most)
{
	const long end = now() + ms, before = spent();

	for (long left = ms; left > 0; left = end - now())
		hear(&screen, left);
	if (spent() - before > most)
		fail("uses too much processor time:", "");
}

static void obey(const char *word, const char *rest)
{
	struct winsize size = { 0 };

	if (strcmp(word, "wait") == 0) {
		wait_for(&screen, rest);
	} else if (strcmp(word, "type") == 0) {
		say(screen.fd, rest);
	} else if (strcmp(word, "size") == 0) {
		sscanf(rest, "%hu %hu", &size.ws_row, &size.ws_col);
		ioctl(screen.fd, TIOCSWINSZ, &size);
	} else if (strcmp(word, "signal") == 0) {
		kill(pid, atoi(rest));
	} else if (strcmp(word, "rest") == 0) {
		long ms = 0, most = 0;

		sscanf(rest, "%ld %ld", &ms, &most);
		rest_for(ms, most);
	} else if (strcmp(word, "connect") == 0) {
		connect_to(rest);
	} else if (strcmp(word, "say") == 0) {
		say(client.fd, rest);
	} else if (strcmp(word, "deaf") == 0) {
		deaf = true;
	} else if (strcmp(word, "hear") == 0) {
		deaf = false;
		wait_for(&client, rest);
	} else if (strcmp(word, "flood") == 0) {
		deaf = false;
		while (client.bytes < strtoul(rest, NULL, 10))
			if (!hear(&client, PATIENCE))
				fail("no more bytes than", rest);
		client.bytes = 0;
	} else if (strcmp(word, "hangup") == 0) {
		close(client.fd);
		client.fd = -1;
	} else {
		fail("what is", word);
	}
}

int main(int argc, char *argv[])
{
	static struct termios before, after;	/* zero between their fields */
	char line[1024];
	int slave, status;

	if (argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	screen.fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (screen.fd < 0 || grantpt(screen.fd) < 0 || unlockpt(screen.fd) < 0)
		fail("no terminal:", strerror(errno));
	slave = open(ptsname(screen.fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	tcgetattr(slave, &before);
	pid = fork();
	if (pid == 0) {
		for (int number = 1; number < SIGRTMAX; number++)
			signal(number, SIG_DFL);	/* whatever started us in the background */
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(slave, fd);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line + strcspn(line, " \n");

		line[strcspn(line, "\n")] = '\0';
		if (*rest)
			*rest++ = '\0';
		if (*line)
			obey(line, rest);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		hear(NULL, 50);
	hear(NULL, 0);
	tcgetattr(slave, &after);
	printf("\n%s %d\n%s\n", WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	       memcmp(&before, &after, sizeof(before)) == 0 ? "mended" : "left raw");
	return 0;
}
