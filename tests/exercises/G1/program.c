// SPDX-License-Identifier: GPL-2.0-only
/*
 * G1: the Guest's own functions about page tables, called as Linux calls them in a thousand switches among some
 * processes, and a Host that is a handler of SIGSEGV: int $0x1f is forbidden here, too. It has a shadow for each.
 */
#define _GNU_SOURCE
#include "kernel.h"
#include "kernel/calls.h"

#define PROCESSES	5u
#define SWITCHES	2000u

struct tlb_state cpu_tlbstate;
char swapper_pg_dir[1], initial_page_table[1];
unsigned long tlb_single_page_flush_ceiling;

unsigned long lguest_read_cr2(void)
{
	return lguest_data.cr2;
}

void lguest_setup_mmu(void);
void lguest_setup_hypercalls(void);
void lguest_flush_hcalls(void);

/* A process: what Linux knows of it; and its shadow, with the numbers that the Host has. */
static struct process {
	struct mm_struct mm;
	char tables[4096];
	u32 id, generation;		/* the Host's */
	u32 shows;			/* the change up to which the shadow is as the tables are */
} processes[PROCESSES], nobody, *current = &nobody;

static unsigned int compared;
static unsigned int seed;

static unsigned int draw(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* H:430, with a shadow that is a number. */
static void new_pgtable(u32 cr3, u32 id, u32 generation, u32 left)
{
	struct process *process = &nobody;

	for (unsigned int i = 0; i < PROCESSES; i++)
		if (cr3 == (u32)processes[i].tables)
			process = &processes[i];
	if (left)
		current->generation = left;
	current = process;
	if (process == &nobody)
		return;
	if (!id || id != process->id || generation != process->generation) {
		compared += process->shows == process->mm.context.tlb_gen.counter;
		process->shows = process->mm.context.tlb_gen.counter;
	}
	process->id = id;
	process->generation = generation;
}

static void carry_out(const struct lguest_hcall *call)
{
	if (call->call == LHCALL_NEW_PGTABLE)
		new_pgtable(call->arg1, call->arg2, call->arg3, call->arg4);
	else if (call->call == LHCALL_FLUSH_TLB ||
		 (call->call == LHCALL_SET_PTE && call->arg1 == (u32)current->tables))
		current->shows = current->mm.context.tlb_gen.counter;
}

/* tlb.c, switch_mm_irqs_off(), in a task switch. */
static void switch_to(struct process *next)
{
	struct task_struct task = { 0 };
	const unsigned int before = direct;

	pv_ops.cpu.start_context_switch(&task);
	cpu_tlbstate.loaded_mm = LOADED_MM_SWITCHING;
	cpu_tlbstate.ctxs[0].ctx_id = next->mm.context.ctx_id;
	cpu_tlbstate.ctxs[0].tlb_gen = next->mm.context.tlb_gen.counter;
	pv_ops.mmu.write_cr3((unsigned long)next->tables);
	cpu_tlbstate.loaded_mm = &next->mm;
	pv_ops.cpu.end_context_switch(&task);
	if (direct != before)
		say("trips: %u hypercalls are made directly for the new tables of a task switch\n", direct - before);
	lguest_flush_hcalls();		/* what comes after it does so (G:039) */
	if (current != next)
		say("lost: the Guest has switched to other tables, and the Host does not know\n");
	if (next->shows != next->mm.context.tlb_gen.counter)
		say("stale: a process is back in whose tables %u pages have been changed while others ran;\n"
		    "the Host has been told that none has\n", (u32)next->mm.context.tlb_gen.counter - next->shows);
}

/* Something changes in @process's tables; if it runs, Linux flushes. */
static void change(struct process *process)
{
	process->mm.context.tlb_gen.counter++;
	if (&process->mm != cpu_tlbstate.loaded_mm)
		return;
	cpu_tlbstate.ctxs[0].tlb_gen = process->mm.context.tlb_gen.counter;
	if (draw(2))
		pv_ops.mmu.flush_tlb_user();
	else
		pv_ops.mmu.flush_tlb_one_user(0x8048000 + 4096 * draw(100));
	if (process->shows != process->mm.context.tlb_gen.counter)
		say("stale: Linux has said \"flush\", and the old page is still in the shadow\n");
}

int main(int argc, char *argv[])
{
	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	be_the_host();
	lguest_setup_mmu();
	lguest_setup_hypercalls();
	for (unsigned int i = 0; i < PROCESSES; i++) {
		processes[i].mm.context.ctx_id = 10 + i;
		processes[i].mm.context.tlb_gen.counter = 1 + draw(4);
	}
	for (unsigned int i = 0; i < SWITCHES; i++) {
		switch_to(&processes[draw(PROCESSES)]);
		for (unsigned int n = draw(4); n > 1; n--)
			change(current);
		if (draw(3) == 0)
			change(&processes[draw(PROCESSES)]);
		if (draw(10) == 0)
			pv_ops.mmu.flush_tlb_kernel();
	}
	if (compared > 2 * PROCESSES)
		say("slow: in %u of %u switches the Host compares tables in which nothing has changed that it had not heard of\n",
		    compared, SWITCHES);
	say("well\n");
}
