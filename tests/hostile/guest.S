/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Guest that does one wrong thing, chosen by -DCASE_name. hostile.t lists the
 * cases with what the Host must say. A case that survives says so.
 */
#include "lguest.h"

#if defined(CASE_walk_regs) || defined(CASE_walk_state) || defined(CASE_walk_text) || \
	defined(CASE_walk_unmapped) || defined(CASE_walk_loop) || defined(CASE_walk_stack_gone) || \
	defined(CASE_walk_stack_regs) || defined(CASE_walk_stack_state) || defined(CASE_walk_stack_text) || \
	defined(CASE_short_outside) || defined(CASE_short_alias) || defined(CASE_short_read_only) || \
	defined(CASE_short_upper)
#define WALK
#endif
#define CALL(nr, a, b, c, d) \
	movl $(nr), %eax; movl $(a), %ebx; movl $(b), %ecx; movl $(c), %edx; movl $(d), %esi; \
	int $LGUEST_TRAP_ENTRY

	.section .note.lguest, "a", @note
	.long	7, 4, 1
	.asciz	"lguest"
	.balign	4
	.long	start

	/* The instruction faults at the address with the error (and bit 2 in ring 3). */
	.macro	fault_at address, error, instruction:vararg
	movl	$\address, want_address
	movl	$\error, want_error
	movl	$8f, want_eip
	movl	$9f, want_next
	movl	$0, %eax
	call	fill
8:	\instruction \address
9:	call	compare
	.endm

	/* A write to the page, whose word is new, accessed and dirty: the Switcher fills the shadow on a short trip. */
	.macro	fill_at address
	movl	$\address + 0x67, table + \address / 4096 * 4
	movl	$0, %eax
	call	fill
	movl	%eax, \address
	call	compare
	.endm

	/* A gate of that type and segment, which leads to the label. */
	/* On a stack of 16 bits (%esp) is not where push and pop are: no calls, only a look at %esp as a whole. */
	.macro	touch_narrow address
	movl	$\address + 0x67, table + \address / 4096 * 4
	movl	%eax, \address
	cmpl	$0x5aad0000 + user_stack - 0x100000, %esp
	jne	wrong
	.endm
	.macro	gate vector, selector, type, handler
	movl	$\handler, %ecx
	movl	%ecx, %edx
	andl	$0xffff, %ecx
	orl	$\selector << 16, %ecx
	andl	$0xffff0000, %edx
	orl	$\type, %edx
	movl	$LHCALL_LOAD_IDT_ENTRY, %eax
	movl	$\vector, %ebx
	int	$LGUEST_TRAP_ENTRY
	.endm

	.macro	cross_a_thousand_times
	movl	$1000, %edi
7:	CALL(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0)
	decl	%edi
	jnz	7b
	.endm

	.text
	.globl	start
start:
	movl	$stack, %esp
#ifdef CASE_spin
1:	jmp	1b
#endif
#ifdef CASE_first_call
	CALL(LHCALL_HALT, 0, 0, 0, 0)
#endif
#ifdef CASE_init_outside
	CALL(LHCALL_LGUEST_INIT, 0x900ff0, 0, 0, 0)
#endif
#ifdef CASE_init_wraps
	CALL(LHCALL_LGUEST_INIT, 0xfffffff0, 0, 0, 0)
#endif
#ifdef CASE_init_kernel_address
	movl	$0xffc00000, kernel_address
#endif
#ifdef CASE_init_vector
	movl	$0x41, syscall_vec
#endif
#ifdef CASE_fault_direct
	movl	$2, fault_direct
#endif
#ifdef CASE_fault_direct_levels
	movl	$3, levels
	movl	$1, fault_direct
#endif
#if defined(CASE_registers) || defined(WALK)
	movl	$1, fault_direct
#endif
	CALL(LHCALL_LGUEST_INIT, data, 0, 0, 0)
	/* Page tables of our own: the first 4 MB as they are. */
	movl	$3, %eax
	movl	$table, %edi
1:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$4, %edi
	cmpl	$table + 4096, %edi
	jb	1b
	movl	$table + 3, top
	CALL(LHCALL_NEW_PGTABLE, top, 0, 0, 0)

#ifdef CASE_spin
	jmp	.
#endif
#ifdef CASE_nap
1:	CALL(LHCALL_HALT, 0, 0, 0, 0)
	jmp	1b
