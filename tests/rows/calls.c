// SPDX-License-Identifier: GPL-2.0-only
/* 2.1: each hypercall with good, boundary and hostile arguments. */
#include "rows.h"

static const char text[128] = "some words";

LIVES(good_calls)
{
	is(hcall(LHCALL_FLUSH_ASYNC, 1, 2, 3, 4), 0, "2.1 FLUSH_ASYNC: returns 0, arguments don't matter");
	is(hcall(LHCALL_SEND_INTERRUPTS, ~0, ~0, ~0, ~0), 0, "2.1 SEND_INTERRUPTS: returns 0, arguments don't matter");
	is(hcall(LHCALL_SET_CLOCKEVENT, 0, 0, 0, 0), 0, "2.1 SET_CLOCKEVENT: off when it is off");
	is(hcall(LHCALL_TS, 0, 0, 0, 0), 0, "2.1 TS: off when it is off");
	is(hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0), 0, "2.1 FLUSH_TLB: 0, the user part");
	is(hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0), 0, "2.1 FLUSH_TLB: 1, everything");
	is(hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0), 0, "2.1 NEW_PGTABLE: the same again");
	is(hcall(LHCALL_SET_PGD, (u32)top, 0, 0, 0), 0, "2.1 SET_PGD: the first entry");
	is(hcall(LHCALL_SET_PGD, (u32)top, 1023, 0, 0), 0, "2.1 SET_PGD: the last entry, in the Host's part");
	is(hcall(LHCALL_SET_PGD, 0x3000, 5, 0, 0), 0, "2.1 SET_PGD: a table that nobody uses");
	is(hcall(LHCALL_SET_PTE, (u32)top, -data.reserve_mem - PAGE, 0, 0), 0,
	   "2.1 SET_PTE: the last page below the Host's");
	is(hcall(LHCALL_SET_PTE, 0x12345678, WINDOW, 0, 0), 0, "2.1 SET_PTE: a table that nobody uses");
	is(hcall(LHCALL_LOAD_IDT_ENTRY, 255, 0x610000, 0x108e00, 0), 0, "2.1 LOAD_IDT_ENTRY: the last vector");
	is(hcall(LHCALL_LOAD_IDT_ENTRY, 20, 0, 0x500, 0), 0, "2.1 LOAD_IDT_ENTRY: any type if not present");
	is(hcall(LHCALL_LOAD_GDT_ENTRY, 31, ~0, ~0, 0), 0, "2.1 LOAD_GDT_ENTRY: the last slot");
	is(hcall(LHCALL_LOAD_GDT_ENTRY, 0, ~0, ~0, 0), 0, "2.1 LOAD_GDT_ENTRY: the null slot");
	is(hcall(LHCALL_LOAD_TLS, LIMIT - 24, 0, 0, 0), 0, "2.1 LOAD_TLS: the last 24 bytes of memory");
	is(hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 2, 0), 0, "2.1 SET_STACK: two pages");
	is(hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top - 8, 1, 0), 0, "2.1 SET_STACK: not at a page's end");
	is(hcall(LHCALL_SET_STACK, DS1 | 0xabc00000, (u32)trap_stack_top, 1, 0), 0,
	   "2.1 SET_STACK: a selector has 16 bits");
}

LIVES(registers_kept)
{
	static u32 kept[7];
	static const u32 wanted[7] = { 1, 0x0b0b0b0b, 0x0c0c0c0c, 0x0d0d0d0d, 0x51515151, 0xd1d1d1d1, 0xb0b0b0b0 };

	__asm__ volatile("pushl %%ebp; movl $0xb0b0b0b0, %%ebp; stc; int $0x1f;"
			 "movl %%ebx, %0 + 4; movl %%ecx, %0 + 8; movl %%edx, %0 + 12; movl %%esi, %0 + 16;"
			 "movl %%edi, %0 + 20; movl %%ebp, %0 + 24; pushfl; popl %0; popl %%ebp"
			 : "=m" (kept)
			 : "a" (LHCALL_SEND_INTERRUPTS), "b" (0x0b0b0b0b), "c" (0x0c0c0c0c), "d" (0x0d0d0d0d),
			   "S" (0x51515151), "D" (0xd1d1d1d1) : "memory", "cc");
	kept[0] &= 1;
	for (u32 i = 0; i < 7; i++)
		is(kept[i], wanted[i], i ? "2.1 calls: register %u is kept" : "2.1 calls: the flags are kept", i);
}

