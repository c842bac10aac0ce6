#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Local descriptor tables (design 2.5) and debug registers (2.8) in a Guest: two programs that live on them, and print TAP.
# The first one natively, too: it wants what Linux does.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
for program in segments breakpoints; do
	gcc -m32 -static -O1 -fno-pie -no-pie -Wall -Wextra -o "$scratch/extra/$program" tests/$program.c || exit 1
done

# run VERB COMMAND: run it in a Guest (boot) or natively, and take over what it reports.
run()
{
	EXTRA=$scratch/extra CMD=$2 make "$1" >"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	adopt "make $1: ${2%% *}" "$scratch/said"
}

# address SYMBOL: where it is in the Guest's kernel.
address()
{
	awk -v "name=$1" '$3 == name { print $1 }' "build/guest/$(guest_kind)/System.map"
}

for verb in boot native; do
	run $verb "/segments $(address lguest_int80) $(address lguest_noirq_start)"
done
# A variable of the Guest's kernel that changes all the time; the Host has something else at its address.
run boot "/breakpoints $(address jiffies_64)"

done_testing
