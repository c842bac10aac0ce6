#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Host: many Guests at once, all ways to go wrong on its side, and nothing left behind.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# What the Guests run instead of the lab's session: some work, whose sum is known, and off.
mkdir -p "$scratch/guest" "$scratch/host"
cat >"$scratch/guest/work" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
i=0
while [ $i -lt 20 ]; do /bin/busybox true; i=$((i + 1)); done
head -c 3000000 /dev/zero | md5sum
busybox poweroff -f
END
cat >"$scratch/guest/take" <<'END'
#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
stty raw -echo </dev/hvc0
head -c 405715 </dev/hvc0 | md5sum
busybox poweroff -f
END
chmod +x "$scratch/guest/work" "$scratch/guest/take"
head -c 300000 /dev/urandom | base64 -w 70 >"$scratch/host/text"

# What the Host runs. Each line that it prints begins with a word that a check below looks for.
cat >"$scratch/host/checks" <<'END'
guest() { lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 loglevel=1 "$@" </dev/null; }
# guests N: wait until there are so many.
guests() { until [ "$(ls /sys/kernel/debug/lguest | wc -l)" = "$1" ]; do usleep 10000; done; }
# Free memory, in KB: what is free, and what each processor keeps for its next allocations, when the caches are empty.
free_kb()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	cat /proc/sys/vm/stat_refresh
	awk '/nr_free_pages/ { n += $2 } $1 == "count:" { n += $2 } END { print 4 * n }' /proc/zoneinfo
}
dmesg -c >/dev/null

# Once, so that what the first Guest makes the kernel load or cache does not count as a leak.
guest rdinit=/work >/dev/null
before=$(free_kb)

for n in 2 8; do
	i=0
	while [ $i -lt $n ]; do guest rdinit=/work >/tmp/out$i 2>&1 & i=$((i + 1)); done
	wait
	echo "together-$n $(cat /tmp/out? | grep -c '^c9fc2d3dd83ab67a129ac10b09c9ebbb  -')"
	rm -f /tmp/out?
done

echo "typed $(lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/take </text 2>&1 | grep '  -')"

echo "in-use $(guest rdinit=/bin/sleep -- 100 >/dev/null 2>&1 & guests 1; rmmod lg 2>&1; kill "$(pidof lguest)")"
guests 0
guest rdinit=/bin/sleep -- 100 >/dev/null 2>&1 &
victim=$!
guests 1
kill -9 "$(pidof lguest)"
wait $victim
echo "killed $?"
guest rdinit=/bin/sleep -- 100 >/dev/null 2>/tmp/said &
victim=$!
guests 1
kill "$(pidof lguest)"
wait $victim
echo "terminated $? $(cat /tmp/said)"

for how in no-file directory text cut; do
	case $how in
	no-file)	kernel=/nowhere ;;
	directory)	kernel=/tmp ;;
	text)		kernel=/checks ;;
	cut)		head -c 100000 /guest/vmlinux >/tmp/cut; kernel=/tmp/cut ;;
	esac
	echo "kernel-$how $(lguest 16M $kernel 2>&1; echo "status $?")"
done
rm -f /tmp/cut

rmmod lg
echo "gone $(guest 2>&1; echo "status $?")"
insmod /lib/lg.ko hole=0
echo "elsewhere $(guest rdinit=/work 2>&1 | grep -c '^c9fc2d3dd83ab67a129ac10b09c9ebbb')"
rmmod lg
for i in 1 2 3 4 5 6 7 8 9 10; do insmod /lib/lg.ko; rmmod lg; done
insmod /lib/lg.ko
echo "reloaded $(guest rdinit=/work 2>&1 | grep -c '^c9fc2d3dd83ab67a129ac10b09c9ebbb')"

after=$(free_kb)
echo "leak $((before - after)) KB"
awk '/^nr_foll_pin_acquired/ { a = $2 } /^nr_foll_pin_released/ { r = $2 } END { print "pins", a - r }' /proc/vmstat
grep -q 'lguest' /proc/*/comm && echo 'left a Launcher'
dmesg | grep -v 'module verification failed\|loading out-of-tree\|drop_caches' | sed 's/^/log /'
END
is "$(head -c 3000000 /dev/zero | md5sum | cut -d' ' -f1)" c9fc2d3dd83ab67a129ac10b09c9ebbb 'the sum is what the Guests must find'

EXTRA=$scratch/guest HOSTEXTRA=$scratch/host CMD='sh /checks' make host SMP=2 MEM=768M >"$scratch/said" 2>"$scratch/errors"
is $? 0 'the Host survives it all' || diag "$(cat "$scratch/errors")"
said=$(cat "$scratch/said")

like "$said" '^together-2 2$' 'two Guests at once'
like "$said" '^together-8 8$' 'eight Guests at once, on two processors'
# (What arrived before the Guest's stty was echoed, and stands in front of the sum.)
like "$said" "^typed .*$(md5sum <"$scratch/host/text" | cut -d' ' -f1)  -" 'a Guest reads 400 KB from its console, and not a byte is lost'
like "$said" '^in-use rmmod: .*busy|^in-use rmmod: .*temporarily' 'the module stays while a Guest runs'
like "$said" '^killed 137$' 'kill -9 ends a Launcher'
like "$said" '^terminated 0 lguest: the Guest is asked to power off' 'SIGTERM asks a Guest to power off, and it does'
like "$said" '^kernel-no-file lguest: cannot open /nowhere: No such file' 'no kernel: told'
like "$said" '^kernel-directory lguest: /tmp: ' 'a directory: told'
like "$said" '^kernel-text lguest: /checks: ' 'a text: told'
like "$said" '^kernel-cut lguest: /tmp/cut: ' 'a kernel cut short: told'
is "$(printf '%s\n' "$said" | grep -c '^status 3$')" 5 'all of these, and a missing module, are status 3'
like "$said" '^gone lguest: no /dev/lguest: is the module loaded\? try modprobe lg$' 'no module: what to do is told'
like "$said" '^elsewhere 1$' 'the Switcher works from vmap, too'
like "$said" '^reloaded 1$' 'a module that was unloaded and loaded again works'
leak=$(printf '%s\n' "$said" | sed -n 's/^leak \(.*\) KB/\1/p')
# Slabs grow and shrink a little. A Guest that is not given back costs ten megabytes, its tables alone 100 KB; 25 have run.
[ "$leak" -lt 2048 ]
ok $? "the memory is back (${leak} KB less are free)"
like "$said" '^pins 0$' 'and no page stays pinned'
is "$(printf '%s\n' "$said" | host_log)" '' "no warning, no oops in the Host's log"
unlike "$said" '^left ' 'no process is left'

# Processors that know more, and a kernel that preempts everywhere.
EXTRA=$scratch/guest CMD='dmesg -c >/dev/null; lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 rdinit=/work loglevel=1 2>&1 | grep -v Power | tr -d "\r"; dmesg | grep -E "BUG|WARNING|Oops"' \
	make host SMP=2 CPU=max HOSTARGS=preempt=full >"$scratch/said" 2>"$scratch/errors"
is "$(cat "$scratch/said")" 'c9fc2d3dd83ab67a129ac10b09c9ebbb  -' 'the newest processor, full preemption' ||
	diag "$(cat "$scratch/errors")"

done_testing
