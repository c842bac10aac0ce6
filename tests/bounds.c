// SPDX-License-Identifier: GPL-2.0-only
/*
 * bounds: how long a Guest may keep the Host busy. Its shadow is as full as it can be made; then pages are taken from it, and a Launcher
 * is killed in the middle of 64 flushes. Runs on the Host; prints lines of a word and microseconds.
 *
 * What is long? That depends on the machine, and on who else uses it now. So everything is told beside the time of one flush, which
 * compares one full table with the Guest's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lguest.h"
#include "lguest_launcher.h"

#define PAGE	4096u
#define PAGES	128u
#define CODE	0x1000u
#define DATA	0x3000u		/* struct lguest_data */
#define TABLE	0x4000u		/* the only one: all entries of all tops lead to it */
#define MODE	0x6000u		/* 0 = one flush for each read(), 1 = rings full of flushes for ever */
#define END	0x6004u		/* where the tops end that are to be filled */
#define STATUS	0x6008u		/* where the ring has its status bytes */
#define WHOLE	0x600cu		/* the Launcher lets it flush once more; so many microseconds that takes. 0 = not yet */
#define TOPS	0x8000u
#define LOW	16u		/* so many pages show at their place in each 4 MB; in the others, turn by turn: */
#define SHOWN	64u		/* these */
#define NUM	64u
#define USED	0x67u		/* present, writable, a program's, accessed, dirty */

extern const uint8_t guest[], guest_end[];
asm(".pushsection .rodata\n"
    "guest:	movl	$1, %eax\n"			/* LGUEST_INIT */
    "	movl	$0x3000, %ebx\n"
    "	int	$0x1f\n"
    "	movl	$0x8000, %edi\n"
    "1:	movl	$4, %eax\n"				/* NEW_PGTABLE */
    "	movl	%edi, %ebx\n"
    "	xorl	%ecx, %ecx\n"
    "	xorl	%edx, %edx\n"
    "	xorl	%esi, %esi\n"
    "	int	$0x1f\n"
    "	xorl	%ebp, %ebp\n"
    "2:	movl	(%ebp), %ecx\n"
    "	addl	$0x10000, %ebp\n"
    "	cmpl	$0xc0000000, %ebp\n"
    "	jb	2b\n"
    "	addl	$0x1000, %edi\n"
    "	cmpl	0x6004, %edi\n"
    "	jb	1b\n"
    "3:	movl	$17, %eax\n"				/* NOTIFY */
    "	movl	$0x5000, %ebx\n"
    "	int	$0x1f\n"
    "	cmpl	$0, 0x6000\n"
    "	jne	4f\n"
    "	movl	$5, %eax\n"				/* FLUSH_TLB */
    "	xorl	%ebx, %ebx\n"
    "	int	$0x1f\n"
    "	jmp	3b\n"
    "4:	movl	0x6008, %edi\n"
    "	movl	$16, %ecx\n"
    "	xorl	%eax, %eax\n"				/* 64 calls are ready; FLUSH_ASYNC */
    "	rep stosl\n"
    "	int	$0x1f\n"
    "	jmp	4b\n"
    "guest_end:\n"
    ".popsection");

static uint8_t *memory;

static uint32_t *word(uint32_t addr)
{
	return (uint32_t *)(memory + addr);
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000l + t.tv_nsec / 1000;
}

