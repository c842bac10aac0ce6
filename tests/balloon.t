#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Entropy and the balloon: on a Host made of paper, with drivers that keep the rules and drivers that do not; and with
# Linux's own drivers, where memory has to come back while the Guest goes on.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

elf=$scratch/kernel
perl tests/elf.pl >"$elf"

# compile PROGRAM OPTION...: the Launcher on a Host made of paper.
compile()
{
	program=$1
	shift
	gcc -g -O1 -Wall -Wextra -pthread -Ibuild/src/include "$@" -Wl,--wrap=open,--wrap=read,--wrap=write,--wrap=close \
		-o "$scratch/$program" tests/paper-host.c build/src/launcher/*.c >"$scratch/compiler" 2>&1
	ok $? "$program compiles" || diag "$(cat "$scratch/compiler")"
}

compile paper -m32 -fsanitize=address,undefined -fno-sanitize-recover=all
compile raced -fsanitize=thread -Wno-tsan

# play NAME OPTION...: a Guest that plays NAME, with a device.
play()
{
	name=$1
	shift
	said=$(timeout 60 "$scratch/${paper:-paper}" "$@" 16 "$elf" "$name" 2>"$scratch/err" </dev/null)
	status=$?
	complaint=$(cat "$scratch/err")
}

for paper in paper raced; do
	play dice --rng
	is "$status $said$complaint" '0 ' "$paper: dice fall differently, fill what they should and no more"
	play balloon --balloon=8M
	is "$status $said$complaint" '0 ' "$paper: pages in the balloon and free memory become zeros, all others do not"
	play unfair --balloon --rng
	is "$status $said" '0 all is well' "$paper: 104 broken rules, and each device can be mended"
	is "$(printf '%s\n' "$complaint" | grep -c '^lguest: device .* failed: ') $(printf '%s\n' "$complaint" | wc -l)" '104 104' \
		"$paper: a line for each" || diag "$complaint"
done
paper=paper
printf 'seven, and then more.' >"$scratch/dice"
play drawn --rng="$scratch/dice"
is "$status $said" '0 seven, and then more.' 'dice from a file, that fit into buffers of seven'
is "$complaint" "lguest: $scratch/dice: has ended: the Guest gets no more random bytes from it" 'its end is told once, also after a reset'
mkfifo "$scratch/pipe"
sh -c 'for word in "from " "one " "after " "another."; do printf "$word" >'"$scratch/pipe; sleep 0.2; done" &
said=$(timeout 60 "$scratch/paper" --rng="$scratch/pipe" 16 "$elf" drawn 2>&1 </dev/null)
is "$? $said" '0 from one after another.' 'dice from a pipe: writers come and go, and an empty one is no end'
wait

done_testing
