// SPDX-License-Identifier: GPL-2.0-only
/* M3: stops N: a Guest's program that executes int3 N times, and has a handler for what comes of it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static volatile unsigned int stops, right;
extern const char behind[];

static void stop(int signal, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal, (void)info;
	stops++;
	right += regs[REG_EIP] == (greg_t)behind && regs[REG_EFL] & 0x200;
}

int main(int argc, char *argv[])
{
	const struct sigaction action = { .sa_sigaction = stop, .sa_flags = SA_SIGINFO };
	const int n = argc > 1 ? atoi(argv[1]) : 0;

	sigaction(SIGTRAP, &action, NULL);
	for (int i = 0; i < n; i++)
		__asm__ volatile(".globl behind\n\tint3\nbehind:" : : : "memory");
	printf("stops %u\nright %u\n", stops, right);
	return 0;
}
