#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tangling: what it makes, what it leaves alone, and one bad chapter for every gate.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

top=$(pwd)
chapter=journey/H-Host/010-test.nw

# new_tree: an empty project in $scratch/tree, and go there.
new_tree()
{
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/journey/H-Host"
	cd "$scratch/tree" || exit 1
	echo H-Host/010-test.nw >journey/order
}

tangle()
{
	sh "$top/tangle/tangle" . 2>&1
}

# rejects LINE PATTERN NAME [FILE]: tangling the chapter on standard input fails with a message at FILE:LINE (default:
# that chapter) that matches PATTERN, and writes nothing.
rejects()
{
	new_tree
	cat >$chapter
	said=$(tangle)
	status=$?
	is $status 1 "$3: exit status 1"
	like "$said" "^${4:-$chapter}:$1: $2" "$3: says where, what and what to do"
	[ ! -e build/src ] && [ ! -e build/read ] && [ "$(find build -name '.tangle.*' ! -name .tangle.lock)" = '' ]
	ok $? "$3: leaves nothing behind"
}

# --- what a good chapter becomes

new_tree
tab=$(printf '\t')
blank=' '
cat >$chapter <<EOF
# A chapter

The expression [[a @<< b]] in prose.

<<host/a.c>>=
<<an indented step that begins with an empty line>>
#define TWICE(x) do {	\\
	<<body of a macro>>	\\
} while (0)
int main(void)
{
	<<return a shift>>
}
@
Prose between.
<<an indented step that begins with an empty line>>=

static int unused;
@
<<body of a macro>>=
x;	\\
x;
@
<<return a shift>>=
if (!unused)

	return 1 @<< 2 @>> 1;
return 0;
@
<<lab/run>>=
#!/bin/sh
cat @<<-END
	  tab and blanks
END
@
<<guest/some.patch>>=
--- a/file
+++ b/file
@@@ -1,5 +1,6 @@
 context
 ${tab}tab after the blank
         eight blanks${blank}${blank}
${blank}
+${tab}added
-removed${blank}
@
EOF
is "$(tangle)" '' 'a good chapter: not a word'
is "$(cat build/read/host/a.c)" "
static int unused;
#define TWICE(x) do {	\\
	x;	\\
	x;	\\
} while (0)
int main(void)
{
	if (!unused)

		return 1 << 2 >> 1;
	return 0;
}" 'read: chunks in place, shifts kept, no white space at line ends'
is "$(cat build/src/host/a.c)" "
#line 18 \"$chapter\"
static int unused;
#line 7 \"$chapter\"
#define TWICE(x) do {	\\
	x;	\\
	x;	\\
} while (0)
#line 10 \"$chapter\"
int main(void)
{
#line 25 \"$chapter\"
	if (!unused)

		return 1 << 2 >> 1;
	return 0;
#line 13 \"$chapter\"
}" 'src: the same with line directives, none inside a macro'
gcc -Wall -Werror -c -o a.o build/src/host/a.c
ok $? 'src: compiles'
is "$(cat build/src/lab/run)" "#!/bin/sh
cat <<-END
	  tab and blanks
END" 'a script has no directives'
[ -x build/src/lab/run ] && [ -x build/read/lab/run ]
ok $? 'a script may be executed'
sed -n '/^--- a/,/^-removed/{s/^@@@/@@/;p;}' $chapter >wanted.patch
cmp build/src/guest/some.patch wanted.patch
ok $? 'a patch is exact to the byte'

# --- who opens a tangled file is told where to edit

cp $chapter "$scratch/good"
new_tree
printf '%s\n' H-Host/010-test.nw H-Host/020-other.nw >journey/order
cat >$chapter <<'EOF'
<<host/a.c>>=
// SPDX-License-Identifier: GPL-2.0-only
<<[[x]] numbers>>
@
<<host/a.h>>=
/* SPDX-License-Identifier: GPL-2.0-only */
int x;
@
<<lab/run>>=
#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
echo SPDX-License-Identifier: GPL-2.0-only
@
EOF
printf '%s\n' '<<[[x]] numbers>>=' 'int b;' '@' >journey/H-Host/020-other.nw
is "$(tangle)" '' 'a chapter with licences'
is "$(cat build/read/host/a.c)" "// SPDX-License-Identifier: GPL-2.0-only
// Made by tangling: edit $chapter
// Made by tangling: edit journey/H-Host/020-other.nw
int b;" 'read: C says which chapters to edit'
is "$(cat build/src/host/a.h)" "#line 6 \"$chapter\"
/* SPDX-License-Identifier: GPL-2.0-only */
/* Made by tangling: edit $chapter */
#line 7 \"$chapter\"
int x;" 'src: so does a header, and its lines are right'
is "$(cat build/read/lab/run)" "#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Made by tangling: edit $chapter
echo SPDX-License-Identifier: GPL-2.0-only" 'so does a script'
is "$(find build/src build/read -type f -perm /222)" '' 'none of them can be written to'
[ -x build/src/lab/run ]
ok $? 'though a script may be executed'
is "$(tangle)" '' 'again'
sed 's/int x/int y/' $chapter >edited && mv edited $chapter
is "$(tangle)$(grep int build/read/host/a.h)" 'int y;' 'an edit replaces it all the same'

