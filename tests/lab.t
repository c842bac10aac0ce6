#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab: make becomes it, statuses and bytes come through as they were sent, and each way to die has its line.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset CMD EXTRA HOSTEXTRA GUESTARGS HOSTARGS MEM GUESTMEM SMP CPU TIMEOUT FLAVOUR LAB_QEMU MAKEFLAGS

# lab ARGUMENT...: run make so, with nothing to read. Leaves $said (standard output), $told (standard error) and $status.
lab()
{
	said=$(make "$@" 2>"$scratch/told" </dev/null)
	status=$?
	told=$(cat "$scratch/told")
}

lab all
is "$status" 0 'everything is built'
lab all
is "$said$told" "make: Nothing to be done for 'all'." 'a second make does nothing'
touch journey/P-Preparation/*.nw
lab all
is "$said$told" "make: Nothing to be done for 'all'." 'nor does one after a change that changes no code'
lab -n boot CMD='exit 7'
is "$status" 0 'make -n boots nothing'
lab help
like "$said" 'make boot CMD=' 'make help tells the verbs'

# --- statuses, output, input

for verb in native host boot; do
	lab "$verb" CMD='exit 7'
	is "$status:$said:$told" '7::' "$verb: the command's status, and no other word"
done
for expected in 0 1 124 125 255; do
	lab native CMD="exit $expected"
	is "$status:$told" "$expected:" "status $expected comes through"
done
lab native CMD='echo out; echo err >&2; nonsense'
is "$said:$status" 'out
err
/lab/cmd: line 1: nonsense: not found:127' 'standard output and error, and what the shell has to say'

# shellcheck disable=SC2089,SC2090 # the quotes are for the machine
command='printf "%s|" '"'"'a  b'"'"' "$HOME" $((1 + 1)) "\"" \\ , "$(echo x)" # rest
echo second'
lab native CMD="$command"
is "$said" "a  b|/root|2|\"|\\|,|x|second" 'quotes, dollars, commas and a second line arrive as they were typed'

mkdir -p "$scratch/extra/srv" "$scratch/hostextra/srv"
{
	head -c 200000 /dev/urandom
	printf '\0lab:\r\n\0\0lab:0:0:\n\0'
	head -c 200000 /dev/zero
	printf '\0lab:'
} >"$scratch/extra/srv/bytes"
echo here >"$scratch/hostextra/srv/note"
for verb in native boot; do
	make "$verb" EXTRA="$scratch/extra" CMD='cat /srv/bytes' >"$scratch/bytes" 2>/dev/null </dev/null
	cmp "$scratch/bytes" "$scratch/extra/srv/bytes" >&2
	ok $? "$verb: 400 KB of any bytes come out as they are, and EXTRA is in the root"
done
lab host HOSTEXTRA="$scratch/hostextra" SMP=2 MEM=300M HOSTARGS='lab_test=1' \
	CMD='cat /srv/note; nproc; [ "$(free -m | awk "/Mem/ { print \$2 }")" -lt 300 ] && echo small; grep -o lab_test=1 /proc/cmdline; lsmod | grep -o "^lg"; which lguest'
is "$said" 'here
2
small
lab_test=1
lg
/bin/lguest' 'host: HOSTEXTRA, SMP, MEM and HOSTARGS; the module is loaded, the Launcher in PATH'
lab boot GUESTMEM=24M GUESTARGS='lab_test=1' \
	CMD='[ "$(free -m | awk "/Mem/ { print \$2 }")" -lt 24 ] && echo small; grep -o lab_test=1 /proc/cmdline; uname -r'
is "$said" "small
lab_test=1
$(cat "build/guest/${GUEST:-686}/release")" 'boot: GUESTMEM and GUESTARGS'
lab native CMD='uname -r'
is "$said" "$(cat "build/guest/${GUEST:-686}/release")" 'native: the same kernel as the Guest'

# --- ends of all kinds

# A limit is one in time that the machine has (P:025). While it stands in a queue for the processor, the clock stands still.
crowd=
for _ in $(seq $(($(nproc) * 3))); do
	timeout 100 sh -c 'while :; do :; done' &
	crowd="$crowd $!"
done
start=$(date +%s)
lab native TIMEOUT=5 CMD='while :; do :; done'
# shellcheck disable=SC2086 # numbers
kill $crowd
like "$status $(($(date +%s) - start))" '^124 ([89]|[1-9][0-9]+)$' 'on a busy machine five seconds take longer'
lab native TIMEOUT=3 CMD='sleep 1000'
is "$status" 124 'out of time: status 124'
like "$told" '^lab: out of time: stopped after 3 seconds' 'out of time: is told'
lab native CMD='echo c >/proc/sysrq-trigger'
is "$status" 125 'a panic: status 125'
like "$told" '^lab: the machine ended without a word: .*Kernel panic - not syncing: sysrq' 'a panic: the line that says why'
lab host HOSTARGS=rdinit=/nothing CMD=true
is "$status" 125 'a Host without init: status 125'
like "$told" '^lab: the machine ended without a word: .*Kernel panic' 'a Host without init: the line that says why'
lab boot CMD='echo c >/proc/sysrq-trigger'
is "$status" 1 "the Guest panics: the Launcher's status"
is "$told" 'lguest: the Guest died: kernel panic: sysrq triggered crash' 'the Guest panics: one line'
lab boot GUESTMEM=nonsense CMD=true
is "$status" 2 "nonsense for the Launcher: its status"
like "$told" '^lguest: MEMORY' 'nonsense for the Launcher: its words'
lab host CPU=nonsense CMD=true
is "$status" 125 'nonsense for QEMU: status 125'
like "$told" 'nonsense' 'nonsense for QEMU: is named'

# Nothing is left of a run, whatever ends it.
mkdir "$scratch/tmp"
TMPDIR="$scratch/tmp" make host CMD='echo started; sleep 1000' >"$scratch/said" 2>&1 </dev/null &
running=$!
tries=0
until grep -q started "$scratch/said" || [ $tries -gt 300 ]; do
	sleep 0.2
	tries=$((tries + 1))
done
kill -TERM $running
wait $running
is "$?" 143 'terminated: status 143'
is "$(ls "$scratch/tmp")" '' 'terminated: no file is left'
! pgrep -f "initrd $scratch/tmp" >/dev/null
ok $? 'terminated: no machine is left'
said=$(TMPDIR=$scratch/tmp within 50 make native CMD='yes' 2>&1 </dev/null | head -n 1)
is "$said" y 'somebody who no longer reads'
! pgrep -f "initrd $scratch/tmp" >/dev/null
ok $? 'ends the machine'

# --- conversations

said=$(printf 'cd /proc; pwd\nexit 5' | make boot TIMEOUT=600 2>&1)
is "$?" 5 "a conversation in a pipe: the shell's status"
like "$said" '^/proc' 'a conversation in a pipe: the answer'
said=$(make native TIMEOUT=300 </dev/null 2>&1)
is "$?" 0 'nobody types: the shell sees the end, and ends'
said=$(printf cat | make native TIMEOUT=300 2>&1)
is "$?" 0 'the end of a written conversation is the end for the last command and for the shell'

cat >"$scratch/talk" <<'END'
set timeout 120
set stty_init "rows 33 cols 99"
proc fail {what} { puts "\nFAILED: $what"; exit 1 }
spawn make boot
expect_after timeout { fail "no answer" } eof { fail "it ended" }
expect "guest:/# "
send "stty size\r"
expect "33 99"
expect "guest:/# "
send "cat\r"
sleep 1
send "typed input comes back\r"
expect -re {typed input comes back\r+\ntyped input comes back\r+\n}
send "\003"
expect "guest:/# "
send "sleep 1000\r"
sleep 1
send "\003"
expect "guest:/# "
send "exit 6\r"
expect_after timeout { fail "it does not end" }
expect eof
exit [lindex [wait] 3]
END
said=$(expect "$scratch/talk")
is "$?" 6 'a conversation: size, typed input, Ctrl-C for what runs in the Guest, status' || diag "$said"

cat >"$scratch/stop" <<'END'
set timeout 120
spawn sh -c {stty -g; make boot; echo "status $?"; stty -g}
expect -re {([0-9a-f]+:[0-9a-f:]+)\r\n}
set before $expect_out(1,string)
expect "guest:/# "
send "trap '' INT; while :; do :; done\r"
sleep 2
send "\003\003\003"
expect -re {status ([0-9]+)\r\n([0-9a-f:]+)\r\n} { set status $expect_out(1,string); set after $expect_out(2,string) } timeout { exit 1 }
if {$before ne $after} { puts "the terminal is not as it was"; exit 1 }
puts "ended with $status"
exit 0
END
said=$(expect "$scratch/stop")
ok $? 'three Ctrl-C stop a Guest that does not listen, and the terminal is as it was' || diag "$said"
like "$said" 'ended with' 'and the lab says how it ended'

# --- a test that hangs (tap.sh; its limit depends on the calibration)

mkdir -p "$scratch/hung/tests" "$scratch/hung/build/lab" "$scratch/hung/build/src/lab"
cp tests/tap.sh "$scratch/hung/tests/"
cp build/src/lab/patience "$scratch/hung/build/src/lab/"
echo -995 >"$scratch/hung/build/lab/calibration"
cat >"$scratch/hung/tests/hung.t" <<'END'
. "$(dirname "$0")/tap.sh"
ok 0 'it begins'
sleep 1000
done_testing
END
said=$(TAP_LIMITED='' FLAVOUR='' sh "$scratch/hung/tests/hung.t" 2>&1)
is "$?" 124 'a test that hangs is ended'
like "$said" '^# ended after 1 checks; the limit is 3 seconds' 'and tells how far it came'

done_testing
