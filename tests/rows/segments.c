// SPDX-License-Identifier: GPL-2.0-only
/* 2.5: each kind of descriptor, as the processor sees it (LAR and LSL tell), and selectors. */
#include "rows.h"

#define SLOT	20
#define SELECTOR	(SLOT * 8 + 1)

/* Access byte and flags of a 4 GB segment: LAR shows them at the same place. */
static u32 load(u32 slot, u32 high)
{
	hcall(LHCALL_LOAD_GDT_ENTRY, slot, 0xffff, high, 0);
	return lar(slot * 8 + 1) & 0xf0ff00;
}

static u32 lsl(u32 selector)
{
	u32 limit = 0;

	__asm__ volatile("lsl %1, %0" : "+r" (limit) : "r" (selector) : "cc");
	return limit;
}

LIVES(fix_ups)
{
	is(load(SLOT, 0xcf9200), 0xc0b300, "2.5 DPL: data of privilege 0 becomes privilege 1, accessed");
	is(load(SLOT, 0xcfb200), 0xc0b300, "2.5 accessed: data of privilege 1");
	is(load(SLOT, 0xcfd200), 0xc0d300, "2.5 DPL: 2 stays");
	is(load(SLOT, 0xcff200), 0xc0f300, "2.5 DPL: 3 stays");
	is(load(SLOT, 0xcf9000), 0xc0b100, "2.5 types: read-only data");
	is(load(SLOT, 0xcff400), 0xc0f500, "2.5 types: expand-down data");
	is(load(SLOT, 0xcf9a00), 0xc0bb00, "2.5 DPL: code of privilege 0 becomes privilege 1");
	is(load(SLOT, 0xcff800), 0xc0f900, "2.5 types: execute-only code");
	is(load(SLOT, 0x4ff200), 0x40f300, "2.5 types: limit in bytes");
	is(lsl(SELECTOR), 0xfffff, "2.5 types: and the limit is what was asked for");
	is(load(SLOT, 0x8ff200), 0x80f300, "2.5 types: 16-bit data");
	is(load(SLOT, 0xdff200), 0xd0f300, "2.5 types: the free bit is the Guest's");
	is(load(SLOT, 0xcf7200), 0xc07300, "2.5 not present: is there all the same, for those who ask");
	is(lsl(SELECTOR), ~0u, "2.5 not present: with its limit");
	is(load(SLOT, 0xcf1a00), 0xc03b00, "2.5 not present: code of privilege 0 becomes privilege 1");
	is(TRY("movl $161, %%eax; movl %%eax, %%fs"), 11, "2.5 not present: and can't be loaded");
	is(last.error, 160, "2.5 not present: the error names the selector");
	is(load(SLOT, 0xcf6900), 0, "2.5 not present: a system descriptor is dropped");
	is(load(SLOT, 0), 0, "2.5 nonsense: an empty descriptor");
	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, ~0, ~0, 0);
	is(lar(SELECTOR) & 0xff00, 0xff00, "2.5 nonsense: all ones is an odd segment of privilege 3");
}

LIVES(system_descriptors)
{
	for (u32 type = 0; type < 16; type++) {
		is(load(SLOT, 0xcfe000 | type << 8), 0, "2.5 system: type %u of privilege 3 is dropped", type);
		is(TRY("lcall $161, $0"), 13, "2.5 system: a far call to type %u faults", type);
	}
}

LIVES(conforming)
{
	u32 cs;

	is(load(SLOT, 0xcf9e00), 0xc0bf00, "2.5 conforming: code of privilege 0 becomes privilege 1");
	is(TRY("ljmp $161, $2f; 2: ud2"), 6, "2.5 conforming: ring 1 can go there");
	is(last.cs, 161, "2.5 conforming: and is still ring 1");
	is(TRY("ljmp $161, $2f; 2: cli"), 13, "2.5 conforming: no more allowed than before");
	is(load(SLOT, 0xcffe00), 0xc0ff00, "2.5 conforming: of privilege 3");
	is(TRY("ljmp $161, $2f; 2: ud2"), 13, "2.5 conforming: ring 1 can't go there");
	__asm__("movl %%cs, %0" : "=r" (cs));
	is(cs, CS1, "2.5 conforming: back in our segment");
}

USER_CODE(user_conforming, "ljmp $162, $1f; 1: movl %cs, %eax; movl %eax, user_argument");
USER_CODE(user_own_cs, "ljmp $0x60, $0");
USER_CODE(user_kernel_ds, "movl $0x69, %eax; movl %eax, %ds");
USER_CODE(user_kernel_ss, "movl $0x69, %eax; movl %eax, %ss");
USER_CODE(user_switcher_cs, "ljmp $0x50, $0");
USER_CODE(user_switcher_ds, "movl $0x58, %eax; movl %eax, %es");
USER_CODE(user_tss, "ljmp $0x80, $0");
USER_CODE(user_double_fault_tss, "lcall $0xf8, $0");
USER_CODE(user_rpl, "movl $0x78, %eax; movl %eax, %fs; movl %fs, %eax; movl %eax, %ss:user_argument");
USER_CODE(user_tls, "movl user_argument + 4, %eax; movl %eax, %gs; movl %gs:0, %eax; movl %eax, user_argument");
USER_CODE(user_lret, "pushl $0x60; pushl $0; lret");

