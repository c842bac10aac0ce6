# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v roots=FILE -f gates.awk MARKUP
#
# Read what noweb's markup says about the chapters, name every fault that noweb would pass over or report late,
# and write the names of the file roots to FILE. Exit status: 0 no fault, 1 some.

function fault(where, what)
{
	print where ": " what >"/dev/stderr"
	bad = 1
}

function here()
{
	return file ":" line
}

# The argument of a pipeline line such as "@use name", blanks and all.
function argument()
{
	return substr($0, index($0, " ") + 1)
}

function end_of_file()
{
	if (file != "" && line - 1 > 1000)
		print file ":1001: warning: the chapter has " line - 1 " lines, split it below 1000" >"/dev/stderr"
}

# A line of prose is complete.
function prose(text,	id)
{
	if (text ~ /^(```|~~~)/)
		fenced = !fenced
	if (fenced || text !~ /^#/)
		return
	if (text ~ /^#+ [A-Z]:[0-9]/) {
		id = text
		sub(/^#+ /, "", id)
		sub(/ .*/, "", id)
		sub(/:/, "-", id)
		if (index(text, "{#" id "}") == 0 && index(text, "{#" id " ") == 0)
			fault(here(), "section " id " lacks its own id, end the heading with {#" id "}")
	}
	if (match(text, /\{#[^} ]+/)) {
		id = substr(text, RSTART + 2, RLENGTH - 2)
		if (id in section)
			fault(here(), "section id " id " is already at " section[id] ", choose a free number")
		else
			section[id] = here()
	}
}

# A line of code is complete.
function code(text)
{
	if (text ~ /^(## [A-Z]:[0-9]|```)/)
		fault(here(), "this prose stands inside <<" chunk ">>, end that chunk with a line @")
}

function end_of_line()
{
	if (in_code)
		code(text)
	else
		prose(text)
	text = ""
	uses = 0
	line++
}

# A chunk that nobody uses must be a file.
function unused(name)
{
	if (name ~ /[ \t]/)
		fault(defined[name], "chunk <<" name ">> is never used, use it or delete it (a file's name has no space)")
	else if (name !~ /\// && name !~ /[^A-Za-z0-9._+-]/)
		fault(defined[name], "chunk <<" name ">> is never used, use it or delete it (a file's name has a folder)")
	else if (name ~ /[^A-Za-z0-9._\/+-]/)
		fault(defined[name], "file name <<" name ">> has a character that is not a letter, digit or one of . _ + - /, rename it")
	else if (name ~ /^\/|\/$|\/\/|^\.|\/\./)
		fault(defined[name], "file name <<" name ">> leaves build/src or hides, write folder/file")
	else {
		if (name in again)
			fault(again[name], "file <<" name ">> is already at " defined[name] ", give it growth points instead")
		print name >roots
	}
}

# Visit all that chunk `name` uses; `open` marks the way here.
function visit(name,	i, next_name)
{
	state[name] = "open"
	for (i = 1; i <= edges[name]; i++) {
		next_name = edge[name, i]
		if (!(next_name in defined))
			continue
		if (state[next_name] == "open")
			fault(edge_at[name, i], "chunk <<" next_name ">> contains itself, break the circle")
		else if (state[next_name] == "")
			visit(next_name)
	}
	state[name] = "done"
}

/^@file / {
	end_of_file()
	file = argument()
	line = 1
	in_code = fenced = 0
}

/^@begin code / { in_code = 1 }
/^@end code / { in_code = 0 }
/^@text / { text = text argument() }
/^@(nl|index nl|xref nl)$/ { end_of_line() }

/^@defn / {
	chunk = argument()
	if (!(chunk in defined)) {
		defined[chunk] = here()
		defined_in[chunk] = file
		name[++names] = chunk
	} else if (!(chunk in again))
		again[chunk] = here()
	# Two writers who choose one name would get both texts in both places.
	if (defined_in[chunk] != file && chunk !~ /^\[\[/ && chunk ~ /[ \t]/)
		fault(here(), "chunk <<" chunk ">> is already at " defined[chunk] ", choose another name (only <<[[name]] things>> grows across chapters)")
}

/^@use / && in_code {
	used_name = argument()
	used[used_name]
	use_name[++all_uses] = used_name
	use_at[all_uses] = here()
	# Before the second one stands text of unknown width: noweb would indent by it.
	if (++uses == 2)
		fault(here(), "two chunks on one line, give each a line of its own")
	edge[chunk, ++edges[chunk]] = used_name
	edge_at[chunk, edges[chunk]] = here()
}

END {
	end_of_file()
	for (i = 1; i <= all_uses; i++)
		if (!(use_name[i] in defined))
			fault(use_at[i], "chunk <<" use_name[i] ">> is not defined, define it, or write @<< and @>> for a shift or a redirection")
	printf "" >roots
	for (i = 1; i <= names; i++)
		if (!(name[i] in used))
			unused(name[i])
	for (i = 1; i <= names; i++)
		if (state[name[i]] == "")
			visit(name[i])
	exit bad
}
