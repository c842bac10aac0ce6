// SPDX-License-Identifier: GPL-2.0-only
/*
 * S5: Guests with page tables of three levels, which promise that the Switcher may read them (and one with two). Their
 * programs touch PAGES pages, and what is there, or isn't, is each case's own. Some lie in the second or third
 * gigabyte, from FAR on; in the other of these two the highest table has nothing.
 */
#include "rows.h"

#define NX	(1ull << 63)
#define KEPT	0xe00u		/* bits that a processor leaves to the kernel */
#define SIZE	0x200000u	/* what a table of the lowest level is for */
#define APART	16		/* so many pages, and none is a neighbour of another */
#define PER	(SIZE / PAGE / APART - 1)
#define NOTHING	((FAR ^ 0xc0000000) & 0xc0000000)

USER_CODE(user_read, "movl user_argument, %eax; movl (%eax), %eax; movl %eax, user_argument + 4");
USER_CODE(user_write, "movl user_argument, %eax; movl user_argument + 4, %ecx; movl %ecx, (%eax)");
USER_CODE(user_jump, "jmp *user_argument");
#define LEAVES	(0xcd | LEAVE << 8)	/* int $LEAVE, as a word of memory */

extern char user_begin[], user_end[];
static u64 pointers[4] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 far_middle[512] __attribute__((aligned(4096)));
static u64 kernel_middle[512] __attribute__((aligned(4096)));
static u64 low[1024] __attribute__((aligned(4096)));
static u64 frames[1024] __attribute__((aligned(4096)));
static u64 devices[512] __attribute__((aligned(4096)));
static u64 kernel_words[1024] __attribute__((aligned(4096)));
static u64 near[1024] __attribute__((aligned(4096)));
static u64 far[512] __attribute__((aligned(4096)));
static u64 *const all[] = { pointers, middle, far_middle, near, near + 512, far };

/* Where is page @i of those that are touched? In one of two tables for WINDOW, or in the one for FAR. */
static u32 at(u32 i)
{
	u32 begin = i / PER < 2 ? WINDOW + i / PER * SIZE : FAR;

	return begin + ((1 + i % PER) * APART + i % APART) * PAGE;
}

/* The last word for it. */
static u64 *word_for(u32 addr)
{
	return &(addr >= 0x40000000 ? far : addr >= WINDOW + SIZE ? near + 512 : near)[addr / PAGE % 512];
}

/* The word above that. */
static u64 *middle_for(u32 addr)
{
	return &(addr >= 0x40000000 ? far_middle : middle)[addr / SIZE % 512];
}

/* What is where nothing is: all but the bit that says so, from the dice and @i. */
static u64 nothing(u32 i)
{
	return ((u64)(NOISE * (2 * i + 1)) << 32 | (NOISE ^ i * PAGE)) & ~(u64)P;
}

static void tables(void)
{
	for (u32 i = 0; i < 1024; i++) {
		low[i] = i * PAGE | P | RW | A | D;
		if (i >= (u32)user_begin / PAGE && i < (u32)user_end / PAGE)
			low[i] |= USER;
		kernel_words[i] = i * PAGE | P | RW | A | D;
		frames[i] = FRAME_AT(i) | P | RW | A | D;
	}
	for (u32 i = 0; RAM + i * PAGE < LIMIT; i++)
		devices[i] = (RAM + i * PAGE) | P | RW | A | D;
	for (u32 i = 0; i < 2; i++) {
		middle[i] = (u32)(low + 512 * i) | P | RW | USER | A;
		middle[FRAME(0) / SIZE + i] = (u32)(frames + 512 * i) | P | RW | A;
		middle[WINDOW / SIZE + i] = (u32)(near + 512 * i) | P | RW | USER | A;
		kernel_middle[i] = (u32)(kernel_words + 512 * i) | P | RW | A;
	}
	middle[DEVICES / SIZE] = (u32)devices | P | RW | A;
	*middle_for(FAR) = (u32)far | P | RW | USER | A;
	pointers[0] = (u32)middle | P;
	pointers[FAR >> 30] = (u32)far_middle | P;
	pointers[KERNEL >> 30] = (u32)kernel_middle | P;
	pointers[NOTHING >> 30] = (u32)far_middle;	/* absent, wherever it may lead */
}

/*
 * Three levels; the pages are there with @marks, and all is ready: the walker finds the tables, the Host knows the
 * pages, and the shadow has tables for them.
 */
