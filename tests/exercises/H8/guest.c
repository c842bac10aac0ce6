// SPDX-License-Identifier: GPL-2.0-only
/* H8: a Guest that takes the naps NAPS, in milliseconds. */
#include "rows.h"

static void nap(const u32 *ms, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		hcall(LHCALL_SET_CLOCKEVENT, ms[i] * 1000000, 0, 0, 0);
		hcall(LHCALL_HALT, 1, 0, 0, 0);
	}
}

LIVES(first)
{
	static const u32 ms[] = { FIRST };

	nap(ms, sizeof(ms) / sizeof(*ms));
}

LIVES(second)
{
	static const u32 ms[] = { SECOND };

	nap(ms, sizeof(ms) / sizeof(*ms));
}
