// SPDX-License-Identifier: GPL-2.0-only
/*
 * H9: a Launcher that looks at the log of its Guest, when that asks for it: launcher rounds; or again and again while
 * the Guest writes to one page for ever, on another CPU: launcher race.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lguest_launcher.h"

#define PAGE	4096UL
#define PAGES	(0x800 + 257UL)	/* as small Guests have them */
#define LOOK	16
#define FRAMES	0x400		/* the first of 1024 pages that the Guest plays with */
#define COUNTER	5		/* the page of the Guest that counts */
#define LOOKS	300

static char *memory;

static void fail(const char *what)
{
	printf("failed %s: %s\n", what, strerror(errno));
	exit(1);
}

static int start(unsigned long entry)
{
	unsigned long init[] = { LHREQ_INITIALIZE, (unsigned long)memory, PAGES, entry };
	int fd = open("/dev/lguest", O_RDWR);

	if (fd < 0 || write(fd, init, sizeof(init)) != sizeof(init))
		fail("INITIALIZE");
	return fd;
}

/* Which of the frames are in the log that was kept until now? How many times is one that is there twice? */
static unsigned int take(unsigned char listed[1024])
{
	char path[60], line[60];
	unsigned int twice = 0;
	FILE *file;

	memset(listed, 0, 1024);
	snprintf(path, sizeof(path), "/sys/kernel/debug/lguest/%d/dirty", getpid());
	file = fopen(path, "r");
	if (!file)
		fail("opening dirty");
	while (fgets(line, sizeof(line), file)) {
		unsigned long gfn = strtoul(line, NULL, 0);

		if (gfn >= PAGES || line[0] < '0' || line[0] > '9') {
			printf("odd %s", line);
			exit(1);
		}
		if (gfn >= FRAMES && gfn < FRAMES + 1024)
			twice += listed[gfn - FRAMES]++;
		else if (gfn == COUNTER)
			listed[0]++;
	}
	if (ferror(file))
		fail("reading dirty");
	fclose(file);
	return twice;
}

static void show(unsigned int round)
{
	unsigned char listed[1024];
	unsigned int i, many = 0, twice = take(listed);

	printf("round%u", round);
	for (i = 0; i < 52; i++)
		if (listed[i])
			printf(" %u", i);
	for (; i < 1024; i++)
		many += listed[i];
	printf("\nmany%u %u\ntwice%u %u\n", round, many, round, twice);
}

static void load(const char *path, const char *name)
{
	char *image = memory + PAGES / 2 * PAGE;	/* out of the way: not yet used */
	const Elf32_Ehdr *header = (void *)image;
	const Elf32_Phdr *part = (void *)(image + sizeof(*header));
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, image, 0x100000) < (ssize_t)sizeof(*header))
		fail(path);
	memcpy(memory + part->p_paddr, image + part->p_offset, part->p_filesz);
	*(unsigned int *)(memory + 0x228) = 0x1000;	/* struct boot_params: hdr.cmd_line_ptr */
	strcpy(memory + 0x1000, name);
}

static void rounds(void)
{
	char reason[128] = "";
	unsigned long addr;
	unsigned int round = 0;
	int fd;

	load("/guest.elf", "rounds");
	fd = start(0x100000);
	for (;;) {
		if (read(fd, &addr, sizeof(addr)) == sizeof(addr)) {
			if (addr == LOOK)
				show(round++);
			else
				printf("%s\n", memory + addr);
		} else if (errno != EINTR) {
			break;
		}
	}
	printf("end %s: ", strerror(errno));
	read(fd, reason, sizeof(reason) - 1);
	printf("%s\n", reason);
}

/* This thread runs on @cpu from now on. */
static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

static volatile int running;

static void *run(void *arg)
{
	unsigned long addr;
	int fd;

	stay_on(1);
	fd = start(PAGE);
	running = 1;
	while (read(fd, &addr, sizeof(addr)) >= 0 || errno == EINTR)
		;
	fail("running");
	return arg;
}

/* Wait until the Guest has counted on from what it is now: it has written to its page. For how long, the lab says. */
static void wait_for_write(void)
{
	volatile unsigned int *counter = (void *)(memory + COUNTER * PAGE);
	unsigned int before = *counter;

	while (*counter == before)
		;
}

static void race(void)
{
	static const unsigned char code[] = { 0xff, 0x05, 0, 0x50, 0, 0, 0xeb, 0xf8 };	/* 1: incl 0x5000; jmp 1b */
	unsigned char listed[1024];
	unsigned int i, missed = 0;
	pthread_t thread;

	memcpy(memory + PAGE, code, sizeof(code));
	stay_on(0);
	if (pthread_create(&thread, NULL, run, NULL))
		fail("pthread_create");
	while (!running)
		;
	wait_for_write();
	take(listed);
	for (i = 0; i < LOOKS; i++) {
		wait_for_write();
		take(listed);
		missed += !listed[0];
	}
	printf("missed %u\n", missed);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("memory");
	if (argc == 2 && !strcmp(argv[1], "race"))
		race();
	else
		rounds();
	return 0;
}
