# SPDX-License-Identifier: GPL-2.0-only
#
# perl browser.pl BOOK AXE [TREE]: look at the book in the folder BOOK as a reader does, in Chromium and from file://, and report
# in TAP. AXE is axe-core's script, TREE the tangled sources, whose messages search must find. The browser is driven by
# chromedriver, which speaks the W3C's WebDriver: JSON over HTTP. Environment: ONLY = the pages to look at (all).

use strict;
use warnings;
use utf8;
use Encode qw(decode_utf8);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use Cwd qw(realpath);

binmode STDOUT, ':utf8';
binmode STDERR, ':utf8';
my ($book, $axe, $tree) = @ARGV;
$book = realpath($book) or die "no book\n";
my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my $folder = tempdir(CLEANUP => 1);

# --- the driver

# In a group of its own, with all that it starts. (What is not my own is closed only after END.)
my $pid = open(our $driver, '-|') // die "no process: $!\n";
if (!$pid) {
	setpgrp;
	open STDERR, '>', "$folder/err";
	exec qw(chromedriver --port=0) or die "chromedriver: $!\n";
}
my $port;
while (<$driver>) {
	last if ($port) = /successfully on port (\d+)/;
}
$port or die "chromedriver says no port\n";
my $http = HTTP::Tiny->new(timeout => 300, http_proxy => undef, proxy => undef);
my $session;

END {
	my $status = $?;
	eval { call('DELETE', '') } if $session;
	kill 'KILL', -$pid if $pid;
	$? = $status;
}

