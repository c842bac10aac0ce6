#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A profiler on the Host gets its samples while Guests run. Then non-maskable interrupts rain on Guests that do nothing but
# cross the Switcher, or have page faults and look after their registers: each is served, none is deadly.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
for name in crossings registers; do
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "-DCASE_$name" \
		-o "$scratch/extra/$name" tests/hostile/guest.S || exit 1
done
gcc -m32 -static -O1 -Wall -Wextra -o "$scratch/extra/sampler" tests/sampler.c || exit 1

# From the Host's "go" to its "stop", ask QEMU's monitor for an NMI every millisecond, and drink its answers.
cat >"$scratch/rain" <<'END'
use IO::Socket::UNIX;
$| = 1;
my $child = 0;
while (my $line = <STDIN>) {
    print $line;
    if ($line =~ /^go/ && !($child = fork)) {
        my $monitor = IO::Socket::UNIX->new($ARGV[0]) or die "monitor: $!\n";
        $monitor->blocking(0);
        for (;;) {
            syswrite $monitor, "nmi\n";
            select undef, undef, undef, 0.001;
            1 while sysread $monitor, my $answer, 65536;
        }
    }
    kill 'KILL', $child if $line =~ /^stop/;
}
END

# shellcheck disable=SC2016 # for the Host's shell
CMD='echo 0 >/proc/sys/kernel/printk; dmesg -c >/dev/null
registers() { for i in 1 2 3 4 5 6 7 8; do lguest 8M /registers 2>&1; done; }
registers | /sampler $(awk "/^lg / { print \$6, \$2 }" /proc/modules)
dmesg | sed "s/^/sampled /"
echo go
lguest 8M /crossings 2>&1
registers
echo stop
awk "/NMI:/ { print \"nmis\", \$2 }" /proc/interrupts
dmesg | grep -v "NMI\|Dazed and confused\|callbacks suppressed" | sed "s/^/log /"' \
	HOSTEXTRA=$scratch/extra LAB_QEMU="-monitor unix:$scratch/monitor,server=on,wait=off" FLAVOUR=${FLAVOUR:-686} \
	sh build/src/lab/run host 2>"$scratch/errors" | perl "$scratch/rain" "$scratch/monitor" >"$scratch/said"
said=$(cat "$scratch/said")
is "$(printf '%s\n' "$said" | grep -c '^lguest: the Guest died: registers the same, count 0x00000000$')" 16 \
	'Guests have the registers that they had, eight with a profiler and eight in the rain' || diag "$(cat "$scratch/errors")"
like "$said" '^samples: [0-9]{3,} kernel, [0-9]{2,} module, ' 'the profiler has samples of the kernel, some in lg itself'
like "$said" '^samples: .* [0-9]{2,} guest, ' 'and of the Guests, at their own addresses'
is "$(printf '%s\n' "$said" | grep -E '^sampled .*(BUG|WARNING|Oops|lguest|NMI|perf)')" '' "and the Host's log has no complaint"
is "$(printf '%s\n' "$said" | grep -c '^lguest: the Guest died: survived$')" 1 'a Guest crosses 300,000 times'
nmis=$(printf '%s\n' "$said" | sed -n 's/^nmis //p')
[ "${nmis:-0}" -ge 200 ]
ok $? "the Host has served its NMIs ($nmis)"
is "$(printf '%s\n' "$said" | host_log)" '' "and its log speaks of nothing else"

done_testing