#endif
#ifdef CASE_init_twice
	CALL(LHCALL_LGUEST_INIT, data, 0, 0, 0)
#endif
#ifdef CASE_unknown_call
	CALL(3, 0, 0, 0, 0)
#endif
#ifdef CASE_unknown_call_in_ring
	movl	$77, slots
	movb	$0, status
	CALL(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0)
#endif
#ifdef CASE_no_handler
	ud2
#endif
#ifdef CASE_no_stack
	CALL(LHCALL_LOAD_IDT_ENTRY, 6, 0x00610000, 0x00108e00, 0)
	movl	$0x500000, %esp
	ud2
#endif
#ifdef CASE_ring_0_code
	ljmp	$0x50, $start
#endif
#ifdef CASE_gdt_slot
	CALL(LHCALL_LOAD_GDT_ENTRY, 32, 0xffff, 0xcf9b00, 0)
#endif
#ifdef CASE_gdt_ring_0
	/* DPL 0 becomes 1, so slot 20 can't be entered at ring 0, and cli faults. */
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcf9b00, 0)
	ljmp	$20 * 8 + 1, $1f
1:	cli
#endif
#ifdef CASE_gdt_call_gate
	/* A call gate to the Switcher's ring-0 segment is no segment: it is dropped. */
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0x00500000, 0x0010ec00, 0)
	lcall	$20 * 8, $0
#endif
#ifdef CASE_segment_gone
	/* %fs names a descriptor that is taken away. */
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfb300, 0)
	movl	$20 * 8 + 1, %eax
	movw	%ax, %fs
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0, 0, 0)
#endif
#ifdef CASE_segment_execute_only
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfb300, 0)
	movl	$20 * 8 + 1, %eax
	movw	%ax, %fs
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfb900, 0)
#endif
#ifdef CASE_segment_raised
	/* %gs names it as ring 3 would, and it becomes ring 1's. */
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcff300, 0)
	movl	$20 * 8 + 3, %eax
	movw	%ax, %gs
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfb300, 0)
#endif
#ifdef CASE_code_gone
	/* All segments differ, so that the Host's words show which is which. */
	CALL(LHCALL_LOAD_GDT_ENTRY, 21, 0xffff, 0xcfb300, 0)
	CALL(LHCALL_LOAD_GDT_ENTRY, 22, 0xffff, 0xcff300, 0)
	movl	$0x7b, %eax
	movw	%ax, %ds
	movl	$21 * 8 + 1, %eax
	movw	%ax, %es
	movl	$22 * 8 + 3, %eax
	movw	%ax, %fs
	movl	$0, %eax
	movw	%ax, %gs
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfbb00, 0)
	ljmp	$20 * 8 + 1, $1f
1:	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0, 0, 0)
#endif
#ifdef CASE_ldt_entries
	CALL(LHCALL_SET_LDT, local, 8193, 0, 0)
#endif
#ifdef CASE_ldt_unaligned
	CALL(LHCALL_SET_LDT, local + 4, 1, 0, 0)
#endif
#ifdef CASE_ldt_top
	CALL(LHCALL_SET_LDT, 0xff7fffe0, 5, 0, 0)
#endif
#ifdef CASE_ldt_wraps
	CALL(LHCALL_SET_LDT, 0xfffffff8, 2, 0, 0)
#endif
#ifdef CASE_ldt_unmapped
	CALL(LHCALL_SET_LDT, 0x500000, 1, 0, 0)
#endif
#ifdef CASE_ldt_half
	CALL(LHCALL_SET_LDT, 0x3ffff8, 2, 0, 0)
#endif
#ifdef CASE_ldt_page_outside
	movl	$0x70000003, table
	CALL(LHCALL_SET_LDT, 0, 1, 0, 0)
#endif
#ifdef CASE_ldt_call_gate
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	lcall	$0 * 8 + 4, $0
#endif
#ifdef CASE_ldt_ring_0
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	ljmp	$1 * 8 + 5, $1f
1:	cli
#endif
#ifdef CASE_ldt_write
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	movl	0xff800000, %eax
	movl	%eax, 0xff800000
#endif
#ifdef CASE_ldt_beyond
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	movl	$3 * 8 + 5, %eax
	movw	%ax, %fs
#endif
#ifdef CASE_ldt_gone
	/* All four data segments lose what they name. */
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	movl	$2 * 8 + 5, %eax
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ds
	CALL(LHCALL_SET_LDT, 0, 0, 0, 0)
	movl	$0x69, %eax
	movw	%ax, %ds
