#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Kept true: what the chapters name exists, what they say was printed is printed, and they are spelled right. And the two
# tools that see to it (W:900) find each kind of fault, and mend what they may mend.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

top=$(pwd)
make -s all >"$scratch/all" 2>&1 9>&-
ok $? 'there is something to look things up in' || diag "$(tail -n 5 "$scratch/all")"
export LGUEST="$top/build/launcher/lguest"
# The Guest's kernel has been built, so its source is here.
LINUX=$(find "${XDG_CACHE_HOME:-$HOME/.cache}/lguest-journey/guest" -maxdepth 2 -path '*/linux-*/source' 2>/dev/null | head -n 1)
export LINUX
[ -d "$LINUX" ]
ok $? "Linux's sources are at hand"

# --- the chapters as they stand

said=$(perl tests/kept.pl)
is "$said" '' 'what the prose names exists, and it is spelled right'
said=$(perl build/src/lab/record --check --fast 2>&1)
is "$said" '' 'what takes no boot prints what the chapters say'
said=$(perl build/src/lab/record --check --slow "grep -o Booting[.][*]'" 2>&1)
is "$(printf '%s\n' "$said" | grep -v '^record: ')" '' 'neither do some that boot print anything else'
[ "$(printf '%s\n' "$said" | grep -c '^record: ')" -ge 2 ]
ok $? 'and there were some'
grep -q '^# chapter, day' journey/record 2>/dev/null
ok $? 'journey/record tells what the transcripts were made with'

# --- a chapter with a fault of each kind

tree=$scratch/tree
mkdir -p "$tree/journey/H-Host"
echo H-Host/010-test.nw >"$tree/journey/order"
chapter=journey/H-Host/010-test.nw

# tangled: tangle the chapter on standard input.
tangled()
{
	rm -rf "$tree/build"
	cat >"$tree/$chapter"
	printf '\n<<host/a.c>>=\nint known;\t/* H:010: forgotten_word */\n<<a step>>\n@\n\n<<a step>>=\nint lg_step;\n@\n' >>"$tree/$chapter"
	sh tangle/tangle "$tree" || exit 1
	sed "s,[A-Z]:[0-9][0-9]*,,g" Makefile >"$tree/Makefile"
}

# faults NAME PATTERN: of the chapter there is one fault, and it is this one.
faults()
{
	tangled
	said=$(LINUX='' perl tests/kept.pl "$tree")
	is "$(printf '%s\n' "$said" | grep -c .)" 1 "$1: found, and nothing else" || diag "$said"
	like "$said" "^$chapter:$2" "$1: says where and what to do"
}

tangled <<'END'
# A test

## H:010 What is right {#H-010}

The word [[known]] and `lg_step`, `host/a.c`, `a.c`, [[printk()]], [H:010](#H-010), @<<a step@>>; `make boot`, `make bench ROWS=fork`,
`lguest --block=disk`. Nobody says xyzzy_one, `anything at all`, QEMU or `speling`. It has [7]{.recorded cmd="echo 7"} lines.

```{.transcript cmd="echo 'it\"s'"}
it"s
```

```{.console why="somebody has to type it"}
$ anything
```
END
said=$(perl tests/kept.pl "$tree")
is "$?:$said" '0:' 'a good chapter has no fault'

head='# A test

## H:010 One {#H-010}
'
faults 'a symbol' '5: "lg_forgotten": stands in no source; mend it, or say in tests/known' <<END
$head
The function [[lg_forgotten()]].
END
faults 'a symbol without marks' '6: "lg_forgotten": stands in no source' <<END
$head
The
function lg_forgotten() does it.
END
faults 'a name that stands only in a comment' '5: "forgotten_word": stands in no source' <<END
$head
See \`forgotten_word\`.
END
faults 'a hypercall' '5: there is no hypercall LHCALL_FORGET' <<END
$head
It calls [[LHCALL_FORGET]].
END
faults 'a file' '5: "host/forgotten.c": is no file' <<END
$head
In \`host/forgotten.c\`.
END
faults 'an option' '5: lguest has no option --forget' <<END
$head
With \`lguest --forget\`.
END
faults 'a label' '5: no section is called H:999' <<END
$head
As H:999 says.
END
faults 'a link' '5: \[H:010\] leads to #H-020' <<END
$head
As [H:010](#H-020) says.

## H:020 Two {#H-020}
END
faults 'a verb' '5: there is no make forget' <<END
$head
Say \`make forget\`.
END
faults 'a variable of make' '5: make has no variable FORGET' <<END
$head
Say \`make boot FORGET=1\`.
END
faults 'a chunk' '5: there is no chunk <<forget it>>' <<END
$head
In @<<forget it@>>.
END
faults 'a number of lines' '5: "17 lines": let the machine count' <<END
$head
It has 17 lines.
END
faults 'a word' '6: "speling": no dictionary has it' <<END
$head
Words have a
speling, haven't they?
END
faults 'a word of a comment' '9: "coment": no dictionary has it' <<END
$head
<<host/b.c>>=
int b;

/* H:010: this is a
 * coment */
@
END
faults 'a transcript without its command' '5: what makes this transcript' <<END
$head
\`\`\`{.transcript}
7
\`\`\`
END
faults 'a conversation without a reason' '5: why can no command make this' <<END
$head
\`\`\`{.console}
7
\`\`\`
END
faults 'a block without a class' '5: what is this block' <<END
$head
\`\`\`
\$ echo
\`\`\`
END
faults 'a command that is none' '5: no shell understands this command' <<END
$head
\`\`\`{.transcript cmd="echo 'x"}
7
\`\`\`
END
faults 'a backslash that is lost' '5: pandoc drops the backslash of' <<'END'
# A test

## H:010 One {#H-010}

```{.transcript cmd="echo a \; b \\; \"c\""}
7
```
END
faults 'a shortened transcript' '7: a transcript is whole' <<END
$head
\`\`\`{.transcript cmd="seq 9"}
1
...
9
\`\`\`
END

# --- recording

record()
{
	(cd "$tree" && perl "$top/build/src/lab/record" "$@" 2>&1)
}

cat >"$tree/$chapter" <<'END'
# A test

It prints [6]{.recorded cmd="echo 7"} and [7]{.recorded cmd="echo 7"}; code like `[8]{.recorded cmd="echo 9"}` is none.

```{.transcript cmd="printf 'a %sb%s\n@ c\n' '<''<' '>''>'"}
old
```

```{.transcript cmd="echo half; exit 3"}
as it was
```

```{.transcript cmd="make boot"}
slow
```
END
cp "$tree/$chapter" "$scratch/before"
said=$(record --check --fast)
is $? 1 'a check that differs: exit status 1'
cmp -s "$tree/$chapter" "$scratch/before"
ok $? 'a check writes nothing'
like "$said" "^$chapter:3: prints something else now; run make record ONLY=" 'a check says where, and what to do'
like "$said" "^$chapter:9: this command fails" 'a check says what fails'
said=$(record --fast)
is $? 1 'recording with a failure: exit status 1'
like "$said" '^1 of the commands failed' 'the end says how many'
like "$said" '^	-6$' 'what changed is shown'
sed 's/\[6\]/[7]/; s/^old$/a @<<b@>>\
@@ c/' "$scratch/before" >"$scratch/wanted"
is "$(cat "$tree/$chapter")" "$(cat "$scratch/wanted")" 'what is printed is written, as noweb wants it; what failed is left alone'
said=$(record --fast 'echo 7|printf')
is "$?:$(printf '%s\n' "$said" | grep -v '^record: ')" '0:' 'a second time there is nothing to do'

done_testing
