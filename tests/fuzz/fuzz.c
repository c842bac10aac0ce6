// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz SEED ROUNDS SECONDS [FIRST]: a bad Launcher with worse Guests, on the Host.
 *
 * Each round makes a Guest, whose whole life follows from SEED and the round's number: a valid set-up most of the time, then
 * steps that make hypercalls, write page tables, descriptors and shared words, trap, and change to ring 3. A trap of any kind
 * leads to the next step, so that a Guest gets far. In every second round a thread changes the Guest's memory meanwhile,
 * takes pages of it away, and makes requests. A worker for each processor does every n-th round. A round in which something
 * is wrong is told; `fuzz SEED 1 60 ROUND` does that round again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lguest.h"
#include "lguest_launcher.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* The Guest's memory. Virtual 0 and KERNEL both show all of it. */
#define PAGE		4096u
#define PAGES		256u
#define LIMIT		(PAGES * PAGE)
#define CURRENT		0x1ff0u		/* address of the next step */
#define HANDLERS	0x2000u
#define DATA		0x3000u		/* struct lguest_data */
#define STACK		0x8000u		/* ends here */
#define USER_STACK	0xa000u
#define TOPS		0x10000u	/* ROOTS of them */
#define ROOTS		16u
#define MIDDLES		0x20000u	/* three levels: four for each root, of which two are used */
#define TABLES		0x30000u	/* one for the low part, one for the kernel's */
#define CODE		0x40000u
#define STEP		128u		/* bytes of a step */
#define STEPS		160u
#define FREE		0x50000u
#define KERNEL		0xc0000000u
#define IF		0x200u
#define FILL		0x2c		/* sub $0x2c, %al */
/*
 * QEMU lets an iret of any ring set this flag and go to virtual-8086 mode with interrupts off; no processor does (Intel SDM
 * volume 2, IRET). So no frame has it.
 */
#define VM		0x20000u

/* --- chance: xorshift, one for each thread */

struct chance {
	u32 state;
};

static u32 rnd(struct chance *c)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 17;
	c->state ^= c->state << 5;
	return c->state;
}

static u32 below(struct chance *c, u32 n)
{
	return (u64)rnd(c) * n >> 32;
}

static int one_in(struct chance *c, u32 n)
{
	return !below(c, n);
}

#define PICK(c, array) ((array)[below(c, sizeof(array) / sizeof((array)[0]))])

/* --- what was reached, shared by all workers */

#define CALLS	64
/* CALL_NAMES comes from the compiler's command line (fuzz.t): CALL(NAME), for each call of lguest.h. */
#define CALL(name) { LHCALL_##name, #name },
static const struct { u32 number; const char *name; } call_names[] = { CALL_NAMES };
#undef N
enum end { END_KILLED, END_OFF, END_RESTART, END_ENDLESS, END_MURDERED, ENDS };
static const char *const end_names[] = { "killed", "powered off", "restarted", "endless", "Launcher killed" };
enum request { REQ_INITIALIZE, REQ_IRQ, REQ_EVENTFD, REQ_UNKNOWN, REQ_ODD_SIZE, REQ_READ, REQ_CLOSE, REQUESTS };
static const char *const request_names[] = {
	"INITIALIZE", "IRQ", "EVENTFD", "an unknown request", "a request of odd size", "read", "close in use"
};
enum change { CH_RING, CH_STATUS, CH_DATA, CH_TABLE, CH_STACK, CH_DESCRIPTOR, CH_ANY, CH_TAKEN, CHANGES };
static const char *const change_names[] = {
	"ring slot", "ring status", "shared word", "page-table word", "stack word", "descriptor", "any word", "page taken away"
};

static struct shared {
	_Atomic u32 done, failed, calls[CALLS], ends[ENDS], requests[REQUESTS], good[REQUESTS], changes[CHANGES];
	_Atomic u32 steps;
} *shared;

/* --- a round */

static u32 seed, this_round;
static u8 *memory;		/* LIMIT bytes, and two pages that nobody may touch */
static int levels;		/* of the Guest's page tables: 2 or 3 */
static int quiet;		/* its last words may be none */
static u32 next_slot;

static void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	shared->failed++;
	printf("fuzz: SEED=%u round %u: ", seed, this_round);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/* Numbers that are likely to matter. */
static u32 odd(struct chance *c)
{
	static const u32 edges[] = {
		0, 1, 2, 3, 4, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, LIMIT - 1, LIMIT, LIMIT - 4,
		LIMIT - 24, LIMIT - 128, LIMIT - PAGE, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000, KERNEL, 0xff800000,
		0xff7ff000, 0xff962000, 0xffc00000, 0xff600000, 0x100000000ull - 24
	};

	switch (below(c, 4)) {
	case 0: return rnd(c);
	case 1: return PICK(c, edges) + below(c, 5) - 2;
	case 2: return 1u << below(c, 32);
	default: return PICK(c, edges);
	}
}