#endif
#ifdef CASE_ldt_largest
	/* From the 64 KB at 1.5 MB, which are zero; then shrink and grow. */
	movl	$0x0000ffff, 0x18fff8
	movl	$0x00cf9300, 0x18fffc
	CALL(LHCALL_SET_LDT, 0x180000, 8192, 0, 0)
	movl	$8191 * 8 + 5, %eax
	movw	%ax, %fs
	movl	%fs:bye, %edi
	cmpl	bye, %edi
	je	1f
	ud2
1:
	CALL(LHCALL_SET_LDT, local, 3, 0, 0)
	CALL(LHCALL_SET_LDT, 0x180000, 8192, 0, 0)
	movl	$8191 * 8 + 5, %eax
	movw	%ax, %fs
	CALL(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0)
#endif
#ifdef CASE_debug_register
	CALL(LHCALL_SET_DEBUGREG, 4, 0, 0, 0)
#endif
#ifdef CASE_debug_access
	CALL(LHCALL_SET_DEBUGREG, 7, 0x2000, 0, 0)
#endif
#ifdef CASE_debug_port
	CALL(LHCALL_SET_DEBUGREG, 0, 0x80, 0, 0)
	CALL(LHCALL_SET_DEBUGREG, 7, 0x20002, 0, 0)
#endif
#ifdef CASE_debug_length
	CALL(LHCALL_SET_DEBUGREG, 7, 0x80000080, 0, 0)
#endif
#ifdef CASE_debug_hit
	CALL(LHCALL_SET_DEBUGREG, 2, bye, 0, 0)
	CALL(LHCALL_SET_DEBUGREG, 7, 0x0d000010, 0, 0)
	movl	$0, bye
#endif
#ifdef CASE_debug_step
	pushfl
	orl	$0x100, (%esp)
	popfl
	nop
#endif
#ifdef CASE_debug_switcher
	/* The Switcher's first instruction, and on this CPU its state, and its stack's last word and where traps begin. */
	CALL(LHCALL_SET_DEBUGREG, 0, 0xff962000, 0, 0)
	movl	$3, %ebx
	sidt	idtr
	movl	idtr + 2, %ecx
	subl	$512, %ecx
1:	movl	$LHCALL_SET_DEBUGREG, %eax
	int	$LGUEST_TRAP_ENTRY
	subl	$4, %ecx
	decl	%ebx
	jnz	1b
	CALL(LHCALL_SET_DEBUGREG, 7, 0xfff000ff, 0, 0)
	cross_a_thousand_times
#endif
#ifdef CASE_debug_host
	/* The Host's stack at the crossing, as the state page before the IDT tells: what C and the Switcher push and pop there. */
	movl	$4, %ebp
1:	leal	-1(%ebp), %ebx
	leal	(, %ebx, 8), %ecx
	sidt	idtr
	movl	idtr + 2, %edx
	addl	-512(%edx), %ecx
	movl	$LHCALL_SET_DEBUGREG, %eax
	int	$LGUEST_TRAP_ENTRY
	decl	%ebp
	jnz	1b
	CALL(LHCALL_SET_DEBUGREG, 7, 0xffff00ff, 0, 0)
	cross_a_thousand_times
#endif
#ifdef WALK
	/* One page fault that goes to our gate directly, so that all that this needs is in the shadow. */
	movl	$table + 7, top + 0x300 * 4
	gate	14, 0x61, 0x8e00, walked
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcfb300, 0)
	CALL(LHCALL_SET_STACK, 20 * 8 + 1, stack, 1, 0)
	testl	%eax, 0xc0000000 + top
	incl	0xc0000000 + data + 12
	movl	$1f, next
	testl	%eax, 0x1000000
1:	sidt	idtr
	movl	idtr + 2, %ebx
	subl	$512, %ebx		/* the state page; below it is the regs page */
	movl	$1f, next
#endif
#if defined(CASE_short_outside) || defined(CASE_short_alias) || defined(CASE_short_read_only) || \
	defined(CASE_short_upper)
	/* Short trips are for this %ds. */
	movl	$0x7b, %eax
	movw	%ax, %ds
	movl	$0, 0x320000
	movl	$0, table + 0x314 * 4
	movl	$0, table + 0x315 * 4
	movl	$0x316067, table + 0x316 * 4
	CALL(LHCALL_FLUSH_TLB, 1, 0, 0, 0)
	movl	$0x12345678, %eax
	movl	%eax, 0x316000
