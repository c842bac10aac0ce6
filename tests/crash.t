#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Faults that a reader could have made, planted in a copy of the chapters: in the module, the Launcher and the Guest's kernel.
# The lab says within seconds whose fault it was, and where in which chapter.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset CMD EXTRA HOSTEXTRA GUESTARGS HOSTARGS MEM GUESTMEM SMP CPU TIMEOUT FLAVOUR GUEST LAB_QEMU MAKEFLAGS

mkdir -p "$scratch/tree/build/lab"
cp -a Makefile journey tangle weave tests "$scratch/tree/"
for part in setup tangled.mk src read packages host guest launcher usernet; do
	[ ! -e "build/$part" ] || cp -a "build/$part" "$scratch/tree/build/"
done
cp -a build/.tangle* "$scratch/tree/build/" 2>/dev/null
cp -a build/lab/*.cpio build/lab/lgstat build/lab/become.so build/lab/calibration "$scratch/tree/build/lab/" 2>/dev/null

# plant FILE PATTERN: put the lines from standard input behind the one line of the chapter that matches.
plant()
{
	file=$scratch/tree/journey/$1
	is "$(grep -cE -e "$2" "$file")" 1 "there is one place to plant in $1"
	cat >"$scratch/planted"
	at=$(grep -nE -m 1 -e "$2" "$file" | cut -d : -f 1)
	sed -i "${at}r $scratch/planted" "$file"
}

# Which fault it is to be is said by the Guest's memory, or by its arguments.
plant H-Host/030-run-loop.nw '^<<function \[\[was_recalled\(\)\]\]>>$' <<'END'
static noinline void plant(struct lg_cpu *cpu)
{
	if (cpu->lg->pfn_limit @>> 8 == 34)
		*(volatile int *)NULL = 1;
	while (cpu->lg->pfn_limit @>> 8 == 35)
		cpu_relax();
}

END
plant H-Host/030-run-loop.nw '^		lg_handle_trap\(cpu\);$' <<'END'
		plant(cpu);
END
plant L-Launcher/145-first-words.nw '^			bus->sleepy = words\[1\];$' <<'END'
			if (bus->memory->ram == 36 @<< 20)
				*(volatile int *)NULL = 1;
END
plant G-Guest/042-the-rest-of-the-machine.nw '^<<\[\[platform.c\]\] includes>>=$' <<'END'
#include <linux/moduleparam.h>
#include <linux/string.h>
END
plant G-Guest/042-the-rest-of-the-machine.nw '^<<\[\[platform.c\]\] includes>>$' <<'END'

/* @at and @arguments: the fault is planted only if they agree. */
static noinline void plant(const char *arguments, const char *at)
{
	const char *what = strstr(arguments, at);

	if (!what)
		return;
	what += strlen(at);
	if (strstarts(what, "off"))
		local_irq_disable();
	if (strstarts(what, "null"))
		*(volatile int *)NULL = 1;
	if (strstarts(what, "wild"))
		*(volatile int *)0x40000000 = 1;
	while (strstarts(what, "off") || strstarts(what, "loop"))
		cpu_relax();
}

static int set_plant(const char *what, const struct kernel_param *param)
{
	plant(what, "");
	return 0;
}
static const struct kernel_param_ops plant_ops = { .set = set_plant };
module_param_cb(plant, &plant_ops, NULL, 0600);
END
plant G-Guest/042-the-rest-of-the-machine.nw '^	x86_init.resources.memory_setup = lguest_memory_setup;$' <<'END'
	plant(boot_command_line, "first=");
END
plant G-Guest/042-the-rest-of-the-machine.nw '^	e820__update_table\(e820_table\);$' <<'END'
	plant(boot_command_line, "early=");
END
make -s -C "$scratch/tree" all >"$scratch/built" 2>&1
ok $? 'what has the faults is built' || { diag "$(tail -n 20 "$scratch/built")"; done_testing; }
note "$(grep -c . "$scratch/built") lines of building"

