#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Grading a class (W:442): the sandbox holds whatever is in it, a hostile tree costs only itself, what is known isn't graded
# again, and the table and the page say what there is. With SLURM=1 (make check-classes) Slurm does it, too, with daemons of
# its own on this computer.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
slurm=${SLURM:-}
unset E TREE TREES CSV JSON SLURM MAKEFLAGS

make -s all >"$scratch/all" 2>&1
ok $? 'there is something to grade' || { diag "$(tail -n 5 "$scratch/all")"; done_testing; }
chmod 755 "$scratch"
top=$(pwd -P)
sandbox=$top/build/src/lab/sandbox
class=$scratch/class
mkdir "$class"
state=build/graded/class.$(cd "$class" && pwd -P | cksum | cut -d ' ' -f 1)

# places: print the folders in build/graded that belong to the trees of the class, those that are gone, too.
places()
{
	for log in "$state"/*.log; do
		[ ! -e "$log" ] || printf 'build/graded/%s\n' "$(echo "$top/${log%.log}.tree" | cksum | cut -d ' ' -f 1)"
	done
}

# clear: leave nothing behind in build/graded.
clear()
{
	for place in $(places); do
		rm -rf "$place" "$place.learned" "$place.logs" "$place.lent"
	done
	rm -rf "$scratch" "$state"
}
trap clear EXIT
trap 'exit 1' HUP INT TERM

said=$(PATH=/nowhere "$(command -v perl)" "$sandbox" try 2>&1)
is "$?:$(printf '%s\n' "$said" | head -n 1)" '125:sandbox: bwrap is missing: apt-get install bubblewrap' 'without bwrap: is told'
is "$(make -n grade-all TREES="$class" 2>&1 | grep -Ev 'setup|Nothing to be done')" '' 'make -n grade-all only says what it would do'
if ! said=$(perl "$sandbox" try 2>&1); then
	like "$said" '^sandbox: .*bubblewrap' 'no sandbox here: what to do about it is told'
	mkdir "$class/1"
	cp -a journey "$class/1/"
	said=$(TREES=$class sh build/src/lab/grade-all 2>&1)
	is "$?" 2 'and grade-all refuses' || diag "$said"
	skip 'the sandbox and what is graded in it' 'there can be no sandbox here'
	done_testing
fi

# --- the sandbox

# boxed [OPTION...] SECONDS COMMAND...: run it in the sandbox; what it prints is $said, its status $status.
boxed()
{
	perl "$sandbox" "$@" >"$scratch/boxed" 2>&1 </dev/null
	status=$?
	said=$(tail -c 1000 "$scratch/boxed" | tr -d '\0')
}

cd "$class" || exit 1
boxed -r "$class" 10 sh -c 'echo out; echo err >&2; exit 7'
is "$status:$said" "7:out
err" 'its output and its status come out'
export SECRET=secret
boxed -r "$class" 10 sh -c 'exec 2>&1; cat /etc/shadow; ls /home "$1"; env | grep SECRET; touch x /x /usr/x; echo >/dev/x; echo done' - "$top"
is "$(printf '%s\n' "$said" | grep -Evc 'No such file|cannot (access|touch|create)|^done$')" 0 'it sees no home, no environment, and can write nowhere' ||
	diag "$said"
boxed -r "$class" 10 sh -c 'tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d " "; ls -d /proc/[0-9]* | wc -l'
like "$said" '^lo$' 'it has no network but its own'
is "$(printf '%s\n' "$said" | grep -cv '^lo$')" 1 'and sees no process but its own' || diag "$said"
mkdir "$scratch/w"
boxed -r "$class" -w "$scratch/w" 10 sh -c 'echo text >"$1/file"; setsid sh -c "sleep 3; touch $1/late" >/dev/null 2>&1 &' - "$scratch/w"
is "$status:$(cat "$scratch/w/file")" 0:text 'it writes where it may'
sleep 4
[ ! -e "$scratch/w/late" ]
ok $? 'whatever it has started ends with it'

# ends NAME STATUS PATTERN COMMAND...: in a sandbox of two seconds the command ends like this, and soon.
ends()
{
	name=$1 wanted=$2 pattern=$3
	shift 3
	start=$(date +%s)
	boxed -r "$class" -w "$scratch/w" 2 "$@"
	is "$status:$(printf '%s\n' "$said" | grep -Ec "$pattern")" "$wanted:1" "$name: is ended, and why is told" || diag "$said"
	[ $(($(date +%s) - start)) -le 30 ]
	ok $? "$name: soon"
}

ends 'a sleeper' 124 'more than 2 seconds' sleep 100
ends 'one that has closed its output' 124 'more than 2 seconds' sh -c 'exec >/dev/null 2>&1; sleep 100'
ends 'a fork bomb' 124 'more than 2 seconds' perl -e 'while (1) { fork }'
ends 'endless output' 125 'MB of output' yes
ends 'many that take memory' 125 'MB of memory' perl -e 'fork for 1 .. 5; my $x = "x" x 2e8; sleep 9'
ends 'a giant file' 153 'imit exceeded' sh -c 'truncate -s 1G "$1/giant"' - "$scratch/w"
rm -rf "$scratch/w"
mkdir "$scratch/w"
ends 'a full disk' 125 'MB of disk' sh -c 'for i in 1 2 3 4 5 6; do fallocate -l 500M "$1/$i"; done; sleep 9' - "$scratch/w"
rm -rf "$scratch/w"
cd "$top" || exit 1

# --- a class, each of which has something to hide

# tree NAME: a new tree of the class, $tree.
tree()
{
	tree=$class/$1
	mkdir -p "$tree"
	cp -a journey "$tree/"
	chapter=$tree/journey/L-Launcher/170-command-line.nw
	kbuild=$tree/journey/H-Host/000-module.nw
}

# answers TASK ANSWER: give this answer in $tree.
answers()
{
	for patch in "tests/exercises/$1/start.patch" "tests/exercises/$1/$2.patch"; do
		[ ! -e "$patch" ] || patch -s -p1 -F0 --no-backup-if-mismatch -d "$tree" <"$patch"
	done
}

# grade_all [VARIABLE=VALUE...]: grade the class; what is said is $said, the status $status.
grade_all()
{
	said=$(env TREES="$class" CSV="$scratch/class.csv" E=L2 "$@" sh build/src/lab/grade-all 2>&1 </dev/null)
	status=$?
}

# row NAME: print the line of the table for this tree, from the third field on.
row()
{
	grep "^\"$1\"," "$scratch/class.csv" | cut -d , -f 3-6 | tr -d '"'
}

escaped=$scratch/escaped
tree one/1
answers L2 solution
tree two/1
answers L2 wrong-twice
tree "=2'+\"<b>
3"
answers L2 wrong-twice
tree bomb
answers L2 solution
sed -i "s,^obj-m .*,&\n\$(shell touch $escaped; while :; do sh -c 'yes \& yes \& sleep 1' \& done)," "$kbuild"
tree rule
answers L2 solution
printf '\n<<[[lab/build.mk]] rules>>=\nall: escape\nescape:\n\ttouch %s\n@\n\n<<lab/extra>>=\n#!/bin/sh\n@\n' "$escaped" >>"$chapter"
tree objects
answers L2 solution
# shellcheck disable=SC2016 # make's dollar
printf '\n<<guest/scripts/lguest/Makefile>>=\nobj-y := a.o\n@\n\n<<guest/scripts/basic/fixdep.c>>=\nint main(void) { return 1; }\n@\n\n<<host/nothing.c>>=\nint lg_nothing;\n@\n' >>"$kbuild"
sed -i 's/^lg-y := /lg-y := nothing.o /' "$kbuild"
tree dots
printf '\n<<../../../escaped>>=\n@\n' >>"$chapter"
tree link
ln -sf /etc/passwd "$chapter"
tree giant
rm "$chapter"
truncate -s 5G "$chapter"
tree quoted
answers L2 solution
printf '\n<<launcher/quoted.c>>=\n#include "%s"\n@\n' "$top/README" >>"$chapter"
tree parts
mv "$tree/journey" "$tree/elsewhere"
ln -s elsewhere "$tree/journey"
ln -s one/1 "$class/borrowed"
mkdir "$class/empty"
echo list >"$class/list.txt"
tree fifo
rm "$tree/journey/order"
mkfifo "$tree/journey/order"

grade_all
is "$status" 1 'some of a class cannot be graded' || diag "$said"
is "$(row one/1)" 4,4,full, 'the right answer has its points'
is "$(row two/1)" '0,4,not yet,twice' 'the wrong one, of the same name, has its own'
like "$(cat "$scratch/class.csv")" "^\"'=2'[+]\"\"<b>.x0a3\",\"L2\",\"0\",\"4\",\"not yet\",\"twice\"" 'an odd name is no formula, nor two lines'
is "$(row bomb):$(row rule)" 4,4,full,:4,4,full, 'Kbuild and rules for make are ours, and the rest is graded'
like "$(cat "$state"/*.log)" '^host/Kbuild is ours' 'which is told'
is "$(row objects)" 4,4,full, 'one more object is no command'
like "$(cat "$state"/*.log)" '^guest/scripts/lguest/Makefile is ours' 'but a makefile elsewhere is not taken'
like "$(cat "$state"/*.log)" '^guest/scripts/basic/fixdep.c is ours' 'nor is what the build of Linux executes'
is "$(row dots)" '0,4,not yet,build' 'a chunk that leads out of the tree is not tangled'
is "$(row link):$(row giant)" '0,4,not yet,build:0,4,not yet,build' 'a chapter that is a link, or a giant, is none'
is "$(row quoted)" '0,4,not yet,build' 'a file of ours cannot be included'
unlike "$(cat "$state"/*.json)" 'The lguest Journey|root:x' 'and nothing of it is in the results'
is "$(row parts):$(row borrowed):$(row empty):$(row list.txt):$(row fifo)" \
	'0,0,not graded,failed:0,0,not graded,link:0,0,not graded,none:0,0,not graded,file:0,0,not graded,failed' 'what is no tree is told'
[ ! -e "$escaped" ]
ok $? 'nobody has escaped'
page=$(cat "$scratch/class.html")
is "$(tidy -q -e "$scratch/class.html" 2>&1)" '' 'the page is HTML'
like "$page" '<h3>L2, twice: 2</h3>' 'it counts wrong answers'
like "$page" '<th scope="row">=2.[+]&quot;&lt;b&gt;.x0a3</th>' 'and quotes names'
unlike "$page" 'https?://|<script' 'it needs no network and no script'
like "$page" '170-command-line.nw:[0-9]+: file name' 'it has what could not be built'

# --- again

start=$(date +%s)
grade_all
is "$(printf '%s\n' "$said" | grep -c 'points, as before')" 10 'what is known is not graded again' || diag "$said"
echo 'Another word.' >>"$class/one/1/journey/H-Host/700-observing.nw"
rm -rf "$class/dots" "$class/link" "$class/giant" "$class/quoted" "$class/rule" "$class/objects" "$class/bomb" "$class/parts" "$class/fifo"
grade_all
is "$(printf '%s\n' "$said" | grep -c 'points, as before'):$(row one/1)" 2:4,4,full, 'but a tree that has changed is' || diag "$said"
said=$(TREES=$scratch/nowhere sh build/src/lab/grade-all 2>&1)
is "$?:$said" "2:grade-all: TREES=$scratch/nowhere: there is no such folder" 'no such folder'
grade_all E=Z9
is "$status:$said" '2:there is no exercise Z9; make exercises lists them' 'no such exercise'

# --- interrupted

known=$(find "$state" -name '*.print' | wc -l)
echo 'And another.' >>"$class/one/1/journey/H-Host/700-observing.nw"
echo 'And another.' >>"$class/two/1/journey/H-Host/700-observing.nw"
env TREES="$class" CSV="$scratch/class.csv" E=L2 JOBS=2 sh build/src/lab/grade-all >"$scratch/said" 2>&1 &
started=$!
tries=0
until [ "$(find "$state" -name '*.print' | wc -l)" -lt "$known" ] || [ $((tries += 1)) -gt 300 ]; do
	sleep 0.1
done
kill "$started"
ok $? 'it can be interrupted'
wait "$started" 2>/dev/null
sleep 3
is "$(grep -lsa "TREE=$state" /proc/[0-9]*/environ)" '' 'nothing of it goes on'
grade_all
is "$status:$(row one/1):$(row two/1)" '1:4,4,full,:0,4,not yet,twice' 'and started again it finishes' || diag "$said"

