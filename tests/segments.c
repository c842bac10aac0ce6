// SPDX-License-Identifier: GPL-2.0-only
/*
 * segments INT80 RANGE: a program in the Guest that makes segments of its own with modify_ldt(2), and lives in them. INT80
 * and RANGE are the addresses, hexadecimal, of the kernel's lguest_int80 and lguest_noirq_start. Prints TAP.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static int count, failed;

static void report(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	failed |= !good;
}

#define SELECTOR(n)	((n) << 3 | 7)

/* Entry @n: a segment at @base, with modify_ldt()'s @contents (0 data, 2 code), 16 or 32 bits. */
static int set(unsigned int n, const void *base, int contents, int wide)
{
	struct user_desc desc = {
		.entry_number = n, .base_addr = (unsigned long)base, .limit = 0xfffff, .seg_32bit = wide,
		.contents = contents, .limit_in_pages = 1, .useable = 1,
	};

	return syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc));
}

/* Take entry @n away, by int $0x80 so that no library needs %gs. */
static int take_away(unsigned int n)
{
	struct user_desc desc = { .entry_number = n, .read_exec_only = 1, .seg_not_present = 1 };
	int result;

	__asm__ volatile("int $0x80" : "=a" (result)
			 : "0" (SYS_modify_ldt), "b" (0x11), "c" (&desc), "d" (sizeof(desc)) : "memory");
	return result;
}

/* Long enough for the Host and the Guest to interrupt us, whatever we stand on. */
#define SPIN	"movl $20000000, %%ecx\n1:\tdecl %%ecx\n\tjnz 1b\n\t"

/* How a child that calls @what ends: its exit status, or 1000 + a signal. */
static int ends(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(what());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static unsigned int through_fs(unsigned int selector, int spin)
{
	unsigned int value;

	if (spin)
		__asm__ volatile("movl %1, %%fs\n\t" SPIN "movl %%fs:0, %0\n\tmovl %2, %%fs"
				 : "=&r" (value) : "r" (selector), "r" (0) : "ecx", "cc");
	else
		__asm__ volatile("movl %1, %%fs\n\tmovl %%fs:0, %0\n\tmovl %2, %%fs"
				 : "=&r" (value) : "r" (selector), "r" (0));
	return value;
}

static unsigned int words[4] = { 0x11111111, 0x22222222, 0x33333333, 0x44444444 };

static void data(void)
{
	unsigned int value, again;

	report(!set(0, &words[1], 0, 1), "an entry is made");
	report(through_fs(SELECTOR(0), 1) == words[1], "%fs reads through it, also after interrupts");
	__asm__ volatile("movl %%gs, %%edx\n\tmovl %1, %%gs\n\t" SPIN "movl %%gs:4, %0\n\tmovl %%edx, %%gs"
			 : "=&r" (value) : "r" (SELECTOR(0)) : "ecx", "edx", "cc");
	report(value == words[2], "so does %gs");
	__asm__ volatile("pushl %%es\n\tmovl %1, %%es\n\t" SPIN "movl %%es:8, %0\n\tpopl %%es"
			 : "=&r" (value) : "r" (SELECTOR(0)) : "ecx", "cc");
	report(value == words[3], "and %es");
	__asm__ volatile("pushl %%ds\n\tmovl %2, %%ds\n\t" SPIN
			 "movl 4, %0\n\tmovl $20, %%eax\n\tint $0x80\n\tmovl 4, %1\n\tpopl %%ds"
			 : "=&r" (value), "=&r" (again) : "r" (SELECTOR(0)) : "eax", "ecx", "cc");
	report(value == words[2] && again == words[2], "and %ds, also across a system call");
}

static void code(void)
{
	struct { unsigned long offset; unsigned short selector; } __attribute__((packed)) far_code;
	unsigned int value;
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* movl $20, %eax; int $0x80; movl $20000000, %ecx; 1: decl %ecx; jnz 1b; lret */
	static const unsigned char wide[] = { 0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xb9, 0, 0x2d, 0x31, 1,
					      0x49, 0x75, 0xfd, 0xcb };
	/* movw $0x1234, %ax; movl $20000000, %ecx; 1: decl %ecx; jnz 1b; lretl */
	static const unsigned char narrow[] = { 0xb8, 0x34, 0x12, 0x66, 0xb9, 0, 0x2d, 0x31, 1,
						0x66, 0x49, 0x75, 0xfc, 0x66, 0xcb };

	set(1, page, 2, 1);
	memcpy(page + 16, wide, sizeof(wide));
	far_code.offset = 16;
	far_code.selector = SELECTOR(1);
	__asm__ volatile("lcall *%1" : "=a" (value) : "m" (far_code) : "ecx", "memory", "cc");
	report((pid_t)value == getpid(), "code runs in a segment of its own, and makes a system call");

	set(2, page, 2, 0);
	memcpy(page + 64, narrow, sizeof(narrow));
	far_code.offset = 64;
	far_code.selector = SELECTOR(2);
	__asm__ volatile("lcall *%1" : "=a" (value) : "m" (far_code), "0" (0) : "ecx", "memory", "cc");
	report(value == 0x1234, "and in one of 16 bits");

	set(3, NULL, 0, 1);
	__asm__ volatile("movl %%ss, %%edx\n\tmovl %1, %%ss\n\tpushl $77\n\tpushl %%edx\n\t" SPIN
			 "movl $20, %%eax\n\tint $0x80\n\tpopl %%edx\n\tpopl %%ecx\n\tmovl %%edx, %%ss"
			 : "=c" (value) : "r" (SELECTOR(3)) : "eax", "edx", "memory", "cc");
	report(value == 77, "a stack segment of its own");

	/* Sixteen bits: only the lower half of %esp counts, and only that is kept. */
	set(4, page, 0, 0);
	__asm__ volatile("movl %%esp, %%esi\n\tmovl %%ss, %%edi\n\tmovl %1, %%ss\n\tmovl $0x2000, %%esp\n\t"
			 "pushl $78\n\t" SPIN "movl $20, %%eax\n\tint $0x80\n\tpopl %%ecx\n\t"
			 "movl %%edi, %%ss\n\tmovl %%esi, %%esp"
			 : "=c" (value) : "r" (SELECTOR(4)) : "eax", "esi", "edi", "memory", "cc");
	report(value == 78, "and one of 16 bits");
}

static int take_away_gs(void)
{
	unsigned int value;

	__asm__ volatile("movl %0, %%gs" : : "r" (SELECTOR(0)));
	take_away(0);
	__asm__ volatile(SPIN "movl %%gs:0, %0" : "=r" (value) : : "ecx", "cc");
	__asm__ volatile("int $0x80" : : "a" (SYS_exit_group), "b" (value != words[1]));
	return 1;
}

static int take_away_fs(void)
{
	unsigned int value;

	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR(0)));
	take_away(0);
	__asm__ volatile(SPIN "movl %%fs:0, %0" : "=r" (value) : : "ecx", "cc");
	return value != words[1];
}

