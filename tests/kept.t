#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Kept true: what the chapters name exists, what they say was printed is printed, and they are spelled right. And the two
# tools that see to it (W:900) find each kind of fault, and mend what they may mend.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

top=$(pwd)
LINUX=$(find "${XDG_CACHE_HOME:-$HOME/.cache}/lguest-journey/guest" -maxdepth 2 -path '*/linux-*/source' 2>/dev/null | head -n 1)
export LINUX

make -s all >"$scratch/all" 2>&1 9>&-
ok $? 'there is something to look things up in' || diag "$(tail -n 5 "$scratch/all")"
export LGUEST="$top/build/launcher/lguest"

# --- the chapters as they stand

said=$(perl tests/kept.pl)
is "$said" '' 'what the prose names exists, and it is spelled right'
said=$(perl build/src/lab/record --check --fast 2>&1)
is "$said" '' 'what takes no boot prints what the chapters say'
said=$(perl build/src/lab/record --check --slow "uname -sr; dmesg . grep paravirt" 2>&1)
is "$(printf '%s\n' "$said" | grep -v '^record: ')" '' 'neither do some that boot print anything else'
[ "$(printf '%s\n' "$said" | grep -c '^record: ')" -ge 3 ]
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
	printf '\n<<host/a.c>>=\nint known;\t/* H:010: forgotten */\n<<a step>>\n@\n\n<<a step>>=\nint lg_step;\n@\n' >>"$tree/$chapter"
	sh tangle/tangle "$tree" || exit 1
	cp Makefile "$tree"
}

# faults NAME PATTERN: of the chapter there is one fault, and it is this one.
faults()
{
	tangled
	said=$(perl tests/kept.pl "$tree")
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
