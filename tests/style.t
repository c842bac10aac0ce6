#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Style: what shellcheck and the kernel's checkpatch think of everything, licence heads, and nothing that is true on one
# machine only.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# --- the files: all that git has or would take, and all that tangling makes

sh tangle/tangle
ok $? 'the chapters tangle'
if ! git ls-files -co --exclude-standard >"$scratch/all" 2>/dev/null; then
	find . -type f ! -path "./build/*" ! -path "./book/*" ! -path "./.git/*" | sed "s,^\./,," >"$scratch/all"
fi
while read -r file; do
	if [ -f "$file" ]; then
		echo "$file"
	fi
done <"$scratch/all" | grep -v '^LICENSES/' | sort >"$scratch/own"
[ -s "$scratch/own" ] && find build/read -type f | sort >"$scratch/tangled" && [ -s "$scratch/tangled" ]
ok $? 'there are files to look at'

# --- shell

# is_shell FILE: a script for sh, or a part of one.
is_shell()
{
	head -n 6 "$1" | grep -Eq '^#!.*[/ ](ba|da)?sh( |$)|^# shellcheck shell='
}

# All of it is POSIX sh, whatever its first line says. What we do not ask for:
#   SC1091  a script for the lab reads files that are only there
#   SC2015  A && B || C: ours end in C = die, or in C = :
#   SC2016  a dollar in single quotes is meant for another shell, awk or a pattern
#   SC2317  a function that a trap calls is not unreachable
while read -r file; do
	is_shell "$file" || continue
	said=$(shellcheck -s sh -x -P SCRIPTDIR -e SC1091,SC2015,SC2016,SC2317 "$file" 2>&1 </dev/null)
	is "$said" '' "shellcheck: $file"
done <<EOF
$(cat "$scratch/own" "$scratch/tangled")
EOF

# A signal runs no trap on EXIT: who cleans up there must see to signals, too. And what others make use of appears as a whole.
while read -r file; do
	is_shell "$file" || continue
	! grep -Eq '^[[:blank:]]*trap .* EXIT' "$file" || grep -Eq '^[[:blank:]]*trap .* TERM' "$file"
	ok $? "cleans up after a signal, too: $file"
done <<EOF
$(cat "$scratch/own" "$scratch/tangled")
EOF
is "$(grep -nE '(-o|>) *"?[$]@"?( |$)' Makefile build/read/lab/build.mk)" '' 'no rule makes its file bit by bit: .part first, then mv'

# --- C and assembly

# checkpatch comes with the kernel's source, which the set-up of the lab keeps for the Guest.
checkpatch=${CHECKPATCH:-$(find "${XDG_CACHE_HOME:-$HOME/.cache}/lguest-journey" -path '*/scripts/checkpatch.pl' 2>/dev/null |
	head -n 1)}
[ -f "$checkpatch" ]
ok $? 'checkpatch is at hand'

# Why some types of message are not for us.
# Our patch is a file in a tree, not a mail, and its macros are like their neighbours, which use an argument twice:
mail=FILE_PATH_CHANGES,COMMIT_MESSAGE,DIFF_IN_COMMIT_MSG,MISSING_SIGN_OFF,NOT_UNIFIED_DIFF,MACRO_ARG_REUSE
# Programs include the shared headers too, where only the compiler's own spelling, __attribute__((packed)), exists:
shared=PREFER_DEFINED_ATTRIBUTE_MACRO
# The Launcher is a program of the C library and not of the kernel: <elf.h> names its types Elf32_Ehdr, uint32_t is
# its u32, and there is no READ_ONCE(), fallthrough, ARRAY_SIZE(), kstrto or strscpy() to prefer; and who filters system
# calls does mean ENOSYS:
program=$shared,CAMELCASE,PREFER_KERNEL_TYPES,VOLATILE,PREFER_FALLTHROUGH,ARRAY_SIZE
program=$program,SSCANF_TO_KSTRTO,CONSIDER_KSTRTO,STRLCPY,ENOSYS
# A trace header has the layout of all headers in the kernel's include/trace/events:
trace=PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE
# A list that becomes an enumeration by way of macros cannot stand in parentheses:
list=COMPLEX_MACRO,FUNCTION_ARGUMENTS
# in_chapters: put the places in checkpatch's messages back into the chapters, by the line directives of build/src.
in_chapters()
{
	while IFS=: read -r file line message; do
		awk -v "line=$line" -v "message=$message" '
			/^#line / { at = $2 - 1; chapter = $3; gsub(/"/, "", chapter); next }
			{ at++ }
			++count == line { print (chapter == "" ? FILENAME : chapter) ":" (chapter == "" ? line : at) ":" message }
		' "build/src/${file#build/read/}"
	done
}

