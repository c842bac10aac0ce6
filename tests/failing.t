#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that runs out at each of the Host's allocations in turn. Only a debug Host can be made to fail so.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

case ${FLAVOUR:-686} in
debug*)	;;
*)	echo '1..0 # SKIP make check-debug runs this'
	exit 0 ;;
esac
mkdir "$scratch/extra"
gcc -m32 -static -O2 -Wall -Wextra -Ibuild/src/include -o "$scratch/extra/failing" tests/failing.c || exit 1
HOSTEXTRA=$scratch/extra CMD=/failing make host 2>"$scratch/errors" || { cat "$scratch/errors" >&2; exit 1; }
