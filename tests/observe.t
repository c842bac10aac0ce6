#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Counters, events and lgstat: what the Host says of its Guests is true, and gone when they are.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$scratch/extra"
# image SOURCE NAME FLAG...: build a tiny Guest.
image()
{
	source=$1 name=$2
	shift 2
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "$@" -o "$scratch/extra/$name" "$source" || exit 1
}
image tests/observe/guest.S observed
image tests/hostile/guest.S no_handler -DCASE_no_handler

# Two Guests of one process: perl is not there, so a program of our own.
cat >"$scratch/twice.c" <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long request[] = { 0, (unsigned long)memory, 256, 0 };

	for (int i = 0; i < 3; i++)
		if (write(open("/dev/lguest", O_RDWR), request, sizeof(request)) != sizeof(request))
			perror("twice");
	printf("%d\n", getpid());
	fflush(stdout);
	return getchar() == EOF;
}
END
gcc -m32 -static -O2 -o "$scratch/extra/twice" "$scratch/twice.c" || exit 1

# What the Host runs. Each line begins with a word that a check below looks for.
# Short trips are for Guests with two levels of page tables.
case $(guest_kind) in
*pae)	short=-eq ;;
*)	short=-gt ;;
esac
echo "short=$short" >"$scratch/extra/checks"
cat >>"$scratch/extra/checks" <<'END'
guests=/sys/kernel/debug/lguest
# observed: start the Guest that counts, and wait until it says that it is done. Its pid is then in $pid.
observed()
{
	rm -f /tmp/said
	mkfifo /tmp/said
	lguest 8M /observed >/tmp/said 2>&1 &
	pid=$!
	exec 4</tmp/said
	read -r line <&4
}
# grows COUNTER: wait until it is more than it was.
grows()
{
	before=$(cat $guests/$pid/$1)
	until [ "$(cat $guests/$pid/$1)" -gt "$before" ]; do
		usleep 10000
	done
	echo "grows $1"
}
# stopped: stop the Launcher, all of it.
stopped()
{
	kill -STOP $pid
	while cat /proc/$pid/task/*/status | grep State: | grep -qv 'T (stopped)'; do
		usleep 10000
	done
}
counters() { (cd $guests/$pid && grep . $(find . -type f) | sed "s,^\./,$1 ,"); }

dmesg -c >/dev/null
echo "before $(ls $guests | wc -l)"
lgstat >/tmp/none 2>&1
echo "lgstat-none $? $(cat /tmp/none)"

observed
stopped
counters observed
lgstat -1 -p $pid | sed 's/^/lgstat-once /'
lgstat -1 -g halt | sed 's/^/lgstat-grep /'
for arguments in "-p 1" "-p 0" "-p x" "-i 0" "-i 1x" "-g nix" "what" "--nix"; do
	lgstat -1 $arguments >/tmp/out 2>/tmp/errors
	echo "lgstat-wrong $arguments: $? $(head -n 1 /tmp/errors) $(cat /tmp/out)"
done
echo "lgstat-help $(lgstat --help | head -n 1)"
echo "lgstat-version $(lgstat --version)"
lgstat -1 >/dev/full 2>/tmp/errors
echo "lgstat-full $? $(cat /tmp/errors)"
kill -CONT $pid
grows exit_interrupt
stopped
counters later

# A table twice a second until the Guest's end, another until a signal.
kill -CONT $pid
mkfifo /tmp/first /tmp/second
lgstat -i 0.2 -p $pid >/tmp/first & with=$!
lgstat -i 0.2 >/tmp/second & alone=$!
exec 5</tmp/first 6</tmp/second
for n in 1 2 3; do
	while read -r line <&5; do [ "${line%% *}" != exits ] || break; done
	echo "lgstat-table $line"
	while read -r line <&6; do [ "${line%% *}" != exits ] || break; done
done
kill -INT $alone
cat <&6 >/dev/null
wait $alone
echo "lgstat-interrupted $?"
# A reader who keeps a file open gets an error, and no more, when the Guest is killed.
exec 7<$guests/$pid/exits
kill -9 $pid
wait $pid 2>/dev/null
echo "killed $(ls $guests | wc -l)"
cat <&7 2>&1 | sed 's/^/held /'
exec 7<&-
cat <&5 >/dev/null
wait $with
echo "lgstat-ended $?"

mkfifo /tmp/twice /tmp/hold
/twice >/tmp/twice </tmp/hold &
exec 8<>/tmp/hold
read -r pid </tmp/twice
echo "twice $(ls $guests | sort | sed "s/$pid/PID/" | xargs)"
exec 8>&-
wait
echo "after-twice $(ls $guests | wc -l)"

# Readers that never rest, while Guests come and go.
(while [ ! -e /tmp/enough ]; do cat $guests/*/* $guests/*/calls/* >/dev/null 2>&1; done) & readers=$!
for n in 1 2 3 4 5 6; do
	lguest 8M /no_handler >/dev/null 2>&1
done
touch /tmp/enough
wait $readers
echo "race $(ls $guests | wc -l)"

cd /sys/kernel/tracing
ls events/lguest | sed 's/^/event /'
echo 1 >events/lguest/enable
observed
kill -9 $pid
wait $pid 2>/dev/null
lguest 8M /no_handler >/dev/null 2>&1
echo 0 >events/lguest/enable
grep -o 'lguest_[a-z_]*: .*' trace | grep -v 'lguest_exit: 0x\|lguest_entry: ' | sed 's/^/trace /'
grep -o 'lguest_entry: .*' trace | sort -u | head -n 3 | sed 's/^/trace /'
grep -c 'lguest_entry: ' trace | sed 's/^/entries /'
grep -c 'lguest_exit: ' trace | sed 's/^/exits /'
echo >trace
lguest 8M /no_handler >/dev/null 2>&1
echo "quiet $(grep -c lguest_ trace)"

lguest --initrd=/guest/initrd 32M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/bin/sleep -- 1000 >/dev/null 2>&1 &
pid=$!
until [ "$(cat $guests/$pid/notify_eventfd 2>/dev/null || echo 0)" -gt 0 ] && [ "$(cat $guests/$pid/exit_short)" $short 0 ]; do
	usleep 10000
done
echo "linux $(cat $guests/$pid/notify_eventfd)"
echo "short $(cat $guests/$pid/exit_short)"
kill -STOP $pid
until grep -q '^State:.*T' /proc/$pid/status; do
	usleep 10000
done
last=$(grep -r . $guests/$pid)
before=$(grep -r . $guests/.gone)
kill -9 $pid
wait $pid 2>/dev/null
{ printf '%s\n' "$last" "$before" | sed 's/.*:/& -/; s/- /-/'; grep -r . $guests/.gone; } |
	sed "s,^$guests/[^/]*/,,; s/:/ /" | awk '$1 != "shadow_pages" { n[$1] += $2 } END { for (i in n) if (n[i]) print "gone", i, n[i]; print "gone of", length(n) }'
echo "gone-seen $(lgstat -1 2>&1 | head -n 1)"
lgstat --gone -g exits | sed "s/^/gone-told /"
echo "gone-sum $(cat $guests/.gone/exits)"

cd /
umount /sys/kernel/debug/tracing 2>/dev/null
umount /sys/kernel/debug
lgstat -1 >/tmp/none 2>&1
echo "lgstat-unmounted $? $(cat /tmp/none)"
mount -t debugfs none /sys/kernel/debug
rmmod lg
lgstat -1 >/tmp/none 2>&1
echo "lgstat-unloaded $? $(cat /tmp/none)"
dmesg | sed 's/^/log /'
END
CMD="sh /checks" HOSTEXTRA=$scratch/extra make -s host >"$scratch/said" 2>"$scratch/errors"
said=$(cat "$scratch/said")
# of WORD: what the Host said with this word first.
of() { printf '%s\n' "$said" | sed -n "s/^$1 //p"; }
# counter WORD NAME: the number.
counter() { of "$1" | sed -n "s,^$2:,,p"; }
# sum WORD PATTERN: of all counters whose names match.
sum() { of "$1" | awk -F: -v "pattern=^($2)\$" '$1 ~ pattern { n += $2 } END { print n + 0 }'; }

# --- counters

is "$(of gone)" "of $(of observed | grep -cv '^shadow_pages:')" 'what a Guest has done is added to what those did that are gone'
is "$(of gone-seen)" 'lgstat: there is no Guest; start one: lguest 64M KERNEL' 'and lgstat does not take them for living'
like "$(of gone-told | tr -s ' ')" "^exits $(of gone-sum)\$" 'unless it is asked to (--gone)'
is "$(of before)" 0 'no Guest, no folder' || diag "$(cat "$scratch/errors")"
while read -r name number; do
	is "$(counter observed "$name")" "$number" "$name: the number of times that the Guest did it"
done <<'END'
exit_hypercall	16
exit_emulated	4
exit_page_fault	6
exit_trap	5
exit_nmi	0
exit_switcher	0
injections	1
halts		1
ring_calls	3
notify_eventfd	0
notify_launcher	1
calls/TS	7
calls/SET_PGD	3
calls/NOTIFY	1
calls/HALT	1
calls/SHUTDOWN	0
END
for name in exit_fill shadow_pages; do
	[ "$(counter observed $name)" -gt 0 ]
	ok $? "$name: it happened"
done
is "$(of grows)" exit_interrupt 'exit_interrupt grows while the Guest runs on'
for when in observed later; do
	is "$(sum $when 'exit_.*')" "$(counter $when exits)" "$when: the reasons add up to the exits"
	is "$(sum $when 'calls/.*')" "$(sum $when 'exit_hypercall|ring_calls')" "$when: so do the calls, direct and from the ring"
done
is "$(of observed | sed -n 's,^calls/\(.*\):.*,\1,p' | sort)" \
	"$(sed -n 's/^#define LHCALL_\([A-Z_]*\)[[:space:]].*/\1/p' build/src/include/lguest.h | grep -v RING_SIZE | sort)" \
	'every hypercall of lguest.h has a counter'
[ "$(of linux)" -gt 0 ]
ok $? 'notify_eventfd: a Linux Guest wakes its devices'
test "$(of short)" "$short" 0
ok $? 'exit_short: its shadow is filled on short trips, if it has two levels'

is "$(of killed)" 0 'a killed Guest has no folder any more'
like "$(of held)" 'Input/output error|I/O error' 'a counter that somebody holds open gives EIO then'
is "$(of twice)" 'PID PID-2 PID-3' 'several Guests of one process have a folder each'
is "$(of after-twice)" 0 'which go with them'
is "$(of race)" 0 'readers that never rest do not keep a Guest from going'

# --- events

is "$(of event | xargs)" \
	'enable filter lguest_entry lguest_exit lguest_hypercall lguest_inject lguest_shadow_fill' 'there are five events'
trace=$(of trace)
like "$trace" '^lguest_entry: eip 0x10[0-9a-f]+ ring 1$' 'entry: where'
like "$trace" '^lguest_exit: hypercall eip 0x10[0-9a-f]+ error 0x0 cr2 0x0$' 'exit: a hypercall'
like "$trace" '^lguest_exit: #PF eip 0x10[0-9a-f]+ error 0x2 cr2 0x200000$' 'exit: a page fault, its error code and address'
is "$(printf '%s\n' "$trace" | grep -c '^lguest_hypercall: TS(0x0, 0x0, 0x0, 0x[0-9a-f]*)$')" 7 'hypercall: by its name, seven times'
is "$(printf '%s\n' "$trace" | grep -c '^lguest_hypercall: SET_PGD(.*) from the ring$')" 3 'hypercall: three from the ring'
like "$trace" '^lguest_hypercall: LOAD_IDT_ENTRY\(0x30, 0x61[0-9a-f]+, 0x108e00, ' 'hypercall: the arguments'
like "$trace" '^lguest_shadow_fill: addr 0x10[0-9a-f]+ gfn 0x10[0-9a-f] spte 0x[0-9a-f]+ (writable|read-only)$' 'shadow_fill'
is "$(printf '%s\n' "$trace" | grep -c '^lguest_inject: #PF line -1 eip 0x10[0-9a-f]* handler 0x10[0-9a-f]*$')" 6 'inject: six page faults'
is "$(printf '%s\n' "$trace" | grep -c '^lguest_inject: 0x30 line 0 eip ')" 1 'inject: one timer'
is "$(of entries)" "$(of exits)" 'each entry has its exit'
is "$(of quiet)" 0 'nothing is recorded when they are off'

# --- lgstat

while read -r word wanted; do
	is "$(of "lgstat-$word")" "$wanted" "lgstat: $word"
done <<'END'
none		1 lgstat: there is no Guest; start one: lguest 64M KERNEL
unmounted	3 lgstat: debugfs is not mounted: mount -t debugfs none /sys/kernel/debug
unloaded	3 lgstat: there is no /sys/kernel/debug/lguest: is the module loaded? try modprobe lg
full		3 lgstat: cannot write: No space left on device
help		Usage: lgstat [OPTION]...
version		lgstat (the lguest Journey) 0.1
interrupted	0
ended		0
END
while read -r line; do
	like "$(of lgstat-wrong)" "^$line \$" "lgstat -1 $line"
done <<'END'
-p 1: 1 lgstat: process 1 has no Guest
-p 0: 2 lgstat: '0' is not the number of a process
-p x: 2 lgstat: 'x' is not the number of a process
-i 0: 2 lgstat: '0' is not 0.1 to 3600 seconds
-i 1x: 2 lgstat: '1x' is not 0.1 to 3600 seconds
-g nix: 1 lgstat: no counter has 'nix' in its name
what: 2 lgstat: what is 'what'\?
--nix: 2 lgstat: unrecognized option '--nix'
END
is "$(of lgstat-once | awk '$1 != "Guests:" && $2 ~ /^[0-9]+$/ { print $1 ":" $2 }' | sort)" "$(of observed | sort)" \
	'lgstat -1 shows every counter'
is "$(of lgstat-grep | awk '$1 != "Guests:" && $2 ~ /^[0-9]+$/ { print $1, $2 }')" 'halts 1' 'lgstat -g shows what was asked for'
is "$(of lgstat-table | awk '$1 == "exits" && $2 + 0 > last { n++; last = $2 } $3 + 0 > 0 { m++ } END { print n, (m > 0) }')" '3 1' \
	'lgstat shows numbers that grow, and how fast'
is "$(printf '%s\n' "$said" | host_log)" '' "nothing appears in the Host's log"

done_testing