# checkpatch leaves a file of its own where it runs, so that is not here.
ln -s "$PWD/build" "$scratch/build"
while read -r file; do
	case $file in
	*/launcher/*.[ch] | */usernet/*.c | */lab/*.[ch]) ignored=$program ;;
	*/include/*.h) ignored=$shared ;;
	*/host/trace.h) ignored=$trace ;;
	*/host/stats.h) ignored=$list ;;
	*.[chS]) ignored=NONE ;;
	*.patch) ignored=$mail ;;
	*) continue ;;
	esac
	how=--file
	[ "${file%.patch}" = "$file" ] || how=--patch
	(cd "$scratch" && perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary --ignore "$ignored" "$how" "$file" \
		>said 2>err)
	is "$? $(in_chapters <"$scratch/said")" '0 ' "checkpatch: $file" || diag "$(cat "$scratch/err")"
done <"$scratch/tangled"

# --- the Host's layers: a file includes what stands below it in the chapter's table, and so calls nothing above it

sed -n 's/^| `\([a-z0-9_]*\)` |.*/\1/p' journey/H-Host/000-module.nw >"$scratch/layers"
is "$(sort "$scratch/layers")" "$(find build/read/host -name '*.[chS]' | sed 's,.*/,,; s/[.].*//; s/_\(32\|64\)$//' | sort -u)" \
	'each file of the Host has its layer'
is "$(awk -v layers="$scratch/layers" '
	BEGIN { while ((getline name <layers) > 0) layer[name] = ++n }
	function layer_of(file) { sub(/.*\//, "", file); sub(/[.].*/, "", file); sub(/_(32|64)$/, "", file); return file }
	FNR == 1 { file = FILENAME; sub(/.*\//, "", file); own = layer_of(file) }
	/^#include "/ {
		name = $2; gsub(/"/, "", name); name = layer_of(name)
		if (name in layer && name != own && layer[name] < layer[own]) print file " includes " name ".h, which is above it"
	}
	/^[a-z].*[ *]lg_[a-z_]+\(/ && file ~ /[.]c$/ && !/^(static|#)/ {
		name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		header = FILENAME; sub(/[^\/]*$/, own ".h", header); found = 0
		while ((getline line <header) > 0) if (index(line, name "(")) found = 1
		close(header)
		if (!found) print file " has " name "(), which " own ".h does not declare"
	}
' build/read/host/*.[chS])" '' 'includes lead down, and what a file offers stands in its own header'
is "$(awk '
	/^[a-z].*[(]/ { name = $0 }
	/^[{]/ { from = FNR }
	/^[}]$/ && FNR - from > 64 { print FILENAME ": " name ": " FNR - from + 1 " lines" }
' build/read/host/*.c)" '' 'no function of the Host is longer than a screen'

# --- licence heads

while read -r file; do
	case $file in
	README | CONTRIBUTING | NEWS) continue ;;	# open with what they are; the licences are told at the end of README
	*.patch) continue ;;	# opens with what patch reads
	*/packages | */order | */moved | */parts | *.json | *.svg) continue ;;	# plain data
	esac
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: '
	ok $? "licence head: $file"
done <<EOF
$(cat "$scratch/own" "$scratch/tangled")
EOF
while read -r file; do
	case $file in
	journey/*.nw)
		is "$(head -n 1 "$file")" '<!-- SPDX-License-Identifier: CC-BY-SA-4.0 AND GPL-2.0-only -->' "licences of prose and code: $file"
		;;
	esac
done <"$scratch/own"
for licence in GPL-2.0-only CC-BY-SA-4.0; do
	[ -s "LICENSES/$licence.txt" ] && grep -q "$licence" README
	ok $? "$licence is in LICENSES/ and told in README"
done

# --- true everywhere

# found PATTERN: where the extended regular expression stands in our own files.
found()
{
	tr '\n' '\0' <"$scratch/own" | xargs -0 grep -EnI -e "$1"
}

is "$(found '(^|[^A-Za-z0-9_.])/([w]ork|[r]oot|[h]ome)/[A-Za-z0-9]')" '' 'no path of one machine'
is "$(found '(deb|security|snapshot|ftp[a-z.]*)[.]debian[.]org|registry[.]npmjs|proxy[.]golang|pypi[.]org')" '' 'no host of packages: apt as configured knows'
is "$(found "$(printf '\r')")" '' 'no carriage return'
# A transcript in a chapter holds what the machine printed, blanks and all.
is "$(found '[^ 	][ 	]+$' | grep -v '^journey/')" '' 'no white space at line ends'

done_testing