LIVES(not_from_programs)
{
	static const u32 calls[] = { LHCALL_SHUTDOWN, LHCALL_SEND_INTERRUPTS, LHCALL_LGUEST_INIT, 77 };
	USER_CODE(user_call, "movl user_argument, %eax; movl $1, %ecx; int $0x1f");

	for (u32 i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		user_argument[0] = calls[i];
		is(in_user(user_call), 13, "2.1 calls: a program that makes call %u gets a fault", calls[i]);
		ok(NAMES_VECTOR(last.error, 0x1f), "2.1 calls: whose error names the vector (call %u)", calls[i]);
	}
}

/* --- LGUEST_INIT */

EARLY_DIES(before_init, "2.1 LGUEST_INIT: must be the first call", "hypercall 10 before LGUEST_INIT")
{
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}

EARLY_DIES(unknown_before_init, "2.1 unknown: nor is an unknown call the first", "hypercall 4294967295 before LGUEST_INIT")
{
	hcall(~0, 0, 0, 0, 0);
}

EARLY_DIES(init_across_end, "2.1 LGUEST_INIT: the block must end in memory", "hypercall LGUEST_INIT: block at 0x900ffc, limit 0x901000")
{
	hcall(LHCALL_LGUEST_INIT, LIMIT - 4, 0, 0, 0);
}

EARLY_DIES(init_one_word_late, "2.1 LGUEST_INIT: one word too far", "hypercall LGUEST_INIT: block at 0x[0-9a-f]+, limit")
{
	hcall(LHCALL_LGUEST_INIT, LIMIT - sizeof(data) + 4, 0, 0, 0);
}

EARLY_DIES(init_wraps, "2.1 LGUEST_INIT: nor may it wrap", "hypercall LGUEST_INIT: block at 0xfffffff0, limit")
{
	hcall(LHCALL_LGUEST_INIT, 0xfffffff0, 0, 0, 0);
}

EARLY_DIES(init_at_zero, "2.1 LGUEST_INIT: not at 0", "hypercall LGUEST_INIT: block at 0x0, limit")
{
	hcall(LHCALL_LGUEST_INIT, 0, 0, 0, 0);
}

EARLY_DIES(init_unaligned, "2.1 LGUEST_INIT: on a word", "hypercall LGUEST_INIT: block at 0x[0-9a-f]+, limit")
{
	init(&data);
	hcall(LHCALL_LGUEST_INIT, (u32)&data + 2, 0, 0, 0);
}

EARLY_DIES(init_kernel_address, "2.2 kernel_address: below the Host's part",
	   "hypercall LGUEST_INIT: kernel address 0xff800000, limit 0xff800000")
{
	init(&data);
	data.kernel_address = 0xff800000;
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
}

EARLY_DIES(init_vector, "2.2 syscall_vec: 128 and nothing else", "hypercall LGUEST_INIT: system call vector 65, must be 128")
{
	init(&data);
	data.syscall_vec = 0x41;
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
}

EARLY_LIVES(init_at_end)
{
	struct lguest_data *at = (struct lguest_data *)(LIMIT - sizeof(data));

	init(at);
	is(hcall(LHCALL_LGUEST_INIT, (u32)at, 0, 0, 0), 0, "2.1 LGUEST_INIT: the last possible place");
	ok(at->reserve_mem, "2.1 LGUEST_INIT: and it is filled there");
}

EARLY_LIVES(init_kernel_limit)
{
	init(&data);
	data.kernel_address = 0xff7ff000;
	is(hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0), 0, "2.2 kernel_address: the last page below the Host's part");
}

EARLY_LIVES(init_kernel_low)
{
	init(&data);
	data.kernel_address = 0;
	is(hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0), 0, "2.2 kernel_address: 0");
	make_tables();
	hcall(LHCALL_NEW_PGTABLE, (u32)top, 0, 0, 0);
	ok(*(volatile u32 *)(FRAME(0)) == 0, "2.2 kernel_address: 0, all is the kernel's and works");
}

DIES(init_twice, "2.1 LGUEST_INIT: once", "hypercall LGUEST_INIT made twice")
{
	hcall(LHCALL_LGUEST_INIT, (u32)&data, 0, 0, 0);
}

