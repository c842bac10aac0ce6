#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a Launcher gives up, seen from outside, and what somebody could do who has broken into one; that Guests with a disk and
# a console work and reboot in there; that a group may run Guests without root, within its limits; and the ways to end.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$scratch/host/bin" "$scratch/host/cell/inside" "$scratch/guest/sbin"
set --
for file in build/src/launcher/*.c; do
	[ "$file" = build/src/launcher/run.c ] || set -- "$@" "$file"
done
# shellcheck disable=SC2046 # options
gcc -m32 -static -O2 -Wall -Wextra -Ibuild/src/include -o "$scratch/host/bin/burgled" \
	tests/burglar.c "$@" $(cat build/launcher/libraries) >"$scratch/compiler" 2>&1
ok $? 'a Launcher with a burglar in it compiles' || diag "$(cat "$scratch/compiler")"
cp "build/guest/$(guest_kind)/bzImage" "$scratch/host/bzImage" 2>/dev/null || cp build/guest/686/bzImage "$scratch/host/bzImage"
echo 1 >"$scratch/host/disk"
truncate -s 65536 "$scratch/host/disk"

# What the Guests run, as init.
cat >"$scratch/guest/wait" <<'END'
#!/bin/sh
echo ready
while :; do sleep 100; done
END
cat >"$scratch/guest/polite" <<'END'
#!/bin/sh
mkdir -p /sbin
ln -s /goodbye /sbin/poweroff
echo ready
while :; do sleep 100; done
END
cat >"$scratch/guest/goodbye" <<'END'
#!/bin/sh
exec >/dev/console
echo goodbye
exec /bin/busybox poweroff -f
END
cat >"$scratch/guest/lives" <<'END'
#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev 2>/dev/null
life=$(head -c 1 /dev/vda)
[ ! -e /note ] || echo 'something remains'
echo note >/note
echo "life $life"
echo $((life + 1)) | dd of=/dev/vda conv=notrunc 2>/dev/null
sync
[ "$life" -ge 3 ] || busybox reboot -f
busybox poweroff -f
END
cat >"$scratch/guest/die" <<'END'
#!/bin/sh
mount -t proc proc /proc
echo c >/proc/sysrq-trigger
END
chmod +x "$scratch/guest"/[a-z]*

# What the Host runs.
cat >"$scratch/host/functions" <<'END'
# guest INIT OPTION...: to be called in a shell of its own
guest()
{
	init=$1
	shift
	exec lguest --initrd=/guest/initrd "$@" 32M ${kernel:-/guest/vmlinux} console=hvc0 loglevel=0 rdinit=/$init </dev/null
}
# ready INIT OPTION...: a Guest in the background, as $!, that has said so
ready()
{
	rm -f /tmp/out
	guest "$@" >/tmp/out 2>&1 &
	until grep -q ready /tmp/out 2>/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
}
END
cat >"$scratch/host/member" <<'END'
. /functions
ready wait
echo $! >/tmp/pid
wait $!
END
cat >"$scratch/host/checks" <<'END'
. /functions
# walls NAME: what all threads of the Guest's process have given up
walls()
{
	echo $1 $(sed -n 's/^\(Uid\|Groups\|CapPrm\|CapEff\|NoNewPrivs\|Seccomp\):[[:space:]]*//p' /proc/$!/task/*/status | sort | uniq)
	echo $1-root $(ls -A /proc/$!/root/)
	# signal 31, SIGSYS, is bit 30
	echo $1-signals $(cat /proc/$!/task/*/status | grep -c '^SigBlk:.........[4567c-f]') $(ls /proc/$!/task | wc -l)
}
# refused OPTION...: what the Launcher says to a member of the group
refused() { su member -s /bin/sh -c "lguest $* 64M /guest/vmlinux" 2>&1; echo $?; }

chmod 755 /
chmod 777 /tmp
echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
echo 'member:x:1000:100::/:/bin/sh' >>/etc/passwd

ready wait --control=/tmp/socket
walls root
echo mounts $(cut -d ' ' -f 5 /proc/$!/mountinfo)
echo status $(lguest --tell=/tmp/socket status | sed 's/[0-9][0-9]*/N/g')
kill $!
wait $!
echo clean $?
ready polite --control=/tmp/socket
lguest --tell=/tmp/socket power
wait $!
echo polite $? $(grep goodbye /tmp/out)
guest wait --verbose >/tmp/out 2>&1 &
until grep -q 'Guest of' /tmp/out; do sleep 0.01; done
kill $!
wait $!
echo booting $? $(grep ready /tmp/out)

ready wait --user=nobody --chroot=/cell
walls nobody
kill -9 $!
wait $! 2>/dev/null
for user in 1000 6; do
	ready wait --user=$user
	echo group-$user $(sed -n 's/^Gid:[[:space:]]*//p' /proc/$!/status)
	kill -9 $!
	wait $! 2>/dev/null
done
for limit in user mnt; do
	most=$(cat /proc/sys/user/max_${limit}_namespaces)
	echo 0 >/proc/sys/user/max_${limit}_namespaces
	ready wait
	echo bare-$limit $(grep -c 'no empty root' /tmp/out) $(ls /proc/$!/root | grep -c bin)
	kill -9 $!
	wait $! 2>/dev/null
	echo $most >/proc/sys/user/max_${limit}_namespaces
done
( (guest lives --block=/disk --user=nobody) 2>&1; echo status $?) | sed 's/^/lives /'
(kernel=/bzImage guest lives --block=/disk 2>&1) | sed 's/^/boxed /'
(guest die --user=nobody 2>&1) | sed 's/^/die /'
(guest die --user=nobody) >/dev/null 2>&1; echo die-status $?

chgrp 100 /dev/lguest
echo mode $(stat -c '%A %g' /dev/lguest)
su member -s /bin/sh -c 'sh /member' &
until [ -s /tmp/pid ]; do sleep 0.1; done
(sleep 1000) & kill -9 $!
pid=$(cat /tmp/pid)
echo member $(sed -n 's/^\(Uid\|Groups\|CapPrm\|CapEff\|NoNewPrivs\|Seccomp\):[[:space:]]*//p' /proc/$pid/task/*/status | sort | uniq)
echo member-root $(ls -A /proc/$pid/root/)
kill -9 $pid
wait 2>/dev/null
echo limited $(su member -s /bin/sh -c 'ulimit -v 20000; lguest 64M /guest/vmlinux' 2>&1; echo $?)
echo no-chroot $(refused --chroot=/cell)
echo no-user $(refused --user=nobody)
chmod 600 /dev/lguest
echo closed $(refused)
echo who $(lguest --user=somebody 64M /guest/vmlinux 2>&1; echo $?)
echo where $(lguest --chroot=/nowhere 64M /guest/vmlinux 2>&1; echo $?)
echo threads $(burgled --user=nobody 32M /guest/vmlinux threads 2>&1 </dev/null)
for crime in open exec fork clone3 socket ptrace kill signal mount chroot setuid code recode module type; do
	echo $crime $(burgled --user=nobody 32M /guest/vmlinux $crime 2>&1 </dev/null)
done
mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/small
echo 8M >/sys/fs/cgroup/small/memory.max
(echo 0 >/sys/fs/cgroup/small/cgroup.procs; guest wait) >/tmp/out 2>&1
echo group $? $(sed -n 's/^oom_kill //p' /sys/fs/cgroup/small/memory.events)
END

said=$(make host CMD='sh /checks' HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" 2>"$scratch/err")
is "$?$(cat "$scratch/err")" 0 'the checks on the Host run'

# line WORD: the rest of the lines that begin with it
line()
{
	printf '%s\n' "$said" | tr -d '\r' | sed -n "s/^$1 //p"
}

none=0000000000000000
is "$(line root)" "0 0 0 0 $none 1 2" 'root without capabilities, new privileges, or a free choice of system calls'
like "$(line root-signals)" '^0 ([3-9]|[0-9]{2,})$' 'no thread of it would die of a forbidden system call without a word'
is "$(line root-root)$(line mounts)" / 'in an empty root, the only thing mounted'
is "$(line status)" 'memory N KB exits N console input: N requests, N bytes out, N in, N interrupts console output: N requests, N bytes out, N in, N interrupts console control input: N requests, N bytes out, N in, N interrupts console control output: N requests, N bytes out, N in, N interrupts' \
	'in which it still answers'
is "$(line clean)" 0 'SIGTERM powers a Guest off'
is "$(line polite)" '0 goodbye' 'by its /sbin/poweroff, if it has one'
is "$(line booting)" 0 'or while it is booting'
is "$(line nobody)" "$none 1 2 65534 65534 65534 65534" '--user: nobody, in no group'
is "$(line group-1000)" '100 100 100 100' '--user with a number: in the group of that user'
is "$(line group-6)" '65534 65534 65534 65534' 'and not in the group that happens to have the same one'
is "$(line bare-mnt)" '1 1' 'an empty root that cannot be had is told, without --verbose'
is "$(line bare-user)" '0 0' 'root needs no user namespace for it'
is "$(line nobody-root)" inside '--chroot: nothing but what is in there'
is "$(line lives)" 'life 1
life 2
life 3
status 0' 'a Guest with a disk and a console works, and reboots, all inside'
is "$(line boxed)" 'life 4' 'from a bzImage, too'
like "$(line die)" '^lguest: the Guest died: .*sysrq triggered crash$' 'a Guest that dies is told'
is "$(line die-status)" 1 'and its status is 1'
is "$(line mode)" 'crw-rw---- 100' '/dev/lguest can be given to a group'
is "$(line member)" "$none 1 100 1000 1000 1000 1000 2" 'a member needs no root'
is "$(line member-root)" '' 'and has an empty one'
is "$(line limited)" 'lguest: no room for 64 MB of memory: Cannot allocate memory 3' 'within the limits on memory'
is "$(line no-chroot)" 'lguest: cannot make /cell the root: Operation not permitted 3' 'no --chroot without privileges'
is "$(line no-user)" 'lguest: cannot become the user nobody: Operation not permitted 3' 'no --user either'
is "$(line closed)" 'lguest: cannot open /dev/lguest: Permission denied 3' 'not a member'
is "$(line who)" 'lguest: there is no user somebody in /etc/passwd 3' 'no such user'
is "$(line where)" 'lguest: cannot make /nowhere the root: No such file or directory 3' 'no such folder'
for crime in open:295 exec:11 fork:120 'socket:(102|359)' ptrace:26 kill:270 signal:174 mount:21 chroot:61 setuid:213 code:192 \
		recode:125 module:128 type:54; do
	like "$(line "${crime%:*}")" "^lguest: the sandbox does not allow system call ${crime#*:}\$" "a burglar is ended by ${crime%:*}"
done
is "$(line threads)" 'lguest: 16 came back' 'sixteen threads may take memory, and the C library does not ask for the number of processors'
is "$(line clone3)" 'lguest: 38 came back' 'for him there is no clone3'
is "$(line group | cut -d ' ' -f 1)" 137 'a group with too little memory loses its Guest'
[ "$(line group | cut -d ' ' -f 2)" -ge 1 ]
ok $? 'and it is the group that pays'

done_testing
