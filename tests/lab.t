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
touch journey/W-Workshop/*.nw
lab all
is "$said$told" "make: Nothing to be done for 'all'." 'nor does one after a change that changes no code'
for option in -n -q -t; do
	lab $option boot CMD='echo booted; exit 7'
	unlike "$said" '^booted' "make $option boots nothing"
done
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

lab native CMD="echo \$(shell touch $scratch/touched) 2>&1" GUESTARGS="lab_test=\$(shell touch $scratch/touched)"
[ ! -e "$scratch/touched" ]
ok $? 'nothing of it is for make'
like "$said" 'shell: not found' 'a dollar is for the shell there'
lab boot GUESTARGS='lab_test=a\\tb$$c' CMD='cat /proc/cmdline'
like "$said" ' lab_test=a\\\\tb[$][$]c$' 'GUESTARGS arrive as they were typed, backslashes and dollars too'
lab native CMD=
is "$status:$said:$told" '0::' 'an empty command is a command'
CPU=nonsense MEM=nonsense SMP=nonsense DISK=/nowhere lab native CMD='echo here'
is "$status:$said" '0:here' 'common words in the environment are not for us'
lab host LAB_QEMU='-uuid 12345678-1234-1234-1234-123456789abc' CMD='cat /sys/class/dmi/id/product_uuid'
is "$said" '12345678-1234-1234-1234-123456789abc' "LAB_QEMU on make's command line"
lab boot FLAVOUR=foo
is "$status:$said" '2:' 'a flavour that there is not'
like "$told" 'FLAVOUR=foo: it can be 686 686-pae' 'is refused with those that there are'

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
for name in EXTRA HOSTEXTRA; do
	lab native "$name=$scratch/nowhere" CMD='echo here'
	is "$status:$said" '2:' "$name: a folder that is not there"
	is "$told" "lab: $name=$scratch/nowhere: no such folder" 'is told, and nothing is booted'
done
lab boot GUESTMEM=24M GUESTARGS='lab_test=1' \
	CMD='[ "$(free -m | awk "/Mem/ { print \$2 }")" -lt 24 ] && echo small; grep -o lab_test=1 /proc/cmdline; uname -r'
is "$said" "small
lab_test=1
$(cat "build/guest/${GUEST:-686}/release")" 'boot: GUESTMEM and GUESTARGS'
lab native CMD='uname -r'
is "$said" "$(cat "build/guest/${GUEST:-686}/release")" 'native: the same kernel as the Guest'

# --- the log, the counters

lab host CMD='echo "<6>good morning" >/dev/kmsg'
is "$status:$told" '0:' 'a Host whose kernel says something'
like "$(cat build/log/host.log)" 'good morning' 'its log is kept after success'
lab host LOG=1 CMD='echo "<6>good evening" >/dev/kmsg'
like "$told" 'good evening' 'LOG=1 prints it'
unlike "$(cat build/log/host.log)" 'good morning' 'and it is of the last run'
lab boot STAT=1 CMD='exit 3'
is "$status" 3 'STAT=1: the status'
like "$told" '^exits +[1-9][0-9]*$' "STAT=1: what the Guest's life cost, though it is over"

# --- a disk whose name says much to QEMU

truncate -s 8M "$scratch/a:b,c.img"
/sbin/mkfs.ext4 -q "$scratch/a:b,c.img"
ln -s "$PWD/build" "$scratch/build"
said=$(cd "$scratch" && DISK=a:b,c.img CMD='ls -d /lost+found' sh build/src/lab/run boot 2>&1)
is "$said" /lost+found 'a disk with a colon and a comma in its name'

# --- ends of all kinds

# A limit is one in time that the machine has (W:025). While it stands in a queue for the processor, the clock stands still.
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
like "$told" '^lab: the kernel died: Kernel panic - not syncing: sysrq' 'a panic: the line that says why'
lab host HOSTARGS=rdinit=/nothing CMD=true
is "$status" 125 'a Host without init: status 125'
like "$told" '^lab: the Host died: Kernel panic' 'a Host without init: the line that says why'
lab host CMD='poweroff -f'
is "$status" 125 'a Host that is switched off: status 125'
like "$told" '^lab: the machine ended without a word' 'a Host that is switched off: is told'
lab boot STAT=1 CMD='echo c >/proc/sysrq-trigger'
is "$status" 1 "the Guest panics: the Launcher's status"
like "$told" '^exits +[1-9][0-9]*$' 'the Guest panics: with STAT=1, what its life has cost'
like "$told" '^lguest: the Guest died: kernel panic: sysrq triggered crash' 'the Guest panics: one line of the Launcher'
like "$told" '^lab: the Guest died: Kernel panic - not syncing: sysrq triggered crash' 'the Guest panics: its own words'
lab boot GUESTMEM=nonsense CMD=true
is "$status" 2 "nonsense for the Launcher: its status"
like "$told" '^lguest: MEMORY' 'nonsense for the Launcher: its words'
lab host CPU=nonsense CMD=true
is "$status" 125 'nonsense for QEMU: status 125'
like "$told" 'nonsense' 'nonsense for QEMU: is named'

# A QEMU that does not even end when it is told to; an rm that cannot.
mkdir "$scratch/paper"
printf '%s\n' '#!/usr/bin/perl' '$SIG{TERM} = "IGNORE"; sleep 1000;' >"$scratch/paper/qemu-system-i386"
chmod 755 "$scratch/paper/qemu-system-i386"
said=$(PATH="$scratch/paper:$PATH" TIMEOUT=1 CMD=: timeout -k 1 60 sh build/src/lab/run native 2>&1)
is "$?" 124 'a machine that hangs is killed' || diag "$said"
like "$said" '^lab: out of time' 'and that is told as any other'
printf '%s\n' '#!/bin/sh' 'exit 1' >"$scratch/paper/rm"
chmod 755 "$scratch/paper/rm"
rm "$scratch/paper/qemu-system-i386"
PATH="$scratch/paper:$PATH" CMD='exit 7' sh build/src/lab/run native >"$scratch/said" 2>&1
is "$?" 7 'what cannot be cleaned up changes no status'
mkdir -p "$scratch/broken/build/packages" "$scratch/busybox/bin"
printf '%s\n' '#!/bin/sh' 'exit 1' >"$scratch/busybox/bin/busybox"
chmod 755 "$scratch/busybox/bin/busybox"
echo "$scratch/busybox" >"$scratch/broken/build/packages/user"
initramfs=$PWD/build/src/lab/initramfs
! (cd "$scratch/broken" && sh "$initramfs" guest out 2>/dev/null) && [ ! -e "$scratch/broken/out" ]
ok $? 'a busybox that does not run makes no root'

# A program that is ended takes what it has made with it.
mkdir "$scratch/ended" "$scratch/left"
# shellcheck disable=SC2016 # for the shell in the file
printf '%s\n' '#!/bin/sh' 'kill -TERM $PPID' >"$scratch/ended/strip"
chmod 755 "$scratch/ended/strip"
PATH="$scratch/ended:$PATH" TMPDIR="$scratch/left" sh "$initramfs" kernel "${GUEST:-686}" "$scratch/ended/out"
is "$?:$(ls "$scratch/left")" '130:' 'initramfs: nothing is left if it is ended'
cp "$scratch/ended/strip" "$scratch/ended/sed"
PATH="$scratch/ended:$PATH" TMPDIR="$scratch/left" sh build/src/lab/autopsy native 686 686 /dev/null /dev/null /dev/null
is "$?:$(ls "$scratch/left")" '130:' 'nor of an autopsy'
mv "$scratch/ended/sed" "$scratch/ended/seq"
PATH="$scratch/ended:$PATH" TMPDIR="$scratch/left" sh build/src/lab/bench-boot
is "$?:$(ls "$scratch/left")" '130:' 'nor of bench-boot'

# A measure that was taken of a boot that failed.
mkdir -p "$scratch/fresh/build/lab" "$scratch/failing"
ln -s "$PWD/build/src" "$PWD/build/guest" "$scratch/fresh/build/"
ln -s "$PWD"/build/lab/*.cpio "$scratch/fresh/build/lab/"
ln -s /bin/false "$scratch/failing/qemu-system-i386"
(cd "$scratch/fresh" && PATH="$scratch/failing:$PATH" CMD=: sh build/src/lab/run native >"$scratch/said" 2>&1)
is "$?:$(find "$scratch/fresh/build/lab" -name 'calibration*')" '125:' 'a native boot that failed is no measure for others' ||
	diag "$(cat "$scratch/said")"

# Which tests are for the Hosts that check themselves?
mkdir "$scratch/debug"
ln -s "$PWD/build" "$PWD/tests" "$scratch/debug/"
printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$@"' >"$scratch/ended/prove"
printf '%s\n' '#!/bin/sh' >"$scratch/ended/make"
chmod 755 "$scratch/ended/prove" "$scratch/ended/make"
rm "$scratch/ended/seq"
said=$(cd "$scratch/debug" && PATH="$scratch/ended:$PATH" FLAVOURS=debug TESTS='' sh build/src/lab/check-debug)
like "$said" '^tests/host.t$' 'those that boot one'
unlike "$said" '^tests/(amd64|bench|kept|lab|plant|weave)[.]t$' 'but none that only says how, or knows what Debian has'

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

# --- a terminal that is slower than the machine: QEMU has made its description non-blocking

cat >"$scratch/slow" <<'END'
use Fcntl;
use POSIX ":sys_wait_h";
pipe my $read, my $write;
fcntl $write, F_SETFL, O_WRONLY | O_NONBLOCK;
my $filter = fork // die;
if (!$filter) {
    close $read;
    open STDOUT, ">&", $write;
    exec "perl", "build/src/lab/filter", "token", $ARGV[0], "yes";
}
close $write;
# Read nothing before the pipe is full, or the filter has given up.
my $full = pack "l", 0;
until (unpack("l", $full) >= 65536 || waitpid $filter, WNOHANG) {
    select undef, undef, undef, 0.05;
    ioctl $read, 0x541B, $full;	# FIONREAD
}
print while <$read>;
waitpid $filter, 0;
exit $? >> 8;
END
seq 100000 >"$scratch/numbers"
perl "$scratch/slow" "$scratch" <"$scratch/numbers" >"$scratch/said"
cmp "$scratch/numbers" "$scratch/said" >&2
ok $? 'a terminal that is slow and does not block gets all of it'

# --- conversations

said=$(printf 'cd /proc; pwd\nexit 5' | make boot STAT=1 TIMEOUT=600 2>&1)
is "$?" 5 "a conversation in a pipe: the shell's status"
like "$said" '^/proc' 'a conversation in a pipe: the answer'
like "$said" '^exits +[1-9][0-9]*$' "a conversation in a pipe: with STAT=1, what the Guest's life has cost"
said=$(make native TIMEOUT=300 </dev/null 2>&1)
is "$?" 0 'nobody types: the shell sees the end, and ends'
said=$(printf cat | make native TIMEOUT=300 2>&1)
is "$?" 0 'the end of a written conversation is the end for the last command and for the shell'

cat >"$scratch/talk" <<'END'
set timeout -1
set stty_init "rows 33 cols 99"
proc fail {what} { puts "\nFAILED: $what"; exit 1 }
set env(TERM) vt102
spawn make [lindex $argv 0]
expect_after eof { fail "it ended" }
expect "guest:/# "
send "stty size; echo term \$TERM\r"
expect "33 99"
expect "term vt102"
expect "guest:/# "
# Some signals at once: the lab must not take one that comes while it answers another for the end.
foreach rows {40 41 42 43 44} { exec stty rows $rows cols 111 <$spawn_out(slave,name) }
# It takes a moment to get there.
while 1 {
	send "stty size; echo so\r"
	expect -re {(\d+ \d+)\r+\nso\r} { if {$expect_out(1,string) eq "44 111"} break }
	sleep 0.2
}
expect "guest:/# "
send "seq 20000; echo all\r"
sleep 2
expect -re {\n20000\r+\nall\r}
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
expect_after
expect eof
exit [lindex [wait] 3]
END
for verb in boot native; do
	said=$(within 200 expect "$scratch/talk" $verb)
	is "$?" 6 "$verb, a conversation: kind and size of the terminal, a slow one, typed input, Ctrl-C, status" || diag "$said"
	like "$said" "^lab: the log of this run is build/log/${verb}[.]log" "$verb, a conversation: where its log is"
done

cat >"$scratch/stop" <<'END'
set timeout -1
spawn sh -c {stty -g; make boot; echo "status $?"; stty -g}
expect -re {([0-9a-f]+:[0-9a-f:]+)\r\n}
set before $expect_out(1,string)
expect "guest:/# "
send "trap '' INT; while :; do :; done\r"
sleep 2
send "\003\003\003"
expect -re {status ([0-9]+)\r\n([0-9a-f:]+)\r\n} { set status $expect_out(1,string); set after $expect_out(2,string) }
if {$before ne $after} { puts "the terminal is not as it was"; exit 1 }
puts "ended with $status"
exit 0
END
said=$(within 200 expect "$scratch/stop")
ok $? 'three Ctrl-C stop a Guest that does not listen, and the terminal is as it was' || diag "$said"

# A machine that never begins reads nothing of what is typed, which is more than a fifo holds.
cat >"$scratch/end" <<'END'
set timeout -1
spawn sh -c {stty -g; LAB_QEMU=-S make host; echo "status $?"; stty -g}
expect -re {([0-9a-f]+:[0-9a-f:]+)\r\n}
set before $expect_out(1,string)
while {![string match "* -icanon *" [exec stty -a <$spawn_out(slave,name)]]} { sleep 0.1 }
for {set i 0} {$i < 200} {incr i} { send "[string repeat "words that nobody reads " 40]\r" }
send "\003\003\003\003\003"
send "x"
send "\003\003\003\033\[24;80R\003\003\003"
expect -re {status ([0-9]+)\r\n([0-9a-f:]+)\r\n} { set status $expect_out(1,string); set after $expect_out(2,string) }
if {$before ne $after} { puts "the terminal is not as it was"; exit 1 }
puts "ended with $status"
exit [expr {$status == 130 ? 0 : 1}]
END
said=$(within 200 expect "$scratch/end")
ok $? 'six Ctrl-C end the lab when nobody else listens, and the terminal is as it was' || diag "$said"
like "$said" 'lab: stopped by six \^C' 'and it is told'
like "$said" 'ended with' 'and the lab says how it ended'

# --- another reader's computer: a strict umask, another language, strange things in the environment

mkdir "$scratch/copy"
git ls-files -co --exclude-standard | cpio -pdm --quiet "$scratch/copy"
# elsewhere FOLDER COMMAND...: run it there, as such a reader.
elsewhere()
{
	(
		cd "$1" || exit 1
		shift
		umask 077
		export LC_ALL=de_DE.UTF-8 LANGUAGE=de CDPATH="$scratch:/" KBUILD_OUTPUT=/nowhere LLVM=1 LOCALVERSION=-mine ARCH=arm \
			CROSS_COMPILE=arm- MAKEFLAGS=-k MAKEFILES=/nowhere C_INCLUDE_PATH=/nowhere KCFLAGS=-nonsense POSIXLY_CORRECT=1
		"$@"
	)
}
said=$(elsewhere "$scratch/copy" make boot CMD='uname -r; stat -c %a / /lab/cmd' 2>"$scratch/told" </dev/null)
is "$said" "$(cat build/guest/686/release)
755
644" 'on a computer that is set up in another way' || diag "$(cat "$scratch/told")"

# The Guest's kernel is not compiled again for this: a make of paper stands in for the kernel's, and tells what reaches it.
top=$PWD
mkdir -p "$scratch/kernel/build/packages" "$scratch/kernel/build/src/guest" "$scratch/kernel/build/src/include" \
	"$scratch/kernel/usr/src" "$scratch/kernel/linux"
touch "$scratch/kernel/build/src/guest/lguest.patch" "$scratch/kernel/build/src/guest/lguest.config" \
	"$scratch/kernel/build/src/guest/686.config" "$scratch/kernel/build/src/include/none.h"
echo "$scratch/kernel" >"$scratch/kernel/build/packages/guest"
tar -C "$scratch/kernel" -cJf "$scratch/kernel/usr/src/linux-source-6.1.tar.xz" linux
cat >"$scratch/kernel/make" <<END
#!/bin/sh
env >>"$scratch/kernel/environment"
for word; do
	case \$word in
	O=*)	objects=\${word#O=} ;;
	KCONFIG_ALLCONFIG=*) config=\${word#*=} ;;
	vmlinux) mkdir -p "\$objects/arch/x86/boot"
		echo paper | tee "\$objects/vmlinux" "\$objects/arch/x86/boot/bzImage" "\$objects/System.map" ;;
	kernelrelease) echo 6.1-paper ;;
	allnoconfig) cp "\$config" "\$objects/.config" ;;
	esac
done
END
chmod 755 "$scratch/kernel/make"
said=$(elsewhere "$scratch/kernel" env PATH="$scratch/kernel:$PATH" XDG_CACHE_HOME="$scratch/kernel" \
	sh "$top/build/src/lab/guest-kernel" 686 out 2>&1)
is "$(cat "$scratch/kernel/out/release")" 6.1-paper "the Guest's kernel there, as a make of paper makes it" || diag "$said"
is "$(sed '/^LC_ALL=/!s/=.*//' "$scratch/kernel/environment" | sort -u | grep -vx -e PWD -e OLDPWD -e _ | tr '\n' ' ')" \
	'HOME LC_ALL=C PATH TMPDIR ' 'and nothing of what is in the environment reaches it'