/* --- unknown numbers */

#define UNKNOWN(n)										\
	DIES(unknown_##n, "2.1 unknown: number " #n " kills", "unknown hypercall " #n "$")	\
	{											\
		hcall(n, 0, 0, 0, 0);								\
	}
UNKNOWN(3)
UNKNOWN(11)
UNKNOWN(12)
UNKNOWN(20)
UNKNOWN(31)
UNKNOWN(1000)
UNKNOWN(4294967295)

/* --- SHUTDOWN */

DIES(shutdown_how, "2.1 SHUTDOWN: reason 7 kills", "hypercall SHUTDOWN: 7 is neither power-off, restart nor panic")
{
	hcall(LHCALL_SHUTDOWN, (u32)text, 7, 0, 0);
}

DIES(shutdown_zero, "2.1 SHUTDOWN: reason 0 kills", "hypercall SHUTDOWN: 0 is neither power-off, restart nor panic")
{
	hcall(LHCALL_SHUTDOWN, (u32)text, 0, 0, 0);
}

DIES(shutdown_huge, "2.1 SHUTDOWN: reason 0xffffffff kills", "hypercall SHUTDOWN: 4294967295 is neither")
{
	hcall(LHCALL_SHUTDOWN, (u32)text, ~0, 0, 0);
}

DIES(shutdown_outside, "2.1 SHUTDOWN: the text must be in memory", "bad read of 128 bytes at physical 0xffffff00, limit")
{
	hcall(LHCALL_SHUTDOWN, 0xffffff00, 1, 0, 0);
}

DIES(shutdown_across_end, "2.1 SHUTDOWN: all 128 bytes of it", "bad read of 128 bytes at physical 0x900f81, limit")
{
	hcall(LHCALL_SHUTDOWN, LIMIT - 127, 1, 0, 0);
}

DIES(shutdown_at_end, "2.1 SHUTDOWN: the last 128 bytes of memory will do", "died: qqqqqqqqqqqqqqqq*$")
{
	memset((void *)(DEVICES + LIMIT - RAM - 128), 'q', 128);
	hcall(LHCALL_SHUTDOWN, LIMIT - 128, LGUEST_SHUTDOWN_PANIC, 0, 0);
}

DIES(shutdown_escape, "2.1 SHUTDOWN: a terminal is not told to do anything", "the Guest died:  \\[2Jred x*$")
{
	static char escape[128] = "\033[2Jred\377";

	memset(escape + 8, 'x', 120);
	hcall(LHCALL_SHUTDOWN, (u32)escape, LGUEST_SHUTDOWN_PANIC, 0, 0);
}

DIES(shutdown_panic, "2.1 SHUTDOWN: a panic's last words", "the Guest died: some words$")
{
	hcall(LHCALL_SHUTDOWN, (u32)text, LGUEST_SHUTDOWN_PANIC, 0, 0);
}

/* --- what the other calls refuse */

DIES(table_outside, "2.1 NEW_PGTABLE: a table outside memory", "hypercall NEW_PGTABLE: table at 0x10000000, limit")
{
	hcall(LHCALL_NEW_PGTABLE, 0x10000000, 0, 0, 0);
}

DIES(table_at_limit, "2.1 NEW_PGTABLE: the first page outside", "hypercall NEW_PGTABLE: table at 0x901000, limit 0x901000")
{
	hcall(LHCALL_NEW_PGTABLE, LIMIT, 0, 0, 0);
}

DIES(table_unaligned, "2.1 NEW_PGTABLE: a table begins a page", "hypercall NEW_PGTABLE: table at 0x[0-9a-f]+10, limit")
{
	hcall(LHCALL_NEW_PGTABLE, (u32)top + 16, 0, 0, 0);
}

DIES(table_empty, "2.1 NEW_PGTABLE: into nothing", "no stack at|unhandled trap 14")
{
	hcall(LHCALL_NEW_PGTABLE, FRAME_AT(9), 0, 0, 0);
}

DIES(flush_what, "2.1 FLUSH_TLB: neither 0 nor 1", "hypercall FLUSH_TLB: 2 is neither 0 nor 1")
{
	hcall(LHCALL_FLUSH_TLB, 2, 0, 0, 0);
}

DIES(idt_vector, "2.1 LOAD_IDT_ENTRY: vector 256", "hypercall LOAD_IDT_ENTRY: vector 256, limit 256")
{
	hcall(LHCALL_LOAD_IDT_ENTRY, 256, 0x610000, 0x108e00, 0);
}

DIES(idt_vector_huge, "2.1 LOAD_IDT_ENTRY: vector 0xffffffff", "hypercall LOAD_IDT_ENTRY: vector 4294967295, limit 256")
{
	hcall(LHCALL_LOAD_IDT_ENTRY, ~0, 0x610000, 0x108e00, 0);
}

#define GATE_TYPE(type)											\
	DIES(idt_type_##type, "2.1 LOAD_IDT_ENTRY: a present gate of type " #type,			\
	     "hypercall LOAD_IDT_ENTRY: vector 20 is of type " #type)					\
	{												\
		hcall(LHCALL_LOAD_IDT_ENTRY, 20, 0x610000, 0x108000 | type << 8, 0);			\
	}
GATE_TYPE(0x5)
GATE_TYPE(0x6)
GATE_TYPE(0x7)
GATE_TYPE(0xc)

DIES(gdt_slot, "2.1 LOAD_GDT_ENTRY: slot 32", "hypercall LOAD_GDT_ENTRY: slot 32, limit 32")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 32, 0xffff, 0xcf9b00, 0);
}

