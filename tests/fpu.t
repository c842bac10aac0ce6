#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Floating-point registers (design 2.4) of two Guests' programs and of two hogs on their Host, all at once, on one processor and on two.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -msse2 -mfpmath=387 -static -O1 -Wall -Wextra -o "$scratch/extra/fpu" tests/fpu.c || exit 1
# A Guest's init gets what follows "--" on its kernel's command line.
# shellcheck disable=SC2016 # for the Host's shell
commands='dmesg -c >/dev/null
for n in 1 2; do
	lguest --initrd=/guest/initrd 32M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/fpu -- guest $n 4 >/tmp/guest$n 2>&1 </dev/null &
	/fpu host $((n + 2)) 4 >/tmp/host$n &
done
wait
# The Guest kernel'"'"'s farewell may stand in the middle of a line.
cat /tmp/guest? /tmp/host? | grep -oE "(guest|host): (right|WRONG), (no avx|avx promised|avx unannounced|avx)"
dmesg | grep -E "BUG|WARNING|Oops|lguest" | sed "s/^/log /"'
for machine in '1 core2duo' '2 core2duo' '2 max'; do
	EXTRA=$scratch/extra HOSTEXTRA=$scratch/extra CMD=$commands make host SMP="${machine% *}" CPU="${machine#* }" \
		>"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	avx='no avx'
	[ "${machine#* }" = max ] && avx=avx
	is "$(sort "$scratch/said")" "guest: right, no avx
guest: right, no avx
host: right, $avx
host: right, $avx" "2.4 FPU: $machine: everybody's registers are their own, and a Guest has no wider ones"
done

done_testing
