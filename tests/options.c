// SPDX-License-Identifier: GPL-2.0-only
/*
 * options: fill with nothing all addresses at which a page table in high memory would be found by who adds the kernel's
 * distance to its physical address, and wraps around. Then use fresh memory. Prints "used", if the kernel gave it out.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096u
#define LOW	0x00400000u	/* the first 4 MB are nobody's */
#define HIGH	0x20000000u
#define TABLE	0x00400000u	/* bytes of addresses that a page table covers */
#define TABLES	16u

/* Map @bytes at @at for reading, if nothing is there, and read each page: they are all zeros. */
static uint32_t read_zeros(uintptr_t at, size_t bytes)
{
	volatile const uint32_t *zeros = mmap((void *)at, bytes, PROT_READ,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	uint32_t sum = 0;

	if (zeros == MAP_FAILED)
		return 0;
	for (size_t i = 0; i < bytes; i += PAGE)
		sum |= zeros[i / sizeof(*zeros)];
	return sum;
}

int main(void)
{
	uint32_t sum = 0;
	char *fresh;

	for (uintptr_t at = LOW; at < HIGH; at += TABLE)
		sum |= read_zeros(at, TABLE);
	alarm(300);
	fresh = mmap(NULL, TABLES * TABLE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fresh == MAP_FAILED)
		return 2;
	for (size_t i = 0; i < TABLES; i++)
		memset(fresh + i * TABLE, 1, 4 * PAGE);
	puts(sum ? "not zeros" : "used");
	return 0;
}
