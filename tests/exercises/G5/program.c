// SPDX-License-Identifier: GPL-2.0-only
/*
 * G5: the Guest's own instructions that turn interrupts off and on, one after the other, in a process that is stepped by
 * ptrace(), and a time-stamp counter that is ours. The process never executes the iret, nor the int of a hypercall.
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
#define STEPS	200u

/* What the Guest's assembly language wants; the process has its own copy of the data. */
struct { unsigned int irq_enabled, irq_pending, unused, cr2; } lguest_data;
unsigned int lguest_fault, lguest_off_since, lguest_longest_off;
char gdt_page[4096];
extern const char lguest_irq_enable[], lguest_irq_disable[], lguest_iret[], lguest_noirq_start[], lguest_noirq_end[];
extern const char asm_exc_spurious_interrupt_bug[], entry_INT80_32[], asm_exc_page_fault[], asm_iret_error[], done[];

__asm__(".text\n.globl asm_exc_spurious_interrupt_bug, entry_INT80_32, asm_exc_page_fault, asm_iret_error, done\n"
	"asm_exc_spurious_interrupt_bug:\n\tnop\nentry_INT80_32:\n\tnop\nasm_exc_page_fault:\n\tnop\n"
	"asm_iret_error:\n\tnop\ndone:\n\tnop\n");

static unsigned int stack[256];		/* the process's, at the same address as ours */
#define FRAME	200			/* the frame's first word */

static pid_t guest;
static struct user_regs_struct regs;
static unsigned long long now;		/* the time-stamp counter */

static unsigned int get(const void *at)
{
	return ptrace(PTRACE_PEEKDATA, guest, at, NULL);
}

static void set(void *at, unsigned int value)
{
	ptrace(PTRACE_POKEDATA, guest, at, value);
}

/* What must be true between any two instructions, as the Host may have an interrupt there. */
static void look(const char *name, const char *eip)
{
	const unsigned int *esp = (const unsigned int *)regs.esp;

	if (get(&lguest_data.irq_enabled) && get(&lguest_off_since)) {
		if (eip >= lguest_iret && (eip < lguest_noirq_end || (get(eip) & 0xff) == 0xcf))
			tell("iret: %s: interrupts are on, and the time goes on", name);
		tell("order: %s: interrupts are on, and the time goes on; if one comes here, its handler stops the watch", name);
	}
	if (eip >= lguest_noirq_start && eip < lguest_noirq_end && esp != stack + FRAME && esp != stack + FRAME - 2)
		tell("range: %s: an interrupt comes %d bytes behind lguest_noirq_start; the Host looks for the frame at %%esp,\n"
		     "and it is %d words above it", name, (int)(eip - lguest_noirq_start), (int)(stack + FRAME - esp));
}

