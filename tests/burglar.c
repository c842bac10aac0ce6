// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the place of the Launcher's run.c: instead of running the Guest, it does what
 * somebody would like to do who has broken into a Launcher. The kernel's command line
 * says what. sandbox.t runs it on the Host; what it gets to print, it got away with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../build/src/launcher/run.h"

static long open_file(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long execute(void)
{
	return execl("/bin/busybox", "busybox", "true", NULL);
}

static long make_process(void)
{
	return syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
}

static long make_process_anew(void)
{
	return syscall(__NR_clone3, NULL, 0) < 0 && errno == ENOSYS ? 38 : 0;
}

static long connect_somewhere(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long trace(void)
{
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static long kill_other(void)
{
	return syscall(__NR_tgkill, 1, 1, SIGTERM);
}

static long catch_signal(void)
{
	return signal(SIGSYS, SIG_IGN) == SIG_ERR;
}

static long mount_something(void)
{
	return mount("none", "/", "proc", 0, NULL);
}

static long leave_root(void)
{
	return chroot("..");
}

static long become_root(void)
{
	return syscall(__NR_setuid32, 0);	/* setuid() would have other threads do it, too */
}

static long write_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static long change_code(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static long load_module(void)
{
	return syscall(__NR_init_module, "", 0, "");
}

static long change_terminal(void)
{
	return syscall(__NR_ioctl, 0, 0x5412 /* TIOCSTI */, "x");
}

static atomic_int busy_threads;

static void *take_memory(void *bytes)
{
	void *volatile memory = malloc((size_t)bytes);

	busy_threads += memory != NULL;
	while (busy_threads < 16)
		sched_yield();
	free(memory);
	return NULL;
}

/* No crime: as many threads as a large machine has, all of which have memory at the same time. */
static long use_threads(void)
{
	pthread_t threads[16];

	for (int i = 0; i < 16; i++)
		if (pthread_create(&threads[i], NULL, take_memory, (void *)1000) != 0)
			return i;
	for (int i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	return busy_threads;
}

enum outcome run_guest(int host, struct bus *bus)
{
	static const struct {
		const char *name;
		long (*commit)(void);
	} crimes[] = {
		{ "open", open_file }, { "exec", execute }, { "fork", make_process },
		{ "clone3", make_process_anew }, { "socket", connect_somewhere },
		{ "ptrace", trace }, { "kill", kill_other }, { "signal", catch_signal },
		{ "mount", mount_something }, { "chroot", leave_root },
		{ "setuid", become_root }, { "code", write_code }, { "recode", change_code },
		{ "module", load_module }, { "type", change_terminal },
		{ "threads", use_threads }
	};
	const char *name = guest_range(bus->memory, 4096, 16);
	char loot[64];

	(void)host;
	for (size_t i = 0; i < sizeof(crimes) / sizeof(crimes[0]); i++) {
		if (strcmp(name, crimes[i].name) != 0)
			continue;
		snprintf(loot, sizeof(loot), "lguest: %ld came back\n", crimes[i].commit());
		if (write(STDERR_FILENO, loot, strlen(loot)) < 0)
			return GUEST_DIED;
	}
	return GUEST_OFF;
}
