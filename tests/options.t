#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Guest's kernel with all that a reader may sensibly switch on (G:088): it boots, in a Guest and natively, and what was switched
# on does what it is for. GUESTS= says which kernels. `make check-options` runs it: to compile them takes longer than `make check` may.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

[ -n "${GUESTS:-}" ] || {
	echo '1..0 # SKIP make check-options runs this'
	exit
}
mkdir "$scratch/extra"
gcc -m32 -static -O2 -Wall -Wextra -o "$scratch/extra/highmem" tests/highmem.c &&
	gcc -m32 -static -O2 -Wall -Wextra -o "$scratch/extra/options" tests/options.c || exit 1

# shellcheck disable=SC2016 # for the Guest's shell
commands='uname -v | grep -ow PREEMPT
uname -r
grep -o Retpolines /sys/devices/system/cpu/vulnerabilities/spectre_v2
grep -o PTI /sys/devices/system/cpu/vulnerabilities/meltdown
busybox insmod /dummy.ko && ip link add odd0 type dummy && ip link set odd0 up && ip link show odd0 | grep -o ,UP
ip link del odd0 && busybox rmmod dummy && echo unloaded
mkdir /group && mount -t cgroup2 none /group && echo +pids >/group/cgroup.subtree_control && mkdir /group/few
sh -c "echo \$\$ >/group/few/cgroup.procs; echo 1 >/group/few/pids.max; busybox true & wait" 2>&1 | grep -o "can.t fork"
dmesg | grep -q "ACPI: " && echo ACPI
head -c 3000000 /dev/urandom >/tmp/a
for i in 0 1 2 3; do
	(cat /tmp/a | cat | md5sum >/tmp/sum$i) &
done
wait
sort -u /tmp/sum? | wc -l
i=0
while [ $i -lt 100 ]; do busybox true || echo failed; i=$((i + 1)); done
/highmem 16'
for guest in $GUESTS; do
	host=${guest%-full}
	make FLAVOUR="$host" GUEST="$guest" all >"$scratch/made" 2>&1
	ok $? "$guest is built" || diag "$(cat "$scratch/made")"
	cp "build/guest/$guest/dummy.ko" "$scratch/extra/"
	for verb in boot native; do
		case $guest:$verb in
		*pae*:native)	pti='PTI
' ;;
		*)	pti= ;;
		esac
		said=$(EXTRA=$scratch/extra CMD=$commands make $verb FLAVOUR="$host" GUEST="$guest" GUESTMEM=112M \
			GUESTARGS='highmem=40M pti=on lapic' MEM="$([ $verb = native ] && echo 112M || echo 256M)" 2>"$scratch/errors")
		is "$(printf '%s\n' "$said" | sed '/^high/d')" "PREEMPT
$(cat "build/guest/$guest/release")
Retpolines
$pti,UP
unloaded
can't fork
ACPI
1
wrong 0, child 0" "$verb, $guest: everything at once" || diag "$(cat "$scratch/errors")"
		like "$said" '^high 1[5-9]$' "$verb, $guest: and high memory"
	done
	said=$(EXTRA=$scratch/extra CMD=/options make boot FLAVOUR="$host" GUEST="$guest" GUESTMEM=1500M MEM=1G 2>"$scratch/errors")
	is "$said" used "$guest: a page table is looked for where it is" || diag "$(cat "$scratch/errors")"
done

done_testing