/* Go from @start with @frame on the stack, or like a call. */
static void go(const char *name, const char *start, const unsigned int frame[5])
{
	struct user_regs_struct first;
	const char *eip = NULL;
	unsigned int step, code;
	int status;

	for (unsigned int i = 0; frame && i < 5; i++)
		set(stack + FRAME + i, frame[i]);
	if (!frame)
		set(stack + FRAME, (unsigned int)done);
	ptrace(PTRACE_GETREGS, guest, NULL, &regs);
	regs.eip = (unsigned int)start;
	regs.esp = (unsigned int)(stack + FRAME);
	regs.orig_eax = -1;
	regs.edx = 0x5eed + now % 1000;
	first = regs;
	for (step = 0; step < STEPS; step++) {
		eip = (const char *)regs.eip;
		look(name, eip);
		code = get(eip);
		if ((code & 0xff) == 0xcf || (code & 0xffff) == 0xb20f || eip == done || eip == asm_exc_spurious_interrupt_bug)
			break;		/* iret, lss */
		if ((code & 0xffff) == (0xcd | LGUEST_TRAP_ENTRY << 8)) {
			set(&lguest_data.irq_pending, 0);
			regs.eip += 2;
			ptrace(PTRACE_SETREGS, guest, NULL, &regs);
			continue;
		}
		if ((code & 0xffff) == 0x310f) {
			regs.eax = now;
			regs.edx = now >> 32;
			regs.eip += 2;
			ptrace(PTRACE_SETREGS, guest, NULL, &regs);
			continue;
		}
		ptrace(PTRACE_SETREGS, guest, NULL, &regs);
		ptrace(PTRACE_SINGLESTEP, guest, NULL, NULL);
		if (waitpid(guest, &status, 0) < 0 || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
			tell("fault: %s: an instruction faults, number %u, %d bytes behind the beginning", name, step,
			     (int)(eip - start));
		ptrace(PTRACE_GETREGS, guest, NULL, &regs);
	}
	if (step == STEPS)
		tell("endless: %s: after %u instructions it is not over", name, step);
	if (regs.eax != first.eax || regs.ebx != first.ebx || regs.ecx != first.ecx || regs.edx != first.edx ||
	    regs.esi != first.esi || regs.edi != first.edi || regs.ebp != first.ebp)
		tell("registers: %s: %%eax was %lx and is %lx, %%edx was %lx and is %lx, or it is another one", name,
		     first.eax, regs.eax, first.edx, regs.edx);
}

/* The longest time must be @expected by now. */
static void longest(const char *what, unsigned int expected)
{
	const unsigned int seen = get(&lguest_longest_off);

	if (seen != expected)
		tell("%s: the longest time is %u cycles, and should be %u", what, seen, expected);
}

static void off(void)
{
	go("lguest_irq_disable", lguest_irq_disable, NULL);
	if (get(&lguest_data.irq_enabled))
		tell("flag: lguest_irq_disable: interrupts are on");
}

static void on(void)
{
	go("lguest_irq_enable", lguest_irq_enable, NULL);
	if (get(&lguest_data.irq_enabled) != IF)
		tell("flag: lguest_irq_enable: interrupts are off");
}

int main(int argc, char *argv[])
{
	const unsigned int some = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
	const unsigned int user[] = { 0x8048000 + some, 0x73, 0x202, 0xbf000000 + some, 0x7b };
	const unsigned int narrow[] = { 0x100, 0x73, 0x202, 0x5aad0000 + some, 0xf };
	const unsigned int kernel[] = { 0xc1000000 + some, 0x61, 0x202, some, 0x78 };
	const unsigned int stays[] = { 0xc1000000 + some, 0x61, 0x2, some, 0x78 };
	unsigned int most = 0;

	guest = fork();
	if (guest == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (guest < 0 || waitpid(guest, NULL, 0) < 0)
		return 2;
	now = 0x700000000ull - some;		/* its lower half is about to begin anew */
	set(&lguest_data.irq_enabled, IF);

	off();
	now += most = 3 * some;
	on();
	longest("none", most);
	off();
	now += 2 * some;
	off();
	off();
	now += 2 * some;
	on();
	longest("nested", most = 4 * some);
	off();
	now += some;
	on();
	longest("last", most);
	now += 9 * some;
	on();
	longest("asleep", most);

	off();
	now += 5 * some;
	go("lguest_iret to a program", lguest_iret, user);
	longest("iret", most = 5 * some);
	set(&lguest_data.irq_enabled, IF);
	now += 20 * some;
	off();
	now += 6 * some;
	go("lguest_iret to a program on sixteen bits", lguest_iret, narrow);
	longest("iret", most = 6 * some);
	set(&lguest_data.irq_enabled, IF);
	off();
	now += 2 * some;
	go("lguest_iret to the kernel, where they are off", lguest_iret, stays);
	now += 5 * some;
	go("lguest_iret to the kernel", lguest_iret, kernel);
	longest("kernel", most = 7 * some);
	set(&lguest_data.irq_enabled, 0);	/* a trap has turned them off, and nobody looked at the clock */
	now += 30 * some;
	go("lguest_iret to a program", lguest_iret, user);
	longest("trap", most);
	off();
	now += 8 * some;
	set(&lguest_data.irq_pending, 1);
	on();
	longest("pending", most = 8 * some);
	off();
	now += 9 * some;
	set(&lguest_data.irq_pending, 1);
	go("lguest_iret to a program, with an interrupt that waits", lguest_iret, user);
	longest("pending", 9 * some);
	kill(guest, SIGKILL);
	printf("well\n");
	return 0;
}
