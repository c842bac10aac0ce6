// SPDX-License-Identifier: GPL-2.0-only
/*
 * H5: Guests that seal page NUMBER of their frames, which says VALUE and is mapped at many places, and then try to
 * write there; that make the Host want to; and that seal as much and as often as they can.
 */
#include "rows.h"

#define SEAL	35
#define HERE	FRAME(NUMBER)
#define AT(n)	(WINDOW + (n) * PAGE)
#define PLACE	0x20000000u	/* the other process's */
#define BELOW	0x10000000u	/* by the page, if it is a table */

static u32 other_top[1024] __attribute__((aligned(4096)));
static u32 other_table[1024] __attribute__((aligned(4096)));

USER_CODE(user_write, "movl user_argument, %eax; movl $77, (%eax)");

static void seal(u32 addr)
{
	hcall(SEAL, addr, 0, 0, 0);
}

/* What does somebody see who has tried to write to the page? Then it is as it was, for the next. */
static void report(const char *who)
{
	u32 value = *(volatile u32 *)HERE;

	if (traps && last.vector == 14)
		print("%s error %u, the page says %u\n", who, last.error, value);
	else
		print("%s error none, the page says %u\n", who, value);
	if (value != VALUE)
		poke(HERE, VALUE);
}

static void write_at(const char *who, u32 addr)
{
	poke(addr, 1);
	report(who);
}

static void write_by_program(const char *who, u32 addr)
{
	user_argument[0] = addr;
	in_user(user_write);
	report(who);
}

/* The other process is in state 1 of its tables, and so are we: a switch compares nothing. */
static void write_by_process(const char *who)
{
	hcall(LHCALL_NEW_PGTABLE, (u32)other_top, 2, 1, 1);
	poke(PLACE, 1);
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 1, 1, 1);
	report(who);
}

static void begin(void)
{
	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	kernel_table[7] = FRAME_AT(NUMBER) | P | RW | A | D;
	window[0] = window[1] = FRAME_AT(NUMBER) | P | RW | USER | A | D;
	window[2] = FRAME_AT(NUMBER + 1) | P | RW | USER | A | D;
	make_process(other_top, other_table, PLACE, NUMBER);
	hcall(LHCALL_NEW_PGTABLE, (u32)other_top, 2, 1, 1);
	poke(PLACE, 1);
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 1, 1, 1);
	user_argument[0] = AT(2);
	in_user(user_write);
	poke(KERNEL + 7 * PAGE, 1);
	poke(AT(0), 1);
	poke(HERE, VALUE);
}

/* Let the Switcher's walker find the tables where the kernel has them: then it makes short trips. */
static void show_tables(void)
{
	peek(KERNEL + (u32)top);
	peek(KERNEL + (u32)window);
	poke(KERNEL + (u32)&data.cr2, 0);
}

EARLY_LIVES(sealed)
{
	begin();
	seal(FRAME_AT(NUMBER));
	seal(FRAME_AT(NUMBER));
	write_at("kernel", HERE);
	write_at("elsewhere", AT(0));
	write_at("upper", KERNEL + 7 * PAGE);
	write_by_process("process");
	show_tables();
	window[1] = window[0];		/* a word that the shadow doesn't have yet */
	write_by_program("program", AT(1));
	map(AT(0), FRAME_AT(NUMBER) | P | RW | USER | A | D);
	write_at("changed", AT(0));
	map(AT(3), FRAME_AT(NUMBER) | P | RW | USER);
	write_at("fresh", AT(3));
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	write_at("flushed", HERE);
	print("neighbour %u\n", poke(FRAME(NUMBER + 1), 1) == -1 && *(u32 *)AT(2) == 1);
	flush();
	hcall(LHCALL_SET_CLOCKEVENT, 3000000000u, 0, 0, 0);
	hcall(LHCALL_HALT, 1, 0, 0, 0);
	peek(HERE);			/* the page is known again */
	write_at("back", HERE);
	write_by_program("backprogram", AT(0));
}

/* The page is a table, with a word that the Host has to mark when it is used. */
EARLY_LIVES(table)
{
	u32 *table = (u32 *)HERE;

	set_up(1);
	for (u32 i = 0; i < 1024; i++)
		table[i] = FRAME_AT(0) | P | RW | A | D;
	table[3] = FRAME_AT(0) | P | RW;
	top[BELOW >> 22] = FRAME_AT(NUMBER) | P | RW | A;
	peek(BELOW);
	seal(FRAME_AT(NUMBER));
	print("sealed\n");
	flush();
	peek(BELOW + 3 * PAGE);
	print("marked %x\n", table[3] & (A | D));
}

/* Everything but what this Guest needs is sealed; and one page, by the ring, again and again. */
LIVES(hostile)
{
	for (u32 i = 0; i < 1024; i++)
		seal(FRAME_AT(i));
	for (u32 i = 0; i < TIMES; i += LHCALL_RING_SIZE) {
		for (u32 slot = 0; slot < LHCALL_RING_SIZE; slot++)
			queue(SEAL, FRAME_AT(slot), 0, 0, 0);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	}
	print("all\n");
	flush();
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}

DIES(outside, "2.1 SEAL: beyond the limit", ".")
{
	seal(OUTSIDE);
	print("went on\n");
}

DIES(odd, "2.1 SEAL: not on a page boundary", ".")
{
	seal(FRAME_AT(NUMBER) + 4);
	print("went on\n");
}
