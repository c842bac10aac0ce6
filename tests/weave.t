#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Weaving: what a chapter becomes, what is made again and what is not, which faults are named, and whether the book as
# it stands is whole: every chunk, every section in its order, no dead link, no id twice.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

top=$(pwd)
tree=$scratch/tree

weave()
{
	sh "$top/weave/weave" "$tree" 2>&1
}

# links FOLDER: check all pages, and where the search leads.
links()
{
	cat "$1"/search/*.js | sed -n 's/^[^"]*\["\([^"]*\)".*/<a href="\1">/p' >"$scratch/search.html"
	[ -s "$scratch/search.html" ] && awk -f "$top/tests/links.awk" "$scratch/search.html" "$1"/*.html
}

# valid FOLDER: what tidy has to say of the pages.
valid()
{
	for page in "$1"/*.html; do
		tidy -q -e -utf8 --drop-empty-elements no --warn-proprietary-attributes no "$page" 2>&1 |
			sed "s,^,${page##*/}: ,"
	done
}

# --- style and script

is "$(awk '{ depth += gsub(/\{/, "") - gsub(/\}/, ""); if (depth < 0 || depth > 2) print FNR } END { print depth }' weave/style.css)" 0 'style: every block is closed where it should be'
if command -v node >/dev/null; then
	said=$(node --check weave/book.js 2>&1)
	is "$said" '' 'script: node can read it'
else
	skip 'script: node can read it' 'node is not installed'
fi

# --- a page is written as a whole, or not at all

cat >"$scratch/page.lua" <<'END'
local M = dofile(os.getenv('WEAVE') .. '/common.lua')
function Reader()
  M.write(os.getenv('PAGE'), ('x'):rep(tonumber(os.getenv('SIZE'))))
  return pandoc.Pandoc{}
end
END
# page SIZE: write so many letters.
page()
{
	(cd "$scratch" && WEAVE="$top/weave" PAGE="$scratch/page" SIZE=$1 pandoc -f page.lua /dev/null) >"$scratch/said" 2>&1
}
page 3
is "$?:$(cat "$scratch/page")" '0:xxx' 'a page is written'
! (ulimit -f 8 && page 100000)
is "$?:$(cat "$scratch/page")" '0:xxx' 'what cannot be written leaves the old one'

# --- a small journey

mkdir -p "$tree/journey/P-Preparation" "$tree/journey/H-Host"
cat >"$tree/journey/order" <<'END'
# the order
P-Preparation/010-words.nw
H-Host/040-run.nw   # the second
END
cat >"$tree/journey/P-Preparation/010-words.nw" <<'END'
<!-- SPDX-License-Identifier: CC-BY-SA-4.0 AND GPL-2.0-only -->
# The words

