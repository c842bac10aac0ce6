#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A Guest and its Launcher decide how much there is to do; the Host decides for how long it does it at a time. See bounds.c.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O2 -Wall -Wextra -Ibuild/src/include -o "$scratch/extra/bounds" tests/bounds.c || exit 1
said=$(HOSTEXTRA=$scratch/extra CMD='dmesg -c >/dev/null; /bounds; dmesg | sed "s/^/log /"' make host SMP=2 2>"$scratch/errors" | tr -d '\r')
unlike "$said" '^failed' 'a Guest fills its shadow' || diag "$(cat "$scratch/errors")"
note "$said"

# took WORD: its microseconds
took()
{
	printf '%s\n' "$said" | sed -n "s/^$1 \([0-9]*\).*/\1/p" | grep . || echo 999999999
}

flush=$(took flush)
[ "$(took remove)" -lt $((2 * flush)) ]
ok $? 'MADV_REMOVE of 64 pages takes less time than two flushes' || diag "$said"
[ "$(took kill-early)" -lt 250 ]
ok $? 'kill -9 in the middle of one flush is obeyed before its end' || diag "$said"
[ "$(took kill)" -lt $((16 * flush)) ]
ok $? 'kill -9 in the middle of 64 flushes is obeyed before the next dozen' || diag "$said"
like "$said" '^kill [0-9]* 0$' 'and the last of them was never made'
is "$(printf '%s\n' "$said" | host_log)" '' "nothing appears in the Host's log: nobody was locked out"

done_testing
