# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f mark.awk MARKUP
#
# End every line of code with its origin, \001chapter:line\002 with the chapter as its number in the order, so that
# origins survive noweb's mnt. They stand at line ends, where they cannot disturb its indentation.

/^@file / {
	chapter++
	line = 1
}

/^@begin code / { in_code = 1; head = 1 }
/^@end code / { in_code = 0 }

# The first @nl of a chunk ends the line <<name>>= itself.
/^@nl$/ && in_code && !head { print "@text \001" chapter ":" line "\002" }

{ print }

/^@(nl|index nl|xref nl)$/ {
	line++
	head = 0
}
