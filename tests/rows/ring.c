// SPDX-License-Identifier: GPL-2.0-only
/* 2.1: the asynchronous ring. Its effects are seen in a GDT slot, by LAR. */
#include "rows.h"

#define SLOT	20
#define DATA	0xcff200	/* shows as 0xc0f300 */
#define CODE	0xcffa00	/* shows as 0xc0fb00 */

static u32 seen(u32 slot)
{
	return lar(slot * 8 + 3) & 0xf0ff00;
}

static u32 ready(void)
{
	u32 n = 0;

	for (u32 i = 0; i < LHCALL_RING_SIZE; i++)
		n += data.hcall_status[i] != 0xff;
	return n;
}

static void gdt(u32 slot, u32 high)
{
	queue(LHCALL_LOAD_GDT_ENTRY, slot, 0xffff, high, 0);
}

LIVES(order)
{
	gdt(SLOT, DATA);
	is(seen(SLOT), 0, "2.1 ring: nothing is done before a call");
	is(hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0), 0, "2.1 ring: FLUSH_ASYNC");
	is(seen(SLOT), 0xc0f300, "2.1 ring: then it is");
	is(ready(), 0, "2.1 ring: the slot is free again");
	gdt(SLOT, DATA);
	gdt(SLOT, CODE);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(seen(SLOT), 0xc0fb00, "2.1 ring: of two calls the later one is done last");
	gdt(SLOT, CODE);
	gdt(SLOT, DATA);
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	is(seen(SLOT), 0xc0f300, "2.1 ring: the other way round, and any call will do");
	gdt(SLOT, DATA);
	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, 0xffff, CODE, 0);
	is(seen(SLOT), 0xc0fb00, "2.1 ring: what waits is done before the call itself");
}

LIVES(full)
{
	for (u32 i = 0; i < LHCALL_RING_SIZE; i++)
		gdt(18 + i % 13, i < LHCALL_RING_SIZE - 13 ? CODE : DATA);
	is(ready(), LHCALL_RING_SIZE, "2.1 ring: all 64 slots are ready");
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(ready(), 0, "2.1 ring: all are done by one call");
	for (u32 i = 18; i < 31; i++)
		is(seen(i), 0xc0f300, "2.1 ring: the last 13 had the last word: slot %u", i);
	for (u32 i = 0; i < LHCALL_RING_SIZE; i++)
		gdt(SLOT, CODE);
	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, 0xffff, DATA, 0);
	is(seen(SLOT), 0xc0f300, "2.1 ring: full, and the call that didn't fit is made directly, afterwards");
}

LIVES(wraps)
{
	u32 right = 0;

	for (u32 i = 0; i < 40; i++)
		gdt(SLOT, CODE);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	for (u32 i = 0; i < 39; i++)
		gdt(SLOT, CODE);
	gdt(SLOT, DATA);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(seen(SLOT), 0xc0f300, "2.1 ring: goes round");
	for (u32 n = 1; n <= LHCALL_RING_SIZE; n++) {
		for (u32 i = 0; i < n - 1; i++)
			gdt(SLOT, CODE);
		gdt(SLOT, DATA);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
		right += seen(SLOT) == 0xc0f300 && !ready();
	}
	is(right, LHCALL_RING_SIZE, "2.1 ring: from any start, with any number");
}

LIVES(free_slot_ends)
{
	/* The second slot is ready, the first isn't. */
	data.hcalls[1] = (struct lguest_hcall) { LHCALL_LOAD_GDT_ENTRY, SLOT, 0xffff, DATA, 0 };
	data.hcall_status[1] = 0;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(seen(SLOT), 0, "2.1 ring: a slot behind a free one is not done");
	is(data.hcall_status[1], 0, "2.1 ring: and waits");
	queue(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(seen(SLOT), 0xc0f300, "2.1 ring: until its turn has come");
}

LIVES(notify_inside)
{
	static char one[PAGE] __attribute__((aligned(4096))) = "# first\n";
	static char two[PAGE] __attribute__((aligned(4096))) = "# second\n";

	queue(LHCALL_NOTIFY, (u32)one, 0, 0, 0);
	gdt(SLOT, DATA);
	queue(LHCALL_NOTIFY, (u32)two, 0, 0, 0);
	gdt(SLOT + 1, DATA);
	is(hcall(LHCALL_LOAD_GDT_ENTRY, SLOT + 1, 0xffff, CODE, 0), 0, "2.1 ring: two NOTIFYs in it, each goes to the Launcher");
	ok(seen(SLOT) == 0xc0f300 && !ready(), "2.1 ring: what stands between and behind is done, too");
	is(seen(SLOT + 1), 0xc0fb00, "2.1 ring: and the direct call still comes last");
}

LIVES(other_status)
{
	static const u8 odd[] = { 1, 0x7f, 0x80, 0xfe };

	for (u32 i = 0; i < sizeof(odd); i++) {
		gdt(SLOT, i & 1 ? CODE : DATA);
		data.hcall_status[i] = odd[i];
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
		ok(data.hcall_status[i] == 0xff || data.hcall_status[i] == odd[i],
		   "2.1 ring: status %x is either ready or not", odd[i]);
		data.hcall_status[i] = 0xff;
	}
	is(hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0), 0, "2.1 ring: and the Guest goes on");
}

LIVES(quiet_calls)
{
	queue(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	queue(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	queue(LHCALL_TS, 1, 0, 0, 0);
	queue(LHCALL_SET_CLOCKEVENT, 0, 0, 0, 0);
	queue(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 1, 0);
	queue(LHCALL_LOAD_IDT_ENTRY, 7, (stub(7) & 0xffff) | CS1 << 16, (stub(7) & 0xffff0000) | 0x8e00, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(ready(), 0, "2.1 ring: most calls may wait there");
	is(TRY("fninit"), 7, "2.1 ring: and have their effect");
}

DIES(init_in_ring, "2.1 ring: LGUEST_INIT in it kills", "hypercall LGUEST_INIT made twice")
{
	queue(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
}

DIES(unknown_in_ring, "2.1 ring: an unknown number in it kills", "unknown hypercall 77")
{
	queue(77, 0, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
}

DIES(first_mistake, "2.1 ring: the first mistake is the one that is told", "unknown hypercall 88")
{
	queue(88, 0, 0, 0, 0);
	queue(LHCALL_LOAD_GDT_ENTRY, 32, 0, 0, 0);
	hcall(99, 0, 0, 0, 0);
}

DIES(shutdown_in_ring, "2.1 ring: after a SHUTDOWN in it nothing is done", "the Guest died: bye$")
{
	static const char bye[128] = "bye";

	queue(LHCALL_SHUTDOWN, (u32)bye, LGUEST_SHUTDOWN_PANIC, 0, 0);
	queue(77, 0, 0, 0, 0);
	hcall(78, 0, 0, 0, 0);
}
