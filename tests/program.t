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

# Virtual-8086 mode, which an iret at ring 3 must not enter (QEMU 7.2 lets it): with any IOPL, with a segment that looks like ring 0,
# with a debug trap. Who ever dies of it, it isn't the Host.
gcc -m32 -static -O2 -Wall -Wextra -o "$scratch/extra/virtual" tests/virtual.c || exit 1
for how in '0x23202 0x1003' '0x23202 0x1000' '0x20302 0x1000' '0x20202 0x1001'; do
	EXTRA=$scratch/extra CMD="/virtual $how; echo status \$?" make boot >"$scratch/said" 2>"$scratch/errors"
	like "$(cat "$scratch/said" "$scratch/errors")" '^status 139$|^lguest: the Guest died: virtual-8086 mode' \
		"virtual-8086 mode, $how: nobody else is harmed" || diag "$(cat "$scratch/errors")"
done

done_testing
