#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Guest's driver of the bus, natively, while somebody writes what it reads: a word is checked and used in one copy, and what
# the Launcher changes is read whole. See bus.c.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

tests/kernel/headers "$scratch/include" tests/exercises/D2/kernel.h \
	linux/atomic linux/compiler linux/console linux/err linux/init linux/interrupt linux/io linux/lguest_device \
	linux/log2 linux/minmax linux/reboot linux/sched linux/slab linux/string linux/virtio asm/barrier asm/lguest \
	asm/unaligned
gcc -m32 -static -no-pie -O1 -Wall -Wextra -Wno-unused-parameter -Wno-unused-function -Wl,--unresolved-symbols=ignore-all -Itests -Ibuild/src/include \
	-I"$scratch/include" -Ibuild/src/guest/drivers/lguest -o "$scratch/bus" tests/bus.c >"$scratch/compiler" 2>&1
is "$? $(cat "$scratch/compiler")" '0 ' 'bus compiles'
said=$(within 60 "$scratch/bus" 2>&1)
like "$said" '^well$' 'a queue is what was checked (D:140)' || diag "$said"
like "$said" '^scan$' 'so is a descriptor (D:110)' || diag "$said"
like "$said" '^config$' 'config space is read whole, and not while it is written (D:130)' || diag "$said"

done_testing
