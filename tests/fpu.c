// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keep numbers in all floating-point registers for some seconds, and say whether they stayed. Runs as a Host's program or as a
 * Guest's init. Arguments: a name, a number that no other copy has, seconds.
 */
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned int in[8][4] __attribute__((aligned(16))), out[8][4] __attribute__((aligned(16)));

/* Load eight SSE and two x87 registers, wait, store them, and compare. Returns 1 if any differs. */
static int once(unsigned int seed)
{
	double one = seed, two = 3.0 * seed, got;
	unsigned int i;

	for (i = 0; i < 32; i++)
		in[i / 4][i % 4] = seed * 2654435761u + i;
	__asm__ volatile("fldl %3\n\tfldl %4\n\t"
			 "movaps (%1), %%xmm0\n\tmovaps 16(%1), %%xmm1\n\tmovaps 32(%1), %%xmm2\n\tmovaps 48(%1), %%xmm3\n\t"
			 "movaps 64(%1), %%xmm4\n\tmovaps 80(%1), %%xmm5\n\tmovaps 96(%1), %%xmm6\n\tmovaps 112(%1), %%xmm7\n\t"
			 "movl $300000, %%ecx\n1:\tdecl %%ecx\n\tjnz 1b\n\tmovl $20, %%eax\n\tint $0x80\n\t"
			 "movaps %%xmm0, (%2)\n\tmovaps %%xmm1, 16(%2)\n\tmovaps %%xmm2, 32(%2)\n\tmovaps %%xmm3, 48(%2)\n\t"
			 "movaps %%xmm4, 64(%2)\n\tmovaps %%xmm5, 80(%2)\n\tmovaps %%xmm6, 96(%2)\n\tmovaps %%xmm7, 112(%2)\n\t"
			 "faddp\n\tfstpl %0"
			 : "=m" (got) : "S" (in), "D" (out), "m" (one), "m" (two)
			 : "eax", "ecx", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
	return got != 4.0 * seed || memcmp(in, out, sizeof(in));
}

/* May programs use AVX, as the processor says, and what happens to one that does? Text. */
static const char *avx(void)
{
	unsigned int a, b, c, d;
	int status;
	pid_t pid;

	__cpuid(1, a, b, c, d);
	pid = fork();
	if (!pid) {
		__asm__ volatile(".byte 0xc5, 0xfc, 0x57, 0xc0");	/* vxorps %ymm0, %ymm0, %ymm0 */
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		return c & bit_OSXSAVE ? "avx" : "avx unannounced";
	return !(c & bit_OSXSAVE) && WTERMSIG(status) == SIGILL ? "no avx" : "avx promised";
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 2 ? atoi(argv[2]) : 1, rounds = 0, wrong = 0;
	time_t end = time(NULL) + (argc > 3 ? atoi(argv[3]) : 4);
	int i;

	/* Four processes, so that there is somebody to switch to. */
	for (i = 1; i < 4 && fork(); i++)
		;
	while (time(NULL) < end || rounds < 20)
		wrong += once(seed * 1000 + i * 100 + rounds++ % 100);
	if (i < 4)
		_exit(!!wrong);
	for (i = 1; i < 4; i++) {
		int status = 0;

		wait(&status);
		wrong += !!status;
	}
	printf("%s: %s, %s\n", argc > 1 ? argv[1] : "fpu", wrong ? "WRONG" : "right", avx());
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return !!wrong;
}
