// SPDX-License-Identifier: GPL-2.0-only
/*
 * S4: a Guest that crosses ROUNDS times in each of the ways there are: by hypercall, by page faults of its programs that
 * the walker hands over, by short trips, by its programs' last instruction. It counts what it does, and has VALUE and its
 * neighbours in the programs' registers. COUNT is where plant.pl counts the passes on which an NMI is armed.
 */
#include "rows.h"

#define STRING(x)	#x
#define TEXT(x)		STRING(x)
#define APART	16
#define ABSENT	(WINDOW + 1000 * PAGE)
#define DF	0x400u

#define USER_CASE(name, instruction)						\
	USER_CODE(name, "movl user_argument, %eax; incl user_argument + 4;"	\
		  "movl $" TEXT(VALUE) ", %ebx; leal 1(%ebx), %ecx; leal 2(%ebx), %edx; leal 3(%ebx), %esi;"	\
		  "leal 4(%ebx), %edi; leal 5(%ebx), %ebp; std;" instruction)

USER_CASE(user_read, "testl %eax, (%eax)");
USER_CASE(user_write, "movl $77, (%eax)");

/* Run @code on the page at @addr, up to the trap @vector: are the registers then what the program has put there? */
static u32 right(const char *code, u32 addr, u32 vector)
{
	user_argument[0] = addr;
	in_user(code);
	return last.vector == vector && last.eax == addr && last.ebx == VALUE && last.ecx == VALUE + 1 &&
	       last.edx == VALUE + 2 && last.esi == VALUE + 3 && last.edi == VALUE + 4 && last.ebp == VALUE + 5 &&
	       last.flags & DF && last.flags & IF && last.cs == CS3 && last.ss == DS3 && last.ds == DS3;
}

EARLY_LIVES(nmis)
{
	u32 rights = 0, calls = 0;

	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	for (u32 i = 0; i < ROUNDS; i++)
		window[i * APART] = FRAME_AT(i) | P | RW | USER | A | D;
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
	data.irq_enabled = IF;	/* as in every program */
	user_argument[1] = 0;
	for (u32 i = 0; i < ROUNDS; i++) {
		__asm__ volatile("incl %0" : "+m" (calls));
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
		rights += right(user_write, WINDOW + i * APART * PAGE, LEAVE);
		rights += right(user_read, ABSENT, 14);
	}
	print("calls %u programs %u right %u ", calls, user_argument[1], rights);
	print("count %u\n", *(volatile u32 *)COUNT);
}
