#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The exercises that are graded (W:400): each has a check, a solution and wrong answers, which still apply to the
# chapters; the solution has full points, what nobody has touched has none, and each wrong answer is answered with the
# words that are meant for it. That takes a boot each: here it is done for a few, and for all with EXERCISES=all (make
# check-exercises), or EXERCISES='H1 S1/solution'; then JOBS at a time (as many as there are processors).
# And the commands: a tree to learn in, the list, hints, and what grade says when it can't.
[ -z "${EXERCISES:-}" ] || TAP_LONGER=12
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset E TREE JSON MAKEFLAGS
# These answers are our own. With GRADE_SANDBOX=yes they are built and run like a stranger's (W:442), which takes longer.
export GRADE_SANDBOX="${GRADE_SANDBOX:-none}"

make -s all >"$scratch/all" 2>&1
ok $? 'there is something to grade' || { diag "$(tail -n 5 "$scratch/all")"; done_testing; }
tree=$scratch/tree
lanes=
trap 'clear; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# clear: end the lanes, and remove the places in which our trees were graded (W:420).
clear()
{
	# shellcheck disable=SC2086 # a number each
	[ -z "$lanes" ] || kill $lanes 2>/dev/null
	for tree in "$scratch"/tree*; do
		[ -d "$tree" ] || continue
		place=build/graded/$(cd "$tree" && pwd | cksum | cut -d ' ' -f 1)
		rm -rf "$place" "$place.learned" "$place.logs" "$place.lent"
	done
}

# fresh [FILE...]: let $tree be the chapters as they are; or these of them.
fresh()
{
	mkdir -p "$tree"
	rm -rf "$tree/journey"
	[ $# -gt 0 ] || set -- journey
	cp -a --parents "$@" "$tree/"
}

# applies TASK ANSWER: put its patch on $tree, and before it what the exercise begins with; before one that is nearly right,
# the solution.
applies()
{
	[ "$2" != untouched ] || return 0
	[ ! -e "tests/exercises/$1/start.patch" ] || patched "tests/exercises/$1/start.patch" || return
	case $2 in
	start)	return ;;
	nearly-*) patched "tests/exercises/$1/solution.patch" || return ;;
	esac
	patched "tests/exercises/$1/$2.patch"
}

# wrong_answers TASK: print their names, a line each.
wrong_answers()
{
	find "tests/exercises/$1" -name 'wrong-*.patch' -o -name 'nearly-*.patch' | sed 's,.*/,,; s/[.]patch$//' | LC_ALL=C sort
}

