// SPDX-License-Identifier: GPL-2.0-only
/*
 * reclaim: a Launcher whose memory changes under a running Guest. H:354 says that the Guest sees it.
 *
 * The Guest copies a word from one page to another for ever. Meanwhile we put other pages there, fork, and move pages about. Prints a
 * line for each thing that is as it should be; exits with 1 at the first that isn't.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lguest_launcher.h"

#define PAGE	4096UL
#define PAGES	16
#define FROM	5	/* the page that the Guest reads */
#define TO	6	/* the page that it writes */
#define LOOKS	500000000u

/* 1: mov 0x5000, %eax; mov %eax, 0x6000; jmp 1b */
static const uint8_t guest[] = { 0xa1, 0, 0x50, 0, 0, 0xa3, 0, 0x60, 0, 0, 0xeb, 0xf4 };
static uint8_t *memory;

static volatile uint32_t *word(unsigned int page)
{
	return (volatile uint32_t *)(memory + page * PAGE);
}

static void fail(const char *what)
{
	printf("not %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The Guest's processor: runs until the process ends. */
static void *run(void *arg)
{
	unsigned long init[] = { LHREQ_INITIALIZE, (unsigned long)memory, PAGES, PAGE };
	unsigned long addr;
	int fd = open("/dev/lguest", O_RDWR);

	if (fd < 0 || write(fd, init, sizeof(init)) != sizeof(init))
		fail("running");
	while (read(fd, &addr, sizeof(addr)) < 0 && errno == EINTR)
		;
	fail("running");
	return arg;
}

/* Wait until the Guest has copied @value. Ten seconds are for ever, but only with so many looks in them: else others have the machine. */
static void expect(uint32_t value, const char *what)
{
	time_t end = time(NULL) + 10;

	for (uint32_t looks = 0; *word(TO) != value; looks++)
		if (looks > LOOKS && time(NULL) > end)
			fail(what);
}

static void put_pages(unsigned int page, unsigned int num, int flags)
{
	if (mmap(memory + page * PAGE, num * PAGE, PROT_READ | PROT_WRITE,
		 MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0) == MAP_FAILED)
		fail("mapping");
}

int main(void)
{
	pthread_t thread;
	uint32_t i;
	int status;
	pid_t child;

	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("memory");
	memcpy(memory + PAGE, guest, sizeof(guest));
	*word(FROM) = 1;
	if (pthread_create(&thread, NULL, run, NULL))
		fail("thread");
	expect(1, "copied");

	for (i = 2; i < 300; i++) {
		put_pages(FROM, 1, i & 1 ? MAP_SHARED : MAP_PRIVATE);
		*word(FROM) = i;
		expect(i, "another page to read");
	}
	puts("another page to read");
	for (; i < 600; i++) {
		put_pages(TO, 1, i & 1 ? MAP_SHARED : MAP_PRIVATE);
		expect(i - 1 > 299 ? i - 1 : 299, "another page to write");
		*word(FROM) = i;
		expect(i, "another page to write");
	}
	puts("another page to write");
	for (; i < 700; i++) {
		put_pages(FROM, 2, i & 1 ? MAP_SHARED : MAP_PRIVATE);
		*word(FROM) = i;
		expect(i, "two other pages at once");
	}
	puts("two other pages at once");
	if (madvise(memory + FROM * PAGE, PAGE, MADV_DONTNEED))
		fail("madvise");
	*word(FROM) = i;
	expect(i, "a page thrown away");
	puts("a page thrown away");

	/* The child has the pages as they are now. What the Guest writes afterwards is the parent's. */
	put_pages(FROM, 1, MAP_PRIVATE);
	put_pages(TO, 1, MAP_PRIVATE);
	*word(FROM) = 1000;
	expect(1000, "forking");
	child = fork();
	if (!child) {
		sleep(1);
		_exit(*word(TO) != 1000);
	}
	*word(FROM) = 2000;
	expect(2000, "a page that was shared by fork");
	if (waitpid(child, &status, 0) != child || status)
		fail("the child's page its own");
	puts("a page that was shared by fork");

	/* Where there is no memory there is no Guest. run() says how it ends, if it does. */
	if (munmap(memory + FROM * PAGE, PAGE))
		fail("unmapping");
	pthread_join(thread, NULL);
	return 1;
}
