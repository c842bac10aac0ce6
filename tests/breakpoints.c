// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger in the Guest: breakpoints, watchpoints and single steps, by ptrace(2). Its argument is the address, in hex, of a
 * word of the kernel's that changes all the time. Prints TAP.
 */
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int count, failed;

static void report(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	failed |= !good;
}

#define DEBUGREG(n)	((void *)(offsetof(struct user, u_debugreg) + (n) * sizeof(int)))

enum kind { EXECUTE = 0, WRITE = 1, ACCESS = 3 };

static volatile unsigned int watched, other;
static volatile unsigned char bytes[8];

static __attribute__((noinline)) void function(void)
{
	__asm__ volatile("" : : : "memory");
}

/* Start a child that stops and then runs @what. */
static pid_t start(void (*what)(void))
{
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		what();
		_exit(42);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

/* Arm register @n of @pid for @length bytes at @address. Returns 0, or -1 if it is refused. */
static long arm(pid_t pid, int n, const volatile void *address, enum kind kind, int length)
{
	long control = ptrace(PTRACE_PEEKUSER, pid, DEBUGREG(7), NULL);

	control |= 1l << (2 * n) | (unsigned long)(kind | (length - 1) << 2) << (16 + 4 * n);
	if (ptrace(PTRACE_POKEUSER, pid, DEBUGREG(n), address))
		return -1;
	return ptrace(PTRACE_POKEUSER, pid, DEBUGREG(7), control);
}

/* Let @pid go on by @request. Returns its signal, or 1000 + exit status. */
static int go_on(pid_t pid, int request)
{
	int status;

	ptrace(request, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? 1000 + WEXITSTATUS(status) : WSTOPSIG(status);
}

/* Which registers were hit, and was it a step (1 << 14)? Clears what it returns. */
static unsigned int hits(pid_t pid)
{
	unsigned int dr6 = ptrace(PTRACE_PEEKUSER, pid, DEBUGREG(6), NULL);

	ptrace(PTRACE_POKEUSER, pid, DEBUGREG(6), 0);
	return dr6 & 0x400f;
}

static unsigned long eip(pid_t pid)
{
	return ptrace(PTRACE_PEEKUSER, pid, (void *)offsetof(struct user, regs.eip), NULL);
}

static void write_twice(void)
{
	other = 1;
	watched = 5;
	other = watched;
	watched = 6;
}

static void call_twice(void)
{
	function();
	function();
}

static void touch_bytes(void)
{
	bytes[0] = 1;
	bytes[3] = 2;
	bytes[6] = 3;
	(void)bytes[5];
}

static void read_into(void)
{
	int fds[2];

	if (!pipe(fds) && write(fds[1], "four", 4) == 4 && read(fds[0], (void *)&watched, 4) == 4)
		other = 1;
}

static void count_up(void)
{
	while (watched < 200)
		watched++;
}

static void few_instructions(void)
{
	__asm__ volatile("nop\n\tmovl $20, %%eax\n\tint $0x80\n\tpushfl\n\tpopfl\n\tnop" : : : "eax", "memory");
}

static void data(void)
{
	pid_t pid = start(write_twice);

	arm(pid, 0, &watched, WRITE, 4);
	report(go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 1 &&
	       ptrace(PTRACE_PEEKDATA, pid, &watched, NULL) == 5, "a watchpoint stops after the write");
	watched = 7;
	report(go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 1 &&
	       ptrace(PTRACE_PEEKDATA, pid, &watched, NULL) == 6, "not at a read, and at the next write");
	report(go_on(pid, PTRACE_CONT) == 1042, "and no more; its address in another process is another");
	watched = 0;

	pid = start(write_twice);
	arm(pid, 3, &watched, ACCESS, 4);
	report(go_on(pid, PTRACE_CONT) == SIGTRAP && go_on(pid, PTRACE_CONT) == SIGTRAP &&
	       go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 8 && go_on(pid, PTRACE_CONT) == 1042,
	       "one for any access stops at the read, too");

	pid = start(touch_bytes);
	arm(pid, 0, &bytes[3], WRITE, 1);
	arm(pid, 1, &bytes[6], ACCESS, 2);
	arm(pid, 2, &bytes[4], ACCESS, 2);
	report(go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 1 && go_on(pid, PTRACE_CONT) == SIGTRAP &&
	       hits(pid) == 2 && go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 4 &&
	       go_on(pid, PTRACE_CONT) == 1042, "three at once, of one and two bytes: each tells its number");

	pid = start(read_into);
	arm(pid, 0, &watched, WRITE, 4);
	report(go_on(pid, PTRACE_CONT) == 1042, "what the kernel writes there for the program isn't told, but survived");
}

static void instructions(void)
{
	pid_t pid = start(call_twice);
	int i, end, steps, told = 0;

	arm(pid, 1, function, EXECUTE, 1);
	for (i = 0; i < 2; i++)
		report(go_on(pid, PTRACE_CONT) == SIGTRAP && hits(pid) == 2 && eip(pid) == (unsigned long)function,
		       i ? "and at the next call" : "a breakpoint stops before the instruction");
	report(go_on(pid, PTRACE_CONT) == 1042, "and the program goes on");

	pid = start(few_instructions);
	for (steps = 0; (end = go_on(pid, PTRACE_SINGLESTEP)) == SIGTRAP && steps < 5000; steps++)
		told += hits(pid) == 0x4000;
	report(end == 1042 && told >= 6, "single steps, through a system call and popf, to the end");

	pid = start(call_twice);
	arm(pid, 0, function, EXECUTE, 1);
	go_on(pid, PTRACE_CONT);
	hits(pid);
	report(go_on(pid, PTRACE_SINGLESTEP) == SIGTRAP && hits(pid) == 0x4000 && eip(pid) != (unsigned long)function,
	       "a step away from a breakpoint");
	ptrace(PTRACE_KILL, pid, NULL, NULL);
	waitpid(pid, NULL, 0);
}

static void together(void)
{
	pid_t a = start(count_up), b = start(count_up);
	int i, good = 1;

	arm(a, 0, &watched, WRITE, 4);
	arm(b, 2, &watched, WRITE, 4);
	for (i = 0; i < 200; i++)
		good &= go_on(a, PTRACE_CONT) == SIGTRAP && hits(a) == 1 && go_on(b, PTRACE_CONT) == SIGTRAP && hits(b) == 4;
	report(good && go_on(a, PTRACE_CONT) == 1042 && go_on(b, PTRACE_CONT) == 1042,
	       "two debugged programs take turns, 200 hits each");
}

static void refused(void)
{
	pid_t pid = start(write_twice);

	report(arm(pid, 0, (void *)0xc0100000, WRITE, 4) && errno == EINVAL, "no breakpoint in the kernel's addresses");
	report(arm(pid, 0, (void *)0xff964000, WRITE, 4) && errno == EINVAL, "nor in the Switcher's");
	report(go_on(pid, PTRACE_CONT) == 1042, "and the program runs undisturbed");
}

/* The superuser may watch the kernel itself. */
static void kernel(const char *address)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr), .bp_type = HW_BREAKPOINT_W,
		.bp_addr = strtoull(address, NULL, 16), .bp_len = HW_BREAKPOINT_LEN_4,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	struct timespec nap = { .tv_nsec = 1000000 };
	unsigned long long hit = 0;
	int naps;

	for (naps = 0; fd >= 0 && naps < 5000 && hit < 10; naps++) {
		nanosleep(&nap, NULL);
		if (read(fd, &hit, sizeof(hit)) != sizeof(hit))
			break;
	}
	close(fd);
	report(hit >= 10, "a word of the kernel's is watched, and changes");
	attr.bp_addr = 0xff964000;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	nanosleep(&nap, NULL);
	report(fd >= 0 && read(fd, &hit, sizeof(hit)) == sizeof(hit) && !hit,
	       "the Switcher's page may be named, and nothing comes of it");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	data();
	instructions();
	together();
	refused();
	if (argc > 1)
		kernel(argv[1]);
	printf("1..%d\n", count);
	return failed;
}