#endif
#ifdef CASE_short_outside
	movl	$0x70000067, table + 0x314 * 4
	movl	%eax, 0x314000
#endif
#ifdef CASE_short_alias
	/* The second page at that address, and its neighbour has none: each write lands where the word says. */
	movl	$0x320067, table + 0x314 * 4
	movl	%eax, 0x314000
	cmpl	%eax, 0x320000
	je	1f
	ud2
1:	movl	$0x321067, table + 0x315 * 4
	movl	%eax, 0x315004
	cmpl	%eax, 0x321004
	je	1f
	ud2
1:
#endif
#ifdef CASE_short_upper
	/* The table was never used, says the upper word: it was now. */
	movl	$0x320067, table + 0x314 * 4
	andl	$~0x20, top
	movl	%eax, 0x314000
	testl	$0x20, top
	jnz	1f
	ud2
1:
#endif
#ifdef CASE_short_read_only
	/* The level above forbids it: the fault is ours. */
	movl	$table + 0x61, top + 0x200 * 4
	movl	$0x320067, table + 0x314 * 4
	testl	%eax, 0x80314000
	movl	$1f, next
	movl	%eax, 0x80314000
	ud2
1:
#endif
#ifdef CASE_walk_regs
	movl	%ebx, %esp
	testl	%eax, 0x1000000
#endif
#ifdef CASE_walk_state
	leal	512(%ebx), %esp
	testl	%eax, 0x1000000
#endif
#ifdef CASE_walk_text
	movl	$0xff962800, %esp
	testl	%eax, 0x1000000
#endif
#ifdef CASE_walk_unmapped
	movl	$0x500000, %esp
	testl	%eax, 0x1000000
#endif
#ifdef CASE_walk_loop
	/*
	 * The fault is in the walker itself, run in ring 1; the frame would go over the registers, so that CS becomes 0;
	 * and the walker's iret would fail, as the stack segment has gone.
	 */
	movl	$0x69, %eax
	movw	%ax, %ss
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0, 0, 0)
	sidt	idtr
	movl	idtr + 2, %ebx
	leal	-512(%ebx), %esp
	movl	$0xff962000, %eax
2:	incl	%eax
	cmpl	$0x910c8b36, (%eax)	/* movl %ss:(%ecx, %edx, 4), %ecx */
	jne	2b
	movl	$0x1000000, %ecx
	xorl	%edx, %edx
	jmp	*%eax
#endif
#if defined(CASE_walk_stack_regs) || defined(CASE_walk_stack_state)
	movl	$LHCALL_SET_STACK, %eax
	movl	%ebx, %ecx
#ifdef CASE_walk_stack_state
	addl	$512, %ecx
#endif
	movl	$0x69, %ebx
	movl	$1, %edx
	int	$LGUEST_TRAP_ENTRY
#endif
#ifdef CASE_walk_stack_text
	CALL(LHCALL_SET_STACK, 0x69, 0xff962800, 1, 0)
#endif
#ifdef CASE_walk_stack_gone
	/* When a program faults, the page of the stack is no longer there. */
	CALL(LHCALL_SET_STACK, 0x69, 0x300000, 1, 0)
	movl	$0, table + 0x2ff * 4
	CALL(LHCALL_SET_PTE, top, 0x2ff000, 0, 0)
#endif
#ifdef CASE_walk_stack_gone
	pushl	$0x7b
	pushl	$0x300ff0
	pushl	$0x202
	pushl	$0x73
	pushl	$0x2000000
	iret
#endif
#ifdef WALK
1:	CALL(LHCALL_SHUTDOWN, bye, LGUEST_SHUTDOWN_PANIC, 0, 0)
walked:	movl	$0, %ss:data
	movl	next, %eax
	movl	%eax, 4(%esp)
	addl	$4, %esp
	iret
#endif
#ifdef CASE_idt_vector
	CALL(LHCALL_LOAD_IDT_ENTRY, 256, 0x00610000, 0x00108e00, 0)
#endif
#ifdef CASE_idt_task_gate
	CALL(LHCALL_LOAD_IDT_ENTRY, 20, 0x00610000, 0x00108500, 0)
#endif
#ifdef CASE_idt_ring_0
	/* A trap gate to the Switcher's code segment: the selector isn't believed. */
	gate	0x80, 0x50, 0xef00, 1f
	int	$0x80
