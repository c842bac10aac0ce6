// SPDX-License-Identifier: GPL-2.0-only
/* 2.2, 2.4, 2.7: interrupts when they should, and not when they shouldn't; HALT and the clock. */
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include "lguest_device.h"
#include "rows.h"

#define MS	1000000u

static void clock(u32 nanoseconds)
{
	hcall(LHCALL_SET_CLOCKEVENT, nanoseconds, 0, 0, 0);
}

/* Does line 0 wait? With interrupts off and nothing else unblocked, irq_pending says so at each call. */
static int waits(void)
{
	u32 enabled = data.irq_enabled, blocked = data.blocked_interrupts, pending;

	data.irq_enabled = 0;
	data.blocked_interrupts = ~1u;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	pending = data.irq_pending;
	data.blocked_interrupts = blocked;
	data.irq_enabled = enabled;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	return pending;
}

/* A clock event while interrupts are off or blocked: go on when the Host has it, however long that takes a busy machine. */
static void clock_while_off(void)
{
	u64 end = tsc() + PATIENCE;

	clock(1000);
	while (!waits() && tsc() < end)
		;
}

LIVES(arrives)
{
	irq_reset();
	data.irq_enabled = IF;
	clock(MS);
	ok(irq_wait(0, 1), "2.4 delivery: line 0 comes to a kernel that only counts");
	is(last_irq.vector, 0x30, "2.4 delivery: at vector 0x30");
	ok(last_irq.cs == CS1 && last_irq.flags & IF, "2.4 delivery: the frame is ring 1's, with IF");
	is(irq_enabled_then, 0, "2.2 irq_enabled: off in the handler");
	is(data.irq_enabled, IF, "2.2 irq_enabled: on after it");
	is(data.irq_pending, 0, "2.2 irq_pending: nothing waits");
	for (u32 i = 0; i < 20000000; i++)
		__asm__ volatile("");
	is(irqs[0], 1, "2.7 SET_CLOCKEVENT: is one shot");
}

LIVES(while_off)
{
	u64 end;

	irq_reset();
	data.irq_enabled = 0;
	clock_while_off();
	is(irqs[0], 0, "2.2 irq_pending: an interrupt that arrives while off doesn't come");
	is(data.irq_pending, 1, "2.2 irq_pending: it is told of");
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(irqs[0], 0, "2.2 irq_pending: nor at any call while off");
	is(data.irq_pending, 1, "2.2 irq_pending: and stays told of");
	data.irq_enabled = IF;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 1, "2.1 SEND_INTERRUPTS: delivers it when they are on again");
	is(data.irq_pending, 0, "2.2 irq_pending: clear again, so that no needless call follows");
	is(last_irq.eax, 0, "2.1 SEND_INTERRUPTS: the call had its result before");
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 1, "2.1 SEND_INTERRUPTS: and once only");
	data.irq_enabled = 0;
	clock_while_off();
	data.irq_enabled = IF;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
	is(irqs[0], 2, "2.4 delivery: any other call delivers, too");
	data.irq_enabled = 0;
	clock_while_off();
	clock(1000);
	for (end = tsc() + 30000000; tsc() < end; )
		;
	clock(0);	/* should this not have been long enough */
	data.irq_enabled = IF;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 3, "2.4 delivery: a line that is raised twice while off comes once");
	data.irq_enabled = 0;
	clock_while_off();
	data.irq_enabled = IF;
	peek(WINDOW);
	is(irqs[0], 4, "2.4 delivery: so does a trap, after its handler's iret");
	is(data.irq_pending, 0, "2.2 irq_pending: clear after that");
	/* The flag's other bits are not the flag. */
	data.irq_enabled = ~IF;
	clock_while_off();
	is(irqs[0], 4, "2.2 irq_enabled: only 0x200 counts");
	data.irq_enabled = ~0;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 5, "2.2 irq_enabled: and other bits don't disturb");
	is(last_irq.flags & ~0x2ffu, 0, "2.2 irq_enabled: nor reach the flags");
}

