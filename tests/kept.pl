#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# kept.pl [TREE]: read the prose of all chapters as a distrustful colleague would, and look up what it names (W:930).
#
# One line for each fault: FILE:LINE: what is wrong and what to do. TREE: the folder with journey/ (default: this one); it has
# been tangled and built. Environment: LINUX = Linux's sources, to look up what is not ours; LGUEST = the Launcher, to ask for its
# options; both must be set, and who wants to do without one says so with an empty value. What can be looked up in neither stands
# in tests/known, words that no dictionary has in tests/words; without TREE, entries there that nothing needs are faults, too.
# Status: 0 = no fault, 1 = some, 2 = what it takes to find them is missing, and a line says what.
use strict;
use warnings;
use open qw(:std :utf8);
use File::Find;
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib "$Bin/../build/src/lab";
use chapters;

# What is missing finds no fault, and nobody would notice.
sub missing
{
	print STDERR "kept.pl: $_[0]\n";
	exit 2;
}

my $tmp = tempdir(CLEANUP => 1);
for (['LINUX', "the folder with Linux's source"], ['LGUEST', 'the Launcher']) {
	missing("$_->[0] is not set: it names $_->[1], or is empty if we do without") unless defined $ENV{$_->[0]};
}
my ($linux, $launcher) = @ENV{'LINUX', 'LGUEST'};
missing("LINUX=$linux is no folder; make unpacks Linux's source") if length $linux && !-d $linux;
my $options = length $launcher ? `'$launcher' --help` : '';
my %launcher = map { $_ => 1 } $options =~ /(--[a-z][a-z-]+)/g;
missing("LGUEST=$launcher tells no options; make builds the Launcher") if length $launcher && !%launcher;
chdir $ARGV[0] or missing("$ARGV[0]: $!") if @ARGV;
my (@faults, %known, %symbol, %file, %label, %moved, %verb, %variable, %option, %ours, %chunk);

sub fault
{
	push @faults, [@_];
}

sub slurp
{
	open my $in, '<:raw', $_[0] or return '';
	my $text = do { local $/; <$in> } // '';
	utf8::decode($text);
	return $text;
}

# --- what there is

my @chapters = chapters::list();
my @texts = grep { -e } qw(README CONTRIBUTING NEWS);
my %blocks = map { $_ => [chapters::blocks($_)] } @chapters, @texts;

