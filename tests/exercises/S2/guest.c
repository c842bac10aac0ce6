// SPDX-License-Identifier: GPL-2.0-only
/*
 * S2: Guests whose programs read PAGES pages that the shadow doesn't have, so far apart that none is a neighbour of
 * another: pages that are marked as accessed and dirty, only as accessed, not at all; and one that is none of theirs.
 */
#include "rows.h"

#define APART	16
#define AT(i)	(WINDOW + (i) * APART * PAGE)

USER_CODE(user_read, "movl user_argument, %eax; movl (%eax), %eax; movl %eax, user_argument + 4");
USER_CODE(user_write, "movl user_argument, %eax; movl $77, (%eax)");

/* Let PAGES pages be there with @marks, and all be ready: the walker finds the tables, the Host knows the pages. */
static void begin(u32 marks)
{
	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	for (u32 i = 0; i < PAGES; i++) {
		poke(FRAME(i), 1000 + i);
		window[i * APART] = FRAME_AT(i) | P | RW | USER | marks;
	}
	window[1] = FRAME_AT(PAGES) | P | RW | USER | A | D;
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
	user_argument[0] = WINDOW + PAGE;	/* so that there is a table of the shadow, and the programs' own pages */
	in_user(user_read);
}

/* Read all pages: how many of them were what they should be? */
static u32 reads(void)
{
	u32 right = 0;

	for (u32 i = 0; i < PAGES; i++) {
		user_argument[0] = AT(i);
		right += in_user(user_read) == LEAVE && user_argument[1] == 1000 + i;
	}
	return right;
}

static u32 marked(u32 mark)
{
	u32 n = 0;

	for (u32 i = 0; i < PAGES; i++)
		n += !!(((volatile u32 *)window)[i * APART] & mark);
	return n;
}

EARLY_LIVES(ready)
{
	begin(A | D);
	print("ready\n");
}

EARLY_LIVES(dirty)
{
	begin(A | D);
	print("right %u\n", reads());
}

EARLY_LIVES(clean)
{
	begin(A);
	print("right %u\n", reads());
}

EARLY_LIVES(fresh)
{
	begin(0);
	print("right %u\n", reads());
	print("accessed %u\n", marked(A));
}

EARLY_LIVES(written)
{
	u32 right = 0;

	begin(A);
	reads();
	for (u32 i = 0; i < PAGES; i++) {
		user_argument[0] = AT(i);
		right += in_user(user_write) == LEAVE && *(volatile u32 *)FRAME(i) == 77;
	}
	print("right %u\n", right);
	print("marked %u\n", marked(D));
}

EARLY_LIVES(forbidden)
{
	begin(A | D);
	window[APART] &= ~USER;		/* not in the shadow yet, nor a neighbour of what is */
	user_argument[0] = AT(1);
	print("vector %u\n", in_user(user_read));
	print("error %u\n", last.error);
}
