// SPDX-License-Identifier: GPL-2.0-only
/* What all small Guests share: see rows.h. */
#include <stdarg.h>
#include "rows.h"

struct lguest_data data __attribute__((aligned(16)));
u32 top[1024] __attribute__((aligned(4096)));
u32 window[1024] __attribute__((aligned(4096)));
u32 kernel_table[1024] __attribute__((aligned(4096)));
static u32 low[1024] __attribute__((aligned(4096)));
static u32 frames[1024] __attribute__((aligned(4096)));
static u32 devices[1024] __attribute__((aligned(4096)));

__asm__(".pushsection .user, \"awx\"\n.globl user_argument, user_stack_top\nuser_argument: .skip 16\n"
	".skip 1024\nuser_stack_top:\n.popsection");

struct frame last, last_irq;
u32 last_at, last_cr2, last_enabled, traps, user_goes_on = ~0u, user_recover, irq_enabled_then;
volatile u32 recover, irqs[32], irqs_at_gate, irq_count;
u8 irq_order[16];
extern const struct test cases[], cases_end[];
extern char user_begin[], user_end[];
static const char *running = "";

void *memcpy(void *to, const void *from, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		((u8 *)to)[i] = ((const volatile u8 *)from)[i];
	return to;
}

void *memset(void *to, int byte, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		((volatile u8 *)to)[i] = byte;
	return to;
}

int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* --- output: kept until a page is full or the end, as NOTIFY is a hypercall and has side effects */

static char out[PAGE] __attribute__((aligned(4096)));
static u32 used;

void flush(void)
{
	if (used)
		hcall(LHCALL_NOTIFY, (u32)out, 0, 0, 0);
	used = 0;
	out[0] = '\0';
}

static void put(char c)
{
	out[used++] = c;
	out[used] = '\0';
	if (used == sizeof(out) - 1)
		flush();
}

static void number(u32 n, u32 base)
{
	if (n >= base)
		number(n / base, base);
	put("0123456789abcdef"[n % base]);
}

static void vprint(const char *format, va_list args)
{
	const char *s;

	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			for (s = va_arg(args, const char *); *s; s++)
				put(*s);
			break;
		case 'u':
			number(va_arg(args, u32), 10);
			break;
		case 'x':
			number(va_arg(args, u32), 16);
			break;
		default:
			put(*format);
		}
	}
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint(format, args);
	va_end(args);
}

static void verdict(int good, const char *format, va_list args)
{
	if (used > sizeof(out) - 512)
		flush();
	print(good ? "ok " : "not ok ");
	vprint(format, args);
	print(" [%s]\n", running);
}

void ok(int good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict(good, format, args);
	va_end(args);
}

void is(u32 got, u32 wanted, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict(got == wanted, format, args);
	va_end(args);
	if (got != wanted)
		print("# got %x, wanted %x\n", got, wanted);
}

void finish(void)
{
	static const char reason[128] = "end of a case";

	flush();
	hcall(LHCALL_SHUTDOWN, (u32)reason, LGUEST_SHUTDOWN_POWEROFF, 0, 0);
	for (;;)
		;
}

/* --- traps */

void forget(void)
{
	traps = 0;
	memset(&last, 0, sizeof(last));
}

void irq_reset(void)
{
	memset((void *)irqs, 0, sizeof(irqs));
	memset(irq_order, 0xff, sizeof(irq_order));
	irq_count = 0;
}

int irq_wait(u32 line, u32 count)
{
	u64 end = tsc() + PATIENCE;

	while (irqs[line] < count && tsc() < end)
		;
	return irqs[line] == count;
}

/* Called by start.S for every trap, with the frame that it restores afterwards. */
void trap(struct frame *frame)
{
	u32 enabled = data.irq_enabled;
	u32 user = (frame->cs & 3) == 3;

	if (frame->vector >= 0x30 && frame->vector < 0x50) {
		if (irq_count < sizeof(irq_order))
			irq_order[irq_count] = frame->vector - 0x30;
		irq_count++;
		irqs[frame->vector - 0x30]++;
		memcpy(&last_irq, frame, sizeof(*frame) - (user ? 0 : 8));
		irq_enabled_then = enabled;
		return;
	}
	traps++;
	memcpy(&last, frame, sizeof(*frame) - (user ? 0 : 8));
	last_at = (u32)frame;
	last_cr2 = data.cr2;
	last_enabled = enabled;
	if (user) {
		if (frame->vector != user_goes_on)
			from_user();
		if (user_recover)
			frame->eip = user_recover;
		return;
	}
	if (recover) {
		frame->eip = recover;
		frame->cs = CS1;
		return;
	}
	if (frame->vector < 32) {
		print("not ok %s: trap %u (%x) at %x, cr2 %x\n", running, frame->vector, frame->error,
		      frame->eip, data.cr2);
		finish();
	}
}