# --- Slurm

[ -n "$slurm" ] || done_testing
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null || [ "$(id -u)" -ne 0 ]; then
	skip 'Slurm' 'it takes the packages slurm-wlm and munge, and root'
	done_testing
fi
slurm=$scratch/slurm
mkdir -p "$slurm/state" "$slurm/spool"
dd if=/dev/urandom of="$slurm/key" bs=1024 count=1 2>/dev/null
chmod 400 "$slurm/key"
chmod 755 "$slurm"
node=$(hostname -s)
cat >"$slurm/slurm.conf" <<END
ClusterName=journey
SlurmctldHost=$node(127.0.0.1)
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.socket
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
END
export SLURM_CONF="$slurm/slurm.conf"

# slurm_ends: end the daemons that were started here.
slurm_ends()
{
	for pid in "$slurm"/*.pid; do
		[ ! -s "$pid" ] || kill "$(cat "$pid")" 2>/dev/null
	done
	sleep 1
}
trap 'slurm_ends; clear' EXIT
munged --force --socket="$slurm/munge.socket" --key-file="$slurm/key" --pid-file="$slurm/munge.pid" --log-file="$slurm/munge.log" \
	--seed-file="$slurm/seed" >"$slurm/said" 2>&1 && slurmctld -L "$slurm/slurmctld.log" >>"$slurm/said" 2>&1 &&
	slurmd -L "$slurm/slurmd.log" >>"$slurm/said" 2>&1
ok $? 'daemons of our own start' || diag "$(cat "$slurm/said")"
tries=0
until sinfo -h -o %t 2>/dev/null | grep -q idle || [ $((tries += 1)) -gt 30 ]; do
	sleep 1
done
echo 'A third.' >>"$class/one/1/journey/H-Host/700-observing.nw"
rm -f "$scratch/class.csv"
grade_all SLURM=1
is "$status:$(row one/1):$(row two/1)" '1:4,4,full,:0,4,not yet,twice' 'a job array grades the class, too' ||
	diag "$said" "$(tail -n 5 "$slurm"/*.log)"
like "$said" '^grade-all: 3 of 3: ' 'and its lines are seen'
done_testing
