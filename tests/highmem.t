#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# More memory than a 32-bit kernel can see at once: it is there, it keeps what is written to it, and a kernel that cannot use
# it earns a line. `highmem=` makes high memory of what would be low, beyond 64 MB: so a small Guest shows what a large one does.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O2 -Wall -Wextra -o "$scratch/extra/highmem" tests/highmem.c || exit 1

# Programs, files, pipes and memory that is copied after a fork, all in high memory.
# shellcheck disable=SC2016 # for the Guest's shell
toil='awk "/HighTotal/ { print \$1, int(\$2 / 1024) }" /proc/meminfo
dd if=/dev/urandom of=/tmp/a bs=64k count=40 2>/dev/null
for i in 0 1 2 3; do
	(cp /tmp/a /tmp/b$i && cat /tmp/b$i | cat | md5sum >/tmp/sum$i; rm /tmp/b$i) &
	[ $((i % 2)) -eq 0 ] || wait
done
sort -u /tmp/sum? | wc -l
i=0
while [ $i -lt 100 ]; do busybox true || echo failed; i=$((i + 1)); done
/highmem 20'
for flavour in 686 686-pae; do
	said=$(EXTRA=$scratch/extra CMD=$toil make boot FLAVOUR=$flavour GUESTMEM=112M GUESTARGS=highmem=48M MEM=256M 2>"$scratch/errors")
	like "$said" '^high (19|2[0-9])$' "$flavour: a program's memory is high memory" || diag "$(cat "$scratch/errors")"
	is "$(printf '%s\n' "$said" | sed '/^high/d')" 'HighTotal: 48
1
wrong 0, child 0' "$flavour: what is written there is read there"
done

# A Guest that really has so much, on a Host that has less (a debug Host can't have more: W:340); and the most that a Launcher of 32 bits can give on a Host of 32 bits.
said=$(EXTRA=$scratch/extra CMD="awk '/HighTotal/ { print int(\$2 / 1024) }' /proc/meminfo; /highmem 100" \
	make boot GUESTMEM=2500M MEM=880M 2>"$scratch/errors")
is "$(printf '%s\n' "$said" | sed '/^high/d')" '1624
wrong 0, child 0' 'a Guest of 2500 MB uses them' || diag "$(cat "$scratch/errors")"
like "$said" '^high (99|1[0-9][0-9])$' 'and takes the upper ones first'
is "$(cat "$scratch/errors")" '' 'and nobody complains'
said=$(CMD=: make boot GUESTMEM=3G 2>&1)
like "$?:$said" '^3:lguest: no room for 3072 MB of memory: ' '3 GB are refused by a Host of 32 bits'

done_testing