static u32 physical(struct chance *c)
{
	return one_in(c, 60) ? odd(c) : below(c, LIMIT);
}

static u32 root(struct chance *c)
{
	return one_in(c, 60) ? physical(c) : TOPS + below(c, ROOTS) * PAGE;
}

static u32 address(struct chance *c)
{
	switch (below(c, 8)) {
	case 0: return odd(c);
	case 1: return rnd(c);
	case 2: return below(c, 0x800000);
	case 3: return 0xff962000 + below(c, 5 * PAGE);
	case 4: return KERNEL + below(c, 0x400000);
	case 5: return KERNEL + below(c, LIMIT);
	default: return FREE + below(c, LIMIT - FREE);
	}
}

/* A page-table word: mostly for a page there is, mostly present. */
static u64 entry(struct chance *c)
{
	static const u32 flags[] = { 0x07, 0x03, 0x05, 0x01, 0x67, 0x63, 0x27, 0x23, 0x25, 0x00, 0x06, 0x87, 0x1e7 };
	u64 word = below(c, PAGES) * PAGE | PICK(c, flags);

	if (one_in(c, 3))
		word |= rnd(c) & 0xff8;
	if (one_in(c, 24))
		word = odd(c);
	if (levels == 3 && one_in(c, 16))
		word |= (u64)odd(c) << 32;
	else if (levels == 3 && one_in(c, 4))
		word |= 1ull << 63;
	return word;
}

/* Where a page-table word may be. */
static u32 table_word(struct chance *c)
{
	const u32 size = levels == 3 ? 8 : 4;

	switch (below(c, 4)) {
	case 0: return TOPS + below(c, ROOTS) * PAGE + below(c, levels == 3 ? 4 : 1024) * size;
	case 1: return MIDDLES + below(c, 16 * PAGE / size) * size;
	default: return TABLES + below(c, 2 * PAGE / size) * size;
	}
}

static u32 descriptor_high(struct chance *c)
{
	static const u32 good[] = { 0xcf9b00, 0xcfbb00, 0xcffb00, 0xcf9300, 0xcfb300, 0xcff300, 0xcf9f00, 0xcfff00, 0, 0xcf1300 };
	u32 high = PICK(c, good);

	if (one_in(c, 3))
		high ^= 1u << below(c, 32);
	return one_in(c, 12) ? rnd(c) : high;
}

static u32 gate_high(struct chance *c, u32 handler)
{
	static const u32 types[] = { 0x8e00, 0x8f00, 0xee00, 0xef00, 0xae00, 0x8e00, 0x8f00, 0x0000, 0x8500 };
	u32 type = one_in(c, 40) ? rnd(c) & 0xffff : types[below(c, one_in(c, 8) ? 9 : 7)];

	return (handler & 0xffff0000) | type;
}

static u32 handler(struct chance *c)
{
	return one_in(c, 24) ? address(c) : HANDLERS + 64 * below(c, 4);
}

/* One hypercall with arguments that mean something, mostly. */
static struct lguest_hcall hypercall(struct chance *c)
{
	static const u8 likely[] = {
		LHCALL_NEW_PGTABLE, LHCALL_NEW_PGTABLE, LHCALL_NEW_PGTABLE, LHCALL_SET_PTE, LHCALL_SET_PTE, LHCALL_SET_PTE,
		LHCALL_SET_PGD, LHCALL_SET_PGD, LHCALL_SET_PMD, LHCALL_FLUSH_TLB, LHCALL_FLUSH_TLB, LHCALL_LOAD_GDT_ENTRY,
		LHCALL_LOAD_GDT_ENTRY, LHCALL_LOAD_TLS, LHCALL_LOAD_IDT_ENTRY, LHCALL_LOAD_IDT_ENTRY, LHCALL_SET_STACK,
		LHCALL_SET_STACK, LHCALL_TS, LHCALL_SET_CLOCKEVENT, LHCALL_SET_CLOCKEVENT, LHCALL_HALT, LHCALL_NOTIFY,
		LHCALL_SEND_INTERRUPTS, LHCALL_FLUSH_ASYNC,
		LHCALL_SET_LDT, LHCALL_SET_LDT,
		LHCALL_SET_DEBUGREG, LHCALL_SET_DEBUGREG,
	};
	struct lguest_hcall call = { PICK(c, likely), odd(c), odd(c), odd(c), odd(c) };
	u64 word = entry(c);
	u32 to = handler(c);

