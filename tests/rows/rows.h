/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A C library for Guests of one page or two. A test file defines cases, which the command line chooses by name:
 *
 *	LIVES(name) { ... ok(condition, "2.1 ROW: what it shows"); ... }
 *	DIES(name, "2.1 ROW: what kills", "pattern of the Launcher's message") { ... }
 *	EARLY_LIVES, EARLY_DIES: the same, before LGUEST_INIT and without page tables
 *
 * A text begins with the label of a row in the file `list`. Virtual addresses are physical below 4 MB; the window from
 * 4 to 8 MB is each case's own; RAM from 4 to 8 MB, unused, shows at FRAME(0), FRAME(1), ...; devices at DEVICES.
 */
#ifndef ROWS_H
#define ROWS_H

#include "lguest.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define PAGE	4096u
#define RAM	0x800000u		/* the Launcher is asked for 8M */
#define LIMIT	(RAM + 257 * PAGE)	/* and adds the devices' pages */
#define WINDOW	0x400000u
#define FRAME(n)	(0x800000u + (n) * PAGE)	/* virtual */
#define FRAME_AT(n)	(0x400000u + (n) * PAGE)	/* physical */
#define DEVICES	0xc00000u
#define KERNEL	0xc0000000u		/* from here up all tables agree */
#define IF	0x200u
#define PATIENCE	60000000000ull	/* twenty seconds or so of the time-stamp counter */

/* Bits of a page-table word */
#define P	0x001u
#define RW	0x002u
#define USER	0x004u
#define A	0x020u
#define D	0x040u

#define CS1	0x61u
#define DS1	0x69u
#define CS3	0x73u
#define DS3	0x7bu

/*
 * Is @error that of a general protection fault by an int instruction whose gate isn't open, number @n? On a Host of 64 bits
 * QEMU before 8.0 takes the number times the size of a gate there, 16.
 */
#define NAMES_VECTOR(error, n)	((error) == (n) * 8 + 2 || (HOST_BITS == 64 && (error) == (n) * 16 + 2))

/* What a trap left on the stack; @esp and @ss only from ring 3. */
struct frame {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, unused, ebx, edx, ecx, eax;
	u32 vector, error;
	u32 eip, cs, flags, esp, ss;
};

struct test {
	const char *name;
	void (*run)(void);
	const char *row;	/* of one that dies */
	const char *pattern;
	u32 early;
};

#define CASE(name, row, pattern, early)						\
	static void name(void);							\
	static const struct test name##_case					\
	__attribute__((section(".cases"), used, aligned(4))) = {		\
		#name, name, row, pattern, early				\
	};									\
	static void name(void)
#define LIVES(name)			CASE(name, 0, 0, 0)
#define DIES(name, row, pattern)	CASE(name, row, pattern, 0)
#define EARLY_LIVES(name)		CASE(name, 0, 0, 1)
#define EARLY_DIES(name, row, pattern)	CASE(name, row, pattern, 1)

/* start.S */
int hcall(u32 nr, u32 a, u32 b, u32 c, u32 d);
void to_user(u32 eip, u32 esp, u32 flags);
void from_user(void);
u32 slow_kernel(u32 flags, u32 turns, u32 cs);
void slow_user(u32 eip, u32 esp, u32 turns);
extern const char stubs[], noirq_start[], noirq_end[], slow_gate[];
extern char stack_top[], trap_stack_top[], user_stack_top[];

/* lib.c */
extern struct lguest_data data;
extern u32 top[1024], window[1024];
extern u32 kernel_table[1024];	/* KERNEL to KERNEL + 4 MB: empty */

/* The last trap but interrupts: its frame, where that was, %cr2, the flag at the handler's start; and how many since forget(). */
extern struct frame last;
extern u32 last_at, last_cr2, last_enabled, traps;
extern volatile u32 recover;	/* where to go on after a fault in the kernel; 0 = it was not expected */
extern u32 user_goes_on;	/* traps of this vector return to ring 3 */
extern u32 user_recover;	/* and go on there; 0 = where they came from */
extern volatile u32 irqs[32], irqs_at_gate;	/* for each line: interrupts */
extern struct frame last_irq;
extern u32 irq_enabled_then;
extern u8 irq_order[16];	/* the first lines */
extern volatile u32 irq_count;

void init(struct lguest_data *at);
void set_up(u32 fault_direct);	/* for an early case: all that the others find done */
void make_tables(void);
void gate(u32 vector, u32 handler, u32 type, u32 dpl);
#define INTERRUPT	0xe
#define TRAP		0xf
u32 stub(u32 vector);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void flush(void);
void ok(int good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void is(u32 got, u32 wanted, const char *format, ...) __attribute__((format(printf, 3, 4)));
void finish(void) __attribute__((noreturn));
void queue(u32 nr, u32 a, u32 b, u32 c, u32 d);
void forget(void);
void irq_reset(void);
int irq_wait(u32 line, u32 count);	/* with interrupts as they are; false: it did not come */
void *memcpy(void *to, const void *from, unsigned long size);
void *memset(void *to, int byte, unsigned long size);
int same(const char *a, const char *b);

/* Change the word for @addr (below 8 MB or from KERNEL) in the current tables and tell the Host. */
u32 *word(u32 addr);
void map(u32 addr, u32 entry);
/* Let @tables be those of a process: the current ones, and at @addr, by @table, a page that says 1000 + @n. */
void make_process(u32 tables[1024], u32 table[1024], u32 addr, u32 n);

/* Touch @addr. Returns the vector of the trap, or -1. */
int peek(u32 addr);
int poke(u32 addr, u32 value);

/* Run the code of a user function (USER_CODE) in ring 3 up to its trap; -1 never, else the trap's vector. */
int in_user(const char *code);
extern u32 user_argument[4];	/* in a page of the programs; also in %eax, %ebx ... no: read it there */
#define LEAVE	26		/* int $26 comes back from ring 3 and means nothing else */
#define USER_CODE(name, text)						\
	extern const char name[];					\
	__asm__(".pushsection .user, \"awx\"\n" #name ":\n" text "\n\tint $26\n.popsection")

/* Execute @text; the vector of its trap, or -1. For faults, execution goes on behind it. */
#define TRY(text) ({							\
	forget();							\
	__asm__ volatile("movl $1f, recover\n\t" text "\n1:\tmovl $0, recover"	\
			 : : : "memory", "cc", "eax", "ebx", "ecx", "edx", "esi", "edi");	\
	traps ? (int)last.vector : -1;					\
})

static inline u32 lar(u32 selector)
{
	u32 rights = 0;

	__asm__ volatile("lar %1, %0" : "+r" (rights) : "r" (selector) : "cc");
	return rights;
}

static inline u64 tsc(void)
{
	u64 now;

	__asm__ volatile("rdtsc" : "=A" (now));
	return now;
}

#endif
