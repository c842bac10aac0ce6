// SPDX-License-Identifier: GPL-2.0-only
/*
 * Knocks at /dev/lguest in every wrong way that lguest_launcher.h has an errno for, and in the right ones. Runs on the
 * Host; prints TAP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lguest.h"
#include "lguest_launcher.h"

#define PAGES	16ul
#define ENTRY	0x1000ul
#define DATA	0x3000
#define RING	0x5000ul

static int count, failed;
static unsigned char *memory;
static void *volatile nowhere = (void *)8;	/* no page is there */

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	if (!good) {
		printf("# errno %d (%s)\n", errno, strerror(errno));
		failed = 1;
	}
}

/* Does write() of these words fail with this errno? 0 = it succeeds. */
static int request(int fd, int wanted, size_t words, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	unsigned long req[] = { a, b, c, d, 0 };
	ssize_t done = write(fd, req, words * sizeof(req[0]));

	return wanted ? done < 0 && errno == wanted : done == (ssize_t)(words * sizeof(req[0]));
}

static int door(void)
{
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror("# /dev/lguest");
		exit(1);
	}
	return fd;
}

/* A Guest that says LGUEST_INIT, then NOTIFY of RING for ever; or, if @spin, goes round in circles. */
static int guest(int spin)
{
	static const unsigned char code[] = {
		0xb8, 1, 0, 0, 0, 0xbb, DATA & 0xff, DATA >> 8, 0, 0, 0xcd, 0x1f,
		0xb8, 17, 0, 0, 0, 0xbb, RING & 0xff, RING >> 8, 0, 0, 0xcd, 0x1f,
		0xeb, 0xf2
	};
	struct lguest_data *data = (struct lguest_data *)(memory + DATA);
	int fd = door();

	memset(memory, 0, PAGES * 4096);
	memcpy(memory + ENTRY, spin ? (const unsigned char *)"\xeb\xfe" : code, spin ? 2 : sizeof(code));
	memset(data->hcall_status, 0xff, sizeof(data->hcall_status));
	data->kernel_address = 0xc0000000;
	data->syscall_vec = 0x80;
	if (!request(fd, 0, 4, LHREQ_INITIALIZE, (unsigned long)memory, PAGES, ENTRY))
		perror("# INITIALIZE");
	return fd;
}

static void *read_in_thread(void *fd)
{
	unsigned long addr;

	errno = 0;
	return (void *)(long)(read(*(int *)fd, &addr, sizeof(addr)) < 0 ? errno : 0);
}

static void caught(int signal)
{
	(void)signal;
}

static void requests(void)
{
	const unsigned long base = (unsigned long)memory;
	struct utsname host;
	/* where the Launcher's part ends: a Host of 64 bits leaves all but two pages of four gigabytes to it */
	const unsigned long end = !uname(&host) && !strcmp(host.machine, "x86_64") ? 0xffffe000 : 0xc0000000;
	int fd = door();
	unsigned long word = 0;

	ok(request(fd, EINVAL, 0, 0, 0, 0, 0), "an empty request: EINVAL");
	ok(request(fd, EINVAL, 5, 0, 0, 0, 0), "a request of five words: EINVAL");
	ok(write(fd, &word, 3) < 0 && errno == EINVAL, "three bytes: EINVAL");
	ok(write(fd, nowhere, 8) < 0 && errno == EFAULT, "a request that can't be read: EFAULT");
	ok(request(fd, ENXIO, 2, LHREQ_IRQ, 1, 0, 0), "IRQ before INITIALIZE: ENXIO");
	ok(request(fd, ENXIO, 3, LHREQ_EVENTFD, 0, 0, 0), "EVENTFD before INITIALIZE: ENXIO");
	ok(read(fd, &word, sizeof(word)) < 0 && errno == ENXIO, "read before INITIALIZE: ENXIO");
	ok(request(fd, ENXIO, 3, LHREQ_RECALL, 0, 0, 0), "RECALL before INITIALIZE: ENXIO");
	ok(request(fd, EINVAL, 3, LHREQ_INITIALIZE, base, PAGES, 0), "INITIALIZE with a word too few: EINVAL");
	ok(request(fd, EINVAL, 4, LHREQ_INITIALIZE, base + 1, PAGES, ENTRY), "a base off the page: EINVAL");
	ok(request(fd, EINVAL, 4, LHREQ_INITIALIZE, base, 0, 0), "no pages: EINVAL");
	ok(request(fd, EINVAL, 4, LHREQ_INITIALIZE, base, 0x100000, ENTRY), "four gigabytes: EINVAL");
	ok(request(fd, EINVAL, 4, LHREQ_INITIALIZE, base, PAGES, PAGES * 4096), "an entry beyond the end: EINVAL");
	ok(request(fd, EFAULT, 4, LHREQ_INITIALIZE, end - 4096, PAGES, ENTRY), "memory that reaches into the kernel: EFAULT");
	ok(request(fd, EFAULT, 4, LHREQ_INITIALIZE, end, PAGES, ENTRY), "the kernel's memory: EFAULT");
	ok(request(fd, 0, 4, LHREQ_INITIALIZE, base, PAGES, ENTRY), "INITIALIZE");
	ok(request(fd, EBUSY, 4, LHREQ_INITIALIZE, base, PAGES, ENTRY), "INITIALIZE again: EBUSY");
	ok(request(fd, EINVAL, 2, LHREQ_IRQ, 32, 0, 0), "line 32: EINVAL");
	ok(request(fd, EINVAL, 1, LHREQ_IRQ, 0, 0, 0), "IRQ without a line: EINVAL");
	ok(request(fd, 0, 2, LHREQ_IRQ, 31, 0, 0), "line 31");
	ok(request(fd, EOPNOTSUPP, 2, 1, 0, 0, 0), "request 1: EOPNOTSUPP");
	ok(request(fd, EOPNOTSUPP, 1, ~0ul, 0, 0, 0), "request -1: EOPNOTSUPP");
	close(fd);
}