	if (one_in(c, 120)) {
		static const u32 deadly[] = { LHCALL_SHUTDOWN, LHCALL_LGUEST_INIT, 3, 11, 12, 20, 34, 63, 64, ~0u };

		call.call = one_in(c, 2) ? LHCALL_SHUTDOWN : PICK(c, deadly);
		call.arg1 = physical(c);
		call.arg2 = one_in(c, 8) ? below(c, 5) : 1 + below(c, 3);
		quiet |= call.call == LHCALL_SHUTDOWN;
		return call;
	}
	if (one_in(c, 120))
		return call;
	switch (call.call) {
	case LHCALL_NEW_PGTABLE:
		call.arg1 = root(c);
		call.arg2 = below(c, 3);
		call.arg3 = below(c, 3);
		call.arg4 = below(c, 3);
		break;
	case LHCALL_SET_PTE:
		call.arg1 = root(c);
		call.arg2 = address(c);
		if (call.arg2 >= 0xff800000 && !one_in(c, 60))
			call.arg2 -= 0x800000;
		call.arg3 = word;
		call.arg4 = word >> 32;
		break;
	case LHCALL_SET_PGD:
		call.arg1 = root(c);
		call.arg2 = below(c, levels == 3 ? 4 : 1024);
		break;
	case LHCALL_SET_PMD:
		call.arg1 = MIDDLES + below(c, 16) * PAGE;
		call.arg2 = below(c, 512);
		if (levels == 2 && !one_in(c, 20))
			call.call = LHCALL_FLUSH_ASYNC;
		break;
	case LHCALL_FLUSH_TLB:
		call.arg1 = below(c, 2);
		break;
	case LHCALL_LOAD_GDT_ENTRY:
		call.arg1 = below(c, 32);
		/* The segments that the Guest stands on are taken away seldom. */
		if ((call.arg1 == 12 || call.arg1 == 13) && !one_in(c, 10))
			call.arg1 += 8;
		call.arg3 = descriptor_high(c);
		break;
	case LHCALL_LOAD_TLS:
		call.arg1 = one_in(c, 20) ? physical(c) : FREE + below(c, 64) * 8;
		break;
	case LHCALL_LOAD_IDT_ENTRY:
		call.arg1 = below(c, 256);
		call.arg2 = (to & 0xffff) | (odd(c) & 0xffff) << 16;
		call.arg3 = gate_high(c, to);
		break;
	case LHCALL_SET_STACK:
		call.arg1 = 0x69;
		call.arg2 = one_in(c, 20) ? address(c) : STACK - below(c, 3) * 256;
		call.arg3 = 1 + below(c, 2);
		break;
	case LHCALL_SET_CLOCKEVENT:
		call.arg1 = one_in(c, 4) ? odd(c) : below(c, 200000);
		break;
	case LHCALL_NOTIFY:
		call.arg1 = physical(c);
		break;
	case LHCALL_HALT:
		call.arg1 = 1;
		break;
	case LHCALL_SET_LDT:
		call.arg1 = one_in(c, 20) ? address(c) : FREE + below(c, 64) * 8;
		call.arg2 = below(c, one_in(c, 20) ? 9000 : 40);
		break;
	case LHCALL_SET_DEBUGREG:
		call.arg1 = one_in(c, 2) ? 7 : below(c, 4);
		call.arg2 = call.arg1 == 7 ? (rnd(c) & 0xddddd3ff & ~0x22220000) : address(c);
		break;
	}
	return call;
}

/* --- the Guest's code */

static u8 *emit_at;

static void byte(u8 b)
{
	*emit_at++ = b;
}

static void word(u32 w)
{
	memcpy(emit_at, &w, sizeof(w));
	emit_at += sizeof(w);
}

static void bytes(const char *text, u32 size)
{
	memcpy(emit_at, text, size);
	emit_at += size;
}
#define EMIT(text) bytes(text, sizeof(text) - 1)

/* movl $value, addr */
static void store(u32 addr, u32 value)
{
	EMIT("\xc7\x05");
	word(addr);
	word(value);
}

static void make_call(const struct lguest_hcall *call)
{
	byte(0xb8), word(call->call);
	byte(0xbb), word(call->arg1);
	byte(0xb9), word(call->arg2);
	byte(0xba), word(call->arg3);
	byte(0xbe), word(call->arg4);
	EMIT("\xcd\x1f");
}

static u32 field(struct chance *c)
{
	static const u16 fields[] = {
		offsetof(struct lguest_data, irq_enabled), offsetof(struct lguest_data, irq_enabled),
		offsetof(struct lguest_data, irq_pending), offsetof(struct lguest_data, blocked_interrupts),
		offsetof(struct lguest_data, cr2), offsetof(struct lguest_data, wall_sec_lo),
		offsetof(struct lguest_data, wall_sec_hi), offsetof(struct lguest_data, wall_nsec),
		offsetof(struct lguest_data, reserve_mem), offsetof(struct lguest_data, tsc_khz),
		offsetof(struct lguest_data, noirq_start), offsetof(struct lguest_data, noirq_end),
		offsetof(struct lguest_data, kernel_address), offsetof(struct lguest_data, syscall_vec),
		offsetof(struct lguest_data, pgtable_levels), offsetof(struct lguest_data, features),
	};

	return PICK(c, fields);
}

