// SPDX-License-Identifier: GPL-2.0-only
/*
 * H4: Guests that mark some words in their tables, use some, and tell which are marked then. A set of the 16 pages in
 * the window is a number, with a bit for each.
 */
#include "rows.h"

#define AT(i)	(WINDOW + (i) * PAGE)
#define ALL	0xffffu
#define STACK	20	/* a page for a stack */

USER_CODE(user_nothing, "nop");

/* Let the words be those of pages that are marked with @marks if they are in @set, else not. */
static void words(u32 set, u32 marks)
{
	for (u32 i = 0; i < 16; i++)
		window[i] = FRAME_AT(i) | P | RW | (set >> i & 1 ? marks : 0);
}

/* Which are marked with @mark? */
static u32 marked(u32 mark)
{
	u32 set = 0;

	for (u32 i = 0; i < 16; i++)
		set |= !!(((volatile u32 *)window)[i] & mark) << i;
	return set;
}

static void use(u32 set, u32 write)
{
	for (u32 i = 0; i < 16; i++) {
		if (!(set >> i & 1))
			continue;
		if (write)
			poke(AT(i), i);
		else
			peek(AT(i));
	}
}

/* All pages are known to the Host, and none is in the shadow. */
static void begin(u32 set, u32 marks)
{
	for (u32 i = 0; i < 16; i++)
		poke(FRAME(i), i);
	hcall(LHCALL_SET_PGD, (u32)top, WINDOW >> 22, 0, 0);
	words(set, marks);
}

static void tell(const char *what, u32 wanted, u32 mark)
{
	print("%s marked %x of %x\n", what, marked(mark), wanted);
}

LIVES(neighbours)
{
	u32 first = SET & -SET;

	begin(SET, A | D);
	use(first, 0);
	tell("untouched", SET, A);
	use(OTHERS, 0);
	tell("read", SET | OTHERS, A);
	tell("clean", SET, D);
	use(OTHERS, 1);
	tell("written", SET | OTHERS, D);
}

/* Marks are taken away, and the Host is told in one of three ways. */
static void cleared(const char *how, u32 call)
{
	begin(ALL, A | D);
	use(ALL, 1);
	words(0, 0);
	switch (call) {
	case LHCALL_SET_PTE:
		for (u32 i = 0; i < 16; i++)
			hcall(call, (u32)top, AT(i), 0, 0);
		break;
	case LHCALL_FLUSH_TLB:
		hcall(call, 0, 0, 0, 0);
		break;
	default:
		hcall(call, (u32)top, 0, 0, 0);
	}
	print("%s left %x\n", how, marked(A | D));
	use(SET, 0);
	use(OTHERS, 1);
	print("%s ", how);
	tell("accessed", SET | OTHERS, A);
	print("%s ", how);
	tell("dirty", OTHERS, D);
}

LIVES(flushed)
{
	cleared("SET_PTE", LHCALL_SET_PTE);
	cleared("FLUSH_TLB", LHCALL_FLUSH_TLB);
	cleared("NEW_PGTABLE", LHCALL_NEW_PGTABLE);
}

/* The upper word loses its mark. Then one word below it is changed and used. */
LIVES(upper)
{
	volatile u32 *upper = &top[WINDOW >> 22];

	begin(ALL, A | D);
	use(ALL, 1);
	*upper &= ~A;
	hcall(LHCALL_SET_PTE, (u32)top, AT(PAGE_OF_SET), 0, 0);
	print("upper before %x\n", *upper & A);
	peek(AT(PAGE_OF_SET));
	print("upper after %x\n", *upper & A);
}

/* A stack is named whose word has @marks; then a program makes a trap, and its frame is the first thing there. */
static void stack(const char *name, u32 marks)
{
	volatile u32 *word = &window[STACK];

	*word = FRAME_AT(STACK) | P | RW | marks;
	hcall(LHCALL_SET_PTE, (u32)top, AT(STACK), 0, 0);
	hcall(LHCALL_SET_STACK, DS1, AT(STACK + 1), 1, 0);
	print("%s named %x\n", name, *word & (A | D));
	in_user(user_nothing);
	print("%s used %x\n", name, *word & (A | D));
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 1, 0);
}

LIVES(stacks)
{
	poke(FRAME(STACK), 0);
	stack("fresh", 0);
	stack("clean", A);
	stack("idle", D);
}

/* A stack that was in use before is named TIMES times, when the shadow doesn't have it, and used. */
LIVES(standing)
{
	begin(ALL, A | D);
	peek(AT(40));
	window[STACK] = FRAME_AT(STACK) | P | RW | A | D;
	poke(AT(STACK), 0);
	for (u32 i = 0; i < TIMES; i++) {
		hcall(LHCALL_SET_PGD, (u32)top, WINDOW >> 22, 0, 0);
		hcall(LHCALL_SET_STACK, DS1, AT(STACK + 1), 1, 0);
		in_user(user_nothing);
	}
	print("standing\n");
}

/* What does it cost to use 16 pages that are marked? */
LIVES(ready)
{
	begin(ALL, A | D);
	peek(AT(40));
	print("ready\n");
}

LIVES(together)
{
	begin(ALL, A | D);
	peek(AT(40));
	use(ALL, 1);
	print("together\n");
}
