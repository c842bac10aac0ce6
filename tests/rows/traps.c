// SPDX-License-Identifier: GPL-2.0-only
/* 2.4: each trap, from ring 1 and from ring 3, through the Host and directly. */
#include "rows.h"

/* --- frames */

USER_CODE(user_de, "xorl %edx, %edx; xorl %ecx, %ecx; divl %ecx");
USER_CODE(user_bp, "int3");
USER_CODE(user_of, "movb $0x7f, %al; addb $1, %al; into");
USER_CODE(user_br, "xorl %eax, %eax; decl %eax; bound %eax, user_argument");
USER_CODE(user_ud, "ud2");
USER_CODE(user_80, "int $0x80");
USER_CODE(user_db, "pushfl; orl $0x100, (%esp); popfl; nop; nop");
USER_CODE(user_gp, "cli");
USER_CODE(user_pf, "movl 0x500000, %eax");

struct one {
	const char *name;
	const char *user;
	u32 vector;
	u32 length;	/* bytes that %eip has gone beyond the instruction */
};

static void from_ring_3(const struct one *one, u32 type)
{
	const char *way = type == TRAP ? "trap gate" : "interrupt gate";

	gate(one->vector, stub(one->vector), type, 3);
	data.irq_enabled = IF;
	is(in_user(one->user), one->vector, "2.4 %s: from ring 3, %s: arrives", one->name, way);
	ok(last.cs == CS3 && last.ss == DS3, "2.4 %s: from ring 3, %s: CS and SS are the program's", one->name, way);
	ok(last.esp <= (u32)user_stack_top && last.esp >= (u32)user_stack_top - 8,
	   "2.4 %s: from ring 3, %s: so is ESP", one->name, way);
	is(last_at + sizeof(last), (u32)trap_stack_top, "2.4 %s: from ring 3, %s: the frame is where SET_STACK said", one->name, way);
	is(last.error, 0, "2.4 %s: from ring 3, %s: no error code", one->name, way);
	ok(last.flags & IF, "2.4 %s: from ring 3, %s: IF was set", one->name, way);
	is(last_enabled, type == TRAP ? IF : 0, "2.4 %s: from ring 3, %s: IF in the handler", one->name, way);
}

LIVES(from_programs)
{
	static const struct one ones[] = {
		{ "DE", user_de, 0, 0 }, { "BP", user_bp, 3, 0 }, { "OF", user_of, 4, 0 },
		{ "BR", user_br, 5, 0 }, { "UD", user_ud, 6, 0 }, { "int $0x80", user_80, 0x80, 0 },
	};

	user_argument[0] = user_argument[1] = 5;
	for (u32 i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		from_ring_3(&ones[i], INTERRUPT);
		from_ring_3(&ones[i], TRAP);
	}
	is(in_user(user_de), 0, "2.4 DE: again");
	is(last.eip, (u32)user_de + 4, "2.4 DE: EIP is at the division");
	in_user(user_bp);
	is(last.eip, (u32)user_bp + 1, "2.4 BP: EIP is behind the int3");
	in_user(user_ud);
	is(last.eip, (u32)user_ud, "2.4 UD: EIP is at the ud2");
	in_user(user_80);
	is(last.eip, (u32)user_80 + 2, "2.4 int $0x80: EIP is behind it");
}

LIVES(others_from_programs)
{
	is(in_user(user_db), 1, "2.4 DB: a single step from ring 3 arrives");
	ok(last.flags & 0x100 && last.eip > (u32)user_db, "2.4 DB: the frame has TF, EIP is behind the step");
	is(in_user(user_gp), 13, "2.4 GP: cli from ring 3");
	is(last.error, 0, "2.4 GP: cli's error code is 0");
	is(last.eip, (u32)user_gp, "2.4 GP: EIP is at the cli");
	is(in_user(user_pf), 14, "2.4 PF: from ring 3");
	ok(last.error == 4 && last_cr2 == 0x500000, "2.2 cr2: the address, and the error code says read by a program");
}

