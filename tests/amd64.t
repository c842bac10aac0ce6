#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Hosts of 64 bits: Debian's amd64 kernels boot in the lab, with a userland of 32 bits, lg.ko, Debian's own modules, and a Guest.
# Environment: HOSTS = which of them (amd64; `make check-amd64` takes amd64-6.12, too).
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset CMD EXTRA HOSTEXTRA GUESTARGS HOSTARGS MEM GUESTMEM SMP CPU TIMEOUT FLAVOUR GUEST LAB_QEMU MAKEFLAGS

# lab FLAVOUR ARGUMENT...: run make so. Leaves $said (standard output), $told (standard error) and $status.
lab()
{
	flavour=$1
	shift
	said=$(make FLAVOUR="$flavour" GUEST=686 "$@" 2>"$scratch/told" </dev/null)
	status=$?
	told=$(cat "$scratch/told")
}

truncate -s 8M "$scratch/disk.img"
for host in ${HOSTS:-amd64}; do
	lab "$host" all
	is "$status" 0 "$host: everything is built" || diag "$told"
	release=$(basename "$(cat "build/packages/host-$host")"/boot/vmlinuz-* | sed 's/^vmlinuz-//')
	lab "$host" host CMD='uname -rm'
	is "$status:$said:$told" "0:$release x86_64:" "$host: Debian's kernel, on a processor of 64 bits, and no other word"
	lab "$host" host SMP=2 DISK="$scratch/disk.img" CMD='nproc; lsmod | grep -o "^lg"; cat /sys/block/vda/size; modprobe tun && ls /dev/net/tun; exit 7'
	is "$status:$said" '7:2
lg
16384
/dev/net/tun' "$host: lg.ko, a disk and a tap; the command's status"
	unlike "$(grep lab: build/log/host.log)" 'does not load' "$host: every module loads"
	lab "$host" boot CMD='uname -rm; exit 3'
	is "$status:$said" "3:$(cat build/guest/686/release) i686" "$host: a Guest of 32 bits runs there"
	lab "$host" host CMD='echo c >/proc/sysrq-trigger'
	is "$status" 125 "$host: a panic: status 125"
	like "$told" '^lab: the Host died: Kernel panic - not syncing: sysrq' "$host: a panic: the line that says why"
	lab "$host" gdb
	is "$status:$said" '2:' "$host: no debugger"
	like "$told" "make gdb: not yet for Hosts of 64 bits, as FLAVOUR=$host" "$host: which is told"
done

done_testing
