# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v tmp=DIR -f split.awk CHAPTERS ROOTS
#
# Make DIR/read/FILE and DIR/src/FILE out of DIR/raw/FILE, for every FILE that ROOTS lists: take away the origins
# that mark.awk left, and in C and assembly give them to src as line directives. Print the names of scripts.

FILENAME != last {
	last = FILENAME
	files++
}

files == 1 {
	chapter[FNR] = $0
	next
}

{ split_file($0) }

function split_file(name,	raw, read, src, directives, exact, joined, text, number, status, origin, seen_chapter, seen_line)
{
	raw = tmp "/raw/" name
	read = tmp "/read/" name
	src = tmp "/src/" name
	directives = name ~ /\.[chS]$/
	exact = name ~ /\.patch$/	# there a blank at a line's end is content
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
