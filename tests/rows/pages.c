// SPDX-License-Identifier: GPL-2.0-only
/* 2.6: each bit of a page-table word, shadows of many tables, what stays mapped, what is never the Guest's. */
#include "rows.h"

#define W	WINDOW
#define ALL	(P | RW | USER | A | D)

USER_CODE(user_read, "movl user_argument + 4, %eax; movl (%eax), %eax; movl %eax, user_argument");
USER_CODE(user_write, "movl user_argument + 4, %eax; movl $0x77, (%eax)");

static int user_peek(u32 addr)
{
	user_argument[1] = addr;
	return in_user(user_read) == LEAVE ? -1 : (int)last.vector;
}

static int user_poke(u32 addr)
{
	user_argument[1] = addr;
	return in_user(user_write) == LEAVE ? -1 : (int)last.vector;
}

/* The four errors for one state of an entry: kernel's read and write, program's. ~0 = no fault. */
static void errors(const char *what, u32 addr, u32 read, u32 write, u32 user_reads, u32 user_writes)
{
	peek(addr);
	is(traps ? last.error : ~0u, read, "2.6 %s: the kernel reads", what);
	if (traps)
		is(last_cr2, addr, "2.2 cr2: %s: the address that the kernel read", what);
	poke(addr, 1);
	is(traps ? last.error : ~0u, write, "2.6 %s: the kernel writes", what);
	is(user_peek(addr) == 14 ? last.error : ~0u, user_reads, "2.6 %s: a program reads", what);
	if (user_reads != ~0u)
		is(last_cr2, addr, "2.2 cr2: %s: the address that a program read", what);
	is(user_poke(addr) == 14 ? last.error : ~0u, user_writes, "2.6 %s: a program writes", what);
}

LIVES(bits)
{
	map(W, FRAME_AT(0) | RW | USER | A | D);
	errors("P: not present", W, 0, 2, 4, 6);
	map(W, FRAME_AT(0) | P | A | D);
	errors("RW and USER: neither", W, ~0, 3, 5, 7);
	map(W, FRAME_AT(0) | P | RW | A | D);
	errors("USER: not the programs'", W, ~0, ~0, 5, 7);
	map(W, FRAME_AT(0) | P | USER | A | D);
	errors("RW: read-only", W, ~0, 3, ~0, 7);
	map(W, FRAME_AT(0) | ALL);
	errors("P RW USER: all", W, ~0, ~0, ~0, ~0);
	top[W >> 22] &= ~USER;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	errors("USER in the upper word: missing", W, ~0, ~0, 5, 7);
	top[W >> 22] &= ~RW;
	top[W >> 22] |= USER;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	errors("RW in the upper word: missing", W, ~0, 3, ~0, 7);
	top[W >> 22] &= ~P;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	errors("P in the upper word: missing", W, 0, 2, 4, 6);
	top[W >> 22] |= P | RW;
	is(peek(W), -1, "2.6 P in the upper word: set again, without a call");
}

LIVES(accessed_and_dirty)
{
	u32 *pte = word(W);

	map(W, FRAME_AT(0) | P | RW);
	is(*pte & (A | D), 0, "2.6 A D: nobody has touched it");
	peek(W);
	is(*pte & (A | D), A, "2.6 A: a read sets it, and not D");
	peek(W);
	is(*pte & (A | D), A, "2.6 D: a second read doesn't set it either");
	poke(W, 1);
	is(*pte & (A | D), A | D, "2.6 D: a write after the reads sets it");
	map(W, FRAME_AT(0) | P | RW | A);
	poke(W, 1);
	is(*pte & (A | D), A | D, "2.6 D: cleared, it is set by the next write");
	map(W, FRAME_AT(0) | P | RW | D);
	peek(W);
	is(*pte & (A | D), A | D, "2.6 A: cleared, it is set by the next read");
	map(W, FRAME_AT(0) | P | RW);
	poke(W, 1);
	is(*pte & (A | D), A | D, "2.6 A D: a first write sets both");
	*pte = FRAME_AT(0) | P | RW | A;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
	poke(W, 1);
	is(*pte & D, D, "2.6 D: cleared and FLUSH_TLB, it is set by the next write");
	*pte = FRAME_AT(0) | P | RW | A;
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	poke(W, 1);
	is(*pte & D, D, "2.6 D: cleared and NEW_PGTABLE, it is set by the next write");
	map(W, FRAME_AT(0) | P | A);
	poke(W, 1);
	is(*pte & D, 0, "2.6 D: a write that faults doesn't set it");
	map(W, FRAME_AT(0) | P | USER | RW);
	user_peek(W);
	is(*pte & (A | D), A, "2.6 A: a program's read sets it");
	user_poke(W);
	is(*pte & (A | D), A | D, "2.6 D: a program's write sets it");
}

