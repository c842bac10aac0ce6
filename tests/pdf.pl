# SPDX-License-Identifier: GPL-2.0-only
#
# perl pdf.pl BOXES TEXT BUILD: look at the words' boxes in the book's pages as `pdftotext -bbox` prints them, and at their text as
# `pdftotext -raw` does, and report in TAP. BUILD is the folder that has weave's outline of the pages, and their bodies.

use strict;
use warnings;
use utf8;

binmode STDOUT, ':utf8';
binmode STDERR, ':utf8';
my ($boxes, $raw, $build) = @ARGV;
my $tests = 0;
sub ok
{
	my ($good, $name, @why) = @_;
	$tests++;
	print $good ? 'ok' : 'not ok', " $tests - $name\n";
	print STDERR map { "# $_\n" } "failed: $name", @why > 20 ? (@why[0 .. 19], '... ' . @why . ' of them') : @why unless $good;
	return $good;
}
sub text { my ($t) = @_; $t =~ s/&lt;/</g; $t =~ s/&gt;/>/g; $t =~ s/&quot;/"/g; $t =~ s/&(#39|apos);/'/g; $t =~ s/&amp;/&/g; return $t }

# The pages: size, words with their places, lines.
my (@pages, @words);
open my $in, '<:utf8', $boxes or die "$boxes: $!\n";
while (<$in>) {
	if (/<page width="([\d.]+)" height="([\d.]+)"/) {
		push @pages, {width => $1, height => $2, words => [], lines => []};
	} elsif (/<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)<\/word>/) {
		push @{$pages[-1]{words}}, [$1, $2, $3, $4, text($5)];
	}
}
{
	local $/ = "\f";
	open my $text, '<:utf8', $raw or die "$raw: $!\n";
	for my $n (0 .. $#pages) {
		$pages[$n]{lines} = [split /\n/, (<$text> // '') =~ s/\f//r];
	}
}
ok(@pages > 300, 'there are pages', scalar @pages);

# Nothing outside the margins that print.css sets, in points, with some slack for a letter that leans.
my $mm = 72 / 25.4;
my @outside;
for my $n (0 .. $#pages) {
	my $page = $pages[$n];
	for my $w (@{$page->{words}}) {
		push @outside, sprintf('page %d: %s at %.0f to %.0f, %.0f to %.0f', $n + 1, $w->[4], @$w[0, 2, 1, 3])
			if $w->[0] < 15 * $mm || $w->[2] > $page->{width} - 13 * $mm || $w->[1] < 0 || $w->[3] > $page->{height};
	}
}
ok(!@outside, 'no word stands outside its margins', @outside);

# Each chapter's code is there as a whole: its words are found, in their order, in the book's.
my $all = join ' ', map { @{$_->{lines}} } @pages;
my $squeezed = $all =~ s/\s+//gr;
my (@lost, @sections);
open my $outline, '<:utf8', "$build/outline" or die "$build/outline: $!\n";
while (<$outline>) {
	my ($name, $letter) = split /\t/;
	next unless $letter;
	open my $file, '<:utf8', "$build/$name.body" or die $!;
	local $/;
	my $body = <$file>;
	while ($body =~ m{<h2 id="[^"]*"[^>]*><a class="label"[^>]*>([A-Z]:\d{3})</a>\s*(.*?)</h2>}sg) {
		push @sections, $1;
	}
	# Lines that are no longer than the page is wide; a longer one goes on in the next.
	while ($body =~ m{<pre[^>]*tabindex="0"><code>(.*?)</code></pre>}sg) {
		for my $line (split /\n/, $1) {
			$line = text($line =~ s/<[^>]*>//gr) =~ s/\s+//gr;
			next if length $line < 12 || $line =~ /\x{27E8}/;
			push @lost, "$name: $line" if index($squeezed, $line) < 0;
		}
	}
}
# A line at a page's end may be divided by the page's head and number.
ok(@lost < @pages / 3, 'the lines of code are all there', @lost);

# The contents tell the page on which a section stands.
my (@wrong, %listed);
for my $n (0 .. $#pages) {
	my $flat = join ' ', @{$pages[$n]{lines}};
	while ($flat =~ /\b([A-Z]:\d{3}) (?:(?![A-Z]:\d{3}).)*?(?: \.){2,} (\d+)\b/g) {
		my ($label, $page) = ($1, $2);
		next if $listed{$label}++;
		my $there = $page <= @pages ? join ' ', @{$pages[$page - 1]{lines}} : '';
		push @wrong, "$label is not on page $page" unless $there =~ /\b\Q$label\E\b/;
	}
}
ok(!@wrong, 'the contents lead to the pages', @wrong);
my @unlisted = grep { !$listed{$_} } @sections;
ok(@unlisted < @sections / 20, 'and have the sections', @unlisted);	# (a long title takes two lines)
for my $index ('Index of identifiers', 'Index of chunks', 'Index of subjects', 'Glossary', 'Contents') {
	ok(scalar(grep { grep { $_ eq $index } @{$_->{lines}} } @pages), "there is: $index");
}
ok($all =~ /\(p\. \d+\)/, 'a link tells its page');
print "1..$tests\n";