What is a <thing> in `a[[0]]`, and what does [[run_guest()]] do at 2^20 for @cpu and $5? See H:040 and [that](#H-040).

```{=html}
<svg viewBox="0 0 9 9" role="img" aria-label="A square"><defs><path id="p" d="M0 0"/></defs><use href="#p" fill="url(#p)"/></svg>
```
```{=html}
<svg viewBox="0 0 9 9" role="img" aria-label="Another"><defs><path id="p" d="M0 0"/></defs></svg>
```

## P:010 Who is who {#P-010}

The **Host** runs [[run_guest()]]. It is patient. The other one is the
**Guest** ([P:010](#P-010), [`*p[0](x)`](#P-010)), which has [7]{.recorded cmd="echo 7"} \*stars and @<<function [[run_guest()]]@>>.

| left | right |
|---|---|
| one | two |

```{.transcript cmd="make boot CMD='uname'"}
Linux [[not a quote]]
```

```
nothing | but text
```

```{.diagram alt="A box in a box"}
[[ ]]
```

```{.outline}
run_guest()            H:040
  leave if it is dead
```

It ran [906]{.recorded cmd="grep -c '[[x]]' \"journey/order\""} times. A **world** is what a Guest sees.

| word | meaning |
|---|---|
| **trip** | from one world to the other |

```{.picture size="90 60"}
<title>Two boxes</title>
<desc>A box points to another.</desc>
<rect class="host" x="1" y="1" width="9" height="9"/>
<path class="arrow hot" d="M9 9h9"/>
```

::: {#P1 .exercise title="Who & who" minutes="10" points="1" level="easy"}
Look at [[run_guest()]].

::: hint
Say

```{.sh}
make boot
```
:::

::: hint
Read on.
:::
:::

## Exercises {.unnumbered}

1. *(easy)* Count the Guests. There may be
   many.
2. *(hard)* Why are there [worlds](#term-world)?

## Loose ends {.unnumbered}
## Loose ends {.unnumbered}
END
cat >"$tree/journey/H-Host/040-run.nw" <<'END'
<!-- SPDX-License-Identifier: CC-BY-SA-4.0 AND GPL-2.0-only -->
# Running `once`

## H:040 One run {#H-040}

The function @<<function [[run_guest()]]@>> begins:

<<function [[run_guest()]]>>=
/* H:040: run a Guest. */
static int run_guest(struct lg_cpu *cpu)
{
	<<leave if the Guest is dead>>
	return cpu->ts @<< 2;
}
@

It may be dead. Then `P:010`, and [the Guests](#term-guests) of [once](#P-001) and [the manual](https://example.org/x).

<<leave if the Guest is dead>>=
if (dead(cpu))
	return -1;
<<leave if the Guest is dead>>=
<<count that>>
@
## Loose ends {.unnumbered}

<<host/core.c>>=
// SPDX-License-Identifier: GPL-2.0-only
<<struct [[lg_cpu]]>>

<<function [[run_guest()]]>>
<<struct [[lg_cpu]]>>=
struct lg_cpu {
	int ts;
};
<<count that>>=
count++;
@
END
printf '%s\n' '# once' 'P:001 P:002' 'P:002 P:010 # twice' >"$tree/journey/moved"
cp -R "$tree" "$scratch/good"

said=$(weave)
is $? 0 'a small journey weaves' || diag "$said"
is "$said" 'book: book/html/index.html, 9 pages' 'and nothing is said but how many pages'
html=$tree/book/html
words=$(cat "$html/P-010-words.html")
run=$(cat "$html/H-040-run.html")
like "$words" 'What is a &lt;thing&gt; in <code>a\[\[0\]\]</code>' 'prose: no tag is lost, code is left alone'
like "$words" '<a class="id" href="H-040-run.html#def-run_guest" title="static int run_guest\(struct lg_cpu \*cpu\) — run a Guest\.  \(host/core.c · H:040.1\)"><code>run_guest\(\)</code></a>' \
	'prose: a quoted identifier leads to its definition and tells it'
like "$words" 'at 2\^20 for @cpu and [$]5' 'prose: @, $ and ^ mean themselves'
like "$words" 'See <a class="sec" href="H-040-run.html#H-040" title="One run">H:040</a>' 'prose: a section number leads to the section'
like "$words" '<a href="H-040-run.html#H-040" class="sec" title="One run">that</a>' 'prose: so does a link to its id'
like "$words" 'use href="#P-010-words-picture-1-p" fill="url\(#P-010-words-picture-1-p\)"' "pictures: each one's ids are its own"
like "$words" '<figure class="picture drawn" .*' 'pictures: one of shapes is drawn'
like "$words" '<svg viewBox="0 0 90 60" .*aria-labelledby="P-010-words-picture-3-title P-010-words-picture-3-desc">' 'pictures: are told to who cannot see'
like "$words" 'marker-end="url\(#P-010-words-picture-3-tip-hot\)"' 'pictures: an arrow has a point'
like "$words" '<figcaption>Two boxes</figcaption>' 'pictures: have a caption'
like "$words" 'Linux \[\[not a quote\]\]' 'blocks: text is left alone'
like "$words" '<figcaption>\$ make boot CMD=.uname.</figcaption>' 'transcripts: tell their command'
unlike "$words" 'SPDX' 'comments of prose are not shown'
like "$run" 'id="chunk-function-run_guest".*data-text="H-040-run chunk-function-run_guest"' 'chunks: an id from the name'
like "$run" '<dfn id="def-run_guest">run_guest</dfn>' 'chunks: a definition is a place to link to'
like "$run" 'cpu-&gt;<a class="id" href="H-040-run.html#def-lg_cpu-ts"' 'chunks: a member leads to its structure'
like "$run" '&lt;&lt;' 'chunks: @<< is a shift'
like "$run" '<a class="use" href="H-040-run.html#chunk-leave-if-the-Guest-is-dead">⟨leave if the Guest is dead <span class="num">H:040.2</span>⟩</a>' \
	'chunks: a use leads to the chunk'
like "$run" 'Used in <a href="H-040-run.html#chunk-function-run_guest"' 'chunks: tell where they are used'
like "$run" 'href="H-040-run.html#chunk-leave-if-the-Guest-is-dead-2" title="the next piece: H:040.3"' 'chunks: lead to their next piece'
like "$run" 'Defines <a href="#def-run_guest">' 'chunks: tell what they define'
like "$words" '<link rel="next" href="H-040-run.html">' 'pages: lead to the next'
like "$run" '<link rel="prev" href="P-010-words.html">' 'pages: lead to the one before'
like "$run" '<html lang="en">' 'pages: tell their language'
glossary=$(cat "$html/glossary.html")
like "$glossary" '<dt><span id="term-guest">Guest</span></dt>' 'terms: the bold words are the glossary'
like "$glossary" 'A <strong>world</strong> is what' 'terms: with their sentence'
like "$glossary" '\(<a href="P-010-words.html#intro-world">P:010</a>\)' 'terms: and a link to it'
like "$glossary" '<strong>trip</strong>: from one world to the other' 'terms: a row of a table is a sentence, too'
like "$words" '<span id="intro-world" class="term"><strong>world</strong></span>' 'terms: are a place to link to'
like "$run" '<a href="glossary.html#term-guest" class="term" title="The other one is the Guest \(P:010, \*p\[0\]\(x\)\), which has 7 \*stars and ⟨function run_guest\(\)⟩\.">the Guests</a>' \
	'terms: a link shows the meaning in plain words, and a plural is no other word'
like "$words" '<pre class="diagram" [^>]*role="img" aria-label="A box in a box">\[\[ \]\]</pre>' 'diagrams: are told to who cannot see'
like "$words" '<pre class="outline"' 'outlines: are text'
like "$words" '<pre class="listing" [^>]*><code>nothing \| but text' 'what does not say that it is a picture, is none'
like "$words" '<span class="recorded" title="\$ grep -c (&#39;|.)\[\[x\]\](&#39;|.) &quot;journey/order&quot;">906</span>' 'recorded: a number tells its command'
like "$words" '<li><span id="P-010-words-exercise-1"></span><em>\(easy\)' 'exercises: are places to link to'
like "$(cat "$html/exercises.html")" '^<li><em>\(easy\)</em> Count the Guests. <a href="P-010-words.html#P-010-words-exercise-1"' 'exercises: have a list'
like "$words" '<section class="exercise" id="P1">' 'exercises: one that is graded is a place of its own'
like "$words" '<strong>Who &amp; who</strong> <span class="what">easy, about 10 minutes, 1 point</span>' 'exercises: with what it is'
like "$words" '<details class="hint"><summary>Hint 1 of 2</summary>' 'exercises: hints are folded'
like "$(printf '%s\n' "$words" | sed -n '/Hint 1 of 2/,/Hint 2 of 2/p')" '<pre class="listing".*boot' 'exercises: and look like the rest'
like "$(printf '%s\n' "$words" | sed -n '/id="P1"/,/<\/section>/p')" 'grade E=P1' 'exercises: the command stands below'
like "$(cat "$html/exercises.html")" '<a href="P-010-words.html#P1" class="sec" title="Who &(amp;)? who">P1</a>' 'exercises: and it is in the list'
like "$run" '<a href="P-010-words.html#P-010" class="sec" title="Who is who">once</a>' 'numbers of once: a link leads to the section of today'
like "$(cat "$html/moved.html")" '<tr id="P-001"><td>P:001</td><td><a href="P-010-words.html#P-010">' 'numbers of once: have a table'
like "$(cat "$html/identifiers.html")" '<code>ts</code></a> <span class="kind">member of <code>lg_cpu</code>' 'identifiers: indexed'
like "$(cat "$html/subjects.html")" '<dt>world</dt>' 'subjects: the terms are indexed'
like "$run" '<span class="uses">Uses <a href="H-040-run.html#def-struct-lg_cpu"><code>lg_cpu</code> H:040.5</a>, <a href="H-040-run.html#def-lg_cpu-ts"><code>ts</code> H:040.5</a></span>' 'margin: where the identifiers of a chunk are defined'
is "$(grep -c 'def-\|chunk-' "$html/search/H-040-run.js")" 9 'search: chunks and identifiers can be found'
like "$(cat "$html/search/P-010-words.js")" '"Who is who","P:010","The words",".*It ran 906 times' 'search: the words of a section'
like "$(cat "$html/search.js")" '"P-010-words"' 'search: the pages to look at'
like "$(cat "$html/chunks.html")" 'id="files"' 'chunks: indexed by kind'
like "$(cat "$html/index.html")" '<a href="H-040-run.html#H-040"><span class="label">H:040</span> <span>One run</span></a>' 'contents: tell the sections'
said=$(links "$html")
is "$?$said" 0 'no dead link, no id twice'
if command -v tidy >/dev/null; then
	is "$(valid "$html")" '' 'tidy finds no fault'
else
	skip 'tidy finds no fault' 'tidy is not installed'
fi

# The text that the copy button gives is the tangled file, without the lines that say where it comes from.
sed '/Made by tangling: edit /d' "$tree/build/read/host/core.c" >"$scratch/tangled"
sed -n 's/.*"chunk-host-core-c":"\(.*\)"[}),]*$/\1/p' "$html/text/H-040-run.js" | sed 's/\\u000a/\
/g; s/\\u0009/	/g; s/\\u003c/</g; s/\\u0022/"/g; s/\\u005c/\\/g' | sed '$d' >"$scratch/copied"
[ -s "$scratch/copied" ] && cmp -s "$scratch/copied" "$scratch/tangled"
ok $? 'copy: the text of a file is the tangled file' || diag "$(diff "$scratch/copied" "$scratch/tangled")"

# --- again

touch -t 200001010000 "$scratch/old"
find "$html" -name '*.html' -exec touch -r "$scratch/old" {} +
find "$tree/build/weave" "$tree/build/read" -exec touch -t 199901010000 {} +
rm -rf "$scratch/weave" "$scratch/tangle"
cp -R "$top/weave" "$top/tangle" "$scratch"
find "$scratch/weave" -exec touch -t 199901010000 {} +

# made: the pages that weaving makes now.
made()
{
	find "$html" -name '*.html' -exec touch -r "$scratch/old" {} +
	sh "$scratch/weave/weave" "$tree" >/dev/null 2>&1 || echo failed
	find "$html" -name '*.html' -newer "$scratch/old" ! -name index.html -exec basename {} \; | sort | tr '\n' ' '
}

is "$(made)" '' 'again: no page is made again'
find "$tree/build/weave" -exec touch -t 199901010000 {} +
sed 's/It may be dead/It may have died/' "$scratch/good/journey/H-Host/040-run.nw" >"$tree/journey/H-Host/040-run.nw"
is "$(made)" 'H-040-run.html ' 'again: new prose, that page alone'
find "$tree/build/weave" -exec touch -t 199901010000 {} +
sed 's/One run/A run/' "$scratch/good/journey/H-Host/040-run.nw" >"$tree/journey/H-Host/040-run.nw"
is "$(made)" 'H-040-run.html P-010-words.html ' 'again: a new section title, the pages that show it'
echo P-Preparation/010-words.nw >"$tree/journey/order"
rm "$tree/journey/H-Host/040-run.nw"
made >/dev/null
[ ! -e "$html/H-040-run.html" ] && [ ! -e "$html/text/H-040-run.js" ] && [ -e "$html/P-010-words.html" ]
ok $? 'again: the page of a chapter that is gone, goes'

# --- figures

cat >>"$tree/journey/P-Preparation/010-words.nw" <<'END'

```{.plot data="build/bench/bench.csv" rows="build/read/rows" cmd="make bench"}
row,native_min,native_median,guest_min,guest_median,unit,time_ratio,insn_ratio,exits
fork,1,1,2,2,us,2,1.5,20
<x>,1,1,2,2,us,-,0,nan
```
END
weave >/dev/null
ok $? 'figures: a table becomes a plot'
like "$(cat "$html/P-010-words.html")" 'aria-label="[^"]*fork 2 and 1.5; &lt;x&gt; unknown and unknown' "the chapter's own"
like "$(cat "$html/P-010-words.html")" '<figcaption>The authors.* machine; yours takes its place after <code>make bench<' 'and says how to get others'
find "$tree/build/weave" -exec touch -t 199901010000 {} +
mkdir -p "$tree/build/bench"
printf 'row,native_min\nfork,1,1,2,2,us,3,2.5,20\n' >"$tree/build/bench/bench.csv"
is "$(made)" 'P-010-words.html ' 'figures that are measured make their page again'
like "$(cat "$html/P-010-words.html")" 'aria-label="[^"]*fork 3 and 2.5' 'and take the place'
links "$html" >/dev/null
ok $? 'and no link is dead'

# --- faults

# rejects LINE PATTERN NAME: weaving the chapter on standard input fails and says where.
rejects()
{
	rm -rf "$tree"
	mkdir -p "$tree/journey/H-Host"
	echo H-Host/040-run.nw >"$tree/journey/order"
	cat >"$tree/journey/H-Host/040-run.nw"
	said=$(weave)
	is $? 1 "$3: exit status 1"
	like "$said" "^journey/H-Host/040-run.nw:$1: $2" "$3: says where, what and what to do"
	[ ! -e "$tree/book/html/index.html" ]
	ok $? "$3: makes no book"
}

rejects 1 'the chapter has no title' 'no title' <<'END'
Prose.

<<host/a.c>>=
int a;
@
END
rejects 3 'a picture has a <title>' 'a picture without words' <<'END'
# One

```{.picture size="9 9"}
<path d="M0 0"/>
```

<<host/a.c>>=
int a;
@
END
rejects 3 'a picture has classes' 'a picture with colours of its own' <<'END'
# One

```{.picture size="9 9"}
<title>A</title>
<desc>B</desc>
<path fill="red" d="M0 0"/>
```

<<host/a.c>>=
int a;
@
END
rejects 3 'a diagram has alt=' 'a diagram without words' <<'END'
# One

```{.diagram}
+-+
```

<<host/a.c>>=
int a;
@
END
rejects 4 'no chapter introduces the term nonsense, ' 'an unknown term' <<'END'
# One

A good
[word](#term-nonsense).

<<host/a.c>>=
int a;
@
END
rejects 3 'this exercise is H1, ' 'an exercise with a wrong number' <<'END'
# One

::: {#H2 .exercise title="Two" minutes="1" points="1" level="easy"}
Well.
:::

<<host/a.c>>=
int a;
@
END
rejects 3 'an exercise has title=' 'an exercise without points' <<'END'
# One

::: {#H1 .exercise title="Two" minutes="1" level="easy"}
Well.
:::

<<host/a.c>>=
int a;
@
END
rejects 3 'this ::: is still open' 'a div that is open' <<'END'
# One

::: {#H1 .exercise title="Two" minutes="1" points="1" level="easy"}
Well.

::: hint
Well?
:::

<<host/a.c>>=
int a;
@
END
rejects 5 'this ::: closes nothing' 'one that closes nothing' <<'END'
# One

Well.

:::

<<host/a.c>>=
int a;
@
END
rejects 3 'a chapter has one title' 'two titles' <<'END'
# One

# Two

<<host/a.c>>=
int a;
@
END
rejects 3 'this fenced block is still open' 'an open block' <<'END'
# One

```
picture

<<host/a.c>>=
int a;
@
END
rejects 5 'chunk <<no such>> is not defined' 'an undefined chunk' <<'END'
# One

<<host/a.c>>=
int a;
<<no such>>
@
END
printf '%s\n' '# once' 'P:001 P:900' 'nonsense' >"$tree/journey/moved"
printf '# One\n\n<<host/a.c>>=\nint a;\n@\n' >"$tree/journey/H-Host/040-run.nw"
said=$(weave)
is $? 1 'a number that went nowhere: exit status 1'
like "$said" '^journey/moved:2: there is no section P:900' 'a number that went nowhere: says which'
like "$said" '^journey/moved:3: a line is OLD NEW' 'and what a line is'
rm "$tree/journey/moved"
mv "$tree/journey/H-Host/040-run.nw" "$tree/journey/H-Host/run.nw"
echo H-Host/run.nw >"$tree/journey/order"
printf '# One\n\n<<host/a.c>>=\nint a;\n@\n' >"$tree/journey/H-Host/run.nw"
said=$(weave)
is $? 1 'a name without a number: exit status 1'
like "$said" '^journey/H-Host/run.nw:1: a chapter is called' 'a name without a number: says how to call it'

rm -rf "$tree"
cp -R "$scratch/good" "$tree"
printf '\nA [link](#G-999).\n' >>"$tree/journey/P-Preparation/010-words.nw"
said=$(weave)
is $? 0 'a link to a section that is not there: only a warning'
like "$said" '^journey/P-Preparation/010-words.nw:[0-9]*: warning: no place is called G-999' 'and it says where'
links "$html" >/dev/null
ok $? 'and it is no link in the book'

# --- in the terminal

plain=$(sh weave/terminal Host "$tree" 2>&1)
is $? 0 'a part in the terminal'
like "$plain" '^H:040 One run$' 'with its sections'
like "$plain" '^    <<function run_guest\(\)>>=$' 'and its chunks'
like "$plain" '^            return cpu->ts << 2;$' 'and their code'
like "$plain" 'of once.\(P:001\) and the$' 'and where links lead'
like "$(sh weave/terminal Preparation "$tree" 2>&1)" '^P1. Who & who \(easy, about 10 minutes, 1 point; make grade E=P1\)$' 'and an exercise'
said=$(TERM=xterm PAGER='sed s/^/p/' script -qec "sh weave/terminal Host '$tree'" /dev/null)
like "$said" "^p$(printf '\033')\[1mH:040 One run" 'on a terminal: colours, and a pager'
unlike "$plain" "$(printf '\033')" 'elsewhere: none'
said=$(TERM=xterm NO_COLOR=1 PAGER=cat script -qec "sh weave/terminal Host '$tree'" /dev/null)
unlike "$said" "$(printf '\033')" 'nor with NO_COLOR'
said=$(TERM=xterm PAGER=true script -qec "sh weave/terminal Host '$tree'; echo status \$?" /dev/null)
is "$(printf '%s' "$said" | tr -d '\r')" 'status 0' 'whoever leaves the pager at once is told nothing'
mkdir "$scratch/left"
said=$(TMPDIR="$scratch/left" TERM=xterm PAGER='trap : INT; kill -INT 0; echo still here' \
	script -qec "sh weave/terminal Host '$tree'; echo status \$?" /dev/null)
like "$said" '^still here' 'Ctrl-C is for the pager'
is "$(ls "$scratch/left")" '' 'and leaves nothing behind'
said=$(sh weave/terminal Nowhere "$tree" 2>&1)
is "$?" 2 'a part that is not there: exit status 2'
like "$said" 'there is no part Nowhere, name one of' 'and it says which there are'

# --- the book as it stands

cp -R "$top/journey" "$scratch/journey"
rm -rf "$tree"
mkdir "$tree"
mv "$scratch/journey" "$tree"
# used: seconds of processor time that the command on the command line takes, with all that it starts. Unlike the time on the
# wall this does not depend on who else is busy; the limits below are some four times what it takes.
used()
{
	sh -c '"$@" >"$0" 2>&1 || echo failed >>"$0"; times' "$scratch/said" "$@" | awk 'END {
		split($1, user, /[ms]/); split($2, sys, /[ms]/); printf "%d\n", user[1] * 60 + user[2] + sys[1] * 60 + sys[2] }'
}
spent=$(used sh "$top/weave/weave" "$tree")
said=$(cat "$scratch/said")
[ "${said%failed}" = "$said" ]
ok $? 'the journey weaves' || {
	diag "$said"
	done_testing
}
note "the whole book took $spent s"
[ "$spent" -le 40 ]
ok $? "the book: is made in some 10 seconds ($spent)"
chapter=$(find "$tree/journey/H-Host" -name '*.nw' | sort | head -n 1)
echo >>"$chapter"
spent=$(used sh "$top/weave/weave" "$tree")
[ "$spent" -le 10 ]
ok $? "the book: a chapter is made again in some 2 seconds ($spent)"
is "$(find "$html" -name '*.js' -size +150k; find "$html/index.html" -size +300k)" '' 'the book: no script above 150 kB, the first page below 300 kB'
is "$(printf '%s\n' "$said" | grep warning)" '' 'without a warning'
said=$(links "$html")
is "$?$said" 0 'the book: no dead link, no id twice'
if command -v tidy >/dev/null; then
	is "$(valid "$html")" '' 'the book: tidy finds no fault'
else
	skip 'the book: tidy finds no fault' 'tidy is not installed'
fi
sed -n 's/#.*//; s,[[:space:]]*$,,; /./s,^,journey/,p' journey/order >"$scratch/chapters"
[ -s "$scratch/chapters" ] && is \
	"$(cat "$html"/[A-Z]-[0-9]*.html | grep -c '<figure class="chunk')" \
	"$(xargs cat <"$scratch/chapters" | grep -c '^<<.*>>=[[:space:]]*$')" 'the book: every piece of every chunk'
missing=$(xargs sed -n 's/^<<\(.*\)>>=[[:space:]]*$/\1/p' <"$scratch/chapters" | sort -u |
	sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g; s,\[\[\([^]]*\)\]\],<code>\1</code>,g' | while read -r name; do
	grep -qF ">$name</a>" "$html/chunks.html" || echo "$name"
done)
is "$missing" '' 'the book: every chunk in the index'
xargs sed -n 's/^## \([A-Z]:[0-9]*\).*/\1/p' <"$scratch/chapters" >"$scratch/sections"
is "$(sed -n '/class="part"/,$s/.*<li><a href="[^"]*"><span class="label">\([A-Z]:[0-9]*\)<.*/\1/p' "$html/index.html")" \
	"$(cat "$scratch/sections")" 'the book: the contents have every section'
is "$(tr PGDLHSMW 12345678 <"$scratch/sections")" "$(tr PGDLHSMW 12345678 <"$scratch/sections" | sort)" \
	'the book: the sections stand in the order of the parts and their numbers'
for part in Preparation Guest Drivers Launcher Host Switcher Mastery Workshop; do
	letter=$(printf %.1s "$part")
	said=$(sh weave/terminal $part 2>&1)
	status=$?
	is "$status $(printf '%s\n' "$said" | awk -v "part=$letter:" '/^-+$/ && index(last, part) == 1 { n++ } { last = $0 } END { print n + 0 }')" "0 $(grep -c "^$letter" "$scratch/sections")" \
		"the terminal: every section of $part"
done

done_testing
