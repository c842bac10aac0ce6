/* SPDX-License-Identifier: GPL-2.0-only */
/* What interrupts_32.S has from the kernel's headers, each of which is this file here. */
#ifndef KERNEL_ENTRY_H
#define KERNEL_ENTRY_H

#ifdef __ASSEMBLER__
#define __ASSEMBLY__			/* as the kernel's Makefile does */
#endif

#include <lguest.h>

#define SYM_FUNC_START(name)		.globl name; name:
#define SYM_FUNC_START_LOCAL(name)	name:
#define SYM_FUNC_END(name)
#define SYM_CODE_START(name)		.globl name; name:
#define SYM_CODE_START_LOCAL(name)	name:
#define SYM_CODE_END(name)
#define SYM_INNER_LABEL(name, how)	.globl name; name:
#define RET				ret
#define _ASM_EXTABLE(from, to)

#define X86_EFLAGS_IF			0x200
#define X86_EFLAGS_IF_BIT		9
#define SEGMENT_TI_MASK			0x4
#define USER_SEGMENT_RPL_MASK		0x2
#define GDT_ENTRY_ESPFIX_SS		26
#define __ESPFIX_SS			(GDT_ENTRY_ESPFIX_SS * 8)

#endif /* KERNEL_ENTRY_H */
