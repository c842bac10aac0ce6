#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Guests that compute, fork and pipe on a Host whose second processor comes and goes, and whose kernel preempts everywhere.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/guest"
cat >"$scratch/guest/toil" <<'END'
#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
j=0
while [ $j -lt 4 ]; do
	i=0
	while [ $i -lt 30 ]; do
		/bin/busybox true &
		i=$((i + 1))
	done
	wait
	dd if=/dev/urandom of=/tmp/a bs=64k count=40 2>/dev/null
	md5sum </tmp/a >/tmp/1 &
	md5sum </tmp/a >/tmp/2 &
	cat </tmp/a | cat | cat | md5sum >/tmp/3 &
	wait
	[ "$(sort -u /tmp/1 /tmp/2 /tmp/3 | wc -l)" = 1 ] || echo sums differ
	awk 'BEGIN { for (i = 1; i < 30000; i++) x += 1 / (i * i); printf "%.10f\n", x }'
	j=$((j + 1))
done
echo done
busybox poweroff -f
END
chmod +x "$scratch/guest/toil"

# shellcheck disable=SC2016 # for the Host's shell
commands='dmesg -c >/dev/null
for n in 1 2 3 4; do
	lguest --initrd=/guest/initrd 40M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/toil </dev/null >/tmp/out$n 2>&1 &
done
while pidof lguest >/dev/null; do
	echo 0 >/sys/devices/system/cpu/cpu1/online
	sleep 0.5
	echo 1 >/sys/devices/system/cpu/cpu1/online
	sleep 1
done
cat /tmp/out? | tr -d "\r" | grep -v "Power down" | sort | uniq -c
dmesg | grep -c "CPU 1 is now offline" | sed "s/^/offline /"
dmesg | grep -E "BUG|WARNING|Oops|lguest" | sed "s/^/log /"'
for processor in core2duo max; do
	EXTRA=$scratch/guest CMD=$commands make host SMP=2 MEM=768M CPU=$processor HOSTARGS=preempt=full \
		>"$scratch/said" 2>"$scratch/errors"
	is "$(grep -v '^offline' "$scratch/said")" '     16 1.6449007330
      4 done' "$processor: four Guests at work count right, and the Host's log is clean" || diag "$(cat "$scratch/errors")"
	like "$(cat "$scratch/said")" '^offline ([2-9]|[1-9][0-9]+)$' "$processor: meanwhile a processor went off and on line"
done

done_testing
