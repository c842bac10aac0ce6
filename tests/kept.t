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
faults 'a number in words' '5: "twelve files": let the machine count' <<END
$head
There are twelve files; the first ten lines don't count.
END
faults 'a subject told elsewhere' '5: H:020 is told in H:010: say so in journey/moved' <<END
$head
## H:020 Two {#H-020}

is told in [H:010](#H-010).
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

# A tree that has been built, as far as made-with looks at it.
mkdir -p "$tree/build/packages" "$tree/build/guest/686" "$tree/debian/boot"
echo "$tree/debian" >"$tree/build/packages/host-686"
echo 6.1-guest >"$tree/build/guest/686/release"
touch "$tree/debian/boot/vmlinuz-6.1-host"

# What one command prints and the file that it leaves may both be wanted: it runs once, and they belong together.
cat >"$tree/$chapter" <<'END'
# A test

```{.plot data="build/counted" cmd="echo x >>runs; wc -l <runs >build/counted; echo run"}
```

```{.transcript cmd="echo x >>runs; wc -l <runs >build/counted; echo run"}
```
END
said=$(record)
is "$?:$(grep -v '^$' "$tree/$chapter" | tail -n 6)" '0:```{.plot data="build/counted" cmd="echo x >>runs; wc -l <runs >build/counted; echo run"}
1
```
```{.transcript cmd="echo x >>runs; wc -l <runs >build/counted; echo run"}
run
```' 'a plot and a transcript share a command, which runs once' || diag "$said"

cat >"$tree/$chapter" <<'END'
# A test

```{.transcript cmd="echo mine >build/left; echo run"}
```

```{.transcript cmd="echo other >build/left; echo other"}
```

```{.plot data="build/left" cmd="echo mine >build/left; echo run"}
```
END
record >/dev/null
is "$(sed -n 's/^\(mine\|other\|run\)$/&/p' "$tree/$chapter" | tr '\n' ' ')" 'run other mine ' \
	'a plot is of the file that its own command has left'

# In a list the fence is indented, and so is what stands in it.
cat >"$tree/$chapter" <<'END'
# A test

- one

  ```{.transcript cmd="printf 'a\n\n  b\n@\n'"}
  old
  ```
END
said=$(record)
is "$?:$(tail -n 7 "$tree/$chapter")" "0:$(cat <<'END'

  ```{.transcript cmd="printf 'a\n\n  b\n@\n'"}
  a

    b
  @
  ```
END
)" 'a transcript in a list keeps its indentation'
said=$(record --check)
is "$?:$said" '0:' 'and is then what the command prints'

# Somebody writes in the chapter while a command runs.
cat >"$tree/$chapter" <<'END'
# A test

```{.transcript cmd="sed -i 's/^o[l]d/mine/; 2i another line' journey/H-Host/010-test.nw; echo x"}
old
```
END
said=$(record)
is "$?" 1 'a chapter that has changed meanwhile: exit status 1'
like "$said" "^	$chapter:4: the chapter has changed meanwhile; run make record ONLY='\^$chapter:4:'" 'the end says so, and what to do'
is "$(sed -n 5p "$tree/$chapter")" mine 'what somebody has written stays'
cat >"$tree/$chapter" <<'END'
# A test

```{.transcript cmd="echo '<''<b>''>'"}
<<
```
END
said=$(record)
is "$?:$(sed -n 4p "$tree/$chapter")" '0:@<<b@>>' 'what noweb would not have read is replaced, too'

cat >"$tree/$chapter" <<'END'
# A test

Code like `[8]{.recorded cmd="echo 9"}` is none; [8]{.recorded cmd="echo 9"}
and [see [é]{.recorded cmd="echo '<''<é'"}.
END
sed -e 's/; \[8\]/; [9]/' -e 's/\[é\]/[@<<é]/' "$tree/$chapter" >"$scratch/wanted"
said=$(record)
is "$?:$(cat "$tree/$chapter")" "0:$(cat "$scratch/wanted")" 'a number is written where it stands' || diag "$said"

# What was printed by what.
printf '# A test\n\n[6]{.recorded cmd="echo 7"}\n' >"$tree/$chapter"
echo "$chapter what it was" >"$tree/journey/record"
mv "$tree/build/packages" "$tree/build/guest" "$scratch/"
said=$(record)
is "$?:$(grep -v '^#' "$tree/journey/record")" "1:$chapter what it was" 'without packages the line about a chapter stays as it was'
like "$said" '^record: nobody knows what has printed this; journey/record is as it was: run make' 'and that is told'
said=$(cd "$tree" && sh "$top/build/src/lab/made-with" 2>"$scratch/err")
is "$?:$said" '1:' 'made-with prints nothing if it does not know all'
like "$(cat "$scratch/err")" "^made-with: nobody knows the Host's kernel: run make" 'and says what it does not know'
mkdir "$scratch/ended" "$scratch/left"
# shellcheck disable=SC2016 # for the shell in the file
printf '%s\n' '#!/bin/sh' 'kill -TERM $PPID' >"$scratch/ended/git"
chmod 755 "$scratch/ended/git"
said=$(cd "$tree" && PATH="$scratch/ended:$PATH" TMPDIR="$scratch/left" sh "$top/build/src/lab/made-with")
is "$?:$said:$(ls "$scratch/left")" '130::' 'nothing is left of it if it is ended'
mv "$scratch/packages" "$tree/build/"
rm "$tree/debian/boot/vmlinuz-6.1-host"
said=$(record)
is "$?:$(grep -v '^#' "$tree/journey/record")" "1:$chapter what it was" 'nor is there one of a Host without a kernel'
touch "$tree/debian/boot/vmlinuz-6.1-host"
said=$(record)
is "$?:$(grep -v '^#' "$tree/journey/record")" "1:$chapter what it was" 'nor of a Guest without one'
mv "$scratch/guest" "$tree/build/"
said=$(record)
is "$?:$(sed -n "s,^$chapter ....-..-.. [0-9a-f]\{40\} ,,p" "$tree/journey/record" | cut -d ' ' -f 1,2)" '0:6.1-host 6.1-guest' \
	'a chapter that has been run gets its line' || diag "$said"

# With other versions than those that are here, numbers may differ, and only they.
made=$(cd "$tree" && sh "$top/build/src/lab/made-with")
printf '# A test\n\n[c0483cff  8 bytes]{.recorded cmd="echo c04880bf 17 bytes"}\n' >"$tree/$chapter"
echo "$chapter $made" >"$tree/journey/record"
said=$(record --check)
is "$?" 1 'a check with the same versions: a number that differs' || diag "$said"
echo "$chapter $made" | sed 's/6\.1-guest/6.2-guest/' >"$tree/journey/record"
said=$(record --check)
is "$?:$said" 0: 'with another Guest it may'
sed -i 's/17 bytes/17 words/' "$tree/$chapter"
said=$(record --check)
is "$?" 1 'but a word may not' || diag "$said"
printf '# A test\n\n[6]{.recorded cmd="echo 7"}\n' >"$tree/$chapter"

# Ctrl-C is meant for what would still come, not for what has been done.
echo H-Host/020-test.nw >>"$tree/journey/order"
echo "$chapter what it was" >"$tree/journey/record"
cat >"$tree/journey/H-Host/020-test.nw" <<'END'
# Another

[1]{.recorded cmd="echo failing; exit 3"} [2]{.recorded cmd="kill -INT $$"} [3]{.recorded cmd="touch later; echo 3"}
END
said=$(record)
is "$?" 130 'Ctrl-C: exit status 130'
[ ! -e "$tree/later" ]
ok $? 'nothing is run after it'
like "$said" '^	journey/H-Host/020-test.nw:3: echo failing' 'what has failed before is told'
like "$(cat "$tree/journey/record")" "^$chapter .* 6.1-host " 'a chapter that was done has its line'

# What was asked for has to make sense.
# refused PATTERN NAME ARGUMENT...: record does not take these arguments, and says why.
refused()
{
	pattern=$1 name=$2
	shift 2
	said=$(record "$@")
	is "$?" 2 "$name: exit status 2"
	like "$said" "$pattern" "$name: is told"
}
refused '^record: there is no option --chek; there are --check, --fast' 'an option that there is not' --chek
refused '^record: one pattern, please: first.second means either' 'two patterns' first second
refused '^record: no command of a chapter matches nonsense; a pattern' 'a pattern that matches nothing' nonsense
refused '^record: no command of a chapter matches echo' 'a pattern that matches only what is left out' --slow echo
refused '^record: a\(b: Unmatched \(.*; put a backslash' 'a pattern that is none' 'a(b'
refused '^record: --fast and --slow together leave nothing' 'what leaves nothing' --fast --slow

# --- tools that are missing find no fault: so they must be there

tangled <<'END'
# A test

## H:010 One {#H-010}

Words.
END
mkdir "$scratch/paper"
printf '%s\n' '#!/bin/sh' 'exit 1' >"$scratch/paper/hunspell"
chmod 755 "$scratch/paper/hunspell"
said=$(PATH="$scratch/paper:$PATH" perl tests/kept.pl "$tree" 2>&1)
is "$?:$said" '2:kept.pl: hunspell does not run; install the Debian packages hunspell and hunspell-en-gb' 'a speller that does not run'
said=$(LGUEST=$scratch/paper/hunspell perl tests/kept.pl "$tree" 2>&1)
is "$?:$said" "2:kept.pl: LGUEST=$scratch/paper/hunspell tells no options; make builds the Launcher" 'a Launcher that does not run'
said=$(LINUX=$scratch/nowhere perl tests/kept.pl "$tree" 2>&1)
is "$?:$said" "2:kept.pl: LINUX=$scratch/nowhere is no folder; make unpacks Linux's source" 'sources that are not there'

said=$(unset LINUX; perl tests/kept.pl "$tree" 2>&1)
is "$?:$said" "2:kept.pl: LINUX is not set: it names the folder with Linux's source, or is empty if we do without" 'sources that nobody has named'
said=$(unset LGUEST; perl tests/kept.pl "$tree" 2>&1)
is "$?:$said" '2:kept.pl: LGUEST is not set: it names the Launcher, or is empty if we do without' 'a Launcher that nobody has named'

# --- exceptions that nobody needs any more

tangled <<'END'
# A test

## H:010 One {#H-010}

The [[DEVICE_NEEDED]] and `--needed`, `needed.c`, `make all NEEDED=1`; wrods.
END
mkdir -p "$tree/tests"
cp tests/kept.pl "$tree/tests/"
printf '%s\n' '# known' 'symbol DEVICE_NEEDED a' 'option --needed b' 'file needed.c c' 'variable NEEDED d' 'symbol GONE e' \
	'file DEVICE_NEEDED f' >"$tree/tests/known"
printf '%s\n' '# words' wrods xyzzies >"$tree/tests/words"
said=$(cd "$tree" && PERL5LIB="$top/build/src/lab" perl tests/kept.pl)
is "$?:$said" '1:tests/known:6: no chapter names the symbol GONE any more: take the line out
tests/known:7: no chapter names the file DEVICE_NEEDED any more: take the line out
tests/words:3: no chapter has the word xyzzies any more: take the line out' 'an exception that nothing needs'
said=$(PERL5LIB="$top/build/src/lab" perl "$tree/tests/kept.pl" "$tree")
is "$?:$said" '0:' 'of another tree they are not asked'

done_testing
