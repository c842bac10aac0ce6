// SPDX-License-Identifier: GPL-2.0-only
/*
 * G5: the Guest's own instructions that turn interrupts off and on, one after the other, in a process that is stepped by
 * ptrace(), and a time-stamp counter that is ours. The process never executes the iret, nor the int of a hypercall.
 */
#include "kernel/steps.h"

#define STEPS	200u

extern const char lguest_irq_enable[], lguest_irq_disable[], lguest_iret[];

static unsigned long long now;		/* the time-stamp counter */

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
	unsigned int steps, code;

	place(start, frame);
	regs.edx = 0x5eed + now % 1000;
	first = regs;
	for (steps = 0; steps < STEPS; steps++) {
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
		if (!step())
			tell("fault: %s: an instruction faults, number %u, %d bytes behind the beginning", name, steps,
			     (int)(eip - start));
	}
	if (steps == STEPS)
		tell("endless: %s: after %u instructions it is not over", name, steps);
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

	if (!begin())
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
	return well();
}
