# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f links.awk PAGE.html...
#
# In pages of one folder, name every link that leads nowhere and every id that stands twice in the whole book.
# Exit status: 0 none, 1 some.

BEGIN { RS = "<" }

FNR == 1 {
	page = FILENAME
	sub(/.*\//, "", page)
	folder = FILENAME
	sub(/[^\/]*$/, "", folder)
	is_page[page] = 1
}

# The value of attribute name in this tag, "" when it has none.
function value(name,	at)
{
	at = match($0, "[ \n]" name "=\"[^\"]*\"")
	return at ? substr($0, at + length(name) + 3, RLENGTH - length(name) - 4) : ""
}

/^[a-zA-Z]/ {
	sub(/>.*/, "")
	id = value("id")
	if (id != "") {
		if (id in owner && !(owner[id] == page ? 0 : shared[id])) {
			print page ": id " id " is also in " owner[id]
			bad = 1
		}
		owner[id] = page
		has[page "#" id] = 1
	}
	# The frame of every page.
	if (id == "top" || id == "text" || id == "search" || id == "theme")
		shared[id] = 1
	for (i = 1; i <= 2; i++) {
		target = value(i == 1 ? "href" : "src")
		if (target ~ /^[a-z]+:/ || target == "")
			continue
		links++
		from[links] = page
		to[links] = target ~ /^#/ ? page target : target
	}
}

END {
	for (i = 1; i <= links; i++) {
		file = to[i]
		sub(/#.*/, "", file)
		if (to[i] ~ /#/ ? !(to[i] in has) : !(file in is_page) && (getline line <(folder file)) < 0) {
			print from[i] ": link to " to[i] ", which is not there"
			bad = 1
		}
	}
	if (!links) {
		print "no page has a link"
		bad = 1
	}
	exit bad
}
