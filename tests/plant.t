#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# An `int $2` at every instruction of the Switcher, one Switcher for each: all NMIs are served, exactly once, and the
# Guests have the registers that they had. Then the same with `int $18`, a machine check. The processor has SMEP and its
# like, so that no instruction is skipped. And traps in the function that is called on a short trip: no tracer can plant
# one there; a bug could, and that takes away nothing but the Guest.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

flavour=${FLAVOUR:-686}
host=$PWD/build/host/$flavour/objects
headers=$(echo "$(cat "build/packages/host-$flavour")"/usr/src/linux-headers-*-"$flavour")
extra=$scratch/extra
mkdir -p "$extra/plants" "$scratch/guest"
# small_guest NAME CASE ROUNDS
small_guest()
{
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "-DCASE_$2" -DCOUNT=0xff964ff4 "-DROUNDS=$3" \
		-o "$extra/plants/$1" tests/hostile/guest.S || exit 1
}
small_guest registers.2 registers 100
small_guest registers.18 registers 10
small_guest code_gone code_gone 1
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
perl tests/plant.pl "$extra/plants/list" <build/read/host/switcher_32.S >"$scratch/planted.S" || exit 1
command=$(sed -n "1s,^[^=]*:= *\\(.*\\) -Wp[^ ]*\\(.*\\) -c -o .*,\\1 \\2 -E -P -o $scratch/planted.s $scratch/planted.S,p" \
	"$host/.switcher_32.o.cmd")
(cd "$headers" && eval "$command") || exit 1
# shellcheck disable=SC2046 # these are words
(cd "$host" && ld -r -m elf_i386 -o "$scratch/rest.o" $(sed 's,.*/,,' lg.mod | grep -vx switcher_32.o) lg.mod.o) || exit 1
plants=$(awk 'END { print NR }' "$extra/plants/list")
# shellcheck disable=SC2016 # for another shell
{ seq -f '2 %.0f' 0 "$plants"; seq -f '18 %.0f' 1 "$plants"; } | xargs -n 64 -P 2 sh -ec '
	scratch=$1 headers=$2 to=$3
	shift 3
	while [ $# -gt 0 ]; do
		as --32 --defsym "PLANT=$2" --defsym "VECTOR=$1" -o "$scratch/$1.$2.o" "$scratch/planted.s"
		ld -r -S -m elf_i386 -z noexecstack --no-warn-rwx-segments -T "$headers/arch/x86/module.lds" \
			-o "$to/$1.$2.ko" "$scratch/rest.o" "$scratch/$1.$2.o"
		rm "$scratch/$1.$2.o"
		shift 2
	done' sh "$scratch" "$headers" "$extra/plants" || exit 1

# The function, with a trap where it holds what others wait for: int3 as a bug would, and a machine check.
command=$(sed -n '1s,^[^=]*:= *\(.*\) -Wp[^ ]* \(.*\) -c -o .*,\1 \2,p' "$host/.page_tables.o.cmd")
for vector in 3 18; do
	sed '/lg_short_fill(/,/^}/s,^\tspte = find_spte(cpu->root\, addr);$,\tasm volatile("int $'$vector'");\n&,' build/read/host/page_tables.c \
		>"$scratch/trapped.c"
	(cd "$headers" && eval "$command -iquote $host -c -o $scratch/trapped.o $scratch/trapped.c") || exit 1
	# shellcheck disable=SC2046 # these are words
	(cd "$host" && ld -r -m elf_i386 -z noexecstack --no-warn-rwx-segments -T "$headers/arch/x86/module.lds" \
		-o "$extra/plants/trip.$vector.ko" $(sed 's,.*/,,' lg.mod | grep -vx page_tables.o) lg.mod.o "$scratch/trapped.o") || exit 1
done
# A debug kernel's complaints about what mustn't happen are calls, too.
function=$(objdump -dr --no-show-raw-insn --disassemble=lg_short_fill "$host/lg.ko" | awk '/__ubsan_/ { last = "" } last { print last }
	{ last = /^ *[0-9a-f]+:/ ? $0 : "" } END { if (last) print last }' | sed 's/^[^:]*://')
like "$function" '^.*ret' 'there is a function for short trips'
is "$(printf '%s\n' "$function" | grep -E 'call|%[efg]s([^a-z]|$)|rep|stos|movs')" '' 'it calls nothing and uses no segments but its own'
is "$(find "$extra/plants" -name '*.ko' | wc -l)" $((2 * plants + 3)) "there are Switchers with a plant at each of $plants instructions"

# shellcheck disable=SC2016 # for the Host's shell
commands='echo 0 >/proc/sys/kernel/printk; dmesg -c >/dev/null
# served VECTOR: how many of them the Host has; of machine checks, which it was told not to look into, since the last time.
served()
{
	case $1 in
	2)	awk "/NMI:/ { print \$2 }" /proc/interrupts ;;
	18)	dmesg -c | tee -a /tmp/log | grep -c "Unexpected int18" ;;
	esac
}
cd /plants
for vector in 2 18; do
	for n in $(seq $((vector == 18)) '$plants'); do
		rmmod lg && insmod $vector.$n.ko || exit
		before=$(served $vector)
		said=$(lguest 8M registers.$vector 2>&1)
		then=$(served $vector)
		[ $vector != 18 ] || before=0
		echo "$vector.$n $((then - before)) ${said#lguest: the Guest died: }"
		if grep -Eq "^$n (always|fault) " list; then
			said=$(lguest 8M code_gone 2>&1)
			now=$(served $vector)
			[ $vector != 18 ] || then=0
			echo "fault $vector.$n $((now - then)) ${said#lguest: the Guest died: }"
		fi
		[ $((n % 48)) -ne 33 ] || echo "linux $vector.$n" $(lguest --initrd=/guest/initrd 32M /guest/vmlinux \
			console=hvc0 loglevel=1 rdinit=/greet </dev/null 2>&1 | grep -v "Power down" | tr -d "\r")
	done
