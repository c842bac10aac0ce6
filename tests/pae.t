#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Page tables of two levels and of three, in the Host and in the Guest, in every combination; and NX: data that are called as
# a function run, unless there are three levels on both sides and a processor that can forbid it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -static -O1 -Wall -Wextra -z noexecstack -o "$scratch/extra/nx" tests/nx.c || exit 1
runs='stack: it runs
heap: it runs
data: it runs
page: it runs
page again: it runs
code: it runs
code no more: it runs'
dies='stack: signal 11
heap: signal 11
data: signal 11
page: signal 11
page again: signal 11
code: it runs
code no more: signal 11'

# Memory of which each page is different, forked, written by both sides and compared; then the questions.
# shellcheck disable=SC2016 # for the Guest's shell
commands='uname -r
dd if=/dev/urandom of=/tmp/a bs=64k count=40 2>/dev/null
i=0
while [ $i -lt 4 ]; do
	(cp /tmp/a /tmp/b$i && cat /tmp/b$i | cat | md5sum >/tmp/sum$i; rm /tmp/b$i) &
	i=$((i + 1))
	[ $((i % 2)) -ne 0 ] || wait
done
wait
sort -u /tmp/sum? | wc -l
grep -ow nx /proc/cpuinfo || echo no nx
/nx'
while read -r verb flavour guest processor arguments want; do
	name="$verb: $guest on $flavour, $processor, $arguments"
	said=$(EXTRA=$scratch/extra CMD=$commands make "$verb" "FLAVOUR=$flavour" "GUEST=$guest" "CPU=$processor" \
		"HOSTARGS=$arguments" GUESTMEM=80M MEM=256M 2>"$scratch/errors")
	case $want in
	dies)	answer="nx
$dies" ;;
	*)	answer="no nx
$runs" ;;
	esac
	is "$said" "$(cat "build/guest/$guest/release")
1
$answer" "$name" || diag "$(cat "$scratch/errors")"
done <<'END'
native	686-pae	686-pae	core2duo	x	dies
boot	686	686-pae	core2duo	x	runs
boot	686-pae	686-pae	core2duo	pti=off	dies
boot	686-pae	686-pae	max		pti=on	dies
boot	686-pae	686-pae	pentium3	pti=on	runs
boot	686-pae	686	max		pti=on	runs
END

# With three levels a word of the shadow is two of the machine's. Which half is stored first (H:331), in the functions that do it?
host=$PWD/build/host/686-pae/objects
headers=$(echo "$(cat build/packages/host-686-pae)"/usr/src/linux-headers-*-686-pae)
command=$(sed -n '1s,^[^=]*:= *\(.*\) -Wp[^ ]* \(.*\) -c -o .*,\1 \2,p' "$host/.page_tables.o.cmd")
sed 's/^static .*\(void \(set\|clear\)_spte(\)/noinline \1/' build/read/host/page_tables.c >"$scratch/page_tables.c"
(cd "$headers" && eval "$command -w -iquote $host -c -o $scratch/page_tables.o $scratch/page_tables.c") || exit 1
for function in set_spte clear_spte; do
	echo "$function:$(objdump -dl --no-show-raw-insn --disassemble=$function "$scratch/page_tables.o" | perl -ne '
		$word = /pgtable-3level\.h:/ if /^\S+:\d+/;
		print $1 ? " upper" : " lower" if $word && /\tmovl? +\S+,(0x4)?\(%e/')"
done >"$scratch/order"
is "$(cat "$scratch/order")" 'set_spte: upper lower
clear_spte: lower upper' 'the half with the present bit comes last, and goes first'

done_testing