static void begin(u64 marks)
{
	init(&data);
	data.fault_direct = 1;
	data.pgtable_levels = 3;
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
	tables();
	hcall(LHCALL_NEW_PGTABLE, (u32)pointers, 0, 0, 0);
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 1, 0);
	for (u32 i = 0; i < 32; i++)
		gate(i, stub(i), INTERRUPT, i == LEAVE ? 3 : 0);
	for (u32 i = 0; i < PAGES; i++) {
		poke(FRAME(i), LEAVES | i << 16);
		*word_for(at(i)) = FRAME_AT(i) | P | RW | USER | marks;
	}
	for (u32 i = 0; i < sizeof(all) / sizeof(*all); i++)
		peek(KERNEL + (u32)all[i]);
	poke(KERNEL + (u32)&data.cr2, 0);
	user_argument[0] = WINDOW;
	for (u32 i = 0; i < 3; i++) {
		*word_for(user_argument[0]) = FRAME_AT(PAGES) | P | RW | USER | A | D;
		in_user(user_read);
		user_argument[0] = i ? FAR : WINDOW + SIZE;
	}
}

/* Let the middle word for FAR be @word, and the Host know. */
static void set_middle(u64 word)
{
	*middle_for(FAR) = word;
	hcall(LHCALL_SET_PMD, (u32)far_middle, FAR / SIZE % 512, 0, 0);
}

/* A program's access to @addr by @code: is it a page fault with this error code, of which the handler is told all? */
static int faults(const char *code, u32 addr, u32 error)
{
	u32 vector;

	user_argument[0] = addr;
	vector = in_user(code);
	if (vector == 14 && last.error == error && last_cr2 == addr)
		return 1;
	print("not at %x: vector %u, error %x, cr2 %x\n", addr, vector, last.error, last_cr2);
	return 0;
}

/* A program writes @value to page @i: is it there? */
static int writes(u32 i, u32 value)
{
	user_argument[0] = at(i);
	user_argument[1] = value;
	if (in_user(user_write) == LEAVE)
		return *(volatile u32 *)FRAME(i) == value;
	print("not at %x: vector %u, error %x, cr2 %x\n", at(i), last.vector, last.error, last_cr2);
	return 0;
}

static int runs(u32 addr)
{
	user_argument[0] = addr;
	return in_user(user_jump) == LEAVE && last.eip == addr + 2;
}

EARLY_LIVES(ready)
{
	begin(A | D);
	print("ready\n");
}

/* No word at the lowest level, at the middle one; programs, and the kernel. */
EARLY_LIVES(absent)
{
	u32 right = 0;

	begin(A | D);
	for (u32 i = 0; i < PAGES; i++)
		*word_for(at(i)) = nothing(i);
	for (u32 i = 0; i < PAGES; i++)
		if (i % 3 == 2)
			right += peek(at(i)) == 14 && last.error == 0 && last_cr2 == at(i);
		else
			right += faults(i % 3 ? user_write : user_read, at(i), USER | (i % 3 ? RW : 0));
	for (u32 i = 0; i < PAGES; i++) {
		far_middle[(FAR / SIZE + 1 + i) % 512] = nothing(i);
		right += faults(user_read, (FAR & 0xc0000000) | (FAR + (1 + i) * SIZE) % 0x40000000, USER);
	}
	print("right %u\n", right);
}

/* Nor at the highest: what it would lead to, if it were there, are pages, and half of them may be written to. */
EARLY_LIVES(pointer)
{
	u32 right = 0, addr;

	begin(A | D);
	for (u32 i = 0; i < PAGES; i++) {
		addr = at(2 * PER + i % (PAGES - 2 * PER));
		if (i % 2)
			*word_for(addr) &= ~(u64)RW;
		right += faults(user_write, NOTHING | addr % 0x40000000, USER | RW);
	}
	print("right %u\n", right);
}

/* Words that forbid, at the lowest level and at the middle one. */
EARLY_LIVES(forbidden)
{
	u32 right = 0;

	begin(A | D);
	for (u32 i = 0; i < 2 * PER; i++)
		*word_for(at(i)) &= ~(u64)(i % 2 ? RW : USER);
	set_middle(*middle_for(FAR) & ~(u64)RW);
	for (u32 i = 0; i < PAGES; i++)
		right += faults(i % 2 || i >= 2 * PER ? user_write : user_read, at(i),
				P | USER | (i % 2 || i >= 2 * PER ? RW : 0));
	print("right %u\n", right);
}

