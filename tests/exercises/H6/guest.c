// SPDX-License-Identifier: GPL-2.0-only
/*
 * H6: Guests that bring descriptors. Those of `door` are call gates to the Switcher's code segment, in each table there
 * is; who comes in by one runs `inside` at ring 0. `kinds` brings other things that no Guest may have. The tables of
 * `large` and `holes` are as programs have them. BEFORE descriptors lie before the end of a page, AFTER behind it.
 */
#include "rows.h"

#define SWITCHER_CS	0x50u
#define GDT_SLOT	20
#define TLS_SLOT	6
#define LOCAL(n)	((n) * 8 + 5)	/* a selector */

static u32 pages[4 * PAGE / 4] __attribute__((aligned(4096)));
static u32 *const table = pages + PAGE / 4 - 2 * BEFORE;
static u32 inside_at[2];

__asm__("inside: movl %cs, %eax\n\tlret");
extern const char inside[];

static void put(u32 n, u32 low, u32 high)
{
	table[2 * n] = low;
	table[2 * n + 1] = high;
}

static void set_table(u32 n)
{
	hcall(LHCALL_SET_LDT, (u32)table, n, 0, 0);
}

/* Call through @selector. Returns the ring in which that led, or 16 + the vector of the fault. */
static u32 call(u32 selector)
{
	u32 cs = 0;

	inside_at[0] = 0;
	inside_at[1] = selector;
	forget();
	__asm__ volatile("movl $1f, recover\n\txorl %%eax, %%eax\n\tlcall *%1\n1:\tmovl $0, recover"
			 : "=&a" (cs) : "m" (inside_at) : "memory", "cc");
	return traps ? 16 + last.vector : cs & 3;
}

#define GATE_LOW	(SWITCHER_CS << 16 | ((u32)inside & 0xffff))
#define GATE_HIGH	(((u32)inside & 0xffff0000) | 0xec00)

LIVES(door)
{
	u32 worst = 16;

	hcall(LHCALL_LOAD_GDT_ENTRY, GDT_SLOT, GATE_LOW, GATE_HIGH, 0);
	print("global %u\n", call(GDT_SLOT * 8 + 1));

	memset(pages, 0, sizeof(pages));
	put(0, GATE_LOW, GATE_HIGH);
	hcall(LHCALL_LOAD_TLS, (u32)table, 0, 0, 0);
	print("thread %u\n", call(TLS_SLOT * 8 + 1));

	for (u32 i = 0; i < BEFORE + AFTER; i++)
		put(i, GATE_LOW, GATE_HIGH);
	set_table(BEFORE + AFTER);
	for (u32 i = 0; i < BEFORE + AFTER; i++) {
		u32 ring = call(LOCAL(i));

		if (ring < worst)
			worst = ring;
	}
	print("local %u\n", worst);
}

/* What has no business in a table, and what has, but not with privilege 0. */
LIVES(kinds)
{
	u32 there = 0, flat = 0;

	memset(pages, 0, sizeof(pages));
	for (u32 type = 0; type < 16; type++) {
		for (u32 i = 0; i < BEFORE + AFTER; i++)
			put(i, SWITCHER_CS << 16, 0xe000 | type << 8);
		set_table(BEFORE + AFTER);
		for (u32 i = 0; i < BEFORE + AFTER; i++)
			there += lar(LOCAL(i)) != 0;
	}
	for (u32 i = 0; i < BEFORE + AFTER; i++)
		put(i, 0xffff, 0xcf9200);
	set_table(BEFORE + AFTER);
	for (u32 i = 0; i < BEFORE + AFTER; i++)
		flat += (lar(LOCAL(i)) & 0xf0ff00) == 0xc0b300;
	print("there %u\nflat %u\n", there, flat);
}

/* Data of a program at every place of a table of @n, empty at each that @empty says. Prints how many are right. */
static void program(u32 n, u32 empty)
{
	u32 right = 0;

	memset(pages, 0, sizeof(pages));
	for (u32 i = 0; i < n; i++)
		if (!empty || i % empty)
			put(i, 0xffff, 0xcff300);
	set_table(n);
	for (u32 i = 0; i < n; i++)
		right += (lar(LOCAL(i)) & 0xf0ff00) == (!empty || i % empty ? 0xc0f300 : 0);
	print("right %u\n", right);
}

LIVES(large)
{
	program(BEFORE + AFTER, 0);
}

LIVES(holes)
{
	program(BEFORE + AFTER, 3);
}
