/* SPDX-License-Identifier: GPL-2.0-only */
/* G2: what segments.c and hypercall.c have from the kernel's headers, each of which is this file here. */
#ifndef G2_KERNEL_H
#define G2_KERNEL_H

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
#define container_of(at, type, field)	((type *)((char *)(at) - offsetof(type, field)))
#define READ_ONCE(x)			(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)		(*(volatile __typeof__(x) *)&(x) = (value))
#define smp_store_release(at, value)	__atomic_store_n(at, value, __ATOMIC_RELEASE)
#define raw_local_irq_save(flags)	((void)((flags) = 0))
#define raw_local_irq_restore(flags)	((void)(flags))
#define unlikely(x)			(x)
#define likely(x)			(x)

#define PAGE_SIZE			4096u
#define THREAD_SIZE			8192u
#define CPU_ENTRY_AREA_BASE		0xff400000u
#define __pa(at)			((unsigned long)(at))
#define GDT_ENTRY_TSS			16
#define GDT_ENTRY_TLS_ENTRIES		3
#define __KERNEL_DS			0x68
#define X86_TRAP_PF			14
#define FIRST_EXTERNAL_VECTOR		0x20
#define IA32_SYSCALL_VECTOR		0x80
#define GATE_TRAP			15
#define PF_KTHREAD			0x00200000

struct desc_struct { u32 low, high; };
struct desc_ptr { u16 size; unsigned long address; } __attribute__((packed));
typedef struct {
	u16 offset_low, segment;
	struct { u16 ist:3, zero:5, type:5, dpl:2, p:1; } bits;
	u16 offset_middle;
} gate_desc;

struct thread_struct { struct desc_struct tls_array[GDT_ENTRY_TLS_ENTRIES]; };
struct task_struct { unsigned int flags; struct thread_struct thread; };

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
		void (*write_gdt_entry)(struct desc_struct *dt, int entry, const void *desc, int type);
		void (*load_gdt)(const struct desc_ptr *table);
		void (*write_idt_entry)(gate_desc *dt, int vector, const gate_desc *gate);
		void (*load_idt)(const struct desc_ptr *table);
		void (*load_tls)(struct thread_struct *t, unsigned int cpu);
		void (*set_ldt)(const void *table, unsigned int entries);
		void (*load_tr_desc)(void);
		unsigned long (*store_tr)(void);
		void (*load_sp0)(unsigned long sp0);
		void (*start_context_switch)(struct task_struct *prev);
		void (*end_context_switch)(struct task_struct *next);
	} cpu;
	struct {
		struct { void (*enter)(void), (*leave)(void), (*flush)(void); } lazy_mode;
	} mmu;
};
extern struct pv_ops pv_ops;

static inline void native_write_gdt_entry(struct desc_struct *dt, int entry, const void *desc, int type)
{
	(void)type;
	memcpy(&dt[entry], desc, sizeof(*dt));
}

static inline void native_write_idt_entry(gate_desc *dt, int vector, const gate_desc *gate)
{
	dt[vector] = *gate;
}

static inline unsigned long gate_offset(const gate_desc *gate)
{
	return gate->offset_low | (unsigned long)gate->offset_middle << 16;
}

static inline void native_load_sp0(unsigned long sp0)
{
	(void)sp0;
}

extern const char asm_exc_page_fault[];

#endif /* G2_KERNEL_H */