/* An instruction that a Guest of ring 1 or 3 may not have, or that traps, or that is odd. */
static void instruction(struct chance *c)
{
#define I(text) { text, sizeof(text) - 1 }
	static const struct { const char *text; u8 size; } list[] = {
		I("\xfa"), I("\xfb"), I("\xf4"), I("\xe4\x60"), I("\xe7\x80"), I("\xec"), I("\x66\xef"), I("\x6e"), I("\x66\x6d"),
		I("\x0f\x32"), I("\x0f\x30"), I("\x0f\x33"), I("\x0f\x20\xc0"), I("\x0f\x20\xd8"), I("\x0f\x20\xe3"),
		I("\x0f\x22\xc0"), I("\x0f\x22\xd8"), I("\x0f\x22\xe0"), I("\x0f\x21\xc0"), I("\x0f\x23\xf8"), I("\x0f\x21\xf8"),
		I("\x0f\x01\x15\x00\x30\x00\x00"), I("\x0f\x01\x1d\x00\x30\x00\x00"), I("\x0f\x01\x05\x00\x00\x05\x00"),
		I("\x0f\x01\x0d\x00\x00\x05\x00"), I("\x0f\x00\xd0"), I("\x0f\x00\xd8"), I("\x0f\x00\xc0"), I("\x0f\x00\xc8"),
		I("\x0f\x01\xe0"), I("\x0f\x01\xf0"), I("\x0f\x01\x38"), I("\x0f\x06"), I("\x0f\x08"), I("\x0f\x09"),
		I("\x0f\x34"), I("\x0f\x35"), I("\x0f\x05"), I("\x0f\x07"), I("\x0f\x31"), I("\x0f\xa2"), I("\x0f\x0b"),
		I("\xcc"), I("\xf1"), I("\xce"), I("\x81\x64\x24\x08\xff\xff\xfd\xff\xcf"), I("\xcb"), I("\x9d"), I("\x31\xc9\xf7\xf1"), I("\xdb\xe3"),
		I("\xd9\xeb"), I("\xdd\x1d\x00\x00\x05\x00"), I("\x9b"), I("\x0f\x77"), I("\x0f\x57\xc0"), I("\x0f\xae\x05\x00\x00\x05\x00"),
		I("\x0f\xae\x0d\x00\x00\x05\x00"), I("\x0f\x01\xc8"), I("\x0f\x01\xc9"), I("\x0f\x01\xc1"), I("\x0f\x01\xd0"),
		I("\x0f\x02\xc0"), I("\x0f\x03\xc0"), I("\x0f\x00\xe0"), I("\xf3\xaa"), I("\xf3\xa4"), I("\x8e\xd0"),
		I("\x8e\xd8"), I("\x8e\xe0"), I("\x8e\xe8"), I("\x07"), I("\x17"), I("\x0f\xa1"), I("\xc8\xff\xff\x1f"),
		I("\x67\xe8\x00\x00\x00\x00"), I("\xf0\x0f\xc7\xc8"), I("\x0f\xff"), I("\x62\x05\x00\x00\x05\x00"), I("\xd4\x00"),
		I("\x66\x90"), I("\xeb\xfe"), I("\x0f\xaa"),
	};
#undef I
	const u32 i = below(c, sizeof(list) / sizeof(list[0]));

	byte(0xb8), word(odd(c));
	if (one_in(c, 2))
		byte(0xb9), word(below(c, 0x200000));
	bytes(list[i].text, list[i].size);
}

