#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A real Linux as a Guest: it boots, it works, and however it ends, one line and one status tell.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# guest [VARIABLE=VALUE...] COMMAND: run it in a Guest; $said, $errors and $status tell.
guest()
{
	run boot "$@"
}

# run VERB [VARIABLE=VALUE...] COMMAND
run()
{
	verb=$1
	shift
	for command; do :; done
	count=$#
	while [ "$count" -gt 1 ]; do
		set -- "$@" "$1"
		shift
		count=$((count - 1))
	done
	shift
	CMD=$command make "$verb" "$@" >"$scratch/said" 2>"$scratch/errors" </dev/null
	status=$?
	said=$(cat "$scratch/said")
	errors=$(cat "$scratch/errors")
}

# Alive.
guest 'uname -sr; cat /proc/interrupts; free'
is "$status" 0 'a Guest boots and runs a command' || diag "$errors"
like "$said" '^Linux 6\.1\.[0-9]+-lguest' 'it is Linux 6.1'
like "$said" 'lguest-timer' 'its clock ticks through the Host'
is "$errors" '' 'and there is no other word'
release=$(printf '%s\n' "$said" | sed -n '1s/Linux //p')
run native 'uname -r'
is "$said" "$release" 'the same kernel boots natively'
guest 'exit 7'
is "$status" 7 "a command's status is the status of make boot"
guest 'printf "a\0b\rc\nd"'
is "$(od -An -tx1 "$scratch/said" | tr -d ' \n')" 6100620d630a64 'output comes out byte for byte'
guest GUESTMEM=16M 'free | grep -c Mem'
is "$status $said" '0 1' 'it boots with 16 MB'

# At work.
guest 'i=0; while [ $i -lt 300 ]; do /bin/busybox true || exit 1; i=$((i + 1)); done; head -c 20000000 /dev/zero | md5sum'
is "$said" '10e4462c9d0b08e7f0b304c4fbfeafa3  -' '300 programs run, and 20 MB go through md5sum'
# shellcheck disable=SC2016 # for the Guest's shell
guest 'dd if=/dev/urandom of=/tmp/a bs=64k count=160 2>/dev/null; cp /tmp/a /tmp/b; for i in 1 2 3 4; do md5sum /tmp/b >/tmp/sum$i & done; wait
[ "$(sort -u /tmp/sum* | wc -l)" = 1 ] && cmp /tmp/a /tmp/b && echo same'
is "$said" same 'four programs at once agree on 10 MB'
guest 'a=$(cut -d" " -f1 /proc/uptime); sleep 2; b=$(cut -d" " -f1 /proc/uptime); echo "$a $b" | awk "{ d = \$2 - \$1; exit !(d >= 1.9 && d < 10) }"'
is "$status" 0 'two seconds are two seconds'

# The console, both ways: what is typed comes back.
printf 'echo typed-$((6 * 7))\nexit 5\n' | make boot TIMEOUT=300 >"$scratch/said" 2>&1
is "$?" 5 'a shell at the terminal takes what is typed'
like "$(tr -d '\r' <"$scratch/said")" '^typed-42$' 'and answers'
head -c 3000 /dev/urandom | base64 -w 70 >"$scratch/text"
mkfifo "$scratch/typed"
# Type when the Guest asks for it: its shell would take a part of the text for itself.
# shellcheck disable=SC2094 # a pipe is meant to have two ends
make boot TIMEOUT=300 <"$scratch/typed" 2>"$scratch/errors" | {
	exec 4>"$scratch/typed"
	printf 'stty raw -echo; echo go; head -c %d | md5sum; exit\n' "$(wc -c <"$scratch/text")" >&4
	while read -r line; do
		case $line in
		go*)		cat "$scratch/text" >&4 ;;
		*'  -'*)	echo "$line" ;;
		esac
	done
} >"$scratch/said"
like "$(tr -d '\r' <"$scratch/said")" "^$(md5sum <"$scratch/text" | cut -d' ' -f1) " 'and takes a page of text without losing a byte'

# The ends.
guest 'echo c >/proc/sysrq-trigger; sleep 10'
is "$status" 1 'a panic is a death'
is "$(printf '%s\n' "$errors" | grep -v '^lab:')" 'lguest: the Guest died: kernel panic: sysrq triggered crash' 'and one line tells its last words'
guest 'kill -9 1; reboot'
is "$status" 0 'a Guest that reboots is started again, and runs its command' || diag "$errors"
guest GUESTARGS=rdinit=/nonsense 'true'
like "$errors" '^lguest: the Guest died: kernel panic: ' 'a Guest without init dies of it'
guest GUESTMEM=4M 'true'
is "$status" 3 'a Guest that its kernel does not fit into is refused'
like "$errors" '^lguest: /guest/vmlinux: needs memory up to .* the Guest has 4 MB$' 'with the reason'
case $(guest_kind) in	# the least into which the kernel and its initrd go
*pae)	guest GUESTMEM=11M 'true' ;;
*)	guest GUESTMEM=10M 'true' ;;
esac
is "$status" 1 'a Guest that starts and finds no memory dies'
like "$errors" '^lguest: the Guest died: kernel panic: .*memory' 'of that'

done_testing
