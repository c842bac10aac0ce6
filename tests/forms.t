#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The book's other forms, made of the whole journey: the EPUB passes epubcheck; the PDF has what a book has, and no line of
# code is cut off.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

for tool in weasyprint pdftotext pdffonts java; do
	command -v $tool >/dev/null
	ok $? "$tool is there" || {
		diag 'run: sh tangle/setup tests'
		done_testing
	}
done
tree=$scratch/tree
mkdir "$tree"
cp -R journey "$tree/journey"
sh weave/weave "$tree" >"$scratch/said" 2>&1
ok $? 'the book is woven' || {
	diag "$(cat "$scratch/said")"
	done_testing
}

# --- EPUB

sh weave/forms epub in "$tree" >"$scratch/said" 2>&1
ok $? 'EPUB: is made' || diag "$(cat "$scratch/said")"
java -jar /usr/share/java/epubcheck.jar "$tree/book/lguest-journey.epub" >"$scratch/said" 2>&1
ok $? 'EPUB: epubcheck finds no fault' || diag "$(grep -E '^(ERROR|FATAL|WARNING)' "$scratch/said" | sed "s,$tree/,," | head -n 20)"
like "$(cat "$scratch/said")" '0 fatals / 0 errors / 0 warnings' 'EPUB: nor anything to warn of'
cp "$tree/book/lguest-journey.epub" "$scratch/first.epub"
sh weave/forms epub in "$tree" >/dev/null && cmp -s "$scratch/first.epub" "$tree/book/lguest-journey.epub"
ok $? 'EPUB: the same pages make the same file'

# --- PDF

sh weave/forms pdf in "$tree" >"$scratch/said" 2>&1
ok $? 'PDF: is made' || {
	diag "$(cat "$scratch/said")"
	done_testing
}
pdf=$tree/book/lguest-journey.pdf
pdftotext -bbox "$pdf" "$scratch/boxes"
pdftotext -raw "$pdf" "$scratch/text"
perl tests/pdf.pl "$scratch/boxes" "$scratch/text" "$tree/build/weave" >"$scratch/tap"
adopt PDF "$scratch/tap"
fonts=$(pdffonts "$pdf" | sed 1,2d)
like "$fonts" . 'PDF: has fonts'
is "$(printf '%s\n' "$fonts" | awk '{ if ($(NF - 4) != "yes") print }')" '' 'PDF: each font is embedded'
note "$(pdfinfo "$pdf" | grep Pages), $(($(wc -c <"$pdf") / 1024)) KB"

done_testing
