#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hostile program in the Guest: it gets the signal that it deserves, and the Guest goes on. The program prints TAP. The
# same program natively shows that it wants what Linux does.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O1 -Wall -Wextra -o "$scratch/extra/program" tests/program.c || exit 1
# run VERB COMMAND: run it in a Guest (boot) or natively, and take over what it reports.
run()
{
	EXTRA=$scratch/extra CMD=$2 make "$1" >"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	adopt "make $1" "$scratch/said"
}

run boot /program
run native '/program native'

done_testing