LIVES(from_the_kernel)
{
	u32 flags;

	data.irq_enabled = IF;
	is(TRY("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx"), 0, "2.4 DE: in ring 1");
	ok(last.cs == CS1 && last.flags & IF, "2.4 DE: in ring 1: CS is the kernel's, IF was set");
	ok(last_enabled == 0 && data.irq_enabled == IF, "2.4 IF: off in the handler, on again after it");
	data.irq_enabled = 0;
	is(TRY("ud2"), 6, "2.4 UD: in ring 1");
	ok(!(last.flags & IF), "2.4 IF: was off: the frame says so");
	is(data.irq_enabled, 0, "2.4 IF: was off: it stays off after the iret");
	is(TRY("int3"), 3, "2.4 BP: in ring 1");
	is(TRY("movb $0x7f, %%al; addb $1, %%al; into"), 4, "2.4 OF: in ring 1");
	is(TRY("movl $-1, %%eax; bound %%eax, data"), 5, "2.4 BR: in ring 1");
	is(TRY("int $20"), 13, "2.4 gates: int to a gate of privilege 0 from ring 1 faults");
	ok(NAMES_VECTOR(last.error, 20), "2.4 gates: and names the vector");
	gate(20, stub(20), INTERRUPT, 1);
	is(TRY("int $20"), 20, "2.4 gates: of privilege 1: it goes through");
	is(TRY("int $2"), 13, "2.1 LOAD_IDT_ENTRY: vector 2 stays the Host's");
	is(TRY("int $8"), 13, "2.1 LOAD_IDT_ENTRY: vector 8 stays the Host's");
	is(TRY("int $15"), 13, "2.1 LOAD_IDT_ENTRY: vector 15 stays the Host's");
	__asm__ volatile("pushl $0xad7; popfl; pushfl; popl %0" : "=r" (flags) : : "cc");
	TRY("pushl $0xcd7; popfl; ud2");
	is(last.flags & 0xcd5, 0xcd5, "2.4 frames: CF PF AF ZF SF DF OF are as they were");
	__asm__ volatile("cld");
	/* An interrupt of the Host's in between takes NT away (H:030). */
	for (u32 i = 0; i < 100 && !(i && last.flags & 0x4000); i++)
		TRY("pushl $0x204002; popfl; ud2");
	ok(last.flags & 0x4000, "2.4 frames: NT is in the frame");
	__asm__ volatile("pushfl; andl $~0x4000, (%%esp); popfl; pushfl; popl %0" : "=r" (flags));
	is(TRY("movl %%esp, %%ebx; movl $0x11223344, %%ecx; ud2"), 6, "2.4 frames: a fault with known registers");
	is(last.ecx, 0x11223344, "2.4 frames: registers are as they were");
}

LIVES(host_vectors)
{
	gate(2, stub(2), INTERRUPT, 3);
	gate(8, stub(8), INTERRUPT, 3);
	gate(15, stub(15), INTERRUPT, 3);
	gate(18, stub(18), INTERRUPT, 3);
	gate(31, stub(31), TRAP, 3);
	is(TRY("int $2"), 13, "2.1 LOAD_IDT_ENTRY: vector 2 stays the Host's at privilege 3");
	is(TRY("int $8"), 13, "2.1 LOAD_IDT_ENTRY: vector 8 stays the Host's at privilege 3");
	is(TRY("int $15"), 13, "2.1 LOAD_IDT_ENTRY: vector 15 stays the Host's at privilege 3");
	is(TRY("int $18"), 13, "2.1 LOAD_IDT_ENTRY: vector 18 stays the Host's at privilege 3, or a Guest stops the Host");
	is(hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0), 0, "2.1 LOAD_IDT_ENTRY: vector 31 stays the Host's");
	for (u32 i = 0x20; i < 256; i++)
		if (i != 0x80)
			gate(i, stub(i), TRAP, 3);
	is(TRY("int $0x20"), 13, "2.4 vectors: no Guest takes the Host's interrupts: 0x20");
	is(TRY("int $0x30"), 13, "2.4 vectors: no Guest takes the Host's interrupts: 0x30");
	is(TRY("int $0x81"), 13, "2.4 vectors: no Guest takes the Host's interrupts: 0x81");
	is(TRY("int $0xec"), 13, "2.4 vectors: no Guest takes the Host's interrupts: 0xec");
	is(TRY("int $0xff"), 13, "2.4 vectors: no Guest takes the Host's interrupts: 0xff");
}

