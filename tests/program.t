#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hostile program in the Guest: it gets the signal that it deserves, and the Guest goes on. The program prints TAP.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O1 -Wall -Wextra -o "$scratch/extra/program" tests/program.c || exit 1
EXTRA=$scratch/extra CMD=/program make boot 2>"$scratch/errors" || { cat "$scratch/errors" >&2; exit 1; }
