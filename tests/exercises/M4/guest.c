// SPDX-License-Identifier: GPL-2.0-only
/*
 * M4: Guests that compute or nap, and look at what they are told about the time of others. The library's block isn't
 * used here: there may be no room behind it.
 */
#include "rows.h"

static struct {
	struct lguest_data data;
	u32 behind_it[2];
} block __attribute__((aligned(4096)));

/* The chapters from which this is compiled may know the two fields already, or not yet: they are the last. */
#define STOLEN	((volatile u32 *)((u32)&block + sizeof(struct lguest_data) - (KNOWN ? 8 : 0)))

extern const char line_0[];
__asm__("line_0: movl $0x200, %ss:block; iret");

static void begin(void)
{
	init(&block.data);
	STOLEN[0] = STOLEN[1] = 0x10101010;
	hcall(LHCALL_LGUEST_INIT, (u32)&block, 0, 0, 0);
}

/* Compute for so many turns. */
static void compute(u32 turns)
{
	__asm__ volatile("1: decl %0; jnz 1b" : "+r" (turns) : : "cc");
}

/* Both in microseconds. */
static u32 stolen(void)
{
	return (STOLEN[0] | (u64)STOLEN[1] << 32) / 1000;
}

static u32 now(void)
{
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	return (block.data.mono_lo | (u64)block.data.mono_hi << 32) / 1000;
}

/* It has the processor to itself, or shares it: the same work. */
EARLY_LIVES(work)
{
	u32 before, then, at_once;

	begin();
	then = now();
	before = stolen();
	compute(TURNS);
	at_once = stolen();
	then = now() - then;
	print("took %u\n", then);
	print("at_once %u\n", at_once - before);
	print("later %u\n", stolen() - before);
	flush();
}

EARLY_LIVES(before)
{
	compute(TURNS);
	begin();
	print("before %u\n", stolen());
	flush();
}

EARLY_LIVES(naps)
{
	begin();
	gate(0x30, (u32)line_0, INTERRUPT, 0);
	for (u32 i = 0; i < NAPS; i++) {
		hcall(LHCALL_SET_CLOCKEVENT, 20000000, 0, 0, 0);
		hcall(LHCALL_HALT, 1, 0, 0, 0);
	}
	print("naps %u\n", stolen());
	flush();
}
