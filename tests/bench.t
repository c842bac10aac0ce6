#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark: its two halves talk, its report counts right and distrusts a bad ruler, and a short run of the whole
# gives a table whose figures can be true.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset CMD EXTRA HOSTEXTRA GUESTARGS HOSTARGS MEM GUESTMEM SMP CPU TIMEOUT FLAVOUR GUEST LAB_QEMU MAKEFLAGS ROUNDS ROWS OUT

make build/bench/bench build/bench/bench-tiny >&2
ok $? 'the programs are built'
bench=build/bench/bench
lab=build/src/lab

# run ARGUMENT...: run bench; $said is its output, $told its complaints, $status its exit status.
run()
{
	said=$(within 60 $bench "$@" 2>"$scratch/told" </dev/null)
	status=$?
	told=$(cat "$scratch/told")
}

# --- usage

run --help
is "$status $told" '0 ' '--help succeeds'
like "$said" '^Usage: bench ' 'and tells the usage'
unlike "$said" 'world switch' 'in the words of the book: what is counted are exits'
run --list
is "$status $(printf '%s\n' "$said" | tail -n +3)" "0 $(sed -n 's/^\([^# ]*\) .*/\1/p' $lab/bench-rows)" \
	'every row is one of those that we are compared with, and the other way round'
for wrong in '' '--nonsense x' '--rounds=0 x' '--rounds=1001 x' '--rounds=x x' '--rounds=5x x' '--rounds= x' '--rounds=99999999999999999999 x' '--rows=fork,nonsense x'; do
	# shellcheck disable=SC2086 # words
	run $wrong
	is "$status" 2 "usage: bench $wrong"
done

# --- the server, and the driver with another server in the place of the Guest

said=$(printf 'begin fork 2\ngo\nleast\nend\nbegin fault 4\ngo\nend\nquit\n' | within 60 $bench --serve)
is "$? $(printf '%s\n' "$said" | sed 's/ok [1-9][0-9]*/ok N/' | tr '\n' ' ')" '0 ok 0 ok 0 ok N ok N ok 0 ok 0 ok N ok 0 ' 'the server answers each line'
printf 'begin nonsense 2\n' | within 60 $bench --serve >/dev/null 2>&1
is $? 1 'the server knows its rows'
printf 'go\n' | within 60 $bench --serve >/dev/null 2>&1
is $? 1 'and does nothing before begin'
run --rounds=2 --rows='signal,mmap-1M' $bench --serve
is "$status" 0 'the driver measures' || diag "$told"
is "$(printf '%s\n' "$said" | sed 's/ [0-9]* [0-9]* [0-9]* -$/ N/' | sort | uniq -c | sed 's/^ *//')" "$(
	for row in empty loop mmap-1M signal; do
		printf '2 %s guest N\n2 %s native N\n' $row $row
	done
)" 'each row on both sides, twice, and nobody counts exits'
run --rounds=1 --rows=signal false
is "$status $told" '1 bench: no answer any more from: guest' 'a Guest that never answers'
run --rounds=1 --rows=signal sh -c 'echo panic; echo ok 0; read -r line'
is "$status $told" '1 bench: guest: panic
bench: warming up
bench: no answer any more from: guest' 'a Guest that dies, and its last words'
run --rounds=1 --rows=signal /no/such/launcher
is "$status" 1 'no Launcher'

# --- the report

# lines LOOP FORK...: what a boot prints: a thousand instructions in LOOP ns, and a fork in the Guest in each of FORK.
lines()
{
	loop=$1
	shift
	echo '# 6.1, quiet'
	for fork; do
		printf '%s\n' 'empty native 1 10 10 -' 'empty guest 1 10 10 7' "loop native 10 ${loop}0 ${loop}0 -" \
			"loop guest 10 ${loop}0 ${loop}0 0" 'fork native 10 1000000 500000 -' \
			"fork guest 10 ${fork}0 ${fork}0 $((fork / 1000 + 7)) exit_fill $((fork / 2000 + 1)) exit_nmi 0"
	done
}

# report: make a table of $scratch/time and $scratch/insn.
report()
{
	said=$(awk -f $lab/bench-report -v csv="$scratch/csv" $lab/bench-rows "$scratch/time" "$scratch/insn" 2>&1)
	status=$?
}