# A plug that is pulled while that kernel is handed over: half a file has no name yet.
rm -r "$scratch/kernel/out"
# shellcheck disable=SC2016 # for the shell in the file
printf '%s\n' '#!/bin/sh' '[ ! -d "$2" ] || set -- "$1" "$2/${1##*/}"' 'head -c 1 "$1" >"$2"' 'kill -KILL $PPID' \
	>"$scratch/kernel/cp"
chmod 755 "$scratch/kernel/cp"
said=$({
	cd "$scratch/kernel" && env PATH="$scratch/kernel:$PATH" XDG_CACHE_HOME="$scratch/kernel" \
		sh "$top/build/src/lab/guest-kernel" 686 out
} 2>&1)
is "$?:$(ls -A "$scratch/kernel/out")" '137:.part' "a kernel's file has its name when it is whole" || diag "$said"

for name in 'a b' 'a,b' 'a:b' 'a%b' 'a$b' "a'b"; do
	mv "$scratch/copy" "$scratch/$name"
	said=$(make -C "$scratch/$name" boot CMD=: 2>&1 </dev/null)
	is "$?" 2 "a folder called $name is refused"
	like "$said" "the kernel cannot be built there; choose another place" 'with the reason'
	mv "$scratch/$name" "$scratch/copy"
