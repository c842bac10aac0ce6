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

# crashes NAME WHOSE PLACE VARIABLE=VALUE...: such a run tells who has died, with a line like WHOSE, and where, in a function and
# chapter like PLACE.
crashes()
{
	name=$1 whose=$2 place=$3
	shift 3
	start=$(date +%s)
	said=$(make -s -C "$scratch/tree" boot "$@" 2>"$scratch/told" </dev/null)
	status=$?
	told=$(cat "$scratch/told")
	note "$name: $(($(date +%s) - start)) s from make to the end, status $status"
	note "$told"
	[ $status -ne 0 ]
	ok $? "$name: a status that is not 0"
	like "$told" "^lab: $whose" "$name: whose fault it was"
	like "$told" "^lab: in $place" "$name: where"
}

host='[a-z_.0-9]+\(\), journey/H-Host/030-run-loop.nw:[0-9]+$'
guest='[a-z_.0-9]+\(\), journey/G-Guest/042-the-rest-of-the-machine.nw:[0-9]+$'
crashes 'a null pointer in lg.ko' 'the Host died: BUG: kernel NULL pointer dereference' "$host" CMD=true GUESTMEM=33M
crashes 'a null pointer in lg.ko, on a Host of 64 bits' 'the Host died: BUG: kernel NULL pointer dereference' "$host" CMD=true \
	FLAVOUR=amd64 GUEST=686 GUESTMEM=33M
crashes 'an endless loop in lg.ko' 'the Host died: watchdog: BUG: soft lockup' "$host" CMD=true GUESTMEM=34M
crashes 'a null pointer in the Launcher' 'the Launcher died: lguest\[[0-9]+\]: segfault at 0' \
	'run_guest\(\), journey/L-Launcher/145-first-words.nw:[0-9]+$' CMD=true GUESTMEM=36M
crashes 'a write to address 0 in lguest_init()' 'the Guest died: unhandled trap 14' "$guest" CMD=true GUESTARGS=first=null
crashes 'a wild pointer in lguest_init()' 'the Guest died: unhandled trap 14' "$guest" CMD=true GUESTARGS=first=wild
crashes 'an endless loop in lguest_init()' 'the Guest has not come out of its kernel' "$guest" CMD=true \
	GUESTARGS=first=loop
crashes 'a null pointer before there is any console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" CMD=true \
	GUESTARGS=early=null
crashes 'a null pointer before the console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" CMD=true \
	GUESTARGS=platform.plant=null
crashes 'an endless loop after the console, without interrupts' 'the Guest has not come out of its kernel' "$guest" \
	CMD='echo off >/sys/module/platform/parameters/plant'
crashes 'an endless loop after the console' 'the Guest has not come out of its kernel' "$guest" TIMEOUT=30 \
	CMD='echo loop >/sys/module/platform/parameters/plant'
crashes 'a null pointer after the console' 'the Guest died: BUG: kernel NULL pointer dereference' "$guest" \
	CMD='echo null >/sys/module/platform/parameters/plant'
like "$told" '^lab:     set_plant at journey/' 'and its trace'
is "$said" '' 'and nothing of it is in the output'

done_testing