DIES(gdt_slot_huge, "2.1 LOAD_GDT_ENTRY: slot 0x80000000", "hypercall LOAD_GDT_ENTRY: slot 2147483648, limit 32")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 0x80000000, 0xffff, 0xcf9b00, 0);
}

DIES(tls_outside, "2.1 LOAD_TLS: outside memory", "bad read of 24 bytes at physical 0xfffffff8, limit")
{
	hcall(LHCALL_LOAD_TLS, 0xfffffff8, 0, 0, 0);
}

DIES(tls_across_end, "2.1 LOAD_TLS: all 24 bytes", "bad read of 24 bytes at physical 0x900fec, limit")
{
	hcall(LHCALL_LOAD_TLS, LIMIT - 20, 0, 0, 0);
}

DIES(stack_privilege_0, "2.1 SET_STACK: privilege 0", "hypercall SET_STACK: selector 0x58 has privilege 0, must be 1")
{
	hcall(LHCALL_SET_STACK, 0x58, (u32)trap_stack_top, 1, 0);
}

DIES(stack_privilege_3, "2.1 SET_STACK: privilege 3", "hypercall SET_STACK: selector 0x7b has privilege 3, must be 1")
{
	hcall(LHCALL_SET_STACK, DS3, (u32)trap_stack_top, 1, 0);
}

DIES(stack_pages_0, "2.1 SET_STACK: no page", "hypercall SET_STACK: 0 pages, must be 1 or 2")
{
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 0, 0);
}

DIES(stack_pages_3, "2.1 SET_STACK: three pages", "hypercall SET_STACK: 3 pages, must be 1 or 2")
{
	hcall(LHCALL_SET_STACK, DS1, (u32)trap_stack_top, 3, 0);
}

DIES(stack_unmapped, "2.1 SET_STACK: not mapped", "hypercall SET_STACK: no page at 0x5fffff")
{
	hcall(LHCALL_SET_STACK, DS1, 0x600000, 1, 0);
}

DIES(stack_read_only, "2.1 SET_STACK: not writable", "hypercall SET_STACK: no page at 0x40[0-9a-f]+")
{
	map(WINDOW, FRAME_AT(0) | P | A | D);
	hcall(LHCALL_SET_STACK, DS1, WINDOW + PAGE, 1, 0);
}

DIES(stack_in_host, "2.1 SET_STACK: in the Host's part", "hypercall SET_STACK: no page at 0xffff")
{
	hcall(LHCALL_SET_STACK, DS1, 0, 1, 0);
}

DIES(pgd_index, "2.1 SET_PGD: index 1024", "hypercall SET_PGD: index 1024, limit 1024")
{
	hcall(LHCALL_SET_PGD, (u32)top, 1024, 0, 0);
}

DIES(pgd_index_huge, "2.1 SET_PGD: index 0xffffffff", "hypercall SET_PGD: index 4294967295, limit")
{
	hcall(LHCALL_SET_PGD, (u32)top, ~0, 0, 0);
}

