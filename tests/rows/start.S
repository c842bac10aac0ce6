/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What C cannot do for a small Guest: the first instruction, the entries of 256 traps, the way back with its
 * no-interrupt range, and the ways to ring 3 and out of it.
 */
#include "lguest.h"

#define IF	0x200
#define KERNEL_DS	0x69
#define USER_CS	0x73
#define USER_DS	0x7b

	.section .note.lguest, "a", @note
	.long	7, 4, 1
	.asciz	"lguest"
	.balign	4
	.long	start

	.text
	.globl	start
start:
	cld
	movl	$stack_top, %esp
	pushl	0x228(%esi)	/* struct boot_params: hdr.cmd_line_ptr */
	call	run
	ud2

	/* int hcall(nr, a, b, c, d) */
	.globl	hcall
hcall:
	pushl	%ebx
	pushl	%esi
	movl	12(%esp), %eax
	movl	16(%esp), %ebx
	movl	20(%esp), %ecx
	movl	24(%esp), %edx
	movl	28(%esp), %esi
	int	$LGUEST_TRAP_ENTRY
	popl	%esi
	popl	%ebx
	ret

	.globl	stubs
	.balign	16
stubs:
	vector = 0
	.rept	256
	.balign	16
	/* Vectors with an error code: 8, 10 to 14, 17, 21. */
	.if	vector < 32
	.if	!((0x00227d00 >> vector) & 1)
	pushl	$0
	.endif
	.else
	pushl	$0
	.endif
	pushl	$vector
	jmp	entry
	vector = vector + 1
	.endr

entry:
	cld
	pushal
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	pushl	%esp
	call	trap
	addl	$4, %esp
	popl	%gs
	popl	%fs
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp
again:
	testl	$IF, 8(%esp)
	jz	plain_iret
	.globl	noirq_start, noirq_end, slow_iret, slow_loop
noirq_start:
	movl	$IF, %ss:data
	cmpl	$0, %ss:data + 4
	jne	pending
plain_iret:
	iret
	/* The same, with time for an interrupt in the middle: %ecx turns, then back to a frame made by C. */
slow_iret:
	movl	$IF, %ss:data
slow_loop:
	loop	slow_loop
	iret
noirq_end:

pending:
	pushl	%eax
	movl	$LHCALL_SEND_INTERRUPTS, %eax
	int	$LGUEST_TRAP_ENTRY
	popl	%eax
	movl	$0, %ss:data
	jmp	again

	/* A handler whose first instruction lasts: see irq.c. It counts what came before its second one. */
	.globl	slow_gate
slow_gate:
	loop	slow_gate
	movl	irqs, %edx
	movl	$0, data
	movl	%edx, irqs_at_gate
	iret

	/* void to_user(eip, esp, flags): does not return but by from_user() */
	.globl	to_user, from_user
to_user:
	movl	4(%esp), %eax
	movl	8(%esp), %ecx
	movl	12(%esp), %edx
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	pushl	%ebp
	movl	%esp, kernel_esp
	pushl	$USER_DS
	pushl	%ecx
	pushl	%edx
	pushl	$USER_CS
	pushl	%eax
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	iret
from_user:
	movl	kernel_esp, %esp
	popl	%ebp
	popl	%edi
	popl	%esi
	popl	%ebx
	ret


	.globl	slow_kernel
slow_kernel:
	/* u32 slow_kernel(flags, turns, cs): irets to its own end, and returns what is left of the turns */
	movl	8(%esp), %ecx
	movl	4(%esp), %eax
	movl	12(%esp), %edx
	pushl	%eax
	pushl	%edx
	pushl	$1f
	jmp	slow_iret
1:	movl	%ecx, %eax
	ret

	.globl	slow_user
slow_user:
	/* void slow_user(eip, esp, turns): to ring 3 by way of slow_iret, back by from_user() */
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	movl	12(%esp), %ecx
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	pushl	%ebp
	movl	%esp, kernel_esp
	pushl	$USER_DS
	pushl	%edx
	pushl	$(IF | 2)
	pushl	$USER_CS
	pushl	%eax
	movl	$USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	jmp	slow_iret

	.bss
	.globl	kernel_esp, stack_top, trap_stack_top
kernel_esp: .skip 4
	.balign	4096
	.skip	16384
stack_top:
	.skip	8192
trap_stack_top:
