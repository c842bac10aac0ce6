#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Entropy and the balloon: on a Host made of paper, with drivers that keep the rules and drivers that do not; and with
# Linux's own drivers, where memory has to come back while the Guest goes on.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# The Launcher on a Host made of paper.
# shellcheck source=tests/paper.sh
. tests/paper.sh
paper_hosts

# play NAME OPTION...: a Guest that plays NAME, with a device.
play()
{
	name=$1
	shift
	said=$(within 60 "$scratch/${paper:-paper}" "$@" 16 "$elf" "$name" 2>"$scratch/err" </dev/null)
	status=$?
	complaint=$(cat "$scratch/err")
}

for paper in paper raced; do
	play dice --rng
	is "$status $said$complaint" '0 ' "$paper: dice fall differently, fill what they should and no more"
	play balloon --balloon=8M
	is "$status $said$complaint" '0 ' "$paper: pages in the balloon and free memory become zeros, all others do not"
	play unfair --balloon --rng
	is "$status $said" '0 all is well' "$paper: 104 broken rules, and each device can be mended"
	is "$(printf '%s\n' "$complaint" | grep -c '^lguest: device .* failed: ') $(printf '%s\n' "$complaint" | wc -l)" '104 104' \
		"$paper: a line for each" || diag "$complaint"
done
paper=paper
printf 'seven, and then more.' >"$scratch/dice"
play drawn --rng="$scratch/dice"
is "$status $said" '0 seven, and then more.' 'dice from a file, that fit into buffers of seven'
is "$complaint" "lguest: $scratch/dice: has ended: the Guest gets no more random bytes from it" 'its end is told once, also after a reset'
mkfifo "$scratch/pipe"
sh -c 'for word in "from " "one " "after " "another."; do printf "$word" >'"$scratch/pipe; sleep 0.2; done" &
said=$(within 60 "$scratch/paper" --rng="$scratch/pipe" 16 "$elf" drawn 2>&1 </dev/null)
is "$? $said" '0 from one after another.' 'dice from a pipe: writers come and go, and an empty one is no end'
wait

# refused STATUS PATTERN NAME OPTION: a command line that makes no sense, or a file that is unfit.
refused()
{
	said=$(within 20 build/launcher/lguest "$4" 16 "$elf" 2>&1 </dev/null)
	is "$?" "$1" "$3: status $1"
	like "$said" "^lguest: $2" "$3: says so"
}

refused 2 "the balloon's SIZE must be like" 'a balloon that is no number' --balloon=x
refused 2 "the balloon's SIZE is larger than MEMORY" 'a balloon larger than the memory' --balloon=17M
refused 3 'cannot open /nowhere: ' 'dice that do not exist' --rng=/nowhere
refused 3 "$scratch: is neither a file nor a device nor a pipe" 'dice that are a directory' --rng="$scratch"

# --- Linux's own drivers. The Guest does what its console says, line by line.

mkdir -p "$scratch/guest" "$scratch/host"
cat >"$scratch/guest/obey" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o size=60M none /tmp
echo begun
while read -r line; do
	eval "$line"
	echo did
done
END
chmod +x "$scratch/guest/obey"
cat >"$scratch/host/checks" <<'END'
mkfifo /in
lguest --control=/c --balloon --rng --initrd=/guest/initrd 64M /guest/vmlinux console=hvc0 loglevel=1 rdinit=/obey </in >/out 2>&1 &
pid=$!
exec 3>/in
count=0
ask() { count=$((count + 1)); echo "$1" >&3; until [ "$(grep -c '^did' /out)" -ge $count ]; do usleep 50000; done; }
tell() { lguest --tell=/c "$@"; }
value() { tell status | sed -n "s/^$1 \([0-9]*\) KB.*/\1/p"; }
look() { echo $1 $(value held) $(awk '/^Pss:/ { sum += $2 } END { print sum }' /proc/$pid/smaps) \
	$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo); }

ask 'echo name $(cat /sys/class/misc/hw_random/rng_current)'
ask 'for i in 1 2 3; do echo drawn $(head -c 16 /dev/hwrng | od -An -tx1); done'
ask 'head -c 8000000 /dev/urandom >/tmp/a; md5sum /tmp/a >/sum; head -c 30000000 /dev/zero >/tmp/b; rm /tmp/b'
look full
tell balloon 30M
until [ "$(value balloon)" = 30720 ]; do usleep 100000; done
look inflated
ask 'md5sum -c /sum; echo meminfo $(sed -n "s/MemFree: *//p" /proc/meminfo)'
echo statistics $(value 'guest free') $(value 'guest total') $(value 'guest available')
tell balloon 0
until [ "$(value balloon)" = 0 ]; do usleep 100000; done
look deflated
ask 'head -c 30000000 /dev/zero >/tmp/b; md5sum /tmp/b; md5sum -c /sum'
look again
ask 'echo 5 >/sys/module/page_reporting/parameters/page_reporting_order; rm /tmp/b'
until [ "$(value held)" -lt 35000 ]; do usleep 100000; done
look reported
tell balloon 64M
until [ "$(value balloon)" -gt 35000 ]; do usleep 100000; done
ask 'md5sum -c /sum; echo killed $(dmesg | grep -c "Out of memory")'
tell balloon 65M
tell balloon x

tell balloon 30M
until [ "$(value balloon)" = 30720 ]; do usleep 100000; done
echo 'reboot -f' >&3
until [ "$(grep -c '^begun' /out)" = 2 ] && [ "$(value balloon)" = 30720 ]; do usleep 100000; done
look reborn
ask 'echo remains $(ls -d /sum /tmp/* 2>/dev/null)'
tell balloon 0
until [ "$(value balloon)" = 0 ]; do usleep 100000; done
echo whole $(value 'guest total')
ask 'head -c 40000000 /dev/zero >/tmp/b; md5sum /tmp/b'
look reused
kill -9 $pid
wait
tr -d '\r' </out
dmesg | sed 's/^/log /'
END

said=$(make host CMD='dmesg -c >/dev/null; sh /checks' HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" 2>"$scratch/err" | tr -d '\r')
is "$(cat "$scratch/err")" '' 'the checks on the Host run'

# line WORD: the rest of the line that begins with it; number WORD N: its Nth word.
line()
{
	printf '%s\n' "$said" | sed -n "s/^$1 //p"
}

number()
{
	line "$1" | cut -d ' ' -f "$2" | grep -x '[0-9][0-9]*' || echo 0
}

is "$(line name)" virtio_rng.0 "the Guest's generator is ours"
is "$(line drawn | grep -Ex '([0-9a-f]{2} ?){16}' | sort -u | wc -l)" 3 'three draws differ'
for n in 1 2; do
	what=$([ $n = 1 ] && echo 'what the Host holds' || echo "the Launcher's share of memory")
	[ $(($(number full $n) - $(number inflated $n))) -gt 20000 ]
	ok $? "$what falls when the balloon grows" || diag "$said"
	[ $(($(number again $n) - $(number deflated $n))) -gt 20000 ]
	ok $? "$what grows when the Guest uses its memory again" || diag "$said"
	[ $(($(number again $n) - $(number reported $n))) -gt 10000 ]
	ok $? "$what falls when the Guest reports what is free" || diag "$said"
done
[ $(($(number inflated 3) - $(number full 3))) -gt 15000 ]
ok $? 'the Host has more memory available' || diag "$said"
is "$(printf '%s\n' "$said" | grep -c '^/tmp/a: OK')" 3 "the Guest's data are what they were"
is "$(printf '%s\n' "$said" | grep '^[0-9a-f]*  /tmp/b$' | head -n 1)" "$(head -c 30000000 /dev/zero | md5sum | cut -d ' ' -f 1)  /tmp/b" \
	'a page that comes back can be used'
difference=$(($(number statistics 1) - $(number meminfo 1)))
[ "$(number statistics 1)" -gt 0 ] && [ $((difference * difference)) -lt 4000000 ]
ok $? "statistics: what is free, within 2 MB of what the Guest's /proc/meminfo says" || diag "$said"
[ "$(number statistics 2)" -gt 55000 ] && [ "$(number statistics 2)" -lt 65536 ] && [ "$(number statistics 3)" -gt 0 ]
ok $? 'statistics: total and available' || diag "$said"
is "$(line killed)" 0 'a balloon as large as the memory kills nobody'
is "$(line remains)" '' 'after a reboot nothing remains of the old Guest'
[ "$(number reborn 1)" -gt 0 ] && [ "$(number reborn 1)" -lt 35000 ]
ok $? 'but its balloon is as large as it was' || diag "$said"
is "$(line whole)" "$(number statistics 2)" 'without it, the Guest has all of its memory'
is "$(printf '%s\n' "$said" | grep '^[0-9a-f]*  /tmp/b$' | tail -n 1)" "$(head -c 40000000 /dev/zero | md5sum | cut -d ' ' -f 1)  /tmp/b" \
	'and can use it'
[ $(($(number reused 1) - $(number reborn 1))) -gt 20000 ]
ok $? 'which comes from the Host' || diag "$said"
like "$said" '^error: SIZE is larger than the memory$' 'a larger one is refused'
like "$said" '^error: SIZE must be ' 'and one that is no number'
is "$(printf '%s\n' "$said" | host_log)" '' 'nothing appears in the log of the Host'

done_testing
