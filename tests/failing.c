// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets the kernel's memory run out at the first, the second, the third... allocation of a Guest's life, until it lives
 * undisturbed. Wants a Host that can fail on purpose (W:300). Runs on the Host; prints TAP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lguest.h"
#include "lguest_launcher.h"

#define PAGES	64ul
#define ENTRY	0x1000ul
#define DATA	0x3000
#define RING	0x5000ul

static unsigned char *memory;
static int switch_fd;
static char reason[200];
static unsigned int wrong, told;	/* failures that were told as something else, or as that of the page with the code */

static void set(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(file);
		exit(1);
	}
	close(fd);
}

/* Let the @nth allocation from now on fail; 0 = none. */
static void fail(unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(switch_fd, text, strlen(text), 0) < 0) {
		perror("fail-nth");
		exit(1);
	}
}

/* Has it failed? Says no more than once for each fail(). */
static int has_failed(void)
{
	char text[16] = "";

	if (pread(switch_fd, text, sizeof(text) - 1, 0) < 0) {
		perror("fail-nth");
		exit(1);
	}
	fail(0);
	return atoi(text) == 0;
}

static int request(int fd, size_t words, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	unsigned long req[] = { a, b, c, d };

	return write(fd, req, words * sizeof(req[0])) < 0 ? errno : 0;
}

/* Let the page with the Guest's code be a file's from now on, with the same bytes; DONTNEED takes a copy of it away. */
static void lay_code_aside(void)
{
	int fd = memfd_create("code", MFD_CLOEXEC);

	if (fd < 0 || write(fd, memory + ENTRY, 4096) != 4096 ||
	    mmap(memory + ENTRY, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
		perror("code");
		exit(1);
	}
}

/* A Guest that says LGUEST_INIT, then NOTIFY of RING for ever, from birth to death. Returns 0 or an errno. */
static int life(int event)
{
	unsigned long addr = 0;
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = request(fd, 4, LHREQ_INITIALIZE, (unsigned long)memory, PAGES, ENTRY);
	if (!err)
		err = request(fd, 3, LHREQ_EVENTFD, RING + 1, event, 0);
	if (!err)
		err = request(fd, 3, LHREQ_EVENTFD, RING + 2, event, 0);
	for (int i = 0; !err && i < 3; i++)
		err = read(fd, &addr, sizeof(addr)) < 0 ? errno : 0;
	memset(reason, 0, sizeof(reason));
	if (err == ENOENT && read(fd, reason, sizeof(reason) - 1) < 0)
		err = errno;
	close(fd);
	return err;
}

/*
 * Let each allocation of a life fail in turn, where the Host has the Guest's code, or must make a copy of it (@aside). Returns how
 * many there are.
 */
static unsigned int lives(int event, bool aside)
{
	unsigned int nth;
	int err;

	for (nth = 1; nth < 1000; nth++) {
		if (aside && madvise(memory + ENTRY, 4096, MADV_DONTNEED))
			return 1000;
		fail(nth);
		err = life(event);
		if (!has_failed())
			break;
		told += err == ENOENT && strstr(reason, "out of memory for page 0x1");
		if (err && err != ENOMEM && !(err == ENOENT && strstr(reason, "out of memory"))) {
			printf("# allocation %u: errno %d (%s) %s\n", nth, err, strerror(err), reason);
			wrong++;
		}
	}
	return nth - 1;
}

int main(void)
{
	static const unsigned char code[] = {
		0xb8, 1, 0, 0, 0, 0xbb, DATA & 0xff, DATA >> 8, 0, 0, 0xcd, 0x1f,
		0xb8, 17, 0, 0, 0, 0xbb, RING & 0xff, RING >> 8, 0, 0, 0xcd, 0x1f,
		0xeb, 0xf2
	};
	struct lguest_data *data;
	int event = eventfd(0, EFD_NONBLOCK), err;
	unsigned int num, sweeps = 0;

	set("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/failslab/verbose", "0");
	set("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	set("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	set("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	switch_fd = open("/proc/self/fail-nth", O_RDWR);
	memory = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (switch_fd < 0 || memory == MAP_FAILED || mlockall(MCL_CURRENT)) {
		perror("failing");
		return 1;
	}
	memcpy(memory + ENTRY, code, sizeof(code));
	data = (struct lguest_data *)(memory + DATA);
	memset(data->hcall_status, 0xff, sizeof(data->hcall_status));
	data->kernel_address = 0xc0000000;
	data->syscall_vec = 0x80;

	err = life(event);
	printf("%sok 1 - a Guest lives as long as nothing fails\n", err ? "not " : "");
	num = lives(event, false);
	printf("%sok 2 - each of its %u allocations fails once, and is told as ENOMEM or in the Guest's last words\n",
	       wrong || num < 5 || num > 998 ? "not " : "", num);
	lay_code_aside();
	/* What the kernel allocates for itself now and then makes us miss one. */
	while (!told && !wrong && sweeps++ < 10)
		num = lives(event, true);
	printf("%sok 3 - so does each of %u where a page of the Guest's has to be made\n", !told || wrong ? "not " : "", num);
	err = life(event);
	printf("%sok 4 - after all that a Guest lives\n1..4\n", err ? "not " : "");
	return 0;
}
