# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # tests use it; they are words; $scratch is tap.sh's
#
# paper.sh: for tests of the Launcher that need no Host; read it after tap.sh. $elf is a kernel for it, which does nothing.

elf=$scratch/kernel
perl tests/elf.pl >"$elf"

# The Launcher on a Host made of paper. It has no sandbox (tests/sandbox.t has), and in 64 bits nothing to unpack kernels with.
on_paper="tests/paper-host.c $(find build/src/launcher -name '*.c' ! -name sandbox.c ! -name unpack.c)
	-Wl,--wrap=open,--wrap=read,--wrap=write,--wrap=close,--wrap=fdatasync,--wrap=syscall,--wrap=getrandom,--wrap=mmap64
	-Wl,--wrap=preadv64v2,--wrap=pwritev64v2,--wrap=fcntl64,--wrap=flock,--wrap=pthread_cond_wait,--wrap=pthread_cond_clockwait"
unpack="build/src/launcher/unpack.c $(cat build/launcher/libraries)"

# compile PROGRAM OPTION... FILE...: $scratch/PROGRAM.
compile()
{
	program=$1
	shift
	gcc -g -O1 -Wall -Wextra -pthread -Ibuild/src/include -o "$scratch/$program" "$@" >"$scratch/compiler" 2>&1
	ok $? "$program compiles" || diag "$(cat "$scratch/compiler")"
}

# stops PROGRAM FILE...: a 32-bit program that stops at the first bad access.
stops()
{
	compile "$@" -m32 -fsanitize=address,undefined -fno-sanitize-recover=all
}

# races PROGRAM FILE...: a program that the thread sanitizer watches. (It exists for 64 bits only, and doubts fences.)
races()
{
	compile "$@" -fsanitize=thread -Wno-tsan
}

# paper_hosts: make $scratch/paper, for bad accesses, and $scratch/raced, for races.
paper_hosts()
{
	stops paper $on_paper $unpack
	races raced $on_paper
}

# terminal PROGRAM: make $scratch/PROGRAM of terminal.c, for in_terminal and for a Host.
terminal()
{
	terminal=$scratch/$1
	compile "$1" tests/terminal.c -m32 -static
}

# in_terminal COMMAND...: run it in a terminal, where standard input says what is typed; $said is what came out.
in_terminal()
{
	said=$(within 120 "$terminal" "$@" 2>&1 | tr -d '\r')
}

# start NAME [OPTION...]: a Guest that plays NAME in the background, as process $guest; its word "up" is waited for.
start()
{
	name=$1
	shift
	rm -f "$scratch/out"
	"$scratch/${paper:-paper}" "$@" 16 "$elf" "$name" </dev/null >"$scratch/out" 2>"$scratch/err" &
	guest=$!
	wait_for up out
}

# wait_for WORD FILE: until it is there, or 60 seconds have passed in which we could run
wait_for()
{
	# shellcheck disable=SC2016 # for another shell
	within 60 sh -c 'until grep -q "$1" "$2" 2>/dev/null; do sleep 0.1; done' sh "$1" "$scratch/$2" || diag "never: $1"
}