# word ANSWER: what the wrong answer is to be told, by name.
word()
{
	word=${1#*-}
	echo "${word%%.*}"
}

# patched PATCH: put it on $tree.
patched()
{
	patch -s -p1 -F0 --no-backup-if-mismatch -d "$tree" <"$1" >"$tree/patch" 2>&1
}

# grade TASK RESULT: grade $tree. In the folder RESULT is what was printed (said, told), the status, and the results (json).
grade()
{
	mkdir -p "$2"
	E=$1 TREE=$tree JSON=$2/json sh build/src/lab/grade >"$2/said" 2>"$2/told"
	echo $? >"$2/status"
	look "$2"
}

# look RESULT: what was printed is $said, its status $status.
look()
{
	result=$1
	said=$(cat "$result/said")
	status=$(cat "$result/status")
}

# result KEY: print what the JSON says for the only exercise.
result()
{
	perl -CO -MJSON::PP -e 'local $/; open my $in, "<", $ARGV[1] or die; print decode_json(<$in>)->{exercises}[0]{$ARGV[0]} // ""' "$1" "$result/json"
}

# --- what there is

# shellcheck source=/dev/null
. build/src/lab/tasks
tasks >"$scratch/tasks"
is "$(cut -f 1 "$scratch/tasks" | sort -u | wc -l)" "$(wc -l <"$scratch/tasks")" 'each number is given once'
is "$(awk -F '\t' '{ part = substr($1, 1, 1); n = substr($1, 2) + 0; if (n != ++last[part]) print $1; if (index($5, "journey/" part "-") != 1) print $5 }' \
	"$scratch/tasks")" '' 'they ascend in each part, and stand in it'
is "$(awk -F '\t' '$2 !~ /^[1-9][0-9]?$/ || $3 !~ /^[1-9][0-9]*$/ || $4 !~ /^(easy|medium|hard|weekend)$/ || $6 == ""' "$scratch/tasks")" \
	'' 'each has points, minutes, a level and a title'
is "$(cut -f 1 "$scratch/tasks" | sort)" "$(find tests/exercises -mindepth 1 -maxdepth 1 -type d | sed 's,.*/,,' | sort)" \
	'each has a folder in tests/exercises, and there is no other'
while read -r task rest; do
	[ -s "tests/exercises/$task/check" ]
	ok $? "$task has a check"
	[ "$(wrong_answers "$task" | wc -l)" -ge 2 ]
	ok $? "$task has two or more wrong answers"
	hints "$(printf '%s' "$rest" | cut -f 4)" 1 >/dev/null
	ok $? "$task has a hint"
	touched=$(sed -n 's,^--- a/,,p' "tests/exercises/$task/"*.patch | sort -u)
	for answer in solution $(wrong_answers "$task"); do
		# shellcheck disable=SC2086 # a word for each
		fresh $touched
		applies "$task" "$answer"
		ok $? "$task: $answer applies to the chapters" || diag "$(cat "$tree/patch")"
		name=$(word "$answer")
		[ "$answer" = solution ] || [ "$name" = build ] ||
			grep -Eq "(wrong|mistake|expect|if_it_dies) $name " "tests/exercises/$task/check"
		ok $? "$task: its check knows the name of $answer"
	done
done <"$scratch/tasks"

# --- solutions pass, wrong answers are explained

# answers TASK [ANSWER...]: put these answers to the exercise on the list $scratch/answers (none = all, and what nobody has
# touched).
answers()
{
	task=$1
	shift
	[ $# -gt 0 ] || {
		set -- untouched solution
		[ ! -e "tests/exercises/$task/start.patch" ] || set -- untouched start solution
		# shellcheck disable=SC2046 # a word for each
		set -- "$@" $(wrong_answers "$task")
	}
	printf "$task %s\n" "$@" >>"$scratch/answers"
}

# lane NUMBER: in a tree of our own, grade one answer after the other of those that nobody has taken from the list yet, and
# print a line when one is done.
lane()
{
	tree=$scratch/tree.$1
	while
		next=$(flock "$scratch/turn" sh -c 'head -n 1 "$1"; sed -i 1d "$1"' sh "$scratch/left")
		[ -n "$next" ]
	do
		task=${next% *} answer=${next#* }
		begun=$(date +%s)
		graded=$scratch/graded/$task/$answer
		mkdir -p "$graded"
		fresh
		applies "$task" "$answer" || cp "$tree/patch" "$graded/unpatched"
		grade "$task" "$graded"
		echo $(($(date +%s) - begun)) >"$graded/seconds"
		echo "$next"
	done
}

# proves TASK ANSWER: what was said about this answer is what it deserves.
proves()
{
	task=$1 answer=$2
	[ ! -e "$scratch/graded/$task/$answer/unpatched" ] || diag "$(cat "$scratch/graded/$task/$answer/unpatched")"
	look "$scratch/graded/$task/$answer"
	note "$(printf '%s\n' "$said" | head -n 30)"
	case $answer in
	solution)
		is "$status:$(result result)" 0:full "$task: the solution has full points" || diag "$said" "$(cat "$result/told")" ;;
	untouched)
		is "$status:$(result result)" '1:not yet' "$task: what nobody has touched has none" || diag "$said" ;;
	start)
		is "$status:$(result result)" '1:not yet' "$task: nor has what it begins with" || diag "$said"
		[ "$(result name)" != begin ]
		ok $? "$task: which is seen to have begun" ;;
	*)
		is "$status:$(result name)" "1:$(word "$answer")" "$task: $answer is answered by the words for it" || diag "$said" "$(cat "$result/told")" ;;
	esac
	note "$task $answer: $(cat "$result/seconds") s, $(result seconds) of them for the check"
}

