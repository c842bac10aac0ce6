// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest WORD: in a Guest, two processes, one of which goes on reading a page of a file that the other one has cut off.
 * Then the page belongs to whoever needs one: here to another file, which WORD is written to. Prints what was found
 * there, and how often.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define PHASES	4
#define AHEAD	100			/* flushes of the reader at the beginning of a phase */
#define ROUNDS	130			/* in each of which the other one flushes once more often */

static sigjmp_buf gone;
static char text[PAGE];

static void no_page(int signal)
{
	(void)signal;
	siglongjmp(gone, 1);
}

/* Linux counts a change of the address space, and flushes. */
static void flush_something(void)
{
	volatile char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*page = 1;
	munmap((void *)page, PAGE);
}

static char hear(int from)
{
	char c;

	if (read(from, &c, 1) != 1)
		_exit(2);
	return c;
}

static void say(int to, char c)
{
	if (write(to, &c, 1) != 1)
		_exit(2);
}

/* The one who reads: at each word of the other one it looks at the page, and says whether there was one. */
static void reader(int file, int from, int to)
{
	const volatile char *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
	volatile unsigned int stale = 0;

	signal(SIGBUS, no_page);
	for (volatile char c = 'f'; c != 'e'; c = hear(from)) {
		for (int i = 0; c == 'f' && i < AHEAD; i++)
			flush_something();
		if (sigsetjmp(gone, 1) == 0) {
			for (int i = 0; c == 'l' && i < PAGE; i++)
				text[i] = page[i];
			(void)*page;
			if (c == 'l' && stale++ < 3)
				printf("page %.60s\n", text);
		}
		say(to, 'd');
	}
	printf("stale %u\n", stale);
	exit(0);
}

int main(int argc, char *argv[])
{
	const int file = open("/tmp/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	const int secret = open("/tmp/secret", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int there[2], back[2];

	for (int i = 0; i + 1 < PAGE && argc > 1; i += strlen(argv[1]) + 1)
		snprintf(text + i, PAGE - i, "%s ", argv[1]);
	if (argc < 2 || file < 0 || secret < 0 || pipe(there) || pipe(back) || ftruncate(file, PAGE))
		return 2;
	setbuf(stdout, NULL);
	if (fork() == 0) {
		close(secret);
		reader(file, there[0], back[1]);
	}
	hear(back[0]);
	for (int i = 0; i < PHASES * ROUNDS; i++) {
		flush_something();
		flush_something();
		say(there[1], i && i % ROUNDS == 0 ? 'f' : 'r');	/* it reads the page, which is there */
		hear(back[0]);
		if (ftruncate(file, 0) || pwrite(secret, text, PAGE, 0) != PAGE)
			return 2;
		say(there[1], 'l');		/* it looks, and should find none */
		hear(back[0]);
		if (ftruncate(secret, 0) || ftruncate(file, PAGE))
			return 2;
	}
	say(there[1], 'e');
	sleep(1);
	return 0;
}