static void eventfds(void)
{
	int fd = guest(0), event = eventfd(0, EFD_NONBLOCK), files[2];
	unsigned long addr = 0, at;
	eventfd_t heard = 0;

	ok(pipe(files) == 0 && request(fd, EBADF, 3, LHREQ_EVENTFD, RING, files[0], 0), "EVENTFD of a pipe: EBADF");
	ok(request(fd, EBADF, 3, LHREQ_EVENTFD, RING, 99, 0), "EVENTFD of nothing: EBADF");
	ok(request(fd, EINVAL, 3, LHREQ_EVENTFD, PAGES * 4096, event, 0), "EVENTFD beyond the end: EINVAL");
	ok(read(fd, &addr, 2) < 0 && errno == EINVAL, "a read of two bytes: EINVAL");
	ok(read(fd, &addr, sizeof(addr)) == sizeof(addr) && addr == RING, "a NOTIFY that nobody claims comes to read()");
	ok(read(fd, nowhere, sizeof(addr)) < 0 && errno == EFAULT, "a read to nowhere: EFAULT");
	ok(request(fd, 0, 3, LHREQ_EVENTFD, RING, event, 0), "EVENTFD");
	ok(request(fd, EBUSY, 3, LHREQ_EVENTFD, RING, event, 0), "EVENTFD for the same address: EBUSY");
	for (at = 1; at < 128; at++)
		if (!request(fd, 0, 3, LHREQ_EVENTFD, RING + at, event, 0))
			break;
	ok(at == 128, "128 EVENTFDs");
	ok(request(fd, EINVAL, 3, LHREQ_EVENTFD, 0, event, 0), "one more: EINVAL");
	alarm(1);
	ok(read(fd, &addr, sizeof(addr)) < 0 && errno == EINTR, "a signal ends the read: EINTR");
	ok(eventfd_read(event, &heard) == 0 && heard > 100, "and the eventfd has heard every NOTIFY");
	close(fd);
}

static struct { int guest, event; } signaller;

/* Wait until the Guest has run for a while, and signal the eventfd. */
static void *signal_in_thread(void *nothing)
{
	unsigned long before = 0, exits = 0;

	if (request(signaller.guest, 0, 2, LHREQ_EXITS, (unsigned long)&before, 0, 0))
		do
			request(signaller.guest, 0, 2, LHREQ_EXITS, (unsigned long)&exits, 0, 0);
		while (exits < before + 3);
	eventfd_write(signaller.event, 1);
	return nothing;
}