LIVES(blocked)
{
	irq_reset();
	data.irq_enabled = IF;
	data.blocked_interrupts = 1;
	clock_while_off();
	is(irqs[0], 0, "2.2 blocked_interrupts: a blocked line doesn't come");
	is(data.irq_pending, 0, "2.2 irq_pending: nothing to deliver, so nothing is told");
	data.blocked_interrupts = ~1u;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 1, "2.2 blocked_interrupts: unblocked, it comes, whatever else is blocked");
	data.blocked_interrupts = 0;
	data.irq_enabled = 0;
	clock_while_off();
	is(data.irq_pending, 1, "2.2 irq_pending: off and not blocked");
	data.blocked_interrupts = ~0;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(data.irq_pending, 0, "2.2 irq_pending: blocked afterwards, nothing waits");
	data.blocked_interrupts = 0;
	data.irq_enabled = IF;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(irqs[0], 2, "2.2 blocked_interrupts: and in the end it comes");
}

/* --- the clock */

LIVES(clock_events)
{
	u32 count;

	irq_reset();
	data.irq_enabled = IF;
	clock(1);
	ok(irq_wait(0, 1), "2.7 SET_CLOCKEVENT: one nanosecond");
	clock(0xffffffff);
	for (u32 i = 0; i < 2000000; i++)
		__asm__ volatile("");
	is(irqs[0], 1, "2.7 SET_CLOCKEVENT: four seconds are not over soon");
	clock(MS);
	ok(irq_wait(0, 2), "2.7 SET_CLOCKEVENT: a new time takes the place of the old");
	clock(20 * MS);
	clock(0);
	count = irqs[0];
	for (u32 i = 0; i < 50000000; i++)
		__asm__ volatile("");
	is(irqs[0], count, "2.7 SET_CLOCKEVENT: 0 takes it back");
	for (u32 i = 0; i < 50; i++) {
		clock(50000);
		irq_wait(0, count + 1 + i);
	}
	is(irqs[0], count + 50, "2.7 SET_CLOCKEVENT: fifty in a row");
}