/* One step: at most STEP bytes with what goes round it. */
static void step(struct chance *c, u32 at)
{
	static const u16 selectors[] = {
		0x60, 0x61, 0x68, 0x69, 0x73, 0x7b, 0x50, 0x53, 0x58, 0x5b, 0x80, 0x83, 0x88, 0xf8, 0xa1, 0xa0, 0xa3, 0x33, 0x3b,
		0x43, 0, 3, 4, 7, 0xfff8, 0xffff, 0xc1, 0xd1, 0xc9
	};
	struct lguest_hcall call;
	u32 i;

	emit_at = memory + at;
	store(CURRENT, at + STEP);
	switch (below(c, 20)) {
	case 0: case 1: case 2: case 3: case 4: case 5: case 6:
		call = hypercall(c);
		make_call(&call);
		break;
	case 7: case 8:
		call = hypercall(c);
		i = next_slot++ % LHCALL_RING_SIZE;
		memcpy(memory + FREE + PAGE + (at & (PAGE - 1)) / 4, &call, sizeof(call));
		/* Copied by the Guest: the words, then the status. */
		byte(0xbe), word(FREE + PAGE + (at & (PAGE - 1)) / 4);
		byte(0xbf), word(DATA + offsetof(struct lguest_data, hcalls) + i * sizeof(call));
		EMIT("\xb9\x05\x00\x00\x00\xf3\xa5\xc6\x05");
		word(DATA + offsetof(struct lguest_data, hcall_status) + i);
		byte(one_in(c, 30) ? rnd(c) : 0);
		break;
	case 9: case 10:
		byte(0xa1), word(address(c));
		if (one_in(c, 2))
			byte(0xa3), word(address(c));
		break;
	case 11: case 12: {
		u64 pte = entry(c);
		u32 to = table_word(c);

		store(to, pte);
		if (levels == 3)
			store(to + 4, pte >> 32);
		break;
	}
	case 13:
		store(DATA + field(c), one_in(c, 2) ? below(c, 2) * IF : odd(c));
		break;
	case 14:
		store(FREE + below(c, 64) * 8, odd(c));
		store(FREE + below(c, 64) * 8 + 4, descriptor_high(c));
		break;
	case 15: case 16:
		instruction(c);
		break;
	case 17:
		EMIT("\xcd");
		byte(one_in(c, 3) ? rnd(c) : one_in(c, 2) ? 0x80 : below(c, 32));
		break;
	case 18:
		if (one_in(c, 3)) {	/* a far jump */
			byte(0xea), word(one_in(c, 4) ? odd(c) : at + STEP);
			bytes((const char *)&PICK(c, selectors), 2);
		} else {		/* a segment register */
			byte(0xb8), word(PICK(c, selectors));
			EMIT("\x8e");
			byte("\xc0\xd0\xd8\xe0\xe8"[below(c, 5)]);
		}
		break;
	default:			/* an iret, mostly to ring 3 */
		byte(0x68), word(one_in(c, 16) ? PICK(c, selectors) : 0x7b);
		byte(0x68), word(one_in(c, 16) ? address(c) : USER_STACK);
		byte(0x68), word(one_in(c, 3) ? odd(c) & ~VM : IF | 2);
		byte(0x68), word(one_in(c, 8) ? PICK(c, selectors) : 0x73);
		byte(0x68), word(one_in(c, 16) ? address(c) : at + STEP);
		EMIT("\xcf");
	}
	byte(0xe9), word(at + STEP - (emit_at + 4 - memory));
}

/*
 * What traps lead to: all end at the next step, but the third, which returns, and the fourth, which does so in the
 * no-interrupt range. At HANDLERS + 64 * n.
 */
static void handlers(void)
{
	for (u32 i = 0; i < 2; i++) {
		emit_at = memory + HANDLERS + 64 * i;
		byte(0xb8), word(0x69);
		EMIT("\x8e\xd0\x8e\xd8\x8e\xc0\xbc");
		word(STACK - 512);
		store(DATA + offsetof(struct lguest_data, irq_enabled), i ? 0 : IF);
		byte(0xa1), word(CURRENT);
		EMIT("\xff\xe0");
	}
	emit_at = memory + HANDLERS + 128;
	EMIT("\xcf");
	emit_at = memory + HANDLERS + 192;
	EMIT("\x36");
	store(DATA + offsetof(struct lguest_data, irq_enabled), IF);
	EMIT("\xcf");
}

static void set_table_word(u32 table, u32 index, u64 value)
{
	memcpy(memory + table + index * (levels == 3 ? 8 : 4), &value, levels == 3 ? 8 : 4);
}

static void page_tables(void)
{
	const u32 per = levels == 3 ? 512 : 1024;

	for (u32 i = 0; i < PAGES && i < per; i++) {
		set_table_word(TABLES, i, i * PAGE | 0x67);
		set_table_word(TABLES + PAGE, i, i * PAGE | 0x67);
	}
	for (u32 i = 0; i < ROOTS; i++) {
		const u32 top = TOPS + i * PAGE;

		if (levels == 2) {
			set_table_word(top, 0, TABLES | 0x67);
			set_table_word(top, KERNEL >> 22, (TABLES + PAGE) | 0x67);
			set_table_word(top, 1, (TABLES + (i & 1) * PAGE) | 0x67);
			continue;
		}
		set_table_word(top, 0, (MIDDLES + i * PAGE) | 1);
		set_table_word(top, 3, (MIDDLES + i * PAGE) | 1);
		set_table_word(MIDDLES + i * PAGE, 0, TABLES | 0x67);
		set_table_word(MIDDLES + i * PAGE, 1, (TABLES + PAGE) | 0x67);
	}
}

