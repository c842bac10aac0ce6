/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For exercises about the Guest's instructions, one after the other: a process that is stepped through interrupts_32.S by
 * ptrace(), and what that file wants of others. The process has its own copy of it all.
 */
#ifndef KERNEL_STEPS_H
#define KERNEL_STEPS_H

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lguest.h"
#include "native.h"

#define IF	0x200u

struct { unsigned int irq_enabled, irq_pending, unused, cr2; } lguest_data;
unsigned int lguest_fault;
unsigned int lguest_enables, lguest_asks;		/* M1's answer has them, */
unsigned int lguest_off_since, lguest_longest_off;	/* and G5's these; M3's has an entry for int3 */
char gdt_page[4096];
extern const char lguest_noirq_start[], lguest_noirq_end[];
extern const char asm_exc_spurious_interrupt_bug[], asm_exc_int3[], done[];

__asm__(".text\n.globl asm_exc_spurious_interrupt_bug, entry_INT80_32, asm_exc_page_fault, asm_exc_int3, asm_iret_error, done\n"
	"asm_exc_spurious_interrupt_bug:\n\tnop\nentry_INT80_32:\n\tnop\nasm_exc_page_fault:\n\tnop\nasm_exc_int3:\n\tnop\n"
	"asm_iret_error:\n\tnop\ndone:\n\tnop\n");

static unsigned int stack[256];		/* the process's, at the same address as ours */
#define FRAME	200			/* the frame's first word */

static pid_t guest;
static struct user_regs_struct regs;

static unsigned int get(const void *at)
{
	return ptrace(PTRACE_PEEKDATA, guest, at, NULL);
}

static void set(void *at, unsigned int value)
{
	ptrace(PTRACE_POKEDATA, guest, at, value);
}

/* Begin the process. False: it can't be stepped. */
static bool begin(void)
{
	guest = fork();
	if (guest == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	return guest > 0 && waitpid(guest, NULL, 0) > 0;
}

/* Let it be at @start with @frame on its stack; or with none, as after a call. */
static void place(const char *start, const unsigned int frame[5])
{
	for (unsigned int i = 0; frame && i < 5; i++)
		set(stack + FRAME + i, frame[i]);
	if (!frame)
		set(stack + FRAME, (unsigned int)done);
	ptrace(PTRACE_GETREGS, guest, NULL, &regs);
	regs.eip = (unsigned int)start;
	regs.esp = (unsigned int)(stack + FRAME);
	regs.orig_eax = -1;
}

/* Execute one instruction, from @regs to @regs. False: it has faulted. */
static bool step(void)
{
	int status;

	ptrace(PTRACE_SETREGS, guest, NULL, &regs);
	ptrace(PTRACE_SINGLESTEP, guest, NULL, NULL);
	if (waitpid(guest, &status, 0) < 0 || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		return false;
	ptrace(PTRACE_GETREGS, guest, NULL, &regs);
	return true;
}

static int well(void)
{
	kill(guest, SIGKILL);
	printf("well\n");
	return 0;
}

#endif /* KERNEL_STEPS_H */