# --- a folder that nobody may write to; a shell that prints where it goes

new_tree
printf '%s\n' '<<host/a.c>>=' 'int x;' '@' >$chapter
mkdir -p build/.tangle.lock
is "$(tangle)" "tangle: cannot write to $PWD/build" 'a lock that cannot be had is told in a line of ours'
rmdir build/.tangle.lock
is "$(CDPATH=$scratch tangle)" '' 'CDPATH disturbs nothing'
is "$(cd "$top" && CDPATH=$top sh tangle/tangle "$scratch/tree" 2>&1)" '' 'in no place'

# --- only what changed is written

new_tree
mv "$scratch/good" $chapter
tangle >said
find build/src build/read -type f -exec touch -d '2001-01-01' {} +
is "$(tangle)" '' 'again: not a word'
is "$(find build/src build/read -type f -newermt '2002-01-01')" '' 'again: rewrites nothing'
sed 's/return 0;/return 3;/' $chapter >edited && mv edited $chapter
tangle >said
is "$(find build/src build/read -type f -newermt '2002-01-01' | sort)" 'build/read/host/a.c
build/src/host/a.c' 'an edit rewrites its file only'
touch build/src/host/a.o
sed 's,lab/run,lab/deep/walk,' $chapter >edited && mv edited $chapter
tangle >said
is "$(find build -type f ! -name '.tangle*' | sort)" 'build/read/guest/some.patch
build/read/host/a.c
build/read/lab/deep/walk
build/src/guest/some.patch
build/src/host/a.c
build/src/host/a.o
build/src/lab/deep/walk' 'a file that no chapter makes any more is removed, an object file is not'
sed 's,lab/deep/walk,lab/run,' $chapter >edited && mv edited $chapter
tangle >said
[ ! -e build/src/lab/deep ]
ok $? 'and so is its empty folder'
echo '<<no such chunk>>' >>$chapter
sed 's/<<return a shift>>$/<<return a sift>>/' $chapter >edited && mv edited $chapter
before=$(find build/src build/read -type f -exec md5sum {} +)
tangle >said && diag "$(cat said)"
is "$(find build/src build/read -type f -exec md5sum {} +)" "$before" 'a fault leaves the last good sources alone'

# --- an error in a tangled file is shown in its chapter

new_tree
cat >$chapter <<'EOF'
<<host/a.c>>=
int main(void)
{
	<<do it wrong>>
}
@
Prose, prose.
<<do it wrong>>=
return 0;
wrong;
@
EOF
tangle
like "$(gcc -c -o a.o build/src/host/a.c 2>&1)" "^$chapter:10:[0-9]+: error: .*wrong" 'a compile error names the chapter and the line'
sed '10d' $chapter >edited && mv edited $chapter
tangle
gcc -g -o a build/src/host/a.c
like "$(objdump --dwarf=decodedline a)" "$(basename $chapter) +9 " 'the debugger is told of the chapter and the line'
cat >$chapter <<'EOF'
<<host/a.S>>=
	.text
	<<do it wrong>>
@
Prose, prose.
<<do it wrong>>=
nop
wrong %eax
@
EOF
tangle
like "$(gcc -c -o a.o build/src/host/a.S 2>&1)" "^$chapter:8: Error: .*wrong" 'an assembler error names the chapter and the line'

for module in "$top"/build/host/*/lg.ko; do
	like "$(objdump --dwarf=decodedline "$module" 2>/dev/null)" "^journey/H-Host/.*[.]nw:" "the debugger is told of the chapters of ${module#"$top"/}"
done
for kernel in "$top"/build/guest/*/vmlinux; do
	like "$(objdump --dwarf=decodedline "$kernel" 2>/dev/null | grep -F .nw)" "^journey/G-Guest/.*[.]nw:" \
		"the debugger is told of the chapters of ${kernel#"$top"/}"
done

# --- one bad chapter for every gate

rejects 2 'chunk <<a step>> is not defined, ' 'undefined chunk' <<'EOF'
<<host/a.c>>=
<<a step>>
@
EOF
rejects 4 'chunk <<a step>> is never used, ' 'unused chunk with a space' <<'EOF'
<<host/a.c>>=
int x;
@
<<a step>>=
int y;
@
EOF
rejects 1 'chunk <<step>> is never used, ' 'unused chunk of one word' <<'EOF'
<<step>>=
int y;
@
EOF
rejects 1 'file name <<host/a\*>> has a character ' 'file name with a metacharacter' <<'EOF'
<<host/a*>>=
int x;
@
EOF
rejects 1 'file name <<host/\$HOME>> has a character ' 'file name with a dollar' <<'EOF'
<<host/$HOME>>=
int x;
@
EOF
for name in ../up/a.c /etc/a.c host//a.c host/ host/../../a.c; do
	rejects 1 "file name <<$name>> leaves build/src " "file name $name" <<-EOF
		<<$name>>=
		int x;
		@
	EOF