/* Everything in memory, and the set-up as the first steps; one that is @endless does nothing after that. */
static void write_guest(struct chance *c, int endless)
{
	struct lguest_data *data = (struct lguest_data *)(memory + DATA);
	struct lguest_hcall set_up[72];
	u32 at = CODE, n = 0;

	memset(memory, FILL, LIMIT + 2 * PAGE);
	memset(memory, 0, FREE);
	levels = one_in(c, 2) ? 3 : 2;
	quiet = 0;
	next_slot = 0;
	handlers();
	page_tables();
	memset(data->hcall_status, 0xff, sizeof(data->hcall_status));
	data->noirq_start = HANDLERS + 192;
	data->noirq_end = HANDLERS + 192 + 12;
	data->kernel_address = one_in(c, 8) ? below(c, 0xff800000) : KERNEL;
	data->syscall_vec = 0x80;
	data->pgtable_levels = levels;
	if (one_in(c, 30))
		*(u32 *)((u8 *)data + field(c)) = odd(c);
	for (u32 i = 0; i < 64; i++) {
		const u32 words[2] = { odd(c), descriptor_high(c) };

		memcpy(memory + FREE + i * 8, words, 8);
	}

	set_up[n++] = (struct lguest_hcall) { LHCALL_LGUEST_INIT, DATA, 0, 0, 0 };
	set_up[n++] = (struct lguest_hcall) { LHCALL_NEW_PGTABLE, TOPS, 0, 0, 0 };
	set_up[n++] = (struct lguest_hcall) { LHCALL_SET_STACK, 0x69, STACK, 1 + below(c, 2), 0 };
	for (u32 i = 0; i < 64; i++) {
		const u32 to = HANDLERS + 64 * (i >= 32 ? 3 * below(c, 2) : 0);
		const u32 vector = i < 32 ? i : i == 63 ? 0x80 : 0x30 + i - 32;

		set_up[n++] = (struct lguest_hcall) {
			LHCALL_LOAD_IDT_ENTRY, vector, to | 0x610000,
			(i < 32 && !one_in(c, 4) ? 0x8e00 : i < 32 ? 0xef00 : i == 63 ? 0xef00 : 0x8e00), 0
		};
	}
	emit_at = memory + at;
	byte(0xbc), word(STACK - 512);
	at = emit_at - memory;
	for (u32 i = 0; i < n; i++, at += 32) {
		emit_at = memory + at;
		if (i && one_in(c, 400))
			continue;	/* zeros: add %al, (%eax) */
		make_call(&set_up[i]);
		while (emit_at < memory + at + 32)
			byte(0x90);
	}
	store(DATA + offsetof(struct lguest_data, irq_enabled), endless ? 0 : IF);
	if (endless)
		EMIT("\xeb\xfe");
	at = (emit_at - memory + STEP - 1) & -STEP;
	while (emit_at < memory + at)
		byte(0x90);
	for (u32 i = 0; i < STEPS && at + 2 * STEP <= FREE; i++, at += STEP)
		step(c, at);
	emit_at = memory + at;
	store(CURRENT, at);
	{
		const struct lguest_hcall last = { LHCALL_SHUTDOWN, FREE + 2 * PAGE, 1 + below(c, 3), 0, 0 };

		make_call(&last);
	}
	EMIT("\xeb\xfe");
}

/* --- the other thread */

static atomic_int stop;
static int thread_fd, event;
static u32 thread_seed;

static int request(struct chance *c, int fd)
{
	unsigned long req[6] = { LHREQ_IRQ, below(c, 32), 0, 0, 0, 0 };
	u32 words = 2, kind = REQ_IRQ;
	ssize_t done;

	switch (below(c, 8)) {
	case 0:
		kind = REQ_EVENTFD;
		req[0] = LHREQ_EVENTFD;
		req[1] = physical(c);
		req[2] = one_in(c, 6) ? odd(c) : (unsigned long)event;
		words = 3;
		break;
	case 1:
		kind = REQ_INITIALIZE;
		req[0] = LHREQ_INITIALIZE;
		req[1] = one_in(c, 2) ? (unsigned long)memory : odd(c);
		req[2] = odd(c);
		req[3] = odd(c);
		words = 4;
		break;
	case 2:
		kind = REQ_UNKNOWN;
		req[0] = 5 + below(c, 100);
		words = 1 + below(c, 4);
		break;
	case 3:
		kind = REQ_ODD_SIZE;
		words = below(c, 7);
		break;
	case 4:
		req[1] = odd(c);
		break;
	}
	done = write(fd, req, words * sizeof(req[0]) + (kind == REQ_ODD_SIZE ? below(c, 4) : 0));
	shared->requests[kind]++;
	if (done >= 0)
		shared->good[kind]++;
	return done >= 0;
}

