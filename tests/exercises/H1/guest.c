// SPDX-License-Identifier: GPL-2.0-only
/* H1: a Guest that takes three naps of LONG milliseconds, one that takes sixty short ones, one that sleeps for ever. */
#include "rows.h"

static void nap(u32 ms)
{
	hcall(LHCALL_SET_CLOCKEVENT, ms * 1000000, 0, 0, 0);
	hcall(LHCALL_HALT, 1, 0, 0, 0);
}

LIVES(three)
{
	for (u32 i = 0; i < 3; i++)
		nap(LONG);
	print("naps %u\n", irqs[0]);
}

LIVES(sixty)
{
	for (u32 i = 0; i < 60; i++)
		nap(10);
	print("naps %u\n", irqs[0]);
}

LIVES(ever)
{
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}
