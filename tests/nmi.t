#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Non-maskable interrupts rain on a Host whose Guest does nothing but cross the Switcher: each is served, none is deadly.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ -DCASE_crossings \
	-o "$scratch/extra/crossings" tests/hostile/guest.S || exit 1

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
CMD='dmesg -n 1; dmesg -c >/dev/null; echo go
for i in 1 2 3; do lguest 8M /crossings 2>&1; done
echo stop
awk "/NMI:/ { print \"nmis\", \$2 }" /proc/interrupts
dmesg | grep -v "NMI\|Dazed and confused\|callbacks suppressed\|took too long" | sed "s/^/log /"' \
	HOSTEXTRA=$scratch/extra LAB_QEMU="-monitor unix:$scratch/monitor,server=on,wait=off" FLAVOUR=${FLAVOUR:-686} \
	sh build/src/lab/run host 2>"$scratch/errors" | perl "$scratch/rain" "$scratch/monitor" >"$scratch/said"
said=$(cat "$scratch/said")
is "$(printf '%s\n' "$said" | grep -c '^lguest: the Guest died: survived$')" 3 'three Guests cross 300,000 times each' ||
	diag "$(cat "$scratch/errors")"
nmis=$(printf '%s\n' "$said" | sed -n 's/^nmis //p')
[ "${nmis:-0}" -ge 200 ]
ok $? "the Host has served its NMIs ($nmis)"
is "$(printf '%s\n' "$said" | grep '^log ')" '' "and its log speaks of nothing else"

done_testing
