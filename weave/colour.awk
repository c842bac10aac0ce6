# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f colour.awk: colour the plain text that terminal makes: titles, chunks, the labels of sections.

function paint(code, text) { return "\033[" code "m" text "\033[0m" }

# Put code around whatever matches pattern in text.
function each(text, pattern, code,	out)
{
	while (match(text, pattern)) {
		out = out substr(text, 1, RSTART - 1) paint(code, substr(text, RSTART, RLENGTH))
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

function show(line)
{
	if (line ~ /^ *<<.*>>\+?=$/)
		print paint("1;36", line)
	else if (line ~ /^    /)
		print each(each(line, "<<[^<>]*>>", "36"), "/[*].*[*]/", "2")
	else
		print each(each(line, "<<[^<>]*>>", "36"), "(^|[^[:alnum:]:])[PGDLHSMW]:[0-9][0-9][0-9]", "33")
}

# A title is known by the line below it.
/^(=+|-+)$/ && held && last ~ /[^ ]/ {
	print paint("1", last)
	print paint("2", $0)
	held = 0
	next
}

{
	if (held)
		show(last)
	last = $0
	held = 1
	fflush()
}

END {
	if (held)
		show(last)
}
