#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Guests that misbehave, one wrong thing each: the Host says what was wrong, and is none the worse for it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Each case: its name in hostile/guest.S, and the reason that the Launcher must print.
cat >"$scratch/cases" <<'END'
nothing_wrong		survived
first_call		hypercall 10 before LGUEST_INIT
init_outside		hypercall LGUEST_INIT: block at 0x900ff0, limit
init_wraps		hypercall LGUEST_INIT: block at 0xfffffff0, limit
init_kernel_address	hypercall LGUEST_INIT: kernel address 0xffc00000, limit 0xff800000
init_vector		hypercall LGUEST_INIT: system call vector 65, must be 128
fault_direct		hypercall LGUEST_INIT: fault_direct is 2, with
fault_direct_levels	hypercall LGUEST_INIT: fault_direct is 1, with tables of 3 levels
init_twice		hypercall LGUEST_INIT made twice
unknown_call		unknown hypercall 3
unknown_call_in_ring	unknown hypercall 77
no_handler		unhandled trap 6 at
no_stack		no stack at 0x4ffffc for trap frame
ring_0_code		unhandled trap 13 at
gdt_slot		hypercall LOAD_GDT_ENTRY: slot 32, limit 32
gdt_ring_0		unhandled trap 13 at
gdt_call_gate		unhandled trap (11|13) at
segment_gone		survived
segment_execute_only	survived
segment_raised		survived
code_gone		fault (11|13): bad segment, one of 0xa1 0x69 0x7b 0xa9 0xb3 0x0$
ldt_entries		hypercall SET_LDT: 8193 entries, limit 8192
ldt_unaligned		hypercall SET_LDT: 1 entries at 0x[0-9a-f]+4, limit 0xff800000
ldt_top			hypercall SET_LDT: 5 entries at 0xff7fffe0, limit 0xff800000
ldt_wraps		hypercall SET_LDT: 2 entries at 0xfffffff8, limit 0xff800000
ldt_unmapped		hypercall SET_LDT: no page at 0x500000
ldt_half		hypercall SET_LDT: no page at 0x400000
ldt_page_outside	hypercall SET_LDT: no page at 0x0$
ldt_call_gate		unhandled trap (11|13) at
ldt_ring_0		unhandled trap 13 at
ldt_write		unhandled trap 14 at .* cr2 0xff800000
ldt_beyond		unhandled trap 13 at
ldt_gone		survived
ldt_largest		survived
debug_register		hypercall SET_DEBUGREG: register 4 is neither 0 to 3 nor 7
debug_access		hypercall SET_DEBUGREG: control 0x2000, must not have any of 0xf800
debug_port		hypercall SET_DEBUGREG: control 0x20002: register 0 has no kind
debug_length		hypercall SET_DEBUGREG: control 0x80000080: register 3 has no kind
debug_hit		unhandled trap 1 at
debug_step		unhandled trap 1 at
debug_switcher		survived
debug_host		survived
idt_vector		hypercall LOAD_IDT_ENTRY: vector 256, limit 256
idt_task_gate		hypercall LOAD_IDT_ENTRY: vector 20 is of type 0x5
idt_ring_0		unhandled trap 13 at
int_page_fault		unhandled trap 13 at
stack_privilege		hypercall SET_STACK: selector 0x58 has privilege 0, must be 1
stack_pages		hypercall SET_STACK: 3 pages, must be 1 or 2
stack_unmapped		hypercall SET_STACK: no page at 0x4fffff
table_outside		hypercall NEW_PGTABLE: table at 0x10000000, limit
table_unaligned		hypercall NEW_PGTABLE: table at 0x[0-9a-f]+10, limit
table_word_outside	page table word at 0x70000000, limit
page_outside		page table entry for page 0x70000, limit
large_page		large page at 0x400000 \(entry 0x83\): not supported
flush_what		hypercall FLUSH_TLB: 2 is neither 0 nor 1
pgd_index		hypercall SET_PGD: index 1024, limit 1024
pte_address		hypercall SET_PTE: address 0xff962000, limit 0xff800000
tls_outside		bad read of 24 bytes at physical 0xfffffff8, limit
notify_outside		hypercall NOTIFY: address 0x40000000, limit
shutdown_how		hypercall SHUTDOWN: 7 is neither power-off, restart nor panic
shutdown_outside	bad read of 128 bytes at physical 0xffffff00, limit
shutdown_escape		 \[2Jredx{120}$
walk_regs		no stack at 0xff[0-9a-f]{3}ffc for trap frame
walk_state		no stack at 0xff[0-9a-f]{3}1fc for trap frame
walk_text		no stack at 0xff9627fc for trap frame
walk_unmapped		no stack at 0x4ffffc for trap frame
walk_loop		no stack at 0xff[0-9a-f]{3}ffc for trap frame
walk_stack_regs		hypercall SET_STACK: no page at 0xff[0-9a-f]{3}fff$
walk_stack_state	hypercall SET_STACK: no page at 0xff[0-9a-f]{3}1ff$
walk_stack_text		hypercall SET_STACK: no page at 0xff9627ff$
walk_stack_gone		no stack at 0x2ffffc for trap frame
short_outside		page table entry for page 0x70000, limit 0x901
short_alias		survived
short_read_only		survived
short_upper		survived
switcher_write		unhandled trap 14 at .* cr2 0xff964000
switcher_map		unhandled trap 14 at .* cr2 0xff800000
END

# On a Host of 64 bits the Switcher's pages are where no Guest can name them: half of an address leads nowhere.
case ${FLAVOUR:-686} in
amd64*)	sed 's/^debug_host	.*/debug_host	unhandled trap 14 at/; /^walk_/s/0xff\[0-9a-f\]{3}[0-9a-f]*/0x[0-9a-f]{8}/' "$scratch/cases" \
		>"$scratch/changed" && mv "$scratch/changed" "$scratch/cases" ;;
esac

mkdir -p "$scratch/extra/hostile"
while read -r name reason; do
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "-DCASE_$name" \
		-o "$scratch/extra/hostile/$name" tests/hostile/guest.S || exit 1
done <"$scratch/cases"

# The Host runs them all, and says for each: name, status, reason. Then what its log has gained.
# shellcheck disable=SC2016 # for the Host's shell
commands='dmesg -c >/dev/null
for guest in /hostile/*; do
	reason=$(lguest 8M $guest 2>&1 </dev/null)
	echo "$(basename $guest) $? $reason"
done
dmesg | sed "s/^/log /"'
HOSTEXTRA=$scratch/extra CMD=$commands make host SMP=2 >"$scratch/said" 2>"$scratch/errors"
is $? 0 'a Host runs the hostile Guests' || diag "$(cat "$scratch/errors")"
while read -r name reason; do
	like "$(grep "^$name " "$scratch/said")" "^$name 1 lguest: .*$reason" "$name: the Guest dies, and the reason is told"
done <"$scratch/cases"
is "$(host_log <"$scratch/said")" '' "nothing appears in the Host's log"

done_testing