# tests/known: KIND NAME REASON, of what is neither ours nor in Linux's sources. tests/words: a word in each line.
# entries FILE: of each entry, the line's number and the words that it begins with.
sub entries
{
	my ($shape, $line) = ({ known => qr/^(symbol|file|option|variable) (\S+) \S/, words => qr/^([^#\s]+)$/ }->{$_[0]}, 0);
	return map { $line++; my @words = /$shape/; @words ? [$line, @words] : () } split /\n/, slurp("$Bin/$_[0]");
}

my (%needed, %known_word);
$known{$_->[1]}{$_->[2]} = 1 for entries('known');
$known_word{$_->[1]} = 1 for entries('words');

# known KIND NAME: is it in tests/known? known_word WORD: is it in tests/words? Then that entry is needed. So this is asked
# before anything else: a file that is made one day may be there today.
sub known
{
	return $known{$_[0]}{$_[1]} && ++$needed{"$_[0] $_[1]"};
}

sub known_word
{
	return $known_word{$_[0]} && ++$needed{$_[0]};
}

# names PATH: a file is known by its path, by its name, and by all that lies between; so are the folders that it lies in.
sub names
{
	my @parts = split m{/}, $_[0];
	for my $from (0 .. $#parts) {
		$file{join '/', @parts[$from .. $_]} = 1 for $from .. $#parts;
	}
}

# A word of code is known, a word of a comment is not: comments may be as stale as prose.
my @sources;
find({ no_chdir => 1, wanted => sub { push @sources, $_ if -f && !m{^tests/(known|words|kept)} } },
	grep { -e } qw(build/read tests tangle weave Makefile));
for my $path (@sources) {
	my $code = slurp($path);
	names($path =~ s{^build/read/}{}r);
	names("build/$_") for $code =~ m{\bbuild/([a-z][\w-]*)}g;	# it need not be there yet
	if ($path =~ /\.[chS]$/) {
		$code =~ s{/\*.*?\*/}{ }gs;
		$code =~ s{//.*}{}g;
	}
	@symbol{$code =~ /[A-Za-z_]\w*/g} = ();
	@ours{$code =~ /[A-Za-z_]\w*/g} = () if $path =~ m{^build/read/(include|host|guest)/};
	@variable{$code =~ /\$\{?\(?([A-Z][A-Z_]+)/g} = ();
	@option{$code =~ /(?<![\w-])(--[a-z][a-z0-9-]+)/g} = ();
}
names($_) for @chapters, glob('LICENSES/* journey/* build build/* README Makefile');
@variable{slurp('Makefile') =~ /\b([A-Z][A-Z_]+)\b/g} = ();

# Labels, chunks, verbs.
for my $file (@chapters) {
	for my $block (@{$blocks{$file}}) {
		$chunk{$1} = 1 if $block->{kind} eq 'code' && $block->{head} =~ /^<<(.*)>>=/;
		next if $block->{kind} ne 'prose';
		for (@{$block->{lines}}) {
			$label{"$1:$2"} = 1 if /^#+ ([A-Z]):(\d+) /;
			$label{$_} = 1 for /\{#([^ }]+)/g;
		}
	}
}
/^([A-Z]:\d+) ([A-Z]:\d+)/ and $moved{$1} = $2 for split /\n/, slurp('journey/moved');
for my $make (slurp('Makefile'), slurp('build/read/lab/build.mk')) {
	@verb{map { split } $make =~ /^\.PHONY:(.*)/gm} = ();
	@verb{map { ($_, "$_!") } map { split } $make =~ /^parts := (.*)/gm} = ();
	@verb{map { split } $make =~ /^([a-z][a-z -]*):(?!=)/gm} = ();
}

# A section whose subject is told elsewhere keeps a line for those who look it up, and has one in the table of numbers.
for my $file (@chapters) {
	my ($label, $at);
	for my $block (@{$blocks{$file}}) {
		fault($file, $at, "$label is told in $1: say so in journey/moved, too")
			if $label && $block->{head} =~ /^(?:is|are) told (?:of )?in \[([A-Z]:\d+)\]/ && ($moved{$label} // '') ne $1;
		($label, $at) = $block->{kind} eq 'prose' && $block->{head} =~ /^#+ ([A-Z]:\d+) / ? ($1, $block->{line}) : ();
	}
}

# --- what the prose names

my (%wanted_symbol, %wanted_file, %wanted_word);

sub names_symbol
{
	my ($file, $line, $name) = @_;
	if ($name =~ /^LHCALL_/) {
		fault($file, $line, "there is no hypercall $name") unless exists $ours{$name} || $name eq 'LHCALL_';
	} elsif (!known('symbol', $name) && !exists $symbol{$name}) {
		push @{$wanted_symbol{$name}}, [$file, $line];
	}
}

sub names_file
{
	my ($file, $line, $name) = @_;
	$name =~ s{/$}{};
	push @{$wanted_file{$name}}, [$file, $line] unless known('file', $name) || $file{$name} || -e $name;
}

# A command: the verbs of make, and the options of the Launcher.
sub names_command
{
	my ($file, $line, $command) = @_;
	my $argument = qr/[A-Z_]+=(?:'[^']*'|"[^"]*"|[^\s;]*)|[\w.!\/-]+/;
	while ($command =~ /(?:^|[;&|({] *|[A-Z]+=\S+ )make((?: +$argument)+)/g) {
		for ($1 =~ /$argument/g) {
			if (/^([A-Z_]+)=/) {
				fault($file, $line, "make has no variable $1") unless known('variable', $1) || exists $variable{$1};
			} elsif (/^[A-Za-z][a-z-]*!?$/) {
				fault($file, $line, "there is no make $_; make help lists what there is") unless exists $verb{$_};
			} elsif (m{/}) {
				names_file($file, $line, $_);
			}
		}
	}
	if (%launcher && $command =~ /\blguest\b([^|;]*)/) {
		for ($1 =~ /(?<![\w-])(--[a-z][a-z-]+)/g) {
			fault($file, $line, "lguest has no option $_; lguest --help lists them") unless $launcher{$_};
		}
	}
}

# A piece of code in a sentence. MARK is [ or `.
sub names_in
{
	my ($file, $line, $code, $mark) = @_;
	$code = chapters::plain($code);
	names_command($file, $line, $code);
	if ($code =~ /^(--[a-z][a-z0-9-]+)/) {
		fault($file, $line, "nothing here has the option $1") unless known('option', $1) || $launcher{$1} || exists $option{$1};
	} elsif ($code =~ m{^\w[\w.+-]*(/[\w.+-]+)+/?$|^\w[\w+-]*\.(?:[chSt]|nw|lua|awk|p[lm]|mk|config|patch|rst|md)$|^\w[\w.-]*/$}) {
		names_file($file, $line, $code);
	} elsif ($mark eq '[' || $code =~ /^(?:struct )?\w+(?:->\w+)*(?:\(\))?$/ && $code =~ /_|\(\)|->/) {
		$code =~ s/[%\$]\w+|"[^"]*"|\b0x\w+|\b\d\w*//g;
		names_symbol($file, $line, $_) for grep { length > 2 } $code =~ /[A-Za-z_]\w*/g;
	}
}

# What is left of a paragraph when all that is marked has been taken out: the words that a person would read aloud.
sub spell
{
	my ($file, $start, $text) = @_;
	$text =~ s/\{[#.=][^}]*\}//g;
	$text =~ s/\]\([^)]*\)/]/g;
	$text =~ s{\bhttps?:\S+|<[^>\n]*>|\S*\@\S+|[\w.-]*/[\w./-]+}{ }g;
	$text =~ tr/\x{2019}/'/;
	my $line = $start;
	for (split /\n/, $text) {
		my $begin = 1;
		while (/(?<![\w\\])(\p{L}[\p{L}\d_']*)|([.?!:|](?=\s|\*|$)|^\s*(?:[-*#>]|\d+\.)+)/g) {
			my $word = $1;
			$begin = 1, next unless defined $word;
			$word =~ s/'(s)?$//;
			next if $word =~ /[\d_]|.\p{Lu}/ || length $word < 3 || known_word($word) || known_word(lcfirst $word);
			push @{$wanted_word{$word}}, [$file, $line] if $begin || $word !~ /^\p{Lu}/;
		} continue {
			$begin = 0 if defined $1;
		}
		$line++;
	}
}

# Below eleven an author counts by eye, and a round number (ten, twenty, a dozen) is no count.
my $number = qr{\d[\d,]+|(?:\w+ )?hundred(?: and \w+)?|(?i:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|
	(?:twen|thir|for|fif|six|seven|eigh|nine)ty-\w+)}x;

sub read_prose
{
	my ($file, $block) = @_;
	my $text = join "\n", @{$block->{lines}};
	my $at = sub { $block->{line} + (() = substr($text, 0, $_[0]) =~ /\n/g) };
	$text =~ s/<!--.*?-->/$& =~ s{[^\n]}{ }gr/ges;
	while ($text =~ /\{\.recorded\s+(cmd="(?:[^"\\]|\\.)*")/g) {
		names_command($file, $at->($-[0]), chapters::attribute(" $1", 'cmd'));
	}
	$text =~ s/(\{\.recorded)\s+cmd="(?:[^"\\]|\\.)*"/$& =~ s{[^\n]}{.}gr/ges;
	while ($text =~ /@<<(.*?)@>>/gs) {
		my $name = $1 =~ s/\s*\n\s*/ /gr;
		fault($file, $at->($-[0]), "there is no chunk <<$name>>") unless $chunk{$name};
	}
	$text =~ s/@<<.*?@>>/$& =~ s{[^\n]}{ }gr/ges;
	while ($text =~ /\[\[(.*?\]*)\]\]|(`+)(?!`)(.+?)\2/gs) {
		names_in($file, $at->($-[0]), defined $1 ? ($1, '[') : ($3, '`'));
	}
	$text =~ s/\[\[.*?\]*\]\]|(`+)(?!`).+?\1(\{\.\w+\})?/$& =~ s{[^\n]}{~}gr/ges;
	names_symbol($file, $at->($-[0]), $1) while $text =~ /(?<![~\w])([A-Za-z_]\w+)\(\)/g;
	while ($text =~ /\[([A-Z]):(\d+)\]\(#([A-Z]-\d+)\)/g) {
		fault($file, $at->($-[0]), "[$1:$2] leads to #$3") if "$1-$2" ne $3;
	}
	while ($text =~ /\]\(#([^)]*)\)/g) {
		my $id = $1;
		(my $label = $id) =~ s/^([A-Z])-(\d+)$/$1:$2/;
		fault($file, $at->($-[0]), "no section is called $id" . ($moved{$label} ? ": it is $moved{$label} now" : ''))
			unless $label{$id} || $label{$label} || $id =~ /^(term|def|chunk)-/;
	}
	my $sentence = $text =~ s/\n/ /gr;
	while ($sentence =~ /(?<![\w.\]])($number) (lines|files|functions|hypercalls|options|tests)\b/g) {
		fault($file, $at->($-[0]), "\"$1 $2\": let the machine count them, [$1]{.recorded cmd=\"...\"}, or leave it out");
	}
	spell($file, $block->{line}, $text);
}

sub read_fence
{
	my ($file, $block) = @_;
	my $line = $block->{line} - 1;
	my ($class) = $block->{head} =~ /\{\.(\w+)/;
	my $cmd = chapters::attribute($block->{head}, 'cmd');
	$class //= '';
	read_picture($file, $block) if $class eq 'picture';
	if ($class eq 'console') {
		length(chapters::attribute($block->{head}, 'why') // '') or
			fault($file, $line, 'why can no command make this? Write {.console why="..."}, or {.transcript cmd="..."}');
	} elsif ($class eq 'transcript' && !defined $cmd) {
		fault($file, $line, 'what makes this transcript? Write {.transcript cmd="..."}, or {.console why="..."}');
	} elsif ($class eq '' && $file =~ /\.nw$/) {
		fault($file, $line, 'what is this block? Write {.sh}, {.listing}, {.outline}, {.diagram alt="..."}, {.transcript cmd="..."} or ' .
			'{.console why="..."}');
	}
	for (0 .. $#{$block->{lines}}) {
		names_command($file, $line + 1 + $_, $block->{lines}[$_]) if $class =~ /^(sh|)$/ && $block->{lines}[$_] =~ /^(?:\$ )?make /;
		fault($file, $line + 1 + $_, 'a transcript is whole: let the command leave out what is too much')
			if $class eq 'transcript' && $block->{lines}[$_] =~ /^\s*(?:\.\.\.|\[\.\.\.\]|…)\s*$/;
	}
	return unless defined $cmd;
	names_command($file, $line, $cmd);
	fault($file, $line, "pandoc drops the backslash of $1; write \\$1 if the shell needs it")
		while $block->{head} =~ /(?<!\\)(?:\\\\)*(\\[^\w\s"\\])/g;
	open my $sh, '|-', "sh -n >$tmp/out 2>&1" or die "sh: $!\n";
	print $sh "$cmd\n";
	fault($file, $line, 'no shell understands this command: ' . (slurp("$tmp/out") =~ s/\n.*//sr)) unless close $sh;
	fault($file, $line, 'nothing has been recorded: make record ONLY=\'' . "$file:$line:'") unless @{$block->{lines}};
}

# A picture has words: those under it are prose, and those in it may be names.
sub read_picture
{
	my ($file, $block) = @_;
	my $text = join "\n", @{$block->{lines}};
	while ($text =~ m{<(title|desc|text)\b[^>]*>(.*?)</\1>}gs) {
		my ($kind, $words) = ($1, $2);
		my $line = $block->{line} + (() = substr($text, 0, $-[2]) =~ /\n/g);
		$words =~ s/&\w+;/ /g;
		names_symbol($file, $line, $_) for $words =~ /(?<![\w\/.%-])([A-Za-z]\w*_\w+|\w{3,}(?=\(\)))(?![\w\/.])/g;
		spell($file, $line, $words =~ s/[%\$]\w+|\w*_\w*|\w+\(\)/~/gr) if $kind ne 'text';
	}
}

# Comments are prose, too: they are spelled.
sub read_code
{
	my ($file, $block) = @_;
	my $text = join "\n", @{$block->{lines}};
	return if $text =~ m{=~|\bmy [($@%]};	# Perl: a pattern looks like a comment
	while ($text =~ m{(?<!\S)/\*(?=\s)(.*?)\*/|^\s*(# [^\n]*)}gms) {
		my $comment = $1 // $2;
		my $line = $block->{line} + (() = substr($text, 0, $-[0]) =~ /\n/g);
		next if $comment =~ /shellcheck|SPDX/;
		$comment =~ s/\w*[_\d()@%\$<>=`\\]+[\w()@%\$.>\\-]*/~/g;
		spell($file, $line, $comment);
	}
}

for my $file (@chapters, @texts) {
	for my $block (@{$blocks{$file}}) {
		read_prose($file, $block) if $block->{kind} eq 'prose';
		read_fence($file, $block) if $block->{kind} eq 'fence';
		read_code($file, $block) if $block->{kind} eq 'code';
	}
}

# Labels stand in comments, too.
for my $file (@chapters, @texts, 'Makefile', grep { m{^(tests|weave|tangle)/} && !m{/(weave|tangle|kept)\.t$|/(words|known)$} } @sources) {
	my $line = 0;
	for (split /\n/, slurp($file)) {
		$line++;
		while (/(?<![\w:.<>"-])([PGDLHSMW]:\d{3})(?!\d)/g) {
			next if $label{$1};
			fault($file, $line, "no section is called $1" . ($moved{$1} ? ": it is $moved{$1} now" : ''));
		}
	}
}

# --- look elsewhere for what is not ours

# found WORDS FOLDER...: those of the words that stand somewhere in the folders' sources.
sub found
{
	my ($words, @folders) = @_;
	@folders = grep { -e } @folders or return;
	return unless @$words;
	open my $list, '>', "$tmp/words" or die "$tmp: $!\n";
	print $list "$_\n" for @$words;
	close $list;
	open my $grep, '-|', 'grep', '-rhowF', '--include=*.[chS]', '--include=Kconfig*', '-f', "$tmp/words", @folders or die "grep: $!\n";
	local $ENV{LC_ALL} = 'C';
	my %found;
	while (<$grep>) {
		chomp;
		$found{$_} = 1;
	}
	return keys %found;
}

my @folders = map { "$linux/$_" } qw(include arch/x86 kernel mm init lib drivers/virtio drivers/char drivers/block/virtio_blk.c
	drivers/net/tun.c drivers/net/virtio_net.c drivers/tty drivers/clocksource drivers/xen virt arch/powerpc/include fs/exec.c fs/aio.c fs/eventfd.c
	fs/proc tools security net/core arch/Kconfig);
delete @wanted_symbol{found([keys %wanted_symbol], @folders)} if $linux;
delete @wanted_symbol{found([map { /^CONFIG_(.+)/ } keys %wanted_symbol], "$linux/arch", "$linux/lib", "$linux/init", "$linux/mm")} if $linux;
delete @wanted_symbol{found([keys %wanted_symbol], '/usr/include')};

if ($linux && %wanted_file) {
	find({ no_chdir => 1, wanted => sub {
		my $path = substr $_, length($linux) + 1;
		my $name = $path =~ s{.*/}{}r;
		delete @wanted_file{$path, $name, "$name/"};
		delete $wanted_file{$_} for grep { m{/} && "/$path" =~ m{/\Q$_\E$} } keys %wanted_file;
	} }, grep { -d } map { "$linux/$_" } qw(arch/x86 include kernel mm drivers/virtio Documentation scripts init lib virt drivers/net tools));
	-e "$linux/$_" and delete $wanted_file{$_} for keys %wanted_file;
}

if (%wanted_word) {
	open my $list, '>', "$tmp/words" or die "$tmp: $!\n";
	print $list "$_\n" for sort keys %wanted_word;
	close $list;
	my %wrong = map { chomp; $_ => 1 } `exec hunspell -i utf-8 -d en_GB -l $tmp/words`;
	missing('hunspell does not run; install the Debian packages hunspell and hunspell-en-gb') if $?;
	delete @wanted_word{grep { !$wrong{$_} } keys %wanted_word};
}

for (['symbol', \%wanted_symbol, 'stands in no source'], ['file', \%wanted_file, 'is no file'], ['', \%wanted_word, 'no dictionary has it']) {
	my ($kind, $wanted, $what) = @$_;
	my $cure = $kind ? "mend it, or say in tests/known: $kind %s WHY" : 'mend it, or write it into tests/words';
	for my $name (keys %$wanted) {
		fault(@$_, "\"$name\": $what; " . ($cure =~ s/%s/$name/r)) for @{$wanted->{$name}};
	}
}

if (!@ARGV) {
	for my $entry (entries('known')) {
		my ($line, $kind, $name) = @$entry;
		fault('tests/known', $line, "no chapter names the $kind $name any more: take the line out") unless $needed{"$kind $name"};
	}
	for my $entry (entries('words')) {
		my ($line, $word) = @$entry;
		fault('tests/words', $line, "no chapter has the word $word any more: take the line out") unless $needed{$word};
	}
}

my %told;
for (sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] || $a->[2] cmp $b->[2] } @faults) {
	my $text = "$_->[0]:$_->[1]: $_->[2]\n";
	print $text unless $told{$text}++;
}
exit(@faults ? 1 : 0);
