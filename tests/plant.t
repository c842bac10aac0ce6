#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# An `int $2` at every instruction of the Switcher, one Switcher for each: all NMIs are served, exactly once, and the
# Guests have the registers that they had. The processor has SMEP and its like, so that no instruction is skipped.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

flavour=${FLAVOUR:-686}
host=$PWD/build/host/$flavour/objects
headers=$(echo "$(cat "build/packages/host-$flavour")"/usr/src/linux-headers-*-"$flavour")
extra=$scratch/extra
mkdir -p "$extra/plants" "$scratch/guest"
for name in registers code_gone; do
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "-DCASE_$name" -DCOUNT=0xff964ff4 \
		-o "$extra/plants/$name" tests/hostile/guest.S || exit 1
done
cat >"$scratch/guest/greet" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
for i in 1 2 3 4 5 6 7 8; do
	busybox awk 'BEGIN { for (i = 1; i < 3000; i++) x += 1 / (i * i); printf "%.6f\n", x }' | md5sum
done | sort | uniq -c
busybox poweroff -f
END
chmod +x "$scratch/guest/greet"

# Expand the planted source with the command that made the real one, then assemble and link it once for each plant.
perl tests/plant.pl "$extra/plants/list" <build/read/host/switcher.S >"$scratch/planted.S" || exit 1
command=$(sed -n "1s,^[^=]*:= *\\(.*\\) -Wp[^ ]*\\(.*\\) -c -o .*,\\1 \\2 -E -P -o $scratch/planted.s $scratch/planted.S,p" \
	"$host/.switcher.o.cmd")
(cd "$headers" && eval "$command") || exit 1
# shellcheck disable=SC2046 # these are words
(cd "$host" && ld -r -m elf_i386 -o "$scratch/rest.o" $(sed 's,.*/,,' lg.mod | grep -vx switcher.o) lg.mod.o) || exit 1
plants=$(awk 'END { print NR }' "$extra/plants/list")
# shellcheck disable=SC2016 # for another shell
seq 0 "$plants" | xargs -n 32 -P 2 sh -ec '
	scratch=$1 headers=$2 to=$3
	shift 3
	for n; do
		as --32 --defsym "PLANT=$n" -o "$scratch/$n.o" "$scratch/planted.s"
		ld -r -S -m elf_i386 -z noexecstack --no-warn-rwx-segments -T "$headers/arch/x86/module.lds" \
			-o "$to/$n.ko" "$scratch/rest.o" "$scratch/$n.o"
		rm "$scratch/$n.o"
	done' sh "$scratch" "$headers" "$extra/plants" || exit 1
# A debug kernel's complaints about what mustn't happen are calls, too.
function=$(objdump -dr --no-show-raw-insn --disassemble=lg_short_fill "$host/lg.ko" | awk '/__ubsan_/ { last = "" } last { print last }
	{ last = /^ *[0-9a-f]+:/ ? $0 : "" } END { if (last) print last }' | sed 's/^[^:]*://')
like "$function" '^.*ret' 'there is a function for short trips'
is "$(printf '%s\n' "$function" | grep -E 'call|%[efg]s([^a-z]|$)|rep|stos|movs')" '' 'it calls nothing and uses no segments but its own'
is "$(find "$extra/plants" -name '*.ko' | wc -l)" $((plants + 1)) "there are Switchers with a plant at each of $plants instructions"

# shellcheck disable=SC2016 # for the Host's shell
commands='echo 0 >/proc/sys/kernel/printk; dmesg -c >/dev/null
nmis() { awk "/NMI:/ { print \$2 }" /proc/interrupts; }
cd /plants
for n in $(seq 0 '$plants'); do
	rmmod lg && insmod $n.ko || exit
	before=$(nmis)
	said=$(lguest 8M registers 2>&1)
	then=$(nmis)
	echo "$n $((then - before)) ${said#lguest: the Guest died: }"
	if grep -Eq "^$n (always|fault) " list; then
		said=$(lguest 8M code_gone 2>&1)
		echo "fault $n $(($(nmis) - then)) ${said#lguest: the Guest died: }"
	fi
	[ $((n % 48)) -ne 33 ] || echo "linux $n" $(lguest --initrd=/guest/initrd 32M /guest/vmlinux \
		console=hvc0 loglevel=1 rdinit=/greet </dev/null 2>&1 | grep -v "Power down" | tr -d "\r")
done
dmesg | grep -v "NMI\|Dazed and confused\|callbacks suppressed\|lg: " | sed "s/^/log /"'
HOSTEXTRA=$extra EXTRA=$scratch/guest CMD=$commands CPU=max FLAVOUR=$flavour make host >"$scratch/said" 2>"$scratch/errors"
is $? 0 'a Host tries them all' || diag "$(cat "$scratch/errors")"

like "$(cat "$scratch/said")" '^0 0 registers the same, count 0x00000000' 'a Switcher without a plant: no NMI'
# The Host may have served one more than were armed when the Guest looked: an interrupt between that look and its end.
while read -r n class line; do
	# shellcheck disable=SC2034 # a rest
	read -r got nmis text <<END
$(grep "^$n " "$scratch/said")
END
	count=$((${text##*count }))
	case $text:$class in
	'registers the same, count '*:always)	[ "$nmis" -gt 100 ] && [ $((nmis - count)) -ge 0 ] && [ $((nmis - count)) -le 1 ] ;;
	'registers the same, count '*:some)	[ "$nmis" -gt 90 ] && [ "$nmis" -lt "$count" ] ;;
	'registers the same, count '*:fault | 'registers the same, count '*:never)	[ "$nmis" -eq 0 ] ;;
	*)	false ;;
	esac
	ok $? "$line: the registers are the same after ${nmis:-no} NMIs" || diag "$n $class: ${nmis:-} of $count: $text"
	case $class in
	always | fault) ;;
	*)	continue ;;
	esac
	like "$(grep "^fault $n " "$scratch/said")" "^fault $n [1-9][0-9]* fault (11|13): bad segment" 'and a Guest that faults there dies of just that'
done <"$extra/plants/list"
is "$(sed -n 's/^linux [0-9]* //p' "$scratch/said" | sort -u | wc -l)" 1 'Linux boots on some of them'
is "$(host_log <"$scratch/said")" '' "the Host's log speaks of nothing else"

done_testing
