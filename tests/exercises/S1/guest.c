// SPDX-License-Identifier: GPL-2.0-only
/*
 * S1: a Guest whose programs make FAULTS page faults that are its own. For half of them the walker can't write the
 * address where the Guest wants it: the shadow doesn't have that page yet. So it gives up, and they go through the Host.
 */
#include "rows.h"

USER_CODE(user_read, "movl user_argument, %eax; movl (%eax), %eax");

EARLY_LIVES(faults)
{
	u32 *entry = &kernel_table[(u32)&data.cr2 / PAGE], n = 0;

	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	for (u32 i = 0; i < FAULTS; i++) {
		*entry &= ~(A | D);	/* or else its neighbours would bring it along */
		hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
		peek(KERNEL + (u32)top);
		peek(KERNEL + (u32)window);
		if (i & 1)
			poke(KERNEL + (u32)&data.cr2, 0);
		user_argument[0] = WINDOW + i * PAGE;
		n += in_user(user_read) == 14;
	}
	print("faults %u\n", n);
}
