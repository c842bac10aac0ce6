// SPDX-License-Identifier: GPL-2.0-only
/*
 * M3: a Guest with a direct gate of vector 3 whose first instruction lasts, and a clock that fires meanwhile; and one with
 * a gate that its programs may not use.
 */
#include "rows.h"

#define MS	1000000u

USER_CODE(user_int3, "int3");

LIVES(gate_of_int3)
{
	u32 right = 0;

	gate(3, (u32)slow_gate, TRAP, 3);
	for (u32 i = 0; i < 5 && !right; i++) {
		irq_reset();
		data.irq_enabled = IF;
		hcall(LHCALL_SET_CLOCKEVENT, 2 * MS, 0, 0, 0);
		__asm__ volatile("int3" : : "c" (TURNS) : "edx", "memory");
		data.irq_enabled = IF;
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
		right += !irqs_at_gate && irqs[0] == 1;
	}
	print("right %u\n", right);
	gate(3, stub(3), TRAP, 0);
	print("private %u\n", in_user(user_int3));
	gate(3, stub(3), TRAP, 3);
	print("public %u\n", in_user(user_int3));
}
