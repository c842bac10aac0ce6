// SPDX-License-Identifier: GPL-2.0-only
/*
 * G3: a Guest that says the same TIMES times, with no end in its text before MARK, and one that names an address outside
 * of its memory.
 */
#include "rows.h"

#define SAY	34

static char text[PAGE] __attribute__((aligned(4096)));

LIVES(often)
{
	memset(text, 'x', 128);
	memcpy(text + 128, MARK, sizeof(MARK));
	for (u32 i = 0; i < TIMES; i++)
		hcall(SAY, (u32)text, 0, 0, 0);
	print("said\n");
}

DIES(outside, "2.1 SAY: an address outside of memory", ".")
{
	hcall(SAY, LIMIT + OFFSET, 0, 0, 0);
	print("went on\n");
}
