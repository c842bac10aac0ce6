#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that the Host wants back: a Guest is squeezed into a control group half its size, its Launcher changes pages under it, and its
# shadow is shrunk while it runs. Whatever happens, the Guest's data are what they were.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

flavour=${FLAVOUR:-686}
mkdir -p "$scratch/guest" "$scratch/host"
gcc -m32 -static -O2 -Wall -Ibuild/src/include -o "$scratch/host/reclaim" tests/reclaim.c -lpthread || exit 1
modules=$(echo "$(cat "build/packages/host-$flavour")"/lib/modules/*/kernel)
cp "$modules/mm/zsmalloc.ko" "$modules/drivers/block/zram/zram.ko" "$scratch/host/" 2>/dev/null

# What the Guest remembers, and is asked for again and again.
cat >"$scratch/guest/remember" <<'END'
#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
head -c 18000000 /dev/urandom >/a
md5sum /a >/sum
for i in 1 2 3; do
	md5sum -c /sum
	busybox true | busybox cat
done
busybox poweroff -f
END
cat >"$scratch/guest/toil" <<'END'
#!/bin/sh
export PATH=/bin
i=0
while [ $i -lt 300 ]; do busybox true; i=$((i + 1)); done
echo done
busybox poweroff -f
END
# Every second page of a few megabytes is free. The balloon takes those first, as they are good for little else, and of the kind
# that ramfs uses.
cat >"$scratch/guest/holes" <<'END'
#!/bin/sh
export PATH=/bin
mount -t ramfs none /tmp
i=0
while [ $i -lt 3000 ]; do echo $i >/tmp/$i; i=$((i + 1)); done
rm -f /tmp/*1 /tmp/*3 /tmp/*5 /tmp/*7 /tmp/*9
echo holes
while read -r line; do
	cat /tmp/* | md5sum
done
END
chmod +x "$scratch/guest/remember" "$scratch/guest/toil" "$scratch/guest/holes"

cat >"$scratch/host/checks" <<'END'
dmesg -c >/dev/null
[ ! -e /zsmalloc.ko ] || insmod /zsmalloc.ko
[ ! -e /zram.ko ] || insmod /zram.ko
echo 200M >/sys/block/zram0/disksize
busybox mkswap /dev/zram0 >/dev/null && busybox swapon /dev/zram0
mkdir /cg && mount -t cgroup2 none /cg && echo +memory >/cg/cgroup.subtree_control && mkdir /cg/small
echo 16M >/cg/small/memory.max
before=$(awk '$1 == "pswpout" { print $2 }' /proc/vmstat)
sh -c 'echo $$ >/cg/small/cgroup.procs; exec lguest --initrd=/guest/initrd 56M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/remember' </dev/null 2>&1 |
	sed 's/^/squeezed /'
awk -v before="$before" '$1 == "pswpout" { print "swapped", $2 - before }' /proc/vmstat
awk '$1 == "oom_kill" { print "killed", $2 }' /cg/small/memory.events

mkdir /cg/holes
mkfifo /in
sh -c 'echo $$ >/cg/holes/cgroup.procs; exec lguest --control=/c --balloon --initrd=/guest/initrd 64M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/holes' </in >/out 2>&1 &
exec 3>/in
value() { lguest --tell=/c status | sed -n "s/^$1 \([0-9]*\) KB.*/\1/p"; }
sums() { until [ "$(grep -c ' -' /out)" = "$1" ]; do usleep 50000; done; }
until grep -q '^holes' /out; do usleep 50000; done
lguest --tell=/c balloon 30M
until [ "$(value balloon)" = 30720 ]; do usleep 100000; done
echo >&3
sums 1
before=$(value held) swapped=$(awk '$1 == "pswpout" { print $2 }' /proc/vmstat)
echo 40M >/cg/holes/memory.reclaim
echo >&3
sums 2
echo "held $before $(value held) $(awk -v before="$swapped" '$1 == "pswpout" { print $2 - before }' /proc/vmstat)"
grep ' -' /out | uniq | sed 's/^/sum /'
kill -9 $!
wait $!
exec 3>&-

reclaim 2>&1 | sed 's/^/changed /'

lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/toil </dev/null >/tmp/toil 2>&1 &
until [ -e /sys/kernel/debug/lguest/$!/shadow_pages ]; do :; done
shrunk=0
while pages=$(cat /sys/kernel/debug/lguest/$!/shadow_pages 2>/dev/null); do
	echo 2 >/proc/sys/vm/drop_caches
	after=$(cat /sys/kernel/debug/lguest/$!/shadow_pages 2>/dev/null) || break
	[ "$after" -ge "$pages" ] || shrunk=$((shrunk + 1))
done
echo "shrunk $shrunk $(grep -c '^done' /tmp/toil)"
dmesg | grep -v 'drop_caches\|zram\|module verification\|Adding .* swap' | sed 's/^/log /'
END

EXTRA=$scratch/guest HOSTEXTRA=$scratch/host CMD='PATH=$PATH:/ sh /checks' make host SMP=2 MEM=512M >"$scratch/said" 2>"$scratch/errors"
is $? 0 'a Host with swap and a small control group' || diag "$(cat "$scratch/errors")"
said=$(tr -d '\r' <"$scratch/said")
is "$(printf '%s\n' "$said" | grep -c '^squeezed /a: OK$')" 3 '2.6 memory: a Guest of 56 MB in 16 MB remembers what it was told' || diag "$said"
like "$said" '^killed 0$' 'and nobody had to die for it'
like "$said" '^swapped [0-9]{4,}$' 'its pages went to swap'
# shellcheck disable=SC2046 # three words
set -- $(printf '%s\n' "$said" | sed -n 's/^held //p')
[ "${3:-0}" -gt 1000 ] && [ "$2" -lt $(($1 + 1000)) ]
ok $? "a Guest with a balloon is squeezed, and what the balloon took doesn't come back (held before and after: ${1:-} ${2:-} KB)" || diag "$said"
is "$(printf '%s\n' "$said" | grep -c '^sum ')" 1 'and it remembers what it was told'
for what in 'another page to read' 'another page to write' 'two other pages at once' 'a page thrown away' 'a page that was shared by fork'; do
	like "$said" "^changed $what\$" "2.6 memory: the Launcher's page changes under a running Guest: $what"
done
like "$said" '^changed not running:' 'a page that is unmapped ends the Guest'
like "$said" '^shrunk [1-9][0-9]* 1$' 'the shadow of a running Guest is taken away, and it goes on'
is "$(printf '%s\n' "$said" | host_log)" '' 'nothing appears in the log of the Host'

done_testing