/*
 * --- direct gates: the real flags, in which IF is always set, are in the frame. A Host of 64 bits has no direct gates; only
 * a program's system call goes to the Guest's kernel without it.
 */

LIVES(direct)
{
	static const struct { const char *name; u32 vector; } ones[] = {
		{ "DE", 0 }, { "BP", 3 }, { "OF", 4 }, { "BR", 5 }, { "UD", 6 }, { "int $0x80", 0x80 },
	};

	for (u32 i = 0; i < 6; i++) {
		for (u32 direct = 0; direct < 2; direct++) {
			int vector;

			gate(ones[i].vector, stub(ones[i].vector), direct ? TRAP : INTERRUPT, 3);
			data.irq_enabled = 0;
			switch (ones[i].vector) {
			case 0: vector = TRY("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx"); break;
			case 3: vector = TRY("int3"); break;
			case 4: vector = TRY("movb $0x7f, %%al; addb $1, %%al; into"); break;
			case 5: vector = TRY("movl $-1, %%eax; bound %%eax, data"); break;
			case 6: vector = TRY("ud2"); break;
			default: vector = TRY("int $0x80"); break;
			}
			is(vector, ones[i].vector, "2.4 direct: %s arrives", ones[i].name);
			ok(!(last.flags & IF) == !(direct && HOST_BITS == 32), direct ?
			   "2.4 direct: %s, trap gate: the Host had no hand in it if there are direct gates" :
			   "2.4 direct: %s, interrupt gate: the Host brings it, with IF as the Guest sees it",
			   ones[i].name);
		}
	}
	gate(13, stub(13), TRAP, 0);
	data.irq_enabled = IF;
	is(TRY("cli"), 13, "2.4 direct: GP by a trap gate arrives");
	is(last_enabled, IF, "2.4 IF: stays on through a trap gate");
	data.irq_enabled = 0;
	TRY("cli");
	ok(!(last.flags & IF), "2.4 direct: GP never goes without the Host");
	gate(14, stub(14), TRAP, 0);
	peek(WINDOW);
	ok(!(last.flags & IF), "2.4 direct: nor does PF");
}

LIVES(direct_from_programs)
{
	USER_CODE(user_call, "int $0x80");
	USER_CODE(user_thrice, "int $0x80; int $0x80; int $0x80; movl $1f, %ecx; movl %ecx, user_argument; 1:");

	user_goes_on = 0x80;
	user_argument[0] = 0;
	data.irq_enabled = IF;
	forget();
	in_user(user_thrice);
	ok(traps == 4 && user_argument[0], "2.4 direct: system calls return to their program");
	user_goes_on = ~0u;
	data.irq_enabled = 0;
	is(in_user(user_call), 0x80, "2.4 direct: a program's system call arrives");
	ok(last.flags & IF, "2.4 direct: a program's system call: the Host had no hand in it");
	ok(last.eip == (u32)user_call + 2 && last.cs == CS3 && last.ss == DS3 && last.esp == (u32)user_stack_top,
	   "2.4 direct: a program's system call: the frame has what the program had");
	gate(0x80, stub(0x80), INTERRUPT, 3);
	is(in_user(user_call), 0x80, "2.4 direct: by an interrupt gate, too");
	ok(!(last.flags & IF), "2.4 direct: by an interrupt gate: the Host brings it, with IF as the Guest sees it");
}