/* What the Guest's tables say of the tables in them: an upper word is marked when something below it is used. */
LIVES(accessed_above)
{
	u32 *upper = &top[W >> 22];

	*upper &= ~A;
	map(W, FRAME_AT(0) | P | RW);
	map(W + PAGE, FRAME_AT(1) | ALL);
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	is(*upper & (A | D), 0, "2.6 A in the upper word: nobody has used the table");
	poke(W, 1);
	is(*upper & (A | D), A, "2.6 A in the upper word: a write sets it, and there is no D");
	*upper &= ~A;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
	is(*upper & A, 0, "2.6 A in the upper word: FLUSH_TLB uses nothing");
	peek(W + PAGE);
	is(*upper & A, A, "2.6 A in the upper word: cleared and FLUSH_TLB, the next read sets it");
	*upper &= ~A;
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	user_poke(W + PAGE);
	is(*upper & A, A, "2.6 A in the upper word: cleared and NEW_PGTABLE, a program's write sets it");
	*upper &= ~A;
	map(W + PAGE, FRAME_AT(1) | ALL);
	is(*upper & A, 0, "2.6 A in the upper word: SET_PTE uses nothing");
	peek(W + PAGE);
	is(*upper & A, A, "2.6 A in the upper word: cleared and SET_PTE, the next read sets it");
}

