// SPDX-License-Identifier: GPL-2.0-only
/*
 * M3: the Guest's own entry for int3, one instruction after the other, with the frames that a direct gate makes. A process
 * is stepped through it by ptrace(), from a program or the kernel, with interrupts on or off.
 */
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lguest.h"
#include "native.h"

#define IF	0x200u
#define STEPS	40u

/* What the Guest's assembly language wants; the process has its own copy of the data. */
struct { unsigned int irq_enabled, irq_pending, unused, cr2; } lguest_data;
unsigned int lguest_fault, lguest_enables, lguest_asks;
char gdt_page[4096];
extern const char lguest_int3[], lguest_noirq_start[], lguest_noirq_end[];
extern const char asm_exc_spurious_interrupt_bug[], entry_INT80_32[], asm_exc_page_fault[], asm_iret_error[], asm_exc_int3[];

__asm__(".text\n.globl asm_exc_spurious_interrupt_bug, entry_INT80_32, asm_exc_page_fault, asm_iret_error, asm_exc_int3\n"
	"asm_exc_spurious_interrupt_bug:\n\tnop\nentry_INT80_32:\n\tnop\nasm_exc_page_fault:\n\tnop\n"
	"asm_iret_error:\n\tnop\nasm_exc_int3:\n\tnop\n");

static unsigned int stack[256];		/* the process's, at the same address as ours */
#define FRAME	200			/* the frame's first word */

static pid_t guest;

/* Step from the gate to Linux's handler; the frame has @cs and the flags that the processor pushes, with IF. */
static void go(const char *name, unsigned int cs, unsigned int flags, unsigned int enabled)
{
	const unsigned int frame[] = { 0x8048000, cs, flags | IF, 0xbf000000, 0x7b };
	struct user_regs_struct regs, first;
	unsigned int got, want;
	int status;

	for (unsigned int i = 0; i < 5; i++)
		ptrace(PTRACE_POKEDATA, guest, stack + FRAME + i, frame[i]);
	ptrace(PTRACE_POKEDATA, guest, &lguest_data.irq_enabled, enabled);
	ptrace(PTRACE_GETREGS, guest, NULL, &regs);
	regs.eip = (unsigned int)lguest_int3;
	regs.esp = (unsigned int)(stack + FRAME);
	regs.orig_eax = -1;
	regs.xds = regs.xes = 0;	/* the program's: whatever it likes */
	first = regs;
	ptrace(PTRACE_SETREGS, guest, NULL, &regs);
	for (unsigned int step = 1; step <= STEPS && regs.eip != (unsigned int)asm_exc_int3; step++) {
		if (regs.eip >= (unsigned int)lguest_noirq_start && regs.eip < (unsigned int)lguest_noirq_end)
			tell("range: %s: instruction %u is in the range where the Host may do the iret in the Guest's place", name, step);
		ptrace(PTRACE_SINGLESTEP, guest, NULL, NULL);
		if (waitpid(guest, &status, 0) < 0 || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
			tell("fault: %s: instruction %u faults; %%ds and %%es are a program's, and empty", name, step);
		ptrace(PTRACE_GETREGS, guest, NULL, &regs);
		if (step == 1 && ptrace(PTRACE_PEEKDATA, guest, &lguest_data.irq_enabled, NULL))
			tell("first: %s: after the first instruction irq_enabled is still 0x200", name);
	}
	if (regs.eip != (unsigned int)asm_exc_int3)
		tell("registers: %s: after %u instructions it has not come to asm_exc_int3", name, STEPS);
	if (regs.esp != first.esp || regs.eax != first.eax || regs.ebx != first.ebx || regs.ecx != first.ecx ||
	    regs.edx != first.edx || regs.esi != first.esi || regs.edi != first.edi || regs.ebp != first.ebp)
		tell("registers: %s: %%esp or another register is not what it was", name);
	for (unsigned int i = 0; i < 5; i++) {
		got = ptrace(PTRACE_PEEKDATA, guest, stack + FRAME + i, NULL);
		want = i == 2 ? flags | enabled : frame[i];
		if (i == 2 && got != want && (got ^ want) == IF)
			tell("flags: %s, with irq_enabled %#x: the flags in the frame are %#x", name, enabled, got);
		if (got != want)
			tell("registers: %s: word %u of the frame is %#x, and was %#x", name, i, got, frame[i]);
	}
}

int main(int argc, char *argv[])
{
	const unsigned int some = argc > 1 ? strtoul(argv[1], NULL, 0) & 0x8d5 : 0;

	guest = fork();
	if (guest == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (guest < 0 || waitpid(guest, NULL, 0) < 0)
		return 2;
	go("from a program", 0x73, 2 | some, IF);
	go("from the kernel", 0x61, 2 | some, IF);
	go("from the kernel", 0x61, 2 | some, 0);
	kill(guest, SIGKILL);
	printf("well\n");
	return 0;
}
