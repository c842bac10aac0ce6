#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Local descriptor tables (design 2.5) and debug registers (2.8) in a Guest: two programs that live on them, and print TAP.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
for program in segments breakpoints; do
	gcc -m32 -static -O1 -fno-pie -no-pie -Wall -Wextra -o "$scratch/extra/$program" tests/$program.c || exit 1
done

# in_guest COMMAND: run it, and take over what it reports.
in_guest()
{
	EXTRA=$scratch/extra CMD=$1 make boot >"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	adopt "$1" "$scratch/said"
}

in_guest /segments
# A variable of the Guest's kernel that changes all the time; the Host has something else at its address.
jiffies=$(awk '$3 == "jiffies_64" { print $1 }' "build/guest/${GUEST:-$(echo "${FLAVOUR:-686}" | sed 's/^debug/686/')}/System.map")
in_guest "/breakpoints $jiffies"

done_testing