1:	cli
#endif
#ifdef CASE_int_page_fault
	/* A gate that programs may use, for a vector with an error code: int pushes none. */
	gate	14, 0x50, 0xee00, 1f
	int	$14
1:	cli
#endif
#ifdef CASE_stack_privilege
	CALL(LHCALL_SET_STACK, 0x58, stack, 1, 0)
#endif
#ifdef CASE_stack_pages
	CALL(LHCALL_SET_STACK, 0x69, stack, 3, 0)
#endif
#ifdef CASE_stack_unmapped
	CALL(LHCALL_SET_STACK, 0x69, 0x500000, 1, 0)
#endif
#ifdef CASE_table_outside
	CALL(LHCALL_NEW_PGTABLE, 0x10000000, 0, 0, 0)
#endif
#ifdef CASE_table_unaligned
	CALL(LHCALL_NEW_PGTABLE, top + 16, 0, 0, 0)
#endif
#ifdef CASE_table_word_outside
	movl	$0x70000003, top + 4
	movl	0x400000, %eax
#endif
#ifdef CASE_page_outside
	movl	$0x70000003, table
	CALL(LHCALL_FLUSH_TLB, 1, 0, 0, 0)
	movl	0, %eax
#endif
#ifdef CASE_large_page
	movl	$0x83, top + 4
	movl	0x400000, %eax
#endif
#ifdef CASE_flush_what
	CALL(LHCALL_FLUSH_TLB, 2, 0, 0, 0)
#endif
#ifdef CASE_pgd_index
	CALL(LHCALL_SET_PGD, top, 1024, 0, 0)
#endif
#ifdef CASE_pte_address
	CALL(LHCALL_SET_PTE, top, 0xff962000, 0, 0)
#endif
#ifdef CASE_tls_outside
	CALL(LHCALL_LOAD_TLS, 0xfffffff8, 0, 0, 0)
#endif
#ifdef CASE_notify_outside
	CALL(LHCALL_NOTIFY, 0x40000000, 0, 0, 0)
#endif
#ifdef CASE_shutdown_how
	CALL(LHCALL_SHUTDOWN, bye, 7, 0, 0)
#endif
#ifdef CASE_shutdown_outside
	CALL(LHCALL_SHUTDOWN, 0xffffff00, 1, 0, 0)
#endif
#ifdef CASE_shutdown_escape
	CALL(LHCALL_SHUTDOWN, escape, LGUEST_SHUTDOWN_PANIC, 0, 0)
#endif
#ifdef CASE_switcher_write
	movl	$0, 0xff964000
#endif
#ifdef CASE_switcher_map
	/* Mapping something over the Switcher changes nothing: the slot is the Host's. */
	movl	$table + 3, top + 1022 * 4
	CALL(LHCALL_SET_PGD, top, 1022, 0, 0)
	CALL(LHCALL_FLUSH_TLB, 1, 0, 0, 0)
	movl	$0, 0xff800000
#endif
#ifdef CASE_crossings
	/* Not hostile, only restless; nmi.t uses it. */
	movl	$300000, %edi
1:	CALL(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0)
	decl	%edi
	jnz	1b
#endif
#ifdef CASE_registers
	/*
	 * Not hostile, only suspicious; plant.t uses it. Every register gets a value of its own, and after each
	 * crossing must have it still: by hypercall, by the page faults after a flush, by whatever stops a loop, after
	 * short trips, and in the handler of page faults of its own, from ring 1 and from ring 3; and on a stack of 16 bits all of
	 * %esp. At the end it tells the count that plant.pl keeps in the state page, at COUNT; elsewhere there is none.
	 */
#ifndef COUNT
#define COUNT rounds
#endif
#ifndef ROUNDS
#define ROUNDS 100
#endif
	movl	$table, %edi
	movl	$1024, %ecx