LIVES(halt)
{
	u64 before;
	u32 asleep;

	irq_reset();
	data.irq_enabled = IF;
	data.irq_enabled = 0;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	before = data.wall_sec_lo * 1000000000ull + data.wall_nsec;
	clock(20 * MS);
	hcall(LHCALL_HALT, 1, 0, 0, 0);
	is(irqs[0], 1, "2.1 HALT: sleeps until the interrupt has come");
	asleep = data.wall_sec_lo * 1000000000ull + data.wall_nsec - before;
	ok(asleep >= 10 * MS, "2.1 HALT: for as long as that takes");
	data.irq_enabled = 0;
	clock_while_off();
	hcall(LHCALL_HALT, 1, 0, 0, 0);
	is(irqs[0], 2, "2.1 HALT: with 1 turns interrupts on, and finds the one that waits");
	is(data.irq_enabled, IF, "2.1 HALT: they stay on");
	data.blocked_interrupts = 1;
	clock_while_off();
	data.irq_enabled = 0;
	data.blocked_interrupts = 0;
	hcall(LHCALL_HALT, 1, 0, 0, 0);
	is(irqs[0], 3, "2.1 HALT: nor does it sleep over one that was blocked");
	data.irq_enabled = 0;
	clock(5 * MS);
	queue(LHCALL_HALT, 1, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	ok(irq_wait(0, 4), "2.1 HALT: from the ring");
	is(last_irq.eax, 0, "2.1 HALT: its result is 0");
}

LIVES(wall_clock)
{
	u64 a, b;

	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	a = (u64)data.wall_sec_hi << 32 | data.wall_sec_lo;
	ok(a > 1600000000 && a < 1ull << 33, "2.2 wall clock: the seconds since 1970 are this century's");
	ok(data.wall_nsec < 1000000000, "2.2 wall clock: nanoseconds are below a second");
	b = a * 1000000000 + data.wall_nsec;
	irq_reset();
	data.irq_enabled = IF;
	clock(5 * MS);
	irq_wait(0, 1);
	a = ((u64)data.wall_sec_hi << 32 | data.wall_sec_lo) * 1000000000 + data.wall_nsec;
	ok(a >= b + 5 * MS, "2.2 wall clock: goes on with line 0");
	ok(a < b + 20000000000ull, "2.2 wall clock: at a reasonable pace");
	ok(data.tsc_khz == 0 || (data.tsc_khz > 10000 && data.tsc_khz < 10000000), "2.2 tsc_khz: 0 or a plausible number");
	b = tsc();
	ok(tsc() > b, "2.7 clock: the time-stamp counter moves between interrupts");
	b = a;
	data.wall_nsec = data.wall_sec_lo = data.wall_sec_hi = 0;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	a = ((u64)data.wall_sec_hi << 32 | data.wall_sec_lo) * 1000000000 + data.wall_nsec;
	ok(a >= b, "2.7 FLUSH_ASYNC: asks for the time, whether the counter is to be used or not");
}

LIVES(init_fills)
{
	ok(data.reserve_mem && !(data.reserve_mem & 0x3fffff), "2.2 reserve_mem: whole slots of 4 MB");
	ok(data.wall_sec_lo > 1600000000, "2.2 wall clock: filled by LGUEST_INIT");
	is(data.irq_enabled, 0, "2.2 irq_enabled: is the Guest's: LGUEST_INIT leaves it");
	is(data.irq_pending, 0, "2.2 irq_pending: nothing at the start");
	is(data.kernel_address, KERNEL, "2.2 kernel_address: stays as the Guest wrote it");
	is(data.syscall_vec, 0x80, "2.2 syscall_vec: stays as the Guest wrote it");
	/* Copied for good: what the Guest writes there later changes nothing. */
	data.kernel_address = 0xffffffff;
	data.noirq_start = 0;
	data.noirq_end = 0xffffffff;
	data.syscall_vec = 3;
	data.reserve_mem = 0;
	irq_reset();
	data.irq_enabled = IF;
	clock(MS);
	ok(irq_wait(0, 1), "2.2 noirq range: was copied for good");
	map(KERNEL, FRAME_AT(0) | P | RW);
	is(peek(KERNEL), -1, "2.2 kernel_address: was copied for good");
	is(peek(0xff800000), 14, "2.2 reserve_mem: is told, not asked");
}

/* --- where no interrupt may come */

LIVES(range)
{
	static const u32 turns = 30000000;
	USER_CODE(user_turns, "movl %ecx, user_argument");
	u32 bad = 0, tries = 0, cut_short = 0;

	/* The clock should fire while the range's last instruction turns; on a busy machine it now and then fires later. */
	irq_reset();
	while (cut_short < 8 && tries++ < 100) {
		data.irq_enabled = 0;
		clock(MS);
		cut_short += slow_kernel(IF | 2, turns, CS1) > 0;
		irq_wait(0, tries);
		if (last_irq.eip >= (u32)noirq_start && last_irq.eip < (u32)noirq_end)
			bad++;
	}
	is(cut_short, 8, "2.2 noirq range: for an interrupt in it, the Host finishes the iret");
	is(irqs[0], tries, "2.2 noirq range: each interrupt in it comes in the end");
	is(bad, 0, "2.2 noirq range: and none while the code is in there");
	is(data.irq_enabled, IF, "2.2 noirq range: interrupts are on behind it");
	ok((last_irq.flags & IF) && last_irq.cs == CS1, "2.2 noirq range: the frame is that of the iret");
	/* What an iret at ring 1 doesn't load (Intel SDM volume 2, IRET), the Host doesn't either: IOPL, VIF, VIP, what is reserved. */
	for (cut_short = tries = 0; !cut_short && tries < 100; tries++) {
		irq_reset();
		data.irq_enabled = 0;
		clock(MS);
		cut_short = slow_kernel(IF | 2 | 0xffd8b000, turns, CS1) > 0;
		irq_wait(0, 1);
	}
	is(last_irq.flags & 0xffd8b000, 0, "2.2 noirq range: and it has no flag that isn't the Guest's to set");
	/* An iret that turns them on for a moment but goes where they are off. */
	irq_reset();
	data.irq_enabled = 0;
	clock(MS);
	slow_kernel(2, turns, CS1);
	is(last_irq.eip >= (u32)noirq_start && last_irq.eip < (u32)noirq_end && irqs[0], 0,
	   "2.2 noirq range: nor if the iret goes where they are off");
	data.irq_enabled = IF;
	ok(irq_wait(0, 1), "2.2 noirq range: and it comes afterwards");
	/* To a program. */
	irq_reset();
	data.irq_enabled = 0;
	clock(MS);
	forget();
	slow_user((u32)user_turns, (u32)user_stack_top, turns);
	is(last.vector, LEAVE, "2.2 noirq range: on the way to a program");
	data.irq_enabled = IF;
	ok(irq_wait(0, 1), "2.2 noirq range: the interrupt comes");
	ok(last_irq.eip < (u32)noirq_start || last_irq.eip >= (u32)noirq_end, "2.2 noirq range: but not in there");
	is(last.esp, (u32)user_stack_top, "2.2 noirq range: the program's stack is right");
	ok(last.ss == DS3 && last.ds == DS3, "2.2 noirq range: so are its segments");
	/* To a code segment that the Host doesn't know. */
	hcall(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfbb00, 0);
	irq_reset();
	data.irq_enabled = 0;
	clock(MS);
	is(slow_kernel(IF | 2, turns, 20 * 8 + 1), 0, "2.2 noirq range: to a segment of its own, the Guest goes all the way");
	__asm__ volatile("ljmp $0x61, $1f; 1:");
	ok(irq_wait(0, 1), "2.2 noirq range: and then the interrupt comes");
}

LIVES(system_call_gate)
{
	u32 right = 0;

	gate(0x80, (u32)slow_gate, TRAP, 3);
	/* The clock should fire while the gate's first instruction turns; on a slow machine it fires before, now and then. */
	for (u32 i = 0; i < 10 && !right; i++) {
		irq_reset();
		data.irq_enabled = IF;
		clock(2 * MS);
		__asm__ volatile("int $0x80" : : "c" (60000000) : "edx", "memory");
		data.irq_enabled = IF;
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
		right += !irqs_at_gate && irqs[0] == 1;
	}
	is(right, 1, "2.4 system call: at the address in its gate interrupts count as off, and come after it");
}

LIVES(in_programs)
{
	USER_CODE(user_waits, "movl $0, user_argument; 1: incl user_argument; movl user_argument, %eax;"
			      "cmpl $400000000, %eax; je 2f; cmpl $0, user_argument + 8; je 1b; 2:");

	/* The line leads to the way out of ring 3, and counts for nothing else; on the way in none may come. */
	irq_reset();
	user_argument[2] = 0;
	data.irq_enabled = 0;
	gate(0x30, stub(LEAVE), INTERRUPT, 0);
	clock(MS);
	forget();
	slow_user((u32)user_waits, (u32)user_stack_top, 1);
	is(last.vector, LEAVE, "2.4 delivery: to a program that only counts");
	ok(last.cs == CS3 && last.ss == DS3 && last.flags & IF, "2.4 delivery: with a program's frame");
	is(last_at + sizeof(last), (u32)trap_stack_top, "2.4 delivery: on the kernel's stack");
	ok(user_argument[0] < 400000000, "2.4 delivery: in the middle of it");
	gate(0x30, stub(0x30), INTERRUPT, 0);
	gate(0x30, stub(0x30), TRAP, 0);
	data.irq_enabled = IF;
	clock(MS);
	irq_wait(0, 1);
	is(irq_enabled_then, IF, "2.4 delivery: through a trap gate leaves interrupts on");
}

/* --- programs at addresses that mean something in the kernel */

/* Ring 3: turn at user_spin, in the segment and at the offset that user_argument names, on the stack that follows it. */
USER_CODE(user_to_spin, "movl $60000000, %ecx; movl user_argument + 8, %esp; ljmp *user_argument");
USER_CODE(user_spin, "1: loop 1b");
USER_CODE(user_jump, "movl user_argument, %edx; movl user_argument + 8, %esp; movl $20, %ecx;"
		     "1: jmp *%edx; .globl user_jumped; user_jumped: loop 1b");
extern const char user_jumped[];

/* A frame that leads into the kernel, where a program's stack should be. */
__asm__(".pushsection .user, \"awx\"\nforged: .long 0x100000, 0x61, 0x202, 0, 0x7b\n.popsection");
extern const char forged[];

#define CS_SHIFTED	(20 * 8 + 3)

/* Let a program turn at the kernel's address @addr, in a code segment with a base, while the clock fires. Does it come there? */
static int comes_to_shifted_program(u32 addr)
{
	const u32 base = (u32)user_spin - addr;

	hcall(LHCALL_LOAD_GDT_ENTRY, 20, base << 16 | 0xffff,
	      (base & 0xff000000) | 0xcffb00 | (base >> 16 & 0xff), 0);
	user_argument[0] = addr;
	user_argument[1] = CS_SHIFTED;
	user_argument[2] = (u32)forged;
	/* On a busy machine the clock fires before or after it, now and then. */
	for (u32 i = 0; i < 10; i++) {
		irq_reset();
		data.irq_enabled = IF;
		clock(2 * MS);
		in_user(user_to_spin);
		irq_wait(0, 1);
		if (last_irq.cs == CS_SHIFTED && last_irq.eip == addr)
			return irqs[0] == 1;
	}
	return 0;
}

LIVES(program_over_the_gate)
{
	gate(0x80, (u32)slow_gate, TRAP, 3);
	ok(comes_to_shifted_program((u32)slow_gate),
	   "2.4 system call: a program whose segment puts it at the gate's address is interrupted");
}

LIVES(program_over_the_range)
{
	ok(comes_to_shifted_program((u32)noirq_start),
	   "2.2 noirq range: a program whose segment puts it there is interrupted, and its stack is no frame");
	ok(last_irq.esp == (u32)forged && last_irq.ss == DS3, "2.2 noirq range: the frame says where its stack is");
}

LIVES(program_jumps_into_the_range)
{
	u32 right = 0;

	user_goes_on = 14;
	user_recover = (u32)user_jumped;
	user_argument[0] = (u32)noirq_start;
	user_argument[2] = (u32)forged;
	for (u32 i = 0; i < 1000; i++) {
		irq_reset();
		data.irq_enabled = IF;
		clock(MS / 20);
		right += in_user(user_jump) == LEAVE && irq_wait(0, 1) && last_cr2 == (u32)noirq_start;
	}
	is(right, 1000, "2.2 noirq range: a program that jumps into it gets its faults, and the kernel its interrupts");
}

/* --- the kernel on a stack whose segment has a base: C can't run there, but frames and iret can */

#define SS_SHIFTED	(21 * 8 + 1)
#define ON_SHIFTED_STACK(text)								\
	"movl %%esp, %%ebx\n\tsubl $0x10000, %%esp\n\tmovl %1, %%ss\n\t" text		\
	"\n1:\tmovl %2, %%ss\n\tmovl %%ebx, %%esp"

__asm__("over_the_ud2: addl $2, (%esp); iret\n"
	"count_line_0: incl irqs; iret");
extern const char over_the_ud2[], count_line_0[];

LIVES(kernel_stack_with_a_base)
{
	u32 turns = 0;

	hcall(LHCALL_LOAD_GDT_ENTRY, 21, 0xffff, 0xcfb301, 0);
	gate(6, (u32)over_the_ud2, INTERRUPT, 0);
	gate(0x30, (u32)count_line_0, INTERRUPT, 0);
	__asm__ volatile(ON_SHIFTED_STACK("ud2; incl %0")
			 : "+c" (turns) : "r" (SS_SHIFTED), "r" (DS1) : "ebx", "memory", "cc");
	is(turns, 1, "2.4 frames: on a stack with a base the frame is where the processor would put it");
	/* The clock should fire while the range's last instruction turns. */
	for (u32 i = 0; i < 10; i++) {
		irq_reset();
		data.irq_enabled = 0;
		clock(MS);
		turns = 30000000;
		__asm__ volatile(ON_SHIFTED_STACK("pushl $0x202; pushl $0x61; pushl $1f; jmp slow_iret")
				 : "+c" (turns) : "r" (SS_SHIFTED), "r" (DS1) : "ebx", "memory", "cc");
		irq_wait(0, 1);
		if (turns)
			break;
	}
	ok(turns && irqs[0] == 1, "2.2 noirq range: from a stack with a base the Host finishes the iret, too");
}

DIES(no_gate, "2.4 delivery: a line without a gate kills", "interrupt line 0 has no gate")
{
	hcall(LHCALL_LOAD_IDT_ENTRY, 0x30, 0, 0, 0);
	data.irq_enabled = IF;
	clock(1000);
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}

DIES(enough_stack, "2.4 delivery: no page for an interrupt's frame kills", "no stack at 0x4ffffc for trap frame")
{
	clock(MS);
	__asm__ volatile("movl $0x500000, %esp; movl $0x200, data; 1: jmp 1b");
}

/* --- lines of devices, raised by the Launcher's threads: the console's output */

static struct vring output;
static struct lguest_vqconfig config;

static void send(const char *text, u32 length)
{
	output.desc[0] = (struct vring_desc) { .addr = (u32)text, .len = length };
	output.avail->ring[output.avail->idx % config.num] = 0;
	__asm__ volatile("" : : : "memory");
	output.avail->idx++;
	hcall(LHCALL_NOTIFY, config.pfn * PAGE, 0, 0, 0);
}

LIVES(device_lines)
{
	struct lguest_device_desc *desc = (void *)DEVICES;
	static const char text[] = "# the console speaks\n";
	u8 *accepted;

	is(desc->type, 3, "2.4 lines: the first device is the console");
	memcpy(&config, desc->config + sizeof(config), sizeof(config));
	vring_init(&output, config.num, (void *)(DEVICES + config.pfn * PAGE - RAM), LGUEST_VRING_ALIGN);
	ok(config.irq >= 1 && config.irq < 32 && config.num, "2.4 lines: its output has a line and entries");
	accepted = desc->config + desc->num_vq * sizeof(config) + desc->feature_len;
	accepted[4] = 1;	/* VIRTIO_F_VERSION_1 is bit 32 */
	desc->status = 1 | 2;
	hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
	desc->status |= 8;
	hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
	desc->status |= 4;
	hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
	irq_reset();
	data.irq_enabled = IF;
	send(text, sizeof(text) - 1);
	ok(irq_wait(config.irq, 1), "2.4 lines: an interrupt from another thread");
	is(last_irq.vector, 0x30 + config.irq, "2.4 lines: at its own vector");
	data.irq_enabled = 0;
	send(text, sizeof(text) - 1);
	hcall(LHCALL_HALT, 1, 0, 0, 0);
	ok(irq_wait(config.irq, 2), "2.4 lines: wakes a Guest that sleeps");
	data.irq_enabled = 0;
	irq_reset();
	send(text, sizeof(text) - 1);
	while (!data.irq_pending)
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	clock_while_off();
	data.irq_enabled = IF;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	ok(irq_wait(0, 1) && irq_wait(config.irq, 1), "2.4 lines: two that wait come both");
	is(irq_order[0], 0, "2.4 lines: the lower one first");
	data.irq_enabled = 0;
	data.blocked_interrupts = 1u << config.irq;
	irq_reset();
	send(text, sizeof(text) - 1);
	clock_while_off();
	data.irq_enabled = IF;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	ok(irqs[0] == 1 && !irqs[config.irq], "2.2 blocked_interrupts: only the line that is blocked");
	data.blocked_interrupts = 0;
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	ok(irq_wait(config.irq, 1), "2.2 blocked_interrupts: which comes when it isn't any more");
	desc->status = 0;	/* text is early text again, and no last words (L:165) */
	hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
}
