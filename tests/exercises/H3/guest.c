// SPDX-License-Identifier: GPL-2.0-only
/*
 * H3: a Guest with many page tables, which are never changed. How often does a switch not find its root? A root that
 * is found still shows the page of its process. One that is not has to be filled: then the Host marks the page as
 * accessed, and that can be seen here.
 */
#include "rows.h"

#define TABLES	40
#define PLACE	0x20000000u	/* where each process has a page of its own */

static u32 tops[TABLES][1024] __attribute__((aligned(4096)));
static u32 tables[TABLES][1024] __attribute__((aligned(4096)));

static void make(void)
{
	for (u32 i = 0; i < TABLES; i++)
		make_process(tops[i], tables[i], PLACE, i);
}

/* Switch to table @i and use its page: 1 if that was new to the Host. */
static u32 missed(u32 i)
{
	volatile u32 *word = &tables[i][0];

	*word &= ~A;
	hcall(LHCALL_NEW_PGTABLE, (u32)tops[i], i + 1, 1, 1);
	if (*(volatile u32 *)PLACE != 1000 + i) {
		print("wrong page\n");
		finish();
	}
	return !!(*word & A);
}

/* Round and round the tables from @first to before @end, @switches times. */
static u32 ring(u32 first, u32 end, u32 switches)
{
	u32 misses = 0;

	for (u32 i = 0; i < switches; i++)
		misses += missed(first + i % (end - first));
	return misses;
}

LIVES(round)
{
	make();
	ring(0, RING, 100);
	print("ring %u\n", ring(0, RING, 1000));
}

LIVES(change)
{
	make();
	ring(0, 8, 400);
	print("four %u\n", ring(10, 14, 400));
}

LIVES(short_lived)
{
	u32 misses = 0;

	make();
	ring(0, 3, 30);
	for (u32 i = 0; i < 300; i++) {
		missed(3 + i % (TABLES - 3));
		misses += missed(i % 3);
	}
	print("three %u\n", misses);
}
