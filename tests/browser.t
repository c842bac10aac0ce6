#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The book in a browser: Chromium without a screen, and from file://, does what a reader does (tests/browser.pl), and axe-core
# looks for what would keep somebody from reading.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

for tool in chromium chromedriver npm; do
	command -v $tool >/dev/null
	ok $? "$tool is there" || {
		diag 'run: sh tangle/setup tests'
		done_testing
	}
done

# axe-core comes from npm, once, into the cache.
axe=4.10.3
sum=880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lguest-journey
if [ ! -s "$cache/axe-core-$axe.js" ]; then
	(
		mkdir -p "$cache" && cd "$scratch" && npm pack --silent --fetch-retries=2 axe-core@$axe &&
			tar -xzf axe-core-$axe.tgz package/axe.min.js && echo "$sum  package/axe.min.js" | sha256sum -c
	) >"$scratch/said" 2>&1 && mv "$scratch/package/axe.min.js" "$cache/axe-core-$axe.js"
fi
[ -s "$cache/axe-core-$axe.js" ]
ok $? 'axe-core is there' || diag "$(cat "$scratch/said")"

sh weave/weave >"$scratch/said" 2>&1
ok $? 'the book is woven' || {
	diag "$(cat "$scratch/said")"
	done_testing
}
# A copy, lest somebody weaves while we look.
cp -R book/html "$scratch/html" && cp -R build/read "$scratch/read"
ok $? 'and copied'
perl tests/browser.pl "$scratch/html" "$cache/axe-core-$axe.js" "$scratch/read" >"$scratch/tap"
adopt 'the browser' "$scratch/tap"

done_testing