done
rejects 4 'file <<host/a.c>> is already at journey/H-Host/010-test.nw:1, ' 'file defined twice' <<'EOF'
<<host/a.c>>=
int x;
@
<<host/a.c>>=
int y;
@
EOF
rejects 8 'chunk <<one>> contains itself, ' 'circle' <<'EOF'
<<host/a.c>>=
<<one>>
@
<<one>>=
<<two>>
@
<<two>>=
<<one>>
@
EOF
rejects 2 'chunk << 2 >> is not defined, .*write @<< and @>>' 'shift that swallowed code' <<'EOF'
<<host/a.c>>=
int x = a << 2 >> 1;
@
EOF
rejects 2 'chunk <<EOF >> is not defined, .*write @<< and @>>' 'redirection that swallowed code' <<'END'
<<lab/a>>=
cat <<EOF >>file
@
END
rejects 1 'unescaped <<.*, write @<<' 'bare << in prose' <<'EOF'
A shift a << b.
EOF
rejects 2 'two chunks on one line, ' 'two chunks on one line' <<'EOF'
<<host/a.c>>=
<<one>> + <<one>>
@
<<one>>=
1
@
EOF
rejects 4 'this prose stands inside <<host/a.c>>, ' 'chunk without an end' <<'EOF'
<<host/a.c>>=
int x;

## H:020 Title {#H-020}
EOF
rejects 3 'section id H-020 is already at journey/H-Host/010-test.nw:2, ' 'section id given twice' <<'EOF'
# Title
## H:020 One {#H-020}
## H:020 Other {#H-020}
EOF
rejects 1 'section H-020 lacks its own id, ' 'section without its id' <<'EOF'
## H:020 One {#H-030}
EOF

# rejects_order ORDER LINE PATTERN NAME: the same for journey/order, which lists ORDER; one chapter exists.
rejects_order()
{
	new_tree
	echo '# Title' >$chapter
	printf '%b' "$1" >journey/order
	said=$(tangle)
	is $? 1 "$4: exit status 1"
	like "$said" "^$2: $3" "$4: says where, what and what to do"
}
rejects_order 'H-Host/010-test.nw\nH-Host/020-none.nw\n' journey/order:2 'journey/H-Host/020-none.nw does not exist, ' 'missing chapter'
rejects_order 'H-Host/010-test.nw\n# x\nH-Host/010-test.nw # y\n' journey/order:3 'journey/H-Host/010-test.nw is already on line 1, ' 'chapter listed twice'
rejects_order '# nothing\n' $chapter:1 'this chapter is not in journey/order, ' 'forgotten chapter'
rejects_order '' journey/order:1 'no chapter is listed, ' 'empty order'

new_tree
echo '# Title' >$chapter
printf '%s\n' H-Host/010-test.nw H-Host/020-none.nw >journey/order
cp "$top/Makefile" .
cp -R "$top/tangle" "$top/weave" .
mkdir -p build/src/lab
touch build/setup build/tangled.mk
said=$(make all 2>&1)
is $? 2 'make, and a chapter is gone: exit status 2'
like "$said" '^journey/order:2: journey/H-Host/020-none.nw does not exist, ' 'nothing old is built; it says which'

new_tree
printf '%s\n' H-Host/010-test.nw H-Host/020-other.nw >journey/order
printf '%s\n' '<<host/a.c>>=' '<<a step>>' '<<[[x]] fields>>' '@' '<<a step>>=' 'int x;' '@' \
	'<<[[x]] fields>>=' 'int a;' '@' >$chapter
printf '%s\n' '<<[[x]] fields>>=' 'int b;' '@' >journey/H-Host/020-other.nw
is "$(tangle)" '' 'a growth point grows across chapters'
is "$(cat build/read/host/a.c)" 'int x;
int a;
int b;' 'in the order of the chapters'
printf '%s\n' '<<a step>>=' 'int y;' '@' >>journey/H-Host/020-other.nw
like "$(tangle)" "^journey/H-Host/020-other.nw:4: chunk <<a step>> is already at $chapter:5, " 'a step does not: two writers chose one name'

new_tree
{ echo '# Long'; yes '' | head -n 1000; } >$chapter
said=$(tangle)
is $? 0 'a long chapter: is no fault'
like "$said" "^$chapter:1001: warning: the chapter has 1001 lines, " 'a long chapter: is warned of'

done_testing