static void recalls(void)
{
	int fd = guest(1), event = eventfd(0, 0), other = eventfd(0, 0), files[2];
	unsigned long words[2] = { 0, 9 }, number;
	pthread_t thread;

	ok(pipe(files) == 0 && request(fd, EBADF, 3, LHREQ_RECALL, RING, files[0], 0), "RECALL by a pipe: EBADF");
	ok(request(fd, EBADF, 3, LHREQ_RECALL, RING, 99, 0), "RECALL by nothing: EBADF");
	ok(request(fd, EINVAL, 2, LHREQ_RECALL, RING, event, 0), "RECALL with a word too few: EINVAL");
	ok(request(fd, EINVAL, 3, LHREQ_RECALL, PAGES * 4096, event, 0), "RECALL beyond the end: EINVAL");
	eventfd_write(event, 1);
	ok(request(fd, 0, 3, LHREQ_RECALL, RING, event, 0), "RECALL");
	ok(read(fd, words, 4) == 4 && words[0] == RING && words[1] == 9, "the eventfd was signalled before: read() returns");
	signaller.guest = fd;
	signaller.event = event;
	pthread_create(&thread, NULL, signal_in_thread, NULL);
	ok(read(fd, words, sizeof(words)) == sizeof(words) && words[0] == RING && words[1] == 0,
	   "signalled while the Guest spins: read() returns, and the Guest does not sleep");
	pthread_join(thread, NULL);
	ok(request(fd, 0, 3, LHREQ_RECALL, RING + 8, other, 0), "RECALL by another");
	eventfd_write(other, 1);
	eventfd_write(event, 1);
	ok(read(fd, words, 4) == 4 && words[0] == RING && read(fd, words, 4) == 4 && words[0] == RING + 8, "both are heard");
	alarm(1);
	ok(read(fd, words, 4) < 0 && errno == EINTR, "and no more");
	for (number = 2; request(fd, 0, 3, LHREQ_RECALL, RING, event, 0); number++)
		;
	ok(number == 32 && errno == EINVAL, "32 RECALLs, and one more: EINVAL");
	close(fd);
	ok(eventfd_write(event, 1) == 0 && eventfd_write(other, 1) == 0, "the Guest has gone, and nobody is called");
	close(event);
	close(other);
}

static void owners(void)
{
	int fd = guest(1), status = -1;
	unsigned long addr;
	pthread_t thread;
	void *result = NULL;

	pthread_create(&thread, NULL, read_in_thread, &fd);
	pthread_join(thread, &result);
	ok((long)result == EPERM, "another thread may not run the Guest: EPERM");
	if (fork() == 0)
		_exit(read(fd, &addr, sizeof(addr)) < 0 ? errno : 0);
	wait(&status);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == EPERM, "nor may a child: EPERM");
	alarm(1);
	ok(read(fd, &addr, sizeof(addr)) < 0 && errno == EINTR, "its owner may, and a Guest that only spins can be interrupted");
	close(fd);
}

/* An open file makes other Guests; they live without it. */
static void others(void)
{
	const struct rlimit two = { 0, 8192 };
	struct rlimit before;
	int fd = door(), other = -1, third = -1;
	unsigned long word = 0, exits = 0;

	ok(request(fd, EINVAL, 1, LHREQ_ANOTHER, 0, 0, 0), "ANOTHER without an address: EINVAL");
	ok(request(fd, EFAULT, 2, LHREQ_ANOTHER, (unsigned long)nowhere, 0, 0), "ANOTHER to nowhere: EFAULT");
	getrlimit(RLIMIT_NOFILE, &before);
	setrlimit(RLIMIT_NOFILE, &two);
	ok(request(fd, EMFILE, 2, LHREQ_ANOTHER, (unsigned long)&other, 0, 0), "ANOTHER with too many files: EMFILE");
	setrlimit(RLIMIT_NOFILE, &before);
	ok(request(fd, 0, 2, LHREQ_ANOTHER, (unsigned long)&other, 0, 0) && other > fd, "ANOTHER");
	ok(fcntl(other, F_GETFD) == FD_CLOEXEC, "it does not survive an exec");
	ok(request(fd, ENXIO, 2, LHREQ_EXITS, (unsigned long)&word, 0, 0), "EXITS before INITIALIZE: ENXIO");
	ok(request(other, ENXIO, 2, LHREQ_IRQ, 1, 0, 0), "another Guest is empty: ENXIO");
	close(fd);
	fd = guest(0);		/* for the memory's content */
	ok(request(other, 0, 4, LHREQ_INITIALIZE, (unsigned long)memory, PAGES, ENTRY), "another Guest takes INITIALIZE");
	ok(read(other, &word, sizeof(word)) == sizeof(word) && word == RING, "and runs, though the first is closed");
	ok(request(other, EINVAL, 1, LHREQ_EXITS, 0, 0, 0), "EXITS without an address: EINVAL");
	ok(request(other, EFAULT, 2, LHREQ_EXITS, (unsigned long)nowhere, 0, 0), "EXITS to nowhere: EFAULT");
	ok(request(other, 0, 2, LHREQ_EXITS, (unsigned long)&exits, 0, 0) && exits >= 2, "EXITS: two calls at least");
	read(other, &word, sizeof(word));
	ok(request(other, 0, 2, LHREQ_EXITS, (unsigned long)&word, 0, 0) && word > exits, "and more after more");
	ok(request(other, 0, 2, LHREQ_ANOTHER, (unsigned long)&third, 0, 0) && third > other, "another makes another");
	close(fd);
	close(other);
	close(third);
}

