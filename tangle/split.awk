# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v tmp=DIR -f split.awk CHAPTERS ROOTS
#
# Make DIR/read/FILE and DIR/src/FILE out of DIR/raw/FILE, for every FILE that ROOTS lists: take away the origins
# that mark.awk left, and in C and assembly give them to src as line directives. Behind the line with the licence say
# which chapters to edit. Print the names of scripts.

FILENAME != last {
	last = FILENAME
	files++
}

files == 1 {
	chapter[FNR] = $0
	next
}

{ split_file($0) }

# The chapters of which RAW is made, in their order: one a line, each in a comment like that of the line LICENCE.
function notice(raw, licence,	text, from, before, after, i, lines)
{
	while ((getline text <raw) > 0)
		if (match(text, /\001[0-9]+:/))
			from[substr(text, RSTART + 1, RLENGTH - 2)]
	close(raw)
	before = after = licence
	sub(/SPDX-License-Identifier:.*/, "", before)
	sub(/.*SPDX-License-Identifier: [A-Za-z0-9. -]*[A-Za-z0-9]/, "", after)
	for (i = 1; i in chapter; i++)
		if (i in from)
			lines = lines before "Made by tangling: edit " chapter[i] after "\n"
	return lines
}

function split_file(name,	raw, read, src, directives, exact, joined, text, number, status, origin, seen_chapter, seen_line, made)
{
	raw = tmp "/raw/" name
	read = tmp "/read/" name
	src = tmp "/src/" name
	directives = name ~ /\.[chS]$/
	exact = name ~ /\.patch$/	# there a blank at a line's end is content
	while ((getline text <raw) > 0 && ++number <= 3)
		if (!exact && !made && text ~ /SPDX-License-Identifier: /) {
			gsub(/\001[0-9]+:[0-9]+\002/, "", text)
			made = text
		}
	close(raw)
	if (made)
		made = notice(raw, made)
	number = 0
	printf "" >read
	printf "" >src
	while ((status = getline text <raw) > 0) {
		if (match(text, /\001[0-9]+:[0-9]+\002/)) {
			split(substr(text, RSTART + 1, RLENGTH - 2), origin, ":")
			gsub(/\001[0-9]+:[0-9]+\002/, "", text)
		}
		if (!exact)
			sub(/[ \t]+$/, "", text)
		if (++number == 1 && text ~ /^#!/)
			print name
		print text >read
		# A directive may not stand inside a line that a backslash continues, and an empty line needs none.
		if (directives && !joined && text != "" &&
		    (origin[1] != seen_chapter || origin[2] != seen_line)) {
			print "#line " origin[2] " \"" chapter[origin[1]] "\"" >src
			seen_chapter = origin[1]
			seen_line = origin[2]
		}
		print text >src
		seen_line++
		if (made && text ~ /SPDX-License-Identifier: /) {
			printf "%s", made >read
			printf "%s", made >src
			made = seen_chapter = ""
		}
		joined = text ~ /\\$/
	}
	if (status < 0) {
		print "tangle: noweb did not write " name >"/dev/stderr"
		exit 1
	}
	close(raw)
	close(read)
	close(src)
}
