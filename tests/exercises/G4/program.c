// SPDX-License-Identifier: GPL-2.0-only
/*
 * G4: the Guest's own instructions, one after the other, and a Host that has an interrupt for it before each of them in
 * turn. A process is stepped through them by ptrace(); it never executes the iret, nor the int of a hypercall.
 */
#include "kernel/steps.h"

#define STEPS	60u
#define NEVER	(STEPS + 1)

extern const char lguest_irq_enable[], lguest_iret[];

static bool waits;			/* the Host has an interrupt */
static const char *taken;		/* where the Guest took it; NULL: it did not */
static bool at_call;			/* and that was a hypercall */

/* H:205: deliver if the Guest takes it. Return true if the Host did the iret in its place. */
static bool deliver(const char *eip, bool call)
{
	if (!waits)
		return false;
	if (eip >= lguest_noirq_start && eip < lguest_noirq_end) {
		const unsigned int *frame = (const unsigned int *)regs.esp;

		if (get(frame + 2) & IF)
			return true;
	} else if (get(&lguest_data.irq_enabled) & IF) {
		waits = false;
		taken = eip;
		at_call = call;
	}
	set(&lguest_data.irq_pending, waits);
	return false;
}

/* Go from @start with @frame on the stack; the interrupt comes before instruction number @when. */
static void go(const char *name, const char *start, const unsigned int frame[5], unsigned int when)
{
	const bool program = frame && frame[1] & 2;
	unsigned int calls = 0, steps;
	struct user_regs_struct first;
	const char *eip = NULL;

	set(&lguest_data.irq_enabled, 0);
	set(&lguest_data.irq_pending, 0);
	set(&lguest_fault, 0);
	place(start, frame);
	first = regs;
	waits = false;
	taken = NULL;
	for (steps = 0; steps < 10 * STEPS; steps++) {
		unsigned int code;

		eip = (const char *)regs.eip;
		if (steps == when) {		/* and then the Host looks at hypercalls only */
			waits = true;
			if (deliver(eip, false))
				return;
		}
		code = get(eip);
		if ((code & 0xff) == 0xcf || eip == done || eip == asm_exc_spurious_interrupt_bug)
			break;
		if ((code & 0xffff) == (0xcd | LGUEST_TRAP_ENTRY << 8)) {
			calls++;
			regs.eip += 2;
			if (deliver((const char *)regs.eip, true))
				return;
			ptrace(PTRACE_SETREGS, guest, NULL, &regs);
			continue;
		}
		if (!step())
			tell("fault: %s: an instruction faults, number %u, %d bytes behind the beginning", name, steps,
			     (int)(eip - start));
	}
	if (steps == 10 * STEPS)
		tell("endless: %s: after %u instructions and %u hypercalls it is not over%s", name, steps, calls,
		     when == NEVER ? ", and no interrupt has come at all" : "");
	if (when == NEVER && calls)
		tell("asked: %s: %u hypercalls, though no interrupt waits", name, calls);
	if (regs.esp != first.esp + (frame ? 0 : 4) || regs.eax != first.eax || regs.ebx != first.ebx ||
	    regs.ecx != first.ecx || regs.edx != first.edx)
		tell("registers: %s: %%esp or another register is not what it was", name);
	if (eip == asm_exc_spurious_interrupt_bug) {
		if (!program)
			tell("spurious: %s: the way back to the kernel begins as if it led to a program", name);
		if (get(&lguest_data.irq_enabled))
			tell("spurious: %s: the exit path begins anew with interrupts on", name);
		return;
	}
	if (!frame || frame[2] & IF) {
		if (!get(&lguest_data.irq_enabled))
			tell("off: %s: it is left with interrupts off", name);
		if (waits)
			tell("lost: %s: an interrupt came before instruction %u, when they were off;\n"
			     "they are on now, and it waits still", name, when);
	} else if (get(&lguest_data.irq_enabled)) {
		tell("off: %s: interrupts are on, and in the frame they are off", name);
	}
	if (program && taken)
		tell("%s: %s: the Guest has taken an interrupt %d bytes behind lguest_iret,\n"
		     "and goes to the program without another look", at_call ? "work" : "nested", name, (int)(taken - lguest_iret));
}

int main(int argc, char *argv[])
{
	const unsigned int some = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	const unsigned int user[] = { 0x8048000 + some, 0x73, 0x202, 0xbf000000 + some, 0x7b };
	const unsigned int kernel[] = { 0xc1000000 + some, 0x61, 0x202, some, 0x7f };
	const unsigned int off[] = { 0xc1000000 + some, 0x61, 0x2, some, some & 4 };

	if (!begin())
		return 2;
	for (unsigned int when = 0; when <= NEVER; when++) {
		/* the last first: what happens if no interrupt comes */
		const unsigned int at = NEVER - when;

		go("lguest_irq_enable", lguest_irq_enable, NULL, at);
		go("lguest_iret to a program", lguest_iret, user, at);
		go("lguest_iret to the kernel", lguest_iret, kernel, at);
		go("lguest_iret to the kernel, where they are off", lguest_iret, off, at);
	}
	return well();
}
