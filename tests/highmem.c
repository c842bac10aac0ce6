// SPDX-License-Identifier: GPL-2.0-only
/*
 * highmem MEGABYTES: fill so much memory with words that are all different, fork, let either process change its half of the
 * pages, and look whether each finds what it should. Tells how much of it was high memory, in MB.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096u
#define WORDS	(PAGE / sizeof(uint32_t))

/* Kilobytes of high memory that are free. */
static long high_free(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long free = 0;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "HighFree: %ld", &free);
	if (file)
		fclose(file);
	return free;
}

/* Write @mark and the pages' numbers to the first and last words of pages @from, @from + @step, ... */
static void write_pages(uint32_t *memory, size_t pages, size_t from, size_t step, uint32_t mark)
{
	for (size_t i = from; i < pages; i += step)
		memory[i * WORDS] = memory[i * WORDS + WORDS - 1] = mark ^ i;
}

/* How many pages do not hold what @even and @odd pages should? */
static size_t count_wrong(const uint32_t *memory, size_t pages, uint32_t even, uint32_t odd)
{
	size_t wrong = 0;

	for (size_t i = 0; i < pages; i++) {
		const uint32_t want = (i % 2 ? odd : even) ^ i;

		wrong += memory[i * WORDS] != want || memory[i * WORDS + WORDS - 1] != want;
	}
	return wrong;
}

int main(int argc, char *argv[])
{
	const size_t pages = (argc > 1 ? atoi(argv[1]) : 0) * (1024 * 1024 / PAGE);
	const long before = high_free();
	uint32_t *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	if (!pages || memory == MAP_FAILED)
		return 2;
	write_pages(memory, pages, 0, 1, 0x5aad0000);
	printf("high %ld\n", (before - high_free()) / 1024);
	fflush(stdout);
	if (fork() == 0) {
		write_pages(memory, pages, 1, 2, 0xc0de0000);
		_exit(count_wrong(memory, pages, 0x5aad0000, 0xc0de0000) != 0);
	}
	write_pages(memory, pages, 0, 2, 0xfeed0000);
	wait(&status);
	printf("wrong %zu, child %d\n", count_wrong(memory, pages, 0xfeed0000, 0x5aad0000), status);
	return 0;
}
