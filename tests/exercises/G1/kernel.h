/* SPDX-License-Identifier: GPL-2.0-only */
/* G1: what mmu.c and hypercall.c have from the kernel's headers, each of which is this file here. */
#ifndef G1_KERNEL_H
#define G1_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

#include <lguest.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __init
#undef __always_inline
#define __always_inline			inline __attribute__((always_inline))
#define __stringify_1(x)		#x
#define __stringify(x)			__stringify_1(x)
#define READ_ONCE(x)			(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)		(*(volatile __typeof__(x) *)&(x) = (value))
#define smp_store_release(at, value)	__atomic_store_n(at, value, __ATOMIC_RELEASE)
#define raw_local_irq_save(flags)	((void)((flags) = 0))
#define raw_local_irq_restore(flags)	((void)(flags))
#define unlikely(x)			(x)
#define likely(x)			(x)

#define PAGE_MASK			(~4095ul)
#define TASK_SIZE			0xc0000000ul
#define PAGE_OFFSET			TASK_SIZE
#define __pa(at)			((unsigned long)(at))
#define PF_KTHREAD			0x00200000
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

enum paravirt_lazy_mode { PARAVIRT_LAZY_NONE, PARAVIRT_LAZY_MMU, PARAVIRT_LAZY_CPU };
extern enum paravirt_lazy_mode lazy_mode;

static inline enum paravirt_lazy_mode paravirt_get_lazy_mode(void)
{
	return lazy_mode;
}

static inline void paravirt_enter_lazy_mmu(void)
{
	lazy_mode = PARAVIRT_LAZY_MMU;
}

static inline void paravirt_leave_lazy_mmu(void)
{
	lazy_mode = PARAVIRT_LAZY_NONE;
}

static inline void paravirt_flush_lazy_mmu(void)
{
}

static inline void paravirt_start_context_switch(struct task_struct *prev)
{
	(void)prev;
	lazy_mode = PARAVIRT_LAZY_CPU;
}

static inline void paravirt_end_context_switch(struct task_struct *next)
{
	(void)next;
	lazy_mode = PARAVIRT_LAZY_NONE;
}

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