jobs=${JOBS:-$(nproc)}
case ${EXERCISES:-} in
all)
	cut -f 1 "$scratch/tasks" >"$scratch/names"
	while read -r name; do
		answers "$name"
	done <"$scratch/names" ;;
?*)
	for name in $EXERCISES; do	# H1, or H1/wrong-polls
		case $name in
		*/*)	answers "${name%%/*}" "${name#*/}" ;;
		*)	answers "$name" ;;
		esac
	done ;;
*)
	jobs=1
	answers P1 untouched solution wrong-fixed
	answers L1 nearly-order ;;
esac

# As many lanes side by side as there are jobs; but what is told of the answers is in their order.
cp "$scratch/answers" "$scratch/left"
mkfifo "$scratch/done"
while [ "$jobs" -gt 0 ]; do
	lane "$jobs" >"$scratch/done" &
	lanes="$lanes $!"
	jobs=$((jobs - 1))
done
exec 6<"$scratch/done"
while read -r task answer <&7; do
	until [ -e "$scratch/graded/$task/$answer/seconds" ] || ! read -r _ <&6; do
		:
	done
	proves "$task" "$answer"
done 7<"$scratch/answers"
exec 6<&-
lanes=
[ -z "${EXERCISES:-}" ] || done_testing

# --- what is at fault before anything boots

# breaks PATTERN NAME: grade says that what the chapters make can't be built, with a line of them like PATTERN.
breaks()
{
	grade P1 "$scratch/broken"
	is "$status:$(result name)" 1:build "$2: no points, and the build is the reason" || diag "$said" "$(cat "$result/told")"
	like "$(result seen)" "$1" "$2: the chapter is named"
}

fresh
sed -i 's/^	struct option /&broken /; s/^static void read_command_line(/&int int, /' "$tree/journey/L-Launcher/170-command-line.nw"
breaks '^journey/L-Launcher/170-command-line.nw:[0-9]+:.*error' 'what does not compile'
fresh
printf '\n@<<../../../escaped@>>=\n@\n' | tr -d @ >>"$tree/journey/L-Launcher/170-command-line.nw"
breaks 'journey/L-Launcher/170-command-line.nw:[0-9]+: file name <<../../../escaped>> leaves build/src' 'a chunk that leads out of the tree'
fresh
ln -sf /etc/passwd "$tree/journey/L-Launcher/170-command-line.nw"
breaks 'journey/L-Launcher/170-command-line.nw does not exist' 'a chapter that is a link'
fresh
# shellcheck disable=SC2016 # make's dollar
printf '$(shell touch %s/escaped)\n' "$scratch" >"$tree/Makefile"
sed -i "s,^set -eu,touch $scratch/escaped; &," "$tree/journey/W-Workshop/020-lab.nw"
printf '\n<<nobody uses this>>=\n@\n' >>"$tree/journey/L-Launcher/170-command-line.nw"
breaks '170-command-line.nw' "somebody else's Makefile and part W"
[ ! -e "$scratch/escaped" ]
ok $? 'and neither was executed'
like "$(cat "$result/told")" 'part W is ours' 'which is said'

# --- the commands

said=$(make -s exercises E=H 2>&1)
is "$?" 0 'make exercises'
like "$said" '^Host +\[[#.]+\] [0-9]+ of [0-9]+ points' 'a part has a bar'
unlike "$said" '^Guest' 'and only the one that was asked for'
said=$(make -s grade E=Z9 2>&1)
is "$?:$said" '2:there is no exercise Z9; make exercises lists them' 'make grade: no such exercise is status 2'
said=$(make -s grade TREE="$scratch/nowhere" 2>&1)
is "$?:$said" "2:grade: TREE=$scratch/nowhere: that is no tree of the journey" 'and so is no such tree'
said=$(make -s hint 2>&1)
is "$?" 2 'make hint without an exercise, too'

top=$PWD
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
mkdir "$scratch/book"
cp -a CONTRIBUTING LICENSES Makefile NEWS README journey tangle tests weave "$scratch/book/"

# learn FOLDER: make learn, in the book.
learn()
{
	said=$(cd "$scratch/book" && TREE=$1 sh "$top/build/src/lab/learn" 2>&1)
	status=$?
}

