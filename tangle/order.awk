# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f order.awk FOUND journey/order
#
# Print the chapters in reading order. FOUND lists the chapters that exist, one path a line.
# In journey/order a line is a chapter's path below journey/; # begins a comment.

function fault(where, what)
{
	print where ": " what >"/dev/stderr"
	bad = 1
}

FILENAME != "journey/order" {
	exists["" $0] = 1
	next
}

{
	sub(/#.*/, "")
	gsub(/^[ \t]+|[ \t]+$/, "")
	if ($0 == "")
		next
	chapter = "journey/" $0
	here = "journey/order:" FNR
	if (!(chapter in exists))
		fault(here, chapter " does not exist, write it or take it out of the order")
	else if (chapter in listed)
		fault(here, chapter " is already on line " listed[chapter] ", take one of them out")
	else
		print chapter
	listed[chapter] = FNR
}

END {
	for (chapter in exists)
		if (!(chapter in listed))
			fault(chapter ":1", "this chapter is not in journey/order, add it there")
	for (chapter in listed)
		some = 1
	if (!some)
		fault("journey/order:1", "no chapter is listed, add one")
	exit bad
}