done
said=$(XDG_CACHE_HOME="$scratch/c d" make boot CMD=: 2>&1 </dev/null)
like "$said" 'has a blank in its name: .*XDG_CACHE_HOME' 'and so is such a cache'
for sign in ',' : %; do
	said=$(XDG_CACHE_HOME="$scratch/c${sign}d" make boot CMD=: 2>&1 </dev/null)
	like "$said" "/c${sign}d/lguest-journey' has a $sign in its name: the kernel cannot be built there" "nor is one with a $sign taken"
done

# A question changes nothing, in a folder where nothing is there yet.
rm -rf "$scratch/copy/build"
for question in -n -q -t -npq; do
	make -C "$scratch/copy" $question boot >/dev/null 2>&1 </dev/null
	[ ! -e "$scratch/copy/build" ]
	ok $? "make $question in a fresh clone installs nothing and makes nothing"
	rm -rf "$scratch/copy/build"
done

files=$(find "$scratch/copy" ! -type d)
mkdir -p "$scratch/home/.cache/lguest-journey/packages" "$scratch/home/.cache/other" "$scratch/copy/build" "$scratch/copy/book"
touch "$scratch/copy/build/setup" "$scratch/copy/book/index.html"
said=$(unset XDG_CACHE_HOME; HOME=$scratch/home make -C "$scratch/copy" distclean 2>&1 </dev/null)
is "$?:$(ls "$scratch/home/.cache")" 0:other 'make distclean: the cache has gone, and nothing beside it' || diag "$said"
is "$(find "$scratch/copy" ! -type d)" "$files" 'make distclean: and so has all that was made here, and nothing else'
rm -rf "$scratch/copy"

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
