// SPDX-License-Identifier: GPL-2.0-only
/*
 * 2.6, seen from outside: what of the Guest's page-table words gets into the shadow. This Guest makes a few entries,
 * uses them and turns in a circle for as long as rows.t may need to ask QEMU for the tables that the processor uses.
 */
#include "rows.h"

LIVES(shadow)
{
	u64 end;

	map(WINDOW + 1 * PAGE, FRAME_AT(1) | P | RW | USER | A | D | 0xf98);	/* every other bit that there is */
	map(WINDOW + 2 * PAGE, FRAME_AT(2) | P | A | D);			/* read-only */
	map(WINDOW + 3 * PAGE, FRAME_AT(3) | P | RW);				/* read, never written */
	map(WINDOW + 4 * PAGE, FRAME_AT(4) | P | RW | A | D);			/* written */
	for (u32 i = 1; i < 5; i++)
		peek(WINDOW + i * PAGE);
	poke(WINDOW + 4 * PAGE, 1);
	top[1023] = (u32)window | P | RW | USER | A;
	top[1022] = (u32)window | P | RW | USER | A;
	hcall(LHCALL_SET_PGD, (u32)top, 1022, 0, 0);
	hcall(LHCALL_SET_PGD, (u32)top, 1023, 0, 0);
	print("look\n");
	flush();
	for (end = tsc() + 400000000000ull; tsc() < end; )
		for (u32 i = 1; i < 5; i++)
			peek(WINDOW + i * PAGE);
}