1:	orl	$4, (%edi)
	addl	$4, %edi
	loop	1b
	orl	$4, top
	movl	$table + 3, top + 0x300 * 4	/* the promise of fault_direct */
	movl	$0, table + 0x301 * 4
	movl	$0x302025, table + 0x302 * 4	/* read-only */
	movl	$0x303063, table + 0x303 * 4	/* not for ring 3 */
	movl	$0x301007, top + 5 * 4		/* a table where the walker can't read it */
	CALL(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xcff300, 0)
	CALL(LHCALL_LOAD_GDT_ENTRY, 21, 0xffff, 0xcff300, 0)
	CALL(LHCALL_LOAD_GDT_ENTRY, 22, 0xffff, 0xcff300, 0)
	CALL(LHCALL_LOAD_GDT_ENTRY, 23, 0xffff, 0x0ff310, 0)	/* from 0x100000, 16 bits */
	CALL(LHCALL_SET_STACK, 0x69, fault_stack, 1, 0)
	gate	14, 0x61, 0x8e00, handler
	gate	3, 0x61, 0xee00, leave
	movl	$20 * 8 + 3, %eax
	movw	%ax, %es
	movl	$21 * 8 + 3, %eax
	movw	%ax, %fs
	movl	$22 * 8 + 3, %eax
	movw	%ax, %gs
	movl	$0x7b, %eax
	movw	%ax, %ds
	movl	$ROUNDS, rounds
1:	movl	$table + 0x314 * 4, %edi
	movl	$6, %ecx
2:	movl	$0, (%edi)
	addl	$4, %edi
	loop	2b
	movl	$0x300007, table + 0x300 * 4	/* neither accessed nor dirty, so that a write to it faults */
	CALL(LHCALL_FLUSH_TLB, 1, 0, 0, 0)
	incl	0x300000
	movl	$LHCALL_SEND_INTERRUPTS, %eax
	call	fill
	int	$LGUEST_TRAP_ENTRY
	call	compare
	call	fill
	movl	$3000, %eax
2:	decl	%eax
	jnz	2b
	call	compare
	/* What the walker touches is in the shadow: the data, the stack, the tables. */
	incl	0xc0000000 + data + 12
	incl	fault_stack - 4
	testl	%eax, 0xc0000000 + top
	testl	%eax, 0xc0000000 + table
	testl	%eax, 0x302000
	testl	%eax, 0x303000
	call	faults
	fill_at	0x314000
	movl	%esp, kernel_esp
	pushl	$0x7b
	pushl	$user_stack
	pushl	$0x202
	pushl	$0x73
	pushl	$program
	movl	$0x200, data
	iret
program:
	call	faults
	fill_at	0x315000
	fault_at 0x303000, 1, testl %eax,
	movl	$23 * 8 + 3, %eax
	movw	%ax, %ss
	movl	$0x5aad0000 + user_stack - 0x100000, %esp
	touch_narrow 0x316000
	touch_narrow 0x317000
	touch_narrow 0x318000
	touch_narrow 0x319000
	int	$3
leave:	movl	kernel_esp, %esp
	decl	rounds
	jnz	1b
5:	movl	COUNT, %esi
	movl	%esi, %eax
	movl	$count + 8, %edi
3:	movl	%eax, %edx
	andl	$15, %edx
	movb	digits(%edx), %dl
	decl	%edi
	movb	%dl, (%edi)
	shrl	$4, %eax
	cmpl	$count, %edi
	ja	3b
	cmpl	COUNT, %esi
	jne	5b
	CALL(LHCALL_SHUTDOWN, same, LGUEST_SHUTDOWN_PANIC, 0, 0)

	/* Faults of the same kinds at both rings: no entry, no table, read-only, and one at which the walk itself faults. */
faults:
	fault_at 0x301000, 2, movl %eax,
	fault_at 0x1000000, 0, testl %eax,
	fault_at 0x302000, 3, movl %eax,
	fault_at 0x1400000, 0, testl %eax,
	ret

	/* The gate of vector 14: looks at the registers, then at the frame, and returns behind the instruction. */
handler:
	movl	$0, %ss:data		/* the promise, too */
	call	values
	movl	8(%esp), %eax
	andl	$2, %eax		/* of CS: bit 2 of the error code */
	addl	%eax, %eax
	orl	want_error, %eax
	cmpl	%eax, (%esp)
	jne	wrong_frame
	movl	want_eip, %eax
	cmpl	%eax, 4(%esp)
	jne	wrong_frame
	movl	want_address, %eax
	cmpl	%eax, data + 12
	jne	wrong_frame
	movl	12(%esp), %eax
	andl	$0xcd7, %eax
	cmpl	$0x4d7, %eax
	jne	wrong_frame
	testb	$2, 8(%esp)
	jz	1f
	movl	$0x200, data		/* a program's IF is on */
	testb	$2, 13(%esp)
	jz	wrong_frame
	cmpl	$0x7b, 20(%esp)
	jne	wrong_frame
	movl	kept, %eax
	addl	$4, %eax
	cmpl	%eax, 16(%esp)
	jne	wrong_frame