static void die(const char *what)
{
	printf("failed %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A Guest whose memory is fresh, and that fills the shadows of @roots tables when it runs. */
static int make_guest(uint32_t roots, uint32_t mode)
{
	unsigned long init[] = { LHREQ_INITIALIZE, (unsigned long)memory, PAGES, CODE };
	struct lguest_data *data = (struct lguest_data *)(memory + DATA);
	int fd = open("/dev/lguest", O_RDWR);
	uint32_t i, top;

	memset(memory, 0, PAGES * PAGE);
	memcpy(memory + CODE, guest, guest_end - guest);
	memset(data->hcall_status, 0xff, sizeof(data->hcall_status));
	data->kernel_address = 0xc0000000;
	data->syscall_vec = 0x80;
	for (i = 0; i < LHCALL_RING_SIZE; i++)
		data->hcalls[i].call = LHCALL_FLUSH_TLB;
	for (i = 0; i < 1024; i++)
		word(TABLE)[i] = (i < LOW ? i : SHOWN + i % NUM) * PAGE | USED;
	for (top = TOPS; top < TOPS + roots * PAGE; top += PAGE)
		for (i = 0; i < 768; i++)
			word(top)[i] = TABLE | USED;
	*word(MODE) = mode;
	*word(END) = top;
	*word(STATUS) = DATA + offsetof(struct lguest_data, hcall_status);
	if (fd < 0 || write(fd, init, sizeof(init)) != sizeof(init))
		die("INITIALIZE");
	return fd;
}

/* Run until the next NOTIFY. Returns microseconds. */
static long run(int fd)
{
	unsigned long addr;
	long begin = now();

	if (read(fd, &addr, sizeof(addr)) != sizeof(addr))
		die("read");
	return now() - begin;
}

/* Kill @child. Returns the microseconds until it has gone. */
static long until_gone(pid_t child)
{
	long begin = now();
	int how;

	kill(child, SIGKILL);
	if (waitpid(child, &how, 0) != child || !WIFSIGNALED(how))
		die("to kill");
	return now() - begin;
}

/* Run a Guest that flushes; tell how long that takes at least, and let it flush once more. */
static void flush_again(void)
{
	long least = 0, took;
	int fd = make_guest(1, 0);

	run(fd);
	for (int i = 0; i < 3; i++) {
		took = run(fd);
		least = !i || took < least ? took : least;
	}
	*word(WHOLE) = least;
	run(fd);
	pause();
}

/* A child is killed in the middle of one flush. The best of three: others may disturb. */
static void killed_early(void)
{
	const volatile uint32_t *whole = word(WHOLE);
	long least = 0, took, begin;
	pid_t child;
	int how;

	for (int i = 0; i < 3; i++) {
		*word(WHOLE) = 0;
		child = fork();
		if (!child)
			flush_again();
		while (!*whole)
			if (waitpid(child, &how, WNOHANG))
				die("the child");
		begin = now();
		while (now() < begin + (long)*whole / 8)
			;
		took = until_gone(child) * 1000 / *whole;
		least = !i || took < least ? took : least;
	}
	printf("kill-early %ld thousandths of a flush\n", least);
}

static void full_roots(void)
{
	int fd = make_guest(2, 0), i;
	long longest = 0, shortest = 0, begin;

	printf("fill %ld\n", run(fd));
	for (i = 0; i < 5; i++) {
		long once = run(fd);

		longest = once > longest ? once : longest;
		shortest = !shortest || once < shortest ? once : shortest;
	}
	printf("flush %ld\nflush-least %ld\n", longest, shortest);
	begin = now();
	if (madvise(memory + SHOWN * PAGE, NUM * PAGE, MADV_REMOVE))
		die("MADV_REMOVE");
	printf("remove %ld\n", now() - begin);
	begin = now();
	close(fd);
	printf("close %ld\n", now() - begin);
	killed_early();
}

/* A child runs a Guest that flushes 64 times with each call; it is killed when the first few of them are done. */
static void killed(void)
{
	const volatile uint8_t *status = ((struct lguest_data *)(memory + DATA))->hcall_status;
	pid_t child;
	int how;

	*word(MODE) = 0;
	child = fork();
	if (!child) {
		int fd = make_guest(1, 1);

		run(fd);
		run(fd);
		_exit(0);
	}
	while (!*(volatile uint32_t *)word(MODE) || status[LHCALL_RING_SIZE - 1] || !status[2])
		if (waitpid(child, &how, WNOHANG))
			die("the child");
	printf("kill %ld", until_gone(child));
	printf(" %u\n", (unsigned int)status[LHCALL_RING_SIZE - 1]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("memory");
	full_roots();
	killed();
	return 0;
}