/* Remove the code segment that we run in, by a system call made in it. */
static int take_away_cs(void)
{
	static struct user_desc gone = { .entry_number = 5, .read_exec_only = 1, .seg_not_present = 1 };

	set(5, NULL, 2, 1);
	__asm__ volatile("pushl %4\n\tpushl $1f\n\tlret\n1:\tint $0x80\n\tmovl $1, %%eax\n\tint $0x80"
			 : : "a" (SYS_modify_ldt), "b" (0x11), "c" (&gone), "d" (sizeof(gone)),
			     "r" (SELECTOR(5)) : "memory");
	return 1;
}

/* Remove the stack segment that we stand on: the kernel's way back faults, on whatever stack it stands for the purpose. */
static int take_away_ss(void)
{
	static struct user_desc gone = { .entry_number = 7, .read_exec_only = 1, .seg_not_present = 1 };
	static char stack[4096];

	set(7, stack, 0, 0);
	__asm__ volatile("movl %4, %%ss\n\tmovl $0x5aad0800, %%esp\n\tint $0x80\n\tmovl $1, %%eax\n\tint $0x80"
			 : : "a" (SYS_modify_ldt), "b" (0x11), "c" (&gone), "d" (sizeof(gone)),
			     "r" (SELECTOR(7)) : "memory");
	return 1;
}

/* --- the upper half of a stack pointer of 16 bits is the program's */

/* Stand on entry 4, a stack of 16 bits, with %esp 0x5aad0800; execute @text; *@is gets %esp as it is then. */
#define ON_NARROW_STACK(text, is)							\
	__asm__ volatile("movl %%esp, %%esi\n\tmovl %%ss, %%edi\n\tmovl %1, %%ss\n\tmovl $0x5aad0800, %%esp\n\t" \
			 text "\n\tmovl %%esp, %%edx\n\tmovl %%edi, %%ss\n\tmovl %%esi, %%esp" \
			 : "=d" (*(is)) : "r" (SELECTOR(4)), "b" (page)				\
			 : "eax", "ecx", "esi", "edi", "memory", "cc")

static volatile int handled;

static void handler(int number)
{
	(void)number;
	handled++;
}

