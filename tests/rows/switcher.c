// SPDX-License-Identifier: GPL-2.0-only
/*
 * 2.6, what a Guest's kernel can read of the Switcher: on a Host of 64 bits nothing, on one of 32 three pages, and in them no address of the Host's but one, of its page
 * tables, which is a physical one. Before that, this Guest crosses in every way there is, so that all is there that stays.
 */
#include "rows.h"

#define HOST_CR3	0	/* offsets in the state page: struct lg_state */
#define TSS		64
#define GDT		256
#define IDT		512
#define IDT_END		(IDT + 256 * 8)
#define REGS		84	/* struct lg_regs, at the end of the regs page */
#define SCRATCH		48	/* what in there isn't this Guest's own */

static u32 begin, state;	/* of the text, of the state page */
static u32 halves;		/* the lower half of the address that sidt says, behind the limit */

/* May a word be there? Small numbers and addresses of this Guest's, of the kernel's part that is known, of the Switcher. */
static int harmless(u32 value)
{
	return value < LIMIT || value - begin < state + PAGE - begin || value == KERNEL ||
	       value == KERNEL + (u32)&data.cr2 || value == KERNEL + (u32)top || value == halves;
}

/* How many words of @size bytes from @addr on, none of them below @least, may not be there? */
static u32 harmful(u32 addr, u32 size, u32 least)
{
	u32 bad = 0, value;

	for (u32 at = addr; at < addr + size; at += 4) {
		value = *(volatile u32 *)at;
		if (value >= least && !harmless(value) && bad++ < 8)
			print("# at %x: %x\n", at, value);
	}
	return bad;
}

USER_CODE(user_write, "movl user_argument, %eax; movl $0x77, (%eax)");

static void cross(void)
{
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	for (u32 i = 0; i < 64; i++) {
		map(WINDOW + i * PAGE, FRAME_AT(i) | P | RW | USER | A | D);
		user_argument[0] = WINDOW + i * PAGE;
		in_user(user_write);	/* a short trip, once the walker finds its way */
		TRY("ud2");
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	}
	ok(*(volatile u32 *)FRAME(63) == 0x77, "2.6 Switcher's view: faults of all kinds");
}

static u32 in_descriptors(void)
{
	u32 bad = 0;

	for (u32 at = state + GDT; at < state + IDT; at += 8) {
		const volatile u32 *word = (u32 *)at;

		bad += !harmless((word[0] >> 16) | (word[1] & 0xff) << 16 | (word[1] & 0xff000000));
	}
	for (u32 at = state + IDT; at < state + IDT_END; at += 8) {
		const volatile u32 *word = (u32 *)at;

		bad += !harmless((word[0] & 0xffff) | (word[1] & 0xffff0000));
	}
	return bad;
}

EARLY_LIVES(switcher_view)
{
	struct { unsigned short limit; u32 base; } __attribute__((packed)) idt;
	u32 readable = 0, cr3;

	set_up(1);
	cross();
	__asm__ volatile("sidt %0" : "=m" (idt));
	state = idt.base & -PAGE;
	halves = idt.base << 16 | idt.limit;
	for (u32 at = -data.reserve_mem; at; at += PAGE)
		if (peek(at) < 0) {
			begin = begin ?: at;
			readable++;
		}
	if (HOST_BITS == 64) {
		is(readable, 0, "2.6 Switcher's view: nothing can be read");
		is(peek(state), 14, "2.6 Switcher's view: least of all where the IDT seems to be");
		return;
	}
	is(readable, 3, "2.6 Switcher's view: three pages can be read");
	is(peek(state - PAGE) & peek(state) & peek(begin), -1u, "2.6 Switcher's view: text, registers, state");
	cr3 = *(volatile u32 *)(state + HOST_CR3);
	ok(cr3 && cr3 < KERNEL && !(cr3 & 31), "2.6 Switcher's view: the state page has the way home");
	is(harmful(state + HOST_CR3 + 4, TSS - 4, 0), 0, "2.6 Switcher's view: and nothing else of the Host's");
	is(harmful(state + TSS, GDT - TSS, 0), 0, "2.6 Switcher's view: nor has the TSS");
	is(in_descriptors(), 0, "2.6 Switcher's view: nor the descriptor tables");
	is(harmful(state + IDT_END, PAGE - IDT_END, 0), 0, "2.6 Switcher's view: nor what is behind them");
	/* Below the registers: frames, and what sidt left, halves of words, which may look like an address. */
	is(harmful(state - PAGE, PAGE - REGS, KERNEL), 0, "2.6 Switcher's view: nor what is left on the stack");
	is(harmful(state - REGS + SCRATCH, 8, KERNEL), 0, "2.6 Switcher's view: nor what is among the registers");
}
