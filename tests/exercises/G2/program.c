// SPDX-License-Identifier: GPL-2.0-only
/*
 * G2: the Guest's own functions for a task switch, called in the order in which Linux calls them, and a Host that is a
 * handler of SIGSEGV: int $0x1f is forbidden here, too.
 */
#define _GNU_SOURCE
#include "kernel.h"
#include "kernel/calls.h"

const char asm_exc_page_fault[1], lguest_iret[1], lguest_int80[1], lguest_page_fault[1];
const char lguest_noirq_start[1], lguest_noirq_end[1];

void lguest_setup_segments(void);
void lguest_setup_hypercalls(void);
void lguest_queue_hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);

/* What the Host knows, and how it came to know it. */
static struct {
	unsigned int tables, tls;	/* SET_LDT, LOAD_TLS, by either way */
	u32 table, entries;		/* of SET_LDT */
	u32 tls_at;
} host;

static bool switching, saved;		/* a task switch: is the old %gs saved? */
static unsigned int ring;		/* calls that were in the ring when it began */

/* G:039: a task; a kernel thread has no table, and stays in the address space that it finds. */
struct mm { u32 table, entries; };
struct task {
	struct task_struct task;
	struct mm *mm;
	unsigned long sp0;
	const char *name;
};
static struct mm *loaded;

static void carry_out(const struct lguest_hcall *call)
{
	if (call->call == LHCALL_LOAD_TLS) {
		host.tls++;
		host.tls_at = call->arg1;
	} else if (call->call == LHCALL_SET_LDT) {
		host.tables++;
		host.table = call->arg1;
		host.entries = call->arg2;
		if (switching && !saved)
			say("%s: in a task switch that began with %u calls in the ring, the Host has the new table\n"
			    "while the old program's %%gs is still in the register\n", ring > 61 ? "full" : "early", ring);
	}
}

/* Does the Host know the table of @mm? */
static bool knows(const struct mm *mm)
{
	return host.entries == mm->entries && (!mm->entries || host.table == mm->table);
}

/* process_32.c, __switch_to() and what comes before it, with @waiting calls in the ring. */
static void switch_to(struct task *prev, struct task *next, unsigned int waiting)
{
	const bool other = next->mm && next->mm != loaded;
	const bool named = other && (loaded->entries | next->mm->entries);
	const unsigned int tables = host.tables;
	unsigned int before, made, most;

	while (waiting--)
		lguest_queue_hcall(LHCALL_LOAD_GDT_ENTRY, 13, 0xffff, 0xcf9300, 0);
	ring = 0;
	for (unsigned int i = 0; i < LHCALL_RING_SIZE; i++)
		ring += lguest_data.hcall_status[i] == 0;
	most = ring > 61 ? 2 : 1;
	before = direct;
	switching = true;
	saved = false;
	pv_ops.cpu.start_context_switch(&prev->task);
	if (other) {
		if (lazy_mode != PARAVIRT_LAZY_CPU)
			say("mode: Linux is in a task switch, and not in its lazy mode\n");
		lguest_queue_hcall(LHCALL_NEW_PGTABLE, (u32)next->mm, 0, 0, 0);
		if (named)
			pv_ops.cpu.set_ldt((const void *)(size_t)next->mm->table, next->mm->entries);
		loaded = next->mm;
	}
	saved = true;
	pv_ops.cpu.load_tls(&next->task.thread, 0);
	pv_ops.cpu.end_context_switch(&next->task);
	pv_ops.cpu.load_sp0(next->sp0);
	switching = false;
	made = direct - before;
	if (next->mm && !knows(next->mm))
		say("lost: a switch from %s to %s, which has a table of %u entries:\n"
		    "when it runs, the Host has one of %u\n", prev->name, next->name, next->mm->entries, host.entries);
	if (host.tables - tables > named)
		say("again: a switch from %s to %s: Linux has named %s table, and the Host is told of %u\n", prev->name,
		    next->name, named ? "one" : "no", host.tables - tables);
	if (made > (next->mm ? most : most - 1))
		say("direct: a switch from %s to %s, with %u calls in the ring before: %u calls are made directly\n",
		    prev->name, next->name, ring, made);
	if (next->mm && lguest_data.hcall_status[(slot + LHCALL_RING_SIZE - 1) % LHCALL_RING_SIZE] != 0xff)
		say("lost: %s runs, and the ring is not empty\n", next->name);
}

/* modify_ldt(2), and an execve(2) that drops a table: Linux names one outside of a switch, and frees the old one then. */
static void change(struct mm *mm, u32 table, u32 entries)
{
	mm->table = table;
	mm->entries = entries;
	pv_ops.cpu.set_ldt((const void *)(size_t)table, entries);
	if (!knows(mm))
		say("late: modify_ldt() has changed the table of the program that runs; it goes on, and the Host has the old one\n");
}

int main(int argc, char *argv[])
{
	const u32 some = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	struct mm wine = { 0xc2000000 + 8 * some, some }, dos = { 0xc3000000 + 8 * some, some + 1 }, shell = { 0, 0 };
	struct task first = { .mm = &wine, .sp0 = 0xc1002000, .name = "a program with a table" };
	struct task thread = { .mm = &wine, .sp0 = 0xc1004000, .name = "another thread of it" };
	struct task second = { .mm = &dos, .sp0 = 0xc1006000, .name = "another program with a table" };
	struct task plain = { .mm = &shell, .sp0 = 0xc1008000, .name = "a program without" };
	struct task kernel = { .task.flags = PF_KTHREAD, .sp0 = 0xc100a000, .name = "a kernel thread" };
	struct task *const tasks[] = { &first, &second, &first, &plain, &second, &kernel, &second, &thread, &kernel, &plain,
				       &first, &thread, &first, &kernel, &first, &plain, &first };

	be_the_host();
	lguest_setup_segments();
	lguest_setup_hypercalls();
	first.task.thread.tls_array[0].low = some;	/* plain and second have the same, and thread another */
	thread.task.thread.tls_array[0].low = some + 1;
	loaded = &shell;
	switch_to(&plain, &first, 0);
	change(&wine, wine.table + 0x10000, wine.entries + 1);
	for (unsigned int waiting = 0; waiting <= LHCALL_RING_SIZE; waiting++) {
		for (unsigned int i = 1; i < sizeof(tasks) / sizeof(*tasks); i++)
			switch_to(tasks[i - 1], tasks[i], waiting);
		change(&wine, wine.table + 0x1000, wine.entries + waiting % 2);
	}
	change(&wine, 0, 0);
	say("well\n");
}