static void *disturb(void *unused)
{
	struct chance c = { thread_seed };
	struct lguest_data *data = (struct lguest_data *)(memory + DATA);
	unsigned long addr;

	(void)unused;
	while (!stop) {
		volatile u8 *at;
		u32 change = below(&c, CHANGES), value = odd(&c);

		switch (change) {
		case CH_RING: {
			const struct lguest_hcall call = hypercall(&c);

			memcpy(&data->hcalls[below(&c, LHCALL_RING_SIZE)], &call, sizeof(call));
			break;
		}
		case CH_STATUS:
			data->hcall_status[below(&c, LHCALL_RING_SIZE)] = one_in(&c, 4) ? value : below(&c, 2) * 0xff;
			break;
		case CH_DATA:
			*(volatile u32 *)((u8 *)data + field(&c)) = one_in(&c, 2) ? below(&c, 2) * IF : value;
			break;
		case CH_TABLE: {
			const u64 word = entry(&c);

			memcpy(memory + table_word(&c), &word, levels == 3 ? 8 : 4);
			break;
		}
		case CH_STACK:
			at = memory + STACK - 4 - 4 * below(&c, 160);
			*(volatile u32 *)at = (one_in(&c, 2) ? address(&c) : value) & ~VM;
			break;
		case CH_DESCRIPTOR:
			*(volatile u32 *)(memory + FREE + 8 * below(&c, 64) + 4) = descriptor_high(&c);
			break;
		case CH_ANY:
			if (one_in(&c, 8))
				*(volatile u32 *)(memory + (below(&c, LIMIT) & ~3u)) = value;
			break;
		default:	/* the Launcher's own memory: given up, made read-only, moved */
			at = memory + (FREE + below(&c, LIMIT - FREE)) / PAGE * PAGE;
			if (!one_in(&c, 4))
				break;
			switch (below(&c, 4)) {
			case 0: madvise((void *)at, PAGE, MADV_DONTNEED); break;
			case 1: madvise((void *)at, PAGE, MADV_REMOVE); break;
			case 2:
				mprotect((void *)at, PAGE, PROT_READ);
				mprotect((void *)at, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
				break;
			default: madvise((void *)at, PAGE, 21 /* MADV_PAGEOUT */); break;
			}
		}
		shared->changes[change]++;
		if (one_in(&c, 4))
			request(&c, thread_fd);
		if (one_in(&c, 64)) {
			shared->requests[REQ_READ]++;
			if (read(thread_fd, &addr, sizeof(addr)) >= 0 || (errno != EPERM && errno != EBADF))
				fail("a thread that is not the owner reads: %s", strerror(errno));
		}
		if (one_in(&c, 32))
			usleep(below(&c, 300));
	}
	return NULL;
}

/* --- running it */

static volatile sig_atomic_t alarms;

static void caught(int signal)
{
	(void)signal;
	alarms++;
}

static void set_timer(u32 microseconds)
{
	const struct itimerval time = { { 0, microseconds }, { 0, microseconds } };

	setitimer(ITIMER_REAL, &time, NULL);
}

/* Add up what the Host counted for the Guest of this process, by hypercall. */
static void count_calls(void)
{
	char path[100], text[32];

	for (u32 i = 0; i < sizeof(call_names) / sizeof(call_names[0]); i++) {
		int fd;
		ssize_t got;

		snprintf(path, sizeof(path), "/sys/kernel/debug/lguest/%d/calls/%s", getpid(), call_names[i].name);
		fd = open(path, O_RDONLY);
		got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (got > 0) {
			text[got] = '\0';
			shared->calls[call_names[i].number] += strtoul(text, NULL, 10);
		}
	}
}

static void print_calls(void)
{
	for (u32 i = 0; i < sizeof(call_names) / sizeof(call_names[0]); i++)
		printf("hit hypercall %s: %u\n", call_names[i].name, shared->calls[call_names[i].number]);
}

/* Run the Guest to its end. */
static enum end run(struct chance *c, int fd)
{
	char reason[300];
	unsigned long addr;
	ssize_t got;
	int err;

	alarms = 0;
	for (;;) {
		shared->requests[REQ_READ]++;
		got = read(fd, &addr, sizeof(addr));
		if (got == sizeof(addr)) {
			shared->good[REQ_READ]++;
			if (addr >= LIMIT)
				fail("NOTIFY of %#lx came through", addr);
			if (one_in(c, 8))
				request(c, fd);
			continue;
		}
		err = errno;
		if (got >= 0) {
			fail("read() returned %zd", got);
			return END_KILLED;
		}
		if (err == EINTR) {
			if (alarms > 6)
				return END_ENDLESS;
			for (u32 i = 0; i < 32; i++) {
				unsigned long irq[2] = { LHREQ_IRQ, i };

				if (one_in(c, 3) && write(fd, irq, sizeof(irq)) < 0)
					fail("IRQ %u: %s", i, strerror(errno));
			}
			continue;
		}
		break;
	}
	if (err != ENOENT && err != ESHUTDOWN && err != 85 /* ERESTART */) {
		fail("read(): %s", strerror(err));
		return END_KILLED;
	}
	got = read(fd, reason, sizeof(reason));
	if (got < 0 || (!got && err == ENOENT && !quiet))
		fail("a Guest died without a word");
	if (getenv("FUZZ_VERBOSE"))
		printf("round %u: errno %d, %.*s\n", this_round, err, (int)got, reason);
	got = read(fd, reason, sizeof(reason));
	if (got)
		fail("a second reason");
	return err == ENOENT ? END_KILLED : err == ESHUTDOWN ? END_OFF : END_RESTART;
}

/* One Guest from INITIALIZE to close(). */
static enum end guest(struct chance *c)
{
	unsigned long init[4] = { LHREQ_INITIALIZE, (unsigned long)memory, PAGES, CODE };
	const int threads = one_in(c, 2);
	pthread_t thread;
	enum end end;
	ssize_t got;
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC), second;

	if (fd < 0) {
		fail("/dev/lguest: %s", strerror(errno));
		return END_KILLED;
	}
	event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	for (u32 i = below(c, 4); i; i--) {
		unsigned long odd_init[4] = { LHREQ_INITIALIZE, (unsigned long)memory + odd(c), odd(c), odd(c) | 0x80000000 };

		shared->requests[REQ_INITIALIZE]++;
		if (write(fd, odd_init, sizeof(odd_init)) > 0)
			fail("INITIALIZE with an entry beyond 2 GB");
	}
	shared->requests[REQ_INITIALIZE]++;
	do {
		got = write(fd, init, sizeof(init));
	} while (got < 0 && errno == EINTR);
	if (got != sizeof(init)) {
		fail("INITIALIZE: %s", strerror(errno));
		close(fd);
		close(event);
		return END_KILLED;
	}
	shared->good[REQ_INITIALIZE]++;
	thread_fd = fd;
	thread_seed = rnd(c) | 1;
	stop = 0;
	if (threads)
		pthread_create(&thread, NULL, disturb, NULL);
	end = run(c, fd);
	count_calls();
	if (threads && one_in(c, 4)) {
		/* Close while the other is at it: its number may be nothing, or a copy that is the last. */
		second = dup(fd);
		close(fd);
		shared->requests[REQ_CLOSE]++;
		shared->good[REQ_CLOSE]++;
		fd = second;
	}
	stop = 1;
	if (threads)
		pthread_join(thread, NULL);
	close(fd);
	close(event);
	for (u32 i = LIMIT; i < LIMIT + 2 * PAGE; i++)
		if (memory[i] != FILL) {
			fail("byte %#x, beyond the Guest's memory, was written", i);
			break;
		}
	return end;
}

