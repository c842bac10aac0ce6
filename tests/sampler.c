// SPDX-License-Identifier: GPL-2.0-only
/*
 * sampler ADDRESS SIZE: sample CPU 0, all that runs there, as perf does: with a clock of the kernel's and a ring buffer.
 * Meanwhile standard input is copied to standard output. When it ends, tell how many samples lie in the kernel, how many
 * of these in the module that ADDRESS and SIZE describe, how many in a small Guest (below 8 MB), how many elsewhere, and how
 * many records are no samples.
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGES = 64 };		/* a power of two, without the first */

static char *ring;
static uint64_t size;

/* Copy @count bytes of the ring from @at, which may lie across its end. */
static void copy(void *to, uint64_t at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		((char *)to)[i] = ring[(at + i) % size];
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 500000 /* ns */, .sample_type = PERF_SAMPLE_IP,
		.wakeup_events = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	struct { struct perf_event_header header; uint64_t ip; } sample;
	struct perf_event_mmap_page *control;
	unsigned long kernel = 0, module = 0, guest = 0, elsewhere = 0, others = 0;
	uint64_t address = argc == 3 ? strtoull(argv[1], NULL, 0) : 0;
	uint64_t length = argc == 3 ? strtoull(argv[2], NULL, 0) : 0;
	struct pollfd ready[] = { { .fd = 0, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	char text[4096];
	ssize_t count;
	uint64_t head, tail = 0;

	if (fd < 0) {
		perror("sampler: perf_event_open");
		return 1;
	}
	size = (uint64_t)PAGES * sysconf(_SC_PAGESIZE);
	control = mmap(NULL, size + sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (control == MAP_FAILED) {
		perror("sampler: mmap");
		return 1;
	}
	ring = (char *)control + sysconf(_SC_PAGESIZE);
	for (;;) {
		poll(ready, 2, -1);
		if (ready[0].revents) {
			count = read(0, text, sizeof(text));
			if (count <= 0)
				break;
			if (write(1, text, count) != count)
				return 1;
		}
		head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
		for (; tail < head; tail += sample.header.size) {
			copy(&sample, tail, sizeof(sample));
			if (sample.header.type != PERF_RECORD_SAMPLE) {
				others++;
				continue;
			}
			switch (sample.header.misc & PERF_RECORD_MISC_CPUMODE_MASK) {
			case PERF_RECORD_MISC_KERNEL:
				kernel++;
				module += sample.ip - address < length;
				break;
			case PERF_RECORD_MISC_GUEST_KERNEL:
			case PERF_RECORD_MISC_GUEST_USER:
				guest += sample.ip < 0x800000;
				break;
			default:
				elsewhere++;
			}
		}
		__atomic_store_n(&control->data_tail, tail, __ATOMIC_RELEASE);
	}
	printf("samples: %lu kernel, %lu module, %lu guest, %lu elsewhere, %lu others\n", kernel, module, guest, elsewhere,
	       others);
	return 0;
}