DIES(pte_address, "2.1 SET_PTE: the first address of the Host's", "hypercall SET_PTE: address 0xff800000, limit 0xff800000")
{
	hcall(LHCALL_SET_PTE, (u32)top, -data.reserve_mem, 0, 0);
}

DIES(notify_outside, "2.1 NOTIFY: outside memory", "hypercall NOTIFY: address 0x40000000, limit")
{
	hcall(LHCALL_NOTIFY, 0x40000000, 0, 0, 0);
}

DIES(notify_limit, "2.1 NOTIFY: the first byte outside", "hypercall NOTIFY: address 0x901000, limit 0x901000")
{
	hcall(LHCALL_NOTIFY, LIMIT, 0, 0, 0);
}

DIES(notify_nothing, "2.1 NOTIFY: no device there", "notified 0x900fff, where nothing is")
{
	hcall(LHCALL_NOTIFY, LIMIT - 1, 0, 0, 0);
}

LIVES(notify_text)
{
	static char words[PAGE] __attribute__((aligned(4096))) = "ok 2.1 NOTIFY: text below the devices is printed\n";

	hcall(LHCALL_NOTIFY, (u32)words, 0, 0, 0);
	memset((void *)FRAME(1023), 'x', PAGE);
	memcpy((void *)(FRAME(1024) - 4), "ok ", 3);
	*(char *)(FRAME(1024) - 1) = '2';
	hcall(LHCALL_NOTIFY, RAM - 4, 0, 0, 0);
	print(".1 NOTIFY: text that memory ends is printed up to there\n");
}

LIVES(ts)
{
	hcall(LHCALL_TS, 1, 0, 0, 0);
	is(TRY("fninit"), 7, "2.1 TS: the next use of the FPU traps");
	is(TRY("fnop"), 7, "2.1 TS: and traps again, until the Guest says otherwise");
	hcall(LHCALL_TS, 0, 0, 0, 0);
	is(TRY("fninit"), -1, "2.1 TS: off, no trap");
	hcall(LHCALL_TS, 0x100, 0, 0, 0);
	is(TRY("fninit"), 7, "2.1 TS: anything but 0 is on");
}

DIES(set_pmd, "2.1 SET_PMD: not for a Guest with two levels of tables", "unknown hypercall 13|SET_PMD")
{
	hcall(LHCALL_SET_PMD, (u32)top, 0, 0, 0);
}

/* --- the local table and the debug registers */

LIVES(local_table)
{
	static u32 table[4] __attribute__((aligned(8))) = { 0xffff, 0xcf9200, 0xffff, 0xcfe900 };

	is(hcall(LHCALL_SET_LDT, (u32)table, 2, 0, 0), 0, "2.1 SET_LDT: two descriptors");
	is(lar(0 * 8 + 5) & 0xf0ff00, 0xc0b300, "2.1 SET_LDT: privilege 0 becomes 1, accessed");
	is(lar(1 * 8 + 5), 0, "2.1 SET_LDT: a system descriptor is dropped");
	is(hcall(LHCALL_SET_LDT, 0, 0, 0, 0), 0, "2.1 SET_LDT: none");
	is(lar(0 * 8 + 5), 0, "2.1 SET_LDT: and they are gone");
}

DIES(ldt_entries, "2.1 SET_LDT: 8193 entries", "hypercall SET_LDT: 8193 entries, limit 8192")
{
	hcall(LHCALL_SET_LDT, 0x1000, 8193, 0, 0);
}

DIES(ldt_in_host, "2.1 SET_LDT: into the Host's part", "hypercall SET_LDT: 2 entries at 0xff7ffff8, limit 0xff800000")
{
	hcall(LHCALL_SET_LDT, 0xff7ffff8, 2, 0, 0);
}

DIES(debug_register, "2.1 SET_DEBUGREG: register 4", "hypercall SET_DEBUGREG: register 4 is neither 0 to 3 nor 7")
{
	hcall(LHCALL_SET_DEBUGREG, 4, 0, 0, 0);
}

DIES(debug_control, "2.1 SET_DEBUGREG: general detect", "hypercall SET_DEBUGREG: control 0x2000, must not have any of")
{
	hcall(LHCALL_SET_DEBUGREG, 7, 0x2000, 0, 0);
}
