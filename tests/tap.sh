# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# tap.sh: what our tests share. A test is an executable tests/NAME.t that begins with
#
#	#!/bin/sh
#	. "$(dirname "$0")/tap.sh"
#
# makes its checks from the top of the project (where this file takes it), and ends with done_testing.
# $scratch is a folder of its own that goes when the test ends. `prove` runs and counts the tests.

# A test that hangs is worse than one that fails: it has a limit, with all that it starts, and a longer one where the
# computer is slow (build/lab/calibration, W:022) or the Host looks after itself. Where others keep the computer busy, only
# the time counts in which it could run (W:025). It ends when prove does.
if [ -z "${TAP_LIMITED:-}" ]; then
	calibration=$(cat "$(dirname "$0")/../build/lab/calibration" 2>/dev/null) || calibration=1000
	limit=$((600 + calibration * 6 / 10))
	case ${FLAVOUR:-} in
	debug*)	limit=$((limit * 4)) ;;
	esac
	(cd "$(dirname "$0")/.." && { [ -e build/src/lab/patience ] || make build/tangled.mk >&2; }) || exit 1
	TAP_LIMITED=$limit exec setpriv --pdeathsig TERM perl "$(dirname "$0")/../build/src/lab/patience" "$limit" sh "$0" "$@"
fi
unset CDPATH
cd "$(dirname "$0")/.." || exit 1
export C_INCLUDE_PATH=/usr/include/x86_64-linux-gnu	# as in the Makefile
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'diag "ended after $tap_count checks; the limit is $TAP_LIMITED seconds"; exit 1' HUP INT TERM
tap_count=0
tap_failed=0

# note TEXT: tell the reader of a log something; shown by prove -v.
note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# diag TEXT: tell why a check failed; always shown.
diag()
{
	note "$@" >&2
}

# ok STATUS NAME: the check holds if STATUS is 0. Write: command; ok $? 'what it shows'
ok()
{
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $2"
		diag "failed: $2"
	fi
	return "$1"
}

# is GOT WANTED NAME: the two texts are the same.
is()
{
	[ "$1" = "$2" ]
	ok $? "$3" || { diag "got:
$1
wanted:
$2"; return 1; }
}

# like GOT PATTERN NAME: some line of GOT matches the extended regular expression.
like()
{
	printf '%s\n' "$1" | grep -Eq -e "$2"
	ok $? "$3" || { diag "got:
$1
wanted a line like:
$2"; return 1; }
}

# unlike GOT PATTERN NAME: no line of GOT matches.
unlike()
{
	! printf '%s\n' "$1" | grep -Eq -e "$2"
	ok $? "$3" || diag "got, and should not:
$(printf '%s\n' "$1" | grep -E -e "$2" | head -20)"
}

# guest_kind: print which kernel is the Guest, by GUEST and FLAVOUR, as the Makefile has it.
guest_kind()
{
	case ${GUEST:-${FLAVOUR:-686}} in
	debug*)	echo "686${FLAVOUR#debug}" ;;
	amd64*)	echo 686-pae ;;
	*)	echo "${GUEST:-${FLAVOUR:-686}}" ;;
	esac
}

# skip NAME WHY: the check cannot be made here.
skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count # SKIP $1: $2"
}

# adopt NAME FILE: take over what a program in the lab has reported, in TAP, and that it came to its end.
adopt()
{
	grep -q '^1\.\.[0-9]' "$2"
	ok $? "$1 comes to its end"
	while read -r line; do
		case $line in
		ok*)		ok 0 "$1: ${line#*- }" ;;
		not\ ok*)	ok 1 "$1: ${line#*- }" ;;
		\#*)		diag "$line" ;;
		esac
	done <"$2"
}

# host_log: of standard input the lines "log …", which a test has made of the Host's log; without what a machine says that
# was kept from running for a while, which is the fault of others who use the processor, and without what comes when it comes.
host_log()
{
	grep '^log ' | grep -Ev 'hrtimer: interrupt took|Long readout interval|clocksource: .* read-back delay|took too long|crng init' |
		grep -Ev 'Refined TSC clocksource|clocksource: tsc: mask|Switched to clocksource tsc'
}

# within SECONDS PROGRAM [ARGUMENT...]: run it, and end it (status 124) when it has had so many seconds in which it could run.
within()
{
	perl build/src/lab/patience "$@"
}

# done_testing: the last line of every test.
done_testing()
{
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
	exit
}