/* The same with three levels. There are no gates: whatever isn't mapped is the end. */
static u64 third[4] __attribute__((aligned(32)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 lower[3][512] __attribute__((aligned(4096)));

EARLY_LIVES(accessed_above_pae)
{
	init(&data);
	data.pgtable_levels = 3;
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
	for (u32 i = 0; i < 1024; i++)
		lower[i / 512][i % 512] = i * PAGE | P | RW | A | D;
	lower[2][0] = FRAME_AT(0) | P | RW | A | D;
	for (u32 i = 0; i < 3; i++)
		middle[i] = (u32)lower[i] | P | RW | USER;
	third[0] = (u32)middle | P;
	hcall(LHCALL_NEW_PGTABLE, (u32)third, 0, 0, 0);
	is(middle[0] & (A | D), A, "2.6 A in the upper word: of three levels, too");
	is(middle[2] & A, 0, "2.6 A in the upper word: of three levels: nobody has used the table");
	*(volatile u32 *)W = 1;
	is(middle[2] & (A | D), A, "2.6 A in the upper word: of three levels: a write sets it, and there is no D");
	middle[2] &= ~A;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
	*(volatile u32 *)W;
	is(middle[2] & A, A, "2.6 A in the upper word: of three levels: cleared and FLUSH_TLB, it is set again");
	is(third[0], (u32)middle | P, "2.6 A in the upper word: and the highest level has no such bit");
}

LIVES(neighbours)
{
	u32 untouched = 0, not_dirty = 0, seen = 0;

	for (u32 i = 0; i < 32; i++)
		map(W + i * PAGE, FRAME_AT(i) | P | RW | (i & 1 ? A : 0));
	peek(W + 5 * PAGE);
	for (u32 i = 0; i < 32; i++)
		if (i != 5 && (*word(W + i * PAGE) & (A | D)) == (i & 1 ? A : 0))
			untouched++;
	is(untouched, 31, "2.6 A D: an access to one page changes no neighbour's");
	for (u32 i = 1; i < 32; i += 2) {
		peek(W + i * PAGE);
		not_dirty += !(*word(W + i * PAGE) & D);
		poke(W + i * PAGE, 1);
		seen += !!(*word(W + i * PAGE) & D);
	}
	is(not_dirty, 16, "2.6 D: pages filled in as neighbours are read-only at first");
	is(seen, 16, "2.6 D: so that the first write to each is seen");
	map(W + 3 * PAGE, FRAME_AT(40) | P | RW);
	*(volatile u32 *)FRAME(40) = 40;
	is(*(volatile u32 *)(W + 3 * PAGE), 40, "2.6 SET_PTE: a neighbour that was filled in is forgotten");
}

LIVES(spurious)
{
	map(W, FRAME_AT(0) | P | A | D);
	peek(W);
	*word(W) |= RW;
	is(poke(W, 1), -1, "2.6 RW: what is allowed afterwards needs no call");
	map(W, FRAME_AT(0) | P | RW | A | D);
	peek(W);
	*word(W) |= USER;
	is(user_peek(W), -1, "2.6 USER: nor does this");
	*word(W + PAGE) = FRAME_AT(1) | P | RW;
	is(peek(W + PAGE), -1, "2.6 P: nor what wasn't there");
}

LIVES(changes)
{
	for (u32 i = 0; i < 4; i++)
		*(volatile u32 *)FRAME(i) = 100 + i;
	map(W, FRAME_AT(0) | ALL);
	is(*(volatile u32 *)W, 100, "2.6 SET_PTE: the first page");
	map(W, FRAME_AT(1) | ALL);
	is(*(volatile u32 *)W, 101, "2.6 SET_PTE: replaced by another");
	map(W, FRAME_AT(1) | P | A | D);
	is(poke(W, 1), 14, "2.6 SET_PTE: taken back the right to write");
	map(W, FRAME_AT(1) | P | RW | A | D);
	is(user_peek(W), 14, "2.6 SET_PTE: taken away from programs");
	map(W, 0);
	is(peek(W), 14, "2.6 SET_PTE: taken away");
	map(W, FRAME_AT(2) | ALL);
	is(peek(W), -1, "2.6 SET_PTE: given again");
	*word(W) = FRAME_AT(3) | ALL;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
	is(*(volatile u32 *)W, 103, "2.6 FLUSH_TLB: the user part is looked at again");
	*word(KERNEL) = FRAME_AT(0) | ALL;
	is(*(volatile u32 *)KERNEL, 100, "2.6 FLUSH_TLB: in the kernel's part");
	*word(KERNEL) = FRAME_AT(1) | ALL;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	is(*(volatile u32 *)KERNEL, 101, "2.6 FLUSH_TLB: everything means the kernel's part, too");
	*word(W) = FRAME_AT(0) | ALL;
	*word(KERNEL) = FRAME_AT(2) | ALL;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	is(*(volatile u32 *)W, 100, "2.6 FLUSH_TLB: and the user's");
	map(KERNEL, FRAME_AT(3) | ALL);
	is(*(volatile u32 *)KERNEL, 103, "2.6 SET_PTE: in the kernel's part");
	top[W >> 22] = (u32)kernel_table | P | RW | USER | A;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	is(*(volatile u32 *)W, 103, "2.6 SET_PGD: another table");
	top[W >> 22] = (u32)window | P | RW | USER | A;
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	is(*(volatile u32 *)W, 100, "2.6 NEW_PGTABLE: looks at the upper words again");
	*word(W) = FRAME_AT(1) | ALL;
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	is(*(volatile u32 *)W, 101, "2.6 NEW_PGTABLE: and at the lower ones");
	queue(LHCALL_SET_PTE, (u32)top, W, 0, 0);
	*word(W) = FRAME_AT(2) | ALL;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	is(*(volatile u32 *)W, 102, "2.6 SET_PTE: from the ring");
}

/* --- many tables */

#define ROOTS	20		/* more than a Host keeps */
static u32 tops[ROOTS][1024] __attribute__((aligned(4096)));
static u32 windows[ROOTS][1024] __attribute__((aligned(4096)));

static void make_roots(void)
{
	for (u32 i = 0; i < ROOTS; i++)
		make_process(tops[i], windows[i], W, i);
}

static u32 see(u32 root)
{
	hcall(LHCALL_NEW_PGTABLE, (u32)tops[root], 0, 0, 0);
	return *(volatile u32 *)W;
}

LIVES(roots)
{
	u32 right = 0, random = 1;

	make_roots();
	for (u32 i = 0; i < ROOTS; i++)
		right += see(i) == 1000 + i;
	is(right, ROOTS, "2.6 roots: %u tables, each sees its own page", ROOTS);
	right = 0;
	for (u32 i = 0; i < 500; i++) {
		random = random * 1664525 + 1013904223;
		right += see((random >> 16) % ROOTS) == 1000 + (random >> 16) % ROOTS;
	}
	is(right, 500, "2.6 roots: in any order");
	see(0);
	see(1);
	windows[0][0] = FRAME_AT(19) | ALL;
	is(see(0), 1019, "2.6 roots: a table that changed while another was in use");
	see(1);
	windows[0][0] = FRAME_AT(0) | ALL;
	hcall(LHCALL_SET_PTE, (u32)tops[0], W, windows[0][0], 0);
	is(*(volatile u32 *)W, 1001, "2.6 roots: SET_PTE in another table leaves this one alone");
	is(see(0), 1000, "2.6 roots: and is seen there");
	see(1);
	tops[0][W >> 22] = (u32)windows[7] | P | RW | USER | A;
	hcall(LHCALL_SET_PGD, (u32)tops[0], W >> 22, 0, 0);
	is(*(volatile u32 *)W, 1001, "2.6 roots: SET_PGD in another table leaves this one alone");
	is(see(0), 1007, "2.6 roots: and is seen there");
	tops[0][W >> 22] = (u32)windows[0] | P | RW | USER | A;
	see(1);
	windows[1][0] = 0;
	hcall(LHCALL_SET_PTE, (u32)tops[1], W, 0, 0);
	is(peek(W), 14, "2.6 roots: taken away in one");
	is(see(0), 1000, "2.6 roots: and still there in another");
	is(see(2), 1002, "2.6 roots: and in a third");
}

LIVES(shared_kernel)
{
	u32 right = 0;

	make_roots();
	*word(KERNEL) = FRAME_AT(30) | ALL;
	*(volatile u32 *)FRAME(30) = 30;
	*(volatile u32 *)FRAME(31) = 31;
	for (u32 i = 0; i < ROOTS; i++) {
		see(i);
		right += *(volatile u32 *)KERNEL == 30;
	}
	is(right, ROOTS, "2.6 kernel part: the same in all tables");
	map(KERNEL, FRAME_AT(31) | ALL);
	right = 0;
	for (u32 i = 0; i < ROOTS; i++) {
		see(i);
		right += *(volatile u32 *)KERNEL == 31;
	}
	is(right, ROOTS, "2.6 kernel part: one SET_PTE is for all tables");
	map(KERNEL, 0);
	right = 0;
	for (u32 i = 0; i < ROOTS; i++) {
		see(i);
		right += peek(KERNEL) == 14;
	}
	is(right, ROOTS, "2.6 kernel part: gone for all");
}

LIVES(aliases)
{
	for (u32 i = 0; i < 64; i++)
		map(W + i * PAGE, FRAME_AT(5) | P | RW);
	for (u32 i = 0; i < 64; i++)
		*(volatile u32 *)(W + i * PAGE + 4 * i) = i;
	is(*(volatile u32 *)(FRAME(5) + 4 * 63), 63, "2.6 aliases: one page at 64 addresses");
	is(*(volatile u32 *)(W + 4 * 17), 17, "2.6 aliases: all see the same");
	/* A table that maps itself: the usual trick of small kernels. */
	window[7] = (u32)window | P | RW | A | D;
	hcall(LHCALL_SET_PTE, (u32)top, W + 7 * PAGE, window[7], 0);
	is(*(volatile u32 *)(W + 7 * PAGE + 4 * 7), window[7], "2.6 aliases: a table that shows itself");
	*(volatile u32 *)(W + 7 * PAGE + 4 * 8) = FRAME_AT(6) | P | RW;
	hcall(LHCALL_SET_PTE, (u32)top, W + 8 * PAGE, FRAME_AT(6) | P | RW, 0);
	*(volatile u32 *)FRAME(6) = 66;
	is(*(volatile u32 *)(W + 8 * PAGE), 66, "2.6 aliases: and is changed through itself");
}

/* --- the stack */

LIVES(stack_stays)
{
	USER_CODE(user_system_call, "int $0x80");
	const u32 stack = W + 16 * PAGE;

	gate(0x80, stub(0x80), TRAP, 3);
	map(stack - PAGE, FRAME_AT(0) | P | RW);
	map(stack - 2 * PAGE, FRAME_AT(1) | P | RW);
	hcall(LHCALL_SET_STACK, DS1, stack, 2, 0);
	is(*word(stack - PAGE) & (A | D), 0, "2.6 stack: SET_STACK names the page and doesn't use it");
	is(*word(stack - 2 * PAGE) & (A | D), 0, "2.6 stack: nor the one below");
	is(in_user(user_system_call), 0x80, "2.6 stack: a system call lands there");
	is(last_at + sizeof(last), stack, "2.6 stack: at its very end");
	is(*word(stack - PAGE) & (A | D), A | D, "2.6 stack: which is marked as written");
	is(*word(stack - 2 * PAGE) & (A | D), 0, "2.6 stack: the one below is not");
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	is(in_user(user_system_call), 0x80, "2.6 stack: still after FLUSH_TLB");
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	is(in_user(user_system_call), 0x80, "2.6 stack: and after NEW_PGTABLE");
	make_roots();
	for (u32 i = 0; i < ROOTS; i++)
		windows[i][15] = *word(stack - PAGE) & ~(A | D);
	for (u32 i = 0; i < ROOTS; i++)
		see(i);
	is(in_user(user_system_call), 0x80, "2.6 stack: and in another table");
	map(stack - PAGE, FRAME_AT(0) | P | RW);
	is(in_user(user_system_call), 0x80, "2.6 stack: and after its entry was written");
}

/*
 * A frame that the Host makes: the stack ends 8 bytes above a page's beginning, so of the two pages the upper one gets %esp and
 * %ss from the Host, and nothing else writes there.
 */
LIVES(frame_marks)
{
	USER_CODE(user_reflected, "nop");
	const u32 stack = W + 16 * PAGE;

	top[W >> 22] &= ~A;
	map(stack - PAGE, FRAME_AT(0) | P | RW | A | D);
	map(stack, FRAME_AT(1) | P | RW);
	hcall(LHCALL_SET_STACK, DS1, stack + 8, 2, 0);
	is(in_user(user_reflected), LEAVE, "2.6 A D: a trap that the Host reflects");
	is(last_at + sizeof(last), stack + 8, "2.6 A D: lands where SET_STACK says");
	is(*word(stack) & (A | D), A | D, "2.6 A D: a frame from the Host sets both");
	is(top[W >> 22] & A, A, "2.6 A in the upper word: it sets this, too");
	map(stack, FRAME_AT(1) | P | RW | A);
	is(in_user(user_reflected), LEAVE, "2.6 D: cleared");
	is(*word(stack) & D, D, "2.6 D: it is set by the next frame");
	*word(stack) = FRAME_AT(1) | P | RW;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	is(in_user(user_reflected), LEAVE, "2.6 A D: both cleared");
	is(*word(stack) & (A | D), A | D, "2.6 A D: both are set by the next frame");
}

DIES(frame_read_only, "2.6 RW: a frame from the Host doesn't go to a read-only page", "no stack at 0x400ffc for trap frame")
{
	map(W, FRAME_AT(0) | P | RW | A | D);
	poke(W, 1);
	map(W, FRAME_AT(0) | P | A | D);
	__asm__ volatile("movl %0, %%esp; ud2" : : "r" (W + PAGE));
}

/* --- what isn't the Guest's */

LIVES(switcher)
{
	const u32 slot = -data.reserve_mem;

	is(poke(0xff962000, 0), 14, "2.6 Switcher's slot: its code is not written");
	is(poke(0xff964000, 0), 14, "2.6 Switcher's slot: nor the tables there");
	for (u32 at = 0xff963000; at < 0xff967000; at += 4)
		poke(at, 0xdeadbeef);
	ok(hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0) == 0 && peek(slot) == 14,
	   "2.6 Switcher's slot: what may be written there may be anything");
	is(user_peek(0xff962000), 14, "2.6 Switcher's slot: programs don't read it");
	is(peek(slot), 14, "2.6 Switcher's slot: nothing else is there");
	for (u32 i = slot >> 22; i < 1024; i++) {
		top[i] = (u32)kernel_table | P | RW | USER | A;
		hcall(LHCALL_SET_PGD, (u32)top, i, 0, 0);
	}
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = FRAME_AT(0) | ALL;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	is(peek(slot), 14, "2.6 Switcher's slot: what the Guest maps there isn't");
	is(user_peek(slot), 14, "2.6 Switcher's slot: nor for programs");
	is(peek(0xffc00000), 14, "2.6 Switcher's slot: nor above it");
	is(peek(0xfffff000), 14, "2.6 Switcher's slot: up to the end");
	is(poke(0xff962000, 0), 14, "2.6 Switcher's slot: and the Switcher is as it was");
	is(peek(slot - PAGE), 14, "2.6 Switcher's slot: the page below is the Guest's, and not mapped");
	top[(slot >> 22) - 1] = (u32)kernel_table | P | RW | USER | A;
	is(peek(slot - PAGE), -1, "2.6 Switcher's slot: until the Guest maps it");
}

#define KILLS(name, entry, row, pattern)			\
	DIES(name, row, pattern)				\
	{							\
		map(W, (entry) | P | RW);			\
		*(volatile u32 *)W;				\
	}
KILLS(beyond, LIMIT, "2.6 limit: the first page beyond kills", "page table entry for page 0x901, limit 0x901")
KILLS(far_beyond, 0x70000000, "2.6 limit: a page far beyond kills", "page table entry for page 0x70000, limit 0x901")
KILLS(last_page, 0xfffff000, "2.6 limit: the last page of all kills", "page table entry for page 0xfffff, limit")

LIVES(last_page_in_memory)
{
	map(W, (LIMIT - PAGE) | P | RW);
	is(poke(W, 5), -1, "2.6 limit: the last page of memory is there");
	is(*(volatile u32 *)(DEVICES + LIMIT - RAM - PAGE), 5, "2.6 limit: and it is that one");
	map(W, LIMIT | P | RW);
	map(W, FRAME_AT(0) | P | RW);
	is(peek(W), -1, "2.6 limit: an entry beyond that nobody uses is harmless");
	map(W, LIMIT | RW);
	is(peek(W), 14, "2.6 limit: so is one that isn't present");
	map(W + PAGE, LIMIT | P | RW | A | D);
	map(W, FRAME_AT(0) | P | RW | A | D);
	is(peek(W), -1, "2.6 limit: so is a neighbour that nobody uses");
}

DIES(table_beyond, "2.6 limit: a table beyond kills", "page table word at 0x70000000, limit")
{
	top[W >> 22] = 0x70000000 | P | RW;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	*(volatile u32 *)W;
}

DIES(large_page, "2.6 PSE: a large page is refused by name", "large page at 0x400000 \\(entry 0x83\\): not supported")
{
	top[W >> 22] = 0x83;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	*(volatile u32 *)W;
}

LIVES(cache_bits)
{
	static const u32 bits[] = { 0x08, 0x10, 0x80, 0x100, 0x200, 0x400, 0x800 };

	for (u32 i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		map(W, FRAME_AT(i) | ALL | bits[i]);
		*(volatile u32 *)FRAME(i) = i;
		is(*(volatile u32 *)W, i, "2.6 cache mode: bit %x of an entry does no harm", bits[i]);
		is(*word(W), FRAME_AT(i) | ALL | bits[i], "2.6 cache mode: bit %x stays in the Guest's word", bits[i]);
	}
	top[W >> 22] |= 0x18;
	hcall(LHCALL_SET_PGD, (u32)top, W >> 22, 0, 0);
	is(peek(W), -1, "2.6 cache mode: nor in an upper word");
}
