# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2086,SC2154 # they are words; $scratch is tap.sh's
#
# paper.sh: for tests of the Launcher that need no Host; read it after tap.sh. $elf is a kernel for it, which does nothing.

elf=$scratch/kernel
perl tests/elf.pl >"$elf"

# The Launcher on a Host made of paper. It has no sandbox (tests/sandbox.t has), and in 64 bits nothing to unpack kernels with.
on_paper="tests/paper-host.c $(find build/src/launcher -name '*.c' ! -name sandbox.c ! -name unpack.c)
	-Wl,--wrap=open,--wrap=read,--wrap=write,--wrap=close,--wrap=fdatasync,--wrap=syscall
	-Wl,--wrap=preadv64v2,--wrap=pwritev64v2,--wrap=fcntl64,--wrap=pthread_cond_wait,--wrap=pthread_cond_clockwait"
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
