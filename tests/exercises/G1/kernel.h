/* SPDX-License-Identifier: GPL-2.0-only */
/* G1: what mmu.c and hypercall.c have from the kernel's headers, each of which is this file here. */
#ifndef G1_KERNEL_H
#define G1_KERNEL_H

#include "kernel/base.h"
#include "kernel/lazy.h"

#define PAGE_MASK			(~4095ul)
#define TASK_SIZE			0xc0000000ul
#define PAGE_OFFSET			TASK_SIZE
#define __PV_IS_CALLEE_SAVE(function)	(function)

typedef struct { u64 counter; } atomic64_t;
#define atomic64_read(at)		((at)->counter)

struct mm_struct { struct { u64 ctx_id; atomic64_t tlb_gen; } context; };
struct task_struct { unsigned int flags; };
struct tlb_context { u64 ctx_id, tlb_gen; };
struct tlb_state { struct mm_struct *loaded_mm; struct tlb_context ctxs[6]; };
extern struct tlb_state cpu_tlbstate;
#define LOADED_MM_SWITCHING		((struct mm_struct *)1)
#define this_cpu_read(x)		(x)
#define this_cpu_ptr(x)			(x)

extern char swapper_pg_dir[], initial_page_table[];
extern unsigned long tlb_single_page_flush_ceiling;

struct pv_ops {
	struct {
		void (*start_context_switch)(struct task_struct *prev);
		void (*end_context_switch)(struct task_struct *next);
	} cpu;
	struct {
		unsigned long (*read_cr2)(void);
		void (*write_cr2)(unsigned long addr);
		unsigned long (*read_cr3)(void);
		void (*write_cr3)(unsigned long cr3);
		void (*flush_tlb_user)(void);
		void (*flush_tlb_kernel)(void);
		void (*flush_tlb_one_user)(unsigned long addr);
		struct { void (*enter)(void), (*leave)(void), (*flush)(void); } lazy_mode;
	} mmu;
};
extern struct pv_ops pv_ops;

#endif /* G1_KERNEL_H */
