// SPDX-License-Identifier: GPL-2.0-only
/*
 * program [native]: a program in the Guest that tries what no program may: each try must end it with the right signal. With
 * an argument it leaves out sysenter, which QEMU executes on a processor that has none. Prints TAP.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int count, failed;

static void report(int good, const char *what, int status)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	if (!good) {
		printf("# ended with status %#x\n", status);
		failed = 1;
	}
}

#define TRY(wanted, what, ...) do {						\
	int status = 0;								\
	pid_t pid = fork();							\
	if (!pid) {								\
		__asm__ volatile(__VA_ARGS__ : : : "eax", "ebx", "ecx", "edx");	\
		_exit(0);							\
	}									\
	waitpid(pid, &status, 0);						\
	report(WIFSIGNALED(status) && WTERMSIG(status) == (wanted), what, status); \
} while (0)

int main(int argc, char **argv)
{
	long pid = 0;

	(void)argv;

	setvbuf(stdout, NULL, _IONBF, 0);
	TRY(SIGSEGV, "a hypercall", "movl $19, %%eax; int $0x1f");
	TRY(SIGSEGV, "a hypercall that would end the Guest", "movl $2, %%eax; movl $1, %%ecx; int $0x1f");
	TRY(SIGSEGV, "interrupts off", "cli");
	TRY(SIGSEGV, "halt", "hlt");
	TRY(SIGSEGV, "a port read", "inb $0x64, %%al");
	TRY(SIGSEGV, "a port written", "outb %%al, $0x80");
	TRY(SIGSEGV, "a control register read", "movl %%cr0, %%eax");
	TRY(SIGSEGV, "a control register written", "movl %%eax, %%cr3");
	TRY(SIGSEGV, "a model-specific register read", "movl $0x174, %%ecx; rdmsr");
	TRY(SIGSEGV, "a model-specific register written", "movl $0x174, %%ecx; wrmsr");
	TRY(SIGSEGV, "the vector of a Host's device", "int $0x41");
	TRY(SIGSEGV, "the vector of the timer", "int $0x30");
	TRY(SIGSEGV, "the page fault's vector", "int $14");
	TRY(SIGSEGV, "the Switcher's code segment", "ljmp $0x50, $0");
	TRY(SIGSEGV, "the Guest's kernel's code segment", "ljmp $0x61, $0");
	TRY(SIGSEGV, "the Switcher's data segment", "movl $0x58, %%eax; movl %%eax, %%ds");
	TRY(SIGSEGV, "the Switcher's memory", "movl 0xff962000, %%eax");
	TRY(SIGSEGV, "the Guest's kernel's memory", "movl 0xc0100000, %%eax");
	TRY(SIGSEGV, "writing to it", "movl $0, 0xc0100000");
	TRY(SIGFPE, "a division by zero", "xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx");
	TRY(SIGILL, "no instruction", "ud2");
	TRY(SIGTRAP, "a breakpoint", "int3");
	TRY(SIGTRAP, "a single step", "pushfl; orl $0x100, (%%esp); popfl; nop");
	/* The Guest's processor has neither, and the real one's would lead to the Host's kernel. */
	if (argc == 1) {
		TRY(SIGILL, "sysenter", "movl %%esp, %%ebp; sysenter");
		TRY(SIGILL, "sysenter with prefixes", "movl %%esp, %%ebp; .byte 0x2e, 0x66; sysenter");
		TRY(SIGILL, "sysexit", "movl %%esp, %%ecx; movl $0, %%edx; sysexit");
	}
	TRY(SIGILL, "syscall", "syscall");

	__asm__ volatile("int $0x80" : "=a" (pid) : "0" (SYS_getpid));
	report(pid == getpid(), "and a system call works", 0);
	printf("1..%d\n", count);
	return failed;
}