1:	movl	want_next, %eax
	movl	%eax, 4(%esp)
	movl	$0, %eax
	addl	$4, %esp
	iret

fill:	movl	$0xb1b2b3b4, %ebx
	movl	$0xc1c2c3c4, %ecx
	movl	$0xd1d2d3d4, %edx
	movl	$0x51525354, %esi
	movl	$0xd5d6d7d8, %edi
	movl	$0xe1e2e3e4, %ebp
	movl	%esp, kept
	pushl	$0x4d7		/* DF, SF, ZF, AF, PF, CF */
	popf
	ret
compare:
	pushf
	cld
	testl	$0x400, (%esp)
	jz	wrong
	addl	$4, %esp
	cmpl	%esp, kept
	jne	wrong
values:	cmpl	$0xb1b2b3b4, %ebx
	jne	wrong
	cmpl	$0xc1c2c3c4, %ecx
	jne	wrong
	cmpl	$0xd1d2d3d4, %edx
	jne	wrong
	cmpl	$0x51525354, %esi
	jne	wrong
	cmpl	$0xd5d6d7d8, %edi
	jne	wrong
	cmpl	$0xe1e2e3e4, %ebp
	jne	wrong
	testl	%eax, %eax
	jnz	wrong
	movw	%es, %ax
	cmpw	$20 * 8 + 3, %ax
	jne	wrong
	movw	%fs, %ax
	cmpw	$21 * 8 + 3, %ax
	jne	wrong
	movw	%gs, %ax
	cmpw	$22 * 8 + 3, %ax
	jne	wrong
	movw	%ds, %ax
	cmpw	$0x7b, %ax
	jne	wrong
	ret
wrong:	CALL(LHCALL_SHUTDOWN, changed, LGUEST_SHUTDOWN_PANIC, 0, 0)
wrong_frame:
	CALL(LHCALL_SHUTDOWN, frame, LGUEST_SHUTDOWN_PANIC, 0, 0)
#endif
#ifdef CASE_nothing_wrong
	CALL(LHCALL_SET_PGD, top, 1023, 0, 0)
	CALL(LHCALL_SET_PTE, top, 0xff7ff000, 0, 0)
	CALL(LHCALL_LOAD_GDT_ENTRY, 31, 0, 0, 0)
	CALL(LHCALL_LOAD_IDT_ENTRY, 255, 0x00610000, 0x00108e00, 0)
	CALL(LHCALL_SET_STACK, 0x69, stack, 2, 0)
#endif
	CALL(LHCALL_SHUTDOWN, bye, LGUEST_SHUTDOWN_PANIC, 0, 0)

	.data
idtr:	.skip	6
next:	.long	0
bye:	.asciz	"survived"
#ifdef CASE_registers
changed:
	.asciz	"a register has changed"
frame:	.asciz	"a page fault's frame is wrong"
same:	.ascii	"registers the same, count 0x"
count:	.asciz	"        "
digits:	.ascii	"0123456789abcdef"
	.balign	4
rounds:	.long	0
kept:	.long	0
want_address:
	.long	0
want_error:
	.long	0
want_eip:
	.long	0
want_next:
	.long	0
kernel_esp:
	.long	0
#endif
escape:	.ascii	"\033[2Jred"
	.fill	200, 1, 'x'
	.balign	16
	/* A call gate to the Switcher's code segment, code of ring 0, data of ring 0 */
local:	.long	0x00500000, 0x0010ec00
	.long	0x0000ffff, 0x00cf9b00
	.long	0x0000ffff, 0x00cf9300
data:	.long	0, 0, ~0, 0, 0, 0, 0
status:	.fill	LHCALL_RING_SIZE, 1, 0xff
slots:	.fill	LHCALL_RING_SIZE * 5, 4, 0
	.long	0, 0
	.long	0, 0
kernel_address:
	.long	0xc0000000
syscall_vec:
	.long	0x80
levels:	.long	0, 0
fault_direct:
	.long	0, 0

	.bss
	.balign	4096
top:	.skip	4096
table:	.skip	4096
	.skip	8192
stack:
#ifdef CASE_registers
	.skip	4096
fault_stack:
	.skip	4096
user_stack:
#endif