lines 5 300000 900000 200000 >"$scratch/time"
lines 1000 250000 >"$scratch/insn"
report
is "$status $(cat "$scratch/csv")" '0 row,native_min,native_median,guest_min,guest_median,unit,time_ratio,insn_ratio,exits
fork,50.0000,100.0000,200.0000,300.0000,us,4,2.5,25' 'least, median, ratios, exits less those of asking'
like "$said" '^fork .* not beaten|^fork .* beaten +exits <= 20 +NO$' 'better than the original, and not what is wanted'
lines 1000 700000 >"$scratch/insn"
report
like "$said" '^fork .* not insn exits +exits <= 20 +NO$' 'worse than the original'
lines 1000 150000 >"$scratch/insn"
report
like "$said" '^fork .* beaten +exits <= 20 +yes$' 'what is wanted'
like "$said" '^Host: 6.1, quiet$' 'the conditions'
like "$said" '^exits for +fill$' 'reasons that occurred'
like "$said" '^fork +7.60$' 'and how often'
: >"$scratch/insn"
report
like "$said" '^fork .* 4.00 +- +30.0 +30.0 .* not insn[?] +exits <= 20 +NO$' 'no second boot: exits of the first'
like "$said" 'counted in the only boot,$' 'which is said'
lines 1020 250000 >"$scratch/insn"
report
is "$status" 1 'a clock that does not count instructions: no table'
like "$said" 'a thousand instructions took 1020 ns' 'and why'

# --- all of it, in short

OUT=$scratch/out ROUNDS=1 ROWS='getppid-int80 clock_gettime signal' make bench >"$scratch/table" 2>"$scratch/told"
is $? 0 'make bench' || diag "$(cat "$scratch/told")"
like "$(cat "$scratch/table")" '^Host: .*-686, .*console=ttyS0' 'the table tells the conditions'
is "$(grep -c '^[a-z0-9_-]* .* <= ' "$scratch/table")" 3 'and has three rows'
is "$(head -n 1 "$scratch/out/bench.csv")" \
	'row,native_min,native_median,guest_min,guest_median,unit,time_ratio,insn_ratio,exits' 'the csv has its columns'
is "$(cut -d, -f1 "$scratch/out/bench.csv" | tr '\n' ' ')" 'row getppid-int80 clock_gettime signal ' 'and those rows'
is "$(awk -F, 'NR > 1 && (NF != 9 || $6 != "us")' "$scratch/out/bench.csv")" '' 'of nine fields, in microseconds'
is "$(awk -F, 'NR > 1 && !(0 < $2 && $2 <= $3 && 0 < $4 && $4 <= $5)' "$scratch/out/bench.csv")" '' 'the least is not above the median'
is "$(awk -F, 'NR > 1 && !(0.3 < $8 && $8 < 2)' "$scratch/out/bench.csv")" '' 'none of these costs a Guest twice the instructions'
is "$(awk -F, '$1 == "clock_gettime" && !(0.98 < $8 && $8 < 1.02)' "$scratch/out/bench.csv")" '' \
	'the clock is read with as many instructions as natively: no system call'
is "$(awk -F, '$1 == "getppid-int80" && !($9 != "-" && $9 <= 0.001)' "$scratch/out/bench.csv")" '' 'a system call makes no exit'
is "$(awk -F, '$1 == "signal" && !($9 != "-" && $9 <= 0.01)' "$scratch/out/bench.csv")" '' 'nor does a signal'
is "$(grep -v '^bench: ' "$scratch/told")" '' 'progress is all that is told'

# --- interrupted

mkdir "$scratch/tmp"
: >"$scratch/told"
OUT=$scratch/none ROUNDS=100 TMPDIR=$scratch/tmp sh $lab/bench >/dev/null 2>"$scratch/told" &
running=$!
until grep -q 'warming up' "$scratch/told" || ! kill -0 $running 2>/dev/null; do
	sleep 0.1
done
kill -TERM $running
wait $running
is $? 143 'terminated: says so'
is "$(ls "$scratch/tmp"; ls "$scratch/none" 2>/dev/null)" '' 'leaves no file behind'
tries=0
while pgrep -f "initrd $scratch/tmp" >/dev/null && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
[ $tries -lt 100 ]
ok $? 'nor a machine'

done_testing
