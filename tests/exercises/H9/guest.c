// SPDX-License-Identifier: GPL-2.0-only
/*
 * H9: a Guest that writes to some of its pages, in rounds, and lets its Launcher look at the log after each. What it
 * does to FRAME(n), for n from 0 up:
 *
 *	0 to 15		the kernel writes to those of KERNEL_WRITES, a word for each round
 *	16 to 31	programs write to those of PROGRAM_WRITES; their words in the Guest's tables are ready for it
 *	32 to 47	are only read, by the kernel and by a program
 *	48		is written to at one address in the first round, at another one in the second
 *	49		in each round, in the part that all tables share
 *	50		in each round, by another process
 *	51		in none: a page table, in which the Host marks a word as accessed in each round
 *	52 to 1023	in the last round
 */
#include "rows.h"

#define LOOK	16		/* the Launcher takes a NOTIFY of this address for "look" */
#define ROUNDS	3
#define TABLE	51
#define MANY	52
#define AT(n)	(WINDOW + (n) * PAGE)
#define BELOW	0x10000000u	/* by page TABLE */
#define PLACE	0x20000000u	/* the other process's */

static const u32 by_kernel[ROUNDS] = { KERNEL_WRITES }, by_programs[ROUNDS] = { PROGRAM_WRITES };
static u32 other_top[1024] __attribute__((aligned(4096)));
static u32 other_table[1024] __attribute__((aligned(4096)));

USER_CODE(user_read, "movl user_argument, %eax; movl (%eax), %eax");
USER_CODE(user_write, "movl user_argument, %eax; movl $77, (%eax)");

static void look(void)
{
	hcall(LHCALL_NOTIFY, LOOK, 0, 0, 0);
}

static void by_program(const char *code, u32 n)
{
	user_argument[0] = AT(n);
	in_user(code);
}

/* All that is written to is written to now, so that all is in the shadow. */
static void begin(void)
{
	u32 *table = (u32 *)FRAME(TABLE);

	set_up(1);
	for (u32 i = 0; i < MANY; i++) {
		window[i] = FRAME_AT(i) | P | RW | USER | A | D;
		poke(AT(i), i);
		poke(FRAME(i), i);
	}
	for (u32 i = 0; i < 1024; i++)
		table[i] = FRAME_AT(32 + i % 16) | P | RW | D;
	top[BELOW >> 22] = FRAME_AT(TABLE) | P | RW | A;
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	kernel_table[49] = FRAME_AT(49) | P | RW | A | D;
	poke(KERNEL + 49 * PAGE, 1);
	make_process(other_top, other_table, PLACE, 50);
}

static void read_round(u32 round)
{
	for (u32 i = 32; i < 48; i++) {
		peek(FRAME(i));
		by_program(user_read, i);
	}
	peek(BELOW + round * 64 * PAGE);
}

/* Let the Switcher's walker find the tables where the Guest's kernel has them: then it makes short trips. */
static void show_tables(void)
{
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
}

static void write_round(u32 round)
{
	show_tables();
	for (u32 i = 0; i < 16; i++) {
		if (by_kernel[round] >> i & 1)
			poke(FRAME(i), round);
		if (by_programs[round] >> i & 1)
			by_program(user_write, 16 + i);
	}
	poke(round % 2 ? AT(48) : FRAME(48), round);
	poke(KERNEL + 49 * PAGE, round);
	hcall(LHCALL_NEW_PGTABLE, (u32)other_top, 2, 1, 1);
	poke(PLACE, round);
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 1, 1, 1);
}

EARLY_LIVES(rounds)
{
	begin();
	write_round(0);
	look();
	for (u32 i = 0; i < ROUNDS; i++) {
		read_round(i);
		write_round(i);
		look();
	}
	for (u32 i = MANY; i < 1024; i++)
		poke(FRAME(i), i);
	look();
	look();
}
