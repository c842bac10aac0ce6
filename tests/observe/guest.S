/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Guest that gives the Host a known number of reasons for everything that it
 * counts, says so, and spins. observe.t knows the numbers.
 */
#include "lguest.h"

#define CALL(nr, a, b, c) \
	movl $(nr), %eax; movl $(a), %ebx; movl $(b), %ecx; movl $(c), %edx; int $LGUEST_TRAP_ENTRY

/* An interrupt gate to @handler, which must lie in the second megabyte */
#define GATE(vector, handler) \
	CALL(LHCALL_LOAD_IDT_ENTRY, vector, 0x00610000 + (handler - base), 0x00108e00)

	.section .note.lguest, "a", @note
	.long	7, 4, 1
	.asciz	"lguest"
	.balign	4
	.long	start

	.text
	.set	base, 0x100000
	.globl	start
start:
	movl	$stack, %esp
	CALL(LHCALL_LGUEST_INIT, data, 0, 0)
	/* The first 2 MB as they are; the page at 2 MB isn't there. */
	movl	$3, %eax
	movl	$table, %edi
1:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$4, %edi
	cmpl	$table + 2048, %edi
	jb	1b
	movl	$table + 3, top
	CALL(LHCALL_NEW_PGTABLE, top, 0, 0)
	GATE(6, invalid_opcode)
	GATE(14, page_fault)
	GATE(0x30, timer)

	/* Seven direct calls, three from the ring */
	.rept	7
	CALL(LHCALL_TS, 0, 0, 0)
	.endr
	movl	$LHCALL_SET_PGD, slots
	movl	$top, slots + 4
	movl	$LHCALL_SET_PGD, slots + 20
	movl	$top, slots + 24
	movl	$LHCALL_SET_PGD, slots + 40
	movl	$top, slots + 44
	movb	$0, status
	movb	$0, status + 1
	movb	$0, status + 2
	CALL(LHCALL_FLUSH_ASYNC, 0, 0, 0)

	/* Four instructions to emulate, five traps, six page faults */
	.rept	4
	inb	$0x80
	.endr
	.rept	5
	ud2
	.endr
	movl	$6, %ecx
2:	movb	$1, 0x200000
	loop	2b

	/* One nap, ended by the timer */
	CALL(LHCALL_SET_CLOCKEVENT, 300000000, 0, 0)
	CALL(LHCALL_HALT, 1, 0, 0)

	CALL(LHCALL_NOTIFY, ready, 0, 0)
	jmp	.

invalid_opcode:
	addl	$2, (%esp)		/* over ud2 */
	iret
page_fault:
	addl	$4, %esp		/* the error code */
	addl	$7, (%esp)		/* over movb */
	iret
timer:
	iret

	.data
ready:	.asciz	"ready\n"
	.balign	16
data:	.long	0, 0, 0, 0, 0, 0, 0
status:	.fill	LHCALL_RING_SIZE, 1, 0xff
slots:	.fill	LHCALL_RING_SIZE * 5, 4, 0
	.long	0, 0
	.long	0, 0
	.long	0xc0000000		/* kernel_address */
	.long	0x80			/* syscall_vec */
	.long	0, 0

	.bss
	.balign	4096
top:	.skip	4096
table:	.skip	4096
	.skip	8192
stack:
