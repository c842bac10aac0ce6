#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Launcher as a program among others: started without its three standard files, in the background of a shell, with a
# standard error that is full or closed, short of files, ended by signals of all kinds; and the key that always works.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/paper.sh
. tests/paper.sh
paper_hosts
terminal terminal

# --- files that are not there, or not read

perl -e 'print chr($_) x 512 for 0 .. 63' >"$scratch/image"
before=$(md5sum <"$scratch/image")
"$scratch/paper" --verbose --block="$scratch/image" 16 "$elf" last 0<&- 1>&- 2>&-
is "$? $(md5sum <"$scratch/image")" "0 $before" 'without standard files, what it has to say is not written into a disk'
"$scratch/paper" --verbose --block="$scratch/image" 16 "$elf" echo 0<&- 2>&- >"$scratch/out" &
guest=$!
wait_for hello out
kill -9 $guest
wait $guest 2>/dev/null
is "$(cat "$scratch/out") $(md5sum <"$scratch/image")" "hello $before" 'nor does it read its input from there'

# full FIFO: a pipe that is full, as descriptor 7; nobody reads it.
full()
{
	mkfifo "$1"
	exec 7<>"$1"
	perl -MFcntl -e 'fcntl STDOUT, F_SETFL, O_NONBLOCK; 1 while syswrite STDOUT, "x" x 4096; fcntl STDOUT, F_SETFL, 0' >&7
}

full "$scratch/full"
for paper in paper raced; do
	rm -f "$scratch/out"
	"$scratch/$paper" --verbose 16 "$elf" power </dev/null >"$scratch/out" 2>&7 &
	guest=$!
	wait_for up out
	kill $guest
	wait_for pressed out
	within 60 tail --pid=$guest -f /dev/null || kill -9 $guest
	wait $guest 2>/dev/null
	is "$? $(tr '\n' . <"$scratch/out")" '0 up.pressed.' "$paper: SIGTERM is obeyed though nobody reads standard error"
done
paper=paper
exec 7<&-
"$scratch/paper" 16 "$elf" hang </dev/null >"$scratch/out" 2>"$scratch/err" &
guest=$!
wait_for up out
kill $guest
wait_for 'is asked' err
kill $guest
wait $guest 2>/dev/null
is "$?" 143 'a second SIGTERM ends it'

mkfifo "$scratch/closed"
exec 7<>"$scratch/closed"
exec 8>"$scratch/closed"
exec 7<&-
"$scratch/paper" --verbose 16 "$elf" last </dev/null >"$scratch/out" 2>&8
is "$? $(cat "$scratch/out")" '0 last words' 'a standard error that is closed does not end a Guest'
"$scratch/paper" 16 "$elf" last </dev/null 2>"$scratch/err" >&8
is "$?" 141 'a standard output that is closed does, by SIGPIPE'
"$scratch/paper" 16 "$elf" last </dev/null >&8 2>&8
is "$?" 141 'even if it shares that with standard error'
exec 8>&-

# --- a terminal that is not ours

echo 'type abcdef' >"$scratch/script"
in_terminal sh -c "exec $scratch/paper 16 $elf broken 2>$scratch/err" <"$scratch/script"
is "$(grep -c '^lguest: device console failed' "$scratch/err")" 4 'complaints go into a log while the terminal is raw'
is "$(tr -dc '\r' <"$scratch/err" | wc -c)" 0 'without carriage returns'
said=$(within 60 "$terminal" "$scratch/paper" 16 "$elf" broken 2>&1 <"$scratch/script")
is "$(printf '%s' "$said" | grep -c "lguest: device .*$(printf '\r')\$")" 4 'a raw terminal gets one with each'

for shell in 'bash --norc --noprofile' dash; do
	# shellcheck disable=SC2086 # words
	in_terminal env PS1='ready:' TERM=dumb $shell -i <<END
wait ready:
type $scratch/paper 16 $elf echo &\n
wait hello
type echo sum \$((6*7))\n
wait sum 42
wait ready:
type fg\n
wait echo
rest 1500 1000
type one two.
wait ready:
type $scratch/paper 16 $elf hang &\n
wait up
type kill -STOP %1; until jobs >$scratch/jobs; grep Stop $scratch/jobs >/dev/null; do sleep 0.1; done; echo sto''pped\n
wait stopped
wait ready:
type fg\n
wait hang
rest 1500 1000
type \003\003\003
wait lguest: stopped by ^C
wait ready:
type echo sum \$((6*8))\n
wait sum 48
type exit\n
END
	like "$said" '^status 0$' "${shell%% *}: a Guest in the background, one that was stopped, and both in the foreground" || diag "$said"
	like "$said" 'one two' "${shell%% *}: which takes keys without a newline"
	unlike "$said" 'left raw' "${shell%% *}: and the terminal is the shell's again"
done

# --- signals

for signal in 1 2 3 4 5 6 7 8 11 12 14 15 16 24 26 27 29 30 31 34 50 64; do
	{
		echo wait up
		case $signal in
		15)	printf 'signal 15\nwait lguest:\nsignal 15\n' ;;	# the first one only asks the Guest
		*)	echo "signal $signal" ;;
		esac
	} >"$scratch/script"
	in_terminal "$scratch/paper" 16 "$elf" hang <"$scratch/script"
	is "$(echo "$said" | tail -n 2 | tr '\n' .)" "signal $signal.mended." "killed by signal $signal, the terminal mended" ||
		diag "$said"
done
in_terminal "$scratch/paper" 16 "$elf" power <<'END'
wait up
signal 13
signal 21
signal 22
signal 25
signal 15
wait pressed
END
is "$(echo "$said" | tail -n 2 | tr '\n' .)" 'status 0.mended.' 'SIGPIPE, SIGTTIN, SIGTTOU and SIGXFSZ are errors and not the end'

# --- the button, pressed once

start power-reboot
kill $guest
wait_for again out
sleep 0.2
kill $guest
wait $guest
is "$? $(tr '\n' . <"$scratch/out")" '0 up.pressed.again.pressed.' 'a button is pressed in one life only, and in the next once more'
is "$(grep -c 'is asked to power off' "$scratch/err")" 2 'and SIGTERM asks again'

# --- visitors

start doze --control="$scratch/socket" --console=socket:"$scratch/console"
took=$(within 60 perl -MIO::Socket::UNIX -MTime::HiRes=sleep -e '
	$SIG{PIPE} = "IGNORE";
	my $visitor = IO::Socket::UNIX->new(shift);
	my $n = 0;
	sleep 0.5 while $n++ < 60 && syswrite $visitor, "x";
	print $n < 40 ? "not long" : "too long"' "$scratch/socket")
is "$took" 'not long' 'a visitor has two seconds, however slowly it speaks'
cat >"$scratch/ticks" <<'END'
awk '{ print $14 + $15 }' /proc/$1/stat
END
for socket in socket console; do
	prlimit --pid $guest --nofile=3:
	before=$(sh "$scratch/ticks" $guest)
	within 60 perl -MIO::Socket::UNIX -e '
		my $visitor = IO::Socket::UNIX->new(shift);
		print $visitor "help\n";
		$visitor->shutdown(1);
		print <$visitor>' "$scratch/$socket" >"$scratch/answer" &
	visitor=$!
	sleep 2
	ticks=$(($(sh "$scratch/ticks" $guest) - before))
	[ "$ticks" -lt 20 ]
	ok $? "$socket: no file is left for a visitor, and nobody is busy" || diag "$ticks ticks in two seconds"
	prlimit --pid $guest --nofile=1024:
	wait $visitor
	is "$?" 0 "$socket: and when there is one again, it is let in"
done
like "$(build/launcher/lguest --tell="$scratch/socket" status)" '^console output' 'and heard'
kill -9 $guest
wait $guest 2>/dev/null

# Every command is in the manual.
start hang --control="$scratch/socket"
build/launcher/lguest --tell="$scratch/socket" help | while read -r command rest; do
	sed -n '/^# COMMANDS/,/^# SIGNALS/p' build/src/launcher/lguest.1.md | grep -q "^\\*\\*$command" || echo "$command: $rest"
done >"$scratch/missing"
is "$(cat "$scratch/missing")" '' 'every command is in the manual'
kill -9 $guest
wait $guest 2>/dev/null

# --- the book

for file in build/src/launcher/*.c; do
	grep -q "^\`${file##*/}\` " journey/L-Launcher/100-the-launcher.nw || echo "${file##*/}"
done >"$scratch/missing"
is "$(cat "$scratch/missing")" '' 'L:100 lists every file of the Launcher'

# --- three ^C

escape=$(printf '\033')
for paper in paper raced; do
	in_terminal sh -c "stty raw -echo; exec $scratch/$paper --verbose 16 $elf mute" <<-'END'
		wait Guest of
		type \003\003\003
		wait lguest: stopped by ^C
	END
	like "$said" '^status 1$' "$paper: three ^C before there is a console, on a terminal that is raw already" || diag "$said"
	in_terminal "$scratch/$paper" --verbose 16 "$elf" mute <<-'END'
		wait Guest of
		type \003
	END
	like "$said" '^signal 2$' "$paper: on one that is not, the first" || diag "$said"
	in_terminal "$scratch/$paper" 16 "$elf" deaf <<-'END'
		wait deaf
		type abc
		wait failed
		type \003\003\003
		wait lguest: stopped by ^C
	END
	like "$said" '^status 1$' "$paper: when the Guest has broken its input queue" || diag "$said"
	in_terminal "$scratch/$paper" 16 "$elf" hang <<-END
		wait up
		type \\003${escape}[6;12R\\003${escape}[?1;2c\\003
		wait lguest: stopped by ^C
	END
	like "$said" '^status 1$' "$paper: between answers of the terminal" || diag "$said"
	in_terminal "$scratch/$paper" 16 "$elf" hang <<-END
		wait up
		type \\003${escape}]11;rgb:0/0/0${escape}\\\\\\003${escape}]11;rgb:0/0/0\\003
		wait lguest: stopped by ^C
	END
	like "$said" '^status 1$' "$paper: between longer ones, or within one" || diag "$said"
	in_terminal "$scratch/$paper" 16 "$elf" hang <<-END
		wait up
		type \\003${escape}[Ax\\003\\003
		rest 1200 1000
		type \\003x\\003\\003
		rest 1200 1000
		signal 9
	END
	like "$said" '^signal 9$' "$paper: but not with other keys between them" || diag "$said"
done

done_testing