static void narrow_stack(void)
{
	static char stack[4096], other[65536];
	stack_t alternative = { .ss_sp = other, .ss_size = sizeof(other) };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };
	/* 16 pages that nobody has touched yet */
	unsigned char *page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int esp;

	set(4, stack, 0, 0);
	ON_NARROW_STACK("movl $20, %%eax\n\tint $0x80", &esp);
	report(esp == 0x5aad0800, "on a stack of 16 bits the upper half of %esp survives a system call");
	ON_NARROW_STACK(SPIN, &esp);
	report(esp == 0x5aad0800, "and interrupts");
	ON_NARROW_STACK("movl $16, %%ecx\n1:\tincl (%%ebx)\n\taddl $4096, %%ebx\n\tloop 1b\n\tsubl $65536, %%ebx", &esp);
	report(esp == 0x5aad0800, "and page faults");
	ON_NARROW_STACK("movl $1000, %%ecx\n1:\tmovl $158, %%eax\n\tint $0x80\n\tloop 1b", &esp);
	report(esp == 0x5aad0800, "and giving up the processor, a thousand times");
	sigaltstack(&alternative, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	ON_NARROW_STACK("movl $20, %%eax\n\tint $0x80\n\tmovl %%eax, %%ebx\n\tmovl $10, %%ecx\n\t"
			"movl $37, %%eax\n\tint $0x80", &esp);
	report(esp == 0x5aad0800 && handled == 1, "and a signal");
	ON_NARROW_STACK("int3", &esp);
	report(esp == 0x5aad0800 && handled == 2, "and a trap");
	munmap(page, 65536);
}

/* --- programs at addresses that mean something in the kernel: each must be interrupted, and nothing else must happen */

static char forged_stack[4096];

/* Turn at the kernel's address @at, in a code segment with a base, on a stack with a frame that leads into the kernel. */
static int turn_at(unsigned long at)
{
	struct { unsigned long offset; unsigned short selector; } __attribute__((packed)) far_code;
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const unsigned long forged[] = { 0xc0100000, 0x61, 0x202, 0, 0x7b };
	/* 1: jmp 1b */
	static const unsigned char turns[] = { 0xeb, 0xfe };

	memcpy(page, turns, sizeof(turns));
	memcpy(forged_stack + 2048, forged, sizeof(forged));
	set(9, page - at, 2, 1);
	far_code.offset = at;
	far_code.selector = SELECTOR(9);
	__asm__ volatile("movl %0, %%esp\n\tljmp *(%1)" : : "r" (forged_stack + 2048), "r" (&far_code) : "memory");
	return 1;
}

static unsigned long int80, range;

static int turn_at_the_gate(void)
{
	alarm(1);
	return turn_at(int80);
}

static int turn_in_the_range(void)
{
	alarm(1);
	return turn_at(range);
}

static volatile unsigned int jumps;
static volatile sig_atomic_t over;

static void jumped(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;

	(void)number;
	if (info->si_addr != (void *)range)
		_exit(2);
	jumps++;
	user->uc_mcontext.gregs[REG_EIP] = user->uc_mcontext.gregs[REG_EDX];
}

static void enough(int number)
{
	(void)number;
	over = 1;
}

/* Jump there again and again, for a second, and go on after the SIGSEGV. */
static int jump_into_the_range(void)
{
	static char other[65536];
	stack_t alternative = { .ss_sp = other, .ss_size = sizeof(other) };
	struct sigaction fault = { .sa_sigaction = jumped, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct sigaction end = { .sa_handler = enough, .sa_flags = SA_ONSTACK };

	sigaltstack(&alternative, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGALRM, &end, NULL);
	alarm(1);
	while (!over)
		__asm__ volatile("movl $1f, %%edx\n\tmovl %%esp, %%esi\n\tmovl %0, %%esp\n\tjmp *%1\n1:\tmovl %%esi, %%esp"
				 : : "r" (forged_stack + 2048), "r" (range) : "edx", "esi", "memory");
	return !jumps;
}

/* --- what lar and lsl say of an entry: its rights (or 0) and its limit */

static unsigned int rights(unsigned int n, unsigned int *limit)
{
	unsigned int result;

	*limit = 0;
	__asm__("lsl %1, %0" : "+r" (*limit) : "r" (SELECTOR(n)) : "cc");
	__asm__("xorl %0, %0\n\tlar %1, %0" : "=&r" (result) : "r" (SELECTOR(n)) : "cc");
	return result & 0xf0fe00;	/* without the accessed bit, which Linux sets as it likes */
}

/* How many of the first @n entries are not what make_absent() has made. */
static int different(unsigned int n)
{
	unsigned int i, limit;
	int count = 0;

	for (i = 0; i < n; i++)
		count += rights(i, &limit) != (i & 1 ? 0x50f200 : 0x507200) || limit != i;
	return count;
}

/* @n entries of a limit of their own; the even ones are absent. */
static void make_absent(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct user_desc desc = { .entry_number = i, .limit = i, .seg_32bit = 1, .seg_not_present = !(i & 1),
					  .useable = 1 };

		syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc));
	}
}

