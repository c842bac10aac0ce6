// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest Launcher: one thread, a Guest that turns in a circle, and a limit of one second of processor time. Tells which
 * signal ends read(): that of the limit, or that of an alarm after five minutes of a machine that others may keep busy.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lguest_launcher.h"

static volatile sig_atomic_t arrived;

static void note(int signal)
{
	arrived = signal;
}

int main(void)
{
	const struct sigaction action = { .sa_handler = note };
	const struct rlimit second = { .rlim_cur = 1, .rlim_max = RLIM_INFINITY };
	unsigned long request[4] = { LHREQ_INITIALIZE, 0, 16, 0 }, address;
	char *memory = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open("/dev/lguest", O_RDWR);

	if (memory == MAP_FAILED || fd < 0) {
		perror("limited");
		return 1;
	}
	memcpy(memory, "\xeb\xfe", 2);	/* jmp . */
	request[1] = (unsigned long)memory;
	sigaction(SIGXCPU, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	if (write(fd, request, sizeof(request)) != sizeof(request) || setrlimit(RLIMIT_CPU, &second)) {
		perror("limited");
		return 1;
	}
	alarm(300);
	while (!arrived)
		if (read(fd, &address, sizeof(address)) != -1 || errno != EINTR)
			break;
	printf("limited by %s\n", arrived == SIGXCPU ? "processor time" : arrived == SIGALRM ? "patience" : strerror(errno));
	return 0;
}