DIES(gate_ring_0, "2.1 LOAD_IDT_ENTRY: the selector is not believed", "unhandled trap 13 at")
{
	u32 after = (u32)&&after;

	hcall(LHCALL_LOAD_IDT_ENTRY, 13, 0, 0, 0);
	hcall(LHCALL_LOAD_IDT_ENTRY, 0x80, (after & 0xffff) | 0x500000, (after & 0xffff0000) | 0xef00, 0);
	__asm__ volatile goto("int $0x80" : : : : after);
	return;
after:
	__asm__ volatile("cli");
}

DIES(no_handler, "2.4 reflection: a trap without a gate kills", "unhandled trap 6 at 0x[0-9a-f]+")
{
	hcall(LHCALL_LOAD_IDT_ENTRY, 6, 0, 0, 0);
	__asm__ volatile("ud2");
}

DIES(no_stack, "2.4 reflection: no page for the frame kills", "no stack at 0x4ffffc for trap frame")
{
	__asm__ volatile("movl $0x500000, %esp; ud2");
}

DIES(no_stack_wraps, "2.4 reflection: a stack that wraps kills", "no stack at 0xfffffffc for trap frame")
{
	__asm__ volatile("xorl %esp, %esp; ud2");
}

DIES(no_user_stack, "2.4 reflection: no kernel stack for a program's fault kills", "no stack at 0x4ffffc for trap frame")
{
	map(0x4ff000, FRAME_AT(0) | P | RW | A | D);
	hcall(LHCALL_SET_STACK, DS1, 0x500000, 1, 0);
	map(0x4ff000, 0);
	in_user(user_gp);
}

/* --- general protection: what is emulated, and what isn't */

LIVES(emulated)
{
	u32 a, d;

	__asm__ volatile("inb $0x64, %%al" : "=a" (a) : "0" (0x12345600));
	is(a, 0x123456ff, "2.4 GP: inb of a fixed port: all ones, and only %%al");
	__asm__ volatile("movw $0x1f0, %%dx; inw %%dx, %%ax" : "=a" (a) : "0" (0x12340000) : "edx");
	is(a, 0x1234ffff, "2.4 GP: inw by %%dx: all ones, and only %%ax");
	__asm__ volatile("inl $0xcf, %%eax" : "=a" (a) : "0" (0));
	is(a, ~0u, "2.4 GP: inl: all ones");
	__asm__ volatile("outb %%al, $0x80; outw %%ax, %%dx; outl %%eax, %%dx" : "=a" (a) : "0" (7), "d" (0x80));
	is(a, 7, "2.4 GP: out does nothing");
	__asm__ volatile("rdmsr" : "=a" (a), "=d" (d) : "0" (1), "1" (2), "c" (0xc0000080));
	ok(!(d & ~0x1f), "2.4 GP: rdmsr answers");
	__asm__ volatile("movl %%cr4, %0" : "=r" (a) : "0" (5));
	ok(a != 5, "2.4 GP: a read of CR4 answers");
	is(TRY("movl $0x80000000, %%eax; movl %%eax, %%cr3"), 13, "2.4 GP: CR3 can't be written");
	is(TRY("movl %%cr3, %%eax"), 13, "2.4 GP: nor read");
	is(TRY("cli"), 13, "2.4 GP: cli");
	is(TRY("sti"), 13, "2.4 GP: sti");
	is(TRY("hlt"), 13, "2.4 GP: hlt");
	is(TRY("lgdt data"), 13, "2.4 GP: lgdt");
	is(TRY("lidt data"), 13, "2.4 GP: lidt");
	is(TRY("movl $0x60, %%eax; ltr %%ax"), 13, "2.4 GP: ltr");
	is(TRY("movl $0x60, %%eax; lldt %%ax"), 13, "2.4 GP: lldt");
	is(TRY("invlpg 0"), 13, "2.4 GP: invlpg");
	is(TRY("wbinvd"), 13, "2.4 GP: wbinvd");
	is(TRY("clts"), 13, "2.4 GP: clts");
	is(TRY("lmsw %%ax"), 13, "2.4 GP: lmsw");
	is(TRY(".byte 0x66; cli"), 13, "2.4 GP: a prefix makes no difference");
	__asm__ volatile("pushl $0x202; popfl; pushfl; popl %0" : "=r" (a) : : "cc");
	ok(!(a & 0x3000), "2.4 GP: popf gives no IOPL");
}