done
served 18 >/dev/null
for vector in 3 18; do
	rmmod lg && insmod trip.$vector.ko || exit
	said=$(timeout 300 lguest 8M registers.18 2>&1)
	echo "trip $vector $? $(served 18) ${said#lguest: the Guest died: }"
done
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
grep -o "lg_.*" /sys/kernel/debug/kprobes/blacklist | sed "s/^/no probe in /"
for function in lg_run_guest lg_short_fill; do
	echo "p lg:$function" 2>/dev/null >/sys/kernel/debug/tracing/kprobe_events
	echo "probe $function $?"
done
echo >/sys/kernel/debug/tracing/kprobe_events
dmesg | cat /tmp/log - | grep -v "NMI\|Dazed and confused\|callbacks suppressed\|lg: \|Unexpected int18\|trace_kprobe: " | sed "s/^/log /"'
HOSTEXTRA=$extra EXTRA=$scratch/guest CMD=$commands FLAVOUR=$flavour HOSTARGS=mce=off make host CPU=max \
	>"$scratch/said" 2>"$scratch/errors"
is $? 0 'a Host tries them all' || diag "$(cat "$scratch/errors")"

like "$(cat "$scratch/said")" '^2.0 0 registers the same, count 0x00000000' 'a Switcher without a plant: no NMI'
# The Host may have served one more than were armed when the Guest looked: an interrupt between that look and its end.
while read -r vector rounds what; do
	while read -r n class line; do
		# shellcheck disable=SC2034 # a rest
		read -r got times text <<END
$(grep "^$vector\.$n " "$scratch/said")
END
		count=$((${text##*count }))
		case $text:$class in
		'registers the same, count '*:always)
			[ "$times" -gt "$rounds" ] && [ $((times - count)) -ge 0 ] && [ $((times - count)) -le 1 ] ;;
		'registers the same, count '*:some)
			[ "$times" -ge $((rounds * 9 / 10)) ] && [ "$times" -lt "$count" ] ;;
		'registers the same, count '*:fault | 'registers the same, count '*:never)
			[ "$times" -eq 0 ] ;;
		*)	false ;;
		esac
		ok $? "$line: the registers are the same after ${times:-no} $what" || diag "$n $class: ${times:-} of $count: $text"
		case $class in
		always | fault) ;;
		*)	continue ;;
		esac
		like "$(grep "^fault $vector\.$n " "$scratch/said")" "^fault $vector\.$n [1-9][0-9]* fault (11|13): bad segment" \
			'and a Guest that faults there dies of just that'
	done <"$extra/plants/list"
done <<'END'
2 100 NMIs
18 10 machine checks
END
is "$(sed -n 's/^linux [0-9.]* //p' "$scratch/said" | sort -u | wc -l)" 1 'Linux boots on some of them'
like "$(cat "$scratch/said")" '^trip 3 1 0 trap 3 in the Switcher$' 'a trap in the function for short trips: the Guest dies, nothing is left locked'
like "$(cat "$scratch/said")" '^trip 18 1 [1-9][0-9]+ registers the same' 'machine checks there: the Host has them, the Guest is none the worse'
like "$(cat "$scratch/said")" '^probe lg_run_guest 0' 'one can plant a probe in the module'
like "$(cat "$scratch/said")" '^probe lg_short_fill 1' 'but not there'
like "$(cat "$scratch/said")" '^no probe in lg_short_fill' 'and the kernel knows why'
is "$(host_log <"$scratch/said")" '' "the Host's log speaks of nothing else"

done_testing
