// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtual FLAGS SEGMENT: go to virtual-8086 mode by an iret, with these flags and in this code segment, where a loop waits. A
 * processor refuses that to a program. QEMU 7.2 does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	unsigned int flags = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned int segment = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	char *code = mmap((void *)0x10000, 0x2000, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (code == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	memset(code, 0x90, 0x1000);
	memcpy(code + 0x1000, "\xeb\xfe", 2);
	puts("in");
	fflush(stdout);
	asm volatile("pushl $0; pushl $0; pushl $0; pushl $0; pushl $0; pushl $0x1000; pushl %0; pushl %1; pushl $0x10; iretl"
		     : : "r" (flags), "r" (segment) : "memory");
	return 2;
}