learn "$scratch/copied"
is "$status:$(git -C "$scratch/copied" status --porcelain)" 0: 'make learn without a history: a tree with one' || diag "$said"
git -C "$scratch/book" init -q -b main
git -C "$scratch/book" config user.name Book
git -C "$scratch/book" config user.email book@localhost
git -C "$scratch/book" add -A
git -C "$scratch/book" commit -q -m one
learn "$scratch/mine"
is "$status:$(git -C "$scratch/mine" status --porcelain)" 0: 'make learn: a clone' || diag "$said"
[ "$(wc -l <"$scratch/mine/LEARN")" -le 60 ]
ok $? 'with a page to read'
mine=$scratch/mine/journey/H-Host/700-observing.nw
echo 'My answer.' >>"$mine"
learn "$scratch/mine"
is "$status:$(tail -n 1 "$mine")" '2:My answer.' 'a second time nothing is overwritten'
like "$said" 'stays as it is' 'and that is said'
like "$(git -C "$scratch/mine" diff)" '^\+My answer\.' 'git diff shows an answer'

book=$scratch/book/journey
echo 'A newer sentence.' >>"$book/G-Guest/030-asking.nw"
git -C "$scratch/book" commit -q -a -m two
git -C "$scratch/mine" commit -q -a -m mine
git -C "$scratch/mine" pull -q >"$scratch/pull" 2>&1
is "$?:$(tail -n 1 "$mine"):$(tail -n 1 "$scratch/mine/journey/G-Guest/030-asking.nw")" '0:My answer.:A newer sentence.' \
	'git pull: newer chapters and the answer' || diag "$(cat "$scratch/pull")"
like "$(git -C "$scratch/mine" diff origin/main)" '^\+My answer\.' 'git diff origin/main still shows it'
echo 'Another answer.' >>"$mine"
echo 'Another sentence.' >>"$book/H-Host/700-observing.nw"
git -C "$scratch/book" commit -q -a -m three
! git -C "$scratch/mine" pull -q >"$scratch/pull" 2>&1 && [ "$(tail -n 1 "$mine")" = 'Another answer.' ]
ok $? 'what is not committed is never overwritten' || diag "$(cat "$scratch/pull")"
git -C "$scratch/mine" commit -q -a -m more
! git -C "$scratch/mine" pull -q >"$scratch/pull" 2>&1 && grep -q '^Another answer\.' "$mine" && grep -q '^Another sentence\.' "$mine"
ok $? 'a conflict has both' || diag "$(cat "$scratch/pull")"

# begin TASK: make learn E=TASK, in a tree to learn in.
begin()
{
	said=$(cd "$scratch/copied" && E=$1 sh "$top/build/src/lab/learn" 2>&1)
	status=$?
}

begin P1
is "$status" 2 'an exercise that begins with the chapters as they are' || diag "$said"
echo 'Half an answer.' >>"$scratch/copied/journey/H-Host/700-observing.nw"
begin H1
is "$status:$(git -C "$scratch/copied" branch --show-current)" 2:main 'make learn E=H1 does not begin with something uncommitted'
git -C "$scratch/copied" commit -q -a -m half
begin H1
is "$status:$(git -C "$scratch/copied" branch --show-current)" 0:H1 'but on a branch of its own' || diag "$said"
like "$(git -C "$scratch/copied" diff main)" '^-.*rcuwait_wait_event' 'where something is missing'
is "$(git -C "$scratch/copied" status --porcelain)" '' 'and nothing is left lying about'
begin H1
is "$status" 2 'and only once'

# hint: what is printed by the next make hint E=P1, and its status.
hint()
{
	(cd "$scratch/copied" && E=P1 sh "$top/build/src/lab/hint" 2>&1; echo "status $?")
}

first=$(hint)
second=$(hint)
last=$(hint)
like "$first" '^status 0' 'make hint: one'
[ "$first" != "$second" ]
ok $? 'and then the next'
like "$last" '^status 1' 'until there are no more'
like "$last" "^$(printf '%s\n' "$first" | head -n 1 | sed 's/[][().*]/./g')" 'and then all once more'

done_testing
