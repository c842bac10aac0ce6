#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Consoles: keys, sizes and signals of a terminal, sockets and pseudo-terminals, clients that come and go or sleep, drivers
# that break the rules; first on a Host made of paper, then with Linux in the Guest.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# --- on paper

# shellcheck source=tests/paper.sh
. tests/paper.sh
mkdir -p "$scratch/host/bin"
terminal host/bin/terminal
paper_hosts

for paper in paper raced; do
	lguest="$scratch/$paper --console=socket:$scratch/socket 16 $elf"
	# shellcheck disable=SC2086 # words
	in_terminal $lguest clients <<-EOF
		wait ready
		connect $scratch/socket
		say one\n
		hear one
		size 20 30
		hangup
		connect $scratch/socket
		say two\n
		hear two
		deaf
		say three.
		wait flood
		rest 2500 2500
		flood 4095000
		wait over
	EOF
	like "$said" '^status 0$' "$paper: two clients, the second late for four megabytes, which it gets" || diag "$said"
	# shellcheck disable=SC2086 # words
	in_terminal $lguest stuck <<-EOF
		wait ready
		connect $scratch/socket
		deaf
		say x
		wait goodbye
	EOF
	like "$said" '^status 0$' "$paper: a client that does not read stops neither another console, nor a reset, nor power-off" ||
		diag "$said"
	# shellcheck disable=SC2086 # words
	in_terminal $lguest patient <<-EOF
		wait ready
		connect $scratch/socket
		deaf
		say x
		wait stuck
		rest 1500 1500
		signal 10
		wait socket: 0 bytes were taken by nobody
		signal 15
		wait free
	EOF
	like "$said" '^status 0$' "$paper: when the power button is pressed, nobody waits for it" || diag "$said"
	# shellcheck disable=SC2086 # words
	in_terminal $lguest patient <<-EOF
		wait ready
		connect $scratch/socket
		deaf
		say x
		wait stuck
		hangup
		wait free
		signal 10
		wait bytes were taken by nobody
		signal 15
	EOF
	like "$said" 'socket: [1-9][0-9]* bytes were taken by nobody' "$paper: what a client leaves is counted" || diag "$said"
	like "$said" '^status 0$' "$paper: and the Guest goes on"
	# shellcheck disable=SC2086 # words
	in_terminal $lguest neighbours <<-EOF
		wait ready
		connect $scratch/socket
		say keys
		wait good night
	EOF
	like "$said" '^status 0$' "$paper: nonsense in each queue of a second console" || diag "$said"
	is "$(echo "$said" | grep -c "^lguest: device socket:$scratch/socket failed: ")" 22 "$paper: a line for each kind"
done
in_terminal "$scratch/paper" --console=pty 16 "$elf" fickle </dev/null
like "$said" '^calm$' 'a console whose descriptors change all the time is served or fails'
is "$(echo "$said" | grep '^lguest: device' | grep -vc '^lguest: device pty failed: output queue: ')" 0 'and nothing else happens'

in_terminal "$scratch/paper" "--console=file:$scratch/log" 16 "$elf" log </dev/null
in_terminal "$scratch/paper" "--console=file:$scratch/log" 16 "$elf" log </dev/null
is "$(cat "$scratch/log")" 'a line
a line' 'a log grows'

for signal in 1 2 3 15 11; do
	{
		echo wait up
		[ $signal != 15 ] || printf 'signal 15\nwait lguest:\n'	# the first one only asks the Guest
		echo signal $signal
	} >"$scratch/script"
	in_terminal "$scratch/paper" 16 "$elf" hang <"$scratch/script"
	is "$(echo "$said" | tail -n 2 | tr '\n' .)" "signal $signal.mended." "killed by signal $signal, the terminal mended" ||
		diag "$said"
done
in_terminal "$scratch/paper" 16 "$elf" nowhere </dev/null
is "$(echo "$said" | tail -n 2 | tr '\n' .)" 'status 1.mended.' 'the same when the Guest dies'
in_terminal sh -c "exec $scratch/paper 16 $elf hang </dev/null" <<EOF
wait up
rest 1500 100
signal 1
EOF
like "$said" '^signal 1$' 'at the end of its input a Launcher rests' || diag "$said"

# refuses PATTERN NAME OPTION: a console that cannot be.
refuses()
{
	said=$(within 20 build/launcher/lguest --console="$3" 16 "$elf" 2>&1 </dev/null)
	like "$? $said" "$1" "$2"
}

refuses '^2 lguest: a console is pty, socket:PATH or file:PATH' 'no kind of console' ttyS0
refuses '^3 lguest: cannot open /none/log: No such' 'no folder for a log' file:/none/log
refuses '^3 lguest: cannot make the socket /none/socket: No such' 'a folder that is not there' socket:/none/socket
refuses '^3 lguest: .*: is too long' 'a name that is too long' "socket:$(printf '/%0108d' 0)"
: >"$scratch/file"
refuses '^3 lguest: .*/file: is there and is not a socket' 'a file in the place of a socket' "socket:$scratch/file"
[ -f "$scratch/file" ]
ok $? 'which is left alone'
for life in first second; do
	in_terminal "$scratch/paper" "--console=socket:$scratch/stale" 16 "$elf" hang <<-EOF
		wait up
		signal 9
	EOF
	is "$(echo "$said" | tail -n 2 | head -n 1) $(stat -c %F "$scratch/stale")" 'signal 9 socket' "a $life Launcher at a socket" ||
		diag "$said"
