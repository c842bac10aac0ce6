// SPDX-License-Identifier: GPL-2.0-only
/*
 * S3: a Guest whose programs make page faults that are its own, in each of the ways in which the shadow and its tables
 * can differ. PAGES times the handler looks at what it gets. `step` lets a program be stepped when it faults.
 */
#include "rows.h"

#define STRING(x)	#x
#define TEXT(x)		STRING(x)
#define TF		0x100u

USER_CODE(user_read, "movl user_argument, %eax; movl (%eax), %ebx");
USER_CODE(user_write, "movl user_argument, %eax; movl $77, (%eax)");
USER_CODE(user_absent, "movl (" TEXT(ABSENT) "), %ebx");

static void begin(void)
{
	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
	window[1023] = FRAME_AT(0) | P | RW | USER | A | D;	/* so that the shadow has a table there */
	peek(WINDOW + 1023 * PAGE);
	data.irq_enabled = IF;	/* as in every program */
}

/* Run @code of a program on page @i. Is it told of a fault of its own with this error code, and rightly? */
static u32 told(const char *code, u32 i, u32 error)
{
	user_argument[0] = WINDOW + i * PAGE;
	in_user(code);
	if (last.vector == 14 && last.error != error)
		print("page %u error %x wanted %x\n", i, last.error, error);
	return last.vector == 14 && last.error == error && last_cr2 == WINDOW + i * PAGE &&
	       last.cs == CS3 && last.ss == DS3 && last.esp == (u32)user_stack_top && last.flags & IF;
}

EARLY_LIVES(faults)
{
	u32 absent = 0, forbidden = 0, gone = 0;

	begin();
	for (u32 i = 0; i < PAGES; i++)
		absent += told(i & 1 ? user_read : user_write, i, i & 1 ? 4 : 6);
	print("absent %u\n", absent);

	/* Nothing is in the shadow, but there are entries that forbid it. */
	for (u32 i = 0; i < PAGES; i++) {
		window[i] = FRAME_AT(i) | P | (i & 1 ? RW : USER);
		forbidden += told(i & 1 ? user_read : user_write, i, i & 1 ? 5 : 7);
	}
	print("forbidden %u\n", forbidden);

	/* The shadow has what can be read; there is nothing any more when it is written to. (A real TLB could be as late.) */
	for (u32 i = 0; i < PAGES; i++) {
		window[i] = FRAME_AT(i) | P | USER | A;
		hcall(LHCALL_SET_PTE, (u32)top, WINDOW + i * PAGE, 0, 0);
		user_argument[0] = WINDOW + i * PAGE;
		in_user(user_read);
		window[i] = 0;
		gone += told(user_write, i, 6);
	}
	print("gone %u\n", gone);
}

EARLY_LIVES(step)
{
	begin();
	forget();
	to_user((u32)user_absent, (u32)user_stack_top, IF | TF | 2);
	print("stepped %u flags %x\n", last.vector, last.flags & (TF | IF));
}
