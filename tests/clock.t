#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Time in the Guest (design 2.7), on a Host that trusts its time-stamp counter and on one that does not.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O1 -Wall -Wextra -o "$scratch/extra/clock" tests/clock.c || exit 1

# in_guest CLOCKSOURCE HOSTARGS: run the program, and take over what it reports.
in_guest()
{
	before=$(date +%s)
	EXTRA=$scratch/extra CMD="mountpoint -q /sys || mount -t sysfs sysfs /sys; /clock $1; date +'date %s'" HOSTARGS=$2 make boot \
		>"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	after=$(date +%s)
	grep -q '^1\.\.[0-9]' "$scratch/said"
	ok $? "$1: the program comes to its end"
	while read -r line; do
		case $line in
		ok*)		ok 0 "$1: ${line#*- }" ;;
		not\ ok*)	ok 1 "$1: ${line#*- }" ;;
		\#*)		diag "$line" ;;
		esac
	done <"$scratch/said"
	wall=$(sed -n 's/^date //p' "$scratch/said")
	[ "${wall:-0}" -ge $((before - 5)) ] && [ "${wall:-0}" -le $((after + 5)) ]
	ok $? "$1: 2.7 wall clock: the Guest's date is ours" || diag "$before, $wall, $after"
}

in_guest tsc ''
in_guest lguest tsc=unstable

done_testing