# call METHOD, PATH, DATA: one command of WebDriver.
sub call
{
	my ($method, $path, $data) = @_;
	my $url = "http://127.0.0.1:$port/session" . ($session ? "/$session$path" : '');
	my $answer = $http->request($method, $url, $method eq 'POST' ?
		{content => $json->encode($data // {}), headers => {'Content-Type' => 'application/json'}} : {});
	my $value = eval { $json->decode($answer->{content})->{value} };
	$answer->{success} or die "$method $path: " . (ref $value ? $value->{message} : $answer->{content}) . "\n";
	return $value;
}

my $begun = call('POST', '', {capabilities => {alwaysMatch => {browserName => 'chrome', pageLoadStrategy => 'normal',
	'goog:loggingPrefs' => {browser => 'ALL'}, 'goog:chromeOptions' => {args => ['--headless=new', '--no-sandbox', '--disable-gpu',
		'--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run', '--window-size=1600,1000', "--user-data-dir=$folder/profile"]}}}});
$session = $begun->{sessionId};
call('POST', '/timeouts', {script => 120000, pageLoad => 120000});

sub js { my ($text, @args) = @_; return call('POST', '/execute/sync', {script => $text, args => [@args]}) }
sub js_async { my ($text, @args) = @_; return call('POST', '/execute/async', {script => $text, args => [@args]}) }
sub visit { my ($page) = @_; call('POST', '/url', {url => 'about:blank'}); call('POST', '/url', {url => "file://$book/$page"}) }
sub size { my ($w, $h) = @_; call('POST', '/window/rect', {width => $w, height => $h}) }
sub find { my ($css) = @_; my $e = call('POST', '/element', {using => 'css selector', value => $css}); return (values %$e)[0] }
sub click { my ($css) = @_; my $e = find($css); call('POST', "/element/$e/click") }
sub place { return js('return location.href.replace(/.*\//, "")') }
sub say_of { my ($page, $text) = @_; return "$page: $text" }

# press TEXT...: type; a list in brackets is pressed together.
sub press
{
	my @actions;
	for my $key (@_) {
		my @chord = ref $key ? @$key : ($key);
		push @actions, map { {type => 'keyDown', value => $_} } @chord;
		push @actions, map { {type => 'keyUp', value => $_} } reverse @chord;
	}
	call('POST', '/actions', {actions => [{type => 'key', id => 'keyboard', actions => \@actions}]});
}
my ($right, $left, $down, $enter, $escape, $control) = map { chr } 0xe014, 0xe012, 0xe015, 0xe007, 0xe00c, 0xe009;

# soon CODE: it becomes true, if the browser is given some time.
sub soon
{
	my ($code) = @_;
	for (1 .. 600) {
		my $value = $code->();
		return $value if $value;
		select undef, undef, undef, .05;
	}
	return 0;
}

# --- TAP

my $tests = 0;
$| = 1;
sub ok
{
	my ($good, $name, @why) = @_;
	$tests++;
	print $good ? 'ok' : 'not ok', " $tests - $name\n";
	print STDERR time - $^T, " $name\n" if $ENV{TIMES};
	print STDERR map { "# $_\n" } "failed: $name", @why unless $good;
	return $good;
}
sub is { my ($got, $wanted, $name) = @_; $got //= '(nothing)'; return ok($got eq $wanted, $name, "got: $got", "wanted: $wanted") }
sub none { my ($list, $name) = @_; return ok(!@$list, $name, @{$list}[0 .. ($#$list > 19 ? 19 : $#$list)], $#$list > 19 ? '... ' . @$list . ' of them' : ()) }

my @console;
# What the browser has to complain of since it was asked last.
sub complaints { my ($page) = @_; push @console, map { say_of($page, $_->{message}) } @{call('POST', '/se/log', {type => 'browser'})} }

# --- every page: pictures, width, console

my @pages = $ENV{ONLY} ? split ' ', $ENV{ONLY} : map { s,.*/,,r } sort glob "$book/*.html";
my (@pictures, @wide, @ids, %kind);
my $look = <<'END';
const wrong = [];
const say = (svg, text) => wrong.push(`${svg.closest('figure')?.querySelector('figcaption')?.textContent || svg.getAttribute('aria-label') || 'a picture'}: ${text}`);
for (const svg of document.querySelectorAll('.drawn svg')) {
	const [x, y, w, h] = svg.getAttribute('viewBox').split(/\s+/).map(Number);
	const toRoot = svg.getScreenCTM().inverse();
	const boxes = [...svg.querySelectorAll('text')].map(t => {
		// The corners in the picture's own units, whatever groups move them.
		const b = t.getBBox(), m = toRoot.multiply(t.getScreenCTM());
		const corners = [[b.x, b.y], [b.x + b.width, b.y], [b.x, b.y + b.height], [b.x + b.width, b.y + b.height]]
			.map(([px, py]) => new DOMPoint(px, py).matrixTransform(m));
		const xs = corners.map(p => p.x), ys = corners.map(p => p.y);
		return {text: t.textContent.trim(), left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
	}).filter(b => b.text);
	for (const b of boxes)
		if (b.left < x - .5 || b.right > x + w + .5 || b.top < y - .5 || b.bottom > y + h + .5)
			say(svg, `"${b.text}" stands outside (${[b.left, b.top, b.right, b.bottom].map(Math.round)} of ${w} ${h})`);
	// Letters do not fill the height of their line.
	for (let i = 0; i < boxes.length; i++)
		for (let j = i + 1; j < boxes.length; j++) {
			const a = boxes[i], b = boxes[j];
			const over = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			if (over > 1 && high > .35 * Math.min(a.bottom - a.top, b.bottom - b.top))
				say(svg, `"${a.text}" and "${b.text}" stand on each other`);
		}
}
return wrong;
END
my $over = <<'END';
const main = document.querySelector('main');
const over = [...main.querySelectorAll('*')].find(e => {
	const r = e.getBoundingClientRect();
	if (!r.width || r.right <= 361)
		return false;
	for (let p = e.parentElement; p; p = p.parentElement)
		if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX) && p !== document.documentElement && p !== document.body)
			return false;
	return true;
});
return over ? `${over.tagName.toLowerCase()}.${over.getAttribute('class')}: ${over.textContent.trim().slice(0, 60)}` : '';
END
sub device { my ($w, $h) = @_; call('POST', '/goog/cdp/execute', {cmd => $w ? 'Emulation.setDeviceMetricsOverride' : 'Emulation.clearDeviceMetricsOverride',
	params => $w ? {width => $w, height => $h, deviceScaleFactor => 1, mobile => JSON::PP::false} : {}}) }
size(1600, 1000);
for my $page (@pages) {
	visit($page);
	push @pictures, map { say_of($page, $_) } @{js($look)};
	device(360, 740);
	my $wide = js($over);
	push @wide, say_of($page, $wide) if $wide;
	device();
	complaints($page);
}
none(\@pictures, 'pictures: the text of each is inside and not over other text');
none(\@wide, 'a telephone: no page is wider than the screen, code and pictures scroll inside themselves');
size(1600, 1000);

# --- moving

my @chapters = grep { /^[A-Z]-\d/ } @pages;
visit('index.html');
my $next = js('return document.querySelector(".walk .next").getAttribute("href")');
press($right);
ok(soon(sub { place() eq $next }), 'keys: right goes on', place());
my $previous = js('return document.querySelector(".walk .prev").getAttribute("href")');
press($left);
ok(soon(sub { place() eq $previous }), 'keys: left goes back', place());

# --- search

sub search
{
	my ($text) = @_;
	press('/') unless js('return document.querySelector("dialog.find")?.open');
	soon(sub { js('return document.querySelector("dialog.find")?.open') }) or return [];
	js('const i = document.querySelector(".find input"); i.value = arguments[0]; i.dispatchEvent(new Event("input"));', $text);
	soon(sub { js('return !/being read/.test(document.querySelector(".find [role=status]").textContent)') });
	return js('return [...document.querySelectorAll(".find li a")].map(a => [a.getAttribute("href"), a.firstChild.data, a.textContent])');
}
is(js('return document.querySelectorAll("script[src^=search]").length'), 0, 'search: nothing is loaded before it is opened');
my $identifier = 'lg_demand_page';
is(search($identifier)->[0][1], $identifier, 'search: an identifier is the first that is found');
like_hit(search('four words and a trick'), 'P-010', 'search: the title of a chapter');
my $phrase = js_phrase();
like_hit(search($phrase->[1]), $phrase->[0], "search: a phrase ($phrase->[1])");
like_hit(search('hypervizor'), 'P-010', 'search: a slip of the finger');
press($down);
is(js('return [...document.querySelectorAll(".find li")].findIndex(li => li.className === "now")'), 1, 'search: the arrow marks the next');
my $target = js('return document.querySelector(".find li.now a").getAttribute("href")');
js('document.querySelector(".find input").focus()');
press($enter);
ok(soon(sub { place() eq $target }), 'search: enter goes there', place(), $target);

sub like_hit
{
	my ($hits, $page, $name) = @_;
	return ok(scalar(grep { $_ && $_->[0] =~ /^\Q$page/ } @{$hits}[0 .. 4]), $name, map { "$_->[0] $_->[2]" } grep { defined } @{$hits}[0 .. 4]);
}

# Some words of a chapter as they are displayed, from the middle of it.
sub js_phrase
{
	open my $file, '<:utf8', "$book/$chapters[@chapters / 2]" or die $!;
	local $/;
	# A long paragraph of plain words.
	my ($p) = grep { length > 120 && !/[<&]/ } <$file> =~ m{<p>(.*?)</p>}sg;
	my @words = split ' ', $p // 'no such paragraph';
	return [$chapters[@chapters / 2], join ' ', @words[3 .. 8]];
}

# Every message of our programs: the string in a call that prints, and what a reader who sees it finds.
my (%messages, @lost);
if ($tree) {
	for my $file (split /\n/, `find '$tree/host' '$tree/launcher' '$tree/lab' -type f`) {
		open my $in, '<:utf8', $file or next;
		local $/;
		my $text = <$in> // '';
		my $call = $file =~ /\.[ch]$/ ? qr/\b(?:die|warn|complain|pr_\w+|printf|fprintf|lg_kill|kill_guest|lg_\w*die|say|tell|verbose|err|errx|warnx)\s*\([^;"]*?/ :
			qr/(?:^|[\s;{&|])(?:die|say|echo|printf|complain)\s+/;
		while ($text =~ /$call("(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*)/g) {
			my $message = $1;
			$message =~ s/"\s*"//g;
			$message =~ s/^"|"$//g;
			$message =~ s/\\[ntr]/ /g;
			# The longest part between what is filled in.
			my ($part) = sort { length $b <=> length $a } split /%[-0-9.*lhz]*\w|\$\{?\w+\}?|\$\([^)]*\)|<\w+>|\\./, $message;
			$messages{$part} = $file if defined $part && $part =~ /\w+\W+\w+\W+\w+/;
		}
	}
	ok(keys(%messages) > 100, 'messages: our programs have some', scalar keys %messages);
	visit('index.html');
	search('the');
	# All at once, in the page: what is typed one by one takes a minute.
	my @texts = sort keys %messages;
	my $found = js(<<'END', \@texts);
const input = document.querySelector('.find input');
return arguments[0].map(text => {
	input.value = text;
	input.dispatchEvent(new Event('input'));
	return !/^(No|None)/.test(document.querySelector('.find [role=status]').textContent) && document.querySelectorAll('.find li').length > 0;
});
END
	@lost = map { "$messages{$texts[$_]}: $texts[$_]" } grep { !$found->[$_] } 0 .. $#texts;
	none(\@lost, 'search: the text of each message of our programs');
	complaints('index.html');
}

# --- chunks

# A chapter with a file that is made of many pieces.
my ($with_use) = grep { /^H-3/ } @chapters;
$with_use //= $chapters[0];
visit($with_use);
my ($text, $from) = @{js(<<'END')};
const use = document.querySelector('.chunk pre a.use');
use.previousSibling.scrollIntoView({block: 'center'});
use.previousSibling.id = 'this-one';
return [use.textContent, use.getAttribute('href')];
END
click('#this-one');
ok(soon(sub { js('return document.querySelector("#this-one + a + .inset")?.textContent.trim().length > 20') }), 'a chunk opens in place');
is(js('return document.querySelector("#this-one").getAttribute("aria-expanded")'), 'true', 'and says so to a screen reader');
click('#this-one');
ok(soon(sub { js('return !document.querySelector("#this-one + a + .inset")') }), 'and closes');

js('const b = document.querySelector("figure.chunk.file button"); b.id = "copy-it"; b.scrollIntoView({block: "center"})');
my $name = js('return document.querySelector("figure.chunk.file .name").textContent.replace(/[⟨⟩≡+]/g, "")');
click('#copy-it');
ok(soon(sub { js('return document.getElementById("copy-it").textContent') eq 'copied' }), 'copy: says that it is done');
js('const t = document.createElement("textarea"); t.id = "paste-it"; document.querySelector("main").prepend(t); t.focus()');
press([$control, 'v']);
my $copied = soon(sub { js('return document.getElementById("paste-it").value') }) // '';
my $tangled = '';
if ($tree && open my $in, '<:utf8', "$tree/$name") {
	local $/;
	$tangled = <$in>;
	$tangled =~ s/^.*Made by tangling: edit .*\n//mg;
}
my @got = split /\n/, $copied;
my @wanted = split /\n/, $tangled;
my ($differs) = grep { ($got[$_] // '') ne ($wanted[$_] // '') } 0 .. ($#got > $#wanted ? $#got : $#wanted);
is(defined $differs ? "line $differs: " . ($got[$differs] // '') : 'the same', @wanted ? 'the same' : "a file $name", "copy: gives the tangled text ($name)");
ok(js('return [...document.querySelectorAll(".meta .uses a")].some(a => a.getBoundingClientRect().left > document.querySelector(".chunk pre").getBoundingClientRect().right)'),
	'the margin beside a chunk tells where its identifiers are defined');
js('document.querySelector("a.id").focus()');
ok(soon(sub { js('return !document.querySelector("div.tip").hidden && document.querySelector("div.tip").textContent.length > 5') }),
	'an identifier tells what it is, to the keyboard, too');
complaints($with_use);

# --- the theme

my $paper = 'return getComputedStyle(document.documentElement).backgroundColor';
my $light = js($paper);
click('#theme');
my $dark = js($paper);
ok($light ne $dark, 'theme: the button changes it', $light, $dark);
visit($chapters[0]);
is(js($paper), $dark, 'theme: another page has it, too');
click('#theme');
is(js($paper), $light, 'theme: and back');

# --- old numbers

if (-e "$book/moved.html") {
	visit('moved.html');
	my $old = js('return document.querySelector("tr[id]")?.id');
	if ($old) {
		visit("index.html#$old");
		ok(soon(sub { place() eq "moved.html#$old" }), 'an old number leads to the new one', place());
	}
}

# --- print and accessibility

sub accessible
{
	my ($page, $how) = @_;
	js(do { local $/; open my $in, '<:utf8', $axe or die "$axe: $!\n"; <$in> });
	return map { my $f = $_; map { say_of("$page ($how)", "$f->{id} ($f->{impact}): $_") } @{$f->{nodes}} } @{js_async(<<'END')};
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
	.map(v => ({id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 4).map(n => n.target.join(' ') + ': ' + n.html.slice(0, 160))}))), e => done([{id: String(e), impact: 'none', nodes: ['']}]));
END
}
if ($axe) {
	my @found;
	my %first;
	for my $page (@chapters) {
		$first{substr $page, 0, 1} //= $page;
	}
	my @some = $ENV{ONLY} ? @pages : grep { defined && -e "$book/$_" } 'index.html', @first{qw(P L S)}, 'glossary.html', 'moved.html';
	for my $page (@some) {
		visit($page);
		push @found, accessible($page, 'light');
	}
	js('localStorage.setItem("theme", "dark")');
	for my $page (grep { defined } $some[0], $first{P} // $some[0]) {
		visit($page);
		push @found, accessible($page, 'dark');
	}
	js('localStorage.removeItem("theme")');
	device(360, 740);
	visit($chapters[0]);
	push @found, accessible($chapters[0], 'narrow');
	device();
	visit('index.html');
	search('guest');
	push @found, accessible('index.html', 'search');
	none(\@found, 'axe-core: no serious finding');
}

none(\@console, 'the console is silent');
print "1..$tests\n";
