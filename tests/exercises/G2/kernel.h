/* SPDX-License-Identifier: GPL-2.0-only */
/* G2: what segments.c and hypercall.c have from the kernel's headers, each of which is this file here. */
#ifndef G2_KERNEL_H
#define G2_KERNEL_H

#include "kernel/base.h"
#include "kernel/lazy.h"

#define PAGE_SIZE			4096u
#define THREAD_SIZE			8192u
#define CPU_ENTRY_AREA_BASE		0xff400000u
#define GDT_ENTRY_TSS			16
#define GDT_ENTRY_TLS_ENTRIES		3
#define __KERNEL_DS			0x68
#define X86_TRAP_PF			14
#define FIRST_EXTERNAL_VECTOR		0x20
#define IA32_SYSCALL_VECTOR		0x80
#define GATE_TRAP			15

struct desc_struct { u32 low, high; };
struct desc_ptr { u16 size; unsigned long address; } __attribute__((packed));
typedef struct {
	u16 offset_low, segment;
	struct { u16 ist:3, zero:5, type:5, dpl:2, p:1; } bits;
	u16 offset_middle;
} gate_desc;

struct thread_struct { struct desc_struct tls_array[GDT_ENTRY_TLS_ENTRIES]; };
struct task_struct { unsigned int flags; struct thread_struct thread; };

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