u32 stub(u32 vector)
{
	return (u32)stubs + 16 * vector;
}

void gate(u32 vector, u32 handler, u32 type, u32 dpl)
{
	hcall(LHCALL_LOAD_IDT_ENTRY, vector, (handler & 0xffff) | CS1 << 16,
	      (handler & 0xffff0000) | 0x8000 | type << 8 | dpl << 13, 0);
}

int peek(u32 addr)
{
	forget();
	__asm__ volatile("movl $1f, recover\n\tmovl (%0), %%ecx\n1:\tmovl $0, recover" : : "r" (addr) : "memory", "ecx");
	return traps ? (int)last.vector : -1;
}

int poke(u32 addr, u32 value)
{
	forget();
	__asm__ volatile("movl $1f, recover\n\tmovl %1, (%0)\n1:\tmovl $0, recover" : : "r" (addr), "r" (value)
			 : "memory");
	return traps ? (int)last.vector : -1;
}

int in_user(const char *code)
{
	u32 enabled = data.irq_enabled;

	forget();
	to_user((u32)code, (u32)user_stack_top, IF | 2);
	data.irq_enabled = enabled;
	return last.vector;
}

/* --- memory */

u32 *word(u32 addr)
{
	return &(addr >= KERNEL ? kernel_table : addr >= WINDOW ? window : low)[addr / PAGE % 1024];
}

void map(u32 addr, u32 entry)
{
	*word(addr) = entry;
	hcall(LHCALL_SET_PTE, (u32)top, addr, entry, 0);
}

void make_process(u32 tables[1024], u32 table[1024], u32 addr, u32 n)
{
	memcpy(tables, top, PAGE);
	tables[addr >> 22] = (u32)table | P | RW | USER | A;
	table[(addr >> 12) % 1024] = FRAME_AT(n) | P | RW | USER | A | D;
	*(volatile u32 *)FRAME(n) = 1000 + n;
}

void make_tables(void)
{
	for (u32 i = 0; i < 1024; i++) {
		low[i] = i * PAGE | P | RW | A | D;
		if (i >= (u32)user_begin / PAGE && i < (u32)user_end / PAGE)
			low[i] |= USER;
		frames[i] = FRAME_AT(i) | P | RW | A | D;
		devices[i] = RAM + i * PAGE < LIMIT ? (RAM + i * PAGE) | P | RW | A | D : 0;
		window[i] = kernel_table[i] = 0;
	}
	top[0] = (u32)low | P | RW | USER | A;
	top[WINDOW >> 22] = (u32)window | P | RW | USER | A;
	top[FRAME(0) >> 22] = (u32)frames | P | RW | A;
	top[DEVICES >> 22] = (u32)devices | P | RW | A;
	top[KERNEL >> 22] = (u32)kernel_table | P | RW | USER | A;
}

/* --- the asynchronous ring */

static u32 next_slot;

void queue(u32 nr, u32 a, u32 b, u32 c, u32 d)
{
	data.hcalls[next_slot] = (struct lguest_hcall) { nr, a, b, c, d };
	*(volatile u8 *)&data.hcall_status[next_slot] = 0;
	next_slot = (next_slot + 1) % LHCALL_RING_SIZE;
}

/* --- the start */

void init(struct lguest_data *at)
{
	memset(at, 0, sizeof(*at));
	memset(at->hcall_status, 0xff, sizeof(at->hcall_status));
	at->blocked_interrupts = 0;
	at->noirq_start = (u32)noirq_start;
	at->noirq_end = (u32)noirq_end;
	at->kernel_address = KERNEL;
	at->syscall_vec = 0x80;
}

void set_up(u32 fault_direct)
{
	init(&data);
	data.fault_direct = fault_direct;
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
	make_tables();
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 1, 0);
	for (u32 i = 0; i < 32; i++)
		gate(i, stub(i), INTERRUPT, i == 3 || i == 4 || i == LEAVE ? 3 : 0);
	for (u32 i = 0x30; i < 0x50; i++)
		gate(i, stub(i), INTERRUPT, 0);
	gate(0x80, stub(0x80), TRAP, 3);
	irq_reset();
}

static void list(void)
{
	const struct test *test;

	for (test = cases; test < cases_end; test++) {
		print("%s\t%s\t%s\n", test->name, test->pattern ?: "", test->row ?: "");
		flush();
	}
}

/* Called by start.S with the command line: the name of a case, or "list". */
void run(const char *name)
{
	const struct test *test;

	for (test = cases; test < cases_end && !same(test->name, name); test++)
		;
	if (test < cases_end)
		running = test->name;
	if (test == cases_end || !test->early)
		set_up(0);
	if (test < cases_end)
		test->run();
	else if (same(name, "list"))
		list();
	else
		print("not ok no case %s\n", name);
	finish();
}
