#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The interface of /dev/lguest: every errno that its header lists, provoked on a real Host. The program there prints TAP.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O2 -Wall -Wextra -pthread -Ibuild/src/include -o "$scratch/extra/dev-lguest" tests/dev-lguest.c || exit 1
# shellcheck disable=SC2016 # for the Host's shell
HOSTEXTRA=$scratch/extra CMD='dmesg -c >/dev/null; /dev-lguest; status=$?; dmesg | sed "s/^/log /"; exit $status' \
	make host SMP=2 >"$scratch/said" 2>"$scratch/errors"
status=$?
grep -v '^log ' "$scratch/said"
log=$(host_log <"$scratch/said")
[ $status -eq 0 ] && [ -z "$log" ] && exit
diag "$(cat "$scratch/errors")" "$log"
exit 1