static int different_in_child(void)
{
	return !!different(8192);
}

static int names_after_exec(void)
{
	char *const args[] = { "program", "names", NULL };

	execv("/proc/self/exe", args);
	return 99;
}

/* In a process of its own: 8192 entries, as this process, its child and the program that it executes see them. */
static int names(void)
{
	make_absent(8192);
	return (different(8192) != 0) | (ends(different_in_child) != 0) << 1 | (ends(names_after_exec) != 0) << 2;
}

static int load_absent(void)
{
	struct user_desc desc = { .entry_number = 6, .limit = 1, .seg_32bit = 1, .seg_not_present = 1 };

	syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc));
	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR(6)));
	return 0;
}

static int load_beyond(void)
{
	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR(8190)));
	return 0;
}

static int change_in_child(void)
{
	int inherited = through_fs(SELECTOR(0), 0) == words[1];

	set(0, &words[3], 0, 1);
	return !inherited || through_fs(SELECTOR(0), 1) != words[3];
}

/* Two processes, each with its own entry 0, take turns many times: @n words differ from what they should be. */
static int take_turns(void)
{
	int to[2], back[2], i, wrong = 0, status;
	char byte = 0;
	pid_t pid;

	if (pipe(to) || pipe(back))
		return 1;
	pid = fork();
	set(0, pid ? &words[0] : &words[2], 0, 1);
	for (i = 0; i < 300; i++) {
		if (pid ? write(to[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1 :
			  read(to[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
			wrong++;
		wrong += through_fs(SELECTOR(0), 0) != (pid ? words[0] : words[2]);
	}
	if (!pid)
		_exit(!!wrong);
	waitpid(pid, &status, 0);
	return wrong || status;
}

static int empty_after_exec(void)
{
	char *const args[] = { "program", "empty", NULL };

	execv("/proc/self/exe", args);
	return 99;
}

int main(int argc, char **argv)
{
	unsigned int table[8192][2];
	int end;

	if (argc == 2 && !strcmp(argv[1], "names"))
		return different(8192) != 8192;
	if (argc == 2)
		return !!syscall(SYS_modify_ldt, 0, table, sizeof(table));
	if (argc != 3)
		return 2;
	int80 = strtoul(argv[1], NULL, 16);
	range = strtoul(argv[2], NULL, 16);
	setvbuf(stdout, NULL, _IONBF, 0);
	report(syscall(SYS_modify_ldt, 0, table, sizeof(table)) == 0, "a new process has no local table");
	data();
	code();
	report(syscall(SYS_modify_ldt, 0, table, sizeof(table)) > 0 &&
	       (table[0][0] >> 16 | (table[0][1] & 0xff) << 16 | (table[0][1] & 0xff000000)) ==
	       (unsigned long)&words[1], "the table reads back");
	report(ends(change_in_child) == 0, "a child has the table, and may change it");
	report(through_fs(SELECTOR(0), 0) == words[1], "which changes nothing for its parent");
	report(take_turns() == 0, "two processes with a table each take turns");
	set(0, &words[1], 0, 1);
	report(ends(empty_after_exec) == 0, "a program that is executed begins with none");
	set(600, &words[2], 0, 1);
	report(through_fs(SELECTOR(600), 1) == words[2], "an entry in a second page");
	set(8191, &words[3], 0, 1);
	report(through_fs(SELECTOR(8191), 1) == words[3], "the last entry of the largest table");
	end = ends(take_away_gs);
	report(end == 0 || end == 1000 + SIGSEGV, "%gs loses its segment: at worst the program dies");
	end = ends(take_away_fs);
	report(end == 0 || end == 1000 + SIGSEGV, "%fs loses its segment: the same");
	report(ends(take_away_cs) == 1000 + SIGILL, "%cs loses its segment: the program dies");
	end = ends(take_away_ss);
	report(end > 1000, "%ss loses its segment, of 16 bits: the program dies");
	report(ends(load_absent) == 1000 + SIGBUS, "a segment that isn't present can't be loaded");
	report(ends(load_beyond) == 1000 + SIGSEGV, "nor can an empty entry");
	narrow_stack();
	end = ends(names);
	report(!(end & 1), "lar and lsl know 8192 entries, present or not");
	report(!(end & 2), "a child's too");
	report(!(end & 4), "and none of them after execve()");
	report(ends(turn_at_the_gate) == 1000 + SIGALRM, "a segment that puts a loop where the system call's gate is");
	report(ends(turn_in_the_range) == 1000 + SIGALRM, "and one that puts it where the kernel's iret is");
	report(ends(jump_into_the_range) == 0, "a program that jumps there gets its faults");
	report(through_fs(SELECTOR(0), 1) == words[1], "all the while our own segment is what it was");
	printf("1..%d\n", count);
	return failed;
}