LIVES(programs_and_selectors)
{
	load(SLOT, 0xcf9e00);
	is(in_user(user_conforming), LEAVE, "2.5 conforming: a program can go there");
	is(user_argument[0], 163, "2.5 conforming: and stays ring 3");
	is(in_user(user_own_cs), 13, "2.5 selectors: not to the kernel's code");
	is(last.error, 0x60, "2.5 selectors: the error names it");
	is(in_user(user_kernel_ds), 13, "2.5 selectors: nor to its data");
	is(in_user(user_kernel_ss), 13, "2.5 selectors: nor its stack");
	is(in_user(user_lret), 13, "2.5 selectors: no far return to a higher privilege");
	is(in_user(user_switcher_cs), 13, "2.5 Host's slots: the Switcher's code is not for programs");
	is(in_user(user_switcher_ds), 13, "2.5 Host's slots: nor its data");
	is(in_user(user_tss), 13, "2.5 Host's slots: nor the task segment");
	is(in_user(user_double_fault_tss), 13, "2.5 Host's slots: nor the other one");
	is(in_user(user_rpl), LEAVE, "2.5 selectors: RPL 0 in a data selector");
	is(user_argument[0], 0x78, "2.5 selectors: and it is kept");
}

LIVES(kernel_and_selectors)
{
	u32 now;

	is(TRY("movl $0x68, %%eax; movl %%eax, %%ds; movl $19, %%eax; int $0x1f"), -1, "2.5 RPL 0: in %%ds through a hypercall");
	__asm__ volatile("movl %%ds, %0" : "=r" (now));
	is(now, 0x68, "2.5 RPL 0: and it is kept");
	__asm__ volatile("movl %0, %%ds" : : "r" (DS1));
	is(TRY("movl $0x68, %%eax; movl %%eax, %%ss"), 13, "2.5 RPL 0: not in %%ss");
	is(TRY("ljmp $0x60, $2f; 2: movl %%cs, %%eax; cmpl $0x61, %%eax; je 3f; ud2; 3:"), -1,
	   "2.5 RPL 0: in a far jump it is ring 1 all the same");
	is(TRY("pushl $0x60; pushl $2f; lret; 2:"), 13, "2.5 RPL 0: not by a far return");
	is(TRY("pushl $2; pushl $0x60; pushl $2f; iret; 2:"), 13, "2.5 RPL 0: not by an iret");
	is(TRY("ljmp $0x50, $0"), 13, "2.5 Host's slots: the Switcher's code is not for ring 1");
	is(last.error, 0x50, "2.5 Host's slots: the error names it");
	is(TRY("movl $0x58, %%eax; movl %%eax, %%fs"), 13, "2.5 Host's slots: nor its data");
	is(TRY("movl $0x5b, %%eax; movl %%eax, %%fs"), 13, "2.5 Host's slots: whatever the RPL");
	is(TRY("ljmp $0x80, $0"), 13, "2.5 Host's slots: no task switch");
	is(TRY("movl $0x8000, %%eax; movl %%eax, %%fs"), 13, "2.5 selectors: beyond the table");
	is(TRY("movl $7, %%eax; movl %%eax, %%fs"), 13, "2.5 selectors: no local table");
}

/* A code segment may have base 0, limit 4 GB and DPL 3, but never bit L: on a Host of 64 bits it would be code of that kind. */
LIVES(long_mode)
{
	USER_CODE(user_long, "movl $7, %eax; ljmp $0xa3, $1f; 1: .byte 0x48; movl $5, %ecx; int $0x80");

	hcall(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xaffb00, 0);
	is(lar(20 * 8 + 3) & 0x20ff00, 0xfb00, "2.5 L: is taken away");
	hcall(LHCALL_LOAD_GDT_ENTRY, 20, 0xffff, 0xeffb00, 0);
	is(in_user(user_long), 0x80, "2.5 L: a program with a segment that had it goes on");
	ok(last.eax == 6 && last.ecx == 5, "2.5 L: in code of 32 bits, where 0x48 is an instruction of its own, decl %%eax");
	is(last.cs, 20 * 8 + 3, "2.5 L: in that segment");
	hcall(LHCALL_LOAD_GDT_ENTRY, 20, 0, 0, 0);
}