/* Programs jump to pages with NX, at the lowest level or at the middle one, which nobody has touched. */
EARLY_LIVES(fetch)
{
	u32 right = 0;

	begin(A | D);
	for (u32 i = 0; i < 2 * PER; i++)
		*word_for(at(i)) |= NX;
	set_middle(*middle_for(FAR) | NX);
	for (u32 i = 0; i < PAGES; i++)
		right += faults(user_jump, at(i), P | USER | 16);
	print("right %u\n", right);
}

/* Pages that are marked at all levels are written to. */
EARLY_LIVES(written)
{
	u32 right = 0;

	begin(A | D | KEPT);
	for (u32 i = 0; i < PAGES; i++)
		right += writes(i, NOISE + i);
	print("right %u\n", right);
}

/* The same, and then a program jumps there. Many of them have NX, at the lowest level or at the middle one. */
EARLY_LIVES(jumped)
{
	u32 stopped = 0, ran = 0, without = 0;

	begin(A | D);
	for (u32 i = 0; i < 2 * PER; i++)
		*word_for(at(i)) |= i % 2 ? KEPT : NX;
	set_middle(*middle_for(FAR) | NX);
	user_argument[0] = FAR;
	in_user(user_read);
	for (u32 i = 0; i < PAGES; i++) {
		u32 nx = i >= 2 * PER || i % 2 == 0;

		writes(i, LEAVES);
		without += !nx;
		if (nx)
			stopped += faults(user_jump, at(i), P | USER | 16);
		else
			ran += runs(at(i));
	}
	print("with %u of %u\n", stopped, PAGES - without);
	print("without %u of %u\n", ran, without);
}

/* Pages without marks, at the lowest level and at the middle one. */
EARLY_LIVES(marks)
{
	u32 right = 0, marked = 0;

	begin(0);
	for (u32 i = 0; i < PAGES; i++)
		if (i % 2)
			*word_for(at(i)) |= A;
	set_middle(*middle_for(FAR) & ~(u64)A);
	for (u32 i = 0; i < PAGES; i++) {
		right += writes(i, NOISE - i);
		marked += (*(volatile u64 *)word_for(at(i)) & (A | D)) == (A | D) && *(volatile u64 *)middle_for(at(i)) & A;
	}
	print("right %u\n", right);
	print("marked %u\n", marked);
}

/* A program writes to page @i, and lives. */
static void try(u32 i)
{
	user_argument[0] = at(i);
	user_argument[1] = NOISE;
	print("went on %u\n", in_user(user_write));
}

EARLY_LIVES(upper_last)
{
	begin(A | D);
	*word_for(at(PAGES - 1)) |= 1ull << UPPER;
	try(PAGES - 1);
}

EARLY_LIVES(upper_middle)
{
	begin(A | D);
	*middle_for(FAR) |= 1ull << UPPER;
	try(PAGES - 1);
}

EARLY_LIVES(upper_top)
{
	begin(A | D);
	pointers[FAR >> 30] |= 1ull << UPPER;
	try(PAGES - 1);
}

EARLY_LIVES(large)
{
	begin(A | D);
	*middle_for(FAR) |= 0x80;
	try(PAGES - 1);
}

/* Two levels, in the same Host: absent pages, and some that are written to and then jumped to. */
EARLY_LIVES(two)
{
	u32 right = 0;

	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	for (u32 i = 0; i < PAGES; i++) {
		poke(FRAME(i), 0);
		window[at(i) / PAGE % 1024] = i % 2 ? (u32)nothing(i) : FRAME_AT(i) | P | RW | USER | A | D | KEPT;
	}
	window[0] = FRAME_AT(PAGES) | P | RW | USER | A | D;
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
	user_argument[0] = WINDOW;
	in_user(user_read);
	user_argument[0] = WINDOW + SIZE;
	window[SIZE / PAGE] = window[0];
	in_user(user_read);
	for (u32 i = 0; i < 2 * PER; i++)
		if (i % 2)
			right += faults(user_write, at(i), USER | RW);
		else
			right += writes(i, LEAVES) && runs(at(i));
	print("right %u\n", right);
	print("of %u\n", 2 * PER);
}