LIVES(not_emulated_for_programs)
{
	USER_CODE(user_in, "inb $0x64, %al");
	USER_CODE(user_rdmsr, "rdmsr");
	USER_CODE(user_cr4, "movl %cr4, %eax");
	USER_CODE(user_irq, "int $0x30");
	USER_CODE(user_int14, "int $14");
	USER_CODE(user_sysenter, "sysenter");
	USER_CODE(user_syscall, "syscall");
	USER_CODE(user_sysexit, "repe; .byte 0x66; sysexit");

	is(in_user(user_in), 13, "2.4 GP: in from ring 3 is the Guest's to judge");
	is(in_user(user_rdmsr), 13, "2.4 GP: so is rdmsr");
	is(in_user(user_cr4), 13, "2.4 GP: so is CR4");
	is(in_user(user_irq), 13, "2.4 vectors: a program can't feign an interrupt");
	ok(NAMES_VECTOR(last.error, 0x30), "2.4 vectors: the error names the vector");
	is(in_user(user_int14), 13, "2.4 vectors: nor a page fault");
	is(in_user(user_sysenter), 6, "2.4 UD: sysenter, on a processor that has none");
	is(last.eip, (u32)user_sysenter, "2.4 UD: EIP is at the sysenter");
	is(in_user(user_syscall), 6, "2.4 UD: syscall from ring 3, on a processor that has none");
	is(TRY("syscall"), 6, "2.4 UD: nor has it one for ring 1");
	is(in_user(user_sysexit), 6, "2.4 UD: sysexit, too, whatever its prefixes");
	is(TRY("sysenter"), 6, "2.4 UD: sysenter in the kernel");
}

LIVES(instruction_unmapped)
{
	USER_CODE(user_far, "movl $0x500000, %eax; jmp *%eax");

	is(in_user(user_far), 14, "2.4 PF: an instruction that isn't there");
	ok(last.eip == 0x500000 && last_cr2 == 0x500000 && (last.error & ~0x10) == 4, "2.4 PF: EIP and cr2 are its address");
	map(WINDOW, FRAME_AT(0) | P | RW | A | D);
	*(u8 *)(FRAME(0) + 4095) = 0x0f;
	is(TRY("movl $0x400fff, %%eax; jmp *%%eax"), 14, "2.4 PF: an instruction across the end of what is mapped");
	is(last_cr2, WINDOW + PAGE, "2.4 PF: cr2 is the missing page");
	*(u8 *)(FRAME(0) + 4095) = 0xe5;
	is(TRY("movl $0x400fff, %%eax; jmp *%%eax"), 14, "2.4 GP: no emulation of an instruction that is cut");
}

/* --- what the Host keeps for itself */

static u32 fpu_word;

LIVES(fpu)
{
	double x = 0;

	__asm__ volatile("fninit; fldpi; fld1");
	hcall(LHCALL_SET_CLOCKEVENT, 1000000, 0, 0, 0);
	data.irq_enabled = IF;
	for (u32 i = 0; i < 1000; i++)
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	irq_wait(0, 1);
	flush();
	__asm__ volatile("faddp; fstpl %0; fstcw %1" : "=m" (x), "=m" (fpu_word));
	ok(x > 4.14159 && x < 4.14160, "2.4 FPU: registers survive hypercalls, an interrupt and the Launcher");
	is(fpu_word & 0xffff, 0x37f, "2.4 FPU: so does the control word");
}
