// SPDX-License-Identifier: GPL-2.0-only
/*
 * M2: Guests whose interrupt flag is the last word of a page, which they write to at its place in the kernel's part;
 * and some that say so and have it elsewhere. The library's own block isn't used here, but its tables are.
 */
#include "rows.h"

/* The chapters from which this is compiled may know flag_alone already, or not yet: it's the last field. */
#define ALONE	(sizeof(struct lguest_data) - (KNOWN ? sizeof(u32) : 0))

struct part {
	struct lguest_data data;
	u32 behind_it;
};

struct {
	u8 nothing[PAGE - sizeof(u32)];
	struct part part;
} block __attribute__((aligned(4096)));

static struct {
	u8 nothing[SHIFT];
	struct part part;
} shifted __attribute__((aligned(4096)));

#define DATA	block.part.data
#define FLAG	(*(volatile u32 *)(KERNEL + (u32)&DATA))
#define FLAG_AT	"block + 0xc0000ffc"

/* Both return how many interrupts there had been at their second instruction. */
u32 turn_on(void);
u32 turn_off(void);
extern const char behind[], line_0[], way_back[], way_end[];
__asm__("turn_on: movl $0x200, " FLAG_AT "\n"
	"behind: movl taken, %eax; ret\n"
	"turn_off: movl $0, " FLAG_AT "; movl taken, %eax; ret\n"
	"line_0: pushal; pushl 32(%esp); call came; addl $4, %esp; popal\n"
	"way_back: movl $0x200, %ss:" FLAG_AT "; iret\n"
	"way_end:");

static u32 other_top[1024] __attribute__((aligned(4096)));

volatile u32 taken;
static volatile u32 came_from, again, inside, still_on;

/* An interrupt waits, or has come. */
static void one_waits(void)
{
	hcall(LHCALL_SET_CLOCKEVENT, 1000, 0, 0, 0);
	for (u32 i = 0; i < 1500000; i++)
		__asm__ volatile("");
}

/* Called by line_0, which came from @eip. */
void came(u32 eip)
{
	taken++;
	came_from = eip;
	still_on += FLAG != 0;
	inside += eip >= (u32)way_back && eip < (u32)way_end;
	if (again) {
		again--;
		one_waits();
	}
}

static void say(struct part *part, u32 alone)
{
	init(&part->data);
	part->data.noirq_start = (u32)way_back;
	part->data.noirq_end = (u32)way_end;
	*(u32 *)((char *)part + ALONE) = alone;
	hcall(LHCALL_LGUEST_INIT, (u32)&part->data, 0, 0, 0);
}

/* Interrupts are off then. */
static void begin(u32 alone)
{
	u32 first = (u32)&block / PAGE;

	say(&block.part, alone);
	make_tables();
	for (u32 i = first; i < first + sizeof(block) / PAGE; i++)
		kernel_table[i] = i * PAGE | P | RW | A | D;
	memcpy(other_top, top, PAGE);
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 1, 0);
	for (u32 i = 0; i < 32; i++)
		gate(i, stub(i), TRAP, 0);
	gate(0x30, (u32)line_0, INTERRUPT, 0);
}

EARLY_LIVES(once)
{
	u32 pending = 0, early = 0, zeros = 0, now = 0, more = 0;

	begin(1);
	for (u32 i = 0; i < ROUNDS; i++) {
		u32 before = turn_off();

		one_waits();
		pending |= DATA.irq_pending;
		early += taken != before;
		zeros += turn_off() != before || FLAG;
		now += turn_on() == before + 1 && came_from == (u32)behind;
		more += turn_on() > before + 1;
	}
	print("pending %u\nearly %u\nzeros %u\n", pending, early, zeros);
	print("now %u\nmore %u\nstill on %u\n", now, more, still_on);
}

/* One is delivered, and then nothing waits. */
EARLY_LIVES(free)
{
	begin(1);
	one_waits();
	turn_on();
	for (u32 i = 0; i < TIMES; i++) {
		turn_off();
		turn_on();
	}
	print("taken %u\n", taken);
}

EARLY_LIVES(flushed)
{
	u32 home = (KERNEL + (u32)&DATA) & ~(PAGE - 1), before;

	begin(1);
	one_waits();
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
	print("flush %u\n", turn_on());
	before = turn_off();
	one_waits();
	map(home, *word(home));
	print("word %u\n", turn_on() - before);
	before = turn_off();
	one_waits();
	hcall(LHCALL_NEW_PGTABLE, (u32)other_top, 0, 0, 0);
	print("root %u\n", turn_on() - before);
}

/* In the handler, too, the next one waits, and comes when the handler is left. */
EARLY_LIVES(way)
{
	begin(1);
	again = AGAIN;
	one_waits();
	print("at once %u\n", turn_on());
	print("inside %u\n", inside);
}

/* Other instructions: what is read then, and what has come after another exit? */
#define OTHER(name, text) ({							\
	u32 before = turn_off();						\
	one_waits();								\
	__asm__ volatile(text : : "a" (IF) : "memory", "cc");			\
	print(name " %u", FLAG);						\
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);					\
	print(" %u\n", taken - before);						\
})

EARLY_LIVES(other)
{
	begin(1);
	OTHER("register", "movl %%eax, " FLAG_AT);
	OTHER("byte", "orb $2, 1 + " FLAG_AT);
	OTHER("exchange", "pushl %%eax; xchgl %%eax, " FLAG_AT "; popl %%eax");
}

EARLY_LIVES(ordinary)
{
	begin(0);
	one_waits();
	print("told %u\n", DATA.irq_pending);
	turn_on();
	hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	print("taken %u\nthen %u\n", taken, DATA.irq_pending);
}

EARLY_DIES(number, "2.2 flag_alone: is neither 0 nor 1", ".")
{
	say(&block.part, NUMBER);
	print("went on\n");
}

EARLY_DIES(elsewhere, "2.2 flag_alone: and has the block elsewhere", ".")
{
	say(&shifted.part, 1);
	print("went on\n");
}
