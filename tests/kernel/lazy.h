/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux's lazy modes (G:035), as asm/paravirt.h has them, and interrupts, which nobody turns off here. */
#ifndef KERNEL_LAZY_H
#define KERNEL_LAZY_H

struct task_struct;

#define raw_local_irq_save(flags)	((void)((flags) = 0))
#define raw_local_irq_restore(flags)	((void)(flags))
#define __pa(at)			((unsigned long)(at))
#define PF_KTHREAD			0x00200000

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

#endif /* KERNEL_LAZY_H */
