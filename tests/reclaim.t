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
chmod +x "$scratch/guest/remember" "$scratch/guest/toil"

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
for what in 'another page to read' 'another page to write' 'a page thrown away' 'a page that was shared by fork'; do
	like "$said" "^changed $what\$" "2.6 memory: the Launcher's page changes under a running Guest: $what"
done
like "$said" '^changed not running:' 'a page that is unmapped ends the Guest'
like "$said" '^shrunk [1-9][0-9]* 1$' 'the shadow of a running Guest is taken away, and it goes on'
is "$(printf '%s\n' "$said" | host_log)" '' 'nothing appears in the log of the Host'

done_testing