# To boot and to say what has died may take so many seconds, of those that the machine has (W:025), on this computer (W:022).
[ -s "$scratch/tree/build/lab/calibration" ] || make -s -C "$scratch/tree" native CMD=:
limit=$((20 + $(cat "$scratch/tree/build/lab/calibration") * 30 / 1000))

# crashes NAME WHOSE PLACE VARIABLE=VALUE...: such a run tells who has died, with a line like WHOSE, and where, in a function and
# chapter like PLACE. It does so in time; the seconds that a watchdog tells of in that line are its own.
crashes()
{
	name=$1 whose=$2 place=$3
	shift 3
	rm -f "$scratch/status" "$scratch/told"
	# shellcheck disable=SC2016 # for the inner shell
	perl build/src/lab/patience -o "$scratch/had" 0 sh -c '
		(make -s -C "$0/tree" boot "$@" >"$0/said" 2>"$0/told" </dev/null; echo $? >"$0/status") &
		until [ -e "$0/status" ] || grep -qs "^lab: in " "$0/told"; do
			sleep 0.2
		done' "$scratch" "$@"
	until [ -s "$scratch/status" ]; do
		sleep 0.2
	done
	status=$(cat "$scratch/status")
	said=$(cat "$scratch/said")
	told=$(cat "$scratch/told")
	note "$told"
	[ "$status" -ne 0 ]
	ok $? "$name: a status that is not 0"
	like "$told" "^lab: $whose" "$name: whose fault it was"
	like "$told" "^lab: in $place" "$name: where"
	patience=$(printf '%s\n' "$told" | sed -n 's/.*soft lockup .* stuck for \([0-9]*\)s.*/\1/p')
	note "seconds: $(awk -v had="$(cat "$scratch/had")" 'BEGIN { printf "%4.0f", had / 1000 }')  $name"
	[ $(($(cat "$scratch/had") / 1000 - ${patience:-0})) -le $limit ]
	ok $? "$name: soon" || diag "$(cat "$scratch/had") ms; the limit is $limit s and ${patience:-0} s of a watchdog's"
}

# trace PLACE...: it also tells what called what, the innermost first.
trace()
{
	like "$(printf '%s\n' "$told" | sed -n 's/^lab:     //p' | tr '\n' ' ')" "^$1" "$name: and what called it"
}

host='[a-z_.0-9]+\(\), journey/H-Host/030-run-loop.nw:[0-9]+$'
guest='[a-z_.0-9]+\(\), journey/G-Guest/042-the-rest-of-the-machine.nw:[0-9]+$'
called=' at [^ ]+ lg_run_guest at journey/H-Host/030-run-loop.nw:[0-9]+ lg_read at [^ ]+ vfs_read[+]'
crashes 'a null pointer in lg.ko' 'the Host died: BUG: kernel NULL pointer dereference' "$host" CMD=true GUESTMEM=33M
trace "plant$called"
crashes 'a null pointer in lg.ko, on a Host of 64 bits' 'the Host died: BUG: kernel NULL pointer dereference' "$host" CMD=true \
	FLAVOUR=amd64 GUEST=686 GUESTMEM=33M
trace "plant$called"
crashes 'an endless loop in lg.ko' 'the Host died: watchdog: BUG: soft lockup' "$host" CMD=true GUESTMEM=34M
trace "plant$called"
crashes 'a null pointer in the Launcher' 'the Launcher died: lguest\[[0-9]+\]: segfault at 0' \
	'run_guest\(\), journey/L-Launcher/145-first-words.nw:[0-9]+$' CMD=true GUESTMEM=36M
crashes 'a write to address 0 in lguest_init()' 'the Guest died: unhandled trap 14' "$guest" CMD=true GUESTARGS=first=null
crashes 'a wild pointer in lguest_init()' 'the Guest died: unhandled trap 14' "$guest" CMD=true GUESTARGS=first=wild
crashes 'an endless loop in lguest_init()' 'the Guest has not come out of its kernel' "$guest" CMD=true \
	GUESTARGS=first=loop