static void do_round(u32 n)
{
	struct chance c = { (seed * 2654435761u ^ n * 40503u ^ n << 16) | 1 };
	char name[16];
	enum end end;

	this_round = n;
	snprintf(name, sizeof(name), "fuzz %u", n);
	prctl(PR_SET_NAME, name);
	for (u32 i = 0; i < 16; i++)
		rnd(&c);
	memory = mmap(NULL, LIMIT + 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	write_guest(&c, n % 25 == 24);
	if (one_in(&c, 24)) {
		/* In a child that is killed in the middle of it. */
		pid_t child = fork();

		if (!child) {
			for (;;)
				guest(&c);
		}
		usleep(below(&c, 30000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		end = END_MURDERED;
	} else {
		set_timer(20000);
		end = guest(&c);
		set_timer(0);
	}
	munmap(memory, LIMIT + 2 * PAGE);
	shared->ends[end]++;
	shared->done++;
}

static void table(const char *what, const char *const *names, const _Atomic u32 *counts, const _Atomic u32 *good, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		printf("hit %s %s: %u", what, names[i], counts[i]);
		if (good)
			printf(", %u of them taken", good[i]);
		printf("\n");
	}
}

int main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = caught };
	const u32 rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
	const u32 seconds = argc > 3 ? strtoul(argv[3], NULL, 0) : 60;
	const u32 first = argc > 4 ? strtoul(argv[4], NULL, 0) : 0;
	const u32 workers = argc > 4 ? 1 : sysconf(_SC_NPROCESSORS_ONLN);
	const time_t end = time(NULL) + seconds;

	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGALRM, &action, NULL);
	for (u32 i = 0; i < workers; i++) {
		if (fork())
			continue;
		for (u32 n = first + i; n - first < rounds && time(NULL) < end; n += workers) {
			do_round(n);
			if (n % 500 == 0) {
				printf("# SEED=%u round %u\n", seed, n);
				fflush(stdout);
			}
		}
		fflush(stdout);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	print_calls();
	table("request", request_names, shared->requests, shared->good, REQUESTS);
	table("end", end_names, shared->ends, NULL, ENDS);
	table("change", change_names, shared->changes, NULL, CHANGES);
	printf("rounds %u, failed %u\n", shared->done, shared->failed);
	return shared->failed || !shared->done;
}