LIVES(host_slots)
{
	static const u32 slots[] = { HOST_BITS == 64 ? 2 : 9, 9, 10, 11, 16, 17, 31 };

	for (u32 i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		const u32 slot = slots[i];

		is(hcall(LHCALL_LOAD_GDT_ENTRY, slot, 0xffff, 0xcff300, 0), 0, "2.5 Host's slots: %u may be asked for", slot);
		is(lar(slot * 8 + 1) & 0xff00, 0, "2.5 Host's slots: %u stays the Host's", slot);
	}
	is(lar(0x61) & 0xf0ff00, 0xc0bb00, "2.5 at birth: 0x61 is code of ring 1");
	is(lar(0x69) & 0xf0ff00, 0xc0b300, "2.5 at birth: 0x69 is data of ring 1");
	is(lar(0x73) & 0xf0ff00, 0xc0fb00, "2.5 at birth: 0x73 is code of ring 3");
	is(lar(0x7b) & 0xf0ff00, 0xc0f300, "2.5 at birth: 0x7b is data of ring 3");
}

static u32 words[3];

LIVES(bases)
{
	u32 base = (u32)words, value;

	words[0] = 0xfeed;
	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, base << 16 | 0xffff, (base & 0xff000000) | 0xcfb300 | (base >> 16 & 0xff), 0);
	__asm__ volatile("movl %1, %%fs; movl %%fs:0, %0; movl %2, %%fs" : "=&r" (value) : "r" (SELECTOR), "r" (0));
	is(value, 0xfeed, "2.5 base: a segment begins where it should");
}

LIVES(tls)
{
	u32 tls[6];

	words[0] = 0x111;
	words[1] = 0x222;
	words[2] = 0x333;
	for (u32 i = 0; i < 3; i++) {
		const u32 base = (u32)user_argument + 4 * i;

		tls[2 * i] = base << 16 | 0xffff;
		tls[2 * i + 1] = (base & 0xff000000) | 0xcff200 | (base >> 16 & 0xff);
	}
	is(hcall(LHCALL_LOAD_TLS, (u32)tls, 0, 0, 0), 0, "2.5 TLS: loads");
	for (u32 i = 0; i < 3; i++) {
		is(lar((6 + i) * 8 + 3) & 0xf0ff00, 0xc0f300, "2.5 TLS: entry %u is there, accessed", i);
		user_argument[0] = user_argument[2] = 0x77;
		user_argument[1] = (6 + i) * 8 + 3;
		is(in_user(user_tls), LEAVE, "2.5 TLS: a program uses entry %u", i);
		is(user_argument[0], i == 1 ? 7 * 8 + 3 : 0x77, "2.5 TLS: entry %u begins where it should", i);
	}
	__asm__ volatile("movl %0, %%gs" : : "r" (0));
	tls[1] &= ~0x6000;
	tls[3] = 0xcf7200;
	tls[5] = 0xcfe900;
	hcall(LHCALL_LOAD_TLS, (u32)tls, 0, 0, 0);
	is(lar(6 * 8 + 1) & 0xf0ff00, 0xc0b300, "2.5 TLS: privilege 0 becomes 1");
	is(lar(7 * 8 + 3) & 0xf0ff00, 0xc07300, "2.5 TLS: not present stays that");
	is(lar(8 * 8 + 3), 0, "2.5 TLS: a system descriptor is dropped");
}

LIVES(reload)
{
	u32 fs;

	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, 0xffff, 0xcfb300, 0);
	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR));
	for (u32 i = 0; i < 100; i++)
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	__asm__ volatile("movl %%fs, %0" : "=r" (fs));
	is(fs, SELECTOR, "2.5 selectors: %%fs survives hypercalls");
	__asm__ volatile("movl %0, %%gs" : : "r" (SELECTOR));
	peek(WINDOW);
	__asm__ volatile("movl %%gs, %0" : "=r" (fs));
	is(fs, SELECTOR, "2.5 selectors: %%gs survives a page fault");
}

LIVES(segment_gone)
{
	unsigned int fs;

	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, 0xffff, 0xcfb300, 0);
	__asm__ volatile("movl %0, %%fs" : : "r" (SELECTOR));
	hcall(LHCALL_LOAD_GDT_ENTRY, SLOT, 0, 0, 0);
	__asm__ volatile("movl %%fs, %0" : "=r" (fs));
	is(fs, 0, "2.5 nonsense: a data segment in use that is taken away leaves null in its register");
}

DIES(code_gone, "2.4 Switcher: the Guest's own code segment taken away kills only this Guest", "fault (11|13): bad segment")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 12, 0, 0, 0);
}

DIES(stack_gone, "2.4 Switcher: its stack segment taken away kills only this Guest", "fault (11|12|13): bad segment")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 13, 0, 0, 0);
}

DIES(code_becomes_data, "2.4 Switcher: code that becomes data kills only this Guest", "fault (11|13): bad segment")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 12, 0xffff, 0xcfb300, 0);
}

DIES(code_of_ring_3, "2.4 Switcher: ring 1's code that becomes ring 3's kills only this Guest", "fault (11|13): bad segment")
{
	hcall(LHCALL_LOAD_GDT_ENTRY, 12, 0xffff, 0xcffb00, 0);
}