/* A number in a file whose line begins with @what. */
static long number_in(const char *path, const char *what)
{
	FILE *file = fopen(path, "r");
	char line[200];
	long number = -1;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, what, strlen(what)))
			number = atol(line + strlen(what));
	if (file)
		fclose(file);
	return number;
}

/* INITIALIZE of @fd with all memory there is below the kernel's; nobody has to have it yet. */
static int largest(int fd, int wanted)
{
	return request(fd, wanted, 4, LHREQ_INITIALIZE, 0, 0xc0000, ENTRY);
}

/* How many Guests a user may have, and what they cost while they do nothing. */
static void many(void)
{
	const long limit = number_in("/sys/module/lg/parameters/guests_per_user", "");
	long before, cost, i;
	int fds[100] = {}, status = -1;

	ok(limit > 0 && limit < 100, "there is a limit for the Guests of a user");
	for (i = 0; i <= limit && i < 100; i++)
		fds[i] = door();
	before = number_in("/proc/meminfo", "MemFree:");
	for (i = 0; i < limit && i < 100; i++)
		if (!largest(fds[i], 0))
			break;
	cost = before - number_in("/proc/meminfo", "MemFree:");
	ok(i == limit, "so many Guests of 3 GB");
	ok(cost < limit * 200, "that use nothing, and cost less than 200 KB each");
	printf("# %ld Guests: %ld KB\n", limit, cost);
	ok(i < 100 && largest(fds[i], EDQUOT), "one more: EDQUOT");
	if (fork() == 0) {
		if (setuid(1234))
			_exit(2);
		_exit(i < 100 && !largest(fds[i], 0));
	}
	wait(&status);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "somebody else still may, through a door that is open");
	close(fds[limit]);
	fds[limit] = door();
	close(fds[0]);
	ok(largest(fds[limit], 0), "when one has gone there is room for another");
	for (i = 1; i <= limit; i++)
		close(fds[i]);
	fds[0] = door();
	ok(largest(fds[0], 0), "and for more when all have gone");
	close(fds[0]);
}

static void death(void)
{
	int fd = guest(0);
	char reason[100] = "";
	unsigned long addr;

	memset(memory + ENTRY, 0x0f, 2);	/* no such instruction, and no handler */
	ok(read(fd, &addr, sizeof(addr)) < 0 && errno == ENOENT, "a dead Guest: ENOENT");
	ok(read(fd, nowhere, 9) < 0 && errno == EFAULT, "the reason to nowhere: EFAULT, and it isn't lost");
	ok(read(fd, reason, 9) == 9 && !strcmp(reason, "unhandled"), "the reason, cut to what was asked for");
	ok(read(fd, reason, sizeof(reason)) == 0, "then nothing");
	close(fd);
	fd = guest(1);
	munmap(memory + ENTRY, 4096);
	ok(read(fd, &addr, sizeof(addr)) < 0 && errno == ENOENT, "a Launcher that unmaps its Guest's memory kills it");
	close(fd);
}

int main(void)
{
	struct sigaction action = { .sa_handler = caught };

	sigaction(SIGALRM, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	memory = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	requests();
	eventfds();
	recalls();
	owners();
	others();
	many();
	death();
	printf("1..%d\n", count);
	return failed;
}
