/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For exercises that call the Guest's own functions: a Host that is a handler of SIGSEGV, as int $0x1f is forbidden to
 * programs, too. Include the exercise's kernel.h before.
 */
#ifndef KERNEL_CALLS_H
#define KERNEL_CALLS_H

#include <signal.h>
#include <stdarg.h>
#include <ucontext.h>
#include <unistd.h>

#include "native.h"

struct lguest_data lguest_data;
enum paravirt_lazy_mode lazy_mode;
struct pv_ops pv_ops;
u32 lguest_fault;

static unsigned int slot;		/* of the ring, the next that the Host looks at */
static unsigned int direct;		/* calls that came by themselves */

/* What the exercise's Host does with a call. */
static void carry_out(const struct lguest_hcall *call);

/* Say what was seen, and end; for a signal's handler, too. */
static void __attribute__((noreturn, format(printf, 1, 2))) say(const char *format, ...)
{
	char text[400];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	_exit(write(STDOUT_FILENO, text, length) != length);
}

/* H:124: a hypercall; the ring comes first. */
static void hypercall(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *eip = (const unsigned char *)regs[REG_EIP];
	struct lguest_hcall call;

	(void)signal;
	if (info->si_code != SI_KERNEL || eip[0] != 0xcd || eip[1] != LGUEST_TRAP_ENTRY)
		say("fault: the Guest's functions fault at %p\n", (const void *)eip);
	while (lguest_data.hcall_status[slot] == 0) {
		call = lguest_data.hcalls[slot];
		lguest_data.hcall_status[slot] = 0xff;
		slot = (slot + 1) % LHCALL_RING_SIZE;
		carry_out(&call);
	}
	direct++;
	call = (struct lguest_hcall) { regs[REG_EAX], regs[REG_EBX], regs[REG_ECX], regs[REG_EDX], regs[REG_ESI] };
	carry_out(&call);
	regs[REG_EIP] += 2;
}

static void be_the_host(void)
{
	const struct sigaction action = { .sa_sigaction = hypercall, .sa_flags = SA_SIGINFO | SA_NODEFER };

	memset(lguest_data.hcall_status, 0xff, sizeof(lguest_data.hcall_status));
	sigaction(SIGSEGV, &action, NULL);
}

#endif /* KERNEL_CALLS_H */
