#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a Guest is to its Host: its time is accounted as Guest time, its Launcher does in time what Linux wants done before a
# task goes back to user mode, and only a Guest that runs costs anything.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir "$scratch/extra"
for name in spin nap; do
	gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Ibuild/src/include -D__ASSEMBLY__ "-DCASE_$name" \
		-o "$scratch/extra/$name" tests/hostile/guest.S || exit 1
done

gcc -m32 -static -O1 -Wall -Wextra -Ibuild/src/include -o "$scratch/extra/limited" tests/limited.c || exit 1

# A limit of processor time is enforced by task work, of which a task in the kernel is told by a flag and nothing else. Then
# one Guest turns on CPU 0 and one sleeps on CPU 1; the Host waits until both are what they shall be.
# shellcheck disable=SC2016 # for the Host's shell
commands='dmesg -c >/dev/null
/limited
taskset 1 lguest 8M /spin &
spins=$!
taskset 2 lguest 8M /nap &
field() { sed "s/^.*) //" "/proc/$spins/stat" | cut -d " " -f $1; }
until [ "$(field 41)" -ge 50 ]; do
	sleep 0.1
	[ "$(field 13)" -lt 3000 ] || break
done
echo "times $(field 41) $(field 12)"
awk "/^cpu0/ { print \"stat\", \$10 }" /proc/stat
until lgstat -1 -g halts | grep -Eq "^halts +1"; do
	sleep 0.1
done
dmesg | grep -v "lg: " | sed "s/^/log /"
echo look
sleep 600'

# At "look", ask QEMU for %cr4 of both processors, again and again for a while: the second has a tenth of a second to think it over.
cat >"$scratch/look" <<'END'
use IO::Socket::UNIX;
use JSON::PP;
sub ask {
    my ($qemu, $request) = @_;
    print $qemu encode_json($request), "\n";
    while (my $line = <$qemu>) {
        my $answer = decode_json($line);
        return $answer->{return} if exists $answer->{return};
    }
    exit;
}
while (my $line = <STDIN>) {
    print $line;
    next unless $line =~ /^look/;
    my $qemu = IO::Socket::UNIX->new($ARGV[0]) or die "QEMU: $!\n";
    ask($qemu, { execute => 'qmp_capabilities' });
    my %registers = (execute => 'human-monitor-command', arguments => { 'command-line' => 'info registers -a' });
    my @global;
    for (1 .. 300) {
        @global = map { hex($_) >> 7 & 1 } ask($qemu, \%registers) =~ /CR4=([0-9a-f]+)/g;
        last if "@global" eq '0 1';
        select undef, undef, undef, 0.1;
    }
    print "global @global\n";
    ask($qemu, { execute => 'quit' });
}
END
CMD=$commands HOSTEXTRA=$scratch/extra SMP=2 LAB_QEMU="-qmp unix:$scratch/monitor,server=on,wait=off" FLAVOUR=${FLAVOUR:-686} \
	sh build/src/lab/run host 2>"$scratch/errors" | perl "$scratch/look" "$scratch/monitor" >"$scratch/said"
said=$(cat "$scratch/said")
like "$said" '^limited by processor time$' 'a Launcher whose processor time is limited meets its limit' || diag "$(cat "$scratch/errors")"
like "$said" '^times ([5-9][0-9]|[0-9]{3,}) ' "a Guest's time is its Launcher's guest_time"
like "$said" '^stat ([5-9][0-9]|[0-9]{3,})$' "and the processor's guest time"
case ${FLAVOUR:-686} in
amd64*)	global='1 1' name='a Host of 64 bits does with global pages all the time' ;;
*)	global='0 1' name='without global pages is the processor with a Guest that runs, not the one with a Guest that sleeps' ;;
esac
is "$(printf '%s\n' "$said" | sed -n 's/^global //p')" "$global" "$name"
is "$(printf '%s\n' "$said" | host_log)" '' "the Host's log has nothing to say"

done_testing