trace '.*plant at [^ ]+'
crashes 'a null pointer before there is any console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" CMD=true \
	GUESTARGS=early=null
trace 'plant at [^ ]+ lguest_memory_setup at '
crashes 'a null pointer before the console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" CMD=true \
	GUESTARGS=platform.plant=null
trace 'plant at [^ ]+ set_plant at [^ ]+ parse_one at '
crashes 'an endless loop after the console, without interrupts' 'the Guest has not come out of its kernel' "$guest" \
	CMD='echo off >/sys/module/platform/parameters/plant'
trace '.*plant at [^ ]+'
crashes 'an endless loop after the console' 'the Guest has not come out of its kernel' "$guest" TIMEOUT=30 \
	CMD='echo loop >/sys/module/platform/parameters/plant'
trace '.*plant at [^ ]+'
crashes 'a null pointer after the console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" \
	CMD='echo null >/sys/module/platform/parameters/plant'
trace 'plant at [^ ]+ set_plant at [^ ]+ param_attr_store at '
is "$said" '' 'and nothing of it is in the output'

# --- the same while somebody sits there: without a command there is no limit, and the terminal is the Guest's

cat >"$scratch/talk" <<'END'
set timeout -1
spawn sh -c "stty -g; make -s -C [lindex $argv 0]/tree boot [lindex $argv 1]; echo status $?; stty -g"
expect -re {([0-9a-f]+:[0-9a-f:]+)\r\n}
set before $expect_out(1,string)
if {[llength $argv] > 2} {
	expect "guest:/# "
	send "[lindex $argv 2]\r"
}
expect -re {status ([0-9]+)\r\n([0-9a-f:]+)\r\n}
if {$expect_out(1,string) == 0} { puts "status 0"; exit 1 }
if {$expect_out(2,string) ne $before} { puts "the terminal is not as it was"; exit 1 }
exit 0
END

# interrupted NAME WHOSE PLACE ARGUMENT...: in a conversation, see talk, the lab says the same as in crashes.
interrupted()
{
	name="in a conversation, $1" whose=$2 place=$3
	shift 3
	said=$(within $((limit + 10)) expect "$scratch/talk" "$scratch" "$@")
	ok $? "$name: ends it soon, with a status that is not 0, and the terminal is as it was" || diag "$said"
	said=$(printf '%s\n' "$said" | tr -d '\r')
	like "$said" "^lab: $whose" "$name: whose fault it was"
	like "$said" "^lab: in $place" "$name: where"
}
interrupted 'a null pointer in lg.ko' 'the Host died: BUG: kernel NULL pointer dereference' "$host" GUESTMEM=33M
interrupted 'an endless loop without interrupts' 'the Guest has not come out of its kernel' "$guest" GUESTMEM=64M \
	'echo off >/sys/module/platform/parameters/plant'

# --- a new hypercall that is in neither of the lists

plant G-Guest/048-the-processor.nw '^#define LHCALL_SET_DEBUGREG' <<'END'
#define LHCALL_PLANTED		34	/* (): what TS does */
END
define=$at
plant H-Host/100-hypercalls.nw '^case LHCALL_TS:$' <<'END'
case LHCALL_PLANTED:
END
said=$(make -s -C "$scratch/tree" build/host/686/lg.ko 2>&1)
ok $((! $?)) 'a hypercall without a name for lgstat is not compiled'
like "$said" "^journey/H-Host/100-hypercalls.nw:$((at + 1)):.*error: case value .34. not in enumerated type" \
	'and is told where it is done'
said=$(cd "$scratch/tree" && sh tests/rows/build "$scratch" 2>&1)
ok $((! $?)) 'one without a row in the tests is not either'
like "$said" "^journey/G-Guest/048-the-processor.nw:$((define + 1)): error: LHCALL_PLANTED has no row '2.1 PLANTED' in tests/rows/list" \
	'and is told where it is defined'

done_testing
