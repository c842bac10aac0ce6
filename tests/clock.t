#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Time in the Guest (design 2.7), on a Host that trusts its time-stamp counter and on one that does not.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O1 -Wall -Wextra -o "$scratch/extra/clock" tests/clock.c || exit 1

# in_guest CLOCKSOURCE HOSTARGS: run the program, and take over what it reports.
in_guest()
{
	before=$(date +%s)
	EXTRA=$scratch/extra CMD="mountpoint -q /sys || mount -t sysfs sysfs /sys; /clock $1; date +'date %s'" HOSTARGS=$2 make boot \
		>"$scratch/said" 2>"$scratch/errors" || diag "$(cat "$scratch/errors")"
	after=$(date +%s)
	adopt "$1" "$scratch/said"
	wall=$(sed -n 's/^date //p' "$scratch/said")
	[ "${wall:-0}" -ge $((before - 5)) ] && [ "${wall:-0}" -le $((after + 5)) ]
	ok $? "$1: 2.7 wall clock: the Guest's date is ours" || diag "$before, $wall, $after"
}

in_guest tsc ''
in_guest lguest tsc=unstable

# The Host's clock is set back by an hour while a Guest, which has no other, naps for three seconds.
cat >"$scratch/extra/nap" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
echo naps
read -r before rest </proc/uptime
sleep 3
read -r after rest </proc/uptime
echo "napped $before $after"
busybox poweroff -f
END
chmod +x "$scratch/extra/nap"
# shellcheck disable=SC2016 # for the Host's shell
EXTRA=$scratch/extra HOSTARGS=tsc=unstable CMD='mkfifo /tmp/said
lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/nap </dev/null >/tmp/said 2>&1 &
while read -r line; do
	echo "$line"
	case $line in
	naps*) date -s "@$(($(date +%s) - 3600))" >/dev/null ;;
	esac
done </tmp/said' make host >"$scratch/said" 2>"$scratch/errors"
napped=$(tr -d '\r' <"$scratch/said" | awk '$1 == "napped" { print $3 - $2 }')
awk -v "napped=${napped:-0}" 'BEGIN { exit !(napped >= 2.9 && napped < 60) }'
ok $? "lguest: 2.7 clocksource: it goes on when the Host's clock is set back (a nap of 3 s took $napped s)" ||
	diag "$(cat "$scratch/said" "$scratch/errors")"

# A Host that finds its counter wrong while a Guest runs by it: a module says so in place of the Host's watchdog.
flavour=${FLAVOUR:-686}
headers=$(echo "$(cat "build/packages/host-$flavour")"/usr/src/linux-headers-*-"$flavour")
mkdir "$scratch/module"
echo 'obj-m := distrust.o' >"$scratch/module/Kbuild"
cat >"$scratch/module/distrust.c" <<'END'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <asm/tsc.h>

static int __init distrust(void)
{
	mark_tsc_unstable("a test says so");
	return 0;
}
module_init(distrust);
MODULE_LICENSE("GPL");
END
make -s -C "$headers" -f "${headers%-"$flavour"}-common/Makefile" ARCH=i386 M="$scratch/module" modules >"$scratch/made" 2>&1 ||
	diag "$(cat "$scratch/made")"
cp "$scratch/module/distrust.ko" "$scratch/extra/"
cat >"$scratch/extra/nap" <<'END'
#!/bin/sh
export PATH=/bin
mount -t sysfs sysfs /sys
current=/sys/devices/system/clocksource/clocksource0/current_clocksource
echo "source $(cat $current)"
i=0
while [ "$(cat $current)" = tsc ] && [ $i -lt 300 ]; do
	sleep 0.1
	i=$((i + 1))
done
echo "source $(cat $current)"
busybox poweroff -f
END
# shellcheck disable=SC2016 # for the Host's shell
EXTRA=$scratch/extra HOSTEXTRA=$scratch/extra CMD='mkfifo /tmp/said
lguest --initrd=/guest/initrd 24M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/nap </dev/null >/tmp/said 2>&1 &
while read -r line; do
	echo "$line"
	case $line in
	"source tsc"*) insmod /distrust.ko || echo "source insmod failed, $?" ;;
	esac
done </tmp/said' make host >"$scratch/said" 2>"$scratch/errors"
is "$(tr -d '\r' <"$scratch/said" | sed -n 's/^source //p')" 'tsc
lguest' 'lguest: 2.7 clocksource: a Host that loses its trust in the counter takes its Guest along' || diag "$(cat "$scratch/errors")"

done_testing
