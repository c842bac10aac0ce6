// SPDX-License-Identifier: GPL-2.0-only
/*
 * M3: the Guest's own entry for int3, one instruction after the other, with the frames that a direct gate makes. A process
 * is stepped through it by ptrace(), from a program or the kernel, with interrupts on or off.
 */
#include "kernel/steps.h"

#define STEPS	40u

extern const char lguest_int3[];

/* Step from the gate to Linux's handler; the frame has @cs and the flags that the processor pushes, with IF. */
static void go(const char *name, unsigned int cs, unsigned int flags, unsigned int enabled)
{
	const unsigned int frame[] = { 0x8048000, cs, flags | IF, 0xbf000000, 0x7b };
	struct user_regs_struct first;
	unsigned int got, want;

	set(&lguest_data.irq_enabled, enabled);
	place(lguest_int3, frame);
	regs.xds = regs.xes = 0;	/* the program's: whatever it likes */
	first = regs;
	for (unsigned int steps = 1; steps <= STEPS && regs.eip != (unsigned int)asm_exc_int3; steps++) {
		if (regs.eip >= (unsigned int)lguest_noirq_start && regs.eip < (unsigned int)lguest_noirq_end)
			tell("range: %s: instruction %u is in the range where the Host may do the iret in the Guest's place", name,
			     steps);
		if (!step())
			tell("fault: %s: instruction %u faults; %%ds and %%es are a program's, and empty", name, steps);
		if (steps == 1 && get(&lguest_data.irq_enabled))
			tell("first: %s: after the first instruction irq_enabled is still 0x200", name);
	}
	if (regs.eip != (unsigned int)asm_exc_int3)
		tell("registers: %s: after %u instructions it has not come to asm_exc_int3", name, STEPS);
	if (regs.esp != first.esp || regs.eax != first.eax || regs.ebx != first.ebx || regs.ecx != first.ecx ||
	    regs.edx != first.edx || regs.esi != first.esi || regs.edi != first.edi || regs.ebp != first.ebp)
		tell("registers: %s: %%esp or another register is not what it was", name);
	for (unsigned int i = 0; i < 5; i++) {
		got = get(stack + FRAME + i);
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

	if (!begin())
		return 2;
	go("from a program", 0x73, 2 | some, IF);
	go("from the kernel", 0x61, 2 | some, IF);
	go("from the kernel", 0x61, 2 | some, 0);
	return well();
}
