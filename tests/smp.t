#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Guests that compute, fork and pipe on Hosts of both flavours, with and without PTI, with an old processor and with a new
# one, with one, two and four of them: while the Launchers are moved from one to another and the second one comes and goes.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/guest"
cat >"$scratch/guest/toil" <<'END'
#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
j=0
while [ $j -lt 2 ]; do
	i=0
	while [ $i -lt 30 ]; do
		/bin/busybox true &
		i=$((i + 1))
	done
	wait
	dd if=/dev/urandom of=/tmp/a bs=64k count=20 2>/dev/null
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
for n in 1 2 3; do
	lguest --initrd=/guest/initrd 40M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/toil </dev/null >/tmp/out$n 2>&1 &
done
second=/sys/devices/system/cpu/cpu1/online
mask=1 moved=0 steps=0
while pids=$(pidof lguest); do
	for pid in $pids; do
		taskset -p $mask $pid >/dev/null 2>&1 && moved=$((moved + 1))
		mask=$((mask % 2 + 1))
	done
	mask=$((mask % 2 + 1)) steps=$((steps + 1))
	[ ! -e $second ] || [ $((steps % 4)) -ne 0 ] || echo $((steps / 4 % 2)) >$second
	usleep 100000
done
cat /tmp/out? | tr -d "\r" | grep -v "Power down" | sort | uniq -c
dmesg | grep -c "CPU 1 is now offline" | sed "s/^/offline /"
echo moved $moved
dmesg | grep -E "BUG|WARNING|Oops|lguest" | sed "s/^/log /"'
while read -r flavour guest processor number arguments; do
	# A Host that checks itself (W:350) stands for Debian's with its format of page tables.
	case ${FLAVOUR:-} in
	"debug${flavour#686}") flavour=$FLAVOUR ;;
	debug*) continue ;;
	esac
	name="$flavour $arguments, $number of $processor, Guests $guest"
	EXTRA=$scratch/guest CMD=$commands make host "FLAVOUR=$flavour" "GUEST=$guest" "SMP=$number" MEM=512M \
		"CPU=$processor" "HOSTARGS=$arguments" >"$scratch/said" 2>"$scratch/errors" </dev/null
	is "$(grep -v -e '^offline' -e '^moved' -e 'no longer affine' "$scratch/said")" '      6 1.6449007330
      3 done' "$name: three Guests at work count right, and the Host's log is clean" || diag "$(cat "$scratch/errors")"
	[ "$number" -gt 1 ] || continue
	like "$(cat "$scratch/said")" '^offline [1-9]' 'meanwhile a processor went off and on line'
	like "$(cat "$scratch/said")" '^moved ([5-9]|[0-9]{2,})$' 'and the Guests were moved between processors'
done <<'END'
686	686	core2duo	2	preempt=full
686	686-pae	max		4	preempt=full
686-pae	686-pae	max		2	pti=on preempt=full
686-pae	686	core2duo	2	pti=off preempt=full
686	686	pentium3	1	preempt=none
686-pae	686-pae	pentium3	2	pti=on
END

done_testing