done

# --- with Linux

cat >"$scratch/host/one" <<'EOF'
#!/bin/sh
exec lguest --console=socket:/socket --console=pty --initrd=/guest/initrd 64M /guest/vmlinux console=hvc0 loglevel=1
EOF
chmod +x "$scratch/host/one"
cat >"$scratch/host/script" <<'EOF'
size 33 111
wait guest:/#
type stty size\n
wait 33 111
rest 1000 300
type N=now; sh -c "trap 'echo resized; stty size; exit' WINCH; echo ready $N; while :; do sleep 0.1; done"\n
wait ready now
size 44 55
wait resized
wait 44 55
type sh -c "echo ready $N; sleep 1000"\n
wait ready now
type \003
type echo still $N\n
wait still now
connect /socket
type setsid getty -n -l /bin/sh 0 hvc1 &\n
hear #
say \necho hel""lo $((6*7))\n
hear hello 42
say head -c 200000 /dev/zero\n
flood 200000
hangup
connect /socket
say \necho again $((6*7))\n
hear again 42
deaf
say head -c 2000000 /dev/zero; echo over >/dev/hvc0\n
rest 2500 10000
flood 2000000
wait over
deaf
say head -c 1000000 /dev/zero; echo over >/dev/hvc0\n
rest 1500 10000
hangup
wait over
type head -n 1 </dev/hvc2 & sleep 0.5; echo to screen >/dev/hvc2\n
connect /dev/pts/1
hear to screen
say from pty\n
wait from pty
hangup
type reboot -f\n
wait (ash)
wait guest:/#
type stty size\n
wait 44 55
type cat /dev/hvc1\n
connect /socket
say a second life\n
wait a second life
type \003\003\003
EOF

# A kernel that has nothing to wait for gets to /init before its console is there, unless somebody sees to it (D:125).
mkdir "$scratch/guest"
printf '%s\n' '#!/bin/sh' 'echo heard' 'exec /bin/busybox poweroff -f' >"$scratch/guest/early"
chmod +x "$scratch/guest/early"
said=$(EXTRA=$scratch/guest CMD='for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	lguest --initrd=/guest/initrd 32M /guest/vmlinux console=hvc0 loglevel=1 initramfs_async=0 rdinit=/early </dev/null; done
	timeout 300 lguest --initrd=/guest/initrd 32M /guest/vmlinux console=ttyS9 loglevel=1 rdinit=/early </dev/null
	echo "without $?"' make host 2>"$scratch/errors")
is "$(printf '%s\n' "$said" | grep -c '^heard')" 12 'a Guest that has nothing to wait for has a console in /init' ||
	diag "$said" "$(cat "$scratch/errors")"
like "$said" '^without 0$' 'and one that was told to use another console does not wait for it for ever'

# Guests that do not hear the power button: one whose /sbin/poweroff has other plans, and one with interrupts off for ever.
cat >"$scratch/host/deaf" <<'EOF'
wait guest:/#
type mkdir -p /sbin; rm -f /sbin/poweroff; echo '#!/bin/sh' >/sbin/poweroff; chmod +x /sbin/poweroff\n
type echo 'echo i wo""nt >/dev/console' >>/sbin/poweroff; echo pre""pared\n
wait prepared
signal 15
wait lguest: the Guest is asked to power off
wait i wont
type echo still here $((6*7))\n
wait still here 42
signal 15
EOF
cat >"$scratch/host/spinning" <<'EOF'
wait lguest: Guest of
signal 15
wait lguest: the Guest is asked to power off
rest 1000 100000
signal 15
EOF
gcc -m32 -nostdlib -static -Wl,-T,tests/hostile/guest.ld -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
	-Ibuild/src/include -D__ASSEMBLY__ -DCASE_spin -o "$scratch/host/spin" tests/hostile/guest.S >"$scratch/compiler" 2>&1
ok $? 'a Guest that spins compiles' || diag "$(cat "$scratch/compiler")"
said=$(HOSTEXTRA=$scratch/host CMD='terminal lguest --initrd=/guest/initrd 32M /guest/vmlinux console=hvc0 loglevel=1 </deaf
	terminal lguest --verbose 8M /spin </spinning' TIMEOUT=120 make host 2>&1 | tr -d '\r\0')
is "$(echo "$said" | grep -A 1 '^signal' | tr '\n' .)" 'signal 15.mended.--.signal 15.mended.' \
	'a second SIGTERM stops Guests that do not hear the first, and mends the terminal' || diag "$said"

said=$(HOSTEXTRA=$scratch/host CMD='terminal /one </script; stat -c %a /socket' TIMEOUT=120 make host 2>&1 | tr -d '\r\0')
like "$said" '^status 1$' 'sizes, keys, rest, two clients, a pseudo-terminal, a reboot, and three ^C' || diag "$said"
like "$said" 'lguest: stopped by \^C$' 'stop it'
like "$said" '^mended$' 'and the terminal is mended'
like "$said" '^600$' "a socket is its owner's"

done_testing
